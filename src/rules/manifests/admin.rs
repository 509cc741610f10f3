//! Policies of the network that belong to whoever runs the cluster (`policy.networking.k8s.io`): what they let in or keep away
//! before the app's own policies are asked, or where there are none.
//!
//! For example, an `AdminNetworkPolicy` with `action: Allow` from every namespace opens pods whose `NetworkPolicy` lets the
//! gateway in alone.

use super::passages::Around;
use crate::manifest::{Manifests, Object, Place, Workload, selects};
use crate::profile::{KubernetesTarget, Label};
use crate::yaml::Node;

const GROUP: &str = "policy.networking.k8s.io";

/// The label that every namespace has, with its name.
const NAME: &str = "kubernetes.io/metadata.name";

/// When a policy is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    /// Before every `NetworkPolicy`.
    Admin,
    /// For pods of which no `NetworkPolicy` speaks.
    Baseline,
}

/// A policy that is for the app's pods, or may be.
struct Policy<'m> {
    object: &'m Object,
    tier: Tier,
    priority: u64,
    is_surely: bool,
}

/// What the cluster's own policies do about some pods.
#[derive(Default)]
pub(super) struct Judged {
    /// Those by which everyone in the cluster gets to the pods.
    pub open: Vec<Around>,
    /// What is there, and cannot be judged from files: where, and in which words.
    pub beside: Vec<(Place, String)>,
    /// Whether one of them keeps every pod away that no rule before it lets in.
    pub is_shut: bool,
}

/// Whether an object is such a policy.
pub(super) fn is_one(object: &Object) -> bool {
    object.group == GROUP
}

/// Whether a namespace has the labels that a selector asks for; nothing where no file says.
fn is_namespace_chosen(selector: &Node, namespace: Option<&str>, manifests: &Manifests) -> Option<bool> {
    let known = manifests.of_kind("Namespace").find(|object| object.name() == namespace && namespace.is_some());
    let asked = selector.get("matchLabels").map(Node::entries).unwrap_or_default().iter().map(|entry| &*entry.key);
    let terms = selector.get("matchExpressions").map(Node::items).unwrap_or_default();
    let mut keys = asked.chain(terms.iter().filter_map(|term| term.get("key")?.text()));
    let is_known = keys.all(|key| known.is_some() || key == NAME && namespace.is_some());
    let label = |key: &str| match key {
        NAME => namespace,
        _ => known.and_then(|object| object.node.at(&["metadata", "labels"])?.get(key)?.text()),
    };
    is_known.then(|| selects(selector, label))
}

/// Whether a policy is for some pods; nothing where no file says.
fn is_for(object: &Object, workload: &Workload<'_>, namespace: Option<&str>, manifests: &Manifests) -> Option<bool> {
    let subject = object.node.at(&["spec", "subject"])?;
    if let Some(namespaces) = subject.get("namespaces") {
        return is_namespace_chosen(namespaces, namespace, manifests);
    }
    let pods = subject.get("pods")?;
    if !pods.get("podSelector").is_none_or(|selector| workload.is_selected_by(selector)) {
        return Some(false);
    }
    pods.get("namespaceSelector").map_or(Some(true), |one| is_namespace_chosen(one, namespace, manifests))
}

/// Whether a rule is about a port that a container of the pods has. Ports by name may be any.
fn is_about(rule: &Node, workload: &Workload<'_>) -> bool {
    let own: Vec<u64> = workload
        .containers()
        .filter_map(|container| container.node.get("ports"))
        .flat_map(Node::items)
        .filter_map(|port| port.get("containerPort")?.as_u64())
        .collect();
    let ports = ["ports", "protocols"].iter().filter_map(|key| rule.get(key)).flat_map(Node::items);
    let ports: Vec<&Node> = ports.collect();
    let holds = |port: &&Node| {
        let number = |way: &[&str]| port.at(way).and_then(Node::as_u64);
        let one = number(&["portNumber", "port"]).or_else(|| number(&["tcp", "destinationPort", "number"]));
        let ends = [["portRange", "start"], ["portRange", "end"]].map(|way| number(&way));
        let newer = ["start", "end"].map(|end| number(&["tcp", "destinationPort", "range", end]));
        match (one, ends, newer) {
            (Some(port), ..) => own.contains(&port),
            (_, [Some(from), Some(to)], _) | (_, _, [Some(from), Some(to)]) => {
                own.iter().any(|port| (from..=to).contains(port))
            }
            _ => ["udp", "sctp"].iter().all(|other| port.get(other).is_none()),
        }
    };
    ports.is_empty() || own.is_empty() || ports.iter().any(holds)
}

/// Whether a peer is every pod of the cluster.
fn is_every_pod(peer: &Node) -> bool {
    let is_all = |node: Option<&Node>| node.is_none_or(|node| node.items().is_empty() && node.entries().is_empty());
    match (peer.get("namespaces"), peer.get("pods")) {
        (Some(namespaces), _) => is_all(Some(namespaces)),
        (None, Some(pods)) => is_all(pods.get("namespaceSelector")) && is_all(pods.get("podSelector")),
        (None, None) => false,
    }
}

/// Whether a peer is the gateway's namespace, or pods of that.
fn is_gateway(peer: &Node, target: &KubernetesTarget) -> bool {
    let own = target.gateway.as_ref().and_then(|gateway| gateway.namespace.as_ref()).map(Label::as_str);
    let said = peer.get("namespaces").or_else(|| peer.at(&["pods", "namespaceSelector"]));
    own.is_some() && said.and_then(|said| said.at(&["matchLabels"])?.get(NAME)?.text()) == own
}

/// What these policies do about the pods of a workload. `is_selected` says whether a `NetworkPolicy` is for them.
pub(super) fn judge(
    workload: &Workload<'_>,
    manifests: &Manifests,
    target: &KubernetesTarget,
    is_selected: bool,
) -> Judged {
    let own = workload.object.namespace().or(target.namespace.as_ref().map(Label::as_str));
    let mut policies: Vec<Policy<'_>> = Vec::new();
    for object in manifests.objects.iter().filter(|object| is_one(object)) {
        let said = object.node.at(&["spec", "tier"]).and_then(Node::text);
        let tier = match (object.kind.as_str(), said) {
            ("BaselineAdminNetworkPolicy", _) | (_, Some("Baseline")) => Tier::Baseline,
            _ => Tier::Admin,
        };
        let priority = object.node.at(&["spec", "priority"]).and_then(Node::as_u64).unwrap_or_default();
        let is_surely = is_for(object, workload, own, manifests);
        if is_surely != Some(false) && !(tier == Tier::Baseline && is_selected) {
            policies.push(Policy { object, tier, priority, is_surely: is_surely.is_some() });
        }
    }
    policies.sort_by_key(|policy| (policy.tier, policy.priority));
    let mut judged = Judged::default();
    // Once a rule has spoken of every pod, no later one of its tier is asked; nor is the other tier, unless that rule passed.
    let mut decided: Option<Tier> = None;
    for policy in policies {
        if decided.is_some_and(|tier| tier == policy.tier || judged.is_shut || !judged.open.is_empty()) {
            continue;
        }
        decided = take(&policy, workload, target, &mut judged).then_some(policy.tier).or(decided);
    }
    judged
}

/// Takes one policy into account; says whether one of its rules was about every pod.
fn take(policy: &Policy<'_>, workload: &Workload<'_>, target: &KubernetesTarget, judged: &mut Judged) -> bool {
    let Policy { object, tier, is_surely, .. } = policy;
    let title = object.title();
    let when = match tier {
        Tier::Admin => "before any NetworkPolicy is asked",
        Tier::Baseline => "as no NetworkPolicy is for them",
    };
    let mut beside = |text: String| {
        // One that does several things is told by the first of them.
        if !judged.beside.iter().any(|(place, _)| *place == object.place()) {
            judged.beside.push((object.place(), text));
        }
    };
    for rule in object.node.at(&["spec", "ingress"]).map(Node::items).unwrap_or_default() {
        let action = rule.get("action").and_then(Node::text).unwrap_or_default();
        let peers = rule.get("from").map(Node::items).unwrap_or_default();
        let every_pod = peers.iter().find(|peer| is_every_pod(peer));
        let has_all_ports = ["ports", "protocols"].iter().all(|key| rule.get(key).is_none());
        if !is_about(rule, workload) {
            continue;
        }
        match (action, every_pod, is_surely) {
            ("Allow" | "Accept" | "Deny", _, false) => {
                beside(format!("whether {title} is for the app's namespace, no manifest says: it would count {when}"));
                return false;
            }
            ("Allow" | "Accept", Some(peer), true) => {
                judged.open.push(Around {
                    place: (object.source, peer.span),
                    message: format!("{title} lets every pod of the cluster connect to the app's pods, {when}"),
                    help: "have whoever runs the cluster name the gateway's namespace there, or write `action: Pass`",
                    is_warning: true,
                });
                return true;
            }
            ("Allow" | "Accept", None, true) if !peers.iter().all(|peer| is_gateway(peer, target)) => {
                beside(format!(
                    "{title} lets some pods connect to the app's pods, {when}: which these are, no manifest says"
                ));
            }
            ("Deny", Some(_), true) => {
                beside(format!(
                    "{title} keeps away from the app's pods whoever no rule before it lets in, {when}: no policy of the app's \
                     own says so, and it goes when whoever runs the cluster takes it away"
                ));
                judged.is_shut |= has_all_ports;
                return has_all_ports;
            }
            ("Deny", None, true) => {
                beside(format!("{title} keeps some pods away from the app's pods, {when}: which, no manifest says"));
            }
            ("Pass", Some(_), _) if has_all_ports => return *is_surely,
            _ => {}
        }
    }
    false
}
