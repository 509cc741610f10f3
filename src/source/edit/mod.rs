//! Changes of single keys in a TOML text, by bytes: comments, order, line endings and every other byte stay.
//!
//! The [`layout`] says what is written where. From that follow a few [`Splice`]s: here for lines and sections, in
//! [`brackets`] for lists and inline tables. The outcome is read again, and given back only where it says what was meant
//! ([`meaning`]), so a mistake here costs a change and never a file.

mod brackets;
mod layout;
mod meaning;
mod pieces;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
mod together;

use std::borrow::Cow;

use toml::Spanned;
use toml::de::DeValue;

use self::brackets::Brackets;
use self::layout::{Form, Layout, Statement, begins_with, indent, line_end, line_ending, line_start};
use self::pieces::Pieces;
use self::together::Together;
use super::{KeyPath, Segment, Span};

type Node<'a> = Spanned<DeValue<'a>>;

/// The table of overlays. Each is one section, and inline tables in it: `hsts = { enabled = false }`.
const OVERLAYS: &str = "modes";

/// What a profile ends with. This, and how an overlay looks, is a matter of style: no other key is known here.
const LAST: [&str; 2] = [OVERLAYS, "waivers"];

/// A change of one key. The key is named from the document's root, that of an overlay too: `modes.dev.hsts.enabled`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The key gets a value.
    Set {
        /// A key, whether or not it is there, or an element of a list.
        key: KeyPath,
        /// Written as TOML, with nothing around it.
        value: String,
    },
    /// The key goes, with the comment on its line; comments above it stay. What is not there has gone already.
    Remove {
        /// A key, a whole table, or an element of a list.
        key: KeyPath,
    },
    /// A list gets one element more, at its end, unless it holds the same already. If there is no list, it is made.
    Add {
        /// The list.
        key: KeyPath,
        /// Written as TOML, with nothing around it.
        value: String,
    },
}

impl Change {
    /// What it is about, to be moved.
    pub fn key_mut(&mut self) -> &mut KeyPath {
        match self {
            Self::Set { key, .. } | Self::Remove { key } | Self::Add { key, .. } => key,
        }
    }

    /// What it is about.
    pub fn key(&self) -> &KeyPath {
        match self {
            Self::Set { key, .. } | Self::Remove { key } | Self::Add { key, .. } => key,
        }
    }

    /// The same of a key that stands below another.
    #[must_use]
    pub fn below(&self, above: &KeyPath) -> Self {
        let mut change = self.clone();
        match &mut change {
            Self::Set { key, .. } | Self::Remove { key } | Self::Add { key, .. } => {
                *key = key.clone().below(above.clone());
            }
        }
        change
    }
}

/// Bytes, and what is to stand in their place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Splice {
    /// Which bytes; an empty span is an insertion.
    pub span: Span,
    /// What replaces them.
    pub text: String,
}

impl Splice {
    fn replace(span: impl Into<Span>, text: impl Into<String>) -> Self {
        Self { span: span.into(), text: text.into() }
    }

    fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(at..at, text)
    }

    fn remove(span: impl Into<Span>) -> Self {
        Self::replace(span, "")
    }
}

/// A text with splices made: none reaches into another, and those at one place stand in the order in which they are given.
pub fn spliced(text: &str, splices: &[Splice]) -> String {
    let mut splices: Vec<&Splice> = splices.iter().collect();
    splices.sort_by_key(|splice| splice.span);
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for Splice { span, text: written } in splices {
        out.push_str(&text[end..span.start]);
        out.push_str(written);
        end = span.end;
    }
    out.push_str(&text[end..]);
    out
}

/// The text with a change made.
///
/// `None` where it cannot be made: the text is not TOML, the value is not one value, the path leads through something
/// that is no table or past the end of a list, or a table with a header would have to become a value.
pub fn apply(text: &str, change: &Change) -> Option<String> {
    apply_all(text, std::slice::from_ref(change))
}

/// The text with changes made, all of them or none. What two of them say of one key, or of the places in one list, is for
/// the caller to keep apart.
///
/// As many as possible are made at once, because each time the text has to be read again: of two that would write the same
/// new table, the second waits for the first.
pub fn apply_all(text: &str, changes: &[Change]) -> Option<String> {
    let body = behind_mark(text)?;
    let mark = &text[..text.len() - body.len()];
    Some(mark.to_owned() + &spliced(body, &one_by_one(body, changes)?))
}

/// What changes do to a text, each made where it can see what those before it have written.
fn one_by_one(text: &str, changes: &[Change]) -> Option<Vec<Splice>> {
    let (mut pieces, mut now) = (Pieces::of(text), Cow::Borrowed(text));
    let mut left: Vec<&Change> = changes.iter().collect();
    while !left.is_empty() {
        let layout = Layout::of(&now)?;
        let mut together = Together::default();
        let mut later = Vec::new();
        for change in left {
            let splices = layout.splices(change)?;
            if !together.add(&layout, change, splices) {
                later.push(change);
            }
        }
        let (after, splices, waiting) = together.made(layout)?;
        pieces.splice(&splices);
        now = Cow::Owned(after);
        left = waiting.into_iter().chain(later).collect();
    }
    Some(pieces.splices(text.len()))
}

/// A text without its byte order mark, before which nothing goes. No text has two.
fn behind_mark(text: &str) -> Option<&str> {
    const MARK: char = '\u{feff}';
    Some(text.strip_prefix(MARK).unwrap_or(text)).filter(|body| !body.starts_with(MARK))
}

/// A text, taken apart once, that any number of changes are asked about.
pub struct Draft<'a> {
    layout: Layout<'a>,
    /// How long a byte order mark is, if there is one.
    mark: usize,
}

impl<'a> Draft<'a> {
    /// `None` where the text is not TOML.
    pub fn of(text: &'a str) -> Option<Self> {
        let body = behind_mark(text)?;
        Some(Self { layout: Layout::of(body)?, mark: text.len() - body.len() })
    }

    /// What changes do to the text, as [`apply_all`] does it. What comes of a single one has not been read again yet: that
    /// it can be made, the caller has found out.
    pub fn splices(&self, changes: &[Change]) -> Option<Vec<Splice>> {
        let splices = match changes {
            [change] => self.layout.splices(change)?,
            changes => one_by_one(self.layout.text, changes)?,
        };
        let moved = |Splice { span, text }: Splice| Splice {
            span: Span { start: span.start + self.mark, end: span.end + self.mark },
            text,
        };
        Some(splices.into_iter().map(moved).collect())
    }
}

fn is_in_list(path: &[Segment]) -> bool {
    path.iter().any(|segment| matches!(segment, Segment::Index(_)))
}

fn dotted(keys: &[Segment]) -> String {
    KeyPath::new(keys.to_vec()).to_string()
}

/// What gives a value to a key: `a = 1`, and where its table has to be made, `a = { b = 1 }`.
fn entry(keys: &[Segment], value: &str) -> String {
    match keys.split_last() {
        Some((last, table)) if !table.is_empty() => {
            format!("{} = {{ {} = {value} }}", dotted(table), dotted(std::slice::from_ref(last)))
        }
        _ => dotted_entry(keys, value),
    }
}

/// The same, beside dotted keys: `a.b = 1`.
fn dotted_entry(keys: &[Segment], value: &str) -> String {
    format!("{} = {value}", dotted(keys))
}

impl Layout<'_> {
    fn splices(&self, change: &Change) -> Option<Vec<Splice>> {
        match change {
            Change::Set { key, value } => self.set(key.segments(), value),
            Change::Add { key, value } => self.add(key.segments(), value),
            Change::Remove { key } => match self.parts(key) {
                // A table that has no text of its own goes key by key.
                Some(parts) => parts
                    .map(|key| self.splices(&Change::Remove { key }))
                    .collect::<Option<Vec<_>>>()
                    .map(|all| all.concat()),
                None => self.remove(key.segments()),
            },
        }
    }

    fn set(&self, path: &[Segment], value: &str) -> Option<Vec<Splice>> {
        let found = self.find(path)?;
        let (here, rest) = path.split_at(found.depth);
        if rest.is_empty() {
            let is_value = matches!(found.form, Form::Brackets | Form::Scalar);
            return is_value.then(|| vec![Splice::replace(found.node.span(), value)]);
        }
        if is_in_list(rest) {
            return None;
        }
        if found.form == Form::Brackets {
            return Some(Brackets::of(self.text, found.node).push(&entry(rest, value)));
        }
        if let Some((depth, table)) = found.within {
            return Some(Brackets::of(self.text, table).push(&dotted_entry(&path[depth..], value)));
        }
        let line = if found.form == Form::Implicit {
            // It is there for the sake of dotted keys, or of deeper headers alone.
            let last = self.last(|line| line.is_in(here) && line.section < here.len());
            last.map(|last| self.line_below(last, &dotted_entry(&path[last.section..], value)))
        } else if rest.len() == 1 || self.holds_tables(here, found.node) {
            let last = self.last(|line| line.is_in(here) && line.section == here.len());
            last.map(|last| self.line_below(last, &entry(rest, value)))
        } else {
            None
        };
        Some(vec![line.or_else(|| self.section(path, here, value))?])
    }

    fn add(&self, path: &[Segment], value: &str) -> Option<Vec<Splice>> {
        let added = meaning::value(value)?;
        let found = self.find(path)?;
        let here = &path[..found.depth];
        let list = (here == path).then_some(found.node);
        if let Some(list) = list
            && meaning::holds(list.get_ref().as_array()?, &added)
        {
            return Some(Vec::new());
        }
        let is_table = added.get_ref().is_table();
        match list {
            Some(list) if found.form == Form::Brackets => Some(Brackets::of(self.text, list).push(value)),
            Some(_) if !is_table => None,
            None if !is_table || path.len() > 1 => self.set(path, &format!("[{value}]")),
            // A list of tables is written with headers.
            Some(_) | None => {
                let header = format!("[[{}]]", dotted(path));
                let table = Brackets::of(value, &added);
                let lines: Vec<_> = std::iter::once(header.as_str()).chain(table.items()).collect();
                Some(vec![self.block(self.end_of_sections(path, here), &lines)])
            }
        }
    }

    fn remove(&self, path: &[Segment]) -> Option<Vec<Splice>> {
        let found = self.find(path)?;
        if found.depth < path.len() {
            return Some(Vec::new());
        }
        if let Some((depth, brackets)) = found.within {
            return Brackets::of(self.text, brackets).remove(&path[depth..]);
        }
        let whole = |(at, line): (usize, &Statement)| {
            if line.is_header {
                return Some(self.section_lines(at));
            }
            // A key below a header goes with the header's section.
            (line.path.segments() == path).then(|| Span {
                start: line_start(self.text, line.span.start),
                end: line_end(self.text, line.span.end),
            })
        };
        let lines = self.statements.iter().enumerate().filter(|(_, line)| line.is_in(path));
        Some(lines.filter_map(whole).map(Splice::remove).collect())
    }

    /// The keys of a table that has neither a header nor brackets.
    fn parts(&self, key: &KeyPath) -> Option<impl Iterator<Item = KeyPath>> {
        let found = self.find(key.segments())?;
        let whole = found.depth == key.segments().len() && found.form == Form::Implicit;
        let table = found.node.get_ref().as_table().filter(|_| whole)?;
        Some(table.keys().map(|part| key.clone().key(part.get_ref())))
    }

    /// A new line below one that is there, indented like it.
    fn line_below(&self, above: &Statement, written: &str) -> Splice {
        let at = line_end(self.text, above.span.end);
        let (indent, end) = (indent(self.text, above.span.start), line_ending(self.text));
        let missing = if self.text[..at].ends_with('\n') { "" } else { end };
        Splice::insert(at, format!("{missing}{indent}{written}{end}"))
    }

    /// A new section for a key, `here` being the deepest table on the way to it.
    fn section(&self, path: &[Segment], here: &[Segment], value: &str) -> Option<Splice> {
        let (_, parents) = path.split_last()?;
        // `[modes.dev]` is one section, with a line for each that it changes.
        let header =
            if begins_with(path, &[OVERLAYS]) && here.len() < 2 { parents.len().min(2) } else { parents.len() };
        let (table, keys) = path.split_at(header);
        let line = entry(keys, value);
        if table.is_empty() {
            // The root has no header: its keys stand before all others.
            return Some(self.block(self.lead_of(self.next_header(0)), &[&line]));
        }
        let at = if table == here {
            // Only tables below it have headers: it goes before them.
            self.lead_of(self.statements.iter().position(|line| line.is_in(here)))
        } else {
            self.end_of_sections(path, here)
        };
        (!is_in_list(table)).then(|| self.block(at, &[&format!("[{}]", dotted(table)), &line]))
    }

    /// New lines where a line begins, with a blank line on either side.
    fn block(&self, at: usize, lines: &[&str]) -> Splice {
        let end = line_ending(self.text);
        let (above, below) = self.text.split_at(at);
        let missing = if above.is_empty() || above.ends_with('\n') { "" } else { end };
        let is_apart = |line: Option<&str>| line.is_none_or(|line| line.trim().is_empty());
        let before = if is_apart(above.lines().next_back()) { "" } else { end };
        let after = if is_apart(below.lines().next()) { "" } else { end };
        Splice::insert(at, format!("{missing}{before}{}{end}{after}", lines.join(end)))
    }

    /// Whether tables in a section are written inline, rather than as sections of their own.
    fn holds_tables(&self, section: &[Segment], node: &Node<'_>) -> bool {
        let is_inline = |node: &Node<'_>| node.get_ref().is_table() && Form::of(self.text, node) == Form::Brackets;
        let as_its_neighbours = || node.get_ref().as_table().is_some_and(|table| table.values().any(is_inline));
        // A header cannot name an element of a list.
        is_in_list(section) || begins_with(section, &[OVERLAYS]) || !section.is_empty() && as_its_neighbours()
    }
}
