//! What the plan demands of the gateway, beside what the routes of manifests do.

use std::collections::{BTreeMap, BTreeSet};

use super::super::rule::{Check, Findings, Severities, rules};
use super::weakened::{Weak, lines, passed_through, same_value, weakened};
use super::{TARGET, routes as routes_of};
use crate::finding::Severity::{Error, Note, Warning};
use crate::manifest::{Manifests, Object, Place, Route, Way};
use crate::plan::{Cors, Demand, Entry, Header, Layer, Limit, Owner, Plan};
use crate::profile::{ByteSize, LimitKey, Period, UrlPath};
use crate::source::KeyPath;
use crate::yaml::Node;

/// How a control got to the gateway.
const LEFT: &str = ", which the plan leaves to the gateway";

/// What a rule of a route does not do that others do.
const NO_HEADER: &str = "sends no such header";

/// Something that is missing or contradicts, and where.
struct Breach {
    place: Place,
    message: String,
    label: &'static str,
    help: String,
    /// Other places at which the same is missing.
    others: Vec<Place>,
    /// Of what nothing does it: where that is, in words that tell it from other places, and what is said before the names of
    /// all that are missing there, and behind them.
    lacks: Option<(String, [String; 2])>,
}

impl Breach {
    /// Something that says otherwise than the profile.
    fn contradicting(place: Place, message: String, help: String) -> Self {
        Self { place, message, label: "contradicts the profile", help, others: Vec::new(), lacks: None }
    }
}

/// The rules of routes that hand requests on, with what is known of all that they do.
fn serving<'r, 'm>(routes: &'r [Route<'m>]) -> impl Iterator<Item = (&'r Route<'m>, &'r Way<'m>)> {
    let ways = routes.iter().flat_map(|route| route.ways.iter().map(move |way| (route, way)));
    ways.filter(|(_, way)| !way.redirects && !way.services.is_empty() && !way.may_be_more)
}

/// A header that some rule does not set, or sets otherwise.
fn header(header: &Header, routes: &[Route<'_>]) -> Vec<Breach> {
    let Some(value) = header.value.as_ref().filter(|_| !header.from_app) else { return Vec::new() };
    let name = header.name;
    let mut breaches = Vec::new();
    let mut missing: BTreeMap<Place, &Route<'_>> = BTreeMap::new();
    for (route, way) in serving(routes) {
        match way.headers.iter().find(|written| written.name.eq_ignore_ascii_case(name)) {
            None => {
                missing.insert(way.place, route);
            }
            Some(written) if same_value(&written.value, value) => {}
            Some(written) => breaches.push(Breach::contradicting(
                written.place,
                format!("`{name}` has another value here than the profile asks for"),
                format!("write `{value}`"),
            )),
        }
    }
    let help = format!("set `{name}: {value}`");
    let all = serving(routes).map(|(_, way)| way.place).collect::<BTreeSet<_>>().len();
    if let Some((_, route)) = missing.first_key_value().filter(|_| missing.len() == all) {
        let message = format!("no rule of the routes sets `{name}`, which the plan leaves to the gateway");
        breaches.push(lacking(route.object, message, help));
    } else if let Some((place, route)) = missing.first_key_value() {
        let title = route.object.title();
        let message = format!("this rule of {title} does not set `{name}`, which the plan leaves to the gateway");
        let others: Vec<Place> = missing.keys().skip(1).copied().collect();
        let where_missing = format!("this rule of {title} does not set {:?}", missing.keys());
        let words = ["this rule does not set ".to_owned(), LEFT.to_owned()];
        breaches.push(Breach {
            place: *place,
            message,
            label: NO_HEADER,
            help,
            others,
            lacks: Some((where_missing, words)),
        });
    }
    // One Middleware serves several rules.
    breaches.dedup_by_key(|breach| breach.place);
    breaches
}

/// What is wrong where nothing sends plain HTTP to https.
fn redirect(manifests: &Manifests, routes: &[Route<'_>]) -> Vec<Breach> {
    let all = manifests.routes();
    let mut ways = all.iter().flat_map(|route| &route.ways);
    if ways.any(|way| way.redirects || way.may_be_more) {
        return Vec::new();
    }
    let first = routes.first().map(|route| route.object);
    first
        .map(|object| {
            lacking(
                object,
                "no route sends plain HTTP to https",
                "add a route on the plain listener with a `RequestRedirect` to https",
            )
        })
        .into_iter()
        .collect()
}

/// What is missing of all routes, told at the first.
fn lacking(object: &Object, message: impl Into<String>, help: impl Into<String>) -> Breach {
    Breach {
        place: object.place(),
        message: message.into(),
        label: "leads to the app",
        help: help.into(),
        others: Vec::new(),
        lacks: Some((object.title(), ["no rule of the routes enforces ".to_owned(), LEFT.to_owned()])),
    }
}

/// A control that nobody enforces where TLS is handed on as it is.
fn passed(entry: &Entry<'_>, place: Place, title: &str) -> Option<Breach> {
    let is_on_the_wire = !matches!(
        entry.demand,
        Demand::Upstream(_) | Demand::Service(_) | Demand::Location { .. } | Demand::Health(_) | Demand::SharedState(_)
    );
    let before = format!("{title} hands TLS on as it is, and nothing there enforces ");
    is_on_the_wire.then(|| Breach {
        place,
        message: format!("{before}{}{LEFT}", entry.control),
        label: "nobody at the gateway sees a request",
        help: "end TLS at the gateway (`mode: Terminate` and an `HTTPRoute`), or have what it leads to do all of it"
            .to_owned(),
        others: Vec::new(),
        lacks: Some((format!("{title} {place:?}"), [before, LEFT.to_owned()])),
    })
}

/// The routes that say how the paths of a demand are answered: those that name them, or else all.
fn are_for<'d>(demand: &'d Demand<'_>, routes: &'d [Route<'_>]) -> impl Fn(&Route<'_>) -> bool + 'd {
    let paths: &[UrlPath] = match demand {
        Demand::Access(access) => access.paths.list,
        Demand::RateLimit(limit) => limit.paths.list,
        _ => &[],
    };
    let names = |route: &Route<'_>| {
        let own = std::slice::from_ref(route);
        paths.iter().any(|path| !for_path(own, path.as_str()).is_empty())
    };
    let is_any = routes.iter().any(names);
    move |route| !is_any || names(route)
}

/// The rules that hand requests for a path on.
fn for_path<'r, 'm>(routes: &'r [Route<'m>], path: &str) -> Vec<&'r Way<'m>> {
    serving(routes).map(|(_, way)| way).filter(|way| is_for(way, path)).collect()
}

/// Whether a rule is for a path, as far as the words of its patterns tell.
fn is_for(way: &Way<'_>, path: &str) -> bool {
    let holds = |written: &str| {
        let plain = written.replace(['\\', '[', ']'], "");
        let mut rest = plain.as_str();
        let mut parts = path.split('/').filter(|part| !part.is_empty()).peekable();
        parts.peek().is_some()
            && parts.all(|part| {
                let found = rest.find(part).map(|at| &rest[at + part.len()..]);
                rest = found.unwrap_or_default();
                found.is_some()
            })
    };
    way.paths.iter().any(|written| holds(written))
}

/// A limit that nobody counts, or that lets more through.
fn limit(limit: &Limit<'_>, manifests: &Manifests, routes: &[Route<'_>]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    // A service beside the app may have the path.
    let hosts = || routes.iter().flat_map(|route| &route.hosts);
    let is_of_site = |route: &Route<'_>| route.hosts.iter().any(|host| hosts().any(|own| own.text == host.text));
    let of_site: Vec<Route<'_>> = manifests.routes().into_iter().filter(is_of_site).collect();
    for path in limit.paths.list {
        let mut ways = for_path(routes, path.as_str());
        ways.extend(for_path(&of_site, path.as_str()));
        let all = || serving(routes).map(|(_, way)| way);
        let counting: Vec<&Object> = ways
            .iter()
            .copied()
            .chain(all().filter(|way| way.paths.is_empty() || way.paths.contains(&"/")))
            .flat_map(|way| counts(way))
            .collect();
        let Some(first) = routes.first().map(|route| route.object) else { continue };
        if counting.is_empty() {
            if all().next().is_some() {
                let message =
                    format!("no rule of the routes counts requests to `{path}`, which the plan leaves to the gateway");
                breaches.push(lacking(first, message, format!("limit `{path}` to {}", limit.rate)));
            }
            break;
        }
        for object in counting {
            let own = object.node.at(&["spec", "rateLimit"]).filter(|_| object.kind == "Middleware");
            if let Some(burst) = own.and_then(|own| own.get("burst"))
                && burst.as_u64().is_some_and(|burst| burst > u64::from(limit.at_once()))
            {
                let message = format!(
                    "{} lets more through at once than the limit `{}` of the profile",
                    object.title(),
                    limit.name
                );
                let place = (object.source, burst.span);
                breaches.push(Breach::contradicting(place, message, format!("write `burst: {}`", limit.at_once())));
            }
            let by = |key: &str| own.and_then(|own| own.at(&["sourceCriterion"])?.entry(key));
            if let Some(entry) =
                by("requestHeaderName").or_else(|| by("requestHost")).filter(|_| limit.per == LimitKey::Ip)
            {
                let message = format!(
                    "{} counts by what a client says of itself, and the limit `{}` of the profile by its address",
                    object.title(),
                    limit.name
                );
                let place = (object.source, entry.key_span);
                breaches.push(Breach::contradicting(place, message, "write `ipStrategy` there".to_owned()));
            }
            let Some((count, seconds, place)) = rate(object) else { continue };
            let asked = (u64::from(limit.rate.count), limit.rate.seconds());
            // count / seconds > asked.0 / asked.1
            if u128::from(count) * u128::from(asked.1) > u128::from(asked.0) * u128::from(seconds) {
                let message =
                    format!("{} lets more through than the limit `{}` of the profile", object.title(), limit.name);
                breaches.push(Breach::contradicting(place, message, format!("let {} through", limit.rate)));
            }
        }
    }
    breaches.dedup_by_key(|breach| breach.place);
    breaches
}

/// The objects that count requests for a rule.
fn counts<'m>(way: &Way<'m>) -> Vec<&'m Object> {
    let is_limit = |object: &&&Object| {
        let has = |way: &[&str]| object.node.at(way).is_some();
        has(&["spec", "rateLimit"]) || object.kind == "RateLimitPolicy"
    };
    way.extensions.iter().filter(is_limit).copied().collect()
}

/// How many requests in how many seconds a Middleware of Traefik lets through, on average.
fn rate(object: &Object) -> Option<(u64, u64, Place)> {
    let limit = object.node.at(&["spec", "rateLimit"]).filter(|_| object.kind == "Middleware")?;
    let average = limit.get("average")?;
    let seconds = match limit.get("period").and_then(Node::text) {
        None => 1,
        Some(text) => {
            let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            let unit = match &text[split..] {
                "" | "s" => Period::Second,
                "m" | "m0s" => Period::Minute,
                "h" | "h0m0s" => Period::Hour,
                _ => return None,
            };
            text[..split].parse::<u64>().ok()? * unit.seconds()
        }
    };
    Some((average.as_u64()?, seconds, (object.source, average.span)))
}

/// Docs that the catch-all rule hands on. A rule that answers in their place may lead anywhere.
fn docs(paths: &crate::plan::Paths<'_>, manifests: &Manifests, routes: &[Route<'_>]) -> Vec<Breach> {
    let all = manifests.routes();
    let answers = |path: &str| all.iter().flat_map(|route| &route.ways).any(|way| is_for(way, path));
    let open: Vec<String> =
        paths.list.iter().filter(|path| !answers(path.as_str())).map(|path| format!("`{path}`")).collect();
    let first = serving(routes).next().map(|(route, _)| route.object);
    let Some(object) = first.filter(|_| !open.is_empty()) else { return Vec::new() };
    let message = format!(
        "no rule of the routes hides {}, which the plan leaves to the gateway",
        super::super::words::and(&open)
    );
    let help = format!("answer {} with 404 before the app is asked", super::super::words::and(&open));
    vec![lacking(object, message, help)]
}

/// Bodies that nobody limits, or that may be larger.
fn body(most: ByteSize, routes: &[Route<'_>]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut is_limited = false;
    for object in serving(routes).flat_map(|(_, way)| &way.extensions) {
        let at = |way: &[&str]| object.node.at(way);
        is_limited |= at(&["spec", "requestBuffer"]).is_some() || at(&["spec", "body"]).is_some();
        let Some(written) = at(&["spec", "buffering", "maxRequestBodyBytes"]) else { continue };
        is_limited = true;
        if written.as_u64().is_some_and(|bytes| bytes > most.as_bytes()) {
            let message = format!("{} lets larger bodies through than the profile", object.title());
            let help = format!("write {}", most.as_bytes());
            breaches.push(Breach::contradicting((object.source, written.span), message, help));
        }
    }
    let first = serving(routes).next().map(|(route, _)| route.object);
    if let Some(object) = first.filter(|_| !is_limited) {
        let message = "nothing in the routes limits the size of a body, which the plan leaves to the gateway";
        breaches.push(lacking(object, message, format!("limit bodies to {most}")));
    }
    breaches.dedup_by_key(|breach| breach.place);
    breaches
}

/// Origins that may read answers and are not the profile's; or nobody who lets in those that are.
fn cors<'m>(asked: &Cors<'_>, routes: &[Route<'m>]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut is_asked = false;
    // Patterns cannot be compared with a list.
    let listed: Option<Vec<String>> =
        asked.origins.as_ref().map(|origins| origins.iter().map(ToString::to_string).collect());
    let apps: Vec<String> = asked.apps.iter().map(ToString::to_string).collect();
    for (route, way) in serving(routes) {
        let filter = way.cors.and_then(|(node, source)| Some((node.get("allowOrigins")?, source, route.object)));
        let of_middleware = |object: &&'m Object| {
            let list = object.node.at(&["spec", "headers", "accessControlAllowOriginList"])?;
            Some((list, object.source, *object))
        };
        let middlewares = way.extensions.iter().filter_map(of_middleware);
        for (list, source, object) in filter.into_iter().chain(middlewares) {
            is_asked = true;
            let Some(own) = &listed else { continue };
            for origin in list.items() {
                let text = origin.text().unwrap_or_default();
                if !own.iter().chain(&apps).any(|own| own == text) {
                    let message =
                        format!("{} lets an origin read answers that the profile does not list", object.title());
                    let help = "take it out, or add it to `cors.origins`".to_owned();
                    breaches.push(Breach::contradicting((source, origin.span), message, help));
                }
            }
        }
    }
    let first = serving(routes).next().map(|(route, _)| route.object);
    let has_origins = listed.as_ref().is_none_or(|listed| !listed.is_empty());
    if let Some(object) = first.filter(|_| !is_asked && has_origins) {
        let message = "nothing in the routes answers other origins, which the plan leaves to the gateway";
        let help = "add the origins of `cors.origins`, in a filter or a Middleware";
        breaches.push(lacking(object, message, help));
    }
    breaches.dedup_by_key(|breach| breach.place);
    breaches
}

fn breaches(entry: &Entry<'_>, manifests: &Manifests, routes: &[Route<'_>]) -> Vec<Breach> {
    match &entry.demand {
        Demand::Hsts(one) | Demand::Header(one) => header(one, routes),
        Demand::HttpsRedirect => redirect(manifests, routes),
        Demand::RateLimit(one) => limit(one, manifests, routes),
        Demand::ApiDocs(paths) | Demand::SetUp(paths) => docs(paths, manifests, routes),
        Demand::BodySize(most) => body(*most, routes),
        Demand::Cors(asked) => cors(asked, routes),
        // K8S023 and K8S024 speak of the first three; of the others, no object of a route says anything by itself.
        Demand::Tls(_)
        | Demand::PlainHttpRefused
        | Demand::HostNames { .. }
        | Demand::AliasesRedirect { .. }
        | Demand::Health(_)
        | Demand::Access(_)
        | Demand::ClientAddress { .. }
        | Demand::NoStore(_)
        | Demand::ServerVersion
        | Demand::Cookie(_)
        | Demand::Lockout(_)
        | Demand::Passwords(_)
        | Demand::Sessions(_)
        | Demand::Tokens(_)
        | Demand::Upstream(_)
        | Demand::Service(_)
        | Demand::Location { .. }
        | Demand::IpFilter(_)
        | Demand::SharedState(_) => Vec::new(),
    }
}

/// Tells what is missing of a control, with the profile's line that asks for it.
fn tell(plan: &Plan<'_>, entry: &Entry<'_>, breach: Breach, out: &mut Findings<'_>) {
    let key: KeyPath = entry.control.key();
    let is_written = plan.policy.is_written(&key.to_string());
    let draft = out.at_file(breach.place, key.clone(), breach.message);
    draft.label(breach.label).help(breach.help);
    for other in breach.others {
        draft.also_in_file(other, "nor does this rule");
    }
    if let Some((of, [before, after])) = breach.lacks {
        draft.shares(of, (&before, entry.control.to_string(), &after));
    }
    if is_written {
        draft.also(key, "what the profile asks for");
    }
}

rules! {
    /// The routes do what the plan leaves to the gateway.
    ///
    /// A plan says which layer enforces a control, and the others leave it alone. Where the gateway's objects were written by hand,
    /// or edited after they were rendered, one may be missing, and nobody enforces it: the app was told not to.
    ///
    /// Asked only where `--manifest` names the files, and a route among them leads to the app. Compared are headers, the redirect
    /// to https, origins, limits of requests and bodies, and hidden paths, in the Gateway API's filters, in Traefik's Middlewares and
    /// in policies that name the route. Of a rule that names an extension which is not among the files, nothing is said.
    ///
    /// Where TLS is handed on as it is (a listener with `mode: Passthrough`, a `TLSRoute`, `ssl-passthrough` of an Ingress), nobody at the
    /// gateway sees a request, and none of that is enforced. Annotations of an Ingress are read that say the opposite of the profile:
    /// no redirect to https, everyone for a list of networks, client certificates that need not be shown, every origin, larger bodies, in
    /// the words of ingress-nginx, F5's NGINX, `HAProxy`'s two controllers, Traefik and AWS. Of lines in a program's own language
    /// (`configuration-snippet`) a note says that they cannot be judged.
    ///
    /// Write: what `seccfg render --target kubernetes` writes.
    K8S026 = "route-without-control" {
        severity: Severities::prod(Error).and_staging(Warning),
        source: "the plan: `seccfg plan --target kubernetes`",
        keys: &["*"],
        fix: None,
        check: Check::Manifest(|plan, manifests, out| {
            let routes = routes_of(plan, manifests);
            let edge = [Owner::Layer(Layer::Proxy), Owner::Layer(Layer::Cluster)];
            let passing = passed_through(plan, manifests, &routes);
            let mut told: Vec<Place> = Vec::new();
            for entry in &plan.entries {
                if edge.contains(&entry.owner) {
                    for breach in breaches(entry, manifests, &routes) {
                        tell(plan, entry, breach, out);
                    }
                    for breach in passing.iter().filter_map(|(place, title)| passed(entry, *place, title)) {
                        tell(plan, entry, breach, out);
                    }
                }
                // An app that redirects by itself gets what comes by plain HTTP.
                let is_the_apps = !edge.contains(&entry.owner) && entry.owner != Owner::Gap;
                if is_the_apps && matches!(entry.demand, Demand::HttpsRedirect) {
                    continue;
                }
                for Weak { place, message, help } in weakened(&entry.demand, &routes, are_for(&entry.demand, &routes)) {
                    told.push(place);
                    tell(plan, entry, Breach::contradicting(place, message, help), out);
                }
            }
            for (place, what) in lines(&routes).filter(|(place, _)| !told.contains(place)) {
                out.at_file(place, TARGET, format!("{what} cannot be judged: they may undo what the profile asks for"))
                    .at_most(Note)
                    .label("lines in the language of the program behind the Ingress")
                    .help("say it by annotations or objects that have a word for it, or look through the lines by hand");
            }
        }),
    }
}
