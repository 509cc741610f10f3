//! Which profiles a command was asked about, by its arguments.

use std::path::PathBuf;

use super::words::word;
use crate::check::Modes;
use crate::plan::Target;
use crate::profile::Mode;

// What a command that is about one profile is asked about.
// (No doc comment: clap would take it for what the command says of itself.)
#[derive(clap::Args)]
pub struct Asked {
    /// The profile, its folder, or - for standard input.
    #[arg(value_name = "PATH")]
    pub(super) path: Option<PathBuf>,
    #[command(flatten)]
    pub(super) which: Which,
}

// In which mode, and behind what.
#[derive(clap::Args)]
pub struct Which {
    /// In this mode instead of the profile's own: dev, test, staging or prod.
    #[arg(long, value_name = "MODE", value_parser = word::<Mode>(), hide_possible_values = true)]
    pub(super) mode: Option<Mode>,
    /// Behind these targets instead of those that the profile declares: nginx, caddy or kubernetes.
    #[arg(long = "target", value_name = "TARGET", value_delimiter = ',', value_parser = word::<Target>(), hide_possible_values = true)]
    pub(super) targets: Vec<Target>,
}

impl Which {
    /// The mode that is meant.
    pub(super) fn modes(&self) -> Modes {
        self.mode.map_or(Modes::Own, Modes::One)
    }

    /// Whether anything of it was said.
    pub(super) const fn is_said(&self) -> bool {
        self.mode.is_some() || !self.targets.is_empty()
    }
}
