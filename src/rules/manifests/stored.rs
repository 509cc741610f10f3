//! Secrets with what they hold, wherever in the manifests one stands: by itself, in a template of `OpenShift`'s, in what is handed
//! to another cluster.

use super::super::rule::Findings;
use super::super::secrets::pem::base64;
use super::TARGET;
use super::texts::secret_in;
use crate::manifest::{Manifests, Place};
use crate::plan::Plan;
use crate::yaml::{Entry, Node};

/// What a type of Secret has in it that nobody else may have: the type, the entries that may, and what the others are called.
const TYPES: [(&str, &[&str], &str); 6] = [
    ("kubernetes.io/tls", &["tls.crt"], "the private key of a certificate"),
    ("kubernetes.io/ssh-auth", &["known_hosts", "ssh-publickey"], "a private key of SSH"),
    ("kubernetes.io/basic-auth", &["username"], "a password"),
    ("kubernetes.io/dockerconfigjson", &[], "the sign-in to a registry of images"),
    ("kubernetes.io/dockercfg", &[], "the sign-in to a registry of images"),
    ("kubernetes.io/service-account-token", &["namespace"], "the token of an account"),
];

/// The text of an entry, where it is one that can be read.
fn text(entry: &Entry, is_encoded: bool) -> Option<String> {
    let text = entry.value.text()?.trim();
    if !is_encoded {
        return Some(text.to_owned());
    }
    base64(text).and_then(|bytes| String::from_utf8(bytes).ok())
}

/// Whether somebody else puts the value there: a template, a plugin of Argo CD, or a key that is not in the manifest (SOPS).
fn is_filled_in(text: &str) -> bool {
    const AROUND: [(&str, &str); 5] = [("${", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">"), ("ENC[", "]")];
    let text = text.trim();
    AROUND.iter().any(|(open, close)| text.starts_with(open) && text.ends_with(close) && !text.contains('\n'))
}

/// The first thing that a Secret holds and nobody else may have.
fn held<'n>(plan: &Plan<'_>, secret: &'n Node) -> Option<(&'n Entry, &'static str)> {
    let kind = secret.get("type").and_then(Node::text).unwrap_or_default();
    let known = TYPES.iter().find(|(name, ..)| *name == kind);
    let entries = |key: &'static str| {
        let entries = secret.get(key).map(Node::entries).unwrap_or_default();
        entries.iter().map(move |entry| (entry, key == "data"))
    };
    let is_held = |(entry, is_encoded): &(&Entry, bool)| {
        let key = entry.key.as_str();
        // A certificate's authority is public.
        let is_public = key == "ca.crt" || known.is_some_and(|(_, public, _)| public.contains(&key));
        let written = entry.value.text().unwrap_or_default();
        let text = text(entry, *is_encoded);
        let is_elsewhere = is_filled_in(written) || text.as_deref().is_some_and(is_filled_in);
        // A registry that lets everyone in has no password in its entry.
        let is_empty = key.starts_with(".dockerc") && text.is_some_and(|text| secret_in(plan, &text).is_none());
        !(written.trim().is_empty() || is_public || is_elsewhere || is_empty)
    };
    let mut held: Vec<(&Entry, bool)> = entries("stringData").chain(entries("data")).filter(is_held).collect();
    // Where several stand there, the one is shown that is no name of somebody.
    held.sort_by_key(|(entry, _)| matches!(entry.key.as_str(), "username" | "user" | "tls.crt"));
    held.first().map(|(entry, _)| (*entry, known.map_or("what it holds", |(.., what)| *what)))
}

/// Tells of each Secret what it holds, and notes where that stands.
pub(super) fn stored(plan: &Plan<'_>, manifests: &Manifests, told: &mut Vec<Place>, out: &mut Findings<'_>) {
    /// Those within another object.
    fn secrets<'n>(node: &'n Node, take: &mut impl FnMut(&'n Node)) {
        for inner in node.items().iter().chain(node.entries().iter().map(|entry| &entry.value)) {
            if inner.get("kind").and_then(Node::text) == Some("Secret") {
                take(inner);
            }
            secrets(inner, take);
        }
    }
    for object in &manifests.objects {
        let mut all = Vec::new();
        // An item of a `SecretList` need not say what it is.
        if object.kind == "Secret" && object.group.is_empty() {
            all.push(&object.node);
        }
        secrets(&object.node, &mut |secret| all.push(secret));
        for secret in all {
            let Some((entry, what)) = held(plan, secret) else { continue };
            let title = match secret.at(&["metadata", "name"]).and_then(Node::text) {
                Some(name) => format!("the Secret `{name}`"),
                None => "a Secret".to_owned(),
            };
            let message = format!("{title} stands in the manifests with {what}");
            told.push((object.source, entry.value.span));
            out.at_file((object.source, entry.value.span), TARGET, message).label("base64 is no encryption").help(
                "have the cluster take it from a store of secrets (an `ExternalSecret`), or seal it (a `SealedSecret`), and make a \
                 new one",
            );
        }
    }
}
