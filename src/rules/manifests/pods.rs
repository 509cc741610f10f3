//! What the pods of manifests may do to the machine that they run on.

use super::super::rule::{Check, Severities, rules};
use super::super::words::and;
use super::TARGET;
use crate::finding::Severity::{Error, Warning};
use crate::manifest::{Container, Manifests, Object, Place, Workload};
use crate::yaml::Node;

/// What gives a pod the machine.
fn powers(workload: &Workload<'_>) -> Vec<(Place, String)> {
    let source = workload.object.source;
    let title = workload.object.title();
    let mut found = Vec::new();
    for (key, what) in [
        ("hostNetwork", "uses the network of its machine"),
        ("hostPID", "sees and ends the processes of its machine"),
        ("hostIPC", "shares memory with the processes of its machine"),
    ] {
        if let Some(node) = workload.pod.get(key).filter(|node| node.as_bool() == Some(true)) {
            found.push(((source, node.span), format!("{title} {what}")));
        }
    }
    for volume in workload.pod.get("volumes").map(Node::items).unwrap_or_default() {
        if let Some(path) = volume.entry("hostPath") {
            found.push(((source, path.key_span), format!("{title} has a folder of its machine")));
        }
    }
    let windows = ["securityContext", "windowsOptions", "hostProcess"];
    if let Some(node) = workload.pod.at(&windows).filter(|node| node.as_bool() == Some(true)) {
        found.push(((source, node.span), format!("{title} runs as processes of its machine")));
    }
    let pods = workload.pod.get("securityContext").into_iter().map(|context| (title.clone(), context));
    let own = workload.containers().filter_map(|container| {
        Some((format!("{} of {title}", container.title()), container.node.get("securityContext")?))
    });
    for (whose, context) in pods.chain(own) {
        let found_at = |way: &[&str], is_it: fn(&Node) -> bool, what: &str| {
            let node = context.at(way).filter(|node| is_it(node))?;
            Some(((source, node.span), format!("{whose} {what}")))
        };
        let unconfined = |node: &Node| node.text() == Some("Unconfined");
        found.extend(found_at(&["runAsUser"], |node| node.as_u64() == Some(0), "runs as root"));
        found.extend(found_at(
            &["procMount"],
            |node| node.text() == Some("Unmasked"),
            "sees what the machine hides in /proc",
        ));
        found.extend(found_at(&["seccompProfile", "type"], unconfined, "may make every system call"));
        found.extend(found_at(&["appArmorProfile", "type"], unconfined, "is held back by no AppArmor profile"));
    }
    for container in workload.containers() {
        for port in container.node.get("ports").map(Node::items).unwrap_or_default() {
            if let Some(entry) = port.entry("hostPort").filter(|entry| entry.value.as_u64() != Some(0)) {
                let message = format!("{} of {title} takes a port of its machine", container.title());
                found.push(((source, entry.key_span), message));
            }
        }
        let context = container.node.get("securityContext");
        let privileged = context.and_then(|context| context.get("privileged"));
        if let Some(node) = privileged.filter(|node| node.as_bool() == Some(true)) {
            found.push(((source, node.span), format!("{} of {title} is privileged", container.title())));
        }
        for added in
            context.and_then(|context| context.at(&["capabilities", "add"])).map(Node::items).unwrap_or_default()
        {
            // The one that Pod Security's `restricted` lets in.
            if added.text() != Some("NET_BIND_SERVICE") {
                found.push((
                    (source, added.span),
                    format!("{} of {title} has a capability of root's", container.title()),
                ));
            }
        }
    }
    found
}

/// The accounts by which pods may ask the cluster's API, where somebody says that they get the account's token, or where a
/// binding among the files gives the account rights and nobody says that they do not.
fn accounts(workload: &Workload<'_>, manifests: &Manifests) -> Option<(Place, String)> {
    let key = "automountServiceAccountToken";
    let name = ["serviceAccountName", "serviceAccount"]
        .iter()
        .find_map(|key| workload.pod.get(key)?.text())
        .unwrap_or("default");
    let account = manifests.named("ServiceAccount", name, workload.object.namespace());
    let own = workload.pod.get(key).map(|node| (workload.object.source, node));
    let said = own.or_else(|| account.and_then(|account| Some((account.source, account.node.get(key)?))));
    let title = workload.object.title();
    // A token for another audience than the API is for a store of secrets, or the like.
    let volumes = workload.pod.get("volumes").map(Node::items).unwrap_or_default();
    let projected = volumes.iter().filter_map(|volume| volume.at(&["projected", "sources"])).flat_map(Node::items);
    let mut tokens = projected.filter_map(|source| source.get("serviceAccountToken"));
    if let Some(token) = tokens.find(|token| token.get("audience").is_none()) {
        let place = (workload.object.source, token.span);
        return Some((place, format!("{title} is given the token of its account `{name}`, in a volume")));
    }
    match said {
        Some((source, node)) if node.as_bool() == Some(true) => {
            Some(((source, node.span), format!("{title} is given the token of its account `{name}`")))
        }
        Some(_) => None,
        None => {
            let is_bound = |binding: &&Object| {
                let subjects = binding.node.get("subjects").map(Node::items).unwrap_or_default();
                subjects.iter().any(|subject| {
                    let text = |key: &str| subject.get(key).and_then(Node::text);
                    let is_here =
                        text("namespace").zip(workload.object.namespace()).is_none_or(|(one, other)| one == other);
                    text("kind") == Some("ServiceAccount") && text("name") == Some(name) && is_here
                })
            };
            let mut bindings =
                ["RoleBinding", "ClusterRoleBinding"].into_iter().flat_map(|kind| manifests.of_kind(kind));
            let binding = bindings.find(is_bound)?;
            Some((
                workload.object.place(),
                format!(
                    "{title} is given the token of its account `{name}`, to which {} gives rights",
                    binding.title()
                ),
            ))
        }
    }
}

/// Secrets in which the cluster keeps a token of an account that never ends.
fn lasting_tokens(manifests: &Manifests) -> impl Iterator<Item = (Place, String)> {
    const ACCOUNT: &str = "kubernetes.io/service-account.name";
    manifests.of_kind("Secret").filter_map(|secret| {
        let kind = secret.node.get("type").filter(|kind| kind.text() == Some("kubernetes.io/service-account-token"))?;
        let account = secret.annotation(ACCOUNT).and_then(Node::text).unwrap_or("default");
        let message = format!("{} holds a token of the account `{account}` that never ends", secret.title());
        Some(((secret.source, kind.span), message))
    })
}

/// Namespaces that take any pod.
fn open_namespaces(manifests: &Manifests) -> Vec<(Place, String)> {
    const ENFORCE: &str = "pod-security.kubernetes.io/enforce";
    let labels = manifests.of_kind("Namespace").filter_map(|namespace| {
        let node =
            namespace.node.at(&["metadata", "labels", ENFORCE]).filter(|node| node.text() == Some("privileged"))?;
        Some(((namespace.source, node.span), format!("{} takes pods that are privileged", namespace.title())))
    });
    labels.collect()
}

/// What Pod Security's `restricted` asks for and a container does not say.
fn lacking(workload: &Workload<'_>, container: &Container<'_>) -> Vec<&'static str> {
    let of = |context: Option<&Node>, way: &[&str]| context.and_then(|context| context.at(way)).cloned();
    let own = container.node.get("securityContext");
    let pods = workload.pod.get("securityContext");
    let either = |way: &[&str]| of(own, way).or_else(|| of(pods, way));
    let is = |node: Option<Node>, wanted: bool| node.and_then(|node| node.as_bool()) == Some(wanted);
    let mut lacking = Vec::new();
    if !is(either(&["runAsNonRoot"]), true) {
        lacking.push("`runAsNonRoot: true`");
    }
    if !is(of(own, &["allowPrivilegeEscalation"]), false) {
        lacking.push("`allowPrivilegeEscalation: false`");
    }
    let dropped = of(own, &["capabilities", "drop"]);
    if !dropped.iter().flat_map(Node::items).any(|node| node.text() == Some("ALL")) {
        lacking.push("`capabilities: {drop: [ALL]}`");
    }
    let profile = either(&["seccompProfile", "type"]);
    if !profile.iter().filter_map(Node::text).any(|kind| matches!(kind, "RuntimeDefault" | "Localhost")) {
        lacking.push("`seccompProfile: {type: RuntimeDefault}`");
    }
    lacking
}

rules! {
    /// Pods have no power over the machine that they run on.
    ///
    /// A container is a process with a different view. One that is privileged, sees the machine's processes, or has one of its
    /// folders, is the machine's root: whoever breaks into the app then has every pod that runs there, with all their secrets.
    /// What the standard `restricted` asks for besides takes away the first step of most ways out of a container.
    ///
    /// The token of an account is the pod's way to the cluster's own API: an app that does not ask that API needs none.
    ///
    /// Asked only where `--manifest` names the files: of every pod in them, and of namespaces that take pods which are privileged.
    /// What a container lacks of `restricted` is a warning, and so is a token: where somebody says that the pod gets it, or
    /// where a binding among the files gives its account rights. A Secret of the type `kubernetes.io/service-account-token` is a warning, too:
    /// its token never ends, whoever has a copy of it.
    ///
    /// Write: the `securityContext` that `seccfg render --target kubernetes` writes.
    K8S025 = "unguarded-pod" {
        severity: Severities::live(Error).and_local(Warning),
        source: "Kubernetes documentation, Pod Security Standards: restricted; CIS Kubernetes Benchmark 1.9 §5.1.6 and §5.2",
        keys: &["targets.kubernetes"],
        fix: None,
        check: Check::Manifest(|_, manifests, out| {
            for (place, message) in open_namespaces(manifests) {
                out.at_file(place, TARGET, message)
                    .label("whoever may make a pod has the machine")
                    .help("write `restricted`, or `baseline` for what cannot do with that");
            }
            for (place, message) in lasting_tokens(manifests) {
                out.at_file(place, TARGET, message)
                    .at_most(Warning)
                    .label("whoever reads it asks the cluster's API until the Secret is deleted")
                    .help("take it out: a pod has a token that ends from a projected volume, anybody else from `kubectl create token`");
            }
            for workload in manifests.workloads() {
                if let Some((place, message)) = accounts(&workload, manifests) {
                    out.at_file(place, TARGET, message)
                        .at_most(Warning)
                        .label("whoever breaks in asks the cluster's API by it")
                        .help("write `automountServiceAccountToken: false`, and no volume with the token, unless the app asks that API itself");
                }
                for (place, message) in powers(&workload) {
                    out.at_file(place, TARGET, message)
                        .label("whoever breaks in has the machine")
                        .help("take it out, or run what needs it apart from what answers requests");
                }
                for container in workload.containers() {
                    let lacking: Vec<String> = lacking(&workload, &container).into_iter().map(str::to_owned).collect();
                    if !lacking.is_empty() {
                        let title = workload.object.title();
                        let message = format!("{} of {title} does not say {}", container.title(), and(&lacking));
                        out.at_file(container.place(), TARGET, message)
                            .at_most(Warning)
                            .label("may do more than it needs")
                            .help(format!("add {} to its `securityContext`", and(&lacking)));
                    }
                }
            }
        }),
    }
}
