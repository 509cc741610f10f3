//! Every secret of a file is judged, and shown nowhere.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::support::{folder, run};
use super::{PROFILE, write};

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
        "SEC004 error security.toml `secrets.link.source` leads to the same value as `secrets.open.source`",
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
