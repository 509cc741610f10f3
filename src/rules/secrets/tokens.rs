//! The tokens that the app signs.

use super::pem;
use super::uses::resolved;
use super::weak::{bytes, is_placeholder, published, weakness};
use crate::finding::Severity::{Error, Warning};
use crate::plan::Facts;
use crate::profile::{Algorithm, Duration, Mode, SecretPurpose};
use crate::rules::lifetimes::LONGEST;
use crate::rules::rule::{Check, Severities, rules};
use crate::rules::runtimes::{self, Kind};
use crate::rules::secrets::values::SEC002;

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

/// Whether an app may accept tokens under all of these: under HMAC beside RSA or EC, the public key makes tokens.
pub fn may_stand_together(algorithms: &[Algorithm]) -> bool {
    let first = algorithms.first().map(|one| family(*one));
    algorithms.iter().all(|one| family(*one) != Family::None && Some(family(*one)) == first)
}

rules! {
    /// Tokens are accepted under listed algorithms of one kind, never unsigned.
    ///
    /// A token says itself how it is signed, and its sender writes what it says. With `none` accepted, anyone signs in
    /// as anyone. With HMAC accepted beside RSA or EC, a sender takes the public key, which is public, for the HMAC
    /// key, and the app checks the token against the very same bytes.
    ///
    /// Of an app without a pack, a variable that likely says so is a warning: `JWT_ALGORITHM=none` in its `.env` file.
    ///
    /// Write: one algorithm, `tokens.algorithms = ["HS256"]` with a shared key, or `["ES256"]` with a pair of keys; a
    /// second one of the same kind while you change from one to the other.
    SEC006 = "loose-token-algorithms" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 9.1.2; RFC 8725 §3.1 and §3.2",
        keys: &["tokens.algorithms"],
        fix: None,
        check: Check::Mixed(|facts, out| {
            const KEY: &str = "tokens.algorithms";
            runtimes::tell(Kind::Unsigned, facts, out);
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
    /// Of an app without a pack, a variable that likely says so is a warning: `ACCESS_TOKEN_EXPIRE_MINUTES=11520` in its `.env`
    /// file.
    ///
    /// Write: `tokens.access_ttl = "15m"`, or up to `"1h"`.
    SEC007 = "long-lived-access-token" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 7.1.1; NIST SP 800-63B-4 §2.2.3: an hour of inactivity at AAL2",
        keys: &["tokens.access_ttl"],
        fix: Unsafe,
        check: Check::Mixed(|facts, out| {
            runtimes::tell(Kind::LongTokens, facts, out);
            if let Some(access_ttl) = facts.policy.tokens.access_ttl.filter(|access_ttl| *access_ttl > LONGEST) {
                out.at("tokens.access_ttl", format!("a stolen access token is good for {}", access_ttl.in_words()))
                    .label("more than an hour")
                    .help("set `tokens.access_ttl = \"1h\"` or less, and let refresh tokens do the rest")
                    .set("tokens.access_ttl", "1h");
            }
        }),
    }

    /// A signing key fits the algorithm that it signs with.
    ///
    /// HS512 with a key of 32 bytes is no stronger than HS256, whatever its name says, and RFC 7518 forbids it: libraries
    /// that mind refuse to start, the others sign. A key in PEM form that is used as an HMAC secret is often the public
    /// half of a pair, which everyone has. An RSA key of 1024 bits has been within reach of a well-funded attacker for years;
    /// and where tokens are signed with a pair of keys, a text that is none signs nothing.
    ///
    /// Looked at where `--env-file` gives the key, and never shown. Two hexadecimal digits make one byte.
    ///
    /// Write: for HS384 what `openssl rand -hex 48` prints, for HS512 what `openssl rand -hex 64` prints; for RS256 and PS256 a
    /// key of `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072`.
    SEC011 = "unfit-signing-key" {
        severity: Severities::all(Error),
        source: "RFC 7518 §3.2, §3.3 and §3.5; RFC 8725 §3.5",
        keys: &["secrets.*.source", "secrets.*.purpose", "tokens.algorithms"],
        fix: None,
        check: Check::Values(|facts, out| {
            let signing = facts.policy.secrets.iter().filter(|(_, secret)| secret.purpose == SecretPurpose::Signing);
            for (name, secret) in signing {
                let Some(variable) = facts.policy.value(&secret.source) else { continue };
                let value = resolved(facts, variable).trim();
                if let Some((message, label, help)) = misfit(value, &facts.policy.tokens.algorithms, facts) {
                    let key = ("secrets", name.as_str(), "source");
                    out.at_variable(variable, key, format!("the signing key `{name}` {message}")).label(label).help(help);
                }
            }
        }),
    }

    /// A refresh token outlives the access token, and ends within a year.
    ///
    /// The refresh token is there to get the next access token. One that ends first is of no use: people are signed out
    /// in the middle of their work, or the app was told the two the wrong way round. One that lives for ten years is a
    /// password that nobody can change: whoever copies it from a lost phone stays signed in for as long.
    ///
    /// Write: `tokens.access_ttl = "15m"` and `tokens.refresh_ttl = "30d"`, or what suits; the second a year at most.
    SEC012 = "odd-refresh-token" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 10.4.8; RFC 9700 §2.2.2",
        keys: &["tokens.access_ttl", "tokens.refresh_ttl"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            const ACCESS: &str = "tokens.access_ttl";
            const REFRESH: &str = "tokens.refresh_ttl";
            let tokens = &facts.policy.tokens;
            let Some(refresh) = tokens.refresh_ttl else { return };
            if let Some(access) = tokens.access_ttl.filter(|access| *access >= refresh) {
                let (ends, outlived) = (refresh.in_words(), access.in_words());
                let message = format!("the refresh token ends after {ends}, and the access token after {outlived}");
                let draft = out.at(REFRESH, message);
                draft.label("of no use when it is needed").also(ACCESS, "lives for as long, or longer");
                // A short access token is what was meant.
                if access <= LONGEST {
                    draft.help("set `tokens.refresh_ttl = \"30d\"`, or what suits").set(REFRESH, "30d");
                } else {
                    draft
                        .help("set `tokens.access_ttl = \"15m\"`, and `tokens.refresh_ttl` to some days")
                        .set(ACCESS, "15m")
                        .set(REFRESH, "30d");
                }
            } else if refresh > LONGEST_REFRESH && facts.policy.mode == Mode::Prod {
                out.at(REFRESH, format!("a stolen refresh token is good for {}", refresh.in_words()))
                    .at_most(Warning)
                    .label("more than a year")
                    .help("set `tokens.refresh_ttl = \"30d\"`, or a year at most")
                    .set(REFRESH, "1y");
            }
        }),
    }
}

/// Why a key does not fit the algorithms that tokens are signed with: the rest of a sentence about it, a label, and what to
/// write.
fn misfit(value: &str, algorithms: &[Algorithm], facts: &Facts<'_>) -> Option<(String, String, String)> {
    // SEC002 speaks of what is empty and SEC003 of placeholders, SEC014 of what is published.
    if value.is_empty() || is_placeholder(value) || published(value).is_some() {
        return None;
    }
    let told = |message: String, label: &str, help: &str| Some((message, label.to_owned(), help.to_owned()));
    let key = pem::read(value);
    let of = |wanted| algorithms.iter().copied().find(|algorithm| family(*algorithm) == wanted);
    if let Some(algorithm) = of(Family::Shared) {
        let least = algorithms.iter().filter_map(|algorithm| least_bytes(*algorithm)).max().unwrap_or_default();
        let told_as_weak = SEC002.severity.get(facts.policy.mode).is_some() && weakness(value, &[]).is_some();
        return match key {
            Some(_) => told(
                format!("is a key in PEM form, and {algorithm} takes it for a shared secret"),
                "anyone who has its public half signs tokens",
                "sign with the algorithm of the key, such as RS256 or ES256, or put what `openssl rand -hex 32` prints there",
            ),
            None if bytes(value) < least && !told_as_weak => told(
                format!(
                    "has {} bytes, and {} asks for {least}",
                    bytes(value),
                    algorithms.iter().copied().find(|one| least_bytes(*one) == Some(least)).unwrap_or(algorithm)
                ),
                "shorter than the hash that it goes into",
                &format!("put what `openssl rand -hex {least}` prints there"),
            ),
            None => None,
        };
    }
    let algorithm = of(Family::KeyPair)?;
    match key {
        Some(pem::Key { rsa_bits: Some(bits), .. }) if bits < LEAST_RSA => told(
            format!("is an RSA key of {bits} bits"),
            "fewer than 2048",
            "make one of 3072 bits: `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072`",
        ),
        Some(pem::Key { is_private: false, .. }) => told(
            format!("is a public key, and {algorithm} signs with the private one"),
            "it can check tokens, and sign none",
            "put the private key there, and give the public one to whoever checks tokens",
        ),
        Some(_) | None => None,
    }
}

/// The fewest bits of an RSA key that signs tokens (RFC 7518 §3.3).
const LEAST_RSA: usize = 2048;
/// The longest that a refresh token may live.
const LONGEST_REFRESH: Duration = Duration::days(365);

/// The fewest bytes of a shared key: as many as the algorithm's hash has (RFC 7518 §3.2).
fn least_bytes(algorithm: Algorithm) -> Option<usize> {
    use Algorithm::{
        EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, None as Unsigned, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512,
    };
    match algorithm {
        // SEC002 asks for as many of every signing key.
        Hs256 => Some(32),
        Hs384 => Some(48),
        Hs512 => Some(64),
        Unsigned | Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512 | Es256 | Es384 | Es512 | EdDsa => None,
    }
}
