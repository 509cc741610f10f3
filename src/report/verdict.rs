//! What becomes of an invariant, or of a line of a checklist, and how that is shown: as a sign and a word.

use std::fmt;

use serde::Serialize;

use crate::check::Found;
use crate::finding::Severity;

/// What becomes of an invariant, from the least to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "Mark")]
pub enum Verdict {
    /// No rule judges it.
    NoRule,
    /// It is not asked for in this mode.
    NotAsked,
    /// The profile says nothing that it could judge.
    Undeclared,
    /// It holds.
    Holds,
    /// It can only be judged by the values of secrets.
    Unchecked,
    /// It is broken, and a waiver says why.
    Waived,
    /// No rule is broken, and the profile, or the app, is otherwise than the words ask for.
    Unmet,
    /// It is broken.
    Broken(Severity),
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Holds,
        Self::Broken(Severity::Error),
        Self::Broken(Severity::Warning),
        Self::Broken(Severity::Note),
        Self::Unmet,
        Self::Waived,
        Self::Unchecked,
        Self::Undeclared,
        Self::NotAsked,
        Self::NoRule,
    ];

    /// As a sign and a word: neither a colour nor a font has to be there.
    pub const fn mark(self) -> Mark {
        let (sign, word, meaning) = match self {
            Self::Holds => ("✓", "holds", "the profile keeps it"),
            Self::Broken(Severity::Error) => ("✗", "error", "broken, and must not go live"),
            Self::Broken(Severity::Warning) => ("✗", "warning", "broken: weaker than it should be"),
            Self::Broken(Severity::Note) => ("✗", "note", "broken: worth knowing"),
            Self::Unmet => {
                ("✗", "not met", "no rule is broken, and the profile or the app is otherwise than these words ask")
            }
            Self::Waived => ("~", "waived", "broken, and accepted for a reason"),
            Self::Unchecked => ("?", "not checked", "needs what references lead to (--env-file)"),
            Self::Undeclared => ("○", "not declared", "the profile says nothing about it, and nothing was judged"),
            Self::NotAsked => ("–", "not asked", "not in this mode"),
            Self::NoRule => ("·", "no rule", "nothing in a profile shows it"),
        };
        Mark { sign, word, meaning }
    }
}

impl From<Verdict> for Mark {
    fn from(verdict: Verdict) -> Self {
        verdict.mark()
    }
}

/// How a verdict is shown.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Mark {
    /// One character.
    pub sign: &'static str,
    /// What it is called.
    pub word: &'static str,
    /// What that means.
    pub meaning: &'static str,
}

impl fmt::Display for Mark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.sign, self.word)
    }
}

impl From<&Found> for Verdict {
    /// What a finding makes of its rule.
    fn from(one: &Found) -> Self {
        match one.hidden_by {
            Some(_) => Self::Waived,
            None => Self::Broken(one.finding.severity),
        }
    }
}
