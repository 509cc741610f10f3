//! `[database]`: the app's database, and how it is reached.

use super::bounds::Bounds;
use super::keyword::keywords;
use super::section::section;
use super::values::SecretRef;

keywords! {
    /// A database.
    pub enum Engine ("a database engine") {
        /// `PostgreSQL`.
        Postgresql = "postgresql",
        /// `MySQL` or `MariaDB`.
        Mysql = "mysql",
        /// A file.
        Sqlite = "sqlite",
        /// `MongoDB`.
        Mongodb = "mongodb",
        /// Google Firestore.
        Firestore = "firestore",
    }
}

keywords! {
    /// How the connection to a database is secured.
    pub enum DatabaseTls ("a kind of database TLS") {
        /// Not at all.
        Off = "off",
        /// Encrypted, with whoever answers.
        Require = "require",
        /// Encrypted, and the server's name is checked.
        VerifyFull = "verify-full",
    }
}

const POOL: Bounds = Bounds::numbers(
    1,
    "some pools take that for no limit",
    10_000,
    "each connection is a process or a thread of the database",
);

const OVERFLOW: Bounds = Bounds::numbers(0, "", 10_000, "each connection is a process or a thread of the database");

/// From `PostgreSQL`'s `max_connections`.
const CONNECTIONS: Bounds =
    Bounds::numbers(1, "the database would let nobody in", 262_143, "PostgreSQL takes no greater number");

section! {
    /// The app's database.
    pub struct Database {
        /// Which one.
        engine: Engine = absent,
        /// How it is reached.
        url: SecretRef = absent,
        /// Its password, where the app has no URL and puts one together of parts.
        password: SecretRef = absent,
        /// How the connection is secured.
        tls: DatabaseTls = absent,
        /// Connections per process: from 1, because some pools take 0 for no limit, to 10,000.
        pool_size: u32 = absent within POOL,
        /// Connections beyond those that each process may open under load, such as the `max_overflow` of `SQLAlchemy`: up to 10,000.
        pool_overflow: u32 = default(0) within OVERFLOW,
        /// Connections that the database takes: from 1 to 262,143, the most that `PostgreSQL` can be told.
        max_connections: u32 = absent within CONNECTIONS,
    }
}
