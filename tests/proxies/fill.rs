//! Tables over tables, and names in braces that stand for values.

use toml::{Table, Value};

/// Lays one table over another, key by key.
pub fn overlay(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => overlay(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

/// Puts values in the place of their names in braces. A string that is nothing but one name becomes the value, of
/// whatever type.
pub fn fill(table: Table, values: &Table) -> Table {
    table.into_iter().map(|(key, value)| (key, filled(value, values))).collect()
}

fn filled(value: Value, values: &Table) -> Value {
    match value {
        Value::String(text) => filled_text(text, values),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| filled(item, values)).collect()),
        Value::Table(table) => Value::Table(fill(table, values)),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => value,
    }
}

fn filled_text(text: String, values: &Table) -> Value {
    let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    if let Some(value) = name.and_then(|name| values.get(name)) {
        return value.clone();
    }
    let text = values.iter().fold(text, |text, (name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.replace(&format!("{{{name}}}"), &value)
    });
    Value::String(text)
}

/// A name in braces that nothing was put in the place of.
pub fn unfilled(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => text.match_indices('{').find_map(|(start, _)| {
            let (name, _) = text[start + 1..].split_once('}')?;
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            is_name.then_some(name)
        }),
        Value::Array(items) => items.iter().find_map(unfilled),
        Value::Table(table) => table.values().find_map(unfilled),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => None,
    }
}
