//! Rate limits, and every way around them.

use crate::client::{Request, Response};
use crate::profile::Profile;
use crate::site::{Site, on_each_nginx};

const ORIGIN: &str = "https://shop.example.com";

fn sign_in(site: &Site, path: &str) -> Response {
    site.https(&Request::new("POST", path).header("Origin", ORIGIN))
}

#[test]
fn five_sign_ins_pass_and_the_sixth_waits() {
    on_each_nginx(Profile::default(), |site| {
        for n in 1..=5 {
            let response = sign_in(site, "/api/v1/signin");
            assert_eq!((n, response.status), (n, 200));
            assert_eq!(response.header("Retry-After"), None);
        }
        let refused = sign_in(site, "/api/v1/signin");
        assert_eq!(refused.status, 429);
        assert_eq!(refused.header("Retry-After"), Some("12"));
        // Without CORS, a front end could not even tell that it is to wait.
        assert_eq!(refused.header("Access-Control-Allow-Origin"), Some(ORIGIN));
        assert_eq!(site.app.seen().len(), 5);
        assert_eq!(site.https(&Request::get("/api/v1/signin/google/callback")).status, 200);
        assert_eq!(site.https(&Request::get("/api/v1/signinx")).status, 200);
    });
}

#[test]
fn another_spelling_meets_the_same_limit() {
    let spellings = [
        "/api/v1/signin/",
        "//api/v1/signin",
        "/api/v1/%73ignin",
        "/API/v1/SignIn",
        "/api/v1/signin;a=b",
        "/api/v1/signin;a/",
        "/api/v1/signin?x=1",
        "/api/v1/./signin",
        "/api/v1/x/../signin",
        "/api%2fv1%2fsignin",
        "/api/v1/signin%0a",
    ];
    on_each_nginx(Profile::default(), |site| {
        for _ in 1..=5 {
            assert_eq!(sign_in(site, "/api/v1/signin").status, 200);
        }
        for path in spellings {
            assert_eq!(sign_in(site, path).status, 429, "{path}");
        }
    });
}

#[test]
fn a_forged_address_meets_the_same_limit() {
    on_each_nginx(Profile::default(), |site| {
        let from = |address: &str| {
            let request = Request::new("POST", "/api/v1/signin");
            site.https(&request.header("X-Forwarded-For", address).header("X-Real-IP", address)).status
        };
        let answers: Vec<_> = (1..=6).map(|n| from(&format!("203.0.113.{n}"))).collect();
        assert_eq!(answers, [200, 200, 200, 200, 200, 429]);
    });
}

#[test]
fn clients_behind_a_trusted_proxy_have_limits_of_their_own() {
    let profile = Profile { hops: 2, trusted: &["127.0.0.0/8"], ..Profile::default() };
    on_each_nginx(profile, |site| {
        let from = |chain: &str| {
            let request = Request::new("POST", "/api/v1/signin");
            site.https(&request.header("X-Forwarded-For", chain)).status
        };
        let answers: Vec<_> = (1..=6).map(|_| from("203.0.113.1")).collect();
        assert_eq!(answers, [200, 200, 200, 200, 200, 429]);
        assert_eq!(from("203.0.113.2"), 200);
        // The proxy adds the peer it saw on the right: what stands before it is the client's own.
        assert_eq!(from("198.51.100.9, 203.0.113.1"), 429);
    });
}

#[test]
fn one_ipv6_network_is_one_client() {
    let profile = Profile { hops: 2, trusted: &["127.0.0.0/8"], ..Profile::default() };
    on_each_nginx(profile, |site| {
        let from = |address: &str| {
            let request = Request::new("POST", "/api/v1/signin");
            site.https(&request.header("X-Forwarded-For", address)).status
        };
        let one = ["::1", ":a0a:0a0a:0a0a:0a0a", ":0:0:ffff:1", ":0:a::", ":1:2:3:a"];
        for host in one {
            assert_eq!(from(&format!("2001:db8:0:a{host}")), 200, "{host}");
        }
        assert_eq!(from("2001:db8:0:a::7"), 429);
        assert_eq!(from("2001:db8:0:b::7"), 200);
    });
}

#[test]
fn a_mounted_apps_limit_counts_both_spellings_as_one() {
    on_each_nginx(Profile { mount: "/shop/", ..Profile::default() }, |site| {
        let paths = ["/shop/api/v1/signin", "/api/v1/signin"];
        let answers: Vec<_> = (0..6).map(|n| sign_in(site, paths[n % 2]).status).collect();
        assert_eq!(answers, [200, 200, 200, 200, 200, 429]);
    });
}
