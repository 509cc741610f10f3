//! What answers give away of the programs that made them.

use super::super::inquiry::Inquiry;
use super::super::outcome::{Outcome, shown, told};
use crate::rules::proxy::PRX009;

/// Headers by which frameworks introduce themselves.
const INTRODUCTIONS: [&str; 4] = ["X-Powered-By", "X-AspNet-Version", "X-AspNetMvc-Version", "X-Generator"];

pub(super) fn probe(inquiry: &Inquiry<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let with_version = |value: &&str| value.contains(|c: char| c.is_ascii_digit());
    let said = inquiry.shots.iter().flat_map(|shot| {
        let server = shot.answer.lines("Server").filter(with_version).map(|value| ("Server", value));
        let others = INTRODUCTIONS.iter().flat_map(|name| shot.answer.lines(name).map(|value| (*name, value)));
        server.chain(others).map(|(name, value)| (shot.what.as_str(), format!("{name}: {}", shown(value))))
    });
    let said: Vec<(&str, String)> = said.collect();
    match said.first() {
        None => outcome.see("no version on any answer"),
        Some((_, line)) => {
            let whats: Vec<&str> = said.iter().filter(|(_, other)| other == line).map(|(what, _)| *what).collect();
            outcome.breach(&PRX009, "headers.hide_server", format!("{} says `{line}`", told(&whats)));
        }
    }
    outcome
}
