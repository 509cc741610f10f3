//! Requests of the proxies' suite on a real gateway: Traefik, which reads what is rendered from the API server of
//! `support/cluster.rs`.
//!
//! Every file of the suite is asked whole, but for those of which no gateway can do what they ask, where `seccfg render`
//! refuses ([`REFUSED`]), and those of what no profile for a cluster says ([`ELSEWHERE`]). What Traefik answers otherwise than
//! nginx and Caddy is judged once, as a kind ([`JUDGED`]), and told by the plan where it matters; whatever else is wrong fails.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;
use std::{fs, thread};

use crate::run::{Ran, names, run};
use crate::server::{Kind, Server, installed};
use crate::suite::{Suite, Via};

const FOLDER: &str = "tests/proxies/suite";

/// What is asked of the older one, too.
const OLDER: [&str; 8] = [
    "bodies",
    "cors_none",
    "docs_mounted",
    "headers_from_app",
    "limits_mounted",
    "redirects",
    "services_absent",
    "tls_modern",
];

/// What no gateway does, by the files that ask for it: `seccfg render` refuses these.
const REFUSED: [(&str, &str); 18] = [
    ("access_filter", "IP filter"),
    ("address_one", "PRX003"),
    ("address_two", "PRX003"),
    ("address_untrusted", "PRX003"),
    ("cookies", "cookie session"),
    ("cookies_cleared", "cookie shop.theme"),
    ("cookies_unwritten", "cookie shop.theme"),
    ("files", "service page"),
    ("health", "health question"),
    ("health_files", "health question"),
    ("health_refused", "health question"),
    ("health_upstream", "health question"),
    ("ip_filter", "IP filter"),
    ("ip_filter_peer", "IP filter"),
    ("limits_exempt", "RAT003"),
    ("locations", "location export"),
    ("services", "service files"),
    ("upstreams", "way to the app"),
];

/// What no profile for a cluster says.
const ELSEWHERE: [(&str, &str); 4] = [
    ("access_certificates", "certificates of clients are asked for by the listener"),
    ("ipv6", "the addresses of a gateway are those of its Service"),
    ("limits_ipv6", "the addresses of a gateway are those of its Service"),
    ("upstreams_named", "the cluster knows where its pods are"),
];

/// Why another answer than nginx's and Caddy's is right.
enum Why {
    /// The plan tells it, in a note that holds this.
    Told(&'static str),
    /// Nobody has to know, for the reason beside it.
    Harmless,
    /// The same, and it is seen where the machine is slow.
    Timely,
}
use Why::{Harmless, Timely, Told};

const RESOLVED: Why = Told("paths reach the app resolved");
const SPELLED: Why = Told("the app is told the host as the client wrote it");
const HANDSHAKES: Why = Told("an unknown name in a handshake gets the default certificate");
const REDIRECTS: Why = Told("an ACME challenge is sent on");
const UNDERSCORES: Why = Told("headers with `_` or `.` in their names pass");
const UPGRADES: Why = Told("other upgrades than to a WebSocket are passed on");
const CREDENTIALS: Why = Told("also say `Access-Control-Allow-Credentials`");
const BY_ITSELF: Why = Told("are counted by themselves");
const METHODS: Why = Told("each method is counted by itself");
const PREFLIGHTS: Why = Told("without `Origin`");
/// It reaches no app, and says so by another status.
const REFUSED_OTHERWISE: Why = Harmless;
const INTRODUCED: Why = Told("of those by which programs say what they are made with");
const WHOLE: Why = Told("a client of IPv6 is counted by its whole address");
const NEAREST: Why = Told("`X-Real-IP` is the address of the nearest proxy");

/// What Traefik answers otherwise: in which file, in which cases (any, where none is named), what the complaint holds, in
/// small letters, and why that is no weakness. What it says by another status everywhere is known to [`Server`].
const JUDGED: [(&str, &str, &str, Why); 57] = [
    ("", "", "access-control-*: expected none, got [\"access-control-allow-credentials\"]", CREDENTIALS),
    (
        "",
        "",
        "access-control-*: expected none, got [\"access-control-allow-credentials\", \"access-control-expose-headers\"]",
        CREDENTIALS,
    ),
    (
        "",
        "",
        "access-control-*: expected none, got [\"access-control-allow-credentials\", \"access-control-allow-headers\", \
         \"access-control-allow-methods\", \"access-control-expose-headers\", \"access-control-max-age\"]",
        CREDENTIALS,
    ),
    // A list without blanks, and no `Vary` on what no cache keeps.
    (
        "",
        "",
        "access-control-allow-headers: expected \"authorization, content-type\" once, got [\"authorization,",
        Harmless,
    ),
    ("", "", "access-control-allow-methods: expected \"get, post\" once, got [\"get,post\"]", Harmless),
    ("cors", "a preflight is answered by the proxy", "vary: expected", Harmless),
    // No browser sends two.
    ("cors", "two origins are none", "\"access-control-allow-origin\"", Harmless),
    ("cors", "a preflight that names no origin", "the app saw ", PREFLIGHTS),
    // What is hidden is hidden from every origin.
    ("cors", "a listed origin may read errors", "expected", Harmless),
    ("paths", "they reach the app as they were sent", "the app saw the target", RESOLVED),
    ("server", "", "x-jenkins: expected none", INTRODUCED),
    // The app tells it.
    ("paths", "the proxy tells the client to go on", "100-continue", Harmless),
    ("paths", "what is for proxies alone", "expected 400 or 405, got 501", REFUSED_OTHERWISE),
    ("docs", "neighbours stay", "the app saw the target", RESOLVED),
    ("docs", "they are hidden under every spelling", "expected 404, got 400", REFUSED_OTHERWISE),
    ("docs", "what servers read as different paths", "expected 400, got 404", REFUSED_OTHERWISE),
    ("docs", "\"/x/.;/../docs\"", "", RESOLVED),
    ("docs", "\"/x/y/..;/../docs\"", "", RESOLVED),
    // It is refused before any rule is asked.
    ("docs", "\"/x#/../docs\"", "x-frame-options: expected", Harmless),
    ("access", "a segment that is a dot or two", "", RESOLVED),
    // It compares a path with its encoded slashes, and finds the closed one.
    ("access", "an encoded slash is refused", "expected 400, got 404", REFUSED_OTHERWISE),
    ("hosts", "what asks for a whole server", "expected 400, got 200", Harmless),
    ("address", "no other sign stands for a dash", "", UNDERSCORES),
    // By its chunks, as RFC 9112 has it.
    ("bodies", "a length that is told in two ways", "", Harmless),
    ("hosts", "reach the app as they are listed", "host some(", SPELLED),
    ("hosts", "a dot at the end of a name", "host some(", SPELLED),
    ("hosts", "unknown names are refused", "", HANDSHAKES),
    // The brackets are taken off, and it is the host.
    ("hosts", "\"[shop.example.com]:443\"", "", Harmless),
    ("ports", "", "host some(", SPELLED),
    ("redirects", "plain HTTP is sent to https", "location: expected", RESOLVED),
    ("redirects", "wherever it goes", "got [\"https://shop.example.com/", RESOLVED),
    ("redirects", "what is no path", "(\"location\", \"https://shop.example.com\")", RESOLVED),
    ("redirects", "what is no path", "(\"location\", \"https://shop.example.com/\")", RESOLVED),
    ("redirects", "an ACME challenge is answered", "expected 200, got 301", REDIRECTS),
    ("redirects", "a challenge that is not there", "expected 404, got 301", REDIRECTS),
    // Whoever asks for a certificate has a route for it.
    ("redirect_off", "an ACME challenge is answered", "", Harmless),
    ("plain_http_refused", "an ACME challenge is answered", "expected 200, got 404", Harmless),
    ("aliases_redirect", "an alias leads to the one name", "location: expected", RESOLVED),
    ("aliases_redirect", "an ACME challenge of an alias", "expected 200, got 301", REDIRECTS),
    ("aliases_redirect", "what is no path is not added", "(\"location\", \"https://shop.example.com/", RESOLVED),
    ("limits", "another spelling meets the same limit", "expected 429, got 400", REFUSED_OTHERWISE),
    // No cache keeps a 400.
    ("limits", "another spelling meets the same limit", "cache-control: expected", Harmless),
    ("limits", "every limit that fits counts", "", BY_ITSELF),
    ("limits_more", "HEAD counts as GET", "", METHODS),
    // A proxy that is trusted writes an address in one way.
    ("limits_trusted", "[chain = \"::ffff:{guest}\"", "", Harmless),
    ("limits_trusted", "[chain = \"::FFFF:{guest}, ", "", Harmless),
    ("limits_trusted", "one IPv6 network is one client", "", WHOLE),
    // It says when the next is let in, and time has passed.
    ("limits", "", "retry-after: expected ", Timely),
    ("address", "does not pass for another", "which holds \"forged\"", UNDERSCORES),
    ("address_append", "the whole chain", "x-real-ip", NEAREST),
    ("address_append_two", "the whole chain", "x-real-ip", NEAREST),
    // It is asked to append here.
    ("tls_upstream", "says that the client came by https", "the x-forwarded-for some(\"203.0.113.1, 127.", Harmless),
    ("tls_upstream", "", "location: expected", RESOLVED),
    // No balancer says it in capitals.
    ("tls_upstream", "scheme = \"HTTPS\"]", "", Harmless),
    ("upgrades", "a WebSocket is passed through", "the upgrade some(\"websocket\")", Harmless),
    ("upgrades", "does not pass", "the app saw the upgrade", UPGRADES),
    ("upgrades", "does not pass", "the app saw the connection", UPGRADES),
];

/// The names of the files.
fn stems() -> Vec<String> {
    let entries = fs::read_dir(FOLDER).expect("the suite is there").flatten();
    let mut stems: Vec<String> =
        entries.filter_map(|entry| Some(entry.path().file_stem()?.to_str()?.to_owned())).collect();
    stems.sort();
    stems
}

/// The name of a suite's file.
fn stem(suite: &Suite) -> &str {
    suite.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

fn suite(name: &str) -> Suite {
    let path = Path::new(FOLDER).join(format!("{name}.toml"));
    let text = fs::read_to_string(&path).expect("a file of the suite can be read");
    Suite::read(&path, &text, &names(0, Via::Ipv4)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Asks everything of some suites, each on a gateway, several at a time: much of it is waiting.
fn all<'s>(jobs: Vec<(&'s Suite, &'s Server)>) -> Vec<(&'s Suite, &'s Server, Ran)> {
    let begun = Instant::now();
    let jobs = Mutex::new(jobs.into_iter());
    let next = || jobs.lock().expect("no thread panics with the lock").next();
    let work = || {
        let mut done = Vec::new();
        while let Some((suite, server)) = next() {
            done.push((suite, server, run(server, suite, begun)));
        }
        done
    };
    thread::scope(|scope| {
        let threads = [(); 6].map(|()| scope.spawn(work));
        threads.into_iter().flat_map(|thread| thread.join().expect("what goes wrong is told, not thrown")).collect()
    })
}

/// Why a complaint is none, and its place among those that are judged.
fn judged(suite: &Suite, title: &str, complaint: &str) -> Option<(usize, &'static Why)> {
    let complaint = complaint.to_ascii_lowercase();
    let is_it = |(file, case, holds, _): &(&str, &str, &str, Why)| {
        (file.is_empty() || stem(suite) == *file) && title.contains(case) && complaint.contains(holds)
    };
    JUDGED.iter().enumerate().find(|(_, one)| is_it(one)).map(|(index, (.., why))| (index, why))
}

#[test]
fn the_gateway_answers_as_the_profiles_say() {
    let begun = Instant::now();
    let servers = installed(Kind::Traefik);
    let (newest, older) = servers.split_last().expect("one is installed");
    let is_asked = |name: &String| ![&REFUSED[..], &ELSEWHERE].concat().iter().any(|(file, _)| name == file);
    let mut suites: Vec<Suite> = stems().iter().filter(|name| is_asked(name)).map(|name| suite(name)).collect();
    // What takes long begins first.
    suites.sort_by_key(|suite| std::cmp::Reverse(suite.cases.len()));
    let mut jobs: Vec<(&Suite, &Server)> = suites.iter().map(|suite| (suite, newest)).collect();
    for server in older {
        jobs.extend(suites.iter().filter(|suite| OLDER.contains(&stem(suite))).map(|suite| (suite, server)));
    }
    let ran = all(jobs);
    let asked: usize = ran.iter().map(|(.., ran)| ran.asked).sum();
    eprintln!("{asked} requests judged on {} gateways in {:.1?}", servers.len(), begun.elapsed());
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (suite, server, ran) in &ran {
        if ran.asked == 0 || ran.needs.is_some() {
            let why = format!("{:?} {:?} {:?}", ran.needs, ran.unenforced, ran.wrong);
            wrong.push(format!("{} on {}: not asked: {why}", suite.path.display(), server.label()));
        }
        for one in &ran.wrong {
            let (title, complaints) = one.split_once('\n').unwrap_or((one, ""));
            // The log stands behind what is wrong.
            if title.ends_with(" said:") {
                continue;
            }
            for complaint in complaints.lines().map(str::trim).filter(|line| !line.is_empty()) {
                match judged(suite, title, complaint) {
                    Some((index, Told(note))) if ran.told.iter().any(|told| told.contains(note)) => {
                        seen.insert(index);
                    }
                    Some((index, Harmless | Timely)) => {
                        seen.insert(index);
                    }
                    Some((_, Told(note))) => {
                        wrong.push(format!("{title}\n    {complaint}\n    and no plan tells {note:?}"));
                    }
                    None => wrong.push(format!("{title}\n    {complaint}")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n\n{}", wrong.len(), wrong.join("\n"));
    // What is seen no more is no difference.
    let unseen = JUDGED.iter().enumerate().filter(|(index, (.., why))| !matches!(why, Timely) && !seen.contains(index));
    let unseen: Vec<String> = unseen.map(|(_, (file, case, holds, _))| format!("{file}: {case}: {holds}")).collect();
    assert_eq!(unseen, [""; 0]);
}

#[test]
fn what_no_gateway_does_is_refused_before_anything_is_written() {
    let servers = installed(Kind::Traefik);
    let newest = servers.last().expect("one is installed");
    let suites = REFUSED.map(|(name, _)| suite(name));
    for (suite, _, ran) in all(suites.iter().map(|suite| (suite, newest)).collect()) {
        let (_, control) = REFUSED.iter().find(|(file, _)| *file == stem(suite)).expect("it was asked");
        assert!(
            ran.unenforced.iter().any(|one| one == control),
            "{}: {:?} {:?}",
            stem(suite),
            ran.unenforced,
            ran.wrong
        );
    }
}
