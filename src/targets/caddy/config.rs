//! A whole configuration: what stands around the routes, named and serialised as in Caddy's JSON.
//!
//! What Caddy does not read in JSON, a Caddyfile needs: it is skipped.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::super::escape::Comment;
use super::handler::{Authorities, Handler, Route};
use super::matcher::Condition;
use super::value::{Named, Seconds, Value};

/// One app behind one Caddy.
#[derive(Debug, Serialize)]
pub struct Config {
    /// What made it, and from which policy. Of a name that starts so, Caddy reads nothing but the name.
    #[serde(rename = "@id")]
    pub made_by: Comment,
    pub admin: Named<bool>,
    pub apps: Apps,
    /// What the policy asks for and nobody enforces, as lines; empty where there is no such control.
    #[serde(skip)]
    pub unenforced: Vec<Comment>,
    /// The addresses that are listened on, without ports; none: all of the machine's.
    #[serde(skip)]
    pub bind: Vec<Value>,
    /// What is done with a request to the app, by the name that it is imported by.
    #[serde(skip)]
    pub app: (Value, Block),
}

#[derive(Debug, Serialize)]
pub struct Apps {
    pub http: Http,
    pub tls: Option<TlsApp>,
}

/// Ports are named where they are not 80 and 443.
#[derive(Debug, Serialize)]
#[allow(clippy::struct_field_names, reason = "Caddy's names")]
pub struct Http {
    pub http_port: Option<u16>,
    pub https_port: Option<u16>,
    /// By their schemes: `https`, where TLS ends here, and `http`.
    pub servers: BTreeMap<&'static str, Server>,
}

#[derive(Debug, Serialize)]
pub struct Server {
    /// `:8443`, where the port is not the scheme's own.
    #[serde(skip)]
    pub port: Value,
    pub listen: Vec<Value>,
    pub protocols: [&'static str; 2],
    pub max_header_bytes: u64,
    pub read_header_timeout: Seconds,
    pub idle_timeout: Seconds,
    pub automatic_https: Named<bool>,
    #[serde(flatten)]
    pub sites: Sites,
    /// One for the app's hosts, and one for all other names, which have no certificate here.
    pub tls_connection_policies: Option<(Connection, Unserved)>,
    /// The proxies by whose word Caddy tells a client's address.
    pub trusted_proxies: Option<Trusted>,
    pub trusted_proxies_strict: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "source", rename = "static")]
pub struct Trusted {
    pub ranges: Vec<Value>,
}

#[derive(Debug, Serialize)]
pub struct Connection {
    #[serde(rename = "match")]
    pub names: Named<Vec<String>>,
    pub protocol_min: &'static str,
    pub protocol_max: &'static str,
    /// None for TLS 1.3, which leaves no choice.
    pub cipher_suites: Option<&'static [&'static str]>,
    pub curves: Vec<Value>,
    pub certificate_selection: Option<Named<[&'static str; 1]>>,
    /// None: no client is asked for a certificate.
    pub client_authentication: Option<ClientCertificates>,
}

/// The certificates that clients may show.
#[derive(Debug, Serialize)]
pub struct ClientCertificates {
    pub ca: Authorities,
    pub mode: &'static str,
}

#[derive(Debug, Serialize)]
pub struct Unserved {}

#[derive(Debug, Serialize)]
pub struct TlsApp {
    /// None: Caddy gets one from an ACME authority by itself.
    pub certificates: Option<Named<[Files; 1]>>,
    pub automation: Option<Named<[Named<bool>; 1]>>,
    pub disable_ocsp_stapling: Option<bool>,
}

#[derive(Debug, Serialize)]
pub struct Files {
    pub certificate: Value,
    pub key: Value,
    pub tags: [&'static str; 1],
}

/// The routes of requests, and of those that end in an error of Caddy's own.
#[derive(Clone, Debug, Default)]
pub struct Block {
    pub routes: Vec<Route>,
    pub errors: Vec<Route>,
}

/// What is done with requests to some hosts, and why.
#[derive(Debug)]
pub struct Site {
    pub note: &'static str,
    /// The hosts, an IPv6 address in brackets; none: every other one.
    pub hosts: Vec<Value>,
    pub block: Block,
    /// Whether it is the app's, and an import brings the error routes along.
    pub app: bool,
}

/// The sites of a server. No request passes two of them.
#[derive(Debug)]
pub struct Sites(pub Vec<Site>);

impl Serialize for Sites {
    /// As two lists, of all routes and of all error routes.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let list = |of: fn(&Block) -> &[Route]| {
            let route = |site: &Site| {
                let only = || ("host", [Condition::Host(site.hosts.clone())]).into();
                let handlers = [Handler::Route { routes: of(&site.block).to_vec() }];
                let matcher = (!site.hosts.is_empty()).then(only);
                Route { matcher, terminal: Some(true), ..Route::always("", handlers) }
            };
            self.0.iter().filter(|site| !of(&site.block).is_empty()).map(route).collect::<Vec<_>>()
        };
        let errors = list(|block| &block.errors);
        let mut lists = serializer.serialize_map(None)?;
        lists.serialize_entry("routes", &list(|block| &block.routes))?;
        lists.serialize_entry("errors", &(!errors.is_empty()).then(|| Named::new("routes", errors)))?;
        lists.end()
    }
}
