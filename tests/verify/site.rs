//! A rendered profile running in front of an app, and `seccfg verify` of it.

#![allow(dead_code, reason = "each test uses its share")]

use std::fs::{self, Permissions};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value as Json;
use tempfile::TempDir;
use toml::{Table, Value};

use crate::app::App;
use crate::certificates::{self, Shown};
use crate::server::{Kind, Running, Server, free_port};
use crate::support::{Ran, run};

/// What a site is made from.
pub struct Plan<'a> {
    pub server: &'a Server,
    /// The profile, without what the test knows alone: addresses, ports, files.
    pub profile: Table,
    pub shown: Shown,
    /// Changes the rendered files, by their names.
    pub spoil: &'a dyn Fn(&Path),
}

/// A running site; dropping it ends it. (Fields are dropped in order: the server before its folder.)
pub struct Site {
    _running: Running,
    pub app: App,
    folder: TempDir,
    /// `app.url`.
    url: String,
    /// The port that `app.url` says.
    port: u16,
    /// Where the server listens, for plain HTTP and for https.
    sockets: [SocketAddr; 2],
}

fn table<'t>(of: &'t mut Table, name: &str) -> &'t mut Table {
    let entry = of.entry(name).or_insert_with(|| Value::Table(Table::new()));
    entry.as_table_mut().expect("a section is a table")
}

fn text(path: impl AsRef<Path>) -> Value {
    Value::String(path.as_ref().display().to_string())
}

/// Accepts what a test cannot help.
fn waive(profile: &mut Table, rule: &str, reason: &str) {
    let text = |text: &str| Value::String(text.to_owned());
    let pairs = [("rule", text(rule)), ("reason", text(reason)), ("expires", text("2026-12-31"))];
    let waiver: Table = pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let waivers = profile.entry("waivers").or_insert_with(|| Value::Array(Vec::new()));
    waivers.as_array_mut().expect("waivers are a list").push(Value::Table(waiver));
}

impl Site {
    /// A free port may be taken by the time the server wants it: then with others.
    pub fn start(plan: &Plan<'_>) -> Self {
        let mut attempts = (0..3).map(|_| Self::try_start(plan));
        let in_use = |error: &String| error.to_ascii_lowercase().contains("address already in use");
        let started = attempts.find(|attempt| !attempt.as_ref().err().is_some_and(in_use));
        started.expect("a port is free").unwrap_or_else(|error| panic!("{}: {error}", plan.server.label()))
    }

    fn try_start(plan: &Plan<'_>) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path();
        // nginx's workers give up root, and still have to get in.
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("the folder is ours");
        let ports = [free_port(), free_port()];
        let mut profile = plan.profile.clone();
        let cookies: Vec<String> = table(&mut profile, "cookies").keys().cloned().collect();
        let app = App::start(&cookies).expect("loopback has a free port");
        let settings = table(&mut profile, "app");
        settings.insert("upstream".to_owned(), Value::String(app.address.to_string()));
        let url = settings["url"].as_str().expect("a profile has a URL").to_owned();
        let parsed = url::Url::parse(&url).expect("a profile's URL is one");
        let host = parsed.host_str().expect("a site has a host").to_owned();
        let aliases = settings.get("aliases").and_then(Value::as_array).cloned().unwrap_or_default();
        let hosts: Vec<&str> = std::iter::once(host.as_str()).chain(aliases.iter().filter_map(Value::as_str)).collect();
        certificates::write(path, &hosts, plan.shown);
        let certificate = table(table(&mut profile, "tls"), "certificate");
        certificate.insert("issuer".to_owned(), Value::String("ca".to_owned()));
        certificate.insert("cert".to_owned(), text(path.join("cert.pem")));
        certificate.insert("key".to_owned(), text(path.join("key.pem")));
        let target = plan.server.kind.target();
        let targets = table(&mut profile, "targets");
        let address = targets.get(target).and_then(|own| own.get("bind")?.get(0)?.as_str());
        let address = address.unwrap_or("127.0.0.1").to_owned();
        targets.clear();
        let own = table(targets, target);
        let words = |words: &[&str]| Value::Array(words.iter().map(|word| Value::String((*word).to_owned())).collect());
        own.insert("version".to_owned(), Value::String(plan.server.version.clone()));
        own.insert("bind".to_owned(), words(&[&address]));
        own.insert("http_port".to_owned(), Value::Integer(ports[0].into()));
        own.insert("https_port".to_owned(), Value::Integer(ports[1].into()));
        if plan.server.kind != Kind::Nginx {
            own.insert("plugins".to_owned(), words(&plan.server.plugins));
        }
        waive(&mut profile, "TLS013", "the folder is the test's own");
        if plan.server.lacks("rate_limit").is_some() {
            table(&mut profile, "rate_limits").remove("routes");
            waive(&mut profile, "RAT002", "stock Caddy does not count");
        }
        // One app stands for every program of the site.
        for (_, service) in table(&mut profile, "services").iter_mut() {
            if let Some(upstream) = service.get_mut("upstream") {
                *upstream = Value::String(app.address.to_string());
            }
        }
        let text = toml::to_string(&profile).expect("a table is TOML");
        fs::write(path.join("security.toml"), text).expect("a file can be written");
        let mut args = vec!["render", "--target", target, "--today", "2026-11-21", "--out", "."];
        args.extend(plan.server.kind.whole());
        let rendered = run(path, &args);
        if rendered.code != Some(0) {
            return Err(format!("{}{}", rendered.out, rendered.err));
        }
        let files: PathBuf = path.join(target);
        (plan.spoil)(&files);
        let running = plan.server.start(&files, ports[0]).map_err(|error| error.to_string())?;
        let address: IpAddr = address.parse().expect("a server listens at an address");
        let sockets = ports.map(|port| SocketAddr::new(address, port));
        let port = parsed.port_or_known_default().expect("https has a port");
        Ok(Self { _running: running, app, folder, url, port, sockets })
    }

    /// Runs `seccfg verify` of it.
    pub fn verify(&self, more: &[&str]) -> Ran {
        self.verify_at(self.sockets, more)
    }

    /// Runs it where plain HTTP and https are found at these places.
    pub fn verify_at(&self, [plain, encrypted]: [SocketAddr; 2], more: &[&str]) -> Ran {
        let resolve = [format!("*:80:{plain}"), format!("*:{}:{encrypted}", self.port)];
        let mut args = vec!["verify", &self.url, "--ca", "ca.pem", "--timeout", "5s"];
        args.extend(resolve.iter().flat_map(|resolve| ["--resolve", resolve]));
        args.extend(more);
        run(self.folder.path(), &args)
    }

    /// Where it listens, for plain HTTP and for https.
    pub fn sockets(&self) -> [SocketAddr; 2] {
        self.sockets
    }

    /// Runs another command beside its profile.
    pub fn run(&self, args: &[&str]) -> Ran {
        run(self.folder.path(), args)
    }

    /// The folder of its profile.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What it found, as programs read it.
    pub fn seen(&self, more: &[&str]) -> Json {
        let ran = self.verify(&[&["--format", "json"], more].concat());
        let told: Json = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}{}", ran.out, ran.err));
        // What `--out` writes is a part of it.
        let errors: Vec<String> = SCHEMA.iter_errors(&told["seen"]).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        told
    }
}

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Json = serde_json::from_str(include_str!("../../schemas/seen.schema.json")).expect("it is JSON");
    jsonschema::validator_for(&schema).expect("it is a schema")
});

/// The codes and keys of what was found.
pub fn found(seen: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().expect("it is text").to_owned();
    let findings = seen["findings"].as_array().expect("a report has findings");
    findings.iter().map(|finding| (text(&finding["code"]), text(&finding["key"]))).collect()
}
