//! The shortest description of a text, in bits: literal characters, and parts that a model explains.
//!
//! A description is read from left to right. At each place it says what comes next: one more literal character, at the
//! price of its alphabet, or a part that a model explains, at the price of naming it. `hunter2024` is a word and a year.
//! Every choice costs the logarithm of its odds, and the odds at each place sum to one at most; so there are no more than
//! 2 to the power of N texts of one length whose description is N bits long (Kraft's inequality). That is what the
//! promise in [`super`] rests on, and a test adds it up.

use super::alphabet::{COUNT, NONE, Prices, Text, bits};
use super::chain::{Chains, Run};
use super::repeats::Repeats;
use super::words::{Words, case_bits};
use super::{Reason, dates};

/// What may come next, and what each costs: the logarithm of its odds.
mod next {
    /// Behind a literal character: another of the same alphabet, or of another one, a part that is explained, or a
    /// separating sign.
    pub(super) const SAME_ALPHABET: f32 = 0.08;
    pub(super) const OTHER_ALPHABET: f32 = 6.7;
    pub(super) const EXPLAINED: f32 = 4.8;
    pub(super) const SIGN: f32 = 7.0;
    /// Behind a part that is explained, or at the start.
    pub(super) const EXPLAINED_AGAIN: f32 = 1.2;
    pub(super) const SIGN_BEHIND_EXPLAINED: f32 = 1.4;
    pub(super) const LITERAL: f32 = 2.4;
    /// Behind a separating sign.
    pub(super) const EXPLAINED_BEHIND_SIGN: f32 = 0.5;
    pub(super) const LITERAL_BEHIND_SIGN: f32 = 1.8;
    /// Behind a letter of a made-up word: one more, or the end.
    pub(super) const LETTER: f32 = 0.2;
    pub(super) const NO_LETTER: f32 = 2.9;
    /// Of a letter, the case of the one before it, or the other.
    pub(super) const SAME_CASE: f32 = 0.2;
    pub(super) const OTHER_CASE: f32 = 2.9;
}

/// To name a model, in the order of [`Reason::ALL`].
const MODEL: [f32; Reason::ALL.len()] = [0.5, 4.0, 4.0, 5.0, 4.5, 4.5];

/// What a separating sign costs behind the last one; nothing where a character is none. People keep to one.
fn sign(byte: u8, last: Option<u8>) -> Option<f32> {
    let costs = match byte {
        b' ' | b'-' | b'_' => 2.0,
        b'.' => 4.0,
        _ if byte.is_ascii_punctuation() => 7.4,
        _ => return None,
    };
    Some(match last {
        None => costs,
        Some(last) if last == byte => 0.6,
        Some(_) => costs + 1.6,
    })
}

/// The cheapest way to describe the first characters of a text, so that the last of them is explained.
#[derive(Clone, Copy)]
struct Explained {
    bits: f32,
    start: u16,
    reason: Reason,
}

const NOTHING: Explained = Explained { bits: f32::INFINITY, start: 0, reason: Reason::Words };

/// What a description may end with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// A part that is explained; or it has not begun.
    Explained,
    /// A separating sign.
    Sign,
    /// A literal character of this alphabet.
    Literal(u8),
}

/// The shortest description that was found.
pub(super) struct Description {
    /// Its length in bits.
    pub(super) bits: f32,
    /// What of it is for literal characters: nothing explains those.
    pub(super) literal: f32,
    /// How many characters each model explains, in the order of [`Reason::ALL`].
    pub(super) explained: [usize; Reason::ALL.len()],
}

impl Description {
    /// The same, behind something that costs so much.
    pub(super) fn after(self, bits: f32) -> Self {
        Self { bits: self.bits + bits, ..self }
    }
}

/// Describes a text. `names` are words that the one who made it may have thought of, as symbols: the app's, the user's.
pub(super) fn describe(text: &Text, names: &[Vec<u8>], prices: &Prices, words: &Words) -> Description {
    let mut search = Search::new(text);
    let mut chains = Chains::new(text);
    let mut repeats = Repeats::new();
    let mut runs = Vec::new();
    for at in 0..text.len() {
        let start = search.start(at);
        let mut explain = |length: usize, bits: f32, reason| search.explain(at, at + length, start + bits, reason);
        words.at(text, at, |length, bits| explain(length, bits, Reason::Words));
        for name in names.iter().filter(|name| text.readings.iter().any(|symbols| symbols[at..].starts_with(name))) {
            // Read with signs for letters or without, which is worth little here.
            let cost = 4.0 + bits(names.len()) + case_bits(text, at, at + name.len());
            explain(name.len(), cost, Reason::Names);
        }
        dates::at(text, at, |length, bits| explain(length, bits, Reason::Dates));
        if let Some(length) = repeats.at(&text.bytes, at) {
            explain(length, bits(at) + bits(text.len() - at), Reason::Repeats);
        }
        search.spell(at, start, words);
        chains.take(at, &mut runs);
        for run in runs.iter().copied() {
            // A word may reach into a run, so that the cheapest place to begin is not always the first.
            for start in (run.start..=at).take(3) {
                let run = Run { start, ..run };
                let cost = search.starts[start].bits + bits(text.len() - start) + chains.bits(run, at + 1);
                search.explain(start, at + 1, cost, Reason::Chains);
            }
        }
        search.take(at, prices.of(text.bytes[at]));
    }
    search.finish(prices)
}

/// What stands before a place costs so much at least, and ends so.
#[derive(Clone, Copy)]
struct Before {
    bits: f32,
    end: End,
}

impl Before {
    /// The cheapest of several.
    #[inline]
    fn cheapest<const N: usize>(ways: [(f32, End); N]) -> Self {
        let mut cheapest = Self { bits: f32::INFINITY, end: End::Explained };
        for (bits, end) in ways {
            if bits < cheapest.bits {
                cheapest = Self { bits, end };
            }
        }
        cheapest
    }
}

/// The cheapest descriptions of all that stands before each position, by what they end with.
struct Search<'t> {
    text: &'t Text,
    explained: Vec<Explained>,
    /// A sign before each position, and what stands before that.
    signs: Vec<Before>,
    last_sign: Option<u8>,
    /// By alphabet, before the position that is looked at, and the cheapest of them before each.
    literal: [f32; COUNT],
    literals: Vec<Before>,
    /// What stands before the literal character before each position, by its alphabet.
    before_literal: Vec<[End; COUNT]>,
    /// What stands before each position, where an explained part begins there.
    starts: Vec<Before>,
    /// The description that ends within a made-up word, and where that began.
    spelled: (f32, usize),
}

impl<'t> Search<'t> {
    fn new(text: &'t Text) -> Self {
        const NEVER: Before = Before { bits: f32::INFINITY, end: End::Explained };
        let several = || Vec::with_capacity(text.len() + 1);
        let mut explained = vec![NOTHING; text.len() + 1];
        explained[0].bits = 0.0;
        Self {
            text,
            explained,
            signs: vec![NEVER],
            last_sign: None,
            literal: [f32::INFINITY; COUNT],
            literals: vec![NEVER],
            before_literal: Vec::with_capacity(text.len()),
            starts: several(),
            spelled: (f32::INFINITY, 0),
        }
    }

    /// The cheapest way to come to a part that is explained.
    fn start(&mut self, at: usize) -> f32 {
        let start = Before::cheapest([
            (self.explained[at].bits + next::EXPLAINED_AGAIN, End::Explained),
            (self.signs[at].bits + next::EXPLAINED_BEHIND_SIGN, End::Sign),
            (self.literals[at].bits + next::EXPLAINED, self.literals[at].end),
        ]);
        self.starts.push(start);
        start.bits
    }

    /// Offers a description whose last part, from `start` up to `end`, a model explains, once it is named.
    #[inline]
    fn explain(&mut self, start: usize, end: usize, bits: f32, reason: Reason) {
        let bits = bits + MODEL[reason as usize];
        if bits < self.explained[end].bits {
            self.explained[end] = Explained { bits, start: position(start), reason };
        }
    }

    /// Goes on with a made-up word by one letter, or begins one.
    fn spell(&mut self, at: usize, start: f32, words: &Words) {
        let symbols = &self.text.readings[0];
        let letter = symbols[at];
        if letter > 25 {
            self.spelled.0 = f32::INFINITY;
            return;
        }
        let is_capital = |at: usize| self.text.bytes[at].is_ascii_uppercase();
        // A word that begins does not follow from the letters before it.
        let case = if is_capital(at) { next::OTHER_CASE } else { next::SAME_CASE };
        let beginning = start + case + words.spelling.bits(NONE, NONE, letter);
        let (bits, began) = self.spelled;
        self.spelled = (beginning, at);
        if bits.is_finite() {
            let case = if is_capital(at) == is_capital(at - 1) { next::SAME_CASE } else { next::OTHER_CASE };
            let before_last = if at > began + 1 { symbols[at - 2] } else { NONE };
            let going_on = bits + next::LETTER + case + words.spelling.bits(before_last, symbols[at - 1], letter);
            if going_on < beginning {
                self.spelled = (going_on, began);
                if at > began + 1 {
                    self.explain(began, at + 1, going_on + next::NO_LETTER, Reason::Spelling);
                }
            }
        }
    }

    /// Goes on with a character that nothing explains, or that separates what is: a literal one costs so much in each
    /// alphabet.
    fn take(&mut self, at: usize, prices: &[f32; COUNT]) {
        let (explained, literal) = (self.explained[at].bits, self.literals[at]);
        let byte = self.text.bytes[at];
        let sign = sign(byte, self.last_sign).unwrap_or(f32::INFINITY);
        self.last_sign = (sign.is_finite()).then_some(byte).or(self.last_sign);
        let sign = Before::cheapest([
            (explained + next::SIGN_BEHIND_EXPLAINED + sign, End::Explained),
            (literal.bits + next::SIGN + sign, literal.end),
        ]);
        // At the start, either kind is as likely.
        let choice = if at == 0 { next::EXPLAINED_AGAIN } else { next::LITERAL };
        let entered = Before::cheapest([
            (explained + choice, End::Explained),
            (self.signs[at].bits + next::LITERAL_BEHIND_SIGN, End::Sign),
            (literal.bits + next::OTHER_ALPHABET, literal.end),
        ]);
        let entered = Before { bits: entered.bits + bits(COUNT), ..entered };
        let mut before = [entered.end; COUNT];
        let mut cheapest = Before { bits: f32::INFINITY, end: End::Explained };
        for (alphabet, price) in (0..).zip(prices) {
            let index = usize::from(alphabet);
            let mut bits = self.literal[index] + next::SAME_ALPHABET;
            if bits <= entered.bits {
                before[index] = End::Literal(alphabet);
            } else {
                bits = entered.bits;
            }
            bits += price;
            self.literal[index] = bits;
            if bits < cheapest.bits {
                cheapest = Before { bits, end: End::Literal(alphabet) };
            }
        }
        self.signs.push(sign);
        self.literals.push(cheapest);
        self.before_literal.push(before);
    }

    /// The shortest description of the whole text.
    fn finish(self, prices: &Prices) -> Description {
        let length = self.text.len();
        let whole = Before::cheapest([
            (self.explained[length].bits, End::Explained),
            (self.signs[length].bits, End::Sign),
            (self.literals[length].bits, self.literals[length].end),
        ]);
        let mut description = Description { bits: whole.bits, literal: 0.0, explained: [0; Reason::ALL.len()] };
        let (mut at, mut end) = (length, whole.end);
        while at > 0 {
            match end {
                End::Explained => {
                    let part = self.explained[at];
                    let start = usize::from(part.start);
                    description.explained[part.reason as usize] += at - start;
                    (at, end) = (start, self.starts[start].end);
                }
                End::Sign => (at, end) = (at - 1, self.signs[at].end),
                End::Literal(alphabet) => {
                    let alphabet = usize::from(alphabet);
                    at -= 1;
                    description.literal += prices.of(self.text.bytes[at])[alphabet];
                    end = self.before_literal[at][alphabet];
                }
            }
        }
        description
    }
}

/// A position in a text, which is capped.
fn position(at: usize) -> u16 {
    u16::try_from(at).expect("texts are capped far below 2^16 characters")
}
