//! Which file is for which mode, and what an app is told in it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use super::support::{self, folder, run};
use super::{PROFILE, write};

/// nginx answers CORS itself, so that FastCMS's own list may be empty behind it. A cluster whose gateway is not named leaves
/// CORS to FastCMS, and there an empty list keeps every origin out.
#[test]
fn what_an_app_is_told_is_compared_behind_each_edge() {
    let folder = folder();
    let profile = "version = 1\n[app]\nname = \"shop\"\nkind = \"fastcms\"\nmode = \"staging\"\n\
                   url = \"https://shop.example.com\"\n[cors]\norigins = [\"https://www.example.com\"]\n";
    write(folder.path(), ".env", "CORS_ORIGINS=[]\nENVIRONMENT=production\nBASE_URL=https://shop.example.com\n");
    let edges = |targets: &str, args: &[&str]| {
        write(folder.path(), "security.toml", &format!("{profile}{targets}"));
        let args = [&["check", "--env-file", ".env", "--only", "RND003", "--format", "json"], args].concat();
        let report: Value = serde_json::from_str(&run(folder.path(), &args).out).expect("it is JSON");
        let findings = report["findings"].as_array().into_iter().flatten();
        let told = findings.filter(|one| one["key"] == "cors.origins");
        let targets = told.flat_map(|one| one["targets"].as_array().into_iter().flatten());
        targets.filter_map(|target| target.as_str()).collect::<Vec<_>>().join(" ")
    };
    let [nginx, kubernetes] = ["[targets.nginx]\n", "[targets.kubernetes]\nnamespace = \"shop\"\n"];
    assert_eq!(edges(nginx, &[]), "");
    assert_eq!(edges(kubernetes, &[]), "kubernetes");
    assert_eq!(edges(&format!("{nginx}{kubernetes}"), &[]), "kubernetes");
    assert_eq!(edges(&format!("{nginx}{kubernetes}"), &["--target", "nginx"]), "");
    // What differs behind each of them is told once.
    assert_eq!(edges(&format!("enforced_by = \"app\"\n{nginx}{kubernetes}"), &[]), "nginx kubernetes");
}

/// Overlays are other places: what is wrong with production's file says nothing of a developer's.
#[test]
fn a_file_without_a_mode_is_for_the_one_that_is_asked_or_meant() {
    let folder = folder();
    let profile = PROFILE.replace("generic", "fastcms").replace("staging", "prod");
    write(folder.path(), "security.toml", &(profile + "[modes.dev]\n[modes.test]\n"));
    write(folder.path(), ".env", "BASE_URL=https://other.example.com\n");
    let modes = |args: &[&str]| {
        let ran = run(folder.path(), &[&["check", "--only", "RND003", "--format", "json"], args].concat());
        let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
        let findings = report["findings"].as_array().into_iter().flatten();
        let modes: BTreeSet<String> = findings.filter_map(|one| Some(one["mode"].as_str()?.to_owned())).collect();
        modes.into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(modes(&["--all-modes", "--env-file", ".env"]), "prod");
    assert_eq!(modes(&["--env-file", ".env"]), "prod");
    assert_eq!(modes(&["--mode", "test", "--env-file", ".env"]), "test");
    assert_eq!(modes(&["--all-modes", "--env-file", "dev=.env"]), "dev");
}

/// As Vite, Next and Compose read them: one file after the other, and what stands in a later one counts.
#[test]
fn of_several_files_the_last_counts_and_is_named() {
    let folder = folder();
    write(folder.path(), "security.toml", &PROFILE.replace("staging", "prod"));
    let strong = "9f8a41c2e07b5d36a1c4f7e80b2d6935c8a1f04e7b93d25608e1c4a7f3b60d92";
    let rest = "MAP_SERVICE_KEY=9c1f7ad2e4b85036\nDATABASE_URL=postgresql:///shop\n";
    write(folder.path(), "defaults", &format!("SECRET_KEY=changeme\n{rest}"));
    write(folder.path(), "prod.local", &format!("# ours\nSECRET_KEY={strong}\n"));
    let placeholders = |args: &[&str]| {
        let ran = run(folder.path(), &[&["check", "--only", "SEC003", "--format", "json"], args].concat());
        let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
        let findings = report["findings"].as_array().into_iter().flatten();
        findings
            .map(|one| format!("{}:{}", one["file"].as_str().unwrap_or_default(), one["span"]["start"]["line"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(placeholders(&["--env-file", "defaults"]), ["defaults:1"]);
    assert_eq!(placeholders(&["--env-file", "defaults", "--env-file", "prod.local"]), [""; 0]);
    assert_eq!(placeholders(&["--env-file", "prod.local", "--env-file", "defaults"]), ["defaults:1"]);
    // One that is given for the mode by name goes before those that are not.
    assert_eq!(placeholders(&["--env-file", "defaults", "--env-file", "prod=prod.local"]).len(), 0);
    // What stands nowhere is told at the end of the last one.
    write(folder.path(), "prod.local", "SECRET_KEY=\n");
    assert_eq!(placeholders(&["--mode", "prod", "--env-file", "prod=defaults", "--env-file", "prod.local"]).len(), 0);
}

/// The day on which the examples' waivers and rotations are judged.
const TODAY: &str = "2026-11-21";

/// What the app will really be told is judged: a profile that is right is not ready beside a file that is not.
#[test]
fn what_the_app_is_told_decides_whether_it_is_ready() {
    let rendered = |app: &str| {
        let folder = folder();
        let profile = support::root().join("examples").join(app).join("security.toml");
        fs::copy(profile, folder.path().join("security.toml")).expect("the example is there");
        let ran = run(folder.path(), &["render", "--target", "env", "--generate-secrets", "--today", TODAY]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let text = fs::read_to_string(folder.path().join(".env")).expect("it was written");
        (folder, text)
    };
    for (app, right, wrong, code, line) in [
        ("instacrud", "MODE=prod", "MODE=test", "DBG004", "| ✗ error | One variable, `MODE`"),
        ("instacrud", "CORS_ALLOW_ORIGINS=", "CORS_ALLOW_ORIGINS=*", "COR001", "| ✗ error | `CORS_ALLOW_ORIGINS`"),
        ("fastcms", "ENVIRONMENT=production", "", "DBG004", "DBG004: "),
        ("fastcms", "CORS_ORIGINS='[]'", "", "COR005", "| ✗ error | CORS lets in"),
    ] {
        let (folder, text) = rendered(app);
        let found = |text: &str| {
            fs::write(folder.path().join(".env"), text).expect("a file can be written");
            let args = ["--env-file", ".env", "--today", TODAY];
            let checked = run(folder.path(), &[&["check", "--format", "json"], &args[..]].concat());
            let report = run(folder.path(), &[&["report"], &args[..]].concat());
            (checked, report)
        };
        let (checked, _) = found(&text);
        assert!(!checked.out.contains(&format!("\"{code}\"")), "{app}: {}", checked.out);
        let lines: Vec<&str> = text.lines().map(|one| if one.starts_with(right) { wrong } else { one }).collect();
        let (checked, report) = found(&(lines.join("\n") + "\n"));
        assert!(checked.code == Some(1) && checked.out.contains(&format!("\"{code}\"")), "{wrong}: {}", checked.out);
        assert!(report.code == Some(1) && report.out.contains("**Not ready**"), "{wrong}");
        assert!(report.out.contains(line), "{wrong}: {}", report.out);
    }
}

/// How a finding is known, as programs are told it.
#[test]
fn findings_say_how_they_are_known() {
    let folder = folder();
    let known = |profile: &str, args: &[&str]| -> Vec<(String, String, Value)> {
        write(folder.path(), "security.toml", &format!("version = 1\n[app]\nname = \"shop\"\n{profile}"));
        let ran = run(folder.path(), &[&["check", "--mode", "prod", "--format", "json"], args].concat());
        let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
        let findings = report["findings"].as_array().expect("a list").iter();
        let text = |value: &Value| value.as_str().expect("it is text").to_owned();
        findings.map(|one| (text(&one["code"]), text(&one["key"]), one["evidence"].clone())).collect()
    };
    let is = |found: &[(String, String, Value)], code: &str, key: &str, evidence: Value| {
        assert!(found.contains(&(code.to_owned(), key.to_owned(), evidence)), "{code} at {key}: {found:#?}");
    };
    let instacrud = "kind = \"instacrud\"\nurl = \"https://shop.example.com\"\n[hsts]\nmax_age = \"1h\"\n\
                     [lockout]\nenabled = true\n[cors]\norigins = [\"http://shop.example.com\"]\n";
    let found = known(instacrud, &[]);
    // nginx sends the header, the app has no lock, and a waiver is nothing but a text.
    is(&found, "HST001", "hsts.enabled", json!("rendered"));
    is(&found, "LCK001", "lockout.enabled", json!("known"));
    is(&found, "COR005", "cors.origins[0]", json!("rendered"));
    let waived = "kind = \"generic\"\n[lockout]\nattempts = 1000\n\
                  [[waivers]]\nrule = \"COR001\"\nreason = \"a test of this value\"\nexpires = 2020-01-01\n";
    let found = known(waived, &[]);
    is(&found, "LCK001", "lockout.enabled", Value::Null);
    is(&found, "PRF006", "waivers[0].expires", Value::Null);
    let found = known("kind = \"generic\"\n[lockout]\nenabled = true\nattempts = 1000\n", &[]);
    is(&found, "LCK001", "lockout.attempts", json!("delegated"));
    // What a file says is held; what is not set there, the app's code is known to take.
    write(folder.path(), ".env", "MODE=test\nACCESS_TOKEN_EXPIRE_MINUTES=900\n");
    let found = known(instacrud, &["--env-file", ".env"]);
    is(&found, "DBG004", "app.mode", json!("held"));
    is(&found, "COR002", "cors.origins[0]", json!("known"));
}
