//! Answers that no cache may keep, and what compression would give away of them.
//!
//! An answer that holds a secret, repeats what the request says and is compressed gets shorter with every character of the
//! secret that the request guesses (BREACH).

use super::super::client::Question;
use super::super::inquiry::Inquiry;
use super::super::outcome::{Outcome, shown};
use crate::plan::{Paths, TARGETED};
use crate::rules::headers::HDR010;

pub(super) fn probe(inquiry: &mut Inquiry<'_>, paths: &Paths<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    for (index, path) in paths.list.iter().enumerate() {
        let key = paths.key.clone().index(index);
        let question = inquiry.unstored(index, path);
        let asked = question.what();
        let end = Question { target: inquiry.below(path), ..question.clone() }.what();
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
        // What some caches obey before that.
        let lets = |name: &&str| {
            answer.lines(name).next().is_some() && !["no-store", "private"].iter().any(|word| answer.lists(name, word))
        };
        if let Some(name) = TARGETED.iter().find(|name| lets(name)) {
            let value = answer.lines(name).next().map(shown).unwrap_or_default();
            let message = format!("{end} says `{name}: {value}`, which caches of that kind obey before Cache-Control");
            outcome.breach_once(&HDR010, key.clone(), message);
        }
        if let Some(age) = answer.one("Age").and_then(|age| age.parse::<u64>().ok()).filter(|age| *age > 0) {
            let message = format!("{end} comes out of a cache, which has kept it for {age} seconds");
            outcome.breach_once(&HDR010, key.clone(), message);
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
