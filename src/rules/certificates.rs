//! The certificate that the proxy shows.

use std::path::Path;

use super::networks::is_certifiable;
use super::reads::TERMINATE;
use super::rule::{Check, Severities, rules};
use crate::finding::Severity::{Error, Note, Warning};
use crate::profile::{Date, Duration, FilePath, Host, Issuer, Terminate};

/// From which day on an authority that browsers trust issues certificates for how long at most.
const LIFETIMES: [(Date, Duration); 3] = [
    (Date::new(2026, 3, 15), Duration::days(200)),
    (Date::new(2027, 3, 15), Duration::days(100)),
    (Date::new(2029, 3, 15), SHORTEST_LIFETIME),
];
/// Before the first of these days.
const LIFETIME_BEFORE: Duration = Duration::days(398);
/// What is fine on any day.
const SHORTEST_LIFETIME: Duration = Duration::days(47);

/// For how long a certificate may be issued on a day, and the next change of that.
fn longest_lifetime(today: Date) -> (Duration, Option<(Date, Duration)>) {
    let changes = LIFETIMES.iter().filter(|(from, _)| *from <= today).count();
    let limit = changes.checked_sub(1).map_or(LIFETIME_BEFORE, |last| LIFETIMES[last].1);
    (limit, LIFETIMES.get(changes).copied())
}

/// Where certbot keeps what Let's Encrypt issues.
const CERTBOT: &str = "/etc/letsencrypt/";

/// Folders of which whole trees are handed out, or that everyone writes to.
const WEB_ROOTS: [&str; 6] =
    ["/var/www", "/srv/www", "/srv/http", "/usr/share/nginx", "/usr/share/caddy", "/usr/local/www"];
const PUBLIC_FOLDERS: [&str; 7] = ["public_html", "htdocs", "wwwroot", "webroot", "public", "html", "static"];
/// Where such a name says nothing: `/etc/ssl/public` holds certificates, and `/run/secrets/static` a secret.
const SYSTEMS: [&str; 2] = ["/etc", "/run"];
const EVERYONES: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];

/// What distributions make at installation, self-signed.
const EXAMPLES: [&str; 4] =
    ["ssl-cert-snakeoil.pem", "ssl-cert-snakeoil.key", "/tls/certs/localhost.crt", "/tls/private/localhost.key"];

/// Whether a path is a folder, or stands below it.
pub(super) fn is_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What is wrong with the place of a file that the proxy or the app reads, and no one else should.
pub(super) fn misplaced(path: &str, webroot: &FilePath) -> Option<&'static str> {
    let webroot = webroot.resolved();
    let is_served = |path: &str| {
        let roots = WEB_ROOTS.into_iter().chain([webroot.as_str()]);
        roots.into_iter().any(|root| is_below(path, root))
            || (!SYSTEMS.iter().any(|own| is_below(path, own))
                && path.split('/').any(|folder| PUBLIC_FOLDERS.iter().any(|known| folder.eq_ignore_ascii_case(known))))
    };
    if is_served(path) {
        Some("below a folder that web servers hand out")
    } else if EVERYONES.iter().any(|folder| Path::new(path).parent() == Some(Path::new(folder))) {
        // A folder of one's own in there is written to by nobody else.
        Some("in a folder that every program on the machine writes to")
    } else if EXAMPLES.iter().any(|example| path.ends_with(example)) {
        Some("the distribution's example, which no client trusts")
    } else {
        None
    }
}

/// The file beside a certificate that holds the whole chain, where the certificate's holds a part: the names of certbot, which
/// numbers them below `archive`, and of acme.sh.
fn whole_chain(cert: &str) -> Option<String> {
    let (folder, name) = cert.rsplit_once('/')?;
    let (stem, ending) = name.rsplit_once('.')?;
    let kind = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &stem[kind.len()..];
    let is_acme_sh = folder.split('/').any(|folder| [".acme.sh", "acme.sh"].contains(&folder));
    let is_part = match ending {
        "pem" => (is_below(cert, CERTBOT) || is_acme_sh) && ["cert", "chain"].contains(&kind),
        // It is called as its host is.
        "cer" => is_acme_sh && stem != "fullchain",
        _ => false,
    };
    let number = if ending == "pem" { number } else { "" };
    is_part.then(|| format!("{folder}/fullchain{number}.{ending}"))
}

rules! {
    /// No OCSP answer is stapled to a certificate whose authority gives none.
    ///
    /// Let's Encrypt turned its OCSP service off on 6 August 2025, and names no responder in its certificates since.
    /// nginx then has nobody to ask, warns at each start and staples nothing: the profile promises a check of revoked
    /// certificates that no visitor gets. Certificates that live for 90 days and fewer do without.
    ///
    /// Which authority an ACME client asks, a profile does not say. Certbot's own place for the files, which is the default
    /// here, is taken for Let's Encrypt. With `cert` elsewhere it may be another authority, and this is a note.
    ///
    /// Write: `tls.certificate.stapling = false`, or leave the key out.
    TLS005 = "stapling-without-ocsp" {
        severity: Severities::all(Warning),
        source: "Let's Encrypt, Ending OCSP Support in 2025",
        keys: &["tls.certificate.stapling", "tls.certificate.issuer", "tls.certificate.cert"],
        reads: &[TERMINATE],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let certificate = &policy.tls.certificate;
            // Nothing is stapled where no certificate is shown.
            let shown = policy.terminate() == Terminate::Proxy;
            if !certificate.stapling || certificate.issuer != Issuer::Acme || !shown {
                return;
            }
            let is_lets_encrypts = certificate.cert.as_ref().is_none_or(|cert| is_below(cert.as_str(), CERTBOT));
            let help = "set `tls.certificate.stapling = false`, or leave the key out";
            if is_lets_encrypts {
                out.at("tls.certificate.stapling", "OCSP answers are to be stapled, and the issuer gives none")
                    .label("nothing to staple")
                    .also("tls.certificate.issuer", "Let's Encrypt ended OCSP in August 2025")
                    .help(help)
                    .set("tls.certificate.stapling", false);
            } else {
                out.at("tls.certificate.stapling", "OCSP answers are to be stapled, and the issuer may give none")
                    .at_most(Note)
                    .label("Let's Encrypt has none, another ACME authority may")
                    .also("tls.certificate.issuer", "some ACME authority")
                    .help(format!("{help}, unless the authority's certificates name an OCSP responder"))
                    .set("tls.certificate.stapling", false);
            }
        }),
    }

    /// A certificate is planned to be valid no longer than authorities may issue it today.
    ///
    /// Browsers trust a public authority that keeps the CA/Browser Forum's requirements, and these allow a certificate that is
    /// issued from 2026-03-15 on 200 days, from 2027-03-15 on 100, and from 2029-03-15 on 47 (before, 398). A longer
    /// `lifetime` is a plan that the next renewal upsets: the new certificate ends months before anyone looks, and every
    /// browser refuses the service on that morning. It is judged by the day of the check, as if renewed on it.
    ///
    /// An authority of one's own, `issuer = "private"`, has limits of its own.
    ///
    /// Write: `tls.certificate.lifetime` as the authority issues it now, and the renewal in some machine's hands: with
    /// `tls.certificate.issuer = "acme"` no one has to think of it.
    TLS009 = "certificate-beyond-the-limit" {
        severity: Severities::prod(Warning),
        source: "CA/Browser Forum, TLS Baseline Requirements §6.3.2, as of ballot SC-081v3",
        keys: &["tls.certificate.lifetime", "tls.certificate.issuer"],
        reads: &[TERMINATE],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let certificate = &policy.tls.certificate;
            let is_public = match certificate.issuer {
                Issuer::Acme | Issuer::Ca | Issuer::Cloud => true,
                // TLS010 speaks of one that no authority signs.
                Issuer::Private | Issuer::SelfSigned => false,
            };
            // TLS001 speaks of a service that shows none.
            if !is_public || policy.terminate() == Terminate::Off {
                return;
            }
            let Some(lifetime) = certificate.lifetime.filter(|lifetime| *lifetime > SHORTEST_LIFETIME) else { return };
            let (limit, next) = longest_lifetime(policy.today());
            if lifetime > limit {
                let longest = limit.in_words();
                let message = format!("a certificate for {} is planned, and {longest} are allowed", lifetime.in_words());
                let next = next.map(|(from, limit)| format!("; {} from {from} on", limit.in_words())).unwrap_or_default();
                out.at("tls.certificate.lifetime", message)
                    .label("no trusted authority issues it")
                    .help(format!("set `tls.certificate.lifetime = \"{limit}\"` or less{next}"));
            }
        }),
    }

    /// The certificate is not self-signed.
    ///
    /// No browser can tell it from the one that an attacker makes in the same minute, so each visitor gets a warning,
    /// and learns to click it away. Programs refuse to connect or, worse, are told not to check. With HSTS on there is
    /// no button to click, and the service is gone for everyone.
    ///
    /// Write: `tls.certificate.issuer = "acme"` (Let's Encrypt and others, free of charge and renewed by itself),
    /// `"ca"` for a certificate that a trusted authority sold, `"cloud"` for one of the cloud's own, or `"private"` for one of
    /// an authority of your own, which every client was given.
    TLS010 = "self-signed-certificate" {
        severity: Severities::prod(Error).and_staging(Warning),
        source: "InstaCRUD's production page",
        keys: &["tls.certificate.issuer"],
        reads: &[TERMINATE],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            // Where TLS is off no certificate is shown: TLS001 speaks.
            if policy.tls.certificate.issuer == Issuer::SelfSigned && policy.terminate() != Terminate::Off {
                out.at("tls.certificate.issuer", "the certificate is self-signed")
                    .label("browsers warn every visitor")
                    .help("get a trusted one: `tls.certificate.issuer = \"acme\"`, `\"ca\"` or `\"cloud\"`, or `\"private\"` with clients of your own");
            }
        }),
    }

    /// Certificate and key are two files, the chain is whole, and neither lies where others get it.
    ///
    /// A proxy sends the certificate's file to everyone who connects. One that is also the key, or the private key in its
    /// place, is a mistake that some servers do not notice. Certbot writes four files: `cert.pem` is the site's
    /// certificate alone, with which browsers that have met the authority before get on, and everything else (`curl`, payment
    /// providers, phones) fails; `fullchain.pem` is what a server needs. A key below a web root is one wrong `location`
    /// away from being downloaded, and in `/tmp` each program on the machine can put another in its place.
    ///
    /// No public authority signs a name that is not in the public DNS, such as `shop.internal` or `shop.test`: an ACME
    /// client asks for it in vain, and the proxy starts without a certificate or not at all.
    ///
    /// Write: `cert = "/etc/letsencrypt/live/…/fullchain.pem"` and `key = "/etc/letsencrypt/live/…/privkey.pem"` under
    /// `[tls.certificate]`, or neither, which means these; for names of a network of your own `issuer = "private"`.
    TLS013 = "misplaced-certificate" {
        severity: Severities::live(Error),
        source: "derived: nginx, ssl_certificate; certbot, where its files are; CA/Browser Forum, TLS Baseline Requirements §7.1.4.2.1",
        keys: &["tls.certificate.cert", "tls.certificate.key", "tls.certificate.issuer", "app.url", "app.aliases.*"],
        reads: &[TERMINATE, &["tls.certificate.webroot"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            const CERT: &str = "tls.certificate.cert";
            const KEY: &str = "tls.certificate.key";
            let policy = facts.policy;
            // Elsewhere no certificate is shown by this proxy.
            if policy.terminate() != Terminate::Proxy {
                return;
            }
            let certificate = &policy.tls.certificate;
            let files = policy.certificate_files();
            // However the way to a file is written, it is that file.
            let (cert, key) = (files.0.resolved(), files.1.resolved());
            let is_key = |path: &str| path.ends_with("/privkey.pem") || Path::new(path).extension().is_some_and(|end| end == "key");
            if cert == key {
                out.at(KEY, "the certificate and its private key are one file")
                    .label("what everyone is sent")
                    .also(CERT, "the same file")
                    .help("keep the key in a file of its own that root alone reads, and name that");
            } else if is_key(&cert) {
                let draft = out.at(CERT, "a private key stands in the place of the certificate");
                draft.label("what everyone is sent").help("name the file of the chain, such as fullchain.pem");
                if !is_key(&key) && certificate.cert.is_some() && certificate.key.is_some() {
                    draft.titled("exchange the two").set(CERT, key.as_str()).set(KEY, cert.as_str());
                }
            } else if let Some(whole) = whole_chain(&cert) {
                out.at(CERT, "the certificate's file holds a part of the chain")
                    .label("clients that have not met the authority before refuse it")
                    .help(format!("write `cert = \"{whole}\"`"))
                    .set(CERT, whole);
            }
            for (path, what, named, file) in [(CERT, "certificate", &files.0, &cert), (KEY, "private key", &files.1, &key)] {
                // A folder of one's own there is emptied at the next start of the machine, and no more.
                if let Some(folder) = EVERYONES.iter().find(|folder| is_below(file, folder)).filter(|_| cert != key)
                    && Path::new(file).parent() != Some(Path::new(folder))
                {
                    out.at(path, format!("the {what} is {named}"))
                        .at_most(Warning)
                        .label(format!("{folder} is emptied when the machine starts"))
                        .help("keep it below /etc/ssl or /etc/letsencrypt, where root alone writes");
                    continue;
                }
                let Some(why) = misplaced(file, &certificate.webroot).filter(|_| cert != key || path == KEY) else {
                    continue;
                };
                out.at(path, format!("the {what} is {named}"))
                    .label(why)
                    .help("keep it below /etc/ssl or /etc/letsencrypt, where root alone writes");
            }
            let why = match certificate.issuer {
                Issuer::Acme => "an ACME client asks for it in vain",
                Issuer::Ca | Issuer::Cloud => "an authority that browsers trust",
                Issuer::Private | Issuer::SelfSigned => return,
            };
            let Some(url) = &policy.app.url else { return };
            let main = match url.origin().host() {
                Host::Name(name) => Some(("app.url".into(), name)),
                // PRX006 speaks of an address.
                Host::Address(_) => None,
            };
            let aliases = policy.app.aliases.iter().enumerate().map(|(index, name)| (("app.aliases", index).into(), name));
            // PRX006 speaks of this machine's own name.
            let main = main.filter(|(_, name)| !name.is_loopback());
            for (place, name) in main.into_iter().chain(aliases).filter(|(_, name)| !is_certifiable(name)) {
                out.at(crate::source::KeyPath::clone(&place), format!("no public authority signs a certificate for {name}"))
                    .label("not a name of the public DNS")
                    .also("tls.certificate.issuer", why)
                    .help("serve a public name; or set `tls.certificate.issuer = \"private\"`, with an authority of your own");
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_decides_how_long_a_certificate_may_live() {
        let days = |year, month, day| {
            let (limit, next) = longest_lifetime(Date::new(year, month, day));
            (limit.as_seconds() / 86_400, next.map(|(from, _)| from.to_string()))
        };
        assert_eq!(days(2026, 3, 14), (398, Some("2026-03-15".to_owned())));
        assert_eq!(days(2026, 3, 15), (200, Some("2027-03-15".to_owned())));
        assert_eq!(days(2028, 1, 1), (100, Some("2029-03-15".to_owned())));
        assert_eq!(days(2029, 3, 15), (47, None));
    }
}
