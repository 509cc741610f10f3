//! A rollout between two texts, and what has to be true of every one.

use std::collections::BTreeSet;

use seccfg::apps::Packs;
use seccfg::check::Opened;
use seccfg::profile::{Date, Mode};
use seccfg::rollout::{Judge, Kind, Rollout, State};
use seccfg::source::Source;

pub const TODAY: &str = "2026-11-29";

/// What a rollout does, without what it was made from.
#[derive(Debug)]
pub struct Steps {
    /// The kinds of each step's parts.
    pub kinds: Vec<Vec<Kind>>,
    /// The days from the first day to that of each step.
    pub days: Vec<i32>,
    /// The text of each state.
    pub states: Vec<String>,
    pub rollout: Rollout,
}

impl Steps {
    /// The names of the parts, step by step, those of one step with a `+` between them.
    pub fn ids(&self) -> Vec<String> {
        let ids = |kinds: &Vec<Kind>| kinds.iter().map(|kind| kind.id()).collect::<Vec<_>>().join("+");
        self.kinds.iter().map(ids).collect()
    }

    /// The place of the last step that has a part of a kind.
    pub fn at(&self, id: &str) -> Option<usize> {
        self.kinds.iter().rposition(|kinds| kinds.iter().any(|kind| kind.id() == id))
    }
}

/// The steps from one text to another, in production, after everything that holds of all rollouts was asked of them.
pub fn steps(old: &str, new: &str) -> Steps {
    let (old, new) = (Source::new("security.toml", old), Source::new("security.toml", new));
    let (packs, today): (_, Date) = (Packs::default(), TODAY.parse().expect("it is a day"));
    let opened = [&old, &new].map(|source| Opened::read(source, &[], &packs));
    let sound = |at: usize| {
        assert!(opened[at].is_sound(), "{}", [&old, &new][at].text);
        opened[at].policy(Mode::Prod).expect("it is sound")
    };
    let policies = [sound(0), sound(1)];
    let plans = [0, 1].map(|at| opened[at].plans(&policies[at], &[]));
    let judge = Judge { source: &new, mode: Mode::Prod, targets: &[], packs: &packs, today };
    let rollout = Rollout::new(&plans[0][0], &plans[1][0], &[], &judge);
    let told = || format!("{}\n---\n{}\n{rollout:#?}", old.text, new.text);

    assert_eq!(rollout.states.len(), rollout.steps.len() + 1, "{}", told());
    for (at, step) in rollout.steps.iter().enumerate() {
        for wait in &step.waits_for {
            assert!(wait.step < at, "step {at} waits for a later one: {}", told());
            let stood = step.day.days_after(rollout.steps[wait.step].day);
            assert!(stood >= wait.days, "step {at} does not wait: {}", told());
        }
        assert!(at == 0 || step.day >= rollout.steps[at - 1].day, "step {at} is before the one before it: {}", told());
        // What has to be live before a part is so, whatever else the step waits for.
        for part in &step.parts {
            for later in rollout.steps[at + 1..].iter().flat_map(|step| &step.parts) {
                let is_about = [&part.subject, &later.subject].iter().any(|subject| subject.is_empty())
                    || part.subject == later.subject;
                let is_before = is_about && part.kind.after().contains(&later.kind);
                assert!(!is_before, "{:?} goes before {:?}: {}", part.kind, later.kind, told());
            }
        }
    }
    // The last state is the new profile: not its text, but everything that it says.
    let last = Source::new("security.toml", rollout.states.last().expect("there is one").text());
    let reopened = Opened::read(&last, &[], &packs);
    assert!(reopened.is_sound(), "{}", told());
    let policy = reopened.policy(Mode::Prod).expect("it is sound");
    assert_eq!(policy.values(), policies[1].values(), "{}", told());
    let demands = |plan: &seccfg::plan::Plan<'_>| {
        let entries = plan.entries.iter().map(|entry| format!("{:?} {:?}", entry.demand, entry.owner));
        entries.collect::<Vec<_>>()
    };
    let reached = reopened.plans(&policy, &[]);
    assert_eq!(demands(&reached[0]), demands(&plans[1][0]), "{}", told());

    // What both profiles keep, every state keeps.
    let codes = |state: &State| -> BTreeSet<&str> { judge.errors(state).iter().map(|error| error.code).collect() };
    let ends = [rollout.states.first(), rollout.states.last()].map(|state| codes(state.expect("there is one")));
    let are_clean = ends.iter().all(BTreeSet::is_empty);
    for (state, step) in rollout.states[1..].iter().zip(&rollout.steps) {
        let broken = codes(state);
        assert!(!are_clean || broken.is_empty(), "{broken:?} in between: {}", told());
        let told_open: BTreeSet<&str> = broken.difference(&ends[1]).copied().collect();
        assert_eq!(step.breaks.iter().copied().collect::<BTreeSet<_>>(), told_open, "{}", told());
    }
    Steps {
        kinds: rollout.steps.iter().map(|step| step.parts.iter().map(|part| part.kind).collect()).collect(),
        days: rollout.steps.iter().map(|step| step.day.days_after(today)).collect(),
        states: rollout.states.iter().map(State::text).collect(),
        rollout,
    }
}
