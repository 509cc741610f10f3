//! What was found, for people and for programs: one file per format.

pub mod basis;
mod beside;
pub mod checklist;
pub mod github;
pub mod gitlab;
pub mod html;
mod human;
pub mod json;
pub mod junit;
pub mod markdown;
mod markup;
pub mod own;
pub mod picture;
pub mod plan;
mod prose;
pub(crate) mod redact;
pub mod rollout;
pub mod sarif;
pub mod score;
pub mod seen;
mod suspects;
mod table;
pub mod verdict;
pub mod wrap;

use std::fmt;

pub use human::{Human, Sum};

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
    /// Findings that the baseline hides.
    pub baselined: usize,
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
            baselined: checked.iter().map(|one| one.baselined).sum(),
            fixed: checked.iter().map(|one| one.fixed).sum(),
        }
    }

    /// These and others.
    pub fn add(&mut self, others: Self) {
        let Self { errors, warnings, notes, waived, baselined, fixed } = others;
        self.errors += errors;
        self.warnings += warnings;
        self.notes += notes;
        self.waived += waived;
        self.baselined += baselined;
        self.fixed += fixed;
    }
}

impl From<&json::Summary> for Counts {
    fn from(summary: &json::Summary) -> Self {
        let json::Summary { errors, warnings, notes, waived, baselined, fixed } = *summary;
        Self { errors, warnings, notes, waived, baselined, fixed }
    }
}

/// In words: `2 errors, 1 note, 3 waived`.
impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let mut parts: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| plural(*count, word)).collect();
        if parts.is_empty() {
            parts.push("no findings".to_owned());
        }
        if self.waived > 0 {
            parts.push(format!("{} waived", self.waived));
        }
        if self.baselined > 0 {
            parts.push(format!("{} in the baseline", self.baselined));
        }
        if self.fixed > 0 {
            parts.insert(0, format!("{} fixed", self.fixed));
        }
        out.write_str(&parts.join(", "))
    }
}

/// So many of something.
pub(crate) fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
