//! What holds for accounts: sessions, tokens, the lockout and passwords.

use super::super::Refused;
use super::context::{Bearer, Lockout, Passwords, Sessions};
use super::python::Notation;
use super::{Builder, EIGHT, SEVEN, refuse};
use crate::profile::{Algorithm, CharacterClass, Duration, PasswordHash, Tokens};
use crate::source::KeyPath;

/// A duration in the whole units that CRUDAuth counts in. Rounding would ask for something else.
fn whole(key: &'static str, duration: Duration, unit: Duration, units: &str) -> Result<u64, Refused> {
    let seconds = duration.as_seconds();
    if seconds == 0 || !seconds.is_multiple_of(unit.as_seconds()) {
        return refuse(key, format!("is {duration}, and CRUDAuth counts it in whole {units}, at least one"));
    }
    Ok(seconds / unit.as_seconds())
}

/// A number that CRUDAuth takes from 1.
fn positive(key: impl Into<KeyPath>, number: u32) -> Result<u32, Refused> {
    if number == 0 { refuse(key, "is 0, and CRUDAuth takes 1 or more") } else { Ok(number) }
}

const SECOND: Duration = Duration::seconds(1);
const MINUTE: Duration = Duration::minutes(1);
const HOUR: Duration = Duration::minutes(60);
const DAY: Duration = Duration::days(1);

impl Builder<'_> {
    pub(super) fn sessions(&self) -> Result<Sessions, Refused> {
        let Some(asked) = self.share.sessions else { return Ok(Sessions::default()) };
        let mut sessions = Sessions::default();
        if let Some(idle) = asked.idle_timeout {
            // Before, whoever signs in may ask to be remembered for days.
            self.since(SEVEN, "sessions.idle_timeout")?;
            sessions.idle_minutes = Some(whole("sessions.idle_timeout", idle, MINUTE, "minutes")?);
        }
        if let Some(absolute) = asked.absolute_timeout {
            self.since(EIGHT, "sessions.absolute_timeout")?;
            sessions.absolute_hours = Some(whole("sessions.absolute_timeout", absolute, HOUR, "hours")?);
        }
        Ok(sessions)
    }

    /// Whether the app hands out bearer tokens: where the profile says how long those live.
    pub(super) fn tokens(&self) -> Option<&Tokens> {
        self.share.tokens.filter(|tokens| tokens.access_ttl.is_some() || tokens.refresh_ttl.is_some())
    }

    pub(super) fn bearer(&self) -> Result<Option<Bearer>, Refused> {
        let Some(tokens) = self.tokens() else { return Ok(None) };
        let access = tokens.access_ttl.map(|ttl| whole("tokens.access_ttl", ttl, SECOND, "seconds"));
        let refresh = tokens.refresh_ttl.map(|ttl| whole("tokens.refresh_ttl", ttl, DAY, "days"));
        Ok(Some(Bearer { access_seconds: access.transpose()?, refresh_days: refresh.transpose()? }))
    }

    /// How tokens are signed, those in mails included.
    pub(super) fn algorithm(&self) -> Result<Option<String>, Refused> {
        match &self.plan.policy.tokens.algorithms[..] {
            [] => Ok(None),
            [one @ (Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512)] => Ok(Some(one.to_string())),
            [_] => refuse("tokens.algorithms", "needs a pair of keys, and CRUDAuth signs with one secret"),
            _ => refuse("tokens.algorithms", "names several, and CRUDAuth accepts one"),
        }
    }

    pub(super) fn lockout(&self) -> Result<Option<Lockout>, Refused> {
        let Some(lockout) = self.share.lockout else { return Ok(None) };
        if lockout.fail_open {
            return refuse("lockout.fail_open", "is true, and CRUDAuth lets nobody in while it cannot count");
        }
        let base = whole("lockout.duration", lockout.duration, SECOND, "seconds")?;
        // Where none is named, locks do not grow.
        let max = lockout.max_duration.map_or(Ok(base), |max| {
            // The longest lock of 0s is shorter than the first.
            whole("lockout.max_duration", max, SECOND, "seconds").map_err(|refused| refused.told_by("LCK004"))
        })?;
        Ok(Some(Lockout {
            attempts: positive("lockout.attempts", lockout.attempts)?,
            window: whole("lockout.window", lockout.window, SECOND, "seconds")?,
            base,
            max,
        }))
    }

    pub(super) fn passwords(&self) -> Result<Option<Passwords>, Refused> {
        let Some(passwords) = self.share.passwords else { return Ok(None) };
        self.since(SEVEN, "passwords")?;
        match passwords.hash {
            None | Some(PasswordHash::Bcrypt) => {}
            Some(
                other @ (PasswordHash::Argon2id
                | PasswordHash::Scrypt
                | PasswordHash::Pbkdf2Sha256
                | PasswordHash::Sha256
                | PasswordHash::Sha512
                | PasswordHash::Sha1
                | PasswordHash::Md5
                | PasswordHash::Plain),
            ) => {
                return refuse("passwords.hash", format!("is `{other}`, and CRUDAuth stores bcrypt of a SHA-256"));
            }
        }
        if passwords.history > 0 {
            return refuse("passwords.history", "is set, and CRUDAuth keeps no earlier passwords");
        }
        if passwords.expire_after.is_some() {
            return refuse("passwords.expire_after", "is set, and with CRUDAuth passwords do not expire");
        }
        let policy = passwords.min_length.is_some()
            || passwords.max_length.is_some()
            || !passwords.require.is_empty()
            || passwords.blocklist;
        Ok(Some(Passwords {
            policy,
            min_length: passwords
                .min_length
                .map(|length| positive("passwords.min_length", length).map_err(|refused| refused.told_by("PWD001")))
                .transpose()?,
            max_length: passwords.max_length,
            require: CharacterClass::ALL
                .iter()
                .filter(|class| passwords.require.contains(class))
                .copied()
                .map(required)
                .collect(),
            blocklist: passwords.blocklist,
            mfa_issuer: passwords.mfa.then(|| self.plan.policy.app.name.to_string()),
        }))
    }
}

/// The argument that asks for a kind of character.
fn required(class: CharacterClass) -> Notation {
    Notation::name(match class {
        CharacterClass::Upper => "require_uppercase",
        CharacterClass::Lower => "require_lowercase",
        CharacterClass::Digit => "require_digit",
        CharacterClass::Special => "require_special",
    })
}
