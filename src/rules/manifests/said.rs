//! What manifests say of the profile's keys.

use std::cmp::Reverse;

use serde_json::Value;

use super::super::words::and;
use crate::command;
use crate::manifest::{By as Started, Given, Manifests, Object, Place, Workload, repository};
use crate::plan::Plan;
use crate::policy::networks;
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
    pub asked: Option<Asked>,
    /// What to start instead of a server for developers. Then `what` says by itself what is wrong: the app may have no debug to
    /// switch off.
    pub instead: Option<&'static str>,
}

/// What a profile says otherwise.
#[derive(Debug)]
pub struct Asked {
    /// In words: "2 pods".
    pub says: String,
    /// What to write in the manifest, so that it says the same: "`replicas: 2` in the Deployment `shop`".
    pub write: String,
}

/// What the manifests say otherwise than the profile.
pub fn said(plan: &Plan<'_>, manifests: &Manifests) -> Vec<Said> {
    let mut said = Vec::new();
    let policy = plan.policy;
    let name = policy.app.name.as_str();
    let parts = manifests.parts(name);
    said.extend(replicas(plan, manifests, &parts));
    for workload in &parts {
        let title = workload.object.title();
        if let Some(container) = workload.app(name) {
            let asked = u64::from(policy.app.workers.get());
            let variables = container.variables(manifests, workload.object.namespace()).list;
            let workers = container.workers(&variables).filter(|(_, workers, _)| *workers != asked);
            if let Some((by, workers, place)) = workers {
                let write = match by {
                    Started::Option => {
                        format!("start the server with {}, as by `--workers {asked}`", counted_as(asked, "process"))
                    }
                    Started::Variable(command::FURTHER) => {
                        format!("write `--workers {asked}` in `{}`", command::FURTHER)
                    }
                    Started::Variable(name) => format!("give `{name}` the value \"{asked}\""),
                };
                said.push(Said {
                    key: "app.workers",
                    value: Literal::from(u32::try_from(workers).unwrap_or(u32::MAX)).to_string(),
                    place,
                    what: format!("{title} starts {} in each pod", counted_as(workers, "process")),
                    asked: Some(Asked { says: counted_as(asked, "process"), write }),
                    instead: None,
                });
            }
            let target = policy.targets.kubernetes.as_ref();
            let asked = target.and_then(|target| target.image.as_ref()).map(Image::as_str);
            let is_asked = |image: &str| asked.is_some_and(|asked| is_same_image(image, asked));
            // Of a profile that names no image, its rule has nothing to say yet.
            if let Some((image, place)) = container.image().filter(|(image, _)| !is_asked(image) && target.is_some()) {
                said.push(Said {
                    key: "targets.kubernetes.image",
                    value: Literal::from(image).to_string(),
                    place,
                    what: format!("{title} runs another image"),
                    asked: asked
                        .map(|asked| Asked { says: format!("`{asked}`"), write: format!("write `image: {asked}`") }),
                    instead: None,
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
                    asked: Some(Asked { says: format!("`{asked}`"), write: format!("write `namespace: {asked}`") }),
                    instead: None,
                });
            }
        }
    }
    said.extend(parts.iter().find_map(|workload| believed(plan, manifests, workload)));
    said.extend(parts.iter().find_map(|workload| for_developers(plan, manifests, workload)));
    // Of what several parts say of one key, the worst counts: the most processes, an image that no digest names.
    said.sort_by_key(|one| (Reverse(one.value.parse::<u32>().ok()), one.value.contains("@sha256:")));
    let mut keys = Vec::new();
    said.retain(|one| {
        let is_new = !keys.contains(&one.key);
        keys.push(one.key);
        is_new
    });
    said
}

/// Whether two texts name one image: beside a digest, a tag says nothing.
fn is_same_image(one: &str, other: &str) -> bool {
    let pinned =
        |image: &'_ str| image.split_once('@').map(|(_, digest)| (repository(image).to_owned(), digest.to_owned()));
    one == other || pinned(one).is_some_and(|image| pinned(other) == Some(image))
}

/// How many pods KEDA runs at most where a `ScaledObject` does not say it (KEDA 2, `maxReplicaCount`).
const KEDA_MOST: u64 = 100;

/// `1 pod`, `3 pods`, `2 processes`.
fn counted_as(count: u64, what: &str) -> String {
    let ending = match (count, what.ends_with('s')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{count} {what}{ending}")
}

/// How many pods of a workload run.
struct Counted {
    count: u64,
    place: Place,
    what: String,
    /// Whether it is told as a difference from the profile, where no rule is broken.
    is_told: bool,
}

/// How many pods of the app run, where that is not what the profile says. Of several workloads, all pods count.
fn replicas(plan: &Plan<'_>, manifests: &Manifests, parts: &[Workload<'_>]) -> Option<Said> {
    let asked = u64::from(plan.policy.app.replicas.get());
    let (first, others) = parts.split_first()?;
    let own = counted(asked, manifests, first.object);
    let all = if others.is_empty() {
        let own = own?;
        match surge(plan, first.object).filter(|_| own.count == 1) {
            Some((place, what)) => Counted { count: 2, place, what, is_told: false },
            None => own,
        }
    } else {
        let each = parts.iter().map(|part| {
            // What says no number runs one.
            let one = || Counted {
                count: 1,
                place: part.object.place(),
                what: format!("{} runs 1 pod", part.object.title()),
                is_told: true,
            };
            counted(asked, manifests, part.object).unwrap_or_else(one)
        });
        let each: Vec<Counted> = each.filter(|one| one.count > 0).collect();
        // The last is where it shows: what stands before it may be what the profile says.
        let place = each.last().map_or(first.object.place(), |last| last.place);
        let words: Vec<String> = each.iter().map(|one| one.what.clone()).collect();
        let count = each.iter().fold(0_u64, |sum, one| sum.saturating_add(one.count));
        Counted { count, place, what: and(&words), is_told: each.iter().all(|one| one.is_told) }
    };
    let value = Literal::from(u32::try_from(all.count).unwrap_or(u32::MAX)).to_string();
    (all.count != asked).then(|| Said {
        key: "app.replicas",
        value,
        place: all.place,
        what: all.what,
        asked: all.is_told.then(|| Asked {
            says: counted_as(asked, "pod"),
            write: match others {
                [] => format!("write `replicas: {asked}` in {}", first.object.title()),
                _ => format!("write numbers of `replicas` that make {} together", counted_as(asked, "pod")),
            },
        }),
        instead: None,
    })
}

/// How many pods an object runs. A `HorizontalPodAutoscaler` runs as many as it may.
fn counted(asked: u64, manifests: &Manifests, object: &Object) -> Option<Counted> {
    let title = object.title();
    let targets = |scaler: &&Object| {
        let text = |key: &str| scaler.node.at(&["spec", "scaleTargetRef", key]).and_then(Node::text);
        // KEDA means a Deployment where it says no kind.
        text("kind").unwrap_or("Deployment") == object.kind && text("name") == object.name()
    };
    let scaler = ["HorizontalPodAutoscaler", "ScaledObject"].into_iter().flat_map(|kind| manifests.of_kind(kind));
    let scaler = scaler.into_iter().find(targets);
    let made = manifests.kustomized("replicas").find_map(|(source, entry)| {
        let count = entry.get("count").filter(|_| entry.get("name").and_then(Node::text) == object.name())?;
        Some((count.as_u64()?, (source, count.span)))
    });
    let said = |node: &Node| node.at(&["spec", "replicas"]).and_then(|node| Some((node.as_u64()?, node.span)));
    let (count, place, what) = if let Some(scaler) = scaler {
        // Where the profile asks for more pods under load, it says how many.
        let most = ["maxReplicas", "maxReplicaCount"].iter().find_map(|key| scaler.node.at(&["spec", key]));
        let (count, place) = match most {
            Some(most) => (most.as_u64()?, (scaler.source, most.span)),
            None if scaler.kind == "ScaledObject" => (KEDA_MOST, scaler.place()),
            None => return None,
        };
        (count, place, format!("{} runs up to {} of {title}", scaler.title(), counted_as(count, "pod")))
    } else if let Some((count, place)) = made {
        (count, place, format!("a kustomization runs {} of {title}", counted_as(count, "pod")))
    } else if object.kind == "DaemonSet" {
        // As many as there are nodes, and so not one.
        (asked.max(2), object.place(), format!("{title} runs a pod on every node"))
    } else if let Some((count, span)) = said(&object.node) {
        (count, (object.source, span), format!("{title} runs {}", counted_as(count, "pod")))
    } else if matches!(object.kind.as_str(), "Deployment" | "StatefulSet") {
        (1, object.place(), format!("{title} says no `replicas`, so that 1 pod runs"))
    } else {
        return None;
    };
    Some(Counted { count, place, what, is_told: scaler.is_none() })
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

/// Whose word the app's server takes for a client's address, where an option or a variable of uvicorn or gunicorn says so. Of a
/// variable that the app's pack knows, its own rules tell.
fn believed(plan: &Plan<'_>, manifests: &Manifests, workload: &Workload<'_>) -> Option<Said> {
    let container = workload.app(plan.policy.app.name.as_str())?;
    let variables = container.variables(manifests, workload.object.namespace()).list;
    let given = |name: &str| {
        let is_for_pack = command::BELIEVING.contains(&name) && plan.app.variable(name).is_some();
        let variable = variables.iter().find(|variable| variable.name == name && !is_for_pack)?;
        match variable.given {
            Given::Text(text) | Given::NoText(text) => Some((text, variable.place)),
            Given::Secret | Given::Elsewhere => None,
        }
    };
    let by_variables = || command::believed_by_variables(given).map(|(_, text, place)| (text, place));
    let words = container.words(&variables);
    let words: Vec<(&str, Place)> = words.iter().map(|(word, place)| (word.as_str(), *place)).collect();
    let (text, place) = command::believed(&words).or_else(by_variables)?;
    let networks = networks(text)?;
    let own = plan.policy.proxy.addresses.as_deref();
    if own.is_some_and(|own| own == networks) {
        return None;
    }
    let list: Value = networks.iter().map(ToString::to_string).collect();
    let asked = own.map(|own| and(&own.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>()));
    Some(Said {
        key: "proxy.addresses",
        value: Literal::from(&list).to_string(),
        place,
        what: format!("the server of {} believes `{text}`", workload.object.title()),
        asked: asked.map(|asked| Asked { write: format!("let it believe {asked} alone"), says: asked }),
        instead: None,
    })
}

/// The server for developers that the app's container starts.
fn for_developers(plan: &Plan<'_>, manifests: &Manifests, workload: &Workload<'_>) -> Option<Said> {
    let container = workload.app(plan.policy.app.name.as_str())?;
    let words = container.words_of_server(&container.variables(manifests, workload.object.namespace()).list);
    let words: Vec<(&str, Place)> = words.iter().map(|(word, place)| (word.as_str(), *place)).collect();
    let (started, place) = command::for_developers(&words).filter(|_| !plan.policy.app.debug)?;
    Some(Said {
        key: "app.debug",
        value: Literal::from(true).to_string(),
        place,
        what: format!("{} starts {}", workload.object.title(), started.in_words()),
        asked: None,
        instead: Some(started.instead),
    })
}
