//! What an editor makes of the schema alone: taplo and Tombi, by themselves and as language servers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::client::{Client, position, unmarked};
use crate::support::{fixture, folder, root};

const SCHEMA: &str = "#:schema ./security.schema.json\n";

fn tool(name: &str) -> PathBuf {
    let tool = root().join("target/venv/bin").join(name);
    assert!(tool.exists(), "{name} is not installed: run scripts/setup");
    tool
}

/// A folder with the schema in it.
fn with_schema() -> tempfile::TempDir {
    let folder = folder();
    fs::copy(root().join("schemas/security.schema.json"), folder.path().join("security.schema.json"))
        .expect("the schema can be copied");
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), format!("{SCHEMA}{text}")).expect("a file can be written");
}

/// What a tool says of all files of a folder, by the name of the file and in its order: each place that is complained of.
fn complaints(folder: &Path, name: &str, args: &[&str]) -> BTreeMap<String, Vec<String>> {
    let mut files: Vec<String> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|file| file.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|file| file.rsplit('.').next() == Some("toml"))
        .collect();
    files.sort();
    let mut command = Command::new(tool(name));
    command.args(args).args(&files).current_dir(folder).env_clear().env("NO_COLOR", "1").env("HOME", folder);
    let output = command.output().expect("the tool starts");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let mut found: BTreeMap<String, Vec<String>> = files.into_iter().map(|file| (file, Vec::new())).collect();
    // `┌─ /folder/name.toml:8:1` says the one, `at name.toml:8:1` the other.
    for line in said.lines() {
        let place = line.trim().strip_prefix("┌─ ").or_else(|| line.trim().strip_prefix("at "));
        let Some((file, place)) = place.and_then(|place| place.split_once(".toml:")) else { continue };
        let file = format!("{}.toml", file.rsplit('/').next().unwrap_or(file));
        found.get_mut(&file).unwrap_or_else(|| panic!("{line}")).push(place.to_owned());
    }
    found
}

const TOOLS: [(&str, &[&str]); 2] = [("taplo", &["lint", "--colors", "never"]), ("tombi", &["lint", "--offline"])];

fn json_of(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(date) => json!(date.to_string()),
        toml::Value::Array(values) => values.iter().map(json_of).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.iter().map(|(key, value)| (key.clone(), json_of(value))).collect::<Map<_, _>>())
        }
        toml::Value::String(_) | toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) => {
            serde_json::to_value(value).expect("a plain value")
        }
    }
}

#[test]
fn both_say_of_every_fixture_what_the_schema_says() {
    let folder = with_schema();
    let schema = fs::read_to_string(root().join("schemas/security.schema.json")).expect("the schema is there");
    let schema: Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let mut valid: BTreeMap<String, bool> = BTreeMap::new();
    let rules = fs::read_dir(root().join("tests/rules")).expect("the folder is there").flatten();
    let fixtures = rules.flat_map(|rule| fixture::of(&rule.file_name().to_string_lossy()));
    let others = ["tests/fixtures/everything.toml", "tests/fixtures/prod.toml"].map(PathBuf::from);
    let examples = ["broken", "crudauth", "fastcms", "generic", "instacrud"];
    let examples = examples.map(|name| root().join("examples").join(name).join("security.toml"));
    for (number, path) in fixtures.chain(others).chain(examples).enumerate() {
        let text = fixture::profile(&path);
        let Ok(table) = text.parse::<toml::Table>() else { continue };
        // What TOML 1.1 takes, taplo does not.
        if path.to_string_lossy().contains("toml-1-1") {
            continue;
        }
        let name = format!("{number}-{}.toml", path.file_stem().expect("a file has a name").to_string_lossy());
        write(folder.path(), &name, &text);
        valid.insert(name, validator.is_valid(&json_of(&toml::Value::Table(table))));
    }
    assert!(valid.len() > 300 && valid.values().any(|valid| !valid), "{}", valid.len());
    for (tool, args) in TOOLS {
        for (file, complaints) in complaints(folder.path(), tool, args) {
            let text = || fs::read_to_string(folder.path().join(&file)).expect("it was written");
            assert_eq!(complaints.is_empty(), valid[&file], "{tool}, {file}: {complaints:?}\n{}", text());
        }
    }
}

#[test]
fn one_misspelt_key_is_one_complaint_on_its_line() {
    let folder = with_schema();
    let head = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\n";
    let texts = [
        "workerss = 2\nreplicas = 2\n[hsts]\nenabled = true\n",
        "[hsts]\nenabled = true\nmax_agee = \"1y\"\ninclude_subdomains = true\n",
        "[cookies.session]\npurpose = \"session\"\nsecuree = true\n",
        "[modes.dev]\nhsts = { enabledd = false, max_age = \"1y\" }\n",
        "[[waivers]]\nrule = \"COR007\"\nreson = \"x\"\nexpires = 2027-01-31\n",
        "[hstss]\nenabled = true\n",
        "[rate_limits.routes.\"Sign In\"]\nlimit = \"5/min\"\npaths = [\"/\"]\n",
    ];
    for (number, text) in texts.iter().enumerate() {
        write(folder.path(), &format!("{number}.toml"), &format!("{head}{text}"));
    }
    for (tool, args) in TOOLS {
        for (file, complaints) in complaints(folder.path(), tool, args) {
            let lines: Vec<&str> = complaints.iter().filter_map(|place| place.split(':').next()).collect();
            // A table is a value that has several places: its header, and each of its keys.
            let is_table = ["5.toml", "6.toml"].contains(&file.as_str());
            let most = if is_table { 7 } else { 1 };
            assert!((1..=most).contains(&lines.len()), "{tool}, {file}: {complaints:?}");
        }
    }
}

/// A place of a profile, and something that may be written there.
const PLACES: [(&str, &str); 5] = [
    ("[hsts]\n|\n", "max_age"),
    ("[tls.certificate]\nissuer = \"|\"\n", "acme"),
    ("[lockout]\nenabled = true\n|\n", "attempts"),
    ("[cookies.session]\npurpose = \"|\"\n", "csrf"),
    ("[modes.dev.hsts]\n|\n", "enabled"),
];

fn marked(text: &str) -> String {
    format!("{SCHEMA}version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\n{text}")
}

fn is_offered(labels: &[String], expected: &str) -> bool {
    labels.iter().any(|label| label.trim_matches('"') == expected)
}

#[test]
fn tombis_server_completes_by_the_schema() {
    let folder = with_schema();
    let mut client = Client::of(Command::new(tool("tombi")).args(["lsp", "--offline"]), folder.path());
    let root = client.uri("");
    client.ask("initialize", json!({ "processId": null, "rootUri": root, "capabilities": {} }));
    client.say("initialized", json!({}));
    for (number, (text, expected)) in PLACES.iter().enumerate() {
        let (name, marked) = (format!("{number}.toml"), marked(text));
        fs::write(folder.path().join(&name), unmarked(&marked)).expect("a file can be written");
        let document =
            json!({ "uri": client.uri(&name), "languageId": "toml", "version": 1, "text": unmarked(&marked) });
        client.say("textDocument/didOpen", json!({ "textDocument": document }));
        let mut ask = || {
            let offered = client.at("textDocument/completion", &name, &marked);
            let items = offered.as_array().or_else(|| offered["items"].as_array()).cloned().unwrap_or_default();
            items.iter().filter_map(|item| item["label"].as_str().map(str::to_owned)).collect::<Vec<String>>()
        };
        // The schema is read in the background.
        let again = std::iter::repeat_with(|| {
            std::thread::sleep(Duration::from_millis(50));
            ask()
        });
        let labels = again.take(200).find(|labels| !labels.is_empty()).unwrap_or_default();
        assert!(is_offered(&labels, expected), "{text:?}: {labels:?}");
    }
}

#[test]
fn taplos_server_completes_by_the_schema() {
    let folder = with_schema();
    let questions: Vec<Value> = PLACES
        .iter()
        .enumerate()
        .map(|(number, (text, _))| {
            let marked = marked(text);
            json!({ "name": format!("{number}.toml"), "text": unmarked(&marked), "position": position(&marked) })
        })
        .collect();
    let file = folder.path().join("questions.json");
    fs::write(&file, Value::from(questions).to_string()).expect("a file can be written");
    let output = Command::new("node")
        .arg(root().join("tests/lsp/taplo.mjs"))
        .args([&root().join("target/taplo/node_modules"), folder.path(), &file])
        .output()
        .expect("Node.js is installed (scripts/setup)");
    let said = String::from_utf8_lossy(&output.stderr);
    let answers: Vec<Vec<String>> =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    for ((text, expected), labels) in PLACES.iter().zip(answers) {
        assert!(is_offered(&labels, expected), "{text:?}: {labels:?}");
    }
}
