//! Answers that no cache may keep, and what compression would give away of them.
//!
//! An answer that holds a secret, repeats what the request says and is compressed gets shorter with every character of the
//! secret that the request guesses (BREACH).

use super::super::client::Question;
use super::super::inquiry::{Inquiry, what};
use super::super::outcome::{Outcome, shown};
use crate::plan::Paths;
use crate::rules::headers::HDR010;

pub(super) fn probe(inquiry: &mut Inquiry<'_>, paths: &Paths<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    for (index, path) in paths.list.iter().enumerate() {
        let key = paths.key.clone().index(index);
        let question = inquiry.unstored(index, path);
        let asked = what(&question);
        let end = what(&Question { target: inquiry.below(path), ..question.clone() });
        let Some(answer) = inquiry.shots.iter().find(|shot| shot.what == asked).map(|shot| shot.answer.clone()) else {
            outcome.miss(&format!("{end} was not answered"));
            continue;
        };
        if answer.lists("Cache-Control", "no-store") {
            outcome.see("no-store");
        } else {
            let says = answer.lines("Cache-Control").next().map_or_else(
                || "without Cache-Control".to_owned(),
                |value| format!("with `Cache-Control: {}`", shown(value)),
            );
            let message = format!("{end} is answered {says}, and a cache may keep it");
            outcome.breach(&HDR010, key.clone(), message);
        }
        let encoding = answer.one("Content-Encoding").map(shown).filter(|encoding| encoding != "identity");
        let is_asked = question.headers.iter().any(|(name, _)| name == "Accept-Encoding");
        if let Some(encoding) = encoding.filter(|_| is_asked) {
            let plain = Question { headers: inquiry.get(&question.name, "").headers, ..question.clone() };
            let Ok(plain) = inquiry.ask(&plain) else { continue };
            let text = String::from_utf8_lossy(&plain.body);
            if text.contains(&format!("{}=1", inquiry.unknown)) || plain.lines("Set-Cookie").next().is_some() {
                let message = format!(
                    "{end} repeats what the request says and is compressed ({encoding}): its length gives away secrets beside it"
                );
                outcome.breach(&HDR010, key, message);
            }
        }
    }
    outcome.seen.dedup();
    outcome
}
