//! What git is about to commit of a file: its text in the index, which may be another one than on the disk. It is the one
//! place that starts a program.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::bytes::{MOST, bounded};
use super::error::Error;

/// The bytes that the index has of a file: none of one that git ignores. Nothing is known outside of a repository, and of a
/// file that is not added yet.
pub(super) fn bytes(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let Some((folder, name)) = below_a_folder(path).filter(|(folder, _)| is_in_a_repository(folder)) else {
        return Ok(None);
    };
    let failed = |why: String| Error::Git { path: path.to_owned(), why };
    let started = |error: &std::io::Error| match error.kind() {
        ErrorKind::NotFound => failed("there is no program `git` to ask".to_owned()),
        _ => failed(error.to_string()),
    };
    let listing = ["--literal-pathspecs", "ls-files", "--stage", "-z", "--"].map(OsStr::new);
    let listed = git(&folder).args(listing).arg(&name).output().map_err(|error| started(&error))?;
    if !listed.status.success() {
        let said = String::from_utf8_lossy(&listed.stderr);
        return Err(failed(said.lines().next().unwrap_or("git gives no reason").trim().to_owned()));
    }
    let Some(object) = object(&String::from_utf8_lossy(&listed.stdout), &name) else {
        // What git ignores, it commits nothing of; of any other file, `git add` would take what is on the disk.
        let ignored = git(&folder).args(["check-ignore", "--quiet", "--"]).arg(&name).status();
        return Ok(ignored.map_err(|error| started(&error))?.success().then(Vec::new));
    };
    let mut shown = git(&folder);
    shown.args(["cat-file", "blob", &object]).stdout(Stdio::piped());
    let mut shown = shown.spawn().map_err(|error| started(&error))?;
    let bytes = bounded(shown.stdout.take().expect("it was asked for"), path, 0, MOST);
    let status = shown.wait().map_err(|error| started(&error))?;
    match bytes? {
        bytes if status.success() => Ok(Some(bytes)),
        _ => Err(failed("git does not show what the index has of it".to_owned())),
    }
}

/// Git in a folder, which runs nothing that a repository names.
fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    // A hook's index may be named relative to where the hook runs.
    if std::env::var_os("GIT_INDEX_FILE").is_none() {
        git.arg("-C").arg(folder);
    }
    git.args(["-c", "core.fsmonitor=false"]).stdin(Stdio::null()).stderr(Stdio::piped());
    git
}

/// The nearest folder on the disk that holds a path, and the path from where git runs: the file may be gone with its folder.
fn below_a_folder(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let here = |folder: &Path| if folder == Path::new("") { PathBuf::from(".") } else { folder.to_owned() };
    let folder = path.ancestors().skip(1).find(|folder| here(folder).is_dir())?;
    if path.is_dir() {
        return None;
    }
    let below = path.strip_prefix(folder).unwrap_or(path);
    let name = if std::env::var_os("GIT_INDEX_FILE").is_none() { below } else { path };
    Some((here(folder), name.to_owned()))
}

fn is_in_a_repository(folder: &Path) -> bool {
    let is_named = std::env::var_os("GIT_DIR").is_some();
    is_named || folder.canonicalize().is_ok_and(|folder| folder.ancestors().any(|above| above.join(".git").exists()))
}

/// The object of the one file that git lists, which is `MODE OBJECT STAGE`, a tab and its path.
fn object(listed: &str, name: &Path) -> Option<String> {
    let mut records = listed.split_terminator('\0');
    let (said, path) = records.next()?.split_once('\t')?;
    let said: Vec<&str> = said.split(' ').collect();
    let [mode, object, "0"] = said[..] else { return None };
    // Another repository within this one has no text, and what is listed below a folder is another file.
    let is_it = records.next().is_none() && mode != "160000" && Path::new(path).file_name() == name.file_name();
    is_it.then(|| object.to_owned())
}
