//! `docs/proxies.md`: what every server was asked, and how much of it held.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::run::Ran;
use crate::server::Server;
use crate::suite::Suite;

const INTRODUCTION: &str = "<!-- Made by tests/proxies: SECCFG_RENEW=1 cargo test --test proxies -->
# The proxies answer as the profile says

One suite of requests, `tests/proxies/suite`, is sent to every proxy that seccfg renders for: in
each of its files, a control under one profile, what a client asks, and what has to come back. The configuration is the
one that the program renders, the servers are real, and each is run as it is packaged; one Caddy is told in JSON, too.
Requests by https go over HTTP/1.1 and, but for upgrades, over HTTP/2.

The app behind the proxies says the opposite of the profile wherever it can, on errors and to HEAD, too: another HSTS,
another framing policy, CORS for everyone, cookies without flags, `Server` and `X-Powered-By`. It notes what it sees, so
that a request that must not reach it is known not to have. It also breaks connections, and keeps others waiting.

TLS is scanned besides: a client offers every version and every suite that its OpenSSL knows, weak ones among them, to
each server under each of Mozilla's guidelines, with an ECDSA and with an RSA certificate. What is taken has to be the
guideline's, and nothing else.

Run it with `cargo test --test proxies`, after `scripts/setup`; it fails where an answer is not as expected, or this page
not what came out. The numbers count answers. Where one falls short, the others are as the note says: a difference that
is known, judged, too, and told by `seccfg plan --target nginx` or `--target caddy`.
";

/// The page.
pub fn page(suites: &[Suite], servers: &[Server], ran: &[((usize, usize), Ran)]) -> String {
    let mut page = format!("{INTRODUCTION}\n| control |");
    for server in servers {
        write!(page, " {} |", server.label()).expect("a String takes everything");
    }
    page.push_str("\n| --- |");
    page.push_str(&" ---: |".repeat(servers.len()));
    page.push('\n');
    let mut notes: Vec<&str> = Vec::new();
    for control in controls(suites) {
        write!(page, "| {control} |").expect("a String takes everything");
        for column in 0..servers.len() {
            let of_cell =
                |((file, own), _): &&((usize, usize), Ran)| *own == column && suites[*file].control == control;
            let cell: Vec<&Ran> = ran.iter().filter(of_cell).map(|(_, ran)| ran).collect();
            write!(page, " {} |", counted(&cell, &mut notes)).expect("a String takes everything");
        }
        page.push('\n');
    }
    for (index, note) in notes.iter().enumerate() {
        write!(page, "\n{}. {note}", index + 1).expect("a String takes everything");
    }
    if !notes.is_empty() {
        page.push('\n');
    }
    page
}

/// The controls, in the order of their first files.
fn controls(suites: &[Suite]) -> Vec<&str> {
    let mut controls: Vec<&str> = Vec::new();
    for suite in suites {
        if !controls.contains(&suite.control.as_str()) {
            controls.push(&suite.control);
        }
    }
    controls
}

/// `14 of 14`, with the numbers of its notes.
fn counted<'a>(cell: &[&'a Ran], notes: &mut Vec<&'a str>) -> String {
    let asked: usize = cell.iter().map(|ran| ran.asked).sum();
    let otherwise: usize = cell.iter().map(|ran| ran.otherwise).sum();
    let mut parts = Vec::new();
    if asked > 0 {
        parts.push(format!("{} of {asked}", asked - otherwise));
    }
    let needs: BTreeSet<&str> = cell.iter().filter_map(|ran| ran.needs).collect();
    parts.extend(needs.into_iter().map(|needs| if asked > 0 { format!("the rest {needs}") } else { needs.to_owned() }));
    let mut text = parts.join(", ");
    let mut numbers = BTreeSet::new();
    for note in cell.iter().flat_map(|ran| &ran.notes) {
        let known = notes.iter().position(|own| own == note);
        numbers.insert(known.unwrap_or(notes.len()) + 1);
        if known.is_none() {
            notes.push(note);
        }
    }
    for number in numbers {
        write!(text, " [{number}]").expect("a String takes everything");
    }
    text
}
