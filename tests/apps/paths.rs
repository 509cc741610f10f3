//! What is hidden, counted or kept from caches stays so under whatever spelling a real server takes for its path.
//!
//! The server behind is asked first, by itself: what it finds its page under is what the proxy has to know.

use crate::line::Line;
use crate::programs::Program;
use crate::server::Kind;
use crate::site::{Site, servers};

/// What stands before a path: the ways to begin another one and come back.
const BEFORE: [&str; 26] = [
    "",
    "/",
    "//",
    "/.",
    "/%2e",
    "/x/..",
    "/x/%2e%2e",
    "/x/.%2E",
    "//x",
    "///x",
    "//x:80",
    "//x@y",
    "//x/y/..",
    "/x//..",
    "/;a",
    "/;a=b/;c",
    "/x;a/..",
    "/x/..;a",
    "/.;a",
    "/%3ba",
    "/\\",
    "\\",
    "/x\\..",
    "/x/..\\",
    "/%5c",
    "/x%2f..",
];

/// What stands behind it.
const BEHIND: [&str; 18] = [
    "",
    "/",
    "//",
    "/x",
    "?x",
    "?/../x",
    "#x",
    ";a",
    ";a/x",
    "/.",
    "/x/..",
    "/%2e",
    "/..;a/{last}",
    "\\",
    "%2f",
    "%5c",
    "%0a",
    "%20",
];

/// The ways to write a path.
fn written(path: &str) -> Vec<String> {
    let encoded = |percent: &str| {
        // The first letter of the last segment.
        let start = path.rfind('/').unwrap_or_default() + 1;
        let letter = path.as_bytes()[start];
        format!("{}{percent}{letter:02x}{}", &path[..start], &path[start + 1..])
    };
    let split = path.replacen('/', "/;a/", 1);
    vec![
        path.to_owned(),
        path.to_uppercase(),
        path.replace('/', "//"),
        path.replace('/', "\\"),
        path.replace('/', "/./"),
        path.replace('/', ";a/"),
        split,
        encoded("%"),
        encoded("%25"),
    ]
}

/// Every spelling of a path that the pieces make.
fn spellings(path: &str) -> Vec<String> {
    let last = path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    let ends = |middle: &str| BEHIND.map(|behind| format!("{middle}{}", behind.replace("{last}", last)));
    let mut all: Vec<String> = written(path)
        .iter()
        .flat_map(|path| BEFORE.map(|before| format!("{before}{path}")))
        .flat_map(|middle| ends(&middle))
        .filter(|target| target.starts_with('/'))
        .collect();
    all.sort();
    all.dedup();
    all
}

/// What a server behind is asked for, and what it says there.
const PAGES: [(&str, &str); 3] = [("/docs", "the documentation"), ("/api/v1/signin", "signed in"), ("/me/x", "my own")];

/// The spellings under which a server finds each page.
fn found(program: &Program) -> Vec<(&'static str, Vec<String>)> {
    let mut line = Line::new(program.port);
    let mut finds = |target: &String, says: &str| line.ask(target).is_some_and(|answer| answer.body.trim() == says);
    let pages = PAGES.map(|(path, says)| {
        let mut spellings = spellings(path);
        spellings.retain(|target| finds(target, says));
        assert!(spellings.len() > 20, "the server does not find {path}: {spellings:?}");
        (says, spellings)
    });
    pages.into()
}

/// The profile: its one client may sign in once a minute.
const PROFILE: &str = r#"version = 1
[app]
name = "shop"
kind = "generic"
mode = "test"
url = "http://shop.example.com"
upstream = "{app}"
[tls]
terminate = "off"
[hsts]
enabled = false
[api_docs]
exposed = false
paths = ["/docs"]
[headers]
no_store = ["/me/"]
"#;

/// Stock Caddy counts nothing.
const LIMIT: &str = r#"[rate_limits]
enabled = true
enforced_by = "proxy"
[rate_limits.routes.sign_in]
limit = "1/min"
paths = ["/api/v1/signin"]
"#;

/// What is wrong with what a proxy lets through to a program.
fn judge(name: &str, program: &Program) -> Vec<String> {
    let found = found(program);
    let mut wrong = Vec::new();
    for server in servers() {
        let counts = server.kind == Kind::Nginx;
        let profile = if counts { format!("{PROFILE}{LIMIT}") } else { PROFILE.to_owned() };
        let site = Site::start(&server, &profile, &[("app", &program.upstream())]);
        let mut line = Line::new(site.http);
        let mut ask = |target: &str| line.ask(target);
        if counts {
            assert_eq!(ask("/api/v1/signin").map(|answer| answer.status), Some(200), "{name} on {}", server.label());
        }
        for (says, targets) in &found {
            for target in targets {
                let Some(answer) = ask(target) else { continue };
                let passed = answer.body.trim() == *says;
                let (is_wrong, what) = match *says {
                    "the documentation" => (passed, "is hidden, and was shown"),
                    "signed in" => (passed && counts, "is limited, and was not counted"),
                    _ => (passed && answer.all("Cache-Control") != ["no-store"], "may not be stored, and is"),
                };
                if is_wrong {
                    wrong.push(format!("{name} behind {}: {target} {what}", server.label()));
                }
                // No answer but those.
                if !passed && !matches!(answer.status, 301 | 302 | 307 | 308 | 400 | 404 | 429) {
                    wrong.push(format!("{name} behind {}: {target} is answered by {answer:?}", server.label()));
                }
            }
        }
        // And nothing else is refused.
        for target in
            ["/", "/documents", "/a//b", "//a", "//a/documents", "/a;b=c/d", "/api/v1/signin/callback", "/a/./b", "/me"]
        {
            if let Some(refused) = ask(target).filter(|answer| matches!(answer.status, 400 | 429)) {
                wrong.push(format!("{name} behind {}: {target} is refused: {refused:?}", server.label()));
            }
        }
    }
    let asked: usize = found.iter().map(|(_, targets)| targets.len()).sum();
    eprintln!("{name}: {asked} spellings on {} servers", servers().len());
    wrong
}

/// That nothing is wrong; else, some of it is told.
fn assert_right(wrong: &[String]) {
    const SHOWN: usize = 60;
    let some: Vec<&str> = wrong.iter().take(SHOWN).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), some.join("\n"));
}

#[test]
fn a_node_server_that_reads_urls_finds_nothing_that_is_hidden() {
    assert_right(&judge("Node", &Program::node("reader.mjs", &[])));
}

#[test]
fn tomcat_finds_nothing_that_is_hidden() {
    let files =
        [("index.html", "front"), ("docs/index.html", PAGES[0].1), ("api/v1/signin", PAGES[1].1), ("me/x", PAGES[2].1)];
    assert_right(&judge("Tomcat", &Program::tomcat(&files)));
}
