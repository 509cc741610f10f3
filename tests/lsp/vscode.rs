//! The extension for Visual Studio Code: what it starts and what it says to the server are what the server takes.

use std::fs;
use std::io::Write;
use std::process::Command;

use serde_json::{Value, json};

use crate::client::Client;
use crate::profile;
use crate::support::{Ran, folder, root};

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

/// The real vsce, with the flags of the extension's own script, makes the file that VS Code installs.
#[test]
fn vsce_packages_the_extension_with_what_it_needs() {
    // What a package of VS Code is: a zip file, with a manifest in it.
    const LIST: &str = "import sys, zipfile; print('\\n'.join(zipfile.ZipFile(sys.argv[1]).namelist()))";
    let tools = root().join("target/vsce");
    if !tools.join("node_modules/.bin/vsce").exists() {
        let _ = writeln!(std::io::stderr(), "skipped: vsce, because scripts/setup installs it where npm is there");
        return;
    }
    let scratch = folder();
    let extension = root().join("editors/vscode");
    for file in ["package.json", "extension.js", "README.md", ".vscodeignore"] {
        fs::copy(extension.join(file), scratch.path().join(file)).expect("it can be copied");
    }
    let modules = tools.join("extension/node_modules");
    let copied = Command::new("cp").arg("-r").arg(modules).arg(scratch.path()).status();
    assert!(copied.is_ok_and(|copied| copied.success()));
    let manifest: Value =
        serde_json::from_str(&fs::read_to_string(extension.join("package.json")).expect("it is there"))
            .expect("it is JSON");
    let script = manifest["scripts"]["package"].as_str().expect("it has a script for it");
    let flags = script.strip_prefix("npx @vscode/vsce ").expect("it is vsce's").split(' ');
    let mut vsce = Command::new(tools.join("node_modules/.bin/vsce"));
    let ran: Ran = vsce.current_dir(scratch.path()).args(flags).output().expect("vsce starts").into();
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let package = scratch.path().join(format!("seccfg-{}.vsix", seccfg::VERSION));
    let listed: Ran = Command::new("python3").args(["-c", LIST]).arg(&package).output().expect("Python starts").into();
    for file in ["extension/extension.js", "extension/package.json", "extension.vsixmanifest"] {
        assert!(listed.out.lines().any(|line| line == file), "{file}: {}{}", listed.out, listed.err);
    }
    let needed = "extension/node_modules/vscode-languageclient/lib/node/main.js";
    assert!(listed.out.lines().any(|line| line == needed), "{}", listed.out);
}
