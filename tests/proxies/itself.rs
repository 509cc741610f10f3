//! The suite's own machinery notices what it is there to notice.

use std::path::Path;

use crate::app::Seen;
use crate::client::Response;
use crate::judge::complaints;
use crate::run::names;
use crate::suite::{Expect, Protocol, Suite, Via};
use crate::wire::Outcome;

fn read(text: &str) -> Result<Suite, String> {
    Suite::read(Path::new("a.toml"), text, &names(7, Via::Ipv4))
}

#[test]
fn what_a_file_may_not_say_is_told() {
    let case = "[[case]]\nname = \"a\"\n";
    for (text, told) in [
        ("control = \"a\"\ncontrols = 1\n[[case]]\nname = \"a\"\nexpect.status = 200".to_owned(), "controls"),
        (format!("control = \"a\"\n{case}expects.status = 200"), "expects"),
        (format!("control = \"a\"\n{case}expect.state = 200"), "state"),
        (format!("control = \"a\"\n{case}expect.reached = false"), "expects no end"),
        (format!("control = \"a\"\n{case}request.path = \"/\"\nexpect.status = 200"), "path"),
        (format!("control = \"a\"\n{case}request.target = \"/{{other}}\"\nexpect.status = 200"), "{other}"),
        (format!("control = \"a\"\n{case}before = [{{ paths = 1, status = 200 }}]\nexpect.status = 200"), "paths"),
        (format!("control = \"a\"\n{case}before = [{{ times = 1 }}]\nexpect.status = 200"), "status"),
        (
            format!("control = \"a\"\n{case}expect.status = 200\ndiffers.caddy = {{ note = \"\", expect.state = 1 }}"),
            "state",
        ),
        (format!("control = \"a\"\n{case}expect.status = 200\ndiffers.caddy.expect.status = 200"), "note"),
    ] {
        let refused = read(&text).err().unwrap_or_else(|| panic!("taken: {text}"));
        assert!(refused.contains(told), "{text}: {refused}");
    }
}

#[test]
fn a_case_stands_for_all_of_its_combinations() {
    let text = r#"
        control = "a"
        [request]
        method = "POST"
        [[case]]
        name = "one"
        request = { target = "/{path}", host = "{host}", body = "{size}" }
        expect = { status = "{status}", seen.headers.host = "{client}" }
        before = [{ target = "/first", times = 2, status = 204 }]
        each.path = ["a", "b", "c"]
        rows = [{ host = "x", status = 200, size = 1 }, { host = "y", status = [400, 404], size = 2 }]
    "#;
    let cases = read(text).expect("it is right").cases;
    let asked: Vec<String> = cases
        .iter()
        .map(|case| {
            let exchange = case.exchange(None, &names(7, Via::Ipv4)).expect("it is right");
            let before: Vec<String> =
                exchange.before.iter().map(|(asked, status)| format!("{}{status}", asked.target)).collect();
            assert_eq!(before, ["/first204", "/first204"]);
            assert_eq!(exchange.expect.seen.expect("it was written").headers["host"], "127.1.0.7");
            assert_eq!(case.protocols().expect("it is right"), [Protocol::Http1, Protocol::Http2]);
            let asked = exchange.asked;
            format!("{} {} {} {} {:?}", asked.method, asked.host, asked.target, asked.body, exchange.expect.status)
        })
        .collect();
    assert_eq!(
        asked,
        [
            "POST x /a 1 [200]",
            "POST x /b 1 [200]",
            "POST x /c 1 [200]",
            "POST y /a 2 [400, 404]",
            "POST y /b 2 [400, 404]",
            "POST y /c 2 [400, 404]",
        ]
    );
}

/// An answer and what the app saw, which all of `RIGHT` is true of.
fn answered() -> (Response, Seen) {
    let head = "HTTP/1.1 200 OK\r\nServer: a\r\nVary: Origin, Accept\r\nX-Twice: 1\r\nX-Twice: 1\r\nX-Number: 8\r\n\
                Set-Cookie: c=1; Path=/; Secure\r\n\r\nbody";
    let headers = [("host", "h"), ("x-forged", "203.0.113.1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let seen = Seen { method: "GET".to_owned(), target: "/t".to_owned(), headers: headers.into(), body: 3 };
    (Response::parse(head.as_bytes()).expect("it is an answer"), seen)
}

const RIGHT: &str = r#"
    status = [200, 404]
    headers = { Server = "a" }
    within = { X-Number = [7, 8] }
    absent = ["Via", "Access-Control-*"]
    nowhere = ["nginx/"]
    vary = ["origin"]
    lists = { X-Twice = ["1", "1"] }
    cookies.c = ["Secure", "Path=/"]
    body = "body"
    reached = true
    seen = { method = "GET", target = "/t", headers.host = "h", absent = ["Upgrade"], nowhere = ["198.51."], body = 3 }
"#;

#[test]
fn whatever_is_not_as_expected_is_told() {
    let (response, seen) = answered();
    let outcome = Outcome::Answer(response);
    let told = |expect: &str, outcome: &Outcome, seen: &[Seen]| {
        let expect: Expect = toml::from_str(expect).expect("it is an expectation");
        complaints(&expect, outcome, seen)
    };
    assert_eq!(told(RIGHT, &outcome, std::slice::from_ref(&seen)), [""; 0]);
    for wrong in [
        "status = 404",
        "closed = true",
        "refused = \"\"",
        "alpn = \"h2\"",
        "status = 200\nheaders.Server = \"b\"",
        "status = 200\nheaders.X-Twice = \"1\"",
        "status = 200\nheaders.Via = \"\"",
        "status = 200\nwithin.X-Number = [9, 10]",
        "status = 200\nwithin.X-Number = [6, 7]",
        "status = 200\nwithin.X-Twice = [1, 1]",
        "status = 200\nwithin.Server = [0, 9]",
        "status = 200\nwithin.Via = [0, 9]",
        "status = 200\nabsent = [\"server\"]",
        "status = 200\nabsent = [\"X-Tw*\"]",
        "status = 200\nnowhere = [\"Acc\"]",
        "status = 200\nvary = [\"Cookie\"]",
        "status = 200\nlists.X-Twice = [\"1\"]",
        "status = 200\nlists.Vary = [\"Accept\", \"Origin\"]",
        "status = 200\ncookies.c = [\"Secure\"]",
        "status = 200\ncookies.c = [\"Secure\", \"Path=/\", \"HttpOnly\"]",
        "status = 200\ncookies.d = []",
        "status = 200\nbody = \"\"",
        "status = 200\nreached = false",
        "status = 200\nseen.method = \"POST\"",
        "status = 200\nseen.target = \"/\"",
        "status = 200\nseen.headers.host = \"i\"",
        "status = 200\nseen.headers.upgrade = \"\"",
        "status = 200\nseen.absent = [\"Host\"]",
        "status = 200\nseen.nowhere = [\"203.0.113.\"]",
        "status = 200\nseen.body = 4",
    ] {
        assert_eq!(told(wrong, &outcome, std::slice::from_ref(&seen)).len(), 1, "{wrong}");
    }
    assert_eq!(told("status = 200\nreached = true", &outcome, &[]).len(), 1);
    assert_eq!(told("status = 200\nseen.method = \"GET\"", &outcome, &[]).len(), 1);
    let twice = Seen { method: "POST".to_owned(), ..seen };
    assert_eq!(told("status = 200", &outcome, &[twice.clone(), twice]).len(), 1);
    let refused = Outcome::Refused("received fatal alert: ProtocolVersion".to_owned());
    assert_eq!(told("refused = \"ProtocolVersion\"", &refused, &[]), [""; 0]);
    for other in [refused, Outcome::Closed, Outcome::Shaken(None), Outcome::Failed("too late".to_owned())] {
        assert_eq!(
            told("status = 200\nrefused = \"UnrecognisedName\"\nalpn = \"h2\"", &other, &[]).len(),
            1,
            "{other:?}"
        );
    }
    assert_eq!(told("closed = true", &Outcome::Closed, &[]), [""; 0]);
}
