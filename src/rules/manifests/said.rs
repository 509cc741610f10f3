//! What manifests say of the profile's keys.

use crate::manifest::{Manifests, Object, Place};
use crate::plan::Plan;
use crate::profile::{Backend, Image, Label};
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
            let variables = container.variables(manifests, workload.object.namespace()).list;
            if let Some((workers, place)) = container.workers(&variables).filter(|(workers, _)| *workers != asked) {
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
        // KEDA means a Deployment where it says no kind.
        text("kind").unwrap_or("Deployment") == object.kind && text("name") == object.name()
    };
    let scaler = ["HorizontalPodAutoscaler", "ScaledObject"].into_iter().flat_map(|kind| manifests.of_kind(kind));
    let scaler = scaler.into_iter().find(targets);
    let counted = |node: &Node| node.at(&["spec", "replicas"]).and_then(|node| Some((node.as_u64()?, node.span)));
    let (count, place, what) = if let Some(scaler) = scaler {
        // Where the profile asks for more pods under load, it says how many.
        let most = ["maxReplicas", "maxReplicaCount"].iter().find_map(|key| scaler.node.at(&["spec", key]))?;
        let count = most.as_u64()?;
        (count, (scaler.source, most.span), format!("{} runs up to {count} pods of {title}", scaler.title()))
    } else if object.kind == "DaemonSet" {
        // As many as there are nodes, and so not one.
        (asked.max(2), object.place(), format!("{title} runs a pod on every node"))
    } else if let Some((count, span)) = counted(&object.node) {
        (count, (object.source, span), format!("{title} runs {count} pods"))
    } else if matches!(object.kind.as_str(), "Deployment" | "StatefulSet") {
        (1, object.place(), format!("{title} says no `replicas`, so that 1 pod runs"))
    } else {
        return None;
    };
    let surge = surge(plan, object).filter(|_| count == 1);
    let is_told = scaler.is_none() && surge.is_none();
    let (count, place, what) = surge.map_or((count, place, what), |(place, what)| (2, place, what));
    let value = Literal::from(u32::try_from(count).unwrap_or(u32::MAX)).to_string();
    (count != asked).then(|| Said {
        key: "app.replicas",
        value,
        place,
        what,
        asked: is_told.then(|| asked.to_string()),
    })
}

/// Where the one pod of an app that keeps its state in memory is replaced by another that starts before it ends, so that
/// there are two for a while.
fn surge(plan: &Plan<'_>, object: &Object) -> Option<(Place, String)> {
    let policy = plan.policy;
    let is_asked = policy.mode.is_live() && policy.targets.kubernetes.is_some();
    let keeps = is_asked && policy.state.backend == Backend::Memory && plan.facts().keeps_state();
    let strategy = object.node.at(&["spec", "strategy"]);
    let at = |way: &[&str]| strategy.and_then(|strategy| strategy.at(way));
    let most = at(&["rollingUpdate", "maxSurge"]);
    let ends_first = at(&["type"]).and_then(Node::text) == Some("Recreate")
        || most.and_then(Node::text).is_some_and(|most| matches!(most.trim_end_matches('%'), "0"));
    if !keeps || ends_first || object.kind != "Deployment" {
        return None;
    }
    let place = most.or(strategy).map_or(object.place(), |node| (object.source, node.span));
    Some((
        place,
        format!(
            "{} starts a new pod before it ends the old one: `strategy: {{type: Recreate}}` ends it first",
            object.title()
        ),
    ))
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
