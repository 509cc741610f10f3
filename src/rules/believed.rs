//! The networks whose word for a client's address is taken: by the rendered proxy, and by the app's own server.

use crate::policy::Policy;
use crate::profile::{Cidr, TrustedProxies};

/// One list of them, and how a finding speaks of it.
pub(super) struct Believed<'p> {
    /// Where the profile has it.
    pub key: &'static str,
    pub networks: &'p [Cidr],
    /// What is done with who comes from there.
    pub how: &'static str,
    /// What to write in place of everyone.
    pub instead: &'static str,
    /// What to write in place of a wide network.
    pub narrower: &'static str,
    /// The list as it is written, if a name in it may stand for several networks.
    names: Option<&'p TrustedProxies>,
}

impl Believed<'_> {
    /// The element of the list that a network comes from.
    pub fn element(&self, network: usize) -> usize {
        self.names.map_or(network, |names| names.element(network))
    }
}

/// Both lists of a policy.
pub(super) fn believed<'p>(policy: &'p Policy<'p>) -> [Believed<'p>; 2] {
    let proxy = &policy.proxy;
    [
        Believed {
            key: "proxy.trusted",
            networks: &proxy.trusted,
            how: "trusted to say",
            instead: "name the networks of the proxies in front, such as `proxy.trusted = [\"10.0.0.0/8\"]`",
            narrower: "name the proxies' own networks, as their provider publishes them",
            names: Some(&proxy.trusted),
        },
        Believed {
            key: "proxy.addresses",
            networks: proxy.addresses.as_deref().unwrap_or_default(),
            how: "believed by the app's server when it says",
            instead: "name the addresses from which the rendered proxy connects to the app, such as \
                      `proxy.addresses = [\"10.0.0.5\"]`",
            narrower: "name the addresses from which the rendered proxy connects to the app",
            names: None,
        },
    ]
}
