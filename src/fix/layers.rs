//! Where a fix is written: a profile has a base and overlays, and either may hold the key that a finding speaks of.

use std::collections::BTreeSet;

use crate::finding::{Finding, Fix, Intent};
use crate::profile::{Document, Mode};
use crate::source::{Change, KeyPath, Provenance, Segment, Source};

/// What is wrong at which key.
pub type Breach = (&'static str, KeyPath);

/// The layers of a profile.
pub struct Layers<'a> {
    source: &'a Source,
    document: &'a Document<'a>,
    /// The mode that the base is for.
    own: Option<Mode>,
    /// What is wrong in that mode.
    wrong: BTreeSet<Breach>,
}

impl<'a> Layers<'a> {
    pub fn new(source: &'a Source, document: &'a Document<'a>, own: Option<Mode>, wrong: BTreeSet<Breach>) -> Self {
        Self { source, document, own, wrong }
    }

    /// Whether a finding is about the base: what is wrong in the profile's own mode is mended there.
    pub fn is_of_base(&self, finding: &Finding) -> bool {
        finding.modes.is_empty() || self.own.is_some_and(|own| finding.modes.contains(&own))
    }

    /// The ways to write a fix down, as changes from the document's root: in the overlay if that wrote the key; else in the
    /// base, if that is wrong in its own mode, too; else in the overlay.
    pub fn ways(&self, finding: &Finding, fix: &Fix) -> Vec<Vec<Change>> {
        let base_is_wrong = self.is_of_base(finding) || self.wrong.contains(&(finding.code, finding.place.key.clone()));
        let mut ways: Vec<Vec<Change>> = Vec::new();
        for in_base in [true, false] {
            if if in_base { base_is_wrong } else { !finding.modes.is_empty() } {
                ways.extend(self.way(finding, fix, in_base).filter(|way| !ways.contains(way)));
            }
        }
        ways
    }

    fn way(&self, finding: &Finding, fix: &Fix, in_base: bool) -> Option<Vec<Change>> {
        let mut way: Vec<Change> = Vec::new();
        let mut add = |change| {
            if !way.contains(&change) {
                way.push(change);
            }
        };
        for intent in &fix.intents {
            match intent {
                Intent::Profile(change) if finding.modes.is_empty() => add(change.clone()),
                Intent::Profile(change) => {
                    for mode in &finding.modes {
                        add(self.place(*mode, change, in_base)?);
                    }
                }
                Intent::Overlay(mode, change) => add(change.below(&overlay(*mode))),
                Intent::Overlays(change) => {
                    finding.modes.iter().for_each(|mode| add(change.below(&overlay(*mode))));
                }
                Intent::Rename { .. } => {}
            }
        }
        Some(way)
    }

    fn place(&self, mode: Mode, change: &Change, in_base: bool) -> Option<Change> {
        match self.document.table(Some(mode)).locate(change.key()).provenance {
            Provenance::Overlay => Some(change.below(&overlay(mode))),
            Provenance::Base | Provenance::Default if in_base => Some(change.clone()),
            written @ (Provenance::Base | Provenance::Default) => self.overlaid(mode, change, written),
        }
    }

    /// A change of what the base says, made in an overlay. An overlay's list replaces the base's, so it needs all of it;
    /// and it cannot take away what is below it.
    fn overlaid(&self, mode: Mode, change: &Change, written: Provenance) -> Option<Change> {
        let above = overlay(mode);
        let (list, element) = match change.key().segments() {
            [list @ .., Segment::Index(index)] => (KeyPath::new(list.to_vec()), Some(*index)),
            _ => (change.key().clone(), None),
        };
        let mut elements = self.elements(&list);
        match (change, element) {
            (Change::Set { .. }, None) => return Some(change.below(&above)),
            (Change::Add { value, .. }, None) => elements.push(value.clone()),
            (Change::Set { value, .. }, Some(index)) => elements.get_mut(index)?.clone_from(value),
            (Change::Remove { .. }, Some(index)) if written != Provenance::Default && index < elements.len() => {
                elements.remove(index);
            }
            (Change::Remove { .. } | Change::Add { .. }, _) => return None,
        }
        let value = format!("[{}]", elements.join(", "));
        Some(Change::Set { key: list, value }.below(&above))
    }

    /// The elements of a list of the base, as they are written.
    fn elements(&self, list: &KeyPath) -> Vec<String> {
        let base = self.document.table(None);
        let places = (0..).map(|index| base.locate(&list.clone().index(index)));
        let written = places.take_while(|place| place.provenance != Provenance::Default);
        written.map(|place| self.source.text[place.span.start..place.span.end].to_owned()).collect()
    }
}

fn overlay(mode: Mode) -> KeyPath {
    KeyPath::from("modes").key(mode.as_str())
}
