//! A key of a profile as it stands in the text: `modes.dev.hsts.enabled` is `hsts.enabled`, in dev.

use crate::profile::Mode;
use crate::profile::vocabulary::{self, ANY, Kind, Place};
use crate::source::{KeyPath, Segment};

/// A key that the vocabulary knows, or a table or list of its own.
pub struct Named {
    /// The key, as the profile proper has it.
    pub key: KeyPath,
    /// What the vocabulary says of it.
    pub place: Place,
}

impl Named {
    /// What stands at a path of the text.
    pub fn at(path: &KeyPath) -> Option<Self> {
        let (_, key) = layer(path);
        let place = vocabulary::at_key(&key).ok()?;
        Some(Self { key, place })
    }

    /// Its path as the vocabulary has it, where `*` stands for any entry: `cookies.*.secure`. Of an element of a list, that
    /// of the list.
    pub fn pattern(&self) -> String {
        let mut pattern: Vec<String> = Vec::new();
        let mut above = KeyPath::default();
        for segment in self.key.without_index().segments() {
            let is_own = vocabulary::at_key(&above).is_ok_and(|place| matches!(place.kind, Kind::Entries { .. }));
            match segment {
                Segment::Key(name) => {
                    pattern.push(if is_own { ANY.to_owned() } else { name.to_string() });
                    above = above.key(name);
                }
                Segment::Index(index) => {
                    pattern.push(ANY.to_owned());
                    above = above.index(*index);
                }
            }
        }
        pattern.join(".")
    }
}

/// The layer that a path of the text is in, and the path in that layer.
pub fn layer(path: &KeyPath) -> (Option<Mode>, KeyPath) {
    if let [Segment::Key(modes), Segment::Key(mode), key @ ..] = path.segments()
        && **modes == *"modes"
        && let Some(mode) = Mode::ALL.iter().find(|known| known.as_str() == &**mode)
    {
        return (Some(*mode), KeyPath::new(key.to_vec()));
    }
    (None, path.clone())
}

/// A key of the profile proper in the overlay of a mode.
pub fn in_overlay(mode: Mode, key: &KeyPath) -> KeyPath {
    key.clone().below(KeyPath::from("modes").key(mode.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_in_every_layer() {
        let named = |path: KeyPath| Named::at(&path).map(|named| named.pattern());
        for (path, pattern) in [
            (KeyPath::from("hsts.max_age"), Some("hsts.max_age")),
            ("modes.dev.cookies.a.secure".into(), Some("cookies.*.secure")),
            ("modes.dev".into(), Some("")),
            ("hsts.max_ages".into(), None),
            (("cors.origins", 1).into(), Some("cors.origins")),
            (KeyPath::from(("waivers", 0)).key("rule"), Some("waivers.*.rule")),
        ] {
            assert_eq!(named(path.clone()).as_deref(), pattern, "{path}");
        }
        assert_eq!(layer(&in_overlay(Mode::Dev, &"hsts.enabled".into())), (Some(Mode::Dev), "hsts.enabled".into()));
    }
}
