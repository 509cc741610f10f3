//! From what a case asks to what comes back.

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rustls::version::{TLS12, TLS13};

use crate::client::{self, Handshake, Request, Response, Way};
use crate::clients::Shown;
use crate::http2;
use crate::suite::{Asked, Protocol, Scheme, TlsVersion, Via};

/// How an exchange ended.
#[derive(Debug)]
pub enum Outcome {
    Answer(Response),
    /// The connection, or HTTP/2's stream, ended without an answer.
    Closed,
    /// The handshake failed.
    Refused(String),
    /// The handshake was all there was to do.
    Shaken(Option<String>),
    /// None of these: an answer that did not come in time, or that nobody can read.
    Failed(String),
}

/// Where a server can be asked.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    pub http: u16,
    pub https: u16,
}

/// Sends a request from an address of ours.
pub fn send(ports: Ports, from: Ipv4Addr, protocol: Protocol, asked: &Asked, tag: &str) -> Outcome {
    let port = match asked.scheme {
        Scheme::Http => ports.http,
        Scheme::Https => ports.https,
    };
    let way = match asked.via {
        Via::Ipv4 => Way { to: (Ipv4Addr::LOCALHOST, port).into(), from: Some(IpAddr::V4(from)) },
        Via::Ipv6 => Way { to: (Ipv6Addr::LOCALHOST, port).into(), from: None },
    };
    let mut headers = asked.headers.clone();
    headers.push((TAG.to_owned(), tag.to_owned()));
    let request = Request {
        method: asked.method.clone(),
        target: asked.target.clone(),
        host: asked.host.clone(),
        headers,
        body: vec![b'x'; asked.body],
        chunked: asked.chunked,
        then: asked.then.clone().into_bytes(),
    };
    let sni = asked.sni();
    match (asked.scheme, protocol) {
        (Scheme::Http, _) => client::plain(way, &request).map_or_else(|error| ended(&error), Outcome::Answer),
        (Scheme::Https, Protocol::Http2) => http2::exchange(way, &sni, asked, &request),
        (Scheme::Https, Protocol::Http1) => {
            let versions: &[_] = match asked.tls {
                Some(TlsVersion::Tls11) => return Outcome::Failed("this client speaks no TLS 1.1".to_owned()),
                Some(TlsVersion::Tls12) => &[&TLS12],
                Some(TlsVersion::Tls13) => &[&TLS13],
                None => &[&TLS13, &TLS12],
            };
            let identity = asked.certificate.map(Shown::identity);
            let handshake = Handshake { versions, identity, ..Handshake::with(&sni) };
            let Some(offer) = &asked.offer else {
                return client::tls(way, handshake, &request).map_or_else(|error| ended(&error), spoken);
            };
            let offer: Vec<&str> = offer.iter().map(String::as_str).collect();
            client::negotiated(way, Handshake { offer: &offer, ..handshake })
                .map_or_else(|error| ended(&error), Outcome::Shaken)
        }
    }
}

/// The header by which a request is found again at the app.
pub const TAG: &str = "X-Suite-Request";

/// An answer in the one protocol that was offered.
fn spoken(response: Response) -> Outcome {
    match response.alpn.as_deref() {
        Some("http/1.1") => Outcome::Answer(response),
        other => Outcome::Failed(format!("the server picked {other:?} where HTTP/1.1 was offered")),
    }
}

fn ended(error: &io::Error) -> Outcome {
    let refused = error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>);
    match error.kind() {
        _ if refused => Outcome::Refused(error.to_string()),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Outcome::Closed,
        _ => Outcome::Failed(error.to_string()),
    }
}
