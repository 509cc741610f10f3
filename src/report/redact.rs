//! The text of a profile as it may be shown: nothing in it that a terminal
//! would obey, and no secret, not even one on a neighbouring line.
//!
//! Every change keeps the text's length in bytes, so that places stay places.

use crate::policy::Environment;
use crate::source::{Source, Span, is_obeyed};

/// Words in a key whose value is likely a secret.
const SECRETIVE: [&str; 7] = ["secret", "password", "passwd", "token", "api_key", "apikey", "credential"];

/// The text with everything masked that must not be shown: what the reader
/// knows to be a secret, and what looks like one. A broken text has no reader,
/// so looks are all there is to go by.
pub fn shown(text: &str, secrets: impl Iterator<Item = Span>) -> String {
    let mut bytes: Vec<u8> = text.chars().flat_map(visible).collect();
    for span in secrets {
        mask(&mut bytes, span.start, span.end);
    }
    let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    for start in line_starts {
        let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
        mask_line(&text[start..end], start, &mut bytes);
    }
    // What ends a line is no part of a secret: without it, an empty value looks like one.
    for (at, _) in text.match_indices("\r\n") {
        bytes[at] = b' ';
    }
    // Masking replaces whole characters by ASCII, or parts of one that a
    // secret's span cut through.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The text of a `.env` file of which only the names of variables may be shown.
pub fn env_file(source: &Source) -> String {
    let environment = Environment::alone(source);
    diffable(&source.text, environment.secrets().map(|(_, span)| span))
}

/// The same as [`shown`] with the text's own line endings, so that a difference of two such texts can be applied.
pub fn diffable(text: &str, secrets: impl Iterator<Item = Span>) -> String {
    let mut bytes = shown(text, secrets).into_bytes();
    for (at, _) in text.match_indices("\r\n") {
        bytes[at] = b'\r';
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn mask(bytes: &mut [u8], start: usize, end: usize) {
    let end = end.min(bytes.len());
    if let Some(range) = bytes.get_mut(start..end) {
        range.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'*');
    }
}

/// A character, or as many question marks as it has bytes.
fn visible(c: char) -> Vec<u8> {
    match c {
        '\n' | '\t' => vec![c as u8],
        '\r' => vec![b' '],
        c if is_obeyed(c) => vec![b'?'; c.len_utf8()],
        c => c.encode_utf8(&mut [0; 4]).as_bytes().to_vec(),
    }
}

fn mask_line(line: &str, offset: usize, bytes: &mut [u8]) {
    for (equals, _) in line.match_indices('=') {
        let key = line[..equals].trim_end().trim_end_matches(['"', '\'']);
        let name = key.rsplit(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).next().unwrap_or_default();
        let name = name.to_ascii_lowercase().replace('-', "_");
        if name != "source" && !SECRETIVE.iter().any(|word| name.contains(word)) {
            continue;
        }
        let value_at = equals + 1 + (line[equals + 1..].len() - line[equals + 1..].trim_start().len());
        let value = &line[value_at..];
        let quote = value.chars().next().filter(|c| ['"', '\''].contains(c));
        let inner = quote.map_or(value, |_| &value[1..]);
        let harmless = inner.starts_with("env:") || inner.starts_with("file:") || value.starts_with(['[', '{']);
        let literal = quote.is_none()
            && (["true", "false"].iter().any(|word| value.starts_with(word))
                || value.starts_with(|c: char| c.is_ascii_digit()));
        if harmless || literal {
            continue;
        }
        let start = value_at + usize::from(quote.is_some());
        // An unclosed quote, or none at all: everything to the end of the line.
        let length = quote.and_then(|quote| inner.find(quote)).unwrap_or(inner.len());
        mask(bytes, offset + start, offset + start + length);
    }
    for (at, _) in line.match_indices('@') {
        let before = &line[..at];
        let start = before.rfind(['"', '\'', ' ', '\t', '=']).map_or(0, |quote| quote + 1);
        let start = before[start..].find("://").map_or(start, |scheme| start + scheme + 3);
        if before[start..].contains(':') || before.ends_with("://") || before[..start].ends_with("://") {
            mask(bytes, offset + start, offset + at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(text: &str) -> String {
        shown(text, std::iter::empty())
    }

    #[test]
    fn what_looks_like_a_secret_is_masked_and_references_are_not() {
        assert_eq!(plain("secret_key = \"abc\""), "secret_key = \"***\"");
        assert_eq!(plain("source = \"abc"), "source = \"***");
        assert_eq!(plain("password = abc # x"), "password = *******");
        assert_eq!(plain("a = { api_key = 'abc', b = 1 }"), "a = { api_key = '***', b = 1 }");
        assert_eq!(plain("url = \"redis://u:pw@host/0\""), "url = \"redis://****@host/0\"");
        assert_eq!(plain("upstream = \"u:p/w@host:1\""), "upstream = \"*****@host:1\"");
        assert_eq!(plain("from = \"a@b.example\""), "from = \"a@b.example\"");
        for text in
            ["source = \"env:SECRET\"", "secret_key = { source = \"env:A\" }", "http_only = true", "token_ttl = 5"]
        {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn the_end_of_a_line_is_no_value() {
        let text = "A=\r\n\r\nB=1\r\n";
        let all = std::iter::once(Span { start: 2, end: text.len() });
        assert_eq!(shown(text, all), "A= \n \n*** \n");
        assert_eq!(plain("secret = a\r\n"), "secret = * \n");
    }

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c\r\n"), "a?[31mb???c \n");
    }

    proptest! {
        /// Places stay places, whatever is masked.
        #[test]
        fn lengths_and_lines_stay(text in any::<String>(), start in 0_usize..40, length in 0_usize..40) {
            let out = plain(&text);
            prop_assert_eq!(out.len(), text.len());
            prop_assert_eq!(out.matches('\n').count(), text.matches('\n').count());
            prop_assert!(!out.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
            let _ = shown(&text, std::iter::once(Span { start, end: start + length }));
        }
    }
}
