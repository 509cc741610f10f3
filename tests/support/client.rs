//! A client that sends exactly what it is told to: any Host, any SNI name, any spelling of a path.

#![allow(dead_code, reason = "each test uses its share")]

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DEFAULT_VERSIONS, DigitallySignedStruct, SignatureScheme, SupportedProtocolVersion,
};
use socket2::{Domain, Socket, Type};

use crate::app::Seen;

/// How long an answer may take.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A request, as it goes over the wire.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub host: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The body goes in chunks, so that its length is not told.
    pub chunked: bool,
    /// What is sent once the head of the answer is there.
    pub then: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            host: "shop.example.com".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            chunked: false,
            then: Vec::new(),
        }
    }

    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    pub fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// Whether a header of this name was asked for.
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
    }

    fn bytes(&self) -> Vec<u8> {
        let Self { method, target, host, headers, body, .. } = self;
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n");
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if !self.has("Connection") {
            head.push_str("Connection: close\r\n");
        }
        if self.chunked {
            head.push_str("Transfer-Encoding: chunked\r\n");
        } else if !body.is_empty() || !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS") {
            head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        head.push_str("\r\n");
        let mut bytes = raw(&head);
        if self.chunked {
            for chunk in body.chunks(64 << 10) {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
        } else {
            bytes.extend_from_slice(body);
        }
        bytes
    }
}

/// A text as it is sent. A byte that is no sign of any text is written as the sign that is as far from U+E000.
pub fn raw(text: &str) -> Vec<u8> {
    let byte = |sign: char| u32::from(sign).checked_sub(0xE000).and_then(|byte| u8::try_from(byte).ok());
    let sent = |sign: char| byte(sign).map_or_else(|| sign.to_string().into_bytes(), |byte| vec![byte]);
    text.chars().flat_map(sent).collect()
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// The protocol that the handshake ended in, where there was one and the client offered any.
    pub alpn: Option<String>,
    /// How long the body took to come, from its first byte to its last.
    pub lasted: Duration,
}

impl Response {
    /// Every value of a header, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// A header that stands at most once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let all = self.all(name);
        assert!(all.len() < 2, "{name} stands {} times in {self:#?}", all.len());
        all.first().copied()
    }

    /// The headers whose name starts so.
    pub fn starting(&self, start: &str) -> Vec<&str> {
        let named = |name: &str| name.to_ascii_lowercase().starts_with(start);
        self.headers.iter().map(|(name, _)| name.as_str()).filter(|name| named(name)).collect()
    }

    /// The request as the app saw it, where the app answered.
    pub fn seen(&self) -> Seen {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not from the app: {self:#?}"))
    }

    /// Reads an answer, without those that only say that one is coming.
    pub fn parse(bytes: &[u8]) -> io::Result<Self> {
        let text = String::from_utf8_lossy(bytes);
        let mut rest = text.as_ref();
        loop {
            let (head, body) = rest.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
            let mut lines = head.split("\r\n");
            let status = lines.next().and_then(|line| line.split(' ').nth(1));
            let status: u16 = status.and_then(|status| status.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
            if matches!(status, 100 | 102..=199) {
                rest = body;
                continue;
            }
            let headers = lines.filter_map(|line| line.split_once(':'));
            return Ok(Self {
                status,
                headers: headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect(),
                body: body.to_owned(),
                alpn: None,
                lasted: Duration::ZERO,
            });
        }
    }
}

/// Where a server listens, and the address of ours that it is asked from.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    pub to: SocketAddr,
    pub from: Option<IpAddr>,
}

impl From<u16> for Way {
    fn from(port: u16) -> Self {
        Self { to: (Ipv4Addr::LOCALHOST, port).into(), from: None }
    }
}

/// A certificate of a client's, with its key.
#[derive(Debug)]
pub struct Identity {
    pub certificate: CertificateDer<'static>,
    pub key: PrivateKeyDer<'static>,
}

/// How a client shakes hands.
#[derive(Debug, Clone, Copy)]
pub struct Handshake<'a> {
    /// The name that is asked for. An address is not sent.
    pub sni: &'a str,
    pub versions: &'a [&'static SupportedProtocolVersion],
    /// The protocols that are offered (ALPN).
    pub offer: &'a [&'a str],
    /// What the client shows where it is asked for a certificate.
    pub identity: Option<&'a Identity>,
}

impl<'a> Handshake<'a> {
    /// That of a client of today.
    pub fn with(sni: &'a str) -> Self {
        Self { sni, versions: DEFAULT_VERSIONS, offer: &["http/1.1"], identity: None }
    }
}

/// Sends a request by plain HTTP. A connection closed without an answer is an error.
pub fn plain(way: impl Into<Way>, request: &Request) -> io::Result<Response> {
    let mut stream = connect(way.into())?;
    let socket = stream.try_clone()?;
    exchange(&mut stream, &socket, request)
}

/// Sends a request by https.
pub fn tls(way: impl Into<Way>, handshake: Handshake, request: &Request) -> io::Result<Response> {
    let (mut client, mut stream) = (client(handshake)?, connect(way.into())?);
    client.complete_io(&mut stream)?;
    let socket = stream.try_clone()?;
    let mut stream = Tls { client, stream };
    let response = exchange(&mut stream, &socket, request)?;
    Ok(Response { alpn: protocol(&stream.client), ..response })
}

/// The protocol that the server picks of those offered.
pub fn negotiated(way: impl Into<Way>, handshake: Handshake) -> io::Result<Option<String>> {
    let mut client = client(handshake)?;
    client.complete_io(&mut connect(way.into())?)?;
    Ok(protocol(&client))
}

fn protocol(client: &ClientConnection) -> Option<String> {
    client.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned())
}

fn connect(way: Way) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(way.to), Type::STREAM, None)?;
    if let Some(from) = way.from {
        socket.bind(&SocketAddr::new(from, 0).into())?;
    }
    socket.connect_timeout(&way.to.into(), PATIENCE)?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn client(handshake: Handshake) -> io::Result<ClientConnection> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(handshake.versions)
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)));
    let mut config = match handshake.identity {
        None => config.with_no_client_auth(),
        Some(Identity { certificate, key }) => {
            config.with_client_auth_cert(vec![certificate.clone()], key.clone_key()).map_err(io::Error::other)?
        }
    };
    config.alpn_protocols = handshake.offer.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = ServerName::try_from(handshake.sni.to_owned()).map_err(io::Error::other)?;
    ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)
}

/// A connection by https, for requests of one's own.
pub fn encrypted(way: impl Into<Way>, handshake: Handshake) -> io::Result<impl Read + Write> {
    let (mut client, mut stream) = (client(handshake)?, connect(way.into())?);
    client.complete_io(&mut stream)?;
    Ok(Tls { client, stream })
}

/// A connection that reads although it could not write just now, which rustls' own stream does not.
struct Tls {
    client: ClientConnection,
    stream: TcpStream,
}

impl Read for Tls {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.client.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
            self.client.read_tls(&mut self.stream)?;
            self.client.process_new_packets().map_err(io::Error::other)?;
        }
    }
}

impl Write for Tls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.client.writer().write(bytes)?;
        while self.client.wants_write() {
            match self.client.write_tls(&mut self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                other => other?,
            };
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write(&[]).map(|_| ())
    }
}

/// Sends a request and reads what comes, side by side: a server may answer before it has read a body that it refuses, and
/// close then.
fn exchange(stream: &mut (impl Read + Write), socket: &TcpStream, request: &Request) -> io::Result<Response> {
    socket.set_nonblocking(true)?;
    let give_up = Instant::now() + PATIENCE;
    let (bytes, mut received) = (request.bytes(), Vec::new());
    let (mut to_send, mut then) = (bytes.as_slice(), request.then.as_slice());
    let mut buffer = vec![0; 16 << 10];
    let mut began = None;
    loop {
        let mut idle = true;
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                received.extend_from_slice(&buffer[..length]);
                began = began.or_else(|| has_body(&received).then(Instant::now));
                idle = false;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if received.is_empty() => return Err(error),
            Err(_) => break,
        }
        if to_send.is_empty() && received.windows(4).any(|end| end == b"\r\n\r\n") {
            to_send = std::mem::take(&mut then);
        }
        match stream.write(to_send) {
            Ok(length) => {
                to_send = &to_send[length..];
                idle &= length == 0;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // It listens no more; what it said before that is still to be read.
            Err(_) => to_send = &[],
        }
        if idle {
            if Instant::now() > give_up {
                return Err(io::ErrorKind::TimedOut.into());
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
    let lasted = began.map(|began: Instant| began.elapsed()).unwrap_or_default();
    Ok(Response { lasted, ..Response::parse(&received)? })
}

/// Whether more than the head of an answer is there.
pub fn has_body(received: &[u8]) -> bool {
    received.windows(4).position(|end| end == b"\r\n\r\n").is_some_and(|end| end + 4 < received.len())
}

/// The test's certificate is its own: what it proves is not under test.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
