//! What browsers make of a cookie's flags, of its name and of its age.

use super::super::rule::{Check, Severities, rules};
use super::super::runtimes::{self, Kind};
use super::site::front_end_elsewhere;
use super::{key, table};
use crate::finding::Severity::{Error, Warning};
use crate::profile::{Cookie, CookieName, CookiePurpose, Duration, SameSite};

/// What browsers keep a cookie for at most.
const LONGEST: Duration = Duration::days(400);

/// Something that browsers ask of a cookie because of how its name begins.
struct Promise {
    kept: bool,
    key: &'static str,
    says: &'static str,
    edit: &'static str,
    mended: Mended,
}

/// What a key has to be so that a promise is kept.
enum Mended {
    True,
    Root,
    Gone,
}

/// Whether a name begins with a prefix. Browsers ignore the case here, as a server might that is shown a forged one.
pub(super) fn begins(name: &CookieName, prefix: &str) -> bool {
    name.as_str().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// What the name of a cookie promises.
fn promises(name: &CookieName, cookie: &Cookie) -> Vec<Promise> {
    let secure =
        |says| Promise { kept: cookie.secure, key: "secure", says, edit: "set `secure = true`", mended: Mended::True };
    let by_servers = || Promise {
        kept: cookie.http_only,
        key: "http_only",
        says: "`Http-` promises HttpOnly",
        edit: "set `http_only = true`",
        mended: Mended::True,
    };
    let mut promises = if begins(name, "__Host-") {
        vec![
            secure("`__Host-` promises Secure"),
            Promise {
                kept: cookie.path.as_ref().is_some_and(|path| path.as_str() == "/"),
                key: "path",
                says: "`__Host-` promises the path /",
                edit: "set `path = \"/\"`",
                mended: Mended::Root,
            },
            Promise {
                kept: cookie.domain.is_none(),
                key: "domain",
                says: "`__Host-` promises this host alone",
                edit: "take `domain` out",
                mended: Mended::Gone,
            },
        ]
    } else if begins(name, "__Secure-") {
        vec![secure("`__Secure-` promises Secure")]
    } else if begins(name, "__Http-") {
        vec![secure("`__Http-` promises Secure")]
    } else {
        Vec::new()
    };
    promises.extend(["__Host-Http-", "__Http-"].iter().any(|prefix| begins(name, prefix)).then(by_servers));
    promises
}

rules! {
    /// Every cookie is Secure where the service is live.
    ///
    /// Without the flag a browser also sends the cookie with plain HTTP, and one request is enough: an image with an
    /// `http://` address of this host, put into any page by whoever sits on the network, and the session is theirs. The
    /// redirect to https comes too late, because the cookie went with the request that is redirected.
    ///
    /// Some apps set a cookie without the flag and cannot be told otherwise, as FastCMS does with `oauth_collection`. The
    /// proxy adds it, to the cookies that the profile lists.
    ///
    /// Of an app without a pack, a variable that likely says so is a warning: `SESSION_COOKIE_SECURE=false` in its `.env` file.
    ///
    /// Write: `secure = true` under the cookie's table. A dev mode on plain HTTP takes it back in `[modes.dev]`.
    COK001 = "insecure-cookie" {
        severity: Severities::live(Error),
        source: "OWASP ASVS 5.0 3.3.1; Django security.W012 and security.W016",
        keys: &["cookies.*.secure", "app.kind"],
        fix: Safe,
        check: Check::Mixed(|facts, out| {
            runtimes::tell(Kind::BareCookies, facts, out);
            for (name, _) in facts.policy.cookies.iter().filter(|(_, cookie)| !cookie.secure) {
                out.at(key(name, "secure"), format!("the cookie `{name}` is not Secure"))
                    .label("also sent by plain HTTP")
                    .help(format!("set `secure = true` under `[{}]`", table(name)))
                    .set(key(name, "secure"), true);
            }
            let unlisted = |name: &CookieName| !facts.policy.cookies.contains_key(name);
            let bare = facts.app.cookies.iter().filter(|(_, cookie)| cookie.without_secure);
            for (name, cookie) in bare.filter(|(name, _)| unlisted(name)) {
                let app = &facts.app.title;
                let draft = out.at(key(name, "secure"), format!("{app} sets the cookie `{name}` without Secure"));
                draft
                    .label("nothing adds it")
                    .also("app.kind", "sets this cookie by itself")
                    .help(format!("list the cookie, as `[{}]` with `secure = true`, so that the proxy adds it", table(name)))
                    .titled(format!("list the cookie, as `[{}]`", table(name)))
                    .set(key(name, "secure"), true)
                    // What the other rules ask of a cookie that is listed.
                    .set(key(name, "purpose"), cookie.purpose.as_str())
                    .set(key(name, "same_site"), "lax");
                if !cookie.read_by_scripts {
                    draft.set(key(name, "http_only"), true);
                }
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
    /// Of an app without a pack, a variable that likely says so is a warning: `SESSION_COOKIE_HTTPONLY=false` in its `.env` file.
    ///
    /// Write: `http_only = true` under the cookie's table, or its true `purpose`.
    COK002 = "script-readable-session" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 3.3.4; MDN HTTP Observatory, cookies",
        keys: &["cookies.*.http_only", "app.kind"],
        reads: &[&["cookies.*.purpose"]],
        fix: Safe,
        check: Check::Mixed(|facts, out| {
            runtimes::tell(Kind::ReadableCookies, facts, out);
            let policy = facts.policy;
            let sessions = policy.cookies.iter().filter(|(_, cookie)| cookie.purpose == CookiePurpose::Session);
            for (name, _) in sessions.filter(|(_, cookie)| !cookie.http_only) {
                out.at(key(name, "http_only"), format!("scripts can read the session cookie `{name}`"))
                    .label("an injected script takes the session with it")
                    .also(key(name, "purpose"), "a signed-in session")
                    .help(format!("set `http_only = true` under `[{}]`", table(name)))
                    .set(key(name, "http_only"), true);
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
        reads: &[&["cookies.*.purpose", "app.frontend_url", "app.url"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            for (name, cookie) in &facts.policy.cookies {
                match cookie.same_site {
                    None => {
                        let draft = out.at(key(name, "same_site"), format!("the cookie `{name}` leaves SameSite to the browser"));
                        draft.label("each browser has its own default");
                        match front_end_elsewhere(facts) {
                            // COK016 speaks of a session that is lax.
                            Some(front) if matches!(cookie.purpose, CookiePurpose::Session | CookiePurpose::Csrf) => {
                                draft.also("app.frontend_url", "on another site, from which lax cookies do not come").help(format!(
                                    "set `same_site = \"none\"` and `secure = true` under `[{}]`, because the front end is at {front}",
                                    table(name)
                                ));
                            }
                            Some(_) | None => {
                                draft
                                    .help(format!("set `same_site = \"lax\"` under `[{}]`", table(name)))
                                    .set(key(name, "same_site"), "lax");
                            }
                        }
                    }
                    Some(SameSite::None) if !cookie.secure => {
                        let message = format!("browsers drop the cookie `{name}`: SameSite=None without Secure");
                        out.at(key(name, "same_site"), message)
                            .label("sent with every site's requests")
                            .also(key(name, "secure"), "not for https alone")
                            .help(format!("set `secure = true` or `same_site = \"lax\"` under `[{}]`", table(name)))
                            .set(key(name, "secure"), true);
                    }
                    Some(SameSite::None | SameSite::Lax | SameSite::Strict) => {}
                }
            }
        }),
    }

    /// A cookie keeps what its name promises: `__Host-` is Secure, for the path / and for this host alone, `__Secure-`
    /// is Secure; `__Host-Http-` and `__Http-` are kept from scripts as well.
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
        keys: &["cookies.*.secure", "cookies.*.path", "cookies.*.domain", "cookies.*.http_only"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            for (name, cookie) in &facts.policy.cookies {
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
                for promise in &broken {
                    let key = key(name, promise.key);
                    match promise.mended {
                        Mended::True => draft.set(key, true),
                        Mended::Root => draft.set(key, "/"),
                        Mended::Gone => draft.remove(key),
                    };
                }
            }
        }),
    }

    /// A session cookie's name tells browsers to take it from this host alone.
    ///
    /// `__Host-session` is taken over https only, for this host and the path /, whoever sends it. Any other name can be
    /// set by a sister host, or by whoever answers in plain HTTP for one: the visitor is then signed in to the
    /// attacker's account and fills in there what is their own. `__Secure-` keeps at least the plain HTTP out.
    ///
    /// The rule is about cookies that could have the name as they are, and about apps that let their cookies be named;
    /// of an app that seccfg does not know that is assumed. COK001 speaks of a cookie that is not Secure.
    ///
    /// Write: the app's own setting for the name and the cookie's table here, `[cookies.__Host-session]` with
    /// `path = "/"` and no `domain`; where other hosts or one path alone are meant, `[cookies.__Secure-session]`.
    COK005 = "unprefixed-session-cookie" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 3.3.1 and 3.3.3; draft-ietf-httpbis-rfc6265bis §4.1.3",
        keys: &["cookies.*.purpose", "cookies.*.secure", "cookies.*.path", "cookies.*.domain"],
        fix: None,
        check: Check::Policy(|facts, out| {
            if !facts.app.cookie_names.can_be_told() {
                return;
            }
            let sessions = facts.policy.cookies.iter().filter(|(_, cookie)| cookie.purpose == CookiePurpose::Session);
            for (name, cookie) in sessions.filter(|(_, cookie)| cookie.secure) {
                let fixed = facts.app.cookies.get(name).is_some_and(|known| known.fixed_name);
                if fixed || begins(name, "__Host-") || begins(name, "__Secure-") {
                    continue;
                }
                let message = format!("other hosts of the domain can set the session cookie `{name}`");
                let draft = out.at(table(name), message);
                draft.label("a name that browsers take from anyone");
                let everywhere = cookie.path.as_ref().is_none_or(|path| path.as_str() == "/");
                draft.help(match &cookie.domain {
                    None if everywhere => format!("name it `__Host-{name}`, with `path = \"/\"`, in the app and here"),
                    None | Some(_) => format!("name it `__Secure-{name}`, in the app and here"),
                });
            }
        }),
    }

    /// A partitioned cookie is Secure.
    ///
    /// `Partitioned` gives each site that embeds the app a jar of its own. It is new enough that browsers could ask for
    /// https with it, and they do: without Secure they drop the cookie without a word, and nobody who comes through the
    /// embedding site can sign in.
    ///
    /// Write: `secure = true` under the cookie's table.
    COK006 = "insecure-partitioned-cookie" {
        severity: Severities::all(Error),
        source: "CHIPS: draft-cutler-httpbis-partitioned-cookies-01, on the Partitioned attribute",
        keys: &["cookies.*.partitioned", "cookies.*.secure"],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let partitioned = facts.policy.cookies.iter().filter(|(_, cookie)| cookie.partitioned && !cookie.secure);
            for (name, _) in partitioned {
                let message = format!("browsers drop the cookie `{name}`: Partitioned without Secure");
                out.at(key(name, "partitioned"), message)
                    .label("for https alone")
                    .also(key(name, "secure"), "not for https alone")
                    .help(format!("set `secure = true` under `[{}]`", table(name)))
                    .set(key(name, "secure"), true);
            }
        }),
    }

    /// No flag is asked of a cookie that the app's scripts set.
    ///
    /// A proxy adds flags to the cookies in the answers that pass it. A cookie that a page sets with `document.cookie`
    /// is in no answer: FastCMS's administration keeps its access token so. Nothing can make such a cookie `HttpOnly`, and
    /// what the profile says of it reads like a protection that is not there.
    ///
    /// Write: no table for the cookie. What is left is the app's code: it has to set the cookie itself, in its answer to
    /// the sign-in.
    COK017 = "cookie-set-by-scripts" {
        severity: Severities::all(Error),
        source: "the pack of FastCMS: app/admin/templates/login.html sets access_token; draft-ietf-httpbis-rfc6265bis §5.7",
        keys: &["cookies.*", "app.kind", "app.release"],
        fix: None,
        check: Check::Policy(|facts, out| {
            let is_set_by_scripts = |name: &CookieName| facts.app.cookies.get(name).is_some_and(|one| one.set_by_scripts);
            for name in facts.policy.cookies.keys().filter(|name| is_set_by_scripts(name)) {
                let app = &facts.app.title;
                out.at(table(name), format!("the scripts of {app} set the cookie `{name}`, and nothing gives it flags"))
                    .label("in no answer that a proxy sees")
                    .also("app.kind", "sets it in the browser")
                    .help(format!(
                        "take `[{}]` out, and have {app} set the cookie in its answer to the sign-in; or accept that \
                         scripts read it under `[[waivers]]`",
                        table(name)
                    ));
            }
        }),
    }

    /// A cookie is meant to live for 400 days at most.
    ///
    /// Browsers cut what is longer to 400 days from the last time that the cookie was set, Safari some cookies to 7. A
    /// choice that was to be remembered for ten years is gone after one, for those visitors who were away that long, and
    /// the profile says something about the service that no browser does.
    ///
    /// Write: `max_age = "400d"` or less under the cookie's table, and set the cookie anew when it is used.
    COK007 = "cookie-beyond-400-days" {
        severity: Severities::all(Warning),
        source: "draft-ietf-httpbis-rfc6265bis §5.5",
        keys: &["cookies.*.max_age"],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            for (name, cookie) in &facts.policy.cookies {
                let Some(age) = cookie.max_age.filter(|age| *age > LONGEST) else { continue };
                out.at(key(name, "max_age"), format!("the cookie `{name}` is meant to live for {}", age.in_words()))
                    .label("browsers stop at 400 days")
                    .help(format!("set `max_age = \"400d\"` or less under `[{}]`", table(name)))
                    .set(key(name, "max_age"), "400d");
            }
        }),
    }
}
