//! In which order the differences between two profiles go live, and why.
//!
//! From a site without HSTS to one with it for a year: a day of it, a week, a month, a year, each after the one before has
//! stood for as long as browsers remember it. What is demanded in the two plans says which differences there are and
//! which way they go (`split`); the kinds of steps say what waits for what ([`Kind::after`]); and every state in between is
//! asked of the rules: a step that would break what both profiles keep goes live together with what mends it (`order`).
//! Nothing here touches the disk or the network.

mod kind;
mod order;
mod seen;
mod split;
mod state;
mod texts;

use std::collections::BTreeSet;

pub use kind::Kind;
pub use seen::{Before, Live};
pub use state::State;

use crate::apps::Packs;
use crate::check::{Modes, Opened, Options};
use crate::finding::{Finding, Severity};
use crate::plan::{Plan, Target};
use crate::profile::{Date, Mode};
use crate::source::{KeyPath, Literal, Source};
use split::Sides;

/// The steps from what is live to what a profile says.
#[derive(Debug)]
pub struct Rollout {
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// What is written before the first step, and after each: one more than there are steps.
    pub states: Vec<State>,
}

/// What goes live at once.
#[derive(Debug)]
pub struct Step {
    /// What it does: more than one part where the parts cannot stand without each other.
    pub parts: Vec<Part>,
    /// The steps that have to stand before it, each with the days for which they do.
    pub waits_for: Vec<Wait>,
    /// The first day on which it may go live.
    pub day: Date,
    /// The rules that would be broken between its parts.
    pub together: BTreeSet<&'static str>,
    /// The rules that the profile breaks after it, and keeps after a later step: until then, a waiver lets it be rendered.
    pub breaks: BTreeSet<&'static str>,
}

/// What a step waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The place of the other step in the order, from 0.
    pub step: usize,
    /// How many days it has to stand.
    pub days: i32,
}

/// One thing that a step does.
#[derive(Debug)]
pub struct Part {
    /// What kind of thing.
    pub kind: Kind,
    /// Which of several it is about, such as the cookie; empty where there is one.
    pub subject: String,
    /// What it does, in a few words.
    pub title: String,
    /// What it writes.
    pub changes: Vec<Changed>,
    /// What the site was seen to do otherwise, by control, and has to be mended.
    pub mends: Vec<(String, String)>,
    /// Why it has its place in the order.
    pub why: String,
    /// How one sees that it is done.
    pub done: &'static str,
    /// How it is taken back.
    pub back: &'static str,
}

/// A key that a step writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The key.
    pub key: KeyPath,
    /// What stood there; nothing: the key was not written.
    pub old: Option<Literal>,
    /// What stands there after the step; nothing: the key is taken away.
    pub new: Option<Literal>,
}

/// What the states in between are judged by: as the new profile is.
#[derive(Clone, Debug)]
pub struct Judge<'j> {
    /// The new profile, from whose folder packs are named.
    pub source: &'j Source,
    /// Its mode.
    pub mode: Mode,
    /// Behind these edges; none: those that a profile declares.
    pub targets: &'j [Target],
    /// Where packs come from.
    pub packs: &'j Packs,
    /// The day on which the first step may go live.
    pub today: Date,
}

impl Judge<'_> {
    /// The errors of a state.
    pub fn errors(&self, state: &State) -> Vec<Finding> {
        let source = Source::new(&self.source.path, state.text());
        let options = Options {
            modes: Modes::One(self.mode),
            targets: self.targets.to_vec(),
            packs: self.packs.clone(),
            today: Some(self.today),
            ..Options::default()
        };
        let found = Opened::read(&source, &[], self.packs).judge(&options);
        found.into_iter().map(|one| one.finding).filter(|finding| finding.severity == Severity::Error).collect()
    }
}

impl Rollout {
    /// The steps from one plan to another. `live` is what the site was seen to do otherwise and no key says.
    pub fn new(old: &Plan<'_>, new: &Plan<'_>, live: &[Live], judge: &Judge<'_>) -> Self {
        let (mut from, to) = (State::of(old.policy), State::of(new.policy));
        let mut differing = differing(old, new, &mut from, &to);
        differing.retain(|key| from.get(key) != to.get(key));
        let sides = Sides::new([old, new], [&from, &to], differing);
        let drafts = seen::with_what_is_live(sides.drafts(), live);
        let mut rollout = order::ordered(&drafts, from, &to, judge);
        rollout.tell_what_stood(&State::of(old.policy));
        rollout
    }

    /// Says of each key that is written first what really stood there: a default that the new profile writes out was not
    /// written in the old one.
    fn tell_what_stood(&mut self, old: &State) {
        let mut written = BTreeSet::new();
        let parts = self.steps.iter_mut().flat_map(|step| &mut step.parts);
        for change in parts.flat_map(|part| &mut part.changes) {
            if written.insert(change.key.clone()) {
                change.old = old.get(&change.key).cloned();
            }
        }
    }
}

/// The keys in which two profiles differ. What only another spelling says, or a default that is written out, is no
/// difference: the old state takes the new spelling.
fn differing(old: &Plan<'_>, new: &Plan<'_>, from: &mut State, to: &State) -> BTreeSet<KeyPath> {
    let all: BTreeSet<KeyPath> = from.keys().chain(to.keys()).cloned().collect();
    let values = [old, new].map(|plan| plan.policy.to_json());
    let mut differing = BTreeSet::new();
    let mut spelled = Vec::new();
    for key in all.into_iter().filter(|key| from.get(key) != to.get(key)) {
        // A table that stands for itself, beside one with keys, is there in both.
        if from.is_empty_table(&key) && to.holds_below(&key) {
            continue;
        }
        let says_the_same = value(values[0], &key).is_some() && value(values[0], &key) == value(values[1], &key);
        if (to.is_empty_table(&key) && from.holds_below(&key)) || (says_the_same && is_said_by_value(&key)) {
            spelled.push(key);
        } else {
            differing.insert(key);
        }
    }
    for key in spelled {
        from.set(&key, to.get(&key));
    }
    differing
}

/// Whether what a key says is all in its value. A flag of a cookie that is not written is left to the app; one that is
/// written as `false` is taken away. A size that is written is asked for.
fn is_said_by_value(key: &KeyPath) -> bool {
    !["cookies", "app.max_body", "passwords", "sessions", "tokens"].iter().any(|above| key.is_within(&(*above).into()))
}

/// The value at a key.
fn value<'v>(values: &'v serde_json::Value, key: &KeyPath) -> Option<&'v serde_json::Value> {
    key.segments().iter().try_fold(values, |value, segment| match segment {
        crate::source::Segment::Key(key) => value.get(key.as_ref()),
        crate::source::Segment::Index(index) => value.get(index),
    })
}
