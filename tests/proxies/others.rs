//! What else a proxy may have to reach: programs by TLS, and a DNS server that knows one name.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The name that the DNS server knows.
pub const KNOWN: &str = "front_end";

/// A certificate with its key.
pub struct Pair {
    pub certificate: CertificateDer<'static>,
    pub key: PrivateKeyDer<'static>,
}

/// A program that says its name by TLS, and a DNS server; dropping them ends both.
pub struct Other {
    pub address: SocketAddr,
    ending: Arc<AtomicBool>,
}

impl Other {
    /// A program that shows a certificate.
    pub fn by_tls(name: &'static str, pair: Pair) -> io::Result<Self> {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![pair.certificate], pair.key)
            .map_err(io::Error::other)?;
        let config = Arc::new(config);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let other = Self { address: listener.local_addr()?, ending: Arc::default() };
        let ending = Arc::clone(&other.ending);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                let config = Arc::clone(&config);
                // A proxy that does not believe the certificate ends the connection.
                thread::spawn(move || answer(stream, config, name).ok());
            }
        });
        Ok(other)
    }

    /// A DNS server that knows [`KNOWN`], which is this machine.
    pub fn dns() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(Some(Duration::from_secs(1)))?;
        let other = Self { address: socket.local_addr()?, ending: Arc::default() };
        let ending = Arc::clone(&other.ending);
        thread::spawn(move || {
            let mut packet = [0; 512];
            while !ending.load(Ordering::SeqCst) {
                let Ok((length, from)) = socket.recv_from(&mut packet) else { continue };
                if let Some(told) = told(&packet[..length]) {
                    // Who asked is gone, or asks again.
                    let _ = socket.send_to(&told, from);
                }
            }
        });
        Ok(other)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(stream: TcpStream, config: Arc<ServerConfig>, name: &str) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let mut line = String::new();
    while stream.read_line(&mut line)? > 0 && line != "\r\n" {
        line.clear();
    }
    let stream = stream.get_mut();
    write!(stream, "HTTP/1.1 200 OK\r\nX-Program: {name}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// What is told of a name (RFC 1035 §4.1): its address, no address of another kind, or that it does not exist.
fn told(asked: &[u8]) -> Option<Vec<u8>> {
    let mut end = 12;
    let mut labels = Vec::new();
    while let length @ 1.. = usize::from(*asked.get(end)?) {
        labels.push(String::from_utf8_lossy(asked.get(end + 1..end + 1 + length)?).into_owned());
        end += length + 1;
    }
    let question = asked.get(12..end + 5)?;
    let is_known = labels.join(".") == KNOWN;
    let is_ipv4 = question[question.len() - 4..] == [0, 1, 0, 1];
    let count = u8::from(is_known && is_ipv4);
    let mut told = asked[..2].to_vec();
    told.extend([0x81, if is_known { 0x80 } else { 0x83 }, 0, 1, 0, count, 0, 0, 0, 0]);
    told.extend(question);
    if count > 0 {
        // The name of the question, an address, for five seconds.
        told.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 127, 0, 0, 1]);
    }
    Some(told)
}
