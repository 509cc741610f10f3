//! The sections of a profile and the keys in each, for an editor's outline. Names alone: a value may be one that must not be
//! shown.

use super::place::Encoding;
use super::protocol::{DocumentSymbol, Range, SymbolKind};
use super::workspace::Text;
use crate::source::{Source, Span, What};

/// The outline of a profile.
pub fn of(text: &Text, encoding: Encoding) -> Vec<DocumentSymbol> {
    let (source, outline) = (&text.source, text.outline());
    let keys_between = |start: usize, end: usize| {
        // They stand in the order of the text.
        let place = |offset| outline.spots.partition_point(|spot| spot.span.start < offset);
        let here = outline.spots[place(start)..place(end)].iter().filter(|spot| spot.what == What::Key);
        here.map(|spot| (spot.path.to_string(), spot.span)).collect::<Vec<_>>()
    };
    let first = outline.headed.first().map_or(source.text.len(), |first| first.header.start);
    let mut symbols: Vec<DocumentSymbol> =
        keys_between(0, first).into_iter().map(|(name, span)| symbol(source, encoding, name, span)).collect();
    for section in &outline.headed {
        let name = section.path.to_string();
        let children = keys_between(section.header.end, section.end).into_iter().map(|(path, span)| {
            let within = path.strip_prefix(&name).map(|rest| rest.trim_start_matches('.').to_owned());
            symbol(source, encoding, within.unwrap_or(path), span)
        });
        let children: Vec<DocumentSymbol> = children.collect();
        let whole = Span { start: section.header.start, end: section.end };
        let name = if name.is_empty() { "[]".to_owned() } else { name };
        let places = (encoding.range(source, whole), encoding.range(source, section.header));
        symbols.push(one(name, SymbolKind::Namespace, places, Some(children)));
    }
    symbols
}

/// A key.
fn symbol(source: &Source, encoding: Encoding, name: String, span: Span) -> DocumentSymbol {
    let line = source.line(source.position(span.start).line);
    let whole = Span { start: span.start, end: line.end.max(span.end) };
    // The protocol allows no empty name.
    let name = if name.is_empty() { "\"\"".to_owned() } else { name };
    one(name, SymbolKind::Property, (encoding.range(source, whole), encoding.range(source, span)), None)
}

/// A symbol with its range, and the part of it that is its name.
fn one(
    name: String,
    kind: SymbolKind,
    (range, selection): (Range, Range),
    children: Option<Vec<DocumentSymbol>>,
) -> DocumentSymbol {
    DocumentSymbol::new(name, None, kind, None, None, range, selection, children)
}
