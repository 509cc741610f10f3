//! The way to a value of a document: `hsts.enabled`, `cors.origins[1]`.

use std::borrow::{Borrow, Cow};
use std::fmt;

/// One step of a [`KeyPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A key of a table. Most are named in the code, and cost no memory of their own.
    Key(Cow<'static, str>),
    /// A place in an array, from 0.
    Index(usize),
}

/// The way from the document's root to a value, whether or not it is written:
/// `hsts.enabled`, `cors.origins[1]`.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath(Vec<Segment>);

/// Most copies get a step more: there is room for it.
impl Clone for KeyPath {
    fn clone(&self) -> Self {
        let mut segments = Vec::with_capacity(self.0.len() + 1);
        segments.extend_from_slice(&self.0);
        Self(segments)
    }
}

impl KeyPath {
    /// A path from steps.
    pub fn new(segments: Vec<Segment>) -> Self {
        Self(segments)
    }

    /// The steps, from the root.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// This path and one key more.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.0.push(Segment::Key(Cow::Owned(key.to_owned())));
        self
    }

    /// The path that somebody wrote, dotted, without quoted parts.
    pub fn dotted(dotted: &str) -> Self {
        Self(parts(dotted).map(|part| Segment::Key(Cow::Owned(part.to_owned()))).collect())
    }

    /// This path and one array index more.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Segment::Index(index));
        self
    }

    /// Turns a place among the elements of lists that were taken into the place in the text, where those that were not
    /// stand between them: where `origins[0]` was refused, the first that was taken is `origins[1]`.
    pub fn step_over(&mut self, refused: &[Self]) {
        if refused.is_empty() {
            return;
        }
        let mut path = Self::default();
        for segment in std::mem::take(&mut self.0) {
            path = match segment {
                Segment::Key(key) => path.key(&key),
                Segment::Index(index) => {
                    let is_taken = |place: &usize| !refused.contains(&path.clone().index(*place));
                    let place = (0..).filter(is_taken).nth(index).unwrap_or(index);
                    path.index(place)
                }
            };
        }
        *self = path;
    }

    /// This path, seen from the root of what it stands below.
    #[must_use]
    pub fn below(self, mut root: Self) -> Self {
        root.0.extend(self.0);
        root
    }

    /// This path, or that of the list where it leads to an element.
    #[must_use]
    pub fn without_index(&self) -> Self {
        let is_key = |segment: &Segment| matches!(segment, Segment::Key(_));
        let keys = self.0.iter().rposition(is_key).map_or(0, |last| last + 1);
        Self(self.0[..keys].to_vec())
    }

    /// Whether one of the two contains the other (or they are the same).
    pub fn touches(&self, other: &Self) -> bool {
        let shared = self.0.len().min(other.0.len());
        self.0[..shared] == other.0[..shared]
    }

    /// Whether this is the other, or stands below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Whether nothing is left of it.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

/// A path is looked up by its steps, or by those of a part of it. (A path and its steps are equal, and ordered, alike.)
impl Borrow<[Segment]> for KeyPath {
    fn borrow(&self) -> &[Segment] {
        &self.0
    }
}

/// The parts of a dotted path.
fn parts(dotted: &str) -> impl Iterator<Item = &str> {
    dotted.split('.').filter(|part| !part.is_empty())
}

/// Dotted, without quoted parts: for the paths that the code itself names.
impl From<&'static str> for KeyPath {
    fn from(dotted: &'static str) -> Self {
        Self(parts(dotted).map(|part| Segment::Key(Cow::Borrowed(part))).collect())
    }
}

/// A section, the name of one of its entries, and a key in it.
impl From<(&'static str, &str, &'static str)> for KeyPath {
    fn from((section, entry, key): (&'static str, &str, &'static str)) -> Self {
        // Most have four steps at most: they are written where they stay.
        let mut path = Self(Vec::with_capacity(4));
        let named = |part: &'static str| Segment::Key(Cow::Borrowed(part));
        path.0.extend(parts(section).map(named));
        path.0.push(Segment::Key(Cow::Owned(entry.to_owned())));
        path.0.extend(parts(key).map(named));
        path
    }
}

/// A list and a place in it.
impl From<(&'static str, usize)> for KeyPath {
    fn from((list, index): (&'static str, usize)) -> Self {
        Self::from(list).index(index)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(out, "[{index}]")?,
                Segment::Key(key) => {
                    if place > 0 {
                        out.write_str(".")?;
                    }
                    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
                    if bare {
                        out.write_str(key)?;
                    } else {
                        // TOML's basic strings and Rust's debug form agree on
                        // quotes, backslashes and the usual controls.
                        write!(out, "{key:?}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_they_would_be_written() {
        assert_eq!(KeyPath::from("hsts.enabled").to_string(), "hsts.enabled");
        assert_eq!(KeyPath::from(("cors.origins", 1)).to_string(), "cors.origins[1]");
        assert_eq!(KeyPath::from(("cookies", "a b", "secure")).to_string(), "cookies.\"a b\".secure");
    }

    #[test]
    fn a_path_steps_over_what_was_refused() {
        let refused = [0, 2].map(|index| KeyPath::from(("cors.origins", index)));
        let place = |index| {
            let mut key = KeyPath::from(("cors.origins", index));
            key.step_over(&refused);
            key.to_string()
        };
        assert_eq!([0, 1].map(place), ["cors.origins[1]", "cors.origins[3]"]);
        let mut other = KeyPath::from(("cors.methods", 0));
        other.step_over(&refused);
        assert_eq!(other.to_string(), "cors.methods[0]");
    }

    #[test]
    fn a_path_is_moved_below_another() {
        let moved = KeyPath::from(("cors.origins", 1)).below("modes.dev".into());
        assert_eq!(moved.to_string(), "modes.dev.cors.origins[1]");
    }

    #[test]
    fn a_path_touches_what_contains_it_and_what_it_contains() {
        let section = KeyPath::from("hsts");
        assert!(section.touches(&"hsts.enabled".into()) && KeyPath::from("hsts.enabled").touches(&section));
        assert!(!section.touches(&"cors".into()) && !KeyPath::from("hsts.enabled").touches(&"hsts.max_age".into()));
    }
}
