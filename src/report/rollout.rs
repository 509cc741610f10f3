//! A rollout as people and programs read it: a table of its steps, and below it each step with its changes and reasons.

use std::collections::BTreeSet;
use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::{plural, wrap};
use crate::plan::Plan;
use crate::profile::Date;
use crate::rollout::{Changed, Part, Rollout, Step, Wait};
use crate::source::{Literal, Source};

/// What a rollout is told with.
pub struct Told {
    /// The name of what it begins at.
    pub from: String,
    /// When the site was seen that it begins at; nothing where it begins at a profile.
    pub seen: Option<String>,
    /// The controls of which nothing was seen there.
    pub unseen: Vec<String>,
}

/// What `seccfg plan --from OLD --format json` prints, version 1.
#[derive(Serialize, JsonSchema)]
pub struct Listing<'r> {
    /// The version of this format: 1.
    version: u8,
    /// The new profile.
    file: String,
    /// The old one, or what was seen of the running site.
    from: &'r str,
    /// The mode in which both are read.
    mode: &'static str,
    /// The target behind which the site stands: nginx, caddy or kubernetes.
    target: &'static str,
    /// The day on which the first step may go live.
    today: String,
    /// The steps, in the order in which they go live.
    steps: Vec<Listed<'r>>,
    /// The controls of which nothing was seen at the running site: they are taken to be as asked.
    unseen: &'r [String],
}

/// One step.
#[derive(Serialize, JsonSchema)]
struct Listed<'r> {
    /// Its number, from 1.
    step: usize,
    /// The first day on which it may go live.
    day: String,
    /// The steps that it waits for.
    waits_for: Vec<ListedWait>,
    /// The rules that would be broken if its parts went live one after the other.
    together: Vec<&'static str>,
    /// The rules that the profile breaks after it, and keeps after a later step: until then, a waiver lets it be rendered.
    breaks: Vec<&'static str>,
    /// What it is made of.
    parts: Vec<ListedPart<'r>>,
}

/// A step that another one waits for.
#[derive(Serialize, JsonSchema)]
struct ListedWait {
    /// Its number, from 1.
    step: usize,
    /// How many days that step has to stand first.
    days: i32,
}

/// A part of a step.
#[derive(Serialize, JsonSchema)]
struct ListedPart<'r> {
    /// What kind of change it is, such as `hsts_begun`.
    kind: &'static str,
    /// Which of several it is about; null where there is one.
    subject: Option<&'r str>,
    /// What it does, in a few words.
    title: &'r str,
    /// The keys that it writes.
    changes: Vec<ListedChange>,
    /// What the site was seen to do otherwise, and no key of a profile says.
    mends: Vec<ListedMend<'r>>,
    /// Why it has its place in the order.
    why: &'r str,
    /// How one sees that it is done.
    done: &'static str,
    /// How it is taken back.
    back: &'static str,
}

/// A key that a part writes.
#[derive(Serialize, JsonSchema)]
struct ListedChange {
    /// The key.
    key: String,
    /// The value before, as TOML writes it; null where the key is not written.
    old: Option<String>,
    /// The value after, likewise.
    new: Option<String>,
}

/// What the site was seen to do otherwise.
#[derive(Serialize, JsonSchema)]
struct ListedMend<'r> {
    /// The control, as in a plan.
    control: &'r str,
    /// What was seen.
    seen: &'r str,
}

impl Told {
    /// The rollout, for programs.
    pub fn json(&self, rollout: &Rollout, plan: &Plan<'_>, source: &Source, today: Date) -> String {
        let listing = Listing {
            version: 1,
            file: source.name(),
            from: &self.from,
            mode: plan.policy.mode.as_str(),
            target: plan.edge.target().as_str(),
            today: today.to_string(),
            steps: rollout.steps.iter().enumerate().map(|(at, step)| listed(at, step)).collect(),
            unseen: &self.unseen,
        };
        serde_json::to_string_pretty(&listing).expect("a rollout is text and numbers") + "\n"
    }

    /// The rollout for people, within so many columns.
    pub fn human(&self, rollout: &Rollout, plan: &Plan<'_>, source: &Source, width: Option<usize>) -> String {
        let (app, mode, edge) = (&plan.policy.app.name, plan.policy.mode, &plan.edge);
        let mut page = Page { text: String::new(), width };
        page.tell(&format!("{app} in {mode}, behind {edge}: from {} to {}", self.from, source.name()), "");
        if let Some(seen) = &self.seen {
            page.tell(&format!("  seen {seen}"), "    ");
        }
        if rollout.steps.is_empty() {
            page.tell("", "");
            page.tell("  nothing to do: both say the same", "  ");
        } else {
            page.table(&rollout.steps);
            let mut told = &BTreeSet::new();
            for (at, step) in rollout.steps.iter().enumerate() {
                page.step(at, step);
                if step.breaks != *told {
                    page.open(&step.breaks);
                }
                told = &step.breaks;
            }
        }
        if !self.unseen.is_empty() {
            page.tell("", "");
            let unseen = self.unseen.join(", ");
            page.tell(&format!("  not seen from outside, and taken to be as asked: {unseen}"), "    ");
        }
        page.text
    }
}

fn listed(at: usize, step: &Step) -> Listed<'_> {
    Listed {
        step: at + 1,
        day: step.day.to_string(),
        waits_for: step.waits_for.iter().map(|wait| ListedWait { step: wait.step + 1, days: wait.days }).collect(),
        together: step.together.iter().copied().collect(),
        breaks: step.breaks.iter().copied().collect(),
        parts: step.parts.iter().map(listed_part).collect(),
    }
}

fn listed_part(part: &Part) -> ListedPart<'_> {
    let shown = |value: &Option<Literal>| value.as_ref().map(ToString::to_string);
    let change = |changed: &Changed| ListedChange {
        key: changed.key.to_string(),
        old: shown(&changed.old),
        new: shown(&changed.new),
    };
    ListedPart {
        kind: part.kind.id(),
        subject: Some(part.subject.as_str()).filter(|subject| !subject.is_empty()),
        title: &part.title,
        changes: part.changes.iter().map(change).collect(),
        mends: part.mends.iter().map(|(control, seen)| ListedMend { control, seen }).collect(),
        why: &part.why,
        done: part.done,
        back: part.back,
    }
}

/// What a step does, in a few words: that of its parts, each once.
fn title(step: &Step) -> String {
    let mut titles: Vec<String> = Vec::new();
    for part in &step.parts {
        let title = match part.subject.as_str() {
            "" => part.title.clone(),
            subject => format!("{} ({subject})", part.title),
        };
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    titles.join("; ")
}

/// The steps that one waits for: `1, 2 (7 days)`.
fn waits(step: &Step) -> String {
    let wait = |wait: &Wait| match usize::try_from(wait.days) {
        Ok(days) if days > 0 => format!("{} ({})", wait.step + 1, plural(days, "day")),
        Ok(_) | Err(_) => (wait.step + 1).to_string(),
    };
    step.waits_for.iter().map(wait).collect::<Vec<_>>().join(", ")
}

/// A page that is being written.
struct Page {
    text: String,
    width: Option<usize>,
}

impl Page {
    fn tell(&mut self, line: &str, hanging: &str) {
        let lines = self.width.map_or(vec![line.to_owned()], |width| wrap::lines(line, width, hanging));
        writeln!(self.text, "{}", lines.join("\n")).expect("a string takes everything");
    }

    /// The steps at a glance.
    fn table(&mut self, steps: &[Step]) {
        let numbers = steps.len().to_string().len().max("step".len());
        let waited: Vec<String> = steps.iter().map(waits).collect();
        let wide =
            waited.iter().map(|waits| waits.chars().count()).chain(["waits for".len()]).max().unwrap_or_default();
        let days = "2026-11-29".len();
        self.tell("", "");
        self.tell(&format!("  {:numbers$}  {:days$}  {:wide$}  what", "step", "day", "waits for"), "");
        let hanging = " ".repeat(2 + numbers + 2 + days + 2 + wide + 2);
        for (at, step) in steps.iter().enumerate() {
            let (number, day, waits, title) = (at + 1, step.day.to_string(), &waited[at], title(step));
            self.tell(&format!("  {number:<numbers$}  {day:days$}  {waits:wide$}  {title}"), &hanging);
        }
    }

    /// One step with all that is to be known of it.
    fn step(&mut self, at: usize, step: &Step) {
        for part in &step.parts {
            let subject = if part.subject.is_empty() { String::new() } else { format!(" ({})", part.subject) };
            self.tell("", "");
            self.tell(&format!("{}. {}{subject}", at + 1, part.title), "   ");
            for changed in &part.changes {
                let value = |value: &Option<Literal>| value.as_ref().map_or_else(|| "nothing".to_owned(), shown);
                let (key, old, new) = (&changed.key, value(&changed.old), value(&changed.new));
                self.tell(&format!("     {key}: {old} → {new}"), "       ");
            }
            for (control, seen) in &part.mends {
                self.tell(&format!("     {control}: the site was seen to do otherwise: {seen}"), "       ");
            }
            for (what, text) in [("why", part.why.as_str()), ("done", part.done), ("back", part.back)] {
                self.tell(&format!("   {what:4}  {text}"), "         ");
            }
        }
        if !step.together.is_empty() {
            let line = format!(
                "   with  the parts of step {} go live together: one without the others breaks {}",
                at + 1,
                codes(&step.together)
            );
            self.tell(&line, "         ");
        }
    }

    /// The rules that the profile breaks until a later step.
    fn open(&mut self, rules: &BTreeSet<&'static str>) {
        let line = match rules.len() {
            0 => "   open  nothing any more: the profile keeps all that the new one keeps".to_owned(),
            _ => format!(
                "   open  {} until a later step: a waiver with an end lets `seccfg render` go on meanwhile",
                codes(rules)
            ),
        };
        self.tell(&line, "         ");
    }
}

fn codes(codes: &BTreeSet<&'static str>) -> String {
    codes.iter().copied().collect::<Vec<_>>().join(", ")
}

/// A value in backticks, so that no line is broken within it.
fn shown(value: &Literal) -> String {
    format!("`{value}`")
}
