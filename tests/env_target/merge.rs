//! Into a file that people and other programs wrote in.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::support::{folder, run};
use super::{TODAY, example, read, render};

const SECRET: &str = "c0ffee-tr0ub4dor-and-so-on";

fn write(folder: &Path, text: impl AsRef<[u8]>) {
    fs::write(folder.join(".env"), text).expect("a file can be written");
}

#[test]
fn what_is_not_the_profiles_stays() {
    let folder = folder();
    example("instacrud", folder.path());
    let before = format!(
        "# ours since 2024\r\nDEEP_INFRA_KEY=\"${{HOME}}\"\r\nexport MODE = test # for now\r\n\r\nSECRET_KEY={SECRET}\r\n\
         CORS_ALLOW_ORIGINS=*\r\nMODE='test'\r\nBASE_URL=\"https://shop.example.com\"\r\nEMAIL_FROM_NAME=Shop"
    );
    write(folder.path(), &before);
    let ran = render(folder.path(), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let after = read(folder.path(), ".env");
    let kept = before
        .replace("export MODE = test # for now", "# for now\r\nMODE=prod")
        .replace("MODE='test'", "MODE=prod")
        .replace("CORS_ALLOW_ORIGINS=*", "CORS_ALLOW_ORIGINS=");
    assert!(after.starts_with(&kept), "{after}");
    assert!(after[kept.len()..].starts_with("\r\n\r\n# app.frontend_url\r\nFRONTEND_BASE_URL="), "{after}");
    assert!(!after.contains("\nBREVO_API_KEY="), "a secret that is not there is not made empty: {after}");
    assert!(!ran.out.contains(SECRET) && !ran.err.contains(SECRET));
    assert!(!ran.err.contains("missing: SECRET_KEY"), "{}", ran.err);
    assert!(ran.err.contains("missing: BREVO_API_KEY (email.api_key)"), "{}", ran.err);

    assert_eq!(render(folder.path(), &["--check"]).code, Some(0));
    let with_both = format!("{after}\r\nMONGO_URL_SECRET_KEY='{SECRET}'\r\n");
    write(folder.path(), &with_both);
    assert_eq!(render(folder.path(), &["--generate-secrets", "--replace-placeholders"]).code, Some(0));
    assert_eq!(read(folder.path(), ".env"), with_both, "secrets that are there stay");
}

#[test]
fn secrets_are_made_at_random_and_stay_in_the_file() {
    let keys = [(), ()].map(|()| {
        let folder = folder();
        example("generic", folder.path());
        write(folder.path(), "SECRET_KEY=\n");
        let ran = render(folder.path(), &["--generate-secrets"]);
        let text = read(folder.path(), ".env");
        let key = text.lines().find_map(|line| line.strip_prefix("SECRET_KEY=")).expect("it was made").to_owned();
        assert!(key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
        assert!(!ran.out.contains(&key) && !ran.err.contains(&key));
        assert!(ran.err.contains("missing: DATABASE_URL (database.url)"), "{}", ran.err);
        key
    });
    assert_ne!(keys[0], keys[1]);
    let folder = folder();
    example("generic", folder.path());
    for with in ["--stdout", "--check", "--diff", "--example"] {
        assert_eq!(render(folder.path(), &["--generate-secrets", with]).code, Some(2), "{with}");
    }
}

#[test]
fn nothing_shows_what_may_be_a_secret() {
    let folder = folder();
    example("instacrud", folder.path());
    let text = format!("# was {SECRET}\nSECRET_KEY={SECRET}\nMINE='{SECRET}\n{SECRET}'\nMODE={SECRET}\n{SECRET}\n");
    write(folder.path(), text);
    for (how, code) in [("--diff", 0), ("--check", 1), ("--stdout", 0)] {
        let ran = render(folder.path(), &[how]);
        assert_eq!(ran.code, Some(code), "{}", ran.err);
        assert!(ran.out.contains("MODE=") && ran.out.contains("EMAIL_CARRIER=brevo"), "{}", ran.out);
        assert!(!ran.out.contains("c0ffee") && !ran.err.contains("c0ffee"), "{}{}", ran.out, ran.err);
    }
}

#[test]
fn the_file_is_its_owners_alone_and_no_business_of_gits() {
    let folder = folder();
    let path = folder.path();
    example("generic", path);
    fs::create_dir(path.join(".git")).expect("a folder can be made");
    write(path, "SECRET_KEY=\n");
    fs::set_permissions(path.join(".env"), fs::Permissions::from_mode(0o644)).expect("it is ours");
    let ran = render(path, &["--generate-secrets"]);
    let mode = fs::metadata(path.join(".env")).map(|data| data.permissions().mode() & 0o777);
    assert_eq!(mode.ok(), Some(0o600));
    assert!(ran.err.contains("git would commit"), "{}", ran.err);
    fs::write(path.join(".gitignore"), ".env\n").expect("a file can be written");
    assert!(!render(path, &[]).err.contains("git would commit"));
}

#[test]
fn each_mode_has_its_file_and_its_example() {
    let folder = folder();
    example("instacrud", folder.path());
    for (args, name, says) in [
        (&[][..], ".env", "MODE=prod\n"),
        (&["--mode", "test"], ".env.test", "MODE=test\n"),
        (&["--example"], ".env.example", "SECRET_KEY=\n"),
        (&["--example", "--mode", "test"], ".env.test.example", "SECRET_KEY=\n"),
    ] {
        let ran = render(folder.path(), args);
        assert_eq!((ran.code, ran.out), (Some(0), format!("wrote {name}\n")), "{}", ran.err);
        assert!(read(folder.path(), name).contains(says), "{name}");
    }
    fs::write(folder.path().join(".env.example"), "# ours\nMINE=1\nSECRET_KEY=change-me\nMODE=test\n")
        .expect("a file can be written");
    assert_eq!(render(folder.path(), &["--example"]).code, Some(0));
    let merged = read(folder.path(), ".env.example");
    assert!(merged.starts_with("# ours\nMINE=1\nSECRET_KEY=change-me\nMODE=prod\n\n"), "{merged}");
    assert!(merged.contains("\nMONGO_URL=\n") && !merged.contains("Made by"), "{merged}");
    assert_eq!(render(folder.path(), &["--example", "--check"]).code, Some(0));
}

#[test]
fn a_file_that_cannot_be_merged_into_stays_what_it_was() {
    let folder = folder();
    example("instacrud", folder.path());
    let quote = format!("MODE=test\nSECRET_KEY='{SECRET}\nX=1\n").into_bytes();
    let bytes = [b"MODE=test\nSECRET_KEY=\xff", SECRET.as_bytes()].concat();
    for text in [quote, bytes] {
        write(folder.path(), &text);
        let ran = render(folder.path(), &[]);
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert!(ran.err.contains("RND001") && ran.err.contains("nothing was rendered"), "{}", ran.err);
        assert!(!ran.err.contains("tr0ub4dor"), "{}", ran.err);
        assert_eq!(fs::read(folder.path().join(".env")).ok(), Some(text));
    }
}

#[test]
fn a_long_value_is_a_value() {
    let folder = folder();
    example("instacrud", folder.path());
    let long = "x".repeat(1 << 20);
    write(folder.path(), format!("DEEP_INFRA_KEY={long}\nMODE={long}"));
    assert_eq!(render(folder.path(), &[]).code, Some(0));
    let after = read(folder.path(), ".env");
    assert!(after.starts_with(&format!("DEEP_INFRA_KEY={long}\nMODE=prod\n")), "{} bytes", after.len());
}

#[test]
fn what_has_no_form_is_refused_at_its_key() {
    for (change, says) in [
        (["env:GOOGLE_CLIENT_ID", "it's$5"], "python-dotenv"),
        (["env:SECRET_KEY", "env:JWT_KEY"], "which InstaCRUD does not read"),
    ] {
        let folder = folder();
        example("instacrud", folder.path());
        let profile = read(folder.path(), "security.toml").replace(change[0], change[1]);
        let profile = profile + "\n[targets.env]\nreaders = [\"pydantic-settings\", \"bash\"]\n";
        fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
        let ran = render(folder.path(), &[]);
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert!(ran.err.replace("\n        ", " ").contains(says), "{}", ran.err);
        assert!(!folder.path().join(".env").exists());
    }
}

/// Origins that nginx answers for: the rule advises what the file is given.
#[test]
fn the_help_is_what_is_rendered() {
    let folder = folder();
    example("fastcms", folder.path());
    for text in ["CORS_ORIGINS='[\"*\"]'\n", "CORS_ORIGINS=https://a.example\n"] {
        write(folder.path(), text);
        let checked = run(folder.path(), &["check", "--env-file", ".env", "--today", TODAY]);
        assert!(checked.out.contains("help: write `CORS_ORIGINS='[]'`"), "{}", checked.out);
        assert_eq!(render(folder.path(), &[]).code, Some(0));
        assert!(read(folder.path(), ".env").starts_with("CORS_ORIGINS='[]'\n"));
    }
}

#[test]
fn what_is_asked_of_no_target_is_refused() {
    let folder = folder();
    example("instacrud", folder.path());
    for (target, flag) in [("nginx", "--example"), ("nginx", "--generate-secrets"), ("env", "--standalone")] {
        let ran = run(folder.path(), &["render", "--target", target, flag, "--today", TODAY]);
        assert_eq!(ran.code, Some(2), "{flag}");
        assert!(ran.err.contains(&format!("{flag} is for --target ")), "{}", ran.err);
    }
}

#[test]
fn what_rendering_does_not_mend_is_told_of() {
    let folder = folder();
    example("instacrud", folder.path());
    let told = "`seccfg check security.toml --env-file .env` says what is wrong with the rest\n";
    for (rest, is_told) in [
        ("# fine\n", false),
        ("export DEEP_INFRA_KEY=1\n", false),
        ("DEEP_INFRA_KEY 1\n", true),
        ("EMAIL_DRIVER=file\n", true),
        ("SECRET_KEY=your-jwt-secret-key\n", true),
    ] {
        write(folder.path(), rest);
        let ran = render(folder.path(), &[]);
        assert_eq!((ran.code, ran.err.contains(told)), (Some(0), is_told), "{rest}{}", ran.err);
        let command = ["check", "security.toml", "--env-file", ".env", "--today", TODAY];
        let only = ["--only", "RND001", "--only", "RND002", "--only", "SEC003"];
        assert_eq!(run(folder.path(), &[&command[..], &only].concat()).code, Some(i32::from(is_told)), "{rest}");
    }
    write(folder.path(), "EMAIL_DRIVER=file\n");
    fs::copy(folder.path().join(".env"), folder.path().join(".env.test")).expect("a file can be copied");
    let ran = render(folder.path(), &["--mode", "test"]);
    assert!(ran.err.contains("`seccfg check security.toml --env-file test=.env.test` says"), "{}", ran.err);
}

#[test]
fn a_pack_that_is_wrong_renders_nothing() {
    for (row, says) in [
        ("A = { field = \"app.ulr\" }", "did you mean \"app.url\"?"),
        ("A = { field = \"app.url\" }\nA = { field = \"app.mode\" }", "duplicate key"),
        ("A = { field = \"cors.origins\", encoding = \"minutes\" }", "cannot hold"),
    ] {
        let folder = folder();
        let pack = format!("version = 1\ntitle = \"Mine\"\n[variables]\n{row}\n");
        fs::write(folder.path().join("mine.toml"), pack).expect("a file can be written");
        let profile = "version = 1\n[app]\nname = \"shop\"\nkind = \"./mine.toml\"\nmode = \"dev\"\n";
        fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
        let ran = render(folder.path(), &[]);
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        assert!(ran.err.contains(says), "{}", ran.err);
        assert!(!folder.path().join(".env").exists());
    }
}

/// Nobody has to look for a key that there never was.
#[test]
fn a_key_before_the_first_rotation_is_said_to_be_written_by_it() {
    let folder = folder();
    let profile = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n\
        [secrets.signing]\nsource = \"env:SIGNING_KEY\"\nprevious = \"env:OLD_KEY\"\n";
    fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
    let ran = render(folder.path(), &[]);
    let told = "missing: OLD_KEY (secrets.signing.previous): write what this secret was before the current one; before the first \
                rotation there is none, and `seccfg rotate signing` writes it";
    assert!(ran.code == Some(0) && ran.err.contains(told), "{}", ran.err);
}

#[test]
fn of_an_unknown_app_only_the_references_are_known() {
    let folder = folder();
    example("generic", folder.path());
    let ran = render(folder.path(), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("only the secrets that the profile refers to"), "{}", ran.err);
    assert!(ran.err.contains("missing: SECRET_KEY (secrets.secret_key.source): write what `openssl"), "{}", ran.err);
    assert!(!folder.path().join(".env").exists(), "there is nothing to write yet");
}

/// The edge answers CORS, and drops what the app sends of it: the app's own list may be empty, or as the profile has it.
#[test]
fn what_a_check_takes_is_not_rewritten() {
    let folder = folder();
    let pack = "version = 1\ntitle = \"Mine\"\nother_controls = \"unknown\"\n[variables]\n\
                SECRET_KEY = { field = \"secrets.secret_key.source\" }\nCORS_ORIGINS = { field = \"cors.origins\", encoding = \"csv\" }\n";
    fs::write(folder.path().join("mine.toml"), pack).expect("a file can be written");
    let profile = "version = 1\n[app]\nname = \"shop\"\nkind = \"./mine.toml\"\nmode = \"dev\"\n\
                   [secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n[cors]\norigins = [\"https://a.example\", \"https://b.example\"]\n";
    fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
    let check = || run(folder.path(), &["check", "--env-file", ".env", "--only", "RND003"]).out;
    for (value, is_taken) in [
        ("https://a.example,https://b.example", true),
        ("", true),
        ("https://a.example", false),
        ("https://a.example,https://b.example,https://c.example", false),
    ] {
        let text = format!("SECRET_KEY={SECRET}\nCORS_ORIGINS={value}\n");
        write(folder.path(), &text);
        assert_eq!(!check().contains("RND003"), is_taken, "{value}: {}", check());
        assert_eq!(render(folder.path(), &[]).code, Some(0));
        let after = if is_taken { text } else { format!("SECRET_KEY={SECRET}\nCORS_ORIGINS=\n") };
        assert_eq!(read(folder.path(), ".env"), after);
        assert!(!check().contains("RND003"), "{}", check());
    }
}
