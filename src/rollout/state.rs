//! What is written in a profile, in one mode: key by key, and as the text of a profile again, so that what stands between
//! two profiles can be read and checked as every profile is.
//!
//! `[hsts]` with `enabled = true` is the key `hsts.enabled` with the value `true`, and as a text `hsts.enabled = true`.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value};

use crate::policy::Policy;
use crate::source::{KeyPath, Literal};

/// What is written in a profile, in one mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(BTreeMap<KeyPath, Literal>);

impl State {
    /// What a policy was made from.
    pub fn of(policy: &Policy<'_>) -> Self {
        Self(policy.leaves().into_iter().collect())
    }

    /// What is written at a key.
    pub fn get(&self, key: &KeyPath) -> Option<&Literal> {
        self.0.get(key)
    }

    /// The keys that are written, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &KeyPath> {
        self.0.keys()
    }

    /// Whether something is written below a key.
    pub fn holds_below(&self, above: &KeyPath) -> bool {
        self.0.keys().any(|key| key != above && key.is_within(above))
    }

    /// Writes a key, or takes it away; gives back what stood there.
    pub fn set(&mut self, key: &KeyPath, value: Option<&Literal>) -> Option<Literal> {
        match value {
            Some(value) => self.0.insert(key.clone(), value.clone()),
            None => self.0.remove(key),
        }
    }

    /// The text of a profile that says this and nothing else.
    pub fn text(&self) -> String {
        // A table that is written without a key of its own is one line; with keys, they make the table.
        let stands = |key: &KeyPath, value: &Literal| *value != Self::empty_table() || !self.holds_below(key);
        let mut text = String::new();
        for (key, value) in self.0.iter().filter(|(key, value)| stands(key, value)) {
            writeln!(text, "{key} = {value}").expect("a string takes everything");
        }
        text
    }

    /// A table without keys.
    pub fn empty_table() -> Literal {
        Literal::from(&Value::Object(Map::new()))
    }

    /// Whether a table without keys is written at a key.
    pub fn is_empty_table(&self, key: &KeyPath) -> bool {
        self.get(key).is_some_and(|value| *value == Self::empty_table())
    }
}
