//! Where a proxy reaches a program, and whom it asks for the addresses of names.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Deref;

use super::{FilePath, Host, text};
use crate::profile::read::{Read, Reader};
use crate::profile::text::{Refusal, quoted};
use crate::profile::vocabulary::Kind;
use crate::source::View;

/// Where a proxy reaches a program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Upstream {
    /// A host and a port.
    Tcp {
        /// The host.
        host: Host,
        /// The port, from 1.
        port: u16,
        /// Whether by TLS, the program showing a certificate for the host.
        encrypted: bool,
    },
    /// A Unix socket at this absolute path.
    Unix(FilePath),
}

impl Upstream {
    /// The longest path that Linux takes for a socket (`sun_path`, with a zero at its end).
    const LONGEST_SOCKET: usize = 107;

    fn check(text: &str) -> Result<Self, Refusal> {
        let found = match text.strip_prefix("unix:") {
            // nginx ends the path of a socket at a colon.
            Some(path) => FilePath::check(path)
                .ok()
                .filter(|path| !path.as_str().contains(':') && path.as_str().len() <= Self::LONGEST_SOCKET)
                .map(Self::Unix),
            None => Self::tcp(text),
        };
        found.ok_or_else(|| {
            Refusal::new(
                format!("{} is not where an app can be reached", quoted(text)),
                "write a host and a port, \"127.0.0.1:8000\" or \"app:8000\", the same by TLS, \"https://app.internal:8443\", or \
                 a socket, \"unix:/run/shop.sock\", whose path has at most 107 bytes",
            )
        })
    }

    fn tcp(text: &str) -> Option<Self> {
        let (rest, encrypted) = text.strip_prefix("https://").map_or((text, false), |rest| (rest, true));
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (rest, None),
        };
        let port = match port {
            Some(port) => port.parse().ok().filter(|number: &u16| *number > 0 && number.to_string() == port)?,
            None => encrypted.then_some(443)?,
        };
        Host::behind(host).map(|host| Self::Tcp { host, port, encrypted })
    }

    /// An address that the code itself names.
    pub(crate) const fn local(port: u16) -> Self {
        Self::Tcp { host: Host::Address(IpAddr::V4(Ipv4Addr::LOCALHOST)), port, encrypted: false }
    }

    /// The machine, where it is reached by the network.
    pub const fn host(&self) -> Option<&Host> {
        match self {
            Self::Tcp { host, .. } => Some(host),
            Self::Unix(_) => None,
        }
    }

    /// Whether it is reached by TLS.
    pub const fn is_encrypted(&self) -> bool {
        matches!(self, Self::Tcp { encrypted: true, .. })
    }

    /// Whether nothing between it and the proxy leaves this machine.
    pub fn is_local(&self) -> bool {
        self.host().is_none_or(Host::is_loopback)
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port, encrypted } => {
                write!(out, "{}{host}:{port}", if *encrypted { "https://" } else { "" })
            }
            Self::Unix(path) => write!(out, "unix:{path}"),
        }
    }
}

text! {
    /// Where the proxy reaches the app: host:port, https://host:port or unix:/absolute/path.
    Upstream, "an upstream", ["127.0.0.1:8000", "unix:/run/shop.sock", "https://app.internal:8443"],
    "^(unix:/.+|https://[^/]+|[^/]+:[0-9]{1,5})$"
}

/// Where a proxy reaches a program that may run several times: each copy gets its share of the requests. All are reached
/// by TLS, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstreams(Vec<Upstream>);

impl Upstreams {
    /// An address that the code itself names.
    pub(crate) fn local(port: u16) -> Self {
        Self(vec![Upstream::local(port)])
    }

    /// The first of them.
    pub fn first(&self) -> &Upstream {
        self.0.first().expect("an empty list was refused")
    }

    /// Whether they are reached by TLS.
    pub fn are_encrypted(&self) -> bool {
        self.first().is_encrypted()
    }
}

impl Deref for Upstreams {
    type Target = [Upstream];

    fn deref(&self) -> &[Upstream] {
        &self.0
    }
}

impl Read for Upstreams {
    const KIND: Kind = Kind::OneOrMany(&<Upstream as Read>::KIND);

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let all = if view.elements().is_some() { Vec::read(view, reader)? } else { vec![reader.text(view)?] };
        let refusal = if view.elements().is_some_and(|mut written| written.next().is_none()) {
            Refusal::new(
                format!("`{}` is an empty list: nothing would answer", reader.key()),
                "name where the program is reached, such as \"127.0.0.1:8000\", or leave the key out",
            )
        } else if all.iter().any(Upstream::is_encrypted) && !all.iter().all(Upstream::is_encrypted) {
            Refusal::new(
                format!("`{}` reaches some copies by TLS and others without", reader.key()),
                "write https:// before each of them, or before none",
            )
        } else {
            return (!all.is_empty()).then_some(Self(all));
        };
        reader.refuse(view.span(), refusal);
        None
    }
}

impl serde::Serialize for Upstreams {
    /// As it is written: one by itself, several in a list.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [one] => one.serialize(serializer),
            all => all.serialize(serializer),
        }
    }
}

impl schemars::JsonSchema for Upstreams {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Upstreams".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let one = generator.subschema_for::<Upstream>();
        schemars::json_schema!({
            "description": "Where the proxy reaches a program; a list where it runs several times.",
            "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }],
        })
    }
}

/// A DNS server that a proxy asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameServer(SocketAddr);

impl NameServer {
    /// Docker's own, in every container of a network that Compose made.
    pub const DOCKER: Self = Self(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11)), 53));

    fn check(text: &str) -> Result<Self, Refusal> {
        let address = text.parse().map(|ip: IpAddr| SocketAddr::new(ip, 53)).or_else(|_| text.parse());
        address.ok().filter(|address| address.port() > 0 && !address.ip().is_unspecified()).map(Self).ok_or_else(|| {
            Refusal::new(
                format!("{} is not the address of a DNS server", quoted(text)),
                "write an address, \"127.0.0.11\" or \"::1\", or one with a port, \"127.0.0.1:5353\" or \"[::1]:5353\"",
            )
        })
    }
}

impl fmt::Display for NameServer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.port() == 53 { self.0.ip().fmt(out) } else { self.0.fmt(out) }
    }
}

impl NameServer {
    /// As nginx reads it: an IPv6 address in brackets.
    pub const fn socket(self) -> SocketAddr {
        self.0
    }
}

impl crate::profile::filled::Needed for NameServer {
    const WITHOUT: &'static str = "nobody would be asked";
}

text! {
    /// The address of a DNS server, with a port where that is not 53.
    NameServer, "the address of a DNS server", ["127.0.0.11", "127.0.0.1:5353"], "^[0-9a-fA-F.:\\[\\]]+$"
}
