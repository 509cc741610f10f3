//! What annotations of an Ingress do against the profile, in the words of several controllers, and what hands TLS on as it is:
//! nothing at a gateway has a part in that.
//!
//! For example, `nginx.ingress.kubernetes.io/ssl-redirect: "false"` where plain HTTP is to be answered with the way to https.

use super::super::networks::everyone;
use super::services_of;
use crate::manifest::{Manifests, Object, Place, Route};
use crate::plan::{Cors, Demand, Header, Plan};
use crate::profile::{Cidr, Label, Text as _};
use crate::yaml::{Entry, Node};

/// What an annotation speaks of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Whether plain HTTP is sent to https.
    Redirect,
    /// The ports of a balancer, as JSON.
    Ports,
    /// Whether clients have to show a certificate.
    Certificates,
    /// The networks that get in.
    Networks,
    /// The networks whose requests are not counted.
    Exempt,
    /// Whether other origins are answered.
    Cors,
    /// Which origins are.
    Origins,
    /// How large a body may be.
    Body,
    /// Whether HSTS is sent.
    Hsts,
    /// For how many seconds.
    HstsMaxAge,
    /// Whether TLS is handed on as it is.
    Passthrough,
    /// Lines in the language of the program behind it.
    Lines,
}

/// The annotations, by the documentation of each controller.
const WORDS: [(Word, &[&str]); 12] = [
    (
        Word::Redirect,
        &[
            "nginx.ingress.kubernetes.io/ssl-redirect",
            "ingress.kubernetes.io/ssl-redirect",
            "haproxy-ingress.github.io/ssl-redirect",
            "haproxy.org/ssl-redirect",
        ],
    ),
    (Word::Ports, &["alb.ingress.kubernetes.io/listen-ports"]),
    (
        Word::Certificates,
        &[
            "nginx.ingress.kubernetes.io/auth-tls-verify-client",
            "haproxy-ingress.github.io/auth-tls-verify-client",
            "ingress.kubernetes.io/auth-tls-verify-client",
        ],
    ),
    (
        Word::Networks,
        &[
            "nginx.ingress.kubernetes.io/whitelist-source-range",
            "nginx.ingress.kubernetes.io/allowlist-source-range",
            "haproxy-ingress.github.io/whitelist-source-range",
            "haproxy-ingress.github.io/allowlist-source-range",
            "ingress.kubernetes.io/whitelist-source-range",
            "traefik.ingress.kubernetes.io/whitelist-source-range",
            "haproxy.org/whitelist",
            "haproxy.org/allow-list",
            "alb.ingress.kubernetes.io/inbound-cidrs",
        ],
    ),
    (Word::Exempt, &["nginx.ingress.kubernetes.io/limit-whitelist", "haproxy-ingress.github.io/limit-whitelist"]),
    (
        Word::Cors,
        &[
            "nginx.ingress.kubernetes.io/enable-cors",
            "haproxy-ingress.github.io/cors-enable",
            "haproxy.org/cors-enable",
        ],
    ),
    (
        Word::Origins,
        &[
            "nginx.ingress.kubernetes.io/cors-allow-origin",
            "haproxy-ingress.github.io/cors-allow-origin",
            "haproxy.org/cors-allow-origin",
        ],
    ),
    (
        Word::Body,
        &[
            "nginx.ingress.kubernetes.io/proxy-body-size",
            "haproxy-ingress.github.io/proxy-body-size",
            "nginx.org/client-max-body-size",
        ],
    ),
    (Word::Hsts, &["nginx.org/hsts", "haproxy-ingress.github.io/hsts"]),
    (Word::HstsMaxAge, &["nginx.org/hsts-max-age", "haproxy-ingress.github.io/hsts-max-age"]),
    (
        Word::Passthrough,
        &[
            "nginx.ingress.kubernetes.io/ssl-passthrough",
            "haproxy-ingress.github.io/ssl-passthrough",
            "haproxy.org/ssl-passthrough",
        ],
    ),
    (
        Word::Lines,
        &[
            "nginx.ingress.kubernetes.io/configuration-snippet",
            "nginx.ingress.kubernetes.io/server-snippet",
            "nginx.org/server-snippets",
            "nginx.org/location-snippets",
            "haproxy-ingress.github.io/config-backend",
            "haproxy.org/backend-config-snippet",
        ],
    ),
];

/// Something that an annotation does against a demand: where, what, and what to write.
pub(super) struct Weak {
    pub place: Place,
    pub message: String,
    pub help: String,
}

/// What the annotations of an object say, one after the other.
fn said(object: &Object) -> impl Iterator<Item = (Word, &Entry)> {
    let annotations = object.node.at(&["metadata", "annotations"]).map(Node::entries).unwrap_or_default();
    annotations.iter().filter_map(|entry| {
        let (word, _) = WORDS.iter().find(|(_, names)| names.contains(&entry.key.as_str()))?;
        Some((*word, entry))
    })
}

fn is_on(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

fn list(text: &str) -> Vec<&str> {
    text.split([',', ' ', '\n']).map(str::trim).filter(|one| !one.is_empty()).collect()
}

/// Whether networks, one beside the other, are everyone.
fn are_everyone(text: &str) -> bool {
    let networks: Vec<Cidr> = list(text).into_iter().filter_map(|one| Cidr::parse(one).ok()).collect();
    !everyone(&networks).is_empty()
}

/// How many bytes nginx takes a size for: `8m`; no limit is the largest number.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match &text[split..] {
        "" => 1,
        "k" | "K" => 1 << 10,
        "m" | "M" => 1 << 20,
        "g" | "G" => 1 << 30,
        _ => return None,
    };
    let count: u64 = text[..split].parse().ok()?;
    Some(if count == 0 { u64::MAX } else { count.saturating_mul(unit) })
}

/// The value that lines of nginx's language give to a header; an empty one where they take it away.
fn header_in<'t>(lines: &'t str, name: &str) -> Option<&'t str> {
    const QUOTES: [char; 2] = ['"', '\''];
    lines.split([';', '\n']).map(str::trim).find_map(|line| {
        let (word, rest) = line.split_once(char::is_whitespace)?;
        let rest = rest.trim().trim_end_matches("always").trim();
        let (own, value) = match word {
            "add_header" => rest.split_once(char::is_whitespace)?,
            "more_set_headers" => rest.trim_matches(QUOTES).split_once(':')?,
            "more_clear_headers" => (rest, ""),
            _ => return None,
        };
        let value = value.trim().trim_matches(QUOTES);
        own.trim_matches(QUOTES).eq_ignore_ascii_case(name).then_some(value)
    })
}

/// What an annotation does against a demand, and what to write in its place.
fn against(object: &Object, word: Word, text: &str, demand: &Demand<'_>) -> Option<(String, String)> {
    let off = |help: &str, what: &str| Some((what.to_owned(), help.to_owned()));
    let everyone_gets_in = || off("write the networks of the profile", "lets everyone in, from whatever network");
    match demand {
        Demand::HttpsRedirect if word == Word::Redirect && text.eq_ignore_ascii_case("false") => {
            off("write \"true\"", "turns off that plain HTTP is sent to https")
        }
        Demand::HttpsRedirect | Demand::PlainHttpRefused => {
            let redirects = object.annotation("alb.ingress.kubernetes.io/ssl-redirect").is_some();
            let opens = word == Word::Ports && text.contains("\"HTTP\"") && !redirects;
            opens.then(|| off("add `alb.ingress.kubernetes.io/ssl-redirect: \"443\"`", "answers by plain HTTP"))?
        }
        Demand::Access(access) => {
            let needs_certificate = access.client_ca.is_some() && access.networks.is_none();
            match word {
                Word::Certificates if needs_certificate && matches!(text, "off" | "optional" | "optional_no_ca") => {
                    off("write \"on\"", "lets in whoever shows no certificate")
                }
                Word::Networks if access.networks.is_some() && are_everyone(text) => everyone_gets_in(),
                _ => None,
            }
        }
        Demand::IpFilter(filter) => {
            let is_open = word == Word::Networks && !filter.allow.is_empty() && are_everyone(text);
            is_open.then(everyone_gets_in)?
        }
        Demand::RateLimit(_) => {
            (word == Word::Exempt && are_everyone(text)).then(|| off("take it out", "counts nobody's requests"))?
        }
        Demand::Cors(cors) => against_cors(object, word, text, cors),
        Demand::BodySize(most) => (word == Word::Body && bytes(text)? > most.as_bytes()).then(|| {
            (String::from("lets larger bodies through than the profile"), format!("write {}", most.as_bytes()))
        }),
        Demand::Hsts(header) => match word {
            Word::Hsts if header.value.is_some() && text.eq_ignore_ascii_case("false") => {
                off("write \"true\"", "turns HSTS off")
            }
            Word::HstsMaxAge => {
                let value = header.value.as_deref()?;
                let asked: u64 = value.strip_prefix("max-age=")?.split(';').next()?.trim().parse().ok()?;
                (text.trim().parse::<u64>().ok()? < asked).then(|| {
                    (
                        String::from("has browsers forget HSTS earlier than the profile says"),
                        format!("write \"{asked}\""),
                    )
                })
            }
            Word::Lines => header_against(text, header),
            _ => None,
        },
        Demand::Header(header) => (word == Word::Lines).then(|| header_against(text, header))?,
        // No annotation speaks of these.
        Demand::Tls(_)
        | Demand::HostNames { .. }
        | Demand::ClientAddress { .. }
        | Demand::NoStore(_)
        | Demand::ServerVersion
        | Demand::Cookie(_)
        | Demand::Lockout(_)
        | Demand::Passwords(_)
        | Demand::Sessions(_)
        | Demand::Tokens(_)
        | Demand::ApiDocs(_)
        | Demand::SetUp(_)
        | Demand::Upstream(_)
        | Demand::Service(_)
        | Demand::Location { .. }
        | Demand::AliasesRedirect { .. }
        | Demand::Health(_)
        | Demand::SharedState(_) => None,
    }
}

/// What an annotation does against the origins that the profile lets in, and what to write in its place.
fn against_cors(object: &Object, word: Word, text: &str, cors: &Cors<'_>) -> Option<(String, String)> {
    const EVERYONE: &str = "lets every origin read answers";
    const ANOTHER: &str = "lets an origin read answers that the profile does not list";
    let has = |wanted: Word| said(object).any(|(word, _)| word == wanted);
    let is_off = || said(object).any(|(word, entry)| word == Word::Cors && !entry.value.text().is_some_and(is_on));
    let listed: Vec<String> = cors.listed().collect();
    // Patterns cannot be compared with a list; of all of them, one says what it is.
    let is_other = |one: &&str| *one == "*" || !one.contains(['*', '(', '^']) && !listed.iter().any(|own| own == one);
    let (what, help) = match word {
        _ if cors.origins.is_none() => return None,
        Word::Cors if is_on(text) && !has(Word::Origins) => {
            (EVERYONE, "list the origins of `cors.origins` in the annotation for origins")
        }
        // Where other origins are not answered, the list says nothing.
        Word::Origins if !is_off() => {
            let other = list(text).into_iter().find(is_other)?;
            (if other == "*" { EVERYONE } else { ANOTHER }, "list the origins of `cors.origins` alone")
        }
        _ => return None,
    };
    // Of none, there is nothing to list.
    let help = if cors.lets_nobody_in() {
        "take out what speaks of other origins here, because `cors.origins` lets none in"
    } else {
        help
    };
    Some((what.to_owned(), help.to_owned()))
}

/// What lines of nginx's language do against a header.
fn header_against(lines: &str, header: &Header) -> Option<(String, String)> {
    let name = header.name;
    if header.from_app {
        return None;
    }
    match (header_in(lines, name)?, header.value.as_deref()) {
        ("", Some(asked)) => {
            Some((format!("takes `{name}` away"), format!("take that line out, and set `{name}: {asked}`")))
        }
        (own, Some(asked)) if !same_value(own, asked) => {
            Some((format!("gives `{name}` another value than the profile asks for"), format!("write `{asked}`")))
        }
        (_, Some(_) | None) => None,
    }
}

/// What the annotations of routes do against a demand. An Ingress for other paths than a demand's says nothing of it, where
/// another one is for them.
pub(super) fn weakened(demand: &Demand<'_>, routes: &[Route<'_>], is_for: impl Fn(&Route<'_>) -> bool) -> Vec<Weak> {
    let mut found = Vec::new();
    for route in routes.iter().filter(|route| is_for(route)) {
        for (word, entry) in said(route.object) {
            let text = entry.value.text().unwrap_or_default();
            if let Some((what, help)) = against(route.object, word, text, demand) {
                let message = format!("{} {what}, by `{}`", route.object.title(), entry.key);
                found.push(Weak { place: (route.object.source, entry.value.span), message, help });
            }
        }
    }
    found
}

/// Annotations whose lines can do anything: where, and which.
pub(super) fn lines<'m>(routes: &'m [Route<'m>]) -> impl Iterator<Item = (Place, String)> {
    routes.iter().flat_map(|route| {
        let object = route.object;
        let lines = said(object).filter(|(word, _)| *word == Word::Lines);
        lines.map(move |(_, entry)| {
            ((object.source, entry.value.span), format!("what the lines in `{}` of {} do", entry.key, object.title()))
        })
    })
}

/// Where TLS to the app's own names is handed on as it is: the place, and what does it.
pub(super) fn passed_through(plan: &Plan<'_>, manifests: &Manifests, routes: &[Route<'_>]) -> Vec<(Place, String)> {
    let own: Vec<String> = plan.policy.hosts().iter().map(ToString::to_string).collect();
    let services = services_of(plan, manifests);
    let is_own = |name: &str| {
        own.iter().any(|own| match name.strip_prefix('*') {
            Some(domain) => {
                own.len() > domain.len() && own.to_ascii_lowercase().ends_with(&domain.to_ascii_lowercase())
            }
            None => own.eq_ignore_ascii_case(name),
        })
    };
    let gateway = plan.policy.targets.kubernetes.as_ref().and_then(|target| target.gateway.as_ref());
    let mut found = Vec::new();
    if let Some(gateway) = gateway {
        let namespace = gateway.namespace.as_ref().map(Label::as_str);
        if let Some(object) = manifests.named("Gateway", gateway.name.as_str(), namespace) {
            for listener in object.node.at(&["spec", "listeners"]).map(Node::items).unwrap_or_default() {
                let mode = listener.at(&["tls", "mode"]).filter(|mode| mode.text() == Some("Passthrough"));
                let host = listener.get("hostname").and_then(Node::text);
                if let Some(mode) = mode.filter(|_| host.is_some_and(is_own)) {
                    let name = listener.get("name").and_then(Node::text).unwrap_or("…");
                    found.push(((object.source, mode.span), format!("the listener `{name}` of {}", object.title())));
                }
            }
        }
    }
    // Where a listener is among the files, it says so for its routes.
    if found.is_empty() {
        for object in manifests.of_kind("TLSRoute") {
            let hosts = object.node.at(&["spec", "hostnames"]).map(Node::items).unwrap_or_default();
            let host = hosts.iter().find(|host| host.text().is_some_and(is_own));
            let rules = object.node.at(&["spec", "rules"]).map(Node::items).unwrap_or_default();
            let mut ends = rules.iter().filter_map(|rule| rule.get("backendRefs")).flat_map(Node::items);
            let mut leads =
                || ends.any(|end| end.get("name").and_then(Node::text).is_some_and(|name| services.contains(&name)));
            let place = host.map(|host| (object.source, host.span));
            if let Some(place) = place.or_else(|| (hosts.is_empty() && leads()).then(|| object.place())) {
                found.push((place, object.title()));
            }
        }
    }
    for route in routes {
        let mut passing = said(route.object)
            .filter(|(word, entry)| *word == Word::Passthrough && entry.value.text().is_some_and(is_on));
        found.extend(passing.next().map(|(_, entry)| ((route.object.source, entry.value.span), route.object.title())));
    }
    found
}

/// Whether two values say the same: capitals of directives and blanks between them do not count.
pub(super) fn same_value(one: &str, other: &str) -> bool {
    let parts = |value: &str| -> Vec<String> {
        let parts = value.split([';', ',']).map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase()).collect()
    };
    parts(one) == parts(other)
}
