//! From paths on the command line to profiles' texts: `seccfg check` in `shop/src` takes `shop/security.toml`, `check .`
//! searches a folder, and `check -` reads standard input.

mod bytes;
mod composed;
mod error;
mod exposure;
mod index;
mod kept;
mod kinds;
mod own;

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use self::bytes::own_bytes;
use self::bytes::{MOST, NotText, bounded, bytes, text};
pub use self::error::{Error, PROFILE};
use self::kinds::{Kind, Place};
pub use self::own::{Own, own_env_files, own_env_paths};
use crate::apps::Packs;
use crate::check::{Checked, EnvFile};
use crate::compose;
use crate::files::reason;
use crate::manifest;
use crate::policy::Exposure;
use crate::profile::Mode;
use crate::rules::manifests::K8S020;
use crate::rules::profile::PRF001;
use crate::rules::variables::RND001;
use crate::source::Source;

/// The path that stands for standard input.
pub const STDIN: &str = "-";

/// How a profile from standard input is named in findings.
pub const STDIN_NAME: &str = "<stdin>";

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

/// A profile's text, or the finding that it is no text.
pub fn read(path: &Path) -> Result<Result<Source, Box<Checked>>, Error> {
    Ok(read_any(path)?.and_then(profile))
}

/// A text that may be a profile's, whatever it looks like, or the finding that it is no text.
pub fn read_any(path: &Path) -> Result<Result<Source, Box<Checked>>, Error> {
    if path == Path::new(STDIN) {
        let bytes = bounded(std::io::stdin().lock(), Path::new(STDIN_NAME), 0, MOST)?;
        return Ok(source(Path::new(STDIN_NAME), bytes));
    }
    let bytes = bytes(path).map_err(|error| match error {
        Error::Io { path, error } if error.kind() == ErrorKind::NotFound => Error::Missing(path),
        error => error,
    });
    Ok(source(path, bytes?))
}

/// The same of what standard input gives, under the name of the file that it is.
pub fn stdin(name: &Path) -> Result<Result<Source, Box<Checked>>, Error> {
    Ok(source(name, bounded(std::io::stdin().lock(), name, 0, MOST)?).and_then(profile))
}

/// A profile's text, unless it plainly is something else.
pub fn profile(source: Source) -> Result<Source, Box<Checked>> {
    of_its_kind(source, Place::Profile)
}

fn source(path: &Path, bytes: Vec<u8>) -> Result<Source, Box<Checked>> {
    const HELP: &str = "save the file as UTF-8; TOML has no other encoding";
    // Of a file of variables nothing is shown, whatever it holds.
    if is_env_file(path) {
        let source = Source::new(path, text(bytes).unwrap_or_default());
        return Err(Box::new(kinds::told(source, Kind::Variables, Place::Profile)));
    }
    match text(bytes) {
        Ok(text) => Ok(Source::new(path, text)),
        Err(no_text) => Err(Box::new(no_text.checked(path, &PRF001, HELP))),
    }
}

/// A text, unless it plainly is of another kind than the one that is asked for.
fn of_its_kind(source: Source, place: Place) -> Result<Source, Box<Checked>> {
    match kinds::of_another_kind(&source.path, &source.text, place) {
        Some(kind) => Err(Box::new(kinds::told(source, kind, place))),
        None => Ok(source),
    }
}

/// Whether a file is one of variables by its name: `.env`, `.env.prod`, `shop.env`.
pub fn is_env_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == ".env" || name.starts_with(".env.") || name.ends_with(".env")
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
    Ok(variables(path, bytes(path)?).map(|source| env_file_with(mode, source)))
}

/// The text that git is about to commit of a `.env` file, or the finding that it is no text: the one in the index, and outside
/// of a repository the one on the disk.
pub fn staged(path: &Path) -> Result<Result<Source, Box<Checked>>, Error> {
    let bytes = index::bytes(path)?.map_or_else(|| bytes(path), Ok)?;
    Ok(variables(path, bytes))
}

/// The text of a file of variables.
fn variables(path: &Path, bytes: Vec<u8>) -> Result<Source, Box<Checked>> {
    const HELP: &str = "save the file as UTF-8; its readers differ in what they make of anything else";
    let no_text = |no_text: NotText| {
        let mut broken = no_text.checked(path, &RND001, HELP);
        // What is no text has no reader that knows its secrets.
        broken.secrets.push((0, (0..broken.sources[0].text.len()).into()));
        Box::new(broken)
    };
    let text = text(bytes).map_err(no_text)?;
    of_its_kind(Source::new(path, text), Place::Variables)
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
                (PathBuf::from(STDIN_NAME), bounded(std::io::stdin().lock(), Path::new(STDIN_NAME), 0, MOST)?)
            } else {
                let bytes = bytes(&path)?;
                (path, bytes)
            };
            match text(bytes) {
                Ok(text) => {
                    let source = Source::new(path, text);
                    // What lies in a folder beside manifests is nobody's mistake.
                    match if is_named { of_its_kind(source, Place::Manifest) } else { Ok(source) } {
                        Ok(source) => files.push(manifest::File { source, is_named }),
                        Err(other) => return Ok(Err(other)),
                    }
                }
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

/// The files that a `.env` file or a Compose file means: itself, and before it those that its services are started with. A Compose
/// file without services is one only where it has other Compose files beside it.
pub fn env_files(
    mode: Option<Mode>,
    path: &Path,
    service: Option<&str>,
    has_others: bool,
) -> Result<Result<Vec<EnvFile>, Box<Checked>>, Error> {
    let read = env_file(mode, path)?;
    Ok(read.and_then(
        |file| {
            if compose::is_one(path) { composed::files(file, service, has_others) } else { Ok(vec![file]) }
        },
    ))
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
