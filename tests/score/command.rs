//! `seccfg score` on profiles: what it predicts, what it advises, and how it ends.

use std::fs;

use seccfg::score::Outcome;
use serde_json::{Value, json};

use crate::support::{Ran, folder, root, run};

const LEAST: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nurl = \"https://shop.example.com\"\n";

fn score(profile: &str, args: &[&str]) -> Ran {
    let folder = folder();
    fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
    run(folder.path(), &[&["score"], args].concat())
}

/// The score of the first target, for programs.
fn listed(profile: &str, args: &[&str]) -> Value {
    let ran = score(profile, &[&["--format", "json"], args].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let listing: Value = serde_json::from_str(&ran.out).expect("it is JSON");
    let schema: Value = serde_json::from_str(include_str!("../../schemas/score.schema.json")).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    assert!(validator.is_valid(&listing), "{listing:#}");
    listing["scores"][0].clone()
}

fn outcome(score: &Value, test: &str) -> String {
    let tests = score["tests"].as_array().expect("it has tests");
    let own = tests.iter().find(|own| own["test"] == test).expect("Observatory has the test");
    own["outcome"].as_str().expect("an outcome is text").to_owned()
}

#[test]
fn the_least_profile_is_told_what_it_lacks() {
    let score = listed(LEAST, &[]);
    assert_eq!((&score["grade"], &score["points"]), (&json!("D"), &json!(35)));
    assert_eq!(outcome(&score, "content-security-policy"), "csp-not-implemented");
    assert_eq!(outcome(&score, "strict-transport-security"), "hsts-not-implemented");
    assert_eq!(outcome(&score, "redirection"), "redirection-to-https");
    let keys: Vec<&Value> =
        score["advice"].as_array().expect("a list").iter().filter_map(|one| one["keys"].as_array()).flatten().collect();
    for key in ["headers.content_security_policy", "hsts.enabled", "headers.cross_origin_resource_policy"] {
        assert!(keys.contains(&&json!(key)), "{key} is not advised: {keys:?}");
    }
    assert_eq!(score["reachable"], json!({ "grade": "A+", "points": 125 }));
}

#[test]
fn what_the_advice_says_gives_what_it_promises() {
    let mended = format!(
        "{LEAST}[hsts]\nenabled = true\nmax_age = \"1y\"\n[headers]\n\
         content_security_policy = \"default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'\"\n\
         referrer_policy = \"strict-origin-when-cross-origin\"\ncross_origin_resource_policy = \"same-origin\"\n"
    );
    let score = listed(&mended, &[]);
    assert_eq!((&score["grade"], &score["points"]), (&json!("A+"), &json!(125)));
}

#[test]
fn a_gate_is_a_grade_or_points() {
    for (min, code) in [("D", 0), ("35", 0), ("36", 1), ("c-", 1), ("A+", 1), ("E", 2), ("-1", 2), ("", 2)] {
        let ran = score(LEAST, &[&format!("--min={min}")]);
        assert_eq!(ran.code, Some(code), "{min}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn what_an_app_sends_by_itself_counts_where_the_profile_is_silent() {
    let instacrud = LEAST.replace("generic", "instacrud");
    let silent = listed(&instacrud, &[]);
    assert_eq!(outcome(&silent, "content-security-policy"), "csp-implemented-with-no-unsafe");
    assert_eq!(outcome(&silent, "x-frame-options"), "x-frame-options-sameorigin-or-deny");
    // The edge keeps the app's HSTS back where the profile wants none.
    assert_eq!(outcome(&silent, "strict-transport-security"), "hsts-not-implemented");
    // A policy that only reports takes the place of the app's own.
    let reports =
        format!("{instacrud}[headers]\ncontent_security_policy = \"default-src 'none'\"\ncsp_report_only = true\n");
    assert_eq!(outcome(&listed(&reports, &[]), "content-security-policy"), "csp-not-implemented-but-reporting-enabled");
}

#[test]
fn where_tls_is_off_there_is_no_hsts_and_no_way_to_https() {
    let plain = format!("{}[hsts]\nenabled = true\n", LEAST.replace("https:", "http:"));
    let score = listed(&plain, &[]);
    assert_eq!(outcome(&score, "strict-transport-security"), "hsts-not-implemented-no-https");
    assert_eq!(outcome(&score, "redirection"), "redirection-missing");
    let unredirected = format!("{LEAST}[tls]\nredirect_http = false\n[tls.certificate]\nissuer = \"self-signed\"\n");
    let score = listed(&unredirected, &[]);
    assert_eq!(outcome(&score, "strict-transport-security"), "hsts-invalid-cert");
    assert_eq!(outcome(&score, "redirection"), "redirection-missing");
}

#[test]
fn each_cookie_is_told_the_flags_that_it_lacks() {
    let profile = format!("{LEAST}[cookies]\nsession = {{ secure = true }}\ntheme = {{ purpose = \"preference\" }}\n");
    let ran = score(&profile, &[]);
    let advice = "set `http_only = true`, `same_site = \"lax\"` in `[cookies.session]`; \
                  set `secure = true`, `same_site = \"lax\"` in `[cookies.theme]`";
    let out = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(out.contains(advice), "{}", ran.out);
}

#[test]
fn a_cookie_that_scripts_set_is_in_no_answer() {
    let fastcms = LEAST.replace("generic", "fastcms");
    let score = listed(&format!("{fastcms}[cookies]\naccess_token = {{ secure = true }}\n"), &[]);
    assert_eq!(outcome(&score, "cookies"), "cookies-not-found");
    let score = listed(&format!("{fastcms}[cookies]\noauth_collection = {{ secure = true }}\n"), &[]);
    assert_eq!(outcome(&score, "cookies"), "cookies-secure-with-httponly-sessions");
}

#[test]
fn what_an_apps_own_pages_need_of_a_policy_is_told_beside_the_advice() {
    let fastcms = LEAST.replace("generic", "fastcms");
    let told = |profile: &str| score(profile, &[]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    let out = told(&fastcms);
    assert!(out.contains("FastCMS needs `script-src 'unsafe-inline' 'unsafe-eval' https://cdn."), "{out}");
    assert!(out.contains("give `/admin` a policy of its own, in a service under `[services]`"), "{out}");
    // With such a service, the first page is as strict as it can be, and nothing more is to be said of it.
    let apart = format!(
        "{fastcms}[headers]\ncontent_security_policy = \"default-src 'none'; frame-ancestors 'none'\"\n[services.admin]\n\
         upstream = \"127.0.0.1:8000\"\npaths = [\"/admin\"]\n\
         headers = {{ content_security_policy = \"script-src 'unsafe-inline'\" }}\n"
    );
    let score = listed(&apart, &[]);
    assert_eq!(outcome(&score, "content-security-policy"), "csp-implemented-with-no-unsafe-default-src-none");
    assert_eq!(outcome(&score, "subresource-integrity"), "sri-not-implemented-response-not-html");
    let out = told(&apart);
    assert!(
        !out.contains("FastCMS needs") && out.contains("`/` answers with no page, as FastCMS's are at `/admin`"),
        "{out}"
    );
    assert!(!told(LEAST).contains("needs `script-src"));
}

#[test]
fn an_api_answers_with_no_page() {
    let api = format!("{LEAST}serves = [\"api\"]\n");
    assert_eq!(outcome(&listed(&api, &[]), "subresource-integrity"), "sri-not-implemented-response-not-html");
    let out = score(&api, &[]).out;
    assert!(out.contains("`/` answers with no page, as `app.serves` names none"), "{out}");
    // A front end at the first path has its own.
    let front = format!("{api}[services.front]\nupstream = \"127.0.0.1:3000\"\npaths = [\"/\"]\n");
    assert!(!score(&front, &[]).out.contains("no page"), "{}", score(&front, &[]).out);
}

#[test]
fn what_mends_several_tests_is_told_once() {
    let profile = format!(
        "{LEAST}[tls]\ncertificate = {{ issuer = \"self-signed\" }}\n[hsts]\nenabled = true\n\
         [headers]\ncontent_security_policy = \"default-src *\"\n"
    );
    let out = score(&profile, &[]).out;
    let times = |what: &str| out.matches(what).count();
    assert_eq!(times("set `tls.certificate.issuer = \"acme\"`"), 1, "{out}");
    assert!(out.contains("+40  set `tls.certificate.issuer"), "{out}");
    let mend = out.lines().find(|line| line.contains("mend `headers.content_security_policy`")).unwrap_or_default();
    assert_eq!(mend.matches("`default-src` has `*`").count(), 1, "{out}");
    // For programs, each test has its own.
    let of_issuer = |one: &&Value| one["write"].as_str().is_some_and(|write| write.contains("issuer"));
    assert_eq!(listed(&profile, &[])["advice"].as_array().expect("a list").iter().filter(of_issuer).count(), 2);
}

/// What a service says of a header of its own pages counts there, so that the site's key would change nothing.
#[test]
fn advice_names_the_key_that_counts_for_the_first_page() {
    let site = "[headers]\ncontent_security_policy = \"default-src 'self'\"\n";
    let front = "[services.front]\nupstream = \"127.0.0.1:3000\"\npaths = [\"/\"]\n";
    let own = "[services.front.headers]\ncontent_security_policy = \"script-src 'unsafe-inline'\"\n";
    let advised = |profile: &str| -> (Vec<String>, String) {
        let score = listed(profile, &[]);
        let advice = score["advice"].as_array().expect("a list");
        let of_test = |test: &str| advice.iter().find(|one| one["test"] == test).expect("it is advised").clone();
        let keys = |one: Value| {
            one["keys"].as_array().expect("a list").iter().map(|key| key.as_str().expect("text").to_owned()).collect()
        };
        let policy = of_test("content-security-policy");
        let write = policy["write"].as_str().expect("text").to_owned();
        let mut all: Vec<String> = keys(policy);
        all.extend::<Vec<String>>(keys(of_test("cross-origin-resource-policy")));
        (all, write)
    };
    let least = LEAST.replace("[app]", "[app]\npaths = [\"/api/\"]");
    let (keys, write) = advised(&format!("{least}{site}{front}{own}"));
    assert_eq!(keys, ["services.front.headers.content_security_policy", "headers.cross_origin_resource_policy"]);
    assert!(write.starts_with("mend `services.front.headers.content_security_policy`: "), "{write}");
    // The service has a section of its own, and says nothing of this header: the site's counts.
    let other = "[services.front.headers]\nreferrer_policy = \"no-referrer\"\n";
    let (keys, write) = advised(&format!("{least}{}{front}{other}", site.replace("'self'", "'self' 'unsafe-inline'")));
    assert_eq!(keys[0], "headers.content_security_policy");
    assert!(write.starts_with("mend `headers.content_security_policy`: "), "{write}");
}

/// A cluster whose gateway is not named redirects nobody, whatever the profile says.
#[test]
fn what_nobody_enforces_is_not_told_to_be_written_again() {
    let profile = format!("{LEAST}[tls]\nredirect_http = true\n[targets.kubernetes]\nnamespace = \"shop\"\n");
    let score = listed(&profile, &[]);
    assert_eq!(outcome(&score, "redirection"), "redirection-missing");
    let advice = score["advice"].as_array().expect("a list").iter().find(|one| one["test"] == "redirection");
    let write = advice.and_then(|advice| advice["write"].as_str()).expect("the redirect can be had");
    assert_eq!(write, "have somebody enforce HTTPS redirect [tls.redirect_http]: `seccfg plan` says why nobody does");
}

/// Of every point that an example lacks it is said how it is had, or why it is not taken.
#[test]
fn every_point_that_an_example_lacks_has_its_reason() {
    for (example, reasons) in [
        (
            "instacrud",
            &[
                "InstaCRUD's front end needs `script-src 'unsafe-inline' 'unsafe-eval'",
                "its code has to change: a `src/proxy.ts` that makes a nonce for each request",
                "accepted until 2027-05-31 by a waiver of HDR003: Next.js needs inline scripts",
            ][..],
        ),
        ("fastcms", &[]),
        ("crudauth", &[]),
    ] {
        let profile = fs::read_to_string(root().join("examples").join(example).join("security.toml"));
        let score = listed(&profile.expect("the example is there"), &[]);
        let list = |key: &str| score[key].as_array().expect("it is a list").clone();
        let points = |one: &Value| one["points"].as_i64().expect("points are a number");
        for test in list("tests") {
            let name = test["test"].as_str().expect("a test has a name");
            let most =
                Outcome::ALL.iter().map(|end| end.test()).find(|own| own.as_str() == name).expect("it is known").most();
            let said: i64 =
                list("advice").iter().chain(&list("untaken")).filter(|one| one["test"] == name).map(points).sum();
            assert_eq!(points(&test) + said, i64::from(most), "{example}: {name}");
        }
        let why = list("untaken").iter().all(|one| one["why"].as_str().is_some_and(|why| why.len() > 20));
        let advice: Vec<String> = list("advice").iter().map(|one| one["write"].to_string()).collect();
        assert!(
            why && reasons.iter().all(|reason| advice.iter().any(|one| one.contains(reason))),
            "{example}: {advice:#?}"
        );
    }
}

/// What a program sends by itself is what its pack tells; where nothing does, it is not guessed, and said.
#[test]
fn what_is_left_to_a_program_is_not_guessed() {
    let own = "[headers]\nfrom_app = [\"Content-Security-Policy\"]\n";
    let instacrud = listed(&format!("{}{own}", LEAST.replace("generic", "instacrud")), &[]);
    assert_eq!(outcome(&instacrud, "content-security-policy"), "csp-implemented-with-no-unsafe");
    let front = "[services.front]\nupstream = \"127.0.0.1:3000\"\npaths = [\"/\"]\n[services.front.headers]\n\
                 from_app = [\"Content-Security-Policy\"]\n";
    let site = "[headers]\ncontent_security_policy = \"default-src 'none'\"\n";
    for kind in ["generic", "instacrud"] {
        let profile = LEAST.replace("generic", kind).replace("[app]", "[app]\npaths = [\"/api/\"]");
        let score = listed(&format!("{profile}{site}{front}"), &[]);
        assert_eq!(outcome(&score, "content-security-policy"), "csp-not-implemented", "{kind}");
        let said = "`services.front` sends Content-Security-Policy itself, which is not known here: none is counted";
        assert!(score["assumed"].as_array().is_some_and(|all| all.contains(&json!(said))), "{score:#}");
        let advice =
            score["advice"].as_array().expect("a list").iter().find(|one| one["test"] == "content-security-policy");
        let write = advice.and_then(|one| one["write"].as_str()).expect("it is advised");
        assert!(write.starts_with("its program sends Content-Security-Policy itself"), "{write}");
    }
}

/// The rest that the examples lack for 135 is said in them.
#[test]
fn the_examples_have_the_points_that_they_say() {
    // InstaCRUD's front end keeps it from more, and the score says by which change of its code it would have how many.
    let profile = fs::read_to_string(root().join("examples/instacrud/security.toml")).expect("the example is there");
    let score = listed(&profile, &[]);
    assert_eq!(score["reachable"]["points"], 125, "{score:#}");
    assert_eq!(score["advice"][0]["outcome"], "csp-implemented-with-unsafe-inline-in-style-src-only");
    for (example, min) in [("instacrud", "80"), ("crudauth", "130"), ("generic", "130"), ("fastcms", "130")] {
        let path = format!("examples/{example}");
        assert_eq!(run(&root(), &["score", &path, "--min", min]).code, Some(0), "{example}");
    }
}

#[test]
fn a_mode_and_every_declared_target_are_scored() {
    let profile =
        format!("{LEAST}[targets.nginx]\n[targets.caddy]\n[modes.dev]\napp = {{ url = \"http://localhost:8000\" }}\n");
    let ran = score(&profile, &["--mode", "dev"]);
    assert!(
        ran.out.contains("shop in dev, behind nginx") && ran.out.contains("shop in dev, behind Caddy"),
        "{}",
        ran.out
    );
    let one = score(&profile, &["--target", "caddy"]);
    assert!(!one.out.contains("nginx") && one.out.contains("shop in prod, behind Caddy"), "{}", one.out);
}

#[test]
fn a_profile_that_cannot_be_read_has_no_score() {
    let ran = score("version = 1\n[app]\nname = 3\n", &[]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("app.name") || ran.err.contains("PRF003"), "{}", ran.err);
}
