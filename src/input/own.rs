//! The files of variables that an app reads, found beside the profile by the names that it or the app's pack gives them.

use std::path::{Path, PathBuf};

use super::{Error, env_files};
use crate::apps::Packs;
use crate::check::{Checked, EnvFile, Modes, Opened};
use crate::profile::Mode;
use crate::source::Source;

/// What was found for a profile.
#[derive(Debug, Default)]
pub struct Own {
    /// The mode that the profile means where none is asked for, where that is known.
    pub mode: Option<Mode>,
    /// The files that are there, each for its mode.
    pub files: Vec<EnvFile>,
    /// The modes of which no file is there, with the names that were looked for.
    pub without: Vec<(Mode, Vec<String>)>,
}

/// Reads the files that an app reads in the modes that a run is about. One that is not there is left out, as the app does;
/// that none is there for any mode is an error: whoever asks for them would take silence for a judgement.
pub fn own_env_files(source: &Source, modes: Modes, packs: &Packs) -> Result<Result<Own, Box<Checked>>, Error> {
    let opened = Opened::read(source, &[], packs);
    let mut own = Own { mode: opened.modes(Modes::Own).first().copied(), ..Own::default() };
    for (mode, names) in opened.env_files(modes) {
        let before = own.files.len();
        for path in placed(source, &names) {
            match env_files(Some(mode), &path, None, true) {
                Ok(Ok(files)) => own.files.extend(files),
                Ok(Err(broken)) => return Ok(Err(broken)),
                Err(error) if error.is_missing() => {}
                Err(error) => return Err(error),
            }
        }
        if own.files.len() == before {
            own.without.push((mode, names));
        }
    }
    // What was refused is told by the check.
    if own.files.is_empty()
        && opened.is_sound()
        && let Some((mode, names)) = own.without.pop()
    {
        return Err(Error::NoEnvFiles { profile: source.path.clone(), mode, names });
    }
    Ok(Ok(own))
}

/// Where those files are or would be, whether or not they are there.
pub fn own_env_paths(source: &Source, modes: Modes, packs: &Packs) -> Vec<PathBuf> {
    let named = Opened::read(source, &[], packs).env_files(modes);
    named.iter().flat_map(|(_, names)| placed(source, names).collect::<Vec<_>>()).collect()
}

/// Names as paths: they are seen from the profile's folder.
fn placed<'n>(source: &Source, names: &'n [String]) -> impl Iterator<Item = PathBuf> + use<'n> {
    let folder = source.path.parent().unwrap_or(Path::new("")).to_owned();
    names.iter().map(move |name| folder.join(name))
}
