//! The JSON Schema of what a section declares.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::Profile;
use super::bounds::Bounds;
use super::vocabulary::{Kind, prose};

/// Documentation as editors show it, which know no backticks.
fn description(doc: &[&str]) -> String {
    prose(doc).replace('`', "")
}

/// An object that is being described key by key.
pub(crate) struct Object {
    description: String,
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Object {
    pub(crate) fn new(doc: &[&str]) -> Self {
        Self { description: description(doc), properties: Map::new(), required: Vec::new() }
    }

    fn property(&mut self, key: &'static str, doc: &[&str], schema: Schema, default: Option<Value>) {
        let mut schema = Value::from(schema);
        if schema.get("$ref").is_some() {
            // Draft 7 ignores everything beside a `$ref`.
            schema = json!({ "allOf": [schema] });
        }
        let entry = schema.as_object_mut().expect("a property's schema is an object");
        entry.insert("description".into(), description(doc).into());
        if let Some(default) = default {
            entry.insert("default".into(), default);
        }
        self.properties.insert(key.into(), schema);
    }

    pub(crate) fn required(&mut self, key: &'static str, doc: &[&str], schema: Schema) {
        self.required.push(key);
        self.property(key, doc, schema, None);
    }

    pub(crate) fn absent(&mut self, key: &'static str, doc: &[&str], schema: Schema) {
        self.property(key, doc, schema, None);
    }

    pub(crate) fn section(&mut self, key: &'static str, doc: &[&str], schema: Schema) {
        self.property(key, doc, schema, None);
    }

    pub(crate) fn default(&mut self, key: &'static str, doc: &[&str], schema: Schema, default: Option<Value>) {
        self.property(key, doc, schema, default);
    }

    pub(crate) fn into_schema(self) -> Schema {
        let mut schema = json!({
            "type": "object",
            "description": self.description,
            "properties": self.properties,
            "additionalProperties": false,
        });
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        schema.try_into().expect("an object is a schema")
    }
}

/// The schema of a value that has bounds at its key.
pub(crate) fn within(schema: Schema, kind: &Kind, bounds: Option<&Bounds>) -> Schema {
    let Some(bounds) = bounds else { return schema };
    let mut schema = Value::from(schema);
    if schema.get("$ref").is_some() {
        // Draft 7 ignores everything beside a `$ref`.
        schema = json!({ "allOf": [schema] });
    }
    if let Some(pattern) = bounds.pattern(kind) {
        schema["pattern"] = pattern.into();
    } else {
        schema["minimum"] = bounds.least.into();
        schema["maximum"] = bounds.most.into();
    }
    schema.try_into().expect("an object is a schema")
}

/// A word from a list, each explained.
pub(crate) fn words(doc: &[&str], words: &[(&str, &[&str])]) -> Schema {
    let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let each: Vec<String> = words.iter().map(|(word, doc)| format!("{word}: {}", description(doc))).collect();
    json!({ "type": "string", "enum": list, "description": format!("{}\n\n{}", description(doc), each.join("\n")) })
        .try_into()
        .expect("an object is a schema")
}

/// A checked string.
pub(crate) fn text(pattern: &str, examples: &[&str], doc: &[&str]) -> Schema {
    json!({ "type": "string", "pattern": pattern, "examples": examples, "description": description(doc) })
        .try_into()
        .expect("an object is a schema")
}

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
    draft7("seccfg security profile", root, definitions)
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
