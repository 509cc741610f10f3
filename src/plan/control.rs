use std::borrow::Cow;
use std::fmt::{self, Write};

use crate::policy::Policy;
use crate::profile::{Cookie, CookieName, LimitKey, Name, Route, SameSite, Terminate, TlsVersion};
use crate::source::KeyPath;

/// One protection that a policy asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Control<'p> {
    /// The connection is encrypted.
    Tls,
    /// Plain HTTP is redirected to https.
    HttpsRedirect,
    /// Only the names that are served are answered.
    HostNames,
    /// The app learns the client's true address.
    ClientAddress,
    /// Strict-Transport-Security is sent, or kept back, as asked.
    Hsts,
    /// A security header is sent.
    Header(&'static str),
    /// Answers below some paths are not stored.
    NoStore,
    /// The server's name and version are kept back.
    ServerVersion,
    /// Only the listed origins may read answers.
    Cors,
    /// A cookie has its flags.
    Cookie(&'p CookieName),
    /// A route has its rate limit.
    RateLimit(&'p Name),
    /// Failed sign-ins lock.
    Lockout,
    /// Passwords are as strong as asked.
    Passwords,
    /// Sessions end when they should.
    Sessions,
    /// Tokens expire when they should.
    Tokens,
    /// The API's documentation is hidden.
    ApiDocs,
    /// Large bodies are refused.
    BodySize,
    /// Only some networks get in.
    IpFilter,
    /// Processes share their state.
    SharedState,
}

impl<'p> Control<'p> {
    /// Its name in app packs and in machine output.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::HttpsRedirect => "https_redirect",
            Self::HostNames => "host_names",
            Self::ClientAddress => "client_address",
            Self::Hsts => "hsts",
            Self::Header(_) => "headers",
            Self::NoStore => "no_store",
            Self::ServerVersion => "server_version",
            Self::Cors => "cors",
            Self::Cookie(_) => "cookies",
            Self::RateLimit(_) => "rate_limits",
            Self::Lockout => "lockout",
            Self::Passwords => "passwords",
            Self::Sessions => "sessions",
            Self::Tokens => "tokens",
            Self::ApiDocs => "api_docs",
            Self::BodySize => "body_size",
            Self::IpFilter => "ip_filter",
            Self::SharedState => "shared_state",
        }
    }

    /// Which of several it is: the cookie, the route, the header.
    pub fn subject(self) -> Option<&'p str> {
        match self {
            Self::Header(name) => Some(name),
            Self::Cookie(name) => Some(name.as_str()),
            Self::RateLimit(name) => Some(name.as_str()),
            _ => None,
        }
    }

    /// The key of the profile that asks for it.
    pub fn key(self) -> KeyPath {
        match self {
            Self::Tls => "tls.terminate".into(),
            Self::HttpsRedirect => "tls.redirect_http".into(),
            Self::HostNames => "app.url".into(),
            Self::ClientAddress => "proxy.hops".into(),
            Self::Hsts => "hsts.enabled".into(),
            Self::Header(name) => header_key(name).into(),
            Self::NoStore => "headers.no_store".into(),
            Self::ServerVersion => "headers.hide_server".into(),
            Self::Cors => "cors.origins".into(),
            Self::Cookie(name) => KeyPath::from("cookies").key(name.as_str()),
            Self::RateLimit(name) => KeyPath::from(("rate_limits.routes", name.as_str(), "limit")),
            Self::Lockout => "lockout.enabled".into(),
            Self::Passwords => "passwords".into(),
            Self::Sessions => "sessions".into(),
            Self::Tokens => "tokens".into(),
            Self::ApiDocs => "api_docs.exposed".into(),
            Self::BodySize => "app.max_body".into(),
            Self::IpFilter => "ip_filter.enabled".into(),
            Self::SharedState => "state.backend".into(),
        }
    }

    /// What the policy asks of it, in a few words.
    pub fn asked(self, policy: &Policy<'_>) -> Cow<'static, str> {
        match self {
            Self::Tls => {
                let version = lowest_tls(policy);
                match policy.terminate() {
                    Terminate::Upstream => "ends before the proxy".into(),
                    Terminate::Proxy | Terminate::Off => {
                        format!("{} guideline, TLS {version} or later", policy.tls.guideline).into()
                    }
                }
            }
            Self::HttpsRedirect => "308 to https on the same host".into(),
            Self::HostNames => list(policy.hosts().iter()).into(),
            Self::ClientAddress => match policy.proxy.trusted.len() {
                0 => "the connection's own".into(),
                _ => format!("as told by {}", list(policy.proxy.trusted.iter())).into(),
            },
            Self::Hsts if policy.hsts.enabled => policy.hsts.header_value().into(),
            Self::Hsts => "not sent".into(),
            Self::Header(name) => header_value(policy, name).unwrap_or_default().into(),
            Self::NoStore => list(policy.headers.no_store.iter()).into(),
            Self::ServerVersion => "kept back".into(),
            Self::Cors if policy.cors.origins.is_empty() => "no other origin".into(),
            Self::Cors => list(policy.cors.origins.iter()).into(),
            Self::Cookie(name) => policy.cookies.get(name).map(cookie_flags).unwrap_or_default().into(),
            Self::RateLimit(name) => policy.rate_limits.routes.get(name).map(limit).unwrap_or_default().into(),
            Self::Lockout => {
                let lockout = &policy.lockout;
                format!("{} failures in {} lock for {}", lockout.attempts, lockout.window, lockout.duration).into()
            }
            Self::Passwords => policy
                .passwords
                .min_length
                .map_or(Cow::Borrowed("as the section says"), |length| format!("{length} characters or more").into()),
            Self::Sessions => {
                let parts = [("idle", policy.sessions.idle_timeout), ("in all", policy.sessions.absolute_timeout)];
                list(parts.iter().filter_map(|(word, time)| time.map(|time| format!("{time} {word}")))).into()
            }
            Self::Tokens => {
                let parts = [("access", policy.tokens.access_ttl), ("refresh", policy.tokens.refresh_ttl)];
                list(parts.iter().filter_map(|(word, time)| time.map(|time| format!("{word} {time}")))).into()
            }
            Self::ApiDocs => "hidden".into(),
            Self::BodySize => format!("at most {}", policy.app.max_body).into(),
            Self::IpFilter => {
                let filter = &policy.ip_filter;
                let (allow, deny) = (list(filter.allow.iter()), list(filter.deny.iter()));
                match (filter.allow.is_empty(), filter.deny.is_empty()) {
                    (false, true) => format!("only {allow}").into(),
                    (true, false) => format!("all but {deny}").into(),
                    (false, false) => format!("only {allow}, never {deny}").into(),
                    (true, true) => "nobody is listed".into(),
                }
            }
            Self::SharedState => format!("in {}", policy.state.backend).into(),
        }
    }
}

/// As it heads a row: `rate limit sign_in`.
impl fmt::Display for Control<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Tls => "TLS",
            Self::HttpsRedirect => "HTTPS redirect",
            Self::HostNames => "host names",
            Self::ClientAddress => "client address",
            Self::Hsts => "HSTS",
            Self::NoStore => "no-store",
            Self::ServerVersion => "server version",
            Self::Cors => "CORS",
            Self::Cookie(_) => "cookie",
            Self::RateLimit(_) => "rate limit",
            Self::Lockout => "lockout",
            Self::Passwords => "passwords",
            Self::Sessions => "session lifetime",
            Self::Tokens => "token lifetime",
            Self::ApiDocs => "API docs",
            Self::BodySize => "body size",
            Self::IpFilter => "IP filter",
            Self::SharedState => "shared state",
            Self::Header(name) => return out.write_str(name),
        };
        out.write_str(words)?;
        self.subject().map_or(Ok(()), |subject| write!(out, " {subject}"))
    }
}

/// The lowest version of TLS that is let in: what the policy says, but never
/// less than 1.2, because no target writes an older one.
pub fn lowest_tls(policy: &Policy<'_>) -> TlsVersion {
    let tls = &policy.tls;
    tls.min_version.unwrap_or(tls.guideline.min_version()).max(TlsVersion::V1_2)
}

/// The security headers other than HSTS, in the order in which they are sent,
/// with the keys that ask for them.
pub const HEADERS: [(&str, &str); 9] = [
    (CSP, "headers.content_security_policy"),
    (CSP_REPORT_ONLY, "headers.content_security_policy"),
    ("X-Frame-Options", "headers.frame_options"),
    ("X-Content-Type-Options", "headers.content_type_options"),
    ("Referrer-Policy", "headers.referrer_policy"),
    ("Permissions-Policy", "headers.permissions_policy"),
    ("Cross-Origin-Opener-Policy", "headers.cross_origin_opener_policy"),
    ("Cross-Origin-Resource-Policy", "headers.cross_origin_resource_policy"),
    ("Cross-Origin-Embedder-Policy", "headers.cross_origin_embedder_policy"),
];

const CSP: &str = "Content-Security-Policy";
const CSP_REPORT_ONLY: &str = "Content-Security-Policy-Report-Only";

fn header_key(name: &str) -> &'static str {
    HEADERS.iter().find(|(header, _)| *header == name).map_or("headers", |(_, key)| key)
}

/// What a header has to say, where the policy asks for it.
pub fn header_value(policy: &Policy<'_>, name: &str) -> Option<String> {
    let headers = &policy.headers;
    let csp = |report_only| headers.content_security_policy.as_ref().filter(|_| headers.csp_report_only == report_only);
    match name {
        CSP => csp(false).map(ToString::to_string),
        CSP_REPORT_ONLY => csp(true).map(ToString::to_string),
        "X-Frame-Options" => headers.frame_options.map(|value| value.to_string()),
        "X-Content-Type-Options" => headers.content_type_options.then(|| "nosniff".to_owned()),
        "Referrer-Policy" => headers.referrer_policy.map(|value| value.to_string()),
        "Permissions-Policy" => headers.permissions_policy.as_ref().map(ToString::to_string),
        "Cross-Origin-Opener-Policy" => headers.cross_origin_opener_policy.map(|value| value.to_string()),
        "Cross-Origin-Resource-Policy" => headers.cross_origin_resource_policy.map(|value| value.to_string()),
        "Cross-Origin-Embedder-Policy" => headers.cross_origin_embedder_policy.map(|value| value.to_string()),
        _ => None,
    }
}

fn cookie_flags(cookie: &Cookie) -> String {
    let mut flags = Vec::new();
    flags.extend(cookie.secure.then_some("Secure"));
    flags.extend(cookie.http_only.then_some("HttpOnly"));
    flags.extend(cookie.same_site.map(|value| match value {
        SameSite::Strict => "SameSite=Strict",
        SameSite::Lax => "SameSite=Lax",
        SameSite::None => "SameSite=None",
    }));
    flags.extend(cookie.partitioned.then_some("Partitioned"));
    list(flags.iter())
}

fn limit(route: &Route) -> String {
    match route.per {
        LimitKey::Ip => format!("{} per address", route.limit),
        LimitKey::User => format!("{} per user", route.limit),
    }
}

/// The first few of several, and how many there are beyond.
fn list(items: impl Iterator<Item = impl fmt::Display>) -> String {
    const SHOWN: usize = 3;
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    let mut text = items.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if items.len() > SHOWN {
        write!(text, " and {} more", items.len() - SHOWN).expect("a string takes everything");
    }
    text
}
