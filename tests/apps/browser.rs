//! A real browser at the examples' own sites: people sign in, scripts that are meant run, and others are blocked.
//!
//! The programs behind are stand-ins with the pages, scripts and headers that count here; what they load from elsewhere
//! comes from a stand-in, too. What stands between, policies and all, is rendered from `examples/`.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::programs::{Program, python, script_of};
use crate::server::{Kind, Server, installed};
use crate::site::Site;
use crate::support::folder;

const INSTACRUD: &str = include_str!("../../examples/instacrud/security.toml");
const FASTCMS: &str = include_str!("../../examples/fastcms/security.toml");

/// Hosts of others that pages load from, or lead to.
const OUTSIDE: [&str; 6] = [
    "challenges.cloudflare.com",
    "accounts.google.com",
    "cdn.tailwindcss.com",
    "cdnjs.cloudflare.com",
    "cdn.jsdelivr.net",
    "evil.example",
];

/// The programs of both sites, for all servers.
struct Programs {
    back_end: Program,
    front_end: Program,
    cms: Program,
    outside: Program,
    _certificate: TempDir,
}

impl Programs {
    fn start() -> Self {
        let certificate = folder();
        let pair = rcgen::generate_simple_self_signed(OUTSIDE.map(str::to_owned)).expect("names make a certificate");
        let files = [("cert.pem", pair.cert.pem()), ("key.pem", pair.signing_key.serialize_pem())];
        let [cert, key] = files.map(|(name, text)| {
            let path = certificate.path().join(name);
            std::fs::write(&path, text).expect("a file can be written");
            path.display().to_string()
        });
        Self {
            back_end: Program::uvicorn("back_end", &[]),
            front_end: Program::node("front_end.mjs", &[]),
            cms: Program::uvicorn("cms", &[]),
            outside: Program::node("outsiders.mjs", &[&cert, &key]),
            _certificate: certificate,
        }
    }
}

/// An example for this machine: its programs, its certificate, and the edge that is tested in place of its own.
fn here(example: &str, host: &str, upstreams: &[(&str, &Program)]) -> String {
    let mut profile = example.replace("[targets.nginx]\nversion = \"1.22.1\"\n", "");
    assert_ne!(profile, example, "the example has an edge");
    for (listed, program) in upstreams {
        assert!(profile.contains(listed), "the example has no {listed:?}");
        profile = profile.replace(listed, &program.upstream());
    }
    let files = [("fullchain.pem", "cert.pem"), ("privkey.pem", "key.pem")];
    for (listed, ours) in files {
        profile = profile.replace(&format!("/etc/letsencrypt/live/{host}/{listed}"), &format!("{{folder}}/{ours}"));
    }
    if !profile.contains("[tls.certificate]") {
        profile.push_str("\n[tls.certificate]\ncert = \"{folder}/cert.pem\"\nkey = \"{folder}/key.pem\"\n");
    }
    // Stock Caddy counts nothing, and the certificate lies in a folder of the test's.
    let waivers = ["RAT003", "TLS013"]
        .map(|rule| format!("\n[[waivers]]\nrule = \"{rule}\"\nreason = \"a test of pages\"\nexpires = 2027-05-31\n"));
    profile + &waivers.concat()
}

/// What a step has to tell, and of what the console may complain.
struct Step {
    asked: Value,
    tells: Option<Value>,
    complaint: Option<&'static str>,
}

fn step(asked: Value) -> Step {
    Step { asked, tells: None, complaint: None }
}

fn tells(expression: &str, value: impl Into<Value>) -> Step {
    Step { tells: Some(value.into()), ..step(json!(["tell", expression])) }
}

fn titled(title: &str) -> Step {
    Step { tells: Some(true.into()), ..step(json!(["wait", format!("document.title === {}", json!(title))])) }
}

/// People sign in at the front end, by password and by Google, and reset a password by the link of a mail.
fn instacrud() -> Vec<Step> {
    let at = |path: &str| step(json!(["open", format!("https://shop.example.com{path}")]));
    let signed_in = || {
        [
            titled("signed in"),
            tells("location.pathname", "/"),
            tells("document.querySelector('h1').textContent", "Hello, Ada"),
            tells("getComputedStyle(document.querySelector('h1')).color", "rgb(1, 2, 3)"),
            tells("getComputedStyle(document.body).backgroundColor", "rgb(4, 5, 6)"),
        ]
    };
    let upload = Step { complaint: Some("Executing inline script violates"), ..at("/api/v1/documents/page") };
    let steps = [at("/signin"), titled("ready")].into_iter();
    let steps = steps.chain([
        step(json!(["type", "[name=email]", "ada@example.com"])),
        step(json!(["type", "[name=password]", "not a real password"])),
        step(json!(["click", "form button"])),
    ]);
    let steps = steps.chain(signed_in());
    let steps = steps.chain([at("/signin"), titled("ready"), step(json!(["click", "#google"]))]).chain(signed_in());
    let steps = steps.chain([
        at("/reset-password?token=from-a-mail"),
        titled("reset"),
        step(json!(["type", "[name=password]", "another that is not real"])),
        step(json!(["click", "form button"])),
        titled("saved: 200"),
    ]);
    // What an API's answer holds is no page of the site's.
    steps.chain([upload, tells("document.title", "an upload")]).collect()
}

/// An administrator signs in, and the pages behind that work.
fn fastcms() -> Vec<Step> {
    let at = |path: &str| step(json!(["open", format!("https://blog.example.com{path}")]));
    let works = || {
        [
            tells("document.querySelector('h1').textContent", "3"),
            tells("getComputedStyle(document.querySelector('h1')).color", "rgb(1, 2, 3)"),
            tells("getComputedStyle(document.querySelector('i')).color", "rgb(4, 5, 6)"),
        ]
    };
    let foreign = Step { complaint: Some("https://evil.example/evil.js"), ..at("/admin/comments") };
    let upload = Step { complaint: Some("Executing inline script violates"), ..at("/api/v1/files/7/download") };
    let steps = [
        at("/admin/login"),
        step(json!(["type", "#email", "ada@example.com"])),
        step(json!(["type", "#password", "not a real password"])),
        step(json!(["click", "button"])),
        titled("admin"),
        step(json!(["wait", "document.readyState === 'complete'"])),
    ];
    let steps = steps.into_iter().chain(works()).chain([step(json!(["click", "button"])), titled("clicked")]);
    let steps = steps.chain([foreign, tells("document.title", "admin")]).chain(works());
    // What is not the administrator's has a policy under which nothing runs.
    let first = [at("/"), tells("JSON.parse(document.body.innerText).message", "Welcome to blog")];
    steps.chain(first).chain([upload, tells("document.title", "an upload")]).collect()
}

/// What is wrong with what the browser met.
fn judge(server: &Server, programs: &Programs) -> Vec<String> {
    let upstreams = [("127.0.0.1:8000", &programs.back_end), ("127.0.0.1:3000", &programs.front_end)];
    let shop = Site::start(server, &here(INSTACRUD, "shop.example.com", &upstreams), &[]);
    let blog = Site::start(server, &here(FASTCMS, "blog.example.com", &[("127.0.0.1:8000", &programs.cms)]), &[]);
    let mut hosts = json!({ "shop.example.com": shop.https, "blog.example.com": blog.https });
    for host in OUTSIDE {
        hosts[host] = programs.outside.port.into();
    }
    let steps: Vec<Step> = instacrud().into_iter().chain(fastcms()).collect();
    let asked: Vec<String> = steps.iter().map(|step| format!("{}\n", step.asked)).collect();
    let mut browser = python("python")
        .arg(script_of("browser.py"))
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut input = browser.stdin.take().expect("it was piped");
    input.write_all(format!("{hosts}\n{}", asked.concat()).as_bytes()).expect("the steps are few");
    drop(input);
    let output = browser.wait_with_output().expect("Python ends");
    let text = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line for each step")).collect();
    let mut wrong = Vec::new();
    for (step, answer) in steps.iter().zip(&answers) {
        let is_told = step.tells.as_ref().is_none_or(|value| *value == answer["told"]);
        let said = answer["said"].as_array().expect("a list");
        let is_said = match step.complaint {
            None => said.is_empty(),
            Some(about) => said.iter().any(|line| line.as_str().is_some_and(|line| line.contains(about))),
        };
        if !(is_told && is_said) {
            wrong.push(format!("{}: {}: {answer}", server.label(), step.asked));
        }
    }
    if answers.len() < steps.len() {
        wrong.push(format!(
            "{}: it ended after {}: {}",
            server.label(),
            answers.len(),
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    wrong
}

#[test]
fn people_sign_in_at_the_examples_and_the_console_is_silent() {
    let programs = Programs::start();
    let servers: Vec<Server> =
        [Kind::Nginx, Kind::Caddy].into_iter().filter_map(|kind| installed(kind).pop()).collect();
    let wrong: Vec<String> = servers.iter().flat_map(|server| judge(server, &programs)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
