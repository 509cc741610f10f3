//! The hooks, run by the real pre-commit in scratch repositories, with the wheel as pip installs it.

#![allow(missing_docs, reason = "a test")]

mod support;
#[path = "support/wheel.rs"]
mod wheel;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use seccfg::{VERSION, random};
use support::{Ran, folder, root};
use wheel::{pip, tool, wheel};

const BAD: &str = "version = 1\n\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n\n[tls]\nterminate = \"off\"\n\n[hsts]\nenabled = true\n";

/// What this file makes, kept until the next run: hooks are installed once for all of its tests.
fn kept() -> &'static Path {
    static KEPT: OnceLock<PathBuf> = OnceLock::new();
    KEPT.get_or_init(|| {
        let kept = root().join("target/hook");
        let _ = fs::remove_dir_all(&kept);
        fs::create_dir_all(&kept).expect("a folder can be made");
        kept
    })
}

/// One test after the other: they share what pre-commit has installed, and one of them is timed.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A program in a folder, as nobody in particular and without anyone's settings.
fn program(program: impl AsRef<std::ffi::OsStr>, folder: &Path, args: &[&str]) -> Ran {
    let mut command = Command::new(program);
    command.current_dir(folder).args(args);
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GITHUB_ACTIONS"] {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A test").env(format!("GIT_{who}_EMAIL"), "test@example.invalid");
    }
    command.envs(pip()).env("PRE_COMMIT_HOME", kept().join("pre-commit")).env("PRE_COMMIT_COLOR", "never");
    // Where the installed program is found.
    let installed = Path::new(env!("CARGO_BIN_EXE_seccfg")).parent().expect("a program stands in a folder");
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(installed.to_owned()).chain(std::env::split_paths(&paths));
    command.env("PATH", std::env::join_paths(paths).expect("no folder has a colon in its name"));
    command.output().expect("the program starts").into()
}

fn git(folder: &Path, args: &[&str]) -> Ran {
    program("git", folder, args)
}

fn succeed(folder: &Path, args: &[&str]) -> Ran {
    let ran = git(folder, args);
    assert_eq!(ran.code, Some(0), "git {args:?}: {}{}", ran.out, ran.err);
    ran
}

/// A repository with the tag of the hooks, as a release makes it.
fn hooks() -> &'static Path {
    static HOOKS: OnceLock<PathBuf> = OnceLock::new();
    HOOKS.get_or_init(|| {
        let repository = kept().join("seccfg");
        let from = root().join("packages/pre-commit");
        let to = repository.join("packages/pre-commit");
        fs::create_dir_all(&to).expect("a folder can be made");
        for file in fs::read_dir(&from).expect("the folder is there").flatten() {
            fs::copy(file.path(), to.join(file.file_name())).expect("a file can be copied");
        }
        succeed(&repository, &["init", "--quiet", "--initial-branch", "main"]);
        succeed(&repository, &["add", "--all"]);
        succeed(&repository, &["commit", "--quiet", "--message", "A release"]);
        let commit = succeed(&repository, &["commit-tree", "HEAD:packages/pre-commit", "-m", "The hooks"]).out;
        succeed(&repository, &["tag", &format!("hook-v{VERSION}"), commit.trim()]);
        repository
    })
}

/// A repository of a user's, in which `pre-commit install` was run, with these hooks.
fn shop(hooks: &str) -> tempfile::TempDir {
    let shop = folder();
    succeed(shop.path(), &["init", "--quiet", "--initial-branch", "main"]);
    install(shop.path(), hooks);
    shop
}

fn install(shop: &Path, ids: &str) {
    let config = format!("repos:\n- repo: {}\n  rev: hook-v{VERSION}\n  hooks:\n{ids}", hooks().display());
    write(shop, ".pre-commit-config.yaml", &config);
    let ran = program(tool("python"), shop, &["-m", "pre_commit", "install"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file can be written");
}

/// Whether git commits everything that is there, and what is told.
fn commit(shop: &Path) -> Result<(), String> {
    succeed(shop, &["add", "--all"]);
    let before = git(shop, &["rev-parse", "--verify", "HEAD"]).out;
    let ran = git(shop, &["commit", "--message", "Launch"]);
    let moved = git(shop, &["rev-parse", "--verify", "HEAD"]).out != before;
    let told = format!("{}{}", ran.out, ran.err);
    match ran.code {
        Some(0) if moved => Ok(()),
        Some(1) if !moved => Err(told),
        code => panic!("{code:?}: {told}"),
    }
}

#[test]
fn a_bad_profile_blocks_the_commit_and_a_mended_one_passes() {
    let _alone = alone();
    for id in ["seccfg-check", "seccfg-check-installed"] {
        let shop = shop(&format!("  - id: {id}\n"));
        write(shop.path(), "security.toml", BAD);
        let told = commit(shop.path()).expect_err("it is blocked");
        assert!(told.contains("HST005") && told.contains("security.toml:12:11"), "{told}");
        write(shop.path(), "security.toml", &BAD.replace("enabled = true", "enabled = false"));
        commit(shop.path()).expect("it passes");
    }
}

#[test]
fn rendered_files_that_are_stale_block_the_commit() {
    let _alone = alone();
    let shop = shop("  - id: seccfg-render-check\n    args: [--target, nginx, --out, deploy]\n");
    let profile = fs::read_to_string(root().join("tests/fixtures/prod.toml")).expect("the fixture is there");
    write(shop.path(), "security.toml", &profile);
    let render = || {
        let ran = support::run(shop.path(), &["render", "--target", "nginx", "--out", "deploy"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    };
    assert!(commit(shop.path()).is_err(), "nothing was rendered yet");
    render();
    commit(shop.path()).expect("it passes");
    write(shop.path(), "security.toml", &profile.replace("shop.example.com", "store.example.com"));
    let told = commit(shop.path()).expect_err("it is blocked");
    assert!(told.contains("deploy/"), "{told}");
    render();
    commit(shop.path()).expect("it passes again");
}

#[test]
fn a_staged_env_file_with_secrets_blocks_the_commit() {
    let _alone = alone();
    let shop = shop("  - id: seccfg-env-check\n");
    let secret = random::hex(16).expect("the system gives random bytes");
    write(shop.path(), ".env.example", "SECRET_KEY=\nDEBUG=false\n");
    commit(shop.path()).expect("an example passes");
    for name in [".env", ".env.prod", "shop.env"] {
        write(shop.path(), name, &format!("DEBUG=false\nSECRET_KEY={secret}\n"));
        let told = commit(shop.path()).expect_err("it is blocked");
        assert!(told.contains("SEC008") && told.contains(&format!("{name}:2:12")), "{told}");
        assert!(told.contains("git is about to commit `SECRET_KEY`") && !told.contains(&secret), "{told}");
        succeed(shop.path(), &["rm", "--quiet", "--force", name]);
    }
    // A live secret in an example is one, too; and what is ignored is not asked about.
    write(shop.path(), ".env.example", &format!("SECRET_KEY={secret}\n"));
    assert!(commit(shop.path()).is_err());
    write(shop.path(), ".env.example", "SECRET_KEY=\n");
    write(shop.path(), ".env", &format!("SECRET_KEY={secret}\n"));
    write(shop.path(), ".gitignore", ".env\n");
    commit(shop.path()).expect("it passes");
}

/// Typed as somebody would who has never seen seccfg, from the wheel to the commit that is refused.
#[test]
fn from_the_wheel_to_a_refused_commit_in_less_than_a_minute() {
    let _alone = alone();
    let (shop, _) = (folder(), (wheel(), hooks()));
    let began = Instant::now();
    let python = |args: &[&str]| {
        let ran = program("python3", shop.path(), args);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    };
    succeed(shop.path(), &["init", "--quiet", "--initial-branch", "main"]);
    write(shop.path(), ".gitignore", "/venv\n");
    python(&["-m", "venv", "venv"]);
    let bin = shop.path().join("venv/bin");
    let ran = program(bin.join("pip"), shop.path(), &["install", "--quiet", "seccfg"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let seccfg = |args: &[&str]| program(bin.join("seccfg"), shop.path(), args);
    assert_eq!(seccfg(&["--version"]).out, format!("seccfg {VERSION}\n"));
    // It says at once what is left to decide, and ends as a check would.
    let ran = seccfg(&["init", "--app", "fastcms"]);
    assert!(ran.code.is_some_and(|code| code < 2), "{}{}", ran.out, ran.err);
    install(shop.path(), "  - id: seccfg-check\n");

    let profile = fs::read_to_string(shop.path().join("security.toml")).expect("init wrote it");
    let origins = profile.lines().find(|line| line.starts_with("origins = ")).expect("init lists origins");
    write(shop.path(), "security.toml", &profile.replace(origins, "origins = [\"*\"]"));
    let told = commit(shop.path()).expect_err("it is refused");
    assert!(told.contains("COR002") && told.contains("origins = [\"*\"]"), "{told}");
    let took = began.elapsed();
    println!("from the wheel to the refused commit in {took:.1?}");
    assert!(took < Duration::from_mins(1), "{took:?}");
}

/// pre-commit's own judge of its files: the hooks, and what docs/ci.md shows.
#[test]
fn pre_commit_takes_the_manifest_and_the_configuration_that_is_shown() {
    let scratch = folder();
    let page = fs::read_to_string(root().join("docs/ci.md")).expect("the page is there");
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block);
    let shown: Vec<&str> = blocks.filter(|block| block.starts_with("repos:")).collect();
    let [shown] = shown[..] else { panic!("{shown:#?}") };
    assert!(shown.contains(&format!("rev: hook-v{VERSION}\n")), "{shown}");
    write(scratch.path(), "config.yaml", shown);
    let manifest = root().join(".pre-commit-hooks.yaml").display().to_string();
    for judge in [["validate-manifest", &manifest], ["validate-config", "config.yaml"]] {
        let ran = program(tool("python"), scratch.path(), &[&["-m", "pre_commit"], &judge[..]].concat());
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    }
}

#[test]
fn the_hooks_are_the_same_in_both_places_and_install_this_version() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("the file is there");
    assert_eq!(read(".pre-commit-hooks.yaml"), read("packages/pre-commit/.pre-commit-hooks.yaml"));
    let package = read("packages/pre-commit/pyproject.toml");
    assert!(package.contains(&format!("version = \"{VERSION}\"")), "{package}");
    assert!(package.contains(&format!("\"seccfg=={VERSION}\"")), "{package}");
}
