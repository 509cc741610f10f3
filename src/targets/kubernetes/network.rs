//! Network policies: nobody connects to a pod, and no pod anywhere, but as is said here.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::Serialize;

use super::metadata::{Labels, Selector};
use crate::plan::{GatewayKind, Plan};
use crate::profile::{Backend, Carrier, Engine, Gateway, KubernetesTarget, Label, SecretPurpose, SignIn};

/// A `NetworkPolicy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkPolicySpec {
    pod_selector: Selector,
    policy_types: [&'static str; 2],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ingress: Vec<From>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    egress: Vec<To>,
}

#[derive(Debug, Serialize)]
struct From {
    from: Vec<Peer>,
    ports: Vec<Port>,
}

#[derive(Debug, Serialize)]
struct To {
    /// None: anywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    to: Vec<Peer>,
    ports: Vec<Port>,
}

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Peer {
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_block: Option<IpBlock>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace_selector: Option<Selector>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pod_selector: Option<Selector>,
}

#[derive(Clone, Debug, Serialize)]
struct IpBlock {
    cidr: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    except: Vec<String>,
}

#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq)]
struct Port {
    port: u16,
    protocol: &'static str,
}

/// The networks that are no part of the Internet, and those in which clouds tell machines their secrets.
const INSIDE_V4: [&str; 5] = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];
const INSIDE_V6: [&str; 2] = ["fc00::/7", "fe80::/10"];

const fn tcp(port: u16) -> Port {
    Port { port, protocol: "TCP" }
}

fn namespace(name: &str) -> Selector {
    Selector::of(Labels::from([("kubernetes.io/metadata.name", name.to_owned())]))
}

impl Peer {
    fn namespace(name: &str) -> Self {
        Self { namespace_selector: Some(namespace(name)), ..Self::default() }
    }

    fn network(cidr: String, except: &[&str]) -> Self {
        let except = except.iter().map(ToString::to_string).collect();
        Self { ip_block: Some(IpBlock { cidr, except }), ..Self::default() }
    }
}

impl NetworkPolicySpec {
    /// Lets nobody in and nothing out.
    pub const fn deny(pods: Selector) -> Self {
        Self { pod_selector: pods, policy_types: ["Ingress", "Egress"], ingress: Vec::new(), egress: Vec::new() }
    }

    /// Lets in who has to reach the pods of a program, and out what these have to reach.
    pub fn allow(plan: &Plan<'_>, target: &KubernetesTarget, (program, port): (&str, u16), all: &[String]) -> Self {
        let mut ingress = Vec::new();
        let own = plan.policy.app.name.as_str();
        let own = target.namespace.as_ref().map_or(own, Label::as_str);
        let gateway = target.gateway.as_ref();
        let proxies = gateway.and_then(|gateway| gateway.proxy_namespace.as_ref().or(gateway.namespace.as_ref()));
        // An Ingress says nothing of where its controller is.
        let from = match (gateway, proxies) {
            (Some(gateway), proxies) => {
                let proxies = proxies.map_or(own, Label::as_str);
                Some(Peer { pod_selector: data_plane(gateway), ..Peer::namespace(proxies) })
            }
            (None, _) => target
                .ingress_class
                .as_ref()
                .map(|_| Peer { namespace_selector: Some(Selector::default()), ..Peer::default() }),
        };
        ingress.extend(from.map(|from| From { from: vec![from], ports: vec![tcp(port)] }));
        let others: Vec<String> = all.iter().filter(|other| *other != program).cloned().collect();
        let mut egress = vec![dns()];
        if !others.is_empty() {
            let others = Peer { pod_selector: Some(Selector::pods_of(others)), ..Peer::default() };
            ingress.push(From { from: vec![others.clone()], ports: vec![tcp(port)] });
        }
        egress.extend(stores(plan, target));
        egress.extend(mail(plan));
        egress.extend(internet(plan, target));
        let pods = Selector::of(super::metadata::pods_of(program));
        Self { ingress, egress, ..Self::deny(pods) }
    }
}

/// How the pods that hand requests on are told from others of their namespace, where an implementation makes these pods by
/// itself and always gives them the same labels; the plan says of the others that every pod there is let in.
///
/// Envoy Gateway 1.9: `internal/infrastructure/kubernetes/proxy` (the same where several Gateways share their pods). NGINX Gateway
/// Fabric 2: `internal/controller/provisioner/objects.go`.
fn data_plane(gateway: &Gateway) -> Option<Selector> {
    let text = str::to_owned;
    let labels = match GatewayKind::implemented_by(gateway) {
        GatewayKind::EnvoyGateway => Labels::from([
            ("app.kubernetes.io/component", text("proxy")),
            ("app.kubernetes.io/managed-by", text("envoy-gateway")),
        ]),
        GatewayKind::NginxGatewayFabric => {
            Labels::from([("gateway.networking.k8s.io/gateway-name", text(gateway.name.as_str()))])
        }
        GatewayKind::Standard | GatewayKind::Traefik | GatewayKind::Ingress => return None,
    };
    Some(Selector::of(labels))
}

fn dns() -> To {
    let servers = Labels::from([("k8s-app", "kube-dns".to_owned())]);
    let peer = Peer { pod_selector: Some(Selector::of(servers)), ..Peer::namespace("kube-system") };
    To { to: vec![peer], ports: vec![Port { port: 53, protocol: "UDP" }, tcp(53)] }
}

/// The stores that the profile names, on the ports that they have by default.
fn stores(plan: &Plan<'_>, target: &KubernetesTarget) -> Option<To> {
    let policy = plan.policy;
    let database = match policy.database.engine {
        Some(Engine::Postgresql) => Some(5432),
        Some(Engine::Mysql) => Some(3306),
        Some(Engine::Mongodb) => Some(27017),
        // A file is in the pod, and Firestore is reached by https.
        Some(Engine::Sqlite | Engine::Firestore) | None => None,
    };
    let state = match policy.state.backend {
        Backend::Redis => Some(6379),
        Backend::Memory | Backend::Database | Backend::None => None,
    };
    let ports: Vec<Port> = database.into_iter().chain(state).map(tcp).collect();
    let namespaces = target.egress.namespaces.iter().map(|name| Peer::namespace(name.as_str()));
    let networks = target.egress.networks.iter().map(|network| Peer::network(network.to_string(), &[]));
    (!ports.is_empty()).then(|| To { to: namespaces.chain(networks).collect(), ports })
}

/// The server that sends the app's mail.
fn mail(plan: &Plan<'_>) -> Option<To> {
    let email = &plan.policy.email;
    let port = match email.carrier.filter(|_| email.enabled)? {
        Carrier::Smtp => email.smtp.as_ref().map_or(587, |smtp| smtp.port),
        Carrier::Gmail => 587,
        Carrier::Brevo | Carrier::Api | Carrier::File => return None,
    };
    Some(To { to: Vec::new(), ports: vec![tcp(port)] })
}

/// Whoever is outside and asked by https: the providers that the profile names, also by a key for their API or by saying that
/// people sign in there.
fn internet(plan: &Plan<'_>, target: &KubernetesTarget) -> Option<To> {
    let policy = plan.policy;
    let by_api = policy.email.enabled && matches!(policy.email.carrier, Some(Carrier::Brevo | Carrier::Api));
    let firestore = policy.database.engine == Some(Engine::Firestore);
    let has_key = policy.secrets.values().any(|secret| secret.purpose == SecretPurpose::Api);
    let signs_in_there = policy.app.sign_in.iter().flatten().any(|way| matches!(way, SignIn::Oauth | SignIn::External));
    let is_asked = !policy.oauth.is_empty() || policy.bot_protection.is_some() || has_key || signs_in_there;
    let names_one = by_api || firestore || is_asked;
    let v4 = Peer::network(format!("{}/0", Ipv4Addr::UNSPECIFIED), &INSIDE_V4);
    let v6 = Peer::network(format!("{}/0", Ipv6Addr::UNSPECIFIED), &INSIDE_V6);
    target.egress.https.unwrap_or(names_one).then(|| To { to: vec![v4, v6], ports: vec![tcp(443)] })
}
