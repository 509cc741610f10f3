//! The two ends of a connection, where a Compose file starts both: what the app's URL brings, and what the server that it leads to
//! asks for. Values are compared, and shown nowhere.

use super::connection::Connection;
use super::draft::Draft;
use super::rule::Findings;
use super::secrets::uses::urls;
use crate::finding::Severity::Warning;
use crate::plan::Facts;
use crate::policy::{Asks, Environment, Handed, Store};
use crate::profile::{Engine, quoted};
use crate::source::Span;

/// A password that a server is started with.
struct Given<'f> {
    value: &'f str,
    /// Where it stands.
    place: (usize, Span),
    /// What it is given by, as `POSTGRES_PASSWORD`.
    by: &'static str,
}

/// How an image is told a password: what its program is called, the variable that says whom it lets in, the one with the password,
/// and whom it lets in where nothing says it.
const VARIABLES: [(&str, &str, &str, &str); 12] = [
    ("PostgreSQL", "POSTGRES_USER", "POSTGRES_PASSWORD", "postgres"),
    ("PostgreSQL", "POSTGRESQL_USERNAME", "POSTGRESQL_PASSWORD", "postgres"),
    ("MySQL", "MYSQL_USER", "MYSQL_PASSWORD", ""),
    ("MySQL", "", "MYSQL_ROOT_PASSWORD", "root"),
    ("MariaDB", "MARIADB_USER", "MARIADB_PASSWORD", ""),
    ("MariaDB", "MYSQL_USER", "MYSQL_PASSWORD", ""),
    ("MariaDB", "", "MARIADB_ROOT_PASSWORD", "root"),
    ("MariaDB", "", "MYSQL_ROOT_PASSWORD", "root"),
    ("MongoDB", "MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD", ""),
    ("Redis", "", "REDIS_PASSWORD", ""),
    ("Valkey", "", "VALKEY_PASSWORD", ""),
    ("KeyDB", "", "KEYDB_PASSWORD", ""),
];

/// Programs that are reached as Redis is.
const LIKE_REDIS: [&str; 4] = ["Redis", "Valkey", "KeyDB", "Dragonfly"];

/// Whether a URL is one by which such a program is reached.
fn is_of(title: &str, url: &Connection<'_>) -> bool {
    match url.engine() {
        Some(Engine::Postgresql) => title == "PostgreSQL",
        Some(Engine::Mysql) => ["MySQL", "MariaDB"].contains(&title),
        Some(Engine::Mongodb) => title == "MongoDB",
        Some(Engine::Sqlite | Engine::Firestore) => false,
        None => url.is_redis() && LIKE_REDIS.contains(&title),
    }
}

/// The service of a Compose file that a URL leads to, by its name; or by another that no second service has.
pub(super) fn store<'f>(facts: &Facts<'f>, url: &Connection<'_>) -> Option<&'f Store> {
    let mut hosts = url.hosts();
    let host = hosts.next().filter(|_| hosts.next().is_none())?;
    let environment = facts.policy.environment()?;
    let stores = &environment.containers().stores;
    let named = stores.iter().find(|store| store.service == host);
    let also_named = || {
        let mut all = stores.iter().filter(|store| store.also_called.iter().any(|name| name == host));
        let one = all.next().filter(|_| all.next().is_none());
        one.filter(|_| environment.services().all(|service| service != host))
    };
    named.or_else(also_named).filter(|store| is_of(store.title, url))
}

/// Tells of a server that is started with another password than the app's URL brings for the same user. Where either of them is not
/// known, nothing is told.
pub(super) fn tell_another(facts: &Facts<'_>, out: &mut Findings<'_>) {
    for (key, variable) in urls(facts) {
        let Some(url) = Connection::read(variable.value.expose()) else { continue };
        let Some((store, Given { by, place, .. })) = another(facts, &url) else { continue };
        let service = quoted(&store.service);
        let once = if by.starts_with('-') {
            ""
        } else {
            ", which counts when the data is made for the first time and not afterwards"
        };
        let message = format!("`{key}` brings another password than the service {service} is started with");
        out.at_variable(variable, key, message)
            .at_most(Warning)
            .label("the server does not let the app in")
            .also_in_file(place, "the server is started with another one")
            .help(format!(
                "write the same password in both places: here, and in `{by}` of the service {service}{once}"
            ));
    }
}

/// The password that the server of a URL is started with, where it is another one than the URL brings.
fn another<'f>(facts: &Facts<'f>, url: &Connection<'_>) -> Option<(&'f Store, Given<'f>)> {
    let environment = facts.policy.environment()?;
    let store = store(facts, url)?;
    let brought = url.password().filter(|password| !password.is_empty() && !password.contains('$'))?;
    let given = given(environment, store, url)?;
    let is_same = brought == given.value || url.plain(brought) == given.value;
    (!is_same).then_some((store, given))
}

fn given<'f>(environment: &'f Environment<'_>, store: &'f Store, url: &Connection<'_>) -> Option<Given<'f>> {
    // Of other users than the usual one, a Redis is told elsewhere; and a PostgreSQL may be told to look at no password.
    let is_usual = || url.user().is_none_or(|user| user == "default");
    let looks_at_none = || match environment.handed_to(&store.service, "POSTGRES_HOST_AUTH_METHOD") {
        Handed::Value(variable) => variable.value.expose() == "trust",
        Handed::Unknown => true,
        Handed::Nothing => false,
    };
    if LIKE_REDIS.contains(&store.title) && !is_usual() || store.title == "PostgreSQL" && looks_at_none() {
        return None;
    }
    match &store.asks {
        Asks::Password(value, place) => Some(Given { value: value.expose(), place: *place, by: "--requirepass" }),
        Asks::Nothing | Asks::Unknown => None,
        Asks::ByVariables => {
            let user = url.user().map(|user| url.plain(user));
            let is_asked = |(name, usual): (&str, &str)| match environment.handed_to(&store.service, name) {
                Handed::Value(variable) => user.as_deref() == Some(variable.value.expose()),
                Handed::Unknown => false,
                // A Redis asks for the password alone.
                Handed::Nothing => user.as_deref() == Some(usual) || LIKE_REDIS.contains(&store.title),
            };
            let own = VARIABLES.iter().filter(|(title, ..)| *title == store.title);
            own.filter(|(_, name, _, usual)| is_asked((name, usual))).find_map(|(_, _, by, _)| {
                let Handed::Value(variable) = environment.handed_to(&store.service, by) else { return None };
                let value = variable.value.expose();
                let place = (variable.source, variable.span);
                // What a shell or the image would replace in it is not known.
                (!value.is_empty() && !value.contains('$')).then_some(Given { value, place, by })
            })
        }
    }
}

/// Adds to the help on a URL without a password that the server which it leads to has to ask for one.
pub(super) fn show_password(draft: &mut Draft, facts: &Facts<'_>, url: &Connection<'_>) {
    if let Some(store) = store(facts, url).filter(|store| matches!(store.asks, Asks::Nothing)) {
        show_command(draft, store, "`--requirepass ${REDIS_PASSWORD}`");
        draft.remark("every other service that connects to it needs the password, too");
    }
}

/// Adds to the help on a connection that is not encrypted what has to change at the server that the URL leads to, so that it speaks
/// TLS.
pub(super) fn show_tls(draft: &mut Draft, facts: &Facts<'_>, url: &Connection<'_>) {
    let Some(store) = store(facts, url) else { return };
    let how = match store.title {
        "PostgreSQL" => "`-c ssl=on`, `-c ssl_cert_file=…` and `-c ssl_key_file=…`",
        "MySQL" | "MariaDB" => "`--require-secure-transport=ON`, `--ssl-cert=…` and `--ssl-key=…`",
        "MongoDB" => "`--tlsMode=requireTLS` and `--tlsCertificateKeyFile=…`",
        _ => "`--tls-port 6380`, `--port 0`, `--tls-auth-clients no`, `--tls-cert-file …` and `--tls-key-file …`",
    };
    show_command(draft, store, how);
}

fn show_command(draft: &mut Draft, Store { service, title, .. }: &Store, how: &str) {
    let service = quoted(service);
    draft.remark(&format!(
        "and in the service {service} of the Compose file, start {title} with {how} in its `command`"
    ));
}
