//! The profile's headers, once each, whoever answers.

use crate::client::{Request, Response};
use crate::profile::{MAX_BODY, Profile};
use crate::site::{Site, on_each_nginx};

const HSTS: &str = "max-age=63072000; includeSubDomains";

/// An answer of each kind, most of them nginx's own.
fn answers(site: &Site) -> Vec<(u16, Response)> {
    let sign_in = || site.https(&Request::new("POST", "/api/v1/signin"));
    (0..5).for_each(|_| drop(sign_in()));
    vec![
        (200, site.https(&Request::get("/"))),
        (404, site.https(&Request::get("/status/404"))),
        (500, site.https(&Request::get("/status/500"))),
        (404, site.https(&Request::get("/docs"))),
        (429, sign_in()),
        (413, site.https(&Request::new("POST", "/").body(vec![b'x'; MAX_BODY + 1]))),
        (502, site.https(&Request::get("/broken"))),
    ]
}

#[test]
fn every_answer_has_the_profiles_headers_once() {
    on_each_nginx(Profile::default(), |site| {
        for (status, response) in answers(site) {
            assert_eq!(response.status, status, "{response:#?}");
            // The app sends another value of each of these.
            assert_eq!(response.header("Strict-Transport-Security"), Some(HSTS));
            assert_eq!(response.header("X-Frame-Options"), Some("DENY"));
            assert_eq!(response.header("X-Content-Type-Options"), Some("nosniff"));
            let policy = response.header("Content-Security-Policy").expect("a policy");
            assert!(policy.starts_with("default-src 'self'; object-src 'none'"), "{policy}");
            // A dollar sign is text, not a variable.
            assert_eq!(response.header("Permissions-Policy"), Some("camera=(), x-price=\"$5\""));
            assert_eq!(response.header("Referrer-Policy"), Some("strict-origin-when-cross-origin"));
        }
    });
}

#[test]
fn no_answer_says_what_runs_here() {
    on_each_nginx(Profile::default(), |site| {
        for (status, response) in answers(site) {
            assert_eq!(response.header("Server"), Some("nginx"), "{status}");
            assert_eq!(response.header("X-Powered-By"), None);
            // `1; mode=block` of the app's opens holes in old browsers.
            assert!(matches!(response.header("X-XSS-Protection"), None | Some("0")));
        }
    });
}

#[test]
fn the_api_is_not_cached_and_the_rest_is_the_apps_affair() {
    on_each_nginx(Profile::default(), |site| {
        for path in ["/api/v1/me", "/API/v1/me", "//api/v1/me", "/%61pi/v1/me"] {
            let response = site.https(&Request::get(path));
            assert_eq!(response.header("Cache-Control"), Some("no-store"), "{path}");
        }
        let response = site.https(&Request::get("/logo.png"));
        assert_eq!(response.header("Cache-Control"), Some("public, max-age=60"));
    });
}

#[test]
fn bodies_are_limited() {
    on_each_nginx(Profile::default(), |site| {
        let upload = |size| Request::new("POST", "/upload").body(vec![b'x'; size]);
        assert_eq!(site.https(&upload(MAX_BODY)).status, 200);
        assert_eq!(site.https(&upload(MAX_BODY + 1)).status, 413);
    });
}
