//! HTTP/2, spoken by curl.
//!
//! A client that is not ours: curl and nghttp2 read what servers send as strictly as any, it is a small Debian package,
//! and the `h2` crate would bring an asynchronous runtime for the sake of this one file.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::{PATIENCE, Request, Response, Way, has_body, raw};
use crate::suite::{Asked, TlsVersion};
use crate::wire::Outcome;

/// Sends a request. The name in the handshake may be an address, and then is not sent.
pub fn exchange(way: Way, sni: &str, asked: &Asked, request: &Request) -> Outcome {
    let mut command = Command::new("curl");
    // Nothing of the user's: no configuration, no proxy.
    command.env_clear().args([
        "--disable",
        "--silent",
        "--show-error",
        "--insecure",
        "--http2",
        "--include",
        "--no-buffer",
    ]);
    // What it would add by itself.
    command.args([
        "--header",
        "User-Agent:",
        "--header",
        "Accept:",
        "--header",
        "Content-Type:",
        "--header",
        "Expect:",
    ]);
    command.args(["--write-out", "%{stderr}%{http_version}", "--max-time", &PATIENCE.as_secs().to_string()]);
    command.args(["--connect-to", &format!("::{}", way.to), "--request-target"]);
    command.arg(OsStr::from_bytes(&raw(&request.target)));
    if let Some(from) = way.from {
        command.args(["--interface", &from.to_string()]);
    }
    if let Some(shown) = asked.certificate {
        command.arg("--cert").arg(shown.file());
    }
    match asked.tls {
        // OpenSSL has to be told twice.
        Some(TlsVersion::Tls11) => {
            command.args(["--tlsv1.0", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"]);
        }
        Some(TlsVersion::Tls12) => {
            command.args(["--tlsv1.2", "--tls-max", "1.2"]);
        }
        Some(TlsVersion::Tls13) => {
            command.arg("--tlsv1.3");
        }
        None => {}
    }
    if request.method == "HEAD" {
        command.arg("--head");
    } else {
        command.args(["--request", &request.method]);
    }
    command.args(["--header", &format!("Host: {}", request.host)]);
    for (name, value) in &request.headers {
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        command.args(["--header", &header]);
    }
    match (request.body.is_empty(), request.chunked) {
        (true, _) => {}
        (false, true) => {
            command.args(["--upload-file", "-"]);
        }
        (false, false) => {
            command.args(["--data-binary", "@-"]);
        }
    }
    command.arg(format!("https://{sni}/"));
    match run(command, &request.body) {
        Ok((output, lasted)) => match outcome(&output) {
            Outcome::Answer(response) => Outcome::Answer(Response { lasted, ..response }),
            other => other,
        },
        Err(error) => Outcome::Failed(format!("curl does not run: {error}")),
    }
}

/// What it said, and how long the body took to come.
fn run(mut command: Command, body: &[u8]) -> io::Result<(Output, Duration)> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().expect("its input is piped");
    // It may have its answer before it has read everything.
    let _ = input.write_all(body);
    drop(input);
    let (mut stdout, mut stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let complaints = thread::spawn(move || {
        let mut said = Vec::new();
        stderr.read_to_end(&mut said).map(|_| said)
    });
    let (mut received, mut began, mut buffer) = (Vec::new(), None, vec![0; 16 << 10]);
    loop {
        match stdout.read(&mut buffer)? {
            0 => break,
            length => received.extend_from_slice(&buffer[..length]),
        }
        began = began.or_else(|| has_body(&received).then(Instant::now));
    }
    let stderr = complaints.join().expect("reading does not panic")?;
    let lasted = began.map(|began| began.elapsed()).unwrap_or_default();
    Ok((Output { status: child.wait()?, stdout: received, stderr }, lasted))
}

/// What became of it, by curl's exit codes.
fn outcome(output: &Output) -> Outcome {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(0) if !said.ends_with('2') => Outcome::Failed(format!("the server picked HTTP/{said}")),
        Some(0) => match Response::parse(&output.stdout) {
            Ok(response) => Outcome::Answer(Response { alpn: Some("h2".to_owned()), ..response }),
            Err(error) => Outcome::Failed(format!("no answer: {error}")),
        },
        // The handshake.
        Some(35) => Outcome::Refused(said),
        // Framing, a part of a body, an empty reply, sending, receiving, a stream's end.
        Some(16 | 18 | 52 | 55 | 56 | 92) => match Response::parse(&output.stdout) {
            Ok(response) => Outcome::Answer(Response { alpn: Some("h2".to_owned()), ..response }),
            Err(_) => Outcome::Closed,
        },
        _ => Outcome::Failed(format!("curl: {said}")),
    }
}
