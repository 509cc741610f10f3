//! Words for people, as a pack has them: what an app is called, why it does nothing with a variable. They stand in messages,
//! tables and plans, so that they are one line, with nothing in it that a terminal obeys.

use super::{shown, text};
use crate::profile::text::Refusal;
use crate::source::is_obeyed;

/// Words on one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phrase(String);

impl Phrase {
    fn check(text: &str) -> Result<Self, Refusal> {
        let message = match text {
            _ if text.trim().is_empty() => "nothing stands there to be shown",
            _ if text.chars().any(is_obeyed) => "a line to be shown holds a character that a terminal obeys",
            _ => return Ok(Self(text.to_owned())),
        };
        Err(Refusal::new(message, "write a few words on one line, without breaks, escapes and invisible characters"))
    }
}

impl std::ops::Deref for Phrase {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

shown!(Phrase);
text! {
    /// Words for people, on one line.
    Phrase, "words on one line", ["the shop"],
    "^[^\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]*[^\\s\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff][^\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]*$"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_one_line_that_shows() {
        for text in ["the shop", "Größe, 大", " x", "`a` | <b>"] {
            assert!(Phrase::check(text).is_ok(), "{text}");
        }
        for text in ["", " ", "a\nb", "a\u{1b}[31m", "a\tb", "a\u{202e}b", "\u{feff}a", "a\u{7f}"] {
            assert!(Phrase::check(text).is_err(), "{text:?}");
        }
    }
}
