//! Observatory, as npm has it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::Value;

use crate::support::root;

/// What Observatory says of a site: outcomes by test.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Said {
    pub score: u32,
    pub grade: String,
    pub tests: BTreeMap<String, String>,
}

/// Asks Observatory. Nothing where it is not installed, which is said. `certificate` is a file of one that it trusts.
pub fn ask(what: &str, questions: &[Value], certificate: Option<&Path>) -> Option<Vec<Said>> {
    let package = root().join("target/observatory/node_modules/@mdn/mdn-http-observatory");
    if !package.join("conf/hsts-preload.json").exists() {
        // Not `eprintln!`, which nobody sees of a test that passes.
        let why = "it is not in target/observatory: scripts/setup installs it where npm is there";
        let _ = writeln!(std::io::stderr(), "skipped: MDN's HTTP Observatory, because {why}");
        return None;
    }
    let mut node = Command::new("node");
    node.arg(root().join("tests/score/observatory.mjs")).arg(package).arg(what);
    if let Some(certificate) = certificate {
        node.env("NODE_EXTRA_CA_CERTS", certificate);
    }
    let mut child =
        node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Observatory was installed by Node");
    let mut stdin = child.stdin.take().expect("it is piped");
    let questions = serde_json::to_vec(questions).expect("questions are JSON");
    stdin.write_all(&questions).expect("Node reads all questions first");
    drop(stdin);
    let output = child.wait_with_output().expect("Node ends");
    assert!(output.status.success(), "Observatory ended with {}", output.status);
    Some(serde_json::from_slice(&output.stdout).expect("its answers are JSON"))
}
