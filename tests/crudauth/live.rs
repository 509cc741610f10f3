//! What people meet at an app that is configured by the rendered module and its `.env` alone.

use std::collections::BTreeSet;

use crate::client::{Request, Response, plain};
use crate::site::{Site, State};

const PASSWORD: &str = "correct horse battery staple";

fn form(path: &'static str, fields: &[(&str, &str)]) -> Request {
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect();
    let request = Request::new("POST", path).header("Content-Type", "application/x-www-form-urlencoded");
    request.body(body.join("&").into_bytes())
}

fn register(site: &Site, name: &str, password: &str, from: &str) -> Response {
    let body = serde_json::json!({ "email": format!("{name}@example.com"), "username": name, "password": password });
    let request = Request::new("POST", "/register").header("Content-Type", "application/json");
    site.send(request.body(body.to_string().into_bytes()), from)
}

fn sign_in(site: &Site, name: &str, password: &str, from: &str) -> Response {
    site.send(form("/login", &[("username", name), ("password", password), ("remember_me", "true")]), from)
}

fn worker(response: &Response) -> String {
    response.header("X-Worker").unwrap_or_else(|| panic!("not from the app: {response:#?}")).to_owned()
}

/// The cookies that an answer sets: name and flags.
fn cookies(response: &Response) -> Vec<(String, BTreeSet<String>)> {
    let cookies = response.all("Set-Cookie").into_iter().map(|cookie| {
        let (pair, flags) = cookie.split_once(';').unwrap_or((cookie, ""));
        let name = pair.split('=').next().unwrap_or_default().to_owned();
        (name, flags.split(';').map(|flag| flag.trim().to_ascii_lowercase()).collect())
    });
    cookies.collect()
}

fn flags(flags: &[&str]) -> BTreeSet<String> {
    flags.iter().map(|flag| (*flag).to_owned()).collect()
}

/// The session's cookie, as a client sends it back.
fn session(response: &Response) -> String {
    let cookie = response.all("Set-Cookie").into_iter().find(|cookie| cookie.starts_with("shop_session="));
    cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or_else(|| panic!("{response:#?}")).to_owned()
}

/// Wrong passwords for one account, each from another address, until both workers refuse: how many were let through to
/// the password, and by how many workers.
fn guesses(site: &Site, name: &str) -> (usize, usize) {
    let (mut tried, mut refusing) = (Vec::new(), BTreeSet::new());
    for n in 1..=250 {
        let response = sign_in(site, name, "a wrong password", &format!("198.51.100.{n}"));
        match response.status {
            401 => tried.push(worker(&response)),
            429 => {
                assert!(response.body.contains("Too many login attempts"), "{response:#?}");
                refusing.insert(worker(&response));
            }
            _ => panic!("{response:#?}"),
        }
        if refusing.len() == 2 {
            return (tried.len(), tried.into_iter().collect::<BTreeSet<_>>().len());
        }
    }
    panic!("after 250 guesses only {refusing:?} refuse");
}

#[test]
fn with_redis_two_workers_are_one_app() {
    let site = Site::start(State::Redis);

    // Passwords: too short, too long, on the list, and as they should be.
    for refused in ["fourteen chars", &"long".repeat(33), "a common password it is"] {
        let response = register(&site, "alice", refused, "203.0.113.1");
        assert_eq!(response.status, 422, "{refused}: {response:#?}");
    }
    for name in ["alice", "bob"] {
        let response = register(&site, name, PASSWORD, "203.0.113.2");
        assert_eq!(response.status, 200, "{response:#?}");
    }

    // Cookies: the profile's names and flags, from the app itself and behind nginx; and nobody is remembered.
    let signed_in = sign_in(&site, "alice", PASSWORD, "203.0.113.3");
    assert_eq!(signed_in.status, 200, "{signed_in:#?}");
    let request = form("/login", &[("username", "bob"), ("password", PASSWORD), ("remember_me", "true")]);
    let direct = plain(site.app, &request).expect("the app answers");
    for response in [&signed_in, &direct] {
        let expected = [
            ("shop_session".to_owned(), flags(&["httponly", "path=/", "samesite=strict", "secure"])),
            ("shop_csrf".to_owned(), flags(&["path=/", "samesite=strict", "secure"])),
        ];
        assert_eq!(cookies(response), expected);
    }

    // State: whichever worker answers knows the session.
    let mut answering = BTreeSet::new();
    for _ in 0..250 {
        let response = site.send(Request::get("/mine").header("Cookie", &session(&signed_in)), "203.0.113.3");
        assert_eq!(response.status, 200, "{response:#?}");
        answering.insert(worker(&response));
        if answering.len() == 2 {
            break;
        }
    }
    assert_eq!(answering.len(), 2);

    // Address: the client's, whatever the client claims.
    assert_eq!(site.get("/address", "203.0.113.4").body, "\"203.0.113.4\"");
    assert_eq!(site.get("/address", "192.0.2.66, 203.0.113.4").body, "\"203.0.113.4\"");

    // Lockout: the sixth wrong password is refused, whoever answers and wherever it comes from, and so is the right one.
    assert_eq!(guesses(&site, "bob").0, 5);
    assert_eq!(sign_in(&site, "bob", PASSWORD, "203.0.113.5").status, 429);
    // An address is locked on its own account, too.
    let tries =
        ["c", "d", "e", "f", "g", "h"].map(|name| sign_in(&site, name, "a wrong password", "203.0.113.6").status);
    assert_eq!(tries, [401, 401, 401, 401, 401, 429]);
    assert_eq!(sign_in(&site, "alice", PASSWORD, "203.0.113.7").status, 200);
}

/// What STA001 warns of.
#[test]
fn with_memory_each_worker_counts_by_itself() {
    let site = Site::start(State::Memory);
    assert_eq!(register(&site, "bob", PASSWORD, "203.0.113.2").status, 200);
    let (tried, workers) = guesses(&site, "bob");
    assert_eq!((tried, workers), (10, 2), "five for each worker, where the profile says five");
}
