//! Findings of one cause, told as one: what is accepted by a waiver was taken out before, key by key.

use crate::finding::{Finding, Label, Shared};
use crate::rules::and;

/// Tells findings once that have one cause, at the place of the first of them, with the places of the others beside it.
pub fn together(findings: Vec<Finding>) -> Vec<Finding> {
    let mut told: Vec<(Finding, Vec<String>)> = Vec::with_capacity(findings.len());
    for finding in findings {
        let first = finding.shared.as_ref().and_then(|_| told.iter_mut().find(|(first, _)| is_of_one(first, &finding)));
        match (first, &finding.shared) {
            (Some((first, parts)), Some(shared)) => {
                parts.push(shared.part.clone());
                join(first, finding);
            }
            (_, shared) => {
                let parts = shared.iter().map(|shared| shared.part.clone()).collect();
                told.push((finding, parts));
            }
        }
    }
    told.into_iter().map(|(finding, parts)| said(finding, &parts)).collect()
}

/// Whether two have one cause, and are as bad in the same modes behind the same edges.
fn is_of_one(one: &Finding, other: &Finding) -> bool {
    let sentence = |finding: &Finding| {
        let Shared { cause, before, after, .. } = finding.shared.clone()?;
        Some((cause, before, after))
    };
    (one.code, one.severity, one.place.source) == (other.code, other.severity, other.place.source)
        && (&one.modes, &one.targets) == (&other.modes, &other.targets)
        && one.fixes.is_empty()
        && other.fixes.is_empty()
        && sentence(one) == sentence(other)
}

/// Takes in another's places, and what it says to write.
fn join(first: &mut Finding, other: Finding) {
    let cause = first.shared.as_ref().map(|shared| shared.cause.as_str()).unwrap_or_default();
    // The reason stands at the first place.
    let text = if !cause.is_empty() && other.place.text.ends_with(cause) {
        if other.place.absent { format!("`{}` is not written", other.place.key) } else { "likewise".to_owned() }
    } else {
        other.place.text.clone()
    };
    let is_here = (other.place.source, other.place.span) == (first.place.source, first.place.span);
    let place = (!is_here || other.place.absent).then_some(Label { text, ..other.place });
    for label in place.into_iter().chain(other.labels) {
        if !first.labels.contains(&label) {
            first.labels.push(label);
        }
    }
    if !first.help.split("; ").any(|help| help == other.help) && first.help != other.help {
        first.help = format!("{}; {}", first.help, other.help);
    }
    first.evidence = first.evidence.into_iter().chain(other.evidence).min();
}

fn said(finding: Finding, parts: &[String]) -> Finding {
    match &finding.shared {
        Some(Shared { before, after, .. }) if parts.len() > 1 => {
            let message = format!("{before}{}{after}", and(parts));
            Finding { message, ..finding }
        }
        Some(_) | None => finding,
    }
}
