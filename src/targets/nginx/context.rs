//! Everything the nginx templates need, decided by the caller.
//!
//! Nothing here knows a policy: a template that must choose gets a list to walk or an option that
//! is there or not. All text is one of the checked types of [`escape`](super::escape), so
//! that what nginx can't hold is refused where its profile key is still known.

use std::num::NonZeroU64;

use serde::Serialize;

use super::super::proxy::Transport;
use super::escape::{Comment, Constant, EscapeError, PathRegex, Text, Word};
use crate::plan::When;
use crate::profile::SameSite;

/// One app behind one nginx.
#[derive(Debug, Clone, Serialize)]
pub struct Context {
    /// The first line of every file, without `# `: what made it, and from which policy.
    pub header: Comment,
    /// What the policy asks for and nobody enforces, as lines; empty where there is no such control.
    pub unenforced: Vec<Comment>,
    /// What every variable, zone and upstream starts with: [`prefix`] of the app's name.
    pub prefix: Word,
    /// The sockets for plain HTTP, each once.
    pub http: Vec<Word>,
    /// The host names that are served, each once. All others are refused.
    pub server_names: Vec<Word>,
    /// Where TLS ends.
    pub transport: Transport<Tls>,
    /// The redirect from plain HTTP, one entry per name; none: plain HTTP serves the app.
    pub redirects: Vec<Redirect>,
    /// Whether nginx keeps its version to itself.
    pub hide_version: bool,
    /// The response headers that nginx sends. The app's own of the same name are hidden.
    pub headers: Headers,
    /// More response headers of the app's that no client gets.
    pub hide: Vec<Word>,
    /// Paths answered with `Cache-Control: no-store`; elsewhere the app's own value stands.
    pub no_store: Vec<PathRegex>,
    /// CORS, where nginx owns it.
    pub cors: Option<Cors>,
    /// Rate limits, where nginx owns them. Their paths may overlap: every limit that fits counts.
    pub limits: Vec<RateLimit>,
    /// The targets that servers read as different paths: they reach no app.
    pub ambiguous: PathRegex,
    /// Paths answered with 404.
    pub hidden: Vec<PathRegex>,
    /// The proxies before us, as networks: masked and each once, or nginx warns.
    pub trusted: Vec<Word>,
    /// Whether `X-Forwarded-For` is the chain as a trusted peer sent it, and the peer's address behind it, for apps that
    /// count more than one hop; else, and of any other peer, it is the client's address alone.
    pub append: bool,
    /// More request headers that clients could forge and that no app may see, such as `Forwarded`.
    pub drop: Vec<Word>,
    /// Flags put on the app's cookies.
    pub cookies: Vec<Cookie>,
    /// The client networks that are refused, masked and each once. They win.
    pub deny: Vec<Word>,
    /// Those that are let in: where there is one, all others are shut out.
    pub allow: Vec<Word>,
    /// The largest request body in bytes. (nginx takes 0 as "any size", hence the type.)
    pub max_body: Option<NonZeroU64>,
    /// The app: `host:port`, or `unix:` and a path.
    pub upstream: Word,
    /// How long the app has to begin its answer, in seconds.
    pub timeout: NonZeroU64,
}

/// The start of all names in an app's files, so that several apps fit into one nginx.
///
/// A label holds no `_`, so with `__` for its `-` the first single `_` ends the app's part: no name of one app is also
/// a name of another, whatever its routes are called.
pub fn prefix(app: &str) -> Result<Word, EscapeError> {
    Word::identifier(&format!("seccfg_{}", app.replace('-', "__")))
}

/// TLS that ends at this nginx.
#[derive(Debug, Clone, Serialize)]
pub struct Tls {
    /// The sockets for https, each once.
    pub sockets: Vec<Word>,
    /// The protocol versions, oldest first.
    pub protocols: Vec<Word>,
    /// The ciphers for TLS 1.2, in OpenSSL's names, joined by `:`.
    pub ciphers: Option<Word>,
    /// The key exchange groups, joined by `:`.
    pub curves: Word,
    /// The certificate chain's path.
    pub certificate: Text,
    /// The private key's path.
    pub key: Text,
    /// Whether OCSP answers are stapled.
    pub stapling: bool,
    /// nginx is 1.25.1 or newer: HTTP/2 is the directive `http2 on`, not a flag of `listen`.
    pub http2_directive: bool,
    /// Where the ACME client leaves its answers. They are served by plain HTTP.
    pub acme_webroot: Option<Text>,
}

/// Where plain HTTP for one host name is sent.
#[derive(Debug, Clone, Serialize)]
pub struct Redirect {
    /// The host name.
    pub name: Word,
    /// Its https origin, with the public port unless that is 443.
    pub to: Word,
}

/// The response headers that nginx sends, and the variables they need.
#[derive(Debug, Clone, Serialize)]
pub struct Headers {
    #[serde(skip)]
    prefix: Word,
    constants: Vec<Assignment<Constant>>,
    https_only: Vec<Assignment<HeaderValue>>,
    sent: Vec<Header>,
}

#[derive(Debug, Clone, Serialize)]
struct Header {
    why: Comment,
    name: Word,
    value: HeaderValue,
}

#[derive(Debug, Clone, Serialize)]
struct Assignment<T> {
    variable: Variable,
    value: T,
}

/// What a directive reads as a value.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum HeaderValue {
    Literal(Text),
    Variable(Variable),
}

/// A variable of ours, `$seccfg_<app>_…`.
#[derive(Debug, Clone)]
pub struct Variable(String);

impl Variable {
    /// The variable as nginx reads it, `$` included.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Headers {
    /// No header yet.
    pub fn new(prefix: &Word) -> Self {
        Self { prefix: prefix.clone(), constants: Vec::new(), https_only: Vec::new(), sent: Vec::new() }
    }

    /// Adds a header. `why` names the control and the profile's key, as in `HSTS [hsts]`.
    ///
    /// A value with a `$`, which nginx has no escape for, becomes a constant; one for https alone
    /// becomes a variable that is empty otherwise, as nginx leaves empty headers out.
    pub fn add(&mut self, why: Comment, name: &str, value: &str, when: When) -> Result<(), EscapeError> {
        let mut value = if value.contains('$') {
            let variable = self.variable("header", name)?;
            self.constants.push(Assignment { variable: variable.clone(), value: Constant::new(value)? });
            HeaderValue::Variable(variable)
        } else {
            HeaderValue::Literal(Text::new(value)?)
        };
        if when == When::Https {
            let variable = self.variable("https_header", name)?;
            self.https_only.push(Assignment { variable: variable.clone(), value });
            value = HeaderValue::Variable(variable);
        }
        self.sent.push(Header { why, name: Word::new(name)?, value });
        Ok(())
    }

    fn variable(&self, kind: &str, name: &str) -> Result<Variable, EscapeError> {
        let name = Word::identifier(name)?;
        Ok(Variable(format!("${}_{kind}_{}", self.prefix.as_str(), name.as_str())))
    }
}

/// CORS, answered by nginx alone: whatever the app says about it is hidden.
#[derive(Debug, Clone, Serialize)]
pub struct Cors {
    /// Whether everyone may read answers, and no one with credentials: browsers refuse the two together.
    pub any: bool,
    /// Who else may, `scheme://host[:port]` in lower case (none of them: no one).
    pub origins: Vec<Text>,
    /// Whether their requests may carry cookies.
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
    /// The control and its key, as in `Rate limit [rate_limits.routes.sign_in]`.
    pub why: Comment,
    /// [`Word::identifier`] of the route's name: ends the zone's and the variable's name.
    pub id: Word,
    /// How fast requests flow on average, in whole requests per second or minute: `5r/m`.
    pub rate: Word,
    /// How many more may come at once: of "5 per minute", 4. They are let through without delay.
    pub burst: u32,
    /// `Retry-After` on a refusal, in seconds.
    pub retry_after: u32,
    /// The paths that share this limit; at least one.
    pub paths: Vec<PathRegex>,
}

/// Flags put on one cookie of the app's.
#[derive(Debug, Clone, Serialize)]
pub struct Cookie {
    name: Word,
    flags: Vec<Word>,
}

impl Cookie {
    /// The cookie `name` with its flags set, cleared, or (none) left to the app; nothing, where all are.
    pub fn new(
        name: &str,
        secure: Option<bool>,
        http_only: Option<bool>,
        same_site: Option<SameSite>,
    ) -> Result<Option<Self>, EscapeError> {
        let flags = [
            secure.map(|on| if on { "secure" } else { "nosecure" }),
            http_only.map(|on| if on { "httponly" } else { "nohttponly" }),
            same_site.map(|site| match site {
                SameSite::Strict => "samesite=strict",
                SameSite::Lax => "samesite=lax",
                SameSite::None => "samesite=none",
            }),
        ];
        let flags = flags.into_iter().flatten().map(Word::new).collect::<Result<Vec<_>, _>>()?;
        let name = Word::new(name)?;
        Ok((!flags.is_empty()).then_some(Self { name, flags }))
    }
}
