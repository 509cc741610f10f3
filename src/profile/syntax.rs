//! What is wrong with a text that is no TOML, in words that say what to write.
//!
//! The parser's own words are for people who know TOML's grammar: for `name = shop` it expects a "literal string". Here
//! the text at the place is looked at again, and the help is `name = "…"`.

use super::meant;
use super::read::Problem;
use super::text::Refusal;
use super::vocabulary::ROOT;
use crate::source::{KeyPath, Source, Span};

/// The parser's errors as problems: one for each line at most, because one
/// missing quote or bracket makes the parser stumble several times.
pub(super) fn problems(source: &Source, errors: &[toml::de::Error]) -> Vec<Problem> {
    let mut problems: Vec<(usize, Problem)> = errors
        .iter()
        .map(|error| {
            let span = error.span().map_or_else(Span::default, Span::from);
            let (what, expected) = error.message().split_once(", expected ").unwrap_or((error.message(), ""));
            let help = help(what, &Place::new(source, span)).unwrap_or_else(|| match expected {
                "" | "nothing" => "see https://toml.io for the syntax".to_owned(),
                expected => format!("expected here: {expected}"),
            });
            let mut refusal = Refusal::new(format!("this is not TOML: {what}"), help).code("PRF001");
            refusal.label = "here";
            (source.position(span.start).line, Problem { refusal, span, key: KeyPath::default(), overlay: None })
        })
        .collect();
    problems.sort_by_key(|(line, problem)| (*line, problem.span));
    problems.dedup_by_key(|(line, _)| *line);
    problems.into_iter().map(|(_, problem)| problem).collect()
}

/// The text around an error, on its line.
struct Place<'a> {
    /// From the error on.
    here: &'a str,
    /// The key that the line begins with, where it begins with one.
    key: Option<&'a str>,
    /// From the `=` on.
    value: &'a str,
}

impl<'a> Place<'a> {
    fn new(source: &'a Source, span: Span) -> Self {
        let line = source.line_start(source.position(span.start).line);
        let end = source.text[line..].find('\n').map_or(source.text.len(), |length| line + length);
        let text = &source.text[line..end];
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        let is_key = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let key = Some(key.trim()).filter(|key| !key.is_empty() && key.chars().all(is_key));
        Self { here: source.text[span.start.clamp(line, end)..end].trim_start(), key, value: value.trim() }
    }
}

/// What to write, where the place tells. A value is repeated only where no key of that name takes a secret.
fn help(what: &str, place: &Place<'_>) -> Option<String> {
    let key = place.key.unwrap_or("key");
    match what {
        "duplicate key" => Some("keep one of the two: a table or key may be written once".to_owned()),
        what if what.starts_with("cannot recurse") => Some("write it flatter: no profile nests this deep".to_owned()),
        "extra `=`" => Some(format!("write one `=`: `{key} = …`")),
        "unclosed table" => Some("close the name of the section with `]`".to_owned()),
        "unclosed array" => Some("close the list with `]`".to_owned()),
        "unclosed inline table" => Some("close the table with `}`".to_owned()),
        "key with no value" => Some("write `=` and a value behind the key, such as `enabled = true`".to_owned()),
        "invalid basic string" | "invalid literal string" => {
            Some("close the text with the quote that it begins with, on the same line".to_owned())
        }
        "invalid unquoted key" if place.here.starts_with(':') => {
            Some("write `=` between a key and its value, as in `enabled = true`".to_owned())
        }
        "invalid unquoted key" if ["//", "/*", ";", "--"].iter().any(|mark| place.here.starts_with(mark)) => {
            Some("begin a comment with `#`".to_owned())
        }
        "unexpected key or value" if place.here.starts_with([',', ';']) => {
            Some("leave it out: each key stands on a line of its own, and nothing ends the line".to_owned())
        }
        "unexpected key or value" => {
            Some("write each key on a line of its own, and a quote inside a text as `\\\"`".to_owned())
        }
        // The kinds of values that are told apart by how they begin.
        "string values must be quoted"
        | "invalid boolean"
        | "invalid integer"
        | "invalid float"
        | "invalid number"
        | "invalid datetime"
        | "invalid date-time"
        | "invalid mantissa" => Some(unquoted(key, place)),
        _ => None,
    }
}

/// What to write for a value that lacks its quotes.
fn unquoted(key: &str, place: &Place<'_>) -> String {
    let whole = place.value.split('#').next().unwrap_or_default().trim();
    match whole.to_ascii_lowercase().as_str() {
        "" => return format!("write a value behind the `=`, such as `{key} = \"…\"`"),
        "true" | "yes" | "on" => return format!("write `{key} = true`"),
        "false" | "no" | "off" => return format!("write `{key} = false`"),
        "null" | "nil" | "none" | "undefined" => return format!("take `{key}` out: TOML has no such value"),
        _ => {}
    }
    if place.here.starts_with(['“', '”', '„', '‘', '’', '«']) {
        return format!("write straight quotes: `{key} = \"…\"`");
    }
    if whole.starts_with('[') {
        return format!("write every element in quotes: `{key} = [\"…\", \"…\"]`");
    }
    if whole.starts_with('{') {
        return "write every value of the table in quotes: `{ name = \"…\" }`".to_owned();
    }
    let value = if meant::is_shown(ROOT, key, whole) { whole } else { "…" };
    format!("write the value in quotes: `{key} = \"{value}\"`")
}
