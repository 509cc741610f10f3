//! The rate limits: those of CRUDAuth's own routes, and those that the app puts on its own.

use super::super::escape::Comment;
use super::super::{Error, at};
use super::context::{Limit, Limits};
use super::python::Notation;
use super::{Builder, refuse, why};
use crate::plan::{Control, Owner};
use crate::profile::{LimitKey, Route};

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
    pub(super) fn limits(&self) -> Result<Limits, Error> {
        let asked = &self.plan.policy.rate_limits;
        let mut limits = Limits { off: !asked.enabled, ..Limits::default() };
        if limits.off {
            return Ok(limits);
        }
        for (name, route) in &asked.routes {
            let control = Control::RateLimit(name);
            if !self.owns(control) {
                limits.elsewhere.push(self.elsewhere(control)?);
                continue;
            }
            match action(name.as_str()) {
                Some((_, per)) if per != route.per => {
                    return refuse(
                        ("rate_limits.routes", name.as_str(), "per"),
                        format!("is `{}`, and CRUDAuth counts these by `{per}`", route.per),
                    );
                }
                Some((action, _)) => limits.actions.push(limit(control, action, route)?),
                None => limits.routes.push(limit(control, name.as_str(), route)?),
            }
        }
        Ok(limits)
    }

    /// Who counts instead. What CRUDAuth counts by itself is left in place: whoever reaches the app by another way than
    /// the owner's still meets it.
    fn elsewhere(&self, control: Control<'_>) -> Result<Comment, Error> {
        let gap = self.plan.entry(control).is_none_or(|entry| matches!(entry.owner, Owner::Gap(_)));
        let by = if gap { "counted by nobody" } else { "counted before the app" };
        at(control.key(), Comment::new(&format!("{control}: {by}")))
    }
}

fn limit(control: Control<'_>, name: &str, route: &Route) -> Result<Limit, Error> {
    Ok(Limit {
        why: why(control)?,
        name: name.to_owned(),
        times: route.limit.count,
        seconds: route.limit.period.seconds(),
        per: Notation::name(match route.per {
            LimitKey::Ip => "KeyBy.IP",
            LimitKey::User => "KeyBy.USER",
        }),
    })
}
