//! What the rendered configuration does on real servers.
//!
//! `suite/` says, as data, what has to come back; `suite.rs` how that is written. For every file and every server, the
//! built binary renders the profile, the server is started on loopback with an app behind it that contradicts the profile
//! wherever it can, and what comes back is looked at byte for byte. `docs/proxies.md` is the result.
#![cfg(unix)]

#[path = "../support/app.rs"]
mod app;
#[path = "../support/client.rs"]
mod client;
mod clients;
mod fill;
mod http2;
mod itself;
mod judge;
mod others;
mod run;
mod scan;
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

use run::{Ran, names, run};
use server::{Kind, Server, installed};
use suite::{Suite, Via};

const FOLDER: &str = "tests/proxies/suite";

/// The variable that names a part of the suite: files whose names hold this text are run, and the page is left alone.
const PART: &str = "SECCFG_SUITE";

/// The suite's files, in the order of their names.
fn suites() -> Vec<Suite> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(FOLDER).expect("the suite is there").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    if let Some(part) = env::var_os(PART) {
        paths.retain(|path| path.to_string_lossy().contains(&*part.to_string_lossy()));
    }
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a file of the suite can be read");
        Suite::read(path, &text, &names(0, Via::Ipv4)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths.iter().map(read).collect()
}

/// All servers.
fn servers() -> Vec<Server> {
    Kind::ALL.into_iter().flat_map(installed).collect()
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
        // Much of it is waiting: for servers to start, and for apps that keep them waiting.
        let threads = [scope.spawn(work), scope.spawn(work), scope.spawn(work)];
        threads.into_iter().flat_map(|thread| thread.join().expect("what goes wrong is told, not thrown")).collect()
    });
    ran.sort_by_key(|(place, _)| *place);

    let asked: usize = ran.iter().map(|(_, ran)| ran.asked).sum();
    eprintln!("{asked} requests judged on {} servers in {:.1?}", servers.len(), start.elapsed());
    let wrong: Vec<&str> = ran.iter().flat_map(|(_, ran)| &ran.wrong).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} wrong:\n\n{}", wrong.len(), wrong.join("\n"));
    let table = table::page(&suites, &servers, &ran);
    // A part of the suite, or servers other than those of `scripts/setup`, have other results.
    let all = [PART, Kind::Nginx.variable(), Kind::Caddy.variable()].iter().all(|name| env::var_os(name).is_none());
    if all {
        assert_fresh(Path::new("docs/proxies.md"), &table);
    } else {
        eprintln!("{table}");
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

#[test]
fn tls_is_the_guidelines_and_nothing_more() {
    use scan::{Guideline, Key, scan};

    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let servers = servers();
    let scans = servers.iter().flat_map(|server| {
        let guidelines = [Guideline::Intermediate, Guideline::Modern];
        guidelines.into_iter().flat_map(move |guideline| [Key::Ecdsa, Key::Rsa].map(|key| (server, guideline, key)))
    });
    let wrong: Vec<String> =
        scans.flat_map(|(server, guideline, key)| scan(server, guideline, key, folder.path())).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
