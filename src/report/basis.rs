//! What the profile says at the keys that a rule looks at.
//!
//! A report is made of sound profiles alone. They hold no text that the reader marked as a secret: it refuses what it
//! marks. So values are shown as they are, and references as references.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use crate::plan::{Header, Plan};
use crate::profile::vocabulary::ANY;
use crate::profile::{SecretRef, Text};
use crate::rules::{ALL, Rule};
use crate::source::{KeyPath, Literal, Provenance, Segment, Source};

/// One key, what counts there, and why.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Basis {
    /// The key.
    pub key: String,
    /// Its value as TOML; none where nothing is written and no default counts.
    pub value: Option<String>,
    /// Where it is written, or why it counts.
    pub origin: String,
}

impl Basis {
    /// The reference that the value is, if it is one.
    pub(super) fn reference(&self) -> Option<SecretRef> {
        let text = self.value.as_deref()?.strip_prefix('"')?.strip_suffix('"')?;
        SecretRef::parse(text).ok()
    }
}

/// What stands at one key.
pub(super) struct Found {
    /// The key.
    pub key: KeyPath,
    value: Option<Value>,
    /// The same in words.
    pub basis: Basis,
    /// Whether it is a header that the app sends by itself.
    pub is_sent_by_app: bool,
    /// Whether the profile's author chose it, or the app did.
    pub is_chosen: bool,
}

impl Found {
    /// The value as texts to compare: of a list its elements, of everything else the value itself.
    pub(super) fn texts(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match &self.value {
            Some(Value::Array(values)) => values.iter().map(text).collect(),
            Some(value) => vec![text(value)],
            None => Vec::new(),
        }
    }
}

/// What counts at a key in the policy of a plan, and why. Of a table, its keys one by one.
pub fn at(plan: &Plan<'_>, source: &Source, key: &KeyPath) -> Vec<Basis> {
    let step = |segment: &Segment| match segment {
        Segment::Key(key) => Some(key.to_string()),
        Segment::Index(_) => None,
    };
    // A list is told as a whole.
    let steps: Vec<String> = key.segments().iter().map_while(step).collect();
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    Bases::new(plan, source).at(&steps).into_iter().map(|found| found.basis).collect()
}

/// Looks keys up in the policy of a plan.
pub(super) struct Bases<'p> {
    plan: &'p Plan<'p>,
    source: &'p Source,
    values: Value,
}

impl<'p> Bases<'p> {
    pub(super) fn new(plan: &'p Plan<'p>, source: &'p Source) -> Self {
        Self { plan, source, values: plan.policy.values() }
    }

    /// What a rule has to go by.
    pub(super) fn of(&self, rule: &Rule) -> Vec<Basis> {
        let found = rule.keys.iter().flat_map(|keys| self.at(&keys.split('.').collect::<Vec<_>>()));
        // Keys of several entries lead to one place where there is no entry.
        let mut seen = BTreeSet::new();
        found.filter(|one| seen.insert(one.key.clone())).map(|one| one.basis).collect()
    }

    /// What stands at a path, `*` being every entry of a table.
    pub(super) fn at(&self, steps: &[&str]) -> Vec<Found> {
        let mut found = Vec::new();
        follow(KeyPath::default(), steps, Some(&self.values), &mut found);
        found.into_iter().map(|(key, value)| self.found(key, value)).collect()
    }

    fn found(&self, key: KeyPath, value: Option<&Value>) -> Found {
        let place = self.plan.policy.place(&key);
        let written = || {
            let file = self.source.path.file_name().unwrap_or_default().display();
            format!("{file}:{}", self.source.position(place.span.start).line)
        };
        let is_absent = place.provenance == Provenance::Default && value.is_none();
        let (value, origin) = match (place.provenance, value) {
            (Provenance::Base | Provenance::Overlay, value) => (value.cloned(), written()),
            (Provenance::Default, Some(value)) => (Some(value.clone()), "default".to_owned()),
            (Provenance::Default, None) => match derived(self.plan, &key.to_string()) {
                Some((value, from)) => (Some(value), from),
                None => (None, "not written".to_owned()),
            },
        };
        let basis = Basis { key: key.to_string(), value: value.as_ref().map(literal), origin };
        let is_header = Header::all(&self.plan.policy.headers).iter().any(|header| basis.key == header.key);
        let is_sent_by_app = is_absent && value.is_some() && is_header;
        let is_chosen = is_sent_by_app || (place.provenance != Provenance::Default && value.is_some());
        Found { key, value, basis, is_sent_by_app, is_chosen }
    }
}

/// Finds what stands at a key that a rule declares. Entries of a table are told one by one, and so are the keys of a whole
/// table; a list is told as a whole.
fn follow<'v>(key: KeyPath, steps: &[&str], value: Option<&'v Value>, found: &mut Vec<(KeyPath, Option<&'v Value>)>) {
    let value = value.filter(|value| !value.is_null());
    let table = value.and_then(Value::as_object).filter(|table| !table.is_empty());
    match (steps.split_first(), table) {
        (Some((&(ANY | ALL), rest)), Some(table)) => {
            for (name, value) in table {
                follow(key.clone().key(name), rest, Some(value), found);
            }
        }
        (Some((&(ANY | ALL), _)) | None, None) => found.push((key, value.filter(|value| !value.is_object()))),
        (Some((name, rest)), table) => {
            let value = table.and_then(|table| table.get(*name));
            follow(key.key(name), rest, value, found);
        }
        (None, Some(table)) => {
            for (name, value) in table.iter().filter(|(_, value)| !value.is_null()) {
                follow(key.clone().key(name), &[], Some(value), found);
            }
        }
    }
}

/// A value that counts where none is written, and why.
fn derived(plan: &Plan<'_>, key: &str) -> Option<(Value, String)> {
    let policy = plan.policy;
    let from = |what: &str| format!("follows from {what}");
    Some(match key {
        "app.url" => (json!(policy.url()), "default".to_owned()),
        "tls.terminate" => (json!(policy.terminate()), from("app.url")),
        "tls.min_version" => (json!(policy.lowest_tls()), from("tls.guideline")),
        "api_docs.paths" => (json!(plan.facts().docs_paths()), from("app.kind")),
        header => {
            let Header { name, .. } = Header::all(&policy.headers).into_iter().find(|known| known.key == header)?;
            (json!(plan.app.sends(name, policy.mode)?), format!("sent by {} itself", plan.app.title))
        }
    })
}

/// A value as a profile would write it.
fn literal(value: &Value) -> String {
    Literal::from(value).to_string()
}
