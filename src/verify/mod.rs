//! What the running site answers, held against the plan's demands.
//!
//! From each demand of a plan comes one probe, and none that the plan did not ask for. What a site does otherwise is a
//! finding of the rule whose promise it breaks, at the line of the profile that asks for it, with the layer that should
//! have seen to it. For example, `hsts.enabled = true` behind nginx whose file was edited by hand: HST001,
//! `Strict-Transport-Security is missing on GET https://shop.example.com/`. Cookies that no demand speaks of are looked at in the
//! answers that are there anyway (`unasked.rs`).

pub mod certificate;
pub mod client;
mod elsewhere;
mod evidence;
pub mod hello;
mod inquiry;
pub mod observed;
mod outcome;
mod probes;
mod questions;
pub mod resolve;
pub mod seen;
mod site;
mod transport;
mod unasked;
pub mod wire;

pub use inquiry::Asked;
pub use outcome::shown;
pub use site::Site;

use self::client::{Client, Settings};
use self::inquiry::Inquiry;
use self::outcome::{Breach, Outcome};
use self::seen::{Control, Look, Otherwise, Seen};
use self::wire::Trouble;
use crate::finding::{Finding, Label, Severity};
use crate::plan::{Demand, Entry, Evidence, Layer, Owner, Plan};
use crate::profile::Mode;
use crate::rules::Rule;
use crate::rules::rate_limits::ways_out;
use crate::source::Provenance;

/// What a run saw.
#[derive(Debug)]
pub struct Verified {
    /// Everything, as a file holds it.
    pub seen: Seen,
    /// Where the site does otherwise, at the profile's lines.
    pub findings: Vec<Finding>,
}

/// Why a site was not looked at.
#[derive(Debug, thiserror::Error)]
pub enum Unverified {
    /// It is somebody else's.
    #[error(
        "{0} is no host of the profile (`app.url`, `app.aliases`), and limits are used up at one's own site alone: leave out \
         --active"
    )]
    NotNamed(String),
    /// It does not answer.
    #[error("{url} does not answer: {trouble}")]
    Silent {
        /// What was asked for.
        url: String,
        /// Why.
        trouble: Trouble,
    },
}

/// Looks at the site of a plan. `unknown` is a word that no site knows, and `tell` is told of each control before it is
/// looked at.
pub fn verify(
    plan: &Plan<'_>,
    site: Site,
    asked: &Asked,
    settings: Settings,
    unknown: String,
    mut tell: impl FnMut(&str),
) -> Result<Verified, Unverified> {
    if asked.active && !site.is_named {
        return Err(Unverified::NotNamed(site.host));
    }
    let url = format!("{}{}", site.origin(&site.host), site.mount);
    tell("the site");
    let inquiry = Inquiry::begin(plan, site, asked, Client::new(settings), unknown);
    let mut inquiry = inquiry.map_err(|trouble| Unverified::Silent { url: url.clone(), trouble })?;
    let mut order: Vec<usize> = (0..plan.entries.len()).collect();
    order.sort_by_key(|index| probes::turn(&plan.entries[*index].demand));
    let mut outcomes: Vec<(usize, Outcome)> = Vec::with_capacity(order.len());
    for index in order {
        let entry = &plan.entries[index];
        tell(&entry.control.to_string());
        outcomes.push((index, probes::probe(&mut inquiry, entry)));
    }
    for (index, outcome) in &mut outcomes {
        probes::afterwards(&inquiry, &plan.entries[*index], outcome);
    }
    outcomes.sort_by_key(|(index, _)| *index);
    let mut seen = Seen {
        version: 1,
        by: format!("seccfg {}", crate::VERSION),
        url,
        mode: plan.policy.mode.to_string(),
        target: plan.edge.target().as_str().to_owned(),
        fingerprint: plan.policy.fingerprint(),
        at: jiff::Timestamp::from_second(asked.now).unwrap_or_default().to_string(),
        active: asked.active,
        requests: inquiry.count(),
        controls: Vec::new(),
        findings: Vec::new(),
    };
    let mut findings = Vec::new();
    for (index, outcome) in outcomes {
        let entry = &plan.entries[index];
        seen.controls.push(control(plan, entry, &outcome));
        for breach in &outcome.breaches {
            let finding = finding(plan, entry, breach);
            seen.findings.push(Otherwise::from(&finding));
            findings.push(finding);
        }
    }
    for finding in unasked::cookies(&inquiry) {
        seen.findings.push(Otherwise::from(&finding));
        findings.push(finding);
    }
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    Ok(Verified { seen, findings })
}

fn control(plan: &Plan<'_>, entry: &Entry<'_>, outcome: &Outcome) -> Control {
    let (look, seen) = match (&outcome.breaches[..], &outcome.unseen) {
        ([], Some(why)) => (Look::Unseen, why.clone()),
        ([], None) => (Look::Seen, outcome.seen.join("; ")),
        (breaches, _) => {
            (Look::Broken, breaches.iter().map(|breach| breach.message.as_str()).collect::<Vec<_>>().join("; "))
        }
    };
    Control {
        control: entry.control.to_string(),
        look,
        asked: entry.demand.to_string(),
        owner: owner(plan, entry),
        seen,
    }
}

/// The layer that the plan made responsible.
fn owner(plan: &Plan<'_>, entry: &Entry<'_>) -> String {
    match entry.owner {
        Owner::Layer(Layer::Proxy | Layer::Cluster) => plan.edge.to_string(),
        Owner::Layer(Layer::Balancer) => "the balancer".to_owned(),
        Owner::Layer(Layer::App) | Owner::Delegated => plan.behind(&entry.demand).into_owned(),
        Owner::Gap => "nobody".to_owned(),
    }
}

fn finding(plan: &Plan<'_>, entry: &Entry<'_>, breach: &Breach) -> Finding {
    let policy = plan.policy;
    let place = policy.place(&breach.key);
    let label = Label {
        source: 0,
        span: place.span,
        key: breach.key.clone(),
        text: format!("asked for: {}", entry.demand),
        absent: place.provenance == Provenance::Default,
    };
    let found = seen_finding(plan, breach.rule, label);
    let severity = if breach.is_outage { Severity::Error } else { found.severity };
    Finding { severity, ..found }
        .saying(breach.message.clone(), breach.help.clone().unwrap_or_else(|| remedy(plan, entry)))
}

/// A finding that was seen on the wire, of which only its place is known yet.
fn seen_finding(plan: &Plan<'_>, rule: &Rule, label: Label) -> Finding {
    Finding {
        severity: rule.severity.get(plan.policy.mode).unwrap_or(Severity::Warning),
        modes: vec![plan.policy.mode],
        targets: vec![plan.edge.target()],
        evidence: Some(Evidence::Seen),
        ..rule.finding(label)
    }
}

/// Where to look, by the layer that is responsible.
fn remedy(plan: &Plan<'_>, entry: &Entry<'_>) -> String {
    let owner = owner(plan, entry);
    // No variable says how an app counts, so that a check of what it is told shows nothing.
    if let Demand::RateLimit(limit) = &entry.demand
        && matches!(entry.owner, Owner::Layer(Layer::App) | Owner::Delegated)
    {
        let ways = ways_out(plan, limit);
        let otherwise = if ways.is_empty() { String::new() } else { format!("; or {ways}") };
        return format!("{owner} counts this limit by the plan: make its code do so{otherwise}");
    }
    match entry.owner {
        Owner::Layer(Layer::Proxy) => {
            let target = plan.edge.target().as_str();
            let mode = match plan.policy.mode {
                Mode::Prod => String::new(),
                other => format!(" --mode {other}"),
            };
            format!(
                "{owner} is responsible by the plan: see with `seccfg render --target {target}{mode} --diff` whether its files \
                 are as rendered, reload it, and look for what changes answers before it"
            )
        }
        Owner::Layer(Layer::Cluster) => format!("the gateway of {owner} is responsible by the plan"),
        Owner::Layer(Layer::Balancer) => {
            "what ends TLS before the proxy is responsible by the plan: set it there".to_owned()
        }
        Owner::Layer(Layer::App) => {
            format!("{owner} is responsible by the plan: see with `seccfg check --env-file` what it is told")
        }
        Owner::Delegated => format!("{owner} is responsible, by its own word: it does not keep it"),
        Owner::Gap => "nobody is responsible by the plan, which `seccfg check` tells".to_owned(),
    }
}
