//! The whole `.env` file: every secret in it is judged, whether or not the profile refers to it.

use std::collections::{HashMap, HashSet};
use std::panic::resume_unwind;
use std::thread;

use super::super::reads::REFERENCES;
use super::begins;
use super::issuers::is_for_servers;
use super::names::{published_by, purpose, purpose_of};
use super::uses::{KnownNames, Use, reference, references, resolved, values};
use super::values::{MAKE_ONE, secret};
use super::weak::{Flaw, flaw, published};
use super::written;
use crate::apps::PublishedValues;
use crate::finding::Severity::{Error, Note};
use crate::plan::Facts;
use crate::policy::{Environment, Variable};
use crate::profile::{Engine, SecretPurpose, SecretRef};
use crate::rules::connection::{Connection, is_by_itself};
use crate::rules::data::has_default_credentials;
use crate::rules::rule::{Check, Findings, Severities, rules};
use crate::source::KeyPath;

/// Where a profile says that a variable is no secret.
pub(super) const NO_SECRET: &str = "app.public_variables";

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
                if !subject.is_for_bot_protection() && !subject.is_told_elsewhere(facts, &out.secrets().of_file) {
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
                let flaw = flaw.filter(|flaw| subject.is_ours(*flaw, facts));
                let Some(flaw) = flaw.filter(|_| !subject.is_told_elsewhere(facts, &secrets.of_file)) else { continue };
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

/// The secrets of the file that are nobody's example: each withstands guesses, and stands nowhere in public.
pub fn live<'p>(facts: &'p Facts<'p>) -> Vec<Variable<'p>> {
    let secrets = Secrets::of(facts);
    let flaws = secrets.flaws();
    let is_live = |(subject, flaw): &(Subject<'p>, Option<Flaw>)| subject.value.is_some() && flaw.is_none();
    secrets.of_file.into_iter().zip(flaws).filter(is_live).map(|(subject, _)| subject.variable).collect()
}

/// Tells that a secret is published.
fn tell(subject: &Subject<'_>, found: &PublishedValues, facts: &Facts<'_>, out: &mut Findings<'_>) {
    let draft = out.at_variable(subject.variable, subject.key(), format!("{} is {}", subject.called(), found.what));
    draft.label("everyone can read it").help(format!("make one of your own; this one stands in {}", found.found_in));
    written::show(draft, facts, subject.variable);
    if found.kind.is_for_tests() && !facts.policy.mode.is_live() {
        draft.at_most(Note);
    }
}

/// What is known of the secrets of a `.env` file, whatever is asked about them.
pub(in crate::rules) struct Secrets<'p> {
    /// Every secret of the file, and of the files that hold one each.
    pub(super) of_file: Vec<Subject<'p>>,
    /// What those may have thought of who made them.
    pub(in crate::rules) known: KnownNames<'p>,
}

impl<'p> Secrets<'p> {
    pub(in crate::rules) fn of(facts: &'p Facts<'p>) -> Self {
        Self { of_file: subjects(facts).collect(), known: KnownNames::of(facts) }
    }

    /// What is wrong with each of them by itself, in their order: many are judged on all cores.
    fn flaws(&self) -> Vec<Option<Flaw>> {
        /// A thread costs as much as some dozens of random keys.
        const WORTH_A_THREAD: usize = 500;
        let judged = |part: &[Subject<'p>]| part.iter().map(|one| one.flaw(&self.known)).collect::<Vec<_>>();
        let worth = self.of_file.len() / WORTH_A_THREAD;
        let workers = if worth < 2 { 1 } else { thread::available_parallelism().map_or(1, usize::from).min(worth) };
        if workers < 2 {
            return judged(&self.of_file);
        }
        let parts = self.of_file.chunks(self.of_file.len().div_ceil(workers));
        thread::scope(|scope| {
            let threads: Vec<_> = parts.map(|part| scope.spawn(move || judged(part))).collect();
            threads.into_iter().flat_map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        })
    }
}

/// A secret of the file.
pub(super) struct Subject<'p> {
    pub variable: Variable<'p>,
    /// Where the profile refers to it.
    pub place: Option<Use<'p>>,
    pub purpose: SecretPurpose,
    /// What of the value is secret: of a URL the password. Nothing where it stands elsewhere.
    pub value: Option<&'p str>,
}

impl<'p> Subject<'p> {
    /// What is wrong with it by itself.
    fn flaw(&self, known: &KnownNames<'p>) -> Option<Flaw> {
        let in_url = Connection::read(self.variable.value.expose()).and_then(|url| Some([url.user()?, url.database()]));
        let names = in_url.map_or_else(|| known.beside(self.variable.name), |names| known.and(&names));
        flaw(self.value?, self.purpose, &names)
    }

    pub(super) fn key(&self) -> KeyPath {
        self.place.map_or_else(|| NO_SECRET.into(), |place| place.key())
    }

    /// What a message calls it.
    fn called(&self) -> String {
        let in_url = if Connection::read(self.variable.value.expose()).is_some() { "the password in " } else { "" };
        match self.place {
            Some(place) => format!("{in_url}`{}`", place.key()),
            None if self.variable.is_plainly_named => format!("{in_url}`{}`", self.variable.name),
            // It may be a piece of a key that was pasted without quotes.
            None => format!("{in_url}a variable"),
        }
    }

    fn is_for_bot_protection(&self) -> bool {
        self.place.is_some_and(|place| place.key() == "bot_protection.secret_key".into())
    }

    /// Whether it is the password of a server, and told elsewhere.
    fn is_told_elsewhere(&self, facts: &Facts<'_>, all: &[Self]) -> bool {
        let is_in_url = self.place.is_some_and(|place| is_databases(&place));
        !is_in_url && self.value.is_some_and(|value| written::is_told_elsewhere(facts, all, self.variable, value))
    }

    /// Whether no other rule speaks of it.
    fn is_ours(&self, flaw: Flaw, facts: &Facts<'_>) -> bool {
        // What the profile refers to without a use for it, such as the password of mail that is off, guards nothing.
        let Some(place) = self.place else {
            // Of what the app does nothing with, RAT005 tells, which has it taken away.
            let is_ignored = facts.app.ignored(self.variable.name).is_some();
            return self.variable.is_others || !(is_ignored || facts.policy.refers_to(self.variable.name));
        };
        let is_url = Connection::read(self.variable.value.expose()).is_some();
        match (flaw, place.purpose) {
            // Of a URL's password DAT002 speaks, where the URL is the database's or the state's.
            (Flaw::Placeholder | Flaw::TriedFirst, _) if is_url => {
                !(is_databases(&place) && has_default_credentials(facts, self.variable))
            }
            (Flaw::Weak(_), SecretPurpose::Encryption | SecretPurpose::Api | SecretPurpose::Database)
            | (Flaw::ForTests, _) => true,
            // SEC014 speaks of the first, SEC003 and SEC009 of the next two, SEC002, ROT002 and SEC009 of the others.
            (Flaw::Published | Flaw::Placeholder | Flaw::TriedFirst, _)
            | (Flaw::Weak(_), SecretPurpose::Signing | SecretPurpose::Admin) => false,
        }
    }
}

fn is_databases(place: &Use<'_>) -> bool {
    ["database.url", "state.url"].iter().any(|key| place.key() == (*key).into())
}

/// Where the profile refers to variables, by their names.
fn places<'p>(facts: &Facts<'p>) -> HashMap<&'p str, Use<'p>> {
    references(facts.policy)
        .filter_map(|place| match place.reference {
            SecretRef::Env(name) => Some((name.as_str(), place)),
            SecretRef::File(_) => None,
        })
        .collect()
}

/// Every secret of the file, and of the files that hold one each.
pub(super) fn subjects<'p>(facts: &'p Facts<'p>) -> impl Iterator<Item = Subject<'p>> {
    let referred = places(facts);
    let environment = || facts.policy.environment().into_iter();
    let kept = environment()
        .flat_map(Environment::kept)
        .map(move |kept| (kept.variable(), references(facts.policy).find(|place| kept.is_named_by(place.reference))));
    let variables = environment().flat_map(Environment::variables);
    let placed = variables.map(move |variable| (variable, referred.get(variable.name).copied()));
    // What other services of a Compose file are started with is no less a secret. The profile may refer to it, where the app
    // has no variable of that name.
    let referred = places(facts);
    let counts = move |variable: &Variable<'_>| {
        environment().any(|environment| environment.get(variable.name).is_some_and(|one| one.is_at(variable)))
    };
    let others = environment()
        .flat_map(Environment::others)
        .map(move |variable| (variable, referred.get(variable.name).copied().filter(|_| counts(&variable))));
    placed.chain(others).chain(kept).filter_map(move |(variable, place)| {
        let connection = Connection::read(variable.value.expose());
        let purpose = match place {
            Some(place) => place.purpose,
            None if is_public(facts, variable) => return None,
            // A URL is a secret by its password, whatever its name.
            None if connection.is_some() => SecretPurpose::Database,
            None => by_name(facts, variable).filter(|_| is_a_value(variable.value.expose()))?,
        };
        let value = match &connection {
            Some(url) => url.password(),
            // A server's address, where its URL is asked for, is none.
            None if place.as_ref().is_some_and(is_databases) && is_by_itself(variable.value.expose()) => None,
            None => Some(resolved(facts, variable)),
        };
        // What stands there as `${OTHER}` is judged where it is written.
        let value = value.map(str::trim).filter(|value| !value.is_empty() && reference(value).is_none());
        Some(Subject { variable, place, purpose, value })
    })
}

/// The variables of a file by itself that hold a secret, as far as names and values tell: nothing that everyone knows or
/// tries first, as examples hold it, and nothing that names another place.
pub fn kept_in<'e>(environment: &'e Environment<'_>) -> impl Iterator<Item = Variable<'e>> {
    environment.written().filter(|variable| {
        let value = variable.value.expose().trim();
        let connection = Connection::read(value);
        let is_secret = || is_for_servers(value) || (purpose(variable.name).is_some() && is_a_value(value));
        let (held, names) = if let Some(url) = &connection {
            (url.password(), [url.user().unwrap_or_default(), url.database()])
        } else {
            (Some(value).filter(|_| is_secret()), ["", ""])
        };
        let held = held.filter(|held| !held.is_empty() && reference(held).is_none());
        held.is_some_and(|held| match flaw(held, SecretPurpose::Database, &names) {
            None | Some(Flaw::Weak(_)) => true,
            Some(Flaw::Published | Flaw::Placeholder | Flaw::ForTests | Flaw::TriedFirst) => false,
        })
    })
}

/// What a variable's secret is for, as far as its name and value tell; nothing where it seems to hold none.
pub fn holds_a_secret(variable: Variable<'_>) -> Option<SecretPurpose> {
    if published_by(variable.name).is_some() {
        return None;
    }
    match Connection::read(variable.value.expose()) {
        Some(url) => url.password().map(|_| SecretPurpose::Database),
        None => purpose(variable.name).filter(|_| is_a_value(variable.value.expose())),
    }
}

/// The database that a value is the URL of.
pub fn engine_of(value: &str) -> Option<Engine> {
    Connection::read(value)?.engine()
}

/// Whether the profile says that a variable is no secret.
fn is_public(facts: &Facts<'_>, variable: Variable<'_>) -> bool {
    facts.policy.app.public_variables.iter().any(|name| name.as_str() == variable.name)
}

/// What the pack says that a variable is for, or its name.
fn by_name(facts: &Facts<'_>, variable: Variable<'_>) -> Option<SecretPurpose> {
    let purpose = match facts.app.variable(variable.name) {
        Some((_, row)) if row.is_secret() => Some(row.purpose.unwrap_or_else(|| purpose_of(variable.name))),
        // The pack knows it, and calls it no secret.
        Some(_) => None,
        None => purpose(variable.name),
    };
    // What a bundler publishes is for pages, or SEC013's.
    purpose.filter(|_| published_by(variable.name).is_none())
}

/// Whether a value may be a secret itself: not a switch, a file's path, or an address in a store of secrets.
fn is_a_value(value: &str) -> bool {
    const SWITCHES: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "0", "1"];
    const STORES: [&str; 8] = ["vault:", "op://", "arn:aws:", "sm://", "projects/", "secret://", "keyring:", "ref+"];
    const PATHS: [&str; 4] = ["/", "./", "../", "~/"];
    let value = value.trim();
    let is_path = || {
        let is_written_so = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/~".contains(&byte));
        let has_ending = value.rsplit_once('.').is_some_and(|(_, ending)| (1..=5).contains(&ending.len()));
        let is_deep = value.matches('/').count() > 1 && value.starts_with("/run/");
        is_written_so && (has_ending || is_deep)
    };
    let is_none = SWITCHES.iter().any(|switch| value.eq_ignore_ascii_case(switch))
        || STORES.iter().any(|store| begins(value, store))
        || PATHS.iter().any(|start| begins(value, start)) && is_path();
    !is_none
}

/// Whether what stands behind a bundler's prefix says that it is no key for pages.
fn says_secret(name: &str) -> bool {
    const WORDS: [&str; 8] =
        ["SECRET", "PASSWORD", "PASSWD", "PRIVATE", "CREDENTIAL", "PASSPHRASE", "SERVICE_ROLE", "SALT"];
    purpose(name).is_some() && WORDS.iter().any(|word| name.contains(word))
}
