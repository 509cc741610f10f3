//! What a value says in another form: bytes that are written in hexadecimal digits, in base32 or in base64, and groups of
//! characters with a sign between them. `6161616161616161` are eight times the letter `a`.

use super::alphabet::bits;

/// What it costs to say that a text is another one in such a form, in bits.
const FORM: f32 = 4.0;

/// The bytes that a text stands for in each form that it may have, and what it costs to say so. No two texts stand for the
/// same bytes in one form and at one price.
pub(super) fn read(text: &[u8]) -> impl Iterator<Item = (f32, Vec<u8>)> {
    let grouped = ungroup(text);
    let grouped_hex = grouped.as_ref().and_then(|(cost, bytes)| Some((FORM + cost, hex(bytes)?)));
    let plain = [hex(text), base32(text), base64(text)].into_iter().flatten().map(|bytes| (FORM, bytes));
    // As Laravel writes its key.
    let named = text.strip_prefix(b"base64:").and_then(base64).map(|bytes| (FORM + 1.0, bytes));
    plain.chain(named).chain(grouped_hex).chain(grouped)
}

/// Bytes as they are read, as long as somebody may have typed them, or they follow from each other: those that chance made do
/// neither, and to describe them would be in vain.
struct Look {
    bytes: Vec<u8>,
    is_typed: bool,
    /// How many different steps lead from a byte to the next, and how many may.
    steps: usize,
    most: usize,
    seen: [bool; 256],
}

impl Look {
    /// At so many bytes.
    fn at(count: usize) -> Self {
        Self { bytes: Vec::with_capacity(count), is_typed: true, steps: 0, most: count / 2, seen: [false; 256] }
    }

    /// Takes the next byte; nothing where the bytes are not worth it.
    fn take(&mut self, byte: u8) -> Option<()> {
        if let Some(last) = self.bytes.last() {
            let seen = &mut self.seen[usize::from(byte.wrapping_sub(*last))];
            self.steps += usize::from(!std::mem::replace(seen, true));
        }
        self.is_typed &= byte.is_ascii_graphic() || byte == b' ';
        self.bytes.push(byte);
        (self.is_typed || self.steps <= self.most).then_some(())
    }
}

/// What stands for no digit.
const NONE: u8 = u8::MAX;

/// What each byte is worth as a hexadecimal digit, as one of base64 in either alphabet, and as one of base32.
static DIGITS: [[u8; 256]; 3] = {
    const OF_BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut digits = [[NONE; 256]; 3];
    let mut digit: u8 = 0;
    while digit < 64 {
        let written = OF_BASE64[digit as usize];
        digits[1][written as usize] = digit;
        if written.is_ascii_hexdigit() {
            digits[0][written as usize] = match written {
                b'0'..=b'9' => written - b'0',
                _ => written.to_ascii_lowercase() - b'a' + 10,
            };
        }
        match written {
            b'A'..=b'Z' => digits[2][written as usize] = digit,
            b'2'..=b'7' => digits[2][written as usize] = written - b'2' + 26,
            _ => {}
        }
        digit += 1;
    }
    [digits[1][b'-' as usize], digits[1][b'_' as usize]] = [62, 63];
    digits
};

/// Pairs of hexadecimal digits of one case.
fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| Some(DIGITS[0][usize::from(*byte)]).filter(|digit| *digit != NONE);
    let (pairs, rest) = text.as_chunks::<2>();
    let mut look = Look::at(pairs.len());
    for [high, low] in pairs {
        look.take(digit(high)? << 4 | digit(low)?)?;
    }
    let is_one_case = || !text.iter().any(u8::is_ascii_lowercase) || !text.iter().any(u8::is_ascii_uppercase);
    (rest.is_empty() && !text.is_empty() && is_one_case()).then_some(look.bytes)
}

/// Base64 in one of its two alphabets.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let has = |signs: [u8; 2]| text.iter().any(|byte| signs.contains(byte));
    padded(text, &DIGITS[1], 6, 4).filter(|_| !(has(*b"+/") && has(*b"-_")))
}

/// Base32 in capitals, as keys of one-time codes are written.
fn base32(text: &[u8]) -> Option<Vec<u8>> {
    padded(text, &DIGITS[2], 5, 8)
}

/// Digits of so many bits each, with a padding that makes whole groups of them, or without one.
fn padded(text: &[u8], worth: &[u8; 256], width: u32, group: usize) -> Option<Vec<u8>> {
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let digits = &text[..text.len() - padding];
    if padding > group - 2 || (padding > 0 && !text.len().is_multiple_of(group)) {
        return None;
    }
    let mut look = Look::at(digits.len() * width as usize / 8);
    let (mut pending, mut count) = (0_u32, 0);
    for byte in digits {
        let digit = worth[usize::from(*byte)];
        if digit == NONE {
            return None;
        }
        pending = pending << width | u32::from(digit);
        count += width;
        if count >= 8 {
            count -= 8;
            look.take(u8::try_from(pending >> count & 0xff).expect("eight bits are a byte"))?;
        }
    }
    // What is left over are zeros, and fewer than a digit holds.
    (count < width && pending & ((1 << count) - 1) == 0 && !look.bytes.is_empty()).then_some(look.bytes)
}

/// What stands in groups of one size, or in those of a UUID, without the sign between them.
fn ungroup(text: &[u8]) -> Option<(f32, Vec<u8>)> {
    const UUID: [usize; 5] = [8, 4, 4, 4, 12];
    let sign = *text.iter().find(|byte| matches!(byte, b'-' | b':' | b'.' | b' ' | b'_'))?;
    let groups: Vec<&[u8]> = text.split(|byte| *byte == sign).collect();
    let (last, others) = groups.split_last()?;
    let (first, _) = others.split_first()?;
    let is_uuid = groups.iter().map(|group| group.len()).eq(UUID);
    let is_even = others.iter().all(|group| group.len() == first.len()) && (1..=first.len()).contains(&last.len());
    // Which sign, and which size.
    (is_uuid || is_even).then(|| (2.3 + bits(text.len()), groups.concat()))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Whether bytes are worth a look, once all of them are there.
    fn is_worth_a_look(bytes: &[u8]) -> bool {
        let steps: std::collections::HashSet<u8> = bytes.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        steps.len() <= bytes.len() / 2 || bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
    }

    /// Bytes in digits of so many bits, without padding.
    fn in_digits(bytes: &[u8], worth: &[u8; 256], width: usize) -> String {
        let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
        let digits = bits
            .chunks(width)
            .map(|chunk| (0..width).fold(0, |number, at| number << 1 | usize::from(*chunk.get(at).unwrap_or(&0))));
        let digit = |digit: usize| (0..=u8::MAX).find(|byte| usize::from(worth[usize::from(*byte)]) == digit);
        digits.filter_map(digit).map(char::from).collect()
    }

    proptest! {
        /// What is given up before all of it is read would not have been worth a look.
        #[test]
        fn nothing_that_is_worth_a_look_is_given_up(
            bytes in prop_oneof![
                vec(any::<u8>(), 1..80),
                vec(b' '..=b'~', 1..80),
                vec(0_u8..4, 1..80),
                (any::<u8>(), 1_u8..5, 1_u8..80)
                    .prop_map(|(first, step, count)| (0..count).map(|at| first.wrapping_add(step.wrapping_mul(at))).collect()),
            ],
        ) {
            let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
            let text: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
            let expected = Some(bytes.clone()).filter(|bytes| is_worth_a_look(bytes));
            prop_assert_eq!(hex(text.as_bytes()), expected.clone());
            prop_assert_eq!(base32(in_digits(&bytes, &DIGITS[2], 5).as_bytes()), expected.clone());
            prop_assert_eq!(base64(in_digits(&bytes, &DIGITS[1], 6).as_bytes()), expected);
        }
    }

    #[test]
    fn digits_are_those_of_one_form() {
        assert_eq!(hex(b"6161"), Some(b"aa".to_vec()));
        for text in ["", "6", "616", "61g1", "aA6b", "6a6A"] {
            assert_eq!(hex(text.as_bytes()), None, "{text}");
        }
        assert_eq!(base64(b"YWE="), Some(b"aa".to_vec()));
        for text in ["", "YWE", "YWE==", "Y", "YWF=", "YW-+", "YW E", "YWE===="] {
            assert_eq!(base64(text.as_bytes()), if text == "YWE" { Some(b"aa".to_vec()) } else { None }, "{text}");
        }
        assert_eq!(base32(b"MFQQ===="), Some(b"aa".to_vec()));
        for text in ["", "MFQQ", "MFQQ==", "MFQR====", "mfqq====", "MFQ1====", "M=======", "MFQQMFQQ========"] {
            assert_eq!(base32(text.as_bytes()), if text == "MFQQ" { Some(b"aa".to_vec()) } else { None }, "{text}");
        }
    }
}
