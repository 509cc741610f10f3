//! Paths as patterns over a path that a proxy has decoded and resolved, in the syntax that PCRE and RE2 share.
//!
//! | path | with everything under it | alone |
//! |---|---|---|
//! | `/docs` | `/docs`, `/docs/`, `/docs/x`, `/docs;x`; not `/documents` | `/docs`, `/docs/`, `/docs;x`; not `/docs/x` |
//! | `/api/` | every path that starts so | every path that starts so |
//! | `/a/*` | `*` is any one segment | the same |
//!
//! Servers do not agree on what a path is. Some take `;x` out of every segment (the parameters of RFC 3986, in Tomcat and
//! Jetty), some read a backslash as a slash (the URL standard, IIS), and some decode twice. A pattern takes all of these
//! readings of its path: `/;x/docs` and `/x%5c..` are compared as such a server would. The one thing that no pattern can do
//! is to resolve dots again, so that what would need it is no request at all: [`AMBIGUOUS`]. Nor can a pattern tell what was
//! sent with two slashes first, which a proxy has merged by then, [`HOST`], or with a slash that was encoded: [`across`].

use super::escape::EscapeError;

/// What stands between two segments, as any server may read it: slashes and backslashes, with parameters before them.
///
/// Each round starts with a character that tells what it is, so that matching stays linear.
pub const BETWEEN: &str = "(?:(?:;[^/\\x5c]*)?[/\\x5c])+";

/// How a path may go on behind its last segment, where what is under it counts, too. (Then comes the end.)
const UNDER: &str = "[;/\\x5c]";

/// How the end of a path alone may be spelled.
const ALONE: &str = "(?:[/\\x5c]|;[^;/\\x5c]*)*";

/// Any one segment, whatever is in it: an app that takes `;x` or a backslash for a segment finds one there.
const SEGMENT: &str = "[^/]+";

/// A request's target, as it was sent, that servers read as different paths. No browser sends one:
///
/// - a raw backslash, or a raw `#`, which is no character of a target;
/// - `.` or `..` with a backslash or a parameter beside it (`/..;/`, `/x%5c..`): who reads those finds another path there,
///   and a proxy has resolved its own by then;
/// - what needs no encoding and is encoded twice (`%252e`, `%2564`), also where a digit of it is encoded, too (`%25%36%34`).
macro_rules! ambiguous {
    ($more:literal) => {
        concat!(
            "(?i)^[^?]*(?:[\\x5c#]",
            "|(?:/|%2f|%5c)(?:[.]|%2e)(?:[.]|%2e)?(?:;|%3b|%5c)",
            "|%5c(?:[.]|%2e)(?:[.]|%2e)?(?:[/?]|%2f|$)",
            "|%25(?:25)*(?:00|2[d-f]|3[0-9b]|4[1-9a-f]|5[0-9acf]|6[1-9a-f]|7[0-9ae]|[0-9a-f]?%(?:3[0-9]|[46][1-6]))",
            $more,
            ")"
        )
    };
}

/// Such a target, for a proxy that looks for [`OVERLONG`] in the path that it has decoded.
pub const AMBIGUOUS: &str = ambiguous!("");

/// A character in more bytes than it has (`%c0%af`, `%f0%80%80%af`), which old servers read as that character: in a decoded path,
/// byte by byte. One class stands first, by which the pattern passes over nearly every path in no time.
pub const OVERLONG: &str = "[\\xc0\\xc1\\xe0\\xf0\\xf8\\xfc](?:(?<=[\\xc0\\xc1])[\\x80-\\xbf]|(?<=\\xe0)[\\x80-\\x9f]\
    |(?<=\\xf0)[\\x80-\\x8f]|(?<=\\xf8)[\\x80-\\x87]|(?<=\\xfc)[\\x80-\\x83])";

/// A target of both kinds where patterns are of RE2, which take each byte that is of no sign for U+FFFD: its bytes may be encoded, or
/// some of them.
pub const AMBIGUOUS_OR_OVERLONG: &str = ambiguous!(
    "|(?:%c[01]|\\x{fffd})(?:%[89ab]|\\x{fffd})|%e0(?:%[89]|\\x{fffd})|%f0(?:%8|\\x{fffd})|%f8(?:%8[0-7]|\\x{fffd})\
     |%fc(?:%8[0-3]|\\x{fffd})"
);

/// A segment that is `.` or `..`, as it was sent. An app that does not resolve them takes one for what `*` stands for
/// (`/api/./private` for `/api/*/private`), and a proxy has resolved it by then: so that none is a request where a path that
/// somebody guards has a `*`. Browsers resolve them before they ask.
pub const DOTS: &str = "(?i)^[^?]*(?:/|%2f|%5c)(?:[.]|%2e)(?:[.]|%2e)?(?:[/?]|%2f|%5c|$)";

/// What a server may take for a host's name, where a target begins with [`HOST_BEFORE`]. By the URL standard, against which
/// Node's `new URL(target, base)` resolves a target, `//x/docs` is the path `/docs` at the host `x`. For a proxy it is
/// `/x/docs`. Browsers send such targets, of sites that put two slashes together, so that they are refused only where what
/// stands behind the first segment is a path that somebody guards.
pub const HOST: &str = "/[^/]+";

/// A target with an encoded slash, as it was sent.
pub const SLASH: &str = "(?i)^[^?]*%2f";

/// How a target begins in which a server may find a host's name.
pub const HOST_BEFORE: &str = "//";

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
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            pattern.push_str(BETWEEN);
        }
        if segment == "*" {
            pattern.push_str(SEGMENT);
        } else {
            pattern.extend(segment.chars().map(literal));
        }
    }
    if !path.ends_with('/') {
        match reach {
            Reach::Under => pattern.extend(["(?:", UNDER, "|", end, ")"]),
            Reach::Exact => pattern.extend([ALONE, end]),
        }
    }
    Ok(pattern)
}

/// The pattern of what a proxy may have made of a request for a path with `*`, where the request has an encoded slash;
/// nothing, where the path has no `*`. Who splits a path before decoding it, as Go's router and Express do, takes
/// `/accounts/7%2fx/export` for `/accounts/*/export`: for a proxy it is `/accounts/7/x/export`. So there may be anything
/// between what stands before the first `*` and what stands behind the last one.
pub fn across(path: &str, reach: Reach, end: &str) -> Result<Option<String>, EscapeError> {
    /// Whatever came of the segments, up to a slash.
    const SEGMENTS: &str = "(?:[;/\\x5c](?s:.*))?[/\\x5c]";
    check(path)?;
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let is_any = |segment: &&str| *segment == "*";
    let (Some(first), Some(last)) = (segments.iter().position(is_any), segments.iter().rposition(is_any)) else {
        return Ok(None);
    };
    let literals = |segment: &&str| segment.chars().map(literal).collect::<String>();
    let mut pattern: String = segments[..first].iter().map(|segment| BETWEEN.to_owned() + &literals(segment)).collect();
    let behind: Vec<String> = segments[last + 1..].iter().map(literals).collect();
    if behind.is_empty() {
        // All that is below.
        pattern.push_str(UNDER);
        return Ok(Some(pattern));
    }
    pattern.push_str(SEGMENTS);
    pattern.push_str(&behind.join(BETWEEN));
    match reach {
        _ if path.ends_with('/') => pattern.push_str(BETWEEN),
        Reach::Under => pattern.extend(["(?:", UNDER, "|", end, ")"]),
        Reach::Exact => pattern.extend([ALONE, end]),
    }
    Ok(Some(pattern))
}

/// How many bytes the pattern of a path takes at most, in any language.
pub fn longest_pattern(path: &str) -> usize {
    /// With each backslash escaped.
    const EACH: usize = "\\\\x2b".len();
    const SLASH: usize = BETWEEN.len() * 2;
    path.len() * EACH + path.bytes().filter(|byte| *byte == b'/').count() * SLASH + 64
}

/// The pattern of an origin by https, one label below a name.
pub fn previews(below: &str) -> String {
    let below: String = below.chars().map(literal).collect();
    format!("^(https://[a-z0-9](?:[a-z0-9-]*[a-z0-9])?[.]{below})$")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_what_an_encoded_slash_makes_of_it() {
        let across = |path, reach| across(path, reach, "$").map(Option::unwrap_or_default);
        let segments = r"(?:[;/\x5c](?s:.*))?[/\x5c]";
        assert_eq!(across("/accounts/export", Reach::Under), Ok(String::new()));
        assert_eq!(across("/a/*", Reach::Exact), Ok(format!(r"{BETWEEN}a[;/\x5c]")));
        assert_eq!(across("/*/b/*/c.d", Reach::Under), Ok(format!(r"{segments}c[.]d(?:[;/\x5c]|$)")));
        assert_eq!(across("/a/*/b/c", Reach::Exact), Ok(format!("{BETWEEN}a{segments}b{BETWEEN}c{ALONE}$")));
        assert_eq!(across("/a/*/b/", Reach::Under), Ok(format!("{BETWEEN}a{segments}b{BETWEEN}")));
        assert!(across("/a/*/é", Reach::Under).is_err());
    }
}
