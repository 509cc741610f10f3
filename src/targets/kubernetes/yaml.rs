//! The one writer of YAML.
//!
//! A string is written so that readers of YAML 1.1, of 1.2 and Go's all read it back as the same string: `yes`, `1:30` and
//! `0o14` get quotes, and no string is spread over lines.

use serde::{Serialize, Serializer};
use serde_yaml::{DoubleQuoted, SerializerOptions};

/// A document, of which the first line begins a new one.
pub fn document(value: &impl Serialize) -> Result<String, serde_yaml::ser_error::Error> {
    let mut options = SerializerOptions::default();
    options.prefer_block_scalars = false;
    let text = serde_yaml::to_string_with_options(value, options)?;
    Ok(format!("---\n{text}"))
}

/// A string that stands in quotes, whatever is in it: the value of a variable is a string where it reads like a number, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted(pub String);

impl Serialize for Quoted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        DoubleQuoted(self.0.as_str()).serialize(serializer)
    }
}
