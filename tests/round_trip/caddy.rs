//! Caddy's own reading of a Caddyfile: its adapter, asked through the admin API of one that runs for this alone.
//!
//! The JSON form of the same policy is what the reading has to be. That is written value by value, so that nothing in it
//! can end or begin anything; what is compared is whether the Caddyfile says the same.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use seccfg::check::{Modes, Options, check};
use seccfg::plan::Target;
use seccfg::source::Source;
use seccfg::targets::{Form, Output, Style};
use serde_json::{Map, Value, json};

use crate::dice::Dice;
use crate::family::{TWINS, Tally, accepted};
use crate::judge::{Rendered, Verdict};
use crate::policy::Policy;
use crate::server::{Running, Server, free_port};
use crate::values::Kind;

/// A Caddy that reads what it is sent.
pub struct Adapter {
    pub server: Server,
    _running: Running,
    port: u16,
}

impl Adapter {
    pub fn start(mut server: Server, folder: &Path) -> Self {
        // It makes much and keeps nothing: to collect that four times as seldom takes a fifth off its time.
        server.variables.push(("GOGC", "400"));
        let port = free_port();
        let folder = folder.join(&server.version);
        fs::create_dir_all(&folder).expect("a folder can be made");
        let main = format!("{{\n\tadmin 127.0.0.1:{port}\n}}\n");
        fs::write(folder.join("Caddyfile"), main).expect("a file can be written");
        let running = server.start(&folder, port).unwrap_or_else(|error| panic!("{}: {error}", server.label()));
        Self { server, _running: running, port }
    }

    /// What a Caddyfile means, or why it means nothing.
    fn read(&self, caddyfile: &str) -> Result<Value, String> {
        let told = |error: std::io::Error| format!("the adapter of {}: {error}", self.server.label());
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).map_err(told)?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).map_err(told)?;
        let head = format!(
            "POST /adapt HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nContent-Type: text/caddyfile\r\nContent-Length: {}\r\n\r\n",
            self.port,
            caddyfile.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(caddyfile.as_bytes())).map_err(told)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(told)?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or("the adapter says nothing")?;
        let mut read: Value = body.parse().map_err(|error| format!("{error}: {body}"))?;
        match read.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => Err(format!("{} does not take it: {body}", self.server.label())),
        }
    }
}

/// The files as one, with what the last of them imports in its place.
fn whole(rendered: &Rendered) -> Result<String, String> {
    let (main, parts) = rendered.files.split_last().ok_or("no files")?;
    let mut text = main.1.clone();
    for (name, part) in parts {
        let line = format!("import {name}\n");
        if text.matches(&line).count() != 1 {
            return Err(format!("{name} is not imported once"));
        }
        text = text.replace(&line, part);
    }
    Ok(text)
}

/// What a configuration says, whichever way it is put: servers by what they listen on, sites by their hosts, and what
/// stands in a subroute without a question of its own where that stands.
fn said(mut config: Value) -> Value {
    if let Some(top) = config.as_object_mut() {
        top.remove("@id");
    }
    let servers = config.pointer_mut("/apps/http/servers").map(Value::take).unwrap_or_default();
    let mut by_socket = Map::new();
    let servers = if let Value::Object(servers) = servers { servers } else { Map::new() };
    for (_, mut server) in servers {
        // All addresses and all names count alike, in whatever order.
        for list in ["/listen", "/tls_connection_policies/0/match/sni"] {
            server.pointer_mut(list).and_then(Value::as_array_mut).into_iter().for_each(|list| sort(list));
        }
        for pointer in ["/routes", "/errors/routes"] {
            if let Some(routes) = server.pointer_mut(pointer) {
                *routes = Value::Array(sites(routes.take()));
            }
        }
        by_socket.insert(server["listen"].to_string(), server);
    }
    config["apps"]["http"]["servers"] = Value::Object(by_socket);
    // For names that no public authority signs, the adapter writes down what Caddy does with them anyway.
    if let Some(policies) = config.pointer_mut("/apps/tls/automation/policies").and_then(Value::as_array_mut) {
        policies.retain(|policy| policy["issuers"][0]["module"] != "internal" && *policy != json!({}));
        if policies.is_empty() {
            config["apps"]["tls"].as_object_mut().expect("it has policies").remove("automation");
        }
    }
    if config["apps"]["tls"] == json!({}) {
        config["apps"].as_object_mut().expect("it has apps").remove("tls");
    }
    config
}

fn sort(list: &mut [Value]) {
    list.sort_by_key(Value::to_string);
}

/// The sites of a server: those of hosts in the order of their names, as no host is in two, and then the rest.
fn sites(routes: Value) -> Vec<Value> {
    let mut routes = flat(routes);
    routes.sort_by_cached_key(|route| {
        route["match"][0]["host"].as_array().map_or("~".to_owned(), |hosts| format!("{hosts:?}"))
    });
    routes
}

fn items(list: Value) -> Vec<Value> {
    if let Value::Array(items) = list { items } else { Vec::new() }
}

/// Routes as single handlers, each with what it asks.
fn flat(routes: Value) -> Vec<Value> {
    let mut handlers = Vec::new();
    for mut route in items(routes) {
        let matcher = route.get_mut("match").map(|matcher| plain(matcher.take()));
        for mut handler in items(route["handle"].take()).into_iter().flat_map(each_change) {
            let inner = (handler["handler"] == "subroute").then(|| flat(handler["routes"].take()));
            match (inner, &matcher) {
                (Some(inner), None) => handlers.extend(inner),
                (Some(inner), Some(matcher)) => handlers.push(json!({ "match": matcher, "routes": inner })),
                (None, matcher) => handlers.push(json!({ "match": matcher, "handler": own(handler) })),
            }
        }
    }
    handlers
}

/// A handler; one that takes away several of a request's headers as as many, because a Caddyfile has a line for each.
fn each_change(handler: Value) -> Vec<Value> {
    match handler.pointer("/request/delete").and_then(Value::as_array) {
        Some(names) if handler["handler"] == "headers" => {
            names.iter().map(|name| json!({ "handler": "headers", "request": { "delete": [name] } })).collect()
        }
        _ => vec![handler],
    }
}

/// A handler without what the adapter adds by itself: the file that it read, which is not to be served. Variables that are
/// numbers are texts, as which they are compared.
fn own(mut handler: Value) -> Value {
    if handler["handler"] == "vars" {
        let kept = handler.as_object_mut().expect("a handler is an object").values_mut();
        kept.filter(|value| value.is_number()).for_each(|value| *value = value.to_string().into());
    }
    if handler["handler"] == "file_server" {
        handler.as_object_mut().expect("a handler is an object").remove("hide");
    }
    handler
}

/// A matcher without the names that newer versions give to patterns and expressions.
fn plain(matcher: Value) -> Value {
    match matcher {
        Value::Object(mut fields) => {
            if fields.len() == 2 && fields.contains_key("name") && fields.contains_key("expr") {
                return fields.remove("expr").expect("it is there");
            }
            if fields.contains_key("pattern") {
                fields.remove("name");
            }
            Value::Object(fields.into_iter().map(|(name, value)| (name, plain(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => matcher,
    }
}

/// Where two configurations part, and what each says there.
fn difference(read: &Value, meant: &Value, path: &str) -> Option<String> {
    match (read, meant) {
        // To ask this first takes a tenth of the time, as there is hardly ever one.
        (read, meant) if read == meant => None,
        (Value::Object(read), Value::Object(meant)) => {
            let names: BTreeSet<&String> = read.keys().chain(meant.keys()).collect();
            let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            // What is not there is another thing than `null`, which says of a header that there is none.
            names.into_iter().find_map(|name| match (read.get(name), meant.get(name)) {
                (Some(read), Some(meant)) => difference(read, meant, &format!("{path}/{name}")),
                (read, meant) => Some(format!("at {path}/{name}, {} is read as {}", shown(meant), shown(read))),
            })
        }
        (Value::Array(read), Value::Array(meant)) if read.len() == meant.len() => {
            let mut both = read.iter().zip(meant).enumerate();
            both.find_map(|(index, (read, meant))| difference(read, meant, &format!("{path}/{index}")))
        }
        (read, meant) => Some(format!("at {path}, {meant} is read as {read}")),
    }
}

/// How many values a configuration holds.
fn count(config: &Value) -> usize {
    match config {
        Value::Object(fields) => fields.values().map(count).sum(),
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

/// Where Caddy listens, and which one is meant.
fn target(server: &Server, dice: &mut Dice) -> String {
    let bind = dice.pick(&["", "bind = [\"127.0.0.1\"]", "bind = [\"0.0.0.0\"]", "bind = [\"::\", \"192.0.2.1\"]"]);
    let ports = dice.pick(&["", "http_port = 8080", "http_port = 8080\nhttps_port = 8443"]);
    let Server { version, plugins, .. } = server;
    format!("\n[targets.caddy]\nversion = \"{version}\"\nplugins = {plugins:?}\n{bind}\n{ports}\n")
}

/// Renders the hostile twins of some seeds in both forms, and compares what they say.
pub fn compare(adapters: &[Adapter], seeds: Range<u64>, tally: &mut Tally) {
    // What rules have against a shape, they have against all its twins.
    let mut waived = BTreeSet::new();
    for seed in seeds {
        if seed.is_multiple_of(TWINS) {
            waived.clear();
        }
        // Each version reads its share.
        let adapter = usize::try_from(seed).map(|seed| &adapters[seed % adapters.len()]).expect("a number of ours");
        if let Err(what) = twin(adapter, seed, &mut waived, tally) {
            tally.wrong.push(format!("seed {seed}: {what}"));
        }
    }
}

fn twin(adapter: &Adapter, seed: u64, waived: &mut BTreeSet<&'static str>, tally: &mut Tally) -> Result<(), String> {
    let policy = Policy::generate(&mut Dice::new(seed / TWINS));
    let mut dice = Dice::new(!seed);
    let target = target(&adapter.server, &mut dice);
    let mut values = policy.values(&mut dice);
    if !seed.is_multiple_of(4) {
        // Most with a Caddyfile: it holds every sign but these.
        let in_headers = values.iter_mut().zip(&policy.texts).filter(|(_, text)| text.kind == Kind::Value);
        in_headers.for_each(|(value, _)| *value = value.replace(['`', '{', '}'], "\""));
    }
    // Groups that every Caddy has.
    let profile = policy.with(&values).replace("X448", "secp521r1").replace("X25519MLKEM768", "X25519") + &target;
    let told = |what: String| format!("{what}, in\n{profile}");
    let styles = [Form::Json, Form::Caddyfile].map(|form| Style { standalone: true, form, ..Style::default() });
    let forms = match accepted(&profile, waived, Output::Caddy, &styles).map_err(told)? {
        Verdict::Rendered(forms) => forms,
        Verdict::Refused(checked) => {
            tally.refuse(&checked);
            return Ok(());
        }
    };
    tally.rendered += 1;
    let [meant, caddyfiles] = <[_; 2]>::try_from(forms).expect("one for each style");
    let meant = meant.map_err(told)?;
    let caddyfiles = match caddyfiles {
        Ok(caddyfiles) => caddyfiles,
        Err(what) if what.contains("no safe form in a Caddyfile") => {
            let source = Source::new("security.toml", profile.as_str());
            let options = Options { modes: Modes::All, targets: vec![Target::Caddy], ..Options::default() };
            let checked = check(source, &options);
            if checked.findings.iter().all(|finding| finding.code != "RND001") {
                return Err(told("the check says nothing of what no Caddyfile holds".to_owned()));
            }
            tally.broken += 1;
            return Ok(());
        }
        Err(what) => return Err(told(what)),
    };
    for (meant, caddyfile) in meant.iter().zip(&caddyfiles) {
        let read = said(whole(caddyfile).and_then(|text| adapter.read(&text)).map_err(told)?);
        let meant = said(meant.files[0].1.parse().map_err(|error: serde_json::Error| told(error.to_string()))?);
        tally.directives += count(&meant);
        difference(&read, &meant, "").map_or(Ok(()), |what| Err(told(what)))?;
    }
    Ok(())
}
