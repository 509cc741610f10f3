//! How often clients may ask.

use std::num::NonZeroU32;

use super::networks::{Wide, everyone, wide};
use super::reads::{COUNTED, EDGES, WAYS};
use super::rule::{Check, Severities, rules};
use super::words::{and, thousands};
use crate::apps::{AppControl, PackVariable};
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::{Demand, Edge, Evidence, Facts, Limit, Owner, Plan};
use crate::profile::{EnforcedBy, Field, LimitKey, Name, Period, Rate, Route, SecretRef, SignIn, UrlPath, known_route};
use crate::source::KeyPath;

/// The routes on which passwords are guessed, accounts made and mail sent.
const GUARDED: [(&str, &str); 3] =
    [("sign_in", "sign-in"), ("sign_up", "sign-up"), ("password_reset", "password reset")];

const SIGN_IN: &str = GUARDED[0].0;
const SIGN_UP: &str = GUARDED[1].0;

/// What RAT008 takes for the most that still limits guesses.
const MOST: Rate = Rate::new(100, Period::Minute);

/// The guarded route that a limit is for, by its name or by one that people give it.
fn guarded(name: &Name) -> Option<&'static str> {
    let known = known_route(&KeyPath::from("rate_limits.routes").key(name.as_str())).unwrap_or(name.as_str());
    GUARDED.iter().map(|(guarded, _)| *guarded).find(|guarded| *guarded == known)
}

/// Whether a route takes a one-time code, by its name.
fn is_code(name: &Name) -> bool {
    const WORDS: [&str; 10] = ["otp", "totp", "mfa", "2fa", "code", "codes", "factor", "factors", "pin", "verify"];
    name.as_str().split(['_', '-']).any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// Whether the app has a guarded route, by what is said of who signs in.
fn is_there(facts: &Facts<'_>, name: &str) -> bool {
    let by_passkey = facts.may_sign_in_by(SignIn::Passkey) && facts.policy.app.open_registration;
    facts.may_sign_in_by(SignIn::Password) || (name == SIGN_UP && by_passkey)
}

/// The paths of a kind that the app's pack knows, and that no limit of the profile covers.
fn uncovered<'p>(facts: &Facts<'p>, name: &str, route: &'p Route) -> Vec<&'p UrlPath> {
    let Some(written) = &route.paths else { return Vec::new() };
    let others =
        facts.policy.rate_limits.routes.iter().flat_map(|(name, route)| facts.route_paths(name.as_str(), route));
    let limited: Vec<&UrlPath> = written.iter().chain(others).collect();
    let is_covered = |path: &&UrlPath| {
        limited
            .iter()
            .any(|limited| *limited == *path || (limited.is_prefix() && path.as_str().starts_with(limited.as_str())))
    };
    facts.app.routes.get(name).into_iter().flatten().filter(|path| !is_covered(path)).collect()
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

/// What can be written so that some layer is known to enforce a limit.
pub(super) fn ways_out(plan: &Plan<'_>, limit: &Limit<'_>) -> String {
    let by = plan.policy.rate_limits.enforced_by;
    let mut ways = Vec::new();
    if by != EnforcedBy::Auto {
        ways.push("leave `rate_limits.enforced_by` out, so that whichever layer can may count".to_owned());
    }
    if by != EnforcedBy::App {
        let by_user = limit.per == LimitKey::User;
        if by_user {
            ways.push("write `per = \"ip\"`, which a proxy can count by".to_owned());
        }
        if limit.paths.list.is_empty() {
            ways.push("name the `paths` that it covers, so that a proxy finds them".to_owned());
        }
        if !by_user && plan.edge.can_count().is_err() {
            ways.push(
                match plan.edge {
                    Edge::Nginx(_) => "compile for a later nginx, `targets.nginx.version`",
                    Edge::Caddy(_) => {
                        "build Caddy with the `rate_limit` plugin and write `targets.caddy.plugins = [\"rate_limit\"]`"
                    }
                    Edge::Kubernetes(_) => {
                        "use a gateway that has rate limits of its own, such as \"envoy-gateway\", and name it in \
                         `targets.kubernetes.gateway.implementation`"
                    }
                }
                .to_owned(),
            );
        }
    }
    if let Some(fixed) =
        plan.app.limits.routes.get(limit.name).filter(|_| by != EnforcedBy::Proxy && limit.gets_to_the_app())
    {
        let app = &plan.app.title;
        ways.push(format!(
            "ask for what {app} does by itself, `limit = \"{}\"` and `per = \"{}\"`",
            fixed.limit, fixed.per
        ));
    }
    ways.join("; or ")
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
    /// Rate limits are on in production.
    ///
    /// Without them a program tries passwords as fast as the server answers, makes accounts by the thousand, and runs
    /// up the bill of whatever is paid by use. Switching them off belongs to the mode in which tests run. Networks under
    /// `exempt` that are everyone together switch them off just as well, and a public one that is wider than any organisation's
    /// switches them off for whoever rents a machine there.
    ///
    /// Write: `rate_limits.enabled = true`, or leave the key out. Tests that limits get in the way of have
    /// `rate_limits = { enabled = false }` under `[modes.test]`.
    RAT001 = "rate-limits-off" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 6.3.1; InstaCRUD's production page: on in prod, off in test",
        keys: &["rate_limits.enabled", "rate_limits.exempt"],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            if !facts.policy.rate_limits.enabled {
                out.at("rate_limits.enabled", "rate limits are off in production")
                    .label("passwords can be tried as fast as the server answers")
                    .help("set `rate_limits.enabled = true`; tests switch it off under `[modes.test]`")
                    .set("rate_limits.enabled", true);
                return;
            }
            let exempt = &facts.policy.rate_limits.exempt;
            for found in everyone(exempt) {
                out.at(found.key("rate_limits.exempt"), "no rate limit counts anyone")
                    .label(found.label(exempt))
                    .help("exempt only networks of your own, such as the one that health checks come from");
            }
            for Wide { place, network, widest } in wide(exempt) {
                out.at(("rate_limits.exempt", place), format!("no rate limit counts anyone in {network}"))
                    .at_most(Warning)
                    .label(format!("wider than /{widest}: strangers rent addresses in it"))
                    .help("exempt only networks of your own, such as the one that health checks come from");
            }
        }),
    }

    /// Sign-in, sign-up and password reset have a limit each, as far as the app has them.
    ///
    /// These three answer people who have not signed in, and each is worth a program's while: the first is where
    /// passwords are guessed, the second fills the service with accounts, the third sends mail to strangers in the
    /// service's name. Where sign-up is closed its path still answers, and its limit costs nothing.
    ///
    /// `app.sign_in` says what there is. Sign-in, sign-up and reset are asked of an app with passwords, and of one that nothing
    /// is said of. With passkeys nobody guesses: sign-up alone is asked, where registration is open. Sign-in at providers or
    /// elsewhere asks for none. Where the app's pack knows several paths of a kind, all of them count, because an attacker
    /// takes the one that was forgotten. A limit with `methods` counts these alone, and what people send comes by POST.
    ///
    /// Write: `[rate_limits.routes.sign_in]`, `[rate_limits.routes.sign_up]` and `[rate_limits.routes.password_reset]`,
    /// each with a `limit` such as `"10/min"`, and with the `paths` that it covers where the app's pack does not know
    /// them.
    RAT002 = "unlimited-sign-in" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 6.1.1 and 6.3.1; InstaCRUD's production page: 5 per minute and address",
        keys: &["rate_limits.routes"],
        reads: &[&["rate_limits.enabled", "app.open_registration"], WAYS],
        fix: None,
        check: Check::Policy(|facts, out| {
            let limits = &facts.policy.rate_limits;
            // RAT001 speaks where none of them counts.
            if !limits.enabled {
                return;
            }
            for (name, word) in GUARDED {
                let Some(route) = limits.routes.get(name) else { continue };
                if route.methods.as_ref().is_some_and(|methods| methods.iter().all(|method| method.as_str() != "POST")) {
                    let key = ("rate_limits.routes", name, "methods");
                    out.at(key, format!("the limit of {word} does not count POST"))
                        .label("forms and APIs send passwords and addresses by POST")
                        .help("add \"POST\", or leave `methods` out, so that every request counts")
                        .at_most(Warning);
                }
                let open = uncovered(facts, name, route);
                if open.is_empty() {
                    continue;
                }
                let paths: Vec<String> = open.iter().map(|path| format!("`{path}`")).collect();
                let app = &facts.app.title;
                out.at(("rate_limits.routes", name, "paths"), format!("{word} at {} has no rate limit", and(&paths)))
                    .label(format!("{app} answers there, too"))
                    .help("add it to `paths`; or leave `paths` out, because the app's pack knows all of them".to_owned());
            }
            let missing: Vec<_> = GUARDED
                .iter()
                .filter(|(name, _)| is_there(facts, name) && !limits.routes.contains_key(*name))
                .collect();
            if missing.is_empty() {
                return;
            }
            let (has, is, each) = if missing.len() == 1 { ("has", "is", "") } else { ("have", "are", ", each") };
            let words: Vec<String> = missing.iter().map(|(_, word)| (*word).to_owned()).collect();
            let names: Vec<String> = missing.iter().map(|(name, _)| format!("`{name}`")).collect();
            let sections: Vec<String> =
                missing.iter().map(|(name, _)| format!("`[rate_limits.routes.{name}]`")).collect();
            let known = missing.iter().all(|(name, _)| facts.app.routes.contains_key(*name));
            let paths = if known { "" } else { " and its `paths`" };
            // One that is there may be there under another name.
            let named = limits.routes.keys().find_map(|name| {
                let known = known_route(&KeyPath::from("rate_limits.routes").key(name.as_str()))?;
                missing.iter().any(|(missing, _)| *missing == known).then_some((name, known))
            });
            let named = named.map_or_else(String::new, |(name, known)| {
                format!("; if `{name}` is that route, give it the name `{known}`")
            });
            let ways = match &facts.policy.app.sign_in {
                None if facts.app.sign_in.is_none() => "; or write `app.sign_in`, if people sign in without passwords, or not at all",
                Some(_) | None => "",
            };
            out.at("rate_limits.routes", format!("{} {has} no rate limit", and(&words)))
                .label(format!("{} {is} missing", and(&names)))
                .help(format!("add {}{each} with a `limit` such as \"10/min\"{paths}{named}{ways}", and(&sections)));
        }),
    }

    /// Some layer really enforces each limit.
    ///
    /// A limit that nobody counts is worse than none, because it is relied on. The proxy counts by address where it
    /// knows the paths; only the app can count by user, and some apps have limits of their own that no setting changes.
    /// Where neither can do what is asked, the plan has a gap, and this rule names it with the reasons of each layer. What
    /// falls to an app that seccfg does not know, because the edge cannot count it, may be counted or not: that is a note.
    ///
    /// Write: what the help says; mostly the route's `paths`, `per = "ip"`, or a limit no lower than the app's own.
    RAT003 = "unenforced-rate-limit" {
        severity: Severities::live(Error),
        source: "the plan; the pack of InstaCRUD, whose limits are fixed in its code and are not those of its page",
        keys: &["rate_limits.routes.*.limit", "rate_limits.enforced_by"],
        reads: &[&["rate_limits.routes.*.burst"], COUNTED, EDGES],
        fix: None,
        check: Check::Plan(|plan, out| {
            // K8S006 speaks where a cluster's gateway is not named.
            for (entry, reasons) in plan.gaps().filter(|(entry, _)| entry.unnamed().is_none()) {
                let Demand::RateLimit(limit) = &entry.demand else { continue };
                let Limit { name, rate, per, .. } = limit;
                let part = format!("the limit `{name}` of {rate} per {per}");
                out.at(entry.control.key(), format!("no layer enforces {part}"))
                    .shares(&*reasons, ("no layer enforces ", part, ""))
                    .label(reasons)
                    .help(ways_out(plan, limit));
            }
            for entry in plan.left_to_an_unknown_app() {
                let Demand::RateLimit(limit) = &entry.demand else { continue };
                let Limit { name, rate, per, .. } = limit;
                let behind = plan.behind(&entry.demand);
                let (before, part) = (format!("only {behind} can count "), format!("the limit `{name}` of {rate}"));
                out.at(entry.control.key(), format!("{before}{part}"))
                    .at_most(Note)
                    .shares(entry.passed_over.join("; "), (&before, part, ""))
                    .label(entry.passed_over.join("; "))
                    .help(match per {
                        LimitKey::Ip => format!("make sure that {behind} counts; or {}", ways_out(plan, limit)),
                        LimitKey::User => format!("make sure that {behind} counts by user: nothing else can"),
                    });
            }
        }),
    }

    /// No knob is set that the app ignores.
    ///
    /// `RATE_LIMIT_PER_MINUTE=20` in FastCMS's file reads as if 20 requests a minute were the limit. Its code reads the
    /// variable and then goes by built-in limits for each role, so that whoever lowers the number in the middle of an
    /// attack changes nothing, and may find out too late.
    ///
    /// `ADMIN_PASSWORD` there reads as if it were the first administrator's password. No code reads it: on a new database
    /// whoever comes first sets one.
    ///
    /// Write: the limits under `[rate_limits.routes]`, where a layer that can count them does; and take the variable out
    /// of the file, and out of the profile if that refers to it.
    RAT005 = "ignored-knob" {
        severity: Severities::all(Warning),
        source: "the pack of FastCMS, whose limits by role override RATE_LIMIT_PER_MINUTE and RATE_LIMIT_PER_HOUR, and no \
                 code of which reads ADMIN_PASSWORD",
        keys: &["secrets.*.source", "app.kind", "app.release"],
        fix: None,
        check: Check::Mixed(|facts, out| {
            let app = &facts.app.title;
            for (variable, name, row) in facts.read_variables() {
                let PackVariable { ignored: Some(reason), field, .. } = row else { continue };
                let key = field.as_ref().map_or_else(|| "app.kind".into(), Field::key);
                out.at_name(variable, key, format!("`{name}` does nothing in {app}: {reason}"))
                    .label("does nothing")
                    .help(format!("take it away{}", row.remark()));
            }
            for (name, secret) in &facts.policy.secrets {
                let SecretRef::Env(variable) = &secret.source else { continue };
                // Most packs have no such row, and none of them is read for this.
                if !facts.app.variables.may_ignore(variable) {
                    continue;
                }
                let Some((own, PackVariable { ignored: Some(reason), .. })) = facts.app.variable(variable) else { continue };
                out.at(("secrets", name.as_str(), "source"), format!("`{own}` does nothing in {app}: {reason}"))
                    .label("is not read")
                    .known_by(Evidence::Known)
                    .help(format!("take `[secrets.{name}]` out"));
            }
        }),
    }

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
            for (name, _) in by_user.filter(|(name, _)| guarded(name).is_some()) {
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
