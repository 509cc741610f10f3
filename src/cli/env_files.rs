//! `--env-file`, wherever a command takes it: `.env` for the profile's own mode, `staging=.env.staging` for another; and
//! `--env-files`, which finds them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::words::told;
use super::{Failure, complain};
use crate::check::{Checked, EnvFile, Modes, Options};
use crate::compose;
use crate::input::{self, Own};
use crate::profile::{Mode, Text};
use crate::source::Source;

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
    /// Judge the files that the app reads itself in each mode that is checked: those that `targets.env.files` names, or else the
    /// app's pack, or else `.env` and `.env.MODE`, seen from the profile's folder. Files of --env-file are read after them.
    #[arg(long = "env-files")]
    own: bool,
}

impl EnvFiles {
    /// What to say of a file of values that nobody asked to judge: the `.env` file beside a profile, where no file is named, and
    /// what Compose puts over a file that is named.
    pub(super) fn unread(&self, profile: &Path) -> Option<String> {
        let named: Vec<PathBuf> = self.env_files.iter().map(|(_, path)| parted(path).0).collect();
        if let Some((base, over)) = named.iter().find_map(|base| Some((base, overriding(base)?))) {
            let (base, file) = (base.display(), over.display());
            return (!named.contains(&over)).then(|| {
                format!(
                    "not looked at: the values in {file}, which Compose puts over {base}; add `--env-file {file}` to judge \
                     them, too, or start without them: `docker compose -f {base} up`"
                )
            });
        }
        let is_asked = self.own || !named.is_empty() || profile == Path::new(input::STDIN);
        let beside = profile.with_file_name(".env");
        let file = beside.display();
        (!is_asked && beside.is_file())
            .then(|| format!("not looked at: the values in {file}; add `--env-file {file}` to judge them, too"))
    }
}

/// What Compose reads after a file of its own name, without being told: `compose.override.yaml`.
fn overriding(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?;
    let (stem, _) = name.rsplit_once('.').filter(|(stem, _)| matches!(*stem, "compose" | "docker-compose"))?;
    let names = ["yaml", "yml"].map(|ending| file.with_file_name(format!("{stem}.override.{ending}")));
    names.into_iter().find(|path| path.is_file())
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

/// Reads what a path means, which is one of these.
pub(super) fn read_all<'p>(
    mode: Option<Mode>,
    path: &Path,
    mut all: impl Iterator<Item = &'p PathBuf>,
) -> Result<Result<Vec<EnvFile>, Box<Checked>>, input::Error> {
    let (file, service) = parted(path);
    let has_others = all.any(|other| other != path && compose::is_one(&parted(other).0));
    input::env_files(mode, &file, service.as_deref(), has_others)
}

/// Reads those files of variables that are there; or what is wrong with the first that is no text.
pub(super) fn read_there(paths: &[PathBuf]) -> Result<Result<Vec<Source>, Box<Checked>>, input::Error> {
    let mut read = Vec::with_capacity(paths.len());
    for path in paths {
        match input::env_file(None, path) {
            Ok(Ok(file)) => read.push(file.source),
            Ok(Err(broken)) => return Ok(Err(broken)),
            Err(error) if error.is_missing() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Ok(read))
}

/// Puts files behind those that are named before them.
pub(super) fn join(read: &mut Vec<EnvFile>, files: Vec<EnvFile>) {
    let is_for_names = |file: &EnvFile| file.is_beside && file.services.is_empty();
    // What a Compose file names in place of others is behind those, and before it.
    for (mode, anew) in files.iter().map(|file| (file.mode, &file.anew)).filter(|(_, anew)| !anew.is_empty()) {
        read.retain_mut(|known| {
            let was_for_services = !known.services.is_empty();
            if known.mode == mode {
                known.forget_files_of(anew);
            }
            !(was_for_services && known.services.is_empty()) || known.is_beside
        });
    }
    for file in files {
        let mut same_mode = read.iter_mut().filter(|known| known.mode == file.mode);
        if let Some(known) = same_mode.find(|known| known.source.path == file.source.path && !known.services.is_empty())
        {
            // Two Compose files may start different services with one file.
            let more = file.services.iter().filter(|name| !known.services.contains(name)).cloned();
            known.services.extend(more.collect::<Vec<_>>());
        }
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

/// What a check of one profile is about, and the modes of which no file is there, with what was looked for.
type Beside<'o> = (Cow<'o, Options>, Vec<(Mode, Vec<String>)>);

impl EnvFiles {
    /// Where they are now, and the files that they name in their turn; beside these profiles, those that the app reads itself.
    pub(super) fn paths(&self, profiles: &[PathBuf], modes: Modes) -> Vec<PathBuf> {
        let named = self.env_files.iter().map(|(_, path)| parted(path).0);
        let packs = input::packs();
        let own = |profile: &PathBuf| {
            let source = input::read(profile).ok()?.ok()?;
            Some(input::own_env_paths(&source, modes, &packs))
        };
        let own = profiles.iter().filter(|_| self.own).filter_map(own).flatten();
        own.chain(named).flat_map(|path| input::env_files_of(&path)).collect()
    }

    /// What a check of one profile is about: `options`, and before the files that were named those that its app reads itself,
    /// where they are asked for; or what is wrong with the first that is no text.
    pub(super) fn beside<'o>(
        &self,
        source: &Source,
        options: &'o Options,
    ) -> Result<Result<Cow<'o, Options>, Box<Checked>>, input::Error> {
        let (options, without) = match self.found_beside(source, options)? {
            Ok(found) => found,
            Err(broken) => return Ok(Err(broken)),
        };
        for (mode, names) in without {
            let (profile, names) = (source.name(), names.join(", "));
            complain(&format!("seccfg: {profile}: no file of {mode} is judged: none of {names} is there\n"));
        }
        Ok(Ok(options))
    }

    /// The same, and the modes of which no file is there, with what was looked for.
    pub(super) fn found_beside<'o>(
        &self,
        source: &Source,
        options: &'o Options,
    ) -> Result<Result<Beside<'o>, Box<Checked>>, input::Error> {
        if !self.own {
            return Ok(Ok((Cow::Borrowed(options), Vec::new())));
        }
        let Own { mode: own, files, without } = match input::own_env_files(source, options.modes, &options.packs)? {
            Ok(own) => own,
            Err(broken) => return Ok(Err(broken)),
        };
        let mut env_files = Vec::with_capacity(files.len() + options.env_files.len());
        join(&mut env_files, files);
        let named = options.env_files.iter().cloned();
        join(&mut env_files, named.map(|file| EnvFile { mode: file.mode.or(own), ..file }).collect());
        Ok(Ok((Cow::Owned(Options { env_files, ..options.clone() }), without)))
    }

    /// Reads them, for a mode that was asked for; or what is wrong with the first that is no text.
    pub(super) fn read(&self, asked: Option<Mode>) -> Result<Result<Vec<EnvFile>, Box<Checked>>, Failure> {
        let mut read: Vec<EnvFile> = Vec::with_capacity(self.env_files.len());
        for (mode, path) in &self.env_files {
            match read_all(mode.or(asked), path, self.env_files.iter().map(|(_, path)| path))? {
                Ok(files) => join(&mut read, files),
                Err(broken) => return Ok(Err(broken)),
            }
        }
        Ok(Ok(read))
    }
}
