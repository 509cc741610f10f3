//! `seccfg plan --from`: in which order the differences to a profile go live.

use std::path::Path;

use super::{Failure, Format, Outcome, Terminal, broken, print, width};
use crate::apps::Packs;
use crate::check::{Modes, Opened, Options, check};
use crate::input;
use crate::plan::{Plan, Target};
use crate::profile::Date;
use crate::report::rollout::Told;
use crate::rollout::{Before, Judge, Live, Rollout};
use crate::source::Source;
use crate::verify::seen::Seen;

/// The profile that is to go live.
pub(super) struct New<'n> {
    /// Its plan.
    pub plan: &'n Plan<'n>,
    /// Its text.
    pub source: &'n Source,
    /// Where packs come from.
    pub packs: &'n Packs,
    /// The edges that were asked for.
    pub targets: &'n [Target],
    /// The day on which the first step may go live.
    pub today: Date,
}

pub(super) fn run(new: &New<'_>, from: &Path, format: Format, terminal: &Terminal) -> Result<Outcome, Failure> {
    if from == Path::new(input::STDIN) && new.source.name() == input::STDIN_NAME {
        return Err(Failure::Usage("both profiles are to come from standard input: name the file of one".to_owned()));
    }
    let path = input::one(Some(from))?;
    // No profile begins with a brace, and what was seen does.
    let is_seen = |source: &Source| source.text.trim_start().starts_with('{');
    let source =
        match input::read_any(&path)?.and_then(|read| if is_seen(&read) { Ok(read) } else { input::profile(read) }) {
            Ok(source) => source,
            Err(checked) => return Ok(broken(&checked, terminal)),
        };
    if !is_seen(&source) {
        return of_profile(new, &source, format, terminal);
    }
    let refused = |why: String| Failure::Usage(format!("{} {why}", path.display()));
    let seen = Seen::read(&source.text).map_err(refused)?;
    seen.fits(new.plan.policy).map_err(refused)?;
    if seen.target != new.plan.edge.target().as_str() {
        return Err(refused(format!("was seen behind {}: ask for it with --target {}", seen.target, seen.target)));
    }
    let before = Before::of(new.plan, &seen);
    // It is read as if it stood beside the new profile, whose pack it has.
    let source_before = Source::new(&new.source.path, before.state.text());
    let told = Told { from: source.name(), seen: Some(seen.told(new.today)), unseen: before.unseen };
    live(new, &source_before, &before.live, &told, format, terminal)
}

fn of_profile(new: &New<'_>, old: &Source, format: Format, terminal: &Terminal) -> Result<Outcome, Failure> {
    let told = Told { from: old.name(), seen: None, unseen: Vec::new() };
    live(new, old, &[], &told, format, terminal)
}

/// Shows the steps from what is live to the new profile.
fn live(
    new: &New<'_>,
    old: &Source,
    live: &[Live],
    told: &Told,
    format: Format,
    terminal: &Terminal,
) -> Result<Outcome, Failure> {
    let mode = new.plan.policy.mode;
    let opened = Opened::read(old, &[], new.packs);
    let Some(policy) = opened.policy(mode).filter(|_| opened.is_sound()) else {
        let packs = new.packs.clone();
        let options = Options { modes: Modes::One(mode), packs, to_render: true, ..Options::default() };
        return Ok(broken(&check(old.clone(), &options), terminal));
    };
    let plans = opened.plans(&policy, &[new.plan.edge.target()]);
    let Some(plan) = plans.first() else { return Ok(Outcome::Clean) };
    let judge = Judge { source: new.source, mode, targets: new.targets, packs: new.packs, today: new.today };
    let rollout = Rollout::new(plan, new.plan, live, &judge);
    print(&match format {
        Format::Human => told.human(&rollout, new.plan, new.source, width(false)),
        Format::Json => told.json(&rollout, new.plan, new.source, new.today),
    })?;
    Ok(Outcome::Clean)
}
