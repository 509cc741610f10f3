//! What a finding says of where values stand: it names every place of one fault, no fault is told twice, and a waiver of one hides
//! no other.

use serde_json::Value;

use super::support::{folder, run};
use super::{messages, strong, told, write};

const SHOP: &str =
    "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"prod\"\nurl = \"https://shop.example.com\"\n";

/// What one rule tells, as JSON.
fn of_rule(path: &std::path::Path, file: &str, code: &str) -> Vec<Value> {
    let ran = run(path, &["check", "--format", "json", "--env-file", file, "--only", code]);
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("it is JSON: {}{}", ran.out, ran.err));
    report["findings"].as_array().cloned().unwrap_or_default()
}

/// The texts in which a place has one.
fn places(finding: &Value) -> Vec<(String, u64)> {
    let labels = finding["labels"].as_array().into_iter().flatten();
    let place = |one: &Value| {
        let line = one["span"]["start"]["line"].as_u64().unwrap_or_default();
        (one["file"].as_str().unwrap_or_default().to_owned(), line)
    };
    std::iter::once(finding).chain(labels).map(place).collect()
}

/// A Redis beside the app may do without TLS, and never without a password.
#[test]
fn what_is_accepted_of_a_redis_hides_no_missing_password() {
    let folder = folder();
    let path = folder.path();
    let waived = |key: &str| {
        format!(
            "{SHOP}[state]\nbackend = \"redis\"\nurl = \"env:REDIS_URL\"\n[[waivers]]\nrule = \"STA003\"\nkey = \"{key}\"\n\
             reason = \"both run on one machine, on a network of their own\"\nexpires = 2027-01-31\n"
        )
    };
    let password = strong('1');
    let told = |url: &str| {
        write(path, ".env", &format!("REDIS_URL={url}\n"));
        let found = of_rule(path, ".env", "STA003");
        found.iter().map(|one| one["message"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    write(path, "security.toml", &waived("state.url"));
    let open = ["Redis on another host is reached without a password"];
    assert_eq!(told("redis://redis:6379/0"), open);
    assert_eq!(told("rediss://redis:6379/0"), open);
    assert_eq!(told(&format!("redis://:{password}@redis:6379/0")), [""; 0]);
    write(path, "security.toml", &waived("state.backend"));
    assert_eq!(told("redis://redis:6379/0"), ["Redis on another host is reached without TLS"]);
    write(path, "security.toml", &format!("{SHOP}[state]\nbackend = \"redis\"\nurl = \"env:REDIS_URL\"\n"));
    assert_eq!(told("redis://redis:6379/0"), ["Redis on another host is reached without a password and without TLS"]);
    // The help on a connection between containers says by which key it is accepted.
    write(path, "compose.yaml", "services:\n  shop:\n    environment: {REDIS_URL: \"redis://redis:6379/0\"}\n");
    let help = of_rule(path, "compose.yaml", "STA003")[0]["help"].as_str().unwrap_or_default().to_owned();
    assert!(help.contains("the missing TLS") && help.contains("`key = \"state.url\"`"), "{help}");
}

/// A variable that does nothing is told once, with the profile's line that refers to it.
#[test]
fn a_knob_that_does_nothing_is_told_once() {
    let folder = folder();
    let path = folder.path();
    let profile = SHOP.replace("generic", "fastcms");
    let secret = "[secrets.admin]\nsource = \"env:ADMIN_PASSWORD\"\npurpose = \"admin\"\n";
    write(path, "security.toml", &format!("{profile}{secret}"));
    write(path, ".env", &format!("ADMIN_PASSWORD={}\n", strong('1')));
    let found = of_rule(path, ".env", "RAT005");
    let [one] = &found[..] else { panic!("{found:#?}") };
    assert_eq!(places(one), [(".env".to_owned(), 1), ("security.toml".to_owned(), 8)], "{one:#}");
    assert!(one["help"].as_str().is_some_and(|help| help.contains("take `[secrets.admin]` out")), "{one:#}");
    // Of one that stands in one place alone, that is told.
    write(path, ".env", "OTHER=1\n");
    assert_eq!(places(&of_rule(path, ".env", "RAT005")[0]), [("security.toml".to_owned(), 8)]);
    write(path, ".env", &format!("ADMIN_PASSWORD={}\n", strong('1')));
    write(path, "security.toml", &profile);
    assert_eq!(places(&of_rule(path, ".env", "RAT005")[0]), [(".env".to_owned(), 1)]);
}

/// What lacks a variable is called what it is.
#[test]
fn a_file_without_a_variable_is_called_what_it_is() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &format!("{SHOP}[secrets.key]\nsource = \"env:JWT_SECRET\"\n"));
    write(path, ".env", "A=1\n");
    write(path, "compose.yaml", "services:\n  shop:\n    environment: {A: b}\n");
    let first = |args: &[&str]| messages(path, &[args, &["--only", "SEC010"]].concat()).concat();
    for (args, title) in [
        (&["--env-file", ".env"][..], "the `.env` file has no variable `JWT_SECRET`"),
        (&["--env-file", "compose.yaml"], "the Compose file has no variable `JWT_SECRET`"),
        (&["--env-file", "compose.yaml", "--env-file", ".env"], "the `.env` file has no variable `JWT_SECRET`"),
    ] {
        assert!(first(args).ends_with(title), "{args:?}: {}", first(args));
    }
    // What it says to write is accepted.
    let help = of_rule(path, "compose.yaml", "SEC010")[0]["help"].as_str().unwrap_or_default().to_owned();
    assert!(help.contains("`JWT_SECRET: ${JWT_SECRET}`"), "{help}");
    write(path, "compose.yaml", "services:\n  shop:\n    environment:\n      JWT_SECRET: ${JWT_SECRET}\n");
    write(path, ".env", &format!("JWT_SECRET={}\n", strong('2')));
    assert_eq!(first(&["--env-file", "compose.yaml"]), "");
}

/// However often a secret is used, its uses are one finding.
#[test]
fn a_secret_of_several_uses_is_told_once_with_all_of_them() {
    let folder = folder();
    let path = folder.path();
    let secret = |name: &str, variable: &str, purpose: &str| {
        format!("[secrets.{name}]\nsource = \"env:{variable}\"\npurpose = \"{purpose}\"\n")
    };
    let uses = secret("a", "A_KEY", "signing") + &secret("b", "A_KEY", "encryption") + &secret("c", "A_KEY", "api");
    write(path, "security.toml", &format!("{SHOP}{uses}"));
    write(path, ".env", &format!("A_KEY={}\n", strong('1')));
    let found = of_rule(path, ".env", "SEC004");
    let [one] = &found[..] else { panic!("{found:#?}") };
    assert_eq!(
        one["message"],
        "`secrets.a.source` refers to the same secret as `secrets.b.source` and `secrets.c.source`"
    );
    assert_eq!(places(one).len(), 3, "{one:#}");
    // The same value under names of which the profile knows two.
    let uses = secret("a", "A_KEY", "signing") + &secret("b", "B_KEY", "encryption");
    let same = strong('1');
    write(path, ".env", &format!("A_KEY={same}\nB_KEY={same}\nMAILER_TOKEN={same}\nJWT_SECRET={same}\n"));
    write(path, "security.toml", &format!("{SHOP}{uses}"));
    let found = of_rule(path, ".env", "SEC004");
    let [one] = &found[..] else { panic!("{found:#?}") };
    let lines = |finding: &Value| {
        let of_file = places(finding).into_iter().filter(|(file, _)| file == ".env");
        of_file.map(|(_, line)| line).collect::<Vec<_>>()
    };
    assert_eq!(lines(one), [2, 3, 4], "{one:#}");
    // What is accepted of two is not accepted of a third.
    let waiver = "[[waivers]]\nrule = \"SEC004\"\nkey = \"secrets.b\"\nreason = \"until the data is encrypted again\"\nexpires = 2027-01-31\n";
    write(path, "security.toml", &format!("{SHOP}{uses}{waiver}"));
    let found = of_rule(path, ".env", "SEC004");
    assert!(!found.is_empty() && found.iter().all(|one| one["severity"] == "warning"), "{found:#?}");
    // And of none.
    write(path, "security.toml", SHOP);
    let found = of_rule(path, ".env", "SEC004");
    let [one] = &found[..] else { panic!("{found:#?}") };
    assert!(one["severity"] == "warning" && lines(one).len() >= 2, "{one:#}");
}

/// A weak password of a database stands in its URL and beside it: that is one fault.
#[test]
fn a_weak_password_of_a_database_is_told_once() {
    let folder = folder();
    let path = folder.path();
    let database = "[database]\nengine = \"postgresql\"\ntls = \"verify-full\"\nurl = \"env:DATABASE_URL\"\n\
                    password = \"env:POSTGRES_PASSWORD\"\n";
    let args = ["--env-file", ".env", "--only", "SEC003", "--only", "DAT002", "--only", "SEC015"];
    let two = |url: &str, beside: &str| {
        write(
            path,
            ".env",
            &format!("DATABASE_URL=postgresql://shop:{url}@localhost/shop\nPOSTGRES_PASSWORD={beside}\n"),
        );
        told(path, &args)
    };
    write(path, "security.toml", &format!("{SHOP}{database}"));
    assert_eq!(two("hunter2", "hunter2"), ["error DAT002 .env:1"]);
    // Two passwords are two faults.
    assert_eq!(two("hunter2", "letmein1"), ["error DAT002 .env:1", "error SEC003 .env:2"]);
    assert_eq!(two(&strong('1'), "letmein1"), ["error SEC003 .env:2"]);
    // In staging nobody asks for the one at the URL.
    write(path, "security.toml", &format!("{}{database}", SHOP.replace("\"prod\"", "\"staging\"")));
    assert_eq!(two("hunter2", "hunter2"), ["error SEC003 .env:2"]);
    // Nor where that is accepted.
    let waiver = "[[waivers]]\nrule = \"DAT002\"\nreason = \"a database for a demonstration\"\nexpires = 2027-01-31\n";
    write(path, "security.toml", &format!("{SHOP}{database}{waiver}"));
    assert_eq!(two("hunter2", "hunter2"), ["error SEC003 .env:2"]);
}

/// What git is about to commit is no profile.
#[test]
fn files_that_are_about_to_be_committed_are_called_files() {
    let folder = folder();
    let path = folder.path();
    write(path, ".env", &format!("JWT_SECRET={}\n", strong('1')));
    write(path, "other.env", "A=1\n");
    let ran = run(path, &["check", "--staged", ".env", "other.env"]);
    assert!(ran.out.contains("2 files: 1 error") && !ran.out.contains("profile"), "{}", ran.out);
}

/// What is committed is what git has taken in, whatever the disk has by now.
#[test]
fn the_text_in_the_index_is_judged_and_not_the_one_on_the_disk() {
    let folder = folder();
    let path = folder.path();
    let git = |args: &[&str]| {
        let ran = std::process::Command::new("git").arg("-C").arg(path).args(args).output().expect("git is there");
        assert!(ran.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    let staged = |args: &[&str]| run(path, &[&["check", "--staged"], args].concat());
    let secret = format!("SECRET_KEY={}\n", strong('1'));
    git(&["init", "--quiet"]);
    std::fs::create_dir(path.join("app")).expect("a folder can be made");
    for name in [".env.example", "app/.env", "[a].env"] {
        write(path, name, &secret);
        git(&["--literal-pathspecs", "add", name]);
        write(path, name, "SECRET_KEY=\n");
        let ran = staged(&[name]);
        assert!(ran.code == Some(1) && ran.out.contains(&format!("{name}:1:12")), "{name}: {}{}", ran.out, ran.err);
    }
    // Its folder may be gone, too.
    std::fs::remove_dir_all(path.join("app")).expect("it can be taken away");
    for name in ["app/.env", &path.join("app/.env").display().to_string()] {
        assert_eq!(staged(&[name]).code, Some(1), "{name}");
    }
    // What is mended and taken in is clean, whatever is written next; and of what git does not have, the disk counts.
    write(path, ".env.example", "SECRET_KEY=\n");
    git(&["add", ".env.example"]);
    write(path, ".env.example", &secret);
    assert_eq!(staged(&[".env.example"]).code, Some(0));
    write(path, ".env.new", &secret);
    assert_eq!(staged(&[".env.new"]).code, Some(1));
    assert_eq!(staged(&[".env.none"]).code, Some(2));
    // Nobody knows what a broken repository is about to commit.
    write(path, ".git/index", "none");
    let ran = staged(&[".env.example"]);
    assert!(ran.code == Some(2) && ran.err.contains("what git is about to commit"), "{}{}", ran.out, ran.err);
}
