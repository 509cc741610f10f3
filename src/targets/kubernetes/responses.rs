//! The headers of requests and answers, as the steps of a route change them.

use super::super::proxy::{Proxy, Says, TARGETED};
use super::Builder;
use super::gateway_api::{Cors, Filter, HEADERS, Header, Headers, VALUE};
use super::gateways::traefik::CORS_HEADERS;
use super::gateways::{MOST_BELIEVED, envoy, nginx};
use crate::plan::{self, GatewayKind, When};
use crate::profile::ForwardedFor;
use crate::source::KeyPath;
use crate::targets::refused::{Refused, each};

/// What an app tells an nginx, and no client: other gateways pass it on, and no browser reads it.
const FOR_NGINX: [&str; 3] = ["X-Accel-Charset", "X-Accel-Expires", "X-Accel-Limit-Rate"];

impl Builder<'_> {
    /// What is done to the headers of answers.
    pub fn answers(&self, unstored: bool, service: usize, is_https: bool) -> Result<Headers, Refused> {
        let Proxy { headers, hide, hide_version, cors, .. } = &self.proxy;
        let mut changed = Headers::default();
        // What is for https alone is not said by plain HTTP, by the app neither.
        let is_here = |when: When| when == When::Always || is_https;
        let here = headers.iter().filter(|sent| is_here(sent.when));
        let set = each(here, |sent| match sent.said_by(service) {
            Says::Value(value) => self.header(sent.key_of(service), sent.name, value).map(Some),
            Says::Nothing | Says::Own => Ok(None),
        })?;
        changed.set.extend(set.into_iter().flatten());
        let nothing = headers.iter().filter(|sent| !is_here(sent.when) || *sent.said_by(service) == Says::Nothing);
        let nothing = nothing.map(|sent| sent.name);
        let hidden = hide.iter().copied().filter(|name| !FOR_NGINX.contains(name));
        // What a program says of itself goes as far as there is room for it: no client is harmed by what stays.
        let (introduced, mut removed): (Vec<&str>, Vec<&str>) =
            nothing.chain(hidden).partition(|name| plan::introductions().any(|own| own == *name));
        removed.extend(hide_version.then_some("Server"));
        if unstored {
            changed.set.push(Header { name: "Cache-Control".to_owned(), value: "no-store".to_owned() });
        }
        // Traefik has a step of its own for these.
        if let Some(cors) = cors.filter(|_| self.gateway != Some(GatewayKind::Traefik)) {
            removed.extend(CORS_HEADERS);
            if cors.origins.is_some() {
                changed.add.push(Header { name: "Vary".to_owned(), value: "Origin".to_owned() });
            }
        }
        if unstored {
            // As many as there is room for.
            removed.extend(TARGETED.into_iter().take(HEADERS.saturating_sub(removed.len())));
        }
        removed.extend(introduced.into_iter().take(HEADERS.saturating_sub(removed.len())));
        changed.remove = removed.into_iter().map(str::to_owned).collect();
        let most = changed.set.len().max(changed.remove.len());
        if most > HEADERS {
            let reason = format!("has {most} headers to set or to remove, and a route takes {HEADERS} at most");
            return Err(Refused::new("headers", reason));
        }
        Ok(changed)
    }

    /// A header with a value that means itself: some gateways read variables in it.
    fn header(&self, key: &KeyPath, name: &str, value: &str) -> Result<Header, Refused> {
        if value.is_empty() {
            return Err(Refused::new(key.clone(), "is empty, and a route sends no header without a value"));
        }
        let value = match self.gateway {
            // `%` begins a variable, and `%%` is one of it.
            Some(GatewayKind::EnvoyGateway) => value.replace('%', "%%"),
            Some(GatewayKind::NginxGatewayFabric) if value.contains(['$', '"', '\\']) => {
                let reason =
                    "contains `$`, `\"` or `\\`, which NGINX Gateway Fabric reads as something else or refuses";
                return Err(Refused::new(key.clone(), reason));
            }
            Some(
                GatewayKind::NginxGatewayFabric | GatewayKind::Traefik | GatewayKind::Standard | GatewayKind::Ingress,
            )
            | None => value.to_owned(),
        };
        if value.len() > VALUE {
            let reason = format!("takes {} bytes, and the value of a header in a route {VALUE} at most", value.len());
            return Err(Refused::new(key.clone(), reason));
        }
        Ok(Header { name: name.to_owned(), value })
    }

    /// What is done to the headers of requests. Traefik has a step of its own that takes more of them out.
    pub fn questions(&self) -> Headers {
        let client = match self.gateway {
            Some(GatewayKind::EnvoyGateway) => Some(envoy::CLIENT),
            Some(GatewayKind::NginxGatewayFabric) => Some(nginx::CLIENT),
            Some(GatewayKind::Traefik | GatewayKind::Standard | GatewayKind::Ingress) | None => None,
        };
        let client = client.filter(|_| self.proxy.forwarded_for == ForwardedFor::Overwrite);
        let told = client.map(|value| Header { name: "X-Forwarded-For".to_owned(), value: value.to_owned() });
        let remove = match self.gateway {
            Some(GatewayKind::Traefik) => Vec::new(),
            Some(
                GatewayKind::EnvoyGateway
                | GatewayKind::NginxGatewayFabric
                | GatewayKind::Standard
                | GatewayKind::Ingress,
            )
            | None => self.forged().take(HEADERS).collect(),
        };
        Headers { set: told.into_iter().collect(), add: Vec::new(), remove }
    }

    /// What a second step of the same kind takes out, where one stands at the Service.
    pub fn questions_at_the_service(&self) -> Vec<Filter> {
        let more: Vec<String> = match self.gateway {
            Some(GatewayKind::EnvoyGateway) => self.forged().skip(HEADERS).take(HEADERS).collect(),
            Some(
                GatewayKind::Traefik | GatewayKind::NginxGatewayFabric | GatewayKind::Standard | GatewayKind::Ingress,
            )
            | None => Vec::new(),
        };
        let headers = Headers { remove: more, ..Headers::default() };
        if headers.is_empty() { Vec::new() } else { vec![Filter::RequestHeaders(headers)] }
    }

    /// The headers that no client may say, the most believed first.
    fn forged(&self) -> impl Iterator<Item = String> {
        let dropped: Vec<&str> = self.proxy.dropped().collect();
        MOST_BELIEVED.into_iter().filter(move |name| dropped.contains(name)).map(str::to_owned)
    }
}

/// The standard's step for CORS.
pub fn cors(asked: &plan::Cors<'_>) -> Filter {
    fn strings<T: ToString>(values: &[T]) -> Vec<String> {
        values.iter().map(ToString::to_string).collect()
    }
    let any = || vec!["*".to_owned()];
    Filter::Cors(Cors {
        allow_origins: if asked.origins.is_none() { any() } else { asked.listed().collect() },
        allow_credentials: asked.credentials,
        allow_methods: strings(asked.methods),
        allow_headers: strings(asked.headers),
        expose_headers: strings(asked.expose),
        max_age: asked.max_age.as_seconds(),
    })
}
