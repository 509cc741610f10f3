//! The texts that an environment is read from: `.env` files, Compose files, and what those name.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::chosen::app;
use super::reached::{Proxy, Reached, reached};
use super::started::{By, OpenPort, Opened, Started, opened};
use super::variable::{Exposure, is_plainly_named};
use crate::command::{self, Command, Set};
use crate::compose::{self, Compose, DefinedBy, Service};
use crate::dotenv::{Before, Document, Entry, Problem, ProblemKind, Reader, Verdict};
use crate::source::{Source, Span};

/// A text with variables.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// Its number among the check's sources.
    pub number: usize,
    /// The text.
    pub source: &'a Source,
    /// Who else may come to read it.
    pub exposure: Exposure,
    /// Of a Compose file, the service that is the app; none: the one that sets most of the variables that are known.
    pub service: Option<&'a str>,
    /// The services of a Compose file that are started with it; none: the app reads it itself.
    pub services: &'a [String],
    /// Whether it is the `.env` beside a Compose file, of which Compose takes what names in that file stand for.
    pub is_beside: bool,
    /// What is wrong with the files that it names.
    pub problems: &'a [Problem],
}

impl<'a> Given<'a> {
    /// A file of which nothing but its text counts.
    pub fn alone(source: &'a Source) -> Self {
        let (exposure, service) = (Exposure::default(), None);
        Self { number: 0, source, exposure, service, services: &[], is_beside: false, problems: &[] }
    }

    /// Whether it is a Compose file.
    fn is_compose(&self) -> bool {
        self.services.is_empty() && !self.is_beside && compose::is_one(&self.source.path)
    }

    /// Whether the app reads it itself.
    fn is_read(&self) -> bool {
        self.services.is_empty() && !self.is_beside && !self.is_compose()
    }
}

/// What is known of the app before its files are read.
pub struct Asked<'q> {
    /// Its name.
    pub name: &'q str,
    /// What the machines are called where its proxy finds it, by its profile.
    pub upstreams: &'q [String],
    /// Who reads its files.
    pub readers: &'q [Reader],
    /// Those of them that put in a name's place what a file says that they read before.
    pub across: &'q [Reader],
    /// Whether it, or its profile, knows a variable of a name.
    pub is_known: &'q dyn Fn(&str) -> bool,
}

impl<'q> Asked<'q> {
    /// Of an app that no profile is known of.
    pub fn without_a_profile(readers: &'q [Reader]) -> Self {
        Self { name: "", upstreams: &[], readers, across: &[], is_known: &|_| false }
    }
}

/// What was read of one text.
#[derive(Debug)]
pub(super) struct Read<'a> {
    pub(super) document: Document<'a>,
    /// How many of the entries, the first ones, are other programs'.
    pub(super) others: usize,
    /// The names that are set to what nobody knows here.
    pub(super) open: Vec<&'a str>,
    /// Whether another program starts the app with it.
    pub(super) is_handed: bool,
    /// Whether nobody is started with it: it says what names in a Compose file stand for, and nothing else.
    pub(super) is_for_names: bool,
    /// Whether Compose puts its values in the place of names.
    gives_names: bool,
    /// What stands elsewhere of values, by the number of the entry.
    pub(super) put: HashMap<usize, Put>,
    /// How much of the app it starts.
    pub(super) started: Vec<Started>,
    /// The services of a Compose file.
    pub(super) services: Vec<Named<'a>>,
    /// The ports that are opened for the app, and for what keeps its data.
    pub(super) open_ports: Vec<OpenPort>,
    /// Where a proxy finds the app.
    pub(super) reached: Option<Reached>,
    /// The image of that proxy.
    pub(super) proxy_image: Option<String>,
    /// The option of the app's server that says whom it believes.
    pub(super) believed: Option<Entry<'a>>,
    /// The secrets that services get as files.
    pub(super) mounted: Vec<Mounted<'a>>,
    /// Where words stand that are nobody's secret.
    pub(super) shown: Vec<Span>,
}

impl<'a> Read<'a> {
    fn of_file(document: Document<'a>, others: usize, is_handed: bool) -> Self {
        let (open, started, mounted, shown) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (is_for_names, gives_names, put) = (false, !is_handed, HashMap::new());
        Self {
            document,
            others,
            open,
            is_handed,
            is_for_names,
            gives_names,
            put,
            started,
            services: Vec::new(),
            open_ports: Vec::new(),
            reached: None,
            proxy_image: None,
            believed: None,
            mounted,
            shown,
        }
    }
}

/// A value of a Compose file in which names were replaced.
#[derive(Debug)]
pub(super) struct Put {
    /// What of it stands in the Compose file itself.
    pub(super) written: String,
    /// The entries that the rest was taken from: the number of the file, and that of the entry.
    pub(super) from: Vec<(usize, usize)>,
}

/// A service of a Compose file.
#[derive(Debug)]
pub(super) struct Named<'a> {
    pub(super) name: String,
    /// Which of the file's entries are its own.
    pub(super) entries: Range<usize>,
    /// The names that it is given with values which nobody knows here.
    pub(super) unknown: Vec<&'a str>,
    /// Whether its ports count in place of those that earlier files open for it.
    pub(super) has_ports_instead: bool,
    /// Whether it is started only where somebody asks for it.
    pub(super) is_optional: bool,
}

/// A secret that a service of a Compose file gets as a file.
#[derive(Debug)]
pub(super) struct Mounted<'a> {
    /// Its name in the Compose file, and where that stands.
    pub(super) name: &'a str,
    pub(super) name_span: Span,
    /// Where the container has it.
    pub(super) path: String,
    /// What Compose takes it from.
    pub(super) from: From,
    /// Where that stands.
    pub(super) span: Span,
}

/// What a secret's file is made of.
#[derive(Debug)]
pub(super) enum From {
    /// A file of this machine.
    File(PathBuf),
    /// The value of a variable.
    Value(String),
}

/// Reads the texts of a mode in the order in which they count.
pub(super) fn documents<'a>(files: &[Given<'a>], asked: &Asked<'_>) -> Vec<Read<'a>> {
    let mut composed: Vec<Option<Compose<'a>>> =
        files.iter().map(|file| file.is_compose().then(|| compose::read(file.source))).collect();
    let said = files.iter().find_map(|file| file.service).map(str::to_owned);
    let service = said.or_else(|| app(&mut composed, asked));
    let is_app = |name: &str| service.as_deref() == Some(name);
    let mut read: Vec<Read<'a>> = Vec::with_capacity(files.len());
    for (number, (file, composed)) in files.iter().zip(&mut composed).enumerate() {
        let one = match composed.take() {
            Some(composed) => of_compose(file, composed, is_app, &read),
            None if file.is_read() => {
                let values = before(&files[..number], &read, file, Given::is_read);
                let before = Before { values, across: asked.across };
                Read::of_file(Document::read_after(file.source, asked.readers, &before), 0, false)
            }
            None => {
                let is_of_one = |other: &Given<'_>| {
                    other.is_beside || other.services.iter().any(|service| file.services.contains(service))
                };
                let values = before(&files[..number], &read, file, is_of_one);
                let before = Before { values, across: &[Reader::Compose] };
                let document = Document::read_after(file.source, &[Reader::Compose], &before);
                let is_for_names = file.services.is_empty();
                let is_others = !is_for_names && !file.services.iter().any(|name| is_app(name));
                let others = if is_others { document.entries().len() } else { 0 };
                // Who names another file to Compose has it read that one in the place of the one beside it.
                let gives_names = file.is_beside && !files[..number].iter().any(Given::is_read);
                Read { is_for_names, gives_names, ..Read::of_file(document, others, true) }
            }
        };
        read.push(one);
    }
    read
}

/// What the files before one say, of which names in it may stand for values: nothing where it has none.
fn before<'r, 'a>(
    files: &[Given<'a>],
    read: &'r [Read<'_>],
    file: &Given<'_>,
    is_known: impl Fn(&Given<'a>) -> bool,
) -> Vec<(&'r str, &'r str)> {
    if !file.source.text.contains('$') {
        return Vec::new();
    }
    // What a value is made of that nobody knows is no value.
    let is_open = |document: &Document<'_>, entry: &Entry<'_>| {
        let open = |one: &Problem| one.kind == ProblemKind::Substitution && one.verdict > Verdict::Elsewhere;
        document.problems().iter().any(|problem| open(problem) && problem.is_about(entry.value_span))
    };
    let known = files.iter().zip(read).filter(|(file, _)| is_known(file)).map(|(_, read)| &read.document);
    let entries = known.flat_map(|document| document.entries().iter().filter(|entry| !is_open(document, entry)));
    entries.map(|entry| (entry.name, entry.value.expose())).collect()
}

/// The variables of a Compose file: those of other services first. Names in values are replaced by what stands in the files
/// before it; what else Compose would put there, nobody knows here.
#[allow(clippy::too_many_lines, reason = "one walk over the services, whose parts share what was read so far")]
fn of_compose<'a>(
    file: &Given<'a>,
    compose: Compose<'a>,
    is_app: impl Fn(&str) -> bool,
    before: &[Read<'a>],
) -> Read<'a> {
    // What a service is started with is put in no name's place.
    let mut values: HashMap<&str, (&str, (usize, usize))> = HashMap::new();
    for (number, read) in before.iter().enumerate().filter(|(_, read)| read.gives_names) {
        let entries = read.document.entries().iter().enumerate();
        values.extend(entries.map(|(index, entry)| (entry.name, (entry.value.expose(), (number, index)))));
    }
    let known = |name: &str| values.get(name).map(|(value, _)| *value);
    let (mut entries, mut others, mut open, mut started) = (Vec::new(), 0, Vec::new(), Vec::new());
    let (mut put, mut unknown) = (HashMap::new(), Unknown::default());
    let folder = file.source.path.parent().unwrap_or(Path::new(""));
    let (mut mounted, mut believed, mut open_ports, mut found) = (Vec::new(), None, Vec::new(), None);
    let mut services = Vec::with_capacity(compose.services.len());
    let is_the_proxy = |service: &&Service<'_>| service.is_a_proxy() && !service.is_optional && !is_app(&service.name);
    let proxies = || compose.services.iter().filter(is_the_proxy);
    let image = proxies().find_map(|service| service.image.as_ref());
    let proxy_image = image.and_then(|(image, _)| compose::interpolated(image, known));
    let is_proxy_on_host = proxies().next().is_some();
    let proxy = proxies().find(|service| !service.is_on_host).map(|service| service.name.clone());
    let (app, other): (Vec<_>, Vec<_>) = compose.services.into_iter().partition(|service| is_app(&service.name));
    for mut service in other.into_iter().chain(app) {
        let is_app = is_app(&service.name);
        let first = entries.len();
        let commands = commands(&service);
        let set = command::server(&commands).into_iter().flat_map(|server| &server.sets);
        let set: Vec<Entry<'a>> = set.filter_map(|set| entry_of(&file.source.text, set)).collect();
        let given: Vec<(Entry<'a>, Option<String>)> = std::mem::take(&mut service.entries)
            .into_iter()
            .map(|entry| {
                let value = compose::interpolated(entry.value.expose(), known);
                (entry, value)
            })
            .collect();
        // What a shell sets goes before what the service is given, and may be made of it.
        let own_value = |name: &str| given.iter().rfind(|(entry, _)| entry.name == name)?.1.as_deref();
        let set: Vec<(Entry<'a>, Option<String>)> = set
            .into_iter()
            .map(|entry| {
                let value = compose::interpolated(entry.value.expose(), known);
                let value = value.and_then(|text| compose::interpolated(&text, own_value));
                (entry, value)
            })
            .collect();
        let lost: Vec<&str> = set.iter().filter(|(_, value)| value.is_none()).map(|(entry, _)| entry.name).collect();
        let given = given.into_iter().filter(|(entry, _)| !lost.contains(&entry.name)).collect::<Vec<_>>();
        let mut of_unknown = service.open.clone();
        for (entry, value) in given.into_iter().chain(set) {
            match value {
                Some(value) => {
                    put.extend(put_into(entry.value.expose(), &values).map(|put| (entries.len(), put)));
                    entries.push(Entry::made(entry.name, entry.name_span, entry.value_span, value));
                }
                None if is_app => {
                    unknown.add(&entry);
                    open.push(entry.name);
                    of_unknown.push(entry.name);
                }
                None => of_unknown.push(entry.name),
            }
        }
        for one in &service.mounted {
            let definition = compose.secrets.iter().find(|definition| definition.name == one.name);
            let Some((definition, by)) = definition.and_then(|found| Some((found, found.by.as_ref()?))) else {
                continue;
            };
            let (from, span) = match by {
                DefinedBy::File(path, span) => {
                    let path = compose::interpolated(path, known);
                    (path.map(|path| From::File(folder.join(path))), *span)
                }
                DefinedBy::Variable(name, span) => (known(name).map(|value| From::Value(value.to_owned())), *span),
            };
            let (name, name_span, path) = (definition.name, definition.name_span, one.path.clone());
            mounted.extend(from.map(|from| Mounted { name, name_span, path, from, span }));
        }
        if is_app {
            let words = words(&commands, known, own(&entries[first..]));
            let words: Vec<(&str, Span)> = words.iter().map(|(word, span)| (word.as_str(), *span)).collect();
            started = parts(&service, &words, file.number, known);
            let server = command::server(&commands).map_or(&[][..], std::slice::from_ref);
            let of_server = self::words(server, known, own(&entries[first..]));
            let of_server: Vec<(&str, Span)> = of_server.iter().map(|(word, span)| (word.as_str(), *span)).collect();
            let proxy = match proxy.as_deref() {
                Some(proxy) => Proxy::Service(proxy),
                None if is_proxy_on_host => Proxy::OnHost,
                None => Proxy::Unseen,
            };
            found = Some(reached(&service, proxy, &of_server, known, own(&entries[first..])));
            believed = command::believed(&words)
                .map(|(text, span)| Entry::made(command::BELIEVES, span, span, text.to_owned()));
            let is_unknown = |name: &&str| known(name).is_none();
            open.extend(std::mem::take(&mut service.open).into_iter().filter(is_unknown));
        } else {
            let words = words(&commands, known, own(&entries[first..]));
            // One that is a variable of the service is judged there.
            let is_its = |value: &str| entries[first..].iter().any(|entry| entry.value.expose() == value);
            if let Some((entry, written)) =
                password_of_redis(&commands, &words).filter(|(entry, _)| !is_its(entry.value.expose()))
            {
                put.extend(put_into(written, &values).map(|put| (entries.len(), put)));
                entries.push(entry);
            }
            others = entries.len();
        }
        open_ports.extend(self::open_ports(&service, is_app, file.number, known));
        services.push(Named {
            name: service.name,
            entries: first..entries.len(),
            unknown: of_unknown,
            has_ports_instead: service.has_ports_instead,
            is_optional: service.is_optional,
        });
    }
    let mut problems: Vec<Problem> =
        compose.problems.into_iter().chain(file.problems.iter().cloned()).chain(unknown.problem()).collect();
    problems.sort_by_key(|problem| problem.span);
    let document = Document::made(entries, problems);
    Read {
        open,
        put,
        started,
        services,
        open_ports,
        reached: found,
        proxy_image,
        believed,
        mounted,
        shown: compose.keys,
        ..Read::of_file(document, others, true)
    }
}

/// What of a value is put there from elsewhere; nothing where all of it stands where it is written.
fn put_into(text: &str, values: &HashMap<&str, (&str, (usize, usize))>) -> Option<Put> {
    /// No YAML holds it.
    const ELSEWHERE: &str = "\0";
    let from = RefCell::new(Vec::new());
    // An empty value stays one: a default may take its place.
    let mark = |name: &str| {
        let (value, place) = values.get(name)?;
        from.borrow_mut().push(*place);
        Some(if value.is_empty() { "" } else { ELSEWHERE })
    };
    let written = compose::interpolated(text, mark)?.replace(ELSEWHERE, "");
    let from = from.into_inner();
    (!from.is_empty()).then_some(Put { written, from })
}

/// The variables of the app that hold a name of which nobody here knows what it stands for.
#[derive(Default)]
struct Unknown<'a> {
    first: Option<Span>,
    names: Vec<&'a str>,
}

impl<'a> Unknown<'a> {
    fn add(&mut self, entry: &Entry<'a>) {
        if is_plainly_named(entry) && !self.names.contains(&entry.name) {
            self.first.get_or_insert(entry.value_span);
            self.names.push(entry.name);
        }
    }

    /// That they are not judged, told once.
    fn problem(self) -> Option<Problem> {
        let names: Vec<String> = self.names.iter().map(|name| format!("`{name}`")).collect();
        let are = if names.len() == 1 { "it is" } else { "they are" };
        let message =
            format!("{} would be made of variables that no file here sets, so that {are} not judged", names.join(", "));
        let help = "name the file that sets them with an `--env-file` before this one".to_owned();
        let (kind, verdict) = (ProblemKind::OtherKind, Verdict::Elsewhere);
        self.first.map(|span| Problem { span, kind, message, help, verdict })
    }
}

/// The programs that a service is started with.
fn commands(service: &Service<'_>) -> Vec<Command<Span>> {
    let arguments: Vec<(String, Span)> = service.entrypoint.iter().chain(&service.command).cloned().collect();
    command::commands(&arguments)
}

/// What a shell sets for a service, where it stands in the text of a Compose file.
fn entry_of<'a>(text: &'a str, set: &Set<Span>) -> Option<Entry<'a>> {
    let written = text.get(set.place.start..set.place.end)?;
    let sign = format!("{}=", set.name);
    let is_begun = |at: &usize| !written[..*at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    // Of a name that is set twice, the last counts.
    let at = written.rmatch_indices(&sign).map(|(at, _)| at).find(is_begun)?;
    let name = Span { start: set.place.start + at, end: set.place.start + at + set.name.len() };
    let value = Span { start: name.end + 1, end: set.place.end };
    let behind = &text[value.start..value.end];
    let quotes = behind.len() - behind.trim_start_matches(['\\', '"', '\'']).len();
    // With escapes in it, nobody knows where it ends.
    let is_plain = behind[quotes..].starts_with(&set.value) && !set.value.is_empty();
    let start = value.start + quotes;
    let value = if is_plain { Span { start, end: start + set.value.len() } } else { value };
    Some(Entry::made(&text[name.start..name.end], name, value, set.value.clone()))
}

/// What a service is given itself, for the names in what it is started with.
fn own<'e>(entries: &'e [Entry<'_>]) -> impl Fn(&str) -> Option<&'e str> {
    |name| entries.iter().rev().find(|entry| entry.name == name).map(|entry| entry.value.expose())
}

/// The words that a service is started with. In them, Compose replaces names first, and then the service's own shell those that
/// it is started with. What is not known is empty.
fn words<'k, 'o>(
    commands: &[Command<Span>],
    known: impl Fn(&str) -> Option<&'k str>,
    own: impl Fn(&str) -> Option<&'o str>,
) -> Vec<(String, Span)> {
    let words = commands.iter().flat_map(|command| &command.words);
    words
        .map(|(text, span)| {
            let text = compose::interpolated(text, &known).and_then(|text| compose::interpolated(&text, &own));
            (text.unwrap_or_default(), *span)
        })
        .collect()
}

/// The password that a Redis is started with, as the variable that it mostly is, and as it is written:
/// `redis-server --requirepass x`.
fn password_of_redis<'a, 'c>(commands: &'c [Command<Span>], words: &[(String, Span)]) -> Option<(Entry<'a>, &'c str)> {
    const OPTION: &str = "--requirepass";
    const NAME: &str = "REDIS_PASSWORD";
    let written = commands.iter().flat_map(|command| &command.words).map(|(text, _)| text.as_str());
    let mut all = words.iter().zip(written).skip_while(|((word, _), _)| !word.starts_with(OPTION));
    let ((word, span), option) = all.next()?;
    let joined = word.strip_prefix(OPTION)?.strip_prefix('=');
    let (value, span, written) = match joined {
        Some(joined) => (joined, *span, option),
        None => all.next().map(|((word, span), written)| (word.as_str(), *span, written))?,
    };
    let value = value.trim_matches(['"', '\'']);
    // Behind it stands the next option, where the password is missing.
    let is_one = !value.is_empty() && (joined.is_some() || !value.starts_with("--"));
    is_one.then(|| (Entry::made(NAME, span, span, value.to_owned()), written))
}

/// How many processes and containers of a service run.
fn parts<'k>(
    service: &Service<'_>,
    words: &[(&str, Span)],
    source: usize,
    known: impl Fn(&str) -> Option<&'k str>,
) -> Vec<Started> {
    let workers = command::workers(words).map(|(count, span)| (By::Command, count, span));
    let replicas = service.replicas.as_ref();
    let replicas = replicas
        .and_then(|(text, span)| Some((By::Replicas, compose::interpolated(text, &known)?.parse().ok()?, *span)));
    let counted = workers.into_iter().chain(replicas);
    counted.filter_map(|(by, count, span)| Started::count(by, count, (source, span))).collect()
}

/// The ports that it opens on the machine, where it is the app or keeps data.
fn open_ports<'k>(
    service: &Service<'_>,
    is_app: bool,
    source: usize,
    known: impl Fn(&str) -> Option<&'k str>,
) -> Vec<OpenPort> {
    let image = service.image.as_ref().and_then(|(image, _)| compose::interpolated(image, &known));
    let ports = service.ports.iter().filter(|_| is_app || !service.is_optional).filter_map(|(text, span)| {
        let Opened { ip, number, target } = opened(&compose::interpolated(text, &known)?)?;
        let stored = (!is_app).then(|| compose::stored(image.as_deref(), service.is_built, &service.name, target));
        // Of other programs it is not known who is meant to reach them.
        let is_asked = stored.as_ref().is_none_or(Option::is_some);
        let (place, service) = ((source, *span), service.name.clone());
        is_asked.then(|| OpenPort { ip, number, target, place, service, stored: stored.flatten() })
    });
    ports.collect()
}
