//! Text in HTML, in SVG and in other XML, and templates of those.

use minijinja::value::ValueKind;
use minijinja::{Environment, ErrorKind, Output, State, Value};

use super::prose::{Piece, pieces, visible};
use crate::targets::template;

/// Text that means nothing but itself, in an element or in a quoted attribute, on one line.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().map(visible) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The same in an element, line by line.
pub(super) fn escape_lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

/// Templates fail closed here as those of the targets do; these may ask for one filter.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = template::environment(write_value);
    environment.add_filter("prose", |sentence: &str| Value::from_safe_string(prose(sentence)));
    environment
}

/// Writes text escaped, and whole numbers. Nothing else has a place on the page.
fn write_value(out: &mut Output, _: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    let written = match (value.as_str(), value.kind()) {
        (Some(text), _) if value.is_safe() => text.to_owned(),
        (Some(text), _) => escape(text),
        (None, ValueKind::Number) if value.is_integer() => value.to_string(),
        (None, kind) => return Err(minijinja::Error::new(ErrorKind::BadEscape, format!("{kind} has no form in HTML"))),
    };
    out.write_str(&written).map_err(minijinja::Error::from)
}

/// A sentence, its code set off.
fn prose(sentence: &str) -> String {
    let piece = |piece| match piece {
        Piece::Words(words) => escape(words),
        Piece::Code(code) => format!("<code>{}</code>", escape(code)),
    };
    pieces(sentence).into_iter().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_stays_readable() {
        assert_eq!(prose("set `a = \"1/2\"`, not <b>"), "set <code>a = &quot;1/2&quot;</code>, not &lt;b&gt;");
    }

    proptest! {
        /// Whatever it is, it begins no tag, ends no attribute, and comes back as it was.
        #[test]
        fn nothing_breaks_out(text in any::<String>()) {
            let out = escape(&text);
            prop_assert!(!out.contains(['<', '>', '"', '\'', '\n']));
            let back = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
                .iter()
                .fold(out, |text, (escaped, c)| text.replace(escaped, c));
            prop_assert_eq!(back, text.chars().map(visible).collect::<String>());
        }

        /// Whatever it is, it begins no tag.
        #[test]
        fn no_sentence_breaks_out(text in any::<String>()) {
            let tags = prose(&text).replace("<code>", "").replace("</code>", "");
            prop_assert!(!tags.contains(['<', '>']));
        }
    }
}
