//! What the README and the pages below docs show is what a newcomer sees, and where they lead to is there.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use seccfg::rules;
use support::{folder, root, run};

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("the page is there")
}

/// The pages that people read in order, and those for contributors.
fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).expect("the folder is there");
    let docs = docs.map(|entry| entry.expect("an entry").file_name()).map(|name| Path::new("docs").join(name));
    let mut pages: Vec<PathBuf> = docs.filter(|page| page.extension().is_some_and(|ending| ending == "md")).collect();
    pages.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "fuzz/README.md"].map(PathBuf::from));
    pages.sort();
    pages
}

/// The fenced blocks of a kind, in their order.
fn blocks<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let fence = format!("```{kind}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block).collect()
}

/// Runs the commands of a page on the profile that it begins with.
fn walk(page: &str) -> usize {
    let folder = folder();
    let profile = blocks(page, "toml")[0];
    fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
    let tour = blocks(page, "console");
    for block in &tour {
        let (command, shown) = block.split_once('\n').expect("a command and what it prints");
        let args: Vec<&str> = command.trim_start_matches("$ seccfg ").split(' ').collect();
        if args[0] == "plan" {
            run(folder.path(), &["check", "--fix", "--unsafe-fixes"]);
        }
        let ran = run(folder.path(), &args);
        // A page leaves out rows.
        for line in shown.lines().filter(|line| !line.trim().is_empty()) {
            let is_there = ran.out.lines().any(|printed| printed == line);
            assert!(is_there, "{command} does not print\n{line}\n{}{}", ran.out, ran.err);
        }
    }
    tour.len()
}

#[test]
fn the_tours_end_as_they_say() {
    assert_eq!(walk(&page("README.md")), 1);
    assert!(walk(&page("docs/getting-started.md")) > 5);
}

#[test]
fn the_number_of_rules_is_right() {
    assert!(page("README.md").contains(&format!("against {} rules", rules::all().count())));
}

#[test]
fn every_page_is_in_the_summary() {
    let summary = page("docs/SUMMARY.md");
    for page in pages().iter().filter_map(|page| page.strip_prefix("docs").ok()) {
        let page = page.display().to_string();
        assert!(page == "SUMMARY.md" || summary.contains(&format!("]({page})")), "{page}");
    }
}

#[test]
fn no_page_leads_nowhere() {
    let mut links = 0;
    for path in pages() {
        let text = page(&path.display().to_string());
        // What a fence holds is no Markdown.
        let prose: String = text.split("```").step_by(2).collect();
        for rest in prose.split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or_default();
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            if target.starts_with("https://") {
                continue;
            }
            links += 1;
            let folder = path.parent().expect("a page has a folder");
            let named = root().join(if file.is_empty() { path.clone() } else { folder.join(file) });
            assert!(named.exists(), "{} leads to {target}", path.display());
            if !anchor.is_empty() && named.extension().is_some_and(|ending| ending == "md") {
                let there = fs::read_to_string(&named).expect("the page is there");
                let anchors = |line: &str| {
                    line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-").replace(['`', '.'], "")
                };
                let is_there = there.lines().filter(|line| line.starts_with('#')).any(|line| anchors(line) == anchor);
                assert!(
                    is_there || there.contains(&format!("id=\"{anchor}\"")),
                    "{} leads to {target}",
                    path.display()
                );
            }
        }
    }
    assert!(links > 100, "{links}");
}
