//! Every key of the vocabulary on one page, with the rules that look at it: docs/reference.md.

use super::{ALL, Rule, all};
use crate::profile::vocabulary::{self, ANY, Absent, Key, Kind, prose};
use crate::source::Literal;

const HEAD: &str = "# Every key of `security.toml`\n\n\
    In a name, `*` stands for a name of your own, or for any element of a list. Under `[modes.dev]`, `[modes.test]`, \
    `[modes.staging]` and `[modes.prod]` the same sections may stand again, for one mode alone, without `app.kind` and \
    `app.mode`.\n";

/// The vocabulary, as Markdown.
pub fn reference() -> String {
    let entries = vocabulary::all().into_iter().map(|(path, key)| entry(&path, key));
    std::iter::once(HEAD.to_owned()).chain(entries).collect()
}

fn entry(path: &str, key: &Key) -> String {
    let level = if path.contains('.') { "###" } else { "##" };
    let heading = match key.kind {
        Kind::Section(_) | Kind::Overlays => format!("[{path}]"),
        Kind::Entries { .. } => format!("[{path}.{ANY}]"),
        Kind::List(Kind::Section(_)) => format!("[[{path}]]"),
        Kind::Boolean
        | Kind::Integer { .. }
        | Kind::Date
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::OneOrMany(_)
        | Kind::Other(_) => path.to_owned(),
    };
    let about = about(path, key, |rule| format!("[{0}](rules/{0}.md)", rule.code));
    format!("\n{level} `{heading}`\n\n{about}\n")
}

/// What is to be known of a key, as Markdown: its documentation, what may be written, the rules that look at it. In `path`,
/// `*` stands for any entry of a table; `linked` says how a rule is named.
pub fn about(path: &str, key: &Key, linked: impl Fn(&Rule) -> String) -> String {
    let rules: Vec<String> = reading(path).map(linked).collect();
    let rules = if rules.is_empty() { String::new() } else { format!("Rules: {}.", rules.join(", ")) };
    let paragraphs = [prose(key.doc), value(key), words(key.kind), rules];
    let paragraphs: Vec<String> = paragraphs.into_iter().filter(|paragraph| !paragraph.is_empty()).collect();
    paragraphs.join("\n\n")
}

/// What may be written, and what counts where nothing is.
fn value(key: &Key) -> String {
    let example = key.kind.example().map(|example| format!(", such as `{}`", Literal::from(example)));
    let sentence = capital(&key.in_words()) + &example.unwrap_or_default();
    let absent = match key.absent {
        Absent::Required => " Has to be written.".to_owned(),
        Absent::Default(value) => format!(" Default: `{}`.", Literal::from(&value())),
        Absent::Nothing | Absent::Section => String::new(),
    };
    match key.kind {
        Kind::Section(_) | Kind::Overlays | Kind::List(Kind::Section(_)) => absent.trim_start().to_owned(),
        Kind::Entries { .. } => format!("{sentence}."),
        Kind::Boolean
        | Kind::Integer { .. }
        | Kind::Date
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::OneOrMany(_)
        | Kind::Other(_) => format!("{sentence}.{absent}"),
    }
}

/// The sentence with a capital at its beginning.
fn capital(sentence: &str) -> String {
    let mut rest = sentence.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// What each of a few words means.
fn words(kind: &Kind) -> String {
    let lines = kind.words().iter().map(|word| format!("- `{}`: {}", word.word, prose(word.doc)));
    lines.collect::<Vec<_>>().join("\n")
}

/// The rules that are about a key, or about one that stands below it or above it: `hsts`, `cookies.session.secure`.
pub fn on(key: &str) -> impl Iterator<Item = &'static Rule> {
    all().filter(move |rule| {
        let is_on = |declared: &&str| {
            let mut steps = declared.split('.').zip(key.split('.'));
            steps.all(|(one, other)| one == other || [ANY, ALL].contains(&one) || other == ANY)
        };
        rule.keys.iter().filter(|declared| !declared.starts_with(ANY)).any(is_on)
    })
}

/// The rules that read a key, or the whole section that it stands in. Those that read everything are left out.
fn reading(path: &str) -> impl Iterator<Item = &'static Rule> {
    let is_read = move |declared: &'static str| {
        let mut declared = declared.split('.').map(|step| if step == ALL { ANY } else { step });
        let mut here = path.split('.');
        // An element of a list is told at the list.
        here.by_ref().zip(declared.by_ref()).all(|(one, other)| one == other || one == ANY)
            && declared.all(|step| step == ANY)
    };
    all().filter(move |rule| rule.all_keys().filter(|declared| !declared.starts_with(ANY)).any(is_read))
}
