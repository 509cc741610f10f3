//! Values that are no secret by their form, however random they look: a reference that nobody resolved, a template that
//! nobody rendered, the hash of a well-known word, and the token that every page about tokens shows.

use std::fmt::Write;
use std::sync::LazyLock;

use sha2::{Digest, Sha256, Sha512};

use super::begins;

/// Words that people hash to have something that looks like a key.
const WORDS: [&str; 24] = [
    "",
    "password",
    "secret",
    "changeme",
    "admin",
    "test",
    "123456",
    "12345678",
    "123456789",
    "qwerty",
    "letmein",
    "key",
    "hello",
    "foo",
    "root",
    "default",
    "example",
    "welcome",
    "password1",
    "password123",
    "secretkey",
    "secret_key",
    "token",
    "hello world",
];

/// The MD5 and the SHA-1 digest of each of these words. Nothing here computes such digests: both hashes are broken.
const DIGESTS: [&str; 48] = [
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
    "5ebe2294ecd0e0f08eab7690d2a6ee69",
    "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4",
    "4cb9c8a8048fd02294477fcb1a41191a",
    "fa9beb99e4029ad5a6615399e7bbae21356086b3",
    "21232f297a57a5a743894a0e4a801fc3",
    "d033e22ae348aeb5660fc2140aec35850c4da997",
    "098f6bcd4621d373cade4e832627b4f6",
    "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
    "e10adc3949ba59abbe56e057f20f883e",
    "7c4a8d09ca3762af61e59520943dc26494f8941b",
    "25d55ad283aa400af464c76d713c07ad",
    "7c222fb2927d828af22f592134e8932480637c0d",
    "25f9e794323b453885f5181f1b624d0b",
    "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
    "d8578edf8458ce06fbc5bb76a58c5ca4",
    "b1b3773a05c0ed0176787a4f1574ff0075f7521e",
    "0d107d09f5bbe40cade3de5c71e9e9b7",
    "b7a875fc1ea228b9061041b7cec4bd3c52ab3ce3",
    "3c6e0b8a9c15224a8228b9a98ca1531d",
    "a62f2225bf70bfaccbc7f1ef2a397836717377de",
    "5d41402abc4b2a76b9719d911017c592",
    "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
    "acbd18db4cc2f85cedef654fccc4a4d8",
    "0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33",
    "63a9f0ea7bb98050796b649e85481845",
    "dc76e9f0c0006e8f919e0c515c66dbba3982f785",
    "c21f969b5f03d33d43e04f8f136e7682",
    "7505d64a54e061b7acd54ccd58b49dc43500b635",
    "1a79a4d60de6718e8e5b326e338ae533",
    "c3499c2729730a7f807efb8676a92dcb6f8a3f8f",
    "40be4e59b9a2a2b5dffb918c0e86b3d7",
    "c0b137fe2d792459f26ff763cce44574a5b5ab03",
    "7c6a180b36896a0a8c02787eeafb0e4c",
    "e38ad214943daad1d64c102faec29de4afe9da3d",
    "482c811da5d5b4bc6d497ffa98491e38",
    "cbfdac6008f9cab4083784cbd1874f76618d2a97",
    "610a2ee688cda9e724885e23cd2cfdee",
    "9885f8af04289135df259e34bd22d17fe45ea81e",
    "73eeac3fa1a0ce48f381ca1e6d71f077",
    "83ff9f4e0d16d61727cbdf47d769fb707b652217",
    "94a08da1fecbb6e8b46990538c7b50b2",
    "ee977806d7286510da8b9a7492ba58e2484c0ecc",
    "5eb63bbbe01eeed093cb22bb8f5acdc3",
    "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed",
];

/// How the addresses in stores of secrets begin that other programs replace by what they hold.
const REFERENCES: [&str; 12] = [
    "op://",
    "akv://",
    "sm://",
    "ssm://",
    "gcpsm://",
    "awssm://",
    "secret://",
    "vault:",
    "vault://",
    "ref+",
    "arn:aws:secretsmanager:",
    "keyring:",
];

/// The brackets around what a template engine replaces.
const TEMPLATES: [(&str, &str); 4] = [("{{", "}}"), ("<%", "%>"), ("{%", "%}"), ("${{", "}}")];

/// How the tokens begin that jwt.io shows: the rest differs by the year.
const SHOWN_TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwi";

/// Whether a value stands in a secret's place by its form.
pub(super) fn is_by_form(value: &str) -> bool {
    is_reference(value) || is_template(value) || is_digest_of_a_word(value) || begins(value, SHOWN_TOKEN)
}

/// Whether it is an address in a store. Chance does not write a beginning of some letters with its colon.
fn is_reference(value: &str) -> bool {
    REFERENCES.iter().any(|start| begins(value, start) && value.len() > start.len())
        && !value.contains(char::is_whitespace)
}

/// Whether it is one tag of a template from its beginning to its end, with white space or a call in it. Chance may put
/// brackets around a key, but writes neither.
fn is_template(value: &str) -> bool {
    TEMPLATES.iter().filter(|(open, _)| begins(value, open)).any(|(open, close)| {
        let within = value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        within.is_some_and(|within| {
            within.contains(char::is_whitespace) || (within.contains('(') && within.ends_with(')'))
        })
    })
}

/// Whether it is what hashing a well-known word gives, in hexadecimal digits.
fn is_digest_of_a_word(value: &str) -> bool {
    let digests: &[String] = match value.len() {
        32 | 40 => return DIGESTS.iter().any(|digest| digest.eq_ignore_ascii_case(value)),
        64 => &SHA256,
        128 => &SHA512,
        _ => return false,
    };
    // Most differ in the first digit, which is the quickest to compare.
    let first = value.as_bytes()[0].to_ascii_lowercase();
    digests.iter().any(|digest| digest.as_bytes()[0] == first && digest.eq_ignore_ascii_case(value))
}

/// The digests of the words, and of each as a line, made once for all values of a run.
static SHA256: LazyLock<Vec<String>> = LazyLock::new(|| digests(|text| in_hex(&Sha256::digest(text))));
static SHA512: LazyLock<Vec<String>> = LazyLock::new(|| digests(|text| in_hex(&Sha512::digest(text))));

fn digests(digest: impl Fn(&str) -> String) -> Vec<String> {
    WORDS.iter().flat_map(|word| [digest(word), digest(&format!("{word}\n"))]).collect()
}

fn in_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_secret_by_its_form_is_told() {
        for value in [
            "op://vault/item/field",
            "akv://shop-production/signing-key",
            "sm://shop/secret-key-of-production",
            "ref+vault://secret/data/shop#/key",
            "vault:secret/data/shop#SECRET_KEY",
            "{{ .Values.secretKey | b64enc }}",
            "{{ lookup(\"x\") }}",
            "{{lookup('env','x')}}",
            "<%= ENV[\"X\"] %>",
            "${{ secrets.SECRET_KEY }}",
            "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
            "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
        ] {
            assert!(is_by_form(value), "{value}");
            assert!(super::super::weak::is_placeholder(value), "{value}");
        }
        for value in ["", "vault:", "{{8f!a}}", "<%x%>", "0f8b3c1e7d2a4e96b1c593a7d04e6f28"] {
            assert!(!is_by_form(value), "{value}");
        }
    }
}
