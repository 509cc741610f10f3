//! What the variables of an app say of which nothing is known, by names that many apps share. Where several meanings are
//! usual, nothing is said.

use serde_json::Value;

use crate::policy::Environment;

/// Names of the URL that visitors come to.
const URLS: [&str; 4] = ["BASE_URL", "APP_URL", "SITE_URL", "NEXTAUTH_URL"];

/// How the names begin of what is about mail.
const FAMILIES: [&str; 3] = ["SMTP_", "MAIL_", "EMAIL_"];

/// What the rest of such a name is about.
const MAIL: [(&str, &[&str]); 5] = [
    ("email.smtp.host", &["HOST", "SERVER"]),
    ("email.smtp.port", &["PORT"]),
    ("email.smtp.username", &["USER", "USERNAME", "LOGIN", "HOST_USER"]),
    ("email.smtp.password", &["PASSWORD", "PASS", "HOST_PASSWORD"]),
    ("email.from", &["FROM", "FROM_ADDRESS", "FROM_EMAIL"]),
];

/// The family that the app's mail server is named in; nothing where there is none, or where several name one.
pub(super) fn family(environment: &Environment<'_>) -> Option<&'static str> {
    let has_host = |family: &&&str| {
        let names = ["HOST", "SERVER"].map(|rest| format!("{family}{rest}"));
        environment.among(names.iter().map(String::as_str)).iter().any(|host| !host.value.expose().trim().is_empty())
    };
    let mut families = FAMILIES.iter().filter(has_host);
    families.next().copied().filter(|_| families.next().is_none())
}

/// What a variable says: the key, and its value there. An error says why that is not certain.
pub(super) fn said(
    family: Option<&str>,
    environment: &Environment<'_>,
    name: &str,
    text: &str,
) -> Option<Result<(&'static str, Value), String>> {
    let text = text.trim();
    if URLS.contains(&name) {
        return Some(Ok(("app.url", text.into())));
    }
    let (family, rest) = family.and_then(|family| Some((family, name.strip_prefix(family)?)))?;
    if let Some((key, _)) = MAIL.iter().find(|(_, names)| names.contains(&rest)) {
        let value = match *key {
            "email.smtp.username" | "email.smtp.password" => format!("env:{name}").into(),
            "email.smtp.port" => text.parse::<u16>().map_or_else(|_| text.into(), Value::from),
            _ => text.into(),
        };
        return Some(Ok((key, value)));
    }
    let is_on = ["true", "1", "yes", "on"].iter().any(|on| text.eq_ignore_ascii_case(on));
    let security = match rest {
        "USE_TLS" | "STARTTLS" | "USE_STARTTLS" if is_on => "starttls",
        "USE_SSL" | "SSL" | "SECURE" | "SSL_TLS" if is_on => "implicit",
        "ENCRYPTION" if text.eq_ignore_ascii_case("ssl") => "implicit",
        "ENCRYPTION" if text.eq_ignore_ascii_case("tls") => "starttls",
        // What it means, the port says: 465 is for TLS from the first byte (RFC 8314).
        "TLS" if is_on => {
            let port = format!("{family}PORT");
            match environment.among(std::iter::once(port.as_str())).last().map(|port| port.value.expose().trim()) {
                Some("465") => "implicit",
                Some("587" | "25" | "2525") => "starttls",
                Some(_) | None => return Some(Err("it may mean TLS from the first byte, or later".to_owned())),
            }
        }
        "USE_TLS" | "STARTTLS" | "USE_STARTTLS" | "USE_SSL" | "SSL" | "SECURE" | "SSL_TLS" | "TLS" | "ENCRYPTION" => {
            return Some(Err("that one way is off does not say which one is on".to_owned()));
        }
        _ => return None,
    };
    Some(Ok(("email.smtp.security", security.into())))
}
