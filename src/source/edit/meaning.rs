//! What a change means for the tree of a text, whatever it does to the text itself.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::layout::Form;
use super::{Change, Node};
use crate::source::Segment;

/// The tree as a change should leave it; `None` where it cannot be made. The spans in it are worth nothing.
pub fn changed<'a>(text: &str, mut root: Node<'a>, change: &'a Change) -> Option<Node<'a>> {
    match change {
        Change::Set { key, value: written } => {
            *slot(&mut root, key.segments(), DeValue::Boolean(false))? = value(written)?;
        }
        Change::Add { key, value: written } => {
            let list = slot(&mut root, key.segments(), DeValue::Array(DeArray::new()))?;
            let DeValue::Array(list) = list.get_mut() else { return None };
            let added = value(written)?;
            if !holds(list, &added) {
                list.push(added);
            }
        }
        Change::Remove { key } => remove(text, &mut root, key.segments())?,
    }
    Some(root)
}

/// A value by itself, with nothing around it.
pub fn value(written: &str) -> Option<Node<'_>> {
    DeValue::parse(written).ok().filter(|value| value.span() == (0..written.len()))
}

/// Whether a list has an element that says the same.
pub fn holds(list: &DeArray<'_>, value: &Node<'_>) -> bool {
    list.iter().any(|element| same(element, value))
}

/// Whether two values say the same. Numbers do if they are written alike, as no change rewrites what it does not mean.
pub fn same(one: &Node<'_>, other: &Node<'_>) -> bool {
    match (one.get_ref(), other.get_ref()) {
        (DeValue::String(one), DeValue::String(other)) => one == other,
        (DeValue::Integer(one), DeValue::Integer(other)) => one.to_string() == other.to_string(),
        (DeValue::Float(one), DeValue::Float(other)) => one.as_str() == other.as_str(),
        (DeValue::Boolean(one), DeValue::Boolean(other)) => one == other,
        (DeValue::Datetime(one), DeValue::Datetime(other)) => one == other,
        (DeValue::Array(one), DeValue::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other.iter()).all(|(one, other)| same(one, other))
        }
        (DeValue::Table(one), DeValue::Table(other)) => {
            let is_in_other = |(key, one)| other.get(key).is_some_and(|other| same(one, other));
            one.len() == other.len() && one.iter().all(is_in_other)
        }
        _ => false,
    }
}

fn unplaced<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

/// The value at a path, made if it is absent, with the tables on the way to it.
fn slot<'t, 'a>(node: &'t mut Node<'a>, path: &'a [Segment], absent: DeValue<'a>) -> Option<&'t mut Node<'a>> {
    let Some((first, rest)) = path.split_first() else { return Some(node) };
    let next = match (first, node.get_mut()) {
        (Segment::Key(key), DeValue::Table(table)) => {
            let made = if rest.is_empty() { absent.clone() } else { DeValue::Table(DeTable::new()) };
            table.entry(unplaced(Cow::Borrowed(&**key))).or_insert(unplaced(made))
        }
        (Segment::Index(index), DeValue::Array(array)) => array.get_mut(*index)?,
        (Segment::Key(_) | Segment::Index(_), _) => return None,
    };
    slot(next, rest, absent)
}

/// Takes out what is at a path, and with it the tables and lists that are written only by what they hold.
fn remove(text: &str, node: &mut Node<'_>, path: &[Segment]) -> Option<()> {
    let (first, rest) = path.split_first()?;
    match (first, node.get_mut()) {
        (Segment::Key(key), DeValue::Table(table)) => {
            let Some(next) = table.get_mut(&**key) else { return Some(()) };
            let needs_content = matches!(Form::of(text, next), Form::Implicit | Form::Sections);
            if !rest.is_empty() {
                remove(text, next, rest)?;
            }
            if rest.is_empty() || needs_content && is_empty(next) {
                table.remove(&**key);
            }
        }
        (Segment::Index(index), DeValue::Array(array)) => {
            if rest.is_empty() {
                let kept =
                    std::mem::replace(array, DeArray::new()).into_iter().enumerate().filter(|(at, _)| at != index);
                *array = kept.map(|(_, element)| element).collect();
            } else if let Some(next) = array.get_mut(*index) {
                remove(text, next, rest)?;
            }
        }
        (Segment::Key(_) | Segment::Index(_), _) => return None,
    }
    Some(())
}

fn is_empty(node: &Node<'_>) -> bool {
    match node.get_ref() {
        DeValue::Table(table) => table.is_empty(),
        DeValue::Array(array) => array.is_empty(),
        _ => false,
    }
}
