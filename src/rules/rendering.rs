//! What the plan could hand to nobody.

use super::rate_limits::ways_out;
use super::rule::{Check, Severities, rules};
use crate::finding::Severity::Error;
use crate::plan::{Control, Plan};
use crate::profile::Mode;

/// Whether a rule of its own tells a control's gap in a mode.
fn told_elsewhere(control: Control<'_>, mode: Mode) -> bool {
    let code = match control {
        Control::HostNames => "PRX006",
        // In production K8S007, where there are pods.
        Control::SharedState => "STA001",
        Control::Hsts => "HST008",
        Control::Cors => "COR009",
        Control::RateLimit(_) => "RAT003",
        Control::ApiDocs => "DBG003",
        Control::Tls
        | Control::HttpsRedirect
        | Control::ClientAddress
        | Control::Header(_)
        | Control::NoStore
        | Control::ServerVersion
        | Control::Cookie(_)
        | Control::Lockout
        | Control::Passwords
        | Control::Sessions
        | Control::Tokens
        | Control::BodySize
        | Control::IpFilter => return false,
    };
    super::by_code(code).is_some_and(|rule| rule.severity.get(mode).is_some())
}

/// What can be written so that a control is no gap.
fn way_out(control: Control<'_>, plan: &Plan<'_>) -> String {
    match control {
        Control::RateLimit(name) => {
            plan.policy.rate_limits.routes.get(name).map_or_else(String::new, |route| ways_out(plan, name, route))
        }
        // Only the app can.
        Control::Lockout | Control::Passwords | Control::Sessions | Control::Tokens | Control::SharedState => format!(
            "ask no more of {} than it does: take the key out, or accept its ways with a reason under `[[waivers]]`",
            plan.app.title
        ),
        Control::Tls
        | Control::HttpsRedirect
        | Control::HostNames
        | Control::ClientAddress
        | Control::Hsts
        | Control::Header(_)
        | Control::NoStore
        | Control::ServerVersion
        | Control::Cors
        | Control::Cookie(_)
        | Control::ApiDocs
        | Control::BodySize
        | Control::IpFilter => {
            format!("give {} what it lacks, compile for another edge under `[targets]`, or take the key out", plan.edge)
        }
    }
}

rules! {
    /// No control is lost: each is owned by a layer, or its gap is told.
    ///
    /// A profile asks for protections without saying who provides them; the plan finds a layer for each. Where the edge
    /// cannot, because it is too old or has no such thing, and the app cannot either, nothing would happen, and the
    /// profile would read as if it did. Some gaps have rules that know more about them (HST008, COR009, RAT003, DBG003,
    /// PRX006, K8S006); this one speaks of all others, and of those in the modes in which their rules are silent.
    ///
    /// Write: what the reasons name, such as a later version or a plugin under `[targets]`; or take out what this app
    /// and this edge cannot do, so that nobody relies on it.
    RND004 = "unenforced-control" {
        severity: Severities::all(Error),
        source: "the plan: what is asked for is enforced somewhere, or the report says that it is not",
        keys: &[],
        fix: None,
        check: Check::Plan(|plan, out| {
            for (entry, reasons) in plan.gaps() {
                let control = entry.control;
                if !told_elsewhere(control, plan.policy.mode) && plan.unnamed(control).is_none() {
                    out.at(control.key(), format!("no layer enforces {control}, which the profile asks for"))
                        .label(reasons)
                        .help(way_out(control, plan));
                }
            }
        }),
    }
}
