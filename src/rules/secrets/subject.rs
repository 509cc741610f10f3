//! The secrets of a `.env` file: which variables hold one, what each is for, and what is wrong with it by itself. Which rule
//! speaks of that, the rules say.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::thread;

use super::begins;
use super::issuers::is_for_servers;
use super::names::{published_by, purpose, purpose_of};
use super::uses::{KnownNames, Use, reference, references, resolved};
use super::weak::{Flaw, flaw};
use crate::plan::Facts;
use crate::policy::{Environment, Variable};
use crate::profile::{Engine, SecretPurpose, SecretRef};
use crate::rules::connection::{Connection, is_by_itself};
use crate::source::KeyPath;

/// Where a profile says that a variable is no secret.
pub(super) const NO_SECRET: &str = "app.public_variables";

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
    pub(super) fn flaws(&self) -> Vec<Option<Flaw>> {
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
    pub(super) fn called(&self) -> String {
        let in_url = if Connection::read(self.variable.value.expose()).is_some() { "the password in " } else { "" };
        match self.place {
            Some(place) => format!("{in_url}`{}`", place.key()),
            None if self.variable.is_plainly_named => format!("{in_url}`{}`", self.variable.name),
            // It may be a piece of a key that was pasted without quotes.
            None => format!("{in_url}a variable"),
        }
    }

    pub(super) fn is_for_bot_protection(&self) -> bool {
        self.place.is_some_and(|place| place.key() == "bot_protection.secret_key".into())
    }
}

/// The secrets of the file that are nobody's example: each withstands guesses, and stands nowhere in public.
pub fn live<'p>(facts: &'p Facts<'p>) -> Vec<Variable<'p>> {
    let secrets = Secrets::of(facts);
    let flaws = secrets.flaws();
    let is_live = |(subject, flaw): &(Subject<'p>, Option<Flaw>)| subject.value.is_some() && flaw.is_none();
    secrets.of_file.into_iter().zip(flaws).filter(is_live).map(|(subject, _)| subject.variable).collect()
}

pub(super) fn is_databases(place: &Use<'_>) -> bool {
    ["database.url", "state.url"].iter().any(|key| place.key() == (*key).into())
}

/// Where the profile refers to variables, by the names that they have in the file.
pub(super) fn places<'p>(facts: &Facts<'p>) -> HashMap<&'p str, Use<'p>> {
    let spelt = |name: &'p str| facts.policy.environment()?.get(name).map(|variable| variable.name);
    references(facts.policy)
        .filter_map(|place| match place.reference {
            SecretRef::Env(name) => Some((spelt(name).unwrap_or(name), place)),
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
pub(super) fn kept_in<'e>(environment: &'e Environment<'_>) -> impl Iterator<Item = Variable<'e>> {
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
        Some(url) => {
            url.password().map(|_| if url.is_of_data() { SecretPurpose::Database } else { SecretPurpose::Api })
        }
        None => purpose(variable.name).filter(|_| is_a_value(variable.value.expose())),
    }
}

/// The database that a value is the URL of.
pub fn engine_of(value: &str) -> Option<Engine> {
    Connection::read(value)?.engine()
}

/// Whether the profile says that a variable is no secret.
pub(super) fn is_public(facts: &Facts<'_>, variable: Variable<'_>) -> bool {
    facts.policy.app.public_variables.iter().any(|name| name.as_str() == variable.name)
}

/// What the pack says that a variable is for, or its name.
fn by_name(facts: &Facts<'_>, variable: Variable<'_>) -> Option<SecretPurpose> {
    let purpose = match facts.app.variable(variable.name) {
        Some((_, row)) if row.holds_a_secret() => Some(row.purpose.unwrap_or_else(|| purpose_of(variable.name))),
        // The pack knows it, and calls it no secret.
        Some(_) => None,
        None => purpose(variable.name),
    };
    // What a bundler publishes is for pages, or SEC013's.
    purpose.filter(|_| published_by(variable.name).is_none())
}

/// Whether a value may be a secret itself: not a switch, a word for nothing (`REDIS_PASSWORD=null`, as Laravel has it), a file's path, or an address in a store of secrets.
pub(super) fn is_a_value(value: &str) -> bool {
    const SWITCHES: [&str; 13] =
        ["true", "false", "yes", "no", "on", "off", "0", "1", "null", "none", "nil", "undefined", "disabled"];
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
