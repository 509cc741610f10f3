//! What manifests say of the profile's keys.

use crate::manifest::{Manifests, Object, Place};
use crate::plan::Plan;
use crate::profile::{Image, Label};
use crate::source::Literal;
use crate::yaml::Node;

/// What a manifest says of one key.
#[derive(Debug)]
pub struct Said {
    /// The key.
    pub key: &'static str,
    /// Its value as the manifests have it, as TOML.
    pub value: String,
    /// Where that stands.
    pub place: Place,
    /// The same in words: "the Deployment `shop` runs 3 pods".
    pub what: String,
    /// What the profile says, where it says something else that is to be told as a difference.
    pub asked: Option<String>,
}

/// What the manifests say otherwise than the profile.
pub fn said(plan: &Plan<'_>, manifests: &Manifests) -> Vec<Said> {
    let mut said = Vec::new();
    let policy = plan.policy;
    let name = policy.app.name.as_str();
    if let Some(workload) = manifests.app(name) {
        let title = workload.object.title();
        said.extend(replicas(plan, manifests, workload.object));
        if let Some(container) = workload.app(name) {
            let asked = u64::from(policy.app.workers.get());
            if let Some((workers, place)) = container.workers().filter(|(workers, _)| *workers != asked) {
                said.push(Said {
                    key: "app.workers",
                    value: Literal::from(u32::try_from(workers).unwrap_or(u32::MAX)).to_string(),
                    place,
                    what: format!("{title} starts {workers} processes in each pod"),
                    asked: Some(asked.to_string()),
                });
            }
            let target = policy.targets.kubernetes.as_ref();
            let asked = target.and_then(|target| target.image.as_ref()).map(Image::as_str);
            // Of a profile that names no image, its rule has nothing to say yet.
            if let Some((image, place)) =
                container.image().filter(|(image, _)| Some(*image) != asked && target.is_some())
            {
                said.push(Said {
                    key: "targets.kubernetes.image",
                    value: Literal::from(image).to_string(),
                    place,
                    what: format!("{title} runs another image"),
                    asked: asked.map(|asked| format!("`{asked}`")),
                });
            }
            let asked = target.and_then(|target| target.namespace.as_ref()).map(Label::as_str);
            let namespace = workload.object.node.at(&["metadata", "namespace"]);
            let other = namespace.and_then(|node| Some((node.text()?, node.span)));
            if let (Some(asked), Some((other, span))) = (asked, other)
                && asked != other
            {
                said.push(Said {
                    key: "targets.kubernetes.namespace",
                    value: Literal::from(other).to_string(),
                    place: (workload.object.source, span),
                    what: format!("{title} is in another namespace"),
                    asked: Some(format!("`{asked}`")),
                });
            }
        }
    }
    said.extend(manifests.objects.iter().find_map(retired_gateway));
    said
}

/// How many pods run, where that is not what the profile says. A `HorizontalPodAutoscaler` runs as many as it may.
fn replicas(plan: &Plan<'_>, manifests: &Manifests, object: &Object) -> Option<Said> {
    let app = &plan.policy.app;
    let asked = u64::from(app.replicas.get());
    let title = object.title();
    let targets = |scaler: &&Object| {
        let text = |key: &str| scaler.node.at(&["spec", "scaleTargetRef", key]).and_then(Node::text);
        text("kind") == Some(&object.kind) && text("name") == object.name()
    };
    let scaler = manifests.of_kind("HorizontalPodAutoscaler").find(targets);
    let counted = |node: &Node| node.at(&["spec", "replicas"]).and_then(|node| Some((node.as_u64()?, node.span)));
    let (count, place, what) = if let Some(scaler) = scaler {
        // Where the profile asks for more pods under load, it says how many.
        let most = scaler.node.at(&["spec", "maxReplicas"])?;
        let count = most.as_u64()?;
        (count, (scaler.source, most.span), format!("{} runs up to {count} pods of {title}", scaler.title()))
    } else if let Some((count, span)) = counted(&object.node) {
        (count, (object.source, span), format!("{title} runs {count} pods"))
    } else if matches!(object.kind.as_str(), "Deployment" | "StatefulSet") {
        (1, object.place(), format!("{title} says no `replicas`, so that 1 pod runs"))
    } else {
        return None;
    };
    let value = Literal::from(u32::try_from(count).unwrap_or(u32::MAX)).to_string();
    let is_told = scaler.is_none();
    (count != asked).then(|| Said {
        key: "app.replicas",
        value,
        place,
        what,
        asked: is_told.then(|| asked.to_string()),
    })
}

/// What is written for ingress-nginx.
fn retired_gateway(object: &Object) -> Option<Said> {
    const PREFIX: &str = "nginx.ingress.kubernetes.io/";
    let annotations = object.node.at(&["metadata", "annotations"]).map(Node::entries).unwrap_or_default();
    let annotation = annotations.iter().find(|entry| entry.key.starts_with(PREFIX)).map(|entry| entry.key_span);
    let controller = object.node.at(&["spec", "controller"]).filter(|_| object.kind == "IngressClass");
    let controller = controller.filter(|node| node.text() == Some("k8s.io/ingress-nginx")).map(|node| node.span);
    let span = controller.or(annotation)?;
    Some(Said {
        key: "targets.kubernetes.gateway",
        value: "{ name = \"ingress-nginx\", implementation = \"ingress-nginx\" }".to_owned(),
        place: (object.source, span),
        what: format!("{} is written for ingress-nginx", object.title()),
        asked: None,
    })
}
