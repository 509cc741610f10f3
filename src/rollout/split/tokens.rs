//! The algorithm of tokens: the new one stands beside the old one until every token that the old one signed has ended, wherever
//! the two may stand beside each other.

use super::secrets::longest;
use super::{Draft, Sides};
use crate::apps::Encoding;
use crate::plan::Plan;
use crate::profile::{Algorithm, AppKind, Duration};
use crate::rollout::Kind;
use crate::rules::secrets::may_stand_together;
use crate::source::Literal;

const KEY: &str = "tokens.algorithms";

pub(super) fn split(sides: &mut Sides<'_>) {
    let sets = sides.take_within(KEY);
    let (old, new) = (&sides.old.policy.tokens.algorithms, &sides.new.policy.tokens.algorithms);
    let stands = longest(sides).unwrap_or(Duration::days(30));
    let goes: Vec<Algorithm> = old.iter().copied().filter(|one| !new.contains(one)).collect();
    let comes: Vec<Algorithm> = new.iter().copied().filter(|one| !old.contains(one)).collect();
    // What was not said before is not known to end.
    if old.is_empty() || new.is_empty() {
        sides.push(Draft::new(Kind::Accounts, sets).why(
            "what the app signs by is not said in both profiles: tokens that are out by another algorithm end with this step",
        ));
        return;
    }
    if goes.is_empty() {
        sides.push(Draft::new(Kind::AlgorithmAdded, sets));
        return;
    }
    if comes.is_empty() {
        // When the app last signed by it, no profile says.
        let why = format!(
            "tokens that it signed end {} after the last of them was made: it goes once the app has signed by the other one for \
             as long",
            stands.in_words()
        );
        sides.push(Draft::new(Kind::AlgorithmRetired, sets).why(why));
        return;
    }
    let both: Vec<Algorithm> = new.iter().copied().chain(goes).collect();
    let ends = "so every token that is out ends, and everyone signs in again: choose an hour with few people";
    if !may_stand_together(&both) {
        let why = format!("the app must not accept both, by SEC006, {ends}");
        sides.push(Draft::new(Kind::AlgorithmReplaced, sets).why(why));
        return;
    }
    if takes_one(sides.new) {
        let why = format!("{} accepts one algorithm at a time, {ends}", sides.new.app.title);
        sides.push(Draft::new(Kind::AlgorithmReplaced, sets).why(why));
        return;
    }
    let words: Vec<String> = both.iter().map(ToString::to_string).collect();
    let beside: Literal = words.iter().map(String::as_str).collect();
    sides.push(Draft::new(Kind::AlgorithmAdded, vec![(KEY.into(), Some(beside))]).standing(stands));
    sides.push(Draft::new(Kind::AlgorithmRetired, sets));
}

/// Whether an app is known to accept one algorithm at a time: its variable holds one, or its settings do.
fn takes_one(plan: &Plan<'_>) -> bool {
    let is_one = |field: &str, encoding: Option<Encoding>| field == KEY && encoding == Some(Encoding::Single);
    let mut rows = plan.app.variables.all().values();
    rows.any(|row| row.field.as_ref().is_some_and(|field| is_one(field.as_str(), row.encoding)))
        || matches!(plan.policy.app.kind, AppKind::Known("crudauth"))
}
