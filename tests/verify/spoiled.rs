//! Sites of which one thing was spoiled: each is found by its code, at its line of the profile, and nothing else is. Most are
//! nginx's (`nginx.rs`); Caddy's are those that its own words can do wrong (`caddy.rs`).
//!
//! What can go wrong has several members there, each an entry that says so: a header that is dropped (below one path, on errors,
//! on a stream), HSTS (twice, in one line, short, gone, without subdomains), CORS (reflecting, on preflights alone, for who begins
//! as a listed origin, for `null`, missing on errors, twice, without credentials, 405), documents and closed paths under one
//! spelling, TLS 1.1, suites and groups, limits (missing, per worker, dodged by a spelling or a path, without `Retry-After`,
//! 503), forged addresses, cookies' flags, nonces, certificates (self-signed, over, not valid yet, for another host, of an unknown
//! authority, without its chain), redirects, versions, default sites, the dot at the end of a name, `no-store`, aliases without
//! TLS, gzip of secrets, streams that are held back, services, the health question, bodies.

mod caddy;
mod nginx;

use std::fs;
use std::path::Path;

pub use nginx::CIPHERS;
use toml::Table;

use crate::certificates::Shown;
use crate::server::{Kind, Server, installed};
use crate::site::{Plan, Site, found};

/// A change of a rendered file: which, what stands there, and what is to stand there. `*` is every file.
pub type Edit = (&'static str, &'static str, &'static str);

struct Spoiled {
    what: &'static str,
    shown: Shown,
    edits: &'static [Edit],
    code: &'static str,
    key: &'static str,
}

const fn spoiled(what: &'static str, edits: &'static [Edit], code: &'static str, key: &'static str) -> Spoiled {
    Spoiled { what, shown: Shown::Good, edits, code, key }
}

const fn shown(what: &'static str, shown: Shown, code: &'static str, key: &'static str) -> Spoiled {
    Spoiled { what, shown, edits: &[], code, key }
}

pub fn spoil(folder: &Path, edits: &[Edit]) {
    const FILES: [&str; 6] = ["nginx.conf", "common.conf", "seccfg.conf", "site.conf", "common.caddy", "site.caddy"];
    let files: Vec<&&str> = FILES.iter().filter(|file| folder.join(file).exists()).collect();
    for (name, from, to) in edits {
        let mut found = false;
        for file in files.iter().filter(|file| *name == "*" || name == **file) {
            let path = folder.join(file);
            let text = fs::read_to_string(&path).expect("it was rendered");
            found |= text.contains(from);
            fs::write(&path, text.replace(from, to)).expect("a file can be written");
        }
        assert!(found, "{name} does not say {from}");
    }
}

fn is_found(server: &Server, profile: &Table, one: &Spoiled) -> Result<(), String> {
    let spoil = |folder: &Path| spoil(folder, one.edits);
    let site = Site::start(&Plan { server, profile: profile.clone(), shown: one.shown, spoil: &spoil });
    let seen = site.seen(&["--active"]);
    let found = found(&seen);
    if found == [(one.code.to_owned(), one.key.to_owned())] {
        return Ok(());
    }
    Err(format!("{}: {found:?} in place of {} at {}: {:#}", one.what, one.code, one.key, seen["findings"]))
}

#[test]
fn what_was_spoiled_is_found_and_nothing_else() {
    let profile: Table = include_str!("base.toml").parse().expect("the base is TOML");
    let servers = [Kind::Nginx, Kind::Caddy].map(|kind| installed(kind).remove(0));
    let jobs = nginx::ALL.iter().map(|one| (&servers[0], one)).chain(caddy::ALL.iter().map(|one| (&servers[1], one)));
    let jobs = std::sync::Mutex::new(jobs);
    let work = || {
        let mut wrong = Vec::new();
        loop {
            let next = jobs.lock().expect("no thread panics with the lock").next();
            let Some((server, one)) = next else { return wrong };
            wrong.extend(is_found(server, &profile, one).err());
        }
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work), scope.spawn(work)];
        threads.into_iter().flat_map(|thread| thread.join().expect("what goes wrong is told")).collect()
    });
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A policy that the app sends itself holds another nonce on every answer, which shows where a page is asked for twice.
#[test]
fn a_nonce_of_the_apps_own_is_another_one_each_time() {
    const CONSTANT: &str = "merge_slashes on; proxy_hide_header Content-Security-Policy;\n    add_header \
        Content-Security-Policy \"script-src 'nonce-c2VjY2ZnLWlzLWNvbnN0YW50'\" always;";
    let server = installed(Kind::Nginx).remove(0);
    let mut profile: Table = include_str!("base.toml").parse().expect("the base is TOML");
    let headers = profile["headers"].as_table_mut().expect("it is a section");
    headers.remove("content_security_policy");
    headers.insert("from_app".to_owned(), toml::Value::from(vec!["Content-Security-Policy"]));
    profile["services"]["front"].as_table_mut().expect("it is a section").remove("headers");
    for (edits, code) in [(&[][..], None), (&[("site.conf", "merge_slashes on;", CONSTANT)][..], Some("HDR001"))] {
        let spoil = |folder: &Path| spoil(folder, edits);
        let site = Site::start(&Plan { server: &server, profile: profile.clone(), shown: Shown::Good, spoil: &spoil });
        let seen = site.seen(&[]);
        let expected: Vec<_> = code.map(|code| (code.to_owned(), "headers.from_app".to_owned())).into_iter().collect();
        assert_eq!(found(&seen), expected, "{:#}", seen["findings"]);
    }
}

/// Whom a limit does not count, how many it lets through at once, and for which methods: it is not called missing for that.
#[test]
fn a_limit_is_asked_as_it_counts() {
    let server = installed(Kind::Nginx).remove(0);
    let untouched = |_: &Path| {};
    for (changes, told) in [
        ("exempt = [\"127.0.0.0/8\"]", "one of those whom no limit counts"),
        ("routes.sign_in.methods = [\"GET\"]\nroutes.sign_in.burst = 20", "429 after 2"),
        ("routes.sign_in.methods = [\"DELETE\"]", "only methods that may change something"),
    ] {
        let mut profile: Table = include_str!("base.toml").parse().expect("the base is TOML");
        let changes: Table = changes.parse().expect("it is TOML");
        let limits = profile["rate_limits"].as_table_mut().expect("it is a section");
        for (key, value) in changes {
            match (limits.get_mut(&key).and_then(|own| own.get_mut("sign_in")), value.get("sign_in")) {
                (Some(toml::Value::Table(own)), Some(toml::Value::Table(more))) => own.extend(more.clone()),
                (_, _) => drop(limits.insert(key, value)),
            }
        }
        let site = Site::start(&Plan { server: &server, profile, shown: Shown::Good, spoil: &untouched });
        let ran = site.verify(&["--active", "--out", "seen.json"]);
        assert_eq!(ran.code, Some(0), "{told}: {}{}", ran.out, ran.err);
        let seen = fs::read_to_string(site.path().join("seen.json")).expect("it was written");
        assert!(seen.contains(told), "{told}: {seen}");
    }
}

/// A limit that refuses sooner than asked keeps honest people out. One that an earlier run has used up a moment ago does not.
#[test]
fn a_limit_that_is_tighter_than_asked_is_told() {
    let server = installed(Kind::Nginx).remove(0);
    let mut profile: Table = include_str!("base.toml").parse().expect("the base is TOML");
    let limits = profile["rate_limits"]["routes"]["sign_in"].as_table_mut().expect("it is a table");
    limits.insert("limit".to_owned(), toml::Value::from("5/s"));
    let key = "rate_limits.routes.sign_in.limit";
    let at_once = ("site.conf", "burst=4 nodelay", "burst=1 nodelay");
    let none_at_once = ("site.conf", "burst=4 nodelay", "");
    for (edits, told) in [
        (&[at_once][..], Some("after 2 requests, the next one is refused with 429, and 5 may come at once")),
        (&[none_at_once][..], Some("the second request is refused with 429")),
        (&[], None),
    ] {
        let spoil = |folder: &Path| spoil(folder, edits);
        let site = Site::start(&Plan { server: &server, profile: profile.clone(), shown: Shown::Good, spoil: &spoil });
        for _ in 0..2 {
            let seen = site.seen(&["--active"]);
            let expected: Vec<_> = told.map(|_| ("RAT003".to_owned(), key.to_owned())).into_iter().collect();
            assert_eq!(found(&seen), expected, "{:#}", seen["findings"]);
            assert!(told.is_none_or(|told| seen["findings"].to_string().contains(told)), "{:#}", seen["findings"]);
        }
    }
}

/// A limit that the app does not count is told with what does count it: no check of the profile would show more.
#[test]
fn a_limit_that_the_app_does_not_count_is_told_with_what_does() {
    let server = installed(Kind::Nginx).remove(0);
    let mut profile: Table = include_str!("base.toml").parse().expect("the base is TOML");
    let limits = profile["rate_limits"].as_table_mut().expect("it is a table");
    limits.insert("enforced_by".to_owned(), toml::Value::from("app"));
    let spoil = |folder: &Path| spoil(folder, &[]);
    let site = Site::start(&Plan { server: &server, profile, shown: Shown::Good, spoil: &spoil });
    let seen = site.seen(&["--active"]);
    let findings = seen["findings"].as_array().into_iter().flatten();
    let helps: Vec<&str> =
        findings.filter(|one| one["code"] == "RAT003").filter_map(|one| one["help"].as_str()).collect();
    assert!(!helps.is_empty(), "{:#}", seen["findings"]);
    for help in helps {
        assert!(help.contains("leave `rate_limits.enforced_by` out") && !help.contains("seccfg check"), "{help}");
    }
}
