//! Where a proxy finds the app, by what a Compose file says of its service: `web:8000` for a proxy that is a service of the
//! same file, `127.0.0.1:8000` for one on the machine itself.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use super::started::opened;
use crate::command;
use crate::compose::{self, Service, Written};
use crate::profile::{Text as _, Upstream, quoted};
use crate::source::Span;

/// What a Compose file says of where the app is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// There, and how that is known.
    At(Upstream, String),
    /// That is not to be seen, and why.
    Unknown(String),
}

/// Ports at which no app answers visitors: SSH.
const NO_SITE: [u16; 1] = [22];

/// Ports of TLS, behind which the same app mostly answers without it at another one.
const ENCRYPTED: [u16; 2] = [443, 8443];

/// The ports of the machine that a site is asked at.
const SITES: [u16; 2] = [80, 443];

/// Where the app's service is reached: by a proxy of the same file, where there is one, or else from the machine, where it opens
/// a port there.
pub(super) fn reached<'k, 'o>(
    service: &Service<'_>,
    proxy: Option<&str>,
    words: &[(&str, Span)],
    known: impl Fn(&str) -> Option<&'k str>,
    own: impl Fn(&str) -> Option<&'o str>,
) -> Reached {
    let name = quoted(&service.name);
    let all = |written: &[Written]| -> Vec<String> {
        written.iter().filter_map(|(text, _)| compose::interpolated(text, &known)).collect()
    };
    let published: Vec<(SocketAddr, u16)> = all(&service.ports).iter().filter_map(|port| opened(port)).collect();
    let (port, by) = match port(service, &published, words, all, own) {
        Ok(found) => found,
        Err(why) => return Reached::Unknown(format!("the service {name} {why}")),
    };
    let here = published.iter().find(|(_, target)| *target == port).map(|(address, _)| *address);
    if let Some(address) = here.filter(|address| proxy.is_none() && SITES.contains(&address.port())) {
        return Reached::Unknown(format!(
            "the service {name} takes port {} of the machine, where the proxy has to listen; open it elsewhere, such as \
             `127.0.0.1:8080:{port}`",
            address.port()
        ));
    }
    let said = format!("the service {name} listens at {port}, by its {by}");
    let (place, why) = match (proxy, here) {
        _ if service.is_on_host => (format!("127.0.0.1:{port}"), "has the machine's own network".to_owned()),
        (Some(proxy), _) => (
            format!("{}:{port}", service.name),
            format!("the proxy {} of the same file finds it by its name", quoted(proxy)),
        ),
        (None, Some(address)) => {
            let is_everywhere = address.ip().is_unspecified();
            let ip = if is_everywhere { IpAddr::from([127, 0, 0, 1]) } else { address.ip() };
            (
                SocketAddr::new(ip, address.port()).to_string(),
                "a proxy on the machine finds it where `ports` opens it".to_owned(),
            )
        }
        (None, None) => (
            format!("{}:{port}", service.name),
            "it opens no port on the machine, so that the proxy has to be a service of the same file".to_owned(),
        ),
    };
    match Upstream::parse(&place) {
        Ok(upstream) => Reached::At(upstream, format!("{said}, and {why}")),
        Err(_) => Reached::Unknown(format!("the name of the service {name} is none that a proxy could look up")),
    }
}

/// The port that the app listens at in its container, and what says so; or why that is not known.
fn port<'o>(
    service: &Service<'_>,
    published: &[(SocketAddr, u16)],
    words: &[(&str, Span)],
    all: impl Fn(&[Written]) -> Vec<String>,
    own: impl Fn(&str) -> Option<&'o str>,
) -> Result<(u16, &'static str), String> {
    if let Some(port) = command::port(words) {
        return Ok((port, "`command`"));
    }
    if let Some(port) = all(&service.labels).iter().find_map(|port| port.parse().ok()) {
        return Ok((port, "labels for Traefik"));
    }
    let by_variable = || {
        let further = own(command::FURTHER).and_then(|text| {
            let words: Vec<(&str, ())> = text.split_whitespace().map(|word| (word, ())).collect();
            command::port(&words)
        });
        further.or_else(|| command::PORTS.iter().find_map(|name| own(name)?.trim().parse().ok()))
    };
    let exposed = all(&service.expose);
    let exposed = exposed.iter().filter_map(|port| port.split('/').next()?.parse().ok());
    let mut ports: BTreeSet<u16> = published.iter().map(|(_, target)| *target).chain(exposed).collect();
    ports.retain(|port| !NO_SITE.contains(port));
    if ports.len() > 1 {
        ports.retain(|port| !ENCRYPTED.contains(port));
    }
    let by = if published.is_empty() { "`expose`" } else { "`ports`" };
    let mut listed = ports.iter();
    match (listed.next(), listed.next(), by_variable()) {
        (None, _, Some(port)) => Ok((port, "variables")),
        (_, Some(_), Some(port)) if ports.contains(&port) => Ok((port, "variables")),
        (Some(port), None, _) => Ok((*port, by)),
        (None, ..) => Err("says no port at which it listens".to_owned()),
        (Some(_), Some(_), _) => {
            let ports = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
            Err(format!("has several ports: {ports}"))
        }
    }
}
