//! ingress-nginx in manifests: what is written for it, and whose class `nginx` is.
//!
//! Two programs answer to that class by default: ingress-nginx, which is retired, and F5's NGINX Ingress Controller. Its
//! annotations begin with `nginx.org/` or `nginx.com/`, and its `IngressClass` names the controller `nginx.org/ingress-controller`.

use crate::manifest::{Manifests, Object, Place};
use crate::yaml::Node;

/// The class that both programs answer to where nobody gives them another.
pub(in crate::rules) const SHARED_CLASS: &str = "nginx";

/// Whose something is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::rules) enum Whose {
    /// The retired program's.
    Retired,
    /// Another one's.
    Others,
    /// One of the two's: nothing says which.
    Unknown,
}

/// An object that asks for one of the two.
pub(in crate::rules) struct Asking {
    /// What it is called.
    pub title: String,
    /// What says so.
    pub place: Place,
    /// For which.
    pub whose: Whose,
}

/// Whether a controller is ingress-nginx. Who runs several gives each a name of its own: `k8s.io/internal-ingress-nginx`.
fn is_retired(controller: &str) -> bool {
    controller.strip_prefix("k8s.io/").is_some_and(|name| name.ends_with("ingress-nginx"))
}

/// Whose a class is, by its `IngressClass` among the files.
pub(in crate::rules) fn of_class(class: &str, manifests: &Manifests) -> Whose {
    let class_of = |object: &&Object| object.name() == Some(class);
    let controller = manifests.of_kind("IngressClass").find(class_of).and_then(|object| {
        let controller = object.node.at(&["spec", "controller"])?;
        controller.text()
    });
    match controller {
        Some(controller) if is_retired(controller) => Whose::Retired,
        None if class == SHARED_CLASS => Whose::Unknown,
        Some(_) | None => Whose::Others,
    }
}

/// The class that an Ingress asks for.
fn class(object: &Object) -> Option<&Node> {
    let own = object.node.at(&["spec", "ingressClassName"]);
    own.or_else(|| object.annotation("kubernetes.io/ingress.class")).filter(|_| object.kind == "Ingress")
}

/// The objects that ask for one of the two; each with what says so.
pub(in crate::rules) fn asking(manifests: &Manifests) -> Vec<Asking> {
    let mut found = Vec::new();
    for object in &manifests.objects {
        let annotation = |prefixes: &[&str]| {
            let all = object.node.at(&["metadata", "annotations"]).map(Node::entries).unwrap_or_default();
            all.iter().find(|entry| prefixes.iter().any(|prefix| entry.key.starts_with(prefix))).map(|one| one.key_span)
        };
        let controller = object.node.at(&["spec", "controller"]).filter(|_| object.kind == "IngressClass");
        let class = class(object);
        let by_class = class.and_then(Node::text).map(|class| of_class(class, manifests));
        let image = crate::manifest::Workload::of(object).and_then(|workload| {
            let mut images = workload.containers().filter_map(|container| container.image());
            images.find(|(image, _)| crate::manifest::repository(image).ends_with("ingress-nginx/controller"))
        });
        let found_here = if let Some(node) = controller.filter(|node| node.text().is_some_and(is_retired)) {
            Some((node.span, Whose::Retired))
        } else if let Some((_, (_, span))) = image {
            Some((span, Whose::Retired))
        } else {
            match by_class {
                // Whatever annotations say, another program has it.
                Some(Whose::Others) => None,
                Some(Whose::Retired) => class.map(|node| (node.span, Whose::Retired)),
                Some(Whose::Unknown) | None => match annotation(&["nginx.ingress.kubernetes.io/"]) {
                    Some(span) => Some((span, Whose::Retired)),
                    None => match annotation(&["nginx.org/", "nginx.com/", "appprotect.f5.com/"]) {
                        Some(span) => Some((span, Whose::Others)),
                        None => by_class.and(class).map(|node| (node.span, Whose::Unknown)),
                    },
                },
            }
        };
        found.extend(found_here.map(|(span, whose)| Asking {
            title: object.title(),
            place: (object.source, span),
            whose,
        }));
    }
    found
}
