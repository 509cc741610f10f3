//! The flags of cookies, wherever an answer sets one. Values are never shown.

use super::super::inquiry::Inquiry;
use super::super::outcome::{Outcome, shown};
use crate::plan::CookieFlags;
use crate::profile::{CookiePurpose, HostName, SameSite};
use crate::rules::cookies::flags::{COK001, COK002, COK003, COK004, COK006};
use crate::rules::cookies::sign_in::{COK012, COK013};
use crate::source::KeyPath;

pub(super) fn probe(inquiry: &Inquiry<'_>, asked: &CookieFlags<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    if asked.by_scripts {
        return Outcome::unseen("the app's scripts set it, and no answer");
    }
    let name = asked.name.as_str();
    let key = |flag: &str| KeyPath::from("cookies").key(name).key(flag);
    let cookie = inquiry.plan.policy.cookies.get(asked.name);
    let is_csrf = cookie.is_some_and(|cookie| cookie.purpose == CookiePurpose::Csrf);
    let domain = cookie.and_then(|cookie| cookie.domain.as_ref()).map(HostName::as_str);
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
            // Of several, browsers obey the last.
            let told = |name: &str| {
                let attributes = flags.iter().filter_map(|flag| flag.split_once('='));
                attributes
                    .filter(|(own, _)| own.trim().eq_ignore_ascii_case(name))
                    .map(|(_, value)| value.trim())
                    .next_back()
            };
            let seen = told("Domain").map(|value| value.trim_start_matches('.')).filter(|value| !value.is_empty());
            let is_host = name.starts_with("__Host-");
            if is_host && (seen.is_some() || told("Path") != Some("/")) {
                let says = "with a Domain, or a Path other than /, by which browsers refuse a cookie of such a name";
                wrong(&COK004, "path", says.to_owned());
            } else if !seen.map(str::to_ascii_lowercase).as_deref().eq(&domain) {
                let seen =
                    seen.map_or_else(|| "without Domain".to_owned(), |value| format!("with Domain={}", shown(value)));
                let asked = domain.map_or_else(
                    || "the profile keeps it to this host alone".to_owned(),
                    |domain| format!("the profile writes {domain}"),
                );
                wrong(&COK013, "domain", format!("{seen}, and {asked}"));
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
