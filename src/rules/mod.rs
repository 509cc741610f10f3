//! The invariants, one file per area. This is the only list of them.

pub mod hsts;
pub mod profile;
mod page;
mod rule;

pub use page::{index, modes, page};
pub use rule::{Check, Draft, Findings, Fix, Rule, Severities};

use crate::finding::Finding;
use crate::plan::Plan;

/// Every rule, by area, in the order of the catalogue.
pub static ALL: &[&Rule] = &[
    // The profile itself.
    &profile::PRF001,
    &profile::PRF002,
    &profile::PRF003,
    &profile::PRF004,
    &profile::PRF005,
    &profile::PRF006,
    &profile::PRF007,
    // HSTS.
    &hsts::HST001,
    &hsts::HST002,
    &hsts::HST003,
    &hsts::HST005,
    &hsts::HST006,
    &hsts::HST008,
    &hsts::HST009,
];

/// The rule with a code.
pub fn by_code(code: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

/// Everything that the rules find in a policy's plans, one for each edge.
pub fn run(plans: &[Plan<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, plan) in plans.iter().enumerate() {
        let mut findings = Findings::new(plan);
        for rule in ALL {
            let Some(severity) = rule.severity.get(plan.policy.mode) else { continue };
            match rule.check {
                Check::Loader => continue,
                Check::Policy(_) if index > 0 => continue,
                Check::Policy(check) | Check::Plan(check) => check(plan, &mut findings),
            }
            findings.finish(rule, severity, &mut found);
        }
    }
    found
}
