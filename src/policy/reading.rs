//! Reads the texts of an environment in their order: what one says, names in the next may stand for.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use super::chosen::app;
use super::composed::{Around, Beside, Defined, of_compose};
use super::given::{Asked, Given, Read};
use crate::compose::{self, Compose};
use crate::dotenv::{Before, Document, Entry, Problem, ProblemKind, Reader, Verdict};

/// Reads the texts of a mode in the order in which they count.
pub(super) fn documents<'a>(files: &[Given<'a>], asked: &Asked<'_>) -> Vec<Read<'a>> {
    let mut composed: Vec<Option<Compose<'a>>> =
        files.iter().map(|file| file.is_compose().then(|| compose::read(file.number, file.source))).collect();
    compose::together(composed.iter_mut().flatten());
    settle(files, &mut composed);
    let secrets = secrets(files, &composed);
    let said = files.iter().find_map(|file| file.service).map(str::to_owned);
    let service = said.or_else(|| app(&mut composed, asked));
    let is_app = |name: &str| service.as_deref() == Some(name);
    let optional = optional(composed.iter().flatten(), is_app);
    let beside = Beside::of(composed.iter().flatten().flat_map(|compose| &compose.services), is_app);
    let mut read: Vec<Read<'a>> = Vec::with_capacity(files.len());
    for (number, (file, composed)) in files.iter().zip(&mut composed).enumerate() {
        let one = match composed.take() {
            Some(composed) => {
                of_compose(file, composed, &Around { beside: &beside, secrets: &secrets, before: &read }, is_app)
            }
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
                let is_unused = is_others && file.services.iter().all(|name| optional.contains(name));
                let others = if is_others { document.entries().len() } else { 0 };
                // Who names another file to Compose has it read that one in the place of the one beside it.
                let gives_names = file.is_beside && !files[..number].iter().any(Given::is_read);
                if is_unused && !gives_names {
                    Read::of_file(Document::made(Vec::new(), Vec::new()), 0, true)
                } else if is_unused {
                    Read { is_for_names: true, gives_names, ..Read::of_file(document, 0, true) }
                } else {
                    Read { is_for_names, gives_names, ..Read::of_file(document, others, true) }
                }
            }
        };
        read.push(one);
    }
    read
}

/// Settles what one Compose file leaves to others: a file that it takes in and that is named as well is looked at, and one without
/// services adds to those that have some.
fn settle(files: &[Given<'_>], composed: &mut [Option<Compose<'_>>]) {
    let has_services = composed.iter().flatten().any(|compose| !compose.services.is_empty());
    let plain = |path: &Path| path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
    let named: HashSet<PathBuf> = files.iter().map(|file| plain(&file.source.path)).collect();
    for (file, compose) in files.iter().zip(composed).filter_map(|(file, compose)| Some((file, compose.as_mut()?))) {
        let is_looked_at = |path: &String| !path.is_empty() && named.contains(&plain(&file.folder().join(path)));
        for (span, paths) in &compose.included {
            if paths.iter().all(is_looked_at) {
                compose.problems.retain(|problem| problem.span != *span);
            }
        }
        compose.problems.extend(compose.has_no_services.take().filter(|_| !has_services));
    }
}

/// The secrets that all Compose files define.
fn secrets<'a>(files: &[Given<'a>], composed: &[Option<Compose<'a>>]) -> Vec<Defined<'a>> {
    let composed = files.iter().zip(composed).filter_map(|(file, compose)| Some((file, compose.as_ref()?)));
    let each = composed.flat_map(|(file, compose)| {
        let made = |definition| Defined { source: file.number, folder: file.folder(), definition };
        compose.secrets.iter().cloned().map(made)
    });
    each.collect()
}

/// The services other than the app that are started on request alone.
fn optional<'c, 'a: 'c>(
    files: impl Iterator<Item = &'c Compose<'a>>,
    is_app: impl Fn(&str) -> bool,
) -> HashSet<String> {
    let services = files.flat_map(|compose| &compose.services);
    let optional = services.filter(|service| service.container.is_optional() && !is_app(&service.name));
    optional.map(|service| service.name.clone()).collect()
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
