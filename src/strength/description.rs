//! The shortest description of a text, in bits: literal characters, and parts that a model explains.
//!
//! A description is read from left to right. At each place it says what comes next: one more literal character, at the
//! price of its alphabet, or a part that a model explains, at the price of naming it. `hunter2024` is a word and a year.
//! Every choice costs the logarithm of its odds, and the odds at each place sum to one at most; so there are no more than
//! 2 to the power of N texts of one length whose description is N bits long (Kraft's inequality). That is what the
//! promise in [`super`] rests on, and a test adds it up.

use super::alphabet::{BITS, COUNT, NONE, Prices, Text, symbol};
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

/// To name an alphabet: one of eight.
const ALPHABET: f32 = 3.0;
const _: () = assert!(COUNT == 8);
/// To name a model, in the order of [`Reason::ALL`].
const MODEL: [f32; Reason::ALL.len()] = [0.5, 4.0, 4.0, 5.0, 4.5, 4.5];

/// What a separating sign costs behind the last one; nothing where a character is none. People keep to one.
fn sign(byte: u8, last: Option<u8>) -> Option<f32> {
    let costs = match byte {
        _ if byte.is_ascii_alphanumeric() => return None,
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

/// When the beginning of a text is enough, and the rest is not looked at.
#[derive(Clone, Copy)]
pub(super) struct Enough {
    /// How many characters may be, at least.
    pub(super) first: usize,
    /// How many bits of them are for what nothing explains.
    pub(super) literal: f32,
}

/// Describes a text, or as much of its beginning as is enough: how much is told, too. `names` are words that the one who
/// made it may have thought of: the app's, the user's.
pub(super) fn describe(
    text: Text<'_>,
    names: &[&str],
    prices: &Prices,
    words: &Words,
    enough: Option<Enough>,
) -> (Description, usize) {
    /// How many characters are taken at a time until it is enough.
    const MORE: usize = 8;
    let mut search = Search::new(text, prices);
    let mut chains = Chains::of(text);
    let mut repeats = Repeats::new(text.len());
    let mut next_look = enough.map_or(usize::MAX, |enough| enough.first);
    let bits: &[f32] = &BITS;
    let name_starts =
        names.iter().filter_map(|name| symbols(name).next()).fold(0_u64, |starts, one| starts | 1 << (one % 64));
    for at in 0..text.len() {
        let start = search.start(at);
        let mut explain = |length: usize, bits: f32, reason| search.explain(at, at + length, start + bits, reason);
        let readings = text.readings(at);
        words.at(text, at, &readings, |length, bits| explain(length, bits, Reason::Words));
        if readings.iter().any(|reading| name_starts >> (reading.first[0] % 64) & 1 == 1) {
            let is_here = |name: &&&str| readings.iter().any(|reading| reading.begins(symbols(name)));
            for name in names.iter().filter(is_here) {
                // Read with signs for letters or without, which is worth little here.
                let cost = 4.0 + bits[names.len()] + case_bits(text, at, at + name.len());
                explain(name.len(), cost, Reason::Names);
            }
        }
        dates::at(text, at, |length, bits| explain(length, bits, Reason::Dates));
        if let Some(length) = repeats.at(text.bytes, at) {
            explain(length, bits[at] + bits[text.len() - at], Reason::Repeats);
        }
        search.spell(at, start, words);
        chains.take(at);
        for run in chains.runs.iter().copied() {
            // A word may reach into a run, so that the cheapest place to begin is not always the first.
            for start in (run.start..=at).take(3) {
                let run = Run { start, ..run };
                let cost = search.places[start].start.bits + bits[text.len() - start] + chains.bits(run, at + 1);
                search.explain(start, at + 1, cost, Reason::Chains);
            }
        }
        search.take(at);
        if at + 1 == next_look {
            let begun = search.best(next_look);
            if enough.is_some_and(|enough| begun.literal >= enough.literal) {
                return (begun, next_look);
            }
            next_look += MORE;
        }
    }
    (search.best(text.len()), text.len())
}

/// A name as symbols.
fn symbols(name: &str) -> impl ExactSizeIterator<Item = u8> {
    name.bytes().map(symbol)
}

/// What stands before a place costs so much at least, and ends so.
#[derive(Clone, Copy)]
struct Before {
    bits: f32,
    end: End,
}

impl Before {
    const NEVER: Self = Self { bits: f32::INFINITY, end: End::Explained };

    /// This one, or another that is cheaper.
    #[inline]
    fn or(self, bits: f32, end: End) -> Self {
        if bits < self.bits { Self { bits, end } } else { self }
    }
}

/// The cheapest descriptions of all that stands before a position, by what they end with.
#[derive(Clone, Copy)]
struct Place {
    explained: Explained,
    /// With a separating sign, and what stands before that.
    sign: Before,
    /// With a literal character, of whichever alphabet is the cheapest.
    literal: Before,
    /// In which alphabets another literal character stands before that one, one bit for each, and what does in the others.
    same_alphabet: u8,
    entered: End,
    /// The cheapest of all, where an explained part begins here.
    start: Before,
}

impl Place {
    const UNREACHED: Self = Self {
        explained: Explained { bits: f32::INFINITY, start: 0, reason: Reason::Words },
        sign: Before::NEVER,
        literal: Before::NEVER,
        same_alphabet: 0,
        entered: End::Explained,
        start: Before::NEVER,
    };
}

/// The search for the cheapest description.
struct Search<'t> {
    text: Text<'t>,
    prices: &'t Prices,
    /// The alphabets up to the largest that the text needs, one bit for each: what is larger costs more.
    needed: u8,
    /// As many as were reached.
    places: Vec<Place>,
    /// Those that end with a literal character before the position that is looked at, by its alphabet, and the alphabets
    /// that hold this character.
    literal: [f32; COUNT],
    held: u8,
    last_sign: Option<u8>,
    /// The description that ends within a made-up word, and where that began.
    spelled: (f32, usize),
}

impl<'t> Search<'t> {
    fn new(text: Text<'t>, prices: &'t Prices) -> Self {
        let mut places = Vec::with_capacity(text.len() + 1);
        let nothing = Explained { bits: 0.0, ..Place::UNREACHED.explained };
        places.push(Place { explained: nothing, ..Place::UNREACHED });
        let needed = u8::MAX >> (COUNT - 1 - prices.alphabet(text.bytes));
        Self {
            text,
            prices,
            needed,
            places,
            literal: [f32::INFINITY; COUNT],
            held: 0,
            last_sign: None,
            spelled: (f32::INFINITY, 0),
        }
    }

    /// The cheapest way to come to a part that is explained.
    fn start(&mut self, at: usize) -> f32 {
        let place = &mut self.places[at];
        place.start = Before::NEVER
            .or(place.explained.bits + next::EXPLAINED_AGAIN, End::Explained)
            .or(place.sign.bits + next::EXPLAINED_BEHIND_SIGN, End::Sign)
            .or(place.literal.bits + next::EXPLAINED, place.literal.end);
        place.start.bits
    }

    /// Offers a description whose last part, from `start` up to `end`, a model explains, once it is named.
    #[inline]
    fn explain(&mut self, start: usize, end: usize, bits: f32, reason: Reason) {
        let bits = bits + MODEL[reason as usize];
        let explained = &mut self.reach(end).explained;
        if bits < explained.bits {
            *explained = Explained { bits, start: position(start), reason };
        }
    }

    /// The place at a position, which may not have been reached before.
    #[inline]
    fn reach(&mut self, at: usize) -> &mut Place {
        if at >= self.places.len() {
            self.places.resize(at + 1, Place::UNREACHED);
        }
        &mut self.places[at]
    }

    /// Goes on with a made-up word by one letter, or begins one.
    fn spell(&mut self, at: usize, start: f32, words: &Words) {
        let letter = self.text.symbol(at);
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
            let before_last = if at > began + 1 { self.text.symbol(at - 2) } else { NONE };
            let going_on =
                bits + next::LETTER + case + words.spelling.bits(before_last, self.text.symbol(at - 1), letter);
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
    #[expect(clippy::cast_possible_truncation, reason = "there are eight alphabets")]
    fn take(&mut self, at: usize) {
        let Place { explained, sign: behind_sign, literal, .. } = self.places[at];
        let byte = self.text.bytes[at];
        let sign = sign(byte, self.last_sign);
        self.reach(at + 1);
        let place = &mut self.places[at + 1];
        if let Some(sign) = sign {
            self.last_sign = Some(byte);
            place.sign = Before::NEVER
                .or(explained.bits + next::SIGN_BEHIND_EXPLAINED + sign, End::Explained)
                .or(literal.bits + next::SIGN + sign, literal.end);
        }
        // At the start, either kind is as likely.
        let choice = if at == 0 { next::EXPLAINED_AGAIN } else { next::LITERAL };
        let entered = Before::NEVER
            .or(explained.bits + choice, End::Explained)
            .or(behind_sign.bits + next::LITERAL_BEHIND_SIGN, End::Sign)
            .or(literal.bits + next::OTHER_ALPHABET, literal.end);
        let entered_bits = entered.bits + ALPHABET;
        let mut cheapest = Before::NEVER;
        let (held, cost) = self.prices.of(byte);
        let mut left = held & self.needed;
        let (mut same_alphabet, before) = (0, std::mem::replace(&mut self.held, left));
        while left != 0 {
            let alphabet = left.trailing_zeros() as u8;
            let index = usize::from(alphabet);
            let same =
                if before >> alphabet & 1 == 1 { self.literal[index] + next::SAME_ALPHABET } else { f32::INFINITY };
            let is_same = same <= entered_bits;
            same_alphabet |= u8::from(is_same) << alphabet;
            let bits = if is_same { same } else { entered_bits } + cost[index];
            self.literal[index] = bits;
            cheapest = cheapest.or(bits, End::Literal(alphabet));
            left &= left - 1;
        }
        place.same_alphabet = same_alphabet;
        place.entered = entered.end;
        place.literal = cheapest;
    }

    /// The shortest description of all that stands before a position.
    fn best(&self, end: usize) -> Description {
        let mut at = end;
        let last = &self.places[at];
        let whole = Before::NEVER
            .or(last.explained.bits, End::Explained)
            .or(last.sign.bits, End::Sign)
            .or(last.literal.bits, last.literal.end);
        let mut description = Description { bits: whole.bits, literal: 0.0, explained: [0; Reason::ALL.len()] };
        let mut end = whole.end;
        while at > 0 {
            let place = &self.places[at];
            match end {
                End::Explained => {
                    let start = usize::from(place.explained.start);
                    description.explained[place.explained.reason as usize] += at - start;
                    (at, end) = (start, self.places[start].start.end);
                }
                End::Sign => (at, end) = (at - 1, place.sign.end),
                End::Literal(alphabet) => {
                    at -= 1;
                    description.literal += self.prices.of(self.text.bytes[at]).1[usize::from(alphabet)];
                    end = if place.same_alphabet >> alphabet & 1 == 1 { end } else { place.entered };
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
