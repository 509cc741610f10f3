//! What the frameworks of the examples make of rendered files, each with its own reader.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use seccfg::apps::AppPack;
use seccfg::profile::{EnvFileName, Mode};
use seccfg::random;
use seccfg::source::Source;
use serde_json::{Value, json};

use super::readers::{json_of, program, python, skipped};
use super::support::{folder, root, run};
use super::{read, render};

/// A rendered file of an example, with a key in the place of everything that is left to its owner, in one of its files.
fn rendered(name: &str, folder: &Path, file: &str) -> String {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder can be made");
    for file in ["my-app.toml", "security.toml"] {
        let from = root().join("examples/packs").join(name).join(file);
        fs::copy(from, folder.join(file)).expect("the example is there");
    }
    render(folder, &["--example"]);
    let key = random::hex(32).expect("the system gives random bytes");
    let names = read(folder, ".env.example");
    let open = names.lines().filter_map(|line| line.strip_suffix('=')).filter(|name| !name.contains("CORS"));
    let open: Vec<String> = open.map(|name| format!("{name}={key}\n")).collect();
    fs::write(path, open.concat()).expect("a file can be written");
    let ran = render(folder, &[]);
    assert!(ran.code == Some(0) && !ran.err.contains("missing:"), "{name}: {}", ran.err);
    key
}

/// The settings of FastAPI's template and of cookiecutter-django's production, as their own code reads them.
#[test]
fn python_frameworks_read_what_the_profile_means() {
    let folders = [folder(), folder()];
    let key = rendered("fastapi-template", folders[0].path(), ".env");
    let wanted = json!({
        "ENVIRONMENT": "production", "FRONTEND_HOST": "https://dashboard.example.com", "SECRET_KEY": key,
        "BACKEND_CORS_ORIGINS": ["https://dashboard.example.com"], "ACCESS_TOKEN_EXPIRE_MINUTES": 15,
        "POSTGRES_PASSWORD": key, "FIRST_SUPERUSER_PASSWORD": key, "SMTP_HOST": "smtp.example.com", "SMTP_PORT": 587,
        "SMTP_TLS": true, "SMTP_SSL": false, "EMAILS_FROM_EMAIL": "noreply@example.com",
    });
    assert_eq!(python("frameworks.py", &["template"], folders[0].path()), wanted);

    let key = rendered("cookiecutter-django", folders[1].path(), ".envs/.production/.postgres");
    let wanted = json!({
        "DJANGO_SETTINGS_MODULE": "config.settings.production", "DJANGO_SECRET_KEY": key,
        "DJANGO_ALLOWED_HOSTS": ["project.example.com"], "DJANGO_SECURE_SSL_REDIRECT": true,
        "DJANGO_ACCOUNT_ALLOW_REGISTRATION": false, "MAILGUN_API_KEY": key, "POSTGRES_PASSWORD": key, "WEB_CONCURRENCY": 4,
    });
    assert_eq!(python("frameworks.py", &["cookiecutter"], folders[1].path()), wanted);
}

/// Express asks for dotenv, and Next.js for its own reader, which replaces names as well.
#[test]
fn frameworks_for_node_read_what_the_profile_means() {
    let Some(node) = program("node") else { return skipped("the readers of Express and Next.js", "there is no Node") };
    let dotenv =
        "const { parse } = require(process.argv[1]); console.log(JSON.stringify(parse(fs.readFileSync('.env'))))";
    let next = "const { loadEnvConfig } = require(process.argv[1]); const log = { info() {}, error: console.error }; \
                const { parsedEnv } = loadEnvConfig('.', false, log); console.log(JSON.stringify(parsedEnv))";
    for (name, module, script, wanted) in [
        ("express", "dotenv", dotenv, &["NODE_ENV=production", "SESSION_IDLE_MINUTES=30", "SESSION_SECRET={key}"][..]),
        (
            "next-auth",
            "@next/env",
            next,
            &["NODE_ENV=production", "AUTH_URL=https://dashboard.example.com", "AUTH_SECRET={key}"],
        ),
    ] {
        let module = root().join("target/node/node_modules").join(module);
        if !module.exists() {
            skipped(name, "its reader is not in target/node: scripts/setup installs it where npm is there");
            continue;
        }
        let folder = folder();
        let key = rendered(name, folder.path(), ".env");
        let module = module.to_str().expect("the repository's path is text");
        let read: Value = json_of(Command::new(&node).args(["-e", script, module]).current_dir(folder.path()));
        for line in wanted {
            let (name, value) = line.split_once('=').expect("a name and a value");
            assert_eq!(read[name], json!(value.replace("{key}", &key)), "{name}");
        }
    }
}

/// Next.js reads up to four files, and of a variable that several set, its own reader takes the value of the one in which
/// `--env-files` finds it by what the pack says: in every mode, whichever of the files set it.
#[test]
fn of_several_files_the_one_counts_that_next_js_takes() {
    let Some(node) = program("node") else { return skipped("the reader of Next.js", "there is no Node") };
    let module = root().join("target/node/node_modules/@next/env");
    if !module.exists() {
        return skipped("Next.js", "its reader is not in target/node: scripts/setup installs it where npm is there");
    }
    let module = module.to_str().expect("the repository's path is text");
    let script = "process.env.NODE_ENV = process.argv[2]; const { loadEnvConfig } = require(process.argv[1]); \
                  const log = { info() {}, error: console.error }; \
                  const { parsedEnv } = loadEnvConfig('.', process.argv[2] === 'development', log); \
                  console.log(JSON.stringify(parsedEnv))";
    let pack = root().join("examples/packs/next-auth/my-app.toml");
    let source = Source::new(&pack, fs::read_to_string(&pack).expect("the example is there"));
    let pack = AppPack::read(&source).expect("the pack is sound");
    for (mode, node_env) in [(Mode::Prod, "production"), (Mode::Dev, "development"), (Mode::Test, "test")] {
        let folder = folder();
        for file in ["my-app.toml", "security.toml"] {
            let from = root().join("examples/packs/next-auth").join(file);
            fs::copy(from, folder.path().join(file)).expect("the example is there");
        }
        let files: Vec<&str> = pack.env_files[&mode].iter().map(EnvFileName::as_str).collect();
        // Production judges how strong a secret is: it is told that it reads the same files.
        let profile = read(folder.path(), "security.toml");
        fs::write(folder.path().join("security.toml"), format!("{profile}\n[targets.env]\nfiles = {files:?}\n"))
            .expect("a file can be written");
        // A variable for every choice of files. Its value says which of them it stands in.
        let choices: Vec<usize> = (1..1 << files.len()).collect();
        let name = |choice: &usize| format!("CHOICE{choice}_SECRET_KEY");
        for (index, file) in files.iter().enumerate() {
            let line = |choice: &usize| {
                let is_in = choice & 1 << index != 0;
                if is_in { format!("{}=password{index}\n", name(choice)) } else { "\n".to_owned() }
            };
            fs::write(folder.path().join(file), choices.iter().map(line).collect::<String>())
                .expect("a file can be written");
        }
        let mut command = Command::new(&node);
        let command = command.args(["-e", script, module, node_env]).current_dir(folder.path());
        let taken: Value = json_of(command);
        let args = ["check", "--env-files", "--format", "json"];
        let report: Value = serde_json::from_str(&run(folder.path(), &args).out).expect("it is JSON");
        let found: BTreeSet<(&str, u64)> = report["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| one["code"] != "SEC008")
            .filter_map(|one| Some((one["file"].as_str()?, one["span"]["start"]["line"].as_u64()?)))
            .filter(|(file, _)| files.contains(file))
            .collect();
        for (line, choice) in (1..).zip(&choices) {
            let value = taken[name(choice)].as_str().expect("Next.js has it");
            let index: usize = value.trim_start_matches("password").parse().expect("it ends with a number");
            let told: Vec<&str> = files.iter().copied().filter(|file| found.contains(&(*file, line))).collect();
            assert_eq!(told, [files[index]], "{mode}, {choice:b}: {}", report["findings"]);
        }
    }
}

/// pydantic-settings reads the files that it is given, one after the other.
#[test]
fn of_several_files_the_one_counts_that_pydantic_settings_takes() {
    let folder = folder();
    let files = [".env", "deploy/env.production"];
    let profile = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"prod\"\nurl = \"https://shop.example.com\"\n";
    let profile = format!("{profile}[targets.env]\nreaders = [\"pydantic-settings\"]\nfiles = {files:?}\n");
    fs::create_dir(folder.path().join("deploy")).expect("a folder can be made");
    let key = random::hex(32).expect("the system gives random bytes");
    for (name, text) in [
        ("security.toml", profile),
        (files[0], format!("A_SECRET_KEY=changeme\nB_SECRET_KEY={key}\nC_SECRET_KEY=changeme\n")),
        (files[1], format!("\nA_SECRET_KEY={key}\nB_SECRET_KEY=changeme\n")),
    ] {
        fs::write(folder.path().join(name), text).expect("a file can be written");
    }
    let taken = python("frameworks.py", &["several", files[0], files[1]], folder.path());
    assert_eq!(taken, json!({ "a_secret_key": key, "b_secret_key": "changeme", "c_secret_key": "changeme" }));
    let args = ["check", "--env-files", "--only", "SEC015", "--format", "json"];
    let report: Value = serde_json::from_str(&run(folder.path(), &args).out).expect("it is JSON");
    let findings = report["findings"].as_array().into_iter().flatten();
    let told: Vec<String> = findings.map(|one| format!("{} {}", one["file"], one["span"]["start"]["line"])).collect();
    assert_eq!(told, ["\".env\" 3", "\"deploy/env.production\" 3"]);
}
