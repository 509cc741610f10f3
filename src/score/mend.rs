//! How each test may end better, in words of a profile and of what a site sends: the table that advice is taken from.

use super::Outcome;

/// How a test may end instead, and what to do for that.
pub(super) struct Mend {
    pub(super) outcome: Outcome,
    /// The keys that decide it.
    pub(super) keys: &'static [&'static str],
    /// What to write in a profile.
    pub(super) write: &'static str,
    /// What to send.
    pub(super) send: &'static str,
}

const fn mend(outcome: Outcome, keys: &'static [&'static str], write: &'static str, send: &'static str) -> Mend {
    Mend { outcome, keys, write, send }
}

/// How a test may end instead; nothing where it cannot end better, or where more is asked of a site than the points are worth.
/// Cookies are mended by their flags, one by one.
pub(super) fn known(outcome: Outcome) -> Option<&'static Mend> {
    MENDS.iter().find(|(ends, _)| ends.contains(&outcome)).map(|(_, mend)| mend)
}

/// Of a site that is not served by https, where plain HTTP leads to.
pub(super) const BY_HTTPS: Mend = mend(
    Outcome::RedirectionToHttps,
    &["app.url", "tls.terminate"],
    "serve the app by https: `app.url = \"https://…\"` and `tls.terminate = \"proxy\"`",
    "serve the site by https",
);

const CSP: &[&str] = &["headers.content_security_policy"];

const ISSUER: &[&str] = &["tls.certificate.issuer"];
const TRUSTED: &str = "set `tls.certificate.issuer = \"acme\"`, or another issuer that browsers trust";
const TRUSTED_SITE: &str = "show a certificate that browsers trust";

const IN_MARKUP: &str = "load scripts of other sites by https, with `integrity`: in the pages' markup";

/// Ends of tests, and how they are mended. A test holds it against all ends that there are.
const MENDS: [(&[Outcome], Mend); 17] = [
    (
        &[Outcome::CspSafe],
        mend(
            Outcome::CspDefaultNone,
            CSP,
            "write `default-src 'none'` in `headers.content_security_policy`, and name what the pages load: `script-src 'self'; \
             img-src 'self'; …`",
            "begin `Content-Security-Policy` with `default-src 'none'`, and name what the pages load: `script-src 'self'; \
             img-src 'self'; …`",
        ),
    ),
    (
        &[
            Outcome::CspUnsafeStyles,
            Outcome::CspHttpImages,
            Outcome::CspUnsafeEval,
            Outcome::CspUnsafeInline,
            Outcome::CspHttp,
            Outcome::CspInvalid,
        ],
        mend(Outcome::CspSafe, CSP, "mend `headers.content_security_policy`", "mend `Content-Security-Policy`"),
    ),
    (
        &[Outcome::CspRepeatedReports],
        mend(
            Outcome::CspSafe,
            CSP,
            "name `report-uri` and `report-to` once in `headers.content_security_policy`",
            "name `report-uri` and `report-to` once in `Content-Security-Policy`",
        ),
    ),
    (
        &[Outcome::CspAbsent],
        mend(
            Outcome::CspSafe,
            CSP,
            "set `headers.content_security_policy = \
             \"default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'\"`",
            "send `Content-Security-Policy: default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'`, \
             or what the pages need beside it",
        ),
    ),
    (
        &[Outcome::CspReportOnly],
        mend(
            Outcome::CspSafe,
            &["headers.csp_report_only"],
            "set `headers.csp_report_only = false`",
            "send the policy of `Content-Security-Policy-Report-Only` as `Content-Security-Policy`",
        ),
    ),
    (
        &[Outcome::CorsUniversal],
        mend(
            Outcome::CorsRestricted,
            &["cors.origins", "cors.credentials"],
            "name in `cors.origins` the origins that need to read answers, or set `cors.credentials = false`",
            "name in `Access-Control-Allow-Origin` only origins that need to read answers, or leave out \
             `Access-Control-Allow-Credentials`",
        ),
    ),
    (
        &[
            Outcome::RedirectionOffHost,
            Outcome::RedirectionByHttp,
            Outcome::RedirectionNotToHttps,
            Outcome::RedirectionAbsent,
        ],
        mend(
            Outcome::RedirectionToHttps,
            &["tls.redirect_http"],
            "set `tls.redirect_http = true`",
            "redirect plain HTTP to https on the same host first",
        ),
    ),
    (&[Outcome::RedirectionUntrusted], mend(Outcome::RedirectionToHttps, ISSUER, TRUSTED, TRUSTED_SITE)),
    (
        &[Outcome::ReferrerAbsent, Outcome::ReferrerUnsafe, Outcome::ReferrerInvalid],
        mend(
            Outcome::ReferrerPrivate,
            &["headers.referrer_policy"],
            "set `headers.referrer_policy = \"strict-origin-when-cross-origin\"`",
            "send `Referrer-Policy: strict-origin-when-cross-origin`",
        ),
    ),
    (
        &[Outcome::HstsShort],
        mend(
            Outcome::HstsLong,
            &["hsts.max_age"],
            "set `hsts.max_age = \"1y\"`",
            "send `Strict-Transport-Security: max-age=31536000`",
        ),
    ),
    (
        &[Outcome::HstsAbsent, Outcome::HstsInvalid],
        mend(
            Outcome::HstsLong,
            &["hsts.enabled", "hsts.max_age"],
            "set `hsts.enabled = true` and `hsts.max_age = \"1y\"`, once every page works by https",
            "send `Strict-Transport-Security: max-age=31536000`, once every page works by https",
        ),
    ),
    (
        &[Outcome::HstsNoHttps],
        mend(
            Outcome::HstsLong,
            &["app.url", "tls.terminate", "hsts.enabled"],
            "serve the app by https, and then set `hsts.enabled = true`",
            "serve the site by https, and then send `Strict-Transport-Security: max-age=31536000`",
        ),
    ),
    (&[Outcome::HstsUntrusted], mend(Outcome::HstsLong, ISSUER, TRUSTED, TRUSTED_SITE)),
    (
        &[Outcome::SriForeignWithout, Outcome::SriPlain, Outcome::SriPlainWithout],
        mend(Outcome::SriForeign, &[], IN_MARKUP, IN_MARKUP),
    ),
    (
        &[Outcome::NoSniffAbsent, Outcome::NoSniffInvalid],
        mend(
            Outcome::NoSniff,
            &["headers.content_type_options"],
            "set `headers.content_type_options = true`",
            "send `X-Content-Type-Options: nosniff`",
        ),
    ),
    (
        &[Outcome::FramesLimited, Outcome::FramesAllowFrom, Outcome::FramesAbsent, Outcome::FramesInvalid],
        mend(
            Outcome::FramesByCsp,
            CSP,
            "add `frame-ancestors 'none'` to `headers.content_security_policy`, or the origins that may frame the pages",
            "add `frame-ancestors 'none'` to `Content-Security-Policy`, or the origins that may frame the pages",
        ),
    ),
    (
        &[Outcome::ResourcesAbsent, Outcome::ResourcesCrossOrigin, Outcome::ResourcesInvalid],
        mend(
            Outcome::ResourcesSameOrigin,
            &["headers.cross_origin_resource_policy"],
            "set `headers.cross_origin_resource_policy = \"same-origin\"`, or `\"same-site\"` where other hosts of the domain \
             embed the app's files",
            "send `Cross-Origin-Resource-Policy: same-origin`, or `same-site` where other hosts of the domain embed the \
             site's files",
        ),
    ),
];
