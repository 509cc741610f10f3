//! A Compose file, as far as it says what its services are started with: variables (`environment:`), the files that hold more of
//! them (`env_file:`), secrets in files of their own (`secrets:`), how many processes run (`command:`, `deploy.replicas`), and
//! where they listen (`ports:`, `expose:`).
//!
//! Nothing here knows what a variable means, or touches the disk. What Compose would replace stands in the value as it is
//! written, until somebody says what a name stands for ([`interpolated`]).

mod container;
mod images;
mod names;
mod read;
#[cfg(test)]
mod tests;

use std::path::Path;

pub use container::{Container, List, together};
pub use images::{Guard, Kind as StoredKind, Stored, guard, name_and_tag, stored, title_of};
pub use names::interpolated;
pub use read::read;

use crate::dotenv::{Entry, Problem};
use crate::source::Span;

/// What a Compose file says.
#[derive(Debug, Default)]
pub struct Compose<'a> {
    /// The services, in the order of the file.
    pub services: Vec<Service<'a>>,
    /// The secrets that services may be given as files.
    pub secrets: Vec<Definition<'a>>,
    /// Where words of Compose's own and the names of services stand as keys.
    pub keys: Vec<Span>,
    /// Where it takes in other files, with their paths as they are written. That they are not looked at is a problem of its own.
    pub included: Vec<(Span, Vec<String>)>,
    /// That it has no services, which is wrong where no file beside it has some.
    pub has_no_services: Option<Problem>,
    /// What is wrong in the file, and what it takes from files that nobody looks at.
    pub problems: Vec<Problem>,
    /// Whether it is no Compose file, or one of which a part could not be read: what it says is not known.
    pub is_unreadable: bool,
}

/// A service, and what it is started with.
#[derive(Debug)]
pub struct Service<'a> {
    /// Its name.
    pub name: String,
    /// Where that stands.
    pub name_span: Span,
    /// What `environment:` sets, in the order in which it counts.
    pub entries: Vec<Entry<'a>>,
    /// The names that are there without a value, each for what it stands for where Compose is started: `${NAME}`.
    pub open: Vec<Entry<'a>>,
    /// The files that `env_file:` names, in the order in which they are read.
    pub files: Vec<NamedFile>,
    /// The secrets that it is given as files.
    pub mounted: Vec<Mounted>,
    /// How its containers are made and reached; where several files speak of it, what all of them say together.
    pub container: Container,
    /// Whether what it is given counts in place of what an earlier file gives it.
    pub is_given_anew: bool,
    /// Whether the files that it names count in place of those that an earlier file names for it.
    pub has_files_anew: bool,
    /// The service of the same file that it is made of, by `extends`.
    pub extends: Option<String>,
    /// Whether a later file says more of it.
    pub is_continued: bool,
}

/// In which of the check's sources something stands, and where.
pub type Place = (usize, Span);

/// A text as it is written, in which Compose may replace names, and where it stands.
pub type Written = (String, Place);

/// A file that `env_file:` names.
#[derive(Clone, Debug)]
pub struct NamedFile {
    /// Its path, as it is written.
    pub path: String,
    /// Where that stands.
    pub span: Span,
    /// Whether the service does not start without it.
    pub is_required: bool,
}

/// A secret that a service is given as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    /// The name of its definition.
    pub name: String,
    /// Where the container has the file: `/run/secrets/db_password`.
    pub path: String,
}

/// A secret, defined for all services: `secrets:` at the top of the file.
#[derive(Clone, Debug)]
pub struct Definition<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where that stands.
    pub name_span: Span,
    /// What Compose takes it from; nothing where that is not on this machine.
    pub by: Option<DefinedBy>,
}

/// What Compose takes a secret from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefinedBy {
    /// A file, by its path as seen from the Compose file.
    File(String, Span),
    /// A variable of whoever starts Compose.
    Variable(String, Span),
}

/// Whether a file is one by its name.
pub fn is_one(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ["yaml", "yml"].iter().any(|yaml| ending.eq_ignore_ascii_case(yaml)))
}
