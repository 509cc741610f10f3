//! CORS, answered by nginx alone.

use crate::client::{Request, Response};
use crate::profile::Profile;
use crate::site::on_each_nginx;

const ADMIN: &str = "https://admin.example.com:8443";

/// What is not the origin that it looks like.
const FOREIGN: [&str; 12] = [
    "https://evil.test",
    "https://admin.example.com",
    "https://admin.example.com:443",
    "https://admin.example.com:8443.evil.test",
    "https://shop.example.com.evil.test",
    "https://evilshop.example.com",
    "https://shop-example.com",
    "http://shop.example.com",
    "https://shop.example.com:8443",
    "HTTPS://SHOP.EXAMPLE.COM",
    "https://shop.example.com.",
    "null",
];

fn assert_silent(response: &Response, origin: &str) {
    assert_eq!(response.starting("access-control-"), [""; 0], "{origin}: {response:#?}");
}

#[test]
fn listed_origins_may_read_answers() {
    on_each_nginx(Profile::default(), |site| {
        for origin in ["https://shop.example.com", ADMIN] {
            let response = site.https(&Request::get("/").header("Origin", origin));
            assert_eq!(response.status, 200);
            assert_eq!(response.header("Access-Control-Allow-Origin"), Some(origin));
            assert_eq!(response.header("Access-Control-Allow-Credentials"), Some("true"));
            assert_eq!(response.header("Access-Control-Expose-Headers"), Some("X-Total"));
            assert_eq!(response.header("Access-Control-Allow-Methods"), None);
            assert_eq!(response.header("Access-Control-Allow-Headers"), None);
            assert_eq!(response.header("Access-Control-Max-Age"), None);
        }
    });
}

#[test]
fn no_one_else_may() {
    on_each_nginx(Profile::default(), |site| {
        for origin in FOREIGN {
            let response = site.https(&Request::get("/").header("Origin", origin));
            assert_eq!(response.status, 200);
            assert_silent(&response, origin);
            let response = site.https(&Request::preflight("/", origin));
            assert_eq!(response.status, 204);
            assert_silent(&response, origin);
        }
        let response = site.https(&Request::get("/"));
        assert_silent(&response, "none at all");
    });
}

#[test]
fn preflights_are_answered_by_nginx() {
    on_each_nginx(Profile::default(), |site| {
        let response = site.https(&Request::preflight("/api/v1/things", ADMIN));
        assert_eq!((response.status, response.body.as_str()), (204, ""));
        assert_eq!(response.header("Access-Control-Allow-Origin"), Some(ADMIN));
        assert_eq!(response.header("Access-Control-Allow-Credentials"), Some("true"));
        assert_eq!(response.header("Access-Control-Allow-Methods"), Some("GET, POST"));
        assert_eq!(response.header("Access-Control-Allow-Headers"), Some("Authorization, Content-Type"));
        assert_eq!(response.header("Access-Control-Max-Age"), Some("600"));
        assert!(site.app.seen().is_empty());
    });
}

#[test]
fn a_plain_options_request_is_the_apps_own() {
    on_each_nginx(Profile::default(), |site| {
        let response = site.https(&Request::new("OPTIONS", "/").header("Origin", ADMIN));
        assert_eq!((response.status, response.seen().method.as_str()), (200, "OPTIONS"));
        assert_eq!(response.header("Access-Control-Allow-Origin"), Some(ADMIN));
        assert_eq!(response.header("Access-Control-Allow-Methods"), None);
    });
}

#[test]
fn caches_tell_origins_apart() {
    on_each_nginx(Profile::default(), |site| {
        for request in [Request::get("/"), Request::get("/").header("Origin", ADMIN)] {
            let response = site.https(&request);
            let vary: Vec<_> = response.all("Vary").iter().flat_map(|line| line.split(", ")).collect();
            assert!(vary.contains(&"Origin"), "{vary:?}");
            assert!(vary.contains(&"Accept-Encoding"), "the app's own is lost: {vary:?}");
        }
    });
}

#[test]
fn a_wildcard_goes_without_credentials() {
    on_each_nginx(Profile { origins: &["*"], ..Profile::default() }, |site| {
        let anyone = "https://anyone.test";
        let response = site.https(&Request::get("/").header("Origin", anyone));
        assert_eq!(response.header("Access-Control-Allow-Origin"), Some("*"));
        assert_eq!(response.header("Access-Control-Allow-Credentials"), None);
        let response = site.https(&Request::preflight("/", anyone));
        assert_eq!(response.status, 204);
        assert_eq!(response.header("Access-Control-Allow-Origin"), Some("*"));
        assert_eq!(response.header("Access-Control-Allow-Methods"), Some("GET, POST"));
    });
}
