//! From the text of a Compose file to its services.

use std::collections::BTreeSet;

use super::{Compose, DefinedBy, Definition, Mounted, NamedFile, Service, Written};
use crate::command;
use crate::dotenv::{self, Entry, Problem, ProblemKind, Verdict};
use crate::source::{Source, Span};
use crate::yaml::{self, Kind, Node, Value};

/// How many services of one file may stand for each other by `extends`, one after the other.
const DEEPEST: usize = 16;

/// Where Compose puts the files of secrets in a container.
const SECRETS: &str = "/run/secrets/";

/// Reads a file.
pub fn read(source: &Source) -> Compose<'_> {
    let read = yaml::read(&source.text);
    let mut reader = Reader { text: &source.text, told: BTreeSet::new(), compose: Compose::default() };
    for problem in read.problems {
        reader.tell(Verdict::Misread, problem.span, problem.message, problem.help);
    }
    reader.compose.is_unreadable = !read.unread.is_empty();
    for document in &read.documents {
        reader.document(document);
    }
    reader.compose.problems.sort_by_key(|problem| problem.span);
    // What is used twice is written once.
    reader.compose.keys.sort_unstable();
    reader.compose.keys.dedup();
    reader.compose
}

struct Reader<'a> {
    text: &'a str,
    /// Where something was told already: what is used twice is written once.
    told: BTreeSet<Span>,
    compose: Compose<'a>,
}

impl<'a> Reader<'a> {
    fn tell(&mut self, verdict: Verdict, span: Span, message: impl Into<String>, help: impl Into<String>) {
        if self.told.insert(span) {
            let (message, help) = (message.into(), help.into());
            self.compose.problems.push(Problem { span, kind: ProblemKind::OtherKind, message, help, verdict });
        }
    }

    fn document(&mut self, document: &Node) {
        if let Some(kind) = document.entry("kind").filter(|_| document.get("apiVersion").is_some()) {
            self.compose.is_unreadable = true;
            self.tell(
                Verdict::Misread,
                kind.key_span,
                "this is a manifest of Kubernetes, and no Compose file",
                "name a Compose file or a `.env` file here",
            );
            return;
        }
        if let Some(include) = document.entry("include") {
            self.tell(
                Verdict::Unsure,
                include.key_span,
                "`include` takes services from other files, which are not looked at",
                "name those with an `--env-file` of their own",
            );
        }
        let Some(services) = document.entry("services") else {
            self.compose.is_unreadable = true;
            self.tell(
                Verdict::Misread,
                (document.span.start..document.span.start).into(),
                "this file has no `services`, so that it is no Compose file",
                "name a Compose file or a `.env` file here",
            );
            return;
        };
        if !matches!(services.value.value, Value::Map(_)) && !services.value.is_null() {
            self.tell(
                Verdict::Misread,
                services.key_span,
                "`services` is no map here",
                "write each service below its name",
            );
        }
        keys(document, &mut self.compose.keys);
        let names = services.value.entries().iter().filter(|service| is_plain(&service.key));
        self.compose.keys.extend(names.map(|service| service.key_span));
        for service in services.value.entries() {
            let mut one = Service::named(service.key.clone(), service.key_span);
            self.service(&services.value, &service.value, &mut one, DEEPEST);
            self.compose.services.push(one);
        }
        for secret in document.get("secrets").map(Node::entries).unwrap_or_default() {
            let Some(name_span) = self.within(secret.key_span, &secret.key) else { continue };
            let by = |key: &str| secret.value.get(key).and_then(|node| Some((node.text()?.to_owned(), node.span)));
            let file = by("file").map(|(path, span)| DefinedBy::File(path, span));
            let by = file.or_else(|| by("environment").map(|(name, span)| DefinedBy::Variable(name, span)));
            self.compose.secrets.push(Definition { name: &self.text[name_span.start..name_span.end], name_span, by });
        }
    }

    /// Takes in what a service says, and before it what it extends.
    fn service(&mut self, services: &Node, node: &Node, into: &mut Service<'a>, depth: usize) {
        if let Some(extends) = node.entry("extends") {
            let (file, name) = (extends.value.get("file"), extends.value.get("service").unwrap_or(&extends.value));
            let other = name.text().and_then(|name| services.get(name));
            if file.is_some() {
                self.tell(
                    Verdict::Unsure,
                    extends.key_span,
                    "`extends` takes variables from another file, which is not looked at",
                    "name that file with an `--env-file` of its own, before this one",
                );
            } else if let Some(other) = other.filter(|_| depth > 0) {
                self.service(services, other, into, depth - 1);
            } else {
                let (message, help) = if other.is_some() {
                    ("these services extend each other without an end", "take one of the `extends` away")
                } else {
                    ("`extends` names no service of this file", "write the name of a service, or its `file`")
                };
                self.tell(Verdict::Misread, extends.key_span, message, help);
            }
        }
        if let Some(files) = node.get("env_file") {
            let items = if let Value::List(items) = &files.value { items } else { std::slice::from_ref(files) };
            for item in items {
                self.file(item, into);
            }
        }
        for item in node.get("secrets").map(Node::items).unwrap_or_default() {
            let name = item.get("source").unwrap_or(item).text().unwrap_or_default();
            let target = item.get("target").and_then(Node::text).unwrap_or(name);
            let path = if target.starts_with('/') { target.to_owned() } else { format!("{SECRETS}{target}") };
            into.mounted.push(Mounted { name: name.to_owned(), path });
        }
        if let Some(entrypoint) = node.get("entrypoint") {
            into.entrypoint = arguments(entrypoint);
            into.command.clear();
        }
        if let Some(command) = node.get("command") {
            into.command = arguments(command);
        }
        // Each machine of a swarm runs one, however many there are.
        let is_global = node.at(&["deploy", "mode"]).and_then(Node::text) == Some("global");
        let replicas = node.at(&["deploy", "replicas"]).or(node.get("scale")).filter(|_| !is_global);
        if let Some(replicas) = replicas.and_then(|node| Some((node.text()?.to_owned(), node.span))) {
            into.replicas = Some(replicas);
        }
        into.has_ports_instead |= is_instead(node) || node.get("ports").is_some_and(is_instead);
        into.is_built |= node.get("build").is_some();
        into.is_on_host |= node.get("network_mode").and_then(Node::text) == Some("host");
        into.is_optional |= !node.get("profiles").map(Node::items).unwrap_or_default().is_empty();
        if let Some(image) = node.get("image") {
            into.image = image.text().map(|text| (text.to_owned(), image.span));
        }
        for (key, list, read) in
            [("ports", &mut into.ports, port as fn(&Node) -> Option<Written>), ("expose", &mut into.expose, written)]
        {
            let Some(said) = node.get(key) else { continue };
            if is_instead(said) {
                list.clear();
            }
            list.extend(said.items().iter().filter_map(read));
        }
        into.labels.extend(node.get("labels").into_iter().flat_map(ports_of_traefik));
        if let Some(environment) = node.get("environment") {
            if is_instead(environment) {
                into.entries.clear();
                into.open.clear();
            }
            match &environment.value {
                Value::Map(entries) => {
                    for entry in entries {
                        self.pair(entry.key_span, &entry.key, &entry.value, into);
                    }
                }
                Value::List(items) => items.iter().for_each(|item| self.item(item, into)),
                Value::Scalar(_) if environment.is_null() => {}
                Value::Scalar(_) => self.refuse(environment.span),
            }
        }
    }

    fn refuse(&mut self, span: Span) {
        self.tell(
            Verdict::Misread,
            span,
            "this sets no variable",
            "write `NAME: value`, or in a list `- NAME=value`, with a name of letters, digits and `_`",
        );
    }

    /// `NAME: value`
    fn pair(&mut self, key_span: Span, key: &str, value: &Node, into: &mut Service<'a>) {
        let Some(name_span) = self.within(key_span, key).filter(|_| dotenv::is_name(key)) else {
            return self.refuse(key_span);
        };
        match value.text() {
            None => self.refuse(value.span),
            Some(_) if value.is_null() => self.open(name_span, into),
            Some(text) => {
                let number = (value.kind() == Some(Kind::Number)).then(|| value.to_json().to_string());
                if number.is_some_and(|number| number != text) {
                    self.tell(
                        Verdict::Misread,
                        value.span,
                        "Compose takes this for a number, and hands it on in another form",
                        "put the value in quotes",
                    );
                }
                self.set(name_span, value.span, text.to_owned(), into);
            }
        }
    }

    /// `- NAME=value`
    fn item(&mut self, item: &Node, into: &mut Service<'a>) {
        let Some(text) = item.text() else { return self.refuse(item.span) };
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let Some(name_span) = self.within(item.span, name).filter(|_| dotenv::is_name(name)) else {
            return self.refuse(item.span);
        };
        let value_start = (name_span.end + 1).min(item.span.end);
        match value {
            None => self.open(name_span, into),
            Some(value) => {
                self.set(name_span, (value_start..item.span.end.max(value_start)).into(), value.to_owned(), into);
            }
        }
    }

    fn open(&mut self, name: Span, into: &mut Service<'a>) {
        let name = &self.text[name.start..name.end];
        into.entries.retain(|entry| entry.name != name);
        into.open.push(name);
    }

    fn set(&mut self, name: Span, value: Span, text: String, into: &mut Service<'a>) {
        let entry = Entry::made(&self.text[name.start..name.end], name, value, text);
        into.open.retain(|open| *open != entry.name);
        into.entries.push(entry);
    }

    fn file(&mut self, item: &Node, into: &mut Service<'a>) {
        let path = item.get("path").unwrap_or(item);
        let Some(text) = path.text().filter(|text| !text.is_empty()) else {
            self.tell(Verdict::Misread, item.span, "this names no file", "write the path of a `.env` file");
            return;
        };
        let is_required = item.get("required").is_none_or(|required| required.text() != Some("false"));
        into.files.push(NamedFile { path: text.to_owned(), span: path.span, is_required });
    }

    /// Where a text stands at the beginning of a place, behind a quote at most.
    fn within(&self, place: Span, text: &str) -> Option<Span> {
        let written = self.text.get(place.start..place.end)?;
        let start = place.start + usize::from(written.starts_with(['"', '\'']));
        let span = Span { start, end: start + text.len() };
        (self.text.get(span.start..span.end) == Some(text)).then_some(span)
    }
}

/// The arguments of a command, which is a line or a list. A list may hold a line for a shell.
fn arguments(node: &Node) -> Vec<Written> {
    match &node.value {
        Value::List(items) => {
            items.iter().map(|item| (item.text().unwrap_or_default().to_owned(), item.span)).collect()
        }
        Value::Scalar(_) | Value::Map(_) => {
            command::arguments(node.text().unwrap_or_default()).into_iter().map(|word| (word, node.span)).collect()
        }
    }
}

/// Compose's own words for what stands in a file, which say nothing of anybody's.
const WORDS: [&str; 44] = [
    "args",
    "build",
    "cap_add",
    "cap_drop",
    "command",
    "condition",
    "configs",
    "container_name",
    "context",
    "depends_on",
    "deploy",
    "dockerfile",
    "driver",
    "entrypoint",
    "env_file",
    "environment",
    "expose",
    "extends",
    "external",
    "file",
    "healthcheck",
    "hostname",
    "image",
    "include",
    "labels",
    "limits",
    "logging",
    "mode",
    "name",
    "networks",
    "path",
    "ports",
    "profiles",
    "read_only",
    "replicas",
    "required",
    "resources",
    "restart",
    "secrets",
    "services",
    "source",
    "target",
    "version",
    "volumes",
];

/// Where those stand as keys, in a text and below it.
fn keys(node: &Node, into: &mut Vec<Span>) {
    for entry in node.entries() {
        if WORDS.contains(&entry.key.as_str()) {
            into.push(entry.key_span);
        }
        // What is set there has names of its owner's.
        if entry.key != "environment" {
            keys(&entry.value, into);
        }
    }
    node.items().iter().for_each(|item| keys(item, into));
}

/// Whether the name of a service is one that nobody takes for a secret.
fn is_plain(name: &str) -> bool {
    name.len() <= 16 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'_')
}

impl Service<'_> {
    fn named(name: String, name_span: Span) -> Self {
        Self {
            name,
            name_span,
            entries: Vec::new(),
            open: Vec::new(),
            files: Vec::new(),
            mounted: Vec::new(),
            entrypoint: Vec::new(),
            command: Vec::new(),
            replicas: None,
            is_built: false,
            image: None,
            ports: Vec::new(),
            has_ports_instead: false,
            expose: Vec::new(),
            labels: Vec::new(),
            is_on_host: false,
            is_optional: false,
        }
    }
}

/// Whether what is said counts in place of what was said before it.
fn is_instead(node: &Node) -> bool {
    node.tag.as_deref().is_some_and(|tag| tag == "!reset" || tag == "!override")
}

/// A text where it stands.
fn written(node: &Node) -> Option<Written> {
    node.text().map(|text| (text.to_owned(), node.span))
}

/// The ports that labels have Traefik ask: `traefik.http.services.web.loadbalancer.server.port=8000`.
fn ports_of_traefik(labels: &Node) -> Vec<Written> {
    let is_one = |name: &str| name.starts_with("traefik.http.services.") && name.ends_with(".loadbalancer.server.port");
    let as_map = labels.entries().iter().filter(|label| is_one(&label.key)).filter_map(|label| written(&label.value));
    let as_list = labels.items().iter().filter_map(|item| {
        let (_, port) = item.text()?.split_once('=').filter(|(name, _)| is_one(name.trim()))?;
        Some((port.trim().to_owned(), item.span))
    });
    as_map.chain(as_list).collect()
}

/// A port of `ports` in its short form.
fn port(node: &Node) -> Option<Written> {
    let of = |key: &str| node.get(key).and_then(Node::text);
    let text = match (node.text(), of("target")) {
        (Some(text), _) => text.to_owned(),
        (None, Some(target)) => {
            let parts = [of("host_ip"), Some(of("published").unwrap_or_default()), Some(target)];
            parts.into_iter().flatten().collect::<Vec<_>>().join(":")
        }
        (None, None) => return None,
    };
    Some((text, node.span))
}
