//! `cargo bench --bench proxies`: what a request costs through a rendered proxy, beside one through a plain proxy that
//! somebody wrote by hand for the same server; and what a large profile costs to render, and to start with.
//!
//! | figure | limit |
//! | --- | --- |
//! | requests a second through the plain proxy, against those through the rendered one, by https on connections that are kept | 1.1 |
//! | the time within which 99 of 100 requests are answered, rendered against plain | 1.1 |
//! | `seccfg render` of 200 paths, 50 services and 3,000 origins, process time | 50 ms |
//!
//! Client, proxy and app share the machine. Rounds alternate, so that whatever else the machine does hits both; the
//! figures are medians of the rounds' ratios. The rendered profile is `examples/instacrud`.

#![allow(missing_docs, reason = "a benchmark")]

#[path = "../tests/support/app.rs"]
mod app;
#[path = "../tests/support/client.rs"]
mod client;
#[path = "../tests/support/server.rs"]
mod server;

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use client::Handshake;
use server::{Kind, Server, free_port, installed};

const EXAMPLE: &str = include_str!("../examples/instacrud/security.toml");
const HOST: &str = "shop.example.com";
const TODAY: &str = "2026-11-21";
const CONNECTIONS: usize = 16;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(1500);

fn main() {
    for kind in [Kind::Nginx, Kind::Caddy] {
        for server in installed(kind) {
            requests(&server);
        }
    }
    large();
}

/// An app that answers every request with a small answer, at once.
fn app() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    let port = listener.local_addr().expect("it listens").port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || answer_all(&stream).ok());
        }
    });
    port
}

fn answer_all(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let body = "x".repeat(1024);
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while skip_head(&mut reader)?.is_some() {
        writer.write_all(answer.as_bytes())?;
    }
    Ok(())
}

/// Reads a head, and gives the length of the body behind it; nothing, where the other side has closed.
fn skip_head(reader: &mut impl BufRead) -> io::Result<Option<u64>> {
    let (mut line, mut length) = (Vec::new(), 0);
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line == b"\r\n" {
            return Ok(Some(length));
        }
        if line.len() > 15 && line[..15].eq_ignore_ascii_case(b"content-length:") {
            let value = String::from_utf8_lossy(&line[15..]);
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
}

/// How a round went.
struct Round {
    a_second: f64,
    slow: Duration,
}

/// Asks for a path on connections that are kept, for as long as a round takes.
fn round(port: u16, path: &str) -> Round {
    let end = Instant::now() + ROUND;
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(|| ask(port, path, end))).collect();
        clients.into_iter().flat_map(|client| client.join().expect("the server answers")).collect()
    });
    times.sort_unstable();
    let requests = u32::try_from(times.len()).expect("few enough");
    Round { a_second: f64::from(requests) / ROUND.as_secs_f64(), slow: times[times.len() * 99 / 100] }
}

fn ask(port: u16, path: &str, end: Instant) -> Vec<Duration> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: application/json\r\n\
         Accept-Language: en\r\nAccept-Encoding: gzip, br\r\nReferer: https://{HOST}/\r\nCookie: session=abc\r\n\r\n"
    );
    let connect =
        || BufReader::new(client::encrypted(port, Handshake::with(HOST)).expect("the server takes connections"));
    let mut stream = connect();
    let mut times = Vec::new();
    let mut body = Vec::new();
    while Instant::now() < end {
        let begun = Instant::now();
        let sent = stream.get_mut().write_all(request.as_bytes());
        match sent.and_then(|()| skip_head(&mut stream)) {
            Ok(Some(length)) => {
                body.clear();
                (&mut stream).take(length).read_to_end(&mut body).expect("the body is as long as it says");
                times.push(begun.elapsed());
            }
            // nginx closes a connection after a thousand requests.
            Ok(None) | Err(_) => stream = connect(),
        }
    }
    times
}

/// The example for this machine.
fn rendered(server: &Server, folder: &Path, app: u16) -> u16 {
    let (http, https) = (free_port(), free_port());
    let mut profile = EXAMPLE.replace("[targets.nginx]\nversion = \"1.22.1\"\n", "");
    for port in [8000, 3000] {
        profile = profile.replace(&format!("127.0.0.1:{port}"), &format!("127.0.0.1:{app}"));
    }
    for (listed, ours) in [("fullchain.pem", "cert.pem"), ("privkey.pem", "key.pem")] {
        let ours = folder.join(ours).display().to_string();
        profile = profile.replace(&format!("/etc/letsencrypt/live/{HOST}/{listed}"), &ours);
    }
    let target = server.kind.target();
    let version = &server.version;
    // Stock Caddy counts nothing, and the certificate lies in a temporary folder.
    for rule in ["RAT003", "TLS013"] {
        write!(profile, "\n[[waivers]]\nrule = \"{rule}\"\nreason = \"a benchmark\"\nexpires = 2027-05-31\n")
            .expect("a string takes everything");
    }
    write!(
        profile,
        "\n[targets.{target}]\nversion = \"{version}\"\nbind = [\"127.0.0.1\"]\nhttp_port = {http}\nhttps_port = {https}\n"
    )
    .expect("a string takes everything");
    render(server, folder, &profile);
    https
}

fn render(server: &Server, folder: &Path, profile: &str) {
    fs::write(folder.join("security.toml"), profile).expect("a file can be written");
    let output = Command::new(env!("CARGO_BIN_EXE_seccfg"))
        .args(["render", "--today", TODAY, "--target", server.kind.target()])
        .args(server.kind.whole())
        .current_dir(folder)
        .output()
        .expect("the program was built");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

/// What somebody writes who wants TLS and a proxy, and no more.
fn plain(server: &Server, folder: &Path, app: u16) -> u16 {
    let (port, files) = (free_port(), folder.display());
    let (name, text) = match server.kind {
        Kind::Nginx => (
            "nginx.conf",
            format!(
                "worker_processes auto;\npid nginx.pid;\nerror_log stderr;\nworker_rlimit_nofile 2048;\n\
                 events {{ worker_connections 1024; }}\n\
                 http {{\n    access_log off;\n    upstream app {{ server 127.0.0.1:{app}; keepalive 16; }}\n    server {{\n\
                 listen 127.0.0.1:{port} ssl;\n server_name {HOST};\n\
                 ssl_certificate {files}/cert.pem;\n ssl_certificate_key {files}/key.pem;\n\
                 location / {{\n proxy_pass http://app;\n proxy_http_version 1.1;\n proxy_set_header Connection \"\";\n\
                 proxy_set_header Host $host;\n proxy_set_header X-Real-IP $remote_addr;\n\
                 proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n\
                 proxy_set_header X-Forwarded-Proto $scheme;\n }}\n }}\n}}\n"
            ),
        ),
        Kind::Traefik => unreachable!("a gateway is configured by a cluster's API"),
        Kind::Caddy | Kind::CaddyJson => (
            "Caddyfile",
            format!(
                "{{\n admin off\n auto_https disable_redirects\n}}\nhttps://{HOST}:{port} {{\n bind 127.0.0.1\n\
                 tls {files}/cert.pem {files}/key.pem\n reverse_proxy 127.0.0.1:{app}\n}}\n"
            ),
        ),
    };
    fs::write(folder.join(name), text).expect("a file can be written");
    port
}

/// A folder with a certificate, into which nginx's workers get, too.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("the folder is ours");
    let pair = rcgen::generate_simple_self_signed([HOST.to_owned()]).expect("a name makes a certificate");
    for (name, text) in [("cert.pem", pair.cert.pem()), ("key.pem", pair.signing_key.serialize_pem())] {
        fs::write(folder.path().join(name), text).expect("a file can be written");
    }
    folder
}

fn requests(server: &Server) {
    let (app, folder, by_hand) = (app(), folder(), folder());
    let rendered_port = rendered(server, folder.path(), app);
    let plain_port = plain(server, by_hand.path(), app);
    let files = folder.path().join(server.kind.target());
    let _rendered = server.start(&files, rendered_port).expect("what is rendered starts");
    let _plain = server.start(by_hand.path(), plain_port).expect("what is plain starts");
    println!("{}, {CONNECTIONS} connections, median of {ROUNDS} rounds", server.label());
    for path in ["/api/v1/clients", "/signin"] {
        let mut rounds = Vec::new();
        // One round each that does not count: connections to the app are made, tables warm.
        for number in 0..=ROUNDS {
            let pair = (round(rendered_port, path), round(plain_port, path));
            if number > 0 {
                rounds.push(pair);
            }
        }
        let figures = |of: fn(&Round) -> f64| {
            let both = |(rendered, plain): &(Round, Round)| [of(rendered), of(plain), of(rendered) / of(plain)];
            let rounds: Vec<_> = rounds.iter().map(both).collect();
            [0, 1, 2].map(|figure| median(rounds.iter().map(|round| round[figure]).collect()))
        };
        let [rendered, plain, ratio] = figures(|round| round.a_second);
        println!("  {path:<16} requests/s {rendered:>8.0}, plain {plain:>8.0}: {:.2} x (limit 1.1)", 1.0 / ratio);
        let [rendered, plain, ratio] = figures(|round| round.slow.as_secs_f64() * 1e3);
        println!("  {:<16} p99 in ms  {rendered:>8.2}, plain {plain:>8.2}: {ratio:.2} x (limit 1.1)", "");
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// 50 services and 50 locations with two paths each, and 3,000 origins.
fn large_profile(files: &Path) -> String {
    let mut profile = format!(
        "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"prod\"\nurl = \"https://{HOST}\"\nsign_in = []\n\
         upstream = \"127.0.0.1:8000\"\n[hsts]\nenabled = true\nmax_age = \"1y\"\n[headers]\n\
         content_security_policy = \"default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'\"\n\
         [tls.certificate]\nissuer = \"ca\"\ncert = \"{0}/cert.pem\"\nkey = \"{0}/key.pem\"\n",
        files.display()
    );
    let origins: Vec<String> = (0..3000).map(|number| format!("\"https://tenant-{number}.example.org\"")).collect();
    writeln!(profile, "[cors]\norigins = [{}]", origins.join(", ")).expect("a string takes everything");
    for number in 0..50 {
        write!(
            profile,
            "[services.service_{number}]\nupstream = \"127.0.0.1:{}\"\n\
             paths = [\"/service-{number}/\", \"/api/v1/service-{number}/\"]\n\
             [locations.location_{number}]\ntimeout = \"5m\"\n\
             paths = [\"/api/v1/location-{number}/\", \"/downloads/location-{number}\"]\n",
            9000 + number
        )
        .expect("a string takes everything");
    }
    profile
}

fn large() {
    println!("200 paths, 50 services and 3,000 origins, median of {ROUNDS} runs");
    for kind in [Kind::Nginx, Kind::Caddy] {
        for server in installed(kind) {
            let folder = folder();
            let (http, https, target) = (free_port(), free_port(), kind.target());
            let profile = large_profile(folder.path())
                + &format!(
                    "[targets.{target}]\nversion = \"{}\"\nbind = [\"127.0.0.1\"]\nhttp_port = {http}\nhttps_port = {https}\n",
                    server.version
                );
            render(&server, folder.path(), &profile);
            let times = (0..ROUNDS).map(|_| {
                let begun = Instant::now();
                let status = Command::new(env!("CARGO_BIN_EXE_seccfg"))
                    .args(["render", "--stdout", "--today", TODAY, "--target", target])
                    .current_dir(folder.path())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status();
                assert!(status.is_ok_and(|status| status.success()), "it was rendered before");
                begun.elapsed().as_secs_f64() * 1e3
            });
            let rendering = median(times.collect());
            let begun = Instant::now();
            let _running = server.start(&folder.path().join(target), http).expect("what is rendered starts");
            println!(
                "  {:<12} rendered in {rendering:>6.1} ms (limit 50), starts in {:.0} ms",
                server.label(),
                begun.elapsed().as_secs_f64() * 1e3
            );
        }
    }
}
