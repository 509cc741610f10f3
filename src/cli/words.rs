//! Arguments that are words of the vocabulary: how one is read, and which of them a shell offers.
//!
//! `seccfg check --mode pr` and a tab gives `prod`; `--mode production` is answered with "did you mean \"prod\"?", in the
//! same words as in a profile.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};

use crate::profile::{Refusal, Text};
use crate::rules;
use crate::source::nearest;

/// Reads a checked text with this function, and offers its examples: of a keyword, those are all its words.
#[derive(Clone)]
pub(super) struct Word<T>(pub(super) fn(&str) -> Result<T, String>);

/// A word of the vocabulary on the command line.
pub(super) fn word<T: Text>() -> Word<T> {
    Word(|text| T::parse(text).map_err(|refusal| told(&refusal)))
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
    let lower: Vec<String> = rules::all().map(|rule| rule.code.to_ascii_lowercase()).collect();
    let meant = nearest(text, lower.iter().map(String::as_str)).map(str::to_ascii_uppercase);
    Err(meant.map_or_else(
        || "no rule has this code; `seccfg rules` lists them".to_owned(),
        |meant| format!("no rule has this code; did you mean {meant}? `seccfg rules` lists them"),
    ))
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
    rules::all().map(rules::Rule::area).filter(move |area| told.insert(*area))
}

fn area(text: &str) -> Result<String, String> {
    let upper = text.to_ascii_uppercase();
    if areas().any(|area| area == upper) {
        return Ok(upper);
    }
    let meant = nearest(text, areas()).map(|meant| format!("did you mean {meant}? ")).unwrap_or_default();
    Err(format!("no area has these letters; {meant}One of: {}", areas().collect::<Vec<_>>().join(", ")))
}
