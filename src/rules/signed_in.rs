//! What shows that people or programs sign in.

use crate::apps::{Ability, AppControl};
use crate::plan::Facts;
use crate::profile::{CookiePurpose, SecretPurpose, SignIn};
use crate::source::KeyPath;

/// The first place that shows it, and what is to be seen there. What COR002's documentation lists.
pub(super) fn sign_in(facts: &Facts<'_>) -> Option<(KeyPath, String)> {
    let policy = facts.policy;
    let app = facts.app;
    if facts.nobody_signs_in() {
        return None;
    }
    if let Some(way) = policy.app.sign_in.iter().flatten().next() {
        let how = match way {
            SignIn::Password => "with a password",
            SignIn::Passkey => "with a passkey",
            SignIn::Oauth => "at a provider",
            SignIn::External => "elsewhere",
        };
        return Some((("app.sign_in", 0).into(), format!("people sign in {how}")));
    }
    let abilities = [AppControl::Passwords, AppControl::Sessions, AppControl::Tokens, AppControl::Lockout]
        .map(|control| app.ability(control));
    let known = abilities.iter().any(|ability| matches!(ability, Ability::Setting | Ability::Fixed));
    if known || app.routes.contains_key("sign_in") {
        return Some(("app.kind".into(), format!("{} has sign-in", app.title)));
    }
    if policy.cors.credentials {
        return Some(("cors.credentials".into(), "cookies and Authorization go along".to_owned()));
    }
    let cookie = policy.cookies.iter().find(|(_, cookie)| match cookie.purpose {
        CookiePurpose::Session | CookiePurpose::Csrf | CookiePurpose::OauthState => true,
        CookiePurpose::Preference => false,
    });
    if let Some((name, cookie)) = cookie {
        let place = KeyPath::from("cookies").key(name.as_str());
        return Some((place, format!("sign-in sets a cookie: its purpose is {}", cookie.purpose)));
    }
    let secret = policy.secrets.iter().find(|(_, secret)| match secret.purpose {
        SecretPurpose::Signing | SecretPurpose::Admin => true,
        SecretPurpose::Encryption | SecretPurpose::Api | SecretPurpose::Database => false,
    });
    if let Some((name, secret)) = secret {
        let place = KeyPath::from("secrets").key(name.as_str());
        return Some((place, format!("sign-in needs a key: its purpose is {}", secret.purpose)));
    }
    let keys = ["rate_limits.routes.sign_in", "rate_limits.routes.sign_up", "rate_limits.routes.password_reset"];
    let sections = ["oauth", "tokens", "sessions", "passwords"];
    let written = keys.into_iter().chain(sections).find(|key| policy.is_written(key));
    let accounts =
        [(policy.lockout.enabled, "lockout.enabled"), (policy.app.open_registration, "app.open_registration")];
    let accounts = accounts.into_iter().find_map(|(on, key)| on.then_some(key));
    written.or(accounts).map(|key| (key.into(), "speaks of sign-in".to_owned()))
}
