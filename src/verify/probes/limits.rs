//! Rate limits, used up with a wrong password. Only `--active`.
//!
//! A limit that the edge counts is then also asked for at its other paths and under other spellings of the first one: all of
//! them share it.

use std::time::Instant;

use super::super::client::{Body, Question};
use super::super::inquiry::{By, Inquiry};
use super::super::outcome::{Outcome, shown, told};
use super::access::{Known, known};
use super::hidden::spellings;
use crate::plan::{Entry, Limit};
use crate::profile::{LimitKey, UrlPath};
use crate::rules::rate_limits::RAT003;
use crate::source::KeyPath;

/// More requests are not made for one limit.
const MOST: u64 = 400;

/// So many of a limit's other paths are asked for.
const OTHERS: usize = 4;

/// So many other spellings of its first path are.
const SPELLED: usize = 7;

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
    let question = Question { method, body, ..inquiry.get(&host, &target) };
    let mut let_through = None;
    let began = Instant::now();
    for asked in 1..=MOST {
        match inquiry.ask(&question) {
            Ok(answer) if answer.status == 429 => {
                if let Some(after) = answer.one("Retry-After") {
                    outcome.see(format!("429 after {} requests, Retry-After {}", asked - 1, shown(after)));
                } else {
                    let message = format!("{target} is refused with 429 without Retry-After");
                    outcome.breach(&RAT003, key.clone(), message);
                }
                let by = inquiry.maker(entry);
                inquiry.shoot(by, &question, answer);
                if by == By::Edge {
                    let dodges = dodges(inquiry, limit, path, &question, let_through);
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
                return outcome;
            }
            Ok(answer) => let_through = Some(answer.status),
            Err(trouble) => {
                outcome.miss(&trouble);
                return outcome;
            }
        }
        // As many as it lets through at once, and those that it lets through meanwhile.
        let (count, period) = (u64::from(limit.rate.count), limit.rate.seconds());
        let meanwhile = count * (began.elapsed().as_secs() + 1) / period;
        if asked > count.max(limit.at_once().into()) + meanwhile + 1 {
            let message = format!("{asked} requests to {target} went through, and {} is the limit", limit.rate);
            outcome.breach(&RAT003, key, message);
            return outcome;
        }
    }
    outcome.miss(&format!("it takes more than {MOST} requests"));
    outcome
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
    let targets: Vec<(String, bool)> = others.chain(spelled).collect();
    let mut dodges = Vec::new();
    for (target, is_path) in targets {
        let Ok(answer) = inquiry.ask(&Question { target: target.clone(), ..question.clone() }) else { continue };
        let is_let_in = Some(answer.status) == known || (is_path && matches!(answer.status, 200..=299 | 401 | 422));
        // Unless the limit lets everyone in again by now.
        if is_let_in && inquiry.ask(question).is_ok_and(|answer| answer.status == 429) {
            dodges.push(target);
        }
    }
    dodges
}
