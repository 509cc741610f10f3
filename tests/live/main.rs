//! What the rendered configuration does on real servers.
//!
//! Every scenario renders a profile with the built binary, starts nginx on loopback with an app
//! behind it that contradicts the profile wherever it can, and looks at what comes back, byte for
//! byte. Each runs on every nginx that is found: Debian's and, by `NGINX_CURRENT`, a current one,
//! or those that `SECCFG_NGINX` lists, separated by `:`. Where there is none, nothing is tested,
//! and `SECCFG_LIVE=required` makes that a failure.
#![cfg(unix)]

mod app;
mod client;
mod nginx;
mod profile;
mod render;
mod site;

mod address;
mod cookies;
mod cors;
mod docs;
mod headers;
mod hosts;
mod limits;
mod transport;
