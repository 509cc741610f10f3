//! A `.env` file as people wrote it: its entries, what its readers would disagree on, and edits that touch nothing else.
//!
//! There is no standard for `.env`; there are readers. What is read here is what dotenvy and python-dotenv agree on.
//! Wherever one of the usual readers (these two, Node's dotenv, Compose, bash, systemd) would see something else, there is
//! a [`Problem`]: a text without problems means the same to all of them. Values may be secrets, so no message, help or
//! `Debug` output repeats one.
//!
//! Two quirks of single versions are left alone, because they are about blanks that nobody sees: dotenvy 0.15 minds
//! quotes in a comment behind two blanks, and a blank at the very end of the file; `node --env-file` in Node 20 minds
//! tabs.
//!
//! Nothing here knows what a variable means, how severe a problem is, or the environment of the process: `$` is never
//! expanded. [`encode`] and [`apply`] write only the forms that all readers agree on.

mod parse;
mod write;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use crate::source::Span;

pub use write::{Edit, Refused, Unwritable, apply, encode, splices};

/// What stands in a `.env` file.
///
/// The text itself is not kept, so that printing a document can't show a secret.
#[derive(Debug)]
pub struct Document<'a> {
    entries: Vec<Entry<'a>>,
    problems: Vec<Problem>,
}

impl<'a> Document<'a> {
    /// Every assignment to a name that is one, in order, duplicates included.
    pub fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// The entry that counts for most readers: the last of its name.
    pub fn get(&self, name: &str) -> Option<&Entry<'a>> {
        self.entries.iter().rfind(|entry| entry.name == name)
    }

    /// What could not be read, or is read differently by different readers, in the order of the text.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// One assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The name, for which [`is_name`] holds.
    pub name: &'a str,
    /// Where the name stands.
    pub name_span: Span,
    /// The value as written, quotes included. Empty, and right behind the `=`, where there is none.
    pub value_span: Span,
    /// The value as read. Where its quotes do not enclose all of it, which is a problem, the text as written.
    pub value: Value<'a>,
}

/// The value of a variable, kept from being printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Value<'a>(Cow<'a, str>);

impl Value<'_> {
    /// The value itself, which may be a secret.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Value(***)")
    }
}

/// Something that can't be read, or that readers see differently. Of each kind, an assignment tells the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: ProblemKind,
    /// What is wrong, as one sentence.
    pub message: String,
    /// What to write.
    pub help: String,
}

impl Problem {
    fn new(kind: ProblemKind, span: Span) -> Self {
        let (message, help) = kind.words();
        Self { span, kind, message: message.to_owned(), help: help.to_owned() }
    }

    /// Whether it is about what stands at a place. How lines end is told where the first one does, and is about the file.
    pub fn is_about(&self, place: Span) -> bool {
        self.kind != ProblemKind::LineEnds && self.span.overlaps(place)
    }
}

/// What can be wrong in a `.env` file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The text begins with a byte order mark.
    ByteOrderMark,
    /// A line is neither an assignment nor a comment nor blank.
    NotAnAssignment,
    /// What is assigned to is not a name.
    BadName,
    /// An `export` stands before the name.
    Export,
    /// A name was assigned before, and readers differ in which one counts.
    DuplicateName {
        /// Where the name stood the last time before.
        earlier: Span,
    },
    /// There are blanks before or behind the `=`.
    BlanksAroundEquals,
    /// A quote is opened and never closed.
    UnbalancedQuote,
    /// Something that is not a comment stands behind the closing quote.
    TextAfterQuote,
    /// A comment stands behind the closing quote.
    CommentAfterQuote,
    /// An unquoted value holds a blank, an invisible character, or one that a shell obeys.
    NeedsQuotes,
    /// A `#` stands in or behind an unquoted value.
    UnquotedHash,
    /// A `$` or a backtick would be replaced by something else.
    Substitution,
    /// An escape that dotenvy and python-dotenv read alike, but bash or Node does not.
    Escape,
    /// A backslash or a quote that dotenvy and python-dotenv read differently.
    ReadersDiffer,
    /// A carriage return stands elsewhere than at the end of an assignment's or a comment's line.
    CarriageReturn,
    /// Lines end in a carriage return and a line feed, which a file tells once.
    LineEnds,
    /// A NUL, which no environment variable can hold.
    Nul,
}

impl ProblemKind {
    /// What is wrong, and what to write instead. Never made from the text, which may hold secrets anywhere.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::ByteOrderMark => (
                "the file begins with a byte order mark, which some readers take for a part of the first name",
                "save the file as UTF-8 without a byte order mark",
            ),
            Self::NotAnAssignment => (
                "the line is neither an assignment nor a comment",
                "write `NAME=value`, or begin the line with `#`; a value of several lines goes in quotes",
            ),
            Self::BadName => (
                "what stands before the `=` is not the name of a variable",
                "write a name of letters, digits and `_` that does not begin with a digit",
            ),
            Self::Export => (
                "`export` stands before the name: systemd skips the line, and `docker run` refuses the file",
                "take `export` away; a shell exports what it reads behind `set -a`",
            ),
            Self::DuplicateName { .. } => (
                "the name is assigned again, and readers differ in whether the first or the last one counts",
                "keep one of the assignments",
            ),
            Self::BlanksAroundEquals => (
                "there are blanks around the `=`, which bash takes for a command",
                "write `NAME=value`, without blanks",
            ),
            Self::UnbalancedQuote => (
                "the value's opening quote has no closing one",
                "close the quote, or put the whole value into quotes of the other kind",
            ),
            Self::TextAfterQuote => (
                "text stands behind the value's closing quote",
                "put the whole value in quotes, and a comment on a line of its own",
            ),
            Self::CommentAfterQuote => (
                "a comment stands behind the value's closing quote, which systemd takes for a part of the value",
                "put the comment on a line of its own",
            ),
            Self::NeedsQuotes => (
                "the unquoted value holds a character that ends it for some readers, or that bash obeys",
                "put the value in single quotes",
            ),
            Self::UnquotedHash => (
                "readers differ in whether a `#` in or behind an unquoted value begins a comment",
                "put the value in single quotes, or the comment on a line of its own",
            ),
            Self::Substitution => (
                "some readers replace a part of the value by a variable or by what a command prints",
                "put the value in single quotes; no quotes keep python-dotenv from replacing `${…}`",
            ),
            Self::Escape => (
                "bash or Node reads this escape differently from dotenvy and python-dotenv",
                "write the character itself, in single quotes; a line feed may stand there too",
            ),
            Self::ReadersDiffer => (
                "dotenvy and python-dotenv read this backslash or quote differently",
                "write the value as it is meant, in single quotes; no form of `\\\\`, or of a `\\` at the end, is read alike",
            ),
            Self::CarriageReturn => (
                "a carriage return stands in the middle of a line or of a value, and readers differ in what it is",
                "take it away, or end the lines within a value with a line feed alone",
            ),
            Self::LineEnds => (
                "lines end in a carriage return and a line feed: bash takes the carriage return for a part of the value",
                "end lines in a line feed alone, as `dos2unix` does",
            ),
            Self::Nul => ("the file holds a NUL character, which no variable can hold", "take it away"),
        }
    }
}

/// Whether all readers take it for a name: letters, digits and `_`, not beginning with a digit, ASCII only.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
