//! The report as a browser shows it: the real Chromium, headless, without a network.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{folder, root, run};

/// A phone's width, in CSS pixels.
const NARROW: u32 = 390;

/// The words of a page, without its tags.
fn words(page: &str) -> String {
    let body = page.split_once("<body>").map_or(page, |(_, body)| body);
    let parts = body.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text).trim());
    parts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n") + "\n"
}

/// The README's picture of the report is fresh. Fonts differ between machines, so that no test can compare pictures: what
/// is compared are the words of the page, which are written down when the picture is taken.
#[test]
fn the_picture_of_the_report_is_fresh() {
    let folder = folder();
    let report = folder.path().join("report.html");
    let out = report.to_string_lossy();
    run(&root(), &["report", "examples/instacrud", "--format", "html", "--today", "2026-11-21", "--out", &out]);
    let picture = if std::env::var_os("SECCFG_RENEW").is_some() {
        root().join("docs/report.png")
    } else {
        folder.path().join("report.png")
    };
    let flags = ["--window-size=1120,1180".to_owned(), format!("--screenshot={}", picture.display())];
    chromium(&report, &flags);
    assert!(fs::metadata(&picture).is_ok_and(|data| data.len() > 10_000), "a picture was taken");
    let (shown, written_down) =
        (words(&fs::read_to_string(&report).expect("it was written")), root().join("docs/report.txt"));
    if std::env::var_os("SECCFG_RENEW").is_some() {
        fs::write(&written_down, &shown).expect("the words can be written down");
    }
    let pictured = fs::read_to_string(&written_down).unwrap_or_default();
    assert_eq!(shown, pictured, "docs/report.png is stale: SECCFG_RENEW=1 cargo test --test page takes it again");
}

/// What a page has become after its scripts ran, and what the browser said.
fn browse(page: &Path) -> (String, String) {
    chromium(page, &["--dump-dom".to_owned()])
}

/// Opens a page without a network, for 20 seconds at most.
fn chromium(page: &Path, flags: &[String]) -> (String, String) {
    let profile = folder();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update", "--allow-file-access-from-files"])
        .args(["--enable-logging=stderr", "--timeout=20000", "--virtual-time-budget=2000", "--hide-scrollbars"])
        .args(flags)
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("chromium starts; scripts/setup installs it");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_report_opens_without_complaints_and_fits() {
    let folder = folder();
    let report = folder.path().join("report.html");
    let out = report.to_string_lossy();
    let ran =
        run(&root(), &["report", "examples/instacrud", "--format", "html", "--today", "2026-11-21", "--out", &out]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let (page, said) = browse(&report);
    assert!(page.contains("<h1") && page.contains("InstaCRUD"), "{said}");
    assert!(!said.contains(":CONSOLE"), "{said}");

    // The page holds no script of its own: another one looks at it, as narrow as a phone and as wide as a screen.
    for width in [NARROW, 1280] {
        let judge = folder.path().join("judge.html");
        let text = format!(
            "<iframe src=report.html width={width} height=900></iframe><p id=verdict></p><script>onload = () => {{
               const page = document.querySelector('iframe').contentDocument.documentElement;
               document.getElementById('verdict').textContent = `${{page.scrollWidth}} of {width}`;
             }}</script>"
        );
        fs::write(&judge, text).expect("a page can be written");
        let (judged, said) = browse(&judge);
        let verdict = judged.split_once("id=\"verdict\">").and_then(|(_, rest)| rest.split_once('<'));
        let (verdict, _) = verdict.unwrap_or_else(|| panic!("no verdict: {judged}\n{said}"));
        let taken: u32 = verdict.split(' ').next().and_then(|number| number.parse().ok()).expect("a width");
        assert!(taken <= width, "the page takes {verdict} pixels");
        assert!(!said.contains(":CONSOLE"), "{said}");
    }
}
