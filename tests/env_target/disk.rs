//! A disk that is full, a process that is killed, a folder that is read-only: the file is what it was.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use super::support::deaths::{Fate, at_each_call};
use super::support::{folder, run};
use super::{TODAY, example, read, render};

const OLD: &str = "MODE=test\nSECRET_KEY=c0ffee\n";

/// Runs the program in a shell that prepares its way. `$0` is the program.
fn shell(folder: &Path, program: &Path, script: &str) -> Output {
    let mut command = Command::new("/bin/sh");
    command.current_dir(folder).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.args(["-c", script]).arg(program).args(["render", "--target", "env", "--today", TODAY]);
    command.output().expect("a shell starts")
}

fn prepared() -> tempfile::TempDir {
    let folder = folder();
    example("instacrud", folder.path());
    fs::write(folder.path().join(".env"), OLD).expect("a file can be written");
    folder
}

fn is_as_before(folder: &Path) -> bool {
    fs::read_to_string(folder.join(".env")).is_ok_and(|text| text == OLD)
}

/// A limit of no bytes at all stands for the full disk: without the signal a write fails as it does there, with it the
/// process dies in the middle of the write.
#[test]
fn a_full_disk_and_a_death_in_the_middle_leave_the_file_as_it_was() {
    let program = Path::new(env!("CARGO_BIN_EXE_seccfg"));
    let folder = prepared();
    let full = shell(folder.path(), program, "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"");
    assert_eq!(full.status.code(), Some(2), "{full:?}");
    assert!(is_as_before(folder.path()));
    let left = fs::read_dir(folder.path()).expect("the folder is there").count();
    assert_eq!(left, 2, "what could not be written is taken away");
    assert_eq!(String::from_utf8_lossy(&full.stderr), "seccfg: .env: File too large\n");

    let killed = shell(folder.path(), program, "ulimit -f 0; exec \"$0\" \"$@\"");
    assert!(killed.status.signal().is_some(), "{killed:?}");
    assert!(is_as_before(folder.path()));
}

/// Whoever dies at any call, or finds no room on the disk, leaves the old file or the new one, for whom it was and to whom it
/// belonged.
#[test]
fn any_end_of_a_run_leaves_the_old_file_or_the_new_one() {
    use std::os::unix::fs::{MetadataExt, chown};
    const NOBODY: u32 = 65_534;
    let args = ["render", "--target", "env", "--today", TODAY];
    let is_root = |path: &Path| fs::metadata(path).is_ok_and(|data| data.uid() == 0);
    let prepared = || {
        let folder = prepared();
        let path = folder.path().join(".env");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
        // Nobody but root gives files away.
        if is_root(folder.path()) {
            chown(&path, Some(NOBODY), Some(NOBODY)).expect("root may");
        }
        folder
    };
    let whole = prepared();
    render(whole.path(), &[]);
    let new = read(whole.path(), ".env");
    for fate in [Fate::Death, Fate::FullDisk] {
        let times = at_each_call(&args, fate, prepared, |folder, place, ended| {
            let path = folder.join(".env");
            let text = read(folder, ".env");
            assert!(text == OLD && !ended || text == new, "{place}");
            let data = fs::metadata(&path).expect("it is there");
            let owner = if is_root(folder) { NOBODY } else { data.uid() };
            assert_eq!((data.mode() & 0o777, data.uid()), (0o600, owner), "{place}");
        });
        assert!(times >= 5, "{times}");
    }
}

#[test]
fn a_read_only_folder_leaves_the_file_as_it_was() {
    let folder = prepared();
    // Permissions do not hold root, so it becomes nobody, who may not reach the program where it is built.
    let ran = shell(
        folder.path(),
        Path::new(env!("CARGO_BIN_EXE_seccfg")),
        "cp \"$0\" . && chmod 555 . && if [ \"$(id -u)\" = 0 ]; then set -- setpriv --reuid 65534 --clear-groups ./seccfg \"$@\"; \
         else set -- ./seccfg \"$@\"; fi; exec \"$@\"",
    );
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "seccfg: .env: permission is denied\n");
    assert!(is_as_before(folder.path()));
}

#[test]
fn a_link_to_nothing_stays_one() {
    let folder = prepared();
    let path = folder.path().join(".env");
    fs::remove_file(&path).expect("it is ours");
    std::os::unix::fs::symlink("sub/x.env", &path).expect("a link can be made");
    let ran = render(folder.path(), &[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.starts_with("seccfg: .env: the link leads to no file"), "{}", ran.err);
    assert!(path.is_symlink());
}

#[test]
fn a_pipe_is_not_waited_for_and_a_device_not_replaced() {
    let folder = prepared();
    let path = folder.path().join(".env");
    fs::remove_file(&path).expect("it is ours");
    assert!(Command::new("mkfifo").arg(&path).status().is_ok_and(|status| status.success()));
    let ran = render(folder.path(), &[]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (Some(2), "seccfg: .env is a folder, a pipe or a device: move it away, or name another place with --out\n")
    );
    let ran = run(folder.path(), &["check", "--env-file", ".env"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(2), "seccfg: `.env`: a named pipe, not a file\n"));
    // What a shell substitutes is a pipe, too, and has a writer.
    let script = "exec \"$0\" check --only RND001 --env-file <(echo MODE=prod)";
    let mut bash = Command::new("bash");
    bash.args(["-c", script, env!("CARGO_BIN_EXE_seccfg")]).current_dir(folder.path());
    assert_eq!(bash.output().ok().and_then(|ran| ran.status.code()), Some(0));
    fs::remove_file(&path).expect("it is ours");
    std::os::unix::fs::symlink("/dev/null", &path).expect("a link can be made");
    assert_eq!(render(folder.path(), &[]).code, Some(2));
}
