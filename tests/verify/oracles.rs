//! What `seccfg verify` says of TLS is what OpenSSL's client and testssl.sh say of the same server.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value as Json;
use toml::{Table, Value};

use crate::certificates::Shown;
use crate::server::{Kind, installed};
use crate::site::{Plan, Site};
use crate::spoiled::{CIPHERS, Edit, spoil};

const HOST: &str = "shop.example.com";

/// What the guideline has, and may be taken.
const GOOD: [&str; 6] = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
];

/// The groups that OpenSSL 3.0 can offer and the guideline does not have.
const GROUPS: [&str; 7] = ["X448", "secp521r1", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"];

/// What is true of a server, beside what the guideline takes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Facts {
    /// Versions before TLS 1.2.
    versions: BTreeSet<String>,
    /// Suites of TLS 1.2.
    suites: BTreeSet<String>,
    /// Groups of TLS 1.3.
    groups: BTreeSet<String>,
    /// Whether TLS 1.2 is taken although the guideline wants 1.3 alone.
    takes_1_2: bool,
    /// What is wrong with the certificate.
    certificate: Option<&'static str>,
}

struct Configuration {
    what: &'static str,
    shown: Shown,
    guideline: &'static str,
    edits: &'static [Edit],
}

const fn configuration(what: &'static str, shown: Shown, edits: &'static [Edit]) -> Configuration {
    Configuration { what, shown, guideline: "intermediate", edits }
}

const ALL: &[Configuration] = &[
    configuration("as it is rendered", Shown::Good, &[]),
    configuration(
        "with old versions",
        Shown::Good,
        &[
            ("*", "ssl_protocols TLSv1.2", "ssl_protocols TLSv1 TLSv1.1 TLSv1.2"),
            ("*", CIPHERS, "@SECLEVEL=0:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256:"),
        ],
    ),
    configuration(
        "with weak suites",
        Shown::Good,
        &[("*", CIPHERS, "ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-CCM:ECDHE-ECDSA-AES128-GCM-SHA256:")],
    ),
    configuration(
        "with other groups",
        Shown::Good,
        &[("*", "ssl_ecdh_curve X25519", "ssl_ecdh_curve ffdhe3072:X448:secp521r1:X25519")],
    ),
    Configuration {
        what: "with TLS 1.2, which the modern guideline does not take",
        shown: Shown::Good,
        guideline: "modern",
        edits: &[("*", "ssl_protocols TLSv1.3", "ssl_protocols TLSv1.2 TLSv1.3")],
    },
    configuration("that nobody signed", Shown::SelfSigned, &[]),
    configuration("that is over", Shown::Expired, &[]),
    configuration("for another host", Shown::OtherHost, &[]),
    configuration("without its chain", Shown::Incomplete, &[]),
];

/// What `seccfg verify` says.
fn by_seccfg(site: &Site) -> Facts {
    let seen = site.seen(&[]);
    let findings = seen["findings"].as_array().expect("a report has findings");
    let mut facts = Facts::default();
    for finding in findings {
        let text = |key: &str| finding[key].as_str().expect("it is text");
        let message = text("message");
        let listed = |of: &str| -> BTreeSet<String> {
            message.split_once(of).map(|(_, list)| list.split(", ").map(str::to_owned).collect()).unwrap_or_default()
        };
        match (text("code"), text("key")) {
            ("TLS002", _) => {
                let taken = message.split_once(" is taken").expect("it says what is taken").0;
                facts.versions = taken.split(" and ").map(str::to_owned).collect();
            }
            ("TLS003", "tls.min_version") => facts.takes_1_2 = true,
            ("TLS003", "tls.groups") => facts.groups = listed("asked for: "),
            ("TLS003", _) => facts.suites = listed("does not have: "),
            ("TLS010", _) => facts.certificate = Some("signed by itself"),
            ("TLS013", _) => facts.certificate = Some("incomplete"),
            ("TLS009", _) => facts.certificate = Some("over"),
            ("TLS001", "tls.certificate.cert") => facts.certificate = Some("for another host"),
            other => panic!("{other:?}: {message}"),
        }
    }
    facts
}

/// A handshake of OpenSSL's client: what it printed, where it came about.
fn shake(site: &Site, args: &[&str]) -> Option<String> {
    let mut client = Command::new("timeout");
    client.args(["20", "openssl", "s_client", "-connect", &site.sockets()[1].to_string()]);
    client.args(["-servername", HOST]).args(args).stdin(Stdio::null());
    let output = client.output().expect("OpenSSL is there: run scripts/setup");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Suites of TLS 1.2 that OpenSSL can offer, but for those that are good.
fn weak_suites() -> Vec<String> {
    let args = ["ciphers", "-s", "-tls1_2", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"];
    let output = Command::new("openssl").args(args).output().expect("OpenSSL is there: run scripts/setup");
    let listed = String::from_utf8(output.stdout).expect("names of suites are ASCII");
    let suites = listed.trim().split(':').map(str::to_owned);
    suites.filter(|suite| !GOOD.contains(&suite.as_str()) && !suite.starts_with("TLS_")).collect()
}

/// What OpenSSL's client says.
fn by_openssl(site: &Site, guideline: &str) -> Facts {
    let mut facts = Facts::default();
    for (version, flag) in [("TLS 1.1", "-tls1_1"), ("TLS 1.0", "-tls1")] {
        if shake(site, &[flag, "-cipher", "ALL:@SECLEVEL=0"]).is_some() {
            facts.versions.insert(version.to_owned());
        }
    }
    let mut offered = weak_suites();
    assert!(offered.len() > 20, "{offered:?}");
    while let Some(said) = shake(site, &["-tls1_2", "-cipher", &format!("{}:@SECLEVEL=0", offered.join(":"))]) {
        let chosen = said.split("Cipher is ").nth(1).and_then(|rest| rest.lines().next()).expect("a suite was chosen");
        assert!(offered.iter().any(|suite| suite == chosen), "{chosen} was not offered");
        offered.retain(|suite| suite != chosen);
        facts.suites.insert(chosen.to_owned());
    }
    // Of a suite that goes with an old version, and of all where the version is wrong itself, the version is told alone.
    let is_of_1_2 = |suite: &String| ["SHA256", "SHA384", "CCM", "POLY1305"].iter().any(|part| suite.contains(part));
    facts.suites.retain(|suite| guideline != "modern" && (facts.versions.is_empty() || is_of_1_2(suite)));
    for group in GROUPS {
        if shake(site, &["-tls1_3", "-groups", group]).is_some() {
            facts.groups.insert(group.to_owned());
        }
    }
    facts.takes_1_2 = guideline == "modern" && shake(site, &["-tls1_2"]).is_some();
    let authority = site.path().join("ca.pem").display().to_string();
    let said = shake(site, &["-CAfile", &authority, "-verify_hostname", HOST]).expect("a handshake comes about");
    let code = said.split("Verify return code: ").nth(1).and_then(|rest| rest.split(' ').next());
    facts.certificate = match code {
        Some("0") => None,
        Some("10") => Some("over"),
        Some("18") => Some("signed by itself"),
        Some("20" | "21") => Some("incomplete"),
        Some("62") => Some("for another host"),
        other => panic!("{other:?}: {said}"),
    };
    facts
}

/// What testssl.sh is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Versions,
    Certificate,
}

/// What testssl.sh answers, by the names of its findings.
fn by_testssl(site: &Site, question: Question) -> impl Fn(&str) -> String {
    let report = site.path().join("testssl.json");
    let mut testssl = Command::new("timeout");
    testssl.args(["180", "testssl", "--quiet", "--warnings", "batch", "--color", "0", "--openssl", "/usr/bin/openssl"]);
    testssl.args(["--ip", "127.0.0.1", "--add-ca"]).arg(site.path().join("ca.pem"));
    testssl.arg(match question {
        Question::Versions => "--protocols",
        Question::Certificate => "--server-defaults",
    });
    testssl.arg("--jsonfile").arg(&report).arg(format!("{HOST}:{}", site.sockets()[1].port())).stdin(Stdio::null());
    let output = testssl.output().expect("testssl.sh is there: run scripts/setup");
    let text = fs::read_to_string(&report).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stdout)));
    let report: Vec<Json> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    move |id| {
        // Of several certificates, each has a number behind the name.
        let is_it = |own: &str| own == id || own.starts_with(&format!("{id} "));
        let line = report.iter().find(|line| line["id"].as_str().is_some_and(is_it));
        line.and_then(|line| line["finding"].as_str()).unwrap_or_else(|| panic!("no {id} in {text}")).to_owned()
    }
}

fn agrees_with_testssl(site: &Site, facts: &Facts, question: Question) {
    let said = by_testssl(site, question);
    match question {
        Question::Versions => {
            for (version, id) in [("TLS 1.1", "TLS1_1"), ("TLS 1.0", "TLS1")] {
                assert_eq!(said(id).starts_with("offered"), facts.versions.contains(version), "{}", said(id));
            }
        }
        Question::Certificate => {
            let (chain, trust, expiry) =
                (said("cert_chain_of_trust"), said("cert_trust"), said("cert_expirationStatus"));
            let flaw = if expiry.starts_with("expired") {
                Some("over")
            } else if chain.contains("self signed") {
                Some("signed by itself")
            } else if chain.contains("chain incomplete") {
                Some("incomplete")
            } else if trust.contains("does not match") {
                Some("for another host")
            } else {
                assert!(chain.starts_with("passed") && trust.starts_with("Ok"), "{chain} {trust}");
                None
            };
            assert_eq!(flaw, facts.certificate, "{chain} {trust} {expiry}");
        }
    }
}

fn judge(one: &Configuration) {
    let mut profile: Table = include_str!("base.toml").parse().expect("the base is TOML");
    let tls = profile["tls"].as_table_mut().expect("the base has the section");
    tls.insert("guideline".to_owned(), Value::String(one.guideline.to_owned()));
    // Debian's, which has the OpenSSL that the two clients have.
    let server = installed(Kind::Nginx).remove(0);
    let edit = |folder: &std::path::Path| spoil(folder, one.edits);
    let site = Site::start(&Plan { server: &server, profile, shown: one.shown, spoil: &edit });
    let facts = by_seccfg(&site);
    assert_eq!(facts, by_openssl(&site, one.guideline), "a server {}", one.what);
    let question = if one.shown == Shown::Good { Question::Versions } else { Question::Certificate };
    agrees_with_testssl(&site, &facts, question);
    assert_eq!(facts == Facts::default(), one.what == "as it is rendered", "a server {}: {facts:?}", one.what);
}

#[test]
fn tls_is_what_other_clients_find() {
    let jobs = std::sync::Mutex::new(ALL.iter());
    let work = || {
        loop {
            let next = jobs.lock().expect("no thread panics with the lock").next();
            let Some(one) = next else { return };
            judge(one);
        }
    };
    std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work), scope.spawn(work)];
        for thread in threads {
            thread.join().expect("the clients agree");
        }
    });
}
