//! The score of a running site beside the one that its profile predicts: each test that ends otherwise, with the profile's line.

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::Plan;
use crate::score::beside::{Difference, differences, keys};
use crate::score::{Prediction, Score, grade, predict, score};
use crate::source::{KeyPath, Provenance, Source};

/// What a plan predicts of a site that was measured.
pub struct Beside {
    /// By which plan, as in "shop in prod, behind nginx 1.22.1".
    plan: String,
    target: &'static str,
    predicted: Score,
    differences: Vec<(Difference, Option<Line>)>,
}

/// Where a profile says what a test is about.
struct Line {
    key: String,
    /// The file and the line; none where nothing of it is written.
    place: Option<(String, usize)>,
}

impl Beside {
    /// Holds what was measured against what a plan predicts.
    pub fn new(plan: &Plan<'_>, source: &Source, measured: &Score) -> Self {
        let prediction = predict(plan);
        let predicted = score(&prediction.observed).expect("a site that is planned answers by http or https");
        let differences = differences(&prediction, &predicted, measured).into_iter().map(|difference| {
            let line = line(plan, source, &prediction, keys(difference.test()));
            (difference, line)
        });
        let differences = differences.collect();
        let (app, mode, edge) = (&plan.policy.app.name, plan.policy.mode, &plan.edge);
        let words = format!("{app} in {mode}, behind {edge}");
        Self { plan: words, target: plan.edge.target().as_str(), predicted, differences }
    }

    /// Whether a test ends worse than the profile says, and nothing that was taken for granted explains it.
    pub fn is_worse(&self) -> bool {
        self.differences.iter().any(|(difference, _)| difference.is_worse())
    }

    /// The comparison in lines, each with how far its continuation hangs.
    pub(super) fn lines(&self) -> Vec<(String, usize)> {
        let Self { plan, predicted, differences, .. } = self;
        let (grade, points) = (predicted.grade(), predicted.points);
        let alike = predicted.tests.len() - differences.len();
        let mut lines = vec![(format!("\n  predicted of {plan}: {grade}, {points} points; {alike} tests end so"), 4)];
        for (Difference { predicted, measured, granted }, line) in differences {
            let (test, is, was) =
                (measured.outcome.test(), signed(measured.outcome.points()), predicted.outcome.points());
            let at = match line {
                Some(Line { key, place: Some((file, line)) }) => format!(" [{key}, {file}:{line}]"),
                Some(Line { key, place: None }) => format!(" [{key}, of which nothing is written]"),
                None => String::new(),
            };
            let granted = granted.map(|why| format!("; no fault: {why}")).unwrap_or_default();
            let (now, then) = (measured.reason(), predicted.reason());
            lines.push((format!("    {test}: {is} in place of {}{at}", signed(was)), 6));
            lines.push((format!("      measured: {now}{granted}"), 8));
            lines.push((format!("      predicted: {then}"), 8));
        }
        lines
    }

    /// The comparison for programs.
    pub(super) fn listed(&self) -> Listed {
        let end = |graded: &crate::score::Graded| End {
            outcome: graded.outcome.as_str(),
            points: graded.outcome.points(),
            reason: graded.reason(),
        };
        let differences = self.differences.iter().map(|(difference, line)| ListedDifference {
            test: difference.test().as_str(),
            predicted: end(&difference.predicted),
            measured: end(&difference.measured),
            granted: difference.granted,
            key: line.as_ref().map(|line| line.key.clone()),
            line: line.as_ref().and_then(|line| line.place.as_ref()).map(|(_, line)| *line),
        });
        Listed {
            target: self.target,
            grade: grade(self.predicted.points),
            points: self.predicted.points,
            differences: differences.collect(),
        }
    }
}

/// Where the profile says what some keys are about: at those of the first page's service, where it writes them.
fn line(plan: &Plan<'_>, source: &Source, prediction: &Prediction, keys: &[&str]) -> Option<Line> {
    let policy = plan.policy;
    let own = |key: &&str| prediction.page.as_ref().map(|page| format!("{page}.{key}"));
    let written = keys.iter().filter_map(own).chain(keys.iter().map(|key| (*key).to_owned()));
    let key = written.into_iter().find(|key| policy.is_written(key)).or_else(|| Some((*keys.first()?).to_owned()))?;
    let place = policy.place(&KeyPath::dotted(&key));
    let is_written = place.provenance != Provenance::Default;
    let place = is_written.then(|| (source.name(), source.position(place.span.start).line));
    Some(Line { key, place })
}

/// What the profile predicts of a site that was asked, and where the site does otherwise.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Predicted")]
pub struct Listed {
    /// The target that the plan is for: nginx, caddy or kubernetes.
    target: &'static str,
    /// The grade that is predicted.
    grade: &'static str,
    /// The points that are predicted.
    points: u32,
    /// The tests that end otherwise.
    differences: Vec<ListedDifference>,
}

/// A test that ends otherwise than predicted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Difference")]
struct ListedDifference {
    /// The test.
    test: &'static str,
    /// How it was predicted to end.
    predicted: End,
    /// How it ends.
    measured: End,
    /// Why this says nothing against the site; null where it does.
    granted: Option<&'static str>,
    /// The key of the profile that decides it; null where none does.
    key: Option<String>,
    /// The line of the profile, from 1; null where nothing is written there.
    line: Option<usize>,
}

/// An end of a test.
#[derive(Debug, Serialize, JsonSchema)]
struct End {
    /// Observatory's name of the outcome.
    outcome: &'static str,
    /// The points that it adds or takes.
    points: i32,
    /// What it means, and what it rests on.
    reason: String,
}

/// Points with their sign; none is a plain 0.
pub(super) fn signed(points: i32) -> String {
    if points == 0 { "0".to_owned() } else { format!("{points:+}") }
}
