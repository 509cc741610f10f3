//! The proxies in front of the rendered one, and the networks of those that many services stand behind.
//!
//! `proxy.trusted = ["cloudflare", "10.0.0.0/8"]` trusts every network that Cloudflare publishes, and one of one's own.

use std::ops::Deref;

use serde::ser::{Serialize, Serializer};

use super::time::Date;
use super::{Cidr, shown, text};
use crate::profile::kind::Kind;
use crate::profile::read::{Read, Reader};
use crate::profile::text::{Refusal, Text};
use crate::source::{View, nearest};

/// A content delivery network, and where its requests come from.
#[derive(Debug)]
pub struct Cdn {
    /// Its name in a profile.
    pub word: &'static str,
    /// Its own name.
    pub title: &'static str,
    /// Where it publishes the list.
    pub source: &'static str,
    /// The day on which the list was read there.
    pub read: Date,
    /// The list.
    networks: &'static [&'static str],
}

/// Those whose lists seccfg knows. A list that is too old makes clients of a new network share its address; it never makes
/// anybody trusted who is not.
pub const CDNS: [Cdn; 2] = [
    Cdn {
        word: "cloudflare",
        title: "Cloudflare",
        source: "https://www.cloudflare.com/ips/",
        read: Date::new(2026, 10, 5),
        networks: &[
            "173.245.48.0/20",
            "103.21.244.0/22",
            "103.22.200.0/22",
            "103.31.4.0/22",
            "141.101.64.0/18",
            "108.162.192.0/18",
            "190.93.240.0/20",
            "188.114.96.0/20",
            "197.234.240.0/22",
            "198.41.128.0/17",
            "162.158.0.0/15",
            "104.16.0.0/13",
            "104.24.0.0/14",
            "172.64.0.0/13",
            "131.0.72.0/22",
            "2400:cb00::/32",
            "2606:4700::/32",
            "2803:f800::/32",
            "2405:b500::/32",
            "2405:8100::/32",
            "2a06:98c0::/29",
            "2c0f:f248::/32",
        ],
    },
    Cdn {
        word: "fastly",
        title: "Fastly",
        source: "https://api.fastly.com/public-ip-list",
        read: Date::new(2026, 9, 23),
        networks: &[
            "23.235.32.0/20",
            "43.249.72.0/22",
            "103.244.50.0/24",
            "103.245.222.0/23",
            "103.245.224.0/24",
            "104.156.80.0/20",
            "140.248.64.0/18",
            "140.248.128.0/17",
            "146.75.0.0/17",
            "151.101.0.0/16",
            "157.52.64.0/18",
            "167.82.0.0/17",
            "167.82.128.0/20",
            "167.82.160.0/20",
            "167.82.224.0/20",
            "172.111.64.0/18",
            "185.31.16.0/22",
            "199.27.72.0/21",
            "199.232.0.0/16",
            "2a04:4e40::/32",
            "2a04:4e42::/32",
        ],
    },
];

impl Cdn {
    /// The networks that it has.
    pub fn networks(&self) -> impl Iterator<Item = Cidr> {
        self.networks.iter().map(|network| Cidr::parse(network).expect("the lists are tested"))
    }
}

/// A proxy in front of the rendered one: a network, or a CDN by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer(String);

impl Peer {
    fn cdn(&self) -> Option<&'static Cdn> {
        CDNS.iter().find(|cdn| cdn.word == self.0)
    }

    fn networks(&self) -> Vec<Cidr> {
        match self.cdn() {
            Some(cdn) => cdn.networks().collect(),
            None => Cidr::parse(&self.0).into_iter().collect(),
        }
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        if CDNS.iter().any(|cdn| cdn.word == text) {
            return Ok(Self(text.to_owned()));
        }
        Cidr::parse(text).map(|network| Self(network.to_string())).map_err(|refusal| {
            let words = CDNS.map(|cdn| cdn.word);
            let lower = text.to_ascii_lowercase();
            let mut refusal = refusal;
            if let Some(meant) = nearest(&lower, words) {
                refusal.help = format!("did you mean \"{meant}\"?");
            } else if !text.contains(['.', ':', '/']) {
                let words = words.map(|word| format!("\"{word}\"")).join(" or ");
                refusal.help = format!("{}; or {words}, whose networks seccfg knows", refusal.help);
            }
            refusal
        })
    }
}

shown!(Peer);
text! {
    /// A network in CIDR notation, or a CDN whose networks seccfg knows: cloudflare, fastly.
    Peer, "a network or a CDN", ["10.0.0.0/8", "2001:db8::/32", "cloudflare", "fastly"],
    "^(cloudflare|fastly|[0-9a-fA-F.:]+(/[0-9]{1,3})?)$"
}

/// The proxies that are trusted, as a list of their networks.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    written: Vec<Peer>,
    networks: Vec<Cidr>,
}

impl TrustedProxies {
    /// The place in the profile's list that a network comes from.
    pub fn element(&self, network: usize) -> usize {
        let ends = self.written.iter().scan(0, |end, peer| {
            *end += peer.networks().len();
            Some(*end)
        });
        ends.take_while(|end| *end <= network).count()
    }

    /// What is written, with the names that CDNs give themselves.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.written.iter().map(|peer| peer.cdn().map_or(peer.as_str(), |cdn| cdn.title))
    }

    /// The CDNs among them.
    pub fn cdns(&self) -> impl Iterator<Item = &'static Cdn> {
        self.written.iter().filter_map(Peer::cdn)
    }
}

/// All the networks.
impl Deref for TrustedProxies {
    type Target = [Cidr];

    fn deref(&self) -> &[Cidr] {
        &self.networks
    }
}

impl Serialize for TrustedProxies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.networks.serialize(serializer)
    }
}

impl schemars::JsonSchema for TrustedProxies {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Vec::<Peer>::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<Peer>::json_schema(generator)
    }

    fn inline_schema() -> bool {
        Vec::<Peer>::inline_schema()
    }
}

impl Read for TrustedProxies {
    const KIND: Kind = Vec::<Peer>::KIND;

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let written = Vec::<Peer>::read(view, reader)?;
        let networks = written.iter().flat_map(Peer::networks).collect();
        Some(Self { written, networks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted(list: &[&str]) -> TrustedProxies {
        let written: Vec<Peer> = list.iter().map(|text| Peer::parse(text).expect("a peer")).collect();
        let networks = written.iter().flat_map(Peer::networks).collect();
        TrustedProxies { written, networks }
    }

    #[test]
    fn the_lists_hold_public_networks_that_do_not_overlap() {
        for cdn in &CDNS {
            let networks: Vec<Cidr> = cdn.networks().collect();
            assert!(networks.len() > 10 && cdn.source.starts_with("https://"), "{}", cdn.word);
            assert!(Peer::PATTERN.contains(cdn.word) && Peer::EXAMPLES.contains(&cdn.word), "{}", cdn.word);
            for (index, one) in networks.iter().enumerate() {
                assert!((8..=48).contains(&one.net().prefix_len()), "{one}");
                let is_inside = |other: &Cidr| other.net().contains(&one.net()) || one.net().contains(&other.net());
                assert!(!networks[index + 1..].iter().any(is_inside), "{one} is listed twice");
            }
        }
    }

    #[test]
    fn a_cdn_stands_for_its_networks_in_its_place() {
        let trusted = trusted(&["10.0.0.0/8", "fastly", "192.0.2.1"]);
        assert_eq!(trusted.len(), 2 + CDNS[1].networks.len());
        assert_eq!(trusted.names().collect::<Vec<_>>(), ["10.0.0.0/8", "Fastly", "192.0.2.1/32"]);
        assert_eq!([0, 1, trusted.len() - 2, trusted.len() - 1].map(|place| trusted.element(place)), [0, 1, 1, 2]);
    }

    #[test]
    fn what_is_no_network_is_told_the_names_that_are_known() {
        let help = |text| Peer::parse(text).expect_err("no peer").help;
        assert_eq!(help("Cloudflare"), "did you mean \"cloudflare\"?");
        assert_eq!(help("cloudflair"), "did you mean \"cloudflare\"?");
        assert!(help("cloudfront").contains("\"cloudflare\" or \"fastly\""), "{}", help("cloudfront"));
        assert!(!help("10.0.0.1/8").contains("fastly") && !help("lb.internal").contains("fastly"));
    }
}
