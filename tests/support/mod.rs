//! Running the real program, with nothing of the environment around it.

#![allow(dead_code, reason = "each test uses its share")]

pub mod deaths;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program, in a folder, with an environment of its own.
pub fn seccfg(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seccfg"));
    command.current_dir(folder).env_clear().env("COLUMNS", "100");
    command
}

/// What a run printed, and how it ended.
pub struct Ran {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Runs the program in a folder.
pub fn run(folder: &Path, args: &[&str]) -> Ran {
    seccfg(folder).args(args).output().expect("the program starts").into()
}

/// A folder of the test's own, gone when the test ends.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
