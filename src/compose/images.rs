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
    /// A page on what the app sends or does later.
    Tool,
}

use Kind::{Cache, Database, Page, Queue, Search, Tool};

/// The images, by the last part of the names under which projects publish them: `docker.io/bitnami/postgresql:16` is
/// `postgresql`.
const IMAGES: [(&str, &str, Kind); 61] = [
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
    ("consul", "Consul", Database),
    ("influxdb", "InfluxDB", Database),
    ("minio", "MinIO", Database),
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
    ("meilisearch", "Meilisearch", Search),
    ("typesense", "Typesense", Search),
    ("qdrant", "Qdrant", Search),
    ("weaviate", "Weaviate", Search),
    ("chroma", "Chroma", Search),
    ("milvus", "Milvus", Search),
    ("flower", "Flower", Tool),
    ("celery-flower", "Flower", Tool),
    ("mailpit", "Mailpit", Tool),
    ("mailhog", "MailHog", Tool),
    ("maildev", "MailDev", Tool),
    ("redisinsight", "Redis Insight", Page),
    ("kafka-ui", "Kafka UI", Page),
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

/// The ports of further programs that keep data: too many others listen there to say what a service is, but they say that its name
/// is meant.
const OWN_PORTS: [(u16, &str); 14] = [
    (9092, "Kafka"),
    (4222, "NATS"),
    (2181, "ZooKeeper"),
    (7687, "Neo4j"),
    (8123, "ClickHouse"),
    (5984, "CouchDB"),
    (8983, "Solr"),
    (7700, "Meilisearch"),
    (8108, "Typesense"),
    (6333, "Qdrant"),
    (8086, "InfluxDB"),
    (8500, "Consul"),
    (5555, "Flower"),
    (8025, "Mailpit"),
];

/// A port at which the program is meant to be reached: of `RabbitMQ`, by devices that speak MQTT over TLS.
const FOR_EVERYONE: [(u16, &str); 1] = [(8883, "RabbitMQ")];

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

/// What a service keeps behind a port, by its image; of an image that nobody knows, by the port; and by the service's name where
/// the image is built here or not named, or where the port is that program's own.
pub fn stored(image: Option<&str>, is_built: bool, service: &str, port: u16) -> Option<Stored> {
    let by_port =
        || PORTS.iter().find(|(known, ..)| *known == port).map(|(_, title, kind)| Stored { title, kind: *kind });
    let is_its_own = |title: &str| {
        let mut ports = PORTS.iter().map(|(port, title, _)| (*port, *title)).chain(OWN_PORTS);
        ports.any(|own| own == (port, title))
    };
    let by_name = || called(service).filter(|found| image.is_none() || is_built || is_its_own(found.title));
    let found = image.and_then(|image| called(name_of(image))).or_else(by_name).or_else(by_port);
    found.filter(|found| !FOR_EVERYONE.contains(&(port, found.title)))
}

/// What keeps others out of a program that keeps data, as its image has it where nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The variables that it is started with.
    Variables,
    /// Nothing: it asks for no password.
    Nothing,
    /// That is not known.
    Unknown,
}

/// What an image's program is called, where it is known to keep data.
pub fn title_of(image: &str) -> Option<&'static str> {
    called(name_of(image)).map(|stored| stored.title)
}

/// What keeps others out of a program of such an image, which is given variables of these names.
pub fn guard<'n>(image: &str, mut given: impl Iterator<Item = &'n str>) -> Guard {
    let name = image.split('@').next().unwrap_or_default();
    let name = name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).map_or(name, |(name, _)| name);
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    // Some take further options from a variable.
    let mut has_options = || given.any(|name| name.ends_with("_FLAGS") || name.ends_with("_ARGS"));
    match called(name_of(image)).map(|stored| stored.kind) {
        _ if name.contains("bitnami") => Guard::Variables,
        Some(Database | Queue | Search | Page | Tool) => Guard::Variables,
        Some(Cache) if has_options() => Guard::Unknown,
        Some(Cache) if name == "redis" || name.ends_with("library/redis") || name == "valkey/valkey" => Guard::Nothing,
        Some(Cache) | None => Guard::Unknown,
    }
}

/// The program that has an image of this name.
fn called(name: &str) -> Option<Stored> {
    IMAGES.iter().find(|(image, ..)| *image == name).map(|(_, title, kind)| Stored { title, kind: *kind })
}

/// The last part of an image's name, and what says which of its releases is meant: of `docker.io/library/nginx:1.27`, `nginx` and
/// `1.27`.
pub fn name_and_tag(image: &str) -> (&str, Option<&str>) {
    let image = image.split('@').next().unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split_once(':').map_or((last, None), |(name, tag)| (name, Some(tag)))
}

fn name_of(image: &str) -> &str {
    name_and_tag(image).0
}

impl Service<'_> {
    /// Whether it hands requests on to other services, by its image or its name.
    pub fn is_a_proxy(&self) -> bool {
        let is_called = |name: &str| PROXIES.contains(&name) || CALLED_PROXIES.contains(&name);
        is_called(&self.name)
            || self.container.image.as_ref().is_some_and(|(image, _)| PROXIES.contains(&name_of(image)))
    }

    /// Whether it keeps data for others, by its image; or by its name, where nothing is built there that could be an app.
    pub fn keeps_data(&self) -> bool {
        self.has_a_stores_image() || !self.container.is_built && self.is_called_a_store()
    }

    /// Whether its image is that of a program that keeps data.
    pub fn has_a_stores_image(&self) -> bool {
        self.container.image.as_ref().is_some_and(|(image, _)| called(name_of(image)).is_some())
    }

    /// Whether it has a name that services have which keep data.
    pub fn is_called_a_store(&self) -> bool {
        CALLED_STORES.contains(&self.name.as_str()) || called(&self.name).is_some()
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
            Self::Tool => "whoever reaches it reads the app's mail, or what its tasks are given",
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
            ("getmeili/meilisearch:v1.12", Some("Meilisearch")),
            ("axllent/mailpit", Some("Mailpit")),
            ("quay.io/minio/minio", Some("MinIO")),
            ("mcr.microsoft.com/mssql/server:2022-latest", None),
            ("postgrest/postgrest", None),
            ("my/redis-app", None),
            ("", None),
        ] {
            assert_eq!(stored(Some(image), false, "x", 1).map(|stored| stored.title), title, "{image}");
        }
        // One that is not known is known by where it listens, and by its name where that says more than the image does.
        for (image, is_built, name, port, title) in [
            (Some("mcr.microsoft.com/mssql/server:2022"), false, "x", 1433, Some("SQL Server")),
            (None, false, "data", 5432, Some("PostgreSQL")),
            (Some("shop_postgres"), true, "postgres", 80, Some("PostgreSQL")),
            (None, false, "nats", 8222, Some("NATS")),
            (Some("ghcr.io/acme/nats-docs"), false, "nats", 80, None),
            (Some("ghcr.io/acme/queue"), false, "nats", 4222, Some("NATS")),
            (Some("ghcr.io/acme/queue"), false, "web", 4222, None),
            (Some("rabbitmq:4-management"), false, "queue", 8883, None),
            (Some("rabbitmq:4-management"), false, "queue", 15672, Some("RabbitMQ")),
            (None, false, "web", 8000, None),
        ] {
            let found = stored(image, is_built, name, port).map(|stored| stored.title);
            assert_eq!(found, title, "{image:?} {name} {port}");
        }
    }
}
