//! Processor time, as Kubernetes counts it: `1`, `0.5`, `250m`.

use std::fmt;

use super::text;
use crate::profile::text::{Refusal, quoted};

/// Processor time, in thousandths of a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cores(u32);

impl Cores {
    /// The machines with the most processors have a few hundred.
    const MOST: u32 = 1_024_000;

    /// So many thousandths of a processor.
    pub const fn milli(thousandths: u32) -> Self {
        Self(thousandths)
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        Self::read(text).filter(|cores| (1..=Self::MOST).contains(&cores.0)).ok_or_else(|| {
            Refusal::new(
                format!("{} is no processor time", quoted(text)),
                "write processors or thousandths of one, up to 1,024 processors: \"2\", \"0.5\", \"250m\"",
            )
        })
    }

    fn read(text: &str) -> Option<Self> {
        let number = |digits: &str| {
            Some(digits).filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
        };
        if let Some(thousandths) = text.strip_suffix('m') {
            return number(thousandths).map(Self);
        }
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let thousandths: u32 = number(&format!("{part:0<3}")).filter(|_| part.len() <= 3 && !part.is_empty())?;
        let whole: u32 = number(whole)?;
        whole.checked_mul(1000)?.checked_add(thousandths).map(Self)
    }
}

impl fmt::Display for Cores {
    /// As the API server writes it, so that nothing looks changed: whole processors without thousandths.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) { write!(out, "{}", self.0 / 1000) } else { write!(out, "{}m", self.0) }
    }
}

text! {
    /// Processor time: processors, or thousandths of one.
    Cores, "processor time", ["2", "0.5", "250m"], "^([0-9]+m|[0-9]+(\\.[0-9]{1,3})?)$"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_written_as_the_api_server_does() {
        let written = |text: &str| Cores::check(text).map(|cores| cores.to_string()).ok();
        for (text, same) in [("1", "1"), ("0.5", "500m"), ("1.25", "1250m"), ("250m", "250m"), ("2000m", "2")] {
            assert_eq!(written(text).as_deref(), Some(same), "{text}");
        }
        for text in ["", "0", "0m", "-1", "+1", "1.", ".5", "1.2345", "1 ", "m", "1025", "99999999999", "1e3", "1k"] {
            assert_eq!(written(text), None, "{text}");
        }
    }
}
