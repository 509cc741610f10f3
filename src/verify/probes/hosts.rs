//! Which hosts are answered: all that are served, by https, and no others.

use std::net::IpAddr;

use super::super::client::Question;
use super::super::inquiry::Inquiry;
use super::super::outcome::Outcome;
use super::super::wire::Answer;
use crate::plan::Header;
use crate::rules::proxy::PRX006;
use crate::rules::rendering::RND004;
use crate::rules::tls::TLS001;
use crate::source::KeyPath;

pub(super) fn probe(inquiry: &mut Inquiry<'_>, in_handshake: bool) -> Outcome {
    let mut outcome = Outcome::default();
    let served: Vec<String> = inquiry.plan.policy.app.aliases.iter().map(ToString::to_string).collect();
    let aliases: Vec<(String, Option<String>)> = inquiry
        .aliases
        .iter()
        .map(|(alias, visited)| (alias.clone(), visited.as_ref().err().map(ToString::to_string)))
        .collect();
    for (alias, trouble) in &aliases {
        if let Some(trouble) = trouble {
            let key = match served.iter().position(|own| own == alias) {
                Some(index) => KeyPath::from("app.aliases").index(index),
                None => "app.url".into(),
            };
            let rule = if inquiry.site.https { &TLS001 } else { &PRX006 };
            let scheme = if inquiry.site.https { "https" } else { "http" };
            outcome.breach(
                rule,
                key,
                format!("{scheme}://{alias}/ is served by the profile and not by the site: {trouble}"),
            );
        }
    }
    let (host, mount) = (inquiry.site.host.clone(), inquiry.site.mount.clone());
    if let Some(sent) = inquiry.head.as_ref().map(|head| head.body.len()).filter(|length| *length > 0) {
        let message = format!(
            "HEAD {}{mount} is answered with a body of {sent} bytes or more, which has none (RFC 9110 §9.3.2): whatever reuses \
             the connection takes them for the next answer",
            inquiry.site.origin(&host)
        );
        outcome.breach(&RND004, "app.url", message);
    }
    elsewhere(inquiry, &mut outcome);
    let stranger = format!("{}.invalid", inquiry.unknown);
    // What is for the site alone is not for a stranger.
    let own = Question { headers: Vec::new(), ..inquiry.get(&host, &mount) };
    let by = if inquiry.site.https { " by https" } else { "" };
    let mut questions = vec![(by, Question { host: stranger.clone(), ..own.clone() })];
    if inquiry.site.https && in_handshake {
        let name = stranger.clone();
        questions.push((" in the handshake", Question { host: stranger.clone(), name, ..own.clone() }));
    }
    if let Some(plain) = inquiry.plain(&host, &mount) {
        questions.push((" by plain HTTP", Question { host: stranger.clone(), headers: Vec::new(), ..plain }));
    }
    let mut answered_how = Vec::new();
    for (how, question) in questions {
        // A stranger has no address of its own: it is looked for where the site is.
        let answered = inquiry.patient(|client| client.ask_at(&question, &host));
        match answered {
            Ok(answer) if is_refused(&answer, &inquiry.page) => outcome.see("an unknown host is refused"),
            Ok(answer) => answered_how.push(format!("{how} with {}", answer.status)),
            Err(trouble) if trouble.is_refusal() => outcome.see("an unknown host is refused"),
            Err(trouble) => outcome.miss(&format!("an unknown host{how}: {trouble}")),
        }
    }
    if !answered_how.is_empty() {
        let message = format!("an unknown host is answered{}", answered_how.join(" and"));
        outcome.breach(&PRX006, "app.url", message);
    }
    // Whoever answers every host answers the name with a dot, too, and the address by itself.
    if !inquiry.is_address() && answered_how.is_empty() {
        bare(inquiry, in_handshake, &mut outcome);
        dotted(inquiry, &mut outcome);
    }
    outcome.seen.dedup();
    outcome
}

/// Whether an answer says that there is no such host: what the site itself would say is none.
fn is_refused(answer: &Answer, page: &Answer) -> bool {
    matches!(answer.status, 400 | 421) || ((403..=410).contains(&answer.status) && answer.status != page.status)
}

/// The site's address by itself, as whoever scans networks asks for it: without a name in the handshake.
fn bare(inquiry: &mut Inquiry<'_>, in_handshake: bool, outcome: &mut Outcome) {
    let (host, mount) = (inquiry.site.host.clone(), inquiry.site.mount.clone());
    let Some(address) = inquiry.to() else { return };
    let (name, shown) = match address {
        IpAddr::V4(_) => (address.to_string(), address.to_string()),
        IpAddr::V6(_) => (address.to_string(), format!("[{address}]")),
    };
    let own = Question { headers: Vec::new(), host: shown.clone(), ..inquiry.get(&host, &mount) };
    let own = if in_handshake { Question { name, ..own } } else { own };
    if let Ok(answer) = inquiry.patient(|client| client.ask_at(&own, &host))
        && !is_refused(&answer, &inquiry.page)
    {
        let message = format!(
            "the address {shown} by itself, which is no host of the profile, is answered with {}: whoever scans networks finds \
             the site",
            answer.status
        );
        outcome.breach(&PRX006, "app.url", message);
    }
}

/// Another address of the same name answers as the first does; what is wrong with its headers is told of these.
fn elsewhere(inquiry: &Inquiry<'_>, outcome: &mut Outcome) {
    let (host, page) = (&inquiry.site.host, inquiry.page.status);
    let what = format!("{}{}", inquiry.site.origin(host), inquiry.site.mount);
    for elsewhere in &inquiry.elsewhere {
        let address = elsewhere.address;
        match &elsewhere.page {
            Ok(status) if *status != page => {
                let message = format!(
                    "{what} is answered at {address} with {status}, and with {page} at another address of {host}"
                );
                outcome.breach_once(&RND004, "app.url", message);
            }
            Ok(_) => outcome.see(format!("{address} answers, too")),
            Err(trouble) => outcome.see(format!("{address} is not looked at: {trouble}")),
        }
    }
}

/// A name with a dot at its end is the same to DNS: it gets what the name gets, or nothing.
fn dotted(inquiry: &mut Inquiry<'_>, outcome: &mut Outcome) {
    let (host, mount) = (inquiry.site.host.clone(), inquiry.site.mount.clone());
    let mut question = inquiry.get(&host, &mount);
    question.host = question.host.replacen(&host, &format!("{host}."), 1);
    match inquiry.ask_once(&question) {
        Ok(answer) if is_refused(&answer, &inquiry.page) || is_the_same(inquiry, &answer) => {}
        Ok(answer) => outcome.breach(
            &PRX006,
            "app.url",
            format!(
                "{host}. with a dot at its end, which is the same name, gets another answer than {host}: {}, or without \
                 the site's headers",
                answer.status
            ),
        ),
        // Refused, as another name is; or not answered, which is told of other questions.
        Err(_) => {}
    }
}

/// Whether an answer is that of the page: by its status, and by the headers that are asked for. What a program says itself may
/// be another value each time.
fn is_the_same(inquiry: &Inquiry<'_>, answer: &Answer) -> bool {
    let page = &inquiry.page;
    let mut headers = inquiry.plan.entries.iter().filter_map(|entry| entry.demand.header());
    let is_same = |header: &Header| {
        let (own, pages) = (answer.lines(header.name), page.lines(header.name));
        if header.from_app {
            own.count() == pages.count()
        } else {
            own.map(without_nonces).eq(pages.map(without_nonces))
        }
    };
    answer.status == page.status && headers.all(is_same)
}

/// A header's value without its nonces, which are others on each answer.
fn without_nonces(value: &str) -> Vec<&str> {
    value.split_ascii_whitespace().filter(|word| !word.starts_with("'nonce-")).collect()
}
