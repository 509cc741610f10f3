//! YAML with the places of everything in it: what Kubernetes' manifests and Compose files say, and where.
//!
//! A text is read once into [`Node`]s. Aliases and merge keys are resolved while it is read, within bounds, so that nobody
//! behind this room meets one; a node that came through an alias keeps the place where it is written, and knows where it is
//! used. Whatever is wrong is told at once, each with its place ([`Problem`]). What a key means is no business of this room.
//!
//! The parser is `granit-parser`, which stands behind `serde-saphyr`. Its events are used, and not serde's values: those
//! forget where a key stands, and whether a text had quotes.

mod read;
mod scalar;
#[cfg(test)]
mod tests;

pub use read::read;
pub use scalar::Kind;

use serde_json::Value as Json;

use crate::source::Span;

/// What a text says, and what is wrong in it.
#[derive(Debug, Default)]
pub struct Read {
    /// The documents, without those that hold nothing.
    pub documents: Vec<Node>,
    /// What is wrong, in the order of the text.
    pub problems: Vec<Problem>,
    /// The documents that are no YAML, and an alias that stands for too much, as bytes of the text: nobody knows what stands
    /// there.
    pub unread: Vec<Span>,
}

/// Something in the text that is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to write.
    pub help: String,
    /// Another place that has to do with it, and what is to be seen there.
    pub also: Option<(Span, String)>,
}

/// A value, and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it is written.
    pub span: Span,
    /// The alias that leads to it, where it is used in another place than where it is written.
    pub alias: Option<Span>,
    /// The tag before it, as it is written: `!reset`.
    pub tag: Option<Box<str>>,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text, or what is written like it: a number, a word that means yes or no, nothing.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// Keys with their values, in the order of the text; those that a merge key brings come last.
    Map(Vec<Entry>),
}

/// A text as it is meant, without its quotes and escapes.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text.
    pub text: String,
    /// Whether it has no quotes and is no block, so that readers may take it for a number, for yes or no, or for nothing.
    pub is_plain: bool,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key's text.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// What it has.
    pub value: Node,
}

impl Entry {
    /// The key and its value together.
    pub fn span(&self) -> Span {
        // What came through an alias stands somewhere else.
        let end = self.value.alias.unwrap_or(self.value.span).end;
        (self.key_span.start..end.max(self.key_span.end)).into()
    }
}

impl Node {
    /// What stands at a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// A key with what stands there.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// What stands at the end of a way of keys: `["spec", "replicas"]`.
    pub fn at(&self, way: &[&str]) -> Option<&Self> {
        way.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The keys and values; none where it is no map.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Scalar(_) | Value::List(_) => &[],
        }
    }

    /// The elements; none where it is no list.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar(_) | Value::Map(_) => &[],
        }
    }

    /// The text of a scalar, whatever readers take it for.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// What Kubernetes takes a scalar for; nothing where it is a list or a map.
    pub fn kind(&self) -> Option<Kind> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar.kind(self.tag.as_deref())),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The text, where Kubernetes takes it for one, too.
    pub fn as_str(&self) -> Option<&str> {
        self.text().filter(|_| self.kind() == Some(Kind::Text))
    }

    /// The whole number that it is, as Kubernetes reads it.
    pub fn as_u64(&self) -> Option<u64> {
        self.to_json().as_u64()
    }

    /// Whether it says yes or no, as Kubernetes reads it.
    pub fn as_bool(&self) -> Option<bool> {
        self.to_json().as_bool()
    }

    /// The same without places, as Kubernetes reads it: YAML 1.1 in the way of its Go library, turned into JSON.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Scalar(scalar) => scalar.to_json(self.tag.as_deref()),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => {
                Json::Object(entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect())
            }
        }
    }

    /// Whether nothing is written: `key:` and `~`.
    pub fn is_null(&self) -> bool {
        self.kind() == Some(Kind::Null)
    }
}
