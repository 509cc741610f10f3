//! What leads requests to the app in manifests: by which names, and by TLS.

use super::super::rule::{Check, Severities, rules};
use super::routes as routes_of;
use crate::finding::Severity::{Error, Warning};
use crate::plan::{Demand, Tls};
use crate::profile::{Label, PlainHttp};

rules! {
    /// A route answers to the app's own names and to no others.
    ///
    /// A route without a host name answers to every one, and so does one with a wildcard to whatever somebody points here: links
    /// in mails for a new password then lead to their names, caches are filled under them, and origins are compared with them.
    ///
    /// Asked only where `--manifest` names the files: of the routes and Ingresses that lead to a Service of the
    /// app's pods.
    ///
    /// Write: the host of `app.url` and those of `app.aliases`.
    K8S023 = "foreign-host-name" {
        severity: Severities::live(Error).and_local(Warning),
        source: "OWASP WSTG 4.2, Testing for Host Header Injection; Gateway API: HTTPRoute hostnames",
        keys: &["app.url", "app.aliases"],
        reads: &[&["app.name"]],
        fix: None,
        check: Check::Manifest(|plan, manifests, out| {
            let own: Vec<String> = plan.policy.hosts().iter().map(ToString::to_string).collect();
            for route in routes_of(plan, manifests) {
                let title = route.object.title();
                let help = format!("write {}, and in the profile what else is served", own.join(", "));
                if route.hosts.is_empty() {
                    out.at_file(route.object.place(), "app.url", format!("{title} answers to every host name"))
                        .label("names no host")
                        .also("app.url", "the app's own name")
                        .help(help.clone());
                }
                for host in &route.hosts {
                    if own.iter().any(|own| own.eq_ignore_ascii_case(host.text)) {
                        continue;
                    }
                    let what = if host.text.starts_with('*') { "every name of a domain" } else { "a name that is not the app's" };
                    out.at_file(host.place, "app.url", format!("{title} answers to {what}"))
                        .label("not in the profile")
                        .also("app.url", "the app's own name")
                        .help(help.clone());
                }
            }
        }),
    }

    /// A route serves the app by TLS alone.
    ///
    /// Where a route is attached to the gateway's plain listener, too, or an Ingress has no `tls`, the app answers by http what it
    /// answers by https: whoever is on the way reads sessions and passwords, and writes answers.
    ///
    /// Asked only where `--manifest` names the files and TLS ends at the gateway. A Gateway among the files says which of its
    /// listeners are plain; of another one, a route that names no listener is attached to all, and the plain listener is the one
    /// that `targets.kubernetes.gateway.http_listener` names, or `http`, or that of port 80.
    ///
    /// Write: `sectionName` of the https listener in `parentRefs`; `tls` in an Ingress and in a route of Traefik's; and a route for plain
    /// HTTP that redirects.
    K8S024 = "plain-http-route" {
        severity: Severities::live(Error).and_local(Warning),
        source: "OWASP ASVS 5.0 12.2.1; Gateway API: HTTP redirects and TLS",
        keys: &["tls.terminate", "tls.plain_http", "tls.redirect_http"],
        reads: &[&["app.name", "app.url", "app.aliases", "targets.kubernetes.gateway.http_listener"]],
        fix: None,
        check: Check::Manifest(|plan, manifests, out| {
            let ends_here = plan.entries.iter().any(|entry| matches!(entry.demand, Demand::Tls(Tls::Here { .. })));
            if !ends_here || plan.policy.plain_http() == PlainHttp::Serve {
                return;
            }
            let gateway = plan.policy.targets.kubernetes.as_ref().and_then(|cluster| cluster.gateway.as_ref());
            // Of a Gateway that is not among the files, the profile says what its listener is called.
            let plain = [gateway.and_then(|gateway| gateway.http_listener.as_ref()).map_or("http", Label::as_str), "80"];
            for route in routes_of(plan, manifests) {
                let serves = route.ways.iter().any(|way| !way.redirects && !way.services.is_empty());
                let named = route.listeners.iter().find(|listener| plain.contains(&listener.text));
                let place = route.plain.or(named.map(|listener| listener.place));
                let Some(place) = place.filter(|_| serves) else { continue };
                let (how, help) = match route.object.kind.as_str() {
                    "HTTPRoute" => (
                        "is attached to the gateway's plain listener, too",
                        "name the https listener in `parentRefs`, such as `sectionName: https`",
                    ),
                    _ => ("has no `tls`", "add `tls` with the host's certificate"),
                };
                let draft = out.at_file(place, "tls.plain_http", format!("{} {how}, and serves the app by plain HTTP", route.object.title()));
                draft.label("whoever is on the way reads along").help(help);
                if plan.policy.is_written("tls.plain_http") {
                    draft.also("tls.plain_http", "what the profile asks for");
                }
            }
        }),
    }
}
