//! Where a profile refers to secrets, whatever section they stand in.

use std::collections::HashSet;

use crate::plan::Facts;
use crate::policy::{Environment, Policy, Variable};
use crate::profile::{Backend, SecretPurpose, SecretRef};
use crate::source::KeyPath;

/// A reference to a secret, and what the secret is for.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct Use<'p> {
    place: Place<'p>,
    pub(in crate::rules) reference: &'p SecretRef,
    pub(in crate::rules) purpose: SecretPurpose,
}

/// The key of the secret before another.
const PREVIOUS: &str = "previous";

/// Where it stands: made into a path only where something is wrong there.
#[derive(Clone, Copy, Debug)]
enum Place<'p> {
    /// In `[secrets]`: the entry, and which of its keys.
    Secret(&'p str, &'static str),
    /// In the section of a provider.
    Provider(&'p str),
    /// Elsewhere.
    Key(&'static str),
}

impl Use<'_> {
    pub(in crate::rules) fn key(&self) -> KeyPath {
        match self.place {
            Place::Secret(name, key) => ("secrets", name, key).into(),
            Place::Provider(name) => ("oauth", name, "client_secret").into(),
            Place::Key(key) => key.into(),
        }
    }

    /// Whether it may be another program's: `[secrets]` may hold the passwords of those beside the app. With what signs and
    /// encrypts, the app itself does.
    pub(in crate::rules) fn is_anybodys(&self) -> bool {
        let is_the_apps = matches!(self.purpose, SecretPurpose::Signing | SecretPurpose::Encryption);
        matches!(self.place, Place::Secret(..)) && !is_the_apps
    }

    /// Whether it is the secret before another.
    pub(in crate::rules) fn is_previous(&self) -> bool {
        self.successor().is_some()
    }

    /// The name of the secret, if this is the one before it.
    pub(in crate::rules) fn successor(&self) -> Option<&str> {
        match self.place {
            Place::Secret(name, PREVIOUS) => Some(name),
            Place::Secret(..) | Place::Provider(_) | Place::Key(_) => None,
        }
    }

    /// Whether it only names where the first rotation moves a key to: until then there is none.
    pub(in crate::rules) fn awaits_rotation(&self, policy: &Policy<'_>) -> bool {
        let secret = self.successor().and_then(|name| policy.secrets.get(name));
        secret.is_some_and(|secret| self.purpose == SecretPurpose::Signing && !policy.needs_previous(secret))
    }

    /// Whether the two are one secret and the one before it.
    pub(in crate::rules) fn rotates(&self, other: &Self) -> bool {
        matches!((self.place, other.place), (Place::Secret(one, _), Place::Secret(two, _)) if one == two)
    }

    /// Whether the two are one secret in two places: one declares what the other uses, as `[secrets.db]` and `database.url`, or both
    /// are the database's password.
    pub(in crate::rules) fn is_one_with(&self, other: &Self) -> bool {
        let is_declared = |place| matches!(place, Place::Secret(..));
        let is_databases = |place| matches!(place, Place::Key("database.url" | "database.password"));
        self.purpose == other.purpose && is_declared(self.place) != is_declared(other.place)
            || is_databases(self.place) && is_databases(other.place)
    }
}

/// Every reference of what is in use: `[secrets]` first. Mail that is off needs none, and memory no URL.
pub(in crate::rules) fn uses<'p>(policy: &'p Policy<'_>) -> impl Iterator<Item = Use<'p>> {
    use SecretPurpose::{Api, Database};
    let secrets = policy.secrets.iter().flat_map(|(name, secret)| {
        let at = |key| Place::Secret(name.as_str(), key);
        let previous = secret.previous.as_ref().map(|previous| (at(PREVIOUS), previous));
        let both = [Some((at("source"), &secret.source)), previous].into_iter().flatten();
        both.map(|(place, reference)| Use { place, reference, purpose: secret.purpose })
    });
    let email = &policy.email;
    let smtp = email.smtp.as_ref().and_then(|smtp| smtp.password.as_ref());
    let bots = policy.bot_protection.as_ref().and_then(|bots| bots.secret_key.as_ref());
    let keys = [
        ("state.url", Database, policy.state.url.as_ref().filter(|_| policy.state.backend == Backend::Redis)),
        ("database.url", Database, policy.database.url.as_ref()),
        ("database.password", Database, policy.database.password.as_ref()),
        ("email.api_key", Api, email.api_key.as_ref().filter(|_| email.enabled)),
        ("email.smtp.password", Api, smtp.filter(|_| email.enabled)),
        ("bot_protection.secret_key", Api, bots),
    ];
    let keys = keys
        .into_iter()
        .filter_map(|(key, purpose, reference)| Some(Use { place: Place::Key(key), reference: reference?, purpose }));
    let providers = policy.oauth.iter().filter_map(|(name, provider)| {
        let reference = provider.client_secret.as_ref()?;
        Some(Use { place: Place::Provider(name.as_str()), reference, purpose: Api })
    });
    secrets.chain(keys).chain(providers)
}

/// The same, every reference once.
pub(in crate::rules) fn references<'p>(policy: &'p Policy<'_>) -> impl Iterator<Item = Use<'p>> {
    let mut seen = HashSet::new();
    uses(policy).filter(move |this| seen.insert(this.reference))
}

/// What the references lead to, where that is given.
pub(in crate::rules) fn values<'p>(facts: &'p Facts<'_>) -> impl Iterator<Item = (Use<'p>, Variable<'p>)> {
    references(facts.policy).filter_map(|this| Some((this, facts.policy.value(this.reference)?)))
}

/// The URLs of the database and of the state, where they are given.
pub(in crate::rules) fn urls<'p>(facts: &Facts<'p>) -> impl Iterator<Item = (&'static str, Variable<'p>)> {
    let policy = facts.policy;
    let state = policy.state.url.as_ref().filter(|_| policy.state.backend == Backend::Redis);
    let urls = [("database.url", policy.database.url.as_ref()), ("state.url", state)];
    urls.into_iter().filter_map(|(key, url)| Some((key, policy.value(url?)?)))
}

/// What an app is known by, as far as people make passwords of it: its name, and that of its pack.
pub(in crate::rules) fn names<'p>(facts: &Facts<'p>) -> Vec<&'p str> {
    vec![facts.policy.app.name.as_str(), facts.app.title.as_str()]
}

/// The value of a variable; where that is another one's name, `${OTHER}`, the other's, if the file has it.
pub(in crate::rules) fn resolved<'p>(facts: &Facts<'p>, variable: Variable<'p>) -> &'p str {
    let value = variable.value.expose();
    let other = reference(value).filter(|other| *other != variable.name);
    let other = other.and_then(|other| facts.policy.environment()?.get(other));
    other.map_or(value, |other| other.value.expose())
}

/// The name of the variable that a value stands for as a whole.
pub(in crate::rules) fn reference(value: &str) -> Option<&str> {
    let name = value.strip_prefix('$')?;
    let name = name.strip_prefix('{').map_or(Some(name), |rest| rest.strip_suffix('}'))?;
    // Compose has a default behind `:-` or `-`.
    let name = name.split([':', '-', '?', '+']).next().unwrap_or_default();
    crate::dotenv::is_name(name).then_some(name)
}

/// What those may have thought of who made the app's secrets.
pub(in crate::rules) struct KnownNames<'p> {
    /// What the app is known by.
    app: Vec<&'p str>,
    environment: Option<&'p Environment<'p>>,
    /// What the names of variables that say whom a password lets in begin with: of `POSTGRES_USER` it is `POSTGRES`.
    stems: HashSet<&'p str>,
}

/// How the names of those variables end.
const WHOM: [&str; 7] = ["USER", "USERNAME", "LOGIN", "DB", "DATABASE", "NAME", "EMAIL"];

impl<'p> KnownNames<'p> {
    pub(in crate::rules) fn of(facts: &Facts<'p>) -> Self {
        let environment = facts.policy.environment();
        let parts = environment.into_iter().flat_map(Environment::names).filter_map(|name| name.rsplit_once('_'));
        let stems = parts.filter(|(_, end)| WHOM.contains(end)).map(|(stem, _)| stem).collect();
        Self { app: names(facts), environment, stems }
    }

    /// The names that are known beside a variable: the app's, and what stands in the variables that say whom it lets in, as
    /// `POSTGRES_USER` does beside `POSTGRES_PASSWORD`.
    pub(in crate::rules) fn beside(&self, variable: &str) -> Vec<&'p str> {
        const LEAST: usize = 3;
        let stem = variable.rsplit_once('_').map(|(stem, _)| stem).filter(|stem| self.stems.contains(stem));
        let whom = stem.into_iter().flat_map(|stem| WHOM.map(|end| format!("{stem}_{end}")));
        let values = whom.filter_map(|name| Some(self.environment?.get(&name)?.value.expose().trim()));
        let mut names = self.app.clone();
        names.extend(values.filter(|value| value.len() >= LEAST));
        names
    }

    /// The same with other names.
    pub(in crate::rules) fn and(&self, others: &[&'p str]) -> Vec<&'p str> {
        [&self.app, others].concat()
    }
}
