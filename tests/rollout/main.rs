//! In which order two profiles' differences go live: kind by kind, pair by pair, over generated profiles, and at the command
//! line.

mod command;
#[path = "../round_trip/dice.rs"]
mod dice;
mod generated;
mod judged;
mod pairs;
#[path = "../support/mod.rs"]
mod support;
