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
        let [session, csrf, theme] = cookies.as_slice() else { panic!("three cookies, not {cookies:?}") };
        for flag in ["session=abc", "path=/", "secure", "httponly", "samesite=lax"] {
            assert!(session.contains(&flag.to_owned()), "{flag} in {session:?}");
        }
        for flag in ["csrf=xyz", "secure", "samesite=strict"] {
            assert!(csrf.contains(&flag.to_owned()), "{flag} in {csrf:?}");
        }
        // Scripts read it to send it back.
        assert!(!csrf.contains(&"httponly".to_owned()), "{csrf:?}");
        assert_eq!(*theme, ["shop.theme=dark", "path=/", "secure", "httponly"], "no one asked for anything");
    });
}

#[test]
fn flags_that_are_not_written_stay_the_apps() {
    for (written, left) in
        [("", &["secure", "httponly", "samesite=lax"][..]), ("http_only = false", &["secure", "samesite=lax"])]
    {
        let table = "[cookies.\"shop.theme\"]\npurpose = \"preference\"\nsecure = true\nsame_site = \"lax\"";
        let more = format!("\n{table}\n{written}\n").leak();
        on_each_nginx(Profile { more, ..Profile::default() }, |site| {
            let response = site.https(&Request::get("/"));
            let theme = response.all("Set-Cookie")[2].to_ascii_lowercase();
            assert_eq!(theme.split("; ").skip(2).collect::<Vec<_>>(), left, "{written}");
        });
    }
}
