//! Redirects, TLS versions, and TLS that ends before us.

use rustls::version::{TLS12, TLS13};

use crate::client::{Handshake, Request, negotiated};
use crate::profile::Profile;
use crate::site::{MODERN_CLIENT, on_each_nginx};

/// TLS ends at a balancer on this machine.
const UPSTREAM: Profile = Profile {
    name: "shop",
    mount: "",
    kind: "instacrud",
    terminate: "upstream",
    guideline: "intermediate",
    hops: 2,
    trusted: &["127.0.0.0/8"],
    forwarded_for: "overwrite",
    origins: &["https://shop.example.com"],
    more: "",
};

#[test]
fn plain_http_is_sent_to_https_on_the_same_host() {
    on_each_nginx(Profile::default(), |site| {
        for (host, origin) in [
            ("shop.example.com", "https://shop.example.com"),
            ("www.shop.example.com", "https://www.shop.example.com"),
            ("SHOP.example.com", "https://shop.example.com"),
            ("shop.example.com.", "https://shop.example.com"),
            ("shop.example.com:80", "https://shop.example.com"),
        ] {
            for method in ["GET", "HEAD", "POST"] {
                let request = Request::new(method, "/a%20b//c?next=//evil.test").host(host);
                let response = site.plain(&request).expect("an answer");
                assert_eq!(response.status, 308, "{method} {host}");
                let to = format!("{origin}/a%20b//c?next=//evil.test");
                assert_eq!(response.header("Location"), Some(to.as_str()), "{method} {host}");
                assert_eq!(response.header("Server"), Some("nginx"));
                // Browsers ignore it there, and RFC 6797 forbids it.
                assert_eq!(response.header("Strict-Transport-Security"), None);
            }
        }
        assert!(site.app.seen().is_empty());
    });
}

#[test]
fn acme_challenges_are_answered_by_plain_http() {
    on_each_nginx(Profile::default(), |site| {
        let challenge = "/.well-known/acme-challenge/token";
        let response = site.plain(&Request::get(challenge)).expect("an answer");
        assert_eq!((response.status, response.body.as_str()), (200, "token.thumbprint"));
        let missing = "/.well-known/acme-challenge/other";
        assert_eq!(site.plain(&Request::get(missing)).expect("an answer").status, 404);
    });
}

#[test]
fn intermediate_takes_tls_1_2_and_1_3_and_offers_http_2() {
    on_each_nginx(Profile::default(), |site| {
        for version in [&TLS12, &TLS13] {
            let response = site.handshake("shop.example.com", &[version], &Request::get("/"));
            assert_eq!(response.expect("an answer").status, 200);
        }
        let handshake = Handshake { sni: "shop.example.com", versions: MODERN_CLIENT };
        let protocol = negotiated(site.https, handshake).expect("a handshake");
        assert_eq!(protocol.as_deref(), Some("h2"));
    });
}

#[test]
fn modern_takes_tls_1_3_alone() {
    on_each_nginx(Profile { guideline: "modern", ..Profile::default() }, |site| {
        let with = |version| site.handshake("shop.example.com", &[version], &Request::get("/"));
        assert_eq!(with(&TLS13).expect("an answer").status, 200);
        let refused = with(&TLS12).expect_err("TLS 1.2 is too old").to_string();
        assert!(refused.contains("ProtocolVersion"), "{refused}");
    });
}

#[test]
fn a_trusted_balancer_says_how_the_client_came() {
    on_each_nginx(UPSTREAM, |site| {
        let by = |scheme| Request::get("/?a").header("X-Forwarded-Proto", scheme);
        let response = site.plain(&by("HTTPS")).expect("an answer");
        assert_eq!(response.status, 200);
        assert_eq!(response.seen().header("x-forwarded-proto"), Some("https"));
        assert_eq!(response.header("Strict-Transport-Security"), Some("max-age=63072000; includeSubDomains"));
        for request in [by("http"), by("https, http"), Request::get("/?a")] {
            let response = site.plain(&request).expect("an answer");
            assert_eq!(response.status, 308, "{request:?}");
            assert_eq!(response.header("Location"), Some("https://shop.example.com/?a"));
            assert_eq!(response.header("Strict-Transport-Security"), None);
        }
    });
}

#[test]
fn no_one_else_says_how_the_client_came() {
    on_each_nginx(Profile { trusted: &["10.0.0.0/8"], ..UPSTREAM }, |site| {
        let forged = Request::get("/").host("www.shop.example.com").header("X-Forwarded-Proto", "https");
        let response = site.plain(&forged).expect("an answer");
        assert_eq!(response.status, 308);
        assert_eq!(response.header("Location"), Some("https://www.shop.example.com/"));
        assert!(site.app.seen().is_empty());
    });
}

#[test]
fn without_tls_nothing_claims_to_have_it() {
    on_each_nginx(Profile { terminate: "off", ..UPSTREAM }, |site| {
        let response = site.plain(&Request::get("/").header("X-Forwarded-Proto", "https")).expect("an answer");
        assert_eq!(response.status, 200);
        assert_eq!(response.seen().header("x-forwarded-proto"), Some("http"));
        assert_eq!(response.header("Strict-Transport-Security"), None);
    });
}
