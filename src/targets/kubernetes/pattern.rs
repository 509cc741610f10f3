//! Paths as a route says them.
//!
//! A gateway compares a path whose encoded slashes are still encoded (Traefik, Envoy) or not (nginx), and the app behind it
//! decodes it: a pattern takes `/docs`, `/DOCS/`, `/docs;x` and `/docs%2fx` alike, so that no spelling passes by that an app
//! would take for the path. The syntax is what RE2 and PCRE share, without `;`, blanks and braces, which NGINX Gateway
//! Fabric refuses in a path.

use super::super::path::{self, Reach};
use super::gateway_api::{PATH, PathKind, PathMatch};

/// What stands between two segments, with parameters before it.
const BETWEEN: &str = "(?:(?:(?:\\x3b|%3b)[^/\\x5c]*?)?(?:[/\\x5c]|%2f|%5c))+";

/// What may stand before the first segment: further slashes, and segments that are parameters alone.
const BEFORE: &str = "(?:(?:(?:\\x3b|%3b)[^/\\x5c]*?)?(?:[/\\x5c]|%2f|%5c))*";

/// How a path may go on where what is under it counts, too. A line feed is the end of a path to some frameworks.
const UNDER: &str = "(?:(?:[/\\x3b\\x5c\\x0a]|%2f|%3b|%5c|%0a)(?s:.*))?";

/// How the end of a path alone may be spelled.
const ALONE: &str = "(?:[/\\x5c\\x0a]|%2f|%5c|%0a|(?:\\x3b|%3b)[^/\\x5c]*)*";

/// Any one segment, whatever is in it.
const SEGMENT: &str = "[^/]+";

/// Every path.
pub const ALL: &str = "^(?s:.*)$";

/// A path that servers read as different ones, as [`path::AMBIGUOUS_OR_OVERLONG`] says it of a target. A gateway has resolved what it
/// takes for dots by then, so that none are left but those that another server would find: between encoded slashes, beside
/// backslashes and parameters. What is decoded by then and is no UTF-8 is one sign for each byte.
pub const AMBIGUOUS: &str = "^(?i:(?s:.*)(?:\\x00|%00\
    |(?:[/\\x5c]|%2f|%5c)(?:[.]|%2e)(?:[.]|%2e)?(?:[/\\x3b\\x5c]|%2f|%3b|%5c|$)\
    |%25(?:25)*(?:00|2[d-f]|3[0-9b]|4[1-9a-f]|5[0-9acf]|6[1-9a-f]|7[0-9ae]|[0-9a-f]?%(?:3[0-9]|[46][1-6]))\
    |%c[01]%[89ab]|%e0%[89]|%f0%8|%f8%8[0-7]|%fc%8[0-3]|\\x{fffd}\\x{fffd})(?s:.*))$";

/// How much of a pattern its paths may take: the rest is for its place among the others.
const ROOM: usize = PATH - 128;

/// The pattern of one path.
fn one(text: &str, reach: Reach) -> String {
    let mut pattern = String::new();
    for (index, segment) in text.split('/').enumerate() {
        match index {
            0 => {}
            1 => pattern.extend(["/", BEFORE]),
            _ => pattern.push_str(BETWEEN),
        }
        if segment == "*" {
            pattern.push_str(SEGMENT);
        } else {
            pattern.extend(segment.chars().map(path::literal));
        }
    }
    pattern.push_str(match (text.ends_with('/'), reach) {
        (true, _) => "(?s:.*)",
        (false, Reach::Under) => UNDER,
        (false, Reach::Exact) => ALONE,
    });
    pattern
}

/// The patterns of some paths: one of all, or as many as it takes where that is too long. None where a path alone is.
pub fn patterns<'p>(paths: impl IntoIterator<Item = (&'p str, Reach)>) -> Option<Vec<String>> {
    const FRAME: usize = "^(?i:)$".len();
    let mut patterns: Vec<String> = Vec::new();
    for (text, reach) in paths {
        let next = one(text, reach);
        if next.len() + FRAME > ROOM {
            return None;
        }
        match patterns.last_mut() {
            Some(last) if last.len() + next.len() + FRAME < ROOM => last.extend(["|", &next]),
            _ => patterns.push(next),
        }
    }
    Some(patterns.into_iter().map(|pattern| format!("^(?i:{pattern})$")).collect())
}

/// In which order a gateway tries patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precedence {
    /// The longest first, whichever rule it is in (Traefik, Envoy Gateway).
    Longest,
    /// In the order of their characters (NGINX Gateway Fabric).
    Alphabetical,
}

/// A rule of a site, as far as its place among the others goes.
#[derive(Debug)]
pub struct Ranked {
    /// Rules of one rank have the same paths, and are told apart by something else.
    pub rank: usize,
    /// What a gateway compares.
    pub paths: Vec<PathMatch>,
}

/// Has a gateway try patterns in the order of the rules that they are in, where `meets` says that a request may fit both. It
/// does so by putting `^` before them, which changes nothing else. Gives back whether all are short enough.
pub fn put_in_order(rules: &mut [Ranked], by: Precedence, meets: impl Fn(usize, usize) -> bool) -> bool {
    let is_pattern = |found: &&mut PathMatch| found.r#type == PathKind::RegularExpression;
    let length = |rule: &Ranked| rule.paths.iter().map(|found| found.value.len()).max().unwrap_or_default();
    // `(` stands before `^`, so that in the order of characters the one with the fewest is the first.
    let carets = |rule: &Ranked| {
        let before = |found: &PathMatch| found.value.len() - found.value.trim_start_matches('^').len();
        rule.paths.iter().map(before).max().unwrap_or_default()
    };
    let count = rules.len();
    let order: Vec<usize> = match by {
        Precedence::Longest => (0..count).rev().collect(),
        Precedence::Alphabetical => (0..count).collect(),
    };
    for (done, index) in order.iter().enumerate() {
        let others = order[..done].iter().filter(|other| meets(rules[*index].rank, rules[**other].rank));
        let bound = match by {
            Precedence::Longest => others.map(|other| length(&rules[*other]) + 1).max().unwrap_or_default(),
            Precedence::Alphabetical => {
                let rank = rules[*index].rank;
                let after = others.filter(|other| rules[**other].rank != rank);
                after.map(|other| carets(&rules[*other]) + 1).max().unwrap_or(1)
            }
        };
        for found in rules[*index].paths.iter_mut().filter(is_pattern) {
            let more = match by {
                Precedence::Longest => bound.saturating_sub(found.value.len()),
                Precedence::Alphabetical => bound.saturating_sub(1),
            };
            found.value.insert_str(0, &"^".repeat(more));
        }
    }
    rules.iter().all(|rule| length(rule) <= PATH)
}

/// A path as the standard compares it, segment by segment, with what no path may hold there encoded.
pub fn prefix(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-/._~!$&'()*+,;=:@".contains(c);
    let mut prefix = String::new();
    for c in text.chars() {
        if is_plain(c) {
            prefix.push(c);
        } else {
            let mut bytes = [0; 4];
            prefix.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
        }
    }
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_tried_in_their_order() {
        let pattern = |value: &str| PathMatch { r#type: PathKind::RegularExpression, value: value.to_owned() };
        let in_order = |by, meets: fn(usize, usize) -> bool| {
            let paths = [vec![pattern("^(a)$")], vec![pattern("^(bbb)$"), pattern("^(c)$")], vec![PathMatch::all()]];
            let mut rules: Vec<Ranked> =
                paths.into_iter().enumerate().map(|(rank, paths)| Ranked { rank, paths }).collect();
            assert!(put_in_order(&mut rules, by, meets));
            let values = |rule: Ranked| rule.paths.into_iter().map(|found| found.value).collect::<Vec<_>>();
            rules.into_iter().map(values).collect::<Vec<_>>()
        };
        let longest = in_order(Precedence::Longest, |_, _| true);
        assert_eq!(longest, [vec!["^^^^(a)$"], vec!["^(bbb)$", "^(c)$"], vec!["/"]]);
        let alphabetical = in_order(Precedence::Alphabetical, |_, _| true);
        assert_eq!(alphabetical, [vec!["^(a)$"], vec!["^^(bbb)$", "^^(c)$"], vec!["/"]]);
        for by in [Precedence::Longest, Precedence::Alphabetical] {
            let apart = in_order(by, |one, other| one == other);
            assert_eq!(apart, [vec!["^(a)$"], vec!["^(bbb)$", "^(c)$"], vec!["/"]]);
        }
    }

    #[test]
    fn patterns_are_split_where_they_would_be_too_long() {
        let paths: Vec<String> = (0..60).map(|number| format!("/a-long-path-that-has-a-number/{number}")).collect();
        let patterns = patterns(paths.iter().map(|path| (path.as_str(), Reach::Under))).expect("each fits");
        assert!(patterns.len() > 1 && patterns.iter().all(|pattern| pattern.len() <= ROOM));
        let long = format!("/{}", "a".repeat(1000));
        assert!(super::patterns([(long.as_str(), Reach::Exact)]).is_none());
    }

    #[test]
    fn nothing_in_a_prefix_has_a_meaning_of_its_own() {
        assert_eq!(prefix("/a{b}\"c/*"), "/a%7Bb%7D%22c/*");
    }
}
