//! A rendered profile running: the app, and a server in front of it.

use std::fs::{self, Permissions};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use toml::{Table, Value};

use crate::app::{App, Seen};
use crate::clients;
use crate::fill::{fill, overlay};
use crate::others::{KNOWN, Other, Pair};
use crate::server::traefik::Settings;
use crate::server::{Kind, Running, Server, free_port};
use crate::suite::Suite;
use crate::wire::Ports;

const BASE: &str = include_str!("base.toml");

/// The names that the profiles here are for.
const NAMES: [&str; 5] =
    ["shop.example.com", "www.shop.example.com", "blog.example.com", "www.blog.example.com", "shop-limit.example.com"];

/// A folder that is served, with what should not be in it.
const FILES: [(&str, &str); 10] = [
    ("index.html", "the page"),
    ("app.js", "the script"),
    ("style.css", "the style"),
    ("guide/index.html", "the guide"),
    ("empty/part.txt", "a part"),
    ("closed/index.html", "a closed page"),
    (".env", "a secret of nobody's"),
    (".git/config", "a history"),
    ("guide/.draft.html", "a draft"),
    (".well-known/security.txt", "a contact"),
];

/// A program by TLS, one whose certificate is signed by nobody that is known, and a DNS server.
struct Others {
    trusted: Other,
    stranger: Other,
    dns: Other,
}

impl Others {
    /// With the first program's certificate in the folder, as its own authority.
    fn start(folder: &Path) -> io::Result<Self> {
        let pair = || {
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).map_err(io::Error::other)?;
            let key = made.signing_key.serialize_der().try_into().map_err(io::Error::other)?;
            Ok::<_, io::Error>((made.cert.pem(), Pair { certificate: made.cert.into(), key }))
        };
        let (pem, trusted) = pair()?;
        fs::write(folder.join("ca.pem"), pem)?;
        Ok(Self {
            trusted: Other::by_tls("trusted", trusted)?,
            stranger: Other::by_tls("stranger", pair()?.1)?,
            dns: Other::dns()?,
        })
    }

    /// What names in a profile stand for.
    fn names(&self) -> Vec<(String, Value)> {
        let names = [
            ("trusted", format!("https://localhost:{}", self.trusted.address.port())),
            ("stranger", format!("https://localhost:{}", self.stranger.address.port())),
            ("resolver", self.dns.address.to_string()),
            ("known", KNOWN.to_owned()),
        ];
        names.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
    }
}

/// A running site; dropping it ends it. (Fields are dropped in order: the server before its folder.)
pub struct Site {
    running: Running,
    app: App,
    /// Another program behind the same site.
    front: App,
    _others: Others,
    pub ports: Ports,
    folder: TempDir,
}

impl Site {
    /// A free port may be taken by the time the server wants it: then with others.
    pub fn start(server: &Server, suite: &Suite) -> Result<Self, String> {
        let mut attempts = (0..3).map(|_| Self::try_start(server, suite));
        let started = attempts.find(|attempt| {
            let in_use = |error: &String| error.to_ascii_lowercase().contains("address already in use");
            !attempt.as_ref().err().is_some_and(in_use)
        });
        started.unwrap_or_else(|| Err("no free port".to_owned()))
    }

    fn try_start(server: &Server, suite: &Suite) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        prepare(folder.path());
        let app = App::start().expect("loopback has a free port");
        let front = App::named("front").expect("loopback has a free port");
        let others = Others::start(folder.path()).expect("loopback has free ports");
        let ports = Ports { http: free_port(), https: free_port() };
        let mut names = places(folder.path(), [app.address, front.address], ports, server);
        names.extend(others.names());
        let files = render_all(server, suite, &names, folder.path())?;
        let complaints = server.complaints(&files);
        if !complaints.is_empty() {
            return Err(format!("its files do not pass: {}", complaints.join("\n")));
        }
        let running = match server.kind {
            Kind::Traefik => {
                let profile = profiles(server, suite, &names).remove(0);
                server.start_gateway(&files, [ports.http, ports.https], folder.path(), &Settings::of(&profile))
            }
            Kind::Nginx | Kind::Caddy | Kind::CaddyJson => server.start(&files, ports.http),
        };
        let running = running.map_err(|error| format!("it does not start: {error}"))?;
        Ok(Self { running, app, front, _others: others, ports, folder })
    }

    /// What the programs behind it saw.
    pub fn seen(&self) -> Vec<Seen> {
        [self.app.seen(), self.front.seen()].concat()
    }

    /// What the plans for this server tell of it.
    pub fn notes(&self, server: &Server) -> Vec<String> {
        let output = Command::new(env!("CARGO_BIN_EXE_seccfg"))
            .arg("plan")
            .arg(self.folder.path().join("0"))
            .args(["--target", server.kind.target(), "--format", "json"])
            .env_clear()
            .output()
            .expect("the program was built");
        let listing: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a plan for programs");
        let controls = listing["plans"][0]["controls"].as_array().expect("a plan has controls").iter();
        let notes = controls.flat_map(|control| control["notes"].as_array().expect("a control has notes"));
        notes.map(|note| note.as_str().expect("a note is text").to_owned()).collect()
    }

    /// What the server printed.
    pub fn said(&self) -> String {
        self.running.said()
    }
}

/// What stands around a server: its certificate, and an ACME client's answer.
fn prepare(folder: &Path) {
    // nginx's workers give up root, and still have to get in.
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("the folder is ours");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file can be written");
    let challenges = "webroot/.well-known/acme-challenge";
    fs::create_dir_all(folder.join(challenges)).expect("a folder can be made");
    write(&format!("{challenges}/token"), "token.thumbprint");
    for (name, says) in FILES {
        let path = folder.join("dist").join(name);
        fs::create_dir_all(path.parent().expect("it is below a folder")).expect("a folder can be made");
        fs::write(path, says).expect("a file can be written");
    }
    let pair = rcgen::generate_simple_self_signed(NAMES.map(str::to_owned)).expect("names make a certificate");
    write("cert.pem", &pair.cert.pem());
    write("clients.pem", clients::authority());
    write("key.pem", &pair.signing_key.serialize_pem());
}

/// What names in a profile stand for.
fn places(folder: &Path, [app, front]: [SocketAddr; 2], ports: Ports, server: &Server) -> Table {
    let text = |text: &str| Value::String(text.to_owned());
    let names = [
        ("folder", text(&folder.display().to_string())),
        ("app", text(&app.to_string())),
        ("front", text(&front.to_string())),
        ("front_port", text(&front.port().to_string())),
        ("nobody", text(&format!("127.0.0.1:{}", free_port()))),
        ("http", Value::Integer(ports.http.into())),
        ("https", Value::Integer(ports.https.into())),
        ("version", text(&server.version)),
        ("plugins", Value::Array(server.plugins.iter().copied().map(text).collect())),
    ];
    names.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The profiles of a suite over the base, for one server.
fn profiles(server: &Server, suite: &Suite, places: &Table) -> Vec<Table> {
    let mut first: Table = BASE.parse().expect("the base is TOML");
    if server.kind == Kind::Traefik && !suite.control.contains("cookie") {
        // No gateway changes a cookie's flags: what asks for that is refused.
        first.remove("cookies");
    }
    overlay(&mut first, suite.profile.clone());
    // It adds to a chain that it believes: an app behind it counts from the right. What asks for another is refused.
    let asks = |section: &str, key: &str| suite.profile.get(section).is_some_and(|section| section.get(key).is_some());
    if server.kind == Kind::Traefik
        && asks("proxy", "trusted")
        && suite.control != "client address"
        && !asks("ip_filter", "deny")
    {
        let counting = "app.kind = 'crudauth'\nproxy.forwarded_for = 'append'";
        overlay(&mut first, counting.parse().expect("it is TOML"));
    }
    let second = suite.second.clone().map(|over| {
        let mut second = first.clone();
        overlay(&mut second, over);
        second
    });
    let profiles = std::iter::once(first).chain(second).map(|mut profile| {
        // One server, one edge: a plan is made for each that is declared.
        let targets = profile.get_mut("targets").and_then(Value::as_table_mut).expect("the base has targets");
        targets.retain(|name, _| name == server.kind.target());
        fill(profile, places)
    });
    profiles.collect()
}

/// Renders the first profile as a complete server, and includes the second in it.
fn render_all(server: &Server, suite: &Suite, places: &Table, folder: &Path) -> Result<PathBuf, String> {
    let mut folders = Vec::new();
    for (index, profile) in profiles(server, suite, places).iter().enumerate() {
        let own = folder.join(index.to_string());
        fs::create_dir(&own).expect("a folder can be made");
        folders.push(render(server, profile, &own)?);
    }
    let first = folders.remove(0);
    for other in folders {
        include(server.kind, &first, &other);
    }
    Ok(first)
}

fn render(server: &Server, profile: &Table, folder: &Path) -> Result<PathBuf, String> {
    let path = folder.join("security.toml");
    fs::write(&path, toml::to_string(profile).expect("a table is TOML")).expect("a file can be written");
    let output = Command::new(env!("CARGO_BIN_EXE_seccfg"))
        .args([Path::new("render"), &path])
        .args(["--target", server.kind.target(), "--today", "2026-11-21"])
        .args(server.kind.whole())
        .arg("--out")
        .arg(folder)
        .env_clear()
        .output()
        .expect("the program was built");
    if output.status.success() {
        return Ok(folder.join(server.kind.target()));
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("seccfg render: {}\n{}", output.status, String::from_utf8_lossy(&said)))
}

/// Has a server read another app's files, too: in nginx at the end of `http {}`, in Caddy at the end of all.
fn include(kind: Kind, first: &Path, other: &Path) {
    let (main, names): (_, &[&str]) = match kind {
        Kind::Nginx => ("nginx.conf", &["seccfg.conf", "site.conf"]),
        Kind::Caddy => ("Caddyfile", &["site.caddy"]),
        // A cluster has the objects of both.
        Kind::Traefik => return fs::rename(other, first.join("other")).expect("the folder is ours"),
        Kind::CaddyJson => panic!("JSON includes nothing"),
    };
    let mut text = fs::read_to_string(first.join(main)).expect("it was rendered");
    for name in names {
        let place = other.join(name).display().to_string();
        match kind {
            Kind::Nginx => {
                let end = text.rfind('}').expect("the end of http {}");
                text.insert_str(end, &format!("    include {place};\n"));
            }
            Kind::Caddy | Kind::CaddyJson | Kind::Traefik => text.extend(["import ", &place, "\n"]),
        }
    }
    fs::write(first.join(main), text).expect("a file can be written");
}
