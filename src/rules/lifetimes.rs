//! Lengths of time in variables, as most apps write how long a token lives: `ACCESS_TOKEN_EXPIRE_MINUTES=15`, `JWT_EXPIRES_IN=7d`.

use crate::profile::Duration;

/// The longest that an access token is to live: what NIST SP 800-63B-4 lets a sign-in rest for at AAL2. A token that cannot be taken
/// back should not live longer.
pub(super) const LONGEST: Duration = Duration::minutes(60);

const HOUR: u64 = 3600;

/// What the number in a length of time counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    /// What stands behind it, as in `7d`.
    Written,
}

impl Unit {
    /// The length of time that a text says, in seconds. Without a unit it may be seconds or thousandths of them: then nothing.
    pub(super) fn read(self, text: &str) -> Option<u64> {
        let number = |text: &str| text.trim().parse::<u64>().ok();
        match self {
            Self::Seconds => number(text),
            Self::Minutes => number(text)?.checked_mul(60),
            Self::Hours => number(text)?.checked_mul(HOUR),
            Self::Days => number(text)?.checked_mul(24 * HOUR),
            Self::Written => {
                let text = text.trim();
                let end = text.find(|c: char| !c.is_ascii_digit())?;
                let seconds = match text[end..].trim().to_ascii_lowercase().trim_end_matches('s') {
                    "" | "sec" | "second" => 1,
                    "m" if text.ends_with(['s', 'S']) => return Some(number(&text[..end])? / 1000),
                    "m" | "min" | "minute" => 60,
                    "h" | "hr" | "hour" => HOUR,
                    "d" | "day" => 24 * HOUR,
                    "w" | "week" => 7 * 24 * HOUR,
                    "y" | "yr" | "year" => 365 * 24 * HOUR,
                    _ => return None,
                };
                number(&text[..end])?.checked_mul(seconds)
            }
        }
    }

    /// Whether a text says more than an access token is to live, whatever it counts where it does not say that.
    pub(super) fn is_long(self, text: &str) -> bool {
        let longest = LONGEST.as_seconds();
        let is_bare = |number: u64| matches!(self, Self::Written) && number > 1000 * longest;
        self.read(text).map_or_else(|| text.trim().parse().is_ok_and(is_bare), |seconds| seconds > longest)
    }
}

#[cfg(test)]
mod tests {
    use super::Unit;

    #[test]
    fn a_length_is_read_with_its_unit() {
        for (text, seconds) in [
            ("7d", Some(604_800)),
            ("15m", Some(900)),
            ("15 minutes", Some(900)),
            ("1h", Some(3600)),
            ("2 Hours", Some(7200)),
            ("30s", Some(30)),
            ("900000ms", Some(900)),
            ("3600", None),
            ("soon", None),
            ("", None),
            ("1 fortnight", None),
        ] {
            assert_eq!(Unit::Written.read(text), seconds, "{text}");
        }
        assert_eq!((Unit::Minutes.read("60"), Unit::Days.read("x")), (Some(3600), None));
    }

    #[test]
    fn what_has_no_unit_is_long_where_it_is_so_in_any() {
        for (text, is_long) in [("3600", false), ("900000", false), ("86400000", true), ("61m", true), ("60m", false)] {
            assert_eq!(Unit::Written.is_long(text), is_long, "{text}");
        }
    }
}
