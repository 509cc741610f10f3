//! What of a value of an app's `.env` file anyone may see, and what of it means nothing.
//!
//! A secret may stand in the wrong place. So a value is shown, and judged as if the profile said it, only where it can be
//! nothing but public: `CORS_ORIGINS=["*"]` is, `ALGORITHM=u8Hq2LxW` is not.

use std::net::IpAddr;

use serde_json::Value;

use crate::policy::EVERYONE;
use crate::profile::vocabulary::{self, Kind, TextKind};
use crate::profile::{Field, Shape};

/// What findings may show of a value. Of texts, only addresses, names of servers, known words and what opens a list to
/// everyone are that; of a mailbox, the domain; of a list, its entries that are.
pub fn public(field: &Field, value: &Value) -> Option<Value> {
    // A server that is told of networks takes a star for everyone.
    let of_entry = |canonical: fn(&str) -> Option<String>, text: &str| match text {
        "*" if canonical(text).is_none() => canonical(EVERYONE).map_or_else(|| text.into(), Value::from),
        text => text.into(),
    };
    match (field.shape(), value) {
        (Shape::Boolean | Shape::Integer | Shape::Duration | Shape::Size | Shape::Words(_), _) => Some(value.clone()),
        (Shape::Text(canonical) | Shape::List(canonical), Value::Array(entries)) => {
            let shown = entries.iter().filter_map(Value::as_str).filter(|text| is_public(field, text));
            let shown: Vec<Value> = shown.map(|text| of_entry(canonical, text)).collect();
            (!shown.is_empty() || entries.is_empty()).then_some(Value::Array(shown))
        }
        (Shape::Text(_) | Shape::List(_), text) => {
            let text = text.as_str()?;
            if is_public(field, text) { Some(text.into()) } else { mailbox(text).map(Value::from) }
        }
        (Shape::Reference | Shape::Table, _) => None,
    }
}

/// What a text of a value, or an entry of a list, would have to be, where one is none that a profile could have and may not
/// be shown: no rule about the profile speaks of it. An empty text says nothing.
pub fn wanted(field: &Field, value: &Value) -> Option<&'static str> {
    let (Shape::Text(canonical) | Shape::List(canonical)) = field.shape() else { return None };
    let mut texts =
        value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter().filter_map(Value::as_str);
    let is_strange = |text: &str| {
        !text.is_empty() && canonical(text).is_none() && !is_public(field, text) && mailbox(text).is_none()
    };
    texts.any(is_strange).then(|| kind(field).map(|kind| kind.what)).flatten()
}

/// What stands at a key, or each entry of its list.
fn kind(field: &Field) -> Option<&'static TextKind> {
    match vocabulary::at_key(&field.key()).ok()?.kind {
        Kind::Text(text) | Kind::List(Kind::Text(text)) => Some(text),
        Kind::Boolean
        | Kind::Integer { .. }
        | Kind::Date
        | Kind::List(_)
        | Kind::OneOrMany(_)
        | Kind::Entries { .. }
        | Kind::Section(_)
        | Kind::Overlays
        | Kind::Other(_) => None,
    }
}

fn is_public(field: &Field, text: &str) -> bool {
    let is_word = || kind(field).is_some_and(|kind| kind.words.iter().any(|word| word.word == text));
    let is_address = text.starts_with("http") && !text.contains(['@', '?']);
    is_address || ["null", "*"].contains(&text) || is_word() || is_server(text)
}

/// Whether a text is an address or a network, or a name below a suffix that registries give out.
fn is_server(text: &str) -> bool {
    let is_name =
        || text.contains('.') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    let address = text.split('/').next().unwrap_or_default();
    address.parse::<IpAddr>().is_ok()
        || (is_name() && psl::suffix(text.as_bytes()).is_some_and(|suffix| suffix.is_known()))
}

/// A mailbox of the same domain: no rule asks whose it is, and a password may stand before the `@`.
fn mailbox(text: &str) -> Option<String> {
    let (_, domain) = text.rsplit_once('@').filter(|(before, _)| !before.contains("://"))?;
    is_server(domain).then(|| format!("someone@{domain}"))
}
