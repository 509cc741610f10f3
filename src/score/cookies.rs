//! The test of cookies: each `Set-Cookie` read, kept where Observatory's client keeps it, and judged by its flags.

use std::net::{IpAddr, Ipv4Addr};

use super::text::trimmed;
use super::{Answer, Graded, Observed, Outcome};

/// A `Set-Cookie`, and the address of the answer that it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    /// The host that was asked.
    pub host: String,
    /// The path that was asked for.
    pub path: String,
    /// The header's value.
    pub line: String,
}

/// A cookie of a balancer's that Observatory leaves out.
const LEFT_OUT: &str = "heroku-session-affinity";

/// Outcomes of a single cookie, each worse than those before it.
const WORSE: [Outcome; 7] = [
    Outcome::CookiesPlainBehindHsts,
    Outcome::CookiesPlain,
    Outcome::CookiesSessionPlainBehindHsts,
    Outcome::CookiesSameSiteInvalid,
    Outcome::CookiesCsrfWithoutSameSite,
    Outcome::CookiesSessionWithoutHttpOnly,
    Outcome::CookiesSessionPlain,
];

/// A cookie that was kept.
pub(super) struct Cookie {
    pub(super) name: String,
    value: String,
    domain: String,
    /// Whether hosts below the domain have it, too.
    shared: bool,
    path: String,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) same_site: Option<SameSite>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SameSite {
    Limited,
    None,
}

impl Cookie {
    /// Whether its name looks like that of a session.
    pub(super) fn is_session(&self) -> bool {
        let name = self.name.to_lowercase();
        name.contains("login") || name.contains("sess")
    }

    fn is_csrf(&self) -> bool {
        self.name.to_lowercase().contains("csrf")
    }
}

/// Judges the cookies that a site sets.
pub(super) fn judge(observed: &Observed, answer: &Answer, hsts: Outcome) -> Graded {
    let behind_hsts = matches!(hsts, Outcome::HstsLong | Outcome::HstsPreloaded);
    let mut worst: Option<Graded> = None;
    let mut tell = |outcome: Outcome, because: String| {
        let rank = |outcome| WORSE.iter().position(|own| *own == outcome);
        if worst.as_ref().is_none_or(|worst| rank(outcome) > rank(worst.outcome)) {
            worst = Some(Graded { outcome, because: Some(because) });
        }
    };
    for line in answer.lines("Set-Cookie") {
        if let Some(value) = refused_same_site(line) {
            let name = line.split('=').next().map(trimmed).unwrap_or_default();
            tell(Outcome::CookiesSameSiteInvalid, format!("`{name}` has `SameSite={value}`"));
        }
    }
    let cookies = kept(observed);
    for cookie in &cookies {
        let name = format!("`{}`", cookie.name);
        if !cookie.secure {
            if cookie.same_site == Some(SameSite::None) {
                tell(Outcome::CookiesSameSiteInvalid, format!("{name} has `SameSite=None` and no Secure"));
            }
            let (any, session) = if behind_hsts {
                (Outcome::CookiesPlainBehindHsts, Outcome::CookiesSessionPlainBehindHsts)
            } else {
                (Outcome::CookiesPlain, Outcome::CookiesSessionPlain)
            };
            tell(any, name.clone());
            if cookie.is_session() {
                tell(session, name.clone());
            }
        }
        if cookie.is_csrf() && cookie.same_site.is_none() {
            tell(Outcome::CookiesCsrfWithoutSameSite, name.clone());
        }
        if cookie.is_session() && !cookie.http_only {
            tell(Outcome::CookiesSessionWithoutHttpOnly, name.clone());
        }
    }
    if cookies.is_empty() {
        return Outcome::CookiesAbsent.into();
    }
    let open = cookies.iter().find(|cookie| cookie.same_site.is_none());
    worst.unwrap_or_else(|| match open {
        Some(cookie) => Graded { outcome: Outcome::CookiesSecure, because: Some(format!("`{}`", cookie.name)) },
        None => Outcome::CookiesSameSite.into(),
    })
}

/// The value of a `SameSite` that is none of the three that there are.
fn refused_same_site(line: &str) -> Option<&str> {
    trimmed(line).split(';').find_map(|part| {
        let mut sides = trimmed(part).split('=');
        let name = sides.next().map(trimmed)?;
        let value = sides.next().unwrap_or_default();
        let known = ["lax", "strict", "none"].iter().any(|known| trimmed(value).eq_ignore_ascii_case(known));
        (name.eq_ignore_ascii_case("samesite") && (value.is_empty() || !known)).then_some(value)
    })
}

/// The cookies that are kept and judged.
pub(super) fn kept(observed: &Observed) -> Vec<Cookie> {
    let mut cookies = jar(&observed.cookies);
    cookies.retain(|cookie| !cookie.name.is_empty() && cookie.name != LEFT_OUT);
    cookies
}

/// What `Cookie` says in the next question of the same visitor (RFC 6265 §5.4); nothing where no cookie belongs there.
pub fn sent(cookies: &[SetCookie], host: &str, path: &str, https: bool) -> Option<String> {
    let host = host.trim_matches(['[', ']']).to_lowercase();
    let belongs = |cookie: &Cookie| {
        let is_hosts = if cookie.shared { matches(&host, &cookie.domain) } else { host == cookie.domain };
        let below = path.strip_prefix(&cookie.path);
        let is_paths = below.is_some_and(|rest| rest.is_empty() || cookie.path.ends_with('/') || rest.starts_with('/'));
        is_hosts && is_paths && (https || !cookie.secure)
    };
    let pairs = jar(cookies).into_iter().filter(belongs).map(|cookie| format!("{}={}", cookie.name, cookie.value));
    Some(pairs.collect::<Vec<_>>().join("; ")).filter(|line| !line.is_empty())
}

/// The cookies of a visitor: a later one replaces an earlier one of its name, domain and path.
fn jar(set: &[SetCookie]) -> Vec<Cookie> {
    let mut cookies: Vec<Cookie> = Vec::new();
    for cookie in set.iter().filter_map(read) {
        let same =
            |own: &&mut Cookie| own.name == cookie.name && own.domain == cookie.domain && own.path == cookie.path;
        match cookies.iter_mut().find(same) {
            Some(own) => *own = cookie,
            None => cookies.push(cookie),
        }
    }
    cookies
}

/// Reads a cookie; nothing where a client refuses it (RFC 6265 §5.3, and the prefixes of its successor).
fn read(set: &SetCookie) -> Option<Cookie> {
    let line = trimmed(&set.line);
    let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
    let (name, value) = pair.split_once('=').filter(|(name, _)| !name.is_empty())?;
    let (name, value) = (trimmed(name), trimmed(value));
    if name.chars().chain(value.chars()).any(|c| c < ' ') {
        return None;
    }
    let host = set.host.trim_matches(['[', ']']).to_lowercase();
    let (mut domain, mut path) = (None, None);
    let mut cookie = Cookie {
        name: name.to_owned(),
        value: value.to_owned(),
        domain: host.clone(),
        shared: false,
        path: String::new(),
        secure: false,
        http_only: false,
        same_site: None,
    };
    for attribute in attributes.split(';').map(trimmed) {
        let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        let value = trimmed(value);
        match trimmed(key).to_lowercase().as_str() {
            "secure" => cookie.secure = true,
            "httponly" => cookie.http_only = true,
            "samesite" => {
                cookie.same_site = match value.to_lowercase().as_str() {
                    "strict" | "lax" => Some(SameSite::Limited),
                    "none" => Some(SameSite::None),
                    _ => None,
                }
            }
            "domain" => {
                let value = value.strip_prefix('.').unwrap_or(value);
                if !value.is_empty() {
                    domain = Some(value.to_lowercase());
                }
            }
            "path" => path = Some(value).filter(|value| value.starts_with('/')),
            _ => {}
        }
    }
    if let Some(domain) = &domain {
        if is_public(domain) || !matches(&host, domain) {
            return None;
        }
        cookie.domain.clone_from(domain);
        cookie.shared = true;
    }
    let default = || match set.path.rfind('/') {
        Some(end) if end > 0 && set.path.starts_with('/') => set.path[..end].to_owned(),
        _ => "/".to_owned(),
    };
    cookie.path = path.map_or_else(default, str::to_owned);
    let bound = !name.starts_with("__Host-") || (cookie.secure && domain.is_none() && cookie.path == "/");
    let secured = !name.starts_with("__Secure-") || cookie.secure;
    (bound && secured).then_some(cookie)
}

/// Whether everyone can have a name below a domain, or it is an IPv4 address: no cookie is shared there. Names that are
/// kept for tests and documents are nobody's.
fn is_public(domain: &str) -> bool {
    let special = ["local", "example", "invalid", "localhost", "test"];
    let last = domain.rsplit('.').next().unwrap_or(domain);
    if special.contains(&last) && (domain.contains('.') || matches!(last, "localhost" | "invalid")) {
        return false;
    }
    if let Ok(address) = domain.parse::<IpAddr>() {
        return address.is_ipv4();
    }
    psl::domain_str(domain).is_none()
}

/// Whether a host is a domain or stands below it (RFC 6265 §5.1.3).
fn matches(host: &str, domain: &str) -> bool {
    let below = || host.strip_suffix(domain).is_some_and(|front| front.ends_with('.'));
    host == domain || (below() && host.parse::<Ipv4Addr>().is_err())
}
