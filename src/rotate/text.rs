//! What stands in an `.env` file around a key: places, quotes that are open, other variables' values, and comments.

use super::Refused;
use crate::dotenv::{Document, Problem, ProblemKind};
use crate::source::Source;

/// Whether a value has another variable in it, as `$NAME` or `${NAME…}`: readers put that one's value there.
pub(super) fn takes_in(written: &str, name: &str) -> bool {
    written.split('$').skip(1).any(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let goes_on = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        rest.strip_prefix(name).is_some_and(|rest| !goes_on(rest))
    })
}

/// A place in the `.env` file.
pub(super) fn line(file: &Source, offset: usize) -> String {
    format!("{} line {}", file.name(), file.position(offset).line)
}

pub(super) fn is_open(problem: &Problem) -> bool {
    problem.kind == ProblemKind::UnbalancedQuote
}

pub(super) fn is_double(problem: &Problem) -> bool {
    matches!(problem.kind, ProblemKind::DuplicateName { .. })
}

pub(super) fn of_problem(problem: &Problem, place: &str) -> Refused {
    Refused::new(format!("{place}: {}", problem.message), problem.help.clone())
}

/// Quotes that are left open, wherever they are: what is written behind one may end inside of it.
pub(super) fn open_quotes(document: &Document<'_>, file: &Source) -> Vec<Refused> {
    let open = document.problems().iter().filter(|problem| is_open(problem));
    open.map(|problem| of_problem(problem, &line(file, problem.span.start))).collect()
}

/// The text without the comment that a rotation wrote above the variable of a previous key, and the empty line above that.
pub(super) fn without_comment(text: &str, variable: &str, comment: &str) -> Option<String> {
    let source = Source::new("", text);
    let start = Document::parse(&source).get(variable)?.name_span.start;
    let start = text[..start].rfind('\n').map_or(0, |end| end + 1);
    let end_of_line = |text: &str| if text.ends_with("\r\n") { 2 } else { usize::from(text.ends_with('\n')) };
    let before = &text[..start];
    let line = &before[..before.len() - end_of_line(before)];
    let above = line.strip_suffix(&format!("# {comment}")).filter(|above| above.is_empty() || above.ends_with('\n'))?;
    let shorter = &above[..above.len() - end_of_line(above)];
    let above = if shorter.is_empty() || shorter.ends_with('\n') { shorter } else { above };
    Some(format!("{above}{}", &text[start..]))
}
