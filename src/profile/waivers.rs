use super::section::section;
use super::values::{Date, RuleCode};

section! {
    /// A finding that is accepted, by whom it concerns, for a while.
    pub struct Waiver {
        /// The rule's code.
        rule: RuleCode = required,
        /// Why it is accepted: for the people who read this later.
        reason: String = absent,
        /// The last day on which it counts.
        expires: Date = absent,
    }
}
