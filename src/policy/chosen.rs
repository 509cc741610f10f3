//! Which service of a Compose file is the app, where nobody says it.

use std::collections::{HashMap, HashSet};

use super::composed::commands;
use super::given::Asked;
use crate::command;
use crate::compose::{Compose, Service};
use crate::dotenv::{Problem, ProblemKind, Verdict};
use crate::profile::quoted;

/// The service that is the app: the one that sets most of the variables that are known, and is started without being asked for
/// where there is such a one. Of several it is one that is there by itself and not for others to extend, the one with the app's
/// name, that the profile's proxy asks, that is no proxy, that starts no worker beside the app, that is started without being asked
/// for, that is built here, that names a file of variables, or that is published, in this order. Where all that leaves several that
/// are started with different things, the first counts, and its owner is asked. A database is no app: where a file starts nothing
/// else, none is.
pub(super) fn app(composed: &mut [Option<Compose<'_>>], asked: &Asked<'_>) -> Option<String> {
    let known = |service: &Service<'_>| {
        let names = service.entries.iter().chain(&service.open).map(|entry| entry.name);
        names.filter(|name| (asked.is_known)(name)).count()
    };
    let is_named = |service: &Service<'_>| service.name == asked.name;
    let all = || composed.iter().flatten().flat_map(|compose| &compose.services);
    let no_stores = || all().filter(|one| !one.keeps_data() || is_named(one) && !one.has_a_stores_image());
    // A database that is built here has a name by which it is known, where something else may be the app.
    let is_any = |service: &Service<'_>| is_named(service) || !service.is_called_a_store();
    let has_others = no_stores().any(is_any);
    // What stands in a file that it names is not counted here.
    let has_files = |service: &Service<'_>| !service.files.is_empty();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for service in all() {
        *counts.entry(&service.name).or_default() += known(service);
    }
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    let is_given = |service: &Service<'_>| count(&service.name) > 0 || has_files(service);
    let is_started = |service: &Service<'_>| !service.container.is_optional();
    let is_usual = |service: &Service<'_>| is_started(service) && is_given(service) && !is_beside(service);
    let has_usual = no_stores().any(is_usual);
    let is_meant = |service: &Service<'_>| !has_usual || is_started(service) || is_named(service);
    let services = || no_stores().filter(|service| (!has_others || is_any(service)) && is_meant(service));
    let most = services().map(|service| count(&service.name)).max()?;
    let may_be = |service: &&Service<'_>| count(&service.name) == most || has_files(service);
    let mut left: Vec<&Service<'_>> = services().filter(may_be).collect();
    let bases = bases(&all().collect::<Vec<_>>());
    let has_some = |service: &Service<'_>| !service.entries.is_empty() || !service.open.is_empty();
    let signs: [&dyn Fn(&Service<'_>) -> bool; 9] = [
        &|service| !bases.contains(service.name.as_str()),
        &is_named,
        &|service| asked.upstreams.contains(&service.name),
        &|service| !service.is_a_proxy(),
        &|service| !starts_a_worker(service),
        // A mailbox for tests is started with nothing.
        &|service| is_started(service) && (service.container.is_built || has_files(service) || has_some(service)),
        &|service| service.container.is_built,
        &has_files,
        &|service| !service.container.ports.items.is_empty(),
    ];
    for sign in signs {
        if left.iter().any(|service| sign(service)) {
            left.retain(|service| sign(service));
        }
    }
    let first = left.first()?;
    let name = first.name.clone();
    let parts = |name: &str| all().filter(|service| service.name == name).collect::<Vec<_>>();
    let own = parts(&name);
    let is_other = |other: &&&Service<'_>| other.name != name && !is_started_alike(&own, &parts(&other.name));
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

/// How many services may extend each other, one after the other.
const DEEPEST: usize = 16;

/// The services that are there for others to extend: they start no server, and one of those does, or is reached by other programs
/// where they are not; or they have a name that says so.
fn bases<'s>(all: &[&'s Service<'_>]) -> HashSet<&'s str> {
    const NAMES: [&str; 6] = ["base", "common", "template", "default", "defaults", "shared"];
    let named: HashMap<&str, &'s Service<'_>> = all.iter().map(|service| (service.name.as_str(), *service)).collect();
    let below = |service: &&'s Service<'_>| named.get(service.extends.as_deref()?).copied();
    let mut bases = HashSet::new();
    let extending = all.iter().filter(|service| service.extends.is_some() && !is_beside(service));
    for one in extending {
        let others = std::iter::successors(below(one), below).take(DEEPEST).filter(|base| base.name != one.name);
        // What is started on request takes no other's place.
        for base in others.filter(|base| !one.container.is_optional() || base.container.is_optional()) {
            let is_called_one = base.name.split(['-', '_', '.']).any(|part| NAMES.contains(&part));
            let is_reached_instead = !base.container.is_reached() && one.container.is_reached();
            if is_called_one || !serves(base) && (is_reached_instead || serves(one)) {
                bases.insert(base.name.as_str());
            }
        }
    }
    bases
}

/// Whether a service is known to start a server.
fn serves(service: &Service<'_>) -> bool {
    let commands = commands(&service.container);
    command::server(&commands).is_some_and(|server| {
        let words: Vec<_> = server.words.iter().map(|(word, place)| (word.as_str(), *place)).collect();
        command::serves(&words)
    })
}

/// Whether a service does something else than the app: it hands requests on, or does work beside it.
fn is_beside(service: &Service<'_>) -> bool {
    service.is_a_proxy() || starts_a_worker(service)
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
    let commands = commands(&service.container);
    let words = command::server(&commands).into_iter().flat_map(|server| &server.words);
    words.map(|(word, _)| word.as_str()).any(|word| BESIDE.contains(&word))
}

/// Whether it does not matter which of two services is meant, by what all files say of each: they have the same variables and
/// files, as a worker often has those of the web server.
fn is_started_alike(one: &[&Service<'_>], other: &[&Service<'_>]) -> bool {
    fn variables<'s>(parts: &[&'s Service<'_>]) -> Vec<(&'s str, &'s str)> {
        let entries = parts.iter().flat_map(|service| &service.entries);
        let mut all: Vec<_> = entries.map(|entry| (entry.name, entry.value.expose())).collect();
        all.sort_unstable();
        all
    }
    fn names<'s>(parts: &[&'s Service<'_>]) -> Vec<&'s str> {
        let files = parts.iter().flat_map(|service| service.files.iter().map(|file| file.path.as_str()));
        parts.iter().flat_map(|service| service.open.iter().map(|open| open.name)).chain(files).collect()
    }
    variables(one) == variables(other) && names(one) == names(other)
}
