//! `seccfg score`: the grade that a site has at MDN's HTTP Observatory, or will have by its profile, and a gate on it.

use std::path::{Path, PathBuf};

use super::asked::Which;
use super::network::Network;
use super::{Failure, Format, Outcome, Terminal, broken, one, print, width};
use crate::check::{Opened, Options, check};
use crate::input;
use crate::plan::Plan;
use crate::profile::Waiver;
use crate::report::score::Scored;
use crate::report::score::listed::Listing;
use crate::score::{ALGORITHM, least};
use crate::source::Source;
use crate::verify::observed::{Address, CONNECTIONS, Measured, observe};

#[derive(clap::Args)]
pub struct Args {
    /// The profile, its folder, or - for standard input; or the URL of a running site.
    #[arg(value_name = "PATH|URL")]
    what: Option<PathBuf>,
    /// With a URL: hold what the site answers against what this profile, or the one of this folder, predicts, and exit with 1
    /// where a test ends worse.
    #[arg(long, value_name = "PATH")]
    profile: Option<PathBuf>,
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
        Some(url) => of_site(args, url, terminal),
        None => of_profile(args, terminal),
    }
}

/// Scores what a running site answers.
fn of_site(args: &Args, url: &str, terminal: &Terminal) -> Result<Outcome, Failure> {
    let address = Address::read(url).map_err(Failure::Usage)?;
    if let Some(profile) = &args.profile {
        return with_plans(args, profile, terminal, |profile| {
            let Some(plan) = profile.plans.first() else { return Ok(Outcome::Clean) };
            let own = plan.policy.url().origin().host().to_string();
            let aliases = plan.policy.app.aliases.iter().map(ToString::to_string);
            if !std::iter::once(own.clone()).chain(aliases).any(|name| address.is_of(&name)) {
                let mode = plan.policy.mode;
                return Err(Failure::Usage(format!(
                    "the profile is for {own} in {mode}, and the URL is another site's: name the URL of that site, or another --mode"
                )));
            }
            let measured = ask(args, &address)?;
            let score = Scored::measured(&measured).beside(plan, profile.source);
            tell(args, &[score], Some(profile.source.name()), Some(plan.policy.mode.as_str()))
        });
    }
    if args.which.is_said() {
        let why = "--mode and --target choose within a profile, and of a URL the site itself is asked: leave them out, or name the \
                   profile with --profile";
        return Err(Failure::Usage(why.to_owned()));
    }
    tell(args, &[Scored::measured(&ask(args, &address)?)], None, None)
}

/// Asks a site what Observatory asks.
fn ask(args: &Args, address: &Address) -> Result<Measured, Failure> {
    let (authorities, settings) = (args.network.authorities()?, args.network.settings(CONNECTIONS));
    let measured = observe(address, &authorities, jiff::Timestamp::now().as_second(), settings);
    measured.map_err(|silent| Failure::Usage(silent.to_string()))
}

/// Scores what the site of a profile will answer.
fn of_profile(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    if args.network.is_said() {
        let why = "--resolve, --ca and --timeout are for a site that is asked by its URL, and a profile's is not: leave them out, \
                   or write `seccfg score https://host`";
        return Err(Failure::Usage(why.to_owned()));
    }
    if args.profile.is_some() {
        let why = "--profile names what a running site is held against: write `seccfg score https://host --profile PATH`, or the \
                   profile alone without --profile";
        return Err(Failure::Usage(why.to_owned()));
    }
    with_plans(args, &one(args.what.as_deref())?, terminal, |profile| {
        let Profile { source, plans, waivers } = profile;
        let scores: Vec<Scored<'_>> = plans.iter().map(|plan| Scored::new(plan, waivers)).collect();
        let mode = plans.first().map(|plan| plan.policy.mode.as_str());
        tell(args, &scores, Some(source.name()), mode)
    })
}

/// A profile that was read, and what it plans.
struct Profile<'p> {
    source: &'p Source,
    plans: &'p [Plan<'p>],
    waivers: &'p [Waiver],
}

/// Reads a profile, and does something with its plans; where it cannot be read, it says why.
fn with_plans(
    args: &Args,
    path: &Path,
    terminal: &Terminal,
    then: impl FnOnce(&Profile<'_>) -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let source = match input::read(&one(Some(path))?)? {
        Ok(source) => source,
        Err(checked) => return Ok(broken(&checked, terminal)),
    };
    let packs = input::packs();
    let opened = Opened::read(&source, &[], &packs);
    let modes = args.which.modes();
    let mode = opened.modes(modes).first().copied().filter(|_| opened.is_sound());
    let Some(policy) = mode.and_then(|mode| opened.policy(mode)) else {
        let options = Options { modes, packs, to_render: true, ..Options::default() };
        return Ok(broken(&check(source.clone(), &options), terminal));
    };
    let plans = opened.plans(&policy, &args.which.targets);
    then(&Profile { source: &source, plans: &plans, waivers: opened.waivers() })
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
    let worse = scores.iter().any(Scored::is_worse);
    Ok(if below || worse { Outcome::Found } else { Outcome::Clean })
}

/// The least points that are asked for on the command line, by a grade or by their number.
fn min(text: &str) -> Result<u32, String> {
    least(text)
        .or_else(|| text.parse().ok())
        .ok_or_else(|| "is no grade from A+ to F and no number of points: write `A` or `90`".to_owned())
}
