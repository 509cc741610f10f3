//! Rules declare what they read: where one key of a profile changes, only rules that declare it find otherwise.
//!
//! What a rule declares silences it where a value was refused, so that it says nothing that rests on a default which nobody
//! wrote. `SECCFG_CHANGES=1` tries every change, which takes an hour; without it one of 160 is tried, and always the same
//! ones.

#![allow(missing_docs, reason = "a test")]

#[path = "support/changes.rs"]
mod changes;
#[path = "support/fixture.rs"]
mod fixture;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use changes::{Change, Profile, Values, differing};
use seccfg::check::{Modes, Options, check};
use seccfg::finding::{Finding, Intent};
use seccfg::profile::Mode;
use seccfg::rules;
use seccfg::source::Source;

/// What one element of a list changes in what is said of another, and may.
const BETWEEN_ELEMENTS: [(&str, &str); 3] = [
    ("COR001", "of several elements that let everyone in, the first is told"),
    ("PRX010", "PRX002 speaks of networks that make up everyone together"),
    ("COR005", "where the https origin is listed as well, the other right edit is offered"),
];

fn is_between_elements(finding: &Finding, change: &Change<'_>) -> bool {
    let known = BETWEEN_ELEMENTS.iter().any(|(code, _)| *code == finding.code);
    known && change.key.segments().len() == finding.place.key.segments().len()
}

fn every() -> usize {
    std::env::var("SECCFG_CHANGES").ok().and_then(|every| every.parse().ok()).unwrap_or(160)
}

/// Every profile of this repository that is taken as a whole.
fn profiles() -> Vec<Profile> {
    let own = ["everything", "prod"].map(|name| PathBuf::from(format!("tests/fixtures/{name}.toml")));
    let examples = ["broken", "crudauth", "fastcms", "generic", "instacrud"]
        .map(|name| Path::new("examples").join(name).join("security.toml"));
    let fixtures = rules::all().flat_map(|rule| fixture::of(rule.code));
    own.into_iter().chain(examples).chain(fixtures).filter_map(|path| Profile::of(&path)).collect()
}

#[test]
fn a_rule_declares_every_key_that_it_reads() {
    let every = every();
    let profiles = profiles();
    let values = Values::of(&profiles);
    let mut undeclared: BTreeMap<(&str, String), String> = BTreeMap::new();
    let (mut seen, mut tried) = (0, 0);
    for profile in &profiles {
        // Most changes begin with the same text.
        let mut judged: HashMap<String, Option<Vec<Finding>>> = HashMap::new();
        for change in profile.changes(&values) {
            seen += 1;
            if seen % every != 0 {
                continue;
            }
            let (before, after) = profile.forms(&change, &values);
            let before = judged.entry(before.to_string()).or_insert_with(|| profile.judged(&before));
            let (Some(before), Some(after)) = (before, profile.judged(&after)) else { continue };
            tried += 1;
            for finding in differing(before, &after) {
                let rule = rules::by_code(finding.code).expect("findings have codes of rules");
                if !rule.rests_on(finding, &change.key) && !is_between_elements(finding, &change) {
                    let example =
                        format!("in {}, at {}: {}", profile.path.display(), finding.place.key, finding.message);
                    undeclared.insert((finding.code, change.key.to_string()), example);
                }
            }
        }
    }
    assert!(tried > 1_000, "{tried} of {seen} changes are taken");
    let undeclared: Vec<String> =
        undeclared.into_iter().map(|((code, key), example)| format!("{code} reads {key}, {example}")).collect();
    assert!(undeclared.is_empty(), "{tried} changes\n{}", undeclared.join("\n"));
}

/// The value is unknown, so it may be the one that was there before: nothing may be found that was not found with it.
#[test]
fn beside_a_refused_value_nothing_new_is_found() {
    let every = every().div_ceil(8);
    let profiles = profiles();
    let values = Values::of(&profiles);
    let mut new = Vec::new();
    let (mut seen, mut tried) = (0, 0);
    for profile in &profiles {
        let Some(before) = profile.judged(profile.whole()) else { continue };
        for (key, refused) in profile.refused_forms(&values) {
            seen += 1;
            if seen % every != 0 {
                continue;
            }
            let Some(after) = profile.judged_in_part(&refused) else { continue };
            tried += 1;
            // Where a rule is silent that says more about a variable, what is left to say is that it differs.
            let is_new = |finding: &&Finding| !before.iter().any(|known| tells(known, finding));
            let told = after.iter().filter(|finding| finding.code != "RND003").filter(is_new);
            new.extend(told.map(|finding| format!("{key} in {}: {finding:#?}", profile.path.display())));
        }
    }
    assert!(tried > 1_000, "{tried} of {seen} refusals are taken");
    assert!(new.is_empty(), "{tried} refusals\n{}", new.join("\n"));
}

/// Whether a finding tells all that another does: of those that are told as one, some may be unknown in the other.
fn tells(known: &Finding, finding: &Finding) -> bool {
    let cause = |one: &Finding| one.shared.as_ref().map(|shared| (shared.cause.clone(), shared.before.clone()));
    let is_part = finding.shared.is_some()
        && (known.code, cause(known)) == (finding.code, cause(finding))
        && finding.shared.as_ref().is_some_and(|shared| known.message.contains(&shared.part));
    known == finding || is_part
}

/// The codes that a profile gives in production, beside those of what it was refused for.
fn codes(text: &str) -> Vec<&'static str> {
    let options = Options { modes: Modes::One(Mode::Prod), today: fixture::TODAY.parse().ok(), ..Options::default() };
    let head = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nurl = \"https://shop.example.com\"\n";
    let found = check(Source::new("security.toml", format!("{head}{text}")), &options).findings;
    found.iter().map(|finding| finding.code).collect()
}

/// `workers = "4"` is not one process, and `attempts = "3"` is not five.
#[test]
fn a_refused_value_never_becomes_a_default() {
    let memory = "[state]\nbackend = \"memory\"\n";
    assert!(codes(&format!("workers = 1\n{memory}")).contains(&"STA004"));
    for workers in ["workers = \"4\"", "workers = 0", "workrs = 4", "replicas = [2]"] {
        let codes = codes(&format!("{workers}\n{memory}"));
        assert!(!codes.iter().any(|code| code.starts_with("STA")), "{workers}: {codes:?}");
    }
    let lock = "[lockout]\nenabled = true\nkey = \"account\"\n";
    assert!(codes(&format!("{lock}attempts = 5\n")).contains(&"LCK002"));
    for key in ["attempts = \"3\"", "attemps = 3", "duration = 1800", "window = \"1\"", "max_duration = \"long\""] {
        let codes = codes(&format!("{lock}{key}\n"));
        assert!(!codes.contains(&"LCK002"), "{key}: {codes:?}");
    }
    // Nor where a waiver accepts the refusal: what was meant is still not known.
    let waiver = "[[waivers]]\nrule = \"SEC001\"\nreason = \"a test of this value\"\nexpires = 2026-12-31\n";
    let encrypted = "[secrets.a]\nsource = \"env:A\"\n[secrets.b]\nsource = \"hunter2hunter2\"\nprevious = \"env:B\"\n";
    assert!(codes(&encrypted.replace("hunter2hunter2", "env:A")).contains(&"SEC004"));
    let codes = codes(&format!("{encrypted}{waiver}"));
    assert!(!codes.contains(&"SEC004") && !codes.contains(&"SEC001"), "{codes:?}");
}

/// What is wrong in one entry leaves the others to be judged, and so does an element of a list.
#[test]
fn a_refusal_in_one_entry_says_nothing_of_another() {
    let cookies = |a: &str, b: &str| {
        codes(&format!(
            "[cookies.a]\nhttp_only = true\nsame_site = \"lax\"\n{a}\n[cookies.b]\nhttp_only = true\nsame_site = \"lax\"\n{b}\n"
        ))
    };
    let count = |codes: Vec<&str>| codes.iter().filter(|code| **code == "COK001").count();
    assert_eq!(count(cookies("", "")), 2);
    assert_eq!(count(cookies("secure = \"yes\"", "")), 1);
    assert_eq!(count(cookies("secure = \"yes\"", "secure = 1")), 0);
    assert_eq!(count(cookies("secure = \"yes\"", "secure = true")), 0);
}

/// Refused elements are in the text and not in the list: findings and edits are about the elements that they mean.
#[test]
fn elements_behind_a_refused_one_keep_their_places() {
    let text = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nurl = \"https://shop.example.com\"\n\
                [cors]\norigins = [\"null\", \"https://a.example\", \"http://b.example\"]\n";
    let options = Options { today: fixture::TODAY.parse().ok(), ..Options::default() };
    let checked = check(Source::new("security.toml", text), &options);
    let insecure = checked.findings.iter().find(|finding| finding.code == "COR005").expect("it is told");
    assert_eq!(insecure.place.key.to_string(), "cors.origins[2]");
    assert_eq!(&text[insecure.place.span.start..insecure.place.span.end], "\"http://b.example\"");
    let intents = insecure.fixes.iter().flat_map(|fix| &fix.intents);
    let edited = intents.filter_map(Intent::key).map(ToString::to_string);
    assert_eq!(edited.collect::<Vec<_>>(), ["cors.origins[2]"]);
}
