//! Years and dates, in the forms that people write them.

use super::alphabet::Text;

/// The form of a date: what it is made of, in order.
#[derive(Clone, Copy)]
enum Part {
    Year,
    ShortYear,
    Month,
    Day,
}

use Part::{Day, Month, ShortYear, Year};

const FORMS: [[Part; 3]; 6] = [
    [Year, Month, Day],
    [Day, Month, Year],
    [Month, Day, Year],
    [Day, Month, ShortYear],
    [ShortYear, Month, Day],
    [Month, Day, ShortYear],
];

/// Every year and date that a text has at a position: its length, and what it costs in bits.
pub(super) fn at(text: Text<'_>, start: usize, mut each: impl FnMut(usize, f32)) {
    const SEPARATORS: &[u8] = b"-./_ ";
    let rest = &text.bytes[start..];
    if !rest[0].is_ascii_digit() {
        return;
    }
    let digits = rest.iter().take(8).take_while(|byte| byte.is_ascii_digit()).count();
    if digits < 2 {
        return;
    }
    if let Some(bits) = number(rest, 4).and_then(year_bits) {
        each(4, 1.0 + bits);
    }
    let is_separated = matches!(digits, 2 | 4) && rest.get(digits).is_some_and(|byte| SEPARATORS.contains(byte));
    if digits < 6 && !is_separated {
        return;
    }
    for form in FORMS {
        if let Some((length, bits)) = date(rest, form, is_separated) {
            // One of six forms, and whether and by what its parts are separated.
            each(length, 1.0 + 2.6 + if is_separated { 3.0 } else { 1.0 } + bits);
        }
    }
}

/// The number that so many digits at the start are.
fn number(text: &[u8], digits: usize) -> Option<u32> {
    let digits = text.get(..digits)?;
    digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
}

/// What a year costs: the last decades are the likeliest.
fn year_bits(year: u32) -> Option<f32> {
    match year {
        2010..=2029 => Some(5.3),
        1900..=2049 => Some(8.0),
        _ => None,
    }
}

fn date(text: &[u8], form: [Part; 3], separated: bool) -> Option<(usize, f32)> {
    let (mut at, mut bits, mut separator) = (0, 0.0, None);
    for (index, part) in form.into_iter().enumerate() {
        if separated && index > 0 {
            let this = *text.get(at)?;
            if *separator.get_or_insert(this) != this {
                return None;
            }
            at += 1;
        }
        let length = if matches!(part, Year) { 4 } else { 2 };
        let number = number(text.get(at..)?, length)?;
        bits += match part {
            Year => year_bits(number)?,
            ShortYear => 6.7,
            Month => (1..=12).contains(&number).then_some(3.6)?,
            Day => (1..=31).contains(&number).then_some(5.0)?,
        };
        at += length;
    }
    Some((at, bits))
}
