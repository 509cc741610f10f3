//! The texts that an environment is read from: `.env` files, Compose files, and what those name.

use std::collections::HashMap;

use super::variable::Exposure;
use crate::compose::{self, Compose, Service};
use crate::dotenv::{Document, Entry, Problem, Reader};
use crate::source::Source;

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
    /// What is wrong with the files that it names.
    pub problems: &'a [Problem],
}

impl<'a> Given<'a> {
    /// A file of which nothing but its text counts.
    pub fn alone(source: &'a Source) -> Self {
        Self { number: 0, source, exposure: Exposure::default(), service: None, services: &[], problems: &[] }
    }

    /// Whether it is a Compose file.
    fn is_compose(&self) -> bool {
        self.services.is_empty() && compose::is_one(&self.source.path)
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
}

/// Reads the texts of a mode in the order in which they count.
pub(super) fn documents<'a>(files: &[Given<'a>], readers: &[Reader], is_known: impl Fn(&str) -> bool) -> Vec<Read<'a>> {
    let mut composed: Vec<Option<Compose<'a>>> =
        files.iter().map(|file| file.is_compose().then(|| compose::read(file.source))).collect();
    let asked = files.iter().find_map(|file| file.service).map(str::to_owned);
    let service = asked.or_else(|| app(composed.iter().flatten().flat_map(|compose| &compose.services), is_known));
    let is_app = |name: &str| service.as_deref() == Some(name);
    let mut read: Vec<Read<'a>> = Vec::with_capacity(files.len());
    for (file, composed) in files.iter().zip(&mut composed) {
        let one = match composed.take() {
            Some(composed) => of_compose(file, composed, is_app, &read),
            None if file.services.is_empty() => {
                let document = Document::read_by(file.source, readers);
                Read { document, others: 0, open: Vec::new(), is_handed: false }
            }
            None => {
                let document = Document::read_by(file.source, &[Reader::Compose]);
                let is_others = !file.services.iter().any(|name| is_app(name));
                let others = if is_others { document.entries().len() } else { 0 };
                Read { document, others, open: Vec::new(), is_handed: true }
            }
        };
        read.push(one);
    }
    read
}

/// The service that is the app: the first of those that set most of the variables that are known.
fn app<'s>(services: impl Iterator<Item = &'s Service<'s>>, is_known: impl Fn(&str) -> bool) -> Option<String> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for service in services {
        let names = service.entries.iter().map(|entry| entry.name).chain(service.open.iter().copied());
        let known = names.filter(|name| is_known(name)).count();
        match counts.iter_mut().find(|(name, _)| *name == service.name) {
            Some((_, count)) => *count += known,
            None => counts.push((&service.name, known)),
        }
    }
    // Of equals, the last is the greatest to `max_by_key`.
    counts.iter().rev().max_by_key(|(_, count)| *count).map(|(name, _)| (*name).to_owned())
}

/// The variables of a Compose file: those of other services first. Names in values are replaced by what stands in the files
/// before it; what else Compose would put there, nobody knows here.
fn of_compose<'a>(
    file: &Given<'a>,
    compose: Compose<'a>,
    is_app: impl Fn(&str) -> bool,
    before: &[Read<'a>],
) -> Read<'a> {
    // What a service is started with is put in no name's place.
    let values: HashMap<&str, &str> = before
        .iter()
        .filter(|read| !read.is_handed)
        .flat_map(|read| read.document.entries())
        .map(|entry| (entry.name, entry.value.expose()))
        .collect();
    let known = |name: &str| values.get(name).copied();
    let (mut entries, mut others, mut open) = (Vec::new(), 0, Vec::new());
    let (app, other): (Vec<_>, Vec<_>) = compose.services.into_iter().partition(|service| is_app(&service.name));
    for service in other.into_iter().chain(app) {
        let is_app = is_app(&service.name);
        for Entry { name, name_span, value_span, value, .. } in service.entries {
            match compose::interpolated(value.expose(), known) {
                Some(value) => entries.push(Entry::made(name, name_span, value_span, value)),
                None if is_app => open.push(name),
                None => {}
            }
        }
        if is_app {
            let is_unknown = |name: &&str| known(name).is_none();
            open.extend(service.open.into_iter().filter(is_unknown));
        } else {
            others = entries.len();
        }
    }
    let mut problems: Vec<Problem> = compose.problems.into_iter().chain(file.problems.iter().cloned()).collect();
    problems.sort_by_key(|problem| problem.span);
    Read { document: Document::made(entries, problems), others, open, is_handed: true }
}
