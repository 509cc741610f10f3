//! What the app learns about its client.

use crate::client::Request;
use crate::profile::Profile;
use crate::site::on_each_nginx;

#[test]
fn forged_headers_do_not_reach_the_app() {
    on_each_nginx(Profile::default(), |site| {
        let request = Request::get("/")
            .header("X-Forwarded-For", "203.0.113.1")
            .header("X-Forwarded-For", "203.0.113.2")
            .header("X_Forwarded_For", "203.0.113.3")
            .header("X-Real-IP", "203.0.113.4")
            .header("X-Forwarded-Proto", "http")
            .header("Forwarded", "for=203.0.113.5;proto=http;host=evil.test")
            .header("X-Forwarded-Ssl", "off")
            .header("X-Forwarded-Protocol", "http")
            .header("X-Forwarded-Scheme", "http");
        let app = site.https(&request).seen();
        assert_eq!(app.header("x-forwarded-for"), Some("127.0.0.1"));
        assert_eq!(app.header("x-real-ip"), Some("127.0.0.1"));
        assert_eq!(app.header("x-forwarded-proto"), Some("https"));
        for name in ["forwarded", "x-forwarded-ssl", "x-forwarded-protocol", "x-forwarded-scheme"] {
            assert_eq!(app.header(name), None, "{name}");
        }
        let forged: Vec<_> = app.headers.values().filter(|value| value.contains("203.0.113.")).collect();
        assert!(forged.is_empty(), "{forged:?}");
    });
}

#[test]
fn a_trusted_proxy_is_believed_and_its_clients_are_not() {
    let profile = Profile { hops: 2, trusted: &["127.0.0.0/8"], ..Profile::default() };
    on_each_nginx(profile, |site| {
        for (chain, client) in [
            ("203.0.113.1", "203.0.113.1"),
            ("198.51.100.9, 203.0.113.1", "203.0.113.1"),
            ("203.0.113.1, 127.0.0.7", "203.0.113.1"),
            ("nonsense", "127.0.0.1"),
        ] {
            let app = site.https(&Request::get("/").header("X-Forwarded-For", chain)).seen();
            assert_eq!(app.header("x-forwarded-for"), Some(client), "{chain}");
            assert_eq!(app.header("x-real-ip"), Some(client), "{chain}");
        }
    });
}

#[test]
fn an_app_that_counts_hops_gets_the_whole_chain() {
    let profile =
        Profile { kind: "crudauth", hops: 2, trusted: &["127.0.0.0/8"], forwarded_for: "append", ..Profile::default() };
    on_each_nginx(profile, |site| {
        let chain = "198.51.100.9, 203.0.113.1";
        let app = site.https(&Request::get("/").header("X-Forwarded-For", chain)).seen();
        // Two hops from the right: the address that our peer saw, not what its client claimed.
        assert_eq!(app.header("x-forwarded-for"), Some("198.51.100.9, 203.0.113.1, 127.0.0.1"));
        assert_eq!(app.header("x-real-ip"), Some("203.0.113.1"));
        let app = site.https(&Request::get("/")).seen();
        assert_eq!(app.header("x-forwarded-for"), Some("127.0.0.1"));
    });
}

#[test]
fn an_app_that_counts_hops_gets_no_chain_from_anyone_else() {
    let profile =
        Profile { kind: "crudauth", hops: 2, trusted: &["10.0.0.0/8"], forwarded_for: "append", ..Profile::default() };
    on_each_nginx(profile, |site| {
        for chain in ["198.51.100.9", "198.51.100.9, 10.0.0.1", "trusted 198.51.100.9", ""] {
            let app = site.https(&Request::get("/").header("X-Forwarded-For", chain)).seen();
            assert_eq!(app.header("x-forwarded-for"), Some("127.0.0.1"), "{chain}");
        }
    });
}

#[test]
fn websockets_are_the_only_upgrade() {
    on_each_nginx(Profile::default(), |site| {
        let upgrade = |to| Request::get("/").header("Upgrade", to);
        let app = site.https(&upgrade("websocket")).seen();
        assert_eq!(app.header("upgrade"), Some("websocket"));
        assert_eq!(app.header("connection"), Some("upgrade"));
        // HTTP/2 in clear text would carry requests past every rule here.
        let app = site.https(&upgrade("h2c").header("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA")).seen();
        assert_eq!(app.header("upgrade"), None);
        assert_eq!(app.header("connection"), None);
    });
}

#[test]
fn networks_are_let_in_or_refused_by_the_clients_address() {
    let profile = Profile {
        hops: 2,
        trusted: &["127.0.0.0/8"],
        more: "\n[ip_filter]\nenabled = true\nallow = [\"203.0.113.0/24\"]\ndeny = [\"203.0.113.66\"]\n",
        ..Profile::default()
    };
    on_each_nginx(profile, |site| {
        for (client, status) in [("203.0.113.1", 200), ("203.0.113.66", 403), ("198.51.100.1", 403)] {
            let response = site.https(&Request::get("/").header("X-Forwarded-For", client));
            assert_eq!(response.status, status, "{client}");
            assert!(response.header("Strict-Transport-Security").is_some());
        }
    });
}
