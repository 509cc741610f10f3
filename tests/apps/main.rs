//! Real programs behind the rendered proxies: servers that read paths in their own ways, frameworks that compare where a
//! request came from, streams, and front ends that a real browser signs in at.
//!
//! The requests of `tests/proxies` show what a proxy passes on; the programs here show what becomes of that.
#![cfg(unix)]

#[path = "../support/app.rs"]
mod app;
mod browser;
#[path = "../support/client.rs"]
mod client;
mod django;
mod line;
mod paths;
mod programs;
#[path = "../support/server.rs"]
mod server;
mod site;
mod streams;
#[path = "../support/mod.rs"]
mod support;
