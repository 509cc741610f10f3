//! What the rendered module does to a real CRUDAuth.
//!
//! The modules of many profiles are read by Python, judged by ruff and mypy, and given to each release that speaks
//! otherwise; an app that is configured by nothing else runs in two workers behind the rendered nginx.
#![cfg(unix)]

#[path = "../support/app.rs"]
mod app;
#[path = "../support/client.rs"]
mod client;
#[path = "../hostile/places.rs"]
mod places;
#[path = "../support/server.rs"]
mod server;
#[path = "../hostile/strings.rs"]
mod strings;
#[path = "../support/mod.rs"]
mod support;

mod live;
mod module;
mod python;
mod site;
