//! Only the profile's hosts are served.

use crate::client::Request;
use crate::profile::Profile;
use crate::site::{MODERN_CLIENT, on_each_nginx, together_on_each_nginx};

#[test]
fn unknown_hosts_get_no_answer() {
    on_each_nginx(Profile::default(), |site| {
        for host in ["evil.test", "127.0.0.1", "shop.example.com.evil.test", "a.shop.example.com"] {
            let request = Request::get("/").host(host);
            let answer = site.plain(&request);
            assert!(answer.is_err(), "plain HTTP answers {host}: {answer:?}");
            let answer = site.handshake("shop.example.com", MODERN_CLIENT, &request);
            assert!(answer.is_err(), "https answers {host}: {answer:?}");
        }
        assert!(site.app.seen().is_empty());
    });
}

#[test]
fn unknown_names_are_refused_in_the_handshake() {
    on_each_nginx(Profile::default(), |site| {
        // The Host would be served: the name alone is wrong. (An address sends no SNI name.)
        for sni in ["evil.test", "a.shop.example.com", "127.0.0.1"] {
            let refused = site.handshake(sni, MODERN_CLIENT, &Request::get("/"));
            let refused = refused.expect_err("the name is not ours").to_string();
            assert!(refused.contains("UnrecognisedName"), "{sni}: {refused}");
        }
    });
}

#[test]
fn served_names_reach_the_app_as_they_are_listed() {
    on_each_nginx(Profile::default(), |site| {
        for (host, seen) in [
            ("shop.example.com", "shop.example.com"),
            ("www.shop.example.com", "www.shop.example.com"),
            ("SHOP.example.com:443", "shop.example.com"),
        ] {
            let request = Request::get("/").host(host).header("X-Forwarded-Host", "evil.test");
            let app = site.https(&request).seen();
            assert_eq!(app.header("host"), Some(seen));
            assert_eq!(app.header("x-forwarded-host"), Some(seen));
        }
    });
}

#[test]
fn two_apps_keep_to_themselves() {
    let shop = Profile::default();
    let blog = Profile { name: "blog", origins: &["https://blog.example.com"], ..shop };
    together_on_each_nginx(&[shop, blog], |site| {
        let names = ["shop.example.com", "blog.example.com"];
        for name in names {
            let redirect = site.plain(&Request::get("/").host(name)).expect("an answer");
            assert_eq!(redirect.header("Location"), Some(format!("https://{name}/").as_str()));
            for origin in names {
                let request = Request::get("/").host(name).header("Origin", &format!("https://{origin}"));
                let response = site.handshake(name, MODERN_CLIENT, &request).expect("an answer");
                let allowed = response.header("Access-Control-Allow-Origin").is_some();
                assert_eq!(allowed, name == origin, "{origin} at {name}");
            }
        }
        let sign_in = |name| {
            let request = Request::new("POST", "/api/v1/signin").host(name);
            site.handshake(name, MODERN_CLIENT, &request).expect("an answer").status
        };
        let answers: Vec<_> = (0..6).map(|_| sign_in(names[0])).collect();
        assert_eq!(answers, [200, 200, 200, 200, 200, 429]);
        assert_eq!(sign_in(names[1]), 200);
    });
}

#[test]
fn names_that_resemble_each_other_do_not_meet() {
    let shop = Profile {
        more: "\n[rate_limits.routes.limit_sign_in]\nlimit = \"60/min\"\npaths = [\"/api/v1/other\"]\n",
        ..Profile::default()
    };
    let other = Profile { name: "shop-limit", more: "", ..shop };
    together_on_each_nginx(&[shop, other], |site| {
        for name in ["shop.example.com", "shop-limit.example.com"] {
            let request = Request::new("POST", "/api/v1/signin").host(name);
            let sign_in = || site.handshake(name, MODERN_CLIENT, &request).expect("an answer").status;
            let answers: Vec<_> = (0..6).map(|_| sign_in()).collect();
            assert_eq!(answers, [200, 200, 200, 200, 200, 429], "{name}");
        }
    });
}
