//! Secrets are referred to, and never written: by the name of a Secret, and by where an operator finds its values.

use serde::Serialize;

use crate::profile::SecretStore;

/// A value in a Secret.
#[derive(Debug, Serialize)]
pub struct SecretKeyRef {
    /// The Secret's name.
    pub name: String,
    /// The value's key there.
    pub key: String,
}

/// An `ExternalSecret` of the External Secrets Operator's.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalSecretSpec {
    refresh_interval: &'static str,
    secret_store_ref: StoreRef,
    target: Target,
    data: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct StoreRef {
    kind: &'static str,
    name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    name: String,
    creation_policy: &'static str,
    deletion_policy: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    secret_key: String,
    remote_ref: Remote,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Remote {
    key: String,
    property: String,
    conversion_strategy: &'static str,
    decoding_strategy: &'static str,
    metadata_policy: &'static str,
}

impl ExternalSecretSpec {
    /// A Secret with some variables, each a property of one entry of a store. It stays where the store is gone: a running
    /// app keeps its keys.
    pub fn of<'v>(store: &SecretStore, app: &str, secret: &str, variables: impl Iterator<Item = &'v str>) -> Self {
        let entry = store.entry.as_ref().map_or(app, |entry| entry.as_str());
        let of = |variable: &str| Entry {
            secret_key: variable.to_owned(),
            remote_ref: Remote {
                key: entry.to_owned(),
                property: variable.to_owned(),
                conversion_strategy: "Default",
                decoding_strategy: "None",
                metadata_policy: "None",
            },
        };
        Self {
            refresh_interval: "1h0m0s",
            secret_store_ref: StoreRef { kind: store.kind.as_str(), name: store.store.to_string() },
            target: Target { name: secret.to_owned(), creation_policy: "Owner", deletion_policy: "Retain" },
            data: variables.map(of).collect(),
        }
    }
}
