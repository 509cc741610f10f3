//! A plain Ingress, where no gateway serves the app: host names and paths, and no annotation of any controller.

use serde::Serialize;

/// An Ingress.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IngressSpec {
    pub ingress_class_name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tls: Vec<IngressTls>,
    pub rules: Vec<IngressRule>,
}

/// A certificate for some names.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IngressTls {
    pub hosts: Vec<String>,
    pub secret_name: String,
}

/// A host and its paths.
#[derive(Debug, Serialize)]
pub struct IngressRule {
    host: String,
    http: IngressPaths,
}

#[derive(Clone, Debug, Serialize)]
struct IngressPaths {
    paths: Vec<IngressPath>,
}

/// A path and whose it is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IngressPath {
    path: String,
    path_type: &'static str,
    backend: IngressBackend,
}

#[derive(Clone, Debug, Serialize)]
struct IngressBackend {
    service: IngressService,
}

#[derive(Clone, Debug, Serialize)]
struct IngressService {
    name: String,
    port: IngressPort,
}

#[derive(Clone, Debug, Serialize)]
struct IngressPort {
    number: u16,
}

impl IngressRule {
    /// A host with some paths.
    pub fn of(host: String, paths: Vec<IngressPath>) -> Self {
        Self { host, http: IngressPaths { paths } }
    }
}

impl IngressPath {
    /// A path with all below it, and the Service that answers there.
    pub fn under(path: String, service: &str, number: u16) -> Self {
        let service = IngressService { name: service.to_owned(), port: IngressPort { number } };
        Self { path, path_type: "Prefix", backend: IngressBackend { service } }
    }
}
