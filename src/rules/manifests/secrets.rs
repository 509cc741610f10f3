//! Secrets in manifests.

use super::super::connection::Connection;
use super::super::rule::{Check, Findings, Severities, rules};
use super::super::secrets::names::purpose;
use super::super::secrets::uses::references;
use super::TARGET;
use crate::finding::Severity::{Error, Warning};
use crate::manifest::{Given, GivenVariable, Manifests, Place};
use crate::plan::Plan;
use crate::profile::SecretRef;
use crate::source::KeyPath;
use crate::yaml::Node;

/// Where the profile refers to a variable, if it does; or else where it would say that it is no secret.
fn key(plan: &Plan<'_>, name: &str) -> KeyPath {
    let refers = |reference: &SecretRef| matches!(reference, SecretRef::Env(variable) if variable.as_str() == name);
    let found = references(plan.policy).find(|one| refers(one.reference));
    found.map_or_else(|| "app.public_variables".into(), |one| one.key())
}

/// Whether a variable holds a secret: by the profile or the pack, by its name, or because it holds a URL with a password.
fn is_secret(plan: &Plan<'_>, variable: &GivenVariable<'_>, text: &str) -> bool {
    let name = variable.name;
    let policy = plan.policy;
    if text.trim().is_empty() || policy.app.public_variables.iter().any(|public| public.as_str() == name) {
        return false;
    }
    if policy.refers_to(name) {
        return true;
    }
    let has_password =
        Connection::read(text).and_then(|url| url.password()).is_some_and(|password| !password.is_empty());
    let by_name = match plan.app.variable(name) {
        Some((_, row)) => row.is_secret(),
        // The name of a file is none.
        None => purpose(name).is_some() && !text.starts_with('/'),
    };
    has_password || by_name
}

rules! {
    /// No secret stands in a manifest.
    ///
    /// Manifests are committed, reviewed, templated and printed by every tool of a pipeline. A value in the `env` of a container
    /// or in a `ConfigMap` is also shown to whoever may look at a Deployment, and stays in the history of its roll-outs. A
    /// Secret in a manifest is no better: base64 is no encryption.
    ///
    /// Asked only where `--manifest` names the files. A variable is a secret by the profile, which refers to it, by the app's
    /// pack, or by its name (`…_SECRET`, `…_KEY`, `…_TOKEN`, `…_PASSWORD`); so is every URL with a password in it. The words
    /// that a container is started with count as well (`--api-token=…`), and so do entries of a `ConfigMap` that no container
    /// has as a variable. What is none is named in `app.public_variables`.
    ///
    /// Write: `valueFrom` with a `secretKeyRef`; and let the cluster have the Secret from a store of secrets, as by
    /// the External Secrets Operator, or sealed. What stood in a manifest is known: make a new one.
    K8S022 = "secret-in-manifest" {
        severity: Severities::live(Error).and_local(Warning),
        source: "Kubernetes documentation, Good practices for Secrets; OWASP Kubernetes Top Ten, K08; kube-linter, env-var-secret",
        keys: &["secrets.*.source", "secrets.*.previous", "state.url", "database.url", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key", "app.public_variables"],
        reads: &[super::super::reads::REFERENCES],
        fix: None,
        check: Check::Manifest(|plan, manifests, out| {
            let mut told = Vec::new();
            for workload in manifests.workloads() {
                for container in workload.containers() {
                    for variable in container.variables(manifests, workload.object.namespace()).list {
                        let (Given::Text(text) | Given::NoText(text)) = variable.given else { continue };
                        // Two containers may read one ConfigMap.
                        if is_secret(plan, &variable, text) && !told.contains(&variable.place) {
                            told.push(variable.place);
                            tell(plan, &variable, out);
                        }
                    }
                }
            }
            for workload in manifests.workloads() {
                for (word, place) in workload.containers().flat_map(|container| container.words()) {
                    if let Some(name) = argument(plan, word).filter(|_| !told.contains(&place)) {
                        told.push(place);
                        tell_of_argument(name, place, out);
                    }
                }
            }
            kept(plan, manifests, &told, out);
            stored(manifests, out);
        }),
    }
}

fn tell(plan: &Plan<'_>, variable: &GivenVariable<'_>, out: &mut Findings<'_>) {
    let name = variable.name;
    let place = if variable.is_setting { "a `ConfigMap`" } else { "the manifest" };
    let key = key(plan, name);
    let is_written = plan.policy.is_written(&key.to_string());
    let draft = out.at_manifest(variable.place, key.clone(), format!("the value of `{name}` stands in {place}"));
    draft
        .label("whoever reads the manifest has it")
        .help(format!("give `{name}` a `valueFrom` with a `secretKeyRef`, and make a new secret"));
    if is_written {
        draft.also(key, "a secret, by the profile");
    }
}

/// What a word of a command says that is a secret: `SECRET_KEY=…`, `--api-token=…`, or a URL with a password in it.
fn argument<'w>(plan: &Plan<'_>, word: &'w str) -> Option<&'w str> {
    let (name, value) = word.split_once('=').unwrap_or(("", word));
    let is_url = || Connection::read(value).and_then(|url| url.password()).is_some_and(|password| !password.is_empty());
    // What a shell or the cluster puts there is no text of the manifest.
    let is_text = !value.is_empty() && !value.starts_with(['$', '/']);
    let is_secret =
        || plan.policy.refers_to(name) || purpose(&name.trim_start_matches('-').replace('-', "_")).is_some();
    (is_text && (is_url() || (!name.is_empty() && is_secret()))).then_some(name)
}

fn tell_of_argument(name: &str, place: Place, out: &mut Findings<'_>) {
    let what = if name.is_empty() { "a URL with its password".to_owned() } else { format!("the value of `{name}`") };
    out.at_manifest(place, TARGET, format!("{what} stands in the words that a container is started with"))
        .label("whoever reads the manifest has it, and whoever lists the processes of the pod")
        .help("give it as a variable with a `secretKeyRef`, and make a new secret");
}

/// What `ConfigMap`s hold that no container has as a variable, such as files that are mounted.
fn kept(plan: &Plan<'_>, manifests: &Manifests, told: &[Place], out: &mut Findings<'_>) {
    for map in manifests.of_kind("ConfigMap").filter(|map| map.group.is_empty()) {
        for entry in map.node.get("data").map(Node::entries).unwrap_or_default() {
            let (name, place) = (entry.key.as_str(), (map.source, entry.value.span));
            let Some(text) = entry.value.text().filter(|text| !text.trim().is_empty()) else { continue };
            let is_public = plan.policy.app.public_variables.iter().any(|public| public.as_str() == name);
            let is_key = text.trim_start().starts_with("-----BEGIN ") && text.contains("PRIVATE KEY-----");
            let is_named = plan.policy.refers_to(name) || (purpose(name).is_some() && !text.starts_with('/'));
            if (is_key || is_named) && !is_public && !told.contains(&place) {
                out.at_manifest(place, TARGET, format!("the value of `{name}` stands in {}", map.title()))
                    .label("whoever reads the manifest has it")
                    .help("keep it in a Secret that the cluster has from a store of secrets, and make a new one");
            }
        }
    }
}

/// Secrets with what they hold.
fn stored(manifests: &Manifests, out: &mut Findings<'_>) {
    for secret in manifests.of_kind("Secret").filter(|secret| secret.group.is_empty()) {
        // A token is filled in by the cluster, a certificate's authority is public.
        let holds = |key: &str| {
            let entries = secret.node.get(key).map(Node::entries).unwrap_or_default();
            entries
                .iter()
                .find(|entry| entry.key != "ca.crt" && entry.value.text().is_some_and(|text| !text.is_empty()))
        };
        if let Some(entry) = holds("stringData").or_else(|| holds("data")) {
            let message = format!("{} stands in the manifests with what it holds", secret.title());
            out.at_manifest((secret.source, entry.value.span), TARGET, message).label("base64 is no encryption").help(
                "have the cluster take it from a store of secrets (an `ExternalSecret`), or seal it (a `SealedSecret`)",
            );
        }
    }
}
