//! `[sessions]` and `[tokens]`: how long a sign-in lasts, and what signs its tokens.

use super::bounds::Bounds;
use super::keyword::keywords;
use super::section::section;
use super::values::Duration;

/// How long sessions and tokens may live.
const LIFE: Bounds = Bounds::durations(
    Duration::seconds(1),
    "it would end before it is used, or, in apps that take 0 for it, never",
    Duration::days(3_650),
    "what is good for more than ten years is good forever",
);

section! {
    /// How long a sign-in lasts.
    pub struct Sessions {
        /// Ends after so long without a request: from 1s to 10y.
        idle_timeout: Duration = absent within LIFE,
        /// Ends after so long in any case: from 1s to 10y.
        absolute_timeout: Duration = absent within LIFE,
    }
}

keywords! {
    /// How a token is signed (RFC 7518, RFC 8037).
    pub enum Algorithm ("a token algorithm") {
        /// Not at all.
        None = "none",
        /// HMAC with SHA-256.
        Hs256 = "HS256",
        /// HMAC with SHA-384.
        Hs384 = "HS384",
        /// HMAC with SHA-512.
        Hs512 = "HS512",
        /// RSA PKCS #1 v1.5 with SHA-256.
        Rs256 = "RS256",
        /// RSA PKCS #1 v1.5 with SHA-384.
        Rs384 = "RS384",
        /// RSA PKCS #1 v1.5 with SHA-512.
        Rs512 = "RS512",
        /// RSA-PSS with SHA-256.
        Ps256 = "PS256",
        /// RSA-PSS with SHA-384.
        Ps384 = "PS384",
        /// RSA-PSS with SHA-512.
        Ps512 = "PS512",
        /// ECDSA on P-256.
        Es256 = "ES256",
        /// ECDSA on P-384.
        Es384 = "ES384",
        /// ECDSA on P-521.
        Es512 = "ES512",
        /// EdDSA.
        EdDsa = "EdDSA",
    }
}

impl Algorithm {
    /// The bytes of its hash where a secret that both sides know is its key (HMAC); nothing where its key is another one.
    pub const fn hash_bytes(self) -> Option<usize> {
        match self {
            Self::Hs256 => Some(32),
            Self::Hs384 => Some(48),
            Self::Hs512 => Some(64),
            Self::None
            | Self::Rs256
            | Self::Rs384
            | Self::Rs512
            | Self::Ps256
            | Self::Ps384
            | Self::Ps512
            | Self::Es256
            | Self::Es384
            | Self::Es512
            | Self::EdDsa => None,
        }
    }
}

section! {
    /// The tokens that the app signs.
    pub struct Tokens {
        /// The algorithms that are accepted.
        algorithms: Vec<Algorithm> = default(Vec::<Algorithm>::new()),
        /// How long an access token lives: from 1s to 10y.
        access_ttl: Duration = absent within LIFE,
        /// How long a refresh token lives: from 1s to 10y.
        refresh_ttl: Duration = absent within LIFE,
    }
}

impl Tokens {
    /// How long a token may be around after the key that signed it was replaced: in whole days, the last one begun
    /// included.
    pub fn longest(&self) -> Option<Duration> {
        const DAY: u64 = Duration::days(1).as_seconds();
        let longest = self.refresh_ttl.max(self.access_ttl)?;
        Some(Duration::seconds(longest.as_seconds().div_ceil(DAY).saturating_mul(DAY)))
    }
}
