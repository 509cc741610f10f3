//! From a text to its documents.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle, Tag};

use super::{Entry, Node, Problem, Read, Scalar, Value};
use crate::source::Span;

/// How deep collections may stand in each other, once aliases are resolved. Kubernetes' largest schemas need some forty.
const DEEPEST: usize = 128;

/// How many nodes aliases may stand for in one text. A "billion laughs" document asks for 10⁹; a Compose file that says
/// everything once for fifty services, for some thousand.
const MOST_ALIASED: usize = 100_000;

/// Reads a text. A document that is no YAML ends at its first error; those behind it are read all the same.
pub fn read(text: &str) -> Read {
    let mut reader = Reader { text, ..Reader::default() };
    let mut start = 0;
    while let Some(broken) = reader.read_from(start) {
        // Whatever stands there, `---` at the beginning of a line begins a document.
        let end = next_document(text, broken).unwrap_or(text.len());
        reader.read.unread.push((reader.whole.max(start)..end).into());
        if end == text.len() {
            break;
        }
        start = end;
    }
    let Reader { mut read, templates, .. } = reader;
    read.problems.extend(template_problem(&templates));
    read.problems.sort_by_key(|problem| problem.span);
    read
}

/// Where the next line that begins with `---` does, behind a place.
fn next_document(text: &str, from: usize) -> Option<usize> {
    let from = text.floor_char_boundary(from);
    let is_mark = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']);
    text[from..]
        .match_indices("\n---")
        .find(|(at, mark)| is_mark(&text[from + at + mark.len()..]))
        .map(|(at, _)| from + at + 1)
}

#[derive(Default)]
struct Reader<'t> {
    text: &'t str,
    /// Where the text begins that the parser reads now.
    base: usize,
    read: Read,
    /// Where the last document ends that was read whole.
    whole: usize,
    /// The collections that are not complete, the outermost first.
    open: Vec<Open>,
    /// What the anchors of the document name, by their numbers.
    anchors: HashMap<usize, Anchored>,
    /// The nodes that aliases stand for so far.
    aliased: usize,
    /// Whether they stand for too much, which has been told.
    has_exploded: bool,
    /// Where a template's braces stand in place of a value.
    templates: Vec<Span>,
}

/// What an anchor names.
struct Anchored {
    node: Node,
    nodes: usize,
    depth: usize,
}

/// A collection that is being read.
struct Open {
    span: Span,
    anchor: usize,
    tag: Option<Box<str>>,
    what: What,
}

enum What {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// The maps of merge keys.
        merged: Vec<Node>,
        key: Option<Key>,
    },
    /// What stands in a template's braces, which look like a map within a map.
    Template,
}

/// A key whose value has not been read.
enum Key {
    Plain(String, Span),
    /// `<<` without quotes.
    Merge(Span),
    /// What is no text, and was told.
    Refused,
}

impl Reader<'_> {
    /// Reads documents from a place; where the text is broken, if it is.
    fn read_from(&mut self, start: usize) -> Option<usize> {
        self.base = start;
        let text = &self.text[start..];
        let deepest = u16::try_from(DEEPEST).expect("a small number");
        let options = granit_parser::options! {
            emit_comments: false,
            flow_nesting_limit: deepest.into(),
            block_nesting_limit: deepest.into(),
        };
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    self.open.clear();
                    self.anchors.clear();
                    return Some(self.refuse(&error));
                }
            };
            let span = self.span(span.byte_range());
            self.take(event, span);
        }
        None
    }

    fn span(&self, range: Option<std::ops::Range<usize>>) -> Span {
        let range = range.unwrap_or_default();
        (self.base + range.start..self.base + range.end).into()
    }

    fn take(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain;
                if is_plain && is_template(&text) {
                    self.templates.push(span);
                }
                let value = Value::Scalar(Scalar { text: text.into_owned(), is_plain });
                self.place(Node { span, alias: None, tag: tag_text(tag), value }, anchor);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(Open { span, anchor, tag: tag_text(tag), what: What::List(Vec::new()) });
            }
            Event::MappingStart(style, anchor, tag) => {
                let is_template = style == StructureStyle::Flow && self.text[span.start..].starts_with("{{");
                let what = if is_template {
                    What::Template
                } else {
                    What::Map { entries: Vec::new(), merged: Vec::new(), key: None }
                };
                self.open(Open { span, anchor, tag: tag_text(tag), what });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::DocumentEnd => {
                self.anchors.clear();
                self.whole = span.end;
            }
            // Aliases without anchors are errors of the parser, and anchors are told with their nodes.
            _ => {}
        }
    }

    fn open(&mut self, open: Open) {
        if self.open.len() == DEEPEST {
            self.problem(
                open.span,
                "collections stand too deep in each other here",
                format!("no manifest and no Compose file needs more than {DEEPEST} levels: split it"),
            );
        }
        self.open.push(open);
    }

    fn close(&mut self, end: Span) {
        let Some(Open { span, anchor, tag, what }) = self.open.pop() else { return };
        let is_flow = self.text[span.start..].starts_with(['{', '[']) && end.end > span.start;
        let (value, last) = match what {
            What::Template => {
                let span = Span { start: span.start, end: end.end };
                if !self.open.iter().any(|open| matches!(open.what, What::Template)) {
                    self.templates.push(span);
                }
                (Value::Scalar(Scalar { text: String::new(), is_plain: true }), end.end)
            }
            What::List(items) => {
                let last = items.last().map(|node| node.alias.unwrap_or(node.span).end);
                (Value::List(items), last.unwrap_or(span.end))
            }
            What::Map { mut entries, merged, .. } => {
                self.tell_repeated(&entries);
                let last = entries.last().map(|entry| entry.span().end).into_iter();
                let last = last.chain(merged.iter().map(|node| node.alias.unwrap_or(node.span).end)).max();
                for node in merged {
                    merge(&mut entries, node);
                }
                (Value::Map(entries), last.unwrap_or(span.end))
            }
        };
        let end = if is_flow { end.end } else { last };
        let span = Span { start: span.start, end: end.max(span.start) };
        self.place(Node { span, alias: None, tag, value }, anchor);
    }

    /// Puts a whole node where it belongs.
    fn place(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            let (nodes, depth) = extent(&node);
            self.anchors.insert(anchor, Anchored { node: node.clone(), nodes, depth });
        }
        let Some(Open { what, .. }) = self.open.last_mut() else {
            if !node.is_null() || node.tag.is_some() {
                self.read.documents.push(node);
            }
            return;
        };
        match what {
            What::Template => {}
            What::List(items) => items.push(node),
            What::Map { key: key @ None, .. } => match node.value {
                Value::Scalar(Scalar { text, is_plain }) => {
                    *key = Some(if is_plain && text == "<<" {
                        Key::Merge(node.span)
                    } else {
                        Key::Plain(text, node.span)
                    });
                }
                Value::List(_) | Value::Map(_) => {
                    *key = Some(Key::Refused);
                    self.problem(
                        node.span,
                        "a key is a list or a map here, and not a text",
                        "write a text before the colon".to_owned(),
                    );
                }
            },
            What::Map { entries, merged, key } => match key.take() {
                Some(Key::Plain(key, key_span)) => entries.push(Entry { key, key_span, value: node }),
                Some(Key::Merge(span)) => {
                    let maps = match &node.value {
                        Value::Map(_) => vec![node],
                        Value::List(items) => items.clone(),
                        Value::Scalar(_) => Vec::new(),
                    };
                    if maps.is_empty() || maps.iter().any(|map| !matches!(map.value, Value::Map(_))) {
                        self.problem(
                            span,
                            "the merge key `<<` has something else than a map or a list of maps",
                            "let it have an alias of a map, such as `<<: *defaults`".to_owned(),
                        );
                    } else {
                        merged.extend(maps);
                    }
                }
                Some(Key::Refused) | None => {}
            },
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) {
        let name = &self.text[span.start..span.end];
        let Some(Anchored { node, nodes, depth }) = self.anchors.get(&anchor) else {
            let message = format!("`{name}` stands within what it names, so that it would never end");
            self.problem(span, message, "write out what is meant".to_owned());
            return self.place(nothing(span), 0);
        };
        let is_too_deep = self.open.len() + depth > DEEPEST;
        if is_too_deep || self.aliased + nodes > MOST_ALIASED {
            // One is told: whatever makes the others so large does it there, too.
            if !std::mem::replace(&mut self.has_exploded, true) {
                let what = if is_too_deep {
                    format!("more than {DEEPEST} levels")
                } else {
                    format!("more than {MOST_ALIASED} values")
                };
                let message =
                    format!("the aliases of this file stand for {what}: whoever reads it may run out of memory");
                self.problem(span, message, "write out what is meant, without aliases of aliases".to_owned());
                self.read.unread.push(span);
            }
            return self.place(nothing(span), 0);
        }
        self.aliased += nodes;
        let node = Node { alias: Some(span), ..node.clone() };
        self.place(node, 0);
    }

    /// Tells the keys that stand twice in a map.
    fn tell_repeated(&mut self, entries: &[Entry]) {
        let mut first: HashMap<&str, Span> = HashMap::with_capacity(entries.len());
        for Entry { key, key_span, .. } in entries {
            let Some(first) = first.insert(key, *key_span) else { continue };
            let written = &self.text[key_span.start..key_span.end];
            self.read.problems.push(Problem {
                span: *key_span,
                message: format!(
                    "the key `{written}` stands twice in this map, and readers differ in which one counts"
                ),
                help: "take one of the two away".to_owned(),
                also: Some((first, "the first one".to_owned())),
            });
        }
    }

    fn problem(&mut self, span: Span, message: impl Into<String>, help: String) {
        self.read.problems.push(Problem { span, message: message.into(), help, also: None });
    }

    /// Tells an error of the parser; where it stands.
    fn refuse(&mut self, error: &ScanError) -> usize {
        let at = self.base + error.marker().byte_offset().unwrap_or_default();
        let at = self.text.floor_char_boundary(at.min(self.text.len()));
        if let Some(template) = template_line(self.text, self.base, at) {
            self.templates.push(template);
            return at;
        }
        let width = self.text[at..].chars().next().map_or(0, char::len_utf8);
        let mut span = Span { start: at, end: at + width };
        let (message, help) = match error.kind() {
            ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
                // The tab stands before what it indents.
                let line = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
                if let Some(tab) = self.text[line..at].find('\t') {
                    span = (line + tab..line + tab + 1).into();
                }
                ("a tab indents this line, and YAML is indented with blanks".to_owned(), "write blanks in its place")
            }
            ErrorKind::UnknownAnchor => {
                let name = self.text[at..].find(|c: char| c.is_whitespace() || ",[]{}".contains(c));
                span.end = name.map_or(self.text.len(), |length| at + length).max(span.end);
                (
                    "this alias names an anchor that is not written before it".to_owned(),
                    "write the anchor, such as `&defaults`, before what is meant and above the alias",
                )
            }
            ErrorKind::RecursionLimitExceeded => {
                (format!("collections stand in each other more than {DEEPEST} levels deep"), "split the file")
            }
            _ => (
                format!("this is no YAML: {}", error.info()),
                "look at the indentation, the quotes and the colons here and on the lines before",
            ),
        };
        self.problem(span, message, help.to_owned());
        at
    }
}

/// What a merge key brings: the keys that are not there yet.
fn merge(entries: &mut Vec<Entry>, node: Node) {
    let Value::Map(more) = node.value else { return };
    let known: HashSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    entries.extend(more.into_iter().filter(|entry| !known.contains(&entry.key)));
}

/// A node in the place of one that cannot be had.
fn nothing(span: Span) -> Node {
    Node { span, alias: None, tag: None, value: Value::Scalar(Scalar { text: String::new(), is_plain: true }) }
}

/// How many nodes one is made of, and how deep they stand.
fn extent(node: &Node) -> (usize, usize) {
    let add = |(nodes, depth): (usize, usize), below: &Node| {
        let (more, deeper) = extent(below);
        (nodes + more, depth.max(deeper + 1))
    };
    match &node.value {
        Value::Scalar(_) => (1, 0),
        Value::List(items) => items.iter().fold((1, 1), add),
        Value::Map(entries) => entries.iter().map(|entry| &entry.value).fold((1, 1), add),
    }
}

/// A tag as it is written.
fn tag_text(tag: Option<Cow<'_, Tag>>) -> Option<Box<str>> {
    tag.map(|tag| tag.original().into())
}

/// Words with which Go's templates begin between their braces, beside `.` and `$`.
const TEMPLATE_WORDS: [&str; 9] = ["if", "else", "end", "range", "with", "include", "template", "define", "toYaml"];

/// Whether a text without quotes holds a place of a Go template, as Helm's charts have it: `{{ .Values.image }}`.
fn is_template(text: &str) -> bool {
    text.match_indices("{{").any(|(at, _)| {
        let inside = text[at + 2..].trim_start_matches('-').trim_start();
        let word = inside.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        text[at..].contains("}}") && (inside.starts_with(['.', '$', '(']) || TEMPLATE_WORDS.contains(&word))
    })
}

/// The first line of a broken document that is one of a template, up to where it breaks.
fn template_line(text: &str, start: usize, at: usize) -> Option<Span> {
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let mut from = start;
    for line in text[start..end].split_inclusive('\n') {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        let is_comment = content.starts_with('#');
        let begins = content.starts_with("{{") || content.starts_with("- {{");
        if !is_comment && (begins || is_template(content)) {
            return Some((from + indent..from + line.trim_end().len()).into());
        }
        from += line.len();
    }
    None
}

/// Templates that nobody has rendered, told once: what mends one mends all.
fn template_problem(templates: &[Span]) -> Option<Problem> {
    let first = *templates.iter().min()?;
    let more = match templates.len() {
        1 => String::new(),
        count => format!(" (and {} more such places)", count - 1),
    };
    Some(Problem {
        span: first,
        message: format!("this is a template that has not been rendered{more}: what it says depends on values"),
        help: "render it first, as with `helm template`, and check what comes out".to_owned(),
        also: None,
    })
}
