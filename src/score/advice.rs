//! What to write in a profile so that a test ends better, and the points that this is worth.
//!
//! A site that sends no Cross-Origin-Resource-Policy is told `headers.cross_origin_resource_policy = "same-origin"`, worth
//! 10 points. What no key of the profile decides, such as `integrity` in the pages' markup, is told without one.

use super::{Graded, Observed, Outcome, Score, Test, cookies, csp, points};
use crate::source::KeyPath;

/// One thing to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The test that it is for.
    pub test: Test,
    /// The keys of the profile that decide it; none: what is to be done is no matter of the profile.
    pub keys: Vec<String>,
    /// What to write or do.
    pub write: String,
    /// The test's end after that.
    pub outcome: Outcome,
    /// The points between the test's end now and then.
    pub points: i32,
}

/// What to write for each test that could end better, the most points first.
pub fn advice(observed: &Observed, score: &Score) -> Vec<Advice> {
    let mut all: Vec<Advice> = score.tests.iter().filter_map(|test| better(observed, test)).collect();
    all.sort_by_key(|advice| std::cmp::Reverse(advice.points));
    all
}

/// Points that no advice asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untaken {
    /// The test that would give them.
    pub test: Test,
    /// How many.
    pub points: i32,
    /// Why nobody is told to take them.
    pub why: &'static str,
}

/// Ends of tests beyond which a better one is possible, and why no advice asks for that one.
const BEYOND: [(Outcome, Outcome, &str); 6] = [
    (
        Outcome::CspSafe,
        Outcome::CspDefaultNone,
        "once the policy lets in nothing unsafe, it may begin with `default-src 'none'` and name each kind of content",
    ),
    (
        Outcome::CookiesAbsent,
        Outcome::CookiesSameSite,
        "they are for a site whose first page sets a cookie, and none is needed for that",
    ),
    (
        Outcome::HstsLong,
        Outcome::HstsPreloaded,
        "browsers' built-in list takes in a host whose owner asks for it (`hsts.preload = true`), and it takes months to \
         get out of it again",
    ),
    (Outcome::SriNoPage, Outcome::SriEverywhere, "the answer is no page, and loads no scripts"),
    (Outcome::SriNoScripts, Outcome::SriEverywhere, "the page loads no scripts"),
    (
        Outcome::SriOwnScripts,
        Outcome::SriEverywhere,
        "`integrity` protects from another site that changes a script: here, whoever could do that could change the page",
    ),
];

/// The points that the site lacks even with all of the advice, and why.
pub fn untaken(score: &Score, advice: &[Advice]) -> Vec<Untaken> {
    let ends = score.tests.iter().map(|test| {
        let advised = advice.iter().find(|advice| advice.test == test.outcome.test());
        advised.map_or(test.outcome, |advice| advice.outcome)
    });
    let beyond = |end: Outcome| {
        let (_, best, why) = BEYOND.into_iter().find(|(known, _, _)| *known == end)?;
        Some(Untaken { test: end.test(), points: best.points() - end.points(), why })
    };
    ends.filter_map(beyond).collect()
}

/// The points with all of some advice taken.
pub fn points_with(score: &Score, advice: &[Advice]) -> u32 {
    points(score.tests.iter().map(|test| {
        let better = advice.iter().find(|advice| advice.test == test.outcome.test());
        better.map_or(test.outcome, |advice| advice.outcome)
    }))
}

/// What would make a test end better.
fn better(observed: &Observed, test: &Graded) -> Option<Advice> {
    if test.outcome.test() == Test::Cookies {
        return cookie_flags(observed, test.outcome);
    }
    let (outcome, keys, write) = known(test.outcome)?;
    let about = test.outcome.test();
    let (keys, write): (&[&str], _) = if about == Test::ContentSecurityPolicy && test.because.is_some() {
        (keys, mended_policy(observed, test))
    } else if about == Test::Redirection && observed.https.is_none() {
        (&["app.url", "tls.terminate"], BY_HTTPS.to_owned())
    } else {
        (keys, write.to_owned())
    };
    Some(Advice {
        test: about,
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        write,
        outcome,
        points: outcome.points() - test.outcome.points(),
    })
}

const CSP: &[&str] = &["headers.content_security_policy"];

const ISSUER: &str = "set `tls.certificate.issuer = \"acme\"`, or another issuer that browsers trust";

const BY_HTTPS: &str = "serve the app by https: `app.url = \"https://…\"` and `tls.terminate = \"proxy\"`";

/// How a test may end instead, the keys that decide it, and what to write; nothing where it cannot end better, or where more
/// is asked of a site than the points are worth.
fn known(outcome: Outcome) -> Option<(Outcome, &'static [&'static str], &'static str)> {
    Some(match outcome {
        Outcome::CspDefaultNone
        | Outcome::CookiesSameSite
        | Outcome::CookiesAbsent
        | Outcome::CorsAbsent
        | Outcome::CorsPublic
        | Outcome::CorsRestricted
        | Outcome::RedirectionPreloaded
        | Outcome::RedirectionToHttps
        | Outcome::RedirectionNotNeeded
        | Outcome::ReferrerPrivate
        | Outcome::HstsPreloaded
        // A place in the browsers' list takes months to undo.
        | Outcome::HstsLong
        | Outcome::SriEverywhere
        | Outcome::SriForeign
        | Outcome::SriNoPage
        | Outcome::SriNoScripts
        // A hash protects from other sites, and here there are none.
        | Outcome::SriOwnScripts
        | Outcome::NoSniff
        | Outcome::FramesByCsp
        | Outcome::ResourcesSameOrigin
        | Outcome::ResourcesSameSite
        // By their flags, cookie by cookie.
        | Outcome::CookiesSecure
        | Outcome::CookiesPlainBehindHsts
        | Outcome::CookiesSessionPlainBehindHsts
        | Outcome::CookiesPlain
        | Outcome::CookiesSameSiteInvalid
        | Outcome::CookiesCsrfWithoutSameSite
        | Outcome::CookiesSessionWithoutHttpOnly
        | Outcome::CookiesSessionPlain => return None,
        Outcome::CspSafe => {
            let write = "write `default-src 'none'` in `headers.content_security_policy`, and name what the pages load: \
                         `script-src 'self'; img-src 'self'; …`";
            (Outcome::CspDefaultNone, CSP, write)
        }
        Outcome::CspUnsafeStyles
        | Outcome::CspHttpImages
        | Outcome::CspUnsafeEval
        | Outcome::CspUnsafeInline
        | Outcome::CspHttp
        | Outcome::CspInvalid => (Outcome::CspSafe, CSP, "mend `headers.content_security_policy`"),
        Outcome::CspRepeatedReports => {
            (Outcome::CspSafe, CSP, "name `report-uri` and `report-to` once in `headers.content_security_policy`")
        }
        Outcome::CspAbsent => {
            let write = "set `headers.content_security_policy = \
                         \"default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'\"`";
            (Outcome::CspSafe, CSP, write)
        }
        Outcome::CspReportOnly => {
            (Outcome::CspSafe, &["headers.csp_report_only"], "set `headers.csp_report_only = false`")
        }
        Outcome::CorsUniversal => {
            let write = "name in `cors.origins` the origins that need to read answers, or set `cors.credentials = false`";
            (Outcome::CorsRestricted, &["cors.origins", "cors.credentials"], write)
        }
        Outcome::RedirectionOffHost
        | Outcome::RedirectionByHttp
        | Outcome::RedirectionNotToHttps
        | Outcome::RedirectionAbsent => {
            (Outcome::RedirectionToHttps, &["tls.redirect_http"], "set `tls.redirect_http = true`")
        }
        Outcome::RedirectionUntrusted => (Outcome::RedirectionToHttps, &["tls.certificate.issuer"], ISSUER),
        Outcome::ReferrerAbsent | Outcome::ReferrerUnsafe | Outcome::ReferrerInvalid => {
            let write = "set `headers.referrer_policy = \"strict-origin-when-cross-origin\"`";
            (Outcome::ReferrerPrivate, &["headers.referrer_policy"], write)
        }
        Outcome::HstsShort => (Outcome::HstsLong, &["hsts.max_age"], "set `hsts.max_age = \"1y\"`"),
        Outcome::HstsAbsent | Outcome::HstsInvalid => {
            let write = "set `hsts.enabled = true` and `hsts.max_age = \"1y\"`, once every page works by https";
            (Outcome::HstsLong, &["hsts.enabled", "hsts.max_age"], write)
        }
        Outcome::HstsNoHttps => {
            let write = "serve the app by https, and then set `hsts.enabled = true`";
            (Outcome::HstsLong, &["app.url", "tls.terminate", "hsts.enabled"], write)
        }
        Outcome::HstsUntrusted => (Outcome::HstsLong, &["tls.certificate.issuer"], ISSUER),
        Outcome::SriForeignWithout | Outcome::SriPlain | Outcome::SriPlainWithout => {
            let write = "load scripts of other sites by https, with `integrity`: in the pages' markup";
            (Outcome::SriForeign, &[], write)
        }
        Outcome::NoSniffAbsent | Outcome::NoSniffInvalid => {
            (Outcome::NoSniff, &["headers.content_type_options"], "set `headers.content_type_options = true`")
        }
        Outcome::FramesLimited | Outcome::FramesAllowFrom | Outcome::FramesAbsent | Outcome::FramesInvalid => {
            let write = "add `frame-ancestors 'none'` to `headers.content_security_policy`, or the origins that may frame \
                         the pages";
            (Outcome::FramesByCsp, CSP, write)
        }
        Outcome::ResourcesAbsent | Outcome::ResourcesCrossOrigin | Outcome::ResourcesInvalid => {
            let write = "set `headers.cross_origin_resource_policy = \"same-origin\"`, or `\"same-site\"` where other hosts of \
                         the domain embed the app's files";
            (Outcome::ResourcesSameOrigin, &["headers.cross_origin_resource_policy"], write)
        }
    })
}

/// Everything that is wrong in the policy at once, because the test tells the worst alone.
fn mended_policy(observed: &Observed, test: &Graded) -> String {
    let problems = observed
        .first()
        .map(|(answer, by_https)| csp::all_problems(answer, by_https, &observed.page.policies))
        .unwrap_or_default();
    let reasons = problems.iter().filter_map(|problem| problem.because.clone());
    let mut reasons: Vec<String> = reasons.collect();
    reasons.extend(test.because.clone().filter(|_| problems.is_empty()));
    let nonces = if test.outcome == Outcome::CspUnsafeInline {
        "; or have the program itself send a policy with a nonce for each answer, and name the header in `from_app`"
    } else {
        ""
    };
    format!("mend `headers.content_security_policy`: {}{nonces}", reasons.join(", "))
}

/// The flags that are missing, cookie by cookie.
fn cookie_flags(observed: &Observed, now: Outcome) -> Option<Advice> {
    let mut keys = Vec::new();
    let mut writes = Vec::new();
    for cookie in cookies::kept(observed) {
        let table = KeyPath::from("cookies").key(cookie.name.as_str());
        let mut flags = Vec::new();
        let mut want = |missing: bool, flag: &str, value: &str| {
            if missing {
                flags.push(format!("`{flag} = {value}`"));
                keys.push(table.clone().key(flag).to_string());
            }
        };
        want(!cookie.secure, "secure", "true");
        want(cookie.is_session() && !cookie.http_only, "http_only", "true");
        want(cookie.same_site.is_none(), "same_site", "\"lax\"");
        if !flags.is_empty() {
            writes.push(format!("set {} in `[{table}]`", flags.join(", ")));
        }
    }
    (!writes.is_empty()).then(|| Advice {
        test: Test::Cookies,
        keys,
        write: writes.join("; "),
        outcome: Outcome::CookiesSameSite,
        points: Outcome::CookiesSameSite.points() - now.points(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_every_point_that_a_test_could_give_it_is_said_how_or_why_not() {
        for outcome in Outcome::ALL {
            let advised = match outcome.test() {
                Test::Cookies if *outcome != Outcome::CookiesAbsent => Outcome::CookiesSameSite,
                _ => known(*outcome).map_or(*outcome, |(better, _, _)| better),
            };
            let is_told = BEYOND.iter().any(|(end, _, _)| *end == advised);
            assert_eq!(advised.points() < outcome.test().most(), is_told, "{outcome}");
        }
    }
}
