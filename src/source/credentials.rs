//! What of a text before an `@` may be a password: `u:pw` of `redis://u:pw@host`, and nothing of `noreply@shop.example`.

/// Where credentials begin in what stands before an `@`; nothing where there are none, as in a mail address, an address of a
/// page, or an image that is named by its digest. A password may hold a slash that nobody has encoded.
pub fn credentials(before: &str, after: &str) -> Option<usize> {
    let start = match before.find("://") {
        Some(scheme) => scheme + 3,
        None if before.starts_with("mailto:") || after.starts_with("sha256:") => return None,
        None => 0,
    };
    let own = &before[start..];
    let is_address = own.find('/').is_some_and(|slash| !own[..slash].contains(':'));
    let is_named = start > 0 || own.contains(':');
    (is_named && !own.is_empty() && !is_address).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::credentials;

    #[test]
    fn a_password_is_told_from_an_address() {
        let of = |text: &str| {
            let at = text.rfind('@').expect("it has an @");
            credentials(&text[..at], &text[at + 1..]).map(|start| text[start..at].to_owned())
        };
        for (text, secret) in [
            ("redis://u:pw@host/0", Some("u:pw")),
            ("redis://:p/w@host", Some(":p/w")),
            ("https://token@host", Some("token")),
            ("u:p/w@host:1", Some("u:p/w")),
            ("u:p@w@host", Some("u:p@w")),
            ("noreply@shop.example", None),
            ("mailto:noreply@shop.example", None),
            ("redis://@host", None),
            ("https://shop.example/@user", None),
            ("registry.example.com:5000/shop@sha256:0123", None),
        ] {
            assert_eq!(of(text).as_deref(), secret, "{text}");
        }
    }
}
