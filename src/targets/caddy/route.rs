//! Routes: what is done with which requests, and why. Requests pass a list of them from its top to its bottom.

use std::borrow::Cow;

use serde::Serialize;

use super::handler::Handler;
use super::matcher::{Condition, Matcher};

/// Why something is there, with the profile's key that asks for it: lines of a comment. What has none belongs to what
/// stands above it.
pub type Note = Cow<'static, str>;

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
