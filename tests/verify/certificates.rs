//! An authority of the tests' own, and what it signs, or does not.

#![allow(dead_code, reason = "each test uses its share")]

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, IsCa, KeyPair, date_time_ymd,
};

/// What a site shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Good,
    SelfSigned,
    /// Signed by itself, and an authority's.
    Authority,
    Expired,
    NotYet,
    /// With few days left of many.
    Late,
    /// Valid with a stapled answer of its authority's alone.
    MustStaple,
    /// Of an authority that nobody trusts.
    Unknown,
    OtherHost,
    /// Without the certificate between it and its authority.
    Incomplete,
}

fn params(name: &str, hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).expect("names make a certificate");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2049, 1, 1);
    params
}

fn authority(name: &str) -> CertificateParams {
    let mut params = params(name, &[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key can be made")
}

/// Writes `ca.pem`, and `cert.pem` and `key.pem` for the hosts.
pub fn write(folder: &Path, hosts: &[&str], shown: Shown) {
    let root = CertifiedIssuer::self_signed(authority("Root"), key()).expect("an authority signs itself");
    let middle = CertifiedIssuer::signed_by(authority("Middle"), key(), &root).expect("an authority signs another");
    let hosts = if shown == Shown::OtherHost { &["other.example.com"] } else { hosts };
    let (mut own, own_key) = (params("Site", hosts), key());
    if shown == Shown::Expired {
        (own.not_before, own.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2025, 1, 1));
    }
    if shown == Shown::Late {
        own.not_after = SystemTime::now().checked_add(Duration::from_hours(5 * 24)).expect("a clock goes on").into();
    }
    if shown == Shown::MustStaple {
        // The extension of RFC 7633, and a list of the number of `status_request`.
        let features = CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 24], vec![0x30, 3, 2, 1, 5]);
        own.custom_extensions.push(features);
    }
    if shown == Shown::NotYet {
        own.not_before = date_time_ymd(2048, 1, 1);
    }
    if shown == Shown::Authority {
        own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let is_alone = matches!(shown, Shown::SelfSigned | Shown::Authority);
    let signed = if is_alone { own.self_signed(&own_key) } else { own.signed_by(&own_key, &middle) };
    let signed = signed.expect("a certificate can be signed").pem();
    let chain = match shown {
        Shown::Good
        | Shown::Late
        | Shown::MustStaple
        | Shown::Expired
        | Shown::NotYet
        | Shown::Unknown
        | Shown::OtherHost => signed + &middle.pem(),
        Shown::SelfSigned | Shown::Authority | Shown::Incomplete => signed,
    };
    let write = |name: &str, text: String| fs::write(folder.join(name), text).expect("a file can be written");
    let trusted = if shown == Shown::Authority {
        // Whoever made it names it.
        chain.clone()
    } else if shown == Shown::Unknown {
        CertifiedIssuer::self_signed(authority("Another"), key()).expect("an authority signs itself").pem()
    } else {
        root.pem()
    };
    write("ca.pem", trusted);
    write("cert.pem", chain);
    write("key.pem", own_key.serialize_pem());
}
