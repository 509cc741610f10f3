//! What the web is made of: origins, URLs, paths, methods, and headers with their values.

use std::fmt;

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
    pub(crate) fn localhost() -> Self {
        let (origin, _) = Origin::split("http://localhost").expect("localhost is a host");
        Self { origin, path: String::new() }
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
        let escaped = text.len() + text.matches(['"', '\\']).count();
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

    fn check(text: &str) -> Result<Self, Refusal> {
        let literal =
            |segment: &str| segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~!&'()+,=:@-".contains(&b));
        // As routers write it: exactly one segment, whatever it is.
        let placeholder = |segment: &str| {
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            name.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        };
        let segment = |segment: &str| segment != "." && segment != ".." && (literal(segment) || placeholder(segment));
        if text.starts_with('/') && !text.contains("//") && text.split('/').all(segment) && text.len() <= 512 {
            return Ok(Self(text.to_owned()));
        }
        let help = "write it from /, as the app sees it (nothing %-encoded, no query), such as \"/api/v1/signin\"; \
                    one that ends in / means everything below, {name} means one segment, and nothing else is a pattern";
        Err(Refusal::new(format!("{} is not a path", quoted(text)), help))
    }
}

shown!(UrlPath);
text! {
    /// A path of the app, from /. One that ends in / means everything below it; {name} means one segment.
    UrlPath, "a path", ["/api/v1/signin", "/api/"], "^/[A-Za-z0-9/._~!&'()+,=:@{}-]*$"
}
