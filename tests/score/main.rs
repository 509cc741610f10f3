//! The score of a site, held against what Observatory itself says: of answers that are made up, and of profiles that a real
//! nginx serves. What the command prints is in `command.rs`, and of a running site in `asked.rs`.
//!
//! `scripts/setup` installs Observatory where npm is there; without it, the tests that ask it say that they were skipped.

mod asked;
mod command;
#[path = "../round_trip/dice.rs"]
mod dice;
mod made_up;
mod observatory;
mod served;
#[path = "../support/server.rs"]
mod server;
#[path = "../support/mod.rs"]
mod support;
