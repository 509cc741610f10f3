//! Where a proxy finds the app, by what a Compose file says of its service: `web:8000` for a proxy that is a service of the
//! same file, `127.0.0.1:8000` for one on the machine itself.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use super::started::{Opened, opened};
use crate::command;
use crate::compose::{self, Place, Service, Written};
use crate::profile::{Text as _, Upstream, quoted};

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

/// The proxy, as far as the file shows one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proxy<'n> {
    /// The file has none: it is on the machine, or in another file.
    Unseen,
    /// The service of this name, which finds others by theirs.
    Service(&'n str),
    /// A service that has the machine's own network, where no service is found by its name.
    OnHost,
}

/// Where the app's service is reached: by a proxy of the same file, where there is one, or else from the machine, where it opens
/// a port there.
pub(super) fn reached<'k, 'o>(
    service: &Service<'_>,
    proxy: Proxy<'_>,
    words: &[(&str, Place)],
    known: impl Fn(&str) -> Option<&'k str>,
    own: impl Fn(&str) -> Option<&'o str>,
) -> Reached {
    let name = quoted(&service.name);
    let all = |written: &[Written]| -> Vec<String> {
        written.iter().filter_map(|(text, _)| compose::interpolated(text, &known)).collect()
    };
    let published: Vec<Opened> = all(&service.container.ports.items).iter().filter_map(|port| opened(port)).collect();
    let (port, by) = match port(service, &published, words, all, own) {
        Ok(found) => found,
        Err(why) => return Reached::Unknown(format!("the service {name} {why}")),
    };
    let mut here = published.iter().filter(|opened| opened.target == port).peekable();
    let is_open = here.peek().is_some();
    let here = here.find_map(|opened| Some(SocketAddr::new(opened.ip, opened.number?)));
    let is_asked_here = !matches!(proxy, Proxy::Service(_)) && !service.container.is_on_host();
    if let Some(address) = here.filter(|address| is_asked_here && SITES.contains(&address.port())) {
        return Reached::Unknown(format!(
            "the service {name} takes port {} of the machine, where the proxy has to listen; open it elsewhere, such as \
             `127.0.0.1:8080:{port}`",
            address.port()
        ));
    }
    if is_asked_here && here.is_none() && (is_open || proxy == Proxy::OnHost) {
        let what =
            if is_open { "opens its port at a number that Docker chooses" } else { "opens no port on the machine" };
        return Reached::Unknown(format!(
            "the service {name} {what}, and a proxy on the machine has to know one; open it as `127.0.0.1:{port}:{port}`"
        ));
    }
    let said = format!("the service {name} listens at {port}, by its {by}");
    let (place, why) = match (proxy, here) {
        _ if service.container.is_on_host() => {
            (format!("127.0.0.1:{port}"), "has the machine's own network".to_owned())
        }
        (Proxy::Service(proxy), _) => (
            format!("{}:{port}", service.name),
            format!("the proxy {} of the same file finds it by its name", quoted(proxy)),
        ),
        (Proxy::OnHost | Proxy::Unseen, Some(address)) => {
            let is_everywhere = address.ip().is_unspecified();
            let ip = if is_everywhere { IpAddr::from([127, 0, 0, 1]) } else { address.ip() };
            (
                SocketAddr::new(ip, address.port()).to_string(),
                "a proxy on the machine finds it where `ports` opens it".to_owned(),
            )
        }
        (Proxy::OnHost | Proxy::Unseen, None) => (
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
    published: &[Opened],
    words: &[(&str, Place)],
    all: impl Fn(&[Written]) -> Vec<String>,
    own: impl Fn(&str) -> Option<&'o str>,
) -> Result<(u16, &'static str), String> {
    let exposed = all(&service.container.expose.items);
    let exposed = exposed.iter().filter_map(|port| port.split('/').next()?.parse().ok());
    let mut ports: BTreeSet<u16> = published.iter().map(|opened| opened.target).chain(exposed).collect();
    let by = if published.is_empty() { "`expose`" } else { "`ports`" };
    if let Some(port) = command::port(words) {
        let is_meant = ports.is_empty() || ports.contains(&port);
        return if is_meant {
            Ok((port, "`command`"))
        } else {
            Err(format!("has {port} in its `command`, and not in its {by}"))
        };
    }
    if let Some(port) = all(&service.container.labels).iter().find_map(|port| port.parse().ok()) {
        return Ok((port, "labels for Traefik"));
    }
    let by_variable = || {
        let further = own(command::FURTHER).and_then(|text| {
            let words: Vec<(&str, ())> = text.split_whitespace().map(|word| (word, ())).collect();
            command::port(&words)
        });
        further.or_else(|| command::PORTS.iter().find_map(|name| own(name)?.trim().parse().ok()))
    };
    ports.retain(|port| !NO_SITE.contains(port));
    if ports.len() > 1 {
        ports.retain(|port| !ENCRYPTED.contains(port));
    }
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
