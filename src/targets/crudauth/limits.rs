//! The rate limits: those of CRUDAuth's own routes, and those that the app puts on its own.

use super::super::escape::Comment;
use super::super::refused::{Refused, at};
use super::context::{Limit, Limits};
use super::python::Notation;
use super::{Builder, is_the_apps, refuse};
use crate::plan::{self, Control, Owner};
use crate::profile::LimitKey;

/// What CRUDAuth counts by itself: the action, and whom it counts by.
const ACTIONS: [(&str, LimitKey); 10] = [
    ("register", LimitKey::Ip),
    ("email_verify_request", LimitKey::Ip),
    ("password_reset_request", LimitKey::Ip),
    ("email_change_request", LimitKey::Ip),
    ("existing_account_notice", LimitKey::Ip),
    ("change_password", LimitKey::User),
    ("logout_all", LimitKey::User),
    ("csrf_refresh", LimitKey::Ip),
    ("oauth_authorize", LimitKey::Ip),
    ("mfa_manage", LimitKey::User),
];

/// The action that a route of this name is.
fn action(name: &str) -> Option<(&'static str, LimitKey)> {
    let action = match name {
        "sign_up" => "register",
        "password_reset" => "password_reset_request",
        own => own,
    };
    ACTIONS.into_iter().find(|(known, _)| *known == action)
}

impl Builder<'_> {
    pub(super) fn limits(&self) -> Result<Limits, Refused> {
        let mut limits = Limits { off: !self.plan.policy.rate_limits.enabled, ..Limits::default() };
        for (asked, owner) in &self.share.limits {
            let name = asked.name.as_str();
            if !is_the_apps(*owner) {
                limits.elsewhere.push(elsewhere(asked, *owner)?);
                continue;
            }
            match action(name) {
                Some((_, per)) if per != asked.per => {
                    return refuse(
                        ("rate_limits.routes", name, "per"),
                        format!("is `{}`, and CRUDAuth counts these by `{per}`", asked.per),
                    );
                }
                Some((action, _)) => limits.actions.push(limit(action, asked)?),
                None => limits.routes.push(limit(name, asked)?),
            }
        }
        Ok(limits)
    }
}

/// Who counts instead. What CRUDAuth counts by itself is left in place: whoever reaches the app by another way than the
/// owner's still meets it.
fn elsewhere(asked: &plan::Limit<'_>, owner: Owner) -> Result<Comment, Refused> {
    let control = Control::RateLimit(asked.name);
    let by = if owner == Owner::Gap { "counted by nobody" } else { "counted before the app" };
    at(control.key(), Comment::new(&format!("{control}: {by}")))
}

fn limit(name: &str, asked: &plan::Limit<'_>) -> Result<Limit, Refused> {
    let control = Control::RateLimit(asked.name);
    Ok(Limit {
        why: at(control.key(), Comment::new(&control.why()))?,
        name: name.to_owned(),
        times: asked.rate.count,
        seconds: asked.rate.seconds(),
        per: Notation::name(match asked.per {
            LimitKey::Ip => "KeyBy.IP",
            LimitKey::User => "KeyBy.USER",
        }),
    })
}
