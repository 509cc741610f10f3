//! `seccfg verify` against real servers: it finds nothing where the rendered files run, and what was spoiled, by its code
//! and line and nothing else, where they do not.
#![cfg(unix)]

mod app;
mod certificates;
mod oracles;
mod places;
mod rogue;
#[path = "../support/server.rs"]
mod server;
mod site;
mod spoiled;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;

use certificates::Shown;
use server::{Kind, Server, installed};
use site::{Plan, Site, found};
use toml::Table;

fn servers() -> Vec<Server> {
    [Kind::Nginx, Kind::Caddy].into_iter().flat_map(installed).collect()
}

fn example(name: &str) -> Table {
    let path = support::root().join("examples").join(name).join("security.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().expect("an example is TOML")
}

fn base() -> Table {
    include_str!("base.toml").parse().expect("the base is TOML")
}

#[test]
fn what_is_rendered_does_what_the_profile_says() {
    let untouched = |_: &Path| {};
    for server in servers() {
        let examples = ["instacrud", "fastcms", "crudauth", "generic"].map(|name| (name, example(name)));
        for (name, profile) in examples.into_iter().chain([("base", base())]) {
            let plan = Plan { server: &server, profile, shown: Shown::Good, spoil: &untouched };
            let site = Site::start(&plan);
            let seen = site.seen(&["--active"]);
            assert_eq!(found(&seen), [], "{name} on {}: {seen:#}", server.label());
        }
    }
}

#[test]
fn what_is_for_the_site_alone_goes_to_nobody_else() {
    let (profile, nginx) = (base(), installed(Kind::Nginx).remove(0));
    let untouched = |_: &Path| {};
    let secret = "made-up-and-not-shown";
    let header = format!("X-Staging: {secret}");
    let cookie = format!("preview={secret}");
    for (shown, is_sent) in [(Shown::Good, true), (Shown::SelfSigned, false)] {
        let site = Site::start(&Plan { server: &nginx, profile: profile.clone(), shown, spoil: &untouched });
        let ran = site.verify(&["--header", &header, "--cookie", &cookie, "--out", "seen.json"]);
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{}{}", ran.out, ran.err);
        let heard = site.app.heard();
        for line in [format!("x-staging: {secret}"), format!("cookie: preview={secret}")] {
            assert_eq!(heard.contains(&line), is_sent, "{shown:?}: {heard:?}");
        }
    }
}

#[test]
fn what_was_seen_is_evidence_for_a_report() {
    let nginx = installed(Kind::Nginx).remove(0);
    let untouched = |_: &Path| {};
    for name in ["instacrud", "fastcms", "crudauth"] {
        let plan = Plan { server: &nginx, profile: example(name), shown: Shown::Good, spoil: &untouched };
        let site = Site::start(&plan);
        let ran = site.verify(&["--active", "--out", "seen.json"]);
        assert_eq!(ran.code, Some(0), "{name}: {}{}", ran.out, ran.err);
        let report = site.run(&["report", "--seen", "seen.json", "--today", "2026-11-21"]);
        let rendered: Vec<&str> = report.out.lines().filter(|line| line.contains("nginx (rendered)")).collect();
        assert!(rendered.is_empty() && report.out.contains("nginx (seen)"), "{name}: {rendered:#?} {}", report.err);
        // Of another profile it proves nothing.
        let changed = fs::read_to_string(site.path().join("security.toml")).expect("it is there");
        let changed = changed.replace("max_age = \"1y\"", "max_age = \"2y\"");
        fs::write(site.path().join("security.toml"), changed).expect("a file can be written");
        let refused = site.run(&["report", "--seen", "seen.json", "--today", "2026-11-21"]);
        assert!(refused.code == Some(2) && refused.err.contains("run `seccfg verify --out` again"), "{}", refused.err);
    }
}

#[test]
fn what_was_seen_otherwise_is_open() {
    let spoil = |folder: &Path| {
        let path = folder.join("seccfg.conf");
        let text = fs::read_to_string(&path).expect("it was rendered");
        fs::write(path, text.replace("https \"max-age=31536000; includeSubDomains\"", "https \"\""))
            .expect("it is ours");
    };
    let (profile, nginx) = (base(), installed(Kind::Nginx).remove(0));
    let site = Site::start(&Plan { server: &nginx, profile, shown: Shown::Good, spoil: &spoil });
    let ran = site.verify(&["--out", "seen.json"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    let report = site.run(&["report", "--seen", "seen.json", "--today", "2026-11-21"]);
    let told = "Strict-Transport-Security is missing on GET https://shop.example.com/";
    assert!(report.code == Some(1) && report.out.contains(told), "{}{}", report.out, report.err);
    assert!(report.out.contains("Not ready"), "{}", report.out);
}

/// Whom a run trusts is a matter of `--ca`, and what is said of a certificate says which file to name.
#[test]
fn a_certificate_that_is_not_trusted_says_which_authority_to_name() {
    let (profile, nginx) = (base(), installed(Kind::Nginx).remove(0));
    let untouched = |_: &Path| {};
    let site = Site::start(&Plan { server: &nginx, profile, shown: Shown::Good, spoil: &untouched });
    let path = site.path();
    let shown = fs::read_to_string(path.join("cert.pem")).expect("it is there");
    let end = "-----END CERTIFICATE-----\n";
    let own = shown.split_inclusive(end).next().expect("a chain begins with the site's own");
    fs::write(path.join("own.pem"), own).expect("a file can be written");
    let [plain, encrypted] = site.sockets().map(|socket| format!("*:{socket}"));
    let resolve = [plain.replace("*:", "*:80:"), encrypted.replace("*:", "*:443:")];
    for command in ["verify", "score"] {
        let ran = |ca: &[&str]| {
            let mut args = vec![command, "https://shop.example.com", "--timeout", "5s"];
            args.extend(resolve.iter().flat_map(|resolve| ["--resolve", resolve]));
            args.extend(ca);
            let ran = site.run(&args);
            (ran.code, (ran.out + &ran.err).split_whitespace().collect::<Vec<_>>().join(" "))
        };
        // The system's authorities, where there are any, know nothing of it.
        let (code, told) = ran(&[]);
        let says = "if CN=Middle is an authority of your own, name the file with its certificate: `--ca FILE`";
        let has_none = code == Some(2) && told.contains("name a file with --ca");
        assert!(has_none || told.contains("CN=Middle") && told.contains(says), "{command}: {told}");
        let (code, told) = ran(&["--ca", "own.pem"]);
        assert_eq!(code, Some(2), "{command}: {told}");
        assert!(told.contains("a server's own and no authority's") && told.contains("CN=Middle"), "{command}: {told}");
        let (code, told) = ran(&["--ca", "ca.pem"]);
        assert!(!told.contains("not trusted") && code != Some(2), "{command}: {told}");
    }
}

/// What `openssl req -x509` makes by itself is the certificate of an authority, which is no server's.
#[test]
fn an_authoritys_certificate_in_a_servers_place_is_told() {
    let (profile, nginx) = (base(), installed(Kind::Nginx).remove(0));
    let untouched = |_: &Path| {};
    let site = Site::start(&Plan { server: &nginx, profile, shown: Shown::Authority, spoil: &untouched });
    let seen = site.seen(&[]);
    assert_eq!(found(&seen), [("TLS010".to_owned(), "tls.certificate.issuer".to_owned())], "{:#}", seen["findings"]);
    let help = seen["findings"][0]["help"].as_str().unwrap_or_default();
    assert!(help.contains("basicConstraints=critical,CA:FALSE"), "{help}");
}
