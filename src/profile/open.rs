//! Which values of a document are no secrets, because the vocabulary says what stands at their keys.

use toml::de::{DeTable, DeValue};

use super::kind::Kind;
use crate::source::{Source, Span, Table, View};

/// What people write for `true` and `false`, where they write it in quotes.
const TRUTHS: [&str; 6] = ["true", "false", "yes", "no", "on", "off"];

/// The texts of a document that are no secrets, with their quotes: those at keys of which the vocabulary says what they are,
/// and that are told of whatever they say. Nothing of a document that is no TOML, as its keys may be others than its author
/// meant.
pub fn open_texts(source: &Source, root: &'static Kind) -> Vec<Span> {
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    let mut open = Vec::new();
    if errors.is_empty() {
        table(Table::new(document.get_ref(), None), root, root, &mut open);
    }
    open
}

fn table(entries: Table<'_>, kind: &'static Kind, root: &'static Kind, open: &mut Vec<Span>) {
    for (key, _, below) in entries.entries(false) {
        if let Ok(place) = kind.below(key, root) {
            value(below, place.kind, root, open);
        }
    }
}

fn value(view: View<'_>, kind: &'static Kind, root: &'static Kind, open: &mut Vec<Span>) {
    match view.value() {
        DeValue::String(text) if is_open(kind, text) => open.push(view.span()),
        DeValue::Array(_) => {
            if let (Kind::List(each) | Kind::OneOrMany(each), Some(elements)) = (kind, view.elements()) {
                elements.for_each(|element| value(element, each, root, open));
            }
        }
        DeValue::Table(_) => {
            if let Some(below) = view.table() {
                table(below, kind, root, open);
            }
        }
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// Whether a text at a place of this kind may be shown. What is refused there is quoted in the message, too.
fn is_open(kind: &Kind, text: &str) -> bool {
    match kind {
        Kind::Text(text) => !text.secret && text.is_telling(),
        Kind::OneOrMany(each) => is_open(each, text),
        Kind::Boolean => TRUTHS.iter().any(|truth| text.eq_ignore_ascii_case(truth)),
        Kind::Integer { .. }
        | Kind::Date
        | Kind::List(_)
        | Kind::Entries { .. }
        | Kind::Section(_)
        | Kind::Overlays
        | Kind::Other(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::vocabulary::ROOT;

    fn open(text: &str) -> Vec<String> {
        let source = Source::new("security.toml", text);
        open_texts(&source, ROOT).into_iter().map(|span| source.text[span.start..span.end].to_owned()).collect()
    }

    #[test]
    fn the_vocabulary_says_what_is_no_secret() {
        let text = "[rate_limits.routes]\npassword_reset = { limit = \"5/mim\", paths = [\"/reset\"] }\n\
                    [modes.dev.passwords]\nhash = \"argon2id\"\nmfa = \"yes\"\n";
        assert_eq!(open(text), ["\"argon2id\"", "\"yes\"", "\"5/mim\"", "\"/reset\""]);
    }

    #[test]
    fn what_may_be_a_secret_is_not_open() {
        for text in [
            // References, and what stands in their place.
            "[secrets.key]\nsource = \"env:A\"\n",
            "[secrets]\nkey = \"hunter2\"\n",
            "[email.smtp]\npassword = \"hunter2\"\n",
            // Keys that do not exist, and values of another type.
            "[secrets.key]\nvalue = \"hunter2\"\n",
            "password = \"hunter2\"\n",
            "[passwords]\nmfa = \"hunter2\"\nmin_length = \"hunter2\"\n",
            // Words for people.
            "[[waivers]]\nrule = 1\nreason = \"the password is hunter2\"\n",
            // No TOML.
            "[passwords]\nhash = \"hunter2\"\nmfa = = 1\n",
        ] {
            assert_eq!(open(text), [""; 0], "{text}");
        }
    }
}
