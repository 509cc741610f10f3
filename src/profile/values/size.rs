//! Sizes such as `10MiB`, and rates such as `5/min`.

use std::fmt;
use std::num::NonZeroU32;

use crate::profile::bounds::{Amount, Bounds};
use crate::profile::keyword::keywords;
use crate::profile::text::{Refusal, quoted};

/// A size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

impl ByteSize {
    /// The units and their sizes in bytes, the largest first.
    const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

    /// The smallest.
    pub const BYTE: Self = Self(1);

    /// So many mebibytes.
    pub const fn mebibytes(count: u64) -> Self {
        Self(count << 20)
    }

    /// So many bytes, if a size can be that: servers hold the size of a body in a signed 64-bit number.
    pub fn bytes(count: u64) -> Option<Self> {
        (1..=i64::MAX.unsigned_abs()).contains(&count).then_some(Self(count))
    }

    /// The whole of it in bytes.
    pub const fn as_bytes(self) -> u64 {
        self.0
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let unit = Self::UNITS.iter().find(|(name, _)| *name == unit);
        let bytes = number.parse().ok().zip(unit).and_then(|(number, (_, bytes)): (u64, _)| number.checked_mul(*bytes));
        bytes.and_then(Self::bytes).ok_or_else(|| {
            const FORM: &str =
                "a whole number above 0 and one unit: \"512KiB\", \"10MiB\" or \"1GiB\" (1 MiB = 1,048,576 bytes)";
            let help = Self::meant(text).map_or_else(|| format!("write {FORM}"), |meant| format!("write {meant}"));
            Refusal::new(format!("{} is not a size", quoted(text)), help)
        })
    }

    /// What was likely meant by a text with the unit of another program, with a space, or with none.
    fn meant(text: &str) -> Option<String> {
        let text = text.trim();
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
        let unit = match unit.trim().to_lowercase().as_str() {
            "" => return Self::for_number(number),
            "k" | "kb" | "kib" | "kbyte" | "kbytes" => "KiB",
            "m" | "mb" | "mib" | "mbyte" | "mbytes" | "meg" => "MiB",
            "g" | "gb" | "gib" | "gbyte" | "gbytes" => "GiB",
            "b" | "byte" | "bytes" => "B",
            _ => return None,
        };
        Some(format!("\"{number}{unit}\": sizes count by 1,024, in B, KiB, MiB or GiB"))
    }

    /// A number alone counts bytes in most programs.
    fn for_number(number: u64) -> Option<String> {
        let size = Some(Self(number)).filter(|_| number > 0)?;
        Some(format!("\"{size}\", if {number} bytes are meant: a size has a unit, B, KiB, MiB or GiB"))
    }
}

impl Bounds {
    /// Of sizes, in bytes.
    pub const fn sizes(least: ByteSize, below: &'static str, most: ByteSize, above: &'static str) -> Self {
        Self::numbers(least.as_bytes(), below, most.as_bytes(), above)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, bytes) = Self::UNITS
            .iter()
            .find(|(_, bytes)| self.0 >= *bytes && self.0.is_multiple_of(*bytes))
            .unwrap_or(&("B", 1));
        write!(out, "{}{unit}", self.0 / bytes)
    }
}

impl Amount for ByteSize {
    fn amount(&self) -> u64 {
        self.0
    }
}

super::text! {
    /// A size in bytes: a whole number and B, KiB, MiB or GiB.
    ByteSize, "a size", ["10MiB", "512KiB"], "^[0-9]+([KMG]i)?B$", shape: Size, units: &Self::UNITS, number: Self::for_number
}

keywords! {
    /// What a rate counts over.
    pub enum Period ("a period") {
        /// One second.
        Second = "s",
        /// Sixty seconds.
        Minute = "min",
        /// 3,600 seconds.
        Hour = "h",
        /// 86,400 seconds.
        Day = "day",
    }
}

impl Period {
    /// Its length.
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }
}

/// So many requests in a period, or in several: `5/min`, `20/15min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// In how many periods together, at least one.
    periods: u32,
    /// The longest period of which whole ones fill the time.
    period: Period,
}

impl Rate {
    /// The most requests in a period: no client makes more, and servers hold the number in 32 bits with thousandths.
    const MOST: u32 = 1_000_000;

    /// So many in one period.
    pub const fn new(count: u32, period: Period) -> Self {
        Self { count, periods: 1, period }
    }

    /// So many in several periods. The time is kept in the longest period that it fills: 60 seconds are a minute.
    fn over(count: u32, periods: u32, period: Period) -> Self {
        let seconds = u64::from(periods) * period.seconds();
        let fills = |period: &&Period| seconds.is_multiple_of(period.seconds());
        let period = *Period::ALL.iter().rev().find(fills).unwrap_or(&Period::Second);
        let periods = u32::try_from(seconds / period.seconds()).unwrap_or(u32::MAX);
        Self { count, periods, period }
    }

    /// In how many seconds.
    pub fn seconds(self) -> u64 {
        u64::from(self.periods) * self.period.seconds()
    }

    /// The period, where it is one alone.
    pub fn single_period(self) -> Option<Period> {
        (self.periods == 1).then_some(self.period)
    }

    /// In how long, as a sentence says it: "minute", "15 minutes".
    pub fn time_in_words(self) -> String {
        let word = match self.period {
            Period::Second => "second",
            Period::Minute => "minute",
            Period::Hour => "hour",
            Period::Day => "day",
        };
        if self.periods == 1 { word.to_owned() } else { format!("{} {word}s", self.periods) }
    }

    /// How many a day lets through at the most.
    pub fn in_a_day(self) -> u64 {
        let even = (u64::from(self.count) * Period::Day.seconds()).div_ceil(self.seconds());
        even.max(self.count.into())
    }

    /// Whether this rate never lets more through than the other, over the time of either.
    pub fn at_most(self, other: Self) -> bool {
        u64::from(self.count) * other.seconds() <= u64::from(other.count) * self.seconds() && self.count <= other.count
    }

    /// The same rate as whole requests per minute, else per second; none where neither is exact. A proxy that counts
    /// like that would have to round anything else.
    pub fn per_minute_or_second(self) -> Option<(NonZeroU32, Period)> {
        [Period::Minute, Period::Second].into_iter().find_map(|period| {
            let requests = u64::from(self.count) * period.seconds();
            let whole = requests % self.seconds() == 0;
            let count = u32::try_from(requests / self.seconds()).ok().and_then(NonZeroU32::new);
            count.filter(|_| whole).map(|count| (count, period))
        })
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        let parts = text.split_once('/').and_then(|(count, period)| {
            let count =
                count.parse().ok().filter(|count| *count > 0 && text.starts_with(|c: char| c.is_ascii_digit()))?;
            let (periods, period) = Self::time(period)?;
            let period = Period::ALL.iter().find(|known| known.as_str() == period)?;
            Some(Self::over(count, periods, *period))
        });
        if parts.is_some_and(|rate| rate.count > Self::MOST) {
            let help = format!("write a rate of 1 to {} requests, such as \"5/min\"", Self::MOST);
            return Err(Refusal::new(format!("{} is no limit: nobody asks so often", quoted(text)), help));
        }
        parts.ok_or_else(|| {
            const FORM: &str =
                "a whole number above 0, a slash and a period, or several: \"10/s\", \"5/min\", \"20/15min\", \"20/h\" or \"100/day\"";
            let help = Self::meant(text).map_or_else(|| format!("write {FORM}"), |meant| format!("write {meant}"));
            Refusal::new(format!("{} is not a rate", quoted(text)), help)
        })
    }

    /// How many periods a text says, and the word for them: 15 and `min` of `15min`, 1 and `min` of `min`.
    fn time(text: &str) -> Option<(u32, &str)> {
        /// No limit counts over more periods of one kind.
        const MOST_DIGITS: usize = 4;
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (periods, period) = text.split_at(digits);
        let is_number = !periods.starts_with('0') && digits <= MOST_DIGITS;
        if digits == 0 { Some((1, period)) } else { periods.parse().ok().filter(|_| is_number).zip(Some(period)) }
    }

    /// What was likely meant by a text with another word for the period, as nginx's `5r/m` or `5 per minute`.
    fn meant(text: &str) -> Option<String> {
        let text = text.trim().to_lowercase();
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (count, rest) = text.split_at(digits);
        let count: u32 = count.parse().ok().filter(|count| *count > 0)?;
        let rest = rest.trim().trim_start_matches("requests").trim_start_matches('r').trim();
        if rest.is_empty() {
            return Self::for_number(count.into());
        }
        let period =
            rest.strip_prefix('/').or_else(|| rest.strip_prefix("per ")).or_else(|| rest.strip_prefix("a "))?;
        let (periods, period) = Self::time(period.trim())?;
        let period = match period.trim() {
            "s" | "sec" | "second" | "seconds" => Period::Second,
            "m" | "min" | "minute" | "mins" | "minutes" => Period::Minute,
            "h" | "hr" | "hour" | "hours" => Period::Hour,
            "d" | "day" | "days" => Period::Day,
            _ => return None,
        };
        Some(format!("\"{}\"", Self::over(count, periods, period)))
    }

    /// A number alone does not say in how long.
    fn for_number(number: u64) -> Option<String> {
        let count = u32::try_from(number).ok().filter(|count| *count > 0)?;
        let rate = Self::new(count, Period::Minute);
        Some(format!("\"{rate}\", if a minute is meant: a rate has a period, s, min, h or day"))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/", self.count)?;
        if self.periods > 1 {
            write!(out, "{}", self.periods)?;
        }
        self.period.fmt(out)
    }
}

super::text! {
    /// A rate: a count, a slash and a period, s, min, h or day, or so many of one.
    Rate, "a rate", ["5/min", "20/h", "10/s", "20/15min"], "^0*([1-9][0-9]{0,5}|1000000)/([1-9][0-9]{0,3})?(s|min|h|day)$", number: Self::for_number
}
