//! The networks whose word for a client's address is taken: by the rendered proxy, and by the app's own server.

use ipnet::IpNet;

use super::rule::Findings;
use super::words::and;
use crate::command;
use crate::plan::{Evidence, Plan, Unbelieved};
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

/// Tells where the app's server does not believe the proxy by what a file tells it, or by its default where it is told nothing.
pub(super) fn tell_unbelieved(plan: &Plan<'_>, out: &mut Findings<'_>) {
    const KEY: &str = "proxy.addresses";
    let Some(Unbelieved { server, name, variable, needed }) = plan.unbelieved() else { return };
    let environment = plan.policy.environment().expect("what a server is told stands in a file");
    let shown = |net: IpNet| if net == net.addr().into() { net.addr().to_string() } else { net.to_string() };
    let addresses: Vec<String> = needed.iter().map(|one| shown(one.net())).collect();
    let from = if needed.is_empty() { "a socket, which has no address".to_owned() } else { and(&addresses) };
    let message =
        |why: &str| format!("{} does not believe the proxy, which comes from {from}: `{name}` {why}", server.name);
    let option = if name == command::FURTHER { command::BELIEVES } else { name };
    let list = if needed.is_empty() { "*".to_owned() } else { addresses.join(",") };
    let container = match plan.policy.proxy.addresses {
        None if !needed.is_empty() => {
            "; where the app runs in a container, write here and in `proxy.addresses` what it sees the proxy come from"
        }
        None | Some(_) => "",
    };
    let draft = match variable {
        Some(variable) => out.at_variable(variable, KEY, message("has something else")).known_by(Evidence::Held),
        None => out.at_the_end(environment, KEY, message("is not set")).known_by(Evidence::Known),
    };
    draft
        .label("all clients have the proxy's address, and https becomes http")
        .also("app.upstream", "where the proxy reaches the app")
        .help(format!("write `{option}={list}`{container}"));
}
