//! API documentation that doesn't exist for clients.

use crate::client::Request;
use crate::profile::Profile;
use crate::site::on_each_nginx;

#[test]
fn docs_are_hidden_under_every_spelling() {
    let spellings = [
        "/docs",
        "/DOCS",
        "/docs/",
        "/docs;a",
        "/docs;a/b",
        "/docs/x",
        "/docs/oauth2-redirect",
        "/docs?x",
        "/%64ocs",
        "/docs%2fx",
        "/docs%0a",
        "//docs",
        "/./docs",
        "/x/../docs",
        "/redoc",
        "/openapi.json",
        "/openapi.json/",
        "/OpenAPI.JSON",
    ];
    on_each_nginx(Profile::default(), |site| {
        for path in spellings {
            for method in ["GET", "HEAD", "POST"] {
                let response = site.https(&Request::new(method, path));
                assert_eq!(response.status, 404, "{method} {path}");
            }
            let preflight = Request::preflight(path, "https://shop.example.com");
            assert_eq!(site.https(&preflight).status, 404, "{path}");
        }
        assert!(site.app.seen().is_empty());
    });
}

#[test]
fn neighbours_stay() {
    on_each_nginx(Profile::default(), |site| {
        for path in ["/", "/documents", "/docs-api", "/docs.html", "/a/docs", "/openapixjson", "/api/openapi.json"] {
            assert_eq!(site.https(&Request::get(path)).status, 200, "{path}");
        }
    });
}

#[test]
fn paths_reach_the_app_as_they_were_sent() {
    on_each_nginx(Profile::default(), |site| {
        for path in ["/a%2Fb", "//a", "/a%20b?c=d%26e", "/a;b=c", "/%C3%A9"] {
            assert_eq!(site.https(&Request::get(path)).seen().target, path);
        }
    });
}

#[test]
fn a_mounted_apps_docs_are_hidden_where_clients_see_them() {
    on_each_nginx(Profile { mount: "/shop", ..Profile::default() }, |site| {
        for path in ["/docs", "/shop/docs", "/Shop//openapi.json", "/shop/redoc/x"] {
            assert_eq!(site.https(&Request::get(path)).status, 404, "{path}");
        }
        for path in ["/shop", "/shop/documents", "/shopdocs", "/other/docs"] {
            assert_eq!(site.https(&Request::get(path)).seen().target, path);
        }
        assert_eq!(site.https(&Request::get("/shop/api/x")).header("Cache-Control"), Some("no-store"));
    });
}
