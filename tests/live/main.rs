//! What the rendered configuration does on real servers.
//!
//! Every scenario renders a profile with the built binary, starts nginx on loopback with an app behind it that
//! contradicts the profile wherever it can, and looks at what comes back, byte for byte. Each runs on Debian's nginx and
//! on a current one, which `scripts/setup` installs.
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
