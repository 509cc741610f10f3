//! Ends of a run that nobody foresees: it is killed, or the disk is full, at any of the calls by which it changes files.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// The calls of the system by which files are opened, changed and moved, in groups that are counted together.
const CALLS: [&str; 6] =
    ["openat", "write", "fchmod,fchown", "fsync", "rename,renameat,renameat2,link,linkat", "unlink,unlinkat"];

/// What becomes of a call.
#[derive(Clone, Copy)]
pub enum Fate {
    /// The process dies in it.
    Death,
    /// There is no room on the disk.
    FullDisk,
}

/// Runs the program in a new folder again and again, with this fate at the first call of a kind, at the second, and so on until
/// it comes to its end by itself. What is left is looked at each time, with a word on where it happened and whether the run
/// ended well. How often it did not is given back.
pub fn at_each_call(
    args: &[&str],
    fate: Fate,
    prepared: impl Fn() -> TempDir,
    mut look: impl FnMut(&Path, &str, bool),
) -> usize {
    assert!(Command::new("strace").arg("-V").output().is_ok(), "strace is not here: run scripts/setup");
    let mut times = 0;
    // A full disk is no matter of opening what is there, or of taking away.
    let calls = match fate {
        Fate::Death => &CALLS[..],
        Fate::FullDisk => &CALLS[1..5],
    };
    for call in calls {
        for count in 1..200 {
            let folder = prepared();
            let what = match fate {
                Fate::Death => "signal=KILL",
                Fate::FullDisk => "error=ENOSPC",
            };
            let inject = format!("inject={call}:{what}:when={count}");
            let mut strace = Command::new("strace");
            // Which file a call is about tells output from a file that is written.
            strace.args(["-f", "-y", "-o", "/dev/stderr", "-e", &format!("trace={call}"), "-e", &inject]);
            strace.arg(env!("CARGO_BIN_EXE_seccfg")).args(args);
            let output = strace.current_dir(folder.path()).output().expect("strace starts");
            let trace = String::from_utf8_lossy(&output.stderr);
            let happened = trace.contains("INJECTED") || trace.contains("killed by SIGKILL");
            look(folder.path(), &format!("{call} {count}"), output.status.success());
            if !happened {
                break;
            }
            times += 1;
        }
    }
    times
}
