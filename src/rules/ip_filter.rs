//! Who may reach the app at all, by address.

use super::networks::{everyone, holds, is_everyone};
use super::rule::{Check, Severities, rules};
use crate::finding::Severity::{Error, Warning};
use crate::profile::Cidr;

/// The networks of a list, without those of everyone: PRX002 speaks where everyone is trusted, and a rule about everyone
/// is told as such.
fn narrow(networks: &[Cidr]) -> impl Iterator<Item = (usize, Cidr)> {
    networks.iter().copied().enumerate().filter(|(_, network)| !is_everyone(*network))
}

rules! {
    /// An IP filter that is on has rules, and none of them is about everyone or about a trusted proxy.
    ///
    /// A filter without rules lets everyone in and looks like a protection; so do rules whose filter nobody turned on. One that lets every address in is the same;
    /// one that denies every address is an outage. Of IPv4 and IPv6, each is judged by itself.
    ///
    /// The filter looks at the client behind the proxies in `proxy.trusted`, never at these. An `allow` that lists a
    /// proxy, mostly so that traffic gets through, lets in none of its clients; a `deny` that covers one turns away the
    /// proxy's own requests, such as those by which a balancer finds out whether the service is alive.
    ///
    /// Write: the clients' networks in `ip_filter.allow` or `ip_filter.deny`; or `ip_filter.enabled = false`.
    IPF001 = "pointless-ip-filter" {
        severity: Severities::all(Error),
        source: "FastCMS's production page, on reviewing the IP filter",
        keys: &["ip_filter.enabled", "ip_filter.allow", "ip_filter.deny", "proxy.trusted"],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let filter = &policy.ip_filter;
            let listed = [("ip_filter.allow", &filter.allow), ("ip_filter.deny", &filter.deny)];
            if !filter.enabled {
                // Where it was switched off, that is meant.
                let unasked = listed.into_iter().find(|(_, networks)| !networks.is_empty());
                if let Some((list, _)) = unasked.filter(|_| !policy.is_written("ip_filter.enabled")) {
                    out.at(list, "the IP filter lists networks and is not on")
                        .at_most(Warning)
                        .label("filters nobody")
                        .help("write `ip_filter.enabled = true`, or `false` to have it off on purpose");
                }
                return;
            }
            if filter.allow.is_empty() && filter.deny.is_empty() {
                out.at("ip_filter.enabled", "the IP filter is on and has no rules")
                    .label("lets everyone in")
                    .help("list networks in `ip_filter.allow` or `ip_filter.deny`, or set `ip_filter.enabled = false`");
                return;
            }
            let lists = [
                ("ip_filter.allow", &filter.allow, "lets every", "in"),
                ("ip_filter.deny", &filter.deny, "turns every", "away"),
            ];
            for (list, networks, verb, particle) in lists {
                for found in everyone(networks) {
                    let message = format!("the IP filter {verb} {} address {particle}", found.family);
                    out.at(found.key(list), message)
                        .label(found.label(networks))
                        .help("list the networks that are meant, or set `ip_filter.enabled = false`");
                }
            }
            let denies = |allowed: &Cidr| filter.deny.iter().any(|denied| holds(*denied, *allowed));
            if !filter.allow.is_empty() && everyone(&filter.deny).is_empty() && filter.allow.iter().all(denies) {
                out.at("ip_filter.deny", "the IP filter turns away all whom it lets in")
                    .label("counts before `allow`")
                    .also("ip_filter.allow", "nobody of these gets in")
                    .help("take out of `ip_filter.deny` what is meant to get in");
            }
            let proxies = &policy.proxy.trusted;
            let proxy = |is_hit: &dyn Fn(Cidr) -> bool| {
                let hit = narrow(proxies).find(|(_, proxy)| is_hit(*proxy));
                hit.map(|(network, _)| proxies.element(network))
            };
            for (place, allowed) in narrow(&filter.allow) {
                if let Some(trusted) = proxy(&|proxy| holds(proxy, allowed)) {
                    let message = "the IP filter lets in a trusted proxy, and none of its clients";
                    out.at(("ip_filter.allow", place), message)
                        .label("no client has such an address")
                        .also(("proxy.trusted", trusted), "its clients' addresses count, not its own")
                        .help("list the networks that clients come from");
                }
            }
            for (place, denied) in narrow(&filter.deny) {
                if let Some(trusted) = proxy(&|proxy| holds(proxy, denied) || holds(denied, proxy)) {
                    out.at(("ip_filter.deny", place), "the IP filter turns away a trusted proxy")
                        .label("covers a proxy's address")
                        .also(("proxy.trusted", trusted), "the proxy")
                        .help("deny the networks that clients come from, without the proxies'");
                }
            }
        }),
    }
}
