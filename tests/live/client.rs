//! A client that sends exactly what it is told to: any Host, any SNI name, any spelling of a path.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned, SupportedProtocolVersion,
};

use crate::app::Seen;

/// A request, as it goes over the wire.
#[derive(Debug, Clone)]
pub struct Request {
    method: &'static str,
    target: String,
    host: String,
    headers: String,
    body: Vec<u8>,
}

impl Request {
    pub fn new(method: &'static str, target: &str) -> Self {
        Self {
            method,
            target: target.to_owned(),
            host: "shop.example.com".to_owned(),
            headers: String::new(),
            body: Vec::new(),
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
        self.headers.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// A preflight, as browsers send it before a JSON request.
    pub fn preflight(target: &str, origin: &str) -> Self {
        Self::new("OPTIONS", target)
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "content-type")
    }

    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let Self { method, target, host, headers, body } = self;
        let mut bytes = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\
             Content-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        bytes
    }
}

/// An answer.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
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

    fn parse(bytes: &[u8]) -> io::Result<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.and_then(|status| status.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(": "));
        Ok(Self {
            status: status.ok_or(io::ErrorKind::InvalidData)?,
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: body.to_owned(),
        })
    }
}

/// Sends a request by plain HTTP. A connection closed without an answer is an error.
pub fn plain(port: u16, request: &Request) -> io::Result<Response> {
    exchange(connect(port)?, request)
}

/// How a client shakes hands.
#[derive(Debug, Clone, Copy)]
pub struct Handshake<'a> {
    pub sni: &'a str,
    pub versions: &'a [&'static SupportedProtocolVersion],
}

/// Sends a request by https.
pub fn tls(port: u16, handshake: Handshake, request: &Request) -> io::Result<Response> {
    exchange(StreamOwned::new(client(handshake, &[])?, connect(port)?), request)
}

/// The protocol that the server picks where the client offers HTTP/2 and HTTP/1.1.
pub fn negotiated(port: u16, handshake: Handshake) -> io::Result<Option<String>> {
    let mut client = client(handshake, &[b"h2", b"http/1.1"])?;
    client.complete_io(&mut connect(port)?)?;
    Ok(client.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()))
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    Ok(stream)
}

fn client(handshake: Handshake, protocols: &[&[u8]]) -> io::Result<ClientConnection> {
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(handshake.versions)
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let name = ServerName::try_from(handshake.sni.to_owned()).map_err(io::Error::other)?;
    ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)
}

fn exchange(mut stream: impl Read + Write, request: &Request) -> io::Result<Response> {
    // A server may answer and close before it has read a body that it refuses.
    let sent = stream.write_all(&request.bytes()).and_then(|()| stream.flush());
    let mut bytes = Vec::new();
    let received = stream.read_to_end(&mut bytes);
    if bytes.is_empty() {
        sent?;
        received?;
    }
    Response::parse(&bytes)
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
