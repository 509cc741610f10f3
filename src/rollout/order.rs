//! The order of the parts, what goes live together, and the day of each step.
//!
//! Of the parts that wait for nothing any more, the one goes first that is ready on the earliest day. Where the state after
//! it would break a rule that both ends keep, it goes together with what mends that.

use std::collections::{BTreeMap, BTreeSet};

use super::split::Draft;
use super::{Changed, Judge, Part, Rollout, State, Step, Wait};
use crate::finding::Finding;
use crate::profile::Date;
use crate::rules;
use crate::source::KeyPath;

/// Puts parts into steps. They come in an order in which each waits for earlier ones alone.
pub(super) fn ordered(drafts: &[Draft], from: State, to: &State, judge: &Judge<'_>) -> Rollout {
    let mut order =
        Order { drafts, judge, accepted: Accepted::new(judge, &from, to), placed: BTreeMap::new(), steps: Vec::new() };
    let mut states = vec![from];
    let mut open: Vec<usize> = (0..drafts.len()).collect();
    // The day before which a part cannot go, because of what has to go with it.
    let mut held: BTreeMap<usize, Date> = BTreeMap::new();
    while let Some((day, first)) = order.next(&open, &held) {
        let here = states.last().expect("there is a state to begin with");
        let group = order.group(first, &open, here);
        let rest: Vec<usize> = open.iter().copied().filter(|at| !group.members.contains(at)).collect();
        let (waits_for, whole) = order.waits(&group.members);
        // Others are ready before all of the group is.
        if whole > day && order.next(&rest, &held).is_some_and(|(other, _)| other < whole) {
            held.insert(first, whole);
            continue;
        }
        open = rest;
        // A part that says what is so already is no step. What waits for it waits for what it waited for.
        let is_step = !group.parts.is_empty();
        let place = if is_step { Gone::Step(order.steps.len()) } else { Gone::Nothing(whole) };
        order.placed.extend(group.members.iter().map(|at| (*at, place)));
        if is_step {
            let Group { parts, together, breaks, .. } = group;
            // What was held for the sake of another state may be ready earlier than what went before it.
            let day = order.steps.last().map_or(whole, |before| whole.max(before.day));
            order.steps.push(Step { parts, waits_for, day, together, breaks });
            states.push(group.state);
        }
    }
    Rollout { steps: order.steps, states }
}

/// The errors that a state in between may have.
struct Accepted {
    /// The codes that one of the ends has, too.
    codes: BTreeSet<&'static str>,
    /// The keys at which an end has an error. Where TLS is off, and should not be, nobody can say whether the site keeps
    /// what holds for https: so what rests on such a key is kept by no end.
    wrong: Vec<KeyPath>,
    /// The codes that the new profile has.
    stay: BTreeSet<&'static str>,
}

/// What chooses the app's pack, on which every rule rests.
const PACK: [&str; 2] = ["app.kind", "app.release"];

impl Accepted {
    fn new(judge: &Judge<'_>, from: &State, to: &State) -> Self {
        let (old, new) = (judge.errors(from), judge.errors(to));
        let stay = new.iter().map(|error| error.code).collect();
        let both = || old.iter().chain(&new);
        let wrong = both().map(|error| error.place.key.clone());
        let wrong = wrong.filter(|key| !key.is_root() && !PACK.iter().any(|pack| *key == (*pack).into())).collect();
        Self { codes: both().map(|error| error.code).collect(), wrong, stay }
    }

    /// Whether an error is one that both ends keep from having.
    fn forbids(&self, error: &Finding) -> bool {
        let rests_on_what_is_wrong =
            || rules::by_code(error.code).is_some_and(|rule| self.wrong.iter().any(|key| rule.rests_on(error, key)));
        !self.codes.contains(error.code) && !rests_on_what_is_wrong()
    }
}

/// The parts that go live together.
struct Group {
    members: Vec<usize>,
    parts: Vec<Part>,
    state: State,
    together: BTreeSet<&'static str>,
    breaks: BTreeSet<&'static str>,
}

/// What became of a part.
#[derive(Clone, Copy)]
enum Gone {
    /// It is part of this step.
    Step(usize),
    /// It was nothing, on this day.
    Nothing(Date),
}

struct Order<'o> {
    drafts: &'o [Draft],
    judge: &'o Judge<'o>,
    accepted: Accepted,
    /// Where each part is that has gone.
    placed: BTreeMap<usize, Gone>,
    steps: Vec<Step>,
}

impl Order<'_> {
    /// Whether a part waits for nothing but what has gone, or goes along.
    fn may_go(&self, at: usize, along: &[usize]) -> bool {
        let is_there = |other: usize| self.placed.contains_key(&other) || along.contains(&other);
        (0..self.drafts.len()).all(|other| !self.drafts[at].waits_for(&self.drafts[other]) || is_there(other))
    }

    /// The part that is ready first, and the day.
    fn next(&self, open: &[usize], held: &BTreeMap<usize, Date>) -> Option<(Date, usize)> {
        let may_go = open.iter().copied().filter(|at| self.may_go(*at, &[]));
        let day = |at: usize| {
            let (_, day) = self.waits(&[at]);
            held.get(&at).map_or(day, |held| day.max(*held))
        };
        may_go.map(|at| (day(at), at)).min()
    }

    /// A part, and whatever has to go with it.
    fn group(&self, first: usize, open: &[usize], here: &State) -> Group {
        let mut state = here.clone();
        let mut parts = vec![part(&self.drafts[first], &mut state)];
        let mut members = vec![first];
        let mut together = BTreeSet::new();
        loop {
            let errors = self.judge.errors(&state);
            let forbidden = self.forbidden(&errors);
            let others: Vec<usize> = open.iter().copied().filter(|at| !members.contains(at)).collect();
            let along = others.iter().copied().filter(|at| self.may_go(*at, &members));
            let mends = |at: &usize| {
                let mut state = state.clone();
                part(&self.drafts[*at], &mut state);
                self.forbidden(&self.judge.errors(&state)).is_empty()
            };
            let Some(next) =
                along.clone().find(mends).or_else(|| along.clone().next()).filter(|_| !forbidden.is_empty())
            else {
                parts.retain(|part| part.kind.is_look() || !part.changes.is_empty() || !part.mends.is_empty());
                let breaks = errors.iter().map(|error| error.code);
                let breaks = breaks.filter(|code| !self.accepted.stay.contains(code)).collect();
                return Group { members, parts, state, together, breaks };
            };
            together.extend(forbidden);
            parts.push(part(&self.drafts[next], &mut state));
            members.push(next);
        }
    }

    fn forbidden(&self, errors: &[Finding]) -> BTreeSet<&'static str> {
        errors.iter().filter(|error| self.accepted.forbids(error)).map(|error| error.code).collect()
    }

    /// What some parts wait for, and the first day on which they have all of it.
    fn waits(&self, members: &[usize]) -> (Vec<Wait>, Date) {
        let mut waits: BTreeMap<usize, i32> = BTreeMap::new();
        let mut first = self.judge.today;
        for at in members {
            first = self.drafts[*at].not_before.map_or(first, |day| first.max(day));
            let waited = self.placed.iter().filter(|(other, _)| self.drafts[*at].waits_for(&self.drafts[**other]));
            for (other, gone) in waited {
                match gone {
                    Gone::Nothing(day) => first = first.max(*day),
                    Gone::Step(step) => {
                        let day = self.steps[*step].day;
                        let ready = day.after(self.drafts[*other].stands.max(self.drafts[*at].kind.holds()));
                        first = first.max(ready);
                        let days = waits.entry(*step).or_default();
                        *days = ready.days_after(day).max(*days);
                    }
                }
            }
        }
        // What another one of them has waited for long enough need not be said.
        let is_told = |(step, days): &(&usize, &i32)| {
            let ready = self.steps[**step].day.days_after(self.judge.today) + **days;
            let others = waits.keys().filter(|other| other != step);
            !others.into_iter().any(|other| {
                self.steps[*other].day.days_after(self.judge.today) >= ready && self.leads_to(**step, *other)
            })
        };
        let told = waits.iter().filter(is_told).map(|(step, days)| Wait { step: *step, days: *days }).collect();
        (told, first)
    }

    /// Whether a step waits for another one, directly or through others.
    fn leads_to(&self, first: usize, last: usize) -> bool {
        self.steps[last].waits_for.iter().any(|wait| wait.step == first || self.leads_to(first, wait.step))
    }
}

/// Writes what a part says.
fn part(draft: &Draft, state: &mut State) -> Part {
    let texts = draft.kind.texts();
    let change = |(key, value): &(KeyPath, Option<_>)| {
        let old = state.set(key, value.as_ref());
        (old != *value).then(|| Changed { key: key.clone(), old, new: value.clone() })
    };
    let changes = draft.sets.iter().filter_map(change).collect();
    Part {
        kind: draft.kind,
        subject: draft.subject.clone(),
        title: draft.title.clone().unwrap_or_else(|| texts.title.to_owned()),
        changes,
        mends: draft.mends.clone(),
        why: draft.why.clone().unwrap_or_else(|| texts.why.to_owned()),
        done: texts.done,
        back: texts.back,
    }
}
