//! What `$NAME` and `${NAME}` in a value become, by the reader.
//!
//! `postgresql://shop:${POSTGRES_PASSWORD}@db/shop` holds a password to Compose, to python-dotenv and to a shell, and fifteen
//! characters that begin with a dollar to Node. What a name stands for is looked up in the file, above the value: what the
//! environment of the process would say is not known here.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::reader::Reader;
use super::{Entry, is_name};

/// How a value is enclosed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// Not at all.
    None,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
}

/// What a reader makes of a value.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Expanded {
    /// The value as it stands.
    Same,
    /// Another one.
    Other(String),
    /// One that depends on variables that stand nowhere above.
    Unknown,
}

/// What files that were read before say, in the order in which they count, and which readers put it in the place of names.
#[derive(Clone, Debug, Default)]
pub struct Before<'b> {
    /// Names and their values.
    pub values: Vec<(&'b str, &'b str)>,
    /// The readers that look there: what they read before is in their environment. To the others, each file is by itself.
    pub across: &'b [Reader],
}

impl Before<'_> {
    /// What a reader finds there; one of which nothing is known may be any.
    fn of(&self, reader: Option<Reader>) -> &[(&str, &str)] {
        if reader.is_none_or(|reader| self.across.contains(&reader)) { &self.values } else { &[] }
    }
}

/// What each entry with a `$` becomes to a reader, by its index; `None` stands for a reader of which nothing is known: what most
/// that replace anything do.
pub(super) fn expansions(
    entries: &[Entry<'_>],
    reader: Option<Reader>,
    before: &Before<'_>,
) -> HashMap<usize, Expanded> {
    let mut values: HashMap<&str, &str> = before.of(reader).iter().copied().collect();
    let mut made: HashMap<&str, String> = HashMap::new();
    let mut expansions = HashMap::new();
    if reader.is_none() {
        values.extend(entries.iter().map(|entry| (entry.name, entry.value.expose())));
    }
    for (index, entry) in entries.iter().enumerate() {
        if entry.value.expose().contains('$') {
            let value = |name: &str| made.get(name).map(String::as_str).or_else(|| values.get(name).copied());
            let expanded = expand(entry, reader, value);
            match &expanded {
                Expanded::Other(text) => {
                    made.insert(entry.name, text.clone());
                }
                Expanded::Same | Expanded::Unknown => {
                    made.remove(entry.name);
                }
            }
            expansions.insert(index, expanded);
        } else if !made.is_empty() {
            made.remove(entry.name);
        }
        values.insert(entry.name, entry.value.expose());
    }
    expansions
}

/// One value with its names replaced.
fn expand<'v>(entry: &Entry<'_>, reader: Option<Reader>, value: impl Fn(&str) -> Option<&'v str>) -> Expanded {
    let text = entry.value.expose();
    if reader == Some(Reader::DjangoEnviron) {
        // It looks up what stands behind a `$` that the value begins with, as a whole.
        let Some(name) = text.strip_prefix('$') else { return Expanded::Same };
        return value(name).map_or(Expanded::Unknown, |value| Expanded::Other(value.to_owned()));
    }
    let lookup = Lookup { entry, reader, value: &value };
    match lookup.replaced(0..text.len(), DEEPEST) {
        Some(Some(expanded)) => Expanded::Other(expanded),
        Some(None) => Expanded::Same,
        None => Expanded::Unknown,
    }
}

/// How many names may stand in each other's defaults.
const DEEPEST: usize = 16;

/// A value, whoever reads it, and what names in it stand for.
struct Lookup<'l, 'v> {
    entry: &'l Entry<'l>,
    reader: Option<Reader>,
    value: &'l dyn Fn(&str) -> Option<&'v str>,
}

impl Lookup<'_, '_> {
    /// A part of the value with its names replaced, where there are any; nothing where one of them is not known.
    #[expect(clippy::option_option, reason = "what is the same needs no copy")]
    fn replaced(&self, part: Range<usize>, depth: usize) -> Option<Option<String>> {
        let depth = depth.checked_sub(1)?;
        let text = self.entry.value.expose();
        let (mut expanded, mut end) = (String::new(), part.start);
        let within = |at: &usize| part.contains(at) && text[*at..].starts_with('$');
        for at in self.entry.dollars.iter().copied().filter(within) {
            if at < end {
                continue;
            }
            let (name, default, length) = match dollar(&text[at..part.end], self.reader, self.entry.quoting) {
                Dollar::Itself => continue,
                Dollar::Odd => return None,
                Dollar::Name { name, default, length } => (name, default, length),
            };
            let is_enough = |value: &&str| !value.is_empty() || default.as_ref().is_none_or(|one| !one.for_empty);
            let value = match ((self.value)(name).filter(is_enough), default) {
                (Some(value), _) => Cow::Borrowed(value),
                (None, None) => return None,
                (None, Some(Default { text, holds_names: false, .. })) => Cow::Borrowed(text),
                (None, Some(Default { text: default, at: begins, .. })) => {
                    let begins = at + begins;
                    let made = self.replaced(begins..begins + default.len(), depth)?;
                    made.map_or(Cow::Borrowed(default), Cow::Owned)
                }
            };
            expanded.push_str(&text[end..at]);
            expanded.push_str(&value);
            if expanded.len() > MOST {
                return None;
            }
            end = at + length;
        }
        if end == part.start {
            return Some(None);
        }
        expanded.push_str(&text[end..part.end]);
        Some(Some(expanded))
    }
}

/// What stands within braces, and what behind them: a default may have names in braces of its own.
pub fn split_at_end(text: &str) -> Option<(&str, &str)> {
    let (mut open, mut before) = (1usize, None);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if before == Some(b'$') => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some((&text[..at], &text[at + 1..]));
        }
        // Of two dollars, the second begins nothing.
        before = if (byte, before) == (b'$', Some(b'$')) { None } else { Some(byte) };
    }
    None
}

/// The longest that a value becomes: a file of lines that each double the one above would have no end.
const MOST: usize = 1 << 20;

/// What a `$` is.
enum Dollar<'t> {
    /// Nothing but itself.
    Itself,
    /// The beginning of something that the reader replaces, or stops at, and that is no name.
    Odd,
    /// The name of a variable, what is taken where there is none of it, and how long that is.
    Name { name: &'t str, default: Option<Default<'t>>, length: usize },
}

/// What is taken in a variable's place.
struct Default<'t> {
    text: &'t str,
    /// How far behind the `$` it begins.
    at: usize,
    /// Whether it is taken in the place of an empty value, too.
    for_empty: bool,
    /// Whether names in it are replaced in their turn.
    holds_names: bool,
}

/// What a reader takes the `$` for that a text begins with.
fn dollar(text: &str, reader: Option<Reader>, quoting: Quoting) -> Dollar<'_> {
    let behind = text.strip_prefix('$').unwrap_or_default();
    // Readers that know no names within defaults end at the first brace.
    let is_flat = matches!(reader, Some(Reader::PythonDotenv | Reader::Dotenvy));
    let within = behind.strip_prefix('{').map(|rest| if is_flat { rest.split_once('}') } else { split_at_end(rest) });
    let within = within.map(|parts| parts.map(|(within, _)| within));
    let named = |name, default, within: &str| Dollar::Name { name, default, length: "${}".len() + within.len() };
    let (is_single, odd) = (quoting == Quoting::Single, |is_odd| if is_odd { Dollar::Odd } else { Dollar::Itself });
    match reader {
        Some(Reader::DjangoEnviron | Reader::NodeDotenv | Reader::Node | Reader::Docker | Reader::Systemd) => {
            Dollar::Itself
        }
        Some(Reader::PythonDotenv) => {
            // In any quotes, and any name does; only `:-` has a default behind it.
            let Some(Some(within)) = within else { return Dollar::Itself };
            match within.split_once(':') {
                None => named(within, None, within),
                Some((name, default)) => {
                    let default = default.strip_prefix('-').map(|text| Default {
                        text,
                        at: "${:-".len() + name.len(),
                        for_empty: false,
                        holds_names: false,
                    });
                    default.map_or(Dollar::Itself, |default| named(name, Some(default), within))
                }
            }
        }
        None | Some(Reader::Compose | Reader::Bash | Reader::Dotenvy) if is_single => Dollar::Itself,
        None | Some(Reader::Compose | Reader::Bash | Reader::Dotenvy) => match within {
            Some(None) => odd(reader.is_some()),
            Some(Some(within)) => {
                let has_default = reader != Some(Reader::Dotenvy);
                let (name, default) = match within.split_once('-').filter(|_| has_default) {
                    Some((before, text)) => {
                        let name = before.strip_suffix(':').unwrap_or(before);
                        let (at, for_empty) = ("${-".len() + before.len(), name.len() < before.len());
                        (name, Some(Default { text, at, for_empty, holds_names: true }))
                    }
                    None => (within, None),
                };
                if is_name(name) { named(name, default, within) } else { odd(reader.is_some()) }
            }
            None => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let name = &behind[..behind.find(|c| !is_part(c)).unwrap_or(behind.len())];
                if is_name(name) {
                    return Dollar::Name { name, default: None, length: 1 + name.len() };
                }
                match reader {
                    // Compose has nothing but names and `$$`, dotenvy takes the `$` for an empty name.
                    Some(Reader::Compose | Reader::Dotenvy) => Dollar::Odd,
                    // A shell has variables of its own, commands and further quotes.
                    Some(Reader::Bash) => {
                        odd(behind.starts_with(|c: char| c.is_ascii_digit() || "([$!?#@*-'\"".contains(c)))
                    }
                    _ => Dollar::Itself,
                }
            }
        },
    }
}
