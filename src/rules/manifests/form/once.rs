//! What stands twice, and what of one object belongs together.

use std::collections::BTreeMap;

use super::Refused;
use crate::manifest::{Container, Object, Workload};
use crate::yaml::Node;

pub(super) fn refused(object: &Object) -> Vec<Refused> {
    let mut found = Vec::new();
    update(object, &mut found);
    let Some(workload) = Workload::of(object) else { return found };
    let source = object.source;
    selector(object, &workload, &mut found);
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for container in workload.containers() {
        let times = container.name().map(|name| names.entry(name).or_default());
        if let Some(times) = times {
            *times += 1;
            if *times == 2 {
                let message = format!("{} has {} twice", object.title(), container.title());
                found.push(Refused::at(container.place(), message, "give each container a name of its own"));
            }
        }
        twice(&container, &mut found);
        mounts(object, &workload, &container, source, &mut found);
    }
    found
}

/// Pods are counted by labels, which their own have to have.
fn selector(object: &Object, workload: &Workload<'_>, found: &mut Vec<Refused>) {
    let Some(labels) = object.node.at(&["spec", "selector", "matchLabels"]) else { return };
    if object.group == "apps" && !labels.entries().is_empty() && !workload.is_chosen_by(labels) {
        let message = format!("{} chooses other pods than its own", object.title());
        let help = "write the same labels below `selector.matchLabels` and `template.metadata.labels`";
        found.push(Refused::at((object.source, labels.span), message, help));
    }
}

/// Where none may be more and none may be fewer, nothing is ever replaced.
fn update(object: &Object, found: &mut Vec<Refused>) {
    let Some(update) = object.node.at(&["spec", "strategy", "rollingUpdate"]) else { return };
    let is_none = |key: &str| {
        let text = update.get(key).and_then(Node::text);
        text.is_some_and(|text| matches!(text.trim_end_matches('%'), "0"))
    };
    if is_none("maxSurge") && is_none("maxUnavailable") {
        let message = format!("{} may replace no pod: none may be added, and none may be missing", object.title());
        let help = "write `maxSurge: 1` beside `maxUnavailable: 0`, or `type: Recreate`";
        found.push(Refused::at((object.source, update.span), message, help));
    }
}

/// Variables that stand twice: the last one counts.
fn twice(container: &Container<'_>, found: &mut Vec<Refused>) {
    let mut known: Vec<&str> = Vec::new();
    for variable in container.node.get("env").map(Node::items).unwrap_or_default() {
        let Some((node, name)) = variable.get("name").and_then(|node| Some((node, node.text()?))) else { continue };
        if known.contains(&name) {
            let message = format!("{} is given `{name}` twice", container.title());
            found.push(Refused {
                label: "this one counts",
                is_taken: true,
                ..Refused::at((container.source, node.span), message, "take one of the two away")
            });
        }
        known.push(name);
    }
}

fn mounts(
    object: &Object,
    workload: &Workload<'_>,
    container: &Container<'_>,
    source: usize,
    found: &mut Vec<Refused>,
) {
    let volumes = workload.pod.get("volumes").map(Node::items).unwrap_or_default();
    let claims = object.node.at(&["spec", "volumeClaimTemplates"]).map(Node::items).unwrap_or_default();
    let own = volumes.iter().filter_map(|volume| volume.get("name"));
    let claimed = claims.iter().filter_map(|claim| claim.at(&["metadata", "name"]));
    let names: Vec<&str> = own.chain(claimed).filter_map(Node::text).collect();
    for mount in container.node.get("volumeMounts").map(Node::items).unwrap_or_default() {
        let Some((node, name)) = mount.get("name").and_then(|node| Some((node, node.text()?))) else { continue };
        if !names.contains(&name) {
            let message = format!("{} mounts what there is no volume `{name}` for", container.title());
            found.push(Refused::at((source, node.span), message, format!("add `{name}` below `volumes`")));
        }
    }
}
