//! Secrets within texts that are something else: settings as JSON, files that are mounted, what `kubectl apply` notes of an
//! object, questions to a container.

use serde_json::Value;

use super::super::connection::Connection;
use super::super::secrets::issuers::is_for_servers;
use super::super::secrets::names::purpose;
use crate::plan::Plan;

/// How deep texts may stand in texts: an annotation holds an object, which holds a file.
const DEEPEST: usize = 4;

/// No secret is shorter that anybody has to be told of.
const SHORTEST: usize = 6;

/// What a text holds that is a secret, in words for a message: "the value of `SECRET_KEY`", "a private key".
pub fn secret_in(plan: &Plan<'_>, text: &str) -> Option<String> {
    within(plan, text, DEEPEST)
}

/// Whether a value of this name is a secret.
pub fn is_secret(plan: &Plan<'_>, name: &str, value: &str) -> bool {
    let policy = plan.policy;
    let is_public = || policy.app.public_variables.iter().any(|public| public.as_str() == name);
    // `key: value` is what every list of settings says.
    let is_named = || !matches!(name.to_ascii_lowercase().as_str(), "key" | "keys" | "auth") && purpose(name).is_some();
    is_text(value) && !is_public() && (policy.refers_to(name) || is_named())
}

/// Whether it is written out: no path, and nothing that a shell, a template or the cluster fills in.
fn is_text(value: &str) -> bool {
    let is_word = matches!(value, "true" | "false" | "null") || value.bytes().all(|byte| byte.is_ascii_digit());
    value.len() >= SHORTEST && !is_word && !value.starts_with(['$', '/', '<', '{']) && !value.contains("$(")
}

fn within(plan: &Plan<'_>, text: &str, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key".to_owned());
    }
    if text.trim_start().starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str::<Value>(text)
    {
        return of_json(plan, &value, depth);
    }
    let named = text.lines().find_map(|line| {
        let line = line.trim().trim_start_matches("- ").trim_start_matches("export ");
        let (name, value) = line.split_once(['=', ':'])?;
        let bare = |part: &'_ str| part.trim().trim_end_matches(',').trim_matches(['"', '\'']).to_owned();
        let (name, value) = (bare(name), bare(value));
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        (name.chars().all(is_name) && is_secret(plan, &name, &value)).then(|| value_of(&name))
    });
    named.or_else(|| {
        let mut words = text.split(|c: char| c.is_whitespace() || "\"',;`".contains(c));
        words.find_map(|word| {
            let has_password = || Connection::read(word)?.password().filter(|word| is_text(word)).map(drop);
            if has_password().is_some() {
                return Some("a URL with its password".to_owned());
            }
            is_for_servers(word).then(|| "a key as services issue them".to_owned())
        })
    })
}

fn of_json(plan: &Plan<'_>, value: &Value, depth: usize) -> Option<String> {
    match value {
        Value::String(text) => within(plan, text, depth),
        Value::Array(items) => items.iter().find_map(|item| of_json(plan, item, depth)),
        Value::Object(entries) => {
            let text = |key: &str| entries.get(key).and_then(Value::as_str);
            let is_full = |key: &str| entries.get(key).and_then(Value::as_object).is_some_and(|data| !data.is_empty());
            if text("kind") == Some("Secret") && (is_full("data") || is_full("stringData")) {
                return Some("what a Secret holds".to_owned());
            }
            // A variable of a container.
            let pair = text("name").zip(text("value")).filter(|(name, value)| is_secret(plan, name, value));
            let own = entries.iter().find_map(|(name, value)| {
                let text = value.as_str().unwrap_or_default();
                if is_secret(plan, name, text) { Some(value_of(name)) } else { of_json(plan, value, depth) }
            });
            pair.map(|(name, _)| value_of(name)).or(own)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn value_of(name: &str) -> String {
    format!("the value of `{name}`")
}
