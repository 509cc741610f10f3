//! Why an edge cannot do what is asked of it, such as counting limits by user.

use std::fmt;

use crate::source::KeyPath;

/// Why no edge enforces what is about accounts.
pub(super) const ONLY_THE_APP: &str = "only the app knows accounts and sessions";

/// Why no edge counts by user.
pub(super) const NO_USERS: &str = "a proxy does not know users: an address is all it can count by";

/// Why an edge cannot enforce what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// This.
    Reason(String),
    /// This, about a key of its own.
    Of(KeyPath, String),
    /// The key of a cluster's gateway that has to be written first: that is all that is known to be missing.
    Unnamed(&'static str),
}

impl Lack {
    pub(super) fn of(reason: &str) -> Result<(), Self> {
        Err(Self::Reason(reason.to_owned()))
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reason(reason) | Self::Of(_, reason) => out.write_str(reason),
            Self::Unnamed(key) => write!(out, "nothing is named in `{key}`"),
        }
    }
}
