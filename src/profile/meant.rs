//! What the author of a refused place likely meant, so that its message says what to write.
//!
//! `max_age = 31536000` under `[hsts]` gives `"1y"`; `login = "10/min"` under `[rate_limits.routes]` gives
//! `login = { limit = "10/min" }`; `http_port` under `[lockout]` gives the sections that have such a key. Everything
//! follows from the vocabulary. A value is repeated only where its key's type takes it and is no secret's.

use toml::de::DeValue;

use super::foreign;
use super::kind::{self, Kind, TextKind};
use crate::source::{KeyPath, Segment, View};

/// What to write in the place of a value of the wrong type, `key` being its key.
pub(super) fn value(key: &KeyPath, kind: &Kind, view: View<'_>) -> Option<String> {
    match kind {
        Kind::Boolean => boolean(view.value()),
        Kind::Integer { least, most } => {
            let number = number(view.value())?;
            (*least..=*most).contains(&number).then(|| format!("write `{number}`, without quotes"))
        }
        Kind::Text(kind) => text(kind, view),
        Kind::List(Kind::Section(section)) => Some(a_section_each(&format!("[[{key}]]"), section.keys)),
        Kind::List(each) => list(each, view),
        Kind::OneOrMany(each) => value(key, each, view),
        Kind::Section(section) => entry(key, section.keys, view),
        Kind::Entries { each: Kind::Section(section), .. } => {
            Some(a_section_each(&format!("[{key}.NAME]"), section.keys))
        }
        Kind::Date | Kind::Entries { .. } | Kind::Overlays | Kind::Other(_) => None,
    }
}

/// Entries are written as sections.
fn a_section_each(header: &str, keys: &[kind::Key]) -> String {
    let keys: Vec<&str> = keys.iter().map(|key| key.name).collect();
    format!("write a section for each entry, `{header}`, with these keys: {}", keys.join(", "))
}

fn boolean(value: &DeValue<'_>) -> Option<String> {
    let meant = match written(value)?.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "enabled" => true,
        "false" | "no" | "off" | "0" | "disabled" => false,
        _ => return None,
    };
    Some(format!("write `{meant}`, without quotes"))
}

/// A text that was written as a number, a date or a list of one.
fn text(kind: &TextKind, view: View<'_>) -> Option<String> {
    if kind.secret {
        return None;
    }
    if let Some(mut elements) = view.elements() {
        let (one, None) = (elements.next()?.value().as_str()?, elements.next()) else { return None };
        return (kind.takes)(one).then(|| format!("write `\"{one}\"`, without `[ ]`"));
    }
    let written = match view.value() {
        // Where something can be switched off, it is by a word.
        DeValue::Boolean(false) => "off".to_owned(),
        DeValue::Boolean(true) => return None,
        value => written(value)?,
    };
    if (kind.takes)(&written) {
        return Some(format!("write `\"{written}\"`, in quotes"));
    }
    (kind.of_number)(written.parse().ok()?).map(|meant| format!("write {meant}"))
}

fn list(each: &Kind, view: View<'_>) -> Option<String> {
    let Kind::Text(kind) = each else { return None };
    let text = view.value().as_str().filter(|_| !kind.secret)?;
    let elements: Vec<&str> = text.split(',').map(str::trim).filter(|element| !element.is_empty()).collect();
    let takes_all = !elements.is_empty() && elements.iter().all(|element| (kind.takes)(element));
    let elements: Vec<String> = elements.iter().map(|element| format!("\"{element}\"")).collect();
    takes_all.then(|| format!("write `[{}]`: a list stands in `[ ]`", elements.join(", ")))
}

/// A table of which one value was written alone: `login = "10/min"` for `login = { limit = "10/min" }`.
fn entry(key: &KeyPath, keys: &[kind::Key], view: View<'_>) -> Option<String> {
    let Some(Segment::Key(name)) = key.segments().last() else { return None };
    let takes = |key: &&kind::Key| holds(key.kind, view);
    let whole = keys.iter().find(takes).zip(written(view.value())).map(|(key, value)| {
        let value = if view.value().is_str() { format!("\"{value}\"") } else { value };
        format!("`{name} = {{ {} = {value} }}`", key.name)
    });
    let keys: Vec<&str> = keys.iter().map(|key| key.name).collect();
    let example = whole.unwrap_or_else(|| format!("a `[{key}]` section"));
    let is_route = *key == KeyPath::from("rate_limits.routes").key(name);
    let route = known_route(name)
        .filter(|_| is_route)
        .map(|known| format!("; if it is the route for `{known}`, give it that name, which seccfg knows"));
    Some(format!("write {example}; its keys are {}{}", keys.join(", "), route.unwrap_or_default()))
}

/// The name under which seccfg knows a route, where it likely is one: `sign_in` for `login`.
pub fn known_route(name: &str) -> Option<&'static str> {
    match name.replace(['-', '_'], "").as_str() {
        "login" | "signin" | "logon" | "auth" | "authenticate" | "session" | "sessions" | "token" => Some("sign_in"),
        "signup" | "register" | "registration" | "createaccount" | "join" => Some("sign_up"),
        "passwordreset" | "resetpassword" | "reset" | "forgot" | "forgotpassword" | "passwordforgot" | "recover"
        | "recovery" => Some("password_reset"),
        _ => None,
    }
    .filter(|known| *known != name)
}

/// The key that another program's name for it means.
pub(super) enum Foreign {
    /// One of the section in which it was written.
    Here(&'static str),
    /// One of another section: its path, with a name of the author's own in capitals.
    There(String),
}

/// What another program's name of a key is here, `section` being where it was written.
pub(super) fn of_others(root: &'static Kind, section: &KeyPath, name: &str) -> Option<Foreign> {
    let section = kind::general(root, section);
    let key = foreign::key(&section, name)?;
    Some(match key.rsplit_once('.') {
        Some((above, own)) if above == section => Foreign::Here(own),
        None if section.is_empty() => Foreign::Here(key),
        Some(_) | None => Foreign::There(key.replace('*', "NAME")),
    })
}

/// Whether a key takes this very value, and the value is one that may be shown.
fn holds(kind: &Kind, view: View<'_>) -> bool {
    let value = view.value();
    match kind {
        Kind::Boolean => value.is_bool(),
        Kind::Integer { least, most } => {
            value.is_integer() && number(value).is_some_and(|number| (*least..=*most).contains(&number))
        }
        Kind::Date => value.is_datetime(),
        Kind::Text(kind) => value.as_str().is_some_and(|text| kind.is_telling() && (kind.takes)(text)),
        Kind::List(each) => view
            .elements()
            .is_some_and(|mut elements| elements.len() > 0 && elements.all(|element| holds(each, element))),
        Kind::OneOrMany(each) => holds(each, view),
        Kind::Section(_) | Kind::Entries { .. } | Kind::Overlays => value.is_table(),
        Kind::Other(_) => false,
    }
}

/// The whole number that a plain value says, in quotes or not.
fn number(value: &DeValue<'_>) -> Option<u64> {
    written(value)?.replace('_', "").parse().ok()
}

/// What a plain value says, without its quotes.
fn written(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Datetime(date) => Some(date.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// The sections that have a key of this name, as the help of an unknown key says it. Where the value tells which of them
/// is meant, the others are left out.
pub(super) fn sections(root: &'static Kind, name: &str, view: View<'_>) -> Option<String> {
    const MOST: usize = 3;
    let all = kind::all(root);
    let named = all.iter().filter_map(|(path, key)| {
        let section = if path == name { "" } else { path.strip_suffix(name)?.strip_suffix('.')? };
        // What names modes is no overlay of one.
        let is_overlay = !matches!(key.kind, Kind::Overlays) || view.value().is_table();
        is_overlay.then_some((section, *key))
    });
    let mut named: Vec<_> = named.collect();
    if named.iter().any(|(_, key)| holds(key.kind, view)) {
        named.retain(|(_, key)| holds(key.kind, view));
    }
    // A word that many sections have, such as `enabled`, says nothing of which was meant; nor does a table, where it is the
    // name of a value.
    let is_table = view.value().is_table();
    if named.len() > MOST || (is_table && !named.iter().any(|(_, key)| holds(key.kind, view))) {
        return None;
    }
    let mut places: Vec<String> =
        named.iter().map(|(section, _)| format!("`[{}]`", section.replace('*', "NAME"))).collect();
    if named.iter().any(|(section, _)| section.is_empty()) {
        return Some(format!("`{name}` stands at the top of the profile, outside of any section"));
    }
    let last = places.pop()?;
    let places = if places.is_empty() { last } else { format!("{} and {last}", places.join(", ")) };
    Some(format!("`{name}` is a key of {places}: write it there"))
}

/// Whether a text that stands without quotes may be repeated: the vocabulary has keys of this name, one of them takes it,
/// and no secret stands at any.
pub(super) fn is_shown(root: &'static Kind, name: &str, text: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or_default();
    let all = kind::all(root);
    let kinds = || all.iter().filter(|(_, key)| key.name == name).map(|(_, key)| key.kind);
    let texts = || kinds().filter_map(|kind| if let Kind::Text(text) = kind { Some(text) } else { None });
    texts().all(|kind| !kind.secret) && texts().any(|kind| kind.is_telling() && (kind.takes)(text))
}
