//! The steps that requests for a part of the site pass, and what is said of a whole route: in the standard's words, and in each
//! implementation's own.

use std::collections::BTreeMap;

use super::super::closed::Guard;
use super::super::proxy::Proxy;
use super::gateway_api::{BackendRef, Filter, Redirect, Rule, Timeouts};
use super::gateways::envoy::{BackendTrafficSpec, RouteFilterSpec};
use super::gateways::nginx::{ClientSettingsSpec, NOWHERE, RateLimitSpec};
use super::gateways::traefik::MiddlewareSpec;
use super::gateways::{envoy, traefik};
use super::object::{Body, Object};
use super::parts::Holds;
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
        asked: &Asked,
        holds: &Holds,
        place: &Place,
        program: &Program<'_>,
        (kind, entrance): (GatewayKind, Entrance<'_>),
    ) -> Result<(Rule, Policy), Refused> {
        if *asked == Asked::Plain {
            let to = Redirect { scheme: "https", hostname: None, port: self.public_port(), status_code: 308 };
            let redirects = self.proxy.plain_http == PlainHttp::Redirect;
            let filters = redirects.then_some(Filter::Redirect(to)).into_iter().collect();
            return Ok((Rule { filters, ..Rule::default() }, Policy::default()));
        }
        let Proxy { cors, limits, guards, allowed, .. } = &self.proxy;
        let body = self.body(place).filter(|_| !place.allows.stream && !holds.hidden);
        let mut filters = Vec::new();
        let answers = self.answers(holds, program.index, entrance.is_https)?;
        filters.extend((!answers.is_empty()).then_some(Filter::ResponseHeaders(answers)));
        let questions = self.questions();
        filters.extend((!questions.is_empty() && !holds.hidden).then_some(Filter::RequestHeaders(questions)));
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
                filters.extend((!holds.hidden).then(|| named("forged")));
                if let Some(cors) = cors {
                    filters.extend((!cors.lets_nobody_in()).then(|| named("cors")));
                    filters.push(named("own-cors"));
                }
                let counted = holds.limits.iter().map(|index| limits[*index].limit);
                filters.extend(counted.map(|limit| named(&limit_name(limit))));
                filters.extend(holds.hidden.then(|| named("hidden")));
                filters.extend(body.map(|most| named(&body_name(most))));
            }
            GatewayKind::EnvoyGateway | GatewayKind::NginxGatewayFabric | GatewayKind::Standard => {
                let answered = cors.filter(|cors| !cors.lets_nobody_in());
                filters.extend(answered.map(responses::cors));
                policy = Policy { limits: holds.limits.clone(), body };
                match kind {
                    GatewayKind::EnvoyGateway if holds.hidden => {
                        filters.push(envoy::step(format!("{}-hidden", self.app)));
                        rule.backend_refs.clear();
                    }
                    GatewayKind::EnvoyGateway => rule.timeouts = self.timeouts(place),
                    GatewayKind::NginxGatewayFabric if holds.hidden => {
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
        let mut objects = Vec::new();
        match kind {
            GatewayKind::Traefik => {
                let mut add = |name: &str, spec| objects.push(Object::new(named(name), Body::Middleware { spec }));
                add("forged", MiddlewareSpec::dropping(self.proxy.dropped()));
                if let Some(cors) = cors {
                    if !cors.lets_nobody_in() {
                        add("cors", MiddlewareSpec::cors(cors));
                    }
                    add("own-cors", MiddlewareSpec::without_own_cors());
                }
                for counted in limits {
                    add(&limit_name(counted.limit), MiddlewareSpec::limit(counted.limit, trusted));
                }
                if !hidden.is_empty() {
                    add("hidden", MiddlewareSpec::nothing_there());
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
            GatewayKind::EnvoyGateway if !hidden.is_empty() => {
                objects.push(Object::new(
                    named("hidden"),
                    Body::HttpRouteFilter { spec: RouteFilterSpec::nothing_there() },
                ));
            }
            GatewayKind::EnvoyGateway
            | GatewayKind::NginxGatewayFabric
            | GatewayKind::Standard
            | GatewayKind::Ingress => {}
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

fn limit_name(limit: &Limit<'_>) -> String {
    format!("{}-limit", dashed(limit.name))
}

fn guard_name(guard: &Guard<'_>) -> String {
    guard.id.replace('_', "-") + "-networks"
}

fn body_name(most: ByteSize) -> String {
    format!("body-{}", most.as_bytes())
}
