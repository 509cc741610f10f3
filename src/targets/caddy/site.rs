//! The sites of a plan, and what stands around them: where Caddy listens, and with which certificate.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU16;

use super::super::closed;
use super::super::proxy;
use super::super::refused::at;
use super::super::transport::{Encryption, Transport};
use super::super::{Refused, header, unenforced};
use super::answer::{errors, nameless};
use super::app::{no_path, told};
use super::config::{
    Apps, Block, ClientCertificates, Config, Connection, Files, Http, Server, Site, Sites, TlsApp, Trusted, Unserved,
};
use super::escape::comment;
use super::handler::{Authorities, Handler, Route};
use super::matcher::{Condition, compared};
use super::value::{Named, Seconds, Value};
use super::{Builder, KEY, words};
use crate::profile::{CaddyTarget, Group, Issuer, PlainHttp};

/// The tag that leads from a connection to its certificate.
const CERTIFICATE: &str = "cert0";

/// Mozilla's guideline 6.0, intermediate: the suites of TLS 1.2, in Go's names. TLS 1.3 has none to choose.
const CIPHERS: [&str; 6] = [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

impl Builder<'_> {
    /// The whole configuration.
    pub fn config(&self) -> Result<Config, Refused> {
        let Self { proxy, target } = self;
        let (bind, app) = (self.bind(), (self.prefix(), self.app()));
        let tls = self.encryption();
        let note = "The app [app.url, app.aliases]";
        let plain = match tls {
            Some(_) => match proxy.plain_http {
                PlainHttp::Redirect => self.redirects(),
                PlainHttp::Refuse => self.refusal(),
                PlainHttp::Serve => vec![self.site("The app by plain HTTP [tls.plain_http]", &app, self.challenges())],
            },
            None => vec![self.site(note, &app, None)],
        };
        let unknown = "Unknown hosts are refused, by plain HTTP [app.url, app.aliases]";
        let mut servers = BTreeMap::from([("http", self.server(target.http_port, 80, &bind, plain, unknown))]);
        if let Some(tls) = tls {
            let unknown = "Unknown hosts are refused, by https: an unknown SNI name has no certificate here, and a known one\n\
                           with another Host after it ends here [app.url, app.aliases]";
            let mut https = self.server(target.https_port, 443, &bind, vec![self.site(note, &app, None)], unknown);
            https.tls_connection_policies = Some((self.connection(tls), Unserved {}));
            if let Err(refused) = proxy::two_ports(KEY, target.http_port, target.https_port) {
                https.port = Value::refused(refused);
            }
            servers.insert("https", https);
        }
        let unusual = |port: NonZeroU16, own| Some(port.get()).filter(|port| *port != own);
        let (http_port, to_https) = (unusual(target.http_port, 80), unusual(target.https_port, 443));
        Ok(Config {
            made_by: at("app.name", comment(&header(proxy.plan)))?,
            admin: Named::new("disabled", true),
            apps: Apps { http: Http { http_port, https_port: to_https, servers }, tls: self.certificates() },
            unenforced: unenforced(proxy.plan, comment)?,
            bind,
            app,
        })
    }

    /// `seccfg_` and the app's name: what the app's routes are called, and what every zone's name starts with.
    pub fn prefix(&self) -> Value {
        Value::from("seccfg_").and(Value::word("app.name", &self.proxy.plan.policy.app.name))
    }

    /// The networks of the proxies before us.
    pub fn trusted(&self) -> Vec<Value> {
        words("proxy.trusted", self.proxy.trusted)
    }

    /// The hosts that are served.
    fn hosts(&self) -> Vec<Value> {
        words("app.aliases", self.proxy.served)
    }

    /// The server of some sites, and of one that refuses all others.
    fn server(&self, on: NonZeroU16, own: u16, bind: &[Value], mut sites: Vec<Site>, note: &'static str) -> Server {
        let routes = self.health().into_iter().chain([Route::always("", [Handler::Abort { abort: true }])]).collect();
        sites.push(Site { note, hosts: Vec::new(), block: Block { routes, errors: Vec::new() }, app: false });
        let port = Value::from(":").and(u64::from(on.get()));
        let socket = |address: &Value| address.clone().and(&port);
        let believed = self.proxy.believes.then(|| Trusted { ranges: told("proxy.trusted", self.proxy.trusted) });
        Server {
            listen: if bind.is_empty() { vec![port.clone()] } else { bind.iter().map(socket).collect() },
            port: if on.get() == own { "".into() } else { port },
            // As nginx speaks them: HTTP/3 would need a UDP port of its own.
            protocols: ["h1", "h2"],
            max_header_bytes: 32_000,
            read_header_timeout: Seconds(60),
            idle_timeout: Seconds(75),
            automatic_https: Named::new("disable_redirects", true),
            sites: Sites(sites),
            tls_connection_policies: None,
            trusted_proxies_strict: believed.as_ref().map(|_| 1),
            trusted_proxies: believed,
        }
    }

    /// The app's, with a route before those to the app.
    fn site(&self, note: &'static str, (name, app): &(Value, Block), before: Option<Route>) -> Site {
        let import = Handler::Import { name: name.clone(), routes: app.routes.clone() };
        let routes = before.into_iter().chain([Route::always("", [import])]).collect();
        Site { note, hosts: self.hosts(), block: Block { routes, errors: app.errors.clone() }, app: true }
    }

    /// From plain HTTP to https, but for ACME's challenges.
    fn redirects(&self) -> Vec<Site> {
        let note = "The redirect to https, to the same host written out [tls.redirect_http]";
        let why = "A target that is no path would be added to the host's name.";
        let hide = self.proxy.hide_version;
        let challenges = self.challenges();
        let refused = Route::when(why, ("pathless", [no_path()]), [Handler::Respond { status_code: 400 }]);
        let site = |(host, origin)| {
            let moved = Handler::redir(Value::word("app.url", origin).and("{http.request.uri}"));
            let last = [refused.clone(), Route::always("308 keeps the method.", [moved])];
            let first = self.health().into_iter().chain(challenges.clone());
            let routes = first.chain(nameless(hide)).chain(last).collect();
            let block = Block { routes, errors: challenges.as_ref().map(|_| errors(None, hide)).unwrap_or_default() };
            Site { note, hosts: words("app.aliases", [host]), block, app: false }
        };
        self.proxy.https_origins(self.target.https_port).into_iter().map(site).collect()
    }

    /// Plain HTTP that gets no answer but to ACME's challenges. Where nobody but Caddy answers those, the app's names are
    /// unknown hosts there.
    fn refusal(&self) -> Vec<Site> {
        let note = "Plain HTTP gets no answer but to ACME's challenges [tls.plain_http]";
        let site = |challenges| {
            let last = [challenges, Route::always("", [Handler::Abort { abort: true }])];
            let routes = self.health().into_iter().chain(last).collect();
            let block = Block { routes, errors: errors(None, self.proxy.hide_version) };
            Site { note, hosts: self.hosts(), block, app: false }
        };
        self.challenges().map(site).into_iter().collect()
    }

    /// ACME's challenges, where another client than Caddy answers them.
    fn challenges(&self) -> Option<Route> {
        let settings = &self.proxy.plan.policy.tls.certificate;
        let asked = ("challenge", [Condition::Path("/.well-known/acme-challenge/*".into())]);
        let webroot = Value::given("tls.certificate.webroot", settings.webroot.as_str());
        let mut routes = vec![Route::always("", [Handler::vars("root", webroot)])];
        routes.extend(nameless(self.proxy.hide_version));
        routes.push(Route::always("", [Handler::FileServer { canonical_uris: None }]));
        let why = "ACME's challenges come by plain HTTP [tls.certificate.webroot]";
        let by_other = settings.issuer == Issuer::Acme && !self.is_managed();
        by_other.then(|| Route::when(why, asked, [Handler::Route { routes }]))
    }

    /// TLS, where it ends here.
    const fn encryption(&self) -> Option<Encryption<'_>> {
        match self.proxy.transport {
            Transport::Tls(encryption) => Some(encryption),
            Transport::Plain | Transport::Upstream => None,
        }
    }

    /// Whether Caddy is its own ACME client, as it is where no file is named.
    fn is_managed(&self) -> bool {
        let settings = &self.proxy.plan.policy.tls.certificate;
        settings.issuer == Issuer::Acme && settings.cert.is_none() && settings.key.is_none()
    }

    fn connection(&self, tls: Encryption<'_>) -> Connection {
        Connection {
            names: Named::new("sni", compared(&self.hosts())),
            protocol_min: if tls.is_modern { "tls1.3" } else { "tls1.2" },
            protocol_max: "tls1.3",
            cipher_suites: (!tls.is_modern).then_some(&CIPHERS),
            curves: self.groups(tls),
            client_authentication: self.client_certificates(),
            certificate_selection: (!self.is_managed()).then(|| Named::new("any_tag", [CERTIFICATE])),
        }
    }

    /// The certificates that clients may show; none: they are asked for none.
    fn client_certificates(&self) -> Option<ClientCertificates> {
        let file = match closed::authority(&self.proxy.client_ca) {
            Ok(authority) => authority.map(|(key, file)| Value::given(key.clone(), file.as_str()))?,
            Err(refused) => Value::refused(refused),
        };
        Some(ClientCertificates { ca: Authorities { pem_files: [file] }, mode: "verify_if_given" })
    }

    fn certificates(&self) -> Option<TlsApp> {
        let policy = self.proxy.plan.policy;
        let (certificate, key) = policy.certificate_files();
        let files = Files {
            certificate: Value::given("tls.certificate.cert", certificate.as_str()),
            key: Value::given("tls.certificate.key", key.as_str()),
            tags: [CERTIFICATE],
        };
        let named = self.encryption().is_some() && !self.is_managed();
        let unstapled = (!policy.tls.certificate.stapling).then_some(true);
        (named || unstapled.is_some()).then(|| TlsApp {
            certificates: named.then(|| Named::new("load_files", [files])),
            automation: unstapled.map(|off| Named::new("policies", [Named::new("disable_ocsp_stapling", off)])),
            disable_ocsp_stapling: unstapled,
        })
    }

    /// The policy's own groups; else those of the guideline's that this Caddy has.
    fn groups(&self, tls: Encryption<'_>) -> Vec<Value> {
        let version = self.target.version;
        let named = |group: Group| match group {
            Group::X25519MlKem768 if version.at_least(CaddyTarget::ML_KEM) => Ok("x25519mlkem768"),
            Group::X25519MlKem768 => {
                Err(format!("Caddy {version} does not have: it came with {}", CaddyTarget::ML_KEM))
            }
            Group::X25519 => Ok("x25519"),
            Group::P256 => Ok("secp256r1"),
            Group::P384 => Ok("secp384r1"),
            Group::P521 => Ok("secp521r1"),
            Group::X448 => Err("no Caddy has".to_owned()),
        };
        let refused = |group, why| Refused::new("tls.groups", format!("names {group}, which {why}")).told_by("RND004");
        let written = |group| match named(group) {
            Ok(name) => Some(name.into()),
            Err(why) if tls.names_groups() => Some(Value::refused(refused(group, why))),
            Err(_) => None,
        };
        tls.groups().into_iter().filter_map(written).collect()
    }

    /// The addresses to listen on; none, where they are all of the machine's.
    fn bind(&self) -> Vec<Value> {
        let sockets = proxy::sockets(&self.target.bind, self.target.http_port);
        let all = |v6: bool| sockets.iter().any(|socket| socket.is_ipv6() == v6 && socket.ip().is_unspecified());
        if all(false) && all(true) {
            return Vec::new();
        }
        let address = |socket: &SocketAddr| match socket.ip() {
            // One for all addresses of a family says which family, or it would take both.
            IpAddr::V4(v4) if v4.is_unspecified() => format!("tcp4/{v4}"),
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) if v6.is_unspecified() => format!("tcp6/[{v6}]"),
            IpAddr::V6(v6) => format!("[{v6}]"),
        };
        words("targets.caddy.bind", sockets.iter().map(address))
    }
}
