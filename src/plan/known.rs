//! How it is known that the app and its proxies do what the profile says at some keys, behind all of a profile's edges.
//!
//! For example, `tokens.access_ttl` with FastCMS is *rendered*, because its `.env` file says it, and *held* where the file
//! that is there says the same.

use std::cell::OnceCell;

use super::{Entry, Evidence, Plan, Target};
use crate::apps::UnknownVariables;
use crate::source::KeyPath;

/// What the app alone does, and no control asks for. `app.kind` stands for what a pack would know of the app.
const OF_THE_APP: [&str; 7] =
    ["app.debug", "app.kind", "database.pool_overflow", "database.pool_size", "email", "oauth", "state.backend"];

/// What is known of every control, behind every edge.
pub struct Known<'p> {
    controls: Vec<Said<'p>>,
}

/// What is known of one control behind one edge.
struct Said<'p> {
    plan: &'p Plan<'p>,
    entry: &'p Entry<'p>,
    evidence: OnceCell<Option<Evidence>>,
    /// The keys that ask for it, or what stands around them.
    scopes: Vec<KeyPath>,
}

impl Said<'_> {
    /// How it is known that the control is enforced: found out when somebody asks.
    fn evidence(&self) -> Option<Evidence> {
        *self.evidence.get_or_init(|| self.plan.evidence(self.entry))
    }
}

impl<'p> Known<'p> {
    /// What the plans of one policy say.
    pub fn new(plans: &'p [Plan<'p>]) -> Self {
        let said = |plan: &'p Plan<'p>, entry: &'p Entry<'p>| Said {
            plan,
            entry,
            evidence: OnceCell::new(),
            scopes: entry.control.scopes().collect(),
        };
        let of = |plan: &'p Plan<'p>| plan.entries.iter().map(move |entry| said(plan, entry));
        Self { controls: plans.iter().flat_map(of).collect() }
    }

    /// The weakest of what is known, over every control that the keys ask for and every edge; where they ask for no
    /// control, what is known of the variables by which the app is told. Nothing where neither is there.
    pub fn of(&self, keys: &[KeyPath]) -> Option<Evidence> {
        let controls = self.asked(keys).filter_map(Said::evidence);
        controls.min().or_else(|| self.of_variables(keys))
    }

    /// That an app does what is written at one of these keys is its word, where nobody knows how it is told anything. Nothing
    /// where the app is known, and where none of the keys is for the app to obey.
    pub fn by_its_word(&self, keys: &[KeyPath]) -> Option<Evidence> {
        let app = self.controls.first()?.plan.app;
        let is_its = |key: &KeyPath| OF_THE_APP.iter().any(|own| key.is_within(&(*own).into()));
        (app.unknown_variables == UnknownVariables::Unknown && keys.iter().any(is_its)).then_some(Evidence::Delegated)
    }

    /// The same of what is found at a key behind some edges, or behind all where none is named: a control that nobody
    /// enforces is known to be just that.
    pub fn of_finding(&self, key: &KeyPath, targets: &[Target]) -> Option<Evidence> {
        let key = [key.without_index()];
        let is_behind = |plan: &Plan<'_>| targets.is_empty() || targets.contains(&plan.edge.target());
        let controls = self.asked(&key).filter(|said| is_behind(said.plan));
        let controls = controls.map(|said| said.evidence().unwrap_or_else(|| said.entry.known_as_gap()));
        controls.min().or_else(|| self.of_variables(&key))
    }

    fn of_variables(&self, keys: &[KeyPath]) -> Option<Evidence> {
        let variables = &self.controls.first()?.plan.app.variables;
        let is_told = !keys.is_empty() && keys.iter().all(|key| variables.tell(&key.to_string()));
        is_told.then(|| if self.is_held(keys) { Evidence::Held } else { Evidence::Rendered })
    }

    /// Whether the app's `.env` file says the same of each key.
    fn is_held(&self, keys: &[KeyPath]) -> bool {
        let plan = self.controls.first().map(|said| said.plan);
        let plan = plan.filter(|plan| plan.policy.environment().is_some());
        plan.is_some_and(|plan| keys.iter().all(|key| plan.is_held(&key.to_string())))
    }

    /// Why nobody enforces a control that the keys ask for, where that is so behind an edge.
    pub fn gap(&self, keys: &[KeyPath]) -> Option<String> {
        self.asked(keys).find_map(|Said { plan, entry, .. }| {
            Some(format!("nobody enforces `{}` behind {}: {}", entry.control, plan.edge, entry.gap()?))
        })
    }

    /// The controls that some keys ask for.
    fn asked(&self, keys: &[KeyPath]) -> impl Iterator<Item = &Said<'p>> {
        let is_asked = |said: &&Said<'_>| said.scopes.iter().any(|scope| keys.iter().any(|key| scope.touches(key)));
        self.controls.iter().filter(is_asked)
    }
}
