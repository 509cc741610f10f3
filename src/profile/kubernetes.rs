//! `[targets.kubernetes]`: the cluster around the app, its gateway, and what the app's pods may use.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use super::bounds::Bounds;
use super::keyword::keywords;
use super::section::section;
use super::values::{ByteSize, Cidr, Cores, Image, Label, Name, UrlPath, Version};

const USER: NonZeroU32 = NonZeroU32::new(10_001).expect("10001 is not 0");

/// Linux has 32 bits for a user, and the last value means none.
const USERS: Bounds =
    Bounds::numbers(1, "0 is root, who may do too much", 4_294_967_294, "Linux has no users beyond that");

const MEMORY: Bounds = Bounds::sizes(
    ByteSize::mebibytes(16),
    "no interpreter starts in so little",
    ByteSize::mebibytes(4 << 20),
    "no machine has so much for one pod",
);

const PODS: Bounds = Bounds::numbers(
    1,
    "without an instance nobody answers",
    5_000,
    "the largest clusters that Kubernetes supports have 5,000 nodes",
);

const PERCENT: NonZeroU32 = NonZeroU32::new(70).expect("70 is not 0");

const PERCENTS: Bounds =
    Bounds::numbers(1, "no pod is that idle", 100, "a pod that uses all it asked for is late already");

section! {
    /// The cluster that the output is applied to.
    pub struct KubernetesTarget {
        /// The namespace. Where it is absent, app.name.
        namespace: Label = absent,
        /// The app's image. Where it is absent, no Deployment is rendered: somebody else's runs the app, with pods whose
        /// label `app.kubernetes.io/name` is app.name.
        image: Image = absent,
        /// The images of services, by their names. Where one is absent, somebody else's Deployment runs the service.
        images: BTreeMap<Name, Image> = default(BTreeMap::<Name, Image>::new()),
        /// The cluster's version.
        kubernetes_version: Version = absent,
        /// The gateway that serves the app.
        gateway: Gateway = absent,
        /// The Secret that holds the app's secrets, each under the name of its variable. Where it is absent, app.name with
        /// `-secrets` behind it.
        secret: Label = absent,
        /// The user that the app runs as.
        user: NonZeroU32 = default(USER) within USERS,
        /// Whether that user is nobody on the node: pods have user namespaces from Kubernetes 1.33 on.
        user_namespaces: bool = default(false),
        /// The path by which the app says that it is well. Where it is absent, health.path or what the app's pack knows;
        /// without those, a connection to its port says so.
        health: UrlPath = absent,
        /// What a pod may use.
        resources: Resources = section,
        /// Whom the pods may connect to.
        egress: Egress = section,
        /// More pods under load, from app.replicas on.
        autoscale: Autoscale = absent,
        /// Who signs the certificate of the gateway, where cert-manager asks for it.
        certificate: CertificateIssuer = absent,
        /// Where the External Secrets Operator finds the app's secrets.
        external_secrets: SecretStore = absent,
        /// The class of a plain Ingress that serves the app where no gateway does.
        ingress_class: Label = absent,
    }
}

section! {
    /// What a pod may use.
    pub struct Resources {
        /// The processor time that is set aside for a pod.
        cpu: Cores = default(Cores::milli(100)),
        /// The most processor time that a pod gets.
        max_cpu: Cores = default(Cores::milli(1000)),
        /// The memory that is set aside for a pod.
        memory: ByteSize = default(ByteSize::mebibytes(128)) within MEMORY,
        /// The most memory that a pod gets.
        max_memory: ByteSize = default(ByteSize::mebibytes(512)) within MEMORY,
    }
}

section! {
    /// Whom the pods may connect to, besides DNS: the stores that the profile names, on their ports, and by https whoever
    /// the profile names outside.
    pub struct Egress {
        /// The namespaces of the stores. Where these and the networks are absent, a store may be anywhere.
        namespaces: Vec<Label> = default(Vec::<Label>::new()),
        /// The networks of the stores.
        networks: Vec<Cidr> = default(Vec::<Cidr>::new()),
        /// Whether pods may connect to the Internet by https. Where it is absent, they may if the profile names somebody there:
        /// a provider of sign-ins, mail by an API, a bot protection, or a secret with `purpose = "api"`.
        https: bool = absent,
    }
}

section! {
    /// More pods under load.
    pub struct Autoscale {
        /// The most pods.
        max: NonZeroU32 = required within PODS,
        /// The share of the processor time that was set aside, in percent, at which there are more.
        cpu: NonZeroU32 = default(PERCENT) within PERCENTS,
    }
}

keywords! {
    /// A kind of cert-manager's issuers.
    pub enum IssuerKind ("a kind of issuer") {
        /// One of the whole cluster.
        ClusterIssuer = "ClusterIssuer",
        /// One of the gateway's namespace.
        Issuer = "Issuer",
    }
}

section! {
    /// An issuer of cert-manager's.
    pub struct CertificateIssuer {
        /// Its name.
        issuer: Label = required,
        /// Its kind.
        kind: IssuerKind = default(IssuerKind::ClusterIssuer),
        /// The Secret that the gateway's listener takes the certificate from. Where it is absent, app.name with `-tls` behind
        /// it.
        secret: Label = absent,
    }
}

keywords! {
    /// A kind of the External Secrets Operator's stores.
    pub enum StoreKind ("a kind of secret store") {
        /// One of the whole cluster.
        ClusterSecretStore = "ClusterSecretStore",
        /// One of the app's namespace.
        SecretStore = "SecretStore",
    }
}

section! {
    /// A store of the External Secrets Operator's.
    pub struct SecretStore {
        /// Its name.
        store: Label = required,
        /// Its kind.
        kind: StoreKind = default(StoreKind::ClusterSecretStore),
        /// The entry of the store whose properties are the variables. Where it is absent, app.name.
        entry: Label = absent,
    }
}

keywords! {
    /// What implements a gateway.
    pub enum Implementation ("a gateway implementation") {
        /// Any: what is rendered is the standard Gateway API, and nothing more.
        Standard = "standard",
        /// Envoy Gateway.
        EnvoyGateway = "envoy-gateway",
        /// NGINX Gateway Fabric.
        NginxGatewayFabric = "nginx-gateway-fabric",
        /// Traefik.
        Traefik = "traefik",
        /// Istio.
        Istio = "istio",
        /// Cilium.
        Cilium = "cilium",
        /// Kong.
        Kong = "kong",
        /// GKE's own.
        Gke = "gke",
        /// The retired ingress-nginx.
        IngressNginx = "ingress-nginx",
        /// Another one.
        Other = "other",
    }
}

section! {
    /// A Gateway API gateway.
    pub struct Gateway {
        /// Its name.
        name: Label = required,
        /// Its namespace. Where it is absent, the app's.
        namespace: Label = absent,
        /// What implements it.
        implementation: Implementation = absent,
        /// The version of the Gateway API.
        api_version: Version = absent,
        /// The namespace of its proxies, from which requests reach the app. Where it is absent, its own.
        proxy_namespace: Label = absent,
        /// The listener for plain HTTP. Where it is absent, `http`.
        http_listener: Label = absent,
        /// The listener for https. Where it is absent, `https`.
        https_listener: Label = absent,
    }
}
