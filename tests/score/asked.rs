//! `seccfg score` on the URL of a running site: a small one by plain HTTP, which answers by its paths.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;

use serde_json::{Value, json};

use crate::server::free_port;
use crate::support::{Ran, folder, run};

/// A profile of the site, of which some is true and much is not.
const PROFILE: &str = r#"version = 1
[app]
name = "shop"
kind = "generic"
url = "https://shop.example.com"
upstream = "127.0.0.1:8000"
[headers]
content_security_policy = "default-src 'self'; object-src 'none'"
referrer_policy = "no-referrer"
frame_options = "DENY"
cross_origin_resource_policy = "same-origin"
[hsts]
enabled = true
max_age = "1y"
[cookies.session]
secure = true
http_only = true
same_site = "lax"
[cors]
origins = ["*"]
[targets.nginx]
[modes.dev]
app = { url = "http://localhost:8000" }
"#;

/// What the site says: `/` sets a cookie and leads to a page that is for those who bring it back; another host leads away.
fn serve(mut stream: TcpStream) -> io::Result<()> {
    let head: Vec<String> =
        BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let says = |line: &str| head.iter().any(|own| own == line);
    let page = "<!doctype html><meta name=referrer content=no-referrer><meta http-equiv=Content-Security-Policy content=\"\
                default-src 'self'; object-src 'none'\"><script src=//cdn.example.org/x.js integrity=sha256-x></script>";
    let filler = " ".repeat(100_000);
    let page = format!("{filler}{page}");
    let answer = if says("Host: away.example.com") {
        "302 Found\r\nLocation: https://elsewhere.example.org/in?code=canary\r\nContent-Length: 0\r\n\r\n".to_owned()
    } else if says("GET / HTTP/1.1") {
        let cookie = "Set-Cookie: session=canary; HttpOnly";
        format!("302 Found\r\n{cookie}\r\nLocation: /start\r\nContent-Length: 0\r\n\r\n")
    } else if says("GET /start HTTP/1.1") && says("Cookie: session=canary") {
        let length = page.len();
        format!("200 OK\r\nContent-Type: text/html\r\nX-Frame-Options: DENY\r\nContent-Length: {length}\r\n\r\n{page}")
    } else if says("OPTIONS /start HTTP/1.1") && says("Access-Control-Request-Method: GET") {
        "204 No Content\r\nAccess-Control-Allow-Origin: *\r\n\r\n".to_owned()
    } else {
        "403 Forbidden\r\nContent-Length: 0\r\n\r\n".to_owned()
    };
    write!(stream, "HTTP/1.1 {answer}")
}

/// Asks for the score of a host of that site, at which nobody listens by https.
fn score(url: &str, args: &[&str]) -> Ran {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // A connection that breaks is the client's affair.
            serve(stream).ok();
        }
    });
    let [http, https] = [(80, port), (443, free_port())].map(|(port, there)| format!("*:{port}:127.0.0.1:{there}"));
    asked(&[&[url, "--resolve", &http, "--resolve", &https], args].concat())
}

fn asked(args: &[&str]) -> Ran {
    let folder = folder();
    authorities(&folder.path().join("ca.pem"));
    fs::write(folder.path().join("security.toml"), PROFILE).expect("a file can be written");
    run(folder.path(), &[&["score", "--ca", "ca.pem"], args].concat())
}

fn authorities(path: &Path) {
    let pair =
        rcgen::generate_simple_self_signed(vec!["ca.example.com".to_owned()]).expect("a name makes a certificate");
    fs::write(path, pair.cert.pem()).expect("a file can be written");
}

#[test]
fn a_running_site_is_asked_and_scored() {
    let ran = score("http://shop.example.com", &["--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let listing: Value = serde_json::from_str(&ran.out).expect("it is JSON");
    let schema: Value = serde_json::from_str(include_str!("../../schemas/score.schema.json")).expect("it is JSON");
    assert!(jsonschema::validator_for(&schema).expect("it is a schema").is_valid(&listing), "{listing:#}");
    let score = &listing["scores"][0];
    let outcomes: Vec<&str> = score["tests"]
        .as_array()
        .expect("it has tests")
        .iter()
        .map(|test| test["outcome"].as_str().expect("an outcome is text"))
        .collect();
    // The page's markup counts, behind a redirect and a cookie that is brought back.
    let expected = [
        "csp-implemented-with-no-unsafe",
        "cookies-session-without-secure-flag",
        "cross-origin-resource-sharing-implemented-with-public-access",
        "redirection-not-to-https",
        "referrer-policy-private",
        "hsts-not-implemented-no-https",
        "sri-implemented-but-external-scripts-not-loaded-securely",
        "x-content-type-options-not-implemented",
        "x-frame-options-sameorigin-or-deny",
        "corp-not-implemented",
    ];
    assert_eq!(outcomes, expected, "{score:#}");
    assert_eq!((&score["url"], &score["host"]), (&json!("http://shop.example.com/"), &json!("shop.example.com")));
    assert!(listing.get("file").is_none() && score.get("target").is_none(), "{listing:#}");
    let advice = score["advice"].as_array().expect("a list");
    assert!(advice.iter().all(|one| one["keys"] == json!([])), "{advice:#?}");
    let advised = |words: &str| advice.iter().any(|one| one["write"].as_str().is_some_and(|write| write == words));
    assert!(advised("set `session` with `Secure; SameSite=Lax`"), "{advice:#?}");
    assert!(advised("send `X-Content-Type-Options: nosniff`"), "{advice:#?}");
    assert!(!ran.out.contains("canary"), "{}", ran.out);
}

/// Each test that ends otherwise than a profile predicts has the profile's line; what was taken for granted is no fault.
#[test]
fn a_site_is_held_against_what_its_profile_predicts() {
    let ran = score("http://shop.example.com", &["--profile", "security.toml", "--format", "json"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    let listing: Value = serde_json::from_str(&ran.out).expect("it is JSON");
    let schema: Value = serde_json::from_str(include_str!("../../schemas/score.schema.json")).expect("it is JSON");
    assert!(jsonschema::validator_for(&schema).expect("it is a schema").is_valid(&listing), "{listing:#}");
    assert_eq!((&listing["file"], &listing["mode"]), (&json!("security.toml"), &json!("prod")));
    let predicted = &listing["scores"][0]["predicted"];
    assert_eq!((&predicted["target"], &predicted["points"]), (&json!("nginx"), &json!(125)), "{predicted:#}");
    let of = |one: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let points = (one["predicted"]["points"].clone(), one["measured"]["points"].clone());
        (text(&one["test"]), text(&one["key"]), one["line"].clone(), points, one["granted"].is_null())
    };
    let differences: Vec<_> = predicted["differences"].as_array().expect("a list").iter().map(of).collect();
    let line = |words: &str| {
        let at = PROFILE.lines().position(|line| line.starts_with(words)).expect("it is there");
        json!(at + 1)
    };
    let expected = [
        ("cookies", "cookies", line("[cookies"), (5, -40), true),
        ("redirection", "tls.redirect_http", Value::Null, (0, -20), true),
        ("strict-transport-security", "hsts.max_age", line("max_age"), (0, -20), true),
        ("subresource-integrity", "", Value::Null, (0, -20), false),
        ("x-content-type-options", "headers.content_type_options", Value::Null, (0, -5), true),
        ("cross-origin-resource-policy", "headers.cross_origin_resource_policy", line("cross_origin"), (10, 0), true),
    ];
    let expected = expected.map(|(test, key, line, (one, other), fault)| {
        (test.to_owned(), key.to_owned(), line, (json!(one), json!(other)), fault)
    });
    assert_eq!(differences, expected, "{predicted:#}");
    let human = score("http://shop.example.com", &["--profile", "security.toml"]);
    let out = human.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for told in [
        "predicted of shop in prod, behind nginx",
        "strict-transport-security: -20 in place of 0 [hsts.max_age, security.toml:14] measured: nothing answers by https",
        "x-content-type-options: -5 in place of 0 [headers.content_type_options, of which nothing is written]",
        "no fault: no profile says which scripts a page loads",
    ] {
        assert!(out.contains(told), "{told}\n{}", human.out);
    }
}

#[test]
fn what_was_asked_stands_below_the_score() {
    let ran = score("http://shop.example.com", &[]);
    let out = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for told in [
        "http://shop.example.com/ as it answers now",
        "https://shop.example.com/: no connection",
        "http://shop.example.com/ → http://shop.example.com/start: 200, from 127.0.0.1:",
        "to http://shop.example.com/start: 204, from",
    ] {
        assert!(out.contains(told), "{told}\n{}", ran.out);
    }
    // Nothing of a profile.
    for key in ["headers.", "hsts.", "tls.", "cookies."] {
        assert!(!out.contains(&format!("`{key}")), "{key}\n{}", ran.out);
    }
}

#[test]
fn a_redirect_to_another_site_is_told_and_not_followed() {
    let ran = score("https://away.example.com", &[]);
    let out = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "http://away.example.com/ leads to https://elsewhere.example.org/in, another site, which is not asked";
    assert!(ran.code == Some(0) && out.contains(told), "{}{}", ran.out, ran.err);
    assert!(out.contains("off-host") || out.contains("another host"), "{out}");
    assert!(!out.contains("canary"), "{out}");
}

#[test]
fn a_gate_holds_a_site_to_its_grade() {
    for (min, code) in [("F", 0), ("A+", 1)] {
        let ran = score("http://shop.example.com", &["--min", min]);
        assert_eq!(ran.code, Some(code), "{min}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains("points"), "{}", ran.out);
    }
}

#[test]
fn what_cannot_be_asked_is_told_with_its_reason() {
    let nowhere = format!("shop.example.com:127.0.0.1:{}", free_port());
    let silent = asked(&["https://shop.example.com", "--resolve", &nowhere]);
    assert!(silent.code == Some(2) && silent.out.is_empty(), "{}", silent.out);
    for told in
        ["https://shop.example.com/ does not answer: no connection", "http://shop.example.com/ does not, either"]
    {
        assert!(silent.err.contains(told), "{}", silent.err);
    }
    for (args, told) in [
        (&["https://me:canary@shop.example.com"][..], "credentials"),
        (&["https://shop.example.com/login"], "first page alone"),
        (&["ftp://shop.example.com"], "no scheme of a web site"),
        (&["https://shop.example.com", "--mode", "dev"], "leave them out"),
        (&["https://shop.example.com", "--profile", ".", "--mode", "dev"], "the profile is for localhost in dev"),
        (&["https://evil.example.com", "--profile", "."], "the profile is for shop.example.com in prod"),
        (&["."], "--ca"),
    ] {
        let ran = asked(args);
        assert!(ran.code == Some(2) && ran.err.contains(told), "{args:?}: {}{}", ran.out, ran.err);
        assert!(!ran.err.contains("canary"), "{}", ran.err);
    }
}
