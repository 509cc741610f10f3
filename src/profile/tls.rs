//! `[tls]`: where encryption ends, how strong it is, and with which certificate.

use super::bounds::Bounds;
use super::filled::{Filled, Needed};
use super::keyword::keywords;
use super::section::section;
use super::values::{Duration, FilePath};

keywords! {
    /// Where TLS ends.
    pub enum Terminate ("a place where TLS ends") {
        /// At the rendered proxy.
        Proxy = "proxy",
        /// At a CDN or balancer in front of it.
        Upstream = "upstream",
        /// Nowhere: plain HTTP.
        Off = "off",
    }
}

keywords! {
    /// Mozilla's server side TLS guideline, version 6.0.
    pub enum Guideline ("a TLS guideline") {
        /// TLS 1.2 and 1.3: for the public.
        Intermediate = "intermediate",
        /// TLS 1.3 alone: where every client is recent.
        Modern = "modern",
    }
}

keywords! {
    /// A version of TLS.
    pub enum TlsVersion ("a version of TLS") {
        /// Deprecated by RFC 8996.
        V1_0 = "1.0",
        /// Deprecated by RFC 8996.
        V1_1 = "1.1",
        /// RFC 5246.
        V1_2 = "1.2",
        /// RFC 8446.
        V1_3 = "1.3",
    }
}

keywords! {
    /// A group for the exchange of keys, by OpenSSL's name.
    pub enum Group ("a key exchange group") {
        /// ML-KEM-768 and X25519 together, against later quantum computers; OpenSSL 3.5 and later.
        X25519MlKem768 = "X25519MLKEM768",
        /// RFC 7748.
        X25519 = "X25519",
        /// NIST P-256.
        P256 = "prime256v1",
        /// NIST P-384.
        P384 = "secp384r1",
        /// NIST P-521: in no guideline of Mozilla's.
        P521 = "secp521r1",
        /// RFC 7748, twice as long: in no guideline of Mozilla's.
        X448 = "X448",
    }
}

impl Needed for Group {
    const WITHOUT: &'static str = "no client could connect";
}

keywords! {
    /// What becomes of a request by plain HTTP.
    pub enum PlainHttp ("a way to treat plain HTTP") {
        /// It is sent to https on the same host.
        Redirect = "redirect",
        /// It gets no answer, so that whoever sends secrets this way learns of it: for an API that no browser calls.
        Refuse = "refuse",
        /// It is served as https is.
        Serve = "serve",
    }
}

keywords! {
    /// Who signs the certificate.
    pub enum Issuer ("an issuer") {
        /// An ACME authority such as Let's Encrypt, renewed by itself.
        Acme = "acme",
        /// A trusted authority, renewed by hand.
        Ca = "ca",
        /// The cloud's own, at its balancer.
        Cloud = "cloud",
        /// An authority of one's own, which clients were given.
        Private = "private",
        /// Nobody: for development.
        SelfSigned = "self-signed",
    }
}

impl Guideline {
    /// Its key exchange groups, the same for all: the preferred first.
    pub const GROUPS: [Group; 4] = [Group::X25519MlKem768, Group::X25519, Group::P256, Group::P384];

    /// The lowest version of TLS that it lets in.
    pub const fn min_version(self) -> TlsVersion {
        match self {
            Self::Intermediate => TlsVersion::V1_2,
            Self::Modern => TlsVersion::V1_3,
        }
    }
}

section! {
    /// Encryption between client and service.
    pub struct Tls {
        /// Where TLS ends. Where it is absent: the proxy if app.url is https, else nowhere.
        terminate: Terminate = absent,
        /// Mozilla's guideline 6.0 that the proxy follows.
        guideline: Guideline = default(Guideline::Intermediate),
        /// Overrides the lowest version of the guideline.
        min_version: TlsVersion = absent,
        /// Overrides the guideline's key exchange groups, the preferred first.
        groups: Filled<Group> = absent,
        /// Whether plain HTTP is redirected to https on the same host: true and false are short for `plain_http = "redirect"`
        /// and `"serve"`, and count where that is absent.
        redirect_http: bool = default(true),
        /// What becomes of requests by plain HTTP. Where it is absent, what `redirect_http` says. ACME's challenges are answered
        /// in any case.
        plain_http: PlainHttp = absent,
        /// The certificate.
        certificate: Certificate = section,
    }
}

const LIFETIME: Bounds = Bounds::durations(
    Duration::minutes(60),
    "it would expire before it is renewed",
    Duration::days(3_650),
    "no key is to be relied on for more than ten years",
);

section! {
    /// The certificate that the proxy shows.
    pub struct Certificate {
        /// Who signs it.
        issuer: Issuer = default(Issuer::Acme),
        /// The chain's file on the proxy. Where it is absent: certbot's place for app.url's host; a Caddy gets an ACME
        /// certificate by itself.
        cert: FilePath = absent,
        /// The private key's file on the proxy. Where it is absent: as for cert.
        key: FilePath = absent,
        /// How long it is valid, from one renewal to the expiry: from 1h to 10y.
        lifetime: Duration = absent within LIFETIME,
        /// Whether the proxy staples OCSP answers.
        stapling: bool = default(false),
        /// Where the ACME client leaves its answers, for an ACME issuer.
        webroot: FilePath = default(FilePath::made("/var/www/acme".to_owned())),
    }
}
