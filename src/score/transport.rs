//! The tests of how a visitor comes: HSTS, and where plain HTTP leads.

use super::text::{integer, trimmed};
use super::{Graded, Observed, Outcome};

/// What counts as six months, in seconds: 180 days, as many sites have it.
const SIX_MONTHS: i64 = 180 * 24 * 60 * 60;

/// Whether browsers come back by https alone.
pub(super) fn hsts(observed: &Observed) -> Graded {
    if observed.https.is_some() && observed.preloaded.contains(&observed.host) {
        return Outcome::HstsPreloaded.into();
    }
    let Some(answer) = &observed.https else {
        return Outcome::HstsNoHttps.into();
    };
    if !answer.trusted {
        return Outcome::HstsUntrusted.into();
    }
    let Some(value) = answer.header("Strict-Transport-Security") else {
        return Outcome::HstsAbsent.into();
    };
    let value: String = value.chars().take(1024).collect();
    let because = |reason: String| Some(reason);
    if value.contains(',') {
        return Graded { outcome: Outcome::HstsInvalid, because: because(format!("`{value}` holds a comma")) };
    }
    let mut max_age = None;
    for part in value.split(';').map(|part| trimmed(part).to_lowercase()) {
        if let Some(seconds) = part.strip_prefix("max-age=") {
            max_age = Some(integer(&seconds.chars().take(120).collect::<String>()));
        }
    }
    let (outcome, reason) = match max_age {
        None => (Outcome::HstsInvalid, format!("`{value}` has no max-age")),
        Some(Some(seconds)) if seconds < SIX_MONTHS => (Outcome::HstsShort, format!("`{value}`")),
        // A max-age that is no number passes, too.
        Some(_) => (Outcome::HstsLong, format!("`{value}`")),
    };
    Graded { outcome, because: because(reason) }
}

/// Where plain HTTP leads.
pub(super) fn redirection(observed: &Observed) -> Outcome {
    let Some(answer) = &observed.http else {
        return Outcome::RedirectionNotNeeded;
    };
    if !answer.trusted {
        return Outcome::RedirectionUntrusted;
    }
    let route = observed.route.as_slice();
    if route.iter().all(|hop| observed.preloaded.contains(&hop.host)) {
        return Outcome::RedirectionPreloaded;
    }
    let [first, second, ..] = route else {
        return Outcome::RedirectionAbsent;
    };
    if !route.last().is_some_and(|hop| hop.https) {
        Outcome::RedirectionNotToHttps
    } else if !second.https {
        Outcome::RedirectionByHttp
    } else if !first.https && first.host != second.host {
        Outcome::RedirectionOffHost
    } else {
        Outcome::RedirectionToHttps
    }
}
