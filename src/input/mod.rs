//! From paths to profiles' texts.

mod exposure;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::check::{Checked, EnvFile, Options, about, check};
use crate::finding::Finding;
use crate::policy::Exposure;
use crate::profile::{Mode, quoted};
use crate::source::{KeyPath, Source};

/// The name that a profile is looked for by.
pub const PROFILE: &str = "security.toml";

/// No profile is longer; what is longer is some other file.
const MOST: u64 = 16 << 20;

/// Why a path gave no profile.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The world would not let us.
    #[error("{}: {error}", quoted(&path.display().to_string()))]
    Io {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A folder holds no profile.
    #[error("{}: no {PROFILE} in this folder or below; a profile of another name can be named itself", quoted(&.0.display().to_string()))]
    None(PathBuf),
    /// A folder holds several where one is meant.
    #[error("{}: several profiles here, name one of them: {}", quoted(&.0.display().to_string()), .1.join(", "))]
    Several(PathBuf, Vec<String>),
    /// A file is not a profile by its size.
    #[error("{}: larger than 16 MiB, so it is no profile", quoted(&.0.display().to_string()))]
    TooLarge(PathBuf),
    /// A file is a named pipe, which may have no writer.
    #[error("{}: a named pipe, not a file", quoted(&.0.display().to_string()))]
    Pipe(PathBuf),
}

/// The profiles that paths mean: a file is one, a folder is searched for
/// `security.toml` (git's ignores honoured), nothing means `./security.toml`.
pub fn profiles(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<Error>) {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    if paths.is_empty() {
        found.push(PathBuf::from(PROFILE));
    }
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        for entry in ignore::WalkBuilder::new(path).sort_by_file_path(Ord::cmp).build() {
            match entry {
                Ok(entry) if entry.file_name() == PROFILE && entry.file_type().is_some_and(|kind| !kind.is_dir()) => {
                    found.push(entry.into_path());
                }
                Ok(_) => {}
                Err(error) => {
                    let error = error.into_io_error().unwrap_or_else(|| std::io::Error::other("cannot be searched"));
                    errors.push(Error::Io { path: path.clone(), error });
                }
            }
        }
        if found.len() == before && errors.is_empty() {
            errors.push(Error::None(path.clone()));
        }
    }
    // The same file may have been named and found.
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|path| seen.insert(path.clone()));
    (found, errors)
}

/// A file's bytes, at most as many as a profile can have.
fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let io = |error| Error::Io { path: path.to_owned(), error };
    if waits(path) {
        return Err(Error::Pipe(path.to_owned()));
    }
    let file = File::open(path).map_err(io)?;
    // With room for all of it and one byte more, a file is read in two calls.
    let expected = file.metadata().map_or(0, |data| data.len().min(MOST));
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default() + 1);
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MOST {
        return Err(Error::TooLarge(path.to_owned()));
    }
    Ok(bytes)
}

/// Whether opening a file may take forever: a named pipe's may. What a shell gives as `/dev/fd/63` has a writer.
#[cfg(unix)]
fn waits(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let is_the_shells = ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder));
    !is_the_shells && std::fs::metadata(path).is_ok_and(|data| data.file_type().is_fifo())
}

#[cfg(not(unix))]
fn waits(_: &Path) -> bool {
    false
}

/// A profile's text, or the finding that it is no text.
pub fn read(path: &Path) -> Result<Result<Source, Box<Checked>>, Error> {
    Ok(String::from_utf8(bytes(path)?).map(|text| Source::new(path, text)).map_err(|error| {
        Box::new(not_text(path, &error, "PRF001", "save the file as UTF-8; TOML has no other encoding"))
    }))
}

/// Who else may come to read a file.
pub fn exposure(path: &Path) -> Exposure {
    exposure::of(path)
}

/// A `.env` file for a mode, or the finding that it is no text.
pub fn env_file(mode: Option<Mode>, path: &Path) -> Result<Result<EnvFile, Box<Checked>>, Error> {
    const HELP: &str = "save the file as UTF-8; its readers differ in what they make of anything else";
    let file = |text| EnvFile { mode, source: Source::new(path, text), exposure: exposure::of(path) };
    Ok(String::from_utf8(bytes(path)?).map(file).map_err(|error| {
        let mut broken = not_text(path, &error, "RND001", HELP);
        // What is no text has no reader that knows its secrets.
        broken.secrets.push((0, (0..broken.sources[0].text.len()).into()));
        Box::new(broken)
    }))
}

/// Reads and checks one profile.
pub fn read_and_check(path: &Path, options: &Options) -> Result<Checked, Error> {
    Ok(match read(path)? {
        Ok(source) => check(source, options),
        Err(broken) => *broken,
    })
}

/// Reads and checks many, in their order. Threads are started only where there
/// is work for them: they cost as much as thirty profiles.
pub fn read_and_check_all(paths: &[PathBuf], options: &Options) -> Vec<Result<Checked, Error>> {
    const WORTH_A_THREAD: usize = 32;
    // Asking for the number of cores reads half a dozen files.
    let worth = paths.len() / WORTH_A_THREAD;
    let workers = if worth < 2 { 1 } else { std::thread::available_parallelism().map_or(1, usize::from).min(worth) };
    if workers < 2 {
        return paths.iter().map(|path| read_and_check(path, options)).collect();
    }
    let share = paths.len().div_ceil(workers);
    std::thread::scope(|scope| {
        let run = |paths: &[PathBuf]| paths.iter().map(|path| read_and_check(path, options)).collect::<Vec<_>>();
        let threads: Vec<_> = paths.chunks(share).map(|paths| scope.spawn(move || run(paths))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("checking does not panic")).collect()
    })
}

fn not_text(path: &Path, error: &std::string::FromUtf8Error, code: &'static str, help: &str) -> Checked {
    let at = error.utf8_error().valid_up_to();
    let byte = error.as_bytes().get(at).copied().unwrap_or_default();
    let finding = Finding {
        message: format!("this is not UTF-8: the byte 0x{byte:02x} begins no character"),
        help: help.to_owned(),
        label: "here".to_owned(),
        ..about(code, (at..at + 1).into(), KeyPath::default())
    };
    let source = Source::new(path, String::from_utf8_lossy(error.as_bytes()));
    Checked { sources: vec![source], findings: vec![finding], waived: 0, fixed: 0, judged: false, secrets: Vec::new() }
}

/// The one profile that a path means: for commands that are about one.
pub fn one(path: Option<&Path>) -> Result<PathBuf, Error> {
    let (mut found, mut errors) = profiles(&path.map(Path::to_owned).into_iter().collect::<Vec<_>>());
    match (errors.pop(), found.len()) {
        (Some(error), _) => Err(error),
        (None, 1) => Ok(found.remove(0)),
        (None, _) => Err(Error::Several(
            path.unwrap_or(Path::new(".")).to_owned(),
            found.iter().map(|path| path.display().to_string()).collect(),
        )),
    }
}
