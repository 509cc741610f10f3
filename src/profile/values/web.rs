//! What the web is made of: origins, URLs, paths, methods, and headers with their values.

use std::fmt;
use std::sync::LazyLock;

use super::{Host, shown, text};
use crate::profile::text::{Instead, Refusal, quoted};

/// A scheme that a browser navigates to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A web origin as browsers serialize it (RFC 6454 §6.2): what an `Origin`
/// header has to equal, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    scheme: Scheme,
    host: Host,
    port: Option<u16>,
}

impl Origin {
    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Whether it is https.
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// The port, written or implied.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(self.scheme.default_port())
    }

    /// Reads `scheme://host[:port]` and gives back what follows it.
    fn split(text: &str) -> Option<(Self, &str)> {
        let (scheme, rest) = match text.split_once("://")? {
            ("http", rest) => (Scheme::Http, rest),
            ("https", rest) => (Scheme::Https, rest),
            _ => return None,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        // A colon inside an IPv6 address's brackets is no port's.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let port = match port {
            None => None,
            Some(port) => Some(port.parse().ok().filter(|number: &u16| *number > 0 && number.to_string() == port)?),
        };
        Some((Self { scheme, host: Host::in_url(host)?, port }, path))
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        match Self::split(text) {
            Some((origin, "")) if origin.port != Some(origin.scheme.default_port()) => Ok(origin),
            _ => Err(Self::refusal(text)),
        }
    }

    /// What to write instead, worked out by the parser that browsers share.
    fn refusal(text: &str) -> Refusal {
        if text == "null" {
            return Refusal::new(
                "the origin `null` would let in every sandboxed frame and local file",
                "remove \"null\" and list the origins that are meant",
            )
            .code("COR003")
            .instead(Instead::Nothing);
        }
        if text.contains(['*', '^', '(', '[', '|']) && !text.contains("://[") {
            return Refusal::new(
                format!("{} is a pattern: origins are compared byte for byte", quoted(text)),
                "list each origin by itself",
            )
            .code("COR006");
        }
        if AppOrigin::has_own_scheme(text) {
            return Refusal::new(
                format!("{} is what an installed app sends, and no site's origin", quoted(text)),
                "list it in `cors.app_origins`",
            )
            .code("COR004");
        }
        let meant = url::Url::parse(text).ok().map(|url| url.origin().ascii_serialization());
        let meant = meant.filter(|origin| Self::split(origin).is_some());
        // Beyond doubt where capitals, the default port and what follows it are all that is wrong. That parser also
        // takes what its writer may not have meant: `https://shop.example.com@evil.example`.
        let lower = text.to_ascii_lowercase();
        let sure = meant.clone().filter(|meant| {
            lower.strip_prefix(meant).is_some_and(|rest| {
                let rest = rest.strip_prefix(":443").or_else(|| rest.strip_prefix(":80")).unwrap_or(rest);
                rest.is_empty() || rest.starts_with(['/', '?', '#'])
            })
        });
        Refusal::new(
            format!("{} is not an origin: browsers would never send it", quoted(text)),
            meant.map_or_else(
                || "write scheme://host[:port] in lower case, such as \"https://shop.example.com\"".to_owned(),
                |meant| format!("write \"{meant}\""),
            ),
        )
        .code("COR004")
        .instead(sure.map(Instead::Text))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}", self.scheme.as_str(), self.host)?;
        self.port.map_or(Ok(()), |port| write!(out, ":{port}"))
    }
}

text! {
    /// An origin as browsers send it: scheme://host[:port], no path, no default port.
    Origin, "an origin", ["https://shop.example.com"], "^https?://[a-z0-9.:\\[\\]-]+$"
}

/// Who may read answers across origins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CorsOrigin {
    /// `*`: everyone.
    Any,
    /// One origin.
    Exact(Origin),
}

impl CorsOrigin {
    fn check(text: &str) -> Result<Self, Refusal> {
        if text == "*" { Ok(Self::Any) } else { Origin::check(text).map(Self::Exact) }
    }
}

impl fmt::Display for CorsOrigin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => out.write_str("*"),
            Self::Exact(origin) => origin.fmt(out),
        }
    }
}

text! {
    /// An origin as browsers send it, scheme://host[:port], or * for everyone.
    CorsOrigin, "an origin", ["https://shop.example.com"], "^(\\*|https?://[a-z0-9.:\\[\\]-]+)$"
}

/// A URL of the app: an origin and perhaps a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Url {
    origin: Origin,
    path: String,
}

impl Url {
    /// Scheme, host and port, the default port left out.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path as written; empty where none is.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The URL of a machine by itself, where none is written.
    pub(crate) fn localhost() -> &'static Self {
        static LOCALHOST: LazyLock<Url> = LazyLock::new(|| {
            let (origin, _) = Origin::split("http://localhost").expect("localhost is a host");
            Url { origin, path: String::new() }
        });
        &LOCALHOST
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        let plain = |path: &str| path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._~-".contains(&b));
        // A proxy resolves `//` and dots before it compares, and has to hold this path and one of the app's together.
        let resolved =
            |path: &str| !path.contains("//") && !path.split('/').any(|segment| matches!(segment, "." | ".."));
        let safe = |path: &str| plain(path) && resolved(path) && path.len() <= 256;
        match Origin::split(text) {
            Some((mut origin, path)) if safe(path) => {
                origin.port = origin.port.filter(|port| *port != origin.scheme.default_port());
                Ok(Self { origin, path: path.to_owned() })
            }
            _ => Err(Refusal::new(
                format!("{} is not a URL that an app is served at", quoted(text)),
                "write http:// or https://, a host in lower case, perhaps a port and a path: \"https://shop.example.com\"; \
                 no user, query or fragment, no `//` or dots to resolve, and at most 256 bytes of path",
            )),
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.origin, self.path)
    }
}

text! {
    /// A URL of the app: http:// or https://, a host, perhaps a port and a path.
    Url, "a URL", ["https://shop.example.com"], "^https?://[a-z0-9.:\\[\\]-]+(/[A-Za-z0-9/._~-]*)?$"
}

/// An HTTP method, or `*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Method(String);

impl Method {
    /// A method that the code itself names.
    pub(crate) fn known(method: &'static str) -> Self {
        Self(method.to_owned())
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        if text == "*" || ((1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} is not a method", quoted(text)),
            "write it in capitals, such as \"GET\" or \"PATCH\", or \"*\"",
        ))
    }
}

shown!(Method);
text! {
    /// An HTTP method in capitals, or * for all.
    Method, "a method", ["GET", "POST"], "^(\\*|[A-Z]{1,20})$"
}

/// The name of a header, or `*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderName(String);

impl HeaderName {
    fn check(text: &str) -> Result<Self, Refusal> {
        let inner = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if text == "*" || (inner && (1..=100).contains(&text.len())) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} is not a header's name", quoted(text)),
            "write A-Z, a-z, 0-9, - and _ only, such as \"X-Requested-With\", or \"*\"",
        ))
    }
}

shown!(HeaderName);
text! {
    /// The name of a header, or * for all.
    HeaderName, "a header's name", ["Authorization", "Content-Type"], "^(\\*|[A-Za-z0-9_-]{1,100})$"
}

/// The value of a header: one line of visible ASCII.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderValue(String);

impl HeaderValue {
    /// nginx's tokens hold 4,093 bytes, escapes included; the Gateway API's
    /// values 4,096.
    const MOST: usize = 4_000;

    fn check(text: &str) -> Result<Self, Refusal> {
        let visible = text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        let escaped = text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        let problem = if text.is_empty() {
            "a header's value is empty"
        } else if !visible {
            "a header's value holds something other than visible ASCII and blanks"
        } else if text.trim() != text {
            "a header's value begins or ends with a blank"
        } else if escaped > Self::MOST {
            "a header's value is longer than 4,000 bytes, quotes and backslashes counted twice"
        } else {
            return Ok(Self(text.to_owned()));
        };
        let help = "write one line of visible ASCII, at most 4,000 bytes; a break of line would start another header";
        Err(Refusal::new(problem, help).code("HDR011"))
    }
}

shown!(HeaderValue);
text! {
    /// The value of a header: one line of visible ASCII, at most 4,000 bytes.
    HeaderValue, "a header's value", ["default-src 'self'"], "^[!-~]([ -~]{0,3998}[!-~])?$"
}

/// A path of the app as a server sees it: decoded, without query.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UrlPath(String);

impl UrlPath {
    /// Whether it means everything below it, too.
    pub fn is_prefix(&self) -> bool {
        self.0.ends_with('/')
    }

    /// `*`: any one segment.
    const ANY: &str = "*";

    fn check(text: &str) -> Result<Self, Refusal> {
        let literal =
            |segment: &str| segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~!&'()+,=:@-".contains(&b));
        let segment = |segment: &str| {
            segment == Self::ANY || (literal(segment) && !matches!(segment, "." | "..") && parameter(segment).is_none())
        };
        if text.starts_with('/') && !text.contains("//") && text.split('/').all(segment) && text.len() <= 512 {
            return Ok(Self(text.to_owned()));
        }
        if let Some(parameter) = text.split('/').find(|segment| parameter(segment).is_some()) {
            let message = format!(
                "{} in {} would be taken as it stands there, as no request has it",
                quoted(parameter),
                quoted(text)
            );
            let help = "write `*` for any one segment, such as \"/users/*/reset\"; a path that ends in / means everything below \
                        it, and where a segment may be left out, two paths are meant";
            let meant = meant(text).filter(|meant| Self::check(meant).is_ok());
            return Err(Refusal::new(message, help).code("RAT010").instead(meant.map(Instead::Text)));
        }
        let help = "write it from /, as the app sees it (nothing %-encoded, no query), such as \"/api/v1/signin\"; \
                    one that ends in / means everything below, `*` in the place of a segment means any one, and nothing \
                    else is a pattern";
        Err(Refusal::new(format!("{} is not a path", quoted(text)), help))
    }
}

/// What a parameter in the place of a segment stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parameter {
    One,
    /// It, or nothing.
    Optional,
    /// It and all behind it.
    Rest,
}

/// The parameter that a segment is, as routers write it: `:id`, `{id}`, `<id>`, `<int:id>`, `[id]`, `$id`; `:id?`; and
/// `{path:path}`, `<path:rest>`, `[...slug]`, `:rest+`.
fn parameter(segment: &str) -> Option<Parameter> {
    let pairs = [("[[", "]]"), ("{", "}"), ("<", ">"), ("[", "]")];
    let enclosed = pairs.into_iter().find_map(|(open, close)| segment.strip_prefix(open)?.strip_suffix(close));
    let inner = enclosed.or_else(|| segment.strip_prefix([':', '$']))?;
    let name = inner.trim_start_matches('.');
    let mut bytes = name.bytes();
    let is_name = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b"_:.*?+".contains(&b));
    let is_rest =
        name.len() < inner.len() || name.ends_with('+') || name.ends_with(":path") || name.starts_with("path:");
    is_name.then_some(match (segment.starts_with("[[") || name.ends_with(['?', '*']), is_rest) {
        (true, _) => Parameter::Optional,
        (false, true) => Parameter::Rest,
        (false, false) => Parameter::One,
    })
}

/// The path that a route means, where one says it: `*` for a segment, and everything below for the rest.
fn meant(route: &str) -> Option<String> {
    let mut meant = String::new();
    let mut segments = route.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        meant.push('/');
        match parameter(segment) {
            None => meant.push_str(segment),
            Some(Parameter::One) => meant.push_str(UrlPath::ANY),
            Some(Parameter::Rest) if segments.peek().is_none() && meant != "/" => {}
            Some(Parameter::Rest | Parameter::Optional) => return None,
        }
    }
    Some(meant)
}

shown!(UrlPath);
text! {
    /// A path of the app, from /. One that ends in / means everything below it; `*` in the place of a segment means any one.
    UrlPath, "a path", ["/api/v1/signin", "/api/"], "^/[A-Za-z0-9/._~!&'()+,=:@*-]*$"
}

/// What an installed app sends as its origin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppOrigin(String);

impl AppOrigin {
    /// Whether it has a scheme that no site has, and all else as an origin has it.
    fn has_own_scheme(text: &str) -> bool {
        let Some((scheme, host)) = text.split_once("://") else { return false };
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b);
        let is_sites = matches!(scheme, "http" | "https" | "ws" | "wss" | "ftp" | "file");
        let is_scheme =
            scheme.starts_with(|c: char| c.is_ascii_lowercase()) && scheme.bytes().all(|b| is_plain(b) || b == b'+');
        is_scheme && !is_sites && !host.is_empty() && host.bytes().all(is_plain) && text.len() <= 200
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        if Self::has_own_scheme(text) {
            return Ok(Self(text.to_owned()));
        }
        match Origin::check(text) {
            // Android's, by a server in the app that answers for this name.
            Ok(origin) if origin.host().is_loopback() && origin.port.is_none() => Ok(Self(text.to_owned())),
            Ok(_) => {
                let message = format!("{} is the origin of a site, and not of an installed app", quoted(text));
                Err(Refusal::new(message, "list it in `cors.origins`").code("COR004"))
            }
            Err(refusal) if refusal.code != "COR004" || refusal.instead.is_some() => Err(refusal),
            Err(_) => {
                let help = "write what the app sends, scheme://host in lower case: \"capacitor://localhost\", \
                            \"chrome-extension://…\" with the extension's id, or \"https://localhost\" of an app for Android";
                let message = format!("{} is no origin of an installed app", quoted(text));
                Err(Refusal::new(message, help).code("COR004"))
            }
        }
    }
}

shown!(AppOrigin);
text! {
    /// What an installed app sends as its origin: scheme://host, with a scheme of its own or of this device.
    AppOrigin, "an installed app's origin", ["capacitor://localhost", "https://localhost"],
    "^[a-z][a-z0-9+.-]*://[a-z0-9.:\\[\\]-]+$"
}
