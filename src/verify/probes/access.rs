//! Paths that are not for everyone, and the question of a balancer, as a client sees both that may be one of those who get there
//! or not.

use std::net::IpAddr;

use super::super::client::Question;
use super::super::inquiry::Inquiry;
use super::super::outcome::{Outcome, told};
use super::super::wire::Answer;
use super::hidden;
use crate::plan::{Access, Health};
use crate::profile::Cidr;
use crate::rules::is_private;
use crate::rules::rendering::RND004;
use crate::source::KeyPath;

/// Whether the site takes this client for one of some networks.
pub(super) enum Known {
    Inside,
    Outside,
    /// A client with an address of a private network may come to the site by another one.
    Perhaps,
}

pub(super) fn known(inquiry: &Inquiry<'_>, networks: &[Cidr]) -> Known {
    let Some(from) = inquiry.from() else { return Known::Perhaps };
    let is_inside = networks.iter().any(|network| network.net().contains(&from));
    match from {
        // Nobody changes the address of a machine that asks itself.
        from if from.is_loopback() => {
            if is_inside {
                Known::Inside
            } else {
                Known::Outside
            }
        }
        _ if is_inside => Known::Perhaps,
        _ if networks.iter().all(|network| is_private(*network)) => Known::Outside,
        IpAddr::V4(v4) if v4.is_private() || v4.is_link_local() => Known::Perhaps,
        IpAddr::V6(v6) if v6.is_unique_local() => Known::Perhaps,
        IpAddr::V4(_) | IpAddr::V6(_) => Known::Outside,
    }
}

/// Paths for some clients, asked for by one who shows no certificate.
pub(super) fn probe(inquiry: &mut Inquiry<'_>, access: &Access<'_>) -> Outcome {
    match known(inquiry, access.networks.unwrap_or_default()) {
        Known::Inside => return Outcome::unseen("this client is one of those who get there"),
        Known::Perhaps => return Outcome::unseen("this client may be one of those who get there"),
        Known::Outside => {}
    }
    let mut outcome = Outcome::default();
    let looked = hidden::look(inquiry, &access.paths, &mut outcome);
    if !looked.shown.is_empty() {
        let shown: Vec<&str> = looked.shown.iter().map(String::as_str).collect();
        let message = format!("{} is shown to a client whom the entry does not let in", told(&shown));
        outcome.breach(&RND004, KeyPath::from("access").key(access.name.as_str()), message);
    }
    outcome.see(format!("closed under {} spellings", looked.hidden));
    outcome
}

/// The question of a balancer: under a host that nobody knows, and, for those who may not ask, under the site's own.
pub(super) fn health(inquiry: &mut Inquiry<'_>, health: &Health<'_>) -> Outcome {
    let known = health.networks.map_or(Known::Inside, |networks| known(inquiry, networks));
    let (host, path) = (inquiry.site.host.clone(), health.path.as_str());
    let own = inquiry.get(&host, path);
    let stranger = format!("{}.invalid", inquiry.unknown);
    let unknown =
        Question { host: stranger, headers: Vec::new(), ..inquiry.plain(&host, path).unwrap_or_else(|| own.clone()) };
    let mut outcome = Outcome::default();
    match known {
        Known::Perhaps => return Outcome::unseen("this client may be one of those who may ask, or not"),
        Known::Inside => match inquiry.patient(|client| client.ask_at(&unknown, &host)) {
            Ok(Answer { status: 200..=299, .. }) => outcome.see("answered under an unknown host"),
            Ok(answer) => {
                let message = format!("{path} is answered with {} under an unknown host", answer.status);
                outcome.breach(&RND004, "health.path", message);
            }
            Err(trouble) if trouble.is_refusal() => {
                outcome.breach(&RND004, "health.path", format!("{path} is not answered under an unknown host"));
            }
            Err(trouble) => outcome.miss(&trouble),
        },
        Known::Outside => match inquiry.ask(&own) {
            Ok(Answer { status: 200..=299, .. }) => {
                outcome.breach(&RND004, "health.networks", format!("{path} is answered to a client that may not ask"));
            }
            Ok(answer) => outcome.see(format!("{} for others", answer.status)),
            Err(trouble) if trouble.is_refusal() => outcome.see("no answer for others"),
            Err(trouble) => outcome.miss(&trouble),
        },
    }
    outcome
}
