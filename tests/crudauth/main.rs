//! What the rendered module does to a real CRUDAuth.
//!
//! The modules of many profiles are read by Python, judged by ruff and mypy, and given to each release that speaks
//! otherwise; an app that is configured by nothing else runs in two workers behind the rendered nginx.
#![cfg(unix)]

#[path = "../support/app.rs"]
#[allow(dead_code, reason = "each test uses its share")]
mod app;
#[path = "../support/client.rs"]
#[allow(dead_code, reason = "each test uses its share")]
mod client;
#[path = "../hostile/places.rs"]
#[allow(dead_code, reason = "shared with the hostile tests")]
mod places;
#[path = "../support/server.rs"]
#[allow(dead_code, reason = "each test uses its share")]
mod server;
#[path = "../hostile/strings.rs"]
#[allow(dead_code, reason = "shared with the hostile tests")]
mod strings;
#[path = "../support/mod.rs"]
mod support;

mod live;
mod module;
mod python;
mod site;
