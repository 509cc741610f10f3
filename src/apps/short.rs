//! The short form of a pack in the binary: what a TOML file says, so that to read it takes no parser.
//!
//! A line is a key and its value, or an element of a list: `"` and a text as it is, `{` and the lines of a table, `[` and
//! those of a list, up to the line that closes it, or what TOML has for a number or a truth. `title = "Shop"` and
//! `docs = { paths = ["/docs"] }` are these lines:
//!
//! ```text
//! title "Shop
//! docs {
//! paths [
//! "/docs
//! ]
//! }
//! ```
//!
//! `tests/generated.rs` writes these files, and sees that each says what the whole pack does.

use std::borrow::Cow;
use std::str::Lines;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// What a text in the short form says. Nothing of it has a place, as nothing of it is refused.
pub(super) fn read(text: &str) -> DeTable<'_> {
    table(&mut text.lines())
}

fn table<'t>(lines: &mut Lines<'t>) -> DeTable<'t> {
    let mut table = DeTable::new();
    while let Some((key, said)) = lines.next().and_then(|line| line.split_once(' ')) {
        table.insert(Spanned::new(0..0, Cow::Borrowed(key)), value(said, lines));
    }
    table
}

fn value<'t>(said: &'t str, lines: &mut Lines<'t>) -> Spanned<DeValue<'t>> {
    let value = match said {
        "{" => DeValue::Table(table(lines)),
        "[" => {
            let mut list = DeArray::new();
            while let Some(line) = lines.next().filter(|line| *line != "]") {
                list.push(value(line, lines));
            }
            DeValue::Array(list)
        }
        "true" => DeValue::Boolean(true),
        "false" => DeValue::Boolean(false),
        _ => match said.strip_prefix('"') {
            Some(text) => DeValue::String(Cow::Borrowed(text)),
            None => DeValue::parse(said).expect("a test reads every pack").into_inner(),
        },
    };
    Spanned::new(0..0, value)
}
