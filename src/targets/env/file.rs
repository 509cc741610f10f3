//! Assignments in the text of a file: a fresh one, one that people and other programs wrote in, and one to be committed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Assignment, Content, Origin, of};
use crate::apps::AppPack;
use crate::dotenv::{Document, Edit, Refused, apply};
use crate::plan::Plan;
use crate::policy::Policy;
use crate::source::Source;
use crate::targets::{Artifact, Error, header};

/// What a fresh file begins with.
const ABOUT: [&str; 2] = [
    "Made by `seccfg render --target env`, which sets the variables that security.toml has a say in,",
    "and leaves everything else here as it is.",
];

/// `.env` for the mode that the profile means, `.env.staging` for another.
pub fn file_name(policy: &Policy<'_>) -> String {
    if policy.mode == policy.app.mode { ".env".to_owned() } else { format!(".env.{}", policy.mode) }
}

/// The secrets that a text lacks: those with no value in it, or an empty one.
pub fn missing<'t>(app: &AppPack, told: &'t [Assignment], text: &str) -> Vec<(&'t Assignment, &'t Origin)> {
    let source = Source::new("", text);
    let document = Document::parse(&source);
    let is_there = |name: &str| {
        let mut entries = document.entries().iter();
        entries.any(|entry| app.is_same(entry.name, name) && !entry.value.expose().is_empty())
    };
    let secrets = told.iter().filter_map(|one| match &one.content {
        Content::Public(_) | Content::Secret(Origin::File(_)) => None,
        Content::Secret(origin @ (Origin::Made | Origin::Given | Origin::Before)) => Some((one, origin)),
    });
    secrets.filter(|(one, _)| !is_there(&one.name)).collect()
}

/// The text with everything set that the app is told, and `made`, the values of secrets that it lacks. Whatever else stands
/// there stays, comments, order and other variables included; so does every byte of a variable that is right already.
pub fn merge(app: &AppPack, told: &[Assignment], text: &str, made: &BTreeMap<&str, String>) -> Result<String, Refused> {
    let mut merged = text.to_owned();
    let mut section = None;
    for one in told {
        let value = match &one.content {
            Content::Public(value) => Some(value),
            Content::Secret(_) => made.get(one.name.as_str()),
        };
        let Some(value) = value else { continue };
        let there = there(app, &merged, &one.name);
        for (name, _) in there.iter().filter(|(_, read)| read.as_ref() != Some(value)) {
            merged = apply(&merged, Edit::SetValue { name, value })?;
        }
        if there.is_empty() {
            let mut above = if merged.is_empty() { ABOUT.to_vec() } else { Vec::new() };
            above.extend((section.replace(one.section()) != Some(one.section())).then_some(""));
            above.push(&one.key);
            merged = apply(&merged, Edit::Append { above: &above, name: &one.name, value })?;
        }
    }
    Ok(merged)
}

/// Every name in a text that is this one to the app, and its value, where all readers see the same.
fn there(app: &AppPack, text: &str, name: &str) -> BTreeMap<String, Option<String>> {
    let source = Source::new("", text);
    let document = Document::parse(&source);
    let mut there = BTreeMap::new();
    for entry in document.entries().iter().filter(|entry| app.is_same(entry.name, name)) {
        let value = entry.value_span;
        let end = text[value.end..].find('\n').map_or(text.len(), |length| value.end + length);
        let line = (entry.name_span.start..end).into();
        let is_certain = document.problems().iter().all(|problem| !problem.span.overlaps(line));
        there.insert(entry.name.to_owned(), is_certain.then(|| entry.value.expose().to_owned()));
    }
    there
}

/// A file to be committed: everything that the app is told but its secrets, which are named and left empty.
pub fn example(plan: &Plan<'_>) -> Result<Vec<Artifact>, Error> {
    let mut text = format!("# {}\n", header(plan));
    let told = of(plan)?;
    let mut section = None;
    for one in &told {
        let (about, value) = match &one.content {
            Content::Public(value) => (one.key.clone(), value.as_str()),
            Content::Secret(origin) => (format!("{}: {}", one.key, origin.in_words()), ""),
        };
        let begins = section.replace(one.section()) != Some(one.section());
        let above = if begins { vec!["", &about] } else { vec![about.as_str()] };
        text = apply(&text, Edit::Append { above: &above, name: &one.name, value })
            .expect("each name is there once, and its value has a form");
    }
    Ok(vec![Artifact { path: PathBuf::from(file_name(plan.policy) + ".example"), text }])
}

impl Assignment {
    /// The section of the profile that it belongs to.
    pub(super) fn section(&self) -> &str {
        self.key.split_once('.').map_or(&self.key, |(section, _)| section)
    }
}

impl Origin {
    /// What there is to do about it.
    pub fn in_words(&self) -> String {
        match self {
            Self::Made => "what `openssl rand -hex 32` prints".to_owned(),
            Self::Given => "what the service that it opens gave you".to_owned(),
            Self::Before => "what this secret was before the current one".to_owned(),
            Self::File(path) => format!("what {path} holds"),
        }
    }
}
