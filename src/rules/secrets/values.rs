//! What a secret's value has to be, and that it serves one purpose in one mode.

use std::collections::HashMap;

use super::uses::{Use, beside, names, resolved, uses, values};
use super::weak::{Flaw, flaw, is_placeholder, published, weakness};
use crate::finding::Severity::Error;
use crate::plan::Facts;
use crate::policy::{Environment, Variable};
use crate::profile::{Mode, Name, Secret, SecretPurpose, SecretRef};
use crate::rules::connection::Connection;
use crate::rules::rule::{Check, Findings, Severities, rules};

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
                    out.at_variable(variable, key, format!("the signing key `{name}` {}", weakness.in_words()))
                        .label(weakness.label())
                        .help(MAKE_ONE);
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
    /// Write: the secret itself, where the reference leads; for a key, what `openssl rand -hex 32` prints.
    SEC003 = "placeholder-secret" {
        severity: Severities::live(Error),
        source: "OWASP ASVS 5.0 13.2.3; Django security.W009; InstaCRUD's production page: not the default",
        keys: &["secrets.*.source", "secrets.*.previous", "state.url", "database.url", "database.password", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key"],
        reads: &[&["secrets.*.purpose", "email.enabled"]],
        fix: None,
        check: Check::Values(|facts, out| {
            let general = names(facts);
            for (place, variable) in values(facts) {
                let value = resolved(facts, variable);
                let names = [general.clone(), beside(facts, variable.name)].concat();
                // What stands within a URL is DAT002's, and what is empty SEC010's.
                if value.contains("://") || value.trim().is_empty() {
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
                out.at_variable(variable, key.clone(), format!("`{key}` leads to {what}"))
                    .label(label)
                    .help(help);
            }
        }),
    }

    /// Every secret serves one purpose.
    ///
    /// What two purposes share is lost for both at once, and can be replaced for neither alone: a database password
    /// that also signs tokens makes every reader of the database's configuration an administrator of the app, and a
    /// signing key that also encrypts cannot be rotated, because what it encrypted would be gone. It also lets a value
    /// that was made for one purpose be passed off for the other.
    ///
    /// References are compared always, values where `--env-file` gives them, and of a URL the password: two URLs of one kind
    /// may lead to one server, and then share it. One secret under two keys is no breach
    /// where both mean the same: `[secrets.db]` with `purpose = "database"` and `database.url`. An app whose pack says
    /// that it encrypts with its signing key, as long as it has no other, has to be given one.
    ///
    /// Write: a reference for each purpose, and a value of its own behind each; for InstaCRUD a `[secrets.…]` with
    /// `purpose = "encryption"` and `source = "env:MONGO_URL_SECRET_KEY"`.
    SEC004 = "shared-secret" {
        severity: Severities::prod(Error),
        source: "NIST SP 800-57 Part 1 Rev. 5 §5.2: a key serves one purpose; the pack of InstaCRUD",
        keys: &["secrets.+.source", "secrets.+.previous", "secrets.+.purpose", "state.url", "database.url", "database.password", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key"],
        reads: &[&["email.enabled", "state.backend"]],
        fix: None,
        check: Check::Mixed(|facts, out| {
            let policy = facts.policy;
            let mut earlier = Earlier::default();
            for later in uses(policy) {
                let variable = policy.value(later.reference);
                let shared = earlier.shares(&later, variable);
                earlier.add(later, variable);
                let Some((earlier, variable)) = shared else { continue };
                let (one, two) = (earlier.key(), later.key());
                let draft = match variable {
                    None => {
                        let message = format!("`{one}` and `{two}` refer to the same secret");
                        out.at(two, message).label("the same reference").also(one, "used here, too")
                    }
                    Some(variable) => {
                        let message = format!("`{one}` and `{two}` lead to the same value");
                        out.at_variable(variable, two, message).label("the same value again")
                    }
                };
                draft.help("give each a secret of its own");
            }
            tell_of_the_key_that_encrypts_too(facts, out);
        }),
    }

    /// No secret's value serves two modes.
    ///
    /// Staging is where more people may look, where data is copied to laptops and keys end up in tickets. If its
    /// signing key is production's as well, a token that staging made for a test account is good in production.
    ///
    /// Values are compared where `--env-file` gives a file for each mode, and of a URL the password, whatever the host. What
    /// stands once, in a file that the app reads in both modes, as `.env.local` is, is not compared with itself: such a file
    /// is another one on each machine, and whether this machine serves both modes is not known.
    ///
    /// Write: a value of its own in the `.env` file of every mode.
    SEC005 = "secret-of-another-mode" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 13.3.1; InstaCRUD's production page: strong and unique",
        keys: &["secrets.*.source", "secrets.*.previous", "state.url", "database.url", "database.password", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key"],
        reads: &[&["state.backend"]],
        fix: None,
        check: Check::Values(|facts, out| {
            let modes = Mode::ALL.iter().filter(|mode| **mode != facts.policy.mode);
            for (mode, other) in modes.filter_map(|mode| Some((mode, facts.policy.environment_of(*mode)?))) {
                let theirs: HashMap<&str, Variable<'_>> =
                    other.variables().filter_map(|variable| Some((secret(&variable)?, variable))).collect();
                for (place, variable) in values(facts) {
                    if let Some(same) = secret(&variable).and_then(|secret| theirs.get(secret))
                        && !is_one_entry(facts, (*mode, other), &variable, same)
                    {
                        let key = place.key();
                        let name = if same.is_plainly_named { format!("`{}`", same.name) } else { "a value".to_owned() };
                        out.at_variable(variable, key.clone(), format!("`{key}` leads to a secret that serves {mode}, too"))
                            .label(format!("the same as {name} in {mode}"))
                            .help(format!("make a new one for {}", facts.policy.mode));
                    }
                }
            }
        }),
    }
}

/// Whether a variable and that of another mode are the same entry of a file that the app reads in both.
fn is_one_entry(
    facts: &Facts<'_>,
    (mode, other): (Mode, &Environment<'_>),
    own: &Variable<'_>,
    theirs: &Variable<'_>,
) -> bool {
    let here = facts.policy.environment().and_then(|environment| environment.path_of(own));
    let (Some(here), Some(there)) = (here, other.path_of(theirs)) else { return false };
    own.name_span == theirs.name_span && here == there && facts.is_read_in_both(here, mode)
}

/// Speaks where a pack says that the signing key encrypts as well, and the profile has no key for that.
fn tell_of_the_key_that_encrypts_too(facts: &Facts<'_>, out: &mut Findings<'_>) {
    if let Some((name, _, what)) = key_that_encrypts_too(facts) {
        let message = format!("{} encrypts {what} with the signing key `{name}`", facts.app.title);
        out.at(("secrets", name.as_str(), "source"), message)
            .label("no secret is for encryption, so this one is used")
            .help("add a secret with `purpose = \"encryption\"`, and encrypt again what the old one encrypted");
    }
}

/// The signing key that has to encrypt as well, and what it encrypts.
pub(in crate::rules) fn key_that_encrypts_too<'p>(facts: &'p Facts<'_>) -> Option<(&'p Name, &'p Secret, &'p str)> {
    let what = facts.app.signing_key_encrypts.as_deref()?;
    let secrets = &facts.policy.secrets;
    let of = |purpose| secrets.iter().find(move |(_, secret)| secret.purpose == purpose);
    let (name, secret) = of(SecretPurpose::Signing).filter(|_| of(SecretPurpose::Encryption).is_none())?;
    Some((name, secret, what))
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

/// Whether both are URLs of one kind of server: another database of the same server, or a copy of it, has the same password.
fn may_be_one_server(one: &Variable<'_>, other: &Variable<'_>) -> bool {
    fn kind<'v>(variable: &Variable<'v>) -> Option<&'v str> {
        Connection::read(variable.value.expose()).map(|url| url.kind())
    }
    one.value != other.value && kind(one).is_some() && kind(one) == kind(other)
}

/// The uses of secrets so far, by what they may turn out to share.
#[derive(Default)]
struct Earlier<'p> {
    by_reference: HashMap<&'p SecretRef, Vec<Use<'p>>>,
    by_secret: HashMap<&'p str, Vec<(Use<'p>, Variable<'p>)>>,
}

impl<'p> Earlier<'p> {
    /// The first use that shares its secret with another, and the variable where it is only the value that is shared.
    fn shares(&self, later: &Use<'p>, variable: Option<Variable<'p>>) -> Option<(Use<'p>, Option<Variable<'p>>)> {
        // A key and the one before it are ROT002's.
        let is_other = |earlier: &Use<'p>| !later.rotates(earlier) && !later.declares(earlier);
        let same = self.by_reference.get(later.reference).into_iter().flatten().find(|earlier| is_other(earlier));
        if let Some(earlier) = same {
            return Some((*earlier, None));
        }
        let variable = variable?;
        let mut equal = self.by_secret.get(secret(&variable)?).into_iter().flatten();
        let (earlier, _) = equal.find(|(earlier, other)| is_other(earlier) && !may_be_one_server(other, &variable))?;
        Some((*earlier, Some(variable)))
    }

    fn add(&mut self, this: Use<'p>, variable: Option<Variable<'p>>) {
        self.by_reference.entry(this.reference).or_default().push(this);
        if let Some((variable, secret)) = variable.and_then(|variable| Some((variable, secret(&variable)?))) {
            self.by_secret.entry(secret).or_default().push((this, variable));
        }
    }
}
