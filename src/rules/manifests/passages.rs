//! Ways to the app of which the plan knows nothing: routes of other kinds and of other programs, and those of another gateway.
//!
//! Kinds are known by a word in their names, and what they lead to by the fields in which such objects name a Service. So a
//! kind that nobody has heard of is told, too.

use super::services_of;
use crate::manifest::{Manifests, Object, Place};
use crate::plan::Plan;
use crate::profile::{Gateway, Implementation, KubernetesTarget};
use crate::source::Span;
use crate::yaml::Node;

/// A way, and what to write in its place.
pub(super) struct Around {
    pub place: Place,
    pub message: String,
    pub help: &'static str,
    /// Whether it is no more than a warning: it is open to other pods of the cluster alone, or perhaps no way to the app.
    pub is_warning: bool,
}

/// What the name of a kind has in it that leads requests somewhere.
const WORDS: [&str; 10] = [
    "Route",
    "Ingress",
    "Proxy",
    "VirtualService",
    "VirtualServer",
    "TransportServer",
    "Mapping",
    "TargetGroupBinding",
    "Tunnel",
    "ServiceExport",
];

/// The fields that name a Service by themselves.
const FIELDS: [&str; 8] = ["service", "serviceName", "svc", "host", "backend", "destination", "upstream", "url"];

/// The fields that hold something with the name of a Service.
const HOLDERS: [&str; 19] = [
    "backendRefs",
    "backendRef",
    "backends",
    "backend",
    "services",
    "service",
    "serviceRef",
    "weighted",
    "mirrors",
    "to",
    "alternateBackends",
    "forwardTo",
    "upstreams",
    "upstream",
    "destinations",
    "destination",
    "targetRef",
    "ref",
    "destinationRef",
];

/// Whether a text names one of these Services: by its name, with a namespace, as a URL, with a port.
fn names(text: &str, services: &[&str]) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split([':', '/']).next().unwrap_or_default();
    let (first, rest) = host.split_once('.').unwrap_or((host, ""));
    // `shop`, `shop.shop`, `shop.shop.svc.cluster.local`; `shop.example.com` is somebody else.
    let is_inside = !rest.contains('.') || rest.split('.').nth(1) == Some("svc");
    is_inside && services.contains(&first)
}

/// Where an object leads to one of these Services.
fn leads_to(node: &Node, above: &str, services: &[&str]) -> Option<Span> {
    if let Some(found) = node.items().iter().find_map(|item| leads_to(item, above, services)) {
        return Some(found);
    }
    node.entries().iter().find_map(|entry| {
        let key = entry.key.as_str();
        let is_name = FIELDS.contains(&key) || key == "name" && HOLDERS.contains(&above);
        let text = entry.value.text().filter(|text| is_name && names(text, services));
        text.map(|_| entry.value.span).or_else(|| leads_to(&entry.value, key, services))
    })
}

/// The text of a field that names a class of Ingress, and where it stands.
fn class(object: &Object) -> Option<(&str, Span)> {
    let node =
        object.node.at(&["spec", "ingressClassName"]).or_else(|| object.annotation("kubernetes.io/ingress.class"))?;
    Some((node.text()?, node.span))
}

/// A parent of a route that is another gateway than the profile's.
fn other_gateway(object: &Object, gateway: &Gateway) -> Option<Span> {
    let parents = object.node.at(&["spec", "parentRefs"]).map(Node::items).unwrap_or_default();
    parents.iter().find_map(|parent| {
        let text = |key: &str| parent.get(key).and_then(Node::text);
        let is_gateway = text("kind").is_none_or(|kind| kind == "Gateway");
        let name = parent.get("name").filter(|_| is_gateway)?;
        let is_other = name.text() != Some(gateway.name.as_str())
            || text("namespace").zip(gateway.namespace.as_ref()).is_some_and(|(own, other)| own != other.as_str());
        is_other.then_some(name.span)
    })
}

/// The ways that are told of a cluster.
pub(super) fn passages(plan: &Plan<'_>, target: &KubernetesTarget, manifests: &Manifests) -> Vec<Around> {
    let services = services_of(plan, manifests);
    let leads = |object: &Object| leads_to(object.node.get("spec")?, "spec", &services);
    let is_main = |object: &&Object| match &target.gateway {
        Some(_) => object.kind == "HTTPRoute",
        None => object.kind == "Ingress",
    };
    let has_main = manifests.objects.iter().filter(is_main).any(|object| leads(object).is_some());
    let mut found = Vec::new();
    for object in &manifests.objects {
        let told = match (object.group.as_str(), object.kind.as_str()) {
            ("gateway.networking.k8s.io", "HTTPRoute") => {
                let other = target.gateway.as_ref().and_then(|gateway| other_gateway(object, gateway));
                other.filter(|_| leads(object).is_some()).map(|span| (span, "hands requests on from another gateway"))
            }
            ("networking.k8s.io" | "extensions", "Ingress") => {
                let place = leads(object).filter(|_| is_another_ingress(object, target));
                place.map(|span| {
                    (class(object).map_or(span, |(_, span)| span), "hands requests on beside the plan's gateway")
                })
            }
            ("traefik.io" | "traefik.containo.us", "IngressRoute") => {
                let is_traefik = match &target.gateway {
                    Some(gateway) => gateway.implementation == Some(Implementation::Traefik),
                    None => true,
                };
                // By itself it is a way of saying what a plan asks for, and is compared with it.
                leads_by_routes(object, manifests, &services)
                    .filter(|_| has_main || !is_traefik)
                    .map(|span| (span, "hands requests on beside the plan's gateway"))
            }
            ("serving.knative.dev", "Service") => {
                let is_own = object.name().is_some_and(|name| services.contains(&name));
                let is_inside = object.node.at(&["metadata", "labels", "networking.knative.dev/visibility"]);
                let is_inside = is_inside.and_then(Node::text) == Some("cluster-local");
                (is_own && !is_inside).then(|| (object.place().1, "has a route of its own to the app"))
            }
            ("multicluster.x-k8s.io", "ServiceExport") => {
                let is_own = object.name().is_some_and(|name| services.contains(&name));
                is_own.then(|| (object.place().1, "opens the app to other clusters"))
            }
            ("gateway.networking.k8s.io", "TCPRoute" | "TLSRoute" | "UDPRoute")
            | (_, "IngressRouteTCP" | "IngressRouteUDP") => {
                leads(object).map(|span| (span, "hands connections on, in which nobody looks for requests"))
            }
            // Inside of a mesh nobody comes in.
            (_, "VirtualService") if is_mesh_alone(object) => None,
            (_, kind) if WORDS.iter().any(|word| kind.contains(word)) => {
                leads(object).map(|span| (span, "hands requests on beside the plan's gateway"))
            }
            _ => None,
        };
        if let Some((span, how)) = told {
            found.push(Around {
                place: (object.source, span),
                message: format!("{} leads to the app, and {how}: the plan knows nothing of it", object.title()),
                help: "take it out, or lead to the app by the gateway that the profile names alone",
                is_warning: false,
            });
        }
    }
    found
}

/// Whether an Ingress is none that the profile speaks of. One without a class has the cluster's default.
fn is_another_ingress(object: &Object, target: &KubernetesTarget) -> bool {
    match (&target.gateway, &target.ingress_class) {
        (Some(_), _) => true,
        (None, Some(own)) => class(object).is_some_and(|(class, _)| class != own.as_str()),
        (None, None) => false,
    }
}

/// Where an `IngressRoute` leads to the app, also by way of Traefik's own services.
fn leads_by_routes(object: &Object, manifests: &Manifests, services: &[&str]) -> Option<Span> {
    let routes = manifests.routes();
    let route = routes.iter().find(|route| std::ptr::eq(route.object, object))?;
    let way = route.ways.iter().find(|way| way.services.iter().any(|service| services.contains(service)))?;
    Some(way.place.1)
}

/// Whether a `VirtualService` of Istio's counts between the pods of a mesh alone.
fn is_mesh_alone(object: &Object) -> bool {
    let gateways = object.node.at(&["spec", "gateways"]).map(Node::items).unwrap_or_default();
    object.group == "networking.istio.io" && gateways.iter().all(|gateway| gateway.text() == Some("mesh"))
}
