//! The command line: one file per command, and what they share.

mod asked;
mod bar;
mod baseline;
mod check;
mod completions;
mod env_files;
mod env_target;
mod explain;
mod format;
mod init;
mod lsp;
mod man;
mod misuse;
mod network;
mod plan;
mod render;
mod report;
mod rollout;
mod rotate;
mod rules;
mod schema;
mod score;
mod verify;
mod watch;
mod words;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::check::Checked;
use crate::input;
use crate::profile::Date;
use crate::report::Human;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing found: 0.
    Clean,
    /// Findings at or above the threshold, or drift: 1.
    Found,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Clean => Self::SUCCESS,
            Outcome::Found => Self::from(1),
        }
    }
}

/// Why a run could not be made: exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It has been told already, line by line.
    #[error("")]
    Told,
    /// A profile could not be read.
    #[error(transparent)]
    Input(#[from] input::Error),
    /// Artifacts could not be made or written.
    #[error(transparent)]
    Artifact(#[from] crate::targets::Error),
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] crate::files::Error),
    /// The question cannot be answered.
    #[error("{0}")]
    Usage(String),
    /// Output could not be written.
    #[error("cannot write the output: {0}")]
    Output(std::io::Error),
}

/// Checks a web service's security profile and compiles it to configuration.
#[derive(Parser)]
#[command(name = "seccfg", version, max_term_width = 100, arg_required_else_help = true, after_help = AFTER)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Whether output is coloured.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: When,
}

const AFTER: &str = "Exit codes: 0 nothing found; 1 findings at or above the threshold, or drift; 2 could not run.";

// Only the arguments of the command that is asked for are put together (`defer`): what each says of itself stands here.
#[derive(Subcommand)]
#[command(defer = true)]
enum Command {
    /// Checks profiles against the invariants of their mode.
    ///
    /// PATH is a profile, a folder that is searched for security.toml (git's ignores honoured), or - for standard input.
    /// Without one, it is the security.toml of this folder, or else of the nearest folder above it.
    Check(check::Args),
    /// Compiles a profile to configuration files.
    ///
    /// PATH is a profile, or a folder that holds one; of several paths, a folder is searched. Without it, the security.toml of
    /// this folder or of one above it. A profile with errors is not rendered.
    Render(render::Args),
    /// Shows who enforces what: for every control its one owner, and what the other layers do about it.
    ///
    /// PATH is a profile, or a folder that holds one. Without it, the security.toml of this folder or of one above it.
    Plan(plan::Args),
    /// Predicts what MDN's HTTP Observatory will say of the site: its points, its grade, and what to write for more.
    ///
    /// PATH is a profile, or a folder that holds one. Without it, ./security.toml. Nothing is asked over the network then: the
    /// score is that of the answers that the profile's plan makes, and what they rest on beside the profile is shown. Of a
    /// URL, such as `https://shop.example.com`, the running site is asked what Observatory asks, and its answers are scored.
    Score(score::Args),
    /// Asks the running site for everything that the profile's plan demands of it, and tells where it does otherwise: what
    /// was seen, the line of the profile, and the layer that is responsible.
    ///
    /// URL is the site; without it, app.url. Nothing is changed there: pages are asked for, by some sixty requests, and
    /// nothing is sent that signs anyone in. No redirect is followed.
    Verify(verify::Args),
    /// Writes a profile to begin with, and checks it.
    ///
    /// It has what production takes of the app, and overlays for dev and test. With --from it says what the app's `.env` file
    /// says today: of secrets the names alone. A file is never overwritten.
    Init(init::Args),
    /// Writes the production checklist of a profile: every invariant with its verdict and the values that it rests on, what
    /// is waived and why, and who enforces what.
    ///
    /// PATH is a profile, or a folder that holds one. Without it, the security.toml of this folder or of one above it. Exits
    /// with 1 until it says "ready", and its first lines say what is missing: errors are open, what must hold is not known, or
    /// the address is still the starter's. A profile that cannot be read gets no report.
    Report(report::Args),
    /// Replaces a secret that the app signs with, so that nobody is signed out.
    ///
    /// The first run makes a new key: the current one moves to the variable of the previous key, which the app goes on
    /// accepting. A second run, after the day that the first one names, takes the old key away. Between them it refuses.
    Rotate(rotate::Args),
    /// Prints a rule's documentation: what it demands, why, and what to write.
    Explain(explain::Args),
    /// Lists the rules, by area.
    Rules(rules::Args),
    /// Prints a JSON Schema (draft 7), for editors and other programs.
    Schema(schema::Args),
    /// Answers an editor, which starts it: findings while one types, edits that mend them, what keys mean, what may be
    /// written.
    ///
    /// It speaks the Language Server Protocol over standard input and output; docs/editor.md says how each editor is told of it.
    Lsp(lsp::Args),
    /// Prints a shell's completions.
    Completions(completions::Args),
    /// Prints the manual page of seccfg, or of one of its commands.
    Man(man::Args),
}

/// When something is done.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    /// Where it makes sense.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A format that both people and programs have their own of.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// Where output goes, and what it can show.
struct Terminal {
    color: When,
}

impl Terminal {
    /// How findings are drawn on standard output, or on standard error.
    fn human(&self, on_stderr: bool) -> Human {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let terminal = if on_stderr { std::io::stderr().is_terminal() } else { std::io::stdout().is_terminal() };
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = match self.color {
            When::Always => true,
            When::Never => false,
            // https://no-color.org, and its opposite as cargo and others have it.
            When::Auto => !set("NO_COLOR") && (set("CLICOLOR_FORCE") || (terminal && !dumb)),
        };
        // A log is wide.
        let width = width(on_stderr).unwrap_or(100);
        Human { color, links: terminal && !dumb, width: width.min(140), explain: false }
    }
}

/// How many columns standard output has to keep within, or standard error: what `COLUMNS` says, or else the terminal. A
/// file and a pipe have no width: whoever reads them breaks lines as they like.
fn width(on_stderr: bool) -> Option<usize> {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || {
        if on_stderr {
            terminal_size::terminal_size_of(std::io::stderr())
        } else {
            terminal_size::terminal_size_of(std::io::stdout())
        }
    };
    said.or_else(|| asked().map(|(width, _)| usize::from(width.0))).map(|width: usize| width.max(LEAST_WIDTH))
}

/// Nothing is laid out for fewer columns.
const LEAST_WIDTH: usize = 40;

/// The arguments of this process. clap's own `help` takes the name of a command and nothing else: `seccfg help --help`
/// asks for the same as `seccfg help`.
fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == "help") {
        arguments.retain(|argument| argument != "--help" && argument != "-h");
    }
    arguments
}

/// `seccfg check …` by itself, without the other commands beside it.
#[derive(Parser)]
struct Check {
    #[command(flatten)]
    args: check::Args,
    #[arg(long, default_value = "auto")]
    color: When,
}

/// Reads the command line. `check` is what editors, hooks and CI run again and again, and to put all the other commands
/// together would take as long as checking: where it is asked for and nothing is wrong, they are left out. All that is said
/// about a command line, help included, comes from the whole.
fn parse(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    if arguments.get(1).is_some_and(|first| first == "check")
        && let Ok(Check { args, color }) = Check::try_parse_from(&arguments[1..])
    {
        return Ok(Cli { command: Command::Check(args), color });
    }
    Cli::try_parse_from(arguments)
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match parse(arguments()) {
        Ok(cli) => cli,
        Err(error) => {
            let words: Vec<String> = arguments().iter().map(|word| word.to_string_lossy().into_owned()).collect();
            let error = misuse::explained(error, Cli::command(), &words);
            // Help and version are answers, everything else is a misuse.
            let code = error.exit_code();
            return if error.print().is_err() {
                ExitCode::from(2)
            } else {
                ExitCode::from(u8::try_from(code).unwrap_or(2))
            };
        }
    };
    let terminal = Terminal { color: cli.color };
    let ran = match cli.command {
        Command::Check(args) => check::run(&args, &terminal),
        Command::Render(args) => render::run(&args, &terminal),
        Command::Plan(args) => plan::run(&args, &terminal),
        Command::Score(args) => score::run(&args, &terminal),
        Command::Verify(args) => verify::run(&args, &terminal),
        Command::Init(args) => init::run(&args, &terminal),
        Command::Report(args) => report::run(&args, &terminal),
        Command::Rotate(args) => rotate::run(&args, &terminal),
        Command::Explain(args) => explain::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Lsp(args) => lsp::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    };
    match ran {
        Ok(outcome) => outcome.into(),
        // Whoever reads us has seen enough (`seccfg rules | head`).
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure);
            ExitCode::from(2)
        }
    }
}

/// The one profile that a command is about.
fn one(path: Option<&Path>) -> Result<PathBuf, Failure> {
    let found = input::one(path)?;
    if path.is_none() {
        tell_where(&found);
    }
    Ok(found)
}

/// Says which profile was taken where none was named and none is in this folder.
fn tell_where(found: &Path) {
    if found.starts_with("..") {
        complain(&format!("seccfg: no {} in this folder, so {} is taken\n", input::PROFILE, found.display()));
    }
}

/// Tells a failure on standard error, where it was not told before.
fn tell(failure: &Failure) {
    if !matches!(failure, Failure::Told) {
        complain(&format!("seccfg: {failure}\n"));
    }
}

/// Writes to standard error. If even this cannot be written, the exit code is left.
fn complain(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Writes to standard output.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::Output)
}

/// A day on the command line.
fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|refusal| words::told(&refusal))
}

/// A profile that cannot be read has no plan: what is wrong with it goes to standard error, so that standard output holds
/// what was asked for or nothing.
fn broken(checked: &Checked, terminal: &Terminal) -> Outcome {
    complain(&terminal.human(true).render(std::slice::from_ref(checked)));
    Outcome::Found
}
