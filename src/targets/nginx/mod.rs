//! nginx: from a plan to the context of its templates, and through them to files.

pub mod context;
pub mod escape;
mod places;
mod render;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::num::{NonZeroU16, NonZeroU64};

use self::context::{Context, Cookie, Cors, Guard, Headers, Health, Lead, RateLimit, Redirect, Targeted, Tls};
use self::escape::{Comment, EscapeError, MapKey, PathRegex, Text, Word};
use self::places::{Places, has_files};
use super::closed::{self, Guard as Guarded, Question};
use super::path::Reach;
use super::proxy::{self, Counted, Leads, Path, Proxy, Sent};
use super::refused::{Refused, at, each, whole};
use super::transport::{Encryption, Transport};
use super::{Artifact, Error, header, row, unenforced, words};
use crate::plan::{self, Allowance, Control, CookieFlags, Plan, Site};
use crate::profile::{Cidr, ForwardedFor, Group, Issuer, NginxTarget, Period, PlainHttp, Version};
use crate::source::KeyPath;

/// Where the profile says which nginx is meant.
const KEY: &str = "targets.nginx";

/// Mozilla's guideline 6.0, intermediate: the suites of TLS 1.2. TLS 1.3 has none to choose.
const CIPHERS: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
                       ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// The versions of TLS that are let in, the oldest first, which the guideline's modern form leaves out.
const PROTOCOLS: [&str; 2] = ["TLSv1.2", "TLSv1.3"];

/// Since when HTTP/2 is a directive and no flag of `listen`, which newer versions warn of.
const HTTP2_DIRECTIVE_SINCE: Version = Version::new(1, 25, 1);

/// Renders the files of a plan for nginx.
pub fn render(plan: &Plan<'_>, target: &NginxTarget, standalone: bool) -> Result<Vec<Artifact>, Error> {
    let header = at("app.name", Comment::new(&header(plan)))?;
    let context = Builder { proxy: Proxy::new(plan), target }.context(header)?;
    let files = render::render(&context, standalone).map_err(|error| Error::Template(error.to_string()))?;
    Ok(files
        .into_iter()
        .map(|file| Artifact { path: ["nginx", file.name].iter().collect(), text: file.text })
        .collect())
}

/// What a plan says that nginx has no form for.
pub fn refused(plan: &Plan<'_>, target: &NginxTarget) -> Option<Refused> {
    // The header takes the policy's fingerprint, and holds nothing that could be refused.
    let header = Comment::new("").ok()?;
    Builder { proxy: Proxy::new(plan), target }.context(header).err()
}

struct Builder<'p> {
    proxy: Proxy<'p>,
    target: &'p NginxTarget,
}

impl Builder<'_> {
    fn context(&self, header: Comment) -> Result<Context, Refused> {
        // Each share is named, so that a new one does not compile before it is written here.
        let Proxy {
            plan,
            transport,
            plain_http,
            served,
            trusted,
            believes: _,
            forwarded_for,
            site,
            headers,
            hide,
            no_store,
            hide_version,
            cors,
            cookies,
            limits,
            hidden,
            guards,
            client_ca: _,
            health,
            leads,
            denied,
            allowed,
        } = &self.proxy;
        let app = &plan.policy.app;
        let prefix = at("app.name", context::prefix(app.name.as_str()))?;
        let usual = Allowance::usual(app);
        let places = Places { site, target: self.target, prefix: &prefix, usual };
        whole!(Context {
            header: Ok(header),
            unenforced: unenforced(plan, Comment::new),
            headers: sent(&prefix, headers, site),
            health: health.as_ref().map(|question| self.health(question, &places)).transpose(),
            upstreams: places.upstreams(),
            services: places.services(),
            has_files: Ok(has_files(site)),
            resolver: Ok(places.resolver()),
            places: places.places(),
            prefix: Ok(prefix.clone()),
            http: self.sockets(self.target.http_port),
            server_names: words("app.aliases", *served),
            transport: self.transport(transport),
            redirects: if *plain_http == PlainHttp::Redirect { self.redirects() } else { Ok(Vec::new()) },
            refuses_plain: Ok(*plain_http == PlainHttp::Refuse),
            serves_plain: Ok(*plain_http == PlainHttp::Serve),
            hide_version: Ok(*hide_version),
            hide: words("headers", hide),
            no_store: regexes(no_store, PathRegex::under),
            targeted: each(proxy::TARGETED, |cache| {
                let written = |word: Result<Word, EscapeError>| at("headers.no_store", word);
                whole!(Targeted { name: written(Word::new(cache)), variable: written(Word::identifier(cache)) })
            }),
            cors: cors.map(self::cors).transpose(),
            exempt: networks("rate_limits.exempt", limits.first().map_or(&[][..], |counted| counted.limit.exempt)),
            limits: self::limits(limits),
            ambiguous: at(KEY, PathRegex::ambiguous()),
            overlong: at(KEY, PathRegex::overlong()),
            dots: self.proxy.guards_patterns().then(|| at(KEY, PathRegex::dots())).transpose(),
            slash: at(KEY, PathRegex::slash()),
            across: self.across(),
            with_host: at(KEY, PathRegex::with_host()),
            behind_host: self.behind_host(),
            hidden: regexes(hidden, PathRegex::under),
            guards: each(guards, guard),
            client_ca: self.client_ca(),
            leads: leads.as_ref().map_or_else(|| Ok(Vec::new()), Self::leads),
            trusted: networks("proxy.trusted", trusted),
            append: Ok(*forwarded_for == ForwardedFor::Append),
            ports: self.ports(),
            drop: words("proxy", self.proxy.dropped()),
            cookies: flags(cookies),
            deny: networks("ip_filter.deny", denied),
            allow: networks("ip_filter.allow", allowed),
            max_body: Ok(NonZeroU64::new(app.max_body.as_bytes())),
            timeout: Ok(NonZeroU64::new(app.timeout.as_seconds()).expect("none is shorter than a second")),
        })
    }

    fn sockets(&self, port: NonZeroU16) -> Result<Vec<Word>, Refused> {
        words("targets.nginx.bind", proxy::sockets(&self.target.bind, port))
    }

    fn behind_host(&self) -> Result<Vec<PathRegex>, Refused> {
        let patterns =
            each(self.proxy.guarded(), |(reach, paths)| regexes(paths, |path| PathRegex::behind_host(path, reach)))?;
        Ok(unique(patterns.concat()))
    }

    fn across(&self) -> Result<Vec<PathRegex>, Refused> {
        let patterns = each(self.proxy.guarded(), |(reach, paths)| {
            each(paths, |Path { key, path }| at(key.clone(), PathRegex::across(path, reach)))
        })?;
        Ok(unique(patterns.into_iter().flatten().flatten().collect()))
    }

    fn ports(&self) -> Result<Vec<(Word, Word)>, Refused> {
        let told = self.proxy.told_ports(self.target.https_port);
        each(told, |(scheme, port)| {
            at("app.url", Word::new(scheme).and_then(|scheme| Ok((scheme, Word::new(&format!(":{port}"))?))))
        })
    }

    fn redirects(&self) -> Result<Vec<Redirect>, Refused> {
        each(self.proxy.https_origins(self.target.https_port), |(host, to)| {
            whole!(Redirect {
                name: at("app.aliases", Word::new(&host.to_string())),
                to: at("app.url", Word::new(&to)),
            })
        })
    }

    fn client_ca(&self) -> Result<Option<Text>, Refused> {
        let authority = closed::authority(&self.proxy.client_ca)?;
        authority.map(|(key, file)| at(key.clone(), Text::new(file.as_str()))).transpose()
    }

    fn health(&self, question: &Question<'_>, places: &Places<'_>) -> Result<Health, Refused> {
        let origin = self.proxy.plan.policy.url().origin().to_string();
        let (scheme, host) = origin.split_once("://").expect("an origin has a scheme");
        let place = question.place.map(|place| &places.site.places[place]);
        let timeout = place.map_or(places.usual.timeout, |place| place.allows.timeout);
        let (asked, is_guarded) = (question.path, question.networks.is_some());
        let by_itself = question.status(places.site);
        whole!(Health {
            why: at("health", Comment::new(&Control::Health.why())),
            question: at("health.path", PathRegex::question(asked.as_str())),
            is_guarded: Ok(is_guarded),
            path: at("health.path", Text::new(&format!("{asked}?"))),
            host: at("app.url", Word::new(host)),
            scheme: at("app.url", Word::new(scheme)),
            program: place.and_then(|place| places.asked(place)).transpose(),
            status: Ok(by_itself),
            timeout: Ok(NonZeroU64::new(timeout.as_seconds()).expect("none is shorter than a second")),
        })
    }

    fn transport(&self, asked: &Transport<Encryption<'_>>) -> Result<Transport<Tls>, Refused> {
        let encryption = match asked {
            Transport::Plain => return Ok(Transport::Plain),
            Transport::Upstream => return Ok(Transport::Upstream),
            Transport::Tls(encryption) => encryption,
        };
        let target = self.target;
        proxy::two_ports(KEY, target.http_port, target.https_port)?;
        let policy = self.proxy.plan.policy;
        let (certificate, key) = policy.certificate_files();
        let settings = &policy.tls.certificate;
        let webroot = (settings.issuer == Issuer::Acme).then_some(&settings.webroot);
        let ciphers = (!encryption.is_modern).then_some(CIPHERS);
        let tls = whole!(Tls {
            sockets: self.sockets(target.https_port),
            protocols: words("tls.guideline", &PROTOCOLS[usize::from(encryption.is_modern)..]),
            ciphers: ciphers.map(|ciphers| at("tls.guideline", Word::new(ciphers))).transpose(),
            curves: self.groups(*encryption),
            certificate: at("tls.certificate.cert", Text::new(certificate.as_str())),
            key: at("tls.certificate.key", Text::new(key.as_str())),
            stapling: Ok(settings.stapling),
            http2_directive: Ok(target.version.at_least(HTTP2_DIRECTIVE_SINCE)),
            acme_webroot: webroot.map(|webroot| at("tls.certificate.webroot", Text::new(webroot.as_str()))).transpose(),
        });
        tls.map(Transport::Tls)
    }

    fn leads(leads: &Leads<'_>) -> Result<Vec<Lead>, Refused> {
        each(leads.aliases, |alias| {
            whole!(Lead {
                name: at("app.aliases", MapKey::new(&alias.to_string())),
                to: at("app.url", Word::new(&leads.to.to_string())),
            })
        })
    }

    /// The policy's own groups; else those of the guideline's that this OpenSSL has. Left to itself, OpenSSL offers groups
    /// that cost a server hundreds of times as much.
    fn groups(&self, encryption: Encryption<'_>) -> Result<Word, Refused> {
        // Since when OpenSSL has TLS 1.3, and all of the groups (its CHANGES).
        const LEAST: Version = Version::new(1, 1, 1);
        if self.target.openssl.is_some_and(|openssl| !openssl.at_least(LEAST)) {
            let reason = format!("is older than {LEAST}, from which on there is the TLS 1.3 that is written");
            let help = "take an nginx that is built with a later OpenSSL, and write what `nginx -V` prints";
            return Err(Refused::new("targets.nginx.openssl", reason).help(help));
        }
        let is_there =
            |group: &Group| encryption.names_groups() || *group != Group::X25519MlKem768 || self.target.has_ml_kem();
        let groups: Vec<&str> = encryption.groups().into_iter().filter(is_there).map(Group::as_str).collect();
        at("tls.groups", Word::new(&groups.join(":")))
    }
}

fn sent(prefix: &Word, asked: &[Sent], site: &Site<'_>) -> Result<Headers, Refused> {
    let mut headers = Headers::new(prefix);
    each(asked, |Sent { why, key, name, when, says, elsewhere }| {
        // What cannot be written is told at the service's own key.
        let elsewhere = each(elsewhere, |(service, key, says)| {
            at(key.clone(), Headers::check(says))?;
            Ok((site.services[*service].id(), says))
        });
        let why = at(key.clone(), Comment::new(why))?;
        at(key.clone(), headers.add(why, name, says, *when, &elsewhere?))
    })?;
    Ok(headers)
}

/// Networks, of which all addresses are written as two halves: nginx takes the whole for the default of a `geo`, and warns
/// that it is there twice.
fn networks(key: impl Into<KeyPath>, list: &[Cidr]) -> Result<Vec<Word>, Refused> {
    let halves = |network: &Cidr| {
        let net = network.net();
        net.subnets(net.prefix_len().max(1)).expect("a network's own length divides it")
    };
    words(key, list.iter().flat_map(halves))
}

fn guard(Guarded { id, key, why, paths, reach, networks, by_certificate }: &Guarded<'_>) -> Result<Guard, Refused> {
    let pattern = match reach {
        Reach::Under => PathRegex::under,
        Reach::Exact => PathRegex::exact,
    };
    whole!(Guard {
        why: at(key.clone(), Comment::new(why)),
        id: at(key.clone(), Word::identifier(id)),
        networks: self::networks(key.clone().key("networks"), networks.unwrap_or_default()),
        by_certificate: Ok(*by_certificate),
        paths: regexes(paths, pattern),
    })
}

fn flags(asked: &[&CookieFlags<'_>]) -> Result<Vec<Cookie>, Refused> {
    let cookies = each(asked, |CookieFlags { name, secure, http_only, same_site, .. }| {
        at(Control::Cookie(name).key(), Cookie::new(name.as_str(), *secure, *http_only, *same_site))
    })?;
    Ok(cookies.into_iter().flatten().collect())
}

fn cors(asked: &plan::Cors<'_>) -> Result<Cors, Refused> {
    let text = |key: &'static str, text: &str| at(key, Text::new(text));
    whole!(Cors {
        any: Ok(asked.origins.is_none()),
        origins: each(asked.listed(), |origin| text("cors.origins", &origin)),
        previews: asked.preview.map(|name| at("cors.preview_suffix", PathRegex::previews(name.as_str()))).transpose(),
        credentials: Ok(asked.credentials),
        allow_methods: text("cors.methods", &row(asked.methods)),
        allow_headers: text("cors.headers", &row(asked.headers)),
        expose_headers: match asked.expose {
            [] => Ok(None),
            exposed => text("cors.expose_headers", &row(exposed)).map(Some),
        },
        max_age: Ok(asked.max_age.as_seconds()),
    })
}

/// Where a path is under several limits, nginx does not tell which one refused: the longest wait is looked up first.
fn limits(asked: &[Counted<'_>]) -> Result<Vec<RateLimit>, Refused> {
    let mut limits = each(asked, limit)?;
    limits.sort_by_key(|limit| Reverse(limit.retry_after));
    Ok(limits)
}

fn limit(Counted { limit, key, why, paths }: &Counted<'_>) -> Result<RateLimit, Refused> {
    let asked = limit.rate;
    let Some((count, period)) = asked.per_minute_or_second() else {
        return Err(
            Refused::new(key.clone().key("limit"), format!("is {asked}, which nginx cannot count")).told_by("RAT007")
        );
    };
    whole!(RateLimit {
        why: at(key.clone(), Comment::new(why)),
        id: at(key.clone(), Word::identifier(limit.name.as_str())),
        rate: at(key.clone(), Word::new(&format!("{count}r/{}", if period == Period::Second { "s" } else { "m" }))),
        burst: Ok(limit.at_once() - 1),
        retry_after: Ok(u32::try_from(asked.seconds().div_ceil(u64::from(asked.count))).unwrap_or(u32::MAX)),
        paths: regexes(paths, PathRegex::exact),
        methods: words("rate_limits.routes", proxy::counted(limit)),
    })
}

/// Patterns of paths, each once.
fn regexes(paths: &[Path], write: impl Fn(&str) -> Result<PathRegex, EscapeError>) -> Result<Vec<PathRegex>, Refused> {
    each(paths, |Path { key, path }| at(key.clone(), write(path))).map(unique)
}

fn unique(mut regexes: Vec<PathRegex>) -> Vec<PathRegex> {
    let mut seen = HashSet::new();
    regexes.retain(|regex| seen.insert(regex.clone()));
    regexes
}

#[cfg(test)]
mod tests;
