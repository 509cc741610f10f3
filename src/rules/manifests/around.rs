//! Ways to the app that go around the gateway.

use super::super::rule::{Check, Severities, rules};
use crate::finding::Severity::{Error, Warning};
use crate::manifest::{Manifests, Object, Place, Workload};
use crate::plan::Plan;
use crate::source::Span;
use crate::yaml::Node;

/// A way, and what to write in its place.
struct Around {
    place: Place,
    message: String,
    help: &'static str,
}

/// Services that open a port on nodes or at a load balancer.
fn services(workload: &Workload<'_>, manifests: &Manifests) -> Vec<Around> {
    let chooses =
        |service: &&Object| service.node.at(&["spec", "selector"]).is_some_and(|labels| workload.is_chosen_by(labels));
    let mut found = Vec::new();
    for service in manifests.of_kind("Service").filter(|service| service.group.is_empty()).filter(chooses) {
        let at = |way: &[&str]| service.node.at(way);
        let kind = at(&["spec", "type"]).filter(|node| matches!(node.text(), Some("LoadBalancer" | "NodePort")));
        let addresses = at(&["spec", "externalIPs"]).filter(|node| !node.items().is_empty());
        if let Some(node) = kind.or(addresses) {
            let how = if kind.is_some() {
                "opens a port to the outside"
            } else {
                "answers at addresses outside of the cluster"
            };
            found.push(Around {
                place: (service.source, node.span),
                message: format!("{} {how}, and leads to the app's pods", service.title()),
                help: "write `type: ClusterIP`, and let requests in by the gateway alone",
            });
        }
    }
    found
}

/// Policies that let everyone connect to the pods.
fn policies(workload: &Workload<'_>, manifests: &Manifests) -> Vec<Around> {
    let is_of_pods = |policy: &&Object| {
        let labels = policy.node.at(&["spec", "podSelector", "matchLabels"]);
        labels.is_none_or(|labels| labels.entries().is_empty() || workload.is_chosen_by(labels))
            && policy.node.at(&["spec", "podSelector", "matchExpressions"]).is_none()
    };
    let is_everyone = |peer: &Node| {
        let cidr = peer.at(&["ipBlock", "cidr"]).and_then(Node::text);
        // What is left out of a network is known to whoever wrote it.
        let whole = matches!(cidr, Some("0.0.0.0/0" | "::/0")) && peer.at(&["ipBlock", "except"]).is_none();
        whole || peer.entries().is_empty()
    };
    let mut found = Vec::new();
    for policy in manifests.of_kind("NetworkPolicy").filter(is_of_pods) {
        for rule in policy.node.at(&["spec", "ingress"]).map(Node::items).unwrap_or_default() {
            let peers = rule.get("from").map(Node::items).unwrap_or_default();
            let span: Option<Span> = match peers.iter().find(|peer| is_everyone(peer)) {
                Some(peer) => Some(peer.span),
                None => peers.is_empty().then_some(rule.span),
            };
            found.extend(span.map(|span| Around {
                place: (policy.source, span),
                message: format!("{} lets everyone connect to the app's pods", policy.title()),
                help: "write the gateway's namespace below `from`, as `namespaceSelector`",
            }));
        }
    }
    found
}

/// The ways around the gateway of a plan.
fn ways(plan: &Plan<'_>, manifests: &Manifests) -> Vec<Around> {
    let Some(workload) = manifests.app(plan.policy.app.name.as_str()) else { return Vec::new() };
    services(&workload, manifests).into_iter().chain(policies(&workload, manifests)).collect()
}

rules! {
    /// The gateway is the one way to the app.
    ///
    /// The gateway ends TLS, counts requests, hides paths and says who the client is. A Service of the type `LoadBalancer` or
    /// `NodePort` opens a second way, on which nobody does any of that: whoever takes it sends headers that the app believes, by
    /// plain HTTP. So does a `NetworkPolicy` that lets in every address.
    ///
    /// Asked only where `--manifest` names the files and the profile names a gateway or an Ingress: of Services and
    /// policies of the network that choose the app's pods. A port of a node (`hostPort`, `hostNetwork`) is K8S025's.
    ///
    /// Write: `type: ClusterIP` in the Service, and the gateway's namespace in the `NetworkPolicy`.
    K8S027 = "way-around-gateway" {
        severity: Severities::live(Error).and_local(Warning),
        source: "Kubernetes documentation, Service type and Network Policies; CIS Kubernetes Benchmark 1.9 §5.3",
        keys: &["targets.kubernetes.gateway", "targets.kubernetes.ingress_class"],
        reads: &[&["app.name"]],
        fix: None,
        check: Check::Manifest(|plan, manifests, out| {
            let target = plan.policy.targets.kubernetes.as_ref();
            if target.is_none_or(|target| target.gateway.is_none() && target.ingress_class.is_none()) {
                return;
            }
            for Around { place, message, help } in ways(plan, manifests) {
                out.at_file(place, "targets.kubernetes.gateway", message).label("goes around the gateway").help(help);
            }
        }),
    }
}
