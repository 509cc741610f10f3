//! A [`Config`] in JSON: what Caddy makes of a Caddyfile when it reads one, with values that a Caddyfile can't hold.

use serde_json::Value;

use super::config::Config;

/// Writes a whole configuration, of which every value has a form.
pub fn render(config: &Config) -> String {
    let mut config = serde_json::to_value(config).expect("the names in its maps are texts");
    prune(&mut config);
    // What made a file is told in its first line.
    format!("{config:#}\n").replacen("{\n  \"@id\"", "{ \"@id\"", 1)
}

/// Takes fields away that have no value. A header without one is a condition: it must not be there.
fn prune(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let is_header = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
            fields.retain(|name, value| !value.is_null() || is_header(name));
            fields.values_mut().for_each(prune);
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
