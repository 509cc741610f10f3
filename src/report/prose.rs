//! Sentences in which backticks set off code, as rules and checklists write them.
//!
//! A sentence may hold words of a profile, with backticks of their own: then code may be set off where none was meant,
//! and no more than that, because each format escapes words and code alike.

use crate::source::is_obeyed;

/// A piece of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Words.
    Words(&'a str),
    /// What stood between two backticks.
    Code(&'a str),
}

/// The pieces of a sentence.
pub(super) fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = sentence;
    while let Some((words, (code, behind))) =
        rest.split_once('`').and_then(|(words, behind)| Some((words, behind.split_once('`')?)))
    {
        pieces.extend([Piece::Words(words), Piece::Code(code)]);
        rest = behind;
    }
    pieces.push(Piece::Words(rest));
    pieces
}

/// A character as it may be shown on one line, with nothing that a viewer would obey.
pub(super) fn visible(c: char) -> char {
    match c {
        c if c.is_whitespace() => ' ',
        c if is_obeyed(c) || is_no_character(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// A text as it may be shown on one line: the name of a file may hold anything.
pub(super) fn on_one_line(text: &str) -> String {
    text.chars().map(visible).collect()
}

/// What Unicode sets apart for no use in texts; XML refuses some of them.
fn is_no_character(c: char) -> bool {
    let number = u32::from(c);
    number & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn code_stands_between_two_backticks() {
        use Piece::{Code, Words};
        assert_eq!(
            pieces("set `a = 1`, not `b`"),
            [Words("set "), Code("a = 1"), Words(", not "), Code("b"), Words("")]
        );
        assert_eq!(pieces("one ` alone"), [Words("one ` alone")]);
    }

    proptest! {
        /// Nothing of a sentence is lost but the backticks around code.
        #[test]
        fn pieces_are_the_sentence(sentence in any::<String>()) {
            let whole: String = pieces(&sentence)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Words(words) => words.to_owned(),
                    Piece::Code(code) => format!("`{code}`"),
                })
                .collect();
            prop_assert_eq!(whole, sentence);
        }
    }
}
