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
    /// the files of its `env_file:`. What `${NAME}` stands for is looked up in the files before it, or else in the `.env`
    /// beside it.
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

/// Puts files behind those that are named before them.
pub(super) fn join(read: &mut Vec<EnvFile>, files: Vec<EnvFile>) {
    let is_for_names = |file: &EnvFile| file.is_beside && file.services.is_empty();
    for file in files {
        let is_new = !read.iter().filter(|known| known.mode == file.mode).any(|known| {
            let is_same = known.source.path == file.source.path;
            if is_for_names(&file) {
                // Compose reads the file beside its own only where nobody names another.
                is_same || !known.is_beside && known.services.is_empty() && !compose::is_one(&known.source.path)
            } else {
                // What a Compose file names may have been named here, too, and is the app's own then.
                is_same && !is_for_names(known)
            }
        });
        if is_new {
            read.push(file);
        }
    }
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
                Ok(files) => join(&mut read, files),
                Err(broken) => return Ok(Err(broken)),
            }
        }
        Ok(Ok(read))
    }
}
