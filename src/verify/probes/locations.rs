//! What some paths have otherwise: the size of a body, and that nothing of a stream is held back (`--active`).

use super::super::client::{Body, Question};
use super::super::inquiry::{By, Inquiry};
use super::super::outcome::Outcome;
use super::super::wire::{Stage, Trouble};
use crate::profile::{Location, Name};
use crate::rules::rendering::RND004;
use crate::source::KeyPath;

pub(super) fn probe(inquiry: &mut Inquiry<'_>, name: &Name, asked: &Location) -> Outcome {
    let mut outcome = Outcome::default();
    let key = |field: &str| KeyPath::from("locations").key(name.as_str()).key(field);
    let Some(path) = asked.paths.first() else { return Outcome::unseen("no path is named for it") };
    let (host, target) = (inquiry.site.host.clone(), inquiry.below(path));
    if let Some(most) = asked.max_body {
        let usual = inquiry.plan.policy.app.max_body;
        let announced = if most > usual { usual } else { most }.as_bytes() + 1;
        let body = Body::Withheld(announced);
        let answer = inquiry.ask(&Question { method: "POST", body, ..inquiry.get(&host, &target) });
        match answer.map(|answer| answer.status == 413) {
            Ok(true) if most > usual => {
                let message = format!("{target} refuses a body of {announced} bytes, and {most} are let through there");
                outcome.breach(&RND004, key("max_body"), message);
            }
            Ok(true) => outcome.see(format!("413 where more than {most} is announced")),
            Ok(false) if most > usual => outcome.see(format!("more than {usual} may be announced")),
            Ok(false) => outcome.miss(&"a body that is too large would have to be sent for it"),
            Err(trouble) => outcome.miss(&trouble),
        }
    }
    if asked.stream == Some(true) {
        let question = inquiry.get(&host, &target).with("Accept", "text/event-stream");
        match inquiry.asked.active.then(|| inquiry.patient(|client| client.stream(&question))) {
            None => outcome.miss(&"a stream has to be waited for (--active)"),
            Some(Ok((answer, has_body))) => {
                inquiry.shoot(By::App, &question, answer);
                if has_body {
                    outcome.see("a stream is passed on as it comes");
                } else {
                    outcome.miss(&format!("{target} has no body"));
                }
            }
            Some(Err(Trouble::Late(Stage::Headers | Stage::Body))) => {
                let message = format!("{target} is a stream, and nothing of it came in time: it is held back");
                outcome.breach(&RND004, key("stream"), message);
            }
            Some(Err(trouble)) => outcome.miss(&trouble),
        }
    }
    if outcome.seen.is_empty() && outcome.breaches.is_empty() {
        outcome.miss(&"how long it may take is not waited for");
    }
    outcome
}
