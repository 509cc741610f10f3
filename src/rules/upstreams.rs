//! Where the programs of a site are found, beside where the rendered proxy itself listens.

use std::net::IpAddr;

use super::reads::TERMINATE;
use super::rule::{Check, Severities, rules};
use crate::finding::Severity::Error;
use crate::plan::{Edge, Plan};
use crate::profile::{Address, Filled, Host, Terminate, Upstream};

/// Whether a program that is looked for at this address of the machine is the proxy, by where that listens.
fn listens_at(bind: &Filled<Address>, host: &Host) -> bool {
    let is_at = |own: IpAddr| match host {
        // As a place to connect to, every address of the machine is the machine.
        Host::Address(address) => own == *address || (own.is_unspecified() && is_here(*address)),
        Host::Name(name) => name.is_loopback() && (own.is_unspecified() || own.is_loopback()),
    };
    bind.iter().any(|address| is_at(address.ip()))
}

fn is_here(address: IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified()
}

/// Where an edge listens.
struct Listening<'p> {
    bind: &'p Filled<Address>,
    ports: [Port; 2],
}

/// One of its ports.
struct Port {
    number: u16,
    /// The key that says it.
    key: &'static str,
    is_https: bool,
}

fn listening<'p>(plan: &'p Plan<'_>) -> Option<Listening<'p>> {
    let (bind, ports) = match &plan.edge {
        Edge::Nginx(target) => (
            &target.bind,
            [
                Port { number: target.http_port.get(), key: "targets.nginx.http_port", is_https: false },
                Port { number: target.https_port.get(), key: "targets.nginx.https_port", is_https: true },
            ],
        ),
        Edge::Caddy(target) => (
            &target.bind,
            [
                Port { number: target.http_port.get(), key: "targets.caddy.http_port", is_https: false },
                Port { number: target.https_port.get(), key: "targets.caddy.https_port", is_https: true },
            ],
        ),
        // Its pods are found by a Service.
        Edge::Kubernetes(_) => return None,
    };
    Some(Listening { bind, ports })
}

rules! {
    /// A program is not looked for where the proxy itself listens.
    ///
    /// A request that the proxy hands to its own port comes back to it, as one for plain HTTP that is redirected to https, or
    /// as plain text at the port for TLS. Visitors see a redirect that never ends or an error, and the program gets nothing. Two
    /// programs cannot listen on one port either: whichever starts last fails.
    ///
    /// Write: the port on which the program listens, such as `app.upstream = "127.0.0.1:8000"`; or another port for the proxy,
    /// `targets.nginx.http_port`.
    SRV013 = "upstream-is-the-proxy" {
        severity: Severities::all(Error),
        source: "derived: the proxy listens on these ports itself",
        keys: &["app.upstream", "services.*.upstream"],
        reads: &[
            &["targets.nginx.version", "targets.nginx.bind", "targets.nginx.http_port", "targets.nginx.https_port"],
            &["targets.caddy.version", "targets.caddy.bind", "targets.caddy.http_port", "targets.caddy.https_port", "services.+.root", "services.+.paths", "app.paths"],
            TERMINATE,
        ],
        fix: None,
        check: Check::Plan(|plan, out| {
            let Some(Listening { bind, ports }) = listening(plan) else { return };
            // Where TLS does not end here, nothing listens for it.
            let has_https = plan.policy.terminate() == Terminate::Proxy;
            for (_, way) in plan.ways() {
                let list = way.key.clone().key("upstream");
                for (index, upstream) in way.upstreams.iter().enumerate() {
                    let Upstream::Tcp { host, port, .. } = upstream else { continue };
                    let is_own = |own: &&Port| own.number == *port && (has_https || !own.is_https);
                    let Some(own) = ports.iter().find(is_own).filter(|_| listens_at(bind, host)) else { continue };
                    let what = if own.is_https { "https" } else { "plain HTTP" };
                    let place = if way.upstreams.len() > 1 { list.clone().index(index) } else { list.clone() };
                    out.at(place, format!("{} itself listens on {upstream}, for {what}", plan.edge))
                        .label("requests come back to the proxy")
                        .also(own.key, format!("port {port}"))
                        .help(format!("write the port on which the program listens in `{list}`, such as \"127.0.0.1:8000\""));
                }
            }
        }),
    }
}
