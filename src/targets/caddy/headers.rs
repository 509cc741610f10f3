//! Changes of a request's or an answer's headers.

use serde::{Serialize, Serializer};

use super::value::{Named, Note, Value};

/// Changes of headers, and why they are made.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Headers {
    #[serde(skip)]
    pub note: &'static str,
    /// What is there besides what else has its name.
    pub add: Option<Fields>,
    /// What is there instead of what else has its name.
    pub set: Option<Fields>,
    /// Names that are not there, with `*` for any characters.
    pub delete: Option<Vec<Value>>,
    /// What is rewritten in the headers of a name.
    pub replace: Option<Named<Vec<Replacement>>>,
    /// That it happens when the answer is sent; else it happens at once.
    pub deferred: Option<bool>,
}

/// Headers of different names.
#[derive(Clone, Debug)]
pub struct Fields(pub Vec<Field>);

/// A header.
#[derive(Clone, Debug)]
pub struct Field {
    pub note: Note,
    pub name: &'static str,
    pub value: Value,
}

/// A pattern, and what is written instead: `$1` is the pattern's first group.
#[derive(Clone, Debug, Serialize)]
pub struct Replacement {
    #[serde(skip)]
    pub note: Note,
    #[serde(serialize_with = "Value::pattern")]
    pub search_regexp: Value,
    pub replace: Value,
}

impl Field {
    /// A header without a reason of its own.
    pub fn new(name: &'static str, value: impl Into<Value>) -> Self {
        Self { note: "".into(), name, value: value.into() }
    }
}

impl Headers {
    /// Sets headers at once.
    pub fn set(fields: impl Into<Vec<Field>>) -> Self {
        Self { set: Some(Fields(fields.into())), ..Self::default() }
    }

    /// Takes headers away.
    pub fn delete(names: impl IntoIterator<Item = &'static str>) -> Self {
        Self { delete: Some(names.into_iter().map(Value::from).collect()), ..Self::default() }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|field| (field.name, [&field.value])))
    }
}
