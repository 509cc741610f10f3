//! What stands between the network and the app, and what it can enforce.

use std::borrow::Cow;
use std::fmt;

use super::lack::{Lack, NO_USERS, ONLY_THE_APP};
use super::{Access, Answers, Demand, GatewayKind, Limit, Paths, Service, Tls, Way, gateway};
use crate::policy::Policy;
use crate::profile::keyword::keywords;
use crate::profile::{CaddyTarget, Group, KubernetesTarget, LimitKey, NginxTarget, Plugin, Upstream, Version};

keywords! {
    /// An edge that can be planned for.
    pub enum Target ("a target") {
        /// nginx's configuration.
        Nginx = "nginx",
        /// Caddy's configuration.
        Caddy = "caddy",
        /// Kubernetes manifests.
        Kubernetes = "kubernetes",
    }
}

impl Target {
    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "Caddy",
            Self::Kubernetes => "Kubernetes",
        }
    }
}

/// What stands between the network and the app: a plan is made for one.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one for each target, and it is never moved")]
pub enum Edge<'p> {
    /// nginx as the reverse proxy.
    Nginx(Cow<'p, NginxTarget>),
    /// Caddy as the reverse proxy.
    Caddy(Cow<'p, CaddyTarget>),
    /// A gateway of a Kubernetes cluster.
    Kubernetes(Cow<'p, KubernetesTarget>),
}

impl<'p> Edge<'p> {
    /// The edges that a policy declares; nginx where it declares none.
    pub fn declared(policy: &'p Policy<'_>) -> Vec<Self> {
        let targets = &policy.targets;
        let mut declared = Vec::new();
        declared.extend(targets.nginx.as_ref().map(|_| Target::Nginx));
        declared.extend(targets.caddy.as_ref().map(|_| Target::Caddy));
        declared.extend(targets.kubernetes.as_ref().map(|_| Target::Kubernetes));
        if declared.is_empty() {
            declared.push(Target::Nginx);
        }
        declared.into_iter().map(|target| Self::of(policy, target)).collect()
    }

    /// Those that are asked for and not declared, while another is: what the profile says of that one does not count.
    pub fn undeclared(policy: &'p Policy<'_>, targets: &[Target]) -> Vec<Self> {
        let targets_of = &policy.targets;
        let declared = |target: &Target| match target {
            Target::Nginx => targets_of.nginx.is_some(),
            Target::Caddy => targets_of.caddy.is_some(),
            Target::Kubernetes => targets_of.kubernetes.is_some(),
        };
        if !Target::ALL.iter().any(declared) {
            return Vec::new();
        }
        targets.iter().filter(|target| !declared(target)).map(|target| Self::of(policy, *target)).collect()
    }

    /// The edges that are asked for, declared or not; none: those declared.
    pub fn asked(policy: &'p Policy<'_>, targets: &[Target]) -> Vec<Self> {
        if targets.is_empty() {
            return Self::declared(policy);
        }
        let mut targets = targets.to_vec();
        targets.sort_unstable();
        targets.dedup();
        targets.into_iter().map(|target| Self::of(policy, target)).collect()
    }

    /// The edge of one kind: as declared, or with its defaults.
    pub fn of(policy: &'p Policy<'_>, target: Target) -> Self {
        let targets = &policy.targets;
        match target {
            Target::Nginx => {
                Self::Nginx(targets.nginx.as_ref().map_or_else(|| Cow::Owned(NginxTarget::assumed()), Cow::Borrowed))
            }
            Target::Caddy => {
                Self::Caddy(targets.caddy.as_ref().map_or_else(|| Cow::Owned(CaddyTarget::assumed()), Cow::Borrowed))
            }
            Target::Kubernetes => Self::Kubernetes(
                targets.kubernetes.as_ref().map_or_else(|| Cow::Owned(KubernetesTarget::assumed()), Cow::Borrowed),
            ),
        }
    }

    /// The kind of output that it is.
    pub const fn target(&self) -> Target {
        match self {
            Self::Nginx(_) => Target::Nginx,
            Self::Caddy(_) => Target::Caddy,
            Self::Kubernetes(_) => Target::Kubernetes,
        }
    }

    /// Whether it drops the `X-XSS-Protection` of an app, whatever the policy says.
    pub fn drops_xss_protection(&self) -> bool {
        match self {
            Self::Nginx(_) | Self::Caddy(_) => true,
            // Of a gateway of which nothing is known, nobody can say.
            Self::Kubernetes(cluster) => GatewayKind::of(cluster).is_some_and(GatewayKind::has_patterns),
        }
    }

    /// Whether it can enforce what is asked, or why not.
    pub fn can(&self, demand: &Demand<'_>) -> Result<(), Lack> {
        if let Self::Kubernetes(cluster) = self {
            return gateway::can(cluster, demand);
        }
        match demand {
            Demand::Lockout(_)
            | Demand::Passwords(_)
            | Demand::Sessions(_)
            | Demand::Tokens(_)
            | Demand::SharedState(_) => Lack::of(ONLY_THE_APP),
            Demand::RateLimit(Limit { per: LimitKey::User, .. }) => Lack::of(NO_USERS),
            Demand::RateLimit(limit) => {
                self.can_count().and_then(|()| limit.paths.are_named()).and_then(|()| self.can_burst(limit))
            }
            Demand::Cookie(cookie) if cookie.by_scripts => Lack::of("no answer that passes it sets the cookie"),
            Demand::Cookie(cookie) if cookie.partitioned => Lack::of("it cannot add Partitioned to a cookie"),
            Demand::Cookie(_) => match self {
                Self::Nginx(nginx) => since(nginx.version, Version::new(1, 19, 3), "setting a cookie's flags"),
                Self::Caddy(_) | Self::Kubernetes(_) => Ok(()),
            },
            Demand::Tls(Tls::Here { groups, .. }) => match self {
                Self::Caddy(caddy) => caddy_groups(caddy, groups.unwrap_or_default()),
                Self::Nginx(_) | Self::Kubernetes(_) => Ok(()),
            },
            Demand::HostNames { in_handshake, .. } => match self {
                // Where no handshake is made here, any version refuses by the Host header.
                Self::Nginx(nginx) if *in_handshake => {
                    since(nginx.version, Version::new(1, 19, 4), "refusing an unknown name in a TLS handshake")
                }
                Self::Caddy(caddy) => since(caddy.version, Version::new(2, 6, 0), "what is written for Caddy"),
                Self::Nginx(_) | Self::Kubernetes(_) => Ok(()),
            },
            Demand::ClientAddress { trusted, .. } => match self {
                Self::Caddy(caddy) if !trusted.is_empty() => {
                    let what = "believing the trusted proxies and no one before them";
                    since(caddy.version, Version::new(2, 8, 0), what)
                }
                Self::Nginx(_) | Self::Caddy(_) | Self::Kubernetes(_) => Ok(()),
            },
            Demand::Access(access) => self.can_let_in(access),
            Demand::ApiDocs(paths) => paths.are_named(),
            Demand::Upstream(way) | Demand::Service(Service { answers: Answers::Program(way), .. }) => {
                self.can_reach(way)
            }
            // Where TLS ends before the edge, the answer is there.
            Demand::Tls(Tls::Upstream)
            | Demand::Service(Service { answers: Answers::Files { .. } | Answers::Nothing, .. })
            | Demand::Cors(_)
            | Demand::SetUp(_)
            | Demand::BodySize(_)
            | Demand::Location { .. }
            | Demand::Health(_)
            | Demand::AliasesRedirect { .. }
            | Demand::IpFilter(_)
            | Demand::HttpsRedirect
            | Demand::PlainHttpRefused
            | Demand::Hsts(_)
            | Demand::Header(_)
            | Demand::NoStore(_)
            | Demand::ServerVersion => Ok(()),
        }
    }

    /// Whether it can count requests by address.
    pub fn can_count(&self) -> Result<(), Lack> {
        match self {
            Self::Nginx(nginx) => since(nginx.version, Version::new(1, 17, 6), "saying when to come back"),
            Self::Caddy(caddy) if caddy.plugins.iter().any(|plugin| plugin.as_str() == Plugin::RATE_LIMIT) => Ok(()),
            Self::Caddy(_) => Lack::of(
                "stock Caddy has no rate limits: build it with the `rate_limit` plugin and name that in `targets.caddy.plugins`",
            ),
            Self::Kubernetes(cluster) => gateway::can_count(cluster),
        }
    }

    /// Whether it gets to a program in the way that is asked for.
    fn can_reach(&self, way: &Way<'_>) -> Result<(), Lack> {
        let Self::Nginx(nginx) = self else { return Ok(()) };
        let lacks = |what: &str| Err(Lack::Of(way.key.clone().key("upstream"), what.to_owned()));
        if way.names().len() > 1 {
            return lacks("it verifies one name for all copies of a program: give them one name, with a port each");
        }
        let is_address = |upstream: &Upstream| upstream.host().is_some_and(|host| host.name().is_none());
        if way.upstreams.iter().any(|upstream| upstream.is_encrypted() && is_address(upstream)) {
            return lacks("it verifies a certificate by a name, and here an address stands");
        }
        if way.follows && way.upstreams.len() > 1 {
            return since(nginx.version, NginxTarget::FOLLOWS_SEVERAL, "following the names of several copies");
        }
        Ok(())
    }

    /// Whether another number of requests may come at once than the limit says.
    fn can_burst(&self, limit: &Limit<'_>) -> Result<(), Lack> {
        match (self, limit.burst) {
            (Self::Nginx(_), _) | (Self::Caddy(_) | Self::Kubernetes(_), None) => Ok(()),
            (Self::Caddy(_) | Self::Kubernetes(_), Some(burst)) => Lack::of(&format!(
                "it lets the limit's own {} through at once, and knows no burst of {burst}",
                limit.rate.count
            )),
        }
    }

    /// Whether it knows those whom an entry lets in.
    fn can_let_in(&self, access: &Access<'_>) -> Result<(), Lack> {
        match (self, access.client_ca) {
            (_, Some(_)) if !access.sees_certificates => {
                Lack::of("TLS does not end at it, and no client shows it a certificate")
            }
            (Self::Caddy(caddy), Some(_)) => {
                since(caddy.version, CaddyTarget::TRUST_POOLS, "knowing clients by their certificates")
            }
            (_, None) | (Self::Nginx(_) | Self::Kubernetes(_), Some(_)) => Ok(()),
        }
    }
}

impl Paths<'_> {
    pub(super) fn are_named(&self) -> Result<(), Lack> {
        if self.list.is_empty() { Lack::of("no path is named for it") } else { Ok(()) }
    }
}

fn since(version: Version, needed: Version, what: &str) -> Result<(), Lack> {
    if version.at_least(needed) { Ok(()) } else { Lack::of(&format!("{what} needs version {needed} or later")) }
}

fn caddy_groups(caddy: &CaddyTarget, groups: &[Group]) -> Result<(), Lack> {
    let lack = if groups.contains(&Group::X448) {
        "no Caddy has the key exchange group X448".to_owned()
    } else if groups.contains(&Group::X25519MlKem768) && !caddy.version.at_least(CaddyTarget::ML_KEM) {
        format!("the key exchange group X25519MLKEM768 needs version {} or later", CaddyTarget::ML_KEM)
    } else {
        return Ok(());
    };
    Err(Lack::Of("tls.groups".into(), lack))
}

impl fmt::Display for Edge<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nginx(target) => write!(out, "nginx {}", target.version),
            Self::Caddy(target) => write!(out, "Caddy {}", target.version),
            Self::Kubernetes(_) => out.write_str("Kubernetes"),
        }
    }
}
