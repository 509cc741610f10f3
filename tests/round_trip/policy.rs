//! Whole profiles by chance: which keys are there, and where a text of its author's stands.
//!
//! A profile is made with a token for each such text, unlike all else in it and unlike all that a target could write by
//! itself. As it is, it is the plain twin; with the tokens replaced by whatever their kinds take, the hostile one.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::dice::Dice;
use crate::places::literal;
use crate::values::{Kind, segment};
use crate::vocabulary::{APP, OVERLAID, SECTIONS, Section, Value};

/// A text of a profile's author.
#[derive(Debug)]
pub struct Text {
    pub kind: Kind,
    /// The keys that it stands at, without their indices, as the vocabulary writes them.
    pub keys: BTreeSet<String>,
}

/// A generated profile.
#[derive(Debug, Default)]
pub struct Policy {
    /// The plain twin.
    pub profile: String,
    /// What the tokens stand for, by number.
    pub texts: Vec<Text>,
}

/// How many entries a list has at most.
const ENTRIES: usize = 4;

/// How many tables a name that is free has at most, of all its kinds.
const MOST: usize = 3;

impl Policy {
    pub fn generate(dice: &mut Dice) -> Self {
        let mut policy = Self { profile: "version = 1\n".to_owned(), ..Self::default() };
        policy.section("", &APP, dice);
        policy.sections(dice, "", &|_| true);
        if dice.once_in(8) {
            let above = format!("modes.{}.", dice.pick(&["dev", "test", "staging", "prod"]));
            policy.sections(dice, &above, &|name| OVERLAID.contains(&name));
        }
        policy
    }

    fn sections(&mut self, dice: &mut Dice, above: &str, wanted: &dyn Fn(&str) -> bool) {
        for section in SECTIONS.iter().filter(|section| wanted(section.name)) {
            let kinds = SECTIONS.iter().filter(|other| other.name == section.name).count();
            let times = if section.name.contains('<') {
                dice.below(1 + MOST.div_ceil(kinds))
            } else {
                usize::from(!dice.once_in(3))
            };
            for _ in 0..times {
                self.section(above, section, dice);
            }
        }
    }

    fn section(&mut self, above: &str, section: &Section, dice: &mut Dice) {
        let name = self.filled_in(section.name, section.name, dice);
        writeln!(self.profile, "\n[{above}{name}]").expect("a string takes everything");
        let mut written = false;
        for (key, value) in section.keys {
            let name = key.trim_start_matches(['!', '+']);
            written = match key.as_bytes()[0] {
                b'!' => true,
                b'+' => written,
                _ => !dice.once_in(3),
            };
            if written {
                let value = self.value(&format!("{}.{name}", section.name), *value, dice);
                writeln!(self.profile, "{name} = {value}").expect("a string takes everything");
            }
        }
    }

    fn value(&mut self, key: &str, value: Value, dice: &mut Dice) -> String {
        match value {
            Value::Bare(words) => dice.pick(words).to_owned(),
            Value::Text(frames) => format!("\"{}\"", self.filled_in(dice.pick(frames), key, dice)),
            Value::Texts(frames) => {
                let items = dice.below(ENTRIES + 1);
                self.list(items, frames, key, dice)
            }
            Value::Filled(frames) => {
                let items = 1 + dice.below(ENTRIES);
                self.list(items, frames, key, dice)
            }
        }
    }

    fn list(&mut self, items: usize, frames: &[&str], key: &str, dice: &mut Dice) -> String {
        let item = |_| format!("\"{}\"", self.filled_in(dice.pick(frames), key, dice));
        let items: Vec<String> = (0..items).map(item).collect();
        format!("[{}]", items.join(", "))
    }

    /// A frame with a token in each of its holes: a new one, or where one text may well stand twice, an earlier one.
    fn filled_in(&mut self, frame: &str, key: &str, dice: &mut Dice) -> String {
        let mut out = String::new();
        let mut rest = frame;
        while let Some((before, (name, after))) =
            rest.split_once('<').and_then(|(before, rest)| Some((before, rest.split_once('>')?)))
        {
            let kind = Kind::named(name);
            let earlier = (0..self.texts.len()).rev().find(|index| self.texts[*index].kind == kind);
            let index = earlier.filter(|_| kind.may_stand_twice() && dice.once_in(8)).unwrap_or_else(|| {
                self.texts.push(Text { kind, keys: BTreeSet::new() });
                self.texts.len() - 1
            });
            self.texts[index].keys.insert(key.to_owned());
            out.push_str(before);
            out.push_str(&kind.token(index));
            rest = after;
        }
        out + rest
    }

    /// The hostile twin, with these texts for the tokens.
    pub fn with(&self, values: &[String]) -> String {
        replaced(&self.profile, |index| {
            let literal = literal(&values[index]);
            literal[1..literal.len() - 1].to_owned()
        })
    }

    fn has_places(&self) -> bool {
        self.texts.iter().any(|text| text.kind == Kind::Place)
    }

    /// A text for every token, no two of them alike where that would make them one. Names are in the order of their
    /// tokens, because targets go by that.
    pub fn values(&self, dice: &mut Dice) -> Vec<String> {
        let mut taken = BTreeSet::new();
        let mut values: Vec<String> = Vec::new();
        for text in &self.texts {
            // Behind a mount, too, a path is as deep and as long in all twins, where that decides which of two wins.
            let fixed = self.has_places() && text.kind == Kind::Mount;
            let mut thrown = || if fixed { segment(dice, b"aB0._~-") } else { text.kind.value(dice) };
            let value = (0..1_000).map(|_| thrown()).find(|value| {
                let below_a_mount = self.texts.iter().zip(&values).any(|(earlier, mount)| {
                    earlier.kind == Kind::Mount && text.kind == Kind::Path && value.starts_with(mount.as_str())
                });
                !below_a_mount && taken.insert(text.kind.identity(value))
            });
            values.push(value.expect("a kind has many texts"));
        }
        for kind in [Kind::Name, Kind::Cookie] {
            let of_kind: Vec<usize> = (0..values.len()).filter(|index| self.texts[*index].kind == kind).collect();
            let mut sorted: Vec<String> = of_kind.iter().map(|index| values[*index].clone()).collect();
            sorted.sort();
            of_kind.iter().zip(sorted).for_each(|(index, value)| values[*index] = value);
        }
        values
    }
}

/// A text with its tokens replaced, by their numbers.
pub fn replaced(text: &str, with: impl Fn(usize) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((start, end, index)) = first_token(rest) {
        out.push_str(&rest[..start]);
        out.push_str(&with(index));
        rest = &rest[end..];
    }
    out + rest
}

/// The numbers of the tokens in a text.
pub fn tokens(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, end, index)) = first_token(rest) {
        found.push(index);
        rest = &rest[end..];
    }
    found
}

/// Where the first token of a text begins and ends, and its number.
fn first_token(text: &str) -> Option<(usize, usize, usize)> {
    let starts = text.as_bytes().iter().enumerate().filter(|(_, byte)| matches!(byte, b'z' | b'Z' | b'1'));
    starts.into_iter().find_map(|(start, _)| {
        let (length, index) = Kind::read_token(&text[start..])?;
        Some((start, start + length, index))
    })
}
