//! From a text to its entries and problems. One pass, and nothing stops it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Document, Entry, Problem, ProblemKind, Value, is_name};
use crate::source::{Source, Span, is_obeyed};

/// What may stand around names, values and comments without being part of them.
const BLANKS: [char; 2] = [' ', '\t'];

impl<'a> Document<'a> {
    /// Reads a text. What can't be read becomes a [`Problem`], and the next line is read as if it began the text.
    pub fn parse(source: &'a Source) -> Self {
        let mut parser = Parser { text: &source.text, entries: Vec::new(), problems: Vec::new(), told: 0, crlf: None };
        let mut at = 0;
        if source.text.starts_with('\u{feff}') {
            at = '\u{feff}'.len_utf8();
            parser.tell(ProblemKind::ByteOrderMark, 0..at);
        }
        while at < source.text.len() {
            at = parser.item(at);
        }
        parser.document()
    }
}

struct Parser<'a> {
    text: &'a str,
    entries: Vec<Entry<'a>>,
    problems: Vec<Problem>,
    /// How many problems there were before the assignment, comment or line that is being read.
    told: usize,
    /// The first carriage return that ends a line.
    crlf: Option<usize>,
}

/// A value, and the end of the line on which it ends.
struct Read<'a> {
    span: Span,
    value: Value<'a>,
    line_end: usize,
}

impl<'a> Parser<'a> {
    /// Notes a problem, unless the same was told of this assignment: a value of a million `$` is one problem.
    fn tell(&mut self, kind: ProblemKind, span: impl Into<Span>) {
        if self.problems[self.told..].iter().all(|problem| problem.kind != kind) {
            self.problems.push(Problem::new(kind, span.into()));
        }
    }

    /// The end of the line that holds an offset, before its line feed or CRLF.
    fn line_end(&self, from: usize) -> usize {
        let rest = &self.text[from..];
        let line = rest.split_once('\n').map_or(rest, |(line, _)| line.strip_suffix('\r').unwrap_or(line));
        from + line.len()
    }

    /// Reads an assignment, a comment, or a line that is neither, and gives back where the next one begins.
    fn item(&mut self, start: usize) -> usize {
        self.told = self.problems.len();
        let mut end = self.line_end(start);
        let line = self.text[start..end].trim_matches(BLANKS);
        if !line.is_empty() && !line.starts_with('#') {
            if let Some((before, _)) = self.text[start..end].split_once('=') {
                end = self.assignment(start, start + before.len(), end);
            } else {
                self.tell(ProblemKind::NotAnAssignment, start..end);
            }
        }
        for (character, kind) in [('\r', ProblemKind::CarriageReturn), ('\0', ProblemKind::Nul)] {
            if let Some(at) = self.text[start..end].find(character) {
                self.tell(kind, start + at..start + at + 1);
            }
        }
        if self.text[end..].starts_with('\r') {
            self.crlf.get_or_insert(end);
        }
        self.text[end..].find('\n').map_or(self.text.len(), |line_feed| end + line_feed + 1)
    }

    /// Reads the assignment whose `=` stands at `equals`, and gives back the end of its last line.
    fn assignment(&mut self, start: usize, equals: usize, line_end: usize) -> usize {
        let before = &self.text[start..equals];
        let assigned = before.trim_end_matches(BLANKS);
        let name_end = start + assigned.len();
        let name = assigned.trim_start_matches(BLANKS);
        let name = match name.strip_prefix("export") {
            Some(exported) if exported.starts_with(BLANKS) => {
                let export = name_end - name.len();
                self.tell(ProblemKind::Export, export..export + "export".len());
                exported.trim_start_matches(BLANKS)
            }
            _ => name,
        };
        let name_span = Span::from(name_end - name.len()..name_end);
        let read = self.value(equals + 1, line_end);
        if equals != name_end || read.span.start != equals + 1 {
            self.tell(ProblemKind::BlanksAroundEquals, name_end..read.span.start);
        }
        if is_name(name) {
            self.entries.push(Entry { name, name_span, value_span: read.span, value: read.value });
        } else {
            // Not an entry: a line of a key that was pasted without quotes looks just like that.
            self.tell(ProblemKind::BadName, name_span);
        }
        read.line_end
    }

    fn value(&mut self, from: usize, line_end: usize) -> Read<'a> {
        let written = self.text[from..line_end].trim_start_matches(BLANKS);
        let start = line_end - written.len();
        let close = match written.as_bytes().first() {
            Some(b'\'') => self.text[start + 1..].find('\''),
            Some(b'"') => closing_double_quote(&self.text[start + 1..]),
            _ => return self.unquoted(from, line_end),
        };
        let Some(close) = close.map(|length| start + 1 + length) else {
            // What the quote was to hold is not known, so the next line is taken for what it looks like.
            self.tell(ProblemKind::UnbalancedQuote, start..start + 1);
            return self.broken(start, line_end);
        };
        let line_end = self.line_end(close + 1);
        let behind = &self.text[close + 1..line_end];
        let comment = behind.trim_start_matches(BLANKS);
        if !comment.is_empty() && (comment.len() == behind.len() || !comment.starts_with('#')) {
            self.tell(ProblemKind::TextAfterQuote, close + 1..line_end);
            return self.broken(start, line_end);
        }
        if !comment.is_empty() {
            self.tell(ProblemKind::CommentAfterQuote, line_end - comment.len()..line_end);
        }
        let value = if written.starts_with('\'') {
            self.single_quoted(start + 1, close)
        } else {
            self.double_quoted(start + 1, close)
        };
        Read { span: (start..close + 1).into(), value: Value(value), line_end }
    }

    /// A value whose quotes don't enclose it: everything to the end of the line, as written.
    fn broken(&self, start: usize, line_end: usize) -> Read<'a> {
        let written = self.text[start..line_end].trim_end_matches(BLANKS);
        Read { span: (start..start + written.len()).into(), value: Value(Cow::Borrowed(written)), line_end }
    }

    fn unquoted(&mut self, from: usize, line_end: usize) -> Read<'a> {
        let rest = &self.text[from..line_end];
        let comment = rest.match_indices('#').map(|(at, _)| at).find(|at| rest[..*at].ends_with(BLANKS));
        let written = rest[..comment.unwrap_or(rest.len())].trim_end_matches(BLANKS);
        let value = written.trim_start_matches(BLANKS);
        let end = from + written.len();
        let start = end - value.len();
        for (at, c) in value.char_indices() {
            if let Some(kind) = trouble(c) {
                self.tell(kind, start + at..start + at + c.len_utf8());
            }
        }
        if let Some(at) = comment {
            self.tell(ProblemKind::UnquotedHash, from + at..from + at + 1);
        }
        Read { span: (start..end).into(), value: Value(Cow::Borrowed(value)), line_end }
    }

    fn single_quoted(&mut self, start: usize, end: usize) -> Cow<'a, str> {
        let value = &self.text[start..end];
        if let Some(at) = value.find("${") {
            self.tell(ProblemKind::Substitution, start + at..start + at + 1);
        }
        // For python-dotenv a backslash here escapes itself, and a quote; for the others it is nothing but itself.
        if let Some(at) = value.find("\\\\").or_else(|| value.ends_with('\\').then(|| value.len() - 1)) {
            self.tell(ProblemKind::ReadersDiffer, start + at..start + at + 1);
        }
        Cow::Borrowed(value)
    }

    fn double_quoted(&mut self, start: usize, end: usize) -> Cow<'a, str> {
        let written = &self.text[start..end];
        if written.ends_with('\\') {
            // python-dotenv takes the closing quote for an escaped one, however many backslashes stand before it.
            self.tell(ProblemKind::ReadersDiffer, end - 1..end);
        }
        let mut value = Cow::Borrowed("");
        let mut rest = written;
        while let Some(at) = rest.find(['\\', '$', '`']) {
            let offset = end - rest.len() + at;
            value += &rest[..at];
            rest = &rest[at..];
            let mut characters = rest.chars();
            let special = characters.next().expect("a character was found here");
            if special != '\\' {
                self.tell(ProblemKind::Substitution, offset..offset + 1);
                value += &rest[..1];
                rest = characters.as_str();
                continue;
            }
            let escaped = characters.next().expect("a backslash never stands before the quote that closes");
            let length = rest.len() - characters.as_str().len();
            let (kind, meant) = escape(escaped);
            self.tell(kind, offset..offset + length);
            value += meant.unwrap_or(&rest[..length]);
            rest = characters.as_str();
        }
        value + rest
    }

    /// What was read, with the names that were read twice.
    fn document(mut self) -> Document<'a> {
        let mut names = HashMap::new();
        for entry in &self.entries {
            if let Some(earlier) = names.insert(entry.name, entry.name_span) {
                self.problems.push(Problem::new(ProblemKind::DuplicateName { earlier }, entry.name_span));
            }
        }
        if let Some(at) = self.crlf {
            self.problems.push(Problem::new(ProblemKind::LineEnds, (at..at + 1).into()));
        }
        self.problems.sort_by_key(|problem| problem.span);
        Document { entries: self.entries, problems: self.problems }
    }
}

/// Where a double-quoted text ends. A backslash takes the character behind it along.
fn closing_double_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// What a backslash and a character mean in double quotes, if anything, and what there is to say about it.
fn escape(escaped: char) -> (ProblemKind, Option<&'static str>) {
    match escaped {
        'n' => (ProblemKind::Escape, Some("\n")),
        '"' => (ProblemKind::Escape, Some("\"")),
        '\'' => (ProblemKind::Escape, Some("'")),
        '\\' => (ProblemKind::Escape, Some("\\")),
        // dotenvy refuses these two, python-dotenv keeps the backslash before the dollar.
        'r' => (ProblemKind::ReadersDiffer, Some("\r")),
        't' => (ProblemKind::ReadersDiffer, Some("\t")),
        '$' => (ProblemKind::ReadersDiffer, Some("$")),
        _ => (ProblemKind::ReadersDiffer, None),
    }
}

/// What a character does in an unquoted value.
fn trouble(c: char) -> Option<ProblemKind> {
    match c {
        '#' => Some(ProblemKind::UnquotedHash),
        '$' | '`' => Some(ProblemKind::Substitution),
        '\\' | '\'' | '"' => Some(ProblemKind::ReadersDiffer),
        '&' | ';' | '|' | '<' | '>' | '(' | ')' | '~' => Some(ProblemKind::NeedsQuotes),
        // These two are told of wherever they stand.
        '\r' | '\0' => None,
        c => (c.is_whitespace() || is_obeyed(c)).then_some(ProblemKind::NeedsQuotes),
    }
}
