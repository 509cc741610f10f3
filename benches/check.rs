//! `cargo bench`: what a check costs, as a process beside the floor and inside beside the parse.
//!
//! | figure | limit |
//! | --- | --- |
//! | `seccfg check` on the clean example, against the floor's process time | 1.2 |
//! | all rules together, against the parse of the profile, in process | 1 |
//! | schema and rules together, against the parse, in process | 0.5 |
//! | a run with one finding, against a clean one | 1.5 |
//! | resident memory of one check | 4 MiB |
//! | the release binary | 5 MiB |
//!
//! Runs of the two programs alternate, so that whatever else the machine does hits both; the figures are medians.

#![allow(missing_docs, reason = "a benchmark")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use seccfg::apps::Packs;
use seccfg::check::{Opened, Options};
use seccfg::profile::{Document, Mode};
use seccfg::rules;
use seccfg::source::Source;

const CLEAN: &str = "examples/instacrud/security.toml";
const TODAY: &str = "2026-11-21";
const ROUNDS: usize = 400;

fn main() {
    let programs = build();
    let one_finding = one_finding();
    let [floor, clean, finding] = processes(&programs, one_finding.path());
    println!("process, median of {ROUNDS} runs");
    println!("  floor                     {floor:>10.1?}");
    println!("  seccfg check              {clean:>10.1?}   {:.2} x the floor (limit 1.2)", ratio(clean, floor));
    println!("  seccfg check, one finding {finding:>10.1?}   {:.2} x the clean run (limit 1.5)", ratio(finding, clean));
    inside();
    if let Some(kib) = resident(&programs.seccfg) {
        println!("resident memory              {:>7.2} MiB (limit 4)", kib / 1024.0);
    } else {
        println!("resident memory: not measured, GNU time is not installed");
    }
    let size = std::fs::metadata(&programs.seccfg).expect("the program was built").len();
    println!(
        "release binary               {:>7.2} MiB (limit 5)",
        f64::from(u32::try_from(size).expect("small")) / 1_048_576.0
    );
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

struct Programs {
    floor: PathBuf,
    seccfg: PathBuf,
}

/// Builds both programs with the same settings, one after the other: built together, seccfg would get the features that
/// only the tests' dependencies ask for.
fn build() -> Programs {
    for program in [["--bin", "seccfg"], ["--example", "floor"]] {
        let status = Command::new(env!("CARGO")).args(["build", "--quiet", "--release"]).args(program).status();
        assert!(status.is_ok_and(|status| status.success()), "{program:?} does not build");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    Programs { floor: target.join("release/examples/floor"), seccfg: target.join("release/seccfg") }
}

/// The clean example with one thing wrong.
fn one_finding() -> tempfile::NamedTempFile {
    let text = std::fs::read_to_string(CLEAN).expect("the example is there");
    let broken = text.replace("max_age = \"1y\"", "max_age = \"30d\"");
    assert_ne!(text, broken);
    let file = tempfile::Builder::new().suffix(".toml").tempfile().expect("a temporary file");
    std::fs::write(file.path(), broken).expect("a temporary file takes text");
    file
}

fn timed(program: &Path, args: &[&Path]) -> Duration {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status();
    let time = start.elapsed();
    assert!(status.is_ok_and(|status| status.code().is_some()), "{} did not run", program.display());
    time
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn processes(programs: &Programs, finding: &Path) -> [Duration; 3] {
    // The example's waivers have dates.
    let (check, today, day, clean) = (Path::new("check"), Path::new("--today"), Path::new(TODAY), Path::new(CLEAN));
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        times[0].push(timed(&programs.floor, &[clean]));
        times[1].push(timed(&programs.seccfg, &[check, today, day, clean]));
        times[2].push(timed(&programs.seccfg, &[check, today, day, finding]));
    }
    times.map(median)
}

/// How long one call takes, as the median of many batches.
fn each<T>(mut call: impl FnMut() -> T) -> Duration {
    const BATCH: u32 = 50;
    let batch = || {
        let start = Instant::now();
        for _ in 0..BATCH {
            black_box(call());
        }
        start.elapsed() / BATCH
    };
    median(std::iter::repeat_with(batch).take(200).collect())
}

fn inside() {
    let source = Source::new(CLEAN, std::fs::read_to_string(CLEAN).expect("the example is there"));
    let parse = each(|| Document::parse(black_box(&source)));
    let document = Document::parse(&source);
    let schema = each(|| black_box(&document).read());
    let opened = Opened::read(&source, &[], &Packs::default());
    let options = Options { today: TODAY.parse().ok(), ..Options::default() };
    let policy = opened.policy(Mode::Prod).expect("the example is a profile");
    let plan = each(|| black_box(&opened).plans(&policy, &[]).len());
    let plans = opened.plans(&policy, &[]);
    let facts = opened.facts(&policy).expect("the example's app is known");
    let rules = each(|| rules::run(&facts, black_box(&plans), &[]));
    let all = each(|| black_box(&opened).check(&options));
    println!("in process");
    println!("  parse                     {parse:>10.1?}");
    println!("  schema                    {schema:>10.1?}");
    println!("  plan                      {plan:>10.1?}");
    println!("  rules                     {rules:>10.1?}   {:.2} x the parse (limit 1)", ratio(rules, parse));
    println!("  policy, plan and rules    {all:>10.1?}");
    println!("  schema and rules                       {:.2} x the parse (limit 0.5)", ratio(schema + all, parse));
}

/// The most memory that a check had resident, in KiB, as GNU time tells it.
fn resident(program: &Path) -> Option<f64> {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M"])
        .arg(program)
        .args(["check", CLEAN])
        .stdout(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stderr).ok()?.trim().parse().ok()
}
