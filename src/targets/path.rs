//! Paths as patterns over a path that a proxy has decoded and resolved, in the syntax that PCRE and RE2 share.
//!
//! | path | with everything under it | alone |
//! |---|---|---|
//! | `/docs` | `/docs`, `/docs/`, `/docs/x`, `/docs;x`; not `/documents` | `/docs`, `/docs/`, `/docs;x`; not `/docs/x` |
//! | `/api/` | every path that starts so | every path that starts so |
//! | `/a/{id}` | `{id}` is any one segment | the same |

use super::escape::EscapeError;

/// How much a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The path with everything under it.
    Under,
    /// The path alone, however its end is spelled.
    Exact,
}

/// The pattern of a path, to be matched from the path's start. `end` is how the language says "the end, or a line feed
/// and then the end": the routes of Python frameworks take `/docs%0A` for `/docs`.
pub fn pattern(path: &str, reach: Reach, end: &str) -> Result<String, EscapeError> {
    check(path)?;
    let mut pattern = String::new();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if !is_placeholder(segment) {
            pattern.extend(segment.chars().map(literal));
        } else if last {
            pattern.push_str("[^/;]+");
        } else {
            pattern.push_str("[^/]+");
        }
        if !last {
            pattern.push('/');
        }
    }
    if !path.ends_with('/') {
        match reach {
            Reach::Under => pattern.extend(["(?:[/;]|", end, ")"]),
            // Each round starts with a character that nothing before it takes: matching stays linear.
            Reach::Exact => pattern.extend(["(?:/|;[^/;]*)*", end]),
        }
    }
    Ok(pattern)
}

/// A pattern that takes this one character, whatever it means in a pattern.
pub fn literal(c: char) -> String {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => c.to_string(),
        '.' => "[.]".to_owned(),
        // Two digits are enough: it is ASCII.
        _ => format!("\\x{:02x}", u32::from(c)),
    }
}

/// Refuses what never equals a path that a proxy has decoded and resolved.
fn check(path: &str) -> Result<(), EscapeError> {
    if !path.starts_with('/') {
        return Err(EscapeError::Path("does not start with `/`"));
    }
    if let Some(c) = path.chars().find(|c| !c.is_ascii_graphic()) {
        return Err(EscapeError::Character(c));
    }
    if path.contains(['%', '?', '#']) {
        return Err(EscapeError::Path("holds `%`, `?` or `#`: a path is written decoded, without a query"));
    }
    if path.contains("//") || path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(EscapeError::Path("holds `//`, `/./` or `/../`, which a proxy resolves before it compares"));
    }
    Ok(())
}

/// `{name}`, as frameworks write it in their routes: any one segment.
pub(super) fn is_placeholder(segment: &str) -> bool {
    segment.len() > 2 && segment.starts_with('{') && segment.ends_with('}')
}
