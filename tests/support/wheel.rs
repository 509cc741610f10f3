//! The wheel, built by maturin for the hooks and for what installs it.

#![allow(dead_code, reason = "each test uses its share")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::{Ran, root};

/// A program that `scripts/setup` installs.
pub fn tool(name: &str) -> PathBuf {
    let tool = root().join("target/venv/bin").join(name);
    assert!(tool.exists(), "{name} is not installed: run scripts/setup");
    tool
}

/// The folder of the wheel, and nothing else in it.
pub fn wheel() -> &'static Path {
    static WHEEL: OnceLock<PathBuf> = OnceLock::new();
    WHEEL.get_or_init(|| {
        let wheels = root().join("target/wheels");
        let folder = wheels.join(std::process::id().to_string());
        fs::create_dir_all(&folder).expect("a folder can be made");
        // maturin moves the program that Cargo built before it packs it. So two files of tests wait for each other here,
        // and the program is the demo's, which no test runs.
        let lock = File::create(wheels.join("lock")).expect("a file can be made");
        lock.lock().expect("it can be locked");
        let mut maturin = Command::new(tool("python"));
        maturin.current_dir(root()).args(["-m", "maturin", "build", "--offline", "--profile", "demo"]);
        maturin.args(["--compatibility", "linux", "--out"]).arg(&folder);
        // What Cargo tells the tests about this package counts as another environment for the build scripts of some
        // dependencies, which would be built again.
        for (name, _) in std::env::vars_os() {
            let told =
                name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
            if told {
                maturin.env_remove(name);
            }
        }
        let ran: Ran = maturin.output().expect("maturin starts").into();
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        let wheels = fs::read_dir(&folder).expect("there is a folder").count();
        assert_eq!(wheels, 1, "{}", ran.out);
        folder
    })
}

/// Variables with which pip finds the wheel, and what is built beside it, without a network.
pub fn pip() -> [(&'static str, String); 3] {
    let links = format!("{} {}", wheel().display(), root().join("target/venv/wheels").display());
    [("PIP_NO_INDEX", "1".to_owned()), ("PIP_FIND_LINKS", links), ("PIP_DISABLE_PIP_VERSION_CHECK", "1".to_owned())]
}
