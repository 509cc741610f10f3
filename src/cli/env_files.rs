//! `--env-file`, wherever a command takes it: `.env` for the profile's own mode, `staging=.env.staging` for another.

use std::path::{Path, PathBuf};

use super::Failure;
use super::words::told;
use crate::check::{Checked, EnvFile};
use crate::compose;
use crate::input;
use crate::profile::{Mode, Text};

// The values that a command may judge.
// (No doc comment: clap would take it for what the command says of itself.)
#[derive(clap::Args)]
pub struct EnvFiles {
    /// Judge what `env:` references lead to in this `.env` file, too; no value is ever shown. A file is for the mode that
    /// --mode asks for, or else for the profile's own; `MODE=FILE` is for another. May be repeated: `--env-file
    /// prod=.env.prod --env-file staging=.env.staging`. Several for one mode are read in this order, and the last counts.
    /// A Compose file (`compose.yaml`, or `compose.yaml#web` to say which service is the app) gives its `environment:` and
    /// the files of its `env_file:`.
    #[arg(long = "env-file", value_name = "FILE", value_parser = env_file)]
    env_files: Vec<(Option<Mode>, PathBuf)>,
}

/// A file on the command line, and the mode that it is for. A file may have an `=` in its name; a word before it that is
/// no mode is a mistake, unless there is such a file.
fn env_file(text: &str) -> Result<(Option<Mode>, PathBuf), String> {
    let Some((word, path)) = text.split_once('=').filter(|_| !Path::new(text).exists()) else {
        return Ok((None, text.into()));
    };
    Mode::parse(word).map(|mode| (Some(mode), path.into())).map_err(|refusal| told(&refusal))
}

/// What a path means: `compose.yaml#web` is the service `web` of a Compose file, unless there is a file of this name.
fn parted(path: &Path) -> (PathBuf, Option<String>) {
    let text = path.to_string_lossy();
    match text.rsplit_once('#').filter(|(file, _)| !path.exists() && compose::is_one(Path::new(file))) {
        Some((file, service)) => (file.into(), Some(service.to_owned())),
        None => (path.to_owned(), None),
    }
}

/// Reads what a path means.
pub(super) fn read_all(mode: Option<Mode>, path: &Path) -> Result<Result<Vec<EnvFile>, Box<Checked>>, input::Error> {
    let (file, service) = parted(path);
    input::env_files(mode, &file, service.as_deref())
}

impl EnvFiles {
    /// Where they are now, and the files that they name in their turn.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.env_files.iter().flat_map(|(_, path)| input::env_files_of(&parted(path).0)).collect()
    }

    /// Reads them, for a mode that was asked for; or what is wrong with the first that is no text.
    pub(super) fn read(&self, asked: Option<Mode>) -> Result<Result<Vec<EnvFile>, Box<Checked>>, Failure> {
        let mut read: Vec<EnvFile> = Vec::with_capacity(self.env_files.len());
        for (mode, path) in &self.env_files {
            match read_all(mode.or(asked), path)? {
                // What a Compose file names may have been named here, too, and is the app's own then.
                Ok(files) => {
                    let is_new = |file: &EnvFile| {
                        !read.iter().any(|known| known.source.path == file.source.path && known.mode == file.mode)
                    };
                    let new: Vec<EnvFile> = files.into_iter().filter(is_new).collect();
                    read.extend(new);
                }
                Err(broken) => return Ok(Err(broken)),
            }
        }
        Ok(Ok(read))
    }
}
