//! Secrets in manifests.

use super::super::connection::Connection;
use super::super::rule::{Check, Findings, Severities, rules};
use super::super::secrets::names::purpose;
use super::super::secrets::pem::base64;
use super::super::secrets::uses::references;
use super::TARGET;
use super::charts::secrets as secrets_of_charts;
use super::stored::stored;
use super::texts::{is_none, is_put_in, is_secret as is_secret_text, secret_in};
use super::words::secrets_in;
use crate::finding::Severity::{Error, Warning};
use crate::manifest::{Container, Given, GivenVariable, Manifests, Place, Workload};
use crate::plan::Plan;
use crate::profile::SecretRef;
use crate::source::KeyPath;
use crate::yaml::{Entry, Node};

/// Where the profile refers to a variable, if it does; or else where it would say that it is no secret.
fn key(plan: &Plan<'_>, name: &str) -> KeyPath {
    let refers = |reference: &SecretRef| matches!(reference, SecretRef::Env(variable) if variable.as_str() == name);
    let found = references(plan.policy).find(|one| refers(one.reference));
    found.map_or_else(|| "app.public_variables".into(), |one| one.key())
}

/// Whether a variable holds a secret: by the profile or the pack, by its name, or because it holds a URL with a password.
fn is_secret(plan: &Plan<'_>, variable: &GivenVariable<'_>, text: &str) -> bool {
    /// The name under which the app signs in to the mail server, which is no secret.
    const USER: &str = "email.smtp.username";
    let name = &*variable.name;
    let policy = plan.policy;
    let is_public = || policy.app.public_variables.iter().any(|public| public.as_str() == name);
    if text.trim().is_empty() || is_public() || is_none(plan, name, text) {
        return false;
    }
    if policy.refers_to(name) {
        return key(plan, name) != KeyPath::from(USER);
    }
    let password = Connection::read(text).and_then(|url| url.password()).unwrap_or_default();
    let has_password = !password.is_empty() && !is_put_in(password);
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
    /// pack, or by its name (`…_SECRET`, `…_KEY`, `…_TOKEN`, `…_PASSWORD`); so is every URL with a password in it. The URL of a
    /// database or of a Redis without a password is an address, and no secret. The words
    /// that a container is started with count as well (`--api-token=…`, `--header "Authorization: Bearer …"`, `curl -u`), and so
    /// do entries of a `ConfigMap` that no container has as a variable. Looked through are settings as JSON and YAML, files in a
    /// `ConfigMap` (such as `.netrc`, `.pgpass` and Docker's `config.json`), labels, annotations (`kubectl apply` keeps a whole
    /// object in one), the headers and commands of probes, and what is handed to charts and kustomize: files of values beside
    /// the manifests, Flux's `HelmRelease`, Argo CD's `Application`, lists of literals. What is none is named in
    /// `app.public_variables`.
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
                        // Of what it is started with, `started` tells.
                        if told.contains(&variable.place) || variable.is_by_command {
                            continue;
                        }
                        if is_secret(plan, &variable, text) {
                            told.push(variable.place);
                            tell(plan, &variable, out);
                        } else if let Some(what) = within(plan, &variable.name, text) {
                            told.push(variable.place);
                            let message = format!("{what} stands in the value of `{}`", variable.name);
                            out.at_file(variable.place, TARGET, message).label(READ).help(AS_VARIABLE);
                        }
                    }
                }
            }
            for workload in manifests.workloads() {
                for container in workload.containers() {
                    started(plan, (&workload, &container), &mut told, out);
                }
            }
            kept(plan, manifests, &told, out);
            noted(plan, manifests, out);
            stored(plan, manifests, &mut told, out);
            handed_on(plan, manifests, &told, out);
        }),
    }
}

fn tell(plan: &Plan<'_>, variable: &GivenVariable<'_>, out: &mut Findings<'_>) {
    let name = &*variable.name;
    let place = if variable.is_setting { "a `ConfigMap`" } else { "the manifest" };
    let key = key(plan, name);
    let is_written = plan.policy.is_written(&key.to_string());
    let draft = out.at_file(variable.place, key.clone(), format!("the value of `{name}` stands in {place}"));
    draft
        .label("whoever reads the manifest has it")
        .help(format!("give `{name}` a `valueFrom` with a `secretKeyRef`, and make a new secret"));
    if is_written {
        draft.also(key, "a secret, by the profile");
    }
}

/// Whoever is meant.
const READ: &str = "whoever reads the manifest has it";

/// What to do about what a `ConfigMap` holds.
const KEEP: &str = "keep it in a Secret that the cluster has from a store of secrets, and make a new one";

/// What to do about a text that holds one.
const AS_VARIABLE: &str = "give it as a variable with a `secretKeyRef`, and make a new secret";

/// What stands in a text that is no secret itself, such as settings as JSON.
fn within(plan: &Plan<'_>, name: &str, text: &str) -> Option<String> {
    let is_public = plan.policy.app.public_variables.iter().any(|public| public.as_str() == name);
    secret_in(plan, text).filter(|_| !is_public)
}

/// What a container is started and asked with.
fn started(
    plan: &Plan<'_>,
    (workload, container): (&Workload<'_>, &Container<'_>),
    told: &mut Vec<Place>,
    out: &mut Findings<'_>,
) {
    let title = format!("{} of {}", container.title(), workload.object.title());
    let own = container.texts().into_iter().enumerate().map(|(at, one)| (container.text_name(at), one));
    let beside = container.texts_beside().into_iter().map(|one| ("the command of a probe or a hook".to_owned(), one));
    for texts in [own.collect::<Vec<_>>(), beside.collect()] {
        let words: Vec<&str> = texts.iter().map(|(_, (text, _))| *text).collect();
        let of_words = secrets_in(plan, &words);
        let of_text = |(at, (_, (text, _))): (usize, &(String, (&str, Place)))| Some((at, secret_in(plan, text)?));
        let of_texts: Vec<(usize, String)> = texts.iter().enumerate().filter_map(of_text).collect();
        for (at, what) in of_words.into_iter().chain(of_texts) {
            let (name, (_, place)) = &texts[at];
            if !told.contains(place) {
                told.push(*place);
                out.at_file(*place, TARGET, format!("{what} stands in {name} of {title}"))
                    .label("whoever reads the manifest has it, and whoever lists the processes of the pod")
                    .help(AS_VARIABLE);
            }
        }
    }
    for (name, value, place) in container.headers() {
        let signs_in =
            ["Authorization", "Proxy-Authorization", "Cookie"].iter().any(|one| one.eq_ignore_ascii_case(name));
        if (signs_in || purpose(name).is_some()) && !value.is_empty() && !told.contains(&place) {
            told.push(place);
            let message = format!("the value of `{name}` stands in a question to {}", container.title());
            out.at_file(place, TARGET, message)
                .label("whoever reads the manifest has it")
                .help("ask a path that answers without signing in, such as `health.path`, and make a new secret");
        }
    }
}

/// What annotations and labels hold: `kubectl apply` keeps all of an object in one, as it was applied.
fn noted(plan: &Plan<'_>, manifests: &Manifests, out: &mut Findings<'_>) {
    fn notes(node: &Node, take: &mut impl FnMut(&'static str, &Entry)) {
        node.items().iter().for_each(|item| notes(item, take));
        for entry in node.entries() {
            match entry.key.as_str() {
                "annotations" => entry.value.entries().iter().for_each(|one| take("annotation", one)),
                "labels" => entry.value.entries().iter().for_each(|one| take("label", one)),
                _ => notes(&entry.value, take),
            }
        }
    }
    for object in &manifests.objects {
        let mut found = Vec::new();
        notes(&object.node, &mut |kind, entry| {
            let text = entry.value.text().unwrap_or_default();
            // `checksum/secret`, by which charts start pods anew.
            let name = entry.key.to_ascii_lowercase();
            if ["checksum", "sha256", "hash"].iter().any(|word| name.contains(word)) {
                return;
            }
            let what = secret_in(plan, text);
            let what = what.or_else(|| is_secret_text(plan, &entry.key, text).then(|| "a secret".to_owned()));
            found.extend(
                what.map(|what| (entry.value.span, format!("{what} stands in the {kind} `{}`", entry.key), kind)),
            );
        });
        for (span, message, kind) in found {
            out.at_file((object.source, span), TARGET, format!("{message} of {}", object.title()))
                .label("whoever may look at the object has it")
                .help(format!("take the {kind} out, keep the secret in a Secret, and make a new one"));
        }
    }
}

/// What charts and kustomize are given to make objects of.
fn handed_on(plan: &Plan<'_>, manifests: &Manifests, told: &[Place], out: &mut Findings<'_>) {
    for (place, message) in secrets_of_charts(plan, manifests) {
        if !told.contains(&place) {
            out.at_file(place, TARGET, message)
                .label(READ)
                .help("name a Secret of the cluster in its place, as `existingSecret` does in most charts, and make a new one");
        }
    }
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
            if is_public || told.contains(&place) || is_none(plan, name, text) {
                continue;
            }
            let message = match secret_in(plan, text) {
                _ if is_key || is_named => format!("the value of `{name}` stands in {}", map.title()),
                Some(what) => format!("{what} stands in `{name}` of {}", map.title()),
                None => continue,
            };
            out.at_file(place, TARGET, message).label(READ).help(KEEP);
        }
        for entry in map.node.get("binaryData").map(Node::entries).unwrap_or_default() {
            let (name, place) = (entry.key.as_str(), (map.source, entry.value.span));
            let bytes = entry.value.text().and_then(base64).filter(|bytes| !bytes.is_empty());
            let text = bytes.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok());
            let is_store = [".p12", ".pfx", ".jks", ".keystore"].iter().any(|end| name.ends_with(end));
            let is_none = text.is_some_and(|text| is_none(plan, name, text));
            let is_named = !is_none && (plan.policy.refers_to(name) || purpose(name).is_some());
            let what = match text.and_then(|text| secret_in(plan, text)) {
                Some(what) => format!("{what} stands in `{name}` of"),
                None if bytes.is_some() && is_store => format!("the private keys of `{name}` stand in"),
                None if bytes.is_some() && is_named => format!("the value of `{name}` stands in"),
                None => continue,
            };
            out.at_file(place, TARGET, format!("{what} {}", map.title())).label("base64 is no encryption").help(KEEP);
        }
    }
}
