//! Every rule against its fixtures: `tests/rules/<CODE>/{pass,fail}-*.toml`.
//!
//! A failing fixture gives its rule's code and no other; a passing one gives
//! nothing at all. Both are checked in the mode that they declare.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use seccfg::check::{Options, check};
use seccfg::rules;
use seccfg::source::Source;

/// A day on which every fixture's waivers are judged.
const TODAY: &str = "2026-11-21";

fn fixtures(code: &str) -> Vec<PathBuf> {
    let folder = Path::new("tests/rules").join(code);
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    files
}

fn codes(path: &Path) -> BTreeSet<&'static str> {
    let text = fs::read_to_string(path).expect("a fixture is text");
    let options = Options { today: TODAY.parse().ok(), ..Options::default() };
    check(Source::new(path, text), &options).findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn every_rule_has_fixtures_and_they_give_its_code_alone() {
    let mut wrong = Vec::new();
    for rule in rules::ALL {
        let files = fixtures(rule.code);
        for kind in ["pass-", "fail-"] {
            let some =
                files.iter().any(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(kind)));
            if !some {
                wrong.push(format!("{}: no {kind}*.toml", rule.code));
            }
        }
        for path in files {
            let failing = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("fail-"));
            let wanted: BTreeSet<&str> = failing.then_some(rule.code).into_iter().collect();
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

#[test]
fn rules_are_documented_and_named_once() {
    let mut codes = BTreeSet::new();
    let mut names = BTreeSet::new();
    for rule in rules::ALL {
        assert!(codes.insert(rule.code) && names.insert(rule.name), "{} stands twice", rule.code);
        assert!(rule.docs.contains("Write: "), "{}: the documentation says what to write", rule.code);
        assert!(rule.statement().ends_with('.'), "{}: the statement is a sentence", rule.code);
        assert!(rule.docs.len() > 200, "{}: the documentation says why it matters", rule.code);
    }
}
