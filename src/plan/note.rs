//! What is to be known of how an edge enforces a control, where edges differ in it.

use std::borrow::Cow;

use super::{Control, Edge, Entry, Owner, Plan};
use crate::profile::{Period, Rate};

impl Plan<'_> {
    /// What is to be known of how the edge enforces a control that is its own.
    pub fn note(&self, entry: &Entry<'_>) -> Option<Cow<'static, str>> {
        if entry.owner != Owner::Layer(self.edge_layer()) {
            return None;
        }
        let control = entry.control;
        match &self.edge {
            Edge::Nginx(_) => self.nginx_note(control),
            Edge::Caddy(_) => self.caddy_note(control).map(Cow::Borrowed),
            Edge::Kubernetes(_) => None,
        }
    }

    fn nginx_note(&self, control: Control<'_>) -> Option<Cow<'static, str>> {
        match control {
            Control::ServerVersion => Some("`Server: nginx` is still sent, without the version".into()),
            Control::RateLimit(name) => {
                let rate = self.policy.rate_limits.routes.get(name)?.limit;
                Some(leaky(rate).into())
            }
            Control::Tls
            | Control::HttpsRedirect
            | Control::HostNames
            | Control::ClientAddress
            | Control::Hsts
            | Control::Header(_)
            | Control::NoStore
            | Control::Cors
            | Control::Cookie(_)
            | Control::ApiDocs
            | Control::BodySize
            | Control::IpFilter
            | Control::Lockout
            | Control::Passwords
            | Control::Sessions
            | Control::Tokens
            | Control::SharedState => None,
        }
    }

    fn caddy_note(&self, control: Control<'_>) -> Option<&'static str> {
        let behind = !self.policy.proxy.trusted.is_empty();
        match control {
            Control::HostNames => Some("a name with a dot at its end is refused, where nginx serves it"),
            Control::ClientAddress if behind => {
                Some("one Caddy trusts the same proxies for all its sites: apps that share it must name the same")
            }
            Control::BodySize => {
                Some("a body that does not say its length is cut while it passes: the app sees a part")
            }
            Control::RateLimit(_) if behind => {
                Some("a client of IPv6 is counted by its whole address, of which it has many: nginx counts networks")
            }
            Control::Tls
            | Control::HttpsRedirect
            | Control::ClientAddress
            | Control::Hsts
            | Control::Header(_)
            | Control::NoStore
            | Control::ServerVersion
            | Control::Cors
            | Control::Cookie(_)
            | Control::RateLimit(_)
            | Control::ApiDocs
            | Control::IpFilter
            | Control::Lockout
            | Control::Passwords
            | Control::Sessions
            | Control::Tokens
            | Control::SharedState => None,
        }
    }
}

/// How a rate counts where a bucket leaks: in a first period, what flows out makes room for as much again, less one.
fn leaky(rate: Rate) -> String {
    let first = u64::from(rate.count) * 2 - 1;
    let period = match rate.period {
        Period::Second => "second",
        Period::Minute => "minute",
        Period::Hour => "hour",
        Period::Day => "day",
    };
    format!("{} at once, then evenly: up to {first} in a first {period}", rate.count)
}
