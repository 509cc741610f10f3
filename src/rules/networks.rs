//! What lists of networks hold together, and which networks and hosts are whose.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::words::and;
use crate::profile::{Cidr, Host, HostName, Origin};
use crate::source::KeyPath;

/// The addresses of IPv4 that no client on the internet has: private, shared, loopback, link-local, multicast and reserved
/// ones (IANA, IPv4 Special-Purpose Address Registry).
const NOBODYS_IPV4: [IpNet; 8] = [
    ipv4([0, 0], 8),
    ipv4([10, 0], 8),
    ipv4([100, 64], 10),
    ipv4([127, 0], 8),
    ipv4([169, 254], 16),
    ipv4([172, 16], 12),
    ipv4([192, 168], 16),
    ipv4([224, 0], 3),
];

/// The addresses of IPv6 that are not global unicast: all but `2000::/3` (IANA, IPv6 Address Space).
const NOBODYS_IPV6: [IpNet; 3] = [ipv6(0, 3), ipv6(0x4000, 2), ipv6(0x8000, 1)];

/// Of these, the ones that an organisation uses inside: private (RFC 1918), shared with a carrier or a cloud (RFC 6598),
/// loopback and link-local; unique local (RFC 4193), loopback and link-local in IPv6.
const PRIVATE: [IpNet; 9] = [
    ipv4([10, 0], 8),
    ipv4([100, 64], 10),
    ipv4([127, 0], 8),
    ipv4([169, 254], 16),
    ipv4([172, 16], 12),
    ipv4([192, 168], 16),
    ipv6(0xfc00, 7),
    ipv6(0xfe80, 10),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
];

/// Names that are for networks of one's own, or for nobody (RFC 2606, RFC 6761, RFC 6762, RFC 8375, ICANN's .internal).
const PRIVATE_NAMES: [&str; 12] = [
    "test",
    "example",
    "invalid",
    "localhost",
    "local",
    "internal",
    "home.arpa",
    "lan",
    "home",
    "corp",
    "intranet",
    "private",
];

const fn ipv4([first, second]: [u8; 2], length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(first, second, 0, 0), length))
}

const fn ipv6(first: u16, length: u8) -> IpNet {
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 0), length))
}

/// The network as clients know it: a socket for both families shows addresses of IPv4 as `::ffff:192.0.2.1`.
fn unmapped(network: Cidr) -> IpNet {
    let net = network.net();
    let mapped = match net {
        IpNet::V6(net) => net.prefix_len().checked_sub(96).zip(net.addr().to_ipv4_mapped()),
        IpNet::V4(_) => None,
    };
    mapped.and_then(|(length, address)| IpNet::new(address.into(), length).ok()).unwrap_or(net)
}

/// Whether nobody outside has an address of it.
pub(crate) fn is_private(network: Cidr) -> bool {
    let net = unmapped(network);
    PRIVATE.iter().any(|private| private.contains(&net))
}

/// Whether it holds an address that clients on the internet have.
fn is_public(net: &IpNet) -> bool {
    !NOBODYS_IPV4.iter().chain(&NOBODYS_IPV6).any(|nobodys| nobodys.contains(net))
}

/// The widest networks that one organisation or provider has (IANA's registries).
const WIDEST: (u8, u8) = (10, 28);

/// A network that is public and wider than any one has by itself, and yet not everyone.
pub(super) struct Wide {
    /// Where in its list it stands, or the first of its parts.
    pub place: usize,
    /// As it is written, or as its parts make it.
    pub network: String,
    pub is_ipv4: bool,
    /// The shortest prefix that a network of its family may have.
    pub widest: u8,
}

/// Finds those of a list, without the ones that are everyone. Networks side by side are one: two halves are as wide as the
/// whole.
pub(super) fn wide(networks: &[Cidr]) -> Vec<Wide> {
    let everyone = everyone(networks);
    let told = |place: usize| everyone.iter().any(|found| found.holds(place));
    let nets = networks.iter().copied().map(unmapped).enumerate();
    let nets: Vec<(usize, IpNet)> = nets.filter(|(place, net)| is_public(net) && !told(*place)).collect();
    let whole = IpNet::aggregate(&nets.iter().map(|(_, net)| *net).collect::<Vec<_>>());
    let wide = whole.into_iter().filter_map(|net| {
        let is_ipv4 = net.addr().is_ipv4();
        let widest = if is_ipv4 { WIDEST.0 } else { WIDEST.1 };
        let (place, first) = nets.iter().find(|(_, part)| net.contains(part)).filter(|_| net.prefix_len() < widest)?;
        let network = if *first == net { networks[*place].to_string() } else { net.to_string() };
        Some(Wide { place: *place, network, is_ipv4, widest })
    });
    let mut wide: Vec<Wide> = wide.collect();
    wide.sort_by_key(|one| one.place);
    wide
}

/// Whether every address of a network is in another, where mapped addresses are those of IPv4 that they stand for.
pub(super) fn holds(outer: Cidr, inner: Cidr) -> bool {
    unmapped(outer).contains(&unmapped(inner))
}

/// The domains below which tunnels hand out names, to one after the other.
const TUNNELS: [&str; 19] = [
    "ngrok.io",
    "ngrok.app",
    "ngrok.dev",
    "ngrok-free.app",
    "ngrok-free.dev",
    "trycloudflare.com",
    "loca.lt",
    "localtunnel.me",
    "serveo.net",
    "lhr.life",
    "localhost.run",
    "pinggy.link",
    "bore.pub",
    "tunnelto.dev",
    "devtunnels.ms",
    "app.github.dev",
    "zrok.io",
    "tunnelmole.net",
    "pagekite.me",
];

/// What is wrong with an origin that is nobody's own, for the message and for the place.
pub(super) fn anybodys(origin: &Origin) -> Option<(&'static str, &'static str)> {
    let Host::Name(name) = origin.host() else { return None };
    let name = name.as_str();
    let is_tunnel = |domain: &str| name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if TUNNELS.iter().any(|domain| is_tunnel(domain)) {
        return Some(("a tunnel's name", "handed out to somebody else when the tunnel ends"));
    }
    let suffix = psl::suffix(name.as_bytes()).filter(psl::Suffix::is_known);
    let is_suffix = suffix.is_some_and(|suffix| suffix.as_bytes() == name.as_bytes());
    is_suffix.then_some(("a public suffix", "nobody's own page: everyone has hosts below it"))
}

/// Whether a public authority signs certificates for a name: it ends in a domain of the public DNS.
pub(super) fn is_certifiable(name: &HostName) -> bool {
    let name = name.as_str();
    let is_private = PRIVATE_NAMES
        .iter()
        .any(|private| name.strip_suffix(private).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    // Of a domain's own registry there is no certificate: `https://shop`, `co.uk`.
    let is_registrys =
        |suffix: &psl::Suffix<'_>| suffix.as_bytes().len() == name.len() && suffix.typ() == Some(psl::Type::Icann);
    !is_private && psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known() && !is_registrys(&suffix))
}

/// Whether a name or an address, as a source of a CSP has it, is each visitor's own machine.
pub(super) fn is_loopback_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_name = name == "localhost" || name.ends_with(".localhost");
    is_name || name.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
}

/// Where a host is, as far as its name or address tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whereabouts {
    /// On this machine.
    Here,
    /// A name without a dot: in a container network, mostly on this machine.
    Neighbour,
    /// In a network of one's own.
    Private,
    /// Where anyone may be on the way.
    Public,
}

impl Whereabouts {
    pub(super) fn of(host: &Host) -> Self {
        match host {
            host if host.is_loopback() => Self::Here,
            // As a place to connect to, every address of the machine is the machine.
            Host::Address(address) if address.is_unspecified() => Self::Here,
            Host::Address(address) => match address.to_canonical() {
                address if address.is_loopback() => Self::Here,
                address if is_private_address(address) => Self::Private,
                _ => Self::Public,
            },
            Host::Name(name) if !name.as_str().contains('.') => Self::Neighbour,
            Host::Name(name) if is_certifiable(name) => Self::Public,
            Host::Name(_) => Self::Private,
        }
    }
}

fn is_private_address(address: IpAddr) -> bool {
    PRIVATE.iter().any(|private| private.contains(&address))
}

/// Whether a network by itself holds every client of a family.
pub(super) fn is_everyone(network: Cidr) -> bool {
    match unmapped(network) {
        IpNet::V4(net) => net.prefix_len() == 0,
        IpNet::V6(net) => net.contains(&Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0)) && net.prefix_len() <= 3,
    }
}

/// Networks that hold every client of a family: one by itself, or several together.
pub(super) struct Everyone {
    /// Which family.
    pub family: &'static str,
    /// Where in their list they stand.
    places: Vec<usize>,
}

impl Everyone {
    /// Whether a network of the list is among them.
    pub fn holds(&self, place: usize) -> bool {
        self.places.contains(&place)
    }

    /// The network's place, or the list's where it takes several.
    pub fn key(&self, list: impl Into<KeyPath>) -> KeyPath {
        self.key_of(list, |place| place)
    }

    /// The same where an element of the list may stand for several networks.
    pub fn key_of(&self, list: impl Into<KeyPath>, element: impl Fn(usize) -> usize) -> KeyPath {
        match self.places[..] {
            [place] => list.into().index(element(place)),
            _ => list.into(),
        }
    }

    /// What is to be seen there.
    pub fn label(&self, networks: &[Cidr]) -> String {
        if let [_] = self.places[..] {
            return "everyone".to_owned();
        }
        let names: Vec<String> = self.places.iter().map(|place| networks[*place].to_string()).collect();
        format!("{} together are everyone", and(&names))
    }
}

/// Finds the networks of a list that hold every client of a family: together with the addresses that no client has, they
/// are all that there are.
pub(super) fn everyone(networks: &[Cidr]) -> Vec<Everyone> {
    let mut found = Vec::new();
    for (family, nobodys) in [("IPv4", &NOBODYS_IPV4[..]), ("IPv6", &NOBODYS_IPV6)] {
        let is_of_family = |net: &IpNet| net.addr().is_ipv4() == nobodys[0].addr().is_ipv4();
        let of_family =
            || networks.iter().map(|network| unmapped(*network)).enumerate().filter(|(_, net)| is_of_family(net));
        // Halves, quarters and so on of all addresses: what holds them all adds up to one at least.
        let share = |net: IpNet| 0.5_f64.powi(i32::from(net.prefix_len()));
        let nobodys_share: f64 = nobodys.iter().copied().map(share).sum();
        if nobodys_share + of_family().map(|(_, net)| share(net)).sum::<f64>() < 1.0 {
            continue;
        }
        let alone = found.len();
        found.extend(
            of_family()
                .filter(|(place, _)| is_everyone(networks[*place]))
                .map(|(place, _)| Everyone { family, places: vec![place] }),
        );
        let nets: Vec<IpNet> = of_family().map(|(_, net)| net).chain(nobodys.iter().copied()).collect();
        if found.len() == alone && IpNet::aggregate(&nets).iter().any(|net| net.prefix_len() == 0) {
            let is_inside = |inner: &IpNet| nets.iter().any(|outer| outer != inner && outer.contains(inner));
            let places = of_family()
                .filter(|(_, net)| !is_inside(net) && !nobodys.contains(net))
                .map(|(place, _)| place)
                .collect();
            found.push(Everyone { family, places });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Text;

    fn told(networks: &[&str]) -> Vec<String> {
        let networks: Vec<Cidr> = networks.iter().map(|text| Cidr::parse(text).expect("it is a network")).collect();
        everyone(&networks).iter().map(|found| format!("{} {}", found.key("x"), found.label(&networks))).collect()
    }

    #[test]
    fn a_tunnels_name_is_nobodys_own() {
        for name in ["x.devtunnels.ms", "x.app.github.dev", "x.share.zrok.io", "x.ngrok.app", "github.io"] {
            let origin = Origin::parse(&format!("https://{name}")).expect("an origin");
            assert!(anybodys(&origin).is_some(), "{name}");
        }
        let origin = Origin::parse("https://shop.example.com").expect("an origin");
        assert!(anybodys(&origin).is_none());
    }

    #[test]
    fn everyone_is_found_alone_and_in_parts() {
        assert_eq!(told(&["10.0.0.0/8", "0.0.0.0/0", "::/0"]), ["x[1] everyone", "x[2] everyone"]);
        assert_eq!(
            told(&["128.0.0.0/1", "10.0.0.0/8", "0.0.0.0/2", "64.0.0.0/2"]),
            ["x 128.0.0.0/1, 0.0.0.0/2 and 64.0.0.0/2 together are everyone"]
        );
    }

    #[test]
    fn addresses_that_no_client_has_are_not_missed() {
        assert_eq!(told(&["2000::/3"]), ["x[0] everyone"]);
        assert_eq!(told(&["::ffff:0:0/96"]), ["x[0] everyone"]);
        assert_eq!(
            told(&["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3", "10.0.0.0/8"]),
            ["x 0.0.0.0/1, 128.0.0.0/2 and 192.0.0.0/3 together are everyone"]
        );
        assert_eq!(told(&["2000::/4", "3000::/4", "fd00::/8"]), ["x 2000::/4 and 3000::/4 together are everyone"]);
    }

    #[test]
    fn a_host_is_known_by_its_name_or_address() {
        let of = |text: &str| {
            let upstream = crate::profile::Upstream::parse(text).expect("it is an upstream");
            let crate::profile::Upstream::Tcp { host, .. } = upstream else { panic!("{text} has a host") };
            Whereabouts::of(&host)
        };
        for here in [
            "127.0.0.1:1",
            "127.3.2.1:1",
            "localhost:1",
            "app.localhost:1",
            "[::1]:1",
            "0.0.0.0:1",
            "[::ffff:127.0.0.1]:1",
        ] {
            assert_eq!(of(here), Whereabouts::Here, "{here}");
        }
        assert_eq!(of("app:8000"), Whereabouts::Neighbour);
        for private in [
            "10.0.0.5:1",
            "172.31.0.1:1",
            "100.64.0.1:1",
            "[fd00::1]:1",
            "app.internal:1",
            "app.corp:1",
            "app.home.arpa:1",
        ] {
            assert_eq!(of(private), Whereabouts::Private, "{private}");
        }
        for public in
            ["203.0.113.7:1", "172.32.0.1:1", "[2001:db8::1]:1", "app.example.com:1", "me.github.io:1", "a.co.uk:1"]
        {
            assert_eq!(of(public), Whereabouts::Public, "{public}");
        }
    }

    #[test]
    fn less_than_everyone_is_not() {
        assert_eq!(told(&[]), [""; 0]);
        assert_eq!(told(&["0.0.0.0/1", "8000::/1"]), [""; 0]);
        assert_eq!(told(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]), [""; 0]);
        assert_eq!(told(&["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/4", "2000::/4"]), [""; 0]);
        // Enough by number, and yet one quarter twice.
        assert_eq!(told(&["0.0.0.0/1", "0.0.0.0/2", "64.0.0.0/2"]), [""; 0]);
    }

    #[test]
    fn what_is_handed_out_again_is_anybodys() {
        let is = |text: &str| anybodys(&Origin::parse(text).expect("it is an origin")).is_some();
        for origin in [
            "https://github.io",
            "https://co.uk",
            "https://a1b2.ngrok-free.app",
            "https://x.y.trycloudflare.com",
            "https://loca.lt",
        ] {
            assert!(is(origin), "{origin}");
        }
        for origin in [
            "https://me.github.io",
            "https://shop.example.com",
            "http://localhost:3000",
            "https://intranet",
            "https://192.0.2.1",
            "https://notngrok.io",
        ] {
            assert!(!is(origin), "{origin}");
        }
    }
}
