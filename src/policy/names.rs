//! What names in a Compose file stand for.

use std::cell::RefCell;
use std::collections::HashMap;

use super::given::{Put, Read};
use crate::compose;
use crate::dotenv::Value;

/// Stands in a value where something stands that nobody knows here: no name of a machine has it.
const STAND_IN: &str = "\u{1}";

/// What names in a Compose file stand for, by the files before it: each value, and where it stands. What a service is started with
/// is put in no name's place.
pub(super) struct Names<'r>(HashMap<&'r str, (&'r str, (usize, usize))>);

impl<'r> Names<'r> {
    pub(super) fn of(before: &'r [Read<'_>]) -> Self {
        let mut values = HashMap::new();
        for (number, read) in before.iter().enumerate().filter(|(_, read)| read.gives_names) {
            let entries = read.document.entries().iter().enumerate();
            values.extend(entries.map(|(index, entry)| (entry.name, (entry.value.expose(), (number, index)))));
        }
        Self(values)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'r str> {
        self.0.get(name).map(|(value, _)| *value)
    }

    /// A text with what its names stand for; nothing where one of them is not known.
    pub(super) fn replaced(&self, text: &str) -> Option<String> {
        compose::interpolated(text, |name| self.get(name))
    }

    /// The same with [`STAND_IN`] in the place of names that are not known.
    pub(super) fn with_stand_ins(&self, text: &str) -> Option<Value<'static>> {
        compose::interpolated(text, |name| self.get(name).or(Some(STAND_IN))).map(Value::made)
    }

    /// What of a value is put there from elsewhere; nothing where all of it stands where it is written.
    pub(super) fn put_into(&self, text: &str) -> Option<Put> {
        /// No YAML holds it.
        const ELSEWHERE: &str = "\0";
        let from = RefCell::new(Vec::new());
        // An empty value stays one: a default may take its place.
        let mark = |name: &str| {
            let (value, place) = self.0.get(name)?;
            from.borrow_mut().push(*place);
            Some(if value.is_empty() { "" } else { ELSEWHERE })
        };
        let written = compose::interpolated(text, mark)?.replace(ELSEWHERE, "");
        let from = from.into_inner();
        (!from.is_empty()).then_some(Put { written, from })
    }
}
