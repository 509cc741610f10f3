//! nginx: from a plan to the context of its templates, and through them to files.

pub mod context;
mod render;

use std::collections::HashSet;
use std::fmt::Display;
use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32, NonZeroU64};

use self::context::{
    Client, Context, Cookie, Cors, Forward, Headers, IpFilter, Origins, Protocol, Rate, RateLimit, Redirect, SameSite,
    Tls, Transport, Upstream, When,
};
use super::escape::{Comment, EscapeError, PathRegex, Text, Word};
use super::{Artifact, Error, at, header, unenforced};
use crate::plan::{Control, HSTS, Owner, Plan, header_value, lowest_tls};
use crate::profile::{
    self, CorsOrigin, ForwardedFor, Guideline, Issuer, NginxTarget, Period, Terminate, TlsVersion, UrlPath, Version,
};
use crate::source::{KeyPath, Provenance};

/// Mozilla's guideline 6.0, intermediate: the suites of TLS 1.2. TLS 1.3 has none to choose.
const CIPHERS: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
                       ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// Since when HTTP/2 is a directive and no flag of `listen`, which newer versions warn of.
const HTTP2_DIRECTIVE_SINCE: Version = Version::new(1, 25, 1);

/// Request headers that name a client or a path beside the ones that we set. Some app behind some framework believes
/// each of them, and only a proxy may say them.
const FORGEABLE: [&str; 14] = [
    "Forwarded",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Protocol",
    "X-Forwarded-Scheme",
    "X-Forwarded-Server",
    "X-Forwarded-Ssl",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Client-IP",
    "X-Cluster-Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "Proxy",
];

/// Renders the files of a plan for nginx.
pub fn render(plan: &Plan<'_>, target: &NginxTarget, standalone: bool) -> Result<Vec<Artifact>, Error> {
    let context = Builder { plan, target }.context(standalone)?;
    let files = render::render(&context).map_err(|error| Error::Template(error.to_string()))?;
    Ok(files
        .into_iter()
        .map(|file| Artifact { path: ["nginx", file.name].iter().collect(), text: file.text })
        .collect())
}

/// Words from values, each once: nginx warns of repetitions.
fn words<T: Display>(key: &str, values: impl IntoIterator<Item = T>) -> Result<Vec<Word>, Error> {
    let mut words = Vec::new();
    for value in values {
        let word = at(key, Word::new(&value.to_string()))?;
        if !words.contains(&word) {
            words.push(word);
        }
    }
    Ok(words)
}

struct Builder<'p> {
    plan: &'p Plan<'p>,
    target: &'p NginxTarget,
}

impl Builder<'_> {
    /// Whether the plan gives a control to this nginx.
    fn owns(&self, control: Control<'_>) -> bool {
        let mine = Owner::Layer(self.plan.edge_layer());
        self.plan.entry(control).is_some_and(|entry| entry.owner == mine)
    }

    fn context(&self, standalone: bool) -> Result<Context, Error> {
        let plan = self.plan;
        let policy = plan.policy;
        let prefix = at("app.name", context::prefix(policy.app.name.as_str()))?;
        Ok(Context {
            header: at("app.name", Comment::new(&header(plan)))?,
            unenforced: unenforced(plan)?,
            headers: self.headers(&prefix)?,
            prefix,
            standalone,
            http: self.sockets(self.target.http_port)?,
            server_names: words("app.aliases", policy.hosts())?,
            transport: self.transport()?,
            hide_version: self.owns(Control::ServerVersion),
            hide: self.hidden_headers()?,
            no_store: if self.owns(Control::NoStore) {
                self.regexes(&"headers.no_store".into(), &policy.headers.no_store, PathRegex::under)?
            } else {
                Vec::new()
            },
            cors: if self.owns(Control::Cors) { Some(self.cors()?) } else { None },
            limits: self.limits()?,
            hidden: if self.owns(Control::ApiDocs) {
                self.regexes(&"api_docs.paths".into(), plan.docs_paths(), PathRegex::under)?
            } else {
                Vec::new()
            },
            client: Client {
                trusted: words("proxy.trusted", &policy.proxy.trusted)?,
                forward: match policy.proxy.forwarded_for {
                    ForwardedFor::Overwrite => Forward::Overwrite,
                    ForwardedFor::Append => Forward::Append,
                },
                drop: words("proxy", FORGEABLE)?,
            },
            cookies: self.cookies()?,
            ip_filter: if self.owns(Control::IpFilter) {
                IpFilter {
                    deny: words("ip_filter.deny", &policy.ip_filter.deny)?,
                    allow: words("ip_filter.allow", &policy.ip_filter.allow)?,
                }
            } else {
                IpFilter::default()
            },
            max_body: NonZeroU64::new(policy.app.max_body.as_bytes()),
            upstream: Upstream {
                address: at("app.upstream", Word::new(&policy.app.upstream.to_string()))?,
                keepalive: NonZeroU32::new(16).expect("16 is not 0"),
            },
        })
    }

    fn sockets(&self, port: NonZeroU16) -> Result<Vec<SocketAddr>, Error> {
        if self.target.bind.is_empty() {
            let reason = "names no address, so that nginx would listen nowhere".to_owned();
            return Err(Error::Value { key: "targets.nginx.bind".into(), reason });
        }
        let mut sockets: Vec<SocketAddr> = Vec::new();
        for address in &self.target.bind {
            let socket = SocketAddr::new(address.ip(), port.get());
            if !sockets.contains(&socket) {
                sockets.push(socket);
            }
        }
        Ok(sockets)
    }

    fn transport(&self) -> Result<Transport, Error> {
        let policy = self.plan.policy;
        let redirects = if self.owns(Control::HttpsRedirect) { self.redirects()? } else { Vec::new() };
        Ok(match policy.terminate() {
            Terminate::Off => Transport::Plain,
            Terminate::Upstream => Transport::Upstream { redirects },
            Terminate::Proxy if self.target.http_port == self.target.https_port => {
                let port = self.target.http_port;
                let reason = format!("is {port}, as is `targets.nginx.https_port`: one port speaks plain HTTP or TLS");
                return Err(Error::Value { key: "targets.nginx.http_port".into(), reason });
            }
            Terminate::Proxy => {
                let (certificate, key) = policy.certificate_files();
                let modern = lowest_tls(policy) == TlsVersion::V1_3;
                let certificate_settings = &policy.tls.certificate;
                let acme = certificate_settings.issuer == Issuer::Acme;
                Transport::Tls(Tls {
                    sockets: self.sockets(self.target.https_port)?,
                    protocols: if modern { vec![Protocol::Tls13] } else { vec![Protocol::Tls12, Protocol::Tls13] },
                    ciphers: if modern { None } else { Some(at("tls.guideline", Word::new(CIPHERS))?) },
                    curves: self.groups()?,
                    certificate: at("tls.certificate.cert", Text::new(certificate.as_str()))?,
                    key: at("tls.certificate.key", Text::new(key.as_str()))?,
                    stapling: certificate_settings.stapling,
                    http2_directive: self.target.version.at_least(HTTP2_DIRECTIVE_SINCE),
                    acme_webroot: if acme {
                        Some(at("tls.certificate.webroot", Text::new(certificate_settings.webroot.as_str()))?)
                    } else {
                        None
                    },
                    redirects,
                })
            }
        })
    }

    /// The policy's own groups; else the guideline's, or where this OpenSSL may lack one of those, OpenSSL's own.
    fn groups(&self) -> Result<Option<Word>, Error> {
        let groups = match &self.plan.policy.tls.groups {
            Some(own) => own.as_slice(),
            None if self.target.has_ml_kem() => &Guideline::GROUPS,
            None => return Ok(None),
        };
        if groups.is_empty() {
            let reason = "names no group, so that no client could connect".to_owned();
            return Err(Error::Value { key: "tls.groups".into(), reason });
        }
        // OpenSSL refuses a group that is named twice.
        let mut names: Vec<&str> = Vec::new();
        for group in groups {
            if !names.contains(&group.as_str()) {
                names.push(group.as_str());
            }
        }
        at("tls.groups", Word::new(&names.join(":"))).map(Some)
    }

    /// Each name's way to https, written out: `$host` would send people wherever a request says.
    fn redirects(&self) -> Result<Vec<Redirect>, Error> {
        let policy = self.plan.policy;
        let url = policy.url();
        let port = if url.origin().is_https() { url.origin().port() } else { self.target.https_port.get() };
        let redirect = |host: profile::Host| {
            let to = if port == 443 { format!("https://{host}") } else { format!("https://{host}:{port}") };
            Ok(Redirect { name: at("app.aliases", Word::new(&host.to_string()))?, to: at("app.url", Word::new(&to))? })
        };
        policy.hosts().into_iter().map(redirect).collect()
    }

    fn headers(&self, prefix: &Word) -> Result<Headers, Error> {
        let policy = self.plan.policy;
        let mut headers = Headers::new(prefix);
        for entry in &self.plan.entries {
            let (name, value, when) = match entry.control {
                Control::Hsts if policy.hsts.enabled => (HSTS, policy.hsts.header_value(), When::Https),
                Control::Header(name) => (name, header_value(policy, name).unwrap_or_default(), When::Always),
                _ => continue,
            };
            if self.owns(entry.control) {
                let key = entry.control.key();
                let why = at(key.clone(), Comment::new(&format!("{} [{key}]", entry.control)))?;
                at(key, headers.add(why, name, &value, when))?;
            }
        }
        Ok(headers)
    }

    /// What the app may say of its own that the policy did not ask for.
    fn hidden_headers(&self) -> Result<Vec<Word>, Error> {
        let headers = &self.plan.policy.headers;
        // Browsers that read it at all read a filter that made pages less safe.
        let mut names = vec!["X-XSS-Protection"];
        if self.owns(Control::ServerVersion) {
            names.push("X-Powered-By");
        }
        if self.owns(Control::Hsts) && !self.plan.policy.hsts.enabled {
            names.push(HSTS);
        }
        if headers.content_security_policy.is_some() {
            // The policy's CSP is the only one, enforced or not.
            names.push(if headers.csp_report_only {
                "Content-Security-Policy"
            } else {
                "Content-Security-Policy-Report-Only"
            });
        }
        words("headers", names)
    }

    fn cors(&self) -> Result<Cors, Error> {
        let cors = &self.plan.policy.cors;
        let any = cors.origins.contains(&CorsOrigin::Any);
        let list = |key: &'static str, items: &mut dyn Iterator<Item = &str>| {
            at(key, Text::new(&items.collect::<Vec<_>>().join(", ")))
        };
        let exposed = list("cors.expose_headers", &mut cors.expose_headers.iter().map(profile::HeaderName::as_str))?;
        Ok(Cors {
            origins: if any {
                Origins::Any
            } else {
                let mut origins = Vec::new();
                for (index, origin) in cors.origins.iter().enumerate() {
                    let origin = at(("cors.origins", index), Text::new(&origin.to_string()))?;
                    if !origins.contains(&origin) {
                        origins.push(origin);
                    }
                }
                Origins::Listed { origins, credentials: cors.credentials }
            },
            allow_methods: list("cors.methods", &mut cors.methods.iter().map(profile::Method::as_str))?,
            allow_headers: list("cors.headers", &mut cors.headers.iter().map(profile::HeaderName::as_str))?,
            expose_headers: (!cors.expose_headers.is_empty()).then_some(exposed),
            max_age: cors.max_age.as_seconds(),
        })
    }

    fn limits(&self) -> Result<Vec<RateLimit>, Error> {
        let mut limits = Vec::new();
        for (name, route) in &self.plan.policy.rate_limits.routes {
            if !self.owns(Control::RateLimit(name)) {
                continue;
            }
            let key = KeyPath::from("rate_limits.routes").key(name.as_str());
            let rate = route.limit;
            let Some((count, period)) = rate.per_minute_or_second() else {
                // RAT007 has said so, and the profile is not rendered then.
                return Err(Error::Value {
                    key: key.key("limit"),
                    reason: format!("is {rate}, which nginx cannot count"),
                });
            };
            limits.push(RateLimit {
                why: at(key.clone(), Comment::new(&format!("rate limit {name}, {rate} [{key}]")))?,
                id: at(key.clone(), Word::identifier(name.as_str()))?,
                rate: if period == Period::Second { Rate::per_second(count) } else { Rate::per_minute(count) },
                burst: rate.count - 1,
                retry_after: u32::try_from(rate.period.seconds().div_ceil(u64::from(rate.count))).unwrap_or(u32::MAX),
                paths: self.regexes(
                    &key.key("paths"),
                    self.plan.route_paths(name.as_str(), route),
                    PathRegex::exact,
                )?,
            });
        }
        Ok(limits)
    }

    fn cookies(&self) -> Result<Vec<Cookie>, Error> {
        let mut cookies = Vec::new();
        for (name, cookie) in &self.plan.policy.cookies {
            if self.owns(Control::Cookie(name)) {
                let same_site = cookie.same_site.map(|value| match value {
                    profile::SameSite::Strict => SameSite::Strict,
                    profile::SameSite::Lax => SameSite::Lax,
                    profile::SameSite::None => SameSite::None,
                });
                let key = KeyPath::from("cookies").key(name.as_str());
                // What is not written is the app's to say: a default would take its flag away.
                let written = |flag: &str, value: bool| {
                    let place = self.plan.policy.place(&key.clone().key(flag));
                    (place.provenance != Provenance::Default).then_some(value)
                };
                let secure = written("secure", cookie.secure);
                let http_only = written("http_only", cookie.http_only);
                cookies.extend(at(key, Cookie::new(name.as_str(), secure, http_only, same_site))?);
            }
        }
        Ok(cookies)
    }

    /// Every path as the app names it and, where the app is mounted below its URL's path, as clients do: nginx sees
    /// the latter, and the former from whatever else leads to the app.
    fn regexes(
        &self,
        key: &KeyPath,
        paths: &[UrlPath],
        write: fn(&str) -> Result<PathRegex, EscapeError>,
    ) -> Result<Vec<PathRegex>, Error> {
        let url = self.plan.policy.url();
        let mount = url.path().trim_end_matches('/');
        let mut regexes = Vec::new();
        for (index, path) in paths.iter().enumerate() {
            regexes.push(at(key.clone().index(index), write(path.as_str()))?);
            if !mount.is_empty() {
                regexes.push(at("app.url", write(&format!("{mount}{path}")))?);
            }
        }
        let mut seen = HashSet::new();
        regexes.retain(|regex| seen.insert(regex.clone()));
        Ok(regexes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Modes, Opened};
    use crate::plan::Target;
    use crate::source::Source;
    use crate::targets::Output;

    const APP: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"prod\"\nurl = \"https://shop.example.com\"\n";

    /// Renders a profile, checked or not, and gives back the files' texts in order.
    fn rendered(profile: &str) -> Result<Vec<String>, String> {
        let source = Source::new("security.toml", profile.to_owned());
        let opened = Opened::read(&source, &[]);
        let policy = opened.policy(opened.modes(Modes::Own)[0]).expect("a profile");
        let plans = opened.plans(&policy, &[Target::Nginx]);
        let files = super::super::render(Output::Nginx, &plans, false).map_err(|error| error.to_string())?;
        Ok(files.into_iter().map(|file| file.text).collect())
    }

    fn site(profile: &str) -> String {
        rendered(profile).expect("a profile that renders").swap_remove(2)
    }

    #[test]
    fn what_cannot_listen_is_refused() {
        assert_eq!(
            rendered(&format!("{APP}[targets.nginx]\nbind = []\n")).expect_err("nowhere to listen"),
            "`targets.nginx.bind` names no address, so that nginx would listen nowhere"
        );
        let one_port = "[targets.nginx]\nhttp_port = 8080\nhttps_port = 8080\n";
        assert_eq!(
            rendered(&format!("{APP}{one_port}")).expect_err("two servers on one socket"),
            "`targets.nginx.http_port` is 8080, as is `targets.nginx.https_port`: one port speaks plain HTTP or TLS"
        );
        // Elsewhere no one listens on the second.
        assert!(rendered(&format!("{APP}[tls]\nterminate = \"upstream\"\n{one_port}")).is_ok());
    }

    #[test]
    fn groups_are_the_profiles_the_guidelines_or_openssls_own() {
        let groups = |tls: &str, openssl: &str| {
            let files = rendered(&format!("{APP}[tls]\n{tls}\n[targets.nginx]\n{openssl}\n"))?;
            let line = |file: &String| {
                file.lines().find_map(|line| line.trim().strip_prefix("ssl_ecdh_curve ")).map(str::to_owned)
            };
            // What the default server says counts for the site's.
            assert_eq!(line(&files[0]), line(&files[2]));
            Ok::<_, String>(line(&files[0]))
        };
        assert_eq!(groups("", ""), Ok(None));
        assert_eq!(groups("", "openssl = \"3.0\""), Ok(None));
        assert_eq!(groups("", "openssl = \"3.5\""), Ok(Some("X25519MLKEM768:X25519:prime256v1:secp384r1;".to_owned())));
        let written = "groups = [\"X448\", \"X25519\", \"X448\"]";
        assert_eq!(groups(written, "openssl = \"3.5\""), Ok(Some("X448:X25519;".to_owned())));
        let none = groups("groups = []", "").expect_err("nobody could connect");
        assert_eq!(none, "`tls.groups` names no group, so that no client could connect");
    }

    #[test]
    fn flags_that_are_not_written_are_left_to_the_app() {
        let cookies = "[cookies.\"a.b\"]\nhttp_only = false\n[cookies.c]\nsecure = true\n[cookies.d]\n";
        let site = site(&format!("{APP}{cookies}"));
        let flags: Vec<_> = site.lines().filter(|line| line.contains("proxy_cookie_flags")).map(str::trim).collect();
        assert_eq!(flags, ["proxy_cookie_flags a.b nohttponly;", "proxy_cookie_flags c secure;"]);
    }

    #[test]
    fn a_cookie_without_a_flag_takes_no_line() {
        assert!(!site(&format!("{APP}[cookies.d]\n")).contains("ookie"));
    }

    #[test]
    fn a_mounted_apps_paths_are_written_both_ways() {
        let mounted = |path: &str| format!("{}[api_docs]\npaths = [\"/docs\"]\n", APP.replace(".com", path));
        let hidden = |path| {
            let maps = rendered(&mounted(path)).expect("a profile that renders").swap_remove(1);
            maps.lines().filter(|line| line.contains("docs") && line.ends_with("1;")).count()
        };
        assert_eq!([hidden(".com"), hidden(".com/"), hidden(".com/shop"), hidden(".com/shop/")], [1, 1, 2, 2]);
    }

    #[test]
    fn gaps_are_named_at_the_top() {
        let old = "[targets.nginx]\nversion = \"1.19.0\"\n";
        assert!(!site(APP).contains("Not enforced"));
        let one = site(&format!("{APP}{old}"));
        assert_eq!(one.lines().nth(2), Some("# Not enforced, by waiver: host names"));
        let routes = (0..200)
            .map(|n| format!("[rate_limits.routes.a_route_with_a_long_name_{n}]\nlimit = \"5/min\"\nper = \"user\"\n"));
        let limits = format!("[rate_limits]\nenabled = true\nenforced_by = \"proxy\"\n{}", routes.collect::<String>());
        let many = site(&format!("{APP}{old}{limits}"));
        assert_eq!(many.matches("rate limit a_route_with").count(), 200);
        assert!(many.lines().skip(2).all(|line| line.len() < 120 || !line.contains("a_route_with")));
    }

    #[test]
    fn names_of_different_apps_differ() {
        let names = |app: &str| {
            let prefix = context::prefix(app).expect("a label");
            ["limit_a", "limit_limit_a", "a", "b_limit_a", "client"].map(|name| format!("{}_{name}", prefix.as_str()))
        };
        let apps = ["shop", "shop-limit", "shop-limit-limit", "shop--limit", "shop-b", "shop-a"];
        let all: Vec<String> = apps.into_iter().flat_map(names).collect();
        let unique: HashSet<&String> = all.iter().collect();
        assert_eq!(unique.len(), all.len(), "{all:?}");
    }
}
