//! `seccfg render`: the files that a profile is compiled to, written, shown, or compared with the disk.

use std::path::{Path, PathBuf};

use super::env_target::{EnvOptions, EnvTarget};
use super::words::{Word, told, word};
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
    /// The profile, its folder, or - for standard input.
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// What to render: nginx, as files to be included in http { }; caddy, as files to be imported into a Caddyfile;
    /// kubernetes, as a file per object; crudauth, as a Python module; env, as the app's .env file, merged into the one that is there (.env.MODE for
    /// another mode than the profile's own).
    #[arg(long = "target", value_name = "TARGET", value_delimiter = ',', required = true, value_parser = Word(output), hide_possible_values = true)]
    targets: Vec<Output>,
    /// Render for this mode instead of the profile's own: dev, test, staging or prod.
    #[arg(long, value_name = "MODE", value_parser = word::<Mode>(), hide_possible_values = true)]
    mode: Option<Mode>,
    /// The folder to write to [default: the profile's]; nginx, caddy and kubernetes have folders below it.
    #[arg(long, value_name = "DIR", conflicts_with = "stdout")]
    out: Option<PathBuf>,
    /// Print the files instead of writing them.
    #[arg(long, conflicts_with_all = ["check", "diff"])]
    stdout: bool,
    /// Write nothing; exit with 1 and show the difference where the files on the disk are not what would be written.
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

/// Refuses what would be asked of no target.
fn is_fitting(args: &Args) -> Result<(), Failure> {
    for (flag, is_given, outputs) in [
        ("--example", args.env.example, &[Output::Env][..]),
        ("--generate-secrets", args.env.generate_secrets, &[Output::Env]),
        ("--replace-placeholders", args.env.replace_placeholders, &[Output::Env]),
        ("--standalone", args.standalone, &[Output::Nginx, Output::Caddy]),
        ("--form", args.form.is_some(), &[Output::Caddy]),
    ] {
        if is_given && !outputs.iter().any(|output| args.targets.contains(output)) {
            let outputs: Vec<&str> = outputs.iter().map(|output| output.as_str()).collect();
            let outputs = outputs.join(" or ");
            return Err(Failure::Usage(format!("{flag} is for --target {outputs}: add that, or leave {flag} out")));
        }
    }
    Ok(())
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    is_fitting(args)?;
    let path = one(args.path.as_deref())?;
    let source = match input::read(&path)? {
        Ok(source) => source,
        Err(broken) => return Ok(refused(&broken, terminal)),
    };
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
            &Checked { sources, findings, waived, baselined: 0, fixed: 0, judged, own, secrets },
            terminal,
        ));
    };
    let plans = opened.plans(&policy, &edges);
    for (entry, reasons) in plans.iter().flat_map(Plan::gaps) {
        // Only a waiver lets one come this far.
        complain(&format!("not enforced by anyone, and waived: {} ({reasons})\n", entry.control));
    }
    for edge in Edge::undeclared(&policy, &edges) {
        let target = edge.target();
        let meant = match &edge {
            Edge::Nginx(_) | Edge::Caddy(_) => format!("{edge} on ports 80 and 443"),
            Edge::Kubernetes(_) => "a cluster of which nothing is known".to_owned(),
        };
        complain(&format!(
            "`[targets.{target}]` is not written, so that {meant} is meant: write it where that is not so\n"
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
            Output::Env => match EnvTarget::merge(&args.env, &plans, &folder) {
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
    deliver(args, &folder, &artifacts, env.as_ref())
}

/// Writes what was rendered, or shows it.
fn deliver(args: &Args, folder: &Path, artifacts: &[Artifact], env: Option<&EnvTarget>) -> Result<Outcome, Failure> {
    let shown = env.map(EnvTarget::shown);
    if args.stdout {
        let shown = shown.map(|shown| Artifact { path: shown.path, text: shown.new });
        print(&artifacts.iter().chain(&shown).map(printed).collect::<Vec<_>>().join("\n"))?;
        tell(env);
        return Ok(Outcome::Clean);
    }
    let mut changes = changes(folder, artifacts)?;
    let unchanged = artifacts.len() - changes.len() + usize::from(env.is_some_and(EnvTarget::is_unchanged));
    if args.check || args.diff {
        let diffs = changes.iter().chain(&shown).map(files::Change::diff).collect::<String>();
        print(&diffs)?;
        tell(env);
        return Ok(if args.check && !diffs.is_empty() { Outcome::Found } else { Outcome::Clean });
    }
    changes.extend(env.and_then(EnvTarget::change));
    let told: Vec<String> = changes.iter().map(|change| change.path.display().to_string()).collect();
    files::write(changes)?;
    for path in told {
        print(&format!("wrote {path}\n"))?;
    }
    if unchanged > 0 {
        print(&format!("{unchanged} {} up to date already\n", if unchanged == 1 { "file was" } else { "files were" }))?;
    }
    tell(env);
    Ok(Outcome::Clean)
}

/// Says on standard error what there is to know about the app's file.
fn tell(env: Option<&EnvTarget>) {
    for note in env.into_iter().flat_map(EnvTarget::notes) {
        complain(&format!("{note}\n"));
    }
}

/// A file as it is printed among others.
fn printed(artifact: &Artifact) -> String {
    format!("# ==> {}\n{}", artifact.path.display(), artifact.text)
}

/// Says on standard error why nothing is rendered.
fn refused(checked: &Checked, terminal: &Terminal) -> Outcome {
    let checked = std::slice::from_ref(checked);
    complain(&format!("{}nothing was rendered: mend the errors first\n", terminal.human(true).render(checked)));
    Outcome::Found
}
