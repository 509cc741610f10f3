//! Text that Caddy reads back exactly as it was meant.
//!
//! A Caddyfile has traps that no quoting closes: `{$NAME}` is replaced before anything is parsed, in comments and quotes
//! too, and a lone brace may count as a block's although it is quoted. So no brace reaches a Caddyfile, nor a backtick,
//! and all that is left has one of two literals. When it serves, Caddy looks for `{placeholders}` in most values,
//! wherever they were written: JSON has an escape for them, and takes every text.
//!
//! | written | holds |
//! |---|---|
//! | `"…"` | text without `"` and `\`; neither is read as an escape there, as there is none |
//! | `` `…` `` | text with them: nothing is an escape between backticks |

use super::super::escape::{Comment, EscapeError};
use crate::profile::Form;

/// Writes `text` as one token of a Caddyfile that holds exactly `text`.
pub fn quote(text: &str) -> Result<String, EscapeError> {
    check(text)?;
    if let Some(c) = text.chars().find(|c| matches!(c, '{' | '}' | '`')) {
        return Err(EscapeError::Caddyfile(c));
    }
    Ok(if text.contains(['"', '\\']) { format!("`{text}`") } else { format!("\"{text}\"") })
}

/// `text` as a JSON value in which Caddy looks for placeholders, and finds none.
pub fn unreplaced(text: &str) -> String {
    text.replace('{', "\\{").replace('}', "\\}")
}

/// A text for Caddy: printable ASCII, as all that is sent in a header has to be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text(String);

impl Text {
    /// Checks that `text` has a form in the output.
    pub fn new(text: &str, form: Form) -> Result<Self, EscapeError> {
        match form {
            Form::Caddyfile => quote(text).map(drop)?,
            Form::Json => check(text)?,
        }
        Ok(Self(text.to_owned()))
    }

    /// The text, not quoted.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A comment of a Caddyfile: one without braces, as `{$NAME}` is replaced in comments too.
pub fn comment(text: &str) -> Result<Comment, EscapeError> {
    match text.chars().find(|c| matches!(c, '{' | '}')) {
        Some(c) => Err(EscapeError::Character(c)),
        None => Comment::new(text),
    }
}

fn check(text: &str) -> Result<(), EscapeError> {
    match text.chars().find(|&c| !(c == ' ' || c.is_ascii_graphic())) {
        Some(c) => Err(EscapeError::Character(c)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod reader;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BRACES_AND_BACKTICKS: [char; 3] = ['{', '}', '`'];

    fn read(line: &str) -> Vec<String> {
        let tokens = reader::tokens(line).expect("Caddy reads what was written");
        tokens.into_iter().map(|(token, _)| token).collect()
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_read_back(text in "\\PC*|[ -~\\x00-\\x1f]*") {
            if let Ok(quoted) = quote(&text) {
                prop_assert!(!text.contains(BRACES_AND_BACKTICKS));
                prop_assert_eq!(read(&format!("x {quoted} y")), ["x".into(), text, "y".into()]);
            }
        }

        #[test]
        fn a_line_of_ascii_without_braces_is_quoted(text in "[ -_a-z|~]{0,200}") {
            let quoted = quote(&text).expect("printable ASCII without braces and backticks");
            prop_assert_eq!(read(&quoted), [text]);
        }

        #[test]
        fn json_holds_every_line_of_ascii(text in "[ -~]{0,200}") {
            prop_assert!(Text::new(&text, Form::Json).is_ok());
            prop_assert_eq!(reader::replaced(&unreplaced(&text)), Some(text));
        }

        #[test]
        fn comments_have_no_variables(text in "[ -~]{0,80}") {
            if let Ok(comment) = comment(&text) {
                prop_assert!(!comment.as_str().contains(&BRACES_AND_BACKTICKS[..2]));
                let read = reader::lines(&format!("# {}\nx", comment.as_str()));
                prop_assert_eq!(read, Ok(vec![vec![], vec![("x".to_owned(), false)]]));
            }
        }
    }

    #[test]
    fn what_has_no_form_is_told_with_the_one_that_has() {
        for (text, refused) in [("{$HOME}", '{'), ("a}", '}'), ("`id`", '`')] {
            assert_eq!(quote(text), Err(EscapeError::Caddyfile(refused)));
            assert!(Text::new(text, Form::Json).is_ok());
        }
        assert_eq!(quote("a\nb"), Err(EscapeError::Character('\n')));
        assert!(Text::new("a\nb", Form::Json).is_err());
        let told = EscapeError::Caddyfile('`');
        assert_eq!(told.to_string(), "contains a backtick, which has no safe form in a Caddyfile");
        assert!(told.help().is_some_and(|help| help.contains("--form json")));
    }
}
