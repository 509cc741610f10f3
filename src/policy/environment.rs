//! What the references of a profile lead to, where `--env-file` says.

use crate::profile::{Mode, SecretRef};
use crate::source::Span;

/// The variables of one `.env` file.
#[derive(Debug)]
pub struct Environment<'a> {
    /// The mode that the file is for; none: every mode that has no file of its own.
    pub mode: Option<Mode>,
    /// Which of the check's sources it is.
    pub source: usize,
    /// Its variables in their order; of several of one name, the last counts.
    pub variables: Vec<Variable<'a>>,
}

/// A variable as readers see it.
#[derive(Clone, Copy)]
pub struct Variable<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value, which is shown to nobody.
    pub value: &'a str,
    /// Where the value stands.
    pub span: Span,
    /// Which of the check's sources it stands in.
    pub source: usize,
}

impl std::fmt::Debug for Variable<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}=***", self.name)
    }
}

impl<'a> Environment<'a> {
    /// The variable of this name.
    pub fn get(&self, name: &str) -> Option<Variable<'a>> {
        self.variables.iter().rev().find(|variable| variable.name == name).copied()
    }

    /// What a reference leads to, if it leads here.
    pub fn resolve(&self, reference: &SecretRef) -> Option<Variable<'a>> {
        match reference {
            SecretRef::Env(name) => self.get(name),
            SecretRef::File(_) => None,
        }
    }

    /// The one of several that holds for a mode.
    pub(super) fn of(all: &[Self], mode: Mode) -> Option<&Self> {
        let for_mode = |wanted| all.iter().find(|environment| environment.mode == wanted);
        for_mode(Some(mode)).or_else(|| for_mode(None))
    }
}
