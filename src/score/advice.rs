//! What to write in a profile, or to send, so that a test ends better, and the points that this is worth.
//!
//! A site that sends no Cross-Origin-Resource-Policy is told `headers.cross_origin_resource_policy = "same-origin"`, worth
//! 10 points. What no key of the profile decides, such as `integrity` in the pages' markup, is told without one.

use std::borrow::Cow;

use super::mend::{BY_HTTPS, Mend, known};
use super::{Graded, Observed, Outcome, Score, Test, cookies, csp, points};
use crate::source::KeyPath;

/// One thing to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The test that it is for.
    pub test: Test,
    /// The keys of the profile that decide it; none: what is to be done is no matter of the profile.
    pub keys: Vec<String>,
    /// What to write in the profile, or to do.
    pub write: String,
    /// The same of a site without a profile: what to send, or to do.
    pub send: String,
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
    pub why: Cow<'static, str>,
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
        "browsers' built-in list takes in a host that sends `preload` and whose owner asks for it, and it takes months to get \
         out of it again",
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
        Some(Untaken { test: end.test(), points: best.points() - end.points(), why: why.into() })
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
    let about = test.outcome.test();
    let mend = known(test.outcome)?;
    let mend = if about == Test::Redirection && observed.https.is_none() { &BY_HTTPS } else { mend };
    let Mend { outcome, keys, write, send } = *mend;
    let (write, send) = if about == Test::ContentSecurityPolicy && test.because.is_some() {
        mended_policy(observed, test)
    } else {
        (write.to_owned(), send.to_owned())
    };
    Some(Advice {
        test: about,
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        write,
        send,
        outcome,
        points: outcome.points() - test.outcome.points(),
    })
}

/// Everything that is wrong in the policy at once, because the test tells the worst alone: for a profile, and for a site.
fn mended_policy(observed: &Observed, test: &Graded) -> (String, String) {
    let problems = observed
        .first()
        .map(|(answer, by_https)| csp::all_problems(answer, by_https, &observed.page.policies))
        .unwrap_or_default();
    let mut reasons: Vec<String> = Vec::new();
    let own = test.because.iter().filter(|_| problems.is_empty());
    // A source of `default-src` is a problem for every kind of content that falls back on it, and told once.
    for reason in problems.iter().filter_map(|problem| problem.because.as_ref()).chain(own) {
        if !reasons.contains(reason) {
            reasons.push(reason.clone());
        }
    }
    let reasons = reasons.join(", ");
    let is_inline = test.outcome == Outcome::CspUnsafeInline;
    let [write, send] =
        [("headers.content_security_policy", ", and name the header in `from_app`"), ("Content-Security-Policy", "")]
            .map(|(policy, and)| {
                let nonces = "; or have the program itself send a policy with a nonce for each answer";
                format!(
                    "mend `{policy}`: {reasons}{}{}",
                    if is_inline { nonces } else { "" },
                    if is_inline { and } else { "" }
                )
            });
    (write, send)
}

/// The flags that are missing, cookie by cookie.
fn cookie_flags(observed: &Observed, now: Outcome) -> Option<Advice> {
    let mut keys = Vec::new();
    let mut writes = Vec::new();
    let mut sends = Vec::new();
    for cookie in cookies::kept(observed) {
        let table = KeyPath::from("cookies").key(cookie.name.as_str());
        let mut flags = Vec::new();
        let mut attributes = Vec::new();
        let mut want = |missing: bool, flag: &str, value: &str, attribute: &'static str| {
            if missing {
                attributes.push(attribute);
                flags.push(format!("`{flag} = {value}`"));
                keys.push(table.clone().key(flag).to_string());
            }
        };
        want(!cookie.secure, "secure", "true", "Secure");
        want(cookie.is_session() && !cookie.http_only, "http_only", "true", "HttpOnly");
        want(cookie.same_site.is_none(), "same_site", "\"lax\"", "SameSite=Lax");
        if !flags.is_empty() {
            writes.push(format!("set {} in `[{table}]`", flags.join(", ")));
            sends.push(format!("set `{}` with `{}`", cookie.name, attributes.join("; ")));
        }
    }
    (!writes.is_empty()).then(|| Advice {
        test: Test::Cookies,
        keys,
        write: writes.join("; "),
        send: sends.join(", and "),
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
                _ => known(*outcome).map_or(*outcome, |mend| mend.outcome),
            };
            let is_told = BEYOND.iter().any(|(end, _, _)| *end == advised);
            assert_eq!(advised.points() < outcome.test().most(), is_told, "{outcome}");
        }
    }
}
