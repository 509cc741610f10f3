//! Response headers: once, with the profile's value, on every answer that their owner makes.

use std::collections::BTreeSet;

use super::super::inquiry::{By, Inquiry, Shot};
use super::super::outcome::{Outcome, shown, told};
use crate::plan::{Entry, HSTS, Header, Service};
use crate::profile::Mode;
use crate::rules::Rule;
use crate::rules::headers::{HDR001, HDR004, HDR005, HDR006, HDR007};
use crate::rules::hsts::{HST001, HST002, HST003, HST005, HST008, HST009};
use crate::rules::rendering::RND004;
use crate::source::KeyPath;

/// What is wrong with a header on some answers.
struct Wrong<'s> {
    missing: Vec<&'s str>,
    twice: Vec<&'s str>,
    /// With the value that stands there.
    other: Vec<(&'s str, &'s str)>,
    right: usize,
}

/// The answers that a header of the site stands on: all that its owner makes, and those of services that say nothing of it.
fn shots<'s>(inquiry: &'s Inquiry<'_>, entry: &Entry<'_>, header: &Header) -> Vec<&'s Shot> {
    let by_edge = inquiry.maker(entry) == By::Edge;
    let of_service = |index: usize| is_the_sites(inquiry, &inquiry.places.services[index], header);
    let is_its = |shot: &&Shot| (by_edge || shot.by == By::App) && shot.service.is_none_or(of_service);
    inquiry.shots.iter().filter(is_its).collect()
}

/// Whether a header on a service's answers is the site's, which the edge sends there, too: then what is wrong with it stands at
/// the site's key, and is told there.
pub(super) fn is_the_sites(inquiry: &Inquiry<'_>, service: &Service<'_>, header: &Header) -> bool {
    let policy = inquiry.plan.policy;
    let is_own = service.name.is_some_and(|name| {
        let left = policy
            .services
            .get(name)
            .is_some_and(|own| own.headers.from_app.iter().any(|one| one.as_str() == header.name));
        left || policy.is_written(&format!("services.{name}.{}", header.key))
    });
    let is_it = |entry: &&Entry<'_>| entry.demand.header().is_some_and(|own| own.key == header.key);
    let by_edge = inquiry.plan.entries.iter().find(is_it).is_some_and(|entry| inquiry.maker(entry) == By::Edge);
    !is_own && by_edge
}

fn look<'s>(shots: &[&'s Shot], header: &Header) -> Wrong<'s> {
    let mut wrong = Wrong { missing: Vec::new(), twice: Vec::new(), other: Vec::new(), right: 0 };
    for Shot { what, answer, .. } in shots.iter().copied() {
        let lines: Vec<&str> = answer.lines(header.name).collect();
        match (&lines[..], header.value.as_deref()) {
            ([], None) => wrong.right += 1,
            ([], Some(_)) => wrong.missing.push(what),
            ([line], Some(value)) if same(line, value) => wrong.right += 1,
            ([line], _) | ([line, ..], None) => wrong.other.push((what, line)),
            (_, Some(_)) => wrong.twice.push(what),
        }
    }
    wrong
}

/// Whether two values differ in blanks at most.
fn same(seen: &str, asked: &str) -> bool {
    seen == asked || seen.split_ascii_whitespace().eq(asked.split_ascii_whitespace())
}

/// A header other than HSTS.
pub(super) fn probe(inquiry: &Inquiry<'_>, entry: &Entry<'_>, header: &Header) -> Outcome {
    let mut outcome = Outcome::default();
    let shots = shots(inquiry, entry, header);
    if header.from_app {
        left_to_the_app(&shots, header, &"headers.from_app".into(), &mut outcome);
    } else {
        judge(&shots, header, &header.key.into(), &mut outcome);
    }
    outcome
}

/// A header that the app or a service sends itself: on its pages, once, whatever it says there.
pub(super) fn left_to_the_app(shots: &[&Shot], header: &Header, key: &KeyPath, outcome: &mut Outcome) {
    let is_page = |shot: &&Shot| {
        let is_html = shot.answer.one("Content-Type").is_some_and(|kind| kind.trim_start().starts_with("text/html"));
        // An answer to HEAD shows no page, and need not say what only a page is for.
        is_html && (200..300).contains(&shot.answer.status) && !shot.what.starts_with("HEAD ")
    };
    let pages: Vec<&Shot> = shots.iter().copied().filter(is_page).collect();
    let name = header.name;
    let of = |is_so: fn(usize) -> bool| {
        let count = |shot: &&&Shot| is_so(shot.answer.lines(name).count());
        pages.iter().filter(count).map(|shot| shot.what.as_str()).collect::<Vec<&str>>()
    };
    let (missing, twice) = (of(|lines| lines == 0), of(|lines| lines > 1));
    if !missing.is_empty() {
        let message = format!("{name} is left to the app, and is missing on {}", told(&missing));
        outcome.breach(of_key(header.key), key.clone(), message);
    }
    if !twice.is_empty() {
        outcome.breach(of_key(header.key), key.clone(), format!("{name} stands more than once on {}", told(&twice)));
    }
    if let Some((nonce, whats)) = constant_nonce(&pages, name) {
        let message = format!(
            "the nonce of {name} is {} on {}: one that never changes lets in whoever has read it",
            shown(nonce),
            told(&whats)
        );
        outcome.breach(of_key(header.key), key.clone(), message);
    }
    if pages.is_empty() {
        outcome.miss(&"the app showed no page");
    } else if missing.is_empty() {
        outcome.see(format!("the app's own, on {} pages", pages.len()));
    }
}

/// The rule that tells of a header.
fn of_key(key: &str) -> &'static Rule {
    match key {
        "headers.content_security_policy" => &HDR001,
        "headers.frame_options" => &HDR004,
        "headers.content_type_options" => &HDR005,
        "headers.referrer_policy" => &HDR006,
        "headers.cross_origin_opener_policy" => &HDR007,
        // The control is asked for, and enforced by nobody.
        _ => &RND004,
    }
}

/// A header on some answers, and the key that asks for it.
pub(super) fn judge(shots: &[&Shot], header: &Header, key: &KeyPath, outcome: &mut Outcome) {
    let rule = of_key(header.key);
    let wrong = look(shots, header);
    let name = header.name;
    // What stands for it: on answers that lack it, that is told with them.
    let instead = |other: &str| -> Vec<&str> {
        let has = |shot: &&Shot| shot.answer.lines(other).next().is_some();
        shots.iter().copied().filter(has).map(|shot| shot.what.as_str()).collect()
    };
    let is_instead = |other: &&str| instead(other).iter().any(|what| wrong.missing.contains(what));
    if !wrong.missing.is_empty() {
        let instead = header.instead_of.filter(is_instead).map(|other| format!(", and {other} stands there"));
        let instead = instead.unwrap_or_default();
        outcome.breach(rule, key.clone(), format!("{name} is missing on {}{instead}", told(&wrong.missing)));
    }
    if !wrong.twice.is_empty() {
        let message = format!("{name} stands more than once on {}: two layers send it", told(&wrong.twice));
        outcome.breach(rule, key.clone(), message);
    }
    if let Some(other) = header.instead_of {
        let whats: Vec<&str> = instead(other).into_iter().filter(|what| !wrong.missing.contains(what)).collect();
        if !whats.is_empty() {
            outcome.breach(rule, key.clone(), format!("{other} stands beside {name} on {}", told(&whats)));
        }
    }
    if let Some((nonce, whats)) = constant_nonce(shots, name) {
        let message = format!(
            "the nonce of {name} is {} on {}: one that never changes lets in whoever has read it",
            shown(nonce),
            told(&whats)
        );
        outcome.breach(rule, key.clone(), message);
    } else if let Some((_, value)) = wrong.other.first() {
        let whats: Vec<&str> = wrong.other.iter().map(|(what, _)| *what).collect();
        outcome.breach(rule, key.clone(), format!("{name} is `{}` on {}", shown(value), told(&whats)));
    }
    outcome.see(format!("once on {} answers", wrong.right));
}

/// A nonce that stands on several answers, each of which should have made its own.
fn constant_nonce<'s>(shots: &[&'s Shot], name: &str) -> Option<(&'s str, Vec<&'s str>)> {
    let nonces = shots.iter().copied().flat_map(|shot| {
        let words = shot.answer.lines(name).flat_map(|line| line.split([' ', ';']));
        // Of one answer, which may say its nonce for scripts and for styles, once.
        let nonces: BTreeSet<&str> = words.filter(|word| word.starts_with("'nonce-")).collect();
        nonces.into_iter().map(|nonce| (nonce, shot.what.as_str()))
    });
    let nonces: Vec<(&str, &str)> = nonces.collect();
    nonces.iter().find_map(|(nonce, _)| {
        let mut whats: Vec<&str> = nonces.iter().filter(|(other, _)| other == nonce).map(|(_, what)| *what).collect();
        let is_constant = whats.len() > 1;
        whats.dedup();
        is_constant.then_some((*nonce, whats))
    })
}

/// Strict-Transport-Security, sent or kept back.
pub(super) fn hsts(inquiry: &Inquiry<'_>, entry: &Entry<'_>, header: &Header) -> Outcome {
    let mut outcome = Outcome::default();
    let by_edge = inquiry.maker(entry) == By::Edge;
    let all: Vec<&Shot> = inquiry.shots.iter().filter(|shot| by_edge || shot.by == By::App).collect();
    let wrong = look(&all, header);
    let Some(asked) = header.value.as_deref() else {
        if let Some((what, value)) = wrong.other.first() {
            let rule = if matches!(inquiry.plan.policy.mode, Mode::Dev | Mode::Test) { &HST009 } else { &HST005 };
            let message = format!("{what} says `{HSTS}: {}`, which the profile keeps back", shown(value));
            outcome.breach(rule, "hsts.enabled", message);
        }
        outcome.see("not sent");
        return outcome;
    };
    if !wrong.missing.is_empty() {
        outcome.breach(&HST001, "hsts.enabled", format!("{HSTS} is missing on {}", told(&wrong.missing)));
    }
    // Some proxies make one line of two.
    let (joined, other): (Vec<_>, Vec<_>) = wrong.other.into_iter().partition(|(_, value)| value.contains(','));
    let twice: Vec<&str> = wrong.twice.into_iter().chain(joined.into_iter().map(|(what, _)| what)).collect();
    if !twice.is_empty() {
        let message = format!("{HSTS} stands more than once on {}: browsers obey the first", told(&twice));
        outcome.breach(&HST008, "hsts.enabled", message);
    }
    if let Some((_, value)) = other.first() {
        let whats: Vec<&str> = other.iter().map(|(what, _)| *what).collect();
        let (rule, key) = differs(value, asked);
        let message = format!("{HSTS} is `{}` on {}, and `{asked}` is asked for", shown(value), told(&whats));
        outcome.breach(rule, key, message);
    }
    outcome.see(format!("once on {} answers", wrong.right));
    outcome
}

/// In what a value of HSTS differs from the one that is asked for: the rule, and the profile's key.
fn differs(seen: &str, asked: &str) -> (&'static Rule, &'static str) {
    let directive = |value: &str, name: &str| {
        let mut own = value.split(';').map(|one| one.trim().to_ascii_lowercase());
        own.find(|one| one.split('=').next().is_some_and(|word| word.trim() == name))
    };
    let is_same = |name| directive(seen, name) == directive(asked, name);
    if !is_same("max-age") {
        (&HST001, "hsts.max_age")
    } else if !is_same("includesubdomains") {
        (&HST002, "hsts.include_subdomains")
    } else if !is_same("preload") {
        (&HST003, "hsts.preload")
    } else {
        (&HST001, "hsts.enabled")
    }
}
