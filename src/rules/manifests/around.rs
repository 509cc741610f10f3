//! Ways to the app that go around the gateway.

use super::super::networks::{everyone, is_private};
use super::super::rule::{Check, Findings, Severities, rules};
use super::admin::{Judged, is_one as is_of_the_cluster, judge};
use super::passages::{Around, passages};
use super::{keep_first_at_each_place, routes};
use crate::finding::Severity::{Error, Note, Warning};
use crate::manifest::{Manifests, Object, Part, Place, Workload};
use crate::plan::Plan;
use crate::profile::{Cidr, KubernetesTarget, Text as _};
use crate::source::Span;
use crate::yaml::Node;

/// How a Service leads to the app's pods.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leads {
    /// By labels, or by endpoints that are the app's by name or by address.
    Surely,
    /// By endpoints at a port of the app's: whose addresses they are, no file says.
    Perhaps,
}

/// Where the addresses stand to which a Service without labels leads: slices of endpoints, or their older form.
fn endpoints<'m>(service: &'m Object, manifests: &'m Manifests) -> impl Iterator<Item = &'m Object> {
    const OF: &str = "kubernetes.io/service-name";
    manifests.objects.iter().filter(move |object| {
        let is_its = match (object.group.as_str(), object.kind.as_str()) {
            ("discovery.k8s.io", "EndpointSlice") => {
                object.node.at(&["metadata", "labels", OF]).and_then(Node::text) == service.name()
            }
            ("", "Endpoints") => object.name() == service.name(),
            _ => false,
        };
        is_its && object.may_be_beside(service)
    })
}

/// Whether endpoints are the app's: they name one of its pods, or the address of a Service that chooses them; or they are at
/// one of its ports.
fn are_the_apps(endpoints: &Object, parts: &[Workload<'_>], manifests: &Manifests, app: &str) -> Option<Leads> {
    fn texts<'m>(node: &'m Node, key: &str, take: &mut impl FnMut(&'m Node)) {
        node.items().iter().for_each(|item| texts(item, key, take));
        for entry in node.entries() {
            if entry.key == key {
                take(&entry.value);
            }
            texts(&entry.value, key, take);
        }
    }
    let mut is_named = false;
    texts(&endpoints.node, "targetRef", &mut |node| {
        let name = node.get("name").and_then(Node::text).unwrap_or_default();
        // Pods are called as what made them, with `-` and more behind that.
        is_named |= parts
            .iter()
            .filter_map(|part| part.object.name())
            .any(|own| name.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')));
    });
    let own: Vec<&str> = manifests
        .of_kind("Service")
        .filter(|service| {
            let labels = service.node.at(&["spec", "selector"]);
            labels.is_some_and(|labels| parts.iter().any(|part| part.is_chosen_by(labels)))
        })
        .filter_map(|service| service.node.at(&["spec", "clusterIP"])?.text())
        .filter(|address| *address != "None")
        .collect();
    let mut is_address = false;
    for key in ["addresses", "ip"] {
        texts(&endpoints.node, key, &mut |node| {
            let written = node.items().iter().chain([node]).filter_map(Node::text);
            is_address |= written.into_iter().any(|address| own.contains(&address));
        });
    }
    let known: Vec<&str> = parts
        .iter()
        .filter_map(|part| part.app(app)?.node.get("ports"))
        .flat_map(Node::items)
        .filter_map(|port| port.get("containerPort")?.text())
        .collect();
    let mut is_port = false;
    texts(&endpoints.node, "port", &mut |node| {
        is_port |= node.text().is_some_and(|port| known.contains(&port));
    });
    match (is_named || is_address, is_port) {
        (true, _) => Some(Leads::Surely),
        (false, true) => Some(Leads::Perhaps),
        (false, false) => None,
    }
}

/// Services that open a port on nodes or at a load balancer.
fn services(parts: &[Workload<'_>], manifests: &Manifests, app: &str) -> Vec<Around> {
    let leads = |service: &Object| {
        let labels = service.node.at(&["spec", "selector"]).filter(|labels| !labels.entries().is_empty());
        if let Some(labels) = labels {
            return parts.iter().any(|part| part.is_chosen_by(labels)).then_some(Leads::Surely);
        }
        let all = endpoints(service, manifests).filter_map(|one| are_the_apps(one, parts, manifests, app));
        let all: Vec<Leads> = all.collect();
        all.iter().find(|one| **one == Leads::Surely).or(all.first()).copied()
    };
    let mut found = Vec::new();
    for service in manifests.of_kind("Service").filter(|service| service.group.is_empty()) {
        let at = |way: &[&str]| service.node.at(way);
        let kind = at(&["spec", "type"]).filter(|node| matches!(node.text(), Some("LoadBalancer" | "NodePort")));
        let addresses = at(&["spec", "externalIPs"]).filter(|node| !node.items().is_empty());
        let Some((node, leads)) = kind.or(addresses).and_then(|node| Some((node, leads(service)?))) else { continue };
        let how =
            if kind.is_some() { "opens a port to the outside" } else { "answers at addresses outside of the cluster" };
        let (where_to, help) = match leads {
            Leads::Surely => {
                ("leads to the app's pods", "write `type: ClusterIP`, and let requests in by the gateway alone")
            }
            Leads::Perhaps => (
                "its endpoints are at a port of the app's: whose addresses they are, no file says",
                "where they are the app's, write `type: ClusterIP`, and let requests in by the gateway alone",
            ),
        };
        found.push(Around {
            place: (service.source, node.span),
            message: format!("{} {how}, and {where_to}", service.title()),
            help,
            is_warning: leads == Leads::Perhaps,
        });
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
    // What is left out of a network is known to whoever wrote it, unless it is less than half of it.
    let network = |peer: &Node| {
        let network = Cidr::parse(peer.at(&["ipBlock", "cidr"]).and_then(Node::text)?).ok()?;
        let except = peer.at(&["ipBlock", "except"]).map(Node::items).unwrap_or_default();
        let length = |text: &str| text.rsplit_once('/').and_then(|(_, length)| length.parse::<i32>().ok());
        let whole = length(&network.to_string()).unwrap_or_default();
        let part = |one: &Node| Some(f64::from(whole - length(one.text()?)?).exp2());
        let left_out: f64 = except.iter().filter_map(part).sum();
        (left_out < 0.5).then_some(network)
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
                is_warning: is_inside,
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
                is_warning: is_inside,
            });
        }
    }
    found
}

/// The same of Calico's own policies: a rule that allows and names no source lets everyone in.
fn of_calico(workload: &Workload<'_>, manifests: &Manifests) -> Vec<Around> {
    const GROUPS: [&str; 2] = ["projectcalico.org", "crd.projectcalico.org"];
    // Calico's selectors are expressions of their own: those that are read are `all()`, and labels that are or have a value.
    let is_selected = |selector: &str| {
        selector.split("&&").map(str::trim).all(|term| match term.split_once("==") {
            Some((label, value)) => {
                workload.label(label.trim()).is_some_and(|own| own == value.trim().trim_matches(['\'', '"']))
            }
            None => matches!(term, "" | "all()"),
        })
    };
    let mut found = Vec::new();
    for policy in manifests.objects.iter().filter(|object| GROUPS.contains(&object.group.as_str())) {
        let spec = |key: &str| policy.node.at(&["spec", key]);
        let selector = spec("selector").and_then(Node::text).unwrap_or_default();
        let is_near = policy.kind.starts_with("Global") || policy.may_be_beside(workload.object);
        if !is_near || !is_selected(selector) {
            continue;
        }
        for rule in spec("ingress").map(Node::items).unwrap_or_default() {
            let allows = rule.get("action").and_then(Node::text) == Some("Allow");
            let is_open = |source: &Node| {
                let nets: Vec<Cidr> = source
                    .get("nets")
                    .map(Node::items)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|net| Cidr::parse(net.text()?).ok())
                    .collect();
                let has = |key: &&str| source.get(key).is_some();
                let by_else =
                    ["selector", "namespaceSelector", "serviceAccounts", "notNets", "notSelector"].iter().any(has);
                !by_else && (source.get("nets").is_none() || !everyone(&nets).is_empty())
            };
            let is_it = allows && rule.get("source").is_none_or(is_open);
            found.extend(is_it.then(|| Around {
                place: (policy.source, rule.get("source").map_or(rule.span, |source| source.span)),
                message: format!("{} lets everyone connect to the app's pods", policy.title()),
                help: "name the gateway's pods below `source`, as by `namespaceSelector`",
                is_warning: false,
            }));
        }
    }
    found
}

/// Pods to which every other pod of the cluster may connect, because no policy is for them. Of files without a route it is not
/// known that they are all that there is.
fn unguarded(plan: &Plan<'_>, workload: &Workload<'_>, manifests: &Manifests) -> Option<Around> {
    let is_policy = |object: &Object| {
        object.group != "networking.k8s.io" && object.kind.contains("NetworkPolic") && !is_of_the_cluster(object)
    };
    let is_known = of_pods(workload, manifests).next().is_some() || manifests.objects.iter().any(is_policy);
    (!is_known && !routes(plan, manifests).is_empty()).then(|| Around {
        place: workload.object.place(),
        message: format!("no NetworkPolicy is for the pods of {}", workload.object.title()),
        help: "add a NetworkPolicy that lets the gateway's pods in and nobody else, as `seccfg render --target kubernetes` writes it",
        is_warning: true,
    })
}

/// The ways around the gateway of a plan; and what else there is, of which files do not say what it does: where, and in words.
fn ways(plan: &Plan<'_>, target: &KubernetesTarget, manifests: &Manifests) -> (Vec<Around>, Vec<(Place, String)>) {
    let parts = manifests.parts(plan.policy.app.name.as_str());
    let app = plan.policy.app.name.as_str();
    let mut found = services(&parts, manifests, app);
    let mut beside = Vec::new();
    for part in &parts {
        found.extend(policies(part, manifests, target.gateway.is_some()));
        found.extend(entities(part, manifests));
        found.extend(of_calico(part, manifests));
        let is_selected = of_pods(part, manifests).next().is_some();
        let Judged { open, beside: more, is_shut } = judge(part, manifests, target, is_selected);
        if open.is_empty() && !is_shut {
            found.extend(unguarded(plan, part, manifests));
        }
        found.extend(open);
        beside.extend(more);
    }
    found.extend(passages(plan, target, manifests));
    keep_first_at_each_place(&mut found, |one| one.place);
    keep_first_at_each_place(&mut beside, |one| one.0);
    (found, beside)
}

/// Whether a balancer of a Service is one of a private network, or for some addresses alone.
fn is_for_some(service: &Object) -> bool {
    const INTERNAL: [&str; 3] = ["load-balancer-internal", "load-balancer-type", "load-balancer-scheme"];
    let annotations = service.node.at(&["metadata", "annotations"]).map(Node::entries).unwrap_or_default();
    let is_internal = annotations.iter().any(|entry| {
        let text = entry.value.text().unwrap_or_default().to_ascii_lowercase();
        matches!(&*text, "true" | "internal") && INTERNAL.iter().any(|word| entry.key.ends_with(word))
    });
    let ranges = service.node.at(&["spec", "loadBalancerSourceRanges"]).map(Node::items).unwrap_or_default();
    let ranges: Vec<Cidr> = ranges.iter().filter_map(|range| Cidr::parse(range.text()?.trim()).ok()).collect();
    let is_of_some = !ranges.is_empty() && everyone(&ranges).is_empty();
    // Its own address, as the balancer is asked for it, or as an annotation does that for MetalLB.
    let asked = service.node.at(&["spec", "loadBalancerIP"]).and_then(Node::text);
    let noted =
        annotations.iter().filter(|entry| entry.key.ends_with("loadBalancerIPs")).filter_map(|one| one.value.text());
    let own: Vec<Cidr> = asked
        .into_iter()
        .chain(noted)
        .flat_map(|text| text.split(','))
        .filter_map(|one| Cidr::parse(one.trim()).ok())
        .collect();
    let is_private_one = !own.is_empty() && own.iter().all(|one| is_private(*one));
    let class = service.node.at(&["spec", "loadBalancerClass"]).and_then(Node::text);
    is_internal || is_of_some || is_private_one || class.is_some_and(|class| class.contains("tailscale"))
}

/// Speaks of Services that open the app's pods to the outside where the profile has a proxy before the app and names no cluster.
/// Where that proxy runs, no file says: beside the app in its pods it is asked first, and a port of a node may be its way to the app.
fn tell_beside_a_proxy(plan: &Plan<'_>, manifests: &Manifests, out: &mut Findings<'_>) {
    let app = plan.policy.app.name.as_str();
    let parts = manifests.parts(app);
    let has_another = |part: &Workload<'_>| part.containers().filter(|one| one.part == Part::Main).count() > 1;
    if parts.iter().any(has_another) {
        return;
    }
    for Around { place, message, .. } in services(&parts, manifests, app).into_iter().filter(|one| !one.is_warning) {
        let kind_of = |service: &'_ Object| {
            let node = service.node.at(&["spec", "type"]).filter(|node| (service.source, node.span) == place)?;
            node.text().map(|kind| (kind == "LoadBalancer", is_for_some(service)))
        };
        let (severity, help) = match manifests.of_kind("Service").find_map(kind_of) {
            Some((true, false)) => (
                Warning,
                "write `type: ClusterIP`, and let requests in by the proxy alone; if a gateway of the cluster is that proxy, name it \
                 under `[targets.kubernetes]`",
            ),
            Some((false, _)) => (
                Note,
                "have the firewall of the nodes let the proxy in and nobody else; if it runs in the cluster, write `type: ClusterIP`",
            ),
            Some((true, true)) | None => continue,
        };
        out.at_file(place, "targets.kubernetes.gateway", message)
            .at_most(severity)
            .label("goes around the proxy")
            .help(help);
    }
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
    /// Where the profile has no `[targets.kubernetes]`, nginx or Caddy stands before the app: a Service of the type `LoadBalancer` that
    /// strangers reach and that leads to the app goes around it, and is a warning, because where that proxy runs no file says. A port of
    /// every node (`NodePort`) may be the proxy's own way to the app, and is a note.
    ///
    /// The rest is asked only where `--manifest` names the files and the profile names a gateway or an Ingress: of routes that lead to the app, and of
    /// Services and policies of the network that choose the app's pods. A Service without labels leads to what its
    /// `EndpointSlice`s or its `Endpoints` say: to the app, where they name its pods or the address of its Service; and perhaps,
    /// which is a warning, where they are at a port of the app's. That other pods of the cluster may connect is a
    /// warning: by a policy that names every namespace, or because no policy is for the app's pods, where a route to
    /// them is among the files. Policies of whoever runs the cluster (`AdminNetworkPolicy`, `BaselineAdminNetworkPolicy`,
    /// `ClusterNetworkPolicy`) count before the app's own, or where there are none: one that lets every pod in is a warning, and of
    /// another one a note says that it is there. A port of a node (`hostPort`, `hostNetwork`) is K8S025's.
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
            let Some(target) = target.filter(|target| target.gateway.is_some() || target.ingress_class.is_some()) else {
                if target.is_none() {
                    tell_beside_a_proxy(plan, manifests, out);
                }
                return;
            };
            let (found, beside) = ways(plan, target, manifests);
            for Around { place, message, help, is_warning } in found {
                let draft = out.at_file(place, "targets.kubernetes.gateway", message);
                draft.label("goes around the gateway").help(help);
                if is_warning {
                    draft.at_most(Warning);
                }
            }
            for (place, message) in beside {
                out.at_file(place, "targets.kubernetes.gateway", message)
                    .at_most(Note)
                    .label("no policy of the app's own")
                    .help("ask whoever runs the cluster what it is for, and keep a NetworkPolicy of the app's own that lets the gateway in alone");
            }
        }),
    }
}
