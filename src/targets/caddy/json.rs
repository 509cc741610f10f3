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

/// Takes fields away that have no value. In a matcher of headers that is a value, which says that there is no such header.
fn prune(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            let inner = fields.iter_mut().filter(|(name, _)| *name != "header");
            inner.for_each(|(_, value)| prune(value));
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
