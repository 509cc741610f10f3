//! Whether somebody who makes up an address dodges a limit. Only `--active`, after a limit has refused.

use super::super::inquiry::Inquiry;
use super::super::outcome::Outcome;
use crate::plan::{Layer, Owner};
use crate::rules::proxy::{PRX002, PRX003};

/// Headers by which proxies tell the client's address, with one that is made up.
const FORGED: [(&str, &str); 12] = [
    ("X-Forwarded-For", "198.51.100.7"),
    ("X-Real-IP", "198.51.100.7"),
    ("Forwarded", "for=198.51.100.7"),
    ("X-Client-IP", "198.51.100.7"),
    ("True-Client-IP", "198.51.100.7"),
    ("CF-Connecting-IP", "198.51.100.7"),
    ("X-Cluster-Client-IP", "198.51.100.7"),
    ("X-Original-Forwarded-For", "198.51.100.7"),
    ("X-Envoy-External-Address", "198.51.100.7"),
    ("Fastly-Client-IP", "198.51.100.7"),
    ("Fly-Client-IP", "198.51.100.7"),
    ("DO-Connecting-IP", "198.51.100.7"),
];

/// So often a limit is asked to refuse again.
const AGAIN: usize = 3;

pub(super) fn probe(inquiry: &mut Inquiry<'_>) -> Outcome {
    if inquiry.is_believed() {
        return Outcome::unseen("this client comes from an address of `proxy.trusted`, whose word is believed");
    }
    let Some(question) = inquiry.limited.clone() else {
        let why = if inquiry.asked.active { ", and none refused this one" } else { " (--active)" };
        return Outcome::unseen(format!("only a client that a limit refuses can tell{why}"));
    };
    let mut outcome = Outcome::default();
    let forged = FORGED.iter().fold(question.clone(), |question, (name, value)| question.with(name, value));
    // Other questions have come since: what the limit lets through again by now is used up first.
    let _ = (0..AGAIN).find(|_| inquiry.ask(&question).is_ok_and(|answer| answer.status == 429));
    let (before, after) = (inquiry.ask(&forged), inquiry.ask(&question));
    match (before, after) {
        (Ok(forged), Ok(_)) if forged.status == 429 => {
            outcome.see("a made-up X-Forwarded-For does not dodge a limit");
        }
        (Ok(forged), Ok(honest)) if honest.status == 429 => {
            let by_app = inquiry.plan.entries.iter().any(|entry| {
                matches!(entry.demand, crate::plan::Demand::RateLimit(_))
                    && matches!(entry.owner, Owner::Layer(Layer::App) | Owner::Delegated)
            });
            let (rule, key) = if by_app { (&PRX003, "proxy.forwarded_for") } else { (&PRX002, "proxy.trusted") };
            outcome.breach(
                rule,
                key,
                format!(
                    "a client that {} has refused passes it with a made-up address in X-Forwarded-For and the like: it is \
                     answered with {}",
                    question.target, forged.status
                ),
            );
        }
        (Ok(_), Ok(_)) => outcome.miss(&"the limit let requests through again while it was asked"),
        (Err(trouble), _) | (_, Err(trouble)) => outcome.miss(&trouble),
    }
    outcome
}
