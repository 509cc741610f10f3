//! What a profile can ask for, by name: the identity of a demand, what people, programs and packs call it, and its key.

use std::fmt;

use crate::profile::{CookieName, Name};
use crate::source::KeyPath;

/// One protection that a policy asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Control<'p> {
    /// The connection is encrypted.
    Tls,
    /// Plain HTTP is redirected to https.
    HttpsRedirect,
    /// Plain HTTP gets no answer.
    PlainHttpRefused,
    /// Only the names that are served are answered.
    HostNames,
    /// The app learns the client's true address.
    ClientAddress,
    /// Strict-Transport-Security is sent, or kept back, as asked.
    Hsts,
    /// A security header is sent.
    Header {
        /// The header's name.
        name: &'static str,
        /// The profile's key that asks for it.
        key: &'static str,
    },
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
    /// The paths on which whoever comes first sets the app up are closed.
    SetUp,
    /// Large bodies are refused.
    BodySize,
    /// The proxy gets to the app as asked.
    Upstream,
    /// A service beside the app answers its paths.
    Service(&'p Name),
    /// Some paths have limits of their own.
    Location(&'p Name),
    /// The aliases lead to the one name.
    AliasesRedirect,
    /// A balancer's question is answered.
    Health,
    /// Some paths are not for everyone.
    Access(&'p Name),
    /// Only some networks get in.
    IpFilter,
    /// Processes share their state.
    SharedState,
}

/// All that a control is called.
struct Names<'p> {
    /// In machine output.
    id: &'static str,
    /// In words, before the subject.
    words: &'static str,
    /// Which of several it is: the cookie, the route, the header.
    subject: Option<&'p str>,
    /// The key of the profile that asks for it.
    key: KeyPath,
}

impl<'p> Control<'p> {
    /// The one list of names: a new control is named here and nowhere else.
    fn names(self) -> Names<'p> {
        let (id, words, subject, key) = match self {
            Self::Tls => ("tls", "TLS", None, "tls.terminate".into()),
            Self::HttpsRedirect => ("https_redirect", "HTTPS redirect", None, "tls.redirect_http".into()),
            Self::PlainHttpRefused => ("plain_http_refused", "refusal of plain HTTP", None, "tls.plain_http".into()),
            Self::HostNames => ("host_names", "host names", None, "app.url".into()),
            Self::ClientAddress => ("client_address", "client address", None, "proxy.hops".into()),
            Self::Hsts => ("hsts", "HSTS", None, "hsts.enabled".into()),
            Self::Header { name, key } => ("headers", "", Some(name), key.into()),
            Self::NoStore => ("no_store", "no-store", None, "headers.no_store".into()),
            Self::ServerVersion => ("server_version", "server version", None, "headers.hide_server".into()),
            Self::Cors => ("cors", "CORS", None, "cors.origins".into()),
            Self::Cookie(name) => {
                ("cookies", "cookie", Some(name.as_str()), KeyPath::from("cookies").key(name.as_str()))
            }
            Self::RateLimit(name) => {
                let key = ("rate_limits.routes", name.as_str(), "limit").into();
                ("rate_limits", "rate limit", Some(name.as_str()), key)
            }
            Self::Lockout => ("lockout", "lockout", None, "lockout.enabled".into()),
            Self::Passwords => ("passwords", "passwords", None, "passwords".into()),
            Self::Sessions => ("sessions", "session lifetime", None, "sessions".into()),
            Self::Tokens => ("tokens", "token lifetime", None, "tokens".into()),
            Self::ApiDocs => ("api_docs", "API docs", None, "api_docs.exposed".into()),
            Self::SetUp => ("set_up", "set-up pages", None, "app.kind".into()),
            Self::BodySize => ("body_size", "body size", None, "app.max_body".into()),
            Self::Upstream => ("upstream", "way to the app", None, "app.upstream".into()),
            Self::Service(name) => {
                ("services", "service", Some(name.as_str()), KeyPath::from("services").key(name.as_str()))
            }
            Self::Location(name) => {
                ("locations", "location", Some(name.as_str()), KeyPath::from("locations").key(name.as_str()))
            }
            Self::AliasesRedirect => ("aliases_redirect", "redirect of aliases", None, "app.aliases_redirect".into()),
            Self::Health => ("health", "health question", None, "health".into()),
            Self::Access(name) => ("access", "access", Some(name.as_str()), KeyPath::from("access").key(name.as_str())),
            Self::IpFilter => ("ip_filter", "IP filter", None, "ip_filter.enabled".into()),
            Self::SharedState => ("shared_state", "shared state", None, "state.backend".into()),
        };
        Names { id, words, subject, key }
    }

    /// Its name in machine output.
    pub fn id(self) -> &'static str {
        self.names().id
    }

    /// Which of several it is: the cookie, the route, the header.
    pub fn subject(self) -> Option<&'p str> {
        self.names().subject
    }

    /// The key of the profile that asks for it.
    pub fn key(self) -> KeyPath {
        self.names().key
    }

    /// The part of the profile that says what is asked of the control: for HSTS the section `hsts`, for a header its own
    /// key. None: the app's pack asks for it, whatever the profile says.
    pub fn scope(self) -> Option<KeyPath> {
        Some(match self {
            Self::SetUp => return None,
            Self::RateLimit(name) => KeyPath::from("rate_limits.routes").key(name.as_str()),
            Self::Cookie(name) => KeyPath::from("cookies").key(name.as_str()),
            Self::ClientAddress => "proxy".into(),
            Self::Hsts => "hsts".into(),
            Self::Cors => "cors".into(),
            Self::Lockout => "lockout".into(),
            Self::Passwords => "passwords".into(),
            Self::Sessions => "sessions".into(),
            Self::Tokens => "tokens".into(),
            Self::ApiDocs => "api_docs".into(),
            Self::IpFilter => "ip_filter".into(),
            Self::SharedState => "state".into(),
            Self::Tls
            | Self::HttpsRedirect
            | Self::PlainHttpRefused
            | Self::HostNames
            | Self::Header { .. }
            | Self::NoStore
            | Self::ServerVersion
            | Self::Upstream
            | Self::Service(_)
            | Self::Location(_)
            | Self::AliasesRedirect
            | Self::Health
            | Self::Access(_)
            | Self::BodySize => self.key(),
        })
    }

    /// The keys of the profile that say what is asked of the control, or what stands around those.
    pub fn scopes(self) -> impl Iterator<Item = KeyPath> {
        let is_limit = matches!(self, Self::RateLimit(_));
        self.scope().into_iter().chain(is_limit.then(|| "rate_limits.enabled".into()))
    }

    /// Whether a key of the profile, or what stands below it, is one of those.
    pub fn is_asked_by(self, key: &KeyPath) -> bool {
        self.scopes().any(|scope| scope.touches(key))
    }

    /// What a comment in a rendered file says of it: `HSTS [hsts.enabled]`.
    pub fn why(self) -> String {
        format!("{self} [{}]", self.key())
    }
}

/// As it heads a row: `rate limit sign_in`, `X-Frame-Options`.
impl fmt::Display for Control<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Names { words, subject, .. } = self.names();
        match subject {
            Some(subject) if words.is_empty() => out.write_str(subject),
            Some(subject) => write!(out, "{words} {subject}"),
            None => out.write_str(words),
        }
    }
}
