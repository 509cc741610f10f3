//! The JSON Schema of an app pack: what its sections declare, with the words about releases and sources that any fact may
//! have.
//!
//! Where a section takes `"DENY"`, a pack may also have `{ is = "DENY", since = "2", from = "app.py" }` or a list of such
//! facts, and a table takes `since`, `until` and `from` beside its own keys (`release.rs`).

use serde_json::{Map, Value, json};

use super::AppPack;
use super::release::ABOUT_ITSELF;
use crate::profile::schema;

/// The schema of a pack, for editors.
pub fn pack() -> Value {
    let mut schema = schema::of::<AppPack>("seccfg app pack");
    if let Some(facts) = schema["properties"].as_object_mut() {
        facts.iter_mut().filter(|(key, _)| !ABOUT_ITSELF.contains(&key.as_str())).for_each(|(_, fact)| stamp(fact));
    }
    if let Some(definitions) = schema["definitions"].as_object_mut() {
        // A release is what the words are about, and keys of the profile are read by their own types.
        let tables = definitions.iter_mut().filter(|(name, table)| table["type"] == "object" && *name != "Release");
        tables.for_each(|(_, table)| stamp_entries(table));
        definitions.insert("Fact".to_owned(), fact());
        definitions.sort_keys();
    }
    schema::settle(&mut schema);
    schema
}

/// Lets a fact say for which releases it holds and where it was read.
fn stamp(fact: &mut Value) {
    let mut plain = fact.take();
    stamp_entries(&mut plain);
    let description = plain.as_object_mut().and_then(|plain| plain.remove("description"));
    let reference = json!({ "$ref": "#/definitions/Fact" });
    let mut stamped = json!({ "anyOf": [plain, reference, { "type": "array", "items": reference, "minItems": 1 }] });
    if let Some(description) = description {
        stamped["description"] = description;
    }
    *fact = stamped;
}

/// The same for whatever stands in a table, and for the table itself.
fn stamp_entries(table: &mut Value) {
    let Some(table) = table.as_object_mut().filter(|table| table.get("type") == Some(&json!("object"))) else { return };
    for entries in ["properties", "patternProperties"] {
        table.get_mut(entries).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut).for_each(stamp);
    }
    // A pattern for names takes `from`, too, and what stands there is no entry. Patterns that leave a word out are not
    // known to every editor.
    let named = table.get_mut("patternProperties").and_then(Value::as_object_mut);
    for alternatives in named.into_iter().flat_map(Map::values_mut).filter_map(|entry| entry["anyOf"].as_array_mut()) {
        alternatives.extend([json!({ "type": "string" }), json!({ "type": "array", "items": { "type": "string" } })]);
    }
    let own = table.entry("properties").or_insert_with(|| json!({}));
    if let Some(own) = own.as_object_mut() {
        own.extend(stamps());
    }
}

/// A fact that is no table, with what is to be said about it.
fn fact() -> Value {
    let mut properties = stamps();
    properties.insert("is".to_owned(), json!({ "description": "The fact, written as it would be without the rest." }));
    json!({
        "type": "object",
        "description": "A fact, for which releases of the app it holds, and where it was read.",
        "properties": properties,
        "required": ["is"],
        "additionalProperties": false,
    })
}

fn stamps() -> Map<String, Value> {
    let release = "#/definitions/ReleaseName";
    let file = json!({ "type": "string", "minLength": 1 });
    let stamps = [
        ("since", json!({ "$ref": release, "description": "The first release that it holds for." })),
        ("until", json!({ "$ref": release, "description": "The last release that it holds for." })),
        (
            "from",
            json!({
                "description": "The file of the app's code that it was read in, or several.",
                "anyOf": [file, { "type": "array", "items": file, "minItems": 1 }],
            }),
        ),
    ];
    stamps.into_iter().map(|(key, schema)| (key.to_owned(), schema)).collect()
}
