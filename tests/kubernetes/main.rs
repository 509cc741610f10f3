//! What is rendered for a Kubernetes cluster.
#![cfg(unix)]

#[path = "../round_trip/dice.rs"]
mod dice;
mod properties;
mod render;
#[path = "../support/mod.rs"]
mod support;
