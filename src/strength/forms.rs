//! What a value says in another form: bytes that are written in hexadecimal digits or in base64, and groups of characters
//! with a sign between them. `6161616161616161` are eight times the letter `a`.

use super::alphabet::bits;

/// What it costs to say that a text is another one in such a form, in bits.
const FORM: f32 = 4.0;

/// The bytes that a text stands for in each form that it may have, and what it costs to say so. No two texts stand for the
/// same bytes in one form and at one price.
pub(super) fn read(text: &[u8]) -> impl Iterator<Item = (f32, Vec<u8>)> {
    let grouped = ungroup(text);
    let grouped_hex = grouped.as_ref().and_then(|(cost, bytes)| Some((FORM + cost, hex(bytes)?)));
    let plain = [hex(text), base64(text)].into_iter().flatten().map(|bytes| (FORM, bytes));
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

/// Pairs of hexadecimal digits of one case.
fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_chunks::<2>();
    let mut look = Look::at(pairs.len());
    for [high, low] in pairs {
        look.take(digit(*high)? << 4 | digit(*low)?)?;
    }
    let is_one_case = || !text.iter().any(u8::is_ascii_lowercase) || !text.iter().any(u8::is_ascii_uppercase);
    (rest.is_empty() && !text.is_empty() && is_one_case()).then_some(look.bytes)
}

/// Base64 in one of its two alphabets, with its padding or without.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let digits = &text[..text.len() - padding];
    if padding > 2 || (padding > 0 && !text.len().is_multiple_of(4)) {
        return None;
    }
    let (mut is_standard, mut is_for_urls) = (false, false);
    let mut look = Look::at(digits.len() * 3 / 4);
    let (mut pending, mut count) = (0_u32, 0);
    for byte in digits {
        is_standard |= matches!(byte, b'+' | b'/');
        is_for_urls |= matches!(byte, b'-' | b'_');
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        pending = pending << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            look.take(u8::try_from(pending >> count & 0xff).expect("eight bits are a byte"))?;
        }
    }
    // What is left over are zeros, and fewer than a digit holds.
    let is_one = !(is_standard && is_for_urls);
    (is_one && count < 6 && pending & ((1 << count) - 1) == 0 && !look.bytes.is_empty()).then_some(look.bytes)
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
