//! The app's secrets: what they are worth, the tokens that they sign, and where they are kept.

pub mod committed;
pub mod file;
pub(super) mod forms;
pub(super) mod issuers;
pub mod keeping;
pub(super) mod names;
pub(super) mod pem;
pub mod shared;
pub mod subject;
pub mod tokens;
pub(super) mod uses;
pub mod values;
pub(super) mod weak;
pub(super) mod written;

pub use names::{is_secrets_name, purpose_of, spelled};
pub use tokens::may_stand_together;
pub use weak::is_placeholder;

/// Whether a name or a value begins so. Most differ in the first byte, which is the quickest to compare.
#[inline]
fn begins(text: &str, start: &str) -> bool {
    text.as_bytes().first() == start.as_bytes().first() && text.starts_with(start)
}
