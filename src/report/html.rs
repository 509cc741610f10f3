//! The production checklist as one HTML page: no scripts, nothing from elsewhere, and fit for paper.

use minijinja::value::{Serde, ValueKind};
use minijinja::{Environment, ErrorKind, Output, State, Value, context};

use super::checklist::{Checklist, Planned};
use super::markup::escape;
use super::picture::{Look, PICTURE_STYLE, svg};
use super::prose::{Piece, pieces};
use crate::targets::template;

const PAGE: &str = include_str!("../../templates/report/report.html.j2");
const STYLE: &str = include_str!("../../templates/report/report.css");

/// Writes a checklist.
pub fn render(checklist: &Checklist) -> String {
    let picture = |plan: &Planned| Value::from_safe_string(svg(std::slice::from_ref(&plan.picture), Look::InPage));
    let values = context! {
        // The page's own colours come last, and count.
        style => Value::from_safe_string(format!("{PICTURE_STYLE}{STYLE}")),
        pictures => checklist.plans.iter().map(picture).collect::<Vec<_>>(),
        ..Value::from(Serde(checklist))
    };
    environment().render_str(PAGE, values).expect("a test renders every part of the template")
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
        /// Whatever it is, it begins no tag.
        #[test]
        fn nothing_breaks_out(text in any::<String>()) {
            let tags = prose(&text).replace("<code>", "").replace("</code>", "");
            prop_assert!(!tags.contains(['<', '>']));
        }
    }
}
