//! Addresses of the network: hosts, networks such as `10.0.0.0/8`, and where a proxy finds an app.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

use super::{shown, text};
use crate::profile::text::{Refusal, quoted};

/// A DNS name in lower case, exact: no pattern, no address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

impl HostName {
    /// Whether it is this machine alone (RFC 6761 §6.3).
    pub fn is_loopback(&self) -> bool {
        self.0 == "localhost" || self.0.ends_with(".localhost")
    }

    /// The name of a machine behind the proxy. Compose calls one by its service, and that may have `_` in it, which no
    /// name on the Internet has.
    pub(super) fn behind(text: &str) -> Option<Self> {
        Self::check(&text.replace('_', "x")).ok().map(|_| Self(text.to_owned()))
    }

    /// Whether it has one label alone, as containers are called by those beside them.
    pub fn is_bare(&self) -> bool {
        !self.0.contains('.')
    }

    pub(super) fn check(text: &str) -> Result<Self, Refusal> {
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // A last label that is a number would make it an IP address to every URL
        // parser (WHATWG URL, "ends in a number").
        let number = |last: &str| match last.strip_prefix("0x") {
            Some(hex) => hex.bytes().all(|b| b.is_ascii_hexdigit()),
            None => last.bytes().all(|b| b.is_ascii_digit()),
        };
        let numeric = text.rsplit('.').next().is_some_and(number);
        if text.len() <= 253 && text.split('.').all(label) && !numeric {
            return Ok(Self(text.to_owned()));
        }
        let help = if text.contains('*') {
            "list each name that is served: a pattern would also serve names that nobody meant"
        } else if text.contains("://") {
            "write the name alone, without scheme, port or path: \"www.shop.example.com\""
        } else {
            "write a DNS name in lower case, such as \"www.shop.example.com\" (a name in another script as xn--…)"
        };
        Err(Refusal::new(format!("{} is not a host name", quoted(text)), help))
    }
}

shown!(HostName);
text! {
    /// A DNS name in lower case, without pattern, port or scheme.
    HostName, "a host name", ["www.shop.example.com"],
    "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
}

/// A host in a URL: a name or an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A DNS name.
    Name(HostName),
    /// An address, IPv6 without brackets.
    Address(IpAddr),
}

impl Host {
    /// Reads a machine behind the proxy, IPv6 in brackets.
    pub(super) fn behind(text: &str) -> Option<Self> {
        Self::in_url(text).or_else(|| HostName::behind(text).map(Self::Name))
    }

    /// Reads a host as it stands in a URL, IPv6 in brackets.
    pub(super) fn in_url(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let address: Ipv6Addr = inner.parse().ok()?;
            return (address.to_string() == inner).then_some(Self::Address(address.into()));
        }
        match text.parse::<std::net::Ipv4Addr>() {
            Ok(address) => Some(Self::Address(address.into())),
            Err(_) => HostName::check(text).ok().map(Self::Name),
        }
    }

    /// The name, where it is one.
    pub const fn name(&self) -> Option<&HostName> {
        match self {
            Self::Name(name) => Some(name),
            Self::Address(_) => None,
        }
    }

    /// Whether it is this machine alone.
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name.is_loopback(),
            Self::Address(address) => address.is_loopback(),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(out),
            Self::Address(IpAddr::V4(address)) => address.fmt(out),
            Self::Address(IpAddr::V6(address)) => write!(out, "[{address}]"),
        }
    }
}

/// An IP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(IpAddr);

impl Address {
    /// The address.
    pub const fn ip(self) -> IpAddr {
        self.0
    }

    /// An address that the code itself names.
    pub const fn new(address: IpAddr) -> Self {
        Self(address)
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        text.parse().map(Self).map_err(|_| {
            Refusal::new(
                format!("{} is not an IP address", quoted(text)),
                "write an address without port or brackets: \"127.0.0.1\", \"0.0.0.0\" or \"::\"",
            )
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

text! {
    /// An IP address.
    Address, "an IP address", ["127.0.0.1", "0.0.0.0", "::"], "^[0-9a-fA-F.:]+$"
}

/// A network in CIDR notation. A bare address is the network of it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr(IpNet);

impl Cidr {
    /// The network.
    pub const fn net(self) -> IpNet {
        self.0
    }

    /// Without zeros in front, which some read as octal: `010.0.0.0/8` is 8.0.0.0/8 to them.
    fn read(text: &str) -> Option<IpNet> {
        let Some((address, length)) = text.split_once('/') else { return Some(text.parse::<IpAddr>().ok()?.into()) };
        let length = Some(length).filter(|length| *length == "0" || !length.starts_with(['0', '+']))?;
        IpNet::new(address.parse().ok()?, length.parse().ok()?).ok()
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        match Self::read(text) {
            Some(net) if net.addr() == net.network() => Ok(Self(net)),
            Some(net) => Err(Refusal::new(
                format!("{} has address bits beyond its prefix", quoted(text)),
                format!("write the network, \"{}\", or the one address, \"{}\"", net.trunc(), net.addr()),
            )),
            None => Err(Refusal::new(
                format!("{} is not a network", quoted(text)),
                "write an address and a prefix length: \"10.0.0.0/8\", \"2001:db8::/32\"",
            )),
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

text! {
    /// A network in CIDR notation; a bare address means it alone.
    Cidr, "a network", ["10.0.0.0/8", "2001:db8::/32"], "^[0-9a-fA-F.:]+(/[0-9]{1,3})?$"
}

/// Whether the same people hold two names: they are the same, or below the same name that somebody registered (the
/// Public Suffix List).
pub fn same_holder(one: &str, other: &str) -> bool {
    one == other || psl::domain_str(one).is_some_and(|domain| psl::domain_str(other) == Some(domain))
}

#[cfg(test)]
mod tests {
    use super::same_holder;

    #[test]
    fn a_holder_is_known_by_what_was_registered() {
        assert!(same_holder("shop.example.co.uk", "mail.example.co.uk"));
        assert!(same_holder("example.com", "mail.example.com"));
        assert!(!same_holder("one.co.uk", "other.co.uk"));
        assert!(!same_holder("one.github.io", "other.github.io"));
        assert!(same_holder("intranet", "intranet") && !same_holder("intranet", "mail"));
    }
}
