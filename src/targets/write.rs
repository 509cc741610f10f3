//! Artifacts and the files on the disk.
//!
//! All or nothing, as far as a file system allows: every file is written beside its place first, and only when all of
//! them are there is each moved over the old one. Whoever reads meanwhile gets the old file or the new one, whole.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use similar::TextDiff;
use tempfile::NamedTempFile;

use super::{Artifact, Error};

fn error(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.display().to_string();
    move |error| Error::File { path, error }
}

/// An artifact that differs from the file in its place.
#[derive(Debug)]
pub struct Change {
    /// Where it would be written.
    pub path: PathBuf,
    /// What is there now; nothing where there is no file.
    old: Option<String>,
    new: String,
}

impl Change {
    /// The difference, as `diff -u` shows it.
    pub fn diff(&self) -> String {
        let name = self.path.display().to_string();
        let old = if self.old.is_some() { name.as_str() } else { "/dev/null" };
        TextDiff::from_lines(self.old.as_deref().unwrap_or_default(), &self.new)
            .unified_diff()
            .header(old, &name)
            .to_string()
    }
}

/// What would change on the disk. A file that somebody else wrote is not ours to replace.
pub fn changes(folder: &Path, artifacts: &[Artifact]) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for artifact in artifacts {
        let path = folder.join(&artifact.path);
        let old = match fs::read(&path) {
            // A file that is no text is not ours; the diff shows what can be shown.
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(missing) if missing.kind() == ErrorKind::NotFound => None,
            Err(other) => return Err(error(&path)(other)),
        };
        let ours = |text: &str| text.lines().next().is_some_and(|line| line.contains(super::MADE_BY));
        if old.as_deref().is_some_and(|text| !text.is_empty() && !ours(text)) {
            return Err(Error::Foreign(path.display().to_string()));
        }
        if old.as_deref() != Some(&artifact.text) {
            changes.push(Change { path, old, new: artifact.text.clone() });
        }
    }
    Ok(changes)
}

/// Writes what has changed.
pub fn write(changes: Vec<Change>) -> Result<(), Error> {
    let mut written = Vec::with_capacity(changes.len());
    for change in changes {
        let folder = change.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(error(folder))?;
        let mut file = NamedTempFile::with_prefix_in(".seccfg-", folder).map_err(error(folder))?;
        file.write_all(change.new.as_bytes())
            .and_then(|()| readable(&file))
            .and_then(|()| file.as_file().sync_all())
            .map_err(error(&change.path))?;
        written.push((file, change.path));
    }
    for (file, path) in written {
        file.persist(&path).map_err(|failed| error(&path)(failed.error))?;
    }
    Ok(())
}

/// Temporary files are for their owner alone; a server's configuration is read by whoever deploys it.
#[cfg(unix)]
fn readable(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}
