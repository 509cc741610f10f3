//! The app's secrets, and where they are kept.

use super::rule::{Check, Severities, rules};
use crate::finding::Severity::Error;

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
        keys: &["secrets.*.source", "secrets.*.previous", "state.url", "database.url", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key"],
        fix: None,
        check: Check::Loader,
    }
}
