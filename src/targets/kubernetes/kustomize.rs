//! What kustomize has to know: the objects, and which of their fields are names of others, so that a prefix or a suffix
//! reaches these, too.

use serde::Serialize;

use super::object::Object;
use super::yaml;

/// kustomize reads it under this name, and `kubectl apply` takes it for no object.
const KUSTOMIZATION: &str = "Kustomization";

/// Where the fields that are names stand.
const REFERENCES: &str = "kustomize/name-references.yaml";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kustomization {
    api_version: &'static str,
    kind: &'static str,
    resources: Vec<String>,
    configurations: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct References {
    name_reference: Vec<Reference>,
}

/// A kind, and where others name objects of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    kind: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    group: &'static str,
    field_specs: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    path: &'static str,
    group: &'static str,
    kind: &'static str,
}

const GATEWAY: &str = "gateway.networking.k8s.io";
const TRAEFIK: &str = "traefik.io";
const ENVOY: &str = "gateway.envoyproxy.io";
const NGINX: &str = "gateway.nginx.org";

/// kustomize knows the fields of Kubernetes' own objects. These are the others', whether they are rendered here or not.
fn references() -> References {
    let of_routes = |path| Field { path, group: GATEWAY, kind: "HTTPRoute" };
    let extension =
        |group, kind| Reference { kind, group, field_specs: vec![of_routes("spec/rules/filters/extensionRef/name")] };
    let routes = vec![
        Field { path: "spec/targetRefs/name", group: ENVOY, kind: "BackendTrafficPolicy" },
        Field { path: "spec/targetRefs/name", group: ENVOY, kind: "SecurityPolicy" },
        Field { path: "spec/targetRefs/name", group: NGINX, kind: "RateLimitPolicy" },
        Field { path: "spec/targetRef/name", group: NGINX, kind: "ClientSettingsPolicy" },
    ];
    References {
        name_reference: vec![
            Reference { kind: "Service", group: "", field_specs: vec![of_routes("spec/rules/backendRefs/name")] },
            extension(TRAEFIK, "Middleware"),
            extension(ENVOY, "HTTPRouteFilter"),
            Reference { kind: "HTTPRoute", group: GATEWAY, field_specs: routes },
        ],
    }
}

/// The files that kustomize reads, by their names.
pub fn files(objects: &[Object]) -> [(&'static str, Result<String, serde_yaml::ser_error::Error>); 2] {
    let kustomization = Kustomization {
        api_version: "kustomize.config.k8s.io/v1beta1",
        kind: "Kustomization",
        resources: objects.iter().filter(|object| !object.is_of_the_cluster()).map(Object::file_name).collect(),
        configurations: [REFERENCES],
    };
    [(KUSTOMIZATION, yaml::document(&kustomization)), (REFERENCES, yaml::document(&references()))]
}
