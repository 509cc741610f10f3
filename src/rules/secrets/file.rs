//! The whole `.env` file: every secret in it is judged, whether or not the profile refers to it.

use std::collections::HashSet;

use super::super::reads::REFERENCES;
use super::issuers::is_for_servers;
use super::names::{published_by, purpose};
use super::subject::{NO_SECRET, Subject, is_databases, is_public, places};
use super::uses::{references, values};
use super::values::{MAKE_ONE, secret};
use super::weak::{Flaw, published};
use super::written;
use crate::apps::PublishedValues;
use crate::finding::Severity::{Error, Note};
use crate::plan::Facts;
use crate::policy::Environment;
use crate::profile::{SecretPurpose, SecretRef};
use crate::rules::connection::Connection;
use crate::rules::data::has_default_credentials;
use crate::rules::rule::{Check, Findings, Severities, rules};

rules! {
    /// No secret has a name that a front end's bundler publishes.
    ///
    /// Vite copies every variable whose name begins with `VITE_` into the scripts that visitors load, Next.js those with
    /// `NEXT_PUBLIC_`, Create React App those with `REACT_APP_`, Svelte and Astro those with `PUBLIC_`, and so on.
    /// The page works, the key stands in a file that search engines read, and whoever looks for such keys finds it within
    /// hours: a payment service's lets them refund to themselves, a database's service role reads every row.
    ///
    /// Asked are the variables that the profile refers to; with `--env-file`, too, those whose name says `SECRET`,
    /// `PASSWORD`, `PRIVATE` or the like behind the prefix, whose value begins as issuers begin their secret keys (`sk_live_`,
    /// `ghp_`), or is that of a secret. Keys that are made for pages (`…_SITE_KEY`, `…_PUBLISHABLE_KEY`, `…_ANON_KEY`) are none.
    ///
    /// Write: the variable under a name without the prefix, read by the server alone, and a new secret in it.
    SEC013 = "secret-in-the-bundle" {
        severity: Severities::all(Error),
        source: "Vite, Env Variables and Modes: VITE_* should not contain sensitive information; Next.js, Environment Variables; OWASP ASVS 5.0 13.3.1",
        keys: &["secrets.*.source", "secrets.*.previous", "state.url", "database.url", "database.password", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key", "app.public_variables"],
        reads: &[REFERENCES],
        fix: None,
        check: Check::Mixed(|facts, out| {
            const HELP: &str = "give it a name without the prefix, have the server alone read it, and make a new one";
            let message = |name: &str, prefix: &str| {
                format!("bundlers copy `{name}` into the page's scripts, as every variable whose name begins with `{prefix}`")
            };
            for place in references(facts.policy) {
                let SecretRef::Env(name) = place.reference else { continue };
                if let Some((prefix, _)) = published_by(name) {
                    out.at(place.key(), message(name, prefix)).label("every visitor can read it").help(HELP);
                }
            }
            let Some(environment) = facts.policy.environment() else { return };
            let secrets: HashSet<&str> = values(facts).filter_map(|(_, variable)| secret(&variable)).collect();
            let places = places(facts);
            for variable in environment.variables() {
                let Some((prefix, rest)) = published_by(variable.name) else { continue };
                if places.contains_key(variable.name) || is_public(facts, variable) {
                    continue;
                }
                let value = variable.value.expose().trim();
                if !value.is_empty() && (says_secret(rest) || is_for_servers(value) || secrets.contains(value)) {
                    out.at_variable(variable, NO_SECRET, message(variable.name, prefix))
                        .label("every visitor can read it")
                        .help(HELP);
                }
            }
        }),
    }

    /// No secret is one that is published.
    ///
    /// Documentations show example keys, services give keys for tests to everyone, and projects ship Compose files with
    /// passwords and keys in them. Such a key may be as random as any, and is known to whoever can read: programs
    /// that look for open services try `minioadmin` first, and tokens signed with the key of a well-known example are made
    /// in one line.
    ///
    /// Compared, where `--env-file` gives them, are all values that the profile refers to, all variables whose names look
    /// like those of secrets, and every long value, with a list of what was found in public
    /// (`apps/published/values.toml`, with sources and dates). In dev and test, where a service's test keys and a project's
    /// defaults have their place, those are a note. The test keys that `bot_protection` refers to are BOT002's.
    ///
    /// Write: a secret of your own; for a key, what `openssl rand -hex 32` prints.
    SEC014 = "published-secret" {
        severity: Severities::all(Error),
        source: "apps/published/values.toml: the documentations, services and projects that published them; OWASP ASVS 5.0 13.2.3",
        keys: &["secrets.*.source", "secrets.*.previous", "state.url", "database.url", "database.password", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key", "app.public_variables"],
        reads: &[REFERENCES],
        fix: None,
        check: Check::Values(|facts, out| {
            let mut told = HashSet::new();
            for subject in &out.secrets().of_file {
                let Some(found) = subject.value.and_then(published) else { continue };
                if !subject.is_for_bot_protection() && !is_told_elsewhere(subject, facts, &out.secrets().of_file) {
                    tell(subject, found, facts, out);
                }
                told.insert(subject.variable.name);
            }
            // A published key is one under any name; a word may stand anywhere.
            let secrets = out.secrets();
            let mut subjects = secrets.of_file.iter().peekable();
            for variable in facts.policy.environment().into_iter().flat_map(Environment::variables) {
                let value = variable.value.expose().trim();
                let subject = subjects.next_if(|subject| subject.variable.is_at(&variable));
                // Above it was compared, unless that was of a part of it.
                let is_compared = subject.is_some_and(|subject| subject.value == Some(value));
                if is_compared || value.len() < LEAST_KEY || told.contains(variable.name) || is_public(facts, variable) {
                    continue;
                }
                if let Some(found) = published(value) {
                    let (place, value) = (None, Some(value));
                    tell(&Subject { variable, place, purpose: SecretPurpose::Api, value }, found, facts, out);
                }
            }
        }),
    }

    /// Every secret of the `.env` file withstands guesses, whether or not the profile refers to it.
    ///
    /// A profile names the secrets that seccfg has to know. The file holds more: the keys of a payment service, a password
    /// that Compose gives to the database, a token that a webhook has to show. Whoever guesses one of them does not care
    /// which of them a profile names.
    ///
    /// Judged are the variables that the profile refers to or that the pack calls secret, and those whose names look like
    /// it: they end in `SECRET`, `KEY`, `TOKEN`, `PASSWORD` or the like, or hold a URL with a password. Names of what is
    /// public or says something about a secret are left out: `…_PUBLIC_KEY`, `…_KEY_ID`, `TOKEN_EXPIRY`,
    /// `PASSWORD_MIN_LENGTH`. Each is measured by what it is for, which the profile says, or else the name. What signs or
    /// encrypts can be tried at home, and has to be worth 108 bits; a password that a server is asked for, 44: what
    /// chance made with 128 and 64 bits is, but for once in a million. A key of a service's test mode (`sk_test_…`) has its
    /// place before production. Of the secrets that the profile refers to, SEC002 and
    /// ROT002 judge what signs, SEC003 placeholders and the commonest passwords, SEC009 administrators', DAT002 the
    /// defaults of databases.
    ///
    /// Write: what `openssl rand -hex 32` prints; or, where a variable is no secret, its name in `app.public_variables`.
    SEC015 = "guessable-secret" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 13.2.3 and 11.5.1; NIST SP 800-63B: 64 bits where guesses are not slowed down; NIST SP 800-131A",
        keys: &["secrets.*.source", "secrets.*.purpose", "state.url", "database.url", "database.password", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key", "app.public_variables"],
        reads: &[REFERENCES],
        fix: None,
        check: Check::Values(|facts, out| {
            let secrets = out.secrets();
            for (subject, flaw) in secrets.of_file.iter().zip(secrets.flaws()) {
                let flaw = flaw.filter(|flaw| is_ours(subject, *flaw, facts));
                let Some(flaw) = flaw.filter(|_| !is_told_elsewhere(subject, facts, &secrets.of_file)) else { continue };
                let (what, label) = match flaw {
                    Flaw::Placeholder => ("is a placeholder".to_owned(), "stands in examples, and is tried first".to_owned()),
                    Flaw::TriedFirst => ("is a password that everyone tries".to_owned(), "easily guessed".to_owned()),
                    Flaw::Weak(weakness) => (weakness.in_words(), weakness.label()),
                    Flaw::ForTests => ("is a key for tests".to_owned(), "nothing that is done with it is real".to_owned()),
                    // SEC014's.
                    Flaw::Published => continue,
                };
                let help = match (flaw, subject.place) {
                    (Flaw::ForTests, _) => "put the key there that the service gives for production".to_owned(),
                    (_, Some(_)) => renewed(subject.purpose).to_owned(),
                    (_, None) => format!(
                        "put what `openssl rand -hex 32` prints there, or the secret itself; if it is none, add the \
                         variable's name to `{NO_SECRET}`"
                    ),
                };
                let draft = out.at_variable(subject.variable, subject.key(), format!("{} {what}", subject.called()));
                draft.label(label).help(help);
                written::show(draft, facts, subject.variable);
            }
        }),
    }
}

/// How a secret is replaced that the profile refers to: it is made where it is asked for.
const fn renewed(purpose: SecretPurpose) -> &'static str {
    match purpose {
        SecretPurpose::Signing | SecretPurpose::Encryption | SecretPurpose::Admin => MAKE_ONE,
        SecretPurpose::Api => "make a new one at the service that it opens, and put there what that gives you",
        SecretPurpose::Database => {
            "give the server a new password, such as what `openssl rand -hex 32` prints, and put the same there"
        }
    }
}

/// The fewest characters of what can be nothing but a key.
const LEAST_KEY: usize = 16;

/// Tells that a secret is published.
fn tell(subject: &Subject<'_>, found: &PublishedValues, facts: &Facts<'_>, out: &mut Findings<'_>) {
    let draft = out.at_variable(subject.variable, subject.key(), format!("{} is {}", subject.called(), found.what));
    draft.label("everyone can read it").help(format!("make one of your own; this one stands in {}", found.found_in));
    written::show(draft, facts, subject.variable);
    if found.kind.is_for_tests() && !facts.policy.mode.is_live() {
        draft.at_most(Note);
    }
}

/// Whether it is the password of a server, and told elsewhere.
fn is_told_elsewhere(subject: &Subject<'_>, facts: &Facts<'_>, all: &[Subject<'_>]) -> bool {
    let is_in_url = subject.place.is_some_and(|place| is_databases(&place));
    !is_in_url && subject.value.is_some_and(|value| written::is_told_elsewhere(facts, all, subject.variable, value))
}

/// Whether no other rule speaks of it.
fn is_ours(subject: &Subject<'_>, flaw: Flaw, facts: &Facts<'_>) -> bool {
    // What the profile refers to without a use for it, such as the password of mail that is off, guards nothing.
    let Some(place) = subject.place else {
        // Of what the app does nothing with, RAT005 tells, which has it taken away.
        let is_ignored = facts.app.ignored(subject.variable.name).is_some();
        return subject.variable.is_others || !(is_ignored || facts.policy.refers_to(subject.variable.name));
    };
    let is_url = Connection::read(subject.variable.value.expose()).is_some();
    match (flaw, place.purpose) {
        // Of a URL's password DAT002 speaks, where the URL is the database's or the state's.
        (Flaw::Placeholder | Flaw::TriedFirst, _) if is_url => {
            !(is_databases(&place) && has_default_credentials(facts, subject.variable))
        }
        (Flaw::Weak(_), SecretPurpose::Encryption | SecretPurpose::Api | SecretPurpose::Database)
        | (Flaw::ForTests, _) => true,
        // SEC014 speaks of the first, SEC003 and SEC009 of the next two, SEC002, ROT002 and SEC009 of the others.
        (Flaw::Published | Flaw::Placeholder | Flaw::TriedFirst, _)
        | (Flaw::Weak(_), SecretPurpose::Signing | SecretPurpose::Admin) => false,
    }
}

/// Whether what stands behind a bundler's prefix says that it is no key for pages.
fn says_secret(name: &str) -> bool {
    const WORDS: [&str; 8] =
        ["SECRET", "PASSWORD", "PASSWD", "PRIVATE", "CREDENTIAL", "PASSPHRASE", "SERVICE_ROLE", "SALT"];
    purpose(name).is_some() && WORDS.iter().any(|word| name.contains(word))
}
