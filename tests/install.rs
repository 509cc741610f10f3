//! The packages in which seccfg is installed, each made by its own tool and installed from there.

#![allow(missing_docs, reason = "a test")]

mod support;
#[path = "support/wheel.rs"]
mod wheel;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use seccfg::VERSION;
use support::{Ran, folder, root};
use wheel::tool;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("the file is there")
}

fn succeed(command: &mut Command) -> String {
    let ran: Ran = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}")).into();
    assert_eq!(ran.code, Some(0), "{command:?}: {}{}", ran.out, ran.err);
    ran.out
}

/// The program as it is in packages: without what only a debugger reads.
fn program(folder: &Path) -> std::path::PathBuf {
    let program = folder.join("seccfg");
    fs::copy(env!("CARGO_BIN_EXE_seccfg"), &program).expect("it can be copied");
    succeed(Command::new("strip").arg(&program));
    program
}

#[test]
fn the_packages_for_linux_hold_the_program_its_pages_and_its_completions() {
    let scratch = folder();
    let staged = scratch.path().join("staged");
    fs::create_dir(&staged).expect("a folder can be made");
    let program = program(&staged);
    succeed(Command::new(root().join("scripts/pages")).arg(&program).arg(&staged));
    let package = |packager: &str| {
        let mut nfpm = Command::new(tool("nfpm"));
        nfpm.current_dir(root()).args([
            "package",
            "--config",
            "packages/nfpm.yaml",
            "--packager",
            packager,
            "--target",
        ]);
        nfpm.arg(scratch.path()).env("VERSION", VERSION).env("ARCH", "amd64").env("FOLDER", &staged);
        succeed(&mut nfpm);
        let is_it = |path: &std::path::PathBuf| path.extension() == Some(OsStr::new(packager));
        let files = fs::read_dir(scratch.path()).expect("it is a folder").flatten().map(|entry| entry.path());
        files.into_iter().find(is_it).expect("a package was made")
    };
    let (deb, _) = (package("deb"), package("rpm"));

    // A root of its own, so that the machine's is left alone.
    let target = scratch.path().join("root");
    for place in ["var/lib/dpkg/updates", "var/lib/dpkg/info"] {
        fs::create_dir_all(target.join(place)).expect("a folder can be made");
    }
    fs::write(target.join("var/lib/dpkg/status"), "").expect("a file can be written");
    let mut dpkg = Command::new("dpkg");
    dpkg.args(["--log=/dev/null", "--force-not-root", "--force-script-chrootless"]);
    // A package for Debian on Intel's processors may be looked into anywhere.
    succeed(dpkg.arg("--force-architecture").arg(format!("--root={}", target.display())).arg("--install").arg(&deb));
    let ran = succeed(Command::new(target.join("usr/bin/seccfg")).arg("--version"));
    assert_eq!(ran, format!("seccfg {VERSION}\n"));
    for file in [
        "usr/share/man/man1/seccfg.1",
        "usr/share/man/man1/seccfg-check.1",
        "usr/share/bash-completion/completions/seccfg",
        "usr/share/zsh/vendor-completions/_seccfg",
        "usr/share/fish/vendor_completions.d/seccfg.fish",
        "usr/share/doc/seccfg/LICENSE-MIT",
    ] {
        assert!(fs::metadata(target.join(file)).is_ok_and(|data| data.len() > 100), "{file}");
    }
}

#[test]
fn npm_installs_the_program_of_this_machine() {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|ran| ran.status.success());
    if !has("npm") {
        let _ = writeln!(std::io::stderr(), "skipped: the package for npm, because there is no npm");
        return;
    }
    let scratch = folder();
    let packages = root().join("packages/npm");
    let machine = succeed(Command::new("node").args(["-p", "`${process.platform} ${process.arch}`"]));
    let (system, processor) = machine.trim().split_once(' ').expect("two words");
    let platform = scratch.path().join("platform");
    let mut make = Command::new("node");
    make.arg(packages.join("platform.mjs")).arg(program(scratch.path())).args([system, processor]).arg(&platform);
    succeed(&mut make);
    let mut tarballs = Vec::new();
    for package in [&platform, &packages] {
        let mut pack = Command::new("npm");
        pack.current_dir(package).args(["pack", "--silent", "--pack-destination"]).arg(scratch.path());
        tarballs.push(format!("./{}", succeed(&mut pack).trim()));
    }
    let mut install = Command::new("npm");
    install.current_dir(scratch.path()).args(["install", "--offline", "--silent", "--no-audit", "--no-fund"]);
    install.env("npm_config_cache", scratch.path().join("cache"));
    // The programs of other machines are in no cache: npm goes on without them, as they are optional.
    succeed(install.args(&tarballs));
    let seccfg = || {
        let mut seccfg = Command::new(scratch.path().join("node_modules/.bin/seccfg"));
        seccfg.current_dir(scratch.path());
        seccfg
    };
    assert_eq!(succeed(seccfg().arg("--version")), format!("seccfg {VERSION}\n"));
    fs::write(scratch.path().join("security.toml"), "[").expect("a file can be written");
    let ran: Ran = seccfg().arg("check").output().expect("it starts").into();
    assert!(ran.code == Some(1) && ran.out.contains("PRF001"), "{}{}", ran.out, ran.err);

    // Without the machine's package, it says so.
    fs::remove_dir_all(scratch.path().join("node_modules/@seccfg")).expect("it was installed");
    let ran: Ran = seccfg().arg("--version").output().expect("it starts").into();
    assert!(ran.code == Some(2) && ran.err.contains(&format!("@seccfg/{system}-{processor}")), "{}", ran.err);
}

/// A release has one program for a machine: its wheel holds the one of its archive, as pip installs it.
#[test]
fn the_wheel_holds_the_program_that_it_is_given() {
    let scratch = folder();
    let made = fs::read_dir(wheel::wheel()).expect("it is a folder").flatten().next().expect("maturin made one").path();
    let name = made.file_name().expect("a wheel has a name");
    let given = program(scratch.path());
    let mut bytes = Vec::new();
    for copy in ["one", "two"] {
        let copy = scratch.path().join(copy);
        fs::create_dir(&copy).expect("a folder can be made");
        fs::copy(&made, copy.join(name)).expect("it can be copied");
        succeed(Command::new(root().join("scripts/rewheel")).arg(copy.join(name)).arg(&given));
        bytes.push(fs::read(copy.join(name)).expect("it was written"));
    }
    assert!(bytes[0] == bytes[1], "the same program gives the same wheel");
    let installed = scratch.path().join("installed");
    let mut pip = Command::new(tool("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target"]).arg(&installed);
    succeed(pip.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").arg(scratch.path().join("one").join(name)));
    let program = installed.join("bin/seccfg");
    assert!(fs::read(&program).ok() == fs::read(&given).ok(), "it holds another program");
    assert_eq!(succeed(Command::new(&program).arg("--version")), format!("seccfg {VERSION}\n"));
    // Its own list of what it holds is right, line by line.
    let record = installed.join(format!("seccfg-{VERSION}.dist-info/RECORD"));
    let list = fs::read_to_string(record).expect("pip keeps it");
    let size = fs::metadata(&given).expect("it is there").len();
    assert!(
        list.lines().any(|line| line.contains("bin/seccfg,sha256=") && line.ends_with(&format!(",{size}"))),
        "{list}"
    );
    // A wheel of something else is left alone.
    let mut other = Command::new(root().join("scripts/rewheel"));
    other.arg(scratch.path().join("one").join(name)).arg(root().join("Cargo.toml"));
    let ran: Ran = other.output().expect("it starts").into();
    assert!(ran.code == Some(1) && ran.err.contains("not one program called Cargo.toml"), "{}", ran.err);
    assert_eq!(fs::read(scratch.path().join("one").join(name)).ok().as_deref(), Some(&*bytes[1]));
}

#[test]
fn the_container_file_is_clean_and_runs_as_nobody_from_nothing() {
    let file = read("Containerfile");
    succeed(Command::new(tool("hadolint")).arg(root().join("Containerfile")));
    let last = file.rsplit("\nFROM ").next().expect("there is a last stage");
    assert!(last.starts_with("scratch\n") && last.contains("\nUSER 65532:65532\n"), "{last}");
}

/// One release is of one version, in whichever package, and every package that is installed is one that is made.
#[test]
fn every_package_is_of_this_version_and_made_by_the_release() {
    let manifest: serde_json::Value = serde_json::from_str(&read("packages/npm/package.json")).expect("it is JSON");
    assert_eq!(manifest["version"], VERSION);
    let platforms = manifest["optionalDependencies"].as_object().expect("there are some");
    assert!(platforms.values().all(|version| version == VERSION), "{platforms:?}");
    let release = read(".github/workflows/release.yml");
    // What runs on most servers is the program that is measured, and every program that is packaged is one that is built.
    assert!(release.contains("\n            scripts/release\n"));
    let words = |key: &str| -> BTreeSet<String> {
        let lines = release.lines().filter(|line| line.trim_start().starts_with("- { os:"));
        let word = |line: &str| {
            let (_, rest) = line.split_once(&format!("{key}: ")).expect("the matrix says it");
            rest.split([',', '}']).next().unwrap_or_default().trim().to_owned()
        };
        lines.map(word).collect()
    };
    let made: BTreeSet<String> =
        words("npm").iter().map(|words| format!("@seccfg/{}", words.replace(' ', "-"))).collect();
    assert_eq!(made, platforms.keys().cloned().collect());
    let (_, packed) = release.split_once("for arch in amd64:").expect("packages for Linux are made");
    let packed: BTreeSet<&str> =
        packed.split(';').next().unwrap_or_default().split([' ', ':']).filter(|word| word.contains("linux")).collect();
    assert_eq!(packed.len(), 2, "{packed:?}");
    assert!(packed.iter().all(|target| words("target").contains(*target)), "{packed:?}");
    // `cargo binstall` unpacks zip files where Windows has them, and archives of tar everywhere else.
    let cargo = read("Cargo.toml");
    for target in words("target").iter().filter(|target| target.contains("windows")) {
        assert!(cargo.contains(&format!("[package.metadata.binstall.overrides.{target}]")), "{target}");
    }
}
