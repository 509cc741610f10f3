//! Kubernetes' objects as somebody wrote, edited or rendered them, and where everything in them stands.
//!
//! Read are YAML files with several objects, lists of objects, and files of a folder. Nothing here knows a profile: what an
//! object has to say is the business of the rules.

mod routes;
#[cfg(test)]
mod tests;
mod variables;
mod workload;

pub use routes::{Elsewhere, Named, Route, Way, Written};
pub use variables::{Given, GivenVariable, Variables};
pub use workload::{By, Container, Part, Workload, selects};

use crate::source::{Source, Span};
use crate::yaml::{self, Node, Value};

/// A file of manifests.
#[derive(Clone, Debug)]
pub struct File {
    /// Its text.
    pub source: Source,
    /// Whether it was named itself, and not found in a folder, where other files may lie beside manifests.
    pub is_named: bool,
}

/// A place in one of the check's sources.
pub type Place = (usize, Span);

/// Everything that the files hold.
#[derive(Debug, Default)]
pub struct Manifests {
    /// The objects, in the order of the files.
    pub objects: Vec<Object>,
    /// What else there is: values of charts, and files of other programs.
    pub others: Vec<(usize, Node)>,
    /// What is wrong with the files as such.
    pub problems: Vec<Problem>,
    /// The documents of which nobody knows what stands in them, and all comments.
    unread: Vec<Place>,
}

/// Something that cannot be read.
#[derive(Debug)]
pub struct Problem {
    /// Which of the check's sources it stands in.
    pub source: usize,
    /// What it is.
    pub problem: yaml::Problem,
}

/// One object.
#[derive(Debug)]
pub struct Object {
    /// Which of the check's sources it stands in.
    pub source: usize,
    /// Its group, without the version: `apps`; empty for the core's.
    pub group: String,
    /// Its kind: `Deployment`.
    pub kind: String,
    /// All of it.
    pub node: Node,
}

impl Manifests {
    /// Reads files, and numbers them from 0.
    pub fn read(files: &[File]) -> Self {
        let mut manifests = Self::default();
        for (source, file) in files.iter().enumerate() {
            let read = yaml::read(&file.source.text);
            let is_readable = read.problems.is_empty();
            manifests.problems.extend(read.problems.into_iter().map(|problem| Problem { source, problem }));
            manifests.unread.extend(read.unread.into_iter().map(|span| (source, span)));
            manifests
                .unread
                .extend(comments(&file.source.text, &read.documents).into_iter().map(|span| (source, span)));
            for document in read.documents {
                manifests.add(document, source, file.is_named && is_readable, None);
            }
        }
        manifests
    }

    /// Says which of the check's sources the first of the files is, where they are numbered from 0.
    pub fn number_from(&mut self, first: usize) {
        self.objects.iter_mut().for_each(|object| object.source += first);
        self.others.iter_mut().for_each(|(source, _)| *source += first);
        self.problems.iter_mut().for_each(|problem| problem.source += first);
        self.unread.iter_mut().for_each(|(source, _)| *source += first);
    }

    /// Adds an object, or those of a list. The items of a `ConfigMapList` need not say again what they are: `of` does.
    fn add(&mut self, node: Node, source: usize, is_meant: bool, of: Option<(&str, &str)>) {
        let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        let said = (text("apiVersion"), text("kind"));
        let said = match of {
            Some((version, kind)) if said == (None, None) => (Some(version.to_owned()), Some(kind.to_owned())),
            Some(_) | None => said,
        };
        let (version, kind) = match said {
            (Some(version), Some(kind)) => (version, kind),
            (version, kind) => {
                // Beside manifests lie values of charts, and other programs' files.
                if is_meant || version.is_some() != kind.is_some() && kind.is_some() {
                    let lacking = if kind.is_none() { "kind" } else { "apiVersion" };
                    self.problems.push(Problem { source, problem: no_object(&node, lacking) });
                }
                self.others.push((source, node));
                return;
            }
        };
        if kind == "List" || kind.ends_with("List") && node.get("items").is_some() {
            if let Some(Node { value: Value::List(items), .. }) = node.get("items") {
                let of = kind.strip_suffix("List").filter(|of| !of.is_empty()).map(|of| (version.as_str(), of));
                for item in items.clone() {
                    self.add(item, source, true, of);
                }
            }
            return;
        }
        let group = version.split_once('/').map_or("", |(group, _)| group).to_owned();
        self.objects.push(Object { source, group, kind, node });
    }

    /// The objects of a kind.
    pub fn of_kind<'m>(&'m self, kind: &'m str) -> impl Iterator<Item = &'m Object> {
        self.objects.iter().filter(move |object| object.kind == kind)
    }

    /// What kustomizations among the files change of objects below a key, such as `images`: each entry, with its source. One
    /// need not say what it is, and Flux has the same below `spec`.
    pub fn kustomized<'m>(&'m self, key: &'m str) -> impl Iterator<Item = (usize, &'m Node)> {
        let said = self.objects.iter().filter(|object| object.kind == "Kustomization");
        let said = said.map(|object| (object.source, &object.node));
        let all = said.chain(self.others.iter().map(|(source, node)| (*source, node)));
        all.flat_map(move |(source, node)| {
            let lists = [node.get(key), node.at(&["spec", key])].into_iter().flatten();
            lists.flat_map(Node::items).map(move |entry| (source, entry))
        })
    }

    /// The object of a kind and a name, in a namespace where both say theirs.
    pub fn named(&self, kind: &str, name: &str, namespace: Option<&str>) -> Option<&Object> {
        let is_it = |object: &&Object| object.kind == kind && object.name() == Some(name);
        self.objects.iter().filter(is_it).find(|object| object.may_be_in(namespace))
    }

    /// Everything that runs pods.
    pub fn workloads(&self) -> impl Iterator<Item = Workload<'_>> {
        self.objects.iter().filter_map(Workload::of)
    }

    /// The workload that is the app of a profile: by its name, by its label, or because no other is there.
    pub fn app(&self, name: &str) -> Option<Workload<'_>> {
        let long: Vec<Workload<'_>> = self.workloads().filter(Workload::is_lasting).collect();
        let is_named = |workload: &&Workload<'_>| workload.object.name() == Some(name);
        let is_labelled = |workload: &&Workload<'_>| {
            let labels = ["app.kubernetes.io/name", "app", "app.kubernetes.io/instance"];
            labels.iter().any(|label| workload.label(label) == Some(name))
        };
        // What a platform's overlay adds stands before or behind the name.
        let is_part = |workload: &&Workload<'_>| {
            workload.object.name().is_some_and(|own| own.split('-').any(|part| part == name))
        };
        let found =
            long.iter().find(is_named).or_else(|| long.iter().find(is_labelled)).or_else(|| long.iter().find(is_part));
        match &long[..] {
            [only] => Some(*only),
            _ => found.copied(),
        }
    }

    /// Everything that answers as the app: the workload that is the app, and each other whose pods a Service of the app's pods
    /// chooses, too. Where no Service is among the files, those count that have the app's label and the same role.
    pub fn parts(&self, name: &str) -> Vec<Workload<'_>> {
        const LABELS: [&str; 2] = ["app.kubernetes.io/name", "app"];
        const ROLE: &str = "app.kubernetes.io/component";
        let Some(app) = self.app(name) else { return Vec::new() };
        let is_beside = |object: &Object| object.may_be_in(app.object.namespace());
        let services = self.of_kind("Service").filter(|service| service.group.is_empty() && is_beside(service));
        let chosen = services.filter_map(|service| service.node.at(&["spec", "selector"]));
        let chosen: Vec<&Node> = chosen.filter(|labels| app.is_chosen_by(labels)).collect();
        let label = LABELS.into_iter().find(|label| app.label(label) == Some(name));
        let mut parts = vec![app];
        for other in self.workloads().filter(|other| other.is_lasting() && !other.is_owned() && is_beside(other.object))
        {
            let is_labelled =
                || label.is_some_and(|label| other.label(label) == Some(name)) && other.label(ROLE) == app.label(ROLE);
            let is_part =
                if chosen.is_empty() { is_labelled() } else { chosen.iter().any(|labels| other.is_chosen_by(labels)) };
            // An object that stands twice is one in the cluster.
            let is_known = |part: &Workload<'_>| {
                part.object.kind == other.object.kind && part.object.name() == other.object.name()
            };
            if is_part && !parts.iter().any(is_known) {
                parts.push(other);
            }
        }
        parts
    }

    /// Everything that runs the app's code: what answers as the app, and whatever else is started from its image, such as what
    /// works off a queue, or a job.
    pub fn programs(&self, name: &str) -> Vec<Workload<'_>> {
        let repository = |container: &Container<'_>| container.image().map(|(image, _)| repository(image).to_owned());
        let mut programs = self.parts(name);
        let own = programs.first().and_then(|app| repository(&app.app(name)?));
        for other in self.workloads().filter(|other| !other.is_owned()) {
            let is_known = |known: &Workload<'_>| {
                known.object.kind == other.object.kind && known.object.name() == other.object.name()
            };
            let runs = other.app(name).and_then(|container| repository(&container));
            if own.is_some() && runs == own && !programs.iter().any(is_known) {
                programs.push(other);
            }
        }
        programs
    }

    /// What must not be shown of the files, whatever it is: values that may be secrets, and what could not be read.
    pub fn secrets(&self) -> Vec<Place> {
        let mut places = self.unread.clone();
        for object in &self.objects {
            object.secrets(&mut |span| places.push((object.source, span)));
        }
        places
    }
}

/// An image without its tag and digest: those are releases of it.
pub fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or_default();
    match image.rsplit_once(':') {
        Some((before, tag)) if !tag.contains('/') => before,
        _ => image,
    }
}

/// The comments of a text: what begins with `#` between the values.
fn comments(text: &str, documents: &[Node]) -> Vec<Span> {
    fn spans(node: &Node, take: &mut impl FnMut(Span)) {
        match &node.value {
            // What an alias leads to stands elsewhere, once.
            _ if node.alias.is_some() => {}
            Value::Scalar(_) => take(node.span),
            Value::List(items) => items.iter().for_each(|item| spans(item, take)),
            Value::Map(entries) => {
                for entry in entries {
                    take(entry.key_span);
                    spans(&entry.value, take);
                }
            }
        }
    }
    let mut taken: Vec<Span> = Vec::new();
    for document in documents {
        spans(document, &mut |span| taken.push(span));
    }
    taken.sort();
    taken.push((text.len()..text.len()).into());
    let mut comments = Vec::new();
    let mut from = 0;
    for span in taken {
        while from < span.start {
            let Some(at) = text[from..span.start].find('#').map(|at| from + at) else { break };
            let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
            comments.push((at + 1..end).into());
            from = end;
        }
        from = from.max(span.end);
    }
    comments
}

fn no_object(node: &Node, lacking: &str) -> yaml::Problem {
    let end = node.entries().first().map_or(node.span.end, |entry| entry.key_span.end);
    yaml::Problem {
        span: (node.span.start..end).into(),
        message: format!("this is no object of Kubernetes: it has no `{lacking}`"),
        help: "name files of manifests, such as `kubectl kustomize` and `helm template` print them".to_owned(),
        also: None,
    }
}

impl Object {
    /// Its name.
    pub fn name(&self) -> Option<&str> {
        self.node.at(&["metadata", "name"]).and_then(Node::text)
    }

    /// Its namespace, where it says one.
    pub fn namespace(&self) -> Option<&str> {
        self.node.at(&["metadata", "namespace"]).and_then(Node::text)
    }

    /// Whether it is in a namespace, where both are said.
    fn may_be_in(&self, namespace: Option<&str>) -> bool {
        match (self.namespace(), namespace) {
            (Some(own), Some(asked)) => own == asked,
            (None, _) | (_, None) => true,
        }
    }

    /// Whether it may be in the namespace of another.
    pub fn may_be_beside(&self, other: &Self) -> bool {
        self.may_be_in(other.namespace())
    }

    /// What people call it: "the Deployment `shop`".
    pub fn title(&self) -> String {
        match self.name() {
            Some(name) => format!("the {} `{name}`", self.kind),
            None => format!("a {}", self.kind),
        }
    }

    /// Where its name stands, for what is wrong with all of it.
    pub fn place(&self) -> Place {
        let kind = || self.node.get("kind").map_or(self.node.span, |node| node.span);
        (self.source, self.node.at(&["metadata", "name"]).map_or_else(kind, |name| name.span))
    }

    /// An annotation.
    pub fn annotation(&self, name: &str) -> Option<&Node> {
        self.node.at(&["metadata", "annotations"])?.get(name)
    }

    /// The places of values that may be secrets: those of variables and of settings, of Secrets, of annotations (one of them
    /// holds all of an object), and what a program is started with.
    fn secrets(&self, take: &mut impl FnMut(Span)) {
        let is_data = matches!(self.kind.as_str(), "Secret" | "ConfigMap");
        for key in ["data", "stringData", "binaryData"].into_iter().filter(|_| is_data) {
            for entry in self.node.get(key).map(Node::entries).unwrap_or_default() {
                take(entry.value.span);
            }
        }
        private(&self.node, false, take);
    }
}

/// The same below any node.
fn private(node: &Node, is_variable: bool, take: &mut impl FnMut(Span)) {
    // A Secret may stand in a template, or in what is handed to another cluster.
    let is_secret = node.get("kind").and_then(Node::text) == Some("Secret");
    for key in ["data", "stringData"].into_iter().filter(|_| is_secret) {
        node.get(key).map(Node::entries).unwrap_or_default().iter().for_each(|one| take(one.value.span));
    }
    for item in node.items() {
        private(item, is_variable, take);
    }
    for entry in node.entries() {
        match (entry.key.as_str(), is_variable) {
            ("value", true) => take(entry.value.span),
            ("annotations", _) => entry.value.entries().iter().for_each(|one| take(one.value.span)),
            ("command" | "args", _) => entry.value.items().iter().for_each(|one| take(one.span)),
            (key, _) => private(&entry.value, key == "env", take),
        }
    }
}
