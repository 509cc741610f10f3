//! What a Compose file says: the variables that its services are started with, and, of the app, how it is started, which ports are
//! open, and where a proxy finds it.

use std::path::Path;

use super::given::{Believed, From, Given, Mounted, Named, Read};
use super::names::Names;
use super::reached::{Proxy, Reached, reached};
use super::started::{By, OpenPort, Opened, Says, Started, opened};
use super::stores::{Start, Store};
use super::variable::is_plainly_named;
use crate::command::{self, Command, Set};
use crate::compose::{self, Compose, Container, DefinedBy, Definition, Place, Service};
use crate::dotenv::{Document, Entry, Problem, ProblemKind, Verdict};
use crate::source::Span;

/// Reads a Compose file: the variables of other services first. Names in values are replaced by what stands in the files before
/// it; what else Compose would put there, nobody knows here.
pub(super) fn of_compose<'a>(
    file: &Given<'a>,
    compose: Compose<'a>,
    around: &Around<'_, 'a>,
    is_app: impl Fn(&str) -> bool,
) -> Read<'a> {
    let Around { beside, secrets, before } = *around;
    let names = Names::of(before);
    let mut walk = Walk {
        file,
        names: &names,
        secrets,
        before,
        beside,
        entries: Vec::new(),
        unknown: Unknown::default(),
        read: Read::of_file(Document::made(Vec::new(), Vec::new()), 0, true),
    };
    // Of an app that is looked for in vain, nothing is known.
    walk.read.is_partly_unread = file.service.is_some_and(|asked| compose.services.iter().all(|one| one.name != asked));
    walk.read.is_partly_unread |=
        compose.services.is_empty() && compose.problems.iter().any(|problem| problem.verdict == Verdict::Misread);
    let (app, others): (Vec<_>, Vec<_>) = compose.services.into_iter().partition(|service| is_app(&service.name));
    // What is started on request alone is nobody's business until somebody asks for it.
    for service in others.into_iter().filter(|service| !service.container.is_optional()) {
        walk.take(service, false);
    }
    for service in app {
        walk.take(service, true);
    }
    let Walk { entries, unknown, read, .. } = walk;
    let problems = compose.problems.into_iter().chain(file.problems.iter().cloned());
    let mut problems: Vec<Problem> = problems.chain(unknown.problem()).collect();
    problems.sort_by_key(|problem| problem.span);
    let proxy_image = beside.image.as_ref().and_then(|image| names.replaced(image));
    Read { document: Document::made(entries, problems), proxy_image, shown: compose.keys, ..read }
}

/// What a Compose file is read with: what all of them start and define, and what the files before it say.
pub(super) struct Around<'r, 'a> {
    pub(super) beside: &'r Beside,
    pub(super) secrets: &'r [Defined<'a>],
    pub(super) before: &'r [Read<'a>],
}

/// A secret that a Compose file defines, and which one does.
pub(super) struct Defined<'a> {
    /// Which of the check's sources the file is.
    pub(super) source: usize,
    /// The folder that the file lies in.
    pub(super) folder: &'a Path,
    pub(super) definition: Definition<'a>,
}

/// The proxy that the Compose files start beside the app.
pub(super) struct Beside {
    /// The name of its service, where that is no service on the machine's own network.
    name: Option<String>,
    is_on_host: bool,
    image: Option<String>,
}

impl Beside {
    pub(super) fn of<'s, 'a: 's>(
        services: impl Iterator<Item = &'s Service<'a>>,
        is_app: impl Fn(&str) -> bool,
    ) -> Self {
        let is_one =
            |service: &&Service<'_>| service.is_a_proxy() && !service.container.is_optional() && !is_app(&service.name);
        let all: Vec<&Service<'_>> = services.filter(is_one).collect();
        let named = all.iter().find(|service| !service.container.is_on_host());
        Self {
            name: named.map(|service| service.name.clone()),
            is_on_host: all.iter().any(|service| service.container.is_on_host()),
            image: all.iter().find_map(|service| service.container.image.as_ref()).map(|(image, _)| image.clone()),
        }
    }

    fn proxy(&self) -> Proxy<'_> {
        match &self.name {
            Some(name) => Proxy::Service(name),
            None if self.is_on_host => Proxy::OnHost,
            None => Proxy::Unseen,
        }
    }
}

/// The walk over the services, and what was read so far.
struct Walk<'w, 'a> {
    file: &'w Given<'a>,
    names: &'w Names<'w>,
    secrets: &'w [Defined<'a>],
    before: &'w [Read<'a>],
    beside: &'w Beside,
    entries: Vec<Entry<'a>>,
    unknown: Unknown<'a>,
    /// All but the entries and what is wrong with them.
    read: Read<'a>,
}

impl<'a> Walk<'_, 'a> {
    fn take(&mut self, mut service: Service<'a>, is_app: bool) {
        let first = self.entries.len();
        let commands = commands(&service.container);
        // What is handed on under its own name has the value that it has where Compose is started, or in the file beside it.
        let is_known = |open: &mut Entry<'_>| self.names.get(open.name).is_some();
        service.entries.extend(service.open.extract_if(.., is_known));
        let mut unknown: Vec<&str> = service.open.iter().map(|open| open.name).collect();
        for (value, entry) in self.given(&mut service, &commands) {
            if let Some(value) = value {
                let made = Entry::made(entry.name, entry.name_span, entry.value_span, value);
                self.add(made, entry.value.expose());
                continue;
            }
            if is_app {
                self.unknown.add(&entry);
                self.read.open.push(entry.name);
                self.read
                    .untold
                    .extend(self.names.with_stand_ins(entry.value.expose()).map(|value| (entry.name, value)));
            }
            unknown.push(entry.name);
        }
        self.mount(&service);
        if is_app {
            self.read.is_partly_unread |=
                service.container.is_partly_unread || self.file.unread.contains(&service.name);
            self.read.open.extend(service.open.iter().map(|open| open.name));
        }
        self.read.services.push(Named { name: service.name.clone(), entries: first..self.entries.len(), unknown });
        if !is_app {
            self.add_password_of_redis(&service.name, &commands, first);
            self.read.others = self.entries.len();
        }
        // How it is started, the last file that speaks of it says, with what those before it say.
        if !service.is_continued {
            self.start(&service, &commands, is_app);
        }
    }

    /// How a service is started and reached, by all that is said of it.
    fn start(&mut self, service: &Service<'a>, commands: &[Command<Place>], is_app: bool) {
        let server = command::server(commands).map_or(&[][..], std::slice::from_ref);
        let of_server = words(server, self.names, self.own(&service.name));
        let of_server = as_words(&of_server);
        self.read.open_ports.extend(opens(service, is_app, self.names));
        if is_app {
            let (started, believed, reached) = self.started(service, commands, &of_server);
            (self.read.started, self.read.believed, self.read.reached) = (started, believed, Some(reached));
        } else {
            let given = self.given_to(&service.name);
            let given = given
                .flat_map(|(entries, unknown)| entries.iter().map(|entry| entry.name).chain(unknown.iter().copied()));
            let image = service.container.image.as_ref().and_then(|(image, _)| self.names.replaced(image));
            let written =
                server.iter().flat_map(|server| &server.words).map(|(word, _)| word.as_str()).collect::<Vec<_>>();
            let start = Start { words: &of_server, written: &written };
            self.read.stores.extend(image.and_then(|image| Store::of(service, &image, &start, given)));
        }
    }

    /// Adds an entry, as it is written in the file.
    fn add(&mut self, entry: Entry<'a>, written: &str) {
        let put = self.names.put_into(written);
        self.read.put.extend(put.map(|put| (self.entries.len(), put)));
        self.entries.push(entry);
    }

    /// What a service is given, behind the value of each where that is known: what a shell sets goes before what Compose gives it, and
    /// may be made of that.
    fn given(&self, service: &mut Service<'a>, commands: &[Command<Place>]) -> Vec<(Option<String>, Entry<'a>)> {
        let set = command::server(commands).into_iter().flat_map(|server| &server.sets);
        // What another file has the shell set is that file's.
        let set = set.filter(|set| set.place.0 == self.file.number);
        let set: Vec<Entry<'a>> = set.filter_map(|set| entry_of(&self.file.source.text, set)).collect();
        let replaced = |entry: &Entry<'_>| self.names.replaced(entry.value.expose());
        let given = std::mem::take(&mut service.entries).into_iter();
        let mut given: Vec<(Option<String>, Entry<'a>)> = given.map(|entry| (replaced(&entry), entry)).collect();
        let own = |name: &str| given.iter().rfind(|(_, entry)| entry.name == name)?.0.as_deref();
        let by_shell = |entry: &Entry<'_>| compose::interpolated(&replaced(entry)?, own);
        let set: Vec<(Option<String>, Entry<'a>)> = set.into_iter().map(|entry| (by_shell(&entry), entry)).collect();
        let is_lost = |name: &str| set.iter().any(|(value, entry)| entry.name == name && value.is_none());
        given.retain(|(_, entry)| !is_lost(entry.name));
        given.extend(set);
        given
    }

    /// The secrets that a service gets as files.
    fn mount(&mut self, service: &Service<'_>) {
        for one in &service.mounted {
            // Of a secret that several files define, the last counts.
            let Some(defined) = self.secrets.iter().rfind(|defined| defined.definition.name == one.name) else {
                continue;
            };
            let Defined { source, folder, definition } = defined;
            let Some(by) = &definition.by else { continue };
            let (from, span) = match by {
                DefinedBy::File(path, span) => {
                    (self.names.replaced(path).map(|path| From::File(folder.join(path))), *span)
                }
                DefinedBy::Variable(name, span) => {
                    (self.names.get(name).map(|value| From::Value(value.to_owned())), *span)
                }
            };
            let (name, name_span, path) = (definition.name, definition.name_span, one.path.clone());
            let source = *source;
            self.read.mounted.extend(from.map(|from| Mounted { source, name, name_span, path, from, span }));
        }
    }

    /// How the app is started, whom its server believes, and where it is reached.
    fn started(
        &self,
        service: &Service<'a>,
        commands: &[Command<Place>],
        of_server: &[(&str, Place)],
    ) -> (Vec<Started>, Option<Believed<'a>>, Reached) {
        let (names, own) = (self.names, self.own(&service.name));
        let all = words(commands, names, &own);
        let all = as_words(&all);
        let mut started = parts(&service.container, &all, names);
        let developers = command::for_developers(of_server);
        started.extend(developers.map(|(one, place)| Started {
            by: By::Command,
            says: Says::ForDevelopers(one),
            place,
        }));
        let believed = command::believed(&all).map(|(text, (source, span))| Believed {
            source,
            entry: Entry::made(command::BELIEVES, span, span, text.to_owned()),
        });
        let known = |name: &str| names.get(name);
        (started, believed, reached(service, self.beside.proxy(), of_server, known, &own))
    }

    /// The password that a Redis is started with, unless it is a variable of the service, where it is judged.
    fn add_password_of_redis(&mut self, service: &str, commands: &[Command<Place>], first: usize) {
        let words = words(commands, self.names, self.own(service));
        let is_its = |value: &str| self.entries[first..].iter().any(|entry| entry.value.expose() == value);
        let found = password_of_redis(commands, &words, self.file.number);
        let Some((entry, written)) = found.filter(|(entry, _)| !is_its(entry.value.expose())) else { return };
        self.add(entry, written);
        if let Some(named) = self.read.services.last_mut() {
            named.entries.end = self.entries.len();
        }
    }

    /// What a service is given itself, by this file and those before it, for the names in what it is started with.
    fn own<'s>(&'s self, service: &'s str) -> impl Fn(&str) -> Option<&'s str> {
        move |name| {
            for (entries, unknown) in self.given_to(service) {
                if unknown.contains(&name) {
                    return None;
                }
                if let Some(entry) = entries.iter().rev().find(|entry| entry.name == name) {
                    return Some(entry.value.expose());
                }
            }
            None
        }
    }

    /// The entries of a service in this file and those before it, the last file first, and the names of what is not known.
    fn given_to<'s>(&'s self, service: &'s str) -> impl Iterator<Item = (&'s [Entry<'a>], &'s [&'a str])> {
        let here = std::iter::once((&self.read.services, &self.entries[..]));
        let before = self.before.iter().rev().map(|read| (&read.services, read.document.entries()));
        here.chain(before).filter_map(move |(services, entries)| {
            let named = services.iter().rev().find(|named| named.name == service);
            named.map(|named| (&entries[named.entries.clone()], &named.unknown[..]))
        })
    }
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
pub(super) fn commands(container: &Container) -> Vec<Command<Place>> {
    command::commands(&container.arguments())
}

/// What a shell sets for a service, where it stands in the text of a Compose file.
fn entry_of<'a>(text: &'a str, set: &Set<Place>) -> Option<Entry<'a>> {
    let (_, place) = set.place;
    let written = text.get(place.start..place.end)?;
    let sign = format!("{}=", set.name);
    let is_begun = |at: &usize| !written[..*at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    // Of a name that is set twice, the last counts.
    let at = written.rmatch_indices(&sign).map(|(at, _)| at).find(is_begun)?;
    let name = Span { start: place.start + at, end: place.start + at + set.name.len() };
    let value = Span { start: name.end + 1, end: place.end };
    let behind = &text[value.start..value.end];
    let quotes = behind.len() - behind.trim_start_matches(['\\', '"', '\'']).len();
    // With escapes in it, nobody knows where it ends.
    let is_plain = behind[quotes..].starts_with(&set.value) && !set.value.is_empty();
    let start = value.start + quotes;
    let value = if is_plain { Span { start, end: start + set.value.len() } } else { value };
    Some(Entry::made(&text[name.start..name.end], name, value, set.value.clone()))
}

/// The words that a service is started with. In them, Compose replaces names first, and then the service's own shell those that
/// it is started with. What is not known is empty.
fn words<'o>(
    commands: &[Command<Place>],
    names: &Names<'_>,
    own: impl Fn(&str) -> Option<&'o str>,
) -> Vec<(String, Place)> {
    let words = commands.iter().flat_map(|command| &command.words);
    words
        .map(|(text, place)| {
            let text = names.replaced(text).and_then(|text| compose::interpolated(&text, &own));
            (text.unwrap_or_default(), *place)
        })
        .collect()
}

/// The same words, as what asks about a server takes them.
fn as_words(words: &[(String, Place)]) -> Vec<(&str, Place)> {
    words.iter().map(|(word, place)| (word.as_str(), *place)).collect()
}

/// The password that a Redis is started with in the text of this number, as the variable that it mostly is, and as it is written:
/// `redis-server --requirepass x`.
fn password_of_redis<'a, 'c>(
    commands: &'c [Command<Place>],
    words: &[(String, Place)],
    number: usize,
) -> Option<(Entry<'a>, &'c str)> {
    const OPTION: &str = "--requirepass";
    const NAME: &str = "REDIS_PASSWORD";
    let written = commands.iter().flat_map(|command| &command.words).map(|(text, _)| text.as_str());
    let mut all = words.iter().zip(written).skip_while(|((word, _), _)| !word.starts_with(OPTION));
    let ((word, place), option) = all.next()?;
    let joined = word.strip_prefix(OPTION)?.strip_prefix('=');
    let (value, (source, span), written) = match joined {
        Some(joined) => (joined, *place, option),
        None => all.next().map(|((word, place), written)| (word.as_str(), *place, written))?,
    };
    let value = value.trim_matches(['"', '\'']);
    // Behind it stands the next option, where the password is missing.
    let is_one = !value.is_empty() && (joined.is_some() || !value.starts_with("--"));
    (is_one && source == number).then(|| (Entry::made(NAME, span, span, value.to_owned()), written))
}

/// How many processes and containers of a service run.
fn parts(container: &Container, words: &[(&str, Place)], names: &Names<'_>) -> Vec<Started> {
    let workers = command::workers(words).map(|(count, place)| (By::Command, count, place));
    let replicas = container.replicas.as_ref();
    let replicas = replicas.and_then(|(text, place)| Some((By::Replicas, names.replaced(text)?.parse().ok()?, *place)));
    let counted = workers.into_iter().chain(replicas);
    counted.filter_map(|(by, count, place)| Started::count(by, count, place)).collect()
}

/// The ports that it opens on the machine, where it is the app or keeps data.
fn opens(service: &Service<'_>, is_app: bool, names: &Names<'_>) -> Vec<OpenPort> {
    let container = &service.container;
    let image = container.image.as_ref().and_then(|(image, _)| names.replaced(image));
    let asked = container.ports.items.iter().filter(|_| is_app || !container.is_optional());
    let ports = asked.filter_map(|(text, place)| {
        let Opened { ip, number, target } = opened(&names.replaced(text)?)?;
        let stored = (!is_app).then(|| compose::stored(image.as_deref(), container.is_built, &service.name, target));
        // Of other programs it is not known who is meant to reach them.
        let is_asked = stored.as_ref().is_none_or(Option::is_some);
        let (place, service) = (*place, service.name.clone());
        is_asked.then(|| OpenPort { ip, number, target, place, service, stored: stored.flatten() })
    });
    ports.collect()
}
