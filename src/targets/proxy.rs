//! What a reverse proxy does for an app: its share of a plan, before it is said in any proxy's language.
//!
//! Texts here are as the profile means them. Whoever writes them for a proxy escapes them, or refuses them at the key
//! that comes along.

use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU64};

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::Error;
use crate::plan::{Control, HSTS, Owner, Plan, header_value, lowest_tls};
use crate::profile::{
    Address, Cidr, CorsOrigin, Duration, Group, Guideline, HeaderName, Host, Method, Name, Rate, SameSite, TlsVersion,
    UrlPath,
};
use crate::source::{KeyPath, Provenance};

/// Request headers that name a client or a path beside the ones that a proxy sets. Some app behind some framework
/// believes each of them, and only a proxy may say them.
pub const FORGEABLE: [&str; 26] = [
    "Forwarded",
    "Forwarded-For",
    "X-Forwarded",
    "X-Forwarded-By",
    "X-Forwarded-Path",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Protocol",
    "X-Forwarded-Scheme",
    "X-Forwarded-Server",
    "X-Forwarded-Ssl",
    "X-Original-Forwarded-For",
    "X-Original-Host",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Url-Scheme",
    "Front-End-Https",
    "Client-IP",
    "X-Client-IP",
    "X-Cluster-Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "Fastly-Client-IP",
    "X-Envoy-External-Address",
    "X-Host",
    "Proxy",
];

/// Request headers by which a proxy that knows its users tells the app who it is: where none stands before us, they are
/// a client's claim.
pub const IDENTITY: [&str; 3] = ["Remote-User", "X-Forwarded-User", "X-Remote-User"];

/// The share of the reverse proxy in a plan.
#[derive(Clone, Copy)]
pub struct Proxy<'p> {
    /// The plan.
    pub plan: &'p Plan<'p>,
}

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

/// A response header that the proxy sends, in place of the app's own.
pub struct Header {
    /// The profile's key that asks for it.
    pub key: KeyPath,
    /// The control and its key, as in `HSTS [hsts.enabled]`.
    pub why: String,
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// On which answers it stands.
    pub when: When,
}

/// On which answers a header stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// On every one.
    Always,
    /// On those to clients that came by https.
    Https,
}

/// CORS, answered by the proxy alone: whatever the app says about it is hidden.
pub struct Cors {
    /// The origins that may read answers, each once; none: every origin, without credentials.
    pub origins: Option<Vec<String>>,
    /// Whether requests from listed origins may carry cookies.
    pub credentials: bool,
    /// `Access-Control-Allow-Methods` of a preflight's answer.
    pub methods: String,
    /// `Access-Control-Allow-Headers` of a preflight's answer.
    pub headers: String,
    /// `Access-Control-Expose-Headers`, where there is any.
    pub expose: Option<String>,
    /// How long browsers remember a preflight, in seconds.
    pub max_age: u64,
}

/// A limit on requests per client address.
pub struct Limit<'p> {
    /// The route's key.
    pub key: KeyPath,
    /// The control and its key, as in `rate limit sign_in, 5/min [rate_limits.routes.sign_in]`.
    pub why: String,
    /// The route's name.
    pub name: &'p Name,
    /// How many, in what time.
    pub rate: Rate,
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

/// Flags of one of the app's cookies: set, cleared or, where nothing is written, left to the app.
pub struct Cookie<'p> {
    /// The cookie's key.
    pub key: KeyPath,
    /// Its name.
    pub name: &'p str,
    /// `Secure`.
    pub secure: Option<bool>,
    /// `HttpOnly`.
    pub http_only: Option<bool>,
    /// `SameSite`.
    pub same_site: Option<SameSite>,
}

/// Refuses one port for both: it speaks plain HTTP or TLS. `target` is the key of the proxy's own settings.
pub fn two_ports(target: &'static str, http: NonZeroU16, https: NonZeroU16) -> Result<(), Error> {
    if http != https {
        return Ok(());
    }
    let reason = format!("is {http}, as is `{target}.https_port`: one port speaks plain HTTP or TLS");
    Err(Error::Value {
        key: KeyPath::from(target).key("http_port"),
        reason,
        help: Some("write two different ports, or leave both out for 80 and 443"),
    })
}

impl<'p> Proxy<'p> {
    /// Whether the plan gives a control to the proxy.
    pub fn owns(self, control: Control<'_>) -> bool {
        let mine = Owner::Layer(self.plan.edge_layer());
        self.plan.entry(control).is_some_and(|entry| entry.owner == mine)
    }

    /// The sockets for one port, each once. `target` is the key of the proxy's own settings.
    pub fn sockets(self, target: &'static str, bind: &[Address], port: NonZeroU16) -> Result<Vec<SocketAddr>, Error> {
        if bind.is_empty() {
            let reason = format!("names no address, so that {} would listen nowhere", self.plan.edge.target());
            return Err(Error::value(KeyPath::from(target).key("bind"), reason));
        }
        let mut sockets: Vec<SocketAddr> = Vec::new();
        for address in bind {
            let socket = SocketAddr::new(address.ip(), port.get());
            if !sockets.contains(&socket) {
                sockets.push(socket);
            }
        }
        Ok(sockets)
    }

    /// How long the app has to begin its answer, in seconds.
    pub fn timeout(self) -> Result<NonZeroU64, Error> {
        /// No client waits longer, and no proxy counts much further.
        const MOST: Duration = Duration::days(1);
        let timeout = self.plan.policy.app.timeout;
        let reason = match NonZeroU64::new(timeout.as_seconds()) {
            Some(seconds) if timeout <= MOST => return Ok(seconds),
            Some(_) => format!("is {timeout}, longer than any client waits"),
            None => format!("is {timeout}, so that no answer would be waited for"),
        };
        let help = Some("write a time from 1s to 1d, such as \"60s\"");
        Err(Error::Value { key: "app.timeout".into(), reason, help })
    }

    /// Whether TLS 1.3 alone is let in.
    pub fn is_modern(self) -> bool {
        lowest_tls(self.plan.policy) == TlsVersion::V1_3
    }

    /// The groups that the policy asks for, each once; the guideline's, where it names none.
    pub fn groups(self) -> Result<Vec<Group>, Error> {
        let asked = self.plan.policy.tls.groups.as_deref().unwrap_or(&Guideline::GROUPS);
        if asked.is_empty() {
            let reason = "names no group, so that no client could connect".to_owned();
            return Err(Error::value("tls.groups", reason));
        }
        let mut groups = Vec::new();
        for group in asked {
            if !groups.contains(group) {
                groups.push(*group);
            }
        }
        Ok(groups)
    }

    /// The port that clients know for https, unless that is its own.
    pub fn public_port(self, https_port: NonZeroU16) -> Option<u16> {
        let url = self.plan.policy.url();
        let port = if url.origin().is_https() { url.origin().port() } else { https_port.get() };
        Some(port).filter(|port| *port != 443)
    }

    /// Each host that is served and its https origin, written out: what a request says would send people wherever it
    /// says.
    pub fn https_origins(self, https_port: NonZeroU16) -> Vec<(Host, String)> {
        let port = self.public_port(https_port).map(|port| format!(":{port}")).unwrap_or_default();
        let origin = |host: Host| {
            let origin = format!("https://{host}{port}");
            (host, origin)
        };
        self.plan.policy.hosts().into_iter().map(origin).collect()
    }

    /// The request headers that no app may see.
    pub fn dropped(self) -> impl Iterator<Item = &'static str> {
        let alone = self.plan.policy.proxy.trusted.is_empty();
        FORGEABLE.into_iter().chain(IDENTITY.into_iter().filter(move |_| alone))
    }

    /// The response headers that the proxy sends.
    pub fn headers(self) -> Vec<Header> {
        let policy = self.plan.policy;
        let mut headers = Vec::new();
        for entry in &self.plan.entries {
            let (name, value, when) = match entry.control {
                Control::Hsts if policy.hsts.enabled => (HSTS, policy.hsts.header_value(), When::Https),
                Control::Header(name) => (name, header_value(policy, name).unwrap_or_default(), When::Always),
                _ => continue,
            };
            if self.owns(entry.control) {
                let key = entry.control.key();
                headers.push(Header { why: format!("{} [{key}]", entry.control), key, name, value, when });
            }
        }
        headers
    }

    /// What the app may say of its own that the policy did not ask for.
    pub fn hidden_headers(self) -> Vec<&'static str> {
        let headers = &self.plan.policy.headers;
        // Browsers that read it at all read a filter that made pages less safe.
        let mut names = vec!["X-XSS-Protection"];
        // What an app tells a proxy, and no proxy here does.
        names.extend(["X-Accel-Charset", "X-Accel-Expires", "X-Accel-Limit-Rate", "X-Accel-Redirect", "X-Sendfile"]);
        if self.owns(Control::ServerVersion) {
            names.push("X-Powered-By");
        }
        if self.owns(Control::Hsts) && !self.plan.policy.hsts.enabled {
            names.push(HSTS);
        }
        if headers.content_security_policy.is_some() {
            // The policy's CSP is the only one, enforced or not.
            names.push(if headers.csp_report_only {
                "Content-Security-Policy"
            } else {
                "Content-Security-Policy-Report-Only"
            });
        }
        names
    }

    /// CORS, where it is the proxy's.
    pub fn cors(self) -> Option<Cors> {
        fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
            items.collect::<Vec<_>>().join(", ")
        }
        if !self.owns(Control::Cors) {
            return None;
        }
        let cors = &self.plan.policy.cors;
        let mut origins: Vec<String> = Vec::new();
        for origin in &cors.origins {
            let origin = origin.to_string();
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        let any = cors.origins.contains(&CorsOrigin::Any);
        Some(Cors {
            origins: (!any).then_some(origins),
            // Browsers refuse the two together.
            credentials: cors.credentials && !any,
            methods: list(cors.methods.iter().map(Method::as_str)),
            headers: list(cors.headers.iter().map(HeaderName::as_str)),
            expose: (!cors.expose_headers.is_empty()).then(|| list(cors.expose_headers.iter().map(HeaderName::as_str))),
            max_age: cors.max_age.as_seconds(),
        })
    }

    /// The rate limits. Their paths may overlap: every limit that fits counts.
    pub fn limits(self) -> Vec<Limit<'p>> {
        let routes = self.plan.policy.rate_limits.routes.iter();
        let owned = routes.filter(|(name, _)| self.owns(Control::RateLimit(name)));
        owned
            .map(|(name, route)| {
                let key = KeyPath::from("rate_limits.routes").key(name.as_str());
                let rate = route.limit;
                Limit {
                    why: format!("rate limit {name}, {rate} [{key}]"),
                    name,
                    rate,
                    paths: self.paths(&key.clone().key("paths"), self.plan.route_paths(name.as_str(), route)),
                    key,
                }
            })
            .collect()
    }

    /// The client networks that are turned away, and those that alone are let in.
    pub fn networks(self) -> (&'p [Cidr], &'p [Cidr]) {
        let filter = &self.plan.policy.ip_filter;
        if self.owns(Control::IpFilter) { (&filter.deny, &filter.allow) } else { (&[], &[]) }
    }

    /// Paths answered with 404.
    pub fn hidden(self) -> Vec<Path> {
        if self.owns(Control::ApiDocs) {
            self.paths(&"api_docs.paths".into(), self.plan.docs_paths())
        } else {
            Vec::new()
        }
    }

    /// Paths answered with `Cache-Control: no-store`; elsewhere the app's own value stands.
    pub fn no_store(self) -> Vec<Path> {
        if self.owns(Control::NoStore) {
            self.paths(&"headers.no_store".into(), &self.plan.policy.headers.no_store)
        } else {
            Vec::new()
        }
    }

    /// The flags that the proxy puts on the app's cookies.
    pub fn cookies(self) -> Vec<Cookie<'p>> {
        let owned = self.plan.policy.cookies.iter().filter(|(name, _)| self.owns(Control::Cookie(name)));
        owned
            .map(|(name, cookie)| {
                let key = KeyPath::from("cookies").key(name.as_str());
                // What is not written is the app's to say: a default would take its flag away.
                let written = |flag: &str, value: bool| {
                    let place = self.plan.policy.place(&key.clone().key(flag));
                    (place.provenance != Provenance::Default).then_some(value)
                };
                Cookie {
                    name: name.as_str(),
                    secure: written("secure", cookie.secure),
                    http_only: written("http_only", cookie.http_only),
                    same_site: cookie.same_site,
                    key,
                }
            })
            .collect()
    }

    /// Every path as the app names it and, where the app is mounted below its URL's path, as clients do: the proxy sees
    /// the latter, and the former from whatever else leads to the app.
    fn paths(self, key: &KeyPath, paths: &[UrlPath]) -> Vec<Path> {
        let url = self.plan.policy.url();
        let mount = url.path().trim_end_matches('/');
        let mut found: Vec<Path> = Vec::new();
        let mut add = |key: KeyPath, path: String| {
            if !found.iter().any(|other| other.path == path) {
                found.push(Path { key, path });
            }
        };
        for (index, path) in paths.iter().enumerate() {
            add(key.clone().index(index), path.to_string());
            if !mount.is_empty() {
                add("app.url".into(), format!("{mount}{path}"));
            }
        }
        found
    }
}
