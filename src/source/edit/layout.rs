//! What of a TOML text is written where, in the order in which it is written; its tree has lost that order.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{LAST, Node};
use crate::source::{KeyPath, Segment, Span};

/// How a value is written, which decides how it can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A table with a header, `[a]` or `[[a]]`; and the root.
    Section,
    /// A list of tables, each with a header `[[a]]`.
    Sections,
    /// A table that others only pass through: dotted keys, or the headers of deeper tables.
    Implicit,
    /// A list or a table in brackets.
    Brackets,
    /// Any other value.
    Scalar,
}

impl Form {
    /// The tree does not say, but the byte at which it puts a table or a list does.
    pub fn of(text: &str, node: &Node<'_>) -> Self {
        let first = text.as_bytes().get(node.span().start);
        match node.get_ref() {
            DeValue::Table(_) if node.span().is_empty() => Self::Section,
            DeValue::Table(_) => match first {
                Some(b'[') => Self::Section,
                Some(b'{') => Self::Brackets,
                _ => Self::Implicit,
            },
            // A list of sections is put at the first of them.
            DeValue::Array(array) if array.first().is_some_and(|first| first.span() == node.span()) => Self::Sections,
            DeValue::Array(_) => Self::Brackets,
            _ => Self::Scalar,
        }
    }
}

/// A header, or a key with its value.
pub struct Statement {
    /// What it is about; from the root, or from the table in brackets that holds it.
    pub path: KeyPath,
    /// The header; or the last part of the key, to the end of the value.
    pub span: Span,
    /// Whether it is a header.
    pub is_header: bool,
    /// How many of the path's segments its section stands for. (A header begins a section.)
    pub section: usize,
}

impl Statement {
    /// Whether it is about a value or what that contains.
    pub fn is_in(&self, path: &[Segment]) -> bool {
        self.path.segments().starts_with(path)
    }
}

/// What a table says, in the order of the text.
pub fn statements(text: &str, table: &Node<'_>) -> Vec<Statement> {
    let mut statements = Vec::new();
    collect_keys(text, table, &KeyPath::default(), 0, &mut statements);
    statements.sort_by_key(|statement| statement.span);
    statements
}

fn collect_keys(text: &str, table: &Node<'_>, path: &KeyPath, section: usize, out: &mut Vec<Statement>) {
    for (key, node) in table.get_ref().as_table().into_iter().flatten() {
        collect(text, key.span().start, node, path.clone().key(key.get_ref()), section, out);
    }
}

fn collect(text: &str, key: usize, node: &Node<'_>, path: KeyPath, section: usize, out: &mut Vec<Statement>) {
    match Form::of(text, node) {
        Form::Section => {
            let section = path.segments().len();
            out.push(Statement { path: path.clone(), span: node.span().into(), is_header: true, section });
            collect_keys(text, node, &path, section, out);
        }
        Form::Sections => {
            for (index, node) in node.get_ref().as_array().into_iter().flatten().enumerate() {
                collect(text, key, node, path.clone().index(index), section, out);
            }
        }
        Form::Implicit => collect_keys(text, node, &path, section, out),
        Form::Brackets | Form::Scalar => {
            let span = Span { start: key, end: node.span().end };
            out.push(Statement { path, span, is_header: false, section });
        }
    }
}

/// The deepest value on a path that is there.
pub struct Found<'t, 'a> {
    /// The value.
    pub node: &'t Node<'a>,
    /// How it is written.
    pub form: Form,
    /// How many segments lead to it.
    pub depth: usize,
    /// The innermost brackets around it, after how many segments they come.
    pub within: Option<(usize, &'t Node<'a>)>,
}

/// A text and what is written in it.
pub struct Layout<'a> {
    /// The text.
    pub text: &'a str,
    /// Its tree; the root's span is empty.
    pub root: Node<'a>,
    /// What it says outside of brackets, each on lines of its own.
    pub statements: Vec<Statement>,
}

impl<'a> Layout<'a> {
    /// `None` where the text is not TOML.
    pub fn of(text: &'a str) -> Option<Self> {
        let root = Spanned::new(0..0, DeValue::Table(DeTable::parse(text).ok()?.into_inner()));
        Some(Self { text, statements: statements(text, &root), root })
    }

    /// Follows a path as far as it is written; `None` where it leads through something that it cannot lead through.
    pub fn find(&self, path: &[Segment]) -> Option<Found<'_, 'a>> {
        let mut found = Found { node: &self.root, form: Form::Section, depth: 0, within: None };
        for segment in path {
            let next = match (segment, found.node.get_ref()) {
                (Segment::Key(key), DeValue::Table(table)) => table.get(&**key),
                (Segment::Index(index), DeValue::Array(array)) => array.get(*index),
                (Segment::Key(_) | Segment::Index(_), _) => return None,
            };
            let Some(node) = next else { break };
            if found.form == Form::Brackets {
                found.within = Some((found.depth, found.node));
            }
            found = Found { node, form: Form::of(self.text, node), depth: found.depth + 1, ..found };
        }
        Some(found)
    }

    /// The last statement of a kind.
    pub fn last(&self, kind: impl Fn(&Statement) -> bool) -> Option<&Statement> {
        self.statements.iter().rfind(|statement| kind(statement))
    }

    /// The first header from a statement on.
    pub fn next_header(&self, from: usize) -> Option<usize> {
        (from..self.statements.len()).find(|at| self.statements[*at].is_header)
    }

    /// Where the comments directly above a statement begin; the end of the text for none.
    pub fn lead_of(&self, statement: Option<usize>) -> usize {
        let Some(at) = statement else { return self.text.len() };
        // What looks like a comment may be the end of a string above.
        let above = at.checked_sub(1).map_or(0, |above| line_end(self.text, self.statements[above].span.end));
        let line = line_start(self.text, self.statements[at].span.start);
        let lines = self.text[above..line].split_inclusive('\n').rev();
        line - lines.take_while(|line| line.trim_start().starts_with('#')).map(str::len).sum::<usize>()
    }

    /// The lines of the section that a header begins, with the blank lines above it and the comments directly below.
    pub fn section_lines(&self, header: usize) -> Span {
        let next = self.next_header(header + 1);
        let last = next.unwrap_or(self.statements.len()) - 1;
        let is_blank = |line: &&str| line.trim().is_empty();
        let start = line_start(self.text, self.statements[header].span.start);
        let blank = self.text[..start].split_inclusive('\n').rev().take_while(is_blank);
        let end = line_end(self.text, self.statements[last].span.end);
        // A comment on its own, or directly above the next header, is not known to be about this section.
        let below = self.text[end..self.lead_of(next)].split_inclusive('\n').take_while(|line| !is_blank(line));
        Span { start: start - blank.map(str::len).sum::<usize>(), end: end + below.map(str::len).sum::<usize>() }
    }

    /// Where a new section belongs: behind those of `here`, the deepest table on its way, and before what stands last.
    pub fn end_of_sections(&self, path: &[Segment], here: &[Segment]) -> usize {
        if here.is_empty() && !begins_with(path, &LAST) {
            let is_last = |line: &Statement| line.is_header && begins_with(line.path.segments(), &LAST);
            return self.lead_of(self.statements.iter().position(is_last));
        }
        let last = self.statements.iter().rposition(|line| line.is_in(here));
        self.lead_of(last.and_then(|last| self.next_header(last + 1)))
    }
}

/// Whether the first key of a path is one of these.
pub fn begins_with(path: &[Segment], keys: &[&str]) -> bool {
    matches!(path.first(), Some(Segment::Key(first)) if keys.contains(&&**first))
}

/// Where the line begins in which a byte stands.
pub fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Where the line ends in which a byte stands, behind its line ending.
pub fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

/// The blanks with which the line begins in which a byte stands.
pub fn indent(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// How the lines of a text end; those of the first one count for all.
pub fn line_ending(text: &str) -> &'static str {
    match text.split_once('\n') {
        Some((first, _)) if first.ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
