//! Paths that are not for everyone, the question of a balancer, and aliases that lead elsewhere: whether what is said of them
//! can hold.

use super::networks::{Wide, everyone, holds, wide};
use super::rule::{Check, Findings, Severities, rules};
use super::words::and;
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::{Answers, Facts, Paths, covers, names};
use crate::profile::{Access, Cidr, Host, Name, UrlPath};
use crate::source::KeyPath;

/// One path of an entry of `[access]`.
struct Closed<'p> {
    /// The path's key.
    key: KeyPath,
    path: &'p UrlPath,
    /// The entry's name.
    name: &'p Name,
    entry: &'p Access,
}

/// Every path of every entry.
fn closed<'p>(facts: &Facts<'p>) -> Vec<Closed<'p>> {
    let mut closed = Vec::new();
    for (name, entry) in &facts.policy.access {
        let list = KeyPath::from("access").key(name.as_str()).key("paths");
        let paths = entry.paths.iter().enumerate();
        closed.extend(paths.map(|(index, path)| Closed { key: list.clone().index(index), path, name, entry }));
    }
    closed
}

/// What is answered with 404 for everyone, unless an entry names it: the documentation, and the set-up pages.
fn hidden<'p>(facts: &Facts<'p>) -> Vec<(KeyPath, &'p UrlPath)> {
    let docs = if facts.policy.api_docs.is_shown() { &[][..] } else { facts.docs_paths() };
    let is_own = facts.policy.api_docs.paths.is_some();
    let list = KeyPath::from("api_docs.paths");
    let docs = docs.iter().enumerate();
    let docs = docs.map(|(index, path)| (if is_own { list.clone().index(index) } else { list.clone() }, path));
    docs.chain(facts.app.set_up.paths.iter().map(|path| ("app.kind".into(), path))).collect()
}

/// Whether an entry lets nobody in.
fn is_for_nobody(entry: &Access) -> bool {
    entry.networks.is_none() && entry.authority().is_none()
}

/// What is answered with 404, whoever asks: what is hidden and opened by no entry, and what entries close to everyone.
pub(super) fn shut<'p>(facts: &Facts<'p>) -> Vec<(KeyPath, &'p UrlPath)> {
    let closed = closed(facts);
    let is_opened = |hidden: &UrlPath| closed.iter().any(|own| names(own.path.as_str(), hidden.as_str()));
    let hidden = hidden(facts).into_iter().filter(|(_, path)| !is_opened(path));
    hidden.chain(closed.iter().filter(|own| is_for_nobody(own.entry)).map(|own| (own.key.clone(), own.path))).collect()
}

/// Whether an entry lets every client of a family in, and so closes nothing.
pub(super) fn is_for_everyone(entry: &Access) -> bool {
    entry.networks.as_deref().is_some_and(|networks| !everyone(networks).is_empty())
}

/// The entry that shows everyone what is hidden, where no other one closes it.
pub(super) fn shown_by<'p>(facts: &Facts<'p>, hidden: &UrlPath) -> Option<&'p Name> {
    let closed = closed(facts);
    let mut holding = closed.iter().filter(|own| covers(own.path.as_str(), hidden.as_str()));
    let naming = holding.clone().find(|own| names(own.path.as_str(), hidden.as_str()))?;
    holding.all(|own| is_for_everyone(own.entry)).then_some(naming.name)
}

/// Whether some address is in networks of both.
fn overlap(one: &[Cidr], other: &[Cidr]) -> bool {
    one.iter().any(|one| other.iter().any(|other| holds(*one, *other) || holds(*other, *one)))
}

/// The networks that are not within the others.
fn beyond<'n>(networks: &'n [Cidr], within: &[Cidr]) -> Vec<&'n Cidr> {
    let is_within = |network: &Cidr| within.iter().any(|outer| holds(*outer, *network));
    networks.iter().filter(|network| !is_within(network)).collect()
}

/// Whether two entries leave nobody who is let in by both.
fn exclude(one: &Access, other: &Access) -> bool {
    match (&one.networks, &other.networks) {
        _ if is_for_nobody(one) || is_for_nobody(other) => true,
        // Who shows a certificate may come from any network.
        _ if one.authority().is_some() || other.authority().is_some() => false,
        (Some(one), Some(other)) => !overlap(one, other),
        (None, _) | (_, None) => false,
    }
}

/// Whether every path of a site, or every one but the first page's, is meant.
pub(super) fn is_everything(path: &UrlPath) -> bool {
    matches!(path.as_str(), "/" | "/*" | "/*/")
}

/// Whether somebody answers for a path.
fn is_somebodys(facts: &Facts<'_>, path: &UrlPath) -> bool {
    // Without paths of its own, the app has all that is left.
    facts.policy.app.paths.is_none() || facts.site.owner(path.as_str()).is_some()
}

/// The lists of paths that say what holds for them, and are about no path that nobody has.
fn about_paths<'p>(facts: &Facts<'p>) -> Vec<Paths<'p>> {
    let policy = facts.policy;
    let mut lists = Vec::new();
    for (name, location) in &policy.locations {
        lists.push(Paths { key: ("locations", name.as_str(), "paths").into(), list: &location.paths });
    }
    for (name, entry) in &policy.access {
        lists.push(Paths { key: ("access", name.as_str(), "paths").into(), list: &entry.paths });
    }
    for (name, route) in &policy.rate_limits.routes {
        let key = ("rate_limits.routes", name.as_str(), "paths").into();
        lists.push(Paths { key, list: facts.route_paths(name.as_str(), route) });
    }
    lists
}

/// Tells where the question of a balancer may be answered to somebody whom an entry keeps out.
fn disagree(facts: &Facts<'_>, out: &mut Findings<'_>) {
    let Some(health) = &facts.policy.health else { return };
    for Closed { key, path, name, entry } in closed(facts) {
        if !covers(path.as_str(), health.path.as_str()) {
            continue;
        }
        let let_in = entry.networks.as_deref().unwrap_or_default();
        let (place, who) = match &health.networks {
            None => (KeyPath::from("health.path"), "everyone".to_owned()),
            Some(networks) => {
                let beyond: Vec<String> = beyond(networks, let_in).into_iter().map(ToString::to_string).collect();
                if beyond.is_empty() {
                    continue;
                }
                ("health.networks".into(), and(&beyond))
            }
        };
        let message = format!(
            "{} is answered to {who} as a balancer's question, and `access.{name}` keeps them out",
            health.path
        );
        out.at(place, message)
            .label("the question is answered before anything else is looked at")
            .also(key, "closed to all that the entry does not let in")
            .help(format!(
                "list the same networks in `health.networks` and in `access.{name}.networks`, or give the question a path of its own"
            ));
    }
}

rules! {
    /// A path that some clients get to is one that requests reach.
    ///
    /// An entry of `[access]` says who gets to a path. Where that path is nobody's, or stands below documentation that is hidden
    /// from everyone, or where another entry for the same path lets in only others, nobody gets there at all, and whoever was
    /// meant to finds out by a 404. A path of the documentation that an entry names itself is open to whom the entry lets in.
    ///
    /// Write: the path as `api_docs.paths` has it, networks that both entries let in, or the path at one of the two.
    SRV006 = "access-to-nothing" {
        severity: Severities::all(Error),
        source: "the plan: what is hidden is answered first, and each entry that holds for a path has to let a client in",
        keys: &["access.+.paths", "access.+.networks", "access.+.client_ca"],
        reads: &[&["api_docs.paths", "api_docs.exposed", "api_docs.public", "app.paths"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let (closed, hidden) = (closed(facts), hidden(facts));
            for (place, Closed { key, path, name, entry }) in closed.iter().enumerate() {
                if is_for_nobody(entry) {
                    continue;
                }
                let is_named = |hidden: &UrlPath| closed.iter().any(|other| names(other.path.as_str(), hidden.as_str()));
                let above = hidden.iter().find(|(_, hidden)| covers(hidden.as_str(), path.as_str()) && !is_named(hidden));
                let is_other = |index: usize, other: &Closed<'_>| {
                    index != place && covers(other.path.as_str(), path.as_str()) && exclude(entry, other.entry)
                };
                let other = closed.iter().enumerate().find(|(index, other)| is_other(*index, other)).map(|(_, other)| other);
                if let Some((list, hidden)) = above {
                    out.at(key.clone(), format!("`access.{name}` lets clients in to {path}, which is hidden from everyone"))
                        .label("answered with 404")
                        .also(list.clone(), format!("{hidden} is hidden with all below it"))
                        .help(format!("write {hidden} in `access.{name}.paths`: what an entry names is hidden from all others alone"));
                } else if let Some(other) = other {
                    out.at(key.clone(), format!("nobody gets to {path}: `access.{name}` and `access.{}` let in nobody together", other.name))
                        .label("each entry that holds for a path has to let the client in")
                        .also(other.key.clone(), format!("{} is for others", other.path))
                        .help("list the same networks in both, or take the path out of one of the two");
                }
            }
        }),
    }

    /// What is said of a path is said of one that somebody answers for.
    ///
    /// An app with `app.paths` has these and no others; what no service names is then nobody's, and answered with 404. A limit,
    /// a location or an entry of `[access]` for such a path does nothing. Mostly its path is misspelled, or has moved, and the
    /// path that was meant goes without.
    ///
    /// A sign-in that is hidden, or closed to everyone by an entry of `[access]`, is an error: nobody can sign in.
    ///
    /// Write: the path as it is served, or the path in `app.paths` or in a service's `paths`, too.
    SRV007 = "path-of-nobody" {
        severity: Severities::all(Error),
        source: "the plan: what is nobody's is answered with 404",
        keys: &["locations.*.paths", "access.*.paths", "rate_limits.routes.*.paths", "app.paths", "services.+.paths", "app.url"],
        reads: &[&["access.*.networks", "access.*.client_ca", "api_docs.paths", "api_docs.exposed", "api_docs.public"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let shut = shut(facts);
            // Of the whole site, SRV010 speaks.
            let shuts = |closed: &UrlPath, path: &UrlPath| !is_everything(closed) && covers(closed.as_str(), path.as_str());
            let above = |path: &UrlPath| shut.iter().find(|(_, closed)| shuts(closed, path));
            let sign_in = facts.policy.rate_limits.routes.get("sign_in").map(|route| facts.route_paths("sign_in", route));
            if let Some((path, others)) = sign_in.and_then(<[UrlPath]>::split_first)
                && let Some((key, closed)) = above(path)
                && others.iter().all(|path| above(path).is_some())
            {
                out.at(key.clone(), format!("nobody can sign in: {path} is answered with 404"))
                    .label(if path == *closed { "closed to everyone".to_owned() } else { format!("{closed} is closed to everyone, with all below it") })
                    .also("rate_limits.routes.sign_in", "says that people sign in there")
                    .help("take the path out, or write the `networks` of those who sign in");
            }
            for Paths { key, list } in about_paths(facts) {
                let is_listed = || facts.policy.is_written(&key.to_string());
                for (index, path) in list.iter().enumerate().filter(|(_, path)| !is_somebodys(facts, path)) {
                    let place = if is_listed() { key.clone().index(index) } else { key.clone() };
                    out.at(place, format!("{path} is nobody's, and is answered with 404"))
                        .at_most(Warning)
                        .label("does nothing")
                        .also("app.paths", "neither the app's nor a service's")
                        .help(format!("write the path as it is served, or add {path} to `app.paths`"));
                }
            }
        }),
    }

    /// A balancer's question is one that only tells whether a program is alive.
    ///
    /// `health.path` is answered whatever the host of the request is, by plain HTTP, and before limits, filters and all that
    /// hides a path. A path at which people sign in would be asked without a limit, documentation would be shown, and a set-up
    /// page would be open. One that nothing answers tells a balancer that the service is dead. Where a service with `root` answers,
    /// the proxy says 200 by itself: it is what sends the files.
    ///
    /// Write: a path for nothing else, such as `health.path = "/healthz"`.
    SRV008 = "health-path-of-another" {
        severity: Severities::all(Error),
        source: "Kubernetes' documentation on probes: an endpoint for the question alone; the plan: it is answered first",
        keys: &["health.path"],
        reads: &[&["api_docs.paths", "api_docs.exposed", "api_docs.public", "rate_limits.routes.+.paths", "rate_limits.enabled", "services.+.paths", "services.+.upstream", "services.+.root", "app.paths", "app.url"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let Some(health) = &facts.policy.health else { return };
            let (path, help) = (&health.path, "give the question a path of its own, such as \"/healthz\"");
            if path.as_str().contains('*') {
                out.at("health.path", format!("{path} is a pattern, and the question has one path"))
                    .label("only a request for a `*` itself would be answered")
                    .help(help);
                return;
            }
            let of_limits = facts.policy.rate_limits.routes.iter().map(|(name, route)| {
                let key: KeyPath = ("rate_limits.routes", name.as_str(), "paths").into();
                (key, format!("`{name}`"), facts.route_paths(name.as_str(), route))
            });
            let of_app = facts.app.routes.iter().map(|(name, paths)| ("app.kind".into(), format!("`{name}`"), &paths[..]));
            let limited = of_limits.chain(of_app).find(|(.., paths)| paths.iter().any(|own| covers(own.as_str(), path.as_str())));
            let hidden = hidden(facts).into_iter().find(|(_, hidden)| covers(hidden.as_str(), path.as_str()));
            if let Some((key, what, _)) = limited {
                out.at("health.path", format!("{path} is the path of {what}, and is answered as a balancer's question"))
                    .label("whatever the host is, and without a limit")
                    .also(key, "has a limit there, or needs one")
                    .help(help);
            } else if let Some((key, above)) = hidden {
                out.at("health.path", format!("{path} is hidden, and is answered as a balancer's question"))
                    .label("whatever the host is, before anything is hidden")
                    .also(key, format!("{above} is hidden with all below it"))
                    .help(help);
            } else if facts.site.owner(path.as_str()).is_none_or(|service| matches!(service.answers, Answers::Nothing)) {
                out.at("health.path", format!("nothing answers for {path}"))
                    .label("the balancer is told 404, and takes the service for dead")
                    .also("app.paths", "the app's paths")
                    .help("name a path that the app or one of `[services]` answers");
            }
        }),
    }

    /// Those who ask whether the service is alive are not kept out, and nobody else is let in by that.
    ///
    /// A balancer asks from its own address, and takes a service for dead that answers 404 or 403. An entry of `[access]` for
    /// every path, with the networks of clients alone, keeps it out. `[health]` is answered before every entry, and so to whom an
    /// entry for its path keeps out: the two have to name the same networks.
    ///
    /// Write: `[health]` with the path that the balancer asks for and its networks.
    SRV009 = "balancer-and-access-disagree" {
        severity: Severities::all(Error),
        source: "the plan: a balancer's question is answered first; AWS's and HAProxy's documentation on health checks, which come \
                 from the balancer's own addresses",
        keys: &["health.path", "health.networks", "access.*.paths", "access.*.networks", "access.*.client_ca", "proxy.trusted"],
        fix: None,
        check: Check::Policy(|facts, out| {
            disagree(facts, out);
            let trusted = &facts.policy.proxy.trusted;
            if facts.policy.health.is_some() || trusted.is_empty() {
                return;
            }
            for Closed { key, path, name, entry } in closed(facts) {
                let let_in = entry.networks.as_deref().unwrap_or_default();
                if path.as_str() == "/" && beyond(trusted, let_in).len() == trusted.len() {
                    out.at(key, format!("`access.{name}` keeps out the proxies in front, which ask whether the service is alive"))
                        .label("every path, for clients alone")
                        .also("proxy.trusted", "their own questions come from here")
                        .help("write `[health]` with the path that they ask for, and their networks in `health.networks`");
                }
            }
        }),
    }

    /// What is said of every path is said where it is meant for every path.
    ///
    /// A location for `/` says what `app.timeout` and `app.max_body` say; a limit that counts sign-ins and takes in every path
    /// locks a visitor out after a few pictures; documentation at `/` hides the whole site. An entry of `[access]` that lets every
    /// network in closes nothing.
    ///
    /// Write: the paths that are meant, such as `["/api/v1/export/"]`.
    SRV010 = "pattern-of-everything" {
        severity: Severities::all(Warning),
        source: "derived: a path of everything swallows those beside it",
        keys: &["locations.*.paths", "rate_limits.routes.*.paths", "api_docs.paths", "access.*.paths", "access.*.networks", "access.*.client_ca"],
        reads: &[&["api_docs.exposed", "api_docs.public", "app.url", "ip_filter.enabled"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let whole = |list: KeyPath, paths: &[UrlPath]| {
                paths.iter().position(is_everything).map(|index| (list.index(index), paths[index].clone()))
            };
            for (name, location) in &policy.locations {
                let list = ("locations", name.as_str(), "paths").into();
                if let Some((key, path)) = whole(list, &location.paths) {
                    out.at(key, format!("`locations.{name}` is about {path}, and so about every path"))
                        .label("nothing is left for what the app says of itself")
                        .also("app.timeout", "says it for every path")
                        .help("write `app.timeout` and `app.max_body` for all of them, and name the paths that need it otherwise");
                }
            }
            for name in ["sign_in", "sign_up", "password_reset"] {
                let route = policy.rate_limits.routes.get(name).and_then(|route| route.paths.as_deref());
                let list = ("rate_limits.routes", name, "paths").into();
                if let Some((key, path)) = route.and_then(|paths| whole(list, paths)) {
                    out.at(key, format!("the limit `{name}` takes in {path}, and so every request"))
                        .label("pages and pictures count as well")
                        .also(("rate_limits.routes", name, "limit"), "for all of them together")
                        .help("name the paths at which this is done, such as \"/api/v1/signin\"");
                }
            }
            let docs = policy.api_docs.paths.as_deref().filter(|_| !policy.api_docs.is_shown());
            if let Some((key, path)) = docs.and_then(|paths| whole("api_docs.paths".into(), paths)) {
                out.at(key, format!("the API's documentation is said to be at {path}, and is hidden: every page is answered with 404"))
                    .label("every path")
                    .also("app.url", "nothing of the site is left")
                    .help("name the pages of the documentation, such as \"/docs\"");
            }
            for (name, entry) in &policy.access {
                let section = KeyPath::from("access").key(name.as_str());
                let networks = entry.networks.as_deref().unwrap_or_default();
                for found in everyone(networks) {
                    out.at(found.key(section.clone().key("networks")), format!("`access.{name}` lets every {} client in", found.family))
                        .label(found.label(networks))
                        .also(section.clone().key("paths"), "closed to nobody")
                        .help("list the networks that are meant, or take the entry out");
                }
                for Wide { place, network, widest, .. } in wide(networks) {
                    out.at(section.clone().key("networks").index(place), format!("`access.{name}` lets all of {network} in"))
                        .label(format!("wider than /{widest}: strangers rent addresses in it"))
                        .also(section.clone().key("paths"), "closed to few")
                        .help("list the networks that are meant");
                }
                if let Some((key, path)) = whole(section.key("paths"), &entry.paths).filter(|_| entry.authority().is_none()) {
                    out.at(key, format!("`access.{name}` is about {path}, and so about the whole site"))
                        .at_most(Note)
                        .label("all others are told 404 for every page")
                        .also("ip_filter.enabled", "says who reaches the site at all, and tells all others 403")
                        .help("nothing, if 404 is meant; else write these networks in `ip_filter.allow`");
                }
            }
        }),
    }

    /// Nothing that has to be answered stands at an alias that only leads elsewhere.
    ///
    /// With `app.aliases_redirect = true` an alias answers with a redirect to `app.url` and nothing else. A front end that is
    /// said to be there is never shown under that name; a provider that sends people back to it loses what the browser keeps for
    /// the other host, such as the cookie that the sign-in began with; and a form that it posts is sent twice.
    ///
    /// Write: these addresses with the host of `app.url`.
    SRV011 = "alias-that-leads-away" {
        severity: Severities::all(Error),
        source: "RFC 6265 §5.1.3: a cookie belongs to the host that set it; RFC 9110 §15.4.9",
        keys: &["app.aliases_redirect", "app.aliases", "app.frontend_url", "oauth.*.redirect_uri"],
        reads: &[&["app.url"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            if !policy.app.aliases_redirect {
                return;
            }
            let main = policy.url().origin().host().clone();
            let leads = |host: &Host| *host != main && host.name().is_some_and(|name| policy.app.aliases.contains(name));
            if policy.hosts().len() == 1 {
                out.at("app.aliases_redirect", "aliases lead to the one name, and there are none")
                    .at_most(Warning)
                    .label("leads nowhere")
                    .help("name them in `app.aliases`, such as \"www.shop.example.com\", or take the key out");
            }
            let frontend = policy.app.frontend_url.as_ref().map(|url| (KeyPath::from("app.frontend_url"), url));
            let callbacks = policy.oauth.iter().filter_map(|(name, provider)| {
                Some((("oauth", name.as_str(), "redirect_uri").into(), provider.redirect_uri.as_ref()?))
            });
            for (key, url) in frontend.into_iter().chain(callbacks).filter(|(_, url)| leads(url.origin().host())) {
                let host = url.origin().host();
                out.at(key, format!("{host} is an alias, and only leads to {main}"))
                    .label("redirected, and nothing else")
                    .also("app.aliases_redirect", "aliases answer with a redirect")
                    .help(format!("write it with {main}"));
            }
        }),
    }
}
