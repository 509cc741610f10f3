//! What chance makes is not called guessable, and what people make up is found.

use super::*;

/// Numbers that look random and are the same in each run: `SplitMix64`.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((number ^ (number >> 31)) % most as u64).expect("it is below a number of that kind")
    }
}

/// What keys are drawn from.
const ALPHABETS: [&str; 13] = [
    "0123456789abcdef",
    "0123456789ABCDEF",
    "abcdefghijklmnop",
    "etaoinshrdlucmfw",
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    // Without vowels and what looks alike: the smallest of capitals and small letters.
    "6789BCDFGHJKLMNPQRTWbcdfghjkmnpqrtwz",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~",
];

/// Random keys that are called made up, of so many.
fn random_keys_flagged(count: usize, seed: u64) -> Vec<String> {
    let mut numbers = Numbers(seed);
    let mut flagged = Vec::new();
    for number in 0..count {
        let alphabet = ALPHABETS[number % ALPHABETS.len()].as_bytes();
        let bits = [128, 128, 160, 192, 256, 512][number / ALPHABETS.len() % 6];
        let length =
            (1..1000).find(|length| count_bits(alphabet.len(), *length) >= f64::from(bits)).expect("some length does");
        let key: String = (0..length).map(|_| char::from(alphabet[numbers.below(alphabet.len())])).collect();
        let judgement = judge(&key, &["shop"]);
        if !judgement.is_random() || !judgement.withstands_guesses() {
            flagged.push(format!("{key} {judgement:?}"));
        }
    }
    flagged
}

fn count_bits(alphabet: usize, length: u32) -> f64 {
    f64::from(length) * f64::from(u32::try_from(alphabet).expect("it is short")).log2()
}

#[test]
fn what_chance_makes_is_not_called_made_up() {
    let count = std::env::var("SECCFG_KEYS").map_or(100_000, |count| count.parse().expect("a number of keys"));
    let flagged = random_keys_flagged(count, 1);
    assert!(flagged.is_empty(), "{} of {count}: {flagged:#?}", flagged.len());
}

/// The sum that Kraft's inequality is about, over all texts of a length from some characters.
fn kraft(characters: &[u8], length: u32) -> f64 {
    let each = |mut number: usize| {
        let mut text = String::new();
        for _ in 0..length {
            text.push(char::from(characters[number % characters.len()]));
            number /= characters.len();
        }
        (-f64::from(judge(&text, &["shop"]).bits)).exp2()
    };
    (0..characters.len().pow(length)).map(each).sum()
}

#[test]
fn descriptions_are_a_code() {
    let printable: Vec<u8> = (b' '..=b'~').collect();
    for (characters, length) in [(&printable[..], 1), (&printable, 2), (b"abcdefgho01234-. AB", 3), (b"ab01-AZ", 4)] {
        let sum = kraft(characters, length);
        assert!(sum <= 1.0, "{sum} for {length} of {characters:?}");
    }
}

/// Every kind of thing that people make up, and what explains it.
#[test]
fn what_people_make_up_is_explained() {
    for (value, reason) in [
        ("wertyuiop234567890", Reason::Chains),
        ("zertyuiopqsdfghjklm", Reason::Chains),
        ("1qaz2wsx3edc4rfv", Reason::Chains),
        ("zaq12wsxcde34rfv", Reason::Chains),
        ("!QAZ2wsx#EDC4rfv", Reason::Chains),
        ("7418529630", Reason::Chains),
        ("poiuytrewq0987654321", Reason::Chains),
        ("1a2b3c4d5e6f7g8h", Reason::Chains),
        ("000102030405060708090a0b0c0d0e0f", Reason::Chains),
        ("AAECAwQFBgcICQoLDA0ODw==", Reason::Chains),
        ("aaaa-bbbb-cccc-dddd-eeee-ffff", Reason::Chains),
        (&"0".repeat(64), Reason::Repeats),
        (&"x7Kq9pLm".repeat(8), Reason::Repeats),
        ("DEADBEEFCAFEBABEDEADFACECAFEF00D", Reason::Words),
        ("p@ssw0rdS3cr3tK3y", Reason::Words),
        ("correct horse battery staple", Reason::Words),
        ("73757065722073656372657420746f6b656e", Reason::Words),
        ("dasistmeingeheimerschluessel", Reason::Words),
        ("19991231-20240229", Reason::Dates),
        ("base64:VGhpc0lzQUxhcmF2ZWxBcHBLZXlPZjMyQnl0ZXMhISE=", Reason::Words),
        ("drowssap-terces-nimda", Reason::Words),
        ("qwfpgjluyarstdhneio", Reason::Chains),
        ("arstdhneio", Reason::Chains),
        // UUIDs of versions 1, 6 and 7.
        ("2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d", Reason::Dates),
        ("1e940672-c5ea-64c0-8bad-9b1deb4d3b7d", Reason::Dates),
        ("018f3a7c-91d2-7c3e-9f10-2b6d4e8a7c55", Reason::Dates),
        ("kontoria-kontoria!", Reason::Names),
    ] {
        let judgement = judge(value, &["kontoria"]);
        assert_eq!(judgement.reason, Some(reason), "{value}: {judgement:?}");
        assert!(!judgement.is_random(), "{value}: {judgement:?}");
    }
}

/// What is random behind words is a key all the same.
#[test]
fn a_key_behind_a_name_is_a_key() {
    let key = "q7Vd0ZkXwT3bLr9JmHs2YcNfPgAe6uRi8oBKxQhU4tM";
    for value in [
        "0f8b3c1e-7d2a-4e96-b1c5-93a7d04e6f28".to_owned(),
        format!("base64:{key}="),
        format!("sk_live_{key}"),
        format!("shop-production-secret-key:{key}"),
    ] {
        assert!(judge(&value, &["shop"]).is_random(), "{:?}", judge(&value, &["shop"]));
    }
}

#[test]
fn any_text_is_judged() {
    for value in
        ["", " ", "a", "é", "\u{1f511}", "\0\0\0", "пароль", &"ж".repeat(10_000), &"a".repeat(1_000_000), "====", "-"]
    {
        assert!(!judge(value, &["", "shop"]).is_random(), "{value:.20}");
    }
}
