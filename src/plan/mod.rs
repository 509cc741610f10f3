//! Who enforces what: for every control the one layer that owns it, and what
//! the other layers do so as not to fight it.
//!
//! The plan decides and the targets obey. A control that no layer can enforce
//! is a gap, with the reasons; it is never dropped.

mod app;
mod control;
mod edge;
mod facts;
mod note;
mod told;

pub use control::{Control, HEADERS, header_value, lowest_tls};
pub use edge::{Edge, Target};
pub use facts::Facts;

use self::app::Decision;
use crate::apps::{AppPack, ClientAddress, FixedLimit};
use crate::policy::Policy;
use crate::profile::{Backend, EnforcedBy, ForwardedFor, Route, Terminate, UrlPath};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This layer and no other.
    Layer(Layer),
    /// The app, by its own word: nothing is known about it.
    Delegated,
    /// Nobody. The reasons, layer by layer.
    Gap(String),
}

/// What a layer does so as not to fight a control's owner.
#[derive(Clone, Debug)]
pub enum Duty {
    /// The edge drops a header that the app sends by itself.
    Drop(&'static str),
    /// The app's own setting stays empty or off.
    LeaveOff(&'static str),
    /// The app trusts so many hops.
    TrustHops(u16),
    /// A limit of the app's own stays behind the owner's.
    Behind(FixedLimit),
}

/// One control and who does what about it.
#[derive(Clone, Debug)]
pub struct Entry<'p> {
    /// What is asked for.
    pub control: Control<'p>,
    /// Who enforces it.
    pub owner: Owner,
    /// The layers before the owner that could not, and why: all of them for a gap.
    pub passed_over: Vec<String>,
    /// What the others do.
    pub duties: Vec<Duty>,
}

/// Who enforces what, behind one edge.
pub struct Plan<'p> {
    /// What it was made from.
    pub policy: &'p Policy<'p>,
    /// The app that it is for.
    pub app: &'p AppPack,
    /// The edge that it is for.
    pub edge: Edge<'p>,
    /// Every control that the policy asks for.
    pub entries: Vec<Entry<'p>>,
}

/// The HSTS header's name.
pub const HSTS: &str = "Strict-Transport-Security";

impl<'p> Plan<'p> {
    /// Decides who enforces what behind an edge.
    pub fn new(policy: &'p Policy<'p>, app: &'p AppPack, edge: Edge<'p>) -> Self {
        let mut plan = Self { policy, app, edge, entries: Vec::with_capacity(24) };
        plan.transport();
        plan.answers();
        plan.requests();
        plan.accounts();
        plan
    }

    /// What it was made from, without the edge.
    pub const fn facts(&self) -> Facts<'p> {
        Facts { policy: self.policy, app: self.app }
    }

    /// What is decided about a control, if the policy asks for it.
    pub fn entry(&self, control: Control<'_>) -> Option<&Entry<'p>> {
        self.entries.iter().find(|entry| entry.control == control)
    }

    /// The controls that nobody enforces, with the reasons.
    pub fn gaps(&self) -> impl Iterator<Item = (&Entry<'p>, &str)> {
        self.entries.iter().filter_map(|entry| match &entry.owner {
            Owner::Gap(reasons) => Some((entry, reasons.as_str())),
            Owner::Layer(_) | Owner::Delegated => None,
        })
    }

    /// The key of a cluster's gateway that is not written, and without which a control that falls to the edge is
    /// enforced by nobody there. K8S006 tells of the gaps that come of it, and no other rule.
    pub fn unnamed(&self, control: Control<'_>) -> Option<&'static str> {
        let policy = self.policy;
        let by = match control {
            Control::Hsts => policy.hsts.enforced_by,
            Control::Cors => policy.cors.enforced_by,
            Control::RateLimit(_) => policy.rate_limits.enforced_by,
            _ => EnforcedBy::Auto,
        };
        self.edge.unnamed(control, policy).filter(|_| by != EnforcedBy::App)
    }

    /// The layer that the edge is.
    pub const fn edge_layer(&self) -> Layer {
        match self.edge {
            Edge::Nginx(_) | Edge::Caddy(_) => Layer::Proxy,
            Edge::Kubernetes(_) => Layer::Cluster,
        }
    }

    /// The paths that a limit covers: its own, or the app's for its name.
    pub fn route_paths(&self, name: &str, route: &'p Route) -> &'p [UrlPath] {
        self.facts().route_paths(name, route)
    }

    /// Where the API's documentation is served.
    pub fn docs_paths(&self) -> &'p [UrlPath] {
        self.facts().docs_paths()
    }

    /// The hops of X-Forwarded-For that are left for the app to trust.
    pub fn app_hops(&self) -> u16 {
        match (self.edge_layer(), self.policy.proxy.forwarded_for) {
            (Layer::Proxy, ForwardedFor::Overwrite) => 1,
            _ => self.policy.proxy.hops,
        }
    }

    fn transport(&mut self) {
        let policy = self.policy;
        let terminate = policy.terminate();
        match terminate {
            Terminate::Proxy => self.edge_owns(Control::Tls),
            Terminate::Upstream => self.push(Control::Tls, (Owner::Layer(Layer::Balancer), Vec::new()), Vec::new()),
            Terminate::Off => {}
        }
        if terminate != Terminate::Off && policy.tls.redirect_http {
            self.edge_owns(Control::HttpsRedirect);
        }
        self.edge_owns(Control::HostNames);
        let owner = self.decide(Control::ClientAddress, EnforcedBy::Proxy);
        // One that takes the connection's address has no hops to count.
        let hops = self.app.client_address != ClientAddress::Peer;
        self.push(Control::ClientAddress, owner, hops.then(|| Duty::TrustHops(self.app_hops())).into_iter().collect());
    }

    fn answers(&mut self) {
        let policy = self.policy;
        let hsts =
            self.decide(Control::Hsts, if policy.hsts.enabled { policy.hsts.enforced_by } else { EnforcedBy::Auto });
        let duties = self.dropped(&hsts, HSTS);
        self.push(Control::Hsts, hsts, duties);
        for (name, _) in HEADERS.iter().filter(|(name, _)| header_value(policy, name).is_some()) {
            let owner = self.decide(Control::Header(name), EnforcedBy::Auto);
            let duties = self.dropped(&owner, name);
            self.push(Control::Header(name), owner, duties);
        }
        if !policy.headers.no_store.is_empty() {
            self.edge_owns(Control::NoStore);
        }
        if policy.headers.hide_server {
            self.edge_owns(Control::ServerVersion);
        }
        let cors = self.decide(Control::Cors, policy.cors.enforced_by);
        let duties = if self.edge_is(&cors) { vec![Duty::LeaveOff("CORS")] } else { Vec::new() };
        self.push(Control::Cors, cors, duties);
        for name in policy.cookies.keys() {
            let owner = self.decide(Control::Cookie(name), EnforcedBy::Auto);
            self.push(Control::Cookie(name), owner, Vec::new());
        }
    }

    fn requests(&mut self) {
        let policy = self.policy;
        if policy.rate_limits.enabled {
            for name in policy.rate_limits.routes.keys() {
                let owner = self.decide(Control::RateLimit(name), policy.rate_limits.enforced_by);
                let behind = self.app.limits.routes.get(name).filter(|_| self.edge_is(&owner));
                self.push(
                    Control::RateLimit(name),
                    owner,
                    behind.map(|fixed| Duty::Behind(fixed.clone())).into_iter().collect(),
                );
            }
        }
        if !policy.api_docs.exposed {
            let owner = self.decide(Control::ApiDocs, EnforcedBy::Auto);
            self.push(Control::ApiDocs, owner, Vec::new());
        }
        if policy.is_written("app.max_body") {
            let owner = self.decide(Control::BodySize, EnforcedBy::Auto);
            self.push(Control::BodySize, owner, Vec::new());
        }
        if policy.ip_filter.enabled {
            let owner = self.decide(Control::IpFilter, EnforcedBy::Auto);
            let duties = if self.edge_is(&owner) { vec![Duty::LeaveOff("IP filter")] } else { Vec::new() };
            self.push(Control::IpFilter, owner, duties);
        }
    }

    fn accounts(&mut self) {
        let policy = self.policy;
        let asked = [
            (policy.lockout.enabled, Control::Lockout),
            (policy.is_written("passwords"), Control::Passwords),
            (policy.is_written("sessions"), Control::Sessions),
            (policy.is_written("tokens"), Control::Tokens),
        ];
        for (_, control) in asked.into_iter().filter(|(asked, _)| *asked) {
            let owner = self.decide(control, EnforcedBy::App);
            self.push(control, owner, Vec::new());
        }
        if policy.app.processes() > 1 && self.app.keeps_state {
            let owner = match policy.state.backend {
                Backend::Redis => (Owner::Layer(Layer::App), Vec::new()),
                // STA001 speaks of it; the plan must not look better than that.
                Backend::Memory => {
                    let reason = "each process keeps its own in memory".to_owned();
                    (Owner::Gap(reason.clone()), vec![reason])
                }
            };
            self.push(Control::SharedState, owner, Vec::new());
        }
    }

    fn push(&mut self, control: Control<'p>, (owner, passed_over): Decision, duties: Vec<Duty>) {
        self.entries.push(Entry { control, owner, passed_over, duties });
    }

    fn edge_owns(&mut self, control: Control<'p>) {
        let owner = self.decide(control, EnforcedBy::Proxy);
        self.push(control, owner, Vec::new());
    }

    fn edge_is(&self, (owner, _): &Decision) -> bool {
        *owner == Owner::Layer(self.edge_layer())
    }

    /// What an edge that owns a header does to the app's own.
    fn dropped(&self, owner: &Decision, header: &'static str) -> Vec<Duty> {
        let sent = self.edge_is(owner) && self.app.sends(header, self.policy.mode).is_some();
        if sent { vec![Duty::Drop(header)] } else { Vec::new() }
    }
}
