//! Values as TOML writes them, for edits and for what is shown: the text `a "b"` becomes `"a \"b\""`.

use std::fmt::{self, Write};

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::KeyPath;

/// A value as TOML writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal(String);

impl fmt::Display for Literal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Self {
        Self(value.to_string())
    }
}

impl From<u32> for Literal {
    fn from(value: u32) -> Self {
        Self(value.to_string())
    }
}

/// A basic string: everything that is not plain is escaped.
impl From<&str> for Literal {
    fn from(value: &str) -> Self {
        let mut text = String::with_capacity(value.len() + 2);
        text.push('"');
        for c in value.chars() {
            match c {
                '"' | '\\' => text.extend(['\\', c]),
                c if c.is_control() => write!(text, "\\u{:04X}", u32::from(c)).expect("a string takes everything"),
                c => text.push(c),
            }
        }
        text.push('"');
        Self(text)
    }
}

impl From<String> for Literal {
    fn from(value: String) -> Self {
        Self::from(value.as_str())
    }
}

/// A value in JSON's terms, on one line. TOML has nothing for what is null: such keys of a table are left out.
impl From<&Value> for Literal {
    fn from(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::from(text.as_str()),
            Value::Array(values) => values.iter().collect(),
            Value::Object(table) if table.is_empty() => Self("{}".to_owned()),
            Value::Object(table) => {
                let entries = table.iter().filter(|(_, value)| !value.is_null());
                let entry = |(key, value): (&String, &Value)| {
                    format!("{} = {}", KeyPath::default().key(key), Self::from(value))
                };
                Self(format!("{{ {} }}", entries.map(entry).collect::<Vec<_>>().join(", ")))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Self(value.to_string()),
        }
    }
}

/// A value as it was read, written again.
impl From<&DeValue<'_>> for Literal {
    fn from(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::from(text.as_ref()),
            DeValue::Boolean(truth) => Self::from(*truth),
            // The radix stands before the digits, as in `0x1f`.
            DeValue::Integer(number) => Self(number.to_string()),
            DeValue::Float(number) => Self(number.to_string()),
            DeValue::Datetime(time) => Self(time.to_string()),
            DeValue::Array(elements) => elements.iter().map(|element| Self::from(element.get_ref())).collect(),
            DeValue::Table(table) if table.is_empty() => Self("{}".to_owned()),
            DeValue::Table(table) => {
                let entry = |(key, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| {
                    format!("{} = {}", KeyPath::default().key(key.get_ref()), Self::from(value.get_ref()))
                };
                Self(format!("{{ {} }}", table.iter().map(entry).collect::<Vec<_>>().join(", ")))
            }
        }
    }
}

/// A list on one line.
impl<T: Into<Self>> FromIterator<T> for Literal {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let values: Vec<String> = values.into_iter().map(|value| value.into().0).collect();
        Self(format!("[{}]", values.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use toml::de::DeTable;

    use super::*;

    proptest! {
        /// What is written is read back, whatever it is.
        #[test]
        fn a_string_comes_back(value in any::<String>()) {
            let text = format!("a = {}", Literal::from(value.as_str()));
            let table = DeTable::parse(&text).expect("it is TOML");
            prop_assert_eq!(table.get_ref().get("a").and_then(|node| node.get_ref().as_str()), Some(value.as_str()));
        }
    }

    #[test]
    fn values_are_written_as_people_would() {
        assert_eq!(Literal::from("default-src 'self'").to_string(), "\"default-src 'self'\"");
        assert_eq!(["GET", "POST"].into_iter().collect::<Literal>().to_string(), "[\"GET\", \"POST\"]");
    }
}
