//! Places and files as a client names them: lines and columns from 0, in the units that both sides agreed on, and URIs.

use std::path::{Path, PathBuf};

use url::Url;

use super::protocol::{Position, Range, Uri};
use crate::source::{Source, Span};

/// What columns count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16: what the protocol means where nothing is said.
    #[default]
    Utf16,
}

impl Encoding {
    /// Where a byte stands.
    pub fn position(self, source: &Source, offset: usize) -> Position {
        let place = source.editor_position(offset);
        let column = match self {
            Self::Utf16 => place.column,
            Self::Utf8 => {
                let start = source.line_start(place.line + 1);
                source.text.floor_char_boundary(offset).saturating_sub(start)
            }
        };
        // No text that is read has so many lines, nor a line so many characters.
        let number = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Position { line: number(place.line), character: number(column) }
    }

    /// Where a span stands.
    pub fn range(self, source: &Source, span: Span) -> Range {
        Range { start: self.position(source, span.start), end: self.position(source, span.end) }
    }

    /// The byte at a place. Behind a line's end is its end, behind the text's end is that, and within a character its
    /// beginning.
    pub fn offset(self, source: &Source, position: Position) -> usize {
        let line = source.line(usize::try_from(position.line).unwrap_or(usize::MAX).saturating_add(1));
        let text = source.text[line.start..line.end].trim_end_matches('\r');
        let column = usize::try_from(position.character).unwrap_or(usize::MAX);
        let within = match self {
            Self::Utf8 => text.floor_char_boundary(column.min(text.len())),
            Self::Utf16 => {
                let mut units = 0;
                let behind = text.char_indices().find(|(_, c)| {
                    units += c.len_utf16();
                    units > column
                });
                behind.map_or(text.len(), |(at, _)| at)
            }
        };
        line.start + within
    }

    /// The bytes between two places, in whatever order they are given.
    pub fn span(self, source: &Source, range: Range) -> Span {
        let (start, end) = (self.offset(source, range.start), self.offset(source, range.end));
        Span { start: start.min(end), end: end.max(start) }
    }
}

/// The file that a URI names. What is no file, such as a text that nobody has saved yet, has its URI for a name.
pub fn path(uri: &Uri) -> PathBuf {
    let file = Url::parse(&uri.0).ok().filter(|url| url.scheme() == "file");
    file.and_then(|url| url.to_file_path().ok()).unwrap_or_else(|| PathBuf::from(&uri.0))
}

/// The URI of a file.
pub fn uri(path: &Path) -> Uri {
    Url::from_file_path(path).map_or_else(|()| Uri(path.display().to_string()), |url| Uri(url.into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_place_is_a_byte_in_either_unit() {
        let source = Source::new("x", "a = \"é🔑\" # 🔒\r\n𝒷 = 1\n");
        for (encoding, line, column, behind) in [
            (Encoding::Utf16, 0, 6, "🔑\" #"),
            // In the middle of a pair.
            (Encoding::Utf16, 0, 7, "🔑\" #"),
            (Encoding::Utf16, 0, 8, "\" #"),
            (Encoding::Utf16, 0, 99, "\r\n"),
            (Encoding::Utf16, 1, 2, " = 1"),
            (Encoding::Utf8, 0, 7, "🔑\" #"),
            (Encoding::Utf8, 0, 9, "🔑\" #"),
            (Encoding::Utf8, 0, 11, "\" #"),
            (Encoding::Utf8, 1, 4, " = 1"),
        ] {
            let offset = encoding.offset(&source, Position { line, character: column });
            assert!(source.text[offset..].starts_with(behind), "{encoding:?} {line}:{column}");
        }
        assert_eq!(Encoding::Utf16.offset(&source, Position { line: u32::MAX, character: 3 }), source.text.len());
    }

    #[test]
    fn files_keep_their_names() {
        for name in ["/srv/a b/security.toml", "/srv/ä/#1.toml", "/srv/100%/security.toml"] {
            assert_eq!(path(&uri(Path::new(name))), Path::new(name));
        }
        assert_eq!(path(&Uri("untitled:Untitled-1".to_owned())), Path::new("untitled:Untitled-1"));
    }

    proptest! {
        #[test]
        fn a_byte_comes_back(text in "[a\u{e9}\u{1f511}\r\n]{0,30}", at in 0_usize..60) {
            let source = Source::new("x", text);
            let offset = source.text.floor_char_boundary(at.min(source.text.len()));
            // What stands before a line's end is no place that a client can name apart from the end.
            prop_assume!(!source.text[..offset].ends_with('\r'));
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                let position = encoding.position(&source, offset);
                prop_assert_eq!(encoding.offset(&source, position), offset);
            }
        }
    }
}
