//! What a running site was seen to do, control by control, for people and for programs.

use std::fmt::Write;

use serde::Serialize;

use super::json::Report;
use super::{plural, wrap};
use crate::check::Checked;
use crate::verify::seen::{Control, Look, Seen};

/// Between two columns.
const GAP: usize = 2;
/// No column of what was seen is narrower.
const LEAST: usize = 24;

/// What `seccfg verify --format json` prints: a report as `check` gives it, and beside it what was seen.
#[derive(Serialize)]
struct Told<'s> {
    #[serde(flatten)]
    report: Report,
    seen: &'s Seen,
}

/// What was seen, and the findings, as one JSON document.
pub fn json(seen: &Seen, checked: &[Checked]) -> String {
    let told = Told { report: Report::new(checked), seen };
    serde_json::to_string_pretty(&told).expect("a report is text and numbers") + "\n"
}

const fn sign(look: Look) -> char {
    match look {
        Look::Seen => '✓',
        Look::Broken => '✗',
        Look::Unseen => '?',
    }
}

/// A table of what was seen, within so many columns.
pub fn human(seen: &Seen, width: Option<usize>) -> String {
    let count = |look| seen.controls.iter().filter(|control| control.look == look).count();
    let mut text = format!("{} in {}, behind {}\n\n", seen.url, seen.mode, seen.target);
    let column = |cell: fn(&Control) -> &String| {
        seen.controls.iter().map(|control| cell(control).chars().count()).max().unwrap_or_default()
    };
    let (control, owner) = (column(|control| &control.control), column(|control| &control.owner));
    let indent = GAP + 1 + 1 + control + GAP + owner + GAP;
    for one in &seen.controls {
        let lines = match width {
            Some(width) => wrap::lines(&one.seen, width.saturating_sub(indent).max(LEAST), ""),
            None => vec![one.seen.clone()],
        };
        let (sign, mut lines) = (sign(one.look), lines.into_iter());
        let first = lines.next().unwrap_or_default();
        let line = format!("  {sign} {:control$}  {:owner$}  {first}", one.control, one.owner);
        writeln!(text, "{}", line.trim_end()).expect("a string takes everything");
        for line in lines {
            writeln!(text, "{:indent$}{line}", "").expect("a string takes everything");
        }
    }
    let requests = plural(seen.requests, "connection");
    let sum = format!(
        "\n  {} as asked, {} otherwise, {} not to be seen from here; {requests}\n",
        count(Look::Seen),
        count(Look::Broken),
        count(Look::Unseen)
    );
    text + &sum
}
