//! The book that `scripts/book` makes of the pages, built by the real mdBook and read in a real Chromium, without a network.

#![allow(missing_docs, reason = "a test")]

#[path = "support/chromium.rs"]
mod chromium;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use chromium::{NARROW, browse_to, chromium, verdict};
use seccfg::rules;
use support::{Ran, folder, root};

/// The folder of the book, built once.
fn book() -> &'static Path {
    static BOOK: OnceLock<PathBuf> = OnceLock::new();
    BOOK.get_or_init(|| {
        let book = root().join("target/book");
        let _ = fs::remove_dir_all(&book);
        let built: Ran =
            Command::new(root().join("scripts/book")).arg(&book).output().expect("the script starts").into();
        assert_eq!(built.code, Some(0), "{}{}", built.out, built.err);
        // mdBook complains of what it does not know, and goes on.
        assert_eq!((built.out.trim(), built.err.as_str()), (&*format!("{}/index.html", book.display()), ""));
        book
    })
}

/// Every page with its text, by where it stands.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut pages = BTreeMap::new();
    let mut folders = vec![book().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it is a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "html") && !path.ends_with("404.html") {
                let text = fs::read_to_string(&path).expect("a page is text");
                pages.insert(path, text);
            }
        }
    }
    pages
}

/// The values of an attribute, wherever it stands.
fn values<'t>(text: &'t str, attribute: &'static str) -> impl Iterator<Item = &'t str> {
    text.split(attribute).skip(1).filter_map(|rest| rest.strip_prefix("=\"")?.split('"').next())
}

#[test]
fn every_page_and_every_rule_has_its_place() {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).expect("it is there");
    let chapters: Vec<&str> =
        summary.split("](").skip(1).filter_map(|rest| rest.split_once(".md)")).map(|(page, _)| page).collect();
    assert!(chapters.len() > 30, "{chapters:?}");
    let contents = fs::read_to_string(book().join("toc.html")).expect("the book has its contents");
    let mut named: Vec<String> = rules::all().map(|rule| format!("docs/rules/{}.html", rule.code)).collect();
    named.extend(chapters.iter().map(|chapter| match chapter.strip_prefix("../") {
        Some("README") => "index.html".to_owned(),
        Some(outside) => format!("{outside}.html"),
        None => format!("docs/{}.html", chapter.replace("README", "index")),
    }));
    for page in named {
        assert!(book().join(&page).is_file() && contents.contains(&format!("href=\"{page}\"")), "{page}");
    }
}

/// Pages, places on pages, pictures and files, as a browser looks for them.
#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    let places: BTreeMap<&PathBuf, BTreeSet<&str>> =
        pages.iter().map(|(path, text)| (path, values(text, " id").collect())).collect();
    let (mut links, mut astray) = (0, Vec::new());
    for (path, text) in &pages {
        let folder = path.parent().expect("a page stands in a folder");
        for target in values(text, " href").chain(values(text, " src")) {
            if target.starts_with("https://") {
                continue;
            }
            links += 1;
            let (file, place) = target.split_once('#').unwrap_or((target, ""));
            let named = if file.is_empty() { Ok(path.clone()) } else { fs::canonicalize(folder.join(file)) };
            let leads = named.is_ok_and(|named| {
                named.is_file() && (place.is_empty() || places.get(&named).is_none_or(|places| places.contains(place)))
            });
            if !leads {
                astray.push(format!("{} leads to {target}", path.display()));
            }
        }
    }
    assert!(astray.is_empty(), "{}", astray.join("\n"));
    assert!(links > 5_000, "{links}");
}

#[test]
fn the_search_finds_pages_without_a_network() {
    for (words, page) in [
        ("lockout", "docs/rules/LCK001.html"),
        ("EMAIL_DRIVER", "docs/instacrud.html"),
        ("hsts.max_age", "docs/reference.html"),
        ("does%20not%20protect", "docs/security.html"),
    ] {
        let (shown, said) = browse_to(&format!("file://{}/index.html?search={words}", book().display()));
        let (_, results) = shown.split_once("id=\"mdbook-searchresults\"").expect("the book has a search");
        assert!(results.contains(&format!("href=\"{page}?")), "{words} does not find {page}: {said}");
    }
}

/// Taken anew with `SECCFG_RENEW=1`. Fonts differ between machines, so that pictures cannot be compared.
#[test]
fn the_book_can_be_pictured_in_light_and_in_dark() {
    let folder = folder();
    let docs = if std::env::var_os("SECCFG_RENEW").is_some() { root().join("docs") } else { folder.path().to_owned() };
    for (name, page, size, scheme) in
        [("book.png", "index.html", "1200,1500", 1), ("book-dark.png", "docs/instacrud.html", "500,1000", 0)]
    {
        let picture = docs.join(name);
        let flags = [
            format!("--window-size={size}"),
            format!("--blink-settings=preferredColorScheme={scheme}"),
            format!("--screenshot={}", picture.display()),
        ];
        let (_, said) = chromium(&format!("file://{}/{page}", book().display()), &flags);
        assert!(fs::metadata(&picture).is_ok_and(|data| data.len() > 10_000), "{name}: {said}");
        let (shown, _) =
            chromium(&format!("file://{}/{page}", book().display()), &[flags[1].clone(), "--dump-dom".to_owned()]);
        let theme = if scheme == 0 { "navy" } else { "light" };
        let html = shown.split_once("<html").and_then(|(_, rest)| rest.split_once('>'));
        assert!(html.is_some_and(|(attributes, _)| attributes.contains(theme)), "{name}: {html:?}");
    }
}

/// Wide tables and long commands scroll by themselves, and the page stays as wide as the screen.
#[test]
fn every_chapter_fits_a_phone_and_a_screen() {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).expect("it is there");
    let pages = summary.split("](").skip(1).filter_map(|rest| rest.split_once(".md)")).map(|(page, _)| page);
    let pages: Vec<String> =
        pages.filter(|page| !page.starts_with("../")).map(|page| page.replace("README", "index")).collect();
    let pages = serde_json::to_string(&pages).expect("it is text");
    for width in [NARROW, 1280] {
        let scripts = format!(
            "<iframe width={width} height=900></iframe><script>onload = async () => {{
               const frame = document.querySelector('iframe');
               const told = [];
               for (const page of {pages}) {{
                 await new Promise((loaded) => {{ frame.onload = loaded; frame.src = `docs/${{page}}.html`; }});
                 const shown = frame.contentDocument.documentElement;
                 const title = frame.contentDocument.querySelector('main h1');
                 told.push(`${{shown.scrollWidth}} ${{page}} ${{title ? title.textContent : 'nothing'}}`);
               }}
               document.getElementById('verdict').textContent = told.join('\\n');
             }}</script>"
        );
        let told = verdict(book(), &scripts);
        assert!(told.len() > 25, "{told:#?}");
        for line in told {
            let (taken, page) = line.split_once(' ').expect("a width and a page");
            assert!(taken.parse().is_ok_and(|taken: u32| taken <= width), "{page} takes {taken} of {width} pixels");
            assert!(!page.ends_with(" nothing"), "{page}");
        }
    }
}
