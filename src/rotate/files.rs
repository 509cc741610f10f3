//! Of several files of variables that an app reads, the one whose key is in use: `.env.local` before `.env`.

use std::path::{Path, PathBuf};

use super::{Refused, Rotation};
use crate::dotenv::Document;
use crate::plan::After;
use crate::source::Source;
use crate::targets::env::elsewhere;

/// Of the files that an app reads, the one that its keys are in.
pub fn holder<'f>(rotation: &Rotation<'_>, files: &'f [Source]) -> Result<Option<&'f Source>, Refused> {
    let holders: Vec<&Source> = files.iter().filter(|file| rotation.is_in(file)).collect();
    if let [first, .., last] = holders[..] {
        let why = format!("both {} and {} set its variables, and the app reads both", first.name(), last.name());
        return Err(Refused::new(
            why,
            "keep the key and the one before it in one of them, and take them out of the other",
        ));
    }
    Ok(holders.first().copied())
}

impl Rotation<'_> {
    /// Whether a file gives a value to the variable of the key, or to that of the one before it, in whatever way.
    pub fn is_in(&self, file: &Source) -> bool {
        let document = Document::parse(file);
        let sets = |name: &str| {
            let mut entries = document.entries().iter().filter(|entry| self.facts.app.is_same(entry.name, name));
            entries.any(|entry| !entry.value.expose().trim().is_empty())
        };
        let names = [Some(self.current), self.previous.as_deref()];
        names.into_iter().flatten().any(|name| sets(name) || elsewhere(file, name).is_some())
    }

    /// The names of the files beside one that count after it, and whether the app is said to read them.
    fn after(&self, file: &Path) -> (Vec<String>, bool) {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match self.facts.env_files_after(&name) {
            After::Listed(others) => (others, true),
            After::Perhaps(other) => (vec![other], false),
        }
    }

    /// The paths of the files beside one that count after it, whether they are there or not.
    pub fn counting_after(&self, file: &Path) -> Vec<PathBuf> {
        let folder = file.parent().unwrap_or(Path::new(""));
        self.after(file).0.into_iter().map(|name| folder.join(name)).collect()
    }

    /// Refuses a file where one of those that count after it has the key: a new key in the file would not be used, and the one in
    /// use would stay.
    pub fn outranked(&self, file: &Source, later: &[Source]) -> Option<Refused> {
        let other = later.iter().rfind(|other| self.is_in(other))?;
        let (other, told, variable, name) = (other.name(), file.name(), self.current, self.name);
        let (_, is_said) = self.after(&file.path);
        Some(if is_said {
            Refused::new(
                format!(
                    "{other} sets the variables of `{name}`, too, and counts after {told}: a new key in {told} would not be used"
                ),
                format!(
                    "run this with `--env-file {other}`; or take `{variable}` out of {other} if the key in {told} is to count"
                ),
            )
        } else {
            Refused::new(
                format!(
                    "{other} sets the variables of `{name}`, too, and many readers take what it says before what {told} says: then a \
                     new key in {told} would not be used"
                ),
                format!(
                    "if the app reads it, run this with `--env-file {other}`; if not, say in `targets.env.files` of the profile what \
                     it reads"
                ),
            )
        })
    }
}
