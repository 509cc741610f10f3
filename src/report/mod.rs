//! What was found, for people and for programs: one file per format.

mod human;
pub mod json;
pub mod plan;
mod redact;

pub use human::{Human, summary};

use crate::check::Checked;
use crate::finding::Severity;

/// How many findings of each kind there are, over several profiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
    /// Findings that waivers hide.
    pub waived: usize,
    /// Findings that were mended before.
    pub fixed: usize,
}

impl Counts {
    /// Counts what was found.
    pub fn of(checked: &[Checked]) -> Self {
        let count = |severity| checked.iter().map(|one| one.count(severity)).sum();
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            waived: checked.iter().map(|one| one.waived).sum(),
            fixed: checked.iter().map(|one| one.fixed).sum(),
        }
    }
}
