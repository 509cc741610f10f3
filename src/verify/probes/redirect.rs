//! Whether plain HTTP leads to https on the same host first, or is refused, as the profile says.

use super::super::client::Question;
use super::super::inquiry::Inquiry;
use super::super::outcome::{Outcome, shown};
use crate::rules::tls::TLS006;

const KEY: &str = "tls.redirect_http";

pub(super) fn probe(inquiry: &mut Inquiry<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let hosts: Vec<String> = inquiry.site.hosts().map(str::to_owned).collect();
    let dotted = (!inquiry.is_address()).then(|| format!("{}.", inquiry.site.host));
    leads_back(inquiry, KEY, &mut outcome);
    // Not one path alone may be what is answered by plain HTTP.
    let targets = [inquiry.nowhere(), inquiry.site.mount.clone()];
    for (index, host) in hosts.iter().chain(&dotted).enumerate() {
        let name = host.trim_end_matches('.');
        // What is wrong under the name is wrong under the same name with a dot.
        if host != name && !outcome.breaches.is_empty() {
            break;
        }
        // Something that has to come along.
        let nth = if host == name { index % targets.len() } else { 1 };
        let target = format!("{}?{}=1", targets[nth], "seccfg");
        let Some(question) = inquiry.plain(name, &target) else {
            return Outcome::unseen("on which port plain HTTP would be is not known");
        };
        let mut question = question;
        question.host = question.host.replacen(name, host, 1);
        let to = format!("{}{target}", inquiry.site.origin(name));
        let what = format!("http://{}{target}", question.host);
        match inquiry.ask_once(&question) {
            Ok(answer) if matches!(answer.status, 301 | 308) => match answer.one("Location") {
                Some(location) if location == to => outcome.see(format!("{} to https", answer.status)),
                Some(location) => {
                    let message = format!("{what} leads to {}, and should lead to {to}", shown(location));
                    outcome.breach(&TLS006, KEY, message);
                }
                None => outcome.breach(&TLS006, KEY, format!("{what} is redirected without one Location")),
            },
            // A host with a dot at its end is another one to some servers, and is told nothing, or what every host is told.
            Ok(answer) if host != name && (400..500).contains(&answer.status) => {}
            Ok(answer) if host != name && is_for_everyone(inquiry, &question, answer.status) => {}
            Ok(answer) => {
                let message = format!("{what} is answered with {}, and should lead to https with 308", answer.status);
                outcome.breach_once(&TLS006, KEY, message);
            }
            Err(trouble) if trouble.is_refusal() => {
                if host == name {
                    outcome.see("plain HTTP is refused");
                }
            }
            Err(trouble) => outcome.miss(&format!("{what}: {trouble}")),
        }
    }
    let (host, target) = (&inquiry.site.host, &inquiry.site.mount);
    let to = format!("{}{target}", inquiry.site.origin(host));
    for elsewhere in &inquiry.elsewhere {
        let Some(Ok(answer)) = &elsewhere.plain else { continue };
        if !matches!(answer.status, 301 | 308) || answer.one("Location") != Some(&to) {
            let (address, status) = (elsewhere.address, answer.status);
            let message = format!(
                "http://{host}{target} is answered at {address} with {status}, and should lead to {to} with 308"
            );
            outcome.breach_once(&TLS006, KEY, message);
        }
    }
    outcome.seen.dedup();
    outcome
}

/// Whether a host that nobody knows gets the same answer, which is told of unknown hosts.
fn is_for_everyone(inquiry: &mut Inquiry<'_>, question: &Question, status: u16) -> bool {
    let stranger = Question { host: format!("{}.invalid", inquiry.unknown), ..question.clone() };
    inquiry.ask_once(&stranger).is_ok_and(|answer| answer.status == status)
}

/// Whether an answer by https leads to plain HTTP: an app that takes every request for one writes its links so.
fn leads_back(inquiry: &Inquiry<'_>, key: &'static str, outcome: &mut Outcome) {
    let hosts: Vec<&str> = inquiry.site.hosts().collect();
    let led = inquiry.shots.iter().find_map(|shot| {
        let location = shot.answer.one("Location").filter(|_| (300..400).contains(&shot.answer.status))?;
        let host = location.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://")).map(|_| &location[7..])?;
        let host = host.split(['/', '?', '#', ':']).next().unwrap_or(host);
        hosts.iter().any(|own| own.eq_ignore_ascii_case(host)).then_some((shot.what.as_str(), location))
    });
    if let Some((what, location)) = led.filter(|_| inquiry.site.https) {
        let message =
            format!("{what} leads to {}, so that whoever follows it asks by plain HTTP first", shown(location));
        let help = "have the app believe the proxy's X-Forwarded-Proto, or write its redirects with https";
        outcome.breach_once_with(&TLS006, key, message, Some(help.to_owned()));
    }
}

/// Plain HTTP that gets no answer at all.
pub(super) fn refusal(inquiry: &mut Inquiry<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    leads_back(inquiry, "tls.plain_http", &mut outcome);
    let hosts: Vec<String> = inquiry.site.hosts().map(str::to_owned).collect();
    for elsewhere in &inquiry.elsewhere {
        if let Some(Ok(answer)) = &elsewhere.plain {
            let (host, address, status) = (&inquiry.site.host, elsewhere.address, answer.status);
            let message = format!("http://{host}/ is answered at {address} with {status}, and is to get no answer");
            outcome.breach_once(&TLS006, "tls.plain_http", message);
        }
    }
    for host in hosts {
        let Some(question) = inquiry.plain(&host, &inquiry.nowhere()) else {
            return Outcome::unseen("on which port plain HTTP would be is not known");
        };
        match inquiry.ask_once(&question) {
            Ok(answer) => {
                let message =
                    format!("http://{}/ is answered with {}, and is to get no answer", question.host, answer.status);
                outcome.breach(&TLS006, "tls.plain_http", message);
            }
            Err(trouble) if trouble.is_refusal() => outcome.see("plain HTTP gets no answer"),
            Err(trouble) => outcome.miss(&trouble),
        }
    }
    outcome.seen.dedup();
    outcome
}
