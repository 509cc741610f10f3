//! What an app is to be told of a key, where the plan has a say in it.

use serde_json::Value;

use super::{Control, Duty, Plan};
use crate::profile::{Backend, Field};

impl Plan<'_> {
    /// What the app is told instead of what the policy says: its own setting stays empty or off where the edge does the
    /// work.
    pub fn left_off(&self, field: &Field) -> Option<Value> {
        let (control, off) = match field.as_str() {
            "cors.origins" => (Control::Cors, Value::Array(Vec::new())),
            "ip_filter.enabled" => (Control::IpFilter, Value::Bool(false)),
            _ => return None,
        };
        self.leaves_off(control).then_some(off)
    }

    /// Whether a key says nothing, because what it is about is off.
    pub fn is_idle(&self, field: &Field) -> bool {
        let policy = self.policy;
        match field.as_str().split_once('.') {
            Some(("cors", "origins") | (_, "enabled")) => false,
            Some(("cors", _)) => policy.cors.origins.is_empty() || self.leaves_off(Control::Cors),
            Some(("email", _)) => !policy.email.enabled,
            Some(("lockout", _)) => !policy.lockout.enabled,
            Some(("state", "url")) => policy.state.backend == Backend::Memory,
            _ => false,
        }
    }

    fn leaves_off(&self, control: Control<'_>) -> bool {
        let leaves = |duty: &Duty| match duty {
            Duty::LeaveOff(_) => true,
            Duty::Drop(_) | Duty::TrustHops(_) | Duty::Behind(_) => false,
        };
        self.entry(control).is_some_and(|entry| entry.duties.iter().any(leaves))
    }
}
