//! Everything that Caddy's configuration says, decided by the caller.
//!
//! Nothing here knows a policy. The Caddyfile and the JSON are two ways to write one of these, and say the same.

use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU64};

use serde::ser::{Error, SerializeStruct};
use serde::{Serialize, Serializer};

use super::super::escape::{Comment, EscapeError, Word};
use super::super::proxy::Transport;
use super::escape::Text;

/// One app behind one Caddy.
#[derive(Debug, Clone, Serialize)]
pub struct Context {
    /// The first line of every file, without `# `: what made it, and from which policy.
    pub header: Comment,
    /// What the policy asks for and nobody enforces, as lines; empty where there is no such control.
    pub unenforced: Vec<Comment>,
    /// `seccfg_` and the app's name: what the app's snippet is called, and what every zone starts with.
    pub prefix: Word,
    /// Where it listens.
    pub listen: Listen,
    /// The host names that are served, each once. All others are refused.
    pub names: Vec<Served>,
    /// The addresses of the app's sites: each name by https where TLS ends here, else by plain HTTP.
    pub sites: Vec<Word>,
    /// Those by plain HTTP where both serve the app.
    pub plain_sites: Vec<Word>,
    /// Where TLS ends.
    pub transport: Transport<Tls>,
    /// Whether OCSP answers are stapled.
    pub stapling: bool,
    /// The port that clients know for https, unless that is its own.
    pub public_port: Option<u16>,
    /// Whether plain HTTP is redirected to https; else it serves the app.
    pub redirect: bool,
    /// Whether Caddy keeps to itself that it is Caddy.
    pub hide_server: bool,
    /// The response headers that Caddy sends. The app's own of the same name are hidden.
    pub headers: Vec<Header>,
    /// Those that are sent to clients that came by https alone.
    pub https_headers: Vec<Header>,
    /// More response headers of the app's that no client gets.
    pub hide: Vec<Word>,
    /// Paths answered with `Cache-Control: no-store`, as a pattern.
    pub no_store: Option<Text>,
    /// CORS, where Caddy owns it.
    pub cors: Option<Cors>,
    /// Paths answered with 404, as a pattern.
    pub hidden: Option<Text>,
    /// Rate limits, where Caddy owns them: by the `rate_limit` plugin.
    pub limits: Vec<RateLimit>,
    /// What the app learns about its clients.
    pub client: Client,
    /// What is replaced in the app's `Set-Cookie` headers, in this order.
    pub cookies: Vec<Replacement>,
    /// Client networks that are refused or let in.
    pub ip_filter: IpFilter,
    /// The largest request body in bytes.
    pub max_body: Option<NonZeroU64>,
    /// The app.
    pub upstream: Upstream,
}

/// Where Caddy listens.
#[derive(Debug, Clone, Serialize)]
pub struct Listen {
    /// The port for plain HTTP.
    pub http: Port,
    /// The port for https.
    pub https: Port,
    /// The addresses, without ports; none: all of the machine's.
    pub bind: List,
}

/// A port, and how a site's address says it.
#[derive(Debug, Clone)]
pub struct Port {
    scheme: &'static str,
    number: NonZeroU16,
}

impl Port {
    /// The port for plain HTTP.
    pub const fn http(number: NonZeroU16) -> Self {
        Self { scheme: "http", number }
    }

    /// The port for https.
    pub const fn https(number: NonZeroU16) -> Self {
        Self { scheme: "https", number }
    }

    /// Its number.
    pub const fn number(&self) -> NonZeroU16 {
        self.number
    }

    /// Its number, where it is not the scheme's own.
    pub fn unusual(&self) -> Option<NonZeroU16> {
        let own = if self.scheme == "http" { 80 } else { 443 };
        Some(self.number).filter(|number| number.get() != own)
    }

    /// The address of a site on it, or of all of them where no host is named.
    pub fn site(&self, host: Option<&Word>) -> Result<Word, EscapeError> {
        let host = host.map_or("", Word::as_str);
        let port = self.unusual().map(|port| format!(":{port}")).unwrap_or_default();
        Word::new(&format!("{}://{host}{port}", self.scheme))
    }
}

impl Serialize for Port {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut view = serializer.serialize_struct("Port", 2)?;
        view.serialize_field("every_site", &self.site(None).map_err(S::Error::custom)?)?;
        view.serialize_field("unusual", &self.unusual())?;
        view.end()
    }
}

/// Words in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    words: Vec<Word>,
    /// As a Caddyfile has them.
    row: String,
}

impl List {
    /// So many words.
    pub fn new(words: Vec<Word>) -> Self {
        let row = words.iter().map(Word::as_str).collect::<Vec<_>>().join(" ");
        Self { words, row }
    }

    /// The words.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// The words with blanks between them.
    pub fn as_str(&self) -> &str {
        &self.row
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// The word for an address to listen on. One for all addresses of a family says which family, or it would take both.
pub fn bind(address: IpAddr) -> Result<Word, EscapeError> {
    Word::new(&match address {
        IpAddr::V4(v4) if v4.is_unspecified() => format!("tcp4/{v4}"),
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) if v6.is_unspecified() => format!("tcp6/[{v6}]"),
        IpAddr::V6(v6) => format!("[{v6}]"),
    })
}

/// A host name that is served.
#[derive(Debug, Clone, Serialize)]
pub struct Served {
    /// The name, as the app sees it.
    pub host: Word,
    /// Every spelling of it, as the key of a map: `~` and a pattern.
    pub spelling: Text,
    /// Its https origin, with the public port unless that is 443: where plain HTTP is sent, if it is.
    pub origin: Word,
    /// The address of its site by plain HTTP.
    pub plain_site: Word,
}

impl Served {
    /// The name as Caddy compares it: an IPv6 address without brackets.
    pub fn compared(&self) -> &str {
        self.host.as_str().trim_matches(['[', ']'])
    }
}

/// TLS that ends at this Caddy.
#[derive(Debug, Clone, Serialize)]
pub struct Tls {
    /// Whether TLS 1.3 alone is let in.
    pub modern: bool,
    /// The suites for TLS 1.2, in Go's names; none for TLS 1.3, which leaves no choice.
    pub ciphers: List,
    /// The key exchange groups, in Caddy's names.
    pub curves: List,
    /// The certificate's files; none: Caddy gets one from an ACME authority by itself.
    pub files: Option<Files>,
    /// Where another ACME client leaves its answers. They are served by plain HTTP.
    pub acme_webroot: Option<Text>,
}

/// A certificate's files.
#[derive(Debug, Clone, Serialize)]
pub struct Files {
    /// The chain's path.
    pub certificate: Text,
    /// The private key's path.
    pub key: Text,
}

/// A response header.
#[derive(Debug, Clone, Serialize)]
pub struct Header {
    /// The control and the profile's key.
    pub why: Comment,
    /// Its name.
    pub name: Word,
    /// Its value.
    pub value: Text,
}

/// CORS, answered by Caddy alone: whatever the app says about it is hidden.
#[derive(Debug, Clone, Serialize)]
pub struct Cors {
    /// Whether everyone may read answers, without credentials.
    pub any: bool,
    /// Who else may: `scheme://host[:port]`, lower case.
    pub origins: Vec<Text>,
    /// Whether requests from them may carry cookies.
    pub credentials: bool,
    /// `Access-Control-Allow-Methods` of a preflight's answer.
    pub allow_methods: Text,
    /// `Access-Control-Allow-Headers` of a preflight's answer.
    pub allow_headers: Text,
    /// `Access-Control-Expose-Headers`.
    pub expose_headers: Option<Text>,
    /// How long browsers remember a preflight, in seconds.
    pub max_age: u64,
}

/// A limit on requests per client address.
#[derive(Debug, Clone, Serialize)]
pub struct RateLimit {
    /// The control and its key.
    pub why: Comment,
    /// The route's name: ends the zone's and the matcher's name.
    pub id: Word,
    /// How many requests.
    pub events: u32,
    /// In how many seconds.
    pub window: u64,
    /// The paths that share this limit, as a pattern.
    pub paths: Text,
}

/// What the app learns about its clients.
#[derive(Debug, Clone)]
pub struct Client {
    /// The proxies before us, as networks.
    pub trusted: List,
    /// Whether this Caddy tells the client's address by their word; else it is that of its peer.
    pub told: bool,
    /// Whether the chain of addresses is passed on, with our peer's behind it; else the client's address alone.
    pub append: bool,
    /// More request headers that clients could forge and that no app may see.
    pub drop: Vec<Word>,
}

impl Client {
    /// The placeholder for the client's address.
    pub const fn address(&self) -> &'static str {
        if self.told { "{http.vars.client_ip}" } else { "{http.request.remote.host}" }
    }

    /// The placeholder for whom a limit counts: an IPv4 address, or an IPv6 network of 64 bits, as its holder can use
    /// every address in it. Of an address that was told, Caddy knows no network.
    pub const fn counted(&self) -> &'static str {
        if self.told { "{http.vars.client_ip}" } else { "{http.request.remote.host/32,64}" }
    }

    /// The matcher for the client's address.
    pub const fn matcher(&self) -> &'static str {
        if self.told { "client_ip" } else { "remote_ip" }
    }
}

impl Serialize for Client {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut view = serializer.serialize_struct("Client", 7)?;
        view.serialize_field("trusted", &self.trusted)?;
        view.serialize_field("told", &self.told)?;
        view.serialize_field("append", &self.append)?;
        view.serialize_field("drop", &self.drop)?;
        view.serialize_field("address", &Notation(self.address()))?;
        view.serialize_field("counted", &Notation(self.counted()))?;
        view.serialize_field("matcher", &Notation(self.matcher()))?;
        view.end()
    }
}

/// What is Caddy's own notation already.
struct Notation(&'static str);

impl Serialize for Notation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        super::super::template::notation(self.0, serializer)
    }
}

/// What is replaced in a header.
#[derive(Debug, Clone, Serialize)]
pub struct Replacement {
    /// The pattern of what is looked for.
    pub find: Text,
    /// What is written instead.
    pub replace: Text,
}

/// Client networks. `deny` wins; a filled `allow` shuts out all others.
#[derive(Debug, Clone, Serialize)]
pub struct IpFilter {
    /// Refused.
    pub deny: List,
    /// Let in.
    pub allow: List,
}

/// The app as Caddy reaches it.
#[derive(Debug, Clone, Serialize)]
pub struct Upstream {
    /// `host:port`, or `unix/` and a path.
    pub address: Text,
    /// How long it has to begin its answer, in seconds.
    pub timeout: NonZeroU64,
}
