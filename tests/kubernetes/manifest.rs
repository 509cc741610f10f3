//! `check --manifest` on what was rendered: it is clean, and each single fault in it is told with its code.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{folder, root, run};

/// The profile of an example, and all of its objects in one text.
fn example(app: &str) -> (String, String) {
    let folder = root().join("examples/kubernetes").join(app);
    let mut paths: Vec<_> =
        fs::read_dir(folder.join("kubernetes")).expect("it was rendered").flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    paths.sort();
    let text = |path: &Path| fs::read_to_string(path).expect("it is text");
    (text(&folder.join("security.toml")), paths.iter().map(|path| text(path)).collect())
}

/// What is found in a manifest beside a profile: the codes, each with the line.
fn found(profile: &str, manifest: &str) -> Vec<(String, u64)> {
    let folder = folder();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file can be written");
    write("security.toml", profile);
    write("all.yaml", manifest);
    let args = ["check", "--manifest", "all.yaml", "--format", "json", "--today", "2026-11-21"];
    let ran = run(folder.path(), &args);
    assert!(ran.code == Some(0) || ran.code == Some(1), "{}", ran.err);
    let report: Value = serde_json::from_str(&ran.out).expect("a report is JSON");
    let findings = report["findings"].as_array().expect("a report has findings");
    let of_manifest = findings.iter().filter(|finding| finding["file"] == "all.yaml");
    let code = |finding: &Value| finding["code"].as_str().expect("a finding has a code").to_owned();
    let line = |finding: &Value| finding["span"]["start"]["line"].as_u64().expect("a place has a line");
    of_manifest.map(|finding| (code(finding), line(finding))).collect()
}

#[test]
fn what_is_rendered_says_what_the_profile_says() {
    for app in ["crudauth", "fastcms", "instacrud"] {
        let (profile, manifest) = example(app);
        assert_eq!(found(&profile, &manifest), [], "{app}");
    }
}

/// Each fault is made in the objects of the first example that has what it is made of.
#[test]
fn each_single_fault_is_told() {
    let examples = ["crudauth", "fastcms", "instacrud"].map(example);
    let faults = [
        (
            "K8S020",
            "automountServiceAccountToken: false\n",
            "automountServiceAccountToken: false\nautomountServiceAccountToken: true\n",
        ),
        ("K8S020", "metadata:\n", "metadata: *nothing\nmetadata2:\n"),
        ("K8S020", "replicas: ", "replicas: {{ .Values.replicas }} #"),
        ("K8S007", "replicas: ", "replicas: 1"),
        (
            "K8S022",
            "valueFrom:\n            secretKeyRef:\n",
            "value: a-live-value-that-nobody-guesses\n          x:\n            y:\n",
        ),
        ("K8S023", "  hostnames:\n  - ", "  hostnames:\n  - evil.example.org\n  - "),
        ("K8S024", "    sectionName: https\n", ""),
        ("K8S025", "privileged: false", "privileged: true"),
        ("K8S025", "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"),
        ("K8S025", "            drop:\n            - ALL\n", "            drop: []\n"),
        ("K8S025", "      automountServiceAccountToken: false\n", "      hostNetwork: true\n"),
        ("K8S025", "        emptyDir:\n", "        hostPath: {path: /}\n        x:\n"),
        ("K8S026", "        - name: X-Frame-Options\n          value: DENY\n", ""),
        ("K8S026", "          value: DENY\n", "          value: SAMEORIGIN\n"),
        ("K8S026", "    replacement: https://", "    replacement: http://"),
        ("K8S026", "maxRequestBodyBytes: ", "maxRequestBodyBytes: 9"),
        ("K8S026", "    average: ", "    average: 90"),
    ];
    let untold: Vec<String> = faults
        .into_iter()
        .filter_map(|(code, from, to)| {
            let Some((profile, manifest)) = examples.iter().find(|(_, manifest)| manifest.contains(from)) else {
                return Some(format!("no example has {from:?}"));
            };
            let found = found(profile, &manifest.replace(from, to));
            let is_told = found.iter().any(|(one, _)| one == code);
            (!is_told).then(|| format!("{code}: {from:?} as {to:?}: {found:?}"))
        })
        .collect();
    assert!(untold.is_empty(), "{}", untold.join("\n"));
}
