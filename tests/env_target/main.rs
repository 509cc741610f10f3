//! `render --target env`: what the app reads is what the profile says, and what else stands in the file stays.

#[path = "../support/mod.rs"]
mod support;

mod disk;
mod example;
mod frameworks;
mod in_use;
mod merge;
mod readers;
mod round_trip;
mod table;

use std::fs;
use std::path::Path;

use support::{Ran, run};

/// The day on which the examples' waivers and rotations are judged.
const TODAY: &str = "2026-11-21";

/// Copies an example's profile into a folder.
fn example(name: &str, folder: &Path) {
    let profile = support::root().join("examples").join(name).join("security.toml");
    fs::copy(profile, folder.join("security.toml")).expect("the example is there");
}

/// Renders the app's file in a folder, with further arguments.
fn render(folder: &Path, further: &[&str]) -> Ran {
    let ran = run(folder, &[&["render", "--target", "env", "--today", TODAY], further].concat());
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
