//! What looks like a secret in a line of a profile. The line may be broken: what cannot be read as TOML is masked rather
//! than shown.

use crate::source::{Span, credentials, webhooks};
use crate::strength;

/// Words in a key whose value is likely a secret.
const SECRETIVE: [&str; 8] = ["secret", "password", "passwd", "passphrase", "token", "api_key", "apikey", "credential"];

/// The same, where they stand alone or between underscores: within another word they mean nothing.
const SECRETIVE_ALONE: [&str; 4] = ["pw", "pwd", "pass", "creds"];

/// What a table says of a secret besides its value: in a profile, and in a row of a pack.
const BESIDE: [&str; 8] = ["name", "purpose", "env", "file", "note", "field", "encoding", "from"];

/// What looks like a secret in a line that begins at an offset. A text that is known to be none is not suspected for the name
/// of a key that it stands behind.
pub(super) fn suspects(line: &str, offset: usize, open: &[Span], out: &mut Vec<Span>) {
    let comment = comment(line);
    values(line, comment.unwrap_or(line.len()), &mut |start, end| {
        let is_open = |text: &Span| text.start <= offset + start && offset + end <= text.end;
        if start < end && !open.iter().any(is_open) {
            out.push((offset + start..offset + end).into());
        }
    });
    let mut mask = |start: usize, end: usize| {
        if start < end {
            out.push((offset + start..offset + end).into());
        }
    };
    for (at, _) in line.match_indices('@') {
        let before = &line[..at];
        let start = before.rfind(['"', '\'', ' ', '\t', '=']).map_or(0, |quote| quote + 1);
        let scheme = "mailto:";
        let start = start + if before[start..].starts_with(scheme) { scheme.len() } else { 0 };
        if let Some(secret) = credentials(&before[start..], &line[at + 1..]) {
            mask(start + secret, at);
        }
    }
    for secret in webhooks(line) {
        mask(secret.start, secret.end);
    }
    if let Some(comment) = comment {
        suspects_of_a_comment(line, comment, &mut mask);
    }
}

/// The values behind keys that are likely secrets, in a line whose comment begins at some place.
fn values(line: &str, comment: usize, mask: &mut impl FnMut(usize, usize)) {
    let quoted = quoted(line).0;
    let is_within = |at: usize| quoted.iter().any(|(start, end)| (*start..*end).contains(&at));
    for (at, separator) in line.match_indices(['=', ':']) {
        let key = line[..at].trim_end().trim_end_matches(':').trim_end().trim_end_matches(['"', '\'']);
        let name = key.rsplit(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).next().unwrap_or_default();
        let is_suspect = if separator == "=" {
            name.eq_ignore_ascii_case("source") || is_a_secrets(name)
        } else {
            // No TOML, except in a string or in a comment.
            at < comment && !is_within(at) && (name.eq_ignore_ascii_case("source") || is_secretive(name))
        };
        if is_suspect {
            value(line, at + 1, mask);
        }
    }
    // `password swordfish`, as other files write it, and `password -> swordfish`.
    let start = line.len() - line.trim_start().len();
    if let Some((name, rest)) = line[start..comment].split_once([' ', '\t']) {
        let is_toml = rest.trim_start().starts_with(['=', '.', ':']) || rest.trim().is_empty();
        if !is_toml && is_secretive(name) && name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c)) {
            mask(line.len() - rest.trim_start().len() - (line.len() - comment), line.len());
        }
    }
}

/// What is to be masked of the value that begins at a place: all of the line, except where TOML reads a reference, a number,
/// a truth value, or a list or table that ends in this line.
fn value(line: &str, from: usize, mask: &mut impl FnMut(usize, usize)) {
    let start = from + (line[from..].len() - line[from..].trim_start().len());
    let value = &line[start..];
    let ends = |rest: &str| {
        let rest = rest.trim_start();
        rest.is_empty() || rest.starts_with([',', '}', ']', '#'])
    };
    let Some(first) = value.chars().next() else { return };
    match first {
        '"' | '\'' => {
            let Some(close) = closing(value, first).filter(|close| ends(&value[close + 1..])) else {
                return mask(start + 1, line.len());
            };
            if !is_reference(&value[1..close]) {
                mask(start + 1, start + close);
            }
        }
        '[' | '{' => {
            let Some(close) = closing_bracket(value).filter(|close| ends(&value[close + 1..])) else {
                // A list or a table may go on in the next lines.
                let is_open = |rest: &str| rest.trim().is_empty() || rest.trim_start().starts_with('#');
                if !is_open(&value[1..]) {
                    mask(start + 1, line.len());
                }
                return;
            };
            for (open, end) in quoted(&value[..close]).0 {
                let key = value[..open].trim_end().strip_suffix('=').map(str::trim_end);
                let key = key.and_then(|key| key.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next());
                let is_said = key.is_some_and(|key| BESIDE.contains(&key));
                if !is_said && !is_reference(&value[open + 1..end - 1]) {
                    mask(start + open + 1, start + end - 1);
                }
            }
        }
        _ => {
            let length = value.find([',', '}', ']', '#', ' ', '\t', '\r']).unwrap_or(value.len());
            let word = &value[..length];
            let is_number = word.len() <= 12 && word.chars().all(|c| c.is_ascii_digit() || "_.".contains(c));
            let is_literal = !word.is_empty() && (is_number || word == "true" || word == "false");
            if !is_literal || !ends(&value[length..]) {
                mask(start, line.len());
            }
        }
    }
}

/// Whether a value says where a secret is kept, and nothing else.
fn is_reference(value: &str) -> bool {
    ["env:", "file:"].iter().any(|kind| value.starts_with(kind)) && !value.contains(char::is_whitespace)
}

/// Where the quote closes that a text begins with.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !is_escaped {
            return Some(at);
        }
        is_escaped = quote == '"' && c == '\\' && !is_escaped;
    }
    None
}

/// Where the bracket closes that a text begins with.
fn closing_bracket(text: &str) -> Option<usize> {
    let quoted = quoted(text).0;
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().filter(|(at, _)| !quoted.iter().any(|(from, to)| (*from..*to).contains(at))) {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            '#' => return None,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The strings of a line with their quotes, and where its comment begins. What follows a quote that nothing closes may be a
/// comment.
fn quoted(line: &str) -> (Vec<(usize, usize)>, Option<usize>) {
    let mut strings = Vec::new();
    let mut at = 0;
    while let Some(found) = line[at..].find(['#', '"', '\'']) {
        let start = at + found;
        let quote = if line[start..].starts_with('"') { '"' } else { '\'' };
        if line[start..].starts_with('#') {
            return (strings, Some(start));
        }
        at = match closing(&line[start..], quote) {
            Some(close) => {
                strings.push((start, start + close + 1));
                start + close + 1
            }
            None => start + 1,
        };
    }
    (strings, None)
}

/// Where the comment of a line begins.
fn comment(line: &str) -> Option<usize> {
    quoted(line).1
}

/// What looks like a secret in the comment that begins at a place of a line: what is said to be one, as in `password: …` and
/// `the key was …`, and what nobody would write but for a key.
fn suspects_of_a_comment(line: &str, comment: usize, mask: &mut impl FnMut(usize, usize)) {
    const AROUND: &str = "#\"'`,;()[]{}<>";
    let end = line.trim_end().len();
    let text = line.get(comment..end).unwrap_or_default();
    let (mut at, mut words) = (comment, 0);
    // Whether a word of this part of a sentence says that a secret follows, or that a name does; and the word before.
    let (mut is_told, mut is_login) = (false, false);
    let (mut name, mut before) = (String::new(), String::new());
    for word in text.split_inclusive(char::is_whitespace) {
        let value = word.trim_matches(|c: char| c.is_whitespace() || AROUND.contains(c)).trim_end_matches('.');
        let start = at + word.find(value).unwrap_or_default();
        let next = at + word.len();
        if value.is_empty() {
            at = next;
            continue;
        }
        let low = value.to_ascii_lowercase();
        // `password: …`, `key (old): …`, `password -> …`, also in one word.
        let separator = separators(word).find(|(from, _)| is_told || is_secretive(&word[..*from]));
        if let Some((_, behind)) = separator {
            let rest = line[at + behind..end].trim_start_matches([':', '=', '>', ' ', '\t']);
            let quote = rest.chars().next().filter(|c| ['"', '\'', '`'].contains(c));
            let value = end - rest.len() + usize::from(quote.is_some());
            let close = quote
                .and_then(|quote| line[value..end].find(quote))
                .filter(|close| line[value + close + 1..end].trim_start_matches([',', '.', ')']).is_empty());
            let first = rest.split_whitespace().next().unwrap_or_default();
            if !is_reference(first) {
                return mask(value, close.map_or(end, |close| value + close));
            }
        }
        // `admin/…` and `admin:…` behind `login`.
        if let Some(split) = value.find(['/', ':']).filter(|_| is_login && !value.contains("://")) {
            mask(start + split + 1, start + value.len());
        }
        let is_said = is_secretive(&name) && ["is", "was"].contains(&before.as_str());
        let is_plain = value.chars().all(|c| c.is_alphabetic() || "-'".contains(c));
        let is_alone = is_secretive(&before) && (!is_plain || (words == 1 && next == end));
        let is_suspect = (is_said && !is_plain) || is_alone || is_of_chance(value);
        if is_suspect && !is_reference(value) {
            mask(start, start + value.len());
        }
        words += 1;
        let ends = word.trim_end().ends_with([',', ';', '.']);
        is_told = !ends && (is_told || is_secretive(&low));
        is_login =
            !ends && (is_login || ["login", "user", "account", "credentials"].contains(&low.trim_end_matches(':')));
        at = next;
        name = std::mem::replace(&mut before, low);
    }
}

/// Where a word has what stands between a name and its value, and where that ends.
fn separators(word: &str) -> impl Iterator<Item = (usize, usize)> {
    word.char_indices().filter_map(|(at, c)| match c {
        ':' if word[at..].starts_with("://") => None,
        ':' | '=' => Some((at, at + 1)),
        '-' if word[at..].starts_with("->") => Some((at, at + 2)),
        '\u{2192}' => Some((at, at + c.len_utf8())),
        _ => None,
    })
}

/// Whether a key's value is likely a secret.
fn is_a_secrets(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    SECRETIVE.iter().any(|word| name.contains(word))
        || name.split(|c: char| !c.is_alphanumeric()).any(|part| SECRETIVE_ALONE.contains(&part))
}

/// The same of a word in a sentence, or of a key in what is no TOML.
fn is_secretive(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    is_a_secrets(&name) || name == "key" || name.ends_with("_key")
}

/// Whether a word of a comment is a key, or has one between dots, as tokens do.
fn is_of_chance(word: &str) -> bool {
    !word.contains("://") && word.split(['.', ':']).any(strength::is_of_chance)
}
