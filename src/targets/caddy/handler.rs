//! Routes and handlers: what is done with which requests, and why. Requests pass a list of routes from its top to its
//! bottom. A route has handlers, and a handler may have routes in turn, so both stand here. Serialised, a handler is one of
//! Caddy's JSON with its fields there; the variants are named as a Caddyfile names its directives.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::headers::{Field, Headers};
use super::matcher::{Condition, Matcher};
use super::value::{Named, Note, Seconds, Value};

/// Handlers in a row, for the requests that a matcher takes. Serialised, it is a route of Caddy's JSON.
///
/// Routes for some requests alone, those under a path, say, are one with [`Handler::Route`].
#[derive(Clone, Debug, Serialize)]
pub struct Route {
    #[serde(skip)]
    pub note: Note,
    /// Which requests; none: every one.
    #[serde(rename = "match")]
    pub matcher: Option<Matcher>,
    /// What is done.
    #[serde(rename = "handle")]
    pub handlers: Vec<Handler>,
    /// Whether these requests pass no route after it; a handler that answers ends it, too.
    pub terminal: Option<bool>,
}

impl Route {
    /// Does this with every request.
    pub fn always(note: impl Into<Note>, handlers: impl Into<Vec<Handler>>) -> Self {
        Self { note: note.into(), matcher: None, handlers: handlers.into(), terminal: None }
    }

    /// Does this with the requests that the matcher takes.
    pub fn when(note: impl Into<Note>, matcher: impl Into<Matcher>, handlers: impl Into<Vec<Handler>>) -> Self {
        Self { matcher: Some(matcher.into()), ..Self::always(note, handlers) }
    }

    /// Answers the requests that this holds for with an error.
    pub fn refuse(status_code: u64, note: impl Into<Note>, name: &'static str, condition: Condition) -> Self {
        Self::when(note, (name, [condition]), [Handler::Error { status_code }])
    }
}

/// A handler.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "handler", rename_all = "snake_case")]
pub enum Handler {
    /// Makes the value of one placeholder from that of another.
    Map { source: &'static str, destinations: [&'static str; 1], mappings: Vec<Mapping>, defaults: [&'static str; 1] },
    /// Keeps a value in a variable.
    Vars(Named<Value>),
    /// Changes the request's headers.
    #[serde(rename = "headers")]
    RequestHeader { request: Headers },
    /// Changes the answer's headers.
    #[serde(rename = "headers")]
    Header { response: Headers },
    /// Answers with a status alone.
    #[serde(rename = "static_response")]
    Respond { status_code: u64 },
    /// Answers with a text.
    #[serde(rename = "static_response")]
    Say { body: &'static str },
    /// Sends the client elsewhere, by the header `Location`.
    #[serde(rename = "static_response")]
    Redir { status_code: u64, headers: Named<[Value; 1]> },
    /// Ends the connection without an answer.
    #[serde(rename = "static_response")]
    Abort { abort: bool },
    /// Leaves the request to the site's error routes, which answer with this status.
    Error { status_code: u64 },
    /// Cuts a body that has more bytes.
    RequestBody { max_size: u64 },
    /// Counts requests in a zone, and refuses those that are too many: the plugin `mholt/caddy-ratelimit`.
    RateLimit { rate_limits: Named<Zone> },
    /// Asks the app.
    ReverseProxy {
        upstreams: Vec<Named<Value>>,
        headers: Box<BothWays>,
        transport: Box<Transport>,
        /// -1: nothing of the answer is held back.
        flush_interval: Option<i64>,
        /// Who of several is asked; none: there is one. None is left alone for what it did: a slow answer or a client's fault
        /// would take away a copy that works, and in the end all.
        load_balancing: Option<Balancing>,
        /// Answers of the app with which something else is done than to pass them on; the first that fits counts.
        handle_response: Vec<Answered>,
    },
    /// Passes the app's answer on, among the handlers of an answer.
    CopyResponse {},
    /// Asks for another path.
    Rewrite { uri: Value },
    /// Answers with a file below the folder in the variable `root`; by itself, it sends clients to the folder's name with
    /// a slash behind it.
    FileServer { canonical_uris: Option<bool> },
    /// Has the request pass these routes.
    #[serde(rename = "subroute")]
    Route { routes: Vec<Route> },
    /// The same, where a Caddyfile has these routes elsewhere, under a name.
    #[serde(rename = "subroute")]
    Import {
        #[serde(skip)]
        name: Value,
        routes: Vec<Route>,
    },
}

impl Handler {
    /// Makes the value of one placeholder from that of another.
    pub fn map(from: &'static str, to: &'static str, mappings: Vec<Mapping>, default: &'static str) -> Self {
        Self::Map { source: from, destinations: [to], mappings, defaults: [default] }
    }

    /// Keeps a value in a variable.
    pub fn vars(name: &'static str, value: impl Into<Value>) -> Self {
        Self::Vars(Named::new(name, value.into()))
    }

    /// Sends the client to another place. 308 keeps the method.
    pub fn redir(to: Value) -> Self {
        Self::Redir { status_code: 308, headers: Named::new("Location", [to]) }
    }
}

impl Headers {
    /// Changes an answer's headers when it is sent.
    pub fn last(self) -> Handler {
        Handler::Header { response: Self { deferred: Some(true), ..self } }
    }
}

/// Sets headers of an answer at once, so that Caddy's own errors have them, and again when the answer is sent, as an
/// answer before the answer (100, 103) takes the first ones away.
pub fn twice(fields: impl Into<Vec<Field>>) -> [Handler; 2] {
    let response = Headers::set(fields);
    [Handler::Header { response: response.clone() }, response.last()]
}

/// What is done with some answers of the app's.
#[derive(Clone, Debug, Serialize)]
pub struct Answered {
    #[serde(rename = "match")]
    pub matcher: AnswerMatcher,
    pub routes: [Route; 1],
}

/// What an answer has to be like: all of it.
#[derive(Clone, Debug)]
pub struct AnswerMatcher {
    /// The name, without `@seccfg_`.
    pub name: &'static str,
    /// The first digits of its status, one of them; none: any.
    pub statuses: &'static [u16],
    /// A header that it does not have.
    pub without: &'static str,
    /// A header that it has, and the value of that.
    pub with: Option<(&'static str, &'static str)>,
}

impl Answered {
    /// Answers that do not say what they are. Caddy would look into one, and call it a page where it reads like one, so that
    /// `X-Content-Type-Options: nosniff` would keep no browser from running what somebody has uploaded. Empty answers are
    /// nothing, and redirects and what was not changed (304) say nothing of their own.
    pub fn untyped() -> Vec<Self> {
        let when = |name, statuses, with, handlers: Vec<Handler>| Self {
            matcher: AnswerMatcher { name, statuses, without: "Content-Type", with },
            routes: [Route::always("", handlers)],
        };
        let typed = Headers::set([Field::new("Content-Type", "application/octet-stream")]);
        vec![
            when("empty", &[], Some(("Content-Length", "0")), vec![Handler::CopyResponse {}]),
            when("untyped", &[2, 4, 5], None, vec![Handler::Header { response: typed }, Handler::CopyResponse {}]),
        ]
    }
}

impl Serialize for AnswerMatcher {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let with = self.with.map(|(name, value)| (name, Some([value])));
        let headers: BTreeMap<&str, Option<[&str; 1]>> = with.into_iter().chain([(self.without, None)]).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("headers", &headers)?;
        if !self.statuses.is_empty() {
            map.serialize_entry("status_code", self.statuses)?;
        }
        map.end()
    }
}

/// One line of a map, of which the first that fits counts.
#[derive(Clone, Debug, Serialize)]
pub struct Mapping {
    #[serde(flatten)]
    pub input: Input,
    pub outputs: [Value; 1],
}

/// What a map compares its source with.
#[derive(Clone, Debug, Serialize)]
pub enum Input {
    /// This text.
    #[serde(rename = "input")]
    Text(Value),
    /// This pattern.
    #[serde(rename = "input_regexp")]
    Pattern(#[serde(serialize_with = "Value::pattern")] Value),
}

/// What a rate limit counts, how long, and how many it lets in.
#[derive(Clone, Debug, Serialize)]
pub struct Zone {
    pub key: &'static str,
    pub window: Seconds,
    pub max_events: u64,
}

/// What the app gets, and what the client gets of the app's.
#[derive(Clone, Debug, Serialize)]
pub struct BothWays {
    pub request: Headers,
    pub response: Headers,
}

/// Who of several programs is asked, and how many others where one cannot be reached.
#[derive(Clone, Debug, Serialize)]
pub struct Balancing {
    pub selection_policy: Named<&'static str>,
    pub retries: u64,
}

/// TLS to the app: the name that its certificate is for, and who may sign it.
#[derive(Clone, Debug, Serialize)]
pub struct Tls {
    pub server_name: Option<Value>,
    /// As Caddy before 2.8 has it.
    pub root_ca_pem_files: Option<[Value; 1]>,
    /// As Caddy has it from 2.8 on.
    pub ca: Option<Authorities>,
}

/// Files with the authorities' certificates.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "provider", rename = "file")]
pub struct Authorities {
    pub pem_files: [Value; 1],
}

/// How the app is spoken to: whether it is asked to compress where the client did not say, how long a connection may
/// take, then the answer's headers, and, where that is said, each piece of it.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "protocol", rename = "http")]
pub struct Transport {
    pub compression: bool,
    pub dial_timeout: Seconds,
    pub response_header_timeout: Seconds,
    pub read_timeout: Option<Seconds>,
    pub tls: Option<Tls>,
}
