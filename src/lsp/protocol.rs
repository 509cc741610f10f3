//! The types of the Language Server Protocol that are used here: the only file that knows the crates which define them.

pub use gen_lsp_types::{
    Code, CodeAction, CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProvider, CodeDescription,
    CodeLens, CodeLensOptions, Command, CompletionItem, CompletionItemKind, CompletionItemTextEdit, CompletionList,
    CompletionOptions, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DidChangeTextDocumentParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DocumentSymbol, Documentation, ExecuteCommandOptions,
    ExecuteCommandParams, Hover, InitializeResult, Location, MarkupContent, MarkupKind, Position, PositionEncodingKind,
    PublishDiagnosticsParams, Range, ServerCapabilities, ServerInfo, SymbolKind, TextDocumentContentChangeEvent,
    TextDocumentIdentifier, TextDocumentPositionParams, TextDocumentSync, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextEdit, Uri, WorkspaceEdit,
};
pub use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};

/// Markdown, as clients show it.
pub fn markdown(value: impl Into<String>) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value: value.into() }
}
