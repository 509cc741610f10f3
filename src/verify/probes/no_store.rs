//! Answers that no cache may keep, and what compression would give away of them.
//!
//! An answer that holds a secret, repeats what the request says and is compressed gets shorter with every character of the
//! secret that the request guesses (BREACH).

use super::super::inquiry::Inquiry;
use super::super::outcome::{Outcome, shown};
use crate::plan::Paths;
use crate::rules::headers::HDR010;

/// Of so many paths, it is asked whether their answers are compressed.
const COMPRESSED: usize = 2;

pub(super) fn probe(inquiry: &mut Inquiry<'_>, paths: &Paths<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let host = inquiry.site.host.clone();
    for (index, path) in paths.list.iter().enumerate() {
        let (key, target) = (paths.key.clone().index(index), inquiry.below(path));
        let end = format!("GET {}{target}", inquiry.site.origin(&host));
        match inquiry.shots.iter().find(|shot| shot.what == end) {
            None => outcome.miss(&format!("{target} was not answered")),
            Some(shot) if shot.answer.lists("Cache-Control", "no-store") => outcome.see("no-store"),
            Some(shot) => {
                let says = shot.answer.lines("Cache-Control").next().map_or_else(
                    || "without Cache-Control".to_owned(),
                    |value| format!("with `Cache-Control: {}`", shown(value)),
                );
                let message = format!("{end} is answered {says}, and a cache may keep it");
                outcome.breach(&HDR010, key.clone(), message);
            }
        }
        if index < COMPRESSED && inquiry.site.https {
            let marked = format!("{target}?{}=1", inquiry.unknown);
            let question = inquiry.get(&host, &marked);
            let compressed = inquiry.ask(&question.clone().with("Accept-Encoding", "gzip, br, deflate, zstd"));
            let encoding = compressed.ok().and_then(|answer| answer.one("Content-Encoding").map(shown));
            let Some(encoding) = encoding.filter(|encoding| encoding != "identity") else { continue };
            let Ok(plain) = inquiry.ask(&question) else { continue };
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
