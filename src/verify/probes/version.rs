//! What answers give away of the programs that made them.

use super::super::inquiry::{Inquiry, Shot};
use super::super::outcome::{Outcome, shown, told};
use crate::plan::introductions;
use crate::rules::proxy::PRX009;

/// Whether the program that answered is to keep back what it is made with: a service may have a word of its own.
fn hides(inquiry: &Inquiry<'_>, shot: &Shot) -> bool {
    let policy = inquiry.plan.policy;
    let name = shot.service.and_then(|index| inquiry.places.services[index].name);
    let own = name.and_then(|name| Some((name, policy.services.get(name)?)));
    own.is_none_or(|(name, service)| policy.hides_server(name, service))
}

pub(super) fn probe(inquiry: &Inquiry<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let with_version = |value: &&str| value.contains(|c: char| c.is_ascii_digit());
    let said = inquiry.shots.iter().flat_map(|shot| {
        let server = shot.answer.lines("Server").filter(with_version).map(|value| ("Server", value));
        let others = introductions()
            .filter(|_| hides(inquiry, shot))
            .flat_map(|name| shot.answer.lines(name).map(move |value| (name, value)));
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
