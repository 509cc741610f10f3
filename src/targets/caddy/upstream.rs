//! How the app is asked: what it learns of its client, and which of its headers no client gets.

use super::super::proxy::Proxy;
use super::handler::{BothWays, Handler, Route, Transport};
use super::headers::{Field, Fields, Headers, Replacement};
use super::value::{Named, Seconds, Value};
use super::{Builder, cookie};
use crate::plan::{Control, When};
use crate::profile::{ForwardedFor, Upstream};

impl Builder<'_> {
    /// The route that ends at the app.
    pub fn reverse_proxy(&self) -> Route {
        let address = match &self.proxy.plan.policy.app.upstream {
            tcp @ Upstream::Tcp { .. } => tcp.to_string(),
            Upstream::Unix(path) => format!("unix/{path}"),
        };
        let timeout = Seconds(self.proxy.timeout().get());
        let asked = Handler::ReverseProxy {
            upstreams: [Named::new("dial", Value::given("app.upstream", address))],
            headers: Box::new(BothWays { request: self.request_headers(), response: self.response_headers() }),
            transport: Transport { compression: false, dial_timeout: timeout, response_header_timeout: timeout },
        };
        Route::always("The app [app.upstream], and how long it has to begin its answer [app.timeout]", [asked])
    }

    fn request_headers(&self) -> Headers {
        let client = "{http.vars.seccfg_client}";
        let mut told = vec![
            Field::new("Host", "{seccfg_host}"),
            Field::new("X-Real-Ip", client),
            Field::new("X-Forwarded-Proto", "{http.vars.seccfg_scheme}"),
            Field::new("X-Forwarded-Host", "{seccfg_host}"),
        ];
        match self.proxy.forwarded_for {
            ForwardedFor::Overwrite => told.push(Field::new("X-Forwarded-For", client)),
            // As Caddy does by itself: the chain of addresses that came, with our peer's behind it.
            ForwardedFor::Append => {}
        }
        Headers {
            note: "What the app learns of its client [proxy], without what clients only claim. `Expect` is Caddy's to answer.",
            set: Some(Fields(told)),
            ..Headers::delete(["Expect"].into_iter().chain(self.proxy.dropped()))
        }
    }

    fn response_headers(&self) -> Headers {
        let Proxy { headers, hide, cors, cookies, .. } = &self.proxy;
        let of =
            |when| headers.iter().map(|(_, sent)| sent).filter(move |sent| sent.when == when).map(|sent| sent.name);
        let cors = cors.map(|_| "Access-Control-*");
        let hidden = of(When::Always).chain(of(When::Https)).chain(cors).chain(hide.iter().copied());
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
            ..Headers::delete(hidden)
        }
    }
}
