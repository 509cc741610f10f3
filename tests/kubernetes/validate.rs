//! The schemas of Kubernetes' own objects, in several versions, by kubernetes-validate.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Ran, root};

/// The oldest that is still supported somewhere, one between, and the newest that has schemas.
const VERSIONS: [&str; 3] = ["1.31", "1.34", "1.37"];

/// The groups of objects whose schemas Kubernetes itself has.
const OWN: [&str; 7] = [
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
