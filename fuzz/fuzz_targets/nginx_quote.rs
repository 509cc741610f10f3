//! Any text in nginx's quotes.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| seccfg_fuzz::nginx_quote(text));
