//! Encryption between clients and the service.

use super::rule::{Check, Severities, rules};
use crate::finding::Severity::{Error, Warning};
use crate::profile::{Issuer, Terminate, TlsVersion};

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
        keys: &["app.url", "tls.terminate"],
        fix: Unsafe,
        check: Check::Policy(|plan, out| {
            let policy = plan.policy;
            let off = policy.terminate() == Terminate::Off;
            match &policy.app.url {
                None => {
                    out.at("app.url", format!("no public URL is written in {}", policy.mode))
                        .label("the service is taken for http://localhost")
                        .help("write `app.url`, such as \"https://shop.example.com\"");
                }
                Some(url) if !url.origin().is_https() => {
                    let draft = out.at("app.url", format!("the public URL is plain HTTP in {}", policy.mode));
                    draft.label("read and changed by whoever is on the way").also(
                        "tls.terminate",
                        if off { "nothing terminates TLS" } else { "TLS is terminated all the same" },
                    );
                    let url = url.to_string().replacen("http://", "https://", 1);
                    draft.help(if off && policy.tls.terminate.is_some() {
                        format!("set `app.url = \"{url}\"` and `tls.terminate = \"proxy\"`")
                    } else {
                        format!("set `app.url = \"{url}\"`")
                    });
                }
                Some(url) if off => {
                    out.at("tls.terminate", "the public URL is https, but nothing terminates TLS")
                        .label("plain HTTP here")
                        .also("app.url", format!("{url} would not answer"))
                        .help("set `tls.terminate = \"proxy\"`, or `\"upstream\"` where a CDN or balancer ends TLS");
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
        fix: Safe,
        check: Check::Policy(|plan, out| {
            if let Some(version) = plan.policy.tls.min_version.filter(|version| *version < TlsVersion::V1_2) {
                out.at("tls.min_version", format!("TLS {version} is let in"))
                    .label("retired by RFC 8996")
                    .help("set `tls.min_version = \"1.2\"`, or leave the key out");
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
        fix: Safe,
        check: Check::Policy(|plan, out| {
            let policy = plan.policy;
            // Where TLS is off there is nowhere to redirect to: TLS001 speaks.
            if !policy.tls.redirect_http && policy.terminate() != Terminate::Off {
                out.at("tls.redirect_http", "plain HTTP is served beside https")
                    .label("who comes by http:// stays there")
                    .help("set `tls.redirect_http = true`");
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
        fix: None,
        check: Check::Policy(|plan, out| {
            let policy = plan.policy;
            // Where TLS is off no certificate is shown: TLS001 speaks.
            if policy.tls.certificate.issuer == Issuer::SelfSigned && policy.terminate() != Terminate::Off {
                out.at("tls.certificate.issuer", format!("the certificate is self-signed in {}", policy.mode))
                    .label("browsers warn every visitor")
                    .help("get a trusted one: `tls.certificate.issuer = \"acme\"`, `\"ca\"` or `\"cloud\"`");
            }
        }),
    }
}
