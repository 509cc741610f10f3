//! `[passwords]`: what a password has to be, and how it is stored.

use super::bounds::Bounds;
use super::keyword::keywords;
use super::section::section;
use super::values::Duration;

keywords! {
    /// A kind of character.
    pub enum CharacterClass ("a kind of character") {
        /// A capital letter.
        Upper = "upper",
        /// A small letter.
        Lower = "lower",
        /// A digit.
        Digit = "digit",
        /// Anything else.
        Special = "special",
    }
}

keywords! {
    /// A password hash.
    pub enum PasswordHash ("a password hash") {
        /// Argon2id (RFC 9106).
        Argon2id = "argon2id",
        /// bcrypt; reads 72 bytes at most.
        Bcrypt = "bcrypt",
        /// scrypt (RFC 7914).
        Scrypt = "scrypt",
        /// PBKDF2 with HMAC-SHA-256 (RFC 8018).
        Pbkdf2Sha256 = "pbkdf2-sha256",
        /// One round of SHA-2, which graphics cards try billions of times a second.
        Sha256 = "sha256",
        /// The same, longer and no slower.
        Sha512 = "sha512",
        /// Broken, and as fast.
        Sha1 = "sha1",
        /// Broken, and faster.
        Md5 = "md5",
        /// Not hashed at all.
        Plain = "plain",
    }
}

/// As in Django since CVE-2013-1443.
const LENGTH: Bounds =
    Bounds::numbers(0, "", 4_096, "whoever sends such passwords keeps the server busy with hashing them");

const HISTORY: Bounds =
    Bounds::numbers(0, "", 100, "a new password is compared with each of them, and a hash is slow on purpose");

const EXPIRY: Bounds = Bounds::durations(
    Duration::days(1),
    "it would have to be changed at every sign-in",
    Duration::days(3_650),
    "what is changed after more than ten years is never changed",
);

section! {
    /// What a password has to be.
    pub struct Passwords {
        /// The shortest, in characters: up to 4,096.
        min_length: u32 = absent within LENGTH,
        /// The longest, in characters: up to 4,096, as in Django since CVE-2013-1443, because a longer one keeps the server
        /// busy.
        max_length: u32 = absent within LENGTH,
        /// Kinds of characters that have to occur.
        require: Vec<CharacterClass> = default(Vec::<CharacterClass>::new()),
        /// How it is stored.
        hash: PasswordHash = absent,
        /// Whether a second factor is asked for.
        mfa: bool = default(false),
        /// How many earlier ones are refused: up to 100, because a new one is compared with each, which is slow on purpose.
        history: u32 = default(0) within HISTORY,
        /// After how long it has to be changed: from 1d to 10y.
        expire_after: Duration = absent within EXPIRY,
        /// Whether common and breached ones are refused.
        blocklist: bool = default(false),
    }
}
