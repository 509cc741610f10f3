//! `[lockout]`: locking after failed sign-ins.

use super::bounds::Bounds;
use super::keyword::keywords;
use super::section::section;
use super::values::Duration;

keywords! {
    /// What is locked after too many failures.
    pub enum LockoutKey ("what is locked") {
        /// The account.
        Account = "account",
        /// The client's address.
        Ip = "ip",
        /// The pair of both.
        Both = "both",
    }
}

const ATTEMPTS: Bounds =
    Bounds::numbers(0, "", 1_000, "that is no lock: NIST SP 800-63B lets an account take 100 failures in a row");

const LENGTH: Bounds = Bounds::durations(
    Duration::seconds(0),
    "",
    Duration::days(365),
    "an account that is locked for more than a year is lost to its owner",
);

section! {
    /// Locking after failed sign-ins.
    pub struct Lockout {
        /// Whether it is on.
        enabled: bool = default(false),
        /// Failures that lock: up to 1,000, ten times what NIST SP 800-63B lets an account take.
        attempts: u32 = default(5) within ATTEMPTS,
        /// Within how long: up to 1y.
        window: Duration = default(Duration::minutes(1)) within LENGTH,
        /// The first lock's length: up to 1y.
        duration: Duration = default(Duration::minutes(30)) within LENGTH,
        /// The longest lock, where locks grow: up to 1y.
        max_duration: Duration = absent within LENGTH,
        /// What is locked.
        key: LockoutKey = default(LockoutKey::Account),
        /// Whether sign-in goes on unprotected when the counter cannot be reached.
        fail_open: bool = default(false),
    }
}
