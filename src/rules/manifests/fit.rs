//! Objects that name each other, or choose each other by labels: whether what they mean is there.
//!
//! Files may be a part of what a cluster has. So nothing is said of a name alone that is not among them; what is told has
//! another sign beside it: an object of that kind that nobody names, a port that is named of an object that is there.

use super::super::rule::{Check, Severities, rules};
use super::{TARGET, routes, services_of};
use crate::finding::Severity::Warning;
use crate::manifest::{Container, Manifests, Object, Part, Place, Workload};
use crate::plan::Plan;
use crate::source::is_slip;
use crate::yaml::Node;

/// What leads nowhere.
struct Loose {
    place: Place,
    message: String,
    label: &'static str,
    help: String,
}

/// Where an object of a kind says which pods it is for, by labels.
fn chosen(object: &Object) -> Option<&Node> {
    let way: &[&str] = match (object.group.as_str(), object.kind.as_str()) {
        ("", "Service") => &["spec", "selector"],
        ("networking.k8s.io", "NetworkPolicy") => &["spec", "podSelector", "matchLabels"],
        ("policy", "PodDisruptionBudget") => &["spec", "selector", "matchLabels"],
        _ => return None,
    };
    object.node.at(way).filter(|labels| !labels.entries().is_empty())
}

/// Objects that choose no pods, where none of their kind chooses the app's: what an operator makes has pods that are in no file.
fn choosing(app: &Workload<'_>, manifests: &Manifests) -> Vec<Loose> {
    let all: Vec<Workload<'_>> = manifests.workloads().collect();
    let mut found = Vec::new();
    for kind in ["Service", "NetworkPolicy", "PodDisruptionBudget"] {
        let of_kind = || {
            let beside = manifests.of_kind(kind).filter(|object| object.may_be_beside(app.object));
            beside.filter_map(|object| Some((object, chosen(object)?)))
        };
        if of_kind().any(|(_, labels)| app.is_chosen_by(labels)) {
            continue;
        }
        for (object, labels) in of_kind() {
            let is_anybodys = |other: &Workload<'_>| other.object.may_be_beside(object) && other.is_chosen_by(labels);
            if !all.iter().any(is_anybodys) {
                found.push(Loose {
                    place: (object.source, labels.span),
                    message: format!(
                        "{} chooses no pods, and none of its kind chooses those of {}",
                        object.title(),
                        app.object.title()
                    ),
                    label: "no pods have these labels",
                    help: "write labels that are below `template.metadata.labels`".to_owned(),
                });
            }
        }
    }
    found
}

/// The name by which a port is asked for, where none of these ports has it.
fn unknown_port<'m>(asked: &'m Node, names: &[&str]) -> Option<&'m str> {
    asked.as_str().filter(|name| !names.contains(name) && name.parse::<u16>().is_err())
}

/// The names of the ports of some pods.
fn port_names<'m>(workload: &Workload<'m>) -> Vec<&'m str> {
    workload.containers().flat_map(|container| ports_of(&container)).collect()
}

fn ports_of<'m>(container: &Container<'m>) -> Vec<&'m str> {
    let ports = container.node.get("ports").map(Node::items).unwrap_or_default();
    ports.iter().filter_map(|port| port.get("name")?.text()).collect()
}

/// Ports that Services name and their pods do not have.
fn target_ports(manifests: &Manifests) -> Vec<Loose> {
    let mut found = Vec::new();
    for service in manifests.of_kind("Service") {
        let Some(labels) = chosen(service) else { continue };
        let pods = manifests.workloads().filter(|one| one.object.may_be_beside(service) && one.is_chosen_by(labels));
        let mut pods = pods.peekable();
        if pods.peek().is_none() {
            continue;
        }
        let names: Vec<&str> = pods.flat_map(|workload| port_names(&workload)).collect();
        for port in service.node.at(&["spec", "ports"]).map(Node::items).unwrap_or_default() {
            let Some(target) = port.get("targetPort") else { continue };
            let Some(name) = unknown_port(target, &names) else { continue };
            found.push(Loose {
                place: (service.source, target.span),
                message: format!("{} leads to a port `{name}`, which its pods do not have", service.title()),
                label: "no port has this name",
                help: "write the name of a port of the container, or its number".to_owned(),
            });
        }
    }
    found
}

/// Questions to ports that a container does not have: it never gets well.
fn probes(workload: &Workload<'_>) -> Vec<Loose> {
    let mut found = Vec::new();
    for container in workload.containers().filter(|container| container.part != Part::Ephemeral) {
        let names = ports_of(&container);
        for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
            for how in ["httpGet", "tcpSocket"] {
                let Some(port) = container.node.at(&[probe, how, "port"]) else { continue };
                let Some(name) = unknown_port(port, &names) else { continue };
                found.push(Loose {
                    place: (container.source, port.span),
                    message: format!("{} is asked at a port `{name}`, which it does not have", container.title()),
                    label: "no port has this name",
                    help: "write the name of one of its ports, or a number".to_owned(),
                });
            }
        }
    }
    found
}

/// The ports by which routes ask for Services that do not have them.
fn backends(manifests: &Manifests) -> Vec<Loose> {
    let mut found = Vec::new();
    let mut look = |route: &Object, name: Option<&Node>, port: Option<&Node>| {
        let Some((name, port)) = name.and_then(Node::text).zip(port) else { return };
        let Some(service) = manifests.named("Service", name, route.namespace()).filter(|one| one.group.is_empty())
        else {
            return;
        };
        let ports = service.node.at(&["spec", "ports"]).map(Node::items).unwrap_or_default();
        let is_it = |own: &Node| ["port", "name"].iter().any(|key| own.get(key).and_then(Node::text) == port.text());
        if !ports.is_empty() && !ports.iter().any(is_it) {
            found.push(Loose {
                place: (route.source, port.span),
                message: format!("{} leads to a port that {} does not have", route.title(), service.title()),
                label: "no port of the Service",
                help: "write a port of the Service".to_owned(),
            });
        }
    };
    for route in &manifests.objects {
        let items = |node: &'_ Node, way: &[&str]| node.at(way).map(Node::items).unwrap_or_default().to_vec();
        match (route.group.as_str(), route.kind.as_str()) {
            ("gateway.networking.k8s.io", kind) if kind.ends_with("Route") => {
                for rule in items(&route.node, &["spec", "rules"]) {
                    for backend in items(&rule, &["backendRefs"]) {
                        // Of another namespace, the route says which.
                        if backend.get("namespace").is_none() {
                            look(route, backend.get("name"), backend.get("port"));
                        }
                    }
                }
            }
            ("networking.k8s.io", "Ingress") => {
                for rule in items(&route.node, &["spec", "rules"]) {
                    for path in items(&rule, &["http", "paths"]) {
                        let service = path.at(&["backend", "service"]);
                        let port = service.and_then(|service| service.get("port"));
                        let port = port.and_then(|port| port.get("number").or(port.get("name")));
                        look(route, service.and_then(|service| service.get("name")), port);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// What a pod names.
struct Named<'m> {
    kind: &'static str,
    name: &'m str,
    place: Place,
    /// Whether it starts without, too.
    is_optional: bool,
}

fn named<'m>(workload: &Workload<'m>) -> Vec<Named<'m>> {
    let source = workload.object.source;
    let mut names = Vec::new();
    let mut take = |kind: &'static str, node: Option<&'m Node>, is_optional: bool| {
        if let Some((node, name)) = node.and_then(|node| Some((node, node.text()?))) {
            names.push(Named { kind, name, place: (source, node.span), is_optional });
        }
    };
    let is_optional = |node: &Node| node.get("optional").and_then(Node::as_bool) == Some(true);
    take("ServiceAccount", workload.pod.get("serviceAccountName"), false);
    let mut maps = Vec::new();
    for container in workload.containers() {
        let items = |key: &str| container.node.get(key).map(Node::items).unwrap_or_default();
        maps.extend(items("envFrom").iter().filter_map(|from| from.get("configMapRef")));
        maps.extend(items("env").iter().filter_map(|variable| variable.at(&["valueFrom", "configMapKeyRef"])));
    }
    let volumes = workload.pod.get("volumes").map(Node::items).unwrap_or_default();
    let sources = volumes.iter().flat_map(|volume| {
        let projected = volume.at(&["projected", "sources"]).map(Node::items).unwrap_or_default();
        std::iter::once(volume).chain(projected)
    });
    maps.extend(sources.filter_map(|volume| volume.get("configMap")));
    for map in maps {
        take("ConfigMap", map.get("name"), is_optional(map));
    }
    names
}

/// Names of what is not there, where an object of that kind is there that nobody names.
fn names(manifests: &Manifests) -> Vec<Loose> {
    let all: Vec<Workload<'_>> = manifests.workloads().collect();
    let mut found = Vec::new();
    for workload in &all {
        for Named { kind, name, place, is_optional } in named(workload) {
            if is_optional || manifests.named(kind, name, workload.object.namespace()).is_some() {
                continue;
            }
            let is_named = |object: &Object| {
                let names = all.iter().filter(|one| one.object.may_be_beside(object)).flat_map(named);
                names.into_iter().any(|one| one.kind == kind && object.name() == Some(one.name))
            };
            let mut beside = manifests.of_kind(kind).filter(|object| object.may_be_beside(workload.object));
            if let Some(unnamed) = beside.find(|object| !is_named(object)) {
                found.push(Loose {
                    place,
                    message: format!(
                        "{} names a {kind} `{name}`, which is not among the files, and nobody names {}",
                        workload.object.title(),
                        unnamed.title()
                    ),
                    label: "is not there",
                    help: format!("write `{}`, if that is meant", unnamed.name().unwrap_or_default()),
                });
            }
        }
    }
    // Of what all variables come from, and one that a map does not have.
    for workload in &all {
        for container in workload.containers() {
            for variable in container.node.get("env").map(Node::items).unwrap_or_default() {
                let Some(reference) = variable.at(&["valueFrom", "configMapKeyRef"]) else { continue };
                let text = |key: &str| reference.get(key).and_then(Node::text);
                let is_optional = reference.get("optional").and_then(Node::as_bool) == Some(true);
                let map = text("name").and_then(|name| manifests.named("ConfigMap", name, workload.object.namespace()));
                let (Some(map), Some(key), false) = (map, reference.get("key"), is_optional) else { continue };
                let has = |way: &str| {
                    map.node.get(way).is_some_and(|data| data.entry(key.text().unwrap_or_default()).is_some())
                };
                if !has("data") && !has("binaryData") {
                    found.push(Loose {
                        place: (container.source, key.span),
                        message: format!(
                            "{} has no `{}`, and the pods of {} do not start without it",
                            map.title(),
                            key.text().unwrap_or_default(),
                            workload.object.title()
                        ),
                        label: "is not there",
                        help: "add it, or write the key that is meant".to_owned(),
                    });
                }
            }
        }
    }
    found
}

/// Steps of a route that are not there, where others of the same kind are.
fn steps(manifests: &Manifests) -> Vec<Loose> {
    let mut found = Vec::new();
    for route in manifests.of_kind("HTTPRoute") {
        let rules = route.node.at(&["spec", "rules"]).map(Node::items).unwrap_or_default();
        let filters = rules.iter().flat_map(|rule| rule.get("filters").map(Node::items).unwrap_or_default());
        let references = filters.filter_map(|filter| filter.get("extensionRef"));
        let names =
            references.filter_map(|one| Some((one.get("kind")?.text()?, one.get("name")?, one.get("name")?.text()?)));
        let names: Vec<(&str, &Node, &str)> = names.collect();
        let is_there = |kind: &str, name: &str| manifests.named(kind, name, route.namespace()).is_some();
        for (kind, node, name) in &names {
            let others = names.iter().any(|(other, _, name)| other == kind && is_there(kind, name));
            if others && !is_there(kind, name) {
                found.push(Loose {
                    place: (route.source, node.span),
                    message: format!(
                        "{} has a step of the {kind} `{name}`, which is not among the files",
                        route.title()
                    ),
                    label: "gateways answer 404 or 500 in its place",
                    help: format!("add the {kind}, or write the name of one that is there"),
                });
            }
        }
    }
    found
}

/// Routes to Services that are not there, where none leads to the app's.
fn ways(plan: &Plan<'_>, manifests: &Manifests) -> Vec<Loose> {
    let own = services_of(plan, manifests);
    let has_service = manifests.of_kind("Service").any(|service| own.iter().any(|name| service.name() == Some(name)));
    if !has_service || !routes(plan, manifests).is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for route in manifests.routes() {
        for way in route.ways.iter().filter(|way| !way.redirects) {
            // Others may have routes of their own among the files: a slip of the fingers is a sign.
            let is_there = |name: &str| manifests.named("Service", name, route.object.namespace()).is_some();
            let is_meant = |name: &str| own.iter().any(|own| is_slip(name, own));
            if let Some(name) = way.services.iter().find(|name| !is_there(name) && is_meant(name)) {
                found.push(Loose {
                    place: way.place,
                    message: format!(
                        "{} leads to a Service `{name}`, which is not among the files, and no route leads to the app's",
                        route.object.title()
                    ),
                    label: "leads nowhere",
                    help: format!("write `{}`, if that is meant", own.first().copied().unwrap_or_default()),
                });
            }
        }
    }
    found
}

rules! {
    /// What objects name or choose is there.
    ///
    /// A `NetworkPolicy` whose labels no pod has guards nobody, and says so to nobody. A Service that chooses other pods answers with
    /// nothing, or with another program; a step that a route names and that is not there is 404 for all its requests, with
    /// a status that says that all is well. An API server takes all of it.
    ///
    /// Asked only where `--manifest` names the files. They may be a part of what the cluster has: a name alone that is not among
    /// them is not told. Told are ports and keys that an object which is there does not have; an account or a `ConfigMap` that
    /// is not there, while one that nobody names is; a step of a route that is not there, while others are; and what
    /// chooses no pods, where nothing of its kind chooses the app's.
    ///
    /// Write: the name, the port or the labels that are meant.
    K8S028 = "loose-end" {
        severity: Severities::all(Warning),
        source: "Kubernetes documentation, Labels and Selectors; Gateway API: ResolvedRefs is no duty of implementations for their own objects",
        keys: &["targets.kubernetes"],
        reads: &[&["app.name"]],
        fix: None,
        check: Check::Manifest(|plan, manifests, out| {
            let mut found = target_ports(manifests);
            found.extend(manifests.workloads().flat_map(|workload| probes(&workload)));
            found.extend(backends(manifests));
            found.extend(names(manifests));
            found.extend(steps(manifests));
            if let Some(app) = manifests.app(plan.policy.app.name.as_str()) {
                found.extend(choosing(&app, manifests));
            }
            found.extend(ways(plan, manifests));
            // One port that is wrong is wrong in every rule of a route.
            let mut told: Vec<(Place, String)> = Vec::new();
            for Loose { place, message, label, help } in found {
                if told.iter().all(|(known, text)| *known != place && *text != message) {
                    told.push((place, message.clone()));
                    out.at_file(place, TARGET, message).label(label).help(help);
                }
            }
        }),
    }
}
