//! The JSON Schema of what one declaration says: a section key by key, a word from a list, a checked text, bounds.

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::bounds::Bounds;
use super::kind::{Kind, prose};
use super::text::Word;

/// Documentation as editors show it, which know no backticks.
fn description(doc: &str) -> String {
    prose(doc).replace('`', "")
}

/// An object that is being described key by key.
pub(crate) struct Object {
    description: String,
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Object {
    pub(crate) fn new(doc: &str) -> Self {
        Self { description: description(doc), properties: Map::new(), required: Vec::new() }
    }

    fn property(&mut self, key: &'static str, doc: &str, schema: Schema, default: Option<Value>) {
        let mut schema = Value::from(schema);
        let entry = schema.as_object_mut().expect("a property's schema is an object");
        entry.insert("description".into(), description(doc).into());
        if let Some(default) = default {
            entry.insert("default".into(), default);
        }
        self.properties.insert(key.into(), schema);
    }

    pub(crate) fn required(&mut self, key: &'static str, doc: &str, schema: Schema) {
        self.required.push(key);
        self.property(key, doc, schema, None);
    }

    pub(crate) fn absent(&mut self, key: &'static str, doc: &str, schema: Schema) {
        self.property(key, doc, schema, None);
    }

    pub(crate) fn section(&mut self, key: &'static str, doc: &str, schema: Schema) {
        self.property(key, doc, schema, None);
    }

    pub(crate) fn default(&mut self, key: &'static str, doc: &str, schema: Schema, default: Option<Value>) {
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

/// The schema of a value that has bounds at its key. (Where they stand beside a `$ref`, `schema::settle` puts them in force.)
pub(crate) fn within(schema: Schema, kind: &Kind, bounds: Option<&Bounds>) -> Schema {
    let Some(bounds) = bounds else { return schema };
    let mut schema = Value::from(schema);
    if let Some(pattern) = bounds.pattern(kind.units()) {
        schema["pattern"] = pattern.into();
    } else {
        schema["minimum"] = bounds.least.into();
        schema["maximum"] = bounds.most.into();
    }
    schema.try_into().expect("an object is a schema")
}

/// A word from a list, each explained.
pub(crate) fn words(doc: &str, words: &[Word]) -> Schema {
    let list: Vec<&str> = words.iter().map(|word| word.word).collect();
    let each: Vec<String> = words.iter().map(|word| format!("{}: {}", word.word, description(word.doc))).collect();
    json!({ "type": "string", "enum": list, "description": format!("{}\n\n{}", description(doc), each.join("\n")) })
        .try_into()
        .expect("an object is a schema")
}

/// A checked string.
pub(crate) fn text(pattern: &str, examples: &[&str], doc: &str) -> Schema {
    json!({ "type": "string", "pattern": pattern, "examples": examples, "description": description(doc) })
        .try_into()
        .expect("an object is a schema")
}
