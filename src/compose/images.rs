//! What the images are that many Compose files name: databases, caches and queues, which nobody but the app has to reach, and
//! reverse proxies, which reach the app.

use super::Service;

/// A program that keeps data for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What it is called.
    pub title: &'static str,
    /// What comes to whoever reaches it.
    pub kind: Kind,
}

/// What kind of program keeps data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A database.
    Database,
    /// A cache, or a store of what is forgotten sooner.
    Cache,
    /// A queue of messages.
    Queue,
    /// A search engine with what it searches.
    Search,
    /// A page by which databases are looked at.
    Page,
}

use Kind::{Cache, Database, Page, Queue, Search};

/// The images, by the last part of their names: `docker.io/bitnami/postgresql:16` is `postgresql`. Sources: the pages of the
/// images at their registries, as of November 2026.
const IMAGES: [(&str, &str, Kind); 45] = [
    ("postgres", "PostgreSQL", Database),
    ("postgresql", "PostgreSQL", Database),
    ("postgis", "PostgreSQL", Database),
    ("pgvector", "PostgreSQL", Database),
    ("pgvecto-rs", "PostgreSQL", Database),
    ("timescaledb", "PostgreSQL", Database),
    ("timescaledb-ha", "PostgreSQL", Database),
    ("cockroach", "CockroachDB", Database),
    ("mysql", "MySQL", Database),
    ("mysql-server", "MySQL", Database),
    ("percona-server", "MySQL", Database),
    ("mariadb", "MariaDB", Database),
    ("mongo", "MongoDB", Database),
    ("mongodb", "MongoDB", Database),
    ("mongodb-community-server", "MongoDB", Database),
    ("ferretdb", "FerretDB", Database),
    ("couchdb", "CouchDB", Database),
    ("cassandra", "Cassandra", Database),
    ("scylla", "ScyllaDB", Database),
    ("clickhouse", "ClickHouse", Database),
    ("clickhouse-server", "ClickHouse", Database),
    ("neo4j", "Neo4j", Database),
    ("arangodb", "ArangoDB", Database),
    ("surrealdb", "SurrealDB", Database),
    ("etcd", "etcd", Database),
    ("redis", "Redis", Cache),
    ("redis-stack", "Redis", Cache),
    ("redis-stack-server", "Redis", Cache),
    ("valkey", "Valkey", Cache),
    ("valkey-bundle", "Valkey", Cache),
    ("keydb", "KeyDB", Cache),
    ("dragonfly", "Dragonfly", Cache),
    ("memcached", "Memcached", Cache),
    ("rabbitmq", "RabbitMQ", Queue),
    ("kafka", "Kafka", Queue),
    ("nats", "NATS", Queue),
    ("zookeeper", "ZooKeeper", Queue),
    ("elasticsearch", "Elasticsearch", Search),
    ("opensearch", "OpenSearch", Search),
    ("solr", "Solr", Search),
    ("adminer", "Adminer", Page),
    ("phpmyadmin", "phpMyAdmin", Page),
    ("pgadmin4", "pgAdmin", Page),
    ("mongo-express", "mongo-express", Page),
    ("redis-commander", "Redis Commander", Page),
];

/// The ports that these programs listen at, and hardly any other: they say what a service is that is built here.
const PORTS: [(u16, &str, Kind); 10] = [
    (5432, "PostgreSQL", Database),
    (3306, "MySQL", Database),
    (1433, "SQL Server", Database),
    (27017, "MongoDB", Database),
    (9042, "Cassandra", Database),
    (6379, "Redis", Cache),
    (11211, "Memcached", Cache),
    (5672, "RabbitMQ", Queue),
    (9200, "Elasticsearch", Search),
    (2379, "etcd", Database),
];

/// The images of programs that hand requests on to others.
const PROXIES: [&str; 18] = [
    "nginx",
    "nginx-unprivileged",
    "nginx-proxy",
    "nginx-proxy-manager",
    "openresty",
    "swag",
    "caddy",
    "caddy-docker-proxy",
    "traefik",
    "haproxy",
    "envoy",
    "httpd",
    "apache",
    "pingora",
    "zoraxy",
    "bunkerweb",
    "angie",
    "cloudflared",
];

/// What services are called that hand requests on, where they are built here.
const CALLED_PROXIES: [&str; 3] = ["proxy", "reverse-proxy", "reverse_proxy"];

/// What services are called that keep data, whichever program does.
const CALLED_STORES: [&str; 3] = ["db", "database", "cache"];

/// What a service keeps, by its image; of one that nobody knows, by the service's name or the port that it listens at.
pub fn stored(image: Option<&str>, service: &str, port: Option<u16>) -> Option<Stored> {
    let called = |name: &str| {
        IMAGES.iter().find(|(image, ..)| *image == name).map(|(_, title, kind)| Stored { title, kind: *kind })
    };
    let by_port =
        || PORTS.iter().find(|(known, ..)| Some(*known) == port).map(|(_, title, kind)| Stored { title, kind: *kind });
    image.and_then(|image| called(name_of(image))).or_else(|| called(service)).or_else(by_port)
}

/// The last part of an image's name, without what says which of its releases is meant.
fn name_of(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split(':').next().unwrap_or_default()
}

impl Service<'_> {
    /// Whether it hands requests on to other services, by its image or its name.
    pub fn is_a_proxy(&self) -> bool {
        let is_called = |name: &str| PROXIES.contains(&name) || CALLED_PROXIES.contains(&name);
        is_called(&self.name) || self.image.as_ref().is_some_and(|(image, _)| PROXIES.contains(&name_of(image)))
    }

    /// Whether it keeps data for others, by its image or its name.
    pub fn keeps_data(&self) -> bool {
        let image = self.image.as_ref().map(|(image, _)| image.as_str());
        CALLED_STORES.contains(&self.name.as_str()) || stored(image, &self.name, None).is_some()
    }
}

impl Kind {
    /// What whoever reaches it gets.
    pub const fn harm(self) -> &'static str {
        match self {
            Self::Database => "whoever guesses its password reads and changes everything",
            Self::Cache => "whoever reaches it reads sessions and writes their own",
            Self::Queue => "whoever reaches it reads messages and sends their own",
            Self::Search => "whoever reaches it reads what is searched",
            Self::Page => "whoever reaches it tries passwords of the database",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_known_whoever_built_it() {
        for (image, title) in [
            ("postgres:16-alpine", Some("PostgreSQL")),
            ("docker.io/bitnami/redis:7.2@sha256:0a1b", Some("Redis")),
            ("ghcr.io/immich-app/postgres:14-vectorchord0.4", Some("PostgreSQL")),
            ("registry.example.com:5000/library/mysql", Some("MySQL")),
            ("redis", Some("Redis")),
            ("mcr.microsoft.com/mssql/server:2022-latest", None),
            ("postgrest/postgrest", None),
            ("my/redis-app", None),
            ("", None),
        ] {
            assert_eq!(stored(Some(image), "x", None).map(|stored| stored.title), title, "{image}");
        }
        // One that is not known is known by where it listens.
        let title = |image, name, port| stored(image, name, port).map(|stored| stored.title);
        assert_eq!(title(Some("mcr.microsoft.com/mssql/server:2022"), "x", Some(1433)), Some("SQL Server"));
        assert_eq!(title(None, "data", Some(5432)), Some("PostgreSQL"));
        assert_eq!(title(Some("shop_postgres"), "postgres", None), Some("PostgreSQL"));
        assert_eq!(title(None, "web", Some(8000)), None);
    }
}
