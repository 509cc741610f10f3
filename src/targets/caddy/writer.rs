//! Lines of a Caddyfile. Nothing gets into one but comments and values, each through the escaping of its kind.
//!
//! `w.token("respond").token("@seccfg_hidden").token(404).end()` writes the line `respond @seccfg_hidden 404`.

use super::super::refused::at;
use super::super::{Refused, Unwritable};
use super::KEY;
use super::escape::comment;
use super::value::Value;
use crate::profile::Form;

/// Caddyfiles that are being written.
pub struct Writer {
    form: Form,
    text: String,
    depth: usize,
    /// What has no form, each once: then there are no files.
    refused: Vec<Unwritable>,
}

impl Writer {
    /// Begins files; or, for JSON, a look at what has no form in it.
    pub fn new(form: Form) -> Self {
        Self { form, text: String::new(), depth: 0, refused: Vec::new() }
    }

    /// What was written until now. What is written next is another file.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// All that had no form in any of the files.
    pub fn finish(self) -> Result<(), Refused> {
        if self.refused.is_empty() { Ok(()) } else { Err(Refused(self.refused)) }
    }

    /// Writes lines that stand in this program, as they are.
    pub fn lines(&mut self, ours: &'static str) {
        ours.lines().for_each(|line| self.line(line));
    }

    /// Writes a value behind what stands in the line.
    pub fn token(&mut self, value: impl Into<Value>) -> &mut Self {
        let written = self.held(value.into().token(self.form));
        if self.text.is_empty() || self.text.ends_with('\n') {
            self.indent();
        } else {
            self.text.push(' ');
        }
        self.text.push_str(&written);
        self
    }

    /// Writes values behind what stands in the line.
    pub fn tokens(&mut self, values: impl IntoIterator<Item = impl Into<Value>>) -> &mut Self {
        values.into_iter().fold(self, Self::token)
    }

    /// Ends the line.
    pub fn end(&mut self) {
        self.text.push('\n');
    }

    /// Ends the line, and begins a block.
    pub fn open(&mut self) {
        self.text.push_str(" {\n");
        self.depth += 1;
    }

    /// Ends a block.
    pub fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.line("}");
    }

    /// Begins a paragraph with its reason. What has none belongs to the one above it.
    pub fn paragraph(&mut self, note: &str) {
        if !note.is_empty() && !self.text.ends_with("{\n") {
            self.line("");
        }
        self.note(note);
    }

    /// Writes a reason.
    pub fn note(&mut self, note: &str) {
        for line in note.lines() {
            let written = self.held(at(KEY, comment(line)).map(|line| format!("# {}", line.as_str())));
            self.line(&written);
        }
    }

    fn held(&mut self, written: Result<String, Refused>) -> String {
        written.unwrap_or_else(|Refused(more)| {
            let new = more.into_iter().filter(|one| !self.refused.contains(one)).collect::<Vec<_>>();
            self.refused.extend(new);
            String::new()
        })
    }

    fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.indent();
        }
        self.text.extend([line, "\n"]);
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n('\t', self.depth));
    }
}
