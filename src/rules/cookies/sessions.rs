//! How long sessions last, and whether they reach the front end.

use super::super::reads::WAYS;
use super::super::rule::{Check, Severities, rules};
use super::sign_in::has;
use super::site::front_end_elsewhere;
use super::{key, table};
use crate::apps::AppControl;
use crate::finding::Safety::Unsafe;
use crate::finding::Severity::{Error, Warning};
use crate::profile::{CookiePurpose, Duration, SameSite};

/// The longest that a session may wait for its next request, beside a second factor.
const LONGEST_IDLE: Duration = Duration::minutes(60);
/// The longest that it may last in all, beside a second factor.
const LONGEST_WITH_FACTORS: Duration = Duration::days(1);
/// The longest that it may last in all, where a password is all there is.
const LONGEST_ALONE: Duration = Duration::days(30);

rules! {
    /// A session ends: after a day, and an hour without a request, where there is a second factor; else after 30 days.
    ///
    /// A session cookie that was copied from a shared machine, a log or a backup is worth as much as the password, for
    /// as long as the session lasts; and of one that never ends nobody remembers that it is there. These are the times
    /// at which NIST asks people to sign in again. Who asks for a second factor means to protect more than a password does
    /// (AAL2), and a long session takes that back. Where a password is all there is (AAL1), 30 days are the limit, and
    /// none is set on the time without a request.
    ///
    /// The rule is about apps that keep sessions: the profile writes `[sessions]`, or it or the app's pack has a cookie
    /// with `purpose = "session"`. What is not written counts as endless, unless the app cannot be told.
    ///
    /// Write: `sessions.absolute_timeout = "30d"` or less; with `passwords.mfa = true`, `sessions.idle_timeout = "1h"` and
    /// `sessions.absolute_timeout = "24h"`, or less.
    COK014 = "long-sessions" {
        severity: Severities::prod(Warning),
        source: "NIST SP 800-63B-4 §2.1.3 (AAL1: 30 days) and §2.2.3 (AAL2: 1 hour and 24 hours); OWASP ASVS 5.0 7.3.1 and 7.3.2",
        keys: &["sessions.idle_timeout", "sessions.absolute_timeout", "passwords.mfa"],
        reads: &[&["cookies.+.purpose"], WAYS],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let sessions = &facts.policy.sessions;
            let has_factors = facts.policy.passwords.mfa;
            // What an app does that cannot be told is not for the profile to say.
            let asked = facts.app.ability(AppControl::Sessions).can_be_told()
                && !facts.nobody_signs_in()
                && (has(facts, CookiePurpose::Session) || facts.policy.is_written("sessions"));
            let (in_all, edit) = if has_factors { (LONGEST_WITH_FACTORS, "24h") } else { (LONGEST_ALONE, "30d") };
            let idle = ("sessions.idle_timeout", sessions.idle_timeout, LONGEST_IDLE, "1h", "that nobody uses");
            let whole = ("sessions.absolute_timeout", sessions.absolute_timeout, in_all, edit, "that is used");
            let times = [has_factors.then_some(idle), Some(whole)].into_iter().flatten();
            let mut broken = times.filter(|(_, time, most, ..)| time.map_or(asked, |time| time > *most));
            let Some((key, time, most, edit, which)) = broken.next() else { return };
            let message = match time {
                Some(time) => format!("a session {which} ends only after {}", time.in_words()),
                None => format!("nothing ends a session {which}"),
            };
            let draft = out.at(key, message);
            draft.label(format!("{} at most", most.in_words())).set(key, edit);
            if let Some((key, _, most, edit, which)) = broken.next() {
                draft.also(key, format!("{} at most for one {which}", most.in_words())).set(key, edit);
            }
            if has_factors {
                draft
                    .also("passwords.mfa", "asks for more than a password")
                    .help("set `sessions.idle_timeout = \"1h\"` and `sessions.absolute_timeout = \"24h\"`, or less");
            } else {
                draft.help("set `sessions.absolute_timeout = \"30d\"`, or less");
            }
        }),
    }

    /// The lifetimes of a sign-in agree, and none of them is nothing.
    ///
    /// A session that may rest for a day and lasts for an hour rests for an hour: one of the two was meant otherwise, and
    /// mostly they were exchanged. A cookie that outlives its session keeps a dead key in the browser, and an app that
    /// believes the cookie's age goes on with it. And a cookie with `max_age = "0s"` is gone when it arrives: that is how
    /// cookies are deleted.
    ///
    /// Write: `sessions.idle_timeout` of `sessions.absolute_timeout` at most, and no `max_age` beyond that for a session's
    /// cookie; or no `max_age`, so that it ends with the browser.
    COK015 = "contradicting-lifetimes" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 7.3.1 and 7.3.2; draft-ietf-httpbis-rfc6265bis §5.6.2 (Max-Age of zero)",
        keys: &["sessions.idle_timeout", "sessions.absolute_timeout", "cookies.*.max_age", "cookies.*.purpose"],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            const IDLE: &str = "sessions.idle_timeout";
            const WHOLE: &str = "sessions.absolute_timeout";
            let policy = facts.policy;
            let sessions = &policy.sessions;
            if let (Some(idle), Some(whole)) = (sessions.idle_timeout, sessions.absolute_timeout)
                && idle > whole
            {
                out.at(IDLE, format!("a session may rest for {idle}, and lasts for {whole} in all"))
                    .label("never reached")
                    .also(WHOLE, "ends it before")
                    .help(format!("set `{IDLE} = \"{whole}\"` or less; or a longer `{WHOLE}`, if the two were exchanged"))
                    .set(IDLE, whole.to_string());
            }
            for (name, cookie) in &policy.cookies {
                let Some(age) = cookie.max_age else { continue };
                let place = key(name, "max_age");
                if age.as_seconds() == 0 {
                    out.at(place.clone(), format!("the cookie `{name}` is gone when it arrives"))
                        .label("how cookies are deleted")
                        .help(format!("take `max_age` out of `[{}]`, or write how long it lives", table(name)))
                        .remove(place)
                        .safety(Unsafe);
                    continue;
                }
                let whole = sessions.absolute_timeout.filter(|_| cookie.purpose == CookiePurpose::Session);
                if let Some(whole) = whole.filter(|whole| age > *whole) {
                    out.at(place.clone(), format!("the cookie `{name}` lives for {age}, and its session for {whole}"))
                        .label("outlives what it is for")
                        .also(WHOLE, "ends the session before")
                        .help(format!("set `max_age = \"{whole}\"` or less under `[{}]`", table(name)))
                        .set(place, whole.to_string());
                }
            }
        }),
    }

    /// A session cookie goes along with the requests of a front end on another site.
    ///
    /// Browsers keep lax and strict cookies back from requests that another site starts, and a script on
    /// `https://shop.example` that asks `https://shop-api.example` is one. Sign-in succeeds, the next request is nobody's,
    /// and it looks like a mistake in CORS. Names below one registered domain, `app.example.com` and `api.example.com`, are
    /// one site, with one scheme.
    ///
    /// Write: `app.url` and `app.frontend_url` below one domain, which is the better way: browsers take more and more
    /// cookies from other sites away. Else `same_site = "none"`, `secure = true` and a token against CSRF (COK010).
    COK016 = "session-kept-from-the-front-end" {
        severity: Severities::all(Error),
        source: "draft-ietf-httpbis-rfc6265bis §5.2 and §5.7: same-site requests",
        keys: &["cookies.*.same_site", "cookies.*.purpose", "app.frontend_url", "app.url"],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let Some(front) = front_end_elsewhere(facts) else { return };
            let url = policy.url();
            let sessions = policy.cookies.iter().filter(|(_, cookie)| cookie.purpose == CookiePurpose::Session);
            for (name, cookie) in sessions {
                let Some(same_site @ (SameSite::Lax | SameSite::Strict)) = cookie.same_site else { continue };
                out.at(key(name, "same_site"), format!("the session cookie `{name}` does not reach {url} from {front}"))
                    .label(format!("kept back from another site's requests by {same_site}"))
                    .also("app.frontend_url", "another site")
                    .also("app.url", "where the cookie is for")
                    .help("serve both below one registered domain; or set `same_site = \"none\"`, with Secure and a CSRF token");
            }
        }),
    }
}
