//! `seccfg render` for an edge: what is refused and how that is told, and what is written.

mod support;

use std::fs;
use std::path::Path;

use seccfg::apps::Packs;
use seccfg::check::{Opened, Options, check};
use seccfg::finding::Severity;
use seccfg::profile::{Mode, UrlPath};
use seccfg::source::Source;
use seccfg::targets::{self, Output, Refused, Style};
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

/// Who asks for nothing by name means what the profile declares: a hook that compares files with it needs no list of its own.
#[test]
fn without_a_target_what_the_profile_declares_is_rendered() {
    let folder = instacrud("");
    let path = folder.path().join("security.toml");
    let ran = render(folder.path(), &["--check"]);
    // What was never rendered is named, with the command that writes it.
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (
            Some(1),
            "missing: nginx/common.conf, nginx/seccfg.conf, nginx/site.conf\n\
             to write what is missing: seccfg render --today 2026-11-21\n"
        ),
        "{}",
        ran.err
    );
    assert!(render(folder.path(), &["--check", "--diff"]).out.contains("+++ nginx/site.conf"));
    assert_eq!(render(folder.path(), &[]).code, Some(0));
    assert_eq!(names(folder.path()), ["nginx", "security.toml"]);
    let ran = render(folder.path(), &["--check"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
    // Behind both, both are meant.
    let text = fs::read_to_string(&path).expect("it was written");
    let plugins = "\n[targets.caddy]\nversion = \"2.8.4\"\nplugins = [\"rate_limit\"]\n";
    fs::write(&path, text + plugins).expect("a file can be written");
    let ran = render(folder.path(), &["--check"]);
    assert!(ran.code == Some(1) && ran.out.contains("missing: caddy/"), "{} {}", ran.out, ran.err);
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

/// What a flag is for may be what the profile declares, or what is rendered where it declares nothing.
#[test]
fn a_flag_fits_what_the_profile_declares() {
    let standalone = |more: &str| {
        let folder = instacrud(more);
        let ran = render(folder.path(), &["--standalone"]);
        let there = ["nginx/nginx.conf", "caddy/Caddyfile"].map(|file| folder.path().join(file).exists());
        (ran.code, there, ran.err)
    };
    assert_eq!(standalone("").1, [true, false], "{}", standalone("").2);
    assert_eq!(standalone("\n[targets.caddy]\nplugins = [\"rate_limit\"]\n").1, [true, true]);
    let folder = instacrud("");
    let ran = render(folder.path(), &["--form", "json"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (Some(2), "seccfg: --form is for --target caddy: add that, or leave --form out\n")
    );
    let ran = render(folder.path(), &["--example"]);
    assert!(ran.code == Some(2) && ran.err.contains("--example is for --target env"), "{}", ran.err);
}

#[test]
fn a_plan_for_caddy_tells_where_it_differs() {
    let erase = "[rate_limits.routes.erase]\nlimit = \"9/min\"\npaths = [\"/things/\"]\nmethods = [\"DELETE\"]\n";
    let folder = instacrud(&format!("\n[targets.caddy]\nplugins = [\"rate_limit\"]\n{erase}"));
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
        ("rate_limits", "is not counted: add `POST`"),
    ] {
        let note = notes(id).into_iter().find(|note| note.contains(words)).expect("it is noted");
        assert!(told.contains(note), "{note:?} is not in {told}");
    }
    assert_eq!(notes("hsts"), [""; 0]);
}

/// A profile in staging, where fewer rules speak.
fn profile(kind: &str, sections: &str) -> Source {
    let app = "mode = \"staging\"\nurl = \"https://shop.example.com\"\n";
    Source::new("security.toml", format!("version = 1\n[app]\nname = \"shop\"\nkind = \"{kind}\"\n{app}{sections}"))
}

/// The keys at which rendering refuses, whatever a check says.
fn refused(output: Output, source: &Source) -> Vec<String> {
    let opened = Opened::read(source, &[], &Packs::default());
    let policy = opened.policy(Mode::Staging).expect("a profile");
    let plans = opened.plans(&policy, &Vec::from_iter(output.edge()));
    match targets::render(output, &plans, Style::default()) {
        Ok(_) => Vec::new(),
        Err(targets::Error::Refused(Refused(all))) => all.iter().map(|one| one.key.to_string()).collect(),
        Err(error) => panic!("{error}"),
    }
}

/// What is refused at which key: in every way that there is, but for texts that are made.
const KINDS: [(Output, &str, &str, &str); 51] = [
    // By themselves wrong.
    (Output::Nginx, "generic", "timeout = \"0s\"\n", "app.timeout"),
    (Output::Nginx, "generic", "timeout = \"2d\"\n", "app.timeout"),
    (Output::Nginx, "generic", "[targets.nginx]\nbind = []\n", "targets.nginx.bind"),
    (Output::Caddy, "generic", "[targets.caddy]\nbind = []\n", "targets.caddy.bind"),
    (Output::Nginx, "generic", "[tls]\ngroups = []\n", "tls.groups"),
    // Proxies.
    (Output::Nginx, "generic", "[targets.nginx]\nhttp_port = 8080\nhttps_port = 8080\n", "targets.nginx.http_port"),
    (Output::Caddy, "generic", "[targets.caddy]\nhttp_port = 443\n", "targets.caddy.http_port"),
    (
        Output::Nginx,
        "generic",
        "[rate_limits.routes.a]\nlimit = \"20/h\"\npaths = [\"/a\"]\n",
        "rate_limits.routes.a.limit",
    ),
    (Output::Caddy, "generic", "[tls]\ngroups = [\"X448\"]\n[targets.caddy]\n", "tls.groups"),
    (
        Output::Caddy,
        "generic",
        "[tls]\ngroups = [\"X25519MLKEM768\"]\n[targets.caddy]\nversion = \"2.8\"\n",
        "tls.groups",
    ),
    // CRUDAuth.
    (Output::Crudauth, "crudauth", "[targets.crudauth]\nversion = \"0.5\"\n", "targets.crudauth.version"),
    (Output::Crudauth, "crudauth", "[state]\nbackend = \"redis\"\n", "state.url"),
    (
        Output::Crudauth,
        "crudauth",
        "[state]\nbackend = \"redis\"\nurl = \"env:REDIS_URL\"\nverify_certificate = false\n",
        "state.verify_certificate",
    ),
    (
        Output::Crudauth,
        "crudauth",
        "[secrets]\na = { source = \"env:SECRET_KEY\" }\nb = { source = \"env:B\" }\n",
        "secrets.b",
    ),
    (Output::Crudauth, "crudauth", "[cookies.a]\n[cookies.b]\n", "cookies.b"),
    (Output::Crudauth, "crudauth", "[cookies.a]\nsame_site = \"none\"\n", "cookies.a.same_site"),
    (Output::Crudauth, "crudauth", "[cookies.a]\ndomain = \"example.com\"\n", "cookies.a.domain"),
    (Output::Crudauth, "crudauth", "[cookies.a]\nmax_age = \"1h\"\n", "cookies.a.max_age"),
    (Output::Crudauth, "crudauth", "[cookies.a]\npartitioned = true\n", "cookies.a.partitioned"),
    (Output::Crudauth, "crudauth", "[cookies.a]\npath = \"/a\"\n[cookies.b]\npurpose = \"csrf\"\n", "cookies.b.path"),
    (Output::Crudauth, "crudauth", "[cookies.a]\n[targets.crudauth]\nversion = \"0.7\"\n", "cookies.a"),
    (
        Output::Crudauth,
        "crudauth",
        "[cookies.a]\nhttp_only = false\n[targets.kubernetes.gateway]\nname = \"edge\"\n",
        "cookies.a.http_only",
    ),
    (
        Output::Crudauth,
        "crudauth",
        "[cookies.a]\npurpose = \"csrf\"\nhttp_only = true\n[targets.kubernetes.gateway]\nname = \"edge\"\n",
        "cookies.a.http_only",
    ),
    (
        Output::Crudauth,
        "crudauth",
        "[cookies.a]\nsecure = true\n[cookies.b]\npurpose = \"csrf\"\nsecure = false\n[targets.kubernetes.gateway]\nname = \"edge\"\n",
        "cookies.b.secure",
    ),
    (Output::Crudauth, "crudauth", "[sessions]\nidle_timeout = \"90s\"\n", "sessions.idle_timeout"),
    (Output::Crudauth, "crudauth", "[sessions]\nidle_timeout = \"0s\"\n", "sessions.idle_timeout"),
    (Output::Crudauth, "crudauth", "[sessions]\nabsolute_timeout = \"90m\"\n", "sessions.absolute_timeout"),
    (
        Output::Crudauth,
        "crudauth",
        "[sessions]\nabsolute_timeout = \"1h\"\n[targets.crudauth]\nversion = \"0.7\"\n",
        "sessions.absolute_timeout",
    ),
    (Output::Crudauth, "crudauth", "[tokens]\naccess_ttl = \"0s\"\n", "tokens.access_ttl"),
    (Output::Crudauth, "crudauth", "[tokens]\nrefresh_ttl = \"36h\"\n", "tokens.refresh_ttl"),
    (Output::Crudauth, "crudauth", "[tokens]\nalgorithms = [\"EdDSA\"]\n", "tokens.algorithms"),
    (Output::Crudauth, "crudauth", "[tokens]\nalgorithms = [\"HS256\", \"HS512\"]\n", "tokens.algorithms"),
    (Output::Crudauth, "crudauth", "[lockout]\nenabled = true\nattempts = 0\n", "lockout.attempts"),
    (Output::Crudauth, "crudauth", "[lockout]\nenabled = true\nwindow = \"0s\"\n", "lockout.window"),
    (Output::Crudauth, "crudauth", "[lockout]\nenabled = true\nduration = \"0s\"\n", "lockout.duration"),
    (Output::Crudauth, "crudauth", "[lockout]\nenabled = true\nmax_duration = \"0s\"\n", "lockout.max_duration"),
    (Output::Crudauth, "crudauth", "[lockout]\nenabled = true\nfail_open = true\n", "lockout.fail_open"),
    (Output::Crudauth, "crudauth", "[passwords]\nhash = \"argon2id\"\n", "passwords.hash"),
    (Output::Crudauth, "crudauth", "[passwords]\nhistory = 3\n", "passwords.history"),
    (Output::Crudauth, "crudauth", "[passwords]\nexpire_after = \"90d\"\n", "passwords.expire_after"),
    (Output::Crudauth, "crudauth", "[passwords]\nmfa = true\n", "passwords.mfa"),
    (
        Output::Crudauth,
        "crudauth",
        "[passwords]\nmin_length = 15\n[targets.crudauth]\nversion = \"0.6\"\n",
        "passwords",
    ),
    (
        Output::Crudauth,
        "crudauth",
        "[rate_limits]\nenforced_by = \"app\"\nroutes.sign_up = { limit = \"5/min\", per = \"user\" }\n",
        "rate_limits.routes.sign_up.per",
    ),
    // Variables.
    (Output::Env, "fastcms", "[secrets.secret_key]\nsource = \"env:OTHER\"\n", "secrets.secret_key.source"),
    (Output::Env, "instacrud", "[secrets.secret_key]\nsource = \"env:OTHER\"\n", "secrets.secret_key.source"),
    (Output::Env, "crudauth", "[secrets.secret_key]\nsource = \"env:OTHER\"\n", "secrets.secret_key.source"),
    (Output::Env, "fastcms", "[database]\nurl = \"env:SECRET_KEY\"\n", "database.url"),
    (Output::Env, "fastcms", "[oauth.google]\nclient_id = \"a'b\\\"${c}`\\\\\"\n", "oauth.google.client_id"),
    (Output::Env, "fastcms", "[tokens]\naccess_ttl = \"90s\"\n", "tokens.access_ttl"),
    (Output::Env, "fastcms", "[tokens]\nalgorithms = [\"HS256\", \"HS384\"]\n", "tokens.algorithms"),
    (Output::Env, "instacrud", "[database]\nengine = \"mysql\"\n", "database.engine"),
];

/// Texts that are too long for nginx, or have no form in a Caddyfile.
fn texts() -> Vec<(Output, String, String)> {
    let name = |start: &str, n: u8| {
        let (first, second) = (char::from(b'A' + n / 26), char::from(b'A' + n % 26));
        format!("\"{start}{}{first}{second}\"", "A".repeat(12))
    };
    let long = |(key, start): (&str, &str)| {
        let names: Vec<String> = (0..=255).map(|n| name(start, n)).collect();
        let sections = format!("[cors]\norigins = [\"https://a.example\"]\n{key} = [{}]\n", names.join(", "));
        (Output::Nginx, sections, format!("cors.{key}"))
    };
    let brace = |(key, c): (&str, char)| {
        (Output::Caddy, format!("[headers]\n{key} = \"x=({c})\"\n[targets.caddy]\n"), format!("headers.{key}"))
    };
    let long = [("headers", "X-"), ("expose_headers", "X-"), ("methods", "M")].map(long);
    let (policy, csp) = ("permissions_policy", "content_security_policy");
    let braces = [(policy, '{'), (policy, '}'), (policy, '`'), (csp, '{')].map(brace);
    long.into_iter().chain(braces).collect()
}

/// What `render` refuses, `check` has said: every kind of refusal that there is, each at the key that is to be mended.
#[test]
fn whatever_rendering_refuses_a_check_has_said() {
    let texts = texts();
    let made = texts.iter().map(|(output, sections, key)| (*output, "generic", sections.as_str(), key.as_str()));
    for (output, kind, sections, key) in KINDS.into_iter().chain(made) {
        // Any other app may be configured by hand.
        let declared = if output == Output::Crudauth && !sections.contains("targets.crudauth") {
            "[targets.crudauth]\n"
        } else {
            ""
        };
        let source = profile(kind, &format!("{sections}{declared}"));
        let refused = refused(output, &source);
        let findings = check(source, &Options::default()).findings;
        let at = findings.iter().filter(|one| one.place.key.to_string() == key && one.severity == Severity::Error);
        let codes: Vec<&str> = at.map(|one| one.code).collect();
        assert!(!codes.is_empty(), "{key}: nothing is found in\n{sections}");
        assert!(refused.iter().any(|refused| refused == key) || codes == ["PRF003"], "{key}: {refused:?}, {codes:?}");
    }
}

/// All that is wrong is told at once, in a check and by rendering.
#[test]
fn all_refusals_are_told_at_once() {
    let sections = "[sessions]\nidle_timeout = \"90s\"\n[passwords]\nhash = \"scrypt\"\n[tokens]\nalgorithms = [\"EdDSA\"]\n\
                    [targets.crudauth]\n";
    let source = profile("crudauth", sections);
    let mut refused = refused(Output::Crudauth, &source);
    refused.sort();
    assert_eq!(refused, ["passwords.hash", "sessions.idle_timeout", "tokens.algorithms"]);
    let findings = check(source, &Options::default()).findings;
    let mut found: Vec<String> =
        findings.iter().filter(|one| one.code == "RND001").map(|one| one.place.key.to_string()).collect();
    found.sort();
    assert_eq!(found, refused);
}

/// What Caddy has no form for is told once, however many of its lines hold it: a header is written twice.
#[test]
fn all_that_caddy_is_refused_is_told_at_once() {
    let sections = "[headers]\ncontent_security_policy = \"default-src {a}\"\npermissions_policy = \"x=(`)\"\n\
                    [targets.caddy]\nhttp_port = 8443\nhttps_port = 8443\n";
    let mut refused = refused(Output::Caddy, &profile("generic", sections));
    refused.sort();
    assert_eq!(refused, ["headers.content_security_policy", "headers.permissions_policy", "targets.caddy.http_port"]);
}

/// A profile that is told to Caddy in JSON says so, and a check and `render` go by it.
#[test]
fn the_declared_form_counts() {
    let folder = folder();
    let header = "[headers]\npermissions_policy = \"camera=(), x=(\\\"{env.HOME}\\\")\"\n[targets.caddy]\n";
    let write = |form: &str| {
        let source = profile("generic", &format!("{header}{form}"));
        fs::write(folder.path().join("security.toml"), source.text).expect("a file can be written");
    };
    write("");
    let ran = run(folder.path(), &["check"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("RND001") && ran.out.contains("which has no safe form in a Caddyfile"), "{}", ran.out);
    assert_eq!(render(folder.path(), &["--target", "caddy", "--form", "json", "--stdout"]).code, Some(0));
    write("form = \"json\"\n");
    assert_eq!(run(folder.path(), &["check"]).code, Some(0));
    assert_eq!(render(folder.path(), &["--target", "caddy"]).code, Some(0));
    assert_eq!(names(&folder.path().join("caddy")), ["caddy.json"]);
    let ran = render(folder.path(), &["--target", "caddy", "--form", "caddyfile"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("RND001"), "{}", ran.err);
}

/// Several profiles with several targets are one piece of work: what changed is told as a tree, and if one has errors, none is
/// written.
#[test]
fn several_profiles_are_rendered_together_or_not_at_all() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let prod = fs::read_to_string(root().join("tests/fixtures/prod.toml")).expect("the fixture is there");
    for name in ["shop", "blog"] {
        fs::create_dir(path(name)).expect("a folder can be made");
        fs::write(path(name).join("security.toml"), &prod).expect("a file can be written");
    }
    let both = |more: &[&str]| render(folder.path(), &[&["shop", "blog", "--target", "nginx,caddy"], more].concat());
    fs::write(path("blog/security.toml"), prod.replace("enabled = true", "enabled = 1"))
        .expect("a file can be written");
    let ran = both(&[]);
    assert!(ran.code == Some(1) && ran.err.contains("blog/security.toml:"), "{}", ran.err);
    assert_eq!(names(&path("shop")), ["security.toml"], "nothing is written of the other one");

    fs::write(path("blog/security.toml"), &prod).expect("a file can be written");
    let files = ["nginx/common.conf", "nginx/seccfg.conf", "nginx/site.conf"];
    let ran = both(&["--check"]);
    assert!(ran.code == Some(1) && ran.out.contains("missing: shop/nginx/common.conf, "), "{}", ran.out);
    let ran = both(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let (shop, blog) = ran.out.split_once("blog/security.toml\n").expect("each has its part");
    assert!(shop.starts_with("shop/security.toml\n├─ new     "), "{}", ran.out);
    for part in [shop, blog] {
        assert!(files.iter().all(|file| part.contains(&format!("─ new     {file}\n"))), "{}", ran.out);
        assert_eq!((part.matches("├─ ").count() + 1, part.matches("└─ ").count()), (part.matches("─ new ").count(), 1));
    }
    assert!(path("blog/caddy/site.caddy").is_file() && both(&["--check"]).code == Some(0));
    // One changes, the other does not.
    let moved = prod.replace("[hsts]\n", "[hsts]\nmax_age = \"2y\"\n");
    assert_ne!(moved, prod);
    fs::write(path("shop/security.toml"), moved).expect("a file can be written");
    let ran = both(&[]);
    assert!(ran.code == Some(0) && ran.out.contains("─ changed nginx/site.conf\n"), "{}{}", ran.out, ran.err);
    let all = names(&path("blog/nginx")).len() + names(&path("blog/caddy")).len();
    assert!(ran.out.ends_with(&format!("blog/security.toml\n└─ {all} files were up to date already\n")), "{}", ran.out);
    for flag in [&["--stdout"][..], &["--out", "elsewhere"]] {
        let ran = both(flag);
        assert!(ran.code == Some(2) && ran.err.contains("is for one profile"), "{}", ran.err);
    }
}

/// An app of which nobody knows where its documentation is, and that gets some paths alone, has it below those. What stands at
/// the site's own `/docs` is another program's.
#[test]
fn documentation_is_hidden_below_the_apps_own_paths() {
    let hidden = |paths: &str| -> Vec<String> {
        let text = format!(
            "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n{paths}\
             [services.site]\nupstream = \"127.0.0.1:3000\"\npaths = [\"/site/\"]\n"
        );
        let source = Source::new("security.toml", text);
        let opened = Opened::read(&source, &[], &Packs::default());
        let policy = opened.policy(Mode::Dev).expect("it is a profile");
        let plans = opened.plans(&policy, &[]);
        let site = &targets::render(Output::Nginx, &plans, Style::default()).expect("it can be rendered")[1].text;
        let pattern =
            |path: &UrlPath| path.as_str().replace('/', "(?:(?:;[^/\\\\x5c]*)?[/\\\\x5c])+").replace('.', "[.]");
        let paths = plans[0].facts().docs_paths();
        for path in paths {
            assert!(site.contains(&format!("^{}", pattern(path))), "{path}\n{site}");
        }
        paths.iter().map(ToString::to_string).collect()
    };
    assert_eq!(hidden(""), ["/docs", "/redoc", "/openapi.json"]);
    assert_eq!(hidden("paths = [\"/api/\"]\n"), ["/api/docs", "/api/redoc", "/api/openapi.json"]);
    assert_eq!(hidden("paths = [\"/api/\", \"/docs\"]\n"), ["/docs", "/api/redoc", "/api/openapi.json"]);
    assert_eq!(hidden("paths = [\"/graphql\"]\n"), ["/docs", "/redoc", "/openapi.json"]);
}
