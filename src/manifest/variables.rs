//! The variables that a container is started with.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Container, Manifests, Place};
use crate::yaml::{Entry, Kind, Node};

/// Everything that a container is told by its variables.
#[derive(Debug, Default)]
pub struct Variables<'m> {
    /// Each variable, in the order of their names.
    pub list: Vec<GivenVariable<'m>>,
    /// Whether there may be more of them: in a `ConfigMap` or a Secret that is not among the manifests.
    pub may_be_more: bool,
}

/// One variable.
#[derive(Clone, Debug)]
pub struct GivenVariable<'m> {
    /// Its name, with what a container puts before the names of a whole `ConfigMap`.
    pub name: Cow<'m, str>,
    /// Where the name stands.
    pub name_place: Place,
    /// What it holds.
    pub given: Given<'m>,
    /// Where that stands.
    pub place: Place,
    /// Whether it comes from a `ConfigMap`.
    pub is_setting: bool,
    /// Whether it is set among the words that the container is started with, by a shell or `env` before the server.
    pub is_by_command: bool,
}

/// What a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given<'m> {
    /// This text.
    Text(&'m str),
    /// What is no text to Kubernetes: a number, or a word for yes or no. It refuses the object.
    NoText(&'m str),
    /// What a Secret holds.
    Secret,
    /// What is known in the cluster alone.
    Elsewhere,
}

impl<'m> Container<'m> {
    /// Its variables. Of several of one name, the last counts, and those of `env` count before those of `envFrom`; what a shell
    /// sets for the server goes before both.
    pub fn variables(&self, manifests: &'m Manifests, namespace: Option<&str>) -> Variables<'m> {
        let mut found: BTreeMap<Cow<'m, str>, GivenVariable<'m>> = BTreeMap::new();
        let mut may_be_more = false;
        for from in self.node.get("envFrom").map(Node::items).unwrap_or_default() {
            let name = |kind: &str| from.at(&[kind, "name"]).and_then(Node::text);
            let map = name("configMapRef").and_then(|name| manifests.named("ConfigMap", name, namespace));
            let Some(map) = map else {
                may_be_more = true;
                continue;
            };
            let entries = map.node.get("data").map(Node::entries).unwrap_or_default();
            let prefix = from.get("prefix").and_then(Node::text).unwrap_or_default();
            for entry in entries {
                let name: Cow<'m, str> =
                    if prefix.is_empty() { Cow::Borrowed(&entry.key) } else { format!("{prefix}{}", entry.key).into() };
                found.insert(name.clone(), GivenVariable { name, ..setting(entry, map.source) });
            }
        }
        for node in self.node.get("env").map(Node::items).unwrap_or_default() {
            let Some(name) = node.get("name") else { continue };
            let Some(text) = name.text() else { continue };
            let name_place = (self.source, name.span);
            found.insert(Cow::Borrowed(text), self.variable(node, (text, name_place), manifests, namespace));
        }
        for (name, value, place) in self.sets() {
            let name: Cow<'m, str> = name.into();
            let given = value.map_or(Given::Elsewhere, Given::Text);
            let variable = GivenVariable {
                name: name.clone(),
                name_place: place,
                given,
                place,
                is_setting: false,
                is_by_command: true,
            };
            found.insert(name, variable);
        }
        Variables { list: found.into_values().collect(), may_be_more }
    }

    fn variable(
        &self,
        node: &'m Node,
        (name, name_place): (&'m str, Place),
        manifests: &'m Manifests,
        namespace: Option<&str>,
    ) -> GivenVariable<'m> {
        let name = Cow::Borrowed(name);
        let at = |given, place| GivenVariable {
            name: name.clone(),
            name_place,
            given,
            place,
            is_setting: false,
            is_by_command: false,
        };
        if let Some(value) = node.get("value") {
            return at(given(value), (self.source, value.span));
        }
        let Some(from) = node.get("valueFrom") else {
            // Kubernetes sets it to nothing.
            return at(Given::Text(""), name_place);
        };
        let place = (self.source, from.span);
        if from.get("secretKeyRef").is_some() {
            return at(Given::Secret, place);
        }
        let text = |key| from.at(&["configMapKeyRef", key]).and_then(Node::text);
        let map = text("name").and_then(|name| manifests.named("ConfigMap", name, namespace));
        let entry = map.zip(text("key")).and_then(|(map, key)| Some((map.node.get("data")?.entry(key)?, map.source)));
        match entry {
            Some((entry, source)) => {
                let setting = setting(entry, source);
                GivenVariable { name: name.clone(), name_place, ..setting }
            }
            None => at(Given::Elsewhere, place),
        }
    }
}

/// A variable as an entry of a `ConfigMap`.
fn setting(entry: &Entry, source: usize) -> GivenVariable<'_> {
    GivenVariable {
        name: Cow::Borrowed(&entry.key),
        name_place: (source, entry.key_span),
        given: match given(&entry.value) {
            // It replaces nothing in a ConfigMap.
            Given::Elsewhere => entry.value.text().map_or(Given::Elsewhere, Given::Text),
            given => given,
        },
        place: (source, entry.value.span),
        is_setting: true,
        is_by_command: false,
    }
}

/// What is written as a value.
fn given(node: &Node) -> Given<'_> {
    match (node.text(), node.kind()) {
        // `$(NAME)` is replaced by another variable.
        (Some(text), Some(Kind::Text)) if text.contains("$(") => Given::Elsewhere,
        (Some(text), Some(Kind::Text)) => Given::Text(text),
        (Some(_), Some(Kind::Null)) => Given::Text(""),
        (Some(text), _) => Given::NoText(text),
        (None, _) => Given::Elsewhere,
    }
}
