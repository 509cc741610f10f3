//! Rate limits, used up with a wrong password. Only `--active`.

use std::time::Instant;

use super::super::client::{Body, Question};
use super::super::inquiry::Inquiry;
use super::super::outcome::{Outcome, shown};
use crate::plan::{Entry, Limit};
use crate::profile::LimitKey;
use crate::rules::rate_limits::RAT003;
use crate::source::KeyPath;

/// More requests are not made for one limit.
const MOST: u64 = 400;

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
    let mut outcome = Outcome::default();
    let key = KeyPath::from("rate_limits.routes").key(limit.name.as_str());
    let (host, target) = (inquiry.site.host.clone(), inquiry.below(path));
    let body = Body::Text("application/json", BODY.to_owned());
    let question = Question { method: "POST", body, ..inquiry.get(&host, &target) };
    let began = Instant::now();
    for asked in 1..=MOST {
        match inquiry.ask(&question) {
            Ok(answer) if answer.status == 429 => {
                match answer.one("Retry-After") {
                    Some(after) => {
                        outcome.see(format!("429 after {} requests, Retry-After {}", asked - 1, shown(after)));
                    }
                    None => {
                        outcome.breach(
                            &RAT003,
                            key.key("limit"),
                            format!("{target} is refused with 429 without Retry-After"),
                        );
                    }
                }
                let by = inquiry.maker(entry);
                inquiry.shoot(by, &question, answer);
                inquiry.limited = Some(question);
                return outcome;
            }
            Ok(_) => {}
            Err(trouble) => {
                outcome.miss(&trouble);
                return outcome;
            }
        }
        // As many as it lets through at once, and those that it lets through meanwhile.
        let (count, period) = (u64::from(limit.rate.count), limit.rate.seconds());
        let meanwhile = count * (began.elapsed().as_secs() + 1) / period;
        if asked > count + meanwhile + 1 {
            let message = format!("{asked} requests to {target} went through, and {} is the limit", limit.rate);
            outcome.breach(&RAT003, key.key("limit"), message);
            return outcome;
        }
    }
    outcome.miss(&format!("it takes more than {MOST} requests"));
    outcome
}
