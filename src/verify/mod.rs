//! What the running site answers, held against the plan's demands.

pub mod certificate;
pub mod client;
pub mod hello;
pub mod resolve;
mod transport;
pub mod wire;
