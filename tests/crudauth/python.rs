//! The Python that `scripts/setup` installs, and the releases of CRUDAuth in it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;

use crate::support::root;

/// The release that the module is made for where a profile names none.
pub const CURRENT: &str = "0.8.2";
/// A program of the environment.
pub fn program(name: &str) -> Command {
    let path = root().join("target/venv/bin").join(name);
    assert!(path.exists(), "{} is not installed: run scripts/setup", path.display());
    let mut command = Command::new(path);
    command.env_clear().env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
    command
}

/// Where a release is, if it is not the environment's own.
pub fn release(version: &str) -> Option<PathBuf> {
    (version != CURRENT).then(|| root().join("target/venv").join(format!("crudauth-{version}")))
}

/// What a run printed, which has to have gone well.
pub fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Asks `modules.py` each of these, with one release of CRUDAuth.
pub fn ask(version: &str, questions: &[Value]) -> Vec<Result<Value, String>> {
    let mut command = program("python");
    command
        .arg(root().join("tests/crudauth/modules.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(path) = release(version) {
        command.env("PYTHONPATH", path);
    }
    let mut child = command.spawn().expect("Python starts");
    let mut input = child.stdin.take().expect("it was piped");
    let lines: Vec<String> = questions.iter().map(|question| format!("{question}\n")).collect();
    // Both pipes are finite: who only writes would wait for who only writes.
    let writer = thread::spawn(move || input.write_all(lines.concat().as_bytes()));
    let output = child.wait_with_output().expect("Python ends");
    writer.join().expect("the writer does not panic").expect("Python reads to the end");
    let answers = said(&output);
    let answers = answers.lines().map(|line| {
        let mut answer: Value = serde_json::from_str(line).expect("answers are JSON");
        match answer.get("error") {
            Some(error) => Err(error.as_str().unwrap_or_default().to_owned()),
            None => Ok(answer["ok"].take()),
        }
    });
    answers.collect()
}
