//! Everything the nginx templates need, decided by the caller.
//!
//! Nothing here knows a policy: a template that must choose gets a list to walk or an option that
//! is there or not. All text is one of the checked types of [`escape`](super::escape), so
//! that what nginx can't hold is refused where its profile key is still known.

use std::num::NonZeroU64;

use serde::Serialize;

use super::super::proxy::Says;
use super::super::transport::Transport;
use super::escape::{Comment, Constant, EscapeError, MapKey, PathRegex, PlaceRegex, Text, Word};
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
    /// The redirect from plain HTTP, one entry per name, where it is redirected.
    pub redirects: Vec<Redirect>,
    /// Whether plain HTTP gets no answer.
    pub refuses_plain: bool,
    /// Whether the app is served by plain HTTP, too.
    pub serves_plain: bool,
    /// Whether nginx keeps its version to itself.
    pub hide_version: bool,
    /// The response headers that nginx sends. The app's own of the same name are hidden.
    pub headers: Headers,
    /// More response headers of the app's that no client gets.
    pub hide: Vec<Word>,
    /// Paths answered with `Cache-Control: no-store`; elsewhere the app's own value stands.
    pub no_store: Vec<PathRegex>,
    /// What caches obey before that, which is not there on the same paths.
    pub targeted: Vec<Targeted>,
    /// CORS, where nginx owns it.
    pub cors: Option<Cors>,
    /// The networks whose requests no limit counts.
    pub exempt: Vec<Word>,
    /// Rate limits, where nginx owns them. Their paths may overlap: every limit that fits counts.
    pub limits: Vec<RateLimit>,
    /// The targets that servers read as different paths: they reach no app.
    pub ambiguous: PathRegex,
    /// The paths with a character in more bytes than it has.
    pub overlong: PathRegex,
    /// Those with a segment that is `.` or `..`, where an app may take it for what `*` stands for.
    pub dots: Option<PathRegex>,
    /// The targets with an encoded slash.
    pub slash: PathRegex,
    /// What they are no requests for: the paths with `*` that somebody guards.
    pub across: Vec<PathRegex>,
    /// The targets in which a server may find a host's name.
    pub with_host: PathRegex,
    /// What they are no requests for: the paths that somebody guards, behind such a name.
    pub behind_host: Vec<PathRegex>,
    /// Paths answered with 404.
    pub hidden: Vec<PathRegex>,
    /// Paths answered with 404 to all but some clients.
    pub guards: Vec<Guard>,
    /// The authorities of the certificates that clients may show.
    pub client_ca: Option<Text>,
    /// The question of a balancer.
    pub health: Option<Health>,
    /// Where aliases lead, one entry per name.
    pub leads: Vec<Lead>,
    /// The proxies before us, as networks: masked and each once, or nginx warns.
    pub trusted: Vec<Word>,
    /// Whether `X-Forwarded-For` is the chain as a trusted peer sent it, and the peer's address behind it, for apps that
    /// count more than one hop; else, and of any other peer, it is the client's address alone.
    pub append: bool,
    /// The ports that clients know, as `:8443`, by scheme, where they are not the scheme's own.
    pub ports: Vec<(Word, Word)>,
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
    /// The programs, but for those whose names are followed one by one.
    pub upstreams: Vec<Upstream>,
    /// How long a program has to begin its answer where no place says otherwise, in seconds.
    pub timeout: NonZeroU64,
    /// Who answers, where that makes a difference for headers: the paths of each service.
    pub services: Option<Services>,
    /// Whether files are served: then nginx has to know their types.
    pub has_files: bool,
    /// The places of the site, of which the first that fits a request counts. The last takes all that is left.
    pub places: Vec<Place>,
    /// The DNS servers that are asked for names that are followed; none, where there are no such names.
    pub resolver: Vec<Word>,
}

/// What an app tells some caches.
#[derive(Debug, Clone, Serialize)]
pub struct Targeted {
    /// The header.
    pub name: Word,
    /// The same in nginx's variables.
    pub variable: Word,
}

/// Paths that are closed to all but some clients.
#[derive(Debug, Clone, Serialize)]
pub struct Guard {
    /// The control and its key.
    pub why: Comment,
    /// Ends the names of its variables.
    pub id: Word,
    /// The networks that are let in, masked and each once.
    pub networks: Vec<Word>,
    /// Whether a client's certificate lets it in.
    pub by_certificate: bool,
    /// The paths; at least one.
    pub paths: Vec<PathRegex>,
}

/// A balancer's question, which is answered whatever its host is.
#[derive(Debug, Clone, Serialize)]
pub struct Health {
    /// The control and its key.
    pub why: Comment,
    /// The method and the path that make the question.
    pub question: PathRegex,
    /// Whether only some networks may ask: the guard `health` knows which.
    pub is_guarded: bool,
    /// What the program is asked for.
    pub path: Text,
    /// The host that the program is told, with the port that clients know.
    pub host: Word,
    /// The scheme that it is told.
    pub scheme: Word,
    /// The program; none: nginx answers by itself.
    pub program: Option<Program>,
    /// What it answers by itself: 200 where it sends files, and is the whole service.
    pub status: u16,
    /// How long the program has, in seconds.
    pub timeout: NonZeroU64,
}

/// A program that answers, in one or more copies.
#[derive(Debug, Clone, Serialize)]
pub struct Upstream {
    /// Whose it is, and why it stands here.
    pub why: Comment,
    /// What it is called.
    pub name: Word,
    /// Its copies: `host:port`, or `unix:` and a path.
    pub servers: Vec<Word>,
    /// Whether their names are followed.
    pub follows: bool,
}

/// Which service a path belongs to.
#[derive(Debug, Clone, Serialize)]
pub struct Services {
    /// The patterns, and whose they are; the first that fits counts.
    pub paths: Vec<(PlaceRegex, Word)>,
    /// Whose all is that is left; none: nobody's.
    pub rest: Option<Word>,
}

/// A part of the site.
#[derive(Debug, Clone, Serialize)]
pub struct Place {
    /// The keys that it comes from.
    pub why: Comment,
    /// Its pattern, behind `~`; none: all that is left.
    pub pattern: Option<Location>,
    /// The program that answers.
    pub program: Option<Program>,
    /// Or the folder.
    pub files: Option<Files>,
    /// How long the program has to begin its answer, where it is another time than elsewhere.
    pub timeout: Option<NonZeroU64>,
    /// How long it may be silent, where that is longer.
    pub silence: Option<NonZeroU64>,
    /// The largest body, where it is another one than elsewhere.
    pub max_body: Option<NonZeroU64>,
    /// Whether nothing is held back.
    pub stream: bool,
}

/// How a location asks its program.
#[derive(Debug, Clone, Serialize)]
pub struct Program {
    /// `http`, or `https` for a program that is reached by TLS.
    pub scheme: Word,
    /// What it is called; or, where its name is followed by itself, its address.
    pub to: Word,
    /// Whether that is an address to be looked up.
    pub follows: bool,
    /// What its certificate has to say, where it is reached by TLS.
    pub certificate: Option<Verified>,
}

/// How a program's certificate is verified.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    /// The name that it is for.
    pub name: Word,
    /// The authorities that may sign it.
    pub authorities: Text,
}

/// A folder that is served.
#[derive(Debug, Clone, Serialize)]
pub struct Files {
    /// The folder.
    pub root: Text,
    /// What answers for a path without a file, from the folder on.
    pub fallback: Option<Word>,
}

/// The pattern of a location.
#[derive(Debug, Clone)]
pub struct Location(String);

impl Location {
    /// The location of these paths.
    pub fn new(pattern: &PlaceRegex) -> Self {
        Self(pattern.location())
    }

    /// The pattern, quotes included.
    pub fn quoted(&self) -> &str {
        &self.0
    }
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

/// Where requests for one host name are sent.
#[derive(Debug, Clone, Serialize)]
pub struct Redirect {
    /// The host name.
    pub name: Word,
    /// Its https origin, with the public port unless that is 443.
    pub to: Word,
}

/// Where an alias leads.
#[derive(Debug, Clone, Serialize)]
pub struct Lead {
    /// The alias.
    pub name: MapKey,
    /// The origin of the app's own name.
    pub to: Word,
}

/// The response headers that nginx sends, and the variables they need.
#[derive(Debug, Clone, Serialize)]
pub struct Headers {
    #[serde(skip)]
    prefix: Word,
    constants: Vec<Assignment<Constant>>,
    https_only: Vec<Assignment<HeaderValue>>,
    by_service: Vec<ByService>,
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

/// A header that differs from one service to another.
#[derive(Debug, Clone, Serialize)]
struct ByService {
    name: Word,
    variable: Variable,
    usual: HeaderValue,
    elsewhere: Vec<(MapKey, HeaderValue)>,
}

/// What a directive reads as a value.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum HeaderValue {
    Literal(Text),
    Variable(Variable),
}

/// A variable, `$seccfg_<app>_…` or one of nginx's own.
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
        Self {
            prefix: prefix.clone(),
            constants: Vec::new(),
            https_only: Vec::new(),
            by_service: Vec::new(),
            sent: Vec::new(),
        }
    }

    /// Adds a header. `why` names the control and the profile's key, as in `HSTS [hsts]`; `elsewhere` is what it says on
    /// answers of some services.
    ///
    /// One for https alone becomes a variable that is empty otherwise, as nginx leaves empty headers out.
    pub fn add(
        &mut self,
        why: Comment,
        name: &str,
        says: &Says,
        when: When,
        elsewhere: &[(&str, &Says)],
    ) -> Result<(), EscapeError> {
        let mut value = self.value(name, "", says)?;
        if !elsewhere.is_empty() {
            let variable = self.variable("service_header", name)?;
            let says = elsewhere.iter().map(|(id, says)| Ok((MapKey::new(id)?, self.value(name, id, says)?)));
            let elsewhere = says.collect::<Result<_, EscapeError>>()?;
            self.by_service.push(ByService {
                name: Word::new(name)?,
                variable: variable.clone(),
                usual: value,
                elsewhere,
            });
            value = HeaderValue::Variable(variable);
        }
        if when == When::Https {
            let variable = self.variable("https_header", name)?;
            self.https_only.push(Assignment { variable: variable.clone(), value });
            value = HeaderValue::Variable(variable);
        }
        self.sent.push(Header { why, name: Word::new(name)?, value });
        Ok(())
    }

    /// Whether what a header says can be written.
    pub fn check(says: &Says) -> Result<(), EscapeError> {
        match says {
            Says::Value(value) if value.contains('$') => Constant::new(value).map(drop),
            Says::Value(value) => Text::new(value).map(drop),
            Says::Nothing | Says::Own => Ok(()),
        }
    }

    /// What a header says, for one service or (an empty id) for all others. A value with a `$`, which nginx has no escape
    /// for, becomes a constant.
    fn value(&mut self, name: &str, id: &str, says: &Says) -> Result<HeaderValue, EscapeError> {
        Ok(match says {
            Says::Value(value) if value.contains('$') => {
                let kind = if id.is_empty() { "header".to_owned() } else { format!("header_{id}") };
                let variable = self.variable(&kind, name)?;
                self.constants.push(Assignment { variable: variable.clone(), value: Constant::new(value)? });
                HeaderValue::Variable(variable)
            }
            Says::Value(value) => HeaderValue::Literal(Text::new(value)?),
            Says::Nothing => HeaderValue::Literal(Text::new("")?),
            Says::Own => {
                HeaderValue::Variable(Variable(format!("$upstream_http_{}", Word::identifier(name)?.as_str())))
            }
        })
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
    /// Who else may, `scheme://host[:port]` in lower case.
    pub origins: Vec<Text>,
    /// The origins of previews, as a pattern.
    pub previews: Option<PathRegex>,
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
    /// The methods that it counts; none: all.
    pub methods: Vec<Word>,
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
