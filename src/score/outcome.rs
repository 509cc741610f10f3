//! Observatory's tests, and how each of them can end: by its own names, with the points that the end adds or takes.
//!
//! The names and the points are those of version 4 of its algorithm (`@mdn/mdn-http-observatory` 1.4.8). The sentences
//! are ours: the reason that a reader sees beside the points.

use std::fmt;

/// Declares the tests and their outcomes: a name, the points, and what it means in one sentence.
macro_rules! tests {
    ($(
        $test:ident = $test_name:literal {
            $($outcome:ident = $name:literal, $points:literal, $says:literal;)+
        }
    )+) => {
        /// One of Observatory's tests.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Test {
            $(#[doc = concat!("`", $test_name, "`")] $test,)+
        }

        /// How one of the tests ended.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Outcome {
            $($(#[doc = concat!("`", $name, "`: ", $says, ".")] $outcome,)+)+
        }

        impl Test {
            /// Observatory's name of the test, such as `x-frame-options`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$test => $test_name,)+
                }
            }

            /// The most points that it gives.
            pub fn most(self) -> i32 {
                match self {
                    $(Self::$test => [$($points),+].into_iter().max().unwrap_or_default(),)+
                }
            }
        }

        impl Outcome {
            /// Every one.
            pub const ALL: &'static [Self] = &[$($(Self::$outcome,)+)+];

            /// The test that ended so.
            pub const fn test(self) -> Test {
                match self {
                    $($(Self::$outcome)|+ => Test::$test,)+
                }
            }

            /// Observatory's name of the outcome, such as `hsts-not-implemented`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($(Self::$outcome => $name,)+)+
                }
            }

            /// The points that it adds to the hundred, or takes from them.
            pub const fn points(self) -> i32 {
                match self {
                    $($(Self::$outcome => $points,)+)+
                }
            }

            /// What it means, in one sentence without its full stop.
            pub const fn says(self) -> &'static str {
                match self {
                    $($(Self::$outcome => $says,)+)+
                }
            }
        }
    };
}

tests! {
    ContentSecurityPolicy = "content-security-policy" {
        CspDefaultNone = "csp-implemented-with-no-unsafe-default-src-none", 10,
            "the policy begins with `default-src 'none'` and lets in nothing unsafe";
        CspSafe = "csp-implemented-with-no-unsafe", 5,
            "the policy lets in nothing unsafe";
        CspUnsafeStyles = "csp-implemented-with-unsafe-inline-in-style-src-only", 0,
            "the policy limits scripts, and lets styles in too freely";
        CspRepeatedReports = "csp-implemented-but-duplicate-directives", 0,
            "the policy says twice where reports go";
        CspHttpImages = "csp-implemented-with-insecure-scheme-in-passive-content-only", -10,
            "images or media may come by plain HTTP";
        CspUnsafeEval = "csp-implemented-with-unsafe-eval", -10,
            "scripts may compile strings";
        CspUnsafeInline = "csp-implemented-with-unsafe-inline", -20,
            "scripts or plug-ins are not limited";
        CspHttp = "csp-implemented-with-insecure-scheme", -20,
            "what a page loads may come by plain HTTP";
        CspInvalid = "csp-header-invalid", -25,
            "the policy cannot be read";
        CspAbsent = "csp-not-implemented", -25,
            "no Content-Security-Policy is sent";
        CspReportOnly = "csp-not-implemented-but-reporting-enabled", -25,
            "the policy only reports and blocks nothing";
    }
    Cookies = "cookies" {
        CookiesSameSite = "cookies-secure-with-httponly-sessions-and-samesite", 5,
            "every cookie has Secure and SameSite, and session cookies have HttpOnly";
        CookiesSecure = "cookies-secure-with-httponly-sessions", 0,
            "every cookie has Secure and session cookies have HttpOnly, but SameSite is missing";
        CookiesAbsent = "cookies-not-found", 0,
            "no cookie is set";
        CookiesPlainBehindHsts = "cookies-without-secure-flag-but-protected-by-hsts", -5,
            "a cookie has no Secure, and only HSTS keeps it off plain HTTP";
        CookiesSessionPlainBehindHsts = "cookies-session-without-secure-flag-but-protected-by-hsts", -10,
            "a session cookie has no Secure, and only HSTS keeps it off plain HTTP";
        CookiesPlain = "cookies-without-secure-flag", -20,
            "a cookie has no Secure";
        CookiesSameSiteInvalid = "cookies-samesite-flag-invalid", -20,
            "a cookie has a SameSite that browsers refuse";
        CookiesCsrfWithoutSameSite = "cookies-anticsrf-without-samesite-flag", -20,
            "a cookie against cross-site requests has no SameSite";
        CookiesSessionWithoutHttpOnly = "cookies-session-without-httponly-flag", -30,
            "a session cookie has no HttpOnly";
        CookiesSessionPlain = "cookies-session-without-secure-flag", -40,
            "a session cookie has no Secure";
    }
    Cors = "cross-origin-resource-sharing" {
        CorsAbsent = "cross-origin-resource-sharing-not-implemented", 0,
            "other origins may not read answers";
        CorsPublic = "cross-origin-resource-sharing-implemented-with-public-access", 0,
            "every origin may read answers, without cookies";
        CorsRestricted = "cross-origin-resource-sharing-implemented-with-restricted-access", 0,
            "listed origins may read answers";
        CorsUniversal = "cross-origin-resource-sharing-implemented-with-universal-access", -50,
            "a stranger's origin may read answers with the visitor's cookies";
    }
    Redirection = "redirection" {
        RedirectionPreloaded = "redirection-all-redirects-preloaded", 0,
            "browsers know every host on the way as https only";
        RedirectionToHttps = "redirection-to-https", 0,
            "plain HTTP leads to https on the same host";
        RedirectionNotNeeded = "redirection-not-needed-no-http", 0,
            "nothing answers by plain HTTP";
        RedirectionOffHost = "redirection-off-host-from-http", -5,
            "plain HTTP leads to https on another host, so that HSTS does not cover this one";
        RedirectionByHttp = "redirection-not-to-https-on-initial-redirection", -10,
            "plain HTTP leads to plain HTTP first, and to https after that";
        RedirectionNotToHttps = "redirection-not-to-https", -20,
            "plain HTTP leads on, but never to https";
        RedirectionAbsent = "redirection-missing", -20,
            "plain HTTP is answered and not redirected";
        RedirectionUntrusted = "redirection-invalid-cert", -20,
            "plain HTTP leads to a certificate that browsers do not trust";
    }
    ReferrerPolicy = "referrer-policy" {
        ReferrerPrivate = "referrer-policy-private", 5,
            "other sites learn the origin at most, and nothing by plain HTTP";
        ReferrerAbsent = "referrer-policy-not-implemented", 0,
            "no Referrer-Policy is sent";
        ReferrerUnsafe = "referrer-policy-unsafe", -5,
            "other sites learn whole addresses, or plain HTTP carries the origin";
        ReferrerInvalid = "referrer-policy-header-invalid", -5,
            "the Referrer-Policy cannot be read";
    }
    StrictTransportSecurity = "strict-transport-security" {
        HstsPreloaded = "hsts-preloaded", 5,
            "browsers know the host as https only before the first visit";
        HstsLong = "hsts-implemented-max-age-at-least-six-months", 0,
            "HSTS holds for six months at least";
        HstsShort = "hsts-implemented-max-age-less-than-six-months", -10,
            "HSTS holds for less than six months";
        HstsAbsent = "hsts-not-implemented", -20,
            "no Strict-Transport-Security is sent";
        HstsInvalid = "hsts-header-invalid", -20,
            "the Strict-Transport-Security cannot be read";
        HstsNoHttps = "hsts-not-implemented-no-https", -20,
            "nothing answers by https";
        HstsUntrusted = "hsts-invalid-cert", -20,
            "browsers do not trust the certificate, and heed no HSTS without";
    }
    SubresourceIntegrity = "subresource-integrity" {
        SriEverywhere = "sri-implemented-and-all-scripts-loaded-securely", 5,
            "the site's own scripts have `integrity`";
        SriForeign = "sri-implemented-and-external-scripts-loaded-securely", 5,
            "scripts of other sites have `integrity`";
        SriNoPage = "sri-not-implemented-response-not-html", 0,
            "the answer is no page";
        SriNoScripts = "sri-not-implemented-but-no-scripts-loaded", 0,
            "the page has no scripts";
        SriOwnScripts = "sri-not-implemented-but-all-scripts-loaded-from-secure-origin", 0,
            "every script is the site's own";
        SriForeignWithout = "sri-not-implemented-but-external-scripts-loaded-securely", -5,
            "a script of another site has no `integrity`";
        SriPlain = "sri-implemented-but-external-scripts-not-loaded-securely", -20,
            "a script with `integrity` comes by plain HTTP, or without naming https";
        SriPlainWithout = "sri-not-implemented-and-external-scripts-not-loaded-securely", -50,
            "a script without `integrity` comes by plain HTTP, or without naming https";
    }
    ContentTypeOptions = "x-content-type-options" {
        NoSniff = "x-content-type-options-nosniff", 0,
            "browsers do not guess types";
        NoSniffAbsent = "x-content-type-options-not-implemented", -5,
            "no X-Content-Type-Options is sent";
        NoSniffInvalid = "x-content-type-options-header-invalid", -5,
            "the X-Content-Type-Options is not `nosniff`";
    }
    FrameOptions = "x-frame-options" {
        FramesByCsp = "x-frame-options-implemented-via-csp", 5,
            "the Content-Security-Policy says who may frame the page";
        FramesLimited = "x-frame-options-sameorigin-or-deny", 0,
            "X-Frame-Options says who may frame the page, the Content-Security-Policy does not";
        FramesAllowFrom = "x-frame-options-allow-from-origin", 0,
            "X-Frame-Options is ALLOW-FROM, which browsers no longer read";
        FramesAbsent = "x-frame-options-not-implemented", -20,
            "every site may frame the page";
        FramesInvalid = "x-frame-options-header-invalid", -20,
            "the X-Frame-Options cannot be read";
    }
    ResourcePolicy = "cross-origin-resource-policy" {
        ResourcesSameOrigin = "corp-implemented-with-same-origin", 10,
            "other origins cannot embed what is answered";
        ResourcesSameSite = "corp-implemented-with-same-site", 10,
            "other sites cannot embed what is answered";
        ResourcesCrossOrigin = "corp-implemented-with-cross-origin", 0,
            "every site may embed what is answered";
        ResourcesAbsent = "corp-not-implemented", 0,
            "no Cross-Origin-Resource-Policy is sent, so that every site may embed what is answered";
        ResourcesInvalid = "corp-header-invalid", -5,
            "the Cross-Origin-Resource-Policy cannot be read";
    }
}

impl fmt::Display for Test {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}
