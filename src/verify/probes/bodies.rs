//! Whether larger bodies are refused. The length alone is announced; a body is sent with `--active` only.

use super::super::client::{Body, Question};
use super::super::inquiry::Inquiry;
use super::super::outcome::Outcome;
use crate::plan::Entry;
use crate::profile::ByteSize;
use crate::rules::rendering::RND004;

/// The largest body that is sent.
const MOST: u64 = 64 << 20;

pub(super) fn probe(inquiry: &mut Inquiry<'_>, entry: &Entry<'_>, most: ByteSize) -> Outcome {
    let mut outcome = Outcome::default();
    if inquiry.shots.iter().any(|shot| shot.answer.status == 413) {
        outcome.see(format!("413 where more than {most} is announced"));
        return outcome;
    }
    if !inquiry.asked.active {
        return Outcome::unseen("a body that is too large has to be sent for it (--active)");
    }
    let length = most.as_bytes() + 1;
    if length > MOST {
        return Outcome::unseen("more than 64 MiB would have to be sent for it");
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
