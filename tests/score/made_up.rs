//! Answers of all kinds, made up: the score of each is Observatory's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use seccfg::score::{Answer, Hop, Observed, Page, Script, SetCookie, score};

use crate::dice::Dice;
use crate::observatory::{Said, ask};

const HOST: &str = "shop.example.com";

const HOSTS: [&str; 5] = [HOST, "www.shop.example.com", "example.com", "shop.co.uk", "me.github.io"];

const HSTS: [&str; 12] = [
    "max-age=31536000; includeSubDomains; preload",
    "max-age=15552000",
    "max-age=15551999",
    "MAX-AGE=31536000 ; includeSubDomains",
    "max-age=\"31536000\"",
    "max-age=99999999999999999999999999",
    "max-age=-1",
    "max-age = 31536000",
    "includeSubDomains",
    "max-age=300; max-age=31536000",
    "max-age=31536000, max-age=31536000",
    "max-age=+31536000days",
];

const REFERRER: [&str; 9] = [
    "no-referrer",
    "Strict-Origin-When-Cross-Origin",
    "unsafe-url",
    "no-referrer, strict-origin",
    "strict-origin, unsafe-url",
    "same-origin, something-new",
    "nonsense",
    "",
    "origin",
];

const SNIFF: [&str; 4] = ["nosniff", " NoSniff ", "sniff", ""];
const FRAMES: [&str; 6] = ["DENY", "SameOrigin", "ALLOW-FROM https://a.example", "ALLOWALL", "DENY, DENY", ""];
const RESOURCES: [&str; 6] = ["same-origin", "same-site", "Cross-Origin", "none", "", "same-origin, same-origin"];
const TYPES: [&str; 5] =
    ["text/html", "text/html; charset=utf-8", "application/json", "application/xhtml+xml", "TEXT/HTML"];

const DIRECTIVES: [&str; 16] = [
    "default-src",
    "default-src",
    "script-src",
    "script-src",
    "Script-Src",
    "style-src",
    "style-src",
    "object-src",
    "img-src",
    "media-src",
    "connect-src",
    "base-uri",
    "frame-ancestors",
    "form-action",
    "report-uri",
    "report-to",
];

const SOURCES: [&str; 32] = [
    "'none'",
    "'none'",
    "'self'",
    "'self'",
    "'self'",
    "'unsafe-inline'",
    "'Unsafe-Inline'",
    "'unsafe-eval'",
    "'strict-dynamic'",
    "'nonce-YWJj'",
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha1-x'",
    "*",
    "*.example.com",
    "https:",
    "http:",
    "HTTPS://*",
    "http://*.*",
    "ftp:",
    "data:",
    "blob:",
    "https://cdn.example.com",
    "https://cdn.example.com/",
    "https://cdn.example.com/lib/",
    "https://cdn.example.com/lib/x.js",
    "https://cdn.example.com/%6Cib/",
    "https://cdn.example.com/%zz/",
    "http://old.example.com",
    "h",
    "$",
    "'unsafe",
    "https://shop.example.com,",
];

const COOKIES: [&str; 7] =
    ["session", "login_token", "csrftoken", "theme", "__Host-sess", "__Secure-id", "heroku-session-affinity"];

const ATTRIBUTES: [&str; 16] = [
    "Secure",
    "Secure",
    "secure=x",
    "HttpOnly",
    "HttpOnly",
    "SameSite=Lax",
    "SameSite=strict",
    "SameSite=None",
    "SameSite=Sometimes",
    "SameSite",
    "Path=/",
    "Path=/app",
    "Domain=example.com",
    "Domain=.shop.example.com",
    "Domain=com",
    "Max-Age=0",
];

const SCRIPTS: [&str; 9] = [
    "/app.js",
    "app.js",
    "//cdn.example.org/x.js",
    "//shop.example.com/x.js",
    "https://cdn.example.org/x.js",
    "https://static.example.com:8443/x.js",
    "http://static.example.com/x.js",
    "http://cdn.example.org/x.js",
    "https://other.github.io/x.js",
];

fn policy(dice: &mut Dice) -> String {
    if dice.once_in(20) {
        return dice.pick(&["", ";", "self", ";;;;;;;;", "img-src"]).to_owned();
    }
    let mut names = BTreeSet::new();
    let mut directives = Vec::new();
    for _ in 0..=dice.below(5) {
        let name = dice.pick(&DIRECTIVES);
        // A directive that stands twice ends all reading, so most do not.
        if !names.insert(name.to_lowercase()) && !dice.once_in(10) {
            continue;
        }
        let sources: Vec<&str> = (0..dice.below(4)).map(|_| dice.pick(&SOURCES)).collect();
        directives.push(format!("{name} {}", sources.join(dice.pick(&[" ", "  ", "\t"]))));
    }
    if dice.once_in(10) {
        directives.push(dice.pick(&["report-uri /1; report-uri /2", "report-to a; Report-To b"]).to_owned());
    }
    directives.join(dice.pick(&["; ", ";", " ;; "]))
}

fn answer(dice: &mut Dice) -> Answer {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut add = |dice: &mut Dice, name: &str, value: &str| {
        headers.push((name.to_owned(), value.to_owned()));
        if dice.once_in(25) {
            headers.push((name.to_uppercase(), value.to_owned()));
        }
    };
    let values: [(&str, &[&str]); 6] = [
        ("Strict-Transport-Security", &HSTS),
        ("Referrer-Policy", &REFERRER),
        ("X-Content-Type-Options", &SNIFF),
        ("X-Frame-Options", &FRAMES),
        ("Cross-Origin-Resource-Policy", &RESOURCES),
        ("Content-Type", &TYPES),
    ];
    for (name, values) in values {
        if !dice.once_in(4) {
            // The first values are the good ones, and the rest of the score shows only where few are bad.
            let value = if dice.once_in(2) { values[0] } else { dice.pick(values) };
            add(dice, name, value);
        }
    }
    if !dice.once_in(4) {
        let policy = policy(dice);
        add(dice, "Content-Security-Policy", &policy);
    }
    if dice.once_in(4) {
        let policy = policy(dice);
        add(dice, "Content-Security-Policy-Report-Only", &policy);
    }
    Answer { trusted: !dice.once_in(10), headers }
}

fn preflight(dice: &mut Dice) -> Option<Answer> {
    if dice.once_in(2) {
        return None;
    }
    let origins = ["*", " * ", seccfg::score::ORIGIN, "https://a.example", "null", ""];
    let mut headers = vec![("Access-Control-Allow-Origin".to_owned(), dice.pick(&origins).to_owned())];
    if dice.once_in(2) {
        let value = dice.pick(&["true", "True ", "false", ""]).to_owned();
        headers.push(("access-control-allow-credentials".to_owned(), value));
    }
    Some(Answer { trusted: true, headers })
}

fn cookies(dice: &mut Dice) -> Vec<SetCookie> {
    let line = |dice: &mut Dice| {
        let mut line = dice.pick(&COOKIES).to_owned();
        line.push_str(if dice.once_in(20) { "" } else { "=value" });
        let strict = dice.once_in(2);
        if strict {
            line.push_str("; Secure; HttpOnly; SameSite=Lax");
        }
        for _ in 0..dice.below(if strict { 2 } else { 5 }) {
            line.extend([dice.pick(&["; ", ";", " ;"]), dice.pick(&ATTRIBUTES)]);
        }
        line
    };
    let set = |dice: &mut Dice| SetCookie {
        host: HOST.to_owned(),
        path: dice.pick(&["/", "/app/", "/app/page"]).to_owned(),
        line: line(dice),
    };
    (0..dice.below(3)).map(|_| set(dice)).collect()
}

fn route(dice: &mut Dice) -> Vec<Hop> {
    let https = |host: &str| Hop { https: true, host: host.to_owned() };
    let http = |host: &str| Hop { https: false, host: host.to_owned() };
    match dice.below(8) {
        0 => vec![http(HOST)],
        1 => vec![http(HOST), http(HOSTS[1]), https(HOSTS[1])],
        2 => vec![http(HOST), https(HOSTS[1])],
        3 => vec![http(HOST), https(HOST), http(HOST)],
        _ => vec![http(HOST), https(HOST)],
    }
}

fn page(dice: &mut Dice) -> Page {
    let policies = (0..dice.below(3)).map(|_| policy(dice)).filter(|policy| !policy.is_empty());
    let policies = policies.collect();
    let script = |dice: &mut Dice| Script {
        src: (!dice.once_in(4)).then(|| dice.pick(&SCRIPTS).to_owned()),
        integrity: dice.once_in(2),
    };
    let scripts = (0..dice.below(4)).map(|_| script(dice)).collect();
    let referrer = dice.once_in(3).then(|| dice.pick(&REFERRER).to_owned()).filter(|value| !value.is_empty());
    Page { policies, referrer, scripts }
}

fn made_up(dice: &mut Dice) -> Observed {
    let https = (!dice.once_in(12)).then(|| answer(dice));
    let http = (!dice.once_in(12) || https.is_none()).then(|| answer(dice));
    let is_page = |answer: &Answer| {
        let mut types = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
        let kind = types.next().and_then(|(_, value)| value.split(';').next()).unwrap_or_default();
        matches!(kind, "text/html" | "application/xhtml+xml")
    };
    // What is no page has no markup.
    let has_page = https.as_ref().or(http.as_ref()).is_some_and(is_page) && dice.once_in(2);
    let cookies = cookies(dice);
    let mut observed = Observed {
        host: HOST.to_owned(),
        https,
        http,
        route: route(dice),
        preflight: preflight(dice),
        cookies,
        page: if has_page { page(dice) } else { Page::default() },
        preloaded: HOSTS[..2].iter().filter(|_| dice.once_in(8)).map(|host| (*host).to_owned()).collect(),
    };
    let first = observed.https.as_mut().or(observed.http.as_mut()).expect("one of the two answers");
    let lines = observed.cookies.iter().map(|cookie| ("Set-Cookie".to_owned(), cookie.line.clone()));
    first.headers.extend(lines);
    observed
}

fn markup(page: &Page) -> String {
    let quoted = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;");
    let policy =
        |policy: &String| format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">", quoted(policy));
    let referrer = |value: &String| format!("<meta name=\"referrer\" content=\"{}\">", quoted(value));
    let script = |script: &Script| {
        let src = script.src.as_ref().map(|src| format!(" src=\"{}\"", quoted(src))).unwrap_or_default();
        format!("<script{src}{}></script>", if script.integrity { " integrity=\"sha256-x\"" } else { "" })
    };
    let policies = page.policies.iter().map(policy);
    let elements: Vec<String> =
        policies.chain(page.referrer.iter().map(referrer)).chain(page.scripts.iter().map(script)).collect();
    format!("<!doctype html><html><head>{}</head></html>", elements.concat())
}

fn question(observed: &Observed) -> Value {
    let answer = |answer: &Answer| json!({ "trusted": answer.trusted, "headers": answer.headers });
    let url = |https: bool, host: &str, path: &str| format!("{}://{host}{path}", if https { "https" } else { "http" });
    json!({
        "host": observed.host,
        "https": observed.https.as_ref().map(answer),
        "http": observed.http.as_ref().map(answer),
        "preflight": observed.preflight.as_ref().map(answer),
        "route": observed.route.iter().map(|hop| url(hop.https, &hop.host, "/")).collect::<Vec<_>>(),
        "cookies": observed.cookies.iter()
            .map(|cookie| json!({ "url": url(observed.https.is_some(), &cookie.host, &cookie.path), "line": cookie.line }))
            .collect::<Vec<_>>(),
        "html": markup(&observed.page),
        "preloaded": observed.preloaded,
    })
}

/// What we say, in the form of what Observatory says. Of the page we read the same markup.
fn said(observed: &Observed) -> Said {
    let read = Observed { page: Page::read(&markup(&observed.page)), ..observed.clone() };
    let score = score(&read).expect("something was answered");
    let tests = score.tests.iter().map(|test| (test.outcome.test().to_string(), test.outcome.to_string()));
    Said { score: score.points, grade: score.grade().to_owned(), tests: tests.collect() }
}

#[test]
fn made_up_answers_are_scored_as_observatory_scores_them() {
    let seed = std::env::var("SECCFG_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let count = std::env::var("SECCFG_ANSWERS").ok().and_then(|count| count.parse().ok()).unwrap_or(1000);
    let mut dice = Dice::new(seed);
    let answers: Vec<Observed> = (0..count).map(|_| made_up(&mut dice)).collect();
    let questions: Vec<Value> = answers.iter().map(question).collect();
    let Some(theirs) = ask("judge", &questions, None) else { return };
    assert_eq!(theirs.len(), answers.len());
    let mut outcomes: BTreeMap<&String, usize> = BTreeMap::new();
    let mut grades = BTreeSet::new();
    for (observed, theirs) in answers.iter().zip(&theirs) {
        let ours = said(observed);
        let differ: Vec<_> = ours.tests.iter().filter(|(test, own)| theirs.tests.get(*test) != Some(*own)).collect();
        assert!(ours == *theirs, "{differ:?} where Observatory says otherwise:\n{observed:#?}\n{theirs:#?}");
        grades.insert(&theirs.grade);
        for outcome in theirs.tests.values() {
            *outcomes.entry(outcome).or_default() += 1;
        }
    }
    // What never came up was not compared.
    assert_eq!((outcomes.len(), grades.len()), (65, 13), "{outcomes:?}, and {grades:?}");
}
