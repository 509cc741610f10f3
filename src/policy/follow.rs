//! Following the secrets' files that a profile or a variable names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::given::{From, Mounted};
use super::kept::{Find, Found, Kept, NamedBy, secret_of};
use super::variable::{Exposure, Variable, is_plainly_named};
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
        let mounted: Vec<&Mounted<'_>> = self.files.iter().flat_map(|file| &file.mounted).collect();
        // Where Compose puts a secret's file, what it makes it of is looked at.
        let mut named = BTreeSet::new();
        let mut keep = |named_by, path: PathBuf| {
            let is_new = named.insert(path.clone());
            let handed = mounted.iter().find(|one| Path::new(&one.path) == path).map(|one| &one.from);
            let (path, found) = match handed {
                None => (path.clone(), find(&path)),
                Some(From::File(file)) => (file.clone(), find(file)),
                Some(From::Value(value)) => {
                    let value = Value::made(value.clone());
                    (path, Found::Secret { value, exposure: Exposure::default(), leads_away: false })
                }
            };
            // Two variables may name one file; what no variable names is looked at once.
            if !is_new && matches!(named_by, NamedBy::Compose { .. }) {
                return;
            }
            kept.push(Kept { named_by, path, found, nothing: Value::made(String::new()) });
        };
        for path in paths {
            let place = PathBuf::from(path.as_str());
            keep(NamedBy::Profile(path), place);
        }
        // The app's own first, then those of other services of a Compose file.
        let own = self.in_order.iter().map(|(file, index)| (&self.files[*file], *index));
        let others = self.files.iter().flat_map(|file| (0..file.others).map(move |index| (file, index)));
        for (file, index) in own.chain(others) {
            let entry = &file.document.entries()[index];
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
                is_others: index < file.others,
            };
            keep(named_by, file.folder().join(value));
        }
        for Mounted { source, name, name_span, span, path, .. } in mounted.iter().copied() {
            let place = PathBuf::from(path);
            if is_secret(name) {
                let (name_span, span, source) = (*name_span, *span, *source);
                keep(NamedBy::Compose { name, name_span, span, source }, place);
            }
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
