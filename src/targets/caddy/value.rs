//! One value of Caddy's configuration: a token of a Caddyfile, a text of JSON.
//!
//! When Caddy serves, it replaces `{placeholders}` in most values. So every value knows whether it is Caddy's own
//! notation, made here, whose placeholders are meant, or holds a text of the profile's, in which nothing is replaced.

use std::borrow::Cow;
use std::fmt::Display;

use serde::{Serialize, Serializer};

use super::super::Refused;
use super::super::escape::Word;
use super::super::refused::at;
use super::KEY;
use super::escape::{printable, quote, token, unreplaced};
use crate::profile::Form;
use crate::source::KeyPath;

/// Why something is there, with the profile's key that asks for it: lines of a comment. What has none belongs to what
/// stands above it.
pub type Note = Cow<'static, str>;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    text: Cow<'static, str>,
    origin: Origin,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    /// From this program, a number or a checked word.
    Ours,
    /// From the profile's key: where the text has no form, it is refused there.
    Given(KeyPath),
    /// From a text that has no form at all.
    Refused(Refused),
}

impl Value {
    /// The text that the profile has at a key, or that follows from it: it is read as it is.
    pub fn given(key: impl Into<KeyPath>, text: impl Into<String>) -> Self {
        Self { text: text.into().into(), origin: Origin::Given(key.into()) }
    }

    /// A word that the profile has at a key: it needs no quotes. What is no word is a text.
    pub fn word(key: &'static str, word: impl Display) -> Self {
        let text = word.to_string();
        if Word::new(&text).is_ok() { Self { text: text.into(), origin: Origin::Ours } } else { Self::given(key, text) }
    }

    /// Notation that is made here, of nothing that the profile says.
    pub fn made(notation: String) -> Self {
        Self { text: notation.into(), origin: Origin::Ours }
    }

    /// What stands for a value that has no form.
    pub fn refused(refused: Refused) -> Self {
        Self { text: "".into(), origin: Origin::Refused(refused) }
    }

    /// This value with another one behind it, in one token. With a text of the profile's in it, nothing is replaced.
    pub fn and(self, more: impl Into<Self>) -> Self {
        let more = more.into();
        let origin = match (self.origin, more.origin) {
            (Origin::Ours, other) | (other, Origin::Ours) => other,
            (refused @ Origin::Refused(_), _) | (_, refused @ Origin::Refused(_)) => refused,
            (given @ Origin::Given(_), Origin::Given(_)) => given,
        };
        Self { text: self.text + more.text, origin }
    }

    /// The text, where Caddy replaces nothing.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value as one token of a Caddyfile. For JSON, which needs no tokens, only whether the value has a form.
    pub fn token(&self, form: Form) -> Result<String, Refused> {
        match (&self.origin, form) {
            (Origin::Refused(refused), _) => Err(refused.clone()),
            (Origin::Given(key), Form::Caddyfile) => at(key.clone(), quote(&self.text)),
            (Origin::Given(key), Form::Json) => at(key.clone(), printable(&self.text).map(|()| String::new())),
            (Origin::Ours, _) => at(KEY, token(&self.text)),
        }
    }

    /// Writes a regular expression, in which Caddy replaces nothing.
    pub fn pattern<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// What is no text of the profile's, as text.
macro_rules! ours {
    ($($from:ty: |$it:ident| $text:expr),+ $(,)?) => {$(
        impl From<$from> for Value {
            fn from($it: $from) -> Self {
                Self { text: $text.into(), origin: Origin::Ours }
            }
        }
    )+};
}

ours! {
    &'static str: |notation| notation,
    u64: |number| number.to_string(),
    Seconds: |time| format!("{}s", time.0),
}

impl From<&Self> for Value {
    fn from(value: &Self) -> Self {
        value.clone()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.origin {
            Origin::Ours => serializer.serialize_str(&self.text),
            Origin::Given(_) | Origin::Refused(_) => serializer.serialize_str(&unreplaced(&self.text)),
        }
    }
}

/// A time in whole seconds: in JSON, Caddy counts nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Seconds(pub u64);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0.saturating_mul(1_000_000_000))
    }
}

/// A value under a name: an object of JSON with this one field.
#[derive(Clone, Debug)]
pub struct Named<T> {
    pub name: Value,
    pub value: T,
}

impl<T> Named<T> {
    /// This value under this name.
    pub fn new(name: impl Into<Value>, value: T) -> Self {
        Self { name: name.into(), value }
    }
}

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.name.as_str(), &self.value)])
    }
}
