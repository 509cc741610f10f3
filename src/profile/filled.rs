//! Lists that say nothing right while they are empty: `bind = []` would have a server listen nowhere.

use std::borrow::Cow;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::Text;
use super::read::{Read, Reader};
use super::text::Refusal;
use super::vocabulary::Kind;
use crate::source::View;

/// What a list without entries would mean, as the end of a sentence: "nothing would listen".
pub trait Needed: Text {
    /// What would come of it.
    const WITHOUT: &'static str;
}

/// A list with at least one entry.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Filled<T>(Vec<T>);

impl<T> Filled<T> {
    /// A list that the code itself names.
    pub fn known(entries: Vec<T>) -> Self {
        debug_assert!(!entries.is_empty());
        Self(entries)
    }
}

impl<T> Deref for Filled<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Needed + Read> Read for Filled<T> {
    const KIND: Kind = <Vec<T> as Read>::KIND;

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let entries = Vec::read(view, reader)?;
        if view.elements().is_some_and(|mut written| written.next().is_none()) {
            let example = T::EXAMPLES.first().copied().unwrap_or_default();
            reader.refuse(
                view.span(),
                Refusal::new(
                    format!("`{}` is an empty list, and {}", reader.key(), T::WITHOUT),
                    format!("name at least one, such as `[{example:?}]`, or leave the key out"),
                ),
            );
            return None;
        }
        Some(Self(entries))
    }
}

impl<T: JsonSchema> JsonSchema for Filled<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Filled_{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Vec::<T>::json_schema(generator);
        schema.insert("minItems".to_owned(), 1.into());
        schema
    }
}
