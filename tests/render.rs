//! `seccfg render` for an edge: what is refused and how that is told, and what is written.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{Ran, folder, root, run};

const TODAY: [&str; 2] = ["--today", "2026-11-21"];

/// A folder with InstaCRUD's example in it, and more lines at its end.
fn instacrud(more: &str) -> tempfile::TempDir {
    let folder = folder();
    let profile = fs::read_to_string(root().join("examples/instacrud/security.toml")).expect("the example is there");
    fs::write(folder.path().join("security.toml"), profile + more).expect("a file can be written");
    folder
}

fn render(folder: &Path, args: &[&str]) -> Ran {
    run(folder, &[&["render"], args, &TODAY].concat())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_limit_that_no_layer_enforces_stops_the_rendering() {
    let folder = instacrud("");
    for form in ["caddyfile", "json"] {
        let ran = render(folder.path(), &["--target", "caddy", "--form", form]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
        let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in [
            "RAT003",
            "no layer enforces the limit `sign_in` of 5/min per ip",
            // Neither of the two can.
            "stock Caddy has no rate limits",
            "InstaCRUD: its limit there is fixed at 20/min per ip",
            // Either will do.
            "build Caddy with the `rate_limit` plugin and write `targets.caddy.plugins = [\"rate_limit\"]`",
            "or ask for what InstaCRUD does by itself, `limit = \"20/min\"` and `per = \"ip\"`",
            "nothing was rendered",
        ] {
            assert!(told.contains(words), "{words:?} is not in {}", ran.err);
        }
        assert_eq!(names(folder.path()), ["security.toml"]);
    }
}

#[test]
fn the_declared_plugin_counts() {
    let folder = instacrud("\n[targets.caddy]\nplugins = [\"rate_limit\"]\n");
    let ran = render(folder.path(), &["--target", "caddy"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let files = folder.path().join("caddy");
    assert_eq!(names(&files), ["common.caddy", "options.caddy", "site.caddy"]);
    let site = fs::read_to_string(files.join("site.caddy")).expect("it was written");
    let (_, zone) = site.split_once("zone seccfg_shop_sign_in {").expect("sign-ins are counted");
    let settings: Vec<&str> = zone.lines().skip(1).take(3).map(str::trim).collect();
    assert_eq!(settings, ["key {http.request.remote.host/32,64}", "window 60s", "events 5"]);
    // What a tight limit refuses, a wide one must not count.
    let zones: Vec<&str> = site.lines().filter_map(|line| line.trim().strip_prefix("zone seccfg_shop_")).collect();
    assert_eq!(zones, ["password_reset {", "sign_in {", "sign_up {", "ai {"]);

    let ran = render(folder.path(), &["--target", "caddy", "--form", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let text = fs::read_to_string(files.join("caddy.json")).expect("it was written");
    let config: Value = serde_json::from_str(&text).expect("it is JSON");
    let found = find(&config, "seccfg_shop_sign_in").expect("sign-ins are counted");
    assert_eq!((found["max_events"].as_u64(), found["window"].as_u64()), (Some(5), Some(60_000_000_000)));
}

/// The value behind a name, wherever it stands.
fn find<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(fields) => fields.get(name).or_else(|| fields.values().find_map(|value| find(value, name))),
        Value::Array(items) => items.iter().find_map(|value| find(value, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

#[test]
fn what_a_caddyfile_cannot_hold_is_told_with_the_form_that_can() {
    let folder = folder();
    let profile = fs::read_to_string(root().join("examples/generic/security.toml")).expect("the example is there");
    let hostile = r#"permissions_policy = "camera=(), x=(\"{env.HOME}\")""#;
    let edited: Vec<&str> =
        profile.lines().map(|line| if line.starts_with("permissions_policy") { hostile } else { line }).collect();
    assert!(edited.contains(&hostile));
    fs::write(folder.path().join("security.toml"), edited.join("\n")).expect("a file can be written");

    let ran = render(folder.path(), &["--target", "caddy"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    for words in [
        "`headers.permissions_policy` contains `{`, which has no safe form in a Caddyfile",
        "help: render it with --form json, which can hold every value; or write another one",
    ] {
        assert!(ran.err.contains(words), "{words:?} is not in {}", ran.err);
    }
    assert_eq!(names(folder.path()), ["security.toml"]);

    let ran = render(folder.path(), &["--target", "caddy", "--form", "json"]);
    // The example declares nginx.
    let told = "`[targets.caddy]` is not written, so that Caddy 2.6.2 on ports 80 and 443 is meant: write it where that is not so\n";
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), told));
    let written = fs::read_to_string(folder.path().join("caddy/caddy.json")).expect("it was written");
    assert!(written.contains(r#"x=(\"\\{env.HOME\\}\")"#), "{written}");
}

#[test]
fn json_is_written_and_kept_as_every_file_is() {
    let folder = folder();
    fs::copy(root().join("examples/generic/security.toml"), folder.path().join("security.toml")).expect("a copy");
    let json = ["--target", "caddy", "--form", "json"];
    assert_eq!(render(folder.path(), &json).code, Some(0));
    let path = folder.path().join("caddy/caddy.json");
    let written = fs::read_to_string(&path).expect("it was written");
    assert!(written.lines().next().is_some_and(|first| first.contains("Made by seccfg ")));
    assert_eq!(render(folder.path(), &[&json[..], &["--check"]].concat()).code, Some(0));
    fs::write(&path, written.replace("\"h1\"", "\"h3\"")).expect("a file can be written");
    assert_eq!(render(folder.path(), &[&json[..], &["--check"]].concat()).code, Some(1));
    fs::write(&path, "{}").expect("a file can be written");
    let ran = render(folder.path(), &json);
    assert_eq!((ran.code, ran.err.contains("was not made by seccfg")), (Some(2), true), "{}", ran.err);
    assert_eq!(fs::read_to_string(&path).expect("it is still there"), "{}");
}

#[test]
fn a_form_is_caddys_alone() {
    let folder = instacrud("");
    let ran = render(folder.path(), &["--target", "nginx", "--form", "json"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (Some(2), "seccfg: --form is for --target caddy: add that, or leave --form out\n")
    );
    let ran = render(folder.path(), &["--target", "caddy", "--form", "jsno"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("did you mean \"json\""), "{}", ran.err);
    let ran = render(folder.path(), &["--target", "crudauth", "--standalone"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("--standalone is for --target nginx or caddy"), "{}", ran.err);
}

#[test]
fn a_plan_for_caddy_tells_where_it_differs() {
    let folder = instacrud("\n[targets.caddy]\nplugins = [\"rate_limit\"]\n");
    let human = run(folder.path(), &["plan", "--target", "caddy"]);
    let json = run(folder.path(), &["plan", "--target", "caddy", "--format", "json"]);
    let listing: Value = serde_json::from_str(&json.out).expect("it is JSON");
    let controls = listing["plans"][0]["controls"].as_array().expect("a plan has controls");
    let notes = |id: &str| {
        let rows = controls.iter().filter(|row| row["control"] == id);
        rows.flat_map(|row| row["notes"].as_array().expect("a list")).filter_map(Value::as_str).collect::<Vec<_>>()
    };
    let told = human.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for (id, words) in [
        ("host_names", "a dot at its end"),
        ("body_size", "is cut while it passes"),
        ("rate_limits", "never more than 5 in any minute"),
    ] {
        let note = notes(id).into_iter().find(|note| note.contains(words)).expect("it is noted");
        assert!(told.contains(note), "{note:?} is not in {told}");
    }
    assert_eq!(notes("hsts"), [""; 0]);
}
