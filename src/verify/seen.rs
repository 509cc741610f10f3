//! What was seen, as a file that a report takes for evidence, and as a later run is planned from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::source::Segment;

/// What a run saw: the file of `seccfg verify --out`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The version of this form.
    pub version: u8,
    /// What saw it.
    pub by: String,
    /// The site.
    pub url: String,
    /// The mode of the profile.
    pub mode: String,
    /// The edge that it was planned for.
    pub target: String,
    /// The fingerprint of the policy.
    pub fingerprint: String,
    /// When, in UTC.
    pub at: String,
    /// Whether limits were used up, too.
    pub active: bool,
    /// How many connections were made.
    pub requests: usize,
    /// Every control of the plan, in its order.
    pub controls: Vec<Control>,
    /// Where the site does otherwise.
    pub findings: Vec<Otherwise>,
}

/// What was seen of one control.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Its name, as in a plan.
    pub control: String,
    /// What becomes of it.
    pub look: Look,
    /// What the profile asks.
    pub asked: String,
    /// Who enforces it, by the plan.
    pub owner: String,
    /// What was seen, or why nothing was.
    pub seen: String,
}

/// What becomes of a control on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Look {
    /// The site does what is asked.
    Seen,
    /// It does not.
    Broken,
    /// Nothing shows.
    Unseen,
}

/// Where the site does otherwise.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Otherwise {
    /// The rule's code.
    pub code: String,
    /// The key of the profile.
    pub key: Vec<Step>,
    /// What the site does.
    pub message: String,
    /// What to do.
    pub help: String,
    /// What the profile asks.
    pub expected: String,
    /// How bad it is: `note`, `warning` or `error`; the rule's own severity where this is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
}

/// A step to a key.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Step {
    /// Into a list.
    Index(usize),
    /// Into a table.
    Key(String),
}

impl From<&Finding> for Otherwise {
    fn from(finding: &Finding) -> Self {
        let step = |segment: &Segment| match segment {
            Segment::Key(key) => Step::Key(key.to_string()),
            Segment::Index(index) => Step::Index(*index),
        };
        Self {
            code: finding.code.to_owned(),
            key: finding.place.key.segments().iter().map(step).collect(),
            message: finding.message.clone(),
            help: finding.help.clone(),
            expected: finding.place.text.clone(),
            severity: Some(finding.severity.to_string()),
        }
    }
}
