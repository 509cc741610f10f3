//! HTTP Strict Transport Security (RFC 6797).

use super::draft::Draft;
use super::reads::{EDGES, TERMINATE};
use super::rule::{Check, Findings, Severities, rules};
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::{Answers, Control, Entry, Layer, Owner, Plan, Service};
use crate::policy::Policy;
use crate::profile::{Duration, EnforcedBy, Host, HostName, Hsts, PlainHttp, Terminate};
use crate::source::KeyPath;

const YEAR: Duration = Hsts::YEAR;
/// The port at which the preload list asks a domain.
const LISTS_PORT: u16 = 443;
/// What Chromium's tool for the preload list warns about.
const TOO_LONG: Duration = Duration::days(3650);

/// The domain that somebody registered and of which the app serves names below it alone.
fn whole_domain<'p>(policy: &'p Policy<'_>) -> Option<&'p str> {
    let Some(Host::Name(name)) = policy.app.url.as_ref().map(|url| url.origin().host()) else { return None };
    let domain = psl::domain_str(name.as_str())?;
    let is_it = |name: &HostName| name.as_str() == domain;
    (!is_it(name) && !policy.app.aliases.iter().any(is_it)).then_some(domain)
}

/// Whether browsers get the header. Where TLS is off they do not, and HST005 says the more urgent thing.
fn is_sent(policy: &Policy<'_>) -> bool {
    policy.hsts.enabled && policy.terminate() != Terminate::Off
}

/// Speaks of the services whose answers have no HSTS, because the app alone sends it.
fn tell_of_services(plan: &Plan<'_>, entry: &Entry<'_>, out: &mut Findings<'_>) {
    match entry.owner {
        Owner::Layer(Layer::App) | Owner::Delegated => {}
        Owner::Layer(Layer::Proxy | Layer::Cluster | Layer::Balancer) | Owner::Gap => return,
    }
    for Service { name, answers, .. } in &plan.site.services {
        let Some(name) = name else { continue };
        let (is_sure, label) = match answers {
            // It is the app itself.
            Answers::Program(way) if *way.upstreams == plan.policy.app.upstream => continue,
            Answers::Files { .. } => (true, "the app alone sends it, and these files come from a folder"),
            Answers::Program(_) => (false, "the app alone sends it, and whether this program does is not known"),
            Answers::Nothing => continue,
        };
        let lead = if is_sure { "no layer sends" } else { "no layer is known to send" };
        let (before, part, after) = (format!("{lead} HSTS with what "), format!("`{name}`"), " answers");
        let draft = out.at(KEY, format!("{before}{part}{after}"));
        draft
            .shares("", (&before, part, after))
            .at_most(if is_sure { Error } else { Warning })
            .label("the app sends HSTS, and nobody else")
            .also(KeyPath::from("services").key(name.as_str()), label);
        match &entry.at_edge {
            Ok(()) => draft.help(format!("leave `{KEY}` out, so that {} sends it with every answer", plan.edge)),
            Err(lack) => draft.help(format!("let the program send it itself; {} cannot: {lack}", plan.edge)),
        };
    }
}

/// The key of the layer that sends HSTS.
const KEY: &str = "hsts.enforced_by";

rules! {
    /// HSTS is on in production, for a year or more, or on the way there.
    ///
    /// Without it the first request of every visit may go out as plain HTTP, and whoever sits on that network (a café, a
    /// hotel, a hijacked router) answers in the service's name and takes the sign-in. With it, a browser that came once
    /// never asks in plain text again until `max_age` has passed, so a short one reopens the gap.
    ///
    /// For as long as `max_age` says, nothing takes it back. So services begin with a day and go up in steps as they learn
    /// that HTTPS works everywhere. `hsts.ramp = true` says that this is such a step, and makes a note of a shorter time; with
    /// `hsts.ramp_until` it does so until that day. No edit jumps over a step without being asked.
    ///
    /// Write: `hsts.enabled = true` and `hsts.max_age = "1y"` (31,536,000 seconds), once HTTPS works everywhere; until then
    /// `hsts.ramp = true`, `ramp_until` with a day some weeks away, and a `max_age` of a day, a week, a month, and then a year.
    HST001 = "weak-hsts" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 3.4.1: one year; Django security.W004: not zero; hstspreload.org, on the steps to get there",
        keys: &["hsts.enabled", "hsts.max_age", "hsts.ramp", "hsts.ramp_until"],
        reads: &[TERMINATE, &["hsts.preload"]],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let hsts = &policy.hsts;
            // HST005 speaks where TLS is off: HSTS would lock everyone out.
            if policy.terminate() == Terminate::Off || (hsts.enabled && hsts.max_age >= YEAR) {
                return;
            }
            if !hsts.enabled {
                let draft = out.at("hsts.enabled", "HSTS is off in production");
                draft.label("first visits can be intercepted").help(
                    "set `hsts.enabled = true` and `hsts.max_age = \"1y\"`, once HTTPS works everywhere; or begin with \
                     `hsts.max_age = \"1d\"` and `hsts.ramp = true`",
                );
                draft.set("hsts.enabled", true);
                if hsts.max_age < YEAR {
                    draft.set("hsts.max_age", "1y");
                }
                // The list of preloaded domains takes no step before the last.
                if !hsts.preload {
                    draft
                        .or()
                        .titled("begin with a day of HSTS")
                        .set("hsts.enabled", true)
                        .set("hsts.max_age", Hsts::RAMP[0].to_string())
                        .set("hsts.ramp", true);
                }
                return;
            }
            let next = Hsts::step_after(hsts.max_age);
            let is_last = next == YEAR;
            let message = format!("browsers forget HSTS after {}", hsts.max_age.in_words());
            let draft = out.at("hsts.max_age", message);
            // A time of 0 takes back what earlier answers said: that is no step, but the end.
            let is_step = hsts.ramp && hsts.max_age.as_seconds() > 0;
            // Most profiles name no day, and none of them pays for the clock.
            let is_over = hsts.ramp_until.filter(|_| is_step).filter(|until| policy.today() > *until);
            match (is_step, is_over) {
                (true, None) => {
                    let until = match hsts.ramp_until {
                        Some(until) => format!("until {until}"),
                        None => "with no day on which they end: write `hsts.ramp_until`".to_owned(),
                    };
                    // A way that takes more than a year is none.
                    let is_far = hsts.ramp_until.is_some_and(|until| until > policy.today().after(YEAR));
                    draft
                        .at_most(if is_far { Warning } else { Note })
                        .label("less than a year")
                        .also("hsts.ramp", format!("a step on the way, {until}"))
                        .help(format!(
                            "when HTTPS has worked everywhere for that long, set `hsts.max_age = \"{next}\"`{}{}",
                            if is_last { " and take `hsts.ramp` out" } else { "" },
                            if is_far { "; and `hsts.ramp_until` to a day within a year" } else { "" }
                        ));
                }
                (true, Some(until)) => {
                    let steps = format!("; or go on in steps, `hsts.max_age = \"{next}\"`, until another day");
                    let steps = if is_last { "" } else { &steps };
                    draft
                        .label("less than a year")
                        .also("hsts.ramp_until", format!("the steps were to end on {until}"))
                        .help(format!("set `hsts.max_age = \"1y\"` and take `hsts.ramp` out{steps}"));
                }
                (false, _) => {
                    let steps = format!("; on the way there `\"{next}\"` comes next, with `hsts.ramp = true`");
                    let steps = if is_last { "" } else { &steps };
                    draft
                        .label("less than a year")
                        .help(format!("set `hsts.max_age = \"1y\"`, once HTTPS works everywhere{steps}"));
                    draft.set("hsts.max_age", "1y");
                    if !hsts.preload && !is_last {
                        draft
                            .or()
                            .titled(format!("go on to {} of HSTS, on the way to a year", next.in_words()))
                            .set("hsts.max_age", next.to_string())
                            .set("hsts.ramp", true);
                    }
                }
            }
        }),
    }

    /// HSTS covers the subdomains.
    ///
    /// A host below this one that answers in plain HTTP can set cookies for the whole domain: whoever intercepts
    /// `http://anything.shop.example.com` plants a session cookie that the service then reads. `includeSubDomains` makes
    /// browsers refuse that. It also covers hosts that do not speak HTTPS yet, so look for those first.
    ///
    /// Write: `hsts.include_subdomains = true`.
    HST002 = "hsts-without-subdomains" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 3.4.1 (level 2); Django security.W005",
        keys: &["hsts.include_subdomains"],
        reads: &[&["hsts.enabled"], TERMINATE],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let hsts = &facts.policy.hsts;
            if is_sent(facts.policy) && !hsts.include_subdomains {
                out.at("hsts.include_subdomains", "HSTS leaves the subdomains out")
                    .label("a plain-HTTP subdomain can set cookies for the whole domain")
                    .help("set `hsts.include_subdomains = true`, once every host below this one speaks HTTPS")
                    .set("hsts.include_subdomains", true);
            }
        }),
    }

    /// `preload` goes with a year's `max_age`, with `includeSubDomains`, with the redirect from plain HTTP, and with a domain
    /// that somebody registered.
    ///
    /// `preload` asks the browsers' makers to build the domain into their list. Their form refuses a domain that does
    /// not meet these conditions, and meanwhile the header promises something that is not there. The list takes whole
    /// domains: `example.com` or `example.co.uk`, and no `shop.example.com`, and it asks them at port 443. Plain HTTP that gets
    /// no answer is as good as a redirect there.
    ///
    /// Write: `hsts.max_age = "1y"` or more, `hsts.include_subdomains = true` and no plain HTTP that is served; or
    /// `hsts.preload = false`, which is the only way for a subdomain, and for a site at another port.
    HST003 = "preload-without-its-conditions" {
        severity: Severities::all(Error),
        source: "hstspreload.org, submission requirements",
        keys: &[
            "hsts.preload",
            "hsts.max_age",
            "hsts.include_subdomains",
            "tls.redirect_http",
            "tls.plain_http",
            "app.url",
            "app.aliases",
        ],
        reads: &[&["hsts.enabled"], TERMINATE],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let hsts = &policy.hsts;
            if !(is_sent(policy) && hsts.preload) {
                return;
            }
            let domain = whole_domain(policy);
            let plain = if policy.tls.plain_http.is_some() { "tls.plain_http" } else { "tls.redirect_http" };
            let is_served = policy.plain_http() == PlainHttp::Serve;
            let has_port = policy.app.url.as_ref().is_some_and(|url| url.origin().port() != LISTS_PORT);
            let missing: Vec<_> = [
                (hsts.max_age < YEAR, "hsts.max_age", "less than a year".to_owned()),
                (!hsts.include_subdomains, "hsts.include_subdomains", "the subdomains are left out".to_owned()),
                (is_served, plain, "plain HTTP is not redirected".to_owned()),
                (domain.is_some(), "app.url", format!("the list takes {}, and no name below it", domain.unwrap_or_default())),
                (has_port, "app.url", "the list asks at port 443 and no other".to_owned()),
            ]
            .into_iter()
            .filter_map(|(broken, key, text)| broken.then_some((key, text)))
            .collect();
            if missing.is_empty() {
                return;
            }
            let draft = out.at("hsts.preload", "HSTS asks to be preloaded without meeting the list's conditions");
            draft.label("the list would refuse this domain").help(
                "set `hsts.max_age = \"1y\"` and `hsts.include_subdomains = true`, and redirect plain HTTP, for a domain that \
                 somebody registered; else `hsts.preload = false`",
            );
            for (key, text) in &missing {
                draft.also(*key, text.clone());
            }
            let meet = |draft: &mut Draft| {
                for (key, _) in &missing {
                    match *key {
                        "hsts.max_age" => draft.set(*key, "1y"),
                        "tls.plain_http" => draft.set(*key, PlainHttp::Redirect.as_str()),
                        key => draft.set(key, true),
                    };
                }
                draft.titled("meet the conditions of the preload list");
            };
            // Both were asked for, the preload and a port without a redirect. The list has not taken the domain as it
            // is, so that to stop asking changes nothing. A subdomain can meet no condition.
            if domain.is_some() || has_port {
                draft.set("hsts.preload", false);
            } else if is_served {
                meet(draft.set("hsts.preload", false).or());
            } else {
                meet(draft);
                draft.or().set("hsts.preload", false);
            }
        }),
    }

    /// A place in the browsers' built-in list is asked for in the knowledge that it is hard to leave.
    ///
    /// `preload` in the header is all the consent that the list takes: anyone may submit the domain then. Once it is in,
    /// every host below it speaks HTTPS or is gone, a printer's page and an old intranet name with them. Taking it out
    /// again is one form and then months, until every browser that has the list built in was replaced by a newer one.
    ///
    /// Write: `hsts.preload_acknowledged = true`, when every host of the domain speaks HTTPS and will; or leave
    /// `hsts.preload` out: HSTS protects all but the very first visit without it.
    HST004 = "unacknowledged-preload" {
        severity: Severities::prod(Warning),
        source: "hstspreload.org, on removal from the list",
        keys: &["hsts.preload", "hsts.preload_acknowledged"],
        reads: &[&["hsts.enabled"], TERMINATE],
        fix: None,
        check: Check::Policy(|facts, out| {
            let hsts = &facts.policy.hsts;
            if is_sent(facts.policy) && hsts.preload && !hsts.preload_acknowledged {
                out.at("hsts.preload", "HSTS asks for a place in the browsers' list, which takes months to leave")
                    .label("anyone may submit the domain now")
                    .also("hsts.preload_acknowledged", "nothing says that this is meant")
                    .help("set `hsts.preload_acknowledged = true` if it is meant, else leave `hsts.preload` out");
            }
        }),
    }

    /// HSTS is never on where TLS is off.
    ///
    /// A browser that once got the header over HTTPS (from an earlier set-up, from a balancer, from another port)
    /// refuses plain HTTP to this host until `max_age` has passed. If nothing speaks TLS then, the service is gone for
    /// these visitors, for a year, and no change on the server brings it back.
    ///
    /// Write: an https `app.url` with `tls.terminate = "proxy"` (or `"upstream"`, where a CDN or balancer ends TLS); in
    /// dev and test `hsts = { enabled = false }` under the mode's own table, and live only until HTTPS works.
    HST005 = "hsts-without-tls" {
        severity: Severities::all(Error),
        source: "RFC 6797 §7.2: no HSTS over plain HTTP",
        keys: &["hsts.enabled", "tls.terminate"],
        reads: &[&["hsts.max_age"], TERMINATE],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            if policy.hsts.enabled && policy.terminate() == Terminate::Off {
                // Who asks for HSTS asks for https, to which TLS001 has the edit. Where nobody visits, there is nothing to
                // protect.
                let is_live = policy.mode.is_live();
                let message =
                    if is_live { "HSTS is on, but nothing terminates TLS" } else { "HSTS is on in a mode without TLS" };
                let draft = out.at("hsts.enabled", message);
                draft
                    .label(format!("browsers will refuse plain HTTP for {}", policy.hsts.max_age.in_words()))
                    .also("tls.terminate", "plain HTTP here");
                if is_live {
                    draft.help(
                        "make `app.url` https, with `tls.terminate = \"proxy\"` or `\"upstream\"`; \
                         only until then, `hsts.enabled = false`",
                    );
                } else {
                    draft
                        .help("write `hsts = { enabled = false }` under the mode's own table, such as `[modes.dev]`")
                        .set_here("hsts.enabled", false);
                }
            }
        }),
    }

    /// `max_age` is at most ten years.
    ///
    /// A longer one is a unit mistaken (milliseconds for seconds) or a promise that nobody can keep: domains change
    /// hands in less. The tool that checks preload submissions warns at the same figure.
    ///
    /// Write: `hsts.max_age = "2y"` for Mozilla's recommendation, or `"10y"` at most.
    HST006 = "hsts-beyond-ten-years" {
        severity: Severities::all(Warning),
        source: "chromium/hstspreload, warning above 10 years (315,360,000 seconds)",
        keys: &["hsts.max_age"],
        reads: &[&["hsts.enabled"], TERMINATE],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let hsts = &facts.policy.hsts;
            if is_sent(facts.policy) && hsts.max_age > TOO_LONG {
                out.at("hsts.max_age", format!("browsers are told to remember HSTS for {}", hsts.max_age.in_words()))
                    .label("more than ten years")
                    .help("set `hsts.max_age = \"10y\"` or less; `\"2y\"` is what Mozilla recommends")
                    .set("hsts.max_age", "10y");
            }
        }),
    }

    /// Exactly one layer sends HSTS.
    ///
    /// A browser that gets two headers reads the first and ignores the rest (RFC 6797 §8.1), so which promise counts
    /// depends on the order in which proxy and app write. Where none sends it, there is no promise at all. The plan
    /// gives the header to the proxy and drops the app's own; this rule speaks where the profile hands it to a layer
    /// that does not send it as asked.
    ///
    /// What the app sends stands on the app's own answers. A service under `[services]` has no app behind it: a folder of
    /// files gets no HSTS then, and whether another program sends it is not known, which is a warning.
    ///
    /// Write: `hsts.enforced_by = "proxy"`, or leave the key out.
    HST008 = "hsts-without-one-owner" {
        severity: Severities::live(Error),
        source: "RFC 6797 §8.1",
        keys: &["hsts.enforced_by"],
        reads: &[&["hsts.enabled", "services.*.root", "services.*.upstream", "app.upstream"], EDGES],
        fix: Safe,
        check: Check::Plan(|plan, out| {
            // K8S006 speaks where a cluster's gateway is not named.
            let entry = plan.entry(Control::Hsts).filter(|entry| entry.unnamed().is_none());
            if let Some((entry, reasons)) = entry.and_then(|entry| Some((entry, entry.gap()?))) {
                let written = plan.policy.hsts.enforced_by != EnforcedBy::Auto;
                let key = if written { "hsts.enforced_by" } else { "hsts.enabled" };
                let draft = out.at(key, "no layer sends HSTS as the profile asks");
                draft.label(reasons).help("set `hsts.enforced_by = \"proxy\"`, or leave the key out");
                if entry.at_edge.is_ok() {
                    draft.remove("hsts.enforced_by");
                }
                return;
            }
            if let Some(entry) = entry.filter(|_| plan.policy.hsts.enabled) {
                tell_of_services(plan, entry, out);
            }
        }),
    }

    /// HSTS is not sent in dev and test.
    ///
    /// Browsers remember it by host name. Sent once from `localhost` or from a shared test host, it breaks every other
    /// project on that name that speaks plain HTTP, for a year, in a way that looks like a broken network.
    ///
    /// Write: `[modes.dev]` and `[modes.test]` with `hsts = { enabled = false }`.
    HST009 = "hsts-on-localhost" {
        severity: Severities::local(Error),
        source: "InstaCRUD's production page",
        keys: &["hsts.enabled"],
        reads: &[TERMINATE],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            if is_sent(policy) {
                out.at("hsts.enabled", "HSTS is on where the service is not live")
                    .label("browsers would remember it for every project on this host name")
                    .help("write `hsts = { enabled = false }` under the mode's own table, such as `[modes.dev]`")
                    .set_here("hsts.enabled", false);
            }
        }),
    }
}
