//! Whose the gateway is, by the class that it has in manifests.

use crate::manifest::{Manifests, Place};
use crate::plan::Plan;
use crate::profile::{Implementation, Label};
use crate::yaml::Node;

/// A gateway of another implementation than the profile's.
pub(super) struct Other {
    /// Where its class is named.
    pub place: Place,
    /// That it is.
    pub message: String,
    /// Which it is.
    pub is: Implementation,
}

/// The names by which implementations take classes for theirs (`GatewayClass.spec.controllerName`), as each documents it.
const CONTROLLERS: [(&str, Implementation); 8] = [
    ("traefik.io/gateway-controller", Implementation::Traefik),
    ("gateway.envoyproxy.io/gatewayclass-controller", Implementation::EnvoyGateway),
    ("gateway.nginx.org/nginx-gateway-controller", Implementation::NginxGatewayFabric),
    ("istio.io/gateway-controller", Implementation::Istio),
    ("io.cilium/gateway-controller", Implementation::Cilium),
    ("konghq.com/kic-gateway-controller", Implementation::Kong),
    ("konghq.com/gateway-operator", Implementation::Kong),
    ("networking.gke.io/gateway", Implementation::Gke),
];

/// The profile's gateway, where its class is among the files and belongs to another implementation.
pub(super) fn other_implementation(plan: &Plan<'_>, manifests: &Manifests) -> Option<Other> {
    let gateway = plan.policy.targets.kubernetes.as_ref()?.gateway.as_ref()?;
    let said = gateway.implementation?;
    let namespace = gateway.namespace.as_ref().map(Label::as_str);
    let object = manifests.named("Gateway", gateway.name.as_str(), namespace)?;
    let named = object.node.at(&["spec", "gatewayClassName"])?;
    let class = manifests.of_kind("GatewayClass").find(|class| class.name() == named.text())?;
    let controller = class.node.at(&["spec", "controllerName"]).and_then(Node::text)?;
    // A name that is not known may be one that whoever runs an implementation gave it.
    let is = CONTROLLERS.iter().find(|(name, _)| *name == controller).map(|(_, is)| *is)?;
    // What is rendered for `standard` is for any, and `other` may be one that has a word now.
    let is_any = matches!(said, Implementation::Standard | Implementation::Other);
    let message = format!("{} is one of `{is}`, by its class, and the plan is for `{said}`", object.title());
    (is != said && !is_any).then_some(Other { place: (object.source, named.span), message, is })
}
