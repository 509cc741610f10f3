//! From a [`Context`] to JSON: what the Caddyfile is turned into when Caddy reads it, with values that it can't hold.

mod site;

use serde_json::{Map, Value, json};

use self::site::{always, app, app_errors, challenges, errors, redirect};

use super::super::escape::Word;
use super::super::proxy::Transport;
use super::context::{Context, List, Served, Tls};

/// Renders a whole configuration.
pub fn render(context: &Context) -> String {
    let mut http = object([("servers", servers(context))]);
    let mut set_port = |name: &str, port| {
        if let Some(port) = port {
            http.insert(name.to_owned(), json!(port));
        }
    };
    set_port("http_port", context.listen.http.unusual());
    set_port("https_port", context.listen.https.unusual());
    let mut apps = object([("http", Value::Object(http))]);
    let tls = certificates(context);
    if !tls.is_empty() {
        apps.insert("tls".to_owned(), Value::Object(tls));
    }
    let config = json!({
        // Of a name that starts so, Caddy reads nothing but the name.
        "@id": context.header.as_str(),
        "admin": { "disabled": true },
        "apps": apps,
    });
    let text = serde_json::to_string_pretty(&config).expect("a value is JSON");
    // What made a file is told in its first line.
    text.replacen("{\n  \"@id\"", "{ \"@id\"", 1) + "\n"
}

/// The tag that leads from a connection to its certificate.
const CERTIFICATE: &str = "cert0";

fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Where certificates come from, and that nobody is asked about them.
fn certificates(context: &Context) -> Map<String, Value> {
    let mut tls = Map::new();
    if let Transport::Tls(Tls { files: Some(files), .. }) = &context.transport {
        let file =
            json!({ "certificate": files.certificate.as_str(), "key": files.key.as_str(), "tags": [CERTIFICATE] });
        tls.insert("certificates".to_owned(), json!({ "load_files": [file] }));
    }
    if !context.stapling {
        tls.insert("automation".to_owned(), json!({ "policies": [{ "disable_ocsp_stapling": true }] }));
        tls.insert("disable_ocsp_stapling".to_owned(), json!(true));
    }
    tls
}

fn servers(context: &Context) -> Value {
    let hosts: Vec<&str> = context.names.iter().map(Served::compared).collect();
    let tls = match &context.transport {
        Transport::Tls(tls) => Some(tls),
        Transport::Plain | Transport::Upstream => None,
    };
    let routes = app(context);
    let unknown = always(json!({ "handler": "static_response", "abort": true }));
    let mut plain: Vec<Value> = Vec::new();
    let mut plain_errors = Vec::new();
    match tls {
        Some(tls) if context.redirect => {
            for name in &context.names {
                let host = name.compared();
                plain.push(site(&[host], redirect(context, tls, name.origin.as_str())));
                if tls.acme_webroot.is_some() {
                    plain_errors.push(site(&[host], errors(context)));
                }
            }
        }
        Some(_) | None => {
            let challenges = tls.and_then(|tls| challenges(context, tls));
            plain.push(site(&hosts, challenges.into_iter().chain(routes.clone()).collect()));
            plain_errors.push(site(&hosts, app_errors(context)));
        }
    }
    plain.push(unknown.clone());
    let http = server(context, context.listen.http.number().get(), plain, plain_errors, None);
    let Some(tls) = tls else { return json!({ "http": http }) };
    let served = vec![site(&hosts, routes), unknown];
    let policies = json!([connection(tls, &hosts), {}]);
    let https = server(
        context,
        context.listen.https.number().get(),
        served,
        vec![site(&hosts, app_errors(context))],
        Some(policies),
    );
    json!({ "http": http, "https": https })
}

fn server(context: &Context, port: u16, routes: Vec<Value>, errors: Vec<Value>, connections: Option<Value>) -> Value {
    let listen: Vec<String> = match context.listen.bind.words() {
        [] => vec![format!(":{port}")],
        addresses => addresses.iter().map(|address| format!("{}:{port}", address.as_str())).collect(),
    };
    let mut server = object([
        ("listen", json!(listen)),
        ("protocols", json!(["h1", "h2"])),
        ("max_header_bytes", json!(32_000)),
        ("read_header_timeout", nanoseconds(60)),
        ("idle_timeout", nanoseconds(75)),
        ("automatic_https", json!({ "disable_redirects": true })),
        ("routes", Value::Array(routes)),
    ]);
    if !errors.is_empty() {
        server.insert("errors".to_owned(), Value::Object(object([("routes", Value::Array(errors))])));
    }
    if let Some(connections) = connections {
        server.insert("tls_connection_policies".to_owned(), connections);
    }
    if context.client.told {
        let ranges = list(&context.client.trusted);
        server.insert("trusted_proxies".to_owned(), json!({ "source": "static", "ranges": ranges }));
        server.insert("trusted_proxies_strict".to_owned(), json!(1));
    }
    Value::Object(server)
}

fn nanoseconds(seconds: u64) -> Value {
    json!(seconds.saturating_mul(1_000_000_000))
}

fn connection(tls: &Tls, hosts: &[&str]) -> Value {
    let lowest = if tls.modern { "tls1.3" } else { "tls1.2" };
    let mut policy = object([
        ("match", json!({ "sni": hosts })),
        ("protocol_min", json!(lowest)),
        ("protocol_max", json!("tls1.3")),
        ("curves", list(&tls.curves)),
    ]);
    if !tls.ciphers.is_empty() {
        policy.insert("cipher_suites".to_owned(), list(&tls.ciphers));
    }
    if tls.files.is_some() {
        policy.insert("certificate_selection".to_owned(), json!({ "any_tag": [CERTIFICATE] }));
    }
    Value::Object(policy)
}

fn list(list: &List) -> Value {
    list.words().iter().map(Word::as_str).collect()
}

/// What one site does with a request, and no other after it.
fn site(hosts: &[&str], routes: Vec<Value>) -> Value {
    let inner = object([("handler", "subroute".into()), ("routes", Value::Array(routes))]);
    Value::Object(object([
        ("match", json!([{ "host": hosts }])),
        ("handle", Value::Array(vec![inner.into()])),
        ("terminal", true.into()),
    ]))
}
