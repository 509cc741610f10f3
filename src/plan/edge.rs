use std::borrow::Cow;
use std::fmt;

use super::{Control, Plan};
use crate::policy::Policy;
use crate::profile::keyword::keywords;
use crate::profile::{
    CaddyTarget, Gateway, Group, Implementation, KubernetesTarget, LimitKey, Name, NginxTarget, Plugin, Terminate,
    Version,
};

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

/// What stands between the network and the app: a plan is made for one.
#[derive(Clone, Debug)]
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

    /// The key of a cluster's gateway that has to be written before it can enforce a control, where that is all that
    /// is known to be missing.
    pub fn unnamed(&self, control: Control<'_>, policy: &Policy<'_>) -> Option<&'static str> {
        let Self::Kubernetes(target) = self else { return None };
        match (control, &target.gateway) {
            // The app's business, or beyond any gateway.
            (
                Control::Lockout
                | Control::Passwords
                | Control::Sessions
                | Control::Tokens
                | Control::SharedState
                | Control::Cookie(_)
                | Control::ApiDocs
                | Control::BodySize
                | Control::IpFilter,
                _,
            ) => None,
            (Control::RateLimit(route), _) if by_user(policy, route) => None,
            (_, None) => Some("targets.kubernetes.gateway"),
            (Control::RateLimit(_), Some(Gateway { implementation: None, .. })) => {
                Some("targets.kubernetes.gateway.implementation")
            }
            (
                Control::Tls
                | Control::HttpsRedirect
                | Control::HostNames
                | Control::ClientAddress
                | Control::Hsts
                | Control::Header(_)
                | Control::NoStore
                | Control::ServerVersion
                | Control::Cors
                | Control::RateLimit(_),
                Some(_),
            ) => None,
        }
    }

    /// Whether it drops the `X-XSS-Protection` of an app, whatever the policy says. To gateways, taking a header out of
    /// an answer is an extension that they need not have.
    pub const fn drops_xss_protection(&self) -> bool {
        match self {
            Self::Nginx(_) | Self::Caddy(_) => true,
            Self::Kubernetes(_) => false,
        }
    }

    /// Whether it can enforce a control as the policy asks, or why not.
    pub fn can(&self, control: Control<'_>, policy: &Policy<'_>) -> Result<(), String> {
        let not = |reason: &str| Err(reason.to_owned());
        match control {
            Control::Lockout | Control::Passwords | Control::Sessions | Control::Tokens | Control::SharedState => {
                not("only the app knows accounts and sessions")
            }
            Control::RateLimit(route) if by_user(policy, route) => {
                not("a proxy does not know users: an address is all it can count by")
            }
            Control::Cookie(name) if policy.cookies.get(name).is_some_and(|cookie| cookie.partitioned) => {
                not("it cannot add Partitioned to a cookie")
            }
            control => match self {
                Self::Nginx(target) => nginx(target, control, policy),
                Self::Caddy(target) => caddy(target, control, policy),
                Self::Kubernetes(target) => match self.unnamed(control, policy) {
                    Some(key) => Err(format!("nothing is named in `{key}`")),
                    None => kubernetes(target, control),
                },
            },
        }
    }
}

impl Plan<'_> {
    /// Whether the edge can enforce a control as the policy asks, or why not.
    pub fn edge_can(&self, control: Control<'_>) -> Result<(), String> {
        // What it could not do with a path either is said first.
        self.edge.can(control, self.policy)?;
        if self.is_nowhere(control) { Err("no path is named for it".to_owned()) } else { Ok(()) }
    }

    /// Whether a control that holds at some paths is asked for at none.
    fn is_nowhere(&self, control: Control<'_>) -> bool {
        match control {
            Control::ApiDocs => self.docs_paths().is_empty(),
            Control::RateLimit(name) => {
                let route = self.policy.rate_limits.routes.get(name);
                route.is_some_and(|route| self.route_paths(name.as_str(), route).is_empty())
            }
            Control::Tls
            | Control::HttpsRedirect
            | Control::HostNames
            | Control::ClientAddress
            | Control::Hsts
            | Control::Header(_)
            | Control::NoStore
            | Control::ServerVersion
            | Control::Cors
            | Control::Cookie(_)
            | Control::Lockout
            | Control::Passwords
            | Control::Sessions
            | Control::Tokens
            | Control::BodySize
            | Control::IpFilter
            | Control::SharedState => false,
        }
    }
}

fn by_user(policy: &Policy<'_>, route: &Name) -> bool {
    policy.rate_limits.routes.get(route).is_some_and(|route| route.per == LimitKey::User)
}

fn since(version: Version, needed: Version, what: &str) -> Result<(), String> {
    if version.at_least(needed) { Ok(()) } else { Err(format!("{what} needs version {needed} or later")) }
}

fn nginx(target: &NginxTarget, control: Control<'_>, policy: &Policy<'_>) -> Result<(), String> {
    match control {
        // Where no handshake is made here, any version refuses by the Host header.
        Control::HostNames if policy.terminate() == Terminate::Proxy => {
            since(target.version, Version::new(1, 19, 4), "refusing an unknown name in a TLS handshake")
        }
        Control::Cookie(_) => since(target.version, Version::new(1, 19, 3), "setting a cookie's flags"),
        Control::RateLimit(_) => since(target.version, Version::new(1, 17, 6), "saying when to come back"),
        _ => Ok(()),
    }
}

fn caddy(target: &CaddyTarget, control: Control<'_>, policy: &Policy<'_>) -> Result<(), String> {
    match control {
        Control::HostNames => since(target.version, Version::new(2, 6, 0), "what is written for Caddy"),
        Control::RateLimit(_) if !target.plugins.iter().any(|plugin| plugin.as_str() == Plugin::RATE_LIMIT) => {
            Err("stock Caddy has no rate limits: build it with the `rate_limit` plugin and name that in `targets.caddy.plugins`".to_owned())
        }
        Control::Tls => match policy.tls.groups.as_deref().unwrap_or_default() {
            groups if groups.contains(&Group::X448) => Err("no Caddy has the key exchange group X448".to_owned()),
            groups if groups.contains(&Group::X25519MlKem768) => {
                since(target.version, CaddyTarget::ML_KEM, "the key exchange group X25519MLKEM768")
            }
            _ => Ok(()),
        },
        Control::ClientAddress if !policy.proxy.trusted.is_empty() => {
            since(target.version, Version::new(2, 8, 0), "believing the trusted proxies and no one before them")
        }
        _ => Ok(()),
    }
}

fn kubernetes(target: &KubernetesTarget, control: Control<'_>) -> Result<(), String> {
    let gateway = target.gateway.as_ref();
    let none = |what: &str| Err(format!("the Gateway API has no standard way to {what}"));
    match control {
        Control::Cors => {
            let version = gateway.and_then(|gateway| gateway.api_version).unwrap_or(Version::new(0, 0, 0));
            since(version, Version::new(1, 5, 0), "CORS in an HTTPRoute (`targets.kubernetes.gateway.api_version`)")
        }
        Control::RateLimit(_) => match gateway.and_then(|gateway| gateway.implementation) {
            Some(Implementation::EnvoyGateway | Implementation::NginxGatewayFabric | Implementation::Traefik) => Ok(()),
            _ => {
                Err("the Gateway API has no standard rate limit, and none of this implementation's own is known"
                    .to_owned())
            }
        },
        Control::Cookie(_) => none("set a cookie's flags"),
        Control::ApiDocs => none("answer a path with 404"),
        Control::BodySize => none("limit a body"),
        Control::IpFilter => none("filter by address"),
        _ => Ok(()),
    }
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
