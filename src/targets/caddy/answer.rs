//! What answers say besides what the app says: headers, CORS, and the text of Caddy's own errors.

use super::super::path::{self, Reach};
use super::super::proxy::{Path, Proxy, Says, Sent};
use super::super::row;
use super::super::transport::Transport;
use super::handler::{Handler, Input, Mapping, Route, twice};
use super::headers::{Field, Fields, Headers};
use super::matcher::{Condition, Matcher};
use super::value::{Note, Value};
use super::{Builder, pattern};
use crate::plan::{Cors, Place, When};
use crate::profile::PlainHttp;

impl Builder<'_> {
    /// The headers of every answer.
    pub fn headers(&self) -> Vec<Route> {
        let Proxy { site, headers, no_store, hide_version, transport, plain_http, .. } = &self.proxy;
        let is_apart =
            |service: usize| headers.iter().any(|sent| sent.elsewhere.iter().any(|(other, ..)| *other == service));
        let is_here = |place: &Place, service: usize| place.service == Some(service);
        let is_usual = |place: &Place| !place.service.is_some_and(is_apart);
        // A service whose paths are all others' has no place, and a matcher without values is none.
        let is_somewhere = |service: usize| site.places.iter().any(|place| is_here(place, service));
        // Where no request comes by plain HTTP, what is said by https is said always.
        let is_encrypted = matches!(transport, Transport::Tls(_)) && *plain_http != PlainHttp::Serve;
        let said_here = |service: usize| {
            let mut fields = fields(headers, When::Always, service);
            fields.extend(is_encrypted.then(|| self::fields(headers, When::Https, 0)).into_iter().flatten());
            fields
        };
        let mut routes = Vec::new();
        if site.places.iter().any(is_usual) {
            // The app is no service that says something of its own.
            let why = "What every answer says [headers]";
            routes.extend(said(why, self.within("usual", is_usual), said_here(0)));
        }
        let apart = site.services.iter().enumerate().filter(|(index, _)| is_apart(*index) && is_somewhere(*index));
        for (index, service) in apart {
            let here = self.within(&format!("answers_of_{}", service.id()), |place| is_here(place, index));
            let why = format!("What answers of {} say [{}.headers]", service.id(), service.key());
            routes.extend(said(why, here, said_here(index)));
        }
        if !is_encrypted {
            let https = ("https", [Condition::is("seccfg_scheme", "https")]).into();
            let why = "What answers by https say besides [hsts]";
            routes.extend(said(why, Some(https), fields(headers, When::Https, 0)));
        }
        routes.extend(unstored(no_store));
        if *hide_version {
            let hidden = Headers::delete(["Server", "Via"]).last();
            routes.push(Route::always("Which server this is, no answer says [headers.hide_server]", [hidden]));
        }
        routes
    }
}

/// Headers of some answers; no route where there are none.
fn said(why: impl Into<Note>, here: Option<Matcher>, fields: Vec<Field>) -> Option<Route> {
    (!fields.is_empty()).then(|| Route { matcher: here, ..Route::always(why, twice(fields)) })
}

/// What answers of a service say.
fn fields(headers: &[Sent], when: When, service: usize) -> Vec<Field> {
    let field = |sent: &Sent| match sent.said_by(service) {
        Says::Value(value) => {
            let value = Value::given(sent.key_of(service).clone(), value.clone());
            Some(Field { note: sent.why.clone().into(), name: sent.name, value })
        }
        Says::Nothing | Says::Own => None,
    };
    headers.iter().filter(|sent| sent.when == when).filter_map(field).collect()
}

fn unstored(no_store: &[Path]) -> Vec<Route> {
    let mut routes = Vec::new();
    if let Some(paths) = pattern(no_store, Reach::Under) {
        let sent = twice([Field::new("Cache-Control", "no-store")]);
        let matcher = ("no_store", [Condition::PathRegexp(paths)]);
        routes.push(Route::when("What no cache may keep [headers.no_store]", matcher, sent));
    }
    routes
}

/// CORS, answered by Caddy alone: whatever the app says about it is hidden.
pub fn cors(asked: &Cors<'_>) -> Vec<Route> {
    let given = |name, key: &'static str, text| Field::new(name, Value::given(key, text));
    let allowed = Headers::set([
        given("Access-Control-Allow-Methods", "cors.methods", row(asked.methods)),
        given("Access-Control-Allow-Headers", "cors.headers", row(asked.headers)),
        Field::new("Access-Control-Max-Age", asked.max_age.as_seconds()),
    ]);
    let allowed = [Handler::Header { response: allowed }];
    let origin = if asked.origins.is_some() { "{seccfg_cors_origin}" } else { "*" };
    let mut sent = vec![Field::new("Access-Control-Allow-Origin", origin)];
    sent.extend(asked.credentials.then(|| Field::new("Access-Control-Allow-Credentials", "true")));
    if !asked.expose.is_empty() {
        sent.push(given("Access-Control-Expose-Headers", "cors.expose_headers", row(asked.expose)));
    }
    let why = "CORS: one layer answers, or browsers see two origins and take none [cors]";
    if asked.origins.is_none() {
        return vec![Route::always(why, twice(sent)), Route::when("", preflight(), allowed)];
    }
    let mut routes = vec![Route::always(why, [vary().last()])];
    if asked.lets_nobody_in() {
        return routes;
    }
    let mapping = |origin: String| {
        let origin = Value::given("cors.origins", origin);
        Mapping { input: Input::Text(origin.clone()), outputs: [origin] }
    };
    let mut mappings: Vec<Mapping> = asked.listed().map(mapping).collect();
    mappings.extend(asked.preview.map(|name| Mapping {
        input: Input::Pattern(Value::given("cors.preview_suffix", path::previews(name.as_str()))),
        outputs: ["$1".into()],
    }));
    let listed = || Condition::Not(Condition::is(origin, "").into());
    let mut listed_preflight = preflight();
    listed_preflight.name = "cors_preflight".into();
    listed_preflight.all.push(listed());
    let asked = vec![
        Route::always("", [Handler::map("{http.request.header.Origin}", origin, mappings, "")]),
        Route::when("", ("cors", [listed()]), twice(sent)),
        Route::when("", listed_preflight, allowed),
    ];
    // Most requests come from no other origin, and nothing has to be compared.
    routes.push(Route::when("", ("origin", [Condition::Header("Origin")]), [Handler::Route { routes: asked }]));
    routes
}

/// What browsers ask before a request to another origin.
pub fn preflight() -> Matcher {
    let asks = Condition::HeaderRegexp("Access-Control-Request-Method", ".".into());
    ("preflight", [Condition::Method(vec!["OPTIONS".into()]), asks]).into()
}

/// What is said where Caddy itself has an error to tell.
pub fn errors(cors: Option<&Cors<'_>>, hide: bool) -> Vec<Route> {
    let listed = cors.is_some_and(|cors| cors.origins.is_some());
    let vary = listed.then(|| Route::always("", [Handler::Header { response: vary() }]));
    let said = Route::always("", [Handler::Say { body: "{http.error.status_code} {http.error.status_text}" }]);
    vary.into_iter().chain(nameless(hide)).chain([said]).collect()
}

/// That no answer of Caddy's own names it, where that is asked for.
pub fn nameless(hide: bool) -> Option<Route> {
    hide.then(|| Route::always("", [Headers::delete(["Server"]).last()]))
}

/// That answers differ by origin, for caches.
fn vary() -> Headers {
    Headers { add: Some(Fields(vec![Field::new("Vary", "Origin")])), ..Headers::default() }
}
