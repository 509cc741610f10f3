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

section! {
    /// Locking after failed sign-ins.
    pub struct Lockout {
        /// Whether it is on.
        enabled: bool = default(false),
        /// Failures that lock.
        attempts: u32 = default(5),
        /// Within how long.
        window: Duration = default(Duration::minutes(1)),
        /// The first lock's length.
        duration: Duration = default(Duration::minutes(30)),
        /// The longest lock, where locks grow.
        max_duration: Duration = absent,
        /// What is locked.
        key: LockoutKey = default(LockoutKey::Account),
        /// Whether sign-in goes on unprotected when the counter cannot be reached.
        fail_open: bool = default(false),
    }
}
