//! From paths on the command line to profiles' texts: `seccfg check` in `shop/src` takes `shop/security.toml`, `check .`
//! searches a folder, and `check -` reads standard input.

mod composed;
mod exposure;
mod kept;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::apps::Packs;
use crate::check::{Checked, EnvFile};
use crate::compose;
use crate::files::reason;
use crate::finding::Label;
use crate::manifest;
use crate::policy::Exposure;
use crate::profile::{Mode, quoted};
use crate::rules::Rule;
use crate::rules::manifests::K8S020;
use crate::rules::profile::PRF001;
use crate::rules::variables::RND001;
use crate::source::Source;

/// The name that a profile is looked for by.
pub const PROFILE: &str = "security.toml";

/// The path that stands for standard input.
pub const STDIN: &str = "-";

/// How a profile from standard input is named in findings.
pub const STDIN_NAME: &str = "<stdin>";

/// No profile is longer; what is longer is some other file.
const MOST: u64 = 16 << 20;

/// Why a path gave no profile.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The world would not let us.
    #[error("{}: {}", quoted(&path.display().to_string()), reason(error))]
    Io {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A profile was named, and there is none.
    #[error("{}: there is no such file or folder; `seccfg init` writes a profile to begin with", quoted(&.0.display().to_string()))]
    Missing(PathBuf),
    /// No profile was named, and there is none here.
    #[error(
        "no {PROFILE} in this folder or in one above it: `seccfg init` writes one to begin with, `seccfg check .` searches \
         the folders below this one, and a profile of another name can be named: `seccfg check NAME`"
    )]
    Nowhere,
    /// A folder holds no profile.
    #[error("{}: no {PROFILE} in this folder or below; `seccfg init` writes one to begin with, and a profile of another name can be named itself", quoted(&.0.display().to_string()))]
    None(PathBuf),
    /// A folder holds several where one is meant.
    #[error("{}: several profiles here, name one of them: {}", quoted(&.0.display().to_string()), .1.join(", "))]
    Several(PathBuf, Vec<String>),
    /// A folder holds no manifests.
    #[error("{}: no file that ends in .yaml, .yml or .json in this folder or below", quoted(&.0.display().to_string()))]
    NoManifests(PathBuf),
    /// A file is not a profile by its size.
    #[error("{}: larger than 16 MiB, so it is no profile, no `.env` file and no manifest", quoted(&.0.display().to_string()))]
    TooLarge(PathBuf),
    /// A file was not the same before and after it was read, so that what was read may be a piece of each.
    #[error("{}: the file changed while it was read; run this again", quoted(&.0.display().to_string()))]
    Changed(PathBuf),
    /// A file is a named pipe, which may have no writer.
    #[error("{}: a named pipe, not a file", quoted(&.0.display().to_string()))]
    Pipe(PathBuf),
}

impl Error {
    /// Whether there is no such file.
    fn is_missing(&self) -> bool {
        matches!(self, Self::Missing(_))
            || matches!(self, Self::Io { error, .. } if error.kind() == ErrorKind::NotFound)
    }

    /// The same without the path.
    fn words(&self) -> String {
        match self {
            Self::Io { error, .. } => reason(error),
            Self::Missing(_) | Self::Nowhere | Self::None(_) | Self::NoManifests(_) | Self::Several(..) => {
                "there is no such file".to_owned()
            }
            Self::TooLarge(_) => "it is larger than 16 MiB".to_owned(),
            Self::Changed(_) => "it changed while it was read".to_owned(),
            Self::Pipe(_) => "it is a named pipe".to_owned(),
        }
    }

    /// The same as what was found in a file, for reports that are read by programs: a file that could not be read must
    /// not look like one without findings.
    pub fn as_checked(&self) -> Checked {
        let path = match self {
            Self::Io { path, .. }
            | Self::Missing(path)
            | Self::None(path)
            | Self::Several(path, _)
            | Self::NoManifests(path)
            | Self::TooLarge(path)
            | Self::Changed(path)
            | Self::Pipe(path) => path.as_path(),
            Self::Nowhere => Path::new(PROFILE),
        };
        let finding =
            PRF001.finding(Label::of_text(0..0, "")).saying(self.to_string(), "name a profile that can be read");
        Checked::unread(Source::new(path, ""), vec![finding])
    }
}

/// The profiles that paths mean: a file is one, a folder is searched for `security.toml` (git's ignores honoured), `-` is
/// standard input, and nothing means the `security.toml` of this folder or else of the nearest one above it.
pub fn profiles(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<Error>) {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    if paths.is_empty() {
        match nearest_profile() {
            Some(path) => found.push(path),
            None => errors.push(Error::Nowhere),
        }
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
                Err(error) => errors.push(not_searched(path, error)),
            }
        }
        if found.len() == before && errors.is_empty() {
            errors.push(Error::None(path.clone()));
        }
    }
    // The same file may have been named and found.
    if paths.len() > 1 {
        let mut seen = BTreeSet::new();
        found.retain(|path| seen.insert(path.clone()));
    }
    (found, errors)
}

/// The `security.toml` of this folder, or else of the nearest one above it: `../../security.toml`. The search ends at a
/// folder that everyone may write to, such as `/tmp`: what lies there is nobody's profile.
fn nearest_profile() -> Option<PathBuf> {
    let here = PathBuf::from(PROFILE);
    // Whatever stands here under this name is meant, if only to say that it cannot be read.
    if here.symlink_metadata().is_ok() {
        return Some(here);
    }
    let working = std::env::current_dir().ok()?;
    let above = working.ancestors().skip(1).take_while(|folder| !is_everyones(folder));
    let depth = above.map(|folder| folder.join(PROFILE)).position(|path| path.is_file())?;
    Some(std::iter::repeat_n("..", depth + 1).chain([PROFILE]).collect())
}

/// Whether everyone may make files in a folder.
#[cfg(unix)]
fn is_everyones(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    const OTHERS_WRITE: u32 = 0o002;
    std::fs::metadata(folder).is_ok_and(|data| data.permissions().mode() & OTHERS_WRITE != 0)
}

#[cfg(not(unix))]
fn is_everyones(_: &Path) -> bool {
    false
}

/// A file's bytes, at most as many as a profile can have.
fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    bytes_while(path, || {})
}

/// The same, while something else may happen to the file.
fn bytes_while(path: &Path, meanwhile: impl FnOnce()) -> Result<Vec<u8>, Error> {
    let io = |error| Error::Io { path: path.to_owned(), error };
    if waits(path) {
        return Err(Error::Pipe(path.to_owned()));
    }
    let file = File::open(path).map_err(io)?;
    let before = file.metadata().map_err(io)?;
    let bytes = bounded(&file, path, before.len().min(MOST))?;
    meanwhile();
    // What another file takes the place of was read whole. What is no file, or one that the system makes up, has no length.
    let is_same = |after: Metadata| after.len() == before.len() && after.modified().ok() == before.modified().ok();
    if before.is_file() && before.len() > 0 && !file.metadata().is_ok_and(is_same) {
        return Err(Error::Changed(path.to_owned()));
    }
    Ok(bytes)
}

/// What a reader gives, at most as much as a profile can have; `expected` bytes are likely.
fn bounded(reader: impl Read, path: &Path, expected: u64) -> Result<Vec<u8>, Error> {
    // With room for all of it and one byte more, a file is read in two calls.
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default() + 1);
    let read = reader.take(MOST + 1).read_to_end(&mut bytes);
    read.map_err(|error| Error::Io { path: path.to_owned(), error })?;
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
    if path == Path::new(STDIN) {
        return stdin(Path::new(STDIN_NAME));
    }
    let bytes = bytes(path).map_err(|error| match error {
        Error::Io { path, error } if error.kind() == ErrorKind::NotFound => Error::Missing(path),
        error => error,
    });
    Ok(source(path, bytes?))
}

/// The same of what standard input gives, under the name of the file that it is.
pub fn stdin(name: &Path) -> Result<Result<Source, Box<Checked>>, Error> {
    Ok(source(name, bounded(std::io::stdin().lock(), name, 0)?))
}

fn source(path: &Path, bytes: Vec<u8>) -> Result<Source, Box<Checked>> {
    const HELP: &str = "save the file as UTF-8; TOML has no other encoding";
    if is_env_file(path) {
        return Err(Box::new(no_profile(path, bytes)));
    }
    let finding = |no_text: NotText| Box::new(no_text.checked(path, &PRF001, HELP));
    text(bytes).map(|text| Source::new(path, text)).map_err(finding)
}

/// Whether a file is one of variables by its name: `.env`, `.env.prod`, `shop.env`.
pub fn is_env_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == ".env" || name.starts_with(".env.") || name.ends_with(".env")
}

/// What is to be told of a file of variables in a profile's place: nothing of what it holds.
fn no_profile(path: &Path, bytes: Vec<u8>) -> Checked {
    const HELP: &str = "name a profile, and this file behind `--env-file`, which never shows a value";
    let source = Source::new(path, text(bytes).unwrap_or_default());
    let secret = (0, (0..source.text.len()).into());
    let finding = PRF001.finding(Label::of_text(0..0, "here")).saying("this is a `.env` file, and no profile", HELP);
    Checked { secrets: vec![secret], ..Checked::unread(source, vec![finding]) }
}

/// Who else may come to read a file.
pub fn exposure(path: &Path) -> Exposure {
    exposure::of(path)
}

/// A `.env` file for a mode of which somebody has the text at hand.
pub fn env_file_with(mode: Option<Mode>, source: Source) -> EnvFile {
    let exposure = exposure(&source.path);
    EnvFile { exposure, find: Some(kept::find), ..EnvFile::of(mode, source) }
}

/// A `.env` file for a mode, or the finding that it is no text.
pub fn env_file(mode: Option<Mode>, path: &Path) -> Result<Result<EnvFile, Box<Checked>>, Error> {
    const HELP: &str = "save the file as UTF-8; its readers differ in what they make of anything else";
    let file = |text| env_file_with(mode, Source::new(path, text));
    Ok(text(bytes(path)?).map(file).map_err(|no_text| {
        let mut broken = no_text.checked(path, &RND001, HELP);
        // What is no text has no reader that knows its secrets.
        broken.secrets.push((0, (0..broken.sources[0].text.len()).into()));
        Box::new(broken)
    }))
}

/// The manifests that paths mean: a file is one, a folder is searched for `*.yaml`, `*.yml` and `*.json`, and `-` is standard
/// input; or the finding that one is no text.
pub fn manifests(paths: &[PathBuf]) -> Result<Result<Vec<manifest::File>, Box<Checked>>, Error> {
    const HELP: &str = "save the file as UTF-8, as Kubernetes asks for it";
    let mut files = Vec::new();
    for path in paths {
        let is_named = !path.is_dir();
        for path in if is_named { vec![path.clone()] } else { manifests_below(path)? } {
            let (path, bytes) = if path == Path::new(STDIN) {
                (PathBuf::from(STDIN_NAME), bounded(std::io::stdin().lock(), Path::new(STDIN_NAME), 0)?)
            } else {
                let bytes = bytes(&path)?;
                (path, bytes)
            };
            match text(bytes) {
                Ok(text) => files.push(manifest::File { source: Source::new(path, text), is_named }),
                Err(no_text) => {
                    let mut broken = no_text.checked(&path, &K8S020, HELP);
                    // Nobody knows what stands before it.
                    broken.secrets.push((0, (0..broken.sources[0].text.len()).into()));
                    return Ok(Err(Box::new(broken)));
                }
            }
        }
    }
    Ok(Ok(files))
}

/// Why a search did not get everywhere: the folder at which it ended, or else the one where it began.
fn not_searched(folder: &Path, error: ignore::Error) -> Error {
    fn at(error: &ignore::Error) -> Option<&Path> {
        match error {
            ignore::Error::WithPath { path, .. } => Some(path),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => at(err),
            _ => None,
        }
    }
    let path = at(&error).unwrap_or(folder).to_owned();
    let error = error.into_io_error().unwrap_or_else(|| std::io::Error::other("cannot be searched"));
    Error::Io { path, error }
}

/// The files of a folder, and below it, that may be manifests.
fn manifests_below(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for entry in ignore::WalkBuilder::new(folder).sort_by_file_path(Ord::cmp).build() {
        let entry = entry.map_err(|error| not_searched(folder, error))?;
        let is_file = entry.file_type().is_some_and(|kind| !kind.is_dir());
        let ending = entry.path().extension().and_then(|ending| ending.to_str());
        if is_file && matches!(ending, Some("yaml" | "yml" | "json")) {
            found.push(entry.into_path());
        }
    }
    if found.is_empty() {
        return Err(Error::NoManifests(folder.to_owned()));
    }
    Ok(found)
}

/// The files that a `.env` file or a Compose file means: itself, and before it those that its services are started with.
pub fn env_files(
    mode: Option<Mode>,
    path: &Path,
    service: Option<&str>,
) -> Result<Result<Vec<EnvFile>, Box<Checked>>, Error> {
    let read = env_file(mode, path)?;
    Ok(read.and_then(|file| if compose::is_one(path) { composed::files(file, service) } else { Ok(vec![file]) }))
}

/// A `.env` file or a Compose file, and the other files that it names: all on which depends what it means.
pub fn env_files_of(path: &Path) -> Vec<PathBuf> {
    let named = if compose::is_one(path) { composed::named(path) } else { Vec::new() };
    std::iter::once(path.to_owned()).chain(named).collect()
}

/// Makes something of each of many profiles, and hands that on in their order, as soon as it is there: of no profile more is
/// kept than what is made of it. Threads are started only where there is work for them: they cost as much as thirty profiles.
pub fn each<T: Send>(paths: &[PathBuf], make: impl Fn(&PathBuf) -> T + Sync, mut take: impl FnMut(T) + Send) {
    const WORTH_A_THREAD: usize = 32;
    /// What a thread takes on at a time.
    const BATCH: usize = 16;
    // Asking for the number of cores reads half a dozen files.
    let worth = paths.len() / WORTH_A_THREAD;
    let workers = if worth < 2 { 1 } else { std::thread::available_parallelism().map_or(1, usize::from).min(worth) };
    if workers < 2 {
        return paths.iter().map(make).for_each(take);
    }
    let batches = Mutex::new(paths.chunks(BATCH).enumerate());
    // The batch whose turn it is, and those that were made before it.
    let turn = Mutex::new((0, BTreeMap::new()));
    let take = Mutex::new(&mut take);
    let work = || {
        while let Some((number, batch)) = locked(&batches).next() {
            let batch: Vec<T> = batch.iter().map(&make).collect();
            let (due, early) = &mut *locked(&turn);
            early.insert(number, batch);
            while let Some(batch) = early.remove(due) {
                batch.into_iter().for_each(&mut **locked(&take));
                *due += 1;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
}

/// What a lock holds. Where a thread panicked, the scope around it does, too.
fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is no text.
struct NotText {
    /// What comes before the first byte that is none, and that byte.
    shown: String,
    /// Where that byte stands.
    at: usize,
    /// What is wrong with it.
    message: String,
}

/// The text that bytes are, if they are any.
fn text(bytes: Vec<u8>) -> Result<String, NotText> {
    // A program, a picture, a file that a crash has filled with zeros: nothing behind the first one is worth showing.
    let zero = if bytes.contains(&0) { bytes.iter().position(|byte| *byte == 0) } else { None };
    let broken = |at: usize, bytes: &[u8], message| {
        let shown = String::from_utf8_lossy(&bytes[..=at]).into_owned();
        NotText { shown, at, message }
    };
    match String::from_utf8(bytes) {
        Ok(text) => match zero {
            None => Ok(text),
            Some(at) => Err(broken(at, text.as_bytes(), "this is no text: it holds the byte 0x00".to_owned())),
        },
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(at).copied().unwrap_or_default();
            let is_utf16 = [[0xff, 0xfe], [0xfe, 0xff]].iter().any(|mark| error.as_bytes().starts_with(mark));
            let message = if is_utf16 {
                "this is UTF-16, as some editors on Windows save it, and not UTF-8".to_owned()
            } else {
                format!("this is not UTF-8: the byte 0x{byte:02x} begins no character")
            };
            Err(broken(at, error.as_bytes(), message))
        }
    }
}

impl NotText {
    fn checked(self, path: &Path, rule: &Rule, help: &str) -> Checked {
        let place = Label::of_text(self.at..self.at + 1, "here");
        let finding = rule.finding(place).saying(self.message, help);
        Checked::unread(Source::new(path, self.shown), vec![finding])
    }
}

/// The packs that profiles name: those in the binary, and files, each read once.
pub fn packs() -> Packs {
    Packs::new(pack)
}

/// The same, where somebody has texts at hand that count before the files of those names.
pub fn packs_before(texts: BTreeMap<PathBuf, String>) -> Packs {
    Packs::new(move |path| texts.get(path).map_or_else(|| pack(path), |text| Ok(text.clone())))
}

/// The text of a pack, or why there is none.
fn pack(path: &Path) -> Result<String, String> {
    // Which path it is, the finding says.
    let bytes = bytes(path).map_err(|error| match error {
        Error::Io { error, .. } => reason(&error),
        other => other.to_string(),
    })?;
    text(bytes).map_err(|no_text| no_text.message)
}

/// Whether a text that somebody has at hand may be a profile by its size.
pub fn fits(path: &Path, text: &str) -> Result<(), Error> {
    if text.len() as u64 > MOST { Err(Error::TooLarge(path.to_owned())) } else { Ok(()) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changes_while_it_is_read_is_told_and_one_that_is_replaced_is_whole() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join(".env");
        let write = |path: &Path, text: &str| std::fs::write(path, text).expect("a file can be written");
        write(&path, "A=1\n");
        let changed = bytes_while(&path, || write(&path, "A=1\nB=2\n"));
        assert!(matches!(changed, Err(Error::Changed(_))), "{changed:?}");
        let replace = || {
            let other = folder.path().join("other");
            write(&other, "B=2\n");
            std::fs::rename(&other, &path).expect("it can be moved");
        };
        assert_eq!(bytes_while(&path, replace).ok().as_deref(), Some(&b"A=1\nB=2\n"[..]));
        assert_eq!(bytes(&path).ok().as_deref(), Some(&b"B=2\n"[..]));
    }
}
