//! What the README and the pages below docs show is what a newcomer sees, and where they lead to is there.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seccfg::rules;
use support::{Ran, folder, root, run};

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

/// What a shell prints that runs these lines, with `seccfg` as the only command that it finds, which gets `more` at its end.
/// Standard error has what failed, and no more.
fn shell(folder: &Path, lines: &[&str], more: &str) -> Ran {
    const SCRIPT: &str = r#"
        exec 3>&2 2>/dev/null
        more=$1; shift
        seccfg() {
            local said
            said=$("$PROGRAM" "$@" $more 2>&1) || printf '%s: exit code %s: %s\n' "$*" $? "$said" >&3
            printf '%s\n' "$said"
        }
        command_not_found_handle() { :; }
        PATH=
        for line; do
            bash_cannot_read_it=yes
            eval "bash_cannot_read_it=; $line"
            [ -z "$bash_cannot_read_it" ] || printf 'no shell reads this: %s\n' "$line" >&3
        done
    "#;
    let mut bash = Command::new("bash");
    bash.current_dir(folder).env_clear().env("PROGRAM", env!("CARGO_BIN_EXE_seccfg")).env("COLUMNS", "100");
    bash.args(["--norc", "-c", SCRIPT, "bash", more]).args(lines).output().expect("bash starts").into()
}

/// Runs the commands of a page, and compares what each prints with what the page shows.
fn walk(folder: &Path, page: &str) -> usize {
    let tour = blocks(page, "console");
    for block in &tour {
        let (command, shown) = block.split_once('\n').expect("a command and what it prints");
        let mut args: Vec<&str> = command.trim_start_matches("$ seccfg ").split(' ').collect();
        if args[0] == "check" {
            // Waivers end, and keys get old.
            args.extend(["--today", "2026-11-29"]);
        }
        let ran = run(folder, &args);
        // A page leaves out rows.
        for line in shown.lines().filter(|line| !line.trim().is_empty()) {
            let is_there = ran.out.lines().any(|printed| printed == line);
            assert!(is_there, "{command} does not print\n{line}\n{}{}", ran.out, ran.err);
        }
        // After the last look at what is wrong, it is mended.
        if args.contains(&"--diff") {
            run(folder, &["check", "--fix", "--unsafe-fixes"]);
        }
    }
    tour.len()
}

#[test]
fn the_way_through_ends_as_it_says() {
    let page = page("docs/getting-started.md");
    let folder = folder();
    fs::write(folder.path().join("security.toml"), blocks(&page, "toml")[0]).expect("a file can be written");
    assert!(walk(folder.path(), &page) > 5);
}

/// From nothing to the files: every line of the README's tour, in its order, each with success, for who has an address.
#[test]
fn the_tour_of_the_readme_leads_through() {
    let page = page("README.md");
    let [tour] = blocks(&page, "sh")[..] else { panic!("one tour") };
    let (before, verify) = tour.trim().rsplit_once('\n').expect("it has lines");
    assert_eq!(tour.lines().count(), 10);
    let folder = folder();
    let lines: Vec<&str> = before.lines().collect();
    let (init, others) = lines.split_first().expect("it begins");
    let begun = shell(folder.path(), &[init], "");
    let profile = folder.path().join("security.toml");
    let text = fs::read_to_string(&profile).expect("init wrote it");
    assert!(text.contains("https://app.example.com"), "{}", begun.err);
    fs::write(&profile, text.replace("https://app.example.com", "https://shop.example.com"))
        .expect("it can be written");
    let ran = shell(folder.path(), others, "");
    assert_eq!(ran.err, "", "{}", ran.out);
    for file in ["security.toml", "nginx/site.conf", ".env.example", "report.html"] {
        assert!(folder.path().join(file).is_file(), "{file}");
    }
    // There is no site yet.
    assert!(verify.starts_with("seccfg verify "), "{verify}");
    // The picture is of what this finds.
    let ran = run(&root(), &["check", "examples/broken", "--only", "HST005,COR001"]);
    assert!(
        page.contains("`seccfg check examples/broken --only HST005,COR001`") && ran.out.contains("2 errors"),
        "{}",
        ran.out
    );
}

/// Pages about the examples show what the program says of them.
#[test]
fn what_pages_show_of_the_examples_is_so() {
    let folder = folder();
    let copied = Command::new("cp").arg("-r").arg(root().join("examples")).arg(folder.path()).status();
    assert!(copied.is_ok_and(|copied| copied.success()));
    for name in ["instacrud", "fastcms", "crudauth"] {
        assert!(walk(folder.path(), &page(&format!("docs/{name}.md"))) > 0, "{name}");
    }
}

/// Those of other pages are run by other tests, beside what they are about.
#[test]
fn whatever_a_page_shows_of_a_run_was_run() {
    let elsewhere = ["app-packs", "rollout", "score"].map(|name| PathBuf::from(format!("docs/{name}.md")));
    let here = ["getting-started", "instacrud", "fastcms", "crudauth"];
    let here = here.map(|name| PathBuf::from(format!("docs/{name}.md")));
    for path in pages() {
        let shows = !blocks(&page(&path.display().to_string()), "console").is_empty();
        assert!(!shows || elsewhere.contains(&path) || here.contains(&path), "{}", path.display());
    }
}

/// Every command that a page shows or names is one that the program takes. Each is asked for its help, which it gives only
/// if it has understood everything before that.
#[test]
fn every_command_on_a_page_is_one_that_the_program_takes() {
    const STAND_FOR: [(&str, &str); 8] = [
        ("CODE", "HST001"),
        ("SHELL", "fish"),
        ("FOLDER", "folder"),
        ("VERSION", "0.1.0"),
        ("MODE=FILE", "prod=.env"),
        ("NAME", "secret_key"),
        ("PATH", "security.toml"),
        ("DATE", "2026-11-29"),
    ];
    let mut commands: BTreeSet<String> = BTreeSet::new();
    // The changelog tells of what a version did.
    for path in pages().iter().filter(|path| !path.ends_with("CHANGELOG.md")) {
        let text = page(&path.display().to_string());
        let shown = blocks(&text, "sh").into_iter().flat_map(str::lines);
        let ran = blocks(&text, "console").into_iter().flat_map(str::lines).filter_map(|line| line.strip_prefix("$ "));
        commands.extend(shown.chain(ran).filter(|line| line.contains("seccfg ")).map(str::to_owned));
        // What a fence holds is no Markdown.
        for prose in text.split("```").step_by(2) {
            let prose = prose.split_whitespace().collect::<Vec<_>>().join(" ");
            let named = prose.split('`').skip(1).step_by(2).filter(|code| code.starts_with("seccfg "));
            for code in named.filter(|code| !code.contains('…')) {
                // A sentence may name a flag without the value that it takes.
                match code.rsplit_once(' ').filter(|(_, last)| last.starts_with("--")) {
                    Some((command, flag)) => {
                        let args: Vec<&str> = command.split(' ').skip(1).chain(["--help"]).collect();
                        let help = run(&root(), &args);
                        assert!(help.code == Some(0) && help.out.contains(flag), "{}: {code}", path.display());
                    }
                    None => drop(commands.insert(code.to_owned())),
                }
            }
        }
    }
    assert!(commands.len() > 80, "{commands:#?}");
    let known = |line: &String| STAND_FOR.iter().fold(line.clone(), |line, (word, known)| line.replace(word, known));
    let lines: Vec<String> = commands.iter().map(known).collect();
    let ran = shell(folder().path(), &lines.iter().map(String::as_str).collect::<Vec<_>>(), "--help");
    assert_eq!(ran.err, "");
    assert!(ran.out.matches("Usage: seccfg ").count() > 80, "{}", ran.out);
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
                    line.trim_start_matches('#')
                        .trim()
                        .to_lowercase()
                        .replace(' ', "-")
                        .replace(['`', '.', ',', '?', '(', ')', '\'', ':'], "")
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
