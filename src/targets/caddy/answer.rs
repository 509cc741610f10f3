//! What answers say besides what the app says: headers, CORS, and the text of Caddy's own errors.

use super::super::path::Reach;
use super::super::proxy::Path;
use super::super::row;
use super::handler::{Handler, Input, Mapping, Route, twice};
use super::headers::{Field, Fields, Headers};
use super::matcher::{Condition, Matcher};
use super::pattern;
use super::value::Value;
use crate::plan::{Control, Cors, Header, When};
use crate::profile::Origin;

/// The headers of every answer.
pub fn headers(asked: &[(Control<'_>, &Header)], no_store: &[Path], hide: bool) -> Vec<Route> {
    let (mut always, mut by_https) = (Vec::new(), Vec::new());
    for (control, Header { name, value, when, .. }) in asked {
        let value = Value::given(control.key(), value.as_deref().unwrap_or_default());
        let fields = match when {
            When::Always => &mut always,
            When::Https => &mut by_https,
        };
        fields.push(Field { note: control.why().into(), name, value });
    }
    let mut routes = Vec::new();
    if !always.is_empty() {
        routes.push(Route::always("What every answer says [headers]", twice(always)));
    }
    if !by_https.is_empty() {
        let https = ("https", [Condition::Vars("seccfg_scheme", "https")]);
        routes.push(Route::when("What answers by https say besides [hsts]", https, twice(by_https)));
    }
    if let Some(paths) = pattern(no_store, Reach::Under) {
        let sent = twice([Field::new("Cache-Control", "no-store")]);
        let matcher = ("no_store", [Condition::PathRegexp(paths)]);
        routes.push(Route::when("What no cache may keep [headers.no_store]", matcher, sent));
    }
    if hide {
        let hidden = Headers::delete(["Server", "Via"]).last();
        routes.push(Route::always("Which server this is, no answer says [headers.hide_server]", [hidden]));
    }
    routes
}

/// CORS, answered by Caddy alone: whatever the app says about it is hidden.
pub fn cors(asked: &Cors<'_>) -> Vec<Route> {
    let given = |name, key: &str, text| Field::new(name, Value::given(key, text));
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
    let Some(origins) = &asked.origins else {
        return vec![Route::always(why, twice(sent)), Route::when("", preflight(), allowed)];
    };
    let mut routes = vec![Route::always(why, [vary().last()])];
    if origins.is_empty() {
        return routes;
    }
    let mapping = |origin: &&Origin| {
        let origin = Value::given("cors.origins", origin.to_string());
        Mapping { input: Input::Text(origin.clone()), outputs: [origin] }
    };
    let mappings = origins.iter().map(mapping).collect();
    let listed = || Condition::Not(Condition::Vars(origin, "").into());
    let mut listed_preflight = preflight();
    listed_preflight.name = "cors_preflight".into();
    listed_preflight.all.push(listed());
    routes.extend([
        Route::always("", [Handler::map("{http.request.header.Origin}", origin, mappings, "")]),
        Route::when("", ("cors", [listed()]), twice(sent)),
        Route::when("", listed_preflight, allowed),
    ]);
    routes
}

/// What browsers ask before a request to another origin.
pub fn preflight() -> Matcher {
    let asks = Condition::HeaderRegexp("Access-Control-Request-Method", ".");
    ("preflight", [Condition::Method(&["OPTIONS"]), asks]).into()
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
