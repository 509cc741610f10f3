//! How the app is asked: what it learns of its client, and which of its headers no client gets.

use super::super::proxy::{Proxy, Says};
use super::handler::{Answered, Authorities, Balancing, BothWays, Handler, Route, Tls, Transport};
use super::headers::{Field, Fields, Headers, Replacement};
use super::value::{Named, Seconds, Value};
use super::{Builder, cookie};
use crate::plan::{Control, Place, Service, Way, When};
use crate::profile::{CaddyTarget, ForwardedFor, Upstream};

impl Builder<'_> {
    /// The route that ends at a program.
    pub fn reverse_proxy(&self, service: &Service<'_>, way: &Way<'_>, place: &Place) -> Route {
        let sent = self.fields_of(service);
        let sent: Vec<&str> = sent.iter().map(|field| field.name).collect();
        let headers = BothWays { request: self.request_headers(), response: self.response_headers(service, &sent) };
        self.asks(service, way, place, headers)
    }

    /// The same for a balancer's question: the program is asked as if by a visitor of `app.url`.
    pub fn asks_health(&self, service: &Service<'_>, way: &Way<'_>, place: &Place) -> Route {
        let origin = self.proxy.plan.policy.url().origin().to_string();
        let (scheme, host) = origin.split_once("://").expect("an origin has a scheme");
        let host = || Value::word("app.url", host);
        let client = "{http.vars.seccfg_client}";
        let told = vec![
            Field::new("Host", host()),
            Field::new("X-Real-Ip", client),
            Field::new("X-Forwarded-For", client),
            Field::new("X-Forwarded-Proto", Value::word("app.url", scheme)),
            Field::new("X-Forwarded-Host", host()),
        ];
        // No route before it has taken away what clients claim.
        let spared = ["Expect", "Authorization", "Cookie", "Upgrade"].into_iter().chain(self.proxy.dropped());
        let asked = Headers { set: Some(Fields(told)), ..withheld(spared) };
        self.asks(service, way, place, BothWays { request: asked, response: self.response_headers(service, &[]) })
    }

    fn asks(&self, service: &Service<'_>, way: &Way<'_>, place: &Place, headers: BothWays) -> Route {
        let key = way.key.clone().key("upstream");
        let address = |upstream: &Upstream| match upstream {
            Upstream::Tcp { host, port, .. } => format!("{host}:{port}"),
            Upstream::Unix(path) => format!("unix/{path}"),
        };
        let dial = |upstream| Named::new("dial", Value::given(key.clone(), address(upstream)));
        let copies = way.upstreams.len();
        let timeout = Seconds(place.allows.timeout.as_seconds());
        let asked = Handler::ReverseProxy {
            upstreams: way.upstreams.iter().map(dial).collect(),
            headers: Box::new(headers),
            transport: Box::new(Transport {
                compression: false,
                dial_timeout: timeout,
                response_header_timeout: timeout,
                // It runs while a body is sent, too: where nobody asks for it, slow clients would be cut off.
                read_timeout: place.allows.silence.map(|silence| Seconds(silence.as_seconds())),
                tls: way.upstreams.are_encrypted().then(|| self.tls(way)),
            }),
            flush_interval: place.allows.stream.then_some(-1),
            load_balancing: (copies > 1).then(|| Balancing {
                selection_policy: Named::new("policy", "round_robin"),
                retries: u64::try_from(copies - 1).unwrap_or_default(),
            }),
            handle_response: Answered::untyped(),
        };
        let title = service.name.map_or_else(|| "The app".to_owned(), |name| format!("The service {name}"));
        let why = format!("{title} [{key}], and how long it has to begin its answer [app.timeout]");
        Route::always(why, [asked])
    }

    /// TLS to a program, whose certificate is for the name by which it is reached.
    fn tls(&self, way: &Way<'_>) -> Tls {
        let mut names = way.names();
        // Of several, Caddy takes each copy's own.
        let name = names.pop_first().filter(|_| names.is_empty());
        let key = way.key.clone();
        let file = || way.authority.map(|file| [Value::given(key.clone().key("upstream_ca"), file.as_str())]);
        let has_pools = self.target.version.at_least(CaddyTarget::TRUST_POOLS);
        Tls {
            server_name: name.map(|name| Value::given(key.clone().key("upstream"), name.trim_matches(['[', ']']))),
            root_ca_pem_files: file().filter(|_| !has_pools),
            ca: file().filter(|_| has_pools).map(|pem_files| Authorities { pem_files }),
        }
    }

    fn request_headers(&self) -> Headers {
        let client = "{http.vars.seccfg_client}";
        let mut host = Value::from("{http.vars.seccfg_host}");
        if self.ports().next().is_some() {
            host = host.and("{http.vars.seccfg_port}");
        }
        let mut told = vec![
            Field::new("Host", host.clone()),
            Field::new("X-Real-Ip", client),
            Field::new("X-Forwarded-Proto", "{http.vars.seccfg_scheme}"),
            Field::new("X-Forwarded-Host", host),
        ];
        match self.proxy.forwarded_for {
            ForwardedFor::Overwrite => told.push(Field::new("X-Forwarded-For", client)),
            // As Caddy does by itself: the chain of addresses that came, with our peer's behind it.
            ForwardedFor::Append => {}
        }
        Headers {
            note: "What the app learns of its client [proxy]. `Expect` is Caddy's to answer.\n\
                   Apps read an underscore in a header's name as a dash, and some a dot: who sends one means another header.",
            set: Some(Fields(told)),
            ..withheld(["Expect"])
        }
    }

    /// The app's headers that no client gets. Those that Caddy sends with every answer of the service take the app's place.
    fn response_headers(&self, service: &Service<'_>, sent: &[&str]) -> Headers {
        let Proxy { headers, hide, cors, cookies, .. } = &self.proxy;
        let index = self.index(service);
        let replaced = || headers.iter().filter(|sent| *sent.said_by(index) != Says::Own);
        let of = |when| replaced().filter(move |sent| sent.when == when).map(|sent| sent.name);
        let cors = cors.map(|_| "Access-Control-*");
        let hidden = of(When::Always).chain(of(When::Https)).chain(cors).chain(hide.iter().copied());
        let hidden = hidden.filter(|name| !sent.contains(name)).map(in_small_letters);
        let mut flags = Vec::new();
        for cookie in cookies {
            let control = Control::Cookie(cookie.name);
            let mut why = control.why();
            for (find, replace) in cookie::replacements(cookie) {
                let given = |text| Value::given(control.key(), text);
                let note = std::mem::take(&mut why).into();
                flags.push(Replacement { note, search_regexp: given(find), replace: given(replace) });
            }
        }
        Headers {
            note: "The app's own headers, where Caddy sends one or no client needs it [headers]",
            replace: (!flags.is_empty()).then(|| Named::new("Set-Cookie", flags)),
            delete: Some(hidden.collect()),
            ..Headers::default()
        }
    }
}

/// The headers that no program gets: these, and those whose names are read as others.
fn withheld(these: impl IntoIterator<Item = &'static str>) -> Headers {
    let names = ["*_*", "*.*"].into_iter().chain(these).map(in_small_letters);
    Headers { delete: Some(names.collect()), ..Headers::default() }
}

/// A header's name where it is taken away: Caddy writes it in small letters before it looks for it, request by request,
/// unless it is written so.
pub fn in_small_letters(name: &'static str) -> Value {
    Value::made(name.to_ascii_lowercase())
}
