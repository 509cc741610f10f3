//! Bounds of values that have an order: numbers, durations and sizes. A section states them behind a key, `within BOUNDS`,
//! with what is wrong beyond each; reader, schema and vocabulary take them from there.
//!
//! A bound refuses what nobody can mean, such as a key that is rotated every hundred years. What is possible and unwise is
//! a rule's business.

/// The units in which an amount is written, each with its size, the largest first.
pub type Units = &'static [(&'static str, u64)];

/// What has an amount that bounds can be set to, in the unit in which its type counts.
pub trait Amount {
    /// The amount.
    fn amount(&self) -> u64;
}

/// The least and the most that may stand at a key, both included, in the unit in which its type counts.
#[derive(Debug)]
pub struct Bounds {
    /// The least.
    pub least: u64,
    /// The most.
    pub most: u64,
    /// What is wrong with less, as the end of a sentence.
    pub below: &'static str,
    /// What is wrong with more.
    pub above: &'static str,
}

impl Bounds {
    /// Of numbers.
    pub const fn numbers(least: u64, below: &'static str, most: u64, above: &'static str) -> Self {
        Self { least, most, below, above }
    }

    /// What is wrong with an amount; nothing where it is within.
    pub(super) const fn problem(&self, amount: u64) -> Option<&'static str> {
        if amount < self.least {
            Some(self.below)
        } else if amount > self.most {
            Some(self.above)
        } else {
            None
        }
    }

    /// The least and the most as they are written, in one of some units. Without units they are numbers.
    pub fn written(&self, units: Units) -> [String; 2] {
        [self.least, self.most].map(|amount| {
            let fills = |(_, size): &&(&str, u64)| amount >= *size && amount.is_multiple_of(*size);
            match units.iter().find(fills).or(units.last()) {
                Some((unit, size)) => format!("{}{unit}", amount / size),
                None => amount.to_string(),
            }
        })
    }

    /// The pattern of the texts that are within, where amounts are written as texts.
    pub(super) fn pattern(&self, units: Units) -> Option<String> {
        let of_unit = |(unit, size): &(&str, u64)| {
            let numbers = numbers(self.least.div_ceil(*size), self.most / size);
            (!numbers.is_empty()).then(|| format!("({}){unit}", numbers.join("|")))
        };
        let patterns: Vec<String> = units.iter().filter_map(of_unit).collect();
        (!units.is_empty()).then(|| format!("^0*({})$", patterns.join("|")))
    }
}

/// Patterns of the numbers from one to another, both included: from 1 to 25 these are `[1-9]`, `1[0-9]` and `2[0-5]`.
fn numbers(least: u64, most: u64) -> Vec<String> {
    let mut patterns = Vec::new();
    let mut first = least;
    while first <= most {
        // As many of the last digits as can be anything.
        let (mut free, mut step) = (0, 1);
        while first.is_multiple_of(step * 10) && first + (step * 10 - 1) <= most {
            (free, step) = (free + 1, step * 10);
        }
        if first == 0 && free > 0 {
            patterns.push(format!("[0-9]{{1,{free}}}"));
            first = step;
            continue;
        }
        let digit = first / step % 10;
        let steps = (10 - digit).min((most - first + 1) / step);
        let before = match first / step / 10 {
            0 => String::new(),
            before => before.to_string(),
        };
        let any = if free == 0 { String::new() } else { format!("[0-9]{{{free}}}") };
        let digits = if steps == 1 { digit.to_string() } else { format!("[{digit}-{}]", digit + steps - 1) };
        patterns.push(format!("{before}{digits}{any}"));
        first += steps * step;
    }
    patterns
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn matches(pattern: &str) -> Validator {
        jsonschema::validator_for(&json!({ "pattern": pattern })).expect("a pattern makes a schema")
    }

    proptest! {
        #[test]
        fn a_pattern_takes_the_numbers_within(
            least in 0_u64..3_000, width in 0_u64..100_000, number in 0_u64..110_000, zeros in 0_usize..2
        ) {
            let most = least + width;
            let validator = matches(&format!("^0*({})$", numbers(least, most).join("|")));
            for number in [number, least, most, most + 1, least.saturating_sub(1)] {
                let text = format!("{}{number}", "0".repeat(zeros));
                prop_assert_eq!(validator.is_valid(&json!(text)), (least..=most).contains(&number), "{}", text);
            }
        }
    }

    #[test]
    fn numbers_are_told_in_few_patterns() {
        assert_eq!(numbers(1, 25), ["[1-9]", "1[0-9]{1}", "2[0-5]"]);
        assert_eq!(numbers(0, 999), ["[0-9]{1,3}"]);
        assert_eq!(numbers(5, 5), ["5"]);
        assert!(numbers(2, 1).is_empty());
    }
}
