//! `[[waivers]]`: findings that are accepted for a while.

use super::section::section;
use super::values::{Date, DottedKey, RuleCode};

section! {
    /// A finding that is accepted, by whom it concerns, for a while.
    pub struct Waiver {
        /// The rule's code.
        rule: RuleCode = required,
        /// The key that it is about, with all below it. Where it is absent: every one.
        key: DottedKey = absent,
        /// Why it is accepted: for the people who read this later.
        reason: String = absent,
        /// The last day on which it counts.
        expires: Date = absent,
    }
}
