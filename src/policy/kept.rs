//! Secrets in files of their own, as Docker, systemd and Kubernetes hand them over: `file:/run/secrets/key` in a profile, and
//! `SECRET_KEY_FILE=/run/secrets/key` among the variables.
//!
//! What such a file holds is judged like any other value, and stands in none of a check's texts, so that nothing can show it.
//! Nothing here touches the disk: who follows says how a file is found.

use std::path::{Path, PathBuf};

use super::environment::{Environment, Exposure, Variable};
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
    named_by: NamedBy<'a>,
    /// Where it is.
    pub path: PathBuf,
    /// What was found there.
    pub found: Found,
    /// Stands in for the value of what could not be read.
    nothing: Value<'static>,
}

#[derive(Debug)]
enum NamedBy<'a> {
    /// The variable of a `.env` file: the secret's name, which is a part of the variable's, and where that stands.
    Variable { name: &'a str, name_span: Span, span: Span, source: usize, is_plainly_named: bool },
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
        let (name, name_span, span, source, is_plainly_named) = match &self.named_by {
            NamedBy::Variable { name, name_span, span, source, is_plainly_named } => {
                (*name, *name_span, *span, *source, *is_plainly_named)
            }
            NamedBy::Profile(_) => ("", (0..0).into(), (0..0).into(), 0, false),
        };
        Variable { name, name_span, value, span, source, is_plainly_named, is_kept: true, is_handed: false }
    }

    /// Whether a reference leads here.
    pub fn is_named_by(&self, reference: &SecretRef) -> bool {
        match (reference, &self.named_by) {
            (SecretRef::Env(name), NamedBy::Variable { name: own, .. }) => name == own,
            (SecretRef::File(path), NamedBy::Profile(own)) => path == own,
            (SecretRef::Env(_), NamedBy::Profile(_)) | (SecretRef::File(_), NamedBy::Variable { .. }) => false,
        }
    }

    /// Whether it is where only a running machine or container has it: what puts it there says who may read it.
    pub fn is_handed_over(&self) -> bool {
        self.path.starts_with("/run")
    }
}

impl Environment<'_> {
    /// Follows the files that a profile's references name, and those that variables name as a secret's.
    #[must_use]
    pub fn follow(
        mut self,
        paths: impl Iterator<Item = FilePath>,
        is_secret: impl Fn(&str) -> bool,
        find: Find,
    ) -> Self {
        let mut kept = Vec::new();
        let mut keep = |named_by, path: PathBuf| {
            let found = find(&path);
            kept.push(Kept { named_by, path, found, nothing: Value::made(String::new()) });
        };
        for path in paths {
            let place = PathBuf::from(path.as_str());
            keep(NamedBy::Profile(path), place);
        }
        for (file, index) in &self.in_order {
            let (file, entry) = (&self.files[*file], &self.files[*file].document.entries()[*index]);
            let value = entry.value.expose().trim();
            let Some(name) = secret_of(entry.name).filter(|name| is_secret(name)) else { continue };
            // What a reader replaces a part of is not known here.
            if value.is_empty() || value.contains('$') {
                continue;
            }
            let named_by = NamedBy::Variable {
                name,
                name_span: entry.name_span,
                span: entry.value_span,
                source: file.source,
                is_plainly_named: super::environment::is_plainly_named(entry),
            };
            keep(named_by, file.folder.join(value));
        }
        self.kept = kept;
        self
    }

    /// The secrets in files of their own.
    pub fn kept(&self) -> impl Iterator<Item = &Kept<'_>> {
        self.kept.iter()
    }

    /// The one that a reference leads to, where it could be read.
    pub(super) fn kept_for(&self, is_it: impl Fn(&Kept<'_>) -> bool) -> Option<Variable<'_>> {
        self.kept.iter().find(|kept| is_it(kept) && matches!(kept.found, Found::Secret { .. })).map(Kept::variable)
    }
}
