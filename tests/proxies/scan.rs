//! What TLS a server speaks, found out as a scanner does: every version and every suite that OpenSSL knows is offered, and
//! those that are taken have to be the guideline's.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::server::Server;
use crate::site::Site;
use crate::suite::Suite;

/// A certificate's kind of key: of the suites of TLS 1.2, each takes a half.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    Ecdsa,
    Rsa,
}

/// A guideline of Mozilla's, and what a scan of it finds.
#[derive(Debug, Clone, Copy)]
pub enum Guideline {
    Intermediate,
    Modern,
}

const SUITES_OF_TLS_1_3: [&str; 3] =
    ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];

/// What else OpenSSL has for TLS 1.3, with a short tag or for small machines.
const OTHERS_OF_TLS_1_3: [&str; 2] = ["TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"];

const VERSIONS: [&str; 4] = ["tls1", "tls1_1", "tls1_2", "tls1_3"];

/// All that OpenSSL has, whatever it thinks of it.
const EVERYTHING: &str = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

/// The groups of the guideline that every OpenSSL and Go of today has.
const GROUPS: [&str; 3] = ["X25519", "P-256", "P-384"];

/// What else OpenSSL can exchange keys in: costly for the server, or out of use.
const OTHER_GROUPS: [&str; 8] =
    ["P-521", "X448", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192", "secp256k1"];

impl Guideline {
    fn word(self) -> &'static str {
        match self {
            Self::Intermediate => "intermediate",
            Self::Modern => "modern",
        }
    }

    fn versions(self) -> &'static [&'static str] {
        match self {
            Self::Intermediate => &["tls1_2", "tls1_3"],
            Self::Modern => &["tls1_3"],
        }
    }

    /// In OpenSSL's names.
    fn suites_of_tls_1_2(self, key: Key) -> &'static [&'static str] {
        match (self, key) {
            (Self::Modern, _) => &[],
            (Self::Intermediate, Key::Ecdsa) => {
                &["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"]
            }
            (Self::Intermediate, Key::Rsa) => {
                &["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"]
            }
        }
    }
}

/// Scans a server under one guideline, and says what is wrong. `folder` is the test's own.
pub fn scan(server: &Server, guideline: Guideline, key: Key, folder: &Path) -> Vec<String> {
    let place = format!("{}, {}, {key:?}", server.label(), guideline.word());
    let certificate = match key {
        // The suite's own.
        Key::Ecdsa => String::new(),
        Key::Rsa => rsa(folder),
    };
    let text =
        format!("control = \"TLS\"\ncase = []\n[profile]\ntls.guideline = \"{}\"\n{certificate}", guideline.word());
    let profile = Suite::read(Path::new(file!()), &text, &toml::Table::new()).expect("it is written above");
    let running = match Site::start(server, &profile) {
        Ok(running) => running,
        Err(error) => return vec![format!("{place}: {error}")],
    };
    let port = running.ports.https;
    let mut wrong = Vec::new();
    let mut found = |what: &str, taken: BTreeSet<String>, meant: &[&str]| {
        if !taken.iter().eq(meant.iter().copied().collect::<BTreeSet<_>>()) {
            wrong.push(format!("{place}: {what} {taken:?} and not {meant:?}"));
        }
    };
    let alone = |list: &[&str], options: &dyn Fn(&str) -> Vec<String>| -> BTreeSet<String> {
        let taken = list.iter().filter(|offered| chosen(port, &options(offered)).is_some());
        taken.map(|offered| (*offered).to_owned()).collect()
    };
    let options = |options: [&str; 3]| options.map(str::to_owned).to_vec();

    let versions = alone(&VERSIONS, &|version| options([&format!("-{version}"), "-cipher", EVERYTHING]));
    found("takes the versions", versions, guideline.versions());
    let known = [&GROUPS[..], &OTHER_GROUPS].concat();
    // Before TLS 1.3 a client has to offer the group of an ECDSA certificate, too.
    let versions = guideline.versions().iter().filter(|version| **version == "tls1_3" || matches!(key, Key::Rsa));
    for version in versions {
        let groups = alone(&known, &|group| options([&format!("-{version}"), "-groups", group]));
        found(&format!("takes in {version} the groups"), groups, &GROUPS);
    }
    let suites =
        one_by_one(port, known_suites(), |left| options(["-tls1_2", "-cipher", &format!("{left}:@SECLEVEL=0")]));
    found("takes the suites of TLS 1.2", suites, guideline.suites_of_tls_1_2(key));
    let known = SUITES_OF_TLS_1_3.iter().chain(&OTHERS_OF_TLS_1_3).map(|suite| (*suite).to_owned()).collect();
    let suites = one_by_one(port, known, |left| options(["-tls1_3", "-ciphersuites", left]));
    found("takes the suites of TLS 1.3", suites, &SUITES_OF_TLS_1_3);
    wrong
}

/// All that a server takes: offered all, it chooses one, which is not offered again, until it takes none of the rest.
fn one_by_one(port: u16, mut left: Vec<String>, options: impl Fn(&str) -> Vec<String>) -> BTreeSet<String> {
    let mut taken = BTreeSet::new();
    while let Some(suite) = chosen(port, &options(&left.join(":"))) {
        left.retain(|other| *other != suite);
        assert!(taken.insert(suite.clone()), "{suite} was not offered");
    }
    taken
}

/// The suites below TLS 1.3 that a client can offer without having agreed on a key or a password before.
fn known_suites() -> Vec<String> {
    let output = Command::new("openssl").args(["ciphers", "-s", "-tls1_2", EVERYTHING]).output();
    let output = output.expect("OpenSSL is there");
    let text = String::from_utf8_lossy(&output.stdout);
    let suites: Vec<String> =
        text.trim().split(':').filter(|suite| !suite.starts_with("TLS_")).map(str::to_owned).collect();
    // Weak ones among them, or nothing would be learned.
    for weak in ["AES128-SHA", "ECDHE-RSA-AES128-SHA", "ADH-AES128-SHA", "NULL-SHA256"] {
        assert!(suites.iter().any(|suite| suite == weak), "OpenSSL cannot offer {weak}");
    }
    suites
}

/// The suite that a server chooses of what is offered, where it takes any.
fn chosen(port: u16, options: &[String]) -> Option<String> {
    let output = Command::new("openssl")
        .args(["s_client", "-connect", &format!("127.0.0.1:{port}"), "-servername", "shop.example.com", "-brief"])
        .args(options)
        .stdin(Stdio::null())
        .output()
        .expect("OpenSSL is there");
    let said = String::from_utf8_lossy(&output.stderr);
    let chosen = said.lines().find_map(|line| line.strip_prefix("Ciphersuite: ")).map(str::to_owned);
    assert!(chosen.is_some() || !output.status.success(), "OpenSSL does not say what was chosen: {said}");
    chosen
}

/// A certificate with an RSA key, and the profile's lines for it.
fn rsa(folder: &Path) -> String {
    let [certificate, key] = ["rsa.pem", "rsa.key"].map(|name| folder.join(name).display().to_string());
    if !Path::new(&certificate).exists() {
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=shop.example.com"])
            .args(["-addext", "subjectAltName=DNS:shop.example.com,DNS:www.shop.example.com"])
            .args(["-keyout", &key, "-out", &certificate])
            .output();
        assert!(made.is_ok_and(|made| made.status.success()), "OpenSSL makes no certificate");
    }
    format!("tls.certificate = {{ cert = {certificate:?}, key = {key:?} }}\n")
}
