//! `[hsts]`: Strict-Transport-Security. The word for the layer that enforces something stands here, too.

use super::keyword::keywords;
use super::section::section;
use super::values::{Date, Duration};

keywords! {
    /// Which layer has to do it.
    pub enum EnforcedBy ("a layer") {
        /// The first layer that can, as the plan finds it.
        Auto = "auto",
        /// The app.
        App = "app",
        /// The rendered proxy.
        Proxy = "proxy",
    }
}

section! {
    /// HTTP Strict Transport Security (RFC 6797).
    pub struct Hsts {
        /// Whether browsers are told to come by https only.
        enabled: bool = default(false),
        /// How long browsers remember.
        max_age: Duration = default(Duration::days(365)),
        /// Says that a shorter `max_age` is a step on the way to a year, while it is found out whether https works everywhere.
        ramp: bool = default(false),
        /// The last day on which that is so.
        ramp_until: Date = absent,
        /// Whether every host below this one is meant, too.
        include_subdomains: bool = default(false),
        /// Whether the domain asks for a place in the browsers' built-in list.
        preload: bool = default(false),
        /// Says that it is known how long a place in that list takes to undo: months.
        preload_acknowledged: bool = default(false),
        /// Which layer sends the header.
        enforced_by: EnforcedBy = default(EnforcedBy::Auto),
    }
}

impl Hsts {
    /// What is long enough.
    pub const YEAR: Duration = Duration::days(365);

    /// How long browsers remember on the way to a year, as the page of the preload list has it (minutes, a week, a month):
    /// each is stood for as long as it says, so that what breaks is seen before the next one makes it last longer.
    pub const RAMP: [Duration; 3] = [Duration::days(1), Duration::days(7), Duration::days(30)];

    /// What comes after so long.
    pub fn step_after(max_age: Duration) -> Duration {
        Self::RAMP.into_iter().find(|step| *step > max_age).unwrap_or(Self::YEAR)
    }

    /// The header's value, as written by RFC 6797 §6.1.
    pub fn header_value(&self) -> String {
        let mut value = format!("max-age={}", self.max_age.as_seconds());
        if self.include_subdomains {
            value.push_str("; includeSubDomains");
        }
        if self.preload {
            value.push_str("; preload");
        }
        value
    }
}
