//! What is rendered for a Kubernetes cluster, judged by real programs: a gateway that reads it, validators, kustomize, and the
//! evaluator of the cluster's own rules.
#![cfg(unix)]

#[path = "../support/app.rs"]
mod app;
#[path = "../support/client.rs"]
mod client;
#[path = "../proxies/clients.rs"]
mod clients;
mod definitions;
#[path = "../round_trip/dice.rs"]
mod dice;
#[path = "../proxies/fill.rs"]
mod fill;
mod google;
#[path = "../proxies/http2.rs"]
mod http2;
#[path = "../proxies/judge.rs"]
mod judge;
mod live;
mod manifest;
mod mutants;
#[path = "../proxies/others.rs"]
mod others;
mod policies;
mod properties;
mod render;
#[path = "../proxies/run.rs"]
mod run;
#[path = "../support/server.rs"]
mod server;
#[path = "../proxies/site.rs"]
mod site;
#[path = "../proxies/suite.rs"]
mod suite;
#[path = "../support/mod.rs"]
mod support;
mod validate;
#[path = "../proxies/wire.rs"]
mod wire;
