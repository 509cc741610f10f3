//! What the app can do about a control, as its pack says: the plan's question where the edge cannot, or may not.
//!
//! For example, InstaCRUD cannot lock an account after failed sign-ins, so that a profile with `lockout.enabled = true`
//! has a gap there, whatever stands in front of the app.

use std::borrow::Cow;

use serde_json::Value;

use super::{Cors, Demand, Evidence, Header, Layer, Limit, Owner, Paths, Plan, Service};
use crate::apps::{Ability, AppControl, FixedLimit, LimitStore};
use crate::profile::{Backend, Name, same};
use crate::source::Literal;

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
            Demand::RateLimit(limit) => self.counts(limit),
            Demand::Hsts(header) => self.app_sends(header, AppControl::Hsts),
            Demand::Header(header) => self.app_sends(header, AppControl::Headers),
            // Nobody is to be let in, and without CORS nobody is.
            Demand::Cors(cors) if cors.lets_nobody_in() && self.app.ability(AppControl::Cors) == Ability::Nothing => {
                DOES
            }
            Demand::Cors(cors) => {
                self.keeps("cors", AppControl::Cors).and_then(|answer| self.lets_in(cors).map(|()| answer))
            }
            Demand::ApiDocs(paths) if self.hides_by_itself(paths) => DOES,
            Demand::ApiDocs(_) => self.is_able(AppControl::ApiDocs),
            Demand::Cookie(cookie) if cookie.by_scripts => {
                Err("its scripts set the cookie in the browser, where nothing adds flags".into())
            }
            Demand::Cookie(_) => self.is_able(AppControl::Cookies),
            Demand::Lockout(_) => self.keeps("lockout", AppControl::Lockout),
            Demand::Passwords(_) => self.keeps("passwords", AppControl::Passwords),
            Demand::Sessions(_) => self.keeps("sessions", AppControl::Sessions),
            Demand::Tokens(_) => self.keeps("tokens", AppControl::Tokens),
            Demand::BodySize(_) => self.is_able(AppControl::BodySize),
            Demand::IpFilter(_) => self.is_able(AppControl::IpFilter),
            Demand::SharedState(Backend::Redis | Backend::Database) => self.is_told_of_state(),
            Demand::SharedState(Backend::None) => DOES,
            // STA001 speaks of it; the plan must not look better than that.
            Demand::SharedState(Backend::Memory) => Err("each process keeps its own in memory".into()),
            Demand::Tls(_)
            | Demand::HttpsRedirect
            | Demand::PlainHttpRefused
            | Demand::HostNames { .. }
            | Demand::ClientAddress { .. }
            | Demand::NoStore(_)
            | Demand::SetUp(_)
            | Demand::Upstream(_)
            | Demand::Service(_)
            | Demand::Location { .. }
            | Demand::AliasesRedirect { .. }
            | Demand::Health(_)
            | Demand::Access(_)
            | Demand::ServerVersion => Err("it is for the edge to do".into()),
        }
    }

    /// Whether the app can be told where its state is to be kept.
    fn is_told_of_state(&self) -> Answer {
        if self.facts().can_be_told_of_state() { TOLD } else { Err("it cannot be told `state.backend`".into()) }
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

    /// Whether the app does what is written in a section, key by key: some keys may be settled in its code, in the way that
    /// is asked for or in another. What nobody wrote is asked of nobody.
    fn keeps(&self, section: &str, control: AppControl) -> Answer {
        let ability = self.app.ability(control);
        let facts = self.facts();
        // What is known of an app's passwords has rules of its own, also where nothing is known of how it is told.
        let settled = |key: &str| match ability {
            Ability::Unknown => self.app.fixed.get(key).map(Cow::Borrowed),
            Ability::Setting | Ability::Fixed | Ability::Nothing => self.app.settled(key),
        };
        let asked: Vec<_> = facts.asked(section).map(|(key, asked)| (settled(&key), key, asked)).collect();
        // Where the app has variables for a part of a section, the rest cannot be told.
        let has_variables = ability == Ability::Setting && self.app.is_told_by_key(section);
        if !has_variables && asked.iter().all(|(settled, ..)| settled.is_none()) {
            return self.is_able(control);
        }
        let is_all_settled = asked.iter().all(|(settled, ..)| settled.is_some());
        let short = asked.into_iter().filter_map(|(settled, key, asked)| match (settled, ability) {
            (Some(settled), _) => falls_short(&key, &asked, &settled)
                .then(|| format!("in its code `{key}` is {}, whatever it is told", Literal::from(&*settled))),
            // That it does this at all is what its ability says.
            (None, _) => (!self.app.takes(control, &key)).then(|| format!("it cannot be told `{key}`")),
        });
        let short: Vec<String> = short.collect();
        match (short.is_empty(), is_all_settled) {
            (true, true) => DOES,
            (true, false) if ability == Ability::Unknown => WORD,
            (true, false) => TOLD,
            (false, _) => Err(short.join("; ").into()),
        }
    }

    /// Whether an app of which something is known can be told of origins that are no sites'.
    fn lets_in(&self, cors: &Cors<'_>) -> Result<(), Cow<'static, str>> {
        let asked = [("cors.app_origins", !cors.apps.is_empty()), ("cors.preview_suffix", cors.preview.is_some())];
        let is_short = |key: &str| !self.app.variables.may_hold(key) && self.app.settled(key).is_none();
        let short = asked.into_iter().find(|(key, is_asked)| *is_asked && is_short(key));
        match short.filter(|_| self.app.ability(AppControl::Cors) != Ability::Unknown) {
            Some((key, _)) => Err(format!("it cannot be told `{key}`").into()),
            None => Ok(()),
        }
    }

    /// A header that the app sends whatever it is told is right where it is what the policy asks for.
    fn app_sends(&self, header: &Header, control: AppControl) -> Answer {
        if header.from_app {
            return match (self.app.sends(header.name, self.policy.mode), self.app.ability(control)) {
                (Some(_), _) => DOES,
                (None, Ability::Unknown | Ability::Setting) => WORD,
                (None, Ability::Fixed | Ability::Nothing) => Err("it sends none of its own".into()),
            };
        }
        let Some(sent) = self.app.sends(header.name, self.policy.mode) else { return self.is_able(control) };
        if header.value.as_deref() == Some(sent.as_str()) {
            return DOES;
        }
        Err(format!("it always sends `{}: {sent}`", header.name).into())
    }

    /// Whether what answers behind the edge counts: the app, and the services whose paths the limit is for. No request for
    /// those gets to the app, and of their programs nothing is known. Files beside a program need no limit of their own.
    fn counts(&self, asked: &Limit<'_>) -> Answer {
        let (app, services): (Vec<_>, Vec<_>) = asked.answering.iter().partition(|service| service.name.is_none());
        let is_a_programs = services.iter().any(|service| service.way().is_some());
        match services.first() {
            Some(files) if app.is_empty() && !is_a_programs => {
                Err(format!("`{}` answers there, and no program counts requests for files", files.key()).into())
            }
            Some(_) if app.is_empty() => WORD,
            Some(_) if is_a_programs => self.app_limits(asked).and(WORD),
            Some(_) | None => self.app_limits(asked),
        }
    }

    /// Who of those behind the edge enforces a control, if the edge does not: the app, or the services that a limit is for.
    pub fn behind(&self, demand: &Demand<'_>) -> Cow<'_, str> {
        let Demand::RateLimit(limit) = demand else { return Cow::Borrowed(&self.app.title) };
        let answering: Vec<&Service<'_>> = limit.answering.iter().filter(|service| service.way().is_some()).collect();
        if answering.iter().all(|service| service.name.is_none()) {
            return Cow::Borrowed(&self.app.title);
        }
        let name = |service: &&Service<'_>| match service.name {
            Some(_) => format!("`{}`", service.key()),
            None => self.app.title.to_string(),
        };
        Cow::Owned(answering.iter().map(name).collect::<Vec<_>>().join(" and "))
    }

    fn app_limits(&self, asked: &Limit<'_>) -> Answer {
        let limits = &self.app.limits;
        if limits.none_on.contains(asked.name) {
            return Err("it has no limit there, and none can be set".into());
        }
        match (limits.ability, limits.routes.get(asked.name)) {
            (Ability::Unknown, _) => WORD,
            // On a route that is none of its own, what it is told counts where the app's authors put it.
            (Ability::Setting, None) if !limits.routes.is_empty() => WORD,
            (Ability::Setting, _) => TOLD,
            // An app that switches its limits off for developers and tests does as it should.
            (Ability::Fixed, _) if self.policy.mode.is_live() && !limits.modes.contains(&self.policy.mode) => {
                Err(format!("its limits are off in {}", self.policy.mode).into())
            }
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

    /// The limits that the app has by itself on routes for which the profile asks for none, by route.
    pub fn own_limits(&self) -> impl Iterator<Item = (&Name, &FixedLimit)> {
        let asked = &self.policy.rate_limits;
        let limits = &self.app.limits;
        let is_on = limits.modes.contains(&self.policy.mode);
        let is_asked = |name: &Name| asked.enabled && asked.routes.contains_key(name);
        limits.routes.iter().filter(move |(name, _)| is_on && !is_asked(name))
    }

    /// Whether a limit that the app owns is counted in each process by itself.
    pub fn counts_per_process(&self) -> bool {
        self.app.limits.store == LimitStore::Process && self.policy.processes() > 1
    }
}

/// Whether what is settled in an app's code is less than what a profile asks for.
fn falls_short(key: &str, asked: &Value, settled: &Value) -> bool {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    match key {
        // More than was asked for is no less.
        "passwords.min_length" | "passwords.history" => settled.as_u64() < asked.as_u64(),
        "passwords.require" => list(asked).iter().any(|kind| !list(settled).contains(kind)),
        _ => !same(asked, settled),
    }
}
