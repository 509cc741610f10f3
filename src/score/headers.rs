//! The tests that look at one header: CORS, Referrer-Policy, X-Content-Type-Options, X-Frame-Options,
//! Cross-Origin-Resource-Policy.

use super::text::{start, trimmed};
use super::{Answer, Graded, ORIGIN, Outcome};

/// Values of Referrer-Policy that keep addresses from other sites and from plain HTTP.
const PRIVATE: [&str; 4] = ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"];

/// The others that browsers know.
const TALKATIVE: [&str; 4] = ["origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"];

/// A header's outcome, with its value as the reason.
fn with(outcome: Outcome, value: &str) -> Graded {
    const MOST: usize = 60;
    let mut shown: String = value.chars().take(MOST).collect();
    if value.chars().count() > MOST {
        shown.push('…');
    }
    Graded { outcome, because: Some(format!("`{shown}`")) }
}

/// A header that is there and says something.
fn written(answer: &Answer, name: &str) -> Option<String> {
    answer.header(name).filter(|value| !value.is_empty())
}

/// Who may read answers across origins, by what a stranger's preflight is told.
pub(super) fn cors(preflight: Option<&Answer>) -> Outcome {
    let Some((answer, allowed)) =
        preflight.and_then(|answer| Some((answer, written(answer, "Access-Control-Allow-Origin")?)))
    else {
        return Outcome::CorsAbsent;
    };
    let credentials = || written(answer, "Access-Control-Allow-Credentials");
    if start(&allowed, 256) == "*" {
        Outcome::CorsPublic
    } else if allowed == ORIGIN && credentials().is_some_and(|value| trimmed(&value).eq_ignore_ascii_case("true")) {
        Outcome::CorsUniversal
    } else {
        Outcome::CorsRestricted
    }
}

/// How much of an address other sites learn. The last value that is known counts, and the page's own stands behind the
/// header's.
pub(super) fn referrer_policy(answer: &Answer, page: Option<&str>) -> Graded {
    let values: Vec<String> = answer.header("Referrer-Policy").into_iter().chain(page.map(str::to_owned)).collect();
    if values.is_empty() {
        return Outcome::ReferrerAbsent.into();
    }
    let all = values.join(", ");
    let is_in = |list: [&str; 4], value: &str| list.contains(&value);
    let words = all.split(',').map(|value| trimmed(value).to_lowercase());
    let known = words.rev().find(|value| is_in(PRIVATE, value) || is_in(TALKATIVE, value));
    match known {
        Some(value) if is_in(PRIVATE, &value) => with(Outcome::ReferrerPrivate, &value),
        Some(value) => with(Outcome::ReferrerUnsafe, &value),
        None => with(Outcome::ReferrerInvalid, &all),
    }
}

/// Whether browsers guess types.
pub(super) fn content_type_options(answer: &Answer) -> Graded {
    match written(answer, "X-Content-Type-Options") {
        None => Outcome::NoSniffAbsent.into(),
        Some(value) if start(&value, 256) == "nosniff" => Outcome::NoSniff.into(),
        Some(value) => with(Outcome::NoSniffInvalid, &value),
    }
}

/// Who may frame the page: by the policy where it says so, whatever it says, else by X-Frame-Options.
pub(super) fn frame_options(answer: &Answer, by_policy: bool) -> Graded {
    if by_policy {
        return Outcome::FramesByCsp.into();
    }
    let Some(value) = written(answer, "X-Frame-Options") else {
        return Outcome::FramesAbsent.into();
    };
    match start(&value, 1024).as_str() {
        "deny" | "sameorigin" => with(Outcome::FramesLimited, &value),
        other if other.starts_with("allow-from") => with(Outcome::FramesAllowFrom, &value),
        _ => with(Outcome::FramesInvalid, &value),
    }
}

/// Who may embed what is answered.
pub(super) fn resource_policy(answer: &Answer) -> Graded {
    let value = written(answer, "Cross-Origin-Resource-Policy").map(|value| start(&value, 256));
    // Blanks alone say as little as nothing.
    match value.as_deref().filter(|value| !value.is_empty()) {
        None => Outcome::ResourcesAbsent.into(),
        Some("same-origin") => Outcome::ResourcesSameOrigin.into(),
        Some("same-site") => Outcome::ResourcesSameSite.into(),
        Some("cross-origin") => Outcome::ResourcesCrossOrigin.into(),
        Some(other) => with(Outcome::ResourcesInvalid, other),
    }
}
