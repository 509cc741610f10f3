//! Texts as JavaScript reads them, because Observatory does.

/// What JavaScript takes for a blank: Unicode's white space and the byte order mark, but not U+0085.
pub fn is_blank(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

/// A text without the blanks around it.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// The start of a text, trimmed and in lower case: Observatory reads no further, against values without an end.
pub fn start(text: &str, length: usize) -> String {
    let start: String = text.chars().take(length).collect();
    trimmed(&start).to_lowercase()
}

/// The number that a text begins with, as `parseInt` reads it: `12abc` is 12. One that does not fit is the largest or
/// the smallest that does.
pub fn integer(text: &str) -> Option<i64> {
    let text = text.trim_start_matches(is_blank);
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (limit, digits) = (if negative { i64::MIN } else { i64::MAX }, &digits[..end]);
    (!digits.is_empty()).then(|| digits.parse::<i64>().map_or(limit, |number| if negative { -number } else { number }))
}
