//! Secrets in files of their own, as Docker, systemd and Kubernetes hand them over: `file:/run/secrets/key` in a profile, and
//! `SECRET_KEY_FILE=/run/secrets/key` among the variables.
//!
//! What such a file holds is judged like any other value, and stands in none of a check's texts, so that nothing can show it.
//! Nothing here touches the disk: who follows says how a file is found.

use std::path::{Path, PathBuf};

use super::variable::{Exposure, Variable};
use crate::dotenv::Value;
use crate::profile::{FilePath, SecretRef};
use crate::source::Span;

/// How a secret's file is found.
pub type Find = fn(&Path) -> Found;

/// What was found at the place of a secret's file.
#[derive(Clone, Debug)]
pub enum Found {
    /// Nothing that can be judged here, and that may be right where the app runs: the end of a sentence about the file.
    Unseen(String),
    /// What is no secret: the end of a sentence about the file, and what to do.
    Unfit(String, &'static str),
    /// A secret.
    Secret {
        /// What the file holds, without the end of its last line.
        value: Value<'static>,
        /// Who else may come to read it.
        exposure: Exposure,
        /// Whether a link leads to it out of the folder that was named.
        leads_away: bool,
    },
}

/// A secret's file, and who names it.
#[derive(Debug)]
pub struct Kept<'a> {
    pub(super) named_by: NamedBy<'a>,
    /// Where it is.
    pub path: PathBuf,
    /// What was found there.
    pub found: Found,
    /// Stands in for the value of what could not be read.
    pub(super) nothing: Value<'static>,
}

/// Who names a secret's file.
#[derive(Debug)]
pub(super) enum NamedBy<'a> {
    /// The variable of a `.env` file: the secret's name, which is a part of the variable's, and where that stands.
    Variable { name: &'a str, name_span: Span, span: Span, source: usize, is_plainly_named: bool, is_others: bool },
    /// A Compose file alone, under a name of its own: no variable says where the service has it.
    Compose { name: &'a str, name_span: Span, span: Span, source: usize },
    /// The profile.
    Profile(FilePath),
}

/// What may follow a secret's name in the variable that says in which file it is, and what may stand before it.
pub const FILES: [(&str, &str); 3] = [("", "__FILE"), ("", "_FILE"), ("FILE__", "")];

/// The secret whose file a variable of this name may name.
pub fn secret_of(name: &str) -> Option<&str> {
    let named = |(before, behind): &(&str, &str)| name.strip_prefix(before)?.strip_suffix(behind);
    FILES.iter().find_map(named).filter(|secret| !secret.is_empty())
}

impl Kept<'_> {
    /// The secret as a variable, at the place that names the file: in the profile, the source has the number 0.
    pub fn variable(&self) -> Variable<'_> {
        let value = match &self.found {
            Found::Secret { value, .. } => value,
            Found::Unseen(_) | Found::Unfit(..) => &self.nothing,
        };
        let (name, name_span, span, source, is_plainly_named, is_others) = match &self.named_by {
            NamedBy::Variable { name, name_span, span, source, is_plainly_named, is_others } => {
                (*name, *name_span, *span, *source, *is_plainly_named, *is_others)
            }
            NamedBy::Compose { name, name_span, span, source } => (*name, *name_span, *span, *source, true, false),
            NamedBy::Profile(_) => ("", (0..0).into(), (0..0).into(), 0, false, false),
        };
        Variable { name, name_span, value, span, source, is_plainly_named, is_kept: true, is_handed: false, is_others }
    }

    /// Whether a reference leads here.
    pub fn is_named_by(&self, reference: &SecretRef) -> bool {
        match (reference, &self.named_by) {
            (SecretRef::Env(name), NamedBy::Variable { name: own, .. }) => name == own,
            (SecretRef::File(path), NamedBy::Profile(own)) => path == own,
            (SecretRef::Env(_), NamedBy::Profile(_) | NamedBy::Compose { .. })
            | (SecretRef::File(_), NamedBy::Variable { .. } | NamedBy::Compose { .. }) => false,
        }
    }

    /// Whether it is where only a running machine or container has it: what puts it there says who may read it.
    pub fn is_handed_over(&self) -> bool {
        self.path.starts_with("/run")
    }
}
