//! What a connection says about its encryption, in the words of many drivers, and what each of them is told to write.
//!
//! Of `SQLAlchemy`'s drivers, what they stop at is by their own signatures.

use super::{Connection, Form};
use crate::profile::Engine;

/// What a URL says about the encryption of its connection, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rules) enum Encryption {
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
    pub(in crate::rules) fn of(name: &str, value: &str) -> Option<Self> {
        const VERIFIES: [&str; 3] = ["ssl_verify_cert", "verifyservercertificate", "ssl_check_hostname"];
        const DOES_NOT: [&str; 4] =
            ["tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames", "trustservercertificate"];
        let (name, value) = (name.to_ascii_lowercase().replace(' ', ""), value.to_ascii_lowercase());
        let (is_yes, is_no) = (is_yes(&value), matches!(&*value, "false" | "0" | "no" | "off"));
        match &*name {
            "sslmode" | "ssl-mode" | "ssl_mode" | "tls" | "ssl" | "usessl" => match &*value {
                "disable" | "disabled" | "none" => Some(Self::Off),
                "allow" | "prefer" | "preferred" => Some(Self::Optional),
                "require" | "required" | "no-verify" | "skip-verify" | "trust" => Some(Self::Unverified),
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
            // Prisma's.
            "sslaccept" => (value == "accept_invalid_certs").then_some(Self::Unverified),
            // pgjdbc's: it looks at no certificate, whatever else is asked for.
            "sslfactory" => value.ends_with(".nonvalidatingfactory").then_some(Self::Unverified),
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

fn is_yes(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on")
}

/// What a driver stops at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Misspelt<'v> {
    /// A parameter of this name.
    Name(&'v str),
    /// The value of the parameter of this name.
    Value(&'v str),
}

impl<'v> Connection<'v> {
    /// What it says about encryption, where it says anything: of several words, the weakest counts, unless the driver knows better.
    pub(in crate::rules) fn encryption(&self) -> Option<Encryption> {
        let weakest = || self.parameters().filter_map(|(name, value)| Encryption::of(name, value)).min();
        let says_yes = |name: &str| self.parameter(&[name]).is_some_and(is_yes);
        let written = match (self.form, self.driver()) {
            (Form::Jdbc, _) if self.is_of_connector_j() => match self.parameter(&["sslmode"]) {
                Some(mode) => Encryption::of("sslmode", mode),
                None => self.parameter(&["usessl"]).map(|asked| match is_yes(asked) {
                    true if says_yes("verifyservercertificate") => Encryption::AnyName,
                    true if says_yes("requiressl") => Encryption::Unverified,
                    true => Encryption::Optional,
                    false => Encryption::Off,
                }),
            },
            // A name that the app's code gave to what it asks for.
            (Form::Go, _) => {
                self.parameter(&["tls"]).map(|tls| Encryption::of("tls", tls).unwrap_or(Encryption::Verified))
            }
            (_, Some("mysqlconnector")) if says_yes("ssl_verify_identity") => Some(Encryption::Verified),
            (_, Some("mysqlconnector")) if says_yes("ssl_verify_cert") => Some(Encryption::AnyName),
            (_, Some("mysqlconnector" | "ecto")) => weakest().map(|weakest| weakest.min(Encryption::Unverified)),
            // It does not look at the server's name.
            (_, Some("cymysql")) => weakest().map(|weakest| weakest.min(Encryption::AnyName)),
            _ if self.is_strict_prisma() => match weakest() {
                None if self.engine() == Some(Engine::Postgresql) => Some(Encryption::Optional),
                None | Some(Encryption::Unverified) => Some(Encryption::Verified),
                other => other,
            },
            _ => weakest(),
        };
        // These schemes mean TLS by themselves.
        let has_it = self.form == Form::R2dbcs || matches!(self.scheme, "mongodb+srv" | "rediss" | "valkeys");
        written.or(has_it.then_some(Encryption::Verified))
    }

    /// How its driver asks for a connection that is verified, as a help says it.
    pub(in crate::rules) fn verified(&self) -> &'static str {
        match (self.form, self.engine(), self.driver()) {
            (Form::Pdo, Some(Engine::Mysql), _) => {
                "let the app's code ask for it, with the option `PDO::MYSQL_ATTR_SSL_CA`, because PDO reads nothing of it here"
            }
            // .NET's: of Npgsql and MySqlConnector, and of SQL Server's client.
            (Form::Parameters, Some(_), _) if self.separator == ';' => {
                "write `SSL Mode=VerifyFull`, as its driver calls it"
            }
            (_, None, _) if self.separator == ';' => "write `Encrypt=true`, as its driver calls it",
            _ if self.parameter(&["sslaccept"]).is_some() => {
                "write `sslmode=require` and `sslaccept=strict`, as Prisma calls it"
            }
            (_, _, Some("ecto")) => {
                "let the app's code ask for it, with `ssl: [cacertfile: …]` for its repository, because Ecto reads nothing of it \
                 from a URL"
            }
            (_, Some(Engine::Postgresql), Some("asyncpg")) => "write `ssl=verify-full`, as its driver calls it",
            (_, Some(Engine::Postgresql), Some("pg8000")) => {
                "let the app's code ask for it, with `connect_args={\"ssl_context\": ssl.create_default_context()}`, because \
                 pg8000 reads nothing of it from a URL"
            }
            (Form::R2dbc | Form::R2dbcs, Some(Engine::Postgresql), _) => {
                "write `sslMode=verify-full`, as its driver calls it"
            }
            (_, Some(Engine::Postgresql), _) => "write `sslmode=verify-full`, as its driver calls it",
            (Form::Go, ..) | (_, Some(Engine::Mongodb), _) => "write `tls=true`, as its driver calls it",
            // With a file of authorities these two check the certificate and the host's name. Without one PyMySQL's
            // `ssl_verify_identity` leaves the name out, and asyncmy stops at it.
            (_, Some(Engine::Mysql), Some("pymysql" | "asyncmy")) => {
                "write `ssl_ca=/etc/ssl/certs/ca-certificates.crt`, or the file of your own authority"
            }
            // It takes an `SSLContext` and nothing else, which no URL can hold.
            (_, Some(Engine::Mysql), Some("aiomysql")) => {
                "let the app's code ask for it, with `connect_args={\"ssl\": ssl.create_default_context()}`, because \
                 aiomysql reads nothing of it from a URL"
            }
            (_, Some(Engine::Mysql), Some("mysqlconnector")) => {
                "write `ssl_verify_cert=true`, `ssl_verify_identity=true` and, for an authority of your own, `ssl_ca=…`"
            }
            (_, Some(Engine::Mysql), Some("mariadbconnector")) => {
                "write `ssl_verify_cert=true` and, for an authority of your own, `ssl_ca=…`"
            }
            (_, Some(Engine::Mysql), Some("cymysql")) => {
                "use another driver, such as `mysql+pymysql` with `ssl_ca=…`, because cymysql does not look at the server's name"
            }
            (_, Some(Engine::Mysql), Some("mysqldb" | "mysql2" | "trilogy")) => {
                "write `ssl_mode=VERIFY_IDENTITY`, as its driver calls it"
            }
            (Form::Jdbc | Form::R2dbc | Form::R2dbcs, Some(Engine::Mysql), _) => {
                "write `sslMode=VERIFY_IDENTITY`, as its driver calls it"
            }
            (_, Some(Engine::Mysql), _) => "write `ssl-mode=VERIFY_IDENTITY`, as its driver calls it",
            _ if self.is_redis() => "write `ssl_cert_reqs=required`, as its driver calls it",
            (_, Some(Engine::Sqlite | Engine::Firestore) | None, _) => {
                "write the word by which its driver has the server's certificate and name verified"
            }
        }
    }

    /// What of its parameters for encryption its driver does not know and stops at.
    pub(in crate::rules) fn misspelt(&self) -> Option<Misspelt<'v>> {
        const LIBPQS: [&str; 5] = ["sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl"];
        const ASYNCPGS: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
        const MYSQLS: [&str; 4] = ["ssl-mode", "ssl_mode", "sslmode", "tls"];
        const PYMYSQLS: [&str; 3] = ["ssl_verify_cert", "ssl_verify_identity", "ssl_disabled"];
        const FILES: [&str; 6] = ["ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher", "ssl_check_hostname"];
        // Libraries with a scheme of their own take other words, and hand them on as values: `asyncpg://…?ssl=true`.
        let driver = self.driver().filter(|_| self.scheme.contains('+'))?;
        let unknown: &[&[&str]] = match driver {
            "asyncpg" => &[&LIBPQS],
            "pg8000" => &[&LIBPQS, &["ssl", "ssl_context"]],
            "pymysql" | "mysqlconnector" => &[&MYSQLS],
            "mysqldb" => &[&["ssl-mode", "sslmode", "tls"], &PYMYSQLS],
            "mariadbconnector" => &[&MYSQLS, &["ssl_verify_identity", "ssl_disabled", "ssl_check_hostname"]],
            "asyncmy" => &[&MYSQLS, &PYMYSQLS],
            "cymysql" => &[&MYSQLS, &PYMYSQLS, &["ssl_capath", "ssl_cipher"]],
            "aiomysql" => &[&MYSQLS, &PYMYSQLS, &FILES, &["ssl"]],
            _ => return None,
        };
        self.parameters().find_map(|(name, value)| {
            if unknown.iter().any(|names| names.contains(&name)) {
                Some(Misspelt::Name(name))
            } else {
                let is_known = || ASYNCPGS.contains(&value.replace('_', "-").as_str());
                (driver == "asyncpg" && name == "ssl" && !is_known()).then_some(Misspelt::Value(name))
            }
        })
    }

    /// The driver that the scheme names: `asyncpg` of `postgresql+asyncpg`, and of the schemes that some apps have by itself.
    fn driver(&self) -> Option<&'v str> {
        const ALONE: [&str; 4] = ["asyncpg", "ecto", "mysql2", "trilogy"];
        let alone = || ALONE.contains(&self.scheme).then_some(self.scheme);
        self.scheme.split_once('+').map(|(_, driver)| driver).or_else(alone)
    }

    /// Whether `MySQL`'s own driver for Java reads it.
    fn is_of_connector_j(&self) -> bool {
        self.scheme.split(':').any(|part| part == "mysql")
    }

    /// Whether Prisma is told to verify whom it reaches. It knows no `verify-full`.
    fn is_strict_prisma(&self) -> bool {
        self.parameter(&["sslaccept"]) == Some("strict")
    }
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
            ("postgresql+pg8000", "`connect_args={\"ssl_context\": "),
            ("r2dbc:postgresql", "`sslMode=verify-full`"),
            ("mysql", "`ssl-mode=VERIFY_IDENTITY`"),
            ("mysql2", "`ssl_mode=VERIFY_IDENTITY`"),
            ("mysql+mysqldb", "`ssl_mode=VERIFY_IDENTITY`"),
            ("mysql+mysqlconnector", "`ssl_verify_cert=true`"),
            ("mariadb+mariadbconnector", "`ssl_verify_cert=true`"),
            ("mysql+cymysql", "another driver"),
            ("snowflake", "the word by which its driver"),
            ("mongodb+srv", "`tls=true`"),
            ("rediss", "`ssl_cert_reqs=required`"),
        ] {
            let url = format!("{driver}://db/shop");
            assert!(read(&url).verified().contains(word), "{driver}: {}", read(&url).verified());
            // What it is told to write, it knows.
            let told = word.trim_matches('`').trim_end_matches('=');
            let told = if told.contains('=') { told.to_owned() } else { format!("{told}=x") };
            assert_eq!(read(&format!("{url}?{told}")).misspelt(), None, "{driver}");
        }
        for (driver, unknown) in [
            ("postgresql+asyncpg", "sslmode=verify-full"),
            ("mysql+pymysql", "ssl-mode=VERIFY_IDENTITY"),
            ("mysql+asyncmy", "ssl_verify_cert=true"),
            ("mysql+asyncmy", "tls=true"),
            ("mysql+aiomysql", "ssl_verify_identity=true"),
            ("mysql+aiomysql", "ssl_ca=/ca.pem"),
            ("postgresql+pg8000", "sslmode=verify-full"),
            ("mysql+mysqlconnector", "ssl-mode=VERIFY_IDENTITY"),
            ("mysql+mysqldb", "ssl-mode=VERIFY_IDENTITY"),
            ("mariadb+mariadbconnector", "ssl_verify_identity=true"),
        ] {
            let name = unknown.split('=').next().map(Misspelt::Name);
            assert_eq!(read(&format!("{driver}://db/shop?charset=utf8mb4&{unknown}")).misspelt(), name, "{driver}");
        }
        for (value, is_known) in [("verify-full", true), ("true", false), ("1", false)] {
            let told = (!is_known).then_some(Misspelt::Value("ssl"));
            assert_eq!(read(&format!("postgresql+asyncpg://db/shop?ssl={value}")).misspelt(), told, "{value}");
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
        for (url, expected) in [
            ("app:p@tcp(db)/shop", None),
            ("app:p@tcp(db)/shop?tls=skip-verify", Some(Encryption::Unverified)),
            ("app:p@tcp(db)/shop?tls=preferred", Some(Encryption::Optional)),
            ("app:p@tcp(db)/shop?tls=of-the-code", Some(Encryption::Verified)),
            ("Server=db;Uid=x;SslMode=None", Some(Encryption::Off)),
            ("pgsql:host=db;dbname=x;sslmode=disable", Some(Encryption::Off)),
            ("r2dbcs:postgresql://db/shop", Some(Encryption::Verified)),
            (
                "jdbc:postgresql://db/x?sslmode=verify-full&sslfactory=org.postgresql.ssl.NonValidatingFactory",
                Some(Encryption::Unverified),
            ),
            ("jdbc:mysql://db/x?useSSL=true", Some(Encryption::Optional)),
            ("jdbc:mysql://db/x?useSSL=true&requireSSL=true", Some(Encryption::Unverified)),
            ("jdbc:mysql://db/x?useSSL=true&requireSSL=true&verifyServerCertificate=true", Some(Encryption::AnyName)),
            ("jdbc:mysql://db/x?useSSL=true&sslMode=VERIFY_IDENTITY", Some(Encryption::Verified)),
            ("jdbc:mariadb://db/x?useSSL=true", Some(Encryption::Verified)),
            ("postgresql://db/x?sslmode=require&sslaccept=strict", Some(Encryption::Verified)),
            ("postgresql://db/x?sslaccept=strict", Some(Encryption::Optional)),
            ("postgresql://db/x?sslmode=disable&sslaccept=strict", Some(Encryption::Off)),
            ("mysql://db/x?sslaccept=strict", Some(Encryption::Verified)),
            ("mysql://db/x?sslaccept=accept_invalid_certs", Some(Encryption::Unverified)),
            ("mysql+mysqlconnector://db/x?ssl_ca=/ca.pem", Some(Encryption::Unverified)),
            ("mysql+mysqlconnector://db/x?ssl_verify_cert=true&ssl_verify_identity=true", Some(Encryption::Verified)),
            ("mysql+cymysql://db/x?ssl_ca=/ca.pem", Some(Encryption::AnyName)),
            ("ecto://db/x?ssl=true", Some(Encryption::Unverified)),
        ] {
            assert_eq!(read(url).encryption(), expected, "{url}");
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
