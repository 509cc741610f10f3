//! What real readers make of rendered files, and we of theirs.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use seccfg::dotenv::{Document, ProblemKind};
use seccfg::source::Source;
use serde_json::{Value, json};

use super::support::{folder, root};
use super::{example, read, render};

/// Runs a program with an empty environment and gives back the JSON that it prints.
pub(super) fn json_of(command: &mut Command) -> Value {
    let ran = command.env_clear().stdin(Stdio::null()).output().expect("it starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    serde_json::from_slice(&ran.stdout).expect("it prints JSON")
}

/// Runs a script beside this file, with `arguments`, in a folder.
pub(super) fn python(script: &str, arguments: &[&str], folder: &Path) -> Value {
    let python = root().join("target/venv/bin/python");
    assert!(python.exists(), "run scripts/setup first");
    let script = root().join("tests/env_target").join(script);
    json_of(Command::new(python).arg("-B").arg(script).args(arguments).current_dir(folder))
}

/// A file with everything in it that an example is told, with values for its secrets.
fn rendered(name: &str, folder: &Path) {
    example(name, folder);
    render(folder, &["--example"]);
    let names = read(folder, ".env.example");
    let secrets = names.lines().filter_map(|line| line.strip_suffix('=')).filter(|name| *name != "CORS_ALLOW_ORIGINS");
    let secrets: Vec<String> = secrets.map(|name| format!("{name}='p#a\"s$s `w ord'\n")).collect();
    fs::write(folder.join(".env"), secrets.concat()).expect("a file can be written");
    let ran = render(folder, &[]);
    assert!(ran.code == Some(0) && !ran.err.contains("missing:"), "{}", ran.err);
}

/// The settings of a class, as the app's own would read them.
#[test]
fn the_apps_settings_are_what_the_profile_means() {
    for (app, wanted) in [
        (
            "instacrud",
            json!({
                "MODE": "prod", "BASE_URL": "https://shop.example.com", "SECRET_KEY": "p#a\"s$s `w ord",
                "TOKEN_EXPIRATION_SECONDS": 900, "DB_ENGINE": "mongo", "CORS_ALLOW_ORIGINS": [],
                "CORS_ALLOW_METHODS": ["GET", "POST", "PUT", "PATCH", "DELETE"], "CORS_ALLOW_CREDENTIALS": true,
                "EMAIL_ENABLED": true, "EMAIL_CARRIER": "brevo", "OPEN_REGISTRATION": true,
            }),
        ),
        (
            "fastcms",
            json!({
                "environment": "production", "debug": false, "secret_key": "p#a\"s$s `w ord", "cors_origins": [],
                "access_token_expire_minutes": 15, "refresh_token_expire_days": 7,
                "rate_limit_enabled": true, "redis_enabled": false, "smtp_port": 587,
            }),
        ),
    ] {
        let folder = folder();
        rendered(app, folder.path());
        assert_eq!(python("settings.py", &[app], folder.path()), wanted, "{app}");
    }
}

/// A list that the app itself enforces, as JSON: the form that pydantic-settings reads.
#[test]
fn a_list_of_origins_is_read_as_a_list() {
    let folder = folder();
    rendered("fastcms", folder.path());
    let profile = read(folder.path(), "security.toml").replace("[cors]\n", "[cors]\nenforced_by = \"app\"\n");
    // Its code lets every method and header in.
    let profile = profile.replace("methods = [\"GET\", \"POST\", \"PUT\", \"PATCH\", \"DELETE\"]", "methods = [\"*\"]");
    let profile =
        profile.replace("headers = [\"Authorization\", \"Content-Type\", \"X-API-Key\"]", "headers = [\"*\"]");
    let profile = profile.replace("https://www.example.com\"]", "https://www.example.com\", \"https://b.example\"]");
    fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
    assert_eq!(render(folder.path(), &[]).code, Some(0));
    let settings = python("settings.py", &["fastcms"], folder.path());
    assert_eq!(settings["cors_origins"], json!(["https://www.example.com", "https://b.example"]));
}

#[test]
fn every_reader_sees_the_same() {
    for app in ["fastcms", "generic", "instacrud"] {
        let folder = folder();
        rendered(app, folder.path());
        let text = read(folder.path(), ".env");
        let source = Source::new(".env", text.as_str());
        let document = Document::parse(&source);
        let ours: BTreeMap<&str, &str> =
            document.entries().iter().map(|entry| (entry.name, entry.value.expose())).collect();
        let ours = json!(ours);
        assert_eq!(python("dotenv_values.py", &["read"], folder.path()), ours, "python-dotenv");
        let dump = "import json, os; print(json.dumps({k: os.environ[k] for k in os.environ if k + '=' in open('.env').read()}))";
        let shell = format!("set -a; . ./.env; exec \"$0\" -c \"{}\"", dump.replace('"', "'"));
        let bash = || {
            let mut bash = Command::new("bash");
            bash.args(["-c", &shell]).arg(root().join("target/venv/bin/python")).current_dir(folder.path());
            bash
        };
        assert_eq!(json_of(&mut bash()), ours, "bash");
        node_sees(&ours, folder.path());
    }
}

/// A line that is right to most readers, and not to all.
#[test]
fn what_is_rewritten_is_the_same_to_bash_and_systemd() {
    let folder = folder();
    example("instacrud", folder.path());
    let profile = read(folder.path(), "security.toml");
    let profile = profile + "\n[targets.env]\nreaders = [\"pydantic-settings\", \"bash\", \"systemd\"]\n";
    fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
    let before = "export MODE=prod\nCORS_ALLOW_CREDENTIALS='true' # why\nDB_ENGINE=mongo # sic\n";
    fs::write(folder.path().join(".env"), before).expect("a file can be written");
    assert_eq!(render(folder.path(), &[]).code, Some(0));
    let after = read(folder.path(), ".env");
    let rewritten = "MODE=prod\n# why\nCORS_ALLOW_CREDENTIALS=true\n# sic\nDB_ENGINE=mongo\n";
    assert!(after.starts_with(rewritten), "{after}");
    assert_eq!(Document::parse(&Source::new(".env", after.as_str())).problems(), []);
    assert_eq!(render(folder.path(), &["--check"]).code, Some(0));
}

/// Node brings a reader of its own, and most apps on it have dotenv's. Nothing else here needs Node, so it may be missing.
fn node_sees(ours: &Value, folder: &Path) {
    let Some(node) = program("node") else { return skipped("Node's own reader and dotenv", "there is no Node") };
    let printed = |arguments: &[&str]| json_of(Command::new(&node).args(arguments).current_dir(folder));
    let own = printed(&["--env-file=.env", "-e", "console.log(JSON.stringify(process.env))"]);
    assert_eq!(own, *ours, "Node");
    let module = root().join("target/node/node_modules/dotenv");
    if !module.exists() {
        return skipped("dotenv", "it is not in target/node: scripts/setup installs it where npm is there");
    }
    let parse =
        "const { parse } = require(process.argv[1]); console.log(JSON.stringify(parse(fs.readFileSync('.env'))))";
    let module = module.to_str().expect("the repository's path is text");
    assert_eq!(printed(&["-e", parse, module]), *ours, "dotenv");
}

/// Says so where people see it: what a test that passes prints is kept back.
pub(super) fn skipped(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {what}, because {why}");
}

/// Where a program is, if it is anywhere: the test's own environment is empty.
pub(super) fn program(name: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// What python-dotenv writes for others is read as it meant it.
#[test]
fn a_file_that_python_dotenv_wrote_is_read_as_it_reads_it() {
    let folder = folder();
    let theirs = python("dotenv_values.py", &["write"], folder.path());
    let text = read(folder.path(), ".env");
    let source = Source::new(".env", text.as_str());
    let document = Document::parse(&source);
    assert!(document.problems().iter().all(|problem| problem.kind == ProblemKind::Export), "{document:?}");
    let ours: BTreeMap<&str, &str> =
        document.entries().iter().map(|entry| (entry.name, entry.value.expose())).collect();
    assert_eq!(json!(ours), theirs);
}
