//! What stands where in a TOML text, also while somebody types and it is no TOML yet: the names and values with their key
//! paths, and what a cursor is at.
//!
//! `[hsts]` and below it `max_age = "1` give a name of a header (`hsts`), a key (`hsts.max_age`) and a value. The text is read
//! header by header, so that a list which somebody has not closed yet hides nothing of the next section.

use std::collections::BTreeMap;

use toml_parser::decoder::Encoding;
use toml_parser::parser::{EventReceiver, parse_document};
use toml_parser::{ErrorSink, Source as Toml};

use super::{KeyPath, Span};

/// A name or a value of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The way to it.
    pub path: KeyPath,
    /// Where it stands.
    pub span: Span,
    /// Which of the two it is.
    pub what: What,
}

/// What a [`Spot`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A name in a header.
    Header,
    /// A name before a `=`.
    Key,
    /// A value that is no list and no table.
    Value,
}

/// A header, and where what stands below it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headed {
    /// What it names.
    pub path: KeyPath,
    /// The header itself, with its brackets.
    pub header: Span,
    /// The byte at which the next header begins, or the text ends.
    pub end: usize,
}

/// What a cursor is at, and what is written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Here {
    /// A name in a header: one of those that stand in `above`.
    Header {
        /// The names before it.
        above: KeyPath,
        /// What is written of it.
        written: Span,
    },
    /// A name before a `=`.
    Key {
        /// The table that it stands in.
        table: KeyPath,
        /// What is written of it.
        written: Span,
    },
    /// A value.
    Value {
        /// The way to it.
        path: KeyPath,
        /// What is written of it.
        written: Span,
    },
    /// Nothing that has a name: a comment, a place behind a value.
    Elsewhere,
}

/// Lists and tables in brackets that are deeper than this are not looked into. No profile's are, and a text may be anything.
const DEEPEST: usize = 32;

/// The names and values of a text, in its order.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// The names and values.
    pub spots: Vec<Spot>,
    /// The headers.
    pub headed: Vec<Headed>,
}

impl Outline {
    /// Reads a text, whatever it is.
    pub fn of(text: &str) -> Self {
        let mut walk = Walk::new(text, None);
        for (start, end) in parts(text) {
            walk.part(start, end);
        }
        Self { spots: walk.spots, headed: walk.headed }
    }

    /// The name or value at a byte, its end included.
    pub fn at(&self, offset: usize) -> Option<&Spot> {
        self.spots.iter().rev().find(|spot| spot.span.start <= offset && offset <= spot.span.end)
    }

    /// The names of the keys that are written in a table, or of the tables below it.
    pub fn names_in<'o>(&'o self, table: &'o KeyPath) -> impl Iterator<Item = &'o KeyPath> {
        let depth = table.segments().len() + 1;
        let names = self.spots.iter().filter(|spot| matches!(spot.what, What::Header | What::Key));
        names.map(|spot| &spot.path).filter(move |path| path.segments().len() == depth && path.is_within(table))
    }
}

/// What a cursor is at.
pub fn here(text: &str, offset: usize) -> Here {
    let mut walk = Walk::new(text, Some(offset));
    for (start, end) in parts(text) {
        if start > offset {
            break;
        }
        // Only of the part around the cursor more than the headers counts, but lists of tables are counted through.
        walk.here = None;
        walk.part(start, end);
    }
    match walk.here.take() {
        Some(here) => here,
        None => walk.now(offset),
    }
}

/// The parts of a text, each of which begins with a header, but for the first.
fn parts(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let lines = std::iter::once(mark).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    let mut starts: Vec<usize> = lines.filter(|start| *start == mark || is_header(&text[*start..])).collect();
    starts.push(text.len());
    (1..starts.len()).map(move |next| (starts[next - 1], starts[next]))
}

/// Whether a text begins with a line that is a header and cannot be an element of a list.
fn is_header(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    let line = line.split('#').next().unwrap_or_default().trim();
    let inner = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
    let inner = inner.map(|inner| inner.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(inner));
    let is_name = |c: char| c.is_alphanumeric() || " _-.\"'".contains(c);
    inner.is_some_and(|inner| {
        inner.trim_start().starts_with(|c: char| c.is_ascii_alphabetic()) && inner.chars().all(is_name)
    })
}

/// Brackets that are open.
#[derive(Debug)]
struct Open {
    path: KeyPath,
    /// The place of the next element, in a list.
    next: Option<usize>,
}

/// Follows the parser's events.
struct Walk<'t> {
    text: &'t str,
    /// The part that is being read, and where it begins.
    part: &'t str,
    start: usize,
    spots: Vec<Spot>,
    headed: Vec<Headed>,
    /// How many tables each list of tables has so far.
    counts: BTreeMap<KeyPath, usize>,
    /// The table that the last header names.
    table: KeyPath,
    /// Where a header begins that is being read.
    header: Option<usize>,
    open: Vec<Open>,
    /// The names of the key that is being read, and whether one more has to come.
    keys: Vec<String>,
    is_dotted: bool,
    /// The way to the value that has to come.
    value: Option<KeyPath>,
    /// Whether nothing more can come before the line or the element ends.
    is_done: bool,
    /// Where the cursor is, and what is there, once that is known.
    asked: Option<usize>,
    here: Option<Here>,
}

impl<'t> Walk<'t> {
    fn new(text: &'t str, asked: Option<usize>) -> Self {
        Self {
            text,
            part: "",
            start: 0,
            spots: Vec::new(),
            headed: Vec::new(),
            counts: BTreeMap::new(),
            table: KeyPath::default(),
            header: None,
            open: Vec::new(),
            keys: Vec::new(),
            is_dotted: false,
            value: None,
            is_done: false,
            asked,
            here: None,
        }
    }

    fn part(&mut self, start: usize, end: usize) {
        (self.part, self.start) = (&self.text[start..end], start);
        (self.open, self.header, self.value) = (Vec::new(), None, None);
        self.begin_line();
        let tokens = Toml::new(self.part).lex().into_vec();
        parse_document(&tokens, self, &mut ());
        self.close_header(end, false);
        if let Some(last) = self.headed.last_mut().filter(|last| last.header.start >= start) {
            last.end = end;
        }
    }

    fn begin_line(&mut self) {
        self.keys.clear();
        (self.is_dotted, self.is_done, self.value) = (false, false, None);
    }

    fn span(&self, span: toml_parser::Span) -> Span {
        Span { start: self.start + span.start(), end: self.start + span.end() }
    }

    /// The table that a key stands in.
    fn here_in(&self) -> KeyPath {
        let table = match self.open.last() {
            Some(open) => open.path.clone(),
            None if self.header.is_some() => KeyPath::default(),
            None => self.table.clone(),
        };
        self.keys.iter().fold(table, |path, key| path.key(key))
    }

    /// Where the value stands that comes next.
    fn next_value(&mut self) -> Option<KeyPath> {
        self.value.take().or_else(|| {
            let open = self.open.last()?;
            Some(open.path.clone().index(open.next?))
        })
    }

    /// What is at a cursor, of which is known that nothing is written there.
    fn now(&self, offset: usize) -> Here {
        let written = Span { start: offset, end: offset };
        let in_list = self.open.last().and_then(|open| Some(open.path.clone().index(open.next?)));
        let may_begin = self.keys.is_empty() || self.is_dotted;
        match (&self.value, in_list) {
            _ if self.is_done => Here::Elsewhere,
            (Some(path), _) => Here::Value { path: path.clone(), written },
            (None, Some(path)) => Here::Value { path, written },
            (None, None) if !may_begin => Here::Elsewhere,
            (None, None) if self.header.is_some() => Here::Header { above: self.here_in(), written },
            (None, None) => Here::Key { table: self.here_in(), written },
        }
    }

    /// Something begins: what was before it is where the cursor is, if it is not behind.
    fn pass(&mut self, span: toml_parser::Span) -> Span {
        let span = self.span(span);
        if let Some(asked) = self.asked.filter(|asked| self.here.is_none() && span.start >= *asked) {
            self.here = Some(self.now(asked));
        }
        span
    }

    fn is_asked(&self, span: Span) -> bool {
        self.here.is_none() && self.asked.is_some_and(|asked| span.start <= asked && asked <= span.end)
    }

    fn close_header(&mut self, end: usize, is_list: bool) {
        let Some(start) = self.header.take() else { return };
        let mut path = KeyPath::default();
        let names = std::mem::take(&mut self.keys);
        for (index, name) in names.iter().enumerate() {
            path = path.key(name);
            if is_list && index + 1 == names.len() {
                *self.counts.entry(path.clone()).or_default() += 1;
            }
            if let Some(count) = self.counts.get(&path) {
                path = path.index(count - 1);
            }
        }
        self.table = path.clone();
        self.headed.push(Headed { path, header: Span { start, end }, end });
        self.is_done = true;
    }

    fn open(&mut self, next: Option<usize>) -> bool {
        let path = self.next_value().unwrap_or_default();
        let may_enter = self.open.len() < DEEPEST;
        if may_enter {
            self.open.push(Open { path, next });
            self.begin_line();
        }
        may_enter
    }

    fn close(&mut self) {
        self.open.pop();
        self.begin_line();
        self.is_done = true;
    }
}

impl EventReceiver for Walk<'_> {
    fn std_table_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        let span = self.pass(span);
        self.open.clear();
        self.begin_line();
        self.header = Some(span.start);
    }

    fn std_table_close(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        let span = self.pass(span);
        self.close_header(span.end, false);
    }

    fn array_table_open(&mut self, span: toml_parser::Span, error: &mut dyn ErrorSink) {
        self.std_table_open(span, error);
    }

    fn array_table_close(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        let span = self.pass(span);
        self.close_header(span.end, true);
    }

    fn inline_table_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) -> bool {
        self.pass(span);
        self.open(None)
    }

    fn inline_table_close(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.pass(span);
        self.close();
    }

    fn array_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) -> bool {
        self.pass(span);
        self.open(Some(0))
    }

    fn array_close(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.pass(span);
        self.close();
    }

    fn simple_key(&mut self, span: toml_parser::Span, encoding: Option<Encoding>, _: &mut dyn ErrorSink) {
        let here = self.span(span);
        if self.is_asked(here) {
            let (above, written) = (self.here_in(), here);
            let is_header = self.header.is_some();
            self.here =
                Some(if is_header { Here::Header { above, written } } else { Here::Key { table: above, written } });
        }
        self.pass(span);
        let mut name = String::new();
        if let Some(raw) = Toml::new(self.part).get(span) {
            let raw = toml_parser::Raw::new_unchecked(raw.as_str(), encoding, span);
            raw.decode_key(&mut name, &mut ());
        }
        self.keys.push(name);
        self.is_dotted = false;
        let what = if self.header.is_some() { What::Header } else { What::Key };
        if here.start < here.end {
            self.spots.push(Spot { path: self.here_in(), span: here, what });
        }
    }

    fn key_sep(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.pass(span);
        self.is_dotted = true;
    }

    fn key_val_sep(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.pass(span);
        self.value = Some(self.here_in());
        self.keys.clear();
        self.is_dotted = false;
    }

    fn scalar(&mut self, span: toml_parser::Span, _: Option<Encoding>, _: &mut dyn ErrorSink) {
        let here = self.span(span);
        let asked = self.is_asked(here);
        if !asked {
            self.pass(span);
        }
        let Some(path) = self.next_value() else { return };
        if asked {
            self.here = Some(Here::Value { path: path.clone(), written: here });
        }
        self.is_done = true;
        if here.start < here.end {
            self.spots.push(Spot { path, span: here, what: What::Value });
        }
    }

    fn value_sep(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.pass(span);
        self.begin_line();
        if let Some(next) = self.open.last_mut().and_then(|open| open.next.as_mut()) {
            *next += 1;
        }
    }

    fn whitespace(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.pass(span);
    }

    fn comment(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        let span = self.pass(span);
        if self.is_asked(span) {
            self.here = Some(Here::Elsewhere);
        }
    }

    fn newline(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        let span = self.pass(span);
        // A header that nobody has closed yet.
        self.close_header(span.start, false);
        if self.open.is_empty() {
            self.begin_line();
        }
    }
}

#[cfg(test)]
mod tests;
