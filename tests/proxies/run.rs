//! One file of the suite on one server.

use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use toml::{Table, Value};

use crate::app::Seen;
use crate::client::Response;
use crate::judge;
use crate::server::{Kind, Server};
use crate::site::Site;
use crate::suite::{Case, Protocol, Suite, Via};
use crate::wire::{Outcome, TAG, send};

/// How long all of it may take together: a server that hangs is told, not waited for.
const PATIENCE: Duration = Duration::from_mins(15);

/// By which rules nothing is rendered for a gateway: nobody does what is asked, an app is told an address that clients
/// choose, or nobody counts.
const REFUSALS: [&str; 3] = ["RND004", "PRX003", "RAT003"];

/// What came of it.
#[derive(Default)]
pub struct Ran {
    /// Requests that were judged.
    pub asked: usize,
    /// Those among them that the server is known to answer otherwise, and how.
    pub otherwise: usize,
    pub notes: Vec<String>,
    /// What the server would need.
    pub needs: Option<&'static str>,
    pub wrong: Vec<String>,
    /// What no layer enforces, so that nothing is rendered for a gateway.
    pub unenforced: Vec<String>,
    /// What the plan tells of a gateway.
    pub told: Vec<String>,
}

/// Asks everything, and tells everything that is wrong.
pub fn run(server: &Server, suite: &Suite, begun: Instant) -> Ran {
    let needs = suite.needs.iter().find_map(|need| server.lacks(need));
    let mut ran = Ran { needs, ..Ran::default() };
    if ran.needs.is_some() {
        return ran;
    }
    let running = match Site::start(server, suite) {
        Ok(running) => running,
        Err(error) if server.kind == Kind::Traefik && REFUSALS.iter().any(|code| error.contains(code)) => {
            ran.unenforced = unenforced(&error);
            return ran;
        }
        Err(error) => {
            ran.wrong.push(format!("{} on {}: {error}\n", suite.path.display(), server.label()));
            return ran;
        }
    };
    // A name that is looked up while the server runs has no address until the first answer is there.
    if suite.needs.iter().any(|need| need == "resolver") {
        thread::sleep(Duration::from_secs(1));
    }
    if server.kind == Kind::Traefik {
        ran.told = running.notes(server);
    }
    let differs = |case: &Case| case.difference(&server.label()).map(|difference| difference.note.clone());
    ran.notes = suite.cases.iter().filter_map(differs).collect();
    if !ran.notes.is_empty() {
        // What differs is nothing that users find out by themselves.
        let told = running.notes(server);
        let untold = ran.notes.iter().filter(|note| !told.contains(note));
        ran.wrong.extend(
            untold.map(|note| format!("{}: no plan for {} tells that {note}\n", suite.path.display(), server.label())),
        );
    }
    let mut unreached = Vec::new();
    let mut count = 0;
    for case in &suite.cases {
        let protocols = case.protocols().expect("the case was read");
        if case.difference(&server.label()).is_some() {
            ran.otherwise += protocols.len();
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
    let seen = running.seen();
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

/// The controls that a refusal names, and the rules that refuse.
fn unenforced(refusal: &str) -> Vec<String> {
    let named = refusal.lines().filter_map(|line| line.split_once("no layer enforces ")?.1.split_once(", which"));
    let codes = REFUSALS.into_iter().filter(|code| refusal.lines().any(|line| line.starts_with(code)));
    let named = named.flat_map(|(controls, _)| controls.split(", ").flat_map(|some| some.split(" and ")));
    named.chain(codes).map(str::to_owned).collect()
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
        let from = client(self.number);
        let mut exchange = match case.exchange(Some(&self.server.label()), &names(self.number, case.via())) {
            Ok(exchange) => exchange,
            Err(error) => return vec![error],
        };
        let instead = |status: &u16| self.server.says_instead(*status, &exchange.asked.method);
        let instead: Vec<u16> = exchange.expect.status.iter().filter_map(instead).collect();
        exchange.expect.status.extend(instead);
        exchange.expect.status.extend(exchange.expect.closed.then(|| self.server.says_to_nobody()).flatten());
        let mut wrong = Vec::new();
        for (index, (asked, status)) in exchange.before.iter().enumerate() {
            let outcome = send(self.site.ports, from, protocol, asked, &format!("{}-{index}", self.number));
            let also = self.server.says_instead(*status, &asked.method);
            let is_it = |response: &Response| response.status == *status || Some(response.status) == also;
            if !matches!(&outcome, Outcome::Answer(response) if is_it(response)) {
                wrong.push(format!("number {} of those before it: expected {status}, got {outcome:?}", index + 1));
            }
        }
        let tag = self.number.to_string();
        let outcome = send(self.site.ports, from, protocol, &exchange.asked, &tag);
        let mut seen = self.site.seen();
        seen.retain(|seen| seen.header(&TAG.to_ascii_lowercase()) == Some(&tag));
        // What a proxy asks by itself has no tag, and the app's answer says what it saw.
        if let (true, Outcome::Answer(response)) = (seen.is_empty(), &outcome) {
            seen.extend(serde_json::from_str::<Seen>(&response.body).ok());
        }
        wrong.extend(judge::complaints(&exchange.expect, &outcome, &seen));
        if let Outcome::Answer(response) = &outcome {
            wrong.extend(judge::answer(&self.suite.always, response));
        }
        if exchange.expect.reached == Some(false) {
            unreached.push((tag, format!("{}: {} on {}", self.suite.path.display(), case.name, self.server.label())));
        }
        wrong
    }
}

/// What names in a case stand for, for one request of all to a site.
pub fn names(number: u16, via: Via) -> Table {
    let [high, low] = number.to_be_bytes();
    let client = match via {
        Via::Ipv4 => client(number).to_string(),
        Via::Ipv6 => "::1".to_owned(),
    };
    let names = [
        ("client", client),
        ("guest", format!("198.18.{high}.{low}")),
        ("network", format!("2001:db8:0:{number:x}")),
        ("4k", "k".repeat(4 << 10)),
        ("20k", "k".repeat(20 << 10)),
        ("params", ";/".repeat(2500)),
        ("64k", "k".repeat(64 << 10)),
    ];
    names.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
}

/// The address that a request comes from. All of 127.0.0.0/8 is ours.
fn client(number: u16) -> Ipv4Addr {
    let [high, low] = number.to_be_bytes();
    Ipv4Addr::new(127, 1, high, low)
}
