//! `seccfg init`: a profile to begin with, and what is wrong with what is there today.

mod support;

use std::fs;
use std::path::Path;

use seccfg::check::{Modes, Options, check};
use seccfg::finding::Severity;
use seccfg::init::{ServiceKind, placeholders, starter};
use seccfg::profile::{AppKind, Mode};
use seccfg::source::Source;
use support::{folder, run};

/// In the style of the example for a server of one's own, with what its pages warn of.
const VPS: &str = "MODE=test\nBASE_URL=https://crm.example.org\nSECRET_KEY=your-jwt-secret-key\n\
                   MONGO_URL=mongodb://test:test@localhost:27017/\nDB_ENGINE=mongo\nCORS_ALLOW_ORIGINS=*\n\
                   CORS_ALLOW_CREDENTIALS=True\nTOKEN_EXPIRATION_SECONDS=86400\nEMAIL_ENABLED=true\n\
                   EMAIL_DRIVER=file\nEMAIL_FROM_NAME=CRM\nSMTP_PORT=many\nEXTRA=\"$(id)\"\n";

#[test]
fn every_starter_is_a_profile_that_dev_and_test_are_content_with() {
    for kind in AppKind::KNOWN {
        let text = starter(&AppKind::Known(kind), ServiceKind::Accounts);
        for mode in Mode::ALL {
            let options = Options { modes: Modes::One(*mode), ..Options::default() };
            let found = check(Source::new("security.toml", text.as_str()), &options).findings;
            let worst = match mode {
                // PWD003 is about FastCMS itself, whatever is written.
                Mode::Dev | Mode::Test => found.iter().filter(|one| one.code != "PWD003").map(|one| one.severity).max(),
                // That InstaCRUD cannot lock takes a decision.
                Mode::Staging | Mode::Prod => {
                    found.iter().filter(|one| one.code != "LCK001").map(|one| one.severity).max()
                }
            };
            let most = if matches!(mode, Mode::Dev | Mode::Test) { None } else { Some(Severity::Warning) };
            assert!(worst <= most, "{kind} in {mode}: {found:#?}");
        }
    }
}

/// What is left of a kind's starter are the examples, the age of a key, and notes.
#[test]
fn every_kind_of_service_begins_with_a_clean_profile() {
    for kind in ServiceKind::ALL {
        let folder = folder();
        let ran = run(folder.path(), &["init", "--kind", kind.as_str()]);
        assert_eq!(ran.code, Some(0), "{kind}: {}{}", ran.out, ran.err);
        let text = fs::read_to_string(folder.path().join("security.toml")).expect("it was written");
        assert_eq!(text, starter(&AppKind::Known("generic"), *kind));
        let source = Source::new("security.toml", text);
        assert_eq!(placeholders(&source), ["app.url"], "{kind}");
        for mode in Mode::ALL {
            let found = check(source.clone(), &Options { modes: Modes::One(*mode), ..Options::default() }).findings;
            // Since when a key is in use, and what carries mail, is for its owner to fill in.
            let is_open = |code: &str| code == "ROT001" || (code == "EML004" && *kind == ServiceKind::Accounts);
            let worst = found.iter().filter(|one| !is_open(one.code)).map(|one| one.severity).max();
            assert!(worst <= Some(Severity::Note), "{kind} in {mode}: {found:#?}");
        }
        let rendered = run(folder.path(), &["render", "--target", "nginx", "--target", "caddy", "--out", "."]);
        assert_eq!(rendered.code, Some(0), "{kind}: {}", rendered.err);
    }
}

/// The least that is true of each kind of service is enough: what it does not have is not asked for.
#[test]
fn a_short_honest_profile_of_each_kind_is_clean() {
    const PAGES: &str = "headers = { content_security_policy = \"default-src 'self'; object-src 'none'; base-uri 'none'; \
                         frame-ancestors 'none'; form-action 'self'\", cross_origin_resource_policy = \"same-origin\", \
                         cross_origin_opener_policy = \"same-origin\", referrer_policy = \"same-origin\", no_store = [\"/\"] }\n";
    const STATIC: &str = "headers = { content_security_policy = \"default-src 'self'; object-src 'none'; base-uri 'none'; \
                          frame-ancestors 'none'; form-action 'self'\", cross_origin_resource_policy = \"same-origin\" }\n";
    const ALONE: &str = "state = { accept_single_process = true }\n";
    let limits = "rate_limits.routes = { sign_in = { limit = \"30/min\", paths = [\"/login\"] }, sign_up = { limit = \"30/min\", \
                  paths = [\"/join\"] }, password_reset = { limit = \"30/min\", paths = [\"/reset\"] } }\n";
    let passwords = "passwords = { min_length = 15, blocklist = true, hash = \"argon2id\" }\n\
                     lockout = { enabled = true, attempts = 10, window = \"1h\", duration = \"1h\", key = \"both\" }\n";
    let hobby = [PAGES, ALONE, limits, passwords, "database.engine = \"sqlite\"\n"].concat();
    let kinds = [
        ("API", "sign_in = [\"external\"], serves = [\"api\"]", String::new()),
        (
            "several workers",
            "sign_in = [\"external\"], serves = [\"api\"], workers = 4",
            "tls.plain_http = \"refuse\"\n".to_owned(),
        ),
        ("static", "sign_in = [], serves = [\"pages\"]", STATIC.to_owned()),
        ("SSO", "sign_in = [\"oauth\"]", [PAGES, ALONE].concat()),
        ("passkeys", "sign_in = [\"passkey\"]", [PAGES, ALONE].concat()),
        ("hobby", "sign_in = [\"password\"]", hobby),
        ("webhook", "sign_in = [], serves = [\"api\"]", String::new()),
    ];
    for (kind, who, more) in kinds {
        let text = format!(
            "version = 1\nhsts = {{ enabled = true, include_subdomains = true }}\n{more}\
             app = {{ name = \"x\", kind = \"generic\", url = \"https://x.example.com\", {who} }}\n"
        );
        let found = check(Source::new("security.toml", text.as_str()), &Options::default()).findings;
        // That a SQLite file is for one machine is a note.
        let found: Vec<_> = found.iter().filter(|one| kind != "hobby" || one.code != "DAT005").collect();
        assert!(found.is_empty(), "{kind}: {found:#?}");
    }
}

#[test]
fn a_kind_is_for_an_app_of_which_nothing_is_known() {
    let folder = folder();
    let ran = run(folder.path(), &["init", "--app", "fastcms", "--kind", "api"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("fastcms has a starter of its own"), "{}", ran.err);
    assert!(!folder.path().join("security.toml").exists());
    let ran = run(folder.path(), &["init", "--kind", "apl"]);
    assert!(ran.code == Some(2) && ran.err.contains("did you mean \"api\"?"), "{}", ran.err);
}

#[test]
fn what_an_app_has_today_is_told_by_name() {
    let folder = folder();
    fs::write(folder.path().join(".env"), VPS).expect("a file can be written");
    let ran = run(folder.path(), &["init", "--app", "instacrud", "--from", ".env"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    for told in [
        "not in the profile: EMAIL_DRIVER (not a variable of InstaCRUD, which reads `EMAIL_CARRIER`)",
        "not in the profile: EMAIL_FROM_NAME (nothing that a profile says)",
        "not in the profile: EXTRA (not known of InstaCRUD)",
        "not in the profile: MODE (the profile is about production)",
        "not in the profile: SMTP_PORT (not a whole number)",
        "`secrets.secret_key.source` leads to a placeholder",
        "`database.url` holds credentials that everyone tries",
        "every origin may ask with the visitor's credentials",
        "InstaCRUD has no variable `EMAIL_DRIVER`",
        "InstaCRUD is told that this is dev or test, and the file is for prod",
    ] {
        assert!(ran.out.contains(told), "{told}\n{}", ran.out);
    }
    let profile = fs::read_to_string(folder.path().join("security.toml")).expect("it was written");
    for says in [
        "url = \"https://crm.example.org\"",
        "origins = [\"*\"]",
        "access_ttl = \"1d\"",
        "source = \"env:SECRET_KEY\"",
        "url = \"env:MONGO_URL\"",
    ] {
        assert!(profile.contains(says), "{says}\n{profile}");
    }
    for secret in ["your-jwt", "test:test", "$(id)"] {
        assert!(!profile.contains(secret) && !ran.out.contains(secret), "{secret}\n{}", ran.out);
    }
    let again = run(folder.path(), &["check", "--only", "PRF003"]);
    assert_eq!(again.code, Some(0), "what was written is a profile: {}", again.out);
}

#[test]
fn what_the_file_says_of_a_carrier_takes_the_place_of_the_starters() {
    let folder = folder();
    let text = "SECRET_KEY=x\nEMAIL_CARRIER=smtp\nSMTP_HOST=mail.example.org\nSMTP_USERNAME=u\nSMTP_PASSWORD=p\n\
                SMTP_TLS=false\nSMTP_SSL=true\nGOOGLE_CLIENT_ID=g\nGOOGLE_CLIENT_SECRET=s\n";
    fs::write(folder.path().join(".env"), text).expect("a file can be written");
    run(folder.path(), &["init", "--app", "instacrud", "--from", ".env"]);
    let profile = fs::read_to_string(folder.path().join("security.toml")).expect("it was written");
    let profile: toml::Table = profile.parse().expect("it is TOML");
    let smtp = &profile["email"]["smtp"];
    assert_eq!(smtp["security"].as_str(), Some("implicit"), "{smtp}");
    assert_eq!(smtp["password"].as_str(), Some("env:SMTP_PASSWORD"), "{smtp}");
    assert_eq!(profile["email"].get("api_key"), None);
    assert_eq!(profile["oauth"]["google"]["client_secret"].as_str(), Some("env:GOOGLE_CLIENT_SECRET"));
}

/// What a developer's file says of his own machine is no profile of production.
#[test]
fn an_address_of_this_machine_is_for_dev_alone() {
    for (app, text, dev, prod) in [
        (
            "instacrud",
            "BASE_URL=http://localhost:3000\nCORS_ALLOW_ORIGINS=http://127.0.0.1:5173,https://crm.acme.dev\n",
            &["app.url = http://localhost:3000", "cors.origins = http://127.0.0.1:5173 https://crm.acme.dev"][..],
            &["app.url = https://app.example.com", "cors.origins = https://crm.acme.dev"][..],
        ),
        (
            "fastcms",
            "BASE_URL=http://[::1]:8000\nCORS_ORIGINS='[\"http://app.localhost\"]'\nDEBUG=true\n",
            &["app.url = http://[::1]:8000", "cors.origins = http://app.localhost", "app.debug = true"],
            &["app.url = https://app.example.com", "cors.origins = "],
        ),
    ] {
        let folder = folder();
        fs::write(folder.path().join(".env"), text).expect("a file can be written");
        let ran = run(folder.path(), &["init", "--app", app, "--from", ".env"]);
        assert!(ran.out.contains("under `[modes.dev]`: ") && ran.out.contains("BASE_URL"), "{}", ran.out);
        let profile = fs::read_to_string(folder.path().join("security.toml")).expect("it was written");
        let table: toml::Value = profile.parse::<toml::Table>().expect("it is TOML").into();
        let says = |key: &str| {
            let at = |table: toml::Value, part: &str| table.get(part).cloned();
            match key.split('.').try_fold(table.clone(), at) {
                Some(toml::Value::Array(list)) => {
                    list.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(" ")
                }
                Some(toml::Value::String(text)) => text,
                other => other.map(|value| value.to_string()).unwrap_or_default(),
            }
        };
        for line in dev {
            let (key, value) = line.split_once(" = ").expect("a key and a value");
            assert_eq!(says(&format!("modes.dev.{key}")), value, "{profile}");
        }
        for line in prod {
            let (key, value) = line.split_once(" = ").expect("a key and a value");
            assert_eq!(says(key), value, "{profile}");
        }
        for mode in ["dev", "prod"] {
            let checked = run(folder.path(), &["check", "--mode", mode, "--format", "json"]);
            for code in ["PRX006", "TLS001", "COR005", "DBG001"] {
                assert!(!checked.out.contains(code), "{app} in {mode}: {}", checked.out);
            }
        }
    }
}

#[test]
fn how_mail_is_sent_is_for_its_owner_to_say() {
    let folder = folder();
    for app in AppKind::KNOWN {
        let profile: toml::Table = starter(&AppKind::Known(app), ServiceKind::Accounts).parse().expect("it is TOML");
        assert_eq!(
            profile["email"].as_table().map(|email| email.keys().map(String::as_str).collect()),
            Some(vec!["enabled"])
        );
        assert_eq!(profile["email"]["enabled"].as_bool(), Some(false), "{app}");
    }
    // FastCMS has no switch: a server means that mail is sent.
    let text = "SMTP_HOST=mail.example.org\nSMTP_USER=u\nSMTP_PASSWORD=p\nSMTP_FROM_EMAIL=a@example.org\n";
    fs::write(folder.path().join(".env"), text).expect("a file can be written");
    run(folder.path(), &["init", "--app", "fastcms", "--from", ".env"]);
    let profile = fs::read_to_string(folder.path().join("security.toml")).expect("it was written");
    let profile: toml::Table = profile.parse().expect("it is TOML");
    assert_eq!(profile["email"]["enabled"].as_bool(), Some(true), "{profile}");
    assert_eq!(profile["email"]["carrier"].as_str(), Some("smtp"), "{profile}");
    assert_eq!(profile["email"]["smtp"]["password"].as_str(), Some("env:SMTP_PASSWORD"), "{profile}");
}

/// What is found in a starter is what only its owner knows: which key is how old, how mail is sent, whether to live with
/// what the app cannot do.
#[test]
fn a_first_profile_leaves_nothing_but_decisions() {
    const DECISIONS: [&str; 9] =
        ["ROT001", "EML004", "LCK001", "PWD001", "PWD003", "PWD004", "PWD006", "PWD008", "HDR003"];
    for app in AppKind::KNOWN {
        let folder = folder();
        let ran = run(folder.path(), &["init", "--app", app]);
        assert!(ran.out.starts_with("wrote security.toml"), "{}", ran.err);
        let report: serde_json::Value =
            serde_json::from_str(&run(folder.path(), &["check", "--format", "json"]).out).expect("it is JSON");
        for finding in report["findings"].as_array().expect("a list") {
            let code = finding["code"].as_str().expect("a text");
            // CRUDAuth's cookie has the name that its code gives it, and another one is better.
            let is_better = code == "COK005" && app == "crudauth";
            assert!(DECISIONS.contains(&code) || is_better, "{app}: {finding}");
        }
    }
}

/// Of a pack of one's own, a starter asks for no more than its app can be told, and no comment stands above what it is not about.
#[test]
fn a_first_profile_for_a_pack_asks_for_what_its_app_takes() {
    for pack in ["cookiecutter-django", "django", "express", "fastapi", "fastapi-template", "next-auth"] {
        let folder = folder();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/packs").join(pack).join("my-app.toml");
        fs::copy(path, folder.path().join("my-app.toml")).expect("a pack");
        let ran = run(folder.path(), &["init", "--app", "./my-app.toml"]);
        assert!(ran.out.starts_with("wrote security.toml"), "{pack}: {}", ran.err);
        let checked = run(folder.path(), &["check", "--all-modes", "--format", "json"]).out;
        assert!(!checked.contains("RND004"), "{pack}: {checked}");
        let text = fs::read_to_string(folder.path().join("security.toml")).expect("a profile");
        assert!(!text.contains("# The cookie that your app keeps its sign-ins in."), "{pack}: {text}");
        let asks = text.contains("# Name the paths that the app really has.");
        assert_eq!(asks, text.contains("paths = [\""), "{pack}: {text}");
        assert!(text.contains("# A developer's machine"), "{pack}: {text}");
    }
}

#[test]
fn a_pack_that_cannot_be_read_is_told_before_anything_is_written() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("broken.toml"), "version = 1\n").expect("a file can be written");
    fs::create_dir(path.join("folder.toml")).expect("a folder can be made");
    fs::create_dir(path.join("deep")).expect("a folder can be made");
    for args in [
        &["init", "--app", "./missing.toml"][..],
        &["init", "--app", "./broken.toml"],
        &["init", "--app", "./folder.toml"],
        // As seen from the profile, and so not in this folder.
        &["init", "--app", "./broken.toml", "--out", "deep/security.toml"],
    ] {
        let ran = run(path, args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{args:?}");
        assert!(ran.err.contains("nothing was written") && !ran.err.contains("os error"), "{args:?}: {}", ran.err);
        // What is wrong is told of the pack, and not of a profile that nobody has written.
        assert!(!ran.err.contains("security.toml:") && ran.err.contains(args[2]), "{args:?}: {}", ran.err);
        assert!(!path.join("security.toml").exists() && !path.join("deep/security.toml").exists(), "{args:?}");
    }
}

#[test]
fn what_cannot_be_read_is_left_out_and_told() {
    let folder = folder();
    let text = "CORS_ORIGINS=[https://a.example]\nBASE_URL=https://u:p4ss@a.example\nDEBUG=${DEBUG}\n\
                secret_key=x\nRATE_LIMIT_PER_HOUR=7\nSMTP_PORT=99999\n";
    fs::write(folder.path().join(".env"), text).expect("a file can be written");
    let ran = run(folder.path(), &["init", "--app", "fastcms", "--from", ".env"]);
    for told in [
        "CORS_ORIGINS (not a list in JSON)",
        "BASE_URL, SMTP_PORT (no value that the profile can hold)",
        "DEBUG (its readers see different values)",
        "RATE_LIMIT_PER_HOUR (FastCMS does nothing with it)",
        "RND001",
    ] {
        assert!(ran.out.contains(told), "{told}\n{}", ran.out);
    }
    let profile = fs::read_to_string(folder.path().join("security.toml")).expect("it was written");
    assert!(!profile.contains("p4ss") && !ran.out.contains("p4ss"), "{profile}\n{}", ran.out);
}

#[test]
fn what_is_still_an_example_is_told_last() {
    let folder = folder();
    let last = |args: &[&str]| run(folder.path(), args).out.lines().last().unwrap_or_default().to_owned();
    let examples = "still examples, to be replaced by what is yours:";
    assert_eq!(last(&["init"]), format!("{examples} app.url"));
    let text = "BASE_URL=https://crm.acme.dev\n";
    fs::write(folder.path().join(".env"), text).expect("a file can be written");
    let filled = ["init", "--app", "instacrud", "--from", ".env", "--out", "filled.toml"];
    assert_eq!(last(&filled), format!("{examples} cors.origins"));
}

#[test]
fn a_list_in_the_wrong_form_is_not_lost() {
    for (app, line) in [
        ("fastcms", "CORS_ORIGINS=https://a.example,https://b.example"),
        ("instacrud", "CORS_ALLOW_ORIGINS='[\"https://a.example\", \"https://b.example\"]'"),
    ] {
        let folder = folder();
        fs::write(folder.path().join(".env"), format!("{line}\n")).expect("a file can be written");
        let ran = run(folder.path(), &["init", "--app", app, "--from", ".env"]);
        assert!(ran.out.contains("RND001") && !ran.out.contains("not in the profile"), "{}", ran.out);
        let profile = fs::read_to_string(folder.path().join("security.toml")).expect("it was written");
        assert!(profile.contains("origins = [\"https://a.example\", \"https://b.example\"]"), "{profile}");
    }
}

#[test]
fn pieces_of_a_key_are_counted_and_not_shown() {
    let folder = folder();
    let text = "SECRET_KEY=-----BEGIN\nhQIDAQabc=\nMIIEpQIBAAKCAQ==\nMINE=1\nsecret_keys=x\n";
    fs::write(folder.path().join(".env"), text).expect("a file can be written");
    let ran = run(folder.path(), &["init", "--app", "instacrud", "--from", ".env"]);
    assert!(ran.out.contains("not in the profile: 2 lines that are no names\n"), "{}", ran.out);
    assert!(ran.out.contains("not in the profile: MINE (not known of InstaCRUD)"), "{}", ran.out);
    assert!(!ran.out.contains("hQIDAQ") && !ran.out.contains("MIIEpQ"), "{}", ran.out);
}

#[test]
fn no_file_is_ever_overwritten() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("security.toml"), "mine").expect("a file can be written");
    let ran = run(path, &["init"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("security.toml is there already"), "{}", ran.err);
    assert_eq!(fs::read_to_string(path.join("security.toml")).ok().as_deref(), Some("mine"));
    // A folder that is made unasked is mostly a slip.
    let ran = run(path, &["init", "--out", "new/security.toml"]);
    assert!(ran.code == Some(2) && ran.err.contains("there is no folder new"), "{}", ran.err);
    assert!(!path.join("new").exists());
    fs::create_dir(path.join("new")).expect("a folder can be made");
    assert_eq!(run(path, &["init", "--out", "new/security.toml"]).code, Some(0));
    assert_eq!(run(path, &["init", "--app", "rails", "--out", "c.toml"]).code, Some(2));
    assert_eq!(run(path, &["init", "--from", "missing.env", "--out", "c.toml"]).code, Some(2));
    fs::write(path.join("bytes.env"), b"A=\xff").expect("a file can be written");
    assert_eq!(run(path, &["init", "--from", "bytes.env", "--out", "c.toml"]).code, Some(1));
    fs::write(path.join("mine.toml"), "version = 1\n").expect("a file can be written");
    fs::write(path.join(".env"), "A=1\n").expect("a file can be written");
    let broken = run(path, &["init", "--app", "./mine.toml", "--from", ".env", "--out", "c.toml"]);
    assert_eq!(broken.code, Some(1), "{}", broken.err);
    assert!(!path.join("c.toml").exists());
}

/// Of an app of which nothing is known, names that many apps share say what they mean everywhere, and no others do.
#[test]
fn names_that_many_apps_share_have_their_place() {
    let mail = |text: &str| -> (toml::Table, String) {
        let folder = folder();
        fs::write(folder.path().join(".env"), text).expect("a file can be written");
        let ran = run(folder.path(), &["init", "--from", ".env"]);
        let profile = fs::read_to_string(folder.path().join("security.toml")).unwrap_or_else(|_| panic!("{}", ran.err));
        assert!(!profile.contains("p4ssword") && !ran.out.contains("p4ssword"), "{profile}");
        (profile.parse().expect("it is TOML"), ran.out)
    };
    let server = |host: &str, more: &str| format!("{host}=mail.acme.dev\n{more}");
    for (text, security, username, password) in [
        (
            server("SMTP_HOST", "SMTP_PORT=465\nSMTP_TLS=true\nSMTP_USER=u\nSMTP_PASSWORD=p4ssword-1\n"),
            "implicit",
            "SMTP_USER",
            "SMTP_PASSWORD",
        ),
        (
            server("MAIL_HOST", "MAIL_PORT=587\nMAIL_USERNAME=u\nMAIL_PASSWORD=p4ssword-1\nMAIL_ENCRYPTION=tls\n"),
            "starttls",
            "MAIL_USERNAME",
            "MAIL_PASSWORD",
        ),
        (
            server("MAIL_SERVER", "MAIL_USE_SSL=True\nMAIL_USERNAME=u\nMAIL_PASSWORD=p4ssword-1\n"),
            "implicit",
            "MAIL_USERNAME",
            "MAIL_PASSWORD",
        ),
        (
            server("EMAIL_HOST", "EMAIL_USE_TLS=True\nEMAIL_HOST_USER=u\nEMAIL_HOST_PASSWORD=p4ssword-1\n"),
            "starttls",
            "EMAIL_HOST_USER",
            "EMAIL_HOST_PASSWORD",
        ),
    ] {
        let (profile, told) = mail(&text);
        let email = &profile["email"];
        assert_eq!((email["enabled"].as_bool(), email["carrier"].as_str()), (Some(true), Some("smtp")), "{text}{told}");
        let smtp = |key: &str| email["smtp"].get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        assert_eq!(smtp("host"), "mail.acme.dev", "{text}");
        if security == "implicit" {
            assert_eq!(smtp("security"), security, "{text}");
        } else {
            assert!(["", security].contains(&smtp("security").as_str()), "{text}");
        }
        assert_eq!(smtp("username"), format!("env:{username}"), "{text}");
        assert_eq!(smtp("password"), format!("env:{password}"), "{text}");
        assert!(profile.get("secrets").is_none_or(|secrets| secrets.get(password.to_lowercase()).is_none()), "{text}");
    }
    // Two servers, none, and a word that means one thing to some and another to others.
    for (text, left_out) in [
        ("SMTP_HOST=a.acme.dev\nMAIL_HOST=b.acme.dev\n", "SMTP_HOST"),
        ("SMTP_PORT=587\n", "SMTP_PORT"),
        ("SMTP_HOST=mail.acme.dev\nSMTP_TLS=true\n", "SMTP_TLS"),
        ("SMTP_HOST=mail.acme.dev\nSMTP_SSL=false\n", "SMTP_SSL"),
        ("SITE_URL=https://a.acme.dev\nAPP_URL=https://b.acme.dev\n", "SITE_URL"),
        ("BASE_URL=not-a-url\n", "BASE_URL"),
    ] {
        let (_, told) = mail(text);
        assert!(
            told.lines().any(|line| line.starts_with("not in the profile:") && line.contains(left_out)),
            "{text}{told}"
        );
    }
    for name in ["BASE_URL", "APP_URL", "SITE_URL"] {
        let (profile, _) = mail(&format!("{name}=https://acme.dev\n"));
        assert_eq!(profile["app"]["url"].as_str(), Some("https://acme.dev"), "{name}");
        let (profile, told) = mail(&format!("{name}=http://localhost:3000\n"));
        assert_eq!(profile["modes"]["dev"]["app"]["url"].as_str(), Some("http://localhost:3000"), "{name}: {told}");
    }
}

/// Where a Compose file has a proxy find the app, the profile says, and the output where that was seen.
#[test]
fn a_compose_file_says_where_the_app_is() {
    const PROXY: &str = "  edge:\n    image: nginx:1.27\n    ports: ['80:80']\n";
    const ON_HOST: &str = "  edge:\n    image: nginx:1.27\n    network_mode: host\n";
    for (web, proxy, upstream, told) in [
        ("expose: ['8001']", PROXY, "web:8001", "by its `expose`, and the proxy `edge` of the same file"),
        ("ports: ['127.0.0.1:9000:8000']", "", "127.0.0.1:9000", "by its `ports`, and a proxy on the machine"),
        ("ports: ['9000:8000']", "", "127.0.0.1:9000", "listens at 8000"),
        ("ports: ['10.0.0.5:9000:8000']", "", "10.0.0.5:9000", "listens at 8000"),
        ("ports: [{target: 3000, published: 8080}]", "", "127.0.0.1:8080", "listens at 3000"),
        ("ports: ['9000:8000']", PROXY, "web:8000", "the proxy `edge`"),
        ("command: uvicorn app:app --port 8002", PROXY, "web:8002", "by its `command`"),
        ("command: [gunicorn, -b, '0.0.0.0:${PORT}', app]", PROXY, "web:8003", "by its `command`"),
        ("environment: {PORT: 3000}", PROXY, "web:3000", "by its variables"),
        (
            "labels: ['traefik.http.services.web.loadbalancer.server.port=8004']",
            PROXY,
            "web:8004",
            "labels for Traefik",
        ),
        ("ports: ['3000:3000', '222:22']", "", "127.0.0.1:3000", "by its `ports`"),
        ("ports: ['8080:80', '8443:443']", "", "127.0.0.1:8080", "listens at 80, by its `ports`"),
        (
            "network_mode: host\n    command: uvicorn app:app --port 8005",
            "",
            "127.0.0.1:8005",
            "the machine's own network",
        ),
        ("command: uvicorn app:app --port 8006", "", "web:8006", "opens no port on the machine"),
        (
            "command: sh -c \"until pg_isready -h db -p 5432; do sleep 1; done; ./start\"\n    expose: ['8000']",
            PROXY,
            "web:8000",
            "by its `expose`",
        ),
        (
            "command: [./wait-for, --port, '5432', --, node, server.js]\n    ports: ['127.0.0.1:3000:3000']",
            "",
            "127.0.0.1:3000",
            "by its `ports`",
        ),
        ("ports: ['8000']", PROXY, "web:8000", "the proxy `edge`"),
        ("ports: ['127.0.0.1:9000:8000']", ON_HOST, "127.0.0.1:9000", "a proxy on the machine"),
        // What cannot be known is told, and the starter's stays.
        ("expose: ['8000', '9000']", PROXY, "127.0.0.1:8000", "still the starter's"),
        ("restart: always", "", "127.0.0.1:8000", "says no port at which it listens"),
        ("ports: ['80:3000']", "", "127.0.0.1:8000", "such as `127.0.0.1:8080:3000`"),
        ("ports: ['8001']", "", "127.0.0.1:8000", "at a number that Docker chooses"),
        ("ports: ['80']", "", "127.0.0.1:8000", "at a number that Docker chooses"),
        ("expose: ['8001']", ON_HOST, "127.0.0.1:8000", "opens no port on the machine"),
        ("command: ./start --port 5432\n    expose: ['8001']", PROXY, "127.0.0.1:8000", "and not in its `expose`"),
    ] {
        let folder = folder();
        let db = "  db:\n    image: postgres\n    ports: ['5432:5432']\n";
        let compose = format!("services:\n{db}  web:\n    build: .\n    {web}\n{proxy}");
        fs::write(folder.path().join("compose.yml"), &compose).expect("a file can be written");
        fs::write(folder.path().join(".env"), "PORT=8003\n").expect("a file can be written");
        let ran = run(folder.path(), &["init", "--from", "compose.yml"]);
        let profile = fs::read_to_string(folder.path().join("security.toml")).unwrap_or_else(|_| panic!("{}", ran.err));
        let profile: toml::Table = profile.parse().expect("it is TOML");
        assert_eq!(profile["app"]["upstream"].as_str(), Some(upstream), "{compose}{}", ran.out);
        assert!(ran.out.contains("`app.upstream` is ") && ran.out.contains(told), "{compose}{}", ran.out);
        // What was taken over renders.
        let rendered = run(folder.path(), &["render", "--stdout"]);
        assert!(
            rendered.code == Some(0) && rendered.out.contains(upstream),
            "{compose}{}{}",
            rendered.out,
            rendered.err
        );
    }
    // A file that starts databases alone says nothing of the app.
    let folder = folder();
    fs::write(folder.path().join("compose.yml"), "services:\n  db:\n    image: redis\n    ports: ['6379:6379']\n")
        .expect("a file can be written");
    let ran = run(folder.path(), &["init", "--from", "compose.yml"]);
    assert!(!ran.out.contains("app.upstream"), "{}", ran.out);
}

/// A profile is for the proxy that a Compose file starts, where the image's name says which one and in which version.
#[test]
fn a_compose_file_says_which_proxy_there_is() {
    for (image, target, version) in [
        ("nginx:1.27-alpine", "nginx", "1.27"),
        ("docker.io/nginxinc/nginx-unprivileged:1.29.3@sha256:0a1b", "nginx", "1.29.3"),
        ("caddy:2.8", "caddy", "2.8"),
        ("caddy:2.10.0-alpine", "caddy", "2.10.0"),
        // What the name does not say stays the starter's.
        ("nginx:alpine", "nginx", "1.22.1"),
        ("caddy:2", "nginx", "1.22.1"),
        ("traefik:3.1", "nginx", "1.22.1"),
    ] {
        let folder = folder();
        let compose = format!("services:\n  web:\n    build: .\n    expose: ['8000']\n  edge:\n    image: {image}\n");
        fs::write(folder.path().join("compose.yml"), &compose).expect("a file can be written");
        let ran = run(folder.path(), &["init", "--from", "compose.yml"]);
        let profile = fs::read_to_string(folder.path().join("security.toml")).unwrap_or_else(|_| panic!("{}", ran.err));
        let profile: toml::Table = profile.parse().expect("it is TOML");
        let targets = profile["targets"].as_table().expect("it is a table");
        assert_eq!(targets.keys().collect::<Vec<_>>(), [target], "{image}");
        assert_eq!(targets[target]["version"].as_str(), Some(version), "{image}");
        let is_told = ran.out.contains(&format!("`targets.{target}.version` is \"{version}\""));
        assert_eq!(is_told, version != "1.22.1", "{}", ran.out);
        let rendered = run(folder.path(), &["render", "--stdout"]);
        assert_eq!(rendered.code, Some(0), "{image}{}{}", rendered.out, rendered.err);
    }
}

/// A Redis that the file names keeps state, unless a variable says otherwise.
#[test]
fn the_url_of_a_redis_is_where_state_is_kept() {
    for (app, text, backend) in [
        ("fastcms", "REDIS_URL=redis://localhost:6379/0\n", "redis"),
        ("fastcms", "REDIS_URL=redis://localhost:6379/0\nREDIS_ENABLED=true\n", "redis"),
        ("fastcms", "REDIS_URL=redis://localhost:6379/0\nREDIS_ENABLED=false\n", "memory"),
        ("fastcms", "DEBUG=false\n", "memory"),
        ("crudauth", "REDIS_URL=redis://localhost:6379/0\n", "redis"),
        ("generic", "REDIS_URL=redis://localhost:6379/0\n", "redis"),
    ] {
        let folder = folder();
        fs::write(folder.path().join(".env"), text).expect("a file can be written");
        let ran = run(folder.path(), &["init", "--app", app, "--from", ".env"]);
        let profile = fs::read_to_string(folder.path().join("security.toml")).unwrap_or_else(|_| panic!("{}", ran.err));
        let profile: toml::Table = profile.parse().expect("it is TOML");
        assert_eq!(profile["state"]["backend"].as_str(), Some(backend), "{app}: {text}{}", ran.out);
        let url = profile["state"].get("url").and_then(toml::Value::as_str);
        assert!(backend == "memory" || url == Some("env:REDIS_URL"), "{app}: {profile}");
    }
}

/// What the file says makes no finding of its own in the profile that is begun from it.
#[test]
fn a_profile_that_is_begun_from_a_file_says_what_the_file_does() {
    let text = "SMTP_HOST=mail.example.org\nSMTP_PORT=465\nAPP_KEY=base64:LIVE\nEMAIL_URL=smtp+tls://u:LIVE@mail.example.org\n";
    let text = text.replace("LIVE", &"k3Y9".repeat(10));
    let folder = folder();
    fs::write(folder.path().join(".env"), text).expect("a file can be written");
    let ran = run(folder.path(), &["init", "--from", ".env"]);
    let profile = fs::read_to_string(folder.path().join("security.toml")).unwrap_or_else(|_| panic!("{}", ran.err));
    let profile: toml::Table = profile.parse().expect("it is TOML");
    let smtp = &profile["email"]["smtp"];
    assert_eq!((smtp["port"].as_integer(), smtp["security"].as_str()), (Some(465), Some("implicit")));
    let secrets = profile["secrets"].as_table().expect("it is a table");
    let purposes: Vec<_> = secrets.iter().map(|(name, secret)| (name.as_str(), secret["purpose"].as_str())).collect();
    // The starter's own is none of the file's.
    assert_eq!(purposes, [("app_key", Some("encryption")), ("email_url", Some("api"))]);
}
