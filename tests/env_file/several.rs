//! Services that are made of several texts, files over files and services over services, and which of them is the app.

use std::fs;

use super::compose::SHOP;
use super::support::{folder, run};
use super::{messages, told, write};

/// Of several Compose files, each key of a later one counts in place of that key alone, and what a shell sets is set wherever it
/// stands.
#[test]
fn of_several_files_a_command_and_an_entrypoint_are_replaced_each_by_itself() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &SHOP.replace("generic", "fastcms"));
    let files = ["--env-file", "compose.yaml", "--env-file", "compose.prod.yaml"];
    let only = ["--only", "DBG001", "--only", "PRX002", "--only", "STA001"];
    for (first, later, expected) in [
        // A later program is still told what the first file has it told, at its place there.
        ("command: gunicorn --reload app:app", "entrypoint: tini --", &["error DBG001 compose.yaml:3"][..]),
        ("entrypoint: uvicorn app:app\n    command: --reload", "command: --workers 1", &[]),
        (
            "entrypoint: uvicorn app:app\n    command: --workers 1",
            "command: --reload",
            &["error DBG001 compose.prod.yaml:3"],
        ),
        ("entrypoint: [sh, -c]\n    command: [npm run dev]", "restart: always", &["error DBG001 compose.yaml:4"]),
        ("command: gunicorn --reload app:app", "command:", &[]),
        ("command: gunicorn --reload app:app", "command: !reset null", &[]),
        ("command: gunicorn --reload app:app", "entrypoint: [./start.sh]\n    command: [gunicorn, app:app]", &[]),
        // What names in it stand for, the service is given by either file.
        (
            "command: sh -c 'gunicorn $$HOW app:app'\n    environment: {HOW: --reload}",
            "restart: always",
            &["error DBG001 compose.yaml:3"],
        ),
        ("command: sh -c 'gunicorn $$HOW app:app'", "environment: {HOW: --reload}", &["error DBG001 compose.yaml:3"]),
        ("command: uvicorn app:app --forwarded-allow-ips=*", "restart: always", &["error PRX002 compose.yaml:3"]),
        ("command: uvicorn app:app --forwarded-allow-ips=*", "command: uvicorn app:app", &[]),
    ] {
        write(path, "compose.yaml", &format!("services:\n  shop:\n    {first}\n"));
        write(path, "compose.prod.yaml", &format!("services:\n  shop:\n    {later}\n"));
        assert_eq!(told(path, &[&files[..], &only].concat()), expected, "{first} / {later}");
    }
    // What a shell sets that is not started any more is set for nobody.
    let dbg = [&files[..], &["--only", "DBG001", "--only", "DBG004"]].concat();
    for (later, is_told) in
        [("restart: always", true), ("entrypoint: tini --", true), ("command: gunicorn app:app", false)]
    {
        write(path, "compose.yaml", "services:\n  shop:\n    command: sh -c 'DEBUG=true gunicorn app:app'\n");
        write(path, "compose.prod.yaml", &format!("services:\n  shop:\n    {later}\n"));
        let told = messages(path, &dbg);
        assert_eq!(told.iter().any(|one| one.contains(" compose.yaml:3")), is_told, "{later}: {told:#?}");
    }
    // A variable that an earlier file gives is not there, where a later one gives all of them anew.
    for (later, is_told) in [("{LOG: info}", true), ("!override {LOG: info}", false), ("!reset null", false)] {
        write(path, "compose.yaml", "services:\n  shop:\n    environment: {DEBUG: true}\n");
        write(path, "compose.prod.yaml", &format!("services:\n  shop:\n    environment: {later}\n"));
        let told = messages(path, &dbg);
        assert_eq!(told.iter().any(|one| one.contains(" compose.yaml:3")), is_told, "{later}: {told:#?}");
    }
}

/// Where the app is reached, all files say together.
#[test]
fn where_the_app_is_reached_all_files_say_together() {
    let folder = folder();
    let path = folder.path();
    let first =
        "services:\n  web:\n    build: .\n    ports: ['127.0.0.1:8000:8000']\n    environment: {SECRET_KEY: x}\n";
    write(path, "compose.yaml", first);
    write(
        path,
        "compose.prod.yaml",
        "services:\n  web:\n    environment: {LOG: info}\n  worker:\n    command: celery worker\n",
    );
    let ran = run(path, &["init", "--from", "compose.yaml", "--from", "compose.prod.yaml"]);
    let profile = fs::read_to_string(path.join("security.toml")).unwrap_or_else(|_| panic!("{}", ran.err));
    assert!(profile.contains("upstream = \"127.0.0.1:8000\""), "{profile}{}", ran.out);
}

/// What stands for this in the services below: the variable that the profile knows.
const GIVEN: &str = "environment: {SECRET_KEY: changeme}";

/// Asserts at which line a file of these services tells of a server for developers, which the app is.
#[track_caller]
fn assert_app(services: &str, line: Option<u32>) {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n"));
    write(path, ".env", "SECRET_KEY=changeme\n");
    write(path, "compose.yaml", &format!("services:\n{}", services.replace("GIVEN", GIVEN)));
    let expected = line.map(|line| format!("error DBG001 compose.yaml:{line}"));
    assert_eq!(told(path, &["--env-file", "compose.yaml", "--only", "DBG001"]), Vec::from_iter(expected), "{services}");
}

/// A service that others extend has what they need, and is none of the apps.
#[test]
fn what_others_extend_is_not_taken_for_the_app() {
    for (services, line) in [
        // What is only extended.
        ("  base:\n    build: .\n    GIVEN\n  web:\n    extends: base\n    command: npm run dev\n", Some(7)),
        ("  base:\n    build: .\n    GIVEN\n  web:\n    extends: {service: base}\n    command: npm run dev\n", Some(7)),
        ("  app:\n    build: .\n    GIVEN\n  web:\n    extends: app\n    command: uvicorn app:app --reload\n", Some(7)),
        (
            "  app:\n    build: .\n    GIVEN\n  web:\n    extends: app\n    command: npm run dev\n    ports: ['127.0.0.1:80:80']\n",
            Some(7),
        ),
        ("  base:\n    GIVEN\n    command: npm run dev\n  web:\n    extends: base\n    build: .\n", Some(4)),
        (
            "  base:\n    GIVEN\n    command: npm run dev\n  mid:\n    extends: base\n  web:\n    extends: mid\n    expose: [80]\n",
            Some(4),
        ),
        ("  base:\n    GIVEN\n    command: npm run dev\n  web:\n    extends: base\n    command: npm start\n", None),
        // The app is one that a worker or a timer extends.
        (
            "  web:\n    build: .\n    GIVEN\n    command: npm run dev\n    ports: ['127.0.0.1:80:80']\n  work:\n    extends: web\n    command: celery worker\n",
            Some(5),
        ),
        (
            "  web:\n    build: .\n    GIVEN\n    command: npm run dev\n    expose: [80]\n  cron:\n    extends: web\n    command: ./cron.sh\n",
            Some(5),
        ),
        (
            "  web:\n    build: .\n    GIVEN\n    command: uvicorn app:app --reload\n  flower:\n    extends: web\n    command: celery flower\n    ports: ['127.0.0.1:5555:5555']\n",
            Some(5),
        ),
        (
            "  web:\n    build: .\n    GIVEN\n  dev:\n    extends: web\n    profiles: [dev]\n    command: npm run dev\n    ports: ['127.0.0.1:80:80']\n",
            None,
        ),
        (
            "  web:\n    build: .\n    environment: {A: b}\n  dev:\n    extends: web\n    profiles: [dev]\n    command: npm run dev\n    ports: ['127.0.0.1:80:80']\n",
            None,
        ),
        // Each other's.
        ("  a:\n    extends: b\n    GIVEN\n    command: npm run dev\n  b:\n    extends: a\n", Some(5)),
    ] {
        assert_app(services, line);
    }
}

/// One that somebody has to ask for is the app only where no other may be.
#[test]
fn the_app_is_what_a_plain_start_starts() {
    for (services, line) in [
        (
            "  debug:\n    build: .\n    GIVEN\n    profiles: [debug]\n    command: npm run dev\n  web:\n    image: acme/shop\n    GIVEN\n",
            None,
        ),
        (
            "  debug:\n    build: .\n    environment: {SECRET_KEY: changeme, A: b}\n    profiles: [debug]\n    command: npm run dev\n  web:\n    image: acme/shop\n    env_file: .env\n",
            None,
        ),
        (
            "  web:\n    build: .\n    GIVEN\n    profiles: [app]\n    command: npm run dev\n  mail:\n    image: axllent/mailpit\n    ports: ['127.0.0.1:8025:8025']\n",
            Some(6),
        ),
        (
            "  web:\n    build: .\n    GIVEN\n    profiles: [app]\n    command: npm run dev\n  db:\n    image: postgres\n",
            Some(6),
        ),
    ] {
        assert_app(services, line);
    }
}

/// A later file may have it started without being asked.
#[test]
fn a_later_file_says_what_a_plain_start_starts() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n"));
    write(
        path,
        "compose.yaml",
        &format!(
            "services:\n  web:\n    build: .\n    {GIVEN}\n    profiles: [app]\n    command: npm run dev\n  other:\n    build: .\n    {GIVEN}\n"
        ),
    );
    let files = ["--env-file", "compose.yaml", "--env-file", "compose.prod.yaml", "--only", "DBG001"];
    for (later, expected) in [
        ("  web: {restart: always}\n", &[][..]),
        ("  web: {profiles: !reset []}\n  other: {profiles: [other]}\n", &["error DBG001 compose.yaml:6"]),
    ] {
        write(path, "compose.prod.yaml", &format!("services:\n{later}"));
        assert_eq!(told(path, &files), expected, "{later}");
    }
}

/// Of what a file says that is not looked at, nothing is claimed.
#[test]
fn what_another_file_says_of_a_service_may_be_all_that_is_missing() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n"));
    let codes = ["--env-file", "compose.yaml", "--only", "SEC010", "--only", "RND001", "--only", "SEC003"];
    for (service, expected) in [
        ("build: .", &["error SEC010 security.toml:8"][..]),
        ("extends: {file: b.yaml, service: b}", &["warning RND001 compose.yaml:3"]),
        // What is known is judged.
        (
            "extends: {file: b.yaml, service: b}\n    environment: {SECRET_KEY: changeme}",
            &["error SEC003 compose.yaml:4", "warning RND001 compose.yaml:3"],
        ),
    ] {
        write(path, "compose.yaml", &format!("services:\n  shop:\n    {service}\n"));
        let told = messages(path, &codes);
        let mut places: Vec<&str> = told.iter().filter_map(|one| one.split(": ").next()).collect();
        places.sort_unstable();
        assert_eq!(places, expected, "{service}");
    }
    // So it is where a later file speaks of the same service.
    write(path, "compose.yaml", "services:\n  shop:\n    extends: {file: b.yaml, service: b}\n");
    write(path, "compose.prod.yaml", "services:\n  shop:\n    restart: always\n");
    let both = ["--env-file", "compose.yaml", "--env-file", "compose.prod.yaml", "--only", "SEC010"];
    assert_eq!(messages(path, &both), [""; 0]);
}

/// A file of variables that a later Compose file puts others in the place of is not read; neither is it missed.
#[test]
fn files_that_count_in_place_of_others_are_read_alone() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n"));
    write(path, ".env", &format!("SECRET_KEY={}\n", super::strong('3')));
    write(path, "dev.env", "DEBUG=true\n");
    write(path, "last.env", "LOG=info\n");
    let only = ["--only", "DBG001", "--only", "RND001"];
    let both = [&["--env-file", "compose.yaml", "--env-file", "compose.prod.yaml"][..], &only].concat();
    let is_read = |told: &[String]| told.iter().any(|one| one.contains(" dev.env:"));
    let base = "services:\n  shop:\n    build: .\n    env_file: [.env, dev.env, missing.env]\n";
    for (later, expected) in [
        ("shop: {env_file: [last.env]}", true),
        ("shop: {env_file: !override [last.env]}", false),
        ("shop: {env_file: !override [.env]}", false),
        ("shop: {env_file: !reset []}", false),
        ("shop: !override {build: ., env_file: [.env]}", false),
        // The same file for another service.
        ("shop: {env_file: !override [.env, dev.env]}", true),
        ("worker: {image: shop, env_file: !override [.env]}", true),
    ] {
        write(path, "compose.yaml", base);
        write(path, "compose.prod.yaml", &format!("services:\n  {later}\n"));
        let told = messages(path, &both);
        assert_eq!(is_read(&told), expected, "{later}: {told:#?}");
        let is_kept = later.contains("[last.env]") && expected || later.starts_with("worker");
        assert_eq!(told.iter().any(|one| one.contains("is not there")), is_kept, "{later}: {told:#?}");
    }
    // Within one file, in place of what the service has that is extended.
    for (list, expected) in [("[.env]", true), ("!override [.env]", false)] {
        let text = format!(
            "services:\n  base: {{image: x, env_file: [dev.env]}}\n  shop:\n    extends: base\n    build: .\n    env_file: {list}\n"
        );
        write(path, "compose.yaml", &text);
        let told = messages(path, &[&["--env-file", "compose.yaml#shop"][..], &["--only", "DBG001"]].concat());
        assert_eq!(is_read(&told), expected, "{list}: {told:#?}");
    }
    // What a service was given, and the whole of it is put in the place of.
    write(path, "compose.yaml", "services:\n  shop:\n    build: .\n    environment: {DEBUG: true}\n");
    write(path, "compose.prod.yaml", "services:\n  shop: !override {build: ., environment: {LOG: info}}\n");
    assert_eq!(messages(path, &both), [""; 0]);
}

/// What is started on request alone is not judged, whatever it is given; the app is, where it is started so.
#[test]
fn what_is_started_on_request_alone_is_not_judged() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", super::PROFILE);
    write(path, "db.env", "MYSQL_ROOT_PASSWORD=changeme\n");
    let only = ["--mode", "prod", "--only", "DAT002", "--only", "SEC003", "--only", "SEC015"];
    for (profiles, is_told) in [("", true), (", profiles: [debug]", false)] {
        let text = format!(
            "services:\n  shop: {{build: ., environment: [LOG=info]}}\n  \
             a: {{image: postgres, environment: {{POSTGRES_HOST_AUTH_METHOD: trust}}{profiles}}}\n  \
             b: {{image: mysql, env_file: db.env{profiles}}}\n  \
             c: {{image: mysql, environment: {{MYSQL_ROOT_PASSWORD: letmein}}{profiles}}}\n"
        );
        write(path, "compose.yaml", &text);
        let told = messages(path, &[&["--env-file", "compose.yaml"], &only[..]].concat());
        for place in ["DAT002 compose.yaml:3", " db.env:1", " compose.yaml:5"] {
            assert_eq!(told.iter().any(|one| one.contains(place)), is_told, "{place} {told:#?}");
        }
    }
}

/// A file without services adds to those that have some: the secrets that it defines count. By itself it is no Compose file.
#[test]
fn a_file_without_services_adds_to_those_with_some() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n"));
    write(path, "dev.txt", "correcthorsebattery\n");
    write(path, "prod.txt", &super::strong('4'));
    let base = "services:\n  shop:\n    build: .\n    environment: {SECRET_KEY_FILE: /run/secrets/signing}\n    secrets: [signing]\n";
    let only = ["--only", "RND001", "--only", "SEC002", "--only", "SEC003", "--only", "SEC015", "--only", "SEC010"];
    let [dev, prod] = ["dev", "prod"].map(|name| format!("secrets:\n  signing: {{file: {name}.txt}}\n"));
    for (first, later, is_weak) in [
        (base.to_owned(), &dev, true),
        (base.to_owned(), &prod, false),
        (format!("{base}{prod}"), &dev, true),
        (format!("{base}{dev}"), &prod, false),
        (format!("{base}{dev}"), &"networks: {default: {}}\n".to_owned(), true),
    ] {
        write(path, "compose.yaml", &first);
        write(path, "compose.prod.yaml", later);
        let both = [&["--env-file", "compose.yaml", "--env-file", "compose.prod.yaml"][..], &only].concat();
        let told = told(path, &both);
        let expected: &[&str] = if is_weak { &["error SEC002 compose.yaml:4"] } else { &[] };
        assert_eq!(told, expected, "{first}{later}");
        let alone = messages(path, &[&["--env-file", "compose.prod.yaml"][..], &only].concat());
        assert!(alone.len() == 1 && alone[0].contains("this file has no `services`"), "{alone:#?}");
    }
    let ran = run(path, &["init", "--from", "compose.prod.yaml", "--out", "begun.toml"]);
    assert!(ran.code == Some(1) && !path.join("begun.toml").exists(), "{}{}", ran.out, ran.err);
    let own = "secrets:\n  jwt_secret: {file: dev.txt}\n";
    write(path, "compose.yaml", "services:\n  shop:\n    build: .\n    secrets: [jwt_secret]\n");
    write(path, "compose.prod.yaml", own);
    let both = ["--env-file", "compose.yaml", "--env-file", "compose.prod.yaml", "--only", "SEC015"];
    // The place is where the secret is defined.
    assert_eq!(told(path, &both), ["error SEC015 compose.prod.yaml:2"]);
}

/// What a file takes in is looked at where it is named, too.
#[test]
fn a_file_that_is_taken_in_and_named_is_not_missed() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", SHOP);
    write(path, "b.yaml", "services:\n  db: {image: postgres}\n");
    for (include, args, is_told) in [
        ("[b.yaml]", &[][..], true),
        ("[b.yaml]", &["--env-file", "b.yaml"], false),
        ("[./b.yaml]", &["--env-file", "b.yaml"], false),
        ("[{path: b.yaml}]", &["--env-file", "b.yaml"], false),
        ("[{path: [b.yaml, c.yaml]}]", &["--env-file", "b.yaml"], true),
        ("[b.yaml, c.yaml]", &["--env-file", "b.yaml"], true),
        ("['oci://example.com/b.yaml']", &["--env-file", "b.yaml"], true),
    ] {
        for rest in ["services:\n  shop: {build: .}\n", ""] {
            write(path, "compose.yaml", &format!("include: {include}\n{rest}"));
            let told = messages(path, &[args, &["--env-file", "compose.yaml"], &["--only", "RND001"]].concat());
            let is_missed = told.iter().any(|one| one.contains("`include` takes services"));
            // By itself, a file without services is refused, and nothing else is told of it.
            let is_refused = args.is_empty() && rest.is_empty();
            assert_eq!(is_missed, is_told && !is_refused, "{include} {args:?}: {told:#?}");
            assert_eq!(told.len(), usize::from(is_told), "{told:#?}");
        }
    }
}
