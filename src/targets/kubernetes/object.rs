//! Kubernetes' objects: the order in which they are applied, and each kind by its type.
//!
//! A kind is a variant of [`Body`]; its fields stand in a file of the kind. Only what is rendered is there, and what the API
//! server would add by itself is written out where programs that compare (Argo CD) would take it for a change.

use std::collections::BTreeMap;

use serde::Serialize;

use super::admission::{AdmissionPolicySpec, BindingSpec};
use super::certificate::CertificateSpec;
use super::deployment::DeploymentSpec;
use super::gateway_api::HttpRouteSpec;
use super::gateways::envoy::{BackendTrafficSpec, RouteFilterSpec, SecuritySpec};
use super::gateways::nginx::{ClientSettingsSpec, RateLimitSpec};
use super::gateways::traefik::MiddlewareSpec;
use super::ingress::IngressSpec;
use super::metadata::Metadata;
use super::network::NetworkPolicySpec;
use super::scale::{AutoscalerSpec, DisruptionBudgetSpec};
use super::secret::ExternalSecretSpec;
use super::service::ServiceSpec;

/// One object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    api_version: &'static str,
    kind: &'static str,
    /// What it is called.
    pub metadata: Metadata,
    #[serde(flatten)]
    body: Body,
}

/// What an object says besides its name: a variant for each kind, in the order in which they are applied.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// The app's namespace.
    Namespace {},
    /// Who may connect to pods, and where to.
    NetworkPolicy { spec: NetworkPolicySpec },
    /// Whom a pod acts for: nobody, as it gets no token.
    #[serde(rename_all = "camelCase")]
    ServiceAccount { automount_service_account_token: bool },
    /// The app's settings that anyone may see.
    ConfigMap { data: BTreeMap<String, super::yaml::Quoted> },
    /// Where the app's secrets come from.
    ExternalSecret { spec: ExternalSecretSpec },
    /// The name of pods in the cluster.
    Service { spec: ServiceSpec },
    /// The pods of a program.
    Deployment { spec: Box<DeploymentSpec> },
    /// How many pods may be away at once.
    PodDisruptionBudget { spec: DisruptionBudgetSpec },
    /// More pods under load.
    HorizontalPodAutoscaler { spec: AutoscalerSpec },
    /// The gateway's certificate.
    Certificate { spec: CertificateSpec },
    /// A step of Traefik's.
    Middleware { spec: MiddlewareSpec },
    /// A step of Envoy Gateway's.
    HttpRouteFilter { spec: RouteFilterSpec },
    /// Envoy Gateway's limits of a route.
    BackendTrafficPolicy { spec: BackendTrafficSpec },
    /// Whom Envoy Gateway lets in.
    SecurityPolicy { spec: SecuritySpec },
    /// NGINX Gateway Fabric's limits of a route.
    RateLimitPolicy { spec: RateLimitSpec },
    /// NGINX Gateway Fabric's limits of bodies.
    ClientSettingsPolicy { spec: ClientSettingsSpec },
    /// Which requests go where, and what is done to them.
    HttpRoute { spec: HttpRouteSpec },
    /// The same of a plain Ingress.
    Ingress { spec: IngressSpec },
    /// What the cluster refuses.
    ValidatingAdmissionPolicy { spec: AdmissionPolicySpec },
    /// Where it refuses that.
    ValidatingAdmissionPolicyBinding { spec: BindingSpec },
}

impl Body {
    /// The version of the API that it is of, its kind, and its place in the order.
    const fn identity(&self) -> (&'static str, &'static str, u8) {
        match self {
            Self::Namespace {} => ("v1", "Namespace", 0),
            Self::NetworkPolicy { .. } => ("networking.k8s.io/v1", "NetworkPolicy", 10),
            Self::ServiceAccount { .. } => ("v1", "ServiceAccount", 20),
            Self::ConfigMap { .. } => ("v1", "ConfigMap", 25),
            Self::ExternalSecret { .. } => ("external-secrets.io/v1", "ExternalSecret", 30),
            Self::Service { .. } => ("v1", "Service", 40),
            Self::Deployment { .. } => ("apps/v1", "Deployment", 50),
            Self::PodDisruptionBudget { .. } => ("policy/v1", "PodDisruptionBudget", 55),
            Self::HorizontalPodAutoscaler { .. } => ("autoscaling/v2", "HorizontalPodAutoscaler", 56),
            Self::Certificate { .. } => ("cert-manager.io/v1", "Certificate", 58),
            Self::Middleware { .. } => ("traefik.io/v1alpha1", "Middleware", 60),
            Self::HttpRouteFilter { .. } => ("gateway.envoyproxy.io/v1alpha1", "HTTPRouteFilter", 60),
            Self::BackendTrafficPolicy { .. } => ("gateway.envoyproxy.io/v1alpha1", "BackendTrafficPolicy", 62),
            Self::SecurityPolicy { .. } => ("gateway.envoyproxy.io/v1alpha1", "SecurityPolicy", 64),
            Self::RateLimitPolicy { .. } => ("gateway.nginx.org/v1alpha1", "RateLimitPolicy", 62),
            Self::ClientSettingsPolicy { .. } => ("gateway.nginx.org/v1alpha1", "ClientSettingsPolicy", 64),
            Self::HttpRoute { .. } => ("gateway.networking.k8s.io/v1", "HTTPRoute", 70),
            Self::Ingress { .. } => ("networking.k8s.io/v1", "Ingress", 70),
            Self::ValidatingAdmissionPolicy { .. } => {
                ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", 90)
            }
            Self::ValidatingAdmissionPolicyBinding { .. } => {
                ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", 91)
            }
        }
    }
}

impl Object {
    /// An object of a kind.
    pub const fn new(metadata: Metadata, body: Body) -> Self {
        let (api_version, kind, _) = body.identity();
        Self { api_version, kind, metadata, body }
    }

    /// Its place in the order in which objects are applied: what is needed comes before what needs it.
    pub const fn order(&self) -> u8 {
        self.body.identity().2
    }

    /// Whether it is the whole cluster's, and applied by those who run that. (The namespace is the app's.)
    pub const fn is_of_the_cluster(&self) -> bool {
        matches!(self.body, Body::ValidatingAdmissionPolicy { .. } | Body::ValidatingAdmissionPolicyBinding { .. })
    }

    /// The name of its file, by which files stand in that order; what is the whole cluster's has a folder of its own.
    pub fn file_name(&self) -> String {
        let folder = if self.is_of_the_cluster() { "cluster/" } else { "" };
        format!("{folder}{:02}-{}-{}.yaml", self.order(), self.kind.to_ascii_lowercase(), self.metadata.name)
    }
}
