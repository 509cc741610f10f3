//! What a limit says: how much it lets through, by what it counts, and whether its edge and its paths can be taken as written.

use std::num::NonZeroU32;

use super::{GUARDED, SIGN_IN, guarded, is_before_sign_in};
use crate::apps::AppControl;
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::{Demand, Edge, Facts, Limit, Owner};
use crate::profile::{LimitKey, Name, Period, Rate, Route};
use crate::rules::reads::{COUNTED, EDGES};
use crate::rules::rule::{Check, Severities, rules};
use crate::rules::words::thousands;
use crate::source::KeyPath;

/// What RAT008 takes for the most that still limits guesses.
const MOST: Rate = Rate::new(100, Period::Minute);

/// Whether a route takes a one-time code, by its name.
fn is_code(name: &Name) -> bool {
    const WORDS: [&str; 10] = ["otp", "totp", "mfa", "2fa", "code", "codes", "factor", "factors", "pin", "verify"];
    name.as_str().split(['_', '-']).any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// What RAT006 takes for enough for people who share an address.
const LOW: Rate = Rate::new(10, Period::Minute);

/// Whether a route is one that a person rarely needs.
fn is_rare(name: &Name) -> bool {
    GUARDED[1..].iter().any(|(rare, _)| *rare == name.as_str())
}

/// Whether a limit by user covers one of a route's paths, too.
fn has_user_limit(facts: &Facts<'_>, name: &Name, route: &Route) -> bool {
    let paths = facts.route_paths(name.as_str(), route);
    facts.policy.rate_limits.routes.iter().any(|(other, by_user)| {
        by_user.per == LimitKey::User
            && facts.route_paths(other.as_str(), by_user).iter().any(|path| paths.contains(path))
    })
}

/// The rates around one that nginx cannot count: the next below, where there
/// is one, and the next above.
fn neighbours(rate: Rate) -> (Option<Rate>, Rate) {
    let per_minute = |count| Rate::new(count, Period::Minute);
    let below = u64::from(rate.count) * Period::Minute.seconds() / rate.seconds();
    let below = u32::try_from(below).unwrap_or(u32::MAX);
    ((below > 0).then(|| per_minute(below)), per_minute(below.saturating_add(1)))
}

/// How many times more one rate lets through than another that is slower: "12 times as much".
fn looser(rate: Rate, asked: Rate) -> String {
    let (more, asked) = (rate.in_a_day(), asked.in_a_day());
    let about = if more % asked == 0 { "" } else { "more than " };
    format!("{about}{} times as much", more / asked)
}

rules! {
    /// A limit by address is not so low that people who share an address hinder each other.
    ///
    /// An office, a campus and a mobile network have one address, and so one limit, for everyone. With 5 sign-ins a minute, the
    /// sixth person who comes to work at nine is told to wait, and the one after; a single script on that network keeps
    /// all of them out. A limit by user hits the one who asks too often. Before sign-in there is no user to count by:
    /// there a wider limit by address keeps programs slow, and `[lockout]` guards each account.
    ///
    /// Fewer than 10 a minute is low here: 10 is the tightest sign-in limit in the code of the apps that seccfg knows.
    /// Sign-up and password reset are left alone, because nobody does either twice a day.
    ///
    /// Write: `per = "user"`, where the app can count by user; or a wider limit, such as `limit = "30/min"`, with
    /// `[lockout]` for sign-in.
    RAT006 = "shared-address-limit" {
        severity: Severities::prod(Note),
        source: "InstaCRUD's production page, on users behind one NAT; the pack of FastCMS: sign-in at 10 a minute",
        keys: &["rate_limits.routes.*.limit", "rate_limits.routes.*.per"],
        reads: &[&["rate_limits.enabled", "rate_limits.routes.+.per", "rate_limits.routes.+.paths"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let limits = &facts.policy.rate_limits;
            // RAT001 speaks where none of them counts.
            if !limits.enabled {
                return;
            }
            for (name, route) in &limits.routes {
                if is_rare(name) || route.per == LimitKey::User || LOW.at_most(route.limit) || has_user_limit(facts, name, route) {
                    continue;
                }
                let limit = route.limit;
                let can_lock = facts.app.ability(AppControl::Lockout).can_be_told();
                let help = match name.as_str() {
                    SIGN_IN if can_lock => "raise it, such as `limit = \"30/min\"`, and let `[lockout]` stop the guessing",
                    SIGN_IN => "raise it; or accept it under `[[waivers]]`, because nothing else stops the guessing",
                    _ => "write `per = \"user\"` if the app can count by user, or raise it",
                };
                out.at(
                    ("rate_limits.routes", name.as_str(), "limit"),
                    format!("everyone behind one address shares the limit `{name}` of {limit}"),
                )
                .label("low for an office or a mobile network")
                .help(help);
            }
        }),
    }

    /// A limit can be expressed by the layer that owns it.
    ///
    /// nginx counts in whole requests per second or per minute (`rate=5r/m`), so it cannot be told 20 an hour or 100 an
    /// hour; 60 an hour are 1 a minute, and it can. Rounding would let more through than the profile says, or refuse
    /// people whom it lets in, so that choice is left to its author.
    ///
    /// Write: a whole number a second or a minute that is no more than what is meant, such as `limit = "1/min"` for 100 an
    /// hour; what is slower than that, `rate_limits.enforced_by = "app"` where the app can be told its limits, or Caddy.
    RAT007 = "inexpressible-rate-limit" {
        severity: Severities::all(Error),
        source: "nginx, ngx_http_limit_req_module: rate= takes a whole number and r/s or r/m",
        keys: &["rate_limits.routes.*.limit"],
        reads: &[COUNTED, EDGES],
        fix: None,
        check: Check::Plan(|plan, out| {
            let Edge::Nginx(_) = plan.edge else { return };
            for entry in plan.entries.iter().filter(|entry| entry.owner == Owner::Layer(plan.edge_layer())) {
                let Demand::RateLimit(Limit { name, rate: limit, .. }) = entry.demand else { continue };
                if limit.per_minute_or_second().is_some() {
                    continue;
                }
                // Where the limits of the app are fixed, or none, its pack
                // knows that it cannot be told this one.
                let by_app = plan.app.limits.ability.can_be_told();
                // What lets no more through than was asked comes first.
                let (between, help) = match neighbours(limit) {
                    (Some(below), above) => {
                        let by_app = if by_app { "; or `rate_limits.enforced_by = \"app\"` if the app can count it" } else { "" };
                        let help = format!("set the limit to \"{below}\", or to \"{above}\" if that may be{by_app}");
                        (format!("between {below} and {above}"), help)
                    }
                    (None, least) => {
                        let who = if by_app {
                            "let the app count it, `rate_limits.enforced_by = \"app\"`, or Caddy"
                        } else {
                            "compile for Caddy, which counts any time"
                        };
                        let looser = looser(least, limit);
                        let help = format!("{who}; \"{least}\", the slowest that nginx counts, lets {looser} through");
                        (format!("less than {least}"), help)
                    }
                };
                out.at(entry.control.key(), format!("nginx cannot count the limit `{name}` of {limit}"))
                    .label(format!("{between}; it counts whole requests per second or minute"))
                    .help(help);
            }
        }),
    }

    /// A limit on guessing is one that a guesser feels.
    ///
    /// `"100/s"` on sign-in protects the server, and nobody's password: it lets 8,640,000 guesses a day through from each
    /// address. People need a handful a minute, an office behind one address some dozens. The rule is about sign-in,
    /// sign-up, password reset and one-time codes, where a code of six digits has a million values; more than 100 a minute for
    /// one address is no limit there. Rates are compared over a day, whatever they are written in; a `burst` of more than 100
    /// lets as many through at once.
    ///
    /// Write: `limit = "30/min"` or less for these routes; the server itself is protected by another limit.
    RAT008 = "limit-that-limits-nothing" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 6.3.1 and 6.6.3; the threshold is seccfg's own",
        keys: &["rate_limits.routes.*.limit", "rate_limits.routes.*.burst", "rate_limits.routes.*.per"],
        reads: &[&["rate_limits.enabled"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let limits = &facts.policy.rate_limits;
            // RAT001 speaks where none of them counts.
            if !limits.enabled {
                return;
            }
            for (name, route) in limits.routes.iter().filter(|(name, _)| guarded(name).is_some() || is_code(name)) {
                // Over a day: a hundred a day is less than a hundred a minute, and two a second are more.
                if route.limit.in_a_day() <= MOST.in_a_day() {
                    if let Some(burst) = route.burst.map(NonZeroU32::get).filter(|burst| *burst > MOST.count) {
                        let key = ("rate_limits.routes", name.as_str(), "burst");
                        out.at(key, format!("the limit `{name}` lets {} guesses through at once", thousands(burst.into())))
                            .label("more than 100")
                            .also(("rate_limits.routes", name.as_str(), "limit"), "counts only what comes after them")
                            .help("set `burst` to what a person sends at once, such as 10, or leave it out");
                    }
                    continue;
                }
                let day = route.limit.in_a_day();
                let what = if guarded(name) == Some("sign_up") { "accounts" } else { "guesses" };
                let whom = match route.per {
                    LimitKey::Ip => "address",
                    LimitKey::User => "user",
                };
                out.at(
                    ("rate_limits.routes", name.as_str(), "limit"),
                    format!("the limit `{name}` of {} lets {} {what} a day through for each {whom}", route.limit, thousands(day)),
                )
                .label("more than 100 a minute")
                .help("set it to what people need, such as `limit = \"30/min\"`");
            }
        }),
    }

    /// What is asked before anyone has signed in is not counted by user.
    ///
    /// On sign-in, sign-up and password reset there is no user yet: an app that is told to count by user there counts
    /// nobody, or everybody as one, or takes the name that was typed in, which the next guess changes. A proxy cannot do it
    /// at all. Guesses against one account are what `[lockout]` counts.
    ///
    /// Write: `per = "ip"` for these routes, or leave the key out.
    RAT009 = "limit-by-user-before-sign-in" {
        severity: Severities::all(Error),
        source: "derived: before sign-in there is no user to count by",
        keys: &["rate_limits.routes.*.per"],
        reads: &[&["rate_limits.enabled"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let limits = &facts.policy.rate_limits;
            let by_user = limits.routes.iter().filter(|(_, route)| limits.enabled && route.per == LimitKey::User);
            for (name, _) in by_user.filter(|(name, _)| is_before_sign_in(name)) {
                let key = KeyPath::from(("rate_limits.routes", name.as_str(), "per"));
                out.at(key.clone(), format!("the limit `{name}` counts by user, and nobody has signed in yet"))
                    .label("no user to count by")
                    .help("set `per = \"ip\"`; `[lockout]` counts guesses against one account")
                    .set(key, LimitKey::Ip.as_str());
            }
        }),
    }

    /// A path with a parameter is written as a pattern of segments, and never taken literally.
    ///
    /// `/users/:id/reset` is how a framework writes its route. No request has that path, so that a limit on it would count
    /// nobody, and a document behind it would stay in sight, without a word. `*` stands for any one segment, in every
    /// framework's place.
    ///
    /// Write: `*` in the place of the parameter, such as `"/users/*/reset"`; a path that ends in `/` means all below it.
    RAT010 = "literal-parameter" {
        severity: Severities::all(Error),
        source: "derived: routes of Express, FastAPI, Flask, Rails and Next.js are no paths of requests",
        keys: &["rate_limits.routes.*.paths", "api_docs.paths", "headers.no_store"],
        fix: Safe,
        check: Check::Loader,
    }
}
