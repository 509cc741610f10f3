//! Values in the form that all readers agree on, and edits of a text that leave everything else as it was.

use super::{Document, Entry, ProblemKind, Quoting, Reader, Verdict, is_name};
use crate::source::{Source, Span, Splice, spliced};

/// A value that has no form that all readers agree on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value with {character:?} can't be written so that all readers agree on it: {readers}")]
pub struct Unwritable {
    /// The character that rules it out.
    pub character: char,
    /// Which readers differ on it, and how.
    pub readers: &'static str,
}

/// A value as it is to be written behind the `=`: in the first form of unquoted, `'…'` and `"…"` that dotenvy,
/// python-dotenv, Node, Compose, bash and systemd all read back as the same bytes.
///
/// Nothing is ever escaped, because no escape is common to them.
pub fn encode(value: &str) -> Result<String, Unwritable> {
    if let Some(character) = value.chars().find(|c| matches!(c, '\0' | '\r')) {
        let readers = if character == '\0' {
            "no environment variable can hold it"
        } else {
            "python-dotenv and Node read a line feed, the others keep it"
        };
        return Err(Unwritable { character, readers });
    }
    if value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_./:@%+,=-".contains(&b)) {
        return Ok(value.to_owned());
    }
    // Inside single quotes python-dotenv still replaces `${…}` and unescapes `\\` and `\'`.
    let single = !value.contains('\'') && !value.contains("${") && !value.contains("\\\\") && !value.ends_with('\\');
    if single {
        return Ok(format!("'{value}'"));
    }
    let differing = value.chars().find_map(|character| {
        let readers = match character {
            '"' => "behind a backslash, Node keeps the backslash",
            '$' => "python-dotenv replaces `${…}` in any quotes, dotenvy, Compose and bash replace `$` in double ones",
            '\\' => "python-dotenv takes it for an escape in any quotes, dotenvy, Compose and bash in double ones",
            '`' => "bash runs what it encloses as a command",
            _ => return None,
        };
        Some(Unwritable { character, readers })
    });
    differing.map_or_else(|| Ok(format!("\"{value}\"")), Err)
}

/// Why a value has no form that some readers share, where each of them has one.
const DIFFER: &str = "those who read the file share no form for it";

/// A value as it is to be written for those who read the file; where nobody said who they are, as for all of them. The form is
/// tried on the same table of readers that judges what people wrote.
pub fn encode_for(value: &str, readers: &[Reader]) -> Result<String, Unwritable> {
    let common = encode(value);
    if readers.is_empty() {
        return common;
    }
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
    let others = [format!("'{value}'"), format!("\"{value}\""), value.to_owned(), format!("\"{escaped}\"")];
    let mut forms = common.iter().chain(&others);
    let first_odd = || value.chars().find(|c| !c.is_ascii_alphanumeric()).unwrap_or_default();
    forms.find(|form| is_read_back(form, value, readers)).cloned().ok_or_else(|| {
        let character = common.as_ref().err().map_or_else(first_odd, |unwritable| unwritable.character);
        Unwritable { character, readers: common.as_ref().err().map_or(DIFFER, |unwritable| unwritable.readers) }
    })
}

/// Whether all who read a file get a value back from a form of it.
fn is_read_back(form: &str, value: &str, readers: &[Reader]) -> bool {
    let source = Source::new("", format!("A={form}\n"));
    let document = Document::read_by(&source, readers);
    let is_read = matches!(document.entries(), [entry] if entry.value.expose() == value);
    is_read && document.problems().iter().all(|problem| problem.verdict == Verdict::Elsewhere)
}

/// A change to a `.env` text. (Not printable: a value may be a secret.)
#[derive(Clone, Copy)]
pub enum Edit<'e> {
    /// A variable gets another name.
    Rename {
        /// The name it has.
        from: &'e str,
        /// The name it gets, which nothing may have yet.
        to: &'e str,
    },
    /// A variable that is there gets another value, on a line that no `export`, blank or comment spoils. A comment behind
    /// the old value stands above the new one.
    SetValue {
        /// Its name.
        name: &'e str,
        /// Its value, not yet encoded.
        value: &'e str,
    },
    /// A variable that is not there is written at the end.
    Append {
        /// The comments above it, a line each, without the `#`; an empty one is an empty line.
        above: &'e [&'e str],
        /// Its name.
        name: &'e str,
        /// Its value, not yet encoded.
        value: &'e str,
    },
    /// A variable goes, with its whole lines: a comment behind its value goes, too, and comments above it stay.
    Remove {
        /// Its name.
        name: &'e str,
    },
}

/// Why an edit was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The new name is not one.
    #[error("a variable's name is made of letters, digits and `_`, and does not begin with a digit")]
    BadName,
    /// Nothing is assigned to the name that was to be changed.
    #[error("there is no variable of that name")]
    Missing,
    /// The new name is there already.
    #[error("there is a variable of that name already")]
    Taken,
    /// A quote is left open, so that what is written next may end inside of it.
    #[error("a quote has no closing one; close it first")]
    UnbalancedQuote,
    /// Readers differ in where the value ends that is to go, so that a part of it would be left behind as lines of its own.
    #[error("readers differ in where a value ends; write it on one line, without a backslash before a quote")]
    Endless(Span),
    /// The value has no form that all readers agree on.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
}

/// The text with an edit made, and every other byte as it was.
///
/// Where a name is assigned more than once, all of its assignments are changed, because readers differ in which one
/// counts. A line that is added ends the way the first line does, and only if the last one had an end. Line feeds in a
/// value stay line feeds, whatever ends the lines: they are the value's own.
pub fn apply(text: &str, edit: Edit<'_>) -> Result<String, Refused> {
    apply_for(text, edit, &[])
}

/// The same, with the value written for those who read the file.
pub fn apply_for(text: &str, edit: Edit<'_>, readers: &[Reader]) -> Result<String, Refused> {
    Ok(spliced(text, &splices_for(text, edit, readers)?))
}

/// What an edit does to the text.
pub fn splices(text: &str, edit: Edit<'_>) -> Result<Vec<Splice>, Refused> {
    splices_for(text, edit, &[])
}

fn splices_for(text: &str, edit: Edit<'_>, readers: &[Reader]) -> Result<Vec<Splice>, Refused> {
    let source = Source::new("", text);
    let document = Document::read_by(&source, readers);
    if document.problems().iter().any(|problem| problem.kind == ProblemKind::UnbalancedQuote) {
        return Err(Refused::UnbalancedQuote);
    }
    let entries = |name| document.entries().iter().filter(move |entry| entry.name == name);
    let places: Vec<(Span, String)> = match edit {
        Edit::Rename { from, to } => {
            may_be_added(&document, to)?;
            entries(from).map(|entry| (entry.name_span, to.to_owned())).collect()
        }
        Edit::SetValue { name, value } => {
            let encoded = encode_for(value, readers)?;
            let assigned = |entry| ends(text, entry, (&document, readers)).map(|()| assigned(text, entry, &encoded));
            entries(name).map(assigned).collect::<Result<_, _>>()?
        }
        Edit::Remove { name } => {
            let removed = |entry| ends(text, entry, (&document, readers)).map(|()| (lines(text, entry), String::new()));
            entries(name).map(removed).collect::<Result<_, _>>()?
        }
        Edit::Append { above, name, value } => {
            may_be_added(&document, name)?;
            vec![((text.len()..text.len()).into(), added_lines(text, above, name, &encode_for(value, readers)?))]
        }
    };
    if places.is_empty() {
        return Err(Refused::Missing);
    }
    Ok(places.into_iter().map(|(span, text)| Splice { span, text }).collect())
}

/// Refuses a value of which some readers see another end than the one that is known here: one in backticks over several
/// lines, which Node's dotenv reads as a whole, quotes behind a backslash, where not every reader goes on, and what a shell
/// does not end with the line.
fn ends(text: &str, entry: &Entry<'_>, (document, readers): (&Document<'_>, &[Reader])) -> Result<(), Refused> {
    let written = &text[entry.value_span.start..entry.value_span.end];
    if entry.quoting == Quoting::None && is_open(written) {
        let is_for_a_shell =
            || readers.is_empty() || readers.contains(&Reader::Bash) || readers.contains(&Reader::Systemd);
        let has_a_tail = || {
            let next = lines(text, entry).end;
            let end = text[next..].find('\n').map_or(text.len(), |length| next + length);
            document
                .problems()
                .iter()
                .any(|problem| is_no_line(problem.kind) && (next..=end).contains(&problem.span.start))
        };
        return if is_for_a_shell() || has_a_tail() { Err(Refused::Endless(entry.value_span)) } else { Ok(()) };
    }
    let Some(quote) = written.chars().next().filter(|first| "'\"`".contains(*first)) else { return Ok(()) };
    let is_long = written.contains('\n');
    let (all, escaped) = (written.matches(quote).count(), written.matches(&format!("\\{quote}")).count());
    let is_odd = |count: usize| !count.is_multiple_of(2);
    let is_certain = if is_long { escaped == 0 } else { !is_odd(all - escaped) && (quote == '"' || !is_odd(all)) };
    if is_certain { Ok(()) } else { Err(Refused::Endless(entry.value_span)) }
}

/// Whether more of an unquoted value, or of one in several quotes, may stand in the next line: behind a backslash, in a quote, or
/// in brackets of any kind.
fn is_open(written: &str) -> bool {
    let (mut quote, mut depth) = (None, 0_usize);
    let mut characters = written.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', None | Some('"' | '`')) if characters.next().is_none() => return true,
            ('\'' | '"' | '`', None) => quote = Some(character),
            (_, Some(open)) if character == open => quote = None,
            ('(' | '[' | '{', None) => depth += 1,
            (')' | ']' | '}', None) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    quote.is_some() || depth > 0
}

/// Whether a problem of this kind says of a line that it is nothing by itself.
fn is_no_line(kind: ProblemKind) -> bool {
    matches!(kind, ProblemKind::NotAnAssignment | ProblemKind::BadName | ProblemKind::Sourced)
}

/// What is to stand in the place of an assignment, from its `export`, if there is one, to its comment.
fn assigned(text: &str, entry: &Entry<'_>, encoded: &str) -> (Span, String) {
    let (name, value) = (entry.name_span, entry.value_span);
    let line = text[..name.start].rfind('\n').map_or(0, |line_feed| line_feed + 1);
    let start = text[line..name.start].find("export").map_or(name.start, |export| line + export);
    let rest = text[value.end..].lines().next().unwrap_or_default();
    let comment = rest.trim_matches([' ', '\t']);
    let assignment = format!("{}={encoded}", entry.name);
    if comment.starts_with('#') {
        ((start..value.end + rest.len()).into(), [comment, &assignment].join(line_ending(text)))
    } else {
        // Blanks behind the old value would be a part of the new one to some readers.
        let blanks = if comment.is_empty() { rest.len() } else { 0 };
        ((start..value.end + blanks).into(), assignment)
    }
}

/// The whole lines that an assignment takes, the end of the last one included.
fn lines(text: &str, entry: &Entry<'_>) -> Span {
    let start = text[..entry.name_span.start].rfind('\n').map_or(0, |line_feed| line_feed + 1);
    let behind = text[entry.value_span.end..].find('\n').map(|line_feed| entry.value_span.end + line_feed + 1);
    (start..behind.unwrap_or(text.len())).into()
}

fn may_be_added(document: &Document<'_>, name: &str) -> Result<(), Refused> {
    if !is_name(name) {
        Err(Refused::BadName)
    } else if document.get(name).is_some() {
        Err(Refused::Taken)
    } else {
        Ok(())
    }
}

/// What the first line ends in.
fn line_ending(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// Lines for the end of a text, with the line ending that they need before or behind them.
fn added_lines(text: &str, above: &[&str], name: &str, encoded: &str) -> String {
    let ending = line_ending(text);
    let comments = above.iter().map(|line| if line.is_empty() { String::new() } else { format!("# {line}") });
    let lines: Vec<String> = comments.chain([format!("{name}={encoded}")]).collect();
    let lines = lines.join(ending);
    if text.is_empty() || text.ends_with('\n') { format!("{lines}{ending}") } else { format!("{ending}{lines}") }
}
