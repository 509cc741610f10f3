//! What comes is not always what the protocol has: nothing of it stops the server but the end of what can be understood.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, codes};
use crate::profile;
use crate::support::folder;

const NAME: &str = "security.toml";

#[test]
fn garbage_ends_the_conversation_with_a_word() {
    let folder = folder();
    for bytes in [
        &b"garbage\n"[..],
        b"\x00\xff\xfe\r\n\r\n",
        b"Content-Length: x\r\n\r\n{}",
        b"Content-Length: 99999999999999\r\n\r\n{}",
        b"Content-Length: 400\r\n\r\n{\"jsonrpc\":",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        let mut client = Client::silent(folder.path());
        client.send(bytes);
        let (status, complaint) = client.end();
        assert_eq!(status.code(), Some(2), "{complaint}");
        assert!(complaint.starts_with("seccfg: ") && complaint.lines().count() == 1, "{complaint}");
    }
}

#[test]
fn a_message_that_is_none_costs_an_answer_and_no_more() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    for (body, code) in
        [("{nonsense", -32700), ("[]", -32600), ("7", -32600), ("{\"id\":{}}", -32600), ("\u{fffd}", -32700)]
    {
        client.send(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
        let answer = client.wait("a refusal", |message| message["id"].is_null() && message.get("error").is_some());
        assert_eq!(answer["error"]["code"], code, "{body}: {answer}");
    }
    let deep = "[".repeat(100_000);
    client.send(format!("Content-Length: {}\r\n\r\n{deep}", deep.len()).as_bytes());
    client.wait("a refusal", |message| message.get("error").is_some());
    assert_eq!(client.refused("textDocument/nonsense", json!({})), -32601);
    assert_eq!(client.refused("textDocument/hover", json!({ "position": "here" })), -32602);
    assert_eq!(client.refused("textDocument/codeAction", json!([1])), -32602);
    assert_eq!(client.refused("workspace/executeCommand", json!({ "command": "rm" })), -32602);
    assert_eq!(
        client.refused("workspace/executeCommand", json!({ "command": "seccfg.plan", "arguments": [1] })),
        -32602
    );
    assert_eq!(client.refused("initialize", json!({})), -32600);
    client.say("textDocument/didOpen", json!({ "textDocument": 7 }));
    client.wait("a warning", |message| message["method"] == "window/showMessage");
    client.say("$/unknown", json!({}));
    // Nothing is known of what is not open, and no question about it is an error.
    for method in ["hover", "completion", "definition", "documentSymbol", "codeLens"] {
        let place = json!({ "textDocument": { "uri": client.uri("elsewhere.toml") }, "position": { "line": 0, "character": 0 } });
        assert_eq!(client.ask(&format!("textDocument/{method}"), place), Value::Null, "{method}");
    }
    client.leave();
}

#[test]
fn a_conversation_has_a_beginning_and_an_end() {
    let folder = folder();
    let mut client = Client::silent(folder.path());
    assert_eq!(client.refused("textDocument/hover", json!({})), -32002);
    assert_eq!(client.refused("shutdown", Value::Null), -32002);
    client.ask("initialize", json!({ "capabilities": {} }));
    client.ask("shutdown", Value::Null);
    assert_eq!(client.refused("textDocument/hover", json!({})), -32600);
    client.say("exit", Value::Null);
    assert_eq!(client.end().0.code(), Some(0));
    // A client that goes without a word, or is gone.
    let mut client = Client::plain(folder.path());
    client.say("exit", Value::Null);
    assert_eq!(client.end().0.code(), Some(1));
    let mut client = Client::plain(folder.path());
    client.open(NAME, &profile(""));
    let (status, complaint) = client.end();
    assert_eq!((status.code(), complaint.as_str()), (Some(1), ""));
}

#[test]
fn edits_that_come_too_late_or_too_far_do_no_harm() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    let clean = profile("");
    client.open(NAME, &clean);
    client.change(NAME, 7, "version = 2\n");
    assert_eq!(client.diagnostics(NAME, 7).iter().filter(|one| one["code"] == "PRF005").count(), 1);
    // An older version comes behind a newer one.
    client.change(NAME, 5, &clean);
    client.change(NAME, 8, "version = 1\n");
    let told = client.diagnostics(NAME, 8);
    assert_eq!(codes(&told), ["PRF004"], "{told:#?}");
    // A client that tells ranges, some of them in the middle of a pair, behind the end, or from behind to before.
    let far = u32::MAX;
    for (version, range, text) in [
        (9, json!({ "start": { "line": 0, "character": 0 }, "end": { "line": far, "character": far } }), "# 🔑é\n"),
        (10, json!({ "start": { "line": 0, "character": 3 }, "end": { "line": 0, "character": 3 } }), "x"),
        (
            11,
            json!({ "start": { "line": far, "character": 1 }, "end": { "line": 1, "character": 0 } }),
            "version = 3\n",
        ),
    ] {
        let document = json!({ "uri": client.uri(NAME), "version": version });
        let changes = json!([{ "range": range, "text": text }]);
        client.say("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
        let told = client.diagnostics(NAME, version);
        let expected = if version == 11 { "PRF005" } else { "PRF004" };
        assert!(codes(&told).contains(&expected), "{version}: {told:#?}");
    }
    // What is not open cannot change, and may be closed twice.
    client.change("elsewhere.toml", 1, "x");
    client.close(NAME);
    client.close(NAME);
    client.say("textDocument/didSave", json!({ "textDocument": { "uri": client.uri(NAME) } }));
    client.leave();
}

#[test]
fn a_text_of_ten_mebibytes_is_answered_whatever_it_is() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    let nonsense = format!("a = b {}\n", "é🔑".repeat(200)).repeat(9_000);
    assert!(nonsense.len() > 10 << 20);
    let told = client.open(NAME, &nonsense);
    assert!(told.len() > 100 && told.len() <= 1001, "{}", told.len());
    // In one line, and of brackets alone.
    for (version, text) in [(2, "[{".repeat(5 << 20)), (3, format!("version = \"{}", "x".repeat(10 << 20)))] {
        client.change(NAME, version, &text);
        assert!(!client.diagnostics(NAME, version).is_empty());
        let at =
            json!({ "textDocument": { "uri": client.uri(NAME) }, "position": { "line": 0, "character": 9_000_000 } });
        client.ask("textDocument/completion", at.clone());
        client.ask("textDocument/hover", at);
    }
    client.change(NAME, 4, &"#".repeat(17 << 20));
    let told = client.diagnostics(NAME, 4);
    assert!(told.iter().any(|one| one["message"].as_str().is_some_and(|text| text.contains("16 MiB"))), "{told:#?}");
    client.change(NAME, 5, &profile(""));
    assert_eq!(client.diagnostics(NAME, 5), Vec::<Value>::new());
    client.leave();
}

#[test]
fn of_many_keystrokes_the_last_counts() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    let clean = profile("");
    client.open(NAME, &clean);
    for version in 2..200 {
        client.change(NAME, version, &format!("{clean}\n# {version}\n[cors"));
    }
    client.change(NAME, 200, &clean);
    // A question that follows at once does not swallow what is to be told.
    client.about("textDocument/documentSymbol", NAME);
    let begin = Instant::now();
    assert_eq!(client.diagnostics(NAME, 200), Vec::<Value>::new());
    assert!(begin.elapsed() < Duration::from_secs(20));
    client.leave();
}
