//! One client: what it said of itself, what it asks, and what it is answered.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::place::Encoding;
use super::protocol::{
    CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProvider, CodeLensOptions, CompletionOptions,
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, ErrorCode,
    ExecuteCommandOptions, ExecuteCommandParams, InitializeResult, Message, Notification, PositionEncodingKind,
    PublishDiagnosticsParams, Request, RequestId, Response, ServerCapabilities, ServerInfo,
    TextDocumentContentChangeEvent, TextDocumentIdentifier, TextDocumentPositionParams, TextDocumentSync,
    TextDocumentSyncKind, TextDocumentSyncOptions, Uri,
};
use super::settings::Settings;
use super::workspace::{Text, Workspace};
use super::{Ended, actions, completion, definition, diagnostics, hover, lens, symbols};
use crate::source::Source;
use crate::{VERSION, input};

/// Where a conversation is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Nothing was said yet.
    #[default]
    New,
    /// Questions are answered.
    Open,
    /// The client has said that it is about to go.
    Closing,
}

/// What is known of a client, and what it is to be told.
#[derive(Default)]
pub struct Editor {
    phase: Phase,
    encoding: Encoding,
    workspace: Workspace,
    outgoing: Vec<Message>,
}

/// Why a question has no answer.
struct Refusal(ErrorCode, String);

impl Editor {
    /// Takes a message. Says how the conversation ended, when it did.
    pub fn take(&mut self, message: Message) -> Option<Ended> {
        match message {
            Message::Request(request) => self.answer(request),
            Message::Notification(Notification { method, .. }) if method == "exit" => {
                return Some(if self.phase == Phase::Closing { Ended::InOrder } else { Ended::Abruptly });
            }
            Message::Notification(notification) if self.phase == Phase::Open => self.hear(notification),
            // Before its first words and after its last, a client has nothing to tell. Nobody is asked anything here that
            // would be answered.
            Message::Notification(_) | Message::Response(_) => {}
        }
        None
    }

    /// What is to be told now.
    pub fn answers(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.outgoing)
    }

    /// What is to be told when the client says nothing more for now: what is wrong in the texts that have changed.
    pub fn rest(&mut self) -> Vec<Message> {
        let encoding = self.encoding;
        let news = self.workspace.news(|workspace, judged| diagnostics::of(workspace, judged, encoding));
        for (file, diagnostics) in news {
            let uri = self.workspace.uri(&file);
            let version = self.workspace.text(&uri).map(|text| text.version);
            self.tell("textDocument/publishDiagnostics", &PublishDiagnosticsParams { uri, version, diagnostics });
        }
        self.answers()
    }

    fn tell(&mut self, method: &str, params: &impl Serialize) {
        let params = serde_json::to_value(params).expect("what is told is text and numbers");
        self.outgoing.push(Notification { method: method.to_owned(), params }.into());
    }

    /// Tells the client's user something that is wrong with the client.
    fn warn(&mut self, message: &str) {
        const WARNING: u8 = 2;
        self.tell("window/showMessage", &json!({ "type": WARNING, "message": format!("seccfg: {message}") }));
    }

    fn hear(&mut self, Notification { method, params }: Notification) {
        let heard = match method.as_str() {
            "textDocument/didOpen" => read(params).map(|params: DidOpenTextDocumentParams| {
                let text = params.text_document;
                self.workspace.open(text.uri, text.version, text.text);
            }),
            "textDocument/didChange" => read(params).map(|params: DidChangeTextDocumentParams| {
                let text = params.text_document;
                let uri = text.text_document_identifier.uri;
                let encoding = self.encoding;
                let edit = |source: &Source| changed(source, params.content_changes, encoding);
                self.workspace.change(&uri, text.version, edit);
            }),
            "textDocument/didClose" => read(params).map(|params: DidCloseTextDocumentParams| {
                self.workspace.close(&params.text_document.uri);
            }),
            // Packs and `.env` files that are not open are read anew.
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                self.workspace.touch_all();
                Ok(())
            }
            "workspace/didChangeConfiguration" => {
                self.set(&params["settings"]);
                Ok(())
            }
            // What need not be heard: `initialized`, `$/cancelRequest` of what is answered at once, and what is not known.
            _ => Ok(()),
        };
        if let Err(Refusal(_, why)) = heard {
            self.warn(&format!("`{method}` was not understood: {why}"));
        }
    }

    fn set(&mut self, said: &Value) {
        let (settings, wrong) = Settings::read(said);
        self.workspace.set(settings);
        for why in wrong {
            self.warn(&why);
        }
    }

    fn answer(&mut self, Request { id, method, params }: Request) {
        let answer = match (self.phase, method.as_str()) {
            (Phase::New, "initialize") => Ok(self.begin(&params)),
            (Phase::New, _) => {
                Err(Refusal(ErrorCode::ServerNotInitialized, "the first request is `initialize`".to_owned()))
            }
            (Phase::Open, "initialize") => {
                Err(Refusal(ErrorCode::InvalidRequest, "`initialize` was asked before".to_owned()))
            }
            (Phase::Open, "shutdown") => {
                self.phase = Phase::Closing;
                Ok(Value::Null)
            }
            (Phase::Open, method) => self.question(method, params),
            (Phase::Closing, _) => {
                Err(Refusal(ErrorCode::InvalidRequest, "nothing is asked after `shutdown` but to exit".to_owned()))
            }
        };
        self.outgoing.push(response(id, answer).into());
    }

    fn begin(&mut self, params: &Value) -> Value {
        self.phase = Phase::Open;
        let offered = params["capabilities"]["general"]["positionEncodings"].as_array();
        if offered.is_some_and(|offered| offered.iter().any(|one| one == "utf-8")) {
            self.encoding = Encoding::Utf8;
        }
        self.set(&params["initializationOptions"]);
        let server_info = ServerInfo { name: "seccfg".to_owned(), version: Some(VERSION.to_owned()) };
        let result = InitializeResult { capabilities: capabilities(self.encoding), server_info: Some(server_info) };
        value(&result)
    }

    fn question(&mut self, method: &str, params: Value) -> Result<Value, Refusal> {
        match method {
            "textDocument/hover" => self.at_place(params, |workspace, text, offset, encoding| {
                let judged = workspace.known(&text.uri);
                if input::is_env_file(&text.source.path) {
                    return value(&judged.and_then(|judged| hover::of_env_file(text, judged, offset, encoding)));
                }
                value(&hover::of_profile(text, judged, offset, encoding))
            }),
            "textDocument/completion" => self.at_place(params, |workspace, text, offset, encoding| {
                value(&completion::at(workspace, text, workspace.known(&text.uri), offset, encoding))
            }),
            "textDocument/definition" => self.at_place(params, |workspace, text, offset, encoding| {
                value(&definition::of(workspace, text, workspace.known(&text.uri), offset, encoding))
            }),
            "textDocument/documentSymbol" => {
                self.of_text(params, |_, text, encoding| value(&symbols::of(text, encoding)))
            }
            "textDocument/codeLens" => self.of_text(params, |workspace, text, encoding| {
                value(&workspace.known(&text.uri).map(|judged| lens::of(text, judged, encoding)))
            }),
            "textDocument/codeAction" => {
                let params: CodeActionParams = read(params)?;
                let uri = params.text_document.uri.clone();
                self.workspace.judged(&uri);
                let judged = self.workspace.known(&uri);
                Ok(value(&judged.map(|judged| actions::at(&self.workspace, judged, &params, self.encoding))))
            }
            "workspace/executeCommand" => self.execute(params),
            method => Err(Refusal(ErrorCode::MethodNotFound, format!("`{method}` is not answered here"))),
        }
    }

    /// Answers a question about a place in a text.
    fn at_place(
        &mut self,
        params: Value,
        answer: impl FnOnce(&Workspace, &Text, usize, Encoding) -> Value,
    ) -> Result<Value, Refusal> {
        let params: TextDocumentPositionParams = read(params)?;
        Ok(self.of_open(&params.text_document.uri, |workspace, text, encoding| {
            answer(workspace, text, encoding.offset(&text.source, params.position), encoding)
        }))
    }

    /// Answers a question about a text.
    fn of_text(
        &mut self,
        params: Value,
        answer: impl FnOnce(&Workspace, &Text, Encoding) -> Value,
    ) -> Result<Value, Refusal> {
        /// What all such questions have.
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct OfText {
            text_document: TextDocumentIdentifier,
        }
        let params: OfText = read(params)?;
        Ok(self.of_open(&params.text_document.uri, answer))
    }

    /// Of a text that is not open, nothing is known.
    fn of_open(&mut self, uri: &Uri, answer: impl FnOnce(&Workspace, &Text, Encoding) -> Value) -> Value {
        // What is asked about may have changed a moment ago.
        self.workspace.judged(uri);
        let text = self.workspace.text(uri);
        text.map_or(Value::Null, |text| answer(&self.workspace, text, self.encoding))
    }

    fn execute(&mut self, params: Value) -> Result<Value, Refusal> {
        let params: ExecuteCommandParams = read(params)?;
        if params.command != lens::PLAN {
            let why = format!("`{}` is no command of this server", params.command);
            return Err(Refusal(ErrorCode::InvalidParams, why));
        }
        let asked = params.arguments.as_deref().and_then(lens::asked);
        let Some((uri, mode, target)) = asked else {
            let why = format!("`{}` takes the URI of a profile, a mode and a target", lens::PLAN);
            return Err(Refusal(ErrorCode::InvalidParams, why));
        };
        let judged = self.workspace.judged(&Uri(uri));
        Ok(judged.and_then(|judged| lens::shown(judged, mode, target)).map_or(Value::Null, Value::String))
    }
}

/// A text after changes, in their order. The whole text is asked for; a client that tells ranges is understood, too.
fn changed(source: &Source, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) -> String {
    let mut now = source.clone();
    for change in changes {
        now.text = match change {
            TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => whole.text,
            TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                let span = encoding.span(&now, part.range);
                let mut text = now.text;
                text.replace_range(span.start..span.end, &part.text);
                text
            }
        };
        now = Source::new(&source.path, std::mem::take(&mut now.text));
    }
    now.text
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(match encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }),
        // A profile is short: sent as a whole, it cannot come apart from the client's.
        text_document_sync: Some(TextDocumentSync::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::Full),
            save: Some(true.into()),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(true.into()),
        definition_provider: Some(true.into()),
        document_symbol_provider: Some(true.into()),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(completion::TRIGGERS.map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        code_action_provider: Some(CodeActionProvider::CodeActionOptions(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QuickFix, CodeActionKind::Custom(actions::FIX_ALL.into())]),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions::default()),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![lens::PLAN.to_owned()],
            ..ExecuteCommandOptions::default()
        }),
        ..ServerCapabilities::default()
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    serde_json::from_value(params).map_err(|error| Refusal(ErrorCode::InvalidParams, error.to_string()))
}

fn value(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).expect("an answer is text and numbers")
}

fn response(id: RequestId, answer: Result<Value, Refusal>) -> Response {
    match answer {
        Ok(answer) => Response::new_ok(id, answer),
        Err(Refusal(code, message)) => Response::new_err(id, code as i32, message),
    }
}
