//! Who else may come to read a file: what its permissions say, and whether git would take it into a commit.
//!
//! Git itself is not asked, which may not be there. So a file that was committed before it was ignored passes for
//! an ignored one.

use std::fs;
use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::policy::Exposure;

/// What holds for a file. A pipe, or what cannot be looked at, is taken for unexposed.
pub(super) fn of(path: &Path) -> Exposure {
    // A link is committed as a link: what counts is where it leads.
    let Ok(path) = fs::canonicalize(path) else { return Exposure::default() };
    match fs::metadata(&path) {
        Ok(data) if data.is_file() => Exposure { readable: readable(&data), committable: committable(&path) },
        Ok(_) | Err(_) => Exposure::default(),
    }
}

#[cfg(unix)]
fn readable(data: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    data.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn readable(_: &fs::Metadata) -> bool {
    false
}

/// Whether a file lies in a repository, and nothing there says to ignore it.
fn committable(path: &Path) -> bool {
    let Some(root) = path.ancestors().skip(1).find(|folder| folder.join(".git").exists()) else { return false };
    // What lies in an ignored folder is ignored, whatever is said below that.
    !path.ancestors().take_while(|place| *place != root).any(|place| is_ignored(place, root))
}

/// Whether a file or a folder of a repository is ignored by itself: of all that say something, the nearest counts.
fn is_ignored(place: &Path, root: &Path) -> bool {
    let mut excluded = GitignoreBuilder::new(root);
    excluded.add(root.join(".git/info/exclude"));
    let folders = place.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
    let said = folders
        .map(|folder| folder.join(".gitignore"))
        .filter(|file| file.is_file())
        .map(|file| Gitignore::new(file).0)
        .chain(excluded.build())
        .chain([GitignoreBuilder::new(root).build_global().0])
        .find_map(|file| match file.matched(place, place.is_dir()) {
            Match::None => None,
            Match::Ignore(_) => Some(true),
            Match::Whitelist(_) => Some(false),
        });
    said.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository with these files in it, each with its text.
    fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder can be made");
        fs::create_dir(folder.path().join(".git")).expect("a folder can be made");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }
        folder
    }

    fn is_committable(files: &[(&str, &str)], path: &str) -> bool {
        let folder = repository(files);
        of(&folder.path().join(path)).committable
    }

    #[test]
    fn what_nothing_ignores_would_be_committed() {
        assert!(is_committable(&[(".env", "")], ".env"));
        assert!(is_committable(&[(".env", ""), (".gitignore", "*.log\n")], ".env"));
        assert!(is_committable(&[("a/.env", ""), (".gitignore", "/.env\n")], "a/.env"));
        assert!(is_committable(&[("a/.env", ""), (".gitignore", ".env\n"), ("a/.gitignore", "!.env\n")], "a/.env"));
    }

    #[test]
    fn what_a_file_of_the_repository_ignores_stays_out() {
        assert!(!is_committable(&[(".env", ""), (".gitignore", ".env*\n")], ".env"));
        assert!(!is_committable(&[("a/b/.env", ""), ("a/.gitignore", ".env\n")], "a/b/.env"));
        assert!(!is_committable(&[(".env", ""), (".git/info/exclude", ".env\n")], ".env"));
    }

    #[test]
    fn what_lies_in_an_ignored_folder_stays_out() {
        let files = [("a/b/.env", ""), (".gitignore", "a/\n"), ("a/b/.gitignore", "!.env\n")];
        assert!(!is_committable(&files, "a/b/.env"));
    }

    #[test]
    fn outside_of_a_repository_nothing_is_committed() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        fs::write(folder.path().join(".env"), "").expect("a file can be written");
        assert!(!of(&folder.path().join(".env")).committable);
        assert_eq!(of(&folder.path().join("missing")), Exposure::default());
        assert_eq!(of(folder.path()), Exposure::default());
    }

    #[test]
    #[cfg(unix)]
    fn a_file_is_readable_if_anyone_but_its_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = repository(&[(".env", "")]);
        let path = folder.path().join(".env");
        for (mode, wanted) in [(0o600, false), (0o400, false), (0o640, true), (0o644, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
            assert_eq!(of(&path).readable, wanted, "{mode:o}");
        }
    }
}
