//! What the site of a plan will answer at `/`, before it runs.
//!
//! A plan that asks for HSTS with `max-age=31536000` makes `Strict-Transport-Security: max-age=31536000` of the answer by
//! https; a header that the policy does not name is what the app's pack says that the app sends by itself. What neither
//! profile nor pack tells is taken for granted and said: [`Prediction::assumed`].

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Answer, Hop, ORIGIN, Observed, Page, Script, SetCookie, unlisted};
use crate::apps::{Ability, AppControl};
use crate::csp::{Csp, Reach};
use crate::plan::{CookieFlags, Cors, Demand, Header, Layer, Owner, Plan, Service};
use crate::profile::{Issuer, SameSite, Terminate};
use crate::source::KeyPath;

/// What a site will answer.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// The answers.
    pub observed: Observed,
    /// What is taken for granted beside the profile, a sentence each.
    pub assumed: Vec<String>,
    /// The section of the service whose page is asked for; none: it is the app's.
    pub page: Option<KeyPath>,
    /// The headers that the page's program sends by itself, and nobody knows how: none are taken to be sent.
    pub unknown: Vec<Unknown>,
}

/// A header that a program sends by itself, and whose value neither profile nor pack tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Its name.
    pub name: &'static str,
    /// The profile's key for it.
    pub key: &'static str,
}

/// The parts of the answers, as the plan's entries make them.
struct Parts {
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    preflight: Vec<(String, String)>,
    redirects: bool,
    /// Nobody answers by plain HTTP.
    refuses_plain: bool,
    /// What the app does by its own word.
    delegated: Vec<String>,
    unknown: Vec<Unknown>,
    /// Why the first answer is no page, where it is none.
    no_page: Option<String>,
}

/// Says what the site of a plan will answer.
pub fn predict(plan: &Plan<'_>) -> Prediction {
    let policy = plan.policy;
    let host = policy.url().origin().host().to_string();
    let trusted = match policy.tls.certificate.issuer {
        Issuer::Acme | Issuer::Ca | Issuer::Cloud | Issuer::Private => true,
        Issuer::SelfSigned => false,
    };
    let parts = Parts::of(plan);
    let lines = parts.cookies.iter().map(|line| ("Set-Cookie".to_owned(), line.clone()));
    let headers: Vec<(String, String)> = parts.headers.into_iter().chain(lines).collect();
    let https = match policy.terminate() {
        Terminate::Proxy | Terminate::Upstream => Some(Answer { trusted, headers: headers.clone() }),
        Terminate::Off => None,
    };
    let first = Hop { https: false, host: host.clone() };
    let (http, route) = match &https {
        Some(_) if parts.refuses_plain => (None, Vec::new()),
        Some(answer) if parts.redirects => (Some(answer.clone()), vec![first, Hop { https: true, host: host.clone() }]),
        Some(_) | None => (Some(Answer { trusted: true, headers }), vec![first]),
    };
    let set = |line| SetCookie { host: host.clone(), path: "/".to_owned(), line };
    let observed = Observed {
        https,
        http,
        route,
        preflight: Some(Answer { trusted: true, headers: parts.preflight }),
        cookies: parts.cookies.into_iter().map(set).collect(),
        page: if parts.no_page.is_some() { Page::default() } else { own_script() },
        preloaded: BTreeSet::new(),
        host,
    };
    let mut assumed = assumed(plan, &observed, &parts.delegated, parts.no_page.as_deref());
    let page = plan.site.owner("/").filter(|service| service.name.is_some()).map(Service::key);
    if !parts.unknown.is_empty() {
        let names: Vec<&str> = parts.unknown.iter().map(|header| header.name).collect();
        let program = page.as_ref().map_or_else(|| plan.app.title.to_string(), |key| format!("`{key}`"));
        assumed
            .push(format!("{program} sends {} itself, which is not known here: none is counted", names.join(" and ")));
    }
    Prediction { observed, assumed, page, unknown: parts.unknown }
}

impl Parts {
    fn of(plan: &Plan<'_>) -> Self {
        // Observatory asks for the first page, which may be a service's with headers of its own.
        let site = &plan.site;
        let first = site.owner("/");
        let is_apps = first.is_none_or(|service| service.name.is_none());
        // What the app sends by itself stays where nothing in the plan takes its place.
        let own = plan.app.sends.iter().filter(|(_, sent)| is_apps && sent.modes.contains(&plan.policy.mode));
        let own = own.map(|(name, sent)| (name.to_string(), sent.value.to_string()));
        let no_page = is_apps.then(|| no_page(plan)).flatten();
        let page = no_page.is_none().then(|| ("Content-Type".to_owned(), "text/html".to_owned()));
        let mut parts = Self {
            headers: page.into_iter().chain(own).collect(),
            cookies: Vec::new(),
            preflight: Vec::new(),
            redirects: false,
            refuses_plain: false,
            delegated: Vec::new(),
            unknown: Vec::new(),
            no_page,
        };
        for entry in &plan.entries {
            let enforced = entry.owner != Owner::Gap;
            match &entry.demand {
                Demand::HttpsRedirect => parts.redirects = enforced,
                Demand::PlainHttpRefused => parts.refuses_plain = enforced,
                Demand::Hsts(header) | Demand::Header(header) if enforced => parts.take(header),
                Demand::Cors(cors) if enforced => {
                    let by_app = matches!(entry.owner, Owner::Layer(Layer::App) | Owner::Delegated);
                    parts.preflight = preflight(cors, by_app && plan.policy.cors.credentials);
                }
                // No answer holds it.
                Demand::Cookie(flags) if flags.by_scripts => continue,
                Demand::Cookie(flags) => parts.cookies.push(set_cookie(plan, flags, enforced)),
                // A gap: the app's own stands.
                Demand::Hsts(_) | Demand::Header(_) | Demand::Cors(_) => {}
                // No test looks at these.
                Demand::Tls(_)
                | Demand::HostNames { .. }
                | Demand::ClientAddress { .. }
                | Demand::NoStore(_)
                | Demand::ServerVersion
                | Demand::Upstream(_)
                | Demand::Service(_)
                | Demand::Location { .. }
                | Demand::AliasesRedirect { .. }
                | Demand::Health(_)
                | Demand::Access(_)
                | Demand::RateLimit(_)
                | Demand::Lockout(_)
                | Demand::Passwords(_)
                | Demand::Sessions(_)
                | Demand::Tokens(_)
                | Demand::ApiDocs(_)
                | Demand::SetUp(_)
                | Demand::BodySize(_)
                | Demand::IpFilter(_)
                | Demand::SharedState(_) => continue,
            }
            if entry.owner == Owner::Delegated {
                parts.delegated.push(entry.control.to_string());
            }
        }
        for header in first.and_then(|service| service.headers.as_deref()).into_iter().flatten() {
            if header.from_app {
                parts.headers.retain(|(name, _)| !header.name.eq_ignore_ascii_case(name));
            }
            if header.from_app || header.value.is_some() {
                parts.take(header);
            }
        }
        parts
    }

    /// A header of the page: what is left to its program is what the pack tells of it, or unknown.
    fn take(&mut self, header: &Header) {
        let unknown = Unknown { name: header.name, key: header.key };
        if !header.from_app {
            self.unknown.retain(|other| *other != unknown);
            self.replace(header);
        } else if !self.headers.iter().any(|(name, _)| header.name.eq_ignore_ascii_case(name))
            && !self.unknown.contains(&unknown)
        {
            self.unknown.push(unknown);
        }
    }

    /// A header in place of whatever else has its name, or stands for it.
    fn replace(&mut self, header: &Header) {
        let is_replaced = |name: &str| {
            [Some(header.name), header.instead_of].into_iter().flatten().any(|own| own.eq_ignore_ascii_case(name))
        };
        self.headers.retain(|(name, _)| !is_replaced(name));
        self.headers.extend(header.value.clone().map(|value| (header.name.to_owned(), value)));
    }
}

/// Why the app answers with no page at `/`, where that is known: it has none, or has them elsewhere.
fn no_page(plan: &Plan<'_>) -> Option<String> {
    let facts = plan.facts();
    if !facts.may_serve_pages() {
        return Some("as `app.serves` names none: headers are asked for all the same".to_owned());
    }
    let paths = facts.own_pages()?.apart()?;
    Some(format!("as {}'s are at {paths}", plan.app.title))
}

/// A page with a script of the site's own.
fn own_script() -> Page {
    Page { scripts: vec![Script { src: Some("/app.js".to_owned()), integrity: false }], ..Page::default() }
}

/// A cookie as it leaves the site. A flag that the profile does not write is the app's, and taken as not set.
fn set_cookie(plan: &Plan<'_>, flags: &CookieFlags<'_>, enforced: bool) -> String {
    let mut line = format!("{}=value", flags.name);
    let cookie = plan.policy.cookies.get(flags.name);
    let path = cookie.and_then(|cookie| cookie.path.as_ref()).map_or_else(|| "/".to_owned(), ToString::to_string);
    write!(line, "; Path={path}").expect("a string takes everything");
    if let Some(domain) = cookie.and_then(|cookie| cookie.domain.as_ref()) {
        write!(line, "; Domain={domain}").expect("a string takes everything");
    }
    if !enforced {
        return line;
    }
    if flags.secure == Some(true) {
        line.push_str("; Secure");
    }
    if flags.http_only == Some(true) {
        line.push_str("; HttpOnly");
    }
    match flags.same_site {
        Some(SameSite::Strict) => line.push_str("; SameSite=Strict"),
        Some(SameSite::Lax) => line.push_str("; SameSite=Lax"),
        Some(SameSite::None) => line.push_str("; SameSite=None"),
        None => {}
    }
    line
}

/// What a preflight from Observatory's origin is told. Browsers refuse `*` with credentials, so an app that is asked for both
/// names the asking origin, whoever asks.
fn preflight(cors: &Cors<'_>, app_with_credentials: bool) -> Vec<(String, String)> {
    let (allowed, credentials) = match &cors.origins {
        None if app_with_credentials => (ORIGIN, true),
        None => ("*", false),
        Some(origins) if origins.iter().any(|origin| origin.to_string() == ORIGIN) => (ORIGIN, cors.credentials),
        Some(_) => return Vec::new(),
    };
    let mut headers = vec![("Access-Control-Allow-Origin".to_owned(), allowed.to_owned())];
    if credentials {
        headers.push(("Access-Control-Allow-Credentials".to_owned(), "true".to_owned()));
    }
    headers
}

/// What the profile does not tell, and how it is taken.
fn assumed(plan: &Plan<'_>, observed: &Observed, delegated: &[String], no_page: Option<&str>) -> Vec<String> {
    let mut assumed = Vec::new();
    let csp = observed.first().and_then(|(answer, _)| answer.header("Content-Security-Policy"));
    let scripts = match csp.as_deref().map(|csp| Csp::parse(csp).reach("script-src")) {
        Some(Reach::Nothing | Reach::SameOrigin) => "the CSP lets no other site's scripts in",
        Some(Reach::Listed | Reach::Everything) | None => {
            "it loads no script of another site without `integrity`, or the test gives -5 or less"
        }
    };
    assumed.push(match no_page {
        Some(why) => format!("`/` answers with no page, {why}"),
        None => format!("`/` answers with a page; {scripts}"),
    });
    let names = observed.cookies.iter().filter_map(|cookie| cookie.line.split('=').next());
    let names = names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    assumed.push(if names.is_empty() {
        "`/` sets no cookie, as the profile names none that the app sets".to_owned()
    } else {
        format!("`/` sets the cookies that the profile names, {names}; where it sets none, the test gives 0")
    });
    if observed.https.is_some() {
        assumed.push(unlisted(&observed.host));
    }
    if !delegated.is_empty() {
        let app = &plan.app.title;
        assumed.push(format!("{app} does as the profile says, by its own word: {}", delegated.join(", ")));
    }
    if plan.app.ability(AppControl::Headers) == Ability::Unknown {
        assumed.push(format!("{} sends no security header that the profile does not name", plan.app.title));
    }
    assumed
}
