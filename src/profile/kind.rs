//! What may stand at a place of a document, as a value: a kind of text with its words and examples, a list, a section with
//! its keys. Each declaration of a section makes one; `vocabulary` holds that of whole profiles.
//!
//! Everything here is constant data. A run that does not ask for it pays nothing.

use serde_json::Value;

use super::bounds::{Bounds, Units};
use super::mode::Mode;
use super::shape::Shape;
use super::text::{Text, Word};
use crate::source::{KeyPath, Segment};

/// The step of a path that stands for any entry of a table, or any element of a list.
pub const ANY: &str = "*";

/// What may stand at a place of a profile.
#[derive(Debug)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole number between two others, both included.
    Integer {
        /// The smallest.
        least: u64,
        /// The largest.
        most: u64,
    },
    /// A calendar day.
    Date,
    /// A text with a meaning.
    Text(TextKind),
    /// A list, each element of one kind.
    List(&'static Self),
    /// One of a kind, or a list of such.
    OneOrMany(&'static Self),
    /// A table whose entries have names of the author's own.
    Entries {
        /// What such a name is.
        name: TextKind,
        /// What stands under each.
        each: &'static Self,
    },
    /// A table with keys of its own.
    Section(&'static Section),
    /// A table with an entry for each mode, in which the profile's sections stand again.
    Overlays,
    /// A value that is like no other, in words.
    Other(&'static str),
}

/// A kind of text.
#[derive(Clone, Copy, Debug)]
pub struct TextKind {
    /// With its article: "a duration".
    pub what: &'static str,
    /// Some that are right.
    pub examples: &'static [&'static str],
    /// All that are right, where it is one of a few words.
    pub words: &'static [Word],
    /// Whether a text is one.
    pub takes: fn(&str) -> bool,
    /// What a variable of an app can hold of it.
    pub shape: Shape,
    /// What it can hold of a list of such.
    pub listed: Shape,
    /// Whether a refused text may be a secret, never to be shown.
    pub secret: bool,
    /// The units in which an amount is written; none where it is no amount.
    pub units: Units,
    /// What to write for a bare number, where that has a meaning: `"1y"` for 31536000.
    pub of_number: fn(u64) -> Option<String>,
}

impl TextKind {
    /// That of a type.
    pub(super) const fn of<T: Text>() -> Self {
        Self {
            what: T::WHAT,
            examples: T::EXAMPLES,
            words: T::WORDS,
            takes: |text| T::parse(text).is_ok(),
            shape: T::SHAPE,
            listed: T::LISTED,
            secret: T::SECRET,
            units: T::UNITS,
            of_number: T::of_number,
        }
    }

    /// Whether taking a text says something about it. Plain text is taken whatever it says.
    pub(super) fn is_telling(&self) -> bool {
        !(self.takes)("\u{1}")
    }
}

/// A table with keys of its own.
#[derive(Debug)]
pub struct Section {
    /// Its documentation, line by line.
    pub doc: &'static str,
    /// Its keys, in the order of their declaration.
    pub keys: &'static [Key],
}

/// A key of a section.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Its documentation, line by line.
    pub doc: &'static str,
    /// What stands there.
    pub kind: &'static Kind,
    /// The least and the most that may stand there, where it has bounds of its own.
    pub bounds: Option<&'static Bounds>,
    /// What counts where it is not written.
    pub absent: Absent,
}

impl Key {
    /// What may be written, in words: `a duration from "1d" to "5y"`.
    pub fn in_words(&self) -> String {
        let kind = self.kind.in_words();
        match (self.kind, self.bounds) {
            // A number says its bounds itself.
            (Kind::Integer { .. }, _) | (_, None) => kind,
            (_, Some(bounds)) => {
                let [least, most] = bounds.written(self.kind.units());
                format!("{kind} from `\"{least}\"` to `\"{most}\"`")
            }
        }
    }
}

/// What counts where a key is not written.
#[derive(Debug)]
pub enum Absent {
    /// It has to be written.
    Required,
    /// Nothing, or what follows from other keys: its documentation says so.
    Nothing,
    /// This value.
    Default(fn() -> Value),
    /// The defaults of the section's own keys.
    Section,
}

/// A place of the vocabulary that a path leads to.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The last key of a section on the way; none at the root.
    pub key: Option<&'static Key>,
    /// What stands at the place itself.
    pub kind: &'static Kind,
}

/// A path leads to no key.
#[derive(Clone, Debug)]
pub struct UnknownKey {
    /// How many of its parts are left, the unknown one included.
    pub left: usize,
    /// What is known in its place.
    pub known: Vec<&'static str>,
}

impl Kind {
    /// What may be written, in words: `a duration`, `a number from 1 to 65535`.
    pub fn in_words(&self) -> String {
        match self {
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::Integer { least, most } => format!("a number from {least} to {most}"),
            Self::Date => "a date".to_owned(),
            Self::Text(TextKind { what, words: [], .. }) | Self::Other(what) => (*what).to_owned(),
            Self::Text(TextKind { words, .. }) => {
                let words: Vec<String> = words.iter().map(|word| format!("`{}`", word.word)).collect();
                format!("one of {}", words.join(", "))
            }
            Self::List(each) => format!("a list; each element is {}", each.in_words()),
            Self::OneOrMany(each) => format!("{}, or a list of such", each.in_words()),
            Self::Entries { name, .. } => format!("a table; each entry has {} for its name", name.what),
            Self::Section(_) => "a section".to_owned(),
            Self::Overlays => "a table with an entry for each mode".to_owned(),
        }
    }

    /// The keys that may stand in it, if it is a section.
    pub const fn keys(&self) -> &'static [Key] {
        if let Self::Section(section) = self { section.keys } else { &[] }
    }

    /// What an entry of it may be called, if those are a few names.
    pub fn names(&self) -> Vec<&'static str> {
        match self {
            Self::Section(section) => section.keys.iter().map(|key| key.name).collect(),
            Self::Overlays => Mode::ALL.iter().map(|mode| mode.as_str()).collect(),
            Self::Boolean
            | Self::Integer { .. }
            | Self::Date
            | Self::Text(_)
            | Self::List(_)
            | Self::OneOrMany(_)
            | Self::Entries { .. }
            | Self::Other(_) => Vec::new(),
        }
    }

    /// The words of which it is one, or of which each element is one: none where it is not a matter of words.
    pub const fn words(&self) -> &'static [Word] {
        if let Self::Text(text) | Self::List(Self::Text(text)) | Self::OneOrMany(Self::Text(text)) = self {
            text.words
        } else {
            &[]
        }
    }

    /// A value that is right, or an element that is, where it is a text of no fixed words.
    pub fn example(&self) -> Option<&'static str> {
        if let Self::Text(text) | Self::List(Self::Text(text)) | Self::OneOrMany(Self::Text(text)) = self
            && text.words.is_empty()
        {
            return text.examples.first().copied();
        }
        None
    }

    /// The units in which it is written, if it is an amount in a text.
    pub(super) const fn units(&self) -> Units {
        if let Self::Text(text) = self { text.units } else { &[] }
    }

    /// The same kind with other bounds, where it says bounds itself.
    pub(super) const fn within(self, bounds: &Bounds) -> Self {
        if let Self::Integer { .. } = self { Self::Integer { least: bounds.least, most: bounds.most } } else { self }
    }

    /// As far as a variable of an app could hold the same.
    pub(super) fn shape(&self) -> Shape {
        match self {
            Self::Boolean => Shape::Boolean,
            Self::Integer { .. } => Shape::Integer,
            Self::Text(text) => text.shape,
            Self::List(Self::Text(each)) => each.listed,
            Self::List(_)
            | Self::Date
            | Self::OneOrMany(_)
            | Self::Entries { .. }
            | Self::Section(_)
            | Self::Overlays
            | Self::Other(_) => Shape::Table,
        }
    }

    /// What stands below it, one step of a path further, `root` being the whole document's; else what is known there.
    pub(super) fn below(&'static self, step: &str, root: &'static Self) -> Result<Place, Vec<&'static str>> {
        let unnamed = |kind| Place { key: None, kind };
        match self {
            Self::Section(Section { keys, .. }) => keys
                .iter()
                .find(|key| key.name == step)
                .map(|key| Place { key: Some(key), kind: key.kind })
                .ok_or_else(|| self.names()),
            Self::Overlays if step == ANY => Ok(unnamed(root)),
            Self::Overlays => {
                let is_mode = Mode::ALL.iter().any(|mode| mode.as_str() == step);
                is_mode.then(|| unnamed(root)).ok_or_else(|| self.names())
            }
            Self::Entries { name, each } if step == ANY || (name.takes)(step) => Ok(unnamed(each)),
            Self::List(each) | Self::OneOrMany(each) if step == ANY => Ok(unnamed(each)),
            Self::Boolean
            | Self::Integer { .. }
            | Self::Date
            | Self::Text(_)
            | Self::List(_)
            | Self::OneOrMany(_)
            | Self::Entries { .. }
            | Self::Other(_) => Err(Vec::new()),
        }
    }
}

/// The lines of a documentation as text: paragraphs stay, wrapping goes.
pub fn prose(doc: &str) -> String {
    let text = doc.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect::<Vec<_>>().join("\n\n")
}

/// What a path leads to, from the root of a document. At none: the document.
pub(super) fn at(root: &'static Kind, path: &[&str]) -> Result<Place, UnknownKey> {
    let mut place = Place { key: None, kind: root };
    for (index, step) in path.iter().enumerate() {
        let below = place.kind.below(step, root).map_err(|known| UnknownKey { left: path.len() - index, known })?;
        place = Place { key: below.key.or(place.key), kind: below.kind };
    }
    Ok(place)
}

/// The same for the path of a finding. An index is an element of a list.
pub(super) fn at_key(root: &'static Kind, key: &KeyPath) -> Result<Place, UnknownKey> {
    let steps: Vec<&str> = key
        .segments()
        .iter()
        .map(|segment| match segment {
            Segment::Key(key) => key,
            Segment::Index(_) => ANY,
        })
        .collect();
    at(root, &steps)
}

/// The path of a key as the vocabulary has it, dotted: `*` for any entry of a table.
pub(super) fn general(root: &'static Kind, key: &KeyPath) -> String {
    let (mut kind, mut steps) = (Some(root), Vec::new());
    for segment in key.segments() {
        let step = match (segment, kind) {
            (Segment::Index(_), _) | (_, Some(Kind::Entries { .. })) => ANY,
            (Segment::Key(key), _) => key,
        };
        kind = kind.and_then(|kind| kind.below(step, root).ok()).map(|place| place.kind);
        steps.push(step);
    }
    steps.join(".")
}

/// Every key of a document with its path, in the order of the declarations; what stands in a section follows the section.
pub(super) fn all(root: &'static Kind) -> Vec<(String, &'static Key)> {
    let mut found = Vec::new();
    collect("", root, &mut found);
    found
}

fn collect(path: &str, kind: &'static Kind, found: &mut Vec<(String, &'static Key)>) {
    let step = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match kind {
        Kind::Section(section) => {
            for key in section.keys {
                let path = step(key.name);
                found.push((path.clone(), key));
                collect(&path, key.kind, found);
            }
        }
        Kind::Entries { each, .. } | Kind::List(each) | Kind::OneOrMany(each) => collect(&step(ANY), each, found),
        Kind::Boolean | Kind::Integer { .. } | Kind::Date | Kind::Text(_) | Kind::Overlays | Kind::Other(_) => {}
    }
}
