//! One fix that is to be made, and what keeps two of them apart.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Included, Unbounded};

use crate::check::Options;
use crate::dotenv;
use crate::finding::{Edit, Finding, Fix, Intent};
use crate::profile::Mode;
use crate::source::{Change, Draft, KeyPath, Segment, Splice};

/// A fix that may be made, and how.
pub struct Job<'f> {
    /// Which of the findings, and which of its fixes.
    pub at: (usize, usize),
    /// What it mends.
    pub finding: &'f Finding,
    /// The fix.
    pub fix: &'f Fix,
    /// The ways to write it down, the best first.
    pub ways: Vec<Vec<Change>>,
}

impl<'f> Job<'f> {
    /// Whether it may change what is wrong in a mode: in those of its finding, and in all of them where the reader refused what
    /// stands there, because what that hid is seen once it can be read.
    pub fn is_for(&self, mode: Mode) -> bool {
        self.finding.modes.is_empty() || self.finding.modes.contains(&mode)
    }

    /// The variables that get another name, each with the source that it is in.
    pub fn renames(&self) -> impl Iterator<Item = (usize, dotenv::Edit<'f>)> {
        let source = self.finding.place.source;
        self.fix.intents.iter().filter_map(move |intent| match intent {
            Intent::Rename { from, to } => Some((source, dotenv::Edit::Rename { from, to })),
            Intent::Profile(_) | Intent::Overlay(..) | Intent::Overlays(_) => None,
        })
    }

    /// The names of variables that it is about.
    fn names(&self) -> impl Iterator<Item = (usize, &'f str)> {
        let source = self.finding.place.source;
        let names = self.fix.intents.iter().filter_map(|intent| match intent {
            Intent::Rename { from, to } => Some([from.as_str(), to.as_str()]),
            Intent::Profile(_) | Intent::Overlay(..) | Intent::Overlays(_) => None,
        });
        names.flatten().map(move |name| (source, name))
    }

    /// What it does to the texts of the check, `draft` being the profile's, in one of its ways.
    pub fn edits(&self, way: usize, draft: Option<&Draft<'_>>, options: &Options) -> Option<Vec<Edit>> {
        let mut edits: Vec<Edit> = Vec::new();
        let mut add = |source, splices: Vec<Splice>| {
            edits.extend(splices.into_iter().map(|Splice { span, text }| Edit { source, span, text }));
        };
        let changes = self.ways.get(way)?;
        if !changes.is_empty() {
            add(0, draft?.splices(changes)?);
        }
        for (source, rename) in self.renames() {
            let file = options.env_files.get(env_file(source)?)?;
            add(source, dotenv::splices(&file.source.text, rename).ok()?);
        }
        Some(edits)
    }
}

/// Which of the `.env` files a source of the check is: before them stands the profile.
pub fn env_file(source: usize) -> Option<usize> {
    source.checked_sub(1)
}

/// What jobs that are to be done together have taken: each was thought out for texts that no other has made different.
#[derive(Default)]
pub struct Taken<'f> {
    keys: BTreeSet<KeyPath>,
    /// Lists that lose an element, and the first of those that come to stand elsewhere.
    shifted: BTreeMap<KeyPath, usize>,
    /// Names that variables get, by source.
    names: BTreeSet<(usize, &'f str)>,
}

impl<'f> Taken<'f> {
    /// Takes what a job needs in the first of its ways, unless another has it.
    pub fn take(&mut self, job: &Job<'f>) -> bool {
        let Some(way) = job.ways.first() else { return true };
        let names: Vec<(usize, &str)> = job.names().collect();
        if names.iter().any(|name| self.names.contains(name)) || way.iter().any(|change| self.is_in_the_way(change)) {
            return false;
        }
        self.names.extend(names);
        for change in way {
            if let (Change::Remove { .. }, [list @ .., Segment::Index(index)]) = (change, change.key().segments()) {
                let first = self.shifted.entry(KeyPath::new(list.to_vec())).or_insert(*index);
                *first = (*first).min(*index);
            }
            self.keys.insert(change.key().clone());
        }
        true
    }

    fn is_in_the_way(&self, change: &Change) -> bool {
        let key = change.key().segments();
        let above = || (0..=key.len()).map(|end| &key[..end]);
        let is_below = || {
            self.keys
                .range::<[Segment], _>((Included(key), Unbounded))
                .next()
                .is_some_and(|next| next.segments().starts_with(key))
        };
        let is_shifted = |list: &[Segment]| {
            let element = key.get(list.len());
            self.shifted.get(list).is_some_and(|first| element.is_none_or(|element| *element >= Segment::Index(*first)))
        };
        above().any(|above| self.keys.contains(above)) || is_below() || above().any(is_shifted)
    }
}
