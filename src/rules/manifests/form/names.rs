//! Names, labels, and the keys of settings.

use super::Refused;
use crate::manifest::{Object, Place};
use crate::yaml::{Kind, Node};

/// The longest part of a name between dots, and the longest value of a label (RFC 1035 and Kubernetes).
const LABEL: usize = 63;

/// The longest name of an object, and of a setting (RFC 1123 and Kubernetes).
const NAME: usize = 253;

/// What a `ConfigMap` and a Secret may hold in all, in bytes.
const MOST: usize = 1024 * 1024;

const LETTERS: &str = "write small letters, digits and `-`, with a letter or a digit at both ends";

pub(super) fn refused(object: &Object) -> Vec<Refused> {
    let mut found = Vec::new();
    let source = object.source;
    let metadata = object.node.get("metadata");
    let text = |key: &str| metadata.and_then(|metadata| metadata.get(key)).and_then(|node| Some((node, node.text()?)));
    // Roles are named as a path of their own.
    let has_own_rules = object.group.ends_with("rbac.authorization.k8s.io");
    if let Some((node, name)) = text("name").filter(|(_, name)| !has_own_rules && !is_template(name)) {
        let is_right = match (object.group.as_str(), object.kind.as_str()) {
            ("", "Service") => is_label(name) && name.starts_with(|c: char| c.is_ascii_lowercase()),
            ("", "Namespace") => is_label(name),
            _ => is_subdomain(name),
        };
        if !is_right {
            let message = format!("{} has a name that is no name of such an object", object.title());
            found.push(Refused::at((source, node.span), message, LETTERS));
        }
    }
    if let Some((node, name)) = text("namespace").filter(|(_, name)| !is_label(name) && !is_template(name)) {
        let message = format!("`{name}` is no name of a namespace");
        found.push(Refused::at((source, node.span), message, LETTERS));
    }
    labels(&object.node, "", source, &mut found);
    if object.group.is_empty() && object.kind == "Service" {
        object.node.at(&["spec", "selector"]).into_iter().for_each(|node| of_labels(node, source, &mut found));
    }
    if object.group.is_empty() && matches!(object.kind.as_str(), "ConfigMap" | "Secret") {
        settings(object, &mut found);
    }
    found
}

/// Looks at all labels and annotations below a node.
fn labels(node: &Node, above: &str, source: usize, found: &mut Vec<Refused>) {
    node.items().iter().for_each(|item| labels(item, above, source, found));
    for entry in node.entries() {
        match (above, entry.key.as_str()) {
            ("metadata", "labels") | (_, "matchLabels") => of_labels(&entry.value, source, found),
            ("metadata", "annotations") => {
                for one in entry.value.entries() {
                    no_text("annotation", &one.key, &one.value, source, found);
                }
            }
            (_, "data" | "stringData" | "binaryData") => {}
            (_, key) => labels(&entry.value, key, source, found),
        }
    }
}

fn of_labels(node: &Node, source: usize, found: &mut Vec<Refused>) {
    for entry in node.entries() {
        let (key, place) = (&entry.key, (source, entry.key_span));
        if !is_key(key) && !is_template(key) {
            found.push(Refused::at(place, format!("`{key}` is no name of a label"), NAMES));
            continue;
        }
        if no_text("label", key, &entry.value, source, found) {
            continue;
        }
        let is_wrong = |value: &str| !is_value(value) && !is_template(value);
        if !entry.value.is_null() && entry.value.text().is_some_and(is_wrong) {
            let message = format!("what the label `{key}` says is no value of a label");
            found.push(Refused::at((source, entry.value.span), message, NAMES));
        }
    }
}

const NAMES: &str = "write letters, digits, `-`, `_` and `.`, 63 at most, with a letter or a digit at both ends";

/// Tells what is a number or a word for yes or no where a text has to stand.
fn no_text(what: &str, key: &str, node: &Node, source: usize, found: &mut Vec<Refused>) -> bool {
    let is_one = matches!(node.kind(), Some(Kind::Bool | Kind::Number));
    if is_one {
        let message = format!("the value of the {what} `{key}` is no text");
        found.push(Refused::at((source, node.span), message, "put the value in double quotes"));
    }
    is_one
}

fn settings(object: &Object, found: &mut Vec<Refused>) {
    let mut length = 0;
    for key in ["data", "stringData", "binaryData"] {
        for entry in object.node.get(key).map(Node::entries).unwrap_or_default() {
            length += entry.value.text().map_or(0, str::len);
            let is_setting = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            let name = entry.key.as_str();
            let is_right = (1..=NAME).contains(&name.len())
                && name.chars().all(is_setting)
                && name != "."
                && !name.starts_with("..");
            if !is_right && !is_template(name) {
                let place: Place = (object.source, entry.key_span);
                let message = format!("`{name}` is no name of a setting");
                found.push(Refused::at(place, message, "write letters, digits, `-`, `_` and `.`"));
            }
        }
    }
    if length > MOST {
        let message = format!("{} holds more than 1 MiB", object.title());
        let help = "keep what is large in a volume or in the image, and settings alone here";
        found.push(Refused::at(object.place(), message, help));
    }
}

/// What nobody rendered is told elsewhere.
fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("${")
}

fn is_label(text: &str) -> bool {
    let is_one = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=LABEL).contains(&text.len())
        && text.starts_with(is_one)
        && text.ends_with(is_one)
        && text.chars().all(|c| is_one(c) || c == '-')
}

fn is_subdomain(text: &str) -> bool {
    let is_part = |part: &str| {
        let is_one = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(is_one) && part.ends_with(is_one) && part.chars().all(|c| is_one(c) || c == '-')
    };
    text.len() <= NAME && text.split('.').all(is_part)
}

/// A name with letters of both kinds, `-`, `_` and `.`.
fn is_word(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_alphanumeric();
    (1..=LABEL).contains(&text.len())
        && text.starts_with(is_end)
        && text.ends_with(is_end)
        && text.chars().all(|c| is_end(c) || "-_.".contains(c))
}

fn is_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_word(name),
        None => is_word(text),
    }
}

fn is_value(text: &str) -> bool {
    text.is_empty() || is_word(text)
}
