//! What answers say besides what the app says: headers, CORS, and the text of Caddy's own errors.

use super::super::path::{self, Reach};
use super::super::proxy::{self, Proxy, Says};
use super::super::row;
use super::super::transport::Transport;
use super::handler::{Handler, Input, Mapping, Route, twice};
use super::headers::{Field, Fields, Headers};
use super::matcher::{Condition, Matcher};
use super::value::{Note, Value};
use super::{Builder, pattern};
use crate::plan::{Cors, Place, Service, When};
use crate::profile::PlainHttp;

/// The variable that says that no cache may keep an answer.
const UNSTORED: &str = "seccfg_unstored";

/// Headers of the answers at some places.
struct Sent {
    why: Note,
    here: Option<Matcher>,
    fields: Vec<Field>,
}

impl Builder<'_> {
    /// The headers of every answer, which are set when it is sent: an answer before the answer (100, 103) takes away those
    /// that are set at once. All changes of one answer stand together, because each such list wraps the answer once more.
    pub fn headers(&self) -> Vec<Route> {
        let common = self.of_all_answers();
        let last = |Sent { why, here, fields }: Sent| {
            let set = (!fields.is_empty()).then_some(Fields(fields));
            Route { matcher: here, ..Route::always(why, [Headers { set, ..common.clone() }.last()]) }
        };
        let has_some = |sent: &Sent| !sent.fields.is_empty() || common.add.is_some() || common.delete.is_some();
        let mut routes: Vec<Route> = self.sent().into_iter().filter(has_some).map(last).collect();
        routes.extend(self.sent_by_https().map(|Sent { why, here, fields }| Route {
            matcher: here,
            ..Route::always(why, [Headers::set(fields).last()])
        }));
        routes.extend(pattern(&self.proxy.no_store, Reach::Under).map(|paths| {
            // With what caches obey before that.
            let instead = Headers { set: Some(Fields(vec![unstored()])), ..Headers::delete(proxy::TARGETED) };
            let handlers = [Handler::vars(UNSTORED, "yes"), instead.last()];
            let matcher = ("no_store", [Condition::PathRegexp(paths)]);
            Route::when("What no cache may keep [headers.no_store]", matcher, handlers)
        }));
        routes
    }

    /// The same for Caddy's own errors, which pass nothing that waits for an answer of the app's; before what else is said
    /// of them.
    pub fn errors(&self, said: Vec<Route>) -> Vec<Route> {
        let at_once = |Sent { here, fields, .. }: Sent| {
            let set = [Handler::Header { response: Headers::set(fields) }];
            Route { matcher: here, ..Route::always("", set) }
        };
        let answers = self.sent().into_iter().chain(self.sent_by_https()).filter(|sent| !sent.fields.is_empty());
        let mut routes: Vec<Route> = answers.map(at_once).collect();
        if !self.proxy.no_store.is_empty() {
            let set = [Handler::Header { response: Headers::set([unstored()]) }];
            routes.push(Route::when("", ("unstored", [Condition::is(UNSTORED, "yes")]), set));
        }
        routes.extend(said);
        routes
    }

    /// What is changed in all answers, whatever the place.
    fn of_all_answers(&self) -> Headers {
        let Proxy { cors, hide_version, .. } = &self.proxy;
        let vary = cors.filter(|cors| cors.origins.is_some()).and_then(|_| vary().add);
        let delete = hide_version.then(|| vec!["Server".into(), "Via".into()]);
        Headers {
            note: "Which server this is, no answer says [headers.hide_server]",
            add: vary,
            delete,
            ..Headers::default()
        }
    }

    /// What answers say, for all places, each of which is in one of these once.
    fn sent(&self) -> Vec<Sent> {
        let site = &self.proxy.site;
        let is_here = |place: &Place, service: usize| place.service == Some(service);
        let is_usual = |place: &Place| !place.service.is_some_and(|service| self.is_apart(service));
        // A service whose paths are all others' has no place, and a matcher without values is none.
        let is_somewhere = |service: usize| site.places.iter().any(|place| is_here(place, service));
        let mut all = Vec::new();
        if site.places.iter().any(is_usual) {
            // The app is no service that says something of its own.
            let why = "What every answer says [headers]".into();
            all.push(Sent { why, here: self.within("usual", is_usual), fields: self.fields_at(0) });
        }
        let apart = site.services.iter().enumerate();
        for (index, service) in apart.filter(|(index, _)| self.is_apart(*index) && is_somewhere(*index)) {
            let here = self.within(&format!("answers_of_{}", service.id()), |place| is_here(place, index));
            let why = format!("What answers of {} say [{}.headers]", service.id(), service.key()).into();
            all.push(Sent { why, here, fields: self.fields_at(index) });
        }
        all
    }

    /// What answers by https say besides, where there are others.
    fn sent_by_https(&self) -> Option<Sent> {
        let fields = fields(&self.proxy.headers, When::Https, 0);
        let here = Some(("https", [Condition::is("seccfg_scheme", "https")]).into());
        let sent = Sent { why: "What answers by https say besides [hsts]".into(), here, fields };
        (!self.is_encrypted() && !sent.fields.is_empty()).then_some(sent)
    }

    /// Whether no request comes by plain HTTP, so that what is said by https is said always.
    fn is_encrypted(&self) -> bool {
        matches!(self.proxy.transport, Transport::Tls(_)) && self.proxy.plain_http != PlainHttp::Serve
    }

    /// Whether a service says something of its own.
    fn is_apart(&self, service: usize) -> bool {
        self.proxy.headers.iter().any(|sent| sent.elsewhere.iter().any(|(other, ..)| *other == service))
    }

    /// A service's index.
    pub fn index(&self, service: &Service<'_>) -> usize {
        self.proxy.site.services.iter().position(|other| other.name == service.name).unwrap_or_default()
    }

    /// What every answer of a service says.
    pub fn fields_of(&self, service: &Service<'_>) -> Vec<Field> {
        let index = self.index(service);
        self.fields_at(if self.is_apart(index) { index } else { 0 })
    }

    fn fields_at(&self, service: usize) -> Vec<Field> {
        let headers = &self.proxy.headers;
        let mut all = fields(headers, When::Always, service);
        all.extend(self.is_encrypted().then(|| fields(headers, When::Https, 0)).into_iter().flatten());
        all
    }
}

/// What answers of a service say.
fn fields(headers: &[proxy::Sent], when: When, service: usize) -> Vec<Field> {
    let field = |sent: &proxy::Sent| match sent.said_by(service) {
        Says::Value(value) => {
            let value = Value::given(sent.key_of(service).clone(), value.clone());
            Some(Field { note: sent.why.clone().into(), name: sent.name, value })
        }
        Says::Nothing | Says::Own => None,
    };
    headers.iter().filter(|sent| sent.when == when).filter_map(field).collect()
}

fn unstored() -> Field {
    Field::new("Cache-Control", "no-store")
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
    if asked.lets_nobody_in() {
        return Vec::new();
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
    vec![Route::when(why, ("origin", [Condition::Header("Origin")]), [Handler::Route { routes: asked }])]
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
    let note = "Answers differ by origin, for caches [cors]".into();
    let field = Field { note, ..Field::new("Vary", "Origin") };
    Headers { add: Some(Fields(vec![field])), ..Headers::default() }
}
