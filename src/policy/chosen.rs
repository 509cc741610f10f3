//! Which service of a Compose file is the app, where nobody says it.

use super::composed::commands;
use super::given::Asked;
use crate::command;
use crate::compose::{Compose, Service};
use crate::dotenv::{Problem, ProblemKind, Verdict};
use crate::profile::quoted;

/// The service that is the app: the one that sets most of the variables that are known. Of several it is the one with the app's
/// name, that the profile's proxy asks, that is no proxy, that starts no worker beside the app, that is built here, that names a file
/// of variables, or that is published, in this order. Where all that leaves several that are started with different things, the
/// first counts, and its owner is asked. A database is no app: where a file starts nothing else, none is.
pub(super) fn app(composed: &mut [Option<Compose<'_>>], asked: &Asked<'_>) -> Option<String> {
    let known = |service: &Service<'_>| {
        let names = service.entries.iter().map(|entry| entry.name).chain(service.open.iter().copied());
        names.filter(|name| (asked.is_known)(name)).count()
    };
    let is_named = |service: &Service<'_>| service.name == asked.name;
    let no_stores = || {
        let all = composed.iter().flatten().flat_map(|compose| &compose.services);
        all.filter(|one| !one.keeps_data() || is_named(one) && !one.has_a_stores_image())
    };
    // A database that is built here has a name by which it is known, where something else may be the app.
    let is_any = |service: &Service<'_>| is_named(service) || !service.is_called_a_store();
    let has_others = no_stores().any(is_any);
    let services = || no_stores().filter(|service| !has_others || is_any(service));
    // What stands in a file that it names is not counted here.
    let has_files = |service: &Service<'_>| !service.files.is_empty();
    let count = |name: &str| services().filter(|service| service.name == name).map(known).sum::<usize>();
    let most = services().map(|service| count(&service.name)).max()?;
    let may_be = |service: &&Service<'_>| count(&service.name) == most || has_files(service);
    let mut left: Vec<&Service<'_>> = services().filter(may_be).collect();
    let signs: [&dyn Fn(&Service<'_>) -> bool; 7] = [
        &is_named,
        &|service| asked.upstreams.contains(&service.name),
        &|service| !service.is_a_proxy(),
        &|service| !starts_a_worker(service),
        &|service| service.is_built,
        &has_files,
        &|service| !service.ports.is_empty(),
    ];
    for sign in signs {
        if left.iter().any(|service| sign(service)) {
            left.retain(|service| sign(service));
        }
    }
    let first = left.first()?;
    let name = first.name.clone();
    let is_other = |other: &&&Service<'_>| other.name != name && !is_started_alike(first, other);
    if let Some(other) = left.iter().find(is_other) {
        let message = format!(
            "{} and {} may be the app as well as each other: {} is taken for it",
            quoted(&name),
            quoted(&other.name),
            quoted(&name)
        );
        let help = format!("say which one is, as in `compose.yaml#{name}`, or give it the name that `app.name` has");
        let (span, kind, verdict) = (first.name_span, ProblemKind::OtherKind, Verdict::Unsure);
        let problem = Problem { span, kind, message, help, verdict };
        let is_its = |compose: &&mut Compose<'_>| compose.services.iter().any(|service| service.name == name);
        composed.iter_mut().flatten().find(is_its)?.problems.push(problem);
    }
    Some(name)
}

/// Programs that do work beside the app, and the words of its own by which it does some and ends.
const BESIDE: [&str; 12] = [
    "celery",
    "rq",
    "rqworker",
    "dramatiq",
    "arq",
    "huey",
    "sidekiq",
    "worker",
    "beat",
    "migrate",
    "alembic",
    "queue:work",
];

/// Whether a service starts one of them in the end.
fn starts_a_worker(service: &Service<'_>) -> bool {
    let commands = commands(service);
    let words = command::server(&commands).into_iter().flat_map(|server| &server.words);
    words.map(|(word, _)| word.as_str()).any(|word| BESIDE.contains(&word))
}

/// Whether it does not matter which of two services is meant: they have the same variables and files, as a worker often has
/// those of the web server.
fn is_started_alike(one: &Service<'_>, other: &Service<'_>) -> bool {
    fn variables<'s>(service: &'s Service<'_>) -> Vec<(&'s str, &'s str)> {
        let mut all: Vec<_> = service.entries.iter().map(|entry| (entry.name, entry.value.expose())).collect();
        all.sort_unstable();
        all
    }
    let files = |service: &Service<'_>| service.files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
    variables(one) == variables(other) && one.open == other.open && files(one) == files(other)
}
