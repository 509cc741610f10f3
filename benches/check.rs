//! `cargo bench`: what a check costs, as a process beside the floor and inside beside the parse.
//!
//! | figure | limit |
//! | --- | --- |
//! | `seccfg check` on the clean example, as `cargo install` builds it, against the floor's process time | 1.7 |
//! | the same as `scripts/release` builds it, against the same floor | 1.1 |
//! | a run with one finding, against a clean one | 1.5 |
//! | a check that judges a `.env` file of 10,000 lines | 30 ms |
//! | 10,000 profiles, against the floor that parses them one after the other | 1.5 |
//! | resident memory of that, with findings, too, and of 50,000 | 12 MiB |
//! | an editor's keystroke in 1,000 lines, from the change to what is told of it, the slowest of 100 | 10 ms |
//! | all rules together, against the parse of the profile, in process | 1 |
//! | schema and rules together, against the parse, in process | 0.5 |
//! | resident memory of one check | 4 MiB, as distributed 2.5 MiB |
//! | the release binary | 5 MiB |
//!
//! Runs of the programs alternate, so that whatever else the machine does hits all; the figures are medians. What
//! `scripts/release` builds is measured where that has been run since.

#![allow(missing_docs, reason = "a benchmark")]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use seccfg::apps::Packs;
use seccfg::check::{Opened, Options};
use seccfg::profile::{Document, Mode};
use seccfg::rules;
use seccfg::source::Source;
use serde_json::{Value, json};

const CLEAN: &str = "examples/instacrud/security.toml";
const TODAY: &str = "2026-11-21";
const ROUNDS: usize = 400;
const FEW_ROUNDS: usize = 7;

fn main() {
    let programs = build();
    alone(&programs);
    env_file(&programs.seccfg);
    many(&programs);
    typing(&programs.seccfg);
    inside();
    sizes(&programs);
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

struct Programs {
    floor: PathBuf,
    seccfg: PathBuf,
    distributed: Option<PathBuf>,
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
    let distributed = Some(target.join("distributed/seccfg")).filter(|path| path.exists());
    Programs { floor: target.join("release/examples/floor"), seccfg: target.join("release/seccfg"), distributed }
}

/// The clean example with one thing wrong.
fn with_one_finding() -> String {
    let text = fs::read_to_string(CLEAN).expect("the example is there");
    let broken = text.replace("max_age = \"1y\"", "max_age = \"30d\"");
    assert_ne!(text, broken);
    broken
}

fn file(ending: &str, text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(ending).tempfile().expect("a temporary file");
    fs::write(file.path(), text).expect("a temporary file takes text");
    file
}

/// A program and what it is called with.
struct Run<'r> {
    program: &'r Path,
    args: Vec<&'r Path>,
}

impl<'r> Run<'r> {
    fn new(program: &'r Path, args: &[&'r Path]) -> Self {
        Self { program, args: args.to_vec() }
    }

    /// A check on the day on which the example's waivers are good.
    fn check(program: &'r Path, args: &[&'r Path]) -> Self {
        let day = [Path::new("check"), Path::new("--today"), Path::new(TODAY)];
        Self { program, args: [&day[..], args].concat() }
    }

    fn time(&self) -> Duration {
        let mut command = Command::new(self.program);
        command.args(&self.args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status();
        let time = start.elapsed();
        assert!(status.is_ok_and(|status| status.code().is_some()), "{} did not run", self.program.display());
        time
    }

    /// Whether it finds nothing. What is called clean here and draws a finding would be another measurement.
    fn finds_nothing(&self) -> bool {
        let output = Command::new(self.program).args(&self.args).stdin(Stdio::null()).output();
        output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("no findings"))
    }

    /// The most memory that it had resident, in MiB, as GNU time tells it.
    fn resident(&self) -> Option<f64> {
        let mut command = Command::new("/usr/bin/time");
        command.args(["-q", "-f", "%M"]).arg(self.program).args(&self.args);
        let output = command.stdin(Stdio::null()).stdout(Stdio::null()).output().ok()?;
        let kib: f64 = String::from_utf8(output.stderr).ok()?.trim().parse().ok()?;
        Some(kib / 1024.0)
    }

    /// The same in words.
    fn resident_in_words(&self) -> String {
        self.resident().map_or_else(
            || "memory not measured, GNU time is not installed".to_owned(),
            |mib| format!("{mib:>7.2} MiB"),
        )
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The medians of runs that alternate.
fn medians<const N: usize>(rounds: usize, runs: [&Run<'_>; N]) -> [Duration; N] {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (run, times) in runs.iter().zip(&mut times) {
            times.push(run.time());
        }
    }
    times.map(median)
}

fn alone(programs: &Programs) {
    let (clean, broken) = (Path::new(CLEAN), file(".toml", &with_one_finding()));
    let floor = Run::new(&programs.floor, &[clean]);
    let check = Run::check(&programs.seccfg, &[clean]);
    let finding = Run::check(&programs.seccfg, &[broken.path()]);
    assert!(check.finds_nothing() && !finding.finds_nothing(), "{CLEAN} is not clean, or stays so");
    let distributed = programs.distributed.as_deref().map(|program| Run::check(program, &[clean]));
    let [least, clean, finding, started] =
        medians(ROUNDS, [&floor, &check, &finding, distributed.as_ref().unwrap_or(&check)]);
    println!("process, median of {ROUNDS} runs");
    println!("  floor                     {least:>10.1?}");
    println!("  seccfg check              {clean:>10.1?}   {:.2} x the floor (limit 1.7)", ratio(clean, least));
    match &distributed {
        Some(_) => println!(
            "  the same, distributed     {started:>10.1?}   {:.2} x the floor (limit 1.1)",
            ratio(started, least)
        ),
        None => println!("  the same, distributed: not measured, `scripts/release` builds it"),
    }
    println!("  seccfg check, one finding {finding:>10.1?}   {:.2} x the clean run (limit 1.5)", ratio(finding, clean));
    println!("resident memory           {} (limit 4)", check.resident_in_words());
    if let Some(distributed) = distributed {
        println!("  distributed             {} (limit 2.5)", distributed.resident_in_words());
    }
}

/// A `.env` file of keys as random as an xorshift makes them, of names that no pack knows.
fn env_file(seccfg: &Path) {
    const LINES: usize = 10_000;
    const KINDS: [&str; 5] = ["SECRET_KEY", "API_TOKEN", "DB_PASSWORD", "TIMEOUT", "HOST"];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut digits = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        format!("{state:016x}")
    };
    let mut text = String::new();
    for (line, kind) in (0..LINES).zip(KINDS.iter().cycle()) {
        let value = match *kind {
            "TIMEOUT" => "30".to_owned(),
            "HOST" => format!("h{line}.example.com"),
            _ => [digits(), digits(), digits(), digits()].concat(),
        };
        writeln!(text, "SERVICE_{line}_{kind}={value}").expect("a string takes everything");
    }
    let file = file(".env", &text);
    let generic = Path::new("examples/generic/security.toml");
    let [time] = medians(FEW_ROUNDS, [&Run::check(seccfg, &[Path::new("--env-file"), file.path(), generic])]);
    println!("a .env file of {LINES} lines   {time:>10.1?} (limit 30ms)");
}

/// Folders with a profile in each, linked to one file: `0/0/security.toml`, `0/1/security.toml` and so on.
fn tree(text: &str, profiles: usize) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let paths = (0..profiles).map(|number| {
        let folder = folder.path().join(format!("{}/{}", number / 100, number % 100));
        fs::create_dir_all(&folder).expect("a temporary folder takes others");
        folder.join("security.toml")
    });
    let paths: Vec<PathBuf> = paths.collect();
    fs::write(&paths[0], text).expect("a temporary folder takes files");
    for path in &paths[1..] {
        fs::hard_link(&paths[0], path).expect("a file can be linked");
    }
    (folder, paths)
}

fn many(programs: &Programs) {
    const MANY: usize = 10_000;
    let clean = fs::read_to_string(CLEAN).expect("the example is there");
    let (folder, paths) = tree(&clean, MANY);
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let check = Run::check(&programs.seccfg, &[folder.path()]);
    let [floor, time] = medians(FEW_ROUNDS, [&Run::new(&programs.floor, &paths), &check]);
    println!("{MANY} profiles, median of {FEW_ROUNDS} runs");
    println!("  floor, one after another  {floor:>10.1?}");
    println!("  seccfg check              {time:>10.1?}   {:.2} x the floor (limit 1.5)", ratio(time, floor));
    println!("  resident memory         {} (limit 12)", check.resident_in_words());
    for (what, text, profiles) in [("with findings", with_one_finding(), MANY), ("of 50,000", clean, 5 * MANY)] {
        let (folder, _) = tree(&text, profiles);
        let run = Run::check(&programs.seccfg, &[folder.path()]);
        println!("  {what:<24}{} (limit 12)", run.resident_in_words());
    }
}

/// What the language server needs for a keystroke, asked over its standard input and output.
fn typing(seccfg: &Path) {
    const KEYSTROKES: usize = 500;
    let mut text = fs::read_to_string(CLEAN).expect("the example is there");
    for number in 0.. {
        if text.lines().count() >= 1000 {
            break;
        }
        write!(
            text,
            "\n[cookies.c{number}]\npurpose = \"preference\"\nsecure = true\nhttp_only = true\nsame_site = \"lax\"\n\n\
             [rate_limits.routes.r{number}]\nlimit = \"5/min\"\npaths = [\"/r{number}\"]\n"
        )
        .expect("a string takes everything");
    }
    let mut server = Command::new(seccfg);
    let mut server =
        server.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut input = server.stdin.take().expect("it is piped");
    let mut output = BufReader::new(server.stdout.take().expect("it is piped"));
    let mut send = |message: &Value| {
        let body = message.to_string();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("the server listens");
    };
    let mut answer = || {
        let mut head = String::new();
        output.read_line(&mut head).and_then(|_| output.read_line(&mut String::new())).expect("the server answers");
        let length = head.trim().strip_prefix("Content-Length: ").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.expect("a length")];
        output.read_exact(&mut body).expect("the server answers");
    };
    send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "capabilities": {} } }));
    answer();
    let document = json!({ "uri": "file:///security.toml", "languageId": "toml", "version": 0, "text": text });
    send(&json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } }));
    answer();
    let mut times: Vec<Duration> = Vec::with_capacity(KEYSTROKES);
    for version in 1..=KEYSTROKES {
        text.push('#');
        let document = json!({ "uri": "file:///security.toml", "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        let start = Instant::now();
        send(&json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": params }));
        answer();
        times.push(start.elapsed());
    }
    drop(input);
    let _ = server.wait();
    times.sort();
    println!("a keystroke in an editor, in {} lines", text.lines().count());
    println!("  median                    {:>10.1?}", times[KEYSTROKES / 2]);
    println!("  the slowest of 100        {:>10.1?} (limit 10ms)", times[KEYSTROKES * 99 / 100]);
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
    let source = Source::new(CLEAN, fs::read_to_string(CLEAN).expect("the example is there"));
    let parse = each(|| Document::parse(black_box(&source)));
    let document = Document::parse(&source);
    let schema = each(|| black_box(&document).read());
    let opened = Opened::read(&source, &[], &Packs::default());
    let options = Options { today: TODAY.parse().ok(), ..Options::default() };
    let policy = opened.policy(Mode::Prod).expect("the example is a profile");
    let plan = each(|| black_box(&opened).plans(&policy, &[]).len());
    let plans = opened.plans(&policy, &[]);
    let facts = opened.facts(&policy).expect("the example's app is known");
    let rules = each(|| rules::run(&facts, black_box(&plans), &[], None));
    let all = each(|| black_box(&opened).check(&options));
    println!("in process");
    println!("  parse                     {parse:>10.1?}");
    println!("  schema                    {schema:>10.1?}");
    println!("  plan                      {plan:>10.1?}");
    println!("  rules                     {rules:>10.1?}   {:.2} x the parse (limit 1)", ratio(rules, parse));
    println!("  policy, plan and rules    {all:>10.1?}");
    println!("  schema and rules                       {:.2} x the parse (limit 0.5)", ratio(schema + all, parse));
}

fn sizes(programs: &Programs) {
    let mib = |path: &Path| {
        let size = fs::metadata(path).expect("the program was built").len();
        f64::from(u32::try_from(size).expect("small")) / 1_048_576.0
    };
    println!("release binary            {:>7.2} MiB (limit 5)", mib(&programs.seccfg));
    if let Some(distributed) = &programs.distributed {
        println!("  distributed             {:>7.2} MiB", mib(distributed));
    }
}
