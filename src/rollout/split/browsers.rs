//! What browsers are told: the Content-Security-Policy and other headers, CORS, cookies.

use std::collections::BTreeSet;

use super::{Draft, Sets, Sides};
use crate::plan::{Control, Cors, Demand, Plan};
use crate::profile::{Cookie, CookieName, Duration, SameSite};
use crate::rollout::Kind;
use crate::source::{KeyPath, Segment};

const CSP: [&str; 2] = ["headers.content_security_policy", "headers.csp_report_only"];

pub(super) fn split(sides: &mut Sides<'_>) {
    csp(sides);
    let headers = sides.take_within("headers");
    sides.push(Draft::new(Kind::Headers, headers));
    cors(sides);
    cookies(sides);
}

/// The policy that browsers are told, and whether it blocks.
fn policy<'p>(plan: &'p Plan<'_>) -> Option<(&'p str, bool)> {
    let headers = &plan.policy.headers;
    headers.content_security_policy.as_ref().map(|policy| (policy.as_str(), !headers.csp_report_only))
}

/// A policy that blocks for the first time reports first. One that takes the place of another that blocks does not: with
/// `csp_report_only`, nothing would be blocked meanwhile.
fn csp(sides: &mut Sides<'_>) {
    let keys = CSP.map(KeyPath::from);
    let sets = sides.take(|key| keys.contains(key));
    let (old, new) = (policy(sides.old), policy(sides.new));
    match (old, new) {
        (_, None) => sides.push(Draft::new(Kind::Headers, sets)),
        (_, Some((_, false))) => sides.push(Draft::new(Kind::CspReported, sets)),
        (Some((old, false)), Some((new, true))) if old == new => sides.push(Draft::new(Kind::CspEnforced, sets)),
        (None | Some((_, false)), Some((_, true))) => {
            let last = sides.finals(&keys);
            let mut first = vec![last[0].clone()];
            first.push(super::truth(CSP[1], true));
            sides.push(Draft::new(Kind::CspReported, first));
            sides.push(Draft::new(Kind::CspEnforced, last));
        }
        (Some((_, true)), Some((_, true))) => {
            let why = "the old policy blocks until then, so the new one is tried where `csp_report_only = true` takes nothing \
                       from anybody: in staging";
            sides.push(Draft::new(Kind::CspEnforced, sets).why(why));
        }
    }
}

fn demand<'p>(plan: &'p Plan<'_>) -> Option<&'p Cors<'p>> {
    let Demand::Cors(cors) = &plan.entry(Control::Cors)?.demand else { return None };
    Some(cors)
}

/// The lists of `[cors]`: what they let in is what any of their entries lets in.
const LISTS: [&str; 5] = ["origins", "app_origins", "methods", "headers", "expose_headers"];

/// New origins are let in beside the old ones, and the old ones go once nobody uses them.
fn cors(sides: &mut Sides<'_>) {
    let all = sides.take_within("cors");
    let (Some(old), Some(new)) = (demand(sides.old), demand(sides.new)) else {
        sides.push(Draft::new(Kind::CorsNarrowed, all));
        return;
    };
    let lists = |plan: &Plan<'_>, key: &str| plan.policy.to_json()["cors"][key].as_array().cloned().unwrap_or_default();
    let loses = |key: &str| {
        let new = lists(sides.new, key);
        lists(sides.old, key).iter().any(|value| !new.contains(value))
    };
    let lost: Vec<&str> = LISTS.into_iter().filter(|key| loses(key)).collect();
    let takes_credentials = old.credentials && !new.credentials;
    let takes_previews = old.preview.is_some() && old.preview != new.preview;
    let is_narrower = !lost.is_empty() || takes_credentials || takes_previews;
    if !is_narrower {
        sides.push(Draft::new(Kind::CorsWidened, all));
        return;
    }
    // Nothing can stand beside every origin.
    let mut wider = Sets::new();
    if old.origins.is_some() {
        for (key, value) in &all {
            let name = LISTS.into_iter().find(|name| *key == KeyPath::from("cors").key(name));
            match name {
                Some(name) if lost.contains(&name) => {
                    let union = sides.united("cors", name);
                    wider.push((key.clone(), Some(union)));
                }
                Some(_) => wider.push((key.clone(), value.clone())),
                None if *key == "cors.credentials".into() && !takes_credentials => {
                    wider.push((key.clone(), value.clone()));
                }
                None if *key == "cors.preview_suffix".into() && !takes_previews => {
                    wider.push((key.clone(), value.clone()));
                }
                None => {}
            }
        }
    }
    wider.retain(|(key, value)| sides.from.get(key) != value.as_ref());
    let lets_somebody_in = !old.lets_nobody_in();
    sides.push(Draft::new(Kind::CorsWidened, wider));
    if lets_somebody_in {
        sides.push(Draft::new(Kind::CorsLooked, Vec::new()));
    }
    sides.push(Draft::new(Kind::CorsNarrowed, all));
}

/// Whether a cookie goes along with fewer requests of other sites' than with the other value.
fn strictness(value: Option<SameSite>) -> u8 {
    match value {
        Some(SameSite::None) => 0,
        // What browsers do with a cookie that says nothing: Lax, or less.
        None => 1,
        Some(SameSite::Lax) => 2,
        Some(SameSite::Strict) => 3,
    }
}

/// What is said of a cookie's other keys.
const OTHER_KEYS: &str =
    "the app sets the cookie with them at its next answer: what browsers hold until then stays as it is";

/// What is said of a cookie that becomes another one under the same name.
const MOVED: &str = "browsers hold the old cookie beside the new one and send both under one name, in an order that nobody chooses: the \
                     app takes the old one back, with its old domain and path";

/// What a key is called within its table.
fn last(key: &KeyPath) -> &str {
    match key.segments().last() {
        Some(Segment::Key(key)) => key.as_ref(),
        Some(Segment::Index(_)) | None => "",
    }
}

/// The reasons of the keys that are written, each once.
fn why(sets: &Sets, of: impl Fn(&str) -> &'static str) -> String {
    let reasons: BTreeSet<&str> = sets.iter().map(|(key, _)| of(last(key))).collect();
    reasons.into_iter().collect::<Vec<_>>().join("; ")
}

/// The keys in which a cookie has fewer flags than before.
fn eased(old: &Cookie, new: &Cookie) -> Vec<&'static str> {
    let mut keys = Vec::new();
    keys.extend((old.secure && !new.secure).then_some("secure"));
    keys.extend((old.http_only && !new.http_only).then_some("http_only"));
    keys.extend((strictness(new.same_site) < strictness(old.same_site)).then_some("same_site"));
    keys
}

/// How long an old cookie may still be there, once the app sets another one.
fn life(plan: &Plan<'_>, cookie: &Cookie) -> Duration {
    let policy = plan.policy;
    let session = policy.sessions.absolute_timeout;
    cookie.max_age.or(session).or(policy.tokens.longest()).unwrap_or(Duration::days(30))
}

fn cookies(sides: &mut Sides<'_>) {
    let (old, new) = (&sides.old.policy.cookies, &sides.new.policy.cookies);
    let below = |name: &CookieName| KeyPath::from("cookies").key(name.as_str());
    let (mut fewer, mut more) = (Sets::new(), Sets::new());
    for (name, cookie) in old {
        let Some(other) = new.get(name) else { continue };
        let eased: Vec<KeyPath> = eased(cookie, other).into_iter().map(|key| below(name).key(key)).collect();
        fewer.extend(sides.take(|key| eased.contains(key)));
        more.extend(sides.take_within(below(name)));
    }
    let why = why(&fewer, |key| match key {
        "secure" => "a cookie with Secure is not sent by plain HTTP, so the flag goes before TLS does",
        "http_only" => "programs in the page may read the cookie from then on: nothing waits for it",
        "same_site" => "the cookie goes along with more requests from other sites from then on: nothing waits for it",
        _ => OTHER_KEYS,
    });
    sides.push(Draft::new(Kind::CookiesEased, fewer).why(why));
    let why = self::why(&more, |key| match key {
        "secure" => "a cookie with Secure is not sent by plain HTTP, so everyone has to come by https first",
        "http_only" => "no program in the page can read the cookie any more, so a page that does is changed first",
        "domain" | "path" => MOVED,
        "same_site" => {
            "the cookie no longer goes along with some requests from other sites, so sign-in elsewhere, payments and pages in a \
             frame that rest on it are tried first"
        }
        _ => OTHER_KEYS,
    });
    sides.push(Draft::new(Kind::CookiesHardened, more).why(why));
    // A cookie that takes the place of others is for what they were for.
    for (name, cookie) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        let replaced = old.iter().filter(|(name, old)| !new.contains_key(*name) && old.purpose == cookie.purpose);
        let lives = replaced.map(|(_, cookie)| life(sides.old, cookie)).max();
        let sets = sides.take_within(below(name));
        let subject = cookie.purpose.as_str();
        let draft = Draft::new(Kind::CookieAdded, sets).of(subject).standing(lives.unwrap_or(Duration::days(0)));
        sides.push(draft);
    }
    for (name, cookie) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        let is_replaced = new.iter().any(|(name, new)| !old.contains_key(name) && new.purpose == cookie.purpose);
        let sets = sides.take_within(below(name));
        let draft = Draft::new(Kind::CookieRetired, sets).of(cookie.purpose.as_str());
        sides.push(if is_replaced { draft } else { draft.why("the app does not set it any more") });
    }
}
