//! `seccfg check --watch`: a check again whenever a file has changed that it was about, until it is interrupted.
//!
//! Files are looked at four times a second. That costs nothing worth speaking of for as many as somebody edits, and works on
//! every file system, over networks and in containers, where systems do not tell of changes.

use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use super::{Failure, Outcome, print, tell};
use crate::check::Opened;
use crate::input;

const PACE: Duration = Duration::from_millis(250);

/// What a file looks like from outside; nothing where there is none.
type Look = Option<(SystemTime, u64)>;

/// Checks again and again. What goes wrong in one check is told, and the next one may go right.
pub(super) fn run(
    paths: &[PathBuf],
    env_files: impl Fn(&[PathBuf]) -> Vec<PathBuf>,
    mut check: impl FnMut() -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let is_terminal = std::io::stdout().is_terminal();
    loop {
        // A change while the check goes on is one, too.
        let before = looks(paths, &env_files);
        if is_terminal {
            print("\u{1b}[2J\u{1b}[H")?;
        }
        match check() {
            Ok(_) => {}
            // Nobody is there any more.
            Err(Failure::Output(error)) => return Err(Failure::Output(error)),
            Err(failure) => tell(&failure),
        }
        print("watching; interrupt to end\n")?;
        while looks(paths, &env_files) == before {
            thread::sleep(PACE);
        }
    }
}

/// What the files look like that a check is about: the profiles, the packs that they name, the `.env` files and what they name.
fn looks(paths: &[PathBuf], env_files: impl Fn(&[PathBuf]) -> Vec<PathBuf>) -> BTreeMap<PathBuf, Look> {
    let (profiles, _) = input::profiles(paths);
    let packs = profiles.iter().filter_map(|profile| pack(profile));
    let env_files = env_files(&profiles);
    let all = profiles.iter().cloned().chain(packs).chain(env_files);
    let look = |path: PathBuf| {
        let data = fs::metadata(&path).ok();
        let look = data.and_then(|data| Some((data.modified().ok()?, data.len())));
        (path, look)
    };
    all.map(look).collect()
}

/// The file of the pack that a profile names.
fn pack(profile: &Path) -> Option<PathBuf> {
    let source = input::read(profile).ok()?.ok()?;
    let folder = profile.parent().unwrap_or(Path::new(""));
    Opened::read(&source, &[], &input::packs()).pack_file(folder)
}
