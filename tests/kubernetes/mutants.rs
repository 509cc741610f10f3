//! Objects with one fault each, and who tells it: `check --manifest` by its codes, as somebody would be told who wrote them by
//! hand, and `render --check` as a difference from what the profile is rendered to.
//!
//! What no object can be written with by the types of `src/targets/kubernetes` is told in this way, too, where somebody edits
//! the file.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::server::traefik::objects;
use crate::support::{folder, root, run};

const TODAY: [&str; 2] = ["--today", "2026-11-21"];

/// What somebody does to an object.
type Fault = fn(&mut Value);

/// A fault: what it is, the file that it is made in, how, and the codes of `check --manifest`.
type Mutant = (&'static str, &'static str, Fault, &'static [&'static str]);

fn pod(object: &mut Value) -> &mut Value {
    &mut object["spec"]["template"]["spec"]
}

fn container(object: &mut Value) -> &mut Value {
    &mut pod(object)["containers"][0]
}

fn push(list: &mut Value, item: Value) {
    list.as_array_mut().expect("it is a list").push(item);
}

/// The rule that hands on what no other takes.
fn last_rule(object: &mut Value) -> &mut Value {
    object["spec"]["rules"].as_array_mut().and_then(|rules| rules.last_mut()).expect("a route has rules")
}

/// A value that is made for this run, and that no rule takes for a word.
fn made_up() -> Value {
    json!(format!("{:016x}q7{:08x}", std::process::id(), std::process::id().wrapping_mul(2_654_435_761)))
}

const DEPLOYMENT: &str = "50-deployment-blog.yaml";
const SERVICE: &str = "40-service-blog.yaml";
const SETTINGS: &str = "25-configmap-blog.yaml";
const ROUTE: &str = "70-httproute-blog.yaml";
const REDIRECT: &str = "70-httproute-blog-redirect.yaml";
const LIMIT: &str = "60-middleware-blog-sign-in-limit.yaml";
const NETWORK: &str = "10-networkpolicy-blog-allow.yaml";

const MUTANTS: [Mutant; 64] = [
    // Those that other programs were judged by.
    (
        "a selector of other pods",
        DEPLOYMENT,
        |it| it["spec"]["selector"]["matchLabels"] = json!({ "app.kubernetes.io/name": "other" }),
        &["K8S029"],
    ),
    (
        "a Service of other pods",
        SERVICE,
        |it| it["spec"]["selector"] = json!({ "app.kubernetes.io/name": "other" }),
        &["K8S028"],
    ),
    ("a port that nobody has", SERVICE, |it| it["spec"]["ports"][0]["targetPort"] = json!("web"), &["K8S028"]),
    (
        "a literal secret",
        DEPLOYMENT,
        |it| push(&mut container(it)["env"], json!({ "name": "API_KEY", "value": made_up() })),
        &["K8S022"],
    ),
    ("a name in capitals", DEPLOYMENT, |it| it["metadata"]["name"] = json!("Blog"), &["K8S029"]),
    ("a field that is none", DEPLOYMENT, |it| container(it)["envs"] = json!([]), &["K8S029"]),
    (
        "a variable that is no text",
        DEPLOYMENT,
        |it| push(&mut container(it)["env"], json!({ "name": "DEBUGGING", "value": false })),
        &["K8S020"],
    ),
    (
        "a variable twice",
        DEPLOYMENT,
        |it| {
            let first = container(it)["env"][0].clone();
            push(&mut container(it)["env"], first);
        },
        &["K8S029"],
    ),
    ("a route to another port", ROUTE, |it| last_rule(it)["backendRefs"][0]["port"] = json!(81), &["K8S028"]),
    ("replicas as text", DEPLOYMENT, |it| it["spec"]["replicas"] = json!("3"), &["K8S029"]),
    (
        "an image by tag",
        DEPLOYMENT,
        |it| container(it)["image"] = json!("registry.example.com/blog:latest"),
        &["K8S004"],
    ),
    (
        "an amount that is none",
        DEPLOYMENT,
        |it| container(it)["resources"]["limits"]["memory"] = json!("512 MB"),
        &["K8S029"],
    ),
    (
        "a label with a blank",
        DEPLOYMENT,
        |it| it["spec"]["template"]["metadata"]["labels"]["x"] = json!("has space"),
        &["K8S029"],
    ),
    ("a port beyond all", SERVICE, |it| it["spec"]["ports"][0]["port"] = json!(99_999), &["K8S029"]),
    (
        "a long name of a port",
        DEPLOYMENT,
        |it| container(it)["ports"][0]["name"] = json!("averyverylongportname"),
        &["K8S029"],
    ),
    ("a setting with a blank", SETTINGS, |it| it["data"]["a b"] = json!("x"), &["K8S029"]),
    ("a setting that is no text", SETTINGS, |it| it["data"]["DEBUG"] = json!(false), &["K8S020"]),
    (
        "a mount of nothing",
        DEPLOYMENT,
        |it| push(&mut container(it)["volumeMounts"], json!({ "name": "nothere", "mountPath": "/x" })),
        &["K8S029"],
    ),
    (
        "a probe of another port",
        DEPLOYMENT,
        |it| container(it)["livenessProbe"]["httpGet"]["port"] = json!("web"),
        &["K8S028"],
    ),
    ("another account", DEPLOYMENT, |it| pod(it)["serviceAccountName"] = json!("other"), &["K8S028"]),
    (
        "a policy for other pods",
        NETWORK,
        |it| it["spec"]["podSelector"] = json!({ "matchLabels": { "a": "b" } }),
        &["K8S028"],
    ),
    ("privileged", DEPLOYMENT, |it| container(it)["securityContext"]["privileged"] = json!(true), &["K8S025"]),
    (
        "seventeen headers",
        ROUTE,
        |it| {
            let set: Vec<Value> = (0..17).map(|at| json!({ "name": format!("X-{at}"), "value": "v" })).collect();
            last_rule(it)["filters"][0]["responseHeaderModifier"]["set"] = json!(set);
        },
        &["K8S026"],
    ),
    (
        "a filter twice",
        ROUTE,
        |it| {
            let first = last_rule(it)["filters"][0].clone();
            push(&mut last_rule(it)["filters"], first);
        },
        &["K8S029"],
    ),
    (
        "a redirect that leads to the app, too",
        REDIRECT,
        |it| {
            let step = json!({ "type": "RequestRedirect", "requestRedirect": { "scheme": "https" } });
            it["spec"]["rules"][0]["filters"] = json!([step]);
            it["spec"]["rules"][0]["backendRefs"] = json!([{ "name": "blog", "port": 80 }]);
        },
        &["K8S029"],
    ),
    (
        "a step that is not there",
        ROUTE,
        |it| last_rule(it)["filters"][1]["extensionRef"]["name"] = json!("nothere"),
        &["K8S028"],
    ),
    ("a field of a rule that is none", ROUTE, |it| last_rule(it)["filter"] = json!([]), &["K8S029"]),
    ("a field of a step that is none", LIMIT, |it| it["spec"]["rateLimit"]["averge"] = json!(5), &["K8S029"]),
    (
        "plain HTTP that stays plain",
        "60-middleware-blog-redirect.yaml",
        |it| it["spec"]["redirectRegex"]["replacement"] = json!("http://blog.example.com${1}"),
        &["K8S026"],
    ),
    ("settings that are too large", SETTINGS, |it| it["data"]["BIG"] = json!("x".repeat(1_100_000)), &["K8S029"]),
    ("a host name that is none", ROUTE, |it| it["spec"]["hostnames"] = json!(["blog_example.com:443"]), &["K8S023"]),
    (
        "pods that are never replaced",
        DEPLOYMENT,
        |it| {
            it["spec"]["strategy"] =
                json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 0, "maxUnavailable": 0 } });
        },
        &["K8S029"],
    ),
    (
        "a line feed in a header",
        ROUTE,
        |it| {
            let header = &mut last_rule(it)["filters"][0]["responseHeaderModifier"]["set"][0];
            header["value"] = json!("a\nX-Evil: 1");
        },
        &["K8S026"],
    ),
    (
        "settings that are not there",
        DEPLOYMENT,
        |it| container(it)["envFrom"][0]["configMapRef"]["name"] = json!("other"),
        &["K8S028"],
    ),
    (
        "a header that is too long",
        ROUTE,
        |it| {
            let header = &mut last_rule(it)["filters"][0]["responseHeaderModifier"]["set"][0];
            header["value"] = json!("a".repeat(4097));
        },
        &["K8S026"],
    ),
    // Our own.
    ("three pods with state in memory", DEPLOYMENT, |it| it["spec"]["replicas"] = json!(3), &["K8S007"]),
    (
        "a new pod beside the old",
        DEPLOYMENT,
        |it| it["spec"]["strategy"] = json!({ "type": "RollingUpdate" }),
        &["K8S007"],
    ),
    ("a pod on every node", DEPLOYMENT, |it| it["kind"] = json!("DaemonSet"), &["K8S007"]),
    ("four processes by a setting", SETTINGS, |it| it["data"]["WEB_CONCURRENCY"] = json!("4"), &["STA001"]),
    (
        "four processes by options",
        DEPLOYMENT,
        |it| push(&mut container(it)["env"], json!({ "name": "GUNICORN_CMD_ARGS", "value": "-w 4" })),
        &["STA001"],
    ),
    (
        "a secret in JSON",
        SETTINGS,
        |it| it["data"]["OPTIONS"] = json!(json!({ "mail": { "smtp_password": made_up() } }).to_string()),
        &["K8S022"],
    ),
    (
        "a secret as a word of a command",
        DEPLOYMENT,
        |it| container(it)["args"] = json!(["--secret-key", made_up()]),
        &["K8S022"],
    ),
    (
        "a secret in a probe",
        DEPLOYMENT,
        |it| {
            let headers = json!([{ "name": "Authorization", "value": made_up() }]);
            container(it)["readinessProbe"]["httpGet"]["httpHeaders"] = headers;
        },
        &["K8S022"],
    ),
    (
        "a secret in what was applied last",
        DEPLOYMENT,
        |it| {
            let object = json!({ "kind": "Secret", "data": { "x": made_up() } }).to_string();
            it["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = json!(object);
        },
        &["K8S022"],
    ),
    ("a secret among settings", SETTINGS, |it| it["data"]["SMTP_PASSWORD"] = made_up(), &["K8S022"]),
    ("root by its number", DEPLOYMENT, |it| pod(it)["securityContext"]["runAsUser"] = json!(0), &["K8S025"]),
    ("all of /proc", DEPLOYMENT, |it| container(it)["securityContext"]["procMount"] = json!("Unmasked"), &["K8S025"]),
    (
        "every system call",
        DEPLOYMENT,
        |it| container(it)["securityContext"]["seccompProfile"]["type"] = json!("Unconfined"),
        &["K8S025"],
    ),
    ("a port of the machine", DEPLOYMENT, |it| container(it)["ports"][0]["hostPort"] = json!(8000), &["K8S025"]),
    (
        "a privileged container that runs first",
        DEPLOYMENT,
        |it| {
            let mut first = container(it).clone();
            first["securityContext"]["privileged"] = json!(true);
            pod(it)["initContainers"] = json!([first]);
        },
        &["K8S025"],
    ),
    ("a port of every node", SERVICE, |it| it["spec"]["type"] = json!("NodePort"), &["K8S027"]),
    ("everyone may connect", NETWORK, |it| it["spec"]["ingress"][0]["from"] = json!([]), &["K8S027"]),
    (
        "a header less",
        ROUTE,
        |it| {
            let set = &mut last_rule(it)["filters"][0]["responseHeaderModifier"]["set"];
            set.as_array_mut().expect("a list").remove(0);
        },
        &["K8S026"],
    ),
    ("ten times the limit", LIMIT, |it| it["spec"]["rateLimit"]["average"] = json!(100), &["K8S026"]),
    (
        "every listener",
        ROUTE,
        |it| drop(it["spec"]["parentRefs"][0].as_object_mut().expect("a map").remove("sectionName")),
        &["K8S024"],
    ),
    ("every host", ROUTE, |it| it["spec"]["hostnames"] = json!([]), &["K8S023"]),
    (
        "an origin more",
        "60-middleware-blog-cors.yaml",
        |it| {
            let list = &mut it["spec"]["headers"]["accessControlAllowOriginList"];
            push(list, json!("https://evil.test"));
        },
        &["K8S026"],
    ),
    ("a secret as a label", DEPLOYMENT, |it| it["metadata"]["labels"]["api-token"] = made_up(), &["K8S022"]),
    (
        "a secret in a header",
        DEPLOYMENT,
        |it| {
            let secret = made_up();
            let script =
                format!("curl --header 'Authorization: Bearer {}' localhost", secret.as_str().unwrap_or_default());
            container(it)["lifecycle"] = json!({ "postStart": { "exec": { "command": ["sh", "-c", script] } } });
        },
        &["K8S022"],
    ),
    (
        "everyone is believed",
        DEPLOYMENT,
        |it| container(it)["args"] = json!(["uvicorn", "app:app", "--forwarded-allow-ips", "*"]),
        &["PRX002"],
    ),
    (
        "every pod may connect",
        NETWORK,
        |it| it["spec"]["ingress"][0]["from"] = json!([{ "namespaceSelector": {} }]),
        &["K8S027"],
    ),
    ("a route by another gateway", ROUTE, |it| it["spec"]["parentRefs"][0]["name"] = json!("internal"), &["K8S027"]),
    ("another account's token", DEPLOYMENT, |it| pod(it)["automountServiceAccountToken"] = json!(true), &["K8S025"]),
    (
        "a namespace that takes any pod",
        "00-namespace-blog.yaml",
        |it| it["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = json!("privileged"),
        &["K8S025"],
    ),
];

/// What is told of a folder of manifests beside the profile: the codes of `check --manifest`.
fn codes(folder: &Path) -> Vec<String> {
    let ran = run(folder, &[&["check", "--manifest", "kubernetes", "--format", "json"], &TODAY[..]].concat());
    assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.err);
    let report: Value = serde_json::from_str(&ran.out).expect("a report is JSON");
    let findings = report["findings"].as_array().expect("a report has findings");
    let is_of_a_manifest = |finding: &&Value| finding["file"].as_str().is_some_and(|file| file.contains("kubernetes"));
    let code = |finding: &Value| finding["code"].as_str().expect("a finding has a code").to_owned();
    findings.iter().filter(is_of_a_manifest).map(code).collect()
}

#[test]
fn each_fault_is_told_by_its_codes_and_as_a_difference() {
    let folder = folder();
    let path = folder.path();
    let example = root().join("examples/kubernetes/fastcms/security.toml");
    fs::copy(example, path.join("security.toml")).expect("the example is there");
    let render = |more: &[&str]| run(path, &[&["render", "--target", "kubernetes"], &TODAY[..], more].concat());
    assert_eq!(render(&[]).code, Some(0));
    assert_eq!(codes(path), [""; 0], "what is rendered is sound");
    let mut wrong = Vec::new();
    for (what, file, fault, expected) in MUTANTS {
        let file = path.join("kubernetes").join(file);
        let sound = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{what}: {}: {error}", file.display()));
        let alone = folder_of(&file, &sound);
        let mut object = objects(alone.path()).remove(0);
        let before = object.clone();
        fault(&mut object);
        assert_ne!(object, before, "{what}: nothing was changed");
        // JSON is YAML, and the first line says whose file it is.
        let first = sound.lines().next().unwrap_or_default();
        fs::write(&file, format!("{first}\n---\n{object:#}\n")).expect("a file can be written");
        let found = codes(path);
        if expected.is_empty() || !expected.iter().all(|code| found.iter().any(|one| one == code)) {
            wrong.push(format!("{what}: expected {expected:?}, found {found:?}"));
        }
        let ran = render(&["--check"]);
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if ran.code != Some(1) || !format!("{}{}", ran.out, ran.err).contains(name) {
            wrong.push(format!("{what}: no difference is told: {}{}", ran.out, ran.err));
        }
        fs::write(&file, sound).expect("a file can be written");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A folder with one file alone.
fn folder_of(file: &Path, text: &str) -> tempfile::TempDir {
    let folder = folder();
    fs::write(folder.path().join(file.file_name().expect("a file has a name")), text).expect("a file can be written");
    folder
}
