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

/// Writes `text` as one token of a Caddyfile that holds exactly `text`.
pub fn quote(text: &str) -> Result<String, EscapeError> {
    printable(text)?;
    match text.chars().find(|c| matches!(c, '{' | '}' | '`')) {
        Some(c) => Err(EscapeError::Caddyfile(c)),
        None => Ok(enclosed(text)),
    }
}

/// Writes Caddy's own notation as one token of a Caddyfile: braces have their meaning, and no quotes stand where none
/// are needed.
pub fn token(notation: &str) -> Result<String, EscapeError> {
    printable(notation)?;
    if notation.contains('`') {
        return Err(EscapeError::Caddyfile('`'));
    }
    let starts_bare = !notation.is_empty() && !notation.starts_with('#');
    let is_bare = starts_bare && !notation.bytes().any(|byte| matches!(byte, b' ' | b'"' | b'\\'));
    Ok(if is_bare { notation.to_owned() } else { enclosed(notation) })
}

fn enclosed(text: &str) -> String {
    if text.contains(['"', '\\']) { format!("`{text}`") } else { format!("\"{text}\"") }
}

/// `text` as a JSON value in which Caddy looks for placeholders, and finds none.
pub fn unreplaced(text: &str) -> String {
    text.replace('{', "\\{").replace('}', "\\}")
}

/// A comment of a Caddyfile: one without braces, as `{$NAME}` is replaced in comments too.
pub fn comment(text: &str) -> Result<Comment, EscapeError> {
    match text.chars().find(|c| matches!(c, '{' | '}')) {
        Some(c) => Err(EscapeError::Character(c)),
        None => Comment::new(text),
    }
}

/// Refuses what is no line of printable ASCII, as all that is sent in a header has to be.
pub fn printable(text: &str) -> Result<(), EscapeError> {
    // Most of a file's time is spent here, and bytes are read faster than characters.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(());
    }
    let refused = text.chars().find(|&c| !super::super::escape::printable(c));
    refused.map_or(Ok(()), |c| Err(EscapeError::Character(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_form_is_told_with_the_one_that_has() {
        for (text, refused) in [("{$HOME}", '{'), ("a}", '}'), ("`id`", '`')] {
            assert_eq!(quote(text), Err(EscapeError::Caddyfile(refused)));
            assert!(printable(text).is_ok());
        }
        assert_eq!(quote("a\nb"), Err(EscapeError::Character('\n')));
        assert!(printable("a\nb").is_err());
        let told = EscapeError::Caddyfile('`');
        assert_eq!(told.to_string(), "contains a backtick, which has no safe form in a Caddyfile");
        assert!(told.help().is_some_and(|help| help.contains("--form json")));
    }
}
