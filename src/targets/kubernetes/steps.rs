//! The steps that requests for a part of the site pass, and what is said of a whole route: in the standard's words, and in each
//! implementation's own.

use std::collections::BTreeMap;

use super::super::closed::Guard;
use super::super::proxy::Proxy;
use super::super::transport::Transport;
use super::gateway_api::{BackendRef, Filter, Rule, Timeouts};
use super::gateways::envoy::{BackendTrafficSpec, RouteFilterSpec};
use super::gateways::nginx::{ClientSettingsSpec, NOWHERE, RateLimitSpec};
use super::gateways::traefik::MiddlewareSpec;
use super::gateways::{envoy, traefik};
use super::object::{Body, Object};
use super::parts::{Answer, Holds};
use super::programs::{Program, dashed};
use super::routes::{Asked, Entrance, Policy};
use super::{Builder, responses};
use crate::plan::{Control, GatewayKind, Limit, Owner, Place};
use crate::profile::{ByteSize, PlainHttp};
use crate::targets::refused::Refused;

impl Builder<'_> {
    /// What is done with the requests of a part, and what is said of its whole route.
    pub fn rule(
        &self,
        asked: &[Asked],
        holds: &Holds,
        place: &Place,
        program: &Program<'_>,
        (kind, entrance): (GatewayKind, Entrance<'_>),
    ) -> Result<(Rule, Policy), Refused> {
        if asked.contains(&Asked::Plain) {
            let redirects = self.proxy.plain_http == PlainHttp::Redirect;
            let filters = redirects.then(|| match kind {
                GatewayKind::Traefik => traefik::step(format!("{}-https", self.app)),
                GatewayKind::EnvoyGateway
                | GatewayKind::NginxGatewayFabric
                | GatewayKind::Standard
                | GatewayKind::Ingress => Filter::Redirect(self.to_https(None)),
            });
            return Ok((Rule { filters: filters.into_iter().collect(), ..Rule::default() }, Policy::default()));
        }
        let Proxy { cors, limits, guards, allowed, .. } = &self.proxy;
        let is_asked = holds.answer == Answer::Program;
        let body = self.body(place).filter(|_| !place.allows.stream && is_asked);
        let mut filters = Vec::new();
        let answers = self.answers(holds.unstored, program.index, entrance.is_https)?;
        filters.extend((!answers.is_empty()).then_some(Filter::ResponseHeaders(answers)));
        let questions = self.questions();
        filters.extend((!questions.is_empty() && is_asked).then_some(Filter::RequestHeaders(questions)));
        let (service, port) = program.service();
        let mut backend = BackendRef::to(service.to_owned(), port);
        backend.filters = self.questions_at_the_service();
        let mut rule = Rule { backend_refs: vec![backend], ..Rule::default() };
        let mut policy = Policy::default();
        match kind {
            GatewayKind::Traefik => {
                let named = |name: &str| traefik::step(format!("{}-{name}", self.app));
                filters.extend((!allowed.is_empty()).then(|| named("networks")));
                filters.extend(holds.guards.iter().map(|index| named(&guard_name(&guards[*index]))));
                // Before the step that answers preflights.
                filters.extend(answer_name(holds.answer).map(named));
                filters.extend(is_asked.then(|| named("forged")));
                if let Some(cors) = cors.filter(|_| is_asked) {
                    filters.extend((!cors.lets_nobody_in()).then(|| named("cors")));
                    filters.push(named("own-cors"));
                }
                let counted = holds.limits.iter().map(|index| limits[*index].limit);
                filters.extend(counted.map(|limit| named(&limit_name(limit))));
                filters.extend(body.map(|most| named(&body_name(most))));
            }
            GatewayKind::EnvoyGateway | GatewayKind::NginxGatewayFabric | GatewayKind::Standard => {
                let answered = cors.filter(|cors| !cors.lets_nobody_in());
                filters.extend(answered.map(responses::cors));
                policy = Policy { limits: holds.limits.clone(), body };
                match kind {
                    GatewayKind::EnvoyGateway => match answer_name(holds.answer) {
                        Some(name) => {
                            filters.push(envoy::step(format!("{}-{name}", self.app)));
                            rule.backend_refs.clear();
                        }
                        None => rule.timeouts = self.timeouts(place),
                    },
                    GatewayKind::NginxGatewayFabric if !is_asked => {
                        filters.push(Filter::Rewrite(NOWHERE.to_owned()));
                    }
                    GatewayKind::NginxGatewayFabric
                    | GatewayKind::Standard
                    | GatewayKind::Traefik
                    | GatewayKind::Ingress => {}
                }
            }
            GatewayKind::Ingress => {}
        }
        rule.filters = filters;
        Ok((rule, policy))
    }

    /// How large a body may be in a place, where the gateway is to say so.
    fn body(&self, place: &Place) -> Option<ByteSize> {
        let plan = self.proxy.plan;
        let is_mine = |control: Control<'_>| {
            plan.entry(control).is_some_and(|entry| entry.owner == Owner::Layer(plan.edge_layer()))
        };
        let location = |name| is_mine(Control::Location(name));
        let is_asked = is_mine(Control::BodySize)
            || plan.policy.locations.iter().any(|(name, asked)| asked.max_body.is_some() && location(name));
        is_asked.then_some(place.allows.max_body)
    }

    /// How long an answer may take as a whole, where that is asked; a stream takes as long as it takes.
    fn timeouts(&self, place: &Place) -> Option<Timeouts> {
        let usual = self.proxy.plan.policy.app.timeout;
        let is_asked = place.allows.timeout != usual || self.proxy.plan.policy.is_written("app.timeout");
        let seconds = if place.allows.stream { 0 } else { place.allows.timeout.as_seconds() };
        (place.allows.stream || is_asked).then(|| Timeouts { request: format!("{seconds}s") })
    }

    /// The objects that steps of rules are.
    pub fn steps(&self, kind: GatewayKind) -> Vec<Object> {
        let Proxy { cors, limits, trusted, hidden, guards, allowed, site, .. } = &self.proxy;
        let named = |name: &str| self.own(&format!("{}-{name}", self.app));
        let hides = !hidden.is_empty() || site.places.iter().any(|place| place.service.is_none());
        let answers = hides.then_some((Answer::NotFound, 404)).into_iter().chain([(Answer::BadRequest, 400)]);
        let answers = answers.filter_map(|(answer, status)| Some((answer_name(answer)?, status)));
        let mut objects = Vec::new();
        match kind {
            GatewayKind::Traefik => {
                let mut add = |name: &str, spec| objects.push(Object::new(named(name), Body::Middleware { spec }));
                add("forged", MiddlewareSpec::asking(self.proxy.dropped(), self.only_host().as_deref()));
                let is_told = matches!(self.proxy.transport, Transport::Upstream);
                if is_told && self.proxy.plain_http == PlainHttp::Redirect {
                    add("https", MiddlewareSpec::redirect(&self.to_https(None)));
                }
                if let Some(cors) = cors {
                    if !cors.lets_nobody_in() {
                        add("cors", MiddlewareSpec::cors(cors));
                    }
                    add("own-cors", MiddlewareSpec::without_own_cors());
                }
                for counted in limits {
                    add(&limit_name(counted.limit), MiddlewareSpec::limit(counted.limit, trusted));
                }
                for (name, status) in answers {
                    add(name, MiddlewareSpec::answering(status));
                }
                if !allowed.is_empty() {
                    add("networks", MiddlewareSpec::allowing(allowed, trusted, 403));
                }
                for guard in guards {
                    // Whoever has no network to let in lets nobody in.
                    let networks = guard.networks.unwrap_or_default();
                    add(&guard_name(guard), MiddlewareSpec::allowing(networks, trusted, 404));
                }
                let measured = site.places.iter().filter(|place| place.service.is_some() && !place.allows.stream);
                let sizes = measured.filter_map(|place| self.body(place));
                let sizes: BTreeMap<String, ByteSize> = sizes.map(|most| (body_name(most), most)).collect();
                for (name, most) in sizes {
                    add(&name, MiddlewareSpec::body(most));
                }
            }
            GatewayKind::EnvoyGateway => objects.extend(answers.map(|(name, status)| {
                let spec = RouteFilterSpec::answering(status);
                Object::new(named(name), Body::HttpRouteFilter { spec })
            })),
            GatewayKind::NginxGatewayFabric | GatewayKind::Standard | GatewayKind::Ingress => {}
        }
        objects
    }

    /// What is said of a whole route.
    pub fn policies_of(&self, kind: GatewayKind, route: &str, policy: &Policy) -> Result<Vec<Object>, Refused> {
        let limits: Vec<&Limit<'_>> = policy.limits.iter().map(|index| self.proxy.limits[*index].limit).collect();
        let mut objects = Vec::new();
        match kind {
            GatewayKind::EnvoyGateway if !limits.is_empty() || policy.body.is_some() => {
                let spec = BackendTrafficSpec::of(route.to_owned(), &limits, policy.body);
                objects.push(Object::new(self.own(route), Body::BackendTrafficPolicy { spec }));
            }
            GatewayKind::NginxGatewayFabric => {
                if !limits.is_empty() {
                    let spec = RateLimitSpec::of(route.to_owned(), &limits);
                    objects.push(Object::new(self.own(route), Body::RateLimitPolicy { spec }));
                }
                if let Some(most) = policy.body {
                    let spec = ClientSettingsSpec::of(route.to_owned(), most).ok_or_else(|| {
                        let reason = format!("is {most}, and NGINX Gateway Fabric takes four digits and a unit");
                        Refused::new("app.max_body", reason).help("write a round size, such as \"10MiB\"")
                    })?;
                    objects.push(Object::new(self.own(route), Body::ClientSettingsPolicy { spec }));
                }
            }
            GatewayKind::EnvoyGateway | GatewayKind::Traefik | GatewayKind::Standard | GatewayKind::Ingress => {}
        }
        Ok(objects)
    }
}

/// What the step of an answer of the gateway's own is called.
const fn answer_name(answer: Answer) -> Option<&'static str> {
    match answer {
        Answer::Program => None,
        Answer::NotFound => Some("hidden"),
        Answer::BadRequest => Some("malformed"),
    }
}

fn limit_name(limit: &Limit<'_>) -> String {
    format!("{}-limit", dashed(limit.name))
}

fn guard_name(guard: &Guard<'_>) -> String {
    guard.id.replace('_', "-") + "-networks"
}

fn body_name(most: ByteSize) -> String {
    format!("body-{}", most.as_bytes())
}
