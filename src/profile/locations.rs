//! `[locations.*]`: what some paths need otherwise: more time, larger bodies, streams.

use super::app::{BODY, TIMEOUT};
use super::bounds::Bounds;
use super::filled::Filled;
use super::section::section;
use super::values::{ByteSize, Duration, UrlPath};

const IDLE: Bounds = Bounds::durations(
    Duration::seconds(1),
    "no stream would live",
    Duration::days(7),
    "a connection that is dead would be held for so long",
);

section! {
    /// What some paths need otherwise. Of several locations that fit a request, the longest path wins, key by key.
    pub struct Location {
        /// The paths, as clients ask for them.
        paths: Filled<UrlPath> = required,
        /// How long the proxy waits there for an answer to begin, instead of `app.timeout`: from 1s to 1d.
        timeout: Duration = absent within TIMEOUT,
        /// The largest request body there, instead of `app.max_body`: up to 10GiB.
        max_body: ByteSize = absent within BODY,
        /// Whether what comes is passed on at once, as server-sent events and uploads with progress need it: nothing is
        /// held back, in either direction.
        stream: bool = absent,
        /// How long a stream or a WebSocket there may be silent before the proxy ends it: from 1s to 7d. Where it is
        /// absent, as long as an answer may take to begin.
        idle_timeout: Duration = absent within IDLE,
    }
}
