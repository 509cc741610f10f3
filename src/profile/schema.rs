//! The JSON Schemas of whole files: of a profile with its overlays, and of any section as the root of a file.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::Profile;

/// The settings for what editors read: draft 7.
fn draft7(title: &str, root: Schema, mut definitions: Map<String, Value>) -> Value {
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
    });
    let target = schema.as_object_mut().expect("just made");
    target.extend(Value::from(root).as_object().cloned().unwrap_or_default());
    definitions.sort_keys();
    target.insert("definitions".into(), Value::Object(definitions));
    schema
}

/// The schema of `security.toml`.
pub fn profile() -> Value {
    let mut generator = SchemaSettings::draft07().into_generator();
    let root = Profile::json_schema(&mut generator);
    let mut definitions = generator.take_definitions(true);
    let overlay = overlay(&root, &mut definitions);
    definitions.insert("Overlay".into(), overlay);
    let mut schema = draft7("seccfg security profile", root, definitions);
    settle(&mut schema);
    schema
}

/// Puts a schema into the form that the editors' servers make the most of, without another meaning.
pub(crate) fn settle(schema: &mut Value) {
    let definitions = schema["definitions"].as_object().cloned().unwrap_or_default();
    refuse_at_the_key(schema);
    write_out(schema, &definitions);
}

/// Says of every closed table that no value is right at a key that is not known, where `false` would refuse the table as a
/// whole: taplo repeats what is wrong with a table at each of its keys.
fn refuse_at_the_key(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(closed) = map.get_mut("additionalProperties").filter(|others| **others == json!(false)) {
                *closed = json!({ "title": "no key that is known here", "enum": [] });
            }
            map.values_mut().for_each(refuse_at_the_key);
        }
        Value::Array(values) => values.iter_mut().for_each(refuse_at_the_key),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Takes the `allOf` away that stands around a `$ref` with something beside it. Draft 7 ignores what stands beside a `$ref`
/// itself: words and a default are for people, and every editor shows them; where there are bounds, the definition is
/// written out. The `allOf` would end taplo's server, which follows it without end when it is asked what may be written.
fn write_out(schema: &mut Value, definitions: &Map<String, Value>) {
    const BOUNDS: [&str; 3] = ["pattern", "minimum", "maximum"];
    match schema {
        Value::Object(map) => {
            let reference = match map.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
                Some([only]) => only.get("$ref").and_then(Value::as_str).map(str::to_owned),
                Some(_) | None => None,
            };
            if let Some(reference) = reference {
                map.remove("allOf");
                if BOUNDS.iter().any(|bound| map.contains_key(*bound)) {
                    let name = reference.rsplit('/').next().unwrap_or_default();
                    for (key, value) in definitions.get(name).and_then(Value::as_object).into_iter().flatten() {
                        map.entry(key.clone()).or_insert_with(|| value.clone());
                    }
                } else {
                    map.insert("$ref".to_owned(), reference.into());
                }
            }
            map.values_mut().for_each(|value| write_out(value, definitions));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| write_out(value, definitions)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The schema of a section by itself, as the root of a file.
pub fn of<T: JsonSchema>(title: &str) -> Value {
    let mut generator = SchemaSettings::draft07().into_generator();
    let root = T::json_schema(&mut generator);
    let definitions = generator.take_definitions(true);
    draft7(title, root, definitions)
}

/// What may stand under `[modes.M]`: the profile's sections, of which nothing
/// has to be written twice. So each definition that has required keys gets a
/// twin without them.
fn overlay(root: &Schema, definitions: &mut Map<String, Value>) -> Value {
    const SUFFIX: &str = "Overlay";
    let mut overlay = root.as_value().clone();
    if let Some(properties) = overlay["properties"].as_object_mut() {
        for key in ["version", "modes", "waivers"] {
            properties.remove(key);
        }
    }
    let originals = definitions.clone();
    let is_object = |name: &str| originals.get(name).is_some_and(|schema| schema["type"] == "object");
    let mut open = vec![&mut overlay];
    let mut wanted: Vec<String> = Vec::new();
    let mut made: Map<String, Value> = Map::new();
    // Twins point to twins: follow the references until no new one turns up.
    loop {
        for schema in open.drain(..) {
            loosen(schema, &is_object, SUFFIX, &mut wanted);
        }
        let Some(name) = wanted.pop() else { break };
        if !made.contains_key(&name) {
            let mut twin = originals.get(&name).cloned().unwrap_or_default();
            loosen(&mut twin, &is_object, SUFFIX, &mut wanted);
            made.insert(name, twin);
        }
    }
    if let Some(app) = made.get_mut("App").and_then(|app| app["properties"].as_object_mut()) {
        app.retain(|key, _| !["kind", "release", "mode"].contains(&key.as_str()));
    }
    definitions.extend(made.into_iter().map(|(name, twin)| (format!("{name}{SUFFIX}"), twin)));
    overlay["description"] = "The same sections for one mode; what is not written here is as in the profile.".into();
    overlay
}

/// Drops what is required and points references to objects at their twins.
fn loosen(schema: &mut Value, is_object: &dyn Fn(&str) -> bool, suffix: &str, wanted: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            map.remove("required");
            map.remove("default");
            if let Some(Value::String(reference)) = map.get_mut("$ref") {
                let name = reference.rsplit('/').next().unwrap_or_default().to_owned();
                if is_object(&name) {
                    reference.push_str(suffix);
                    wanted.push(name);
                }
            }
            map.values_mut().for_each(|value| loosen(value, is_object, suffix, wanted));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| loosen(value, is_object, suffix, wanted)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
