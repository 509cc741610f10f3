//! Following the secrets' files that a profile or a variable names.

use std::path::PathBuf;

use super::environment::Environment;
use super::kept::{Find, Found, Kept, NamedBy, secret_of};
use super::variable::{Variable, is_plainly_named};
use crate::dotenv::Value;
use crate::profile::FilePath;

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
                is_plainly_named: is_plainly_named(entry),
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
