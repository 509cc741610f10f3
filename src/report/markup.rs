//! Text in HTML, in SVG and in other XML.

use super::prose::visible;

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
    }
}
