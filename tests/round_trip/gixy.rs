//! What gixy, a linter of nginx's configuration for its security, has to say of the files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seccfg::profile::Mode;
use serde_json::Value;

use crate::family::{TWINS, Tally, families};
use crate::judge::{Rendered, Verdict, judge, reports};
use crate::read;

/// The checks that find something in what nobody would write otherwise, with the reason why it stays.
const ACCEPTED: &[(&str, &str)] = &[(
    "http2_misdirected_request",
    "the default server closes the connection (444), whatever the request. 421 would ask for another connection, and \
         there the name is refused as well",
)];

/// The same, where there are locations of several paths.
const OF_SEVERAL_PATHS: (&str, &str) = (
    "regex_redos",
    "each step of a pattern takes one slash, and a parameter before it never one, so that a path can be read in one way \
         alone and what does not match ends at once",
);

/// The same, where the profile asks for it.
const ASKED_FOR: &[(&str, &str)] = &[
    (
        "add_header_redefinition",
        "where files are served, the answer to a range that is not there has its headers already, and what tells it adds none \
         once more",
    ),
    ("hsts_header", "the profile asks for none, or leaves it to the app: HST001 says so where it matters"),
    (
        "missing_resolver",
        "an app that is named, not numbered, is looked up when nginx starts or reloads. A resolver's address is nothing \
         that a profile knows",
    ),
    (
        "ssl_ecdh_curve",
        "a group that old releases of OpenSSL lack is there for 3.5 and later, or because the profile says so: TLS004",
    ),
    (
        "ssl_stapling_letsencrypt",
        "the profile has `stapling = true`, and where a certificate lies says nothing of who signed it: certbot has other \
         authorities' there, too",
    ),
    ("ssl_stapling_without_resolver", "without one, nginx goes by the addresses that it looked up when it started"),
    (
        "try_files_is_evil_too",
        "it asks for a cache of open files. Without one a file that is replaced is served at once, and looking for a file is \
         what a folder costs",
    ),
    ("version_disclosure", "the profile has `hide_server = false`: PRX009"),
];

/// How many generated profiles it reads beside the examples, each with one hostile twin.
const GENERATED: u64 = 40;

/// What stands at the end of each configuration and is found there: of a file that gixy cannot read, it says nothing.
const PLANTED: &str = "server { server_tokens off; location / { return 302 https://planted$uri; } }";

/// What gixy finds in some configurations: for each check, what it says of each place.
fn findings(rendered: &[Rendered]) -> BTreeMap<String, Vec<String>> {
    let gixy = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/gixy");
    assert!(gixy.exists(), "{} is not installed: run scripts/setup", gixy.display());
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut files: Vec<PathBuf> = Vec::new();
    for Rendered { files: texts, .. } in rendered {
        let own = folder.path().join(files.len().to_string());
        let mut texts = texts.clone();
        let (_, last) = texts.last_mut().expect("nginx.conf");
        let end = last.rfind('}').expect("http ends there");
        last.insert_str(end, PLANTED);
        read::write(&own, &texts);
        files.push(own.join("nginx.conf"));
    }
    let output = Command::new(gixy).args(["-f", "json"]).args(&files).output().expect("gixy was found, so it starts");
    let found: Vec<Value> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let (planted, found): (Vec<&Value>, Vec<&Value>) = found
        .iter()
        .partition(|finding| finding["config"].as_str().is_some_and(|config| config.contains("planted$uri")));
    let read: BTreeSet<&str> = planted.iter().filter_map(|finding| finding["path"].as_str()).collect();
    assert_eq!(read.len(), files.len(), "gixy has not read all files");
    let mut by_check: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in found {
        let check = finding["plugin"].as_str().expect("a check's name");
        by_check.entry(check.to_owned()).or_default().push(finding.to_string());
    }
    by_check
}

/// That these checks find something, and no others.
fn only(accepted: &[(&str, &str)], mut found: BTreeMap<String, Vec<String>>) {
    for (check, reason) in accepted {
        assert!(found.remove(*check).is_some(), "{check} finds nothing, so nothing is to be accepted because {reason}");
    }
    let shown = found.iter().map(|(check, found)| format!("{check}, {} times: {}", found.len(), found[0]));
    let shown: Vec<String> = shown.collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn gixy_finds_nothing_unknown_in_the_examples() {
    let mut rendered: Vec<Rendered> = Vec::new();
    for example in ["crudauth", "fastcms", "generic", "instacrud"] {
        let path = format!("examples/{example}/security.toml");
        match judge(&fs::read_to_string(&path).expect("the example is there")) {
            Ok(Verdict::Rendered(modes)) => rendered.extend(modes.into_iter().filter(|one| one.mode == Mode::Prod)),
            Ok(Verdict::Refused(checked)) => panic!("{path} is refused:\n{}", reports(&checked)[0]),
            Err(what) => panic!("{path}: {what}"),
        }
    }
    assert_eq!(rendered.len(), 4);
    only(&[ACCEPTED, &[OF_SEVERAL_PATHS]].concat(), findings(&rendered));
}

#[test]
fn gixy_finds_nothing_unknown_in_what_is_generated() {
    let mut rendered: Vec<Rendered> = Vec::new();
    for shape in 0..GENERATED {
        let seed = shape * TWINS;
        for family in families(seed..seed + 1, &mut Tally::default()) {
            rendered.extend(family.plain);
            rendered.extend(family.twins.into_iter().flat_map(|twin| twin.rendered));
        }
    }
    only(&[ACCEPTED, &[OF_SEVERAL_PATHS], ASKED_FOR].concat(), findings(&rendered));
}
