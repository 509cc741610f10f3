//! An app as apps are: it has some pages, knows nothing else, and contradicts the profile wherever it can.

#![allow(dead_code, reason = "each test uses its share")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What it says of itself on every answer, beside a policy with a nonce.
const OWN: &str = "Strict-Transport-Security: max-age=1\r\n\
    X-Frame-Options: SAMEORIGIN\r\n\
    Access-Control-Allow-Origin: *\r\n\
    Cache-Control: public, max-age=60\r\n\
    X-Generator: Drupal 10\r\n\
    X-Powered-By: Python\r\n";

/// The running app; dropping it ends it.
pub struct App {
    pub address: SocketAddr,
    /// The header lines that it was sent and that no browser sends.
    heard: Arc<Mutex<Vec<String>>>,
    ending: Arc<AtomicBool>,
}

impl App {
    /// Starts one that sets these cookies on its page.
    pub fn start(cookies: &[String]) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let app = Self { address: listener.local_addr()?, heard: Arc::default(), ending: Arc::default() };
        let (ending, heard) = (Arc::clone(&app.ending), Arc::clone(&app.heard));
        let cookies: Vec<String> = cookies.iter().map(|name| format!("Set-Cookie: {name}=abc; Path=/\r\n")).collect();
        let cookies = cookies.concat();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                let (cookies, heard) = (cookies.clone(), Arc::clone(&heard));
                // A connection that breaks is the proxy's affair.
                thread::spawn(move || serve(&stream, &cookies, &heard).ok());
            }
        });
        Ok(app)
    }

    /// The header lines so far that were for it alone.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no thread panics with the lock").clone()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

/// A policy with a nonce that no other answer has.
fn policy() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let nonce = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("Content-Security-Policy: script-src 'nonce-{nonce:022}'; style-src 'nonce-{nonce:022}'\r\n")
}

/// Answers requests on one connection until the other side has no more.
fn serve(stream: &TcpStream, cookies: &str, heard: &Mutex<Vec<String>>) -> io::Result<()> {
    stream.set_read_timeout(Some(std::time::Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut words = line.split_whitespace().map(str::to_owned);
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(()) };
        let (mut length, mut chunked, mut expects) = (0, false, false);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            length =
                line.strip_prefix("content-length:").and_then(|length| length.trim().parse().ok()).unwrap_or(length);
            chunked |= line.starts_with("transfer-encoding:");
            expects |= line.starts_with("expect:");
            if line.starts_with("x-staging:") || line.starts_with("cookie:") {
                heard.lock().expect("no thread panics with the lock").push(line);
            }
        }
        if expects {
            writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        io::copy(&mut (&mut reader).take(length), &mut io::sink())?;
        if chunked {
            // Nothing here needs such a body: the rest of the connection goes with it.
            return Ok(());
        }
        let path = target.split(['?', '#']).next().unwrap_or_default();
        if path == "/events" {
            return stream_events(writer);
        }
        let (status, body) = match path {
            path if path.starts_with("/front/") => (200, "<!doctype html><title>A front</title>".to_owned()),
            "/" => (200, "<!doctype html><title>A shop</title>".to_owned()),
            "/healthz" => (200, "{\"alive\": true}".to_owned()),
            path if path.trim_end_matches('/') == "/metrics" || path.starts_with("/admin/") => {
                (200, "{\"visitors\": 7}".to_owned())
            }
            // As frameworks take them.
            "/docs" | "/docs/" | "/openapi.json" => (200, "{\"openapi\": \"3.1.0\"}".to_owned()),
            path if ["/login", "/token"].contains(&path.trim_end_matches('/')) && method == "POST" => {
                (401, "{\"detail\": \"wrong\"}".to_owned())
            }
            // Its errors repeat what was asked for, beside something secret.
            path if path.starts_with("/api/") => {
                (404, format!("{{\"no\": \"{target}\", \"token\": \"{}\"}}", "x".repeat(200)))
            }
            _ => (404, "{\"detail\": \"Not Found\"}".to_owned()),
        };
        let cookies = if path == "/" { cookies } else { "" };
        let answer = format!(
            "HTTP/1.1 {status} Said\r\n{OWN}{}{cookies}Content-Type: {}\r\nContent-Length: {}\r\n\r\n",
            policy(),
            if body.starts_with('<') { "text/html" } else { "application/json" },
            body.len()
        );
        let body = if method == "HEAD" { "" } else { &body };
        writer.write_all((answer + body).as_bytes())?;
    }
}

/// Sends a few bytes again and again, for as long as somebody listens.
fn stream_events(mut writer: &TcpStream) -> io::Result<()> {
    writer.write_all(
        format!("HTTP/1.1 200 OK\r\n{OWN}{}Content-Type: text/event-stream\r\nConnection: close\r\n\r\n", policy())
            .as_bytes(),
    )?;
    for _ in 0..100 {
        writer.write_all(b"data: 1\n\n")?;
        thread::sleep(std::time::Duration::from_millis(100));
    }
    Ok(())
}
