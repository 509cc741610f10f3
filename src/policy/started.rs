//! How an app is started, where something beside the profile says so: the command or the `replicas` of a Compose file, or a
//! variable that servers read; and where Compose opens its ports.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde_json::Value;

use crate::command::ForDevelopers;
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
    /// That it is a server for developers.
    ForDevelopers(ForDevelopers),
}

/// Every client, as a network.
pub const EVERYONE: &str = "0.0.0.0/0";

/// The networks that a server's option or variable names, as `10.0.0.5,10.1.0.0/16`; a star is everyone. Nothing where one of
/// them is no network: of a name or a socket nothing is known.
pub fn networks(text: &str) -> Option<Vec<Cidr>> {
    let named = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    named.map(|one| Cidr::parse(if one == "*" { EVERYONE } else { one }).ok()).collect()
}

/// A port of Compose's `ports`: `8000:80` is open on every address of the machine, `127.0.0.1:8000:80` on that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opened {
    /// The address on the machine.
    pub(super) ip: IpAddr,
    /// The port there; none: Docker chooses one that is free.
    pub(super) number: Option<u16>,
    /// The port at which the container listens.
    pub(super) target: u16,
}

/// Where a port of `ports` is open. Of several ports the first counts.
pub(super) fn opened(port: &str) -> Option<Opened> {
    let first = |number: &str| number.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u16>().ok();
    let (published, target) = port.rsplit_once(':').unwrap_or(("", port));
    let (address, number) = published.rsplit_once(':').unwrap_or(("", published));
    let ip = match address.trim_matches(['[', ']']) {
        "" => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        address => address.parse().ok()?,
    };
    let number = if number.is_empty() { 0 } else { first(number)? };
    Some(Opened { ip, number: Some(number).filter(|number| *number > 0), target: first(target)? })
}

/// A port that Compose opens on the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPort {
    /// The address on the machine.
    pub ip: IpAddr,
    /// The port there; none: Docker chooses one that is free.
    pub number: Option<u16>,
    /// The port at which the container listens.
    pub target: u16,
    /// In which of the check's sources that stands, and where.
    pub place: (usize, Span),
    /// The name of its service.
    pub service: String,
    /// What keeps data behind it; nothing where it is the app's.
    pub stored: Option<Stored>,
}

impl OpenPort {
    /// How it is written so that the machine alone reaches it.
    pub fn for_the_machine(&self) -> String {
        format!("127.0.0.1:{}:{}", self.number.unwrap_or(self.target), self.target)
    }

    /// The same in words, as a sentence.
    pub fn in_words(&self) -> String {
        match (self.ip, self.number) {
            (ip, Some(number)) if ip.is_unspecified() => {
                format!("Compose opens its port {number} on every address of the machine")
            }
            (ip, Some(number)) => format!("Compose opens its port at {}", SocketAddr::new(ip, number)),
            (ip, None) => {
                let target = self.target;
                let place =
                    if ip.is_unspecified() { "on every address of the machine".to_owned() } else { format!("at {ip}") };
                format!("Compose opens its port {target} {place}, at a port that Docker chooses")
            }
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
            (Says::ForDevelopers(_), _) => "app.debug",
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
            Says::ForDevelopers(_) => Literal::from(true).to_string(),
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
            Says::ForDevelopers(started) => {
                return format!("the service's command starts {}", started.in_words());
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
