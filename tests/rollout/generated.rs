//! Pairs of profiles by chance, over the keys that a rollout knows more of than their section: what has to be true of every
//! rollout is true of these.

use std::fmt::Write;

use crate::dice::Dice;
use crate::judged::steps;

/// Keys, and what may stand there; an empty text: the key is not written.
const KEYS: &[(&str, &[&str])] = &[
    (
        "app.url",
        &[
            "\"https://shop.example.com\"",
            "\"https://shop.example.com\"",
            "\"https://example.org\"",
            "\"http://shop.example.com\"",
        ],
    ),
    ("app.aliases", &["", "[\"www.shop.example.com\"]", "[\"a.example.com\", \"b.example.com\"]"]),
    ("app.workers", &["", "1", "4"]),
    ("app.max_body", &["", "\"1MiB\"", "\"20MiB\""]),
    (
        "state",
        &[
            "{ accept_single_process = true }",
            "{ backend = \"redis\", url = \"env:REDIS_URL\" }",
            "{ backend = \"database\" }",
        ],
    ),
    ("proxy.hops", &["", "1", "2"]),
    ("proxy.trusted", &["", "[\"10.0.0.0/24\"]"]),
    ("tls.terminate", &["", "", "\"proxy\"", "\"upstream\"", "\"off\""]),
    ("tls.plain_http", &["", "\"redirect\"", "\"refuse\"", "\"serve\""]),
    ("tls.guideline", &["", "\"modern\""]),
    ("hsts.enabled", &["true", "true", "false"]),
    ("hsts.max_age", &["", "\"1d\"", "\"30d\"", "\"1y\"", "\"2y\""]),
    ("hsts.ramp", &["", "true"]),
    ("hsts.include_subdomains", &["", "true"]),
    ("hsts.preload", &["", "", "true"]),
    (
        "cors.origins",
        &["", "[]", "[\"*\"]", "[\"https://a.example.com\"]", "[\"https://a.example.com\", \"https://b.example.com\"]"],
    ),
    ("cors.credentials", &["", "true", "false"]),
    ("cors.methods", &["", "[\"GET\"]", "[\"GET\", \"DELETE\"]"]),
    ("cors.preview_suffix", &["", "", "\"preview.example.dev\""]),
    (
        "cookies.sid",
        &[
            "",
            "{ secure = true, http_only = true, same_site = \"lax\" }",
            "{ http_only = true, max_age = \"7d\" }",
            "{}",
        ],
    ),
    ("cookies.__Host-sid", &["", "{ secure = true, http_only = true, same_site = \"lax\", path = \"/\" }"]),
    (
        "secrets.secret_key",
        &[
            "",
            "{ source = \"env:A\", rotated_at = 2026-11-01, rotate_every = \"90d\" }",
            "{ source = \"env:B\", previous = \"env:A\", rotated_at = 2026-11-20, rotate_every = \"90d\" }",
            "{ source = \"env:B\", purpose = \"encryption\" }",
        ],
    ),
    ("tokens.refresh_ttl", &["", "\"30d\"", "\"7d\""]),
    (
        "rate_limits.routes.sign_in",
        &["{ limit = \"30/min\", paths = [\"/signin\"] }", "{ limit = \"5/min\", paths = [\"/signin\"] }"],
    ),
    ("rate_limits.routes.sign_up", &["", "{ limit = \"30/min\", paths = [\"/signup\"], methods = [\"POST\"] }"]),
    ("rate_limits.enabled", &["", "", "true", "false"]),
    ("lockout", &["{ enabled = true, attempts = 10, window = \"1h\", duration = \"1h\" }", "{ enabled = false }"]),
    (
        "api_docs",
        &[
            "",
            "{ exposed = true, paths = [\"/docs\"] }",
            "{ paths = [\"/docs\"] }",
            "{ public = true, paths = [\"/docs\"] }",
        ],
    ),
    (
        "headers.content_security_policy",
        &[
            "",
            "\"default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'\"",
            "\"default-src 'none'; base-uri 'none'; frame-ancestors 'none'\"",
        ],
    ),
    ("headers.csp_report_only", &["", "", "true", "false"]),
    ("headers.frame_options", &["", "\"DENY\""]),
    ("headers.no_store", &["", "[\"/api/\"]"]),
    ("services.front", &["", "{ upstream = \"127.0.0.1:3000\", paths = [\"/front/\"] }"]),
    ("ip_filter", &["", "{ enabled = true, allow = [\"192.0.2.0/24\"] }"]),
    (
        "email",
        &[
            "",
            "{ enabled = true, carrier = \"smtp\", from = \"a@shop.example.com\", smtp = { host = \"smtp.example.com\" } }",
        ],
    ),
    ("targets.nginx", &["", "{}", "{ version = \"1.26.0\" }"]),
];

fn profile(dice: &mut Dice) -> String {
    let mut text = "version = 1\napp.name = \"shop\"\napp.kind = \"generic\"\n".to_owned();
    for (key, values) in KEYS {
        let value = dice.pick(values);
        if !value.is_empty() {
            writeln!(text, "{key} = {value}").expect("a string takes everything");
        }
    }
    text
}

/// `SECCFG_ROLLOUTS=10000` for more of them.
#[test]
fn every_rollout_of_generated_profiles_keeps_its_order() {
    let count = std::env::var("SECCFG_ROLLOUTS").ok().and_then(|count| count.parse().ok()).unwrap_or(60);
    let mut together = 0;
    for seed in 0..count {
        let mut dice = Dice::new(seed);
        let (old, new) = (profile(&mut dice), profile(&mut dice));
        let steps = steps(&old, &new);
        together += steps.rollout.steps.iter().filter(|step| step.parts.len() > 1).count();
        // There is no way back that begins elsewhere than where the way there ended.
        assert!(steps.states.len() > 3, "{seed}");
    }
    assert!(together > 0, "no parts had to go together");
}
