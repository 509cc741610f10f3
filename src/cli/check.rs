//! `seccfg check`: what is wrong in profiles, for people or for programs, and what `--fix` mends.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::bar::Bar;
use super::env_files::EnvFiles;
use super::format::{Program, ReportFormat};
use super::words::{Code, word};
use super::{Failure, Outcome, Terminal, baseline, complain, date, print, tell, tell_where, watch};
use crate::check::{self, Checked, Modes, Options};
use crate::files::Folder;
use crate::files::{self, Change};
use crate::finding::Finding;
use crate::plan::Target;
use crate::profile::{Date, Document, Mode, vocabulary};
use crate::report::json::Report;
use crate::report::{Counts, Human, Sum, plural, redact};
use crate::source::Source;
use crate::{fix, input};

#[derive(clap::Args)]
pub struct Args {
    /// Profiles, or folders to search.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// With `-`: the file that standard input is, for its name in findings and for the packs beside it.
    #[arg(long, value_name = "FILE", requires = "paths")]
    stdin_filename: Option<PathBuf>,
    /// Check for this mode instead of the profile's own: dev, test, staging or prod.
    #[arg(long, value_name = "MODE", value_parser = word::<Mode>(), hide_possible_values = true, conflicts_with = "all_modes")]
    mode: Option<Mode>,
    /// Check the profile's own mode and every one that it has an overlay for.
    #[arg(long)]
    all_modes: bool,
    /// Plan for these targets instead of those that the profile declares: nginx, caddy or kubernetes.
    #[arg(long = "target", value_name = "TARGET", value_delimiter = ',', value_parser = word::<Target>(), hide_possible_values = true)]
    targets: Vec<Target>,
    /// How to tell what was found.
    #[arg(long, default_value = "auto")]
    format: ReportFormat,
    /// Exit with 1 on warnings, too.
    #[arg(long)]
    deny_warnings: bool,
    /// Tell only what these rules find, such as HST005 or HST005,COR001. What keeps a profile from being read is always told.
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = Code, hide_possible_values = true)]
    only: Vec<String>,
    /// For people: below the first finding of each rule, what `seccfg explain` says of the rule.
    #[arg(long)]
    explain: bool,
    /// Do not tell what this file says is known: only new findings fail.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is found into the baseline, and take out of it what is mended.
    #[arg(long, requires = "baseline", conflicts_with = "diff")]
    write_baseline: bool,
    /// The paths are `.env` files that git is about to commit: tell which secrets are in them. A file without a profile
    /// is judged, too.
    #[arg(long, requires = "paths", conflicts_with_all = ["fix", "env_files", "own", "manifests", "mode", "all_modes", "targets", "only"])]
    staged: bool,
    #[command(flatten)]
    env_files: EnvFiles,
    /// Judge these manifests, too: files, folders that are searched for .yaml, .yml and .json, or - for standard input.
    /// Hand-written or edited ones, what kustomize and Helm print, and what `seccfg render` wrote. May be repeated.
    #[arg(long = "manifest", value_name = "PATH", conflicts_with = "fix")]
    manifests: Vec<PathBuf>,
    /// Make the edits that are safe, which tighten values to what the rules ask for, then tell what is left.
    #[arg(long)]
    fix: bool,
    /// With --fix: also make the edits that change how the service behaves.
    #[arg(long, requires = "fix")]
    unsafe_fixes: bool,
    /// With --fix: show the edits instead of making them.
    #[arg(long, requires = "fix", conflicts_with = "format")]
    diff: bool,
    /// Check again whenever a profile, a pack that it names or a file of --env-file has changed, until it is interrupted.
    #[arg(long, conflicts_with_all = ["fix", "staged", "stdin_filename", "write_baseline"])]
    watch: bool,
    /// The day on which waivers and other dates are judged, as YYYY-MM-DD [default: today in UTC].
    #[arg(long, value_name = "DATE", value_parser = date)]
    today: Option<Date>,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    if args.staged {
        return staged(args, terminal);
    }
    if args.watch {
        if args.paths.iter().any(|path| path.as_path() == Path::new(input::STDIN)) {
            return Err(Failure::Usage(
                "what comes from standard input does not change: name a file to watch".to_owned(),
            ));
        }
        let env_files = |profiles: &[PathBuf]| args.env_files.paths(profiles, modes(args));
        return watch::run(&args.paths, env_files, || once(args, terminal));
    }
    once(args, terminal)
}

/// The modes that are meant.
fn modes(args: &Args) -> Modes {
    match (args.mode, args.all_modes) {
        (Some(mode), _) => Modes::One(mode),
        (None, true) => Modes::All,
        (None, false) => Modes::Own,
    }
}

/// Checks the profiles that are meant.
fn once(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let env_files = match args.env_files.read(args.mode)? {
        Ok(env_files) => env_files,
        Err(broken) => return finish(args, terminal, vec![*broken], &Options::default(), Vec::new()),
    };
    let manifests = match input::manifests(&args.manifests)? {
        Ok(manifests) => manifests,
        Err(broken) => return finish(args, terminal, vec![*broken], &Options::default(), Vec::new()),
    };
    let options = Options {
        modes: modes(args),
        targets: args.targets.clone(),
        only: args.only.clone(),
        env_files,
        manifests,
        packs: input::packs(),
        folders: Some(Folder::at),
        today: args.today,
        ..Options::default()
    };
    let (paths, mut errors) = input::profiles(&args.paths);
    if args.paths.is_empty() {
        for path in &paths {
            tell_where(path);
        }
    }
    if args.fix {
        if !args.diff && paths.iter().any(|path| path.as_path() == Path::new(input::STDIN)) {
            let why = "what comes from standard input cannot be mended in its place: add --diff to see the edits";
            return Err(Failure::Usage(why.to_owned()));
        }
        return mended(args, terminal, &paths, &options, errors);
    }
    let check = |path: &PathBuf| {
        let source = match read(args, path)? {
            Ok(source) => source,
            Err(broken) => return Ok(*broken),
        };
        let options = args.env_files.beside(&source, &options)?;
        Ok(options.map_or_else(|broken| *broken, |options| check::check(source, &options)))
    };
    if args.format.for_programs().is_none() && args.baseline.is_none() {
        return tell_people(args, terminal, &paths, check, errors);
    }
    let mut checked: Vec<Checked> = Vec::with_capacity(paths.len());
    input::each(&paths, check, |one| match one {
        Ok(one) => checked.push(one),
        Err(error) => errors.push(error),
    });
    finish(args, terminal, checked, &options, errors)
}

/// A profile's text; what standard input gives has the name that it was given.
fn read(args: &Args, path: &Path) -> Result<Result<Source, Box<Checked>>, input::Error> {
    match &args.stdin_filename {
        Some(name) if path == Path::new(input::STDIN) => input::stdin(name),
        Some(_) | None => input::read(path),
    }
}

/// Judges `.env` files that git is about to commit.
fn staged(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut checked = Vec::with_capacity(args.paths.len());
    let mut errors = Vec::new();
    for path in &args.paths {
        match input::staged(path) {
            Ok(Ok(source)) => checked.push(check::staged(source)),
            Ok(Err(broken)) => checked.push(Checked { is_profile: false, ..*broken }),
            Err(error) => errors.push(error),
        }
    }
    finish(args, terminal, checked, &Options::default(), errors)
}

/// Checks profiles, and tells people of each when its turn comes: of ten thousand, none is kept.
fn tell_people(
    args: &Args,
    terminal: &Terminal,
    paths: &[PathBuf],
    check: impl Fn(&PathBuf) -> Result<Checked, input::Error> + Sync,
    mut errors: Vec<input::Error>,
) -> Result<Outcome, Failure> {
    // A clean run asks the terminal nothing.
    let human = LazyLock::new(|| human(args, terminal));
    let draw = |one: Checked| {
        let drawn = if one.findings.is_empty() { String::new() } else { human.draw(&one) };
        (drawn, Sum::of(&[one]))
    };
    let mut sum = Sum::default();
    let mut printed = Ok(());
    let mut bar = Bar::of(paths.len());
    let draw_one = |path: &PathBuf| check(path).map(draw);
    input::each(paths, draw_one, |one| {
        bar.step();
        match one {
            Ok((drawn, one)) => {
                sum.add(one);
                if !drawn.is_empty() && printed.is_ok() {
                    bar.clear();
                    printed = print(&drawn);
                }
            }
            Err(error) => errors.push(error),
        }
    });
    bar.clear();
    printed?;
    if sum.files > 0 {
        print(&sum.to_string())?;
    }
    if let Some(unread) = Some(paths).filter(|paths| paths.len() == 1).and_then(|one| args.env_files.unread(&one[0])) {
        print(&format!("{unread}\n"))?;
    }
    conclude(outcome(sum.counts, args.deny_warnings), errors)
}

/// Mends the profiles one after the other: they may share their `.env` files.
fn mended(
    args: &Args,
    terminal: &Terminal,
    paths: &[PathBuf],
    options: &Options,
    mut errors: Vec<input::Error>,
) -> Result<Outcome, Failure> {
    let mut checked: Vec<Checked> = Vec::with_capacity(paths.len());
    let mut changes: Vec<Change> = Vec::new();
    // Each as it was, and as it is now.
    let mut env_files: Vec<(Source, Source)> = Vec::new();
    for path in paths {
        let read = read(args, path).and_then(|read| match read {
            Ok(source) => Ok(args.env_files.beside(&source, options)?.map(|options| (source, options.into_owned()))),
            Err(broken) => Ok(Err(broken)),
        });
        match read {
            Ok(Ok((mut source, mut options))) => {
                for file in &mut options.env_files {
                    match env_files.iter().find(|(_, now)| now.path == file.source.path) {
                        Some((_, now)) => file.source = now.clone(),
                        None => env_files.push((file.source.clone(), file.source.clone())),
                    }
                }
                let old = source.clone();
                let fixed = fix::mend(&mut source, &mut options, args.unsafe_fixes);
                changes.extend(change(&old, &source));
                for file in &options.env_files {
                    let same = env_files.iter_mut().filter(|(_, now)| now.path == file.source.path);
                    same.for_each(|(_, now)| *now = file.source.clone());
                }
                checked.push(Checked { fixed, ..check::check(source, &options) });
            }
            Ok(Err(broken)) => checked.push(*broken),
            Err(error) => errors.push(error),
        }
    }
    changes.extend(env_files.iter().filter_map(|(old, new)| change(old, new)));
    if args.diff {
        let is_env_file = |path: &Path| env_files.iter().any(|(_, file)| file.path == path);
        print(&changes.iter().map(|change| shown(change, is_env_file(&change.path)).diff()).collect::<String>())?;
        if changes.is_empty() {
            complain(&nothing_to_mend(args, &checked));
        }
        let found = if changes.is_empty() { Outcome::Clean } else { Outcome::Found };
        return if errors.is_empty() { Ok(found) } else { finish(args, terminal, Vec::new(), options, errors) };
    }
    files::write(changes)?;
    finish(args, terminal, checked, options, errors)
}

/// Why `--fix --diff` shows nothing: a run without a word looks like one that did not happen.
fn nothing_to_mend(args: &Args, checked: &[Checked]) -> String {
    let findings: Vec<&Finding> = checked.iter().flat_map(|one| &one.findings).collect();
    if findings.is_empty() {
        return "seccfg: nothing to mend: there are no findings\n".to_owned();
    }
    let has_unsafe = !args.unsafe_fixes && findings.iter().any(|finding| !finding.fixes.is_empty());
    let more = if has_unsafe { " (--unsafe-fixes has edits for some of it)" } else { "" };
    let which = if args.unsafe_fixes { "edit" } else { "safe edit" };
    let left = plural(findings.len(), "finding");
    format!("seccfg: no {which} mends what there is{more}: {left}, which `seccfg check` shows\n")
}

/// What mending did to a file.
fn change(old: &Source, new: &Source) -> Option<Change> {
    (old.text != new.text).then(|| Change {
        path: new.path.clone(),
        old: Some(old.text.clone()),
        new: new.text.clone(),
        private: false,
    })
}

/// The change as a terminal may show it: of a `.env` file the names of its variables alone, and no secret of a profile.
fn shown(change: &Change, is_env_file: bool) -> Change {
    let shown = |text: &str| {
        let source = Source::new(&change.path, text);
        if is_env_file {
            redact::env_file(&source)
        } else {
            let open = vocabulary::open_texts(&source, vocabulary::ROOT);
            redact::diffable(text, Document::parse(&source).read().secrets.into_iter(), &open)
        }
    };
    Change {
        path: change.path.clone(),
        old: change.old.as_deref().map(shown),
        new: shown(&change.new),
        private: change.private,
    }
}

/// How findings are drawn for people.
fn human(args: &Args, terminal: &Terminal) -> Human {
    Human { explain: args.explain, ..terminal.human(false) }
}

/// Tells what was found, and what could not be read.
fn finish(
    args: &Args,
    terminal: &Terminal,
    mut checked: Vec<Checked>,
    options: &Options,
    errors: Vec<input::Error>,
) -> Result<Outcome, Failure> {
    if let Some(path) = &args.baseline {
        baseline::hide(path, args.write_baseline, &mut checked, options, errors.is_empty())?;
    }
    let format = args.format.for_programs().filter(|_| !args.diff);
    if format.is_some_and(Program::has_edits) {
        // People run `--fix`; a program may make the edits itself.
        for one in &mut checked {
            // A file that went away meanwhile has no edits to be made.
            if let Ok(Ok((options, _))) = args.env_files.found_beside(&one.sources[0], options) {
                fix::resolve(one, &options);
            }
        }
    }
    let outcome = outcome(Counts::of(&checked), args.deny_warnings);
    if let Some(format) = format {
        checked.extend(errors.iter().map(input::Error::as_checked));
        format.tell(&Report::new(&checked), args.deny_warnings)?;
    } else if !checked.is_empty() {
        print(&human(args, terminal).render(&checked))?;
    }
    conclude(outcome, errors)
}

/// How a run ended, after it told what could not be read.
fn conclude(outcome: Outcome, errors: Vec<input::Error>) -> Result<Outcome, Failure> {
    if !errors.is_empty() {
        for error in errors {
            tell(&error.into());
        }
        return Err(Failure::Told);
    }
    Ok(outcome)
}

/// Whether what was found reaches the threshold.
pub(super) fn outcome(counts: Counts, deny_warnings: bool) -> Outcome {
    if counts.errors > 0 || (deny_warnings && counts.warnings > 0) { Outcome::Found } else { Outcome::Clean }
}
