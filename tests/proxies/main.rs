//! What the rendered configuration does on real servers.
//!
//! `suite/` says, as data, what has to come back; `suite.rs` how that is written. For every file and every server, the
//! built binary renders the profile, the server is started on loopback with an app behind it that contradicts the profile
//! wherever it can, and what comes back is looked at byte for byte. `docs/proxies.md` is the result.
//!
//! What people really run, and which files show that it can be said and holds. Files of `suite/` are asked here, on every
//! server; the others are profiles that `tests/rules.rs`, `tests/init.rs` and `tests/apps` check.
//!
//! | a deployment | is shown by |
//! | --- | --- |
//! | several programs on one site, by path | `tests/proxies/suite/services.toml` `examples/instacrud/security.toml` |
//! | files and a single-page app beside an API | `tests/proxies/suite/files.toml` |
//! | time limits, streams, WebSockets and bodies by path | `tests/proxies/suite/locations.toml` `tests/proxies/suite/upgrades.toml` |
//! | copies of a program, sockets, TLS behind the proxy | `tests/proxies/suite/upstreams.toml` |
//! | a program whose name moves, names with `_` | `tests/proxies/suite/upstreams_named.toml` |
//! | aliases that lead to one name | `tests/proxies/suite/aliases_redirect.toml` |
//! | a balancer that asks by address | `tests/proxies/suite/health.toml` `tests/proxies/suite/health_files.toml` `tests/proxies/suite/health_upstream.toml` |
//! | headers that an app sends by itself | `tests/proxies/suite/headers_from_app.toml` |
//! | installed apps and previews, by CORS | `tests/proxies/suite/cors_apps.toml` |
//! | pages for some networks | `tests/proxies/suite/access.toml` `tests/proxies/suite/access_filter.toml` |
//! | clients that show certificates | `tests/proxies/suite/access_certificates.toml` |
//! | limits by method, with bursts and patterns | `tests/proxies/suite/limits_more.toml` |
//! | networks that no limit counts | `tests/proxies/suite/limits_exempt.toml` |
//! | an API with bearer tokens, which keeps nothing | `templates/init/kinds/api.toml` |
//! | a site where nobody signs in, a webhook receiver | `templates/init/kinds/static.toml` `templates/init/kinds/webhook.toml` |
//! | sign-in by others alone, or by passkeys | `templates/init/kinds/sso.toml` `templates/init/kinds/passkeys.toml` |
//! | a hobby app on one file | `templates/init/kinds/hobby.toml` |
//! | a private authority | `tests/rules/TLS009/pass-private.toml` `tests/rules/TLS013/pass-private-authority.toml` |
//! | OAuth clients that are public, or show a key | `tests/rules/OAU001/pass-public.toml` `tests/rules/OAU001/pass-key.toml` |
//! | documentation that is meant for everyone | `tests/rules/RND004/pass-public-documentation-in-staging.toml` `tests/rules/SRV004/pass-public.toml` |
//! | plain HTTP that gets no answer | `tests/proxies/suite/plain_http_refused.toml` `tests/proxies/suite/health_refused.toml` |
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

/// What the head of this file names is there, so that the table does not outlive what it is about.
#[test]
fn the_table_of_deployments_names_files_that_are_there() {
    let rows = include_str!("main.rs").lines().filter_map(|line| line.strip_prefix("//! | "));
    let named: Vec<&str> =
        rows.flat_map(|row| row.split('`').skip(1).step_by(2)).filter(|name| name.contains('/')).collect();
    assert!(named.len() > 20, "the table is not read: {named:?}");
    let gone: Vec<&&str> = named.iter().filter(|name| !Path::new(name).is_file()).collect();
    assert!(gone.is_empty(), "{gone:?}");
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
