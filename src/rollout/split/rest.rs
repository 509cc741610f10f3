//! Host names, limits, and whatever else differs: each difference by its section.

use super::{Draft, Sets, Sides};
use crate::plan::{Control, Demand, Limit, Plan, Service};
use crate::profile::{HostName, Name, UrlPath};
use crate::rollout::Kind;
use crate::source::{KeyPath, Literal, Segment};

pub(super) fn split(sides: &mut Sides<'_>) {
    names(sides);
    limits(sides);
    processes(sides);
    let is_smaller = sides.new.policy.app.max_body < sides.old.policy.app.max_body;
    let body = sides.take_within("app.max_body");
    let (size, why) = if is_smaller {
        (Kind::Limits, "the access log shows that no honest request is as large")
    } else {
        (Kind::LimitsEased, "nobody is refused by it, so it waits for nothing")
    };
    sides.push(Draft::new(size, body).of("app.max_body").why(why));
    while let Some(key) = sides.left.first().cloned() {
        let kind = of(&key);
        let sets = sides.take(|other| of(other) == kind);
        let why = (kind == Kind::Accounts).then(|| accounts(&sets));
        let draft = Draft { why, ..Draft::new(kind, sets) };
        let shows_docs = kind == Kind::DocsHidden && sides.new.entry(Control::ApiDocs).is_none();
        // What is shown may be shown to some alone.
        sides.push(if shows_docs { Draft { kind: Kind::Programs, ..draft } } else { draft });
    }
}

/// The kind of a difference that is like every other one in its section.
fn of(key: &KeyPath) -> Kind {
    let name = |nth: usize| match key.segments().get(nth) {
        Some(Segment::Key(key)) => key.as_ref(),
        Some(Segment::Index(_)) | None => "",
    };
    match (name(0), name(1)) {
        ("app", "url" | "frontend_url" | "aliases" | "aliases_redirect") => Kind::Names,
        // Who gets to a path goes live with the path, so that it is open to others at no time.
        ("app", "upstream" | "upstream_ca" | "resolve" | "paths" | "timeout")
        | ("services" | "locations" | "health" | "access", _) => Kind::Programs,
        ("proxy", _) => Kind::Proxies,
        ("tls", _) => Kind::Tls,
        ("hsts", _) => Kind::HstsBegun,
        ("cors", _) => Kind::CorsNarrowed,
        ("cookies", _) => Kind::CookiesHardened,
        ("headers", _) => Kind::Headers,
        ("state", _) => Kind::SharedState,
        ("lockout" | "passwords" | "sessions" | "tokens", _) => Kind::Accounts,
        ("rate_limits", _) => Kind::Limits,
        ("api_docs", _) => Kind::DocsHidden,
        ("ip_filter", _) => Kind::Networks,
        // What the app, its mail, its database and its providers are told, and what the rendered files are for.
        _ => Kind::Settings,
    }
}

/// Why what accounts are told has its place: what is changed there says it.
fn accounts(sets: &Sets) -> String {
    let within = |section: &'static str| sets.iter().any(|(key, _)| key.is_within(&section.into()));
    let reasons = [
        ("lockout", "locks by address need the true address, and locks that all processes count need shared state"),
        ("passwords", "passwords that are set from then on are judged by it: nothing waits for it"),
        ("sessions", "sessions that begin from then on last so long: they are kept where processes share them"),
        ("tokens", "tokens that are signed from then on are so: those that are out stay as they are until they end"),
    ];
    let reasons = reasons.into_iter().filter(|(section, _)| within(section)).map(|(_, why)| why);
    reasons.collect::<Vec<_>>().join("; ")
}

/// Why HSTS is short where a new name is served.
const BEGINS_ANEW: &str = "no browser has seen the new ones with HSTS, and what goes wrong with their TLS shows in the first days: so \
                           the header, which is one for all names, begins anew with a short time";

/// A new name is served beside the old ones, which go when people have come by.
fn names(sides: &mut Sides<'_>) {
    const ALIASES: &str = "app.aliases";
    let host = |plan: &Plan<'_>| plan.policy.url().origin().host().name().cloned();
    let served = |plan: &Plan<'_>| -> Vec<HostName> {
        plan.policy.hosts().iter().filter_map(|host| host.name().cloned()).collect()
    };
    let (old, new) = (served(sides.old), served(sides.new));
    let goes = old.iter().any(|name| !new.contains(name));
    let mut sets = sides.take(|key| of(key) == Kind::Names);
    let short = std::mem::take(&mut sides.with_names);
    let why = (!short.is_empty()).then(|| format!("{}; {BEGINS_ANEW}", Kind::Names.texts().why));
    let begun = |sets: Sets| Draft { why, ..Draft::new(Kind::Names, sets.into_iter().chain(short).collect()) };
    let aliases = KeyPath::from(ALIASES);
    if !goes {
        sides.push(begun(sets));
        return;
    }
    let last = sides.finals(std::slice::from_ref(&aliases));
    let first = host(sides.new);
    let beside: Vec<&HostName> = old.iter().filter(|name| Some(*name) != first.as_ref()).collect();
    let more = new.iter().filter(|name| !old.contains(name) && Some(*name) != first.as_ref());
    let all: Literal = beside.into_iter().chain(more).map(HostName::as_str).collect();
    sets.retain(|(key, _)| *key != aliases);
    sets.push((aliases, Some(all)));
    sides.push(begun(sets));
    sides.push(Draft::new(Kind::NamesRetired, last));
}

fn limit<'p>(plan: &'p Plan<'_>, name: &Name) -> Option<&'p Limit<'p>> {
    let Demand::RateLimit(limit) = &plan.entry(Control::RateLimit(name))?.demand else { return None };
    Some(limit)
}

/// Whether a limit lets through what the other one did, and more.
fn is_eased(old: &Limit<'_>, new: &Limit<'_>) -> bool {
    let counts_fewer = old.methods.is_none() || old.methods == new.methods;
    old.rate.at_most(new.rate)
        && old.at_once() <= new.at_once()
        && old.per == new.per
        && new.paths.list.iter().all(|path| old.paths.list.contains(path))
        && (counts_fewer
            || new.methods.is_some_and(|new| old.methods.is_some_and(|old| new.iter().all(|one| old.contains(one)))))
        && old.exempt.iter().all(|network| new.exempt.contains(network))
}

/// Whether nobody asks for the paths of a limit yet: new services answer them, and neither an old one nor the app did by name.
fn is_on_what_is_new(sides: &Sides<'_>, limit: &Limit<'_>) -> bool {
    let (facts, before) = (sides.new.facts(), &sides.old.site);
    let site = &facts.site;
    let is_new = |service: &Service<'_>| service.name.is_some_and(|name| !sides.old.policy.services.contains_key(name));
    let was_answered = |path: &UrlPath| {
        let owner = before.owner(path.as_str());
        owner.is_some_and(|service| service.name.is_some() || !service.paths.list.is_empty())
    };
    let answering = site.answering(&facts.mounted(&limit.paths));
    !answering.is_empty() && answering.iter().all(is_new) && !limit.paths.list.iter().any(was_answered)
}

/// A limit that is new, or tighter, comes after a look at what honest people do; one on what is new itself comes at once.
fn limits(sides: &mut Sides<'_>) {
    let (old, new) = (&sides.old.policy.rate_limits, &sides.new.policy.rate_limits);
    let mut names: Vec<&Name> = old.routes.keys().chain(new.routes.keys()).collect();
    names.sort();
    names.dedup();
    let (mut eased, mut begun, mut tightened) = (Sets::new(), Sets::new(), Sets::new());
    for name in names {
        let sets = sides.take_within(KeyPath::from("rate_limits.routes").key(name.as_str()));
        match (limit(sides.old, name), limit(sides.new, name)) {
            (_, None) => eased.extend(sets),
            (Some(old), Some(new)) if is_eased(old, new) => eased.extend(sets),
            (None, Some(new)) if is_on_what_is_new(sides, new) => begun.extend(sets),
            (_, Some(_)) => tightened.extend(sets),
        }
    }
    let (was, is, widened) = (old.enabled, new.enabled, old.exempt.iter().all(|network| new.exempt.contains(network)));
    let sets = sides.take_within("rate_limits");
    let moves = sets.iter().any(|(key, _)| *key == "rate_limits.enforced_by".into());
    if (was && !is) || (was == is && widened && !moves) {
        eased.extend(sets);
    } else {
        tightened.extend(sets);
    }
    if !tightened.is_empty() {
        sides.push(Draft::new(Kind::LimitsCounted, Vec::new()));
    }
    sides.push(Draft::new(Kind::LimitsBegun, begun));
    sides.push(Draft::new(Kind::LimitsEased, eased));
    sides.push(Draft::new(Kind::Limits, tightened));
}

/// More processes wait for shared state, which waits for fewer.
fn processes(sides: &mut Sides<'_>) {
    let [was, is] = [sides.old, sides.new].map(|plan| plan.policy.processes());
    let mut sets = sides.take_within("app.workers");
    sets.extend(sides.take_within("app.replicas"));
    sides.push(Draft::new(if is < was { Kind::ProcessesFewer } else { Kind::ProcessesMore }, sets));
}
