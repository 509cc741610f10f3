//! Every rule against its fixtures: `tests/rules/<CODE>/{pass,fail}-*.toml`.
//!
//! A failing fixture gives its rule's code and no other; a passing one gives
//! nothing at all. Both are checked in the mode that they declare.

#[path = "support/fixture.rs"]
mod fixture;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use seccfg::check::{Modes, Options, check};
use seccfg::rules;
use seccfg::source::Source;

fn codes(path: &Path) -> BTreeSet<&'static str> {
    let text = fixture::profile(path);
    check(Source::new(path, text), &fixture::options(path)).findings.iter().map(|finding| finding.code).collect()
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

/// What holds in several modes is told once for all of them.
#[test]
fn no_finding_is_told_again_for_another_mode() {
    let mut again = Vec::new();
    for path in rules::all().flat_map(|rule| fixture::of(rule.code)) {
        let mut text = fixture::profile(&path);
        for header in ["[modes.dev]", "[modes.test]", "[modes.staging]", "[modes.prod]"] {
            if !text.contains(header) {
                text = format!("{text}\n{header}\n");
            }
        }
        let options = Options { modes: Modes::All, ..fixture::options(&path) };
        let mut told = BTreeSet::new();
        for finding in check(Source::new(&path, text), &options).findings {
            let told_of = (finding.code, finding.place.key, finding.place.span, finding.targets, finding.message);
            if !told.insert(told_of.clone()) {
                again.push(format!("{}: {told_of:?} {:?}", path.display(), finding.modes));
            }
        }
    }
    assert!(again.is_empty(), "{}", again.join("\n"));
}

/// Visitors have no way to this machine's own address, over https neither.
#[test]
fn no_help_asks_for_https_on_this_machine() {
    let path = Path::new("tests/rules/TLS001/fail-this-machine.toml");
    let found = check(Source::new(path, fixture::profile(path)), &Options::default()).findings;
    assert!(!found.is_empty() && found.iter().all(|finding| !finding.help.contains("localhost")), "{found:#?}");
}

#[test]
fn every_folder_of_fixtures_is_a_rules() {
    for entry in fs::read_dir("tests/rules").expect("the fixtures are there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(rules::by_code(&name).is_some(), "{name} is no rule");
    }
}

/// The least that each mode takes: every rule is content with it.
#[test]
fn a_minimal_profile_is_clean_in_its_mode() {
    let local = |mode| format!("version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"{mode}\"\n");
    let staging = local("staging") + "url = \"https://shop.example.com\"\n";
    let prod = fs::read_to_string("tests/fixtures/prod.toml").expect("the base is there");
    for text in [local("dev"), local("test"), staging, prod] {
        let options = Options { today: fixture::TODAY.parse().ok(), ..Options::default() };
        let found = check(Source::new("security.toml", text.as_str()), &options).findings;
        assert!(found.is_empty(), "{text}\n{found:#?}");
    }
}
