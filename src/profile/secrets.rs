//! `[secrets.*]`: where the app's secrets are found, and how they rotate. No value stands here.

use super::bounds::Bounds;
use super::keyword::keywords;
use super::section::section;
use super::values::{Date, Duration, SecretRef};

keywords! {
    /// What a secret is for.
    pub enum SecretPurpose ("a secret's purpose") {
        /// Signs tokens or sessions.
        Signing = "signing",
        /// Encrypts what is stored.
        Encryption = "encryption",
        /// Lets the app in at another service.
        Api = "api",
        /// Lets the app in at its database.
        Database = "database",
        /// Lets an administrator in.
        Admin = "admin",
    }
}

const ROTATION: Bounds = Bounds::durations(
    Duration::days(1),
    "the day of a rotation is all that is known of it",
    Duration::days(5 * 365),
    "NIST SP 800-57 Part 1 has no symmetric key in use for longer than five years",
);

section! {
    /// A secret of the app, by reference.
    pub struct Secret {
        /// Where it is found.
        source: SecretRef = required,
        /// What it is for.
        purpose: SecretPurpose = default(SecretPurpose::Signing),
        /// The one before it, while a rotation is under way.
        previous: SecretRef = absent,
        /// When it was made.
        rotated_at: Date = absent,
        /// How often a new one is made: from 1d, because dates are days, to 5y, the longest that NIST SP 800-57 Part 1 has a
        /// symmetric key in use.
        rotate_every: Duration = absent within ROTATION,
    }
}

impl Secret {
    /// The day by which it is to be replaced, if the profile has a schedule and its beginning.
    pub fn due(&self) -> Option<Date> {
        Some(self.rotated_at?.after(self.rotate_every?))
    }

    /// Whether the key before it is still needed for tokens that it signed, if tokens live for at most `longest`. Where
    /// nobody says how long they live, nobody can say that it is not. A key without a date has replaced none, and one that
    /// is to be replaced itself was not replaced lately.
    pub fn needs_previous(&self, longest: Option<Duration>, today: Date) -> bool {
        let is_overdue = self.due().is_some_and(|due| due < today);
        let is_needed = |rotated: Date| longest.is_none_or(|longest| rotated.after(longest) >= today);
        !is_overdue && self.rotated_at.is_some_and(is_needed)
    }
}
