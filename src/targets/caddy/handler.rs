//! What is done with a request. Serialised, each is a handler of Caddy's JSON with its fields there; the variants are
//! named as a Caddyfile names its directives.

use serde::Serialize;

use super::headers::Headers;
use super::route::Route;
use super::value::{Named, Seconds, Value};

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
    ReverseProxy { upstreams: [Named<Value>; 1], headers: Box<BothWays>, transport: Transport },
    /// Answers with a file below the folder in the variable `root`.
    FileServer,
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

/// How the app is spoken to: whether it is asked to compress where the client did not say, how long a connection may
/// take, and then the answer's headers.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "protocol", rename = "http")]
pub struct Transport {
    pub compression: bool,
    pub dial_timeout: Seconds,
    pub response_header_timeout: Seconds,
}
