//! `seccfg verify` against real servers: it finds nothing where the rendered files run, and what was spoiled, by its code
//! and line and nothing else, where they do not.
#![cfg(unix)]

mod app;
mod certificates;
mod rogue;
#[path = "../support/server.rs"]
mod server;
mod site;
mod spoiled;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;

use certificates::Shown;
use server::{Kind, Server, installed};
use site::{Plan, Site, found};
use toml::Table;

fn servers() -> Vec<Server> {
    [Kind::Nginx, Kind::Caddy].into_iter().flat_map(installed).collect()
}

fn example(name: &str) -> Table {
    let path = support::root().join("examples").join(name).join("security.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().expect("an example is TOML")
}

#[test]
fn what_is_rendered_does_what_the_profile_says() {
    let untouched = |_: &Path| {};
    for server in servers() {
        for name in ["instacrud", "fastcms", "crudauth", "generic"] {
            let plan = Plan { server: &server, profile: example(name), shown: Shown::Good, spoil: &untouched };
            let site = Site::start(&plan);
            let seen = site.seen(&["--active"]);
            assert_eq!(found(&seen), [], "{name} on {}: {seen:#}", server.label());
        }
    }
}

#[test]
fn what_is_for_the_site_alone_goes_to_nobody_else() {
    let profile: Table = include_str!("base.toml").parse().expect("the base is TOML");
    let nginx = installed(Kind::Nginx).remove(0);
    let untouched = |_: &Path| {};
    let secret = "made-up-and-not-shown";
    let header = format!("X-Staging: {secret}");
    let cookie = format!("preview={secret}");
    for (shown, is_sent) in [(Shown::Good, true), (Shown::SelfSigned, false)] {
        let site = Site::start(&Plan { server: &nginx, profile: profile.clone(), shown, spoil: &untouched });
        let ran = site.verify(&["--header", &header, "--cookie", &cookie, "--out", "seen.json"]);
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{}{}", ran.out, ran.err);
        let heard = site.app.heard();
        for line in [format!("x-staging: {secret}"), format!("cookie: preview={secret}")] {
            assert_eq!(heard.contains(&line), is_sent, "{shown:?}: {heard:?}");
        }
    }
}
