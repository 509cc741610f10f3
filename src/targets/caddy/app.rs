//! What a request to the app passes, from top to bottom. A route is added here, once for both forms.

use ipnet::IpNet;

use super::super::closed::Guard;
use super::super::path::{self, Reach};
use super::super::proxy::{self, Counted, Leads, Proxy};
use super::super::transport::Transport;
use super::answer;
use super::config::Block;
use super::handler::{Handler, Input, Mapping, Route, Zone};
use super::headers::Headers;
use super::matcher::{Condition, Matcher};
use super::upstream::in_small_letters;
use super::value::{Named, Seconds, Value};
use super::{Builder, pattern, words};
use crate::profile::{Cidr, Host, PlainHttp};

impl Builder<'_> {
    /// What is done with a request to the app.
    pub fn app(&self) -> Block {
        // Each share is named, so that a new one does not compile before it is written here, or for the sites.
        let Proxy {
            plan: _,
            transport,
            plain_http,
            served,
            trusted: _,
            believes,
            forwarded_for: _,
            site: _,
            headers: _,
            hide: _,
            no_store: _,
            hide_version,
            cors,
            cookies: _,
            limits,
            hidden,
            guards,
            client_ca: _,
            health: _,
            leads,
            denied,
            allowed,
        } = &self.proxy;
        let is_behind = matches!(transport, Transport::Upstream);
        let mut routes = Vec::from(host(served));
        routes.extend(self.scheme(is_behind));
        routes.extend(self.ports().map(|(scheme, port)| {
            let why = "The port that clients know, which an app's links and its comparisons of origins need [app.url]";
            let here = (scheme, [Condition::is("seccfg_scheme", scheme)]);
            Route::when(why, here, [Handler::vars("seccfg_port", Value::from(":").and(u64::from(port)))])
        }));
        routes.push(client(*believes));
        routes.extend(self.placed());
        routes.extend(self.headers());
        routes.extend(cors.map(answer::cors).into_iter().flatten());
        routes.extend(self.health());
        routes.extend(self.networks(denied, allowed));
        routes.extend(malformed(self.proxy.guards_patterns()));
        routes.extend(self.behind_host());
        routes.extend(self.across());
        routes.extend(self.plain_told(*plain_http).filter(|_| is_behind));
        routes.extend(leads.as_ref().map(leading));
        routes.extend(self.guarded(guards));
        if let Some(paths) = pattern(hidden, Reach::Under) {
            let why =
                "Paths that do not exist for clients, in upper or lower case and with whatever behind them [api_docs]";
            routes.push(Route::refuse(404, why, "hidden", Condition::PathRegexp(paths)));
        }
        if cors.is_some() {
            let end = [Handler::Respond { status_code: 204 }];
            routes.push(Route::when("CORS: preflights end here [cors]", answer::preflight(), end));
        }
        routes.extend(self.body_sizes());
        routes.extend(self.limits(limits));
        routes.push(upgrades());
        routes.extend(self.claims());
        routes.extend(self.answered());
        Block { routes, errors: self.errors(answer::errors(*cors, *hide_version)) }
    }

    /// What clients only claim, and no app gets. A request that claims nothing of a family passes by with one look for each
    /// name, which costs a third of taking it away.
    fn claims(&self) -> Vec<Route> {
        let family = |(number, (what, names)): (u64, (&str, _))| {
            let names: Vec<&'static str> = Iterator::collect(names);
            let claimed = Condition::HasAny(names.iter().map(|name| as_kept(name)).collect());
            let delete = names.into_iter().map(in_small_letters).collect();
            let request = Headers { delete: Some(delete), ..Headers::default() };
            let why = format!("What clients only claim: {what} [proxy]");
            // In a block, because Caddy's adapter compares the matchers of any two lines.
            let routes = vec![Route::always("", [Handler::RequestHeader { request }])];
            Route::when(why, (Value::from("claims_").and(number), [claimed]), [Handler::Route { routes }])
        };
        (1..).zip(self.proxy.dropped_by_family()).map(family).collect()
    }

    /// What a server that reads targets by the URL standard finds behind a host's name.
    fn behind_host(&self) -> Option<Route> {
        let patterns = self.proxy.guarded().filter_map(|(reach, paths)| super::behind_host(paths, reach));
        let patterns = patterns.reduce(|all, pattern| all.and("|").and(&pattern))?;
        let why = "Who reads targets by the URL standard takes what follows two slashes for a host's name: `//x/docs` is\n\
                   `/docs` there. So it is no request for what is hidden, counted or kept from caches.";
        let named = Condition::Path(Value::from(path::HOST_BEFORE).and("*"));
        let matcher = ("behind_host", [named, Condition::PathRegexp(patterns)]);
        Some(Route::when(why, matcher, [Handler::Error { status_code: 400 }]))
    }

    /// What a server that splits a path before decoding it finds for `*`.
    fn across(&self) -> Vec<Route> {
        let patterns = self.proxy.guarded().filter_map(|(reach, paths)| super::across(paths, reach));
        let Some(patterns) = patterns.reduce(|all, pattern| all.and("|").and(&pattern)) else { return Vec::new() };
        let why = "Who splits a path before decoding it takes `a%2fb` for the one segment that `*` stands for, and here it is two.";
        let slash = Mapping { input: Input::Pattern(path::SLASH.into()), outputs: ["yes".into()] };
        let is_slashed = Handler::map("{http.request.orig_uri}", "{seccfg_slashed}", vec![slash], "");
        let matcher = ("across", [Condition::is("{seccfg_slashed}", "yes"), Condition::PathRegexp(patterns)]);
        vec![Route::always(why, [is_slashed]), Route::when("", matcher, [Handler::Error { status_code: 400 }])]
    }

    fn scheme(&self, is_behind: bool) -> Vec<Route> {
        let set = |scheme| [Handler::vars("seccfg_scheme", scheme)];
        if !is_behind {
            return vec![Route::always("How the client came [tls]", set("{http.request.scheme}"))];
        }
        let why = "How the client came, by the word of the proxies before us and of no one else [tls]";
        let mut routes = vec![Route::always(why, set("http"))];
        if !self.proxy.trusted.is_empty() {
            let source = "{http.request.header.X-Forwarded-Proto}";
            let https = Mapping { input: Input::Pattern("(?i)^https$".into()), outputs: ["https".into()] };
            let by_trusted = Condition::RemoteIp(self.trusted());
            let told = ("told", [by_trusted, Condition::is("{seccfg_told}", "https")]);
            routes.push(Route::always("", [Handler::map(source, "{seccfg_told}", vec![https], "http")]));
            routes.push(Route::when("", told, set("https")));
        }
        routes
    }

    /// What becomes of clients that came to the proxy before us by plain HTTP.
    fn plain_told(&self, plain_http: PlainHttp) -> Option<Route> {
        match plain_http {
            PlainHttp::Redirect => Some(self.redirect_told()),
            PlainHttp::Refuse => {
                let why = "Clients that came to the proxy before us by plain HTTP: no answer would look there like an outage \
                           [tls.plain_http]";
                Some(Route::refuse(403, why, "plain", Condition::is("seccfg_scheme", "http")))
            }
            PlainHttp::Serve => None,
        }
    }

    /// The ports that clients know, by scheme, where they are not the scheme's own.
    pub fn ports(&self) -> impl Iterator<Item = (&'static str, u16)> {
        self.proxy.told_ports(self.target.https_port)
    }

    fn redirect_told(&self) -> Route {
        let mut to = Value::from("https://{http.vars.seccfg_host}");
        if let Some(port) = self.proxy.public_port(self.target.https_port) {
            to = to.and(":").and(u64::from(port));
        }
        let why = "Clients that came to the proxy before us by plain HTTP [tls.redirect_http]";
        let plain = ("http", [Condition::is("seccfg_scheme", "http")]);
        Route::when(why, plain, [Handler::redir(to.and("{http.request.uri}"))])
    }

    fn limits(&self, limits: &[Counted<'_>]) -> Vec<Route> {
        // An IPv4 address, or an IPv6 network of 64 bits, as its holder can use every address in it. Of an address that
        // was told, Caddy knows no network.
        let key = if self.proxy.believes { "{seccfg_address}" } else { "{http.request.remote.host/32,64}" };
        let mut limits: Vec<_> = limits.iter().collect();
        // Each is asked in its turn, and what one refuses is not counted by those after it: the tightest comes first.
        limits.sort_by_key(|counted| (counted.limit.rate.seconds(), counted.limit.rate.count));
        let mut routes = Vec::new();
        for Counted { limit, why, paths, .. } in limits {
            let Some(paths) = pattern(paths, Reach::Exact) else { continue };
            let id = Value::word("rate_limits.routes", limit.name);
            let window = Seconds(limit.rate.seconds());
            let zone = Zone { key, window, max_events: limit.rate.count.into() };
            let rate_limits = Named::new(self.prefix().and("_").and(&id), zone);
            let mut all = vec![Condition::PathRegexp(paths)];
            let methods = words("rate_limits.routes", proxy::counted(limit));
            all.extend((!methods.is_empty()).then_some(Condition::Method(methods)));
            let exempt = (!limit.exempt.is_empty()).then(|| self.from("rate_limits.exempt", limit.exempt));
            all.extend(exempt.map(|exempt| Condition::Not(exempt.into())));
            let matcher = Matcher { name: Value::from("limit_").and(&id), all };
            routes.push(Route::when(why.clone(), matcher, [Handler::RateLimit { rate_limits }]));
        }
        routes
    }

    /// That the client is in one of these networks.
    fn from(&self, key: &'static str, networks: &[Cidr]) -> Condition {
        if self.proxy.believes {
            Condition::ClientIp(told(key, networks))
        } else {
            Condition::RemoteIp(words(key, networks))
        }
    }

    /// Paths that are closed to all but some clients.
    fn guarded(&self, guards: &[Guard<'_>]) -> Vec<Route> {
        let mut routes = Vec::new();
        if guards.iter().any(|guard| guard.by_certificate) {
            // Of all that Caddy tells of a certificate, this is surely empty where there is none: the fingerprint of none is that
            // of no bytes, and its number is `<nil>`. DER begins with a byte that is `M` in base64.
            let shown = Mapping { input: Input::Pattern("^M".into()), outputs: ["yes".into()] };
            let known =
                Handler::map("{http.request.tls.client.certificate_der_base64}", "{seccfg_certified}", vec![shown], "");
            routes.push(Route::always(
                "Whether the client shows a certificate, which was verified [access.*.client_ca]",
                [known],
            ));
        }
        for Guard { id, why, paths, reach, networks, by_certificate, .. } in guards {
            let Some(paths) = pattern(paths, *reach) else { continue };
            let mut all = vec![Condition::PathRegexp(paths)];
            all.extend(networks.map(|networks| Condition::Not(self.from("access", networks).into())));
            all.extend(by_certificate.then(|| Condition::is("{seccfg_certified}", "")));
            let matcher = Matcher { name: Value::from("closed_").and(Value::word("access", id)), all };
            routes.push(Route::when(why.clone(), matcher, [Handler::Error { status_code: 404 }]));
        }
        routes
    }

    /// A balancer's question, for every site: it is answered before all else, whatever its host is.
    pub fn health(&self) -> Option<Route> {
        let Proxy { site, health, hide_version, .. } = &self.proxy;
        let asked = health.as_ref()?;
        let path: String = asked.path.as_str().chars().map(path::literal).collect();
        let mut all = vec![
            Condition::PathRegexp(Value::given("health.path", format!("^{path}$"))),
            Condition::Method(vec!["GET".into(), "HEAD".into()]),
        ];
        all.extend(asked.networks.map(|networks| self.from("health.networks", networks)));
        let place = asked.place.map(|place| &site.places[place]);
        let service = place.and_then(|place| Some((place, &site.services[place.service?])));
        let program = service.and_then(|(place, service)| Some((place, service, service.way()?)));
        let answer = match program {
            Some((place, service, way)) => {
                let uri = Value::given("health.path", format!("{}?", asked.path));
                let hide = Headers::delete(["Server", "Via"]).last();
                let hide = hide_version.then(|| Route::always("", [hide]));
                let rewrite = Route::always("", [Handler::Rewrite { uri }]);
                let asks = [client(self.proxy.believes), rewrite, self.asks_health(service, way, place)];
                hide.into_iter().chain(asks).collect()
            }
            None if asked.status(site) == 200 => {
                let hide = hide_version.then(|| Route::always("", [Headers::delete(["Server"]).last()]));
                hide.into_iter().chain([Route::always("", [Handler::Respond { status_code: 200 }])]).collect()
            }
            None => vec![Route::always("", [Handler::Error { status_code: 404 }])],
        };
        let why = "A balancer's question: before all else, whatever the host of the request is [health]";
        let matcher = Matcher { name: "health".into(), all };
        Some(Route::when(why, matcher, [Handler::Route { routes: answer }]))
    }

    fn networks(&self, denied: &[Cidr], allowed: &[Cidr]) -> Vec<Route> {
        let mut routes = Vec::new();
        if !denied.is_empty() {
            let why = "Client networks that are refused, whatever they ask for [ip_filter.deny]";
            routes.push(Route::refuse(403, why, "denied", self.from("ip_filter.deny", denied)));
        }
        if !allowed.is_empty() {
            let why = "Client networks that are let in, and no others [ip_filter.allow]";
            let outside = Condition::Not(self.from("ip_filter.allow", allowed).into());
            routes.push(Route::refuse(403, why, "outside", outside));
        }
        routes
    }
}

/// The host, written as it is listed, or no answer. What Caddy compares with a site's name, it has taken brackets and a port
/// from before: `[shop.example.com]` is no host.
fn host(served: &[Host]) -> [Route; 2] {
    // Nearly all clients write it as it is listed, which is found sooner than a pattern.
    let listed = |host: &Host| {
        let host = Value::word("app.aliases", host);
        Mapping { input: Input::Text(host.clone()), outputs: [host] }
    };
    let mut mappings: Vec<Mapping> = served.iter().map(listed).collect();
    for host in served {
        let spelling: String = host.to_string().chars().map(path::literal).collect();
        let input = Input::Pattern(Value::given("app.aliases", format!("(?i)^{spelling}(?::[0-9]*)?$")));
        mappings.push(Mapping { input, outputs: [Value::word("app.aliases", host)] });
    }
    let why = "The host as it is listed, whatever the client's spelling [app.url, app.aliases]";
    let unlisted = ("unlisted", [Condition::is("seccfg_host", "")]);
    // What is mapped is compared again wherever it is asked for: it is kept.
    let listed = Handler::map("{http.request.hostport}", "{seccfg_listed}", mappings, "");
    [
        Route::always(why, [listed, Handler::vars("seccfg_host", "{seccfg_listed}")]),
        Route::when("", unlisted, [Handler::Abort { abort: true }]),
    ]
}

/// Who the client is. An IPv4 address in IPv6's notation, as a proxy before us may write it, is that IPv4 address.
fn client(believes: bool) -> Route {
    let why = "Who the client is, behind whichever proxies stand before us [proxy.trusted]";
    let mut handlers = Vec::new();
    let address = if believes {
        let address = "{http.vars.client_ip}";
        let mapped = Input::Pattern("(?i)^::ffff:([0-9]+[.][0-9]+[.][0-9]+[.][0-9]+)$".into());
        let mapping = Mapping { input: mapped, outputs: ["$1".into()] };
        handlers.push(Handler::map(address, "{seccfg_address}", vec![mapping], address));
        "{seccfg_address}"
    } else {
        "{http.request.remote.host}"
    };
    handlers.push(Handler::vars("seccfg_client", address));
    Route::always(why, handlers)
}

/// Networks of clients whose addresses are told, and not seen: each of IPv4 also in IPv6's notation.
pub fn told(key: &'static str, networks: &[Cidr]) -> Vec<Value> {
    let mapped = |network: &Cidr| match network.net() {
        IpNet::V4(net) => Some(format!("{}/{}", net.addr().to_ipv6_mapped(), net.prefix_len() + 96)),
        IpNet::V6(_) => None,
    };
    let both = |network: &Cidr| [Some(network.to_string()), mapped(network)].into_iter().flatten();
    words(key, networks.iter().flat_map(both))
}

/// Aliases lead to the one name.
fn leading(leads: &Leads<'_>) -> Route {
    let why = "Aliases lead to the one name [app.aliases_redirect]";
    let aliases = ("alias", [Condition::Vars("seccfg_host", words("app.aliases", leads.aliases))]);
    let to = Value::word("app.url", leads.to).and("{http.request.uri}");
    Route::when(why, aliases, [Handler::redir(to)])
}

/// What is no request to an app. `by_dots`: where a segment that is a dot or two may be what `*` stands for to an app.
fn malformed(by_dots: bool) -> [Route; 3] {
    /// Nearly all targets, of which none of the others fits one: a path without backslashes, signs of parameters and of
    /// encodings, dots at the start of a segment, and bytes that are of no sign.
    const PLAIN: &str = "^(?:/(?:[^./\\x5c#%;?\\x{fffd}][^/\\x5c#%;?\\x{fffd}]*)?)+(?:[?]|$)";
    /// A zero byte is in a path to have an app cut the path there.
    const CUT: &str = "^[^?]*%00";
    /// A target that is no path and no URL, as `x:http://host/docs`: Caddy compares nothing, but an app finds a path in it.
    const PATHLESS: &str = "^[^/:]*(?::(?:[^/]|/[^/]|/?$)|$)";
    let between = "CONNECT and TRACE are for proxies: no app is asked.";
    let ambiguous = "What servers behind a proxy read as different paths, as it was sent: backslashes, dots beside parameters,\n\
                     letters that are encoded twice; zero bytes, and targets that are no paths. No browser sends any of these.";
    let odd = |pattern: &'static str| Mapping { input: Input::Pattern(pattern.into()), outputs: ["yes".into()] };
    let mut all = vec![Mapping { input: Input::Pattern(PLAIN.into()), outputs: ["no".into()] }];
    all.extend([path::AMBIGUOUS_OR_OVERLONG, CUT, PATHLESS].into_iter().chain(by_dots.then_some(path::DOTS)).map(odd));
    let is_odd = Handler::map("{http.request.orig_uri}", "{seccfg_ambiguous}", all, "no");
    [
        Route::always(ambiguous, [is_odd]),
        Route::refuse(400, "", "ambiguous", Condition::is("{seccfg_ambiguous}", "yes")),
        Route::refuse(405, between, "proxy_only", Condition::Method(vec!["CONNECT".into(), "TRACE".into()])),
    ]
}

/// A target that is no path, as `x:http://host/docs`.
pub fn no_path() -> Condition {
    Condition::Expression("!{http.request.uri}.startsWith(\"/\")".into())
}

/// A header's name as Caddy keeps it, and else would write it for each request.
fn as_kept(name: &str) -> Value {
    let part = |part: &str| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    };
    Value::made(name.split('-').map(part).collect::<Vec<_>>().join("-"))
}

fn upgrades() -> Route {
    /// What clients write. A placeholder has all lines of the header, joined: a second one hides nothing, as it would where any
    /// line may match.
    const WEBSOCKET: [&str; 4] = ["websocket", "WebSocket", "Websocket", "WEBSOCKET"];
    let upgrade =
        "WebSockets are the one upgrade: after one to HTTP/2 in clear text, requests would pass these rules by.";
    let websocket = Condition::Vars("{http.request.header.Upgrade}", WEBSOCKET.map(Value::from).to_vec());
    let other = Condition::Not(websocket.into());
    let delete = Handler::RequestHeader { request: Headers::delete(["Upgrade"]) };
    Route::when(upgrade, ("upgrade", [Condition::Header("Upgrade"), other]), [delete])
}
