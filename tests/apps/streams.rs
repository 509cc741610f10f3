//! What comes bit by bit passes as it comes, by HTTP/1.1 and 2, and may be silent for longer than an answer may take to
//! begin, where the profile says so, and nowhere else.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::programs::{Program, python, script_of};
use crate::server::Kind;
use crate::site::{Site, servers};

/// An answer begins within a second. The program is silent for 1.7 (`streams.py`).
const PROFILE: &str = r#"version = 1
[app]
name = "shop"
kind = "generic"
mode = "test"
url = "https://shop.example.com"
upstream = "{app}"
timeout = "1s"
[tls.certificate]
issuer = "ca"
cert = "{folder}/cert.pem"
key = "{folder}/key.pem"
[locations.live]
paths = ["/live/"]
stream = true
idle_timeout = "10s"
"#;

/// The events of a stream as they came, each with its time; curl is the client.
fn events(site: &Site, protocol: &str) -> Vec<(String, Duration)> {
    let place = format!("shop.example.com:{}:127.0.0.1", site.https);
    let mut curl = Command::new("curl")
        .args(["--silent", "--show-error", "--no-buffer", "--insecure", "--max-time", "10", "--noproxy", "*"])
        .args([protocol, "--resolve", &place, &format!("https://shop.example.com:{}/live/events", site.https)])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("curl starts; scripts/setup installs it");
    let begun = Instant::now();
    let lines = BufReader::new(curl.stdout.take().expect("it was piped")).lines().map_while(Result::ok);
    let events = lines.filter(|line| !line.is_empty()).map(|line| (line, begun.elapsed())).collect();
    curl.wait().expect("curl ends");
    events
}

#[test]
fn events_come_one_by_one_by_either_protocol() {
    let app = Program::uvicorn("streams", &[]);
    let sites: Vec<_> = servers()
        .into_iter()
        .map(|server| (Site::start(&server, PROFILE, &[("app", &app.upstream())]), server.label()))
        .collect();
    std::thread::scope(|scope| {
        for (site, label) in &sites {
            for protocol in ["--http1.1", "--http2"] {
                scope.spawn(move || {
                    let events = events(site, protocol);
                    let lines: Vec<&str> = events.iter().map(|(line, _)| line.as_str()).collect();
                    assert_eq!(lines, ["data: first", "data: second"], "{label} by {protocol}");
                    let apart = events[1].1.saturating_sub(events[0].1);
                    assert!(apart > Duration::from_secs(1), "{label} by {protocol}: they came {apart:?} apart");
                });
            }
        }
    });
}

#[test]
fn a_chat_may_be_silent_where_the_profile_says_so() {
    let app = Program::uvicorn("streams", &[]);
    let sites: Vec<_> = servers()
        .into_iter()
        .map(|server| (Site::start(&server, PROFILE, &[("app", &app.upstream())]), server))
        .collect();
    let asked = sites.iter().flat_map(|(site, _)| ["live/chat", "chat"].map(|path| format!("{}={path}", site.https)));
    let output = python("python").arg(script_of("chat.py")).args(asked).output().expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Vec<String> = serde_json::from_slice(&output.stdout).expect("a list");
    for ((_, server), said) in sites.iter().zip(said.chunks(2)) {
        // Caddy ends no connection that falls silent, as its plan says.
        let elsewhere = if server.kind == Kind::Nginx { "closed" } else { "you said hello" };
        assert_eq!(said, ["you said hello", elsewhere], "{}", server.label());
    }
}
