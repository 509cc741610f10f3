//! Traefik's Middlewares: limits, CORS, hidden paths, bodies, forged headers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::gateway_api::{ExtensionRef, Filter, Redirect};
use crate::plan::{Cors, Limit};
use crate::profile::{ByteSize, Cidr, Period};
use crate::targets::path;

/// No client has this address.
const NOBODY: &str = "255.255.255.255/32";

/// The group of Traefik's objects.
const GROUP: &str = "traefik.io";

/// A Middleware: one of these.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MiddlewareSpec {
    /// Changes headers, or answers for CORS.
    Headers(Box<Rewriting>),
    /// Counts requests.
    RateLimit(RateLimit),
    /// Lets some networks in.
    IpAllowList(AllowList),
    /// Holds bodies back to measure them.
    Buffering(Buffering),
    /// Sends clients to https.
    RedirectScheme(ToScheme),
    /// Sends clients to another address.
    RedirectRegex(ToAddress),
}

/// What happens to headers, and what is answered for CORS.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rewriting {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_request_headers: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_response_headers: BTreeMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    access_control_allow_origin_list: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    access_control_allow_origin_list_regex: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    access_control_allow_methods: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    access_control_allow_headers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    access_control_expose_headers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_control_allow_credentials: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_control_max_age: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    add_vary_header: Option<bool>,
}

/// How requests are counted.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    average: u32,
    period: String,
    burst: u32,
    source_criterion: Source,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    ip_strategy: IpStrategy,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct IpStrategy {
    #[serde(rename = "ipv6Subnet")]
    ipv6_subnet: u8,
    #[serde(rename = "excludedIPs", skip_serializing_if = "Vec::is_empty")]
    excluded_ips: Vec<String>,
}

/// Whom it lets in, and what the others get.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AllowList {
    source_range: Vec<String>,
    reject_status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_strategy: Option<Excluded>,
}

#[derive(Debug, Serialize)]
struct Excluded {
    #[serde(rename = "excludedIPs")]
    excluded_ips: Vec<String>,
}

/// How large a body may be.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Buffering {
    max_request_body_bytes: u64,
}

/// Sends clients to another scheme, by 301 where they read, and by 308 else.
#[derive(Debug, Serialize)]
pub struct ToScheme {
    scheme: &'static str,
    permanent: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<String>,
}

/// Sends clients to another address in the same way.
#[derive(Debug, Serialize)]
pub struct ToAddress {
    regex: &'static str,
    replacement: String,
    permanent: bool,
}

/// The headers in which an app says what only the gateway is to say.
pub const CORS_HEADERS: [&str; 7] = [
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Private-Network",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
];

/// The step that a Middleware is.
pub const fn step(name: String) -> Filter {
    Filter::Extension(ExtensionRef { group: GROUP, kind: "Middleware", name })
}

fn strings<T: ToString>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

impl MiddlewareSpec {
    /// Takes headers out of requests: one without a value is taken out. Where a site has one name, the app is told that, in
    /// whatever case, with whatever port and with or without a dot at its end a client said it.
    pub fn asking(dropped: impl Iterator<Item = &'static str>, host: Option<&str>) -> Self {
        let names = ["Host", "X-Forwarded-Host"].into_iter().filter_map(|name| Some((name, host?.to_owned())));
        let custom_request_headers = dropped.map(|name| (name, String::new())).chain(names).collect();
        Self::Headers(Box::new(Rewriting { custom_request_headers, ..Rewriting::default() }))
    }

    /// Takes out of answers what an app says of CORS.
    pub fn without_own_cors() -> Self {
        let custom_response_headers = CORS_HEADERS.map(|name| (name, "")).into();
        Self::Headers(Box::new(Rewriting { custom_response_headers, ..Rewriting::default() }))
    }

    /// Answers for CORS.
    pub fn cors(asked: &Cors<'_>) -> Self {
        let any = || vec!["*".to_owned()];
        Self::Headers(Box::new(Rewriting {
            access_control_allow_origin_list: if asked.origins.is_none() { any() } else { asked.listed().collect() },
            access_control_allow_origin_list_regex: asked
                .preview
                .map(|name| path::previews(name.as_str()))
                .into_iter()
                .collect(),
            access_control_allow_methods: strings(asked.methods),
            access_control_allow_headers: strings(asked.headers),
            access_control_expose_headers: strings(asked.expose),
            access_control_allow_credentials: Some(asked.credentials),
            access_control_max_age: Some(asked.max_age.as_seconds()),
            add_vary_header: Some(true),
            ..Rewriting::default()
        }))
    }

    /// Counts requests by address, an IPv6 network of 64 bits for one. Behind trusted proxies, the address is the last in
    /// their chain that is none of theirs.
    pub fn limit(limit: &Limit<'_>, trusted: &[Cidr]) -> Self {
        let seconds = limit.rate.seconds();
        let units = [(Period::Hour, "h"), (Period::Minute, "m"), (Period::Second, "s")];
        let whole = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(unit.seconds()));
        let (unit, word) = whole.unwrap_or((Period::Second, "s"));
        let period = format!("{}{word}", seconds / unit.seconds());
        let ip_strategy = IpStrategy { ipv6_subnet: 64, excluded_ips: strings(trusted) };
        let source_criterion = Source { ip_strategy };
        Self::RateLimit(RateLimit { average: limit.rate.count, period, burst: limit.at_once(), source_criterion })
    }

    /// Answers this to everyone: the one address that is let in is nobody's.
    pub fn answering(reject_status_code: u16) -> Self {
        let source_range = vec![NOBODY.to_owned()];
        Self::IpAllowList(AllowList { source_range, reject_status_code, ip_strategy: None })
    }

    /// Lets some networks in, and answers all others with this.
    pub fn allowing(networks: &[Cidr], trusted: &[Cidr], reject_status_code: u16) -> Self {
        let ip_strategy = (!trusted.is_empty()).then(|| Excluded { excluded_ips: strings(trusted) });
        let source_range = if networks.is_empty() { vec![NOBODY.to_owned()] } else { strings(networks) };
        Self::IpAllowList(AllowList { source_range, reject_status_code, ip_strategy })
    }

    /// Sends clients on. The standard's own step says 308, which Traefik takes since 3.7.15 alone: before, it serves nothing of
    /// a route that says so.
    pub fn redirect(to: &Redirect) -> Self {
        let Redirect { scheme, hostname, port, status_code: _ } = to;
        match hostname {
            // A literal host takes no spelling of the client's.
            Some(host) => {
                let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                let replacement = format!("{scheme}://{host}{port}${{1}}");
                Self::RedirectRegex(ToAddress { regex: "(?s)^[^:]*://[^/?]*(.*)$", replacement, permanent: true })
            }
            None => Self::RedirectScheme(ToScheme { scheme, permanent: true, port: port.map(|port| port.to_string()) }),
        }
    }

    /// Refuses larger bodies.
    pub const fn body(most: ByteSize) -> Self {
        Self::Buffering(Buffering { max_request_body_bytes: most.as_bytes() })
    }
}
