//! The tokens that the app signs.

use crate::finding::Severity::{Error, Warning};
use crate::profile::{Algorithm, Duration};
use crate::rules::rule::{Check, Severities, rules};

/// What NIST SP 800-63B-4 lets a sign-in rest for at AAL2: a token that cannot be taken back should not live longer.
const LONGEST: Duration = Duration::minutes(60);

/// What it takes to make a token that is accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Nothing.
    None,
    /// The key that also checks it.
    Shared,
    /// A private key, whose public half checks it.
    KeyPair,
}

fn family(algorithm: Algorithm) -> Family {
    use Algorithm::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    match algorithm {
        Algorithm::None => Family::None,
        Hs256 | Hs384 | Hs512 => Family::Shared,
        Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512 | Es256 | Es384 | Es512 | EdDsa => Family::KeyPair,
    }
}

rules! {
    /// Tokens are accepted under listed algorithms of one kind, never unsigned.
    ///
    /// A token says itself how it is signed, and its sender writes what it says. With `none` accepted, anyone signs in
    /// as anyone. With HMAC accepted beside RSA or EC, a sender takes the public key, which is public, for the HMAC
    /// key, and the app checks the token against the very same bytes.
    ///
    /// Write: one algorithm, `tokens.algorithms = ["HS256"]` with a shared key, or `["ES256"]` with a pair of keys; a
    /// second one of the same kind while you change from one to the other.
    SEC006 = "loose-token-algorithms" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 9.1.2; RFC 8725 §3.1 and §3.2",
        keys: &["tokens.algorithms"],
        fix: None,
        check: Check::Policy(|facts, out| {
            const KEY: &str = "tokens.algorithms";
            let algorithms = &facts.policy.tokens.algorithms;
            if algorithms.is_empty() && facts.policy.is_written(KEY) {
                out.at(KEY, "no algorithm is listed, so tokens are accepted under any or none")
                    .label("an empty list")
                    .help("name the one that the app signs with, such as `tokens.algorithms = [\"HS256\"]`");
            }
            let place = |wanted| algorithms.iter().position(|algorithm| family(*algorithm) == wanted);
            if let Some(index) = place(Family::None) {
                out.at((KEY, index), "tokens without a signature are accepted")
                    .label("anyone can make these")
                    .help("take `\"none\"` out of `tokens.algorithms`");
            }
            if let (Some(shared), Some(pair)) = (place(Family::Shared), place(Family::KeyPair)) {
                let (hmac, other) = (algorithms[shared], algorithms[pair]);
                out.at((KEY, shared), format!("tokens are accepted under {hmac} beside {other}"))
                    .label("checked with a key that may be the public one")
                    .also((KEY, pair), "its public key is known to all")
                    .help(format!("keep either {hmac} or {other}, the one that the app signs with"));
            }
        }),
    }

    /// An access token lives for an hour at most.
    ///
    /// Most apps look an access token up nowhere: until it ends it is good, whatever happened to the account. A stolen
    /// one opens the service for as long as it lives, after the password was changed and after the person was let go.
    /// With a refresh token beside it, an hour or a quarter of one costs nobody a sign-in. Where the profile says
    /// nothing, nothing is known and nothing said.
    ///
    /// Write: `tokens.access_ttl = "15m"`, or up to `"1h"`.
    SEC007 = "long-lived-access-token" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 7.1.1; NIST SP 800-63B-4 §2.2.3: an hour of inactivity at AAL2",
        keys: &["tokens.access_ttl"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            if let Some(access_ttl) = facts.policy.tokens.access_ttl.filter(|access_ttl| *access_ttl > LONGEST) {
                out.at("tokens.access_ttl", format!("a stolen access token is good for {}", access_ttl.in_words()))
                    .label("more than an hour")
                    .help("set `tokens.access_ttl = \"1h\"` or less, and let refresh tokens do the rest")
                    .set("tokens.access_ttl", "1h");
            }
        }),
    }
}
