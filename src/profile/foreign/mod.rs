//! What other programs call the things that a profile says: words (`letsencrypt` for `acme`) and keys (`allow_origins` for
//! `cors.origins`). Whoever comes from Django, FastAPI, Spring, Express or nginx writes those first.
//!
//! Both are lists, and asked only about what was refused. Spelling does not count: `allowOrigins`, `ALLOW_ORIGINS` and
//! `allow-origins` are one.

/// A line for each key: where other programs' keys are written, which key of a profile says the same, and what they are
/// called. Text costs nothing until it is asked, where a table of texts has addresses that each start of the program puts
/// right.
const KEYS: &str = include_str!("keys.txt");

/// By what words are, as the vocabulary says it: a line for each that we have, or for a sentence in quotes, with the names
/// that other programs have for it.
const WORDS: &str = include_str!("words.txt");

/// What a word of another program means here.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meant {
    /// This word.
    Word(&'static str),
    /// No one word: what to know, as a sentence without its full stop.
    Say(&'static str),
}

/// The rows of `KEYS`: the section, the key, and the names.
fn keys() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let rows = KEYS.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| {
        let (section, rest) = row.split_once('|')?;
        let (key, names) = rest.split_once('|')?;
        Some((section.trim(), key.trim(), names))
    })
}

/// The rows of `WORDS` for what a word is: what it means here, and the names.
fn words(what: &str) -> impl Iterator<Item = (Meant, &'static str)> {
    let rows = WORDS.lines().skip_while(move |line| *line != what).skip(1);
    rows.map_while(|line| line.strip_prefix("    ")).filter_map(|row| {
        let (meant, names) = row.rsplit_once('|')?;
        let meant = meant.trim();
        let sentence = meant.strip_prefix('"').and_then(|meant| meant.strip_suffix('"'));
        Some((sentence.map_or(Meant::Word(meant), Meant::Say), names))
    })
}

fn each_name(names: &str) -> impl Iterator<Item = &str> {
    names.split(',').map(str::trim)
}

/// What a word means that is none of `words`: one of them in another spelling, or what another program calls it. `what` is what
/// they are, as the vocabulary says it.
pub(super) fn word(text: &str, what: &str, words: &[&'static str]) -> Option<Meant> {
    let is_it = |known: &&str| is_same(text, known);
    let spelt = words.iter().copied().find(is_it).map(Meant::Word);
    let of_others = || self::words(what).find(|(_, names)| each_name(names).any(|name| is_it(&name)));
    spelt.or_else(|| of_others().map(|(meant, _)| meant))
}

/// The key, dotted, of what another program calls by this name. `section` is where it was written, empty at the top.
pub(super) fn key(section: &str, name: &str) -> Option<&'static str> {
    let is_here = |within: &str| within == "*" || within == section;
    let named = keys().filter(|(within, _, names)| is_here(within) && each_name(names).any(|one| is_same(name, one)));
    // What is said of this very section counts before what is said of all.
    named.max_by_key(|(within, ..)| *within == section).map(|(_, key, _)| key)
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
        let rows = WORDS.lines().filter(|line| line.starts_with(' ')).count();
        let mut read = 0;
        for what in WORDS.lines().filter(|line| !line.starts_with(' ')) {
            let words = known.get(what).unwrap_or_else(|| panic!("nothing is {what}"));
            let mut seen: Vec<&str> = Vec::new();
            for (meant, names) in super::words(what) {
                read += 1;
                if let Meant::Word(word) = meant {
                    assert!(words.contains(&word), "{word} is not {what}");
                }
                for name in each_name(names) {
                    assert!(!words.iter().any(|word| is_same(name, word)), "{name} is {what} already");
                    assert!(!seen.iter().any(|other| is_same(name, other)), "{name} stands twice");
                    assert!(is_same(name, name), "{name} has no letters");
                    seen.push(name);
                }
            }
        }
        assert_eq!(read, rows);
    }

    #[test]
    fn each_key_of_another_program_leads_to_one_of_ours() {
        let mut seen = BTreeSet::new();
        let rows = KEYS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        assert_eq!(keys().count(), rows);
        for (section, key, names) in keys() {
            let steps = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
            let at = |path: &str| {
                let steps = steps(path);
                vocabulary::at(&steps.iter().map(String::as_str).collect::<Vec<_>>())
            };
            assert!(at(key).is_ok(), "`{key}` is no key");
            let place =
                if section == "*" || section.is_empty() { None } else { Some(at(section).expect("it is a section")) };
            for name in each_name(names) {
                assert!(seen.insert((section, name)), "{name} stands twice");
                // What is a key there is never refused.
                let own = place.map_or_else(
                    || vocabulary::at(&[name]).is_ok(),
                    |place| place.kind.keys().iter().any(|key| key.name == name),
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
