//! The words that people make secrets of, and how the letters of words follow each other.

use std::sync::LazyLock;

use super::alphabet::{NONE, Reading, SYMBOLS, Text, bits, count, is_written_otherwise, symbol};

/// The words, by section. Its own first lines say how it is written.
const WORDS: &str = include_str!("words.txt");

/// The words in the binary: taken apart when a value is first judged.
pub(super) static KNOWN: LazyLock<Words> = LazyLock::new(|| Words::read(WORDS));

/// One word.
#[derive(Clone, Copy)]
struct Word {
    /// Where its symbols stand among all of them.
    start: u32,
    length: u8,
    /// Its fourth symbol, by which most words are told apart from a text; [`NONE`] where it has three.
    fourth: u8,
    /// How many of its letters may be written as a digit or a sign.
    written_otherwise: u8,
    /// What it costs to name it, in bits.
    bits: f32,
}

/// Words by the letters or digits that they begin with, and what is known of their spelling.
pub(super) struct Words {
    symbols: Vec<u8>,
    /// Those of three symbols or more, in the order of the first three.
    longer: Vec<Word>,
    /// Where in `longer` those begin that begin with three symbols.
    by_start: Vec<u16>,
    /// What a word of two symbols costs.
    pairs: Vec<f32>,
    pub(super) spelling: Spelling,
}

impl Words {
    /// Reads the sections of a list.
    pub(super) fn read(list: &str) -> Self {
        let mut words = Vec::with_capacity(list.len() / 6);
        let mut read = Self {
            symbols: Vec::with_capacity(list.len()),
            longer: Vec::new(),
            by_start: vec![0; SYMBOLS * SYMBOLS * SYMBOLS + 1],
            pairs: vec![f32::INFINITY; SYMBOLS * SYMBOLS],
            spelling: Spelling::new(),
        };
        for (weight, section) in sections(list) {
            let section = || section.iter().flat_map(|line| line.split_ascii_whitespace());
            let bits = weight + bits(section().count());
            for word in section() {
                let start = read.symbols.len();
                read.symbols.extend(word.bytes().map(symbol));
                let symbols = &read.symbols[start..];
                read.spelling.learn(symbols);
                match *symbols {
                    [one, two] => read.pairs[index(one, two)] = bits,
                    [one, two, three, ..] => {
                        let otherwise = symbols.iter().filter(|symbol| is_written_otherwise(**symbol)).count();
                        let first = index_of_three(one, two, three);
                        read.by_start[first + 1] += 1;
                        let fourth = symbols.get(3).copied().unwrap_or(NONE);
                        words.push((first, Word { fourth, ..Word::new(start, word.len(), otherwise, bits) }));
                    }
                    _ => {}
                }
            }
        }
        words.sort_by_key(|(first, _)| *first);
        read.longer = words.into_iter().map(|(_, word)| word).collect();
        let mut before = 0;
        for count in &mut read.by_start {
            before += *count;
            *count = before;
        }
        read.spelling.price();
        read
    }

    /// Every word that a text has at a position: its length, and what it costs.
    pub(super) fn at(
        &self,
        text: Text<'_>,
        start: usize,
        readings: &[Reading<'_>; 3],
        mut each: impl FnMut(usize, f32),
    ) {
        for (number, reading) in readings.iter().enumerate() {
            let [one, two, three, fourth] = reading.first;
            if one == NONE || two == NONE {
                continue;
            }
            if number == 0 {
                let bits = self.pairs[index(one, two)];
                if bits.is_finite() {
                    each(2, bits + case_bits(text, start, start + 2));
                }
            }
            if three == NONE {
                continue;
            }
            let first = index_of_three(one, two, three);
            let words = usize::from(self.by_start[first])..usize::from(self.by_start[first + 1]);
            // Few of the threes begin a word.
            if words.is_empty() {
                continue;
            }
            for word in self.longer[words].iter().filter(|word| word.fourth == fourth || word.length == 3) {
                let length = usize::from(word.length);
                let its = &self.symbols[word.start as usize..word.start as usize + length];
                if reading.begins(its.iter().copied()) {
                    let as_written = (0..length).filter(|at| readings[0].symbol(*at) == its[*at]).count();
                    let written = match (number, length - as_written) {
                        (0, _) => 0.1,
                        // Another reading has found it.
                        (_, 0) => continue,
                        (_, substitutions) => 4.0 + f32::from(word.written_otherwise) + count(substitutions),
                    };
                    each(length, word.bits + case_bits(text, start, start + length) + written);
                }
            }
        }
    }
}

impl Word {
    fn new(start: usize, length: usize, written_otherwise: usize, bits: f32) -> Self {
        let short = |length| u8::try_from(length).expect("words are short");
        Self {
            start: u32::try_from(start).expect("the list is short"),
            length: short(length),
            fourth: NONE,
            written_otherwise: short(written_otherwise),
            bits,
        }
    }
}

/// Two symbols as one number.
fn index(one: u8, two: u8) -> usize {
    usize::from(one) * SYMBOLS + usize::from(two)
}

/// Three symbols as one number.
fn index_of_three(one: u8, two: u8, three: u8) -> usize {
    index(one, two) * SYMBOLS + usize::from(three)
}

/// The sections of a list: what belonging to one costs in bits, and its lines.
fn sections(list: &str) -> Vec<(f32, Vec<&str>)> {
    let mut sections: Vec<(f32, Vec<&str>)> = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        if let Some(heading) = line.strip_prefix("= ") {
            let weight = heading.split(' ').next().and_then(|weight| weight.parse().ok());
            sections.push((weight.expect("a section begins with its weight"), Vec::new()));
        } else if let Some((_, lines)) = sections.last_mut() {
            lines.push(line);
        }
    }
    sections
}

/// What it costs to say which of a word's letters are capitals.
pub(super) fn case_bits(text: Text<'_>, start: usize, end: usize) -> f32 {
    match text.cases(start, end) {
        (0, 0) => 0.0,
        (0, _) => 0.5,
        (1, smalls) if smalls > 0 && text.bytes[start].is_ascii_uppercase() => 2.5,
        (_, 0) => 4.0,
        (capitals, smalls) => 4.0 + f32::from(capitals + smalls),
    }
}

/// What a letter of a word costs behind two others.
pub(super) struct Spelling {
    threes: Vec<u16>,
    /// The sum of `threes` over the last letter.
    twos: Vec<u16>,
    ones: [u16; EDGE + 1],
    prices: Vec<f32>,
}

/// What stands before a word's first letter.
const EDGE: usize = 26;

impl Spelling {
    fn new() -> Self {
        Self { threes: vec![0; 27 * 27 * 27], twos: vec![0; 27 * 27], ones: [0; 27], prices: Vec::new() }
    }

    fn learn(&mut self, word: &[u8]) {
        let (mut before, mut last) = (EDGE, EDGE);
        for letter in word.iter().map(|symbol| usize::from(*symbol)).filter(|letter| *letter < EDGE) {
            self.threes[(before * 27 + last) * 27 + letter] += 1;
            self.twos[before * 27 + last] += 1;
            self.ones[letter] += 1;
            self.ones[EDGE] += 1;
            (before, last) = (last, letter);
        }
    }

    /// Turns what was counted into prices.
    fn price(&mut self) {
        /// How many sightings the guess from the letter alone is worth.
        const PRIOR: f32 = 6.0;
        let alone: Vec<f32> =
            self.ones.iter().map(|count| (f32::from(*count) + 1.0) / (f32::from(self.ones[EDGE]) + 26.0)).collect();
        self.prices = self
            .threes
            .iter()
            .enumerate()
            .map(|(index, seen)| {
                let context = f32::from(self.twos[index / 27]);
                let odds = (f32::from(*seen) + PRIOR * alone[index % 27]) / (context + PRIOR);
                -odds.log2()
            })
            .collect();
    }

    /// What a letter costs behind two others, in bits; what is no letter counts as the edge of a word.
    pub(super) fn bits(&self, before: u8, last: u8, letter: u8) -> f32 {
        let index = |symbol: u8| usize::from(symbol).min(EDGE);
        self.prices[(index(before) * 27 + index(last)) * 27 + index(letter)]
    }
}
