//! What is to be known of how an edge enforces a control, where edges differ in it.

use std::borrow::Cow;

use super::{Control, Edge, Entry, Owner, Plan};
use crate::profile::{Period, Rate, Version};

impl Plan<'_> {
    /// What is to be known of how the edge enforces a control that is its own.
    pub fn notes(&self, entry: &Entry<'_>) -> Vec<Cow<'static, str>> {
        if entry.owner != Owner::Layer(self.edge_layer()) {
            return Vec::new();
        }
        match &self.edge {
            Edge::Nginx(target) => self.nginx_notes(target.version, entry.control),
            Edge::Caddy(_) => {
                let counts = self.rate(entry.control).map(|rate| Cow::Owned(sliding(rate)));
                let others = self.caddy_notes(entry.control).iter().map(|note| Cow::Borrowed(*note));
                counts.into_iter().chain(others).collect()
            }
            Edge::Kubernetes(_) => Vec::new(),
        }
    }

    fn nginx_notes(&self, version: Version, control: Control<'_>) -> Vec<Cow<'static, str>> {
        match control {
            Control::ServerVersion => vec!["`Server: nginx` is still sent, without the version".into()],
            Control::Cookie(_) => vec!["its name is taken in any case, as `Session` for `session`".into()],
            Control::HostNames if !version.at_least(Version::new(1, 29, 0)) => {
                vec!["nginx before 1.29 waits for ever where the app answers 103 before its answer".into()]
            }
            Control::RateLimit(_) => self.rate(control).map(|rate| leaky(rate).into()).into_iter().collect(),
            Control::Cors if !version.at_least(Version::new(1, 23, 0)) => {
                vec!["of several `Origin` headers, which no browser sends, nginx before 1.23 looks at the first".into()]
            }
            // Most are enforced alike, whoever does it.
            _ => Vec::new(),
        }
    }

    fn caddy_notes(&self, control: Control<'_>) -> &'static [&'static str] {
        let behind = !self.policy.proxy.trusted.is_empty();
        match control {
            Control::HostNames => &[
                "a host with a dot at its end is another one to Caddy, and gets no answer: nginx serves it",
                "what is no HTTP is answered with 400 before any site is asked, without headers of a site's",
                "an unknown name is refused in the handshake by the alert `internal_error`: nginx says `unrecognized_name`",
            ],
            Control::ClientAddress if behind => &[
                "one Caddy trusts the same proxies for all its sites: apps that share it must name the same",
                "what is no address in a chain of them is passed over: nginx believes nothing before it",
            ],
            Control::BodySize => &["a body that does not say its length is cut while it passes: the app sees a part"],
            Control::RateLimit(_) if behind => {
                &["a client of IPv6 is counted by its whole address, of which it has many: nginx counts networks"]
            }
            _ => &[],
        }
    }

    /// The rate, where a control is one.
    fn rate(&self, control: Control<'_>) -> Option<Rate> {
        let Control::RateLimit(name) = control else { return None };
        self.policy.rate_limits.routes.get(name).map(|route| route.limit)
    }
}

/// How a rate counts where a bucket leaks: in a first period, what flows out makes room for as much again, less one.
fn leaky(rate: Rate) -> String {
    let first = u64::from(rate.count) * 2 - 1;
    format!("{} at once, then evenly: up to {first} in a first {}", rate.count, period(rate))
}

/// How a rate counts where a window slides: each request keeps its place for a whole period.
fn sliding(rate: Rate) -> String {
    let in_any = format!("{} in any {}", rate.count, period(rate));
    format!("never more than {in_any}; the next gets in when the first of them is that old")
}

fn period(rate: Rate) -> &'static str {
    match rate.period {
        Period::Second => "second",
        Period::Minute => "minute",
        Period::Hour => "hour",
        Period::Day => "day",
    }
}
