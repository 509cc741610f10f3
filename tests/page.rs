//! The report and the pictures of plans as a browser shows them: the real Chromium, headless, without a network.

#[path = "support/chromium.rs"]
mod chromium;
mod support;

use std::fs;
use std::io::Write;
use std::path::Path;

use chromium::{NARROW, browse, chromium, verdict};
use support::{folder, root, run};

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
    chromium(&format!("file://{}", report.display()), &flags);
    assert!(fs::metadata(&picture).is_ok_and(|data| data.len() > 10_000), "a picture was taken");
    let (shown, written_down) =
        (words(&fs::read_to_string(&report).expect("it was written")), root().join("docs/report.txt"));
    if std::env::var_os("SECCFG_RENEW").is_some() {
        fs::write(&written_down, &shown).expect("the words can be written down");
    }
    let pictured = fs::read_to_string(&written_down).unwrap_or_default();
    assert_eq!(shown, pictured, "docs/report.png is stale: SECCFG_RENEW=1 cargo test --test page takes it again");
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

/// A plan with gaps behind two edges, and a value that means something in every language around it.
const GAPS: &str = r#"version = 1
[app]
name = "shop"
kind = "fastcms"
url = "https://shop.example.com"
[targets.nginx]
[targets.caddy]
[lockout]
enabled = true
[rate_limits.routes.sign_in]
limit = "5/min"
paths = ["/api/v1/auth/sign-in-with-a-path-that-is-longer-than-a-card-is-wide"]
[headers]
permissions_policy = "a=();</text><img src=x>&lt;#35;\"`]"
content_security_policy = "default-src https://a-host-without-any-place-to-break-it.example.com"
"#;

/// What the picture has to show of it.
const ODD: &str = "a=();</text><img src=x>&lt;#35;\"`]";

fn picture(folder: &Path, format: &str) -> String {
    fs::write(folder.join("security.toml"), GAPS).expect("a file can be written");
    let ran = run(folder, &["plan", "--format", format]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "a plan with gaps fails in every format");
    ran.out
}

/// Every control of the plans and its owner's lane, as a picture has to show them.
fn controls(folder: &Path) -> Vec<(String, String)> {
    let plan: serde_json::Value =
        serde_json::from_str(&run(folder, &["plan", "--format", "json"]).out).expect("it is JSON");
    let text = |value: &serde_json::Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let plans = plan["plans"].as_array().expect("plans");
    let rows = plans.iter().flat_map(|plan| {
        let (target, app) = (text(plan, "target"), text(plan, "app"));
        plan["controls"].as_array().expect("controls").iter().map(move |row| {
            let lane = match row["owner"].as_str() {
                None => "Nobody".to_owned(),
                Some("app") => app.clone(),
                Some(_) => {
                    if target == "nginx" {
                        target.clone()
                    } else {
                        "Caddy".to_owned()
                    }
                }
            };
            (lane, text(row, "evidence"))
        })
    });
    rows.collect()
}

#[test]
fn the_picture_of_a_plan_keeps_every_word_on_its_card_and_every_card_on_its_lane() {
    const JUDGE: &str = "<script>onload = () => {
       const within = (inner, outer) => inner.left >= outer.left && inner.right <= outer.right &&
           inner.top >= outer.top && inner.bottom <= outer.bottom;
       const box = (element) => element.getBoundingClientRect();
       const svg = document.querySelector('svg');
       const lanes = [...svg.querySelectorAll('.lane')];
       const told = [...svg.querySelectorAll('g')].map((card) => {
         const border = box(card.querySelector('.card'));
         const lane = lanes.find((lane) => within(border, box(lane)));
         const texts = [...card.querySelectorAll('text')];
         const outside = texts.filter((text) => !within(box(text), border)).map((text) => text.textContent);
         return [lane.nextElementSibling.textContent, card.getAttribute('class'), outside.join('|'),
                 texts.map((text) => text.textContent).join(' ')].join('\\t');
       });
       const outside = [...svg.querySelectorAll('*')].filter((one) => one.tagName !== 'title' && one.tagName !== 'style' && !within(box(one), box(svg)));
       document.getElementById('verdict').textContent =
           [`${outside.length} outside, ${svg.querySelectorAll('img').length} pictures`, ...told].join('\\n');
     }</script>";
    let folder = folder();
    let svg = picture(folder.path(), "svg");
    let told = verdict(folder.path(), &format!("{svg}{JUDGE}"));
    assert_eq!(told[0], "0 outside, 0 pictures");
    let cards: Vec<Vec<&str>> = told[1..].iter().map(|line| line.split('\t').collect()).collect();
    let mut shown: Vec<&str> = cards.iter().map(|card| card[0]).collect();
    let mut planned: Vec<(String, String)> = controls(folder.path());
    shown.sort_unstable();
    planned.sort();
    assert_eq!(shown, planned.iter().map(|(lane, _)| lane.as_str()).collect::<Vec<_>>());
    assert!(shown.contains(&"Nobody"), "{shown:?}");
    for card in &cards {
        assert_eq!(card[2], "", "{card:?}");
        // What is red is told in words, too.
        assert_eq!(card[0] == "Nobody", card[1] == "gap" && card[3].contains("GAP: nobody enforces it"), "{card:?}");
    }
    assert!(cards.iter().any(|card| card[3].replace(' ', "").contains(&ODD.replace(' ', ""))), "{cards:#?}");
}

/// The real Mermaid draws it, where npm has brought it.
#[test]
fn the_flowchart_of_a_plan_is_drawn_by_mermaid() {
    const DRAW: &str = "<script>
       mermaid.initialize({ startOnLoad: false });
       mermaid.render('drawn', source).then(({ svg }) => {
         const page = new DOMParser().parseFromString(svg, 'text/html');
         const labels = [...page.querySelectorAll('.node, .cluster-label')].map((one) => one.textContent);
         document.getElementById('verdict').textContent =
             [`${page.querySelectorAll('img').length} pictures`, ...labels].join('\\n');
       }, (fault) => { document.getElementById('verdict').textContent = `${fault}`; });
     </script>";
    let mermaid = root().join("target/mermaid/mermaid.min.js");
    if !mermaid.exists() {
        let _ = writeln!(std::io::stderr(), "skipped: Mermaid, because scripts/setup installs it where npm is there");
        return;
    }
    let folder = folder();
    let source = serde_json::to_string(&picture(folder.path(), "mermaid")).expect("it is text").replace('<', "\\u003c");
    let scripts =
        format!("<script src='file://{}'></script><script>const source = {source};</script>", mermaid.display());
    let page = format!("<p id=verdict></p>{scripts}{DRAW}");
    let told = verdict(folder.path(), &page);
    assert_eq!(told[0], "0 pictures", "{told:#?}");
    for label in ["nginx", "Caddy", "Nobody", "server versionkept back(rendered)"] {
        assert!(told.iter().any(|line| line.trim() == label), "{label}: {told:#?}");
    }
    assert!(told.iter().any(|line| line.starts_with("GAP: lockout")), "{told:#?}");
    assert!(told.iter().any(|line| line.contains(ODD)), "{told:#?}");
}
