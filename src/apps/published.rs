//! Values that everyone can read: documented example keys, what projects ship, and what stands in a secret's place until
//! somebody puts one there. `apps/published/values.toml` lists them, and is read when a value is first judged.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::reading::read;
use crate::profile::keyword::keywords;
use crate::profile::section::section;
use crate::profile::{Date, FormatVersion};
use crate::source::Source;

keywords! {
    /// Who published a value.
    pub enum PublishedBy ("who published a value") {
        /// A documentation shows it.
        Example = "example",
        /// A service gives it to everyone, for tests.
        Test = "test",
        /// A project ships it.
        Default = "default",
        /// A tutorial shows it where one's own belongs.
        Tutorial = "tutorial",
    }
}

impl PublishedBy {
    /// Whether a value has its place where nobody but its makers comes: a service's key for tests, a project's default.
    pub const fn is_for_tests(self) -> bool {
        match self {
            Self::Test | Self::Default => true,
            Self::Example | Self::Tutorial => false,
        }
    }
}

section! {
    /// Values of one source.
    pub struct PublishedValues {
        /// What each is, as the end of a sentence.
        what: String = required,
        /// Who published them.
        kind: PublishedBy = required,
        /// Where they come from.
        found_in: String = required,
        /// The day on which they were last found in public.
        looked_at: Date = required,
        /// The values, in pieces, which scanners of repositories do not take for keys.
        pieces: Vec<Vec<String>> = required,
        /// What stands in every value of this source, and in no other, such as an issuer's name in a token.
        within: Vec<String> = default(Vec::<String>::new()),
    }
}

section! {
    /// What one language's examples put in a secret's place.
    pub struct Placeholders {
        /// What they are.
        what: String = required,
        /// Where such stand.
        found_in: String = required,
        /// The day on which they were last found in public.
        looked_at: Date = required,
        /// The whole of a value, without capitals and signs.
        whole: Vec<String> = default(Vec::<String>::new()),
        /// How a value begins.
        starts: Vec<String> = default(Vec::<String>::new()),
        /// A part of a value that chance did not make, without capitals and signs.
        within: Vec<String> = default(Vec::<String>::new()),
    }
}

section! {
    /// The file.
    pub struct PublishedFile {
        /// The version of this vocabulary.
        version: FormatVersion = required,
        /// The values.
        values: Vec<PublishedValues> = required,
        /// The placeholders.
        placeholders: Vec<Placeholders> = required,
    }
}

/// What is published, to look values up in.
pub struct Published {
    file: PublishedFile,
    /// Which of the file's sources has a value, in the order of the values: hexadecimal ones in small letters.
    by_value: Vec<(String, usize)>,
    /// The placeholders that are the whole of a value, in their order, and how long the longest is.
    whole: Vec<String>,
    longest: usize,
}

static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
    let source = Source::new("published.toml", include_str!("../../apps/published/values.toml"));
    let file = read(&source, PublishedFile::read_table).expect("a test reads the file");
    let values = |(index, values): (usize, &PublishedValues)| {
        let values = values.pieces.iter().map(|pieces| pieces.concat());
        values.map(|value| (in_one_case(&value).into_owned(), index)).collect::<Vec<_>>()
    };
    let mut by_value: Vec<(String, usize)> = file.values.iter().enumerate().flat_map(values).collect();
    by_value.sort_unstable();
    let mut whole: Vec<String> = file.placeholders.iter().flat_map(|group| &group.whole).cloned().collect();
    whole.sort_unstable();
    let longest = whole.iter().map(String::len).max().unwrap_or_default();
    Published { file, by_value, whole, longest }
});

impl Published {
    /// Where a value was published, if it was. Hexadecimal keys are the same in capitals.
    pub fn find(value: &str) -> Option<&'static PublishedValues> {
        let published = &*PUBLISHED;
        let written = in_one_case(value);
        let Ok(found) = published.by_value.binary_search_by(|(known, _)| known.as_str().cmp(&written)) else {
            let mut values = published.file.values.iter();
            return values.find(|group| group.within.iter().any(|within| value.contains(within.as_str())));
        };
        Some(&published.file.values[published.by_value[found].1])
    }

    /// Whether a value is a placeholder as a whole, or begins as one does.
    pub fn is_placeholder(value: &str) -> bool {
        let published = &*PUBLISHED;
        let mut starts = published.file.placeholders.iter().flat_map(|group| &group.starts);
        // What is longer than any of them, as most keys are, needs no look.
        let letters = || value.as_bytes().iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
        let may_be_whole = value.len() <= published.longest || !value.is_ascii() || letters() <= published.longest;
        may_be_whole && published.whole.binary_search(&words(value)).is_ok()
            || starts.any(|start| value.starts_with(start))
    }

    /// Whether a value that chance did not make has a placeholder in it.
    pub fn has_placeholder(value: &str) -> bool {
        let words = words(value);
        let mut groups = PUBLISHED.file.placeholders.iter();
        groups.any(|group| group.within.iter().any(|within| words.contains(within.as_str())))
    }
}

/// A hexadecimal value, or a UUID, without capitals, any other as it is.
fn in_one_case(value: &str) -> Cow<'_, str> {
    let is_hex = || value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let has_capitals = value.bytes().any(|byte| byte.is_ascii_uppercase());
    if has_capitals && is_hex() { value.to_ascii_lowercase().into() } else { value.into() }
}

/// The letters and digits of a value, without capitals.
fn words(value: &str) -> String {
    if value.is_ascii() {
        let letters = value.bytes().filter(u8::is_ascii_alphanumeric);
        return letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    }
    value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn published_values_have_their_form() {
        let file = &PUBLISHED.file;
        let mut seen = BTreeSet::new();
        for group in &file.values {
            assert!(group.found_in.starts_with("https://"), "{}: no source", group.what);
            assert!(group.looked_at <= Date::today(), "{}: looked at in the future", group.what);
            let starts = ["a ", "an ", "the "];
            assert!(starts.iter().any(|start| group.what.starts_with(start)), "{} ends no sentence", group.what);
            for pieces in &group.pieces {
                assert_eq!(pieces.len(), 2, "{}: a value stands in two pieces", group.what);
                assert!(seen.insert(pieces.concat()), "{}: a value stands twice", group.what);
            }
        }
        let mut seen = BTreeSet::new();
        for group in &file.placeholders {
            assert!(group.found_in.starts_with("https://"), "{}: no source", group.what);
            assert!(group.looked_at <= Date::today(), "{}: looked at in the future", group.what);
            for word in group.whole.iter().chain(&group.within) {
                assert_eq!(*word, words(word), "{}: a placeholder is written without capitals and signs", group.what);
                assert!(word.chars().count() > 1, "{}: {word} is in everything", group.what);
                assert!(seen.insert(word), "{}: {word} stands twice", group.what);
            }
        }
    }

    #[test]
    fn published_values_are_found_as_they_are_written() {
        for group in &PUBLISHED.file.values {
            for pieces in &group.pieces {
                assert!(Published::find(&pieces.concat()).is_some_and(|found| found.what == group.what));
            }
        }
        // Whoever signed it, and whatever else it says.
        for payload in
            ["eyJyb2xlIjoiYW5vbiIsImlzcyI6InN1cGFiYXNlLWRlbW8ifQ", "eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6IngifQ"]
        {
            assert!(Published::find(&format!("eyJhbGciOiJIUzI1NiJ9.{payload}.c2lnbmVk")).is_some(), "{payload}");
        }
        assert!(Published::find("cafebabe").is_some() && Published::find("Cafe").is_none());
    }
}
