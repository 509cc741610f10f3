//! What is wrong with a secret's value by its looks: a placeholder, something that is published, or what can be guessed.
//! Nothing here says where a value stands, or repeats one.

use super::{begins, forms, issuers};
use crate::apps::{Published, PublishedBy, PublishedValues};
use crate::profile::SecretPurpose;
use crate::strength::{Asked, Judgement, Reason, judge, judge_for};

/// The fewest bytes of a signing key: as many as the hash of HS256 has (RFC 7518 §3.2).
const LEAST_BYTES: usize = 32;
/// A password of fewer bits is among the first 2^30 that are tried: a billion, which takes a program a day at a server
/// that does not slow it down.
const TRIED_FIRST: f32 = 30.0;

/// Why a secret can be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Weakness {
    /// There is none.
    Empty,
    /// It has so many bytes. Two hexadecimal digits make one.
    Short(usize),
    /// A key that chance did not make, or made too short.
    NotRandom(Option<Reason>),
    /// A password that takes few guesses.
    Guessable(Option<Reason>),
}

impl Weakness {
    /// What is wrong, as the end of a sentence about it.
    pub(in crate::rules) fn in_words(self) -> String {
        match self {
            Self::Empty => "is empty".to_owned(),
            Self::Short(1) => "has a single byte".to_owned(),
            Self::Short(bytes) => format!("has {bytes} bytes"),
            Self::NotRandom(_) => "is not random".to_owned(),
            Self::Guessable(_) => "can be guessed".to_owned(),
        }
    }

    /// The same in a few words.
    pub(in crate::rules) fn label(self) -> String {
        match self {
            Self::Empty => "no key at all".to_owned(),
            Self::Short(_) => "less than 32 random bytes".to_owned(),
            Self::NotRandom(Some(reason)) | Self::Guessable(Some(reason)) => format!("it {}", reason.in_words()),
            Self::NotRandom(None) | Self::Guessable(None) => "it is short".to_owned(),
        }
    }
}

/// How many bytes a key has; two hexadecimal digits make one.
pub(in crate::rules) fn bytes(key: &str) -> usize {
    let is_hex = key.bytes().all(|byte| byte.is_ascii_hexdigit());
    // A single digit is a byte as well.
    if is_hex && key.len() > 1 { key.len() / 2 } else { key.len() }
}

/// What is wrong with a key that signs: it has to be random, and as long as the hash that it goes into.
pub(in crate::rules) fn weakness(key: &str, names: &[&str]) -> Option<Weakness> {
    match bytes(key) {
        _ if key.trim().is_empty() => Some(Weakness::Empty),
        bytes if bytes < LEAST_BYTES => Some(Weakness::Short(bytes)),
        _ => not_random(key, names).or_else(|| behind_a_beginning(key, names)),
    }
}

fn not_random(key: &str, names: &[&str]) -> Option<Weakness> {
    guessable(judge(key, names), SecretPurpose::Signing)
}

/// What a judgement means for a purpose, measured by what whoever guesses has to do: try keys at home against what they
/// signed or encrypted, or ask a server each time.
fn guessable(judgement: Judgement, purpose: SecretPurpose) -> Option<Weakness> {
    match purpose {
        SecretPurpose::Signing | SecretPurpose::Encryption => {
            (!judgement.is_random()).then_some(Weakness::NotRandom(judgement.reason))
        }
        SecretPurpose::Api | SecretPurpose::Database | SecretPurpose::Admin => {
            (!judgement.withstands_guesses()).then_some(Weakness::Guessable(judgement.reason))
        }
    }
}

/// What is wrong with a secret's value.
#[derive(Clone, Copy)]
pub(in crate::rules) enum Flaw {
    /// It is published.
    Published,
    /// It stands there to be replaced.
    Placeholder,
    /// Whoever issued it marked it as one for tests.
    ForTests,
    /// It is among the passwords that are tried first.
    TriedFirst,
    /// It can be guessed.
    Weak(Weakness),
}

/// What is wrong with a secret of some purpose, the worst first. How long a signing key has to be is [`weakness`]'s.
pub(in crate::rules) fn flaw(value: &str, purpose: SecretPurpose, names: &[&str]) -> Option<Flaw> {
    let value = value.trim();
    match Published::find(value).map(|found| found.kind) {
        Some(PublishedBy::Example | PublishedBy::Test | PublishedBy::Default) => return Some(Flaw::Published),
        // It stands where one's own belongs.
        Some(PublishedBy::Tutorial) => return Some(Flaw::Placeholder),
        None if is_plain_placeholder(value) => return Some(Flaw::Placeholder),
        None => {}
    }
    let is_password = match purpose {
        SecretPurpose::Signing => false,
        SecretPurpose::Encryption | SecretPurpose::Api | SecretPurpose::Database | SecretPurpose::Admin => true,
    };
    let asked = match purpose {
        SecretPurpose::Signing | SecretPurpose::Encryption => Asked::Key,
        SecretPurpose::Api | SecretPurpose::Database | SecretPurpose::Admin => Asked::Password,
    };
    let judgement = judge_for(asked, value, names);
    // What begins as nobody could guess is nobody's example.
    if !judgement.is_random() && !judgement.is_of_beginning && Published::has_placeholder(value) {
        return Some(Flaw::Placeholder);
    }
    // As Stripe begins the keys of its test mode.
    if ["sk_test_", "rk_test_"].iter().any(|start| value.starts_with(start)) {
        return Some(Flaw::ForTests);
    }
    if is_password && judgement.bits < TRIED_FIRST {
        return Some(Flaw::TriedFirst);
    }
    let of_words = || forms::is_sentence(value).then_some(Weakness::Guessable(Some(Reason::Words)));
    guessable(judgement, purpose).or_else(|| behind_a_beginning(value, names)).or_else(of_words).map(Flaw::Weak)
}

/// What is wrong with a key of which nothing but an issuer's beginning is hard to guess. What follows that has to withstand
/// guesses, whatever it is for: an issuer makes it by chance.
fn behind_a_beginning(value: &str, names: &[&str]) -> Option<Weakness> {
    let judgement = judge_for(Asked::Password, issuers::behind(value)?, names);
    (!judgement.withstands_guesses()).then_some(Weakness::Guessable(judgement.reason))
}

/// Whether a value stands in a secret's place to be replaced by one.
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    let is_tutorials = || Published::find(value).is_some_and(|found| matches!(found.kind, PublishedBy::Tutorial));
    if is_plain_placeholder(value) || is_tutorials() {
        return true;
    }
    !judge(value, &[]).is_random() && Published::has_placeholder(value)
}

/// The same, as far as it is to be seen whatever the value is worth.
fn is_plain_placeholder(value: &str) -> bool {
    is_filler(value) || Published::is_placeholder(value) || is_enclosed(value) || forms::is_by_form(value)
}

/// Where a value is published that is no placeholder.
pub(in crate::rules) fn published(value: &str) -> Option<&'static PublishedValues> {
    Published::find(value.trim()).filter(|found| match found.kind {
        PublishedBy::Example | PublishedBy::Test | PublishedBy::Default => true,
        PublishedBy::Tutorial => false,
    })
}

/// Whether it is words in brackets, as templates and documentations have it. Chance may put brackets around a key, but not
/// words between them.
fn is_enclosed(value: &str) -> bool {
    const BRACKETS: [(&str, &str); 8] =
        [("<", ">"), ("${", "}"), ("$(", ")"), ("{{", "}}"), ("[", "]"), ("%", "%"), ("!!!", "!!!"), ("__", "__")];
    BRACKETS.iter().filter(|(open, _)| begins(value, open)).any(|(open, close)| {
        let within = value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        within.is_some_and(|text| {
            !text.is_empty()
                && text.chars().all(|c| c.is_alphanumeric() || " _-.:…/,'".contains(c))
                && !judge(text, &[]).is_random()
        })
    })
}

/// Whether it is, or ends in, one character again and again, of those that stand for "something": `xxxx`, `****`, `...`,
/// `sk_live_xxxx`.
fn is_filler(value: &str) -> bool {
    const LEAST: usize = 4;
    let is_one = |c: &char| matches!(c, 'x' | 'X' | '*' | '.' | '?' | '-' | '_' | '…' | '•' | '#');
    let Some(last) = value.chars().next_back().filter(is_one) else { return false };
    let filler = value.chars().rev().take_while(|c| *c == last).count();
    let whole = value.chars().count();
    (filler == whole && filler > 2) || last == '…' || (filler >= LEAST && 2 * filler >= whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_one_character_has_one_byte() {
        for key in ["a", "z", "ab"] {
            assert_eq!(weakness(key, &[]).map(Weakness::in_words).as_deref(), Some("has a single byte"), "{key}");
        }
        assert_eq!((bytes(""), bytes("abc0"), bytes("wxyz")), (0, 2, 4));
    }

    /// Values that could be guessed, and their measures. The models were tuned on the first list alone.
    const SEEN: &str = include_str!("../../../tests/fixtures/weak/seen.txt");
    const APART: &str = include_str!("../../../tests/fixtures/weak/apart.txt");
    const FRESH: &str = include_str!("../../../tests/fixtures/weak/fresh.txt");
    const KINDS: &str = include_str!("../../../tests/fixtures/weak/kinds.txt");

    /// How many values a list has, and those of them that are not found.
    fn missed(list: &str) -> (usize, Vec<&str>) {
        let rows = list.lines().filter_map(|line| line.split_once(' ')).filter(|(measure, _)| *measure != "#");
        let is_found = |(measure, value): (&str, &str)| match measure {
            "key" => flaw(value, SecretPurpose::Encryption, &["shop"]).is_some(),
            "password" => flaw(value, SecretPurpose::Database, &["shop"]).is_some(),
            other => panic!("{other} is no measure"),
        };
        (rows.clone().count(), rows.filter(|row| !is_found(*row)).map(|(_, value)| value).collect())
    }

    #[test]
    fn weak_values_are_found_also_those_that_nothing_was_tuned_on() {
        for (name, list, least) in
            [("seen", SEEN, 240), ("apart", APART, 120), ("fresh", FRESH, 200), ("kinds", KINDS, 180)]
        {
            let (all, missed) = missed(list);
            println!("{name}: all but {} of {all}", missed.len());
            assert!(all >= least && 100 * missed.len() <= 5 * all, "{name}: {missed:#?} of {all}");
        }
    }

    /// A piece of what a generator makes: a text, or so many characters by chance.
    enum Piece {
        Text(&'static str),
        Drawn(&'static str, usize),
    }

    /// What the usual generators make, with what it is used for. `SECCFG_KEYS=100000` draws as many of each.
    #[test]
    fn what_generators_make_is_no_secrets_fault() {
        use Piece::{Drawn, Text};
        use SecretPurpose::{Api, Database, Encryption};
        const HEX: &str = "0123456789abcdef";
        const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        const URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        const CRYPT: &str = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        // The last character of 32 bytes in base64.
        const LAST: &str = "AEIMQUYcgkosw048";
        let generators: [(&str, SecretPurpose, &[Piece]); 25] = [
            ("openssl rand -hex 16", Encryption, &[Drawn(HEX, 32)]),
            ("openssl rand -hex 32", Encryption, &[Drawn(HEX, 64)]),
            ("openssl rand -base64 24", Encryption, &[Drawn(BASE64, 32)]),
            ("openssl rand -base64 32, WireGuard", Encryption, &[Drawn(BASE64, 42), Drawn(LAST, 1), Text("=")]),
            ("secrets.token_urlsafe(32)", Encryption, &[Drawn(URL, 42), Drawn(LAST, 1)]),
            ("Fernet.generate_key()", Encryption, &[Drawn(URL, 42), Drawn(LAST, 1), Text("=")]),
            (
                "uuid4",
                Encryption,
                &[
                    Drawn(HEX, 8),
                    Text("-"),
                    Drawn(HEX, 4),
                    Text("-4"),
                    Drawn(HEX, 3),
                    Text("-"),
                    Drawn("89ab", 1),
                    Drawn(HEX, 3),
                    Text("-"),
                    Drawn(HEX, 12),
                ],
            ),
            (
                "uuid4 without signs",
                Encryption,
                &[Drawn(HEX, 12), Text("4"), Drawn(HEX, 3), Drawn("89ab", 1), Drawn(HEX, 15)],
            ),
            ("nanoid", Database, &[Drawn(URL, 21)]),
            ("32 bytes in base58", Encryption, &[Drawn(BASE58, 44)]),
            ("pwgen -s 20", Database, &[Drawn(ALPHANUMERIC, 20)]),
            (
                "pwgen -sy 16",
                Database,
                &[Drawn(
                    "!#$%&()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~",
                    16,
                )],
            ),
            (
                "Django's get_random_secret_key()",
                Encryption,
                &[Drawn("abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)", 50)],
            ),
            ("php artisan key:generate", Encryption, &[Text("base64:"), Drawn(BASE64, 42), Drawn(LAST, 1), Text("=")]),
            ("rails secret", Encryption, &[Drawn(HEX, 128)]),
            (
                "argon2",
                Database,
                &[Text("$argon2id$v=19$m=65536,t=3,p=4$"), Drawn(BASE64, 22), Text("$"), Drawn(BASE64, 43)],
            ),
            ("bcrypt", Database, &[Text("$2b$12$"), Drawn(CRYPT, 53)]),
            ("a JWK", Encryption, &[Text("{\"kty\":\"oct\",\"kid\":\"1\",\"k\":\""), Drawn(URL, 43), Text("\"}")]),
            (
                "a PEM",
                Encryption,
                &[Text("-----BEGIN PRIVATE KEY-----\n"), Drawn(BASE64, 64), Text("\n-----END PRIVATE KEY-----\n")],
            ),
            ("a JWT", Api, &[Text("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."), Drawn(URL, 80), Text("."), Drawn(URL, 43)]),
            ("a key of Stripe's kind", Api, &[Text("rk_live_"), Drawn(ALPHANUMERIC, 24)]),
            ("a key of SendGrid's kind", Api, &[Text("SG."), Drawn(URL, 22), Text("."), Drawn(URL, 43)]),
            ("age-keygen", Encryption, &[Text("AGE-SECRET-KEY-1"), Drawn("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)]),
            ("a ULID", Api, &[Text("01JD"), Drawn("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 22)]),
            ("openssl rand -hex 12", Database, &[Drawn(HEX, 24)]),
        ];
        let count = std::env::var("SECCFG_KEYS").map_or(2_000, |count| count.parse().expect("a number of keys"));
        // SplitMix64: other numbers for each, and the same in each run.
        let mut state = 0_u64;
        let mut below = |most: usize| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut number = state;
            number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            usize::try_from((number ^ (number >> 31)) % most as u64).expect("it is below a number of that kind")
        };
        for (name, purpose, pieces) in generators {
            let mut flagged = Vec::new();
            for _ in 0..count {
                let mut drawn = |alphabet: &str, length| {
                    (0..length).map(|_| char::from(alphabet.as_bytes()[below(alphabet.len())])).collect()
                };
                let mut made = |piece: &Piece| match piece {
                    Text(text) => (*text).to_owned(),
                    Drawn(alphabet, length) => drawn(alphabet, *length),
                };
                let key: String = pieces.iter().map(&mut made).collect();
                if flaw(&key, purpose, &["shop"]).is_some() {
                    flagged.push(key);
                }
            }
            assert!(flagged.is_empty(), "{name}: {} of {count}: {flagged:#?}", flagged.len());
        }
    }

    #[test]
    fn short_keys_are_weak() {
        assert_eq!(weakness(" ", &[]), Some(Weakness::Empty));
        assert_eq!(weakness("kZ8#qL1!vB4$", &[]), Some(Weakness::Short(12)));
        assert_eq!(weakness("8f3a1c0d9e7b52640f1e2d3c4b5a6978", &[]), Some(Weakness::Short(16)), "16 bytes in hex");
    }

    #[test]
    fn placeholders_are_known() {
        for value in [
            "your_secret_key",
            "your-jwt-secret-key",
            "changeme",
            "CHANGE-ME",
            "secret",
            "<generated by openssl>",
            "${SECRET_KEY}",
            "{{ secret }}",
            "$(openssl rand -hex 32)",
            "<generated…>",
            "xxxxxxxx",
            "TODO",
            "django-insecure-8f3a1c0d9e7b52640f1e2d3c4b5a6978",
            "your-secret-key-change-this-in-production",
            "replace-me-with-32-random-bytes",
            "GENERATE_WITH_openssl_rand_hex_32_AND_PASTE",
            "dev-only-insecure-key-do-not-use-in-prod-42",
            "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
            "!!!SET THIS!!!",
            "changePassword",
            "your-google-client-secret",
            "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx",
            "sk-…",
            "bitte-ändern",
            "замените_этот_ключ",
            "请修改",
            "tu_clave_secreta",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["", "hunter2", "xkeysib-8f3a1c0d9e7b5264ad91c07be3f85d26", "postgres", "x", "<#8f!a>"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn what_is_published_is_known_and_no_placeholder() {
        for value in ["AKIAIOSFODNN7EXAMPLE", "minioadmin", "CAFEBABE", "1x0000000000000000000000000000000AA"] {
            assert!(published(value).is_some(), "{value}");
        }
        assert!(published("your-256-bit-secret").is_none() && is_placeholder("your-256-bit-secret"));
    }

    #[test]
    fn passwords_that_are_tried_first_are_known() {
        let tried_first = |password| matches!(flaw(password, SecretPurpose::Admin, &["shop"]), Some(Flaw::TriedFirst));
        for password in ["admin", "Admin123", "password!", "hunter2", "123456", "Shop2024"] {
            assert!(tried_first(password), "{password}");
        }
        for password in ["kZ8#qL1!vB4$", "administrators kitchen", "84719305627183"] {
            assert!(!tried_first(password), "{password}");
        }
    }
}
