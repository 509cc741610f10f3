//! Files beside a profile: its `.env` files and the pack of its app, open or not.

use serde_json::{Value, json};

use crate::client::{Client, codes};
use crate::profile;
use crate::support::folder;

const NAME: &str = "security.toml";

/// As hard to guess as a real one, and not written anywhere.
fn made_up(folder: &std::path::Path) -> String {
    let name = folder.file_name().expect("it has a name").to_string_lossy().replace('.', "");
    format!("Zq7{name}x9Kd")
}

#[test]
fn an_open_env_file_is_judged_with_its_profile_and_no_value_is_told() {
    let folder = folder();
    let secret = made_up(folder.path());
    let mut client = Client::plain(folder.path());
    let text = profile("\n[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\npurpose = \"signing\"\n");
    client.open(NAME, &text);
    // Weak, and with a line that no reader takes.
    let told = client
        .open(".env", &format!("SECRET_KEY=changeme\nSMTP_USERNAME=u\nSMTP_PASSWORD={secret}\nnonsense {secret}\n"));
    let found = codes(&told);
    assert!(found.contains(&"RND001") && found.iter().any(|code| code.starts_with("SEC")), "{told:#?}");
    let line = |one: &Value| one["range"]["start"]["line"].as_u64();
    assert!(told.iter().any(|one| one["code"] == "RND001" && line(one) == Some(3)), "{told:#?}");
    // The profile refers to a variable, and the variable stands in the file.
    let marked = text.replacen("env:SECRET_KEY", "env:SEC|RET_KEY", 1);
    let places = client.at("textDocument/definition", NAME, &marked);
    assert_eq!(places[0]["uri"], client.uri(".env").as_str(), "{places}");
    let offers = client.at("textDocument/completion", NAME, &marked).to_string();
    assert!(offers.contains("env:SMTP_PASSWORD"));
    client.at("textDocument/hover", ".env", "SEC|RET_KEY=changeme\n");
    // A file that is closed is judged no more, as `seccfg check` judges none that is not named.
    client.close(".env");
    client.wait("an end of what is told", |message| {
        message["params"]["uri"] == client_uri(folder.path(), ".env") && message["params"]["diagnostics"] == json!([])
    });
    assert!(!client.heard.contains(&secret) && !client.heard.contains("changeme"));
    client.leave();
}

fn client_uri(folder: &std::path::Path, name: &str) -> String {
    format!("file://{}", folder.canonicalize().expect("it is there").join(name).display())
}

#[test]
fn an_env_file_by_itself_finds_its_profile_on_the_disk() {
    let folder = folder();
    let text = profile("\n[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\npurpose = \"signing\"\n");
    std::fs::write(folder.path().join(NAME), text).expect("a file can be written");
    let mut client = Client::plain(folder.path());
    let told = client.open(".env", "SECRET_KEY=changeme\n");
    assert!(!told.is_empty());
    // The profile is not open: nothing is told of it.
    assert!(!client.heard.contains(NAME));
    client.leave();
}

#[test]
fn env_files_of_the_settings_are_read_from_the_disk() {
    let folder = folder();
    let text =
        profile("\n[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\npurpose = \"signing\"\n\n[modes.staging]\n");
    std::fs::write(folder.path().join("live.env"), "SECRET_KEY=changeme\n").expect("a file can be written");
    let options = json!({ "envFiles": ["prod=live.env"] });
    let mut client = Client::new(folder.path(), &json!({}), &options);
    client.open(NAME, &text);
    let told = client.diagnostics_of_closed("live.env");
    assert!(!told.is_empty());
    // Mended on the disk, it is read anew when something is saved.
    std::fs::write(folder.path().join("live.env"), "").expect("a file can be written");
    client.say("textDocument/didSave", json!({ "textDocument": { "uri": client.uri(NAME) } }));
    let again = client.diagnostics_of_closed("live.env");
    assert_ne!(codes(&told), codes(&again));
    client.leave();
}

/// What the profile names, `seccfg check --env-files` reads; so does the editor, open or not.
#[test]
fn env_files_that_the_profile_names_are_judged_as_check_does() {
    let folder = folder();
    let text = profile(
        "\n[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\npurpose = \"signing\"\n\n[targets.env]\nfiles = [\"live/prod.env\"]\n",
    );
    std::fs::create_dir(folder.path().join("live")).expect("a folder can be made");
    std::fs::write(folder.path().join("live/prod.env"), "SECRET_KEY=changeme\n").expect("a file can be written");
    let mut client = Client::plain(folder.path());
    client.open(NAME, &text);
    let closed = client.diagnostics_of_closed("live/prod.env");
    std::fs::write(folder.path().join(NAME), &text).expect("a file can be written");
    let ran = crate::support::run(folder.path(), &["check", "--env-files", "--all-modes", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
    let found = report["findings"].as_array().expect("it has findings").iter();
    let mut by_check: Vec<&str> =
        found.filter(|one| one["file"] == "live/prod.env").filter_map(|one| one["code"].as_str()).collect();
    let mut by_editor = codes(&closed);
    by_check.sort_unstable();
    by_editor.sort_unstable();
    assert!(!by_check.is_empty() && by_check == by_editor, "{by_check:?} {by_editor:?}");
    // The open text counts before the file.
    let told = client.open("live/prod.env", "");
    assert_ne!(codes(&told), codes(&closed));
    client.leave();
}

#[test]
fn a_pack_of_ones_own_is_judged_as_it_stands_in_the_editor() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    let text = profile("").replace("kind = \"generic\"", "kind = \"./shop.toml\"");
    std::fs::write(folder.path().join("shop.toml"), "version = 1\ntitle = \"Shop\"\nother_controls = \"unknown\"\n")
        .expect("a file can be written");
    let told = client.open(NAME, &text);
    assert!(!codes(&told).contains(&"PRF003"), "{told:#?}");
    let told = client.open("shop.toml", "version = 1\ntitle = \"Shop\"\nnonsense = 1\n");
    assert_eq!(codes(&told), ["PRF002"]);
    client.change("shop.toml", 2, "version = 1\ntitle = \"Shop\"\n");
    assert_eq!(client.diagnostics("shop.toml", 2), Vec::<Value>::new());
    let places = client.at("textDocument/definition", NAME, &text.replacen("./shop.toml", "./sh|op.toml", 1));
    assert_eq!(places[0]["uri"], client.uri("shop.toml").as_str());
    client.leave();
}

#[test]
fn a_text_that_is_no_profile_is_left_alone() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    let document =
        json!({ "uri": client.uri("Cargo.toml"), "languageId": "toml", "version": 1, "text": "[package]\n" });
    client.say("textDocument/didOpen", json!({ "textDocument": document }));
    assert_eq!(client.at("textDocument/hover", "Cargo.toml", "[pack|age]\n"), Value::Null);
    // One that names the schema is one, whatever it is called.
    let told = client.open("shop.toml", "#:schema https://example.com/security.schema.json\nversion = 2\n");
    assert!(codes(&told).contains(&"PRF005"), "{told:#?}");
    assert!(!client.heard.contains("Cargo.toml"));
    client.leave();
}
