//! Caddy's files, of which one thing is spoiled: what its own words can do wrong.

use super::{Spoiled, spoiled};

/// What stands before all headers of Caddy's has the last word: it sees an answer after they have.
const CADDYS_HEADERS: &str = "# What every answer says [headers]";

pub const ALL: &[Spoiled] = &[
    spoiled(
        "Caddy: a header dropped below one path",
        &[("site.caddy", CADDYS_HEADERS, "header /api/* {\n-X-Frame-Options\ndefer\n}\n")],
        "HDR004",
        "headers.frame_options",
    ),
    spoiled(
        "Caddy: a header that HEAD lacks",
        &[("site.caddy", CADDYS_HEADERS, "@spoiled method HEAD\nheader @spoiled {\n-X-Frame-Options\ndefer\n}\n")],
        "HDR004",
        "headers.frame_options",
    ),
    spoiled(
        "Caddy: a preflight that lets pages into a private network",
        &[("site.caddy", CADDYS_HEADERS, "header {\nAccess-Control-Allow-Private-Network true\ndefer\n}\n")],
        "COR009",
        "cors.origins",
    ),
    spoiled(
        "Caddy: CORS for everyone",
        &[("site.caddy", CADDYS_HEADERS, "header {\nAccess-Control-Allow-Origin *\ndefer\n}\n")],
        "COR002",
        "cors.origins",
    ),
    spoiled(
        "Caddy: another program shown",
        &[("site.caddy", CADDYS_HEADERS, "header {\nX-Generator Hugo\ndefer\n}\n")],
        "PRX009",
        "headers.hide_server",
    ),
    spoiled(
        "Caddy: HSTS twice",
        &[("site.caddy", CADDYS_HEADERS, "header {\n+Strict-Transport-Security max-age=31536000\ndefer\n}\n")],
        "HST008",
        "hsts.enabled",
    ),
    spoiled(
        "Caddy: CORS reflecting",
        &[(
            "site.caddy",
            "\"https://shop.example.com\" \"https://shop.example.com\"\n\t\t\t\tdefault \"\"",
            "default {http.request.header.Origin}",
        )],
        "COR006",
        "cors.origins",
    ),
    spoiled(
        "Caddy: docs under one spelling",
        &[(
            "site.caddy",
            "error @seccfg_hidden 404",
            "@spoiled not expression `{http.request.orig_uri} == \"/docs/\"`\nroute @spoiled {\nerror @seccfg_hidden 404\n}",
        )],
        "DBG003",
        "api_docs.exposed",
    ),
    spoiled(
        "Caddy: a weak suite",
        &[("*", "ciphers TLS_", "ciphers TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA TLS_")],
        "TLS003",
        "tls.guideline",
    ),
    spoiled("Caddy: another group", &[("*", "curves x25519", "curves secp521r1 x25519")], "TLS003", "tls.groups"),
    spoiled(
        "Caddy: a cookie without Secure",
        &[("site.caddy", "\"$1; Secure; HttpOnly; SameSite=Lax\"", "\"$1; HttpOnly; SameSite=Lax\"")],
        "COK001",
        "cookies.session.secure",
    ),
    spoiled(
        "Caddy: no-store missing",
        &[("site.caddy", "Cache-Control no-store", "Cache-Control public")],
        "HDR010",
        "headers.no_store[0]",
    ),
    spoiled(
        "Caddy: gzip of secrets",
        &[("site.caddy", "# The service front [", "encode {\ngzip\nminimum_length 20\n}\n# [")],
        "HDR010",
        "headers.no_store[0]",
    ),
    spoiled(
        "Caddy: a default site that answers",
        &[("common.caddy", "\t\tabort\n", "\t\trespond hello\n")],
        "PRX006",
        "app.url",
    ),
    spoiled(
        "Caddy: a redirect to another host",
        &[("site.caddy", "redir https://www.shop.example.com{", "redir https://shop.example.com{")],
        "TLS006",
        "tls.redirect_http",
    ),
];
