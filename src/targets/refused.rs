//! What a target cannot be told, all of it at once: asked by whoever renders, and by `check` before anybody does.

use std::fmt;

use super::escape::EscapeError;
use crate::source::KeyPath;

/// A value that a target has no form for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwritable {
    /// Where the value comes from.
    pub key: KeyPath,
    /// What is wrong with it, as the end of a sentence.
    pub reason: String,
    /// What to do, where another value is not the only way out.
    pub help: Option<String>,
    /// The rule that tells of it by itself.
    pub told_by: Option<&'static str>,
}

/// Why nothing is rendered: the values that have no form, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub Vec<Unwritable>);

impl Refused {
    /// One value at a key, and what is wrong with it.
    pub fn new(key: impl Into<KeyPath>, reason: impl Into<String>) -> Self {
        Self(vec![Unwritable { key: key.into(), reason: reason.into(), help: None, told_by: None }])
    }

    /// The same, of which a rule tells by itself.
    #[must_use]
    pub fn told_by(mut self, code: &'static str) -> Self {
        self.0.iter_mut().for_each(|one| one.told_by = Some(code));
        self
    }

    /// The same, with what to write.
    #[must_use]
    pub fn help(mut self, help: &str) -> Self {
        self.0.iter_mut().for_each(|one| one.help = Some(help.to_owned()));
        self
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Unwritable { key, reason, .. }) in self.0.iter().enumerate() {
            write!(out, "{}`{key}` {reason}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// Turns an escaper's refusal into one at the key that the value comes from.
pub fn at<T>(key: impl Into<KeyPath>, made: Result<T, EscapeError>) -> Result<T, Refused> {
    made.map_err(|error| {
        let refused = Refused::new(key, error.to_string());
        match error.help() {
            Some(help) => refused.help(help),
            None => refused,
        }
    })
}

/// Everything that is made of some items, or everything that is wrong with them.
pub fn each<T, I>(
    items: impl IntoIterator<Item = I>,
    mut make: impl FnMut(I) -> Result<T, Refused>,
) -> Result<Vec<T>, Refused> {
    let mut refused = Vec::new();
    let all = items.into_iter().filter_map(|item| keep(make(item), &mut refused)).collect();
    if refused.is_empty() { Ok(all) } else { Err(Refused(refused)) }
}

/// What was made; of a refusal, what is refused goes to the others.
pub fn keep<T>(made: Result<T, Refused>, refused: &mut Vec<Unwritable>) -> Option<T> {
    made.map_err(|Refused(more)| refused.extend(more)).ok()
}

/// A struct whose fields may be refused. All of them are made before the first refusal counts, so that all are told.
macro_rules! whole {
    ($type:ident { $($field:ident: $made:expr),+ $(,)? }) => {{
        let mut refused = Vec::new();
        $(let $field = $crate::targets::refused::keep($made, &mut refused);)+
        match ($($field,)+) {
            ($(Some($field),)+) => Ok($type { $($field),+ }),
            _ => Err($crate::targets::refused::Refused(refused)),
        }
    }};
}

pub(super) use whole;
