//! Characters that follow from one a little before by one step, again and again: the same again, the next in a row, the
//! key to the right. `abcd` is one step with a stride of one, `1a2b3c` one with a stride of two, `1qaz2wsx` walks down a
//! keyboard and then to the right with a stride of four.

use std::sync::LazyLock;

use super::alphabet::Text;

/// The longest stride that is looked for.
const STRIDES: usize = 5;

/// A set of steps, one bit for each.
type Steps = u32;

/// What it costs to name a step, in bits, in the order of the bits.
const BITS: [f32; 25] = {
    let mut bits = [5.9; 25];
    [bits[0], bits[1], bits[2]] = [1.5, 2.5, 3.5];
    bits
};

/// What it costs to name a stride, from 1 on.
const STRIDE_BITS: [f32; STRIDES] = [1.0, 2.0, 3.2, 3.2, 4.0];

/// The rows of keyboards, from the top, in small letters.
const QWERTY: [&str; 4] = ["1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"];
const AZERTY: [&str; 4] = ["1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn,;:!"];
const QWERTZ: [&str; 4] = ["1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm,.-"];
const DVORAK: [&str; 4] = ["1234567890[]", "',.pyfgcrl/=", "aoeuidhtns-", ";qjkxbmwvz"];
const COLEMAK: [&str; 4] = ["1234567890-=", "qwfpgjluy;[]", "arstdhneio'", "zxcvbkm,./"];

/// Which steps lead from one character's key to another's.
static TABLE: LazyLock<Vec<Steps>> = LazyLock::new(|| {
    let mut table = vec![0; 128 * 128];
    let mut add = |step: usize, from: u8, to: u8| table[usize::from(from) * 128 + usize::from(to)] |= 1 << step;
    for key in (0..128).filter(|byte| key(*byte) == *byte) {
        add(0, key, key);
    }
    let mut both = |step: usize, from: u8, to: u8| {
        add(step, from, to);
        add(step + 1, to, from);
    };
    for (step, rows, distance) in [
        (1, &["0123456789", "abcdefghijklmnopqrstuvwxyz"][..], 1),
        (3, &["0123456789abcdef"], 1),
        (5, &["0123456789", "abcdefghijklmnopqrstuvwxyz"], 2),
        (7, &["0123456789"], 3),
        (9, &QWERTY, 1),
        (13, &AZERTY, 1),
        (17, &QWERTZ, 1),
        (21, &DVORAK, 1),
        (23, &COLEMAK, 1),
    ] {
        for row in rows.iter().map(|row| row.as_bytes()) {
            // Rows of a keyboard end, those of numbers and letters begin again.
            let last = if step < 9 { row.len() } else { row.len() - distance };
            (0..last).for_each(|index| both(step, row[index], row[(index + distance) % row.len()]));
        }
    }
    for (step, rows, shift) in [(11, &QWERTY, 0), (15, &AZERTY, 0), (19, &QWERTY, 1)] {
        for pair in rows.windows(2) {
            let (upper, lower) = (pair[0].as_bytes(), pair[1].as_bytes());
            (shift..upper.len().min(lower.len() + shift))
                .for_each(|index| both(step, upper[index], lower[index - shift]));
        }
    }
    table
});

/// The key that a character is typed with, as what it types by itself on an American keyboard.
const fn key(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => byte.to_ascii_lowercase(),
        b'!' => b'1',
        b'@' => b'2',
        b'#' => b'3',
        b'$' => b'4',
        b'%' => b'5',
        b'^' => b'6',
        b'&' => b'7',
        b'*' => b'8',
        b'(' => b'9',
        b')' => b'0',
        b'_' => b'-',
        b'+' => b'=',
        b'{' => b'[',
        b'}' => b']',
        b':' => b';',
        b'"' => b'\'',
        b'<' => b',',
        b'>' => b'.',
        b'?' => b'/',
        _ => byte,
    }
}

/// The same for every character of ASCII.
static KEYS: [u8; 128] = {
    let mut keys = [0; 128];
    let mut byte: u8 = 0;
    while byte < 128 {
        keys[byte as usize] = key(byte);
        byte += 1;
    }
    keys
};

/// A run of characters that follow: from where, by which step, at which stride.
#[derive(Clone, Copy)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) step: usize,
    pub(super) stride: usize,
}

/// Where characters of a text follow from others, as far as it was read.
pub(super) struct Chains<'t> {
    text: Text<'t>,
    /// What leads from one key to another. A keyboard types all of a text's characters, or nobody typed them.
    table: Option<&'static [Steps]>,
    /// The keys that the characters are typed with, or the characters themselves.
    keys: Vec<u8>,
    /// The runs of two or more that the last character goes on with.
    pub(super) runs: Vec<Run>,
    /// The steps that lead to it, at each stride.
    steps: [Steps; STRIDES],
    /// How many characters up to each were typed with Shift where the one before was not, or the other way round.
    shifts: Vec<u16>,
}

impl<'t> Chains<'t> {
    pub(super) fn of(text: Text<'t>) -> Self {
        let is_typed = text.bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
        let table: Option<&'static [Steps]> = if is_typed { Some(&TABLE) } else { None };
        let (keys, mut shifts) = (Vec::with_capacity(text.len()), Vec::with_capacity(text.len() + 1));
        shifts.push(0);
        Self { text, table, keys, runs: Vec::new(), steps: [0; STRIDES], shifts }
    }

    /// Reads the character at a position. To be asked for every position, in order.
    pub(super) fn take(&mut self, at: usize) {
        let byte = self.text.bytes[at];
        let key = if self.table.is_some() { KEYS[usize::from(byte)] } else { byte };
        let was_shifted = self.keys.last().map(|last| *last != self.text.bytes[at - 1]);
        let differs = was_shifted.is_some_and(|was_shifted| was_shifted != (key != byte));
        self.shifts.push(self.shifts[at] + u16::from(differs));
        self.keys.push(key);
        self.runs.clear();
        let leads = |from: u8, to: u8| match self.table {
            Some(table) => table[usize::from(from) << 7 | usize::from(to)],
            None => counted(from, to),
        };
        let earlier = &self.keys[..at];
        for (index, last) in self.steps.iter_mut().take(at).enumerate() {
            let stride = index + 1;
            let these = leads(earlier[at - stride], key);
            // A run is where a step leads to a character, and led to the one before it.
            let mut going_on = these & std::mem::replace(last, these);
            while going_on != 0 {
                let step = going_on.trailing_zeros() as usize;
                let pairs = earlier.iter().rev().zip(earlier.iter().rev().skip(stride));
                let long = pairs.take_while(|(to, from)| leads(**from, **to) >> step & 1 == 1).count();
                self.runs.push(Run { start: at - long, step, stride });
                going_on &= going_on - 1;
            }
        }
    }

    /// What it costs to say by which step a run goes on, up to an end, but for its length.
    pub(super) fn bits(&self, run: Run, end: usize) -> f32 {
        let shifts = self.shifts[end] - self.shifts[run.start];
        let others = u16::try_from(end - run.start).expect("texts are short") - shifts;
        BITS[run.step] + STRIDE_BITS[run.stride - 1] + 0.3 * f32::from(others) + 2.4 * f32::from(shifts)
    }
}

/// The steps from a byte that nobody typed to another: such bytes count up and down.
fn counted(from: u8, to: u8) -> Steps {
    let (up, down) = (to == from.wrapping_add(1), from == to.wrapping_add(1));
    Steps::from(to == from) | Steps::from(up) << 1 | Steps::from(down) << 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Every run is found where it ends so far: two steps of a kind, one stride apart, and all that go before.
        #[test]
        fn every_run_is_found(text in prop_oneof!["[a-d1-3!A-C]{0,40}", "[ -~]{0,40}", "[\u{80}-\u{83}a-c]{0,40}"]) {
            let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("it is below 256")).collect();
            let is_typed = bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
            let leads = |from: u8, to: u8| {
                if is_typed { TABLE[usize::from(key(from)) << 7 | usize::from(key(to))] } else { counted(from, to) }
            };
            let mut chains = Chains::of(Text { bytes: &bytes });
            for at in 0..bytes.len() {
                chains.take(at);
                let mut expected = Vec::new();
                for stride in 1..=STRIDES {
                    for step in 0..BITS.len() {
                        let is_led = |at: usize| at >= stride && leads(bytes[at - stride], bytes[at]) >> step & 1 == 1;
                        let start = (0..=at).rev().find(|at| !is_led(*at)).map_or(0, |last| last + 1);
                        if start < at {
                            expected.push((start, step, stride));
                        }
                    }
                }
                let runs: Vec<_> = chains.runs.iter().map(|run| (run.start, run.step, run.stride)).collect();
                prop_assert_eq!(runs, expected, "{} at {}", text, at);
            }
        }
    }
}
