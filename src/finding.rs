//! What is told about a profile.

use crate::plan::Target;
use crate::profile::Mode;
use crate::profile::keyword::keywords;
use crate::source::{Change, KeyPath, Span};

keywords! {
    /// How bad a finding is.
    pub enum Severity ("a severity") {
        /// Worth knowing.
        Note = "note",
        /// Weaker than it should be.
        Warning = "warning",
        /// Must not go live.
        Error = "error",
    }
}

/// A second place that a finding speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The key that it is about.
    pub key: KeyPath,
    /// Where it stands, or would.
    pub span: Span,
    /// What is to be seen there.
    pub text: String,
}

/// A rule broken, at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code.
    pub code: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// How bad it is in this mode.
    pub severity: Severity,
    /// The mode in which it holds; none where it holds before modes come in.
    pub mode: Option<Mode>,
    /// The edge for which it holds; none where it holds for any.
    pub target: Option<Target>,
    /// What is wrong, as one sentence about this profile.
    pub message: String,
    /// What to write.
    pub help: String,
    /// Which of the check's sources it stands in.
    pub source: usize,
    /// The key that it is about.
    pub key: KeyPath,
    /// Where that stands, or would.
    pub span: Span,
    /// What is to be seen there.
    pub label: String,
    /// Other places that matter.
    pub labels: Vec<Label>,
    /// What mends it; nothing where that takes a decision.
    pub edits: Vec<Edit>,
}

/// An edit that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Of the profile, in whichever layer counts; in the base, for a finding without a mode.
    Profile(Change),
    /// Of the profile, in the overlay of this mode.
    Overlay(Mode, Change),
    /// Of the `.env` file that the finding stands in: a variable gets another name.
    Rename {
        /// The name that it has.
        from: String,
        /// The name that it gets.
        to: String,
    },
}
