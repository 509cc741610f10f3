//! How often clients may ask: which limits there are, and who enforces them.

pub mod limit;

use super::networks::{Wide, everyone, wide};
use super::reads::{COUNTED, EDGES, WAYS};
use super::rule::{Check, Severities, rules};
use super::words::and;
use crate::apps::PackVariable;
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::{Demand, Edge, Evidence, Facts, Limit, Plan};
use crate::profile::{EnforcedBy, Field, LimitKey, Name, Route, SecretRef, SignIn, UrlPath, known_route};

/// The routes on which passwords are guessed, accounts made and mail sent.
const GUARDED: [(&str, &str); 3] =
    [("sign_in", "sign-in"), ("sign_up", "sign-up"), ("password_reset", "password reset")];

const SIGN_IN: &str = GUARDED[0].0;
const SIGN_UP: &str = GUARDED[1].0;

/// The guarded route that a limit is for, by its name or by one that people give it.
fn guarded(name: &Name) -> Option<&'static str> {
    let known = known_route(name.as_str()).unwrap_or(name.as_str());
    GUARDED.iter().map(|(guarded, _)| *guarded).find(|guarded| *guarded == known)
}

/// Other names of limits for what is asked before anyone has signed in.
const BEFORE: [&str; 4] = ["magic_link", "login_link", "email_link", "passwordless"];

/// Whether a limit is for what is asked before anyone has signed in, by its name.
fn is_before_sign_in(name: &Name) -> bool {
    guarded(name).is_some() || BEFORE.contains(&name.as_str().replace('-', "_").as_str())
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

/// What can be written so that some layer is known to enforce a limit.
pub(crate) fn ways_out(plan: &Plan<'_>, limit: &Limit<'_>) -> String {
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
        // It counts, and cannot count this.
        if plan.edge.can_count().is_ok() && !by_user && !limit.paths.list.is_empty() {
            ways.push(format!(
                "take out what {} cannot count by, or compile for another edge under `[targets]`, such as nginx",
                plan.edge
            ));
        } else if !by_user && plan.edge.can_count().is_err() {
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
            for Wide { place, network, widest, .. } in wide(exempt) {
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
                        .help("add \"POST\", or leave `methods` out, so that every request counts");
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
                let known = known_route(name.as_str())?;
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
            let secrets = facts.policy.secrets.iter().filter_map(|(name, secret)| match &secret.source {
                SecretRef::Env(variable) => Some((name, variable, facts.app.ignored(variable)?)),
                SecretRef::File(_) => None,
            });
            let mut secrets: Vec<_> = secrets.collect();
            for (variable, name, row) in facts.read_variables() {
                let PackVariable { ignored: Some(reason), field, .. } = row else { continue };
                let key = field.as_ref().map_or_else(|| "app.kind".into(), Field::key);
                let draft = out.at_name(variable, key, format!("`{name}` does nothing in {app}: {reason}"));
                draft.label("does nothing").help(format!("take it away{}", row.remark()));
                // The same in two places is told once.
                for (secret, ..) in secrets.extract_if(.., |(_, referred, _)| facts.app.is_same(referred, variable.name)) {
                    draft
                        .also(("secrets", secret.as_str(), "source"), "the profile refers to it")
                        .remark(&format!("and take `[secrets.{secret}]` out of the profile"));
                }
            }
            for (name, _, (own, reason)) in secrets {
                out.at(("secrets", name.as_str(), "source"), format!("`{own}` does nothing in {app}: {reason}"))
                    .label("is not read")
                    .known_by(Evidence::Known)
                    .help(format!("take `[secrets.{name}]` out"));
            }
        }),
    }
}
