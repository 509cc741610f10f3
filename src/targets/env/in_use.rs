//! Secrets that a file seems to lack and that are in use all the same. A new value would take the place of the one in use, and
//! what that one signed or encrypted would be lost.
//!
//! `SECRET_KEY: …` is an assignment to Node and to Compose, and none to anybody else. `SECRET_KEY_FILE=…` leads to the value, and
//! `. ./secrets.sh` may. `SECRET_KEY_BASE64=…` holds it in another form. InstaCRUD encrypts with `SECRET_KEY` as long as
//! `MONGO_URL_SECRET_KEY` is empty. So whoever makes a secret asks here first.

use super::{Assignment, Content, Origin};
use crate::dotenv::{Document, Entry, ProblemKind};
use crate::plan::Plan;
use crate::policy::FILES;
use crate::profile::{SecretPurpose, VariableName};
use crate::source::{Source, Span};

/// What follows a secret's name in a variable that holds it in another form, or says where it is to be had.
const FORMS: [&str; 11] =
    ["_PATH", "_FILENAME", "_FILEPATH", "_BASE64", "_B64", "_HEX", "_ENCRYPTED", "_CMD", "_COMMAND", "_ARN", "_REF"];

/// A secret that is in use, as a person is told of it.
#[derive(Clone, Debug)]
pub struct InUse {
    /// Where that is to be seen.
    pub span: Span,
    /// In which way.
    pub way: Way,
    /// What is wrong with a new value.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// In which way a secret is in use that has no variable of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Under its name, on a line that only some readers take for an assignment.
    Spelling,
    /// Under another name.
    OtherName,
    /// Elsewhere: in a file, in another variable, in the app's code.
    Elsewhere,
}

/// Where a file gives a variable a value that its own line does not: on a line that only some readers take for one, or in
/// another variable that leads to a file, which is named then.
pub fn elsewhere(source: &Source, name: &str) -> Option<(Span, Option<String>)> {
    let document = Document::parse(source);
    let file = File { source, document: &document };
    let spelt = || file.spelt(name).map(|span| (span, None));
    spelt().or_else(|| file.leading_to(name).map(|(span, other)| (span, Some(other))))
}

/// How a secret is in use that the file has no value for; nothing where it surely is not. `made` are the names of those that
/// get a new value together with it.
pub fn in_use(plan: &Plan<'_>, one: &Assignment, source: &Source, made: &[&str]) -> Option<InUse> {
    let (app, name) = (plan.app, one.name.as_str());
    let document = Document::parse(source);
    let file = File { source, document: &document };
    if let Some(span) = file.spelt(name) {
        let message =
            format!("`{name}` may be in use: some readers take this line for its value, and would get a new one");
        let help = format!("write `{name}=` with the value behind it, or take the line away");
        return Some(InUse { span, way: Way::Spelling, message, help });
    }
    let former = app.former.iter().filter(|(_, right)| right.as_str() == name).map(|(former, _)| former.as_str());
    let aliases = app.variable(name).into_iter().flat_map(|(_, row)| row.aliases.iter().map(VariableName::as_str));
    // Another reader may mind no capitals, or the file may have been another one's.
    for other in [name].into_iter().chain(former).chain(aliases) {
        let alike = |entry: &&Entry<'_>| entry.name.eq_ignore_ascii_case(other) && !app.is_same(entry.name, name);
        if let Some(span) = file.value(alike).or_else(|| file.spelt(other).filter(|_| other != name)) {
            let message = format!("`{name}` may be in use under this name, and would get a new value");
            let help = format!("rename it to `{name}`, or take it away where nothing reads it");
            return Some(InUse { span, way: Way::OtherName, message, help });
        }
    }
    if let Some((span, other)) = file.leading_to(name) {
        let message = format!("`{name}` is in use: `{other}` says in which file it is");
        let help = format!("keep the file; or write its value to `{name}`, and take `{other}` away");
        return Some(InUse { span, way: Way::Elsewhere, message, help });
    }
    let forms = FORMS.iter().map(|form| format!("{name}{form}")).filter(|other| app.variable(other).is_none());
    if let Some((span, other)) = file.one_of(forms) {
        let message = format!("`{name}` may be in use: `{other}` holds it in another form, or says where it is");
        let help = format!("write its value to `{name}`, and take `{other}` away");
        return Some(InUse { span, way: Way::Elsewhere, message, help });
    }
    if let Some(problem) = document.problems().iter().find(|problem| problem.kind == ProblemKind::Sourced) {
        let message = format!("`{name}` may be in use: a shell reads another file here, which may set it");
        let help =
            format!("write `{name}=` with the value that is in use; or take this line away, where there is none");
        return Some(InUse { span: problem.span, way: Way::Elsewhere, message, help });
    }
    let (_, row) = app.variable(name)?;
    if let Some(other) = row.stands_in.as_ref().map(VariableName::as_str).filter(|other| !made.contains(other)) {
        let is_it = |entry: &&Entry<'_>| app.is_same(entry.name, other);
        if let Some(span) = file.value(is_it).or_else(|| file.spelt(other)) {
            let title = &app.title;
            let message =
                format!("{title} uses `{other}` where `{name}` is not set: what that encrypted would be lost");
            let help = format!(
                "write to `{name}` the value that `{other}` has; or, where nothing is stored yet, what `openssl rand -hex 32` \
                 prints"
            );
            return Some(InUse { span, way: Way::Elsewhere, message, help });
        }
    }
    let is_default = row.default.as_ref().is_some_and(|default| !default.is_empty());
    (is_default && encrypts(plan, one)).then(|| {
        let message = format!("{} encrypts with a key of its code where `{name}` is not set", app.title);
        let help =
            "encrypt again what is stored; where nothing is, write what `openssl rand -hex 32` prints".to_owned();
        let end = source.text.len();
        InUse { span: (end..end).into(), way: Way::Elsewhere, message, help }
    })
}

/// Whether what a secret protects could not be read any more with another one.
fn encrypts(plan: &Plan<'_>, one: &Assignment) -> bool {
    let name = one.key.strip_prefix("secrets.").and_then(|rest| rest.split('.').next());
    let secret = name.and_then(|name| plan.policy.secrets.get(name));
    let is_made = matches!(one.content, Content::Secret(Origin::Made));
    is_made && secret.is_some_and(|secret| secret.purpose == SecretPurpose::Encryption)
}

/// A file, and what is read of it.
struct File<'f> {
    source: &'f Source,
    document: &'f Document<'f>,
}

impl File<'_> {
    /// The name of the first variable of some that holds anything.
    fn value(&self, is_it: impl Fn(&&Entry<'_>) -> bool) -> Option<Span> {
        let mut entries = self.document.entries().iter().filter(|entry| !entry.value.expose().trim().is_empty());
        entries.find(is_it).map(|entry| entry.name_span)
    }

    /// The variable that says in which file a variable's value is.
    fn leading_to(&self, name: &str) -> Option<(Span, String)> {
        self.one_of(FILES.iter().map(|(before, behind)| format!("{before}{name}{behind}")))
    }

    /// The first of some variables that holds anything, or may.
    fn one_of(&self, mut names: impl Iterator<Item = String>) -> Option<(Span, String)> {
        names.find_map(|other| {
            let is_it = |entry: &&Entry<'_>| entry.name.eq_ignore_ascii_case(&other);
            let span = self.value(is_it).or_else(|| self.spelt(&other))?;
            Some((span, other))
        })
    }

    /// Where a name stands as if it were assigned to, and is no variable that all readers see: `KEY: value`, `"KEY"=value`,
    /// `KEY` by itself, `A=1; KEY=value`, `Environment="KEY=value"`.
    fn spelt(&self, name: &str) -> Option<Span> {
        let text = &self.source.text;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let here = |at: &usize| text.as_bytes()[*at..*at + name.len()].eq_ignore_ascii_case(name.as_bytes());
        let last = (text.len() + 1).saturating_sub(name.len());
        let places = (0..last).filter(here).filter(|at| {
            let (before, behind) = (&text.as_bytes()[..*at], &text.as_bytes()[at + name.len()..]);
            // `$KEY` and `${KEY}` are not assigned to, and `${KEY:=value}` is.
            let is_set = behind.starts_with(b"=") || behind.starts_with(b":=");
            let is_used = before.ends_with(b"$") || before.ends_with(b"${") && !is_set;
            !before.last().is_some_and(is_part) && !behind.first().is_some_and(is_part) && !is_used
        });
        places.map(|at| Span::from(at..at + name.len())).find(|span| self.is_assigned(*span))
    }

    /// Whether a name that stands at a place may be assigned to there.
    fn is_assigned(&self, place: Span) -> bool {
        let text = &self.source.text;
        let start = text[..place.start].rfind('\n').map_or(0, |line_feed| line_feed + 1);
        let entries = self.document.entries();
        // The last that begins before.
        let before = entries.partition_point(|entry| entry.name_span.start <= place.start);
        let entry = before.checked_sub(1).map(|index| &entries[index]);
        let Some(entry) = entry.filter(|entry| entry.value_span.end > start || entry.name_span.start >= start) else {
            return !text[start..place.start].trim_start_matches(['\u{feff}', ' ', '\t']).starts_with('#');
        };
        if !place.overlaps(entry.value_span) {
            // Its own name, or a comment.
            return false;
        }
        let behind = text[place.end..].trim_start_matches([' ', '\t', '"', '\'']);
        let is_followed = behind.starts_with(['=', ':']);
        let is_line = entry.value_span.start < start && text[start..place.start].trim().is_empty();
        let is_odd = self.document.problems().iter().any(|problem| problem.is_about(entry.value_span));
        let is_default = text[..place.start].ends_with("${");
        let is_word = text[entry.value_span.start..place.start].ends_with([' ', '\t', '"', '\''])
            || place.start == entry.value_span.start;
        let is_assignment = is_word && text[place.end..].starts_with('=');
        is_followed && (is_line || is_odd || is_default || is_assignment)
    }
}
