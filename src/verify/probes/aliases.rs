//! Aliases that lead to the one name.

use super::super::inquiry::Inquiry;
use super::super::outcome::{Outcome, shown};
use crate::profile::{Host, Origin};
use crate::rules::rendering::RND004;

pub(super) fn probe(inquiry: &mut Inquiry<'_>, aliases: &[Host], to: &Origin) -> Outcome {
    let mut outcome = Outcome::default();
    let nowhere = format!("{}?seccfg=1", inquiry.nowhere());
    for alias in aliases.iter().map(ToString::to_string) {
        let question = inquiry.get(&alias, &nowhere);
        let answer = match inquiry.ask(&question) {
            Ok(answer) => answer,
            Err(trouble) => {
                outcome.miss(&format!("{alias}: {trouble}"));
                continue;
            }
        };
        let wanted = format!("{to}{nowhere}");
        match answer.one("Location") {
            Some(location) if matches!(answer.status, 301 | 308) && location == wanted => {
                outcome.see(format!("{alias} leads to {to}"));
            }
            Some(location) if location == wanted => {
                let message =
                    format!("{alias}{nowhere} leads to {to} with {}, and should do so with 308", answer.status);
                outcome.breach_once(&RND004, "app.aliases_redirect", message);
            }
            Some(location) => {
                let message = format!("{alias}{nowhere} leads to {}, and not to {wanted}", shown(location));
                outcome.breach(&RND004, "app.aliases_redirect", message);
            }
            None => {
                let message = format!("{alias} is answered with {}, and leads nowhere", answer.status);
                outcome.breach(&RND004, "app.aliases_redirect", message);
            }
        }
    }
    outcome
}
