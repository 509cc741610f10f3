//! `seccfg plan`: who enforces what, behind each edge.

use std::path::PathBuf;

use clap::ValueEnum;

use super::asked::Asked;
use super::rollout::{self, New};
use super::{Failure, Format, Outcome, Terminal, broken, date, one, print, width};
use crate::check::{Opened, Options};
use crate::input;
use crate::plan::Plan;
use crate::profile::Date;
use crate::report::picture::{self, Look, Picture};
use crate::report::plan;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    asked: Asked,
    /// Show in which order the differences from this go live, and why: from a profile, or from what `seccfg verify --out` saw
    /// of the running site.
    #[arg(long, value_name = "OLD")]
    from: Option<PathBuf>,
    /// With --from: the day on which the first step may go live (UTC), as YYYY-MM-DD [default: today].
    #[arg(long, value_name = "DATE", value_parser = date, requires = "from")]
    today: Option<Date>,
    /// How to show it.
    #[arg(long, default_value = "human")]
    format: PlanFormat,
}

/// How a plan is shown.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PlanFormat {
    /// A table.
    Human,
    /// One document.
    Json,
    /// A picture: a lane for each layer, and on it what that layer enforces.
    Svg,
    /// The same as a flowchart of Mermaid's.
    Mermaid,
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
    let modes = args.asked.which.modes();
    let mode = opened.modes(modes).first().copied().filter(|_| opened.is_sound());
    let Some(policy) = mode.and_then(|mode| opened.policy(mode)) else {
        let options = Options { modes, packs, to_render: true, ..Options::default() };
        return Ok(broken(&crate::check::check(source.clone(), &options), terminal));
    };
    let plans = opened.plans(&policy, &args.asked.which.targets);
    if let (Some(from), Some(plan)) = (&args.from, plans.first()) {
        let format = match args.format {
            PlanFormat::Human => Format::Human,
            PlanFormat::Json => Format::Json,
            PlanFormat::Svg | PlanFormat::Mermaid => {
                let why =
                    "the steps that `--from` asks for have no picture: leave out --format, or write `--format json`";
                return Err(Failure::Usage(why.to_owned()));
            }
        };
        let today = args.today.unwrap_or_else(Date::today);
        let new = New { plan, source: &source, packs: &packs, targets: &args.asked.which.targets, today };
        return rollout::run(&new, from, format, terminal);
    }
    let gaps = plans.iter().any(|plan| plan.gaps().next().is_some());
    print(&match args.format {
        PlanFormat::Human => {
            let width = width(false);
            plans.iter().map(|one| plan::human(one, width)).collect::<Vec<_>>().join("\n")
        }
        PlanFormat::Json => {
            let plans = plans.iter().map(|plan: &Plan<'_>| plan::Listed::new(plan)).collect();
            let listing = plan::Listing { version: 1, file: name, mode: policy.mode.as_str(), plans };
            serde_json::to_string_pretty(&listing).expect("a plan is text") + "\n"
        }
        PlanFormat::Svg => picture::svg(&pictures(&plans), Look::Alone),
        PlanFormat::Mermaid => picture::mermaid(&pictures(&plans)),
    })?;
    Ok(if gaps { Outcome::Found } else { Outcome::Clean })
}

fn pictures(plans: &[Plan<'_>]) -> Vec<Picture> {
    plans.iter().map(Picture::new).collect()
}
