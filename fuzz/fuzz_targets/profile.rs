//! Any text as a profile.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| seccfg_fuzz::profile(text));
