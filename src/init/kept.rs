//! Which variables say where an app keeps its state and its data, where no pack says it.

use crate::apps::{AppPack, Known, PackVariable, UnknownVariables};
use crate::policy::{Environment, Variable};
use crate::profile::Engine;
use crate::rules::secrets::subject::engine_of;

/// Whether a variable may say what stands at a key, though the app's pack does not name it: the pack does not know what else the
/// app reads, and has no variable for the key.
pub(super) fn leaves_open(app: &AppPack, key: &str) -> bool {
    let has = |row: &PackVariable| row.field.as_ref().is_some_and(|field| field.as_str() == key);
    app.unknown_variables == UnknownVariables::Unknown && !app.variables.all().values().any(has)
}

/// Whether the app's pack says nothing of a variable.
fn is_unknown(app: &AppPack, name: &str) -> bool {
    matches!(app.known(name), Known::Nothing)
}

/// The variable with the URL of the Redis that keeps an app's state, where its pack leaves that open: by its
/// name. What queues jobs may be another one.
pub(super) fn redis<'a>(app: &AppPack, environment: &'a Environment<'_>) -> Option<&'a str> {
    /// The one that whoever starts Compose hands on.
    const HANDED_ON: &str = "REDIS_URL";
    if !leaves_open(app, "state.url") {
        return None;
    }
    let is_url = |variable: &Variable<'_>| {
        let value = variable.value.expose();
        is_unknown(app, variable.name) && ["redis://", "rediss://"].iter().any(|scheme| value.starts_with(scheme))
    };
    let rank = |variable: Variable<'a>| {
        let is = |words: &[&str]| words.iter().any(|word| variable.name.contains(word));
        let rank = match variable.name {
            "REDIS_URL" => 0,
            _ if is(&["CELERY", "BROKER", "QUEUE", "RESULT", "JOBS"]) => return None,
            _ if is(&["SESSION", "STATE"]) => 1,
            _ if is(&["REDIS"]) => 2,
            _ if is(&["CACHE"]) => 3,
            _ => return None,
        };
        variable.is_plainly_named.then_some((rank, variable.name))
    };
    let set = environment.variables().filter(is_url).filter_map(rank).min().map(|(_, name)| name);
    set.or_else(|| environment.leaves_open(HANDED_ON).then_some(HANDED_ON))
}

/// The variable with the URL of an app's database, where its pack leaves that open: by its name, and of what
/// server or file the URL is. A second database, or a copy to read from, is a secret like others.
pub(super) fn database<'a>(app: &AppPack, environment: &'a Environment<'_>) -> Option<(&'a str, Engine)> {
    if !leaves_open(app, "database.url") {
        return None;
    }
    let rank = |variable: Variable<'a>| {
        let engine = engine_of(variable.value.expose())?;
        let rank = match variable.name {
            "DATABASE_URL" => 0,
            "DATABASE_URI" | "DB_URL" | "DB_URI" | "SQLALCHEMY_DATABASE_URI" | "SQLALCHEMY_DATABASE_URL" => 1,
            "POSTGRES_URL" | "POSTGRESQL_URL" | "MYSQL_URL" | "MARIADB_URL" | "MONGO_URL" | "MONGODB_URL"
            | "MONGO_URI" | "MONGODB_URI" => 2,
            _ => return None,
        };
        Some((rank, variable.name, engine))
    };
    let unknown = environment.variables().filter(|variable| is_unknown(app, variable.name));
    let found = unknown.filter_map(rank).min_by_key(|(rank, name, _)| (*rank, *name));
    found.map(|(_, name, engine)| (name, engine))
}
