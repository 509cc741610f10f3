//! Ways to the app that go around the gateway.

use super::super::networks::everyone;
use super::super::rule::{Check, Severities, rules};
use super::passages::{Around, passages};
use super::{keep_first_at_each_place, routes};
use crate::finding::Severity::{Error, Warning};
use crate::manifest::{Manifests, Object, Workload};
use crate::plan::Plan;
use crate::profile::{Cidr, KubernetesTarget, Text as _};
use crate::source::Span;
use crate::yaml::Node;

/// Services that open a port on nodes or at a load balancer.
fn services(parts: &[Workload<'_>], manifests: &Manifests) -> Vec<Around> {
    let chooses = |service: &&Object| {
        let labels = service.node.at(&["spec", "selector"]);
        labels.is_some_and(|labels| parts.iter().any(|part| part.is_chosen_by(labels)))
    };
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
                is_inside: false,
            });
        }
    }
    found
}

/// The policies that say who may connect to some pods.
fn of_pods<'m>(workload: &Workload<'m>, manifests: &'m Manifests) -> impl Iterator<Item = &'m Object> {
    let workload = *workload;
    manifests.of_kind("NetworkPolicy").filter(move |policy| {
        let spec = |key: &str| policy.node.at(&["spec", key]);
        let is_incoming =
            spec("policyTypes").is_none_or(|types| types.items().iter().any(|one| one.text() == Some("Ingress")));
        let is_selected = || spec("podSelector").is_none_or(|selector| workload.is_selected_by(selector));
        policy.group == "networking.k8s.io" && is_incoming && policy.may_be_beside(workload.object) && is_selected()
    })
}

/// Policies that let everyone connect to the pods. `has_gateway` says whether it is known where requests come from.
fn policies(workload: &Workload<'_>, manifests: &Manifests, has_gateway: bool) -> Vec<Around> {
    // What is left out of a network is known to whoever wrote it.
    let network = |peer: &Node| {
        let cidr = peer.at(&["ipBlock", "cidr"]).and_then(Node::text);
        cidr.filter(|_| peer.at(&["ipBlock", "except"]).is_none()).and_then(|text| Cidr::parse(text).ok())
    };
    let is_every_pod = |peer: &Node| {
        let namespaces = peer.get("namespaceSelector");
        let is_all = |node: &Node| node.items().is_empty() && node.entries().is_empty();
        has_gateway
            && peer.get("ipBlock").is_none()
            && namespaces.is_some_and(is_all)
            && peer.get("podSelector").is_none_or(is_all)
    };
    let mut found = Vec::new();
    for policy in of_pods(workload, manifests) {
        for rule in policy.node.at(&["spec", "ingress"]).map(Node::items).unwrap_or_default() {
            let peers = rule.get("from").map(Node::items).unwrap_or_default();
            let of_all = peers.iter().find(|peer| peer.entries().is_empty());
            let networks: Vec<(Cidr, Span)> =
                peers.iter().filter_map(|peer| Some((network(peer)?, peer.span))).collect();
            let list: Vec<Cidr> = networks.iter().map(|(network, _)| *network).collect();
            let together = everyone(&list).iter().find_map(|found| {
                networks.iter().enumerate().find(|(place, _)| found.holds(*place)).map(|(_, (_, span))| *span)
            });
            let everyone: Option<Span> = match of_all.map(|peer| peer.span).or(together) {
                Some(span) => Some(span),
                None => peers.is_empty().then_some(rule.span),
            };
            let every_pod = || peers.iter().find(|peer| is_every_pod(peer)).map(|peer| peer.span);
            let is_inside = everyone.is_none();
            found.extend(everyone.or_else(every_pod).map(|span| Around {
                place: (policy.source, span),
                message: format!(
                    "{} lets {} connect to the app's pods",
                    policy.title(),
                    if is_inside { "every pod of the cluster" } else { "everyone" }
                ),
                help: "write the gateway's namespace below `from`, as `namespaceSelector`",
                is_inside,
            }));
        }
    }
    found
}

/// The same of Cilium's own policies, which have words for whole groups of peers.
fn entities(workload: &Workload<'_>, manifests: &Manifests) -> Vec<Around> {
    let mut found = Vec::new();
    for policy in manifests.objects.iter().filter(|object| object.group == "cilium.io") {
        let spec = |key: &str| policy.node.at(&["spec", key]);
        if spec("endpointSelector").is_some_and(|selector| !workload.is_selected_by(selector)) {
            continue;
        }
        let rules = spec("ingress").map(Node::items).unwrap_or_default();
        let words = rules.iter().filter_map(|rule| rule.get("fromEntities")).flat_map(Node::items);
        for word in words.filter(|word| matches!(word.text(), Some("world" | "all" | "cluster"))) {
            let is_inside = word.text() == Some("cluster");
            found.push(Around {
                place: (policy.source, word.span),
                message: format!(
                    "{} lets {} connect to the app's pods",
                    policy.title(),
                    if is_inside { "every pod of the cluster" } else { "everyone" }
                ),
                help: "name the gateway's pods below `fromEndpoints`",
                is_inside,
            });
        }
    }
    found
}

/// Pods to which every other pod of the cluster may connect, because no policy is for them. Of files without a route it is not
/// known that they are all that there is.
fn unguarded(plan: &Plan<'_>, workload: &Workload<'_>, manifests: &Manifests) -> Option<Around> {
    let is_policy = |object: &Object| object.group != "networking.k8s.io" && object.kind.contains("NetworkPolic");
    let is_known = of_pods(workload, manifests).next().is_some() || manifests.objects.iter().any(is_policy);
    (!is_known && !routes(plan, manifests).is_empty()).then(|| Around {
        place: workload.object.place(),
        message: format!("no NetworkPolicy is for the pods of {}", workload.object.title()),
        help: "add a NetworkPolicy that lets the gateway's pods in and nobody else, as `seccfg render --target kubernetes` writes it",
        is_inside: true,
    })
}

/// The ways around the gateway of a plan.
fn ways(plan: &Plan<'_>, target: &KubernetesTarget, manifests: &Manifests) -> Vec<Around> {
    let parts = manifests.parts(plan.policy.app.name.as_str());
    let mut found = services(&parts, manifests);
    for part in &parts {
        found.extend(policies(part, manifests, target.gateway.is_some()));
        found.extend(entities(part, manifests));
        found.extend(unguarded(plan, part, manifests));
    }
    found.extend(passages(plan, target, manifests));
    keep_first_at_each_place(&mut found, |one| one.place);
    found
}

rules! {
    /// The gateway is the one way to the app.
    ///
    /// The gateway ends TLS, counts requests, hides paths and says who the client is. A Service of the type `LoadBalancer` or
    /// `NodePort` opens a second way, on which nobody does any of that: whoever takes it sends headers that the app believes, by
    /// plain HTTP. So does a `NetworkPolicy` that lets in every address; and a route of another kind (`TCPRoute`, `GRPCRoute`, an
    /// `IngressRouteTCP` of Traefik's, a `VirtualService` of Istio's, an Ingress beside the gateway, whatever leads requests to a Service
    /// of the app), or one of another gateway, does nothing of what the plan says.
    ///
    /// Asked only where `--manifest` names the files and the profile names a gateway or an Ingress: of routes that lead to the app, and of
    /// Services and policies of the network that choose the app's pods. That other pods of the cluster may connect is a
    /// warning: by a policy that names every namespace, or because no policy is for the app's pods, where a route to
    /// them is among the files. A port of a node (`hostPort`, `hostNetwork`) is K8S025's.
    ///
    /// Write: `type: ClusterIP` in the Service, the gateway's namespace in the `NetworkPolicy`, and routes of the gateway that the profile
    /// names.
    K8S027 = "way-around-gateway" {
        severity: Severities::live(Error).and_local(Warning),
        source: "Kubernetes documentation, Service type and Network Policies; CIS Kubernetes Benchmark 1.9 §5.3",
        keys: &["targets.kubernetes.gateway", "targets.kubernetes.ingress_class"],
        reads: &[&["app.name"]],
        fix: None,
        check: Check::Manifest(|plan, manifests, out| {
            let target = plan.policy.targets.kubernetes.as_ref();
            let Some(target) = target.filter(|target| target.gateway.is_some() || target.ingress_class.is_some()) else { return };
            for Around { place, message, help, is_inside } in ways(plan, target, manifests) {
                let draft = out.at_file(place, "targets.kubernetes.gateway", message);
                draft.label("goes around the gateway").help(help);
                if is_inside {
                    draft.at_most(Warning);
                }
            }
        }),
    }
}
