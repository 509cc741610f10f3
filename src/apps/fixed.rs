//! Keys of the profile that are settled in an app's code, whatever the app is told.
//!
//! A pack writes them as a profile would, below `fixed`: `[fixed.cors]` with `headers = ["*"]` says that the app lets in
//! every request header. What a profile asks otherwise of such a key is asked of this app in vain.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use toml::de::DeValue;

use crate::profile::vocabulary::Kind;
use crate::profile::{ByteSize, Duration, Field, Read, Reader, Refusal, Shape, Text};
use crate::source::{Table, View};

/// The keys by which a profile says which app it is about.
const WHICH: [&str; 3] = ["app.kind", "app.name", "app.release"];

/// What is settled, by the key of the profile, dotted.
#[derive(Clone, Debug, Default)]
pub struct Fixed(BTreeMap<String, Value>);

impl Fixed {
    /// What stands at a key of the profile whatever the app is told, as a policy's values have it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// All of it, by the key of the profile, dotted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    fn read_below<'a>(&mut self, path: &str, table: Table<'a>, reader: &mut Reader<'a>) {
        for (key, span, view) in reader.entries(table) {
            let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            reader.below(key, |reader| {
                if let Some(table) = view.table() {
                    self.read_below(&path, table, reader);
                    return;
                }
                match Field::parse(&path) {
                    Err(refusal) => reader.refuse(span, refusal),
                    Ok(field) if WHICH.contains(&field.as_str()) => {
                        let message = format!("`{field}` says which app it is, and no code settles that");
                        reader.refuse(span, Refusal::new(message, "take it out"));
                    }
                    Ok(field) => match fit(field.shape(), view) {
                        Some(value) => drop(self.0.insert(path, value)),
                        None => reader.refuse(view.span(), misfit(&field)),
                    },
                }
            });
        }
    }
}

fn misfit(field: &Field) -> Refusal {
    let wanted = match field.shape() {
        Shape::Boolean => "`true` or `false`".to_owned(),
        Shape::Integer => "a whole number".to_owned(),
        Shape::Duration => "a duration such as \"30m\"".to_owned(),
        Shape::Size => "a size such as \"10MiB\"".to_owned(),
        Shape::Words(words) => format!("one of: {}", words.join(", ")),
        Shape::Text(_) => "a text that the key takes in a profile".to_owned(),
        Shape::List(_) => "a list of what the key takes in a profile".to_owned(),
        // Where a secret is found is settled in no code, and a table is more than one fact.
        Shape::Reference | Shape::Table => return Refusal::new(format!("`{field}` holds no fact"), "take it out"),
    };
    Refusal::new(format!("`{field}` cannot have this value"), format!("write {wanted}"))
}

/// A value as a policy's values have it, where it has the shape of its key.
fn fit(shape: Shape, view: View<'_>) -> Option<Value> {
    let text = view.value().as_str();
    match shape {
        Shape::Boolean => view.value().as_bool().map(Value::from),
        Shape::Integer => match view.value() {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::from),
            _ => None,
        },
        Shape::Duration => Some(json!(Duration::parse(text?).ok()?)),
        Shape::Size => Some(json!(ByteSize::parse(text?).ok()?)),
        Shape::Words(words) => words.contains(&text?).then(|| json!(text)),
        Shape::Text(canonical) => canonical(text?).map(Value::from),
        Shape::List(canonical) => {
            view.elements()?.map(|one| canonical(one.value().as_str()?)).collect::<Option<Vec<_>>>().map(Value::from)
        }
        Shape::Reference | Shape::Table => None,
    }
}

impl Read for Fixed {
    const KIND: Kind = Kind::Other("keys of the profile, as a profile would write them");

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let table = reader.table(view)?;
        let mut fixed = Self::default();
        fixed.read_below("", table, reader);
        Some(fixed)
    }
}

impl serde::Serialize for Fixed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl schemars::JsonSchema for Fixed {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Fixed".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "description": "Keys of the profile with the value that they have in the app's code, written as in a profile.",
            "additionalProperties": { "type": "object" },
        })
    }
}
