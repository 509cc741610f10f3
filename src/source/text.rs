//! A text, and places in it as people and editors count them.

use std::path::PathBuf;
use std::sync::OnceLock;

/// A half-open byte range in a [`Source`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Whether the two ranges share a byte, or touch where one is empty.
    pub fn overlaps(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self { start: range.start, end: range.end.max(range.start) }
    }
}

/// Whether a terminal or an editor would obey a character instead of showing it: controls, marks that change the direction
/// of what follows, and characters without width.
pub fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// A path as programs on other machines name the file: `/` between its parts, and no `./` before them.
pub fn portable(path: &str) -> String {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let mut path = path.as_str();
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    path.to_owned()
}

/// A place as people count it: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// A place as editors count it, by the Language Server Protocol: lines and columns from 0, columns in units of UTF-16. A
/// character outside the Basic Multilingual Plane, such as an emoji, is two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EditorPosition {
    /// The line, from 0.
    pub line: usize,
    /// The column, from 0, in units of UTF-16.
    pub column: usize,
}

/// One file's text, and the name it is shown under.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as the user would type it.
    pub path: PathBuf,
    /// The whole text, as it was read.
    pub text: String,
    /// Byte offsets at which lines begin; found only when a place is shown.
    lines: OnceLock<Vec<usize>>,
}

impl Source {
    /// Takes a file's text.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), lines: OnceLock::new() }
    }

    /// The path, for display.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The byte at which a line begins, counted from 1; the end of the text for one behind it.
    pub fn line_start(&self, line: usize) -> usize {
        self.lines().get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    /// How many lines there are; what ends in a line feed ends in an empty one.
    pub fn line_count(&self) -> usize {
        self.lines().len()
    }

    /// The bytes of a line, counted from 1, without what ends it.
    pub fn line(&self, line: usize) -> Span {
        let start = self.line_start(line);
        let end = self.text[start..].find('\n').map_or(self.text.len(), |length| start + length);
        Span { start, end }
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            // A byte order mark is no column of the first line: no editor shows one.
            let first = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            std::iter::once(first).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect()
        })
    }

    /// Where a byte offset stands. An offset past the end is the end.
    pub fn position(&self, offset: usize) -> Position {
        let (line, before) = self.before(offset);
        Position { line, column: before.chars().count() + 1 }
    }

    /// Where a byte offset stands in an editor. An offset past the end is the end.
    pub fn editor_position(&self, offset: usize) -> EditorPosition {
        let (line, before) = self.before(offset);
        EditorPosition { line: line - 1, column: before.encode_utf16().count() }
    }

    /// The line of a byte offset, counted from 1, and what stands before the offset in it.
    fn before(&self, offset: usize) -> (usize, &str) {
        let lines = self.lines();
        let offset = self.text.floor_char_boundary(offset.min(self.text.len())).max(lines[0]);
        let line = lines.partition_point(|start| *start <= offset);
        (line, &self.text[lines[line - 1]..offset])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_line_feeds() {
        let source = Source::new("x", "a = \"é\"\r\nbc = 1\n");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        // "é" is two bytes and one character.
        assert_eq!(source.position(7), Position { line: 1, column: 7 });
        assert_eq!(source.position(10), Position { line: 2, column: 1 });
        assert_eq!(source.position(999), Position { line: 3, column: 1 });
    }

    #[test]
    fn editors_count_from_zero_and_a_character_of_a_surrogate_pair_twice() {
        let source = Source::new("x", "a = \"é🔑\" # 🔒\r\n𝒷 = 1\n");
        let at = |text: &str| source.text.find(text).expect("it stands there");
        for (offset, line, column) in [
            (0, 0, 0),
            (at("é"), 0, 5),
            (at("🔑"), 0, 6),
            (at("\" #"), 0, 8),
            (at("\r"), 0, 14),
            (at("𝒷"), 1, 0),
            (at(" = 1"), 1, 2),
        ] {
            assert_eq!(source.editor_position(offset), EditorPosition { line, column }, "{offset}");
        }
        // What lies within a character is its beginning, and what lies behind the end is the end.
        assert_eq!(source.editor_position(at("🔑") + 2), EditorPosition { line: 0, column: 6 });
        assert_eq!(source.editor_position(999), EditorPosition { line: 2, column: 0 });
        let marked = Source::new("x", "\u{feff}𝒷 = 1\n");
        assert_eq!(marked.editor_position(7), EditorPosition { line: 0, column: 2 });
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let source = Source::new("x", "\u{feff}a = 1\nb = 2\n");
        assert_eq!(source.line_start(1), 3);
        for (offset, line, column) in [(0, 1, 1), (3, 1, 1), (7, 1, 5), (9, 2, 1)] {
            assert_eq!(source.position(offset), Position { line, column }, "{offset}");
        }
        assert_eq!(Source::new("x", "\u{feff}").position(0), Position { line: 1, column: 1 });
    }
}
