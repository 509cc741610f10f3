//! Flags on cookies that the app sets without any.

use crate::client::Request;
use crate::profile::Profile;
use crate::site::on_each_nginx;

#[test]
fn cookies_get_their_flags() {
    on_each_nginx(Profile::default(), |site| {
        let response = site.https(&Request::get("/"));
        let cookies: Vec<Vec<String>> = response
            .all("Set-Cookie")
            .iter()
            .map(|cookie| cookie.split("; ").map(str::to_ascii_lowercase).collect())
            .collect();
        let [session, csrf] = cookies.as_slice() else { panic!("two cookies, not {cookies:?}") };
        for flag in ["session=abc", "path=/", "secure", "httponly", "samesite=lax"] {
            assert!(session.contains(&flag.to_owned()), "{flag} in {session:?}");
        }
        for flag in ["csrf=xyz", "secure", "samesite=strict"] {
            assert!(csrf.contains(&flag.to_owned()), "{flag} in {csrf:?}");
        }
        // Scripts read it to send it back.
        assert!(!csrf.contains(&"httponly".to_owned()), "{csrf:?}");
    });
}
