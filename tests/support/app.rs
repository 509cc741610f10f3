//! An app that tells what it saw, and says the opposite of the profile wherever it can.

#![allow(dead_code, reason = "each test uses its share")]

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What an app sends that knows nothing of the proxy in front of it.
const OWN_HEADERS: &str = "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n\
    X-Frame-Options: SAMEORIGIN\r\n\
    X-Content-Type-Options: nosniff\r\n\
    X-XSS-Protection: 1; mode=block\r\n\
    Content-Security-Policy: default-src 'self'\r\n\
    Referrer-Policy: unsafe-url\r\n\
    Permissions-Policy: camera=*\r\n\
    Cross-Origin-Opener-Policy: unsafe-none\r\n\
    Cross-Origin-Resource-Policy: cross-origin\r\n\
    Cross-Origin-Embedder-Policy: unsafe-none\r\n\
    Access-Control-Allow-Origin: *\r\n\
    Access-Control-Allow-Credentials: true\r\n\
    Access-Control-Allow-Methods: DELETE\r\n\
    Access-Control-Allow-Headers: X-Own\r\n\
    Access-Control-Allow-Private-Network: true\r\n\
    Access-Control-Expose-Headers: X-Own\r\n\
    Access-Control-Max-Age: 86400\r\n\
    Cache-Control: public, max-age=60\r\n\
    CDN-Cache-Control: max-age=600\r\n\
    Surrogate-Control: max-age=600\r\n\
    Vary: Accept-Encoding\r\n\
    Set-Cookie: session=abc; Path=/\r\n\
    Set-Cookie: csrf=xyz; Path=/\r\n\
    Set-Cookie: shop.theme=dark; Path=/; Secure; HttpOnly\r\n\
    Server: uvicorn\r\n\
    X-AspNet-Version: 4.0.30319\r\n\
    X-Drupal-Cache: MISS\r\n\
    X-Generator: Drupal 10\r\n\
    X-Jenkins: 2.426\r\n\
    X-Runtime: 0.012\r\n\
    X-Powered-By: Python\r\n";

/// The same, with two lines about caching, and an attribute twice in a cookie.
fn twice() -> String {
    let lines = "Cache-Control: private\r\nCache-Control: max-age=60";
    let headers = OWN_HEADERS.replace("Cache-Control: public, max-age=60", lines);
    headers.replace("session=abc; Path=/", "session=abc; SameSite=None; Path=/; SameSite=None")
}

/// A request as the app got it. Header names are in lower case; several of one name are joined.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub headers: BTreeMap<String, String>,
    /// The body's length in bytes.
    pub body: u64,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// The running app; dropping it ends it.
pub struct App {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    ending: Arc<AtomicBool>,
}

impl App {
    pub fn start() -> io::Result<Self> {
        Self::named("app")
    }

    /// One that says its name with every answer.
    pub fn named(name: &'static str) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let app = Self { address, seen: Arc::default(), ending: Arc::default() };
        let (seen, ending) = (Arc::clone(&app.seen), Arc::clone(&app.ending));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                let seen = Arc::clone(&seen);
                // A connection that breaks is the client's affair.
                thread::spawn(move || serve(&stream, name, &seen).ok());
            }
        });
        Ok(app)
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no thread panics with the lock").clone()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

/// Answers requests on one connection until the other side has no more.
///
/// `/status/404` and the like are answered with that status, `/hints` with one before the answer, and `/twice` says some of its headers twice. `/broken` ends the connection without an answer, `/no-http` with one that is none, `/untyped` does not say what its answer is, `/silent`
/// keeps it open without one, and `/ws` takes the upgrade that it is asked for and sends back the first five bytes that come. What ends
/// in `/slow-ws` does the same and says something after two seconds, what ends in `/drops` answers in two pieces with a
/// second between them, and `/heads/20000` has a header of that length.
fn serve(stream: &TcpStream, name: &str, seen: &Mutex<Vec<Seen>>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(request) = read(&mut reader)? {
        let body = serde_json::to_vec(&request)?;
        let (head, target) = (request.method == "HEAD", request.target.clone());
        let upgrade = request.header("upgrade").map(str::to_owned);
        seen.lock().expect("no thread panics with the lock").push(request);
        match (target.as_str(), upgrade) {
            ("/broken", _) => break,
            ("/untyped", _) => {
                writer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<!doctype html>")?;
            }
            ("/no-http", _) => {
                writer.write_all(b"220 mail.example.com ready\r\n")?;
                break;
            }
            ("/silent", _) => {
                io::copy(&mut reader, &mut io::sink())?;
                break;
            }
            ("/ws", Some(protocol)) => {
                let line = "HTTP/1.1 101 Switching Protocols";
                let answer = format!("{line}\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n{OWN_HEADERS}\r\n");
                writer.write_all(answer.as_bytes())?;
                // A proxy may pass it on in pieces.
                let mut said = [0; 5];
                reader.read_exact(&mut said)?;
                writer.write_all(&said)?;
                break;
            }
            (target, Some(protocol)) if target.ends_with("/slow-ws") => {
                let line = "HTTP/1.1 101 Switching Protocols";
                let answer = format!("{line}\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n");
                writer.write_all(answer.as_bytes())?;
                thread::sleep(Duration::from_secs(2));
                writer.write_all(b"awake")?;
                break;
            }
            (target, _) if target.ends_with("/drops") => {
                writer.write_all(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: 1\n\n",
                )?;
                thread::sleep(Duration::from_secs(1));
                writer.write_all(b"data: 2\n\n")?;
                break;
            }
            (target, _) => {
                let status = target.rsplit_once("/status/").map_or("200", |(_, status)| status);
                let large = target.strip_prefix("/heads/").and_then(|length| length.parse().ok()).unwrap_or_default();
                let large = if large > 0 { format!("X-Large: {}\r\n", "x".repeat(large)) } else { String::new() };
                let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
                let before = if target == "/hints" { hints } else { "" };
                let own = if target == "/twice" { twice() } else { OWN_HEADERS.to_owned() };
                let mut answer = format!(
                    "{before}HTTP/1.1 {status} From-The-App\r\n{own}X-Program: {name}\r\n{large}\
                     Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                )
                .into_bytes();
                if !head {
                    answer.extend(body);
                }
                // At once: the system would keep a second piece back until the first is acknowledged.
                writer.write_all(&answer)?;
            }
        }
    }
    stream.shutdown(Shutdown::Both)
}

fn read(reader: &mut impl BufRead) -> io::Result<Option<Seen>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(io::Error::other("no request line"));
    };
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let joined = headers.entry(name.to_ascii_lowercase()).or_default();
        if !joined.is_empty() {
            joined.push_str(", ");
        }
        joined.push_str(value.trim());
    }
    let body = match headers.get("content-length").and_then(|length| length.parse().ok()) {
        Some(length) => io::copy(&mut reader.take(length), &mut io::sink())?,
        None if headers.contains_key("transfer-encoding") => read_chunks(reader)?,
        None => 0,
    };
    Ok(Some(Seen { method, target, headers, body }))
}

/// Reads a body in chunks, and gives its length.
fn read_chunks(reader: &mut impl BufRead) -> io::Result<u64> {
    let mut body = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = u64::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        // The line's end behind each chunk.
        let read = io::copy(&mut reader.take(size + 2), &mut io::sink())?;
        if read < size + 2 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if size == 0 {
            return Ok(body);
        }
        body += size;
    }
}
