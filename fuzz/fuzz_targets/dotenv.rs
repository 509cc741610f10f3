//! Any text as a `.env` file.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| seccfg_fuzz::dotenv(text));
