//! The text by which an app reaches a database or a Redis, taken apart as far as rules ask.
//!
//! Most are URLs, and not read as browsers read these: MongoDB's lists several hosts, and drivers take what the standard would
//! want escaped. Others are parameters alone: `host=db user=shop` as libpq has it, `Server=db;User Id=shop` as .NET does.
//! Nothing here repeats any of it.

use std::net::IpAddr;

use crate::profile::Engine;

/// What a URL says about the encryption of its connection, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Encryption {
    /// There is to be none.
    Off,
    /// Only where the server offers it: whoever is on the way can answer that it does not.
    Optional,
    /// With whoever answers.
    Unverified,
    /// With whatever machine has a certificate of the same authority.
    AnyName,
    /// With a server that shows a certificate of its own.
    Verified,
}

impl Encryption {
    /// What one parameter says about it, in the words of libpq, of redis-py, and of the drivers for `MySQL`, MongoDB and SQL Server.
    pub(super) fn of(name: &str, value: &str) -> Option<Self> {
        const VERIFIES: [&str; 3] = ["ssl_verify_cert", "verifyservercertificate", "ssl_check_hostname"];
        const DOES_NOT: [&str; 4] =
            ["tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames", "trustservercertificate"];
        let (name, value) = (name.to_ascii_lowercase().replace(' ', ""), value.to_ascii_lowercase());
        let (is_yes, is_no) =
            (matches!(&*value, "true" | "1" | "yes" | "on"), matches!(&*value, "false" | "0" | "no" | "off"));
        match &*name {
            "sslmode" | "ssl-mode" | "ssl_mode" | "tls" | "ssl" | "usessl" => match &*value {
                "disable" | "disabled" => Some(Self::Off),
                "allow" | "prefer" | "preferred" => Some(Self::Optional),
                "require" | "required" | "no-verify" => Some(Self::Unverified),
                "verify-ca" | "verify_ca" | "verifyca" => Some(Self::AnyName),
                "verify-full" | "verify_full" | "verifyfull" | "verify-identity" | "verify_identity" => {
                    Some(Self::Verified)
                }
                _ if is_no => Some(Self::Off),
                _ => is_yes.then_some(Self::Verified),
            },
            // SQL Server's drivers.
            "encrypt" => match &*value {
                "optional" => Some(Self::Off),
                "mandatory" | "strict" => Some(Self::Verified),
                _ if is_no => Some(Self::Off),
                _ => is_yes.then_some(Self::Verified),
            },
            // Drivers for MySQL check what a file of authorities lets them check.
            "ssl_ca" | "ssl_capath" => (!value.is_empty()).then_some(Self::Verified),
            "ssl_disabled" => is_yes.then_some(Self::Off),
            "ssl_cert_reqs" => matches!(&*value, "none" | "cert_none").then_some(Self::Unverified),
            "ssl_verify_cert" | "verifyservercertificate" if is_yes => Some(Self::Verified),
            name if VERIFIES.contains(&name) => is_no.then_some(Self::Unverified),
            name if DOES_NOT.contains(&name) => is_yes.then_some(Self::Unverified),
            _ => None,
        }
    }
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
    /// Whether it is JDBC's, whose drivers are told the user apart from the URL.
    is_jdbcs: bool,
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
        let value = value.trim();
        let jdbcs = value.strip_prefix("jdbc:");
        let Some((scheme, rest)) = jdbcs.unwrap_or(value).split_once("://") else {
            return Self::of_parameters(value);
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
        Some(Self { scheme, credentials, hosts, path, query, separator, is_jdbcs: jdbcs.is_some() })
    }

    fn of_parameters(query: &'v str) -> Option<Self> {
        // A host and one more: most values have neither.
        if query.bytes().filter(|byte| *byte == b'=').count() < 2 {
            return None;
        }
        let separator = if query.contains(';') { ';' } else { ' ' };
        let read = Self { scheme: "", credentials: None, hosts: "", path: "", query, separator, is_jdbcs: false };
        let is_one = [HOST, if read.parameter(USER).is_some() { USER } else { DATABASE }];
        is_one.into_iter().all(|names| read.parameter(names).is_some()).then_some(read)
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
        self.is_of_a_server() && self.leaves_the_machine() && !self.is_jdbcs
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

    /// What it says about encryption, where it says anything: of several words, the weakest counts.
    pub(super) fn encryption(&self) -> Option<Encryption> {
        let written = self.parameters().filter_map(|(name, value)| Encryption::of(name, value)).min();
        // These schemes mean TLS by themselves.
        let by_scheme = matches!(self.scheme, "mongodb+srv" | "rediss" | "valkeys").then_some(Encryption::Verified);
        written.or(by_scheme)
    }

    /// The database that speaks this way, where the scheme is known to be one's.
    pub(super) fn engine(&self) -> Option<Engine> {
        match &*self.kind().to_ascii_lowercase() {
            "postgres" | "postgresql" | "cockroachdb" => Some(Engine::Postgresql),
            "mysql" | "mariadb" => Some(Engine::Mysql),
            "mongodb" => Some(Engine::Mongodb),
            "sqlite" => Some(Engine::Sqlite),
            // libpq's own words.
            "" => self.parameter(&["dbname"]).map(|_| Engine::Postgresql),
            _ => None,
        }
    }

    /// Whether a server of a known kind answers, which lets users in.
    pub(super) fn is_of_a_server(&self) -> bool {
        matches!(self.engine(), Some(Engine::Postgresql | Engine::Mysql | Engine::Mongodb))
    }

    /// How its driver asks for a connection that is verified, as a help says it.
    pub(super) fn verified(&self) -> &'static str {
        match (self.engine(), self.driver()) {
            // .NET's: of Npgsql and MySqlConnector, and of SQL Server's client.
            _ if self.separator == ';' && self.parameter(&["host", "sslmode"]).is_some() => {
                "write `SSL Mode=VerifyFull`, as its driver calls it"
            }
            _ if self.separator == ';' => "write `Encrypt=true`, as its driver calls it",
            (Some(Engine::Postgresql), Some("asyncpg")) => "write `ssl=verify-full`, as its driver calls it",
            (Some(Engine::Postgresql), _) => "write `sslmode=verify-full`, as its driver calls it",
            // With a file of authorities these two check the certificate and the host's name. Without one PyMySQL's
            // `ssl_verify_identity` leaves the name out, and asyncmy stops at it.
            (Some(Engine::Mysql), Some("pymysql" | "asyncmy")) => {
                "write `ssl_ca=/etc/ssl/certs/ca-certificates.crt`, or the file of your own authority"
            }
            // It takes an `SSLContext` and nothing else, which no URL can hold.
            (Some(Engine::Mysql), Some("aiomysql")) => {
                "let the app's code ask for it, with `connect_args={\"ssl\": ssl.create_default_context()}`, because \
                 aiomysql reads nothing of it from a URL"
            }
            (Some(Engine::Mysql), _) if self.is_jdbcs => "write `sslMode=VERIFY_IDENTITY`, as its driver calls it",
            (Some(Engine::Mysql), _) => "write `ssl-mode=VERIFY_IDENTITY`, as its driver calls it",
            (Some(Engine::Mongodb), _) => "write `tls=true`, as its driver calls it",
            (Some(Engine::Sqlite | Engine::Firestore) | None, _) => {
                "write `ssl_cert_reqs=required`, as its driver calls it"
            }
        }
    }

    /// The parameter for encryption that its driver does not know and stops at, by the drivers' own signatures behind
    /// `SQLAlchemy`.
    pub(super) fn misspelt(&self) -> Option<&'v str> {
        const LIBPQS: [&str; 5] = ["sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl"];
        const MYSQLS: [&str; 4] = ["ssl-mode", "ssl_mode", "sslmode", "tls"];
        const PYMYSQLS: [&str; 3] = ["ssl_verify_cert", "ssl_verify_identity", "ssl_disabled"];
        const FILES: [&str; 6] = ["ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher", "ssl_check_hostname"];
        let unknown: &[&[&str]] = match self.driver()? {
            "asyncpg" => &[&LIBPQS],
            "pymysql" => &[&MYSQLS],
            "asyncmy" => &[&MYSQLS, &PYMYSQLS],
            "aiomysql" => &[&MYSQLS, &PYMYSQLS, &FILES, &["ssl"]],
            _ => return None,
        };
        self.parameters().map(|(name, _)| name).find(|name| unknown.iter().any(|names| names.contains(name)))
    }

    /// The driver that the scheme names: `asyncpg` of `postgresql+asyncpg`.
    fn driver(&self) -> Option<&'v str> {
        self.scheme.split_once('+').map(|(_, driver)| driver)
    }

    /// Whether its driver takes what the URL leaves open from this variable. libpq, and the drivers that follow it, read those of
    /// `PostgreSQL`; JDBC's does not.
    pub(super) fn is_read_beside(&self, variable: &str) -> bool {
        variable.starts_with("PG") && self.engine() == Some(Engine::Postgresql) && !self.is_jdbcs
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

    /// A driver stops at a parameter that another one knows.
    #[test]
    fn each_driver_is_told_in_its_own_words() {
        for (driver, word) in [
            ("postgresql+asyncpg", "`ssl=verify-full`"),
            ("postgresql+psycopg", "`sslmode=verify-full`"),
            ("postgresql+psycopg2", "`sslmode=verify-full`"),
            ("postgresql", "`sslmode=verify-full`"),
            ("postgres", "`sslmode=verify-full`"),
            ("mysql+pymysql", "`ssl_ca="),
            ("mysql+asyncmy", "`ssl_ca="),
            ("mysql+aiomysql", "`connect_args={\"ssl\": "),
            ("mysql", "`ssl-mode=VERIFY_IDENTITY`"),
            ("mongodb+srv", "`tls=true`"),
            ("rediss", "`ssl_cert_reqs=required`"),
        ] {
            let url = format!("{driver}://db/shop");
            assert!(read(&url).verified().contains(word), "{driver}: {}", read(&url).verified());
            // What it is told to write, it knows.
            let told = word.trim_matches('`').trim_end_matches('=');
            assert_eq!(read(&format!("{url}?{told}=x")).misspelt(), None, "{driver}");
        }
        for (driver, unknown) in [
            ("postgresql+asyncpg", "sslmode=verify-full"),
            ("mysql+pymysql", "ssl-mode=VERIFY_IDENTITY"),
            ("mysql+asyncmy", "ssl_verify_cert=true"),
            ("mysql+asyncmy", "tls=true"),
            ("mysql+aiomysql", "ssl_verify_identity=true"),
            ("mysql+aiomysql", "ssl_ca=/ca.pem"),
        ] {
            let name = unknown.split('=').next();
            assert_eq!(read(&format!("{driver}://db/shop?charset=utf8mb4&{unknown}")).misspelt(), name, "{driver}");
        }
        for known in [
            "postgresql://db/shop?sslmode=verify-full",
            "postgresql+psycopg://db/shop?sslmode=verify-full",
            "mysql+pymysql://db/shop?ssl_verify_cert=true",
        ] {
            assert_eq!(read(known).misspelt(), None, "{known}");
        }
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
        for other in ["a sentence", "kZ8=qL1=", "host=db", "user=shop; password=x", "c2hvcDpzaG9wQGhvc3Q="] {
            assert!(Connection::read(other).is_none(), "{other}");
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
        ] {
            assert!(read(url).leaves_the_machine(), "{url}");
        }
    }

    #[test]
    fn drivers_have_many_words_for_encryption() {
        for (query, expected) in [
            ("", None),
            ("sslmode", None),
            ("sslmode=disable", Some(Encryption::Off)),
            ("x=1&tls=false", Some(Encryption::Off)),
            ("ssl=0", Some(Encryption::Off)),
            ("ssl-mode=DISABLED", Some(Encryption::Off)),
            ("useSSL=false", Some(Encryption::Off)),
            ("Encrypt=no", Some(Encryption::Off)),
            ("encrypt=yes&TrustServerCertificate=yes", Some(Encryption::Unverified)),
            ("encrypt=strict", Some(Encryption::Verified)),
            ("sslmode=allow", Some(Encryption::Optional)),
            ("ssl=prefer", Some(Encryption::Optional)),
            ("sslmode=require", Some(Encryption::Unverified)),
            ("tls=true&tlsAllowInvalidCertificates=true", Some(Encryption::Unverified)),
            ("tls=true&tlsAllowInvalidCertificates=false", Some(Encryption::Verified)),
            ("ssl_verify_cert=false", Some(Encryption::Unverified)),
            ("ssl_verify_cert=true", Some(Encryption::Verified)),
            ("ssl-mode=VERIFY_IDENTITY", Some(Encryption::Verified)),
            ("ssl-mode=VERIFY_CA", Some(Encryption::AnyName)),
            ("sslmode=verify-full&sslmode=verify-ca", Some(Encryption::AnyName)),
        ] {
            assert_eq!(read(&format!("mysql://db/shop?{query}")).encryption(), expected, "{query}");
        }
        assert_eq!(read("mysql://db/shop?ssl_ca=/ca.pem").encryption(), Some(Encryption::Verified));
        assert_eq!(read("host=db dbname=x sslmode=verify-full").encryption(), Some(Encryption::Verified));
        assert_eq!(read("Host=db;Username=x;SSL Mode=Disable").encryption(), Some(Encryption::Off));
        assert_eq!(read("jdbc:sqlserver://db;user=x;encrypt=false").encryption(), Some(Encryption::Off));
        assert_eq!(
            read("mysql://db/shop?ssl_ca=/ca.pem&ssl_check_hostname=false").encryption(),
            Some(Encryption::Unverified)
        );
        assert_eq!(read("rediss://cache").encryption(), Some(Encryption::Verified));
        assert_eq!(read("rediss://cache?ssl_cert_reqs=none").encryption(), Some(Encryption::Unverified));
        assert_eq!(read("mongodb+srv://db/shop").encryption(), Some(Encryption::Verified));
    }
}
