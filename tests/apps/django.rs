//! Django's forms: it compares the origin that a browser names with the host that it learns, port and all.

use std::fs::File;
use std::io::Read;

use crate::client::{self, Handshake, Request};
use crate::programs::Program;
use crate::site::{Site, servers};

/// With the port that clients know in its URL, or none.
fn profile(port: &str) -> String {
    format!(
        r#"version = 1
[app]
name = "shop"
kind = "generic"
mode = "test"
url = "https://shop.example.com{port}"
upstream = "{{app}}"
[tls.certificate]
issuer = "ca"
cert = "{{folder}}/cert.pem"
key = "{{folder}}/key.pem"
"#
    )
}

/// A key that nobody else has.
fn secret() -> String {
    let mut bytes = [0; 32];
    File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)).expect("the system has random bytes");
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

#[test]
fn a_form_is_taken_from_the_sites_own_port_and_from_no_other() {
    let app = Program::uvicorn("form", &[("SECRET_KEY", &secret())]);
    for server in servers() {
        for port in ["", ":8443"] {
            let host = format!("shop.example.com{port}");
            let site = Site::start(&server, &profile(port), &[("app", &app.upstream())]);
            let ask = |request: Request| {
                client::tls(site.https, Handshake::with("shop.example.com"), &request.host(&host))
                    .unwrap_or_else(|error| panic!("{}: {error}", server.label()))
            };
            let form = ask(Request::get("/form"));
            assert_eq!(form.status, 200, "{} at {host}: {form:?}", server.label());
            let cookie = form.header("Set-Cookie").and_then(|cookie| cookie.split(';').next()).expect("a cookie");
            let send = |origin: &str| {
                let body = format!("csrfmiddlewaretoken={}", form.body).into_bytes();
                let request = Request::new("POST", "/form").body(body).header("Cookie", cookie);
                let request = request.header("Content-Type", "application/x-www-form-urlencoded");
                ask(request.header("Origin", origin).header("Referer", &format!("{origin}/form")))
            };
            let answer = send(&format!("https://{host}"));
            let told = format!("saved at https://{host}/done");
            assert_eq!((answer.status, answer.body.trim()), (200, told.as_str()), "{}", server.label());
            // Others are strangers, the same name on another port among them.
            let other = if port.is_empty() { ":8443" } else { "" };
            for stranger in [format!("https://shop.example.com{other}"), "https://evil.example".to_owned()] {
                assert_eq!(send(&stranger).status, 403, "{} takes {stranger} for {host}", server.label());
            }
        }
    }
}
