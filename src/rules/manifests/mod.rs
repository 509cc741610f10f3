//! Manifests that somebody wrote, edited or rendered, where `--manifest` names them: what they say beside what the profile
//! says, and the pods in them.
//!
//! What the manifests say of a key of the profile (`said`) is judged by that key's own rules: three replicas with state in
//! memory are STA001's or K8S007's, whether a profile says them or a Deployment. The rules of this area are about what no key says.

mod admin;
pub mod around;
mod charts;
pub mod controls;
pub mod elsewhere;
pub mod fit;
pub mod form;
mod gateways;
pub(super) mod images;
mod passages;
pub mod pods;
pub(super) mod retired;
pub mod routes;
mod said;
pub mod secrets;
mod stored;
mod texts;
mod weakened;
mod words;

use gateways::Other;
pub use said::{Asked, Said, said};

use super::rule::{Check, Severities, rules};
use super::secrets::uses::references;
use crate::finding::Severity::{Error, Warning};
use crate::manifest::{Given, Manifests, Object, Place, Route, Variables, Way, Workload};
use crate::plan::Plan;
use crate::profile::SecretRef;
use crate::yaml::{Kind, Node};

/// What stands in the place of a key for what is about the pods as such.
const TARGET: &str = "targets.kubernetes";

/// Leaves of what was found the first at each place: what an alias leads to is written once, and used in several places.
fn keep_first_at_each_place<T>(found: &mut Vec<T>, place: impl Fn(&T) -> Place) {
    let mut told: Vec<Place> = Vec::new();
    found.retain(|one| {
        let is_new = !told.contains(&place(one));
        told.push(place(one));
        is_new
    });
}

/// The variables of the app's container, where it is among the manifests.
fn variables<'m>(plan: &Plan<'_>, manifests: &'m Manifests) -> Option<Variables<'m>> {
    let name = plan.policy.app.name.as_str();
    let workload = manifests.app(name)?;
    Some(workload.app(name)?.variables(manifests, workload.object.namespace()))
}

/// The names of the Services that lead to the app: those that choose its pods, that of its own name, and those that are another
/// name of one of them.
fn services_of<'m>(plan: &'m Plan<'_>, manifests: &'m Manifests) -> Vec<&'m str> {
    let name = plan.policy.app.name.as_str();
    let parts = manifests.parts(name);
    let chooses = |service: &&'m Object| {
        let labels = service.node.at(&["spec", "selector"]);
        labels.is_some_and(|labels| parts.iter().any(|part| part.is_chosen_by(labels)))
    };
    let all = || manifests.of_kind("Service").filter(|service| service.group.is_empty());
    let mut services: Vec<&str> = all().filter(chooses).filter_map(Object::name).chain([name]).collect();
    let aliases = all().filter(|service| {
        let to = service.node.at(&["spec", "externalName"]).and_then(Node::text);
        to.and_then(|to| to.split_once('.'))
            .is_some_and(|(first, rest)| rest.contains(".svc") && services.contains(&first))
    });
    let aliases: Vec<&str> = aliases.filter_map(Object::name).collect();
    services.extend(aliases);
    services
}

/// The routes that lead to the app: by a Service that chooses its pods, or that has its name.
fn routes<'m>(plan: &'m Plan<'_>, manifests: &'m Manifests) -> Vec<Route<'m>> {
    let services = services_of(plan, manifests);
    let is_own = |way: &Way<'_>| way.services.iter().any(|service| services.contains(service));
    let mut routes = manifests.routes();
    routes.retain(|route| route.ways.iter().any(is_own));
    // What leads to other programs has headers and limits of its own.
    for route in &mut routes {
        route.ways.retain(|way| way.services.is_empty() || is_own(way));
    }
    routes
}

rules! {
    /// A manifest can be read, and holds objects.
    ///
    /// What cannot be read is not checked, and an object that is not seen may be the one that is wrong. Tools differ in what
    /// they make of a key that stands twice, and a template says nothing before its values are known. An alias that stands
    /// for others, which stand for others, makes a reader run out of memory.
    ///
    /// Asked only where `--manifest` names the files. The documents of a file are read one by one, and those behind a broken
    /// one are judged all the same. A variable and a setting have to be texts: Kubernetes refuses `value: true`.
    ///
    /// Write: what the message says; templates are rendered first, as by `helm template` or `kubectl kustomize`.
    K8S020 = "unreadable-manifest" {
        severity: Severities::all(Error),
        source: "YAML 1.2.2 §3.2.1.3 and §7.1; Kubernetes API: EnvVar.value and ConfigMap.data are strings",
        keys: &["targets.kubernetes"],
        fix: None,
        check: Check::Manifest(|_, manifests, out| {
            for one in &manifests.problems {
                let place = (one.source, one.problem.span);
                let draft = out.at_file(place, TARGET, one.problem.message.as_str());
                draft.label("here").help(one.problem.help.as_str());
                if let Some((span, text)) = &one.problem.also {
                    draft.also_in_file((one.source, *span), text.as_str());
                }
            }
            let mut told = Vec::new();
            let mut tell = |name: &str, place: Place| {
                if !told.contains(&place) {
                    told.push(place);
                    out.at_file(place, TARGET, format!("the value of `{name}` is no text, and Kubernetes refuses it"))
                        .label("a number, or a word for yes or no")
                        .help("put the value in double quotes");
                }
            };
            for workload in manifests.workloads() {
                for container in workload.containers() {
                    for variable in container.variables(manifests, workload.object.namespace()).list {
                        if matches!(variable.given, Given::NoText(_)) {
                            tell(&variable.name, variable.place);
                        }
                    }
                }
            }
            for object in manifests.objects.iter().filter(|object| object.group.is_empty()) {
                for key in ["data", "stringData"].iter().filter_map(|key| object.node.get(key)) {
                    let is_no_text = |node: &Node| matches!(node.kind(), Some(Kind::Bool | Kind::Number));
                    for entry in key.entries().iter().filter(|entry| is_no_text(&entry.value)) {
                        tell(&entry.key, (object.source, entry.value.span));
                    }
                }
            }
        }),
    }

    /// The manifests say what the profile says.
    ///
    /// Whoever reads the profile believes what it says of workers, replicas and the image; rules and plans rest on it. Where the
    /// cluster runs something else, they speak of another service. A difference that breaks a rule is told by that rule.
    ///
    /// Asked only where `--manifest` names the files: of the Deployment (or the like) that is the app by its name, by its
    /// label `app.kubernetes.io/name`, or because it is the only one. Where there are several, and none of them is the app, the rule
    /// says that the app's pods are not judged. Where the app's Service (or that label, where no Service
    /// is among the files) chooses the pods of other workloads, too, their pods and variables count as well. Every secret that the profile refers to has to be a
    /// variable of its container, unless a Secret that is not among the files may hold it.
    ///
    /// Write: what the profile says, in the manifest; or what the manifest says, in the profile.
    K8S021 = "manifest-differs" {
        severity: Severities::all(Warning),
        source: "what `seccfg render --target kubernetes` writes",
        keys: &["app.name", "app.replicas", "app.workers", "proxy.addresses", "targets.kubernetes.image", "targets.kubernetes.namespace", "targets.kubernetes.gateway.implementation"],
        reads: &[&["targets.kubernetes.autoscale"], super::reads::REFERENCES],
        fix: None,
        check: Check::Manifest(|plan, manifests, out| {
            let name = &plan.policy.app.name;
            let lasting: Vec<_> = manifests.workloads().filter(Workload::is_lasting).collect();
            if let Some(first) = lasting.first().filter(|_| manifests.app(name.as_str()).is_none()) {
                let names: Vec<String> = lasting.iter().filter_map(|one| Some(format!("`{}`", one.object.name()?))).collect();
                let message = format!("none of {} workloads is known to be the app, so that the app's pods are not judged", lasting.len());
                out.at_file(first.object.place(), "app.name", message)
                    .label("is it this one?")
                    .also("app.name", "none is called so")
                    .help(format!("write the name of one of them in `app.name` ({}), or give it the label `app.kubernetes.io/name: {name}`", names.join(", ")));
            }
            for one in said(plan, manifests) {
                let Some(asked) = &one.asked else { continue };
                let Asked { says, write } = asked;
                out.at_file(one.place, one.key, format!("{}, where the profile says {says}", one.what))
                    .label("not what the profile was judged by")
                    .also(one.key, "what the profile says")
                    .help(match one.value.as_str() {
                        // A profile is of a service that runs.
                        "0" => write.clone(),
                        value => format!("{write}; or write `{} = {value}` in the profile, if that is what should run", one.key),
                    });
            }
            if let Some(other) = gateways::other_implementation(plan, manifests) {
                let Other { place, message, is } = other;
                let key = "targets.kubernetes.gateway.implementation";
                let draft = out.at_file(place, key, message);
                draft.label("not what the plan was made for").also(key, "what the profile says");
                draft.help(format!(
                    "name a class of the profile's implementation, or write `{key} = \"{is}\"`, which leaves other gaps"
                ));
            }
            let Some(variables) = variables(plan, manifests).filter(|variables| !variables.may_be_more) else { return };
            let Some(workload) = manifests.app(plan.policy.app.name.as_str()) else { return };
            for reference in references(plan.policy) {
                let SecretRef::Env(name) = reference.reference else { continue };
                if variables.list.iter().all(|variable| variable.name != name.as_str()) {
                    let place = workload.app(plan.policy.app.name.as_str()).map_or(workload.object.place(), |app| app.place());
                    out.at_file(place, reference.key(), format!("the app's container is not given `{name}`"))
                        .label("no variable of this name")
                        .also(reference.key(), "refers to it")
                        .help(format!("add `{name}` with a `secretKeyRef`, or take the reference out of the profile"));
                }
            }
        }),
    }
}
