//! What a file holds: its bytes, and the text that they are, within bounds.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;

use super::error::Error;
use crate::check::Checked;
use crate::finding::Label;
use crate::rules::Rule;
use crate::source::Source;

/// No profile is longer; what is longer is some other file.
pub(super) const MOST: u64 = 16 << 20;

/// A file's bytes, at most as many as a profile can have.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    bytes_while(path, || {})
}

/// The same, while something else may happen to the file.
fn bytes_while(path: &Path, meanwhile: impl FnOnce()) -> Result<Vec<u8>, Error> {
    let io = |error| Error::Io { path: path.to_owned(), error };
    if waits(path) {
        return Err(Error::Pipe(path.to_owned()));
    }
    let file = File::open(path).map_err(io)?;
    let before = file.metadata().map_err(io)?;
    let bytes = bounded(&file, path, before.len().min(MOST), MOST)?;
    meanwhile();
    // What another file takes the place of was read whole. What is no file, or one that the system makes up, has no length.
    let is_same = |after: Metadata| after.len() == before.len() && after.modified().ok() == before.modified().ok();
    if before.is_file() && before.len() > 0 && !file.metadata().is_ok_and(is_same) {
        return Err(Error::Changed(path.to_owned()));
    }
    Ok(bytes)
}

/// The most bytes of a file that seccfg made: a baseline of a million findings has fewer.
const OWN_MOST: u64 = 1 << 30;

/// The bytes of a file that seccfg or its user made, such as a baseline. What is no file, such as `/dev/zero`, has to end where a
/// profile would.
pub fn own_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let io = |error| Error::Io { path: path.to_owned(), error };
    if waits(path) {
        return Err(Error::Pipe(path.to_owned()));
    }
    let file = File::open(path).map_err(io)?;
    let metadata = file.metadata().map_err(io)?;
    bounded(&file, path, metadata.len().min(MOST), if metadata.is_file() { OWN_MOST } else { MOST })
}

/// What a reader gives, at most so much; `expected` bytes are likely.
pub(super) fn bounded(reader: impl Read, path: &Path, expected: u64, most: u64) -> Result<Vec<u8>, Error> {
    // With room for all of it and one byte more, a file is read in two calls.
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default() + 1);
    let read = reader.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| Error::Io { path: path.to_owned(), error })?;
    if bytes.len() as u64 > most {
        return Err(Error::TooLarge(path.to_owned()));
    }
    Ok(bytes)
}

/// Whether opening a file may take forever: a named pipe's may. What a shell gives as `/dev/fd/63` has a writer.
#[cfg(unix)]
fn waits(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let is_the_shells = ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder));
    !is_the_shells && std::fs::metadata(path).is_ok_and(|data| data.file_type().is_fifo())
}

#[cfg(not(unix))]
fn waits(_: &Path) -> bool {
    false
}

/// A file that is no text.
pub(super) struct NotText {
    /// What comes before the first byte that is none, and that byte.
    shown: String,
    /// Where that byte stands.
    at: usize,
    /// What is wrong with it.
    pub message: String,
}

/// The text that bytes are, if they are any.
pub(super) fn text(bytes: Vec<u8>) -> Result<String, NotText> {
    // A program, a picture, a file that a crash has filled with zeros: nothing behind the first one is worth showing.
    let zero = if bytes.contains(&0) { bytes.iter().position(|byte| *byte == 0) } else { None };
    let broken = |at: usize, bytes: &[u8], message| {
        let shown = String::from_utf8_lossy(&bytes[..=at]).into_owned();
        NotText { shown, at, message }
    };
    match String::from_utf8(bytes) {
        Ok(text) => match zero {
            None => Ok(text),
            Some(at) => Err(broken(at, text.as_bytes(), "this is no text: it holds the byte 0x00".to_owned())),
        },
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(at).copied().unwrap_or_default();
            let is_utf16 = [[0xff, 0xfe], [0xfe, 0xff]].iter().any(|mark| error.as_bytes().starts_with(mark));
            let message = if is_utf16 {
                "this is UTF-16, as some editors on Windows save it, and not UTF-8".to_owned()
            } else {
                format!("this is not UTF-8: the byte 0x{byte:02x} begins no character")
            };
            Err(broken(at, error.as_bytes(), message))
        }
    }
}

impl NotText {
    pub fn checked(self, path: &Path, rule: &Rule, help: &str) -> Checked {
        let place = Label::of_text(self.at..self.at + 1, "here");
        let finding = rule.finding(place).saying(self.message, help);
        Checked::unread(Source::new(path, self.shown), vec![finding])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changes_while_it_is_read_is_told_and_one_that_is_replaced_is_whole() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join(".env");
        let write = |path: &Path, text: &str| std::fs::write(path, text).expect("a file can be written");
        write(&path, "A=1\n");
        let changed = bytes_while(&path, || write(&path, "A=1\nB=2\n"));
        assert!(matches!(changed, Err(Error::Changed(_))), "{changed:?}");
        let replace = || {
            let other = folder.path().join("other");
            write(&other, "B=2\n");
            std::fs::rename(&other, &path).expect("it can be moved");
        };
        assert_eq!(bytes_while(&path, replace).ok().as_deref(), Some(&b"A=1\nB=2\n"[..]));
        assert_eq!(bytes(&path).ok().as_deref(), Some(&b"B=2\n"[..]));
    }
}
