//! Who enforces what: for every control the one layer that owns it, and what
//! the other layers do so as not to fight it.
//!
//! The plan decides and the targets obey. A control that no layer can enforce
//! is a gap, with the reasons; it is never dropped.

mod app;
mod asked;
mod caches;
mod control;
mod demand;
mod docs;
mod edge;
mod evidence;
mod facts;
mod gateway;
mod introductions;
mod known;
mod lack;
mod note;
mod pages;
mod paths;
mod platform;
mod public;
mod said;
mod site;
mod told;
mod traefik;

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::OnceLock;

use serde_json::Value;

pub use caches::TARGETED;
pub use control::Control;
pub use demand::{Access, CookieFlags, Cors, Demand, Header, Health, Limit, Paths, Tls, When};
pub use edge::{Edge, Target};
pub use evidence::Evidence;
pub use facts::Facts;
pub use gateway::GatewayKind;
pub use introductions::introductions;
pub use known::Known;
pub use lack::Lack;
pub use pages::OwnPages;
pub use paths::{covers, has_placeholder, names, overlap, weight};
pub use public::{public, wanted};
pub use site::{Allowance, Answers, Path, Place, Service, Site, Way};
pub use told::{
    After, DOCKERS, Heard, HeardKey, Part, Unbelieved, env_files, named_env_files, readers, readers_across,
};
pub use traefik::Pauses;

use crate::apps::{ClientAddress, FixedLimit};
use crate::profile::{EnforcedBy, ForwardedFor, HeaderValue};
use crate::source::KeyPath;

/// What can enforce a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The application.
    App,
    /// The rendered reverse proxy.
    Proxy,
    /// The cluster around the app.
    Cluster,
    /// The CDN or balancer in front of everything rendered.
    Balancer,
}

/// Who enforces a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This layer and no other.
    Layer(Layer),
    /// The app, by its own word: nothing is known about it.
    Delegated,
    /// Nobody.
    Gap,
}

/// What a layer does so as not to fight a control's owner.
#[derive(Clone, Debug)]
pub enum Duty {
    /// The edge drops a header that the app sends by itself, with this value.
    Drop(HeaderValue),
    /// The app's own setting stays empty or off.
    LeaveOff {
        /// What it is called.
        what: &'static str,
        /// The key of the profile that it follows otherwise.
        field: &'static str,
        /// What the app is told instead.
        off: Value,
    },
    /// The app trusts so many hops.
    TrustHops(u16),
    /// The app's server believes the edge, or does not.
    Believe {
        /// What the server is called.
        server: String,
        /// The addresses that it has to be told of; none: it is told of none, and believes others.
        addresses: Option<Vec<String>>,
    },
    /// A limit of the app's own stays behind the owner's.
    Behind(FixedLimit),
}

/// One control and who does what about it.
#[derive(Clone, Debug)]
pub struct Entry<'p> {
    /// The control.
    pub control: Control<'p>,
    /// What is asked of it.
    pub demand: Demand<'p>,
    /// The layer that the profile wants to enforce it.
    pub by: EnforcedBy,
    /// Whether the edge could, or why not.
    pub at_edge: Result<(), Lack>,
    /// Who enforces it.
    pub owner: Owner,
    /// The layers before the owner that could not, and why: all of them for a gap.
    pub passed_over: Vec<String>,
    /// What the others do.
    pub duties: Vec<Duty>,
    /// How much is known of it beside what follows from the files that are written.
    evidence: Evidence,
}

impl Entry<'_> {
    /// Why nobody enforces it, layer by layer; nothing where somebody does.
    pub fn gap(&self) -> Option<String> {
        match self.owner {
            Owner::Gap => Some(self.passed_over.join("; ")),
            Owner::Layer(_) | Owner::Delegated => None,
        }
    }

    /// The key of a cluster's gateway that is not written, and without which a control that falls to the edge is
    /// enforced by nobody there. K8S006 tells of the gaps that come of it, and no other rule.
    pub fn unnamed(&self) -> Option<&'static str> {
        match (&self.at_edge, self.by) {
            (Err(Lack::Unnamed(key)), EnforcedBy::Auto | EnforcedBy::Proxy) => Some(key),
            (Err(Lack::Unnamed(_)), EnforcedBy::App) | (Ok(()) | Err(Lack::Reason(_) | Lack::Of(..)), _) => None,
        }
    }

    /// The key of the profile that has to change where nobody enforces it: its own, or that of what the edge lacks.
    pub fn key(&self) -> KeyPath {
        match &self.at_edge {
            Err(Lack::Of(key, _)) => key.clone(),
            Ok(()) | Err(Lack::Reason(_) | Lack::Unnamed(_)) => self.control.key(),
        }
    }
}

/// Who enforces what, behind one edge.
pub struct Plan<'p> {
    /// What it was made from.
    facts: Facts<'p>,
    /// The edge that it is for.
    pub edge: Edge<'p>,
    /// Every control that the policy asks for.
    pub entries: Vec<Entry<'p>>,
    /// The keys of which the app's `.env` file says what is asked for.
    held: OnceLock<BTreeSet<String>>,
}

/// What is the same behind every edge is asked of a plan, too.
impl<'p> Deref for Plan<'p> {
    type Target = Facts<'p>;

    fn deref(&self) -> &Facts<'p> {
        &self.facts
    }
}

/// The HSTS header's name.
pub const HSTS: &str = "Strict-Transport-Security";

impl<'p> Plan<'p> {
    /// Decides who enforces what behind an edge.
    pub fn new(facts: Facts<'p>, edge: Edge<'p>) -> Self {
        let mut plan = Self { facts, edge, entries: Vec::new(), held: OnceLock::new() };
        let demands = plan.facts.demands();
        plan.entries = demands.into_iter().map(|(demand, by)| plan.decide(demand, by)).collect();
        plan
    }

    /// What it was made from, without the edge.
    pub const fn facts(&self) -> &Facts<'p> {
        &self.facts
    }

    /// What is decided about a control, if the policy asks for it.
    pub fn entry(&self, control: Control<'_>) -> Option<&Entry<'p>> {
        self.entries.iter().find(|entry| entry.control == control)
    }

    /// The controls that nobody enforces, with the reasons.
    pub fn gaps(&self) -> impl Iterator<Item = (&Entry<'p>, String)> {
        self.entries.iter().filter_map(|entry| Some((entry, entry.gap()?)))
    }

    /// What is left to the word of an app of which nothing is known, because the edge cannot do it.
    pub fn left_to_an_unknown_app(&self) -> impl Iterator<Item = &Entry<'p>> {
        let is_left = |entry: &&Entry<'_>| entry.owner == Owner::Delegated && !entry.passed_over.is_empty();
        self.entries.iter().filter(is_left).filter(|entry| entry.unnamed().is_none())
    }

    /// The layer that the edge is.
    pub const fn edge_layer(&self) -> Layer {
        match self.edge {
            Edge::Nginx(_) | Edge::Caddy(_) => Layer::Proxy,
            Edge::Kubernetes(_) => Layer::Cluster,
        }
    }

    /// How the limit of a name is got around by pauses, where the edge counts it and forgets addresses.
    pub fn pauses(&self, name: &str) -> Option<Pauses> {
        let Edge::Kubernetes(cluster) = &self.edge else { return None };
        if GatewayKind::of(cluster) != Some(GatewayKind::Traefik) {
            return None;
        }
        let counted = self.entries.iter().filter(|entry| entry.owner == Owner::Layer(Layer::Cluster));
        counted.into_iter().find_map(|entry| {
            let Demand::RateLimit(limit) = &entry.demand else { return None };
            (limit.name.as_str() == name).then(|| Pauses::of(limit))?
        })
    }

    /// The hops of X-Forwarded-For that are left for the app to trust.
    pub fn app_hops(&self) -> u16 {
        let proxy = &self.policy.proxy;
        let overwrites = match &self.edge {
            Edge::Nginx(_) | Edge::Caddy(_) => true,
            Edge::Kubernetes(cluster) => {
                GatewayKind::of(cluster).is_some_and(|kind| kind.overwrites_addresses(!proxy.trusted.is_empty()))
            }
        };
        match proxy.forwarded_for {
            ForwardedFor::Overwrite if overwrites => 1,
            ForwardedFor::Overwrite | ForwardedFor::Append => proxy.hops,
        }
    }

    /// The first layer that can, of those that may: the edge before the app, because what the edge does also covers the
    /// answers that it makes itself.
    fn decide(&self, demand: Demand<'p>, by: EnforcedBy) -> Entry<'p> {
        let at_edge = self.edge.can(&demand);
        let mut passed_over = Vec::new();
        let (mut owner, mut evidence) = (Owner::Gap, Evidence::Delegated);
        if by != EnforcedBy::App {
            match &at_edge {
                Ok(()) if matches!(demand, Demand::Tls(Tls::Upstream)) => owner = Owner::Layer(Layer::Balancer),
                Ok(()) => owner = Owner::Layer(self.edge_layer()),
                Err(lack) => passed_over.push(format!("{}: {lack}", self.edge)),
            }
        }
        if by != EnforcedBy::Proxy && owner == Owner::Gap {
            match self.app_can(&demand) {
                Ok(answer) => (owner, evidence) = answer,
                Err(reason) => passed_over.push(format!("{}: {reason}", self.app.title)),
            }
        }
        let mut duties = Vec::from_iter(self.duty(&demand, owner == Owner::Layer(self.edge_layer())));
        duties.extend(self.belief().filter(|_| matches!(demand, Demand::ClientAddress { .. })));
        Entry { control: demand.control(), demand, by, at_edge, owner, passed_over, duties, evidence }
    }

    /// What the others do about a control that is the edge's, or is not.
    fn duty(&self, demand: &Demand<'_>, is_the_edges: bool) -> Option<Duty> {
        match demand {
            // One that takes the connection's address has no hops to count.
            Demand::ClientAddress { .. } => {
                (self.app.client_address != ClientAddress::Peer).then(|| Duty::TrustHops(self.app_hops()))
            }
            Demand::Hsts(header) | Demand::Header(header) if is_the_edges => {
                self.app.sends(header.name, self.policy.mode).cloned().map(Duty::Drop)
            }
            Demand::Cors(_) if is_the_edges => {
                Some(Duty::LeaveOff { what: "CORS", field: "cors.origins", off: Value::Array(Vec::new()) })
            }
            Demand::IpFilter(_) if is_the_edges => {
                Some(Duty::LeaveOff { what: "IP filter", field: "ip_filter.enabled", off: Value::Bool(false) })
            }
            Demand::RateLimit(limit) if is_the_edges => {
                let own = self.app.limits.routes.get(limit.name).filter(|_| limit.gets_to_the_app());
                own.cloned().map(Duty::Behind)
            }
            Demand::Tls(_)
            | Demand::HttpsRedirect
            | Demand::PlainHttpRefused
            | Demand::HostNames { .. }
            | Demand::Hsts(_)
            | Demand::Header(_)
            | Demand::NoStore(_)
            | Demand::ServerVersion
            | Demand::Cors(_)
            | Demand::Cookie(_)
            | Demand::RateLimit(_)
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
            | Demand::Lockout(_)
            | Demand::Passwords(_)
            | Demand::Sessions(_)
            | Demand::Tokens(_)
            | Demand::SharedState(_) => None,
        }
    }
}
