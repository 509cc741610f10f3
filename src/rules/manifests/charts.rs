//! Settings of charts and of kustomize: objects that are made into others, and files of values beside them.

use super::super::secrets::names::purpose;
use super::texts::{is_secret, secret_in, signs_in};
use crate::manifest::{Manifests, Object, Place, Workload};
use crate::plan::Plan;
use crate::yaml::{self, Node, Value};

/// The objects that hand values to a chart, and where: Flux, Argo CD, and the controller of k3s.
const CARRIERS: [(&str, &[&[&str]]); 5] = [
    ("HelmRelease", &[&["spec", "values"]]),
    // Beside values, a source says where it is, by a URL that may hold a password.
    ("Application", &[&["spec", "source"], &["spec", "sources"]]),
    ("ApplicationSet", &[&["spec", "template", "spec", "source"], &["spec", "template", "spec", "sources"]]),
    ("HelmChart", &[&["spec", "valuesContent"], &["spec", "set"]]),
    ("HelmChartConfig", &[&["spec", "valuesContent"]]),
];

/// How deep values may stand in texts of values.
const DEEPEST: usize = 3;

/// What stands in values and in kustomize's lists: a message for each, and its place.
pub(super) fn secrets(plan: &Plan<'_>, manifests: &Manifests) -> Vec<(Place, String)> {
    let mut found = Vec::new();
    for object in &manifests.objects {
        let title = object.title();
        let carrier = CARRIERS.iter().find(|(kind, _)| *kind == object.kind);
        for node in carrier.into_iter().flat_map(|(_, ways)| *ways).filter_map(|way| object.node.at(way)) {
            values(plan, "", node, DEEPEST, &mut |node, what| {
                found.push(((object.source, node.span), format!("{what} stands in the values of {title}")));
            });
        }
        let mut tell = |node: &Node, what: String| {
            found.push(((object.source, node.span), format!("{what} stands in {title}")));
        };
        if object.kind == "Kustomization" {
            for patches in ["patches", "patchesStrategicMerge"].iter().filter_map(|key| object.node.get(key)) {
                values(plan, "", patches, DEEPEST, &mut tell);
            }
            generated(plan, &object.node, object.source, &mut found);
        } else if is_foreign(object) {
            object.node.get("spec").into_iter().for_each(|spec| values(plan, "", spec, DEEPEST, &mut tell));
        }
    }
    for (source, node) in &manifests.others {
        generated(plan, node, *source, &mut found);
        values(plan, "", node, DEEPEST, &mut |node, what| {
            found.push(((*source, node.span), format!("{what} stands in the values of a chart")));
        });
    }
    found
}

/// Whether it is an object that others define, and that neither runs pods nor speaks of secrets by their names.
fn is_foreign(object: &Object) -> bool {
    let is_own = !object.group.contains('.') || object.group.ends_with(".k8s.io");
    let is_handed_on = CARRIERS.iter().any(|(kind, _)| *kind == object.kind);
    !is_own && !is_handed_on && !object.kind.contains("Secret") && Workload::of(object).is_none()
}

/// What kustomize makes Secrets and `ConfigMap`s of.
fn generated(plan: &Plan<'_>, node: &Node, source: usize, found: &mut Vec<(Place, String)>) {
    for (key, is_secrets) in [("secretGenerator", true), ("configMapGenerator", false)] {
        let lists = node.get(key).map(Node::items).unwrap_or_default();
        for literal in lists.iter().filter_map(|one| one.get("literals")).flat_map(Node::items) {
            let Some((name, value)) = literal.text().and_then(|text| text.split_once('=')) else { continue };
            let is_told =
                is_secrets && !value.is_empty() || is_secret(plan, name, value) || secret_in(plan, value).is_some();
            if is_told {
                found.push((
                    (source, literal.span),
                    format!("the value of `{name}` stands in the `{key}` of kustomize"),
                ));
            }
        }
    }
}

/// Looks through a tree of values.
fn values<'n>(plan: &Plan<'_>, name: &str, node: &'n Node, deepest: usize, tell: &mut dyn FnMut(&'n Node, String)) {
    match &node.value {
        Value::Scalar(scalar) => {
            let text = scalar.text.as_str();
            let what = if let Some(what) = signs_in(&format!("{name}: {text}")) {
                Some(what)
            } else if is_secret(plan, name, text) && !is_reference(name, text) {
                Some(format!("the value of `{name}`"))
            } else if let Some(deepest) = deepest.checked_sub(1).filter(|_| text.contains('\n')) {
                // Values of a chart as a text.
                let read = yaml::read(text);
                let mut inner = None;
                for document in read.documents.iter().filter(|document| document.text().is_none()) {
                    values(plan, "", document, deepest, &mut |_, what| inner = inner.take().or(Some(what)));
                }
                inner.or_else(|| secret_in(plan, text))
            } else {
                secret_in(plan, text)
            };
            if let Some(what) = what {
                tell(node, what);
            }
        }
        Value::List(items) => items.iter().for_each(|item| values(plan, name, item, deepest, tell)),
        Value::Map(entries) => {
            let text = |key: &str| node.get(key).and_then(Node::text);
            // `- {name: auth.password, value: …}`
            let own = text("name").and_then(|name| name.rsplit('.').next());
            for entry in entries {
                let key = if entry.key == "value" { own.unwrap_or("value") } else { entry.key.as_str() };
                values(plan, key, &entry.value, deepest, tell);
            }
        }
    }
}

/// Whether a value names a secret, or a key in one: `existingSecret: shop-secrets`, `passwordKey: postgres-password`.
fn is_reference(name: &str, text: &str) -> bool {
    let plain = name.to_ascii_lowercase();
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    let is_words = text.bytes().all(|byte| byte.is_ascii_lowercase() || b"-.".contains(&byte));
    let names_one = ["key", "keys", "secret", "secrets"].iter().any(|end| plain.ends_with(end));
    // `accessToken: AccessToken`, as the name of a cookie: what issues tokens writes no words.
    let is_letters = text.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-._".contains(&byte));
    let names_a_token = is_letters && ["token", "tokens"].iter().any(|end| plain.ends_with(end));
    // `apiToken: shop-token`
    let is_of_words = is_words && text.contains('-') && purpose(text).is_some();
    plain.contains("existing")
        || names_a_token
        || is_of_words
        || (names_one && is_name && (is_words || purpose(text).is_some()))
}
