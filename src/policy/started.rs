//! How much of an app runs, where something beside the profile says so: the command or the `replicas` of a Compose file, or a
//! variable that servers take for the number of their processes.

use crate::source::Span;

/// How many of something run, and where that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// What says so.
    pub by: By,
    /// How many.
    pub count: u32,
    /// In which of the check's sources that stands, and where.
    pub place: (usize, Span),
}

/// What says how much of an app runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The words that its server is started with.
    Command,
    /// The variable of this name, which servers read.
    Variable(&'static str),
    /// The number of containers.
    Replicas,
}

impl Started {
    /// So many, where any run and the profile could say it.
    pub(super) fn new(by: By, count: u64, place: (usize, Span)) -> Option<Self> {
        let count = u32::try_from(count).ok().filter(|count| *count > 0)?;
        Some(Self { by, count, place })
    }

    /// The key of the profile that says the same.
    pub fn key(&self) -> &'static str {
        match self.by {
            By::Command | By::Variable(_) => "app.workers",
            By::Replicas => "app.replicas",
        }
    }

    /// The same in words, as a sentence.
    pub fn in_words(&self) -> String {
        let count = self.count;
        let (processes, containers) = if count == 1 { ("process", "container") } else { ("processes", "containers") };
        match self.by {
            By::Command => format!("the service's command starts {count} {processes}"),
            By::Variable(name) => format!("`{name}` starts {count} {processes}"),
            By::Replicas => format!("Compose runs {count} {containers} of the service"),
        }
    }
}
