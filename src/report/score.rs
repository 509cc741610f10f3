//! A score as people and programs read it: the table of tests, what to write for more, and what is taken for granted.

pub mod listed;

use std::fmt::Write;

use super::beside::{Beside, signed};
use super::wrap;
use crate::apps::Pages;
use crate::plan::{OwnPages, Plan};
use crate::profile::{Name, Waiver};
use crate::rules;
use crate::score::{self, Advice, BONUS_FROM, Prediction, Score, Test, Untaken, advice, points_with, untaken};
use crate::source::{KeyPath, Source};
use crate::verify::observed::Measured;

/// What a site is given, or would be, and why.
pub struct Scored<'p> {
    of: Of<'p>,
    host: String,
    score: Score,
    advice: Vec<Advice>,
    untaken: Vec<Untaken>,
    assumed: Vec<String>,
    /// What a profile predicts of a site that was measured.
    beside: Option<Beside>,
}

/// What was scored.
#[derive(Clone, Copy)]
enum Of<'p> {
    /// What the site of a plan will answer.
    Plan(&'p Plan<'p>),
    /// What a site answered.
    Site(&'p Measured),
}

/// Whether a waiver accepts what some keys say.
fn accepts(waiver: &Waiver, keys: &[String]) -> bool {
    let Some(rule) = rules::by_code(waiver.rule.as_str()) else { return false };
    keys.iter().any(|key| {
        // The rules speak of a service's headers as of all of them.
        let of_all = key.find("headers.").map_or(key.as_str(), |at| &key[at..]);
        let is_its = rule.keys.iter().any(|own| *own == key || *own == of_all);
        let above = waiver.key.as_ref().map(|key| KeyPath::dotted(key.as_str()));
        is_its && above.is_none_or(|above| KeyPath::dotted(key).is_within(&above))
    })
}

/// Says what stands in the way of a strict policy: pages that come with the app, and how they get one.
fn name_the_pages_needs(pages: &OwnPages<'_>, one: &mut Advice, untaken: &mut Vec<Untaken>) {
    let (whose, Pages { needs, why, mend, needs_after, .. }) = (&pages.whose, pages.known);
    let apart = pages.apart();
    let at = apart.as_ref().map(|paths| format!(" at {paths} alone")).unwrap_or_default();
    let then = match (&apart, mend) {
        (Some(paths), _) => {
            format!("; give {paths} a policy of its own, in a service under `[services]` with the app's upstream")
        }
        (None, Some(mend)) => format!("; for the points, {mend}"),
        (None, None) => String::new(),
    };
    write!(one.write, "; {whose} needs `{needs}`{at}: {why}{then}").expect("a string takes everything");
    if apart.is_none() && mend.is_some() {
        let outcome = score::policy_that_lets_in(needs_after.as_deref().unwrap_or_default());
        one.points += outcome.points() - one.outcome.points();
        one.outcome = outcome;
        if let Some(needs) = needs_after {
            untaken.retain(|other| other.test != one.test);
            let points = one.test.most() - outcome.points();
            let why = format!("after that, {whose} still needs `{needs}`").into();
            untaken.push(Untaken { test: one.test, points, why });
        }
    }
}

/// The service whose own policy the first page has; none: it has the site's.
fn first_policy<'p>(plan: &Plan<'p>) -> Option<&'p Name> {
    let site = &plan.site;
    let name = site.owner("/")?.name?;
    plan.policy.is_written(&format!("services.{name}.headers.content_security_policy")).then_some(name)
}

/// Names the keys of the service whose page is asked for, where it says something of a header itself: there, what the site says
/// of that header does not count.
fn name_the_pages_own(plan: &Plan<'_>, page: &KeyPath, Advice { keys, write, .. }: &mut Advice) {
    for key in keys.iter_mut().filter(|key| key.starts_with("headers.")) {
        let own = format!("{page}.{key}");
        if plan.policy.is_written(&own) {
            *write = write.replace(&format!("`{key}"), &format!("`{own}"));
            *key = own;
        }
    }
}

/// What to write, each once with the points of all tests that it mends, the most points first.
fn together(advice: &[Advice]) -> Vec<(i32, &str)> {
    let mut all: Vec<(i32, &str)> = Vec::with_capacity(advice.len());
    for one in advice {
        match all.iter_mut().find(|(_, write)| *write == one.write) {
            Some((points, _)) => *points += one.points,
            None => all.push((one.points, &one.write)),
        }
    }
    all.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    all
}

impl<'p> Scored<'p> {
    /// Predicts the score of a plan's site. A waiver says why what it accepts is not mended.
    pub fn new(plan: &'p Plan<'p>, waivers: &[Waiver]) -> Self {
        let Prediction { observed, assumed, page, unknown } = score::predict(plan);
        let score = score::score(&observed).expect("a site that is planned answers by http or https");
        let mut advice = advice(&observed, &score);
        let mut untaken = untaken(&score, &advice);
        // What a program sends is no matter of the profile.
        for header in &unknown {
            for one in advice.iter_mut().filter(|one| one.keys.iter().any(|key| key == header.key)) {
                one.write =
                    format!("its program sends {} itself: see there that it does, and what it says", header.name);
            }
        }
        if let Some(page) = &page {
            for one in &mut advice {
                name_the_pages_own(plan, page, one);
            }
        }
        for pages in plan.facts().pages_under(first_policy(plan)) {
            for one in advice.iter_mut().filter(|one| one.test == Test::ContentSecurityPolicy) {
                name_the_pages_needs(&pages, one, &mut untaken);
            }
        }
        // What is written already and enforced by nobody is not told to be written.
        for (entry, _) in plan.gaps() {
            let key = entry.control.key().to_string();
            for one in advice.iter_mut().filter(|one| one.keys.contains(&key)) {
                one.write =
                    format!("have somebody enforce {} [{key}]: `seccfg plan` says why nobody does", entry.control);
            }
        }
        for one in &mut advice {
            for waiver in waivers.iter().filter(|waiver| accepts(waiver, &one.keys)).take(1) {
                let until = waiver.expires.map(|day| format!(" until {day}")).unwrap_or_default();
                let reason = waiver.reason.as_deref().unwrap_or("no reason is given");
                write!(one.write, "; accepted{until} by a waiver of {}: {reason}", waiver.rule)
                    .expect("a string takes everything");
            }
        }
        Self { of: Of::Plan(plan), host: observed.host, score, advice, untaken, assumed, beside: None }
    }

    /// Scores what a site answered. It has no profile: advice says what to send.
    pub fn measured(measured: &'p Measured) -> Self {
        let Measured { observed, assumed, .. } = measured;
        let score = score::score(observed).expect("what was measured answers by http or https");
        let mut advice = advice(observed, &score);
        let untaken = untaken(&score, &advice);
        for one in &mut advice {
            one.keys.clear();
            one.write.clone_from(&one.send);
        }
        let host = observed.host.clone();
        Self { of: Of::Site(measured), host, score, advice, untaken, assumed: assumed.clone(), beside: None }
    }

    /// The same, held against what a plan predicts of the site.
    #[must_use]
    pub fn beside(mut self, plan: &Plan<'_>, source: &Source) -> Self {
        self.beside = Some(Beside::new(plan, source, &self.score));
        self
    }

    /// Whether the site has fewer points by a test than its profile says, where it was held against one.
    pub fn is_worse(&self) -> bool {
        self.beside.as_ref().is_some_and(Beside::is_worse)
    }

    /// The points.
    pub const fn points(&self) -> u32 {
        self.score.points
    }

    /// The score as a table that a person can read at a glance, within so many columns.
    pub fn human(&self, width: Option<usize>) -> String {
        let Self { of, score, host, .. } = self;
        let mut text = String::new();
        let mut tell = |line: &str, hanging: usize| {
            let lines = width.map_or(vec![line.to_owned()], |width| {
                // On a narrow terminal, what hangs below its column would have little room left.
                let hanging = if width < 70 { hanging.min(9) } else { hanging };
                wrap::lines(line, width, &" ".repeat(hanging))
            });
            writeln!(text, "{}", lines.join("\n")).expect("a string takes everything");
        };
        let title = match of {
            Of::Plan(plan) => {
                let (app, mode, edge) = (&plan.policy.app.name, plan.policy.mode, &plan.edge);
                format!("{app} in {mode}, behind {edge}: what MDN's HTTP Observatory would say of {host}")
            }
            Of::Site(Measured { url, .. }) => {
                format!("{url} as it answers now: what MDN's HTTP Observatory would say of {host}")
            }
        };
        tell(&title, 0);
        tell(&format!("\n  {}, {} points\n", score.grade(), score.points), 0);
        let column = score.tests.iter().map(|test| test.outcome.test().as_str().len()).max().unwrap_or_default();
        tell(&format!("  {:column$}  points  why", "test"), 0);
        for test in &score.tests {
            let (name, points) = (test.outcome.test(), signed(test.outcome.points()));
            tell(&format!("  {name:column$}  {points:>6}  {}", test.reason()), column + 12);
        }
        if score.not_counted() > 0 {
            let points = signed(score.not_counted());
            tell("", 0);
            tell(
                &format!("  {points} does not count: what tests add counts where {BONUS_FROM} points are left without"),
                6,
            );
        }
        for (line, hanging) in self.beside.iter().flat_map(Beside::lines) {
            tell(&line, hanging);
        }
        if !self.advice.is_empty() {
            let points = points_with(score, &self.advice);
            // A grade that the site has already is not to be reached.
            let reachable = match score::grade(points) {
                grade if grade == score.grade() => format!("{points} points"),
                grade => format!("{grade} with {points} points"),
            };
            tell(&format!("\n  to reach {reachable}"), 0);
            for (points, write) in together(&self.advice) {
                tell(&format!("  {:>5}  {write}", signed(points)), 9);
            }
        }
        if !self.untaken.is_empty() {
            tell("\n  not advised", 0);
            for Untaken { test, points, why } in &self.untaken {
                tell(&format!("  {:>5}  {test}: {why}", signed(*points)), 9);
            }
        }
        let (seen, requests) = self.seen();
        if let Some(requests) = requests {
            tell(&format!("\n  asked over {requests} connections"), 0);
        }
        for seen in seen {
            tell(&format!("    {seen}"), 6);
        }
        if !self.assumed.is_empty() {
            tell("\n  taken for granted", 0);
        }
        for assumed in &self.assumed {
            tell(&format!("    {assumed}"), 6);
        }
        text
    }

    /// What was asked of a site and what came of it, and over how many connections; of a plan's site nothing was asked.
    fn seen(&self) -> (&[String], Option<usize>) {
        match self.of {
            Of::Plan(_) => (&[], None),
            Of::Site(measured) => (&measured.seen, Some(measured.requests)),
        }
    }
}
