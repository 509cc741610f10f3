//! What the plan could hand to nobody.

use super::docs::DBG002;
use super::rate_limits::{RAT003, ways_out};
use super::reads::{EDGES, TERMINATE};
use super::rule::{Check, Rule, Severities, rules};
use super::state::is_about_pods;
use super::variables::RND001;
use super::words::and;
use crate::finding::Severity::{Error, Note};
use crate::finding::{Finding, Label};
use crate::plan::{Control, Demand, Entry, Evidence, Plan};
use crate::policy::Policy;
use crate::source::{KeyPath, Provenance};
use crate::targets::{self, Output, Unwritable};

/// The rule that may tell by itself that nobody enforces a control. Whether it did, is seen from what it found.
fn teller(demand: &Demand<'_>, plan: &Plan<'_>) -> Option<&'static str> {
    match demand {
        Demand::HostNames { .. } => Some("PRX006"),
        Demand::SharedState(_) if is_about_pods(plan.facts()) => Some("K8S007"),
        Demand::SharedState(_) => Some("STA001"),
        Demand::Hsts(_) => Some("HST008"),
        Demand::Cors(_) => Some("COR009"),
        Demand::RateLimit(_) => Some("RAT003"),
        Demand::ApiDocs(_) => Some("DBG003"),
        Demand::Lockout(_) => Some("LCK001"),
        Demand::Cookie(cookie) if cookie.by_scripts => Some("COK017"),
        Demand::Tls(_)
        | Demand::HttpsRedirect
        | Demand::PlainHttpRefused
        | Demand::ClientAddress { .. }
        | Demand::Header(_)
        | Demand::NoStore(_)
        | Demand::ServerVersion
        | Demand::Cookie(_)
        | Demand::Passwords(_)
        | Demand::Sessions(_)
        | Demand::Tokens(_)
        | Demand::SetUp(_)
        | Demand::Upstream(_)
        | Demand::Service(_)
        | Demand::Location { .. }
        | Demand::AliasesRedirect { .. }
        | Demand::Health(_)
        | Demand::Access(_)
        | Demand::BodySize(_)
        | Demand::IpFilter(_) => None,
    }
}

/// The part of the profile of which another rule has to speak, so that it is about this gap.
fn part(entry: &Entry<'_>) -> KeyPath {
    match entry.control {
        // Of limits and of cookies there are many.
        Control::RateLimit(_) | Control::Cookie(_) => entry.control.key(),
        // LCK001 also speaks of a lock that is there, and comes late.
        Control::Lockout => "lockout.enabled".into(),
        Control::Tls
        | Control::HttpsRedirect
        | Control::PlainHttpRefused
        | Control::HostNames
        | Control::ClientAddress
        | Control::Hsts
        | Control::Header { .. }
        | Control::NoStore
        | Control::ServerVersion
        | Control::Cors
        | Control::ApiDocs
        | Control::SetUp
        | Control::Passwords
        | Control::Sessions
        | Control::Tokens
        | Control::SharedState
        | Control::Upstream
        | Control::Service(_)
        | Control::Location(_)
        | Control::AliasesRedirect
        | Control::Health
        | Control::Access(_)
        | Control::BodySize
        | Control::IpFilter => KeyPath::default(),
    }
}

/// Whether another rule says of a control that an unknown app's word is all there is.
fn is_left_to_another(entry: &Entry<'_>, plan: &Plan<'_>) -> bool {
    let of_docs = |demand: &Demand<'_>| matches!(demand, Demand::ApiDocs(paths) if paths.list.is_empty());
    let speaks = |rule: &Rule| rule.severity.get(plan.policy.mode).is_some();
    (matches!(entry.demand, Demand::RateLimit(_)) && speaks(&RAT003)) || (of_docs(&entry.demand) && speaks(&DBG002))
}

/// Whether the profile says anything of what is asked of a control: a default that nobody wrote is shown in the plan, and
/// no more is made of it.
pub(super) fn is_written(entry: &Entry<'_>, plan: &Plan<'_>) -> bool {
    let scope = entry.control.scope();
    scope.is_some_and(|scope| plan.policy.place(&scope).provenance != Provenance::Default)
}

/// What can be written so that a control is known to be enforced.
fn way_out(entry: &Entry<'_>, plan: &Plan<'_>) -> String {
    match &entry.demand {
        Demand::RateLimit(limit) => ways_out(plan, limit),
        // Only the app can.
        Demand::Lockout(_)
        | Demand::Passwords(_)
        | Demand::Sessions(_)
        | Demand::Tokens(_)
        | Demand::SharedState(_) => format!(
            "ask no more of {} than it does: take the key out, or accept its ways with a reason and a date under `[[waivers]]`",
            plan.app.title
        ),
        Demand::Tls(_)
        | Demand::HttpsRedirect
        | Demand::PlainHttpRefused
        | Demand::HostNames { .. }
        | Demand::ClientAddress { .. }
        | Demand::Hsts(_)
        | Demand::Header(_)
        | Demand::NoStore(_)
        | Demand::ServerVersion
        | Demand::Cors(_)
        | Demand::Cookie(_)
        | Demand::ApiDocs(_)
        | Demand::SetUp(_)
        | Demand::Upstream(_)
        | Demand::Service(_)
        | Demand::Location { .. }
        | Demand::AliasesRedirect { .. }
        | Demand::Health(_)
        | Demand::Access(_)
        | Demand::BodySize(_)
        | Demand::IpFilter(_) => {
            format!("give {} what it lacks, compile for another edge under `[targets]`, or take the key out", plan.edge)
        }
    }
}

/// What rendering would refuse, as findings of RND001 at the keys of the values: one list for `check` and `render`. What
/// a rule has told by itself, among those found, is not told again, nor what rests on a key that the reader refused.
pub fn unwritable_values(plans: &[Plan<'_>], found: &[Finding], refused: &[KeyPath]) -> Vec<Finding> {
    let is_told =
        |one: &Unwritable| found.iter().any(|rule| Some(rule.code) == one.told_by && rule.place.key == one.key);
    let of_plan = |plan: &Plan<'_>| {
        let values = targets::refused(plan).into_iter().map(|(output, mut one)| {
            one.key.step_over(refused);
            (output, one)
        });
        let untold = values.filter(|(_, one)| !is_told(one));
        untold.map(|(output, one)| unwritable(plan.policy, output, one)).collect::<Vec<_>>()
    };
    let findings = plans.iter().flat_map(of_plan);
    findings.filter(|finding| !refused.iter().any(|key| RND001.rests_on(finding, key))).collect()
}

/// A value that an output has no form for: a finding, because the profile can be mended.
pub fn unwritable(policy: &Policy<'_>, output: Output, refused: Unwritable) -> Finding {
    let Unwritable { key, reason, help, .. } = refused;
    let help = help.unwrap_or_else(|| format!("write another value: {output} cannot be told this one"));
    let message = format!("`{key}` {reason}");
    let place = policy.place(&key);
    let place = Label { source: 0, span: place.span, key, text: String::new(), absent: false };
    Finding {
        modes: vec![policy.mode],
        targets: output.edge().into_iter().collect(),
        evidence: Some(Evidence::Rendered),
        ..RND001.finding(place).saying(message, help)
    }
}

rules! {
    /// No control is lost: each is owned by a layer, or its gap is told.
    ///
    /// A profile asks for protections without saying who provides them; the plan finds a layer for each. Where the edge
    /// cannot, because it is too old or has no such thing, and the app cannot either, nothing would happen, and the
    /// profile would read as if it did. Some gaps have rules that know more about them (HST008, COR009, RAT003, DBG003,
    /// PRX006, K8S006); this one speaks of all others, and of those of which their rules say nothing.
    ///
    /// What the edge cannot do and an app may do of which nothing is known (`kind = "generic"`) is that app's word: a note,
    /// so that somebody looks.
    ///
    /// Write: what the reasons name, such as a later version or a plugin under `[targets]`; or take out what this app
    /// and this edge cannot do, so that nobody relies on it.
    RND004 = "unenforced-control" {
        severity: Severities::all(Error),
        source: "the plan: what is asked for is enforced somewhere, or the report says that it is not",
        keys: &[],
        reads: &[&["*", "app.debug", "app.paths", "services.+.paths", "services.+.upstream", "services.+.root"], TERMINATE, EDGES],
        fix: None,
        check: Check::Plan(|plan, out| {
            for (entry, reasons) in plan.gaps().filter(|(entry, _)| entry.unnamed().is_none()) {
                let control = entry.control;
                let draft = out.at(entry.key(), format!("no layer enforces {control}, which the profile asks for"));
                draft.shares(&*reasons, ("no layer enforces ", control.to_string(), ", which the profile asks for"));
                draft.label(reasons).help(way_out(entry, plan));
                if let Some(teller) = teller(&entry.demand, plan) {
                    draft.unless_told_by(teller, part(entry));
                }
            }
            let is_ours = |entry: &&Entry<'_>| is_written(entry, plan) && !is_left_to_another(entry, plan);
            let left: Vec<_> = plan.left_to_an_unknown_app().filter(is_ours).collect();
            if !left.is_empty() && plan.policy.mode.is_live() {
                let controls: Vec<String> = left.iter().map(|entry| entry.control.to_string()).collect();
                let message = format!("{} cannot do it, and nothing is known of the app: {}", plan.edge, and(&controls));
                let draft = out.at("app.kind", message).at_most(Note);
                draft.label("its word is all there is").known_by(Evidence::Delegated).help(
                    "make sure that the app does, and write down what it can in a pack of its own (docs/app-packs.md); \
                     or compile for another edge under `[targets]`",
                );
                for entry in left {
                    draft.also(entry.control.key(), entry.passed_over.join("; "));
                }
            }
        }),
    }
}
