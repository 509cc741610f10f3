//! Where a secret is written that has to be another one: in a Compose file behind a name, and a database's password also where its
//! server has it.

use super::names::spelled;
use super::subject::Subject;
use super::uses::urls;
use crate::plan::Facts;
use crate::policy::Variable;
use crate::profile::Engine;
use crate::rules::connection::Connection;
use crate::rules::draft::Draft;
use crate::rules::stores;
use crate::source::KeyPath;

/// How the variables are called that give a server its password, by the database, and last those of a Redis: the words in their
/// names, and the usual name.
const SERVERS: [(Option<Engine>, &[&str], &str); 4] = [
    (Some(Engine::Postgresql), &["POSTGRES", "POSTGRESQL", "PG", "DB", "DATABASE"], "POSTGRES_PASSWORD"),
    (Some(Engine::Mysql), &["MYSQL", "MARIADB", "DB", "DATABASE"], "MYSQL_PASSWORD"),
    (Some(Engine::Mongodb), &["MONGO", "MONGODB", "DB", "DATABASE"], "MONGO_PASSWORD"),
    (None, &["REDIS", "VALKEY"], "REDIS_PASSWORD"),
];

/// The words and the usual name for the server that a URL leads to; of one that nobody knows, no word.
fn server(url: &Connection<'_>) -> (&'static [&'static str], &'static str) {
    let engine = url.engine();
    let known = SERVERS.iter().find(|(of, ..)| *of == engine && (engine.is_some() || url.is_redis()));
    known.map_or((&[], "DB_PASSWORD"), |(_, words, usual)| (words, usual))
}

/// How many places of the same password a finding shows.
const PLACES: usize = 3;

/// How their names end.
const ENDINGS: [&str; 4] = ["PASSWORD", "PASSWD", "PASS", "PWD"];

/// Whether a name is that of a password, and one of its words is asked for: `PGPASSWORD` has `PG`, `UPGRADE_PASS` has not.
fn has_word(name: &str, is_asked: impl Fn(&str) -> bool) -> bool {
    let name = spelled(name);
    let before = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
    before.is_some_and(|before| before.split('_').any(is_asked))
}

/// Whether a variable of this name holds the password of a server that such a URL leads to.
fn is_of_the_server(name: &str, url: &Connection<'_>) -> bool {
    has_word(name, |word| server(url).0.contains(&word))
}

/// Whether a variable of this name holds the password of a database, or of what else keeps data.
fn is_of_a_database(name: &str) -> bool {
    has_word(name, |word| ["SQL", "MSSQL"].contains(&word) || SERVERS.iter().any(|(_, words, _)| words.contains(&word)))
}

/// Whether a URL leads to the server that is given a variable, as far as the names of services say it.
fn leads_to(facts: &Facts<'_>, url: &Connection<'_>, variable: Variable<'_>) -> bool {
    // What the app has itself is for whatever server it leads to.
    let Some(environment) = facts.policy.environment().filter(|_| variable.is_others) else { return true };
    let services = environment.services_of(&variable);
    let is_named = |name: &str| url.hosts().any(|host| host == name);
    // A host that no service is called may be any of them, by another name.
    services.is_empty() || services.iter().any(|name| is_named(name)) || !environment.services().any(is_named)
}

/// Whether what is told of a password at a key may be accepted there, so that it has to be told elsewhere.
fn may_be_accepted(facts: &Facts<'_>, key: &KeyPath) -> bool {
    const RULES: [&str; 4] = ["DAT002", "SEC003", "SEC014", "SEC015"];
    facts.policy.waivers.iter().any(|waiver| {
        let is_about = || waiver.key.as_ref().is_none_or(|about| key.is_within(&KeyPath::dotted(about.as_str())));
        RULES.contains(&waiver.rule.as_str()) && is_about()
    })
}

/// The app's URL that leads to the server of which a variable holds the password, where it has the same.
pub(super) fn url_with<'p>(facts: &'p Facts<'_>, variable: Variable<'_>, value: &str) -> Option<Variable<'p>> {
    let is_it = |key: &'static str, url: &Variable<'_>| {
        let connection = Connection::read(url.value.expose()).filter(|_| !url.is_at(&variable));
        connection.is_some_and(|url| {
            let is_its = url.password() == Some(value) && is_of_the_server(variable.name, &url);
            is_its && leads_to(facts, &url, variable) && !may_be_accepted(facts, &key.into())
        })
    };
    urls(facts).find(|(key, url)| is_it(key, url)).map(|(_, url)| url)
}

/// Whether the password of a server is told elsewhere, so that it is told there alone: at the app's URL that leads to the server,
/// at the app's own variable with the same password, or where a Compose file takes it from.
pub(super) fn is_told_elsewhere(
    facts: &Facts<'_>,
    subjects: &[Subject<'_>],
    variable: Variable<'_>,
    value: &str,
) -> bool {
    let put = || facts.policy.environment()?.put_together(variable).filter(|put| put.written.is_empty());
    let of_the_app = |other: &&Subject<'_>| !other.variable.is_others && !other.variable.is_at(&variable);
    let is_taken_from = |other: &Subject<'_>| {
        let put = put();
        put.is_some_and(|put| put.from.iter().any(|from| from.is_at(&other.variable)))
    };
    let is_the_same = |other: &Subject<'_>| {
        is_of_a_database(variable.name) && is_of_a_database(other.variable.name) || is_taken_from(other)
    };
    let is_told =
        |other: &Subject<'_>| other.value == Some(value) && is_the_same(other) && !may_be_accepted(facts, &other.key());
    url_with(facts, variable, value).is_some() || variable.is_others && subjects.iter().filter(of_the_app).any(is_told)
}

/// Shows on a finding about a secret where else the same one stands, and adds to the help how it is written in a Compose file,
/// where a secret by itself would be read by everyone who reads the file.
pub(in crate::rules) fn show(draft: &mut Draft, facts: &Facts<'_>, variable: Variable<'_>) {
    let Some(environment) = facts.policy.environment() else { return };
    let connection = Connection::read(variable.value.expose());
    let mut remarks: Vec<String> = Vec::new();
    match environment.put_together(variable) {
        Some(put) => {
            for from in put.from.iter().filter(|from| !from.value.expose().is_empty()) {
                let is_it = connection.as_ref().is_none_or(|url| url.password() == Some(from.value.expose()));
                if is_it {
                    draft.also_in_file((from.source, from.span), "the value stands here");
                }
            }
        }
        None if environment.is_in_compose(&variable) => {
            let name: &str = if let Some(url) = &connection { server(url).1 } else { variable.name };
            remarks.push(format!("write `${{{name}}}` in this file, and the value in the `.env` beside it"));
        }
        None => {}
    }
    let is_same = |one: &Variable<'_>| {
        let value = one.value.expose();
        let is_it = if let Some(url) = &connection {
            url.password() == Some(value) && is_of_the_server(one.name, url) && leads_to(facts, url, *one)
        } else {
            value == variable.value.expose() && is_of_a_database(one.name)
        };
        is_it && !value.is_empty()
    };
    // Of a URL that the profile refers to, any variable may hold the password; of the app's own password, the server's.
    let is_the_profiles = || connection.is_some() && facts.policy.refers_to(variable.name);
    let is_the_apps = || connection.is_none() && !variable.is_others && is_of_a_database(variable.name);
    let own = is_the_profiles().then(|| environment.variables()).into_iter().flatten();
    let servers = (is_the_profiles() || is_the_apps()).then(|| environment.others()).into_iter().flatten();
    let same: Vec<Variable<'_>> = own.chain(servers).filter(is_same).collect();
    if !same.is_empty() {
        // Of many, a few show what is meant.
        for one in same.iter().take(PLACES) {
            draft.also_in_file((one.source, one.span), "the server is started with the same");
        }
        remarks
            .push("change it in both places, and in the server itself, where its database is there already".to_owned());
    }
    for remark in remarks {
        draft.remark(&remark);
    }
}

/// Adds to the help on a connection that is not encrypted what holds where a Compose file starts both ends: the server has to change
/// as well; and a name of one label is a container's, and whether all of them run on one machine is not to be seen in the file. `key`
/// is what such a waiver has to name, so that it hides nothing else.
pub(in crate::rules) fn show_neighbour(
    draft: &mut Draft,
    facts: &Facts<'_>,
    variable: Variable<'_>,
    (url, key): (&Connection<'_>, &str),
) {
    stores::show_tls(draft, facts, url);
    let is_in_compose = facts.policy.environment().is_some_and(|files| files.is_in_compose(&variable));
    if is_in_compose && url.is_of_one_label() {
        draft.remark(&format!(
            "where both containers run on one machine, on a network of their own, accept the missing TLS with that reason under \
             `[[waivers]]`, with `key = \"{key}\"` and a date in `expires`"
        ));
    }
}
