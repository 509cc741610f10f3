use std::path::PathBuf;

use super::Failure;
use crate::check::{Checked, EnvFile};
use crate::input;
use crate::profile::{Mode, Text};

/// The values that a command may judge.
#[derive(clap::Args)]
pub struct EnvFiles {
    /// Judge what `env:` references lead to in this `.env` file, too; no value is ever shown. `MODE=FILE` is for one mode
    /// alone; may be repeated: `--env-file prod=.env.prod --env-file staging=.env.staging`.
    #[arg(long = "env-file", value_name = "FILE", value_parser = env_file)]
    env_files: Vec<(Option<Mode>, PathBuf)>,
}

/// A file on the command line, and the mode that it is for.
#[expect(clippy::unnecessary_wraps, reason = "what clap asks of a parser")]
fn env_file(text: &str) -> Result<(Option<Mode>, PathBuf), String> {
    Ok(match text.split_once('=').and_then(|(mode, path)| Some((Mode::parse(mode).ok()?, path))) {
        Some((mode, path)) => (Some(mode), path.into()),
        None => (None, text.into()),
    })
}

impl EnvFiles {
    /// Reads them; or what is wrong with the first that is no text.
    pub(super) fn read(&self) -> Result<Result<Vec<EnvFile>, Box<Checked>>, Failure> {
        let mut read = Vec::with_capacity(self.env_files.len());
        for (mode, path) in &self.env_files {
            match input::env_file(*mode, path)? {
                Ok(file) => read.push(file),
                Err(broken) => return Ok(Err(broken)),
            }
        }
        Ok(Ok(read))
    }
}
