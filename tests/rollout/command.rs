//! `seccfg plan --from` as people and programs run it.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Ran, folder, root, run};

const PROD: &str = include_str!("../fixtures/prod.toml");

fn plan(old: &str, args: &[&str]) -> Ran {
    let folder = folder();
    fs::write(folder.path().join("security.toml"), PROD).expect("a file can be written");
    fs::write(folder.path().join("old"), old).expect("a file can be written");
    run(folder.path(), &[&["plan", "--from", "old", "--today", "2026-11-29"], args].concat())
}

#[test]
fn a_rollout_is_told_to_people_and_to_programs() {
    let old = PROD.replace("[hsts]\nenabled = true\ninclude_subdomains = true\n", "");
    let ran = plan(&old, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    for line in [
        "shop in prod, behind nginx 1.22.1: from old to security.toml",
        "  step  day         waits for    what",
        "  1     2026-11-29               HSTS for a day",
        "  2     2026-11-30  1 (1 day)    HSTS for 7 days",
        "  3     2026-12-07  2 (7 days)   HSTS for 30 days",
        "  4     2027-01-06  3 (30 days)  HSTS for a year",
        "     hsts.max_age: nothing → `\"1d\"`",
        "   done  `seccfg verify` shows ✓ at HSTS, and no host is missed",
    ] {
        assert!(ran.out.lines().any(|printed| printed == line), "{line}\n{}", ran.out);
    }
    let ran = plan(&old, &["--format", "json"]);
    let told: Value = serde_json::from_str(&ran.out).expect("it is JSON");
    let schema: Value = serde_json::from_str(include_str!("../../schemas/rollout.schema.json")).expect("it is JSON");
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .expect("it is a schema")
        .iter_errors(&told)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(
        (&told["version"], &told["from"], &told["file"], &told["mode"], &told["target"]),
        (&json!(1), &json!("old"), &json!("security.toml"), &json!("prod"), &json!("nginx"))
    );
    let steps = told["steps"].as_array().expect("there are steps");
    assert_eq!(steps.len(), 4);
    assert_eq!(steps[2]["waits_for"], json!([{ "step": 2, "days": 7 }]));
    assert_eq!(steps[0]["parts"][0]["kind"], "hsts_begun");
    let change = json!({ "key": "hsts.max_age", "old": "\"1d\"", "new": "\"7d\"" });
    assert_eq!(steps[1]["parts"][0]["changes"], json!([change]));
    for field in ["why", "done", "back"] {
        assert!(steps[0]["parts"][0][field].as_str().is_some_and(|text| text.len() > 20), "{field}");
    }
}

/// The new profile writes out what is the default, and the old one wrote nothing.
#[test]
fn a_default_is_not_said_to_have_been_written() {
    let old = PROD.replace("[hsts]\nenabled = true\ninclude_subdomains = true\n", "");
    let folder = folder();
    let new = PROD.replace("[hsts]\nenabled = true\n", "[hsts]\nenabled = true\nmax_age = \"1y\"\n");
    fs::write(folder.path().join("security.toml"), new).expect("a file can be written");
    fs::write(folder.path().join("old"), old).expect("a file can be written");
    let ran = run(folder.path(), &["plan", "--from", "old", "--today", "2026-11-29"]);
    assert!(ran.out.contains("hsts.max_age: nothing → `\"1d\"`"), "{}", ran.out);
}

/// A step's reason is of the keys that it changes.
#[test]
fn the_reason_of_a_step_is_about_what_it_changes() {
    let reasons = |old: &str, new: &str| -> Vec<(String, String)> {
        let folder = folder();
        for (name, text) in [("old", old), ("security.toml", new)] {
            fs::write(folder.path().join(name), text).expect("a file can be written");
        }
        let ran = run(folder.path(), &["plan", "--from", "old", "--today", "2026-11-29", "--format", "json"]);
        let told: Value =
            serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}{}", ran.out, ran.err));
        let steps = told["steps"].as_array().expect("there are steps").clone();
        let parts = steps.iter().flat_map(|step| step["parts"].as_array().expect("there are parts"));
        let text = |part: &Value, key: &str| part[key].as_str().expect("it is a text").to_owned();
        parts.map(|part| (text(part, "kind"), text(part, "why"))).collect()
    };
    let cookie = |rest: &str| format!("{PROD}\n[cookies.other]\npurpose = \"preference\"\n{rest}\n");
    let lasting = |ttl: &str| PROD.replace("access_ttl = \"15m\"", &format!("access_ttl = \"{ttl}\""));
    let locking = |times: &str| PROD.replace("attempts = 10", &format!("attempts = {times}"));
    let secure = "secure = true\nhttp_only = true\nsame_site = ";
    for (old, new, kind, said, others) in [
        (
            cookie(&format!("{secure}\"none\"")),
            cookie(&format!("{secure}\"lax\"")),
            "cookies_hardened",
            "other sites",
            "plain HTTP",
        ),
        (
            cookie(&format!("{secure}\"strict\"")),
            cookie(&format!("{secure}\"lax\"")),
            "cookies_eased",
            "other sites",
            "plain HTTP",
        ),
        (
            cookie("secure = true\nhttp_only = false\nsame_site = \"lax\""),
            cookie(&format!("{secure}\"lax\"")),
            "cookies_hardened",
            "no program in the page",
            "plain HTTP",
        ),
        (
            cookie("secure = false\nhttp_only = true\nsame_site = \"lax\""),
            cookie(&format!("{secure}\"lax\"")),
            "cookies_hardened",
            "plain HTTP",
            "other sites",
        ),
        (lasting("10m"), lasting("15m"), "accounts", "tokens that are signed", "locks"),
        (locking("9"), locking("10"), "accounts", "locks by address", "tokens"),
    ] {
        let told = reasons(&old, &new);
        let [(of, why)] = &told[..] else { panic!("{kind}: {told:?}") };
        assert!(of == kind && why.contains(said) && !why.contains(others), "{kind}: {told:?}");
    }
}

/// What a rule calls the next step is the next step of the rollout.
#[test]
fn the_rules_and_the_rollout_have_one_way_to_a_year_of_hsts() {
    for (now, next) in [("1d", "7d"), ("7d", "30d"), ("30d", "1y")] {
        let live = format!("[hsts]\nenabled = true\nmax_age = \"{now}\"\nramp = true\nramp_until = 2027-06-01\n");
        let live = PROD.replace("[hsts]\nenabled = true\n", &live);
        let ran = plan(&live, &["--format", "json"]);
        let told: Value = serde_json::from_str(&ran.out).expect("it is JSON");
        let changes = told["steps"][0]["parts"][0]["changes"].as_array().expect("there are changes").clone();
        let written = changes.iter().find(|change| change["key"] == "hsts.max_age").expect("it is written");
        // A year is the default, so that the key may go.
        let goes = next == "1y" && written["new"].is_null();
        assert!(goes || written["new"] == format!("\"{next}\""), "{now}: {written}");
        let folder = folder();
        fs::write(folder.path().join("security.toml"), live).expect("a file can be written");
        let ran = run(folder.path(), &["check", "--only", "HST001", "--today", "2026-11-29", "--format", "json"]);
        assert!(ran.out.contains(&format!("set `hsts.max_age = \\\"{next}\\\"`")), "{now}: {}", ran.out);
    }
}

/// A step that leaves something open does not say that nothing is found after it, and a command that takes a file names one.
#[test]
fn what_shows_that_a_step_is_done_holds_while_others_are_open() {
    let ran = plan(&PROD.replace("attempts = 10", "attempts = 9"), &[]);
    let done = "`seccfg check --env-file .env` finds nothing but what is open until a later step";
    assert!(ran.out.contains(done), "{}", ran.out);
}

#[test]
fn nothing_to_do_is_said() {
    let ran = plan(PROD, &[]);
    assert!(ran.code == Some(0) && ran.out.contains("nothing to do: both say the same"), "{}{}", ran.out, ran.err);
    let ran = plan(PROD, &["--format", "json"]);
    let told: Value = serde_json::from_str(&ran.out).expect("it is JSON");
    assert_eq!(told["steps"], json!([]));
}

/// What a profile says of another mode is not asked.
#[test]
fn the_mode_that_is_asked_for_counts_on_both_sides() {
    let old = format!("{PROD}\n[modes.staging]\nhsts = {{ enabled = false }}\n");
    assert!(plan(&old, &[]).out.contains("nothing to do"));
    let ran = plan(&old, &["--mode", "staging"]);
    assert!(ran.out.starts_with("shop in staging") && ran.out.contains("HSTS for a day"), "{}", ran.out);
}

#[test]
fn what_is_no_beginning_is_told() {
    for (old, args, code, told) in [
        ("version = 1\n[app\n", &[][..], 1, "PRF001"),
        ("version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nurl = \"shop\"\n", &[], 1, "PRF003"),
        ("", &[], 1, "PRF004"),
        ("{}", &[], 2, "is not what `seccfg verify --out` writes"),
        ("{ \"version\": 2 }", &[], 2, "is not what `seccfg verify --out` writes"),
        (PROD, &["--format", "svg"], 2, "have no picture"),
        (PROD, &["--today", "tomorrow"], 2, "--today"),
    ] {
        let ran = plan(old, args);
        assert!(
            ran.code == Some(code) && ran.err.contains(told) && ran.out.is_empty(),
            "{old}: {}{}",
            ran.out,
            ran.err
        );
    }
    let folder = folder();
    fs::write(folder.path().join("security.toml"), PROD).expect("a file can be written");
    let ran = run(folder.path(), &["plan", "--from", "nowhere.toml"]);
    assert!(ran.code == Some(2) && ran.err.contains("nowhere.toml"), "{}", ran.err);
    let ran = run(folder.path(), &["plan", "--today", "2026-11-29"]);
    assert!(ran.code == Some(2) && ran.err.contains("--from"), "{}", ran.err);
}

/// What a run saw, with other looks at some controls.
fn seen(otherwise: &[(&str, &str)]) -> String {
    let folder = folder();
    fs::write(folder.path().join("security.toml"), PROD).expect("a file can be written");
    let plan = run(folder.path(), &["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&plan.out).expect("it is JSON");
    let source = seccfg::source::Source::new("security.toml", PROD);
    let packs = seccfg::apps::Packs::default();
    let opened = seccfg::check::Opened::read(&source, &[], &packs);
    let policy = opened.policy(seccfg::profile::Mode::Prod).expect("the fixture is sound");
    let plans = opened.plans(&policy, &[]);
    let control = |name: String| {
        let look = otherwise.iter().find(|(control, _)| *control == name).map_or("seen", |(_, look)| *look);
        json!({ "control": name, "look": look, "asked": "", "owner": "", "seen": "it does otherwise" })
    };
    let controls: Vec<Value> = plans[0].entries.iter().map(|entry| control(entry.control.to_string())).collect();
    assert_eq!(plan["plans"][0]["controls"].as_array().map(Vec::len), Some(controls.len()));
    json!({
        "version": 1, "by": "seccfg", "url": "https://shop.example.com/", "mode": "prod", "target": "nginx",
        "fingerprint": policy.fingerprint(), "at": "2026-11-28T10:00:00Z", "active": true, "requests": 40,
        "controls": controls, "findings": [],
    })
    .to_string()
}

#[test]
fn a_running_site_is_where_a_rollout_begins() {
    assert!(plan(&seen(&[]), &[]).out.contains("nothing to do"));
    let broken = [("HSTS", "broken"), ("Content-Security-Policy", "broken"), ("TLS", "broken"), ("lockout", "unseen")];
    let ran = plan(&seen(&broken), &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let place = |text: &str| ran.out.find(text).unwrap_or_else(|| panic!("no {text} in {}", ran.out));
    assert!(place("TLS: the site was seen to do otherwise: it does otherwise") > place("seen 2026-11-28T10:00:00Z"));
    // HTTPS has to work before HSTS goes out, and the policy reports before it blocks.
    assert!(place("  TLS\n") < place("HSTS for a day") && place("only reports") < place("Policy blocks"));
    assert!(ran.out.contains("not seen from outside, and taken to be as asked: lockout"), "{}", ran.out);
    // Of another profile it says nothing.
    let other = seen(&broken).replace("\"fingerprint\":\"", "\"fingerprint\":\"0");
    let ran = plan(&other, &[]);
    assert!(ran.code == Some(2) && ran.err.contains("run `seccfg verify --out` again"), "{}", ran.err);
    let ran = plan(&seen(&broken), &["--target", "caddy"]);
    assert!(ran.code == Some(2) && ran.err.contains("was seen behind nginx"), "{}", ran.err);
}

/// Every way in which a control may be missed has a step.
#[test]
fn each_control_that_is_missed_has_a_step() {
    let nothing: Value = serde_json::from_str(&seen(&[])).expect("it is JSON");
    for control in nothing["controls"].as_array().expect("there are controls") {
        let name = control["control"].as_str().expect("it has a name");
        let ran = plan(&seen(&[(name, "broken")]), &["--format", "json"]);
        let told: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{name}: {}", ran.err));
        assert!(told["steps"].as_array().is_some_and(|steps| !steps.is_empty()), "{name}: {told:#}");
    }
}

/// The page about rollouts shows what is printed.
#[test]
fn the_page_shows_what_is_printed() {
    let page = fs::read_to_string(root().join("docs/rollout.md")).expect("the page is there");
    let blocks: Vec<&str> =
        page.split("```toml\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0)).collect();
    let [old, new] = blocks[..] else { panic!("the page shows two profiles") };
    let shown = page.split("```console\n").nth(1).and_then(|rest| rest.split_once("```")).map(|(block, _)| block);
    let (command, shown) = shown.and_then(|shown| shown.split_once('\n')).expect("the page shows a command");
    let folder = folder();
    fs::write(folder.path().join("live.toml"), old).expect("a file can be written");
    fs::write(folder.path().join("security.toml"), new).expect("a file can be written");
    let args: Vec<&str> = command.trim_start_matches("$ seccfg ").split(' ').collect();
    let ran = run(folder.path(), &args);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for line in shown.lines().filter(|line| !line.trim().is_empty() && line.trim() != "…") {
        assert!(ran.out.lines().any(|printed| printed == line), "{line}\n{}", ran.out);
    }
}
