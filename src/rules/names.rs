//! What the app makes of the names in its `.env` file: which of them it reads, and which of its own names a mistaken one likely
//! stands for.

use std::collections::{BTreeMap, BTreeSet};

use crate::apps::{Known, UnknownVariables};
use crate::plan::Facts;
use crate::policy::Variable;
use crate::profile::VariableName;

/// What is set, by what the app makes of it.
pub(super) struct Names<'p> {
    /// The app's own, by the names that it has for them.
    pub(super) own: BTreeMap<&'p str, Variable<'p>>,
    /// The others, each with the app's name that most likely was meant.
    pub(super) others: Vec<(Variable<'p>, Option<Meant<'p>>)>,
}

/// The right name for a mistaken one.
#[derive(Clone, Copy)]
pub(super) enum Meant<'p> {
    /// The variable's own, which once was the mistaken one, or is often taken for it.
    Surely(&'p VariableName),
    /// One that looks like it. Where an app minds its own variables alone, the other may be another program's.
    Perhaps(&'p VariableName),
}

impl<'p> Meant<'p> {
    pub(super) fn name(self) -> &'p VariableName {
        match self {
            Self::Surely(name) | Self::Perhaps(name) => name,
        }
    }
}

impl<'p> Names<'p> {
    pub(super) fn of(facts: &Facts<'p>) -> Self {
        let refused = is_stranger_refused(facts);
        let mut names = Self { own: BTreeMap::new(), others: Vec::new() };
        for variable in facts.set_variables().filter(|one| !facts.app.reads_besides(one.name)) {
            let meant = match facts.app.known(variable.name) {
                Known::Variable(name, _) => {
                    names.own.insert(name.as_str(), variable);
                    continue;
                }
                Known::Former(right) => Some(Meant::Surely(right)),
                // What another program starts it with, no app refuses.
                Known::Slip(right) if refused && !variable.is_handed => Some(Meant::Surely(right)),
                Known::Slip(right) => Some(Meant::Perhaps(right)),
                Known::Nothing => None,
            };
            names.others.push((variable, meant));
        }
        names
    }

    /// The names that surely are meant by others: RND002 speaks of those.
    pub(super) fn meant(&self) -> BTreeSet<&'p str> {
        let surely = |meant: Meant<'p>| match meant {
            Meant::Surely(name) => Some(name.as_str()),
            Meant::Perhaps(_) => None,
        };
        self.others.iter().filter_map(|(_, meant)| surely((*meant)?)).collect()
    }
}

/// Whether the app does not start where its file holds a name that it does not know.
pub(super) fn is_stranger_refused(facts: &Facts<'_>) -> bool {
    match facts.app.unknown_variables {
        UnknownVariables::Refused => true,
        UnknownVariables::Ignored | UnknownVariables::Unknown => false,
    }
}
