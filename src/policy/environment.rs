//! What the references of a profile lead to, where `--env-file` says.

use std::collections::HashMap;

use crate::dotenv::{Document, Entry, Problem, ProblemKind};
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
    /// Which entry counts, by its name: the last one.
    counting: HashMap<&'a str, usize>,
    /// The same, in the order of the text.
    in_order: Vec<usize>,
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
    /// Whether its name may be shown, whatever it is.
    pub is_plainly_named: bool,
}

impl<'a> Environment<'a> {
    /// Reads the file of a mode. `index` is its number among the check's sources.
    pub fn read(mode: Option<Mode>, source: &'a Source, index: usize, exposure: Exposure) -> Self {
        let document = Document::parse(source);
        let counting: HashMap<&str, usize> =
            document.entries().iter().enumerate().map(|(index, entry)| (entry.name, index)).collect();
        let mut in_order: Vec<usize> = counting.values().copied().collect();
        in_order.sort_unstable();
        Self { mode, source: index, document, counting, in_order, exposure, length: source.text.len() }
    }

    /// A file by itself, of which nobody asks where it stands.
    pub fn alone(source: &'a Source) -> Self {
        Self::read(None, source, 0, Exposure::default())
    }

    /// The mode that it is for; none: the profile's own has another file, or is not known.
    pub fn mode(&self) -> Option<Mode> {
        self.mode
    }

    /// What readers of the file see differently, or cannot read.
    pub fn problems(&self) -> &[Problem] {
        self.document.problems()
    }

    /// Whether readers of the file may see different values of a variable.
    pub fn is_ambiguous(&self, variable: Variable<'_>) -> bool {
        // Problems stand in the order of the text, so the last one before the value's end is the nearest to it.
        let problems = self.problems();
        let before = problems.partition_point(|problem| problem.span.start <= variable.span.end);
        // How lines end is told once, and is no matter of the one where that is.
        let nearest = problems[..before].iter().rfind(|problem| problem.kind != ProblemKind::LineEnds);
        nearest.is_some_and(|nearest| nearest.span.end >= variable.name_span.start)
    }

    /// Who else may come to read it.
    pub fn exposure(&self) -> Exposure {
        self.exposure
    }

    /// Which of the check's sources it is.
    pub fn source(&self) -> usize {
        self.source
    }

    /// Where its text ends: what is not set is told there.
    pub fn end(&self) -> usize {
        self.length
    }

    /// The variable of this name.
    pub fn get(&self, name: &str) -> Option<Variable<'_>> {
        self.counting.get(name).map(|index| self.variable(&self.document.entries()[*index]))
    }

    /// Every variable that is set, each name once.
    pub fn variables(&self) -> impl Iterator<Item = Variable<'_>> {
        self.in_order.iter().map(|index| self.variable(&self.document.entries()[*index]))
    }

    /// What a reference leads to, if it leads here.
    pub fn resolve(&self, reference: &SecretRef) -> Option<Variable<'_>> {
        match reference {
            SecretRef::Env(name) => self.get(name),
            SecretRef::File(_) => None,
        }
    }

    /// What must not be shown of the file: everything but what is plainly a variable's name. Any value may be a secret,
    /// and so may what stands in a comment, or on a line that is broken.
    pub fn secrets(&self) -> impl Iterator<Item = (usize, Span)> {
        let shown = || self.document.entries().iter().filter(|entry| is_plainly_named(entry));
        let starts = std::iter::once(0).chain(shown().map(|entry| entry.value_span.start));
        let ends = shown().map(|entry| entry.name_span.start).chain([self.length]);
        starts.zip(ends).map(|(start, end)| (self.source, (start..end).into()))
    }

    fn variable<'e>(&'e self, entry: &'e Entry<'a>) -> Variable<'e> {
        Variable {
            name: entry.name,
            name_span: entry.name_span,
            value: &entry.value,
            span: entry.value_span,
            source: self.source,
            is_plainly_named: is_plainly_named(entry),
        }
    }

    /// The one of several that is for a mode.
    pub(super) fn of(all: &'a [Self], mode: Mode) -> Option<&'a Self> {
        all.iter().find(|environment| environment.mode == Some(mode))
    }
}

/// Whether a name can be nothing else. A line of a key that was pasted without quotes may look like an assignment too:
/// base64 has small letters, and either ends in `=`, as `NAME=` does.
fn is_plainly_named(entry: &Entry<'_>) -> bool {
    let has_value = || entry.value.expose().bytes().any(|byte| byte != b'=');
    let is_in_capitals = entry.name.starts_with(|c: char| c.is_ascii_uppercase())
        && entry.name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    // No alphabet of one case has a `_`.
    is_in_capitals && (entry.name.contains('_') || has_value())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &Source) -> Environment<'_> {
        Environment::alone(source)
    }

    #[test]
    fn the_last_of_a_name_counts() {
        let source = Source::new(".env", "A=1\nB=2\nA=3\n");
        let environment = read(&source);
        let values: Vec<_> = environment.variables().map(|variable| (variable.name, variable.value.expose())).collect();
        assert_eq!(values, [("B", "2"), ("A", "3")]);
        assert_eq!(environment.get("A").map(|variable| variable.value.expose()), Some("3"));
        assert!(environment.get("C").is_none());
    }

    #[test]
    fn what_readers_differ_on_is_ambiguous_and_nothing_beside_it() {
        let source = Source::new(".env", "A=1\nB=$x\nC=3\nD=4\nnonsense\nE=5\nD=6\nF ='7'\nG=8\n");
        let environment = read(&source);
        let ambiguous = environment.variables().filter(|variable| environment.is_ambiguous(*variable));
        assert_eq!(ambiguous.map(|variable| variable.name).collect::<Vec<_>>(), ["B", "D", "F"]);
    }

    #[test]
    fn what_may_be_a_piece_of_a_key_is_not_shown() {
        let text = "SECRET_KEY=\nc2VjcmV0LXZhbHVl==\nJBSWY3DPEHPK3PXP======\nmode=test\nMODE=prod\n";
        let source = Source::new(".env", text);
        let mut shown = text.to_owned();
        for (_, span) in read(&source).secrets() {
            shown.replace_range(span.start..span.end, &"*".repeat(span.end - span.start));
        }
        assert_eq!(shown.replace('*', ""), "SECRET_KEY=MODE=");
    }
}
