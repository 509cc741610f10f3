//! Any text as a profile that is mended.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| seccfg_fuzz::fix(text));
