//! The flags of cookies, wherever an answer sets one. Values are never shown.

use super::super::inquiry::Inquiry;
use super::super::outcome::Outcome;
use crate::plan::CookieFlags;
use crate::profile::{CookiePurpose, SameSite};
use crate::rules::cookies::flags::{COK001, COK002, COK003, COK006};
use crate::rules::cookies::sign_in::COK012;
use crate::source::KeyPath;

pub(super) fn probe(inquiry: &Inquiry<'_>, asked: &CookieFlags<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    if asked.by_scripts {
        return Outcome::unseen("the app's scripts set it, and no answer");
    }
    let name = asked.name.as_str();
    let key = |flag: &str| KeyPath::from("cookies").key(name).key(flag);
    let is_csrf =
        inquiry.plan.policy.cookies.get(asked.name).is_some_and(|cookie| cookie.purpose == CookiePurpose::Csrf);
    let mut set = false;
    for shot in &inquiry.shots {
        for line in shot.answer.lines("Set-Cookie") {
            let mut parts = line.split(';').map(str::trim);
            if parts.next().and_then(|pair| pair.split_once('=')).is_none_or(|(own, _)| own.trim() != name) {
                continue;
            }
            set = true;
            let flags: Vec<&str> = parts.collect();
            let has = |flag: &str| flags.iter().any(|own| own.eq_ignore_ascii_case(flag));
            let mut wrong = |rule, flag: &str, says: String| {
                let message = format!("{} sets the cookie {name} {says}", shot.what);
                outcome.breach_once(rule, key(flag), message);
            };
            match (asked.secure, has("Secure")) {
                (Some(true), false) => wrong(&COK001, "secure", "without Secure".to_owned()),
                (Some(false), true) => wrong(&COK001, "secure", "with Secure, which the profile takes away".to_owned()),
                (Some(_) | None, _) => {}
            }
            match (asked.http_only, has("HttpOnly")) {
                (Some(true), false) => wrong(&COK002, "http_only", "without HttpOnly".to_owned()),
                (Some(false), true) => {
                    let rule = if is_csrf { &COK012 } else { &COK002 };
                    wrong(rule, "http_only", "with HttpOnly, which the profile takes away".to_owned());
                }
                (Some(_) | None, _) => {}
            }
            if let Some(same_site) = asked.same_site {
                let word = match same_site {
                    SameSite::Strict => "SameSite=Strict",
                    SameSite::Lax => "SameSite=Lax",
                    SameSite::None => "SameSite=None",
                };
                if !has(word) {
                    wrong(&COK003, "same_site", format!("without {word}"));
                }
            }
            if asked.partitioned && !has("Partitioned") {
                wrong(&COK006, "partitioned", "without Partitioned".to_owned());
            }
        }
    }
    if set {
        outcome.see("set with its flags");
    } else {
        outcome.miss(&"no answer sets it: name a path that does with --path");
    }
    outcome
}
