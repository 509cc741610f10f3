//! What CRUDAuth's module says, and what it refuses.

use super::super::{Output, render};
use super::Error;
use crate::apps::Packs;
use crate::check::{Modes, Opened};
use crate::plan::Target;
use crate::source::Source;

const APP: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"crudauth\"\nmode = \"prod\"\n";

/// The module of a profile, checked or not, or why there is none.
fn module(more: &str, edges: &[Target]) -> Result<String, Error> {
    let source = Source::new("security.toml", format!("{APP}{more}"));
    let opened = Opened::read(&source, &[], &Packs::default());
    let policy = opened.policy(opened.modes(Modes::Own)[0]).expect("a profile");
    render(Output::Crudauth, &opened.plans(&policy, edges), super::super::Style::default())
        .map(|mut files| files.swap_remove(0).text)
}

fn rendered(more: &str) -> String {
    module(more, &[]).unwrap_or_else(|error| panic!("{error} for {more}"))
}

#[test]
fn only_an_app_around_crudauth_has_a_module() {
    let source = Source::new("security.toml", APP.replace("crudauth", "generic"));
    let opened = Opened::read(&source, &[], &Packs::default());
    let policy = opened.policy(opened.modes(Modes::Own)[0]).expect("a profile");
    let error =
        render(Output::Crudauth, &opened.plans(&policy, &[]), super::super::Style::default()).expect_err("another app");
    assert_eq!(error.to_string(), "`app.kind` is `generic`, and only an app of kind `crudauth` has CRUDAuth");
}

#[test]
fn flags_that_no_proxy_sets_are_the_same_for_all_cookies() {
    let cookies = "[cookies.a]\nsecure = true\n[cookies.b]\npurpose = \"csrf\"\nsecure = false\n";
    assert!(rendered(cookies).contains("secure=True"), "nginx sets the other's");
    let error = module(cookies, &[Target::Kubernetes]).expect_err("a gateway sets none");
    assert!(error.to_string().starts_with("`cookies.b.secure` is not that of `cookies.a`"), "{error}");
    let scripts = "[cookies.a]\nhttp_only = false\n";
    assert!(module(scripts, &[]).is_ok());
    let error = module(scripts, &[Target::Kubernetes]).expect_err("a gateway sets none");
    assert!(error.to_string().starts_with("`cookies.a.http_only` is false"), "{error}");
}

#[test]
fn a_limit_has_one_owner() {
    let limit = "[rate_limits.routes.sign_up]\nlimit = \"7/min\"\npaths = [\"/register\"]\n";
    let proxy = rendered(limit);
    assert!(proxy.contains("# rate limit sign_up: counted before the app\n"), "{proxy}");
    assert!(!proxy.contains("RateLimit("), "{proxy}");
    let app = rendered(&format!("{limit}[rate_limits]\nenforced_by = \"app\"\n"));
    assert!(app.contains("\"register\": RateLimit(times=7, seconds=60)"), "{app}");
}

#[test]
fn edges_that_part_are_told_apart() {
    let both = "[targets.nginx]\n[targets.kubernetes.gateway]\nname = \"edge\"\n";
    assert!(rendered(both).contains("TRUSTED_PROXY_HOPS = 1"));
    let hops = format!("[proxy]\nhops = 3\ntrusted = [\"10.0.0.0/8\"]\n{both}");
    let error = module(&hops, &[]).expect_err("nginx overwrites what a gateway appends to");
    assert_eq!(
        error.to_string(),
        "crudauth is told one thing behind nginx and another behind kubernetes: say which is meant with --target"
    );
    let behind = |edge| module(&hops, &[edge]).expect("one edge");
    assert!(behind(Target::Nginx).contains("TRUSTED_PROXY_HOPS = 1"));
    assert!(behind(Target::Kubernetes).contains("TRUSTED_PROXY_HOPS = 3"));
}

#[test]
fn no_secret_and_no_clock_is_in_a_module() {
    let profile =
        "[secrets.key]\nsource = \"file:/run/secrets/key\"\n[state]\nbackend = \"redis\"\nurl = \"env:REDIS\"\n";
    let text = rendered(profile);
    assert_eq!(text, rendered(profile));
    assert!(text.starts_with("# Made by seccfg "), "{text}");
    assert!(text.contains("SECRET_KEY = _read_file(\"/run/secrets/key\")\n"), "{text}");
    assert!(text.contains("REDIS_URL = _read_variable(\"REDIS\")\n"), "{text}");
    assert!(text.ends_with("return open_while_running\n"), "{text}");
}

#[test]
fn gaps_are_named_at_the_top() {
    let top = |more| rendered(more).lines().find(|line| line.starts_with("# Not")).map(str::to_owned);
    assert_eq!(top(""), None);
    assert_eq!(top("workers = 2\n").as_deref(), Some("# Not enforced, by waiver: shared state"));
    // CRUDAuth's lockout counts failures; nothing of it counts sign-ins.
    let limit = "[rate_limits]\nenforced_by = \"app\"\nroutes.sign_in = { limit = \"5/min\" }\n";
    assert_eq!(top(limit).as_deref(), Some("# Not enforced, by waiver: rate limit sign_in"));
    assert!(rendered(limit).contains("# rate limit sign_in: counted by nobody\n"));
}
