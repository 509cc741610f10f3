//! `cargo bench --bench verify`: how long it takes to look at a whole site that runs on this machine, from the start of the
//! program to its end.
//!
//! | figure | limit |
//! | --- | --- |
//! | `seccfg verify` of the site of each example behind nginx, without `--active` | 300 ms |

#![allow(missing_docs, reason = "a benchmark")]

#[path = "../tests/verify/app.rs"]
mod app;
#[path = "../tests/verify/certificates.rs"]
mod certificates;
#[path = "../tests/support/server.rs"]
mod server;
#[path = "../tests/verify/site.rs"]
mod site;
#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use certificates::Shown;
use server::{Kind, installed};
use site::{Plan, Site};

const LIMIT: Duration = Duration::from_millis(300);
const ROUNDS: usize = 15;

fn main() {
    let server = installed(Kind::Nginx).remove(0);
    let untouched = |_: &Path| {};
    for name in ["instacrud", "fastcms", "crudauth"] {
        let path = support::root().join("examples").join(name).join("security.toml");
        let profile = fs::read_to_string(path).expect("the example is there").parse().expect("it is TOML");
        let site = Site::start(&Plan { server: &server, profile, shown: Shown::Good, spoil: &untouched });
        let mut times: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let began = Instant::now();
                let ran = site.verify(&[]);
                assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
                began.elapsed()
            })
            .collect();
        times.sort_unstable();
        let median = times[times.len() / 2];
        let verdict = if median <= LIMIT { "ok" } else { "TOO SLOW" };
        println!("seccfg verify of {name}: {median:.0?} (limit {LIMIT:.0?}) {verdict}");
    }
}
