//! A `.env` file as people wrote it: its entries, what its readers would disagree on, and edits that touch nothing else.
//!
//! There is no standard for `.env`; there are readers. What is read here is what dotenvy and python-dotenv agree on.
//! Wherever one of the usual [`Reader`]s would see something else, there is a [`Problem`]: a text without problems means the
//! same to all of them. Where it is known who reads a file, [`Document::read_by`] says of each problem whether those mind it,
//! and has `${NAME}` replaced as they do. Values may be secrets, so no message, help or `Debug` output repeats one.
//!
//! Two quirks of single versions are left alone, because they are about blanks that nobody sees: dotenvy 0.15 minds
//! quotes in a comment behind two blanks, and a blank at the very end of the file; `node --env-file` in Node 20 minds
//! tabs.
//!
//! Nothing here knows what a variable means, how severe a problem is, or the environment of the process. [`encode`] and
//! [`apply`] write only the forms that all readers agree on; [`encode_for`] writes for some of them.

mod expand;
mod parse;
mod reader;
mod write;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use crate::source::Span;

pub use expand::{Before, Quoting, split_at_end};
pub use reader::{Reader, Verdict};
pub use write::{Edit, Refused, Unwritable, apply, apply_for, encode, encode_for, splices};

/// What stands in a `.env` file.
///
/// The text itself is not kept, so that printing a document can't show a secret.
#[derive(Debug)]
pub struct Document<'a> {
    entries: Vec<Entry<'a>>,
    problems: Vec<Problem>,
    names: Names<'a>,
}

/// The entries by name.
#[derive(Debug)]
struct Names<'a> {
    /// The last of each.
    last: HashMap<&'a str, usize>,
    /// Those that another of the same name follows, each with the next of it, in order.
    followed: Vec<(usize, usize)>,
}

impl<'a> Names<'a> {
    fn of(entries: &[Entry<'a>]) -> Self {
        let mut names = Self { last: HashMap::with_capacity(entries.len()), followed: Vec::new() };
        for (index, entry) in entries.iter().enumerate() {
            names.followed.extend(names.last.insert(entry.name, index).map(|earlier| (earlier, index)));
        }
        names.followed.sort_unstable();
        names
    }
}

impl<'a> Document<'a> {
    /// What another kind of file says of variables, and what is wrong in it, in the order of its text.
    pub fn made(entries: Vec<Entry<'a>>, problems: Vec<Problem>) -> Self {
        let names = Names::of(&entries);
        Self { entries, problems, names }
    }

    /// Every assignment to a name that is one, in order, duplicates included.
    pub fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// The entry that counts for most readers: the last of its name.
    pub fn get(&self, name: &str) -> Option<&Entry<'a>> {
        self.last(name).map(|index| &self.entries[index])
    }

    /// The number of that entry.
    pub fn last(&self, name: &str) -> Option<usize> {
        self.names.last.get(name).copied()
    }

    /// The numbers of the last entries of all names, in order.
    pub fn lasting(&self) -> impl Iterator<Item = usize> {
        let is_followed =
            |index: &usize| self.names.followed.binary_search_by_key(index, |(earlier, _)| *earlier).is_ok();
        (0..self.entries.len()).filter(move |index| !is_followed(index))
    }

    /// The names, in no order.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.names.last.keys().copied()
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
    /// How it is enclosed.
    pub quoting: Quoting,
    /// Where in the value a `$` stands that no backslash escapes.
    dollars: Vec<usize>,
}

impl<'a> Entry<'a> {
    /// An assignment in another kind of file, whose value is known.
    pub fn made(name: &'a str, name_span: Span, value_span: Span, value: String) -> Self {
        let value = Value(Cow::Owned(value));
        Self { name, name_span, value_span, value, quoting: Quoting::None, dollars: Vec::new() }
    }
}

/// The value of a variable, kept from being printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Value<'a>(Cow<'a, str>);

impl Value<'_> {
    /// A value that stands in no `.env` file.
    pub fn made(text: String) -> Value<'static> {
        Value(Cow::Owned(text))
    }

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
    /// What it means to those who read the file.
    pub verdict: Verdict,
}

impl Problem {
    fn new(kind: ProblemKind, span: Span) -> Self {
        let (message, help) = kind.words();
        Self { span, kind, message: message.to_owned(), help: help.to_owned(), verdict: Verdict::Unsure }
    }

    /// The same, with what it means to those who read the file, of whom some misread it.
    fn judged(mut self, readers: &[Reader], (verdict, misreading): (Verdict, Vec<Reader>)) -> Self {
        let names = |readers: &[Reader]| readers.iter().map(|reader| reader.as_str()).collect::<Vec<_>>().join(", ");
        self.verdict = verdict;
        match verdict {
            Verdict::Misread if !readers.is_empty() => {
                self.message = format!("{} (the file is read by {})", self.message, names(&misreading));
            }
            Verdict::Elsewhere => {
                self.message = format!("{} (not to {}, by which the file is read)", self.message, names(readers));
            }
            Verdict::Misread | Verdict::Unsure => {}
        }
        self
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
    /// A line has a shell read another file.
    Sourced,
    /// The file is of another kind, which tells what is wrong in its own words.
    OtherKind,
    /// A comment that begins with a `;`, as systemd has them.
    Semicolon,
    /// A `:` stands in the place of the `=`, as Node's dotenv and Compose have it.
    Colon,
    /// What is assigned to is not a name.
    BadName,
    /// The name is one with dots and hyphens, which a variable of a shell has none of.
    DottedName,
    /// An `export` stands before the name.
    Export,
    /// A name was assigned before, and readers differ in which one counts.
    DuplicateName {
        /// Where the name stood the last time before.
        earlier: Span,
    },
    /// There are blanks before or behind the `=`.
    BlanksAroundEquals,
    /// There are blanks behind the value.
    BlanksBehind,
    /// A quote is opened and never closed.
    UnbalancedQuote,
    /// Something that is not a comment stands behind the closing quote.
    TextAfterQuote,
    /// The same, where a shell joins it to what is quoted.
    Joined,
    /// A comment stands behind the closing quote.
    CommentAfterQuote,
    /// A comment stands behind an unquoted value.
    Comment,
    /// An unquoted value holds a blank, or a character that nobody sees.
    UnquotedBlank,
    /// An unquoted value holds a character that a shell obeys.
    NeedsQuotes,
    /// A `#` stands in an unquoted value.
    UnquotedHash,
    /// An unquoted value begins with a `#`.
    LeadingHash,
    /// A `$` would be replaced by the value of a variable.
    Substitution,
    /// Backticks in double quotes: a command to a shell.
    Command,
    /// Backticks in an unquoted value: quotes to Node, a command to a shell.
    Backticks,
    /// A backslash before this character in double quotes.
    Escape(char),
    /// A double-quoted value ends in a backslash.
    BackslashBeforeQuote,
    /// Two backslashes in single quotes.
    QuotedBackslash,
    /// A single-quoted value ends in a backslash.
    LastBackslash,
    /// A backslash in an unquoted value.
    UnquotedBackslash,
    /// A quote in an unquoted value.
    UnquotedQuote,
    /// The value is in quotes, which one reader takes for a part of it.
    Quotes,
    /// The value goes over several lines.
    SeveralLines,
    /// The value in single quotes is one in double quotes.
    QuotesInQuotes,
    /// A carriage return stands elsewhere than at the end of an assignment's or a comment's line.
    CarriageReturn,
    /// Lines end in a carriage return and a line feed, which a file tells once.
    LineEnds,
    /// A NUL, which no environment variable can hold.
    Nul,
}

impl ProblemKind {
    #[allow(clippy::too_many_lines, reason = "one arm for each")]
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
            Self::Sourced => (
                "the line has a shell read another file, which no other reader does, and of which nothing is known here",
                "name the other file before this one, with an `--env-file` of its own, and have every reader read both",
            ),
            Self::OtherKind => ("the file says nothing of variables here", "write what its kind of file takes"),
            Self::Semicolon => ("the line is a comment to systemd alone", "begin a comment with `#`"),
            Self::Colon => (
                "a `:` stands in the place of the `=`: Node's dotenv and Compose alone take the line for an assignment",
                "write `NAME=value`",
            ),
            Self::DottedName => (
                "the name holds a `.` or a `-`, which some readers do not take for a part of one",
                "write a name of letters, digits and `_`",
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
            Self::Joined => (
                "text stands behind the value's closing quote, which bash and systemd alone join to it",
                "put the whole value in one pair of quotes",
            ),
            Self::CommentAfterQuote => (
                "a comment stands behind the value's closing quote, which systemd takes for a part of the value",
                "put the comment on a line of its own",
            ),
            Self::BlanksBehind => (
                "blanks stand behind the value, which some readers keep as a part of it",
                "take the blanks away, or put the value in quotes with them",
            ),
            Self::Comment => (
                "a comment stands behind the value, which some readers take for a part of it",
                "put the comment on a line of its own",
            ),
            Self::UnquotedBlank => (
                "the unquoted value holds a blank or an invisible character, which ends it for some readers",
                "put the value in single quotes",
            ),
            Self::NeedsQuotes => {
                ("the unquoted value holds a character that bash obeys", "put the value in single quotes")
            }
            Self::UnquotedHash | Self::LeadingHash => (
                "readers differ in whether a `#` in an unquoted value begins a comment",
                "put the value in single quotes",
            ),
            Self::Substitution => (
                "some readers replace a part of the value by a variable",
                "put the value in single quotes if it is meant as it stands (no quotes keep python-dotenv from replacing `${…}`), \
                 or write what the variable holds",
            ),
            Self::Command => {
                ("a shell replaces a part of the value by what a command prints", "put the value in single quotes")
            }
            Self::Backticks => (
                "the unquoted value holds backticks, which are quotes to Node and a command to a shell",
                "put the value in single quotes",
            ),
            Self::Escape('n' | '"' | '\\' | '\'') => (
                "readers differ in what this escape in double quotes is",
                "write the character itself, in single quotes; a line feed may stand there too",
            ),
            Self::Escape(_) => (
                "readers differ in what this backslash in double quotes is",
                "write the value as it is meant, in single quotes",
            ),
            Self::BackslashBeforeQuote | Self::QuotedBackslash | Self::LastBackslash => (
                "python-dotenv takes this backslash for an escape, and others for itself",
                "no form of `\\\\`, or of a `\\` at the end, is read alike: choose another value",
            ),
            Self::UnquotedBackslash => (
                "readers differ in what a backslash in an unquoted value is",
                "write the value as it is meant, in single quotes",
            ),
            Self::UnquotedQuote => (
                "readers differ in what a quote within an unquoted value is",
                "write the value as it is meant, in single quotes",
            ),
            Self::Quotes => (
                "the quotes become a part of the value",
                "write the value without quotes, as `docker run --env-file` takes every line as it stands",
            ),
            Self::QuotesInQuotes => (
                "the quotes within the quotes are taken away, too",
                "choose a value that does not begin and end with `\"`",
            ),
            Self::SeveralLines => (
                "the value goes over several lines, of which the first alone is read",
                "keep the value in a file, or encode it in one line",
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
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.as_bytes().first().is_some_and(|first| !first.is_ascii_digit()) && text.as_bytes().iter().all(is_part)
}
