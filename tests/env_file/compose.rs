//! A Compose file is a source of variables like any other.

use std::fs;

use serde_json::Value;

use super::support::{folder, run};
use super::{PROFILE, messages, strong, told, write};

/// A Compose file is a source like any other: the service that is the app counts, findings name the file and line that won, and
/// no value is shown.
#[test]
fn a_compose_file_gives_what_its_services_are_started_with() {
    let folder = folder();
    let path = folder.path();
    let strong = |letter: &str| format!("9f8a41c2e07b5d36a1c4f7e80b2d6935c8a1f04e7b93d25608e1c4a7f3b60d9{letter}");
    write(path, "security.toml", &PROFILE.replace("staging", "prod"));
    write(path, "shared.env", "MAP_SERVICE_KEY=changeme-tr0ub4dor\nSECRET_KEY=first-t0psecr3t\n");
    write(path, "db.env", "MARIADB_PASSWORD=qwerty-asdfgh\n");
    let compose = format!(
        "x-common: &common\n  LOG_LEVEL: info\nservices:\n  db:\n    image: postgres\n    env_file: db.env\n    environment:\n      \
         POSTGRES_PASSWORD: hunter2-postgres\n      POSTGRES_USER: shop\n  web:\n    build: .\n    env_file:\n      - shared.env\n      \
         - path: missing.env\n        required: false\n    environment:\n      <<: *common\n      SECRET_KEY: \"{}\"\n      \
         DATABASE_URL: postgresql://shop:${{DB_PASSWORD}}@db/shop\n",
        strong("2")
    );
    write(path, "compose.yaml", &compose);
    let told = |args: &[&str]| -> Vec<String> {
        let ran = run(path, &[&["check", "--format", "json"], args].concat());
        for text in ["tr0ub4dor", "t0psecr3t", "asdfgh", "hunter2", &strong("2")] {
            assert!(!ran.out.contains(text) && !ran.err.contains(text), "{text}: {}", ran.out);
        }
        let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
        let findings = report["findings"].as_array().into_iter().flatten();
        let findings = findings.filter(|one| one["file"] != "security.toml");
        findings
            .map(|one| {
                let text = |key: &str| one[key].as_str().unwrap_or_default();
                format!("{} {} {}:{}", text("severity"), text("code"), text("file"), one["span"]["start"]["line"])
            })
            .filter(|line| !line.contains("SEC008"))
            .collect()
    };
    // The first value of the key is covered by that of `environment`, and the database's URL is not known here.
    let expected = [
        "error SEC015 db.env:1",
        "error SEC003 shared.env:1",
        "error SEC015 compose.yaml:8",
        "note RND001 compose.yaml:19",
    ];
    assert_eq!(told(&["--env-file", "compose.yaml"]), expected);
    assert_eq!(told(&["--env-file", "prod=compose.yaml#web"]), expected);
    // Of the other service nothing is the app's.
    let ran = run(path, &["check", "--env-file", "compose.yaml#db"]);
    assert!(ran.out.contains("the app is not given `SECRET_KEY`: another service"), "{}", ran.out);
    // What stands in a file before it, Compose puts in a name's place.
    write(path, ".env", "DB_PASSWORD=postgres\n");
    write(path, "compose.yaml", &compose.replace("shop:${DB", "postgres:${DB"));
    let with = told(&["--env-file", ".env", "--env-file", "compose.yaml"]);
    assert!(with.contains(&"error DAT002 compose.yaml:19".to_owned()), "{with:#?}");
    // The same password is told once.
    assert!(!with.iter().any(|one| one.ends_with(" .env:1")), "{with:#?}");
}

/// Whatever is wrong in a Compose file is told at its place, all at once, and nothing of it is shown.
#[test]
fn what_is_wrong_in_a_compose_file_is_told_at_its_place() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", PROFILE);
    let made = std::process::Command::new("mkfifo").arg(path.join("pipe")).status().expect("mkfifo is there");
    assert!(made.success());
    fs::write(path.join("utf16.env"), b"\xff\xfeA\x00=\x001\x00").expect("a file can be written");
    let mut laughs = "a: &a [l,l,l,l,l,l,l,l,l,l]\n".to_owned();
    for (letter, before) in ('b'..='j').zip('a'..) {
        let ten = vec![format!("*{before}"); 10].join(",");
        laughs.extend([format!("{letter}: &{letter} [{ten}]\n")]);
    }
    for (text, line, message) in [
        ("services:\n  a:\n    environment: [\n", 3, "this is no YAML"),
        ("services:\n  a:\n    environment:\n      SECRET KEY: s3cr3t-v4lue\n", 4, "this sets no variable"),
        ("services:\n  a:\n    environment: s3cr3t-v4lue\n", 3, "this sets no variable"),
        ("services:\n  a:\n    env_file: pipe\n", 3, "it is a named pipe"),
        ("services:\n  a:\n    env_file: [utf16.env]\n", 3, "this is UTF-16"),
        ("services:\n  a:\n    env_file: /dev/zero\n", 3, "it is larger than 16 MiB"),
        ("services:\n  a:\n    env_file: .\n", 3, "this is a folder"),
        ("services:\n  a:\n    env_file: none.env\n", 3, "is not there, and Compose does not start"),
        ("services:\n  a:\n    env_file: ${WHICH}.env\n", 3, "depends on a variable"),
        ("services:\n  a: {extends: {file: b.yaml, service: b}}\n", 2, "`extends` takes variables from another file"),
        ("include: [b.yaml]\nservices: {}\n", 1, "`include` takes services from other files"),
        (&laughs, 5, "the aliases of this file stand for more than"),
        ("kind: Deployment\napiVersion: apps/v1\n", 1, "this is a manifest of Kubernetes"),
        ("services:\n  a:\n    environment:\n      <<: 5\n", 4, "the merge key `<<`"),
    ] {
        write(path, "compose.yaml", text);
        let ran = run(path, &["check", "--env-file", "compose.yaml", "--only", "RND001", "--format", "json"]);
        let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
        let mut findings = report["findings"].as_array().into_iter().flatten();
        let is_it = |one: &Value| {
            one["file"] == "compose.yaml"
                && one["span"]["start"]["line"] == line
                && one["message"].as_str().is_some_and(|told| told.contains(message))
        };
        assert!(findings.any(is_it), "{message}: {}{}", ran.out, ran.err);
        let shown = run(path, &["check", "--env-file", "compose.yaml"]);
        // What another file says, which is not looked at, may be all that is missing.
        let code = i32::from(!["extends", "none.env", "WHICH"].iter().any(|word| text.contains(word)));
        assert!(!shown.out.contains("s3cr3t") && shown.code == Some(code), "{}{}", shown.out, shown.err);
    }
    // Where a `.env` file is written, a Compose file has no place.
    write(path, "compose.yaml", "services:\n  a:\n    environment:\n      SECRET_KEY: x\n");
    let ran = run(path, &["rotate", "secret_key", "--env-file", "compose.yaml"]);
    assert!(ran.code == Some(2) && ran.err.contains("a Compose file"), "{}{}", ran.out, ran.err);
}

/// What is told at each file of a check: `SEC008 .env`.
fn codes(path: &std::path::Path, args: &[&str]) -> Vec<String> {
    let ran = run(path, &[&["check", "--format", "json"], args].concat());
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
    let findings = report["findings"].as_array().into_iter().flatten();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    findings.map(|one| format!("{} {}", text(one, "code"), text(one, "file"))).collect()
}

/// A secret is held by the file that has its text: what a Compose file takes out of `${…}` stands elsewhere, and what it
/// writes beside that stands in it.
#[cfg(unix)]
#[test]
fn what_a_name_stands_for_is_held_by_the_file_that_sets_it() {
    use std::os::unix::fs::PermissionsExt;
    let made = strong('2');
    for (value, holder) in [
        ("${KEY}".to_owned(), ".env"),
        ("$KEY".to_owned(), ".env"),
        ("${KEY:-never}".to_owned(), ".env"),
        ("${KEY:?is needed}".to_owned(), ".env"),
        ("postgres://shop:${KEY}@${HOST}:${PORT}/shop".to_owned(), ".env"),
        ("${URL}".to_owned(), ".env"),
        (format!("postgres://shop:{made}@${{HOST}}:${{PORT}}/shop"), "compose.yaml"),
        (format!("${{NONE:-{made}}}"), "compose.yaml"),
        (made.clone(), "compose.yaml"),
    ] {
        for exposed in [".env", "compose.yaml"] {
            let folder = folder();
            let path = folder.path();
            write(path, "security.toml", &format!("{SHOP}[secrets.key]\nsource = \"env:SECRET_KEY\"\n"));
            let dotenv = format!("KEY={made}\nHOST=db\nPORT=5432\nURL=postgres://shop:{made}@db/shop\n");
            write(path, ".env", &dotenv);
            write(
                path,
                "compose.yaml",
                &format!("services:\n  web:\n    environment:\n      SECRET_KEY: \"{value}\"\n"),
            );
            for name in [".env", "compose.yaml"] {
                let permissions = if name == exposed { 0o644 } else { 0o600 };
                fs::set_permissions(path.join(name), fs::Permissions::from_mode(permissions))
                    .expect("the file is ours");
            }
            let expected: &[String] = if holder == exposed { &[format!("SEC008 {exposed}")] } else { &[] };
            for args in [
                &["--only", "SEC008", "--env-file", ".env", "--env-file", "compose.yaml"][..],
                &["--only", "SEC008", "--env-file", "compose.yaml"],
            ] {
                assert_eq!(codes(path, args), expected, "{value}, {exposed} may be read by all, {args:?}");
            }
        }
    }
}

/// What names stand for is taken from the `.env` beside the Compose file, as Compose does, unless another file is named; its
/// variables are not the app's. What nobody sets is told.
#[test]
fn the_file_beside_a_compose_file_says_what_names_stand_for() {
    let folder = folder();
    let path = folder.path();
    let profile = format!("{SHOP}[secrets.key]\nsource = \"env:SECRET_KEY\"\n");
    write(path, "security.toml", &profile);
    write(
        path,
        "compose.yaml",
        "services:\n  web:\n    build: .\n    environment:\n      SECRET_KEY: ${KEY}\n  db:\n    image: postgres\n    \
         environment:\n      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}\n",
    );
    let told = |args: &[&str]| {
        let mut told = codes(path, args);
        told.retain(|one| ["SEC003", "SEC010", "SEC015", "RND001"].iter().any(|code| one.starts_with(code)));
        told
    };
    let compose = ["--env-file", "compose.yaml"];
    let unknown = "RND001 compose.yaml";
    assert_eq!(told(&compose), [unknown], "nobody knows the key here");
    let ran = run(path, &["check", "--env-file", "compose.yaml"]);
    assert!(ran.out.contains("`SECRET_KEY` would be made of variables that no file here sets"), "{}", ran.out);
    write(path, ".env", "KEY=changeme\nPOSTGRES_PASSWORD=postgres123\nSECRET_KEY=not-the-apps\n");
    let expected = ["SEC003 compose.yaml", "SEC015 compose.yaml"];
    assert_eq!(told(&compose), expected);
    // Another file takes its place.
    write(path, "other.env", &format!("KEY={}\n", strong('2')));
    assert_eq!(told(&["--env-file", "other.env", "--env-file", "compose.yaml"]), [""; 0]);
    // It is beside the Compose file, wherever the check runs.
    fs::create_dir(path.join("below")).expect("the folder is ours");
    let profile = "../security.toml";
    let ran = run(&path.join("below"), &["check", profile, "--env-file", "../compose.yaml", "--only", "SEC003"]);
    assert!(ran.code == Some(1) && ran.out.contains("compose.yaml:5"), "{}{}", ran.out, ran.err);
    // What the app is not given, it has not.
    write(path, "compose.yaml", "services:\n  web:\n    environment:\n      OTHER_KEY: ${KEY}\n");
    assert!(told(&compose).contains(&"SEC010 security.toml".to_owned()), "{:?}", told(&compose));
}

/// An app of which nothing is known, in production.
pub(super) const SHOP: &str =
    "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"prod\"\nurl = \"https://shop.example.com\"\n";

/// A command or a number of containers brings what the variable `WEB_CONCURRENCY` brings, where it stands.
#[test]
fn how_much_of_the_app_runs_is_held_against_its_state() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[state]\nbackend = \"memory\"\naccept_single_process = true\n"));
    for (service, line) in [
        ("command: uvicorn app:app --workers 4", Some(3)),
        ("command: [gunicorn, -w, \"4\", 'app:app']", Some(3)),
        ("command: sh -c \"exec gunicorn -w4 app:app\"", Some(3)),
        ("command: gunicorn --workers ${WORKERS:-2} app:app", Some(3)),
        ("command: sh -c 'gunicorn -w $$PARTS app:app'\n    environment: [PARTS=3]", Some(3)),
        ("entrypoint: gunicorn app:app\n    command: --workers=2", Some(4)),
        ("image: shop\n    deploy: {replicas: 3}", Some(4)),
        ("scale: 2", Some(3)),
        ("environment:\n      WEB_CONCURRENCY: 4", Some(4)),
        ("environment:\n      UVICORN_WORKERS: 8", Some(4)),
        ("environment:\n      GRANIAN_WORKERS: 8\n      WEB_CONCURRENCY: 1", Some(4)),
        ("environment:\n      GUNICORN_CMD_ARGS: --threads 2 --workers=8", Some(4)),
        ("environment: [GUNICORN_CMD_ARGS=-w1, WEB_CONCURRENCY=4]", None),
        ("extends: base\n    image: shop", Some(6)),
        ("command: gunicorn -w 1 app:app\n    environment: [WEB_CONCURRENCY=4]", None),
        ("command: gunicorn -w $UNKNOWN app:app", None),
        ("command: celery -A app worker --concurrency 4", None),
        ("extends: base\n    command: uvicorn app:app", None),
        ("deploy: {mode: global, replicas: 3}", None),
        ("deploy: {replicas: 1}", None),
        ("deploy: {replicas: 0}", None),
        ("command:", None),
    ] {
        let base = "  base:\n    command: uvicorn app:app --workers 4\n";
        write(path, "compose.yaml", &format!("services:\n  shop:\n    {service}\n{base}"));
        let line = line.map(|line| format!("error STA001 compose.yaml:{line}"));
        assert_eq!(told(path, &["--env-file", "compose.yaml", "--only", "STA001"]), Vec::from_iter(line), "{service}");
    }
    // What breaks no rule is a difference.
    write(path, "security.toml", &SHOP.replace("[app]\n", "[app]\nworkers = 2\n"));
    for (service, expected) in [
        ("command: gunicorn -w 4 app:app", &["warning RND003 compose.yaml:3"][..]),
        ("deploy: {replicas: 2}", &["warning RND003 compose.yaml:3"]),
        ("command: gunicorn -w 2 app:app", &[]),
    ] {
        write(path, "compose.yaml", &format!("services:\n  shop:\n    {service}\n"));
        assert_eq!(told(path, &["--env-file", "compose.yaml", "--only", "RND003"]), expected, "{service}");
    }
    write(path, ".env", "WEB_CONCURRENCY=4\n");
    assert_eq!(told(path, &["--env-file", ".env", "--only", "RND003"]), ["warning RND003 .env:1"]);
}

/// A server for developers is told at the command, and what a later file starts in its place counts.
#[test]
fn a_server_for_developers_is_no_server_for_production() {
    const BASE: &str = "services:\n  shop:\n    command: uvicorn app:app --reload --forwarded-allow-ips=*\n";
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[modes.dev]\n"));
    let dbg001 = ["--env-file", "compose.yaml", "--only", "DBG001"];
    for (service, line) in [
        ("command: uvicorn app:app --reload", Some(3)),
        ("command: [sh, -c, 'npm ci && npm run dev']", Some(3)),
        ("entrypoint: node\n    command: --inspect=0.0.0.0:9229 server.js", Some(4)),
        ("command: python manage.py runserver 0.0.0.0:8000", Some(3)),
        ("command: sh -c 'flask db upgrade && gunicorn shop:app'", None),
        ("command: npm start", None),
    ] {
        write(
            path,
            "compose.yaml",
            &format!("services:\n  shop:\n    {service}\n  other:\n    command: npm run dev\n"),
        );
        let line = line.map(|line| format!("error DBG001 compose.yaml:{line}"));
        assert_eq!(told(path, &dbg001), Vec::from_iter(line), "{service}");
    }
    // The app is the service with the file of variables that serves, wherever it stands.
    write(path, ".env", "SECRET_KEY=x\n");
    for services in [
        "  back:\n    build: ./back\n    env_file: .env\n    command: gunicorn app:app\n  front:\n    build: ./front\n    \
         command: npm run dev\n    ports: ['127.0.0.1:3000:3000']\n",
        "  work:\n    build: .\n    env_file: .env\n    command: python manage.py celery worker\n  web:\n    build: .\n    \
         env_file: .env\n    command: gunicorn app:app\n",
        "  web:\n    build: .\n    env_file: .env\n    command: sh -c 'alembic upgrade head && python main.py'\n  front:\n    \
         build: .\n    env_file: .env\n    command: npm run dev\n",
        "  move:\n    build: .\n    env_file: .env\n    command: flask run migrate\n  web:\n    build: .\n    \
         env_file: .env\n    command: gunicorn app:app\n",
    ] {
        write(path, "compose.yaml", &format!("services:\n{services}"));
        assert_eq!(told(path, &dbg001), [""; 0], "{services}");
    }
    for (value, is_told) in [("--reload --threads 2", true), ("--reload-engine=poll", false), ("--threads 2", false)] {
        write(
            path,
            "compose.yaml",
            &format!("services:\n  shop:\n    environment:\n      GUNICORN_CMD_ARGS: {value}\n"),
        );
        let expected: &[&str] = if is_told { &["warning DBG001 compose.yaml:4"] } else { &[] };
        assert_eq!(told(path, &dbg001), expected, "{value}");
    }
    write(path, "compose.yaml", BASE);
    let message = messages(path, &dbg001).concat();
    assert!(
        message
            .ends_with(": the service's command starts a server for developers that reloads code, `uvicorn --reload`"),
        "{message}"
    );
    assert_eq!(told(path, &[&dbg001[..], &["--mode", "dev"]].concat()), [""; 0]);
    // What a later file starts is started in its place, with its own options.
    let both =
        ["--env-file", "compose.yaml", "--env-file", "compose.prod.yaml", "--only", "DBG001", "--only", "PRX002"];
    for (later, expected) in [("command: uvicorn app:app", 0), ("restart: always", 2)] {
        write(path, "compose.prod.yaml", &format!("services:\n  shop:\n    {later}\n"));
        assert_eq!(told(path, &both).len(), expected, "{later}");
    }
}

/// Whom the app's server believes is said by its variables and by its options, which count before `FORWARDED_ALLOW_IPS`; also
/// of an app of which nothing is known.
#[test]
fn whom_the_server_believes_is_heard_from_options_and_variables() {
    let folder = folder();
    let path = folder.path();
    for ((service, expected), kind) in [
        ("environment:\n      FORWARDED_ALLOW_IPS: '*'", Some(4)),
        ("environment:\n      UVICORN_FORWARDED_ALLOW_IPS: '*'", Some(4)),
        ("environment:\n      GUNICORN_CMD_ARGS: --workers=1 --forwarded-allow-ips=*", Some(4)),
        ("environment:\n      GUNICORN_CMD_ARGS: --forwarded-allow-ips '*'", Some(4)),
        ("command: uvicorn app:app --forwarded-allow-ips=\"*\"", Some(3)),
        ("command: [uvicorn, 'app:app', --forwarded-allow-ips, '*']", Some(3)),
        ("command: uvicorn app:app --forwarded-allow-ips=127.0.0.1\n    environment: [FORWARDED_ALLOW_IPS=*]", None),
        ("environment: [GUNICORN_CMD_ARGS=--threads 2]", None),
        ("command: uvicorn app:app --forwarded-allow-ips", None),
    ]
    .into_iter()
    .flat_map(|case| [(case, "fastcms"), (case, "generic")])
    {
        write(path, "security.toml", &SHOP.replace("generic", kind));
        write(path, "compose.yaml", &format!("services:\n  shop:\n    {service}\n"));
        let expected = expected.map(|line| format!("error PRX002 compose.yaml:{line}"));
        assert_eq!(
            told(path, &["--env-file", "compose.yaml", "--only", "PRX002"]),
            Vec::from_iter(expected),
            "{kind}: {service}"
        );
    }
    write(path, "compose.yaml", "services:\n  shop:\n    command: uvicorn app:app --forwarded-allow-ips 10.0.0.5\n");
    for (addresses, expected) in [("", 0), ("addresses = [\"10.0.0.5\"]", 0), ("addresses = [\"10.0.0.6\"]", 1)] {
        write(path, "security.toml", &format!("{SHOP}[proxy]\nhops = 1\n{addresses}\n"));
        let told = told(path, &["--env-file", "compose.yaml", "--only", "RND003", "--only", "PRX002"]);
        assert_eq!(told.len(), expected, "{addresses}: {told:?}");
    }
    // Of an app whose pack knows its server, too: it is told by its command, so that no variable has to say it.
    let shop = format!("{}upstream = \"shop:8000\"\n", SHOP.replace("generic", "fastcms"));
    for (option, addresses, expected) in [
        ("--forwarded-allow-ips 10.0.0.5", "", "no findings"),
        ("--forwarded-allow-ips 10.0.0.5", "addresses = [\"10.0.0.5\"]", "no findings"),
        ("--forwarded-allow-ips 10.0.0.5", "addresses = [\"10.0.0.6\"]", "to believe 10.0.0.5/32, where"),
        ("--forwarded-allow-ips 127.0.0.1", "", "uvicorn believes 127.0.0.1/32 alone"),
        ("--log-level info", "", "uvicorn believes 127.0.0.1/32 alone"),
    ] {
        write(path, "security.toml", &format!("{shop}[proxy]\nhops = 1\n{addresses}\n"));
        let url = "    environment: [BASE_URL=https://shop.example.com, ENVIRONMENT=production]\n";
        let compose = format!("services:\n  shop:\n    command: uvicorn app:app {option}\n{url}");
        write(path, "compose.yaml", &compose);
        let told = run(path, &["check", "--env-file", "compose.yaml", "--only", "RND003", "--only", "PRX011"]);
        assert!(told.out.contains(expected), "{option} {addresses}: {}", told.out);
    }
    write(path, "security.toml", &SHOP.replace("generic", "fastcms"));
    write(path, ".env", "UVICORN_FORWARDED_ALLOW_IPS=*\n");
    let told = messages(path, &["--env-file", ".env", "--only", "PRX002"]);
    assert!(told.iter().any(|one| one.contains("(told by `UVICORN_FORWARDED_ALLOW_IPS`)")), "{told:#?}");
}

/// A port that Compose opens on every address of the machine leads clients past the proxy.
#[test]
fn a_port_of_the_app_that_anyone_reaches_is_told() {
    let folder = folder();
    let path = folder.path();
    let with = |upstream: &str| format!("{SHOP}{upstream}[proxy]\nhops = 1\n[tls]\nterminate = \"proxy\"\n");
    write(path, "security.toml", &with("upstream = \"127.0.0.1:8000\"\n"));
    write(path, ".env", "PORT=8000\n");
    for (ports, is_open) in [
        ("['8000:8000']", true),
        ("[8000]", true),
        ("['${PORT}:8000/tcp']", true),
        ("['0.0.0.0:8000:8000']", true),
        ("['[::]:8000:8000']", true),
        ("['198.51.100.7:8000:8000']", true),
        ("[{target: 8000, published: 8000}]", true),
        ("['127.0.0.1:9000:9000', '8000:8000']", true),
        ("['127.0.0.1:8000:8000']", false),
        ("['[::1]:8000:8000']", false),
        ("[{target: 8000, published: 8000, host_ip: 127.0.0.1}]", false),
        ("[]", false),
    ] {
        let other = "  cache:\n    image: redis\n    ports: ['6379:6379']\n";
        write(path, "compose.yaml", &format!("services:\n  shop:\n    ports: {ports}\n{other}"));
        let told = told(path, &["--env-file", "compose.yaml", "--only", "PRX004", "--only", "RND003"]);
        let expected: &[&str] = if is_open { &["warning PRX004 compose.yaml:3"] } else { &[] };
        assert_eq!(told, expected, "{ports}");
    }
}

/// A service whose variables stand in a file that it names is no less the app than one that sets some itself.
#[test]
fn the_app_may_have_all_its_variables_from_a_file() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[secrets.key]\nsource = \"env:SECRET_KEY\"\npurpose = \"signing\"\n"));
    let key = "0123456789abcdef".repeat(4).chars().rev().collect::<String>();
    write(path, ".env", &format!("SECRET_KEY={key}\n"));
    write(
        path,
        "compose.yaml",
        "services:\n  db:\n    image: postgres\n    environment: {SECRET_KEY: other}\n  web:\n    build: .\n    env_file: .env\n",
    );
    assert_eq!(told(path, &["--env-file", "compose.yaml", "--only", "SEC010"]), Vec::<String>::new());
}

/// What the database is started with says nothing of how the app connects to it.
#[test]
fn another_service_does_not_say_how_the_app_reaches_its_database() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[database]\nengine = \"postgresql\"\nurl = \"env:DATABASE_URL\"\n"));
    let password = std::process::id().to_string().repeat(8);
    let url = format!("DATABASE_URL: 'postgresql://shop:{password}@db.example.net/shop'");
    for (of_app, of_other, expected) in [
        ("", "", &["error DAT003 compose.yaml:3"][..]),
        ("", "PGSSLMODE: verify-full", &["error DAT003 compose.yaml:3"]),
        (", PGSSLMODE: verify-full", "", &[]),
    ] {
        let other = format!("  other:\n    image: postgres\n    environment: {{{of_other}}}\n");
        write(path, "compose.yaml", &format!("services:\n  shop:\n    environment: {{{url}{of_app}}}\n{other}"));
        let told = told(path, &["--env-file", "compose.yaml", "--only", "DAT003"]);
        assert_eq!(told, expected, "{of_app} {of_other}");
    }
}

/// Behind the last line of a Compose file no variable can be written.
#[test]
fn what_is_not_set_is_told_in_the_file_of_variables() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &SHOP.replace("generic", "instacrud"));
    write(path, ".env", "WORKERS=1\n");
    write(path, "compose.yaml", "services:\n  shop:\n    environment: {OTHER: 1}\n");
    let told = told(path, &["--env-file", ".env", "--env-file", "compose.yaml", "--only", "DBG004"]);
    assert_eq!(told, ["error DBG004 .env:2"]);
}

#[test]
fn a_profile_is_begun_from_what_compose_starts() {
    let services = |rest: &str| format!("services:\n  web:\n    build: .\n    {rest}\n  cache:\n    image: redis\n");
    for (rest, workers, backend, url) in [
        (
            "command: gunicorn -w 4 app:app\n    environment: {CELERY_BROKER_URL: 'redis://cache/1', REDIS_URL: 'redis://cache/0'}",
            4,
            "redis",
            "env:REDIS_URL",
        ),
        ("environment: {CACHE_URL: 'rediss://:p@cache:6380/0'}", 1, "redis", "env:CACHE_URL"),
        ("environment: [REDIS_URL]", 1, "redis", "env:REDIS_URL"),
        ("command: gunicorn -w 3 app:app\n    environment: [QUEUE_URL=redis://cache/1]", 3, "memory", ""),
    ] {
        let folder = folder();
        write(folder.path(), "compose.yaml", &services(rest));
        let ran = run(folder.path(), &["init", "--from", "compose.yaml"]);
        let profile = fs::read_to_string(folder.path().join("security.toml")).unwrap_or_else(|_| panic!("{}", ran.err));
        let profile: toml::Table = profile.parse().expect("it is TOML");
        let (app, state) = (&profile["app"], &profile["state"]);
        assert_eq!(app.get("workers").and_then(toml::Value::as_integer).unwrap_or(1), workers, "{rest}");
        assert_eq!(state["backend"].as_str(), Some(backend), "{rest}");
        assert_eq!(state.get("url").and_then(toml::Value::as_str).unwrap_or_default(), url, "{rest}");
        assert_eq!(state.get("accept_single_process"), None, "{rest}: that is not so");
    }
}

/// The URL of the app's database has a key of its own, as that of its Redis has, and each variable is told once.
#[test]
fn of_a_first_profile_every_variable_is_in_it_or_told_once() {
    let compose = "services:\n  web:\n    build: .\n    environment:\n      SECRET_KEY: ${SECRET_KEY}\n      \
                   DATABASE_URL: \"{url}\"\n      WEB_CONCURRENCY: 4\n      UNSET: ${NOBODY}\n  worker:\n    image: w\n    \
                   environment:\n      SECRET_KEY: ${SECRET_KEY}\n      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}\n  db:\n    \
                   image: postgres\n    environment:\n      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}\n";
    for (scheme, engine) in
        [("postgresql+asyncpg", "postgresql"), ("postgres", "postgresql"), ("mysql", "mysql"), ("mongodb", "mongodb")]
    {
        for from in [&["--from", "compose.yaml"][..], &["--from", ".env", "--from", "compose.yaml"]] {
            let folder = folder();
            let path = folder.path();
            write(path, ".env", &format!("SECRET_KEY={}\nPOSTGRES_PASSWORD={}\n", strong('1'), strong('2')));
            let url = format!("{scheme}://shop:${{POSTGRES_PASSWORD}}@db.acme.dev/shop");
            write(path, "compose.yaml", &compose.replace("{url}", &url));
            let ran = run(path, &[&["init"], from].concat());
            let text = fs::read_to_string(path.join("security.toml")).unwrap_or_else(|_| panic!("{}", ran.err));
            let profile: toml::Table = text.parse().expect("it is TOML");
            let database = &profile["database"];
            assert_eq!(database["url"].as_str(), Some("env:DATABASE_URL"), "{text}");
            assert_eq!(database["engine"].as_str(), Some(engine), "{text}");
            assert!(!text.contains("secrets.database_url"), "{text}");
            assert_eq!(profile["app"]["workers"].as_integer(), Some(4));
            let listed: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("not in the profile")).collect();
            let count = |name: &str| listed.iter().map(|line| line.matches(name).count()).sum::<usize>();
            for name in ["SECRET_KEY", "DATABASE_URL", "WEB_CONCURRENCY", "POSTGRES_PASSWORD", "UNSET"] {
                let is_in = text.contains(&format!("\"env:{name}\"")) || name == "WEB_CONCURRENCY";
                assert_eq!(count(name), usize::from(!is_in), "{name}: {listed:?}");
            }
            assert!(ran.out.contains("docs/app-packs.md"), "{}", ran.out);
        }
    }
}

/// Which service is the app, by the rule that speaks of its key: what the profile refers to is SEC003's, what another service
/// has is SEC015's.
#[test]
fn of_services_that_fit_alike_one_is_taken_by_a_reason_or_its_owner_is_asked() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n"));
    for (first, second, expected) in [
        ("api", "shop", "SEC015 SEC003"),
        ("shop", "api", "SEC003 SEC015"),
        ("api", "worker:\n    build: .", "SEC015 SEC003"),
        ("api", "web:\n    ports: ['80:80']", "SEC015 SEC003"),
        // A proxy that is built here is none the less one, and a store's name is no reason against the only one that is built.
        ("nginx:\n    build: .\n    ports: ['80:80']", "api", "SEC015 SEC003"),
        ("db:\n    build: .", "api:\n    image: acme/api", "SEC015 SEC003"),
        ("db:\n    image: mcr.microsoft.com/mssql/server", "cache:\n    build: .", "SEC015 SEC003"),
        ("api", "shop:\n    image: acme/shop", "SEC015 SEC003"),
        ("worker:\n    build: .", "web:\n    build: .\n    ports: ['80:80']", "SEC015 SEC003"),
        ("api", "worker", "RND001 SEC003 SEC015"),
    ] {
        let service = |name: &str, value: &str| {
            let name = if name.contains(':') { name.to_owned() } else { format!("{name}:") };
            format!("  {name}\n    environment: {{SECRET_KEY: {value}}}\n")
        };
        let [one, two] = [service(first, "changeme"), service(second, "change-me")];
        write(path, "compose.yaml", &format!("services:\n{one}{two}"));
        let told = told(path, &["--env-file", "compose.yaml"]).join(" ");
        let codes: Vec<&str> = told.split(' ').filter(|word| word.starts_with("SEC0") || *word == "RND001").collect();
        assert_eq!(codes.join(" "), expected, "{first} {second}: {told}");
        // Its owner's word is enough.
        if expected.starts_with("RND001") {
            let told = super::told(path, &["--env-file", "compose.yaml#worker"]).join(" ");
            assert!(told.contains("SEC015 compose.yaml:3") && !told.contains("RND001"), "{told}");
            // And so is where the profile has the proxy find it.
            let profile = fs::read_to_string(path.join("security.toml")).expect("it was written");
            write(path, "security.toml", &profile.replace("[app]\n", "[app]\nupstream = \"worker:3000\"\n"));
            let told = super::told(path, &["--env-file", "compose.yaml"]).join(" ");
            assert!(told.contains("SEC015 compose.yaml:3") && !told.contains("RND001"), "{told}");
            write(path, "security.toml", &profile);
        }
    }
    // A worker has what the web server has: it does not matter which is meant.
    let both = "    environment: {SECRET_KEY: changeme}\n";
    write(path, "compose.yaml", &format!("services:\n  one:\n{both}  two:\n{both}"));
    assert_eq!(told(path, &["--env-file", "compose.yaml", "--only", "RND001"]), [""; 0]);
}

#[test]
fn another_services_secret_under_a_name_of_the_apps_is_judged() {
    let folder = folder();
    let path = folder.path();
    let secrets = "[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n\
                   [secrets.database]\nsource = \"env:POSTGRES_PASSWORD\"\npurpose = \"database\"\n";
    write(
        path,
        "security.toml",
        &format!("{SHOP}{secrets}[database]\nengine = \"postgresql\"\nurl = \"env:DATABASE_URL\"\n"),
    );
    let compose = format!(
        "services:\n  shop:\n    environment:\n      SECRET_KEY: {}\n  worker:\n    environment:\n      SECRET_KEY: correcthorse\n      \
         DATABASE_URL: postgresql:///shop\n  db:\n    environment:\n      POSTGRES_USER: vendor\n      POSTGRES_PASSWORD: vendor-1\n",
        strong('2')
    );
    write(path, "compose.yaml", &compose);
    let told = messages(path, &["--env-file", "compose.yaml#shop"]);
    for line in [
        // The app's own key is sound, and that says nothing of the worker's.
        "error SEC015 compose.yaml:7: `SECRET_KEY` ",
        // The database's is what the profile says that it is.
        "error SEC003 compose.yaml:12: ",
        "error SEC010 compose.yaml:8: the app is not given `DATABASE_URL`: another service of the Compose file is",
    ] {
        assert!(told.iter().any(|one| one.starts_with(line)), "{line}\n{told:#?}");
    }
}

/// `secrets:` gives a service a file, which is made of another file or of a variable: what that holds is judged.
#[test]
fn secrets_that_compose_hands_over_as_files_are_followed_and_never_shown() {
    let folder = folder();
    let path = folder.path();
    write(
        path,
        "security.toml",
        &format!(
            "{SHOP}[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n[secrets.mail]\nsource = \"file:/run/secrets/mail\"\npurpose = \"api\"\n"
        ),
    );
    write(path, ".env", "DB_PASSWORD=hunter2-postgres\n");
    for (name, text) in
        [("signing.txt", "correcthorsebattery\n"), ("jwt.txt", "changeme-tr0ub4dor"), ("mail.txt", "letmein-mail")]
    {
        write(path, name, text);
    }
    let compose = "services:\n  shop:\n    environment:\n      SECRET_KEY_FILE: /run/secrets/signing\n    secrets: [signing, jwt_secret, mail]\n  \
                   db:\n    environment:\n      POSTGRES_PASSWORD_FILE: /run/secrets/password\n    secrets:\n      - source: db\n        target: password\n\
                   secrets:\n  signing: {file: ./signing.txt}\n  jwt_secret:\n    file: jwt.txt\n  mail: {file: mail.txt}\n  db: {environment: DB_PASSWORD}\n  \
                   outside: {external: true}\n";
    write(path, "compose.yaml", compose);
    let args = ["--env-file", ".env", "--env-file", "compose.yaml"];
    let told = messages(path, &args);
    for line in [
        "error SEC002 compose.yaml:4: ",
        // What the database is given out of it is the same.
        "error SEC015 .env:1: `DB_PASSWORD` ",
        "error SEC015 compose.yaml:15: `jwt_secret` ",
        "error SEC015 security.toml:10: ",
    ] {
        assert!(told.iter().any(|one| one.starts_with(line)), "{line}\n{told:#?}");
    }
    assert!(!told.iter().any(|one| one.contains("has no variable `SECRET_KEY`")), "{told:#?}");
    for format in ["human", "json", "sarif"] {
        let ran = run(path, &[&["check", "--format", format], &args[..]].concat());
        for text in ["correcthorse", "tr0ub4dor", "hunter2", "letmein"] {
            assert!(!ran.out.contains(text) && !ran.err.contains(text), "{text}: {}", ran.out);
        }
    }
    // Who else may read the file is told of the file itself.
    let ran = run(path, &[&["check", "--only", "SEC008"], &args[..]].concat());
    assert!(ran.out.contains("others than its owner may read the file of `SECRET_KEY`"), "{}", ran.out);
}

/// Of a file that cannot be read nothing is known: what is wrong is told alone, and no profile is made of it.
#[test]
fn of_an_unreadable_compose_file_nothing_is_judged_and_nothing_begun() {
    let mut laughs = "a: &a [l,l,l,l,l,l,l,l,l,l]\n".to_owned();
    for (letter, before) in ('b'..='j').zip('a'..) {
        let ten = vec![format!("*{before}"); 10].join(",");
        laughs.extend([format!("{letter}: &{letter} [{ten}]\n")]);
    }
    laughs += "services:\n  web:\n    environment:\n      SECRET_KEY: s3cr3t-v4lue\n";
    for text in [
        "services:\n  web:\n    environment:\n      SECRET_KEY: s3cr3t-v4lue\n    ports: [\n",
        "services:\n\tweb:\n\t\tenvironment: {SECRET_KEY: s3cr3t-v4lue}\n",
        "services:\n  web:\n    environment:\n      SECRET_KEY: \"s3cr3t-v4lue\n",
        "services:\n  web: *nobody\n  other:\n    environment: {SECRET_KEY: s3cr3t-v4lue}\n",
        "kind: Deployment\napiVersion: apps/v1\nspec: {SECRET_KEY: s3cr3t-v4lue}\n",
        "SECRET_KEY: s3cr3t-v4lue\n",
        &laughs,
    ] {
        let folder = folder();
        let path = folder.path();
        write(path, "security.toml", &format!("{SHOP}[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n"));
        write(path, "compose.yaml", text);
        let told = messages(path, &["--env-file", "compose.yaml"]);
        assert!(told.len() == 1 && told[0].starts_with("error RND001 compose.yaml:"), "{text}{told:#?}");
        let ran = run(path, &["init", "--from", "compose.yaml", "--out", "new.toml"]);
        assert_eq!(ran.code, Some(1), "{text}{}", ran.err);
        assert!(
            !path.join("new.toml").exists() && !ran.out.contains("s3cr3t") && !ran.err.contains("s3cr3t"),
            "{}",
            ran.err
        );
    }
}

/// What a shell or `env` sets before the server goes before what the service is given, and stands where it is written.
#[test]
fn what_a_command_sets_is_a_variable_of_the_service() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &SHOP.replace("generic", "fastcms"));
    for (service, told_at) in [
        ("command: env DEBUG=true uvicorn app:app", Some(3)),
        ("command: sh -c \"DEBUG=true exec gunicorn app:app\"", Some(3)),
        ("command: [sh, -c, 'cd /srv && export DEBUG=true; gunicorn app:app']", Some(3)),
        (
            "environment: [DEBUG=false]\n    command:\n      - sh\n      - -c\n      - |\n        python migrate.py\n        DEBUG=true gunicorn app:app",
            Some(9),
        ),
        ("entrypoint: [sh, -c]\n    command: ['DEBUG=true gunicorn app:app']", Some(4)),
        ("command: tini -- env DEBUG=\"true\" gunicorn app:app", Some(3)),
        // Of another program, or of the server itself.
        ("command: sh -c \"DEBUG=true python migrate.py && gunicorn app:app\"", None),
        ("environment: [DEBUG=true]\n    command: env DEBUG=false uvicorn app:app", None),
        ("command: uvicorn app:app --log DEBUG=true", None),
        // Nobody knows here what it is.
        ("environment: [DEBUG=true]\n    command: sh -c \"DEBUG=$$ON gunicorn app:app\"", None),
    ] {
        write(path, "compose.yaml", &format!("services:\n  shop:\n    {service}\n"));
        let about = |one: &String| one.contains("DEBUG") && !one.contains("would be made of");
        let told: Vec<String> = messages(path, &["--env-file", "compose.yaml"]).into_iter().filter(about).collect();
        let places: Vec<&str> =
            told.iter().filter_map(|one| one.split(": ").next()?.rsplit_once(' ')).map(|(_, at)| at).collect();
        let expected = told_at.map(|line| format!("compose.yaml:{line}"));
        assert_eq!(places, Vec::from_iter(expected.as_deref()), "{service}: {told:#?}");
    }
    // A secret there is one like any other, and shown nowhere.
    write(path, "compose.yaml", "services:\n  shop:\n    command: sh -c 'API_TOKEN=hunter2-shop gunicorn app:app'\n");
    let ran = run(path, &["check", "--env-file", "compose.yaml", "--only", "SEC015"]);
    assert!(ran.out.contains("SEC015") && !ran.out.contains("hunter2"), "{}", ran.out);
}

/// What surrounds a place may be read, where it is Compose's own words; what stands there may not.
#[test]
fn excerpts_show_composes_own_words_and_no_value() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &PROFILE.replace("staging", "prod"));
    let text = "services:\n  web:\n    image: registry.example/t0psecr3t\n    environment:\n      API_TOKEN: hunter2-shop\n      \
                image: hunter3-shop\n  hunter4-service-of-somebody:\n    image: x\n";
    write(path, "compose.yaml", text);
    let ran = run(path, &["check", "--env-file", "compose.yaml", "--only", "SEC015"]);
    for shown in ["*environment*", "*API_TOKEN: *"] {
        assert!(ran.out.contains(shown), "{shown}: {}", ran.out);
    }
    assert!(!ran.out.contains("hunter") && !ran.out.contains("t0psecr3t"), "{}", ran.out);
}

/// What nobody here knows is not ready, however clean the rest is.
#[cfg(unix)]
#[test]
fn a_value_that_stands_nowhere_is_not_ready() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path();
    let clean = fs::read_to_string(super::support::root().join("tests/fixtures/prod.toml")).expect("it is there");
    let secret = "[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\nrotated_at = 2026-11-01\nrotate_every = \"90d\"\n";
    write(path, "security.toml", &format!("{clean}\n{secret}"));
    let report = |args: &[&str]| {
        let ran = run(path, &[&["report", "--today", "2026-11-21"], args].concat());
        (ran.code, ran.out.lines().take(12).collect::<Vec<_>>().join("\n"))
    };
    let alone = report(&[]);
    assert_eq!(alone.0, Some(0), "{}", alone.1);
    write(
        path,
        "compose.yaml",
        "services:\n  shop:\n    environment:\n      SECRET_KEY: ${SECRET_KEY}\n      SMTP_PASSWORD: 9c1f7ad2e4b85036aa\n",
    );
    let keep =
        |name: &str| fs::set_permissions(path.join(name), fs::Permissions::from_mode(0o600)).expect("it is ours");
    keep("compose.yaml");
    let (code, text) = report(&["--env-file", "compose.yaml", "--mode", "prod"]);
    assert!(code == Some(1) && text.contains("Not ready"), "{text}");
    write(path, ".env", &format!("SECRET_KEY={}\n", strong('4')));
    keep(".env");
    let (code, text) = report(&["--env-file", "compose.yaml", "--mode", "prod"]);
    assert!(code == Some(0) && !text.contains("Not ready"), "{text}");
}

/// The password of one server is one secret, wherever it stands: told at the URL, with the place where the server has it.
#[test]
fn a_password_of_a_database_is_told_once() {
    let folder = folder();
    let path = folder.path();
    let profile = format!(
        "{SHOP}[database]\nengine = \"postgresql\"\nurl = \"env:DATABASE_URL\"\ntls = \"verify-full\"\n\
                           [state]\nbackend = \"redis\"\nurl = \"env:REDIS_URL\"\n"
    );
    write(path, "security.toml", &profile);
    let compose = |web: &str, db: &str, redis: &str| {
        format!(
            "services:\n  shop:\n    build: .\n    environment:\n      DATABASE_URL: postgresql://shop:{web}@db/shop?sslmode=verify-full\n      \
             REDIS_URL: rediss://:{web}@redis:6380/0\n  db:\n    image: postgres\n    environment:\n      POSTGRES_PASSWORD: {db}\n  \
             redis:\n    image: redis\n    command: redis-server --requirepass {redis}\n"
        )
    };
    let told = |text: &str| {
        write(path, "compose.yaml", text);
        let lines = messages(path, &["--env-file", "compose.yaml", "--today", "2026-11-30"]).into_iter();
        lines.filter(|line| ["DAT002", "SEC014", "SEC015"].iter().any(|code| line.contains(code))).collect::<Vec<_>>()
    };
    let both = ["error DAT002 compose.yaml:5", "error DAT002 compose.yaml:6"];
    let places = |lines: &[String]| -> Vec<String> {
        lines.iter().map(|line| line.split(": ").next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(places(&told(&compose("changeme", "changeme", "changeme"))), both);
    let ran = run(path, &["check", "--env-file", "compose.yaml", "--only", "DAT002"]);
    let out = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(out.matches("the server is started with the same").count(), 2, "{out}");
    assert!(
        out.contains("write `${POSTGRES_PASSWORD}` in this file") && out.contains("change it in both places"),
        "{out}"
    );
    assert!(!out.contains("changeme"), "{out}");
    // Out of one variable of the `.env` beside the file, which is shown.
    write(path, ".env", "PASSWORD_OF_BOTH=hunter2\n");
    let name = "${PASSWORD_OF_BOTH}";
    assert_eq!(places(&told(&compose(name, name, name))), both);
    let ran = run(path, &["check", "--env-file", "compose.yaml", "--only", "DAT002"]);
    assert!(ran.out.contains("the value stands here") && ran.out.contains(".env:1:"), "{}", ran.out);
    // Another password of the server's is another secret, and so is that of a server which the app's URLs do not lead to.
    let strong = strong('7');
    assert_eq!(
        places(&told(&compose(&strong, "hunter2", "hunter2"))),
        ["warning DAT002 compose.yaml:6", "error SEC015 compose.yaml:10", "error SEC015 compose.yaml:13"]
    );
    // What the URL does not lead to is told, whatever it shares, and so is what a waiver would hide; names are read by words.
    let one = |rest: &str| {
        format!(
            "services:\n  shop:\n    build: .\n    environment:\n      \
             DATABASE_URL: postgresql://shop:changeme@db/shop?sslmode=verify-full\n{rest}"
        )
    };
    let service = |name: &str, variable: &str, value: &str| {
        format!("  {name}:\n    image: acme/{name}\n    environment:\n      {variable}: {value}\n")
    };
    let url = "error DAT002 compose.yaml:5";
    for (name, variable, is_told) in [
        ("db", "POSTGRES_PASSWORD", false),
        ("db", "PGPASSWORD", false),
        ("db", "pgPassword", false),
        ("db2", "POSTGRES_PASSWORD", true),
        ("db", "PGADMIN_DEFAULT_PASSWORD", true),
        ("db", "UPGRADE_PASS", true),
    ] {
        let db = if name == "db" { String::new() } else { service("db", "POSTGRES_PASSWORD", "changeme") };
        let expected = if is_told { vec![url, "error SEC015 compose.yaml"] } else { vec![url] };
        let told = places(&told(&one(&format!("{db}{}", service(name, variable, "changeme")))));
        let told: Vec<&str> =
            told.iter().map(|one| if one == url { one } else { one.rsplit_once(':').unwrap_or_default().0 }).collect();
        assert_eq!(told, expected, "{name} {variable}");
    }
    let waiver = "[[waivers]]\nrule = \"DAT002\"\nkey = \"database.url\"\nreason = \"only the demo runs there\"\nexpires = 2026-12-31\n";
    write(path, "security.toml", &format!("{profile}{waiver}"));
    let db = service("db", "POSTGRES_PASSWORD", "changeme");
    assert_eq!(places(&told(&one(&db))), ["error SEC015 compose.yaml:9"]);
}

/// A password of a Redis that is one of its variables, too, is one password; what is an option is none.
#[test]
fn a_redis_is_judged_by_its_password_once() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", SHOP);
    for (command, variables, expected) in [
        ("redis-server --requirepass hunter2", "", &["error SEC015 compose.yaml:6"][..]),
        ("redis-server --requirepass hunter2", "OTHER: hunter3", &["error SEC015 compose.yaml:6"]),
        ("redis-server --requirepass $$REDIS_PASSWORD", "REDIS_PASSWORD: hunter2", &["error SEC015 compose.yaml:7"]),
        ("redis-server --requirepass --appendonly yes", "", &[]),
        ("redis-server --requirepass", "", &[]),
    ] {
        let compose = format!(
            "services:\n  shop:\n    build: .\n  redis:\n    image: redis\n    command: {command}\n    environment: {{{variables}}}\n"
        );
        write(path, "compose.yaml", &compose);
        assert_eq!(told(path, &["--env-file", "compose.yaml", "--only", "SEC015"]), expected, "{compose}");
    }
}

/// Of several Compose files, a later one takes ports of an earlier one back; a port whose number Docker chooses has none.
#[test]
fn what_several_compose_files_open_is_what_the_last_leaves_open() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", SHOP);
    let first = "services:\n  shop: {build: .}\n  db:\n    image: postgres\n    ports: ['5432:5432']\n";
    write(path, "compose.yaml", first);
    for (later, is_open) in [
        ("restart: always", true),
        ("ports: ['127.0.0.1:5433:5432']", true),
        ("ports: !reset []", false),
        ("ports: !reset null", false),
        ("ports: !override ['127.0.0.1:5432:5432']", false),
        ("profiles: [debug]", false),
    ] {
        write(path, "compose.prod.yaml", &format!("services:\n  db:\n    {later}\n"));
        let told = told(path, &["--env-file", "compose.yaml", "--env-file", "compose.prod.yaml", "--only", "DAT007"]);
        let expected: &[&str] = if is_open { &["error DAT007 compose.yaml:5"] } else { &[] };
        assert_eq!(told, expected, "{later}");
    }
    // Compose adds ports: a later file does not close one by opening it for the machine.
    for (later, is_named) in [("restart: always", false), ("ports: ['127.0.0.1:5432:5432']", true)] {
        write(path, "compose.prod.yaml", &format!("services:\n  db:\n    {later}\n"));
        let ran =
            run(path, &["check", "--env-file", "compose.yaml", "--env-file", "compose.prod.yaml", "--only", "DAT007"]);
        assert_eq!(ran.out.contains("`ports: !override`"), is_named, "{later}: {}", ran.out);
    }
    for (port, said) in [
        ("5432", "opens its port 5432 on every address of the machine, at a port that Docker chooses"),
        ("0:5432", "opens its port 5432 on every address of the machine, at a port that Docker chooses"),
        ("198.51.100.7::5432", "opens its port 5432 at 198.51.100.7, at a port that Docker chooses"),
        ("8432:5432", "opens its port 8432 on every address of the machine"),
        ("198.51.100.7:8432:5432", "opens its port at 198.51.100.7:8432"),
    ] {
        write(path, "compose.yaml", &first.replace("5432:5432", port));
        let told = messages(path, &["--env-file", "compose.yaml", "--only", "DAT007"]);
        assert!(told.len() == 1 && told[0].ends_with(&format!("the service `db`: Compose {said}")), "{port} {told:#?}");
    }
}

/// The help on a secret in a Compose file leads to where nothing else refuses it.
#[test]
fn what_is_said_to_write_in_a_compose_file_is_accepted() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[state]\nbackend = \"redis\"\nurl = \"env:REDIS_URL\"\n"));
    let compose = |url: &str| format!("services:\n  shop:\n    build: .\n    environment:\n      REDIS_URL: {url}\n");
    let out = |text: &str| {
        write(path, "compose.yaml", text);
        let ran = run(path, &["check", "--env-file", "compose.yaml", "--only", "STA003", "--only", "SEC008"]);
        ran.out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let told = out(&compose("redis://cache.example.net"));
    let written =
        ["`:${REDIS_PASSWORD}@` before the host in REDIS_URL", "in the `.env` beside this file", "with `rediss://`"];
    assert!(written.iter().all(|part| told.contains(part)), "{told}");
    let strong = strong('8');
    assert!(
        out(&compose(&format!("rediss://:{strong}@h:6380/0")))
            .contains("keep the secret in the `.env` beside this file")
    );
    write(path, ".env", &format!("REDIS_PASSWORD={strong}\n"));
    fs::set_permissions(path.join(".env"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("it is ours");
    let told = out(&compose("rediss://:${REDIS_PASSWORD}@HOST:6380/0"));
    assert!(!told.contains("STA003") && !told.contains("SEC008"), "{told}");
}

/// A name without a value has the one that it has where Compose is started, or in the file beside the Compose file.
#[test]
fn what_is_handed_on_under_its_own_name_is_judged() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n"));
    for environment in ["[SECRET_KEY]", "{SECRET_KEY: }"] {
        write(path, "compose.yaml", &format!("services:\n  shop:\n    build: .\n    environment: {environment}\n"));
        for (text, expected) in
            [("SECRET_KEY=changeme\n", &["error SEC003 compose.yaml:4"][..]), ("SECRET_KEY=\n", &[]), ("A=1\n", &[])]
        {
            write(path, ".env", text);
            let told = told(path, &["--env-file", "compose.yaml", "--only", "SEC003,SEC010"]);
            assert_eq!(told, expected, "{environment} {text}");
        }
    }
}
