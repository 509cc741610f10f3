//! The cookies that the app sets (RFC 6265 and its revision).

use super::rule::{Check, Severities, rules};
use crate::finding::Severity::Error;
use crate::profile::{Cookie, CookieName, CookiePurpose, SameSite};
use crate::source::KeyPath;

/// A key of one cookie.
fn key(name: &CookieName, key: &str) -> KeyPath {
    ("cookies", name.as_str(), key).into()
}

/// The table of one cookie.
fn table(name: &CookieName) -> KeyPath {
    KeyPath::from("cookies").key(name.as_str())
}

/// Something that browsers ask of a cookie because of how its name begins.
struct Promise {
    kept: bool,
    key: &'static str,
    says: &'static str,
    edit: &'static str,
}

/// What the name of a cookie promises.
fn promises(name: &CookieName, cookie: &Cookie) -> Vec<Promise> {
    // Browsers ignore the case here, as a server might that is shown a forged one.
    let begins =
        |prefix: &str| name.as_str().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let secure = |says| Promise { kept: cookie.secure, key: "secure", says, edit: "set `secure = true`" };
    if begins("__Host-") {
        vec![
            secure("`__Host-` promises Secure"),
            Promise {
                kept: cookie.path.as_ref().is_some_and(|path| path.as_str() == "/"),
                key: "path",
                says: "`__Host-` promises the path /",
                edit: "set `path = \"/\"`",
            },
            Promise {
                kept: cookie.domain.is_none(),
                key: "domain",
                says: "`__Host-` promises this host alone",
                edit: "take `domain` out",
            },
        ]
    } else if begins("__Secure-") {
        vec![secure("`__Secure-` promises Secure")]
    } else {
        Vec::new()
    }
}

rules! {
    /// Every cookie is Secure where the service is live.
    ///
    /// Without the flag a browser also sends the cookie with plain HTTP, and one request is enough: an image with an
    /// `http://` address of this host, put into any page by whoever sits on the network, and the session is theirs. The
    /// redirect to https comes too late, because the cookie went with the request that is redirected.
    ///
    /// Write: `secure = true` under the cookie's table. A dev mode on plain HTTP takes it back in `[modes.dev]`.
    COK001 = "insecure-cookie" {
        severity: Severities::live(Error),
        source: "OWASP ASVS 5.0 3.3.1; Django security.W012 and security.W016",
        keys: &["cookies.*.secure"],
        fix: Safe,
        check: Check::Policy(|plan, out| {
            for (name, _) in plan.policy.cookies.iter().filter(|(_, cookie)| !cookie.secure) {
                out.at(key(name, "secure"), format!("the cookie `{name}` is not Secure in {}", plan.policy.mode))
                    .label("also sent by plain HTTP")
                    .help(format!("set `secure = true` under `[{}]`", table(name)));
            }
        }),
    }

    /// A session cookie is `HttpOnly`.
    ///
    /// Scripts have no use for a session cookie, and one that they can read is what an injected script sends home
    /// first: the session then goes on from another machine, long after the page is closed. With the flag an attacker
    /// has to work inside the page that was broken into, while it is open.
    ///
    /// The rule is about `purpose = "session"`, which is what a cookie without a written purpose is for. A csrf cookie
    /// is often meant to be read by scripts, and a preference holds nothing to steal.
    ///
    /// Write: `http_only = true` under the cookie's table, or its true `purpose`.
    COK002 = "script-readable-session" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 3.3.4; MDN HTTP Observatory, cookies",
        keys: &["cookies.*.http_only"],
        fix: Safe,
        check: Check::Policy(|plan, out| {
            let policy = plan.policy;
            let sessions = policy.cookies.iter().filter(|(_, cookie)| cookie.purpose == CookiePurpose::Session);
            for (name, _) in sessions.filter(|(_, cookie)| !cookie.http_only) {
                out.at(key(name, "http_only"), format!("scripts can read the session cookie `{name}`"))
                    .label("an injected script takes the session with it")
                    .also(key(name, "purpose"), "a signed-in session")
                    .help(format!("set `http_only = true` under `[{}]`", table(name)));
            }
        }),
    }

    /// Every cookie says when it goes along with other sites' requests, and one that always does is Secure.
    ///
    /// What a browser makes of a cookie without `SameSite` depends on the browser: Chromium takes it for `Lax`, with an
    /// exception for cookies less than two minutes old, Firefox and Safari for `None`, and then every site can make
    /// requests in the name of whoever is signed in. `SameSite=None` says openly what these browsers assume, and is
    /// taken from Secure cookies only; without the flag the browser drops the cookie and sign-in fails without a word.
    ///
    /// Write: `same_site = "lax"` for sessions and for the state of OAuth sign-ins, `"strict"` where no link from
    /// elsewhere has to arrive signed in, `"none"` with `secure = true` where other sites embed the app.
    COK003 = "cross-site-cookie" {
        severity: Severities::all(Error),
        source: "draft-ietf-httpbis-rfc6265bis §4.1.2.7",
        keys: &["cookies.*.same_site", "cookies.*.secure"],
        fix: Safe,
        check: Check::Policy(|plan, out| {
            for (name, cookie) in &plan.policy.cookies {
                match cookie.same_site {
                    None => {
                        out.at(key(name, "same_site"), format!("the cookie `{name}` leaves SameSite to the browser"))
                            .label("each browser has its own default")
                            .help(format!("set `same_site = \"lax\"` under `[{}]`", table(name)));
                    }
                    Some(SameSite::None) if !cookie.secure => {
                        let message = format!("browsers drop the cookie `{name}`: SameSite=None without Secure");
                        out.at(key(name, "same_site"), message)
                            .label("sent with every site's requests")
                            .also(key(name, "secure"), "not for https alone")
                            .help(format!("set `secure = true` or `same_site = \"lax\"` under `[{}]`", table(name)));
                    }
                    Some(SameSite::None | SameSite::Lax | SameSite::Strict) => {}
                }
            }
        }),
    }

    /// A cookie keeps what its name promises: `__Host-` is Secure, for the path / and for this host alone, `__Secure-`
    /// is Secure.
    ///
    /// A server sees a cookie's name and value, and not who set it. A sister host, or anyone on a plain HTTP
    /// connection, can set one of the same name for the whole domain. The prefixes are the way out: browsers take a
    /// cookie of such a name only with these flags. A cookie that lacks one of them is dropped, so that nobody can sign
    /// in; a browser too old to know the prefixes takes it, and the name promises what is not there.
    ///
    /// Write: `secure = true`, for `__Host-` also `path = "/"` and no `domain`; or a name without the prefix, if other
    /// hosts or one path alone are meant.
    COK004 = "broken-cookie-prefix" {
        severity: Severities::all(Error),
        source: "draft-ietf-httpbis-rfc6265bis §4.1.3",
        keys: &["cookies.*.secure", "cookies.*.path", "cookies.*.domain"],
        fix: Unsafe,
        check: Check::Policy(|plan, out| {
            for (name, cookie) in &plan.policy.cookies {
                let broken: Vec<Promise> = promises(name, cookie).into_iter().filter(|promise| !promise.kept).collect();
                let Some((first, others)) = broken.split_first() else { continue };
                let message = format!("browsers drop the cookie `{name}`: it lacks what its name promises");
                let draft = out.at(key(name, first.key), message);
                draft.label(first.says);
                for other in others {
                    draft.also(key(name, other.key), other.says);
                }
                let edits: Vec<&str> = broken.iter().map(|promise| promise.edit).collect();
                let edits = edits.join(", ");
                draft.help(format!("{edits} under `[{}]`, or name the cookie without the prefix", table(name)));
            }
        }),
    }
}
