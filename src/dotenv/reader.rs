//! The programs that read `.env` files, and which of them see something else than a [`Document`](super::Document) says.
//!
//! Measured with each of them but Compose, Docker and systemd, of which the sources were read. What `$` becomes is
//! [`super::expand`]'s business, because that depends on the rest of the file.

use super::ProblemKind;

/// A program that reads `.env` files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// python-dotenv, and pydantic-settings, which uses it.
    PythonDotenv,
    /// django-environ.
    DjangoEnviron,
    /// The package dotenv for Node.
    NodeDotenv,
    /// Node's own `--env-file`.
    Node,
    /// Docker Compose: `env_file:` and the `.env` beside its file.
    Compose,
    /// `docker run --env-file`, which takes quotes for a part of the value.
    Docker,
    /// systemd's `EnvironmentFile=`.
    Systemd,
    /// A shell that sources the file.
    Bash,
    /// dotenvy, for Rust.
    Dotenvy,
}

/// What a problem means to those who read the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// None of those that read the file minds, and others would.
    Elsewhere,
    /// Nobody said who reads the file, and some readers misread it.
    Unsure,
    /// One that reads the file misreads it, or every reader does.
    Misread,
}

impl Reader {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::PythonDotenv,
        Self::DjangoEnviron,
        Self::NodeDotenv,
        Self::Node,
        Self::Compose,
        Self::Docker,
        Self::Systemd,
        Self::Bash,
        Self::Dotenvy,
    ];

    /// What people call it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PythonDotenv => "python-dotenv",
            Self::DjangoEnviron => "django-environ",
            Self::NodeDotenv => "Node's dotenv",
            Self::Node => "Node",
            Self::Compose => "Compose",
            Self::Docker => "Docker",
            Self::Systemd => "systemd",
            Self::Bash => "bash",
            Self::Dotenvy => "dotenvy",
        }
    }

    /// Whether it sees something else than what is read here.
    pub fn misreads(self, kind: ProblemKind) -> bool {
        use Reader::{Bash, Compose, DjangoEnviron, Docker, Dotenvy, Node, NodeDotenv, PythonDotenv, Systemd};
        let by: &[Self] = match kind {
            ProblemKind::NotAnAssignment
            | ProblemKind::Sourced
            | ProblemKind::OtherKind
            | ProblemKind::BadName
            | ProblemKind::UnbalancedQuote
            | ProblemKind::TextAfterQuote
            | ProblemKind::CarriageReturn
            | ProblemKind::Nul => return true,
            ProblemKind::Semicolon => return self != Systemd,
            ProblemKind::Colon => return !matches!(self, NodeDotenv | Compose),
            ProblemKind::Joined => return !matches!(self, Bash | Systemd),
            ProblemKind::DottedName => &[DjangoEnviron, Systemd, Bash, Dotenvy],
            ProblemKind::ByteOrderMark => &[DjangoEnviron, Node, Systemd, Bash, Dotenvy],
            ProblemKind::Export => &[Docker, Systemd],
            // The first counts to it.
            ProblemKind::DuplicateName { .. } => &[Dotenvy],
            ProblemKind::BlanksAroundEquals => &[DjangoEnviron, Docker, Bash],
            ProblemKind::CommentAfterQuote | ProblemKind::Comment => &[DjangoEnviron, Docker, Systemd],
            ProblemKind::UnquotedHash => &[NodeDotenv, Node],
            ProblemKind::LeadingHash => &[NodeDotenv, Node, Dotenvy],
            ProblemKind::NeedsQuotes | ProblemKind::Command | ProblemKind::LineEnds => &[Bash],
            ProblemKind::Backticks => &[NodeDotenv, Node, Bash],
            // Which of them does, depends on what the file says elsewhere.
            ProblemKind::Substitution => return false,
            ProblemKind::Escape('n') => &[DjangoEnviron, Docker, Systemd, Bash],
            ProblemKind::Escape('"' | '\\') => &[NodeDotenv, Node, Docker],
            ProblemKind::Escape('\'') => &[NodeDotenv, Node, Docker, Systemd, Bash],
            // dotenvy and python-dotenv differ in these.
            ProblemKind::Escape('$') => &[PythonDotenv, NodeDotenv, Node, Docker],
            ProblemKind::Escape('r') => &[DjangoEnviron, Node, Docker, Systemd, Bash, Dotenvy],
            ProblemKind::Escape('t') => &[DjangoEnviron, Compose, NodeDotenv, Node, Docker, Systemd, Bash, Dotenvy],
            ProblemKind::Escape('a' | 'b' | 'f' | 'v') => &[PythonDotenv, DjangoEnviron, Compose, Dotenvy],
            ProblemKind::Escape('\n' | '`') => &[DjangoEnviron, Compose, Systemd, Bash, Dotenvy],
            ProblemKind::Escape(_) => &[DjangoEnviron, Compose, Dotenvy],
            ProblemKind::LastBackslash => &[PythonDotenv, NodeDotenv, Dotenvy],
            // python-dotenv until 1.1.
            ProblemKind::BackslashBeforeQuote => &[PythonDotenv, NodeDotenv],
            ProblemKind::QuotedBackslash => &[PythonDotenv],
            ProblemKind::UnquotedBackslash => &[Systemd, Bash, Dotenvy],
            ProblemKind::UnquotedBlank | ProblemKind::UnquotedQuote => &[Bash, Dotenvy],
            ProblemKind::Quotes => &[Docker],
            ProblemKind::BlanksBehind | ProblemKind::SeveralLines => &[DjangoEnviron, Docker],
            ProblemKind::QuotesInQuotes => &[DjangoEnviron],
        };
        by.contains(&self)
    }

    /// Whether it alone has this trap, which is none to the others: told only where it is known to read the file.
    pub(super) fn has_trap(self, kind: ProblemKind) -> bool {
        let is_trap = matches!(kind, ProblemKind::Quotes | ProblemKind::SeveralLines | ProblemKind::QuotesInQuotes);
        is_trap && self.misreads(kind)
    }
}

/// Those of some readers that misread a problem, and what that means.
pub(super) fn judge(kind: ProblemKind, readers: &[Reader]) -> (Verdict, Vec<Reader>) {
    let all = if readers.is_empty() { &Reader::ALL[..] } else { readers };
    let misreading: Vec<Reader> = all.iter().copied().filter(|reader| reader.misreads(kind)).collect();
    let verdict = match (readers.is_empty(), misreading.len()) {
        (true, some) if some < all.len() => Verdict::Unsure,
        (false, 0) => Verdict::Elsewhere,
        (true | false, _) => Verdict::Misread,
    };
    (verdict, misreading)
}
