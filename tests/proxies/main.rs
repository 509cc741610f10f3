//! What the rendered configuration does on real servers.
//!
//! `suite/` says, as data, what has to come back; `suite.rs` how that is written. For every file and every server, the
//! built binary renders the profile, the server is started on loopback with an app behind it that contradicts the profile
//! wherever it can, and what comes back is looked at byte for byte. `docs/proxies.md` is the result.
#![cfg(unix)]

#[path = "../support/app.rs"]
mod app;
#[path = "../support/client.rs"]
#[allow(dead_code, reason = "each test uses its share")]
mod client;
mod fill;
mod http2;
mod judge;
mod run;
#[path = "../support/server.rs"]
mod server;
mod site;
mod suite;
mod table;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;
use std::{env, fs, thread};

use run::{Ran, run};
use server::{Kind, Server, installed};
use suite::Suite;

const FOLDER: &str = "tests/proxies/suite";

/// The suite's files, in the order of their names.
fn suites() -> Vec<Suite> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(FOLDER).expect("the suite is there").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a file of the suite can be read");
        Suite::read(path, &text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    // Until a profile can say `app.timeout`, what needs it is left out: THIS FILTER GOES THEN.
    let schema = seccfg::profile::schema::profile().to_string();
    let sayable = |suite: &Suite| !suite.profile.to_string().contains("timeout") || schema.contains("\"timeout\"");
    paths.iter().map(read).filter(sayable).collect()
}

/// All servers. Until seccfg can render for Caddy, its are left out: THIS FUNCTION'S FILTER GOES THEN.
fn servers() -> Vec<Server> {
    let known = seccfg::targets::Output::ALL.iter().map(|output| output.as_str()).collect::<Vec<_>>();
    let kinds = [Kind::Nginx, Kind::Caddy].into_iter().filter(|kind| known.contains(&kind.target()));
    kinds.flat_map(installed).collect()
}

#[test]
fn every_server_answers_as_the_profiles_say() {
    let start = Instant::now();
    let (suites, servers) = (suites(), servers());
    let jobs = Mutex::new(suites.iter().enumerate().flat_map(|(file, suite)| {
        servers.iter().enumerate().map(move |(column, server)| ((file, column), suite, server))
    }));
    let next = || jobs.lock().expect("no thread panics with the lock").next();
    let work = || {
        let mut done = Vec::new();
        while let Some((place, suite, server)) = next() {
            done.push((place, run(server, suite, start)));
        }
        done
    };
    let mut ran: Vec<((usize, usize), Ran)> = thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().flat_map(|thread| thread.join().expect("what goes wrong is told, not thrown")).collect()
    });
    ran.sort_by_key(|(place, _)| *place);

    let asked: usize = ran.iter().map(|(_, ran)| ran.asked).sum();
    eprintln!("{asked} requests judged on {} servers in {:.1?}", servers.len(), start.elapsed());
    let wrong: Vec<&str> = ran.iter().flat_map(|(_, ran)| &ran.wrong).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} wrong:\n\n{}", wrong.len(), wrong.join("\n"));
    let table = table::page(&suites, &servers, &ran);
    // Other servers than those of `scripts/setup` have other results.
    if [Kind::Nginx, Kind::Caddy].iter().all(|kind| env::var_os(kind.variable()).is_none()) {
        assert_fresh(Path::new("docs/proxies.md"), &table);
    }
}

/// Compares the page with that in the repository, or writes it.
fn assert_fresh(path: &Path, text: &str) {
    if fs::read_to_string(path).ok().as_deref() == Some(text) {
        return;
    }
    assert!(
        env::var_os("SECCFG_RENEW").is_some(),
        "{} is stale\nrun: SECCFG_RENEW=1 cargo test --test proxies",
        path.display()
    );
    fs::write(path, text).expect("the page can be written");
}
