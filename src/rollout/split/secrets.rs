//! Keys: a new one that signs stands beside the old one until every token that the old one signed has ended.

use super::{Draft, Sides};
use crate::apps::Ability;
use crate::plan::Plan;
use crate::profile::{Duration, Name, Secret, SecretPurpose};
use crate::rollout::Kind;
use crate::source::{KeyPath, Literal};

pub(super) fn split(sides: &mut Sides<'_>) {
    let (old, new) = (&sides.old.policy.secrets, &sides.new.policy.secrets);
    for (name, was) in old {
        let Some(becomes) = new.get(name) else { continue };
        secret(sides, name, was, becomes);
    }
}

/// How long a token lives that one of the two sides signs.
pub(super) fn longest(sides: &Sides<'_>) -> Option<Duration> {
    let of = |plan: &Plan<'_>| plan.policy.tokens.longest();
    of(sides.old).max(of(sides.new))
}

fn secret(sides: &mut Sides<'_>, name: &Name, was: &Secret, becomes: &Secret) {
    let above = KeyPath::from("secrets").key(name.as_str());
    let previous = above.clone().key("previous");
    let is_moved = was.source != becomes.source;
    let is_retired = was.previous.is_some() && becomes.previous.is_none();
    let is_begun = becomes.previous.is_some() && was.previous != becomes.previous;
    if !is_moved && !is_retired && !is_begun {
        // Dates and schedules change nothing that is running.
        return;
    }
    let mut sets = sides.take_within(above);
    let retired = sets.extract_if(.., |(key, _)| is_retired && *key == previous).collect();
    let signs = [was, becomes].iter().all(|secret| secret.purpose == SecretPurpose::Signing);
    let overlaps = signs && sides.new.app.previous_keys != Ability::Nothing;
    let longest = longest(sides);
    // Where nothing says how long tokens live, a month is waited for.
    let stands = longest.unwrap_or(Duration::days(30));
    if is_moved && !overlaps {
        let why = if becomes.purpose == SecretPurpose::Encryption {
            "what the old key encrypted has to be encrypted again first: no app reads it with both keys".to_owned()
        } else if signs {
            format!(
                "{} accepts one key at a time, so everyone is signed out: choose an hour with few people",
                sides.new.app.title
            )
        } else {
            "whoever issued the old one has to know the new one first, and ends the old one after that".to_owned()
        };
        sets.extend(retired);
        sides.push(Draft::new(Kind::KeyReplaced, sets).of(name.as_str()).why(why));
        return;
    }
    let mut retire = retired;
    if is_moved && becomes.previous.is_none() {
        sets.retain(|(key, _)| *key != previous);
        sets.push((previous.clone(), Some(Literal::from(was.source.to_string()))));
        retire = vec![(previous, None)];
    }
    sides.push(Draft::new(Kind::KeyAdded, sets).of(name.as_str()).standing(stands));
    let mut draft = Draft::new(Kind::KeyRetired, retire).of(name.as_str());
    if !is_moved {
        // The rotation began before this plan.
        let day_after = |longest: Duration| Duration::seconds(longest.as_seconds() + Duration::days(1).as_seconds());
        draft.not_before = was.rotated_at.map(|day| day.after(day_after(stands)));
    }
    sides.push(draft);
}
