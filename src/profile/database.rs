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

section! {
    /// The app's database.
    pub struct Database {
        /// Which one.
        engine: Engine = absent,
        /// How it is reached.
        url: SecretRef = absent,
        /// How the connection is secured.
        tls: DatabaseTls = absent,
        /// Connections per process.
        pool_size: u32 = absent,
        /// Connections that the database takes.
        max_connections: u32 = absent,
    }
}
