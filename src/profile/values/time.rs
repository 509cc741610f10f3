//! Lengths of time such as `30d`, and calendar days.

use std::fmt;

use crate::profile::bounds::{Amount, Bounds};
use crate::profile::kind::Kind;
use crate::profile::read::{Read, Reader};
use crate::profile::text::{Refusal, quoted};
use crate::source::View;

/// A length of time, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

impl Duration {
    /// The units and their lengths in seconds, the largest first: a duration is shown in the largest that it fills.
    const UNITS: [(&str, u64); 5] = [("y", 365 * 86_400), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

    /// A duration of so many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// So many minutes.
    pub const fn minutes(minutes: u64) -> Self {
        Self(minutes * 60)
    }

    /// So many days of 24 hours.
    pub const fn days(days: u64) -> Self {
        Self(days * 86_400)
    }

    /// The whole of it in seconds.
    pub const fn as_seconds(self) -> u64 {
        self.0
    }

    /// As a sentence says it: "a year", "30 days".
    pub fn in_words(self) -> String {
        let (unit, seconds) = self.unit();
        let word = match unit {
            "y" => "year",
            "d" => "day",
            "h" => "hour",
            "m" => "minute",
            _ => "second",
        };
        match self.0 / seconds {
            1 => format!("{} {word}", if word == "hour" { "an" } else { "a" }),
            count => format!("{count} {word}s"),
        }
    }

    /// The largest unit that it fills.
    fn unit(self) -> (&'static str, u64) {
        *Self::UNITS
            .iter()
            .find(|(_, seconds)| self.0 >= *seconds && self.0.is_multiple_of(*seconds))
            .unwrap_or(&("s", 1))
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let unit = Self::UNITS.iter().find(|(name, _)| *name == unit);
        number
            .parse()
            .ok()
            .zip(unit)
            .and_then(|(number, (_, seconds)): (u64, _)| number.checked_mul(*seconds))
            .map(Self)
            .ok_or_else(|| {
                const FORM: &str =
                    "a whole number and one unit: \"30s\", \"5m\", \"12h\", \"30d\" or \"1y\" (365 days)";
                let help = Self::meant(text).map_or_else(|| format!("write {FORM}"), |meant| format!("write {meant}"));
                Refusal::new(format!("{} is not a duration", quoted(text)), help)
            })
    }

    /// What was likely meant by a text with another unit, with a space, or with none.
    fn meant(text: &str) -> Option<String> {
        let text = text.trim();
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().ok()?;
        let seconds = match unit.trim().to_lowercase().as_str() {
            "" => return Some(Self::for_number(number)),
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
            "d" | "day" | "days" => 86_400,
            "w" | "week" | "weeks" => 7 * 86_400,
            "mo" | "month" | "months" => 30 * 86_400,
            "y" | "yr" | "yrs" | "year" | "years" => 365 * 86_400,
            _ => return None,
        };
        number.checked_mul(seconds).map(|seconds| format!("\"{}\"", Self(seconds)))
    }

    /// A number says nothing without a unit; in headers and in most programs, it counts seconds.
    fn for_number(number: u64) -> String {
        format!("\"{}\", if {number} seconds are meant: a duration has a unit, s, m, h, d or y", Self(number))
    }
}

impl Bounds {
    /// Of durations, in seconds.
    pub const fn durations(least: Duration, below: &'static str, most: Duration, above: &'static str) -> Self {
        Self::numbers(least.as_seconds(), below, most.as_seconds(), above)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, seconds) = self.unit();
        write!(out, "{}{unit}", self.0 / seconds)
    }
}

impl Amount for Duration {
    fn amount(&self) -> u64 {
        self.0
    }
}

super::text! {
    /// A length of time: a whole number and one unit, s, m, h, d or y (365 days).
    Duration, "a duration", ["30s", "5m", "12h", "30d", "1y"], "^[0-9]+[smhdy]$", shape: Duration, units: &Self::UNITS, number: |number| Some(Self::for_number(number))
}

/// A calendar day, written as a bare TOML date or as a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// Today in UTC.
    pub fn today() -> Self {
        Self(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// A day that the code itself names.
    pub(crate) const fn new(year: i16, month: i8, day: i8) -> Self {
        Self(jiff::civil::date(year, month, day))
    }

    /// The same day a year later; the last that there is, at the end of time.
    #[must_use]
    pub fn a_year_later(self) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().years(1)))
    }

    /// So much later, in whole days.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let days = i64::try_from(duration.as_seconds() / 86_400).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(jiff::Span::new().days(days.min(3_000_000))))
    }

    /// How many days this one is after another; fewer than none where it is before it.
    pub fn days_after(self, other: Self) -> i32 {
        (self.0 - other.0).get_days()
    }

    fn refusal(text: &str) -> Refusal {
        Refusal::new(format!("{} is not a date", quoted(text)), "write year, month and day: 2027-01-31")
    }
}

impl std::str::FromStr for Date {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        // jiff would also take a time after the day, and drop it.
        if text.len() != 10 {
            return Err(Self::refusal(text));
        }
        text.parse().map(Self).map_err(|_| Self::refusal(text))
    }
}

impl Read for Date {
    const KIND: Kind = Kind::Date;

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        // TOML's own dates come typed, quoted ones as strings.
        let text = match view.value().as_datetime() {
            Some(datetime) => datetime.to_string(),
            None => view.value().as_str().map(str::to_owned).unwrap_or_default(),
        };
        text.parse().map_err(|refusal| reader.refuse(view.span(), refusal)).ok()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl serde::Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl schemars::JsonSchema for Date {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        // Twice, because Tombi takes a bare date alone for the one, and a text alone for the other. In which years February
        // has 29 days, no pattern tells.
        schemars::json_schema!({
            "anyOf": [
                { "type": "string", "format": "date" },
                {
                    "type": "string",
                    "pattern": "^[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))$",
                },
            ],
            "description": "A calendar day, bare or in quotes.",
            "examples": ["2027-01-31"],
        })
    }
}
