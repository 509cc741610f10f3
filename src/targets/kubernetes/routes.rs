//! Routes: which requests go where, and the steps that they and their answers pass.
//!
//! A part of the site is a rule. Policies of Envoy Gateway and NGINX Gateway Fabric are for whole routes, so that parts with
//! the same limits share a route there; Traefik's Middlewares are steps of a rule.

use super::super::proxy::Proxy;
use super::super::transport::Transport;
use super::Builder;
use super::gateway_api::{
    Filter, GROUP, HOSTNAMES, HeaderMatch, Headers, HttpRouteSpec, MATCHES, Match, ParentRef, PathKind, PathMatch,
    RULES, Redirect, Rule,
};
use super::gateways::envoy::SecuritySpec;
use super::gateways::traefik::{self, MiddlewareSpec};
use super::ingress::{IngressPath, IngressRule, IngressSpec, IngressTls};
use super::object::{Body, Object};
use super::parts::{Answer, Holds, Part, Which, parts};
use super::pattern::{ALL, AMBIGUOUS, Precedence, Ranked, patterns, prefix, put_in_order};
use super::programs::{Program, dashed};
use crate::plan::GatewayKind;
use crate::profile::{ByteSize, Gateway, Host, Label, Origin, PlainHttp};
use crate::source::KeyPath;
use crate::targets::proxy;
use crate::targets::refused::{Refused, each};

/// The name of what sends plain HTTP to https.
const PLAIN: &str = "redirect";

/// What tells one request for a path from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It came to a balancer, which does not say that it came by https.
    Plain,
    /// By this method.
    By(String),
    /// In any other way.
    Anyhow,
}

/// A rule in the making.
struct Draft {
    /// Any of these.
    asked: Vec<Asked>,
    /// The policies that its route needs.
    policy: Policy,
    rule: Rule,
}

/// What is said of a whole route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The limits, by their indices.
    pub limits: Vec<usize>,
    /// How large a body may be.
    pub body: Option<ByteSize>,
}

/// A listener, and how clients come to it.
#[derive(Clone, Copy)]
pub struct Entrance<'p> {
    /// The listener's name.
    pub listener: &'p str,
    /// Whether clients came by https.
    pub is_https: bool,
    /// Whether a balancer says how they came.
    pub is_told: bool,
}

impl Builder<'_> {
    /// All that lets requests in.
    pub fn routes(&self, programs: &[Program<'_>]) -> Result<Vec<Object>, Refused> {
        match (self.gateway, &self.target.gateway) {
            (None, _) => Ok(Vec::new()),
            (Some(GatewayKind::Ingress), _) | (_, None) => Ok(vec![self.ingress(programs)?]),
            (Some(kind), Some(gateway)) => self.gateway_routes(programs, kind, gateway),
        }
    }

    fn gateway_routes(
        &self,
        programs: &[Program<'_>],
        kind: GatewayKind,
        gateway: &Gateway,
    ) -> Result<Vec<Object>, Refused> {
        let all = self.hostnames()?;
        let (aliases, hosts): (Vec<String>, Vec<String>) =
            all.iter().cloned().partition(|host| self.leads(host).is_some());
        let http = gateway.http_listener.as_ref().map_or("http", Label::as_str);
        let https = gateway.https_listener.as_ref().map_or("https", Label::as_str);
        let plain = Entrance { listener: http, is_https: false, is_told: false };
        let mut objects = self.steps(kind);
        let mut sites = Vec::new();
        match &self.proxy.transport {
            Transport::Plain => sites.push((self.app.to_owned(), plain)),
            Transport::Upstream => {
                sites.push((self.app.to_owned(), Entrance { listener: http, is_https: true, is_told: true }));
            }
            Transport::Tls(_) => {
                sites.push((self.app.to_owned(), Entrance { listener: https, is_https: true, is_told: false }));
                match self.proxy.plain_http {
                    PlainHttp::Redirect => objects.extend(self.redirects(PLAIN, (kind, gateway), plain, &all)?),
                    PlainHttp::Serve => sites.push((format!("{}-plain", self.app), plain)),
                    PlainHttp::Refuse => {}
                }
            }
        }
        let mut names = Vec::new();
        for (name, entrance) in sites {
            let leading = if name == self.app { "aliases" } else { "aliases-plain" };
            objects.extend(self.redirects(leading, (kind, gateway), entrance, &aliases)?);
            let drafts = self.drafts(programs, kind, entrance)?;
            for (name, policy, rules) in grouped(&name, drafts, &self.proxy) {
                objects.extend(self.policies_of(kind, &name, &policy)?);
                for (index, hosts) in hosts.chunks(HOSTNAMES).enumerate() {
                    let name = if index == 0 { name.clone() } else { format!("{name}-hosts-{}", index + 1) };
                    let spec = HttpRouteSpec {
                        parent_refs: [parent(gateway, entrance.listener)],
                        hostnames: hosts.to_vec(),
                        rules: rules.clone(),
                    };
                    objects.push(Object::new(self.own(&name), Body::HttpRoute { spec }));
                    names.push(name);
                }
            }
        }
        let Proxy { denied, allowed, .. } = &self.proxy;
        if kind == GatewayKind::EnvoyGateway && !(denied.is_empty() && allowed.is_empty()) {
            let spec = SecuritySpec::of(names, denied, allowed);
            objects.push(Object::new(self.own(self.app), Body::SecurityPolicy { spec }));
        }
        Ok(objects)
    }

    /// The names that are served. A route has no addresses.
    fn hostnames(&self) -> Result<Vec<String>, Refused> {
        each(self.proxy.served, |host| match host {
            Host::Name(name) => Ok(name.to_string()),
            Host::Address(address) => {
                let reason = format!("has the host {address}, and a route takes names alone");
                Err(Refused::new("app.url", reason).help("write a DNS name, such as \"https://shop.example.com\""))
            }
        })
    }

    /// The port that clients know for https, where it is not its own.
    pub fn public_port(&self) -> Option<u16> {
        let url = self.proxy.plan.policy.url();
        Some(url.origin().port()).filter(|port| url.origin().is_https() && *port != 443)
    }

    /// The one name under which the app is asked, with the port that clients know; nothing where it has several.
    pub fn only_host(&self) -> Option<String> {
        let mut asked = self.proxy.served.iter().filter(|host| self.leads(&host.to_string()).is_none());
        let host = asked.next().filter(|_| asked.next().is_none())?;
        let url = self.proxy.plan.policy.url();
        let origin = url.origin();
        let is_usual = origin.port() == if origin.is_https() { 443 } else { 80 };
        // The port of plain HTTP beside https is nobody's word.
        let is_one = !matches!(self.proxy.transport, Transport::Tls(_)) || self.proxy.plain_http != PlainHttp::Serve;
        if is_usual { Some(host.to_string()) } else { is_one.then(|| format!("{host}:{}", origin.port())) }
    }

    /// Where an alias leads, where it does.
    fn leads(&self, host: &str) -> Option<&Origin> {
        let leads = self.proxy.leads.as_ref()?;
        leads.aliases.iter().any(|alias| alias.to_string() == host).then_some(leads.to)
    }

    /// To https, at a host or at the one that was asked for, which is one of the route's.
    pub fn to_https(&self, hostname: Option<String>) -> Redirect {
        Redirect { scheme: "https", hostname, port: self.public_port(), status_code: 308 }
    }

    /// Sends clients on, each host to a literal name: one that a request says would send people wherever it says. By plain
    /// HTTP a host leads to itself by https, and there an alias to the one name.
    fn redirects(
        &self,
        what: &str,
        (kind, gateway): (GatewayKind, &Gateway),
        entrance: Entrance<'_>,
        hosts: &[String],
    ) -> Result<Vec<Object>, Refused> {
        // Who is led on by https is told to come back by it.
        let answers = if entrance.is_https { self.answers(false, 0, true)? } else { Headers::default() };
        let answers = (!answers.is_empty()).then_some(Filter::ResponseHeaders(answers));
        let redirect = |(index, host): (usize, &String)| {
            // https comes first, on the same host, which then tells browsers to come back by it.
            let leads = self.leads(host).filter(|_| what != PLAIN);
            let to = match leads {
                Some(to) => Redirect {
                    scheme: if to.is_https() { "https" } else { "http" },
                    hostname: Some(to.host().to_string()),
                    port: Some(to.port()).filter(|port| *port != if to.is_https() { 443 } else { 80 }),
                    status_code: 308,
                },
                None => self.to_https(Some(host.clone())),
            };
            let number = if index == 0 { String::new() } else { format!("-{}", index + 1) };
            let name = format!("{}-{what}{number}", self.app);
            let (step, own) = match kind {
                GatewayKind::Traefik => (traefik::step(name.clone()), Some(MiddlewareSpec::redirect(&to))),
                GatewayKind::EnvoyGateway
                | GatewayKind::NginxGatewayFabric
                | GatewayKind::Standard
                | GatewayKind::Ingress => (Filter::Redirect(to), None),
            };
            let filters = answers.clone().into_iter().chain([step]);
            let rule =
                Rule { matches: vec![Match::path(PathMatch::all())], filters: filters.collect(), ..Rule::default() };
            let spec = HttpRouteSpec {
                parent_refs: [parent(gateway, entrance.listener)],
                hostnames: vec![host.clone()],
                rules: vec![rule],
            };
            let route = Object::new(self.own(&name), Body::HttpRoute { spec });
            own.map(|spec| Object::new(self.own(&name), Body::Middleware { spec })).into_iter().chain([route])
        };
        Ok(hosts.iter().enumerate().flat_map(redirect).collect())
    }

    /// The rules of a site, in the order in which a request is compared with them.
    fn drafts(
        &self,
        programs: &[Program<'_>],
        kind: GatewayKind,
        entrance: Entrance<'_>,
    ) -> Result<Vec<Draft>, Refused> {
        let parts = parts(&self.proxy, kind.answers_by_itself());
        let (mut drafts, mut ranked) = (Vec::new(), Vec::new());
        for (rank, part) in parts.iter().enumerate() {
            let place = &self.proxy.site.places[part.holds.place];
            let whose = |program: &&Program<'_>| Some(program.index) == place.service;
            let (program, holds) = match (programs.iter().find(whose), programs.first()) {
                (Some(program), _) => (program, part.holds.clone()),
                // What is nobody's is hidden from everyone, so that the answer has the site's headers.
                (None, Some(first)) if place.service.is_none() && kind.answers_by_itself() => {
                    let answer = match part.holds.answer {
                        Answer::Program => Answer::NotFound,
                        own @ (Answer::NotFound | Answer::BadRequest) => own,
                    };
                    (first, part.holds.answered(answer))
                }
                // No rule answers: the gateway says 404.
                (None, _) => continue,
            };
            let paths = self.paths(part, kind)?;
            for (asked, holds) in self.ways(part, &holds, entrance) {
                let (rule, policy) = self.rule(&asked, &holds, place, program, (kind, entrance))?;
                drafts.push(Draft { asked, policy, rule });
                ranked.push(Ranked { rank, paths: paths.clone() });
            }
        }
        let by = match kind {
            GatewayKind::NginxGatewayFabric => Precedence::Alphabetical,
            GatewayKind::Traefik | GatewayKind::EnvoyGateway | GatewayKind::Standard | GatewayKind::Ingress => {
                Precedence::Longest
            }
        };
        if !put_in_order(&mut ranked, by, |one, other| parts[one].meets(&parts[other])) {
            let reason =
                "makes a site of too many parts: a gateway has no room for their order in the paths of a route";
            return Err(Refused::new("locations", reason).help("write fewer locations, limits and services"));
        }
        let is_split = self.is_split(entrance);
        for (draft, Ranked { paths, .. }) in drafts.iter_mut().zip(ranked) {
            let each = |path: PathMatch| draft.asked.iter().map(move |asked| matched(path.clone(), asked, is_split));
            draft.rule.matches = paths.into_iter().flat_map(each).collect();
        }
        Ok(drafts)
    }

    /// Whether a balancer says of each request how it came, and those by plain HTTP are not served.
    fn is_split(&self, entrance: Entrance<'_>) -> bool {
        entrance.is_told && self.proxy.plain_http != PlainHttp::Serve
    }

    /// How requests for the paths of a part are told apart, and what holds for each kind.
    fn ways(&self, part: &Part, holds: &Holds, entrance: Entrance<'_>) -> Vec<(Vec<Asked>, Holds)> {
        let mut ways = Vec::new();
        match part.which {
            Which::ForProxies => {
                let methods = ["CONNECT", "TRACE"].map(|method| Asked::By(method.to_owned()));
                return vec![(methods.into(), holds.clone())];
            }
            Which::Ambiguous => return vec![(vec![Asked::Anyhow], holds.clone())],
            Which::Paths(_) | Which::Rest => {}
        }
        let methods = |index: &usize| proxy::counted(self.proxy.limits[*index].limit);
        let mut all: Vec<String> = holds.limits.iter().flat_map(methods).map(str::to_owned).collect();
        all.sort_unstable();
        all.dedup();
        for method in &all {
            let counts = |index: &usize| {
                let methods = methods(index);
                methods.is_empty() || methods.contains(&method.as_str())
            };
            let limits = holds.limits.iter().copied().filter(counts).collect();
            ways.push((vec![Asked::By(method.clone())], Holds { limits, ..holds.clone() }));
        }
        let limits = holds.limits.iter().copied().filter(|index| methods(index).is_empty()).collect();
        ways.push((vec![Asked::Anyhow], Holds { limits, ..holds.clone() }));
        // Of whom the balancer says nothing else.
        ways.extend(
            self.is_split(entrance).then(|| (vec![Asked::Plain], Holds { limits: Vec::new(), ..holds.clone() })),
        );
        ways
    }

    /// The paths of a part as a gateway compares them.
    fn paths(&self, part: &Part, kind: GatewayKind) -> Result<Vec<PathMatch>, Refused> {
        let pattern = |text: &str| PathMatch { r#type: PathKind::RegularExpression, value: text.to_owned() };
        let paths = match &part.which {
            Which::Ambiguous => return Ok(vec![pattern(AMBIGUOUS)]),
            Which::ForProxies => return Ok(vec![pattern(ALL)]),
            Which::Rest => return Ok(vec![PathMatch::all()]),
            Which::Paths(paths) => paths,
        };
        if !kind.has_patterns() {
            let prefixes = paths.iter().map(|(path, _)| prefix(path));
            return Ok(prefixes.map(|value| PathMatch { r#type: PathKind::PathPrefix, value }).collect());
        }
        let limit = part.holds.limits.first().map(|index| &self.proxy.limits[*index]);
        let key = limit.map_or_else(|| KeyPath::from("locations"), |limit| limit.key.clone().key("paths"));
        let patterns = patterns(paths.iter().map(|(path, reach)| (path.as_str(), *reach)));
        // Each path of a rule is counted by itself, but for NGINX Gateway Fabric.
        let counts_once = kind == GatewayKind::NginxGatewayFabric || limit.is_none();
        match patterns {
            Some(patterns) if counts_once || patterns.len() == 1 => {
                Ok(patterns.iter().map(|text| pattern(text)).collect())
            }
            Some(_) => {
                Err(Refused::new(key, "has more paths than a route takes as one, and each would be counted by itself")
                    .help("write fewer paths, or what they have in common, with a / at its end"))
            }
            None => Err(Refused::new(key, "has a path that is too long for a route").help("write a shorter one")),
        }
    }

    /// A plain Ingress: host names and paths.
    fn ingress(&self, programs: &[Program<'_>]) -> Result<Object, Refused> {
        let hosts = self.hostnames()?;
        let mut paths = Vec::new();
        for place in &self.proxy.site.places {
            let Some(program) = programs.iter().find(|program| Some(program.index) == place.service) else { continue };
            let (service, port) = program.service();
            let named = place.paths.iter().map(|path| prefix(&path.path));
            let all = place.paths.is_empty().then(|| "/".to_owned());
            paths.extend(named.chain(all).map(|path| IngressPath::under(path, service, port)));
        }
        let secret = self.target.certificate.as_ref().and_then(|issuer| issuer.secret.as_ref());
        let secret_name = secret.map_or_else(|| format!("{}-tls", self.app), Label::to_string);
        let is_encrypted = matches!(self.proxy.transport, Transport::Tls(_));
        let spec = IngressSpec {
            ingress_class_name: self.target.ingress_class.as_ref().map(Label::to_string).unwrap_or_default(),
            tls: is_encrypted.then(|| IngressTls { hosts: hosts.clone(), secret_name }).into_iter().collect(),
            rules: hosts.into_iter().map(|host| IngressRule::of(host, paths.clone())).collect(),
        };
        Ok(Object::new(self.own(self.app), Body::Ingress { spec }))
    }
}

/// A listener of the gateway.
fn parent(gateway: &Gateway, listener: &str) -> ParentRef {
    ParentRef {
        group: GROUP,
        kind: "Gateway",
        name: gateway.name.to_string(),
        namespace: gateway.namespace.as_ref().map(Label::to_string),
        section_name: listener.to_owned(),
    }
}

/// The routes of a site, each with its name, its policy and its rules: as many as the rules take. The one that takes all that
/// is left has the site's name.
fn grouped(name: &str, drafts: Vec<Draft>, proxy: &Proxy<'_>) -> Vec<(String, Policy, Vec<Rule>)> {
    let mut groups: Vec<(Policy, Vec<Rule>)> = Vec::new();
    for Draft { policy, rule, .. } in drafts {
        let has_room = |rules: &[Rule]| {
            let matches: usize = rules.iter().map(|rule| rule.matches.len()).sum();
            rules.len() < RULES && matches + rule.matches.len() <= MATCHES
        };
        match groups.iter_mut().rev().find(|(other, rules)| *other == policy && has_room(rules)) {
            Some((_, rules)) => rules.push(rule),
            None => groups.push((policy, vec![rule])),
        }
    }
    let mut taken: Vec<String> = Vec::new();
    let last = groups.len().saturating_sub(1);
    let mut named = Vec::new();
    for (index, (policy, rules)) in groups.into_iter().enumerate() {
        let limit = policy.limits.first().map(|limit| dashed(proxy.limits[*limit].limit.name));
        let base = match limit {
            _ if index == last => name.to_owned(),
            Some(limit) => format!("{name}-{limit}-limit"),
            None => format!("{name}-part"),
        };
        let number = taken.iter().filter(|other| **other == base).count();
        taken.push(base.clone());
        let name = if number == 0 { base } else { format!("{base}-{}", number + 1) };
        named.push((name, policy, rules));
    }
    named
}

fn matched(path: PathMatch, asked: &Asked, is_split: bool) -> Match {
    let mut matched = Match::path(path);
    match asked {
        Asked::Plain => return matched,
        Asked::By(method) => matched.method = Some(method.clone()),
        Asked::Anyhow => {}
    }
    if is_split {
        matched.headers.push(HeaderMatch { r#type: "Exact", name: "X-Forwarded-Proto", value: "https" });
    }
    matched
}
