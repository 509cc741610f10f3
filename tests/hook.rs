//! The pre-commit hook, run by the real pre-commit in a scratch repository.

#![allow(missing_docs, reason = "a test")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{Ran, folder, root};

const BAD: &str = "version = 1\n\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n\n[tls]\nterminate = \"off\"\n\n[hsts]\nenabled = true\n";

/// Runs git in a folder, as nobody in particular and without anyone's settings.
fn git(folder: &Path, args: &[&str]) -> Ran {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .args(args)
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_WORK_TREE");
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A test").env(format!("GIT_{who}_EMAIL"), "test@example.invalid");
    }
    // What pre-commit builds is kept between runs, and built fast: it is run, not measured. Its home is this test's alone.
    command.env("CARGO_TARGET_DIR", root().join("target/hook")).env("PRE_COMMIT_HOME", folder.join("../pre-commit"));
    command.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16").env("RUSTFLAGS", "-Copt-level=0");
    // Where the installed program is found.
    let installed = Path::new(env!("CARGO_BIN_EXE_seccfg")).parent().expect("a program stands in a folder");
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(installed.to_owned()).chain(std::env::split_paths(&paths));
    command.env("PATH", std::env::join_paths(paths).expect("no folder has a colon in its name"));
    command.output().expect("git starts").into()
}

fn succeed(folder: &Path, args: &[&str]) -> Ran {
    let ran = git(folder, args);
    assert_eq!(ran.code, Some(0), "git {args:?}: {}{}", ran.out, ran.err);
    ran
}

/// A repository with this working tree as its one commit: what a user of the hook would fetch.
fn hooks(folder: &Path) {
    fs::create_dir(folder).expect("a folder can be made");
    let listed = succeed(&root(), &["ls-files", "--cached", "--others", "--exclude-standard"]);
    for file in listed.out.lines() {
        let (from, to) = (root().join(file), folder.join(file));
        if from.is_file() {
            fs::create_dir_all(to.parent().expect("a file stands in a folder")).expect("a folder can be made");
            fs::copy(from, to).expect("a file can be copied");
        }
    }
    succeed(folder, &["init", "--quiet", "--initial-branch", "main"]);
    succeed(folder, &["add", "--all"]);
    succeed(folder, &["commit", "--quiet", "--message", "The hook"]);
}

/// Lets a hook of a revision of this repository judge a bad profile and a mended one, in a scratch repository.
fn judge(id: &str) {
    let pre_commit = root().join("target/venv/bin/pre-commit");
    assert!(pre_commit.exists(), "pre-commit is not installed: run scripts/setup");
    let scratch = folder();
    let (seccfg, shop) = (scratch.path().join("seccfg"), scratch.path().join("shop"));
    hooks(&seccfg);
    let revision = succeed(&seccfg, &["rev-parse", "HEAD"]).out;

    fs::create_dir(&shop).expect("a folder can be made");
    succeed(&shop, &["init", "--quiet", "--initial-branch", "main"]);
    let config = format!("repos:\n- repo: {}\n  rev: {}\n  hooks:\n  - id: {id}\n", seccfg.display(), revision.trim());
    fs::write(shop.join(".pre-commit-config.yaml"), config).expect("a file can be written");
    fs::create_dir_all(shop.join(".git/hooks")).expect("a folder can be made");
    // What `pre-commit install` writes, without its search for Python.
    let hook = format!("#!/bin/sh\nexec '{}' run --hook-stage pre-commit --color never\n", pre_commit.display());
    fs::write(shop.join(".git/hooks/pre-commit"), hook).expect("a file can be written");
    succeed(&shop, &["update-index", "--refresh"]);
    Command::new("chmod").arg("+x").arg(shop.join(".git/hooks/pre-commit")).status().expect("chmod starts");

    fs::write(shop.join("security.toml"), BAD).expect("a file can be written");
    succeed(&shop, &["add", "--all"]);
    let blocked = git(&shop, &["commit", "--message", "Launch"]);
    let told = format!("{}{}", blocked.out, blocked.err);
    assert_eq!(blocked.code, Some(1), "{told}");
    assert!(told.contains("HST005") && told.contains("security.toml:12:11"), "{told}");
    assert_ne!(git(&shop, &["rev-parse", "--verify", "HEAD"]).code, Some(0), "nothing was committed");

    fs::write(shop.join("security.toml"), BAD.replace("enabled = true", "enabled = false"))
        .expect("a file can be written");
    succeed(&shop, &["add", "--all"]);
    succeed(&shop, &["commit", "--message", "Launch"]);
    succeed(&shop, &["rev-parse", "--verify", "HEAD"]);
}

#[test]
fn a_bad_profile_blocks_the_commit_and_a_mended_one_passes() {
    judge("seccfg-check");
}

#[test]
fn the_seccfg_that_is_installed_does_the_same_and_builds_nothing() {
    judge("seccfg-check-installed");
}
