//! The two ends of a connection, where a Compose file starts both.

use super::support::{folder, run};
use super::{messages, strong, told, write};

/// An app of which nothing is known, in production, with a Redis and a database.
const SHOP: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"prod\"\nurl = \"https://shop.example.com\"\n\
                    [state]\nbackend = \"redis\"\nurl = \"env:REDIS_URL\"\n\
                    [database]\nengine = \"postgresql\"\nurl = \"env:DATABASE_URL\"\n";

/// A Redis that asks for no password is told, although the URL brings one; where that is not sure, nothing is.
#[test]
fn a_password_in_the_url_alone_keeps_nobody_out() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", SHOP);
    for (redis, line) in [
        ("image: redis", Some(7)),
        ("image: redis:7-alpine", Some(7)),
        ("image: docker.io/library/redis:7@sha256:0a1b", Some(7)),
        ("image: valkey/valkey:8", Some(7)),
        ("image: redis\n    command: redis-server --appendonly yes", Some(8)),
        ("image: redis\n    command: [redis-server, --save, '60', '1']", Some(8)),
        ("image: redis\n    command: --maxmemory 100mb", Some(8)),
        ("image: redis\n    command: sh -c 'exec redis-server --appendonly yes'", Some(8)),
        ("image: redis\n    command: redis-server --requirepass ''", Some(8)),
        ("image: redis\n    command: [redis-server, --requirepass, '']", Some(8)),
        ("image: redis\n    command: redis-server --requirepass x --requirepass \"\"", Some(8)),
        // It asks, or what it asks is not to be seen here.
        ("image: redis\n    command: redis-server --requirepass \"\" --requirepass x", None),
        ("image: redis\n    command: [redis-server, --requirepass, $UNKNOWN]", None),
        ("image: redis\n    command: redis-server --requirepass", None),
        ("image: redis\n    command: redis-server $UNKNOWN --requirepass \"\"", None),
        ("image: redis\n    command: redis-server --requirepass ${REDIS_PASSWORD}", None),
        ("image: redis\n    command: redis-server --requirepass $UNKNOWN", None),
        ("image: redis\n    command: redis-server /etc/redis.conf", None),
        ("image: redis\n    command: redis-server --include /etc/redis.conf", None),
        ("image: redis\n    command: redis-server $OPTIONS", None),
        ("image: redis\n    command: ./start.sh", None),
        ("image: redis\n    entrypoint: ./start.sh", None),
        ("image: redis\n    command: sh -c 'redis-server --requirepass \"$$(cat /run/secrets/redis)\"'", None),
        ("image: redis\n    build: ./redis", None),
        ("image: redis\n    extends: {file: other.yaml, service: redis}", None),
        ("image: acme/redis", None),
        ("image: eqalpha/keydb", None),
        ("image: valkey/valkey:8\n    environment: {VALKEY_EXTRA_FLAGS: x}", None),
        ("image: bitnami/redis\n    environment: {REDIS_PASSWORD: '${REDIS_PASSWORD}'}", None),
        ("image: ${IMAGE}", None),
        ("image: redis\n    profiles: [dev]", None),
    ] {
        let only = ["--env-file", "compose.yaml", "--only", "STA003"];
        let compose = |url: &str| {
            format!(
                "services:\n  shop:\n    build: .\n    environment:\n      REDIS_URL: {url}\n  redis:\n    {redis}\n"
            )
        };
        let expected = Vec::from_iter(line.map(|line| format!("error STA003 compose.yaml:{line}")));
        // Whether somebody here knows the password, or nobody does.
        for password in ["REDIS_PASSWORD=", "OTHER="] {
            write(path, ".env", &format!("{password}{}\n", strong('2')));
            write(path, "compose.yaml", &compose("rediss://:${REDIS_PASSWORD}@redis:6380/0"));
            assert_eq!(told(path, &only), expected, "{redis} {password}");
        }
        // Another machine's Redis is none of this file's.
        write(path, "compose.yaml", &compose("rediss://:${REDIS_PASSWORD}@cache.example.net:6380/0"));
        assert_eq!(told(path, &only), [""; 0], "{redis}");
    }
    // Of several files, the last that says how it is started counts.
    let url = "services:\n  shop:\n    build: .\n    environment: {REDIS_URL: 'rediss://:${REDIS_PASSWORD}@redis:6380/0'}\n  redis:\n    image: redis\n";
    let (asks, open) =
        ("    command: redis-server --requirepass ${REDIS_PASSWORD}\n", "    command: redis-server --save 60 1\n");
    for (first, later, expected) in [
        ("", asks, &[][..]),
        (asks, open, &["error STA003 compose.prod.yaml:3"]),
        (asks, "    restart: always\n", &[]),
        ("", "    restart: always\n", &["error STA003 compose.yaml:6"]),
    ] {
        write(path, "compose.yaml", &format!("{url}{first}"));
        write(path, "compose.prod.yaml", &format!("services:\n  redis:\n{later}"));
        let files = ["--env-file", "compose.yaml", "--env-file", "compose.prod.yaml", "--only", "STA003"];
        assert_eq!(told(path, &files), expected, "{first}{later}");
    }
}

/// The URL that the app is given, a server that is the service `s`, and the key at which another password of that is told, if it is.
const ENDS: &[(&str, &str, &str)] = &[
    (
        "REDIS_URL: 'rediss://:${ONE}@s:6380/0'",
        "image: redis\n    command: redis-server --requirepass ${OTHER}",
        "state.url",
    ),
    ("REDIS_URL: 'rediss://:${ONE}@s:6380/0'", "image: redis\n    command: redis-server --requirepass ${ALSO_ONE}", ""),
    ("REDIS_URL: 'rediss://:${NEW}@s:6380/0'", "image: redis\n    command: redis-server --requirepass ${NEW}", ""),
    ("REDIS_URL: 'rediss://:${ONE}@s:6380/0'", "image: redis\n    command: redis-server --requirepass ${NEW}", ""),
    (
        "REDIS_URL: 'rediss://:${ONE}@s:6380/0'",
        "image: bitnami/redis\n    environment: [REDIS_PASSWORD=$OTHER]",
        "state.url",
    ),
    ("REDIS_URL: 'rediss://:${ONE}@s:6380/0'", "image: bitnami/valkey\n    environment: [VALKEY_PASSWORD=$ONE]", ""),
    // The image of Redis reads no variable by itself.
    (
        "REDIS_URL: 'rediss://:${ONE}@s/0'",
        "image: redis\n    command: ./x.sh\n    environment: [REDIS_PASSWORD=$OTHER]",
        "",
    ),
    (
        "DATABASE_URL: postgresql://postgres:$ONE@s/shop",
        "image: postgres\n    environment: {POSTGRES_PASSWORD: $OTHER}",
        "database.url",
    ),
    (
        "DATABASE_URL: postgresql://shop:$ONE@s/shop",
        "image: postgis/postgis\n    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: $OTHER}",
        "database.url",
    ),
    (
        "DATABASE_URL: postgresql://shop:$ONE@s/shop",
        "image: postgres\n    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: $ONE}",
        "",
    ),
    (
        "DATABASE_URL: postgresql://shop:a%2Bb%2Fc%40d@s/shop",
        "image: postgres\n    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: $SIGNS}",
        "",
    ),
    // Another user, who is made elsewhere.
    (
        "DATABASE_URL: postgresql://shop:$ONE@s/shop",
        "image: postgres\n    environment: {POSTGRES_PASSWORD: $OTHER}",
        "",
    ),
    (
        "DATABASE_URL: postgresql://shop:$ONE@s/shop",
        "image: postgres\n    environment: {POSTGRES_USER: $NEW, POSTGRES_PASSWORD: $OTHER}",
        "",
    ),
    (
        "DATABASE_URL: postgresql://shop:$ONE@s/shop",
        "image: postgres\n    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: $NEW}",
        "",
    ),
    (
        "DATABASE_URL: postgresql://shop:$ONE@other/shop",
        "image: postgres\n    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: $OTHER}",
        "",
    ),
    (
        "DATABASE_URL: postgresql://shop:$ONE@s/shop",
        "image: postgres\n    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD_FILE: /run/x}",
        "",
    ),
    ("DATABASE_URL: postgresql://shop:$ONE@s/shop", "image: postgres\n    env_file: db.env", "database.url"),
    (
        "DATABASE_URL: postgresql://shop:$ONE@s/shop",
        "image: postgres\n    env_file: db.env\n    environment: {POSTGRES_PASSWORD: $ONE}",
        "",
    ),
    (
        "DATABASE_URL: mysql://shop:$ONE@s/shop",
        "image: mysql\n    environment: {MYSQL_USER: shop, MYSQL_PASSWORD: $OTHER, MYSQL_ROOT_PASSWORD: $ONE}",
        "database.url",
    ),
    (
        "DATABASE_URL: mysql://root:$ONE@s/shop",
        "image: mariadb\n    environment: {MARIADB_ROOT_PASSWORD: $OTHER}",
        "database.url",
    ),
    (
        "DATABASE_URL: mongodb://shop:$ONE@s/shop",
        "image: mongo\n    environment: {MONGO_INITDB_ROOT_USERNAME: shop, MONGO_INITDB_ROOT_PASSWORD: $OTHER}",
        "database.url",
    ),
    ("REDIS_URL: 'rediss://app:${ONE}@s:6380/0'", "image: redis\n    command: redis-server --requirepass ${OTHER}", ""),
    (
        "DATABASE_URL: postgresql://postgres:$ONE@s/shop",
        "image: postgres\n    environment: {POSTGRES_PASSWORD: $OTHER, POSTGRES_HOST_AUTH_METHOD: trust}",
        "",
    ),
    (
        "DATABASE_URL: mongodb://shop:$ONE@s,t/shop",
        "image: mongo\n    environment: {MONGO_INITDB_ROOT_USERNAME: shop, MONGO_INITDB_ROOT_PASSWORD: $OTHER}",
        "",
    ),
];

/// A server that is started with another password than the URL brings does not let the app in; no password is shown.
#[test]
fn the_passwords_of_both_ends_are_compared_and_never_shown() {
    let folder = folder();
    let path = folder.path();
    let (one, other) = (strong('1'), strong('2'));
    write(path, ".env", &format!("ONE={one}\nALSO_ONE={one}\nOTHER={other}\nSIGNS='a+b/c@d'\n"));
    for (url, service, key) in ENDS {
        write(path, "security.toml", SHOP);
        write(path, "db.env", &format!("POSTGRES_USER=shop\nPOSTGRES_PASSWORD={other}\n"));
        let compose = format!("services:\n  shop:\n    build: .\n    environment:\n      {url}\n  s:\n    {service}\n");
        write(path, "compose.yaml", &compose);
        let told = messages(path, &["--env-file", "compose.yaml", "--only", "DAT002"]);
        let is_told = |one: &String| one.contains("another password than the service `s`");
        let found: Vec<&String> = told.iter().filter(|one| is_told(one)).collect();
        if key.is_empty() {
            assert!(found.is_empty(), "{compose}{told:#?}");
        } else {
            let start = format!("warning DAT002 compose.yaml:5: `{key}` brings");
            assert!(found.len() == 1 && found[0].starts_with(&start), "{compose}{told:#?}");
        }
        for format in ["human", "json", "sarif"] {
            let ran = run(path, &["check", "--env-file", "compose.yaml", "--format", format]);
            assert!(!ran.out.contains(&one) && !ran.out.contains(&other), "{compose}");
        }
    }
}

/// Where both ends stand in one file, the help says what to change at either.
#[test]
fn the_help_on_a_connection_names_both_ends() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", SHOP);
    let out = |text: &str| {
        write(path, "compose.yaml", text);
        let ran = run(path, &["check", "--env-file", "compose.yaml", "--only", "STA003", "--only", "DAT003"]);
        ran.out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let compose = |url: &str, server: &str| {
        format!("services:\n  shop:\n    build: .\n    environment:\n      {url}\n  server:\n    image: {server}\n")
    };
    let password = strong('3');
    for (url, server, words) in [
        (
            "REDIS_URL: redis://server:6379/0".to_owned(),
            "redis",
            "in the service `server` of the Compose file, start Redis with `--requirepass ${REDIS_PASSWORD}` in its `command`",
        ),
        (
            format!("REDIS_URL: redis://:{password}@server:6379/0"),
            "valkey/valkey",
            "in the service `server` of the Compose file, start Valkey with `--tls-port 6380`",
        ),
        (
            format!("DATABASE_URL: postgresql://shop:{password}@server/shop"),
            "postgres:17",
            "in the service `server` of the Compose file, start PostgreSQL with `-c ssl=on`",
        ),
        (
            format!("DATABASE_URL: postgresql://shop:{password}@server/shop?sslmode=disable"),
            "postgres:17",
            "in place of the word that turns it off; and in the service `server` of the Compose file, start PostgreSQL with `-c ssl=on`",
        ),
        (
            format!("DATABASE_URL: mysql://shop:{password}@server/shop"),
            "mariadb",
            "in the service `server` of the Compose file, start MariaDB with `--require-secure-transport=ON`",
        ),
        (
            format!("DATABASE_URL: mongodb://shop:{password}@server/shop"),
            "mongo",
            "in the service `server` of the Compose file, start MongoDB with `--tlsMode=requireTLS`",
        ),
    ] {
        let told = out(&compose(&url, server));
        let name = url.split(':').next().unwrap_or_default();
        let is_named = url.contains("disable")
            || told.contains(&format!("in `{name}`"))
            || told.contains(&format!("write {name}"))
            || told.contains(&format!("write `{name}"));
        assert!(told.contains(words) && is_named && !told.contains(&password), "{url}: {told}");
        // Of a server on another machine, no service is named.
        let told = out(&compose(&url.replace("server", "server.example.net"), server));
        assert!(!told.contains("in the service"), "{url}: {told}");
    }
}

/// Before production, an open port of what keeps data is a warning.
#[test]
fn data_that_is_open_to_everyone_is_told_in_staging_too() {
    let folder = folder();
    let path = folder.path();
    for (mode, expected) in
        [("prod", &["error DAT007 compose.yaml:6"][..]), ("staging", &["warning DAT007 compose.yaml:6"]), ("dev", &[])]
    {
        write(path, "security.toml", &SHOP.replace("prod", mode));
        write(
            path,
            "compose.yaml",
            "services:\n  shop:\n    build: .\n  redis:\n    image: redis\n    ports: ['6379:6379']\n",
        );
        assert_eq!(told(path, &["--env-file", "compose.yaml", "--only", "DAT007"]), expected, "{mode}");
        write(
            path,
            "compose.yaml",
            "services:\n  shop:\n    build: .\n  redis:\n    image: redis\n    ports: ['127.0.0.1:6379:6379']\n",
        );
        assert_eq!(told(path, &["--env-file", "compose.yaml", "--only", "DAT007"]), [""; 0], "{mode}");
    }
}

/// A Redis is found by any name that other services have for it, where it is the only one of that name.
#[test]
fn a_redis_is_found_by_each_of_its_names() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", SHOP);
    for (services, is_told) in [
        ("redis: {image: redis, networks: {default: {aliases: [cache]}}}", true),
        ("redis: {image: redis, container_name: cache}", true),
        ("redis: {image: redis, hostname: cache}", true),
        ("redis: {image: redis, networks: [cache]}", false),
        ("redis: {image: redis, container_name: other}", false),
        ("redis: {image: redis, container_name: cache}\n  cache: {image: acme/redis}", false),
        ("redis: {image: redis, hostname: cache}\n  other: {image: redis, hostname: cache}", false),
        ("redis: {image: redis, container_name: cache, command: --requirepass $ONE}", false),
    ] {
        let url = "REDIS_URL: 'rediss://:${ONE}@cache:6379'";
        let text = format!("services:\n  shop:\n    build: .\n    environment: {{{url}}}\n  {services}\n");
        write(path, "compose.yaml", &text);
        let told = told(path, &["--env-file", "compose.yaml", "--only", "STA003"]);
        assert_eq!(told, Vec::from_iter(is_told.then_some("error STA003 compose.yaml:5")), "{services}");
    }
}

/// A second Redis of the app is told, too, once.
#[test]
fn a_second_redis_without_a_password_is_told() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", SHOP);
    for (variables, expected) in [
        ("CELERY_BROKER_URL: 'redis://:${ONE}@queue:6379/1'", &["error STA003 compose.yaml:5"][..]),
        (
            "CELERY_BROKER_URL: 'redis://:known@queue:6379/1', A: 'redis://:known@queue/2'",
            &["error STA003 compose.yaml:5"],
        ),
        (
            "REDIS_URL: 'rediss://:${ONE}@cache', BROKER: 'redis://:${ONE}@queue'",
            &["error STA003 compose.yaml:5", "error STA003 compose.yaml:6"],
        ),
        ("REDIS_URL: 'rediss://:${ONE}@cache', BROKER: 'redis://:${ONE}@cache/1'", &["error STA003 compose.yaml:6"]),
        // No password is brought, so that nobody believes that one is asked; or another program is meant.
        ("BROKER: 'redis://queue'", &[]),
        ("BROKER: 'amqp://shop:${ONE}@queue'", &[]),
        ("BROKER: 'redis://:${ONE}@locked'", &[]),
    ] {
        let text = format!(
            "services:\n  shop:\n    build: .\n    environment: {{{variables}}}\n  queue: {{image: redis}}\n  cache: {{image: redis}}\n  \
             locked: {{image: redis, command: --requirepass $ONE}}\n"
        );
        write(path, "compose.yaml", &text);
        let mut told = told(path, &["--env-file", "compose.yaml", "--only", "STA003"]);
        told.sort_unstable();
        assert_eq!(told, expected, "{variables}");
    }
}
