//! From two plans to the parts of a rollout: each difference becomes part of one step, or of several, where it goes live in
//! several.
//!
//! A part writes keys. Those of an earlier one may be values that stand in neither profile, such as `hsts.max_age = "1d"`;
//! the last part that writes a key writes the value of the new profile, and waits for the others.

mod browsers;
mod rest;
mod secrets;
mod tokens;
mod transport;

use std::collections::BTreeSet;

use super::{Kind, State};
use crate::plan::Plan;
use crate::profile::{Date, Duration};
use crate::source::{KeyPath, Literal};

/// Keys and what is written there; nothing: the key is taken away.
pub type Sets = Vec<(KeyPath, Option<Literal>)>;

/// Part of a step.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What it does.
    pub kind: Kind,
    /// Which of several of its kind it is about, such as the cookie; empty where there is one.
    pub subject: String,
    /// Its place among those of its kind and subject, each of which waits for the one before it.
    pub nth: usize,
    /// What it writes.
    pub sets: Sets,
    /// What the site has to be mended of, beside what is written: what was seen, by control.
    pub mends: Vec<(String, String)>,
    /// What it does, where the profiles say more of it than its kind.
    pub title: Option<String>,
    /// Why it has its place, likewise.
    pub why: Option<String>,
    /// How long it stands before what waits for it.
    pub stands: Duration,
    /// The day before which it does not go live, whatever it waits for.
    pub not_before: Option<Date>,
}

impl Draft {
    /// A part of a kind, of which all else is as usual.
    pub fn new(kind: Kind, sets: Sets) -> Self {
        Self {
            kind,
            subject: String::new(),
            nth: 0,
            sets,
            mends: Vec::new(),
            title: None,
            why: None,
            stands: kind.stands(),
            not_before: None,
        }
    }

    /// The same about one of several.
    fn of(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.subject);
        self
    }

    fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    fn standing(mut self, stands: Duration) -> Self {
        self.stands = stands;
        self
    }

    /// Whether it waits for another one, by their kinds and by what they are about.
    pub fn waits_for(&self, other: &Self) -> bool {
        let is_same = self.subject == other.subject;
        let is_about = is_same || self.subject.is_empty() || other.subject.is_empty();
        // Of several of a kind, each waits for the one before it, and the first for all that the kind waits for.
        let is_after = is_about && self.nth == 0 && self.kind.after().contains(&other.kind);
        is_after || (self.kind == other.kind && is_same && other.nth + 1 == self.nth)
    }
}

/// The two sides of a rollout, and the differences that no part has taken yet.
pub struct Sides<'s> {
    /// What is live.
    pub old: &'s Plan<'s>,
    /// What is to be.
    pub new: &'s Plan<'s>,
    /// What is written in the old profile.
    pub from: &'s State,
    /// What is written in the new one.
    pub to: &'s State,
    /// The keys that differ.
    left: BTreeSet<KeyPath>,
    /// What new host names go live with.
    with_names: Sets,
    /// The parts so far.
    drafts: Vec<Draft>,
}

impl<'s> Sides<'s> {
    /// The sides of a rollout, and the keys in which they differ.
    pub fn new(plans: [&'s Plan<'s>; 2], states: [&'s State; 2], differing: BTreeSet<KeyPath>) -> Self {
        let ([old, new], [from, to]) = (plans, states);
        Self { old, new, from, to, left: differing, with_names: Sets::new(), drafts: Vec::new() }
    }

    /// The parts of the rollout, in the order in which they go live.
    pub fn drafts(mut self) -> Vec<Draft> {
        transport::split(&mut self);
        browsers::split(&mut self);
        secrets::split(&mut self);
        tokens::split(&mut self);
        rest::split(&mut self);
        debug_assert!(self.left.is_empty(), "a difference is part of no step: {:?}", self.left);
        let rank = |draft: &Draft| (draft.kind, draft.subject.clone(), draft.nth);
        self.drafts.sort_by_key(rank);
        self.drafts
    }

    /// Takes the differences that a test is true of, with the values that the new profile has there.
    fn take(&mut self, test: impl Fn(&KeyPath) -> bool) -> Sets {
        let taken: Vec<KeyPath> = self.left.iter().filter(|key| test(key)).cloned().collect();
        self.left.retain(|key| !test(key));
        self.finals(&taken)
    }

    /// Takes the differences at a key and below it.
    fn take_within(&mut self, above: impl Into<KeyPath>) -> Sets {
        let above = above.into();
        self.take(|key| key.is_within(&above))
    }

    /// Keys with the values that the new profile has there.
    fn finals(&self, keys: &[KeyPath]) -> Sets {
        keys.iter().map(|key| (key.clone(), self.to.get(key).cloned())).collect()
    }

    /// Adds a part, unless it does nothing.
    fn push(&mut self, draft: Draft) {
        if !draft.sets.is_empty() || draft.kind.is_look() {
            self.drafts.push(draft);
        }
    }

    /// The values of a list in both profiles, the old ones first, each once.
    fn united(&self, section: &str, key: &str) -> Literal {
        let list = |plan: &Plan<'_>| plan.policy.to_json()[section][key].as_array().cloned().unwrap_or_default();
        let mut united = list(self.old);
        for value in list(self.new) {
            if !united.contains(&value) {
                united.push(value);
            }
        }
        united.iter().collect()
    }
}

/// A key that is written as a text.
fn text(key: &'static str, value: &str) -> (KeyPath, Option<Literal>) {
    (key.into(), Some(Literal::from(value)))
}

/// A key that is written as a truth.
fn truth(key: &'static str, value: bool) -> (KeyPath, Option<Literal>) {
    (key.into(), Some(Literal::from(value)))
}
