//! Source expressions: the words of a source list, and which URLs they match.

use std::net::Ipv4Addr;

use super::Reach;

/// A source expression (§2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expression<'a> {
    /// `'self'` and the like.
    Keyword(Keyword),
    /// `'nonce-…'`: its value.
    Nonce(&'a str),
    /// `'sha256-…'`, `'sha384-…'` or `'sha512-…'`.
    Hash {
        /// How many bits the algorithm makes.
        bits: usize,
        /// The digest in base64, in either alphabet.
        digest: &'a str,
    },
    /// `https:`, without the colon.
    Scheme(&'a str),
    /// `https://*.example.com:8443/path`, or parts of it.
    Host(Host<'a>),
}

/// A host source. A URL without a query reads the same, so this also stands for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host<'a> {
    /// Without `://`.
    pub scheme: Option<&'a str>,
    /// A name, `*.` and a name, or `*`.
    pub name: &'a str,
    /// Without one, the scheme's own.
    pub port: Option<Port>,
    /// Empty, or beginning with a slash.
    pub path: &'a str,
}

/// The port of a host source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// `*`.
    Any,
    /// This one.
    Number(u16),
}

/// Why a word is no source expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It is quoted, and no keyword.
    Keyword,
    /// A nonce whose value is not base64.
    Nonce,
    /// A hash whose digest is not base64, or not as long as its algorithm makes it.
    Hash,
    /// Neither a scheme nor a host.
    Host,
}

macro_rules! keywords {
    ($($(#[doc = $doc:literal])+ $variant:ident = $word:literal,)+) => {
        /// A keyword source: those of CSP level 3, and one that HTML adds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Keyword {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Keyword {
            /// Every keyword.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word, without its quotes.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

keywords! {
    /// Matches nothing, and means nothing beside others.
    None = "none",
    /// The page's own origin.
    SameOrigin = "self",
    /// Inline code, where no nonce and no hash is listed.
    UnsafeInline = "unsafe-inline",
    /// Strings that are compiled.
    UnsafeEval = "unsafe-eval",
    /// What a trusted script loads is trusted; hosts and schemes are not.
    StrictDynamic = "strict-dynamic",
    /// Hashes count for attributes, too.
    UnsafeHashes = "unsafe-hashes",
    /// Reports quote what was blocked.
    ReportSample = "report-sample",
    /// Redirects are not looked at.
    UnsafeAllowRedirects = "unsafe-allow-redirects",
    /// WebAssembly that is compiled.
    WasmUnsafeEval = "wasm-unsafe-eval",
    /// Strings that are compiled, where Trusted Types made them.
    TrustedTypesEval = "trusted-types-eval",
    /// Reports name the scripts' SHA-256.
    ReportSha256 = "report-sha256",
    /// Reports name the scripts' SHA-384.
    ReportSha384 = "report-sha384",
    /// Reports name the scripts' SHA-512.
    ReportSha512 = "report-sha512",
    /// Inline rules for what is loaded ahead (HTML, speculation rules).
    InlineSpeculationRules = "inline-speculation-rules",
}

impl Keyword {
    /// The keyword that a word without quotes spells.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|keyword| keyword.as_str().eq_ignore_ascii_case(word))
    }
}

/// What stands between a word's quotes: a keyword, a nonce or a hash.
pub(super) fn unquoted(word: &str) -> Option<&str> {
    word.strip_prefix('\'')?.strip_suffix('\'')
}

/// The bits of the hash algorithm that a word names.
pub(super) fn hash_bits(algorithm: &str) -> Option<usize> {
    let known = [("sha256", 256), ("sha384", 384), ("sha512", 512)];
    known.iter().find(|(name, _)| name.eq_ignore_ascii_case(algorithm)).map(|(_, bits)| *bits)
}

impl<'a> Expression<'a> {
    /// Reads one word of a source list.
    pub fn parse(word: &'a str) -> Result<Self, Malformed> {
        if let Some(inner) = unquoted(word) {
            return Self::quoted(inner);
        }
        match word.strip_suffix(':') {
            Some(scheme) if is_scheme(scheme) => Ok(Self::Scheme(scheme)),
            _ => Host::parse(word).map(Self::Host).ok_or(Malformed::Host),
        }
    }

    fn quoted(inner: &'a str) -> Result<Self, Malformed> {
        if let Some(keyword) = Keyword::find(inner) {
            return Ok(Self::Keyword(keyword));
        }
        let (kind, value) = inner.split_once('-').ok_or(Malformed::Keyword)?;
        if kind.eq_ignore_ascii_case("nonce") {
            return if is_base64(value) { Ok(Self::Nonce(value)) } else { Err(Malformed::Nonce) };
        }
        let bits = hash_bits(kind).ok_or(Malformed::Keyword)?;
        if is_base64(value) { Ok(Self::Hash { bits, digest: value }) } else { Err(Malformed::Hash) }
    }

    /// Whether it matches a URL of another origin, seen from an https page (§6.7.2.8); of a scheme alone, whether it
    /// matches every host's URLs that have it.
    pub fn covers(self, wanted: Expression<'_>) -> bool {
        match (self, wanted) {
            (Self::Scheme(own), Expression::Scheme(scheme)) => scheme_matches(own, scheme),
            (Self::Scheme(own), Expression::Host(url)) => scheme_matches(own, url.scheme_or_page()),
            (Self::Host(own), Expression::Scheme(scheme)) => own.is_everywhere() && own.takes_scheme(scheme),
            (Self::Host(own), Expression::Host(url)) => own.covers(url),
            (Self::Keyword(_) | Self::Nonce(_) | Self::Hash { .. }, _)
            | (_, Expression::Keyword(_) | Expression::Nonce(_) | Expression::Hash { .. }) => false,
        }
    }

    pub(super) fn reach(self) -> Reach {
        match self {
            Self::Keyword(Keyword::SameOrigin) => Reach::SameOrigin,
            Self::Keyword(_) | Self::Nonce(_) | Self::Hash { .. } => Reach::Nothing,
            Self::Scheme(_) | Self::Host(_) if self.covers(Expression::Scheme(PAGE)) => Reach::Everything,
            Self::Host(host) if host.takes_scheme(PAGE) && host.is_below_public_suffix() => Reach::Everything,
            Self::Scheme(_) | Self::Host(_) => Reach::Listed,
        }
    }
}

/// The scheme of the page that has the policy: what a host without a scheme is compared with.
const PAGE: &str = "https";

/// Whether names below a domain are given to anyone: it is on the Public Suffix List, or all names below it are, as those
/// below `run.app`. What the list does not know, such as `internal`, is given to nobody outside.
pub fn is_handed_out(domain: &str) -> bool {
    let is_suffix = |name: &str| psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known() && suffix == name);
    is_suffix(domain) || is_suffix(&format!("x.{domain}"))
}

impl<'a> Host<'a> {
    fn parse(word: &'a str) -> Option<Self> {
        let (scheme, rest) = match word.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            _ => (None, word),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (name, port) = match authority.split_once(':') {
            None => (authority, None),
            Some((name, "*")) => (name, Some(Port::Any)),
            Some((name, digits)) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                (name, Some(Port::Number(digits.parse().ok()?)))
            }
            Some(_) => return None,
        };
        (is_host_name(name) && path.bytes().all(is_path_byte)).then_some(Self { scheme, name, port, path })
    }

    fn scheme_or_page(self) -> &'a str {
        self.scheme.unwrap_or(PAGE)
    }

    /// `*` and nothing else, which matches plain HTTP, too, and every port.
    fn is_asterisk(self) -> bool {
        self == Self { scheme: None, name: "*", port: None, path: "" }
    }

    /// Whether every host is meant; its port does not limit whom.
    fn is_everywhere(self) -> bool {
        self.name == "*" && matches!(self.path, "" | "/")
    }

    /// Whether every name is meant of those that are given to anyone: `*.com`, `*.github.io`.
    fn is_below_public_suffix(self) -> bool {
        let Some(domain) = self.name.strip_prefix("*.") else { return false };
        is_handed_out(&domain.trim_end_matches('.').to_ascii_lowercase())
    }

    fn takes_scheme(self, scheme: &str) -> bool {
        let own = if self.is_asterisk() { "http" } else { self.scheme_or_page() };
        scheme_matches(own, scheme)
    }

    fn covers(self, url: Host<'_>) -> bool {
        let scheme = url.scheme_or_page();
        let elsewhere = || self.takes_name(url.name) && self.takes_port(scheme, url.port) && self.takes_path(url.path);
        self.takes_scheme(scheme) && (self.is_asterisk() || elsewhere())
    }

    /// §6.7.2.10: of addresses only 127.0.0.1 matches; `*.` stands for at least one label.
    fn takes_name(self, name: &str) -> bool {
        match self.name.strip_prefix('*') {
            Some("") => true,
            Some(domain) => {
                let end = name.len().checked_sub(domain.len()).and_then(|start| name.get(start..));
                end.is_some_and(|end| end.eq_ignore_ascii_case(domain))
            }
            None => {
                let is_address = || self.name.parse().is_ok_and(|address: Ipv4Addr| address != Ipv4Addr::LOCALHOST);
                self.name.eq_ignore_ascii_case(name) && !is_address()
            }
        }
    }

    /// §6.7.2.11.
    fn takes_port(self, scheme: &str, port: Option<Port>) -> bool {
        let usual = default_port(scheme).map(Port::Number);
        self.port == Some(Port::Any) || self.port.or(usual) == port.or(usual)
    }

    /// §6.7.2.12: a path that ends with a slash is a folder, any other one file.
    fn takes_path(self, path: &str) -> bool {
        if self.path.is_empty() {
            return true;
        }
        let folder = self.path.strip_suffix('/');
        let mut pieces = if path.is_empty() { "/" } else { path }.split('/');
        let same = |own: &str| pieces.next().is_some_and(|piece| decoded(own).eq(decoded(piece)));
        folder.unwrap_or(self.path).split('/').all(same) && pieces.next().is_some() == folder.is_some()
    }
}

/// §6.7.2.9: `http` matches `https`, too, and the schemes of `WebSocket` match those of HTTP.
fn scheme_matches(own: &str, scheme: &str) -> bool {
    let upgrades: &[(&str, &str)] =
        &[("http", "https"), ("ws", "wss"), ("ws", "http"), ("ws", "https"), ("wss", "https")];
    let is = |from: &str, to: &str| from.eq_ignore_ascii_case(own) && to.eq_ignore_ascii_case(scheme);
    own.eq_ignore_ascii_case(scheme) || upgrades.iter().any(|(from, to)| is(from, to))
}

fn default_port(scheme: &str) -> Option<u16> {
    let known = [("http", 80), ("https", 443), ("ws", 80), ("wss", 443)];
    known.iter().find(|(name, _)| name.eq_ignore_ascii_case(scheme)).map(|(_, port)| *port)
}

/// RFC 3986 §3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn is_host_name(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text == "*" || name.strip_suffix('.').unwrap_or(name).split('.').all(is_label)
}

/// RFC 3986 §3.3, without what parts directives and policies.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+=:@".contains(&byte)
}

fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    !digits.is_empty()
        && text.len() - digits.len() <= 2
        && digits.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/-_".contains(&b))
}

/// The bytes that a piece of a path stands for, percent signs resolved.
fn decoded(piece: &str) -> impl Iterator<Item = u8> {
    let hex = |byte: u8| char::from(byte).to_digit(16);
    let mut rest = piece.as_bytes();
    std::iter::from_fn(move || {
        if let [b'%', high, low, tail @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            rest = tail;
            return u8::try_from(high * 16 + low).ok();
        }
        rest.split_off_first().copied()
    })
}
