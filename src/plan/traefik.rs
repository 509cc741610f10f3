//! What is to be known of Traefik as a gateway: what it does otherwise than nginx and Caddy, and what those who run it set.
//! Each of these was seen on the real program: `tests/kubernetes/live.rs` asks it, and what takes a pause was measured by hand.

use std::borrow::Cow;

use super::{Control, Cors, Demand, Limit, Owner, Plan, overlap};
use crate::profile::{Cidr, Host};

type Note = Cow<'static, str>;

/// How it sends clients on.
pub(super) const REDIRECTS: &str = "GET is answered with 301, and every other method with 308; an ACME challenge is sent on, too, where no route of who \
     asks for the certificate takes it, as cert-manager's does";

/// How an app hears of the client's address, and of what else a client says.
pub(super) fn addresses(trusted: &[Cidr]) -> Vec<Note> {
    const PLACE: &str = "`forwardedHeaders.trustedIPs` of its entry points";
    let underscores = "headers with `_` or `.` in their names pass: an app by WSGI reads `X_Forwarded_For` as \
                       `X-Forwarded-For`, where its server does not drop it (gunicorn does since 22.0)";
    let networks: Vec<String> = trusted.iter().map(ToString::to_string).collect();
    let set = if networks.is_empty() {
        format!("who runs the gateway leaves {PLACE} empty")
    } else {
        format!("who runs the gateway sets the trusted proxies in {PLACE}: {}", networks.join(", "))
    };
    let peer = "`X-Real-IP` is the address of the nearest proxy, and no client's";
    let peer = (!trusted.is_empty()).then_some(Cow::Borrowed(peer));
    [Cow::Owned(set), Cow::Borrowed(underscores)].into_iter().chain(peer).collect()
}

/// How requests reach an app.
pub(super) fn requests(plan: &Plan<'_>, served: &[Host]) -> Vec<Note> {
    let unknown = "an unknown name in a handshake gets the default certificate, and the host that is asked for then decides: one \
                   that nobody serves is answered with 404, without the site's headers";
    let spelled = "the app is told the host as the client wrote it, in capitals, with a port or with a dot at its end: it \
                   should compare it with the names that it has";
    let resolved = "paths reach the app resolved: two slashes as one, dots taken away, `%61` as `a`; a target that is no path \
                    is refused since 3.7 alone";
    let upgrades = "other upgrades than to a WebSocket are passed on, but for h2c since 3.7: an app behind an older one should speak no h2c";
    let head = "who runs the gateway limits the head of a request in `http.maxHeaderBytes` of its entry points: it takes 1 MiB \
                where nothing is set, and nginx 32 KiB";
    let waits = format!(
        "who runs the gateway sets how long it waits for an answer, {} for this app, in \
         `serversTransport.forwardingTimeouts.responseHeaderTimeout`: a route says nothing of it that counts",
        plan.policy.app.timeout
    );
    let edge = Owner::Layer(plan.edge_layer());
    let leads = plan.entry(Control::AliasesRedirect).is_some_and(|entry| entry.owner == edge);
    let asked = if leads { 1 } else { served.len() };
    let spelled = (asked > 1).then_some(Cow::Borrowed(spelled));
    let fixed = [unknown, resolved, upgrades, head].map(Cow::Borrowed);
    fixed.into_iter().chain(spelled).chain([Cow::Owned(waits)]).collect()
}

/// What it answers to preflights, and browsers take for the same.
pub(super) fn preflights(cors: &Cors<'_>) -> Vec<Note> {
    let status = "a preflight is answered with 200, where nginx and Caddy say 204: browsers take both; an OPTIONS request \
                  without `Origin`, which no browser sends as a preflight, is answered by the app";
    let credentials = "answers to origins that are not listed also say `Access-Control-Allow-Credentials`, which browsers do \
                       not heed without an allowed origin beside it";
    [Some(status), cors.credentials.then_some(credentials)].into_iter().flatten().map(Cow::Borrowed).collect()
}

/// How a limit counts: each rule of a route by itself, and a method is a rule.
pub(super) fn counting(plan: &Plan<'_>, limit: &Limit<'_>, by_itself: &'static str) -> Vec<Note> {
    let several =
        limit.methods.is_some_and(|methods| methods.len() > 1 || methods.iter().any(|one| one.as_str() == "GET"));
    let methods = several.then_some(Cow::Borrowed("each method is counted by itself, GET and HEAD, too"));
    let meets = |other: &Limit<'_>| {
        let own = limit.paths.list;
        other.name != limit.name
            && other.paths.list.iter().any(|path| own.iter().any(|one| overlap(one.as_str(), path.as_str())))
    };
    let others = plan.entries.iter().filter_map(|entry| {
        let Demand::RateLimit(other) = &entry.demand else { return None };
        Some(other)
    });
    let shared = "requests that another limit counts, too, are counted by themselves";
    let shared = others.into_iter().any(meets).then_some(Cow::Borrowed(shared));
    let whole =
        "a client of IPv6 is counted by its whole address behind trusted proxies, and by its network of 64 bits else";
    let whole = (!plan.policy.proxy.trusted.is_empty()).then_some(Cow::Borrowed(whole));
    let forgotten = forgets(limit).map(Cow::Owned);
    [Cow::Borrowed(by_itself)].into_iter().chain(forgotten).chain(methods).chain(shared).chain(whole).collect()
}

/// What comes of a pause, in words.
fn forgets(limit: &Limit<'_>) -> Option<String> {
    const HOUR: u64 = 3_600;
    let pauses = Pauses::of(limit)?;
    let (count, seconds) = (u64::from(limit.rate.count), limit.rate.seconds());
    Some(format!(
        "an address that pauses for {} seconds is counted from the beginning, so that {} requests an hour get through in \
         place of {}: `burst = 1` in the limit holds it to the rate",
        pauses.seconds,
        pauses.within(HOUR),
        count * HOUR / seconds
    ))
}

/// How a limit is got around by pauses: Traefik forgets an address a second after one request more would have become free. Of a
/// limit of one request a second or more that is not noticed. (Measured with 3.7.15 and 10 requests a minute: after 6 seconds one
/// passes, after 7 all ten; with a burst of 1, 7 requests in 36 seconds.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pauses {
    /// How many seconds an address pauses.
    pub seconds: u64,
    /// How many requests it may then make at once.
    pub at_once: u64,
}

impl Pauses {
    /// Of a limit as Traefik counts it; nothing where pauses gain nothing.
    pub(super) fn of(limit: &Limit<'_>) -> Option<Self> {
        let (count, period) = (u64::from(limit.rate.count), limit.rate.seconds());
        let (seconds, at_once) = (1 + period.div_ceil(count.max(1)), u64::from(limit.at_once()));
        (count < period && at_once > 1).then_some(Self { seconds, at_once })
    }

    /// How many requests get through within some seconds.
    pub fn within(self, seconds: u64) -> u64 {
        self.at_once * seconds / self.seconds
    }
}
