//! Keys in PEM form: as much of one as rules ask for. The key itself is never kept.

/// What a key in PEM form is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// Whether it can sign.
    pub(super) is_private: bool,
    /// How many bits its modulus has, if it is RSA's and can be read.
    pub(super) rsa_bits: Option<usize>,
}

/// Reads a value that is a key in PEM form, its line ends written as they are or as `\n`, or left out.
pub(super) fn read(value: &str) -> Option<Key> {
    let (_, rest) = value.trim().split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    if !label.ends_with("KEY") && label != "CERTIFICATE" {
        return None;
    }
    let body = rest.split("-----END").next()?.replace("\\n", "").replace("\\r", "");
    let rsa_bits = base64(&body).and_then(|der| modulus(&der));
    Some(Key { is_private: label.ends_with("PRIVATE KEY"), rsa_bits })
}

/// What a text in base64 says; line ends and `=` do not count.
pub(in crate::rules) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut pending, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        pending = pending << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(pending >> count & 0xff).expect("eight bits are a byte"));
        }
    }
    Some(bytes)
}

/// The length in bits of the first number in DER that is as long as an RSA modulus. It comes before all other long ones, in
/// PKCS#1 and PKCS#8 and in a public key; keys on elliptic curves hold none.
fn modulus(der: &[u8]) -> Option<usize> {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    const BIT_STRING: u8 = 0x03;
    const OCTET_STRING: u8 = 0x04;
    /// Shorter numbers are versions, exponents, or of another kind of key.
    const LEAST_BYTES: usize = 64;
    let mut rest = der;
    while let Some((tag, content, behind)) = element(rest) {
        let found = match tag {
            INTEGER => {
                let number = &content[content.iter().take_while(|byte| **byte == 0).count()..];
                (number.len() >= LEAST_BYTES).then(|| number.len() * 8 - number[0].leading_zeros() as usize)
            }
            SEQUENCE | OCTET_STRING => modulus(content),
            BIT_STRING => content.get(1..).and_then(modulus),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
        rest = behind;
    }
    None
}

/// The first element of DER: its tag, its content, and what stands behind it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (length, rest) = rest.split_at_checked(usize::from(*first & 0x7f))?;
        // A key of more than 4 GiB is none.
        (length.iter().take(5).fold(0_usize, |length, byte| length << 8 | usize::from(*byte)), rest)
    };
    let (content, behind) = rest.split_at_checked(length)?;
    Some((*tag, content, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DER of an element.
    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).expect("it is short").to_be_bytes();
        [&[tag, 0x82], &length[..], content].concat()
    }

    fn pem(label: &str, der: &[u8]) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bits: Vec<u8> = der.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
        let digit = |six: &[u8]| {
            let index = (0..6).fold(0, |index, bit| index << 1 | six.get(bit).copied().unwrap_or_default());
            char::from(DIGITS[usize::from(index)])
        };
        let body: String = bits.chunks(6).map(digit).collect();
        format!("-----BEGIN {label}-----\\n{body}\\n-----END {label}-----")
    }

    #[test]
    fn the_modulus_of_an_rsa_key_is_found_in_every_form() {
        let modulus = [&[0, 0xc1][..], &[0x5a; 127]].concat();
        let numbers = [der(2, &[0]), der(2, &modulus), der(2, &[1, 0, 1])].concat();
        let pkcs1 = der(0x30, &numbers);
        let algorithm = der(0x30, &[0x06, 0x01, 0x2a]);
        let pkcs8 = der(0x30, &[der(2, &[0]), algorithm.clone(), der(4, &pkcs1)].concat());
        let public = der(0x30, &[algorithm, der(3, &[&[0], &der(0x30, &numbers[5..])[..]].concat())].concat());
        for (label, der, is_private) in
            [("RSA PRIVATE KEY", pkcs1, true), ("PRIVATE KEY", pkcs8, true), ("PUBLIC KEY", public, false)]
        {
            assert_eq!(read(&pem(label, &der)), Some(Key { is_private, rsa_bits: Some(1024) }), "{label}");
        }
    }

    #[test]
    fn what_is_no_key_is_read_as_none() {
        assert_eq!(read("-----BEGIN CERTIFICATE REQUEST-----\nx\n-----END"), None);
        assert_eq!(read("8f3a1c0d9e7b5264"), None);
        let key = Some(Key { is_private: true, rsa_bits: None });
        assert_eq!(read("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----"), key);
        for broken in ["", "!", "MIIEvQ", "MP////////////8C", "MIj//////////w=="] {
            assert_eq!(read(&format!("-----BEGIN PRIVATE KEY-----{broken}")), key);
        }
    }
}
