//! Which secret is meant, the variables of its keys, and whether seccfg can make a new one.

use super::Refused;
use crate::apps::Ability;
use crate::plan::Facts;
use crate::profile::{Name, Secret, SecretPurpose, SecretRef};
use crate::source::nearest;

/// The secret of a name; where there is none, which one may be meant.
pub fn secret<'p>(facts: &Facts<'p>, name: &str) -> Result<(&'p Name, &'p Secret), Refused> {
    let secrets = &facts.policy.secrets;
    secrets.get_key_value(name).ok_or_else(|| {
        let known = secrets.keys().map(Name::as_str);
        let help = match (nearest(name, known.clone()), known.collect::<Vec<_>>()) {
            (Some(meant), _) => format!("did you mean `{meant}`?"),
            (None, known) if known.is_empty() => "the profile has no `[secrets.…]`: write one first".to_owned(),
            (None, known) => format!("its secrets are {}", known.join(", ")),
        };
        Refused::new(format!("the profile has no secret `{name}`"), help)
    })
}

/// The variable of the current key, if `seccfg` can write a new one there.
pub(super) fn variable<'p>(name: &Name, secret: &'p Secret) -> Result<&'p str, Refused> {
    let given = match secret.purpose {
        SecretPurpose::Signing | SecretPurpose::Encryption => None,
        SecretPurpose::Api => Some("the service that it opens"),
        SecretPurpose::Database => Some("the database"),
        SecretPurpose::Admin => Some("the app's own page for administrators"),
    };
    match (&secret.source, given) {
        (SecretRef::Env(current), None) => Ok(current),
        (SecretRef::Env(current), Some(issuer)) => Err(Refused::new(
            format!("`{name}` is not seccfg's to make: {issuer} has to know the new one, too"),
            format!(
                "1. make a new one at {issuer}, and keep the old one valid; 2. write it to `{current}` and deploy; 3. end the \
                 old one there; 4. set `rotated_at` of `[secrets.{name}]` to that day"
            ),
        )),
        (SecretRef::File(path), _) => Err(Refused::new(
            format!("`{name}` is kept in {path}, which something else than a `.env` file brings there"),
            format!(
                "1. make a new key where that file comes from (`openssl rand -hex 32`); 2. deploy; 3. set `rotated_at` of \
                 `[secrets.{name}]` to that day"
            ),
        )),
    }
}

/// What would be lost with the key, if it encrypts.
pub(super) fn encrypted<'p>(facts: &Facts<'p>, secret: &Secret) -> Option<&'p str> {
    let has_own = facts.policy.secrets.values().any(|secret| secret.purpose == SecretPurpose::Encryption);
    match secret.purpose {
        SecretPurpose::Encryption => Some("what is stored"),
        SecretPurpose::Signing => facts.app.signing_key_encrypts.as_deref().filter(|_| !has_own),
        SecretPurpose::Api | SecretPurpose::Database | SecretPurpose::Admin => None,
    }
}

/// The variable of the key before the current one: the profile's word, or else the pack's.
pub(super) fn previous(facts: &Facts<'_>, name: &Name, secret: &Secret) -> Result<Option<String>, Refused> {
    match (&secret.previous, facts.app.previous_keys) {
        (_, Ability::Nothing) => Ok(None),
        (Some(SecretRef::Env(variable)), _) => Ok(Some(variable.clone())),
        (Some(SecretRef::File(path)), _) => Err(Refused::new(
            format!("the key before `{name}` is kept in {path}, and the current one in a variable"),
            "keep both in variables of the app's `.env` file, or replace them by hand",
        )),
        (None, Ability::Setting | Ability::Fixed | Ability::Unknown) => Ok(of_pack(facts, name)),
    }
}

/// The variable of the key before the current one, as the app's pack names it.
pub(super) fn of_pack(facts: &Facts<'_>, name: &Name) -> Option<String> {
    let field = format!("secrets.{name}.previous");
    let row = facts.app.variables.all().iter();
    let mut rows = row.filter(|(_, row)| row.field.as_ref().is_some_and(|known| known.as_str() == field));
    rows.next().map(|(variable, _)| variable.to_string())
}
