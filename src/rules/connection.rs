//! The URL by which an app reaches a database or a Redis, taken apart as far as rules ask.
//!
//! It is not read as browsers read URLs: MongoDB's lists several hosts, and drivers take what the standard would want
//! escaped. Nothing here repeats any of it.

use std::net::IpAddr;

/// Its parts, as they are written.
pub(super) struct Connection<'v> {
    scheme: &'v str,
    /// What stands before the `@`: a user and a password, if there is a colon.
    credentials: Option<&'v str>,
    hosts: &'v str,
    query: &'v str,
}

impl<'v> Connection<'v> {
    /// Takes a value apart, if it is a URL.
    pub(super) fn read(value: &'v str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once("://")?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        // A password may hold a slash that should have been escaped.
        let (credentials, rest) = match rest.rsplit_once('@') {
            Some((credentials, rest)) => (Some(credentials), rest),
            None => (None, rest),
        };
        let hosts = rest.split('/').next().unwrap_or_default();
        Some(Self { scheme, credentials, hosts, query })
    }

    /// What kind of server answers, without the driver: `postgresql` of `postgresql+asyncpg`.
    pub(super) fn kind(&self) -> &'v str {
        self.scheme.split('+').next().unwrap_or_default()
    }

    /// The user and the password, where a password is written; it may be empty.
    pub(super) fn credentials(&self) -> Option<(&'v str, &'v str)> {
        self.credentials?.split_once(':')
    }

    /// The password, wherever it is written.
    pub(super) fn password(&self) -> Option<&'v str> {
        let in_query = || self.parameters().find(|(name, _)| *name == "password").map(|(_, password)| password);
        self.credentials().map(|(_, password)| password).or_else(in_query)
    }

    /// Whether some of it is on another machine. A path to a socket is not.
    pub(super) fn leaves_the_machine(&self) -> bool {
        let named = self.parameters().find(|(name, _)| *name == "host").map(|(_, host)| host);
        let hosts = if self.hosts.is_empty() { named.unwrap_or_default() } else { self.hosts };
        hosts.split(',').any(|host| {
            let is_path = host.starts_with('/') || host.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%2f"));
            !host.is_empty() && !is_path && !is_loopback(host)
        })
    }

    /// Whether it says that the connection is not to be encrypted.
    pub(super) fn turns_tls_off(&self) -> bool {
        self.parameters().any(|(name, value)| match name.to_ascii_lowercase().as_str() {
            "sslmode" | "ssl-mode" | "ssl_mode" => {
                value.eq_ignore_ascii_case("disable") || value.eq_ignore_ascii_case("disabled")
            }
            "tls" | "ssl" | "usessl" => ["false", "0", "no", "off"].iter().any(|off| value.eq_ignore_ascii_case(off)),
            _ => false,
        })
    }

    fn parameters(&self) -> impl Iterator<Item = (&'v str, &'v str)> {
        self.query.split('&').filter_map(|parameter| parameter.split_once('='))
    }
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
        assert!(Connection::read("host=db user=shop").is_none());
    }

    #[test]
    fn a_socket_and_a_loopback_address_stay_on_the_machine() {
        for url in [
            "sqlite:///shop.db",
            "postgresql:///shop",
            "postgresql://%2Fvar%2Frun/shop",
            "postgresql:///shop?host=/var/run",
            "redis://localhost:6379",
            "mysql://u:p@127.0.0.2/x",
            "redis://[::1]:6379/0",
        ] {
            assert!(!read(url).leaves_the_machine(), "{url}");
        }
        for url in [
            "postgresql://db/shop",
            "mongodb://localhost:1,other:2/x",
            "postgresql:///shop?host=db",
            "redis://[fd00::1]:6379",
            "mysql://localhost.example.com/x",
        ] {
            assert!(read(url).leaves_the_machine(), "{url}");
        }
    }

    #[test]
    fn tls_is_turned_off_in_several_words() {
        for query in ["sslmode=disable", "x=1&tls=false", "ssl=0", "ssl-mode=DISABLED", "useSSL=false"] {
            assert!(read(&format!("mysql://db/shop?{query}")).turns_tls_off(), "{query}");
        }
        for query in ["", "sslmode=require", "tls=true", "sslmode"] {
            assert!(!read(&format!("mysql://db/shop?{query}")).turns_tls_off(), "{query}");
        }
    }
}
