//! UUIDs that are made of a time (RFC 9562): `018f3a7c-…` says when it was made, and what is left is less than a key.

/// What a UUID of a time is worth, in bits; nothing where a text is none. Versions 1 and 6 hold a time and the machine's
/// address, and what is neither has 14 bits; whoever knows the day tries some 2^26 of times besides. Version 7 holds a time
/// and 74 bits that chance made.
pub(super) fn bits_of_time(text: &[u8]) -> Option<f32> {
    const OF_A_CLOCK: f32 = 40.0;
    const BY_CHANCE: f32 = 74.0;
    /// What the highest bits of a time between 2000 and 2045 are: of tenths of microseconds since 1582, in units of 326 days,
    /// and of milliseconds since 1970, in units of 50 days.
    const SINCE_1582: std::ops::RangeInclusive<u32> = 0x1d0..=0x20f;
    const SINCE_1970: std::ops::RangeInclusive<u32> = 0x016f..=0x0227;
    let is_in_form = text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    let number = |from: usize, to: usize| u32::from_str_radix(std::str::from_utf8(text.get(from..to)?).ok()?, 16).ok();
    if !is_in_form || !matches!(text[19].to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b') {
        return None;
    }
    let holds =
        |range: std::ops::RangeInclusive<u32>, high: Option<u32>| high.is_some_and(|high| range.contains(&high));
    match text[14] {
        b'1' => holds(SINCE_1582, number(15, 18)).then_some(OF_A_CLOCK),
        b'6' => holds(SINCE_1582, number(0, 3)).then_some(OF_A_CLOCK),
        b'7' => holds(SINCE_1970, number(0, 4)).then_some(BY_CHANCE),
        _ => None,
    }
}
