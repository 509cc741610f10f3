//! What the README shows is what a newcomer sees.

mod support;

use std::fs;

use seccfg::rules;
use support::{folder, root, run};

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("the README is there")
}

/// The fenced blocks of a kind, in their order.
fn blocks<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let fence = format!("```{kind}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block).collect()
}

#[test]
fn the_tour_ends_as_it_says() {
    let readme = readme();
    let folder = folder();
    let profile = blocks(&readme, "toml")[0];
    fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
    for block in blocks(&readme, "console") {
        let (command, shown) = block.split_once('\n').expect("a command and what it prints");
        let args: Vec<&str> = command.trim_start_matches("$ seccfg ").split(' ').collect();
        // What it is told about files that a newcomer does not have.
        if args.contains(&"--env-file") {
            continue;
        }
        if args[0] == "plan" {
            run(folder.path(), &["check", "--fix"]);
        }
        let ran = run(folder.path(), &args);
        // The README leaves out rows, and is indented where a list is.
        for line in shown.lines().filter(|line| !line.trim().is_empty()) {
            let is_there = ran.out.lines().any(|printed| printed.trim() == line.trim());
            assert!(is_there, "{command} does not print\n{line}\n{}{}", ran.out, ran.err);
        }
    }
}

#[test]
fn the_number_of_rules_is_right() {
    assert!(readme().contains(&format!("against {} rules", rules::all().count())));
}
