//! A variable of an environment, and who may come to read the file that it stands in.

use crate::dotenv::{Entry, Value};
use crate::source::Span;

/// Who else may come to read a `.env` file, where its place in the world was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Others than its owner may read it.
    pub readable: bool,
    /// Git would take it into a commit.
    pub committable: bool,
}

/// A variable, and where its value stands.
#[derive(Clone, Copy, Debug)]
pub struct Variable<'e> {
    /// Its name.
    pub name: &'e str,
    /// Where the name stands.
    pub name_span: Span,
    /// Its value as readers see it: shown to nobody.
    pub value: &'e Value<'e>,
    /// Where the value stands.
    pub span: Span,
    /// Which of the check's sources it stands in.
    pub source: usize,
    /// Whether its name may be shown, whatever it is.
    pub is_plainly_named: bool,
    /// Whether the value stands in a file of its own, and the place is where that is named.
    pub is_kept: bool,
    /// Whether another program starts the app with it, and the app does not read the file that it stands in.
    pub is_handed: bool,
    /// Whether another service of a Compose file has it, and the app has not.
    pub is_others: bool,
}

impl Variable<'_> {
    /// Whether it stands where another one does.
    pub fn is_at(&self, other: &Self) -> bool {
        (self.source, self.name_span) == (other.source, other.name_span)
    }
}

/// Whether a name can be nothing else. A line of a key that was pasted without quotes may look like an assignment too:
/// base64 has small letters, and either ends in `=`, as `NAME=` does.
pub(super) fn is_plainly_named(entry: &Entry<'_>) -> bool {
    let has_value = || entry.value.expose().as_bytes().iter().any(|byte| *byte != b'=');
    let name = entry.name.as_bytes();
    let is_in_capitals = name.first().is_some_and(u8::is_ascii_uppercase)
        && name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
    // No alphabet of one case has a `_`.
    is_in_capitals && (has_value() || name.contains(&b'_'))
}
