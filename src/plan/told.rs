//! What an app is to be told of a key, where the plan has a say in it.

use serde_json::Value;

use super::{Duty, Plan};
use crate::profile::{Backend, Field};

impl Plan<'_> {
    /// What the app is told instead of what the policy says: its own setting stays empty or off where the edge does the
    /// work.
    pub fn left_off(&self, field: &Field) -> Option<Value> {
        self.off(field.as_str()).cloned()
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

    fn off(&self, key: &str) -> Option<&Value> {
        self.entries.iter().flat_map(|entry| &entry.duties).find_map(|duty| match duty {
            Duty::LeaveOff { field, off, .. } => (*field == key).then_some(off),
            Duty::Drop(_) | Duty::TrustHops(_) | Duty::Behind(_) => None,
        })
    }
}
