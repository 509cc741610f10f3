//! Changes inside of brackets: an array's elements and an inline table's keys, on one line or on several.

use toml::de::DeValue;

use super::layout::{indent, line_end, line_ending, line_start, statements};
use super::{Node, Splice};
use crate::source::{KeyPath, Segment, Span};

/// An array or an inline table.
pub struct Brackets<'a> {
    text: &'a str,
    /// What stands between the brackets.
    inside: Span,
    /// Elements, or keys with their values, in the order of the text. Their paths begin at the brackets.
    items: Vec<(KeyPath, Span)>,
}

impl<'a> Brackets<'a> {
    /// `node` is an array or an inline table of the text.
    pub fn of(text: &'a str, node: &Node<'_>) -> Self {
        let inside = Span { start: node.span().start + 1, end: node.span().end - 1 };
        let element = |(index, node): (usize, &Node<'_>)| (KeyPath::default().index(index), node.span().into());
        let mut items: Vec<(KeyPath, Span)> = match node.get_ref() {
            DeValue::Array(array) => array.iter().enumerate().map(element).collect(),
            _ => statements(text, node).into_iter().map(|statement| (statement.path, statement.span)).collect(),
        };
        // Of a dotted key, the tree knows where the last part begins.
        let mut end = inside.start;
        for (_, item) in &mut items {
            let mut between = outside_comments(text, Span { start: end, end: item.start });
            if let Some((start, _)) = between.find(|(_, c)| !c.is_whitespace() && *c != ',') {
                item.start = start;
            }
            end = item.end;
        }
        Self { text, inside, items }
    }

    /// The texts of the items.
    pub fn items(&self) -> impl Iterator<Item = &'a str> {
        self.items.iter().map(|(_, item)| &self.text[item.start..item.end])
    }

    /// One item more, at the end.
    pub fn push(&self, written: &str) -> Vec<Splice> {
        let Some(last) = self.items.len().checked_sub(1) else { return vec![self.push_first(written)] };
        let item = self.items[last].1;
        let comma = self.comma(last);
        let Some(lines) = self.lines(last) else {
            return vec![match comma {
                Some(comma) => Splice::insert(comma + 1, format!(" {written},")),
                None => Splice::insert(item.end, format!(", {written}")),
            }];
        };
        let (indent, end) = (indent(self.text, item.start), line_ending(self.text));
        let line = |comma| Splice::insert(lines.end, format!("{indent}{written}{comma}{end}"));
        match comma {
            Some(_) => vec![line(",")],
            None => vec![Splice::insert(item.end, ","), line("")],
        }
    }

    fn push_first(&self, written: &str) -> Splice {
        let (inside, end) = (&self.text[self.inside.start..self.inside.end], line_ending(self.text));
        if inside.contains('#') {
            // A comment ends with its line, so the closing bracket begins one.
            let close = line_start(self.text, self.inside.end);
            return Splice::insert(close, format!("{}{written}{end}", indent(self.text, close - 1)));
        }
        let is_table = self.text[..self.inside.start].ends_with('{');
        Splice::replace(self.inside, if is_table { format!(" {written} ") } else { written.to_owned() })
    }

    /// Without the item that has a path.
    pub fn remove(&self, path: &[Segment]) -> Option<Vec<Splice>> {
        let at = self.items.iter().position(|(item, _)| item.segments() == path)?;
        let item = self.items[at].1;
        let around = [self.inside.start..item.start, item.end..self.inside.end];
        if self.items.len() == 1 && !around.into_iter().any(|range| self.text[range].contains('#')) {
            return Some(vec![Splice::remove(self.inside)]);
        }
        if let Some(lines) = self.lines(at) {
            return Some(vec![Splice::remove(lines)]);
        }
        let above = at.checked_sub(1).map(|above| self.items[above].1.end);
        if let Some(above) = above.filter(|above| !self.text[*above..item.start].contains('\n')) {
            return Some(vec![Splice::remove(above..item.end)]);
        }
        let comma = self.comma(at).map(|comma| comma..comma + 1);
        // Each with the blanks behind it: between the two may be a comment.
        let blanks = |end: usize| self.text[end..].len() - self.text[end..].trim_start_matches([' ', '\t']).len();
        let parts = std::iter::once(item.start..item.end).chain(comma);
        Some(parts.map(|part| Splice::remove(part.start..part.end + blanks(part.end))).collect())
    }

    /// Where the comma behind an item is, if it has one.
    fn comma(&self, at: usize) -> Option<usize> {
        let next = self.items.get(at + 1).map_or(self.inside.end, |(_, next)| next.start);
        let behind = Span { start: self.items[at].1.end, end: next };
        outside_comments(self.text, behind).find(|(_, c)| *c == ',').map(|(comma, _)| comma)
    }

    /// The lines of an item and its comma, if nothing else stands there but a comment.
    fn lines(&self, at: usize) -> Option<Span> {
        let item = self.items[at].1;
        let behind = self.comma(at).map_or(item.end, |comma| comma + 1);
        let lines = Span { start: line_start(self.text, item.start), end: line_end(self.text, behind) };
        let rest = self.text[behind..lines.end].trim();
        let is_alone =
            self.text[lines.start..item.start].trim().is_empty() && (rest.is_empty() || rest.starts_with('#'));
        is_alone.then_some(lines)
    }
}

/// The characters between two items that no comment hides, and where they are.
fn outside_comments(text: &str, between: Span) -> impl Iterator<Item = (usize, char)> {
    let mut is_comment = false;
    text[between.start..between.end].char_indices().filter_map(move |(at, c)| {
        is_comment = c != '\n' && (is_comment || c == '#');
        (!is_comment).then_some((between.start + at, c))
    })
}
