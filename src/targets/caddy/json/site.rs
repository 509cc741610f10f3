//! A site's routes: each handler with what it asks of a request, in the order of the Caddyfile.

use serde_json::{Map, Value, json};

use super::super::super::escape::Word;
use super::super::super::proxy::Transport;
use super::super::context::{Context, Header, List, RateLimit, Replacement, Served, Tls};
use super::super::escape::{Text, unreplaced};
use super::{list, nanoseconds, object};

/// A site that sends plain HTTP to https.
pub fn redirect(context: &Context, tls: &Tls, origin: &str) -> Vec<Value> {
    let mut routes: Vec<Value> = challenges(context, tls).into_iter().collect();
    routes.extend(nameless(context));
    routes.push(when(pathless(), json!({ "handler": "static_response", "status_code": 400 })));
    routes.push(always(moved(origin)));
    routes
}

/// ACME's challenges, which come by plain HTTP.
pub fn challenges(context: &Context, tls: &Tls) -> Option<Value> {
    let webroot = tls.acme_webroot.as_ref()?;
    let mut routes = vec![always(json!({ "handler": "vars", "root": webroot.as_str() }))];
    routes.extend(nameless(context));
    routes.push(always(json!({ "handler": "file_server" })));
    let answers = json!({ "handler": "subroute", "routes": routes });
    Some(when(json!({ "path": ["/.well-known/acme-challenge/*"] }), answers))
}

/// That no answer of Caddy's own names it, where that is asked for.
fn nameless(context: &Context) -> Option<Value> {
    context.hide_server.then(|| always(without(&["Server"])))
}

/// What the app's site says where Caddy itself has an error to tell.
pub fn app_errors(context: &Context) -> Vec<Value> {
    let vary = context.cors.as_ref().filter(|cors| !cors.any).map(|_| always(add_origin_to_vary(false)));
    vary.into_iter().chain(errors(context)).collect()
}

/// What is said where Caddy itself has an error to tell.
pub fn errors(context: &Context) -> Vec<Value> {
    let said = json!({ "handler": "static_response", "body": "{http.error.status_code} {http.error.status_text}" });
    nameless(context).into_iter().chain([always(said)]).collect()
}

/// The app's site.
pub fn app(context: &Context) -> Vec<Value> {
    let mut routes = vec![hosts(context)];
    routes.extend(scheme(context));
    routes.push(always(json!({ "handler": "vars", "seccfg_client": context.client.address() })));
    routes.extend(headers(context));
    routes.extend(cors(context));
    routes.push(when(json!({ "path_regexp": { "pattern": "\\x00" } }), error(400)));
    routes.push(when(pathless(), error(400)));
    routes.push(when(json!({ "method": ["CONNECT", "TRACE"] }), error(405)));
    if matches!(context.transport, Transport::Upstream) && context.redirect {
        let port = context.public_port.map(|port| format!(":{port}")).unwrap_or_default();
        routes.push(when(came_by("http"), moved(&format!("https://{{seccfg_host}}{port}"))));
    }
    if let Some(paths) = &context.hidden {
        routes.push(when(path(paths), error(404)));
    }
    if context.cors.is_some() {
        routes.push(when(preflight(), json!({ "handler": "static_response", "status_code": 204 })));
    }
    if let Some(most) = context.max_body {
        let length = "{http.request.header.Content-Length}";
        let larger = format!("{length} != \"\" && int({length}) > {most}");
        routes.push(when(json!({ "expression": larger }), error(413)));
        routes.push(always(json!({ "handler": "request_body", "max_size": most })));
    }
    routes.extend(limits(context));
    routes.extend(networks(context));
    for names in ["*_*", "*.*"] {
        routes.push(always(json!({ "handler": "headers", "request": { "delete": [names] } })));
    }
    let other_upgrade = json!({
        "header": { "Upgrade": ["*"] },
        "not": [{ "header_regexp": { "Upgrade": { "pattern": "(?i)^websocket$" } } }],
    });
    routes.push(when(other_upgrade, json!({ "handler": "headers", "request": { "delete": ["Upgrade"] } })));
    routes.push(always(proxy(context)));
    routes
}

/// A handler of every request.
pub fn always(handler: Value) -> Value {
    Value::Object(object([("handle", Value::Array(vec![handler]))]))
}

/// A handler of those requests that a matcher takes.
fn when(matcher: Value, handler: Value) -> Value {
    Value::Object(object([("match", Value::Array(vec![matcher])), ("handle", Value::Array(vec![handler]))]))
}

fn path(pattern: &Text) -> Value {
    json!({ "path_regexp": { "pattern": pattern.as_str() } })
}

fn came_by(scheme: &str) -> Value {
    json!({ "vars": { "seccfg_scheme": [scheme] } })
}

/// A target that is no path, as `x:http://host/docs`.
fn pathless() -> Value {
    json!({ "expression": "!{http.request.uri}.startsWith(\"/\")" })
}

fn preflight() -> Value {
    json!({
        "method": ["OPTIONS"],
        "header_regexp": { "Access-Control-Request-Method": { "pattern": "." } },
    })
}

fn moved(origin: &str) -> Value {
    let to = format!("{origin}{{http.request.uri}}");
    json!({ "handler": "static_response", "status_code": 308, "headers": { "Location": [to] } })
}

fn error(status: u16) -> Value {
    json!({ "handler": "error", "status_code": status })
}

/// Takes response headers away when the answer is sent.
fn without(names: &[&str]) -> Value {
    json!({ "handler": "headers", "response": { "deferred": true, "delete": names } })
}

/// Sets response headers at once, so that errors have them, too.
fn with(headers: impl IntoIterator<Item = (impl Into<String>, String)>) -> Value {
    let set: Map<String, Value> = headers.into_iter().map(|(name, value)| (name.into(), json!([value]))).collect();
    json!({ "handler": "headers", "response": { "set": set } })
}

/// Sets response headers at once, and again when the answer is sent: an answer before the answer (100, 103) takes the
/// first ones away.
fn twice(headers: &Value) -> [Value; 2] {
    let mut last = headers.clone();
    last["response"]["deferred"] = true.into();
    [headers.clone(), last]
}

fn add_origin_to_vary(deferred: bool) -> Value {
    let mut response = object([("add", json!({ "Vary": ["Origin"] }))]);
    if deferred {
        response.insert("deferred".to_owned(), true.into());
    }
    json!({ "handler": "headers", "response": response })
}

fn hosts(context: &Context) -> Value {
    let mapping = |name: &Served| {
        json!({
            "input_regexp": name.spelling.as_str().trim_start_matches('~'),
            "outputs": [name.host.as_str()],
        })
    };
    always(json!({
        "handler": "map",
        "source": "{http.request.host}",
        "destinations": ["{seccfg_host}"],
        "mappings": context.names.iter().map(mapping).collect::<Vec<_>>(),
        "defaults": ["{http.request.host}"],
    }))
}

fn scheme(context: &Context) -> Vec<Value> {
    let set = |scheme: &str| json!({ "handler": "vars", "seccfg_scheme": scheme });
    match &context.transport {
        Transport::Plain | Transport::Tls(_) => vec![always(set("{http.request.scheme}"))],
        Transport::Upstream if context.client.trusted.is_empty() => vec![always(set("http"))],
        Transport::Upstream => {
            let told = json!({
                "handler": "map",
                "source": "{http.request.header.X-Forwarded-Proto}",
                "destinations": ["{seccfg_told}"],
                "mappings": [{ "input_regexp": "(?i)^https$", "outputs": ["https"] }],
                "defaults": ["http"],
            });
            let trusted = json!({
                "remote_ip": { "ranges": list(&context.client.trusted) },
                "vars": { "{seccfg_told}": ["https"] },
            });
            vec![always(set("http")), always(told), when(trusted, set("https"))]
        }
    }
}

fn headers(context: &Context) -> Vec<Value> {
    let sent = |headers: &[Header]| {
        with(headers.iter().map(|header| (header.name.as_str(), unreplaced(header.value.as_str()))))
    };
    let mut routes = Vec::new();
    if !context.headers.is_empty() {
        routes.extend(twice(&sent(&context.headers)).map(always));
    }
    if !context.https_headers.is_empty() {
        routes.extend(twice(&sent(&context.https_headers)).map(|headers| when(came_by("https"), headers)));
    }
    if let Some(paths) = &context.no_store {
        let sent = with([("Cache-Control", "no-store".to_owned())]);
        routes.extend(twice(&sent).map(|headers| when(path(paths), headers)));
    }
    if context.hide_server {
        routes.push(always(without(&["Server", "Via"])));
    }
    routes
}

fn cors(context: &Context) -> Vec<Value> {
    let Some(cors) = &context.cors else { return Vec::new() };
    let exposed = cors.expose_headers.as_ref().map(|names| unreplaced(names.as_str()));
    let exposed = exposed.map(|names| ("Access-Control-Expose-Headers", names));
    let told = with([
        ("Access-Control-Allow-Methods", unreplaced(cors.allow_methods.as_str())),
        ("Access-Control-Allow-Headers", unreplaced(cors.allow_headers.as_str())),
        ("Access-Control-Max-Age", cors.max_age.to_string()),
    ]);
    if cors.any {
        let mut headers = vec![("Access-Control-Allow-Origin", "*".to_owned())];
        headers.extend(exposed);
        let mut routes: Vec<Value> = twice(&with(headers)).map(always).into();
        routes.push(when(preflight(), told));
        return routes;
    }
    let mut routes = vec![always(add_origin_to_vary(true))];
    if cors.origins.is_empty() {
        return routes;
    }
    let mapping = |origin: &Text| json!({ "input": origin.as_str(), "outputs": [origin.as_str()] });
    routes.push(always(json!({
        "handler": "map",
        "source": "{http.request.header.Origin}",
        "destinations": ["{seccfg_cors_origin}"],
        "mappings": cors.origins.iter().map(mapping).collect::<Vec<_>>(),
        "defaults": [""],
    })));
    let unlisted = json!([{ "vars": { "{seccfg_cors_origin}": [""] } }]);
    let mut headers = vec![("Access-Control-Allow-Origin", "{seccfg_cors_origin}".to_owned())];
    headers.extend(cors.credentials.then(|| ("Access-Control-Allow-Credentials", "true".to_owned())));
    headers.extend(exposed);
    routes.extend(twice(&with(headers)).map(|headers| when(json!({ "not": unlisted }), headers)));
    let mut listed_preflight = preflight();
    listed_preflight["not"] = unlisted;
    routes.push(when(listed_preflight, told));
    routes
}

fn limits(context: &Context) -> Vec<Value> {
    let limit = |limit: &RateLimit| {
        let zone = format!("{}_{}", context.prefix.as_str(), limit.id.as_str());
        let counted = json!({
            "key": context.client.counted(),
            "window": nanoseconds(limit.window),
            "max_events": limit.events,
        });
        when(path(&limit.paths), json!({ "handler": "rate_limit", "rate_limits": object([(zone.as_str(), counted)]) }))
    };
    context.limits.iter().map(limit).collect()
}

fn networks(context: &Context) -> Vec<Value> {
    let within =
        |networks: &List| Value::Object(object([(context.client.matcher(), json!({ "ranges": list(networks) }))]));
    let filter = &context.ip_filter;
    let mut routes = Vec::new();
    if !filter.deny.is_empty() {
        routes.push(when(within(&filter.deny), error(403)));
    }
    if !filter.allow.is_empty() {
        routes.push(when(json!({ "not": [within(&filter.allow)] }), error(403)));
    }
    routes
}

fn proxy(context: &Context) -> Value {
    let client = &context.client;
    let mut told = vec![("Host", "{seccfg_host}"), ("X-Real-Ip", "{http.vars.seccfg_client}")];
    if !client.append {
        told.push(("X-Forwarded-For", "{http.vars.seccfg_client}"));
    }
    told.extend([("X-Forwarded-Proto", "{http.vars.seccfg_scheme}"), ("X-Forwarded-Host", "{seccfg_host}")]);
    let told: Map<String, Value> = told.into_iter().map(|(name, value)| (name.to_owned(), json!([value]))).collect();
    // Caddy itself tells clients to go on.
    let dropped: Vec<&str> = ["Expect"].into_iter().chain(client.drop.iter().map(Word::as_str)).collect();
    let own = context.headers.iter().chain(&context.https_headers).map(|header| header.name.as_str());
    let mut hidden: Vec<&str> = own.collect();
    hidden.extend(context.cors.is_some().then_some("Access-Control-*"));
    hidden.extend(context.hide.iter().map(Word::as_str));
    let mut response = object([("delete", json!(hidden))]);
    if !context.cookies.is_empty() {
        let replace =
            |cookie: &Replacement| json!({ "search_regexp": cookie.find.as_str(), "replace": cookie.replace.as_str() });
        let replacements: Vec<Value> = context.cookies.iter().map(replace).collect();
        response.insert("replace".to_owned(), json!({ "Set-Cookie": replacements }));
    }
    json!({
        "handler": "reverse_proxy",
        "upstreams": [{ "dial": context.upstream.address.as_str() }],
        "headers": { "request": { "set": told, "delete": dropped }, "response": response },
        "transport": {
            "protocol": "http",
            "compression": false,
            "dial_timeout": nanoseconds(context.upstream.timeout.get()),
            "response_header_timeout": nanoseconds(context.upstream.timeout.get()),
        },
    })
}
