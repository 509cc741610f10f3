//! Any text in Caddy's quotes.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| seccfg_fuzz::caddy_quote(text));
