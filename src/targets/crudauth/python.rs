//! Texts that Python reads back exactly as they were meant.

use std::fmt::Write;

use super::super::escape::EscapeError;
use super::super::template::bare;

/// Writes `text` as one string literal that holds exactly `text`. Every text has one.
///
/// All but printable ASCII is escaped, so that nothing in a file looks like something else. The double quote is escaped
/// by number: behind a backslash, formatters would give the literal other quotes.
pub fn quote(text: &str) -> Result<String, EscapeError> {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match (c, u32::from(c)) {
            ('\\', _) => literal.push_str("\\\\"),
            (' '..='~', _) if c != '"' => literal.push(c),
            (_, code @ 0..=0xff) => write!(literal, "\\x{code:02x}").expect("a string takes everything"),
            (_, code @ 0x100..=0xffff) => write!(literal, "\\u{code:04x}").expect("a string takes everything"),
            (_, code) => write!(literal, "\\U{code:08x}").expect("a string takes everything"),
        }
    }
    literal.push('"');
    Ok(literal)
}

/// Something that stands in the module as it is: chosen in this code, never a profile's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notation(&'static str);

impl Notation {
    /// A name, as Python code has it.
    pub const fn name(name: &'static str) -> Self {
        Self(name)
    }

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl From<bool> for Notation {
    fn from(value: bool) -> Self {
        Self(if value { "True" } else { "False" })
    }
}

bare! {
    Notation => as_str,
}
