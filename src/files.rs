//! Files on the disk, replaced whole.
//!
//! All or nothing, as far as a file system allows: every file is written beside its place first, and only when all of
//! them are there is each moved over the old one. Whoever reads meanwhile gets the old file or the new one, whole.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use similar::TextDiff;
use tempfile::NamedTempFile;

/// What the system said of a file, in words and without its number: "there is no such file".
pub fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission is denied".to_owned(),
        ErrorKind::IsADirectory => "this is a folder".to_owned(),
        ErrorKind::NotADirectory => "a part of the path is a file and not a folder".to_owned(),
        _ => {
            let text = error.to_string();
            text.split_once(" (os error").map_or(text.clone(), |(words, _)| words.to_owned())
        }
    }
}

/// What is to be seen of a folder whose files are served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Where it leads, if it is a symbolic link.
    pub leads_to: Option<PathBuf>,
    /// The names in it that begin with a dot, sorted. `.well-known` is made for visitors.
    pub hidden: Vec<String>,
}

impl Folder {
    /// Looks at a folder of this machine, and at nothing below it; nothing where there is none that may be read.
    pub fn at(path: &Path) -> Option<Self> {
        /// A folder with more in it holds what is uploaded or built, and says nothing by its first names.
        const MOST: usize = 10_000;
        let leads_to = fs::read_link(path).ok();
        let names = fs::read_dir(path).ok()?.take(MOST).flatten().map(|entry| entry.file_name());
        let names = names.filter_map(|name| name.into_string().ok());
        let mut hidden: Vec<String> = names.filter(|name| name.starts_with('.') && name != ".well-known").collect();
        hidden.sort();
        Some(Self { leads_to, hidden })
    }
}

/// A file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {}", reason(error))]
pub struct Error {
    /// Which one.
    pub path: String,
    /// What the system said.
    pub error: std::io::Error,
}

impl Error {
    /// What the system said of a path.
    pub fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self { path, error }
    }
}

/// A file that is to have another text.
#[derive(Debug)]
pub struct Change {
    /// Which file.
    pub path: PathBuf,
    /// What is there now; nothing where there is no file.
    pub old: Option<String>,
    /// What is to be there.
    pub new: String,
    /// Whether it is for its owner alone, whoever could read it before.
    pub private: bool,
}

impl Change {
    /// The difference, as `diff -u` shows it.
    pub fn diff(&self) -> String {
        let name = self.path.display().to_string();
        let old = if self.old.is_some() { name.as_str() } else { "/dev/null" };
        TextDiff::from_lines(self.old.as_deref().unwrap_or_default(), &self.new)
            .unified_diff()
            .header(old, &name)
            .to_string()
    }
}

/// Writes what has changed.
pub fn write(changes: Vec<Change>) -> Result<(), Error> {
    let mut written = Vec::with_capacity(changes.len());
    for change in changes {
        let path = place(&change.path).map_err(Error::at(&change.path))?;
        let mut file = beside(&path).map_err(Error::at(&change.path))?;
        file.as_file_mut()
            .write_all(change.new.as_bytes())
            .and_then(|()| if change.private { keep_owner(&file, &path) } else { permit(&file, &path) })
            .and_then(|()| file.as_file().sync_all())
            .map_err(Error::at(&change.path))?;
        written.push((file, path, change.path, change.old));
    }
    // What somebody else wrote meanwhile must not be lost.
    for (_, path, named, old) in &written {
        if let Some(old) = old
            && fs::read(path).is_ok_and(|now| now != old.as_bytes())
        {
            let error = std::io::Error::other("another program has changed the file meanwhile: run this again");
            return Err(Error::at(named)(error));
        }
    }
    for (file, path, named, _) in written {
        file.persist(&path).map_err(|failed| Error::at(&named)(failed.error))?;
    }
    Ok(())
}

/// Writes a file that is not there yet, whole, and never over another.
pub fn create(path: &Path, text: &str) -> Result<(), Error> {
    let mut file = beside(path).map_err(Error::at(path))?;
    file.as_file_mut()
        .write_all(text.as_bytes())
        .and_then(|()| readable(&file))
        .and_then(|()| file.as_file().sync_all())
        .map_err(Error::at(path))?;
    file.persist_noclobber(path).map(drop).map_err(|failed| Error::at(path)(failed.error))
}

/// Where a file is to be written: a link stays one, and what it leads to is replaced.
fn place(path: &Path) -> std::io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Ok(place) => Ok(place),
        Err(_) if path.is_symlink() => {
            Err(std::io::Error::other("the link leads to no file: make the file that it means, or take the link away"))
        }
        Err(_) => Ok(path.to_owned()),
    }
}

/// A new file in the folder of another. Its own name is no part of an error: nobody knows that name.
fn beside(path: &Path) -> std::io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    NamedTempFile::with_prefix_in(".seccfg-", folder).map_err(|error| error.kind().into())
}

/// Temporary files are for their owner alone. One that takes another's place may be read by whom that could be read by;
/// a new one is a server's configuration, read by whoever deploys it.
fn permit(file: &NamedTempFile, place: &Path) -> std::io::Result<()> {
    match fs::metadata(place) {
        Ok(old) => keep_owner(file, place).and_then(|()| file.as_file().set_permissions(old.permissions())),
        Err(_) => readable(file),
    }
}

/// What root writes for a service goes on belonging to it. Nobody else can give a file away, and then it is the writer's.
#[cfg(unix)]
fn keep_owner(file: &NamedTempFile, place: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let Ok(old) = fs::metadata(place) else { return Ok(()) };
    match fchown(file, Some(old.uid()), Some(old.gid())) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        other => other,
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &NamedTempFile, _: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn readable(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_shows_where_it_leads_and_what_it_hides() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let site = folder.path().join("12");
        fs::create_dir_all(site.join(".git")).expect("a folder can be made");
        fs::create_dir_all(site.join(".well-known")).expect("a folder can be made");
        fs::write(site.join(".env"), "").expect("a file can be written");
        fs::write(site.join("index.html"), "").expect("a file can be written");
        std::os::unix::fs::symlink("12", folder.path().join("current")).expect("a link can be made");
        let hidden = vec![".env".to_owned(), ".git".to_owned()];
        let own = Folder { leads_to: None, hidden: hidden.clone() };
        assert_eq!(Folder::at(&site), Some(own));
        let linked = Folder { leads_to: Some("12".into()), hidden };
        assert_eq!(Folder::at(&folder.path().join("current")), Some(linked));
        assert_eq!(Folder::at(&folder.path().join("13")), None);
        assert_eq!(Folder::at(&site.join("index.html")), None);
    }
}
