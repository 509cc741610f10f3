//! What readers take a text without quotes for.
//!
//! Kubernetes reads YAML 1.1 in the way of `sigs.k8s.io/yaml` (a fork of go-yaml 2): `yes`, `on` and `y` are true, `0777`
//! is 511, `1_000` is 1000, and a date is a text. A `ConfigMap` takes texts alone, so that `DEBUG: yes` there is refused.

use serde_json::{Number, Value as Json};

use super::Scalar;

/// What a scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool,
    /// A number.
    Number,
    /// A text.
    Text,
}

const TRUE: [&str; 11] = ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
const FALSE: [&str; 11] = ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];
const NOTHING: [&str; 5] = ["", "~", "null", "Null", "NULL"];
/// Numbers that JSON has no word for.
const ENDLESS: [&str; 12] =
    [".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"];

impl Scalar {
    /// What Kubernetes takes it for, with the tag before it.
    pub(super) fn kind(&self, tag: Option<&str>) -> Kind {
        match self.to_json(tag) {
            Json::Null if ENDLESS.contains(&self.text.as_str()) => Kind::Number,
            Json::Null => Kind::Null,
            Json::Bool(_) => Kind::Bool,
            Json::Number(_) => Kind::Number,
            Json::String(_) | Json::Array(_) | Json::Object(_) => Kind::Text,
        }
    }

    pub(super) fn to_json(&self, tag: Option<&str>) -> Json {
        let text = self.text.as_str();
        // A tag of YAML's own says what it is; any other one says what the reader's program makes of it.
        if !self.is_plain || matches!(tag, Some("!" | "!!str")) {
            return text.into();
        }
        if NOTHING.contains(&text) || ENDLESS.contains(&text) {
            Json::Null
        } else if TRUE.contains(&text) {
            true.into()
        } else if FALSE.contains(&text) {
            false.into()
        } else {
            number(text).map_or_else(|| text.into(), Json::Number)
        }
    }
}

/// The number that Go reads: whole ones with a sign, `_` between digits, and the prefixes `0x`, `0o`, `0b` and `0`.
fn number(text: &str) -> Option<Number> {
    // Most texts are words.
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return None;
    }
    let plain = text.replace('_', "");
    let (is_negative, digits) = match plain.as_bytes().first()? {
        b'-' => (true, &plain[1..]),
        b'+' => (false, &plain[1..]),
        _ => (false, &plain[..]),
    };
    let radix = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => Some((16, 2)),
        [b'0', b'o' | b'O', ..] => Some((8, 2)),
        [b'0', b'b' | b'B', ..] => Some((2, 2)),
        [b'0', b'0'..=b'9', ..] => Some((8, 1)),
        _ => Some((10, 0)),
    };
    let whole = radix.and_then(|(radix, prefix)| {
        let digits = digits.get(prefix..).filter(|digits| digits.starts_with(|c: char| c.is_ascii_hexdigit()))?;
        u64::from_str_radix(digits, radix).ok()
    });
    if let Some(whole) = whole {
        return if is_negative { 0_i64.checked_sub_unsigned(whole).map(Number::from) } else { Some(whole.into()) };
    }
    is_decimal(digits).then(|| plain.parse().ok().and_then(Number::from_f64)).flatten()
}

/// Whether it is a number with a point or an exponent: `1.5`, `.5`, `1.`, `1e3`.
fn is_decimal(digits: &str) -> bool {
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], Some(&digits[at + 1..])),
        None => (digits, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    !(whole.is_empty() && fraction.is_empty())
        && are_digits(whole)
        && are_digits(fraction)
        && exponent.is_none_or(|digits| !digits.is_empty() && are_digits(digits))
}
