//! One probe for each kind of demand, and none that the plan did not ask for.

mod access;
mod address;
mod aliases;
mod bodies;
mod cookies;
mod cors;
mod headers;
mod hidden;
mod hosts;
mod limits;
mod locations;
mod no_store;
mod redirect;
mod services;
mod suites;
mod tls;
mod version;

use super::inquiry::Inquiry;
use super::outcome::Outcome;
use crate::plan::{Demand, Entry, Owner};
use crate::rules::docs::{DBG002, DBG003};
use crate::rules::rendering::RND004;

/// When a demand has its turn: what asks goes before what looks at all answers, and what uses up a limit goes after
/// everything else that asks.
pub(super) const fn turn(demand: &Demand<'_>) -> u8 {
    match demand {
        Demand::Tls(_)
        | Demand::HttpsRedirect
        | Demand::PlainHttpRefused
        | Demand::HostNames { .. }
        | Demand::Upstream(_)
        | Demand::Location { .. }
        | Demand::AliasesRedirect { .. }
        | Demand::Health(_)
        | Demand::Access(_)
        | Demand::Cors(_)
        | Demand::ApiDocs(_)
        | Demand::SetUp(_)
        | Demand::BodySize(_)
        | Demand::IpFilter(_)
        | Demand::Lockout(_)
        | Demand::Passwords(_)
        | Demand::Sessions(_)
        | Demand::Tokens(_)
        | Demand::SharedState(_) => 0,
        Demand::RateLimit(_) => 1,
        Demand::ClientAddress { .. } => 2,
        Demand::Hsts(_)
        | Demand::Header(_)
        | Demand::Service(_)
        | Demand::NoStore(_)
        | Demand::ServerVersion
        | Demand::Cookie(_) => 3,
    }
}

/// What the answers show once everything was asked.
pub(super) fn afterwards(inquiry: &Inquiry<'_>, entry: &Entry<'_>, outcome: &mut Outcome) {
    if let Demand::Cors(cors) = &entry.demand
        && entry.owner != Owner::Gap
    {
        cors::refusals(inquiry, entry, cors, outcome);
    }
}

/// Asks the site what a demand is about.
pub(super) fn probe(inquiry: &mut Inquiry<'_>, entry: &Entry<'_>) -> Outcome {
    if entry.owner == Owner::Gap {
        return Outcome::unseen("by the plan nobody enforces it, which `seccfg check` tells");
    }
    match &entry.demand {
        Demand::Tls(tls) => tls::probe(inquiry, tls),
        Demand::HttpsRedirect => redirect::probe(inquiry),
        Demand::PlainHttpRefused => redirect::refusal(inquiry),
        Demand::HostNames { in_handshake, .. } => hosts::probe(inquiry, *in_handshake),
        Demand::ClientAddress { .. } => address::probe(inquiry),
        Demand::Hsts(header) => headers::hsts(inquiry, entry, header),
        Demand::Header(header) => headers::probe(inquiry, entry, header),
        Demand::NoStore(paths) => no_store::probe(inquiry, paths),
        Demand::ServerVersion => version::probe(inquiry),
        Demand::Cors(cors) => cors::probe(inquiry, entry, cors),
        Demand::Cookie(cookie) => cookies::probe(inquiry, cookie),
        Demand::RateLimit(limit) => limits::probe(inquiry, entry, limit),
        Demand::ApiDocs(paths) => {
            let rule = if matches!(entry.owner, Owner::Layer(crate::plan::Layer::App)) { &DBG002 } else { &DBG003 };
            hidden::docs(inquiry, paths, rule, "api_docs.exposed")
        }
        Demand::SetUp(paths) => hidden::probe(inquiry, paths, &RND004, "app.kind"),
        Demand::BodySize(most) => bodies::probe(inquiry, entry, *most),
        Demand::Upstream(_) => Outcome::unseen("only the proxy sees how it gets to the app"),
        Demand::Service(service) => services::probe(inquiry, service),
        Demand::Location { name, asked } => locations::probe(inquiry, name, asked),
        Demand::AliasesRedirect { aliases, to } => aliases::probe(inquiry, aliases, to),
        Demand::Health(health) => access::health(inquiry, health),
        Demand::Access(access) => access::probe(inquiry, access),
        Demand::IpFilter(_) => Outcome::unseen("only clients in other networks would see it"),
        Demand::Lockout(_) => Outcome::unseen("nobody's account is locked to see whether it locks"),
        Demand::Passwords(_) | Demand::Sessions(_) | Demand::Tokens(_) => {
            Outcome::unseen("only somebody who signs in sees it")
        }
        Demand::SharedState(_) => Outcome::unseen("no answer shows where the app keeps its state"),
    }
}
