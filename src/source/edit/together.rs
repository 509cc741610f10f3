//! Changes of one text that are made in one go, so that it is read again once for all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::Layout;
use super::{Change, Splice, meaning, spliced};
use crate::source::Segment;

/// Changes whose splices do not meet.
#[derive(Default)]
pub struct Together<'c> {
    changes: Vec<&'c Change>,
    splices: Vec<Splice>,
    /// Bytes that are replaced: from where to where.
    replaced: BTreeMap<usize, usize>,
    /// Where something is put in, and whether more may be put in beside it.
    inserted: BTreeMap<usize, bool>,
    /// What is written anew: the paths to the first keys that are not there yet, and to the lists that get an element.
    new: BTreeSet<&'c [Segment]>,
}

impl<'c> Together<'c> {
    /// Adds a change and its splices; or not, where it has to wait until those before it are made.
    pub fn add(&mut self, layout: &Layout<'_>, change: &'c Change, splices: Vec<Splice>) -> bool {
        let path = change.key().segments();
        let depth = layout.find(path).map_or(path.len(), |found| found.depth);
        let new = match change {
            Change::Add { .. } if depth == path.len() => Some(path),
            Change::Set { .. } | Change::Add { .. } if depth < path.len() => Some(&path[..=depth]),
            Change::Set { .. } | Change::Add { .. } | Change::Remove { .. } => None,
        };
        let is_line = is_line(&splices);
        let waits =
            new.is_some_and(|new| self.new.contains(new)) || splices.iter().any(|splice| self.meets(splice, is_line));
        if waits {
            return false;
        }
        self.new.extend(new);
        for splice in splices {
            let span = splice.span;
            if span.start == span.end {
                self.inserted.insert(span.start, is_line);
            } else {
                self.replaced.insert(span.start, span.end);
            }
            self.splices.push(splice);
        }
        self.changes.push(change);
        true
    }

    /// Whether a splice reaches into one that is there, or stands at its place and is no line beside a line.
    fn meets(&self, splice: &Splice, is_line: bool) -> bool {
        let (start, end) = (splice.span.start, splice.span.end);
        if start == end {
            let is_inside = self.replaced.range(..start).next_back().is_some_and(|(_, to)| *to > start);
            return is_inside || self.inserted.get(&start).is_some_and(|is_beside| !(is_line && *is_beside));
        }
        let overlaps = self.replaced.range(..end).next_back().is_some_and(|(_, to)| *to > start);
        overlaps || self.inserted.range(start + 1..end).next().is_some()
    }

    /// The text with the changes made, what that took, and those changes that have to wait after all; nothing where the
    /// first cannot be made.
    pub fn made(self, layout: Layout<'_>) -> Option<(String, Vec<Splice>, Vec<&'c Change>)> {
        let text = layout.text;
        if let Some(after) = verified(layout, &self.changes, &self.splices) {
            return Some((after, self.splices, Vec::new()));
        }
        // Splices that stand apart may still need each other, such as the comma between two items.
        let (first, rest) = self.changes.split_first().filter(|(_, rest)| !rest.is_empty())?;
        let layout = Layout::of(text)?;
        let splices = layout.splices(first)?;
        Some((verified(layout, &[*first], &splices)?, splices, rest.to_vec()))
    }
}

/// Whether splices put in one line, or one item of a list or of an inline table: another can stand beside it. (A section
/// comes with blank lines around it, and what ends a last line without an end ends it once.)
fn is_line(splices: &[Splice]) -> bool {
    let [Splice { span, text }] = splices else { return false };
    span.start == span.end && !text.starts_with(['\r', '\n']) && text.matches('\n').count() <= 1
}

/// The text with splices made, if it then says what the changes mean.
fn verified(layout: Layout<'_>, changes: &[&Change], splices: &[Splice]) -> Option<String> {
    let text = layout.text;
    let after = spliced(text, splices);
    let intended = changes.iter().try_fold(layout.root, |root, change| meaning::changed(text, root, change))?;
    meaning::same(&Layout::of(&after)?.root, &intended).then_some(after)
}
