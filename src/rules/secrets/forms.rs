//! Values that are no secret by their form, however random they look: a reference that nobody resolved, a template that
//! nobody rendered, the hash of a well-known word, and the token that every page about tokens shows.

use std::collections::HashSet;
use std::sync::LazyLock;

use sha2::{Digest, Sha256, Sha512};

use super::begins;
use super::pem::base64;
use crate::apps::Published;

/// What people hash to have something that looks like a key, with its MD5 and its SHA-1 digest. Nothing here computes such
/// digests: both hashes are broken.
const HASHED: &str = include_str!("digests.txt");

/// How the addresses in stores of secrets begin that other programs replace by what they hold.
const REFERENCES: [&str; 13] = [
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
    "<path:",
    "arn:aws:secretsmanager:",
    "keyring:",
];

/// The brackets around what a template engine replaces.
const TEMPLATES: [(&str, &str); 4] = [("{{", "}}"), ("<%", "%>"), ("{%", "%}"), ("${{", "}}")];

/// Programs that do little else than to make secrets, and others by which they are made or fetched.
const GENERATORS: [&str; 4] = ["openssl", "pwgen", "uuidgen", "mkpasswd"];
const PROGRAMS: [&str; 26] = [
    "python", "python3", "node", "ruby", "perl", "php", "head", "dd", "date", "cat", "echo", "printf", "tr", "gpg",
    "apg", "od", "xxd", "shuf", "curl", "pass", "op", "aws", "gcloud", "vault", "docker", "kubectl",
];

/// How the calls begin by which languages make or read one.
const CALLS: [&str; 10] = [
    "secrets.token_",
    "crypto.random",
    "require('crypto')",
    "os.urandom(",
    "os.environ",
    "os.getenv(",
    "process.env.",
    "SecureRandom.",
    "uuid.uuid4(",
    "Fernet.generate_key(",
];

/// The shortest text that is looked for in another form.
const LEAST_TEXT: usize = 8;

/// How the tokens begin that jwt.io shows: the rest differs by the year.
const SHOWN_TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwi";

/// Whether a value stands in a secret's place by its form.
pub(super) fn is_by_form(value: &str) -> bool {
    is_reference(value)
        || is_template(value)
        || is_digest_of_a_word(value)
        || begins(value, SHOWN_TOKEN)
        || is_command(value)
        || is_encoded_placeholder(value)
}

/// Whether it is a command or a call that would print a secret, and that nobody ran.
fn is_command(value: &str) -> bool {
    let value = value.trim_start_matches(['"', '\'', '`', '$', '(', '!', ' ']);
    let Some((program, rest)) = value.split_once(char::is_whitespace) else {
        return CALLS.iter().any(|start| begins(value, start));
    };
    let program = program.rsplit('/').next().unwrap_or(program);
    // Some of these names are words of a phrase, too.
    let has_signs = || rest.contains(['|', '/', '(', ':']) || rest.starts_with(['-', '+']) || rest.contains(" -");
    GENERATORS.contains(&program)
        || PROGRAMS.contains(&program) && has_signs()
        || CALLS.iter().any(|start| begins(value, start))
}

/// Whether it is a placeholder that somebody wrote in hexadecimal digits or in base64.
fn is_encoded_placeholder(value: &str) -> bool {
    let digits = value.trim_end_matches('=');
    let bytes = from_hex(digits).filter(|_| digits.len().is_multiple_of(2)).or_else(|| from_base64(digits));
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.is_some_and(|text| {
        let is_written = text.len() >= LEAST_TEXT && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        is_written && (Published::is_placeholder(&text) || Published::has_placeholder(&text))
    })
}

/// Whether it is a sentence, as a note to whoever fills the place in: words alone, with some that hold sentences together. Of
/// words that chance chose, few are such.
pub(super) fn is_sentence(value: &str) -> bool {
    const BETWEEN: [&str; 20] = [
        "a", "an", "and", "at", "by", "for", "from", "here", "in", "is", "it", "my", "of", "on", "our", "the", "this",
        "to", "with", "your",
    ];
    let words: Vec<&str> = value.split_whitespace().map(|word| word.trim_matches(['.', ',', ':', '!', '?'])).collect();
    let is_plain = words.iter().all(|word| word.chars().all(|c| c.is_alphanumeric() || "'-".contains(c)));
    let between = words.iter().filter(|word| BETWEEN.iter().any(|one| word.eq_ignore_ascii_case(one))).count();
    is_plain && words.len() > 2 && between > usize::from(words.len() > 4)
}

/// Whether it is an address in a store. Chance does not write a beginning of some letters with its colon.
pub(in crate::rules) fn is_reference(value: &str) -> bool {
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

/// Whether it is what hashing a well-known word gives, in hexadecimal digits or in base64.
fn is_digest_of_a_word(value: &str) -> bool {
    let value = value.trim_end_matches('=');
    match value.len() {
        32 | 40 => BROKEN.contains(&*value.to_ascii_lowercase()),
        64 => from_hex(value).is_some_and(|bytes| SHA256.contains(&bytes)),
        43 => from_base64(value).is_some_and(|bytes| SHA256.contains(&bytes)),
        128 => from_hex(value).is_some_and(|bytes| SHA512.contains(&bytes)),
        86 => from_base64(value).is_some_and(|bytes| SHA512.contains(&bytes)),
        _ => false,
    }
}

/// The digests of the list, and those of its words and of each as a line, made once for all values of a run.
static BROKEN: LazyLock<HashSet<&str>> = LazyLock::new(|| hashed().flat_map(|[md5, sha1, _]| [md5, sha1]).collect());
static SHA256: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| digests(|text| Sha256::digest(text).to_vec()));
static SHA512: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| digests(|text| Sha512::digest(text).to_vec()));

fn digests(digest: impl Fn(&str) -> Vec<u8>) -> HashSet<Vec<u8>> {
    hashed().flat_map(|[_, _, word]| [digest(word), digest(&format!("{word}\n"))]).collect()
}

/// The lines of the list, taken apart.
fn hashed() -> impl Iterator<Item = [&'static str; 3]> {
    HASHED.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (md5, rest) = line.split_once(' ').expect("a line has two digests");
        // An editor may have taken the blank away behind which nothing stands.
        let (sha1, word) = rest.split_once(' ').unwrap_or((rest, ""));
        [md5, sha1, word]
    })
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, _) = digits.as_bytes().as_chunks::<2>();
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// The whole bytes of base64 in either of its alphabets.
fn from_base64(digits: &str) -> Option<Vec<u8>> {
    base64(&digits.replace('-', "+").replace('_', "/"))
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
            // The SHA-256 and the SHA-512 digest of `password` in base64, and the MD5 digest of `abc123`.
            "XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg=",
            "sQnzu7wkTrgkQZF+0G1hi5AI3Qmzvv0bXgc5THBqi7mAsdd4Xll27ASbRt9fEyavWi6m0QP9B8lThf+rDKy8hg==",
            "e99a18c428cb38d5f260853678922e03",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
            "head -c 32 /dev/urandom | base64",
            "python -c 'import secrets; print(secrets.token_hex(32))'",
            "openssl rand -hex 32",
            "$(openssl rand -hex 32)",
            "date +%s | sha256sum",
            "pwgen -s 64 1",
            "secrets.token_urlsafe(32)",
            "crypto.randomBytes(32).toString('hex')",
            "eW91ci1zZWNyZXQta2V5LWhlcmUtcGxlYXNlLWNoYW5nZQ==",
            "796f75722d7365637265742d6b65792d68657265",
        ] {
            assert!(is_by_form(value), "{value}");
            assert!(super::super::weak::is_placeholder(value), "{value}");
        }
        for value in ["ask the admin for this value", "stored in 1Password", "The key is in the vault of the team."] {
            assert!(is_sentence(value) && !is_by_form(value), "{value}");
        }
        for value in ["correct horse battery staple", "for whom", "at rope cabin salad onion", "4f5-9a the8 x=in is"] {
            assert!(!is_sentence(value), "{value}");
        }
        for value in [
            "",
            "date palm node river",
            "cat echo head tree",
            "vault:",
            "{{8f!a}}",
            "<%x%>",
            "0f8b3c1e7d2a4e96b1c593a7d04e6f28",
        ] {
            assert!(!is_by_form(value), "{value}");
        }
    }
}
