//! Traefik as the gateway of a cluster that is not there: it reads objects from an API server of the test's own.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use seccfg::yaml;
use serde_json::{Value, json};
use toml::Table;

use super::{Running, Server, free_port, stop};

#[path = "cluster.rs"]
mod cluster;

pub use cluster::Cluster;

/// A controller reads all of its objects, and writes what it made of them, before it serves.
const PATIENCE: Duration = Duration::from_secs(15);

/// The gateway that profiles name here.
pub const GATEWAY: (&str, &str) = ("edge", "gateway-system");

/// Every object in the manifests of a folder and below it.
pub fn objects(folder: &Path) -> Vec<Value> {
    let mut paths: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut objects = Vec::new();
    for path in paths {
        if path.is_dir() {
            objects.extend(self::objects(&path));
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            let read = yaml::read(&fs::read_to_string(&path).expect("it was rendered"));
            assert!(read.problems.is_empty(), "{}: {:?}", path.display(), read.problems);
            objects.extend(read.documents.iter().map(yaml::Node::to_json));
        }
    }
    objects
}

/// What a plan says that those who run the gateway set.
#[derive(Debug, Default)]
pub struct Settings {
    /// The networks of proxies whose word counts.
    pub trusted: Vec<String>,
    /// Whether TLS 1.3 is the lowest version.
    pub is_modern: bool,
    /// How long an app may take to answer, where that is said.
    pub timeout: Option<String>,
}

impl Settings {
    /// Those of a profile.
    pub fn of(profile: &Table) -> Self {
        let text = |section: &str, key: &str| profile.get(section)?.get(key)?.as_str();
        let trusted = profile.get("proxy").and_then(|proxy| proxy.get("trusted")).and_then(toml::Value::as_array);
        let trusted = trusted.into_iter().flatten().filter_map(|network| network.as_str().map(str::to_owned));
        Self {
            trusted: trusted.collect(),
            is_modern: text("tls", "guideline") == Some("modern"),
            timeout: text("app", "timeout").map(str::to_owned),
        }
    }
}

/// What whoever runs the cluster has in it: the gateway with its certificate, and where the app's pods are.
fn platform(objects: &[Value], [http, https]: [u16; 2], certificates: &Path, settings: &Settings) -> Vec<Value> {
    let (gateway, namespace) = GATEWAY;
    let pem = |name: &str| base64(&fs::read(certificates.join(name)).expect("the site has a certificate"));
    let from_all = json!({ "namespaces": { "from": "All" } });
    let mut platform = vec![
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace } }),
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": { "name": "traefik" },
            "spec": { "controllerName": "traefik.io/gateway-controller" },
        }),
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": { "name": "certificate", "namespace": namespace },
            "data": { "tls.crt": pem("cert.pem"), "tls.key": pem("key.pem") },
        }),
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
            "metadata": { "name": gateway, "namespace": namespace },
            "spec": { "gatewayClassName": "traefik", "listeners": [
                { "name": "http", "protocol": "HTTP", "port": http, "allowedRoutes": from_all },
                { "name": "https", "protocol": "HTTPS", "port": https, "allowedRoutes": from_all,
                  "tls": { "mode": "Terminate", "certificateRefs": [{ "group": "", "kind": "Secret", "name": "certificate" }] } },
            ] },
        }),
    ];
    if settings.is_modern {
        platform.push(json!({
            "apiVersion": "traefik.io/v1alpha1", "kind": "TLSOption", "metadata": { "name": "default", "namespace": namespace },
            "spec": { "minVersion": "VersionTLS13" },
        }));
    }
    // The pods of every Service are on this machine.
    for service in objects.iter().filter(|object| object["kind"] == "Service") {
        let name = service["metadata"]["name"].as_str().expect("a Service has a name");
        let port = |port: &Value| json!({ "name": port["name"], "port": port["targetPort"], "protocol": "TCP" });
        let ports: Vec<Value> = service["spec"]["ports"].as_array().into_iter().flatten().map(port).collect();
        platform.push(json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {
                "name": format!("{name}-1"), "namespace": service["metadata"]["namespace"],
                "labels": { "kubernetes.io/service-name": name },
            },
            "ports": ports,
            "endpoints": [{ "addresses": ["127.0.0.1"], "conditions": { "ready": true, "serving": true } }],
        }));
    }
    platform
}

impl Server {
    /// Starts the gateway with the manifests of a folder, and waits until it serves all of them.
    pub fn start_gateway(
        &self,
        folder: &Path,
        ports: [u16; 2],
        certificates: &Path,
        settings: &Settings,
    ) -> io::Result<Running> {
        let mut objects = objects(folder);
        objects.extend(platform(&objects, ports, certificates, settings));
        let cluster = Cluster::start(objects)?;
        let log = folder.join("stderr.log");
        let own = free_port();
        let address = |name: &str, port: u16| format!("--entrypoints.{name}.address=127.0.0.1:{port}");
        let mut command = self.command(folder, "");
        command.args(["--log.level=INFO", "--global.checknewversion=false", "--global.sendanonymoususage=false"]);
        command.args([address("web", ports[0]), address("websecure", ports[1]), address("traefik", own)]);
        for name in ["web", "websecure"] {
            command.arg(format!("--entrypoints.{name}.http.maxheaderbytes=32768"));
            if !settings.trusted.is_empty() {
                let networks = settings.trusted.join(",");
                command.arg(format!("--entrypoints.{name}.forwardedheaders.trustedips={networks}"));
            }
        }
        if let Some(timeout) = &settings.timeout {
            command.arg(format!("--serverstransport.forwardingtimeouts.responseheadertimeout={timeout}"));
        }
        command.args(["--providers.providersthrottleduration=100ms", "--api=true", "--api.insecure=true"]);
        for provider in ["kubernetesgateway", "kubernetescrd"] {
            command.arg(format!("--providers.{provider}=true"));
            command.arg(format!("--providers.{provider}.endpoint=http://{}", cluster.address));
            command.arg(format!("--providers.{provider}.token=none"));
        }
        let mut child = command.stdout(File::create(&log)?).stderr(Stdio::null()).spawn()?;
        let give_up = Instant::now() + PATIENCE;
        while !is_serving(own) {
            if child.try_wait()?.is_some() || Instant::now() > give_up {
                let routers = ask(own).unwrap_or_default();
                stop(&mut child);
                return Err(io::Error::other(format!("{}\n{routers}", fs::read_to_string(log)?)));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(Running { child, log, cluster: Some(cluster) })
    }
}

/// Whether every route of the cluster is served, with all that it names.
fn is_serving(port: u16) -> bool {
    let Some(routers) = ask(port).and_then(|text| serde_json::from_str::<Value>(&text).ok()) else { return false };
    let own = |router: &&Value| router["provider"] == "kubernetesgateway";
    let mut routers = routers.as_array().into_iter().flatten().filter(own).peekable();
    routers.peek().is_some() && routers.all(|router| router["status"] == "enabled")
}

/// What it says of its routers.
fn ask(port: u16) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    write!(stream, "GET /api/http/routers?per_page=1000 HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(text.split_once("\r\n\r\n")?.1.to_owned())
}

/// Bytes as a Secret has them.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * place)) as usize & 63];
            text.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    text
}
