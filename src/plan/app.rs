//! What the app can do about a control, as its pack says: the plan's question where the edge cannot, or may not.
//!
//! For example, InstaCRUD cannot lock an account after failed sign-ins, so that a profile with `lockout.enabled = true`
//! has a gap there, whatever stands in front of the app.

use std::borrow::Cow;

use super::{Control, HSTS, Layer, Owner, Plan, header_value};
use crate::apps::{Ability, AppControl, LimitStore};
use crate::profile::{EnforcedBy, Name};

/// Who enforces a control, and which layers before it could not, with the reasons.
pub(super) type Decision = (Owner, Vec<String>);

/// Who of the app's side enforces a control, or why it does not.
type Answer = Result<Owner, Cow<'static, str>>;

/// The app itself, which can be told or does as asked anyway.
const APP: Owner = Owner::Layer(Layer::App);

impl Control<'_> {
    /// What app packs call it; nothing where an app's own ability is never asked for: the control is the edge's, or the
    /// pack has facts of another kind about it (rate limits, shared state).
    pub const fn of_app(self) -> Option<AppControl> {
        match self {
            Self::Hsts => Some(AppControl::Hsts),
            Self::Header(_) => Some(AppControl::Headers),
            Self::Cors => Some(AppControl::Cors),
            Self::Cookie(_) => Some(AppControl::Cookies),
            Self::Lockout => Some(AppControl::Lockout),
            Self::Passwords => Some(AppControl::Passwords),
            Self::Sessions => Some(AppControl::Sessions),
            Self::Tokens => Some(AppControl::Tokens),
            Self::ApiDocs => Some(AppControl::ApiDocs),
            Self::BodySize => Some(AppControl::BodySize),
            Self::IpFilter => Some(AppControl::IpFilter),
            Self::Tls
            | Self::HttpsRedirect
            | Self::HostNames
            | Self::ClientAddress
            | Self::NoStore
            | Self::ServerVersion
            | Self::RateLimit(_)
            | Self::SharedState => None,
        }
    }
}

impl Plan<'_> {
    /// The first layer that can, of those that may: the edge before the app, because what the edge does also covers the
    /// answers that it makes itself.
    pub(super) fn decide(&self, control: Control<'_>, by: EnforcedBy) -> Decision {
        let mut passed_over = Vec::new();
        if by != EnforcedBy::App {
            match self.edge_can(control) {
                Ok(()) => return (Owner::Layer(self.edge_layer()), passed_over),
                Err(reason) => passed_over.push(format!("{}: {reason}", self.edge)),
            }
        }
        if by != EnforcedBy::Proxy {
            match self.app_can(control) {
                Ok(owner) => return (owner, passed_over),
                Err(reason) => passed_over.push(format!("{}: {reason}", self.app.title)),
            }
        }
        (Owner::Gap(passed_over.join("; ")), passed_over)
    }

    /// Whether the app enforces a control as the policy asks, or why not.
    fn app_can(&self, control: Control<'_>) -> Answer {
        let policy = self.policy;
        match control {
            Control::RateLimit(name) => self.app_limits(name),
            Control::Hsts => {
                let asked = policy.hsts.enabled.then(|| policy.hsts.header_value());
                self.app_sends(HSTS, asked, AppControl::Hsts)
            }
            Control::Header(name) => self.app_sends(name, header_value(policy, name), AppControl::Headers),
            // Nobody is to be let in, and without CORS nobody is.
            Control::Cors
                if policy.cors.origins.is_empty() && self.app.ability(AppControl::Cors) == Ability::Nothing =>
            {
                Ok(APP)
            }
            Control::ApiDocs if self.hides_docs_by_itself() => Ok(APP),
            Control::Cors
            | Control::Cookie(_)
            | Control::Lockout
            | Control::Passwords
            | Control::Sessions
            | Control::Tokens
            | Control::ApiDocs
            | Control::BodySize
            | Control::IpFilter
            | Control::Tls
            | Control::HttpsRedirect
            | Control::HostNames
            | Control::ClientAddress
            | Control::NoStore
            | Control::ServerVersion
            | Control::SharedState => control.of_app().map_or(Err("it cannot".into()), |asked| self.is_able(asked)),
        }
    }

    /// What follows from the pack's word on an ability alone.
    fn is_able(&self, control: AppControl) -> Answer {
        match self.app.ability(control) {
            Ability::Setting => Ok(APP),
            Ability::Unknown => Ok(Owner::Delegated),
            Ability::Fixed => Err("it does this its own way and cannot be told otherwise".into()),
            Ability::Nothing => Err("it cannot".into()),
        }
    }

    /// A header that the app sends whatever it is told is right where it is what the policy asks for.
    fn app_sends(&self, name: &str, asked: Option<String>, control: AppControl) -> Answer {
        match (self.app.sends(name, self.policy.mode), asked) {
            (Some(sent), Some(asked)) if *sent.as_str() == *asked => Ok(APP),
            (Some(sent), _) => Err(format!("it always sends `{name}: {sent}`").into()),
            (None, _) => self.is_able(control),
        }
    }

    fn app_limits(&self, name: &Name) -> Answer {
        let limits = &self.app.limits;
        if limits.none_on.contains(name) {
            return Err("it has no limit there, and none can be set".into());
        }
        let asked = self.policy.rate_limits.routes.get(name);
        match (limits.ability, limits.routes.get(name), asked) {
            (Ability::Setting, _, _) => Ok(APP),
            (Ability::Unknown, _, _) => Ok(Owner::Delegated),
            (Ability::Fixed, Some(fixed), Some(asked))
                if fixed.per == asked.per && fixed.limit.at_most(asked.limit) =>
            {
                Ok(APP)
            }
            (Ability::Fixed, Some(fixed), _) => {
                Err(format!("its limit there is fixed at {} per {}", fixed.limit, fixed.per).into())
            }
            (Ability::Fixed, None, _) => Err("it has no limit there, and none can be set".into()),
            (Ability::Nothing, _, _) => Err("it has no rate limits".into()),
        }
    }

    /// Whether the app serves none of its documentation where debug is off, as it is here.
    fn hides_docs_by_itself(&self) -> bool {
        let paths = self.docs_paths();
        let hidden = &self.app.docs.hidden_without_debug;
        !self.policy.app.debug && !paths.is_empty() && paths.iter().all(|path| hidden.contains(path))
    }

    /// Whether a limit that the app owns is counted in each process by itself.
    pub fn counts_per_process(&self) -> bool {
        self.app.limits.store == LimitStore::Process && self.policy.app.processes() > 1
    }
}
