//! What is to be known of how an edge enforces a control, where edges differ in it.

use std::borrow::Cow;
use std::slice;

use super::demand::CSP;
use super::{Demand, Edge, Entry, Limit, OwnPages, Owner, Paths, Plan, Service, Way, platform};
use crate::profile::{Cdn, Method, NginxTarget, Rate, Terminate, UrlPath, Version};

/// What is told of one control.
type Notes = Vec<Cow<'static, str>>;

/// What a handshake does not ask again.
const RESUMED: &str = "a client that resumes a TLS session may give an unknown name in the handshake: the host that it then \
                       asks for still has to be one that is served";

/// What becomes of a stream that falls silent, where nothing else is asked for.
const NEVER_ENDED: &str =
    "a stream or a WebSocket that falls silent is not ended: `locations.*.idle_timeout` says when it is";

/// How nginx passes an answer on, where nothing else is asked for.
const HELD_BACK: &str = "an answer that comes bit by bit is held back until there is more of it: paths of streams are \
                         `locations.*` with `stream = true`";

/// What Caddy does not touch.
const SWITCHED: &str = "an answer that opens a WebSocket (101), hints before an answer (103) and headers behind one (trailers) \
                        pass Caddy as the app gives them: let the app set no cookies and no headers of the site's there";

/// What nginx takes for an answer.
const NO_HTTP: &str = "what an app answers that is no HTTP is passed on as it is, without headers: Caddy answers 502";

/// Notes of fixed words.
fn words<const N: usize>(notes: [&'static str; N]) -> Notes {
    notes.map(Cow::Borrowed).to_vec()
}

impl Plan<'_> {
    /// What is to be known of how the edge enforces a control that is its own, and of who does where it is neither the edge's
    /// nor the app's.
    pub fn notes(&self, entry: &Entry<'_>) -> Notes {
        if entry.owner != Owner::Layer(self.edge_layer()) {
            return self.service_counts(entry).into_iter().collect();
        }
        let mut notes = match &self.edge {
            Edge::Nginx(_) | Edge::Caddy(_) => Vec::new(),
            Edge::Kubernetes(cluster) => platform::notes(self, cluster, &entry.demand),
        };
        notes.extend(self.edge_notes(entry));
        notes.extend(self.pages_notes(&entry.demand));
        notes
    }

    /// Whose word it is that a limit is counted, where that is not the app's alone.
    fn service_counts(&self, entry: &Entry<'_>) -> Option<Cow<'static, str>> {
        let whose = self.behind(&entry.demand);
        let is_the_apps = entry.owner != Owner::Delegated || *whose == *self.app.title;
        (!is_the_apps).then(|| format!("{whose} answers there, and nothing is known of how a service counts").into())
    }

    fn edge_notes(&self, entry: &Entry<'_>) -> Notes {
        let is_behind = !self.policy.proxy.trusted.is_empty();
        match (&entry.demand, &self.edge) {
            (Demand::ServerVersion, Edge::Nginx(_)) => words(["`Server: nginx` is still sent, without the version"]),
            (Demand::Cookie(_), Edge::Nginx(_)) => words([
                "its name is taken in any case, as `Session` for `session`",
                "of an attribute that the app says twice in one cookie, the first is rewritten and the second stays",
            ]),
            (Demand::NoStore(_), Edge::Nginx(nginx)) if !nginx.version.at_least(NginxTarget::JOINS_LINES) => {
                words(["of several `Cache-Control` lines of the app, nginx before 1.23 passes on the first, everywhere"])
            }
            (Demand::HostNames { in_handshake, .. }, Edge::Nginx(nginx)) => {
                let is_before = |version| !nginx.version.at_least(version);
                let waits = if is_before(Version::new(1, 29, 0)) {
                    "where the app answers 100, 102 or 103 before its answer, nginx before 1.29 waits in vain for the latter"
                } else {
                    "where the app answers 100 or 102 before its answer, nginx waits in vain for the latter"
                };
                let resumes = *in_handshake && is_before(Version::new(1, 27, 4));
                let notes = [Some(waits), resumes.then_some(RESUMED)];
                notes.into_iter().flatten().chain([HELD_BACK, NO_HTTP]).map(Cow::Borrowed).collect()
            }
            (Demand::Upstream(way), Edge::Nginx(nginx)) => self.followed_note(way, nginx).into_iter().collect(),
            (Demand::Service(service), Edge::Nginx(nginx)) => self.service_notes(service, nginx),
            (Demand::HostNames { in_handshake, .. }, Edge::Caddy(_)) => words([
                NEVER_ENDED,
                "a host with a dot at its end is another one to Caddy, and gets no answer: nginx serves it",
                "what is no HTTP is answered with 400, and `OPTIONS *` with 200, before any site is asked, without headers of a site's",
                "a request that tells its length in two ways is read by its chunks (RFC 9112): nginx answers 400",
                "an unknown name is refused in the handshake by the alert `internal_error`: nginx says `unrecognized_name`",
            ])
            .into_iter()
            .chain(in_handshake.then_some(Cow::Borrowed(RESUMED)))
            .collect(),
            (Demand::ClientAddress { trusted, .. }, edge) => {
                let mut notes: Notes = trusted.cdns().map(|cdn| dated(cdn).into()).collect();
                let signs = "a header with another sign in its name than letters, digits, `-`, `_` and `.` passes, which some CGI \
                             servers read as a dash (`X~Real~IP`): nginx lets none pass";
                notes.extend(matches!(edge, Edge::Caddy(_)).then_some(Cow::Borrowed(signs)));
                if matches!(edge, Edge::Caddy(_)) && is_behind {
                    notes.extend(words([
                        "one Caddy trusts the same proxies for all its sites: apps that share it must name the same",
                        "what is no address in a chain of them is passed over: nginx believes nothing before it",
                    ]));
                }
                notes
            }
            (Demand::Cors(_), Edge::Nginx(nginx)) if !nginx.version.at_least(Version::new(1, 23, 0)) => {
                words(["of several `Origin` headers, which no browser sends, nginx before 1.23 looks at the first"])
            }
            (Demand::Cookie(_) | Demand::Cors(_) | Demand::ServerVersion, Edge::Caddy(_)) => words([SWITCHED]),
            (Demand::RateLimit(limit), Edge::Nginx(_)) => {
                [leaky(limit).into()].into_iter().chain(overridden(limit)).collect()
            }
            (Demand::RateLimit(limit), Edge::Caddy(_)) => {
                let mut notes: Notes = [sliding(limit.rate).into()].into_iter().chain(overridden(limit)).collect();
                let whole =
                    "a client of IPv6 is counted by its whole address, of which it has many: nginx counts networks";
                notes.extend(is_behind.then_some(Cow::Borrowed(whole)));
                notes
            }
            (Demand::BodySize(_), Edge::Caddy(_)) => {
                words(["a body that does not say its length is cut while it passes: the app sees a part"])
            }
            (Demand::Access(access), _) if access.client_ca.is_some() => self.certificate_notes(),
            (Demand::Health(_), edge) => self.health_notes(edge),
            (Demand::SetUp(paths), _) => vec![self.set_up_note(paths).into()],
            // These are enforced alike, whoever does it.
            (
                Demand::Tls(_)
                | Demand::HttpsRedirect
                | Demand::PlainHttpRefused
                | Demand::HostNames { .. }
                | Demand::Hsts(_)
                | Demand::Header(_)
                | Demand::NoStore(_)
                | Demand::ServerVersion
                | Demand::Cors(_)
                | Demand::Cookie(_)
                | Demand::RateLimit(_)
                | Demand::ApiDocs(_)
                | Demand::BodySize(_)
                | Demand::Upstream(_)
                | Demand::Service(_)
                | Demand::Location { .. }
                | Demand::AliasesRedirect { .. }
                | Demand::Access(_)
                | Demand::IpFilter(_)
                | Demand::Lockout(_)
                | Demand::Passwords(_)
                | Demand::Sessions(_)
                | Demand::Tokens(_)
                | Demand::SharedState(_),
                Edge::Nginx(_) | Edge::Caddy(_) | Edge::Kubernetes(_),
            ) => Vec::new(),
        }
    }

    /// Whom nginx asks for a name that it follows.
    fn followed_note(&self, way: &Way<'_>, nginx: &NginxTarget) -> Option<Cow<'static, str>> {
        let servers: Vec<String> = nginx.resolver.iter().map(ToString::to_string).collect();
        let is_dockers = !self.policy.is_written("targets.nginx.resolver");
        let whose = if is_dockers { ", Docker's own: elsewhere, write `targets.nginx.resolver`" } else { "" };
        way.follows.then(|| format!("its name is looked up at {}{whose}", servers.join(", ")).into())
    }

    fn service_notes(&self, service: &Service<'_>, nginx: &NginxTarget) -> Notes {
        let followed = service.way().and_then(|way| self.followed_note(way, nginx));
        let joins = nginx.version.at_least(NginxTarget::JOINS_LINES);
        let first = "of several lines of one header that it sends itself, nginx before 1.23 passes the first on";
        let own = (service.headers.is_some() && !joins).then_some(Cow::Borrowed(first));
        followed.into_iter().chain(own).collect()
    }

    /// What comes of asking clients for certificates.
    fn certificate_notes(&self) -> Notes {
        let mut notes = words([
            "browsers that have a certificate of the authority ask their users for it, on every page of the site",
            "a client that shows a certificate of another authority is refused everywhere",
            "a request has to be for the name of its handshake: another one of the same site gets 421",
        ]);
        let resumes = "nginx before 1.27.4 may take a certificate that another site of the same nginx has verified \
                       (CVE-2025-23419): have its sites name one authority";
        let is_old = matches!(&self.edge, Edge::Nginx(nginx) if !nginx.version.at_least(Version::new(1, 27, 4)));
        notes.extend(is_old.then_some(Cow::Borrowed(resumes)));
        notes
    }

    /// How a balancer has to ask.
    fn health_notes(&self, edge: &Edge<'_>) -> Notes {
        let by_name = "by https it is answered in a handshake for a name that is served: a balancer that asks by address has to ask \
                       by plain HTTP";
        let of_one =
            "one nginx answers it by address for the app whose `common.conf` it has, and for others by their names";
        let of_handshake = "by https the request has to be for the name of its handshake, as clients show certificates: for another \
                            host Caddy answers 421";
        let ends_here = self.policy.terminate() == Terminate::Proxy;
        let are_known = ends_here && self.policy.access.values().any(|entry| entry.authority().is_some());
        let notes = [
            ends_here.then_some(by_name),
            matches!(edge, Edge::Nginx(_)).then_some(of_one),
            (are_known && matches!(edge, Edge::Caddy(_))).then_some(of_handshake),
        ];
        notes.into_iter().flatten().map(Cow::Borrowed).collect()
    }

    /// What a Content-Security-Policy, the site's or a service's, keeps the pages from that come with the app.
    fn pages_notes(&self, demand: &Demand<'_>) -> Notes {
        let (headers, policy_of) = if let Demand::Header(header) = demand {
            (slice::from_ref(header), None)
        } else if let Demand::Service(Service { name, headers: Some(headers), .. }) = demand {
            (&headers[..], *name)
        } else {
            return Notes::new();
        };
        let policy = headers.iter().find(|header| header.name == CSP).and_then(|header| header.value.as_deref());
        let Some(policy) = policy else { return Notes::new() };
        let note = |pages: OwnPages<'_>| {
            let blocked = pages.kept_out_by(policy)?;
            let OwnPages { whose, known } = pages;
            Some(format!("{whose} needs {blocked}, which this policy blocks: {}", known.why).into())
        };
        self.facts().pages_under(policy_of).into_iter().filter_map(note).collect()
    }

    /// How an app is set up whose paths for that are closed.
    fn set_up_note(&self, closed: &Paths<'_>) -> String {
        let paths: Vec<&str> = closed.list.iter().map(UrlPath::as_str).collect();
        let lets = self.app.set_up.lets.as_deref();
        let lets = lets.map(|lets| format!(": whoever comes first may {lets}")).unwrap_or_default();
        let upstream = self.policy.app.upstream.first();
        format!("{} answers 404{lets}; set the app up from the machine itself, at {upstream}", paths.join(", "))
    }
}

/// How old the list of a CDN's networks is.
fn dated(cdn: &Cdn) -> String {
    let Cdn { title, source, read, .. } = cdn;
    format!("{title}'s networks are those that it published on {read} ({source}): a newer seccfg has newer ones")
}

/// How a rate counts where a bucket leaks: in a first period, what flows out makes room for as much again, less one.
fn leaky(limit: &Limit<'_>) -> String {
    let (rate, at_once) = (limit.rate, limit.at_once());
    let first = u64::from(at_once) + u64::from(rate.count) - 1;
    let time = rate.time_in_words();
    let first_time =
        if rate.single_period().is_some() { format!("a first {time}") } else { format!("the first {time}") };
    format!("{at_once} at once, then evenly: up to {first} in {first_time}")
}

/// What an app may count as another method than a proxy does.
fn overridden(limit: &Limit<'_>) -> Option<Cow<'static, str>> {
    let methods = limit.methods?;
    let is_said_by_post = |method: &Method| matches!(method.as_str(), "PUT" | "PATCH" | "DELETE");
    let counts_post = methods.iter().any(|method| matches!(method.as_str(), "POST" | "*"));
    let note = "a POST that an app takes for another method, by `_method` or `X-HTTP-Method-Override`, is not counted: add `POST` \
                where the app does so";
    (!counts_post && methods.iter().any(is_said_by_post)).then_some(Cow::Borrowed(note))
}

/// How a rate counts where a window slides: each request keeps its place for a whole period.
fn sliding(rate: Rate) -> String {
    let in_any = format!("{} in any {}", rate.count, rate.time_in_words());
    format!("never more than {in_any}; the next gets in when the first of them is that old")
}
