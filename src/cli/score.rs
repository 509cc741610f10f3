//! `seccfg score`: the grade that a profile's site will have at MDN's HTTP Observatory, and a gate on it.

use super::asked::Asked;
use super::{Failure, Format, Outcome, Terminal, broken, one, print, width};
use crate::check::{Opened, Options, check};
use crate::input;
use crate::report::score::{Listing, Scored};
use crate::score::{ALGORITHM, least};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    asked: Asked,
    /// Exit with 1 below this grade (A+, A, A-, B+ … F) or these points.
    #[arg(long, value_name = "GRADE", value_parser = min)]
    min: Option<u32>,
    /// How to show it.
    #[arg(long, default_value = "human")]
    format: Format,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let path = one(args.asked.path.as_deref())?;
    let source = match input::read(&path)? {
        Ok(source) => source,
        Err(checked) => return Ok(broken(&checked, terminal)),
    };
    let name = source.name();
    let packs = input::packs();
    let opened = Opened::read(&source, &[], &packs);
    let modes = args.asked.modes();
    let mode = opened.modes(modes).first().copied().filter(|_| opened.is_sound());
    let Some(policy) = mode.and_then(|mode| opened.policy(mode)) else {
        let options = Options { modes, packs, to_render: true, ..Options::default() };
        return Ok(broken(&check(source.clone(), &options), terminal));
    };
    let plans = opened.plans(&policy, &args.asked.targets);
    let scores: Vec<Scored<'_>> = plans.iter().map(|plan| Scored::new(plan, opened.waivers())).collect();
    print(&match args.format {
        Format::Human => {
            let width = width(false);
            scores.iter().map(|score| score.human(width)).collect::<Vec<_>>().join("\n")
        }
        Format::Json => {
            let listing = Listing {
                version: 1,
                algorithm: ALGORITHM,
                file: name,
                mode: policy.mode.as_str(),
                scores: scores.iter().map(Scored::listed).collect(),
            };
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
