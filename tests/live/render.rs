//! The built binary at work.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use crate::profile::{Place, Profile};

/// Renders a profile for nginx below `out` and names the folder of the files.
pub fn render(profile: &Profile, out: &Path, place: &Place) -> io::Result<PathBuf> {
    let path = out.join("security.toml");
    fs::write(&path, profile.toml(place))?;
    let output = Command::new(env!("CARGO_BIN_EXE_seccfg"))
        .args([Path::new("render"), &path])
        .args(["--target", "nginx", "--standalone", "--today", "2026-11-21", "--out"])
        .arg(out)
        .output()?;
    assert!(
        output.status.success(),
        "seccfg render: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(out.join("nginx"))
}
