//! From a [`Context`] to files.
//!
//! The templates get an environment with nothing in it: no filters, no tests, no functions, so
//! that nothing stands between a value and the one formatter, which writes what it knows to be
//! safe and refuses all else.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior, Value};
use serde::{Serialize, Serializer};

use super::super::escape::{Comment, Constant, PathRegex, Text, Word, quote};
use super::context::{Context, Protocol, Rate, Variable};

/// The files, in the order in which nginx must read them: `common.conf` sizes the tables that the
/// maps behind it are put into.
const INCLUDED: [Template; 3] = [
    Template {
        name: "common.conf",
        text: include_str!("../../../templates/nginx/common.conf.j2"),
    },
    Template {
        name: "seccfg.conf",
        text: include_str!("../../../templates/nginx/seccfg.conf.j2"),
    },
    Template {
        name: "site.conf",
        text: include_str!("../../../templates/nginx/site.conf.j2"),
    },
];

const STANDALONE: Template = Template {
    name: "nginx.conf",
    text: include_str!("../../../templates/nginx/nginx.conf.j2"),
};

struct Template {
    name: &'static str,
    text: &'static str,
}

/// A rendered file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: &'static str,
    /// Its text.
    pub text: String,
}

/// A value that has no place in nginx's configuration, or a template that asks for one that isn't
/// there.
///
/// Callers don't see it for a profile's values, which were checked when the [`Context`] was built.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line} `{source_line}`: {reason}")]
pub struct Error {
    file: &'static str,
    line: usize,
    source_line: &'static str,
    reason: String,
}

/// Renders the three files to be included, and `nginx.conf` where the context asks for it.
pub fn render(context: &Context) -> Result<Vec<File>, Error> {
    let environment = environment();
    let values = Value::from(Serde(context));
    let templates = INCLUDED
        .iter()
        .chain(context.standalone.then_some(&STANDALONE));
    templates
        .map(|template| template.render(&environment, &values))
        .collect()
}

impl Template {
    fn render(&self, environment: &Environment, context: &Value) -> Result<File, Error> {
        environment
            .render_named_str(self.name, self.text, context)
            .map(|text| File {
                name: self.name,
                text,
            })
            .map_err(|error| self.error(&error))
    }

    /// The template's own line says which field was meant; the value itself is not repeated.
    fn error(&self, error: &minijinja::Error) -> Error {
        let line = error.line().unwrap_or(1);
        Error {
            file: self.name,
            line,
            source_line: self
                .text
                .lines()
                .nth(line.saturating_sub(1))
                .unwrap_or_default()
                .trim(),
            reason: error
                .detail()
                .map_or_else(|| error.kind().to_string(), str::to_owned),
        }
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("nginx".into()));
    environment.set_formatter(write_value);
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

/// Writes text in quotes, checked words and whole numbers bare, and nothing else.
fn write_value(out: &mut Output, _: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    let refuse = |why: String| minijinja::Error::new(ErrorKind::BadEscape, why);
    let written = match value.kind() {
        ValueKind::String => {
            let text = value
                .as_str()
                .ok_or_else(|| refuse("is no text".to_owned()))?;
            if value.is_safe() {
                text.to_owned()
            } else {
                quote(text).map_err(|error| refuse(format!("the value {error}")))?
            }
        }
        ValueKind::Number if value.is_integer() => value.to_string(),
        kind => {
            return Err(refuse(format!(
                "{kind} has no form in nginx's configuration"
            )));
        }
    };
    out.write_str(&written).map_err(minijinja::Error::from)
}

/// Serialises what is nginx's own notation already as a "safe" string of the template engine, by
/// which the formatter tells it from plain text.
macro_rules! bare {
    ($($type:ty => $text:ident),+ $(,)?) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Value::from_safe_string(self.$text().to_owned()).serialize(serializer)
            }
        }
    )+};
}

bare! {
    Word => as_str,
    Comment => as_str,
    Constant => quoted,
    PathRegex => quoted,
    Protocol => as_str,
    Rate => as_str,
    Variable => as_str,
}

impl Serialize for Text {
    /// As plain text: the formatter quotes it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;

    fn write(template: &'static str, value: impl Into<Value>) -> Result<String, Error> {
        let template = Template {
            name: "test.conf",
            text: template,
        };
        let values = context! { value => value.into() };
        template
            .render(&environment(), &values)
            .map(|file| file.text)
    }

    #[test]
    fn text_is_quoted_words_and_numbers_are_bare() {
        assert_eq!(
            write("a {{ value }};\n", "b c\"").as_deref(),
            Ok("a \"b c\\\"\";\n")
        );
        assert_eq!(write("a {{ value }};", 7).as_deref(), Ok("a 7;"));
        let word = Word::new("a.b").expect("a word");
        assert_eq!(
            write("a {{ value }};", Value::from(Serde(word))).as_deref(),
            Ok("a a.b;")
        );
    }

    #[test]
    fn all_else_is_refused_and_the_place_named() {
        let refused = [
            Value::from("a\nb"),
            Value::from("$host"),
            Value::from("é"),
            Value::from("x".repeat(5000)),
            Value::from(true),
            Value::from(1.5),
            Value::from(()),
            Value::from(vec![1]),
            Value::UNDEFINED,
        ];
        for value in refused {
            let error =
                write("server {\n    a {{ value }};\n}\n", value).expect_err("not writable");
            let text = error.to_string();
            assert!(
                text.starts_with("test.conf, line 2 `a {{ value }};`: "),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_comes_between_a_value_and_the_formatter() {
        for template in [
            "{{ value|safe }}",
            "{{ value|escape }}",
            "{{ value|upper }}",
            "{{ value|tojson }}",
            "{% filter upper %}{{ value }}{% endfilter %}",
            "{{ value is defined }}",
            "{{ range(3) }}",
            "{% include value %}",
            "{% macro m() %}{% endmacro %}",
            "{{ nothing }}",
            "{% if nothing %}{% endif %}",
        ] {
            assert!(write(template, "x").is_err(), "{template}");
        }
        // Joined text is text, whatever it was joined from.
        let word = Value::from(Serde(Word::new("a").expect("a word")));
        assert_eq!(write("{{ value ~ ';' }}", word).as_deref(), Ok("\"a;\""));
    }
}
