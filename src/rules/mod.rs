//! The invariants, one file per area. This is the only list of them.

pub mod cookies;
pub mod cors;
mod csp;
pub mod docs;
pub mod headers;
pub mod hsts;
mod page;
pub mod plan;
pub mod profile;
pub mod proxy;
pub mod rate_limits;
mod rule;
pub mod secrets;
pub mod state;
pub mod tls;

pub use page::{LEGEND, index, modes, page};
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
    // Transport.
    &tls::TLS001,
    &tls::TLS002,
    &tls::TLS006,
    &tls::TLS010,
    // HSTS.
    &hsts::HST001,
    &hsts::HST002,
    &hsts::HST003,
    &hsts::HST005,
    &hsts::HST006,
    &hsts::HST008,
    &hsts::HST009,
    // CORS.
    &cors::COR001,
    &cors::COR002,
    &cors::COR003,
    &cors::COR004,
    &cors::COR005,
    &cors::COR006,
    &cors::COR007,
    &cors::COR009,
    &cors::COR010,
    // Cookies.
    &cookies::COK001,
    &cookies::COK002,
    &cookies::COK003,
    &cookies::COK004,
    // Secrets.
    &secrets::SEC001,
    // State.
    &state::STA001,
    &state::STA002,
    &state::STA004,
    // Proxies.
    &proxy::PRX001,
    &proxy::PRX002,
    &proxy::PRX003,
    &proxy::PRX005,
    &proxy::PRX006,
    // Rate limits.
    &rate_limits::RAT001,
    &rate_limits::RAT002,
    &rate_limits::RAT003,
    &rate_limits::RAT007,
    // Debug and docs.
    &docs::DBG001,
    &docs::DBG002,
    &docs::DBG003,
    &docs::DBG004,
    // Headers.
    &headers::HDR001,
    &headers::HDR004,
    &headers::HDR005,
    &headers::HDR006,
    &headers::HDR011,
    // Rendering.
    &plan::RND004,
];

/// The rule with a code, or with a name.
pub fn by_code(code: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(code) || rule.name == code)
}

/// Everything that the rules find in a policy's plans, one for each edge. What is found behind every one of several
/// edges is told once, for none of them.
pub fn run(plans: &[Plan<'_>]) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
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
    if plans.len() > 1 {
        merge(&mut found, plans.len());
    }
    found
}

fn merge(found: &mut Vec<Finding>, edges: usize) {
    let general = |finding: &Finding| Finding { target: None, ..finding.clone() };
    let generals: Vec<Finding> = found.iter().map(general).collect();
    let mut told: Vec<Finding> = Vec::with_capacity(found.len());
    for (finding, general) in found.drain(..).zip(&generals) {
        let shared = generals.iter().filter(|other| *other == general).count() == edges;
        let one = if shared { general.clone() } else { finding };
        if !told.contains(&one) {
            told.push(one);
        }
    }
    *found = told;
}
