//! A score for programs: the versioned form of it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Of, Scored};
use crate::report::beside::{self, Beside};
use crate::score::{self, points_with};

impl Scored<'_> {
    /// The score for programs.
    pub fn listed(&self) -> Listed {
        let (target, url) = match self.of {
            Of::Plan(plan) => (Some(plan.edge.target().as_str()), None),
            Of::Site(measured) => (None, Some(measured.url.clone())),
        };
        let (seen, requests) = self.seen();
        let reachable = points_with(&self.score, &self.advice);
        Listed {
            target,
            url,
            seen: seen.to_vec(),
            requests,
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
            untaken: self
                .untaken
                .iter()
                .map(|untaken| ListedUntaken {
                    test: untaken.test.as_str(),
                    points: untaken.points,
                    why: untaken.why.to_string(),
                })
                .collect(),
            reachable: Reachable { grade: score::grade(reachable), points: reachable },
            assumed: self.assumed.clone(),
            predicted: self.beside.as_ref().map(Beside::listed),
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
    /// The profile; absent where a site was asked by its URL alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The mode in which it was read; absent likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<&'static str>,
    /// A score for each target, or that of the site that was asked.
    pub scores: Vec<Listed>,
}

/// The score of a site behind one target, or of one that was asked.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listed {
    /// The target: nginx, caddy or kubernetes; absent where a site was asked by its URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'static str>,
    /// The address of the site that was asked; absent where a profile was.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// What was asked of it and what came of that, a line each; empty where a profile was.
    seen: Vec<String>,
    /// Over how many connections it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<usize>,
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
    /// The points that the site lacks even with all of the advice, and why nobody is told to take them.
    untaken: Vec<ListedUntaken>,
    /// What the site is given with all of the advice.
    reachable: Reachable,
    /// What is taken for granted beside the profile, or beside what was asked.
    assumed: Vec<String>,
    /// What a profile predicts of the site that was asked; absent where no profile was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    predicted: Option<beside::Listed>,
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
    /// The keys of the profile that decide it; none where no key does, or where there is no profile.
    keys: Vec<String>,
    /// What to write or do.
    write: String,
    /// How the test ends then.
    outcome: &'static str,
    /// The points between now and then.
    points: i32,
}

/// Points that no advice asks for.
#[derive(Debug, Serialize, JsonSchema)]
struct ListedUntaken {
    /// The test that would give them.
    test: &'static str,
    /// How many.
    points: i32,
    /// Why nobody is told to take them.
    why: String,
}

/// A grade that is within reach.
#[derive(Debug, Serialize, JsonSchema)]
struct Reachable {
    /// The grade.
    grade: &'static str,
    /// The points.
    points: u32,
}
