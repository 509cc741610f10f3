//! What routes do with requests beside handing them to the app: copies for others, other names, and clients that are sent away.

use std::collections::BTreeSet;

use super::super::rule::{Check, Findings, Severities, rules};
use super::services_of;
use crate::finding::Severity::{Error, Warning};
use crate::manifest::{Elsewhere, Manifests, Named, Place};
use crate::plan::Plan;

/// What is told, and what to write.
struct Told {
    message: String,
    label: &'static str,
    help: &'static str,
    is_error: bool,
}

/// What one step of a route does, where the app and its clients have not asked for it.
fn step(title: &str, how: Elsewhere, to: &str, own: (&[String], &[&str]), is_https: bool) -> Option<Told> {
    let (hosts, services) = own;
    // A program may be told the port behind the name.
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let name = to.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(to, |(name, _)| name);
    let is_foreign = !hosts.iter().any(|host| host.eq_ignore_ascii_case(name));
    match how {
        Elsewhere::Copy if !services.contains(&to.split('.').next().unwrap_or(to)) => Some(Told {
            message: format!(
                "{title} sends copies of requests to `{to}`, with the cookies, tokens and passwords in them"
            ),
            label: "gets what clients send to the app",
            help: "take it out, or copy to something that keeps nothing and belongs to the app",
            is_error: false,
        }),
        Elsewhere::Host if is_foreign => Some(Told {
            message: format!("{title} tells the app the host name `{to}` in place of the client's"),
            label: "no name of the app's",
            help: "leave the client's name: links in mails, cookies and comparisons of origins are made of it",
            is_error: false,
        }),
        Elsewhere::Redirect if is_foreign => Some(Told {
            message: format!("{title} sends clients to `{to}`, which is no host of the profile"),
            label: "not in the profile",
            help: "send them to a host of `app.url` or `app.aliases`, or add it there, if it is the app's, too",
            is_error: false,
        }),
        Elsewhere::Scheme if is_https && to.eq_ignore_ascii_case("http") => Some(Told {
            message: format!("{title} sends clients on by plain HTTP"),
            label: "whoever is on the way reads along",
            help: "write `https`, or leave the scheme out",
            is_error: true,
        }),
        Elsewhere::Copy | Elsewhere::Host | Elsewhere::Redirect | Elsewhere::Scheme => None,
    }
}

fn tell(plan: &Plan<'_>, manifests: &Manifests, out: &mut Findings<'_>) {
    let hosts: Vec<String> = plan.policy.hosts().iter().map(ToString::to_string).collect();
    let services = services_of(plan, manifests);
    let is_https = plan.policy.url().origin().is_https();
    let mut told: BTreeSet<(Place, bool)> = BTreeSet::new();
    for route in manifests.routes() {
        let has_host = route.hosts.iter().any(|host| hosts.iter().any(|own| own.eq_ignore_ascii_case(host.text)));
        // What leads to other programs has steps of its own.
        let is_own = |names: &[&str]| names.iter().any(|name| services.contains(name));
        for way in route.ways.iter().filter(|way| is_own(&way.services) || way.services.is_empty() && has_host) {
            for (how, Named { text, place }) in &way.elsewhere {
                let Some(found) = step(&route.object.title(), *how, text, (&hosts, &services), is_https) else {
                    continue;
                };
                if told.insert((*place, *how == Elsewhere::Scheme)) {
                    let draft = out.at_file(*place, "app.url", found.message);
                    draft.label(found.label).help(found.help);
                    if !found.is_error {
                        draft.at_most(Warning);
                    }
                }
            }
        }
    }
}

rules! {
    /// What clients send to the app goes to the app alone, and under the app's own name.
    ///
    /// A route can copy each request to another program, with the session's cookie, the token and the password of a sign-in in it:
    /// whoever reads that program's logs has them. It can tell the app another host name than the client asked for, of which links
    /// in mails are made. And it can send clients to another host, or back to plain HTTP.
    ///
    /// Asked only where `--manifest` names the files: of routes that lead to the app, and of those for its names that lead nowhere. Looked
    /// at are the filters `RequestMirror`, `URLRewrite`, `RequestRedirect` and a `Host` that a `RequestHeaderModifier` sets, Traefik's
    /// mirroring and Middlewares, and the annotations of ingress-nginx for the same. A copy for another Service of the app's own pods is
    /// none. All but plain HTTP is a warning: it may be meant.
    ///
    /// Write: routes without these filters, and in the profile what else is served.
    K8S030 = "request-led-elsewhere" {
        severity: Severities::live(Error).and_local(Warning),
        source: "Gateway API: HTTPRouteFilter, RequestMirror, URLRewrite and RequestRedirect; OWASP ASVS 5.0 14.2.3",
        keys: &["app.url", "app.aliases"],
        reads: &[&["app.name"]],
        fix: None,
        check: Check::Manifest(tell),
    }
}
