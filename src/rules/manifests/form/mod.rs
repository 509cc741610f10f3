//! Objects as an API server takes them: their names and labels, numbers and amounts, and the fields that they have.
//!
//! A schema of each kind is no business of ours: what is asked here are the mistakes that people make by hand, in the objects
//! that protect the app.

mod fields;
mod names;
mod numbers;
mod once;
mod steps;

use super::super::rule::{Check, Severities, rules};
use super::{TARGET, keep_first_at_each_place};
use crate::finding::Severity::{Error, Warning};
use crate::manifest::{Object, Place};
use crate::yaml::{Entry, Node};

/// What is not taken, and what to write.
struct Refused {
    place: Place,
    message: String,
    label: &'static str,
    help: String,
    /// Whether the object is taken all the same, as something else than what was meant.
    is_taken: bool,
}

impl Refused {
    fn at(place: Place, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { place, message: message.into(), label: REFUSED, help: help.into(), is_taken: false }
    }
}

/// What becomes of it.
const REFUSED: &str = "the API server refuses the object";

/// What holds what an app makes of it, whatever it is called.
const CONTENTS: [&str; 5] = ["data", "stringData", "binaryData", "annotations", "labels"];

/// Hands on every key below a node with the key above it, but what is the contents of something.
fn each<'n>(node: &'n Node, above: &'n str, take: &mut impl FnMut(&'n str, &'n Entry)) {
    node.items().iter().for_each(|item| each(item, above, take));
    for entry in node.entries() {
        take(above, entry);
        if !CONTENTS.contains(&entry.key.as_str()) {
            each(&entry.value, &entry.key, take);
        }
    }
}

/// Whether the objects of a group are Kubernetes' own, or the Gateway API's.
fn is_known(object: &Object) -> bool {
    matches!(
        object.group.as_str(),
        "" | "apps" | "batch" | "policy" | "autoscaling" | "networking.k8s.io" | "gateway.networking.k8s.io"
    )
}

fn refused(object: &Object) -> Vec<Refused> {
    let mut found = names::refused(object);
    found.extend(numbers::refused(object));
    found.extend(once::refused(object));
    found.extend(steps::refused(object));
    found.extend(fields::refused(object));
    keep_first_at_each_place(&mut found, |one| one.place);
    found
}

rules! {
    /// An API server takes the objects as they are written.
    ///
    /// What is refused is not applied, and the rest of the files is: pods whose `NetworkPolicy` was refused are open, and where a
    /// Deployment was refused, the one before it runs on. A field with a slip in its name does nothing where the server
    /// drops it, and is refused where it is asked to be strict: `readOnlyRootFileSystem` protects nothing.
    ///
    /// Asked only where `--manifest` names the files, of what is mistaken by hand: names, labels, ports, amounts, texts where
    /// numbers stand, what stands twice or belongs together, and fields that are a slip of a known one away. It is no schema:
    /// of what it does not know it says nothing, and `kubectl apply --dry-run=server` asks the cluster.
    ///
    /// Write: what the message says.
    K8S029 = "refused-object" {
        severity: Severities::all(Error),
        source: "Kubernetes API reference and `apimachinery/pkg/util/validation`; Gateway API: HTTPRoute's rules of validation",
        keys: &["targets.kubernetes"],
        fix: None,
        check: Check::Manifest(|_, manifests, out| {
            for object in &manifests.objects {
                for one in refused(object) {
                    let draft = out.at_file(one.place, TARGET, one.message);
                    draft.label(one.label).help(one.help);
                    if one.is_taken {
                        draft.at_most(Warning);
                    }
                }
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{File, Manifests};
    use crate::source::Source;

    /// What is refused of a text, by its messages.
    fn told(text: &str) -> Vec<String> {
        let manifests = Manifests::read(&[File { source: Source::new("m.yaml", text), is_named: true }]);
        assert!(manifests.problems.is_empty(), "{:?}", manifests.problems);
        manifests.objects.iter().flat_map(refused).map(|one| one.message).collect()
    }

    fn pod(container: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: shop}}\nspec:\n  containers:\n    - name: shop\n      {container}\n"
        )
    }

    fn object(api: &str, kind: &str, rest: &str) -> String {
        format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: shop}}\n{rest}\n")
    }

    #[test]
    fn what_an_api_server_refuses_is_told() {
        let route =
            |rules: &str| object("gateway.networking.k8s.io/v1", "HTTPRoute", &format!("spec: {{rules: [{rules}]}}"));
        for (text, part) in [
            (object("v1", "ConfigMap", "").replace("shop", "Shop_1"), "no name"),
            (object("v1", "Service", "").replace("shop", "1shop"), "no name"),
            (object("v1", "Namespace", "").replace("shop", "a.b"), "no name"),
            (
                object("v1", "ConfigMap", "").replace("name: shop", "name: shop, labels: {x: has space}"),
                "value of a label",
            ),
            (object("v1", "ConfigMap", "").replace("name: shop", "name: shop, labels: {version: 1.2}"), "is no text"),
            (object("v1", "ConfigMap", "").replace("name: shop", "name: shop, labels: {a b: x}"), "name of a label"),
            (object("v1", "ConfigMap", "").replace("name: shop", "name: shop, annotations: {x: true}"), "is no text"),
            (object("v1", "ConfigMap", "data: {a b: x}"), "name of a setting"),
            (object("v1", "ConfigMap", &format!("data: {{a: {}}}", "x".repeat(1_100_000))), "1 MiB"),
            (object("v1", "Service", "spec: {ports: [{port: 99999}]}"), "no port"),
            (object("v1", "Service", "spec: {ports: [{port: \"80\"}]}"), "where a number"),
            (object("apps/v1", "Deployment", "spec: {replicas: \"3\"}"), "where a number"),
            (object("apps/v1", "Deployment", "spec: {replicas: -1}"), "below 0"),
            (
                object("autoscaling/v2", "HorizontalPodAutoscaler", "spec: {minReplicas: 4, maxReplicas: 3}"),
                "`minReplicas` is 4",
            ),
            (pod("securityContext: {privileged: \"false\"}"), "yes or no"),
            (pod("resources: {limits: {memory: 512 MB}}"), "no amount"),
            (
                pod("resources: {limits: {memory: 512Mi}, requests: {memory: 1G}}"),
                "`memory` asks for 1G, and the limit",
            ),
            (pod("resources: {limits: {cpu: 500m}, requests: {cpu: 1}}"), "`cpu` asks for 1, and the limit is 500m"),
            (pod("ports: [{name: averyverylongportname, containerPort: 80}]"), "name of a port"),
            (pod("ports: [{name: HTTP, containerPort: 80}]"), "name of a port"),
            (pod("env: [{name: A, value: x}, {name: A, value: y}]"), "`A` twice"),
            (pod("volumeMounts: [{name: tmp, mountPath: /tmp}]"), "no volume `tmp`"),
            (pod("envs: []"), "has no field `envs`"),
            (pod("securityContext: {readOnlyRootFileSystem: true}"), "has no field `readOnlyRootFileSystem`"),
            (
                object(
                    "apps/v1",
                    "Deployment",
                    "spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: b}}, spec: {}}}",
                ),
                "other pods than its own",
            ),
            (
                object(
                    "apps/v1",
                    "Deployment",
                    "spec: {strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: \"0%\"}}}",
                ),
                "no pod",
            ),
            (
                route("{filters: [{type: RequestRedirect}], backendRefs: [{name: shop, port: 80}]}"),
                "redirects and leads",
            ),
            (route("{filters: [{type: RequestHeaderModifier}, {type: RequestHeaderModifier}]}"), "twice"),
            (
                route(
                    "{filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: X, value: \"a\\nb\"}]}}]}",
                ),
                "control character",
            ),
            (route("{filter: []}"), "has no field `filter`"),
            (object("traefik.io/v1alpha1", "Middleware", "spec: {rateLimit: {averge: 5}}"), "has no field `averge`"),
        ] {
            let said = told(&text);
            let short = &text[..text.len().min(300)];
            assert!(matches!(&said[..], [one] if one.contains(part)), "{part}: {said:?}\n{short}");
        }
    }

    #[test]
    fn what_is_taken_is_not_told() {
        for text in [
            object("rbac.authorization.k8s.io/v1", "ClusterRole", "").replace("shop", "system:node"),
            object("v1", "ConfigMap", "data: {port: \"99999\", replicas: x, .env: a, a_b-c.d: \"\"}"),
            object("v1", "ConfigMap", "").replace("name: shop", "name: shop, labels: {x: \"\", a.b/c_D: 1.2.x, y: }"),
            object("v1", "Service", "spec: {ports: [{port: 80, targetPort: http}, {port: 81, targetPort: 65535}]}"),
            pod(
                "resources: {limits: {memory: 512Mi, cpu: 1, ephemeral-storage: 1e9}, requests: {cpu: 100m, memory: .5Gi}}",
            ),
            pod("resources: {limits: {memory: 1Gi, cpu: 1}, requests: {memory: 1073741824, cpu: 1000m}}"),
            pod("resources: {limits: {memory: 1e3, cpu: 1}, requests: {memory: 1k, ephemeral-storage: 9Ei}}"),
            pod("ports: [{name: http-2, containerPort: 80, hostPort: 0}]"),
            pod("env: [{name: A, value: x}, {name: a, value: y}]"),
            pod("securityContext: {privileged: no, runAsUser: 0x10}"),
            pod("somethingOfAnotherVersion: []"),
            object("example.org/v1", "Thing", "spec: {replicas: many, privileged: \"maybe\", port: 123456}"),
            object("apps/v1", "Deployment", "spec: {strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}}"),
            object(
                "networking.k8s.io/v1",
                "NetworkPolicy",
                "spec: {ingress: [{ports: [{port: http}, {port: 1, endPort: 9}]}]}",
            ),
        ] {
            assert_eq!(told(&text), [""; 0], "{text}");
        }
    }
}
