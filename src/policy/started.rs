//! How an app is started, where something beside the profile says so: the command or the `replicas` of a Compose file, or a
//! variable that servers read; and where Compose opens its ports.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde_json::Value;

use crate::compose::Stored;
use crate::profile::{Cidr, Text as _};
use crate::source::{Literal, Span};

/// What is said of an app's start, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// What says so.
    pub by: By,
    /// What is said.
    pub says: Says,
    /// In which of the check's sources that stands, and where.
    pub place: (usize, Span),
}

/// What says how an app is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The words that its server is started with.
    Command,
    /// The variable of this name, which servers read.
    Variable(&'static str),
    /// The number of containers.
    Replicas,
}

/// What may be said of an app's start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// How many processes or containers run.
    Count(u32),
    /// From where the server takes a proxy's word for a client's address.
    Believes(Vec<Cidr>),
}

/// Every client, as a network.
pub const EVERYONE: &str = "0.0.0.0/0";

/// The networks that a server's option or variable names, as `10.0.0.5,10.1.0.0/16`; a star is everyone. Nothing where one of
/// them is no network: of a name or a socket nothing is known.
pub fn networks(text: &str) -> Option<Vec<Cidr>> {
    let named = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    named.map(|one| Cidr::parse(if one == "*" { EVERYONE } else { one }).ok()).collect()
}

/// Where a port of Compose's `ports` is open on the machine, and at which port the container listens: `8000:80` is open on every
/// address, `127.0.0.1:8000:80` on that one. Of several ports the first counts. A port by itself is open at a number that
/// nobody knows yet.
pub(super) fn opened(port: &str) -> Option<(SocketAddr, u16)> {
    let first = |number: &str| number.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u16>().ok();
    let (published, target) = port.rsplit_once(':').unwrap_or((port, port));
    let (address, number) = published.rsplit_once(':').unwrap_or(("", published));
    let address = match address.trim_matches(['[', ']']) {
        "" => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        address => address.parse().ok()?,
    };
    Some((SocketAddr::new(address, first(number)?), first(target)?))
}

/// A port that Compose opens on the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPort {
    /// The address and the number on the machine.
    pub address: SocketAddr,
    /// The port at which the container listens.
    pub target: u16,
    /// In which of the check's sources that stands, and where.
    pub place: (usize, Span),
    /// What keeps data behind it, and the name of its service; nothing where it is the app's.
    pub stored: Option<(Stored, String)>,
}

impl OpenPort {
    /// How it is written so that the machine alone reaches it.
    pub fn for_the_machine(&self) -> String {
        format!("127.0.0.1:{}:{}", self.address.port(), self.target)
    }

    /// The same in words, as a sentence.
    pub fn in_words(&self) -> String {
        match self.address {
            address if address.ip().is_unspecified() => {
                format!("Compose opens its port {} on every address of the machine", address.port())
            }
            address => format!("Compose opens its port at {address}"),
        }
    }
}

impl Started {
    /// So many, where any run and the profile could say it.
    pub(super) fn count(by: By, count: u64, place: (usize, Span)) -> Option<Self> {
        let count = u32::try_from(count).ok().filter(|count| *count > 0)?;
        Some(Self { by, says: Says::Count(count), place })
    }

    /// The key of the profile that says the same.
    pub fn key(&self) -> &'static str {
        match (&self.says, self.by) {
            (Says::Believes(_), _) => "proxy.addresses",
            (Says::Count(_), By::Command | By::Variable(_)) => "app.workers",
            (Says::Count(_), By::Replicas) => "app.replicas",
        }
    }

    /// The value of that key, as TOML.
    pub fn value(&self) -> String {
        match &self.says {
            Says::Count(count) => Literal::from(*count).to_string(),
            Says::Believes(networks) => {
                let networks: Value = networks.iter().map(ToString::to_string).collect();
                Literal::from(&networks).to_string()
            }
        }
    }

    /// The same in words, as a sentence.
    pub fn in_words(&self) -> String {
        let count = match &self.says {
            Says::Believes(networks) => {
                let list = networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                return match self.by {
                    By::Variable(name) => format!("`{name}` tells the app's server to believe {list}"),
                    By::Command | By::Replicas => format!("the service's command tells its server to believe {list}"),
                };
            }
            Says::Count(count) => *count,
        };
        let (processes, containers) = if count == 1 { ("process", "container") } else { ("processes", "containers") };
        match self.by {
            By::Command => format!("the service's command starts {count} {processes}"),
            By::Variable(name) => format!("`{name}` starts {count} {processes}"),
            By::Replicas => format!("Compose runs {count} {containers} of the service"),
        }
    }
}
