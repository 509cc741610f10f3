//! Who may read answers across origins: those that are listed, on errors too, and nobody who looks like them.

use super::super::client::Question;
use super::super::inquiry::{By, Inquiry, Shot};
use super::super::outcome::{Outcome, shown, told};
use super::super::wire::Answer;
use crate::plan::{Cors, Entry};
use crate::profile::HeaderName;
use crate::rules::cors::{COR001, COR002, COR003, COR006, COR007, COR008, COR009};

const ORIGIN: &str = "Access-Control-Allow-Origin";
const EXPOSE: &str = "Access-Control-Expose-Headers";
const CREDENTIALS: &str = "Access-Control-Allow-Credentials";
const NETWORK: &str = "Access-Control-Allow-Private-Network";
const KEY: &str = "cors.origins";

/// So many of the listed origins are asked from.
const LISTED: usize = 3;

pub(super) fn probe(inquiry: &mut Inquiry<'_>, entry: &Entry<'_>, cors: &Cors<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    match &cors.origins {
        None => anyone(inquiry, cors, &mut outcome),
        Some(origins) => {
            let apps = cors.apps.iter().take(LISTED).map(ToString::to_string);
            let preview = cors.preview.map(|name| format!("https://seccfg.{name}"));
            let sites = origins.iter().take(LISTED).map(ToString::to_string);
            let listed: Vec<String> = sites.chain(apps).chain(preview).collect();
            allowed(inquiry, cors, &listed, &mut outcome);
            foreign(inquiry, cors, &cors.listed().collect::<Vec<_>>(), &mut outcome);
        }
    }
    if let Some((origin, question)) = inquiry.preflight(cors) {
        match inquiry.ask_or_recall(&question) {
            Ok(answer) => preflight(inquiry, entry, cors, &origin, &answer, &mut outcome),
            Err(trouble) => outcome.miss(&trouble),
        }
    }
    outcome
}

/// What a listed origin is told, on the site's page and on an error.
fn allowed(inquiry: &mut Inquiry<'_>, cors: &Cors<'_>, listed: &[String], outcome: &mut Outcome) {
    let (host, mount, nowhere) = (inquiry.site.host.clone(), inquiry.site.mount.clone(), inquiry.nowhere());
    let error = listed.first().map(|origin| (nowhere, origin));
    let questions: Vec<(String, &String)> = listed.iter().map(|origin| (mount.clone(), origin)).chain(error).collect();
    let (mut missing, mut twice) = (Vec::new(), Vec::new());
    for (target, origin) in &questions {
        let answer = match inquiry.ask(&inquiry.get(&host, target).with("Origin", origin)) {
            Ok(answer) => answer,
            Err(trouble) => {
                outcome.miss(&trouble);
                continue;
            }
        };
        let says: Vec<&str> = answer.lines(ORIGIN).collect();
        match says[..] {
            [own] if own == origin.as_str() => {
                if !answer.lists("Vary", "Origin") && !answer.lists("Vary", "*") {
                    let message = format!(
                        "{target} says {ORIGIN} without `Vary: Origin`: a cache would tell one origin what it told another"
                    );
                    outcome.breach_once(&COR009, KEY, message);
                }
                let has = answer.one(CREDENTIALS) == Some("true");
                if has != cors.credentials {
                    let word = if has { "with" } else { "without" };
                    let message = format!("{target} answers {origin} {word} {CREDENTIALS}");
                    outcome.breach_once(&COR009, "cors.credentials", message);
                }
                let read = |name: &HeaderName| answer.lists(EXPOSE, name.as_str()) || answer.lists(EXPOSE, "*");
                let hidden: Vec<&str> = cors.expose.iter().filter(|name| !read(name)).map(HeaderName::as_str).collect();
                if !hidden.is_empty() {
                    let message =
                        format!("{target} does not let scripts read {}: {EXPOSE} lacks it", hidden.join(", "));
                    outcome.breach_once(&COR009, "cors.expose_headers", message);
                }
                let names = answer.lines(EXPOSE).flat_map(|line| line.split(',')).map(str::trim);
                let is_more = |name: &&str| {
                    !name.is_empty() && !cors.expose.iter().any(|own| own.as_str().eq_ignore_ascii_case(name))
                };
                let more: Vec<&str> = names.filter(is_more).collect();
                if !more.is_empty() {
                    let more = shown(&more.join(", "));
                    let message = format!("{target} lets scripts read {more} by {EXPOSE}, which is not listed");
                    outcome.breach_once(&COR009, "cors.expose_headers", message);
                }
            }
            ["*"] => outcome.breach_once(&COR002, KEY, format!("{target} lets every origin read it (`*`)")),
            [] | [_] => missing.push(target.as_str()),
            _ => twice.push(target.as_str()),
        }
    }
    if !missing.is_empty() {
        let message =
            format!("{} does not let the listed origin read it: {ORIGIN} is missing or another", told(&missing));
        outcome.breach(&COR009, KEY, message);
    }
    if !twice.is_empty() {
        let message = format!("{} says {ORIGIN} more than once, and browsers take neither", told(&twice));
        outcome.breach(&COR009, KEY, message);
    }
    if !listed.is_empty() {
        outcome.see("listed origins are let in");
    }
}

/// Whether a listed origin may read what the edge refuses by itself, where it answers CORS, too: a body that is too large, and a
/// request beyond a limit, which are known once all else was asked.
pub(super) fn refusals(inquiry: &Inquiry<'_>, entry: &Entry<'_>, cors: &Cors<'_>, outcome: &mut Outcome) {
    let Some(origin) = cors.origins.as_ref().and_then(|origins| origins.first()).map(ToString::to_string) else {
        return;
    };
    if inquiry.maker(entry) != By::Edge {
        return;
    }
    let refused = |shot: &&Shot| matches!(shot.answer.status, 413 | 429) && shot.by == By::Edge;
    let is_told = |shot: &&Shot| shot.answer.lines(ORIGIN).collect::<Vec<_>>()[..] == [origin.as_str()];
    let silent: Vec<&str> =
        inquiry.shots.iter().filter(refused).filter(|shot| !is_told(shot)).map(|shot| shot.what.as_str()).collect();
    if !silent.is_empty() {
        let message = format!("{} is refused without one {ORIGIN} for the listed origin that asked", told(&silent));
        outcome.breach_once(&COR009, KEY, message);
    }
}

/// What everyone else is told.
fn foreign(inquiry: &mut Inquiry<'_>, cors: &Cors<'_>, listed: &[String], outcome: &mut Outcome) {
    let (host, mount) = (inquiry.site.host.clone(), inquiry.site.mount.clone());
    let own = inquiry.site.origin(&host);
    let known = listed.first().unwrap_or(&own);
    let mut strangers =
        vec![format!("https://{}.invalid", inquiry.unknown), format!("{known}.{}.invalid", inquiry.unknown)];
    if let Some((scheme, name)) = known.split_once("://") {
        let (other, host) = (if scheme == "https" { "http" } else { "https" }, name.split(':').next().unwrap_or(name));
        strangers.push(format!("{scheme}://seccfg{name}"));
        strangers.push(format!("{other}://{name}"));
        strangers.push(format!("{scheme}://seccfg.{name}"));
        strangers.push(format!("{scheme}://{host}:8447"));
        strangers.push(format!("{scheme}://{}", name.replacen('.', "x", 1)));
    }
    for (scheme, name) in listed.iter().skip(1).take(LISTED - 1).filter_map(|other| other.split_once("://")) {
        strangers.push(format!("{scheme}://{name}.{}.invalid", inquiry.unknown));
        strangers.push(format!("{scheme}://seccfg{name}"));
    }
    // What is left of a developer's own machine, where a question more does not matter.
    strangers.extend(inquiry.asked.active.then(|| "http://localhost:3000".to_owned()));
    // A preview is one label below the name, by https: not the name itself, nor what is deeper, nor what only ends so.
    if let Some(name) = cors.preview {
        strangers.extend([
            format!("https://{name}"),
            format!("https://seccfg.seccfg.{name}"),
            format!("http://seccfg.{name}"),
            format!("https://seccfg{name}"),
            format!("https://seccfg.{name}:8447"),
        ]);
    }
    let is_preview = |origin: &String| {
        let label = cors.preview.and_then(|name| origin.strip_prefix("https://")?.strip_suffix(&format!(".{name}")));
        label.is_some_and(|label| !label.contains(['.', ':']))
    };
    strangers.retain(|origin| !listed.contains(origin) && !is_preview(origin));
    strangers.push("null".to_owned());
    let (mut let_in, mut any, mut null) = (Vec::new(), false, false);
    let mut credentials = false;
    // Another layer than the page's may make errors and preflights: one of each shows it. Who reflects every origin on the page
    // reflects the others there.
    let pages = strangers.iter().skip(1).map(|origin| (origin, inquiry.get(&host, &mount).with("Origin", origin)));
    let error = inquiry.get(&host, &inquiry.nowhere()).with("Origin", &strangers[0]);
    let preflight = inquiry.preflight_from(cors, &strangers[0]);
    // A list of origins may have `null` in it for preflights alone.
    let nobody = strangers.last().unwrap_or(&strangers[0]);
    let asked_by_nobody = inquiry.preflight_from(cors, nobody);
    let others = [(&strangers[0], error), (&strangers[0], preflight), (nobody, asked_by_nobody)];
    let questions: Vec<(&String, Question)> = pages.chain(others).collect();
    let mut null_reads = false;
    for (origin, question) in questions {
        let Ok(answer) = inquiry.ask(&question) else { continue };
        if answer.lines(ORIGIN).any(|value| value == origin) {
            credentials |= answer.one(CREDENTIALS) == Some("true");
            if origin == "null" {
                null = true;
                null_reads |= question.method == "GET";
            } else if !let_in.contains(&origin.as_str()) {
                let_in.push(origin);
            }
        } else if answer.lines(ORIGIN).any(|value| value == "*") {
            any = true;
            credentials |= answer.one(CREDENTIALS) == Some("true");
        }
    }
    // What a second layer adds is told of the listed origins.
    let is_told = outcome.breaches.iter().any(|breach| breach.rule.code == COR009.code);
    if any && is_told {
        return;
    }
    if any {
        let rule = if credentials { &COR001 } else { &COR002 };
        outcome.breach_once(rule, KEY, format!("{mount} lets every origin read it (`*`)"));
    } else if !let_in.is_empty() {
        let message =
            format!("{} may read answers, and is not listed: origins are matched or reflected", told(&let_in));
        outcome.breach(&COR006, KEY, message);
    } else if null {
        let message = if null_reads {
            "the origin `null` may read answers, which any sandboxed frame has"
        } else {
            "preflights let the origin `null` in, which any sandboxed frame has: it may send what they allow, and reads no answer"
        };
        outcome.breach(&COR003, KEY, message);
    } else {
        outcome.see(format!("{} others are not", strangers.len()));
    }
}

/// What everyone is told where every origin is let in.
fn anyone(inquiry: &mut Inquiry<'_>, cors: &Cors<'_>, outcome: &mut Outcome) {
    let (host, mount) = (inquiry.site.host.clone(), inquiry.site.mount.clone());
    let origin = format!("https://{}.invalid", inquiry.unknown);
    match inquiry.ask(&inquiry.get(&host, &mount).with("Origin", &origin)) {
        Ok(answer) => {
            if answer.one(ORIGIN) != Some("*") {
                outcome.breach(&COR009, KEY, format!("{mount} does not let every origin read it"));
            }
            if !cors.credentials && answer.one(CREDENTIALS) == Some("true") {
                outcome.breach(&COR001, "cors.credentials", format!("{mount} lets every origin send credentials"));
            }
            outcome.see("every origin is let in");
        }
        Err(trouble) => outcome.miss(&trouble),
    }
}

/// What a preflight from a listed origin is told.
fn preflight(
    inquiry: &Inquiry<'_>,
    entry: &Entry<'_>,
    cors: &Cors<'_>,
    origin: &str,
    answer: &Answer,
    outcome: &mut Outcome,
) {
    // Browsers ask for it before they send a page's request to an address of a private network, which no profile lets anyone do.
    if answer.lines(NETWORK).any(|value| value.eq_ignore_ascii_case("true")) {
        let message = format!(
            "a preflight is answered with `{NETWORK}: true`: pages of the Internet may ask a site of a private network, and the \
             profile lets nobody do that"
        );
        outcome.breach(&COR009, KEY, message);
    }
    if !(200..300).contains(&answer.status) {
        let message = format!("a preflight is answered with {}, and browsers take it for a refusal", answer.status);
        outcome.breach(&COR009, KEY, message);
        return;
    }
    match answer.lines(ORIGIN).collect::<Vec<_>>()[..] {
        [own] if own == origin => {}
        ["*"] if cors.origins.is_none() => {}
        ["*"] => outcome.breach_once(&COR002, KEY, "a preflight lets every origin in (`*`)"),
        _ => {
            let message = format!("a preflight from a listed origin is answered without one {ORIGIN} that names it");
            outcome.breach(&COR009, KEY, message);
            return;
        }
    }
    let has = answer.one(CREDENTIALS) == Some("true");
    if cors.origins.is_some() && has != cors.credentials {
        let word = if has { "with" } else { "without" };
        let message = format!("a preflight from a listed origin is answered {word} {CREDENTIALS}");
        outcome.breach_once(&COR009, "cors.credentials", message);
    }
    let is_edges = inquiry.maker(entry) == By::Edge;
    let listed = |name: &str| -> Vec<String> {
        let all = answer.lines(name).flat_map(|line| line.split(','));
        all.map(|one| one.trim().to_ascii_lowercase()).filter(|one| !one.is_empty()).collect()
    };
    let asked = [
        (
            "Access-Control-Allow-Methods",
            "cors.methods",
            cors.methods.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ),
        ("Access-Control-Allow-Headers", "cors.headers", cors.headers.iter().map(ToString::to_string).collect()),
    ];
    for (name, key, asked) in asked {
        let (says, asked) = (listed(name), asked.iter().map(|one| one.to_ascii_lowercase()).collect::<Vec<_>>());
        let is_any = says.iter().any(|one| one == "*");
        let lacks: Vec<&str> = asked.iter().filter(|one| !is_any && !says.contains(one)).map(String::as_str).collect();
        // Simple methods need no permission.
        let lacks: Vec<&str> = lacks
            .into_iter()
            .filter(|one| !(key == "cors.methods" && matches!(*one, "get" | "head" | "post")))
            .collect();
        if !lacks.is_empty() && !asked.iter().any(|one| one == "*") {
            outcome.breach(&COR009, key, format!("a preflight is not told of {} in {name}", lacks.join(", ")));
        }
        let more: Vec<String> = says.iter().filter(|one| !asked.contains(one)).map(|one| shown(one)).collect();
        if is_edges && !more.is_empty() && !asked.iter().any(|one| one == "*") {
            outcome.breach(
                &COR007,
                key,
                format!("a preflight is told of {} in {name}, which is not listed", more.join(", ")),
            );
        }
    }
    let age = answer.one("Access-Control-Max-Age").and_then(|age| age.parse::<u64>().ok());
    if is_edges && age != Some(cors.max_age.as_seconds()) {
        let says = age.map_or_else(|| "no seconds".to_owned(), |age| format!("{age} seconds"));
        outcome.breach(&COR008, "cors.max_age", format!("a preflight may be kept for {says}"));
    }
    outcome.see("preflights are answered");
}
