//! What other programs call the things that a profile says: words (`letsencrypt` for `acme`) and keys (`allow_origins` for
//! `cors.origins`). Whoever comes from Django, FastAPI, Spring, Express or nginx writes those first.
//!
//! Both are lists, and asked only about what was refused. Spelling does not count: `allowOrigins`, `ALLOW_ORIGINS` and
//! `allow-origins` are one.

mod keys;
mod words;

/// What a word of another program means here.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meant {
    /// This word.
    Word(&'static str),
    /// No one word: what to know, as a sentence without its full stop.
    Say(&'static str),
}

/// What a word means that is none of `words`: one of them in another spelling, or what another program calls it. `what` is what
/// they are, as the vocabulary says it.
pub(super) fn word(text: &str, what: &str, words: &[&'static str]) -> Option<Meant> {
    let is_it = |known: &&str| is_same(text, known);
    let spelt = words.iter().copied().find(is_it).map(Meant::Word);
    let of_others = || {
        let (_, list) = words::WORDS.iter().find(|(own, _)| *own == what)?;
        list.iter().find(|(names, _)| names.iter().any(is_it)).map(|(_, meant)| *meant)
    };
    spelt.or_else(of_others)
}

/// The key, dotted, of what another program calls by this name. `section` is where it was written, empty at the top.
pub(super) fn key(section: &str, name: &str) -> Option<&'static str> {
    let is_here = |within: &str| within == "*" || within == section;
    let named =
        keys::KEYS.iter().filter(|(within, names, _)| is_here(within) && names.iter().any(|one| is_same(name, one)));
    // What is said of this very section counts before what is said of all.
    named.max_by_key(|(within, ..)| *within == section).map(|(.., key)| *key)
}

/// Whether two names are one, whatever stands between their words, and in whichever case.
fn is_same(one: &str, other: &str) -> bool {
    let letters = |text: &str| -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()).collect()
    };
    let one = letters(one);
    !one.is_empty() && one == letters(other)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::profile::vocabulary::{self, Kind};

    /// The words of every kind of the vocabulary, by what they are.
    fn known() -> BTreeMap<&'static str, Vec<&'static str>> {
        let mut known = BTreeMap::new();
        for (_, key) in vocabulary::all() {
            let mut kind = key.kind;
            while let Kind::List(each) | Kind::OneOrMany(each) | Kind::Entries { each, .. } = kind {
                kind = each;
            }
            if let Kind::Text(text) = kind {
                known.insert(text.what, text.words.iter().map(|word| word.word).collect());
            }
        }
        known
    }

    #[test]
    fn each_word_of_another_program_leads_to_one_of_ours() {
        let known = known();
        for (what, list) in words::WORDS {
            let words = known.get(what).unwrap_or_else(|| panic!("nothing is {what}"));
            let mut seen: Vec<&str> = Vec::new();
            for (names, meant) in *list {
                if let Meant::Word(word) = meant {
                    assert!(words.contains(word), "{word} is not {what}");
                }
                for name in *names {
                    assert!(!words.iter().any(|word| is_same(name, word)), "{name} is {what} already");
                    assert!(!seen.iter().any(|other| is_same(name, other)), "{name} stands twice");
                    assert!(is_same(name, name), "{name} has no letters");
                    seen.push(name);
                }
            }
        }
    }

    #[test]
    fn each_key_of_another_program_leads_to_one_of_ours() {
        let mut seen = BTreeSet::new();
        for (section, names, key) in keys::KEYS {
            let steps = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
            let at = |path: &str| {
                let steps = steps(path);
                vocabulary::at(&steps.iter().map(String::as_str).collect::<Vec<_>>())
            };
            assert!(at(key).is_ok(), "`{key}` is no key");
            let place =
                if *section == "*" || section.is_empty() { None } else { Some(at(section).expect("it is a section")) };
            for name in *names {
                assert!(seen.insert((*section, *name)), "{name} stands twice");
                // What is a key there is never refused.
                let own = place.map_or_else(
                    || vocabulary::at(&[name]).is_ok(),
                    |place| place.kind.keys().iter().any(|key| key.name == *name),
                );
                assert!(!own, "`{section}.{name}` is a key of its own");
            }
        }
    }

    #[test]
    fn spelling_does_not_count() {
        for name in ["allow_origins", "allowOrigins", "ALLOW-ORIGINS", "allow.origins"] {
            assert_eq!(key("cors", name), Some("cors.origins"), "{name}");
        }
        assert_eq!(key("cors", "_"), None);
        let words = ["require", "verify-full"];
        assert!(matches!(word("VERIFY_FULL", "a kind of database TLS", &words), Some(Meant::Word("verify-full"))));
        assert!(word("sideways", "a kind of database TLS", &words).is_none());
    }
}
