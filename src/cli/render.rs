//! `seccfg render`: the files that a profile is compiled to, written, shown, or compared with the disk.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::env_target::{EnvOptions, EnvTarget};
use super::words::{Word, out_path, told, word};
use super::{Failure, Outcome, Terminal, complain, one, print};
use crate::check::{Checked, Modes, Opened, Options};
use crate::finding::Severity;
use crate::plan::{Edge, Plan, Target};
use crate::profile::{Date, Form, Mode, Text};
use crate::rules::rendering::unwritable;
use crate::targets::write::changes;
use crate::targets::{self, Artifact, Output, Refused, Style};
use crate::{files, input};

#[derive(clap::Args)]
pub struct Args {
    /// The profile, its folder, or - for standard input. Several are rendered together: if one has errors, nothing is
    /// written for any.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// What to render: nginx, as files to be included in http { }; caddy, as files to be imported into a Caddyfile;
    /// kubernetes, as a file per object; crudauth, as a Python module; env, as the app's .env file, merged into the one that is there (.env.MODE for
    /// another mode than the profile's own) [default: the edges that the profile declares under [targets]; nginx where it declares none].
    #[arg(long = "target", value_name = "TARGET", value_delimiter = ',', value_parser = Word(output), hide_possible_values = true)]
    targets: Vec<Output>,
    /// Render for this mode instead of the profile's own: dev, test, staging or prod.
    #[arg(long, value_name = "MODE", value_parser = word::<Mode>(), hide_possible_values = true)]
    mode: Option<Mode>,
    /// The folder to write to [default: the profile's]; nginx, caddy and kubernetes have folders below it.
    #[arg(long, value_name = "DIR", conflicts_with = "stdout", value_parser = out_path())]
    out: Option<PathBuf>,
    /// Print the files instead of writing them.
    #[arg(long, conflicts_with_all = ["check", "diff"])]
    stdout: bool,
    /// Write nothing; exit with 1 where the files on the disk are not what would be written: show the difference, and name
    /// those that are missing.
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change.
    #[arg(long)]
    diff: bool,
    /// Add what makes the output run by itself: for nginx, an nginx.conf that includes the other files; for caddy, a
    /// Caddyfile that imports them.
    #[arg(long)]
    standalone: bool,
    /// What to tell Caddy in: caddyfile; or json, which runs by itself and takes values that a Caddyfile cannot hold.
    #[arg(long, value_name = "FORM", value_parser = word::<Form>(), hide_possible_values = true)]
    form: Option<Form>,
    #[command(flatten)]
    env: EnvOptions,
    /// The day on which waivers and other dates are judged, as YYYY-MM-DD [default: today in UTC].
    #[arg(long, value_name = "DATE", value_parser = super::date)]
    today: Option<Date>,
}

/// What can be rendered, on the command line.
fn output(text: &str) -> Result<Output, String> {
    Output::parse(text).map_err(|refusal| match Target::parse(text) {
        Ok(edge) => {
            let known: Vec<&str> = Output::ALL.iter().map(|output| output.as_str()).collect();
            let known = known.join(", ");
            format!("{edge} can be planned for (`seccfg plan --target {edge}`); what can be rendered: {known}")
        }
        Err(_) => told(&refusal),
    })
}

/// Refuses what would be asked of none of these outputs.
fn fits(args: &Args, rendered: &[Output]) -> Result<(), Failure> {
    for (flag, is_given, outputs) in [
        ("--example", args.env.example, &[Output::Env][..]),
        ("--generate-secrets", args.env.generate_secrets, &[Output::Env]),
        ("--replace-placeholders", args.env.replace_placeholders, &[Output::Env]),
        ("--standalone", args.standalone, &[Output::Nginx, Output::Caddy]),
        ("--form", args.form.is_some(), &[Output::Caddy]),
    ] {
        if is_given && !outputs.iter().any(|output| rendered.contains(output)) {
            let outputs: Vec<&str> = outputs.iter().map(|output| output.as_str()).collect();
            let outputs = outputs.join(" or ");
            return Err(Failure::Usage(format!("{flag} is for --target {outputs}: add that, or leave {flag} out")));
        }
    }
    Ok(())
}

/// Refuses what is asked of several profiles and fits one alone.
fn fits_several(args: &Args) -> Result<(), Failure> {
    if args.paths.len() > 1 && (args.out.is_some() || args.stdout) {
        let flag = if args.stdout { "--stdout" } else { "--out" };
        return Err(Failure::Usage(format!(
            "{flag} is for one profile, because the files of several have the same names: leave {flag} out, and each has its \
             files in its own folder"
        )));
    }
    Ok(())
}

/// What one profile was compiled to.
struct Rendered {
    profile: PathBuf,
    folder: PathBuf,
    artifacts: Vec<Artifact>,
    env: Option<EnvTarget>,
}

/// The profiles that are meant.
fn profiles(args: &Args) -> Result<Vec<PathBuf>, Failure> {
    if args.paths.len() < 2 {
        return Ok(vec![one(args.paths.first().map(PathBuf::as_path))?]);
    }
    let (paths, errors) = input::profiles(&args.paths);
    if errors.is_empty() {
        return Ok(paths);
    }
    for error in errors {
        super::tell(&error.into());
    }
    Err(Failure::Told)
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    // Without a target the profile says which: one of the edges.
    let edges: Vec<Output> = Output::ALL.iter().filter(|output| output.edge().is_some()).copied().collect();
    fits(args, if args.targets.is_empty() { &edges } else { &args.targets })?;
    fits_several(args)?;
    let paths = profiles(args)?;
    let mut rendered = Vec::with_capacity(paths.len());
    for path in &paths {
        rendered.extend(compile(args, terminal, path)?);
    }
    if rendered.len() < paths.len() { Ok(Outcome::Found) } else { deliver(args, &rendered) }
}

/// Compiles one profile; none where it was refused, which is told.
fn compile(args: &Args, terminal: &Terminal, path: &Path) -> Result<Option<Rendered>, Failure> {
    let source = match input::read(path)? {
        Ok(source) => source,
        Err(broken) => return Ok(refused(&broken, terminal)),
    };
    let which = if args.paths.len() > 1 { format!("{}: ", path.display()) } else { String::new() };
    let mut outputs = args.targets.clone();
    outputs.sort_unstable();
    outputs.dedup();
    // An app's settings follow from the edges that are rendered with them; alone, from those that the profile declares.
    let edges: Vec<Target> = outputs.iter().filter_map(|output| output.edge()).collect();
    let modes = args.mode.map_or(Modes::Own, Modes::One);
    let options = Options {
        modes,
        targets: edges.clone(),
        packs: input::packs(),
        today: args.today,
        to_render: true,
        ..Options::default()
    };
    let opened = Opened::read(&source, &[], &options.packs);
    let (findings, waived) = opened.check(&options);
    let policy = opened.modes(modes).first().and_then(|mode| opened.policy(*mode));
    let failed = findings.iter().any(|finding| finding.severity == Severity::Error);
    let Some(policy) = policy.filter(|_| !failed) else {
        let judged = opened.is_whole();
        let own = opened.modes(Modes::Own).first().copied();
        let (secrets, pack) = opened.shown();
        let sources = std::iter::once(source.clone()).chain(pack).collect();
        return Ok(refused(
            &Checked {
                sources,
                findings,
                waived,
                baselined: 0,
                fixed: 0,
                is_profile: true,
                judged,
                is_begun: false,
                own,
                secrets,
            },
            terminal,
        ));
    };
    let plans = opened.plans(&policy, &edges);
    if outputs.is_empty() {
        let is_declared = |output: &&Output| plans.iter().any(|plan| output.edge() == Some(plan.edge.target()));
        outputs = Output::ALL.iter().filter(is_declared).copied().collect();
        fits(args, &outputs)?;
    }
    for (entry, reasons) in plans.iter().flat_map(Plan::gaps) {
        // Only a waiver lets one come this far.
        complain(&format!("{which}not enforced by anyone, and waived: {} ({reasons})\n", entry.control));
    }
    for edge in Edge::undeclared(&policy, &edges) {
        let target = edge.target();
        let meant = match &edge {
            Edge::Nginx(_) | Edge::Caddy(_) => format!("{edge} on ports 80 and 443"),
            Edge::Kubernetes(_) => "a cluster of which nothing is known".to_owned(),
        };
        complain(&format!(
            "{which}`[targets.{target}]` is not written, so that {meant} is meant: write it where that is not so\n"
        ));
    }
    let folder = args.out.clone().unwrap_or_else(|| path.parent().unwrap_or(Path::new("")).to_owned());
    let declared = policy.targets.caddy.as_ref().map(|caddy| caddy.form);
    let form = args.form.or(declared).unwrap_or_default();
    let style = Style { standalone: args.standalone, form, stream: args.stdout };
    let mut artifacts: Vec<Artifact> = Vec::new();
    let mut env = None;
    for output in outputs {
        let rendered = match output {
            Output::Env => match EnvTarget::merge(&args.env, &plans, (&folder, args.out.is_none())) {
                Ok(Ok(mut merged)) => {
                    if let Some(exposing) = merged.exposing(&source, &policy, &options) {
                        return Ok(refused(&exposing, terminal));
                    }
                    merged.judge(&source, &policy, &options);
                    env = Some(merged);
                    Ok(Vec::new())
                }
                Ok(Err(broken)) => return Ok(refused(&broken, terminal)),
                Err(Failure::Artifact(error)) => Err(error),
                Err(failure) => return Err(failure),
            },
            Output::Nginx | Output::Caddy | Output::Kubernetes | Output::Crudauth => {
                targets::render(output, &plans, style)
            }
        };
        match rendered {
            Ok(rendered) => artifacts.extend(rendered),
            Err(targets::Error::Refused(Refused(all))) => {
                let findings = all.into_iter().map(|one| unwritable(&policy, output, one)).collect();
                let checked = Checked { judged: true, ..Checked::unread(source.clone(), findings) };
                return Ok(refused(&checked, terminal));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Some(Rendered { profile: path.to_owned(), folder, artifacts, env }))
}

/// Writes what was rendered, or shows it.
fn deliver(args: &Args, rendered: &[Rendered]) -> Result<Outcome, Failure> {
    let (told, outcome) = if args.stdout {
        let shown = |one: &Rendered| one.env.as_ref().map(EnvTarget::shown);
        let shown = rendered.iter().filter_map(shown).map(|shown| Artifact { path: shown.path, text: shown.new });
        let shown: Vec<Artifact> = shown.collect();
        let files = rendered.iter().flat_map(|one| &one.artifacts).chain(&shown).map(printed);
        (files.collect::<Vec<_>>().join("\n"), Outcome::Clean)
    } else if args.check || args.diff {
        let (mut diffs, mut is_missing) = (String::new(), false);
        for Rendered { folder, artifacts, env, .. } in rendered {
            let shown = env.as_ref().map(EnvTarget::shown);
            let changes = changes(folder, artifacts)?.into_iter().chain(shown);
            // What was never rendered has nothing to be compared with: its name says it all.
            let (missing, different): (Vec<_>, Vec<_>) = changes.partition(|change| change.old.is_none() && !args.diff);
            diffs.extend(different.iter().map(files::Change::diff));
            if !missing.is_empty() {
                let paths: Vec<String> = missing.iter().map(|change| change.path.display().to_string()).collect();
                diffs.extend([format!("missing: {}\n", paths.join(", "))]);
                is_missing = true;
            }
        }
        if is_missing {
            diffs.extend([format!("to write what is missing: {}\n", without_check())]);
        }
        let outcome = if args.check && !diffs.is_empty() { Outcome::Found } else { Outcome::Clean };
        (diffs, outcome)
    } else {
        (write(rendered)?, Outcome::Clean)
    };
    print(&told)?;
    for one in rendered {
        let which = if rendered.len() > 1 { format!("{}: ", one.profile.display()) } else { String::new() };
        for note in one.env.iter().flat_map(EnvTarget::notes) {
            complain(&format!("{which}{note}\n"));
        }
    }
    Ok(outcome)
}

/// The command that was given, without `--check`, as a shell takes it.
fn without_check() -> String {
    let is_plain =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./=,:".contains(c));
    let shown = |word: String| if is_plain(&word) { word } else { format!("'{}'", word.replace('\'', "'\\''")) };
    let words = std::env::args_os().skip(1).filter(|word| word != "--check");
    let words = words.map(|word| shown(word.to_string_lossy().into_owned()));
    std::iter::once("seccfg".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// Writes the files that differ, of all profiles together, and says which these are: of one profile in a list, of several
/// in a tree.
fn write(rendered: &[Rendered]) -> Result<String, Failure> {
    let mut all = Vec::new();
    let mut told = String::new();
    for Rendered { profile, folder, artifacts, env } in rendered {
        let mut changes = changes(folder, artifacts)?;
        let is_same = |artifact: &&Artifact| changes.iter().all(|change| change.path != folder.join(&artifact.path));
        let unchanged =
            artifacts.iter().filter(is_same).count() + usize::from(env.as_ref().is_some_and(EnvTarget::is_unchanged));
        changes.extend(env.as_ref().and_then(EnvTarget::change));
        let mut lines: Vec<String> = Vec::new();
        for change in &changes {
            lines.push(if rendered.len() > 1 {
                let path = change.path.strip_prefix(folder).unwrap_or(&change.path);
                format!("{} {}", if change.old.is_some() { "changed" } else { "new    " }, path.display())
            } else {
                format!("wrote {}", change.path.display())
            });
        }
        if unchanged > 0 {
            lines.push(format!(
                "{unchanged} {} up to date already",
                if unchanged == 1 { "file was" } else { "files were" }
            ));
        }
        if rendered.len() > 1 {
            writeln!(told, "{}", profile.display()).expect("a string takes everything");
            let last = lines.len().saturating_sub(1);
            for (index, line) in lines.iter_mut().enumerate() {
                line.insert_str(0, if index == last { "└─ " } else { "├─ " });
            }
        }
        told.extend(lines.into_iter().map(|line| line + "\n"));
        all.extend(changes);
    }
    files::write(all)?;
    Ok(told)
}

/// A file as it is printed among others.
fn printed(artifact: &Artifact) -> String {
    format!("# ==> {}\n{}", artifact.path.display(), artifact.text)
}

/// Says on standard error why nothing is rendered.
fn refused(checked: &Checked, terminal: &Terminal) -> Option<Rendered> {
    let checked = std::slice::from_ref(checked);
    complain(&format!("{}nothing was rendered: mend the errors first\n", terminal.human(true).render(checked)));
    None
}
