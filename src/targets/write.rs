//! Which files of ours differ from what is on the disk.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::{Artifact, Error, kubernetes};
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
        if old.as_deref().is_some_and(|text| !text.is_empty() && !ours(text)) {
            return Err(Error::Foreign(path.display().to_string()));
        }
        let is_same =
            |old: &str| old == artifact.text || kubernetes::is_same_object(&artifact.path, old, &artifact.text);
        if !old.as_deref().is_some_and(is_same) {
            changes.push(Change { path, old, new: artifact.text.clone(), private: false });
        }
    }
    for (path, old) in kubernetes::left_over(folder, artifacts, ours) {
        let new = kubernetes::taken_away(&old);
        changes.push(Change { path, old: Some(old), new, private: false });
    }
    Ok(changes)
}

/// Whether seccfg wrote a text.
fn ours(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.contains(super::MADE_BY))
}
