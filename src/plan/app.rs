//! What the app can do about a control, as its pack says: the plan's question where the edge cannot, or may not.
//!
//! For example, InstaCRUD cannot lock an account after failed sign-ins, so that a profile with `lockout.enabled = true`
//! has a gap there, whatever stands in front of the app.

use std::borrow::Cow;

use super::{Demand, Evidence, Header, Layer, Limit, Owner, Paths, Plan};
use crate::apps::{Ability, AppControl, LimitStore};
use crate::profile::Backend;

/// Whether the app enforces a control, and how that is known before anybody has looked whether it is told; or why it does
/// not.
type Answer = Result<(Owner, Evidence), Cow<'static, str>>;

/// It can be told to.
const TOLD: Answer = Ok((Owner::Layer(Layer::App), Evidence::Delegated));
/// Its code does as asked, whatever it is told.
const DOES: Answer = Ok((Owner::Layer(Layer::App), Evidence::Known));
/// Nothing is known about it.
const WORD: Answer = Ok((Owner::Delegated, Evidence::Delegated));

impl Plan<'_> {
    /// Whether the app enforces what is asked, or why not.
    pub(super) fn app_can(&self, demand: &Demand<'_>) -> Answer {
        match demand {
            Demand::RateLimit(limit) => self.app_limits(limit),
            Demand::Hsts(header) => self.app_sends(header, AppControl::Hsts),
            Demand::Header(header) => self.app_sends(header, AppControl::Headers),
            // Nobody is to be let in, and without CORS nobody is.
            Demand::Cors(cors) if cors.lets_nobody_in() && self.app.ability(AppControl::Cors) == Ability::Nothing => {
                DOES
            }
            Demand::Cors(_) => self.is_able(AppControl::Cors),
            Demand::ApiDocs(paths) if self.hides_by_itself(paths) => DOES,
            Demand::ApiDocs(_) => self.is_able(AppControl::ApiDocs),
            Demand::Cookie(_) => self.is_able(AppControl::Cookies),
            Demand::Lockout(_) => self.is_able(AppControl::Lockout),
            Demand::Passwords(_) => self.is_able(AppControl::Passwords),
            Demand::Sessions(_) => self.is_able(AppControl::Sessions),
            Demand::Tokens(_) => self.is_able(AppControl::Tokens),
            Demand::BodySize(_) => self.is_able(AppControl::BodySize),
            Demand::IpFilter(_) => self.is_able(AppControl::IpFilter),
            Demand::SharedState(Backend::Redis) => TOLD,
            // STA001 speaks of it; the plan must not look better than that.
            Demand::SharedState(Backend::Memory) => Err("each process keeps its own in memory".into()),
            Demand::Tls(_)
            | Demand::HttpsRedirect
            | Demand::HostNames { .. }
            | Demand::ClientAddress { .. }
            | Demand::NoStore(_)
            | Demand::ServerVersion => Err("it is for the edge to do".into()),
        }
    }

    /// What follows from the pack's word on an ability alone.
    fn is_able(&self, control: AppControl) -> Answer {
        match self.app.ability(control) {
            Ability::Setting => TOLD,
            Ability::Unknown => WORD,
            Ability::Fixed => Err("it does this its own way and cannot be told otherwise".into()),
            Ability::Nothing => Err("it cannot".into()),
        }
    }

    /// A header that the app sends whatever it is told is right where it is what the policy asks for.
    fn app_sends(&self, header: &Header, control: AppControl) -> Answer {
        let Some(sent) = self.app.sends(header.name, self.policy.mode) else { return self.is_able(control) };
        if header.value.as_deref() == Some(sent.as_str()) {
            return DOES;
        }
        Err(format!("it always sends `{}: {sent}`", header.name).into())
    }

    fn app_limits(&self, asked: &Limit<'_>) -> Answer {
        let limits = &self.app.limits;
        if limits.none_on.contains(asked.name) {
            return Err("it has no limit there, and none can be set".into());
        }
        match (limits.ability, limits.routes.get(asked.name)) {
            (Ability::Setting, _) => TOLD,
            (Ability::Unknown, _) => WORD,
            (Ability::Fixed, Some(fixed)) if fixed.per == asked.per && fixed.limit.at_most(asked.rate) => DOES,
            (Ability::Fixed, Some(fixed)) => {
                Err(format!("its limit there is fixed at {} per {}", fixed.limit, fixed.per).into())
            }
            (Ability::Fixed, None) => Err("it has no limit there, and none can be set".into()),
            (Ability::Nothing, _) => Err("it has no rate limits".into()),
        }
    }

    /// Whether the app serves none of its documentation where debug is off, as it is here.
    fn hides_by_itself(&self, docs: &Paths<'_>) -> bool {
        let hidden = &self.app.docs.hidden_without_debug;
        !self.policy.app.debug && !docs.list.is_empty() && docs.list.iter().all(|path| hidden.contains(path))
    }

    /// Whether a limit that the app owns is counted in each process by itself.
    pub fn counts_per_process(&self) -> bool {
        self.app.limits.store == LimitStore::Process && self.policy.app.processes() > 1
    }
}
