//! The production checklist of a profile: everything that a report says, worked out and in words.
//!
//! The formats beside this file write it down and decide nothing.

mod judge;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use self::judge::Judge;
pub use self::judge::{Area, Breach, Judged, Waived};
use super::Counts;
use super::basis::Bases;
use super::own::{self, Own};
use super::picture::Picture;
use super::plan::lines;
use super::table::Line;
use super::verdict::Verdict;
use crate::apps::AppPack;
use crate::check::{Found, together};
use crate::finding::Severity;
use crate::plan::{Evidence, Known, Plan};
use crate::policy::Policy;
use crate::profile::{Date, is_starters_url};
use crate::rules::{self, Rule};
use crate::source::Source;

/// The whole report.
#[derive(Debug, Serialize)]
pub struct Checklist {
    /// The app's name.
    pub app: String,
    /// Whether no error is open.
    pub ready: bool,
    /// The same in words, and what it rests on.
    pub headline: String,
    /// What was found, in words.
    pub found: String,
    /// How many invariants have each verdict.
    pub tally: Vec<(Verdict, usize)>,
    /// What the report is about, by name.
    pub facts: Vec<(&'static str, String)>,
    /// What the app's own pages ask for.
    pub own: Option<Own>,
    /// The invariants by area.
    pub areas: Vec<Area>,
    /// The mode.
    pub mode: &'static str,
    /// The invariants that are not asked for in the mode.
    pub not_asked: Vec<&'static str>,
    /// What is accepted for a while.
    pub waivers: Vec<Waived>,
    /// Who enforces what, behind each edge.
    pub plans: Vec<Planned>,
    /// The verdicts, for those who do not know them.
    pub legend: [Verdict; 10],
    /// How things are known, the weakest first, with what that means.
    pub evidence: Vec<(Evidence, &'static str)>,
}

/// Who enforces what, behind one edge.
#[derive(Debug, Serialize)]
pub struct Planned {
    /// The edge.
    pub edge: String,
    /// Control by control.
    pub lines: Vec<Line>,
    /// The same, drawn.
    #[serde(skip)]
    pub picture: Picture,
}

fn planned(plan: &Plan<'_>) -> Planned {
    Planned { edge: plan.edge.to_string(), lines: lines(plan), picture: Picture::new(plan) }
}

impl Checklist {
    /// The checklist of a policy with its plans, as it was judged on a day.
    pub fn new(source: &Source, policy: &Policy<'_>, plans: &[Plan<'_>], found: &[Found], today: Date) -> Self {
        let judge = Judge { policy, known: Known::new(plans), found, edges: plans.len() };
        let lookup = plans.first().map(|plan| Bases::new(plan, source));
        let basis = |rule| lookup.as_ref().map(|lookup| lookup.of(rule)).unwrap_or_default();
        let verdicts: BTreeMap<&str, Verdict> =
            rules::all().map(|rule| (rule.code, judge.verdict(rule, &basis(rule)))).collect();
        // Findings of one cause count once, as a check tells them.
        let open = found.iter().filter(|one| one.hidden_by.is_none()).map(|one| one.finding.clone());
        let open = together(open.collect());
        let count = |severity| open.iter().filter(|one| one.severity == severity).count();
        let counts = Counts {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            waived: found.iter().filter(|one| one.hidden_by.is_some()).count(),
            baselined: 0,
            fixed: 0,
        };
        let tally = |verdict: &Verdict| (*verdict, verdicts.values().filter(|other| *other == verdict).count());
        let areas = lookup.as_ref().map(|lookup| judge.areas(lookup, &verdicts)).unwrap_or_default();
        let must_hold = |one: &&Judged| one.severity == Severity::Error && one.known == Some(Evidence::Delegated);
        let by_word = areas.iter().flat_map(|area| &area.rules).filter(must_hold).count();
        // What nobody knows is not ready, where it must hold.
        let is_open = |rule: &'static Rule| {
            rule.severity.get(policy.mode) == Some(Severity::Error)
                && verdicts.get(rule.code) == Some(&Verdict::Unchecked)
                && judge.depends_on_unknown(&basis(rule))
        };
        let edges: Vec<String> = plans.iter().map(|plan| plan.edge.to_string()).collect();
        // What is true of a service that is nowhere, is no word about one that goes live.
        let is_begun =
            policy.mode.is_live() && policy.app.url.as_ref().is_some_and(|url| is_starters_url(&url.to_string()));
        let ready = counts.errors == 0 && !is_begun && !rules::all().any(is_open);
        let begun = if is_begun { "app.url is still the starter's, and has to be yours; " } else { "" }.to_owned();
        Self {
            app: policy.app.name.to_string(),
            ready,
            headline: headline(ready, by_word),
            found: begun
                + &match verdicts.values().filter(|verdict| **verdict == Verdict::Unchecked).count() {
                    0 => counts.to_string(),
                    unchecked if policy.environment().is_none() => {
                        format!("{counts}; {unchecked} not checked without the values (--env-file)")
                    }
                    unchecked => {
                        let rules = rules::all().filter(|rule| verdicts.get(rule.code) == Some(&Verdict::Unchecked));
                        let keys: BTreeSet<String> = rules.flat_map(|rule| judge.unread(&basis(rule))).collect();
                        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
                        format!("{counts}; {unchecked} not checked: --env-file has no value for {}", keys.join(", "))
                    }
                },
            tally: Verdict::ALL.iter().map(tally).filter(|(_, count)| *count > 0).collect(),
            facts: vec![
                ("Mode", policy.mode.to_string()),
                ("URL", policy.url().to_string()),
                ("App", plans.first().map(|plan| known(plan.app)).unwrap_or_default()),
                ("Behind", edges.join(", ")),
                ("Profile", source.name()),
                ("Fingerprint", policy.fingerprint()),
                ("Judged on", today.to_string()),
                ("By", format!("seccfg {}", crate::VERSION)),
            ],
            own: plans
                .first()
                .zip(lookup.as_ref())
                .and_then(|(plan, lookup)| own::judge(plan, &judge.known, lookup, &verdicts)),
            areas,
            mode: policy.mode.as_str(),
            not_asked: rules::all()
                .map(|rule| rule.code)
                .filter(|code| verdicts.get(code) == Some(&Verdict::NotAsked))
                .collect(),
            waivers: judge.waivers(),
            plans: plans.iter().map(planned).collect(),
            legend: Verdict::ALL,
            evidence: Evidence::ALL.iter().map(|evidence| (*evidence, evidence.meaning())).collect(),
        }
    }
}

/// Whether the service is ready to go live, and what is only promised.
fn headline(is_ready: bool, by_word: usize) -> String {
    match (is_ready, by_word) {
        (false, _) => "Not ready".to_owned(),
        (true, 0) => "Ready".to_owned(),
        (true, 1) => "Ready, by the app's word for 1 line".to_owned(),
        (true, by_word) => format!("Ready, by the app's word for {by_word} lines"),
    }
}

/// The app, and what its facts were read from.
fn known(app: &AppPack) -> String {
    let read_from = app.releases.chosen().map(|release| &release.read_from).or(app.read_from.as_ref());
    read_from.map_or_else(|| app.named(), |read_from| format!("{}: {read_from}", app.named()))
}
