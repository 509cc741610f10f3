//! What the references of a profile lead to, where `--env-file` says.

use crate::dotenv::{Document, Entry};
use crate::profile::{Mode, SecretRef};
use crate::source::{Source, Span};

/// Who else may come to read a `.env` file, where its place in the world was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Others than its owner may read it.
    pub readable: bool,
    /// Git would take it into a commit.
    pub committable: bool,
}

/// The variables of one `.env` file.
#[derive(Debug)]
pub struct Environment<'a> {
    mode: Option<Mode>,
    source: usize,
    document: Document<'a>,
    exposure: Exposure,
    /// The length of the text, in bytes.
    length: usize,
}

/// A variable, and where its value stands.
#[derive(Clone, Copy, Debug)]
pub struct Variable<'e> {
    /// Its name.
    pub name: &'e str,
    /// Where the name stands.
    pub name_span: Span,
    /// Its value as readers see it: shown to nobody.
    pub value: &'e crate::dotenv::Value<'e>,
    /// Where the value stands.
    pub span: Span,
    /// Which of the check's sources it stands in.
    pub source: usize,
}

impl<'a> Environment<'a> {
    /// Reads a file: one of a mode, or one of every mode that has no file of its own. `index` is its number among the
    /// check's sources.
    pub fn read(mode: Option<Mode>, source: &'a Source, index: usize, exposure: Exposure) -> Self {
        Self { mode, source: index, document: Document::parse(source), length: source.text.len(), exposure }
    }

    /// The mode that it is for; none: every mode that has no file of its own.
    pub fn mode(&self) -> Option<Mode> {
        self.mode
    }

    /// The file itself.
    pub fn document(&self) -> &Document<'a> {
        &self.document
    }

    /// Who else may come to read it.
    pub fn exposure(&self) -> Exposure {
        self.exposure
    }

    /// Which of the check's sources it is.
    pub fn source(&self) -> usize {
        self.source
    }

    /// The variable of this name.
    pub fn get(&self, name: &str) -> Option<Variable<'_>> {
        self.document.get(name).map(|entry| self.variable(entry))
    }

    /// Every variable that is written.
    pub fn variables(&self) -> impl Iterator<Item = Variable<'_>> {
        self.document.entries().iter().map(|entry| self.variable(entry))
    }

    /// What a reference leads to, if it leads here.
    pub fn resolve(&self, reference: &SecretRef) -> Option<Variable<'_>> {
        match reference {
            SecretRef::Env(name) => self.get(name),
            SecretRef::File(_) => None,
        }
    }

    /// What must not be shown of the file: everything but the names of its variables. Any value may be a secret, and so may
    /// what stands in a comment, or on a line that is broken.
    pub fn secrets(&self) -> impl Iterator<Item = (usize, Span)> {
        let entries = || self.document.entries().iter();
        let starts = std::iter::once(0).chain(entries().map(|entry| entry.value_span.start));
        let ends = entries().map(|entry| entry.name_span.start).chain([self.length]);
        starts.zip(ends).map(|(start, end)| (self.source, (start..end).into()))
    }

    fn variable<'e>(&'e self, entry: &'e Entry<'a>) -> Variable<'e> {
        Variable {
            name: entry.name,
            name_span: entry.name_span,
            value: &entry.value,
            span: entry.value_span,
            source: self.source,
        }
    }

    /// The one of several that holds for a mode.
    pub(super) fn of(all: &'a [Self], mode: Mode) -> Option<&'a Self> {
        Self::own(all, mode).or_else(|| all.iter().find(|environment| environment.mode.is_none()))
    }

    /// The one of several that is for this mode alone.
    pub(super) fn own(all: &'a [Self], mode: Mode) -> Option<&'a Self> {
        all.iter().find(|environment| environment.mode == Some(mode))
    }
}
