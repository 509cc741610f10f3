//! Secrets that are used twice: for two purposes, or in two modes. References are compared, and the values that they lead to;
//! and of the variables beside them, those that hold a secret by their names.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::super::reads::REFERENCES;
use super::subject::{NO_SECRET, Secrets, Subject, subjects};
use super::uses::{Use, uses, values};
use super::values::secret;
use super::weak::{Flaw, flaw};
use crate::finding::Severity::{Error, Warning};
use crate::plan::Facts;
use crate::policy::{Environment, Variable};
use crate::profile::{Mode, Name, Secret, SecretPurpose, SecretRef};
use crate::rules::connection::Connection;
use crate::rules::rule::{Check, Findings, Severities, rules};
use crate::source::Span;

/// What two variables hold by chance, nobody has to be told of.
const SHORTEST: usize = 8;

rules! {
    /// Every secret serves one purpose.
    ///
    /// What two purposes share is lost for both at once, and can be replaced for neither alone: a database password
    /// that also signs tokens makes every reader of the database's configuration an administrator of the app, and a
    /// signing key that also encrypts cannot be rotated, because what it encrypted would be gone. It also lets a value
    /// that was made for one purpose be passed off for the other.
    ///
    /// References are compared always, values where `--env-file` gives them, and of a URL the password: two URLs of one kind
    /// may lead to one server, and then share it. One secret under two keys is no breach
    /// where both mean the same: `[secrets.db]` with `purpose = "database"` and `database.url`, or `database.url` and
    /// `database.password`. An app whose pack says
    /// that it encrypts with its signing key, as long as it has no other, has to be given one.
    ///
    /// Of the variables that the profile does not refer to, those are compared whose names look like those of secrets. One that
    /// signs or encrypts by its name (`JWT_SECRET`, `ENCRYPTION_KEY`) and holds the value of another is a warning, unless one name ends or
    /// begins as the other is called: `AUTH_SECRET` and `NEXTAUTH_SECRET` are two names of one key. Passwords are not compared with each
    /// other: two programs may have two names for one account, as `DB_PASSWORD` and `POSTGRES_PASSWORD`.
    ///
    /// Write: a reference for each purpose, and a value of its own behind each; for InstaCRUD a `[secrets.…]` with
    /// `purpose = "encryption"` and `source = "env:MONGO_URL_SECRET_KEY"`.
    SEC004 = "shared-secret" {
        severity: Severities::prod(Error),
        source: "NIST SP 800-57 Part 1 Rev. 5 §5.2: a key serves one purpose; the pack of InstaCRUD",
        keys: &["secrets.+.source", "secrets.+.previous", "secrets.+.purpose", "state.url", "database.url", "database.password", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key", "app.public_variables"],
        reads: &[&["email.enabled", "state.backend"], REFERENCES],
        fix: None,
        check: Check::Mixed(|facts, out| {
            let policy = facts.policy;
            let used = used_twice(facts);
            let secrets = out.secrets();
            let others = held_twice(facts, &secrets);
            // A value that is told of where the profile refers to it is told there alone, with the variables beside it. What is
            // accepted there is not told, and would hide these.
            let may_be_accepted = policy.waivers.iter().any(|waiver| waiver.rule.as_str() == "SEC004");
            let is_told = |one: &HeldTwice<'_, '_>| {
                !may_be_accepted && used.iter().any(|used| used.variable.is_some() && used.value == one.value)
            };
            let (besides, others): (Vec<_>, Vec<_>) = others.into_iter().partition(is_told);
            let mut told = HashSet::new();
            for one in &used {
                // Of several findings that are said in one sentence, one shows them.
                let is_first = one.variable.is_some() && told.insert(one.value);
                let besides = besides.iter().filter(|other| is_first && other.value == one.value);
                let both = besides.flat_map(|other| [other.one, other.later].into_iter().chain(other.between.iter().copied()));
                one.tell(both, out);
            }
            for one in &others {
                one.tell(out);
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
    /// is another one on each machine, and whether this machine serves both modes is not known. A variable that the profile does
    /// not refer to, and whose name looks like that of a secret, is a warning.
    ///
    /// Write: a value of its own in the `.env` file of every mode.
    SEC005 = "secret-of-another-mode" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 13.3.1; InstaCRUD's production page: strong and unique",
        keys: &["secrets.*.source", "secrets.*.previous", "state.url", "database.url", "database.password", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key", "app.public_variables"],
        reads: &[&["state.backend"], REFERENCES],
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
                        out.at_variable(variable, key.clone(), format!("`{key}` leads to a secret that serves {mode}, too"))
                            .label(format!("the same as {} in {mode}", called(same)))
                            .help(format!("make a new one for {}", facts.policy.mode));
                    }
                }
                for subject in others(facts) {
                    let variable = subject.variable;
                    if let Some(value) = subject.value
                        && let Some(same) = theirs.get(value)
                        && is_made(value)
                        && !is_ignored(facts, &subject)
                        && !is_one_entry(facts, (*mode, other), &variable, same)
                    {
                        let message = format!("{} holds a secret that serves {mode}, too", called(&variable));
                        out.at_variable(variable, NO_SECRET, message)
                            .at_most(Warning)
                            .label(format!("the same as {} in {mode}", called(same)))
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

/// What a message calls a variable: what stands in a name's place may be a part of a value.
fn called(variable: &Variable<'_>) -> String {
    if variable.is_plainly_named { format!("`{}`", variable.name) } else { "a value".to_owned() }
}

/// Whether a value is one that somebody made: what examples hold, and everyone tries, is the same everywhere. Asked of what is
/// found twice, and of nothing else, because it takes time.
fn is_made(value: &str) -> bool {
    let is_known = || {
        matches!(
            flaw(value, SecretPurpose::Database, &[]),
            Some(Flaw::Placeholder | Flaw::Published | Flaw::ForTests | Flaw::TriedFirst)
        )
    };
    value.len() >= SHORTEST && !is_known()
}

/// The variables that hold a secret by their names, and to which the profile does not refer.
fn others<'p>(facts: &'p Facts<'p>) -> impl Iterator<Item = Subject<'p>> {
    subjects(facts).filter(|subject| subject.place.is_none())
}

/// Whether the app does nothing with it: RAT005 has it taken away.
fn is_ignored(facts: &Facts<'_>, subject: &Subject<'_>) -> bool {
    facts.app.ignored(subject.variable.name).is_some()
}

/// Whether it signs or encrypts, and does nothing else.
const fn is_key(subject: &Subject<'_>) -> bool {
    matches!(subject.purpose, SecretPurpose::Signing | SecretPurpose::Encryption)
}

/// Whether the names of two variables are those of one secret.
fn is_one_name(one: &Subject<'_>, other: &Subject<'_>) -> bool {
    let (a, b) = (one.variable.name, other.variable.name);
    [(a, b), (b, a)].iter().any(|(long, short)| long.ends_with(short) || long.starts_with(short))
}

/// The variables of one value so far: the keys, and the others.
#[derive(Default)]
struct Same<'s, 'p> {
    keys: Vec<&'s Subject<'p>>,
    others: Vec<&'s Subject<'p>>,
}

impl<'s, 'p> Same<'s, 'p> {
    /// Those that are another secret than a later one of this value. Of two passwords it is not known whether they let in as
    /// the same; so one of the two is a key.
    fn two(&self, later: &Subject<'p>) -> impl Iterator<Item = &'s Subject<'p>> {
        let others = if is_key(later) { &self.others[..] } else { &[] };
        self.keys.iter().chain(others).copied().filter(move |one| !is_one_name(one, later))
    }
}

/// What to do about a secret that serves twice.
const ONE_EACH: &str = "give each a secret of its own";

/// Two uses of one secret, by the references to it.
struct UsedTwice<'p> {
    earlier: Use<'p>,
    later: Use<'p>,
    /// The variable of the later one, where it is only the value that is the same.
    variable: Option<Variable<'p>>,
    /// The secret, where it is known.
    value: Option<&'p str>,
}

impl<'p> UsedTwice<'p> {
    /// `besides` are variables with the same value, to some of which the profile does not refer.
    fn tell<'s>(&self, besides: impl Iterator<Item = &'s Subject<'p>>, out: &mut Findings<'_>)
    where
        'p: 's,
    {
        let (one, two) = (self.earlier.key(), self.later.key());
        let part = format!("`{two}`");
        match self.variable {
            None => {
                let before = format!("`{one}` refers to the same secret as ");
                out.at(two, format!("{before}{part}"))
                    .shares("", (&before, part, ""))
                    .label("the same reference")
                    .also(one, "used here, too")
                    .help(ONE_EACH);
            }
            Some(variable) => {
                let before = format!("`{one}` leads to the same value as ");
                let draft = out.at_variable(variable, two, format!("{before}{part}"));
                draft.shares("", (&before, part, "")).label(AGAIN).also(one, "leads to it").help(ONE_EACH);
                let besides = besides.filter(|other| other.place.is_none()).map(|other| other.variable);
                // One may hold it again beside each of several.
                let places: BTreeSet<(usize, Span)> = besides.map(|one| (one.source, one.span)).collect();
                for place in places {
                    draft.also_in_file(place, AGAIN);
                }
            }
        }
    }
}

/// How many places of one value a finding of two variables shows beside the last.
const PLACES: usize = 8;

/// What stands at a value that stands elsewhere, too.
const AGAIN: &str = "the same value again";

/// The secrets that the profile uses twice, in the order of the uses.
fn used_twice<'p>(facts: &'p Facts<'p>) -> Vec<UsedTwice<'p>> {
    let mut earlier = Earlier::default();
    let mut found = Vec::new();
    for later in uses(facts.policy) {
        let variable = facts.policy.value(later.reference);
        let value = variable.and_then(|variable| secret(&variable));
        if let Some((earlier, variable)) = earlier.shares(&later, variable) {
            found.push(UsedTwice { earlier, later, variable, value });
        }
        earlier.add(later, variable);
    }
    found
}

/// Variables of one value, to at least one of which the profile does not refer.
struct HeldTwice<'s, 'p> {
    one: &'s Subject<'p>,
    /// Those between the first and the last.
    between: Vec<&'s Subject<'p>>,
    later: &'s Subject<'p>,
    value: Option<&'p str>,
}

impl HeldTwice<'_, '_> {
    fn tell(&self, out: &mut Findings<'_>) {
        let (one, later) = (self.one, self.later);
        let (before, part) = (format!("{} holds the same value as ", called(&one.variable)), called(&later.variable));
        let key = later.place.map_or_else(|| NO_SECRET.into(), |place| place.key());
        let draft = out.at_variable(later.variable, key, format!("{before}{part}")).at_most(Warning);
        draft.shares("", (&before, part, "")).label(AGAIN).help(ONE_EACH);
        for other in &self.between {
            draft.also_in_file((other.variable.source, other.variable.span), AGAIN);
        }
        if let Some(place) = one.place {
            draft.also(place.key(), "refers to the other");
        }
    }
}

/// The variables that share a value.
fn held_twice<'s, 'p>(facts: &Facts<'_>, secrets: &'s Secrets<'p>) -> Vec<HeldTwice<'s, 'p>> {
    let mut found = Vec::new();
    let mut earlier: HashMap<&str, Same<'_, '_>> = HashMap::with_capacity(secrets.of_file.len());
    // Two programs of a Compose file may have to share one.
    for later in secrets.of_file.iter().filter(|subject| !subject.variable.is_others) {
        let Some(value) = later.value else { continue };
        let same = earlier.entry(value).or_default();
        let is_new = |one: &&Subject<'_>| one.place.is_none() || later.place.is_none();
        // Of many, a few show what is meant.
        let others: Vec<&Subject<'_>> = same.two(later).filter(is_new).take(PLACES).collect();
        if let Some((one, between)) = others.split_first()
            && is_made(value)
            && ![*one, later].iter().any(|subject| is_ignored(facts, subject))
        {
            found.push(HeldTwice { one, between: between.to_vec(), later, value: later.value });
        }
        if is_key(later) { same.keys.push(later) } else { same.others.push(later) }
    }
    found
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
        let is_other = |earlier: &Use<'p>| !later.rotates(earlier) && !later.is_one_with(earlier);
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
