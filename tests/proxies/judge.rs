//! What was expected against what came.

use std::collections::BTreeSet;

use crate::app::Seen;
use crate::client::Response;
use crate::suite::{Expect, Saw};
use crate::wire::Outcome;

/// Everything that is not as expected.
pub fn complaints(expect: &Expect, outcome: &Outcome, seen: &[Seen]) -> Vec<String> {
    let mut wrong = Vec::new();
    match outcome {
        Outcome::Answer(response) if expect.status.contains(&response.status) => wrong.extend(answer(expect, response)),
        Outcome::Closed if expect.closed => {}
        Outcome::Refused(reason) if expect.refused.as_ref().is_some_and(|wanted| reason.contains(wanted)) => {}
        Outcome::Shaken(protocol) if expect.alpn.is_some() && *protocol == expect.alpn => {}
        Outcome::Answer(_) | Outcome::Closed | Outcome::Refused(_) | Outcome::Shaken(_) | Outcome::Failed(_) => {
            wrong.push(format!("expected {}, got {}", ends(expect), told(outcome)));
        }
    }
    match seen {
        [] if expect.seen.is_some() || expect.reached == Some(true) => {
            wrong.push("the app never saw it".to_owned());
        }
        [seen, ..] if expect.reached == Some(false) => {
            wrong.push(format!("the app saw {} {}", seen.method, seen.target));
        }
        // Another method may be tried again, where a connection that was kept turns out to be closed.
        [first, _, ..] if matches!(first.method.as_str(), "POST" | "PATCH") => {
            wrong.push(format!("the app saw it {} times", seen.len()));
        }
        _ => {}
    }
    if let (Some(saw), Some(seen)) = (&expect.seen, seen.last()) {
        wrong.extend(saw_otherwise(saw, seen));
    }
    wrong
}

/// What is wrong with an answer, whatever its status.
pub fn answer(expect: &Expect, response: &Response) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, value) in &expect.headers {
        let got = response.all(name);
        if got != [value] {
            wrong.push(format!("{name}: expected {value:?} once, got {got:?}"));
        }
    }
    for (name, [least, most]) in &expect.within {
        let got = response.all(name);
        let number = if let [value] = got[..] { value.parse().ok() } else { None };
        if !number.is_some_and(|number: u64| (*least..=*most).contains(&number)) {
            wrong.push(format!("{name}: expected a number from {least} to {most} once, got {got:?}"));
        }
    }
    for name in &expect.absent {
        let got = match name.strip_suffix('*') {
            Some(start) => response.starting(&start.to_ascii_lowercase()),
            None => response.all(name),
        };
        if !got.is_empty() {
            wrong.push(format!("{name}: expected none, got {got:?}"));
        }
    }
    for text in &expect.nowhere {
        for (name, value) in response.headers.iter().filter(|(_, value)| value.contains(text)) {
            wrong.push(format!("{name}: got {value:?}, which holds {text:?}"));
        }
    }
    for (name, items) in &expect.lists {
        let got: Vec<&str> = response.all(name).into_iter().flat_map(|line| line.split(',')).map(str::trim).collect();
        if got != *items {
            wrong.push(format!("{name}: expected the list {items:?}, got {got:?}"));
        }
    }
    let vary: Vec<&str> = response.all("Vary").into_iter().flat_map(|line| line.split(',')).map(str::trim).collect();
    for name in &expect.vary {
        if vary.iter().filter(|own| own.eq_ignore_ascii_case(name)).count() != 1 {
            wrong.push(format!("Vary: expected {name} once, got {vary:?}"));
        }
    }
    for (name, attributes) in &expect.cookies {
        let wanted: BTreeSet<String> = attributes.iter().map(|attribute| attribute.to_ascii_lowercase()).collect();
        let got = cookies(response, name);
        if got.len() != 1 || got[0] != wanted.iter().cloned().collect::<Vec<_>>() {
            wrong.push(format!("the cookie {name}: expected {wanted:?} once, got {got:?}"));
        }
    }
    if let Some([least, most]) = expect.lasts
        && !(u128::from(least)..=u128::from(most)).contains(&response.lasted.as_millis())
    {
        wrong.push(format!("expected a body that comes in {least} to {most} ms, got {:?}", response.lasted));
    }
    if expect.body.as_ref().is_some_and(|body| *body != response.body) {
        wrong.push(format!("expected the body {:?}, got {:?}", expect.body, response.body));
    }
    wrong
}

/// The attributes of every cookie of a name, sorted; one that stands twice is there twice.
fn cookies(response: &Response, name: &str) -> Vec<Vec<String>> {
    let cookies = response.all("Set-Cookie").into_iter().filter_map(|cookie| {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let mut attributes: Vec<String> =
            attributes.split(';').map(|attribute| attribute.trim().to_ascii_lowercase()).collect();
        attributes.retain(|attribute| !attribute.is_empty());
        attributes.sort();
        (pair.split('=').next() == Some(name)).then_some(attributes)
    });
    cookies.collect()
}

fn saw_otherwise(saw: &Saw, seen: &Seen) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut same = |what: &str, wanted: Option<&str>, got: Option<&str>| {
        if wanted.is_some() && wanted != got {
            wrong.push(format!("the app saw the {what} {got:?}, expected {wanted:?}"));
        }
    };
    same("method", saw.method.as_deref(), Some(&seen.method));
    same("target", saw.target.as_deref(), Some(&seen.target));
    for (name, value) in &saw.headers {
        same(name, Some(value), seen.header(&name.to_ascii_lowercase()));
    }
    for name in &saw.absent {
        if let Some(value) = seen.header(&name.to_ascii_lowercase()) {
            wrong.push(format!("the app saw the {name} {value:?}, expected none"));
        }
    }
    for text in &saw.nowhere {
        for (name, value) in seen.headers.iter().filter(|(_, value)| value.contains(text)) {
            wrong.push(format!("the app saw the {name} {value:?}, which holds {text:?}"));
        }
    }
    if saw.body.is_some_and(|body| body != seen.body) {
        wrong.push(format!("the app saw a body of {} bytes, expected {:?}", seen.body, saw.body));
    }
    wrong
}

/// The ends that are expected.
fn ends(expect: &Expect) -> String {
    let mut ends: Vec<String> = expect.status.iter().map(u16::to_string).collect();
    ends.extend(expect.closed.then(|| "no answer".to_owned()));
    ends.extend(expect.refused.as_ref().map(|reason| format!("a refused handshake ({reason})")));
    ends.extend(expect.alpn.as_ref().map(|protocol| format!("a handshake for {protocol}")));
    ends.join(" or ")
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answer(response) => format!("{} {:?}", response.status, response.headers),
        Outcome::Closed => "no answer".to_owned(),
        Outcome::Refused(reason) => format!("a refused handshake: {reason}"),
        Outcome::Shaken(protocol) => format!("a handshake for {protocol:?}"),
        Outcome::Failed(reason) => reason.clone(),
    }
}
