//! How a site is asked over the network.

use std::path::PathBuf;
use std::time::Duration as Time;

use super::Failure;
use super::words::word;
use crate::input;
use crate::profile::Duration;
use crate::verify::certificate::Authorities;
use crate::verify::client::Settings;
use crate::verify::resolve::Resolve;

// What a command that asks a site takes. (No doc comment: clap would take it for what the command says of itself.)
#[derive(clap::Args)]
pub struct Network {
    /// Find a host at an address instead of by its name: `HOST:ADDRESS`, or `HOST:PORT:ADDRESS:PORT`; `*` is every host. May
    /// be repeated, also for a host with several addresses.
    #[arg(long, value_name = "HOST:ADDR")]
    resolve: Vec<Resolve>,
    /// Trust the authorities in this PEM file instead of the system's.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// How long a connection, a handshake, an answer's headers and its body may take, each [default: 10s].
    #[arg(long, value_name = "TIME", value_parser = word::<Duration>(), hide_possible_values = true)]
    timeout: Option<Duration>,
}

/// How long each stage of a question may take, where nothing else is said.
const PATIENCE: Time = Time::from_secs(10);
/// How long a run may take.
const WHOLE: Time = Time::from_mins(2);

impl Network {
    /// What a run may cost, with so many connections.
    pub(super) fn settings(&self, most: usize) -> Settings {
        let patience = self.timeout.map_or(PATIENCE, |timeout| Time::from_secs(timeout.as_seconds()));
        Settings { patience, whole: WHOLE, most, resolve: self.resolve.clone() }
    }

    /// Whose signatures are trusted.
    pub(super) fn authorities(&self) -> Result<Authorities, Failure> {
        let Some(path) = &self.ca else { return Authorities::of_the_system().map_err(Failure::Usage) };
        let pem = input::own_bytes(path)?;
        Authorities::of_pem(&pem).map_err(|why| Failure::Usage(format!("--ca {}: {why}", path.display())))
    }

    /// Whether anything of it was said.
    pub(super) const fn is_said(&self) -> bool {
        !self.resolve.is_empty() || self.ca.is_some() || self.timeout.is_some()
    }
}
