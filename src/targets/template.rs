//! Templates that fail closed.
//!
//! A template gets an environment with nothing in it: no filters, no tests, no functions, so that nothing stands between
//! a value and the one formatter. That writes text as its language's literal, and bare what is marked as the language's
//! own notation already (`bare!`); all else is refused.

use std::borrow::Cow;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior, Value};
use serde::{Serialize, Serializer};

use super::escape::{Comment, EscapeError};

/// A text with places for values.
pub struct Template {
    /// The file's name, without a folder.
    pub name: &'static str,
    /// The template's text.
    pub text: Cow<'static, str>,
}

/// A rendered file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: &'static str,
    /// Its text.
    pub text: String,
}

/// A value that has no form in the template's language, or a template that asks for one that isn't there.
///
/// Callers don't see it for a profile's values, which were checked when the context was built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line} `{source_line}`: {reason}")]
pub struct Error {
    file: &'static str,
    line: usize,
    source_line: String,
    reason: String,
}

/// How a language writes a text, so that it is read back as the same text.
pub type Quote = fn(&str) -> Result<String, EscapeError>;

/// The templates of one language, read once for all that is rendered with them.
pub struct Language<'t> {
    environment: Environment<'t>,
    templates: &'t [Template],
}

/// An environment in which nothing is known but this formatter.
pub(crate) fn environment<'t, F>(formatter: F) -> Environment<'t>
where
    F: Fn(&mut Output, &mut State, &Value) -> Result<(), minijinja::Error> + Send + Sync + 'static,
{
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("ours".into()));
    environment.set_formatter(formatter);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("the default delimiters are valid"),
    );
    environment
}

impl<'t> Language<'t> {
    /// Templates of a language that writes its texts so.
    pub fn new(quote: Quote, templates: &'t [Template]) -> Result<Self, Error> {
        let formatter = move |out: &mut Output, _: &mut State, value: &Value| write(out, value, quote);
        let mut environment = environment(formatter);
        for template in templates {
            environment.add_template(template.name, &template.text).map_err(|error| template.error(&error))?;
        }
        Ok(Self { environment, templates })
    }

    /// Renders some of them with what a context says.
    pub fn render(&self, names: &[&str], context: &impl Serialize) -> Result<Vec<File>, Error> {
        let values = Value::from(Serde(context));
        let wanted = self.templates.iter().filter(|template| names.contains(&template.name));
        let file = |template: &Template| {
            let read = self.environment.get_template(template.name);
            let text = read.and_then(|read| read.render(&values)).map_err(|error| template.error(&error))?;
            Ok(File { name: template.name, text })
        };
        wanted.map(file).collect()
    }
}

impl Template {
    /// The template with each of these pieces where it names one.
    pub fn with(&self, pieces: &[(&str, &str)]) -> Self {
        let whole = pieces.iter().fold(self.text.to_string(), |text, (name, piece)| text.replace(name, piece));
        Self { name: self.name, text: whole.into() }
    }

    /// The template's own line says which field was meant; the value itself is not repeated.
    fn error(&self, error: &minijinja::Error) -> Error {
        let line = error.line().unwrap_or(1);
        Error {
            file: self.name,
            line,
            source_line: self.text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim().to_owned(),
            reason: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
        }
    }
}

/// Writes text as the language's literal, its own notation and whole numbers bare, and nothing else.
fn write(out: &mut Output, value: &Value, quote: Quote) -> Result<(), minijinja::Error> {
    let refuse = |why: String| minijinja::Error::new(ErrorKind::BadEscape, why);
    let written = match value.kind() {
        ValueKind::String => {
            let text = value.as_str().ok_or_else(|| refuse("is no text".to_owned()))?;
            if value.is_safe() {
                text.to_owned()
            } else {
                quote(text).map_err(|error| refuse(format!("the value {error}")))?
            }
        }
        ValueKind::Number if value.is_integer() => value.to_string(),
        kind => return Err(refuse(format!("{kind} has no form in this file's language"))),
    };
    out.write_str(&written).map_err(minijinja::Error::from)
}

/// Serialises what is the language's own notation already as a "safe" string of the template engine, by which the
/// formatter tells it from plain text.
macro_rules! bare {
    ($($type:ty => $text:ident),+ $(,)?) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::targets::template::notation(self.$text(), serializer)
            }
        }
    )+};
}

pub(super) use bare;

/// What [`bare!`] does to one text.
pub fn notation<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    Value::from_safe_string(text.to_owned()).serialize(serializer)
}

bare! {
    Comment => as_str,
}
