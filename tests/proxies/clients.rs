//! Clients that show certificates: one of the authority that a profile names, and one of nobody's.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use serde::Deserialize;

use crate::client::Identity;

/// Whose certificate a client shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shown {
    /// One of the authority in [`AUTHORITY`].
    Partner,
    /// One of another authority.
    Stranger,
}

impl Shown {
    fn made(self) -> &'static Made {
        match self {
            Self::Partner => &PARTNER,
            Self::Stranger => &STRANGER,
        }
    }

    /// The certificate with its key.
    pub fn identity(self) -> &'static Identity {
        &self.made().identity
    }

    /// The same in a file, for curl.
    pub fn file(self) -> &'static PathBuf {
        &self.made().file
    }
}

/// An authority, and a certificate that it signed.
struct Made {
    authority: String,
    identity: Identity,
    file: PathBuf,
}

static PARTNER: LazyLock<Made> = LazyLock::new(|| Made::new("partner"));
static STRANGER: LazyLock<Made> = LazyLock::new(|| Made::new("stranger"));

/// The authority that a profile names, as a file has it.
pub fn authority() -> &'static str {
    &PARTNER.authority
}

impl Made {
    fn new(name: &str) -> Self {
        let key = || KeyPair::generate().expect("a key can be made");
        // Without names of their own, the two would be called alike, and the certificate would seem to sign itself.
        let named = |title: &str| {
            let mut params = CertificateParams::new([format!("{title}.example")]).expect("it is a name");
            params.distinguished_name.push(DnType::CommonName, title);
            params
        };
        let mut params = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, key()).expect("an authority signs itself");
        let own = key();
        let signed = named(&format!("client.{name}"))
            .signed_by(&own, &authority)
            .expect("an authority signs a client's certificate");
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.pem", std::process::id()));
        fs::write(&file, format!("{}{}", signed.pem(), own.serialize_pem())).expect("a file can be written");
        let key = PrivateKeyDer::try_from(own.serialize_der()).expect("it is a key");
        Self { authority: authority.pem(), identity: Identity { certificate: signed.into(), key }, file }
    }
}
