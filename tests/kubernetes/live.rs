//! Requests of the proxies' suite on a real gateway: Traefik, which reads what is rendered from the API server of
//! `support/cluster.rs`.
//!
//! Every file named here is asked whole. What Traefik answers otherwise than nginx and Caddy is judged once, as a kind
//! ([`JUDGED`]); whatever else is wrong fails. What no gateway can do is refused by `seccfg render`, control by control
//! ([`REFUSED`]).

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;
use std::{fs, thread};

use crate::run::{Ran, names, run};
use crate::server::{Kind, Server, installed};
use crate::suite::{Suite, Via};

const FOLDER: &str = "tests/proxies/suite";

/// What is asked.
const ASKED: [&str; 14] = [
    "absent",
    "bodies",
    "cors",
    "cors_apps",
    "cors_none",
    "docs_mounted",
    "headers",
    "headers_from_app",
    "headers_report_only",
    "heads",
    "limits_mounted",
    "no_store",
    "server",
    "tls_intermediate",
];

/// What no gateway does, by the files that ask for it.
const REFUSED: [(&str, &str); 4] = [
    ("cookies_cleared", "cookie shop.theme"),
    ("files", "service page"),
    ("locations", "location export"),
    ("upstreams", "way to the app"),
];

/// What Traefik answers otherwise, as the plan's notes say, too: of which cases (any, where none is named), how the complaint begins, and why that is no
/// weakness.
const JUDGED: [(&str, &str, &str); 4] = [
    (
        "",
        "expected 204, got 200 ",
        "its Middleware answers a preflight with 200: browsers ask for any status of success",
    ),
    (
        "",
        "Access-Control-*: expected none, got [\"access-control-allow-credentials\"",
        "without an allowed origin beside it, browsers ignore that credentials are",
    ),
    (
        "",
        "Access-Control-*: expected none, got [\"Access-Control-Allow-Credentials\"",
        "without an allowed origin beside it, browsers ignore that credentials are",
    ),
    (
        "a preflight that names no origin",
        "the app saw ",
        "what names no origin is no preflight to it, and no browser sends that: the app answers",
    ),
];

fn suite(name: &str) -> Suite {
    let path = Path::new(FOLDER).join(format!("{name}.toml"));
    let text = fs::read_to_string(&path).expect("a file of the suite can be read");
    Suite::read(&path, &text, &names(0, Via::Ipv4)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Asks everything of some suites on every gateway, two at a time: much of it is waiting.
fn all<'s>(suites: &'s [Suite], servers: &'s [Server]) -> Vec<(&'s Suite, Ran)> {
    let begun = Instant::now();
    let jobs = Mutex::new(suites.iter().flat_map(|suite| servers.iter().map(move |server| (suite, server))));
    let next = || jobs.lock().expect("no thread panics with the lock").next();
    let work = || {
        let mut done = Vec::new();
        while let Some((suite, server)) = next() {
            done.push((suite, run(server, suite, begun)));
        }
        done
    };
    thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work), scope.spawn(work)];
        threads.into_iter().flat_map(|thread| thread.join().expect("what goes wrong is told, not thrown")).collect()
    })
}

#[test]
fn the_gateway_answers_as_the_profiles_say() {
    let begun = Instant::now();
    let (suites, servers) = (ASKED.map(suite), installed(Kind::Traefik));
    let ran = all(&suites, &servers);
    let asked: usize = ran.iter().map(|(_, ran)| ran.asked).sum();
    eprintln!("{asked} requests judged on {} gateways in {:.1?}", servers.len(), begun.elapsed());
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (suite, ran) in &ran {
        let is_asked = ran.asked > 0 && ran.needs.is_none();
        assert!(is_asked, "{} ({}): {:?} {:?}", suite.path.display(), suite.control, ran.needs, ran.unenforced);
        for one in &ran.wrong {
            let complaints: Vec<&str> = one.lines().filter_map(|line| line.strip_prefix("    ")).collect();
            let is_judged =
                |case: &str, start: &str, complaint: &str| one.contains(case) && complaint.starts_with(start);
            let judged = |complaint: &&str| JUDGED.iter().find(|(case, start, _)| is_judged(case, start, complaint));
            let known: Vec<_> = complaints.iter().filter_map(judged).collect();
            // The log stands behind what is wrong.
            if known.len() == complaints.len() && (!known.is_empty() || one.contains(" said:\n")) {
                seen.extend(known.iter().map(|(_, start, _)| *start));
            } else {
                wrong.push(one.as_str());
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n\n{}", wrong.len(), wrong.join("\n"));
    // What is seen no more is no difference.
    let unseen: Vec<&str> = JUDGED.iter().map(|(_, start, _)| *start).filter(|start| !seen.contains(start)).collect();
    assert_eq!(unseen, [""; 0]);
}

#[test]
fn what_no_gateway_does_is_refused_before_anything_is_written() {
    let servers = installed(Kind::Traefik);
    let suites = REFUSED.map(|(name, _)| suite(name));
    for (suite, ran) in all(&suites, &servers[..1]) {
        let name = suite.path.file_stem().unwrap_or_default().to_string_lossy();
        let (_, control) = REFUSED.iter().find(|(file, _)| *file == name).expect("it was asked");
        assert!(ran.unenforced.iter().any(|one| one == control), "{name}: {:?} {:?}", ran.unenforced, ran.wrong);
    }
}
