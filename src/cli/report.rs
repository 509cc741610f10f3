//! `seccfg report`: the production checklist of a profile.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::asked::Asked;
use super::env_files::EnvFiles;
use super::words::out_path;
use super::{Failure, Outcome, Terminal, broken, date, one, print, verify};
use crate::check::{Found, Opened, Options};
use crate::files::Folder;
use crate::profile::Date;
use crate::report::checklist::Checklist;
use crate::report::{html, markdown};
use crate::targets::write::changes;
use crate::targets::{Artifact, MADE_BY};
use crate::{files, input};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    env_files: EnvFiles,
    /// The day on which waivers and other dates are judged, as YYYY-MM-DD [default: today in UTC].
    #[arg(long, value_name = "DATE", value_parser = date)]
    today: Option<Date>,
    /// What `seccfg verify --out` saw of the running site: what it saw is known as seen, and what the site does otherwise is
    /// an open finding.
    #[arg(long, value_name = "FILE")]
    seen: Option<PathBuf>,
    /// How to write it.
    #[arg(long, default_value = "markdown")]
    format: Page,
    /// Write it to this file instead of standard output. A file that seccfg did not make is never replaced.
    #[arg(long, value_name = "FILE", value_parser = out_path())]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Page {
    /// Markdown, for a repository or a ticket.
    #[value(alias = "md")]
    Markdown,
    /// One HTML page that needs nothing beside it, for people and for paper.
    Html,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let path = one(args.asked.path.as_deref())?;
    let source = match input::read(&path)? {
        Ok(source) => source,
        Err(checked) => return Ok(broken(&checked, terminal)),
    };
    let modes = args.asked.which.modes();
    let today = args.today.unwrap_or_else(Date::today);
    let env_files = match args.env_files.read(args.asked.which.mode)? {
        Ok(env_files) => env_files,
        Err(checked) => return Ok(broken(&checked, terminal)),
    };
    let options = Options {
        modes,
        targets: args.asked.which.targets.clone(),
        env_files,
        packs: input::packs(),
        folders: Some(Folder::at),
        today: Some(today),
        ..Options::default()
    };
    let options = match args.env_files.beside(&source, &options)? {
        Ok(options) => options,
        Err(checked) => return Ok(broken(&checked, terminal)),
    };
    let opened = Opened::read(&source, &options.env_files, &options.packs);
    let mode = opened.modes(modes).first().copied().filter(|_| opened.is_sound());
    let Some(policy) = mode.and_then(|mode| opened.policy(mode)) else {
        // A page of a value that is not there can say nothing.
        let options = Options { to_render: true, ..options.into_owned() };
        return Ok(broken(&crate::check::check(source.clone(), &options), terminal));
    };
    let mut plans = opened.plans(&policy, &args.asked.which.targets);
    let mut found = opened.judge(&options);
    let seen = args.seen.as_deref().map(verify::read).transpose()?;
    if let (Some(seen), Some(path)) = (&seen, &args.seen) {
        let refused = |why: String| Failure::Usage(format!("{} {why}", path.display()));
        seen.fits(&policy).map_err(refused)?;
        seen.witness(&mut plans);
        let otherwise = seen.findings(&plans).map_err(refused)?;
        found.extend(otherwise.into_iter().map(|finding| Found { finding, hidden_by: None }));
    }
    let mut checklist = Checklist::new(&source, &policy, &plans, &found, today);
    checklist.facts.extend(seen.map(|seen| ("Seen", seen.told(today))));
    let page = match args.format {
        Page::Markdown => markdown::render(&checklist),
        Page::Html => html::render(&checklist),
    };
    // The one form of comment that both formats have.
    let text = format!("<!-- {MADE_BY} {}. Change the profile instead. -->\n{page}", crate::VERSION);
    match &args.out {
        None => print(&text)?,
        Some(out) => {
            files::write(changes(Path::new(""), &[Artifact { path: out.clone(), text }])?)?;
            print(&format!("wrote {}: {}\n", out.display(), checklist.found))?;
        }
    }
    Ok(if checklist.ready { Outcome::Clean } else { Outcome::Found })
}
