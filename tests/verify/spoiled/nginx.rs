//! nginx's files, of which one thing is spoiled.

use super::{Spoiled, shown, spoiled};
use crate::certificates::Shown;

pub const CIPHERS: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:";
const ORIGIN: &str = "add_header Access-Control-Allow-Origin $seccfg_shop_cors_origin always;";

const CORS_MATCH: &str = "\"~^([^ ]+) \\1$\"";

pub const ALL: &[Spoiled] = &[
    spoiled(
        "a header dropped below one path",
        &[
            ("site.conf", "add_header X-Frame-Options \"DENY\" always;", "add_header X-Frame-Options $spoiled always;"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $uri $spoiled { default DENY; ~^/api/ \"\"; }\nmap $http_upgrade",
            ),
        ],
        "HDR004",
        "headers.frame_options",
    ),
    spoiled(
        "HSTS twice",
        &[("site.conf", "proxy_hide_header Strict-Transport-Security;", "")],
        "HST008",
        "hsts.enabled",
    ),
    spoiled("a short HSTS", &[("seccfg.conf", "max-age=31536000", "max-age=300")], "HST001", "hsts.max_age"),
    spoiled(
        "HSTS gone",
        &[("seccfg.conf", "https \"max-age=31536000; includeSubDomains\"", "https \"\"")],
        "HST001",
        "hsts.enabled",
    ),
    spoiled(
        "CORS reflecting",
        &[("site.conf", ORIGIN, "add_header Access-Control-Allow-Origin $http_origin always;")],
        "COR006",
        "cors.origins",
    ),
    spoiled(
        "CORS on errors missing",
        &[("site.conf", ORIGIN, "add_header Access-Control-Allow-Origin $seccfg_shop_cors_origin;")],
        "COR009",
        "cors.origins",
    ),
    spoiled(
        "CORS twice",
        &[("site.conf", "proxy_hide_header Access-Control-Allow-Origin;", "")],
        "COR009",
        "cors.origins",
    ),
    spoiled("a preflight with 405", &[("site.conf", "return 204;", "return 405;")], "COR009", "cors.origins"),
    spoiled(
        "docs under one spelling",
        &[
            ("site.conf", "if ($seccfg_shop_hidden)", "if ($spoiled)"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $uri $spoiled { default $seccfg_shop_hidden; /docs/ \"\"; }\nmap $http_upgrade",
            ),
        ],
        "DBG003",
        "api_docs.exposed",
    ),
    spoiled(
        "docs for browsers",
        &[
            ("site.conf", "if ($seccfg_shop_hidden)", "if ($spoiled)"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $http_accept $spoiled { default $seccfg_shop_hidden; ~^text/html \"\"; }\nmap $http_upgrade",
            ),
        ],
        "DBG003",
        "api_docs.exposed",
    ),
    spoiled(
        "docs for who sends something there",
        &[
            ("site.conf", "if ($seccfg_shop_hidden)", "if ($spoiled)"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $request_method $spoiled { default $seccfg_shop_hidden; POST \"\"; }\nmap $http_upgrade",
            ),
        ],
        "DBG003",
        "api_docs.exposed",
    ),
    spoiled(
        "TLS 1.1",
        &[
            ("*", "ssl_protocols TLSv1.2", "ssl_protocols TLSv1.1 TLSv1.2"),
            ("*", CIPHERS, "@SECLEVEL=0:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256:"),
        ],
        "TLS002",
        "tls.min_version",
    ),
    spoiled(
        "a weak suite",
        &[("*", CIPHERS, "ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:")],
        "TLS003",
        "tls.guideline",
    ),
    spoiled(
        "ffdhe groups",
        &[("*", "ssl_ecdh_curve X25519", "ssl_ecdh_curve ffdhe3072:X25519")],
        "TLS003",
        "tls.groups",
    ),
    spoiled(
        "a limit missing",
        &[("site.conf", "limit_req zone=seccfg_shop_sign_in burst=4 nodelay;", "")],
        "RAT003",
        "rate_limits.routes.sign_in.limit",
    ),
    spoiled(
        "a limit per worker",
        &[
            (
                "seccfg.conf",
                "limit_req_zone $seccfg_shop_limit_sign_in",
                "limit_req_zone $seccfg_shop_limit_sign_in$spoiled",
            ),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "split_clients $request_id $spoiled { 10% a; 10% b; 10% c; 10% d; 10% e; 10% f; 10% g; 10% h; 10% i; * j; }\nmap $http_upgrade",
            ),
        ],
        "RAT003",
        "rate_limits.routes.sign_in.limit",
    ),
    spoiled(
        "a forged address believed",
        &[(
            "site.conf",
            "merge_slashes on;",
            "merge_slashes on; set_real_ip_from 0.0.0.0/0; real_ip_header X-Forwarded-For;",
        )],
        "PRX002",
        "proxy.trusted",
    ),
    spoiled(
        "a cookie without Secure",
        &[("site.conf", "proxy_cookie_flags session secure httponly", "proxy_cookie_flags session httponly")],
        "COK001",
        "cookies.session.secure",
    ),
    spoiled(
        "a cookie that the profile does not list, without Secure; others have it, or are taken back",
        &[(
            "site.conf",
            "add_header X-Frame-Options \"DENY\" always;",
            "add_header X-Frame-Options \"DENY\" always; add_header Set-Cookie \"sessionid=abc; HttpOnly\" always; add_header \
             Set-Cookie \"theme=dark; Secure\" always; add_header Set-Cookie \"old_session=gone; Max-Age=0\" always;",
        )],
        "COK001",
        "cookies",
    ),
    spoiled(
        "a token that the profile does not list, for scripts; another is meant for them",
        &[(
            "site.conf",
            "add_header X-Frame-Options \"DENY\" always;",
            "add_header X-Frame-Options \"DENY\" always; add_header Set-Cookie \"auth_token=abc; Secure\" always; add_header \
             Set-Cookie \"csrf_token=abc; Secure\" always;",
        )],
        "COK002",
        "cookies",
    ),
    spoiled(
        "a nonce that never changes",
        &[("*", "\"default-src 'self';", "\"default-src 'self'; script-src 'nonce-c2VjY2Zn';")],
        "HDR001",
        "headers.content_security_policy",
    ),
    spoiled(
        "a header that errors lack",
        &[("site.conf", "add_header X-Frame-Options \"DENY\" always;", "add_header X-Frame-Options \"DENY\";")],
        "HDR004",
        "headers.frame_options",
    ),
    spoiled(
        "a header that a stream lacks",
        &[
            ("site.conf", "add_header X-Frame-Options \"DENY\" always;", "add_header X-Frame-Options $spoiled always;"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $uri $spoiled { default DENY; /events \"\"; }\nmap $http_upgrade",
            ),
        ],
        "HDR004",
        "headers.frame_options",
    ),
    spoiled(
        "HSTS twice in one line",
        &[(
            "seccfg.conf",
            "https \"max-age=31536000; includeSubDomains\"",
            "https \"max-age=31536000; includeSubDomains, max-age=31536000\"",
        )],
        "HST008",
        "hsts.enabled",
    ),
    spoiled(
        "HSTS without subdomains",
        &[("seccfg.conf", "max-age=31536000; includeSubDomains", "max-age=31536000")],
        "HST002",
        "hsts.include_subdomains",
    ),
    spoiled(
        "CORS reflecting on preflights alone",
        &[
            ("site.conf", ORIGIN, "add_header Access-Control-Allow-Origin $spoiled always;"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $request_method $spoiled { default $seccfg_shop_cors_origin; OPTIONS $http_origin; }\nmap $http_upgrade",
            ),
        ],
        "COR006",
        "cors.origins",
    ),
    spoiled(
        "CORS for whoever begins as a listed origin",
        &[("seccfg.conf", CORS_MATCH, "\"~^(https://shop[.]example[.]com[^ ]*) \" $1;\n    \"~^([^ ]+) \\1$\"")],
        "COR006",
        "cors.origins",
    ),
    spoiled(
        "CORS for the origin null",
        &[("seccfg.conf", CORS_MATCH, "\"~^(null) \" null;\n    \"~^([^ ]+) \\1$\"")],
        "COR003",
        "cors.origins",
    ),
    spoiled(
        "CORS for the origin null on preflights alone",
        &[
            ("site.conf", ORIGIN, "add_header Access-Control-Allow-Origin $spoiled always;"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $request_method$http_origin $spoiled { default $seccfg_shop_cors_origin; OPTIONSnull null; }\nmap $http_upgrade",
            ),
        ],
        "COR003",
        "cors.origins",
    ),
    spoiled(
        "a preflight without credentials",
        &[(
            "seccfg.conf",
            "map $seccfg_shop_cors_origin $seccfg_shop_cors_credentials {",
            "map \"$seccfg_shop_preflight$seccfg_shop_cors_origin\" $seccfg_shop_cors_credentials {\n    ~^1 \"\";",
        )],
        "COR009",
        "cors.credentials",
    ),
    spoiled(
        "one document that is shown",
        &[
            ("site.conf", "if ($seccfg_shop_hidden)", "if ($spoiled)"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $uri $spoiled { default $seccfg_shop_hidden; /openapi.json \"\"; }\nmap $http_upgrade",
            ),
        ],
        "DBG003",
        "api_docs.exposed",
    ),
    spoiled(
        "a suite of TLS 1.3 that the guideline lacks",
        &[(
            "*",
            "ssl_prefer_server_ciphers off;",
            "ssl_prefer_server_ciphers off; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256;",
        )],
        "TLS003",
        "tls.guideline",
    ),
    spoiled(
        "a limit that another spelling dodges",
        &[
            ("seccfg.conf", "limit_req_zone $seccfg_shop_limit_sign_in", "limit_req_zone $spoiled"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $uri $spoiled { default $seccfg_shop_limit_sign_in; /login/ \"\"; }\nmap $http_upgrade",
            ),
        ],
        "RAT003",
        "rate_limits.routes.sign_in.limit",
    ),
    spoiled(
        "a limit that another path dodges",
        &[
            ("seccfg.conf", "limit_req_zone $seccfg_shop_limit_sign_in", "limit_req_zone $spoiled"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $uri $spoiled { default $seccfg_shop_limit_sign_in; /token \"\"; }\nmap $http_upgrade",
            ),
        ],
        "RAT003",
        "rate_limits.routes.sign_in.limit",
    ),
    spoiled(
        "a limit that another query dodges",
        &[
            ("seccfg.conf", "limit_req_zone $seccfg_shop_limit_sign_in", "limit_req_zone $spoiled"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $seccfg_shop_limit_sign_in $spoiled { default $binary_remote_addr$args; \"\" \"\"; }\nmap $http_upgrade",
            ),
        ],
        "RAT003",
        "rate_limits.routes.sign_in.limit",
    ),
    spoiled(
        "a limit that counts browsers",
        &[
            ("seccfg.conf", "limit_req_zone $seccfg_shop_limit_sign_in", "limit_req_zone $spoiled"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $seccfg_shop_limit_sign_in $spoiled { default $binary_remote_addr$http_user_agent; \"\" \"\"; }\nmap $http_upgrade",
            ),
        ],
        "RAT003",
        "rate_limits.routes.sign_in.limit",
    ),
    spoiled(
        "a limit that does not say when to come back",
        &[("site.conf", "add_header Retry-After $seccfg_shop_retry_after always;", "")],
        "RAT003",
        "rate_limits.routes.sign_in.limit",
    ),
    spoiled(
        "a limit that answers as if the app were broken",
        &[("site.conf", "limit_req_status 429;", "limit_req_status 503;")],
        "RAT003",
        "rate_limits.routes.sign_in.limit",
    ),
    spoiled(
        "a forged address believed out of another header",
        &[(
            "site.conf",
            "merge_slashes on;",
            "merge_slashes on; set_real_ip_from 0.0.0.0/0; real_ip_header Fastly-Client-IP;",
        )],
        "PRX002",
        "proxy.trusted",
    ),
    spoiled(
        "a cookie without HttpOnly",
        &[("site.conf", "proxy_cookie_flags session secure httponly", "proxy_cookie_flags session secure")],
        "COK002",
        "cookies.session.http_only",
    ),
    spoiled(
        "a cookie without SameSite",
        &[("site.conf", "secure httponly samesite=lax;", "secure httponly;")],
        "COK003",
        "cookies.session.same_site",
    ),
    shown(
        "a certificate that needs an answer of its authority's",
        Shown::MustStaple,
        "TLS005",
        "tls.certificate.stapling",
    ),
    shown("a certificate that is not valid yet", Shown::NotYet, "TLS009", "tls.certificate.cert"),
    shown("a certificate of an unknown authority", Shown::Unknown, "TLS010", "tls.certificate.issuer"),
    spoiled(
        "a redirect that loses the path",
        &[("site.conf", "return 308 https://shop.example.com$request_uri;", "return 308 https://shop.example.com/;")],
        "TLS006",
        "tls.redirect_http",
    ),
    spoiled(
        "a framework shown",
        &[("site.conf", "proxy_hide_header X-Powered-By;", "")],
        "PRX009",
        "headers.hide_server",
    ),
    spoiled(
        "another program shown",
        &[("site.conf", "proxy_hide_header X-Generator;", "")],
        "PRX009",
        "headers.hide_server",
    ),
    spoiled(
        "a header that HEAD lacks",
        &[
            ("site.conf", "add_header X-Frame-Options \"DENY\" always;", "add_header X-Frame-Options $spoiled always;"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $request_method $spoiled { default DENY; HEAD \"\"; }\nmap $http_upgrade",
            ),
        ],
        "HDR004",
        "headers.frame_options",
    ),
    spoiled(
        "a preflight that lets pages into a private network",
        &[(
            "site.conf",
            "add_header Vary Origin always;",
            "add_header Vary Origin always; add_header Access-Control-Allow-Private-Network \
             $http_access_control_request_private_network always;",
        )],
        "COR009",
        "cors.origins",
    ),
    spoiled(
        "a limit whose refusals no other origin may read",
        &[
            ("site.conf", ORIGIN, "add_header Access-Control-Allow-Origin $spoiled always;"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $status $spoiled { default $seccfg_shop_cors_origin; 429 \"\"; }\nmap $http_upgrade",
            ),
        ],
        "COR009",
        "cors.origins",
    ),
    spoiled(
        "a body's refusal that no other origin may read",
        &[
            ("site.conf", ORIGIN, "add_header Access-Control-Allow-Origin $spoiled always;"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $status $spoiled { default $seccfg_shop_cors_origin; 413 \"\"; }\nmap $http_upgrade",
            ),
        ],
        "COR009",
        "cors.origins",
    ),
    spoiled(
        "CORS for a developer's machine",
        &[("seccfg.conf", CORS_MATCH, "\"~^(http://localhost:3000) \" $1;\n    \"~^([^ ]+) \\1$\"")],
        "COR006",
        "cors.origins",
    ),
    spoiled("CORS without Vary", &[("site.conf", "add_header Vary Origin always;", "")], "COR009", "cors.origins"),
    spoiled(
        "a preflight that is kept for longer",
        &[("seccfg.conf", "\"~^1 .\" 600;", "\"~^1 .\" 86400;")],
        "COR008",
        "cors.max_age",
    ),
    spoiled(
        "a preflight that lets more methods in",
        &[("seccfg.conf", "\"GET, POST, DELETE\"", "\"GET, POST, DELETE, PUT\"")],
        "COR007",
        "cors.methods",
    ),
    spoiled(
        "a cookie for hosts beside this one",
        &[("site.conf", "merge_slashes on;", "merge_slashes on; proxy_cookie_path / \"/; Domain=example.com\";")],
        "COK013",
        "cookies.session.domain",
    ),
    spoiled(
        "an answer by https that leads to plain HTTP",
        &[(
            "site.conf",
            "# The largest request",
            "if ($request_uri ~ \"^/api/\") { return 302 http://shop.example.com/; }\n    #",
        )],
        "TLS006",
        "tls.redirect_http",
    ),
    spoiled(
        "a page by plain HTTP",
        &[(
            "site.conf",
            "return 308 https://shop.example.com$request_uri;",
            "if ($uri = /) { return 200 hello; }\n    return 308 https://shop.example.com$request_uri;",
        )],
        "TLS006",
        "tls.redirect_http",
    ),
    spoiled(
        "bodies that are let through refused",
        &[("site.conf", "client_max_body_size 1048576;", "client_max_body_size 1k;")],
        "RND004",
        "app.max_body",
    ),
    spoiled(
        "what a CDN obeys before no-store",
        &[(
            "site.conf",
            "add_header X-Frame-Options \"DENY\" always;",
            "add_header X-Frame-Options \"DENY\" always; add_header Surrogate-Control max-age=600 always;",
        )],
        "HDR010",
        "headers.no_store[0]",
    ),
    spoiled(
        "an answer that a cache has kept",
        &[(
            "site.conf",
            "add_header X-Frame-Options \"DENY\" always;",
            "add_header X-Frame-Options \"DENY\" always; add_header Age 55 always;",
        )],
        "HDR010",
        "headers.no_store[0]",
    ),
    shown("a certificate that ends soon", Shown::Late, "TLS009", "tls.certificate.cert"),
    spoiled(
        "no-store missing on errors",
        &[(
            "site.conf",
            "add_header Cache-Control $seccfg_shop_cache_control always;",
            "add_header Cache-Control $seccfg_shop_cache_control;",
        )],
        "HDR010",
        "headers.no_store[0]",
    ),
    shown("a certificate that is self-signed", Shown::SelfSigned, "TLS010", "tls.certificate.issuer"),
    shown("a certificate that is over", Shown::Expired, "TLS009", "tls.certificate.cert"),
    shown("a certificate for another host", Shown::OtherHost, "TLS001", "tls.certificate.cert"),
    shown("a chain that is not whole", Shown::Incomplete, "TLS013", "tls.certificate.cert"),
    spoiled(
        "a redirect to another host",
        &[("site.conf", "return 308 https://www.shop.example.com", "return 308 https://shop.example.com")],
        "TLS006",
        "tls.redirect_http",
    ),
    spoiled(
        "a version shown",
        &[("site.conf", "# nginx's version [headers.hide_server]\n    server_tokens off;", "")],
        "PRX009",
        "headers.hide_server",
    ),
    spoiled(
        "the site's bare address",
        &[
            ("common.conf", "return 444;", "if ($host = 127.0.0.1) { return 200 hello; }\n    return 444;"),
            (
                "common.conf",
                "ssl_reject_handshake on;",
                "ssl_certificate ../cert.pem;\n    ssl_certificate_key ../key.pem;",
            ),
        ],
        "PRX006",
        "app.url",
    ),
    spoiled("a default site that answers", &[("common.conf", "return 444;", "return 200 hello;")], "PRX006", "app.url"),
    spoiled(
        "no-store missing",
        &[(
            "site.conf",
            "add_header Cache-Control $seccfg_shop_cache_control always;",
            "add_header Cache-Control public;",
        )],
        "HDR010",
        "headers.no_store[0]",
    ),
    spoiled(
        "an alias without TLS",
        &[("site.conf", "server_name shop.example.com www.shop.example.com;", "server_name shop.example.com;")],
        "TLS001",
        "app.aliases[0]",
    ),
    spoiled(
        "gzip of secrets",
        &[(
            "site.conf",
            "merge_slashes on;",
            "merge_slashes on; gzip on; gzip_types *; gzip_proxied any; gzip_min_length 20;",
        )],
        "HDR010",
        "headers.no_store[0]",
    ),
    spoiled(
        "a trailing dot that leads elsewhere",
        &[(
            "site.conf",
            "# The largest request",
            "if ($http_host ~ \"[.]$\") { return 301 https://other.example.com/; }\n    #",
        )],
        "PRX006",
        "app.url",
    ),
    spoiled("a stream held back", &[("site.conf", "proxy_buffering off;", "")], "RND004", "locations.events.stream"),
    spoiled(
        "a service without its own header",
        &[("*", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'", "default-src *")],
        "HDR001",
        "services.front.headers.content_security_policy",
    ),
    spoiled(
        "closed paths open to everyone",
        &[("site.conf", "if ($seccfg_shop_closed_access_internal)", "if ($seccfg_shop_upgrade)")],
        "RND004",
        "access.internal",
    ),
    spoiled(
        "closed paths open under one spelling",
        &[
            ("site.conf", "if ($seccfg_shop_closed_access_internal)", "if ($spoiled)"),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $request_uri $spoiled { default $seccfg_shop_closed_access_internal; /metrics/ \"\"; }\nmap $http_upgrade",
            ),
        ],
        "RND004",
        "access.internal",
    ),
    spoiled(
        "a balancer that gets no answer",
        &[("common.conf", "if ($seccfg_shop_health)", "if ($seccfg_shop_upgrade)")],
        "RND004",
        "health.path",
    ),
    spoiled(
        "an alias that leads there for a while",
        &[
            (
                "site.conf",
                "if ($seccfg_shop_leads) {",
                "if ($spoiled) { return 302 https://shop.example.com$request_uri; }\n    if ($seccfg_shop_leads) {",
            ),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $host $spoiled { default \"\"; www.shop.example.com 1; }\nmap $http_upgrade",
            ),
        ],
        "RND004",
        "app.aliases_redirect",
    ),
    spoiled(
        "a redirect to https for a while",
        &[("site.conf", "return 308 https://", "return 302 https://")],
        "TLS006",
        "tls.redirect_http",
    ),
    spoiled(
        "an alias that is served",
        &[("site.conf", "if ($seccfg_shop_leads)", "if ($seccfg_shop_upgrade)")],
        "RND004",
        "app.aliases_redirect",
    ),
    spoiled(
        "bodies of any size",
        &[("site.conf", "client_max_body_size 1048576;", "client_max_body_size 0;")],
        "RND004",
        "app.max_body",
    ),
    spoiled(
        "a policy that only reports",
        &[
            (
                "site.conf",
                "add_header Content-Security-Policy $seccfg_shop_service_header_content_security_policy always;",
                "add_header Content-Security-Policy $blocks always; add_header Content-Security-Policy-Report-Only $reports always;",
            ),
            (
                "seccfg.conf",
                "map $http_upgrade",
                "map $seccfg_shop_service $blocks { default \"\"; front \"default-src 'none'; base-uri 'none'; frame-ancestors \
                 'none'\"; }\nmap $seccfg_shop_service $reports { default \"default-src 'self'\"; front \"\"; }\nmap $http_upgrade",
            ),
        ],
        "HDR001",
        "headers.content_security_policy",
    ),
    spoiled(
        "a header of the site twice, on a service's answers as well",
        &[("site.conf", "proxy_hide_header X-Frame-Options;", "")],
        "HDR004",
        "headers.frame_options",
    ),
    spoiled(
        "CORS that lets scripts read more",
        &[(
            "site.conf",
            "add_header Vary Origin always;",
            "add_header Vary Origin always; add_header Access-Control-Expose-Headers X-Spoiled always;",
        )],
        "COR009",
        "cors.expose_headers",
    ),
];
