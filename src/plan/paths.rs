//! What paths say of each other: which one is above another, and where two of them overlap. `*` is any one segment.

use std::cmp::Reverse;

/// The path under which a request is under both, where there is one and it is neither of the two.
pub fn crossing(one: &str, other: &str) -> Option<String> {
    if !overlap(one, other) || covers(one, other) || covers(other, one) {
        return None;
    }
    let count = |path| segments(path).count();
    let (longer, shorter) = if count(one) >= count(other) { (one, other) } else { (other, one) };
    let mut own = segments(shorter);
    let both = segments(longer).map(|segment| match own.next() {
        Some(own) if is_placeholder(segment) => own,
        Some(_) | None => segment,
    });
    let mut crossing: String = both.flat_map(|segment| ["/", segment]).collect();
    let is_below = longer.ends_with('/') || count(one) == count(other) && shorter.ends_with('/');
    crossing.push_str(if is_below { "/" } else { "" });
    Some(crossing)
}

/// The segments of a path, without the empty one behind a last slash.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/').split('/').filter(|segment| !segment.is_empty())
}

/// Whether a path has a `*`.
pub fn has_placeholder(path: &str) -> bool {
    segments(path).any(is_placeholder)
}

/// `*`: any one segment.
fn is_placeholder(segment: &str) -> bool {
    segment == "*"
}

/// How specific a path is: the more segments the more, of as many the one with fewer placeholders, then the longer one.
pub fn weight(path: &str) -> (usize, Reverse<usize>, usize) {
    let (mut count, mut placeholders) = (0, 0);
    for segment in segments(path) {
        count += 1;
        placeholders += usize::from(is_placeholder(segment));
    }
    (count, Reverse(placeholders), path.len())
}

/// Whether all that is under one path is under another. A site asks this of each two of its paths, and to compare bytes
/// takes a third of the time.
pub fn covers(above: &str, below: &str) -> bool {
    let is_slash = |byte: &u8| *byte == b'/';
    let [above_all, below_all] = [above, below].map(|path| {
        let slashes = path.bytes().take_while(is_slash).count();
        &path.as_bytes()[slashes..]
    });
    // Most of them part within a segment, before any placeholder: no look at segments is needed to see that.
    let same = above_all.iter().zip(below_all).take_while(|(one, other)| one == other).count();
    let parts = above_all.get(same).is_some_and(|byte| !is_slash(byte));
    if parts && !above_all[..=same].contains(&b'*') {
        return false;
    }
    let mut rest = below_all.split(is_slash);
    for segment in above_all.split(is_slash).filter(|segment| !segment.is_empty()) {
        let Some(other) = rest.next() else { return false };
        let is_fitting = if segment == b"*" { !other.is_empty() } else { segment == other };
        if !is_fitting {
            return false;
        }
    }
    !above.ends_with('/') || rest.next().is_some()
}

/// Whether a path is named by another: it is the same one, and not just below it. What is under it is under the other.
pub fn names(naming: &str, named: &str) -> bool {
    covers(naming, named) && segments(naming).eq(segments(named))
}

/// Whether a request could be under both.
pub fn overlap(one: &str, other: &str) -> bool {
    segments(one).zip(segments(other)).all(|(one, other)| one == other || is_placeholder(one) || is_placeholder(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crossing_is_under_both() {
        for (one, other, crossed) in [
            ("/a/b/", "/a/*/c", Some("/a/b/c")),
            ("/a/*/c", "/a/b/*", Some("/a/b/c")),
            ("/*/b", "/a/*/", Some("/a/b/")),
            ("/a/*", "/a/b", None),
            ("/a/*/c", "/a/b/d", None),
            ("/a/*", "/b/c", None),
        ] {
            assert_eq!(crossing(one, other).as_deref(), crossed, "{one} {other}");
            assert_eq!(crossing(other, one).as_deref(), crossed, "{other} {one}");
        }
    }

    #[test]
    fn what_covers_what_follows_segments() {
        for (above, below, is_so) in [
            ("/", "/", true),
            ("/", "/a", true),
            ("/a", "/a/b", true),
            ("/a", "/ab", false),
            ("/a/", "/a", false),
            ("/a/", "/a/", true),
            ("/a", "/a/", true),
            ("/*/b", "/a/b/c", true),
            ("/a/b", "/*/b", false),
            ("/a/b", "/a", false),
        ] {
            assert_eq!(covers(above, below), is_so, "{above} {below}");
        }
    }
}
