//! `seccfg score`: the grade that a site has at MDN's HTTP Observatory, or will have by its profile, and a gate on it.

use std::path::{Path, PathBuf};

use super::asked::Which;
use super::network::Network;
use super::{Failure, Format, Outcome, Terminal, broken, one, print, width};
use crate::check::{Opened, Options, check};
use crate::input;
use crate::report::score::{Listing, Scored};
use crate::score::{ALGORITHM, least};
use crate::verify::observed::{Address, CONNECTIONS, observe};

#[derive(clap::Args)]
pub struct Args {
    /// The profile, its folder, or - for standard input; or the URL of a running site.
    #[arg(value_name = "PATH|URL")]
    what: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    network: Network,
    /// Exit with 1 below this grade (A+, A, A-, B+ … F) or these points.
    #[arg(long, value_name = "GRADE", value_parser = min)]
    min: Option<u32>,
    /// How to show it.
    #[arg(long, default_value = "human")]
    format: Format,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    match args.what.as_deref().and_then(Path::to_str).filter(|what| what.contains("://")) {
        Some(url) => of_site(args, url),
        None => of_profile(args, terminal),
    }
}

/// Scores what a running site answers.
fn of_site(args: &Args, url: &str) -> Result<Outcome, Failure> {
    if args.which.is_said() {
        let why = "--mode and --target choose within a profile, and of a URL the site itself is asked: leave them out";
        return Err(Failure::Usage(why.to_owned()));
    }
    let address = Address::read(url).map_err(Failure::Usage)?;
    let (authorities, settings) = (args.network.authorities()?, args.network.settings(CONNECTIONS));
    let measured = observe(&address, &authorities, jiff::Timestamp::now().as_second(), settings);
    let measured = measured.map_err(|silent| Failure::Usage(silent.to_string()))?;
    tell(args, &[Scored::measured(&measured)], None, None)
}

/// Scores what the site of a profile will answer.
fn of_profile(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    if args.network.is_said() {
        let why = "--resolve, --ca and --timeout are for a site that is asked by its URL, and a profile's is not: leave them out, \
                   or write `seccfg score https://host`";
        return Err(Failure::Usage(why.to_owned()));
    }
    let path = one(args.what.as_deref())?;
    let source = match input::read(&path)? {
        Ok(source) => source,
        Err(checked) => return Ok(broken(&checked, terminal)),
    };
    let name = source.name();
    let packs = input::packs();
    let opened = Opened::read(&source, &[], &packs);
    let modes = args.which.modes();
    let mode = opened.modes(modes).first().copied().filter(|_| opened.is_sound());
    let Some(policy) = mode.and_then(|mode| opened.policy(mode)) else {
        let options = Options { modes, packs, to_render: true, ..Options::default() };
        return Ok(broken(&check(source.clone(), &options), terminal));
    };
    let plans = opened.plans(&policy, &args.which.targets);
    let scores: Vec<Scored<'_>> = plans.iter().map(|plan| Scored::new(plan, opened.waivers())).collect();
    tell(args, &scores, Some(name), Some(policy.mode.as_str()))
}

/// Shows scores, and holds them against the gate.
fn tell(
    args: &Args,
    scores: &[Scored<'_>],
    file: Option<String>,
    mode: Option<&'static str>,
) -> Result<Outcome, Failure> {
    print(&match args.format {
        Format::Human => {
            let width = width(false);
            scores.iter().map(|score| score.human(width)).collect::<Vec<_>>().join("\n")
        }
        Format::Json => {
            let scores = scores.iter().map(Scored::listed).collect();
            let listing = Listing { version: 1, algorithm: ALGORITHM, file, mode, scores };
            serde_json::to_string_pretty(&listing).expect("a score is text") + "\n"
        }
    })?;
    let below = args.min.is_some_and(|min| scores.iter().any(|score| score.points() < min));
    Ok(if below { Outcome::Found } else { Outcome::Clean })
}

/// The least points that are asked for on the command line, by a grade or by their number.
fn min(text: &str) -> Result<u32, String> {
    least(text)
        .or_else(|| text.parse().ok())
        .ok_or_else(|| "is no grade from A+ to F and no number of points: write `A` or `90`".to_owned())
}
