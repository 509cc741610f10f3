//! `[state]`: what processes have to share.

use super::keyword::keywords;
use super::section::section;
use super::values::SecretRef;

keywords! {
    /// Where sessions, limits and one-time tokens are counted.
    pub enum Backend ("a state backend") {
        /// In each process by itself.
        Memory = "memory",
        /// In one Redis for all.
        Redis = "redis",
        /// In the app's database.
        Database = "database",
        /// Nowhere: the app keeps nothing from one request to the next.
        None = "none",
    }
}

section! {
    /// State that processes have to share.
    pub struct State {
        /// Where it is kept.
        backend: Backend = default(Backend::Memory),
        /// How Redis is reached.
        url: SecretRef = absent,
        /// Whether the certificate of a Redis behind TLS is verified.
        verify_certificate: bool = default(true),
        /// Says that memory on one process is meant.
        accept_single_process: bool = default(false),
    }
}
