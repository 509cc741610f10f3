//! nginx's own reading of a configuration text, rule for rule as `ngx_conf_read_token` does it.
//!
//! For tests and fuzzing alone: what is written has to be read back by something that is not made from the writer.

/// nginx reads through a buffer of this size, and refuses a word that fills it.
const BUFFER: usize = 4096;

/// How a statement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With a `;`.
    Simple,
    /// With a `{`.
    Opens,
    /// It is a `}`, and has no words.
    Closes,
}

/// A directive, or the end of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its words, as nginx has them in memory.
    pub words: Vec<String>,
    /// What is behind them.
    pub end: End,
}

/// Reads a whole text. Blocks have to be closed, and no more of them than were opened.
pub fn read(text: &str) -> Result<Vec<Statement>, String> {
    let mut statements = Vec::new();
    let mut words = Vec::new();
    let mut open = 0_usize;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let next = &rest[c.len_utf8()..];
        let end = match c {
            ' ' | '\t' | '\r' | '\n' => {
                rest = next;
                continue;
            }
            '#' => {
                rest = rest.split_once('\n').map_or("", |(_, after)| after);
                continue;
            }
            ';' => End::Simple,
            '{' => End::Opens,
            '}' => End::Closes,
            '"' | '\'' => {
                let length = quoted_length(next, c)?;
                words.push(word(&next[..length])?);
                rest = &next[length + 1..];
                if !rest.starts_with([' ', '\t', '\r', '\n', ';', '{', ')']) {
                    return Err(format!("nginx refuses {:?} behind a quote", rest.chars().next()));
                }
                continue;
            }
            _ => {
                let length = bare_length(rest)?;
                words.push(word(&rest[..length])?);
                rest = &rest[length..];
                continue;
            }
        };
        if words.is_empty() != (end == End::Closes) {
            return Err(format!("{c:?} behind {words:?}"));
        }
        open = match end {
            End::Simple => open,
            End::Opens => open + 1,
            End::Closes => open.checked_sub(1).ok_or("a block is closed that was not opened")?,
        };
        statements.push(Statement { words: std::mem::take(&mut words), end });
        rest = next;
    }
    match (words.as_slice(), open) {
        ([], 0) => Ok(statements),
        _ => Err(format!("the text ends in {open} blocks, behind {words:?}")),
    }
}

/// The words of a text that is one simple statement.
pub fn words(text: &str) -> Result<Vec<String>, String> {
    match <[Statement; 1]>::try_from(read(text)?) {
        Ok([Statement { words, end: End::Simple }]) => Ok(words),
        Ok(other) => Err(format!("{other:?}")),
        Err(statements) => Err(format!("{} statements", statements.len())),
    }
}

/// How many bytes stand before the closing quote.
fn quoted_length(text: &str, quote: char) -> Result<usize, String> {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Ok(at);
        }
        if c == '\\' {
            chars.next();
        }
    }
    Err(format!("no {quote} closes what one opens"))
}

/// How many bytes an unquoted word has. (A brace behind a dollar sign is a variable's.)
fn bare_length(text: &str) -> Result<usize, String> {
    let mut variable = false;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '{' if variable => {}
            ' ' | '\t' | '\r' | '\n' | ';' | '{' => return Ok(at),
            '\\' => {
                chars.next();
            }
            _ => {}
        }
        variable = c == '$';
    }
    Err("the text ends in a word".to_owned())
}

/// A word without its escapes.
fn word(raw: &str) -> Result<String, String> {
    // The quotes, or what stands behind an unquoted word, are in the buffer, too.
    if raw.len() + 2 >= BUFFER {
        return Err(format!("a word of {} bytes", raw.len()));
    }
    let mut out = String::new();
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(escaped @ ('"' | '\'' | '\\')) => out.push(escaped),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('n') => out.push('\n'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    Ok(out)
}

/// A pattern for a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    /// What it takes before it, as it is written.
    pub before: &'static str,
    /// The path that it takes, with `*` for any one segment.
    pub path: String,
    /// What it takes behind it, as it is written.
    pub tail: &'static str,
}

/// What stands between two segments.
pub const BETWEEN: &str = r"(?:(?:;[^/\x5c]*)?[/\x5c])+";

/// What comes behind a path that does not end in a slash.
const TAILS: [&str; 2] = [r"(?:[;/\x5c]|$)", r"(?:[/\x5c]|;[^;/\x5c]*)*$"];

/// What a server may take for a host's name.
const HOST: &str = "/[^/]+";

/// What a map's key that is a pattern takes. Nothing: it is no pattern, or one that takes more than one path.
pub fn path_pattern(key: &str) -> Option<PathPattern> {
    let pattern = key.strip_prefix("~*^")?;
    let before = if pattern.starts_with(HOST) { HOST } else { "" };
    let pattern = pattern.strip_prefix(before)?.strip_prefix(BETWEEN)?;
    let tail = TAILS.into_iter().find(|tail| pattern.ends_with(tail)).unwrap_or_default();
    let mut segments = pattern.strip_suffix(tail)?.split(BETWEEN).map(segment);
    let path = segments.try_fold(String::new(), |path, segment| Some(path + "/" + &segment?))?;
    Some(PathPattern { before, path, tail })
}

/// The one text that a segment's pattern takes, or `*` for any.
fn segment(pattern: &str) -> Option<String> {
    if pattern == r"[^/]+" {
        return Some("*".to_owned());
    }
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let (text, length) = match c {
            '[' => ('.', rest.starts_with("[.]").then_some(3)?),
            '\\' => (char::from(u8::from_str_radix(rest.strip_prefix("\\x")?.get(..2)?, 16).ok()?), 4),
            _ => (c, (c.is_ascii_alphanumeric() || "_-".contains(c)).then_some(1)?),
        };
        out.push(text);
        rest = &rest[length..];
    }
    Some(out)
}
