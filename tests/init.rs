//! `seccfg init`: a profile to begin with, and what is wrong with what is there today.

mod support;

use std::fs;

use seccfg::check::{Modes, Options, check};
use seccfg::finding::Severity;
use seccfg::init::starter;
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
        let text = starter(&AppKind::Known(kind));
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
        "`MODE` is `test`, where the profile asks for `prod`",
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

#[test]
fn what_cannot_be_read_is_left_out_and_told() {
    let folder = folder();
    let text = "CORS_ORIGINS=[https://a.example]\nBASE_URL=https://u:p4ss@a.example\nDEBUG=$DEBUG\n\
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
    assert_eq!(last(&["init"]), format!("{examples} app.url, email.from, email.smtp.host"));
    let text = "BASE_URL=https://crm.acme.dev\nCORS_ALLOW_ORIGINS=https://crm.acme.dev\n";
    fs::write(folder.path().join(".env"), text).expect("a file can be written");
    let filled = ["init", "--app", "instacrud", "--from", ".env", "--out", "filled.toml"];
    assert_eq!(last(&filled), format!("{examples} email.from"));
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
