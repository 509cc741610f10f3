//! `check --env-file`, as the program does it: who else can read the file, and that nobody reads it in what is printed.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{folder, run};

const PROFILE: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"staging\"\n\
                       url = \"https://shop.example.com\"\n\
                       [secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n\
                       [secrets.map_service]\nsource = \"env:MAP_SERVICE_KEY\"\npurpose = \"api\"\n\
                       [database]\nengine = \"postgresql\"\nurl = \"env:DATABASE_URL\"\n";

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file can be written");
}

#[test]
fn values_are_judged_and_never_shown() {
    let folder = folder();
    write(folder.path(), "security.toml", PROFILE);
    let values = ["correcthorse", "changeme-tr0ub4dor", "postgresql://shop:t0psecr3t@db/shop"];
    let [signing, api, database] = values;
    let text = format!("SECRET_KEY={signing}\nMAP_SERVICE_KEY={api}\nDATABASE_URL={database}\n");
    write(folder.path(), ".env", &text);
    for format in ["human", "json"] {
        let ran = run(folder.path(), &["check", "--env-file", ".env", "--format", format]);
        assert_eq!(ran.code, Some(1), "{}", ran.out);
        assert!(ran.out.contains("SEC002") && ran.out.contains("SEC003"), "{}", ran.out);
        for part in ["horse", "tr0ub4dor", "t0psecr3t"] {
            assert!(!ran.out.contains(part) && !ran.err.contains(part), "{part} is shown:\n{}", ran.out);
        }
    }
}

/// What the profile does not refer to is judged by its name, and what is none by none.
#[test]
fn every_secret_of_the_file_is_judged_and_nothing_else() {
    /// Each with the rule that speaks of it in production, or `-`.
    const VARIABLES: &str = "\
        SEC015 JWT_SECRET=your-jwt-secret-key-goes-here-please-change\n\
        SEC015 DJANGO_SECRET_KEY='the office is in the middle of the city next to the station'\n\
        SEC015 ENCRYPTION_KEY=1111111111111111111111111111111111111111111111111111111111111111\n\
        SEC015 DB_ENCRYPTION_KEY=000102030405060708090a0b0c0d0e0f\n\
        SEC015 POSTGRES_PASSWORD=postgres\n\
        SEC015 MYSQL_ROOT_PASSWORD=1qaz2wsx\n\
        SEC015 dbPassword=Sommer2024!\n\
        SEC015 GOOGLE_CLIENT_SECRET=your-google-client-secret\n\
        SEC015 SESSION_SECRET='!!!SET THIS!!!'\n\
        SEC015 APP_PASSWORD=changePassword\n\
        SEC015 KEYCLOAK_ADMIN_PASSWORD=shop-admin-7\n\
        SEC015 BROKER_URL=amqp://shop:shop123@localhost:5672/\n\
        SEC015 OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxx\n\
        SEC015 MAIL_TOKEN_2=azertyuiop\n\
        SEC014 MINIO_SECRET_KEY=minioadmin\n\
        SEC014 AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n\
        SEC013 VITE_DB_PASSWORD=q7Vd0ZkXwT3bLr9JmHs2\n\
        - HOOK_SECRET=9c1f7ad2e4b85036\n\
        - COOKIE_SECRET=tZ3vQ8mK1xW6nB4yR7cP2d\n\
        - APP_KEY=base64:m2Jx7Qd9Tz4Lw1Vb6Ny3Kc8Rf5Gh0PsXuEaYoIiMqDk=\n\
        - REDIS_PASSWORD=f81a2b6c90d3\n\
        - MAIL_PASSWORD=\n\
        - TLS_KEY=/etc/ssl/private/shop.key\n\
        - VAULT_TOKEN=vault:secret/data/shop\n\
        - QUEUE_URL=amqp://queue:5672/\n\
        - VAPID_PUBLIC_KEY=shop\n\
        - JWT_KEY_ID=shop\n\
        - TOKEN_EXPIRY=900\n\
        - PASSWORD_MIN_LENGTH=15\n\
        - SMTP_AUTH=login\n\
        - ENABLE_API_KEYS=true\n";
    let folder = folder();
    let profile = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nurl = \"https://shop.example.com\"\n";
    write(folder.path(), "security.toml", profile);
    let rows: Vec<(&str, &str)> = VARIABLES.lines().filter_map(|line| line.trim_start().split_once(' ')).collect();
    let lines: Vec<&str> = rows.iter().map(|(_, line)| *line).collect();
    write(folder.path(), ".env", &(lines.join("\n") + "\n"));
    let ran = run(folder.path(), &["check", "--env-file", ".env", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
    for (line, (expected, variable)) in (1_u64..).zip(rows) {
        let findings = report["findings"].as_array().into_iter().flatten();
        let here = findings.filter(|one| one["file"] == ".env" && one["span"]["start"]["line"] == line);
        let codes: Vec<&str> =
            here.filter_map(|one| one["code"].as_str()).filter(|code| code.starts_with("SEC")).collect();
        let expected: &[&str] = if expected == "-" { &[] } else { &[expected] };
        assert_eq!(codes, expected, "{variable}");
    }
}

/// What `file:` and `…_FILE` name is judged like any other value, told where it is named, and printed nowhere.
#[test]
#[cfg(unix)]
fn secrets_in_files_of_their_own_are_followed_and_never_shown() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let at = |name: &str| path(name).display().to_string();
    fs::create_dir(path("in")).expect("a folder can be made");
    let random = |letters: &str| -> String { letters.chars().cycle().step_by(7).take(64).collect() };
    let strong = random("0f1e2d3c4b5a69788796a5b4c3d2e1f0q7VdZkXwTbLrJmHsYcNfPgAeuRioBKxQhUtM");
    let files = [
        ("weak", "correcthorsebattery\n", 0o600),
        ("open", strong.as_str(), 0o644),
        ("empty", "\n", 0o600),
        ("away", strong.as_str(), 0o600),
        ("kept", "changeme-tr0ub4dor", 0o600),
    ];
    for (name, text, mode) in files {
        write(folder.path(), name, text);
        fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).expect("it is ours");
    }
    symlink(path("away"), path("in/link")).expect("a link can be made");
    let made = std::process::Command::new("mkfifo").arg(path("pipe")).status().expect("mkfifo is there");
    assert!(made.success());
    let mut profile = PROFILE.replace("staging", "prod").replace("env:SECRET_KEY", &format!("file:{}", at("weak")));
    let secret = |file: &str| {
        let name = file.rsplit('/').next().unwrap_or_default();
        format!("[secrets.{name}]\nsource = \"file:{file}\"\npurpose = \"api\"\n")
    };
    profile.extend(["open", "empty", "in/link", "pipe", "missing"].map(|name| secret(&at(name))));
    profile.push_str(&secret("/run/secrets/gone"));
    write(folder.path(), "security.toml", &profile);
    let env =
        "MAP_SERVICE_KEY_FILE=kept\nPOSTGRES_PASSWORD_FILE=weak\nLOG_FILE=weak\nSTRIPE_KEY_FILE=/dev/zero\nPORT=1\n";
    write(folder.path(), ".env", env);
    for file in [".env", "security.toml"] {
        fs::set_permissions(path(file), fs::Permissions::from_mode(0o600)).expect("it is ours");
    }
    let ran = run(folder.path(), &["check", "--env-file", ".env", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
    let told: BTreeSet<String> = report["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["code"].as_str().is_some_and(|code| code.starts_with("SEC")))
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap_or_default().replace(&at(""), "");
            format!("{} {} {} {}", text("code"), text("severity"), text("file"), text("message"))
        })
        .collect();
    for line in [
        "SEC002 error security.toml the signing key `secret_key` has 19 bytes",
        "SEC003 error .env `secrets.map_service.source` leads to a placeholder",
        "SEC008 error security.toml others than its owner may read the file `open`",
        "SEC008 warning security.toml the file `in/link` is a link that leads out of its folder",
        "SEC010 error security.toml the file `empty` is empty",
        "SEC010 error security.toml the file `pipe` is a named pipe, which may never end",
        "SEC010 note security.toml the file `missing` is not on this machine, so that it is not judged",
        "SEC010 error .env the file of `STRIPE_KEY` is a device",
        "SEC010 error security.toml the `.env` file has no variable `DATABASE_URL`",
        "SEC015 error .env `POSTGRES_PASSWORD` can be guessed",
        "SEC004 error security.toml `secrets.link.source` and `secrets.open.source` lead to the same value",
    ] {
        assert!(told.contains(line), "{line}\n{told:#?}");
    }
    assert_eq!(told.len(), 11, "{told:#?}");
    for args in [&["check"][..], &["check", "--format", "sarif"], &["report", "--format", "markdown"], &["plan"]] {
        let args = if args[0] == "plan" { args.to_vec() } else { [args, &["--env-file", ".env"]].concat() };
        let ran = run(folder.path(), &args);
        for (_, text, _) in files.iter().filter(|(_, text, _)| text.len() > 4) {
            let text = text.trim();
            assert!(!ran.out.contains(text) && !ran.err.contains(text), "{args:?}: {}", ran.out);
        }
    }
}

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
    let expected = ["error SEC015 db.env:1", "error SEC003 shared.env:1", "error SEC015 compose.yaml:8"];
    assert_eq!(told(&["--env-file", "compose.yaml"]), expected);
    assert_eq!(told(&["--env-file", "prod=compose.yaml#web"]), expected);
    // Of the other service nothing is the app's.
    let ran = run(path, &["check", "--env-file", "compose.yaml#db"]);
    assert!(ran.out.contains("the `.env` file has no variable `SECRET_KEY`"), "{}", ran.out);
    // What stands in a file before it, Compose puts in a name's place.
    write(path, ".env", "DB_PASSWORD=postgres\n");
    write(path, "compose.yaml", &compose.replace("shop:${DB", "postgres:${DB"));
    let with = told(&["--env-file", ".env", "--env-file", "compose.yaml"]);
    assert!(with.contains(&"error DAT002 compose.yaml:19".to_owned()), "{with:#?}");
    assert!(with.contains(&"error SEC015 .env:1".to_owned()), "{with:#?}");
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
        ("services:\n  a:\n    env_file: [utf16.env]\n", 3, "this file is no text"),
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
        assert!(!shown.out.contains("s3cr3t") && shown.code == Some(1), "{}{}", shown.out, shown.err);
    }
    // Where a `.env` file is written, a Compose file has no place.
    write(path, "compose.yaml", "services:\n  a:\n    environment:\n      SECRET_KEY: x\n");
    let ran = run(path, &["rotate", "secret_key", "--env-file", "compose.yaml"]);
    assert!(ran.code == Some(2) && ran.err.contains("a Compose file"), "{}{}", ran.out, ran.err);
}

/// A line of base64 looks like an assignment.
#[test]
fn pieces_of_a_key_that_was_pasted_without_quotes_are_not_shown() {
    let folder = folder();
    let (profile, pieces) = (PROFILE.replace("generic", "instacrud"), ["c2VjcmV0LXZhbHVl", "JBSWY3DPEHPK3PXP"]);
    write(folder.path(), "security.toml", &profile);
    // A mistaken name gives `--diff` something to show.
    let text = format!("SECRET_KEY=\n{}==\n{}======\nEMAIL_DRIVER=file\n", pieces[0], pieces[1]);
    write(folder.path(), ".env", &text);
    for args in [
        &["check", "--all-modes"][..],
        &["check", "--format", "json"],
        &["check", "--fix", "--diff"],
        &["report", "--format", "md"],
        &["report", "--format", "html"],
    ] {
        let ran = run(folder.path(), &[args, &["--env-file", ".env"]].concat());
        assert!(ran.code == Some(1) || args[0] == "report", "{args:?}: {}{}", ran.out, ran.err);
        assert!(
            !pieces.iter().any(|piece| ran.out.contains(piece) || ran.err.contains(piece)),
            "{args:?}: {}",
            ran.out
        );
        assert!(!args.contains(&"--diff") || ran.out.contains("+EMAIL_CARRIER="), "{}", ran.out);
    }
}

/// The file may be other programs', where an app minds its own variables alone.
#[test]
fn a_resemblance_is_a_note_and_nothing_is_renamed_for_it() {
    let folder = folder();
    write(folder.path(), "security.toml", "version = 1\n[app]\nname = \"shop\"\nkind = \"fastcms\"\nmode = \"dev\"\n");
    let text = "API_PORT=8080\nLOG_LEVELS=db:debug\n";
    write(folder.path(), ".env", text);
    let args = ["check", "--env-file", ".env", "--only", "RND002", "--fix", "--unsafe-fixes"];
    let ran = run(folder.path(), &args);
    assert!(ran.code == Some(0) && ran.out.contains("note") && !ran.out.contains("fixed"), "{}", ran.out);
    assert_eq!(fs::read_to_string(folder.path().join(".env")).ok().as_deref(), Some(text));
}

/// What is quadratic in the lines or in the secrets takes many minutes here.
#[test]
fn long_files_are_judged_in_one_pass() {
    use std::fmt::Write;
    let folder = folder();
    let mut profile = PROFILE.replace("staging", "prod").replace("generic", "fastcms");
    let mut text = String::new();
    for number in 0..2_000 {
        writeln!(profile, "[secrets.key_{number}]\nsource = \"env:KEY_{number}\"\npurpose = \"api\"")
            .expect("it is a string");
        writeln!(text, "KEY_{number}=value-{number}").expect("it is a string");
    }
    for number in 0..20_000 {
        writeln!(text, "OTHER_{number}={number}").expect("it is a string");
    }
    write(folder.path(), "security.toml", &profile);
    write(folder.path(), ".env", &text);
    let began = Instant::now();
    let ran = run(folder.path(), &["check", "--env-file", ".env", "--format", "json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
}

#[test]
#[cfg(unix)]
fn a_file_that_others_can_read_or_git_would_commit_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &PROFILE.replace("staging", "dev"));
    write(path, ".env", "SECRET_KEY=Gq7Zr2Lw\nMAP_SERVICE_KEY=a8Vd\nDATABASE_URL=postgresql:///shop\n");
    fs::create_dir(path.join(".git")).expect("a folder can be made");
    let said = || run(path, &["check", "--env-file", ".env", "--only", "SEC008"]).out;
    let permit = |mode| fs::set_permissions(path.join(".env"), fs::Permissions::from_mode(mode)).expect("it is ours");

    permit(0o644);
    assert!(said().contains("others than its owner may read") && said().contains("git would commit"), "{}", said());
    write(path, ".gitignore", ".env\n");
    assert!(said().contains("others than its owner may read") && !said().contains("git would commit"), "{}", said());
    permit(0o600);
    assert!(said().contains("no findings"), "{}", said());
}

/// nginx answers CORS itself, so that FastCMS's own list may be empty behind it. A cluster whose gateway is not named leaves
/// CORS to FastCMS, and there an empty list keeps every origin out.
#[test]
fn what_an_app_is_told_is_compared_behind_each_edge() {
    let folder = folder();
    let profile = "version = 1\n[app]\nname = \"shop\"\nkind = \"fastcms\"\nmode = \"staging\"\n\
                   url = \"https://shop.example.com\"\n[cors]\norigins = [\"https://www.example.com\"]\n";
    write(folder.path(), ".env", "CORS_ORIGINS=[]\nENVIRONMENT=production\nBASE_URL=https://shop.example.com\n");
    let edges = |targets: &str, args: &[&str]| {
        write(folder.path(), "security.toml", &format!("{profile}{targets}"));
        let args = [&["check", "--env-file", ".env", "--only", "RND003", "--format", "json"], args].concat();
        let report: Value = serde_json::from_str(&run(folder.path(), &args).out).expect("it is JSON");
        let findings = report["findings"].as_array().into_iter().flatten();
        let told = findings.filter(|one| one["key"] == "cors.origins");
        let targets = told.flat_map(|one| one["targets"].as_array().into_iter().flatten());
        targets.filter_map(|target| target.as_str()).collect::<Vec<_>>().join(" ")
    };
    let [nginx, kubernetes] = ["[targets.nginx]\n", "[targets.kubernetes]\nnamespace = \"shop\"\n"];
    assert_eq!(edges(nginx, &[]), "");
    assert_eq!(edges(kubernetes, &[]), "kubernetes");
    assert_eq!(edges(&format!("{nginx}{kubernetes}"), &[]), "kubernetes");
    assert_eq!(edges(&format!("{nginx}{kubernetes}"), &["--target", "nginx"]), "");
    // What differs behind each of them is told once.
    assert_eq!(edges(&format!("enforced_by = \"app\"\n{nginx}{kubernetes}"), &[]), "nginx kubernetes");
}

/// Overlays are other places: what is wrong with production's file says nothing of a developer's.
#[test]
fn a_file_without_a_mode_is_for_the_one_that_is_asked_or_meant() {
    let folder = folder();
    let profile = PROFILE.replace("generic", "fastcms").replace("staging", "prod");
    write(folder.path(), "security.toml", &(profile + "[modes.dev]\n[modes.test]\n"));
    write(folder.path(), ".env", "BASE_URL=https://other.example.com\n");
    let modes = |args: &[&str]| {
        let ran = run(folder.path(), &[&["check", "--only", "RND003", "--format", "json"], args].concat());
        let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
        let findings = report["findings"].as_array().into_iter().flatten();
        let modes: BTreeSet<String> = findings.filter_map(|one| Some(one["mode"].as_str()?.to_owned())).collect();
        modes.into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(modes(&["--all-modes", "--env-file", ".env"]), "prod");
    assert_eq!(modes(&["--env-file", ".env"]), "prod");
    assert_eq!(modes(&["--mode", "test", "--env-file", ".env"]), "test");
    assert_eq!(modes(&["--all-modes", "--env-file", "dev=.env"]), "dev");
}

/// As Vite, Next and Compose read them: one file after the other, and what stands in a later one counts.
#[test]
fn of_several_files_the_last_counts_and_is_named() {
    let folder = folder();
    write(folder.path(), "security.toml", &PROFILE.replace("staging", "prod"));
    let strong = "9f8a41c2e07b5d36a1c4f7e80b2d6935c8a1f04e7b93d25608e1c4a7f3b60d92";
    let rest = "MAP_SERVICE_KEY=9c1f7ad2e4b85036\nDATABASE_URL=postgresql:///shop\n";
    write(folder.path(), "defaults", &format!("SECRET_KEY=changeme\n{rest}"));
    write(folder.path(), "prod.local", &format!("# ours\nSECRET_KEY={strong}\n"));
    let placeholders = |args: &[&str]| {
        let ran = run(folder.path(), &[&["check", "--only", "SEC003", "--format", "json"], args].concat());
        let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
        let findings = report["findings"].as_array().into_iter().flatten();
        findings
            .map(|one| format!("{}:{}", one["file"].as_str().unwrap_or_default(), one["span"]["start"]["line"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(placeholders(&["--env-file", "defaults"]), ["defaults:1"]);
    assert_eq!(placeholders(&["--env-file", "defaults", "--env-file", "prod.local"]), [""; 0]);
    assert_eq!(placeholders(&["--env-file", "prod.local", "--env-file", "defaults"]), ["defaults:1"]);
    // One that is given for the mode by name goes before those that are not.
    assert_eq!(placeholders(&["--env-file", "defaults", "--env-file", "prod=prod.local"]).len(), 0);
    // What stands nowhere is told at the end of the last one.
    write(folder.path(), "prod.local", "SECRET_KEY=\n");
    assert_eq!(placeholders(&["--mode", "prod", "--env-file", "prod=defaults", "--env-file", "prod.local"]).len(), 0);
}

/// The day on which the examples' waivers and rotations are judged.
const TODAY: &str = "2026-11-21";

/// What the app will really be told is judged: a profile that is right is not ready beside a file that is not.
#[test]
fn what_the_app_is_told_decides_whether_it_is_ready() {
    let rendered = |app: &str| {
        let folder = folder();
        let profile = support::root().join("examples").join(app).join("security.toml");
        fs::copy(profile, folder.path().join("security.toml")).expect("the example is there");
        let ran = run(folder.path(), &["render", "--target", "env", "--generate-secrets", "--today", TODAY]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let text = fs::read_to_string(folder.path().join(".env")).expect("it was written");
        (folder, text)
    };
    for (app, right, wrong, code, line) in [
        ("instacrud", "MODE=prod", "MODE=test", "DBG004", "| ✗ error | One variable, `MODE`"),
        ("instacrud", "CORS_ALLOW_ORIGINS=", "CORS_ALLOW_ORIGINS=*", "COR001", "| ✗ error | `CORS_ALLOW_ORIGINS`"),
        ("fastcms", "ENVIRONMENT=production", "", "DBG004", "DBG004: "),
        ("fastcms", "CORS_ORIGINS='[]'", "", "COR005", "| ✗ error | CORS lets in"),
    ] {
        let (folder, text) = rendered(app);
        let found = |text: &str| {
            fs::write(folder.path().join(".env"), text).expect("a file can be written");
            let args = ["--env-file", ".env", "--today", TODAY];
            let checked = run(folder.path(), &[&["check", "--format", "json"], &args[..]].concat());
            let report = run(folder.path(), &[&["report"], &args[..]].concat());
            (checked, report)
        };
        let (checked, _) = found(&text);
        assert!(!checked.out.contains(&format!("\"{code}\"")), "{app}: {}", checked.out);
        let lines: Vec<&str> = text.lines().map(|one| if one.starts_with(right) { wrong } else { one }).collect();
        let (checked, report) = found(&(lines.join("\n") + "\n"));
        assert!(checked.code == Some(1) && checked.out.contains(&format!("\"{code}\"")), "{wrong}: {}", checked.out);
        assert!(report.code == Some(1) && report.out.contains("**Not ready**"), "{wrong}");
        assert!(report.out.contains(line), "{wrong}: {}", report.out);
    }
}

/// How a finding is known, as programs are told it.
#[test]
fn findings_say_how_they_are_known() {
    let folder = folder();
    let known = |profile: &str, args: &[&str]| -> Vec<(String, String, Value)> {
        write(folder.path(), "security.toml", &format!("version = 1\n[app]\nname = \"shop\"\n{profile}"));
        let ran = run(folder.path(), &[&["check", "--mode", "prod", "--format", "json"], args].concat());
        let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
        let findings = report["findings"].as_array().expect("a list").iter();
        let text = |value: &Value| value.as_str().expect("it is text").to_owned();
        findings.map(|one| (text(&one["code"]), text(&one["key"]), one["evidence"].clone())).collect()
    };
    let is = |found: &[(String, String, Value)], code: &str, key: &str, evidence: Value| {
        assert!(found.contains(&(code.to_owned(), key.to_owned(), evidence)), "{code} at {key}: {found:#?}");
    };
    let instacrud = "kind = \"instacrud\"\nurl = \"https://shop.example.com\"\n[hsts]\nmax_age = \"1h\"\n\
                     [lockout]\nenabled = true\n[cors]\norigins = [\"http://shop.example.com\"]\n";
    let found = known(instacrud, &[]);
    // nginx sends the header, the app has no lock, and a waiver is nothing but a text.
    is(&found, "HST001", "hsts.enabled", json!("rendered"));
    is(&found, "LCK001", "lockout.enabled", json!("known"));
    is(&found, "COR005", "cors.origins[0]", json!("rendered"));
    let waived = "kind = \"generic\"\n[lockout]\nattempts = 1000\n\
                  [[waivers]]\nrule = \"COR001\"\nreason = \"a test of this value\"\nexpires = 2020-01-01\n";
    let found = known(waived, &[]);
    is(&found, "LCK001", "lockout.enabled", Value::Null);
    is(&found, "PRF006", "waivers[0].expires", Value::Null);
    let found = known("kind = \"generic\"\n[lockout]\nenabled = true\nattempts = 1000\n", &[]);
    is(&found, "LCK001", "lockout.attempts", json!("delegated"));
    // What a file says is held; what is not set there, the app's code is known to take.
    write(folder.path(), ".env", "MODE=test\nACCESS_TOKEN_EXPIRE_MINUTES=900\n");
    let found = known(instacrud, &["--env-file", ".env"]);
    is(&found, "DBG004", "app.mode", json!("held"));
    is(&found, "COR002", "cors.origins[0]", json!("known"));
}

/// The findings of one rule in a file that these programs read: how bad, and at which line.
fn found(folder: &Path, readers: &str, rule: &str, text: &str) -> Vec<String> {
    let pack = "version = 1\ntitle = \"the shop\"\nother_controls = \"unknown\"\nreaders = READERS\n[variables]\n\
                CORS_ORIGINS = { field = \"cors.origins\", encoding = \"csv\" }\n";
    write(folder, "shop.toml", &pack.replace("READERS", readers));
    let profile = "version = 1\n[app]\nname = \"shop\"\nkind = \"./shop.toml\"\nurl = \"https://shop.example.com\"\n\
                   [cors]\norigins = [\"https://a.example\"]\n[database]\nengine = \"postgresql\"\nurl = \"env:DATABASE_URL\"\n";
    write(folder, "security.toml", profile);
    write(folder, ".env", text);
    let ran = run(folder, &["check", "--env-file", ".env", "--only", rule, "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
    let findings = report["findings"].as_array().into_iter().flatten();
    let here = findings.filter(|one| one["file"] == ".env");
    let told =
        |one: &Value| format!("{} {}", one["severity"].as_str().unwrap_or_default(), one["span"]["start"]["line"]);
    here.map(told).collect()
}

#[test]
fn how_bad_a_line_is_follows_from_who_reads_it() {
    let folder = folder();
    for (readers, text, told) in [
        ("[]", "A='1' # why\n", &["warning 1"][..]),
        ("[\"pydantic-settings\"]", "A='1' # why\n", &["note 1"]),
        ("[\"pydantic-settings\", \"systemd\"]", "A='1' # why\n", &["error 1"]),
        ("[\"dotenvy\"]", "A=1\nA=2\n", &["error 2"]),
        ("[\"node\"]", "A=1\nA=2\n", &["note 2"]),
        ("[\"docker\"]", "A='1 2'\n", &["error 1"]),
        ("[\"compose\"]", "A='1 2'\n", &[]),
        ("[\"django-environ\"]", "A=$3cret\nB=x$3cret\n", &["error 1", "note 2"]),
        // No reader gets anything out of it.
        ("[]", "nonsense\n", &["error 1"]),
        // The reader's list is split at commas, and no more.
        ("[\"django-environ\"]", "CORS_ORIGINS='https://a.example, https://b.example'\n", &["error 1"]),
        ("[\"pydantic-settings\"]", "CORS_ORIGINS='https://a.example, https://b.example'\n", &[]),
    ] {
        assert_eq!(found(folder.path(), readers, "RND001", text), told, "{readers} {text}");
    }
}

/// What stands in a URL for another variable is judged as what that holds, where the reader replaces it.
#[test]
fn what_a_reader_replaces_is_judged_as_it_reads_it() {
    let folder = folder();
    let url = "DATABASE_URL=postgresql://postgres:${POSTGRES_PASSWORD}@db/app?sslmode=verify-full\n";
    for (password, readers, is_default) in [
        ("postgres", "[\"compose\"]", true),
        ("postgres", "[]", true),
        ("d41b9c07e2f85a63", "[\"compose\"]", false),
        ("d41b9c07e2f85a63", "[\"python-dotenv\", \"bash\"]", false),
        ("d41b9c07e2f85a63", "[]", false),
    ] {
        let text = format!("POSTGRES_PASSWORD={password}\n{url}");
        let told = found(folder.path(), readers, "DAT002", &text);
        assert_eq!(!told.is_empty(), is_default, "{password} {readers}: {told:?}");
    }
    let text = format!("POSTGRES_PASSWORD=d41b9c07e2f85a63\n{url}");
    assert_eq!(found(folder.path(), "[\"compose\"]", "RND001", &text), ["note 2"]);
    // One replaces it and the other does not.
    assert_eq!(found(folder.path(), "[\"compose\", \"node\"]", "RND001", &text), ["error 2"]);
    // What it would be replaced by stands nowhere.
    assert_eq!(found(folder.path(), "[\"compose\"]", "RND001", url), ["error 1"]);
}
