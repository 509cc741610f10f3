//! Which files of ours differ from what is on the disk.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::{Artifact, Error};
use crate::files::{self, Change};

/// What would change on the disk. A file that somebody else wrote is not ours to replace.
pub fn changes(folder: &Path, artifacts: &[Artifact]) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for artifact in artifacts {
        let path = folder.join(&artifact.path);
        // Of a pipe nobody knows what it holds, nor how long to wait for it.
        if fs::metadata(&path).is_ok_and(|data| !data.is_file()) {
            return Err(Error::NoFile(path.display().to_string()));
        }
        let old = match fs::read(&path) {
            // A file that is no text is not ours; the diff shows what can be shown.
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(missing) if missing.kind() == ErrorKind::NotFound => None,
            Err(other) => return Err(files::Error::at(&path)(other).into()),
        };
        let ours = |text: &str| text.lines().next().is_some_and(|line| line.contains(super::MADE_BY));
        if old.as_deref().is_some_and(|text| !text.is_empty() && !ours(text)) {
            return Err(Error::Foreign(path.display().to_string()));
        }
        if old.as_deref() != Some(&artifact.text) {
            changes.push(Change { path, old, new: artifact.text.clone(), private: false });
        }
    }
    Ok(changes)
}
