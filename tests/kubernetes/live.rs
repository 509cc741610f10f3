//! The proxies' suite of requests on a real gateway: Traefik, current and older, which reads what is rendered from the API
//! server of `support/cluster.rs`.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;
use std::{env, fs, thread};

use crate::run::{Ran, names, run};
use crate::server::{Kind, Server, installed};
use crate::suite::{Suite, Via};

const FOLDER: &str = "tests/proxies/suite";

/// The variable that names a part of the suite.
const PART: &str = "SECCFG_SUITE";

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

#[test]
fn the_gateway_answers_as_the_profiles_say() {
    let start = Instant::now();
    let (suites, servers) = (suites(), installed(Kind::Traefik));
    let jobs = Mutex::new(suites.iter().flat_map(|suite| servers.iter().map(move |server| (suite, server))));
    let next = || jobs.lock().expect("no thread panics with the lock").next();
    let work = || {
        let mut done: Vec<(&Suite, &Server, Ran)> = Vec::new();
        while let Some((suite, server)) = next() {
            let begun = Instant::now();
            let ran = run(server, suite, start);
            eprintln!("{} on {}: {} asked in {:.1?}", suite.path.display(), server.label(), ran.asked, begun.elapsed());
            done.push((suite, server, ran));
        }
        done
    };
    let ran: Vec<(&Suite, &Server, Ran)> = thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work), scope.spawn(work)];
        threads.into_iter().flat_map(|thread| thread.join().expect("what goes wrong is told, not thrown")).collect()
    });
    let asked: usize = ran.iter().map(|(_, _, ran)| ran.asked).sum();
    for (suite, server, ran) in &ran {
        let name = suite.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !ran.unenforced.is_empty() {
            eprintln!("{name} on {}: refused: {:?}", server.label(), ran.unenforced);
            continue;
        }
        eprintln!("{name} on {}: {} asked, {} wrong, {:?}", server.label(), ran.asked, ran.wrong.len(), ran.needs);
    }
    eprintln!("{asked} requests judged on {} gateways in {:.1?}", servers.len(), start.elapsed());
    let wrong: Vec<&str> = ran.iter().flat_map(|(_, _, ran)| &ran.wrong).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} wrong:\n\n{}", wrong.len(), wrong.join("\n"));
}
