//! What a chain of certificates proves, to whom, and until when.
//!
//! Each question is asked by itself: an expired certificate of an authority that nobody trusts is told as both.

use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Whose signatures are trusted.
#[derive(Clone, Debug)]
pub struct Authorities(RootCertStore);

impl Authorities {
    /// Those that this machine trusts.
    pub fn of_the_system() -> Result<Self, String> {
        let found = rustls_native_certs::load_native_certs();
        Self::of(found.certs).ok_or_else(|| {
            "this machine has no list of trusted authorities (Debian: ca-certificates): name a file with --ca"
                .to_owned()
        })
    }

    /// Those of a file.
    pub fn of_pem(pem: &[u8]) -> Result<Self, String> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let certificates = certificates.map_err(|error| format!("it holds no certificates in PEM: {error}"))?;
        Self::of(certificates).ok_or_else(|| "it holds no certificate in PEM".to_owned())
    }

    fn of(certificates: Vec<CertificateDer<'_>>) -> Option<Self> {
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(certificates);
        (added > 0).then_some(Self(roots))
    }
}

/// What is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing signed it but itself.
    SelfSigned,
    /// The certificate between it and its authority was not sent.
    Incomplete {
        /// Who signed it.
        issuer: String,
    },
    /// No authority that is trusted here signed it.
    Unknown {
        /// Who signed it.
        issuer: String,
    },
    /// It is for others.
    OtherHost {
        /// The names that it is for.
        names: Vec<String>,
    },
    /// It is over.
    Expired {
        /// For how many days.
        days: i64,
    },
    /// It has not begun.
    NotYet,
    /// It cannot be read.
    Unreadable,
}

/// What a chain proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What is wrong with it.
    pub flaws: Vec<Flaw>,
    /// Who signed it.
    pub issuer: String,
    /// For how many days it is valid, from its first to its last.
    pub days: i64,
    /// How many of them are left.
    pub left: i64,
}

const DAY: i64 = 24 * 60 * 60;

/// Judges a chain that was shown for a host, at a moment in seconds since 1970.
pub fn judge(chain: &[CertificateDer<'_>], host: &str, authorities: &Authorities, now: i64) -> Judged {
    let unreadable = || Judged { flaws: vec![Flaw::Unreadable], issuer: String::new(), days: 0, left: 0 };
    let Some((own, others)) = chain.split_first() else { return unreadable() };
    let (Ok((_, read)), Ok(parsed)) = (X509Certificate::from_der(own), ParsedCertificate::try_from(own)) else {
        return unreadable();
    };
    let (from, to) = (read.validity().not_before.timestamp(), read.validity().not_after.timestamp());
    let issuer = read.issuer().to_string();
    let mut flaws = Vec::new();
    // Trust is asked for a moment at which it was valid: that it is over is told by itself.
    let moment = u64::try_from(now.clamp(from, to.max(from))).unwrap_or(0);
    let moment = UnixTime::since_unix_epoch(std::time::Duration::from_secs(moment));
    let algorithms = ring::default_provider().signature_verification_algorithms;
    let trusted = verify_server_cert_signed_by_trust_anchor(&parsed, &authorities.0, others, moment, algorithms.all);
    if trusted.is_err() {
        let signer = |other: &CertificateDer<'_>| {
            X509Certificate::from_der(other).is_ok_and(|(_, other)| other.subject() == read.issuer())
        };
        flaws.push(if read.subject() == read.issuer() {
            Flaw::SelfSigned
        } else if others.iter().any(signer) {
            Flaw::Unknown { issuer: issuer.clone() }
        } else {
            Flaw::Incomplete { issuer: issuer.clone() }
        });
    }
    let is_for_host = ServerName::try_from(host.trim_end_matches('.').trim_matches(['[', ']']))
        .is_ok_and(|name| verify_server_name(&parsed, &name).is_ok());
    if !is_for_host {
        flaws.push(Flaw::OtherHost { names: names(&read) });
    }
    if now > to {
        flaws.push(Flaw::Expired { days: (now - to) / DAY });
    } else if now < from {
        flaws.push(Flaw::NotYet);
    }
    Judged { flaws, issuer, days: (to - from + 1) / DAY, left: (to - now) / DAY }
}

/// The names that a certificate is for.
fn names(read: &X509Certificate<'_>) -> Vec<String> {
    let alternatives = read.subject_alternative_name().ok().flatten();
    let names = alternatives.map(|found| found.value.general_names.iter().map(ToString::to_string).collect());
    names.unwrap_or_default()
}
