//! Which sections and keys a generated profile can have, and what may stand there.
//!
//! Values are TOML with holes: `<path>` is a text of its author's, of the kind that [`Kind`](crate::values::Kind) calls
//! so. All else is chosen from what is written here. What an edge makes of it is not known here.

/// What may stand behind a key.
#[derive(Debug, Clone, Copy)]
pub enum Value {
    /// One of these, as it is.
    Bare(&'static [&'static str]),
    /// One of these, in quotes.
    Text(&'static [&'static str]),
    /// A list of these, in quotes; perhaps an empty one.
    Texts(&'static [&'static str]),
    /// The same, never an empty one.
    Filled(&'static [&'static str]),
}

use Value::{Bare, Filled, Text, Texts};

/// A section, or as many as there may be of a kind whose names are holes.
pub struct Section {
    pub name: &'static str,
    /// A key that begins with `!` is always there; one with `+`, where the one before it is.
    pub keys: &'static [(&'static str, Value)],
}

const TRUTH: Value = Bare(&["true", "false"]);
const PATHS: Value = Texts(&["/<path>", "/<path>/"]);
const NETWORKS: Value = Texts(&["<network>"]);
const FILE: Value = Text(&["/<file>"]);
const LAYER: Value = Text(&["auto", "auto", "proxy", "app"]);
const DURATION: Value = Text(&["1s", "59s", "10m", "12h", "30d", "1y", "2y"]);
/// For keys that are bounded at a year, or from below at a day.
const DAYS: Value = Text(&["1d", "30d", "90d", "1y"]);
const SECRET: Value = Text(&["env:<variable>", "file:/<file>"]);
const URL: Value = Text(&[
    "https://<host>",
    "https://<host>/",
    "https://<host>:8443",
    "https://<host>/<mount>",
    "https://<host>:444/<mount>/",
    "http://<host>",
    "http://<host>:8080/<mount>",
    "https://<host>/<mount>/<mount>/",
]);

/// What is whose, and what needs something else. How deep a path is decides which of two wins, so that each is as deep in
/// all twins.
const PLACES: Value = Filled(&[
    "/<place>",
    "/<place>",
    "/<place>/",
    "/<place>/",
    "/<place>/<place>",
    "/<place>/<place>/",
    "/<place>/*/<place>",
    "/*/<place>",
]);
/// The same for a service, which may also have all that is left.
const OWN: Value =
    Filled(&["/", "/<place>", "/<place>/", "/<place>/<place>", "/<place>/<place>/", "/<place>/*/<place>/"]);
/// What a service says in its answers.
const CSP: (&str, Value) = ("headers.content_security_policy", Text(&["<value>"]));
const PERMISSIONS: (&str, Value) = ("headers.permissions_policy", Text(&["<value>"]));
const UNSTORED: (&str, Value) = ("headers.no_store", PATHS);

const fn section(name: &'static str, keys: &'static [(&'static str, Value)]) -> Section {
    Section { name, keys }
}

/// The section that every profile has.
pub const APP: Section = section(
    "app",
    &[
        ("!name", Text(&["<label>"])),
        ("!kind", Text(&["generic", "generic", "generic", "instacrud", "fastcms", "crudauth"])),
        ("!mode", Text(&["dev", "test", "staging", "prod"])),
        ("!url", URL),
        ("frontend_url", URL),
        ("aliases", Texts(&["<host name>"])),
        ("aliases_redirect", TRUTH),
        ("paths", PLACES),
        ("upstream", Text(&["<host>:8000", "<host>:65535", "unix:/<socket>", "https://<host name>:8443"])),
        ("upstream_ca", FILE),
        // What is followed, and how, would follow from whether the host of a twin has a dot.
        ("!resolve", Text(&["start"])),
        ("workers", Bare(&["1", "4"])),
        ("replicas", Bare(&["1", "3"])),
        ("max_body", Text(&["1B", "512KiB", "10MiB", "3GiB"])),
        ("timeout", Text(&["1s", "60s", "10m"])),
        ("debug", TRUTH),
        ("open_registration", TRUTH),
    ],
);

/// All others, each there or not.
pub const SECTIONS: &[Section] = &[
    section(
        "services.<name>",
        &[
            ("!paths", OWN),
            ("!upstream", Text(&["<host>:3000", "unix:/<socket>", "https://<host name>:8443"])),
            ("!resolve", Text(&["start"])),
            ("upstream_ca", FILE),
            CSP,
            PERMISSIONS,
            ("headers.frame_options", Text(&["DENY", "SAMEORIGIN"])),
            ("headers.csp_report_only", TRUTH),
            ("headers.from_app", Texts(&["Content-Security-Policy", "X-Frame-Options"])),
        ],
    ),
    // Several copies of a program.
    section(
        "services.<name>",
        &[
            ("!paths", OWN),
            ("!upstream", Filled(&["<host>:3000", "<host>:3001", "unix:/<socket>"])),
            ("!resolve", Text(&["start"])),
            UNSTORED,
        ],
    ),
    // Programs whose addresses change.
    section(
        "services.<name>",
        &[
            ("!paths", OWN),
            ("!upstream", Text(&["<host name>:3000", "https://<host name>"])),
            ("!resolve", Text(&["always"])),
            CSP,
        ],
    ),
    // Files.
    section(
        "services.<name>",
        &[
            ("!paths", OWN),
            ("!root", Text(&["/<file>"])),
            ("spa", Text(&["<file name>", "<file name>/<file name>"])),
            ("headers.content_type_options", TRUTH),
            UNSTORED,
        ],
    ),
    section(
        "locations.<name>",
        &[
            ("!paths", PLACES),
            ("timeout", Text(&["1s", "10m", "1d"])),
            ("max_body", Text(&["1B", "10MiB", "3GiB"])),
            ("stream", TRUTH),
            ("idle_timeout", Text(&["1s", "1h", "7d"])),
        ],
    ),
    section(
        "access.<name>",
        &[
            ("!paths", Filled(&["/<path>", "/<path>/"])),
            ("networks", Filled(&["<network>"])),
            // Of one site, all name the same file.
            ("client_ca", Text(&["/etc/ssl/partners.pem"])),
        ],
    ),
    section("health", &[("!path", Text(&["/<path>", "/<path>/"])), ("networks", Filled(&["<network>"]))]),
    section(
        "proxy",
        &[
            ("hops", Bare(&["0", "1", "2", "3"])),
            ("trusted", NETWORKS),
            ("forwarded_for", Text(&["overwrite", "append"])),
        ],
    ),
    section(
        "tls",
        &[
            ("terminate", Text(&["proxy", "proxy", "upstream", "off"])),
            ("guideline", Text(&["intermediate", "modern"])),
            ("min_version", Text(&["1.2", "1.3"])),
            (
                "groups",
                Bare(&["[\"X25519\"]", "[\"X448\", \"secp384r1\", \"X448\"]", "[\"X25519MLKEM768\", \"prime256v1\"]"]),
            ),
            ("redirect_http", TRUTH),
            ("plain_http", Text(&["redirect", "refuse", "serve"])),
        ],
    ),
    section(
        "tls.certificate",
        &[
            ("issuer", Text(&["acme", "acme", "ca", "cloud", "private", "self-signed"])),
            ("cert", FILE),
            ("+key", FILE),
            ("lifetime", DAYS),
            ("stapling", TRUTH),
            ("webroot", FILE),
        ],
    ),
    section(
        "hsts",
        &[
            ("enabled", TRUTH),
            ("max_age", DURATION),
            ("include_subdomains", TRUTH),
            ("preload", TRUTH),
            ("enforced_by", LAYER),
        ],
    ),
    section(
        "cors",
        &[
            (
                "origins",
                Texts(&["https://<origin>", "https://<origin>", "https://<origin>", "http://<origin>:8080", "*"]),
            ),
            ("app_origins", Texts(&["zapp://<host name>", "https://localhost"])),
            ("preview_suffix", Text(&["<host name>"])),
            ("methods", Texts(&["<method>", "<method>", "GET", "*"])),
            ("headers", Texts(&["<header>", "<header>", "*"])),
            ("expose_headers", Texts(&["<header>", "<header>", "*"])),
            ("credentials", TRUTH),
            ("max_age", DURATION),
            ("enforced_by", LAYER),
        ],
    ),
    section(
        "cookies.\"<cookie>\"",
        &[
            ("purpose", Text(&["session", "csrf", "oauth-state", "preference"])),
            ("secure", TRUTH),
            ("http_only", TRUTH),
            ("same_site", Text(&["strict", "lax", "none"])),
            ("path", Text(&["/", "/<path>"])),
            ("domain", Text(&["<host name>"])),
            ("max_age", DURATION),
            ("partitioned", TRUTH),
        ],
    ),
    section("sessions", &[("idle_timeout", DURATION), ("absolute_timeout", DURATION)]),
    section(
        "tokens",
        &[("algorithms", Texts(&["HS256", "ES256"])), ("access_ttl", DURATION), ("refresh_ttl", DURATION)],
    ),
    section(
        "secrets.<name>",
        &[("!source", SECRET), ("purpose", Text(&["signing", "api"])), ("previous", SECRET), ("rotate_every", DAYS)],
    ),
    section(
        "state",
        &[
            ("backend", Text(&["memory", "redis", "database", "none"])),
            ("url", SECRET),
            ("accept_single_process", TRUTH),
        ],
    ),
    section(
        "rate_limits",
        &[("enabled", Bare(&["true", "true", "true", "false"])), ("enforced_by", LAYER), ("exempt", NETWORKS)],
    ),
    section(
        "rate_limits.routes.<name>",
        &[
            ("!limit", Text(&["1/s", "5/min", "30/min", "1000/s", "60/h", "1440/day"])),
            ("per", Text(&["ip", "ip", "ip", "user"])),
            ("paths", PATHS),
            ("methods", Filled(&["<method>", "GET"])),
            ("burst", Bare(&["1", "7", "10000"])),
        ],
    ),
    section("lockout", &[("enabled", TRUTH), ("attempts", Bare(&["1", "10"])), ("window", DAYS), ("duration", DAYS)]),
    section(
        "passwords",
        &[("min_length", Bare(&["8", "15"])), ("hash", Text(&["argon2id", "bcrypt"])), ("blocklist", TRUTH)],
    ),
    section("api_docs", &[("exposed", Bare(&["false", "false", "false", "true"])), ("paths", PATHS)]),
    section(
        "headers",
        &[
            ("content_security_policy", Text(&["<value>"])),
            ("csp_report_only", TRUTH),
            ("frame_options", Text(&["DENY", "SAMEORIGIN"])),
            ("referrer_policy", Text(&["no-referrer", "same-origin", "unsafe-url"])),
            ("permissions_policy", Text(&["<value>"])),
            ("cross_origin_opener_policy", Text(&["same-origin", "unsafe-none"])),
            ("cross_origin_resource_policy", Text(&["same-site", "cross-origin"])),
            ("cross_origin_embedder_policy", Text(&["require-corp", "credentialless"])),
            ("content_type_options", TRUTH),
            ("hide_server", TRUTH),
            ("from_app", Texts(&["Content-Security-Policy", "Referrer-Policy", "X-Frame-Options"])),
            ("no_store", PATHS),
        ],
    ),
    section(
        "oauth.<name>",
        &[("client_id", SECRET), ("client_secret", SECRET), ("redirect_uri", URL), ("pkce", TRUTH)],
    ),
    section("email", &[("enabled", TRUTH), ("carrier", Text(&["file", "smtp", "brevo"])), ("api_key", SECRET)]),
    section("bot_protection", &[("provider", Text(&["turnstile"])), ("site_key", SECRET), ("secret_key", SECRET)]),
    section(
        "database",
        &[
            ("engine", Text(&["postgresql", "sqlite"])),
            ("url", SECRET),
            ("password", SECRET),
            ("tls", Text(&["off", "verify-full"])),
        ],
    ),
    section("ip_filter", &[("enabled", Bare(&["true", "true", "false"])), ("allow", NETWORKS), ("deny", NETWORKS)]),
    section(
        "targets.nginx",
        &[
            ("version", Text(&["1.22.1", "1.25.1", "1.29.2", "1.31.3", "1.19.2"])),
            ("openssl", Text(&["1.1.1", "3.0", "3.5"])),
            ("!resolver", Bare(&["[\"127.0.0.11\"]", "[\"127.0.0.11\", \"[::1]:5353\"]"])),
            (
                "bind",
                Bare(&[
                    "[\"127.0.0.1\"]",
                    "[\"::\"]",
                    "[\"0.0.0.0\", \"::\", \"0.0.0.0\"]",
                    "[\"192.0.2.1\", \"::1\"]",
                ]),
            ),
            ("http_port", Bare(&["80", "8080", "65535"])),
            ("https_port", Bare(&["443", "8443", "1"])),
        ],
    ),
];

/// The sections that a mode may say something else in.
pub const OVERLAID: &[&str] = &[
    "locations.<name>",
    "access.<name>",
    "health",
    "proxy",
    "tls",
    "hsts",
    "cors",
    "cookies.\"<cookie>\"",
    "rate_limits.routes.<name>",
    "api_docs",
    "headers",
    "ip_filter",
];
