//! The chain of proxies between client and app, and the names that it answers
//! to.

use std::net::IpAddr;

use super::believed::{believed, tell_unbelieved};
use super::draft::Draft;
use super::networks::{Wide, everyone, wide};
use super::reads::{EDGES, TERMINATE};
use super::rule::{Check, Severities, rules};
use super::runtimes::{self, Kind};
use crate::apps::ClientAddress;
use crate::finding::Severity::{Error, Warning};
use crate::plan::{Control, DOCKERS, Edge, Entry, Evidence, GatewayKind, Layer};
use crate::policy::{Environment, Policy};
use crate::profile::{Cidr, ForwardedFor, Host, LockoutKey, Terminate, Upstream};
use crate::source::KeyPath;

/// Whether the profile speaks of proxies in front of the rendered one.
fn is_fronted(policy: &Policy<'_>) -> bool {
    policy.terminate() == Terminate::Upstream || !policy.proxy.trusted.is_empty()
}

/// Shows what speaks of proxies in front, and what to write to count them.
fn count_front(draft: &mut Draft, policy: &Policy<'_>) {
    if policy.terminate() == Terminate::Upstream {
        draft.also("tls.terminate", "a proxy in front ends TLS");
    }
    let help = "set `proxy.hops = 2`, or more for a longer chain";
    if policy.proxy.trusted.is_empty() {
        draft.help(format!("{help}, and name those in front in `proxy.trusted`"));
    } else {
        draft.also("proxy.trusted", "proxies in front").help(help);
    }
}

/// Whether an address is one that the internet routes, or every address of the machine.
pub(super) fn is_reachable(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            // Shared address space of carriers and clouds (RFC 6598).
            let is_shared = address.octets()[0] == 100 && address.octets()[1] & 0b1100_0000 == 0b0100_0000;
            !(address.is_loopback() || address.is_private() || address.is_link_local() || is_shared)
        }
        IpAddr::V6(address) => !(address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()),
    }
}

rules! {
    /// The hops that are counted are the proxies that are there, and those in front of the rendered one are named.
    ///
    /// `proxy.hops` is how many reverse proxies a request passes, the rendered one included. Where TLS ends before it,
    /// or other proxies are trusted, there are two or more. Counted too low, the app takes a proxy's address for the
    /// client's, and limits and locks hit everyone at once; counted too high, it takes an address that the client
    /// wrote, and they hit nobody.
    ///
    /// The rendered proxy believes an address, and the word that a client came by https, only from the networks in
    /// `proxy.trusted`. Without them, each client seems to be the CDN, and where that ends TLS each request is
    /// redirected to itself for ever. The app's own count is no matter for the profile: the plan hands it what the
    /// rendered proxy leaves over, 1 where it overwrites X-Forwarded-For. Of `proxy.hops = 0`, PRX005 speaks in
    /// production.
    ///
    /// Write: `proxy.hops = 2` for one proxy in front, one more for each further one, and their networks in
    /// `proxy.trusted`; or `proxy.hops = 1` and no `proxy.trusted` where the rendered proxy meets clients itself.
    PRX001 = "wrong-proxy-chain" {
        severity: Severities::live(Error),
        source: "CRUDAuth's production page: trusted_proxy_hops = the proxies that you control",
        keys: &["proxy.hops", "proxy.trusted", "proxy.forwarded_for", "tls.terminate"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let hops = policy.proxy.hops;
            // Of no hops at all, PRX005 speaks where it applies.
            if hops == 0 && PRX005.severity.get(policy.mode).is_some() {
                return;
            }
            let counted = match hops {
                0 => "no proxy is counted".to_owned(),
                1 => "only one proxy is counted".to_owned(),
                more => format!("{more} proxies are counted"),
            };
            if hops < 2 && is_fronted(policy) {
                let draft = out.at("proxy.hops", format!("{counted}, and the rendered one is not the first"));
                draft.label("the rendered proxy and those in front of it are two or more");
                count_front(draft, policy);
                // Where those in front have no names yet, two hops are the other half of this breach.
                if !policy.proxy.trusted.is_empty() {
                    draft.set("proxy.hops", 2);
                }
            } else if hops > 1 && policy.proxy.trusted.is_empty() {
                out.at("proxy.trusted", format!("{counted}, and those in front of the rendered one are not named"))
                    .label("nobody's word for the client's address is taken")
                    .also("proxy.hops", "counts proxies in front")
                    .help("name them, such as `proxy.trusted = [\"10.0.0.0/8\"]`; or set `proxy.hops = 1`");
            }
        }),
    }

    /// Not everyone is a trusted proxy.
    ///
    /// A trusted proxy's word is taken for who the client is. Where everyone is trusted, each client writes its own
    /// address: it comes from a new one with each guess, so that no limit and no lock ever hits it, or from an address
    /// that an allowlist lets in. Networks that together hold every address are the same thing in parts.
    ///
    /// The same holds for `proxy.addresses`, whose word the app's own server takes: who reaches the app past the proxy would
    /// be anyone there. Where `--env-file` names a `.env` or a Compose file, the server's own options and variables are looked at,
    /// too: `--forwarded-allow-ips` and `FORWARDED_ALLOW_IPS`, which uvicorn and gunicorn read.
    ///
    /// Of an app without a pack, a variable that likely says so is a warning: `TRUSTED_PROXIES=*` in its `.env` file.
    ///
    /// Write: the networks of the proxies themselves. `"cloudflare"` and `"fastly"` stand for those that these two publish;
    /// other providers of CDNs publish theirs, too, and a balancer has those of its subnets.
    PRX002 = "everyone-trusted" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 4.1.3",
        keys: &["proxy.trusted.*", "proxy.addresses.*", "app.kind"],
        fix: None,
        check: Check::Mixed(|facts, out| {
            runtimes::tell(Kind::AnyProxy, facts, out);
            for believed in believed(facts.policy) {
                for found in everyone(believed.networks) {
                    let message = format!("every {} address is {} who the client is", found.family, believed.how);
                    let key = found.key_of(believed.key, |network| believed.element(network));
                    out.at(key, message).label(found.label(believed.networks)).help(believed.instead);
                }
            }
        }),
    }

    /// An app that believes the leftmost X-Forwarded-For gets it overwritten, not appended to.
    ///
    /// A proxy that appends leaves what the client wrote at the left, and an app that looks there takes it for the
    /// truth: one header makes each request come from a new address. InstaCRUD and FastCMS look there. A proxy that
    /// overwrites leaves one address, which it has found out itself, and then left and right are the same.
    ///
    /// A cluster's gateway cannot be told by the Gateway API which of the two to do, and most append.
    ///
    /// Write: `proxy.forwarded_for = "overwrite"`, or leave the key out; and `[targets.nginx]` or `[targets.caddy]` for
    /// such an app, in place of `[targets.kubernetes]`.
    PRX003 = "forged-client-address" {
        severity: Severities::prod(Error),
        source: "the packs of InstaCRUD (ProxyHeadersMiddleware, trusted_hosts=\"*\") and FastCMS",
        keys: &["proxy.forwarded_for"],
        reads: &[EDGES, &["proxy.trusted", "targets.kubernetes.ingress_class"]],
        fix: Safe,
        check: Check::Plan(|plan, out| {
            if plan.app.client_address != ClientAddress::Leftmost {
                return;
            }
            let message = format!("{} takes the client's address from where the client can write it", plan.app.title);
            let appends = plan.policy.proxy.forwarded_for == ForwardedFor::Append;
            let overwrites = match &plan.edge {
                Edge::Nginx(_) | Edge::Caddy(_) => true,
                Edge::Kubernetes(cluster) => {
                    let is_behind = !plan.policy.proxy.trusted.is_empty();
                    GatewayKind::of(cluster).is_some_and(|kind| kind.overwrites_addresses(is_behind))
                }
            };
            if overwrites && appends {
                out.at("proxy.forwarded_for", message)
                    .label(format!("{} leaves what the client sent at the left", plan.edge))
                    .also("app.kind", "believes the leftmost X-Forwarded-For")
                    .help("set `proxy.forwarded_for = \"overwrite\"`, or leave the key out")
                    .set("proxy.forwarded_for", "overwrite");
            } else if !overwrites {
                out.at("app.kind", message)
                    .label("believes the leftmost X-Forwarded-For")
                    .known_by(Evidence::Known)
                    .also("targets.kubernetes", "this gateway leaves what the client sent at the left")
                    .help(
                        "name a gateway that overwrites it, such as \"envoy-gateway\", or compile for `[targets.nginx]` or \
                         `[targets.caddy]`",
                    );
            }
        }),
    }

    /// Behind a proxy, the app listens where only that proxy reaches it.
    ///
    /// Whoever reaches the app's own port walks around everything that the proxy does: TLS, limits, hidden documents,
    /// the address filter. Such a client also writes its own X-Forwarded-For, and the app believes it. `0.0.0.0` as an
    /// upstream mostly means that the app was started to listen on every address, this machine's public one included.
    ///
    /// Loopback, private networks, sockets and names are fine; a name that is served to the public is not. In a cluster
    /// the pods listen on every address, and who reaches them is a network policy's business. Where `--env-file` names a Compose
    /// file, the ports that it opens for the app are looked at, too: `"8000:8000"` opens one on every address of the machine.
    ///
    /// Write: `app.upstream = "127.0.0.1:8000"` or `"unix:/run/shop.sock"`, and start the app to listen there; on
    /// another machine, its private address.
    PRX004 = "app-open-beside-the-proxy" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 4.1.3: users cannot override what an intermediary sets",
        keys: &["app.upstream", "services.*.upstream", "app.url", "app.aliases"],
        fix: Unsafe,
        check: Check::Told(|plan, out| {
            let policy = plan.policy;
            if plan.edge_layer() != Layer::Proxy {
                return;
            }
            // One open port is enough to reach the app without the proxy.
            let containers = policy.environment().map(Environment::containers);
            let ports = containers.into_iter().flat_map(|containers| &containers.open_ports);
            let mut own = ports.filter(|port| port.stored.is_none());
            if let Some(port) = own.find(|port| is_reachable(port.ip)) {
                out.at_file(port.place, "app.upstream", format!("clients can reach the app without the proxy: {}", port.in_words()))
                    .label("open to whoever reaches the machine")
                    .help(format!(
                        "open the port at 127.0.0.1 alone, as `{}`; or take it out, where the proxy is a service of the same \
                         file",
                        port.for_the_machine()
                    ));
            }
            let is_open = |host: &Host| match host {
                Host::Address(address) => is_reachable(*address),
                Host::Name(name) => {
                    let is_main = policy.app.url.as_ref().is_some_and(|url| url.origin().host() == host);
                    !host.is_loopback() && (is_main || policy.app.aliases.contains(name))
                }
            };
            for (name, way) in plan.ways() {
                let title = name.map_or_else(|| "the app".to_owned(), |name| format!("the service {name}"));
                let list = way.key.clone().key("upstream");
                for (index, upstream) in way.upstreams.iter().enumerate() {
                    let Upstream::Tcp { host, port, .. } = upstream else { continue };
                    if !is_open(host) {
                        continue;
                    }
                    let key = if way.upstreams.len() > 1 { list.clone().index(index) } else { list.clone() };
                    let draft = out.at(key.clone(), format!("clients can reach {title} without the proxy"));
                    if matches!(host, Host::Address(address) if address.is_unspecified()) {
                        draft
                            .label("every address of the machine")
                            .help(format!("write \"127.0.0.1:{port}\" in `{list}`, and start the program to listen there alone"))
                            .set(key, format!("127.0.0.1:{port}"));
                        continue;
                    }
                draft
                        .label("open to the internet, unless a firewall says otherwise")
                        .help("name an address that only the proxy reaches: loopback, a private network, or a socket");
                }
            }
        }),
    }

    /// The app behind a proxy is told of it.
    ///
    /// `proxy.hops = 0` says that clients reach the app directly, while something is rendered that stands in between.
    /// The app then takes that proxy's address for everyone's: the first five wrong passwords, anyone's, lock all
    /// others out for the rest of the minute, and no log says who it was.
    ///
    /// The same holds for an app that asks no header, but takes the connection's address (`client_address = "peer"` in its
    /// pack), as soon as it locks by address.
    ///
    /// Write: `proxy.hops = 1`, or leave the key out; `2` or more where other proxies stand in front of the rendered
    /// one. For an app that takes the connection's address, `lockout.key = "account"`.
    PRX005 = "one-address-for-everyone" {
        severity: Severities::prod(Error),
        source: "CRUDAuth's production page: trusted_proxy_hops = 0 ignores the header",
        keys: &["proxy.hops", "app.kind"],
        reads: &[&["proxy.trusted", "lockout.enabled", "lockout.key"], TERMINATE],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let lockout = &facts.policy.lockout;
            if facts.app.sees_one_address() && lockout.enabled && lockout.key != LockoutKey::Account {
                let message = format!("{} takes the proxy's address for every client's, and locks by it", facts.app.title);
                out.at("app.kind", message)
                    .label("takes the connection's address")
                    .known_by(Evidence::Known)
                    .also("lockout.key", "anyone's wrong passwords lock all others out")
                    .help(
                        "set `lockout.key = \"account\"`, or have the app read X-Forwarded-For, and write \
                         `client_address = \"hops\"` in its pack",
                    );
            }
            if facts.policy.proxy.hops == 0 {
                let draft = out.at("proxy.hops", "the app takes the proxy's address for every client's");
                draft.label("counts no proxy, not even the rendered one");
                if is_fronted(facts.policy) {
                    // How many stand in front is not known, so there is no edit that only says what is meant.
                    count_front(draft, facts.policy);
                } else {
                    draft.help("set `proxy.hops = 1`").set("proxy.hops", 1);
                }
            }
        }),
    }

    /// Every host name that is served is listed, and all others are refused.
    ///
    /// Apps build links from the name in the request: where any name is answered, a password reset asked for under
    /// `Host: evil.test` mails its token to that host, and caches keep such answers for everyone. The proxy refuses
    /// what is not the host of `app.url` or one of `app.aliases`, so these have to be true. Without a URL it would
    /// answer to localhost alone. A bare address is what scanners ask for who know no name, passes on to a stranger
    /// with the machine, and no browser remembers HSTS for it (RFC 6797 §8.1.1).
    ///
    /// With `--env-file`, of an app of which nobody knows which variables it reads, those are looked at, too, that many apps have
    /// a list of names in: `ALLOWED_HOSTS=*` and the like. The rendered proxy refuses other names all the same, and whoever
    /// reaches the app past it, or changes the proxy, has nothing but this list: that is a warning.
    ///
    /// Write: `app.url` with the public name, `app.aliases` with the others, and an nginx that can refuse an unknown
    /// name in the TLS handshake, from 1.19.4 on.
    PRX006 = "unlisted-host-names" {
        severity: Severities::live(Error),
        source: "Django security.W020; gixy, host spoofing",
        keys: &["app.url", "app.aliases"],
        reads: &[TERMINATE, EDGES],
        fix: None,
        check: Check::Told(|plan, out| {
            runtimes::tell(Kind::AnyHost, plan, out);
            for part in plan.facts().heard_keys().iter().flat_map(|key| &key.parts) {
                let Some(variable) = part.heard.variable.filter(|_| part.code.lets_everyone_in(part.heard.text)) else {
                    continue;
                };
                out.at_variable(variable, "app.url", format!("`{}` lets in names that anybody can have", part.name))
                    .label("more than the names of this site")
                    .help(format!("list the names that are served in `{}`, and no others", part.name))
                    .at_most(Warning)
                    .behind_any_edge();
            }
            let policy = plan.policy;
            match policy.app.url.as_ref().map(|url| url.origin().host()) {
                None => {
                    out.at("app.url", "no host name is served")
                        .label("answers to localhost alone")
                        .help("write `app.url`, such as \"https://shop.example.com\"; more names go to `app.aliases`");
                }
                Some(host) if host.is_loopback() => {
                    out.at("app.url", format!("{host} is served, which no visitor can reach"))
                        .label("this machine alone")
                        .help("write the public name, such as \"https://shop.example.com\"");
                }
                Some(host @ Host::Address(_)) => {
                    out.at("app.url", format!("{host} is served, which is no host name"))
                        .label("passes on to a stranger with the machine")
                        .help("write the public name, such as \"https://shop.example.com\"");
                }
                Some(Host::Name(_)) => {}
            }
            // K8S006 speaks where a cluster's gateway is not named.
            let entry = plan.entry(Control::HostNames).filter(|entry| entry.unnamed().is_none());
            if let Some(reasons) = entry.and_then(Entry::gap) {
                let key = match plan.edge {
                    Edge::Nginx(_) => "targets.nginx.version",
                    Edge::Caddy(_) => "targets.caddy.version",
                    Edge::Kubernetes(_) => "targets.kubernetes",
                };
                out.at(key, "host names that are not listed are answered")
                    .label(reasons)
                    .also("app.url", "the name that is meant")
                    .help("compile for a later version");
            }
        }),
    }

    /// The app's server believes the proxy.
    ///
    /// The program that an app runs in takes the client's address and scheme from X-Forwarded-For and -Proto, from
    /// proxies that it believes: uvicorn from 127.0.0.1 alone. A proxy on another machine, or behind a socket, is not
    /// believed. Then all clients have the proxy's address, so that one limit and one lock hit everyone, and what the app
    /// makes of the request's own URL, such as the address to which a provider sends people back, is plain http.
    ///
    /// With `--env-file`, what the server is told there is asked, too, and its default where it is told nothing.
    ///
    /// Write: `proxy.addresses` with the addresses from which the rendered proxy connects to the app. `seccfg render
    /// --target env` tells them to the server, and it has to be started with that file: `uvicorn --env-file .env`.
    PRX011 = "proxy-not-believed" {
        severity: Severities::prod(Error),
        source: "uvicorn's settings, forwarded_allow_ips: 127.0.0.1 unless FORWARDED_ALLOW_IPS says otherwise; CRUDAuth's \
                 production page, on everyone sharing one address",
        keys: &["proxy.addresses", "app.kind", "app.release"],
        reads: &[&["app.upstream"]],
        fix: None,
        check: Check::Plan(|plan, out| {
            tell_unbelieved(plan, out);
            let Some(server) = plan.doubting_server() else { return };
            let believes = server.believes.iter().map(Cidr::to_string).collect::<Vec<_>>().join(", ");
            let upstreams = &plan.policy.app.upstream;
            let upstream =
                upstreams.iter().find(|upstream| !plan.is_believed_at(upstream)).unwrap_or_else(|| upstreams.first());
            let (example, why) = match upstream.host() {
                Some(host) if host.is_loopback() => ("::1", ""),
                // In Compose a program has a name, and another address after each start.
                Some(Host::Name(name)) if !name.as_str().contains('.') => {
                    (DOCKERS, " (in Compose: Docker takes its first networks from there; `docker network inspect` shows yours)")
                }
                Some(_) | None => ("10.0.0.5", ""),
            };
            out.at("proxy.addresses", format!("{} believes {believes} alone, and the proxy comes from elsewhere", server.name))
                .label("all clients have the proxy's address, and https becomes http")
                .also("app.upstream", format!("the proxy reaches the app at {upstream}"))
                .help(format!(
                    "name the addresses from which the proxy connects to the app, such as \
                     `proxy.addresses = [\"{example}\"]`{why}, and render the `.env` file"
                ));
        }),
    }

    /// A trusted network is one's own, or that of a provider that is named.
    ///
    /// Whoever connects from a trusted network says who the client is. A network of a quarter of the Internet holds rented
    /// machines by the million, and an attacker needs one of them: from there each guess comes from another address, and an
    /// allowlist lets in whatever it names. No provider's list has a network as wide as this. Private networks may have
    /// any size, because nobody outside has an address of theirs.
    ///
    /// PRX002 speaks of networks that are everyone.
    ///
    /// Write: the networks that the provider publishes, each by itself (`"cloudflare"` and `"fastly"` stand for those of
    /// these two), or the addresses of the balancers.
    PRX010 = "wide-trusted-network" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 4.1.3; RFC 4291 and IANA's registries: no public IPv4 network wider than /10, no IPv6 one wider \
                 than /28",
        keys: &["proxy.trusted.*", "proxy.addresses.*"],
        fix: None,
        check: Check::Policy(|facts, out| {
            for believed in believed(facts.policy) {
                for Wide { place, network, is_ipv4, widest } in wide(believed.networks) {
                    let machines = if is_ipv4 { "addresses" } else { "networks" };
                    let message = format!("all of {network} is {} who the client is", believed.how);
                    out.at((believed.key, believed.element(place)), message)
                        .label(format!("wider than /{widest}: {machines} that strangers rent are among these"))
                        .help(believed.narrower);
                }
            }
        }),
    }

    /// The server's name and version are kept back.
    ///
    /// `Server: nginx/1.22.1` and `X-Powered-By: Express` tell a scanner which published hole to try, and sort this host
    /// into the lists that are sold when the next one is found. Keeping them back mends no hole and costs nothing.
    ///
    /// Write: `headers.hide_server = true`, or leave the key out.
    PRX009 = "server-version-shown" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 13.4.6",
        keys: &["headers.hide_server", "services.*.headers.hide_server"],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let services = policy.services.iter().filter(|(name, service)| !policy.hides_server(name, service));
            let services = services.map(|(name, _)| ("services", name.as_str(), "headers").into());
            let services = services.map(|headers: KeyPath| headers.key("hide_server")).filter(|key| policy.is_written(&key.to_string()));
            let site = (!policy.headers.hide_server).then(|| "headers.hide_server".into());
            for key in site.into_iter().chain(services) {
                out.at(key.clone(), "answers name the server and its version")
                    .label("tells scanners which holes to try")
                    .help(format!("set `{key} = true`, or leave the key out"))
                    .set(key, true);
            }
        }),
    }
}
