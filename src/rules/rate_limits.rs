//! How often clients may ask.

use super::reads::{COUNTED, EDGES};
use super::rule::{Check, Severities, rules};
use crate::apps::{AppControl, PackVariable};
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::{Demand, Edge, Evidence, Facts, Limit, Owner, Plan};
use crate::profile::{EnforcedBy, Field, LimitKey, Name, Period, Rate, Route, SecretRef, known_route};
use crate::source::KeyPath;

/// The routes on which passwords are guessed, accounts made and mail sent.
const GUARDED: [(&str, &str); 3] =
    [("sign_in", "sign-in"), ("sign_up", "sign-up"), ("password_reset", "password reset")];

const SIGN_IN: &str = GUARDED[0].0;

/// What RAT006 takes for enough for people who share an address.
const LOW: Rate = Rate { count: 10, period: Period::Minute };

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

/// `a`, `a and b`, `a, b and c`.
pub(super) fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
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
    if let Some(fixed) = plan.app.limits.routes.get(limit.name).filter(|_| by != EnforcedBy::Proxy) {
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
    let per_minute = |count| Rate { count, period: Period::Minute };
    let below = u64::from(rate.count) * Period::Minute.seconds() / rate.period.seconds();
    let below = u32::try_from(below).unwrap_or(u32::MAX);
    ((below > 0).then(|| per_minute(below)), per_minute(below.saturating_add(1)))
}

/// How many times more one rate lets through than another that is slower: "12 times as much".
fn looser(rate: Rate, asked: Rate) -> String {
    let in_a_day = |rate: Rate| u64::from(rate.count) * (Period::Day.seconds() / rate.period.seconds());
    let (more, asked) = (in_a_day(rate), in_a_day(asked).max(1));
    let about = if more % asked == 0 { "" } else { "more than " };
    format!("{about}{} times as much", more / asked)
}

rules! {
    /// Rate limits are on in production.
    ///
    /// Without them a program tries passwords as fast as the server answers, makes accounts by the thousand, and runs
    /// up the bill of whatever is paid by use. Switching them off belongs to the mode in which tests run.
    ///
    /// Write: `rate_limits.enabled = true`, or leave the key out. Tests that limits get in the way of have
    /// `rate_limits = { enabled = false }` under `[modes.test]`.
    RAT001 = "rate-limits-off" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 6.3.1; InstaCRUD's production page: on in prod, off in test",
        keys: &["rate_limits.enabled"],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            if !facts.policy.rate_limits.enabled {
                out.at("rate_limits.enabled", "rate limits are off in production")
                    .label("passwords can be tried as fast as the server answers")
                    .help("set `rate_limits.enabled = true`; tests switch it off under `[modes.test]`")
                    .set("rate_limits.enabled", true);
            }
        }),
    }

    /// Sign-in, sign-up and password reset have a limit each.
    ///
    /// These three answer people who have not signed in, and each is worth a program's while: the first is where
    /// passwords are guessed, the second fills the service with accounts, the third sends mail to strangers in the
    /// service's name. Where sign-up is closed its path still answers, and its limit costs nothing.
    ///
    /// Write: `[rate_limits.routes.sign_in]`, `[rate_limits.routes.sign_up]` and `[rate_limits.routes.password_reset]`,
    /// each with a `limit` such as `"10/min"`, and with the `paths` that it covers where the app's pack does not know
    /// them.
    RAT002 = "unlimited-sign-in" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 6.1.1 and 6.3.1; InstaCRUD's production page: 5 per minute and address",
        keys: &["rate_limits.routes"],
        reads: &[&["rate_limits.enabled"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let limits = &facts.policy.rate_limits;
            // RAT001 speaks where none of them counts.
            if !limits.enabled {
                return;
            }
            let missing: Vec<_> = GUARDED.iter().filter(|(name, _)| !limits.routes.contains_key(*name)).collect();
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
            out.at("rate_limits.routes", format!("{} {has} no rate limit", and(&words)))
                .label(format!("{} {is} missing", and(&names)))
                .help(format!("add {}{each} with a `limit` such as \"10/min\"{paths}{named}", and(&sections)));
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
        reads: &[COUNTED, EDGES],
        fix: None,
        check: Check::Plan(|plan, out| {
            // K8S006 speaks where a cluster's gateway is not named.
            for (entry, reasons) in plan.gaps().filter(|(entry, _)| entry.unnamed().is_none()) {
                let Demand::RateLimit(limit) = &entry.demand else { continue };
                let Limit { name, rate, per, .. } = limit;
                out.at(entry.control.key(), format!("no layer enforces the limit `{name}` of {rate} per {per}"))
                    .label(reasons)
                    .help(ways_out(plan, limit));
            }
            for entry in plan.left_to_an_unknown_app() {
                let Demand::RateLimit(limit) = &entry.demand else { continue };
                let Limit { name, rate, per, .. } = limit;
                out.at(entry.control.key(), format!("only {} can count the limit `{name}` of {rate}", plan.app.title))
                    .at_most(Note)
                    .label(entry.passed_over.join("; "))
                    .help(match per {
                        LimitKey::Ip => format!("make sure that the app counts; or {}", ways_out(plan, limit)),
                        LimitKey::User => "make sure that the app counts by user: nothing else can".to_owned(),
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
}
