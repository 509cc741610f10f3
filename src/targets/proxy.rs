//! What a reverse proxy does for an app: its share of a plan, before it is said in any proxy's language.
//!
//! Texts here are as the profile means them. Whoever writes them for a proxy escapes them, or refuses them at the key
//! that comes along.

use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU64};

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::escape::MAX_TOKEN;
use super::{Refused, forged, path};
use crate::plan::{Control, CookieFlags, Cors, Demand, Edge, Entry, Header, Limit, Owner, Paths, Plan, Tls};
use crate::profile::{Address, Cidr, ForwardedFor, Group, Guideline, HeaderName, Host, Method, TlsVersion, Url};
use crate::source::KeyPath;

/// What no client gets of an app's answer, whatever the policy says: a filter that made pages less safe, in browsers that
/// read it at all; and what an app tells a proxy, and no proxy here does.
const ALWAYS_HIDDEN: [&str; 6] =
    ["X-XSS-Protection", "X-Accel-Charset", "X-Accel-Expires", "X-Accel-Limit-Rate", "X-Accel-Redirect", "X-Sendfile"];

/// Where TLS ends.
#[derive(Debug, Clone)]
pub enum Transport<T> {
    /// Nowhere: the proxy serves the app by plain HTTP.
    Plain,
    /// Here, as this says.
    Tls(T),
    /// At a CDN or balancer before us, which says in `X-Forwarded-Proto` how the client came. It is believed where the
    /// peer is one of `proxy.trusted`.
    Upstream,
}

impl<T: Serialize> Serialize for Transport<T> {
    /// As two values: strict templates can't ask which variant they got.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (tls, behind) = match self {
            Self::Plain => (None, false),
            Self::Tls(tls) => (Some(tls), false),
            Self::Upstream => (None, true),
        };
        let mut view = serializer.serialize_struct("Transport", 2)?;
        view.serialize_field("tls", &tls)?;
        view.serialize_field("behind", &behind)?;
        view.end()
    }
}

/// TLS that ends at the proxy, and what was asked of it.
#[derive(Debug, Clone, Copy)]
pub struct Encryption<'p> {
    /// Whether TLS 1.3 alone is let in.
    pub is_modern: bool,
    /// The key exchange groups that the profile names.
    groups: Option<&'p [Group]>,
}

impl Encryption<'_> {
    /// Whether the profile names the groups itself.
    pub const fn names_groups(self) -> bool {
        self.groups.is_some()
    }

    /// The groups that the policy asks for, each once; the guideline's, where it names none.
    pub fn groups(self) -> Vec<Group> {
        let mut groups = Vec::new();
        for group in self.groups.unwrap_or(&Guideline::GROUPS) {
            if !groups.contains(group) {
                groups.push(*group);
            }
        }
        groups
    }
}

/// A rate limit, and the paths that it counts.
pub struct Counted<'p> {
    /// The limit.
    pub limit: &'p Limit<'p>,
    /// The route's key.
    pub key: KeyPath,
    /// The control and its key, as in `rate limit sign_in, 5/min [rate_limits.routes.sign_in]`.
    pub why: String,
    /// The paths that share it.
    pub paths: Vec<Path>,
}

/// A path, and the profile's key that it comes from.
pub struct Path {
    /// The key.
    pub key: KeyPath,
    /// The path, decoded.
    pub path: String,
}

/// The share of a reverse proxy in a plan: what it is to do, demand by demand.
pub struct Proxy<'p> {
    /// The plan.
    pub plan: &'p Plan<'p>,
    /// Where TLS ends.
    pub transport: Transport<Encryption<'p>>,
    /// Whether plain HTTP is redirected to https; else it serves the app.
    pub redirect: bool,
    /// The host names that are served, each once.
    pub served: &'p [Host],
    /// The proxies before this one, and whether it can tell the client's address by their word.
    pub trusted: &'p [Cidr],
    /// Whether their word counts.
    pub believes: bool,
    /// What the app is told of the chain of addresses.
    pub forwarded_for: ForwardedFor,
    /// The response headers that it sends, in place of the app's own.
    pub headers: Vec<(Control<'p>, &'p Header)>,
    /// What the app may say of its own that the policy did not ask for: no client gets it.
    pub hide: Vec<&'static str>,
    /// Paths answered with `Cache-Control: no-store`; elsewhere the app's own value stands.
    pub no_store: Vec<Path>,
    /// Whether it keeps its version to itself.
    pub hide_version: bool,
    /// CORS, answered by the proxy alone: whatever the app says about it is hidden.
    pub cors: Option<&'p Cors<'p>>,
    /// The flags that it puts on the app's cookies.
    pub cookies: Vec<&'p CookieFlags<'p>>,
    /// The limits per client address. Their paths may overlap: every limit that fits counts.
    pub limits: Vec<Counted<'p>>,
    /// Paths answered with 404.
    pub hidden: Vec<Path>,
    /// The client networks that are turned away.
    pub denied: &'p [Cidr],
    /// Those that alone are let in; none: all.
    pub allowed: &'p [Cidr],
}

/// Whether nothing that a plan holds could be too long for a proxy, whatever has to be escaped, or have no form in its
/// language. This is a look at lengths and characters, so that a check of a valid profile writes nothing to learn that it
/// could. What is not plain may still have a form: only writing it tells.
pub fn is_plain(plan: &Plan<'_>) -> bool {
    /// Escaping at most doubles a text.
    const TEXT: usize = MAX_TOKEN / 2;
    /// A path may stand below another, each with its own half of a pattern.
    const PATH: usize = MAX_TOKEN / 2;
    let is_text = |text: &str| text.len() <= TEXT && !text.contains(['{', '}', '`']);
    let is_path = |path: &str| path::longest_pattern(path) <= PATH;
    let are_paths = |paths: &Paths<'_>| paths.list.iter().all(|path| is_path(path.as_str()) && is_text(path.as_str()));
    let is_mount = |url: &Url| is_path(url.path());
    let is_plain = |entry: &Entry<'_>| match &entry.demand {
        Demand::Hsts(header) | Demand::Header(header) => header.value.as_deref().is_none_or(is_text),
        Demand::NoStore(paths) | Demand::ApiDocs(paths) | Demand::SetUp(paths) => are_paths(paths),
        Demand::RateLimit(limit) => are_paths(&limit.paths) && limit.rate.per_minute_or_second().is_some(),
        Demand::Cors(cors) => {
            let methods = cors.methods.iter().map(Method::as_str);
            let names = cors.headers.iter().chain(cors.expose).map(HeaderName::as_str);
            let length: usize = methods.clone().chain(names.clone()).map(|name| name.len() + ", ".len()).sum();
            length <= TEXT && methods.chain(names).all(is_text)
        }
        // What these hold is of types that every proxy has a form for.
        Demand::Tls(_)
        | Demand::HttpsRedirect
        | Demand::HostNames { .. }
        | Demand::ClientAddress { .. }
        | Demand::ServerVersion
        | Demand::Cookie(_)
        | Demand::BodySize(_)
        | Demand::IpFilter(_)
        | Demand::Lockout(_)
        | Demand::Passwords(_)
        | Demand::Sessions(_)
        | Demand::Tokens(_)
        | Demand::SharedState(_) => true,
    };
    let has_two_ports = match &plan.edge {
        Edge::Nginx(target) => target.http_port != target.https_port,
        Edge::Caddy(target) => target.http_port != target.https_port,
        Edge::Kubernetes(_) => true,
    };
    has_two_ports && plan.policy.app.url.as_ref().is_none_or(is_mount) && plan.entries.iter().all(is_plain)
}

/// The sockets for one port, each once.
pub fn sockets(bind: &[Address], port: NonZeroU16) -> Vec<SocketAddr> {
    let mut sockets: Vec<SocketAddr> = Vec::new();
    for address in bind {
        let socket = SocketAddr::new(address.ip(), port.get());
        if !sockets.contains(&socket) {
            sockets.push(socket);
        }
    }
    sockets
}

/// Refuses one port for both: it speaks plain HTTP or TLS. `target` is the key of the proxy's own settings.
pub fn two_ports(target: &'static str, http: NonZeroU16, https: NonZeroU16) -> Result<(), Refused> {
    if http != https {
        return Ok(());
    }
    let reason = format!("is {http}, as is `{target}.https_port`: one port speaks plain HTTP or TLS");
    let help = "write two different ports, or leave both out for 80 and 443";
    Err(Refused::new(KeyPath::from(target).key("http_port"), reason).help(help))
}

impl<'p> Proxy<'p> {
    /// Takes a plan's demands apart. One that the plan gives to another layer is not the proxy's to meet.
    pub fn new(plan: &'p Plan<'p>) -> Self {
        let mut proxy = Self {
            plan,
            transport: Transport::Plain,
            redirect: false,
            served: &[],
            trusted: &[],
            believes: false,
            forwarded_for: ForwardedFor::Overwrite,
            headers: Vec::new(),
            hide: Vec::new(),
            no_store: Vec::new(),
            hide_version: false,
            cors: None,
            cookies: Vec::new(),
            limits: Vec::new(),
            hidden: Vec::new(),
            denied: &[],
            allowed: &[],
        };
        for entry in &plan.entries {
            proxy.take(entry, entry.owner == Owner::Layer(plan.edge_layer()));
        }
        let powered = proxy.hide_version.then_some("X-Powered-By");
        proxy.hide.splice(0..0, ALWAYS_HIDDEN.into_iter().chain(powered));
        proxy
    }

    fn take(&mut self, Entry { control, demand, .. }: &'p Entry<'p>, is_mine: bool) {
        match demand {
            Demand::Tls(Tls::Upstream) => self.transport = Transport::Upstream,
            Demand::Tls(Tls::Here { lowest, groups, .. }) => {
                let is_modern = *lowest == TlsVersion::V1_3;
                self.transport = Transport::Tls(Encryption { is_modern, groups: *groups });
            }
            Demand::HttpsRedirect => self.redirect = is_mine,
            Demand::HostNames { served, .. } => self.served = served,
            Demand::ClientAddress { trusted, forwarded_for } => {
                (self.trusted, self.forwarded_for) = (&trusted[..], *forwarded_for);
                self.believes = is_mine && !trusted.is_empty();
            }
            Demand::Hsts(Header { value: None, name, .. }) => self.hide.extend(is_mine.then_some(*name)),
            Demand::Hsts(header) | Demand::Header(header) => {
                self.headers.extend(is_mine.then_some((*control, header)));
                // The policy's is the only one, whoever sends it.
                self.hide.extend(header.instead_of);
            }
            Demand::NoStore(paths) => self.no_store = self.paths(paths, is_mine),
            Demand::ServerVersion => self.hide_version = is_mine,
            Demand::Cors(cors) => self.cors = is_mine.then_some(cors),
            Demand::Cookie(cookie) => self.cookies.extend(is_mine.then_some(cookie)),
            Demand::RateLimit(limit) if is_mine => {
                let key = KeyPath::from("rate_limits.routes").key(limit.name.as_str());
                let why = format!("rate limit {}, {} [{key}]", limit.name, limit.rate);
                self.limits.push(Counted { limit, key, why, paths: self.paths(&limit.paths, true) });
            }
            Demand::ApiDocs(paths) | Demand::SetUp(paths) => self.hidden.extend(self.paths(paths, is_mine)),
            Demand::IpFilter(filter) if is_mine => (self.denied, self.allowed) = (&filter.deny, &filter.allow),
            // Of the app, or of nobody. No body larger than the policy's default gets through, asked for or not.
            Demand::RateLimit(_)
            | Demand::IpFilter(_)
            | Demand::BodySize(_)
            | Demand::Lockout(_)
            | Demand::Passwords(_)
            | Demand::Sessions(_)
            | Demand::Tokens(_)
            | Demand::SharedState(_) => {}
        }
    }

    /// How long the app has to begin its answer, in seconds.
    pub fn timeout(&self) -> NonZeroU64 {
        NonZeroU64::new(self.plan.policy.app.timeout.as_seconds()).expect("none is shorter than a second")
    }

    /// The port that clients know for https, unless that is its own.
    pub fn public_port(&self, https_port: NonZeroU16) -> Option<u16> {
        let url = self.plan.policy.url();
        let port = if url.origin().is_https() { url.origin().port() } else { https_port.get() };
        Some(port).filter(|port| *port != 443)
    }

    /// Each host that is served and its https origin, written out: what a request says would send people wherever it
    /// says.
    pub fn https_origins(&self, https_port: NonZeroU16) -> Vec<(Host, String)> {
        let port = self.public_port(https_port).map(|port| format!(":{port}")).unwrap_or_default();
        self.served.iter().map(|host| (host.clone(), format!("https://{host}{port}"))).collect()
    }

    /// The request headers that no app may see.
    pub fn dropped(&self) -> impl Iterator<Item = &'static str> {
        forged::headers(self.trusted.is_empty())
    }

    /// Every path as the app names it and, where the app is mounted below its URL's path, as clients do: the proxy sees
    /// the latter, and the former from whatever else leads to the app.
    fn paths(&self, asked: &Paths<'_>, is_mine: bool) -> Vec<Path> {
        let url = self.plan.policy.url();
        let mount = url.path().trim_end_matches('/');
        let mut found: Vec<Path> = Vec::new();
        let mut add = |key: KeyPath, path: String| {
            if !found.iter().any(|other| other.path == path) {
                found.push(Path { key, path });
            }
        };
        for (index, path) in asked.list.iter().enumerate().filter(|_| is_mine) {
            add(asked.key.clone().index(index), path.to_string());
            if !mount.is_empty() {
                add("app.url".into(), format!("{mount}{path}"));
            }
        }
        found
    }
}
