//! The gateway's certificate, where cert-manager asks an issuer for it.

use serde::Serialize;

use crate::profile::CertificateIssuer;

/// A Certificate of cert-manager's.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateSpec {
    secret_name: String,
    dns_names: Vec<String>,
    issuer_ref: Issuer,
    private_key: PrivateKey,
    usages: [&'static str; 2],
}

#[derive(Debug, Serialize)]
struct Issuer {
    group: &'static str,
    kind: &'static str,
    name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PrivateKey {
    algorithm: &'static str,
    size: u32,
    rotation_policy: &'static str,
}

impl CertificateSpec {
    /// For some names, with a new key each time.
    pub fn of(issuer: &CertificateIssuer, secret_name: String, dns_names: Vec<String>) -> Self {
        Self {
            secret_name,
            dns_names,
            issuer_ref: Issuer {
                group: "cert-manager.io",
                kind: issuer.kind.as_str(),
                name: issuer.issuer.to_string(),
            },
            private_key: PrivateKey { algorithm: "ECDSA", size: 256, rotation_policy: "Always" },
            usages: ["digital signature", "server auth"],
        }
    }
}
