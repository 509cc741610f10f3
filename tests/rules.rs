//! Every rule against its fixtures: `tests/rules/<CODE>/{pass,fail}-*.toml`.
//!
//! A failing fixture gives its rule's code and no other; a passing one gives
//! nothing at all. Both are checked in the mode that they declare.

#[path = "support/fixture.rs"]
mod fixture;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use seccfg::check::{Options, check};
use seccfg::rules;
use seccfg::source::Source;

/// A day on which every fixture's waivers are judged.
const TODAY: &str = "2026-11-21";

fn codes(path: &Path) -> BTreeSet<&'static str> {
    let text = fixture::profile(path);
    let options = Options { today: TODAY.parse().ok(), env_files: fixture::env_files(path), ..Options::default() };
    check(Source::new(path, text), &options).findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn every_rule_has_fixtures_and_they_give_its_code_alone() {
    let mut wrong = Vec::new();
    for rule in rules::all() {
        let files = fixture::of(rule.code);
        for (kind, fails) in [("pass", false), ("fail", true)] {
            if !files.iter().any(|path| fixture::fails(path) == fails) {
                wrong.push(format!("{}: no {kind}-*.toml", rule.code));
            }
        }
        for path in files {
            let wanted: BTreeSet<&str> = fixture::fails(&path).then_some(rule.code).into_iter().collect();
            let found = codes(&path);
            if found != wanted {
                wrong.push(format!("{}: {found:?}, not {wanted:?}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_folder_of_fixtures_is_a_rules() {
    for entry in fs::read_dir("tests/rules").expect("the fixtures are there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(rules::by_code(&name).is_some(), "{name} is no rule");
    }
}
