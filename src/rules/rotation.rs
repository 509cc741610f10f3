//! Replacing keys: when, and what becomes of the one before.

use super::rule::{Check, Severities, rules};
use super::secrets::shared::{SEC004, key_that_encrypts_too};
use super::secrets::uses::{names, resolved};
use super::secrets::weak::{is_placeholder, published, weakness};
use crate::apps::Ability;
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::Facts;
use crate::policy::Policy;
use crate::profile::{Duration, Name, Secret, SecretPurpose, SecretRef};
use crate::source::KeyPath;

fn key(name: &Name, key: &'static str) -> KeyPath {
    ("secrets", name.as_str(), key).into()
}

/// The secrets of one purpose.
fn secrets<'p>(facts: &'p Facts<'_>, purpose: SecretPurpose) -> impl Iterator<Item = (&'p Name, &'p Secret)> {
    facts.policy.secrets.iter().filter(move |(_, secret)| secret.purpose == purpose)
}

rules! {
    /// A signing key is replaced on a schedule, and is not overdue.
    ///
    /// A key that leaked is good until it is replaced, and most leaks are never noticed: a backup, a log, a colleague
    /// who left. A schedule ends all of them, and it keeps the way of doing it known, so that it works on the day on
    /// which it has to be quick. The days are yours to choose; this rule asks that they be chosen and kept.
    ///
    /// Write: `rotated_at`, the day on which the key was made, and `rotate_every`, such as `"90d"`, in its `[secrets.…]`.
    ROT001 = "rotation-overdue" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 13.3.4",
        keys: &["secrets.*.rotate_every", "secrets.*.rotated_at", "secrets.*.purpose"],
        fix: None,
        check: Check::Policy(|facts, out| {
            for (name, secret) in secrets(facts, SecretPurpose::Signing) {
                match (secret.rotate_every, secret.rotated_at) {
                    // What such a key encrypted would be lost: first SEC004 has to be mended.
                    (None, _) if key_that_encrypts_too(facts).is_some() => {}
                    (None, rotated_at) => {
                        let made = match rotated_at {
                            Some(day) => format!(": counted from {day}, when it was made"),
                            None => format!(
                                ", and `rotated_at = {}`, or the day on which it was made; a first key needs no more",
                                facts.policy.today()
                            ),
                        };
                        out.at(key(name, "rotate_every"), format!("the signing key `{name}` has no schedule"))
                            .label("whoever has it keeps it")
                            .also(key(name, "purpose"), "a key that signs")
                            .help(format!("set `rotate_every = \"90d\"`, or what you can keep{made}"));
                    }
                    (Some(_), None) => {
                        let message = format!("nothing says how old the signing key `{name}` is");
                        out.at(key(name, "rotated_at"), message)
                            .label("the schedule has no beginning")
                            .help("set `rotated_at` to the day on which it was made");
                    }
                    // Further east, tomorrow has begun.
                    (Some(_), Some(rotated_at)) if rotated_at > facts.policy.today().after(Duration::days(1)) => {
                        let message = format!("the signing key `{name}` has a date in the future, {rotated_at}");
                        out.at(key(name, "rotated_at"), message)
                            .label("until then it is never overdue")
                            .help("set `rotated_at` to the day on which it was made");
                    }
                    (Some(_), Some(_)) => {
                        if let Some(due) = secret.due().filter(|due| *due < facts.policy.today()) {
                            let message = format!("the signing key `{name}` was to be replaced by {due}");
                            out.at(key(name, "rotated_at"), message)
                                .label("made on this day")
                                .also(key(name, "rotate_every"), "good for so long")
                                .help(format!("run `seccfg rotate {name}`: it makes a new key and writes the day, or says what to do by hand"));
                        }
                    }
                }
            }
        }),
    }

    /// The previous key is another one than the current, and as strong as it has to be.
    ///
    /// A previous key is accepted like the current one as long as it is there. If it is weak, tokens can be made with
    /// it, and the new key protects nothing. If it is the current one, no rotation took place: what leaked is still
    /// good, and the next look at the profile says otherwise.
    ///
    /// References are compared always, values where `--env-file` gives them; how strong a key has to be, SEC002 says. An
    /// empty variable is asked about only while tokens of a key before may still live: before the first rotation there is
    /// no such key, and `seccfg rotate` fills the variable.
    ///
    /// Write: in `previous` a reference to the key that was replaced; or leave it out, if that key was too weak to keep.
    ROT002 = "unfit-previous-key" {
        severity: Severities::prod(Error),
        source: "Django security.W025; RFC 7518 §3.2",
        keys: &["secrets.*.previous", "secrets.*.source"],
        reads: &[&["secrets.*.purpose", "secrets.*.rotated_at", "secrets.*.rotate_every"], &["tokens.access_ttl", "tokens.refresh_ttl"]],
        fix: None,
        check: Check::Mixed(|facts, out| {
            for (name, secret) in secrets(facts, SecretPurpose::Signing) {
                // Where the app does not read it, ROT005 says the more urgent thing.
                let Some(previous) = secret.previous.as_ref().filter(|_| reads_previous(facts)) else { continue };
                let place = key(name, "previous");
                let same = format!("the key before `{name}` is the key itself");
                if *previous == secret.source {
                    out.at(place, same)
                        .label("the same reference")
                        .also(key(name, "source"), "as the current key's")
                        .help("refer to the key that was replaced, or leave `previous` out");
                    continue;
                }
                let Some(variable) = facts.policy.value(previous) else { continue };
                let value = resolved(facts, variable);
                let is_empty = value.trim().is_empty();
                if is_empty && !facts.policy.needs_previous(secret) {
                    // `previous` names the variable, and the first rotation fills it.
                    continue;
                }
                if facts.policy.value(&secret.source).is_some_and(|current| current.value == variable.value) {
                    out.at_variable(variable, place, same)
                        .label("the same value as the current key's")
                        .help("put the key that was replaced there, or leave `previous` out");
                } else if !is_placeholder(value)
                    && published(value).is_none()
                    && let Some(weakness) = weakness(value, &names(facts))
                {
                    // SEC003 speaks of placeholders, SEC014 of what is published.
                    out.at_variable(variable, place, format!("the key before `{name}` {}", weakness.in_words()))
                        .label(weakness.label())
                        .help(if is_empty {
                            without_previous(name.as_str())
                        } else {
                            "leave `previous` out: tokens that it signed end, and so do those that others made".to_owned()
                        });
                }
            }
        }),
    }

    /// The previous key stays for as long as a token lives that it signed, and then goes.
    ///
    /// Taken away too early, it signs out everyone who has not come back since. Left for longer, it is one more key that
    /// opens the service, and nobody looks after it any more: whoever found it in a backup may use it still.
    ///
    /// The longest of `tokens.refresh_ttl` and `tokens.access_ttl` is counted from `rotated_at`. Only a key that is left
    /// for longer is told: one that is not there may have gone too early, or the current key is the first. With `--env-file`,
    /// a `previous` whose variable holds nothing is none yet.
    ///
    /// Write: `previous` until the longest token has ended, and nothing after that.
    ROT003 = "previous-key-out-of-time" {
        severity: Severities::prod(Warning),
        source: "FastCMS's page on rotation: wait for the refresh tokens, then remove the old key",
        keys: &["secrets.*.previous"],
        reads: &[&["secrets.*.purpose", "secrets.*.rotated_at"], &["tokens.access_ttl", "tokens.refresh_ttl"]],
        fix: None,
        check: Check::Mixed(|facts, out| {
            let tokens = &facts.policy.tokens;
            let ttl = if tokens.refresh_ttl >= tokens.access_ttl { "tokens.refresh_ttl" } else { "tokens.access_ttl" };
            let Some(longest) = tokens.longest().filter(|_| reads_previous(facts)) else { return };
            for (name, secret) in secrets(facts, SecretPurpose::Signing) {
                let Some(rotated_at) = secret.rotated_at else { continue };
                let end = rotated_at.after(longest);
                let Some(previous) = &secret.previous else { continue };
                if end < facts.policy.today() && !is_absent(facts.policy, previous) {
                    out.at(key(name, "previous"), format!("the key before `{name}` is accepted though its tokens have ended"))
                        .label(format!("not needed since {end}"))
                        .also(key(name, "rotated_at"), "replaced on this day")
                        .also(ttl, "the longest that a token lives")
                        .help(format!(
                            "run `seccfg rotate {name}`, or take `previous` away by hand, and its variable from the app's environment"
                        ));
                }
            }
        }),
    }

    /// An encryption key is not rotated like a signing key.
    ///
    /// A new signing key costs a sign-in. A new encryption key costs everything that the old one encrypted, unless that
    /// is read with the old one and written with the new one first. Where the app's pack knows that it reads one key at a
    /// time, a schedule on such a key is an appointment with the loss of data, and `previous` promises a way back that the app
    /// does not have. Of any other app it is a note: a schedule is what guidelines ask for, and the app has to do its part.
    ///
    /// Write: neither `rotate_every` nor `previous` for `purpose = "encryption"`, where the app reads one key at a time:
    /// re-encrypt when the key has to change. Elsewhere nothing, once it is tried that the app reads what the key before wrote.
    ROT004 = "rotated-encryption-key" {
        severity: Severities::all(Error),
        source: "the pack of InstaCRUD: a new key makes stored database URLs unreadable; NIST SP 800-57 part 1 §5.3, which asks for \
                 periods of use",
        keys: &["secrets.*.purpose", "secrets.*.rotate_every", "secrets.*.previous"],
        reads: &[&["secrets.+.purpose"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            for (name, secret) in secrets(facts, SecretPurpose::Encryption) {
                let Some(asked) = rotation(secret) else { continue };
                let draft = out.at(key(name, asked), format!("the encryption key `{name}` is to be replaced like a signing key"));
                draft.also(key(name, "purpose"), "encrypts what is stored");
                if reads_previous(facts) {
                    draft.at_most(Note).label("what it encrypted has to be read with the key before, and encrypted again").help(
                        "nothing, once it is tried that the app reads what the key before wrote, as with a list of keys; else \
                         take this away, and encrypt again by hand before the key changes",
                    );
                } else {
                    draft
                        .label("what it encrypted would be lost")
                        .help(format!("take `{asked}` away; to change the key, encrypt again what it encrypted"));
                }
            }
            // Where SEC004 is asked, it speaks of a signing key that encrypts.
            if SEC004.severity.get(facts.policy.mode).is_none()
                && let Some((name, secret, what)) = key_that_encrypts_too(facts)
                && let Some(asked) = rotation(secret)
            {
                let message = format!("{} encrypts {what} with `{name}`, which is to be replaced", facts.app.title);
                out.at(key(name, asked), message)
                    .label("they would be lost")
                    .help("add a secret with `purpose = \"encryption\"` first, and encrypt them again");
            }
        }),
    }

    /// `previous` is written only where the app reads it.
    ///
    /// An app that knows one key at a time ignores the other. The profile then says that a rotation lets everyone stay
    /// signed in, and on the day of the rotation everyone is signed out, and every link in a mail that was sent before
    /// is dead.
    ///
    /// Write: leave `previous` out, and rotate when few are signed in.
    ROT005 = "unread-previous-key" {
        severity: Severities::all(Error),
        source: "the packs of InstaCRUD and CRUDAuth: one SECRET_KEY at a time",
        keys: &["secrets.*.previous"],
        reads: &[&["secrets.*.purpose"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            if reads_previous(facts) {
                return;
            }
            // ROT004 speaks of encryption keys.
            let others = facts.policy.secrets.iter().filter(|(_, secret)| secret.purpose != SecretPurpose::Encryption);
            for (name, _) in others.filter(|(_, secret)| secret.previous.is_some()) {
                out.at(key(name, "previous"), format!("{} does not read the key before `{name}`", facts.app.title))
                    .label("ignored")
                    .help("take `previous` away: a new key signs everyone out");
            }
        }),
    }
}

/// What to do where the variable of a key before has no value.
pub(super) fn without_previous(name: &str) -> String {
    format!(
        "put the key there that was replaced on the day of `rotated_at`; if none was, leave `previous` out until \
         `seccfg rotate {name}` asks for it, which makes the new key and moves this one there"
    )
}

/// Whether what is given shows that a reference leads to no key.
fn is_absent(policy: &Policy<'_>, reference: &SecretRef) -> bool {
    let Some(environment) = policy.environment() else { return false };
    let is_left_open = match reference {
        SecretRef::Env(name) => {
            environment.leaves_open(name) || environment.kept().any(|kept| kept.is_named_by(reference))
        }
        SecretRef::File(_) => true,
    };
    match policy.value(reference) {
        Some(variable) => variable.value.expose().trim().is_empty(),
        None => !is_left_open,
    }
}

/// Whether the app may go on accepting the key before the current one.
fn reads_previous(facts: &Facts<'_>) -> bool {
    match facts.app.previous_keys {
        Ability::Setting | Ability::Fixed | Ability::Unknown => true,
        Ability::Nothing => false,
    }
}

/// The key by which a secret asks for its rotation, if it does.
fn rotation(secret: &Secret) -> Option<&'static str> {
    let asked = secret.rotate_every.map(|_| "rotate_every");
    asked.or_else(|| secret.previous.as_ref().map(|_| "previous"))
}
