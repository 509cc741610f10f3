//! Prose and tables within a terminal's width.
//!
//! A line is broken between words only, and what stands in backticks is one word: `set hsts.max_age = "1y"` in a help
//! can be copied whole, however narrow the terminal is. What is longer than a line goes beyond its end.

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};

/// Where a line may be broken, for everybody who breaks one.
pub const SEPARATOR: WordSeparator = WordSeparator::Custom(words);

/// The words of a line; what stands in backticks is one, blanks and all.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut rest = line;
    Box::new(std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (word, behind) = rest.split_at(word_end(rest));
        rest = behind;
        Some(Word::from(word))
    }))
}

/// Where the first word of a text ends, with the blanks behind it.
fn word_end(text: &str) -> usize {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next().filter(|c| *c != ' ') {
        let closing = if c == '`' { text[at + 1..].find('`') } else { None };
        at += closing.map_or(c.len_utf8(), |length| length + 2);
    }
    text.len() - text[at..].trim_start_matches(' ').len()
}

/// One paragraph as lines of at most so many columns, those after the first with this before them.
pub fn lines(text: &str, width: usize, hanging: &str) -> Vec<String> {
    let options = Options::new(width)
        .subsequent_indent(hanging)
        .break_words(false)
        .word_separator(SEPARATOR)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// Markdown within a width: paragraphs and the entries of lists are broken anew; headings, tables and code are left.
pub fn markdown(text: &str, width: usize) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut prose = String::new();
    let mut is_code = false;
    for line in text.lines() {
        let is_fence = line.starts_with("```");
        let stands_alone = is_code || is_fence || line.is_empty() || line.starts_with(['#', '|', '>', ' ']);
        if stands_alone || begins_an_entry(line) {
            out.extend(entry(&prose, width));
            prose.clear();
        }
        if stands_alone {
            out.push(line.to_owned());
        } else {
            prose.push_str(if prose.is_empty() { "" } else { " " });
            prose.push_str(line);
        }
        is_code ^= is_fence;
    }
    out.extend(entry(&prose, width));
    out.join("\n") + "\n"
}

/// Whether a line begins something of its own: `- an entry`, `Source: a word and what it is`.
fn begins_an_entry(line: &str) -> bool {
    line.starts_with("- ")
        || line.split_once(": ").is_some_and(|(word, _)| word.bytes().all(|b| b.is_ascii_alphabetic()))
}

fn entry(prose: &str, width: usize) -> Vec<String> {
    if prose.is_empty() { Vec::new() } else { lines(prose, width, if prose.starts_with("- ") { "  " } else { "" }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        words(text).map(|word| word.word).collect()
    }

    #[test]
    fn what_stands_in_backticks_is_one_word() {
        assert_eq!(
            split("set `a.b = [\"x\", \"y\"]`, or leave `c` out"),
            ["set", "`a.b = [\"x\", \"y\"]`,", "or", "leave", "`c`", "out"]
        );
        assert_eq!(split("an odd ` stands for itself"), ["an", "odd", "`", "stands", "for", "itself"]);
        assert_eq!(
            split("see/also well-known `/.well-known/x-y` paths"),
            ["see/also", "well-known", "`/.well-known/x-y`", "paths"]
        );
        assert_eq!(split("(`a b`) é`ü`"), ["(`a b`)", "é`ü`"]);
        assert_eq!(split(""), [""; 0]);
        assert_eq!(split("  x  y"), ["", "x", "y"]);
    }

    #[test]
    fn a_line_is_broken_between_words_alone() {
        let text = "write `targets.nginx.version = \"1.22.1\"` for https://example.com/a-long/path-to/some-thing";
        for width in [1, 20, 40, 60, 80] {
            let broken = lines(text, width, "");
            assert_eq!(broken.join(" "), text, "{width}");
            assert!(broken.iter().all(|line| line.chars().count() <= width.max(48)), "{width}: {broken:?}");
            let whole = |value: &str| broken.iter().any(|line| line.contains(value));
            assert!(
                whole("`targets.nginx.version = \"1.22.1\"`") && whole("https://example.com/a-long/path-to/some-thing")
            );
        }
    }

    #[test]
    fn paragraphs_are_broken_and_code_is_left() {
        let kept = "# A heading of more than twenty columns\n\n```toml\nkey = 1\n\nother = \"more than twenty columns\"\n```\n";
        assert_eq!(markdown(kept, 20), kept);
        let text = "one two three four five\nsix seven\n\n- an entry of a list that is\n- long\n\nFix: none\nSource: of this\n";
        let broken = "one two three four\nfive six seven\n\n- an entry of a list\n  that is\n- long\n\nFix: none\nSource: of this\n";
        assert_eq!(markdown(text, 20), broken);
        assert_eq!(markdown(broken, 20), broken);
    }
}
