//! The vocabulary as a value: which keys a profile may have, and what each of them is.
//!
//! It is made of the same declarations as the types, the reader and the schema, so that the four cannot part. It answers
//! by key path: `at(&["hsts", "max_age"])` is the key `max_age` with its documentation, its default, and the kind of
//! value that it takes. In a path, `*` stands for any entry of a table and for any element of a list: `cookies.*.secure`.

pub use super::kind::{ANY, Absent, Key, Kind, Place, Section, TextKind, UnknownKey, prose};
pub use super::open::open_texts;
pub use super::text::Word;

use super::read::Read;
use super::{Profile, kind};
use crate::source::KeyPath;

/// The whole profile.
pub const ROOT: &Kind = &<Profile as Read>::KIND;

/// What a path leads to, from the profile's root. At none: the profile.
pub fn at(path: &[&str]) -> Result<Place, UnknownKey> {
    kind::at(ROOT, path)
}

/// The same for the path of a finding. An index is an element of a list.
pub fn at_key(key: &KeyPath) -> Result<Place, UnknownKey> {
    kind::at_key(ROOT, key)
}

/// Every key with its path, in the order of the declarations; what stands in a section follows the section. An entry of
/// a table is `*`: `cookies.*.secure`. The overlays are left out: they hold the same keys again.
pub fn all() -> Vec<(String, &'static Key)> {
    kind::all(ROOT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str) -> Option<&'static Key> {
        at(&path.split('.').collect::<Vec<_>>()).ok()?.key
    }

    #[test]
    fn a_key_is_described_at_its_path() {
        let max_age = key("hsts.max_age").expect("it is a key");
        assert_eq!(max_age.name, "max_age");
        assert_eq!(max_age.kind.in_words(), "a duration");
        assert!(matches!(max_age.absent, Absent::Default(value) if value() == "1y"));
        assert!(!prose(max_age.doc).is_empty());
        assert!(matches!(key("app.name").map(|key| &key.absent), Some(Absent::Required)));
        // An element is described by its list, and what stands in an overlay by the key that it stands for.
        assert_eq!(key("cors.origins.*").map(|key| key.name), Some("origins"));
        assert_eq!(key("modes.prod.cookies.session.secure").map(|key| key.name), Some("secure"));
    }

    #[test]
    fn what_may_come_next_is_known() {
        let names =
            |path: &[&str]| at(path).map(|place| place.kind.keys().iter().map(|key| key.name).collect::<Vec<_>>());
        assert_eq!(names(&["state"]).ok().as_deref().and_then(<[_]>::first), Some(&"backend"));
        assert_eq!(names(&["hsts", "enabled"]).ok(), Some(Vec::new()));
        let issuers: Vec<&str> =
            key("tls.certificate.issuer").expect("it is a key").kind.words().iter().map(|word| word.word).collect();
        assert!(issuers.contains(&"acme") && issuers.contains(&"self-signed"));
        let unknown = names(&["email", "smtp", "prot"]).expect_err("it is no key");
        assert!(unknown.left == 1 && unknown.known.contains(&"port"));
        assert_eq!(
            names(&["modes", "production"]).expect_err("it is no mode").known,
            ["dev", "test", "staging", "prod"]
        );
    }

    #[test]
    fn every_key_is_listed_once_and_documented() {
        let all = all();
        let paths: std::collections::BTreeSet<&String> = all.iter().map(|(path, _)| path).collect();
        assert_eq!(paths.len(), all.len());
        assert_eq!(all.first().map(|(path, _)| path.as_str()), Some("version"));
        for path in ["cookies.*.secure", "tls.certificate.cert", "targets.kubernetes.gateway.name", "waivers.*.reason"]
        {
            assert!(paths.contains(&path.to_owned()), "{path}");
        }
        for (path, key) in &all {
            assert_eq!(self::key(path).map(|found| found.doc), Some(key.doc), "{path}");
            assert!(prose(key.doc).ends_with('.'), "{path}: its documentation is a sentence");
        }
    }
}
