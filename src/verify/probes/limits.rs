//! Rate limits, used up with a wrong password. Only `--active`.
//!
//! A limit that the edge counts is then also asked for at its other paths and under other spellings of the first one: all of
//! them share it.

use std::time::{Duration, Instant};

use super::super::client::{Body, Question};
use super::super::inquiry::{By, Inquiry};
use super::super::outcome::{Outcome, shown, told};
use super::super::wire::{Answer, Trouble};
use super::access::{Known, known};
use super::hidden::spellings;
use crate::plan::{Demand, Entry, Limit, covers};
use crate::profile::{LimitKey, UrlPath};
use crate::rules::rate_limits::RAT003;
use crate::source::KeyPath;

/// More requests are not made for one limit.
const MOST: u64 = 400;

/// So many of a limit's other paths are asked for.
const OTHERS: usize = 4;

/// So many other spellings of its first path are.
const SPELLED: usize = 7;

/// What another browser says of itself.
const AGENT: &str = "Mozilla/5.0 (seccfg verify)";

/// So much longer than a limit needs to be whole again it is waited for: servers round their clocks.
const MARGIN: Duration = Duration::from_millis(200);

/// The methods that may be used up. The others change something wherever nobody has to sign in.
const METHODS: [&str; 3] = ["POST", "GET", "HEAD"];

/// Nobody's credentials.
const BODY: &str = r#"{"username":"seccfg-verify","email":"seccfg-verify@seccfg.invalid","password":"not anybody's"}"#;

pub(super) fn probe(inquiry: &mut Inquiry<'_>, entry: &Entry<'_>, limit: &Limit<'_>) -> Outcome {
    if limit.per == LimitKey::User {
        return Outcome::unseen("it counts by user, and nobody is signed in");
    }
    if !inquiry.asked.active {
        return Outcome::unseen("it has to be used up for it (--active)");
    }
    let Some(path) = limit.paths.list.first() else { return Outcome::unseen("no path is named for it") };
    if !limit.exempt.is_empty() && !matches!(known(inquiry, limit.exempt), Known::Outside) {
        return Outcome::unseen("this client is, or may be, one of those whom no limit counts (`rate_limits.exempt`)");
    }
    let counts = |method: &str| {
        limit.methods.is_none_or(|own| own.iter().any(|own| own.as_str() == method || own.as_str() == "*"))
    };
    let Some(method) = METHODS.into_iter().find(|method| counts(method)) else {
        return Outcome::unseen("it counts only methods that may change something");
    };
    let mut outcome = Outcome::default();
    let key = KeyPath::from("rate_limits.routes").key(limit.name.as_str()).key("limit");
    let (host, target) = (inquiry.site.host.clone(), inquiry.below(path));
    let body = if method == "POST" { Body::Text("application/json", BODY.to_owned()) } else { Body::None };
    // What is refused is to be read across origins as well.
    let question = inquiry.asked_by_listed(Question { method, body, ..inquiry.get(&host, &target) });
    let used = use_up(inquiry, limit, &question).and_then(|used| match used {
        Used::Refused { after, .. } if after < at_once(limit) && !is_explained(inquiry, limit, &target, after) => {
            tighter(inquiry, limit, &question, after, &mut outcome)
        }
        used => Ok(used),
    });
    match used {
        Ok(Used::Refused { after, status, answer }) => {
            if let Some(again) = answer.one("Retry-After") {
                outcome.see(format!("429 after {after} requests, Retry-After {}", shown(again)));
            } else {
                let message = format!("{target} is refused with 429 without Retry-After");
                outcome.breach(&RAT003, key.clone(), message);
            }
            let by = inquiry.maker(entry);
            inquiry.shoot(by, &question, answer);
            if by == By::Edge {
                let dodges = dodges(inquiry, limit, path, &question, status);
                if !dodges.is_empty() {
                    let dodges: Vec<&str> = dodges.iter().map(String::as_str).collect();
                    let message = format!(
                        "{} lets a client in that {target} has refused: the limit does not count there",
                        told(&dodges)
                    );
                    outcome.breach(&RAT003, key, message);
                }
            }
            inquiry.limited = Some(question);
        }
        Ok(Used::Open { after }) => {
            let message = format!("{after} requests to {target} went through, and {} is the limit", limit.rate);
            outcome.breach(&RAT003, key, message);
        }
        Ok(Used::Unknown) => outcome.miss(&format!("it takes more than {MOST} requests")),
        Err(trouble) => outcome.miss(&trouble),
    }
    outcome
}

/// What became of a limit that was to be used up.
enum Used {
    /// After so many requests, of which the last was answered with the status, one was refused.
    Refused { after: u64, status: Option<u16>, answer: Answer },
    /// It let through more than it should.
    Open { after: u64 },
    /// It takes more requests than are made.
    Unknown,
}

fn at_once(limit: &Limit<'_>) -> u64 {
    limit.at_once().into()
}

/// Asks until the limit refuses, or has let through what it should not.
fn use_up(inquiry: &mut Inquiry<'_>, limit: &Limit<'_>, question: &Question) -> Result<Used, Trouble> {
    let mut status = None;
    let began = Instant::now();
    for asked in 1..=MOST {
        let answer = inquiry.ask(question)?;
        if answer.status == 429 {
            return Ok(Used::Refused { after: asked - 1, status, answer });
        }
        status = Some(answer.status);
        // As many as it lets through at once, and those that it lets through meanwhile.
        let (count, period) = (u64::from(limit.rate.count), limit.rate.seconds());
        let meanwhile = count * (began.elapsed().as_secs() + 1) / period;
        if asked > count.max(at_once(limit)) + meanwhile + 1 {
            return Ok(Used::Open { after: asked });
        }
    }
    Ok(Used::Unknown)
}

/// A limit that refuses earlier than it should: either it is tighter than the plan asks, or this client has used up a part of it
/// a moment ago, in an earlier run for example. Once it must be whole again, it is asked again.
fn tighter(
    inquiry: &mut Inquiry<'_>,
    limit: &Limit<'_>,
    question: &Question,
    after: u64,
    outcome: &mut Outcome,
) -> Result<Used, Trouble> {
    let (count, period) = (u64::from(limit.rate.count).max(1), limit.rate.seconds());
    // A window ends after its period, and a bucket has leaked when all of it had the time to.
    let whole = Duration::from_secs(period.max((at_once(limit) * period).div_ceil(count))) + MARGIN;
    let target = &question.target;
    if !inquiry.wait(whole) {
        outcome.miss(&format!(
            "{target} is refused after {after} requests, and {} may come at once: whether it is tighter than that, or this \
             client has asked before, shows {} seconds later",
            at_once(limit),
            whole.as_secs()
        ));
        return use_up(inquiry, limit, question);
    }
    let used = use_up(inquiry, limit, question)?;
    if let Used::Refused { after, .. } = used
        && after < at_once(limit)
    {
        let let_through = match after {
            0 => "the first request is".to_owned(),
            1 => "the second request is".to_owned(),
            more => format!("after {more} requests, the next one is"),
        };
        let key = KeyPath::from("rate_limits.routes").key(limit.name.as_str()).key("limit");
        let message = format!(
            "{target} is tighter than asked: {let_through} refused with 429, and {} may come at once",
            at_once(limit)
        );
        outcome.breach(&RAT003, key, message);
    }
    Ok(used)
}

/// Whether a refusal after so many requests is no sign that the limit is tighter than asked: because a lock after wrong passwords
/// or a further limit of the same path may have refused, or because the limit counts everything that this run has asked.
fn is_explained(inquiry: &Inquiry<'_>, limit: &Limit<'_>, target: &str, after: u64) -> bool {
    let all = after + u64::try_from(inquiry.count()).unwrap_or(u64::MAX);
    let is_under = |limit: &Limit<'_>, target: &str| limit.paths.list.iter().any(|path| covers(path.as_str(), target));
    let nowhere = inquiry.nowhere();
    inquiry.plan.entries.iter().any(|entry| {
        if let Demand::Lockout(lockout) = &entry.demand {
            u64::from(lockout.attempts) <= after
        } else if let Demand::RateLimit(other) = &entry.demand {
            let counts = if other.name == limit.name { &nowhere } else { target };
            is_under(other, counts) && at_once(other) <= all
        } else {
            false
        }
    })
}

/// The targets that let a client in whom the limit has just refused.
///
/// Another path does where the app answers it. Another spelling does where the app answers it as the path itself: what it does
/// not know under that spelling is nothing that somebody could guess at.
fn dodges(
    inquiry: &mut Inquiry<'_>,
    limit: &Limit<'_>,
    path: &UrlPath,
    question: &Question,
    let_through: Option<u16>,
) -> Vec<String> {
    let known = let_through.filter(|status| *status != 404);
    let others = limit.paths.list.iter().skip(1).take(OTHERS).map(|other| (inquiry.below(other), true));
    let spelled = spellings(path, &inquiry.unknown).into_iter().skip(1).take(SPELLED);
    let spelled = spelled.map(|spelling| (inquiry.site.target(&spelling), false));
    // Who counts by all of a target, or by what a browser says of itself, counts nobody who changes it.
    let query = format!("{}?seccfg=1", question.target);
    let asked = others.chain(spelled).chain([(query, false)]);
    let asked = asked.map(|(target, is_path)| (target.clone(), Question { target, ..question.clone() }, is_path));
    let agent = ("the same with another User-Agent".to_owned(), question.clone().with("User-Agent", AGENT), false);
    let asked: Vec<(String, Question, bool)> = asked.chain([agent]).collect();
    let mut dodges = Vec::new();
    for (target, other, is_path) in asked {
        let Ok(answer) = inquiry.ask(&other) else { continue };
        let is_let_in = Some(answer.status) == known || (is_path && matches!(answer.status, 200..=299 | 401 | 422));
        // Unless the limit lets everyone in again by now.
        if is_let_in && inquiry.ask(question).is_ok_and(|answer| answer.status == 429) {
            dodges.push(target);
        }
    }
    dodges
}
