//! What those who run a gateway have to set for the apps behind it, and what is to be known of how it does its part.

use std::borrow::Cow;

use super::{Demand, GatewayKind, Limit, Plan, Tls, traefik};
use crate::profile::{KubernetesTarget, Label};

/// Whether what is asked is the business of those who run the gateway: no manifest of the app's says it.
pub(super) fn is_the_platforms(cluster: &KubernetesTarget, demand: &Demand<'_>) -> bool {
    let kind = GatewayKind::of(cluster);
    match demand {
        Demand::Tls(_) => true,
        Demand::ClientAddress { trusted, .. } => {
            let rewrites = matches!(kind, Some(GatewayKind::EnvoyGateway | GatewayKind::NginxGatewayFabric));
            !rewrites || !trusted.is_empty()
        }
        Demand::HttpsRedirect
        | Demand::PlainHttpRefused
        | Demand::HostNames { .. }
        | Demand::Hsts(_)
        | Demand::Header(_)
        | Demand::NoStore(_)
        | Demand::ServerVersion
        | Demand::Cors(_)
        | Demand::Cookie(_)
        | Demand::RateLimit(_)
        | Demand::Lockout(_)
        | Demand::Passwords(_)
        | Demand::Sessions(_)
        | Demand::Tokens(_)
        | Demand::ApiDocs(_)
        | Demand::SetUp(_)
        | Demand::BodySize(_)
        | Demand::Upstream(_)
        | Demand::Service(_)
        | Demand::Location { .. }
        | Demand::AliasesRedirect { .. }
        | Demand::Health(_)
        | Demand::Access(_)
        | Demand::IpFilter(_)
        | Demand::SharedState(_) => false,
    }
}

/// What is to be known of how the gateway enforces what is asked, and what those who run it have to set.
pub(super) fn notes(plan: &Plan<'_>, cluster: &KubernetesTarget, demand: &Demand<'_>) -> Vec<Cow<'static, str>> {
    use GatewayKind::{EnvoyGateway, Ingress, NginxGatewayFabric, Standard, Traefik};
    let Some(kind) = GatewayKind::of(cluster) else { return Vec::new() };
    let note = |text: String| vec![Cow::Owned(text)];
    let words = |text: &'static str| vec![Cow::Borrowed(text)];
    match demand {
        Demand::Tls(Tls::Here { lowest, .. }) => {
            let place = match kind {
                Traefik => "a `TLSOption` named `default`, field `minVersion`",
                EnvoyGateway => "a `ClientTrafficPolicy`, field `tls.minVersion`",
                NginxGatewayFabric => "the Gateway's listener (nginx's own default is TLS 1.2)",
                Standard | Ingress => "its own settings",
            };
            note(format!(
                "who runs the gateway sets TLS {lowest} as the lowest version in {place}, and the certificate"
            ))
        }
        Demand::ClientAddress { trusted, .. } => {
            if kind == Traefik {
                return traefik::addresses(trusted);
            }
            let place = match kind {
                EnvoyGateway => "a `ClientTrafficPolicy`, field `clientIPDetection`",
                NginxGatewayFabric => "an `NginxProxy`, field `rewriteClientIP`",
                Traefik | Standard | Ingress => "its own settings",
            };
            if !trusted.is_empty() {
                let networks: Vec<String> = trusted.iter().map(ToString::to_string).collect();
                return note(format!(
                    "who runs the gateway sets the trusted proxies in {place}: {}",
                    networks.join(", ")
                ));
            }
            match kind {
                Standard | Ingress => {
                    words("who runs the gateway makes sure that it believes no client's X-Forwarded-For")
                }
                Traefik | EnvoyGateway | NginxGatewayFabric => Vec::new(),
            }
        }
        Demand::HostNames { served, .. } => {
            let asked = "the gateway's listeners take routes from this namespace";
            let beside = neighbours(plan, cluster).map(Cow::Owned);
            let handshake = match kind {
                EnvoyGateway | NginxGatewayFabric => "; an unknown name is refused in the handshake",
                Traefik | Standard | Ingress => "",
            };
            let more = if kind == Traefik { traefik::requests(plan, served) } else { Vec::new() };
            [Cow::Owned(format!("{asked}{handshake}"))].into_iter().chain(beside).chain(more).collect()
        }
        Demand::HttpsRedirect | Demand::AliasesRedirect { .. } if kind == Traefik => words(traefik::REDIRECTS),
        Demand::PlainHttpRefused => words("no route is on the listener for plain HTTP: the gateway answers 404 there"),
        Demand::Hsts(_) | Demand::Header(_) if kind == EnvoyGateway => {
            words("answers that Envoy itself makes to preflights are without it")
        }
        Demand::ServerVersion => {
            let own = (kind == NginxGatewayFabric).then_some("`Server: nginx` is still sent, without the version");
            let room = "a route takes out 16 headers at most: of those by which programs say what they are made with, that is \
                        the ones that are met most often, such as `X-Powered-By` and `X-AspNet-Version`, and others pass";
            own.into_iter().chain((kind != Ingress).then_some(room)).map(Cow::Borrowed).collect()
        }
        Demand::Cors(_) if kind == NginxGatewayFabric => words("every OPTIONS is answered by the gateway"),
        Demand::Cors(cors) if kind == Traefik && !cors.lets_nobody_in() => traefik::preflights(cors),
        Demand::RateLimit(limit) => counting(plan, kind, limit),
        Demand::ApiDocs(_) | Demand::SetUp(_) if kind == NginxGatewayFabric => {
            words("a request is sent on for a path that the app does not have, and the app answers 404")
        }
        Demand::BodySize(_) => match kind {
            Traefik => words(
                "bodies and answers are held back whole to be measured: paths of streams are `locations.*` with \
                 `stream = true`, and there nothing is measured",
            ),
            EnvoyGateway => words(
                "bodies are held back whole to be measured, which stops WebSockets: their paths are `locations.*` with \
                 `stream = true`, and there nothing is measured",
            ),
            NginxGatewayFabric | Standard | Ingress => Vec::new(),
        },
        Demand::Header(_)
        | Demand::Hsts(_)
        | Demand::Tls(Tls::Upstream)
        | Demand::HttpsRedirect
        | Demand::NoStore(_)
        | Demand::Cors(_)
        | Demand::Cookie(_)
        | Demand::Lockout(_)
        | Demand::Passwords(_)
        | Demand::Sessions(_)
        | Demand::Tokens(_)
        | Demand::ApiDocs(_)
        | Demand::SetUp(_)
        | Demand::Upstream(_)
        | Demand::Service(_)
        | Demand::Location { .. }
        | Demand::AliasesRedirect { .. }
        | Demand::Health(_)
        | Demand::Access(_)
        | Demand::IpFilter(_)
        | Demand::SharedState(_) => Vec::new(),
    }
}

/// Who else may connect to the app's pods: no label is known by which the gateway's pods are told from others.
fn neighbours(plan: &Plan<'_>, cluster: &KubernetesTarget) -> Option<String> {
    let gateway = cluster.gateway.as_ref()?;
    let is_known = match GatewayKind::implemented_by(gateway) {
        GatewayKind::EnvoyGateway | GatewayKind::NginxGatewayFabric => true,
        GatewayKind::Standard | GatewayKind::Traefik | GatewayKind::Ingress => false,
    };
    let own = cluster.namespace.as_ref().map_or(plan.policy.app.name.as_str(), Label::as_str);
    let namespace = gateway.proxy_namespace.as_ref().or(gateway.namespace.as_ref()).map_or(own, Label::as_str);
    (!is_known).then(|| {
        format!("every pod of the namespace `{namespace}` may connect to the app's, so that the gateway should be alone there")
    })
}

/// How a limit counts.
fn counting(plan: &Plan<'_>, kind: GatewayKind, limit: &Limit<'_>) -> Vec<Cow<'static, str>> {
    let by_itself = "each of the gateway's pods counts by itself";
    let silent = "its 429 says nothing of when to come back";
    let notes: &[&str] = match kind {
        GatewayKind::Traefik => return traefik::counting(plan, limit, by_itself),
        GatewayKind::EnvoyGateway => &[by_itself, silent, "a client of IPv6 is counted by its whole address"],
        GatewayKind::NginxGatewayFabric => &[by_itself, silent],
        GatewayKind::Standard | GatewayKind::Ingress => &[],
    };
    notes.iter().map(|note| Cow::Owned((*note).to_owned())).collect()
}
