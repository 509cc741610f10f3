//! A file that holds one secret: whether it is one, what it holds, and who else may read it. Whatever else stands in its place
//! is told, and never waited for.

use std::fmt::Write;
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::exposure;
use crate::dotenv::Value;
use crate::files::reason;
use crate::policy::Found;

/// No secret is longer: a certificate's chain has some kilobytes.
const LONGEST: u64 = 1 << 20;

/// What stands at a path that is named as a secret's.
pub(super) fn find(path: &Path) -> Found {
    find_while(path, || {})
}

/// The same, while something else may happen to the file.
fn find_while(path: &Path, meanwhile: impl FnOnce()) -> Found {
    let unfit = |what: &str, help| Found::Unfit(what.to_owned(), help);
    let before = match fs::metadata(path) {
        Ok(data) => data,
        Err(error) if error.kind() == ErrorKind::NotFound && path.is_symlink() => {
            return unfit("is a link that leads to no file", "make the file that the link means");
        }
        Err(error) => return Found::Unseen(unseen(&error)),
    };
    if let Some(what) = other_than_a_file(&before) {
        return unfit(what, "name a file that holds the secret and nothing else");
    }
    if before.len() > LONGEST {
        return unfit("is larger than 1 MiB", "name a file that holds the secret and nothing else");
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| {
        let opened = file.metadata()?;
        (&file).take(LONGEST + 1).read_to_end(&mut bytes)?;
        meanwhile();
        // Another file may have taken its place, too.
        Ok([opened, file.metadata()?, fs::metadata(path)?])
    });
    match read {
        Ok(seen) if seen.iter().all(|after| is_same(&before, after)) => {}
        Ok(_) => return unfit("changed while it was read", "run this again"),
        Err(error) => return Found::Unseen(unseen(&error)),
    }
    Found::Secret { value: Value::made(text(bytes)), exposure: exposure::of(path), leads_away: leads_away(path) }
}

/// What the system said, as the end of a sentence about the file.
fn unseen(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "is not on this machine".to_owned(),
        ErrorKind::PermissionDenied => "may not be read by whoever runs this check".to_owned(),
        _ => format!("cannot be read ({})", reason(error)),
    }
}

/// What something is that is no file.
fn other_than_a_file(data: &Metadata) -> Option<&'static str> {
    if data.is_file() {
        return None;
    }
    if data.is_dir() {
        return Some("is a folder");
    }
    Some(special(data).unwrap_or("is no file"))
}

#[cfg(unix)]
fn special(data: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    let kind = data.file_type();
    let kinds = [
        (kind.is_fifo(), "is a named pipe, which may never end"),
        (kind.is_char_device() || kind.is_block_device(), "is a device"),
        (kind.is_socket(), "is a socket"),
    ];
    kinds.into_iter().find(|(is_it, _)| *is_it).map(|(_, what)| what)
}

#[cfg(not(unix))]
fn special(_: &Metadata) -> Option<&'static str> {
    None
}

/// Whether two looks saw one file in one state.
fn is_same(before: &Metadata, after: &Metadata) -> bool {
    before.len() == after.len() && before.modified().ok() == after.modified().ok() && place(before) == place(after)
}

#[cfg(unix)]
fn place(data: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (data.dev(), data.ino())
}

#[cfg(not(unix))]
fn place(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// What is in the file, without the end of its last line, which those who read such files take off. Bytes that are no text are
/// told as hexadecimal digits, by which their strength is the same.
fn text(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text.trim_end_matches(['\n', '\r']).to_owned(),
        Ok(text) => hex(text.as_bytes()),
        Err(error) => hex(error.as_bytes()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes any text");
        text
    })
}

/// Whether a link leads out of the folder that was named. Kubernetes links within it.
pub(super) fn leads_away(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (fs::canonicalize(path), fs::canonicalize(folder)) {
        (Ok(path), Ok(folder)) => !path.starts_with(folder),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder can be made")
    }

    fn held(path: &Path) -> Option<String> {
        match find(path) {
            Found::Secret { value, .. } => Some(value.expose().to_owned()),
            Found::Unseen(_) | Found::Unfit(..) => None,
        }
    }

    #[test]
    fn the_end_of_the_last_line_is_no_part_of_a_secret() {
        let folder = folder();
        let path = folder.path().join("key");
        for (bytes, secret) in [
            (&b"made-up \r\n"[..], "made-up "),
            (b"two\nlines\n", "two\nlines"),
            (b"", ""),
            (b"\xff\x00\x01", "ff0001"),
            (b"\x00\x00", "0000"),
        ] {
            fs::write(&path, bytes).expect("a file can be written");
            assert_eq!(held(&path).as_deref(), Some(secret), "{bytes:?}");
        }
    }

    #[test]
    fn what_changes_while_it_is_read_is_told() {
        let folder = folder();
        let path = folder.path().join("key");
        let write = |text: &str| fs::write(&path, text).expect("a file can be written");
        let replace = || {
            fs::write(folder.path().join("new"), "abc").expect("a file can be written");
            fs::rename(folder.path().join("new"), &path).expect("it can be moved");
        };
        for meanwhile in [&(|| write("longer than before")) as &dyn Fn(), &replace] {
            write("abc");
            let found = find_while(&path, meanwhile);
            assert!(matches!(&found, Found::Unfit(what, _) if what == "changed while it was read"), "{found:?}");
        }
        write("abc");
        assert!(matches!(find_while(&path, || {}), Found::Secret { .. }));
    }

    #[test]
    #[cfg(unix)]
    fn what_is_no_file_of_a_secret_is_told_and_never_waited_for() {
        use std::os::unix::fs::symlink;
        let folder = folder();
        let path = |name: &str| folder.path().join(name);
        let made = std::process::Command::new("mkfifo").arg(path("pipe")).status().expect("mkfifo is there");
        assert!(made.success());
        symlink(path("nowhere"), path("dangling")).expect("a link can be made");
        let large = File::create(path("large")).expect("a file can be made");
        large.set_len(1 << 30).expect("it may have holes");
        for (name, told) in [
            (path("pipe"), "is a named pipe, which may never end"),
            ("/dev/zero".into(), "is a device"),
            (path("."), "is a folder"),
            (path("dangling"), "is a link that leads to no file"),
            (path("large"), "is larger than 1 MiB"),
        ] {
            assert!(matches!(find(&name), Found::Unfit(what, _) if what == told), "{told}: {:?}", find(&name));
        }
        assert!(matches!(find(&path("missing")), Found::Unseen(_)));
    }

    #[test]
    #[cfg(unix)]
    fn a_link_may_lead_on_within_its_folder() {
        use std::os::unix::fs::symlink;
        let folder = folder();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("secrets/..data")).expect("a folder can be made");
        for file in ["secrets/..data/key", "elsewhere"] {
            fs::write(path(file), "abc").expect("a file can be written");
        }
        symlink("..data/key", path("secrets/key")).expect("a link can be made");
        symlink("../elsewhere", path("secrets/away")).expect("a link can be made");
        for (name, away) in [("secrets/key", false), ("secrets/away", true), ("elsewhere", false)] {
            let found = find(&path(name));
            assert!(matches!(found, Found::Secret { leads_away, .. } if leads_away == away), "{name}: {found:?}");
        }
    }
}
