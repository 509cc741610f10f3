//! What the frameworks of the examples make of rendered files, each with its own reader.

use std::fs;
use std::path::Path;
use std::process::Command;

use seccfg::random;
use serde_json::{Value, json};

use super::readers::{json_of, program, python, skipped};
use super::support::{folder, root};
use super::{read, render};

/// A rendered file of an example, with a key in the place of everything that is left to its owner.
fn rendered(name: &str, folder: &Path) -> String {
    for file in ["my-app.toml", "security.toml"] {
        let from = root().join("examples/packs").join(name).join(file);
        fs::copy(from, folder.join(file)).expect("the example is there");
    }
    render(folder, &["--example"]);
    let key = random::hex(32).expect("the system gives random bytes");
    let names = read(folder, ".env.example");
    let open = names.lines().filter_map(|line| line.strip_suffix('=')).filter(|name| !name.contains("CORS"));
    let open: Vec<String> = open.map(|name| format!("{name}={key}\n")).collect();
    fs::write(folder.join(".env"), open.concat()).expect("a file can be written");
    let ran = render(folder, &[]);
    assert!(ran.code == Some(0) && !ran.err.contains("missing:"), "{name}: {}", ran.err);
    key
}

/// The settings of FastAPI's template and of cookiecutter-django's production, as their own code reads them.
#[test]
fn python_frameworks_read_what_the_profile_means() {
    let folders = [folder(), folder()];
    let key = rendered("fastapi-template", folders[0].path());
    let wanted = json!({
        "ENVIRONMENT": "production", "FRONTEND_HOST": "https://dashboard.example.com", "SECRET_KEY": key,
        "BACKEND_CORS_ORIGINS": ["https://dashboard.example.com"], "ACCESS_TOKEN_EXPIRE_MINUTES": 15,
        "POSTGRES_PASSWORD": key, "FIRST_SUPERUSER_PASSWORD": key, "SMTP_HOST": "smtp.example.com", "SMTP_PORT": 587,
        "SMTP_TLS": true, "SMTP_SSL": false, "EMAILS_FROM_EMAIL": "noreply@example.com",
    });
    assert_eq!(python("frameworks.py", &["template"], folders[0].path()), wanted);

    let key = rendered("cookiecutter-django", folders[1].path());
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
        let key = rendered(name, folder.path());
        let module = module.to_str().expect("the repository's path is text");
        let read: Value = json_of(Command::new(&node).args(["-e", script, module]).current_dir(folder.path()));
        for line in wanted {
            let (name, value) = line.split_once('=').expect("a name and a value");
            assert_eq!(read[name], json!(value.replace("{key}", &key)), "{name}");
        }
    }
}
