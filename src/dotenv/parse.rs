//! From a text to its entries and problems. One pass, and nothing stops it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::expand::{Before, Expanded, Quoting, expansions};
use super::reader::{Reader, Verdict, judge};
use super::{Document, Entry, Names, Problem, ProblemKind, Value, is_name};
use crate::source::{Source, Span, is_obeyed};

/// What may stand around names, values and comments without being part of them.
const BLANKS: [char; 2] = [' ', '\t'];

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A text without the blanks that it begins with.
fn trimmed_start(text: &str) -> &str {
    let blanks = text.bytes().take_while(|byte| is_blank(*byte)).count();
    &text[blanks..]
}

/// A text without the blanks that it ends with.
fn trimmed_end(text: &str) -> &str {
    let blanks = text.bytes().rev().take_while(|byte| is_blank(*byte)).count();
    &text[..text.len() - blanks]
}

impl<'a> Document<'a> {
    /// Reads a text of which nobody knows who else reads it.
    pub fn parse(source: &'a Source) -> Self {
        Self::read_by(source, &[])
    }

    /// Reads a text by itself, as these do.
    pub fn read_by(source: &'a Source, readers: &[Reader]) -> Self {
        Self::read_after(source, readers, &Before::default())
    }

    /// Reads a text as these do, behind others. What can't be read becomes a [`Problem`], and the next line is read as if it began the text.
    pub fn read_after(source: &'a Source, readers: &[Reader], before: &Before<'_>) -> Self {
        let text = source.text.as_str();
        let has_odd = text.contains('\r') || text.contains('\0');
        let (entries, problems) = (Vec::new(), Vec::new());
        let mut parser = Parser { text, readers, entries, problems, told: 0, has_odd, crlf: None };
        let mut at = 0;
        if source.text.starts_with('\u{feff}') {
            at = '\u{feff}'.len_utf8();
            parser.tell(ProblemKind::ByteOrderMark, 0..at);
        }
        while at < source.text.len() {
            at = parser.item(at);
        }
        parser.document(before)
    }
}

struct Parser<'a, 'r> {
    text: &'a str,
    readers: &'r [Reader],
    entries: Vec<Entry<'a>>,
    problems: Vec<Problem>,
    /// How many problems there were before the assignment, comment or line that is being read.
    told: usize,
    /// Whether there is a carriage return or a NUL anywhere.
    has_odd: bool,
    /// The first carriage return that ends a line.
    crlf: Option<usize>,
}

/// A value, and the end of the line on which it ends.
struct Read<'a> {
    span: Span,
    value: Value<'a>,
    line_end: usize,
    quoting: Quoting,
    dollars: Vec<usize>,
}

impl<'a> Parser<'a, '_> {
    /// Notes a problem, unless the same was told of this assignment: a value of a million `$` is one problem.
    fn tell(&mut self, kind: ProblemKind, span: impl Into<Span>) {
        if self.problems[self.told..].iter().all(|problem| problem.kind != kind) {
            self.problems.push(Problem::new(kind, span.into()));
        }
    }

    /// Whether one of those that read the file is known to take this form, which others misread.
    fn is_taken(&self, kind: ProblemKind) -> bool {
        self.readers.iter().any(|reader| !reader.misreads(kind))
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
        let line = trimmed_end(trimmed_start(&self.text[start..end]));
        if !line.is_empty() && !line.starts_with('#') {
            let written = &self.text[start..end];
            if line.starts_with(';') && self.is_taken(ProblemKind::Semicolon) {
                self.tell(ProblemKind::Semicolon, start..end);
            } else if let Some(colon) = colon(written).filter(|_| self.is_taken(ProblemKind::Colon)) {
                end = self.assignment(start, start + colon, end);
            } else if let Some((before, _)) = written.split_once('=') {
                end = self.assignment(start, start + before.len(), end);
            } else if is_sourcing(line) {
                self.tell(ProblemKind::Sourced, start..end);
            } else {
                self.tell(ProblemKind::NotAnAssignment, start..end);
            }
        }
        if self.has_odd {
            for (character, kind) in [('\r', ProblemKind::CarriageReturn), ('\0', ProblemKind::Nul)] {
                if let Some(at) = self.text[start..end].find(character) {
                    self.tell(kind, start + at..start + at + 1);
                }
            }
        }
        if self.text[end..].starts_with('\r') {
            self.crlf.get_or_insert(end);
        }
        self.text[end..].find('\n').map_or(self.text.len(), |line_feed| end + line_feed + 1)
    }

    /// Reads the assignment whose `=`, or what stands for it, is at `equals`, and gives back the end of its last line.
    fn assignment(&mut self, start: usize, equals: usize, line_end: usize) -> usize {
        let before = &self.text[start..equals];
        let assigned = trimmed_end(before);
        let name_end = start + assigned.len();
        let name = trimmed_start(assigned);
        let name = match name.strip_prefix("export") {
            Some(exported) if exported.starts_with(BLANKS) => {
                let export = name_end - name.len();
                self.tell(ProblemKind::Export, export..export + "export".len());
                trimmed_start(exported)
            }
            _ => name,
        };
        let name_span = Span::from(name_end - name.len()..name_end);
        let read = self.value(equals + 1, line_end);
        let line_end = read.line_end;
        if self.text[equals..].starts_with(':') {
            self.tell(ProblemKind::Colon, name_end..equals + 1);
        } else if equals != name_end || read.span.start != equals + 1 {
            self.tell(ProblemKind::BlanksAroundEquals, name_end..read.span.start);
        }
        if is_name(name) {
            let Read { span, value, quoting, dollars, .. } = read;
            self.entries.push(Entry { name, name_span, value_span: span, value, quoting, dollars });
        } else if is_dotted(name) && self.is_taken(ProblemKind::DottedName) {
            self.tell(ProblemKind::DottedName, name_span);
        } else if is_sourcing(&self.text[start..line_end]) {
            self.tell(ProblemKind::Sourced, start..line_end);
        } else {
            // Not an entry: a line of a key that was pasted without quotes looks just like that.
            self.tell(ProblemKind::BadName, name_span);
        }
        line_end
    }

    fn value(&mut self, from: usize, line_end: usize) -> Read<'a> {
        let written = trimmed_start(&self.text[from..line_end]);
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
        let comment = trimmed_start(behind);
        if !comment.is_empty() && (comment.len() == behind.len() || !comment.starts_with('#')) {
            let written = trimmed_end(&self.text[start..line_end]);
            if let Some(value) = joined(written).filter(|_| self.is_taken(ProblemKind::Joined)) {
                self.tell(ProblemKind::Joined, close + 1..start + written.len());
                return Read { value: Value(Cow::Owned(value)), ..self.broken(start, line_end) };
            }
            self.tell(ProblemKind::TextAfterQuote, close + 1..line_end);
            return self.broken(start, line_end);
        }
        if !comment.is_empty() {
            self.tell(ProblemKind::CommentAfterQuote, line_end - comment.len()..line_end);
        } else if !behind.is_empty() {
            self.tell(ProblemKind::BlanksBehind, close + 1..line_end);
        }
        let mut dollars = Vec::new();
        let (quoting, value) = if written.starts_with('\'') {
            (Quoting::Single, self.single_quoted(start + 1, close, &mut dollars))
        } else {
            (Quoting::Double, self.double_quoted(start + 1, close, &mut dollars))
        };
        Read { span: (start..close + 1).into(), value: Value(value), line_end, quoting, dollars }
    }

    /// A value whose quotes don't enclose it: everything to the end of the line, as written.
    fn broken(&self, start: usize, line_end: usize) -> Read<'a> {
        let written = trimmed_end(&self.text[start..line_end]);
        let (span, value) = ((start..start + written.len()).into(), Value(Cow::Borrowed(written)));
        Read { span, value, line_end, quoting: Quoting::None, dollars: Vec::new() }
    }

    fn unquoted(&mut self, from: usize, line_end: usize) -> Read<'a> {
        let rest = &self.text[from..line_end];
        if rest.as_bytes().iter().all(|byte| PLAIN[usize::from(*byte)]) {
            let (span, value) = ((from..line_end).into(), Value(Cow::Borrowed(rest)));
            return Read { span, value, line_end, quoting: Quoting::None, dollars: Vec::new() };
        }
        let comment = rest.match_indices('#').map(|(at, _)| at).find(|at| rest[..*at].ends_with(BLANKS));
        let written = trimmed_end(&rest[..comment.unwrap_or(rest.len())]);
        let value = trimmed_start(written);
        let end = from + written.len();
        let start = end - value.len();
        for (at, c) in value.char_indices() {
            if let Some(kind) = trouble(c, at == 0) {
                self.tell(kind, start + at..start + at + c.len_utf8());
            }
        }
        if let Some(at) = comment {
            self.tell(ProblemKind::Comment, from + at..from + at + 1);
        } else if end < line_end {
            self.tell(ProblemKind::BlanksBehind, end..line_end);
        }
        let dollars = dollars(value);
        Read {
            span: (start..end).into(),
            value: Value(Cow::Borrowed(value)),
            line_end,
            quoting: Quoting::None,
            dollars,
        }
    }

    fn single_quoted(&mut self, start: usize, end: usize, dollars: &mut Vec<usize>) -> Cow<'a, str> {
        let value = &self.text[start..end];
        *dollars = self::dollars(value);
        if let Some(at) = value.find("${") {
            self.tell(ProblemKind::Substitution, start + at..start + at + 1);
        }
        // For python-dotenv a backslash here escapes itself, and a quote; for most others it is nothing but itself.
        if let Some(at) = value.find("\\\\") {
            self.tell(ProblemKind::QuotedBackslash, start + at..start + at + 1);
        }
        if value.ends_with('\\') {
            self.tell(ProblemKind::LastBackslash, end - 1..end);
        }
        Cow::Borrowed(value)
    }

    fn double_quoted(&mut self, start: usize, end: usize, dollars: &mut Vec<usize>) -> Cow<'a, str> {
        let written = &self.text[start..end];
        if written.ends_with('\\') {
            // python-dotenv takes the closing quote for an escaped one, however many backslashes stand before it.
            self.tell(ProblemKind::BackslashBeforeQuote, end - 1..end);
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
                if special == '$' {
                    dollars.push(value.len());
                    self.tell(ProblemKind::Substitution, offset..offset + 1);
                } else {
                    self.tell(ProblemKind::Command, offset..offset + 1);
                }
                value += &rest[..1];
                rest = characters.as_str();
                continue;
            }
            let escaped = characters.next().expect("a backslash never stands before the quote that closes");
            let length = rest.len() - characters.as_str().len();
            self.tell(ProblemKind::Escape(escaped), offset..offset + length);
            value += escape(escaped).unwrap_or(&rest[..length]);
            rest = characters.as_str();
        }
        value + rest
    }

    /// What was read, with the names that were read twice, as those see it who read the file.
    fn document(mut self, before: &Before<'_>) -> Document<'a> {
        let readers = self.readers;
        let names = Names::of(&self.entries);
        for (earlier, next) in names.followed.iter().map(|(one, other)| (&self.entries[*one], &self.entries[*other])) {
            let kind = ProblemKind::DuplicateName { earlier: earlier.name_span };
            self.problems.push(Problem::new(kind, next.name_span));
        }
        for entry in &self.entries {
            for kind in traps(entry).into_iter().flatten().filter(|kind| readers.iter().any(|one| one.has_trap(*kind)))
            {
                self.problems.push(Problem::new(kind, entry.value_span));
            }
        }
        if let Some(at) = self.crlf {
            self.problems.push(Problem::new(ProblemKind::LineEnds, (at..at + 1).into()));
        }
        let of_variables = self.expand(readers, before);
        self.problems.retain(|problem| problem.kind != ProblemKind::Substitution);
        let judged = |problem: Problem| {
            let judgement = judge(problem.kind, readers);
            problem.judged(readers, judgement)
        };
        let mut problems: Vec<Problem> = self.problems.into_iter().map(judged).chain(of_variables).collect();
        problems.sort_by_key(|problem| problem.span);
        Document { entries: self.entries, problems, names }
    }

    /// Replaces in each value what those replace who read the file, where they agree on it, and tells where they do not.
    fn expand(&mut self, readers: &[Reader], before: &Before<'_>) -> Vec<Problem> {
        let has_dollar = |entry: &Entry<'_>| entry.value.expose().contains('$');
        if !self.text.contains('$') || !self.entries.iter().any(has_dollar) {
            return Vec::new();
        }
        let by_reader: Vec<(Reader, HashMap<usize, Expanded>)> =
            readers.iter().map(|reader| (*reader, expansions(&self.entries, Some(*reader), before))).collect();
        let by_most = if readers.is_empty() { expansions(&self.entries, None, before) } else { HashMap::new() };
        let mut problems = Vec::new();
        let mut told = self.problems.iter().filter(|problem| problem.kind == ProblemKind::Substitution).peekable();
        let indices = self.entries.iter().enumerate().filter(|(_, entry)| has_dollar(entry));
        for index in indices.map(|(index, _)| index).collect::<Vec<_>>() {
            let entry = &mut self.entries[index];
            while told.peek().is_some_and(|problem| problem.span.end < entry.value_span.start) {
                told.next();
            }
            let here = told.peek().filter(|problem| problem.is_about(entry.value_span)).map(|problem| problem.span);
            let at = here.unwrap_or(entry.value_span);
            let seen: Vec<&Expanded> = by_reader.iter().filter_map(|(_, seen)| seen.get(&index)).collect();
            let first = seen.first().copied().or_else(|| by_most.get(&index)).unwrap_or(&Expanded::Same);
            let agree = seen.iter().all(|other| *other == first);
            let of_each = by_reader.iter().filter(|(_, seen)| seen.get(&index) != Some(&Expanded::Same));
            let replacing = of_each.map(|(reader, _)| *reader).collect();
            let verdict = match first {
                _ if readers.is_empty() => Verdict::Unsure,
                Expanded::Unknown => Verdict::Misread,
                Expanded::Same | Expanded::Other(_) if !agree => Verdict::Misread,
                Expanded::Same | Expanded::Other(_) => Verdict::Elsewhere,
            };
            if let Expanded::Other(text) = first
                && agree
            {
                entry.value = Value(Cow::Owned(text.clone()));
            }
            // Of what nobody replaces anyway, nothing is told.
            if here.is_some() || verdict == Verdict::Misread {
                problems.push(Problem::new(ProblemKind::Substitution, at).judged(readers, (verdict, replacing)));
            }
        }
        problems
    }
}

/// Where the `:` of `NAME: value` stands in a line.
fn colon(line: &str) -> Option<usize> {
    let (before, value) = line.split_once(':')?;
    let name = trimmed_start(before);
    let name = name.strip_prefix("export ").map_or(name, trimmed_start);
    let has_value = value.starts_with(BLANKS) && !trimmed_start(value).is_empty();
    (is_name(name) && has_value).then_some(before.len())
}

/// Whether one of the commands in a line has a shell read another file: `. ./other.env`, `test -f x && source x`,
/// `export $(cat other.env)`.
fn is_sourcing(line: &str) -> bool {
    let commands = line.split([';', '&', '|']).map(trimmed_start);
    let mut commands = commands.map(|command| command.strip_prefix("then ").map_or(command, trimmed_start));
    commands.any(|command| {
        let (first, rest) = command.split_once(BLANKS).unwrap_or((command, ""));
        matches!(first, "." | "source") && !rest.is_empty()
            || first == "export" && trimmed_start(rest).starts_with("$(")
    })
}

/// Whether it is a name to those that take dots and hyphens in one.
fn is_dotted(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && name.bytes().all(is_part)
}

/// What a shell makes of quoted parts and a plain one behind them: `ab` of `"a"b`. Nothing where there is more to it.
fn joined(text: &str) -> Option<String> {
    let (mut value, mut rest) = (String::new(), text);
    while let Some(quote) = rest.chars().next().filter(|first| ['\'', '"'].contains(first)) {
        let (within, behind) = rest[1..].split_once(quote)?;
        value += within;
        rest = behind;
    }
    let is_plain = rest.bytes().all(|byte| PLAIN[usize::from(byte)]) && !value.contains(['\\', '$', '`']);
    is_plain.then(|| value + rest)
}

/// The traps that a value is to single readers.
fn traps(entry: &Entry<'_>) -> [Option<ProblemKind>; 3] {
    let (is_quoted, value) = (entry.quoting != Quoting::None, entry.value.expose());
    let is_long = is_quoted && value.contains('\n');
    let is_nested =
        entry.quoting == Quoting::Single && value.len() > 1 && value.starts_with('"') && value.ends_with('"');
    [
        is_quoted.then_some(ProblemKind::Quotes),
        is_long.then_some(ProblemKind::SeveralLines),
        is_nested.then_some(ProblemKind::QuotesInQuotes),
    ]
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

/// What a backslash and a character mean in double quotes, if anything: to dotenvy, to python-dotenv, or to both.
fn escape(escaped: char) -> Option<&'static str> {
    match escaped {
        'n' => Some("\n"),
        '"' => Some("\""),
        '\'' => Some("'"),
        '\\' => Some("\\"),
        'r' => Some("\r"),
        't' => Some("\t"),
        '$' => Some("$"),
        _ => None,
    }
}

/// Where a text has a `$`.
fn dollars(text: &str) -> Vec<usize> {
    text.match_indices('$').map(|(at, _)| at).collect()
}

/// Whether a byte stands for itself in an unquoted value to every reader, as those of most values do: it is no blank, begins no
/// comment, and is no [`trouble`].
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte: u8 = b'!';
    while byte <= b'~' {
        plain[byte as usize] = !matches!(
            byte,
            b'#' | b'$' | b'`' | b'\\' | b'\'' | b'"' | b'&' | b';' | b'|' | b'<' | b'>' | b'(' | b')' | b'~'
        );
        byte += 1;
    }
    plain
};

/// What a character does in an unquoted value, at its beginning or behind that.
fn trouble(c: char, is_first: bool) -> Option<ProblemKind> {
    match c {
        '#' if is_first => Some(ProblemKind::LeadingHash),
        '#' => Some(ProblemKind::UnquotedHash),
        '$' => Some(ProblemKind::Substitution),
        '`' => Some(ProblemKind::Backticks),
        '\\' => Some(ProblemKind::UnquotedBackslash),
        '\'' | '"' => Some(ProblemKind::UnquotedQuote),
        '&' | ';' | '|' | '<' | '>' | '(' | ')' | '~' => Some(ProblemKind::NeedsQuotes),
        // These two are told of wherever they stand.
        '\r' | '\0' => None,
        c => (c.is_whitespace() || is_obeyed(c)).then_some(ProblemKind::UnquotedBlank),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_itself_is_no_trouble() {
        for byte in 0..=u8::MAX {
            let is_trouble = |is_first| trouble(char::from(byte), is_first).is_some();
            let is_nothing_else = byte.is_ascii_graphic() && !is_trouble(true) && !is_trouble(false);
            assert_eq!(PLAIN[usize::from(byte)], is_nothing_else, "{:?}", char::from(byte));
        }
    }
}
