//! The database, and how it is reached.

use super::connection::{Connection, Encryption};
use super::rule::{Check, Draft, Findings, Severities, rules};
use super::secrets::strength::{is_common_password, is_placeholder};
use super::state::show_processes;
use crate::finding::Severity::{Error, Warning};
use crate::plan::Facts;
use crate::policy::Variable;
use crate::profile::{Backend, DatabaseTls, Engine, SecretRef};

/// What servers are called, and what their images are shown with.
const SERVERS: [&str; 8] = ["postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "redis", "example"];

/// The variable that holds the database's URL, where that is given and is one.
pub(super) fn database<'p>(facts: &'p Facts<'_>) -> Option<(Variable<'p>, Connection<'p>)> {
    let variable = facts.policy.value(facts.policy.database.url.as_ref()?)?;
    Some((variable, Connection::read(variable.value.expose())?))
}

/// Whether the app has a variable that tells it what a key says.
fn is_told(facts: &Facts<'_>, key: &str) -> bool {
    let mut rows = facts.app.variables.all().values();
    rows.any(|row| row.ignored.is_none() && row.field.as_ref().is_some_and(|field| field.as_str() == key))
}

/// What says that the database is a SQLite file.
enum Sqlite<'p> {
    Engine,
    Url(Variable<'p>),
}

impl<'p> Sqlite<'p> {
    /// The profile's word, or else that of the URL.
    fn of(facts: &'p Facts<'_>) -> Option<Self> {
        match facts.policy.database.engine {
            Some(Engine::Sqlite) => Some(Self::Engine),
            Some(Engine::Postgresql | Engine::Mysql | Engine::Mongodb | Engine::Firestore) | None => {
                let (variable, connection) = database(facts)?;
                (connection.engine() == Some(Engine::Sqlite)).then_some(Self::Url(variable))
            }
        }
    }

    fn tell<'o>(&self, out: &'o mut Findings<'_>, message: impl Into<String>) -> &'o mut Draft {
        match self {
            Self::Engine => out.at("database.engine", message),
            Self::Url(variable) => out.at_variable(*variable, "database.url", message),
        }
    }
}

rules! {
    /// SQLite is used by one process on one machine.
    ///
    /// A SQLite database is a file. Two instances have two files, each with half of the accounts, and over a network's
    /// file system the locks that keep it whole do not hold. Several processes on one machine share it, and wait for
    /// each other: one writes at a time, and under load the rest fail with "database is locked", the write of a lockout
    /// or of a used token included.
    ///
    /// Write: `database.engine = "postgresql"` and its URL; or `app.workers = 1` and `app.replicas = 1`.
    DAT001 = "sqlite-over-processes" {
        severity: Severities::live(Error),
        source: "sqlite.org, Appropriate Uses For SQLite; FastCMS's page: PostgreSQL, not SQLite",
        keys: &["database.engine", "database.url", "app.workers", "app.replicas"],
        fix: None,
        check: Check::Mixed(|facts, out| {
            let app = &facts.policy.app;
            let Some(sqlite) = Sqlite::of(facts).filter(|_| app.processes() > 1) else { return };
            let message = format!("{} processes of the app share one SQLite file", app.processes());
            let draft = sqlite.tell(out, message);
            if matches!(sqlite, Sqlite::Engine) {
                show_processes(draft, facts.policy);
            }
            draft
                .label("one writes at a time, and each machine has a file of its own")
                .help("use a database server such as PostgreSQL, or set `app.workers = 1` and `app.replicas = 1`");
        }),
    }

    /// The database and Redis are not reached with credentials that everyone tries.
    ///
    /// `postgres:postgres`, `root:root` and `test:test` are what images and examples start with, and what a program
    /// tries first on a port that it finds open. That the port is closed today is one line in a firewall or in a
    /// compose file. Behind it is everything that the service knows.
    ///
    /// Looked at in the URL, where `--env-file` gives it: a password that is the user's name, or the server's, or
    /// empty, or a placeholder, or one of the commonest.
    ///
    /// Write: a user of the service's own, with what `openssl rand -hex 24` prints for a password.
    DAT002 = "default-database-credentials" {
        severity: Severities::prod(Error),
        source: "InstaCRUD's production page: not test:test; OWASP ASVS 5.0 13.2.3",
        keys: &["database.url", "state.url"],
        fix: None,
        check: Check::Values(|facts, out| {
            let state = &facts.policy.state;
            let urls = [
                ("database.url", facts.policy.database.url.as_ref()),
                ("state.url", state.url.as_ref().filter(|_| state.backend == Backend::Redis)),
            ];
            let given = |url: Option<&SecretRef>| facts.policy.value(url?);
            for (key, variable) in urls.into_iter().filter_map(|(key, url)| Some((key, given(url)?))) {
                let connection = Connection::read(variable.value.expose());
                let Some((user, password)) = connection.and_then(|connection| connection.credentials()) else { continue };
                let is_default = password.eq_ignore_ascii_case(user)
                    || is_placeholder(password)
                    || is_common_password(password, &SERVERS)
                    || is_common_password(password, &[facts.policy.app.name.as_str()]);
                if is_default {
                    out.at_variable(variable, key, format!("`{key}` holds credentials that everyone tries"))
                        .label("a default, or easily guessed")
                        .help("make a user for the app, with what `openssl rand -hex 24` prints for a password");
                }
            }
        }),
    }

    /// The connection to a database on another host is encrypted.
    ///
    /// Between two machines there is a network that others are on: a neighbour in the data centre, whoever broke into
    /// the next container, whoever mirrors a port. They read every row that is asked for, and the password with which
    /// the app signs in.
    ///
    /// A database on the same machine needs none; where it is, the URL says, if `--env-file` gives it. Drivers for
    /// `postgresql://`, `mysql://` and `mongodb://` do without where nobody asks; `sslmode=prefer` asks in a way that
    /// whoever is on the way can refuse. Drivers believe the URL: what the profile says reaches an app whose pack has a
    /// variable for `database.tls`, and no other. `"require"` encrypts without looking at who answers: that is TLS008's.
    ///
    /// Write: `database.tls = "verify-full"`, and the same in the URL: `sslmode=verify-full`, or as the driver calls it. Where the
    /// app's own code sets TLS up, accept a URL that is silent with that reason, under `[[waivers]]`.
    DAT003 = "plain-database-connection" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 12.3.1 and 12.3.2",
        keys: &["database.tls", "database.url", "database.engine"],
        fix: Unsafe,
        check: Check::Mixed(|facts, out| {
            const KEY: &str = "database.tls";
            let database_is_here = facts.policy.database.engine == Some(Engine::Sqlite);
            let connection = database(facts);
            if database_is_here || connection.as_ref().is_some_and(|(_, connection)| !connection.leaves_the_machine()) {
                return;
            }
            let tls = facts.policy.database.tls;
            // Drivers believe the URL, unless the app has a variable of its own for this.
            let url_decides = connection.as_ref().is_some_and(|(_, connection)| {
                connection.encryption().is_none() && connection.is_plain_by_default() && !is_told(facts, KEY)
            });
            if tls == Some(DatabaseTls::Off) {
                let draft = out.at(KEY, "the connection to the database is not encrypted");
                draft
                    .label("whoever is on the network reads along")
                    .help("set `database.tls = \"verify-full\"`, and give the app the authority that signs the server's certificate");
                if !url_decides {
                    draft.set(KEY, "verify-full");
                }
                return;
            }
            let Some((variable, connection)) = connection else { return };
            match connection.encryption() {
                Some(Encryption::Off) => {
                    out.at_variable(variable, "database.url", "the URL of the database turns encryption off")
                        .label("whoever is on the network reads along")
                        .help("take `sslmode=disable`, `ssl=false` or `tls=false` out of it");
                }
                Some(Encryption::Optional) => {
                    out.at_variable(variable, "database.url", "the URL of the database does not insist on encryption")
                        .label("whoever is on the way can refuse it")
                        .help("write `sslmode=verify-full` in place of `sslmode=allow` or `sslmode=prefer`");
                }
                // That the profile is content with `"require"`, TLS008 says first.
                None if url_decides && tls != Some(DatabaseTls::Require) => {
                    out.at_variable(variable, "database.url", "the URL of the database on another host asks for no encryption")
                        .label("many drivers do without")
                        .help(
                            "ask for it in the URL: `sslmode=verify-full` for PostgreSQL, `ssl-mode=VERIFY_IDENTITY` for \
                             MySQL, `tls=true` for MongoDB, or as the driver calls it",
                        );
                }
                None if tls.is_none() && connection.is_plain_by_default() => {
                    out.at(KEY, "nothing asks for encryption on the way to the database on another host")
                        .label("many drivers do without")
                        .help("set `database.tls = \"verify-full\"`, or write it in the URL: `sslmode=verify-full`")
                        .set(KEY, "verify-full");
                }
                // Whose certificate it is, TLS008 asks.
                Some(Encryption::Unverified | Encryption::Verified) | None => {}
            }
        }),
    }

    /// All processes together open fewer connections than the database takes.
    ///
    /// Each process has a pool of its own, so the pools add up over workers and replicas. Whoever comes after the last
    /// connection gets an error: under load, which anyone can make, that is the sign-in, the health check that then
    /// restarts the app, and the administrator who wants to look.
    ///
    /// Write: `database.pool_size` below `max_connections` divided by all processes.
    DAT004 = "more-connections-than-taken" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 13.2.6",
        keys: &["database.pool_size", "database.max_connections", "app.workers", "app.replicas"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let (app, database) = (&facts.policy.app, &facts.policy.database);
            let (Some(pool), Some(taken)) = (database.pool_size, database.max_connections) else { return };
            let processes = app.processes();
            let opened = processes.saturating_mul(u64::from(pool));
            if opened < u64::from(taken) {
                return;
            }
            let message = format!("the app opens up to {opened} connections, and the database takes {taken}");
            let draft = out.at("database.pool_size", message);
            draft.label("in each process").also("database.max_connections", "one of them has to be left");
            show_processes(draft, facts.policy);
            let fitting = u64::from(taken).saturating_sub(1) / processes;
            match u32::try_from(fitting).unwrap_or(u32::MAX) {
                0 => draft.help("run fewer processes, or put a pooler such as PgBouncer in between"),
                fitting => draft
                    .help(format!("set `database.pool_size = {fitting}` or less, or run fewer processes"))
                    .set("database.pool_size", fitting),
            };
        }),
    }

    /// The database in production is a server's, not SQLite's.
    ///
    /// SQLite has no users and no passwords: whoever reads the file, or gets hold of a backup or of the machine's disk,
    /// has every account. It cannot be reached by a second machine when the first one fails, and it makes one writer
    /// wait for the other.
    ///
    /// Write: `database.engine = "postgresql"` and `database.url = "env:DATABASE_URL"`.
    DAT005 = "sqlite-in-production" {
        severity: Severities::prod(Warning),
        source: "FastCMS's page: PostgreSQL, not SQLite",
        keys: &["database.engine", "database.url"],
        fix: None,
        check: Check::Mixed(|facts, out| {
            // Over several processes, DAT001 says the more urgent thing.
            let Some(sqlite) = Sqlite::of(facts).filter(|_| facts.policy.app.processes() == 1) else { return };
            sqlite
                .tell(out, "the database in production is a SQLite file")
                .label("whoever gets the file has everything")
                .help("use a database server such as PostgreSQL; a small service that means SQLite waives this");
        }),
    }
}
