//! What all tests share.

#[path = "../support/fixture.rs"]
pub mod fixture;
#[path = "../support/mod.rs"]
mod program;

pub use program::{Ran, folder, root, run, seccfg};
