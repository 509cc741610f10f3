//! TLS, plain HTTP and HSTS.
//!
//! From a site without TLS to one with HSTS for a year: TLS with plain HTTP beside it, the redirect, HSTS for a day, for a
//! week, for a month, for a year.

use super::{Draft, Sets, Sides, text, truth};
use crate::plan::Plan;
use crate::profile::{Duration, HostName, Hsts, PlainHttp, Terminate};
use crate::rollout::Kind;
use crate::source::KeyPath;

/// The key that says in full what becomes of plain HTTP, and the one that is short for it.
const PLAIN: [&str; 2] = ["tls.plain_http", "tls.redirect_http"];

/// The keys that say how long HSTS lasts.
const LASTS: [&str; 3] = ["max_age", "ramp", "ramp_until"];

pub(super) fn split(sides: &mut Sides<'_>) {
    let begins_with_tls = hsts(sides);
    tls(sides, begins_with_tls);
}

/// Whether browsers get the header.
fn sends_hsts(plan: &Plan<'_>) -> bool {
    plan.policy.hsts.enabled && plan.policy.terminate() != Terminate::Off
}

/// Gives back what TLS has to leave off when it begins, because HSTS has a ramp of its own.
fn hsts(sides: &mut Sides<'_>) -> Sets {
    let all = sides.take_within("hsts");
    match (sends_hsts(sides.old), sends_hsts(sides.new)) {
        (false, false) => sides.push(Draft::new(Kind::Settings, all)),
        (true, false) => {
            let remembered = sides.old.policy.hsts.max_age;
            let why = format!(
                "browsers remember the old header for {}: until then they refuse this host by plain HTTP, so TLS stays",
                remembered.in_words()
            );
            sides.push(Draft::new(Kind::HstsEnded, all).why(why).standing(remembered));
        }
        (was_sent, true) => {
            more_hsts(sides, all, was_sent);
            if !was_sent && sides.old.policy.hsts.enabled {
                return vec![truth("hsts.enabled", false)];
            }
        }
    }
    Vec::new()
}

/// Those of some keys that are named.
fn named(sets: &mut Sets, names: &[&str]) -> Sets {
    let is_named = |key: &KeyPath| names.iter().any(|name| *key == KeyPath::from("hsts").key(name));
    sets.extract_if(.., |(key, _)| is_named(key)).collect()
}

/// What gets less does so at once; what gets more does so in steps.
fn more_hsts(sides: &mut Sides<'_>, mut others: Sets, was_sent: bool) {
    let (old, new) = (&sides.old.policy.hsts, &sides.new.policy.hsts);
    let mut lasts = named(&mut others, &LASTS);
    let mut list = named(&mut others, &["preload", "preload_acknowledged"]);
    let mut ended = Sets::new();
    // The header is one for all names, and where the browsers' list asks for a year of it, nothing shorter may be sent.
    let has_new_names = was_sent && !(old.preload && new.preload) && has_new_names(sides.old, sides.new);
    if was_sent {
        if new.max_age < old.max_age && !has_new_names {
            ended.append(&mut lasts);
        }
        if old.preload && !new.preload {
            ended.append(&mut list);
        }
        if old.include_subdomains && !new.include_subdomains {
            ended.append(&mut named(&mut others, &["include_subdomains"]));
        }
    }
    // Of hosts below, browsers have known nothing yet: for them HSTS begins, whatever they know of this one.
    let reaches_further = was_sent && !old.include_subdomains && new.include_subdomains;
    let known = if was_sent && !reaches_further && !has_new_names { old.max_age } else { Duration::days(0) };
    let mut steps: Vec<Duration> = Hsts::RAMP.into_iter().filter(|step| known < *step && *step < new.max_age).collect();
    if !was_sent {
        others.retain(|(key, _)| *key != "hsts.enabled".into());
        others.push(truth("hsts.enabled", true));
    }
    if !steps.is_empty() {
        lasts = sides.finals(&LASTS.map(|name| KeyPath::from("hsts").key(name)));
    }
    let (remembered, whole) = (old.max_age, new.max_age);
    let is_known = steps.is_empty();
    if has_new_names && !is_known {
        // What a new name sends from its first day on is short.
        let short = steps.remove(0);
        let first = [text("hsts.max_age", &short.to_string()), truth("hsts.ramp", true)];
        sides.with_names = std::mem::take(&mut others).into_iter().chain(first).collect();
    }
    sides.push(Draft::new(Kind::HstsEnded, ended).standing(remembered));
    for (nth, step) in steps.iter().enumerate() {
        let mut sets = std::mem::take(&mut others);
        sets.extend([text("hsts.max_age", &step.to_string()), truth("hsts.ramp", true)]);
        let title = Some(format!("HSTS for {}", step.in_words()));
        let draft = Draft { nth, title, ..Draft::new(Kind::HstsBegun, sets) };
        // The first step says why HSTS comes after TLS.
        let draft = match nth {
            0 if has_new_names => draft.why(ON_THE_WAY),
            0 if reaches_further => draft.why(BELOW),
            0 => draft,
            _ => draft.why(ON_THE_WAY),
        };
        sides.push(draft.standing(*step));
    }
    others.append(&mut lasts);
    let title = Some(format!("HSTS for {}", whole.in_words()));
    let draft = Draft { nth: steps.len(), title, ..Draft::new(Kind::HstsBegun, others) };
    let draft = if is_known { draft } else { draft.why(ON_THE_WAY) };
    sides.push(draft);
    sides.push(Draft::new(Kind::HstsPreloaded, list));
}

/// Whether a host is to be served of which browsers know no HSTS yet: neither it itself sent the header, nor a host above it for
/// all below.
fn has_new_names(old: &Plan<'_>, new: &Plan<'_>) -> bool {
    let names = |plan: &Plan<'_>| -> Vec<HostName> {
        plan.policy.hosts().iter().filter_map(|host| host.name().cloned()).collect()
    };
    let known = names(old);
    let is_covered = |name: &HostName| {
        let below =
            |above: &HostName| name.as_str().strip_suffix(above.as_str()).is_some_and(|rest| rest.ends_with('.'));
        known.contains(name) || (old.policy.hsts.include_subdomains && known.iter().any(below))
    };
    names(new).iter().any(|name| !is_covered(name))
}

/// Why a step of the ramp comes after the one before it.
const ON_THE_WAY: &str = "the shorter browsers remember it, the sooner a mistake is forgotten: the step before stood for as \
                          long as browsers remembered it, and nothing broke";

/// Why the time begins to count anew where hosts below are to come by https, too.
const BELOW: &str = "every host below has to answer by https from then on, those inside included, and no edit takes it back before \
                     browsers have forgotten it: so the time begins anew with a short one, for this host as well";

/// Why TLS goes before others where it was there already.
const CHANGED: &str = "it changes what clients can connect by, so it goes before what rests on it";

/// The same where clients stay out that could connect before.
const CLOSED: &str = "clients that know no newer version of TLS than the old lowest stay out from then on, so the access log says \
                      first how many still come by it";

/// What becomes of plain HTTP: without TLS it is served, whatever is written.
fn plain_http(plan: &Plan<'_>) -> PlainHttp {
    match plan.policy.terminate() {
        Terminate::Off => PlainHttp::Serve,
        Terminate::Proxy | Terminate::Upstream => plan.policy.plain_http(),
    }
}

fn tls(sides: &mut Sides<'_>, mut tls: Sets) {
    let ends = [sides.old.policy.terminate(), sides.new.policy.terminate()];
    let plain = PLAIN.map(KeyPath::from);
    let written = sides.take(|key| plain.contains(key));
    tls.extend(sides.take_within("tls"));
    let scheme = |plan: &Plan<'_>| plan.policy.url().origin().is_https();
    if scheme(sides.old) != scheme(sides.new) {
        tls.extend(sides.take_within("app.url"));
    }
    let proxies = sides.take_within("proxy");
    let has_balancer = ends.map(|end| end == Terminate::Upstream);
    let is_off = ends.map(|end| end == Terminate::Off);
    // A balancer that comes or goes takes TLS along, and the count of the proxies.
    let mut kind = Kind::Tls;
    if has_balancer[0] == has_balancer[1] {
        sides.push(Draft::new(Kind::Proxies, proxies));
    } else {
        tls.extend(proxies);
        if is_off == [false, false] {
            kind = Kind::Proxies;
        }
    }
    let is = |value: PlainHttp| vec![text(PLAIN[0], value.as_str()), (PLAIN[1].into(), None)];
    let last = sides.finals(&plain);
    match (plain_http(sides.old), plain_http(sides.new)) {
        (PlainHttp::Serve, becomes @ (PlainHttp::Redirect | PlainHttp::Refuse)) => {
            if is_off[0] {
                tls.extend(is(PlainHttp::Serve));
            }
            let redirect = if becomes == PlainHttp::Redirect { last.clone() } else { is(PlainHttp::Redirect) };
            sides.push(Draft::new(Kind::Redirect, redirect));
            if becomes == PlainHttp::Refuse {
                sides.push(Draft::new(Kind::PlainHttpRefused, last));
            }
        }
        (PlainHttp::Redirect, PlainHttp::Refuse) => sides.push(Draft::new(Kind::PlainHttpRefused, written)),
        (PlainHttp::Refuse, PlainHttp::Redirect) => sides.push(Draft::new(Kind::Redirect, written)),
        (PlainHttp::Redirect | PlainHttp::Refuse, PlainHttp::Serve) if !is_off[1] => {
            sides.push(Draft::new(Kind::PlainHttpServed, written));
        }
        (PlainHttp::Redirect | PlainHttp::Refuse | PlainHttp::Serve, _) => tls.extend(written),
    }
    if is_off == [false, true] {
        kind = Kind::TlsEnded;
    }
    let draft = Draft::new(kind, tls);
    let changes = is_off == [false, false] && kind == Kind::Tls;
    let rises = sides.new.policy.lowest_tls() > sides.old.policy.lowest_tls();
    let why = if rises { CLOSED } else { CHANGED };
    sides.push(if changes { draft.why(why) } else { draft });
}
