//! What is demanded, in the few words that a plan shows.

use std::fmt::{self, Display};

use super::{Access, Answers, CookieFlags, Cors, Demand, Header, Health, Limit, Service, Tls, Way};
use crate::profile::{IpFilter, LimitKey, Location, Lockout, Passwords, SameSite, Sessions, Tokens};

/// In a few words, as a plan shows it.
impl Display for Demand<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tls(Tls::Upstream) => out.write_str("ends before the proxy"),
            Self::Tls(Tls::Here { guideline, lowest, .. }) => {
                write!(out, "{guideline} guideline, TLS {lowest} or later")
            }
            Self::HttpsRedirect => out.write_str("308 to https on the same host"),
            Self::PlainHttpRefused => out.write_str("gets no answer"),
            Self::HostNames { served, .. } => out.write_str(&few(served)),
            Self::ClientAddress { trusted, .. } if trusted.is_empty() => out.write_str("the connection's own"),
            Self::ClientAddress { trusted, .. } => write!(out, "as told by {}", few(trusted.names())),
            Self::Header(Header { from_app: true, .. }) => out.write_str("the app's own"),
            Self::Hsts(header) | Self::Header(header) => out.write_str(header.value.as_deref().unwrap_or("not sent")),
            Self::NoStore(paths) => out.write_str(&few(paths.list)),
            Self::ServerVersion => out.write_str("kept back"),
            Self::Cors(cors) if cors.lets_nobody_in() => out.write_str("no other origin"),
            Self::Cors(Cors { origins: None, .. }) => out.write_str("*"),
            Self::Cors(cors) => out.write_str(&few(cors.listed().chain(cors.preview.map(|name| format!("*.{name}"))))),
            Self::Cookie(cookie) => out.write_str(&few(cookie.asked())),
            Self::RateLimit(Limit { rate, per, methods, burst, .. }) => {
                let by = match per {
                    LimitKey::Ip => "address",
                    LimitKey::User => "user",
                };
                write!(out, "{rate} per {by}")?;
                methods.map_or(Ok(()), |methods| write!(out, " of {}", few(methods)))?;
                burst.map_or(Ok(()), |burst| write!(out, ", {burst} at once"))
            }
            Self::Lockout(Lockout { attempts, window, duration, .. }) => {
                write!(out, "{attempts} failures in {window} lock for {duration}")
            }
            Self::Passwords(Passwords { min_length: Some(length), .. }) => write!(out, "{length} characters or more"),
            Self::Passwords(Passwords { min_length: None, .. }) => out.write_str("as the section says"),
            Self::Sessions(Sessions { idle_timeout, absolute_timeout, .. }) => {
                let idle = idle_timeout.map(|time| format!("{time} idle"));
                let whole = absolute_timeout.map(|time| format!("{time} in all"));
                out.write_str(&few(idle.into_iter().chain(whole)))
            }
            Self::Tokens(Tokens { access_ttl, refresh_ttl, .. }) => {
                let access = access_ttl.map(|time| format!("access {time}"));
                let refresh = refresh_ttl.map(|time| format!("refresh {time}"));
                out.write_str(&few(access.into_iter().chain(refresh)))
            }
            Self::ApiDocs(_) => out.write_str("hidden"),
            Self::SetUp(_) => out.write_str("closed"),
            Self::BodySize(most) => write!(out, "at most {most}"),
            Self::Upstream(way) => way.fmt(out),
            Self::Service(Service { answers, paths, .. }) => {
                match answers {
                    Answers::Program(way) => way.fmt(out),
                    Answers::Files { root, .. } => write!(out, "files of {root}"),
                    Answers::Nothing => out.write_str("nothing"),
                }?;
                write!(out, ", for {}", few(paths.list))
            }
            Self::Location { asked, .. } => out.write_str(&few(allowed(asked))),
            Self::AliasesRedirect { aliases, to } => write!(out, "{} to {to}", few(aliases)),
            Self::Health(Health { path, networks: None }) => write!(out, "{path}, by whatever host"),
            Self::Health(Health { path, networks: Some(networks) }) => {
                write!(out, "{path}, by whatever host, for {}", few(*networks))
            }
            Self::Access(access) => access.fmt(out),
            Self::IpFilter(IpFilter { allow, deny, .. }) => match (&allow[..], &deny[..]) {
                ([], []) => out.write_str("nobody is listed"),
                ([], denied) => write!(out, "all but {}", few(denied)),
                (allowed, []) => write!(out, "only {}", few(allowed)),
                (allowed, denied) => write!(out, "only {}, never {}", few(allowed), few(denied)),
            },
            Self::SharedState(backend) => write!(out, "in {backend}"),
        }
    }
}

impl CookieFlags<'_> {
    /// The flags that are to be set, as they are sent.
    fn asked(&self) -> Vec<&'static str> {
        let mut flags = Vec::new();
        flags.extend((self.secure == Some(true)).then_some("Secure"));
        flags.extend((self.http_only == Some(true)).then_some("HttpOnly"));
        flags.extend(self.same_site.map(|value| match value {
            SameSite::Strict => "SameSite=Strict",
            SameSite::Lax => "SameSite=Lax",
            SameSite::None => "SameSite=None",
        }));
        flags.extend(self.partitioned.then_some("Partitioned"));
        flags
    }
}

impl Display for Way<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&few(&self.upstreams[..]))?;
        let verified = if self.upstreams.are_encrypted() { ", verified" } else { "" };
        write!(out, "{verified}{}", if self.follows { ", looked up again and again" } else { "" })
    }
}

/// To whom which paths are open.
impl Display for Access<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let networks = self.networks.map(few);
        let certified = self.client_ca.map(|file| format!("whoever shows a certificate of {file}"));
        let whom: Vec<String> = networks.into_iter().chain(certified).collect();
        write!(out, "{} for ", few(self.paths.list))?;
        if whom.is_empty() { out.write_str("nobody") } else { out.write_str(&whom.join(", or ")) }
    }
}

/// What a location says.
fn allowed(asked: &Location) -> Vec<String> {
    let Location { paths: _, timeout, max_body, stream, idle_timeout } = asked;
    let mut allowed = Vec::new();
    allowed.extend(timeout.map(|time| format!("{time} to answer")));
    allowed.extend(max_body.map(|most| format!("at most {most}")));
    allowed.extend(stream.map(|stream| if stream { "nothing held back" } else { "no stream" }.to_owned()));
    allowed.extend(idle_timeout.map(|time| format!("{time} of silence")));
    allowed
}

/// The first few of several, and how many there are beyond.
fn few(items: impl IntoIterator<Item: Display>) -> String {
    const SHOWN: usize = 3;
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    let shown = items.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
