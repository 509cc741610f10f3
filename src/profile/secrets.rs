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
