//! What a chain of certificates proves, to whom, and until when.
//!
//! Each question is asked by itself: an expired certificate of an authority that nobody trusts is told as both.

use super::outcome::shown;
use super::transport::Shown;
use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Whose signatures are trusted.
#[derive(Clone, Debug)]
pub struct Authorities {
    roots: RootCertStore,
    /// Their names, where a file names them; none: those of the system.
    named: Option<Vec<String>>,
}

impl Authorities {
    /// Those that this machine trusts.
    pub fn of_the_system() -> Result<Self, String> {
        let found = rustls_native_certs::load_native_certs();
        Self::of(found.certs, None).ok_or_else(|| {
            "this machine has no list of trusted authorities (Debian: ca-certificates): name a file with --ca"
                .to_owned()
        })
    }

    /// Those of a file.
    pub fn of_pem(pem: &[u8]) -> Result<Self, String> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let certificates = certificates.map_err(|error| format!("it holds no certificates in PEM: {error}"))?;
        let read: Vec<X509Certificate<'_>> =
            certificates.iter().filter_map(|one| Some(X509Certificate::from_der(one).ok()?.1)).collect();
        let named: Vec<String> = read.iter().map(|one| one.subject().to_string()).collect();
        // One that signed itself is trusted as it stands.
        let is_of_a_server = |one: &X509Certificate<'_>| !is_authoritys(one) && one.subject() != one.issuer();
        if let Some(first) = read.first().filter(|_| read.iter().all(is_of_a_server)) {
            return Err(format!(
                "it holds the certificate of {}, which is a server's own and no authority's: name the file with the certificate of \
                 {}, which signed it",
                shown(&first.subject().to_string()),
                shown(&first.issuer().to_string())
            ));
        }
        drop(read);
        Self::of(certificates, Some(named)).ok_or_else(|| "it holds no certificate in PEM".to_owned())
    }

    fn of(certificates: Vec<CertificateDer<'_>>, named: Option<Vec<String>>) -> Option<Self> {
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(certificates);
        (added > 0).then_some(Self { roots, named })
    }

    /// Whether they are those of a file.
    pub const fn are_named(&self) -> bool {
        self.named.is_some()
    }

    /// How an authority is trusted that is not.
    fn with(&self, issuer: &str) -> String {
        let issuer = shown(issuer);
        match &self.named {
            None => {
                format!("if {issuer} is an authority of your own, name the file with its certificate: `--ca FILE`")
            }
            Some(named) => format!(
                "the file of `--ca` trusts {} alone: name one that holds the certificate of {issuer}",
                shown(&named.join(" and "))
            ),
        }
    }
}

/// What is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing signed it but itself.
    SelfSigned {
        /// Whether it says of itself that it is an authority's.
        is_authority: bool,
    },
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
    /// It says that it is valid with an answer of its authority's alone, and none came along.
    Unstapled,
    /// It cannot be read.
    Unreadable,
}

impl Flaw {
    /// What is wrong, of a host.
    pub fn told(&self, host: &str) -> String {
        match self {
            Self::SelfSigned { is_authority: false } => {
                format!("{host} shows a certificate that nobody but itself signed: browsers refuse it")
            }
            Self::SelfSigned { is_authority: true } => format!(
                "{host} shows the certificate of an authority that signed itself (`CA:TRUE`), which is not taken for a server's: \
                 browsers refuse it"
            ),
            Self::Incomplete { issuer } => format!(
                "{host} does not send the certificate of {}, which signed its own: the chain ends nowhere, and clients that do \
                 not know it refuse it",
                shown(issuer)
            ),
            Self::Unknown { issuer } => {
                format!("{host} shows a certificate of {}, which is not trusted here", shown(issuer))
            }
            Self::OtherHost { names } => {
                format!("{host} shows a certificate for other names: {}", shown(&names.join(", ")))
            }
            Self::Expired { days } => {
                format!("{host} shows a certificate that expired {days} days ago: browsers refuse it")
            }
            Self::NotYet => format!("{host} shows a certificate that is not valid yet"),
            Self::Unstapled => format!(
                "{host} shows a certificate that is valid with a stapled OCSP answer alone (must-staple), and staples none: \
                 Firefox refuses it"
            ),
            Self::Unreadable => format!("{host} shows no certificate that can be read"),
        }
    }

    /// What to do where it is a matter of whom this run trusts.
    pub fn help(&self, host: &str, authorities: &Authorities) -> Option<String> {
        match self {
            Self::SelfSigned { is_authority: false } => Some(
                "show one that an authority signed; for a trial, trust this one by naming the file that holds it: `--ca FILE`"
                    .to_owned(),
            ),
            Self::SelfSigned { is_authority: true } => Some(format!(
                "sign a certificate for {host} with it, show that one, and name the authority's with `--ca FILE`; for a trial, make \
                 it again with `openssl req -x509 … -addext basicConstraints=critical,CA:FALSE`, and name that"
            )),
            Self::Incomplete { issuer } => Some(format!(
                "show the whole chain, such as certbot's `fullchain.pem`; {}",
                authorities.with(issuer)
            )),
            Self::Unknown { issuer } => Some(authorities.with(issuer)),
            Self::Unstapled => Some(
                "get a certificate without the extension (certbot: without `--must-staple`), because most authorities have \
                 ended OCSP; or have the server staple, with `tls.certificate.stapling = true`"
                    .to_owned(),
            ),
            Self::OtherHost { .. } | Self::Expired { .. } | Self::NotYet | Self::Unreadable => None,
        }
    }
}

/// Whether a certificate says of itself that it is an authority's.
fn is_authoritys(read: &X509Certificate<'_>) -> bool {
    read.basic_constraints().ok().flatten().is_some_and(|constraints| constraints.value.ca)
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

/// The extension by which a certificate says what has to come along with it (RFC 7633), and the one that asks for OCSP.
const FEATURES: &str = "1.3.6.1.5.5.7.1.24";
const STATUS_REQUEST: u8 = 5;

/// Whether a certificate is valid with a stapled answer alone. What its extension holds is a list of small numbers.
fn must_staple(read: &X509Certificate<'_>) -> bool {
    let mut extensions = read.extensions().iter();
    let features = extensions.find(|one| one.oid.to_id_string() == FEATURES);
    features.is_some_and(|one| one.value.windows(3).any(|number| number == [2, 1, STATUS_REQUEST]))
}

/// Judges what was shown for a host, at a moment in seconds since 1970.
pub fn judge(shown: &Shown, host: &str, authorities: &Authorities, now: i64) -> Judged {
    let chain = &shown.chain;
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
    let trusted =
        verify_server_cert_signed_by_trust_anchor(&parsed, &authorities.roots, others, moment, algorithms.all);
    if trusted.is_err() {
        let signer = |other: &CertificateDer<'_>| {
            X509Certificate::from_der(other).is_ok_and(|(_, other)| other.subject() == read.issuer())
        };
        flaws.push(if read.subject() == read.issuer() {
            Flaw::SelfSigned { is_authority: is_authoritys(&read) }
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
    if must_staple(&read) && !shown.is_stapled {
        flaws.push(Flaw::Unstapled);
    }
    Judged { flaws, issuer, days: (to - from + 1) / DAY, left: (to - now) / DAY }
}

/// The names that a certificate is for.
fn names(read: &X509Certificate<'_>) -> Vec<String> {
    let alternatives = read.subject_alternative_name().ok().flatten();
    let names = alternatives.map(|found| found.value.general_names.iter().map(ToString::to_string).collect());
    names.unwrap_or_default()
}
