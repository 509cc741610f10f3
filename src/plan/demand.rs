//! What the policy asks of each control, as a typed value: made once, here, and read by everyone who enforces, renders,
//! shows or judges it.
//!
//! For example, `[rate_limits.routes.sign_in]` with `limit = "5/min"` becomes a [`Limit`] with its rate and its paths,
//! those of the app's pack where the profile names none.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use super::{Control, Service, Way};
use crate::profile::{
    self, AppOrigin, Backend, ByteSize, Cidr, CookieName, CorsOrigin, Duration, EmbedderPolicy, FilePath, ForwardedFor,
    FrameOptions, Group, Guideline, HeaderName, HeaderValue, Headers, Host, HostName, IpFilter, LimitKey, Location,
    Lockout, Method, Name, OpenerPolicy, Origin, Passwords, Rate, ReferrerPolicy, ResourcePolicy, SameSite, Sessions,
    TlsVersion, Tokens, TrustedProxies, UrlPath,
};
use crate::source::KeyPath;

/// What is asked of one control.
#[derive(Clone, Debug)]
pub enum Demand<'p> {
    /// The connection is encrypted.
    Tls(Tls<'p>),
    /// Plain HTTP is answered with 308 to https on the same host.
    HttpsRedirect,
    /// Plain HTTP gets no answer.
    PlainHttpRefused,
    /// No other names than these are answered.
    HostNames {
        /// The names, the URL's first, each once.
        served: Vec<Host>,
        /// Whether another one is refused in the TLS handshake already, because TLS ends at the edge.
        in_handshake: bool,
    },
    /// The app learns the client's true address.
    ClientAddress {
        /// The proxies before the edge, whose word on it is taken.
        trusted: &'p TrustedProxies,
        /// What the app is told.
        forwarded_for: ForwardedFor,
    },
    /// Strict-Transport-Security is sent, or kept back.
    Hsts(Header),
    /// A security header is sent.
    Header(Header),
    /// Answers below some paths are not stored.
    NoStore(Paths<'p>),
    /// The server's name and version are kept back.
    ServerVersion,
    /// Only the listed origins may read answers; where none is listed, no other one than the site's own.
    Cors(Cors<'p>),
    /// A cookie has its flags.
    Cookie(CookieFlags<'p>),
    /// A route has its rate limit.
    RateLimit(Limit<'p>),
    /// Failed sign-ins lock.
    Lockout(&'p Lockout),
    /// Passwords are as strong as this.
    Passwords(&'p Passwords),
    /// Sessions end when they should.
    Sessions(&'p Sessions),
    /// Tokens expire when they should.
    Tokens(&'p Tokens),
    /// The API's documentation is hidden.
    ApiDocs(Paths<'p>),
    /// The paths on which whoever comes first sets the app up are closed: that is done from the machine itself.
    SetUp(Paths<'p>),
    /// Larger bodies are refused.
    BodySize(ByteSize),
    /// The proxy gets to the app by TLS that it verifies, or follows a name that moves.
    Upstream(Way<'p>),
    /// A service beside the app answers its paths.
    Service(Service<'p>),
    /// Some paths have limits of their own.
    Location {
        /// Its name.
        name: &'p Name,
        /// What is written.
        asked: &'p Location,
    },
    /// The aliases lead to the one name.
    AliasesRedirect {
        /// The aliases.
        aliases: Vec<Host>,
        /// The origin that they lead to.
        to: Origin,
    },
    /// A balancer's question is answered.
    Health(Health<'p>),
    /// Some paths are not for everyone.
    Access(Access<'p>),
    /// Only some networks get in.
    IpFilter(&'p IpFilter),
    /// Processes share their state.
    SharedState(Backend),
}

/// Where TLS ends, and what it is like.
#[derive(Clone, Copy, Debug)]
pub enum Tls<'p> {
    /// At the edge.
    Here {
        /// The guideline that is followed.
        guideline: Guideline,
        /// The lowest version that is let in.
        lowest: TlsVersion,
        /// The key exchange groups; none: those of the guideline.
        groups: Option<&'p [Group]>,
    },
    /// Before the edge, at a CDN or balancer.
    Upstream,
}

/// A response header.
#[derive(Clone, Debug)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// The profile's key that asks for it.
    pub key: &'static str,
    /// Its value; none: it is kept back.
    pub value: Option<String>,
    /// On which answers it stands.
    pub when: When,
    /// A header of the app's own that has no place beside it.
    pub instead_of: Option<&'static str>,
    /// Whether it is left to the app, whatever its value is there.
    pub from_app: bool,
}

/// On which answers a header stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// On every one.
    Always,
    /// On those to clients that came by https.
    Https,
}

/// Paths of the app, and the profile's key for them.
#[derive(Clone, Debug)]
pub struct Paths<'p> {
    /// The key of the list.
    pub key: KeyPath,
    /// The list, as the app names its paths.
    pub list: &'p [UrlPath],
}

/// Who may read answers across origins, and how much of them.
#[derive(Clone, Debug)]
pub struct Cors<'p> {
    /// The origins, each once; none: every origin, and no one with credentials, because browsers refuse the two together.
    pub origins: Option<Vec<&'p Origin>>,
    /// What installed apps send as theirs.
    pub apps: &'p [AppOrigin],
    /// The name that previews stand one label below.
    pub preview: Option<&'p HostName>,
    /// Whether requests from listed origins may carry cookies.
    pub credentials: bool,
    /// The methods that a preflight allows.
    pub methods: &'p [Method],
    /// The request headers that a preflight allows.
    pub headers: &'p [HeaderName],
    /// The response headers that scripts may read.
    pub expose: &'p [HeaderName],
    /// How long browsers remember a preflight.
    pub max_age: Duration,
}

/// Flags of a cookie: set, cleared or, where nothing is written, left to the app. A default would take the app's away.
#[derive(Clone, Copy, Debug)]
pub struct CookieFlags<'p> {
    /// The cookie's name.
    pub name: &'p CookieName,
    /// `Secure`.
    pub secure: Option<bool>,
    /// `HttpOnly`.
    pub http_only: Option<bool>,
    /// `SameSite`.
    pub same_site: Option<SameSite>,
    /// `Partitioned`.
    pub partitioned: bool,
    /// Whether the app's scripts set it in the browser, so that no answer holds it.
    pub by_scripts: bool,
}

/// A limit on requests.
#[derive(Clone, Debug)]
pub struct Limit<'p> {
    /// The route's name.
    pub name: &'p Name,
    /// How many, in what time.
    pub rate: Rate,
    /// Whom it counts by.
    pub per: LimitKey,
    /// The paths that share it.
    pub paths: Paths<'p>,
    /// Who answers at these paths, and below them: the app, where it names none.
    pub answering: Vec<Service<'p>>,
    /// The methods that it counts; none: all.
    pub methods: Option<&'p [Method]>,
    /// How many requests may come at once, where that is not what the rate says.
    pub burst: Option<NonZeroU32>,
    /// The networks whose requests it does not count.
    pub exempt: &'p [Cidr],
}

/// What a balancer asks.
#[derive(Clone, Copy, Debug)]
pub struct Health<'p> {
    /// The path.
    pub path: &'p UrlPath,
    /// Who may ask; none: everyone.
    pub networks: Option<&'p [Cidr]>,
}

/// Who gets to some paths.
#[derive(Clone, Debug)]
pub struct Access<'p> {
    /// Its name.
    pub name: &'p Name,
    /// The paths.
    pub paths: Paths<'p>,
    /// The networks that get in; none: by their network, nobody does.
    pub networks: Option<&'p [Cidr]>,
    /// The authority whose certificates let clients in; none: no certificate does.
    pub client_ca: Option<&'p FilePath>,
    /// Whether the edge sees what certificate a client shows, because TLS ends there.
    pub sees_certificates: bool,
}

pub(super) const CSP: &str = "Content-Security-Policy";
const CSP_REPORT_ONLY: &str = "Content-Security-Policy-Report-Only";

impl<'p> Cors<'p> {
    pub(super) fn of(asked: &'p profile::Cors) -> Self {
        let any = asked.origins.contains(&CorsOrigin::Any);
        let mut seen = BTreeSet::new();
        let exact = |origin: &'p CorsOrigin| match origin {
            CorsOrigin::Exact(origin) => seen.insert(origin).then_some(origin),
            CorsOrigin::Any => None,
        };
        let origins = if any { None } else { Some(asked.origins.iter().filter_map(exact).collect()) };
        Self {
            origins,
            apps: &asked.app_origins,
            preview: asked.preview_suffix.as_ref(),
            credentials: asked.credentials && !any,
            methods: &asked.methods,
            headers: &asked.headers,
            expose: &asked.expose_headers,
            max_age: asked.max_age,
        }
    }
}

impl Cors<'_> {
    /// The origins that are written out, those of installed apps last.
    pub fn listed(&self) -> impl Iterator<Item = String> {
        let sites = self.origins.iter().flatten().map(ToString::to_string);
        sites.chain(self.apps.iter().map(ToString::to_string))
    }

    /// Whether no other origin is listed.
    pub fn lets_nobody_in(&self) -> bool {
        self.origins.as_ref().is_some_and(Vec::is_empty) && self.apps.is_empty() && self.preview.is_none()
    }
}

impl Limit<'_> {
    /// How many requests may come at once.
    pub fn at_once(&self) -> u32 {
        self.burst.map_or(self.rate.count, NonZeroU32::get)
    }

    /// Whether the app answers anything of what it is for.
    pub fn gets_to_the_app(&self) -> bool {
        self.answering.iter().any(|service| service.name.is_none())
    }
}

impl Header {
    /// The security headers other than HSTS, in the order in which they are sent. Each key of `[headers]` is named, so that
    /// a new one does not compile before it is a header here, or none.
    pub fn all(asked: &Headers) -> [Self; 9] {
        let Headers {
            content_security_policy: csp,
            csp_report_only,
            frame_options,
            referrer_policy,
            permissions_policy,
            cross_origin_opener_policy: opener,
            cross_origin_resource_policy: resource,
            cross_origin_embedder_policy: embedder,
            content_type_options,
            hide_server: _,
            from_app,
            no_store: _,
        } = asked;
        let csp = |report_only| csp.as_ref().map(HeaderValue::as_str).filter(|_| *csp_report_only == report_only);
        let is_own = |name: &str| from_app.iter().any(|own| own.as_str() == name);
        let not_own = |name: &'static str| Some(name).filter(|name| !is_own(name));
        let header = |name, key, value: Option<&str>| {
            let from_app = is_own(name);
            Self {
                name,
                key,
                value: value.filter(|_| !from_app).map(str::to_owned),
                when: When::Always,
                instead_of: None,
                from_app,
            }
        };
        let csp_key = "headers.content_security_policy";
        let nosniff = content_type_options.then_some("nosniff");
        [
            Self { instead_of: not_own(CSP_REPORT_ONLY), ..header(CSP, csp_key, csp(false)) },
            Self { instead_of: not_own(CSP), ..header(CSP_REPORT_ONLY, csp_key, csp(true)) },
            header("X-Frame-Options", "headers.frame_options", frame_options.map(FrameOptions::as_str)),
            header("X-Content-Type-Options", "headers.content_type_options", nosniff),
            header("Referrer-Policy", "headers.referrer_policy", referrer_policy.map(ReferrerPolicy::as_str)),
            header(
                "Permissions-Policy",
                "headers.permissions_policy",
                permissions_policy.as_ref().map(HeaderValue::as_str),
            ),
            header(
                "Cross-Origin-Opener-Policy",
                "headers.cross_origin_opener_policy",
                opener.map(OpenerPolicy::as_str),
            ),
            header(
                "Cross-Origin-Resource-Policy",
                "headers.cross_origin_resource_policy",
                resource.map(ResourcePolicy::as_str),
            ),
            header(
                "Cross-Origin-Embedder-Policy",
                "headers.cross_origin_embedder_policy",
                embedder.map(EmbedderPolicy::as_str),
            ),
        ]
    }
}

impl<'p> Demand<'p> {
    /// The control that it is about.
    pub const fn control(&self) -> Control<'p> {
        match self {
            Self::Tls(_) => Control::Tls,
            Self::HttpsRedirect => Control::HttpsRedirect,
            Self::PlainHttpRefused => Control::PlainHttpRefused,
            Self::HostNames { .. } => Control::HostNames,
            Self::ClientAddress { .. } => Control::ClientAddress,
            Self::Hsts(_) => Control::Hsts,
            Self::Header(header) => Control::Header { name: header.name, key: header.key },
            Self::NoStore(_) => Control::NoStore,
            Self::ServerVersion => Control::ServerVersion,
            Self::Cors(_) => Control::Cors,
            Self::Cookie(cookie) => Control::Cookie(cookie.name),
            Self::RateLimit(limit) => Control::RateLimit(limit.name),
            Self::Lockout(_) => Control::Lockout,
            Self::Passwords(_) => Control::Passwords,
            Self::Sessions(_) => Control::Sessions,
            Self::Tokens(_) => Control::Tokens,
            Self::ApiDocs(_) => Control::ApiDocs,
            Self::SetUp(_) => Control::SetUp,
            Self::BodySize(_) => Control::BodySize,
            // What is asked of the app's own part of the site is how a proxy gets there.
            Self::Upstream(_) | Self::Service(Service { name: None, .. }) => Control::Upstream,
            Self::Service(Service { name: Some(name), .. }) => Control::Service(name),
            Self::Location { name, .. } => Control::Location(name),
            Self::AliasesRedirect { .. } => Control::AliasesRedirect,
            Self::Health(_) => Control::Health,
            Self::Access(access) => Control::Access(access.name),
            Self::IpFilter(_) => Control::IpFilter,
            Self::SharedState(_) => Control::SharedState,
        }
    }

    /// The header that is asked for, where it is one.
    pub fn header(&self) -> Option<&Header> {
        match self {
            Self::Hsts(header) | Self::Header(header) => Some(header),
            Self::Tls(_)
            | Self::HttpsRedirect
            | Self::PlainHttpRefused
            | Self::HostNames { .. }
            | Self::ClientAddress { .. }
            | Self::NoStore(_)
            | Self::ServerVersion
            | Self::Cors(_)
            | Self::Cookie(_)
            | Self::RateLimit(_)
            | Self::Lockout(_)
            | Self::Passwords(_)
            | Self::Sessions(_)
            | Self::Tokens(_)
            | Self::ApiDocs(_)
            | Self::SetUp(_)
            | Self::BodySize(_)
            | Self::Upstream(_)
            | Self::Service(_)
            | Self::Location { .. }
            | Self::AliasesRedirect { .. }
            | Self::Health(_)
            | Self::Access(_)
            | Self::IpFilter(_)
            | Self::SharedState(_) => None,
        }
    }
}
