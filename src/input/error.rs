//! Why a path gives nothing to read.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::check::Checked;
use crate::files::reason;
use crate::finding::Label;
use crate::profile::{Mode, quoted};
use crate::rules::profile::PRF001;
use crate::source::Source;

/// The name that a profile is looked for by.
pub const PROFILE: &str = "security.toml";

/// Why a path gave no profile.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The world would not let us.
    #[error("{}: {}", quoted(&path.display().to_string()), reason(error))]
    Io {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A profile was named, and there is none.
    #[error("{}: there is no such file or folder; `seccfg init` writes a profile to begin with", quoted(&.0.display().to_string()))]
    Missing(PathBuf),
    /// No profile was named, and there is none here.
    #[error(
        "no {PROFILE} in this folder or in one above it: `seccfg init` writes one to begin with, `seccfg check .` searches \
         the folders below this one, and a profile of another name can be named: `seccfg check NAME`"
    )]
    Nowhere,
    /// A folder holds no profile.
    #[error("{}: no {PROFILE} in this folder or below; `seccfg init` writes one to begin with, and a profile of another name can be named itself", quoted(&.0.display().to_string()))]
    None(PathBuf),
    /// A folder holds several where one is meant.
    #[error("{}: several profiles here, name one of them: {}", quoted(&.0.display().to_string()), .1.join(", "))]
    Several(PathBuf, Vec<String>),
    /// A folder holds no manifests.
    #[error("{}: no file that ends in .yaml, .yml or .json in this folder or below", quoted(&.0.display().to_string()))]
    NoManifests(PathBuf),
    /// None of the files is there that an app reads its variables from.
    #[error(
        "{}: nothing to judge for {mode}: the app reads {}, and none of them is there; name one with `--env-file`, or say in \
         `targets.env.files` what it reads", quoted(&profile.display().to_string()), names.join(", ")
    )]
    NoEnvFiles {
        /// The profile.
        profile: PathBuf,
        /// One of the modes.
        mode: Mode,
        /// What was looked for.
        names: Vec<String>,
    },
    /// A file is not a profile by its size.
    #[error("{}: larger than 16 MiB, which is the most that seccfg reads of a profile, a `.env` file or a manifest", quoted(&.0.display().to_string()))]
    TooLarge(PathBuf),
    /// A file was not the same before and after it was read, so that what was read may be a piece of each.
    #[error("{}: the file changed while it was read; run this again", quoted(&.0.display().to_string()))]
    Changed(PathBuf),
    /// A file is a named pipe, which may have no writer.
    #[error("{}: a named pipe, not a file", quoted(&.0.display().to_string()))]
    Pipe(PathBuf),
    /// Git does not say what it is about to commit of a file.
    #[error("{}: what git is about to commit of it is not known: {why}", quoted(&path.display().to_string()))]
    Git {
        /// Which path.
        path: PathBuf,
        /// What git said.
        why: String,
    },
}

impl Error {
    /// Whether there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing(_))
            || matches!(self, Self::Io { error, .. } if error.kind() == ErrorKind::NotFound)
    }

    /// The same without the path.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Io { error, .. } => reason(error),
            Self::Missing(_)
            | Self::Nowhere
            | Self::None(_)
            | Self::NoManifests(_)
            | Self::NoEnvFiles { .. }
            | Self::Several(..) => "there is no such file".to_owned(),
            Self::TooLarge(_) => "it is larger than 16 MiB".to_owned(),
            Self::Changed(_) => "it changed while it was read".to_owned(),
            Self::Pipe(_) => "it is a named pipe".to_owned(),
            Self::Git { why, .. } => why.clone(),
        }
    }

    /// The same as what was found in a file, for reports that are read by programs: a file that could not be read must
    /// not look like one without findings.
    pub fn as_checked(&self) -> Checked {
        let path = match self {
            Self::Io { path, .. }
            | Self::Missing(path)
            | Self::None(path)
            | Self::Several(path, _)
            | Self::NoManifests(path)
            | Self::NoEnvFiles { profile: path, .. }
            | Self::TooLarge(path)
            | Self::Changed(path)
            | Self::Git { path, .. }
            | Self::Pipe(path) => path.as_path(),
            Self::Nowhere => Path::new(PROFILE),
        };
        let finding =
            PRF001.finding(Label::of_text(0..0, "")).saying(self.to_string(), "name a profile that can be read");
        Checked::unread(Source::new(path, ""), vec![finding])
    }
}
