//! How it is known that the app and its proxies do what the profile says at some keys.

use std::collections::BTreeSet;

use crate::plan::{Entry, Evidence, Plan};
use crate::profile::Field;
use crate::source::KeyPath;

/// What is known of every control, behind every edge.
pub(super) struct Known<'p> {
    controls: Vec<(&'p Plan<'p>, &'p Entry<'p>, Option<Evidence>)>,
    /// The keys that the app is told by variables which seccfg writes.
    told: BTreeSet<KeyPath>,
}

impl<'p> Known<'p> {
    pub(super) fn new(plans: &'p [Plan<'p>]) -> Self {
        let of = |plan: &'p Plan<'p>| plan.entries.iter().map(move |entry| (plan, entry, plan.evidence(entry)));
        let rows = plans.first().into_iter().flat_map(|plan| plan.app.variables.all().values());
        let fields = rows.filter(|row| row.ignored.is_none()).filter_map(|row| row.field.as_ref());
        Self { controls: plans.iter().flat_map(of).collect(), told: fields.map(Field::key).collect() }
    }

    /// The weakest of what is known, over every control that the keys ask for and every edge; where they ask for no
    /// control, what is known of the variables by which the app is told. Nothing where neither is there.
    pub(super) fn of(&self, keys: &[KeyPath]) -> Option<Evidence> {
        let is_told = || !keys.is_empty() && keys.iter().all(|key| self.told.contains(key));
        let controls = self.asked(keys).filter_map(|(_, _, evidence)| *evidence);
        controls
            .min()
            .or_else(|| is_told().then(|| if self.is_held(keys) { Evidence::Held } else { Evidence::Rendered }))
    }

    /// Whether the app's `.env` file says the same of each key.
    fn is_held(&self, keys: &[KeyPath]) -> bool {
        let Some((plan, ..)) = self.controls.first().filter(|(plan, ..)| plan.policy.environment().is_some()) else {
            return false;
        };
        let says = plan.policy.to_json();
        keys.iter().all(|key| plan.is_held(&key.to_string(), &says))
    }

    /// Why nobody enforces a control that the keys ask for, where that is so behind an edge.
    pub(super) fn gap(&self, keys: &[KeyPath]) -> Option<String> {
        self.asked(keys).find_map(|(plan, entry, _)| {
            Some(format!("nobody enforces `{}` behind {}: {}", entry.control, plan.edge, entry.gap()?))
        })
    }

    /// The controls that some keys ask for.
    fn asked(&self, keys: &[KeyPath]) -> impl Iterator<Item = &(&'p Plan<'p>, &'p Entry<'p>, Option<Evidence>)> {
        self.controls.iter().filter(move |(_, entry, _)| keys.iter().any(|key| entry.control.is_asked_by(key)))
    }
}
