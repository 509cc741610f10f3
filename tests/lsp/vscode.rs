//! The extension for Visual Studio Code: what it starts and what it says to the server are what the server takes.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::client::Client;
use crate::profile;
use crate::support::{folder, root};

#[test]
fn the_extension_starts_the_server_with_settings_that_it_takes() {
    let extension = root().join("editors/vscode");
    let manifest = fs::read_to_string(extension.join("package.json")).expect("it is there");
    let manifest: Value = serde_json::from_str(&manifest).expect("it is JSON");
    assert_eq!(manifest["version"], seccfg::VERSION);
    let declared = manifest["contributes"]["configuration"]["properties"].as_object().expect("a table");
    let mut configured = serde_json::Map::new();
    for (name, setting) in declared {
        let name = name.strip_prefix("seccfg.").expect("settings are called by the extension's name");
        configured.insert(name.to_owned(), setting["default"].clone());
    }
    for (env_files, judged) in [(Value::Null, 0), (json!(["prod=live.env"]), 1)] {
        configured.insert("envFiles".to_owned(), env_files);
        let output = Command::new("node")
            .arg(root().join("tests/lsp/vscode.cjs"))
            .arg(extension.join("extension.js"))
            .arg(Value::Object(configured.clone()).to_string())
            .output()
            .expect("Node.js is installed (scripts/setup)");
        let said = String::from_utf8_lossy(&output.stderr);
        let started: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
        assert_eq!(started[0]["server"], json!({ "command": "seccfg", "args": ["lsp"] }));
        assert_eq!(started[1]["shown"], "the plan");
        let folder = folder();
        fs::write(folder.path().join("live.env"), "SECRET_KEY=changeme\n").expect("a file can be written");
        let mut client = Client::new(folder.path(), &json!({}), &started[0]["options"]);
        let text = profile("\n[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\npurpose = \"signing\"\n");
        client.open("security.toml", &text);
        client.ask("shutdown", Value::Null);
        assert!(!client.heard.contains("window/showMessage"), "{}", client.heard);
        assert_eq!(client.heard.matches("live.env").count(), judged, "{}", client.heard);
    }
}
