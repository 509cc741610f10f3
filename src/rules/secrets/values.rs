//! What a secret's value has to be, and that it serves one purpose in one mode.

use super::uses::{names, resolved, values};
use super::weak::{Flaw, flaw, is_placeholder, published, weakness};
use super::written;
use crate::finding::Severity::Error;
use crate::policy::Variable;
use crate::profile::SecretPurpose;
use crate::rules::connection::Connection;
use crate::rules::data::{DAT002, has_default_credentials};
use crate::rules::rule::{Check, Severities, rules};

/// What to write where a key is missing or weak.
pub(super) const MAKE_ONE: &str = "put what `openssl rand -hex 32` prints there";

rules! {
    /// A secret is a reference, never a literal.
    ///
    /// A profile is committed, reviewed, copied into tickets and printed by tools, and what was in it once stays in the
    /// repository's history. So it says where a secret is found, and the value stays there. What stands in a
    /// reference's place is never repeated, in any output, because it may be the secret. A literal that was ever
    /// committed is known to everyone who could read the repository since: it has to be replaced, not moved.
    ///
    /// Write: `"env:NAME"` for a variable of the environment, or `"file:/absolute/path"` for a file that only the app
    /// can read, such as one under `/run/secrets/`.
    SEC001 = "literal-secret" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 13.3.1; CRUDAuth's production page: from the environment, never a literal",
        keys: &["secrets.*.source", "secrets.*.previous", "state.url", "database.url", "database.password", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key"],
        fix: None,
        check: Check::Loader,
    }

    /// A signing key has 32 random bytes or more.
    ///
    /// Whoever has one signed token can try keys against it at home, billions in a second, with nothing to slow them
    /// down and nobody to notice. The one that fits signs tokens for every account. Only chance keeps a key from being
    /// found: one that a person thought up is on a list, or a few words away from one.
    ///
    /// The value is looked at where `--env-file` gives it, and never shown. It has to have 32 bytes, of which two
    /// hexadecimal digits make one, and to be worth 108 bits: as many as the shortest description of it has that is found,
    /// out of words and names, dates, rows of keys and characters, repetitions, and what is left. A key that chance made
    /// falls below that less than once in a million, whatever alphabet it was drawn from. What is made up of words is found
    /// however long it is.
    ///
    /// Write: what `openssl rand -hex 32` prints, where the reference leads.
    SEC002 = "weak-signing-key" {
        severity: Severities::live(Error),
        source: "RFC 7518 §3.2: a key as long as HS256's hash; NIST SP 800-131A: 112 bits at least; Django security.W009",
        keys: &["secrets.*.source", "secrets.*.purpose"],
        fix: None,
        check: Check::Values(|facts, out| {
            let signing = facts.policy.secrets.iter().filter(|(_, secret)| secret.purpose == SecretPurpose::Signing);
            for (name, secret) in signing {
                let Some(variable) = facts.policy.value(&secret.source) else { continue };
                let value = resolved(facts, variable);
                // SEC003 speaks of placeholders, SEC014 of what is published.
                if !is_placeholder(value)
                    && published(value).is_none()
                    && let Some(weakness) = weakness(value, &names(facts))
                {
                    let key = ("secrets", name.as_str(), "source");
                    let draft =
                        out.at_variable(variable, key, format!("the signing key `{name}` {}", weakness.in_words()));
                    draft.label(weakness.label()).help(MAKE_ONE);
                    written::show(draft, facts, variable);
                }
            }
        }),
    }

    /// No secret is a placeholder, or a password that everyone tries.
    ///
    /// `changeme`, `your_secret_key` and `<generated…>` stand in the example that everybody copied, so they are the
    /// first that anyone tries. An app starts with them as with any other value, and nothing ever reminds of them.
    /// `django-insecure-` is Django's own mark for a key that was committed. A random key is one, too, if it was published:
    /// FastAPI's tutorial shows a very good one. `hunter2` and `123456` are on every list of passwords.
    ///
    /// Where the URL of a database or of a Redis has the same password, DAT002 tells it there, in the modes in which it is asked.
    ///
    /// Write: the secret itself, where the reference leads; for a key, what `openssl rand -hex 32` prints.
    SEC003 = "placeholder-secret" {
        severity: Severities::live(Error),
        source: "OWASP ASVS 5.0 13.2.3; Django security.W009; InstaCRUD's production page: not the default",
        keys: &["secrets.*.source", "secrets.*.previous", "state.url", "database.url", "database.password", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key"],
        reads: &[&["secrets.*.purpose", "email.enabled"]],
        fix: None,
        check: Check::Values(|facts, out| {
            let secrets = out.secrets();
            for (place, variable) in values(facts) {
                let value = resolved(facts, variable);
                let names = secrets.known.beside(variable.name);
                // What stands within a URL is DAT002's, what is empty SEC010's, and what the app does nothing with RAT005's.
                let is_told = || facts.app.ignored(variable.name).is_some();
                if value.contains("://") || value.trim().is_empty() || is_told() {
                    continue;
                }
                // Of the password of a server that its URL has, too, DAT002 tells there, with this place beside it.
                let at_its_url = || written::url_with(facts, variable, value).is_some_and(|url| has_default_credentials(facts, url));
                if DAT002.severity.get(facts.policy.mode).is_some() && at_its_url() {
                    continue;
                }
                let (what, label) = match (flaw(value, place.purpose, &names), place.purpose) {
                    (Some(Flaw::Placeholder), _) => ("a placeholder", "stands in examples, and is tried first"),
                    (
                        Some(Flaw::TriedFirst),
                        SecretPurpose::Signing | SecretPurpose::Encryption | SecretPurpose::Api | SecretPurpose::Database,
                    ) => ("a password that everyone tries", "easily guessed"),
                    // SEC009 speaks of an administrator's password, SEC014 of what is published, SEC015 of keys for tests,
                    // SEC002, ROT002, SEC009 and SEC015 of what is weak.
                    (Some(Flaw::TriedFirst), SecretPurpose::Admin)
                    | (Some(Flaw::Published | Flaw::ForTests | Flaw::Weak(_)) | None, _) => continue,
                };
                let help = match place.purpose {
                    SecretPurpose::Signing | SecretPurpose::Encryption => MAKE_ONE,
                    SecretPurpose::Api | SecretPurpose::Database | SecretPurpose::Admin => {
                        "put the secret itself there, one that was made by chance"
                    }
                };
                let key = place.key();
                let draft = out.at_variable(variable, key.clone(), format!("`{key}` leads to {what}"));
                draft.label(label).help(help);
                written::show(draft, facts, variable);
            }
        }),
    }
}

/// What of a value nobody else may have: of a URL the password. A placeholder is no secret yet.
pub(super) fn secret<'v>(variable: &Variable<'v>) -> Option<&'v str> {
    let value = variable.value.expose();
    let secret = match Connection::read(value) {
        // A password that is the user's name is DAT002's.
        Some(url) => url.password().filter(|password| url.credentials() != Some((*password, *password)))?,
        None => value,
    };
    (!secret.is_empty() && !is_placeholder(secret)).then_some(secret)
}
