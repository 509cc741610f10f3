//! Where a profile holds text: every string in it, and every key.

#![allow(dead_code, reason = "each test uses its share")]

use std::fmt::Write;

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Value,
    Key,
}

/// A string of a document.
#[derive(Debug, Clone)]
pub struct Place {
    pub kind: Kind,
    /// The way to it: `cors.origins[0]`.
    pub path: String,
    /// Its text in the document, quotes included.
    pub span: Range<usize>,
    /// What it says.
    pub text: String,
}

/// Every string and every key of a document, in the order of its tree.
pub fn of(document: &str) -> Vec<Place> {
    let root = DeTable::parse(document).expect("the fixture is TOML");
    let mut places = Vec::new();
    table(root.get_ref(), "", &mut places);
    for place in &places {
        let written = &document[place.span.clone()];
        assert!(written == place.text || written.starts_with('"'), "{} is not at {written}", place.path);
    }
    places
}

fn table(table: &DeTable<'_>, path: &str, places: &mut Vec<Place>) {
    for (key, node) in table {
        let below = if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
        places.push(Place { kind: Kind::Key, path: below.clone(), span: key.span(), text: key.get_ref().to_string() });
        value(node, below, places);
    }
}

fn value(node: &toml::Spanned<DeValue<'_>>, path: String, places: &mut Vec<Place>) {
    match node.get_ref() {
        DeValue::String(text) => {
            places.push(Place { kind: Kind::Value, path, span: node.span(), text: text.to_string() });
        }
        DeValue::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| value(item, format!("{path}[{index}]"), places));
        }
        DeValue::Table(inner) => table(inner, &path, places),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// A document with other text in some places.
pub fn edited<'a>(document: &str, edits: impl IntoIterator<Item = (&'a Place, &'a str)>) -> String {
    let mut edits: Vec<_> = edits.into_iter().collect();
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.span.start));
    let mut edited = document.to_owned();
    for (place, text) in edits {
        edited.replace_range(place.span.clone(), &literal(text));
    }
    edited
}

/// Text as a TOML string or key. Only what TOML wants escaped is: all else reaches the reader as it is.
pub fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' || c == '\x7f' => write!(out, "\\u{:04x}", u32::from(c)).expect("a string takes everything"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
