//! The rules and their catalogue are the same list, and what a rule says of itself is true.

use std::collections::BTreeSet;
use std::fs;

use seccfg::profile::vocabulary::{self, ANY};
use seccfg::rules::{self, ALL, Mending, Rule};
use serde_json::Value;

const CATALOGUE: &str = include_str!("catalogue.txt");

fn line(rule: &Rule) -> String {
    let fix = match rule.fix {
        Mending::None => "none",
        Mending::Safe => "safe",
        Mending::Unsafe => "unsafe",
    };
    format!("{} {} {fix}", rule.code, rules::modes(rule.severity))
}

#[test]
fn the_catalogue_and_the_rules_are_one_list() {
    let listed: BTreeSet<&str> = CATALOGUE.lines().filter(|line| !line.starts_with('#')).collect();
    let rules: Vec<String> = rules::all().map(line).collect();
    let rules: BTreeSet<&str> = rules.iter().map(String::as_str).collect();
    let missing: Vec<_> = listed.difference(&rules).collect();
    let new: Vec<_> = rules.difference(&listed).collect();
    assert!(
        missing.is_empty() && new.is_empty(),
        "only in the catalogue: {missing:#?}\nonly among the rules: {new:#?}"
    );
}

#[test]
fn rules_are_documented_and_named_once() {
    let mut codes = BTreeSet::new();
    let mut names = BTreeSet::new();
    for rule in rules::all() {
        assert!(codes.insert(rule.code) && names.insert(rule.name), "{} stands twice", rule.code);
        assert!(rule.docs.contains("Write: "), "{}: the documentation says what to write", rule.code);
        assert!(rule.statement().ends_with('.'), "{}: the statement is a sentence", rule.code);
        assert!(rule.docs.len() > 200, "{}: the documentation says why it matters", rule.code);
        assert!(!rule.source.is_empty(), "{}: the source is named", rule.code);
    }
}

/// What findings and edits name is asserted where findings are made.
#[test]
fn the_keys_that_rules_name_exist() {
    let mut wrong = Vec::new();
    for rule in rules::all() {
        for key in rule.all_keys() {
            let steps: Vec<&str> = key.split('.').map(|step| if step == ALL { ANY } else { step }).collect();
            // A `*` at the root is each section, and one below it each key of a section.
            if steps[0] != ANY && vocabulary::at(&steps).is_err() {
                wrong.push(format!("{}: {key}", rule.code));
            }
        }
        // What is about no key in particular says so by naming none.
        assert!(!rule.keys.is_empty() || ["PRF", "RND"].contains(&rule.area()), "{} looks at no key", rule.code);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_is_listed_for_programs() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_seccfg"))
        .args(["rules", "--format", "json"])
        .output()
        .expect("the program starts");
    let listing: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let listed: Vec<&str> =
        listing["rules"].as_array().expect("a list").iter().filter_map(|rule| rule["code"].as_str()).collect();
    assert_eq!(listed, rules::all().map(|rule| rule.code).collect::<Vec<_>>());
    for code in listed {
        assert!(fs::exists(format!("docs/rules/{code}.md")).unwrap_or(false), "docs/rules has a page for {code}");
    }
}
