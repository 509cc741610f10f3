//! A [`Config`] as a Caddyfile, in parts that people import into theirs.

use super::super::{Refused, Style};
use super::config::{Apps, Block, Config, Connection, Files, Http, Trusted};
use super::handler::{AnswerMatcher, Answered, Handler, Input, Route, Zone};
use super::headers::{Field, Headers, Replacement};
use super::matcher::{Condition, Matcher};
use super::value::{Named, Value};
use super::writer::Writer;

const WHOLE: &str = "\
#
# A complete Caddy around the three files beside it: caddy run --config DIR/Caddyfile
{
	# No one on this machine reconfigures the proxy through port 2019. `caddy reload` needs that
	# port: without it, a new configuration comes by a restart.
	admin off

	import options.caddy
}

import common.caddy
import site.caddy
";

const OPTIONS: &str = "\
#
# For the global options, as in { import options.caddy }: once, however many apps there are. Caddy
# has these for all sites of a port, so that apps in one Caddy must name the same trusted proxies.

";

const COMMON: &str = "\
#
# For the Caddyfile, behind the global options: once, however many apps there are.
";

const SITE: &str = "\
#
# For the Caddyfile, behind common.caddy: the app's sites.

# What the sites below do with a request to the app: it passes these routes from top to bottom. Headers of
# answers are set when an answer is sent, because an answer before the answer (100, 103) takes away what is
# set at once. Caddy's own errors pass none of this: for them, the headers stand at the end once more.
";

/// Writes the three files to be imported, and the `Caddyfile` that does so where that is asked for. For JSON, this tells
/// what has no form in it: every value comes by here.
pub fn render<'c>(config: &'c Config, style: Style) -> Result<Vec<(&'static str, String)>, Refused> {
    type Write<'c> = fn(&mut Printer<'c>, &'c Config);
    let mut parts: Vec<(&str, Write<'c>)> =
        vec![("options.caddy", Printer::options), ("common.caddy", Printer::common), ("site.caddy", Printer::app)];
    if style.standalone {
        parts.push(("Caddyfile", |printer, _| printer.w.lines(WHOLE)));
    }
    let mut printer = Printer { w: Writer::new(style.form), known: Vec::new() };
    let mut files = Vec::new();
    for (name, write) in parts {
        printer.w.note(config.made_by.as_str());
        write(&mut printer, config);
        files.push((name, printer.w.take()));
    }
    printer.w.finish().map(|()| files)
}

struct Printer<'c> {
    w: Writer,
    /// The matchers that are defined where it writes.
    known: Vec<&'c Matcher>,
}

impl<'c> Printer<'c> {
    fn options(&mut self, config: &'c Config) {
        let w = &mut self.w;
        let Apps { http: Http { http_port, https_port, servers }, tls } = &config.apps;
        w.lines(OPTIONS);
        for (name, port) in [("http_port", http_port), ("https_port", https_port)] {
            if let Some(port) = port {
                w.token(name).token(u64::from(*port)).end();
            }
        }
        w.lines("# The sites redirect their own hosts; Caddy would send any host to itself [tls.redirect_http]");
        w.lines("auto_https disable_redirects");
        if tls.as_ref().is_some_and(|tls| tls.disable_ocsp_stapling.is_some()) {
            w.lines("\n# Nobody is asked whether the certificate is revoked [tls.certificate.stapling]");
            w.lines("ocsp_stapling off");
        }
        // All are alike but for their sites.
        if let Some(server) = servers.values().next() {
            w.lines("\n");
            w.token("servers").open();
            w.lines("# As nginx speaks them: HTTP/3 would need a UDP port of its own.");
            w.token("protocols").tokens(server.protocols).end();
            w.lines("\n# Headers of a request, and how long they may take to come.");
            w.token("max_header_size").token(Value::from(server.max_header_bytes / 1000).and("KB")).end();
            w.token("timeouts").open();
            w.token("read_header").token(server.read_header_timeout).end();
            w.token("idle").token(server.idle_timeout).end();
            w.close();
            if let Some(Trusted { ranges }) = &server.trusted_proxies {
                w.lines("\n# The client's address: the last one that none of our proxies has [proxy.trusted]");
                w.token("trusted_proxies").token("static").tokens(ranges).end();
                w.lines("trusted_proxies_strict");
            }
            w.close();
        }
    }

    fn common(&mut self, config: &'c Config) {
        self.w.lines(COMMON);
        self.sites(config, false);
    }

    fn app(&mut self, config: &'c Config) {
        let Config { unenforced, app: (name, block), .. } = config;
        if !unenforced.is_empty() {
            self.w.lines("#");
            for line in unenforced {
                self.w.note(line.as_str());
            }
        }
        self.w.lines(SITE);
        self.w.token(Value::from("(").and(name).and(")")).open();
        self.block(block);
        self.w.close();
        self.sites(config, true);
    }

    /// The sites of hosts that are served, or those of all others.
    fn sites(&mut self, Config { bind, apps, .. }: &'c Config, served: bool) {
        let every = Value::from("");
        for (scheme, server) in &apps.http.servers {
            let address = |host: &Value| Value::from(*scheme).and("://").and(host).and(&server.port);
            for site in server.sites.0.iter().filter(|site| site.hosts.is_empty() != served) {
                self.w.paragraph(site.note);
                let (last, others) = site.hosts.split_last().unwrap_or((&every, &[]));
                self.w.tokens(others.iter().map(|host| address(host).and(","))).token(address(last)).open();
                if !bind.is_empty() {
                    self.w.token("bind").tokens(bind).end();
                }
                if let (Some((connection, _)), true) = (&server.tls_connection_policies, served) {
                    let loaded = apps.tls.as_ref().and_then(|tls| tls.certificates.as_ref());
                    self.tls(connection, loaded);
                }
                if site.app {
                    // An import brings error routes along, which are no part of a block.
                    site.block.routes.iter().for_each(|route| self.route(route));
                } else {
                    self.block(&site.block);
                }
                self.w.close();
            }
        }
    }

    fn tls(&mut self, connection: &Connection, loaded: Option<&Named<[Files; 1]>>) {
        let Connection { protocol_min, protocol_max, cipher_suites, curves, client_authentication, .. } = connection;
        let files = loaded.iter().flat_map(|loaded| &loaded.value).flat_map(|files| [&files.certificate, &files.key]);
        let w = &mut self.w;
        w.lines("# TLS [tls]");
        w.token("tls").tokens(files).open();
        w.token("protocols").tokens([*protocol_min, protocol_max]).end();
        if let Some(ciphers) = cipher_suites {
            w.token("ciphers").tokens(ciphers.iter().copied()).end();
        }
        w.token("curves").tokens(curves).end();
        if let Some(client) = client_authentication {
            w.lines("\n# The certificates that clients may show [access.*.client_ca]");
            w.token("client_auth").open();
            w.token("mode").token(client.mode).end();
            w.token("trust_pool").token("file").tokens(&client.ca.pem_files).end();
            w.close();
        }
        w.close();
    }

    fn block(&mut self, Block { routes, errors }: &'c Block) {
        self.in_order(routes);
        if !errors.is_empty() {
            self.w.paragraph("Answers of Caddy's own have the headers above, too.");
            self.w.token("handle_errors").open();
            self.in_order(errors);
            self.w.close();
        }
        self.known.clear();
    }

    fn in_order(&mut self, routes: &'c [Route]) {
        match routes {
            [route] => self.route(route),
            // Elsewhere, Caddy sorts directives by an order of its own.
            routes => self.nested("route", None, routes),
        }
    }

    /// Routes in a block. What it defines is not known behind it.
    fn nested(&mut self, directive: &'static str, on: Option<&Value>, routes: &'c [Route]) {
        let outside = self.known.len();
        self.w.token(directive).tokens(on).open();
        for route in routes {
            self.route(route);
        }
        self.w.close();
        self.known.truncate(outside);
    }

    fn route(&mut self, route: &'c Route) {
        self.w.paragraph(&route.note);
        let on = route.matcher.as_ref().map(|matcher| self.matcher(matcher));
        for handler in &route.handlers {
            self.handler(on.as_ref(), handler);
        }
    }

    /// How a matcher is referred to. It is defined where it is not.
    fn matcher(&mut self, matcher: &'c Matcher) -> Value {
        let name = Value::from("@seccfg_").and(&matcher.name);
        if !self.known.contains(&matcher) {
            self.known.push(matcher);
            self.w.token(&name);
            match matcher.all.as_slice() {
                [condition] if !matches!(condition, Condition::HasAny(_)) => self.condition(condition),
                all => {
                    self.w.open();
                    for condition in all {
                        self.condition(condition);
                    }
                    self.w.close();
                }
            }
        }
        name
    }

    fn condition(&mut self, condition: &Condition) {
        let w = &mut self.w;
        match condition {
            Condition::Host(hosts) => w.token("host").tokens(hosts),
            Condition::Path(path) => w.token("path").token(path),
            Condition::PathRegexp(pattern) => w.token("path_regexp").token(pattern),
            Condition::Method(methods) => w.token("method").tokens(methods),
            Condition::Header(name) => w.token("header").token(*name).token("*"),
            Condition::HasAny(names) => {
                w.token("not").open();
                for name in names {
                    w.token("header").token(Value::from("!").and(name)).end();
                }
                w.close();
                return;
            }
            Condition::HeaderRegexp(name, pattern) => w.token("header_regexp").token(*name).token(pattern),
            Condition::Vars(name, values) => w.token("vars").token(*name).tokens(values),
            Condition::Expression(expression) => w.token("expression").token(expression),
            Condition::RemoteIp(networks) => w.token("remote_ip").tokens(networks),
            Condition::ClientIp(networks) => w.token("client_ip").tokens(networks),
            Condition::File(files) => w.token("file").tokens(files),
            Condition::Not(condition) => {
                w.token("not");
                return self.condition(condition);
            }
        }
        .end();
    }

    fn answered(&mut self, Answered { matcher, routes }: &'c Answered) {
        let AnswerMatcher { name, statuses, without, with } = matcher;
        let name = Value::from("@seccfg_").and(*name);
        let w = &mut self.w;
        w.token(&name).open();
        if !statuses.is_empty() {
            w.token("status").tokens(statuses.iter().map(|first| Value::from(u64::from(*first)).and("xx"))).end();
        }
        w.token("header").token(Value::from("!").and(*without)).end();
        if let Some((name, value)) = with {
            w.token("header").token(*name).token(*value).end();
        }
        w.close();
        self.nested("handle_response", Some(&name), routes);
    }

    fn handler(&mut self, on: Option<&Value>, handler: &'c Handler) {
        let w = &mut self.w;
        match handler {
            Handler::Map { source, destinations, mappings, defaults } => {
                w.token("map").tokens(on).token(*source).tokens(*destinations).open();
                for mapping in mappings {
                    match &mapping.input {
                        Input::Text(text) => w.token(text),
                        Input::Pattern(pattern) => w.token(Value::from("~").and(pattern)),
                    };
                    w.tokens(&mapping.outputs).end();
                }
                w.token("default").tokens(*defaults).end();
                w.close();
            }
            Handler::Vars(Named { name, value }) => w.token("vars").tokens(on).token(name).token(value).end(),
            Handler::RequestHeader { request } => lines(w, "request_header", on, request),
            Handler::Header { response } => header(w, on, response),
            Handler::Respond { status_code } => w.token("respond").tokens(on).token(*status_code).end(),
            Handler::Say { body } => w.token("respond").tokens(on).token(*body).end(),
            Handler::Redir { status_code, headers } => {
                w.token("redir").tokens(on).tokens(&headers.value).token(*status_code).end();
            }
            Handler::CopyResponse {} => w.token("copy_response").tokens(on).end(),
            Handler::Abort { .. } => w.token("abort").tokens(on).end(),
            Handler::Error { status_code } => w.token("error").tokens(on).token(*status_code).end(),
            Handler::RequestBody { max_size } => {
                w.token("request_body").tokens(on).open();
                w.token("max_size").token(*max_size).end();
                w.close();
            }
            Handler::RateLimit { rate_limits: Named { name, value: Zone { key, window, max_events } } } => {
                w.token("rate_limit").tokens(on).open();
                w.token("zone").token(name).open();
                w.token("key").token(*key).end();
                w.token("window").token(*window).end();
                w.token("events").token(*max_events).end();
                w.close();
                w.close();
            }
            Handler::ReverseProxy {
                upstreams,
                headers,
                transport,
                flush_interval,
                load_balancing,
                handle_response,
            } => {
                let addresses = upstreams.iter().map(|upstream| &upstream.value);
                w.token("reverse_proxy").tokens(on).tokens(addresses).open();
                lines(w, "header_up", None, &headers.request);
                lines(w, "header_down", None, &headers.response);
                w.lines("\n");
                for answered in handle_response {
                    self.answered(answered);
                }
                let w = &mut self.w;
                if let Some(balancing) = load_balancing {
                    w.token("lb_policy").token(balancing.selection_policy.value).end();
                    w.token("lb_retries").token(balancing.retries).end();
                }
                if flush_interval.is_some() {
                    w.lines("flush_interval -1");
                }
                w.token("transport").token("http").open();
                w.token("compression").token(if transport.compression { "on" } else { "off" }).end();
                w.token("dial_timeout").token(transport.dial_timeout).end();
                w.token("response_header_timeout").token(transport.response_header_timeout).end();
                if let Some(time) = transport.read_timeout {
                    w.token("read_timeout").token(time).end();
                }
                if let Some(tls) = &transport.tls {
                    w.lines("tls");
                    if let Some(name) = &tls.server_name {
                        w.token("tls_server_name").token(name).end();
                    }
                    match (&tls.root_ca_pem_files, &tls.ca) {
                        (Some(files), _) => w.token("tls_trusted_ca_certs").tokens(files).end(),
                        (None, Some(pool)) => w.token("tls_trust_pool").token("file").tokens(&pool.pem_files).end(),
                        (None, None) => {}
                    }
                }
                w.close();
                w.close();
            }
            Handler::Import { name, .. } => w.token("import").tokens(on).token(name).end(),
            Handler::Rewrite { uri } => w.token("rewrite").token(on.unwrap_or(&"*".into())).token(uri).end(),
            Handler::FileServer { canonical_uris: None | Some(true) } => w.token("file_server").tokens(on).end(),
            Handler::FileServer { canonical_uris: Some(false) } => {
                w.token("file_server").tokens(on).open();
                w.lines("disable_canonical_uris");
                w.close();
            }
            Handler::Route { routes } => self.nested("route", on, routes),
        }
    }
}

/// Changes, each with its reason and the tokens of its line.
fn changes(headers: &Headers) -> Vec<(&str, Vec<Value>)> {
    let mut lines = Vec::new();
    for (fields, sign) in [(&headers.set, ""), (&headers.add, "+")] {
        for Field { note, name, value } in fields.iter().flat_map(|fields| &fields.0) {
            lines.push((&**note, vec![Value::from(sign).and(*name), value.clone()]));
        }
    }
    lines.extend(headers.delete.iter().flatten().map(|name| ("", vec![Value::from("-").and(name)])));
    if let Some(Named { name, value }) = &headers.replace {
        for Replacement { note, search_regexp, replace } in value {
            lines.push((&**note, vec![name.clone(), search_regexp.clone(), replace.clone()]));
        }
    }
    lines
}

/// Changes of headers, each in a line of its own.
fn lines(w: &mut Writer, directive: &'static str, on: Option<&Value>, headers: &Headers) {
    w.paragraph(headers.note);
    for (note, change) in changes(headers) {
        w.note(note);
        w.token(directive).tokens(on).tokens(change).end();
    }
}

/// Changes of an answer's headers: in the directive's line, or in a block.
fn header(w: &mut Writer, on: Option<&Value>, response: &Headers) {
    w.token("header").tokens(on);
    // What is taken away is taken away last, and Caddy knows that.
    let defer = response.deferred.is_some() && response.delete.is_none();
    match changes(response).as_slice() {
        [("", change)] if !defer => w.tokens(change).end(),
        changes => {
            w.open();
            let taken_away = changes.len() - response.delete.as_ref().map_or(0, Vec::len);
            for (index, (note, change)) in changes.iter().enumerate() {
                w.note(if index == taken_away { response.note } else { note });
                w.tokens(change).end();
            }
            if defer {
                w.lines("defer");
            }
            w.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Form;

    #[test]
    fn routes_of_some_requests_are_in_a_block_with_matchers_of_their_own() {
        let below = || ("shop", [Condition::Path("/shop/*".into())]);
        let closed = Route::refuse(403, "", "post", Condition::Method(vec!["POST".into()]));
        let routes = [
            Route::when("The shop [a.key]", below(), [Handler::Route { routes: vec![closed.clone()] }]),
            Route::when("", below(), [Handler::Respond { status_code: 204 }]),
            closed,
        ];
        let mut printer = Printer { w: Writer::new(Form::Caddyfile), known: Vec::new() };
        for route in &routes {
            printer.route(route);
        }
        let expected = "
# The shop [a.key]
@seccfg_shop path /shop/*
route @seccfg_shop {
	@seccfg_post method POST
	error @seccfg_post 403
}
respond @seccfg_shop 204
@seccfg_post method POST
error @seccfg_post 403
";
        assert_eq!(printer.w.take(), expected);
        assert_eq!(printer.w.finish(), Ok(()));
    }
}
