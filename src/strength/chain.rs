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
    /// A keyboard types all of its characters, or nobody typed them.
    is_typed: bool,
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
        let shifts = Vec::with_capacity(text.len() + 1);
        let mut chains = Self { text, is_typed, runs: Vec::new(), steps: [0; STRIDES], shifts };
        chains.shifts.push(0);
        chains
    }

    /// Reads the character at a position. To be asked for every position, in order.
    pub(super) fn take(&mut self, at: usize) {
        let differs = at > 0 && self.is_shifted(at) != self.is_shifted(at - 1);
        self.shifts.push(self.shifts[at] + u16::from(differs));
        self.runs.clear();
        for stride in 1..=STRIDES.min(at) {
            let these = self.steps_to(at, stride);
            // A run is where a step leads to a character, and led to the one before it.
            let mut going_on = these & std::mem::replace(&mut self.steps[stride - 1], these);
            while going_on != 0 {
                let step = going_on.trailing_zeros() as usize;
                let before = (stride..at).rev();
                let long = before.take_while(|before| self.steps_to(*before, stride) >> step & 1 == 1).count();
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

    /// The steps that lead to a character from the one that stands so far before it.
    fn steps_to(&self, at: usize, stride: usize) -> Steps {
        let (from, to) = (self.text.bytes[at - stride], self.text.bytes[at]);
        if !self.is_typed {
            return counted(from, to);
        }
        let key = |byte: u8| usize::from(KEYS[usize::from(byte)]);
        TABLE[key(from) << 7 | key(to)]
    }

    /// Whether a character is typed with Shift.
    fn is_shifted(&self, at: usize) -> bool {
        let byte = self.text.bytes[at];
        self.is_typed && KEYS[usize::from(byte)] != byte
    }
}

/// The steps from a byte that nobody typed to another: such bytes count up and down.
fn counted(from: u8, to: u8) -> Steps {
    let (up, down) = (to == from.wrapping_add(1), from == to.wrapping_add(1));
    Steps::from(to == from) | Steps::from(up) << 1 | Steps::from(down) << 2
}
