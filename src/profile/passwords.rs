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

section! {
    /// What a password has to be.
    pub struct Passwords {
        /// The shortest, in characters.
        min_length: u32 = absent,
        /// The longest, in characters.
        max_length: u32 = absent,
        /// Kinds of characters that have to occur.
        require: Vec<CharacterClass> = default(Vec::<CharacterClass>::new()),
        /// How it is stored.
        hash: PasswordHash = absent,
        /// Whether a second factor is asked for.
        mfa: bool = default(false),
        /// How many earlier ones are refused.
        history: u32 = default(0),
        /// After how long it has to be changed.
        expire_after: Duration = absent,
        /// Whether common and breached ones are refused.
        blocklist: bool = default(false),
    }
}
