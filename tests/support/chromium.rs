//! Pages as the real Chromium shows them: headless, and without a network.

#![allow(dead_code, reason = "each test uses its share")]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::folder;

/// A phone's width, in CSS pixels.
pub const NARROW: u32 = 390;

/// Opens an address with further flags, for 20 seconds at most: what Chromium printed, and what it said.
pub fn chromium(address: &str, flags: &[String]) -> (String, String) {
    let profile = folder();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update", "--allow-file-access-from-files"])
        .args(["--enable-logging=stderr", "--timeout=20000", "--virtual-time-budget=2000", "--hide-scrollbars"])
        .args(flags)
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(address)
        .output()
        .expect("chromium starts; scripts/setup installs it");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// What a page has become after its scripts ran, and what the browser said.
pub fn browse(page: &Path) -> (String, String) {
    browse_to(&format!("file://{}", page.display()))
}

/// The same for an address, with a question in it, for example.
pub fn browse_to(address: &str) -> (String, String) {
    chromium(address, &["--dump-dom".to_owned()])
}

/// What a page has written into its own `<p id=verdict>`, line by line.
pub fn verdict(folder: &Path, page: &str) -> Vec<String> {
    let judge = folder.join("judge.html");
    fs::write(&judge, format!("<!doctype html><meta charset=utf-8>{page}<p id=verdict></p>"))
        .expect("a page can be written");
    let (judged, said) = browse(&judge);
    assert!(!said.contains(":CONSOLE"), "{said}");
    let verdict = judged.split_once("id=\"verdict\">").and_then(|(_, rest)| rest.split_once("</p>"));
    let (verdict, _) = verdict.unwrap_or_else(|| panic!("no verdict: {said}"));
    let text = verdict.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    text.lines().map(str::to_owned).collect()
}
