//! Everything that a policy asks for, as demands, with the layer that the profile wants to enforce each.

use super::{Access, CookieFlags, Cors, Demand, Facts, HSTS, Header, Health, Limit, Paths, Tls, When};
use crate::profile::{self, Cookie, CookieName, EnforcedBy, PlainHttp, Terminate};
use crate::source::Provenance;

impl<'p> Facts<'p> {
    /// Everything that the policy asks for, each with the layer that the profile wants to enforce it.
    pub(super) fn demands(&self) -> Vec<(Demand<'p>, EnforcedBy)> {
        use EnforcedBy::{App, Auto, Proxy};
        let policy = self.policy;
        let terminate = policy.terminate();
        let mut demands = Vec::with_capacity(24);
        let mut ask = |is_asked: bool, demand: Demand<'p>, by| demands.extend(is_asked.then_some((demand, by)));

        let tls = match terminate {
            Terminate::Proxy | Terminate::Off => Tls::Here {
                guideline: policy.tls.guideline,
                lowest: policy.lowest_tls(),
                groups: policy.tls.groups.as_deref(),
            },
            Terminate::Upstream => Tls::Upstream,
        };
        let is_encrypted = terminate != Terminate::Off;
        ask(is_encrypted, Demand::Tls(tls), Proxy);
        ask(is_encrypted && policy.plain_http() == PlainHttp::Redirect, Demand::HttpsRedirect, Proxy);
        ask(is_encrypted && policy.plain_http() == PlainHttp::Refuse, Demand::PlainHttpRefused, Proxy);
        let in_handshake = terminate == Terminate::Proxy;
        ask(true, Demand::HostNames { served: policy.hosts(), in_handshake }, Proxy);
        let (trusted, forwarded_for) = (&policy.proxy.trusted, policy.proxy.forwarded_for);
        ask(true, Demand::ClientAddress { trusted, forwarded_for }, Proxy);

        let hsts = Header {
            name: HSTS,
            key: "hsts.enabled",
            value: policy.hsts.enabled.then(|| policy.hsts.header_value()),
            when: When::Https,
            instead_of: None,
            from_app: false,
        };
        ask(true, Demand::Hsts(hsts), if policy.hsts.enabled { policy.hsts.enforced_by } else { Auto });
        for header in Header::all(&policy.headers) {
            let by = if header.from_app { App } else { Auto };
            ask(header.value.is_some() || header.from_app, Demand::Header(header), by);
        }
        let no_store = Paths { key: "headers.no_store".into(), list: &policy.headers.no_store };
        ask(!no_store.list.is_empty(), Demand::NoStore(no_store), Proxy);
        ask(policy.headers.hide_server, Demand::ServerVersion, Proxy);
        ask(true, Demand::Cors(Cors::of(&policy.cors)), policy.cors.enforced_by);
        for (name, cookie) in &policy.cookies {
            ask(true, Demand::Cookie(self.flags(name, cookie)), Auto);
        }

        // Only services make a site of which somebody asks something: most profiles have the app alone.
        let answering = |paths: &Paths<'_>| {
            let is_the_apps = policy.services.is_empty() || paths.list.is_empty();
            if is_the_apps { vec![self.site.services[0].clone()] } else { self.site.answering(&self.mounted(paths)) }
        };
        for (name, route) in policy.rate_limits.routes.iter().filter(|_| policy.rate_limits.enabled) {
            let key = ("rate_limits.routes", name.as_str(), "paths").into();
            let paths = Paths { key, list: self.route_paths(name.as_str(), route) };
            let limit = Limit {
                name,
                rate: route.limit,
                per: route.per,
                answering: answering(&paths),
                paths,
                methods: route.methods.as_deref(),
                burst: route.burst.filter(|burst| burst.get() != route.limit.count),
                exempt: &policy.rate_limits.exempt,
            };
            ask(true, Demand::RateLimit(limit), policy.rate_limits.enforced_by);
        }
        let docs = Paths { key: "api_docs.paths".into(), list: self.docs_paths() };
        ask(!policy.api_docs.is_shown(), Demand::ApiDocs(docs), Auto);
        let set_up = Paths { key: "app.kind".into(), list: &self.app.set_up.paths };
        ask(!set_up.list.is_empty(), Demand::SetUp(set_up), Proxy);
        ask(policy.is_written("app.max_body"), Demand::BodySize(policy.app.max_body), Auto);
        let way = self.way();
        ask(way.follows || way.upstreams.are_encrypted(), Demand::Upstream(way), Proxy);
        // The app is the first, and what is asked for it stands in the entries around these.
        for service in if policy.services.is_empty() { &[] } else { &self.site.services[1..] } {
            ask(true, Demand::Service(service.clone()), Proxy);
        }
        for (name, asked) in &policy.locations {
            ask(true, Demand::Location { name, asked }, Proxy);
        }
        let aliases = policy.hosts().split_off(1);
        let leads = policy.app.aliases_redirect && !aliases.is_empty();
        ask(leads, Demand::AliasesRedirect { aliases, to: policy.url().origin().clone() }, Proxy);
        if let Some(profile::Health { path, networks }) = &policy.health {
            ask(true, Demand::Health(Health { path, networks: networks.as_deref() }), Proxy);
        }
        for (name, entry) in &policy.access {
            let profile::Access { paths, networks, client_ca: _ } = entry;
            let access = Access {
                name,
                paths: Paths { key: ("access", name.as_str(), "paths").into(), list: paths },
                networks: networks.as_deref(),
                client_ca: entry.authority(),
                sees_certificates: terminate == Terminate::Proxy,
            };
            ask(true, Demand::Access(access), Proxy);
        }
        ask(policy.ip_filter.enabled, Demand::IpFilter(&policy.ip_filter), Auto);

        ask(policy.lockout.enabled, Demand::Lockout(&policy.lockout), App);
        let asks = |section| policy.is_written(section) && self.asked(section).next().is_some();
        ask(asks("passwords"), Demand::Passwords(&policy.passwords), App);
        ask(asks("sessions"), Demand::Sessions(&policy.sessions), App);
        ask(asks("tokens"), Demand::Tokens(&policy.tokens), App);
        let is_shared = policy.processes() > 1 && self.is_to_keep_state();
        ask(is_shared, Demand::SharedState(policy.state.backend), App);
        demands
    }

    fn flags(&self, name: &'p CookieName, cookie: &'p Cookie) -> CookieFlags<'p> {
        let written = |flag: &'static str, value: bool| {
            let place = self.policy.place(&("cookies", name.as_str(), flag).into());
            (place.provenance != Provenance::Default).then_some(value)
        };
        CookieFlags {
            name,
            secure: written("secure", cookie.secure),
            http_only: written("http_only", cookie.http_only),
            same_site: cookie.same_site,
            partitioned: cookie.partitioned,
            by_scripts: self.app.cookies.get(name).is_some_and(|cookie| cookie.set_by_scripts),
        }
    }
}
