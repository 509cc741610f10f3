//! The file of `--baseline`: it is read, applied to what was found, and renewed where that is asked for.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{Failure, complain};
use crate::baseline::{Baseline, Error, Known};
use crate::check::{Checked, Options};
use crate::files::{self, Change, reason};
use crate::input;
use crate::profile::quoted;
use crate::report::plural;

/// Hides what is known, and tells what is mended. With `write`, everything that is found becomes known first, where every
/// profile could be judged (`is_whole`: where every one could be read).
pub(super) fn hide(
    path: &Path,
    write: bool,
    checked: &mut [Checked],
    options: &Options,
    is_whole: bool,
) -> Result<(), Failure> {
    let old = text(path, write)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let folders = folders(folder).map_err(|error| about(path, &reason(&error)))?;
    let [from, to] = &folders;
    let way = way(from, to);
    let placed = |baseline: Baseline| baseline.between(from.clone(), to.clone());
    let read = |text: &str| Baseline::read(text, way.clone()).map(placed);
    let mut baseline = match old.as_deref().map(read) {
        Some(Err(Error::Empty)) if write => placed(Baseline::new(way.clone())),
        Some(read) => read.map_err(|error| about(path, &error.to_string()))?,
        None => placed(Baseline::new(way.clone())),
    };
    baseline.hide(checked);
    let is_there = |file: &str| folder.join(file).exists();
    if !write {
        tell_mended(path, &baseline.mended(checked, options, is_there).collect::<Vec<_>>());
        return Ok(());
    }
    if !is_whole || checked.iter().any(|one| !one.judged) {
        complain("seccfg: no baseline is written while a profile cannot be judged: what is wrong in it is not known\n");
        return Ok(());
    }
    let new = baseline.renewed(checked, options, is_there);
    if old.as_ref() != Some(&new) {
        files::write(vec![Change { path: path.to_owned(), old, new: new.clone(), private: false }])?;
    }
    let mut renewed = read(&new).map_err(|error| about(path, &error.to_string()))?;
    // What the old one hid is counted already.
    renewed.hide(checked);
    Ok(())
}

/// A folder and the working folder, from the root.
fn folders(folder: &Path) -> io::Result<[PathBuf; 2]> {
    let here = Path::new(".");
    let folder = if folder.as_os_str().is_empty() { here } else { folder };
    Ok([fs::canonicalize(folder)?, fs::canonicalize(here)?])
}

/// The way from a folder to another one, both named from the root.
fn way(from: &Path, to: &Path) -> PathBuf {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    up.chain(to.components().skip(common)).collect()
}

/// What the file says; nothing where it is to be written and is not there yet.
fn text(path: &Path, write: bool) -> Result<Option<String>, Failure> {
    match input::own_bytes(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(about(path, &Error::Other("it is not UTF-8".to_owned()).to_string())),
        },
        Err(error) if error.is_missing() && write => Ok(None),
        Err(error) if error.is_missing() => {
            Err(about(path, "there is no such baseline; with --write-baseline, what is found now is written into it"))
        }
        Err(error) => Err(error.into()),
    }
}

fn about(path: &Path, why: &str) -> Failure {
    Failure::Usage(format!("{}: {why}", quoted(&path.display().to_string())))
}

/// Says what can be taken out of the baseline.
fn tell_mended(path: &Path, mended: &[&Known]) {
    if mended.is_empty() {
        return;
    }
    let place = |known: &&Known| {
        let key = if known.key.is_empty() { String::new() } else { format!(" at {}", quoted(&known.key)) };
        format!("  {} in {}{key}\n", quoted(&known.code), quoted(&known.file))
    };
    let list: String = mended.iter().map(place).collect();
    let what = if mended.len() == 1 { "is" } else { "are" };
    complain(&format!(
        "seccfg: {} of {} {what} mended; --write-baseline takes {} out:\n{list}",
        plural(mended.len(), "finding"),
        quoted(&path.display().to_string()),
        if mended.len() == 1 { "it" } else { "them" },
    ));
}
