//! How good a secret's value is by its looks: placeholders, passwords that everyone tries first, and keys that are not
//! random. Nothing here says where a value stands, or repeats one.

/// The fewest bytes of a key: as many as the hash of HS256 has (RFC 7518 §3.2).
pub(in crate::rules) const LEAST_BYTES: usize = 32;
/// The least security strength that NIST SP 800-131A accepts. 32 random bytes are estimated well above it, in hex as in
/// base64; what people make up stays below.
const LEAST_BITS: f64 = 112.0;
/// What a letter of a word is worth, as NIST SP 800-63 (2006), Appendix A, has it for the second to eighth of a password that
/// somebody chose.
const LETTER_BITS: f64 = 2.0;
/// More of a value is not looked at: the estimate of so much is far above or hopeless.
const ENOUGH: usize = 256;

/// Why a key can be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Weakness {
    /// There is none.
    Empty,
    /// It has so many bytes. Two hexadecimal digits make one.
    Short(usize),
    /// It repeats itself, counts up, or is made of words.
    Guessable,
}

impl Weakness {
    /// What is wrong with a key, as the end of a sentence about it.
    pub(in crate::rules) fn in_words(self) -> String {
        match self {
            Self::Empty => "is empty".to_owned(),
            Self::Short(1) => "has a single byte".to_owned(),
            Self::Short(bytes) => format!("has {bytes} bytes"),
            Self::Guessable => "is not random".to_owned(),
        }
    }

    /// The same in a few words.
    pub(in crate::rules) fn label(self) -> &'static str {
        match self {
            Self::Empty => "no key at all",
            Self::Short(_) => "less than 32 random bytes",
            Self::Guessable => "it repeats itself, counts up, or is made of words",
        }
    }
}

/// What is wrong with a key that has to be random.
pub(in crate::rules) fn weakness(key: &str) -> Option<Weakness> {
    let bytes = if is_hex(key) { key.len() / 2 } else { key.len() };
    if key.trim().is_empty() {
        Some(Weakness::Empty)
    } else if bytes < LEAST_BYTES {
        Some(Weakness::Short(bytes))
    } else if !is_random(key) {
        Some(Weakness::Guessable)
    } else {
        None
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a value looks random: every character is worth the logarithm of how many different ones there are, a letter of
/// a word much less, and three or more that follow from each other are worth one. That finds what is plainly made up; it
/// proves nothing.
fn is_random(value: &str) -> bool {
    let value = &value.as_bytes()[..value.len().min(ENOUGH)];
    let lower = value.to_ascii_lowercase();
    let mut different = [false; 256];
    let mut follows = vec![false; value.len()];
    for (index, byte) in value.iter().enumerate() {
        different[usize::from(*byte)] = true;
        follows[index] = index > 0
            && (byte.abs_diff(value[index - 1]) <= 1
                || are_neighbours(&lower[index - 1..=index])
                || (index > 3 && value[..index].windows(4).any(|before| before == &value[index - 3..=index])));
    }
    for word in WORDS {
        for start in (0..lower.len()).filter(|start| lower[*start..].starts_with(word.as_bytes())) {
            follows[start + 1..start + word.len()].fill(true);
        }
    }
    let different = different.into_iter().map(u32::from).sum::<u32>().max(1);
    let full = f64::from(different).log2();
    let worth: Vec<f64> = in_words(value).map(|in_word| if in_word { full.min(LETTER_BITS) } else { full }).collect();
    let mut bits = 0.0;
    let mut start = 0;
    // Each run begins with a character that does not follow from the one before.
    for run in follows.chunk_by(|_, follows| *follows) {
        let counted = if run.len() < 3 { run.len() } else { 1 };
        bits += worth[start..start + counted].iter().sum::<f64>();
        start += run.len();
    }
    bits >= LEAST_BITS
}

/// Of each character, whether it belongs to what looks like a word, or stands right behind one to part it from the next.
fn in_words(value: &[u8]) -> impl Iterator<Item = bool> {
    // Capitals begin words: `AcmeCorp`.
    let parts = value.chunk_by(|one, next| {
        one.is_ascii_alphabetic()
            && next.is_ascii_alphabetic()
            && !(one.is_ascii_lowercase() && next.is_ascii_uppercase())
    });
    let mut behind_word = false;
    parts.flat_map(move |part| {
        let is_word = is_wordlike(part);
        let parts_words = behind_word && part[0].is_ascii_punctuation();
        behind_word = is_word;
        std::iter::repeat_n(is_word || parts_words, part.len())
    })
}

/// Whether three letters or more could be a word, or several: most pairs of them are common in English.
fn is_wordlike(letters: &[u8]) -> bool {
    let pairs = letters.len().saturating_sub(1);
    let common = letters
        .windows(2)
        .filter(|pair| COMMON_PAIRS.as_bytes().chunks(3).any(|two| two[..2].eq_ignore_ascii_case(pair)));
    pairs >= 2 && 2 * common.count() > pairs
}

/// Whether two lower-case letters stand side by side on a keyboard, or very often in English.
fn are_neighbours(pair: &[u8]) -> bool {
    const KEYBOARD: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
    KEYBOARD.iter().any(|row| row.as_bytes().windows(2).any(|two| two == pair))
        || COMMON_PAIRS.as_bytes().chunks(3).take(40).any(|two| &two[..2] == pair)
}

/// The commonest pairs of letters in English, the commonest first.
const COMMON_PAIRS: &str = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me \
                            de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac \
                            ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im \
                            mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke fr \
                            oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt oc fa ef cu rn sc gi da yo cr cl du ga qu ue ff ba ey ls va um pp ua up lu go ht ru \
                            ug ds lt pi rc rr eg au ck ew mu br bi pt ak pu ui";

/// Words of which people make keys.
const WORDS: [&str; 36] = [
    "secret", "password", "passw0rd", "token", "sign", "jwt", "key", "prod", "test", "this", "that", "with", "from",
    "your", "very", "super", "change", "please", "replace", "random", "string", "long", "least", "admin", "default",
    "company", "example", "django", "fastapi", "private", "share", "nobody", "must", "only", "hello", "world",
];

/// Whether a value stands in a secret's place to be replaced by one.
pub(in crate::rules) fn is_placeholder(value: &str) -> bool {
    /// What Django begins a key with that it made for development.
    const DJANGO: &str = "django-insecure-";
    const BRACKETS: [(&str, &str); 4] = [("<", ">"), ("${", "}"), ("$(", ")"), ("{{", "}}")];
    /// The whole of a value, without what separates its words.
    const WHOLE: [&str; 17] = [
        "secret",
        "key",
        "token",
        "todo",
        "tbd",
        "fixme",
        "none",
        "null",
        "undefined",
        "unset",
        "empty",
        "value",
        "string",
        "default",
        "example",
        "sample",
        "dummy",
    ];
    /// Anywhere in a value that is not random otherwise.
    const WITHIN: [&str; 27] = [
        "changeme",
        "changethis",
        "changeit",
        "replaceme",
        "replacethis",
        "replacewith",
        "placeholder",
        "insertyour",
        "enteryour",
        "putyour",
        "yoursecret",
        "yourkey",
        "yourjwt",
        "yourapi",
        "yourpassword",
        "yourtoken",
        "yourown",
        "secretkey",
        "supersecret",
        "mysecret",
        "notsecure",
        "insecure",
        "generatewith",
        "andpaste",
        "pastehere",
        "donotuse",
        "devonly",
    ];
    /// Keys that pages published, and that many copied: random, and known to everyone. FastAPI's tutorial on tokens,
    /// tutorials on tokens with Spring, and what jwt.io fills in.
    const PUBLISHED: [&str; 4] = [
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "404e635266556a586e3272357538782f413f4428472b4b6250645367566b5970",
        "a-string-secret-at-least-256-bits-long",
        "your-256-bit-secret",
    ];
    let value = value.trim();
    // Chance may put brackets around a key, but not words between them.
    let enclosed = |(open, close)| {
        let within = value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        within.is_some_and(|text: &str| text.chars().all(|c| c.is_alphanumeric() || " _-.:…".contains(c)))
    };
    let is_published = PUBLISHED.iter().any(|key| key.eq_ignore_ascii_case(value));
    if is_published || value.starts_with(DJANGO) || BRACKETS.into_iter().any(enclosed) || is_filler(value) {
        return true;
    }
    let words: String = value.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    WHOLE.contains(&words.as_str()) || (WITHIN.iter().any(|mark| words.contains(mark)) && !is_random(value))
}

/// Whether it is one character again and again, of those that stand for "something": `xxxx`, `****`, `...`.
fn is_filler(value: &str) -> bool {
    let first = value.chars().next();
    value.len() > 2 && first.is_some_and(|first| "xX*.?-_".contains(first)) && value.chars().all(|c| Some(c) == first)
}

/// Whether a password is among those that are tried first, whatever digits and signs stand behind it. `names` are what
/// the service and those who sign in to it are called.
pub(in crate::rules) fn is_common_password(password: &str, names: &[&str]) -> bool {
    const COMMON: [&str; 25] = [
        "admin",
        "administrator",
        "root",
        "user",
        "guest",
        "test",
        "demo",
        "master",
        "login",
        "pass",
        "passwd",
        "password",
        "passw0rd",
        "p@ssw0rd",
        "p@ssword",
        "secret",
        "default",
        "welcome",
        "letmein",
        "qwerty",
        "iloveyou",
        "hunter",
        "monkey",
        "dragon",
        "abc",
    ];
    let password = password.trim().to_lowercase();
    let stem = password.trim_end_matches(|c: char| !c.is_alphabetic());
    // A password without a letter is a row of digits that someone could remember.
    (stem.is_empty() && password.len() <= 10)
        || COMMON.contains(&stem)
        || names.iter().any(|name| name.eq_ignore_ascii_case(stem) || name.eq_ignore_ascii_case(&password))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

        /// In hex, in base64, as base64 for URLs, and as Django makes a key.
        #[test]
        fn what_is_made_at_random_passes(
            key in "[0-9a-f]{64}|[A-Za-z0-9+/]{43}=|[A-Za-z0-9_-]{43}|[a-z0-9!@#$%^&*(\\-_=+)]{50}"
        ) {
            prop_assert_eq!(weakness(&key), None);
            prop_assert!(!is_placeholder(&key));
        }
    }

    #[test]
    fn short_keys_are_weak() {
        assert_eq!(weakness(" "), Some(Weakness::Empty));
        assert_eq!(weakness("kZ8#qL1!vB4$"), Some(Weakness::Short(12)));
        assert_eq!(weakness("8f3a1c0d9e7b52640f1e2d3c4b5a6978"), Some(Weakness::Short(16)), "16 bytes in hex");
    }

    #[test]
    fn made_up_keys_are_weak() {
        for key in [
            &"a".repeat(64),
            &"xyz123".repeat(10),
            &"0123456789abcdef".repeat(4),
            "0123456789abcdefghijklmnopqrstuvwxyz",
            "qwertyuiopasdfghjklzxcvbnm1234567890",
            "mysupersecretkeythatnobodywillguess",
            "thisismyverysecretjwtsigningkeyforproduction2024!",
            "correct horse battery staple again",
            "thequickbrownfoxjumpsoverthelazydog1234567890",
            "AcmeCorp-Berlin-Office-2024-Server-Kitchen",
            "iloveyouverymuchmydarlingcatfluffy99",
        ] {
            assert_eq!(weakness(key), Some(Weakness::Guessable), "{key}");
        }
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
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["", "hunter2", "xkeysib-8f3a1c0d9e7b52640f1e2d3c4b5a6978", "postgres", "x", "<#8f!a>"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn passwords_that_are_tried_first_are_known() {
        for password in ["admin", "Admin123", "password!", "hunter2", "123456", "Shop2024", ""] {
            assert!(is_common_password(password, &["shop"]), "{password}");
        }
        for password in ["kZ8#qL1!vB4$", "administers", "84719305627183", "shopping"] {
            assert!(!is_common_password(password, &["shop"]), "{password}");
        }
    }
}
