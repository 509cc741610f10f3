//! What sign-in needs of its cookies: that they arrive, and come back.

use super::super::rule::{Check, Severities, rules};
use super::flags::begins;
use super::site::front_end_elsewhere;
use super::{key, table};
use crate::apps::{Ability, AppPack};
use crate::finding::Severity::{Error, Warning};
use crate::plan::Facts;
use crate::profile::{CookieName, CookiePurpose, Host, HostName, ResponseMode, SameSite, Terminate};

/// Whether a cookie of this purpose is set, by the profile's word or the pack's.
pub(super) fn has(facts: &Facts<'_>, purpose: CookiePurpose) -> bool {
    let profile = facts.policy.cookies.values().any(|cookie| cookie.purpose == purpose);
    profile || facts.app.cookies.values().any(|cookie| cookie.purpose == purpose)
}

/// Whether the app's own scripts read the csrf cookie of this name, by its pack's word.
fn read_by_scripts(app: &AppPack, name: &CookieName) -> bool {
    if let Some(known) = app.cookies.get(name) {
        return known.read_by_scripts;
    }
    // It may be the pack's own under another name.
    let mut tokens = app.cookies.values().filter(|known| known.purpose == CookiePurpose::Csrf);
    app.cookie_names == Ability::Setting && tokens.any(|known| known.read_by_scripts)
}

/// Why browsers at a host drop a cookie for a domain, if they do: for the place, and what to write.
fn dropped(domain: &HostName, host: &Host) -> Option<(String, &'static str)> {
    const ALONE: &str = "take `domain` out, for this host alone";
    let Host::Name(host) = host else {
        return Some((format!("{host} is an address, which has no domain"), ALONE));
    };
    if domain == host {
        // Even a public suffix may set cookies for itself: browsers take them for its own.
        return None;
    }
    let below = host.as_str().strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'));
    if !below {
        return Some((format!("does not cover {host}"), ALONE));
    }
    let public = psl::suffix_str(domain.as_str()) == Some(domain.as_str());
    public.then(|| {
        let help = "take `domain` out, for this host alone, or name the part of it that was registered";
        (format!("everyone has hosts below {domain}"), help)
    })
}

rules! {
    /// A cookie with the state of an OAuth sign-in comes back with the provider's answer, and with little else: it is lax, or
    /// none where the provider posts.
    ///
    /// The provider sends people back by a link from its own site, and a browser keeps strict cookies back from every
    /// request that another site starts. So the callback arrives without its state, the app takes it for a forged one,
    /// and nobody can sign in. In a test where app and provider share a site it works.
    ///
    /// Some providers, such as Apple, post a form back (`response_mode = "form_post"`). With a form from another site browsers
    /// keep lax cookies back, too: there it has to be none, with Secure. Where no provider posts, none lets any site start
    /// the end of a sign-in.
    ///
    /// Write: `same_site = "lax"` under the cookie's table; `"none"` and `secure = true`, where a provider's table says
    /// `response_mode = "form_post"`.
    COK009 = "strict-oauth-state" {
        severity: Severities::all(Error),
        source: "derived: RFC 6749 §4.1.2 (the redirect back), OAuth 2.0 Form Post Response Mode, and \
                 draft-ietf-httpbis-rfc6265bis §5.2 (same-site requests)",
        keys: &["cookies.*.same_site", "cookies.*.purpose"],
        reads: &[&["oauth.+.response_mode"]],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let poster = policy.oauth.iter().find(|(_, client)| client.response_mode == ResponseMode::FormPost);
            let states = policy.cookies.iter().filter(|(_, cookie)| cookie.purpose == CookiePurpose::OauthState);
            for (name, cookie) in states {
                let posted = match (cookie.same_site, poster) {
                    (Some(SameSite::Lax | SameSite::Strict), Some((provider, _))) => Some(provider),
                    (Some(SameSite::Strict), None) => None,
                    (Some(SameSite::None), None) if !policy.oauth.is_empty() => {
                        let message = format!("the cookie `{name}` goes along with every site's requests, and no provider posts");
                        out.at(key(name, "same_site"), message)
                            .label("more than the redirect back needs")
                            .also(key(name, "purpose"), "needed when the provider sends people back")
                            .help(format!("set `same_site = \"lax\"` under `[{}]`", table(name)))
                            .set(key(name, "same_site"), "lax");
                        continue;
                    }
                    // COK003 speaks where nothing is written.
                    (Some(SameSite::None | SameSite::Lax) | None, _) => continue,
                };
                let draft = out.at(key(name, "same_site"), format!("the cookie `{name}` does not come back from the provider"));
                draft.also(key(name, "purpose"), "needed when the provider sends people back");
                if let Some(provider) = posted {
                    draft
                        .label("kept back from a form that another site posts")
                        .also(("oauth", provider.as_str(), "response_mode"), "it posts a form")
                        .help(format!("set `same_site = \"none\"` and `secure = true` under `[{}]`", table(name)))
                        .set(key(name, "same_site"), "none");
                    if !cookie.secure {
                        draft.set(key(name, "secure"), true);
                    }
                } else {
                    draft
                        .label("the redirect is another site's request")
                        .help(format!("set `same_site = \"lax\"` under `[{}]`", table(name)))
                        .set(key(name, "same_site"), "lax");
                }
            }
        }),
    }

    /// A session cookie that goes along with other sites' requests has a CSRF token beside it.
    ///
    /// With `SameSite=None` any page can make its visitors' browsers send a form here, signed in as they are, and change
    /// their address or their password. What tells such a request from the app's own is a token that the other page
    /// cannot read.
    ///
    /// A token shows in the profile, or in the app's pack, as a cookie with `purpose = "csrf"`. One that is kept in the
    /// session itself needs none: that is for a waiver.
    ///
    /// Write: the table of the csrf cookie, `[cookies.csrf_token]` with `purpose = "csrf"`; or `same_site = "lax"`, where
    /// no other site embeds the app.
    COK010 = "cross-site-session-without-token" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 3.5.1",
        keys: &["cookies.*.same_site", "cookies.*.purpose"],
        reads: &[&["cookies.+.purpose", "app.frontend_url", "app.url"]],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let sessions = facts.policy.cookies.iter().filter(|(_, cookie)| cookie.purpose == CookiePurpose::Session);
            for (name, _) in sessions.filter(|(_, cookie)| cookie.same_site == Some(SameSite::None)) {
                if has(facts, CookiePurpose::Csrf) {
                    return;
                }
                let message = format!("any site can act with the session cookie `{name}`, and there is no CSRF token");
                let draft = out.at(key(name, "same_site"), message);
                draft.label("sent with every site's requests");
                match front_end_elsewhere(facts) {
                    // COK016 speaks of a session that is lax.
                    Some(front) => draft.also("app.frontend_url", "on another site, from which lax cookies do not come").help(
                        format!("add the csrf cookie that the app sets: lax would keep the session from {front}"),
                    ),
                    None => draft
                        .help(format!(
                            "set `same_site = \"lax\"` under `[{}]`, or add the csrf cookie that the app sets",
                            table(name)
                        ))
                        .set(key(name, "same_site"), "lax"),
                };
            }
        }),
    }

    /// A Secure cookie is not set over plain HTTP.
    ///
    /// A browser takes a Secure cookie from an encrypted connection alone; from plain HTTP it drops it, on every host but
    /// the developer's own. The sign-in succeeds, the next page asks for it again, and nothing in any log says why.
    ///
    /// Where the service is live, TLS001 asks for https, which ends this, too.
    ///
    /// Write: `https` in `app.url` and `tls.terminate`; or, in a mode that has no TLS, `secure = false` for its cookies:
    /// under `[modes.dev]`, `cookies.session.secure = false`. On `http://localhost` nothing is needed.
    COK011 = "secure-cookie-over-plain-http" {
        severity: Severities::all(Warning),
        source: "derived: draft-ietf-httpbis-rfc6265bis §5.7 (Secure cookies from plain HTTP are ignored)",
        keys: &["cookies.*.secure", "app.url", "tls.terminate"],
        reads: &[&["cookies.+.secure"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
                        // Where the service is live, TLS001 speaks of the cause.
            let is_asked = !policy.mode.is_live() && policy.terminate() == Terminate::Off;
            let mut secure = policy.cookies.iter().filter(|(_, cookie)| cookie.secure);
            let Some((first, _)) = secure.next().filter(|_| is_asked) else { return };
            let url = policy.url();
            if url.origin().host().is_loopback() {
                return;
            }
            let draft = out.at(key(first, "secure"), format!("browsers drop the Secure cookie `{first}` at {url}"));
            draft.label("taken over https alone").also("tls.terminate", "plain HTTP here");
            for (name, _) in secure {
                draft.also(key(name, "secure"), "this one, too");
            }
            draft.help("terminate TLS, use http://localhost, or take `secure` back in this mode");
        }),
    }

    /// A csrf cookie that the app's own scripts read is open to them.
    ///
    /// The script takes the token out of the cookie and sends it back in a header: that is what other sites cannot do.
    /// With `HttpOnly` it finds nothing, and every form that is sent fails. The flag protects what scripts must not see,
    /// and a token that is worth nothing without the session is not that.
    ///
    /// It is the app's pack that says who reads the cookie. An app without one knows best.
    ///
    /// Write: `http_only = false` under the cookie's table, or leave the key out.
    COK012 = "unreadable-csrf-cookie" {
        severity: Severities::all(Error),
        source: "the pack of CRUDAuth: its scripts read `csrf_token`",
        keys: &["cookies.*.http_only", "cookies.*.purpose"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let tokens = facts.policy.cookies.iter().filter(|(_, cookie)| cookie.purpose == CookiePurpose::Csrf);
            for (name, _) in tokens.filter(|(_, cookie)| cookie.http_only) {
                if read_by_scripts(facts.app, name) {
                    let message = format!("the scripts of {} cannot read the csrf cookie `{name}`", facts.app.title);
                    out.at(key(name, "http_only"), message)
                        .label("every form fails")
                        .also("app.kind", "its scripts send the token back in a header")
                        .help(format!("set `http_only = false` under `[{}]`", table(name)))
                        .set(key(name, "http_only"), false);
                }
            }
        }),
    }

    /// A cookie's domain covers the app's host, and is no domain under which anyone can have a host.
    ///
    /// Browsers take a cookie for a domain only from a host that is the domain or stands below it, and never for a
    /// public suffix such as `co.uk` or `github.io`, because every other site below it would get it. They drop what
    /// breaks this without a word: the sign-in succeeds and nobody is signed in. The public suffixes are those of the
    /// list that browsers use.
    ///
    /// COK004 speaks of a cookie whose name begins with `__Host-`: it has no domain at all.
    ///
    /// Write: no `domain`, for this host alone; or one that `app.url` stands below, up to the part that was registered,
    /// such as `"example.com"` for `https://shop.example.com`.
    COK013 = "cookie-for-another-domain" {
        severity: Severities::all(Error),
        source: "draft-ietf-httpbis-rfc6265bis §5.7; the Public Suffix List",
        keys: &["cookies.*.domain", "app.url"],
        fix: None,
        check: Check::Policy(|facts, out| {
            for (name, cookie) in &facts.policy.cookies {
                let Some(domain) = &cookie.domain else { continue };
                if begins(name, "__Host-") {
                    continue;
                }
                let url = facts.policy.url();
                if let Some((why, help)) = dropped(domain, url.origin().host()) {
                    out.at(key(name, "domain"), format!("browsers at {url} drop the cookie `{name}` for {domain}"))
                        .label(why)
                        .also("app.url", "where it is set")
                        .help(help);
                }
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Text, Url};

    #[test]
    fn a_domain_is_the_hosts_or_one_that_it_stands_below() {
        let dropped = |domain: &str, host: &str| {
            let url = Url::parse(&format!("https://{host}")).expect("a URL");
            dropped(&HostName::parse(domain).expect("a name"), url.origin().host()).is_some()
        };
        let taken = [
            ("shop.example.com", "shop.example.com"),
            ("example.com", "a.shop.example.com"),
            ("localhost", "localhost"),
            // For itself alone, as browsers read it.
            ("github.io", "github.io"),
            ("shop.github.io", "a.shop.github.io"),
            ("example.co.uk", "shop.example.co.uk"),
            ("corp.internal", "shop.corp.internal"),
        ];
        for (domain, host) in taken {
            assert!(!dropped(domain, host), "{domain} at {host}");
        }
        let refused = [
            ("other.example", "shop.example.com"),
            ("a.shop.example.com", "shop.example.com"),
            ("hop.example.com", "shop.example.com"),
            ("com", "shop.example.com"),
            ("co.uk", "shop.co.uk"),
            ("github.io", "shop.github.io"),
            ("internal", "shop.internal"),
            ("example.com", "127.0.0.1"),
            ("example.com", "[::1]"),
        ];
        for (domain, host) in refused {
            assert!(dropped(domain, host), "{domain} at {host}");
        }
    }
}
