//! Caddy: from a plan to the context of its configuration, and through that to a Caddyfile or JSON.

mod caddyfile;
mod context;
mod cookie;
pub mod escape;
mod json;

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU64;

use self::context::{
    Client, Context, Cors, Files, Header, IpFilter, List, Listen, Port, RateLimit, Served, Tls, Upstream,
};
use self::escape::{Text, comment};
use super::escape::Word;
use super::path::{self, Reach};
use super::proxy::{self, Counted, Encryption, Path, Proxy, Transport};
use super::refused::{Refused, at};
use super::{Artifact, Error, Style, header, row, unenforced, words};
use crate::plan::{self, Control, CookieFlags, Plan, When};
use crate::profile::{CaddyTarget, Form, ForwardedFor, Group, Host, Issuer, Upstream as Address};
use crate::source::KeyPath;

/// Where the profile says which Caddy is meant.
const KEY: &str = "targets.caddy";

/// Mozilla's guideline 6.0, intermediate: the suites of TLS 1.2. TLS 1.3 has none to choose.
const CIPHERS: [&str; 6] = [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

/// Renders a plan for Caddy: `standalone`, with the Caddyfile that includes the others. The JSON form is always whole.
pub fn render(plan: &Plan<'_>, target: &CaddyTarget, style: Style) -> Result<Vec<Artifact>, Error> {
    let Style { standalone, form } = style;
    let context = Builder { proxy: Proxy::new(plan), target, form }.context()?;
    let files = match form {
        Form::Caddyfile => caddyfile::render(&context, standalone)
            .map_err(|error| Error::Template(error.to_string()))?
            .into_iter()
            .map(|file| (file.name, file.text))
            .collect(),
        Form::Json => vec![("caddy.json", json::render(&context))],
    };
    Ok(files.into_iter().map(|(name, text)| Artifact { path: ["caddy", name].iter().collect(), text }).collect())
}

/// What a plan says that Caddy has no form for.
pub fn refused(plan: &Plan<'_>, target: &CaddyTarget) -> Option<Refused> {
    Builder { proxy: Proxy::new(plan), target, form: target.form }.context().err()
}

/// Values in a row, each once.
fn list<T: Display>(key: &str, values: impl IntoIterator<Item = T>) -> Result<List, Refused> {
    words(key, values).map(List::new)
}

/// The pattern of every spelling of a host.
fn spellings(host: &Host) -> String {
    let literal: String = match host {
        Host::Name(name) => name.to_string().chars().map(path::literal).collect(),
        // Caddy leaves its brackets out where a port follows.
        Host::Address(address) => {
            format!("\\x5b?{}\\x5d?", address.to_string().chars().map(path::literal).collect::<String>())
        }
    };
    format!("(?i)^{literal}$")
}

/// A text in which Caddy looks for placeholders and has no escape for them: a brace is refused in either form.
fn plain(key: &'static str, text: &str) -> Result<Text, Refused> {
    at(key, Text::new(text, Form::Caddyfile))
}

struct Builder<'p> {
    proxy: Proxy<'p>,
    target: &'p CaddyTarget,
    form: Form,
}

impl Builder<'_> {
    fn context(&self) -> Result<Context, Refused> {
        // Each share is named, so that a new one does not compile before it is written here.
        let Proxy {
            plan,
            transport,
            redirect,
            served: _,
            trusted,
            believes,
            forwarded_for,
            headers,
            hide,
            no_store,
            hide_version,
            cors,
            cookies,
            limits,
            hidden,
            denied,
            allowed,
        } = &self.proxy;
        let policy = plan.policy;
        let (https_headers, headers) = self.headers(headers)?;
        let listen = self.listen()?;
        let names = self.names(&listen)?;
        let (sites, plain_sites) = self.sites(&names, &listen)?;
        Ok(Context {
            header: at("app.name", comment(&header(plan)))?,
            unenforced: unenforced(plan, comment)?,
            prefix: at("app.name", Word::new(&format!("seccfg_{}", policy.app.name)))?,
            sites,
            plain_sites,
            names,
            listen,
            transport: self.transport(transport)?,
            stapling: policy.tls.certificate.stapling,
            public_port: self.proxy.public_port(self.target.https_port),
            redirect: *redirect,
            hide_server: *hide_version,
            headers,
            https_headers,
            hide: words("headers", hide)?,
            no_store: self.pattern(no_store, Reach::Under)?,
            cors: cors.map(|cors| self.cors(cors)).transpose()?,
            hidden: self.pattern(hidden, Reach::Under)?,
            limits: self.limits(limits)?,
            client: Client {
                trusted: list("proxy.trusted", *trusted)?,
                told: *believes,
                append: *forwarded_for == ForwardedFor::Append,
                drop: words("proxy", self.proxy.dropped())?,
            },
            cookies: self.cookies(cookies)?,
            ip_filter: IpFilter { deny: list("ip_filter.deny", *denied)?, allow: list("ip_filter.allow", *allowed)? },
            max_body: NonZeroU64::new(policy.app.max_body.as_bytes()),
            upstream: Upstream {
                address: self.text(
                    "app.upstream",
                    &match &policy.app.upstream {
                        tcp @ Address::Tcp { .. } => tcp.to_string(),
                        Address::Unix(path) => format!("unix/{path}"),
                    },
                )?,
                timeout: self.proxy.timeout(),
            },
        })
    }

    fn text(&self, key: impl Into<KeyPath>, text: &str) -> Result<Text, Refused> {
        at(key, Text::new(text, self.form))
    }

    fn listen(&self) -> Result<Listen, Refused> {
        let target = self.target;
        let addresses: Vec<IpAddr> =
            proxy::sockets(&target.bind, target.http_port).iter().map(SocketAddr::ip).collect();
        let all = |v6: bool| addresses.iter().any(|address| address.is_ipv6() == v6 && address.is_unspecified());
        let bind = if all(false) && all(true) { Vec::new() } else { addresses };
        let bind = bind.into_iter().map(|address| at("targets.caddy.bind", context::bind(address)));
        Ok(Listen {
            http: Port::http(target.http_port),
            https: Port::https(target.https_port),
            bind: List::new(bind.collect::<Result<_, _>>()?),
        })
    }

    fn names(&self, listen: &Listen) -> Result<Vec<Served>, Refused> {
        let name = |(host, origin): (Host, String)| {
            let word = at("app.aliases", Word::new(&host.to_string()))?;
            Ok(Served {
                spelling: self.text("app.aliases", &format!("~{}", spellings(&host)))?,
                origin: at("app.url", Word::new(&origin))?,
                plain_site: at("app.aliases", listen.http.site(Some(&word)))?,
                host: word,
            })
        };
        self.proxy.https_origins(self.target.https_port).into_iter().map(name).collect()
    }

    /// The addresses of the app's sites, and those by plain HTTP where both serve the app.
    fn sites(&self, names: &[Served], listen: &Listen) -> Result<(Vec<Word>, Vec<Word>), Refused> {
        let plain: Vec<Word> = names.iter().map(|name| name.plain_site.clone()).collect();
        match self.proxy.transport {
            Transport::Plain | Transport::Upstream => return Ok((plain, Vec::new())),
            Transport::Tls(_) => {}
        }
        let https = names.iter().map(|name| at("app.aliases", listen.https.site(Some(&name.host))));
        Ok((https.collect::<Result<_, _>>()?, if self.proxy.redirect { Vec::new() } else { plain }))
    }

    fn transport(&self, asked: &Transport<Encryption<'_>>) -> Result<Transport<Tls>, Refused> {
        let Self { proxy, target, .. } = self;
        let policy = proxy.plan.policy;
        Ok(match asked {
            Transport::Plain => Transport::Plain,
            Transport::Upstream => Transport::Upstream,
            Transport::Tls(encryption) => {
                proxy::two_ports(KEY, target.http_port, target.https_port)?;
                let settings = &policy.tls.certificate;
                let acme = settings.issuer == Issuer::Acme;
                // Where no file is named, Caddy is its own ACME client.
                let managed = acme && settings.cert.is_none() && settings.key.is_none();
                let (certificate, key) = policy.certificate_files();
                let modern = encryption.is_modern;
                Transport::Tls(Tls {
                    modern,
                    ciphers: if modern { List::default() } else { list("tls.guideline", CIPHERS)? },
                    curves: self.groups(*encryption)?,
                    files: if managed {
                        None
                    } else {
                        Some(Files {
                            certificate: plain("tls.certificate.cert", certificate.as_str())?,
                            key: plain("tls.certificate.key", key.as_str())?,
                        })
                    },
                    acme_webroot: if acme && !managed {
                        Some(plain("tls.certificate.webroot", settings.webroot.as_str())?)
                    } else {
                        None
                    },
                })
            }
        })
    }

    /// The policy's own groups; else those of the guideline's that this Caddy has.
    fn groups(&self, encryption: Encryption<'_>) -> Result<List, Refused> {
        let version = self.target.version;
        let named = |group: Group| match group {
            Group::X25519MlKem768 if version.at_least(CaddyTarget::ML_KEM) => Ok("x25519mlkem768"),
            Group::X25519MlKem768 => {
                Err(format!("Caddy {version} does not have: it came with {}", CaddyTarget::ML_KEM))
            }
            Group::X25519 => Ok("x25519"),
            Group::P256 => Ok("secp256r1"),
            Group::P384 => Ok("secp384r1"),
            Group::P521 => Ok("secp521r1"),
            Group::X448 => Err("no Caddy has".to_owned()),
        };
        let mut groups = Vec::new();
        for group in encryption.groups() {
            match named(group) {
                Ok(name) => groups.push(name),
                Err(why) if encryption.names_groups() => {
                    let reason = format!("names {group}, which {why}");
                    return Err(Refused::new("tls.groups", reason).told_by("RND004"));
                }
                Err(_) => {}
            }
        }
        list("tls.groups", groups)
    }

    /// Those for https alone, and those for every answer.
    fn headers(&self, asked: &[(Control<'_>, &plan::Header)]) -> Result<(Vec<Header>, Vec<Header>), Refused> {
        let mut headers = (Vec::new(), Vec::new());
        for (control, asked) in asked {
            let header = Header {
                why: at(control.key(), comment(&control.why()))?,
                name: at(control.key(), Word::new(asked.name))?,
                value: self.text(control.key(), asked.value.as_deref().unwrap_or_default())?,
            };
            match asked.when {
                When::Https => headers.0.push(header),
                When::Always => headers.1.push(header),
            }
        }
        Ok(headers)
    }

    fn cors(&self, asked: &plan::Cors<'_>) -> Result<Cors, Refused> {
        let origins = asked.origins.iter().flatten().map(|origin| self.text("cors.origins", &origin.to_string()));
        Ok(Cors {
            any: asked.origins.is_none(),
            origins: origins.collect::<Result<_, _>>()?,
            credentials: asked.credentials,
            allow_methods: self.text("cors.methods", &row(asked.methods))?,
            allow_headers: self.text("cors.headers", &row(asked.headers))?,
            expose_headers: match asked.expose {
                [] => None,
                exposed => Some(self.text("cors.expose_headers", &row(exposed))?),
            },
            max_age: asked.max_age.as_seconds(),
        })
    }

    fn limits(&self, asked: &[Counted<'_>]) -> Result<Vec<RateLimit>, Refused> {
        let mut limits = Vec::new();
        for Counted { limit, key, why, paths } in asked {
            let Some(paths) = self.pattern(paths, Reach::Exact)? else { continue };
            limits.push(RateLimit {
                why: at(key.clone(), comment(why))?,
                id: at(key.clone(), Word::new(limit.name.as_str()))?,
                events: limit.rate.count,
                window: limit.rate.period.seconds(),
                paths,
            });
        }
        // Each is asked in its turn, and what one refuses is not counted by those after it: the tightest comes first.
        limits.sort_by_key(|limit| (limit.window, limit.events));
        Ok(limits)
    }

    fn cookies(&self, asked: &[&CookieFlags<'_>]) -> Result<Vec<context::Replacement>, Refused> {
        let mut replacements = Vec::new();
        for flags in asked {
            let key = || Control::Cookie(flags.name).key();
            for (find, replace) in cookie::replacements(flags) {
                replacements.push(context::Replacement {
                    find: self.text(key(), &find)?,
                    replace: self.text(key(), &replace)?,
                });
            }
        }
        Ok(replacements)
    }

    /// One pattern for several paths, whatever their case; nothing, where there are none.
    fn pattern(&self, paths: &[Path], reach: Reach) -> Result<Option<Text>, Refused> {
        let mut patterns: Vec<String> = Vec::new();
        for Path { key, path } in paths {
            // RE2's `$` is the very end.
            let pattern = at(key.clone(), path::pattern(path, reach, "\\n?$"))?;
            if !patterns.contains(&pattern) {
                patterns.push(pattern);
            }
        }
        let Some(first) = paths.first() else { return Ok(None) };
        self.text(first.key.clone(), &format!("(?i)^(?:{})", patterns.join("|"))).map(Some)
    }
}
