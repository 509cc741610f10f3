//! The escapes of URLs.

/// What percent signs stand for, as `decodeURIComponent` reads it; nothing where one is malformed.
pub fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn escapes_of_a_url_are_taken_out() {
        for (text, plain) in [
            ("a", Some("a")),
            ("p%40ss%2Fw", Some("p@ss/w")),
            ("50%", None),
            ("%zz", None),
            ("%ff", None),
            ("", Some("")),
        ] {
            assert_eq!(percent_decoded(text).as_deref(), plain, "{text}");
        }
    }
}
