//! The installed servers, and one of them running.

#![allow(dead_code, reason = "each test uses its share")]

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, io};

#[path = "traefik.rs"]
pub mod traefik;

const PATIENCE: Duration = Duration::from_secs(10);

/// What Caddy warns of although it is meant.
const MEANT: [&str; 3] = [
    "no automatic HTTPS will be applied",
    "automatic HTTP->HTTPS redirects are disabled",
    // As nginx does it by itself.
    "enabling strict SNI-Host enforcement",
];

/// The plugins of Caddy that seccfg writes for. As Caddy is packaged, it has none.
const PLUGINS: [&str; 1] = ["rate_limit"];

/// What a server is, and what is rendered for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Nginx,
    Caddy,
    /// The same Caddy, told in JSON.
    CaddyJson,
    /// The gateway of a cluster, started by `traefik.rs` alone.
    Traefik,
}

impl Kind {
    /// Those that are servers by themselves.
    pub const ALL: [Self; 3] = [Self::Nginx, Self::Caddy, Self::CaddyJson];

    /// Its word after `--target` and in `[targets]`, and the folder of its files.
    pub const fn target(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy | Self::CaddyJson => "caddy",
            Self::Traefik => "kubernetes",
        }
    }

    /// What has it rendered as something that runs by itself.
    pub const fn whole(self) -> &'static [&'static str] {
        match self {
            Self::Nginx | Self::Caddy => &["--standalone"],
            Self::CaddyJson => &["--form", "json"],
            Self::Traefik => &[],
        }
    }

    /// The variable that lists its programs in place of those installed.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Nginx => "SECCFG_NGINX",
            Self::Caddy | Self::CaddyJson => "SECCFG_CADDY",
            Self::Traefik => "SECCFG_TRAEFIK",
        }
    }

    /// Debian's, and the current one that `scripts/setup` installs, or the last two releases of a gateway. Of two Caddys, the
    /// current one is told in JSON, too.
    fn programs(self) -> Vec<PathBuf> {
        let current = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin").join(name);
        match self {
            Self::Nginx => vec!["/usr/sbin/nginx".into(), current("nginx")],
            Self::Caddy => vec!["/usr/bin/caddy".into(), current("caddy")],
            Self::CaddyJson => vec![current("caddy")],
            Self::Traefik => vec![current("../traefik-3.6/bin/traefik"), current("traefik")],
        }
    }
}

/// An executable.
#[derive(Debug, Clone)]
pub struct Server {
    pub kind: Kind,
    program: PathBuf,
    /// `1.22.1`, as `targets.nginx.version` has it.
    pub version: String,
    /// What it is built with of [`PLUGINS`], as `targets.caddy.plugins` has it.
    pub plugins: Vec<&'static str>,
    /// Variables that it is started with.
    pub variables: Vec<(&'static str, &'static str)>,
}

/// Every server of a kind to test with: Debian's and the current one that `scripts/setup` installs, or those that
/// `SECCFG_NGINX` or `SECCFG_CADDY` lists.
pub fn installed(kind: Kind) -> Vec<Server> {
    let programs: Vec<PathBuf> = match env::var_os(kind.variable()) {
        Some(list) => env::split_paths(&list).collect(),
        None => kind.programs(),
    };
    for program in &programs {
        assert!(program.exists(), "{} is not installed: run scripts/setup", program.display());
    }
    programs.into_iter().map(|program| Server::ask(kind, program)).collect()
}

/// A port of loopback that nobody has, and that nobody gets who asks for any port: the system gives those out from 32,768,
/// to clients' connections too, and between finding one free and nginx taking it another test would have it.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Runs side by side begin in different places.
    let start = 10_000 + std::process::id() % 20_000;
    let ports = std::iter::repeat_with(|| 10_000 + (start + u32::from(NEXT.fetch_add(1, Ordering::Relaxed))) % 20_000);
    let mut ports = ports.take(20_000).filter_map(|port| u16::try_from(port).ok());
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("one of 20,000 ports is free")
}

impl Server {
    fn ask(kind: Kind, program: PathBuf) -> Self {
        let question = match kind {
            Kind::Nginx => "-v",
            Kind::Caddy | Kind::CaddyJson | Kind::Traefik => "version",
        };
        let answer = |question: &str| {
            let output = Command::new(&program).arg(question).output();
            let output = output.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
        };
        // `nginx version: nginx/1.22.1` on one, `v2.11.7 h1:…` on the other, `Version:      3.7.15` on the third.
        let text = answer(question);
        let version = text.trim().rsplit("nginx/").next().unwrap_or_default();
        let version = version.strip_prefix("Version:").unwrap_or(version);
        let version = version.split_whitespace().next().unwrap_or_default().trim_start_matches('v').to_owned();
        assert!(version.starts_with(|c: char| c.is_ascii_digit()), "no version in {text:?}");
        let plugins = match kind {
            Kind::Nginx | Kind::Traefik => Vec::new(),
            Kind::Caddy | Kind::CaddyJson => {
                let modules = answer("list-modules");
                let has = |plugin: &&str| modules.lines().any(|line| line.trim() == format!("http.handlers.{plugin}"));
                PLUGINS.into_iter().filter(has).collect()
            }
        };
        Self { kind, program, version, plugins, variables: Vec::new() }
    }

    /// `nginx 1.22`: patch releases come and go.
    pub fn label(&self) -> String {
        let version: Vec<&str> = self.version.splitn(3, '.').take(2).collect();
        let version = version.join(".");
        match self.kind {
            Kind::Nginx => format!("nginx {version}"),
            Kind::Caddy => format!("Caddy {version}"),
            Kind::CaddyJson => format!("Caddy {version}, JSON"),
            Kind::Traefik => format!("Traefik {version}"),
        }
    }

    /// What it would need to do what only some servers can, where it lacks that.
    pub fn lacks(&self, need: &str) -> Option<&'static str> {
        let minor = self.version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
        match (self.kind, need) {
            (Kind::Nginx, "rate_limit" | "trusted_proxies" | "several_apps" | "resolver" | "client_certificates")
            | (Kind::Caddy, "several_apps" | "early_hints")
            | (Kind::CaddyJson, "early_hints")
            | (Kind::Traefik, "rate_limit" | "trusted_proxies" | "several_apps" | "early_hints") => None,
            (Kind::Nginx, "early_hints") => (minor < Some(29)).then_some("needs nginx 1.29"),
            (Kind::Caddy | Kind::CaddyJson, "rate_limit") => {
                (!self.plugins.contains(&need)).then_some("needs the plugin `rate_limit`")
            }
            (Kind::Caddy | Kind::CaddyJson, "trusted_proxies") => {
                (minor < Some(8)).then_some("needs Caddy 2.8 to trust proxies")
            }
            (Kind::Caddy | Kind::CaddyJson, "client_certificates") => {
                (minor < Some(8)).then_some("needs Caddy 2.8 to know clients by their certificates")
            }
            // What the test's DNS server knows, it alone knows.
            (Kind::Caddy | Kind::CaddyJson, "resolver") => Some("asks the machine's own DNS servers alone"),
            // One file holds one app, and imports nothing.
            (Kind::CaddyJson, "several_apps") => Some("needs the Caddyfile"),
            (Kind::Traefik, "resolver") => Some("is told by the cluster where an app is"),
            (Kind::Traefik, "client_certificates") => Some("is told by those who run it to ask for certificates"),
            (Kind::Nginx | Kind::Caddy | Kind::CaddyJson | Kind::Traefik, _) => panic!("nobody knows who has {need:?}"),
        }
    }

    /// What a gateway says where the others say this, with the same meaning to browsers.
    pub fn says_instead(&self, status: u16, method: &str) -> Option<u16> {
        match (self.kind, status, method) {
            (Kind::Traefik, 204, "OPTIONS") => Some(200),
            (Kind::Traefik, 308, "GET") => Some(301),
            (Kind::Nginx | Kind::Caddy | Kind::CaddyJson | Kind::Traefik, ..) => None,
        }
    }

    /// The status for hosts that nobody serves, where they get an answer.
    pub fn says_to_nobody(&self) -> Option<u16> {
        (self.kind == Kind::Traefik).then_some(404)
    }

    fn command(&self, folder: &Path, caddy: &str) -> Command {
        let mut command = Command::new(&self.program);
        match self.kind {
            Kind::Nginx => {
                command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
            }
            Kind::Caddy => {
                command.arg(caddy).arg("--config").arg(folder.join("Caddyfile")).args(["--adapter", "caddyfile"]);
            }
            Kind::CaddyJson => {
                command.arg(caddy).arg("--config").arg(folder.join("caddy.json"));
            }
            // It is told by its flags where its objects are.
            Kind::Traefik => {}
        }
        // Caddy keeps its certificates and its last configuration at home.
        command.env("HOME", folder).env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME");
        command.envs(self.variables.iter().copied()).stdin(Stdio::null());
        command
    }

    /// What the server warns of in a folder's files, and why it does not take them.
    pub fn complaints(&self, folder: &Path) -> Vec<String> {
        // It has no way to test what it will be told.
        if self.kind == Kind::Traefik {
            return Vec::new();
        }
        let output = self.test(folder);
        let said = String::from_utf8_lossy(&output.stderr);
        let mut complaints: Vec<String> = match self.kind {
            Kind::Nginx => said.lines().filter(|line| line.contains("[warn]")).map(str::to_owned).collect(),
            Kind::Traefik => Vec::new(),
            Kind::Caddy | Kind::CaddyJson => {
                let warnings = said.lines().filter(|line| line.contains(r#""level":"warn""#));
                warnings.filter(|line| !MEANT.iter().any(|text| line.contains(text))).map(str::to_owned).collect()
            }
        };
        if !output.status.success() {
            complaints.push(said.into_owned());
        }
        complaints
    }

    /// Has the server itself test a folder's files.
    pub fn test(&self, folder: &Path) -> Output {
        let mut command = self.command(folder, "validate");
        if self.kind == Kind::Nginx {
            command.arg("-t");
        }
        command.output().expect("the server was found, so it starts")
    }

    /// Starts the server with a folder's files and waits until it listens, on `port` and wherever else it has to.
    pub fn start(&self, folder: &Path, port: u16) -> io::Result<Running> {
        let log = folder.join("stderr.log");
        let mut command = self.command(folder, "run");
        if self.kind == Kind::Nginx {
            command.args(["-g", "daemon off;"]);
        }
        let mut child = command.stdout(Stdio::null()).stderr(File::create(&log)?).spawn()?;
        let give_up = Instant::now() + PATIENCE;
        // Both open one socket after the other. Then nginx notes its number, and Caddy says that it serves.
        let number = child.id().to_string();
        let is_ready = || match self.kind {
            Kind::Nginx => fs::read_to_string(folder.join("nginx.pid")).is_ok_and(|noted| noted.trim() == number),
            Kind::Caddy | Kind::CaddyJson => {
                fs::read_to_string(&log).is_ok_and(|log| log.contains("serving initial configuration"))
            }
            Kind::Traefik => panic!("a gateway is started by `start_gateway`"),
        };
        let listens = || ["127.0.0.1", "::1"].iter().any(|address| TcpStream::connect((*address, port)).is_ok());
        while !listens() || !is_ready() {
            if child.try_wait()?.is_some() || Instant::now() > give_up {
                stop(&mut child);
                return Err(io::Error::other(fs::read_to_string(log)?));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(Running { child, log, cluster: None })
    }
}

/// A running server; dropping it ends it.
pub struct Running {
    child: Child,
    log: PathBuf,
    /// What a gateway reads its objects from, for as long as it runs.
    cluster: Option<traefik::Cluster>,
}

impl Running {
    /// What a gateway's controller says of an object.
    pub fn status(&self, kind: &str, name: &str) -> Option<serde_json::Value> {
        self.cluster.as_ref()?.status(kind, name)
    }

    /// What it printed so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        stop(&mut self.child);
        if thread::panicking() {
            eprintln!("the server said:\n{}", self.said());
        }
    }
}

/// Asks the process to end, so that it takes its workers along, and insists if it won't.
fn stop(child: &mut Child) {
    let _ = Command::new("kill").arg(child.id().to_string()).stderr(Stdio::null()).status();
    let give_up = Instant::now() + PATIENCE;
    while matches!(child.try_wait(), Ok(None)) && Instant::now() < give_up {
        thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
}
