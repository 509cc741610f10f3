//! `seccfg rotate`: five steps with the clock told, every refusal, and a death at every write.

#![cfg(unix)]

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use seccfg::dotenv::Document;
use seccfg::source::Source;
use support::deaths::{Fate, at_each_call};
use support::{Ran, folder, run};

/// An app that reads two keys.
const PACK: &str = "version = 1\ntitle = \"Shop\"\nprevious_keys = \"setting\"\n\
    [variables]\nSECRET_KEY = { field = \"secrets.secret_key.source\" }\n\
    SECRET_KEY_PREVIOUS = { field = \"secrets.secret_key.previous\" }\n";

const PROFILE: &str = "version = 1 # kept\n\n[app]\nname = \"shop\"\nkind = \"./shop.toml\"\n\n\
    [tokens]\nrefresh_ttl = \"30d\"\n\n\
    [secrets.secret_key] # the key that signs\nsource = \"env:SECRET_KEY\"\nrotated_at = 2026-01-05 # by hand\nrotate_every = \"90d\"\n";

const FIRST: &str = "2026-12-01";

/// A key of this run alone.
fn made_up(letter: char) -> String {
    letter.to_string().repeat(40) + &std::process::id().to_string()
}

fn prepared(profile: &str, env: &str) -> tempfile::TempDir {
    let folder = folder();
    for (name, text) in [("shop.toml", PACK), ("security.toml", profile), (".env", env)] {
        fs::write(folder.path().join(name), text).expect("a file can be written");
    }
    folder
}

fn rotate(folder: &Path, today: &str, further: &[&str]) -> Ran {
    run(folder, &[&["rotate", "secret_key", "--today", today], further].concat())
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_default()
}

/// The variables of the folder's `.env`.
fn variables(folder: &Path) -> BTreeMap<String, String> {
    let source = Source::new(".env", text(folder, ".env"));
    let document = Document::parse(&source);
    document.entries().iter().map(|entry| (entry.name.to_owned(), entry.value.expose().to_owned())).collect()
}

#[test]
fn a_rotation_runs_through_its_steps_and_shows_no_key() {
    let old = made_up('a');
    let folder = prepared(PROFILE, &format!("# ours\nA=1\nSECRET_KEY={old}\nB=2\n"));
    let path = folder.path();

    let ran = rotate(path, FIRST, &["--dry-run"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(ran.out.starts_with("would replace secret_key: a new key in `SECRET_KEY`"), "{}", ran.out);
    assert_eq!((text(path, "security.toml").as_str(), variables(path)["SECRET_KEY"].as_str()), (PROFILE, old.as_str()));

    // 1 to 3: the old key moves, a new one is made, and both are to be deployed.
    let ran = rotate(path, FIRST, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(ran.out.contains("has to stay until 2026-12-31"), "{}", ran.out);
    let after = variables(path);
    let new = &after["SECRET_KEY"];
    assert_eq!(
        (after["SECRET_KEY_PREVIOUS"].as_str(), new.len(), after["A"].as_str(), after["B"].as_str()),
        (old.as_str(), 64, "1", "2")
    );
    assert!(!ran.out.contains(new.as_str()) && !ran.out.contains(&old), "{}", ran.out);
    assert_eq!(
        text(path, "security.toml"),
        PROFILE.replace("rotated_at = 2026-01-05 # by hand\n", "rotated_at = 2026-12-01 # by hand\n")
            + "previous = \"env:SECRET_KEY_PREVIOUS\"\n"
    );
    let mode = fs::metadata(path.join(".env")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // 4: until the last token has ended, nothing is done.
    for today in [FIRST, "2026-12-31"] {
        let before = (text(path, ".env"), text(path, "security.toml"));
        let ran = rotate(path, today, &[]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
        assert!(
            ran.err.contains("has to stay until 2026-12-31") && ran.err.ends_with("nothing was changed\n"),
            "{}",
            ran.err
        );
        assert_eq!(before, (text(path, ".env"), text(path, "security.toml")));
    }
    let told = |today: &str| run(path, &["check", "--only", "ROT003", "--today", today]).code;
    assert_eq!((told("2026-12-31"), told("2027-01-01")), (Some(0), Some(0)));
    let told = run(path, &["check", "--only", "ROT003", "--deny-warnings", "--today", "2027-01-01"]);
    assert_eq!(told.code, Some(1), "{}", told.out);

    // 5: then the old key goes.
    let ran = rotate(path, "2027-01-01", &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let last = variables(path);
    assert_eq!((last["SECRET_KEY"].as_str(), last.get("SECRET_KEY_PREVIOUS")), (new.as_str(), None));
    assert!(!text(path, "security.toml").contains("previous"));
    assert_eq!(text(path, ".env"), format!("# ours\nA=1\nSECRET_KEY={new}\nB=2\n"), "no comment is left behind");
    // And another rotation may begin.
    assert_eq!(rotate(path, "2027-01-02", &[]).code, Some(0));
    assert_eq!(&variables(path)["SECRET_KEY_PREVIOUS"], new);
}

/// The example, in the release whose pages describe the rotation, with keys of this run.
#[test]
fn fastcms_runs_through_the_five_steps_of_its_pages() {
    let example = support::root().join("examples/fastcms/security.toml");
    let example = fs::read_to_string(example).expect("the example is there");
    let profile = example.replace("release = \"2025-12\"", "release = \"pages-2026\"");
    assert_ne!(profile, example);
    let old = made_up('g');
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("security.toml"), &profile).expect("a file can be written");
    fs::write(path.join(".env"), format!("ENVIRONMENT=production\nSECRET_KEY={old}\n")).expect("a file can be written");
    let rotation = |today: &str| {
        let told = run(path, &["check", "--only", "ROT001", "--only", "ROT003", "--deny-warnings", "--today", today]);
        (told.code, rotate(path, today, &[]))
    };
    // The example's key was made on the 1st of November, for 90 days: the schedule says when it is time.
    assert_eq!(run(path, &["check", "--only", "ROT001", "--deny-warnings", "--today", "2027-01-30"]).code, Some(0));
    let (overdue, first) = rotation("2027-01-31");
    assert_eq!((overdue, first.code), (Some(1), Some(0)), "{}", first.err);
    // 1, 2 and 3: the old key moves, a new one is made, both are deployed. 4: seven days, because a refresh token lives so
    // long.
    let keys = variables(path);
    assert_eq!((keys["SECRET_KEY_PREVIOUS"].as_str(), keys["SECRET_KEY"].len()), (old.as_str(), 64));
    assert!(first.out.contains("has to stay until 2027-02-07"), "{}", first.out);
    let written = text(path, "security.toml");
    assert!(written.contains("rotated_at = 2027-01-31") && written.contains("previous = \"env:SECRET_KEY_PREVIOUS\""));
    for today in ["2027-02-01", "2027-02-07"] {
        let (told, again) = rotation(today);
        assert_eq!((told, again.code), (Some(0), Some(1)), "{today}: {}", again.err);
    }
    // 5: the old key goes.
    let (told, last) = rotation("2027-02-08");
    assert_eq!((told, last.code), (Some(1), Some(0)), "{}", last.err);
    assert!(
        !variables(path).contains_key("SECRET_KEY_PREVIOUS") && variables(path)["SECRET_KEY"] == keys["SECRET_KEY"]
    );
    let written = text(path, "security.toml");
    assert_eq!(written, profile.replace("rotated_at = 2026-11-01", "rotated_at = 2027-01-31"));
    // The release whose code was read takes one key at a time.
    fs::write(path.join("security.toml"), &example).expect("a file can be written");
    let refused = rotate(path, "2027-02-08", &[]);
    assert!(refused.code == Some(1) && refused.err.contains("FastCMS accepts one key at a time"), "{}", refused.err);
}

/// Each line: what the profile has in place of something, what the file holds, what is told.
#[test]
fn what_cannot_be_rotated_is_told_with_what_to_do() {
    let key = made_up('b');
    let file = format!("SECRET_KEY={key}\n");
    let both = format!("{file}SECRET_KEY_PREVIOUS={}\n", made_up('d'));
    let made_of_it = format!("{file}LINK=https://example.com/${{SECRET_KEY}}\n");
    let cases: [(&str, &str, &str, &str); 15] = [
        ("purpose", "purpose = \"encryption\"", &file, "encrypts what is stored"),
        ("purpose", "purpose = \"database\"", &file, "the database has to know the new one"),
        ("purpose", "purpose = \"api\"", &file, "the service that it opens has to know"),
        ("source", "source = \"file:/run/secrets/key\"", &file, "is kept in /run/secrets/key"),
        ("refresh_ttl", "algorithms = [\"HS256\"]", &file, "nothing says how long the tokens live"),
        ("refresh_ttl", "algorithms = [\"RS256\"]\nrefresh_ttl = \"30d\"", &file, "signs by RS256"),
        ("purpose", "", "", "has no value for `SECRET_KEY`"),
        ("purpose", "", "SECRET_KEY=\n", "has no value for `SECRET_KEY`"),
        ("purpose", "", "SECRET_KEY=one\nSECRET_KEY=two\n", "has several values, the last one in .env line 2"),
        ("purpose", "", "SECRET_KEY=$one\n", ".env line 1: "),
        ("purpose", "", "SECRET_KEY='a\n", ".env line 1: "),
        ("purpose", "previous = \"env:SECRET_KEY_PREVIOUS\"", &file, "and `SECRET_KEY_PREVIOUS` has no value"),
        ("rotated_at", "previous = \"env:SECRET_KEY_PREVIOUS\"", &both, "has a `previous` and no `rotated_at`"),
        ("purpose", "", &made_of_it, "`LINK` in .env line 2 is made of `SECRET_KEY`, and would change with it"),
        ("rotated_at", "rotated_at = 2026-11-10", &file, "is 2026-11-10, a day that is still to come"),
    ];
    for (place, line, env, told) in cases {
        let kept = PROFILE.split_inclusive('\n').filter(|one| !one.starts_with(place));
        let mut profile: String = kept.collect();
        let section = if place == "refresh_ttl" { "[tokens]" } else { "[secrets.secret_key] # the key that signs" };
        profile = profile.replace(section, &format!("{section}\n{line}"));
        let folder = prepared(&profile, env);
        let ran = rotate(folder.path(), "2026-01-10", &[]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{line} {env}: {}", ran.err);
        assert!(ran.err.contains(told) && ran.err.contains("help: "), "{line} {env}: {}", ran.err);
        assert!(!ran.err.contains(&key), "{}", ran.err);
        assert_eq!((text(folder.path(), "security.toml"), text(folder.path(), ".env").as_str()), (profile, env));
    }
    let folder = prepared(PROFILE, &file);
    let ran = run(folder.path(), &["rotate", "secret_kye"]);
    assert!(ran.code == Some(2) && ran.err.contains("did you mean `secret_key`?"), "{}", ran.err);
    fs::remove_file(folder.path().join(".env")).expect("it is ours");
    assert_eq!(rotate(folder.path(), FIRST, &[]).code, Some(2));
}

/// A key that stands in two variables is replaced in its own; of the other it is said that it was not.
/// Of several files, the last one that has the key is the one in use.
#[test]
fn a_key_in_a_file_that_counts_later_is_the_one_in_use() {
    let (old, wins) = (made_up('a'), made_up('b'));
    let listed = format!("{PROFILE}\n[targets.env]\nfiles = [\".env\", \".env.local\"]\n");
    let alone = format!("{PROFILE}\n[targets.env]\nfiles = [\".env\"]\n");
    let local = format!("SECRET_KEY={wins}\n");
    for (profile, more, file, code, told) in [
        (listed.as_str(), local.as_str(), ".env", 1, "counts after .env: a new key in .env would not be used"),
        (PROFILE, &local, ".env", 1, "many readers take what it says before what .env says"),
        // Somebody said what is read.
        (&alone, &local, ".env", 0, ""),
        (&listed, &local, ".env.local", 0, ""),
        // Without the key it is nobody's business.
        (&listed, "OTHER=1\n", ".env", 0, ""),
        (PROFILE, "#SECRET_KEY=x\n", ".env", 0, ""),
    ] {
        let folder = prepared(profile, &format!("SECRET_KEY={old}\n"));
        let path = folder.path();
        fs::write(path.join(".env.local"), more).expect("a file can be written");
        let before = (text(path, ".env"), text(path, "security.toml"));
        let ran = rotate(path, FIRST, &["--env-file", file]);
        assert_eq!(ran.code, Some(code), "{file} {profile}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(told) && !ran.err.contains(&wins), "{}", ran.err);
        if code == 1 {
            assert!(ran.err.contains("--env-file .env.local"), "{}", ran.err);
            assert_eq!((text(path, ".env"), text(path, "security.toml")), before);
        } else {
            assert!(text(path, file).contains("SECRET_KEY_PREVIOUS="), "{}", text(path, file));
        }
    }
    // Found by itself, too.
    let folder = prepared(PROFILE, &format!("SECRET_KEY={old}\n"));
    fs::write(folder.path().join(".env.local"), &local).expect("a file can be written");
    let ran = rotate(folder.path(), FIRST, &[]);
    assert!(ran.code == Some(1) && ran.err.contains("--env-file .env.local"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_copy_of_the_key_is_told() {
    let key = made_up('e');
    let folder = prepared(PROFILE, &format!("JWT_SECRET='{key}'\nSECRET_KEY={key}\nSECRET_KEYS=${{SECRET_KEYRING}}\n"));
    for further in [&["--dry-run"][..], &[]] {
        let ran = rotate(folder.path(), FIRST, further);
        let told = "not replaced: `JWT_SECRET` in .env line 1. It holds the key that was in `SECRET_KEY`, too";
        assert!(ran.code == Some(0) && ran.out.contains(told), "{}{}", ran.out, ran.err);
        assert!(!ran.out.contains(&key), "{}", ran.out);
    }
    assert_eq!(variables(folder.path())["JWT_SECRET"], key);
}

/// The profile of any app has to name the variable before there is a previous key.
#[test]
fn a_variable_that_is_only_named_gets_the_first_key_that_is_replaced() {
    let key = made_up('e');
    let undated: String = PROFILE.split_inclusive('\n').filter(|line| !line.starts_with("rotated_at")).collect();
    let profile = undated + "previous = \"env:SECRET_KEY_PREVIOUS\"\n";
    let folder = prepared(&profile, &format!("SECRET_KEY={key}\n"));
    let ran = rotate(folder.path(), FIRST, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let after = variables(folder.path());
    assert!(after["SECRET_KEY_PREVIOUS"] == key && after["SECRET_KEY"] != key);
    let written = text(folder.path(), "security.toml");
    assert!(written.contains("rotated_at = 2026-12-01") && written.matches("previous").count() == 1, "{written}");
}

/// What somebody reads who follows the help from the first line to the last: the key is replaced, and nothing asks for a key
/// before it that there never was.
#[test]
fn the_first_rotation_of_a_key_with_a_day_makes_a_new_key() {
    let key = made_up('e');
    let named = PROFILE.to_owned() + "previous = \"env:SECRET_KEY_PREVIOUS\"\n";
    let generic = |profile: &str| profile.replace("kind = \"./shop.toml\"", "kind = \"generic\"");
    let without_schedule = generic(&named).replace("rotate_every = \"90d\"\n", "");
    let quick = named.replace("\"90d\"", "\"7d\"");
    for (profile, today) in [
        (named.clone(), FIRST),
        (generic(&named), FIRST),
        // Not overdue: nobody but the profile knows the variable, so that the end of a rotation would lead nowhere.
        (generic(&named), "2026-02-05"),
        (without_schedule, FIRST),
        // On the day by which it is to be replaced, on the day on which it was made, and while a token may be older.
        (named.clone(), "2026-04-05"),
        (named.clone(), "2026-01-05"),
        (quick, "2026-01-12"),
    ] {
        for beside in ["", "SECRET_KEY_PREVIOUS=\n"] {
            let folder = prepared(&profile, &format!("SECRET_KEY={key}\n{beside}"));
            let path = folder.path();
            if today == FIRST {
                let asked = ["SEC010", "ROT002", "ROT003"].map(|code| ["--only", code]).concat();
                let args = [
                    &["check", "--env-file", ".env", "--mode", "prod", "--deny-warnings", "--today", today],
                    &asked[..],
                ]
                .concat();
                let checked = run(path, &args);
                assert_eq!(checked.code, Some(0), "{today} {profile}: {}", checked.out);
            }
            let ran = rotate(path, today, &[]);
            assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{today} {profile}");
            assert!(ran.out.contains("deploy both keys now") && !ran.out.contains("complete"), "{}", ran.out);
            let after = variables(path);
            assert!(after["SECRET_KEY_PREVIOUS"] == key && after["SECRET_KEY"].len() == 64, "{today} {profile}");
            let written = text(path, "security.toml");
            assert!(written.contains(&format!("rotated_at = {today}")), "{written}");
            assert_eq!(written.matches("previous").count(), 1, "{written}");
        }
    }
}

/// A `previous` that is left where its variable has gone is taken away, and nothing says that a key was replaced.
#[test]
fn no_rotation_is_called_complete_where_no_key_changed() {
    let key = made_up('e');
    let env = format!("SECRET_KEY={key}\n");
    let named = PROFILE.to_owned() + "previous = \"env:SECRET_KEY_PREVIOUS\"\n";
    let folder = prepared(&named, &env);
    let ran = rotate(folder.path(), "2026-02-05", &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let told = "no key was changed: the app accepts the current one alone, which was made on 2026-01-05; it is to be replaced by \
                2026-04-05. To make a new one now, run `seccfg rotate secret_key` again";
    assert!(ran.out.contains(told) && !ran.out.contains("complete"), "{}", ran.out);
    assert_eq!((text(folder.path(), ".env"), text(folder.path(), "security.toml").as_str()), (env, PROFILE));
    assert_eq!(rotate(folder.path(), "2026-02-05", &[]).code, Some(0));
    assert_eq!(variables(folder.path())["SECRET_KEY_PREVIOUS"], key);
}

/// A key that is in use in another form is none that can be replaced, and one that somebody left is none of the last rotation.
#[test]
fn a_key_that_is_elsewhere_or_was_left_is_asked_about() {
    let (key, other) = (made_up('f'), made_up('g'));
    for (more, says) in [
        (format!("SECRET_KEY: {other}\n"), "some readers take .env line 2 for a value of `SECRET_KEY`, too"),
        (
            format!("SECRET_KEY_PREVIOUS: {other}\n"),
            "some readers take .env line 2 for a value of `SECRET_KEY_PREVIOUS`, too",
        ),
        (
            "SECRET_KEY_FILE=/run/secrets/key\n".to_owned(),
            "`SECRET_KEY_FILE` in .env line 2 says in which file `SECRET_KEY` is",
        ),
        (
            format!("SECRET_KEY_PREVIOUS={other}\n"),
            "`SECRET_KEY_PREVIOUS` holds a key, and the profile says nothing of it",
        ),
    ] {
        let env = format!("SECRET_KEY={key}\n{more}");
        let folder = prepared(PROFILE, &env);
        let ran = rotate(folder.path(), "2026-05-01", &[]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{more}");
        assert!(ran.err.contains(says) && !ran.err.contains(&key) && !ran.err.contains(&other), "{}", ran.err);
        assert_eq!((text(folder.path(), ".env"), text(folder.path(), "security.toml").as_str()), (env, PROFILE));
    }
    // An empty place for the key is no such thing.
    let folder = prepared(PROFILE, &format!("SECRET_KEY={key}\nSECRET_KEY_PREVIOUS=\n"));
    assert_eq!(rotate(folder.path(), "2026-05-01", &[]).code, Some(0));
    assert_eq!(variables(folder.path())["SECRET_KEY_PREVIOUS"], key);
}

/// What is told of a key that is dated a few days ago leads to a new key.
#[test]
fn a_first_key_of_late_is_replaced_as_the_refusal_says() {
    let key = made_up('e');
    let named = PROFILE.to_owned() + "previous = \"env:SECRET_KEY_PREVIOUS\"\n";
    let folder = prepared(&named, &format!("SECRET_KEY={key}\n"));
    let path = folder.path();
    let ran = rotate(path, "2026-01-10", &[]);
    assert!(ran.code == Some(1) && ran.err.contains("take `rotated_at` away and run this again"), "{}", ran.err);
    let undated: String = named.split_inclusive('\n').filter(|line| !line.starts_with("rotated_at")).collect();
    fs::write(path.join("security.toml"), undated).expect("a file can be written");
    assert_eq!(rotate(path, "2026-01-10", &[]).code, Some(0));
    assert_eq!(variables(path)["SECRET_KEY_PREVIOUS"], key);
    assert!(text(path, "security.toml").contains("rotated_at = 2026-01-10"));
}

#[test]
fn an_app_with_one_key_is_asked_about_before_everyone_is_signed_out() {
    let key = made_up('c');
    let folder = prepared(PROFILE, &format!("SECRET_KEY={key}\n"));
    let pack = PACK.replace("\"setting\"", "\"nothing\"");
    fs::write(folder.path().join("shop.toml"), pack).expect("a file can be written");
    let ran = rotate(folder.path(), FIRST, &[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("signs everyone out") && ran.err.contains("--sign-everyone-out"), "{}", ran.err);
    let ran = rotate(folder.path(), FIRST, &["--sign-everyone-out"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let after = variables(folder.path());
    assert!(after.len() == 1 && after["SECRET_KEY"].len() == 64 && after["SECRET_KEY"] != key);
    assert!(text(folder.path(), "security.toml").contains("rotated_at = 2026-12-01"));
}

#[test]
fn the_layer_that_names_the_secret_gets_the_day() {
    let key = made_up('d');
    let overlay = "[modes.staging.secrets.secret_key]\nsource = \"env:STAGING_KEY\"\nprevious = \"env:STAGING_KEY_OLD\"\nrotated_at = 2026-01-05\n";
    let profile = format!("{PROFILE}\n{overlay}");
    let folder = prepared(&profile, "");
    let old = made_up('e');
    let env = format!("STAGING_KEY={key}\nSTAGING_KEY_OLD={old}\n");
    fs::write(folder.path().join(".env.staging"), env).expect("a file can be written");
    let ran = rotate(folder.path(), FIRST, &["--mode", "staging"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "the old one goes first");
    assert!(!text(folder.path(), "security.toml").contains("previous"));
    assert_eq!(text(folder.path(), ".env.staging"), format!("STAGING_KEY={key}\n"));
}

/// What stands in the way is told at once: of the profile, of the file, and in the file of every line.
#[test]
fn everything_that_stands_in_the_way_is_told_at_once() {
    let refusals = |profile: &str, env: &str| {
        let folder = prepared(profile, env);
        let ran = rotate(folder.path(), "2026-01-10", &[]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{}", ran.err);
        assert!(ran.err.matches("nothing was changed").count() == 1 && ran.err.ends_with("nothing was changed\n"));
        ran.err
    };
    let told = |told: &str, parts: &[&str]| {
        for part in parts {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert_eq!(told.matches("help: ").count(), parts.len(), "{told}");
    };
    let endless = PROFILE.replace("[tokens]\nrefresh_ttl = \"30d\"\n", "");
    told(
        &refusals(&endless, "SECRET_KEY=one\nSECRET_KEY=two\n"),
        &["has several values", "nothing says how long the tokens live"],
    );
    told(&refusals(&endless, ""), &["has no value for `SECRET_KEY`", "nothing says how long the tokens live"]);
    told(
        &refusals(PROFILE, "SECRET_KEY=$one\nB=2\nSECRET_KEY_PREVIOUS=$two\nC='open\n"),
        &[".env line 1: ", ".env line 3: ", ".env line 4: "],
    );
    let encrypting = endless.replace("[secrets.secret_key] # the key that signs\nsource = \"env:SECRET_KEY\"",
        "[tokens]\nalgorithms = [\"RS256\"]\n[secrets.secret_key]\npurpose = \"encryption\"\nsource = \"file:/run/secrets/key\"");
    told(&refusals(&encrypting, ""), &["encrypts what is stored", "signs by RS256", "is kept in /run/secrets/key"]);
}

/// A run that is killed again and again, at every call by which it changes a file: of each kind at least so many come for two
/// files.
fn killed(args: &[&str], prepared: impl Fn() -> tempfile::TempDir, mut look: impl FnMut(&Path, &str, bool)) {
    let mut deaths = BTreeMap::new();
    at_each_call(args, Fate::Death, prepared, |path, place, ended| {
        look(path, place, ended);
        let call = place.split([',', ' ']).next().unwrap_or_default().to_owned();
        *deaths.entry(call).or_insert(0) += u32::from(!ended);
    });
    for call in ["openat", "write", "fsync", "rename"] {
        assert!(deaths.get(call).is_some_and(|deaths| *deaths >= 2), "{call}: {deaths:?}");
    }
}

/// The next run of a rotation that was killed: nothing is left to do where it `is_done`, and both keys are where they belong.
fn is_brought_to_its_end(path: &Path, old: &str, is_done: bool, place: &str) {
    let ran = rotate(path, FIRST, &[]);
    assert_eq!(ran.code, Some(i32::from(is_done)), "{place}: {}{}", ran.out, ran.err);
    let file = variables(path);
    assert!(file["SECRET_KEY_PREVIOUS"] == old && file["SECRET_KEY"].len() == 64, "{place}");
    assert!(text(path, "security.toml").contains("rotated_at = 2026-12-01"), "{place}");
}

/// Whatever a run did when it was killed, no key is lost, and the next run brings the rotation to its end.
#[test]
fn a_death_at_any_write_loses_no_key() {
    let old = made_up('f');
    let prepared = || prepared(PROFILE, &format!("SECRET_KEY={old}\n"));
    killed(&["rotate", "secret_key", "--today", FIRST], prepared, |path, place, ended| {
        let file = variables(path);
        let keys: Vec<&String> =
            [file.get("SECRET_KEY"), file.get("SECRET_KEY_PREVIOUS")].into_iter().flatten().collect();
        assert!(keys.contains(&&old), "{place}: the old key is lost");
        assert!(keys.len() == 1 || *keys[1] == old, "{place}");
        let profile = text(path, "security.toml");
        assert!(profile == PROFILE || profile.contains("previous = \"env:SECRET_KEY_PREVIOUS\""), "{place}");
        if ended {
            return;
        }
        is_brought_to_its_end(path, &old, profile != PROFILE, place);
    });
}

/// The same where the profile names the variable before there is a key in it: no run takes the old key away that another one
/// has just moved there.
#[test]
fn a_death_in_a_first_rotation_loses_no_key() {
    let old = made_up('f');
    let named = PROFILE.to_owned() + "previous = \"env:SECRET_KEY_PREVIOUS\"\n";
    let prepared = || prepared(&named, &format!("SECRET_KEY={old}\n"));
    killed(&["rotate", "secret_key", "--today", FIRST], prepared, |path, place, ended| {
        let is_done = variables(path).get("SECRET_KEY_PREVIOUS") == Some(&old);
        assert!(is_done || variables(path)["SECRET_KEY"] == old, "{place}: the old key is lost");
        let is_dated = text(path, "security.toml").contains("rotated_at = 2026-12-01");
        assert!(is_dated || !is_done, "{place}: the next run would take the old key away");
        if ended {
            return;
        }
        is_brought_to_its_end(path, &old, is_done, place);
    });
}

/// The same where the old key goes: the new one stays, and no file says that there is no old key while the other holds it.
#[test]
fn a_death_while_the_old_key_goes_loses_no_key() {
    const LAST: &str = "2027-01-01";
    let (old, new) = (made_up('g'), made_up('h'));
    let profile = PROFILE.replace("2026-01-05", FIRST) + "previous = \"env:SECRET_KEY_PREVIOUS\"\n";
    let prepared = || prepared(&profile, &format!("SECRET_KEY={new}\nSECRET_KEY_PREVIOUS={old}\n"));
    killed(&["rotate", "secret_key", "--today", LAST], prepared, |path, place, ended| {
        let file = variables(path);
        assert_eq!(file.get("SECRET_KEY"), Some(&new), "{place}: the key is lost");
        let (is_kept, is_recorded) = (file.contains_key("SECRET_KEY_PREVIOUS"), text(path, "security.toml") == profile);
        assert!(is_recorded || !is_kept, "{place}: the profile says that the old key is gone, and it is there");
        if !ended && is_recorded {
            let ran = rotate(path, LAST, &[]);
            assert_eq!(ran.code, Some(0), "{place}: {}{}", ran.out, ran.err);
        }
        assert_eq!(text(path, ".env"), format!("SECRET_KEY={new}\n"), "{place}");
        assert_eq!(text(path, "security.toml"), PROFILE.replace("2026-01-05", FIRST), "{place}");
    });
}
