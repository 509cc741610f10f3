//! From the text of a Compose file to its services.

use std::collections::BTreeSet;

use super::{Compose, Container, DefinedBy, Definition, List, Mounted, NamedFile, Service, Written};
use crate::command;
use crate::dotenv::{self, Entry, Problem, ProblemKind, Verdict};
use crate::source::{Source, Span};
use crate::yaml::{self, Kind, Node, Value};

/// How many services of one file may stand for each other by `extends`, one after the other.
const DEEPEST: usize = 16;

/// Where Compose puts the files of secrets in a container.
const SECRETS: &str = "/run/secrets/";

/// Reads a file, which has this number among a check's sources.
pub fn read(number: usize, source: &Source) -> Compose<'_> {
    let read = yaml::read(&source.text);
    let mut reader = Reader { number, text: &source.text, told: BTreeSet::new(), compose: Compose::default() };
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
    number: usize,
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
            self.compose.included.push((include.key_span, included(&include.value)));
            self.tell(
                Verdict::Unsure,
                include.key_span,
                "`include` takes services from other files, which are not looked at",
                "name those with an `--env-file` of their own",
            );
        }
        keys(document, &mut self.compose.keys);
        self.secrets(document);
        let Some(services) = document.entry("services") else {
            self.has_no_services(document);
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
        let names = services.value.entries().iter().filter(|service| is_plain(&service.key));
        self.compose.keys.extend(names.map(|service| service.key_span));
        for service in services.value.entries() {
            let mut one = Service::named(service.key.clone(), service.key_span);
            self.service(&services.value, &service.value, &mut one, DEEPEST);
            self.compose.services.push(one);
        }
    }

    /// Tells of a file without services, unless it has what Compose may lay over a file that has some.
    fn has_no_services(&mut self, document: &Node) {
        const MORE: [&str; 5] = ["configs", "include", "networks", "secrets", "volumes"];
        let problem = Problem {
            span: (document.span.start..document.span.start).into(),
            kind: ProblemKind::OtherKind,
            message: "this file has no `services`, so that it is no Compose file".to_owned(),
            help: "name a Compose file or a `.env` file here".to_owned(),
            verdict: Verdict::Misread,
        };
        if MORE.iter().any(|key| document.get(key).is_some()) {
            self.compose.has_no_services = Some(problem);
        } else {
            self.compose.is_unreadable = true;
            self.tell(problem.verdict, problem.span, problem.message, problem.help);
        }
    }

    /// Takes in the secrets that are defined for all services.
    fn secrets(&mut self, document: &Node) {
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
                    "check what `docker compose config --no-interpolate` prints: it has all of them in one file",
                );
                into.container.is_partly_unread = true;
            } else if let Some(other) = other.filter(|_| depth > 0) {
                self.service(services, other, into, depth - 1);
                into.extends = name.text().map(str::to_owned);
            } else {
                let (message, help) = if other.is_some() {
                    ("these services extend each other without an end", "take one of the `extends` away")
                } else {
                    ("`extends` names no service of this file", "write the name of a service, or its `file`")
                };
                self.tell(Verdict::Misread, extends.key_span, message, help);
            }
        }
        if is_instead(node) {
            (into.is_given_anew, into.has_files_anew) = (true, true);
        }
        if let Some(files) = node.get("env_file") {
            if is_instead(files) {
                into.has_files_anew = true;
                into.files.clear();
            }
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
        let mut own = container(self.number, node);
        own.lay_over(&into.container);
        into.container = own;
        if let Some(environment) = node.get("environment") {
            if is_instead(environment) {
                into.is_given_anew = true;
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
            if !is_setting(key) {
                self.refuse(key_span);
            }
            return;
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
            // Without a value, it is more likely that the sign is missing.
            if value.is_none() || !is_setting(name) {
                self.refuse(item.span);
            }
            return;
        };
        let value_start = (name_span.end + 1).min(item.span.end);
        match value {
            None => self.open(name_span, into),
            Some(value) => {
                if value.len() > 1
                    && ['"', '\''].iter().any(|quote| value.starts_with(*quote) && value.ends_with(*quote))
                {
                    self.tell(
                        Verdict::Misread,
                        item.span,
                        "the quotes are a part of the value: Compose takes all behind the `=` in a list as it stands",
                        "write the value without quotes, or put them around the whole item: `- 'NAME=value'`",
                    );
                }
                self.set(name_span, (value_start..item.span.end.max(value_start)).into(), value.to_owned(), into);
            }
        }
    }

    fn open(&mut self, name: Span, into: &mut Service<'a>) {
        let (value, span) = (&self.text[name.start..name.end], Span { start: name.end, end: name.end });
        into.entries.retain(|entry| entry.name != value);
        into.open.push(Entry::made(value, name, span, format!("${{{value}}}")));
    }

    fn set(&mut self, name: Span, value: Span, text: String, into: &mut Service<'a>) {
        let entry = Entry::made(&self.text[name.start..name.end], name, value, text);
        into.open.retain(|open| open.name != entry.name);
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
            container: Container::default(),
            is_given_anew: false,
            has_files_anew: false,
            extends: None,
            is_continued: false,
        }
    }
}

/// Whether a name is none of a shell's variables, and one that Docker hands on to programs which take settings by such names:
/// `discovery.type`, `xpack.security.enabled`. No app here is asked for one.
fn is_setting(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-[]/".contains(&byte);
    name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.bytes().all(is_part)
}

/// Whether what is said counts in place of what was said before it.
fn is_instead(node: &Node) -> bool {
    node.tag.as_deref().is_some_and(|tag| tag == "!reset" || tag == "!override")
}

/// What the text of one service says of its containers.
fn container(number: usize, node: &Node) -> Container {
    let list = |key: &str, read: fn(&Node) -> Option<String>| {
        let Some(said) = node.get(key) else { return List::default() };
        let place = |item: &Node| Some((read(item)?, (number, item.span)));
        List { items: said.items().iter().filter_map(place).collect(), is_instead: is_instead(said) }
    };
    let written = |node: &Node| Some((node.text()?.to_owned(), (number, node.span)));
    // Each machine of a swarm runs one, however many there are.
    let is_global = node.at(&["deploy", "mode"]).and_then(Node::text) == Some("global");
    let replicas = node.at(&["deploy", "replicas"]).or(node.get("scale")).filter(|_| !is_global);
    Container {
        entrypoint: node.get("entrypoint").map(|entrypoint| arguments(number, entrypoint)),
        command: node.get("command").map(|command| arguments(number, command)),
        replicas: replicas.and_then(written),
        is_built: node.get("build").is_some(),
        image: node.get("image").and_then(written),
        ports: list("ports", port),
        expose: list("expose", |node| node.text().map(str::to_owned)),
        labels: node.get("labels").map(|labels| ports_of_traefik(number, labels)).unwrap_or_default(),
        network_mode: node.get("network_mode").and_then(Node::text).map(str::to_owned),
        also_called: also_called(node).filter_map(written).collect(),
        profiles: list("profiles", |node| node.text().map(str::to_owned)),
        is_partly_unread: false,
        is_instead: is_instead(node),
    }
}

/// The names by which other services reach a service beside its own.
fn also_called(node: &Node) -> impl Iterator<Item = &Node> {
    let networks = node.get("networks").map(Node::entries).unwrap_or_default();
    let aliases = networks.iter().filter_map(|network| network.value.get("aliases")).flat_map(Node::items);
    ["container_name", "hostname"].into_iter().filter_map(|key| node.get(key)).chain(aliases)
}

/// The paths of the files that `include` names; empty where one is no plain path.
fn included(node: &Node) -> Vec<String> {
    let each = if node.items().is_empty() { std::slice::from_ref(node) } else { node.items() };
    let paths = each.iter().flat_map(|item| {
        let path = item.get("path").unwrap_or(item);
        if path.items().is_empty() { std::slice::from_ref(path) } else { path.items() }
    });
    paths.map(|path| path.text().unwrap_or_default().to_owned()).collect()
}

/// The arguments of a command, which is a line or a list. A list may hold a line for a shell.
fn arguments(number: usize, node: &Node) -> Vec<Written> {
    match &node.value {
        Value::List(items) => {
            items.iter().map(|item| (item.text().unwrap_or_default().to_owned(), (number, item.span))).collect()
        }
        Value::Scalar(_) if node.is_null() => Vec::new(),
        Value::Scalar(_) | Value::Map(_) => {
            let words = command::arguments(node.text().unwrap_or_default()).into_iter();
            words.map(|word| (word, (number, node.span))).collect()
        }
    }
}

/// The ports that labels have Traefik ask: `traefik.http.services.web.loadbalancer.server.port=8000`.
fn ports_of_traefik(number: usize, labels: &Node) -> Vec<Written> {
    let is_one = |name: &str| name.starts_with("traefik.http.services.") && name.ends_with(".loadbalancer.server.port");
    let as_map = labels.entries().iter().filter(|label| is_one(&label.key)).filter_map(|label| {
        let port = label.value.text()?.to_owned();
        Some((port, (number, label.value.span)))
    });
    let as_list = labels.items().iter().filter_map(|item| {
        let (_, port) = item.text()?.split_once('=').filter(|(name, _)| is_one(name.trim()))?;
        Some((port.trim().to_owned(), (number, item.span)))
    });
    as_map.chain(as_list).collect()
}

/// A port of `ports` in its short form.
fn port(node: &Node) -> Option<String> {
    let of = |key: &str| node.get(key).and_then(Node::text);
    match (node.text(), of("target")) {
        (Some(text), _) => Some(text.to_owned()),
        (None, Some(target)) => {
            let parts = [of("host_ip"), Some(of("published").unwrap_or_default()), Some(target)];
            Some(parts.into_iter().flatten().collect::<Vec<_>>().join(":"))
        }
        (None, None) => None,
    }
}
