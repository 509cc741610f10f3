//! The alphabets that literal characters are priced by, and a value's text as the models see it.

use std::borrow::Cow;
use std::sync::LazyLock;

/// How many alphabets there are.
pub(super) const COUNT: usize = 8;

/// Each alphabet, by what it holds: the smallest first.
const ALPHABETS: [fn(u8) -> bool; COUNT] = [
    |c| c.is_ascii_digit(),
    |c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c),
    |c| c.is_ascii_digit() || (b'A'..=b'F').contains(&c),
    |c| c.is_ascii_lowercase(),
    |c| c.is_ascii_uppercase(),
    |c| c.is_ascii_alphanumeric(),
    // Base64, in either form and with its padding.
    |c| c.is_ascii_alphanumeric() || b"+/-_=".contains(&c),
    |c| c.is_ascii_graphic() || c == b' ',
];

/// What literal characters cost, in bits.
pub(super) struct Prices {
    /// The alphabets that hold a byte, one bit for each. What is beyond printable ASCII is in all of them.
    holders: [u8; 256],
    /// What one character of an alphabet costs.
    each: [f32; COUNT],
    /// What each byte costs in each alphabet that holds it.
    bytes: [[f32; COUNT]; 256],
}

/// What a letter costs that ASCII does not have. Keys are not drawn from such letters, so that it is one of a text, which
/// are worth 1.3 bits each (Shannon, "Prediction and Entropy of Printed English", 1951).
pub(super) const LETTER_OF_A_TEXT: f32 = 1.3;
/// What a byte costs that may be any.
pub(super) const ANY_BYTE: f32 = 8.0;

impl Prices {
    /// `beyond` is what a byte costs that is beyond printable ASCII.
    pub(super) fn new(beyond: f32) -> Self {
        let mut prices = Self { holders: [0; 256], each: [0.0; COUNT], bytes: [[0.0; COUNT]; 256] };
        for (alphabet, holds) in ALPHABETS.into_iter().enumerate() {
            let within = (0..=u8::MAX).filter(|byte| holds(*byte));
            let each = bits(within.clone().count());
            prices.each[alphabet] = each;
            for byte in within.map(usize::from) {
                prices.holders[byte] |= 1 << alphabet;
                prices.bytes[byte][alphabet] = each;
            }
        }
        for (holders, costs) in prices.holders.iter_mut().zip(&mut prices.bytes).filter(|(holders, _)| **holders == 0) {
            (*holders, *costs) = (u8::MAX, [beyond; COUNT]);
        }
        prices
    }

    /// Which alphabets hold a character, one bit for each, and what it costs in those.
    pub(super) fn of(&self, byte: u8) -> (u8, &[f32; COUNT]) {
        (self.holders[usize::from(byte)], &self.bytes[usize::from(byte)])
    }

    /// The smallest alphabet that holds all of a text.
    pub(super) fn alphabet(&self, text: &[u8]) -> usize {
        let holders = text.iter().fold(u8::MAX, |holders, byte| holders & self.holders[usize::from(*byte)]);
        holders.trailing_zeros() as usize
    }

    /// How many characters of a text are worth so many bits, if chance drew them from that alphabet.
    pub(super) fn length(&self, text: &[u8], bits: f32) -> usize {
        let each = self.each[self.alphabet(text)];
        let mut length = 0;
        while length < text.len() && count(length) * each < bits {
            length += 1;
        }
        length
    }
}

/// What it costs to name one of so many, in bits.
pub(super) fn bits(of: usize) -> f32 {
    count(of.max(1)).log2()
}

/// The same for every number that a text can have of something.
pub(super) static BITS: LazyLock<Vec<f32>> = LazyLock::new(|| (0..=MOST).map(bits).collect());

/// More characters of a value are not looked at: so many are far above what is asked, or hopeless.
pub(super) const MOST: usize = 256;

/// A number of characters or words.
#[expect(clippy::cast_precision_loss, reason = "there are far fewer than 2^24 of either")]
pub(super) const fn count(of: usize) -> f32 {
    of as f32
}

/// What stands for no letter and no digit.
pub(super) const NONE: u8 = u8::MAX;
/// How many letters and digits there are.
pub(super) const SYMBOLS: usize = 36;

/// A letter as a number from 0, capital or not, and a digit as one from 26.
pub(super) const fn symbol(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a',
        b'A'..=b'Z' => byte - b'A',
        b'0'..=b'9' => byte - b'0' + 26,
        _ => NONE,
    }
}

/// Every byte as a symbol: as it is written, and with digits and signs read as the letters that people write with them, as
/// in `p@ssw0rd`. There are two such readings, because `1` is an `i` or an `l`.
static READINGS: [[u8; 256]; 3] = {
    const MEANT: [(&[u8], [u8; 2]); 10] = [
        (b"0", *b"oo"),
        (b"1!|", *b"il"),
        (b"2", *b"zz"),
        (b"3", *b"ee"),
        (b"4@", *b"aa"),
        (b"5$", *b"ss"),
        (b"6", *b"bg"),
        (b"7+", *b"tt"),
        (b"8", *b"bb"),
        (b"9", *b"gg"),
    ];
    let mut readings = [[NONE; 256]; 3];
    let mut byte: u8 = 0;
    while byte < 128 {
        readings[0][byte as usize] = symbol(byte);
        byte += 1;
    }
    [readings[1], readings[2]] = [readings[0], readings[0]];
    let mut meant = 0;
    while meant < MEANT.len() {
        let (written, letters) = MEANT[meant];
        let mut index = 0;
        while index < written.len() {
            readings[1][written[index] as usize] = symbol(letters[0]);
            readings[2][written[index] as usize] = symbol(letters[1]);
            index += 1;
        }
        meant += 1;
    }
    readings
};

/// Whether a letter, as a symbol, is among those that digits and signs stand for.
pub(super) const fn is_written_otherwise(symbol: u8) -> bool {
    matches!(symbol + b'a', b'o' | b'i' | b'l' | b'z' | b'e' | b'a' | b's' | b'b' | b'g' | b't')
}

/// What stands behind the end of a text: nothing that is read as a symbol.
const NO_CHARACTER: u8 = 0;

/// A value, as the models look at it.
#[derive(Clone, Copy)]
pub(super) struct Text<'t> {
    /// One byte for each character: itself in ASCII, an accented letter's letter, and something beyond ASCII for the rest.
    pub(super) bytes: &'t [u8],
}

impl<'t> Text<'t> {
    pub(super) fn len(self) -> usize {
        self.bytes.len()
    }

    /// What stands from a position on, in each reading: as it is written, and with digits and signs read as the letters that
    /// they stand for, in two ways because `1` is an `i` or an `l`.
    #[inline]
    pub(super) fn readings(self, from: usize) -> [Reading<'t>; 3] {
        let bytes = &self.bytes[from..];
        let [one, two, three, four] = match *bytes {
            [one, two, three, four, ..] => [one, two, three, four],
            [one, two, three] => [one, two, three, NO_CHARACTER],
            [one, two] => [one, two, NO_CHARACTER, NO_CHARACTER],
            [one] => [one, NO_CHARACTER, NO_CHARACTER, NO_CHARACTER],
            [] => [NO_CHARACTER; 4],
        };
        let reading = |symbols: &'static [u8; 256]| {
            let symbol = |byte: u8| symbols[usize::from(byte)];
            Reading { bytes, symbols, first: [symbol(one), symbol(two), symbol(three), symbol(four)] }
        };
        [reading(&READINGS[0]), reading(&READINGS[1]), reading(&READINGS[2])]
    }

    /// The character at a position as a symbol, as it is written.
    pub(super) fn symbol(self, at: usize) -> u8 {
        READINGS[0][usize::from(self.bytes[at])]
    }

    /// How many capitals and how many small letters stand from one position up to another.
    pub(super) fn cases(self, start: usize, end: usize) -> (u16, u16) {
        self.bytes[start..end].iter().fold((0, 0), |(capitals, smalls), byte| {
            (capitals + u16::from(byte.is_ascii_uppercase()), smalls + u16::from(byte.is_ascii_lowercase()))
        })
    }
}

/// A part of a text, its letters and digits read as symbols.
#[derive(Clone, Copy)]
pub(super) struct Reading<'t> {
    bytes: &'t [u8],
    symbols: &'static [u8; 256],
    /// The first of its symbols; [`NONE`] behind its end.
    pub(super) first: [u8; 4],
}

impl Reading<'_> {
    /// One of its symbols.
    pub(super) fn symbol(self, at: usize) -> u8 {
        self.symbols[usize::from(self.bytes[at])]
    }

    /// Whether it begins with a word, as symbols.
    pub(super) fn begins(self, mut word: impl ExactSizeIterator<Item = u8>) -> bool {
        let mut bytes = self.bytes.iter();
        word.len() <= bytes.len()
            && word.all(|symbol| bytes.next().is_some_and(|byte| self.symbols[usize::from(*byte)] == symbol))
    }
}

/// The bytes that a value is looked at as.
pub(super) fn bytes(value: &str) -> Cow<'_, [u8]> {
    // The characters of ASCII, which most values are, are bytes already.
    match value.as_bytes() {
        bytes if bytes.is_ascii() => Cow::Borrowed(&bytes[..bytes.len().min(MOST)]),
        _ => value.chars().take(MOST).map(byte).collect(),
    }
}

/// What chance puts into so many characters, in bits, if it chose from those that are there: never more than it did, as
/// long as it had 16 to choose from, and 36 where capitals and small letters stand there that are no hexadecimal digits. The
/// smallest alphabet of both that is in use leaves out vowels, so that no words come about, and what looks alike.
pub(super) fn bits_by_chance(text: &[u8]) -> f32 {
    let has = |letters: std::ops::RangeInclusive<u8>| text.iter().any(|byte| letters.contains(byte));
    let fewest = if has(b'g'..=b'z') && has(b'G'..=b'Z') { 36 } else { 16 };
    let mut seen = [false; 256];
    let mut distinct = 0;
    for byte in text {
        distinct += usize::from(!std::mem::replace(&mut seen[usize::from(*byte)], true));
    }
    bits(distinct.max(fewest)) * count(text.len())
}

fn byte(character: char) -> u8 {
    const ACCENTED: [(&str, u8); 17] = [
        ("äàáâãåā", b'a'),
        ("ÄÀÁÂÃÅ", b'A'),
        ("éèêëęě", b'e'),
        ("ÉÈÊË", b'E'),
        ("íìîïıİ", b'i'),
        ("öóòôõøő", b'o'),
        ("ÖÓÒÔÕØ", b'O'),
        ("üúùûůű", b'u'),
        ("ÜÚÙÛ", b'U'),
        ("çćč", b'c'),
        ("ñńň", b'n'),
        ("ßśšş", b's'),
        ("żźž", b'z'),
        ("ğ", b'g'),
        ("ł", b'l'),
        ("ř", b'r'),
        ("ýÿ", b'y'),
    ];
    match u8::try_from(character) {
        Ok(byte) if byte.is_ascii() => byte,
        _ => ACCENTED
            .into_iter()
            .find(|(letters, _)| letters.contains(character))
            .map_or(0x80 | u8::try_from(u32::from(character) % 0x80).expect("it is below 128"), |(_, letter)| letter),
    }
}
