//! Secrets within texts that are something else: settings as JSON, files that are mounted, what `kubectl apply` notes of an
//! object, questions to a container.

use serde_json::Value;

use super::super::connection::{Connection, is_by_itself};
use super::super::secrets::forms::is_reference;
use super::super::secrets::issuers::is_for_servers;
use super::super::secrets::names::purpose;
use super::super::secrets::uses::references;
use crate::plan::Plan;
use crate::profile::SecretRef;
use crate::yaml;

/// How deep texts may stand in texts: an annotation holds an object, which holds a file.
const DEEPEST: usize = 4;

/// No secret is shorter that anybody has to be told of.
const SHORTEST: usize = 6;

/// What a text says behind a header by which a client signs in: `Authorization: Bearer …`, in whatever quotes.
pub fn signs_in(text: &str) -> Option<String> {
    const NAME: &str = "authorization";
    const SCHEMES: [&str; 6] = ["bearer", "basic", "token", "apikey", "api-key", "negotiate"];
    let small = text.to_ascii_lowercase();
    small.match_indices(NAME).find_map(|(at, _)| {
        const AROUND: [char; 4] = ['"', '\\', '\'', ' '];
        let behind = text[at + NAME.len()..].trim_start_matches(AROUND);
        // nginx writes a blank between the two.
        let is_parted = behind.starts_with([':', '=']);
        let behind = behind.trim_start_matches([':', '=']).trim_start_matches(AROUND);
        let mut words =
            behind.split(|c: char| c.is_whitespace() || "\"'\\,;".contains(c)).filter(|word| !word.is_empty());
        let (first, second) = (words.next()?, words.next());
        let is_scheme = SCHEMES.iter().any(|scheme| first.eq_ignore_ascii_case(scheme));
        let value = if is_scheme { second? } else { first };
        // A word alone may be what a sentence goes on with.
        let is_made = value.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        (is_text(value) && is_made && (is_scheme || is_parted)).then(|| "the value of `Authorization`".to_owned())
    })
}

/// What a text holds that is a secret, in words for a message: "the value of `SECRET_KEY`", "a private key".
pub fn secret_in(plan: &Plan<'_>, text: &str) -> Option<String> {
    within(plan, text, DEEPEST)
}

/// Whether a value is no secret, whatever its name: a tool puts something else in its place before the cluster has it, or in the
/// container (`${NAME}` of envsubst and Flux, `vault:…` of Bank-Vaults); or it is the address of a database or of a Redis without a
/// password, to which the profile may refer as it does to secrets.
pub fn is_none(plan: &Plan<'_>, name: &str, value: &str) -> bool {
    is_put_in(value) || is_address(plan, name, value)
}

/// Whether a tool puts something else in a text's place.
pub fn is_put_in(text: &str) -> bool {
    let text = text.trim();
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    name.is_some_and(is_name) || is_reference(text)
}

fn is_address(plan: &Plan<'_>, name: &str, value: &str) -> bool {
    const OTHERS: [&str; 6] = ["redis", "rediss", "valkey", "valkeys", "amqp", "amqps"];
    let is_referred_to_by = |key: &'static str| {
        let mut places = references(plan.policy).filter(|place| place.key() == key.into());
        places.any(|place| matches!(place.reference, SecretRef::Env(variable) if variable.as_str() == name))
    };
    match Connection::read(value) {
        Some(url) => {
            let is_of_data = url.engine().is_some() || OTHERS.contains(&url.kind());
            is_of_data && url.password().is_none_or(|password| password.is_empty() || is_put_in(password))
        }
        None => is_by_itself(value) && ["database.url", "state.url"].into_iter().any(is_referred_to_by),
    }
}

/// Whether a value of this name is a secret.
pub fn is_secret(plan: &Plan<'_>, name: &str, value: &str) -> bool {
    let policy = plan.policy;
    let is_public = || policy.app.public_variables.iter().any(|public| public.as_str() == name);
    // `key: value` is what every list of settings says.
    let is_named = || !matches!(name.to_ascii_lowercase().as_str(), "key" | "keys" | "auth") && purpose(name).is_some();
    is_text(value)
        && !is_public()
        && !is_none(plan, name, value)
        && (policy.refers_to(name) || is_named() || name == "client-key-data")
}

/// Whether it is written out: no path, and nothing that a shell, a template or the cluster fills in.
pub fn is_text(value: &str) -> bool {
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
    if let Some(what) = signs_in(text).or_else(|| netrc(text)).or_else(|| pgpass(text)) {
        return Some(what);
    }
    // Settings as YAML: `name: API_KEY` and its value may be two lines.
    if text.contains(": ") && text.contains('\n') {
        let read = yaml::read(text);
        let is_yaml = read.problems.is_empty()
            && read.documents.iter().any(|document| !document.entries().is_empty() || !document.items().is_empty());
        if let Some(what) = is_yaml
            .then(|| read.documents.iter().find_map(|document| of_json(plan, &document.to_json(), depth)))
            .flatten()
        {
            return Some(what);
        }
    }
    if let Some(what) = xml(plan, text) {
        return Some(what);
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

/// What an element of XML says: `<password>…</password>`.
fn xml(plan: &Plan<'_>, text: &str) -> Option<String> {
    text.match_indices("</").find_map(|(end, _)| {
        let name = text[end + 2..].split('>').next()?.trim();
        let value = text[..end].rsplit_once('>').filter(|(open, _)| open.ends_with(name))?.1.trim();
        is_secret(plan, name, value).then(|| value_of(name))
    })
}

/// What a file in the form of `.netrc` says: `machine HOST login NAME password …`.
fn netrc(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_one = words.contains(&"login") && (words.contains(&"machine") || words.contains(&"default"));
    let has = words.windows(2).any(|pair| pair[0] == "password" && is_text(pair[1]));
    (is_one && has).then(|| value_of("password"))
}

/// What a file in the form of `.pgpass` says: `HOST:PORT:DATABASE:USER:…` in each line.
fn pgpass(text: &str) -> Option<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let fields = |line: &str| {
        let plain = line.replace("\\:", "\u{0}");
        let fields: Vec<String> = plain.split(':').map(str::to_owned).collect();
        <[String; 5]>::try_from(fields).ok()
    };
    let is_port = |text: &str| text == "*" || text.parse::<u16>().is_ok();
    let mut is_any = false;
    for line in lines {
        let [_, port, _, _, password] = fields(line)?;
        if !is_port(&port) {
            return None;
        }
        is_any |= is_text(&password);
    }
    is_any.then(|| "the password of a database".to_owned())
}

fn of_json(plan: &Plan<'_>, value: &Value, depth: usize) -> Option<String> {
    match value {
        Value::String(text) => within(plan, text, depth),
        Value::Array(items) => items.iter().find_map(|item| of_json(plan, item, depth)),
        Value::Object(entries) => {
            let text = |key: &str| entries.get(key).and_then(Value::as_str);
            let is_full = |key: &str| entries.get(key).and_then(Value::as_object).is_some_and(|data| !data.is_empty());
            let registries = entries.get("auths").and_then(Value::as_object).into_iter().flatten();
            let has_password = |(_, one): (&String, &Value)| {
                ["auth", "password", "identitytoken"]
                    .iter()
                    .any(|key| one.get(key).and_then(Value::as_str).is_some_and(is_text))
            };
            if registries.into_iter().any(has_password) {
                return Some("the sign-in to a registry of images".to_owned());
            }
            let header = entries.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
            if let Some(what) = header.and_then(|(_, value)| signs_in(&format!("authorization: {}", value.as_str()?))) {
                return Some(what);
            }
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
