//! The schemas of Kubernetes' own objects, in several versions, by kubernetes-validate; and what checkov finds wrong.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Ran, folder, root};

/// The oldest that is still supported somewhere, one between, and the newest that has schemas.
const VERSIONS: [&str; 3] = ["1.31", "1.34", "1.37"];

/// The groups of objects whose schemas Kubernetes itself has.
pub const OWN: [&str; 7] = [
    "v1",
    "apps/v1",
    "networking.k8s.io/v1",
    "policy/v1",
    "autoscaling/v2",
    "batch/v1",
    "admissionregistration.k8s.io/v1",
];

/// The rendered files of an example that hold an object of Kubernetes' own.
fn files(app: &str) -> Vec<PathBuf> {
    let folder = root().join("examples/kubernetes").join(app).join("kubernetes");
    let folders = [folder.clone(), folder.join("cluster")];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("it was rendered")).flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.retain(|path| {
        let text = fs::read_to_string(path).expect("it is text");
        OWN.iter().any(|version| text.lines().any(|line| line == format!("apiVersion: {version}")))
    });
    files.sort();
    files
}

#[test]
fn objects_are_what_the_schemas_of_three_versions_say() {
    let tool = root().join("target/venv/bin/kubernetes-validate");
    assert!(tool.exists(), "kubernetes-validate is not installed: run scripts/setup");
    for app in ["crudauth", "fastcms", "instacrud"] {
        let files = files(app);
        assert!(files.len() > 8, "{app}: {files:?}");
        for version in VERSIONS {
            let mut validate = Command::new(&tool);
            validate.args(["--strict", "-k", version]).args(&files);
            let ran: Ran = validate.env("PYTHONWARNINGS", "ignore").output().expect("it starts").into();
            assert_eq!(ran.code, Some(0), "{app} by {version}: {}{}", ran.out, ran.err);
            assert_eq!(ran.err.matches(" passed for ").count() + ran.out.matches(" passed for ").count(), files.len());
        }
    }
}

/// What checkov says of a folder or a file, without asking the service of its makers.
fn checkov(program: &Path, kind: &str, path: &Path) -> Value {
    let mut checkov = Command::new(program);
    checkov.args(["--framework", "kubernetes", "--skip-download", "--output", "json", kind]);
    let ran: Ran = checkov.arg(path).env("PYTHONWARNINGS", "ignore").output().expect("it starts").into();
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}{}", ran.out, ran.err))
}

fn checks<'v>(said: &'v Value, how: &str) -> impl Iterator<Item = (&'v str, &'v Value)> {
    let list = said["results"][how].as_array().expect("checkov lists them");
    list.iter().map(|check| (check["check_id"].as_str().expect("a check has a name"), check))
}

/// checkov brings 290 MB for one test, so `scripts/setup` leaves it out, and the test takes the one that is there.
#[test]
fn checkov_finds_nothing_and_what_it_leaves_out_says_why() {
    let path = env::var_os("PATH").unwrap_or_default();
    let Some(program) = env::split_paths(&path).map(|folder| folder.join("checkov")).find(|file| file.is_file()) else {
        // Said where people see it: what a test that passes prints is kept back.
        let why = "it is not on the PATH: `pip install checkov` is 290 MB";
        let _ = writeln!(std::io::stderr(), "skipped: checkov, because {why}");
        return;
    };
    for app in ["crudauth", "fastcms", "instacrud"] {
        let said = checkov(&program, "--directory", &root().join("examples/kubernetes").join(app).join("kubernetes"));
        let failed: Vec<String> =
            checks(&said, "failed_checks").map(|(id, check)| format!("{id} {}", check["resource"])).collect();
        assert_eq!(failed, [""; 0], "{app}");
        assert_eq!(said["summary"]["parsing_errors"], 0, "{app}");
        let passed: BTreeSet<&str> = checks(&said, "passed_checks").map(|(id, _)| id).collect();
        assert!(passed.len() > 50, "{app}: {passed:?}");
        let left_out: Vec<(&str, &Value)> = checks(&said, "skipped_checks")
            .map(|(id, check)| (id, &check["check_result"]["suppress_comment"]))
            .collect();
        let [("CKV_K8S_35", Value::String(why))] = left_out.as_slice() else { panic!("{app}: {left_out:?}") };
        assert!(why.contains("reads its secrets from variables"), "{app}: {why}");
    }

    // One fault, and it is found.
    let spoiled = folder();
    let deployment = root().join("examples/kubernetes/crudauth/kubernetes/50-deployment-shop.yaml");
    let text = fs::read_to_string(deployment).expect("it was rendered");
    let changed = text.replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false");
    assert_ne!(text, changed);
    let file = spoiled.path().join("deployment.yaml");
    fs::write(&file, changed).expect("a file can be written");
    let said = checkov(&program, "--file", &file);
    let failed: BTreeSet<&str> = checks(&said, "failed_checks").map(|(id, _)| id).collect();
    assert!(failed.contains("CKV_K8S_22"), "{failed:?}");
}
