//! Assignments in the text of a file: a fresh one, one that people and other programs wrote in, and one to be committed.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Assignment, Content, Origin};
use crate::apps::Encoding;
use crate::compose;
use crate::dotenv::{Document, Edit, Refused, Verdict, apply_for};
use crate::plan::{Facts, Plan};
use crate::policy::Policy;
use crate::source::Source;
use crate::targets::{MADE_BY, header};

/// What a fresh file begins with.
const ABOUT: [&str; 2] = [
    "Made by `seccfg render --target env`, which sets the variables that security.toml has a say in,",
    "and leaves everything else here as it is.",
];

/// The files of variables that the app reads in a mode, as seen from the profile's folder: the one that is written, which is the
/// last of them, and those that it reads before that. A Compose file is its owner's alone; where there is nothing else, nothing
/// can be written.
pub fn file_names(facts: &Facts<'_>) -> Option<(String, Vec<String>)> {
    let mut names = facts.env_files();
    let last = names.iter().rposition(|name| !compose::is_one(Path::new(name)))?;
    Some((names.remove(last), names))
}

/// Whether a variable has to stand in a file, beside those that the app reads before it: not where one of those says what it
/// has to say, and the file does not say anything else.
pub fn has_to_stand(plan: &Plan<'_>, one: &Assignment, text: &str, before: &[Source]) -> bool {
    let is_here = || !there(plan, text, &one.name).is_empty();
    let held = || {
        let mut texts = before.iter().rev().map(|file| there(plan, &file.text, &one.name));
        texts.find(|there| !there.is_empty()).and_then(|mut there| there.pop_last())
    };
    // What readers see differently is a value all the same.
    let is_kept = || before.iter().any(|file| missing(plan, std::slice::from_ref(one), &file.text).is_empty());
    match &one.content {
        _ if is_here() => true,
        Content::Public(value) => held().is_none_or(|(_, read)| !is_right(plan, one, value, read.as_ref())),
        Content::Secret(Origin::File(_)) => true,
        Content::Secret(Origin::Made | Origin::Given | Origin::Before | Origin::Yours) => !is_kept(),
    }
}

/// The secrets that a text lacks: those with no value in it, or an empty one.
pub fn missing<'t>(plan: &Plan<'_>, told: &'t [Assignment], text: &str) -> Vec<(&'t Assignment, &'t Origin)> {
    let source = Source::new("", text);
    let document = Document::parse(&source);
    let is_there = |name: &str| {
        let mut entries = document.entries().iter();
        entries.any(|entry| plan.app.takes_for(entry.name, name) && !entry.value.expose().is_empty())
    };
    let secrets = told.iter().filter_map(|one| match &one.content {
        Content::Public(_) | Content::Secret(Origin::File(_)) => None,
        Content::Secret(origin @ (Origin::Made | Origin::Given | Origin::Before | Origin::Yours)) => {
            Some((one, origin))
        }
    });
    secrets.filter(|(one, _)| !is_there(&one.name)).collect()
}

/// The secrets that chance can make and that a text has a value for, each with all of its values there: of a name that is
/// assigned to twice, either may be the one in use.
pub fn values<'t>(
    plan: &Plan<'_>,
    told: &'t [Assignment],
    document: &Document<'_>,
) -> Vec<(&'t Assignment, Vec<String>)> {
    let made = told.iter().filter(|one| one.content == Content::Secret(Origin::Made));
    let values = made.map(|one| {
        let entries = document.entries().iter().filter(|entry| plan.app.is_same(entry.name, &one.name));
        let values = entries.map(|entry| entry.value.expose().to_owned()).filter(|value| !value.is_empty());
        (one, values.collect::<Vec<_>>())
    });
    values.filter(|(_, values)| !values.is_empty()).collect()
}

/// The text with everything set that the app is told, and `made`, the values of secrets that it lacks. Whatever else stands
/// there stays, comments, order and other variables included; so does every byte of a variable that is right already.
pub fn merge(
    plan: &Plan<'_>,
    told: &[Assignment],
    text: &str,
    made: &BTreeMap<&str, String>,
) -> Result<String, Refused> {
    merged(plan, told, text, made, |one| one.key.clone())
}

/// The same, with `about` above each variable that is added.
fn merged(
    plan: &Plan<'_>,
    told: &[Assignment],
    text: &str,
    made: &BTreeMap<&str, String>,
    about: impl Fn(&Assignment) -> String,
) -> Result<String, Refused> {
    let readers = plan.facts().readers();
    let mut merged = text.to_owned();
    let mut section = None;
    for one in told {
        let value = match &one.content {
            Content::Public(value) => Some(value),
            Content::Secret(_) => made.get(one.name.as_str()),
        };
        let Some(value) = value else { continue };
        let there = there(plan, &merged, &one.name);
        for (name, _) in there.iter().filter(|(_, read)| !is_right(plan, one, value, read.as_ref())) {
            merged = apply_for(&merged, Edit::SetValue { name, value }, &readers)?;
        }
        if there.is_empty() {
            let mut above = if merged.is_empty() { ABOUT.to_vec() } else { Vec::new() };
            above.extend((section.replace(one.section()) != Some(one.section())).then_some(""));
            let about = about(one);
            above.push(&about);
            merged = apply_for(&merged, Edit::Append { above: &above, name: &one.name, value }, &readers)?;
        }
    }
    Ok(merged)
}

/// Whether what all readers see of a variable is its value, or means that.
fn is_right(plan: &Plan<'_>, one: &Assignment, value: &str, read: Option<&String>) -> bool {
    read.is_some_and(|read| read == value || means_the_same(plan, one, read))
}

/// Whether the app takes a text for what the profile says, though it is spelt otherwise: `True` for `true`, or a list of hosts
/// that has the URL's. What is left to the edge may stay as the profile says it, and as a check takes it.
fn means_the_same(plan: &Plan<'_>, one: &Assignment, text: &str) -> bool {
    let Some((field, code)) = plan.app.variable(&one.name).and_then(|(_, row)| row.public()) else { return false };
    let off = plan.left_off(field);
    let Some(said) = field.of(plan.policy.to_json()).or(off.as_ref()) else { return false };
    (off.is_some() || matches!(code.encoding, Encoding::Bool | Encoding::Host | Encoding::Origin))
        && code.decode_beside(text, said).is_ok_and(|meant| meant.iter().any(|value| plan.takes(field, value)))
}

/// Every name in a text that is this one to the app, and its value, where all readers see the same.
fn there(plan: &Plan<'_>, text: &str, name: &str) -> BTreeMap<String, Option<String>> {
    let source = Source::new("", text);
    let document = Document::read_by(&source, &plan.facts().readers());
    let mut there = BTreeMap::new();
    for entry in document.entries().iter().filter(|entry| plan.app.is_same(entry.name, name)) {
        let value = entry.value_span;
        let end = text[value.end..].find('\n').map_or(text.len(), |length| value.end + length);
        let start = text[..entry.name_span.start].rfind('\n').map_or(0, |line_feed| line_feed + 1);
        let is_certain = document
            .problems()
            .iter()
            .all(|problem| problem.verdict == Verdict::Elsewhere || !problem.is_about((start..end).into()));
        there.insert(entry.name.to_owned(), is_certain.then(|| entry.value.expose().to_owned()));
    }
    there
}

/// The text of a file to be committed, with everything set that the app is told but its secrets, which are named and left
/// empty. What else stands there stays; only the first line, where it is ours, is made anew.
pub fn example(plan: &Plan<'_>, told: &[Assignment], text: &str) -> Result<String, Refused> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let ending = if first.ends_with('\r') { "\r\n" } else { "\n" };
    let is_ours = first.is_empty() && rest.is_empty() || first.contains(MADE_BY);
    let text = if is_ours { format!("# {}{ending}{rest}", header(plan)) } else { text.to_owned() };
    let secrets = told.iter().filter(|one| matches!(one.content, Content::Secret(_)));
    let lacking = secrets.filter(|one| there(plan, &text, &one.name).is_empty());
    let empty = lacking.map(|one| (one.name.as_str(), String::new())).collect();
    merged(plan, told, &text, &empty, |one| match &one.content {
        Content::Public(_) => one.key.clone(),
        Content::Secret(origin) => format!("{}: {}", one.key, origin.in_words()),
    })
}

/// What the example of a mode's files is called: one names what all of them have to say.
pub fn example_name(policy: &Policy<'_>) -> String {
    let mode = if policy.mode == policy.app.mode { String::new() } else { format!(".{}", policy.mode) };
    format!(".env{mode}.example")
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
            Self::Yours => "the value that it has for you: the app does not start without it".to_owned(),
        }
    }
}
