//! What stands before an app in a cluster, and what can be demanded of it.
//!
//! The Gateway API says what every gateway can do. Limits, hidden paths and bodies are each implementation's own, in objects
//! of its own; where one has no such object, or has it and does not heed it, that is a lack. Some of a gateway's settings
//! belong to those who run it for all apps: they are told what to set.

use super::lack::{Lack, NO_USERS, ONLY_THE_APP};
use super::{Access, Answers, Cors, Demand, Limit, Service, Tls, Way};
use crate::profile::{Gateway, Implementation, KubernetesTarget, LimitKey, Location, Method, UrlPath, Version};

/// What stands before an app in a cluster, as far as manifests differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayKind {
    /// A gateway of which nothing is known but that it has the Gateway API.
    Standard,
    /// Traefik.
    Traefik,
    /// Envoy Gateway.
    EnvoyGateway,
    /// NGINX Gateway Fabric.
    NginxGatewayFabric,
    /// A plain Ingress, which has paths and host names, and nothing else.
    Ingress,
}

/// Since when CORS is a filter of the standard.
const CORS: Version = Version::new(1, 5, 0);

/// How many origins, headers and exposed headers the standard's filter takes (Gateway API 1.5, `maxItems`).
const CORS_ENTRIES: usize = 64;

/// The methods that the standard knows.
const METHODS: [&str; 10] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*"];

impl GatewayKind {
    /// What stands before the app; nothing where the profile names neither a gateway nor an Ingress.
    pub fn of(cluster: &KubernetesTarget) -> Option<Self> {
        match (&cluster.gateway, &cluster.ingress_class) {
            (Some(gateway), _) => Some(Self::implemented_by(gateway)),
            (None, Some(_)) => Some(Self::Ingress),
            (None, None) => None,
        }
    }

    /// What a gateway is, by its implementation.
    pub fn implemented_by(gateway: &Gateway) -> Self {
        match gateway.implementation {
            Some(Implementation::Traefik) => Self::Traefik,
            Some(Implementation::EnvoyGateway) => Self::EnvoyGateway,
            Some(Implementation::NginxGatewayFabric) => Self::NginxGatewayFabric,
            None
            | Some(
                Implementation::Standard
                | Implementation::Istio
                | Implementation::Cilium
                | Implementation::Kong
                | Implementation::Gke
                | Implementation::IngressNginx
                | Implementation::Other,
            ) => Self::Standard,
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Standard => "the Gateway API",
            Self::Traefik => "Traefik",
            Self::EnvoyGateway => "Envoy Gateway",
            Self::NginxGatewayFabric => "NGINX Gateway Fabric",
            Self::Ingress => "a plain Ingress",
        }
    }

    /// Whether routes can say paths by patterns. The standard leaves them to implementations.
    pub const fn has_patterns(self) -> bool {
        match self {
            Self::Traefik | Self::EnvoyGateway | Self::NginxGatewayFabric => true,
            Self::Standard | Self::Ingress => false,
        }
    }

    /// Whether a route can answer 404 by itself, without asking an app.
    pub const fn answers_by_itself(self) -> bool {
        match self {
            Self::Traefik | Self::EnvoyGateway => true,
            Self::NginxGatewayFabric | Self::Standard | Self::Ingress => false,
        }
    }

    /// Whether it tells the app the client's address alone, whatever addresses the client sent.
    pub const fn overwrites_addresses(self, behind_others: bool) -> bool {
        match self {
            Self::EnvoyGateway | Self::NginxGatewayFabric => true,
            // Behind proxies that it trusts, it appends to their chain.
            Self::Traefik => !behind_others,
            Self::Standard | Self::Ingress => false,
        }
    }
}

/// Whether the gateway of a cluster can enforce what is asked, or why not.
pub(super) fn can(cluster: &KubernetesTarget, demand: &Demand<'_>) -> Result<(), Lack> {
    let kind = GatewayKind::of(cluster);
    let named = || kind.ok_or(Lack::Unnamed("targets.kubernetes.gateway"));
    match demand {
        // Beyond this cluster, the answer is before it.
        Demand::Tls(Tls::Upstream) => Ok(()),
        Demand::Cookie(_) => no_standard("set a cookie's flags"),
        Demand::Tls(Tls::Here { .. }) | Demand::HostNames { .. } => named().map(drop),
        Demand::Service(service) => can_serve(named()?, service),
        Demand::Upstream(way) => can_reach(way),
        Demand::HttpsRedirect
        | Demand::PlainHttpRefused
        | Demand::ClientAddress { .. }
        | Demand::AliasesRedirect { .. }
        | Demand::Hsts(_)
        | Demand::Header(_)
        | Demand::ServerVersion => gateway(named()?),
        Demand::Health(_) => no_standard("answer a question whatever its host is"),
        Demand::Access(access) => can_let_in(named()?, access),
        Demand::NoStore(paths) => gateway(named()?).and_then(|()| can_compare(named()?, paths.list)),
        Demand::RateLimit(limit) => gateway(named()?).and_then(|()| can_limit(cluster, named()?, limit)),
        Demand::Cors(cors) => gateway(named()?).and_then(|()| can_cors(cluster, named()?, cors)),
        Demand::ApiDocs(paths) => can_hide(cluster, named()?).and_then(|()| paths.are_named()),
        Demand::SetUp(_) => can_hide(cluster, named()?),
        Demand::BodySize(_) => can_limit_bodies(cluster, named()?),
        Demand::Location { asked, .. } => gateway(named()?).and_then(|()| can_allow(cluster, named()?, asked)),
        Demand::IpFilter(filter) => match named()? {
            GatewayKind::EnvoyGateway => Ok(()),
            GatewayKind::Traefik if filter.deny.is_empty() => Ok(()),
            GatewayKind::Traefik => {
                Lack::of("it lets networks in and turns none away: list those that may in `ip_filter.allow`")
            }
            GatewayKind::NginxGatewayFabric => Lack::of("it has no object that filters by address"),
            GatewayKind::Standard | GatewayKind::Ingress => beyond_the_standard(cluster, "filter by address"),
        },
        Demand::Lockout(_)
        | Demand::Passwords(_)
        | Demand::Sessions(_)
        | Demand::Tokens(_)
        | Demand::SharedState(_) => Lack::of(ONLY_THE_APP),
    }
}

/// What a plain Ingress does for none.
fn gateway(kind: GatewayKind) -> Result<(), Lack> {
    if kind == GatewayKind::Ingress {
        return Lack::of("a plain Ingress has no word for it: name a gateway in `targets.kubernetes.gateway`");
    }
    Ok(())
}

fn no_standard(what: &str) -> Result<(), Lack> {
    Lack::of(&format!("the Gateway API has no standard way to {what}"))
}

/// What only an implementation's own objects do, of a gateway that has none, or of which nobody said what it is.
fn beyond_the_standard(cluster: &KubernetesTarget, what: &str) -> Result<(), Lack> {
    match &cluster.gateway {
        Some(Gateway { implementation: None, .. }) => Err(Lack::Unnamed("targets.kubernetes.gateway.implementation")),
        Some(_) | None => no_standard(what),
    }
}

/// Whether requests can be counted by address.
pub(super) fn can_count(cluster: &KubernetesTarget) -> Result<(), Lack> {
    match GatewayKind::of(cluster).ok_or(Lack::Unnamed("targets.kubernetes.gateway"))? {
        GatewayKind::Traefik | GatewayKind::EnvoyGateway | GatewayKind::NginxGatewayFabric => Ok(()),
        GatewayKind::Ingress => gateway(GatewayKind::Ingress),
        GatewayKind::Standard if cluster.gateway.as_ref().is_some_and(|gateway| gateway.implementation.is_none()) => {
            Err(Lack::Unnamed("targets.kubernetes.gateway.implementation"))
        }
        GatewayKind::Standard => {
            Lack::of("the Gateway API has no standard rate limit, and none of this implementation's own is known")
        }
    }
}

fn can_limit(cluster: &KubernetesTarget, kind: GatewayKind, limit: &Limit<'_>) -> Result<(), Lack> {
    if limit.per == LimitKey::User {
        return Lack::of(NO_USERS);
    }
    can_count(cluster)?;
    limit.paths.are_named()?;
    if !limit.exempt.is_empty() {
        return Lack::of("it counts everyone, and can leave no network out (`rate_limits.exempt`)");
    }
    let unknown = |method: &&Method| !METHODS.contains(&method.as_str());
    if let Some(method) = limit.methods.and_then(|methods| methods.iter().find(unknown)) {
        return Lack::of(&format!("an HTTPRoute does not know the method {method}"));
    }
    match (kind, limit.burst) {
        (GatewayKind::EnvoyGateway, Some(burst)) => Lack::of(&format!(
            "it lets the limit's own {} through at once, and knows no burst of {burst}",
            limit.rate.count
        )),
        (GatewayKind::EnvoyGateway, None) if limit.rate.single_period().is_none() => {
            Lack::of("it counts by the second, the minute, the hour or the day")
        }
        (GatewayKind::NginxGatewayFabric, _) if limit.rate.per_minute_or_second().is_none() => {
            Lack::of("it counts whole requests by the second or by the minute")
        }
        (
            GatewayKind::Traefik
            | GatewayKind::EnvoyGateway
            | GatewayKind::NginxGatewayFabric
            | GatewayKind::Standard
            | GatewayKind::Ingress,
            _,
        ) => Ok(()),
    }
}

fn can_cors(cluster: &KubernetesTarget, kind: GatewayKind, cors: &Cors<'_>) -> Result<(), Lack> {
    // Its own object takes any number of origins, and patterns.
    if kind == GatewayKind::Traefik || cors.lets_nobody_in() {
        return Ok(());
    }
    let version = cluster.gateway.as_ref().and_then(|gateway| gateway.api_version).unwrap_or(Version::new(0, 0, 0));
    if !version.at_least(CORS) {
        return Lack::of(&format!(
            "CORS in an HTTPRoute (`targets.kubernetes.gateway.api_version`) needs version {CORS} or later"
        ));
    }
    let too_many = |key: &'static str, count: usize| {
        Err(Lack::Of(key.into(), format!("an HTTPRoute takes {CORS_ENTRIES} of them at most, and here are {count}")))
    };
    let origins = cors.listed().count();
    if origins > CORS_ENTRIES {
        return too_many("cors.origins", origins);
    }
    if cors.headers.len() > CORS_ENTRIES {
        return too_many("cors.headers", cors.headers.len());
    }
    if cors.expose.len() > CORS_ENTRIES {
        return too_many("cors.expose_headers", cors.expose.len());
    }
    if cors.preview.is_some() {
        let lack = "an HTTPRoute's pattern of origins takes any number of labels, and not one alone";
        return Err(Lack::Of("cors.preview_suffix".into(), lack.to_owned()));
    }
    match cors.methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
        Some(method) => Err(Lack::Of("cors.methods".into(), format!("an HTTPRoute does not know the method {method}"))),
        None => Ok(()),
    }
}

fn can_hide(cluster: &KubernetesTarget, kind: GatewayKind) -> Result<(), Lack> {
    if kind.has_patterns() { Ok(()) } else { beyond_the_standard(cluster, "answer a path with 404") }
}

fn can_limit_bodies(cluster: &KubernetesTarget, kind: GatewayKind) -> Result<(), Lack> {
    if kind.has_patterns() { Ok(()) } else { beyond_the_standard(cluster, "limit a body") }
}

/// Whether some paths can be for some clients alone.
fn can_let_in(kind: GatewayKind, access: &Access<'_>) -> Result<(), Lack> {
    match kind {
        GatewayKind::Traefik if access.client_ca.is_none() => Ok(()),
        GatewayKind::Traefik => Lack::of("certificates of clients are asked for where it is run"),
        GatewayKind::EnvoyGateway => Lack::of("it answers clients of other networks with 403, and not with 404"),
        GatewayKind::NginxGatewayFabric | GatewayKind::Standard | GatewayKind::Ingress => {
            no_standard("keep paths for some networks")
        }
    }
}

/// Whether routes can say these paths.
fn can_compare(kind: GatewayKind, paths: &[UrlPath]) -> Result<(), Lack> {
    if !kind.has_patterns() && paths.iter().any(|path| path.as_str().contains('*')) {
        return Lack::of("the Gateway API has no standard way to say `*` in a path");
    }
    Ok(())
}

fn can_reach(way: &Way<'_>) -> Result<(), Lack> {
    if way.upstreams.are_encrypted() {
        return Lack::of("its pods are reached by plain HTTP: TLS between pods is a service mesh's");
    }
    Ok(())
}

fn can_serve(kind: GatewayKind, service: &Service<'_>) -> Result<(), Lack> {
    match &service.answers {
        Answers::Program(way) => can_reach(way).and_then(|()| can_compare(kind, service.paths.list)),
        Answers::Files { .. } => no_standard("serve files"),
        Answers::Nothing => Ok(()),
    }
}

/// Whether a gateway gives some paths what a location asks for.
fn can_allow(cluster: &KubernetesTarget, kind: GatewayKind, asked: &Location) -> Result<(), Lack> {
    let Location { paths, timeout, max_body, stream, idle_timeout } = asked;
    if max_body.is_some() {
        can_limit_bodies(cluster, kind)?;
    }
    can_compare(kind, paths)?;
    if idle_timeout.is_some() {
        return Lack::of("the Gateway API has no standard way to end a silent stream");
    }
    match kind {
        GatewayKind::EnvoyGateway if timeout.is_some() && *stream == Some(true) => {
            Lack::of("its time limit is for whole answers, and would end a stream: write one of the two")
        }
        GatewayKind::Traefik if timeout.is_some() => {
            Lack::of("Traefik takes the time limits of a route, and does not heed them")
        }
        GatewayKind::NginxGatewayFabric if timeout.is_some() => {
            Lack::of("NGINX Gateway Fabric has no time limits of a route")
        }
        GatewayKind::NginxGatewayFabric if *stream == Some(true) => {
            Lack::of("what is rendered for NGINX Gateway Fabric holds answers back until there is more of them")
        }
        GatewayKind::Standard if timeout.is_some() => no_standard("wait so long for an answer to begin, and no longer"),
        GatewayKind::Traefik
        | GatewayKind::EnvoyGateway
        | GatewayKind::NginxGatewayFabric
        | GatewayKind::Standard
        | GatewayKind::Ingress => Ok(()),
    }
}
