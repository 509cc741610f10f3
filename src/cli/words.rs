//! Arguments that are words of the vocabulary: how one is read, and which of them a shell offers.
//!
//! `seccfg check --mode pr` and a tab gives `prod`; `--mode production` is answered with "did you mean \"prod\"?", in the
//! same words as in a profile.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Command};

use crate::profile::{Refusal, Text, vocabulary};
use crate::rules::{self, Rule};
use crate::source::nearest;

/// Reads a checked text with this function, and offers its examples: of a keyword, those are all its words.
#[derive(Clone)]
pub(super) struct Word<T>(pub(super) fn(&str) -> Result<T, String>);

/// A word of the vocabulary on the command line.
pub(super) fn word<T: Text>() -> Word<T> {
    Word(|text| T::parse(text).map_err(|refusal| told(&refusal)))
}

/// Where to write to. `-`, which elsewhere is standard input, would make a file that few programs can be told to open.
pub(super) fn out_path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        let is_dash = path == Path::new("-");
        if is_dash { Err("`-` is no name of a file here: write one, or `./-`") } else { Ok(path) }
    })
}

/// A refusal as one line.
pub(super) fn told(refusal: &Refusal) -> String {
    format!("{}; {}", refusal.message, refusal.help)
}

impl<T: Text + Clone + Send + Sync> TypedValueParser for Word<T> {
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        self.0.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(T::EXAMPLES.iter().map(PossibleValue::new)))
    }
}

/// Reads a rule's code, in either case, or its name, and offers all codes.
#[derive(Clone)]
pub(super) struct Code;

impl TypedValueParser for Code {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        code.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(rules::all().map(|rule| PossibleValue::new(rule.code).help(rule.name))))
    }
}

fn code(text: &str) -> Result<String, String> {
    if let Some(rule) = rules::by_code(text) {
        return Ok(rule.code.to_owned());
    }
    if let Some(About { rules, named, .. }) = About::read(text) {
        const MOST: usize = 12;
        let codes: Vec<&str> = rules.iter().take(MOST).map(|rule| rule.code).collect();
        let more = if rules.len() > MOST { ", …" } else { "" };
        let about = match codes.len() {
            0 => "no rule is about it".to_owned(),
            1 => format!("the rule about it is {}", codes[0]),
            _ => format!("the rules about it are {}{more}; `seccfg rules {text}` lists them", codes.join(", ")),
        };
        return Err(format!("this is {named}, and no rule's code: {about}"));
    }
    let lower: Vec<String> = rules::all().map(|rule| rule.code.to_ascii_lowercase()).collect();
    let meant = nearest(text, lower.iter().map(String::as_str)).map(str::to_ascii_uppercase);
    Err(meant.map_or_else(
        || "no rule has this code; `seccfg rules` lists them".to_owned(),
        |meant| format!("no rule has this code; did you mean {meant}? `seccfg rules` lists them"),
    ))
}

/// What rules may be about: an area, or a key of the profile.
#[derive(Clone)]
pub(super) struct About {
    /// The rules that are about it.
    pub(super) rules: Vec<&'static Rule>,
    /// What it is, in words.
    named: &'static str,
    /// What the key means that it is.
    meaning: Option<String>,
}

impl About {
    /// Reads an area, by its letters, or a key, by its path.
    fn read(text: &str) -> Option<Self> {
        if let Ok(area) = area(text) {
            let rules = rules::all().filter(|rule| rule.area() == area).collect();
            return Some(Self { rules, named: "an area", meaning: None });
        }
        let place = vocabulary::at(&text.split('.').collect::<Vec<_>>()).ok()?;
        let meaning = place.key.map(|key| key.doc.lines().map(str::trim).collect::<Vec<_>>().join(" "));
        Some(Self { rules: rules::on(text).collect(), named: "a key of the profile", meaning })
    }

    /// What is told of a key that no rule is about: what it means.
    pub(super) fn without_rules(&self) -> Option<String> {
        let meaning = self.meaning.as_ref().filter(|_| self.rules.is_empty())?;
        Some(format!("No rule is about this key. What it means:\n\n{meaning}"))
    }
}

/// An area or a key as an argument. A rule's code means the rule.
pub(super) fn about(text: &str) -> Result<About, String> {
    if let Some(rule) = rules::by_code(text) {
        return Ok(About { rules: vec![rule], named: "a rule", meaning: None });
    }
    About::read(text).ok_or_else(|| {
        // A path is meant that is as long.
        let steps = |path: &str| path.split('.').count();
        let keys: Vec<String> = vocabulary::all().into_iter().map(|(path, _)| path).collect();
        let mut known: Vec<&str> = keys.iter().map(String::as_str).filter(|path| steps(path) == steps(text)).collect();
        if steps(text) == 1 && text.len() < 5 {
            known = areas().collect();
        }
        // A key's own name, without its section.
        let whole = keys.iter().map(String::as_str).find(|path| path.rsplit('.').next() == Some(text));
        let meant = whole.or_else(|| nearest(text, known));
        let meant = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
        format!("this is no area, such as HST, and no key of the profile, such as hsts.max_age{meant}")
    })
}

/// Reads an area, by the letters that its codes begin with, in either case, and offers all areas.
#[derive(Clone)]
pub(super) struct Area;

impl TypedValueParser for Area {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        area.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(areas().map(|area| PossibleValue::new(area).help(rules::area_title(area).unwrap_or_default()))))
    }
}

/// The areas, in the order of the catalogue.
fn areas() -> impl Iterator<Item = &'static str> {
    let mut told = BTreeSet::new();
    rules::all().map(Rule::area).filter(move |area| told.insert(*area))
}

fn area(text: &str) -> Result<String, String> {
    let upper = text.to_ascii_uppercase();
    if areas().any(|area| area == upper) {
        return Ok(upper);
    }
    let meant = nearest(text, areas()).map(|meant| format!("did you mean {meant}? ")).unwrap_or_default();
    Err(format!("no area has these letters; {meant}One of: {}", areas().collect::<Vec<_>>().join(", ")))
}
