//! A client of the Language Server Protocol, as small as one can be: it starts `seccfg lsp`, keeps what it is told, and
//! waits no longer than half a minute for anything.

#![allow(clippy::needless_pass_by_value, reason = "what a test makes for one message")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::seccfg;

/// Nothing takes as long, even where the machine does other things besides.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    incoming: Receiver<Value>,
    /// What was told and not waited for yet.
    told: Vec<Value>,
    /// Everything that came, as text.
    pub heard: String,
    folder: PathBuf,
    asked: i64,
}

impl Client {
    /// Starts the server in a folder, without a word.
    pub fn silent(folder: &Path) -> Self {
        Self::of(seccfg(folder).arg("lsp"), folder)
    }

    /// Starts any server in a folder.
    pub fn of(command: &mut Command, folder: &Path) -> Self {
        command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, incoming) = mpsc::channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let folder = folder.canonicalize().expect("the folder is there");
        Self { child, input, incoming, told: Vec::new(), heard: String::new(), folder, asked: 0 }
    }

    /// Starts the server and says what this client can.
    pub fn new(folder: &Path, capabilities: &Value, options: &Value) -> Self {
        let mut client = Self::silent(folder);
        let params = json!({ "processId": null, "rootUri": null, "capabilities": capabilities,
            "initializationOptions": options });
        client.ask("initialize", params);
        client.say("initialized", json!({}));
        client
    }

    /// One that says nothing of itself.
    pub fn plain(folder: &Path) -> Self {
        Self::new(folder, &json!({}), &Value::Null)
    }

    pub fn uri(&self, name: &str) -> String {
        format!("file://{}", self.folder.join(name).display())
    }

    /// Sends bytes, whatever they are. A server that has ended takes none.
    pub fn send(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("it is not closed yet");
        let _ = input.write_all(bytes).and_then(|()| input.flush());
    }

    fn message(&mut self, message: &Value) {
        let body = message.to_string();
        self.send(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    /// Tells the server something.
    pub fn say(&mut self, method: &str, params: Value) {
        self.message(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks a question that has an answer.
    #[track_caller]
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The number of the error that a question is answered with.
    #[track_caller]
    pub fn refused(&mut self, method: &str, params: Value) -> i64 {
        let answer = self.answer(method, params);
        answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method} was answered: {answer}"))
    }

    fn answer(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.message(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        self.wait(method, |message| message["id"] == id && message.get("method").is_none())
    }

    /// Waits for a message that was told, or will be.
    #[track_caller]
    pub fn wait(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(place) = self.told.iter().position(&is_it) {
                return self.told.remove(place);
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.incoming.recv_timeout(left) {
                Ok(message) => {
                    self.heard.push_str(&message.to_string());
                    // Other servers ask, too: this client has nothing to say.
                    if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
                        self.message(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
                    }
                    self.told.push(message);
                }
                Err(error) => panic!("waited for {what}: {error}; told so far: {:#?}", self.told),
            }
        }
    }

    /// Opens a file of the folder with a text, whatever the disk has, and gives what is wrong with it.
    pub fn open(&mut self, name: &str, text: &str) -> Vec<Value> {
        let document = json!({ "uri": self.uri(name), "languageId": "toml", "version": 1, "text": text });
        self.say("textDocument/didOpen", json!({ "textDocument": document }));
        self.diagnostics(name, 1)
    }

    /// Gives an open file another text.
    pub fn change(&mut self, name: &str, version: i64, text: &str) {
        let document = json!({ "uri": self.uri(name), "version": version });
        self.say("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": text }] }));
    }

    pub fn close(&mut self, name: &str) {
        self.say("textDocument/didClose", json!({ "textDocument": { "uri": self.uri(name) } }));
    }

    /// What is told to be wrong with a version of a file.
    #[track_caller]
    pub fn diagnostics(&mut self, name: &str, version: i64) -> Vec<Value> {
        let uri = self.uri(name);
        let told = self.wait(&format!("diagnostics of {name}, version {version}"), |message| {
            let params = &message["params"];
            message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri.as_str()
                && params["version"] == version
        });
        told["params"]["diagnostics"].as_array().expect("a list").clone()
    }

    /// What is told of a file that is not open.
    #[track_caller]
    pub fn diagnostics_of_closed(&mut self, name: &str) -> Vec<Value> {
        let uri = self.uri(name);
        let told = self.wait(&format!("diagnostics of {name}"), |message| {
            message["params"]["uri"] == uri.as_str() && message["params"]["version"].is_null()
        });
        told["params"]["diagnostics"].as_array().expect("a list").clone()
    }

    /// Asks about a place in a file: the one at which `|` stands in `marked`.
    #[track_caller]
    pub fn at(&mut self, method: &str, name: &str, marked: &str) -> Value {
        let place = position(marked);
        self.ask(method, json!({ "textDocument": { "uri": self.uri(name) }, "position": place }))
    }

    /// Asks about a file.
    #[track_caller]
    pub fn about(&mut self, method: &str, name: &str) -> Value {
        self.ask(method, json!({ "textDocument": { "uri": self.uri(name) } }))
    }

    /// Goes as the protocol has it.
    pub fn leave(mut self) {
        self.ask("shutdown", Value::Null);
        self.say("exit", Value::Null);
        let (status, complaint) = self.end();
        assert_eq!((status.code(), complaint.as_str()), (Some(0), ""));
    }

    /// Closes the server's input, and waits until it has ended: how, and what it said on standard error.
    pub fn end(mut self) -> (ExitStatus, String) {
        drop(self.input.take());
        let end = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().expect("a child of ours") {
                Some(status) => break status,
                None if Instant::now() > end => panic!("the server goes on without a client"),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        let mut complaint = String::new();
        let stderr = self.child.stderr.take().expect("it is piped");
        BufReader::new(stderr).read_to_string(&mut complaint).expect("the program writes UTF-8");
        (status, complaint)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Of a test that failed, nothing is left running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next message; nothing at the end.
fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => length = line.strip_prefix("Content-Length: ").map_or(length, |number| number.parse().ok()),
        }
    }
    let mut body = vec![0; length?];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

/// Where `|` stands in a text, in units of UTF-16.
pub fn position(marked: &str) -> Value {
    let offset = marked.find('|').expect("the test says where");
    let before = &marked[..offset];
    let line = before.rsplit('\n').next().unwrap_or_default();
    json!({ "line": before.matches('\n').count(), "character": line.encode_utf16().count() })
}

/// The text without the mark.
pub fn unmarked(marked: &str) -> String {
    marked.replacen('|', "", 1)
}

/// A text after edits of the protocol, in units of UTF-16.
pub fn edited(text: &str, edits: &Value) -> String {
    let offset = |place: &Value| {
        let line = usize::try_from(place["line"].as_u64().expect("a number")).expect("a short text");
        let column = usize::try_from(place["character"].as_u64().expect("a number")).expect("a short text");
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut units = 0;
        let behind = text[start..].char_indices().find(|(_, c)| {
            let is_there = units >= column;
            units += c.len_utf16();
            is_there
        });
        behind.map_or(text.len(), |(at, _)| start + at)
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .expect("a list")
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(&range["start"]), offset(&range["end"]), edit["newText"].as_str().expect("a text"))
        })
        .collect();
    edits.sort_unstable();
    let mut out = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    out
}

/// The codes of diagnostics, in their order.
pub fn codes(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics.iter().map(|one| one["code"].as_str().expect("each has a code")).collect()
}
