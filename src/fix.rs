//! Mending: the edits that findings carry, made in the text, until there is nothing left that an edit can mend.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::check::{Modes, Opened, Options};
use crate::dotenv;
use crate::finding::{Edit, Finding, Severity};
use crate::profile::{Document, Mode};
use crate::rules::{self, Fix};
use crate::source::{Change, KeyPath, Provenance, Segment, Source, apply};

/// What is mended may show what else can be. More rounds than this would be two rules that undo each other.
const ROUNDS: usize = 16;

/// A finding, wherever it stands in the text.
type Breach = (&'static str, KeyPath, Option<Mode>);

fn breach(finding: &Finding) -> Breach {
    (finding.code, finding.key.clone(), finding.mode)
}

/// Mends what can be mended in a profile and in the `.env` files of its check, `unsafe_too` including what changes how
/// the service behaves. Says how many findings are gone; where none is, the texts are as they were.
pub fn mend(source: &mut Source, options: &mut Options, unsafe_too: bool) -> usize {
    let first = Texts::of(source, options);
    let before = breaches(source, options);
    let mut seen = vec![first.clone()];
    for _ in 0..ROUNDS {
        let next = round(source, options, unsafe_too);
        if seen.contains(&next) {
            break;
        }
        next.clone().put(source, options);
        seen.push(next);
    }
    let gone = before.difference(&breaches(source, options)).count();
    if gone == 0 {
        first.put(source, options);
    }
    gone
}

fn breaches(source: &Source, options: &Options) -> BTreeSet<Breach> {
    Opened::read(source, &options.env_files).check(options).0.iter().map(breach).collect()
}

/// The texts that are mended.
#[derive(Clone, PartialEq, Eq)]
struct Texts {
    profile: String,
    env_files: Vec<String>,
}

impl Texts {
    fn of(source: &Source, options: &Options) -> Self {
        let env_files = options.env_files.iter().map(|file| file.source.text.clone()).collect();
        Self { profile: source.text.clone(), env_files }
    }

    fn put(self, source: &mut Source, options: &mut Options) {
        *source = Source::new(&source.path, self.profile);
        for (file, text) in options.env_files.iter_mut().zip(self.env_files) {
            file.source = Source::new(&file.source.path, text);
        }
    }

    /// The texts with all edits of a finding made, those of the profile as these changes; nothing where one cannot be.
    fn mended(mut self, finding: &Finding, changes: &[Change]) -> Option<Self> {
        for change in changes {
            self.profile = apply(&self.profile, change)?;
        }
        for edit in &finding.edits {
            let Edit::Rename { from, to } = edit else { continue };
            // The check's sources are the profile and these.
            let text = self.env_files.get_mut(finding.source.checked_sub(1)?)?;
            *text = dotenv::apply(text, dotenv::Edit::Rename { from, to }).ok()?;
        }
        Some(self)
    }
}

/// The texts after the edits of one check: all of a finding's edits are made, or none.
fn round(source: &Source, options: &Options, unsafe_too: bool) -> Texts {
    let mut texts = Texts::of(source, options);
    let opened = Opened::read(source, &options.env_files);
    let (mut findings, _) = opened.check(options);
    findings.retain(|finding| !finding.edits.is_empty() && (unsafe_too || is_safe(finding)));
    if findings.is_empty() {
        return texts;
    }
    let layers = Layers::new(source, &opened, options);
    // What is wrong in the profile's own mode is mended first, in the base: that may be all that others need. Of a
    // list's elements the last goes first, so that the others stay where they are.
    findings.sort_by_key(|finding| {
        (finding.mode.is_some() && finding.mode != layers.own, !is_safe(finding), Reverse(finding.key.clone()))
    });
    let mut made: Vec<Change> = Vec::new();
    for finding in &findings {
        for candidate in layers.candidates(finding) {
            if candidate.iter().any(|change| made.iter().any(|made| is_in_the_way(made, change))) {
                continue;
            }
            let next = texts.clone().mended(finding, &candidate);
            if let Some(next) = next.filter(|next| *next != texts && layers.suits(finding, &texts, next)) {
                texts = next;
                made.extend(candidate);
                break;
            }
        }
    }
    texts
}

/// Whether a change was thought out for a text that another has made different.
fn is_in_the_way(made: &Change, change: &Change) -> bool {
    let shifts = match (made, made.key().segments()) {
        (Change::Remove { .. }, [list @ .., Segment::Index(_)]) => change.key().segments().starts_with(list),
        _ => false,
    };
    made.key().touches(change.key()) || (shifts && change.key() > made.key())
}

fn is_safe(finding: &Finding) -> bool {
    rules::by_code(finding.code).is_some_and(|rule| rule.fix == Fix::Safe)
}

/// How much of a text the reader refuses.
fn refused(text: &str) -> usize {
    Document::parse(&Source::new("", text)).read().problems.len()
}

/// Where the keys that findings speak of are written.
struct Layers<'a> {
    source: &'a Source,
    document: &'a Document<'a>,
    options: &'a Options,
    /// The mode that the base is for.
    own: Option<Mode>,
    /// What is wrong in that mode.
    wrong: BTreeSet<(&'static str, KeyPath)>,
    /// The modes that the profile says something about.
    modes: Vec<Mode>,
}

impl<'a> Layers<'a> {
    fn new(source: &'a Source, opened: &'a Opened<'a>, options: &'a Options) -> Self {
        let own = opened.modes(Modes::Own).first().copied();
        let (wrong, _) = opened.check(&Options { modes: Modes::Own, ..options.clone() });
        let wrong = wrong.into_iter().map(|finding| (finding.code, finding.key)).collect();
        Self { source, document: opened.document(), options, own, wrong, modes: opened.modes(Modes::All) }
    }

    /// The changes that mend a finding, from the document's root: in the overlay if that wrote the key; else in the base,
    /// if that is wrong in its own mode, too; else in the overlay.
    fn candidates(&self, finding: &Finding) -> Vec<Vec<Change>> {
        let profile = |in_base: bool| -> Option<Vec<Change>> {
            let changes = finding.edits.iter().filter_map(|edit| match edit {
                Edit::Profile(change) => Some(self.place(finding.mode, change, in_base)),
                Edit::Overlay(mode, change) => Some(Some(change.below(&overlay(*mode)))),
                Edit::Rename { .. } => None,
            });
            changes.collect()
        };
        let base_is_wrong = finding.mode.is_none()
            || finding.mode == self.own
            || self.wrong.contains(&(finding.code, finding.key.clone()));
        let mut candidates: Vec<Vec<Change>> = base_is_wrong.then(|| profile(true)).flatten().into_iter().collect();
        candidates.extend(profile(false).filter(|changes| finding.mode.is_some() && !candidates.contains(changes)));
        candidates
    }

    fn place(&self, mode: Option<Mode>, change: &Change, in_base: bool) -> Option<Change> {
        let Some(mode) = mode else { return Some(change.clone()) };
        match self.document.table(Some(mode)).locate(change.key()).provenance {
            Provenance::Overlay => Some(change.below(&overlay(mode))),
            Provenance::Base | Provenance::Default if in_base => Some(change.clone()),
            written @ (Provenance::Base | Provenance::Default) => self.overlaid(mode, change, written),
        }
    }

    /// Whether an edit leaves the profile as readable as it was, and no other mode worse off: what the base says is for
    /// all that do not say otherwise.
    fn suits(&self, finding: &Finding, before: &Texts, after: &Texts) -> bool {
        if refused(&after.profile) > refused(&before.profile) {
            return false;
        }
        let others: Vec<Mode> = self.modes.iter().copied().filter(|mode| Some(*mode) != finding.mode).collect();
        let (before, after) = (self.faults(before, &others), self.faults(after, &others));
        others.iter().all(|mode| after.get(mode) <= before.get(mode))
    }

    /// How many errors and warnings each of some modes has.
    fn faults(&self, texts: &Texts, modes: &[Mode]) -> BTreeMap<Mode, (usize, usize)> {
        let mut faults: BTreeMap<Mode, (usize, usize)> = BTreeMap::new();
        if modes.is_empty() {
            return faults;
        }
        let source = Source::new(&self.source.path, texts.profile.as_str());
        let options = Options { modes: Modes::All, only: Vec::new(), ..self.options.clone() };
        for finding in Opened::read(&source, &options.env_files).check(&options).0 {
            let Some(mode) = finding.mode else { continue };
            let (errors, warnings) = faults.entry(mode).or_default();
            match finding.severity {
                Severity::Error => *errors += 1,
                Severity::Warning => *warnings += 1,
                Severity::Note => {}
            }
        }
        faults
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
