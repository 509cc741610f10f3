//! Encryption between clients and the service.

use super::connection::{Connection, Encryption};
use super::data::database;
use super::rate_limits::and;
use super::reads::TERMINATE;
use super::rule::{Check, Severities, rules};
use crate::finding::Safety::{Safe, Unsafe};
use crate::finding::Severity::{Error, Warning};
use crate::plan::{Edge, Facts};
use crate::policy::Variable;
use crate::profile::{
    Backend, Carrier, DatabaseTls, Date, Duration, Engine, Group, Guideline, Issuer, SmtpSecurity, Terminate,
    TlsVersion, Url,
};
use crate::source::Literal;

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

/// The URLs by which a database and a Redis on other machines are reached without a look at their certificates, each
/// with the key that refers to it.
fn unverified<'p>(
    facts: &'p Facts<'_>,
) -> impl Iterator<Item = (&'static str, Variable<'p>, (&'static str, &'static str))> {
    let state = &facts.policy.state;
    let redis = state.url.as_ref().filter(|_| state.backend == Backend::Redis);
    let redis = redis.and_then(|url| {
        let variable = facts.policy.value(url)?;
        Some((variable, Connection::read(variable.value.expose())?))
    });
    let urls = [("database.url", database(facts)), ("state.url", redis)];
    urls.into_iter().filter_map(|(key, url)| {
        let (variable, url) = url?;
        let is_unverified = url.encryption() == Some(Encryption::Unverified) && url.leaves_the_machine();
        is_unverified.then_some((key, variable, url.verified()))
    })
}

rules! {
    /// The public URL is https, and TLS ends somewhere.
    ///
    /// Whoever sits between a visitor and a service without TLS (the café, the provider, a hijacked router) reads the
    /// passwords and changes the pages. The URL and the place where TLS ends have to agree, because each is believed by
    /// itself: links, redirects and the app's idea of itself come from `app.url`, and what listens on port 443 comes
    /// from `tls.terminate`. Where no URL is written the service is taken for `http://localhost`.
    ///
    /// Write: `app.url = "https://…"`; and `tls.terminate = "proxy"`, or `"upstream"` where a CDN or balancer ends TLS.
    /// For an https URL, `"proxy"` is the default.
    TLS001 = "plain-http" {
        severity: Severities::live(Error),
        source: "OWASP ASVS 5.0 12.2.1; Django security.W008",
        keys: &["app.url", "app.frontend_url", "tls.terminate"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let off = policy.terminate() == Terminate::Off;
            match &policy.app.url {
                None => {
                    out.at("app.url", "no public URL is written")
                        .label("the service is taken for http://localhost")
                        .help("write `app.url`, such as \"https://shop.example.com\"");
                }
                Some(url) if !url.origin().is_https() => {
                    let origin = url.origin();
                    let draft = out.at("app.url", "the public URL is plain HTTP");
                    draft.label("read and changed by whoever is on the way").also(
                        "tls.terminate",
                        if off { "nothing terminates TLS" } else { "TLS is terminated all the same" },
                    );
                    if origin.host().is_loopback() {
                        draft.help("write the public URL, such as \"https://shop.example.com\"");
                        return;
                    }
                    let https = |url: &Url| url.to_string().replacen("http://", "https://", 1);
                    let mut values = vec![("app.url", https(url))];
                    // A front end on the same origin moves along.
                    let front = policy.app.frontend_url.as_ref().filter(|front| front.origin() == origin);
                    values.extend(front.map(|front| ("app.frontend_url", https(front))));
                    if off && policy.tls.terminate.is_some() {
                        values.push(("tls.terminate", "proxy".to_owned()));
                    }
                    let words: Vec<String> = values.iter().map(|(key, value)| format!("`{key} = \"{value}\"`")).collect();
                    draft.help(format!("set {}", and(&words)));
                    // A port for plain HTTP says nothing of the one for https.
                    if origin.port() == 80 {
                        for (key, value) in values {
                            draft.set(key, value);
                        }
                    }
                }
                Some(url) if off => {
                    out.at("tls.terminate", "the public URL is https, but nothing terminates TLS")
                        .label("plain HTTP here")
                        .also("app.url", format!("{url} would not answer"))
                        .help("set `tls.terminate = \"proxy\"`, or `\"upstream\"` where a CDN or balancer ends TLS")
                        .set("tls.terminate", "proxy");
                }
                Some(_) => {}
            }
        }),
    }

    /// No version of TLS before 1.2 is let in.
    ///
    /// TLS 1.0 and 1.1 sign their handshakes with MD5 and SHA-1 and know none of the ciphers that are still trusted.
    /// RFC 8996 retired them in 2021, and every browser had dropped them the year before. A client that speaks nothing
    /// later has had no update in a decade: it is safer to hear of it than to serve it.
    ///
    /// Write: nothing, so that `tls.guideline` decides (`"intermediate"`: 1.2 and 1.3; `"modern"`: 1.3 alone); or
    /// `tls.min_version = "1.2"`.
    TLS002 = "old-tls-version" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 12.1.1; RFC 8996",
        keys: &["tls.min_version"],
        reads: &[&["tls.guideline"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            if let Some(version) = facts.policy.tls.min_version.filter(|version| *version < TlsVersion::V1_2) {
                // What the guideline has anyway.
                let least = facts.policy.tls.guideline.min_version().as_str();
                out.at("tls.min_version", format!("TLS {version} is let in"))
                    .label("retired by RFC 8996")
                    .help(format!("set `tls.min_version = \"{least}\"`, or leave it out"))
                    .set("tls.min_version", least);
            }
        }),
    }

    /// The proxy follows the guideline without an exception that weakens it.
    ///
    /// `tls.guideline` names one of two sets that Mozilla keeps, and an override takes a part of it back. With the modern
    /// guideline and `min_version = "1.2"`, clients get in that know nothing newer: their handshakes send the
    /// certificate in the open and leave a list of ciphers to get wrong, on a service that says it has left all that
    /// behind. A group that the guideline leaves out is slower or offered by no browser, and fewer people have looked
    /// for mistakes in its code.
    ///
    /// The groups of version 6.0 are X25519MLKEM768, X25519, prime256v1 and secp384r1, for both sets. A version before
    /// 1.2 is the business of TLS002. Where TLS ends before this proxy, the keys change nothing and nothing is told.
    ///
    /// Write: nothing but `tls.guideline`; `"intermediate"`, where TLS 1.2 is meant. Groups of one's own are for leaving
    /// some of the guideline's out.
    TLS003 = "weakened-tls-guideline" {
        severity: Severities::live(Warning),
        source: "Mozilla Server Side TLS guideline 6.0, intermediate and modern",
        keys: &["tls.guideline", "tls.min_version", "tls.groups"],
        reads: &[TERMINATE],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let tls = &policy.tls;
            if policy.terminate() != Terminate::Proxy {
                return;
            }
            let least = tls.guideline.min_version();
            // TLS002 speaks of what is older than 1.2.
            if let Some(version) = tls.min_version.filter(|version| (TlsVersion::V1_2..least).contains(version)) {
                out.at("tls.min_version", format!("TLS {version} is let in, against the {} guideline", tls.guideline))
                    .label(format!("the guideline begins at {least}"))
                    .also("tls.guideline", "taken back in part")
                    .help("leave `tls.min_version` out; or set `tls.guideline = \"intermediate\"`, if TLS 1.2 is meant")
                    .remove("tls.min_version");
            }
            let groups = tls.groups.as_deref().unwrap_or_default();
            let foreign = |group: &Group| !Guideline::GROUPS.contains(group);
            let mut strangers = groups.iter().enumerate().filter(|(_, group)| foreign(group));
            if let Some((index, first)) = strangers.next() {
                let draft = out.at(("tls.groups", index), format!("the key exchange group {first} is in no guideline"));
                draft.label("not one of guideline 6.0");
                for (index, _) in strangers {
                    draft.also(("tls.groups", index), "nor this one");
                }
                draft.help("leave `tls.groups` out, or name X25519MLKEM768, X25519, prime256v1 or secp384r1 alone");
                let kept: Vec<&str> = groups.iter().filter(|group| !foreign(group)).map(|group| group.as_str()).collect();
                if kept.is_empty() {
                    draft.remove("tls.groups");
                } else {
                    draft.set("tls.groups", kept.into_iter().collect::<Literal>());
                }
            }
        }),
    }

    /// A group with ML-KEM is named only for an OpenSSL that has it.
    ///
    /// nginx hands the names of groups to OpenSSL and stops where one of them is unknown. X25519MLKEM768 came with
    /// OpenSSL 3.5, in April 2025; Debian 12 has 3.0. The file looks right wherever the newer one is installed, and the
    /// server does not come back from its next restart.
    ///
    /// Where `targets.nginx.openssl` is not written, the version is not known, and taken for older.
    ///
    /// Write: `targets.nginx.openssl`, the version that `nginx -V` prints, if it is 3.5 or later; else `tls.groups`
    /// without X25519MLKEM768, or no `tls.groups` at all.
    TLS004 = "ml-kem-without-openssl" {
        severity: Severities::all(Error),
        source: "OpenSSL 3.5 release notes; Mozilla SSL Configuration Generator, guideline 6.0",
        keys: &["tls.groups.*", "targets.nginx.openssl"],
        reads: &[TERMINATE],
        fix: Unsafe,
        check: Check::Plan(|plan, out| {
            let policy = plan.policy;
            let Edge::Nginx(nginx) = &plan.edge else { return };
            let groups = policy.tls.groups.as_deref().unwrap_or_default();
            let Some(index) = groups.iter().position(|group| *group == Group::X25519MlKem768) else { return };
            // Where TLS ends elsewhere, no group is written.
            if nginx.has_ml_kem() || policy.terminate() != Terminate::Proxy {
                return;
            }
            let message = match nginx.openssl {
                Some(version) => format!("nginx does not start with X25519MLKEM768 under its OpenSSL {version}"),
                None => "nginx does not start with X25519MLKEM768 unless its OpenSSL is 3.5 or later".to_owned(),
            };
            let draft = out.at(("tls.groups", index), message);
            draft.label("needs OpenSSL 3.5").also("targets.nginx.openssl", "taken for an older one");
            draft.help("write `targets.nginx.openssl` if it is 3.5 or later, else take the group out");
            if groups.iter().all(|group| *group == Group::X25519MlKem768) {
                draft.remove("tls.groups");
            } else {
                draft.remove(("tls.groups", index));
            }
            // A server that does not start loses nothing by it; of one that may well start, it takes the best group away.
            draft.safety(if nginx.openssl.is_some() { Safe } else { Unsafe });
        }),
    }

    /// No OCSP answer is stapled to a certificate whose authority gives none.
    ///
    /// Let's Encrypt turned its OCSP service off on 6 August 2025, and names no responder in its certificates since.
    /// nginx then has nobody to ask, warns at each start and staples nothing: the profile promises a check of revoked
    /// certificates that no visitor gets. Certificates that live for 90 days and fewer do without.
    ///
    /// Write: `tls.certificate.stapling = false`, or leave the key out.
    TLS005 = "stapling-without-ocsp" {
        severity: Severities::all(Warning),
        source: "Let's Encrypt, Ending OCSP Support in 2025",
        keys: &["tls.certificate.stapling", "tls.certificate.issuer"],
        reads: &[TERMINATE],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let certificate = &policy.tls.certificate;
            // Nothing is stapled where no certificate is shown.
            let shown = policy.terminate() == Terminate::Proxy;
            if certificate.stapling && certificate.issuer == Issuer::Acme && shown {
                out.at("tls.certificate.stapling", "OCSP answers are to be stapled, and the issuer gives none")
                    .label("nothing to staple")
                    .also("tls.certificate.issuer", "Let's Encrypt ended OCSP in August 2025")
                    .help("set `tls.certificate.stapling = false`, or leave the key out")
                    .set("tls.certificate.stapling", false);
            }
        }),
    }

    /// Plain HTTP is redirected to https on the same host.
    ///
    /// Links, bookmarks and addresses typed by hand still begin in plain HTTP. Without the redirect these visitors stay
    /// there, with their passwords, beside a certificate that protects the others. It goes to the same host first and
    /// anywhere else after that: only then do browsers see the HSTS header of the name that they were asked for.
    ///
    /// Write: `tls.redirect_http = true`, or leave the key out.
    TLS006 = "no-https-redirect" {
        severity: Severities::live(Error),
        source: "MDN HTTP Observatory, redirection; OWASP ASVS 5.0 12.2.1",
        keys: &["tls.redirect_http"],
        reads: &[TERMINATE],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            // Where TLS is off there is nowhere to redirect to: TLS001 speaks.
            if !policy.tls.redirect_http && policy.terminate() != Terminate::Off {
                out.at("tls.redirect_http", "plain HTTP is served beside https")
                    .label("who comes by http:// stays there")
                    .help("set `tls.redirect_http = true`")
                    .set("tls.redirect_http", true);
            }
        }),
    }

    /// Towards database, mail server and Redis, certificates are verified.
    ///
    /// TLS without that check hides the traffic from those who only listen, and hands it to whoever answers: one wrong
    /// DNS entry, one address taken over in the same network, and the app gives that machine its password and its
    /// queries. It is switched off on the day on which a certificate does not fit, and nothing ever reminds of it.
    ///
    /// `database.tls = "require"` is such a connection: encrypted, with whoever answers. `"off"` is DAT003's business,
    /// mail without TLS that of EML002. A database in a file has nobody to verify. Where `--env-file` gives the URLs,
    /// these are looked at, too: `sslmode=require`, `tlsAllowInvalidCertificates=true` and `ssl_cert_reqs=none` say the
    /// same there, and drivers believe the URL.
    ///
    /// Write: `database.tls = "verify-full"`, and no `verify_certificate = false` under `[email.smtp]` and `[state]`; in
    /// URLs, `sslmode=verify-full`. For an authority of one's own, give its certificate to the app instead.
    TLS008 = "unverified-certificate" {
        severity: Severities::live(Error),
        source: "OWASP ASVS 5.0 12.3.2",
        keys: &[
            "database.tls",
            "database.url",
            "email.smtp.verify_certificate",
            "state.verify_certificate",
            "state.url",
        ],
        reads: &[&["database.engine", "email.enabled", "email.carrier", "email.smtp.security", "state.backend"]],
        fix: Unsafe,
        check: Check::Mixed(|facts, out| {
            let policy = facts.policy;
            let database = &policy.database;
            if database.tls == Some(DatabaseTls::Require) && database.engine != Some(Engine::Sqlite) {
                out.at("database.tls", "the connection to the database is encrypted with whoever answers")
                    .label("nobody checks the certificate")
                    .help("set `database.tls = \"verify-full\"`")
                    .set("database.tls", "verify-full");
            }
            let by_smtp = match policy.email.carrier {
                Some(Carrier::File | Carrier::Brevo) => false,
                Some(Carrier::Smtp | Carrier::Gmail) | None => policy.email.enabled,
            };
            let smtp = policy.email.smtp.as_ref().filter(|_| by_smtp);
            if smtp.is_some_and(|smtp| !smtp.verify_certificate && smtp.security != SmtpSecurity::None) {
                out.at("email.smtp.verify_certificate", "mail and its password go to whoever answers")
                    .label("nobody checks the certificate")
                    .help("set `verify_certificate = true` under `[email.smtp]`, or leave the key out")
                    .set("email.smtp.verify_certificate", true);
            }
            if policy.state.backend == Backend::Redis && !policy.state.verify_certificate {
                out.at("state.verify_certificate", "the app's state goes to whoever answers in Redis's place")
                    .label("nobody checks the certificate")
                    .help("set `verify_certificate = true` under `[state]`, or leave the key out")
                    .set("state.verify_certificate", true);
            }
            for (key, variable, (verified, unverified)) in unverified(facts) {
                out.at_variable(variable, key, format!("the URL in `{key}` trusts whoever answers"))
                    .label("nobody checks the certificate")
                    .help(format!(
                        "write `{verified}`, as its driver calls it, in place of `{unverified}` and whatever else lets \
                         invalid certificates pass"
                    ));
            }
        }),
    }

    /// A certificate is planned to be valid no longer than authorities may issue it today.
    ///
    /// Browsers trust an authority that keeps the CA/Browser Forum's requirements, and these allow a certificate that is
    /// issued from 2026-03-15 on 200 days, from 2027-03-15 on 100, and from 2029-03-15 on 47 (before, 398). A longer
    /// `lifetime` is a plan that the next renewal upsets: the new certificate ends months before anyone looks, and every
    /// browser refuses the service on that morning. It is judged by the day of the check, as if renewed on it.
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
            // TLS010 speaks of one that no authority signs, TLS001 of a service that shows none.
            if certificate.issuer == Issuer::SelfSigned || policy.terminate() == Terminate::Off {
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
    /// `"ca"` for a certificate that a trusted authority sold, or `"cloud"` for one of the cloud's own.
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
                    .help("get a trusted one: `tls.certificate.issuer = \"acme\"`, `\"ca\"` or `\"cloud\"`");
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
