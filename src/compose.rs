//! A Compose file as a source of variables: what `environment:` gives each service, and which files `env_file:` names.
//!
//! Nothing here knows what a variable means, or touches the disk. What Compose would replace stands in the value as it is
//! written, until somebody says what a name stands for ([`interpolated`]).

use std::collections::BTreeSet;
use std::path::Path;

use crate::dotenv::{self, Entry, Problem, ProblemKind, Verdict};
use crate::source::{Source, Span};
use crate::yaml::{self, Kind, Node, Value};

/// How many services of one file may stand for each other by `extends`, one after the other.
const DEEPEST: usize = 16;

/// What a Compose file says of variables.
#[derive(Debug, Default)]
pub struct Compose<'a> {
    /// The services, in the order of the file.
    pub services: Vec<Service<'a>>,
    /// What is wrong in the file, and what it takes from files that nobody looks at.
    pub problems: Vec<Problem>,
}

/// A service, and what it is started with.
#[derive(Debug)]
pub struct Service<'a> {
    /// Its name.
    pub name: String,
    /// What `environment:` sets, in the order in which it counts.
    pub entries: Vec<Entry<'a>>,
    /// The names that are there without a value: whoever starts Compose has it.
    pub open: Vec<&'a str>,
    /// The files that `env_file:` names, in the order in which they are read.
    pub files: Vec<NamedFile>,
}

/// A file that `env_file:` names.
#[derive(Clone, Debug)]
pub struct NamedFile {
    /// Its path, as it is written.
    pub path: String,
    /// Where that stands.
    pub span: Span,
    /// Whether the service does not start without it.
    pub is_required: bool,
}

/// Whether a file is one by its name.
pub fn is_one(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ["yaml", "yml"].iter().any(|yaml| ending.eq_ignore_ascii_case(yaml)))
}

/// Reads a file.
pub fn read(source: &Source) -> Compose<'_> {
    let read = yaml::read(&source.text);
    let mut reader = Reader { text: &source.text, told: BTreeSet::new(), compose: Compose::default() };
    for problem in read.problems {
        reader.tell(Verdict::Misread, problem.span, problem.message, problem.help);
    }
    for document in &read.documents {
        reader.document(document);
    }
    reader.compose.problems.sort_by_key(|problem| problem.span);
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
        for service in services.value.entries() {
            let mut one =
                Service { name: service.key.clone(), entries: Vec::new(), open: Vec::new(), files: Vec::new() };
            self.service(&services.value, &service.value, &mut one, DEEPEST);
            self.compose.services.push(one);
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
        if let Some(environment) = node.get("environment") {
            if environment.tag.as_deref().is_some_and(|tag| tag == "!reset" || tag == "!override") {
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

/// A value in which Compose has replaced every name; nothing where a name stands for nothing that is known.
pub fn interpolated<'v>(text: &str, known: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
    let (mut made, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once('$') {
        made.push_str(before);
        if let Some(behind) = behind.strip_prefix('$') {
            made.push('$');
            rest = behind;
            continue;
        }
        let (within, behind) = match behind.strip_prefix('{') {
            Some(braced) => braced.split_once('}')?,
            None => {
                behind.split_at(behind.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(behind.len()))
            }
        };
        let (name, how) = within.split_at(within.find([':', '-', '?', '+']).unwrap_or(within.len()));
        // What stands within a default in its turn is nothing that anybody writes for a secret.
        if !dotenv::is_name(name) || how.contains('$') {
            return None;
        }
        let value = known(name);
        let is_set = value.is_some_and(|value| !how.starts_with(':') || !value.is_empty());
        let how = how.strip_prefix(':').unwrap_or(how);
        made.push_str(match how.split_at_checked(1) {
            None => value?,
            // Where nobody sets the name, the default starts, and it stands in a file that many may read.
            Some(("-", default)) => {
                if is_set {
                    value?
                } else {
                    default
                }
            }
            Some(("?", _)) => value.filter(|_| is_set)?,
            Some(("+", other)) => {
                if is_set {
                    other
                } else {
                    value.map(|_| "")?
                }
            }
            Some(_) => return None,
        });
        rest = behind;
    }
    made.push_str(rest);
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let source = Source::new("compose.yaml", text);
        let compose = read(&source);
        let services = compose.services.iter().flat_map(|service| {
            let entries = service.entries.iter().map(|entry| {
                let at = |span: Span| &source.text[span.start..span.end];
                assert_eq!(at(entry.name_span), entry.name);
                format!("{} {}={}", service.name, entry.name, entry.value.expose())
            });
            let open = service.open.iter().map(|name| format!("{} {name}", service.name));
            let files =
                service.files.iter().map(|file| format!("{} < {} {}", service.name, file.path, file.is_required));
            entries.chain(open).chain(files).collect::<Vec<_>>()
        });
        let problems = compose
            .problems
            .iter()
            .map(|problem| format!("{:?} {}", &source.text[problem.span.start..problem.span.end], problem.message));
        services.chain(problems).collect()
    }

    #[test]
    fn every_form_of_a_variable_is_read() {
        let text = "x-env: &env\n  SHARED: yes\n  A: base\nservices:\n  web:\n    environment:\n      <<: *env\n      A: own\n      \
                    'B': \"quoted \\\" text\"\n      C: 1\n      D:\n      E: ''\n    env_file:\n      - .env\n      - path: more.env\n        \
                    required: false\n  list:\n    environment: [A=1, 'B=two words', C, D=]\n    env_file: one.env\n  same:\n    environment: *env\n  \
                    more:\n    extends: list\n    environment:\n      A: 2\n  none:\n    image: x\n";
        assert_eq!(
            told(text),
            [
                "web A=own",
                "web B=quoted \" text",
                "web C=1",
                "web E=",
                "web SHARED=yes",
                "web D",
                "web < .env true",
                "web < more.env false",
                "list A=1",
                "list B=two words",
                "list D=",
                "list C",
                "list < one.env true",
                "same SHARED=yes",
                "same A=base",
                "more A=1",
                "more B=two words",
                "more D=",
                "more A=2",
                "more C",
                "more < one.env true",
            ]
        );
    }

    #[test]
    fn what_is_no_compose_file_or_takes_from_others_is_told() {
        for (text, message) in [
            ("services:\n  a:\n    environment: 5\n", "\"5\" this sets no variable"),
            ("services:\n  a:\n    environment:\n      not a name: 5\n", "\"not a name\" this sets no variable"),
            ("services:\n  a:\n    environment:\n      A: [1]\n", "\"[1]\" this sets no variable"),
            ("services:\n  a:\n    extends: b\n", "\"extends\" `extends` names no service of this file"),
            (
                "services:\n  a:\n    extends:\n      file: other.yaml\n      service: b\n",
                "\"extends\" `extends` takes variables from another file, which is not looked at",
            ),
            (
                "services:\n  a:\n    extends: b\n  b:\n    extends: a\n",
                "\"extends\" these services extend each other without an end",
            ),
            (
                "services:\n  a:\n    env_file: []\ninclude: [b.yaml]\n",
                "\"include\" `include` takes services from other files, which are not looked at",
            ),
            (
                "services:\n  a:\n    environment:\n      A: 0123\n",
                "\"0123\" Compose takes this for a number, and hands it on in another form",
            ),
            ("apiVersion: v1\nkind: Secret\n", "\"kind\" this is a manifest of Kubernetes, and no Compose file"),
            ("A: 1\n", "\"\" this file has no `services`, so that it is no Compose file"),
            ("services: [a]\n", "\"services\" `services` is no map here"),
        ] {
            let told = told(text);
            assert!(told.iter().any(|one| one == message), "{text}{told:#?}");
        }
    }

    #[test]
    fn a_billion_laughs_are_refused() {
        let mut text = "a: &a [l,l,l,l,l,l,l,l,l,l]\n".to_owned();
        for (letter, before) in ('b'..='j').zip('a'..) {
            let nine = vec![format!("*{before}"); 10].join(",");
            text.extend([format!("{letter}: &{letter} [{nine}]\n")]);
        }
        text += "services:\n  a:\n    environment:\n      A: *j\n";
        assert!(told(&text).iter().any(|one| one.contains("stand for more than")), "{:#?}", told(&text));
    }

    #[test]
    fn names_are_replaced_as_compose_does() {
        let known = |name: &str| match name {
            "A" => Some("one"),
            "EMPTY" => Some(""),
            _ => None,
        };
        for (text, value) in [
            ("plain", Some("plain")),
            ("$$A", Some("$A")),
            ("x${A}y$A", Some("xoneyone")),
            ("${A:-two}${EMPTY:-two}${EMPTY-two}", Some("onetwo")),
            ("${A:?no}", Some("one")),
            ("${EMPTY:?no}", None),
            ("${A:+yes}${EMPTY:+yes}", Some("yes")),
            ("${B}", None),
            ("${B:-two}", Some("two")),
            ("${A", None),
            ("a $ b", None),
            ("${A:-${B}}", None),
        ] {
            assert_eq!(interpolated(text, known).as_deref(), value, "{text}");
        }
    }
}
