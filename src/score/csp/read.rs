//! Policies as Observatory reads them: several become one, and a directive that stands twice is an error.
//!
//! `default-src 'self'; img-src *` is the directives `default-src` with `'self'` and `img-src` with `*`. Names and sources
//! come out in lower case. Commas part nothing here: browsers read two policies where one stands in a header, and
//! Observatory reads one.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::super::text::{is_blank, trimmed};
use crate::source::percent_decoded;

/// Directives by name, each with its sources.
pub(super) type Directives = BTreeMap<String, Vec<String>>;

/// What was read.
#[derive(Default)]
pub(super) struct Reading {
    /// The directives.
    pub(super) directives: Directives,
    /// Whether one policy says twice where reports go.
    pub(super) repeats_reports: bool,
}

/// The fewest characters of a policy that says something.
const SHORTEST: usize = 6;

/// What may stand twice in one policy.
const REPEATABLE: [&str; 2] = ["report-uri", "report-to"];

/// A source while policies are merged.
#[derive(Clone)]
struct Merged {
    source: String,
    policy: usize,
    keep: bool,
}

/// Reads policies as one, or says why they cannot be read.
pub(super) fn read(policies: &[&str]) -> Result<Reading, String> {
    let policies: Vec<String> =
        policies.iter().map(|text| trimmed(&text.replace(['\r', '\n'], "")).to_owned()).collect();
    if let Some(short) = policies.iter().find(|text| text.encode_utf16().count() < SHORTEST) {
        return Err(if short.is_empty() { "it is empty".to_owned() } else { format!("`{short}` is no policy") });
    }
    let mut directives: BTreeMap<String, Vec<Merged>> = BTreeMap::new();
    let mut repeats_reports = false;
    for (index, policy) in policies.iter().enumerate() {
        let mut seen = BTreeSet::new();
        for entry in policy.split(';') {
            let mut words = entry.split(is_blank).filter(|word| !word.is_empty());
            let Some(name) = words.next().map(str::to_lowercase) else { continue };
            if !seen.insert(name.clone()) {
                if !REPEATABLE.contains(&name.as_str()) {
                    return Err(format!("`{name}` stands twice"));
                }
                repeats_reports = true;
            }
            let mut own: Vec<String> = words.map(str::to_lowercase).collect();
            if own.is_empty() && name.ends_with("-src") {
                own.push("'none'".to_owned());
            }
            let own = own.into_iter().map(|source| Merged { source, policy: index, keep: index == 0 });
            let before = if index == 0 { Vec::new() } else { directives.remove(&name).unwrap_or_default() };
            let mut kept = merge(before.into_iter().chain(own).collect()).ok_or("a path in it cannot be decoded")?;
            // Beside a second policy, nothing stays that only the first one has.
            if index == 0 && policies.len() > 1 {
                for source in &mut kept {
                    source.keep = false;
                }
            }
            directives.insert(name, kept);
        }
    }
    let flat = directives.into_iter().map(|(name, merged)| {
        let mut sources: Vec<String> = Vec::with_capacity(merged.len());
        for one in merged {
            if !sources.contains(&one.source) {
                sources.push(one.source);
            }
        }
        if sources.is_empty() {
            sources.push("'none'".to_owned());
        }
        (name, sources)
    });
    Ok(Reading { directives: flat.collect(), repeats_reports })
}

/// Of sources in order, those that stay: within a policy, one that begins with the one before it says nothing new;
/// of a second policy stays what the first one has as well. Nothing where a path cannot be decoded.
fn merge(mut sources: Vec<Merged>) -> Option<Vec<Merged>> {
    sources.sort_by(|one, other| collated(&one.source, &other.source));
    for index in 1..sources.len() {
        let (before, rest) = sources.split_at_mut(index);
        let (before, source) = (&before[index - 1], &mut rest[0]);
        if source.policy == before.policy {
            if source.source.starts_with(&before.source) {
                source.keep = false;
            }
        } else if covers(&before.source, &source.source)? {
            source.keep = true;
        }
    }
    sources.retain(|source| source.keep);
    Some(sources)
}

/// The order of ASCII in English, which is not that of its numbers: sources that stand side by side in it are compared.
fn collated(one: &str, other: &str) -> Ordering {
    const ORDER: &str = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz";
    let weights = |text: &str| -> Vec<usize> {
        text.chars().map(|c| ORDER.find(c).unwrap_or(ORDER.len() + c as usize)).collect()
    };
    weights(one).cmp(&weights(other))
}

/// Whether one source covers another, part by part of their paths.
fn covers(one: &str, other: &str) -> Option<bool> {
    let exact = !one.ends_with('/');
    let (mut parts, others) = (one.split('/').collect::<Vec<_>>(), other.split('/').collect::<Vec<_>>());
    if parts.len() > others.len() || (exact && parts.len() != others.len()) {
        return Some(false);
    }
    if !exact {
        parts.pop();
    }
    for (part, other) in parts.iter().zip(others) {
        if percent_decoded(part)? != percent_decoded(other)? {
            return Some(false);
        }
    }
    Some(true)
}
