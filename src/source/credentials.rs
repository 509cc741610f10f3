//! What of an address is secret: before an `@` what may be a password, as `u:pw` of `redis://u:pw@host`, and nothing of
//! `noreply@shop.example`; and the whole path, where whoever knows it may post.

use super::Span;

/// What the addresses begin with whose path is the secret.
const WEBHOOKS: [&str; 5] = [
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "webhook.office.com/webhookb2/",
];

/// The paths of a line that are a secret themselves.
pub fn webhooks(line: &str) -> impl Iterator<Item = Span> {
    WEBHOOKS.iter().flat_map(|webhook| line.match_indices(webhook)).map(|(start, webhook)| {
        let secret = start + webhook.len();
        let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '>' | ')');
        let length = line[secret..].find(is_end).unwrap_or(line.len() - secret);
        (secret..secret + length).into()
    })
}

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
