//! The text of a profile as it may be shown: nothing in it that a terminal
//! would obey, and no secret, not even one on a neighbouring line.
//!
//! What stands for a secret is always the same, so that it does not tell how long the secret is. A place in the text is
//! another one in what is shown then, and [`Shown`] knows which.

use crate::policy::Environment;
use crate::source::{Source, Span, is_obeyed};

use super::suspects::suspects;

/// What stands in the place of a secret.
const MASK: &str = "********";

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Lines of a text with everything masked that must not be shown.
pub struct Shown {
    /// What is shown: as many lines.
    pub text: String,
    /// Where they begin in the whole text.
    start: usize,
    /// What is masked, in the order of the text, and where its mask begins.
    masks: Vec<(Span, usize)>,
}

impl Shown {
    /// Masks what the reader knows to be a secret, and what looks like one and is not open: known to be none. A broken text
    /// has no reader, so looks are all there is to go by.
    pub fn of(text: &str, secrets: impl Iterator<Item = Span>, open: &[Span]) -> Self {
        Self::of_lines(text, (0..text.len()).into(), secrets, open)
    }

    /// The same of some lines of a text alone: what is masked in a line depends on no other line.
    pub fn of_lines(text: &str, lines: Span, secrets: impl Iterator<Item = Span>, open: &[Span]) -> Self {
        let spans = masked(text, lines, secrets, open);
        let (shown, masks) = (String::with_capacity(lines.end - lines.start), Vec::with_capacity(spans.len()));
        let mut shown = Self { text: shown, start: lines.start, masks };
        // A byte order mark is no part of the first line: nobody is shown it.
        let mut end = begin(text, lines);
        shown.text.push_str(&text[lines.start..end]);
        for span in spans {
            shown.text.extend(text[end..span.start].chars().flat_map(visible));
            shown.masks.push((span, shown.text.len()));
            shown.text.push_str(MASK);
            end = span.end;
        }
        shown.text.extend(text[end..lines.end].chars().flat_map(visible));
        shown
    }

    /// Where a span of the text stands in what is shown: of a part of a secret, at the whole mask.
    pub fn span(&self, span: Span) -> Span {
        let start = self.place(span.start, false);
        Span { start, end: self.place(span.end, true).max(start) }
    }

    fn place(&self, offset: usize, is_end: bool) -> usize {
        let before = self.masks.partition_point(|(secret, _)| secret.start < offset);
        let Some((secret, mask)) = self.masks[..before].last() else { return offset.saturating_sub(self.start) };
        if offset >= secret.end {
            mask + MASK.len() + (offset - secret.end)
        } else if is_end {
            mask + MASK.len()
        } else {
            *mask
        }
    }
}

/// The text of a `.env` file of which only the names of variables may be shown.
pub fn env_file(source: &Source) -> String {
    let environment = Environment::alone(source, &[]);
    diffable(&source.text, environment.secrets().map(|(_, span)| span), &[])
}

/// What [`Shown`] shows, with the text's own line endings, so that a difference of two such texts can be applied.
pub fn diffable(text: &str, secrets: impl Iterator<Item = Span>, open: &[Span]) -> String {
    let shown = Shown::of(text, secrets, open).text;
    let lines = text.split_inclusive('\n').zip(shown.split_inclusive('\n'));
    lines
        .map(|(line, shown)| match shown.strip_suffix(" \n").filter(|_| line.ends_with("\r\n")) {
            Some(shown) => format!("{shown}\r\n"),
            None => shown.to_owned(),
        })
        .collect()
}

/// Where what is shown of some lines begins: behind a byte order mark of the text.
fn begin(text: &str, lines: Span) -> usize {
    let is_first = lines.start == 0 && text.starts_with(BYTE_ORDER_MARK);
    if is_first { BYTE_ORDER_MARK.len_utf8().min(lines.end) } else { lines.start }
}

/// What is masked of some lines of a text: in its order, none within another, and none of it the end of a line.
fn masked(text: &str, lines: Span, secrets: impl Iterator<Item = Span>, open: &[Span]) -> Vec<Span> {
    let mut spans: Vec<Span> = secrets.filter(|secret| secret.overlaps(lines)).collect();
    let mut start = lines.start;
    for line in text[lines.start..lines.end].split_inclusive('\n') {
        suspects(line.strip_suffix('\n').unwrap_or(line), start, open, &mut spans);
        start += line.len();
    }
    spans.sort_unstable();
    let mut masked: Vec<Span> = Vec::new();
    let mut end = begin(text, lines);
    for span in spans {
        // What a span cuts through is masked as a whole.
        let first = text.floor_char_boundary(span.start.min(lines.end)).max(end);
        let last = text.ceil_char_boundary(span.end.min(lines.end));
        let Some(secret) = text.get(first..last) else { continue };
        let mut start = first;
        for line in secret.split_inclusive('\n') {
            let length = line.trim_end_matches(['\r', '\n']).len();
            match masked.last_mut() {
                _ if length == 0 => {}
                // One mask for what follows each other.
                Some(before) if before.end == start => before.end = start + length,
                Some(_) | None => masked.push((start..start + length).into()),
            }
            start += line.len();
        }
        end = last.max(end);
    }
    masked
}

/// A character, or as many question marks as it has bytes.
fn visible(c: char) -> impl Iterator<Item = char> {
    let (shown, times) = match c {
        '\n' | '\t' => (c, 1),
        '\r' => (' ', 1),
        c if is_obeyed(c) => ('?', c.len_utf8()),
        c => (c, 1),
    };
    std::iter::repeat_n(shown, times)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn plain(text: &str) -> String {
        Shown::of(text, std::iter::empty(), &[]).text
    }

    #[test]
    fn what_looks_like_a_secret_is_masked_and_references_are_not() {
        assert_eq!(plain("secret_key = \"abc\""), "secret_key = \"********\"");
        assert_eq!(plain("source = \"abc"), "source = \"********");
        assert_eq!(plain("password = abc # x"), "password = ********");
        assert_eq!(plain("a = { api_key = 'abc', b = 1 }"), "a = { api_key = '********', b = 1 }");
        assert_eq!(plain("url = \"redis://u:pw@host/0\""), "url = \"redis://********@host/0\"");
        assert_eq!(plain("upstream = \"u:p/w@host:1\""), "upstream = \"********@host:1\"");
        assert_eq!(plain("from = \"a@b.example\""), "from = \"a@b.example\"");
        assert_eq!(plain("image = \"a.example:5000/b@sha256:0123\""), "image = \"a.example:5000/b@sha256:0123\"");
        for text in
            ["source = \"env:SECRET\"", "secret_key = { source = \"env:A\" }", "http_only = true", "token_ttl = 5"]
        {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn what_is_known_to_be_no_secret_is_shown() {
        let text = "a = 1\npassword_reset = { limit = \"5/mim\", paths = [\"/a\"], token = \"b\" } # password: c";
        let open = ["\"5/mim\"", "\"/a\""].map(|part| {
            let start = text.find(part).expect("it is a part");
            Span { start, end: start + part.len() }
        });
        let shown = Shown::of(text, std::iter::empty(), &open).text;
        let masked = text.replace("\"b\"", "\"********\"").replace(": c", ": ********");
        assert_eq!(shown, masked);
    }

    #[test]
    fn a_comment_tells_no_secret_either() {
        let key = "q8Zt3vLx0bRwYk2MnPf7HsJd";
        for (text, masked) in [
            ("# password: swordfish".to_owned(), "# password: ********"),
            ("#password:swordfish".to_owned(), "#password:********"),
            ("# the old password was hunter2, until May".to_owned(), "# the old password was ********, until May"),
            ("source = \"env:A\" # api_key = abc".to_owned(), "source = \"env:A\" # api_key = ********"),
            ("source = \"env:A\" # the key: \"abc\"".to_owned(), "source = \"env:A\" # the key: \"********\""),
            (format!("# it was {key}."), "# it was ********."),
            (format!("http_only = true # {key}"), "http_only = true # ********"),
        ] {
            assert_eq!(plain(&text), masked);
        }
        for text in [
            "# Its own key, and rotating that would destroy them.",
            "# The password is kept in the vault; source: env:SECRET_KEY",
            "# see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Strict-Transport-Security",
            "# ProxyHeadersMiddleware believes X-Forwarded-For, as of 2026-11-29T06:00:00Z",
            "# registry.example.com/shop/backend, mongodb.internal.example.com:27017",
            "title = \"a # b\"",
        ] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn what_is_no_toml_tells_no_secret() {
        for text in [
            "password: CANARY",
            "  \"password\": \"CANARY\",",
            "- token: CANARY # ours",
            "source = {value=\"CANARY\"",
            "source = {value=\"CANARY\"}",
            "secret_key = [\"CANARY\"",
            "tokens = [\"CANARY\", \"b CANARY\"]",
            "password = \"ab\"CANARY\"",
            "password = \"\"\"CANARY\"\"\"",
            "password = \"env:A\" CANARY",
            "password = \"env:A CANARY\"",
            "password = \"a\\\"CANARY\"",
            "password = trueCANARY",
            "password = true CANARY",
            "password = 12CANARY",
            "password := CANARY",
            "password => CANARY",
            "password -> CANARY",
            "password CANARY",
            "proxy_pass = \"CANARY\"",
            "url = \"https://hooks.slack.com/services/T0/B0/CANARY\"",
            "url = \"https://discord.com/api/webhooks/1/CANARY\"",
            "max_age = \"1d\" # pw: CANARY",
            "title = \"a\\\"b\" # pw: CANARY",
            "title = \"a # pw: CANARY",
            "# password: \"correct horse CANARY\"",
            "# password: \"correct horse\" CANARY",
            "# password = correct horse CANARY",
            "# pass: CANARY",
            "# passphrase: CANARY",
            "# password CANARY",
            "# password -> CANARY",
            "# PASSWORD := CANARY",
            "# key (old): CANARY",
            "# password of the admin: CANARY",
            "# login admin/CANARY",
            "# mailto:u:CANARY@h.example",
            "# https://hooks.slack.com/services/T0/B0/CANARY",
        ] {
            for secret in ["swordfish", "hunter2swordfish"] {
                let shown = plain(&text.replace("CANARY", secret));
                assert!(!shown.contains("swordfish"), "{shown}");
            }
        }
        for text in [
            "token_ttl = 5, secret = false",
            "[secrets.secret_key]",
            "[[tokens]]",
            "passwords = [",
            "secrets = { # ours",
            "password_reset = { limit = 5, is_on = true }",
            "password_file = \"file:/run/a\" # kept there",
            "image = \"token:5000/x\"",
            "bypass = \"a\"",
            "# Rotate the keys, see https://docs.example/a: it says how",
            "# A password manager fills it in.",
        ] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn a_mask_does_not_tell_how_long_a_secret_is() {
        for secret in ["a", "hunter2", "correct horse battery staple"] {
            assert_eq!(plain(&format!("password = \"{secret}\" # ours")), "password = \"********\" # ours");
        }
    }

    #[test]
    fn the_end_of_a_line_is_no_value() {
        let text = "A=\r\n\r\nB=1\r\n";
        let all = || std::iter::once(Span { start: 2, end: text.len() });
        assert_eq!(Shown::of(text, all(), &[]).text, "A= \n \n******** \n");
        assert_eq!(diffable(text, all(), &[]), "A=\r\n\r\n********\r\n");
        assert_eq!(plain("secret = a\r\n"), "secret = ******** \n");
    }

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c\r\n"), "a?[31mb???c \n");
    }

    #[test]
    fn a_place_is_found_in_what_is_shown() {
        let text = "password = \"abc\", debug = 1, token = \"a longer one\", x = 2";
        let shown = Shown::of(text, std::iter::empty(), &[]);
        let at = |part: &str| {
            let start = text.find(part).expect("it is a part");
            let span = shown.span(Span { start, end: start + part.len() });
            &shown.text[span.start..span.end]
        };
        assert_eq!(at("debug = 1"), "debug = 1");
        assert_eq!(at("x = 2"), "x = 2");
        assert_eq!(at("\"abc\""), "\"********\"");
        assert_eq!(at("longer"), "********");
        assert_eq!(at("c\", debug"), "********\", debug");
    }

    proptest! {
        /// What is shown of some lines alone is what is shown of them in the whole.
        #[test]
        fn lines_are_shown_alike_alone(
            lines in vec("(.{0,12}|[A-Z]{1,3}=.{0,9}|password = .{0,6})(\r|\u{feff})?", 1..6),
            secrets in vec((0_usize..60, 0_usize..30), 0..4),
            first in 0_usize..6,
            count in 0_usize..6,
        ) {
            let text = lines.join("\n");
            let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
            let place = |line: usize| starts.get(line).copied().unwrap_or(text.len());
            let part = Span { start: place(first), end: place(first + count) };
            let secrets = || secrets.iter().map(|(start, length)| Span { start: *start, end: start + length });
            let whole = Shown::of(&text, secrets(), &[]);
            let of_lines: Vec<&str> = whole.text.split_inclusive('\n').skip(first).take(count).collect();
            let alone = Shown::of_lines(&text, part, secrets(), &[]);
            prop_assert_eq!(&alone.text, &of_lines.concat());
            let before = whole.text.split_inclusive('\n').take(first).map(str::len).sum::<usize>();
            for start in part.start..part.end {
                let (here, there) = (alone.span((start..start + 1).into()), whole.span((start..start + 1).into()));
                prop_assert_eq!((here.start + before, here.end + before), (there.start, there.end), "{}", start);
            }
        }

        /// Lines stay lines, and places places, whatever is masked.
        #[test]
        fn lines_and_places_stay(text in any::<String>(), start in 0_usize..40, length in 0_usize..40) {
            let secret = Span { start, end: start + length };
            let shown = Shown::of(&text, std::iter::once(secret), &[]);
            let out = &shown.text;
            prop_assert_eq!(out.matches('\n').count(), text.matches('\n').count());
            prop_assert!(!out.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
            for (offset, c) in text.char_indices() {
                let span = shown.span(Span { start: offset, end: offset + c.len_utf8() });
                let seen = out.get(span.start..span.end);
                let is_right = |seen: &str| seen == MASK || seen.chars().eq(visible(c)) || offset == 0 && seen.starts_with(c);
                prop_assert!(seen.is_some_and(is_right), "{:?} at {}", seen, offset);
            }
            let lines = |text: &str, offset: usize| text[..offset].matches('\n').count();
            prop_assert_eq!(lines(out, shown.span(secret).start.min(out.len())), lines(&text, text.floor_char_boundary(start)));
        }
    }
}
