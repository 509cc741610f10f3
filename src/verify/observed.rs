//! What a site answers to the questions of MDN's HTTP Observatory, so that it can be scored.
//!
//! Observatory asks for `/` by https and by plain HTTP, follows each way to its end, and sends a preflight to the end of the
//! first one. The same is asked here, with two differences: a redirect to another site is not followed, and told; and
//! `/robots.txt` is not asked, whose cookies Observatory counts where the certificate is not trusted.

use std::net::SocketAddr;

use url::Url;

use super::certificate::{Authorities, judge};
use super::client::{Body, Client, Question, Settings};
use super::wire::{Answer, Trouble};
use crate::profile::same_holder;
use crate::score::{self, Hop, ORIGIN, Observed, Page, SetCookie};

/// How many redirects are followed on one way, as Observatory follows them.
const REDIRECTS: usize = 10;
/// The most that is read of a page.
const PAGE: usize = 2 << 20;
/// So much of an address is shown.
const SHOWN: usize = 200;

/// The most connections that a site is asked over: three ways, each question once more where a connection broke.
pub const CONNECTIONS: usize = 6 * (REDIRECTS + 1);

/// Where a site is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Its first page, by https.
    https: Url,
    /// Its first page, by plain HTTP.
    http: Url,
    /// Whether https was asked for.
    is_https: bool,
}

impl Address {
    /// Reads the address of a site, such as `https://shop.example.com`. A port is that of its scheme; the other scheme has
    /// its usual one.
    pub fn read(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| {
            format!("the URL cannot be read ({error}): write it as https://host, with a port if it has one")
        })?;
        let is_https = match url.scheme() {
            "https" => true,
            "http" => false,
            other => return Err(format!("{other} is no scheme of a web site: write https://")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                "the URL holds credentials, which would end up in logs, and Observatory has none: leave them out"
                    .to_owned(),
            );
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            let why = "Observatory asks for a site's first page alone: leave out what follows the host and the port";
            return Err(why.to_owned());
        }
        let with = |scheme: &str| {
            let port = url.port().filter(|_| url.scheme() == scheme).map(|port| format!(":{port}")).unwrap_or_default();
            Url::parse(&format!("{scheme}://{}{port}/", host(&url))).expect("the parts of a URL make one")
        };
        Ok(Self { https: with("https"), http: with("http"), is_https })
    }

    /// Whether it is the address of this host.
    pub fn is_of(&self, name: &str) -> bool {
        host(&self.https).eq_ignore_ascii_case(name)
    }
}

/// What a site answered.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The address that was asked for.
    pub url: String,
    /// What it answered.
    pub observed: Observed,
    /// What was asked and what came of it, a line each.
    pub seen: Vec<String>,
    /// What no question shows, a sentence each.
    pub assumed: Vec<String>,
    /// How many connections were made.
    pub requests: usize,
}

/// No answer, by https or by plain HTTP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{https} does not answer: {by_https}; {http} does not, either: {by_http}")]
pub struct Silent {
    https: String,
    by_https: Trouble,
    http: String,
    by_http: Trouble,
}

/// Asks a site what Observatory would ask it, at a moment in seconds since 1970.
pub fn observe(
    address: &Address,
    authorities: &Authorities,
    now: i64,
    settings: Settings,
) -> Result<Measured, Box<Silent>> {
    let Address { https, http, is_https } = address;
    let mut visitor = Visitor { client: Client::new(settings).reading(PAGE), authorities, now };
    let by_https = visitor.walk("GET", https);
    let by_http = visitor.walk("GET", http);
    let mut seen = vec![told("", https, &by_https), told("", http, &by_http)];
    let (first, others) = match (&by_https, &by_http) {
        (Ok(first), other) => (first, other.as_ref().ok()),
        (Err(_), Ok(first)) => (first, None),
        (Err(by_https), Err(by_http)) => {
            return Err(Box::new(Silent {
                https: shown(https),
                by_https: by_https.clone(),
                http: shown(http),
                by_http: by_http.clone(),
            }));
        }
    };
    let preflight = visitor.walk("OPTIONS", first.end());
    seen.push(told(&format!("a preflight from {ORIGIN} to "), first.end(), &preflight));
    let host = host(https).to_owned();
    let mut assumed = Vec::new();
    for (way, off) in [Some(first), others].into_iter().flatten().filter_map(|way| Some((way, way.off.as_ref()?))) {
        assumed.push(format!(
            "{} leads to {}, another site, which is not asked: Observatory judges what it finds there, and here the redirect \
             itself is judged",
            shown(way.end()),
            shown(off)
        ));
    }
    let page = first.page(&mut assumed);
    if by_https.is_ok() {
        assumed.push(score::unlisted(&host));
    }
    let observed = Observed {
        page,
        cookies: first.cookies.clone(),
        preflight: preflight.ok().filter(|way| (200..300).contains(&way.answer.status)).map(|way| way.scored()),
        route: by_http.as_ref().map(Way::route).unwrap_or_default(),
        https: by_https.as_ref().ok().map(Way::scored),
        http: by_http.as_ref().ok().map(Way::scored),
        preloaded: std::collections::BTreeSet::new(),
        host,
    };
    let url = shown(if *is_https { https } else { http });
    Ok(Measured { url, observed, seen, assumed, requests: visitor.client.asked() })
}

/// Who asks.
struct Visitor<'a> {
    client: Client,
    authorities: &'a Authorities,
    now: i64,
}

/// A way that redirects lead, to its end.
struct Way {
    /// The addresses that were asked, in order.
    stops: Vec<Url>,
    /// Where the last answer leads beside that: to another site.
    off: Option<Url>,
    /// The last answer.
    answer: Answer,
    /// Where it came from.
    from: Option<SocketAddr>,
    /// Why a certificate on the way is not trusted, of the first.
    untrusted: Option<String>,
    cookies: Vec<SetCookie>,
}

impl Visitor<'_> {
    /// Asks, and follows redirects within the site.
    fn walk(&mut self, method: &'static str, start: &Url) -> Result<Way, Trouble> {
        let mut way = Way {
            stops: Vec::new(),
            off: None,
            answer: Answer::default(),
            from: None,
            untrusted: None,
            cookies: Vec::new(),
        };
        let mut next = start.clone();
        loop {
            way.answer = self.client.ask(&question(method, &next, &way.cookies))?;
            way.from = self.client.to();
            if next.scheme() == "https" && way.untrusted.is_none() {
                way.untrusted = self.distrusts(host(&next));
            }
            let set = |line: &str| SetCookie {
                host: host(&next).to_owned(),
                path: next.path().to_owned(),
                line: line.to_owned(),
            };
            way.cookies.extend(way.answer.lines("Set-Cookie").map(set));
            let led = led(&way.answer, &next)?;
            way.stops.push(next);
            next = match led {
                Some(to) if way.stops.len() > REDIRECTS || !is_same_site(host(start), host(&to)) => {
                    way.off = Some(to).filter(|to| !is_same_site(host(start), host(to)));
                    return Ok(way);
                }
                Some(to) => to,
                None => return Ok(way),
            };
        }
    }

    /// Why the certificate of a host is not trusted, and what to do; nothing where it is.
    fn distrusts(&self, host: &str) -> Option<String> {
        let Some(chain) = self.client.shown(host) else { return Some(format!("{host} showed no certificate")) };
        let judged = judge(&chain, host, self.authorities, self.now);
        let flaw = judged.flaws.first()?;
        let help = flaw.help(host, self.authorities).map(|help| format!(" ({help})")).unwrap_or_default();
        Some(flaw.told(host) + &help)
    }
}

impl Way {
    /// The address of the last answer.
    fn end(&self) -> &Url {
        self.stops.last().expect("a way has its first stop")
    }

    fn scored(&self) -> score::Answer {
        score::Answer { trusted: self.untrusted.is_none(), headers: self.answer.headers.clone() }
    }

    fn route(&self) -> Vec<Hop> {
        let hop = |url: &Url| Hop { https: url.scheme() == "https", host: host(url).to_owned() };
        self.stops.iter().chain(&self.off).map(hop).collect()
    }

    /// What the markup at the end says, where it is a page that can be read.
    fn page(&self, assumed: &mut Vec<String>) -> Page {
        if !self.scored().is_page() {
            return Page::default();
        }
        let plain = |coding: &str| coding.is_empty() || coding.eq_ignore_ascii_case("identity");
        if !self.answer.lines("Content-Encoding").all(plain) {
            let why = "the page came compressed, though nobody asked for that, and was not read: its scripts, and policies in \
                       its markup, are not known";
            assumed.push(why.to_owned());
            return Page::default();
        }
        if self.answer.body.len() >= PAGE {
            assumed.push(format!("what stands in the page after its first {} MiB changes nothing", PAGE >> 20));
        }
        Page::read(&String::from_utf8_lossy(&self.answer.body))
    }
}

/// A question as Observatory asks it, with the cookies that were set on the way.
fn question(method: &'static str, url: &Url, cookies: &[SetCookie]) -> Question {
    let https = url.scheme() == "https";
    let name = host(url).to_owned();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let question = Question {
        https,
        port: url.port_or_known_default().unwrap_or(443),
        host: url.port().map_or_else(|| name.clone(), |port| format!("{name}:{port}")),
        method,
        target: format!("{}{query}", url.path()),
        headers: Vec::new(),
        body: Body::None,
        name,
    };
    let question = question
        .with("User-Agent", &format!("seccfg/{} (score)", crate::VERSION))
        .with("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    let question = match score::sent(cookies, host(url), url.path(), https) {
        Some(cookies) => question.with("Cookie", &cookies),
        None => question,
    };
    match method {
        "OPTIONS" => question.with("Origin", ORIGIN).with("Access-Control-Request-Method", "GET"),
        _ => question,
    }
}

/// Where an answer leads; nothing where it is no redirect.
fn led(answer: &Answer, here: &Url) -> Result<Option<Url>, Trouble> {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = answer.lines("Location").next() else { return Ok(None) };
    let url = here.join(location).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.map(Some).ok_or(Trouble::Garbage("it leads to what is no address of a web site"))
}

/// Whether two hosts are of one site: the same, or of the same registered domain.
fn is_same_site(one: &str, other: &str) -> bool {
    let is_address = |host: &str| host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    one == other || (!is_address(one) && !is_address(other) && same_holder(one, other))
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// An address without what may be somebody's secret.
fn shown(url: &Url) -> String {
    let whole = format!("{}{}", url.origin().ascii_serialization(), url.path());
    if whole.len() > SHOWN { whole.chars().take(SHOWN).chain(['…']).collect() } else { whole }
}

/// What became of a way.
fn told(what: &str, start: &Url, way: &Result<Way, Trouble>) -> String {
    match way {
        Ok(way) => {
            let stops: Vec<String> = way.stops.iter().map(shown).collect();
            let from = way.from.map(|address| format!(", from {address}")).unwrap_or_default();
            let untrusted = way.untrusted.as_ref();
            let untrusted =
                untrusted.map(|why| format!(", with a certificate that is not trusted: {why}")).unwrap_or_default();
            format!("{what}{}: {}{from}{untrusted}", stops.join(" → "), way.answer.status)
        }
        Err(trouble) => format!("{what}{}: {trouble}", shown(start)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_scheme_and_a_host() {
        let both = |text: &str| Address::read(text).map(|address| [address.https, address.http].map(String::from));
        let usual = ["https://shop.example.com/".to_owned(), "http://shop.example.com/".to_owned()];
        for text in ["https://shop.example.com", "HTTP://Shop.Example.com/", "https://shop.example.com:443/"] {
            assert_eq!(both(text).as_ref(), Ok(&usual), "{text}");
        }
        let [https, _] = both("https://[::1]:8443").expect("it is one");
        assert_eq!(https, "https://[::1]:8443/");
        let [https, http] = both("http://localhost:8080").expect("it is one");
        assert_eq!((https.as_str(), http.as_str()), ("https://localhost/", "http://localhost:8080/"));
        for (text, word) in [
            ("https://a:b@shop.example.com", "credentials"),
            ("https://shop.example.com/login", "first page"),
            ("https://shop.example.com/?a", "first page"),
            ("ftp://shop.example.com", "ftp"),
            ("https://", "cannot be read"),
        ] {
            assert!(Address::read(text).is_err_and(|why| why.contains(word)), "{text}");
        }
    }

    #[test]
    fn a_site_is_a_registered_domain_or_one_host() {
        assert!(is_same_site("shop.example.co.uk", "www.example.co.uk") && is_same_site("localhost", "localhost"));
        for (one, other) in [
            ("shop.co.uk", "other.co.uk"),
            ("a.github.io", "b.github.io"),
            ("127.0.0.1", "10.0.0.1"),
            ("example.com", "169.254.169.254"),
            ("example.com", "example.com.evil.example"),
        ] {
            assert!(!is_same_site(one, other), "{one} {other}");
        }
    }

    #[test]
    fn what_is_shown_of_an_address_is_no_secret() {
        let url = Url::parse("https://me:canary@shop.example.com:8443/back?code=canary#canary").expect("it is one");
        assert_eq!(shown(&url), "https://shop.example.com:8443/back");
        assert!(shown(&url.join(&"x".repeat(1 << 16)).expect("it is one")).len() < 300);
    }
}
