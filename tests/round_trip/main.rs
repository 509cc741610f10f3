//! What a target's files say is what the profile says, whatever the profile.
//!
//! Whole profiles are generated, each as a plain twin and hostile ones: the same keys and choices, but every text of its
//! author's is the most hostile that its kind takes. Both are checked and rendered, the real grammar of the target reads
//! both, and the hostile reading has to be the plain one with each text replaced by the other. Which texts may stand
//! where is written down for each target.
//!
//! Without being told, 10,000 hostile twins are made for each server, or as many as there is time for on a slow machine.
//! `SECCFG_POLICIES` says how many there are, however long they take, `SECCFG_SEED` where to begin. A failure tells the seed
//! that makes it again, alone: `SECCFG_SEED=… SECCFG_POLICIES=1 cargo test --test round_trip`.
#![cfg(unix)]

mod caddy;
mod dice;
mod family;
mod gixy;
#[path = "../hostile/judge.rs"]
mod judge;
mod nginx;
#[path = "../hostile/places.rs"]
mod places;
mod policy;
#[path = "../hostile/read.rs"]
mod read;
#[path = "../../src/targets/nginx/escape/reader.rs"]
#[allow(dead_code, reason = "shared with the tests of the writer")]
mod reader;
#[path = "../support/server.rs"]
mod server;
#[path = "../hostile/tree.rs"]
mod tree;
mod values;
mod vocabulary;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

use caddy::Adapter;
use family::{Family, Tally, families};
use judge::Rendered;
use read::Tree;
use server::Kind;
use tempfile::TempDir;

/// How many seeds one run of the parser is for.
const BATCH: u64 = 400;
/// How many seeds there are, where nobody says it.
const POLICIES: u64 = 10_000;
/// After that time, no more of those are begun: all tests together have 25 minutes.
const LONGEST: Duration = Duration::from_mins(5);

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

/// Renders some seeds, reads them by nginx's grammar, and compares. What stands for others is read by both readers: the
/// plain twins, whose directives the hostile ones have to have, and of these the first of each family.
fn batch(folder: &Path, seeds: Range<u64>) -> Tally {
    let mut tally = Tally::default();
    let families = families(seeds, &mut tally);
    let read = |rendered: &[Rendered]| rendered.iter().map(|one| read::read(&one.files)).collect::<Vec<_>>();
    let mut read_twice = Vec::new();
    let trees: Vec<_> = families
        .iter()
        .map(|family| {
            let twins: Vec<_> = family.twins.iter().map(|twin| read(&twin.rendered)).collect();
            (read(&family.plain), twins)
        })
        .collect();
    for (family, (plain, twins)) in families.iter().zip(&trees) {
        read_twice.extend(family.plain.iter().zip(plain).map(|(one, tree)| (family.seed, one, tree)));
        for (twin, trees) in family.twins.iter().zip(twins).take(1) {
            read_twice.extend(twin.rendered.iter().zip(trees).map(|(one, tree)| (twin.seed, one, tree)));
        }
    }
    tally.wrong.extend(differences(folder, &read_twice));
    for (Family { seed, policy, twins, .. }, (plain, hostile)) in families.iter().zip(trees) {
        let plain: Result<Vec<Tree>, String> = plain.into_iter().collect();
        let standing = plain.as_deref().map_err(Clone::clone).and_then(|plain| {
            plain.iter().try_for_each(|tree| nginx::places(policy, tree).map(|places| tally.places.extend(places)))
        });
        let plain = match (standing, plain) {
            (Ok(()), Ok(plain)) => plain,
            (Err(what), _) | (Ok(()), Err(what)) => {
                tally.wrong.push(format!("seed {seed}: the plain twin: {what}, in\n{}", policy.profile));
                continue;
            }
        };
        for (twin, hostile) in twins.iter().zip(hostile) {
            let hostile: Result<Vec<Tree>, String> = hostile.into_iter().collect();
            let compared = hostile.and_then(|hostile| {
                if plain.len() != hostile.len() {
                    return Err(format!("{} modes have become {}", plain.len(), hostile.len()));
                }
                tally.directives += hostile.iter().map(Vec::len).sum::<usize>();
                let mut both = plain.iter().zip(&hostile);
                both.try_for_each(|(plain, hostile)| nginx::compare(policy, &twin.values, plain, hostile))
            });
            tally.wrong.extend(compared.err().map(|what| format!("seed {}: {what}, in\n{}", twin.seed, twin.profile)));
        }
    }
    tally
}

/// Where the parser in Python reads something else in what was rendered, by seed.
fn differences(folder: &Path, read: &[(u64, &Rendered, &Result<Tree, String>)]) -> Vec<String> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for (_, rendered, _) in read {
        let own = folder.join(folders.len().to_string());
        read::write(&own, &rendered.files);
        folders.push(own);
    }
    let trees: Vec<_> = read.iter().map(|(.., tree)| *tree).collect();
    let wrong = read::parse_again(&folders, &trees).into_iter().zip(read);
    wrong.filter_map(|(same, (seed, ..))| Some(format!("seed {seed}: {}", same.err()?))).collect()
}

/// All seeds, a batch at a time on each core.
fn all(seeds: &Range<u64>, batch: impl Fn(usize, Range<u64>) -> Tally + Sync) -> Tally {
    let begun = Instant::now();
    let is_late = || env::var_os("SECCFG_POLICIES").is_none() && begun.elapsed() > LONGEST;
    let next = AtomicU64::new(seeds.start);
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for core in 0..thread::available_parallelism().map_or(2, usize::from) {
            let (next, tally, batch, is_late) = (&next, &tally, &batch, &is_late);
            scope.spawn(move || {
                loop {
                    let start = next.fetch_add(BATCH, Ordering::Relaxed);
                    let told_enough = tally.lock().expect("no thread panics with the lock").wrong.len() > 20;
                    if start >= seeds.end || told_enough || is_late() {
                        return;
                    }
                    let end = (start + BATCH).min(seeds.end);
                    let batch = Tally { seeds: end - start, ..batch(core, start..end) };
                    tally.lock().expect("no thread panics with the lock").add(batch);
                }
            });
        }
    });
    tally.into_inner().expect("all threads are done")
}

/// A folder for thousands of small files: in memory, where there is a place for that.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder can be made")
}

/// The seeds that are asked for.
fn seeds() -> Range<u64> {
    let first = number("SECCFG_SEED", 0);
    first..first + number("SECCFG_POLICIES", POLICIES)
}

#[test]
fn nginx_says_every_generated_policy_exactly() {
    let (start, seeds, folder) = (Instant::now(), seeds(), folder());
    let tally = all(&seeds, |core, seeds| batch(&folder.path().join(core.to_string()), seeds));
    let Tally { seeds: count, rendered, refused, broken, directives, codes, places, wrong } = &tally;
    eprintln!(
        "{:?}: {rendered} policies say the same, in {directives} directives; {refused} refused {codes:?}; {broken} broken",
        start.elapsed()
    );
    let first: Vec<&str> = wrong.iter().take(3).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} are wrong, the first of them:\n{}", wrong.len(), first.join("\n\n"));
    // Fewer would prove less than this test is for.
    assert!(*rendered > refused * 9 || *count < 100, "of {count}, only {rendered} render: {codes:?}");
    let unseen: Vec<_> = nginx::all_places().filter(|place| !places.contains(place)).collect();
    assert!(unseen.is_empty() || *count < 5_000, "no text stands at {unseen:?}");
}

#[test]
fn caddy_reads_every_generated_policy_as_it_is_meant() {
    let (start, seeds, folder) = (Instant::now(), seeds(), folder());
    let adapters: Vec<Adapter> =
        server::installed(Kind::Caddy).into_iter().map(|server| Adapter::start(server, folder.path())).collect();
    let tally = all(&seeds, |_, seeds| {
        let mut tally = Tally::default();
        caddy::compare(&adapters, seeds, &mut tally);
        tally
    });
    let Tally { seeds: count, rendered, refused, broken, directives, codes, wrong, .. } = &tally;
    eprintln!(
        "{:?}: {rendered} policies rendered, {broken} of them in JSON alone; the others say the same in both forms, in \
         {directives} values; {refused} refused {codes:?}",
        start.elapsed()
    );
    let first: Vec<&str> = wrong.iter().take(3).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} are wrong, the first of them:\n{}", wrong.len(), first.join("\n\n"));
    assert!(*rendered > refused * 9 || *count < 100, "of {count}, only {rendered} render: {codes:?}");
    assert!(rendered > &(broken * 2) || *count < 100, "of {rendered}, only {} have a Caddyfile", rendered - broken);
}
