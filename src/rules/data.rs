//! The database, and how it is reached.

mod open;

use self::open::{OPEN, Open, gives_a_password};
use super::connection::{Connection, Encryption};
use super::draft::Draft;
use super::proxy::is_reachable;
use super::rule::{Check, Findings, Severities, rules};
use super::secrets::uses::{names, reference, urls};
use super::secrets::weak::{Flaw, flaw};
use super::secrets::written;
use super::state::show_processes;
use super::stores;
use super::unsaid::Unsaid;
use crate::compose::StoredKind;
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::Facts;
use crate::policy::{Environment, OpenPort, Variable};
use crate::profile::{DatabaseTls, Engine, SecretPurpose, quoted};

/// What servers are called, and what their images are shown with.
const SERVERS: [&str; 8] = ["postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "redis", "example"];

/// What `PostgreSQL` keeps back of its connections, for administrators.
const POSTGRESQL_KEEPS: u64 = 3;

/// The users that may do everything, as the usual servers call them.
const SUPERUSERS: [&str; 6] = ["postgres", "root", "sa", "admin", "sys", "system"];

/// The variable that holds the database's URL, where that is given and is one.
pub(super) fn database<'p>(facts: &'p Facts<'_>) -> Option<(Variable<'p>, Connection<'p>)> {
    let variable = facts.policy.value(facts.policy.database.url.as_ref()?)?;
    let connection = Connection::read(variable.value.expose())?;
    Some((variable, connection.declared(facts.policy.database.engine)))
}

/// What asks for the encryption of the connection to the database: its URL, or the variable by which libpq and the drivers that
/// follow it ask where the URL is silent.
pub(super) struct Encrypted<'p> {
    /// What it asks for.
    pub(super) encryption: Encryption,
    /// Where that stands.
    pub(super) variable: Variable<'p>,
    /// The same in words.
    pub(super) by: &'static str,
    /// What to write there.
    pub(super) write: String,
}

impl<'p> Encrypted<'p> {
    /// Nothing where nobody asks.
    pub(super) fn of(facts: &Facts<'p>, url: Variable<'p>, connection: &Connection<'_>) -> Option<Self> {
        const LIBPQS: &str = "PGSSLMODE";
        if let Some(encryption) = connection.encryption() {
            let write = connection.verified().to_owned();
            return Some(Self { encryption, variable: url, by: "the URL of the database", write });
        }
        let environment = facts.policy.environment().filter(|_| connection.is_read_beside(LIBPQS))?;
        // That of another service of a Compose file is none of the app's.
        let own = environment.alike(std::iter::once(LIBPQS)).into_iter().find(|variable| variable.name == LIBPQS);
        let variable = own.filter(|variable| !environment.is_ambiguous(*variable))?;
        let encryption = Encryption::of("sslmode", variable.value.expose())?;
        Some(Self { encryption, variable, by: "`PGSSLMODE`", write: "write `PGSSLMODE=verify-full`".to_owned() })
    }
}

/// Whether a URL has a password, written in it, that is tried first.
pub(super) fn has_default_credentials(facts: &Facts<'_>, variable: Variable<'_>) -> bool {
    has_default_password(facts, variable.value.expose())
}

fn has_default_password(facts: &Facts<'_>, url: &str) -> bool {
    let Some(connection) = Connection::read(url) else { return false };
    let Some((user, password)) = connection.credentials() else { return false };
    if reference(password).is_some() {
        return false;
    }
    let names = [&names(facts)[..], &SERVERS, &[user, connection.database()]].concat();
    password.is_empty()
        || match flaw(&connection.plain(password), SecretPurpose::Database, &names) {
            Some(Flaw::TriedFirst | Flaw::Placeholder) => true,
            // SEC014 speaks of what is published, SEC015 of what takes more guesses.
            Some(Flaw::Published | Flaw::ForTests | Flaw::Weak(_)) | None => false,
        }
}

/// Whether the app has a variable that turns the encryption of its database on. One that is the same for `"off"` and for
/// `"verify-full"` says how certificates are looked at, if there are any.
fn is_told_to_encrypt(facts: &Facts<'_>) -> bool {
    let mut rows = facts.app.variables.all().values();
    rows.any(|row| {
        let is_about_it = row.field.as_ref().is_some_and(|field| field.as_str() == "database.tls");
        let word = |tls: DatabaseTls| row.values.get(tls.as_str());
        let turns_it_on = row.values.is_empty() || word(DatabaseTls::Off) != word(DatabaseTls::VerifyFull);
        row.ignored.is_none() && is_about_it && turns_it_on
    })
}

/// What says that the database is a SQLite file.
enum Sqlite<'p> {
    Engine,
    Url(Variable<'p>),
    /// By the default of the app's code.
    Unsaid(Unsaid<'p>),
}

impl<'p> Sqlite<'p> {
    /// The profile's word, or else that of the URL.
    fn of(facts: &'p Facts<'_>) -> Option<Self> {
        match facts.policy.database.engine {
            Some(Engine::Sqlite) => Some(Self::Engine),
            Some(Engine::Postgresql | Engine::Mysql | Engine::Mongodb | Engine::Firestore) | None => {
                let is_sqlite = |url: &Connection<'_>| url.engine() == Some(Engine::Sqlite);
                let by_url =
                    || database(facts).filter(|(_, url)| is_sqlite(url)).map(|(variable, _)| Self::Url(variable));
                let is_default = |unsaid: &Unsaid<'_>| Connection::read(unsaid.url).is_some_and(|url| is_sqlite(&url));
                by_url().or_else(|| Unsaid::of(facts).filter(is_default).map(Self::Unsaid))
            }
        }
    }

    fn tell<'o>(&self, out: &'o mut Findings<'_>, message: impl Into<String>) -> &'o mut Draft {
        match self {
            Self::Engine => out.at("database.engine", message),
            Self::Url(variable) => out.at_variable(*variable, "database.url", message),
            Self::Unsaid(unsaid) => unsaid.tell(out, message),
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
        reads: &[&["targets.kubernetes.autoscale.max"]],
        fix: None,
        check: Check::Mixed(|facts, out| {
            let processes = facts.policy.processes();
            let Some(sqlite) = Sqlite::of(facts).filter(|_| processes > 1) else { return };
            let message = format!("{processes} processes of the app share one SQLite file");
            let draft = sqlite.tell(out, message);
            if matches!(sqlite, Sqlite::Engine) {
                show_processes(draft, facts.policy);
            }
            draft
                .label("one writes at a time, and each machine has a file of its own")
                .help("use a database server such as PostgreSQL, or set `app.workers = 1` and `app.replicas = 1`");
            if let Sqlite::Unsaid(unsaid) = &sqlite {
                draft.remark(&unsaid.how_to_say());
            }
        }),
    }

    /// The database and Redis are not reached with credentials that everyone tries.
    ///
    /// `postgres:postgres`, `root:root` and `test:test` are what images and examples start with, and what a program
    /// tries first on a port that it finds open. That the port is closed today is one line in a firewall or in a
    /// compose file. Behind it is everything that the service knows.
    ///
    /// Looked at in the URL, where `--env-file` gives it, or else in the one that the app's code takes where neither the file nor the
    /// profile has any: a password that is made of the user's name, the server's, the
    /// database's or the app's, or empty, or a placeholder, or among the first billion that are tried. One that stands there
    /// as `${POSTGRES_PASSWORD}` is judged at that variable. Where the server is started with the same password in the same
    /// files (`POSTGRES_PASSWORD`, `MYSQL_PASSWORD`, Redis' `--requirepass`), that place is shown beside the URL, and not told
    /// again. A server that is told to ask for none (`POSTGRES_HOST_AUTH_METHOD=trust`) is a warning, and so is one that is started
    /// with another password than the URL brings for the same user: it does not let the app in.
    ///
    /// Write: a user of the service's own, with what `openssl rand -hex 24` prints for a password.
    DAT002 = "default-database-credentials" {
        severity: Severities::prod(Error),
        source: "InstaCRUD's production page: not test:test; OWASP ASVS 5.0 13.2.3",
        keys: &["database.url", "state.url"],
        reads: &[&["state.backend"]],
        fix: None,
        check: Check::Values(|facts, out| {
            for (key, variable) in urls(facts) {
                if has_default_credentials(facts, variable) {
                    let draft = out.at_variable(variable, key, format!("`{key}` holds credentials that everyone tries"));
                    draft
                        .label("a default, or easily guessed")
                        .help(if key == "state.url" {
                            "give it a password, such as what `openssl rand -hex 24` prints"
                        } else {
                            "make a user for the app, with what `openssl rand -hex 24` prints for a password"
                        });
                    written::show(draft, facts, variable);
                }
            }
            if let Some(unsaid) = Unsaid::of(facts).filter(|unsaid| has_default_password(facts, unsaid.url)) {
                unsaid
                    .tell(out, "`database.url` holds credentials that everyone tries")
                    .label("not set")
                    .help(unsaid.how_to_say());
            }
            stores::tell_another(facts, out);
            // Who reaches the server is not known, so that this is no error.
            let Some(files) = facts.policy.environment() else { return };
            for variable in files.variables().chain(files.others()) {
                let value = variable.value.expose().trim();
                let Some(Open { name, unless, .. }) = OPEN.iter().find(|open| open.name == variable.name && open.is(value)) else {
                    continue;
                };
                if unless.is_some_and(|ending| files.has_beside(&variable, |other| gives_a_password(other, ending))) {
                    continue;
                }
                out.at_variable(variable, "database.url", format!("`{name}` has the server ask nobody for a password"))
                    .at_most(Warning)
                    .label("whoever reaches it is let in, as whoever they say")
                    .help(format!("take `{name}` out, and give the server a password"));
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
    /// variable that turns encryption on, and no other: InstaCRUD's `MONGO_TLS_ALLOW_INVALID` only says whose certificates are
    /// accepted, where the URL has `tls=true`. `"require"` encrypts without looking at who answers: that is TLS008's.
    ///
    /// The URLs of JDBC and R2DBC are read as well, libpq's own words (`host=db sslmode=verify-full`), .NET's
    /// (`Server=db;Encrypt=true`), PHP's (`pgsql:host=db`), Go's (`shop:…@tcp(db)/shop`), and the schemes of frameworks (`postgis://`,
    /// `mysql2://`). One that says nothing of the database (`ecto://`) is read as one of `database.engine`; where that is not
    /// written, it is a note. Where the URL of a `PostgreSQL` is silent, `PGSSLMODE` decides for every driver but those of Java and .NET.
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
            let asked =
                connection.as_ref().and_then(|(variable, connection)| Encrypted::of(facts, *variable, connection));
            let url_decides = connection.as_ref().is_some_and(|(_, connection)| {
                asked.is_none() && connection.is_plain_by_default() && !is_told_to_encrypt(facts)
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
            match asked.as_ref().map(|asked| (asked.encryption, asked)) {
                Some((Encryption::Off, Encrypted { variable, by, write, .. })) => {
                    let draft = out.at_variable(*variable, "database.url", format!("{by} turns encryption off"));
                    draft
                        .label("whoever is on the network reads along")
                        .help(format!("{write}, in place of the word that turns it off"));
                    stores::show_tls(draft, facts, &connection);
                }
                Some((Encryption::Optional, Encrypted { variable, by, write, .. })) => {
                    let draft = out.at_variable(*variable, "database.url", format!("{by} does not insist on encryption"));
                    draft
                        .label("whoever is on the way can refuse it")
                        .help(format!("{write}, and take the weaker word out"));
                    stores::show_tls(draft, facts, &connection);
                }
                // That the profile is content with `"require"`, TLS008 says first.
                None if url_decides && tls != Some(DatabaseTls::Require) => {
                    let draft =
                        out.at_variable(variable, "database.url", "the URL of the database on another host asks for no encryption");
                    // Where both ends have to change, each is named.
                    let place = stores::store(facts, &connection).filter(|_| variable.is_plainly_named);
                    let place = place.map(|_| format!("in `{}`, ", variable.name)).unwrap_or_default();
                    draft.label("many drivers do without").help(format!("{place}{}", connection.verified()));
                    written::show_neighbour(draft, facts, variable, (&connection, "database.url"));
                }
                None if tls.is_none() && connection.is_plain_by_default() => {
                    out.at(KEY, "nothing asks for encryption on the way to the database on another host")
                        .label("many drivers do without")
                        .help("set `database.tls = \"verify-full\"`, or write it in the URL: `sslmode=verify-full`")
                        .set(KEY, "verify-full");
                }
                None if connection.is_unread() && tls != Some(DatabaseTls::Require) && !is_told_to_encrypt(facts) => {
                    let message = "nothing is known of how this kind of URL asks for encryption";
                    out.at_variable(variable, "database.url", message).at_most(Note).label("not judged").help(
                        "write `database.engine`, where it leads to PostgreSQL, MySQL or MongoDB; or look up how its driver has the \
                         server's certificate verified",
                    );
                }
                // Whose certificate it is, TLS008 asks.
                Some((Encryption::Unverified | Encryption::AnyName | Encryption::Verified, _)) | None => {}
            }
        }),
    }

    /// All processes together open no more connections than the database takes from them.
    ///
    /// Each process has a pool of its own, so the pools add up over workers and replicas. Whoever comes after the last
    /// connection gets an error: under load, which anyone can make, that is the sign-in, the health check that then
    /// restarts the app, and the administrator who wants to look.
    ///
    /// A pool may open more under load than it keeps: `SQLAlchemy`'s `max_overflow`, which is 10 where nobody says otherwise, is
    /// `database.pool_overflow` here. And `PostgreSQL` keeps three of its `max_connections` back for administrators.
    ///
    /// Write: `database.pool_size`, and `pool_overflow` if the pool has one, so that both, times all processes, are no more
    /// than `max_connections` without what the server keeps back.
    DAT004 = "more-connections-than-taken" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 13.2.6; PostgreSQL, superuser_reserved_connections (3)",
        keys: &[
            "database.pool_size",
            "database.pool_overflow",
            "database.max_connections",
            "database.engine",
            "app.workers",
            "app.replicas",
        ],
        reads: &[&["targets.kubernetes.autoscale.max"]],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let database = &facts.policy.database;
            let (Some(pool), Some(taken)) = (database.pool_size, database.max_connections) else { return };
            let kept_back = match database.engine {
                Some(Engine::Postgresql) => POSTGRESQL_KEEPS,
                Some(Engine::Mysql | Engine::Sqlite | Engine::Mongodb | Engine::Firestore) | None => 0,
            };
            let processes = facts.policy.processes();
            let overflow = database.pool_overflow;
            let opened = processes.saturating_mul(u64::from(pool) + u64::from(overflow));
            let left = u64::from(taken).saturating_sub(kept_back);
            if opened <= left {
                return;
            }
            let message = format!("the app opens up to {opened} connections, and the database takes {left} from it");
            let draft = out.at("database.pool_size", message);
            let keeps = if kept_back == 0 { String::new() } else { format!(", of which PostgreSQL keeps {kept_back} back") };
            draft.label("in each process").also("database.max_connections", format!("{taken} in all{keeps}"));
            if overflow > 0 {
                draft.also("database.pool_overflow", format!("{overflow} more under load, in each process"));
            }
            show_processes(draft, facts.policy);
            let fitting = (left / processes).saturating_sub(overflow.into());
            match u32::try_from(fitting).unwrap_or(u32::MAX) {
                0 => draft.help("run fewer processes, or put a pooler such as PgBouncer in between"),
                fitting => draft
                    .help(format!("set `database.pool_size = {fitting}` or less, or run fewer processes"))
                    .set("database.pool_size", fitting),
            };
        }),
    }

    /// The database in production is a server's, not SQLite's, or SQLite is all that is needed.
    ///
    /// SQLite has no users and no passwords: whoever reads the file, or gets hold of a backup or of the machine's disk,
    /// has every account. It cannot be reached by a second machine when the first one fails, and it makes one writer
    /// wait for the other.
    ///
    /// For one process on one machine it is sound, and this is a note. In a cluster the file goes with its pod, unless
    /// it lies on a volume: that is a warning.
    ///
    /// Write: `database.engine = "postgresql"` and `database.url = "env:DATABASE_URL"`; or nothing, where one process on one
    /// machine is all there is.
    DAT005 = "sqlite-in-production" {
        severity: Severities::prod(Warning),
        source: "FastCMS's page: PostgreSQL, not SQLite; sqlite.org, Appropriate Uses For SQLite",
        keys: &["database.engine", "database.url"],
        reads: &[&["app.workers", "app.replicas", "targets.kubernetes"]],
        fix: None,
        check: Check::Mixed(|facts, out| {
            // Over several processes, DAT001 says the more urgent thing.
            let Some(sqlite) = Sqlite::of(facts).filter(|_| facts.policy.processes() == 1) else { return };
            let draft = sqlite.tell(out, "the database in production is a SQLite file");
            if facts.policy.targets.kubernetes.is_some() {
                draft
                    .label("goes with the pod, unless it lies on a volume")
                    .also("targets.kubernetes", "pods come and go")
                    .help("use a database server such as PostgreSQL; or keep the file on a volume, with that reason under `[[waivers]]`");
            } else {
                draft
                    .at_most(Note)
                    .label("whoever gets the file has everything")
                    .help("keep the file and its backups where the app alone reads them; a second machine needs a database server");
            }
        }),
    }

    /// The app is no superuser of its database, and says who it is.
    ///
    /// Whoever finds one injection in the app can do what its user can do. As `postgres`, `root` or `sa` that is everything:
    /// read every other database of the server, change who may sign in, and with `COPY … TO PROGRAM` run
    /// programs on its machine. And a URL that names no user has the app be whoever the driver takes it for, often the
    /// name of the account that it runs under, let in without a password.
    ///
    /// Looked at in the URL, where `--env-file` gives it. A database on the same machine may know its users by the
    /// account, and is asked for no name.
    ///
    /// Write: a user of the app's own that owns its tables and nothing else: `CREATE ROLE shop LOGIN PASSWORD '…'`.
    DAT006 = "database-superuser" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 13.2.2",
        keys: &["database.url"],
        fix: None,
        check: Check::Values(|facts, out| {
            const KEY: &str = "database.url";
            let Some((variable, connection)) = database(facts) else { return };
            // Of a password that everyone tries, DAT002 says the more urgent thing.
            if connection.engine() == Some(Engine::Sqlite) || has_default_credentials(facts, variable) {
                return;
            }
            match connection.user() {
                Some(user) if SUPERUSERS.iter().any(|known| user.eq_ignore_ascii_case(known)) => {
                    out.at_variable(variable, KEY, "the app is a superuser of its database")
                        .label("may do everything there")
                        .help("make a user of the app's own, which owns its tables and nothing else");
                }
                None if connection.has_to_name_the_user() => {
                    out.at_variable(variable, KEY, "the URL of the database does not say who the app is")
                        .label("no user")
                        .help("write the user and the password of the app's own before the host: `user:password@`");
                }
                Some(_) | None => {}
            }
        }),
    }

    /// What keeps the app's data is reached by the app alone.
    ///
    /// A line such as `"6379:6379"` in a Compose file opens the port on every address of the machine, and Docker opens it past
    /// the rules of ufw and firewalld. Programs try every address of the internet for open databases, caches and queues, and
    /// find one within hours: a Redis without a password is theirs at once, and the password of any other is tried day and
    /// night. The services of one Compose file reach each other without such a line.
    ///
    /// Asked where `--env-file` names a Compose file: of services whose image is that of a database, a cache, a queue, a search
    /// engine, or a page by which databases, mail or tasks are looked at, and of others that have such a name or listen where these do. What
    /// is opened at 127.0.0.1 or at a private address is fine, and so is a service that `profiles` starts on request alone.
    ///
    /// Write: no `ports` there; or, for tools on the machine itself, `"127.0.0.1:5432:5432"`. Where a firewall in front of the machine
    /// lets nobody through, say so under `[[waivers]]`.
    DAT007 = "data-open-to-everyone" {
        severity: Severities::prod(Error).and_staging(Warning),
        source: "CIS Docker Benchmark: incoming container traffic is bound to a specific host interface; Docker's documentation, Packet \
                 filtering and firewalls; Redis' documentation, Security: network security",
        keys: &["database.url", "state.url"],
        fix: None,
        check: Check::Values(|facts, out| {
            let containers = facts.policy.environment().map(Environment::containers);
            let ports = containers.iter().flat_map(|containers| &containers.open_ports);
            for port in ports.filter(|port| is_reachable(port.ip)) {
                let Some(stored) = &port.stored else { continue };
                let key = if stored.kind == StoredKind::Cache { "state.url" } else { "database.url" };
                let message = format!(
                    "everyone can reach {} in the service {}: {}",
                    stored.title,
                    quoted(&port.service),
                    port.in_words()
                );
                let draft = out.at_file(port.place, key, message);
                draft.label(stored.kind.harm()).help(format!(
                    "take the port out, because the services of one file reach each other without it; or open it for the \
                     machine alone: `{}`",
                    port.for_the_machine()
                ));
                let is_instead = |other: &OpenPort| {
                    let is_same = (&other.service, other.target) == (&port.service, port.target);
                    is_same && other.place.0 > port.place.0 && !is_reachable(other.ip)
                };
                if containers.is_some_and(|containers| containers.open_ports.iter().any(is_instead)) {
                    draft.remark(
                        "Compose adds the ports of all files: a later file takes the place of this one with `ports: !override` \
                         before its list",
                    );
                }
            }
        }),
    }
}
