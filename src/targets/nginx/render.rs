//! From a [`Context`] to files.

use std::sync::LazyLock;

use serde::{Serialize, Serializer};

use super::super::template::{Error, File, Language, Template, bare};
use super::context::{Context, Variable};
use super::escape::{Constant, MapKey, PathRegex, PlaceRegex, Text, Word, quote};

/// The files to be included, in the order in which nginx must read them: `common.conf` sizes the tables that the
/// maps behind it are put into.
const INCLUDED: [&str; 3] = ["common.conf", "seccfg.conf", "site.conf"];

/// And the whole configuration that includes them.
const WHOLE: [&str; 4] = [INCLUDED[0], INCLUDED[1], INCLUDED[2], "nginx.conf"];

/// What stands in several servers: a template says where, by a comment with the name.
const PIECES: [(&str, &str); 2] = [
    ("{# the health question #}\n", include_str!("../../../templates/nginx/health.j2")),
    ("{# the client's address #}\n", include_str!("../../../templates/nginx/address.j2")),
];

static TEMPLATES: LazyLock<[Template; 4]> = LazyLock::new(|| {
    let texts = [
        include_str!("../../../templates/nginx/common.conf.j2"),
        include_str!("../../../templates/nginx/seccfg.conf.j2"),
        include_str!("../../../templates/nginx/site.conf.j2"),
        include_str!("../../../templates/nginx/nginx.conf.j2"),
    ];
    std::array::from_fn(|index| Template { name: WHOLE[index], text: texts[index].into() }.with(&PIECES))
});

static NGINX: LazyLock<Result<Language<'_>, Error>> = LazyLock::new(|| Language::new(quote, &*TEMPLATES));

/// Renders the three files to be included, and `nginx.conf` where a whole configuration is wanted.
pub fn render(context: &Context, standalone: bool) -> Result<Vec<File>, Error> {
    let nginx = NGINX.as_ref().map_err(Clone::clone)?;
    nginx.render(if standalone { &WHOLE } else { &INCLUDED }, context)
}

bare! {
    Word => as_str,
    Constant => quoted,
    MapKey => as_str,
    PathRegex => quoted,
    PlaceRegex => key,
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
    use minijinja::value::Serde;
    use minijinja::{Value, context};

    use super::*;

    fn word(text: &str) -> Word {
        Word::new(text).expect("a word")
    }

    fn write(template: &'static str, value: impl Into<Value>) -> Result<String, Error> {
        let templates = [Template { name: "test.conf", text: template.into() }];
        let values = context! { value => value.into() };
        let mut files = Language::new(quote, &templates)?.render(&["test.conf"], &values)?;
        Ok(files.remove(0).text)
    }

    #[test]
    fn text_is_quoted_words_and_numbers_are_bare() {
        assert_eq!(write("a {{ value }};\n", "b c\"").as_deref(), Ok("a \"b c\\\"\";\n"));
        assert_eq!(write("a {{ value }};", 7).as_deref(), Ok("a 7;"));
        let bare = Value::from(Serde(word("a.b")));
        assert_eq!(write("a {{ value }};", bare).as_deref(), Ok("a a.b;"));
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
            let error = write("server {\n    a {{ value }};\n}\n", value).expect_err("not writable");
            let text = error.to_string();
            assert!(text.starts_with("test.conf, line 2 `a {{ value }};`: "), "{text}");
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
        let bare = Value::from(Serde(word("a")));
        assert_eq!(write("{{ value ~ ';' }}", bare).as_deref(), Ok("\"a;\""));
    }
}
