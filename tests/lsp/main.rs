//! `seccfg lsp`, driven over standard input and output by a client of our own and by Neovim; and what editors make
//! of the schema without it.

mod answers;
mod bad_input;
mod client;
mod files;
mod neovim;
mod schema;
mod support;
mod vscode;

/// What is clean in production, with a mark of the test's own in it.
pub fn profile(text: &str) -> String {
    let fixture = support::root().join("tests/fixtures/prod.toml");
    let fixture = std::fs::read_to_string(fixture).expect("the fixture is there");
    format!("{fixture}{text}")
}
