//! The text by which an app reaches a database or a Redis, taken apart as far as rules ask.
//!
//! Most are URLs, and not read as browsers read these: MongoDB's lists several hosts, and drivers take what the standard would
//! want escaped. Others are parameters alone: `host=db user=shop` as libpq has it, `Server=db;User Id=shop` as .NET does,
//! `pgsql:host=db;user=shop` as PDO does; or Go's `shop:…@tcp(db)/shop`. Nothing here repeats any of it.

mod encryption;

use std::borrow::Cow;
use std::net::IpAddr;

pub(super) use encryption::{Encryption, Misspelt};

use crate::profile::Engine;
use crate::source::percent_decoded;

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Url,
    /// A URL whose drivers are told the user apart from it.
    Jdbc,
    R2dbc,
    /// The same, with TLS.
    R2dbcs,
    /// That of Go's driver for `MySQL`.
    Go,
    /// A kind and parameters, as PHP has it. The user is told apart from it.
    Pdo,
    /// Parameters alone.
    Parameters,
}

/// Its parts, as they are written.
pub(super) struct Connection<'v> {
    scheme: &'v str,
    /// What stands before the `@`: a user and a password, if there is a colon.
    credentials: Option<&'v str>,
    hosts: &'v str,
    path: &'v str,
    query: &'v str,
    /// What stands between its parameters.
    separator: char,
    form: Form,
    /// The database that it is said to lead to, which counts where the text does not tell.
    declared: Option<Engine>,
}

/// The names of the parameters that say who comes, by which password, to which host and database: as libpq, JDBC and .NET have
/// them, in small letters and without blanks.
const USER: &[&str] = &["user", "username", "userid", "uid"];
const PASSWORD: &[&str] = &["password", "pwd"];
const HOST: &[&str] = &["host", "hostaddr", "server", "datasource", "addr", "address", "networkaddress"];
const DATABASE: &[&str] = &["dbname", "database", "databasename", "initialcatalog"];

impl<'v> Connection<'v> {
    /// Takes a value apart, if it is a URL, or parameters of which one names a host.
    pub(super) fn read(value: &'v str) -> Option<Self> {
        const FORMS: [(&str, Form); 3] = [("jdbc:", Form::Jdbc), ("r2dbc:", Form::R2dbc), ("r2dbcs:", Form::R2dbcs)];
        let value = value.trim();
        let known = FORMS.iter().find_map(|(start, form)| Some((*form, value.strip_prefix(start)?)));
        let (form, url) = known.unwrap_or((Form::Url, value));
        let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| !scheme.contains(['@', '='])) else {
            return Self::of_go(value).or_else(|| Self::of_parameters(value));
        };
        // SQL Server's has semicolons alone.
        let separator = if scheme == "sqlserver" { ';' } else { '&' };
        let opens = if scheme == "sqlserver" { ';' } else { '?' };
        let (rest, query) = rest.split_once(opens).unwrap_or((rest, ""));
        // A password may hold a slash that should have been escaped.
        let (credentials, rest) = match rest.rsplit_once('@') {
            Some((credentials, rest)) => (Some(credentials), rest),
            None => (None, rest),
        };
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        Some(Self { scheme, credentials, hosts, path, query, separator, form, declared: None })
    }

    /// `user:password@protocol(host)/database?parameters`
    fn of_go(value: &'v str) -> Option<Self> {
        let (before, rest) = value.split_once(")/")?;
        let (before, hosts) = before.rsplit_once('(')?;
        let (credentials, protocol) = before.rsplit_once('@').map_or((None, before), |(one, rest)| (Some(one), rest));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let is_one = ["", "tcp", "tcp4", "tcp6", "unix"].contains(&protocol);
        let (scheme, separator, form, declared) = ("mysql", '&', Form::Go, None);
        let is_one = is_one && (credentials.is_some() || !protocol.is_empty());
        is_one.then_some(Self { scheme, credentials, hosts, path, query, separator, form, declared })
    }

    fn of_parameters(query: &'v str) -> Option<Self> {
        let of_pdo =
            ["pgsql", "mysql"].iter().find_map(|kind| Some((*kind, query.strip_prefix(kind)?.strip_prefix(':')?)));
        let (form, (scheme, query)) = of_pdo.map_or((Form::Parameters, ("", query)), |pdos| (Form::Pdo, pdos));
        // A host and one more: most values have neither.
        if query.bytes().filter(|byte| *byte == b'=').count() < 2 {
            return None;
        }
        let separator = if query.contains(';') { ';' } else { ' ' };
        let (credentials, hosts, path, declared) = (None, "", "", None);
        let read = Self { scheme, credentials, hosts, path, query, separator, form, declared };
        let is_one = [HOST, if read.parameter(USER).is_some() { USER } else { DATABASE }];
        is_one.into_iter().all(|names| read.parameter(names).is_some()).then_some(read)
    }

    /// The same, said to lead to this database.
    pub(super) fn declared(self, declared: Option<Engine>) -> Self {
        Self { declared, ..self }
    }

    /// A part of it without the escapes of a URL, where it is one.
    pub(super) fn plain(&self, part: &'v str) -> Cow<'v, str> {
        let has_escapes = match self.form {
            Form::Url | Form::Jdbc | Form::R2dbc | Form::R2dbcs => part.contains('%'),
            Form::Go | Form::Pdo | Form::Parameters => false,
        };
        let plain = || percent_decoded(part).map_or(Cow::Borrowed(part), Cow::Owned);
        if has_escapes { plain() } else { Cow::Borrowed(part) }
    }

    /// What kind of server answers, without the driver: `postgresql` of `postgresql+asyncpg`.
    pub(super) fn kind(&self) -> &'v str {
        self.scheme.split('+').next().unwrap_or_default()
    }

    /// The user and the password, where a password is written; it may be empty.
    pub(super) fn credentials(&self) -> Option<(&'v str, &'v str)> {
        let in_query = || Some((self.user().unwrap_or_default(), self.parameter(PASSWORD)?));
        self.credentials.and_then(|credentials| credentials.split_once(':')).or_else(in_query)
    }

    /// The user, wherever one is written.
    pub(super) fn user(&self) -> Option<&'v str> {
        let before_host = self.credentials.map(|credentials| credentials.split(':').next().unwrap_or_default());
        before_host.filter(|user| !user.is_empty()).or_else(|| self.parameter(USER))
    }

    /// Whether drivers look for the user there and nowhere else.
    pub(super) fn has_to_name_the_user(&self) -> bool {
        let is_told_here = matches!(self.form, Form::Url | Form::Go | Form::Parameters);
        self.is_of_a_server() && self.leaves_the_machine() && is_told_here
    }

    /// The database on the server; a number in Redis.
    pub(super) fn database(&self) -> &'v str {
        if self.path.is_empty() { self.parameter(DATABASE).unwrap_or_default() } else { self.path }
    }

    /// The password, wherever it is written.
    pub(super) fn password(&self) -> Option<&'v str> {
        self.credentials().map(|(_, password)| password)
    }

    /// Whether some of it is on another machine. A path to a socket is not. Hosts among the parameters take the place of
    /// those before the path, as libpq has it.
    pub(super) fn leaves_the_machine(&self) -> bool {
        let named = || self.parameters().filter(|(name, _)| is_one_of(name, HOST)).map(|(_, hosts)| hosts);
        let are_elsewhere = |hosts: &str| hosts.split(',').any(is_elsewhere);
        if named().next().is_some() { named().any(are_elsewhere) } else { are_elsewhere(self.hosts) }
    }

    /// The names and addresses of its hosts, without ports.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &'v str> {
        let named = self.parameters().filter(|(name, _)| is_one_of(name, HOST)).map(|(_, hosts)| hosts);
        let all = named.chain([self.hosts]).flat_map(|hosts| hosts.split(','));
        all.map(|host| host.split(':').next().unwrap_or_default()).filter(|host| !host.is_empty())
    }

    /// Whether its one host is a name of a single label, as containers have: `db` and not `db.example.com`.
    pub(super) fn is_of_one_label(&self) -> bool {
        let name = self.hosts.split(':').next().unwrap_or_default();
        !name.is_empty() && !self.hosts.contains([',', '.', '[']) && !is_loopback(self.hosts)
    }

    /// The database that speaks this way, where the scheme is known to be one's.
    pub(super) fn engine(&self) -> Option<Engine> {
        let scheme = self.scheme.to_ascii_lowercase();
        if self.form == Form::Parameters {
            return self.engine_by_words();
        }
        if self.is_of_another_kind() {
            return None;
        }
        scheme.split(['+', ':']).find_map(engine_of).or(self.declared)
    }

    /// The database by its parameters. SQL Server's client is the one with words of its own.
    fn engine_by_words(&self) -> Option<Engine> {
        let has = |names: &[&str]| self.parameter(names).is_some();
        match self.parameter(&["port"]) {
            _ if has(&["encrypt", "trustservercertificate", "integratedsecurity", "driver"]) => None,
            Some("3306") => Some(Engine::Mysql),
            Some("5432") => Some(Engine::Postgresql),
            _ if self.separator == ' ' => has(&["dbname"]).then_some(Engine::Postgresql),
            _ if self.declared.is_some() => self.declared,
            // Npgsql's; MySqlConnector's; or any.
            _ if has(&["host"]) => Some(Engine::Postgresql),
            _ => has(&["sslmode"]).then_some(Engine::Mysql),
        }
    }

    /// Whether a URL is known to lead to something else than the databases that are known here.
    fn is_of_another_kind(&self) -> bool {
        const OTHERS: [&str; 27] = [
            "amqp",
            "cloudsqlpostgres",
            "prisma",
            "amqps",
            "bigquery",
            "bolt",
            "bolt+s",
            "clickhouse",
            "cassandra",
            "file",
            "firestore",
            "http",
            "https",
            "kafka",
            "libsql",
            "memcached",
            "mssql",
            "nats",
            "neo4j",
            "neo4j+s",
            "oracle",
            "rabbitmq",
            "snowflake",
            "sqlserver",
            "tls",
            "ws",
            "wss",
        ];
        let is_one = |kind: &str| OTHERS.iter().any(|other| other.eq_ignore_ascii_case(kind));
        self.is_redis() || is_one(self.kind()) || is_one(self.scheme)
    }

    /// Whether it may lead to what keeps data, and to no mail server and no other service.
    pub(super) fn is_of_data(&self) -> bool {
        !["smtp", "imap", "submission", "mail", "http", "ftp", "sftp"]
            .iter()
            .any(|start| self.kind().starts_with(start))
    }

    /// Whether nothing is known of how a connection of this kind asks for encryption.
    pub(super) fn is_unread(&self) -> bool {
        self.engine().is_none() && self.form != Form::Parameters && !self.is_of_another_kind()
    }

    /// Whether a Redis answers, or what is reached as one is.
    pub(super) fn is_redis(&self) -> bool {
        ["redis", "valkey"].iter().any(|start| self.kind().starts_with(start))
    }

    /// Whether a server of a known kind answers, which lets users in.
    pub(super) fn is_of_a_server(&self) -> bool {
        matches!(self.engine(), Some(Engine::Postgresql | Engine::Mysql | Engine::Mongodb))
    }

    /// Whether its driver takes what the URL leaves open from this variable. libpq, and the drivers that follow it, read those of
    /// `PostgreSQL`; JDBC's does not.
    pub(super) fn is_read_beside(&self, variable: &str) -> bool {
        let is_libpqs = match self.form {
            Form::Url | Form::Pdo => true,
            Form::Parameters => self.separator == ' ',
            Form::Jdbc | Form::R2dbc | Form::R2dbcs | Form::Go => false,
        };
        variable.starts_with("PG") && self.engine() == Some(Engine::Postgresql) && is_libpqs
    }

    /// Whether drivers for this kind of server do without encryption where nobody asks for it.
    pub(super) fn is_plain_by_default(&self) -> bool {
        self.is_of_a_server()
    }

    fn parameters(&self) -> impl Iterator<Item = (&'v str, &'v str)> {
        let parameters = self.query.split(self.separator).filter_map(|parameter| parameter.split_once('='));
        parameters.map(|(name, value)| (name.trim(), value.trim().trim_matches(['\'', '"'])))
    }

    /// The first parameter that has one of these names.
    fn parameter(&self, names: &[&str]) -> Option<&'v str> {
        self.parameters().find(|(name, _)| is_one_of(name, names)).map(|(_, value)| value)
    }
}

/// The database that a word in a scheme is of: its own name, or that of a library or a driver.
fn engine_of(word: &str) -> Option<Engine> {
    match word {
        "postgres" | "postgresql" | "psql" | "pgsql" | "postgis" | "cockroachdb" | "cockroach" | "redshift"
        | "timescale" | "timescaledb" | "asyncpg" | "psycopg" | "psycopg2" | "psycopg3" | "pg8000" | "pdo-pgsql"
        | "pdo_pgsql" => Some(Engine::Postgresql),
        "mysql" | "mariadb" | "mysql2" | "mysqli" | "mysqlgis" | "mysql-connector" | "trilogy" | "tidb" | "pymysql"
        | "aiomysql" | "asyncmy" | "pdo-mysql" | "pdo_mysql" => Some(Engine::Mysql),
        "mongodb" | "mongo" => Some(Engine::Mongodb),
        "sqlite" | "sqlite3" | "aiosqlite" | "spatialite" => Some(Engine::Sqlite),
        _ => None,
    }
}

/// Whether a parameter's name is among these, in any case and with or without blanks.
fn is_one_of(name: &str, names: &[&str]) -> bool {
    let letters = || name.bytes().filter(|byte| *byte != b' ').map(|byte| byte.to_ascii_lowercase());
    names.iter().any(|one| letters().eq(one.bytes()))
}

/// Whether a value is a host by itself, where a URL is asked for: an address, a name with a port, or one of several labels.
pub(super) fn is_by_itself(value: &str) -> bool {
    let is_ones = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    let text = value.trim();
    text.contains(['.', ':']) && text.chars().all(is_ones)
}

/// Whether a host, with or without a port, is another machine.
pub(super) fn is_elsewhere(host: &str) -> bool {
    let is_path = host.starts_with('/') || host.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%2f"));
    !host.is_empty() && !is_path && !is_loopback(host)
}

/// Whether a host, with or without a port, is this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Connection<'_> {
        Connection::read(value).expect("it is a URL")
    }

    #[test]
    fn credentials_are_found_whatever_they_hold() {
        assert_eq!(read("postgresql+asyncpg://shop:a/b@c@db:5432/shop").credentials(), Some(("shop", "a/b@c")));
        assert_eq!(read("redis://:secret@cache").credentials(), Some(("", "secret")));
        assert_eq!(read("mongodb://test:test@a:1,b:2/?replicaSet=x").credentials(), Some(("test", "test")));
        assert_eq!(read("postgresql://shop@db/shop").credentials(), None);
        assert_eq!(read("redis://cache:6379/0").credentials(), None);
        assert_eq!(read("jdbc:postgresql://db/shop?user=shop&password=shop").credentials(), Some(("shop", "shop")));
        assert_eq!(read("jdbc:sqlserver://db:1433;databaseName=x;user=sa;password=p").credentials(), Some(("sa", "p")));
        assert_eq!(read("host=db user=shop password='s t' dbname=shop").user(), Some("shop"));
        assert_eq!(read("Server=db;User Id=sa;Password=p;Encrypt=no").credentials(), Some(("sa", "p")));
        assert_eq!(read("root:p(a)@ss@tcp(db:3306)/shop?tls=true").credentials(), Some(("root", "p(a)@ss")));
        assert_eq!(read("pgsql:host=db;dbname=shop;user=shop;password=p").credentials(), Some(("shop", "p")));
        assert_eq!(read("postgresql://shop:p%61ss@db/shop").plain("p%61ss"), "pass");
        assert_eq!(read("root:p%61ss@tcp(db)/shop").plain("p%61ss"), "p%61ss");
        for other in
            ["a sentence", "(a|b)/c", "f(x)/2", "kZ8=qL1=", "host=db", "user=shop; password=x", "c2hvcDpzaG9wQGhvc3Q="]
        {
            assert!(Connection::read(other).is_none(), "{other}");
        }
    }

    /// Frameworks and drivers have words of their own for the same few servers.
    #[test]
    fn the_server_is_told_by_the_scheme_or_the_words() {
        use Engine::{Mongodb, Mysql, Postgresql, Sqlite};
        for (url, declared, engine) in [
            ("psql://db/shop", None, Some(Postgresql)),
            ("postgis://db/shop", Some(Mysql), Some(Postgresql)),
            ("asyncpg://db/shop", None, Some(Postgresql)),
            ("r2dbc:pool:postgresql://db/shop", None, Some(Postgresql)),
            ("jdbc:aws-wrapper:mysql://db/shop", None, Some(Mysql)),
            ("mysql2://db/shop", None, Some(Mysql)),
            ("shop:p@tcp(db)/shop", None, Some(Mysql)),
            ("pgsql:host=db;dbname=shop", None, Some(Postgresql)),
            ("mongodb+srv://db/shop", None, Some(Mongodb)),
            ("sqlite+aiosqlite:///shop.db", Some(Postgresql), Some(Sqlite)),
            ("Host=db;Username=x", None, Some(Postgresql)),
            ("Host=db;Username=x;Port=3306", None, Some(Mysql)),
            ("Server=db;Uid=x;SslMode=None", None, Some(Mysql)),
            ("Server=db;User Id=x", None, None),
            ("Server=db;User Id=x", Some(Postgresql), Some(Postgresql)),
            ("Server=db;User Id=x;Encrypt=true", Some(Postgresql), None),
            ("ecto://db/shop", None, None),
            ("ecto://db/shop", Some(Postgresql), Some(Postgresql)),
            ("redis://db/0", Some(Postgresql), None),
            ("https://db/shop", Some(Mysql), None),
        ] {
            let read = read(url).declared(declared);
            assert_eq!(read.engine(), engine, "{url}");
            assert_eq!(read.is_unread(), url.starts_with("ecto") && declared.is_none(), "{url}");
        }
    }

    #[test]
    fn a_socket_and_a_loopback_address_stay_on_the_machine() {
        for url in [
            "sqlite:///shop.db",
            "postgresql:///shop",
            "postgresql://%2Fvar%2Frun/shop",
            "postgresql:///shop?host=/var/run",
            "postgresql://db/shop?host=/var/run",
            "redis://localhost:6379",
            "mysql://u:p@127.0.0.2/x",
            "redis://[::1]:6379/0",
            "jdbc:mysql://localhost/shop",
            "host=/var/run/postgresql dbname=shop",
            "Data Source=localhost;Initial Catalog=shop",
            "shop:p@unix(/run/mysqld.sock)/shop",
            "shop:p@tcp(127.0.0.1:3306)/shop",
            "mysql:host=localhost;dbname=shop",
        ] {
            assert!(!read(url).leaves_the_machine(), "{url}");
        }
        for url in [
            "postgresql://db/shop",
            "mongodb://localhost:1,other:2/x",
            "postgresql:///shop?host=db",
            "postgresql://localhost/shop?host=db",
            "postgresql://localhost/shop?hostaddr=10.0.0.5",
            "redis://[fd00::1]:6379",
            "mysql://localhost.example.com/x",
            "jdbc:postgresql://db:5432/shop",
            "host=db dbname=shop",
            "Server=db;Database=shop",
            "shop:p@tcp(db:3306)/shop",
            "r2dbc:pool:postgresql://db/shop",
            "pgsql:host=db;dbname=shop",
        ] {
            assert!(read(url).leaves_the_machine(), "{url}");
        }
    }
}
