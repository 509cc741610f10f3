//! Whether larger bodies are refused. The length alone is announced; a body is sent with `--active` only.

use super::super::client::{Body, Question};
use super::super::inquiry::Inquiry;
use super::super::outcome::Outcome;
use crate::plan::Entry;
use crate::profile::ByteSize;
use crate::rules::rendering::RND004;

/// The largest body that is sent to see whether it is let through.
const SMALL: u64 = 4 << 20;

/// The largest body that is sent.
const MOST: u64 = 64 << 20;

pub(super) fn probe(inquiry: &mut Inquiry<'_>, entry: &Entry<'_>, most: ByteSize) -> Outcome {
    let mut outcome = Outcome::default();
    tighter(inquiry, most, &mut outcome);
    if inquiry.shots.iter().any(|shot| shot.answer.status == 413) {
        outcome.see(format!("413 where more than {most} is announced"));
        return outcome;
    }
    if !inquiry.asked.active {
        outcome.miss(&"a body that is too large has to be sent for it (--active)");
        return outcome;
    }
    let length = most.as_bytes() + 1;
    if length > MOST {
        outcome.miss(&"more than 64 MiB would have to be sent for it");
        return outcome;
    }
    let (host, nowhere) = (inquiry.site.host.clone(), inquiry.nowhere());
    let question = Question { method: "POST", body: Body::Sized(length), ..inquiry.get(&host, &nowhere) };
    match inquiry.ask_once(&question) {
        Ok(answer) if answer.status == 413 => {
            outcome.see(format!("413 for one byte more than {most}"));
            let by = inquiry.maker(entry);
            inquiry.shoot(by, &question, answer);
        }
        Ok(answer) => outcome.breach(
            &RND004,
            "app.max_body",
            format!(
                "a body of {length} bytes, one more than is let through, is taken and answered with {}",
                answer.status
            ),
        ),
        Err(trouble) if trouble.is_refusal() => outcome.see("the connection is closed"),
        Err(trouble) => outcome.miss(&trouble),
    }
    outcome
}

/// Whether the largest body that is let through is refused: honest people have some that are as large.
fn tighter(inquiry: &mut Inquiry<'_>, most: ByteSize, outcome: &mut Outcome) {
    if !inquiry.asked.active || most.as_bytes() == 0 {
        return;
    }
    let (host, nowhere) = (inquiry.site.host.clone(), inquiry.nowhere());
    // Who waits for the body takes it. Some only see how long it is once they have read it.
    let length = most.as_bytes();
    let body = if length <= SMALL { Body::Sized(length) } else { Body::Withheld(length) };
    let question = Question { method: "POST", body, ..inquiry.get(&host, &nowhere) };
    let Ok(answer) = inquiry.ask_once(&question) else { return };
    // Some find out when they are passing it on, and call that the app's failure.
    let fails_anyway = inquiry.missing.as_ref().is_none_or(|missing| missing.status >= 500);
    if answer.status == 413 || ((502..=504).contains(&answer.status) && !fails_anyway) {
        let message = format!("a body of {length} bytes is refused with {}, and {most} are let through", answer.status);
        outcome.breach(&RND004, "app.max_body", message);
    }
}
