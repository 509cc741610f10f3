//! How hard a secret is to guess, by its looks alone: a value goes in, a [`Judgement`] comes out. Nothing here knows what
//! the value is for, where it stands, or which rule asks, and nothing repeats it.
//!
//! A value is worth the length of its shortest description (`description.rs`): `hunter2024` is a word and a year and costs
//! 20 bits, ten characters by chance cost 60. Whoever guesses tries what is described shortly first.
//!
//! What chance made is hardly ever called guessable, whatever alphabet it was drawn from. There are no more than 2 to the
//! power of N texts whose description is N bits long, so that of the keys that chance makes with B bits, at most one in
//! 2 to the power of SLACK has a description shorter than B less SLACK bits. A key is called made up only where its
//! description is that much shorter, and a key of 128 random bits is worth 108 at least in all other cases.

mod alphabet;
mod chain;
mod dates;
mod description;
mod forms;
mod repeats;
mod uuid;
mod words;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use alphabet::{ANY_BYTE, LETTER_OF_A_TEXT, Prices, Text, bits_by_chance};
use description::{Description, Enough, describe};

/// How much shorter than chance would have it a description has to be before a key counts as made up, in bits. Chance
/// does that less than once in 2 to the power of this, which is a million.
const SLACK: f32 = 20.0;
/// The least that a key has to be worth: 128 bits, the security of AES-128, less [`SLACK`].
const LEAST_KEY: f32 = 128.0 - SLACK;
/// What another secret has to be worth that nobody has to remember: NIST SP 800-63B asks a verifier to slow guesses down
/// where a secret has fewer than 64 bits, and databases do not.
const PASSWORD: f32 = 64.0;
/// The beginning of a value may be enough: as much of it as is worth what is asked by chance, and so much more.
const START: f32 = 4.0;
/// Shorter names are in everything.
const LEAST_NAME: usize = 3;

/// What a value is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// How many bits the shortest description has that was found.
    pub bits: f32,
    /// How many of them are for what nothing explains.
    pub unexplained: f32,
    /// Whether the description is shorter than chance would have it.
    pub is_made_up: bool,
    /// Whether it is of the value's beginning alone, which is enough for what was asked.
    pub is_of_beginning: bool,
    /// What explains most of it, if anything does.
    pub reason: Option<Reason>,
}

impl Judgement {
    /// Whether it can be a key: what signs or encrypts, and can be tried at home, as often as anyone likes. Of what is made
    /// up, only the rest counts: no sentence is a key, however long it is.
    pub fn is_random(self) -> bool {
        let bits = if self.is_made_up { self.unexplained } else { self.bits };
        bits >= LEAST_KEY
    }

    /// Whether it withstands guesses at a server that lets them all be tried. Four words by chance do. Where the whole is
    /// not worth what is asked, only what nothing explains counts, because models know less than people do.
    pub fn withstands_guesses(self) -> bool {
        let bits = if self.bits >= PASSWORD { self.bits } else { self.unexplained };
        bits >= PASSWORD - SLACK
    }
}

/// What explains a value, or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Words that people know.
    Words,
    /// Characters that follow from the ones before: in the alphabet, or on a keyboard.
    Chains,
    /// What stood in it before.
    Repeats,
    /// Letters that follow each other as those of words do.
    Spelling,
    /// Years and dates.
    Dates,
    /// What the app, its user or its database is called.
    Names,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Words, Self::Chains, Self::Repeats, Self::Spelling, Self::Dates, Self::Names];

    /// What is wrong with a value that this explains: the end of a sentence about it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Words | Self::Spelling => "is made of words",
            Self::Chains => "is a row of characters or of keys",
            Self::Repeats => "repeats itself",
            Self::Dates => "is a date",
            Self::Names => "is made of names that are known",
        }
    }
}

/// What characters cost that somebody typed, and bytes that are written in another form.
static CHARACTERS: LazyLock<Prices> = LazyLock::new(|| Prices::new(LETTER_OF_A_TEXT));
static BYTES: LazyLock<Prices> = LazyLock::new(|| Prices::new(ANY_BYTE));

/// What a value is judged for: whether its beginning is enough for that, so that the rest need not be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To be a key, which can be tried at home ([`Judgement::is_random`]).
    Key,
    /// To be asked for by a server ([`Judgement::withstands_guesses`]).
    Password,
}

impl Asked {
    /// How many bits nothing explains, where that is enough.
    const fn bits(self) -> f32 {
        match self {
            Self::Key => LEAST_KEY,
            Self::Password => PASSWORD - SLACK,
        }
    }
}

/// Judges a value. `names` are what the app, its users and its services are called, as far as that is known.
pub fn judge(value: &str, names: &[&str]) -> Judgement {
    judge_for(Asked::Key, value, names)
}

/// The same, as far as it takes for what is asked.
pub fn judge_for(asked: Asked, value: &str, names: &[&str]) -> Judgement {
    let names: Vec<&str> = names.iter().copied().filter(|name| name.len() >= LEAST_NAME).collect();
    let describe = |bytes: &[u8], prices, enough| describe(Text { bytes }, &names, prices, &words::KNOWN, enough);
    let text = &*alphabet::bytes(value);
    let other_form = forms::read(text)
        .map(|(cost, bytes)| describe(&bytes, &BYTES, None).0.after(cost))
        .min_by(|one, other| one.bits.total_cmp(&other.bits));
    if let Some(bits) = uuid::bits_of_time(text) {
        let reason = Some(Reason::Dates);
        return Judgement { bits, unexplained: bits, is_made_up: true, is_of_beginning: false, reason };
    }
    // Whoever cannot guess how a value begins cannot guess the value.
    let literal = asked.bits();
    let start = Enough { first: CHARACTERS.length(text, literal + START), literal };
    let (plain, length) = describe(text, &CHARACTERS, other_form.is_none().then_some(start));
    let shortest = other_form.filter(|other| other.bits < plain.bits).unwrap_or(plain);
    Judgement { is_of_beginning: length < text.len(), ..weigh(&text[..length], &shortest) }
}

/// Whether a word is a key, in a text of which nobody knows what it holds: no name, no moment and no part of a host's name is as
/// long, of letters and digits, and as hard to guess.
pub fn is_of_chance(word: &str) -> bool {
    const LEAST: usize = 16;
    let count = |of: fn(&char) -> bool| word.chars().filter(of).count();
    word.len() >= LEAST
        && count(char::is_ascii_digit) >= 2
        && count(char::is_ascii_alphabetic) >= 4
        && judge_for(Asked::Password, word, &[]).withstands_guesses()
}

/// What a description says of the text that it describes.
fn weigh(text: &[u8], description: &Description) -> Judgement {
    let Description { bits, literal, explained } = *description;
    let most = Reason::ALL.into_iter().max_by_key(|reason| explained[*reason as usize]);
    let reason = most.filter(|reason| explained[*reason as usize] > 0);
    Judgement {
        bits,
        unexplained: literal,
        is_made_up: bits_by_chance(text) - bits >= SLACK,
        is_of_beginning: false,
        reason,
    }
}
