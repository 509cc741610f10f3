//! The files that an app reads, by the names that its pack or the profile gives them.

use std::fs;
use std::path::Path;

use super::support::{folder, run};
use super::{PROFILE, messages, strong, told, write};

/// A profile whose pack names two files for production and two for a developer.
fn shop(folder: &Path) {
    let profile = PROFILE.replace("\"generic\"", "\"./my-app.toml\"").replace("staging", "prod") + "[modes.dev]\n";
    write(folder, "security.toml", &profile);
    let pack = "version = 1\ntitle = \"the shop\"\nother_controls = \"unknown\"\n\
                [variables]\nSECRET_KEY = { field = \"secrets.secret_key.source\", aliases = [\"OLD_KEY\"] }\n\
                MAP_SERVICE_KEY = { field = \"secrets.map_service.source\" }\nDATABASE_URL = { field = \"database.url\" }\n\
                BASE_URL = { field = \"app.url\" }\n\
                [env_files]\nprod = [\"defaults.env\", \"envs/prod/web\"]\ndev = [\"defaults.env\", \"envs/dev\"]\n";
    write(folder, "my-app.toml", pack);
    fs::create_dir_all(folder.join("envs/prod")).expect("a folder can be made");
    write(folder, "defaults.env", "SECRET_KEY=changeme\nMAP_SERVICE_KEY=\nDATABASE_URL=postgresql:///shop\n");
    write(folder, "envs/prod/web", &format!("# ours\nSECRET_KEY={}\nMAP_SERVICE_KEY=your-key-here\n", strong('a')));
}

/// How a run ended, and what it told beside its findings.
fn ended(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let ran = run(folder, args);
    (ran.code, ran.err)
}

#[test]
fn they_are_found_beside_the_profile_and_the_last_counts() {
    let folder = folder();
    let path = folder.path();
    shop(path);
    assert_eq!(told(path, &["--only", "SEC003"]), [""; 0], "nobody asked for them");
    let args = ["--env-files", "--only", "SEC003"];
    assert_eq!(told(path, &args), ["error SEC003 envs/prod/web:3"]);
    // From another folder, too.
    fs::create_dir(path.join("elsewhere")).expect("a folder can be made");
    let from = ["--env-files", "--only", "SEC003", "../security.toml"];
    let messages = messages(&path.join("elsewhere"), &from);
    assert!(messages.len() == 1 && messages[0].starts_with("error SEC003 ../envs/prod/web:3: "), "{messages:?}");
    // A file that is named counts after them, for the profile's own mode.
    write(path, "machine", &format!("MAP_SERVICE_KEY={}\n", strong('b')));
    assert_eq!(told(path, &[&args[..], &["--env-file", "machine"]].concat()), [""; 0]);
    // What the profile says goes before what the pack says, in the mode that says it.
    let profile = fs::read_to_string(path.join("security.toml")).expect("it is there");
    write(path, "security.toml", &format!("{profile}\n[modes.prod.targets.env]\nfiles = [\"defaults.env\"]\n"));
    assert_eq!(told(path, &args), ["error SEC003 defaults.env:1"]);
    let report = run(path, &["report", "--env-files"]);
    assert!(report.out.contains("SEC003") && report.err.is_empty(), "{}{}", report.out, report.err);
}

/// Silence would be taken for a judgement.
#[test]
fn a_mode_without_a_file_is_told() {
    let folder = folder();
    let path = folder.path();
    shop(path);
    fs::remove_file(path.join("defaults.env")).expect("it is ours");
    let (code, err) = ended(path, &["check", "--all-modes", "--env-files"]);
    let told = "seccfg: security.toml: no file of dev is judged: none of defaults.env, envs/dev is there\n";
    assert_eq!((code, err.as_str()), (Some(1), told));
    fs::remove_file(path.join("envs/prod/web")).expect("it is ours");
    for args in [&["check", "--env-files"][..], &["report", "--env-files"], &["check", "--all-modes", "--env-files"]] {
        let (code, err) = ended(path, args);
        assert!(code == Some(2) && err.contains("none of them is there"), "{args:?}: {err}");
    }
    // The names that seccfg gives them, where nobody says others.
    write(path, "security.toml", PROFILE);
    write(path, ".env.prod", "SECRET_KEY=changeme\n");
    write(path, ".env", &format!("SECRET_KEY={}\n", strong('a')));
    let all = ["--env-files", "--only", "SEC003"];
    assert_eq!(super::told(path, &all), [""; 0]);
    assert_eq!(super::told(path, &[&all[..], &["--mode", "prod"]].concat()), ["error SEC003 .env.prod:1"]);
    // What is no file of variables is none under these names either.
    fs::remove_file(path.join(".env")).expect("it is ours");
    fs::create_dir(path.join(".env")).expect("a folder can be made");
    assert_eq!(ended(path, &["check", "--env-files"]).0, Some(2));
}

/// `.env.local` is another file on each machine, and what stands in it once is no copy of itself.
#[test]
fn one_file_that_two_modes_read_is_not_compared_with_itself() {
    let folder = folder();
    let path = folder.path();
    let profile =
        PROFILE.replace("staging", "prod") + "[modes.dev]\n[targets.env]\nfiles = [\".env\", \".env.local\"]\n";
    write(path, "security.toml", &profile);
    write(path, ".env.local", &format!("SECRET_KEY={}\n", strong('a')));
    let only = ["--only", "SEC005"];
    assert_eq!(told(path, &[&["--all-modes", "--env-files"], &only[..]].concat()), [""; 0]);
    // A copy of the value in a file of another mode is one, and so is a file that dev reads by somebody's word alone.
    write(path, ".env.dev", &format!("SECRET_KEY={}\n", strong('a')));
    let copy = ["--env-file", "prod=.env.local", "--env-file", "dev=.env.dev"];
    assert_eq!(told(path, &[&copy[..], &only].concat()), ["error SEC005 .env.local:1"]);
    let both = ["--env-file", "prod=.env.dev", "--env-file", "dev=.env.dev"];
    assert_eq!(told(path, &[&both[..], &only].concat()), ["error SEC005 .env.dev:1"]);
}

#[test]
fn what_cannot_be_a_file_of_variables_is_refused_at_its_place() {
    let folder = folder();
    let path = folder.path();
    shop(path);
    for name in ["", "a b", "..", "envs/", "a//b", "$HOME/.env"] {
        write(path, "security.toml", &format!("{PROFILE}[targets.env]\nfiles = [\"{name}\"]\n"));
        let ran = run(path, &["check", "--env-files"]);
        assert!(ran.out.contains("PRF003") && ran.out.contains("security.toml"), "{name:?}: {}{}", ran.out, ran.err);
    }
    for name in ["../.env", "/etc/shop/env", ".envs/.production/.django", "shop@prod.env"] {
        write(path, "security.toml", &format!("{PROFILE}[targets.env]\nfiles = [\"{name}\"]\n"));
        assert!(!run(path, &["check"]).out.contains("PRF003"), "{name:?}");
    }
}

/// What is rendered stands in the last one, and leaves to the others what those say.
#[test]
fn rendering_supersedes_nothing_that_another_of_them_holds() {
    let folder = folder();
    let path = folder.path();
    shop(path);
    write(path, "defaults.env", &format!("SECRET_KEY={}\nBASE_URL=http://localhost:8000\n", strong('a')));
    write(path, "envs/dev", "# ours\n");
    let rendered = run(path, &["render", "--mode", "dev", "--target", "env", "--generate-secrets"]);
    let dev = fs::read_to_string(path.join("envs/dev")).expect("it is there");
    assert!(rendered.code == Some(0) && dev.starts_with("# ours\n"), "{}{}", rendered.out, rendered.err);
    // A URL that is wrong in the first is right in the last; the key that is in use stays the only one.
    assert!(dev.contains("\nBASE_URL=https://shop.example.com\n") && !dev.contains("SECRET_KEY"), "{}", rendered.err);
    assert!(rendered.err.contains("missing: MAP_SERVICE_KEY") && !rendered.err.contains("SECRET_KEY="));
    // In use in another form, in another file.
    for in_use in [format!("SECRET_KEY: {}\n", strong('a')), "SECRET_KEY_FILE=/run/key\n".to_owned()] {
        write(path, "defaults.env", &in_use);
        let (code, err) = ended(path, &["render", "--mode", "dev", "--target", "env", "--generate-secrets"]);
        assert!(code == Some(1) && err.contains("defaults.env:1:1"), "{err}");
        assert_eq!(fs::read_to_string(path.join("envs/dev")).expect("it is there"), dev);
    }
    // Under another name that the app reads, too, in either file.
    for (first, last) in [("OLD_KEY", "OTHER"), ("OTHER", "OLD_KEY")] {
        write(path, "defaults.env", &format!("{first}={}\n", strong('a')));
        write(path, "envs/dev", &format!("{last}={}\n", strong('b')));
        run(path, &["render", "--mode", "dev", "--target", "env", "--generate-secrets"]);
        let dev = fs::read_to_string(path.join("envs/dev")).expect("it is there");
        assert!(dev.contains("BASE_URL=") && !dev.contains("SECRET_KEY="), "{first} is in use");
    }
    write(path, "envs/dev", "# ours\n");
    write(path, "defaults.env", "OLD_KEY: live\n");
    let (code, err) = ended(path, &["render", "--mode", "dev", "--target", "env", "--generate-secrets"]);
    assert!(code == Some(1) && err.contains("defaults.env:1:1"), "{err}");
    // A placeholder in the first is replaced in the last, where that is asked for.
    write(path, "defaults.env", "SECRET_KEY=changeme\nMAP_SERVICE_KEY=\n");
    run(path, &["render", "--mode", "dev", "--target", "env", "--replace-placeholders"]);
    let replaced = fs::read_to_string(path.join("envs/dev")).expect("it is there");
    assert!(replaced.contains("\nSECRET_KEY="), "a new key");
    assert_eq!(
        fs::read_to_string(path.join("defaults.env")).expect("it is there").lines().next(),
        Some("SECRET_KEY=changeme")
    );
}

#[test]
fn a_rotation_is_made_in_the_file_that_has_the_key() {
    let folder = folder();
    let path = folder.path();
    shop(path);
    let pack = fs::read_to_string(path.join("my-app.toml")).expect("it is there");
    write(path, "my-app.toml", &pack.replace("title", "previous_keys = \"setting\"\ntitle"));
    let profile = fs::read_to_string(path.join("security.toml")).expect("it is there");
    let source = "source = \"env:SECRET_KEY\"\n";
    let rotated = profile.replace(source, &format!("{source}previous = \"env:SECRET_KEY_PREVIOUS\"\n"));
    write(path, "security.toml", &(rotated + "[tokens]\naccess_ttl = \"15m\"\n"));
    write(path, "defaults.env", &format!("SECRET_KEY={}\n", strong('a')));
    write(path, "envs/prod/web", "SECRET_KEY=\n");
    let ran = run(path, &["rotate", "secret_key"]);
    let defaults = fs::read_to_string(path.join("defaults.env")).expect("it is there");
    assert!(ran.code == Some(0) && defaults.contains("SECRET_KEY_PREVIOUS="), "{}{}", ran.out, ran.err);
    // Which of two would be changed, nobody can say.
    write(path, "envs/prod/web", &format!("SECRET_KEY={}\n", strong('b')));
    let (code, err) = ended(path, &["rotate", "secret_key"]);
    assert!(code == Some(1) && err.contains("both defaults.env and envs/prod/web set its variables"), "{err}");
}
