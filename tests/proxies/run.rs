//! One file of the suite on one server.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use toml::{Table, Value};

use crate::judge;
use crate::server::Server;
use crate::site::Site;
use crate::suite::{Case, Protocol, Suite, Via};
use crate::wire::{Outcome, TAG, send};

/// How long all of it may take together: a server that hangs is told, not waited for.
const PATIENCE: Duration = Duration::from_mins(5);

/// What came of it.
#[derive(Default)]
pub struct Ran {
    /// Requests that were judged.
    pub asked: usize,
    /// Those among them that the server is known to answer otherwise, and those that it cannot be asked.
    pub notes: Vec<String>,
    pub left_out: usize,
    /// The plugin that the server would need.
    pub needs: Option<String>,
    pub wrong: Vec<String>,
}

impl Ran {
    fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|own| own == note) {
            self.notes.push(note.to_owned());
        }
    }
}

/// Asks everything, and tells everything that is wrong.
pub fn run(server: &Server, suite: &Suite, begun: Instant) -> Ran {
    let mut ran = Ran::default();
    if let Some(needs) = suite.needs.as_ref().filter(|needs| !server.has(needs)) {
        ran.needs = Some(needs.clone());
        return ran;
    }
    let running = match Site::start(server, suite) {
        Ok(running) => running,
        Err(error) => {
            ran.wrong.push(format!("{} on {}: {error}\n", suite.path.display(), server.label()));
            return ran;
        }
    };
    let mut unreached = Vec::new();
    let mut count = 0;
    for case in &suite.cases {
        let protocols = case.protocols().expect("the case was read");
        if let Some(only) = case.only.as_ref().filter(|_| !case.concerns(&server.label())) {
            ran.note(&only.note);
            ran.left_out += protocols.len();
            continue;
        }
        if let Some(difference) = case.difference(&server.label()) {
            ran.note(&difference.note);
        }
        for protocol in protocols {
            count += 1;
            let title = format!("{}: {} on {} by {protocol}", suite.path.display(), case.name, server.label());
            let wrong = if begun.elapsed() < PATIENCE {
                ran.asked += 1;
                let one = One { site: &running, suite, server, number: count };
                one.ask(case, protocol, &mut unreached)
            } else {
                vec!["not asked: the suite takes too long".to_owned()]
            };
            if !wrong.is_empty() {
                ran.wrong.push(format!("{title}\n    {}\n", wrong.join("\n    ")));
            }
        }
    }
    // What was on its way when its answer was judged has arrived by now.
    let seen = running.app.seen();
    for (tag, title) in unreached {
        if seen.iter().any(|seen| seen.header(&TAG.to_ascii_lowercase()) == Some(&tag)) {
            ran.wrong.push(format!("{title}\n    the app saw it after all\n"));
        }
    }
    if !ran.wrong.is_empty() {
        ran.wrong.push(format!("{} said:\n{}", server.label(), tail(&running.said())));
    }
    ran
}

/// The last lines of a log.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n") + "\n"
}

/// One request in its place.
struct One<'a> {
    site: &'a Site,
    suite: &'a Suite,
    server: &'a Server,
    /// Which request it is, of all to this site.
    number: u16,
}

impl One<'_> {
    /// What is wrong with its answer, once those before it were answered.
    fn ask(&self, case: &Case, protocol: Protocol, unreached: &mut Vec<(String, String)>) -> Vec<String> {
        let [high, low] = self.number.to_be_bytes();
        let from = Ipv4Addr::new(127, 1, high, low);
        let exchange = match case.exchange(Some(&self.server.label()), &self.names(from, case)) {
            Ok(exchange) => exchange,
            Err(error) => return vec![error],
        };
        let mut wrong = Vec::new();
        for (index, (asked, status)) in exchange.before.iter().enumerate() {
            let outcome = send(self.site.ports, from, protocol, asked, &format!("{}-{index}", self.number));
            if !matches!(&outcome, Outcome::Answer(response) if response.status == *status) {
                wrong.push(format!("number {} of those before it: expected {status}, got {outcome:?}", index + 1));
            }
        }
        let tag = self.number.to_string();
        let outcome = send(self.site.ports, from, protocol, &exchange.asked, &tag);
        let mut seen = self.site.app.seen();
        seen.retain(|seen| seen.header(&TAG.to_ascii_lowercase()) == Some(&tag));
        wrong.extend(judge::complaints(&exchange.expect, &outcome, &seen));
        if let Outcome::Answer(response) = &outcome {
            wrong.extend(judge::answer(&self.suite.always, response));
        }
        if exchange.expect.reached == Some(false) {
            unreached.push((tag, format!("{}: {} on {}", self.suite.path.display(), case.name, self.server.label())));
        }
        wrong
    }

    /// What names in a case stand for. (The first half of an IPv6 address is one network.)
    fn names(&self, from: Ipv4Addr, case: &Case) -> Table {
        let [_, _, high, low] = from.octets();
        let client = match case.via() {
            Via::Ipv4 => from.to_string(),
            Via::Ipv6 => "::1".to_owned(),
        };
        let names = [
            ("client", client),
            ("guest", format!("198.18.{high}.{low}")),
            ("network", format!("2001:db8:0:{:x}", self.number)),
        ];
        names.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
    }
}
