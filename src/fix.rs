//! Mending: the edits that findings carry, made in the text, until there is nothing left that an edit can mend.

use std::collections::BTreeSet;

use crate::check::{Modes, Opened, Options};
use crate::dotenv;
use crate::finding::{Edit, EnvEdit, Finding};
use crate::profile::{Document, Mode};
use crate::rules::{self, Fix};
use crate::source::{Change, KeyPath, Provenance, Segment, Source, apply};

/// What is mended may show what else can be. More rounds than this would be two rules that undo each other.
const ROUNDS: usize = 8;

/// Mends what can be mended in a profile and in the `.env` files of its check, `unsafe_too` including what changes how
/// the service behaves. Says how many findings were mended.
pub fn mend(source: &mut Source, options: &mut Options, unsafe_too: bool) -> usize {
    let mut fixed = 0;
    for _ in 0..ROUNDS {
        let Round { profile, env_files, made } = Round::of(source, options, unsafe_too);
        if made == 0 {
            break;
        }
        fixed += made;
        *source = Source::new(&source.path, profile);
        for (file, text) in options.env_files.iter_mut().zip(env_files) {
            file.source = Source::new(&file.source.path, text);
        }
    }
    fixed
}

/// The edits of one check, as they are made.
struct Round {
    profile: String,
    env_files: Vec<String>,
    made: usize,
}

impl Round {
    fn of(source: &Source, options: &Options, unsafe_too: bool) -> Self {
        let env_files = options.env_files.iter().map(|file| file.source.text.clone()).collect();
        let mut round = Self { profile: source.text.clone(), env_files, made: 0 };
        let opened = Opened::read(source, &options.env_files);
        let (mut findings, _) = opened.check(options);
        findings.retain(|finding| !finding.edits.is_empty() && (unsafe_too || is_safe(finding)));
        if !findings.is_empty() {
            let layers = Layers::new(source, &opened, options);
            // What is wrong in the profile's own mode is mended first, in the base: that may be all that others need.
            findings.sort_by_key(|finding| (finding.mode.is_some() && finding.mode != layers.own, !is_safe(finding)));
            round.make(&findings, &layers);
        }
        round
    }

    /// Makes all edits of a finding or none. Of several findings that change the same key, the first is mended and the
    /// rest wait: their edits were thought out for a value that is gone.
    fn make(&mut self, findings: &[Finding], layers: &Layers<'_>) {
        let mut touched: Vec<KeyPath> = Vec::new();
        for finding in findings {
            let edits: Option<Vec<Edit>> = finding.edits.iter().map(|edit| layers.place(finding, edit)).collect();
            let Some(edits) = edits else { continue };
            let keys: Vec<&KeyPath> = edits.iter().filter_map(key).collect();
            if keys.iter().any(|key| touched.iter().any(|other| other.touches(key))) {
                continue;
            }
            let texts = (self.profile.clone(), self.env_files.clone());
            let Some((profile, env_files)) = edits.iter().try_fold(texts, |texts, edit| made(texts, finding, edit))
            else {
                continue;
            };
            let changed = profile != self.profile || env_files != self.env_files;
            if changed && refused(&profile) <= refused(&self.profile) {
                touched.extend(keys.into_iter().cloned());
                *self = Self { profile, env_files, made: self.made + 1 };
            }
        }
    }
}

/// The profile's key that an edit is about.
fn key(edit: &Edit) -> Option<&KeyPath> {
    match edit {
        Edit::Profile(change) => Some(change.key()),
        Edit::Env(_) => None,
    }
}

/// The texts with an edit made.
fn made(
    (mut profile, mut env_files): (String, Vec<String>),
    finding: &Finding,
    edit: &Edit,
) -> Option<(String, Vec<String>)> {
    match edit {
        Edit::Profile(change) => profile = apply(&profile, change)?,
        Edit::Env(edit) => {
            let edit = match edit {
                EnvEdit::Rename { from, to } => dotenv::Edit::Rename { from, to },
                EnvEdit::Assign { name, value } => dotenv::Edit::SetValue { name, value },
            };
            // The check's sources are the profile and these.
            let text = env_files.get_mut(finding.source.checked_sub(1)?)?;
            *text = dotenv::apply(text, edit).ok()?;
        }
    }
    Some((profile, env_files))
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
    /// The mode that the base is for.
    own: Option<Mode>,
    /// What is wrong in that mode.
    wrong: BTreeSet<(&'static str, KeyPath)>,
}

impl<'a> Layers<'a> {
    fn new(source: &'a Source, opened: &'a Opened<'a>, options: &Options) -> Self {
        let own = opened.modes(Modes::Own).first().copied();
        let (wrong, _) = opened.check(&Options { modes: Modes::Own, ..options.clone() });
        let wrong = wrong.into_iter().map(|finding| (finding.code, finding.key)).collect();
        Self { source, document: opened.document(), own, wrong }
    }

    /// The edit where it has to be made.
    fn place(&self, finding: &Finding, edit: &Edit) -> Option<Edit> {
        match edit {
            Edit::Profile(change) => self.change(finding, change).map(Edit::Profile),
            Edit::Env(edit) => Some(Edit::Env(edit.clone())),
        }
    }

    /// The change as a path from the document's root: in the overlay if that wrote the key, or if the base is right as
    /// it is for the mode that it is for.
    fn change(&self, finding: &Finding, change: &Change) -> Option<Change> {
        // What the reader refused is named as it stands.
        let Some(mode) = finding.mode else { return Some(change.clone()) };
        let written = self.document.table(Some(mode)).locate(change.key()).provenance;
        if written == Provenance::Overlay {
            return Some(change.below(&overlay(mode)));
        }
        let own = self.own == Some(mode) || self.wrong.contains(&(finding.code, finding.key.clone()));
        if own { Some(change.clone()) } else { self.overlaid(mode, change, written) }
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
