//! What an app is to be told of a key, where the plan has a say in it; and what its `.env` file really tells it.

use serde_json::{Value, json};

use super::{Duty, Edge, Facts, Plan};
use crate::apps::{PackVariable, Server};
use crate::policy::Variable;
use crate::profile::{Backend, Field, Upstream, VariableName, same};

/// The key of the addresses that the app's server has to believe.
const ADDRESSES: &str = "proxy.addresses";

/// What an app takes for one of its variables.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'p> {
    /// The text.
    pub text: &'p str,
    /// Where it stands; nothing where the variable is not set, and the app takes the default of its code.
    pub variable: Option<Variable<'p>>,
}

impl<'p> Facts<'p> {
    /// What the app takes for a variable, by its `.env` file. Nothing without a file, where readers of the file see different
    /// values, or where the variable is not set and the pack knows no default.
    pub fn heard(&self, name: &VariableName, row: &'p PackVariable) -> Option<Heard<'p>> {
        let environment = self.policy.environment()?;
        let is_it = |one: &Variable<'_>| self.app.is_same(one.name, name.as_str());
        match environment.variables().filter(is_it).last() {
            Some(variable) if environment.is_ambiguous(variable) => None,
            Some(variable) => Some(Heard { text: variable.value.expose(), variable: Some(variable) }),
            None => Some(Heard { text: row.default.as_deref()?, variable: None }),
        }
    }
}

impl Plan<'_> {
    /// What the app is told instead of what the policy says: its own setting stays empty or off where the edge does the
    /// work. Behind a socket, where there is no address, its server is told to believe whoever has the socket.
    pub fn left_off(&self, field: &Field) -> Option<Value> {
        let is_for_a_socket = field.as_str() == ADDRESSES && self.has_socket() && self.app.server.is_some();
        self.off(field.as_str()).cloned().or_else(|| is_for_a_socket.then(|| json!(["*"])))
    }

    fn has_socket(&self) -> bool {
        matches!(self.policy.app.upstream, Upstream::Unix(_)) && !matches!(self.edge, Edge::Kubernetes(_))
    }

    /// The app's server, where it would not believe the edge: that comes from another machine, and the server is told of no
    /// such address.
    pub fn doubting_server(&self) -> Option<&Server> {
        let server = self.app.server.as_ref()?;
        let is_believed = match (&self.edge, &self.policy.app.upstream) {
            // The gateway's pods are no part of the app's.
            (Edge::Kubernetes(_), _) => false,
            (Edge::Nginx(_) | Edge::Caddy(_), Upstream::Tcp { host, .. }) => host.is_loopback(),
            (Edge::Nginx(_) | Edge::Caddy(_), Upstream::Unix(_)) => self.app.variables.may_hold(ADDRESSES),
        };
        let is_told = self.policy.proxy.addresses.is_some() && self.app.variables.may_hold(ADDRESSES);
        Some(server).filter(|_| !is_believed && !is_told)
    }

    /// What the app's server has to believe, where that is not this machine.
    pub(super) fn belief(&self) -> Option<Duty> {
        let server = self.app.server.as_ref()?;
        let named = self.policy.proxy.addresses.as_ref().map(|all| all.iter().map(ToString::to_string).collect());
        let addresses = if self.has_socket() { Some(vec!["*".to_owned()]) } else { named };
        let is_doubted = self.doubting_server().is_some();
        (is_doubted || addresses.is_some())
            .then(|| Duty::Believe { server: server.name.clone(), addresses: addresses.filter(|_| !is_doubted) })
    }

    /// Whether a key says nothing, because what it is about is off.
    pub fn is_idle(&self, field: &Field) -> bool {
        let policy = self.policy;
        match field.as_str().split_once('.') {
            Some(("cors", "origins") | (_, "enabled")) => false,
            Some(("cors", _)) => policy.cors.origins.is_empty() || self.off("cors.origins").is_some(),
            Some(("email", _)) => !policy.email.enabled,
            Some(("lockout", _)) => !policy.lockout.enabled,
            Some(("state", "url")) => policy.state.backend == Backend::Memory,
            _ => false,
        }
    }

    /// Whether the app's `.env` file says of a key what the profile says, or what the plan would have it say.
    pub fn is_held(&self, key: &str) -> bool {
        let facts = self.facts();
        let public = self.app.variables.all().iter().filter_map(|(name, row)| Some((name, row, row.public()?)));
        let mut rows = public.filter(|(_, _, (field, _))| field.as_str() == key);
        rows.any(|(name, row, (field, code))| {
            let meant = facts.heard(name, row).and_then(|heard| code.decode(heard.text).ok()).unwrap_or_default();
            let off = self.off(key);
            let agrees = |value| {
                field.of(self.policy.to_json()).is_some_and(|said| same(value, said))
                    || off.is_some_and(|off| same(value, off))
            };
            meant.iter().any(agrees)
        })
    }

    fn off(&self, key: &str) -> Option<&Value> {
        self.entries.iter().flat_map(|entry| &entry.duties).find_map(|duty| match duty {
            Duty::LeaveOff { field, off, .. } => (*field == key).then_some(off),
            Duty::Drop(_) | Duty::TrustHops(_) | Duty::Believe { .. } | Duty::Behind(_) => None,
        })
    }
}
