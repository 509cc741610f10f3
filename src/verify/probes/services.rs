//! A service beside the app: it answers, with the headers that are its own.

use super::super::inquiry::{By, Inquiry, Shot};
use super::super::outcome::Outcome;
use super::headers;
use crate::plan::Service;
use crate::rules::rendering::RND004;

pub(super) fn probe(inquiry: &Inquiry<'_>, service: &Service<'_>) -> Outcome {
    let Some(path) = service.paths.list.first() else { return Outcome::unseen("no path is named for it") };
    let mut outcome = Outcome::default();
    let what = format!("GET {}{}", inquiry.site.origin(&inquiry.site.host), inquiry.below(path));
    match inquiry.shots.iter().find(|shot| shot.what == what) {
        None => outcome.miss(&format!("{what} was not answered")),
        Some(shot) if (502..=504).contains(&shot.answer.status) => {
            let message = format!("{what} is answered with {}: nothing stands there", shot.answer.status);
            outcome.breach(&RND004, service.key(), message);
        }
        Some(shot) => outcome.see(format!("answers, with {}", shot.answer.status)),
    }
    let own = inquiry.places.services.iter().position(|other| other.name == service.name);
    let is_its = |shot: &&Shot| shot.by == By::App && shot.service.is_some() && shot.service == own;
    let shots: Vec<&Shot> = inquiry.shots.iter().filter(is_its).collect();
    let written = service.name.and_then(|name| inquiry.plan.policy.services.get(name));
    let written = written.map(|written| &written.headers.from_app);
    for header in service.headers.as_deref().into_iter().flatten() {
        // What the service says otherwise than the site stands in its own section.
        let section = service.key().key("headers");
        if header.from_app {
            // What is left to the programs of the whole site stands there.
            let is_own = written.is_some_and(|written| written.iter().any(|name| name.as_str() == header.name));
            let key = if is_own { section.key("from_app") } else { "headers.from_app".into() };
            headers::left_to_the_app(&shots, header, &key, &mut outcome);
        } else if header.value.is_some() && !headers::is_the_sites(inquiry, service, header) {
            let name = header.key.trim_start_matches("headers.");
            headers::judge(&shots, header, &section.key(name), &mut outcome);
        }
    }
    outcome.seen.dedup();
    outcome
}
