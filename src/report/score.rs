//! A score as people and programs read it: the table of tests, what to write for more, and what is taken for granted.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::Plan;
use crate::score::{self, Advice, BONUS_FROM, Prediction, Score, advice, points_with};

/// What a plan's site would be given, and why.
pub struct Foretold<'p> {
    plan: &'p Plan<'p>,
    host: String,
    score: Score,
    advice: Vec<Advice>,
    assumed: Vec<String>,
}

impl<'p> Foretold<'p> {
    /// Foretells the score of a plan's site.
    pub fn new(plan: &'p Plan<'p>) -> Self {
        let Prediction { observed, assumed } = score::predict(plan);
        let score = score::score(&observed).expect("a site that is planned answers by http or https");
        let advice = advice(&observed, &score);
        Self { plan, host: observed.host, score, advice, assumed }
    }

    /// The points.
    pub const fn points(&self) -> u32 {
        self.score.points
    }

    /// The score as a table that a person can read at a glance.
    pub fn human(&self) -> String {
        let Self { plan, score, .. } = self;
        let policy = plan.policy;
        let mut text = format!(
            "{} in {}, behind {}: what MDN's HTTP Observatory would say of {}\n\n  {}, {} points\n\n",
            policy.app.name,
            policy.mode,
            plan.edge,
            self.host,
            score.grade(),
            score.points
        );
        let mut line = |line: std::fmt::Arguments<'_>| {
            text.write_fmt(line).expect("a string takes everything");
            text.push('\n');
        };
        let width = score.tests.iter().map(|test| test.outcome.test().as_str().len()).max().unwrap_or_default();
        line(format_args!("  {:width$}  points  why", "test"));
        for test in &score.tests {
            let points = signed(test.outcome.points());
            line(format_args!("  {:width$}  {points:>6}  {}", test.outcome.test(), test.reason()));
        }
        if score.not_counted() > 0 {
            let points = signed(score.not_counted());
            line(format_args!(
                "\n  {points} does not count: what tests add counts where {BONUS_FROM} points are left without"
            ));
        }
        if !self.advice.is_empty() {
            let points = points_with(score, &self.advice);
            line(format_args!("\n  to reach {} with {points} points", score::grade(points)));
            for advice in &self.advice {
                line(format_args!("  {:>5}  {}", signed(advice.points), advice.write));
            }
        }
        line(format_args!("\n  taken for granted"));
        for assumed in &self.assumed {
            line(format_args!("    {assumed}"));
        }
        text
    }

    /// The score for programs.
    pub fn listed(&self) -> Listed {
        let reachable = points_with(&self.score, &self.advice);
        Listed {
            target: self.plan.edge.target().as_str(),
            host: self.host.clone(),
            grade: self.score.grade(),
            points: self.score.points,
            not_counted: self.score.not_counted(),
            tests: self
                .score
                .tests
                .iter()
                .map(|test| ListedTest {
                    test: test.outcome.test().as_str(),
                    outcome: test.outcome.as_str(),
                    points: test.outcome.points(),
                    reason: test.reason(),
                })
                .collect(),
            advice: self
                .advice
                .iter()
                .map(|advice| ListedAdvice {
                    test: advice.test.as_str(),
                    keys: advice.keys.clone(),
                    write: advice.write.clone(),
                    outcome: advice.outcome.as_str(),
                    points: advice.points,
                })
                .collect(),
            reachable: Reachable { grade: score::grade(reachable), points: reachable },
            assumed: self.assumed.clone(),
        }
    }
}

/// What `seccfg score --format json` prints, version 1.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listing {
    /// The version of this format: 1.
    pub version: u8,
    /// The version of Observatory's algorithm.
    pub algorithm: u8,
    /// The profile.
    pub file: String,
    /// The mode in which it was read.
    pub mode: &'static str,
    /// A score for each target.
    pub scores: Vec<Listed>,
}

/// The score of a site behind one target.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listed {
    /// The target: nginx, caddy or kubernetes.
    target: &'static str,
    /// The host that Observatory would be asked about.
    host: String,
    /// The grade, from A+ to F.
    grade: &'static str,
    /// The points, from 0.
    points: u32,
    /// Points that tests add and that do not count, because fewer than 90 are left without them.
    not_counted: i32,
    /// The tests, in Observatory's order.
    tests: Vec<ListedTest>,
    /// What to write for more points, the most first.
    advice: Vec<ListedAdvice>,
    /// What the site is given with all of the advice.
    reachable: Reachable,
    /// What is taken for granted beside the profile.
    assumed: Vec<String>,
}

/// How a test ends.
#[derive(Debug, Serialize, JsonSchema)]
struct ListedTest {
    /// Observatory's name of the test.
    test: &'static str,
    /// Observatory's name of the outcome.
    outcome: &'static str,
    /// The points that it adds or takes.
    points: i32,
    /// What it means, and what of the site it rests on.
    reason: String,
}

/// What to write so that a test ends better.
#[derive(Debug, Serialize, JsonSchema)]
struct ListedAdvice {
    /// The test.
    test: &'static str,
    /// The keys of the profile that decide it; none where no key does.
    keys: Vec<String>,
    /// What to write or do.
    write: String,
    /// How the test ends then.
    outcome: &'static str,
    /// The points between now and then.
    points: i32,
}

/// A grade that is within reach.
#[derive(Debug, Serialize, JsonSchema)]
struct Reachable {
    /// The grade.
    grade: &'static str,
    /// The points.
    points: u32,
}

/// Points with their sign; none is a plain 0.
fn signed(points: i32) -> String {
    if points == 0 { "0".to_owned() } else { format!("{points:+}") }
}
