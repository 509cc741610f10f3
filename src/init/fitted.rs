//! A starter that is fitted to an app of one's own: its paths, its secrets and its cookies are those of the app's pack.

use super::filling::set;
use crate::apps::{Ability, AppControl, AppPack};
use crate::profile::{CookiePurpose, Document, Shape, SignIn};
use crate::rules::secrets::purpose_of;
use crate::source::{Change, KeyPath, Literal, Source, apply};

/// Where a starter has limits by route.
const ROUTES: &str = "rate_limits.routes";

/// The starter with what the pack knows in the place of what was an example. What the pack does not say stays.
pub fn fitted(starter: &str, app: &AppPack) -> String {
    let mut text = starter.to_owned();
    for route in app.routes.keys() {
        // A limit that names no paths has the pack's.
        take(&mut text, KeyPath::from(ROUTES).key(route.as_str()).key("paths"));
    }
    secrets(&mut text, app);
    cookies(&mut text, app);
    settled(&mut text, app);
    // The comment there asks for paths, of which none may be left.
    if text.contains("paths = [\"") { text } else { without_comment(&text, ROUTES) }
}

/// What is settled in the app's code, and what it has nothing for, in the place of what the starter asks for.
fn settled(text: &mut String, app: &AppPack) {
    let sections = [
        (AppControl::Tokens, "tokens"),
        (AppControl::Sessions, "sessions"),
        (AppControl::Lockout, "lockout"),
        (AppControl::Cookies, "cookies"),
    ];
    for (control, section) in sections {
        let has_own = control == AppControl::Cookies && !app.cookies.is_empty();
        if app.ability(control) == Ability::Nothing && !has_own {
            take(text, section.into());
        }
    }
    // What it cannot be told, and does in a way that is not known, cannot be asked for.
    let keys: [(AppControl, &[&str]); 4] = [
        (
            AppControl::Passwords,
            &["passwords.min_length", "passwords.max_length", "passwords.hash", "passwords.blocklist"],
        ),
        (AppControl::Sessions, &["sessions.idle_timeout", "sessions.absolute_timeout"]),
        (AppControl::Tokens, &["tokens.access_ttl"]),
        (
            AppControl::Lockout,
            &["lockout.attempts", "lockout.window", "lockout.duration", "lockout.max_duration", "lockout.key"],
        ),
    ];
    for (control, keys) in keys {
        for key in keys.iter().filter(|key| !app.takes(control, key)) {
            take(text, (*key).into());
        }
    }
    if app.sign_in.as_ref().is_some_and(|ways| !ways.contains(&SignIn::Password)) {
        let of_passwords = ["passwords", "lockout", "rate_limits.routes.sign_up", "rate_limits.routes.password_reset"];
        for key in of_passwords {
            take(text, key.into());
        }
    }
    let own = ["passwords.min_length", "passwords.max_length", "passwords.hash"];
    let keys = app.fixed.iter().map(|(key, _)| key).chain(own);
    for key in keys.collect::<std::collections::BTreeSet<_>>() {
        let starter = Source::new("", text.as_str());
        let document = Document::parse(&starter);
        let is_asked = document.table(None).holds(key);
        if let Some(value) = app.settled(key).filter(|_| is_asked)
            && let Some(changed) = set(text, KeyPath::dotted(key), &value)
        {
            *text = changed;
        }
    }
}

/// The app's own secrets, each for what it is, in the place of the starter's.
fn secrets(text: &mut String, app: &AppPack) {
    let rows = app.variables.all();
    let own: Vec<_> = rows
        .iter()
        .filter_map(|(name, row)| {
            let field = row.field.as_ref().filter(|_| row.ignored.is_none())?;
            let (section, key) = field.as_str().strip_prefix("secrets.")?.rsplit_once('.')?;
            (key == "source" && matches!(field.shape(), Shape::Reference)).then_some((section, name, row))
        })
        .collect();
    if own.is_empty() {
        return;
    }
    let starters = Source::new("", text.as_str());
    for name in secrets_of(&starters) {
        if own.iter().all(|(section, ..)| *section != name) {
            take(text, KeyPath::from("secrets").key(name.as_str()));
        }
    }
    for (section, name, row) in own {
        // An optional one is in use only where a file says so.
        if !row.required {
            continue;
        }
        let at = |key: &'static str| KeyPath::from(("secrets", section, key));
        let purpose = row.purpose.unwrap_or_else(|| purpose_of(name.as_str()));
        put(text, at("source"), &format!("env:{name}"));
        put(text, at("purpose"), purpose.as_str());
    }
}

/// The names of the secrets that a profile has.
fn secrets_of(profile: &Source) -> Vec<String> {
    let document = Document::parse(profile);
    let read = document.read();
    read.base.map(|base| base.secrets.keys().map(ToString::to_string).collect()).unwrap_or_default()
}

/// The app's own cookies in the place of the starter's.
fn cookies(text: &mut String, app: &AppPack) {
    if app.cookies.is_empty() {
        return;
    }
    take(text, "cookies".into());
    for (name, cookie) in &app.cookies {
        let at = |key: &'static str| KeyPath::from(("cookies", name.as_str(), key));
        put(text, at("purpose"), cookie.purpose.as_str());
        let is_read = cookie.read_by_scripts || cookie.purpose == CookiePurpose::Csrf;
        let switches = [("secure", true), ("http_only", !is_read)];
        for (key, value) in switches {
            let change = Change::Set { key: at(key), value: Literal::from(value).to_string() };
            *text = apply(text, &change).unwrap_or_else(|| std::mem::take(text));
        }
        put(text, at("same_site"), "lax");
        if name.as_str().starts_with("__Host-") {
            put(text, at("path"), "/");
        }
    }
}

fn put(text: &mut String, key: KeyPath, value: &str) {
    if let Some(changed) = set(text, key, &value.into()) {
        *text = changed;
    }
}

/// Takes a key away; of a section, the comment above it as well, which would else stand above the next one.
fn take(text: &mut String, key: KeyPath) {
    let header = key.to_string();
    if let Some(changed) = apply(&without_comment(text, &header), &Change::Remove { key }) {
        *text = changed;
    }
}

/// A starter without the comment right above a section: the first one that has this name or stands below it.
fn without_comment(text: &str, section: &str) -> String {
    let is_header = |line: &str| {
        let rest = line.strip_prefix('[').and_then(|line| line.strip_prefix(section));
        rest.is_some_and(|rest| rest.starts_with([']', '.']))
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let Some(header) = lines.iter().position(|line| is_header(line)) else { return text.to_owned() };
    let above = lines[..header].iter().rev().take_while(|line| line.starts_with('#')).count();
    lines.iter().enumerate().filter(|(at, _)| !(header - above..header).contains(at)).map(|(_, line)| *line).collect()
}
