//! The cookies that the app sets (RFC 6265 and its revision).

pub mod flags;
pub mod sessions;
pub mod sign_in;
pub mod site;

use crate::profile::CookieName;
use crate::source::KeyPath;

/// A key of one cookie.
fn key(name: &CookieName, key: &'static str) -> KeyPath {
    ("cookies", name.as_str(), key).into()
}

/// The table of one cookie.
fn table(name: &CookieName) -> KeyPath {
    KeyPath::from("cookies").key(name.as_str())
}
