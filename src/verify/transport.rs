//! TLS as this client speaks it, and the certificates that it is shown.
//!
//! A certificate that nobody trusts does not end the handshake: it is noted, and judged in [`super::certificate`], so that
//! everything else can be looked at, too. What must not go to a stranger is kept back by whoever asks.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};

use super::wire::{Stage, Timed, Trouble};

/// A connection, encrypted or not.
pub(super) enum Pipe {
    Plain(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
}

impl Pipe {
    /// Begins a stage, which may take so long.
    pub(super) fn begin(&mut self, patience: Duration) {
        match self {
            Self::Plain(timed) => timed.begin(patience),
            Self::Tls(stream) => stream.sock.begin(patience),
        }
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(timed) => timed.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(timed) => timed.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(timed) => timed.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// What shakes hands.
pub(super) struct Tls {
    config: Arc<ClientConfig>,
    notary: Arc<Notary>,
}

impl Tls {
    pub(super) fn new() -> Self {
        let provider = Arc::new(ring::default_provider());
        let notary = Arc::new(Notary { provider: Arc::clone(&provider), shown: Mutex::default() });
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has suites for both versions")
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&notary) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { config: Arc::new(config), notary }
    }

    /// Shakes hands for a name.
    pub(super) fn shake(&self, name: &str, mut timed: Timed) -> Result<Pipe, Trouble> {
        let refused = |error: &dyn std::fmt::Display| Trouble::Refused(error.to_string());
        let name = ServerName::try_from(name.to_owned()).map_err(|error| refused(&error))?;
        let mut client = ClientConnection::new(Arc::clone(&self.config), name).map_err(|error| refused(&error))?;
        while client.is_handshaking() {
            client.complete_io(&mut timed).map_err(|error| Trouble::at(Stage::Handshake, &error))?;
        }
        Ok(Pipe::Tls(Box::new(StreamOwned::new(client, timed))))
    }

    /// What was shown for a name.
    pub(super) fn shown(&self, name: &str) -> Option<Shown> {
        self.notary.shown.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Puts what was shown for a name aside, or back; what stood there before.
    pub(super) fn show(&self, name: &str, shown: Option<Shown>) -> Option<Shown> {
        let mut all = self.notary.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match shown {
            Some(shown) => all.insert(name.to_owned(), shown),
            None => all.remove(name),
        }
    }
}

/// What a server shows of itself in a handshake.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The certificates, the site's own first.
    pub chain: Vec<CertificateDer<'static>>,
    /// Whether an answer of the authority's came along, by which it is known not to be revoked (OCSP).
    pub is_stapled: bool,
}

/// Takes every certificate, and notes it by the name that was asked for.
#[derive(Debug)]
struct Notary {
    provider: Arc<CryptoProvider>,
    shown: Mutex<BTreeMap<String, Shown>>,
}

impl ServerCertVerifier for Notary {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        answer: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(own).chain(others).map(|one| one.clone().into_owned()).collect();
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.insert(name.to_str().into_owned(), Shown { chain, is_stapled: !answer.is_empty() });
        Ok(ServerCertVerified::assertion())
    }

    // Whoever shows it has its key, at least.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
